//! Policies compared on the same people: same pools, same arrivals, same answers, so that a
//! difference is the policy's and not chance's (common random numbers keyed by candidate).
//! What a policy is, is the scenario's; tables are `output`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::observe::{Observer, Silent};
use crate::pool::groups::{Counts, Dimension, count_rows};
use crate::pool::{Packed, Pool};
use crate::scenario::Plan;
use crate::study::population::{Population, population};
use crate::study::replicate::{Detail, Replicate, replicate, score_again};
use crate::study::run::RunError;
use crate::study::tally::Tally;
use crate::units::Instant;

/// Groups that invitations are compared by.
const GROUPS: [Dimension; 11] = [
    Dimension::Category,
    Dimension::Program,
    Dimension::Education,
    Dimension::FirstLanguage,
    Dimension::OccupationGroup,
    Dimension::Teer,
    Dimension::Citizenship,
    Dimension::AgeBand,
    Dimension::Gender,
    Dimension::CanadianWorkYears,
    Dimension::WorkPlace,
];

/// Replicates that are simulated together.
const BATCH: u32 = 16;

/// A figure that policies are compared by: what is measured, and of which group or round type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Figure {
    /// Name, e.g. `cutoff_score` or `invited by gender`.
    pub metric: String,
    /// Group or type; none for the whole.
    pub value: Option<String>,
}

/// A figure over the replicates in which both policies have it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Paired {
    /// Under the base.
    pub base: Tally,
    /// Under the other policy.
    pub other: Tally,
    /// Other less base, replicate by replicate.
    pub difference: Tally,
}

impl Paired {
    fn add(&mut self, base: f64, other: f64) {
        if !base.is_nan() && !other.is_nan() {
            self.base.add(base);
            self.other.add(other);
            self.difference.add(other - base);
        }
    }

    /// The 95% interval of the mean difference by Student's t; none for fewer than two replicates.
    pub fn interval(&self) -> Option<(f64, f64)> {
        interval(&self.difference)
    }
}

/// The 95% interval of a mean by Student's t; none for fewer than two values.
pub fn interval(tally: &Tally) -> Option<(f64, f64)> {
    use statrs::distribution::{ContinuousCDF, StudentsT};
    let (mean, se) = (tally.mean()?, tally.se()?);
    let t = StudentsT::new(0.0, 1.0, (tally.len() - 1) as f64)
        .ok()?
        .inverse_cdf(0.975);
    Some((mean - t * se, mean + t * se))
}

/// For each other policy, every figure under the base and under it, in the catalogue's order.
type Pairs = Vec<Vec<(f64, f64)>>;

/// The base against one other policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Name of the other policy.
    pub other: String,
    /// Figures in the order of files.
    pub figures: Vec<(Figure, Paired)>,
}

/// Runs the policies, the first being the base, on the same people, and compares each with it.
///
/// The plans share pool, timeline and seed: whoever made them has checked it.
///
/// # Errors
/// When the people cannot be made, or a check of the engine does not hold.
pub fn compare(
    plans: &[Plan],
    given: Option<&Arc<Pool>>,
    observer: &dyn Observer,
) -> Result<Vec<Comparison>, RunError> {
    let Some((base, others)) = plans.split_first() else {
        return Ok(Vec::new());
    };
    let catalogue = catalogue(plans);
    let mut comparisons: Vec<Vec<Paired>> =
        vec![vec![Paired::default(); catalogue.len()]; others.len()];
    let same_rules: Vec<bool> = plans
        .iter()
        .map(|plan| rules_text(plan) == rules_text(base))
        .collect();
    observer.begin("replicates", u64::from(base.replicates));
    let mut next = 0;
    while next < base.replicates {
        let end = next.saturating_add(BATCH).min(base.replicates);
        let done: Vec<Result<Pairs, RunError>> = (next..end)
            .into_par_iter()
            .map(|number| {
                let people = population(base, given, number, &Silent)?;
                let courses = courses(plans, &same_rules, &people, number)?;
                observer.advance(1);
                Ok(pairs(plans, &courses, &catalogue))
            })
            .collect();
        for pairs in done {
            for (tallies, figures) in comparisons.iter_mut().zip(pairs?) {
                for (tally, (base, other)) in tallies.iter_mut().zip(figures) {
                    tally.add(base, other);
                }
            }
        }
        next = end;
    }
    observer.end();
    let named = others.iter().zip(comparisons);
    Ok(named
        .map(|(plan, tallies)| Comparison {
            other: plan.name.clone(),
            figures: catalogue.iter().cloned().zip(tallies).collect(),
        })
        .collect())
}

