//! What a timeline needs to know: its stretch, who leaves, who answers how and who changes.
//! Rounds and rules stand in the plan of the scenario; who arrives is sampled by `synthesis`.

use crate::units::Instant;

/// Days from submission to expiry (Ministerial Instructions: a profile is valid for up to one
/// year from the day and time it was received).
pub const PROFILE_DAYS: u32 = 365;
/// Days in which an invitation must be answered (60 from 2018-06-26 on, but for 2020-03 to
/// 2021-06-28, when it was 90).
pub const INVITATION_DAYS: u32 = 60;

/// A stretch of time and what happens in it besides rounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimelinePlan {
    /// First instant.
    pub start: Instant,
    /// First instant after the stretch.
    pub end: Instant,
    /// Withdrawals a candidate and year (a hazard, 0 or more).
    pub withdrawals_per_year: f64,
    /// How invitations are answered.
    pub answers: Answers,
    /// What changes while candidates wait.
    pub changes: Changes,
}

/// How invitations are answered: shares of the invited. Who neither accepts nor declines lets the
/// invitation lapse, and leaves the pool with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answers {
    /// Share who apply and leave the pool for good.
    pub accept: f64,
    /// Share who decline within the 60 days and are back in the pool with the old submission time.
    pub decline: f64,
}

/// What changes while candidates wait: yearly rates for each candidate concerned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changes {
    /// Whether candidates grow older.
    pub birthdays: bool,
    /// Share of those with work in Canada who go on working and gain a year each year.
    pub work_in_canada: f64,
    /// Better results in the first official language: one level in each ability below 10.
    pub language_per_year: f64,
    /// Nominations by a province or territory.
    pub nomination_per_year: f64,
}
