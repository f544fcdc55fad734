//! The only place where a generator is made: streams named by seed, purpose, replicate and index.
//! What the numbers are used for does not live here.
//!
//! A key is laid side by side into a ChaCha8 seed, and one ChaCha8 block becomes the state of a
//! xoshiro256++ generator: keys that differ in one bit give unrelated streams, no key is made by
//! adding, and the generator in the hot loops costs about a nanosecond a draw. A change of
//! anything here changes every result (value-breaking).
//!
//! ```
//! use drawsim::random::{Dice, Purpose};
//!
//! let dice = Dice::new(254, Purpose::Answers, 0);
//! assert_eq!(dice.roll(4711, 0), dice.roll(4711, 0)); // the same candidate, use and turn
//! assert_ne!(dice.roll(4711, 0), dice.roll(4711, 1));
//! ```

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// The generator that every stream hands out.
pub type Stream = Xoshiro256PlusPlus;

/// What a stream is used for; part of its key, so that uses never share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Candidates of the starting pool, one stream per chunk.
    Pool = 1,
    /// The pilot sample that calibration fits the mixture with.
    Pilot = 2,
    /// Random tie-breaks, keyed by round.
    TieBreak = 3,
    /// How many arrive along a timeline and when, one stream per day.
    Arrivals = 4,
    /// What a candidate answers to an invitation.
    Answers = 5,
    /// What fate holds for a candidate while it waits: withdrawal and changes of its attributes.
    Fate = 7,
    /// Statistical tests and resampling.
    Resampling = 8,
    /// Candidates who arrive along a timeline, one stream per chunk.
    ArrivingCandidates = 10,
    /// The lookup tables of a population profile: part of the profile, keyed by no scenario.
    Tables = 9,
    /// Replicates of a past round's prediction, keyed by the round's time and type.
    Backtest = 11,
}

/// The stream for a use: the same key gives the same numbers on every machine and thread count.
pub fn stream(seed: u64, purpose: Purpose, replicate: u32, index: u64) -> Stream {
    let mut key = [0u8; 32];
    key[0..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&(purpose as u32).to_le_bytes());
    key[12..16].copy_from_slice(&replicate.to_le_bytes());
    key[16..24].copy_from_slice(&index.to_le_bytes());
    let mut state = [0u8; 32];
    ChaCha8Rng::from_seed(key).fill_bytes(&mut state);
    Stream::from_seed(state)
}

/// Random numbers attached to single candidates: the same candidate gets the same number for the
/// same use, whoever else is in the pool and whatever policy runs (common random numbers).
#[derive(Debug, Clone, Copy)]
pub struct Dice {
    key: [u64; 2],
}

impl Dice {
    /// Dice for one use of one replicate.
    pub fn new(seed: u64, purpose: Purpose, replicate: u32) -> Self {
        let mut stream = stream(seed, purpose, replicate, u64::MAX);
        Dice {
            key: [stream.next_u64(), stream.next_u64() | 1],
        }
    }

    /// Sixty-four random bits for the `turn`-th use of `candidate`.
    #[inline]
    pub fn roll(&self, candidate: u64, turn: u64) -> u64 {
        let a = fold(
            candidate ^ self.key[0],
            turn.wrapping_add(self.key[1]) ^ 0x9E37_79B9_7F4A_7C15,
        );
        fold(
            a ^ self.key[1],
            candidate.rotate_left(32) ^ 0xD6E8_FEB8_6659_FD93,
        )
    }

    /// Four numbers of 32 random bits for the `turn`-th use of `candidate`, for half the price of
    /// as many rolls: uses that share a turn with [`Dice::roll`] share its bits.
    #[inline]
    pub fn quarters(&self, candidate: u64, turn: u64) -> [u32; 4] {
        let a = fold(
            candidate ^ self.key[0],
            turn.wrapping_add(self.key[1]) ^ 0x9E37_79B9_7F4A_7C15,
        );
        let turned = candidate.rotate_left(32);
        let first = fold(a ^ self.key[1], turned ^ 0xD6E8_FEB8_6659_FD93);
        let second = fold(a ^ self.key[0], turned ^ 0xA076_1D64_78BD_642F);
        [
            (first >> 32) as u32,
            first as u32,
            (second >> 32) as u32,
            second as u32,
        ]
    }

