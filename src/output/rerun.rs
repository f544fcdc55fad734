//! A result folder read back: the plans that it was made from, to be held again.
//! The manifest has the scenario as resolved and its seed, so that neither the scenario file nor
//! the tables are needed. Nothing is run here.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::manifest::{self, InputRecord};
use super::{OutputError, results};
use crate::scenario::{Overrides, Plan, Problems, Scenario};
use crate::study::Replicate;

/// Columns of the rounds that tell whether a run is the same again.
const TELLING: [&str; 6] = [
    "pool_size",
    "eligible",
    "invited",
    "cutoff_score",
    "tie_break_utc",
    "tied_at_cutoff",
];

/// Why a result cannot be had again.
#[derive(Debug, thiserror::Error)]
pub enum RerunError {
    /// It is no result folder.
    #[error("{}: {why}", .path.display())]
    NoResult {
        /// Where.
        path: PathBuf,
        /// What it is instead, and the way out.
        why: String,
    },
    /// Another version of the program made it.
    #[error(
        "{} was made by drawsim {recorded}, and this is {}; results are the same only with the same \
         version: install drawsim {recorded}, or run the scenario again with this one",
        .path.display(), env!("CARGO_PKG_VERSION")
    )]
    Version {
        /// Where.
        path: PathBuf,
        /// The version that made it.
        recorded: String,
    },
    /// A file that the run read has changed.
    #[error(
        "{} is not what it was when {} was made (its SHA-256 differs); put the file of that time \
         back, or run the scenario again", .input.display(), .path.display()
    )]
    Changed {
        /// Where the result is.
        path: PathBuf,
        /// The file.
        input: PathBuf,
    },
    /// A file that the run read is gone.
    #[error(
        "{input}, which {} was made from, is not there; run the command in the folder in which the \
         result was made", .path.display()
    )]
    Missing {
        /// Where the result is.
        path: PathBuf,
        /// The file as it was given.
        input: String,
    },
    /// The same scenario and seed give something else.
    #[error(
        "{}: {what}; the table was changed, or another build of drawsim made it: run the scenario \
         again", .path.display()
    )]
    Differs {
        /// The table.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// The scenario in the manifest is not in order.
    #[error(transparent)]
    Scenario(#[from] Problems),
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] OutputError),
}

/// A result as its manifest tells it.
#[derive(Debug)]
pub struct Recorded {
    folder: PathBuf,
    /// The version of the program that made it.
    pub version: String,
    /// The verb that made it.
    pub command: String,
    /// Replicates that were run.
    pub replicates: u32,
    /// The plans, complete again: one of a run, the base first of a comparison.
    pub plans: Vec<Plan>,
}

/// The parts of the manifest that matter here.
#[derive(Deserialize)]
struct Wire {
    version: String,
    command: String,
    seed: u64,
    replicates: u32,
    inputs: Vec<WireInput>,
    scenario: Value,
}

#[derive(Deserialize)]
struct WireInput {
    path: String,
    sha256: String,
}

impl Recorded {
    /// Reads the result of a run or a comparison: its folder, or the manifest in it.
    ///
    /// # Errors
    /// When it is no such result, or a file that it was made from is gone or has changed. The
    /// scenario file itself is not needed, and may change.
    pub fn read(path: &Path) -> Result<Self, RerunError> {
        let folder = if path.is_file() && path.extension().is_some_and(|end| end == "json") {
            path.parent().unwrap_or(Path::new(""))
        } else {
            path
        };
        let manifest = folder.join("manifest.json");
        let none = |why: String| RerunError::NoResult {
            path: path.to_owned(),
            why,
        };
        let text = manifest::read(&manifest).map_err(|error| none(why_none(path, &error)))?;
        let unread = |error: &dyn std::fmt::Display| {
            none(format!("manifest.json is not that of a result: {error}"))
        };
        let command = serde_json::from_str::<Value>(&text).map_err(|error| unread(&error))?;
        let command = command["command"].as_str().unwrap_or("another verb");
        if !["run", "compare"].contains(&command) {
            return Err(none(format!(
                "it is the result of {command}; only those of run and compare can be held again"
            )));
        }
        let wire: Wire = serde_json::from_str(&text).map_err(|error| unread(&error))?;
        let scenarios = match &wire.scenario {
            Value::Array(several) => several.clone(),
            one => vec![one.clone()],
        };
        let plans = scenarios
            .into_iter()
            .map(|scenario| plan(folder, &wire, scenario))
            .collect::<Result<Vec<_>, _>>()?;
        if plans.is_empty() || wire.replicates == 0 {
            return Err(none(
                "manifest.json names no scenario that was run".to_owned(),
            ));
        }
        Ok(Recorded {
            folder: folder.to_owned(),
            version: wire.version,
            command: wire.command,
            replicates: wire.replicates,
            plans,
        })
    }

    /// Whether this version of the program made it.
    ///
    /// # Errors
    /// When another did.
    pub fn check_version(&self) -> Result<(), RerunError> {
        if self.version == env!("CARGO_PKG_VERSION") {
            return Ok(());
        }
        Err(RerunError::Version {
            path: self.folder.clone(),
            recorded: self.version.clone(),
        })
    }

