//! How a fitted profile fares after its date: later rounds held by the simulator, beside the
//! profile that it was fitted from.
//! The fit itself never sees these rounds.

use super::history::before;
use super::simulate::{Gone, hold, rounds_with_pools};
use crate::history::{History, Round, Snapshot};
use crate::observe::Observer;
use crate::synthesis::Profile;
use crate::units::{Date, Score};

/// One later round.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The round as published.
    pub round: Round,
    /// Cut-off with the profile as it comes, as if no round had been held before.
    pub base: Option<Score>,
    /// Cut-off with that profile when those invited by earlier rounds are gone.
    pub drained: Option<Score>,
    /// Cut-off with the fitted profile, those invited by earlier rounds gone.
    pub fitted: Option<Score>,
}

/// Holds the rounds from `from` to `until` (both included) on the pools published with them, with
/// both profiles. Of each round only time, type, version and size are used; of those before it also
/// cut-off and tie-break, since they took people away.
pub fn check(
    history: &History,
    (base, fitted): (&Profile, &Profile),
    (from, until): (Date, Date),
    seed: u64,
    observer: &dyn Observer,
) -> Vec<Checked> {
    let known = match until.tomorrow() {
        Ok(end) => before(history, end),
        Err(_) => history.clone(),
    };
    let rounds: Vec<(&Round, &Snapshot)> = rounds_with_pools(&known)
        .into_iter()
        .filter(|(round, _)| from <= round.at.date())
        .collect();
    let missed = fitted.drained.missed;
    let invited = Gone::Invited { missed };
    let cutoffs = |profile, gone| -> Vec<Option<Score>> {
        hold(profile, gone, &known, &rounds, seed, observer)
            .into_iter()
            .map(|held| held.and_then(|held| held.cutoff))
            .collect()
    };
    let as_it_comes = cutoffs(base, Gone::Nobody);
    let drained = cutoffs(base, invited);
    let after = cutoffs(fitted, invited);
    (rounds.iter().enumerate())
        .map(|(place, &(round, _))| Checked {
            round: round.clone(),
            base: as_it_comes[place],
            drained: drained[place],
            fitted: after[place],
        })
        .collect()
}

/// Mean absolute errors of some later rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckSummary {
    /// Type, or several.
    pub group: String,
    /// Rounds that both profiles could hold.
    pub rounds: usize,
    /// Mean absolute error of the profile as it comes, points.
    pub base: f64,
    /// The same with those invited by earlier rounds gone.
    pub drained: f64,
    /// That of the fitted one.
    pub fitted: f64,
}

/// By type, then over categories, then over all.
pub fn summary(checked: &[Checked]) -> Vec<CheckSummary> {
    let mut types: Vec<&str> = checked.iter().map(|one| &*one.round.type_name).collect();
    types.sort_unstable();
    types.dedup();
    let row = |group: &str, belongs: &dyn Fn(&Round) -> bool| {
        let errors: Vec<[f64; 3]> = checked
            .iter()
            .filter(|one| belongs(&one.round))
            .filter_map(|one| {
                let error =
                    |score: Score| (f64::from(score.0) - f64::from(one.round.cutoff.0)).abs();
                Some([error(one.base?), error(one.drained?), error(one.fitted?)])
            })
            .collect();
        let count = errors.len();
        let mean =
            |place: usize| errors.iter().map(|errors| errors[place]).sum::<f64>() / count as f64;
        (count > 0).then(|| CheckSummary {
            group: group.to_owned(),
            rounds: count,
            base: mean(0),
            drained: mean(1),
            fitted: mean(2),
        })
    };
    let by_type = types
        .iter()
        .map(|name| row(name, &|round: &Round| round.type_name == *name));
    let category = |round: &Round| round.kind == crate::history::Kind::Category;
    by_type
        .chain([
            row("categories", &category),
            row("all but pnp", &|round| round.type_name != "pnp"),
        ])
        .flatten()
        .collect()
}
