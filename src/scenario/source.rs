//! The text of a file as messages point into it: its shown name, its lines, positions in it.
//! What is wrong with the text does not live here.

use crate::shown::safe;
use std::ops::Range;

/// A place in a text, as editors count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A text file that was read, with the starts of its lines.
#[derive(Debug)]
pub struct SourceFile {
    name: String,
    text: String,
    starts: Vec<usize>,
}

impl SourceFile {
    /// A file shown as `name`. A byte order mark at the start is left out of the text.
    pub fn new(name: &str, mut text: String) -> Self {
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        SourceFile {
            name: safe(name),
            text,
            starts,
        }
    }

    /// The name, with nothing in it that a terminal would obey.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where a byte offset lies; offsets past the end count as the end.
    pub fn position(&self, offset: usize) -> Position {
        let line = self.starts.partition_point(|start| *start <= offset).max(1);
        let start = self.starts[line - 1];
        // Characters begin at bytes that continue none: cheap even on a line of megabytes.
        let end = offset.clamp(start, self.text.len());
        let before = &self.text.as_bytes()[start..end];
        let column = before.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        Position {
            line,
            column: column + 1,
        }
    }

    /// The text of a line (from 1) without its end; empty for a line that is not there.
    pub fn line(&self, line: usize) -> &str {
        let Some(&start) = line.checked_sub(1).and_then(|index| self.starts.get(index)) else {
            return "";
        };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The bytes where a line (from 1) starts and ends.
    pub fn line_span(&self, line: usize) -> Range<usize> {
        let start = line
            .checked_sub(1)
            .and_then(|index| self.starts.get(index))
            .copied()
            .unwrap_or(self.text.len());
        start..start + self.line(line).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_ignore_the_byte_order_mark() {
        let file = SourceFile::new("a.toml", "\u{feff}é = 1\r\nb = 2".to_owned());
        assert_eq!(file.text().chars().next(), Some('é'));
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(8), Position { line: 2, column: 1 });
        assert_eq!(file.position(9_999), Position { line: 2, column: 6 });
        assert_eq!(
            (file.line(1), file.line(2), file.line(3)),
            ("é = 1", "b = 2", "")
        );
    }

    #[test]
    fn an_empty_file_has_a_first_line() {
        let file = SourceFile::new("a.toml", String::new());
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.line_span(1), 0..0);
    }
}
