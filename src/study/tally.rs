//! Values of one metric over replicates: mean, spread and quantiles in memory that does not grow
//! with the number of replicates. What the metrics are lives elsewhere.
//!
//! Values are counted in order of size, exactly as long as there are few distinct ones (every score
//! may be one). Where there are more, as with means and shares over many replicates, they are
//! rounded to a grid of about a thousandth of their range for quantiles; mean and spread then come
//! from sums of the values as they are.

use std::collections::BTreeMap;

use crate::portable::{power_of_two_up_to, squared};

/// Most distinct values that are kept: more than there are scores.
const MOST_VALUES: usize = 1_500;

/// A counted collection of numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    counts: BTreeMap<Ordered, u64>,
    total: u64,
    /// There once values are rounded, with the sums of what they were.
    coarse: Option<Coarse>,
}

/// What is known of values of which too many are distinct to count each.
#[derive(Debug, Clone, PartialEq)]
struct Coarse {
    /// What values are counted as multiples of.
    grid: f64,
    /// Sum of the values.
    sum: Sum,
    /// The mean of those that could be counted each: deviations from it are small, so that their
    /// squares lose nothing.
    centre: f64,
    /// Sum of the squared deviations from `centre`.
    squares: Sum,
}

impl Coarse {
    fn add(&mut self, value: f64, times: u64) {
        let times = times as f64;
        self.sum.add(value * times);
        self.squares.add(squared(value - self.centre) * times);
    }
}

/// A sum that keeps what each addition rounds away (Neumaier's).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sum {
    rounded: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let rounded = self.rounded + value;
        self.lost += if self.rounded.abs() < value.abs() {
            (value - rounded) + self.rounded
        } else {
            (self.rounded - rounded) + value
        };
        self.rounded = rounded;
    }

    fn total(&self) -> f64 {
        self.rounded + self.lost
    }
}

/// A number that is not NaN, ordered by size.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ordered(f64);

impl Eq for Ordered {}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl Ordered {
    /// Adding zero makes -0 and 0 one value.
    fn of(value: f64) -> Self {
        Ordered(value + 0.0)
    }
}

fn on_grid(value: f64, grid: f64) -> f64 {
    (value / grid).round() * grid
}

impl Tally {
    /// Counts a value; a NaN (nothing to measure in that replicate) is left out.
    pub fn add(&mut self, value: f64) {
        self.add_times(value, 1);
    }

    /// Counts a value so many times.
    pub fn add_times(&mut self, value: f64, times: u64) {
        if value.is_nan() || times == 0 {
            return;
        }
        let mut counted = value;
        if let Some(coarse) = &mut self.coarse {
            coarse.add(value, times);
            counted = on_grid(value, coarse.grid);
        }
        *self.counts.entry(Ordered::of(counted)).or_default() += times;
        self.total += times;
        if self.counts.len() > MOST_VALUES {
            self.coarsen();
        }
    }

    /// Rounds all values to a grid, a power of two, so that half of the room is free again.
    fn coarsen(&mut self) {
        const LEFT: usize = MOST_VALUES / 2;
        let (Some((low, _)), Some((high, _))) =
            (self.counts.first_key_value(), self.counts.last_key_value())
        else {
            return;
        };
        let finest = power_of_two_up_to((high.0 - low.0) / LEFT as f64).max(f64::MIN_POSITIVE);
        if !finest.is_finite() {
            return;
        }
        let mut coarse = self.coarse.take().unwrap_or_else(|| self.summed());
        let mut next = finest.max(coarse.grid);
        while self.counts.len() > LEFT && next.is_finite() {
            coarse.grid = next;
            for (value, count) in std::mem::take(&mut self.counts) {
                let value = Ordered::of(on_grid(value.0, next));
                *self.counts.entry(value).or_default() += count;
            }
            next *= 2.0;
        }
        self.coarse = Some(coarse);
    }

    /// The sums of values that are all counted as they are.
    fn summed(&self) -> Coarse {
        let mut coarse = Coarse {
            grid: 0.0,
            sum: Sum::default(),
            centre: self.mean().unwrap_or_default(),
            squares: Sum::default(),
        };
        for (value, &count) in &self.counts {
            coarse.add(value.0, count);
        }
        coarse
    }

