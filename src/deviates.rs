//! Random numbers of the distributions that the model uses: normal, Poisson, chi-squared, drawn by
//! the `rand_distr` package. Where random bits come from lives in `random`, what the numbers mean
//! with whoever draws them.
//!
//! The package takes logarithms and exponentials from the system, whose last digits differ between
//! machines. In a draw they affect only the last digits, which are rounded away. The chance that they
//! change whether a draw is taken, or which way it is rounded, is below one in a billion.

use rand_distr::{ChiSquared, Distribution, Poisson, StandardNormal};

use crate::random::Stream;

/// Draws are whole multiples of one over this.
const PIECES: f64 = (1u64 << 32) as f64;

/// What all machines agree on.
fn rounded(draw: f64) -> f64 {
    (draw * PIECES).round() / PIECES
}

/// A standard normal number.
pub fn normal(stream: &mut Stream) -> f64 {
    rounded(StandardNormal.sample(stream))
}

/// A chi-squared number; the mean for degrees of freedom that there are not.
pub fn chi_squared(freedom: f64, stream: &mut Stream) -> f64 {
    rounded(ChiSquared::new(freedom).map_or(freedom, |law| law.sample(stream)))
}

/// A Poisson number; 0 for a mean that is not positive and finite, or beyond all counts.
pub fn poisson(mean: f64, stream: &mut Stream) -> u64 {
    Poisson::new(mean).map_or(0, |law| law.sample(stream) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    #[test]
    fn draws_are_those_of_the_package_but_for_their_last_digits() {
        let (mut own, mut package) = [0, 0]
            .map(|index| stream(1, Purpose::Resampling, 0, index))
            .into();
        for _ in 0..100_000 {
            let expected: f64 = StandardNormal.sample(&mut package);
            let drawn = normal(&mut own);
            assert!((drawn - expected).abs() <= 0.5 / PIECES);
            assert_eq!((drawn * PIECES).fract(), 0.0);
        }
    }

    #[test]
    fn means_that_there_are_not_give_nothing() {
        let numbers = &mut stream(1, Purpose::Resampling, 0, 0);
        for mean in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(poisson(mean, numbers), 0);
        }
        assert_eq!(chi_squared(0.0, numbers), 0.0);
    }

    #[test]
    fn draws_have_the_same_bits_on_every_machine() {
        let numbers = &mut stream(1, Purpose::Resampling, 0, 0);
        let mut hash = 0u64;
        let mut add = |bits: u64| hash = hash.rotate_left(7).wrapping_mul(31) ^ bits;
        for draw in 0..100_000u32 {
            add(normal(numbers).to_bits());
            add(chi_squared(5.0, numbers).to_bits());
            add(poisson(f64::from(draw % 1_000) + 0.5, numbers));
        }
        assert_eq!(hash, 15_928_137_766_969_728_342);
    }
}
