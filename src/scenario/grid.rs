//! A scenario with every combination of the values of a sweep's settings: one plan for each, and
//! the plans that say which people it meets. How keys are addressed lives in `settings`.
//!
//! Keys of rounds are set on the rounds as they are held, so that published and repeated ones can
//! be swept as well; all other keys are set in the file before it is read. `scale_invitations`
//! multiplies the numbers that are set, as it multiplies those of a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use toml::{Table, Value};

use super::load::{Overrides, Scenario};
use super::places::Places;
use super::plan::Plan;
use super::policy::names_of_points;
use super::problem::{Problem, Problems};
use super::settings::{Miss, Setting, problem, settings};
use crate::nearest::nearest;
use crate::rules::grid::names_of_columns;
use crate::shown::{grouped, quoted};

/// Most combinations of a sweep.
const MOST_COMBINATIONS: usize = 10_000;
/// Combinations that cannot be, after which no more are tried.
const MOST_FAILED: usize = 1_000;
/// The key that multiplies the invitations of every round.
const SCALE: &str = "scale_invitations";

/// A scenario in every combination of the values of its settings.
#[derive(Debug, Clone)]
pub struct Grid {
    /// The scenario as its file says.
    pub base: Plan,
    /// The settings.
    pub settings: Vec<Setting>,
    /// Plans that the people are made by: the scenario's rules with the settings that decide who
    /// the candidates are.
    pub people: Vec<Plan>,
    /// The combinations; the last setting changes fastest.
    pub combinations: Vec<Combination>,
}

impl Grid {
    /// The plans of the combinations.
    pub fn plans(&self) -> impl Iterator<Item = &Plan> + Clone {
        self.combinations.iter().map(|one| &one.plan)
    }
}

/// One combination of values.
#[derive(Debug, Clone)]
pub struct Combination {
    /// The place of its value in each setting.
    pub places: Vec<usize>,
    /// The place of its people among [`Grid::people`].
    pub people: usize,
    /// The scenario with these values.
    pub plan: Plan,
}

/// Reads a scenario file and applies the settings.
///
/// # Errors
/// All problems of the file and of the settings at once: unknown keys, values that the scenario
/// cannot have, and too many combinations.
pub fn grid(path: &Path, texts: &[String], overrides: &Overrides) -> Result<Grid, Problems> {
    let mut problems = Problems::new();
    let base = Scenario::from_path(path)
        .and_then(|scenario| Ok((scenario.resolve_with(overrides)?, scenario)))
        .map_err(|found| problems.extend(found))
        .ok();
    let (settings, found) = settings(texts);
    problems.extend(found);
    problems.extend(overridden(&settings, overrides));
    let Some((base, scenario)) = base else {
        return Err(problems);
    };
    let combinations = settings.iter().try_fold(1usize, |product, setting| {
        product.checked_mul(setting.values.len())
    });
    if combinations.is_none_or(|number| number > MOST_COMBINATIONS) {
        let message = format!(
            "the settings make {} combinations; at most {} are accepted",
            combinations.map_or("far too many".to_owned(), |number| grouped(number as u128)),
            grouped(MOST_COMBINATIONS as u128)
        );
        problems.push(Problem::of_argument("--set", message));
        return Err(problems);
    }
    problems.extend(overruled(&settings));
    problems.extend(narrowed(&settings, &scenario));
    // What is part of another setting is told by now.
    let whole: Vec<Setting> = (settings.iter())
        .filter(|setting| !settings.iter().any(|other| setting.is_within(other)))
        .cloned()
        .collect();
    let grid = Maker::new(&scenario, path, overrides, &whole)?.combine(base);
    let grid = grid.map_err(|found| problems.extend(found));
    grid.ok().filter(|_| problems.is_empty()).ok_or(problems)
}

/// Settings that others would make idle, though they come later: of repeated rounds, or of all rounds,
/// after one of rounds with the same key, which are set last; and a key beside the table or value that
/// it is part of.
fn overruled(settings: &[Setting]) -> Problems {
    let mut problems = Problems::new();
    for (place, setting) in settings.iter().enumerate() {
        let mut others = settings.iter();
        if let Some(whole) = others.find(|other| setting.is_within(other)) {
            let message = format!("`{}` is set as a whole; leave one of them out", whole.key);
            problems.push(problem(&setting.key, message));
        }
        let before = settings[..place].iter();
        let mut of_rounds = before.filter(|before| before.is_of_rounds());
        let wins = of_rounds.find(|before| before.sets_as(setting));
        if let Some(wins) = wins.filter(|_| setting.is_of_all_rounds()) {
            let message = format!(
                "`{}` is set on the rounds as they are held, after this; put this before it",
                wins.key
            );
            problems.push(problem(&setting.key, message));
        }
    }
    problems
}

