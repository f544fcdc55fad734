//! What happened along a stretch of time, round by round and person by person.
//! How it comes about lives in `engine`.

use crate::draw::Outcome;
use crate::pool::counts::Counts;
use crate::timeline::engine::ledger::Exit;
use crate::timeline::engine::roster::Roster;
use crate::timeline::engine::steps::Steps;
use crate::timeline::fate::withdraws;
use crate::timeline::life::Status;
use crate::timeline::people::People;
use crate::timeline::plan::PROFILE_DAYS;
use crate::units::{Instant, Score};

/// How many people moved since the round before (or the start).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flows {
    /// Came into the pool.
    pub arrived: u64,
    /// Left at the end of their 365 days.
    pub expired: u64,
    /// Withdrew.
    pub withdrawn: u64,
    /// Accepted their invitations.
    pub accepted: u64,
    /// Let their invitations lapse.
    pub lapsed: u64,
    /// Declined and came back.
    pub returned: u64,
    /// Invited in the round itself.
    pub invited: u64,
}

impl Flows {
    pub(super) fn add(&mut self, other: &Flows) {
        self.arrived += other.arrived;
        self.expired += other.expired;
        self.withdrawn += other.withdrawn;
        self.accepted += other.accepted;
        self.lapsed += other.lapsed;
        self.returned += other.returned;
        self.invited += other.invited;
    }
}

/// A candidate as it was when invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invitee {
    /// Its row.
    pub row: u32,
    /// Submission of its profile, as [`Instant::seconds`](crate::units::Instant::seconds).
    pub submitted: u32,
    /// CRS score.
    pub score: u16,
    /// See [`crate::pool::Eligibility`].
    pub eligibility: u32,
}

/// One round of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundCourse {
    /// What came out; rows of the invited stand as `invited` does.
    pub outcome: Outcome,
    /// The invited as they were in the round, in falling order of score and the lowest-ranked last.
    /// Others of one score stand in no order before [`RoundCourse::put_in_order`].
    pub invited: Vec<Invitee>,
    /// Who was in the pool and who was eligible, by group, when wanted.
    pub census: Option<[Counts; 2]>,
    /// What moved between the round before and this one, its invitations included.
    pub flows: Flows,
    /// Candidates who held a live invitation just before the round.
    pub live_invitations: u64,
}

/// What happened from the start to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Rounds in order.
    pub rounds: Vec<RoundCourse>,
    pub(super) roster: Roster,
    /// Rows that have come by the end.
    pub(super) arrived: usize,
    /// All that moved, after the last round too.
    pub totals: Flows,
    /// The instant of the end.
    pub end: u32,
    /// Candidates in the pool at the end.
    pub in_pool: u64,
    /// Candidates who hold a live invitation at the end.
    pub live_invitations: u64,
    /// Candidates whose profiles expired without an invitation ever; those who were gone by the start do
    /// not count.
    pub expired_uninvited: u64,
    /// Whether candidates are eligible in more ways than the engine tells apart.
    pub too_many_classes: bool,
}

/// What the score is worth that a candidate is filed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Filed {
    /// The candidate never passes it while it waits. Only when a round comes down to it is the
    /// true score worked out, and the candidate filed there.
    #[default]
    Bound,
    /// It was its score when it was filed. What may raise it has an appointment in its step; what
    /// lowers it is found out when a round comes down to it.
    Exact,
    /// It is its score until its birthday, the only thing ahead that changes it, and that to something
    /// no higher: found out when a round comes down to it.
    UntilOlder,
    /// It is its score: all that changes it has an appointment.
    Settled,
}

/// Where one person stands: all that a course keeps of it, together in few bytes, since people
/// come up in no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The candidate's row.
    pub row: u32,
    /// Submission of the profile.
    pub submitted: u32,
    /// Seconds from there to the first one out of the pool for those never invited, and above them
    /// invitations so far.
    wait: u32,
    /// Its class while it is in the pool.
    pub class: u16,
    /// The score that it is filed under, above it what that is worth, and on top where it stands.
    packed: u16,
}

/// Bits that the seconds of a wait take.
const WAIT: u32 = 25;
/// Bits that a score takes.
const FILED: u32 = 11;
/// The bits of what a score is worth, and how many there are below where somebody stands.
const WORTH: u16 = 3 << FILED;
const STATUS: u32 = FILED + 2;

const _: () = assert!(PROFILE_DAYS * Instant::DAY < 1 << WAIT && Score::MAX.0 < 1 << FILED);

impl Place {
    /// Where somebody stands who comes into view.
    #[inline]
    pub fn on_arrival(
        row: u32,
        (submitted, leaves): (u32, u32),
        (filed, worth): (u16, Filed),
        class: u16,
    ) -> Self {
        Place {
            row,
            submitted,
            wait: leaves - submitted,
            class,
            packed: filed | (worth as u16) << FILED | (Status::InPool as u16) << STATUS,
        }
    }

    /// First second out of the pool for those never invited.
    #[inline]
    pub fn leaves(&self) -> u32 {
        self.submitted + self.wait % (1 << WAIT)
    }

