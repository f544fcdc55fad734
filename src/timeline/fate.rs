//! What fate holds for a candidate while it waits: when it withdraws, turns a year older, has worked
//! a year more, betters its results, is nominated. Pure functions of the candidate's key, so that
//! every policy meets the same people. What becomes of them under a policy lives in `engine`.
//!
//! Most of what could happen does not happen within the 365 days of a profile. One roll gives four
//! numbers that decide which of it does, and only for that a waiting time is worked out. [`Fates`] are
//! those of everybody, in one pass; the times of single changes are worked out again where they matter.

use std::ops::Range;

use crate::pool::Packed;
use crate::portable::{exp, ln};
use crate::random::{Dice, Purpose};
use crate::timeline::calendar::Calendar;
use crate::timeline::people::{Changes, People};
use crate::timeline::picked::Picked;
use crate::timeline::plan::{PROFILE_DAYS, TimelinePlan};
use crate::units::{Instant, Score};

/// The year that rates are told of.
const YEAR: u32 = 365 * Instant::DAY;
/// How long a profile lives.
const LIFE: u32 = PROFILE_DAYS * Instant::DAY;
/// One more than the largest number of the dice.
const ALL: f64 = 4_294_967_296.0;
/// Pieces that the waiting times are cut into by chance, and the highest rate at which they serve:
/// a wait is then off by two minutes at most, by two seconds for one a year.
const PIECES: usize = 2_048;
const FASTEST: f64 = 3.0;
/// More than there are scores, as a power of two.
const SCORES: usize = 1 << 11;
/// Parts of a piece: as many as a product with [`PIECES`] leaves room for.
const FINE: u64 = 1 << 52;

/// Uses of a candidate's dice; four numbers each.
mod turn {
    /// Withdrawal, language, nomination, birthday.
    pub const CHANCES: u64 = 0;
    /// Whether the candidate works on, and the anniversary.
    pub const WORK: u64 = 1;
}

/// Something that comes at a yearly rate: after an exponential wait.
#[derive(Debug, Clone)]
pub(super) struct Hazard {
    per_year: f64,
    /// A number of the dice from here on means more than [`PROFILE_DAYS`] of waiting.
    never: u64,
    /// Pieces for each number of the dice, in units of [`FINE`], and seconds at the ends of the pieces.
    pieces: u64,
    ends: Option<Box<[u32; PIECES + 1]>>,
}

impl Hazard {
    pub fn new(per_year: f64) -> Self {
        Hazard::in_season(per_year, 1.0)
    }

    /// One for whose waits time may pass so many times as fast in some months.
    pub fn in_season(per_year: f64, fastest: f64) -> Self {
        let mut hazard = Hazard {
            per_year,
            never: 0,
            pieces: 0,
            ends: None,
        };
        if per_year > 0.0 {
            // A second to spare, and more than any rounding.
            let years = fastest * (f64::from(LIFE) + 2.0) / f64::from(YEAR);
            let share = 1.0 - exp(-per_year * years);
            hazard.never = (share * ALL).ceil().min(ALL) as u64;
        }
        // One so rare that no number of the dice means it never comes.
        if hazard.never > 0 && per_year <= FASTEST {
            let width = hazard.never as f64 / PIECES as f64;
            let seconds = |piece: usize| hazard.exactly(piece as f64 * width / ALL);
            hazard.ends = Some(Box::new(std::array::from_fn(seconds)));
            hazard.pieces = (PIECES as u64 * FINE) / hazard.never;
        }
        hazard
    }

    /// Whether it happens within the life of a profile.
    #[inline]
    fn comes(&self, number: u32) -> bool {
        u64::from(number) < self.never
    }

    /// Whether it happens to anybody within the life of a profile.
    fn ever_comes(&self) -> bool {
        self.never > 0
    }

    fn exactly(&self, unit: f64) -> u32 {
        (-ln(1.0 - unit.min(1.0)) / self.per_year * f64::from(YEAR)) as u32
    }

    /// Seconds until it happens, at least one, by a number of the dice for which it comes.
    #[inline]
    fn wait(&self, number: u32) -> u32 {
        let Some(ends) = &self.ends else {
            return self.exactly(f64::from(number) / ALL).max(1);
        };
        let place = u64::from(number) * self.pieces;
        let piece = (place / FINE) as usize % PIECES;
        let (from, to) = (ends[piece], ends[piece + 1]);
        let within = (((place % FINE) >> 20) * u64::from(to - from)) >> 32;
        (from + within as u32).max(1)
    }
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

