//! Why a result could not be written, and the way out.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// A result could not be written. Nothing half-written is left behind.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The file or folder is there already and may not be replaced.
    #[error("{} exists already; use --force to replace it, or another name with --out", .path.display())]
    Exists {
        /// Where.
        path: PathBuf,
    },
    /// Replacing it, even with --force, could destroy what is not a result.
    #[error("{} {why}; it is left as it is: remove it yourself, or choose another name with --out", .path.display())]
    NotReplaceable {
        /// Where.
        path: PathBuf,
        /// What it is.
        why: &'static str,
    },
    /// The name cannot be the name of a result folder.
    #[error(
        "`{name}` cannot name a result folder; use 1 to 100 letters, digits, `-`, `_` and `.`, the first one a letter or digit"
    )]
    Name {
        /// The name.
        name: String,
    },
    /// A file of the result folder is written twice.
    #[error("the result folder has a file {name} already")]
    Twice {
        /// Name of the file.
        name: String,
    },
    /// The operating system refused.
    #[error("cannot {doing} {}: {source}{}", .path.display(), way_out(.source))]
    Io {
        /// Where.
        path: PathBuf,
        /// What was tried.
        doing: &'static str,
        /// Why not.
        source: io::Error,
    },
}

impl OutputError {
    /// An error of the operating system while `doing` something with `path`.
    pub fn io(doing: &'static str, path: &Path, source: io::Error) -> Self {
        OutputError::Io {
            path: path.to_owned(),
            doing,
            source,
        }
    }

    /// An error of the Parquet library, which carries that of the operating system if there is one.
    pub fn parquet(path: &Path, error: ::parquet::errors::ParquetError) -> Self {
        use ::parquet::errors::ParquetError::External;
        let source = match error {
            External(inner) => match inner.downcast::<io::Error>() {
                Ok(io) => *io,
                Err(other) => io::Error::other(other),
            },
            other => io::Error::other(other),
        };
        OutputError::io("write", path, source)
    }

    /// Whether another choice by the user (name, folder, --force) would have avoided it; else the
    /// run itself failed.
    pub fn is_usage(&self) -> bool {
        match self {
            OutputError::Io { source, .. } => matches!(
                source.kind(),
                ErrorKind::PermissionDenied
                    | ErrorKind::ReadOnlyFilesystem
                    | ErrorKind::NotADirectory
                    | ErrorKind::NotFound
                    | ErrorKind::InvalidFilename
            ),
            _ => true,
        }
    }
}

/// What to do about an error of the operating system.
fn way_out(source: &io::Error) -> &'static str {
    match source.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "; free some space or choose another place with --out"
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that you may write to with --out"
        }
        ErrorKind::NotADirectory => {
            "; a file stands where a folder should: choose another place with --out"
        }
        ErrorKind::NotFound => "; create the folder first or choose another place with --out",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_where_and_what_to_do() {
        let error = OutputError::io(
            "write",
            Path::new("out/rounds.csv"),
            ErrorKind::StorageFull.into(),
        );
        let message = error.to_string();
        assert!(
            message.contains("out/rounds.csv") && message.contains("free some space"),
            "{message}"
        );
        assert!(!error.is_usage());
        let inner = ::parquet::errors::ParquetError::External(Box::new(io::Error::from(
            ErrorKind::StorageFull,
        )));
        assert!(
            OutputError::parquet(Path::new("p"), inner)
                .to_string()
                .contains("free some space")
        );
    }
}
