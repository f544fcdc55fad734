//! Policies compared on the same people: same pools, same arrivals, same answers, so that a
//! difference is the policy's and not chance's (common random numbers keyed by candidate).
//! What a policy is, is the scenario's; tables are `output`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use crate::observe::{Observer, Silent};
use crate::pool::counts::{Counts, count_rows};
use crate::pool::groups::Dimension;
use crate::pool::{Packed, Pool};
use crate::scenario::Plan;
use crate::study::kept::{self, Keeper, Nothing, Parts, Stored, stored_fields};
use crate::study::population::{Origin, Population, rules_key};
use crate::study::replicate::{Detail, Replicate, replicate};
use crate::study::run::RunError;
use crate::study::student::t_975;
use crate::study::summary::median;
use crate::study::tally::Tally;
use crate::units::Instant;

/// Groups that invitations are compared by.
pub const GROUPS: [Dimension; 11] = [
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
pub(super) const BATCH: u32 = 16;

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
    /// Replicates in which the figure is 0 under both, not counted above yet: most groups are small.
    nothing: u64,
}

impl Paired {
    fn add(&mut self, base: f64, other: f64) {
        if base == 0.0 && other == 0.0 {
            self.nothing += 1;
        } else if !base.is_nan() && !other.is_nan() {
            self.base.add(base);
            self.other.add(other);
            self.difference.add(other - base);
        }
    }

    /// With every replicate counted.
    fn whole(mut self) -> Self {
        let nothing = std::mem::take(&mut self.nothing);
        for tally in [&mut self.base, &mut self.other, &mut self.difference] {
            tally.add_times(0.0, nothing);
        }
        self
    }

    /// The 95% interval of the mean difference by Student's t; none for fewer than two replicates.
    pub fn interval(&self) -> Option<(f64, f64)> {
        interval(&self.difference)
    }
}

/// The 95% interval of a mean by Student's t; none for fewer than two values.
pub fn interval(tally: &Tally) -> Option<(f64, f64)> {
    let (mean, se) = (tally.mean()?, tally.se()?);
    let t = t_975((tally.len() - 1) as f64);
    Some((mean - t * se, mean + t * se))
}

/// For each other policy, every figure under the base and under it, in the catalogue's order.
type Pairs = Vec<Vec<(f64, f64)>>;

/// A replicate.
struct Part {
    /// The figures.
    pairs: Pairs,
    /// How many each round of each policy invited.
    invited: Vec<Vec<f64>>,
}

stored_fields!(Part { pairs, invited });

/// The base against one other policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Name of the other policy.
    pub other: String,
    /// Figures in the order of files.
    pub figures: Vec<(Figure, Paired)>,
}

/// What a comparison found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparisons {
    /// Each other policy against the base.
    pub comparisons: Vec<Comparison>,
    /// How many each round of each policy, the base first, invited in the replicates.
    pub invited: Vec<Vec<Tally>>,
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
    Ok(compare_on(plans, given, &Nothing, observer)?.comparisons)
}

/// As [`compare`], with what each round invited; only those replicates are run that `keeper` does not
/// have, and those are kept as they are finished.
///
/// # Errors
/// As [`compare`], and when a replicate cannot be kept.
pub fn compare_on(
    plans: &[Plan],
    given: Option<&Arc<Pool>>,
    keeper: &dyn Keeper,
    observer: &dyn Observer,
) -> Result<Comparisons, RunError> {
    let Some((base, others)) = plans.split_first() else {
        return Ok(Comparisons::default());
    };
    let parts = CompareParts::new(plans, Origin::new(base, given)?);
    let catalogue = &parts.catalogue;
    let mut comparisons: Vec<Vec<Paired>> =
        vec![vec![Paired::default(); catalogue.figures.len()]; others.len()];
    let rounds = plans.iter().map(|plan| plan.rounds.len());
    let mut invited: Vec<Vec<Tally>> = rounds
        .map(|rounds| vec![Tally::default(); rounds])
        .collect();
    observer.begin("replicates", u64::from(base.replicates));
    let mut next = 0;
    while next < base.replicates {
        let end = next.saturating_add(BATCH).min(base.replicates);
        let done: Vec<Result<Part, RunError>> = (next..end)
            .into_par_iter()
            .map(|number| {
                let as_wanted = |part: &Part| {
                    part.pairs.len() == others.len()
                        && (part.pairs.iter())
                            .all(|figures| figures.len() == catalogue.figures.len())
                        && (part.invited.iter().map(Vec::len))
                            .eq(plans.iter().map(|plan| plan.rounds.len()))
                };
                let read = |bytes: &[u8]| Part::from_bytes(bytes).filter(as_wanted);
                let make = || parts.one(number);
                let done = kept::part(keeper, number, read, make, Part::bytes);
                observer.advance(1);
                done
            })
            .collect();
        for part in done {
            let part = part?;
            for (tallies, figures) in comparisons.iter_mut().zip(part.pairs) {
                for (tally, (base, other)) in tallies.iter_mut().zip(figures) {
                    tally.add(base, other);
                }
            }
            let numbers = part.invited.into_iter().flatten();
            for (tally, number) in invited.iter_mut().flatten().zip(numbers) {
                tally.add(number);
            }
        }
        next = end;
    }
    observer.end();
    let named = others.iter().zip(comparisons);
    let comparisons = named
        .map(|(plan, tallies)| Comparison {
            other: plan.name.clone(),
            figures: (catalogue.figures.iter().cloned())
                .zip(tallies.into_iter().map(Paired::whole))
                .collect(),
        })
        .collect();
    Ok(Comparisons {
        comparisons,
        invited,
    })
}

