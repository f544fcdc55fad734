//! Everybody of one replicate, the starting pool and those who arrive, and what fate holds for
//! each: pure functions of the candidate's key, so that every policy meets the same people.
//! What becomes of them under a policy lives in `engine`.

use crate::pool::{Packed, Pool};
use crate::random::{Dice, Purpose};
use crate::rules::candidate::{Abilities, Candidate, MAX_WORK_YEARS};
use crate::timeline::calendar::Calendar;
use crate::timeline::plan::{INVITATION_DAYS, PROFILE_DAYS, TimelinePlan};
use crate::units::Instant;

const YEAR: u32 = 365 * Instant::DAY;

/// Uses of a candidate's dice for changes; one number each.
mod turn {
    pub const BIRTHDAY: u64 = 0;
    pub const WORKS_ON: u64 = 1;
    pub const ANNIVERSARY: u64 = 2;
    pub const LANGUAGE: u64 = 3;
    pub const NOMINATION: u64 = 4;
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
    /// Scores that the rate of nominations goes by.
    scores: &'a [u16],
    nominations: Option<Calendar>,
    answers: Dice,
    withdrawals: Dice,
    changes: Dice,
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
            scores: &pool.score,
            nominations: Calendar::new(plan.start, plan.end, &plan.changes.nominations.months),
            answers: Dice::new(seed, Purpose::Answers, replicate),
            withdrawals: Dice::new(seed, Purpose::Withdrawals, replicate),
            changes: Dice::new(seed, Purpose::Changes, replicate),
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

    /// When the candidate comes into view: the start, or the submission.
    fn since(&self, row: u32) -> u32 {
        self.pool.submitted[row as usize].max(self.plan.start.seconds())
    }

    /// The second at which the profile expires: 365 days after submission.
    #[inline]
    pub fn expires(&self, row: u32) -> u32 {
        self.pool.submitted[row as usize].saturating_add(PROFILE_DAYS * Instant::DAY)
    }

    /// The first second at which the candidate is no longer in the pool if never invited, by
    /// expiry or by withdrawal before it.
    #[inline]
    pub fn leaves(&self, row: u32) -> u32 {
        let expiry = self.expires(row);
        if self.plan.withdrawals_per_year <= 0.0 {
            return expiry;
        }
        let wait = self.wait(&self.withdrawals, row, 0, self.plan.withdrawals_per_year);
        self.since(row).saturating_add(wait).min(expiry)
    }

    /// Seconds until something happens that comes at a yearly rate: exponential, at least one
    /// second, and the largest value for a rate of 0.
    #[inline]
    fn wait(&self, dice: &Dice, row: u32, turn: u64, per_year: f64) -> u32 {
        if per_year <= 0.0 {
            return u32::MAX;
        }
        ((self.years(dice, row, turn, per_year) * f64::from(YEAR)) as u32).max(1)
    }

    /// Years until something happens that comes at a yearly rate above 0.
    #[inline]
    fn years(&self, dice: &Dice, row: u32, turn: u64, per_year: f64) -> f64 {
        -(1.0 - dice.unit(self.key(row), turn)).ln() / per_year
    }

    /// When a province or territory nominates the candidate; the largest value for never.
    #[inline]
    fn nominated(&self, row: u32) -> u32 {
        let per_year = self
            .plan
            .changes
            .nominations
            .rate(self.scores[row as usize]);
        let since = self.since(row);
        match &self.nominations {
            Some(calendar) if per_year > 0.0 => calendar.after(
                since,
                self.years(&self.changes, row, turn::NOMINATION, per_year),
            ),
            _ => since.saturating_add(self.wait(&self.changes, row, turn::NOMINATION, per_year)),
        }
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

    /// The candidate's birthday: a profile lives for 365 days and sees at most one.
    #[inline]
    pub fn birthday(&self, row: u32) -> u32 {
        if !self.plan.changes.birthdays {
            return u32::MAX;
        }
        self.since(row)
            .saturating_add(self.first_of_year(row, turn::BIRTHDAY))
    }

    /// How often a day of the year that the dice name has come since the candidate came into view.
    #[inline]
    fn yearly(&self, row: u32, turn: u64, now: u32) -> u8 {
        let first = self
            .since(row)
            .saturating_add(self.first_of_year(row, turn));
        if now < first {
            0
        } else {
            (1 + (now - first) / YEAR).min(255) as u8
        }
    }

    /// Seconds from coming into view to the day of the year that the dice name.
    #[inline]
    fn first_of_year(&self, row: u32, turn: u64) -> u32 {
        1 + (self.changes.unit(self.key(row), turn) * f64::from(YEAR - 1)) as u32
    }

    fn works_on(&self, row: u32, candidate: &Candidate) -> bool {
        let share = self.plan.changes.work_in_canada;
        candidate.noc_in_canada
            && share > 0.0
            && self.changes.unit(self.key(row), turn::WORKS_ON) < share
    }

    /// The candidate as it is at `now`: older, with more work, better results, a nomination.
    pub fn at(&self, row: u32, now: u32) -> Candidate {
        let mut candidate = self.row(row).candidate();
        let since = self.since(row);
        if now <= since {
            return candidate;
        }
        candidate.age = candidate
            .age
            .saturating_add(u8::from(self.birthday(row) <= now));
        if self.works_on(row, &candidate) {
            let years = candidate.canadian_work_years.saturating_add(self.yearly(
                row,
                turn::ANNIVERSARY,
                now,
            ));
            candidate.canadian_work_years = years.min(MAX_WORK_YEARS);
        }
        let better_at = self.plan.changes.language_per_year;
        if since.saturating_add(self.wait(&self.changes, row, turn::LANGUAGE, better_at)) <= now {
            if candidate.english.lowest() >= candidate.french.lowest() {
                candidate.english = better(candidate.english);
            } else {
                candidate.french = better(candidate.french);
            }
        }
        if self.nominated(row) <= now {
            candidate.provincial_nomination = true;
        }
        candidate
    }

    /// Instants before `until` at which more work, better results or a nomination may change the
    /// candidate's points and eligibility, in no order.
    pub fn rises(&self, row: u32, until: u32, rises: &mut Vec<u32>) {
        let since = self.since(row);
        let changes = &self.plan.changes;
        let mut note = |at: u32| {
            if at < until {
                rises.push(at);
            }
        };
        if changes.language_per_year > 0.0 {
            let rate = changes.language_per_year;
            note(since.saturating_add(self.wait(&self.changes, row, turn::LANGUAGE, rate)));
        }
        note(self.nominated(row));
        if changes.work_in_canada > 0.0 {
            let candidate = self.row(row).candidate();
            if candidate.canadian_work_years < MAX_WORK_YEARS && self.works_on(row, &candidate) {
                note(since.saturating_add(self.first_of_year(row, turn::ANNIVERSARY)));
            }
        }
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
