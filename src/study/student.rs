//! The quantile of Student's t that 95% intervals of a mean are made with.
//! Means and their standard errors live in `tally`.

use std::f64::consts::PI;

use crate::portable::{exp, ln_one_plus, squared};

/// Probability between 0 and the 97.5% point.
const ABOVE_ZERO: f64 = 0.475;
/// Degrees of freedom from which on a series in their inverse serves, for the density at 0.
const MANY: f64 = 100.0;

/// The 97.5% point of Student's t with so many degrees of freedom (1 or more).
pub fn t_975(freedom: f64) -> f64 {
    let centre = density_at_zero(freedom);
    // The distribution function bends down: Newton's steps from 0 never go too far.
    let mut t = 0.0;
    loop {
        let density = centre * exp(-(freedom + 1.0) / 2.0 * ln_one_plus(squared(t) / freedom));
        let step = (ABOVE_ZERO - density * t * series(t, freedom)) / density;
        t += step;
        if step <= 1e-13 * t {
            return t;
        }
    }
}

/// The probability from 0 to `t` as a multiple of `t` times the density there.
fn series(t: f64, freedom: f64) -> f64 {
    let x = squared(t) / (freedom + squared(t));
    let (mut sum, mut term, mut k) = (0.0, 1.0, 0.0);
    while term > 1e-17 * sum {
        sum += term;
        term *= x * (freedom + 1.0 + 2.0 * k) / (3.0 + 2.0 * k);
        k += 1.0;
    }
    sum
}

/// Γ(n/2 + 1/2) / Γ(n/2) / √(πn): the recurrence of the gamma function leads to many degrees of
/// freedom, where the ratio is √(n/2) times a series.
fn density_at_zero(freedom: f64) -> f64 {
    let (mut half, mut factor) = (freedom / 2.0, 1.0);
    while 2.0 * half < MANY {
        factor *= half / (half + 0.5);
        half += 1.0;
    }
    let small = 1.0 / (8.0 * half);
    let ratio = half.sqrt()
        * (1.0 - small + small * small * (0.5 + small * (2.5 - small * (2.625 + small * 49.875))));
    factor * ratio / (PI * freedom).sqrt()
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, StudentsT};

    use super::*;

    #[test]
    fn the_points_are_those_of_published_tables() {
        for (freedom, point) in [
            (1.0, 12.706_204_736_174_7),
            (2.0, 4.302_652_729_749_46),
            (3.0, 3.182_446_305_283_71),
            (10.0, 2.228_138_851_986_27),
            (30.0, 2.042_272_456_301_24),
            (120.0, 1.979_930_405_082_44),
        ] {
            assert!((t_975(freedom) - point).abs() < 1e-12 * point, "{freedom}");
        }
        // Normal, in the end.
        assert!((t_975(1e12) - 1.959_963_984_540_05).abs() < 1e-11);
    }

    #[test]
    fn the_points_are_those_of_statrs() {
        for freedom in (1..400).chain([999, 9_999]).map(f64::from) {
            let known = StudentsT::new(0.0, 1.0, freedom)
                .unwrap()
                .inverse_cdf(0.975);
            assert!((t_975(freedom) - known).abs() < 1e-8 * known, "{freedom}");
        }
    }
}
