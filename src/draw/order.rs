//! The total order of a round, and the only place that knows it: score descending, then the
//! tie-breaking rule, then candidate id (rows stand in order of id).
//! Who is eligible is not decided here.

use crate::draw::TieBreak;
use crate::random::{Dice, Purpose};
use crate::units::{Instant, Score};

/// A candidate's place in a round: the smaller key is invited first. Score, tie-break and row lie
/// in one integer, so that comparing two candidates is comparing two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RankKey(u128);

impl RankKey {
    const fn new(score: Score, tie: u32, row: u32) -> Self {
        RankKey(((u16::MAX - score.0) as u128) << 64 | (tie as u128) << 32 | row as u128)
    }

    /// The candidate's score.
    pub const fn score(self) -> Score {
        Score(u16::MAX - (self.0 >> 64) as u16)
    }

    /// The candidate's row.
    pub const fn row(self) -> u32 {
        self.0 as u32
    }
}

/// A rank key and a number of the caller's that goes with it, in one integer: who is sorted by keys
/// is found again by the number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ranked(u128);

impl Ranked {
    /// A key with a number.
    pub const fn new(key: RankKey, number: u32) -> Self {
        Ranked(key.0 << 32 | number as u128)
    }

    /// The key.
    pub const fn key(self) -> RankKey {
        RankKey(self.0 >> 32)
    }

    /// The number.
    pub const fn number(self) -> u32 {
        self.0 as u32
    }
}

/// How one round orders candidates.
#[derive(Debug, Clone, Copy)]
pub struct Ranking {
    rule: TieBreak,
    dice: Dice,
    round: u64,
}

impl Ranking {
    /// The order of a round of a replicate; seed, replicate and `round`, the number that its lots go
    /// by, matter to random tie-breaks alone.
    pub fn new(rule: TieBreak, seed: u64, replicate: u32, round: u64) -> Self {
        Ranking {
            rule,
            dice: Dice::new(seed, Purpose::TieBreak, replicate),
            round,
        }
    }

    /// The rule among equal scores.
    pub const fn rule(&self) -> TieBreak {
        self.rule
    }

    /// The key of a candidate; `candidate` is the number that its dice go by, which does not move
    /// when others join the pool.
    #[inline]
    pub fn key(
        &self,
        score: Score,
        submitted: Instant,
        row: u32,
        candidate: impl FnOnce() -> u64,
    ) -> RankKey {
        RankKey::new(score, self.tie(submitted, candidate), row)
    }

    /// The number by which candidates of the same score are ordered.
    #[inline]
    fn tie(&self, submitted: Instant, candidate: impl FnOnce() -> u64) -> u32 {
        match self.rule {
            // Without a rule everyone at the cut-off score is invited; the list is still printed
            // in the order of submission.
            TieBreak::EarliestSubmission | TieBreak::None => submitted.seconds(),
            TieBreak::LatestSubmission => !submitted.seconds(),
            TieBreak::Random => (self.dice.roll(candidate(), self.round) >> 32) as u32,
        }
    }

    /// Puts candidates who stand in falling order of score in order of rank; `place` tells score, submission
    /// in seconds, and row of one, and `candidate` is as in [`Ranking::key`].
    pub fn sort_levels<T>(
        &self,
        falling: &mut [T],
        place: impl Fn(&T) -> (u16, u32, u32),
        candidate: impl Fn(u32) -> u64,
    ) {
        for level in falling.chunk_by_mut(|one, next| place(one).0 == place(next).0) {
            self.sort_level(level, |one| (place(one).1, place(one).2), &candidate);
        }
    }

    fn sort_level<T>(
        &self,
        level: &mut [T],
        place: impl Fn(&T) -> (u32, u32),
        candidate: impl Fn(u32) -> u64,
    ) {
        let by = |one: &T, tie: fn(u32) -> u32| {
            let (submitted, row) = place(one);
            u64::from(tie(submitted)) << 32 | u64::from(row)
        };
        // The rule is asked once, not in each comparison: that is a tenth of a year.
        match self.rule {
            TieBreak::EarliestSubmission | TieBreak::None => {
                level.sort_unstable_by_key(|one| by(one, |at| at));
            }
            TieBreak::LatestSubmission => level.sort_unstable_by_key(|one| by(one, |at| !at)),
            TieBreak::Random => level.sort_by_cached_key(|one| {
                let (submitted, row) = place(one);
                let submitted = Instant::from_seconds(submitted);
                (self.tie(submitted, || candidate(row)), row)
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(rule: TieBreak, score: u16, submitted: u32, row: u32) -> RankKey {
        let at = Instant::from_seconds(submitted);
        Ranking::new(rule, 1, 0, 0).key(Score(score), at, row, || u64::from(row))
    }

    #[test]
    fn a_number_beside_a_key_goes_with_it_and_orders_nobody() {
        let keys = [(486, 5, 7), (486, 5, 9), (486, 6, 1), (480, 1, 2)]
            .map(|(score, at, row)| key(TieBreak::EarliestSubmission, score, at, row));
        let mut ranked: Vec<Ranked> = keys
            .iter()
            .rev()
            .zip(1..)
            .map(|(&key, n)| Ranked::new(key, n))
            .collect();
        ranked.sort_unstable();
        assert!(ranked.iter().map(|one| one.key()).eq(keys));
        assert!(ranked.iter().map(|one| one.number()).eq([4, 3, 2, 1]));
    }

    #[test]
    fn a_higher_score_comes_first_whatever_the_rule() {
        for rule in [
            TieBreak::EarliestSubmission,
            TieBreak::LatestSubmission,
            TieBreak::Random,
            TieBreak::None,
        ] {
            assert!(key(rule, 487, 9, 9) < key(rule, 486, 1, 1));
        }
    }

    #[test]
    fn equal_scores_go_by_submission_and_then_by_id() {
        assert!(
            key(TieBreak::EarliestSubmission, 486, 1, 9)
                < key(TieBreak::EarliestSubmission, 486, 2, 1)
        );
        assert!(
            key(TieBreak::LatestSubmission, 486, 2, 9) < key(TieBreak::LatestSubmission, 486, 1, 1)
        );
        assert!(
            key(TieBreak::EarliestSubmission, 486, 1, 1)
                < key(TieBreak::EarliestSubmission, 486, 1, 2)
        );
    }

    #[test]
    fn a_key_gives_back_score_and_row() {
        let key = key(TieBreak::EarliestSubmission, 1200, u32::MAX, 77);
        assert_eq!((key.score(), key.row()), (Score(1200), 77));
    }
}