/// A comparison in parts, each a replicate under every policy, wherever they are made.
pub struct CompareParts<'p> {
    plans: &'p [Plan],
    origin: Origin<'p>,
    same_rules: Vec<bool>,
    catalogue: Catalogue,
}

impl<'p> CompareParts<'p> {
    fn new(plans: &'p [Plan], origin: Origin<'p>) -> Self {
        let base = origin.plan();
        CompareParts {
            plans,
            same_rules: plans.iter().map(|plan| same_rules(plan, base)).collect(),
            catalogue: Catalogue::new(plans),
            origin,
        }
    }

    /// The parts of plans that make their own people, the base first; none for no plan.
    ///
    /// # Errors
    /// When a profile cannot give such candidates.
    pub fn of(plans: &'p [Plan]) -> Result<Option<Self>, RunError> {
        let Some(base) = plans.first() else {
            return Ok(None);
        };
        Ok(Some(CompareParts::new(plans, Origin::new(base, None)?)))
    }

    fn one(&self, number: u32) -> Result<Part, RunError> {
        let people = self.origin.people(number, &Silent)?;
        let courses = courses(self.plans, &self.same_rules, &people, number)?;
        let invited = courses.iter().map(|course| {
            let numbers = course.rounds.iter().map(|held| held.invited.len() as f64);
            numbers.collect()
        });
        let pairs = self.catalogue.pairs(self.plans, &courses);
        Ok(Part {
            pairs,
            invited: invited.collect(),
        })
    }
}

impl Parts for CompareParts<'_> {
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError> {
        Ok(self.one(number)?.bytes())
    }
}

/// Whether two plans score alike.
pub(super) fn same_rules(one: &Plan, other: &Plan) -> bool {
    rules_key(one) == rules_key(other)
}