/// Settings of a point for candidates without and with a spouse that would reach fewer: the names of
/// one of the two go before, and the file has one that is not set, or both are set or in the file.
fn narrowed(settings: &[Setting], scenario: &Scenario) -> Problems {
    const POINTS: &str = "points.";
    let mut problems = Problems::new();
    let in_file: BTreeSet<&str> = names_of_points(&scenario.keys.points).collect();
    let set = settings.iter().map(|setting| setting.key.as_str());
    let set: BTreeSet<&str> = set.filter_map(|key| key.strip_prefix(POINTS)).collect();
    for setting in settings {
        let name = setting.key.strip_prefix(POINTS);
        let Some(columns) = name.and_then(names_of_columns) else {
            continue;
        };
        let [one, other] = &columns;
        let is_taken = |name: &String| set.contains(&**name) || in_file.contains(&**name);
        let message = match [one, other].map(is_taken) {
            [true, true] => format!(
                "nothing is left of it: `{POINTS}{one}` and `{POINTS}{other}` go before it, and \
                 both are set or in the scenario; set those"
            ),
            [true, false] if !set.contains(&**one) => goes_before(one, other),
            [false, true] if !set.contains(&**other) => goes_before(other, one),
            _ => continue,
        };
        problems.push(problem(&setting.key, message));
    }
    problems
}

/// The scenario has the point of one of the two columns that a setting is about.
fn goes_before(own: &str, other: &str) -> String {
    format!(
        "the scenario sets `{own}`, which goes before it; set `points.{other}` instead, or \
         `points.{own}` as well"
    )
}

/// Settings that an option makes idle: its value would stand in tables beside figures of another.
fn overridden(settings: &[Setting], overrides: &Overrides) -> Problems {
    let mut problems = Problems::new();
    for setting in settings {
        let option = match setting.key.as_str() {
            "seed" if overrides.seed.is_some() => "--seed",
            "pool.size" | "pool.bands" | "pool.profile" if overrides.pool_file.is_some() => {
                "--pool"
            }
            _ => continue,
        };
        let message = format!("{option} decides it for every combination; leave one of them out");
        problems.push(problem(&setting.key, message));
    }
    problems
}

/// Types of rounds for which a file says which version it means, and the version.
fn written_versions(value: &Value, found: &mut Vec<(Value, Value)>) {
    match value {
        Value::Table(table) => {
            if let (Some(name), Some(version)) = (table.get("type"), table.get("version")) {
                found.push((name.clone(), version.clone()));
            }
            table
                .values()
                .for_each(|held| written_versions(held, found));
        }
        Value::Array(list) => list.iter().for_each(|held| written_versions(held, found)),
        _ => {}
    }
}

/// The key of a tie-breaking rule, of a round or of all.
const TIE_BREAK: &str = "tie_break";

/// Whether a value holds a tie-breaking rule.
fn has_tie_break(value: &Value) -> bool {
    match value {
        Value::Table(table) => table.contains_key(TIE_BREAK) || table.values().any(has_tie_break),
        Value::Array(list) => list.iter().any(has_tie_break),
        _ => false,
    }
}

/// Takes the versions out of rounds for which the file has none, and tie-breaking rules where it has
/// none at all: another time or type that is set has its own.
fn forget_defaults(rounds: &mut Value, file: &Table) {
    let mut written = Vec::new();
    let of_rounds = ["rounds", "schedule"].map(|key| file.get(key));
    (of_rounds.iter().flatten()).for_each(|held| written_versions(held, &mut written));
    let of_ties = of_rounds.into_iter().flatten().any(has_tie_break);
    let has_rule = of_ties || file.contains_key(TIE_BREAK);
    let rounds = rounds.as_array_mut().into_iter().flatten();
    for round in rounds.filter_map(Value::as_table_mut) {
        if !has_rule {
            round.remove(TIE_BREAK);
        }
        let pair = |(name, version): &(Value, Value)| {
            round.get("type") == Some(name) && round.get("version") == Some(version)
        };
        if !written.iter().any(pair) {
            round.remove("version");
        }
    }
}

/// Makes plans of combinations; what several share is made once.
struct Maker<'a> {
    path: &'a Path,
    overrides: &'a Overrides,
    settings: &'a [Setting],
    keys: Table,
}

/// Places of values, none for settings that are left as the file has them.
type Chosen = Vec<Option<usize>>;

impl<'a> Maker<'a> {
    fn new(
        scenario: &Scenario,
        path: &'a Path,
        overrides: &'a Overrides,
        settings: &'a [Setting],
    ) -> Result<Self, Problems> {
        let mut keys: Table = scenario
            .file
            .text()
            .parse()
            .map_err(|error: toml::de::Error| {
                Problem::new(&scenario.file, error.span(), "", error.message().to_owned())
            })?;
        keys.remove("policy");
        Ok(Maker {
            path,
            overrides,
            settings,
            keys,
        })
    }