    /// Whether a replicate that was held again went as `rounds.csv` says; a folder without that
    /// table says nothing.
    ///
    /// # Errors
    /// When a figure differs, with the first that does.
    pub fn check_rounds(&self, plan: &Plan, replicate: &Replicate) -> Result<(), RerunError> {
        let path = self.folder.join("rounds.csv");
        let Ok(mut reader) = csv::Reader::from_path(&path) else {
            return Ok(());
        };
        let failed = |error: csv::Error| OutputError::io("read", &path, error.into());
        let heads = reader.headers().map_err(failed)?.clone();
        let place = |name: &str| heads.iter().position(|head| head == name);
        let number = replicate.number.to_string();
        let mut rounds = plan.rounds.iter().zip(&replicate.rounds);
        for record in reader.records() {
            let record = record.map_err(failed)?;
            let cell = |name| place(name).and_then(|place| record.get(place));
            if cell("replicate") != Some(number.as_str()) {
                continue;
            }
            let Some((round, held)) = rounds.next() else {
                break;
            };
            for (column, again) in TELLING.into_iter().zip(results::telling(held)) {
                let Some(found) = cell(column).filter(|found| *found != again) else {
                    continue;
                };
                let what = format!(
                    "round {} of replicate {number} has {column} {} here, and {} when it is held again",
                    round.label,
                    shown(found),
                    shown(&again)
                );
                return Err(RerunError::Differs { path, what });
            }
        }
        Ok(())
    }
}

fn shown(cell: &str) -> String {
    match cell {
        "" => "nothing".to_owned(),
        cell => cell.chars().take(40).collect(),
    }
}

/// Why there is no manifest, and what was probably meant.
fn why_none(path: &Path, error: &std::io::Error) -> String {
    if !path.exists() {
        return "there is no such folder; a result folder is what run and compare write, e.g. \
                output/NAME"
            .to_owned();
    }
    if path.extension().is_some_and(|end| end == "toml") {
        return "it is a scenario; give the result folder that run has written for it, e.g. \
                output/NAME"
            .to_owned();
    }
    use std::io::ErrorKind::{NotADirectory, NotFound};
    if !matches!(error.kind(), NotFound | NotADirectory) {
        return format!("manifest.json cannot be read: {error}");
    }
    if !path.is_dir() {
        return "it is no result folder".to_owned();
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let mut below: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|entry| entry.join("manifest.json").is_file())
        .collect();
    below.sort();
    match below.first() {
        Some(first) => format!(
            "it holds result folders and is none itself; give one of them, e.g. {}",
            first.display()
        ),
        None => "it is no result folder: it has no manifest.json".to_owned(),
    }
}

/// A plan from the scenario as resolved.
fn plan(folder: &Path, wire: &Wire, mut scenario: Value) -> Result<Plan, RerunError> {
    let beside = wire
        .inputs
        .first()
        .and_then(|input| Path::new(&input.path).parent());
    let beside = beside.unwrap_or(Path::new(""));
    for pointer in ["/pool/file", "/pool/profile", "/timeline/arrivals/profile"] {
        let Some(Value::String(written)) = scenario.pointer_mut(pointer) else {
            continue;
        };
        let given = match pointer {
            "/pool/file" => written.clone(),
            _ if written.ends_with(".toml") => beside.join(&*written).display().to_string(),
            _ => continue,
        };
        if let Some(input) = wire.inputs.iter().find(|input| input.path == given) {
            *written = locate(folder, input)?.display().to_string();
        }
    }
    if let Value::Object(keys) = &mut scenario {
        // Seeds of the command line may be larger than those of a file.
        keys.shift_remove("seed");
    }
    let text = toml::to_string(&scenario).map_err(|error| RerunError::NoResult {
        path: folder.to_owned(),
        why: format!("the scenario in manifest.json is none: {error}"),
    })?;
    let overrides = Overrides {
        seed: Some(wire.seed),
        ..Overrides::default()
    };
    let path = folder.join("manifest.json");
    let mut plan = Scenario::from_bytes(text.into_bytes(), path)?.resolve_with(&overrides)?;
    plan.replicates = wire.replicates;
    Ok(plan)
}

/// Where a file that a result was made from is now: its path is seen from the folder in which the
/// command ran then, which is this one or lies above the result.
fn locate(folder: &Path, input: &WireInput) -> Result<PathBuf, RerunError> {
    let mut places = vec![PathBuf::from(&input.path)];
    if let Ok(folder) = folder.canonicalize() {
        places.extend(folder.ancestors().map(|above| above.join(&input.path)));
    }
    let mut changed = None;
    for place in places {
        if !place.is_file() {
            continue;
        }
        if InputRecord::of(&place)?.sha256 == input.sha256 {
            return Ok(std::path::absolute(&place).unwrap_or(place));
        }
        changed.get_or_insert(place);
    }
    Err(match changed {
        Some(place) => RerunError::Changed {
            path: folder.to_owned(),
            input: place,
        },
        None => RerunError::Missing {
            path: folder.to_owned(),
            input: input.path.clone(),
        },
    })
}