    /// Says when those of some changes come that come at all, and the birthday where it is asked for,
    /// to somebody of a submission.
    #[inline(always)]
    fn tell(
        &self,
        (row, submitted): (u32, u32),
        known: Changes,
        mut note: impl FnMut(u32, Changes),
    ) {
        let (key, since) = (self.key(row), self.since(submitted));
        let chances = &self.chances;
        if !known.apart_from(Changes::WORK).is_empty() {
            let [_, language, nomination, birthday] = chances.dice.quarters(key, turn::CHANCES);
            if known.has(Changes::BIRTHDAY) && chances.birthdays {
                let at = since.saturating_add(day_of_year(birthday));
                note(at, Changes::BIRTHDAY);
            }
            if known.has(Changes::LANGUAGE) {
                let wait = chances.language.wait(language);
                note(since.saturating_add(wait), Changes::LANGUAGE);
            }
            if known.has(Changes::NOMINATION) {
                let hazard = chances.nomination(self.scores[row as usize]);
                let at = chances.nominated_at(since, hazard.wait(nomination));
                note(at, Changes::NOMINATION);
            }
        }
        if known.has(Changes::WORK) {
            let (works_on, wait) = chances.anniversary(key);
            if works_on {
                note(since.saturating_add(wait), Changes::WORK);
            }
        }
    }

    /// When those of some changes come that come at all, and the birthday where it is asked for.
    #[inline]
    pub fn ahead(&self, row: u32, known: Changes) -> Ahead {
        let mut ahead = Ahead::default();
        let submitted = self.pool.submitted[row as usize];
        self.tell((row, submitted), known, |at, change| ahead.note(at, change));
        ahead
    }

    /// When a change comes that is ahead of somebody of a submission, and the birthday: the largest value
    /// where there is none.
    #[inline(always)]
    pub fn one_ahead(&self, one: (u32, u32), change: Changes) -> [u32; 2] {
        let mut times = [u32::MAX; 2];
        self.tell(one, change.and(Changes::BIRTHDAY), |at, what| {
            times[usize::from(what == Changes::BIRTHDAY)] = at;
        });
        times
    }

    /// Which of some changes, as [`People::ahead`] tells them, have come by `now`.
    #[inline]
    pub fn come(&self, row: u32, known: Changes, now: u32) -> Changes {
        self.come_to((row, self.pool.submitted[row as usize]), known, now)
    }

    /// As [`People::come`], of somebody whose submission is at hand.
    #[inline]
    pub fn come_to(&self, one: (u32, u32), known: Changes, now: u32) -> Changes {
        let mut come = Changes::default();
        self.tell(one, known, |at, change| {
            if at <= now {
                come = come.and(change);
            }
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

    #[test]
    fn waits_by_pieces_are_the_exponential_ones_to_within_two_minutes() {
        for (rate, most) in [(0.05, 2), (0.4, 2), (1.0, 3), (3.0, 120)] {
            let hazard = Hazard::new(rate);
            assert!(hazard.ends.is_some());
            for number in (0..hazard.never as u32).step_by(99_991) {
                let exactly = hazard.exactly(f64::from(number) / ALL).max(1);
                let wait = hazard.wait(number);
                assert!(
                    wait.abs_diff(exactly) <= most,
                    "{rate} {number}: {wait} for {exactly}"
                );
            }
        }
    }

    #[test]
    fn what_never_comes_never_comes_and_what_comes_comes_within_the_profile() {
        for never in [0.0, 1e-17, 1e-300] {
            assert!(!Hazard::new(never).comes(0));
        }
        for rate in [0.001, 0.4, 3.0, 50.0] {
            let hazard = Hazard::new(rate);
            let last = (hazard.never - 1) as u32;
            assert!(hazard.wait(last) <= YEAR + 3, "{rate}");
            if hazard.never <= u64::from(u32::MAX) {
                assert!(!hazard.comes(hazard.never as u32));
                assert!(hazard.exactly(hazard.never as f64 / ALL) > YEAR, "{rate}");
            }
        }
    }
}
