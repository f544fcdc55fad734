//! The text of a file as messages point into it: its shown name, its lines, positions in it.
//! What is wrong with the text does not live here.

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

/// Whether a terminal would obey the character or be misled by it: control characters, and marks
/// that turn the direction of text or take no room.
pub(super) fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// `text` with such characters written out, e.g. `\u{1b}`.
pub fn safe(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// `text` in backquotes, cut after 60 characters so that a message stays a line.
pub(super) fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    let dots = if cut.len() < text.len() { "..." } else { "" };
    format!("`{}{dots}`", safe(&cut))
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

    #[test]
    fn control_characters_are_written_out_and_long_values_cut() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}"), "`a\\u{1b}[31m\\u{202e}`");
        assert_eq!(quoted(&"é".repeat(1_000)).chars().count(), 65);
    }
}
