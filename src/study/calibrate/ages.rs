//! How old profiles at the cut-off are: what the printed tie-breaks say of submission times.
//! Which rounds emptied which scores before is all that is looked at besides.

use super::history::days_between;
use crate::history::{History, Round};
use crate::portable::{exp, ln, squared};
use crate::rules::validity::PROFILE_DAYS;
use crate::synthesis::profile::Submission;
use crate::units::Instant;

/// Years before the date whose tie-breaks count.
const MEMORY_DAYS: f64 = 730.0;
/// The longest life of a profile, days.
const LIFE: f64 = PROFILE_DAYS as f64;
/// Middle of the prior of the share of missed people, and the weight of the prior in rounds. A
/// fifth: printed tie-breaks of 2022 to 2025 lie before the last round that emptied their score in
/// a quarter of the rounds where they can.
const MISSED: f64 = 0.2;
const MISSED_WEIGHT: f64 = 5.0;
/// Standard deviation of the logarithm of the days of decline around the profile's own.
const DECLINE_SD: f64 = 0.7;
/// Decline days that are tried: 20 to 2,000 in steps of 5%.
const DECLINES: (f64, f64, f64) = (20.0, 2_000.0, 1.05);
/// Steps of the share of missed people that are tried.
const MISSED_STEPS: u32 = 50;

/// The age of one profile at the cut-off.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Age {
    /// Days from its submission to the round.
    pub days: f64,
    /// Days since the cut-off score was last emptied by a round of the same type or one that ranks
    /// everybody; none within a year.
    pub emptied: Option<f64>,
}

/// What the tie-breaks say.
#[derive(Debug, Clone, PartialEq)]
pub struct Ages {
    /// Days in which the density of submissions falls by a factor e.
    pub decline_days: f64,
    /// Share of those who should have been invited and are there all the same.
    pub missed: f64,
    /// The ages that they rest on, in order of time.
    pub seen: Vec<Age>,
}

impl Ages {
    /// Fits both numbers to the tie-breaks of a history that ends before `at`; without any they are
    /// the priors.
    pub fn fit(history: &History, own: &Submission, at: Instant) -> Self {
        let rounds = history.rounds.iter().enumerate();
        let seen: Vec<Age> = rounds
            .filter(|(_, round)| round.type_name != "pnp")
            .filter(|(_, round)| days_between(at, round.at) <= MEMORY_DAYS)
            .filter_map(|(place, round)| age(round, &history.rounds[..place]))
            .collect();
        let own = own.decline_days.min(DECLINES.1);
        let mut best = (f64::NEG_INFINITY, own, MISSED);
        let mut decline = DECLINES.0;
        while decline <= DECLINES.1 {
            for step in 1..MISSED_STEPS {
                let missed = f64::from(step) / f64::from(MISSED_STEPS);
                let likelihood: f64 = seen
                    .iter()
                    .map(|age| ln(density(*age, decline, missed)))
                    .sum();
                let prior = -0.5 * squared(ln(decline / own) / DECLINE_SD)
                    + MISSED_WEIGHT * (MISSED * ln(missed) + (1.0 - MISSED) * ln(1.0 - missed));
                if likelihood + prior > best.0 {
                    best = (likelihood + prior, decline, missed);
                }
            }
            decline *= DECLINES.2;
        }
        Ages {
            decline_days: (best.1 * 10.0).round() / 10.0,
            missed: best.2,
            seen,
        }
    }
}

/// The age that a round's tie-break prints.
fn age(round: &Round, before: &[Round]) -> Option<Age> {
    let days = days_between(round.at, round.tie_break.filter(|at| *at <= round.at)?);
    if days > LIFE {
        return None;
    }
    let emptied = before
        .iter()
        .filter(|other| other.cutoff < round.cutoff && other.at < round.at)
        .filter(|other| {
            other.type_name == round.type_name
                || other.type_name == "general"
                || round.type_name == "general" && other.type_name == "cec"
        })
        .map(|other| days_between(round.at, other.at))
        .filter(|days| *days <= LIFE)
        .min_by(f64::total_cmp);
    Some(Age { days, emptied })
}

/// Density of an age: exponential, cut at the end of a life; before the last emptying only the missed are left.
fn density(age: Age, decline: f64, missed: f64) -> f64 {
    let falling = |days: f64| exp(-days / decline);
    let part = |days: f64| (1.0 - falling(days)) / (1.0 - falling(LIFE));
    let density = falling(age.days) / (decline * (1.0 - falling(LIFE)));
    match age.emptied {
        None => density,
        Some(emptied) => {
            let left = if age.days > emptied { missed } else { 1.0 };
            let since = part(emptied);
            density * left / (since + missed * (1.0 - since))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history;

    fn own() -> Submission {
        Submission {
            decline_days: 365.0,
            weekdays: [1.0; 7],
            hours: [1.0; 24],
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn without_tie_breaks_the_priors_stand() {
        let ages = Ages::fit(&History::default(), &own(), at("2024-07-01T00:00:00Z"));
        assert!(ln(ages.decline_days / 365.0).abs() < 0.05, "{ages:?}");
        assert_eq!(ages.missed, MISSED);
    }

    #[test]
    fn a_density_adds_up_to_one_whether_or_not_the_score_was_emptied() {
        for emptied in [None, Some(0.0), Some(40.0), Some(365.0)] {
            let sum: f64 = (0..36_500)
                .map(|step| (f64::from(step) + 0.5) / 100.0)
                .map(|days| density(Age { days, emptied }, 150.0, 0.2) / 100.0)
                .sum();
            assert!((sum - 1.0).abs() < 1e-3, "{emptied:?}: {sum}");
        }
    }

    #[test]
    fn the_printed_tie_breaks_show_profiles_younger_than_a_uniform_year() {
        let ages = Ages::fit(history::published(), &own(), at("2024-07-01T00:00:00Z"));
        assert!(ages.seen.len() > 30, "{}", ages.seen.len());
        assert!((60.0..365.0).contains(&ages.decline_days), "{ages:?}");
        assert!((0.02..0.6).contains(&ages.missed), "{ages:?}");
    }
}
