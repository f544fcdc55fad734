//! Lookup tables that turn random bits into attributes: alias tables, decks, dealt language levels.
//! What the attributes are and how likely each is lives in the profile.

use rand::seq::SliceRandom;

use crate::deviates::normal;
use crate::random::Stream;
use crate::rules::candidate::Abilities;

use super::profile::{Bell, Language};

/// Walker's alias method over 32 random bits: one lookup a draw, whatever the number of outcomes.
#[derive(Debug, Clone)]
pub(super) struct Alias<T = u16> {
    slots: Box<[Slot<T>]>,
    shift: u32,
}

#[derive(Debug, Clone, Copy)]
struct Slot<T> {
    /// Bits below it keep the slot's own outcome.
    limit: u32,
    own: T,
    other: T,
}

impl<T: Copy> Alias<T> {
    /// A table over outcomes with positive total weight; at most 2^31 of them.
    pub fn new(outcomes: &[(T, f64)]) -> Self {
        let size = outcomes.len().next_power_of_two().max(2);
        let shift = 32 - size.trailing_zeros();
        let total: f64 = outcomes.iter().map(|outcome| outcome.1).sum();
        let mut scaled: Vec<f64> = outcomes
            .iter()
            .map(|outcome| outcome.1 / total * size as f64)
            .collect();
        scaled.resize(size, 0.0);
        let value = |at: usize| outcomes.get(at).map_or(outcomes[0].0, |outcome| outcome.0);
        let mut slots: Vec<Slot<T>> = (0..size)
            .map(|at| Slot {
                limit: u32::MAX,
                own: value(at),
                other: value(at),
            })
            .collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..size).partition(|&at| scaled[at] < 1.0);
        while let (Some(&low), Some(&high)) = (small.last(), large.last()) {
            small.pop();
            let (first, share) = (
                (low as u64) << shift,
                (scaled[low] * 4_294_967_296.0) as u32,
            );
            let within = u64::from(share).div_ceil(1 << (32 - shift));
            slots[low].limit = (first + within).min(u64::from(u32::MAX)) as u32;
            slots[low].other = value(high);
            scaled[high] -= 1.0 - scaled[low];
            if scaled[high] < 1.0 {
                large.pop();
                small.push(high);
            }
        }
        let fallback = (0..outcomes.len())
            .max_by(|&a, &b| outcomes[a].1.total_cmp(&outcomes[b].1))
            .unwrap_or(0);
        for low in small.into_iter().filter(|&low| low >= outcomes.len()) {
            slots[low].own = value(fallback);
            slots[low].other = value(fallback);
        }
        Alias {
            slots: slots.into(),
            shift,
        }
    }

    /// The outcome for 32 uniform bits.
    #[inline]
    pub fn draw(&self, bits: u32) -> T {
        let slot = &self.slots[(bits >> self.shift) as usize];
        if bits < slot.limit {
            slot.own
        } else {
            slot.other
        }
    }
}

/// A table of a fixed number of entries.
pub(super) fn boxed<T, const N: usize>(entries: impl Iterator<Item = T>) -> Box<[T; N]> {
    let entries: Box<[T]> = entries.collect();
    match entries.try_into() {
        Ok(table) => table,
        Err(entries) => panic!("{} entries where {N} are dealt", entries.len()),
    }
}

/// Uniform numbers in (0, 1), one in each of `count` equal parts, in random order: shares dealt
/// with them are exact to one part, and independent of other decks.
#[derive(Debug)]
pub(super) struct Deck {
    parts: Vec<u16>,
}

impl Deck {
    pub fn new(count: usize, stream: &mut Stream) -> Self {
        let mut parts: Vec<u16> = (0..).take(count).collect();
        parts.shuffle(stream);
        Deck { parts }
    }

    /// The number of a part.
    fn number(&self, part: u16) -> f64 {
        (f64::from(part) + 0.5) / self.parts.len() as f64
    }

    /// Whether card `at` falls within a share.
    pub fn within(&self, at: usize, share: f64) -> bool {
        self.number(self.parts[at]) < share
    }

    /// The place of each card among weights.
    pub fn among(&self, weights: &[f64]) -> Vec<u8> {
        let total: f64 = weights.iter().sum();
        let last = weights.iter().rposition(|&weight| weight > 0.0);
        let last = last.unwrap_or(0);
        let (mut place, mut before) = (0, weights[0]);
        let by_part: Vec<u8> = (0..self.parts.len() as u16)
            .map(|part| {
                let wanted = self.number(part) * total;
                while place < last && wanted >= before {
                    place += 1;
                    before += weights[place];
                }
                place as u8
            })
            .collect();
        let of = |&part: &u16| by_part[usize::from(part)];
        self.parts.iter().map(of).collect()
    }
}

