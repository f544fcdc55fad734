//! Why no report could be made of a folder, and the way out.

use std::io;
use std::path::{Path, PathBuf};

/// A folder of which no report can be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// It is not there.
    #[error(
        "{}: there is no such folder; a result folder is what `run`, `compare` and others write, e.g. output/NAME",
        .path.display()
    )]
    NoFolder {
        /// The folder.
        path: PathBuf,
    },
    /// It has no manifest.
    #[error(
        "{} is no result folder: it has no manifest.json; name one that `run`, `compare`, `sweep`, `backtest` or `odds --out` wrote, e.g. output/stem-2023-07-05",
        .path.display()
    )]
    NoResult {
        /// The folder.
        path: PathBuf,
    },
    /// It is a result of which there is none.
    #[error(
        "{} is what `drawsim {command}` wrote, of which there is no report; its tables are {}",
        .path.display(), .tables.join(", ")
    )]
    NoReport {
        /// The folder.
        path: PathBuf,
        /// The verb that wrote it.
        command: String,
        /// Its tables.
        tables: Vec<String>,
    },
    /// A file of it does not hold what it should.
    #[error("{}: {message}; run the scenario again to have it whole", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it and what is wrong.
        message: String,
    },
    /// The operating system refused.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl ReportError {
    /// What is wrong with a file.
    pub fn damaged(path: &Path, message: impl ToString) -> Self {
        ReportError::Damaged {
            path: path.to_owned(),
            message: message.to_string(),
        }
    }
}
