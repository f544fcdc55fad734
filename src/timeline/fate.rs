//! What fate holds for a candidate while it waits: when it withdraws, turns a year older, has worked
//! a year more, betters its results, is nominated. Pure functions of the candidate's key, so that
//! every policy meets the same people. What becomes of them under a policy lives in `engine`.
//!
//! Most of what could happen does not happen within the 365 days of a profile. One roll gives four
//! numbers that decide which of it does, and only for that a waiting time is worked out. [`Fates`] are
//! those of everybody, in one pass; the times of single changes are worked out again where they matter.

use std::ops::Range;

use crate::pool::Packed;
use crate::random::{Dice, Purpose};
use crate::timeline::calendar::Calendar;
use crate::timeline::hazard::{ALL, Hazard, LIFE, YEAR};
use crate::timeline::people::{Changes, People};
use crate::timeline::picked::Picked;
use crate::timeline::plan::TimelinePlan;
use crate::units::Score;

/// More than there are scores, as a power of two.
const SCORES: usize = 1 << 11;
/// Uses of a candidate's dice; four numbers each.
mod turn {
    /// Withdrawal, language, nomination, birthday.
    pub const CHANCES: u64 = 0;
    /// Whether the candidate works on, and the anniversary.
    pub const WORK: u64 = 1;
}

/// The chances of everybody of one replicate.
#[derive(Debug)]
pub(super) struct Chances {
    dice: Dice,
    withdrawal: Hazard,
    language: Hazard,
    birthdays: bool,
    /// Numbers of the dice below this mean that a candidate works on.
    works_on: u64,
    /// Nominations from each lowest score on, which of them each score has, and the number of the
    /// dice from which on it means none.
    nominations: Vec<Hazard>,
    band_of_score: Vec<u16>,
    unnominated: Box<[u64; SCORES]>,
    nomination_months: Option<Calendar>,
    start: u32,
    /// The first second that does not matter.
    until: u32,
}

impl Chances {
    pub fn new(plan: &TimelinePlan, seed: u64, replicate: u32) -> Self {
        let nominations = &plan.changes.nominations;
        let fastest = nominations.months.iter().fold(1.0, |a: f64, &b| a.max(b));
        let band = |score: u16| {
            let above = nominations
                .by_score
                .partition_point(|&(low, _)| low <= score);
            // No more bands than scores.
            above as u16
        };
        // Nobody is nominated below the lowest band.
        let rates = [0.0]
            .into_iter()
            .chain(nominations.by_score.iter().map(|&(_, rate)| rate));
        let hazards: Vec<Hazard> = rates.map(|rate| Hazard::in_season(rate, fastest)).collect();
        let band_of_score: Vec<u16> = (0..=Score::MAX.0).map(band).collect();
        let never = |&band: &u16| hazards[usize::from(band)].never;
        Chances {
            dice: Dice::new(seed, Purpose::Fate, replicate),
            withdrawal: Hazard::new(plan.withdrawals_per_year),
            language: Hazard::new(plan.changes.language_per_year),
            birthdays: plan.changes.birthdays,
            works_on: (plan.changes.work_in_canada * ALL).round() as u64,
            unnominated: Box::new(std::array::from_fn(|score| {
                never(&band_of_score[score.min(usize::from(Score::MAX.0))])
            })),
            nominations: hazards,
            band_of_score,
            nomination_months: Calendar::new(plan.start, plan.end, &nominations.months),
            start: plan.start.seconds(),
            until: plan.end.seconds().saturating_add(1),
        }
    }

    /// Whether anybody is nominated.
    fn nominate(&self) -> bool {
        self.nominations.iter().any(Hazard::ever_comes)
    }

    /// The rate of nominations of those who come into view with a score.
    #[inline]
    fn nomination(&self, score: u16) -> &Hazard {
        let place = usize::from(score.min(Score::MAX.0));
        &self.nominations[usize::from(self.band_of_score[place])]
    }

    /// When a province or territory nominates a candidate, after so many seconds of weighted time.
    fn nominated_at(&self, since: u32, wait: u32) -> u32 {
        match &self.nomination_months {
            Some(months) => months.after(since, wait),
            None => since.saturating_add(wait),
        }
    }