    /// What is wrong with single values if nothing else is set, by the place of the setting and that of
    /// the value.
    fn single_values(&self) -> Result<BTreeMap<(usize, usize), Problems>, Problems> {
        let mut wrong = BTreeMap::new();
        let file = self.plan_with(&vec![None; self.settings.len()])?;
        for (index, setting) in self.settings.iter().enumerate() {
            for place in 0..setting.values.len() {
                let mut chosen: Chosen = vec![None; self.settings.len()];
                chosen[index] = Some(place);
                let plan = if setting.is_of_rounds() {
                    self.with_rounds(&file, &chosen).map(drop)
                } else {
                    self.plan_with(&chosen).map(drop)
                };
                if let Err(found) = plan {
                    wrong.insert((index, place), found);
                }
            }
        }
        Ok(wrong)
    }

    /// What is wrong with combinations: what is wrong with a value by itself, in every combination that it
    /// is part of, is told once and by its name, and anything else as it is.
    fn told(&self, failed: Vec<(Vec<usize>, Problems)>, combinations: &[Combination]) -> Problems {
        let mut alone = match self.single_values() {
            Ok(alone) => alone,
            Err(found) => return found,
        };
        for one in combinations {
            for value in one.places.iter().copied().enumerate() {
                alone.remove(&value);
            }
        }
        let (mut blamed, mut others) = (BTreeSet::new(), Problems::new());
        let is_cut_short = failed.len() == MOST_FAILED;
        for (places, found) in failed {
            let values = places.iter().copied().enumerate();
            let wrong: Vec<_> = values
                .filter_map(|value| Some((value, alone.get(&value)?)))
                .collect();
            let is_known = |problem: &Problem| {
                let of_value = |(_, known): &(_, &Problems)| known.have(&problem.message);
                wrong.iter().any(of_value)
            };
            // A value may hide what is wrong with another.
            let explained = found.iter().all(is_known);
            let is_seen = |known: &Problems| found.iter().any(|one| known.have(&one.message));
            let to_blame = wrong
                .iter()
                .filter(|(_, known)| explained || is_seen(known));
            blamed.extend(to_blame.map(|(value, _)| *value));
            if !explained {
                others.merge(found);
            }
        }
        let mut problems = Problems::new();
        for value in &blamed {
            problems.extend(alone.remove(value).unwrap_or_default());
        }
        problems.extend(others);
        if is_cut_short {
            let message = format!(
                "{} combinations cannot be; further ones were not tried",
                grouped(MOST_FAILED as u128)
            );
            problems.push(Problem::of_argument("--set", message));
        }
        problems
    }

    fn combine(&self, base: Plan) -> Result<Grid, Problems> {
        let mut failed = Vec::new();
        let mut people: Vec<(Chosen, Plan)> = Vec::new();
        let mut files: BTreeMap<Chosen, (usize, Plan)> = BTreeMap::new();
        let mut combinations = Vec::new();
        let mut places = vec![0; self.settings.len()];
        loop {
            let keep = |wanted: &dyn Fn(&Setting) -> bool| -> Chosen {
                let pairs = self.settings.iter().zip(&places);
                pairs
                    .map(|(setting, &place)| wanted(setting).then_some(place))
                    .collect()
            };
            let in_file = keep(&|setting| !setting.is_of_rounds());
            let plan = match files.get(&in_file) {
                Some(known) => Ok(known.clone()),
                None => self.plan_with(&in_file).and_then(|plan| {
                    let of_people = keep(&Setting::is_of_people);
                    let known = people.iter().position(|(chosen, _)| *chosen == of_people);
                    let group = match known {
                        Some(group) => group,
                        None => {
                            people.push((of_people.clone(), self.plan_with(&of_people)?));
                            people.len() - 1
                        }
                    };
                    files.insert(in_file.clone(), (group, plan.clone()));
                    Ok((group, plan))
                }),
            };
            let all = keep(&|_| true);
            match plan.and_then(|(group, plan)| Ok((group, self.with_rounds(&plan, &all)?))) {
                Ok((people, plan)) => combinations.push(Combination {
                    places: places.clone(),
                    people,
                    plan,
                }),
                Err(found) => failed.push((places.clone(), found)),
            }
            if failed.len() == MOST_FAILED || !self.next(&mut places) {
                break;
            }
        }
        if !failed.is_empty() {
            return Err(self.told(failed, &combinations));
        }
        Ok(Grid {
            base,
            settings: self.settings.to_vec(),
            people: people.into_iter().map(|(_, plan)| plan).collect(),
            combinations,
        })
    }

