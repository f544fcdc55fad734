//! Why a result could not be written, and the way out.

use std::borrow::Cow;
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
    #[error("{} {why}; it is left as it is: move that away yourself, or choose another place with --out", .path.display())]
    NotReplaceable {
        /// Where.
        path: PathBuf,
        /// What it is.
        why: Cow<'static, str>,
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
    /// Another process is making the same result.
    #[error(
        "another run is writing {}; wait for it, or choose another place with --out (if there is none, remove {})",
        .path.display(), .partial.display()
    )]
    Busy {
        /// Where.
        path: PathBuf,
        /// What the other run has under way.
        partial: PathBuf,
    },
    /// What was under way has been removed by somebody else.
    #[error(
        "{} cannot be finished: its folder disappeared while it was written; run it again, or choose another place with --out",
        .path.display()
    )]
    Gone {
        /// Where.
        path: PathBuf,
    },
    /// What is to be resumed was begun by another study.
    #[error(
        "the run of {} that was broken off cannot be resumed: the scenario, its files, the options or the program have changed since; run it without --resume to begin anew",
        .path.display()
    )]
    OtherStudy {
        /// Where the result would stand.
        path: PathBuf,
    },
    /// A result that is there already, and could be left as it is, was made with other options.
    #[error(
        "{} was made with other options: {}; use --force to make it anew, or leave out what is asked \
         for to keep it", .path.display(), .differences.join("; ")
    )]
    OtherOptions {
        /// Where.
        path: PathBuf,
        /// Each option that is asked for, and what the result was made with.
        differences: Vec<String>,
    },
    /// Files of a result that is there already are gone or not as long as they were.
    #[error(
        "{} is not whole: {}; use --force to make it anew", .path.display(), .wrong.join("; ")
    )]
    NotWhole {
        /// Where.
        path: PathBuf,
        /// What is wrong with which of them.
        wrong: Vec<String>,
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

    /// Whether the user named what cannot be (a name, a folder that is not there, a result without
    /// --force); else the run itself failed: the disk is full or may not be written, say.
    pub fn is_usage(&self) -> bool {
        match self {
            OutputError::Io { source, .. } => matches!(
                source.kind(),
                ErrorKind::NotADirectory | ErrorKind::NotFound | ErrorKind::InvalidFilename
            ),
            OutputError::Busy { .. } | OutputError::Gone { .. } => false,
            _ => true,
        }
    }
}

/// The error without the hidden name under which files are written.
pub(super) fn plain(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
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