    /// Whether [`Chances::nominated_at`] says an instant before `limit`.
    #[inline]
    fn nominated_before(&self, since: u32, wait: u32, limit: u32) -> bool {
        match &self.nomination_months {
            Some(months) => months.comes_before(since, wait, limit),
            None => since.saturating_add(wait) < limit,
        }
    }

    /// Whether the candidate goes on working in Canada, and in how many seconds it would have worked a
    /// year more.
    #[inline]
    fn anniversary(&self, key: u64) -> (bool, u32) {
        let [works_on, day] = self.dice.first_quarters(key, turn::WORK);
        let works_on = u64::from(works_on) < self.works_on;
        (works_on, day_of_year(day))
    }
}

/// Seconds until a day of the year comes that a number of the dice names, within 365 days.
#[inline]
fn day_of_year(number: u32) -> u32 {
    1 + ((u64::from(number) * u64::from(YEAR - 1)) >> 32) as u32
}

/// Instants of changes, in no order.
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    /// The instant in the upper half and the change in the lower one, so that they are in order as they
    /// are by time; where there is none, the largest value.
    at: [u64; 4],
    count: usize,
}

impl Default for Ahead {
    fn default() -> Self {
        Ahead {
            at: [u64::MAX; 4],
            count: 0,
        }
    }
}

impl Ahead {
    #[inline(always)]
    fn note(&mut self, at: u32, change: Changes) {
        self.at[self.count % 4] = u64::from(at) << u32::BITS | change.bits() as u64;
        self.count += 1;
    }

    /// The instants, and what changes then.
    #[inline(always)]
    pub fn changes(&self) -> impl Iterator<Item = (u32, Changes)> {
        (self.at.iter().take(self.count)).map(|&entry| {
            let change = Changes::from_bits(entry as u8);
            ((entry >> u32::BITS) as u32, change)
        })
    }

    /// In order of time; without a branch, as nobody could foresee it.
    #[inline(always)]
    #[must_use]
    pub fn in_order(mut self) -> Self {
        for (one, other) in [(0, 1), (2, 3), (0, 2), (1, 3), (1, 2)] {
            let [first, second] = [self.at[one], self.at[other]];
            self.at[one] = first.min(second);
            self.at[other] = first.max(second);
        }
        self
    }

    /// What has happened by `now`.
    #[inline]
    pub fn happened(&self, now: u32) -> Changes {
        (self.changes())
            .filter(|&(at, _)| at <= now)
            .fold(Changes::default(), |all, (_, change)| all.and(change))
    }
}

/// Everybody's fate, as far as it is known beforehand: one entry a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fates {
    /// First second at which the candidate is no longer in the pool if never invited.
    pub leaves: Vec<u32>,
    /// What happens to it before that and by the end of the stretch; birthdays, which everybody has,
    /// are left out.
    pub ahead: Vec<Changes>,
}

/// Rows whose fates are worked out together.
const BLOCK: usize = 512;

