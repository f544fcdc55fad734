//! What is wrong with a scenario: file, place, key, message, what is accepted, the nearest name.
//! How problems are printed lives in `render`.

use std::ops::Range;
use std::sync::Arc;

use super::source::{Position, SourceFile};
use crate::shown::safe;

/// Most problems that are kept; further ones are counted.
const MOST: usize = 1_000;

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct Problem {
    file: Arc<SourceFile>,
    span: Option<Range<usize>>,
    /// The key it is about, e.g. `rounds[2].type` (counted from 1); empty for the whole file.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// What is accepted instead; empty when the message says it.
    pub accepted: Vec<String>,
    /// What it consists of, a line each; empty when the message says it.
    pub details: Vec<String>,
    /// What to do instead, in a line of its own; empty when the message says it.
    pub advice: String,
    /// The known name that was most likely meant.
    pub nearest: Option<String>,
}

impl Problem {
    /// A problem of a place in a file, or of the file as a whole without a `span`.
    pub fn new(
        file: &Arc<SourceFile>,
        span: Option<Range<usize>>,
        key: &str,
        message: impl Into<String>,
    ) -> Self {
        Problem {
            file: Arc::clone(file),
            span,
            key: safe(key),
            message: safe(&message.into()),
            accepted: Vec::new(),
            details: Vec::new(),
            advice: String::new(),
            nearest: None,
        }
    }

    /// A problem of an argument of the command, e.g. `--size`.
    pub fn of_argument(argument: &str, message: impl Into<String>) -> Self {
        let file = Arc::new(SourceFile::new(argument, String::new()));
        Problem::new(&file, None, "", message)
    }

    /// Says what is accepted.
    #[must_use]
    pub fn accepting<T: AsRef<str>>(mut self, accepted: impl IntoIterator<Item = T>) -> Self {
        self.accepted = accepted
            .into_iter()
            .map(|name| safe(name.as_ref()))
            .collect();
        self
    }

    /// Says what it consists of, a line each.
    #[must_use]
    pub fn listing(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details = details.into_iter().map(|line| safe(&line)).collect();
        self
    }

    /// Says what to do instead.
    #[must_use]
    pub fn advising(mut self, advice: &str) -> Self {
        self.advice = safe(advice);
        self
    }

    /// Says which known name was most likely meant.
    #[must_use]
    pub fn near(mut self, nearest: Option<&str>) -> Self {
        self.nearest = nearest.map(safe);
        self
    }

    /// The file it is in.
    pub fn file(&self) -> &SourceFile {
        &self.file
    }

    /// The bytes of the file that it is about.
    pub fn span(&self) -> Option<&Range<usize>> {
        self.span.as_ref()
    }

    /// Line and column; none for the file as a whole.
    pub fn position(&self) -> Option<Position> {
        self.span
            .as_ref()
            .map(|span| self.file.position(span.start))
    }
}

/// All problems of one or more files, in the order of their places.
#[derive(Debug, Clone, Default)]
pub struct Problems {
    list: Vec<Problem>,
    left_out: usize,
}

impl Problems {
    /// None so far.
    pub fn new() -> Self {
        Problems::default()
    }

    /// Adds one. Only the first thousand are kept, the others counted.
    pub fn push(&mut self, problem: Problem) {
        if self.list.len() < MOST {
            self.list.push(problem);
        } else {
            self.left_out += 1;
        }
    }

    /// Adds those of another file or step.
    pub fn extend(&mut self, others: Problems) {
        self.left_out += others.left_out;
        for problem in others.list {
            self.push(problem);
        }
    }

    /// Adds those of another reading of the same file that are not among these yet.
    pub(super) fn merge(&mut self, others: Problems) {
        self.left_out = self.left_out.max(others.left_out);
        for problem in others.list {
            let same =
                |known: &Problem| known.span == problem.span && known.message == problem.message;
            if !self.list.iter().any(same) {
                self.push(problem);
            }
        }
    }

    /// Whether one of these says that.
    pub(super) fn have(&self, message: &str) -> bool {
        self.list.iter().any(|problem| problem.message == message)
    }

    /// The same problems under other keys.
    pub(super) fn mapped(&self, key: impl Fn(&str) -> String) -> Problems {
        let mut problems = self.clone();
        for problem in &mut problems.list {
            problem.key = key(&problem.key);
        }
        problems
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are, those not kept included.
    pub fn len(&self) -> usize {
        self.list.len() + self.left_out
    }

    /// How many were counted but not kept.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// Those kept.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.list.iter()
    }

    /// Puts the problems of that file in the order of their places, those of others after them.
    pub(super) fn sort_within(&mut self, file: &SourceFile) {
        self.list.sort_by_key(|problem| {
            let start = problem.span.as_ref().map(|span| span.start);
            let here = problem.file.name() == file.name();
            (!here, start.filter(|_| here))
        });
    }

    /// Puts the problems of one file in the order of their places, the file as a whole first.
    pub(super) fn sort(&mut self) {
        self.list
            .sort_by_key(|problem| problem.span.as_ref().map(|span| span.start));
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Problems {
            list: vec![problem],
            left_out: 0,
        }
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_problems_is_counted_but_not_kept() {
        let file = Arc::new(SourceFile::new("a.toml", String::new()));
        let mut problems = Problems::new();
        for _ in 0..MOST + 7 {
            problems.push(Problem::new(&file, None, "", "wrong"));
        }
        assert_eq!((problems.iter().count(), problems.left_out()), (MOST, 7));
        assert_eq!(problems.len(), MOST + 7);
    }
}