/// Most redraws of a truncated normal before the nearer limit is taken.
const REDRAWS: usize = 64;

/// Whole numbers from a normal distribution cut to its limits.
pub(super) fn bell(shape: &Bell, stream: &mut Stream) -> u8 {
    for _ in 0..REDRAWS {
        let drawn = (shape.mean + shape.sd * normal(stream)).floor();
        if drawn >= f64::from(shape.low) && drawn <= f64::from(shape.high) {
            return drawn as u8;
        }
    }
    shape
        .mean
        .clamp(f64::from(shape.low), f64::from(shape.high)) as u8
}

/// The whole number nearest to one from 0 to 255, halves upwards: what `round` gives, which
/// processors without an instruction for it take long for.
fn nearest(number: f64) -> u8 {
    let below = number as u8;
    below + u8::from(number - f64::from(below) >= 0.5)
}

/// Equally likely packed results of one language: a level common to the four abilities
/// plus each ability's own deviation, rounded and cut to the limits; zeros for those with no test.
pub(super) fn language<const N: usize>(shape: &Language, stream: &mut Stream) -> Box<[u16; N]> {
    let tested = Deck::new(N, stream);
    let mut results = Box::new([0; N]);
    for (at, result) in results.iter_mut().enumerate() {
        if !tested.within(at, shape.tested) {
            continue;
        }
        let centre = shape.mean + shape.spread * normal(stream);
        let mut level = |shift: f64| {
            let drawn = centre + shift + shape.ability_spread * normal(stream);
            nearest(drawn.clamp(f64::from(shape.low), f64::from(shape.high)))
        };
        let [reading, writing, listening, speaking] = shape.abilities;
        *result = Abilities {
            reading: level(reading),
            writing: level(writing),
            listening: level(listening),
            speaking: level(speaking),
        }
        .pack();
    }
    results
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::portable::squared;
    use crate::random::{Purpose, stream};

    /// 400,000 draws over five outcomes: chi-square below its 1 - 1e-6 point (4 degrees of
    /// freedom, 33.4); an outcome of weight 0 never appears.
    #[test]
    fn an_alias_table_keeps_the_weights() {
        let weights = [5.0, 0.0, 1.0, 0.25, 93.75];
        let outcomes: Vec<(u16, f64)> = weights
            .iter()
            .enumerate()
            .map(|(at, &weight)| (at as u16 + 10, weight))
            .collect();
        let alias = Alias::new(&outcomes);
        let mut numbers = stream(1, Purpose::Resampling, 0, 0);
        let mut seen = [0u32; 5];
        for _ in 0..400_000 {
            seen[usize::from(alias.draw(numbers.next_u32())) - 10] += 1;
        }
        assert_eq!(seen[1], 0);
        let chi: f64 = [0, 2, 3, 4]
            .iter()
            .map(|&at| {
                let expected = weights[at] * 4_000.0;
                squared(f64::from(seen[at]) - expected) / expected
            })
            .sum();
        assert!(chi < 33.4, "chi-square {chi}");
    }

    #[test]
    fn the_nearest_whole_number_is_that_of_round() {
        for number in [0.0, 0.49999999999999994, 0.5, 1.5, 2.4999, 2.5, 9.51, 254.5] {
            assert_eq!(f64::from(nearest(number)), number.round(), "{number}");
        }
    }

    #[test]
    fn a_single_outcome_is_always_drawn() {
        let alias = Alias::new(&[(7u16, 0.3)]);
        assert_eq!(alias.draw(0), 7);
        assert_eq!(alias.draw(u32::MAX), 7);
    }

    #[test]
    fn a_deck_deals_a_share_exactly() {
        let deck = Deck::new(1_000, &mut stream(2, Purpose::Resampling, 0, 0));
        let dealt = (0..1_000).filter(|&at| deck.within(at, 0.25)).count();
        assert_eq!(dealt, 250);
        let among = deck.among(&[1.0, 2.0, 1.0, 0.0]);
        let dealt = |place: u8| among.iter().filter(|&&at| at == place).count();
        assert_eq!([0, 1, 2, 3].map(dealt), [250, 500, 250, 0]);
    }
}