/// Each policy over the same people, scored by its own rules.
fn courses(
    plans: &[Plan],
    same_rules: &[bool],
    people: &Population,
    number: u32,
) -> Result<Vec<Replicate>, RunError> {
    let alike = |plan: &&Plan| plan.rules[0].rules.judge_like(&people.rules);
    let people = people.clone().shared_by(plans.iter().filter(alike).count());
    plans
        .iter()
        .zip(same_rules)
        .map(|(plan, &same)| {
            if same {
                return replicate(plan, &people, number, Detail::Rounds);
            }
            let people = people.scored_by(plan);
            replicate(plan, &people, number, Detail::Rounds)
        })
        .collect()
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
/// Invited under the other policy and not under the base, in all.
const GAINED_IN_ALL: &str = "gained";
/// Invited under the base and not under the other policy, in all.
const LOST_IN_ALL: &str = "lost";
/// Invited.
const INVITED: &str = "invited by";
/// Invited under the other policy and not under the base.
const GAINED: &str = "gained by";
/// Invited under the base and not under the other policy.
const LOST: &str = "lost by";
/// What the group of those is called whose value is not known.
const UNKNOWN: &str = "unknown";

/// Every figure, in the order of files, and where each policy's groups stand among them.
struct Catalogue {
    figures: Vec<Figure>,
    /// Types of rounds of all policies.
    types: Vec<String>,
    /// Number of values of all of [`GROUPS`].
    values: usize,
    /// For each policy and dimension of [`GROUPS`], the place of each value among all values: the
    /// categories of two policies need not be the same.
    places: Vec<Vec<Vec<usize>>>,
}

impl Catalogue {
    fn new(plans: &[Plan]) -> Self {
        let figure = |metric: &str, value: Option<String>| Figure {
            metric: metric.to_owned(),
            value,
        };
        let rounds = plans.iter().flat_map(|plan| &plan.rounds);
        let mut types: Vec<String> = rounds.map(|round| round.type_name.clone()).collect();
        types.sort_unstable();
        types.dedup();
        let mut figures: Vec<Figure> = Vec::new();
        for metric in ["cutoff_score", "invited by round type"] {
            figures.extend(types.iter().map(|name| figure(metric, Some(name.clone()))));
        }
        figures.extend(WHOLE.map(|metric| figure(metric, None)));
        figures.extend([GAINED_IN_ALL, LOST_IN_ALL].map(|metric| figure(metric, None)));
        let mut names: Vec<(Dimension, String)> = Vec::new();
        let mut places = vec![Vec::with_capacity(GROUPS.len()); plans.len()];
        for &dimension in &GROUPS {
            let first = names.len();
            for (plan, places) in plans.iter().zip(&mut places) {
                places.push(places_of(dimension, plan, &mut names, first));
            }
        }
        for metric in [INVITED, GAINED, LOST] {
            figures.extend(names.iter().map(|(dimension, value)| {
                figure(
                    &format!("{metric} {}", dimension.name()),
                    Some(value.clone()),
                )
            }));
        }
        Catalogue {
            figures,
            types,
            values: names.len(),
            places,
        }
    }

    /// The figures of the base beside those of each other policy, in one replicate.
    fn pairs(&self, plans: &[Plan], courses: &[Replicate]) -> Pairs {
        let (base, base_groups) = self.figures(plans, courses, 0);
        let base_rows = invited_rows(&plans[0], &courses[0]);
        (1..plans.len())
            .map(|place| {
                let (other, other_groups) = self.figures(plans, courses, place);
                let other_rows = invited_rows(&plans[place], &courses[place]);
                let gained = only(&other_rows, &base_rows);
                let lost = only(&base_rows, &other_rows);
                let alone = |value: f64| (0.0, value);
                let mut pairs: Vec<(f64, f64)> = base.iter().copied().zip(other).collect();
                pairs.extend([gained.total(), lost.total()].map(|count| alone(count as f64)));
                pairs.extend(base_groups.iter().copied().zip(other_groups));
                pairs.extend(self.by_group(place, &gained).into_iter().map(alone));
                pairs.extend(self.by_group(0, &lost).into_iter().map(alone));
                pairs
            })
            .collect()
    }

    /// Counts of the values of all groups, as the policy of that place names them.
    fn by_group(&self, policy: usize, counts: &Counts) -> Vec<f64> {
        let mut groups = vec![0.0; self.values];
        for (&dimension, places) in GROUPS.iter().zip(&self.places[policy]) {
            for (&count, &place) in counts.of(dimension).iter().zip(places) {
                if count > 0 {
                    groups[place] += count as f64;
                }
            }
        }
        groups
    }

    /// All figures of one policy in one replicate but who gains and loses, and its groups.
    fn figures(
        &self,
        plans: &[Plan],
        courses: &[Replicate],
        policy: usize,
    ) -> (Vec<f64>, Vec<f64>) {
        let (plan, course) = (&plans[policy], &courses[policy]);
        let everybody: Vec<Packed> = invited_of(plan, course).map(|(_, packed)| packed).collect();
        let mut waits: Vec<u32> = Vec::with_capacity(everybody.len());
        let mut cutoffs = vec![(0.0, 0.0); self.types.len()];
        let mut numbers = vec![0.0; self.types.len()];
        for (round, held) in plan.rounds.iter().zip(&course.rounds) {
            let Ok(kind) = self.types.binary_search(&round.type_name) else {
                continue;
            };
            numbers[kind] += held.invited.len() as f64;
            if let Some(cutoff) = held.outcome.cutoff {
                cutoffs[kind].0 += f64::from(cutoff.0);
                cutoffs[kind].1 += 1.0;
            }
            let at = round.instruction.at.seconds();
            let wait = |packed: &Packed| at.saturating_sub(packed.submitted);
            waits.extend(held.invited.iter().map(wait));
        }
        // Not a number for a type that no round of the policy has.
        let mut figures: Vec<f64> = cutoffs.iter().map(|(sum, rounds)| sum / rounds).collect();
        figures.extend(numbers);
        figures.extend(whole(&everybody, &mut waits, course));
        (figures, self.by_group(policy, &count_rows(&everybody)))
    }
}

/// The place of each value of a dimension, as a policy names them, among the names from `first` on;
/// new names are added.
fn places_of(
    dimension: Dimension,
    plan: &Plan,
    names: &mut Vec<(Dimension, String)>,
    first: usize,
) -> Vec<usize> {
    let rules = &plan.rules[0].rules;
    let labels = (0..dimension.values()).map(|value| dimension.label(value, rules));
    labels
        .enumerate()
        .map(|(value, label)| {
            let name = match (dimension, label) {
                (_, Some(name)) => name,
                // Nobody belongs to a category that the rules do not have.
                (Dimension::Category, None) => return first,
                (_, None) => UNKNOWN.to_owned(),
            };
            // Most names stand where they stood in the policy before.
            let usual = names
                .get(first + value)
                .is_some_and(|(_, known)| *known == name);
            let known = || names[first..].iter().position(|(_, known)| *known == name);
            let found = if usual { Some(value) } else { known() };
            first
                + found.unwrap_or_else(|| {
                    names.push((dimension, name));
                    names.len() - 1 - first
                })
        })
        .collect()
}

/// The invited of all rounds by row, as they were in the round: of the categories that there were then.
fn invited_of<'c>(
    plan: &'c Plan,
    course: &'c Replicate,
) -> impl Iterator<Item = (u32, Packed)> + 'c {
    let rounds = plan.rounds.iter().zip(&course.rounds);
    rounds.flat_map(|(round, held)| {
        let standing = plan.standing_at(round.instruction.at);
        let invited = held.outcome.invited.iter().zip(&held.invited);
        invited.map(move |(&row, packed)| {
            let eligibility = packed.eligibility & standing;
            let packed = Packed {
                eligibility,
                ..*packed
            };
            (row, packed)
        })
    })
}