    /// Number of values.
    pub fn len(&self) -> u64 {
        self.total
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// The mean; none without values.
    pub fn mean(&self) -> Option<f64> {
        let sum = match &self.coarse {
            Some(coarse) => coarse.sum.total(),
            None => self.weighted(|value| value),
        };
        (self.total > 0).then(|| sum / self.total as f64)
    }

    /// The sample standard deviation; none for fewer than two values.
    pub fn sd(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares = match &self.coarse {
            Some(coarse) => {
                let aside = squared(mean - coarse.centre) * self.total as f64;
                (coarse.squares.total() - aside).max(0.0)
            }
            None => self.weighted(|value| squared(value - mean)),
        };
        (self.total > 1).then(|| (squares / (self.total - 1) as f64).sqrt())
    }

    /// The sum of a figure of each value as it is counted, in order of size.
    fn weighted(&self, figure: impl Fn(f64) -> f64) -> f64 {
        let each = self.counts.iter();
        each.map(|(value, &count)| figure(value.0) * count as f64)
            .sum()
    }

    /// The standard error of the mean; none for fewer than two values.
    pub fn se(&self) -> Option<f64> {
        self.sd().map(|sd| sd / (self.total as f64).sqrt())
    }

    /// The quantile at `p` in [0, 1], interpolated between neighbours (type 7, as numpy and R do
    /// by default); none without values.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let last = self.total.checked_sub(1)?;
        let place = p.clamp(0.0, 1.0) * last as f64;
        let (low, high) = (
            self.nth(place.floor() as u64)?,
            self.nth(place.ceil() as u64)?,
        );
        Some(low + (high - low) * place.fract())
    }

    /// How many values lie in each of so many equal parts from the lowest to the highest; a single
    /// part where all are the same, none without values.
    pub fn histogram(&self, parts: usize) -> Vec<u64> {
        let ends = self
            .counts
            .first_key_value()
            .zip(self.counts.last_key_value());
        let Some(((low, _), (high, _))) = ends.filter(|_| parts > 0) else {
            return Vec::new();
        };
        let width = high.0 - low.0;
        if width <= 0.0 {
            return vec![self.total];
        }
        let mut counted = vec![0; parts];
        for (value, count) in &self.counts {
            let place = ((value.0 - low.0) / width * parts as f64) as usize;
            counted[place.min(parts - 1)] += count;
        }
        counted
    }

    /// Those of the values that are less than `bound`; of values that were rounded, those that were less
    /// for certain.
    pub fn below(&self, bound: f64) -> Tally {
        let rounding = self.coarse.as_ref().map_or(0.0, |coarse| coarse.grid / 2.0);
        let mut below = Tally::default();
        let lower = (self.counts.iter()).take_while(|(value, _)| value.0 < bound - rounding);
        lower.for_each(|(value, &count)| below.add_times(value.0, count));
        below
    }

    fn nth(&self, index: u64) -> Option<f64> {
        let mut below = 0;
        self.counts.iter().find_map(|(value, &count)| {
            below += count;
            (below > index).then_some(value.0)
        })
    }
}

impl FromIterator<f64> for Tally {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut tally = Tally::default();
        values.into_iter().for_each(|value| tally.add(value));
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_agree_with_hand_calculation() {
        let tally: Tally = [2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]
            .into_iter()
            .collect();
        assert_eq!(tally.mean(), Some(5.0));
        assert!((tally.sd().unwrap() - (32.0f64 / 7.0).sqrt()).abs() < 1e-12);
        assert_eq!(tally.quantile(0.5), Some(4.5));
        assert_eq!(tally.quantile(0.25), Some(4.0));
        assert!((tally.quantile(0.95).unwrap() - 8.3).abs() < 1e-12);
        assert_eq!(tally.quantile(1.0), Some(9.0));
    }

    #[test]
    fn nothing_measured_gives_nothing() {
        let tally: Tally = [f64::NAN].into_iter().collect();
        assert!(tally.is_empty());
        assert_eq!(
            (tally.mean(), tally.se(), tally.quantile(0.5)),
            (None, None, None)
        );
        let one: Tally = [3.0].into_iter().collect();
        assert_eq!(
            (one.mean(), one.sd(), one.quantile(0.05)),
            (Some(3.0), None, Some(3.0))
        );
    }