impl People<'_> {
    /// Everybody's fate.
    pub fn fates(&self) -> Fates {
        let mut fates = Fates {
            leaves: Vec::with_capacity(self.len()),
            ahead: Vec::with_capacity(self.len()),
        };
        let mut block = Block::default();
        for first in (0..self.len()).step_by(BLOCK) {
            let rows = first..self.len().min(first + BLOCK);
            let expiring = self.pool.submitted[rows.clone()].iter();
            fates
                .leaves
                .extend(expiring.map(|&submitted| expiry(submitted)));
            fates.ahead.resize(rows.end, Changes::default());
            let (leaves, ahead) = (&mut fates.leaves[first..], &mut fates.ahead[first..]);
            match self.first_key(&rows) {
                Some(key) => block.fill(self, rows, leaves, ahead, |place| key + place as u64),
                None => block.fill(self, rows, leaves, ahead, |place| {
                    self.key((first + place) as u32)
                }),
            }
        }
        fates
    }

    /// Says how long those of some changes take that come at all, and the birthday where it is asked for, from
    /// when somebody of a submission comes into view: in seconds, for a nomination in weighted ones.
    #[inline(always)]
    fn tell(
        &self,
        (row, submitted): (u32, u32),
        known: Changes,
        mut note: impl FnMut(u32, u32, Changes),
    ) {
        let (key, since) = (self.key(row), self.since(submitted));
        let chances = &self.chances;
        if !known.apart_from(Changes::WORK).is_empty() {
            let [_, language, nomination, birthday] = chances.dice.quarters(key, turn::CHANCES);
            if known.has(Changes::BIRTHDAY) && chances.birthdays {
                note(since, day_of_year(birthday), Changes::BIRTHDAY);
            }
            if known.has(Changes::LANGUAGE) {
                note(since, chances.language.wait(language), Changes::LANGUAGE);
            }
            if known.has(Changes::NOMINATION) {
                let hazard = chances.nomination(self.scores[row as usize]);
                note(since, hazard.wait(nomination), Changes::NOMINATION);
            }
        }
        if known.has(Changes::WORK) {
            let (works_on, wait) = chances.anniversary(key);
            if works_on {
                note(since, wait, Changes::WORK);
            }
        }
    }

    /// As [`People::tell`], and when that is.
    #[inline(always)]
    fn tell_when(&self, one: (u32, u32), known: Changes, mut note: impl FnMut(u32, Changes)) {
        self.tell(one, known, |since, wait, change| {
            let at = if change == Changes::NOMINATION {
                self.chances.nominated_at(since, wait)
            } else {
                since.saturating_add(wait)
            };
            note(at, change);
        });
    }

    /// When those of some changes come that come at all, and the birthday where it is asked for.
    #[inline]
    pub fn ahead(&self, row: u32, known: Changes) -> Ahead {
        let mut ahead = Ahead::default();
        let submitted = self.pool.submitted[row as usize];
        self.tell_when((row, submitted), known, |at, change| ahead.note(at, change));
        ahead
    }

    /// When a change comes that is ahead of somebody of a submission, and the birthday: the largest value
    /// where there is none.
    #[inline(always)]
    pub fn one_ahead(&self, one: (u32, u32), change: Changes) -> [u32; 2] {
        let mut times = [u32::MAX; 2];
        self.tell_when(one, change.and(Changes::BIRTHDAY), |at, what| {
            times[usize::from(what == Changes::BIRTHDAY)] = at;
        });
        times
    }

    /// Which of some changes, as [`People::ahead`] tells them, have come by `now`.
    #[inline]
    pub fn come(&self, row: u32, known: Changes, now: u32) -> Changes {
        self.come_to((row, self.pool.submitted[row as usize]), known, now)
    }

    /// As [`People::come`], of somebody whose submission is at hand. When they come is not worked out:
    /// for a nomination that takes four times as long as whether it has.
    #[inline]
    pub fn come_to(&self, one: (u32, u32), known: Changes, now: u32) -> Changes {
        let mut come = Changes::default();
        self.tell(one, known, |since, wait, change| {
            let comes = if change == Changes::NOMINATION {
                (self.chances).nominated_before(since, wait, now.saturating_add(1))
            } else {
                u64::from(since) + u64::from(wait) <= u64::from(now)
            };
            come = come.and(change.only_if(comes));
        });
        come
    }

    /// The first second at which the candidate is no longer in the pool if never invited, by
    /// expiry or by withdrawal before it.
    pub fn leaves(&self, row: u32) -> u32 {
        let submitted = self.pool.submitted[row as usize];
        let expires = expiry(submitted);
        let [withdrawal, ..] = self.chances.dice.quarters(self.key(row), turn::CHANCES);
        if self.chances.withdrawal.comes(withdrawal) {
            let wait = self.chances.withdrawal.wait(withdrawal);
            self.since(submitted).saturating_add(wait).min(expires)
        } else {
            expires
        }
    }

    /// What happens to the candidate while its profile lives, its birthday included.
    pub fn fate(&self, row: u32) -> Ahead {
        let chances = &self.chances;
        let [_, language, nomination, _] = chances.dice.quarters(self.key(row), turn::CHANCES);
        let mut known = Changes::BIRTHDAY;
        if chances.language.comes(language) {
            known = known.and(Changes::LANGUAGE);
        }
        if chances
            .nomination(self.scores[row as usize])
            .comes(nomination)
        {
            known = known.and(Changes::NOMINATION);
        }
        if Packed::works_in_canada(self.pool.traits[row as usize]) {
            known = known.and(Changes::WORK);
        }
        self.ahead(row, known)
    }

    /// When somebody of a submission comes into view: the start, or the submission.
    #[inline]
    fn since(&self, submitted: u32) -> u32 {
        submitted.max(self.chances.start)
    }
}