/// The invited by row, as they were when first invited.
fn invited_rows(plan: &Plan, course: &Replicate) -> BTreeMap<u32, Packed> {
    let mut rows = BTreeMap::new();
    for (row, packed) in invited_of(plan, course) {
        rows.entry(row).or_insert(packed);
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

fn whole(everybody: &[Packed], waits: &mut [u32], course: &Replicate) -> [f64; 7] {
    let count = everybody.len() as f64;
    let share = |has: fn(&Packed) -> bool| {
        let having = everybody.iter().filter(|packed| has(packed));
        having.count() as f64 / count
    };
    let median = median(waits) / f64::from(Instant::DAY);
    [
        count,
        everybody
            .iter()
            .map(|packed| u64::from(packed.score))
            .sum::<u64>() as f64
            / count,
        share(Packed::is_french_speaker),
        share(Packed::is_woman),
        share(Packed::has_worked_in_canada),
        median,
        course
            .expired_uninvited
            .map_or(f64::NAN, |expired| expired as f64),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::study::compared::of_comparisons;

    #[test]
    fn the_mean_difference_of_many_replicates_is_that_of_the_means() {
        let mut paired = Paired::default();
        for number in 0..10_000u32 {
            let part = |step: f64| (f64::from(number) * step).fract();
            let base = 480.0 + 20.0 * part(0.618_033_988_75);
            paired.add(base, base + 0.01 * part(std::f64::consts::SQRT_2) - 0.002);
        }
        let paired = paired.whole();
        let [base, other, difference] =
            [&paired.base, &paired.other, &paired.difference].map(|tally| tally.mean().unwrap());
        assert!((difference - (other - base)).abs() < 1e-11);
    }

    #[test]
    fn every_figure_has_a_meaning_and_every_meaning_a_figure() {
        let plan = Scenario::from_path("scenarios/stem-2023-07-05.toml")
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        let mut figures: Vec<String> = Catalogue::new(&[plan])
            .figures
            .into_iter()
            .map(|figure| figure.metric)
            .collect();
        figures.dedup();
        let told = of_comparisons();
        let names: Vec<&str> = told
            .iter()
            .flat_map(|one| &one.names)
            .map(|name| &name[..])
            .collect();
        assert_eq!(figures, names);
    }
}
