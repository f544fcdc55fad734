//! What happened along a stretch of time, round by round and person by person.
//! How it comes about lives in `engine`.

use crate::draw::Outcome;
use crate::pool::groups::Counts;
use crate::timeline::life::Status;
use crate::timeline::people::Changes;

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
    /// CRS score.
    pub score: u16,
    /// See [`crate::pool::Eligibility`].
    pub eligibility: u32,
    /// What had happened to it since it came into view.
    pub changes: Changes,
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
    /// Where everybody stands at the end, by row.
    pub places: Vec<Place>,
    /// All that moved, after the last round too.
    pub totals: Flows,
    /// Candidates in the pool at the end.
    pub in_pool: u64,
    /// Candidates who hold a live invitation at the end.
    pub live_invitations: u64,
    /// Candidates whose profiles expired without an invitation ever.
    pub expired_uninvited: u64,
}

/// No round invited the candidate.
pub const NEVER: u16 = u16::MAX;

/// Where one person stands: all that a course keeps of it, in few bytes, since people come up
/// in no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First second out of the pool for those never invited.
    pub(super) leaves: u32,
    /// The step in which that second falls.
    pub(super) step: u16,
    /// Score and class under which the candidate is filed.
    pub(super) score: u16,
    pub(super) class: u16,
    /// The round that first invited the candidate; [`NEVER`] for none.
    pub first_round: u16,
    /// Where it stands.
    pub status: Status,
    /// What has happened to it, but for birthdays that change neither points nor eligibility.
    pub(super) changes: Changes,
    /// Invitations so far.
    pub(super) invitations: u8,
    /// Whether it leaves by withdrawing, not by expiry.
    pub(super) withdraws: bool,
}

impl Default for Place {
    fn default() -> Self {
        Place {
            leaves: u32::MAX,
            step: 0,
            score: 0,
            class: 0,
            first_round: NEVER,
            status: Status::NotYet,
            changes: Changes::default(),
            invitations: 0,
            withdraws: false,
        }
    }
}
