//! Logarithms, exponentials and powers that give the same bits on every machine.
//! Sampling lives in `deviates`; additions, products and square roots need nothing of this.
//!
//! What the standard library calls `ln`, `exp` or `powf` is the system's and rounds the last digit as
//! that system, and that processor, does; `powi` is left open altogether. These functions are written
//! in Rust and made of operations that IEEE 754 rounds in one way only. `clippy.toml` refuses the
//! others in this package.

pub use libm::{exp, expm1 as exp_minus_one, log as ln, log1p as ln_one_plus, log10, pow};

/// A number times itself.
#[inline]
#[must_use]
pub fn squared(x: f64) -> f64 {
    x * x
}

/// The greatest power of two up to a number of 0 or more, as far as numbers are normal; 0 below.
#[must_use]
pub fn power_of_two_up_to(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & f64::INFINITY.to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Within two units in the last place of the published digits, wherever this runs.
    #[test]
    fn values_are_right() {
        let close = |value: f64, known: f64| {
            assert!((value - known).abs() <= 2.0 * f64::EPSILON * known.abs());
        };
        close(exp(1.0), std::f64::consts::E);
        close(exp(-40.0), 4.248_354_255_291_589e-18);
        close(exp_minus_one(1e-9), 1.000_000_000_5e-9);
        close(ln(2.0), std::f64::consts::LN_2);
        close(ln_one_plus(1e-9), 9.999_999_995e-10);
        close(log10(2.0), std::f64::consts::LOG10_2);
        close(pow(2.0, 0.5), std::f64::consts::SQRT_2);
        for power in -9..=9 {
            let exactly: f64 = format!("1e{power}").parse().unwrap();
            close(pow(10.0, f64::from(power)), exactly);
            assert_eq!(log10(exactly).floor(), f64::from(power));
        }
    }

    /// A hundred thousand values of each, their bits hashed together: pinned, so that every machine
    /// that runs this test has the same ones.
    #[test]
    fn values_have_the_same_bits_on_every_machine() {
        use rand::RngExt;

        use crate::random::{Purpose, stream};

        let hash = |value: &dyn Fn(f64, f64) -> f64| {
            let mut numbers = stream(5, Purpose::Resampling, 0, 0);
            (0..100_000).fold(0xCBF2_9CE4_8422_2325_u64, |hash, _| {
                let (x, y) = (numbers.random::<f64>(), numbers.random::<f64>());
                (hash ^ value(40.0 * x, y - 0.5).to_bits()).wrapping_mul(0x100_0000_01B3)
            })
        };
        let hashes = [
            ("exp", hash(&|x, y| exp(x * y))),
            ("exp_minus_one", hash(&|x, y| exp_minus_one(x * y))),
            ("ln", hash(&|x, _| ln(x))),
            ("ln_one_plus", hash(&|x, _| ln_one_plus(x))),
            ("log10", hash(&|x, _| log10(x))),
            ("pow", hash(&|x, y| pow(x, y))),
        ];
        insta::assert_debug_snapshot!(hashes);
    }

    #[test]
    fn powers_of_two_are_found() {
        for (number, power) in [(1.0, 1.0), (1.99, 1.0), (0.3, 0.25), (1_025.0, 1_024.0)] {
            assert_eq!(power_of_two_up_to(number), power);
        }
        assert_eq!(power_of_two_up_to(0.0), 0.0);
        assert_eq!(power_of_two_up_to(f64::INFINITY), f64::INFINITY);
    }
}
