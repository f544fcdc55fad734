//! The result folder: written beside its place under another name, and renamed when it is whole.
//! What its tables hold is not decided here.

use std::borrow::Cow;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::OutputError;
use super::datapackage;
use super::journal::{self, Journal, Key};
use super::manifest::{self, Contents, Manifest};
use super::partial::{Partial, beside};
use super::table::{KeyColumn, Row};
use super::writer::{Format, TableWriter, Written};

/// Longest name of a result folder.
const LONGEST_NAME: usize = 100;
/// The file by which a result folder is known.
const MANIFEST: &str = "manifest.json";
/// What its files hold, for programs.
pub(super) const DATA_PACKAGE: &str = "datapackage.json";
/// Name of the page that is made from its files.
pub const PAGE: &str = "report.html";
/// Name of a profile that was fitted.
pub const PROFILE: &str = "profile.toml";
/// Name of a scenario that begins with a fitted profile.
pub const SCENARIO: &str = "scenario.toml";
/// What file browsers leave in a folder that they have shown.
const LEFT_BY_BROWSERS: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
/// Most things that are named of a folder that may not be replaced.
const MOST_NAMED: usize = 3;

/// A file made from the other files of a result folder.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Its name.
    pub name: &'static str,
    /// Makes it from the folder, which holds every other file by then.
    pub make: fn(&Path) -> Result<String, Box<dyn Error + Send + Sync>>,
}

/// Where a result folder goes, and how it is written.
#[derive(Debug, Clone, Copy)]
pub struct Destination<'a> {
    /// The folder that it is made in.
    pub parent: &'a Path,
    /// Format of its tables.
    pub format: Format,
    /// The page that is made from its files.
    pub page: Option<Page>,
    /// Whether a result that is there already is replaced.
    pub force: bool,
    /// The files that are read for it.
    pub inputs: &'a [PathBuf],
}

impl Destination<'_> {
    /// Begins the folder `name`.
    ///
    /// # Errors
    /// As [`ResultFolder::create`].
    pub fn create(&self, name: &str) -> Result<ResultFolder, OutputError> {
        let mut folder = ResultFolder::create(self.parent, name, self.force, self.inputs)?;
        folder.with_page(self.page);
        Ok(folder)
    }
}

/// A result folder on its way. Dropped before [`ResultFolder::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct ResultFolder {
    partial: Partial,
    force: bool,
    inputs: Vec<PathBuf>,
    written: Vec<Written>,
    begun: Vec<String>,
    page: Option<Page>,
}

impl ResultFolder {
    /// Begins the result folder `parent/name`; `parent` is created when missing. A result folder
    /// that is there already is replaced by `finish` when `force`, and an error otherwise; an empty
    /// folder is always taken. A folder that holds anything else or one of the `inputs` of the result, a file or a symbolic
    /// link is never replaced.
    ///
    /// # Errors
    /// When the name is not fit for a folder, the folder may not be replaced, another process is
    /// making it, or `parent` cannot be written to.
    pub fn create(
        parent: &Path,
        name: &str,
        force: bool,
        inputs: &[PathBuf],
    ) -> Result<Self, OutputError> {
        check_name(name)?;
        let target = parent.join(name);
        check_target(&target, force, inputs)?;
        Ok(ResultFolder {
            partial: Partial::folder(&target)?,
            force,
            inputs: inputs.to_vec(),
            written: Vec::new(),
            begun: Vec::new(),
            page: None,
        })
    }

    /// Whether [`ResultFolder::create`] would accept the place; touches nothing.
    ///
    /// # Errors
    /// When the name is not fit for a folder, or what stands there may not be replaced.
    pub fn check(
        parent: &Path,
        name: &str,
        force: bool,
        inputs: &[PathBuf],
    ) -> Result<(), OutputError> {
        check_name(name)?;
        check_target(&parent.join(name), force, inputs)
    }

    /// Has this page made from the folder's files when they are whole.
    pub fn with_page(&mut self, page: Option<Page>) {
        self.page = page;
    }

