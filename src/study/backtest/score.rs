//! How good predictions were: quantiles, CRPS and a summary by type beside persistence.
//! Nothing is predicted here.

use crate::history::Kind;
use crate::units::{Instant, Score};

/// One round's prediction beside what happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Published number of the round.
    pub number: String,
    /// When it was held.
    pub at: Instant,
    /// What it selected by.
    pub kind: Kind,
    /// Its type; the published name where the type is not known.
    pub type_name: String,
    /// Version of the category.
    pub version: Option<String>,
    /// Invitations issued.
    pub invitations: u64,
    /// The cut-off that happened.
    pub actual: Score,
    /// 5th, 25th, 50th, 75th and 95th percentile of the replicates.
    pub quantiles: [f64; LEVELS.len()],
    /// Cut-off of the last earlier round of the type; `None` for the first.
    pub persistence: Option<Score>,
    /// Continuous ranked probability score of the replicates, points; 0 is perfect.
    pub crps: f64,
}

/// The levels of [`Prediction::quantiles`].
pub const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

impl Prediction {
    /// The median: what is predicted.
    pub fn predicted(&self) -> f64 {
        self.quantiles[2]
    }

    /// Predicted less actual, points.
    pub fn error(&self) -> f64 {
        self.predicted() - f64::from(self.actual.0)
    }

    fn persistence_error(&self) -> Option<f64> {
        self.persistence
            .map(|last| f64::from(last.0) - f64::from(self.actual.0))
    }

    /// Whether the truth lay between two of the quantiles, both included.
    fn covered(&self, low: usize, high: usize) -> bool {
        (self.quantiles[low]..=self.quantiles[high]).contains(&f64::from(self.actual.0))
    }
}

/// How good the predictions of a type, or of several, were.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// The type, or [`ALL_BUT_PNP`] or [`ALL`].
    pub group: String,
    /// Rounds predicted.
    pub rounds: usize,
    /// Mean absolute error, points.
    pub mae: f64,
    /// Mean error, predicted less actual.
    pub bias: f64,
    /// Mean absolute error of the rounds that persistence can predict.
    pub mae_with_predecessor: Option<f64>,
    /// Mean absolute error of persistence on the same rounds.
    pub persistence_mae: Option<f64>,
    /// Part of rounds within the 25th and 75th percentile.
    pub coverage_50: f64,
    /// Part of rounds within the 5th and 95th percentile.
    pub coverage_90: f64,
    /// Mean CRPS.
    pub crps: f64,
}

/// Summary row over all rounds but those for nominees.
pub const ALL_BUT_PNP: &str = "all but pnp";
/// Summary row over all rounds.
pub const ALL: &str = "all";

/// One summary for each type (programs first, then categories by name), then over all types but
/// PNP, then over all. Empty without predictions.
pub fn summaries(predictions: &[Prediction]) -> Vec<Summary> {
    let mut types: Vec<(Kind, &str)> = predictions
        .iter()
        .map(|one| (one.kind, &*one.type_name))
        .collect();
    types.sort_unstable();
    types.dedup();
    let by_type = types.into_iter().map(|(kind, name)| {
        summary(name, predictions, |one| {
            (one.kind, &*one.type_name) == (kind, name)
        })
    });
    let over_all = [
        summary(ALL_BUT_PNP, predictions, |one| one.type_name != "pnp"),
        summary(ALL, predictions, |_| true),
    ];
    by_type.chain(over_all).flatten().collect()
}

