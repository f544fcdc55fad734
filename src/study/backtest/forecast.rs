//! What is predicted of one round, ready for replicates: it holds all it needs, so replicates of
//! all rounds can be drawn at once. How beliefs come about is `filter`'s.

use super::announcement::Announcement;
use super::assumptions::{
    COUNT_NOISE, DRAWN_SCALE_BOUND, HIGHEST, NOMINEE_LOWEST, SPREAD_FACTOR, SPREAD_FREEDOM,
};
use super::group::Ranked;
use super::nominees::Normal;
use super::state::State;
use crate::deviates;
use crate::portable::exp;
use crate::random::{Purpose, Stream, stream};

/// A prediction before replicates are drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Forecast {
    /// A PNP round.
    Nominees(Normal),
    /// Any other round.
    Ranked {
        /// The people ranked.
        ranked: Box<Ranked>,
        /// The two uncertain numbers about them.
        state: State,
        /// Factor on all uncertainty, learned from past errors.
        widen: f64,
        /// Invitations.
        invitations: f64,
    },
}

impl Forecast {
    /// Cut-offs in `count` possible worlds, in ascending order.
    pub fn replicates(&self, count: u32, stream: &mut Stream) -> Vec<f64> {
        let mut cutoffs: Vec<f64> = (0..count).map(|_| self.replicate(stream)).collect();
        cutoffs.sort_by(f64::total_cmp);
        cutoffs
    }

    fn replicate(&self, stream: &mut Stream) -> f64 {
        let mut normal = || deviates::normal(stream);
        match self {
            Forecast::Nominees(expected) => {
                let cutoff = expected.mean + expected.variance.sqrt() * normal();
                cutoff.round().clamp(NOMINEE_LOWEST, HIGHEST)
            }
            Forecast::Ranked {
                ranked,
                state,
                widen,
                invitations,
            } => {
                let deviates = [normal(), normal(), normal()];
                let widen = widen * spread(stream);
                let mut numbers = state.at([widen * deviates[0], widen * deviates[1]]);
                if matches!(**ranked, Ranked::Whole { .. }) {
                    numbers[1] = numbers[1].clamp(-DRAWN_SCALE_BOUND, DRAWN_SCALE_BOUND);
                }
                let noise = COUNT_NOISE * widen * deviates[2];
                ranked.members(numbers).cutoff(invitations * exp(noise)) as f64
            }
        }
    }
}

/// The common factor on a replicate's normal deviates that makes them Student's.
fn spread(stream: &mut Stream) -> f64 {
    let squares = deviates::chi_squared(SPREAD_FREEDOM, stream);
    SPREAD_FACTOR * (SPREAD_FREEDOM / squares.max(f64::MIN_POSITIVE)).sqrt()
}

/// The stream of a round's replicates: its own time, type and version name it, so no other round
/// changes its numbers.
pub fn stream_of(seed: u64, round: &Announcement<'_>) -> Stream {
    let version = round.version.unwrap_or("");
    let name = round.type_name.bytes().chain([0]).chain(version.bytes());
    let index = u64::from(round.at.seconds()) << 32 | u64::from(fnv(name));
    stream(seed, Purpose::Backtest, 0, index)
}

/// The 32-bit FNV-1a hash: a short, stable name for a text.
fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    bytes.fold(0x811C_9DC5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nominee_replicates_have_the_mean_and_spread_expected_within_possible_scores() {
        let forecast = Forecast::Nominees(Normal {
            mean: 740.0,
            variance: 900.0,
        });
        let mut stream = stream(1, Purpose::Backtest, 0, 0);
        let drawn = forecast.replicates(10_000, &mut stream);
        let mean = drawn.iter().sum::<f64>() / 1e4;
        // Five standard errors.
        assert!((mean - 740.0).abs() < 1.5, "{mean}");
        assert!(drawn.is_sorted() && drawn[0] >= NOMINEE_LOWEST);
        let low = Forecast::Nominees(Normal {
            mean: 0.0,
            variance: 1.0,
        });
        assert_eq!(low.replicates(3, &mut stream), [NOMINEE_LOWEST; 3]);
    }

    #[test]
    fn the_hash_is_the_published_one() {
        assert_eq!(fnv("a".bytes()), 0xE40C_292C);
    }
}
