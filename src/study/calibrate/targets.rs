//! One row for each target of a calibration: wanted, got, error.
//! What was got is measured on pools that the simulator made from the fitted profile.

use super::ages::{Age, Ages};
use super::arrivals::BandArrivals;
use super::history::days_between;
use super::simulate::Held;
use crate::history::{BANDS, Round, Snapshot};
use crate::pool::Pool;

/// One target.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// What is measured.
    pub target: &'static str,
    /// Of whom: `pool`, or a type of round.
    pub group: String,
    /// Score, band or quantile that it is about.
    pub score: String,
    /// Where it is from: the number of a round or the date of a pool.
    pub source: String,
    /// Published value.
    pub wanted: f64,
    /// Value in the simulator; none when it could not be had.
    pub got: Option<f64>,
    /// People or rounds that the published value rests on.
    pub n: u64,
}

/// Candidates in a band of the pool.
pub const POOL_BAND: &str = "pool_band";
/// Part of those at or above the cut-off (nominees left out) who are members of the group.
pub const SHARE_ABOVE: &str = "share_above_cutoff";
/// Cut-off score of a round.
pub const CUTOFF: &str = "cutoff_score";
/// Quantiles of the age of profiles at the cut-off, in days.
pub const AGE: &str = "age_at_cutoff_days";
/// Arrivals a day in a band.
pub const ARRIVALS: &str = "arrivals_per_day";

impl Target {
    /// Got less wanted.
    pub fn error(&self) -> Option<f64> {
        self.got.map(|got| got - self.wanted)
    }
}

fn band_name(low: u16, high: u16) -> String {
    format!("{low}-{high}")
}

/// The published pool, band by band, and the made one.
pub fn pool_bands(published: &Snapshot, made: Option<&Pool>) -> Vec<Target> {
    let bands = BANDS.iter().zip(&published.counts);
    bands
        .map(|(&(low, high), &count)| {
            let got = made.map(|pool| {
                let inside = |score: &&u16| (low..=high).contains(*score);
                pool.score.iter().filter(inside).count() as f64
            });
            Target {
                target: POOL_BAND,
                group: "pool".to_owned(),
                score: band_name(low, high),
                source: published.as_of.to_string(),
                wanted: count as f64,
                got,
                n: count,
            }
        })
        .collect()
}

/// Share and cut-off of each round.
pub fn rounds(rounds: &[(&Round, &Snapshot)], held: &[Option<Held>]) -> Vec<Target> {
    let mut targets = Vec::new();
    for ((round, _), held) in rounds.iter().zip(held) {
        let target = |target, wanted, got| Target {
            target,
            group: round.type_name.clone(),
            score: round.cutoff.to_string(),
            source: round.number.clone(),
            wanted,
            got,
            n: round.invitations,
        };
        // Everybody is ranked by a general round, and by a PNP round everybody above 600.
        if let Some(held) = held
            && !matches!(round.type_name.as_str(), "general" | "pnp")
            && held.everybody > 0
        {
            let share = |members: u64| members as f64 / held.everybody as f64;
            targets.push(target(
                SHARE_ABOVE,
                share(round.invitations),
                Some(share(held.members)),
            ));
        }
        let got = held.as_ref().and_then(|held| held.cutoff);
        targets.push(target(
            CUTOFF,
            f64::from(round.cutoff.0),
            got.map(|score| f64::from(score.0)),
        ));
    }
    targets
}

/// Quartiles of the age of profiles at the cut-off: printed and simulated.
pub fn ages(ages: &Ages, rounds: &[(&Round, &Snapshot)], held: &[Option<Held>]) -> Vec<Target> {
    let printed = sorted(ages.seen.iter().map(|Age { days, .. }| *days));
    let simulated = sorted(
        rounds
            .iter()
            .zip(held)
            .filter(|((round, _), _)| round.type_name != "pnp")
            .filter_map(|((round, _), held)| {
                Some(days_between(round.at, held.as_ref()?.tie_break?))
            }),
    );
    [("25%", 0.25), ("50%", 0.5), ("75%", 0.75)]
        .into_iter()
        .filter_map(|(name, level)| {
            Some(Target {
                target: AGE,
                group: "pool".to_owned(),
                score: name.to_owned(),
                source: "tie-breaks".to_owned(),
                wanted: quantile(&printed, level)?,
                got: quantile(&simulated, level),
                n: printed.len() as u64,
            })
        })
        .collect()
}

/// Arrivals by band: counted, and made by the simulator over `days`.
pub fn arrivals(counted: &[BandArrivals], made: &Pool, days: f64) -> Vec<Target> {
    counted
        .iter()
        .map(|band| {
            let inside = |score: &&u16| (band.low..=band.high).contains(*score);
            let people = made.score.iter().filter(inside).count() as f64;
            Target {
                target: ARRIVALS,
                group: "pool".to_owned(),
                score: band_name(band.low, band.high),
                source: format!("{} pools", band.pools),
                wanted: band.per_day,
                got: Some(people / days),
                n: (band.per_day * band.days).round() as u64,
            }
        })
        .collect()
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn quantile(sorted: &[f64], level: f64) -> Option<f64> {
    (!sorted.is_empty()).then(|| crate::study::backtest::quantile(sorted, level))
}
