//! A single result file: written beside its place and moved there when it is whole.
//! What is written is not decided here.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use super::OutputError;
use super::partial::Partial;

/// A file on its way. Dropped before [`NewFile::finish`], it leaves nothing behind.
#[derive(Debug)]
pub struct NewFile {
    partial: Partial,
    force: bool,
}

impl NewFile {
    /// Begins the file `target`. A file that is there already is replaced by `finish` when
    /// `force`, and an error otherwise; a folder, a device or a symbolic link is never replaced.
    ///
    /// # Errors
    /// When `target` may not be replaced, or its folder is missing or cannot be written to.
    pub fn create(target: &Path, force: bool) -> Result<Self, OutputError> {
        match fs::symlink_metadata(target) {
            Ok(found) if !found.is_file() => {
                return Err(OutputError::NotReplaceable {
                    path: target.to_owned(),
                    why: if found.is_symlink() {
                        "is a symbolic link".into()
                    } else {
                        "is not a plain file".into()
                    },
                });
            }
            Ok(_) if !force => {
                return Err(OutputError::Exists {
                    path: target.to_owned(),
                });
            }
            _ => {}
        }
        Ok(NewFile {
            partial: Partial::file(target)?,
            force,
        })
    }

    /// Where the file will stand.
    pub fn target(&self) -> &Path {
        self.partial.target()
    }

    /// The open file, for writers that take one.
    pub fn file(&self) -> &File {
        self.partial.handle()
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), OutputError> {
        self.file()
            .write_all(bytes)
            .map_err(|error| OutputError::io("write", self.target(), error))
    }

    /// Moves the whole file to its place.
    ///
    /// # Errors
    /// When a file has appeared there meanwhile, or the operating system refuses.
    pub fn finish(self) -> Result<(), OutputError> {
        self.partial.place(self.force).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_only_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pool.csv");
        let mut file = NewFile::create(&target, false).unwrap();
        file.append(b"half").unwrap();
        assert!(!target.exists());
        drop(file);
        assert!(names(folder.path()).is_empty());
        let mut file = NewFile::create(&target, false).unwrap();
        file.append(b"whole").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert_eq!(names(folder.path()), ["pool.csv"]);
    }

    #[test]
    fn a_file_is_replaced_only_by_force() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pool.csv");
        fs::write(&target, "old").unwrap();
        assert!(matches!(
            NewFile::create(&target, false),
            Err(OutputError::Exists { .. })
        ));
        let mut file = NewFile::create(&target, true).unwrap();
        file.append(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert!(matches!(
            NewFile::create(folder.path(), true),
            Err(OutputError::NotReplaceable { .. })
        ));
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("pool.csv");
        let file = NewFile::create(&target, false).unwrap();
        fs::write(&target, "other").unwrap();
        assert!(matches!(file.finish(), Err(OutputError::Exists { .. })));
        assert_eq!(fs::read(&target).unwrap(), b"other");
        assert_eq!(names(folder.path()), ["pool.csv"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_never_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (link, aim) = (
            folder.path().join("link.csv"),
            folder.path().join("aim.csv"),
        );
        std::os::unix::fs::symlink(&aim, &link).unwrap();
        let error = NewFile::create(&link, true).unwrap_err();
        assert!(error.to_string().contains("symbolic link"), "{error}");
        assert!(!aim.exists());
    }

    #[test]
    fn a_missing_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = NewFile::create(&folder.path().join("no/pool.csv"), false).unwrap_err();
        assert!(
            error.to_string().contains("create the folder first"),
            "{error}"
        );
        assert!(error.is_usage());
    }
}