    /// 200,000 numbers spread evenly from 500 to 520: mean 510, quantile p at 500 + 20 p.
    #[test]
    fn memory_does_not_grow_with_the_number_of_values_and_figures_stay_right() {
        let value = |number: u32| 500.0 + 20.0 * (f64::from(number) * 0.618_033_988_75).fract();
        let tally: Tally = (0..200_000).map(value).collect();
        assert!(tally.counts.len() <= MOST_VALUES && tally.coarse.is_some());
        assert_eq!(tally.len(), 200_000);
        assert!((tally.mean().unwrap() - 510.0).abs() < 0.001);
        assert!((tally.sd().unwrap() - 20.0 / 12f64.sqrt()).abs() < 0.001);
        for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
            assert!((tally.quantile(p).unwrap() - (500.0 + 20.0 * p)).abs() < 0.05);
        }
        let scores: Tally = (0..100_000)
            .map(|number| f64::from(number % 1_201))
            .collect();
        assert_eq!((scores.counts.len(), scores.coarse), (1_201, None));
    }

    /// The shares of some and the counts of others, thousands of them, a few far from the rest.
    #[test]
    fn thousands_of_distinct_values_have_their_plain_mean_and_spread() {
        let part = |number: u32, step: f64| (f64::from(number) * step).fract();
        let share = |number| 0.31 + 1e-4 * part(number, 0.618_033_988_75);
        let count = |number| 250_000.0 + 900.0 * part(number, std::f64::consts::SQRT_2);
        let skewed = |number| 1.0 / (0.000_1 + part(number, std::f64::consts::E));
        for value in [&share as &dyn Fn(u32) -> f64, &count, &skewed] {
            let mut values: Vec<f64> = (0..20_000).map(value).collect();
            let tally: Tally = values.iter().copied().collect();
            assert!(tally.coarse.is_some());
            let number = values.len() as f64;
            let mean = values.iter().sum::<f64>() / number;
            let squares: f64 = values.iter().map(|value| squared(value - mean)).sum();
            let sd = (squares / (number - 1.0)).sqrt();
            let close = |found: f64, plain: f64| (found - plain).abs() < 1e-11 * plain;
            assert!(close(tally.mean().unwrap(), mean));
            assert!(close(tally.sd().unwrap(), sd));
            assert!(close(tally.se().unwrap(), sd / number.sqrt()));
            values.sort_by(f64::total_cmp);
            let most = (values[values.len() - 1] - values[0]) / 300.0;
            for p in [0.05, 0.25, 0.5, 0.75, 0.95] {
                let place = p * (number - 1.0);
                let (low, high) = (values[place as usize], values[place as usize + 1]);
                let plain = low + (high - low) * place.fract();
                assert!((tally.quantile(p).unwrap() - plain).abs() < most);
            }
        }
    }

    #[test]
    fn values_next_to_zero_can_be_too_many_as_well() {
        let tally: Tally = (0..5_000).map(f64::from_bits).collect();
        assert!(tally.counts.len() <= MOST_VALUES);
    }

    #[test]
    fn values_below_a_bound_are_those_and_none_that_was_only_rounded_below() {
        let tally: Tally = [3.0, 5.0, 4.0, 3.0, 7.0].into_iter().collect();
        let below = tally.below(5.0);
        assert_eq!((below.len(), below.mean()), (3, Some(10.0 / 3.0)));
        assert!(tally.below(3.0).is_empty());
        let full = std::iter::repeat_n(9_999.0, 5_000);
        let many: Tally = (0..5_000).map(f64::from).chain(full).collect();
        assert!(many.coarse.is_some());
        assert_eq!(many.below(9_999.0).len(), 5_000);
    }

    #[test]
    fn a_histogram_counts_every_value_once() {
        let tally: Tally = [1.0, 1.0, 2.0, 4.9, 5.0].into_iter().collect();
        assert_eq!(tally.histogram(4), [2, 1, 0, 2]);
        let same: Tally = [3.0, 3.0].into_iter().collect();
        assert_eq!(same.histogram(4), [2]);
        assert!(Tally::default().histogram(4).is_empty());
        assert!(tally.histogram(0).is_empty());
    }

    #[test]
    fn the_order_of_values_does_not_matter() {
        let values = [0.1, 0.2, 0.3, 1e9, -4.0, 0.1];
        let forward: Tally = values.into_iter().collect();
        let backward: Tally = values.into_iter().rev().collect();
        assert_eq!(forward, backward);
        assert_eq!(forward.mean(), backward.mean());
    }
}