    /// Opens the journal of the parts that this result is made of: with those of a run that was
    /// broken off when it is to be resumed, and empty otherwise. It is gone when the folder is whole.
    ///
    /// # Errors
    /// When what is to be resumed was begun by another study, or it cannot be written.
    pub fn journal(&self, key: Key, resume: bool) -> Result<Journal, OutputError> {
        Journal::open(self.target(), key, resume)
    }

    /// Whether a run that was to be written here was broken off, and parts of it are kept.
    pub fn is_broken_off(&self) -> bool {
        journal::kept(&Journal::path(self.target())) > 0
    }

    /// The manifest of the result that stands at `parent/name`; none where there is none, or a run
    /// is broken off that would replace it.
    pub fn manifest_of(parent: &Path, name: &str) -> Option<Value> {
        let target = parent.join(name);
        if Journal::path(&target).exists() {
            return None;
        }
        serde_json::from_str(&manifest::read(&target.join(MANIFEST)).ok()?).ok()
    }

    /// Where the folder will stand.
    pub fn target(&self) -> &Path {
        self.partial.target()
    }

    /// Begins the table whose rows are `R`s. Several tables may be under way at once.
    ///
    /// # Errors
    /// When the table was begun before, or its file cannot be written.
    pub fn table<R: Row>(&mut self, format: Format) -> Result<TableWriter, OutputError> {
        self.keyed_table::<R>(Vec::new(), format)
    }

    /// Begins the table whose rows are `Keyed` `R`s, with the columns `keys` in front.
    ///
    /// # Errors
    /// As [`ResultFolder::table`].
    pub fn keyed_table<R: Row>(
        &mut self,
        keys: Vec<KeyColumn>,
        format: Format,
    ) -> Result<TableWriter, OutputError> {
        let table = R::TABLE;
        let name = format!("{}.{}", table.name, format.name());
        let file = self.begin(&name)?;
        TableWriter::new(table, keys, format, file, self.target().join(name))
    }

    /// Takes a table that is complete, to be listed in the manifest and the data package in the
    /// order in which tables are completed.
    ///
    /// # Errors
    /// When its file cannot be written.
    pub fn complete(&mut self, writer: TableWriter) -> Result<(), OutputError> {
        self.written.push(writer.finish()?);
        Ok(())
    }

    /// Writes a text that is no table.
    ///
    /// # Errors
    /// When there is a file of that name already, or it cannot be written.
    pub fn text(&mut self, name: &str, text: &str) -> Result<(), OutputError> {
        let mut file = self.begin(name)?;
        file.write_all(text.as_bytes())
            .map_err(|error| OutputError::io("write", &self.target().join(name), error))
    }

    /// Writes the manifest, the data package and the page, and moves the whole folder to its place.
    ///
    /// # Errors
    /// When a folder has appeared there meanwhile, or the operating system refuses; the folder
    /// that was there before is then back in its place.
    pub fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, OutputError> {
        let records = [
            (DATA_PACKAGE, datapackage::to_json(manifest, &self.written)),
            (MANIFEST, manifest.to_json(&self.written)),
        ];
        for (name, value) in records {
            self.text(name, &format!("{value:#}\n"))?;
        }
        if let Some(Page { name, make }) = self.page {
            let text = make(self.partial.path()).map_err(|error| {
                OutputError::io("make", &self.target().join(name), io::Error::other(error))
            })?;
            self.text(name, &text)?;
        }
        check_target(self.target(), self.force, &self.inputs)?;
        let target = self.target();
        if !self.force && is_empty(target) {
            // Fails where something has come into it meanwhile, and so does what follows.
            let _ = fs::remove_dir(target);
        }
        let replaces = target.exists() && self.force;
        self.partial.place(replaces)
    }

    /// Opens a new file of the folder.
    fn begin(&mut self, name: &str) -> Result<File, OutputError> {
        if self.begun.iter().any(|begun| begun == name) {
            return Err(OutputError::Twice {
                name: name.to_owned(),
            });
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(self.partial.path().join(name))
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => OutputError::Gone {
                    path: self.target().to_owned(),
                },
                _ => OutputError::io("create", &self.target().join(name), error),
            })?;
        self.begun.push(name.to_owned());
        Ok(file)
    }
}

