//! Everybody of one replicate, the starting pool and those who arrive, and how each answers to an
//! invitation: a pure function of the candidate's key, so that every policy meets the same people.
//! What happens to them while they wait is `fate`'s, what becomes of them under a policy `engine`'s.

use std::ops::Range;
use std::sync::OnceLock;

use crate::pool::columns::Ids;
use crate::pool::{Packed, Pool};
use crate::random::{Dice, Purpose};
use crate::rules::candidate::{Abilities, Candidate, FirstLanguage, MAX_WORK_YEARS};
use crate::timeline::course::Invitee;
use crate::timeline::engine::outlook::Outlook;
use crate::timeline::fate::{Chances, Fates};
use crate::timeline::plan::{self, TimelinePlan};
use crate::units::Instant;

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

    /// These if something is true, and otherwise none; without a branch.
    #[inline]
    #[must_use]
    pub(super) const fn only_if(self, holds: bool) -> Changes {
        Changes(self.0 * holds as u8)
    }

    /// How many sets of changes there are.
    pub(super) const SETS: usize = 16;

    /// Every set of changes, in the order of [`Changes::bits`].
    pub(super) fn sets() -> impl Iterator<Item = Changes> {
        (0..Self::SETS as u8).map(Changes)
    }

    /// As a number below [`Changes::SETS`].
    #[inline]
    pub(super) const fn bits(self) -> usize {
        self.0 as usize % Self::SETS
    }

    /// Those of [`Changes::bits`].
    #[inline]
    pub(super) const fn from_bits(bits: u8) -> Self {
        Changes(bits % Self::SETS as u8)
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

    /// Whether it is French that [`Changes::LANGUAGE`] betters: the only language in which there are
    /// results, and where there are some in both the `first` official one that is named, or else the one
    /// with the higher lowest ability.
    #[inline]
    pub fn betters_french(
        english: Abilities,
        french: Abilities,
        first: impl FnOnce() -> FirstLanguage,
    ) -> bool {
        let none = Abilities::default();
        if french == none || english == none {
            return french != none;
        }
        match first() {
            FirstLanguage::English => false,
            FirstLanguage::French => true,
            FirstLanguage::Best => french.lowest() > english.lowest(),
        }
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
            let (english, french) = (candidate.english, candidate.french);
            if Self::betters_french(english, french, || candidate.first_language) {
                candidate.french = french.better();
            } else {
                candidate.english = english.better();
            }
        }
        candidate.provincial_nomination |= self.has(Self::NOMINATION);
        candidate
    }

    /// As [`Changes::apply`], for the columns; score and eligibility are left as they are.
    #[inline(always)]
    pub fn apply_packed(self, packed: Packed) -> Packed {
        let Packed {
            mut traits,
            mut english,
            mut french,
            ..
        } = packed;
        if self.has(Self::WORK) {
            let years = Packed::canadian_work_years(traits) + 1;
            traits = Packed::with_canadian_work_years(traits, years.min(MAX_WORK_YEARS));
        }
        if self.has(Self::LANGUAGE) {
            if Self::betters_french_of(&packed) {
                french = Abilities::better_of(french);
            } else {
                english = Abilities::better_of(english);
            }
        }
        Packed {
            age: packed
                .age
                .saturating_add(u8::from(self.has(Self::BIRTHDAY))),
            english,
            french,
            traits: Packed::nominated_too(traits, self.has(Self::NOMINATION)),
            ..packed
        }
    }

    /// As [`Changes::betters_french`], by the columns.
    #[inline]
    pub fn betters_french_of(c: &Packed) -> bool {
        let [english, french] = [c.english, c.french].map(Abilities::unpack);
        c.french != 0 && Self::betters_french(english, french, || Packed::first_language(c.traits))
    }
}

/// What a candidate does with an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Applies and leaves for good.
    Accept,
    /// Declines after that many seconds.
    Decline(u32),
    /// Does not answer in time: lets it lapse, and leaves.
    Lapse,
}

/// Rows whose attributes lie in a few lines of memory each: blocks of them, one after the other, are read
/// ahead by the processor.
const ROWS_AT_HAND: usize = 1 << 7;

/// Candidates whose attributes are looked up together.
const LOOKED_UP: usize = 64;

