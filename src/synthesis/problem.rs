//! What is wrong with a profile file: place, key, message, what is accepted, the nearest name.
//! How it is printed beside the problems of a scenario does not live here.

use std::fmt;
use std::ops::Range;

/// One thing that is wrong with a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileProblem {
    /// The file, as it was named to the reader.
    pub file: String,
    /// Bytes of the text that it is about; none for the file as a whole.
    pub span: Option<Range<usize>>,
    /// Line and column, from 1.
    pub position: Option<(usize, usize)>,
    /// The key, e.g. `segments[2].education.bachelor`, segments counted from 1.
    pub key: String,
    /// What is wrong, and with which value.
    pub message: String,
    /// What is accepted instead; empty when the message says it.
    pub accepted: Vec<String>,
    /// The known name that was most likely meant.
    pub nearest: Option<String>,
}

impl fmt::Display for ProfileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if !self.key.is_empty() {
            write!(f, ": {}", self.key)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        if !self.accepted.is_empty() {
            write!(f, " (accepted: {})", self.accepted.join(", "))?;
        }
        Ok(())
    }
}

impl std::error::Error for ProfileProblem {}
