//! A result that stands in its folder already, and whether it is what is asked for now.
//! What is done about one that is not is the command's.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::inputs::{Input, InputRecord};
use crate::output::folder::DATA_PACKAGE;
use crate::output::manifest::{self, FileRecord};
use crate::output::rerun::{format_of, lists};
use crate::output::rows::InviteeRow;
use crate::output::{Format, OutputError, ResultFolder};
use crate::scenario::Plan;
use crate::shown::counted;
use crate::study::summary::Precision;

/// What is asked of a result that was made before; where nothing is, it may be either way.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Format of its tables.
    pub format: Option<Format>,
    /// Whether the invited of each of several replicates are asked for.
    pub all_replicates: bool,
    /// When the run was to end.
    pub stop: Option<Precision>,
}

impl Asked {
    /// What is asked of a result that has no other options.
    pub fn of_format(format: Option<Format>) -> Self {
        Asked {
            format,
            ..Asked::default()
        }
    }
}

/// A result that was made before.
#[derive(Debug)]
pub struct Made {
    path: PathBuf,
    files: Vec<FileRecord>,
    stop: Option<Precision>,
}

impl Made {
    /// The result of a run of this very plan, and of its candidates and profiles as they are now, made by
    /// this version, that stands at `parent/NAME`; [`Made::check`] says whether it is whole.
    pub fn of_run(parent: &Path, plan: &Plan) -> Option<Made> {
        let facts = [
            ("command", "run".into()),
            ("seed", plan.seed.into()),
            ("scenario", plan.resolved.clone()),
        ];
        Made::find(parent, &plan.name, &facts, &inputs_of([plan]))
    }

    /// The result at `parent/name` whose manifest says all of `facts`, made by this version from files that
    /// are as they are now: those of [`inputs_of`].
    pub(super) fn find(
        parent: &Path,
        name: &str,
        facts: &[(&str, Value)],
        inputs: &[Option<&Input>],
    ) -> Option<Made> {
        let manifest = ResultFolder::manifest_of(parent, name)?;
        let is_as_it_was = |(place, input): (usize, &Option<&Input>)| {
            input.is_none_or(|input| {
                let read = input.read.clone();
                let now = read.or_else(|| InputRecord::of(&input.path).ok());
                now.is_some_and(|now| manifest["inputs"][place]["sha256"] == now.sha256)
            })
        };
        let is_this = manifest["version"] == env!("CARGO_PKG_VERSION")
            && facts.iter().all(|(key, fact)| manifest[key] == *fact)
            && inputs.iter().enumerate().all(is_as_it_was);
        let files = Vec::deserialize(&manifest["files"]).ok()?;
        is_this.then(|| Made {
            path: parent.join(name),
            stop: manifest::stop_of(&manifest),
            files,
        })
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it was made as it is asked for now, and every file of it is there still, as long as it was.
    ///
    /// # Errors
    /// When it was made with other options, or files are gone or cut short, with all of them.
    pub fn check(&self, asked: Asked) -> Result<(), OutputError> {
        let differences = self.differences(asked);
        if !differences.is_empty() {
            return Err(OutputError::OtherOptions {
                path: self.path.clone(),
                differences,
            });
        }
        let wrong = self.faults();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(OutputError::NotWhole {
            path: self.path.clone(),
            wrong,
        })
    }

    /// What is wrong with its files: those that are gone, and each that is shorter or longer than it was.
    fn faults(&self) -> Vec<String> {
        let files = self.files.iter().map(|file| (&*file.path, file.bytes));
        let (mut missing, mut changed) = (Vec::new(), Vec::new());
        for (name, written) in files.chain([(DATA_PACKAGE, None)]) {
            let found = fs::metadata(self.path.join(name)).ok();
            match found.filter(Metadata::is_file).map(|found| found.len()) {
                None => missing.push(name),
                Some(bytes) => {
                    if let Some(written) = written.filter(|&written| written != bytes) {
                        let [bytes, of] = [bytes, written].map(|bytes| counted(bytes, "byte"));
                        changed.push(format!("{name} has {bytes} instead of {of}"));
                    }
                }
            }
        }
        if !missing.is_empty() {
            let are = if missing.len() == 1 { "is" } else { "are" };
            changed.insert(0, format!("{} of it {are} not there", missing.join(", ")));
        }
        changed
    }

    /// Every option that is asked for and that it was not made with.
    fn differences(&self, asked: Asked) -> Vec<String> {
        let mut differences = Vec::new();
        let format = format_of(&self.files);
        if let Some(wanted) = asked.format.filter(|&wanted| wanted != format) {
            let (wanted, format) = (wanted.name(), format.name());
            differences.push(format!(
                "--format {wanted} is asked for, and it was made with --format {format}"
            ));
        }
        if asked.all_replicates && !lists::<InviteeRow>(&self.files) {
            differences
                .push("--all-replicates is asked for, and it was made without that".to_owned());
        }
        if let Some(wanted) = asked.stop.filter(|&wanted| self.stop != Some(wanted)) {
            let options = |stop: Precision| {
                let (se, metric) = (stop.se, stop.metric.name());
                format!("--stop-when-se {se} --stop-metric {metric}")
            };
            let made = self.stop.map_or("without that".to_owned(), |stop| {
                format!("with {}", options(stop))
            });
            differences.push(format!(
                "{} is asked for, and it was made {made}",
                options(wanted)
            ));
        }
        differences
    }
}

/// The files that plans are made from, each once, in the order of a manifest; none in the place of a
/// scenario, which counts by what it resolves to.
pub(super) fn inputs_of<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<Option<&'a Input>> {
    let (mut paths, mut inputs) = (Vec::new(), Vec::new());
    for plan in plans {
        // The scenario itself comes first.
        for (place, input) in plan.inputs.iter().enumerate() {
            if !paths.contains(&&input.path) {
                paths.push(&input.path);
                inputs.push((place > 0).then_some(input));
            }
        }
    }
    inputs
}
