//! A result folder read back: the plans that it was made from, to be held again.
//! The manifest has the scenario as resolved and its seed, so that neither the scenario file nor
//! the tables are needed. Nothing is run here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ::csv::StringRecord;
use serde::Deserialize;
use serde_json::Value;

use super::manifest::{self, FileRecord};
use super::read_back::{Fault, each_record};
use super::rows::{InviteeRow, RoundRow};
use super::table::{Cell, Row};
use super::text::push_cell;
use super::{Format, OutputError, results};
use crate::inputs::InputRecord;
use crate::scenario::{Overrides, Places, Plan, Problems, RoundPlan, Scenario};
use crate::study::Replicate;

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
    /// Format of its tables.
    pub format: Format,
    /// Whether the invited of each of several replicates were written.
    pub has_all_replicates: bool,
}

/// The parts of the manifest that matter here.
#[derive(Deserialize)]
struct Wire {
    version: String,
    command: String,
    seed: u64,
    replicates: u32,
    inputs: Vec<WireInput>,
    files: Vec<FileRecord>,
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
        Recorded::read_with(path, &Overrides::default())
    }

    /// As [`Recorded::read`], for plans with another seed or another number of replicates.
    ///
    /// # Errors
    /// As [`Recorded::read`], and when the scenario cannot have them.
    pub fn read_with(path: &Path, overrides: &Overrides) -> Result<Self, RerunError> {
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
        if scenarios.is_empty() || wire.replicates == 0 {
            return Err(none(
                "manifest.json names no scenario that was run".to_owned(),
            ));
        }
        let plans = scenarios
            .into_iter()
            .map(|scenario| plan(&manifest, &text, &wire, scenario, overrides))
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Recorded {
            folder: folder.to_owned(),
            version: wire.version,
            command: wire.command,
            replicates: wire.replicates,
            plans,
            format: format_of(&wire.files),
            has_all_replicates: wire.replicates > 1 && lists::<InviteeRow>(&wire.files),
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

    /// Whether a replicate that was held again went as the table of rounds says in every cell, and
    /// the table has a row for each round of the others; a comparison has no such table.
    ///
    /// # Errors
    /// When the table is not there or differs, with the first place where it does.
    pub fn check_rounds(&self, plan: &Plan, replicate: &Replicate) -> Result<(), RerunError> {
        if self.command != "run" {
            return Ok(());
        }
        let path = self
            .folder
            .join(format!("{}.{}", RoundRow::TABLE.name, self.format.name()));
        let differs = |what: String| RerunError::Differs {
            path: path.clone(),
            what,
        };
        let total = plan.rounds.len() * self.replicates as usize;
        let mut count = 0;
        let header = each_record(&path, |header, record| {
            same_columns(header)?;
            if count == total {
                return Err(format!("more than the {total} rows that were written"));
            }
            let (number, place) = (count / plan.rounds.len(), count % plan.rounds.len());
            count += 1;
            let round = &plan.rounds[place];
            if number != replicate.number as usize {
                return same_place(plan, number, round, record);
            }
            same_cells(
                &results::round_row(plan, replicate.number, round, &replicate.rounds[place]),
                record,
            )
        })
        .map_err(|fault| match fault {
            Fault::Io(error) if error.kind() == ErrorKind::NotFound => {
                differs("it is not there".to_owned())
            }
            Fault::Io(error) => OutputError::io("read", &path, error).into(),
            Fault::Damaged(what) => differs(what),
        })?;
        same_columns(&header).map_err(differs)?;
        if count < total {
            return Err(differs(format!(
                "it has {count} rows, and {total} were written"
            )));
        }
        Ok(())
    }
}

/// Whether the table has the columns of rounds.
fn same_columns(header: &StringRecord) -> Result<(), String> {
    let columns = RoundRow::TABLE.columns.iter().map(|column| column.name);
    if header.iter().eq(columns.clone()) {
        return Ok(());
    }
    let mut found = header.iter();
    let lacking = columns.clone().find(|&name| found.next() != Some(name));
    Err(match lacking {
        Some(name) => format!("the column {name} is not in its place"),
        None => "it has more columns than were written".to_owned(),
    })
}

/// Whether a row of a replicate that was not held again is of the round that was written there.
fn same_place(
    plan: &Plan,
    number: usize,
    round: &RoundPlan,
    record: &StringRecord,
) -> Result<(), String> {
    let number = number.to_string();
    if record
        .iter()
        .take(3)
        .eq([&*plan.name, &*number, &*round.label])
    {
        return Ok(());
    }
    Err(format!(
        "it is not of round {} of replicate {number}",
        round.label
    ))
}

/// Whether a row has the very cells of a round that was held again.
fn same_cells(again: &RoundRow<'_>, record: &StringRecord) -> Result<(), String> {
    let mut cells = Vec::new();
    again.each_cell(|cell| {
        let mut text = Vec::new();
        match cell {
            // Neither quoted nor made harmless, as cells are read back.
            Cell::Text(written) => text.extend_from_slice(written.as_bytes()),
            cell => push_cell(&mut text, cell),
        }
        cells.push(String::from_utf8_lossy(&text).into_owned());
    });
    let columns = RoundRow::TABLE.columns.iter();
    for ((column, again), found) in columns.zip(&cells).zip(record) {
        if found != again {
            return Err(format!(
                "round {} of replicate {} has {} {} here, and {} when it is held again",
                cells[2],
                cells[1],
                column.name,
                shown(found),
                shown(again)
            ));
        }
    }
    Ok(())
}

/// The format of these tables.
pub(super) fn format_of(files: &[FileRecord]) -> Format {
    let parquet = format!(".{}", Format::Parquet.name());
    if files.iter().any(|file| file.path.ends_with(&parquet)) {
        Format::Parquet
    } else {
        Format::Csv
    }
}

/// Whether the table of `R`s is among these.
pub(super) fn lists<R: Row>(files: &[FileRecord]) -> bool {
    files.iter().any(|file| {
        let end = file.path.strip_prefix(R::TABLE.name);
        end.is_some_and(|end| end.starts_with('.'))
    })
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

/// A plan from the scenario as resolved; `text` is what stands in the manifest.
fn plan(
    manifest: &Path,
    text: &str,
    wire: &Wire,
    mut scenario: Value,
    overrides: &Overrides,
) -> Result<Plan, RerunError> {
    let folder = manifest.parent().unwrap_or(Path::new(""));
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
    let scenario = toml::to_string(&scenario).map_err(|error| RerunError::NoResult {
        path: folder.to_owned(),
        why: format!("the scenario in manifest.json is none: {error}"),
    })?;
    let overrides = Overrides {
        seed: overrides.seed.or(Some(wire.seed)),
        replicates: overrides.replicates.or(Some(wire.replicates)),
        ..Overrides::default()
    };
    let mut plan =
        Scenario::from_bytes(scenario.into_bytes(), manifest)?.resolve_with(&overrides)?;
    if let Some(input) = plan.inputs.first_mut() {
        input.read = Some(InputRecord::of_bytes(manifest, text.as_bytes()));
    }
    Ok(Plan {
        places: Places::default(),
        ..plan
    })
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
        let now = InputRecord::of(&place);
        let now = now.map_err(|error| OutputError::io("read", &place, error))?;
        if now.sha256 == input.sha256 {
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
