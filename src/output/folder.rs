//! The result folder: written beside its place under another name, and renamed when it is whole.
//! What its tables hold is not decided here.

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::OutputError;
use super::datapackage;
use super::file::plain;
use super::manifest::Manifest;
use super::table::{KeyColumn, Row};
use super::writer::{Format, TableWriter, Written};

/// Longest name of a result folder.
const LONGEST_NAME: usize = 100;
/// The file by which a result folder is known.
const MANIFEST: &str = "manifest.json";

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
}

impl Destination<'_> {
    /// Begins the folder `name`.
    ///
    /// # Errors
    /// As [`ResultFolder::create`].
    pub fn create(&self, name: &str) -> Result<ResultFolder, OutputError> {
        let mut folder = ResultFolder::create(self.parent, name, self.force)?;
        folder.with_page(self.page);
        Ok(folder)
    }
}

/// A result folder on its way. Dropped before [`ResultFolder::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct ResultFolder {
    temporary: TempDir,
    target: PathBuf,
    force: bool,
    written: Vec<Written>,
    begun: Vec<String>,
    page: Option<Page>,
    /// Folders above the target that did not exist before, the innermost first.
    made: Made,
}

impl ResultFolder {
    /// Begins the result folder `parent/name`; `parent` is created when missing. A result folder
    /// that is there already is replaced by `finish` when `force`, and an error otherwise. A
    /// folder that holds something else, a file or a symbolic link is never replaced.
    ///
    /// # Errors
    /// When the name is not fit for a folder, the folder may not be replaced, or `parent` cannot
    /// be written to.
    pub fn create(parent: &Path, name: &str, force: bool) -> Result<Self, OutputError> {
        check_name(name)?;
        let target = parent.join(name);
        check_target(&target, force)?;
        let made = Made::all(parent)?;
        let temporary = beside(parent, name)?;
        Ok(ResultFolder {
            temporary,
            target,
            force,
            written: Vec::new(),
            begun: Vec::new(),
            page: None,
            made,
        })
    }

    /// Whether [`ResultFolder::create`] would accept the place; touches nothing.
    ///
    /// # Errors
    /// When the name is not fit for a folder, or what stands there may not be replaced.
    pub fn check(parent: &Path, name: &str, force: bool) -> Result<(), OutputError> {
        check_name(name)?;
        check_target(&parent.join(name), force)
    }

    /// Has this page made from the folder's files when they are whole.
    pub fn with_page(&mut self, page: Option<Page>) {
        self.page = page;
    }

    /// Where the folder will stand.
    pub fn target(&self) -> &Path {
        &self.target
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
        TableWriter::new(table, keys, format, file, self.target.join(name))
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
            .map_err(|error| OutputError::io("write", &self.target.join(name), error))
    }

    /// Writes the manifest, the data package and the page, and moves the whole folder to its place.
    ///
    /// # Errors
    /// When a folder has appeared there meanwhile, or the operating system refuses; the folder
    /// that was there before is then back in its place.
    pub fn finish(mut self, manifest: &Manifest) -> Result<PathBuf, OutputError> {
        let records = [
            (
                "datapackage.json",
                datapackage::to_json(manifest, &self.written),
            ),
            (MANIFEST, manifest.to_json(&self.written)),
        ];
        for (name, value) in records {
            self.text(name, &format!("{value:#}\n"))?;
        }
        if let Some(Page { name, make }) = self.page {
            let text = make(self.temporary.path()).map_err(|error| {
                OutputError::io("make", &self.target.join(name), io::Error::other(error))
            })?;
            self.text(name, &text)?;
        }
        check_target(&self.target, self.force)?;
        let aside = self.set_aside()?;
        if let Err(error) = fs::rename(self.temporary.path(), &self.target) {
            if let Some((_, kept)) = &aside {
                fs::rename(kept, &self.target)
                    .map_err(|error| OutputError::io("put back the older result", kept, error))?;
            }
            return Err(OutputError::io("write", &self.target, error));
        }
        self.temporary.disable_cleanup(true);
        self.made.keep();
        Ok(self.target)
    }

    /// Moves an older result out of the way; it is removed when what is returned is dropped.
    fn set_aside(&self) -> Result<Option<(TempDir, PathBuf)>, OutputError> {
        if !self.target.exists() {
            return Ok(None);
        }
        let parent = self.temporary.path().parent().unwrap_or(Path::new("."));
        let aside = beside(parent, "older")?;
        let kept = aside.path().join("result");
        fs::rename(&self.target, &kept)
            .map_err(|error| OutputError::io("replace", &self.target, error))?;
        Ok(Some((aside, kept)))
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
            .open(self.temporary.path().join(name))
            .map_err(|error| OutputError::io("create", &self.target.join(name), error))?;
        self.begun.push(name.to_owned());
        Ok(file)
    }
}

/// Folders that were created on the way to a result; removed again, when empty, unless kept.
#[derive(Debug)]
struct Made(Vec<PathBuf>);

impl Made {
    /// Creates a folder and those above it that are missing.
    fn all(folder: &Path) -> Result<Self, OutputError> {
        let missing = folder
            .ancestors()
            .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
            .map(Path::to_owned)
            .collect();
        let made = Made(missing);
        if !folder.as_os_str().is_empty() {
            // A file in the way says "already exists", which is no help.
            fs::create_dir_all(folder)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => io::ErrorKind::NotADirectory.into(),
                    _ => plain(error),
                })
                .map_err(|error| OutputError::io("create the folder", folder, error))?;
        }
        Ok(made)
    }

    fn keep(&mut self) {
        self.0.clear();
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        for folder in &self.0 {
            // A folder that is not empty belongs to somebody else by now and stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// A new folder in `parent` under a name of its own.
fn beside(parent: &Path, name: &str) -> Result<TempDir, OutputError> {
    let parent = if parent.as_os_str().is_empty() {
        Path::new(".")
    } else {
        parent
    };
    let mut builder = tempfile::Builder::new();
    let prefix = format!(".{name}-");
    builder.prefix(&prefix).suffix(".partial");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    builder
        .tempdir_in(parent)
        .map_err(|error| OutputError::io("create a folder in", parent, plain(error)))
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

/// Whether the result may go to `target`.
fn check_target(target: &Path, force: bool) -> Result<(), OutputError> {
    let refuse = |why| {
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
        return refuse("is a symbolic link");
    }
    if !found.is_dir() {
        return refuse("is not a folder");
    }
    if !force {
        return Err(OutputError::Exists {
            path: target.to_owned(),
        });
    }
    let mut entries =
        fs::read_dir(target).map_err(|error| OutputError::io("look into", target, error))?;
    if entries.next().is_some() && !target.join(MANIFEST).is_file() {
        return refuse("holds something else than a result (it has no manifest.json)");
    }
    Ok(())
}

#[cfg(test)]
#[path = "folder_tests.rs"]
mod tests;