/// The second at which a profile of that submission expires: 365 days later.
#[inline]
pub fn expiry(submitted: u32) -> u32 {
    submitted.saturating_add(LIFE)
}

/// Whether somebody who is out of the pool from `leaves` on withdraws, and does not expire.
#[inline]
pub(super) fn withdraws(submitted: u32, leaves: u32) -> bool {
    leaves != expiry(submitted)
}

/// Working memory of [`People::fates`].
#[derive(Debug)]
struct Block {
    /// The first three numbers of everybody's dice, for withdrawal, language and nomination, and
    /// whether that comes.
    numbers: [[u32; BLOCK]; 3],
    comes: [[bool; BLOCK]; 3],
    works: [bool; BLOCK],
    /// When everybody comes into view.
    since: [u32; BLOCK],
    picked: Picked,
}

impl Default for Block {
    fn default() -> Self {
        Block {
            numbers: [[0; BLOCK]; 3],
            comes: [[false; BLOCK]; 3],
            works: [false; BLOCK],
            since: [0; BLOCK],
            picked: Picked::default(),
        }
    }
}

impl Block {
    /// Rolls the dice of everybody of a block once, and says what comes by them: withdrawals and
    /// language, and nominations, which go by the scores, if there are any. What comes is said where
    /// the numbers are at hand: a loop that only rolls is turned into one of vectors, which have no
    /// products of that width, and takes as many instructions alone.
    #[inline(never)]
    fn roll(&mut self, chances: &Chances, scores: &[u16], key: impl Fn(usize) -> u64) {
        let [withdrawals, languages, nominations] = &mut self.numbers;
        let [withdraws, betters, nominated] = &mut self.comes;
        let dice = chances.dice;
        if chances.nominate() {
            for (place, &score) in (0..BLOCK).zip(scores) {
                let [withdrawal, language, nomination, _] =
                    dice.quarters(key(place), turn::CHANCES);
                withdrawals[place] = withdrawal;
                languages[place] = language;
                nominations[place] = nomination;
                withdraws[place] = chances.withdrawal.comes(withdrawal);
                betters[place] = chances.language.comes(language);
                let unnominated = chances.unnominated[usize::from(score) % SCORES];
                nominated[place] = u64::from(nomination) < unnominated;
            }
        } else {
            for place in 0..scores.len().min(BLOCK) {
                let [withdrawal, language] = dice.first_quarters(key(place), turn::CHANCES);
                withdrawals[place] = withdrawal;
                languages[place] = language;
                withdraws[place] = chances.withdrawal.comes(withdrawal);
                betters[place] = chances.language.comes(language);
            }
        }
    }

