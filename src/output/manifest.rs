//! `manifest.json`: what a result was made by and from.
//! Everything in it but the wall time is the same for the same scenario, seed and version.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::inputs::InputRecord;
use crate::rules::RuleVersion;
use crate::study::summary::{Metric, Precision};
use crate::units::{Date, Instant};

use super::shortfall::Shortfall;
use super::writer::Written;

/// Bytes of the longest manifest that is read.
const LONGEST: u64 = 64 << 20;
/// The program, as it names itself.
const PROGRAM: &str = "drawsim";
/// The key that says when a run was to end before its last replicate.
const STOP: &str = "stop_when";
/// The key that names policies whose rounds could not all be filled.
const UNFILLED: &str = "unfilled";

/// Reads the text of a manifest.
///
/// # Errors
/// When the operating system refuses, or it is longer than any manifest.
pub fn read(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let mut text = String::new();
    // What a file says of its length is no promise, but spares reading what is too long.
    let is_longer = file.metadata()?.len() > LONGEST
        || file.take(LONGEST + 1).read_to_string(&mut text)? as u64 > LONGEST;
    if is_longer {
        return Err(io::Error::other(format!(
            "larger than {} MiB; no manifest is that long",
            LONGEST >> 20
        )));
    }
    Ok(text)
}

/// What a manifest says that the folder holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Contents {
    program: String,
    /// The verb.
    pub command: String,
    /// Its tables.
    pub files: Vec<FileRecord>,
}

/// A table of a result folder.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct FileRecord {
    /// Name of its file.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its file; results of earlier builds do not tell.
    pub bytes: Option<u64>,
}

impl Contents {
    /// Reads the manifest of a result folder; none when the file is no manifest of this program.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        match read(path) {
            Ok(text) => Ok(serde_json::from_str(&text)
                .ok()
                .filter(|contents: &Contents| contents.program == PROGRAM)),
            Err(error) if matches!(error.kind(), ErrorKind::Other | ErrorKind::InvalidData) => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// What a result was made by and from.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The verb, e.g. `run`.
    pub command: String,
    /// Name of the run, as the result folder's.
    pub name: String,
    /// What a reader calls it.
    pub title: String,
    /// The scenario as resolved; an array of them for commands that take several.
    pub scenario: Value,
    /// Seed of every stream.
    pub seed: u64,
    /// Replicates that were run; 0 where nothing is simulated: then the file names neither
    /// seed, replicates, rules nor scenario.
    pub replicates: u32,
    /// When the run was to end before its last replicate, if it was; else the file does not name it.
    pub stop: Option<Precision>,
    /// Policies whose rounds could not all be filled; else the file does not name any.
    pub unfilled: Vec<Shortfall>,
    /// Rules that were used, in order of time.
    pub rules: Vec<RulesRecord>,
    /// Files that were read.
    pub inputs: Vec<InputRecord>,
    /// How long the run took.
    pub wall_time: Duration,
}

/// Rules that were used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesRecord {
    /// Since when in the run.
    pub from: Instant,
    /// The date whose rules they are.
    pub date: Date,
    /// The categories, each as `name version`.
    pub categories: Vec<String>,
    /// The tables, each with the date from which it holds and its source.
    pub tables: Vec<RuleVersion>,
}

impl InputRecord {
    /// What a manifest says of a file.
    pub(super) fn to_json(&self) -> Value {
        json!({ "path": self.path, "bytes": self.bytes, "sha256": self.sha256 })
    }
}

impl Manifest {
    /// The file's contents.
    pub(super) fn to_json(&self, written: &[Written]) -> Value {
        let rules: Vec<Value> = self
            .rules
            .iter()
            .map(|rules| {
                json!({
                    "from": rules.from.to_string(),
                    "rules_of": rules.date.to_string(),
                    "categories": rules.categories,
                    "tables": rules.tables,
                })
            })
            .collect();
        let inputs: Vec<Value> = self.inputs.iter().map(InputRecord::to_json).collect();
        let files: Vec<Value> = written
            .iter()
            .map(|file| json!({ "path": file.path(), "rows": file.rows, "bytes": file.bytes }))
            .collect();
        let mut manifest = json!({
            "program": PROGRAM,
            "version": env!("CARGO_PKG_VERSION"),
            "command": self.command,
            "name": self.name,
            "title": self.title,
            "seed": self.seed,
            "replicates": self.replicates,
            "rules": rules,
            "inputs": inputs,
            "files": files,
            "wall_time_seconds": (self.wall_time.as_secs_f64() * 1_000.0).round() / 1_000.0,
            "scenario": self.scenario,
        });
        if let Value::Object(keys) = &mut manifest {
            if let Some(Precision { metric, se }) = self.stop {
                let stop = json!({ "metric": metric.name(), "se": se });
                keys.insert(STOP.to_owned(), stop);
            }
            if !self.unfilled.is_empty() {
                keys.insert(UNFILLED.to_owned(), json!(self.unfilled));
            }
            if self.replicates == 0 {
                for key in ["seed", "replicates", "rules", "scenario"] {
                    keys.shift_remove(key);
                }
            }
        }
        manifest
    }
}

/// When the run of this manifest was to end before its last replicate, if it was.
pub fn stop_of(manifest: &Value) -> Option<Precision> {
    let stop = manifest.get(STOP)?;
    Some(Precision {
        metric: Metric::from_name(stop["metric"].as_str()?)?,
        se: stop["se"].as_f64()?,
    })
}
