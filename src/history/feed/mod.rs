//! The official feed of rounds (JSON with free text) read into the project's tables.
//! What the tables mean, and reading them back from CSV, is the parent's; writing them, `output`'s.

mod entry;
mod fields;
mod import;
mod label;
mod pool;
mod time;

pub use entry::RoundRow;
pub use import::{FeedError, Imported, import};
pub use label::known_types;
pub use pool::SnapshotRow;

use std::fmt;

/// Whether a value was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The value could not be read: its cell is empty, or the entry is left out.
    NotRead,
    /// The value was read, with something the user should know.
    Remark,
}

/// Something to say about one field of one entry of the feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Place of the entry in the feed, from 1.
    pub entry: usize,
    /// Its round number; empty when that could not be read.
    pub round: String,
    /// The feed's name of the field; empty when the entry as a whole is meant.
    pub field: String,
    /// Whether the value was lost.
    pub severity: Severity,
    /// What is the matter, and what was done.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.round.is_empty() {
            write!(f, "entry {}", self.entry)?;
        } else {
            write!(f, "round {}", self.round)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}", self.what)
    }
}

/// Collects what is to be said about one entry.
struct Findings<'a> {
    entry: usize,
    round: String,
    list: &'a mut Vec<Finding>,
}

impl Findings<'_> {
    fn not_read(&mut self, field: &str, what: String) {
        self.add(field, Severity::NotRead, what);
    }

    fn remark(&mut self, field: &str, what: String) {
        self.add(field, Severity::Remark, what);
    }

    fn add(&mut self, field: &str, severity: Severity, what: String) {
        self.list.push(Finding {
            entry: self.entry,
            round: self.round.clone(),
            field: field.to_owned(),
            severity,
            what,
        });
    }
}
