//! A scenario in every combination of a sweep's values: people are made once a replicate and meet
//! every combination that shares them, scored again by its rules (common random numbers).
//! Which combinations there are is the scenario's; tables are `output`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::scenario::Plan;
use crate::study::kept::{self, Keeper, Parts, Stored, stored_fields};
use crate::study::population::{Origin, rules_key};
use crate::study::replicate::{Detail, replicate, score_again};
use crate::study::run::{RunError, batch};
use crate::study::summary::{Figures, Metric, Summary, figures_of};

/// A combination: the place of its people among the plans that people are made by, and its plan.
#[derive(Debug, Clone, Copy)]
pub struct Combined<'a> {
    /// Place of its people.
    pub people: usize,
    /// The scenario with its values.
    pub plan: &'a Plan,
}

/// Runs every combination on the people of its place and sums up each over the replicates.
///
/// `given` is a starting pool that the user brought. People are made by the rules of their own
/// plan, so that combinations of other rules meet the same people; `replicates` of them. The
/// result does not depend on the number of threads.
///
/// # Errors
/// When the people cannot be made, a check of the engine does not hold, or a replicate cannot be
/// kept: only those are run that `keeper` does not have.
pub fn sweep(
    people: &[Plan],
    combinations: &[Combined<'_>],
    given: Option<&Arc<Pool>>,
    replicates: u32,
    keeper: &dyn Keeper,
    observer: &dyn Observer,
) -> Result<Vec<Summary>, RunError> {
    let parts = SweepParts::new(people, combinations, given)?;
    let mut summaries = vec![Summary::default(); combinations.len()];
    observer.begin(
        "policies",
        u64::from(replicates) * combinations.len() as u64,
    );
    let made = people.iter().map(|plan| plan.pool.size).max().unwrap_or(1);
    let batch = batch(given.map_or(made, |pool| pool.len() as u64));
    let mut next = 0;
    while next < replicates {
        let end = next.saturating_add(batch).min(replicates);
        let done: Vec<Result<Vec<(usize, Figures)>, RunError>> = (next..end)
            .into_par_iter()
            .map(|number| {
                let read = |bytes: &[u8]| {
                    let kept = Part::from_bytes(bytes);
                    let kept = kept.filter(|part| fits(part, combinations))?;
                    observer.advance(combinations.len() as u64);
                    Some(figures(kept))
                };
                let make = || parts.one(number, observer);
                kept::part(keeper, number, read, make, |done| part(done).bytes())
            })
            .collect();
        for figures in done {
            for (place, figures) in figures? {
                summaries[place].add_figures(figures);
            }
        }
        next = end;
    }
    observer.end();
    Ok(summaries)
}

/// The settings, by place, whose values make no difference to any figure whatever the others are;
/// `places` are those of each combination's values.
pub fn idle(places: &[&[usize]], summaries: &[Summary]) -> Vec<usize> {
    let settings = places.first().map_or(0, |places| places.len());
    let is_idle = |setting: &usize| {
        let mut has_several = false;
        let mut by_others: BTreeMap<Vec<usize>, &Summary> = BTreeMap::new();
        let is_same = places.iter().zip(summaries).all(|(places, summary)| {
            let mut others = places.to_vec();
            has_several |= others.remove(*setting) > 0;
            *by_others.entry(others).or_insert(summary) == summary
        });
        is_same && has_several
    };
    (0..settings).filter(is_idle).collect()
}

/// A replicate as it is kept.
type Part = Vec<Kept>;

/// What is kept of a replicate of a combination.
struct Kept {
    /// Place of the combination.
    place: u32,
    /// The figures of each round.
    rounds: Vec<[f64; Metric::ALL.len()]>,
}

stored_fields!(Kept { place, rounds });

/// Whether a part that was kept is one of these combinations.
fn fits(part: &Part, combinations: &[Combined<'_>]) -> bool {
    part.len() == combinations.len()
        && part.iter().all(|held| {
            let combination = combinations.get(held.place as usize);
            combination.is_some_and(|one| one.plan.rounds.len() == held.rounds.len())
        })
}

fn part(done: &[(usize, Figures)]) -> Part {
    let values = |figures: &Figures| {
        let rounds = figures.iter();
        rounds.map(|round| round.map(|(_, value)| value)).collect()
    };
    let places = done.iter();
    places
        .map(|(place, figures)| Kept {
            place: *place as u32,
            rounds: values(figures),
        })
        .collect()
}

fn figures(part: Part) -> Vec<(usize, Figures)> {
    let named = |values: [f64; Metric::ALL.len()]| {
        std::array::from_fn(|place| (Metric::ALL[place], values[place]))
    };
    part.into_iter()
        .map(|held| {
            let rounds = held.rounds.into_iter().map(named);
            (held.place as usize, rounds.collect())
        })
        .collect()
}

/// Combinations by people and, within them, by rules that score alike.
type Groups = Vec<Vec<Vec<usize>>>;

fn groups(people: &[Plan], combinations: &[Combined<'_>]) -> Groups {
    let mut groups: Vec<BTreeMap<String, Vec<usize>>> = vec![BTreeMap::new(); people.len()];
    for (place, combination) in combinations.iter().enumerate() {
        let of_people = &mut groups[combination.people];
        of_people
            .entry(rules_key(combination.plan))
            .or_default()
            .push(place);
    }
    groups
        .into_iter()
        .map(|group| group.into_values().collect())
        .collect()
}

/// A starting pool that the user brought, scored by the rules of each of these plans: the date of the
/// pool may be one of the settings.
fn by_rules_of(people: &[Plan], given: &Arc<Pool>) -> Vec<Arc<Pool>> {
    let mut scored: BTreeMap<String, Arc<Pool>> = BTreeMap::new();
    let of_plan = |plan: &Plan| {
        let pool = scored.entry(rules_key(plan)).or_insert_with(|| {
            let mut pool = Pool::clone(given);
            score_again(&mut pool, &plan.rules[0].rules);
            let is_same =
                pool.score == given.score && pool.eligibility.iter().eq(given.eligibility.iter());
            if is_same {
                Arc::clone(given)
            } else {
                Arc::new(pool)
            }
        });
        Arc::clone(pool)
    };
    people.iter().map(of_plan).collect()
}

/// A sweep in parts, each every combination in a replicate, wherever they are made.
#[derive(Debug)]
pub struct SweepParts<'p> {
    origins: Vec<Origin<'p>>,
    combinations: Vec<Combined<'p>>,
    groups: Groups,
}

impl<'p> SweepParts<'p> {
    /// The parts of a sweep; see [`sweep`].
    ///
    /// # Errors
    /// When a profile cannot give such candidates.
    pub fn new(
        people: &'p [Plan],
        combinations: &[Combined<'p>],
        given: Option<&Arc<Pool>>,
    ) -> Result<Self, RunError> {
        let given = given.map_or_else(Vec::new, |given| by_rules_of(people, given));
        let given = given.iter().map(Some).chain(std::iter::repeat(None));
        let origins = (people.iter().zip(given)).map(|(plan, given)| Origin::new(plan, given));
        Ok(SweepParts {
            origins: origins.collect::<Result<_, _>>()?,
            combinations: combinations.to_vec(),
            groups: groups(people, combinations),
        })
    }

    fn one(&self, number: u32, observer: &dyn Observer) -> Result<Vec<(usize, Figures)>, RunError> {
        let (origins, combinations) = (&self.origins, &self.combinations);
        one(origins, combinations, &self.groups, number, observer)
    }
}

impl Parts for SweepParts<'_> {
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError> {
        Ok(part(&self.one(number, &Silent)?).bytes())
    }
}

/// Every combination in one replicate.
fn one(
    origins: &[Origin<'_>],
    combinations: &[Combined<'_>],
    groups: &Groups,
    number: u32,
    observer: &dyn Observer,
) -> Result<Vec<(usize, Figures)>, RunError> {
    let mut figures = Vec::with_capacity(combinations.len());
    for (origin, groups) in origins.iter().zip(groups) {
        let policies = groups.iter().map(Vec::len).sum();
        let made = origin.people(number, &Silent)?.shared_by(policies);
        let key = rules_key(origin.plan());
        let done: Vec<Result<Vec<(usize, Figures)>, RunError>> = groups
            .par_iter()
            .map(|group| {
                let first = combinations[group[0]].plan;
                let scored = if rules_key(first) == key {
                    made.clone()
                } else {
                    made.scored_by(first)
                };
                let scored = scored.shared_by(group.len());
                let held = group.par_iter().map(|&place| {
                    let plan = combinations[place].plan;
                    let held = replicate(plan, &scored, number, Detail::Rounds)?;
                    observer.advance(1);
                    Ok((place, figures_of(plan, &held)))
                });
                held.collect::<Vec<Result<_, RunError>>>()
                    .into_iter()
                    .collect()
            })
            .collect();
        for group in done {
            figures.extend(group?);
        }
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_idle_where_no_figure_differs_by_it() {
        let summary = |invited: f64| {
            let mut summary = Summary::default();
            summary.add_figures(vec![Metric::ALL.map(|metric| (metric, invited))]);
            summary
        };
        let places: [&[usize]; 4] = [&[0, 0, 0], &[0, 1, 0], &[1, 0, 0], &[1, 1, 0]];
        let found = |invited: [f64; 4]| idle(&places, &invited.map(summary));
        assert_eq!(found([7.0, 7.0, 9.0, 9.0]), [1]);
        assert_eq!(found([7.0, 9.0, 7.0, 9.0]), [0]);
        assert_eq!(found([7.0, 7.0, 7.0, 7.0]), [0, 1]);
        assert_eq!(found([7.0, 7.0, 7.0, 9.0]), [0; 0]);
    }
}
