//! Values of one metric over replicates: exact mean, spread and quantiles in memory that grows
//! with the number of distinct values, not of replicates. What the metrics are lives elsewhere.
//!
//! Values are counted in order of size, so that every figure is the same whatever the order in
//! which replicates finish.

use std::collections::BTreeMap;

/// A counted collection of numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tally {
    counts: BTreeMap<Ordered, u64>,
    total: u64,
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

impl Tally {
    /// Counts a value; a NaN (nothing to measure in that replicate) is left out.
    pub fn add(&mut self, value: f64) {
        self.add_times(value, 1);
    }

    /// Counts a value so many times.
    pub fn add_times(&mut self, value: f64, times: u64) {
        if !value.is_nan() && times > 0 {
            // Adding zero makes -0 and 0 one value.
            *self.counts.entry(Ordered(value + 0.0)).or_default() += times;
            self.total += times;
        }
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
        let sum: f64 = self
            .counts
            .iter()
            .map(|(value, &count)| value.0 * count as f64)
            .sum();
        (self.total > 0).then(|| sum / self.total as f64)
    }

    /// The sample standard deviation; none for fewer than two values.
    pub fn sd(&self) -> Option<f64> {
        let mean = self.mean()?;
        let squares: f64 = self
            .counts
            .iter()
            .map(|(value, &count)| (value.0 - mean).powi(2) * count as f64)
            .sum();
        (self.total > 1).then(|| (squares / (self.total - 1) as f64).sqrt())
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

    #[test]
    fn the_order_of_values_does_not_matter() {
        let values = [0.1, 0.2, 0.3, 1e9, -4.0, 0.1];
        let forward: Tally = values.into_iter().collect();
        let backward: Tally = values.into_iter().rev().collect();
        assert_eq!(forward, backward);
        assert_eq!(forward.mean(), backward.mean());
    }
}
