//! What happened along a stretch of time, round by round and person by person.
//! How it comes about lives in `engine`.

use crate::draw::Outcome;
use crate::pool::counts::Counts;
use crate::timeline::engine::ledger::Exit;
use crate::timeline::engine::roster::Roster;
use crate::timeline::fate::withdraws;
use crate::timeline::life::Status;
use crate::timeline::people::People;

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
    /// What came out.
    pub outcome: Outcome,
    /// The invited in order of rank, as they were in the round.
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
    /// Candidates whose profiles expired without an invitation ever.
    pub expired_uninvited: u64,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Place {
    /// The candidate's row.
    pub row: u32,
    /// Submission of the profile.
    pub submitted: u32,
    /// First second out of the pool for those never invited.
    pub leaves: u32,
    /// When that is, as far as counting goes.
    pub exit: Exit,
    /// The score that it is filed under, and what that is worth.
    pub filed: u16,
    pub worth: Filed,
    /// Where it stands; who has left the pool by expiry or withdrawal stands as in the pool.
    pub status: Status,
    /// Its class while it is in the pool.
    pub class: u16,
    /// Invitations so far.
    pub invitations: u8,
}

impl Place {
    /// Where somebody stands who comes into view.
    #[inline]
    pub fn on_arrival(
        row: u32,
        submitted: u32,
        leaves: u32,
        exit: Exit,
        (filed, worth): (u16, Filed),
        class: u16,
    ) -> Self {
        Place {
            row,
            submitted,
            leaves,
            exit,
            filed,
            worth,
            status: Status::InPool,
            class,
            invitations: 0,
        }
    }

    /// Whether the candidate is in the pool at `now`.
    #[inline]
    pub fn in_pool(&self, now: u32) -> bool {
        self.status == Status::InPool && self.leaves > now
    }

    /// Whether it leaves by withdrawing, not by expiry.
    #[inline]
    pub fn withdraws(&self) -> bool {
        withdraws(self.submitted, self.leaves)
    }

    /// Where the candidate stands at `now`; without a branch, which nobody could foresee.
    #[inline]
    pub fn standing(&self, now: u32) -> Status {
        let here = uninvited(self.submitted, self.leaves, now);
        [self.status, here][usize::from(self.status == Status::InPool)]
    }

    pub fn set(&mut self, status: Status) {
        debug_assert!(
            self.status.may_become(status),
            "{:?} -> {status:?}",
            self.status
        );
        self.status = status;
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
