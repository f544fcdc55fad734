//! Something that comes at a yearly rate: whether it comes within the life of a profile, and after how
//! long, by one number of the dice. To whom it comes is told in [`fate`](super::fate).

use crate::portable::{exp, ln};
use crate::timeline::plan::PROFILE_DAYS;
use crate::units::Instant;

/// The year that rates are told of.
pub(super) const YEAR: u32 = 365 * Instant::DAY;
/// How long a profile lives.
pub(super) const LIFE: u32 = PROFILE_DAYS * Instant::DAY;
/// One more than the largest number of the dice.
pub(super) const ALL: f64 = 4_294_967_296.0;
/// Pieces that the waiting times are cut into by chance, and the highest rate at which they serve:
/// a wait is then off by two minutes at most, by two seconds for one a year.
const PIECES: usize = 2_048;
const FASTEST: f64 = 3.0;
/// Parts of a piece: as many as a product with [`PIECES`] leaves room for.
const FINE: u64 = 1 << 52;

/// Something that comes at a yearly rate: after an exponential wait.
#[derive(Debug, Clone)]
pub(super) struct Hazard {
    per_year: f64,
    /// A number of the dice from here on means more than [`PROFILE_DAYS`] of waiting.
    pub never: u64,
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
    pub fn comes(&self, number: u32) -> bool {
        u64::from(number) < self.never
    }

    /// Whether it happens to anybody within the life of a profile.
    pub fn ever_comes(&self) -> bool {
        self.never > 0
    }

    fn exactly(&self, unit: f64) -> u32 {
        (-ln(1.0 - unit.min(1.0)) / self.per_year * f64::from(YEAR)) as u32
    }

    /// Seconds until it happens, at least one, by a number of the dice for which it comes.
    #[inline]
    pub fn wait(&self, number: u32) -> u32 {
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
