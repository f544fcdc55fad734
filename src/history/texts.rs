//! The texts of a history: from files, read whole, or from elsewhere.
//! What stands in them is `read`'s to say.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::problem::{HistoryError, Problem};
use super::read::history_from_text;
use super::tables::History;
use crate::inputs::InputRecord;

/// Largest file that is read: the published feed holds less than a megabyte.
const MOST_BYTES: u64 = 16 << 20;

/// Reads a file that is held in memory as a whole.
///
/// # Errors
/// When it cannot be read, or is larger than any feed or table of rounds could be.
pub fn read_whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!(
            "larger than {} MiB; no history is that long",
            MOST_BYTES >> 20
        );
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// The two texts that a history is read from.
#[derive(Debug, Clone)]
pub struct Texts {
    rounds: Text,
    snapshots: Text,
}

/// What stands in a file, and what messages call it.
#[derive(Debug, Clone)]
struct Text {
    file: String,
    bytes: Vec<u8>,
}

impl Text {
    fn of(path: &Path) -> Result<Self, Problem> {
        let file = path.display().to_string();
        match read_whole(path) {
            Ok(bytes) => Ok(Text { file, bytes }),
            Err(error) => Err(Problem {
                file,
                line: 0,
                column: String::new(),
                why: format!("cannot be read: {error}"),
            }),
        }
    }
}

impl Texts {
    /// The texts of two files.
    ///
    /// # Errors
    /// When one of them cannot be read.
    pub fn from_files(rounds: &Path, snapshots: &Path) -> Result<Self, HistoryError> {
        match (Text::of(rounds), Text::of(snapshots)) {
            (Ok(rounds), Ok(snapshots)) => Ok(Texts { rounds, snapshots }),
            (rounds, snapshots) => {
                let problems = [rounds.err(), snapshots.err()];
                Err(HistoryError(problems.into_iter().flatten().collect()))
            }
        }
    }

    /// Texts that stand in no file here; messages call them `rounds.csv` and `pool_snapshots.csv`.
    pub fn from_bytes(rounds: Vec<u8>, snapshots: Vec<u8>) -> Self {
        let text = |file: &str, bytes| Text {
            file: file.to_owned(),
            bytes,
        };
        Texts {
            rounds: text("rounds.csv", rounds),
            snapshots: text("pool_snapshots.csv", snapshots),
        }
    }

    /// What the manifest says of them: rounds and snapshots.
    pub fn records(&self) -> [InputRecord; 2] {
        [&self.rounds, &self.snapshots]
            .map(|text| InputRecord::of_bytes(Path::new(&text.file), &text.bytes))
    }

    /// What stands in them: rounds and snapshots.
    pub fn bytes(&self) -> [&[u8]; 2] {
        [&self.rounds.bytes, &self.snapshots.bytes]
    }

    /// Reads the history; see [`History::from_files`].
    ///
    /// # Errors
    /// Every bad cell, missing or unknown column and repeated row of both texts.
    pub fn history(&self) -> Result<History, HistoryError> {
        let Texts { rounds, snapshots } = self;
        history_from_text(
            (&rounds.file, &rounds.bytes),
            (&snapshots.file, &snapshots.bytes),
        )
    }
}

impl History {
    /// Reads a history from two files with the columns [`ROUND_COLUMNS`](super::ROUND_COLUMNS) and
    /// [`snapshot_columns`](super::snapshot_columns), in any order of columns and rows. A row that
    /// leaves a cell empty which a round or snapshot cannot do without (a time that could not be
    /// read, say) is set aside, not refused.
    ///
    /// # Errors
    /// Every bad cell, missing or unknown column and repeated row of both files.
    pub fn from_files(rounds: &Path, snapshots: &Path) -> Result<Self, HistoryError> {
        Texts::from_files(rounds, snapshots)?.history()
    }
}
