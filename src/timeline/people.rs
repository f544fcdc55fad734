//! Everybody of one replicate, the starting pool and those who arrive, and what fate holds for
//! each: pure functions of the candidate's key, so that every policy meets the same people.
//! What becomes of them under a policy lives in `engine`.
//!
//! Most of what could happen to a candidate does not happen within the 365 days of a profile. A
//! number above a bound says so at once; only below it is the waiting time worked out.

use crate::pool::{Eligibility, Packed, Pool};
use crate::random::{Dice, Purpose};
use crate::rules::candidate::{Abilities, Candidate, MAX_WORK_YEARS};
use crate::timeline::calendar::Calendar;
use crate::timeline::course::Invitee;
use crate::timeline::plan::{INVITATION_DAYS, PROFILE_DAYS, TimelinePlan};
use crate::units::{Instant, Score};

const YEAR: u32 = 365 * Instant::DAY;

/// Uses of a candidate's dice for changes; one number each.
mod turn {
    pub const BIRTHDAY: u64 = 0;
    pub const WORKS_ON: u64 = 1;
    pub const ANNIVERSARY: u64 = 2;
    pub const LANGUAGE: u64 = 3;
    pub const NOMINATION: u64 = 4;
}

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

/// Something that comes at a yearly rate.
#[derive(Debug, Clone, Copy)]
struct Hazard {
    per_year: f64,
    /// A number of the dice from here on means more than [`PROFILE_DAYS`] of waiting.
    never: f64,
}

impl Hazard {
    fn new(per_year: f64) -> Self {
        Hazard::in_season(per_year, 1.0)
    }

    /// One for whose waits time may pass so many times as fast in some months.
    fn in_season(per_year: f64, fastest: f64) -> Self {
        let never = if per_year > 0.0 {
            // A second to spare, and more than any rounding.
            let years = fastest * (f64::from(YEAR) + 2.0) / f64::from(YEAR);
            1.0 - (-per_year * years).exp() + 1e-9
        } else {
            0.0
        };
        Hazard { per_year, never }
    }

    /// Years until it happens, by a number of the dice: exponential. None when that is longer than
    /// a profile lives.
    #[inline]
    fn years(self, unit: f64) -> Option<f64> {
        (unit < self.never).then(|| -(1.0 - unit).ln() / self.per_year)
    }

    /// Seconds until it happens, at least one; the largest value for longer than a profile lives.
    #[inline]
    fn wait(self, unit: f64) -> u32 {
        self.years(unit)
            .map_or(u32::MAX, |years| ((years * f64::from(YEAR)) as u32).max(1))
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
    withdrawals: Dice,
    changes: Dice,
    withdrawal: Hazard,
    language: Hazard,
    /// Scores that the rate of nominations goes by, and the rate from each lowest score on.
    scores: &'a [u16],
    nominations: Vec<(u16, Hazard)>,
    nomination_months: Option<Calendar>,
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
        let fastest = (plan.changes.nominations.months.iter()).fold(1.0, |a: f64, &b| a.max(b));
        People {
            pool,
            started,
            plan,
            answers: Dice::new(seed, Purpose::Answers, replicate),
            withdrawals: Dice::new(seed, Purpose::Withdrawals, replicate),
            changes: Dice::new(seed, Purpose::Changes, replicate),
            withdrawal: Hazard::new(plan.withdrawals_per_year),
            language: Hazard::new(plan.changes.language_per_year),
            scores: &pool.score,
            nominations: (plan.changes.nominations.by_score.iter())
                .map(|&(low, per_year)| (low, Hazard::in_season(per_year, fastest)))
                .collect(),
            nomination_months: Calendar::new(
                plan.start,
                plan.end,
                &plan.changes.nominations.months,
            ),
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

    /// One person, to ask several things of.
    #[inline]
    pub fn person(&self, row: u32) -> Person<'_> {
        let submitted = self.pool.submitted[row as usize];
        Person {
            people: self,
            row,
            key: self.key(row),
            since: submitted.max(self.plan.start.seconds()),
            expires: submitted.saturating_add(PROFILE_DAYS * Instant::DAY),
        }
    }

    /// See [`Person::leaves`].
    pub fn leaves(&self, row: u32) -> u32 {
        self.person(row).leaves()
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
        let person = self.person(row);
        (person.fate().into_iter())
            .chain([(person.birthday(), Changes::BIRTHDAY)])
            .filter(|&(at, _)| at <= now)
            .fold(Changes::default(), |all, (_, change)| all.and(change))
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

    /// An invited candidate with all its attributes.
    pub fn packed(&self, invitee: &Invitee) -> Packed {
        Packed::new(
            &self.with(invitee.row, invitee.changes),
            Score(invitee.score),
            Eligibility(invitee.eligibility),
        )
    }

    fn row(&self, row: u32) -> Packed {
        self.pool.row(row as usize)
    }
}

/// What fate holds for one person.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    people: &'a People<'a>,
    row: u32,
    key: u64,
    /// When it comes into view: the start, or the submission.
    since: u32,
    /// The second at which the profile expires: 365 days after submission.
    pub expires: u32,
}

impl Person<'_> {
    /// The first second at which the candidate is no longer in the pool if never invited, by
    /// expiry or by withdrawal before it.
    #[inline]
    pub fn leaves(&self) -> u32 {
        let hazard = self.people.withdrawal;
        if hazard.per_year <= 0.0 {
            return self.expires;
        }
        let wait = hazard.wait(self.people.withdrawals.unit(self.key, 0));
        self.since.saturating_add(wait).min(self.expires)
    }

