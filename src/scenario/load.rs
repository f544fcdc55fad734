//! From scenario files to plans: one file, or several that are run side by side.
//! The single checks live in `document` (form) and `resolve` (meaning).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::document;
use super::places::Places;
use super::plan::Plan;
use super::problem::{Problem, Problems};
use super::source::SourceFile;
use super::wire::ScenarioFile;
use crate::inputs::InputRecord;
use crate::nearest::nearest;
use crate::shown::quoted;

/// What the command line says instead of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--seed`.
    pub seed: Option<u64>,
    /// `--replicates`.
    pub replicates: Option<u32>,
    /// `--size`: bands are scaled to it.
    pub size: Option<u64>,
    /// `--pool`: a candidate file, seen from the working folder.
    pub pool_file: Option<PathBuf>,
    /// `--policy`: a policy of the file in place of the scenario itself.
    pub policy: Option<String>,
    /// Texts of the profile files that a scenario from elsewhere names, by their names in it: no
    /// other file is opened then.
    pub enclosed: Option<Arc<BTreeMap<String, String>>>,
}

/// A scenario file whose keys were read. What is wrong with single keys is kept until
/// [`Scenario::resolve`], so that all problems of the file are told at once.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(super) file: Arc<SourceFile>,
    pub(super) path: PathBuf,
    /// What was read of the file.
    pub(super) record: InputRecord,
    pub(super) keys: ScenarioFile,
    pub(super) found: Problems,
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    /// When nothing in it can be trusted: it cannot be read, is larger than 16 MiB, is not UTF-8
    /// or not TOML. Problems of single keys come with [`Scenario::resolve`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let (file, record) = document::read_scenario(path)?;
        Self::from_source(file, record, path)
    }

    /// Reads a scenario from the bytes of a file that would stand at `path`; paths in it are seen
    /// from there.
    ///
    /// # Errors
    /// As [`Scenario::from_path`].
    pub fn from_bytes(bytes: Vec<u8>, path: impl AsRef<Path>) -> Result<Self, Problems> {
        let path = path.as_ref();
        let record = InputRecord::of_bytes(path, &bytes);
        let name = path.display().to_string();
        Self::from_source(document::text(&name, bytes)?, record, path)
    }

    fn from_source(
        file: Arc<SourceFile>,
        record: InputRecord,
        path: &Path,
    ) -> Result<Self, Problems> {
        let mut found = Problems::new();
        let keys = document::parse(&file, &mut found)?;
        Ok(Scenario {
            file,
            path: path.to_owned(),
            record,
            keys,
            found,
        })
    }

    /// Fills in every default and checks every value: the plan that the file alone describes.
    ///
    /// # Errors
    /// All problems of the file, those of its policies as well, in the order of their places.
    pub fn resolve(&self) -> Result<Plan, Problems> {
        self.resolve_with(&Overrides::default())
    }

    /// As [`Scenario::resolve`], with some values that stand for those of the file.
    ///
    /// # Errors
    /// As [`Scenario::resolve`], and what is wrong with the values.
    pub fn resolve_with(&self, overrides: &Overrides) -> Result<Plan, Problems> {
        let mut plans = self.policies(overrides)?;
        if let Some(wanted) = &overrides.policy {
            let place = (1..plans.len()).find(|&place| plans[place].name == *wanted);
            let Some(place) = place else {
                return Err(self.no_such_policy(wanted, &plans[1..]).into());
            };
            let plan = plans.swap_remove(place);
            return match has_other_people(&plans[0], &plan) {
                None => Ok(plan),
                Some(key) => {
                    let message = format!(
                        "the policy sets `{key}`, by which a pool of its own would be made, with other people \
                         than the scenario's"
                    );
                    let advice = "`drawsim compare` runs it on the scenario's people; for a pool of its own \
                                  write it as a scenario";
                    let problem = Problem::of_argument(&format!("--policy {wanted}"), message);
                    Err(problem.advising(advice).into())
                }
            };
        }
        let policies = plans.len() - 1;
        let mut plan = plans.swap_remove(0);
        if policies > 0 {
            plan.notices.push(format!(
                "the file has {} besides: `drawsim compare` runs all of it, `run --policy NAME` one of them",
                match policies {
                    1 => "1 policy".to_owned(),
                    more => format!("{more} policies"),
                }
            ));
        }
        Ok(plan)
    }

    /// The file has no policy of that name.
    fn no_such_policy(&self, wanted: &str, policies: &[Plan]) -> Problem {
        let names: Vec<&str> = policies.iter().map(|plan| plan.name.as_str()).collect();
        let file = self.path.display();
        let message = match names.is_empty() {
            true => format!("{file} has no policies"),
            false => format!("{} is no policy of {file}", quoted(wanted)),
        };
        Problem::of_argument(&format!("--policy {wanted}"), message)
            .accepting(&names)
            .near(nearest(wanted, names.iter().copied()))
    }

    /// The file of `pool.file`, seen from the folder of the scenario.
    fn named_candidates(&self) -> Option<PathBuf> {
        let written = self.keys.pool.as_ref()?.value.file.as_ref()?;
        let folder = self.path.parent().unwrap_or(Path::new(""));
        Some(folder.join(&written.value))
    }
}

