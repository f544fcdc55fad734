//! What was wrong in a history file, by file, line and column; all problems of a reading at once.
//! Problems of the official feed are counted by round and field and live with the feed.

use std::fmt;

/// One thing that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file as the user named it.
    pub file: String,
    /// Line in the file, from 1; 0 when the file as a whole is meant.
    pub line: u64,
    /// The column's name; empty when the row as a whole is meant.
    pub column: String,
    /// What is wrong and what is accepted.
    pub why: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.column.is_empty() {
            write!(f, ": {}", self.column)?;
        }
        write!(f, ": {}", self.why)
    }
}

/// Every problem of one reading; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryError(pub Vec<Problem>);

impl fmt::Display for HistoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HistoryError(problems) = self;
        for (index, problem) in problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for HistoryError {}