    /// The candidate's birthday: a profile lives for 365 days and sees at most one.
    #[inline]
    pub fn birthday(&self) -> u32 {
        if !self.people.plan.changes.birthdays {
            return u32::MAX;
        }
        self.day_of_year(turn::BIRTHDAY)
    }

    /// Instants at which more work, better results and a nomination come; the largest where they
    /// do not come while the profile lives.
    #[inline]
    pub fn fate(&self) -> [(u32, Changes); 3] {
        let people = self.people;
        [
            (self.anniversary(), Changes::WORK),
            (
                self.comes(turn::LANGUAGE, people.language),
                Changes::LANGUAGE,
            ),
            (self.nomination(), Changes::NOMINATION),
        ]
    }

    /// When the candidate has worked a year more in Canada.
    #[inline]
    fn anniversary(&self) -> u32 {
        let share = self.people.plan.changes.work_in_canada;
        if share > 0.0
            && Packed::works_in_canada(self.people.pool.traits[self.row as usize])
            && self.people.changes.unit(self.key, turn::WORKS_ON) < share
        {
            self.day_of_year(turn::ANNIVERSARY)
        } else {
            u32::MAX
        }
    }

    /// When something comes at a rate that knows no season.
    #[inline]
    fn comes(&self, turn: u64, hazard: Hazard) -> u32 {
        if hazard.per_year <= 0.0 {
            return u32::MAX;
        }
        let wait = hazard.wait(self.people.changes.unit(self.key, turn));
        self.since.saturating_add(wait)
    }

    /// When a province or territory nominates the candidate.
    #[inline]
    fn nomination(&self) -> u32 {
        let people = self.people;
        let score = people.scores[self.row as usize];
        let above = people.nominations.partition_point(|&(low, _)| low <= score);
        let Some(&(_, hazard)) = above
            .checked_sub(1)
            .and_then(|band| people.nominations.get(band))
        else {
            return u32::MAX;
        };
        match &people.nomination_months {
            Some(months) if hazard.per_year > 0.0 => {
                let unit = people.changes.unit(self.key, turn::NOMINATION);
                (hazard.years(unit)).map_or(u32::MAX, |years| months.after(self.since, years))
            }
            _ => self.comes(turn::NOMINATION, hazard),
        }
    }

    /// The first time after the candidate comes into view that the day of the year comes which the
    /// dice name.
    #[inline]
    fn day_of_year(&self, turn: u64) -> u32 {
        let after = 1 + (self.people.changes.unit(self.key, turn) * f64::from(YEAR - 1)) as u32;
        self.since.saturating_add(after)
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