/// The people of one replicate.
#[derive(Debug)]
pub struct People<'a> {
    /// Rows of the starting pool come first, then arrivals in order of submission.
    pub pool: &'a Pool,
    /// Rows of the starting pool.
    pub started: usize,
    pub(super) plan: &'a TimelinePlan,
    answers: Dice,
    /// A number of the dice below the first one accepts, and another one below the second declines.
    answering: [u64; 2],
    pub(super) chances: Chances,
    /// Scores that the rate of nominations goes by.
    pub(super) scores: &'a [u16],
    /// Seed and replicate.
    seeds: (u64, u32),
    /// Their fates, where somebody has worked them out already.
    pub(super) known: Option<&'a Fates>,
    /// Their prospects under the first rules, likewise.
    pub(super) outlook: Option<&'a Outlook>,
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
            answering: [
                Dice::below(plan.answers.accept),
                Dice::below(plan.answers.accept + plan.answers.decline),
            ],
            chances: Chances::new(plan, seed, replicate),
            scores: &pool.score,
            seeds: (seed, replicate),
            known: None,
            outlook: None,
        }
    }

    /// The same people, whose prospects under the first rules were worked out before: see
    /// [`SharedOutlook::of`](super::SharedOutlook::of).
    #[must_use]
    pub fn with_outlook(self, outlook: Option<&'a Outlook>) -> Self {
        People { outlook, ..self }
    }

    /// The same people, whose fates were worked out before: see [`SharedFates::of`].
    #[must_use]
    pub fn with_fates(self, fates: Option<&'a Fates>) -> Self {
        People {
            known: fates,
            ..self
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
        dice_key(&self.pool.ids, self.started, row)
    }

    /// The key of the first of some rows, where the others have those that follow.
    pub(super) fn first_key(&self, rows: &Range<usize>) -> Option<u64> {
        let numbered = matches!(self.pool.ids, Ids::Numbered { .. });
        let arrived = rows.start >= self.started;
        (arrived || numbered && rows.end <= self.started).then(|| self.key(rows.start as u32))
    }

    /// What the candidate does with its `nth` invitation (from 0), which is to be answered within so many
    /// days.
    #[inline]
    pub fn answer(&self, row: u32, nth: u8, days: u32) -> Answer {
        let key = self.key(row);
        let number = self.answers.number(key, 2 * u64::from(nth));
        let [accept, decline] = self.answering;
        if number < accept {
            Answer::Accept
        } else if number < decline {
            let within = f64::from(days * Instant::DAY - 1);
            Answer::Decline(1 + (self.answers.unit(key, 2 * u64::from(nth) + 1) * within) as u32)
        } else {
            Answer::Lapse
        }
    }

    /// What has happened to the candidate by `now`, while its profile lives.
    pub fn happened(&self, row: u32, now: u32) -> Changes {
        match self.known {
            Some(fates) => {
                let known = fates.ahead[row as usize].and(Changes::BIRTHDAY);
                self.come(row, known, now)
            }
            None => self.fate(row).happened(now),
        }
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

    /// The invited of some rounds with all their attributes, as they are at the time of the round.
    ///
    /// They are looked up in order of row, nearly: whoever comes up in no order costs a wait for
    /// memory for every attribute.
    pub fn packed<'c>(
        &self,
        rounds: impl Iterator<Item = (&'c [Invitee], Instant)>,
    ) -> Vec<Vec<Packed>> {
        let rounds: Vec<(&[Invitee], Instant)> = rounds.collect();
        let block = |one: &Invitee| one.row as usize / ROWS_AT_HAND;
        let mut next = vec![0u32; self.len() / ROWS_AT_HAND + 2];
        for one in rounds.iter().flat_map(|&(invited, _)| invited) {
            next[block(one) + 1] += 1;
        }
        for at in 1..next.len() {
            next[at] += next[at - 1];
        }
        let mut packed: Vec<Vec<Packed>> = (rounds.iter())
            .map(|(invited, _)| vec![Packed::default(); invited.len()])
            .collect();
        let mut order = vec![(0u32, 0u32, 0u32); packed.iter().map(Vec::len).sum()];
        for (round, &(invited, _)) in rounds.iter().enumerate() {
            for (place, one) in invited.iter().enumerate() {
                let next = &mut next[block(one)];
                order[*next as usize] = (one.row, round as u32, place as u32);
                *next += 1;
            }
        }
        // Memory is waited for side by side: what has happened to somebody is a branch that nobody
        // foresees, and it ends what is under way.
        let mut came = [Packed::default(); LOOKED_UP];
        for some in order.chunks(LOOKED_UP) {
            for (came, &(row, ..)) in came.iter_mut().zip(some) {
                *came = self.row(row);
            }
            for (&came, &(row, round, place)) in came.iter().zip(some) {
                let happened = self.happened(row, rounds[round as usize].1.seconds());
                packed[round as usize][place as usize] = happened.apply_packed(came);
            }
        }
        for (packed, (invited, _)) in packed.iter_mut().zip(rounds) {
            for (packed, invitee) in packed.iter_mut().zip(invited) {
                packed.score = invitee.score;
                packed.eligibility = invitee.eligibility;
            }
        }
        packed
    }

    pub(super) fn cause(&self) -> Cause {
        Cause {
            stretch: (self.plan.start, self.plan.end),
            withdrawals_per_year: self.plan.withdrawals_per_year,
            changes: self.plan.changes.clone(),
            seeds: self.seeds,
        }
    }

    pub(super) fn have_birthdays(&self) -> bool {
        self.plan.changes.birthdays
    }

    /// What points and eligibility go by of a candidate as it came, and the rest blank. For those who look
    /// at no more of many candidates.
    #[inline(always)]
    pub(super) fn in_short(&self, row: u32) -> Packed {
        let row = row as usize;
        Packed {
            age: self.pool.age[row],
            noc: self.pool.noc[row],
            english: self.pool.english[row],
            french: self.pool.french[row],
            spouse_language: self.pool.spouse_language[row],
            traits: self.pool.traits[row],
            noc_months: self.pool.noc_months[row],
            ..Packed::default()
        }
    }

    #[inline(always)]
    pub(super) fn row(&self, row: u32) -> Packed {
        match self.outlook {
            Some(outlook) => outlook.row(row as usize),
            None => self.pool.row(row as usize),
        }
    }
}

/// Fates of the same people under several policies, most of which mean the same to everybody: those
/// of the first that asks are kept, and serve whoever asks for the same.
#[derive(Debug, Default)]
pub struct SharedFates(OnceLock<(Cause, Fates)>);

/// What decides the fates of given people: answers to invitations do not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cause {
    stretch: (Instant, Instant),
    withdrawals_per_year: f64,
    changes: plan::Changes,
    seeds: (u64, u32),
}