    /// When that is, as far as counting goes.
    #[inline]
    pub fn exit(&self, steps: &Steps) -> Exit {
        Exit::new(steps, self.submitted, self.leaves())
    }

    /// The score that it is filed under.
    #[inline]
    pub fn filed(&self) -> u16 {
        self.packed % (1 << FILED)
    }

    /// What that is worth.
    #[inline]
    pub fn worth(&self) -> Filed {
        match (self.packed & WORTH) >> FILED {
            0 => Filed::Bound,
            1 => Filed::Exact,
            2 => Filed::UntilOlder,
            _ => Filed::Settled,
        }
    }

    /// Where it stands; who has left the pool by expiry or withdrawal stands as in the pool.
    #[inline]
    pub fn status(&self) -> Status {
        match self.packed >> STATUS {
            0 => Status::NotYet,
            1 => Status::InPool,
            2 => Status::Invited,
            3 => Status::Accepted,
            4 => Status::Lapsed,
            5 => Status::Expired,
            _ => Status::Withdrawn,
        }
    }

    /// Files it under another score, which is worth as much.
    #[inline]
    pub fn file(&mut self, score: u16) {
        debug_assert!(score <= Score::MAX.0);
        self.packed = self.packed >> FILED << FILED | score;
    }

    /// Says what the score is worth that it is filed under.
    #[inline]
    pub fn deem(&mut self, worth: Filed) {
        self.packed = self.packed & !WORTH | (worth as u16) << FILED;
    }

    /// Counts one more invitation: how many there were before. Nobody declines in its time as many as
    /// can be counted.
    #[inline]
    pub fn count_invitation(&mut self) -> u8 {
        let before = self.wait >> WAIT;
        self.wait = self.wait.checked_add(1 << WAIT).unwrap_or(self.wait);
        before as u8
    }

    /// Whether the candidate is in the pool at `now`.
    #[inline]
    pub fn in_pool(&self, now: u32) -> bool {
        self.packed >> STATUS == Status::InPool as u16 && self.leaves() > now
    }

    /// Whether it leaves by withdrawing, not by expiry.
    #[inline]
    pub fn withdraws(&self) -> bool {
        withdraws(self.submitted, self.leaves())
    }

    /// Where the candidate stands at `now`; without a branch, which nobody could foresee.
    #[inline]
    pub fn standing(&self, now: u32) -> Status {
        let (status, here) = (self.status(), uninvited(self.submitted, self.leaves(), now));
        [status, here][usize::from(status == Status::InPool)]
    }

    pub fn set(&mut self, status: Status) {
        let before = self.status();
        debug_assert!(before.may_become(status), "{before:?} -> {status:?}");
        self.packed = (self.packed % (1 << STATUS)) | (status as u16) << STATUS;
    }
}

/// Where somebody stands at `now` who has come and holds no invitation.
#[inline]
pub(super) fn uninvited(submitted: u32, leaves: u32, now: u32) -> Status {
    let gone = [Status::Expired, Status::Withdrawn][usize::from(withdraws(submitted, leaves))];
    [gone, Status::InPool][usize::from(leaves > now)]
}

impl Course {
    /// Where each of the people stands at the end, by row.
    pub fn standings(&self, people: &People<'_>) -> impl Iterator<Item = Status> {
        let mut roster = self.roster.clone();
        roster.index(people.len());
        (0..people.len() as u32).map(move |row| {
            let waits = || (people.pool.submitted[row as usize], people.leaves(row));
            roster.standing(row, self.arrived, self.end, waits)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_a_place_is_kept_apart_from_the_others() {
        use Filed::{Bound, Exact, Settled, UntilOlder};
        let leaves = 7 + PROFILE_DAYS * Instant::DAY;
        let parts = |place: &Place| (place.filed(), place.worth(), place.status(), place.leaves());
        for worth in [Bound, Exact, UntilOlder, Settled] {
            let mut place = Place::on_arrival(3, (7, leaves), (Score::MAX.0, worth), 9);
            let came = (Score::MAX.0, worth, Status::InPool, leaves);
            assert_eq!(parts(&place), came);
            place.file(501);
            assert_eq!(parts(&place), (501, worth, Status::InPool, leaves));
            for next in [Settled, Bound, UntilOlder, Exact] {
                place.deem(next);
                assert_eq!(parts(&place), (501, next, Status::InPool, leaves));
            }
            for nth in (0..=127).chain([127]) {
                assert_eq!(place.count_invitation(), nth);
            }
            place.set(Status::Invited);
            assert_eq!(parts(&place), (501, Exact, Status::Invited, leaves));
            for end in [
                Status::Accepted,
                Status::Lapsed,
                Status::Expired,
                Status::Withdrawn,
            ] {
                let mut place = place;
                place.set(end);
                assert_eq!(parts(&place), (501, Exact, end, leaves));
            }
            assert_eq!((place.row, place.submitted, place.class), (3, 7, 9));
        }
    }
}