/// What decides whether two plans score alike.
fn rules_text(plan: &Plan) -> String {
    format!("{:?}", plan.rules)
}

/// Each policy over the same people, scored by its own rules.
fn courses(
    plans: &[Plan],
    same_rules: &[bool],
    people: &Population,
    number: u32,
) -> Result<Vec<Replicate>, RunError> {
    plans
        .iter()
        .zip(same_rules)
        .map(|(plan, &same)| {
            if same {
                return replicate(plan, people, number, Detail::Rounds);
            }
            let mut pool = Pool::clone(&people.pool);
            score_again(&mut pool, &plan.rules[0].rules);
            let people = Population {
                pool: Arc::new(pool),
                started: people.started,
            };
            replicate(plan, &people, number, Detail::Rounds)
        })
        .collect()
}

/// Every figure, in the order of files.
fn catalogue(plans: &[Plan]) -> Vec<Figure> {
    let figure = |metric: &str, value: Option<String>| Figure {
        metric: metric.to_owned(),
        value,
    };
    let mut types: Vec<&str> = plans
        .iter()
        .flat_map(|plan| &plan.rounds)
        .map(|round| round.type_name.as_str())
        .collect();
    types.sort_unstable();
    types.dedup();
    let mut figures: Vec<Figure> = Vec::new();
    for metric in ["cutoff_score", "invited by round type"] {
        figures.extend(
            types
                .iter()
                .map(|name| figure(metric, Some((*name).to_owned()))),
        );
    }
    for metric in WHOLE {
        figures.push(figure(metric, None));
    }
    let values = group_values(plans);
    for (metric, groups) in [("invited by", &GROUPS), (GAINED, &GROUPS), (LOST, &GROUPS)] {
        for &dimension in groups {
            let name = format!("{metric} {}", dimension.name());
            figures.extend(
                values[&dimension]
                    .iter()
                    .map(|value| figure(&name, Some(value.clone()))),
            );
        }
    }
    figures
}

/// Figures of the whole, in the order of [`whole`].
const WHOLE: [&str; 7] = [
    "invited",
    "mean_score",
    "share_french_speakers",
    "share_women",
    "share_work_in_canada",
    "median_wait_days",
    "expired_uninvited",
];
/// Invited under the other policy and not under the base.
const GAINED: &str = "gained by";
/// Invited under the base and not under the other policy.
const LOST: &str = "lost by";
/// What the group of those is called whose value is not known.
const UNKNOWN: &str = "unknown";