    /// Works out the fates of some rows, whose profiles would expire when `leaves` says.
    fn fill(
        &mut self,
        people: &People<'_>,
        rows: Range<usize>,
        leaves: &mut [u32],
        ahead: &mut [Changes],
        key: impl Fn(usize) -> u64,
    ) {
        let chances = &people.chances;
        // Columns of one length: a place that is in one of them is in all.
        let number = rows.len();
        let (leaves, ahead) = (&mut leaves[..number], &mut ahead[..number]);
        let submitted = &people.pool.submitted[rows.clone()][..number];
        let scores = &people.scores[rows.clone()][..number];
        let traits = &people.pool.traits[rows][..number];
        self.roll(chances, scores, &key);
        let numbers = self.numbers.each_ref().map(|numbers| &numbers[..number]);
        let [withdrawals, languages, nominations] = numbers;
        let [withdraws, betters, nominated] = self.comes.each_ref().map(|comes| &comes[..number]);
        let since = &mut self.since[..number];
        for (since, &submitted) in since.iter_mut().zip(submitted) {
            *since = submitted.max(chances.start);
        }
        let since = &*since;
        if chances.withdrawal.ever_comes() {
            for &place in self.picked.find(withdraws) {
                let place = usize::from(place);
                let wait = chances.withdrawal.wait(withdrawals[place]);
                leaves[place] = leaves[place].min(since[place].saturating_add(wait));
            }
        }
        // Two comparisons and no minimum, which may become a branch that nobody could foresee. Of 64 bits,
        // as no sum of two numbers of 32 is too large for them.
        let matters = |since: u32, wait: u32, leaves: u32| {
            let at = u64::from(since) + u64::from(wait);
            (at < u64::from(leaves)) & (at < u64::from(chances.until))
        };
        if chances.language.ever_comes() {
            for &place in self.picked.find(betters) {
                let place = usize::from(place);
                let wait = chances.language.wait(languages[place]);
                let comes = matters(since[place], wait, leaves[place]);
                ahead[place] = ahead[place].and(Changes::LANGUAGE.only_if(comes));
            }
        }
        if chances.nominate() {
            for &place in self.picked.find(nominated) {
                let place = usize::from(place);
                let (since, limit) = (since[place], leaves[place].min(chances.until));
                let wait = chances.nomination(scores[place]).wait(nominations[place]);
                let comes = chances.nominated_before(since, wait, limit);
                ahead[place] = ahead[place].and(Changes::NOMINATION.only_if(comes));
            }
        }
        if chances.works_on > 0 {
            let works = &mut self.works[..number];
            for (works, &traits) in works.iter_mut().zip(traits) {
                *works = Packed::works_in_canada(traits);
            }
            for &place in self.picked.find(works) {
                let place = usize::from(place);
                let (works_on, wait) = chances.anniversary(key(place));
                let comes = works_on & matters(since[place], wait, leaves[place]);
                ahead[place] = ahead[place].and(Changes::WORK.only_if(comes));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::columns::Ids;
    use crate::pool::{Eligibility, Pool};
    use crate::rules::Candidate;
    use crate::timeline::plan::{Answers, Changes as Plans, Nominations};
    use crate::units::Instant;

    #[test]
    fn what_has_come_is_what_comes_by_then_to_the_second() {
        const PEOPLE: usize = 4_000;
        let start = Instant::parse("2024-01-09T00:00:00Z").unwrap();
        let mut pool = Pool::zeroed(PEOPLE, Ids::Numbered { first: 1 });
        for (row, submitted) in pool.submitted.iter_mut().enumerate() {
            // Half of them before the start.
            *submitted = start.seconds() - 200 * Instant::DAY + 8_639 * row as u32;
        }
        let candidate = Candidate {
            noc_in_canada: true,
            canadian_work_years: 1,
            ..Candidate::blank()
        };
        pool.traits
            .fill(Packed::new(&candidate, Score(0), Eligibility(0)).traits);
        let mut months = [1.0; 12];
        (months[1], months[2], months[5]) = (0.0, 3.0, 0.25);
        for months in [[1.0; 12], months] {
            let plan = TimelinePlan {
                start,
                end: start.saturating_add(300 * Instant::DAY),
                withdrawals_per_year: 0.2,
                answers: Answers {
                    accept: 1.0,
                    decline: 0.0,
                },
                changes: Plans {
                    birthdays: true,
                    work_in_canada: 0.5,
                    language_per_year: 1.0,
                    nominations: Nominations {
                        by_score: vec![(0, 2.0)],
                        months,
                    },
                },
            };
            let people = People::new(&pool, PEOPLE / 2, &plan, 1, 0);
            let fates = people.fates();
            let mut seen = [0; Changes::SETS];
            for row in 0..PEOPLE as u32 {
                let known = fates.ahead[row as usize].and(Changes::BIRTHDAY);
                let ahead = people.ahead(row, known);
                let told: Vec<u32> = ahead.changes().map(|(at, _)| at).collect();
                for now in told.iter().flat_map(|&at| [at - 1, at, at + 1]) {
                    let come = people.come(row, known, now);
                    assert_eq!(come, ahead.happened(now), "row {row} at {now}");
                    seen[come.bits()] += 1;
                }
            }
            assert!(seen.iter().all(|&times| times > 0), "{seen:?}");
        }
    }
}
