//! Everybody of one replicate, the starting pool and those who arrive, and how each answers to an
//! invitation: a pure function of the candidate's key, so that every policy meets the same people.
//! What happens to them while they wait is `fate`'s, what becomes of them under a policy `engine`'s.

use crate::pool::{Eligibility, Packed, Pool};
use crate::random::{Dice, Purpose};
use crate::rules::candidate::{Abilities, Candidate, MAX_WORK_YEARS};
use crate::timeline::course::Invitee;
use crate::timeline::fate::Chances;
use crate::timeline::plan::{INVITATION_DAYS, TimelinePlan};
use crate::units::{Instant, Score};

/// What has happened to a candidate since it came into view: one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Changes(u8);

impl Changes {
    /// A year older.
    pub const BIRTHDAY: Changes = Changes(1);
    /// A year more of work in Canada.
    pub const WORK: Changes = Changes(2);
    /// Better results in the first official language.
    pub const LANGUAGE: Changes = Changes(4);
    /// A nomination.
    pub const NOMINATION: Changes = Changes(8);

    /// Those that may raise a score and leave the program of nominees alone.
    pub const OF_SCORE: Changes = Changes(Self::WORK.0 | Self::LANGUAGE.0);

    /// These without others.
    #[must_use]
    pub const fn apart_from(self, others: Changes) -> Changes {
        Changes(self.0 & !others.0)
    }

    /// These as far as they are among others.
    #[must_use]
    pub const fn among(self, others: Changes) -> Changes {
        Changes(self.0 & others.0)
    }

    /// Whether nothing has happened.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `others` are among these.
    pub const fn has(self, others: Changes) -> bool {
        self.0 & others.0 == others.0
    }

    /// These and others.
    #[must_use]
    pub const fn and(self, others: Changes) -> Changes {
        Changes(self.0 | others.0)
    }

    /// A candidate to whom these have happened.
    pub fn apply(self, mut candidate: Candidate) -> Candidate {
        if self.has(Self::BIRTHDAY) {
            candidate.age = candidate.age.saturating_add(1);
        }
        if self.has(Self::WORK) {
            let years = candidate.canadian_work_years.saturating_add(1);
            candidate.canadian_work_years = years.min(MAX_WORK_YEARS);
        }
        if self.has(Self::LANGUAGE) {
            if candidate.english.lowest() >= candidate.french.lowest() {
                candidate.english = better(candidate.english);
            } else {
                candidate.french = better(candidate.french);
            }
        }
        candidate.provincial_nomination |= self.has(Self::NOMINATION);
        candidate
    }
}

/// What a candidate does with an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Applies and leaves for good.
    Accept,
    /// Declines after that many seconds.
    Decline(u32),
    /// Lets it lapse after 60 days, and leaves.
    Lapse,
}

/// The people of one replicate.
#[derive(Debug)]
pub struct People<'a> {
    /// Rows of the starting pool come first, then arrivals in order of submission.
    pub pool: &'a Pool,
    /// Rows of the starting pool.
    pub started: usize,
    plan: &'a TimelinePlan,
    answers: Dice,
    pub(super) chances: Chances,
    /// Scores that the rate of nominations goes by.
    pub(super) scores: &'a [u16],
}

impl<'a> People<'a> {
    /// The people of `pool`, of whom the first `started` rows are there at the start.
    pub fn new(
        pool: &'a Pool,
        started: usize,
        plan: &'a TimelinePlan,
        seed: u64,
        replicate: u32,
    ) -> Self {
        People {
            pool,
            started,
            plan,
            answers: Dice::new(seed, Purpose::Answers, replicate),
            chances: Chances::new(plan, seed, replicate),
            scores: &pool.score,
        }
    }

    /// The same people, whose rate of nominations goes by these scores, one a row: those that they
    /// came with, so that policies of other points meet the same nominations.
    #[must_use]
    pub fn with_scores(self, scores: &'a [u16]) -> Self {
        People { scores, ..self }
    }

    /// Number of people.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// The number that a candidate's dice are keyed by: it does not move when others join.
    #[inline]
    pub fn key(&self, row: u32) -> u64 {
        dice_key(self.pool, self.started, row)
    }

    /// What the candidate does with its `nth` invitation (from 0).
    pub fn answer(&self, row: u32, nth: u8) -> Answer {
        let key = self.key(row);
        let share = self.answers.unit(key, 2 * u64::from(nth));
        if share < self.plan.answers.accept {
            Answer::Accept
        } else if share < self.plan.answers.accept + self.plan.answers.decline {
            let within = f64::from(INVITATION_DAYS * Instant::DAY - 1);
            Answer::Decline(1 + (self.answers.unit(key, 2 * u64::from(nth) + 1) * within) as u32)
        } else {
            Answer::Lapse
        }
    }

    /// What has happened to the candidate by `now`, while its profile lives.
    pub fn happened(&self, row: u32, now: u32) -> Changes {
        self.fate(row).happened(now)
    }

    /// The candidate as it is at `now`, while its profile lives: older, with more work, better
    /// results, a nomination.
    pub fn at(&self, row: u32, now: u32) -> Candidate {
        self.with(row, self.happened(row, now))
    }

    /// The candidate to whom that has happened.
    pub fn with(&self, row: u32, changes: Changes) -> Candidate {
        changes.apply(self.row(row).candidate())
    }

    /// An invited candidate with all its attributes, as it is at `now`.
    pub fn packed(&self, invitee: &Invitee, now: Instant) -> Packed {
        Packed::new(
            &self.at(invitee.row, now.seconds()),
            Score(invitee.score),
            Eligibility(invitee.eligibility),
        )
    }

    fn row(&self, row: u32) -> Packed {
        self.pool.row(row as usize)
    }
}

/// The number that a candidate's dice are keyed by, in a pool whose rows from `started` on are
/// those who arrived.
#[inline]
pub fn dice_key(pool: &Pool, started: usize, row: u32) -> u64 {
    let row = row as usize;
    if row >= started {
        1 << 63 | (row - started) as u64
    } else {
        pool.dice_key(row)
    }
}

/// One level more in each ability below 10.
fn better(abilities: Abilities) -> Abilities {
    let up = |level: u8| if level < 10 { level + 1 } else { level };
    Abilities {
        reading: up(abilities.reading),
        writing: up(abilities.writing),
        listening: up(abilities.listening),
        speaking: up(abilities.speaking),
    }
}
