//! What is wrong with a candidate file: place, column, message; all of them, up to a limit.
//! What is accepted is said in `columns`.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::shown::quoted;

/// Most problems of a file that are shown; the others are counted.
pub const MOST_SHOWN: usize = 20;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Line of a CSV file (the header is line 1) or row of a Parquet file (from 1); none for the
    /// file as a whole.
    pub place: Option<u64>,
    /// The column, where it is about one.
    pub column: Option<String>,
    /// What is wrong, what is accepted, what may have been meant.
    pub message: String,
}

impl Problem {
    /// A problem of the file as a whole, or of its header.
    pub fn of_file(message: impl Into<String>) -> Self {
        Problem {
            place: None,
            column: None,
            message: message.into(),
        }
    }

    /// A problem of a row.
    pub fn of_row(place: u64, message: impl Into<String>) -> Self {
        Problem {
            place: Some(place),
            column: None,
            message: message.into(),
        }
    }

    /// Says which column it is about.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

/// The first problems of a file, and how many more there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    problems: Vec<Problem>,
    more: u64,
}

impl Found {
    /// Adds a problem; beyond the limit it is only counted, and its message is not made.
    pub fn add(&mut self, problem: impl FnOnce() -> Problem) {
        if self.problems.len() < MOST_SHOWN {
            self.problems.push(problem());
        } else {
            self.more += 1;
        }
    }

    /// Adds what was found further on.
    pub fn append(&mut self, later: Found) {
        for problem in later.problems {
            self.add(|| problem);
        }
        self.more += later.more;
    }

    /// Puts those that are shown in the order of their places.
    #[must_use]
    pub fn in_order(mut self) -> Self {
        self.problems.sort_by_key(|problem| problem.place);
        self
    }

    /// Adds what else was found in the same rows: the first places of both are shown, in their order.
    pub fn merge(&mut self, others: Found) {
        self.problems.extend(others.problems);
        self.problems.sort_by_key(|problem| problem.place);
        let more = self.problems.len().saturating_sub(MOST_SHOWN);
        self.problems.truncate(MOST_SHOWN);
        self.more += others.more + more as u64;
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.problems.is_empty()
    }

    /// The file's error if anything is wrong.
    ///
    /// # Errors
    /// When anything was added.
    pub fn check(self, file: &Path, unit: &'static str) -> Result<(), ReadError> {
        if self.is_empty() {
            return Ok(());
        }
        Err(ReadError::Problems {
            file: file.to_owned(),
            unit,
            problems: self.problems,
            more: self.more,
        })
    }
}

/// A candidate file could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// Its name does not tell its format.
    Name(String),
    /// The operating system refused.
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What it holds is wrong.
    Problems {
        /// The file.
        file: PathBuf,
        /// What places count: `line` or `row`.
        unit: &'static str,
        /// The first problems, in order of place.
        problems: Vec<Problem>,
        /// How many more there are.
        more: u64,
    },
}

impl ReadError {
    /// The operating system refused to read `file`.
    pub fn io(file: &Path, source: io::Error) -> Self {
        ReadError::Io {
            file: file.to_owned(),
            source,
        }
    }

    /// What is wrong, in one line: the problem itself where there is but one.
    pub fn headline(&self) -> String {
        match self {
            ReadError::Name(message) => message.clone(),
            ReadError::Io { file, source } => format!("cannot read {}: {source}", file.display()),
            ReadError::Problems {
                file,
                unit,
                problems,
                more,
            } => {
                let what = match (problems.as_slice(), *more) {
                    ([only], 0) => only.line(unit),
                    _ => format!("{} problems", problems.len() as u64 + more),
                };
                format!("{}: {what}", file.display())
            }
        }
    }

    /// The problems, a line each, where there are several.
    pub fn details(&self) -> Vec<String> {
        let ReadError::Problems {
            unit,
            problems,
            more,
            ..
        } = self
        else {
            return Vec::new();
        };
        if problems.len() as u64 + more == 1 {
            return Vec::new();
        }
        let mut lines: Vec<String> = problems.iter().map(|problem| problem.line(unit)).collect();
        if *more > 0 {
            lines.push(format!("and {more} more"));
        }
        lines
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReadError::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline())?;
        self.details()
            .iter()
            .try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl Problem {
    fn line(&self, unit: &str) -> String {
        let place = self
            .place
            .map(|place| format!("{unit} {place}, "))
            .unwrap_or_default();
        let column = self
            .column
            .as_ref()
            .map(|name| format!("column {}, ", quoted(name)));
        let about = format!("{place}{}", column.unwrap_or_default());
        match about.strip_suffix(", ") {
            Some(about) => format!("{about}: {}", self.message),
            None => self.message.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_problems_are_shown_and_the_others_counted() {
        let mut found = Found::default();
        for place in 0..30 {
            found.add(|| Problem::of_row(place + 2, "is wrong").in_column("age"));
        }
        let mut later = Found::default();
        later.add(|| Problem::of_file("is late"));
        found.append(later);
        let text = found
            .check(Path::new("a.csv"), "line")
            .unwrap_err()
            .to_string();
        assert!(text.starts_with("a.csv: 31 problems\n  line 2, column `age`: is wrong\n"));
        assert!(
            text.ends_with("line 21, column `age`: is wrong\n  and 11 more"),
            "{text}"
        );
    }

    #[test]
    fn text_of_the_user_cannot_steer_the_terminal() {
        assert_eq!(quoted("a\u{1b}[2Jb\nc"), "`a\\u{1b}[2Jb\\nc`");
        assert_eq!(quoted(&"x".repeat(61)), format!("`{}...`", "x".repeat(60)));
    }
}
