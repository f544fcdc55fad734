//! A scenario file becomes a complete plan: every default filled in, every value checked.
//! Problems are collected, not thrown: each step works with what the others left usable.

mod bands;
mod law;
mod names;
mod nominees;
mod patch;
mod pool;
mod resolved;
mod rounds;
mod schedule;
mod timeline;

pub(super) use names::not_a_folder;
pub(super) use nominees::WITHOUT_ROUNDS_FOR_NOMINEES;
pub(super) use rounds::SCALE;

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::defaults;
use super::load::{Overrides, Scenario};
use super::places::Places;
use super::plan::Plan;
use super::problem::{Problem, Problems};
use crate::inputs::Input;
use crate::shown::grouped;
use crate::units::{Date, Instant};

/// One reading of one file.
struct Resolver<'a> {
    scenario: &'a Scenario,
    overrides: &'a Overrides,
    problems: Problems,
    /// Problems of files that the scenario names.
    elsewhere: Problems,
    notices: Vec<String>,
    inputs: Vec<Input>,
}

impl Resolver<'_> {
    /// Adds a problem of a place in the file.
    fn report(&mut self, span: &Range<usize>, key: &str, message: impl Into<String>) {
        let problem = self.problem(span, key, message);
        self.problems.push(problem);
    }

    /// A problem of a place in the file, for those who have more to say about it.
    fn problem(&self, span: &Range<usize>, key: &str, message: impl Into<String>) -> Problem {
        Problem::new(&self.scenario.file, Some(span.clone()), key, message)
    }

    /// A file of candidates, to be read when the plan is run.
    fn input(&mut self, path: &Path) {
        self.inputs.push(Input {
            path: path.to_owned(),
            read: None,
        });
    }

    /// A path in the file, seen from the file's folder.
    fn beside(&self, path: &str) -> PathBuf {
        match self.scenario.path.parent() {
            Some(folder) => folder.join(path),
            None => PathBuf::from(path),
        }
    }
}

/// The plan of a scenario; `found` is what was wrong with single keys.
pub(super) fn resolve(
    scenario: &Scenario,
    overrides: &Overrides,
    found: Problems,
) -> Result<Plan, Problems> {
    let mut resolver = Resolver {
        scenario,
        overrides,
        problems: found,
        elsewhere: Problems::new(),
        notices: Vec::new(),
        inputs: vec![Input {
            path: scenario.path.clone(),
            read: Some(scenario.record.clone()),
        }],
    };
    let keys = &scenario.keys;
    let named = resolver.named();
    let seed = match (overrides.seed, &keys.seed) {
        (Some(seed), _) => seed,
        (None, Some(seed)) => seed.value.unsigned_abs(),
        (None, None) => defaults::SEED,
    };
    let replicates = resolver.replicates();
    let as_of = keys
        .pool
        .as_ref()
        .and_then(|pool| pool.value.as_of.as_ref());
    let at = as_of.and_then(|as_of| Instant::start_of(as_of.value.0));
    let patch = resolver.patch();
    let pool = resolver.pool(at);
    let stretch = resolver.stretch(at);
    let timeline = resolver.timeline(stretch, pool.as_ref());
    let window = rounds::Window {
        pool_at: at,
        stretch,
        timeline: keys.timeline.is_some(),
    };
    let rounds = resolver.rounds(window, &patch.categories);
    let law = resolver.law(at, stretch.map(|(_, end)| end), &rounds, &patch);
    let held = law.as_ref().map_or(&[][..], |law| &law.rounds);
    let nominees = resolver.nominees(pool.as_ref(), timeline.as_ref(), held);
    resolver.problems.sort();
    resolver.problems.extend(resolver.elsewhere);
    match (named, pool, law) {
        (Some(named), Some(pool), Some(law)) if resolver.problems.is_empty() => {
            let mut plan = Plan {
                name: named.name,
                title: named.title,
                description: named.description,
                seed,
                replicates,
                pool,
                rules: law.periods,
                rounds: law.rounds,
                timeline,
                notices: resolver.notices,
                resolved: serde_json::Value::Null,
                inputs: resolver.inputs,
                places: Places::of(scenario, overrides),
            };
            plan.resolved = resolved::resolved(keys, &plan);
            plan.arrive_as(nominees.as_ref());
            plan.notices.extend(pool_that_stands_still(&plan));
            Ok(plan)
        }
        _ => Err(resolver.problems),
    }
}

/// What the user should know of a made pool whose rounds go on for long, though nothing happens in
/// it but rounds. Of a candidate file it is told how many would have expired, once it is read.
fn pool_that_stands_still(plan: &Plan) -> Option<String> {
    let last = plan.rounds.iter().map(|round| round.instruction.at).max()?;
    let days = last.seconds().saturating_sub(plan.pool.at.seconds()) / Instant::DAY;
    let is_told =
        plan.timeline.is_none() && plan.pool.file.is_none() && days >= defaults::STILL_DAYS;
    is_told.then(|| {
        format!(
            "the last round is held {days} days after the date of the pool; without [timeline] nobody \
             arrives or leaves meanwhile, and no profile expires"
        )
    })
}

impl Resolver<'_> {
    fn replicates(&mut self) -> u32 {
        if let Some(replicates) = self.overrides.replicates {
            if replicates == 0 || replicates > defaults::MOST_REPLICATES {
                let message = format!(
                    "{replicates} replicates cannot be run; 1 to {} are accepted",
                    grouped(defaults::MOST_REPLICATES)
                );
                self.problems
                    .push(Problem::of_argument("--replicates", message));
            }
            return replicates;
        }
        let written = self.scenario.keys.replicates.as_ref();
        written
            .and_then(|replicates| u32::try_from(replicates.value).ok())
            .unwrap_or(defaults::REPLICATES)
    }
}

/// How many days lie between two dates.
fn days_between(earlier: Date, later: Date) -> i64 {
    (later - earlier).get_days().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_is_held_as_long_as_somebody_of_the_pool_may_be_left() {
        let told = |at: &str| {
            let text = format!(
                "name = \"a\"\n[pool]\nas_of = 2023-07-04\n[[rounds]]\nat = {at}\ntype = \"general\"\n\
                 invitations = 1\n"
            );
            let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
            scenario.resolve().map_err(|problems| problems.to_string())
        };
        assert!(told("2024-07-02T00:00:00Z").is_ok());
        assert!(told("2024-07-02T23:59:59Z").is_ok());
        let gone = told("2024-07-03T00:00:00Z").unwrap_err();
        assert!(gone.contains("365 days after the pool's date"), "{gone}");
    }

    #[test]
    fn rounds_long_after_the_pool_say_that_nobody_comes_or_goes_unless_there_is_a_timeline() {
        let notices = |day: &str, timeline: &str| {
            let text = format!(
                "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[[rounds]]\nat = 2024-{day}T14:00:00Z\n\
                 type = \"general\"\ninvitations = 1\n{timeline}\n"
            );
            let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
            scenario.resolve().unwrap().notices.join("\n")
        };
        let told = notices("04-09", "");
        assert!(
            told.contains("held 91 days after the date of the pool"),
            "{told}"
        );
        assert!(told.contains("no profile expires"), "{told}");
        for (day, timeline) in [("04-09", "[timeline]\nend = 2024-05-01"), ("01-31", "")] {
            assert!(
                !notices(day, timeline).contains("expires"),
                "{day} {timeline}"
            );
        }
    }
}
