//! Two uncertain numbers about a group and how one round's outcome sharpens them: a scalar
//! extended Kalman step. What the numbers mean is `group`'s.

use super::assumptions::SURPRISE_BOUND;

/// Mean and covariance of two numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct State {
    /// Means.
    pub mean: [f64; 2],
    /// Covariance.
    pub covariance: [[f64; 2]; 2],
}

/// How an outcome compares with what a state expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Outcome less expectation.
    pub error: f64,
    /// Change of the expectation with each number.
    slope: [f64; 2],
    /// Variance of the expectation.
    pub variance: f64,
}

impl State {
    /// Two independent numbers.
    pub fn independent(mean: [f64; 2], sd: [f64; 2]) -> Self {
        State {
            mean,
            covariance: [[sd[0] * sd[0], 0.0], [0.0, sd[1] * sd[1]]],
        }
    }

    /// Makes both numbers less certain.
    pub fn widened(mut self, variance: [f64; 2]) -> Self {
        self.covariance[0][0] += variance[0];
        self.covariance[1][1] += variance[1];
        self
    }

    /// Compares an outcome with what `expect` makes of the numbers.
    pub fn compare(&self, outcome: f64, expect: impl Fn([f64; 2]) -> f64) -> Comparison {
        const STEP: f64 = 0.02;
        let [a, b] = self.mean;
        let here = expect([a, b]);
        let slope = [
            (expect([a + STEP, b]) - here) / STEP,
            (expect([a, b + STEP]) - here) / STEP,
        ];
        let spread = self.spread(slope);
        Comparison {
            error: outcome - here,
            slope,
            variance: slope[0] * spread[0] + slope[1] * spread[1],
        }
    }

    /// The state after an outcome with noise of standard deviation `noise`, and the outcome's
    /// standardised surprise. A surprise moves the means only up to [`SURPRISE_BOUND`].
    pub fn learn(&self, seen: &Comparison, noise: f64) -> (Self, f64) {
        let variance = seen.variance + noise * noise;
        let sd = variance.sqrt();
        let moved = seen.error.clamp(-SURPRISE_BOUND * sd, SURPRISE_BOUND * sd);
        let spread = self.spread(seen.slope);
        let gain = [spread[0] / variance, spread[1] / variance];
        let mut next = *self;
        for row in 0..2 {
            next.mean[row] += gain[row] * moved;
            for column in 0..2 {
                next.covariance[row][column] -= gain[row] * gain[column] * variance;
            }
        }
        (next, seen.error / sd)
    }

    /// The numbers `deviates` standard deviations away from the means (lower triangular root).
    pub fn at(&self, deviates: [f64; 2]) -> [f64; 2] {
        let [[first, shared], [_, second]] = self.covariance;
        let root = first.max(f64::MIN_POSITIVE).sqrt();
        let lean = shared / root;
        let rest = (second - lean * lean).max(0.0).sqrt();
        [
            self.mean[0] + root * deviates[0],
            self.mean[1] + lean * deviates[0] + rest * deviates[1],
        ]
    }

    fn spread(&self, slope: [f64; 2]) -> [f64; 2] {
        self.covariance
            .map(|row| row[0] * slope[0] + row[1] * slope[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(outcome: f64, noise: f64) -> (State, f64) {
        let state = State::independent([1.0, 2.0], [0.5, 1.0]);
        state.learn(&state.compare(outcome, |[a, b]| 3.0 * a + b), noise)
    }

    #[test]
    fn a_linear_outcome_gives_the_exact_posterior() {
        // Expectation 5, variance 9 x 0.25 + 1 = 3.25, noise variance 0.75: gain (0.1875, 0.25).
        let (state, surprise) = learned(7.0, 0.75f64.sqrt());
        assert!((surprise - 1.0).abs() < 1e-9);
        assert!((state.mean[0] - 1.375).abs() < 1e-9 && (state.mean[1] - 2.5).abs() < 1e-9);
        assert!((state.covariance[0][0] - (0.25 - 0.1875 * 0.1875 * 4.0)).abs() < 1e-9);
        assert!((state.covariance[0][1] + 0.1875).abs() < 1e-9);
        assert_eq!(state.covariance[0][1], state.covariance[1][0]);
    }

    #[test]
    fn a_surprise_moves_the_state_no_further_than_its_bound() {
        let (far, surprise) = learned(1_000.0, 1.0);
        let (farther, _) = learned(2_000.0, 1.0);
        assert!(surprise > SURPRISE_BOUND);
        assert_eq!(far, farther);
    }

    #[test]
    fn deviates_are_spread_as_the_covariance_says() {
        let state = State {
            mean: [0.0; 2],
            covariance: [[4.0, 2.0], [2.0, 5.0]],
        };
        assert_eq!(state.at([1.0, 0.0]), [2.0, 1.0]);
        assert_eq!(state.at([0.0, 1.0]), [0.0, 2.0]);
    }
}