fn summary(
    group: &str,
    predictions: &[Prediction],
    belongs: impl Fn(&Prediction) -> bool,
) -> Option<Summary> {
    let chosen: Vec<&Prediction> = predictions.iter().filter(|one| belongs(one)).collect();
    let over = |value: &dyn Fn(&Prediction) -> f64| mean(chosen.iter().map(|one| value(one)));
    let covered = |low, high| over(&|one| f64::from(u8::from(one.covered(low, high))));
    let comparable = || {
        chosen
            .iter()
            .filter_map(|one| Some((one.error().abs(), one.persistence_error()?.abs())))
    };
    Some(Summary {
        group: group.to_owned(),
        rounds: chosen.len(),
        mae: over(&|one| one.error().abs())?,
        bias: over(&Prediction::error)?,
        mae_with_predecessor: mean(comparable().map(|(ours, _)| ours)),
        persistence_mae: mean(comparable().map(|(_, theirs)| theirs)),
        coverage_50: covered(1, 3)?,
        coverage_90: covered(0, 4)?,
        crps: over(&|one| one.crps)?,
    })
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// The value below which a part `level` of sorted values lies, between neighbours by straight
/// line; rounded to hundredths of a point. NaN without values.
pub fn quantile(sorted: &[f64], level: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = level * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    let value = sorted[below] + (place - below as f64) * (sorted[above] - sorted[below]);
    hundredths(value)
}

/// Rounded to two decimals, so that files show no digits that mean nothing.
pub fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Continuous ranked probability score of sorted replicates: mean distance to the truth less half
/// the mean distance between replicates. NaN without values.
pub fn crps(sorted: &[f64], truth: f64) -> f64 {
    let count = sorted.len() as f64;
    let distance = sorted
        .iter()
        .map(|value| (value - truth).abs())
        .sum::<f64>()
        / count;
    let spread: f64 = sorted
        .iter()
        .enumerate()
        .map(|(place, value)| (2.0 * place as f64 + 1.0 - count) * value)
        .sum();
    distance - spread / (count * count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prediction(kind: Kind, name: &str, quantiles: [f64; 5], last: Option<u16>) -> Prediction {
        Prediction {
            number: "1".to_owned(),
            at: Instant::from_seconds(0),
            kind,
            type_name: name.to_owned(),
            version: None,
            invitations: 10,
            actual: Score(500),
            quantiles,
            persistence: last.map(Score),
            crps: 2.0,
        }
    }

    #[test]
    fn quantiles_lie_on_straight_lines_between_replicates() {
        let sorted = [1.0, 2.0, 4.0, 8.0];
        assert_eq!(
            LEVELS.map(|level| quantile(&sorted, level)),
            [1.15, 1.75, 3.0, 5.0, 7.4]
        );
        assert_eq!(quantile(&[7.0], 0.95), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn crps_of_a_point_is_the_absolute_error_and_of_a_pair_its_known_value() {
        assert_eq!(crps(&[510.0], 500.0), 10.0);
        // Mean distance 5, mean distance between replicates (0 + 10 + 10 + 0) / 4 = 5.
        assert_eq!(crps(&[495.0, 505.0], 500.0), 2.5);
    }

    #[test]
    fn summaries_compare_with_persistence_on_the_rounds_that_it_can_predict() {
        let good = [490.0, 495.0, 502.0, 505.0, 510.0];
        let bad = [400.0, 405.0, 410.0, 415.0, 420.0];
        let predictions = [
            prediction(Kind::Category, "stem", bad, None),
            prediction(Kind::Category, "stem", good, Some(480)),
            prediction(Kind::Program, "pnp", good, Some(500)),
        ];
        let rows = summaries(&predictions);
        let names: Vec<&str> = rows.iter().map(|row| &*row.group).collect();
        assert_eq!(names, ["pnp", "stem", ALL_BUT_PNP, ALL]);
        let stem = &rows[1];
        assert_eq!((stem.rounds, stem.mae, stem.bias), (2, 46.0, -44.0));
        assert_eq!(
            (stem.mae_with_predecessor, stem.persistence_mae),
            (Some(2.0), Some(20.0))
        );
        assert_eq!(
            (stem.coverage_50, stem.coverage_90, stem.crps),
            (0.5, 0.5, 2.0)
        );
        assert!(summaries(&[]).is_empty());
    }
}