/// The key for which people who are made for a policy would not be those of its scenario: bands are
/// filled by the points in force. Who is of a file, and whom nobody joins, stays whatever the points.
fn has_other_people(base: &Plan, policy: &Plan) -> Option<&'static str> {
    let is_made = policy.pool.file.is_none() || policy.timeline.is_some();
    ["points", "factors"]
        .into_iter()
        .find(|key| is_made && base.resolved.get(key) != policy.resolved.get(key))
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

/// The plans of several scenario files, in their order.
///
/// # Errors
/// All problems of all files, and names that two of them share: their results would stand in the
/// same folder.
pub fn plans_from_paths(paths: &[PathBuf], overrides: &Overrides) -> Result<Vec<Plan>, Problems> {
    let mut problems = Problems::new();
    let mut plans = Vec::new();
    for (plan, found) in each_plan(paths, overrides) {
        plans.extend(plan);
        problems.extend(found);
    }
    if problems.is_empty() {
        Ok(plans)
    } else {
        Err(problems)
    }
}

/// Of each scenario file the plan, if the file is in order, and what is wrong with it or with its
/// name beside those before it.
pub fn each_plan(paths: &[PathBuf], overrides: &Overrides) -> Vec<(Option<Plan>, Problems)> {
    let mut read: Vec<(Option<Plan>, Problems)> = Vec::with_capacity(paths.len());
    for path in paths {
        let scenario = Scenario::from_path(path);
        let plan = scenario.and_then(|scenario| Ok((scenario.resolve_with(overrides)?, scenario)));
        let one = match plan {
            Ok((plan, scenario)) => {
                let same = |other: &Plan| other.name.eq_ignore_ascii_case(&plan.name);
                let mut others = paths.iter().zip(&read);
                let other = others.find(|(_, (other, _))| other.as_ref().is_some_and(same));
                let found = other.map(|(other, _)| named_alike(&scenario, &plan, path, other));
                (Some(plan), found.map_or_else(Problems::new, Problems::from))
            }
            Err(found) => (None, found),
        };
        read.push(one);
    }
    read
}

/// Two files whose results would stand in the same folder.
fn named_alike(scenario: &Scenario, plan: &Plan, path: &Path, other: &Path) -> Problem {
    let span = scenario.keys.name.as_ref().map(|name| name.span.clone());
    let message = if is_same_file(path, other) {
        "the file is given twice; for several runs of it use --replicates".to_owned()
    } else {
        format!(
            "{} is also the name of {}; results are kept by name, so each needs its own",
            quoted(&plan.name),
            other.display()
        )
    };
    Problem::new(&scenario.file, span, "name", message)
}

/// The candidate file that a scenario, or the command for it, names, with the places of its keys;
/// the scenario may be wrong in everything else. None where there is no such file.
pub fn candidate_file(path: &Path, overrides: &Overrides) -> Option<(PathBuf, Places)> {
    let scenario = Scenario::from_path(path).ok();
    let named = scenario.as_ref().and_then(Scenario::named_candidates);
    let file = overrides.pool_file.clone().or(named)?;
    let places = scenario.map(|scenario| Places::of(&scenario, overrides));
    file.is_file().then(|| (file, places.unwrap_or_default()))
}