fn check_name(name: &str) -> Result<(), OutputError> {
    let fit = name.len() <= LONGEST_NAME
        && name.starts_with(|first: char| first.is_ascii_alphanumeric())
        && !name.ends_with('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if fit {
        Ok(())
    } else {
        Err(OutputError::Name {
            name: name
                .chars()
                .filter(|shown| !shown.is_control())
                .take(LONGEST_NAME)
                .collect(),
        })
    }
}

/// Whether the result made from `inputs` may go to `target`.
fn check_target(target: &Path, force: bool, inputs: &[PathBuf]) -> Result<(), OutputError> {
    let refuse = |why: Cow<'static, str>| {
        Err(OutputError::NotReplaceable {
            path: target.to_owned(),
            why,
        })
    };
    let found = match fs::symlink_metadata(target) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(());
        }
        Err(error) => return Err(OutputError::io("look at", target, error)),
        Ok(found) => found,
    };
    if found.is_symlink() {
        return refuse("is a symbolic link".into());
    }
    if !found.is_dir() {
        return refuse("is not a folder".into());
    }
    if !force && !is_empty(target) {
        return Err(OutputError::Exists {
            path: target.to_owned(),
        });
    }
    if let Some(input) = inputs.iter().find(|input| is_lost_with(target, input)) {
        let input = input.display();
        return refuse(format!("holds {input}, which is read for the new result").into());
    }
    match what_else(target).map_err(|error| OutputError::io("look into", target, error))? {
        Some(why) => refuse(why),
        None => Ok(()),
    }
}

/// Whether the folder is there and holds nothing, so that nothing is lost by replacing it.
fn is_empty(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}

/// Whether an input lies in the folder and would be lost with it; the folder's manifest does not count, as
/// it is written anew.
fn is_lost_with(folder: &Path, input: &Path) -> bool {
    let (Ok(folder), Ok(input)) = (folder.canonicalize(), input.canonicalize()) else {
        return false;
    };
    input.starts_with(&folder) && input != folder.join(MANIFEST)
}

/// What a folder holds besides one result and nothing else, if it does.
fn what_else(folder: &Path) -> io::Result<Option<Cow<'static, str>>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        entries.push((entry.file_name(), entry.file_type()?.is_dir()));
    }
    if entries.is_empty() {
        return Ok(None);
    }
    let path = folder.join(MANIFEST);
    if !path.is_file() {
        let why = "holds something else than a result (it has no manifest.json)";
        return Ok(Some(why.into()));
    }
    let Some(contents) = Contents::read(&path)? else {
        let why = "holds something else than a result (its manifest.json is not drawsim's)";
        return Ok(Some(why.into()));
    };
    entries.retain(|(name, is_folder)| {
        *is_folder || !name.to_str().is_some_and(|name| is_of(&contents, name))
    });
    if entries.is_empty() {
        return Ok(None);
    }
    entries.sort();
    let named = entries.iter().take(MOST_NAMED).map(|(name, is_folder)| {
        let end = if *is_folder { "/" } else { "" };
        format!("{}{end}", name.display())
    });
    let mut named = named.collect::<Vec<_>>().join(", ");
    if let more @ 1.. = entries.len().saturating_sub(MOST_NAMED) {
        named.push_str(&format!(" and {more} more"));
    }
    let why = format!("holds what drawsim did not write there: {named}");
    Ok(Some(why.into()))
}

/// Whether a result with these contents has a file of that name: a table, one of those that every
/// result may have, one of the verb, or what file browsers and a page whose maker was killed leave.
fn is_of(contents: &Contents, name: &str) -> bool {
    contents.files.iter().any(|file| file.path == name)
        || [MANIFEST, DATA_PACKAGE, PAGE].contains(&name)
        || LEFT_BY_BROWSERS.contains(&name)
        || contents.command == "calibrate" && [PROFILE, SCENARIO].contains(&name)
        || beside(Path::new(PAGE), "partial").file_name() == Some(name.as_ref())
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
