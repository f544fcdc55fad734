//! PNP rounds: the cut-off as a line in the log of the size, by ridge regression that forgets.
//! The pool is of no use to it: which nominees arrive between rounds is not published.

use super::assumptions::{
    NOMINEE_HALF_LIFE, NOMINEE_PRIOR, NOMINEE_ROUND, NOMINEE_SCORE, NOMINEE_SD, NOMINEE_SD_WEIGHT,
};
use crate::portable::{ln, pow};

/// What past PNP rounds say: cut-off = usual score + a + b ln(size / usual size).
#[derive(Debug, Clone, PartialEq)]
pub struct Nominees {
    /// Weighted sum of products of the two regressors, prior included.
    products: [[f64; 2]; 2],
    /// Weighted sum of regressors times departures from the usual score.
    departures: [f64; 2],
    /// Weighted sum of squared errors, each divided by how much wider than the noise it was.
    squares: f64,
    /// Weight of that sum.
    weight: f64,
}

/// A normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Normal {
    /// Mean, points.
    pub mean: f64,
    /// Variance of one round, points squared.
    pub variance: f64,
}

/// Cut-off scores by size: a line in the logarithm of the size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// A usual number of invitations.
    pub size: f64,
    /// The cut-off score expected of it.
    pub cutoff: f64,
    /// Points more for a round e times as large.
    pub slope: f64,
}

impl Default for Nominees {
    fn default() -> Self {
        let [level, slope] = NOMINEE_PRIOR;
        Nominees {
            products: [[level, 0.0], [0.0, slope]],
            departures: [0.0; 2],
            squares: NOMINEE_SD_WEIGHT * NOMINEE_SD * NOMINEE_SD,
            weight: NOMINEE_SD_WEIGHT,
        }
    }
}

impl Nominees {
    /// The line itself.
    pub fn line(&self) -> Line {
        let [level, slope] = solve(self.products, self.departures);
        Line {
            size: NOMINEE_ROUND,
            cutoff: NOMINEE_SCORE + level,
            slope,
        }
    }

    /// The cut-off expected of a round of that size.
    pub fn expect(&self, invitations: f64) -> Normal {
        let inputs = inputs(invitations);
        let line = solve(self.products, self.departures);
        let width = solve(self.products, inputs);
        Normal {
            mean: NOMINEE_SCORE + dot(line, inputs),
            variance: self.noise() * (1.0 + dot(width, inputs)),
        }
    }

    /// Learns a round's cut-off; older rounds count less.
    pub fn learn(&mut self, invitations: f64, cutoff: f64) {
        let expected = self.expect(invitations);
        let inputs = inputs(invitations);
        let kept = pow(0.5, 1.0 / NOMINEE_HALF_LIFE);
        let error = cutoff - expected.mean;
        self.squares = kept * self.squares + error * error * self.noise() / expected.variance;
        self.weight = kept * self.weight + 1.0;
        for row in 0..2 {
            for column in 0..2 {
                let prior = if row == column {
                    NOMINEE_PRIOR[row]
                } else {
                    0.0
                };
                self.products[row][column] = kept * self.products[row][column]
                    + (1.0 - kept) * prior
                    + inputs[row] * inputs[column];
            }
            self.departures[row] =
                kept * self.departures[row] + inputs[row] * (cutoff - NOMINEE_SCORE);
        }
    }

    fn noise(&self) -> f64 {
        self.squares / self.weight
    }
}

fn inputs(invitations: f64) -> [f64; 2] {
    [1.0, ln(invitations / NOMINEE_ROUND)]
}

fn dot(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[0] + a[1] * b[1]
}

/// Solves a symmetric positive definite system of two equations.
fn solve([[a, b], [c, d]]: [[f64; 2]; 2], [x, y]: [f64; 2]) -> [f64; 2] {
    let determinant = a * d - b * c;
    [(d * x - b * y) / determinant, (a * y - c * x) / determinant]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn before_any_round_the_usual_score_is_expected_with_the_prior_width() {
        let expected = Nominees::default().expect(NOMINEE_ROUND);
        assert_eq!(expected.mean, NOMINEE_SCORE);
        assert!((expected.variance - NOMINEE_SD * NOMINEE_SD * 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_line_is_learned_and_uncertainty_falls() {
        let mut nominees = Nominees::default();
        for round in 0..200 {
            let size = 150.0 * f64::from(1 + round % 7);
            nominees.learn(size, 760.0 - 30.0 * ln(size / NOMINEE_ROUND));
        }
        let line = nominees.line();
        assert_eq!(line.cutoff, nominees.expect(line.size).mean);
        // The prior draws it a little towards none.
        assert!((-30.0..-27.0).contains(&line.slope), "{line:?}");
        let expected = nominees.expect(300.0);
        assert!(
            (expected.mean - (760.0 + 30.0 * ln(2.0))).abs() < 1.5,
            "{expected:?}"
        );
        assert!(expected.variance < 100.0, "{expected:?}");
    }
}