impl SharedFates {
    /// The fates of these people: always the same rows, with the scores that they came with. Nothing
    /// where another policy's fates are kept.
    pub fn of(&self, people: &People<'_>) -> Option<&Fates> {
        let cause = people.cause();
        let (kept, fates) = self.0.get_or_init(|| (cause.clone(), people.fates()));
        (*kept == cause).then_some(fates)
    }
}

/// The number that a candidate's dice are keyed by, among people whose rows from `started` on are
/// those who arrived.
#[inline]
pub fn dice_key(ids: &Ids, started: usize, row: u32) -> u64 {
    let row = row as usize;
    if row >= started {
        1 << 63 | (row - started) as u64
    } else {
        ids.dice_key(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Eligibility;
    use crate::pool::columns::Ids;
    use crate::rules::candidate::{CountryIndex, NocIndex};
    use crate::units::Score;

    #[test]
    fn changes_of_the_columns_are_those_of_the_candidate() {
        let candidate = Candidate {
            age: 29,
            english: Abilities::all(8),
            french: Abilities::all(5),
            canadian_work_years: 1,
            noc: NocIndex(77),
            citizenship: CountryIndex(9),
            ..Candidate::blank()
        };
        let packed = Packed::new(&candidate, Score(470), Eligibility(3));
        for bits in 0..16 {
            let changes = Changes(bits);
            let expected = Packed::new(&changes.apply(candidate), Score(470), Eligibility(3));
            assert_eq!(changes.apply_packed(packed), expected, "{changes:?}");
        }
    }

    #[test]
    fn the_language_bettered_is_the_only_one_the_named_one_or_the_better_one() {
        let [none, five, six] = [0, 5, 6].map(Abilities::all);
        let one_ability = Abilities { reading: 7, ..none };
        for (english, french, best, named) in [
            (none, none, false, [false, false]),
            (five, none, false, [false, false]),
            (none, five, true, [true, true]),
            (none, one_ability, true, [true, true]),
            (one_ability, none, false, [false, false]),
            (one_ability, one_ability, false, [false, true]),
            (five, five, false, [false, true]),
            (five, six, true, [false, true]),
            (six, five, false, [false, true]),
        ] {
            for (first_language, expected) in [
                (FirstLanguage::Best, best),
                (FirstLanguage::English, named[0]),
                (FirstLanguage::French, named[1]),
            ] {
                let betters = Changes::betters_french(english, french, || first_language);
                assert_eq!(
                    betters, expected,
                    "{english:?} {french:?} {first_language:?}"
                );
                let candidate = Candidate {
                    english,
                    french,
                    first_language,
                    ..Candidate::blank()
                };
                let after = Changes::LANGUAGE.apply(candidate);
                let expected = match expected {
                    true => (english, french.better()),
                    false => (english.better(), french),
                };
                assert_eq!((after.english, after.french), expected, "{candidate:?}");
            }
        }
    }

    #[test]
    fn fates_are_shared_by_whoever_has_the_same_and_by_nobody_else() {
        let mut pool = Pool::zeroed(300, Ids::Numbered { first: 1 });
        let start = Instant::parse("2024-01-09T00:00:00Z").unwrap();
        pool.submitted.fill(start.seconds());
        let plan = |withdrawals_per_year, accept| TimelinePlan {
            start,
            end: start.saturating_add(300 * Instant::DAY),
            withdrawals_per_year,
            answers: plan::Answers {
                accept,
                decline: 0.0,
            },
            changes: plan::Changes {
                birthdays: true,
                work_in_canada: 0.5,
                language_per_year: 0.5,
                nominations: plan::Nominations::everybody(0.5),
            },
        };
        let [first, same, other] = [plan(0.4, 0.9), plan(0.4, 0.1), plan(0.5, 0.9)];
        let people = |plan, replicate| People::new(&pool, 300, plan, 1, replicate);
        let shared = SharedFates::default();
        assert_eq!(
            shared.of(&people(&first, 0)),
            Some(&people(&first, 0).fates())
        );
        assert_eq!(
            shared.of(&people(&same, 0)),
            Some(&people(&same, 0).fates())
        );
        assert_eq!(shared.of(&people(&other, 0)), None);
        assert_eq!(shared.of(&people(&first, 1)), None);
        assert_ne!(people(&other, 0).fates(), people(&first, 0).fates());
    }
}