    /// The next combination, the last setting changing fastest; whether there is one.
    fn next(&self, places: &mut [usize]) -> bool {
        for (setting, place) in self.settings.iter().zip(places).rev() {
            *place += 1;
            if *place < setting.values.len() {
                return true;
            }
            *place = 0;
        }
        false
    }

    /// The plan of the file with the chosen settings that are not of rounds.
    fn plan_with(&self, chosen: &Chosen) -> Result<Plan, Problems> {
        let mut keys = self.keys.clone();
        self.write(&mut keys, chosen, |setting| !setting.is_of_rounds())?;
        self.plan(&keys, chosen)
    }

    /// A plan with the chosen settings of rounds.
    fn with_rounds(&self, plan: &Plan, chosen: &Chosen) -> Result<Plan, Problems> {
        let of_rounds = |(setting, place): (&Setting, &Option<usize>)| {
            setting.is_of_rounds() && place.is_some()
        };
        if !self.settings.iter().zip(chosen).any(of_rounds) {
            return Ok(plan.clone());
        }
        let mut written = self.keys.clone();
        self.write(&mut written, chosen, |setting| !setting.is_of_rounds())?;
        // Rounds that are written out are scaled already; it has to come after what is set.
        let factor = written.remove(SCALE);
        let unscaled = match factor {
            Some(_) => &self.plan(&written, chosen)?,
            None => plan,
        };
        let mut keys = Table::try_from(&unscaled.resolved).map_err(|error| {
            Problem::of_argument(
                "--set",
                format!("the rounds cannot be written out: {error}"),
            )
        })?;
        keys.extend(factor.map(|factor| (SCALE.to_owned(), factor)));
        // As the file has it: paths in it are seen from the file.
        if let Some(pool) = written.remove("pool") {
            keys.insert("pool".to_owned(), pool);
        }
        if let Some(rounds) = keys.get_mut("rounds") {
            forget_defaults(rounds, &written);
        }
        self.write(&mut keys, chosen, Setting::is_of_rounds)?;
        self.plan(&keys, chosen)
    }

    fn write(
        &self,
        keys: &mut Table,
        chosen: &Chosen,
        wanted: impl Fn(&Setting) -> bool,
    ) -> Result<(), Problems> {
        let mut problems = Problems::new();
        for (setting, place) in self.settings.iter().zip(chosen) {
            let Some(place) = place.filter(|_| wanted(setting)) else {
                continue;
            };
            match setting.write(place, keys) {
                Ok(()) => {}
                Err(Miss::NoList(list)) => {
                    let message = format!("the scenario has no `{list}`");
                    problems.push(problem(&setting.written(place), message));
                }
                Err(Miss::NoTable(key, value)) => {
                    let message = format!(
                        "`{key}` of the scenario is {}, which has no keys of its own",
                        quoted(&value)
                    );
                    problems.push(problem(&setting.written(place), message));
                }
                Err(Miss::Nobody {
                    list,
                    wanted,
                    accepted,
                }) => {
                    let message = format!(
                        "{} is none of the `{list}` of the scenario",
                        quoted(&wanted)
                    );
                    let near =
                        nearest(&wanted, accepted.iter().map(String::as_str)).map(str::to_owned);
                    problems.push(
                        problem(&setting.written(place), message)
                            .accepting(&accepted)
                            .near(near.as_deref()),
                    );
                }
            }
        }
        if problems.is_empty() {
            Ok(())
        } else {
            Err(problems)
        }
    }

    /// The plan of changed keys; what is wrong with them is told by the settings that did it.
    fn plan(&self, keys: &Table, chosen: &Chosen) -> Result<Plan, Problems> {
        let by: Vec<String> = self
            .settings
            .iter()
            .zip(chosen)
            .filter_map(|(setting, place)| place.map(|place| setting.written(place)))
            .collect();
        let shown = by.join(" --set ");
        let text = toml::to_string(&Value::Table(keys.clone()))
            .map_err(|error| problem(&shown, error.to_string()))?;
        Scenario::from_bytes(text.into_bytes(), self.path)
            .and_then(|scenario| scenario.resolve_with(self.overrides))
            .map(|plan| Plan {
                places: Places::default(),
                ..plan
            })
            .map_err(|found| {
                let mut problems = Problems::new();
                for one in found.iter() {
                    let key = if one.key.is_empty() {
                        String::new()
                    } else {
                        format!("{}: ", one.key)
                    };
                    problems.push(
                        problem(&shown, format!("{key}{}", one.message))
                            .accepting(&one.accepted)
                            .advising(&one.advice)
                            .near(one.nearest.as_deref()),
                    );
                }
                problems
            })
    }
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