    /// The first two of [`Dice::quarters`].
    #[inline]
    pub fn first_quarters(&self, candidate: u64, turn: u64) -> [u32; 2] {
        let first = self.roll(candidate, turn);
        [(first >> 32) as u32, first as u32]
    }

    /// A number in [0, 1) for the `turn`-th use of `candidate`.
    #[inline]
    pub fn unit(&self, candidate: u64, turn: u64) -> f64 {
        self.number(candidate, turn) as f64 * (1.0 / NUMBERS)
    }

    /// As [`Dice::unit`], as one of 2^53 whole numbers.
    #[inline]
    pub fn number(&self, candidate: u64, turn: u64) -> u64 {
        self.roll(candidate, turn) >> 11
    }

    /// How many of the numbers mean less than that share.
    pub fn below(share: f64) -> u64 {
        (share * NUMBERS).ceil() as u64
    }
}

/// How many numbers [`Dice::number`] can give.
const NUMBERS: f64 = (1u64 << 53) as f64;

/// Both halves of a 128-bit product, folded into one word.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::squared;

    #[test]
    fn pinned_streams_do_not_change() {
        let mut stream = stream(254, Purpose::Pool, 0, 0);
        let first: Vec<u64> = (0..3).map(|_| stream.next_u64()).collect();
        let dice = Dice::new(254, Purpose::Answers, 0);
        insta::assert_debug_snapshot!((first, dice.roll(1, 0), dice.roll(2, 0)));
    }

    #[test]
    fn keys_that_differ_in_one_part_give_other_numbers() {
        let base = stream(1, Purpose::Pool, 0, 0).next_u64();
        assert_ne!(base, stream(2, Purpose::Pool, 0, 0).next_u64());
        assert_ne!(base, stream(1, Purpose::Pilot, 0, 0).next_u64());
        assert_ne!(base, stream(1, Purpose::Pool, 1, 0).next_u64());
        assert_ne!(base, stream(1, Purpose::Pool, 0, 1).next_u64());
    }

    /// 100,000 rolls of neighbouring candidates in 64 cells: chi-square below its 1 - 1e-6 point
    /// (63 degrees of freedom, 137.8).
    #[test]
    fn dice_of_neighbouring_candidates_are_uniform() {
        let dice = Dice::new(7, Purpose::Answers, 3);
        for shift in [0, 29, 58] {
            let chi = chi_square(|candidate| (dice.roll(candidate, 0) >> shift) as usize & 63);
            assert!(chi < 137.8, "chi-square {chi} at shift {shift}");
        }
        let quarters = dice.quarters(4711, 5);
        assert_eq!(dice.first_quarters(4711, 5), [quarters[0], quarters[1]]);
        for (one, other) in [(0, 1), (0, 2), (1, 3), (2, 3)] {
            // The highest bits of two quarters together: they are independent, too.
            let chi = chi_square(|candidate| {
                let quarters = dice.quarters(candidate, 0);
                (quarters[one] >> 29 << 3 | quarters[other] >> 29) as usize
            });
            assert!(
                chi < 137.8,
                "chi-square {chi} of quarters {one} and {other}"
            );
        }
    }

    /// Of 100,000 candidates in 64 cells.
    fn chi_square(cell: impl Fn(u64) -> usize) -> f64 {
        let mut cells = [0u32; 64];
        (0..100_000).for_each(|candidate| cells[cell(candidate)] += 1);
        let expected = 100_000.0 / 64.0;
        let terms = cells.iter().map(|&n| squared(f64::from(n) - expected));
        terms.sum::<f64>() / expected
    }
}
