//! Files that a result is made from: each is hashed as it is read, so that the manifest tells what was
//! read, whatever becomes of the file afterwards.
//! What stands in them, and how it is read, does not live here.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A file that a plan is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// Its path.
    pub path: PathBuf,
    /// What was read of it; none of a file of candidates, which is read when the plan is run.
    pub read: Option<InputRecord>,
}

impl Input {
    /// What was read of it: as this says, or `other`, if that is of this file.
    pub fn record<'a>(&'a self, other: Option<&'a InputRecord>) -> Option<&'a InputRecord> {
        let other = other.filter(|other| other.path == self.path.display().to_string());
        self.read.as_ref().or(other)
    }
}

/// What was read of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRecord {
    /// Its path as it was given.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

impl InputRecord {
    /// Reads the file through and hashes it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path) -> io::Result<Self> {
        Self::of_file(path, &mut File::open(path)?)
    }

    /// Reads an open file through to its end and hashes it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_file(path: &Path, file: &mut File) -> io::Result<Self> {
        let mut hashing = Hashing::default();
        let mut buffer = vec![0; 1 << 18];
        loop {
            match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => hashing.add(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(hashing.record(path))
    }

    /// The record of a file that holds these bytes.
    pub fn of_bytes(path: &Path, bytes: &[u8]) -> Self {
        let mut hashing = Hashing::default();
        hashing.add(bytes);
        hashing.record(path)
    }
}

/// A file that is hashed while it is read for something else.
#[derive(Debug, Clone, Default)]
pub struct Hashing {
    hasher: Sha256,
    bytes: u64,
}

impl Hashing {
    /// Takes the next bytes of the file.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
    }

    /// The record of the file, whose last bytes were taken.
    pub fn record(self, path: &Path) -> InputRecord {
        let hash = self.hasher.finalize();
        InputRecord {
            path: path.display().to_string(),
            bytes: self.bytes,
            sha256: hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_input_is_known_by_its_hash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        fs::write(&path, "abc").unwrap();
        let record = InputRecord::of(&path).unwrap();
        assert_eq!(record.bytes, 3);
        assert!(
            record
                .sha256
                .starts_with("ba7816bf8f01cfea414140de5dae2223")
        );
        assert_eq!(record, InputRecord::of_bytes(&path, b"abc"));
        assert!(InputRecord::of(&folder.path().join("none")).is_err());
    }

    #[test]
    fn what_was_read_first_is_what_an_input_was() {
        let path = PathBuf::from("a.csv");
        let (first, later) = (
            InputRecord::of_bytes(&path, b"1"),
            InputRecord::of_bytes(&path, b"2"),
        );
        let mut input = Input { path, read: None };
        assert_eq!(input.record(Some(&later)), Some(&later));
        let other = InputRecord::of_bytes(Path::new("b.csv"), b"2");
        assert_eq!(input.record(Some(&other)), None);
        input.read = Some(first.clone());
        assert_eq!(input.record(Some(&later)), Some(&first));
    }
}