/// The values of each group by name: categories of all policies, since each policy has its own.
fn group_values(plans: &[Plan]) -> BTreeMap<Dimension, Vec<String>> {
    let of = |dimension: Dimension| {
        let mut names: Vec<String> = Vec::new();
        for plan in plans {
            let rules = &plan.rules[0].rules;
            for value in 0..dimension.values() {
                let name = match (dimension, dimension.label(value, rules)) {
                    (_, Some(name)) => name,
                    (Dimension::Category, None) => continue,
                    (_, None) => UNKNOWN.to_owned(),
                };
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names
    };
    GROUPS
        .iter()
        .map(|&dimension| (dimension, of(dimension)))
        .collect()
}

/// The figures of the base beside those of each other policy, in one replicate.
fn pairs(plans: &[Plan], courses: &[Replicate], catalogue: &[Figure]) -> Pairs {
    let base = figures(&plans[0], &courses[0]);
    let base_rows = invited_rows(&courses[0]);
    (1..plans.len())
        .map(|place| {
            let other = figures(&plans[place], &courses[place]);
            let other_rows = invited_rows(&courses[place]);
            let gained = named_counts(&plans[place], only(&other_rows, &base_rows), GAINED);
            let lost = named_counts(&plans[0], only(&base_rows, &other_rows), LOST);
            catalogue
                .iter()
                .map(|figure| {
                    if figure.metric.starts_with(GAINED) {
                        (0.0, gained.get(figure).copied().unwrap_or(0.0))
                    } else if figure.metric.starts_with(LOST) {
                        (0.0, lost.get(figure).copied().unwrap_or(0.0))
                    } else {
                        let absent = if figure.metric.starts_with("invited") {
                            0.0
                        } else {
                            f64::NAN
                        };
                        let of = |figures: &BTreeMap<Figure, f64>| {
                            figures.get(figure).copied().unwrap_or(absent)
                        };
                        (of(&base), of(&other))
                    }
                })
                .collect()
        })
        .collect()
}

/// The invited by row, as they were when first invited.
fn invited_rows(course: &Replicate) -> BTreeMap<u32, Packed> {
    let mut rows = BTreeMap::new();
    for held in &course.rounds {
        for (&row, &packed) in held.outcome.invited.iter().zip(&held.invited) {
            rows.entry(row).or_insert(packed);
        }
    }
    rows
}

/// Those of `rows` who are not among `others`.
fn only(rows: &BTreeMap<u32, Packed>, others: &BTreeMap<u32, Packed>) -> Counts {
    let these: Vec<Packed> = rows
        .iter()
        .filter(|(row, _)| !others.contains_key(row))
        .map(|(_, &packed)| packed)
        .collect();
    count_rows(&these)
}

fn named_counts(plan: &Plan, counts: Counts, metric: &str) -> BTreeMap<Figure, f64> {
    let rules = &plan.rules[0].rules;
    let mut named = BTreeMap::new();
    for &dimension in &GROUPS {
        for (value, &count) in counts.of(dimension).iter().enumerate() {
            let name = dimension
                .label(value, rules)
                .unwrap_or_else(|| UNKNOWN.to_owned());
            let figure = Figure {
                metric: format!("{metric} {}", dimension.name()),
                value: Some(name),
            };
            *named.entry(figure).or_insert(0.0) += count as f64;
        }
    }
    named
}

/// All figures of one policy in one replicate but who gains and loses.
fn figures(plan: &Plan, course: &Replicate) -> BTreeMap<Figure, f64> {
    let everybody: Vec<Packed> = course
        .rounds
        .iter()
        .flat_map(|held| held.invited.iter().copied())
        .collect();
    let mut figures = named_counts(plan, count_rows(&everybody), "invited by");
    let mut cutoffs: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    let mut waits: Vec<u32> = Vec::with_capacity(everybody.len());
    for (round, held) in plan.rounds.iter().zip(&course.rounds) {
        let value = Some(round.type_name.clone());
        let figure = Figure {
            metric: "invited by round type".to_owned(),
            value,
        };
        *figures.entry(figure).or_insert(0.0) += held.invited.len() as f64;
        if let Some(cutoff) = held.outcome.cutoff {
            let (sum, rounds) = cutoffs.entry(&round.type_name).or_default();
            *sum += f64::from(cutoff.0);
            *rounds += 1.0;
        }
        let at = round.instruction.at.seconds();
        waits.extend(
            held.invited
                .iter()
                .map(|packed| at.saturating_sub(packed.submitted)),
        );
    }
    for (name, (sum, rounds)) in cutoffs {
        let figure = Figure {
            metric: "cutoff_score".to_owned(),
            value: Some(name.to_owned()),
        };
        figures.insert(figure, sum / rounds);
    }
    for (metric, value) in WHOLE.iter().zip(whole(&everybody, &mut waits, course)) {
        figures.insert(
            Figure {
                metric: (*metric).to_owned(),
                value: None,
            },
            value,
        );
    }
    figures
}

fn whole(everybody: &[Packed], waits: &mut [u32], course: &Replicate) -> [f64; 7] {
    use crate::rules::candidate::{Candidate, Gender};
    let count = everybody.len() as f64;
    let share = |has: fn(&Candidate) -> bool| {
        everybody
            .iter()
            .filter(|packed| has(&packed.candidate()))
            .count() as f64
            / count
    };
    let middle = waits.len() / 2;
    let median = if waits.is_empty() {
        f64::NAN
    } else {
        f64::from(*waits.select_nth_unstable(middle).1) / f64::from(Instant::DAY)
    };
    [
        count,
        everybody
            .iter()
            .map(|packed| u64::from(packed.score))
            .sum::<u64>() as f64
            / count,
        share(|candidate| candidate.french.lowest() >= 7),
        share(|candidate| candidate.gender == Gender::Woman),
        share(|candidate| candidate.canadian_work_years >= 1),
        median,
        course
            .expired_uninvited
            .map_or(f64::NAN, |expired| expired as f64),
    ]
}
