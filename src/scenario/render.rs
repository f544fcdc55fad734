//! Problems as text: plain and stable for scripts, drawn for a terminal.
//! Nothing is printed here, and no control character of a file gets through.

use std::fmt::{self, Write as _};

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, SourceCode, SourceSpan, SpanContents,
};

use super::problem::{Problem, Problems};
use crate::shown::is_unsafe;

/// Longest part of a line that is shown, in characters.
const WIDTH: usize = 100;

impl Problems {
    /// Every problem as plain text. The first line of each is `file:line:column: key: message`
    /// (without line and column when the file as a whole is meant); lines that belong to it are
    /// indented.
    pub fn plain(&self) -> String {
        let mut text = String::new();
        for problem in self.iter() {
            plain(problem, &mut text);
        }
        self.note_left_out(&mut text);
        text
    }

    /// Every problem drawn for a terminal, in colour or without.
    pub fn fancy(&self, colour: bool) -> String {
        let theme = if colour {
            GraphicalTheme::unicode()
        } else {
            GraphicalTheme::unicode_nocolor()
        };
        let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
        let mut text = String::new();
        for problem in self.iter() {
            if handler
                .render_report(&mut text, &Drawn::new(problem))
                .is_err()
            {
                plain(problem, &mut text);
            }
        }
        self.note_left_out(&mut text);
        text
    }

    fn note_left_out(&self, text: &mut String) {
        if self.left_out() > 0 {
            text.push_str(&format!("and {} more problems\n", self.left_out()));
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plain().trim_end())
    }
}

/// `key: message`, or the message alone.
fn headline(problem: &Problem) -> String {
    match problem.key.as_str() {
        "" => problem.message.clone(),
        key => format!("{key}: {}", problem.message),
    }
}

/// The lines that tell what a problem consists of, and the way out.
fn ways_out(problem: &Problem) -> Vec<String> {
    let mut lines = problem.details.clone();
    if !problem.accepted.is_empty() {
        lines.push(format!("accepted: {}", problem.accepted.join(", ")));
    }
    if !problem.advice.is_empty() {
        lines.push(problem.advice.clone());
    }
    if let Some(nearest) = &problem.nearest {
        lines.push(format!("did you mean `{nearest}`?"));
    }
    lines
}

fn plain(problem: &Problem, text: &mut String) {
    let file = problem.file();
    text.push_str(file.name());
    if let Some(position) = problem.position() {
        let _ = write!(text, ":{}:{}", position.line, position.column);
    }
    let _ = writeln!(text, ": {}", headline(problem));
    if let Some(excerpt) = Excerpt::of(problem) {
        let number = excerpt.line.to_string();
        let gutter = " ".repeat(number.len());
        let skipped = " ".repeat(excerpt.shown[..excerpt.start].chars().count());
        let marks = "^".repeat(
            excerpt.shown[excerpt.start..excerpt.end]
                .chars()
                .count()
                .max(1),
        );
        let _ = writeln!(text, "  {number} | {}", excerpt.shown);
        let _ = writeln!(text, "  {gutter} | {skipped}{marks}");
    }
    for line in ways_out(problem) {
        let _ = writeln!(text, "  {line}");
    }
}

/// The part of one line that a problem is shown with; one shown character for each of the file.
#[derive(Debug)]
struct Excerpt {
    name: String,
    line: usize,
    column: usize,
    shown: String,
    start: usize,
    end: usize,
}

impl Excerpt {
    fn of(problem: &Problem) -> Option<Self> {
        let (file, span) = (problem.file(), problem.span()?);
        let position = file.position(span.start);
        let line_span = file.line_span(position.line);
        let marked = span.end.min(line_span.end).saturating_sub(span.start);
        let line = file.line(position.line);
        let from = if position.column > WIDTH * 3 / 4 {
            let place = (span.start - line_span.start).min(line.len());
            let before = line.get(..place).unwrap_or_default();
            let back = before.char_indices().rev().nth(WIDTH / 2 - 1);
            back.map_or(0, |(at, _)| at)
        } else {
            0
        };
        let mut excerpt = Excerpt {
            name: file.name().to_owned(),
            line: position.line,
            column: position.column,
            shown: if from > 0 {
                "...".to_owned()
            } else {
                String::new()
            },
            start: 0,
            end: 0,
        };
        let (mut start, mut end) = (None, None);
        for (shown, (at, character)) in line[from..].char_indices().enumerate() {
            let at = line_span.start + from + at;
            if start.is_none() && at >= span.start {
                start = Some(excerpt.shown.len());
            }
            if end.is_none() && at >= span.start + marked {
                end = Some(excerpt.shown.len());
            }
            if shown == WIDTH {
                excerpt.shown.push_str("...");
                break;
            }
            excerpt.shown.push(match character {
                '\t' => ' ',
                character if is_unsafe(character) => '\u{fffd}',
                character => character,
            });
        }
        excerpt.start = start.unwrap_or(excerpt.shown.len());
        excerpt.end = end.unwrap_or(excerpt.shown.len()).max(excerpt.start);
        Some(excerpt)
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        if span.offset() + span.len() > self.shown.len() {
            return Err(MietteError::OutOfBounds);
        }
        Ok(Box::new(MietteSpanContents::new_named(
            self.name.clone(),
            self.shown.as_bytes(),
            SourceSpan::from((0, self.shown.len())),
            self.line - 1,
            self.column - 1,
            1,
        )))
    }
}

/// A problem as miette draws it.
#[derive(Debug)]
struct Drawn {
    headline: String,
    help: Option<String>,
    excerpt: Option<Excerpt>,
}

impl Drawn {
    fn new(problem: &Problem) -> Self {
        let excerpt = Excerpt::of(problem);
        let headline = match excerpt {
            Some(_) => headline(problem),
            None => format!("{}: {}", problem.file().name(), headline(problem)),
        };
        let lines = ways_out(problem);
        Drawn {
            headline,
            help: (!lines.is_empty()).then(|| lines.join("\n")),
            excerpt,
        }
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt
            .as_ref()
            .map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let excerpt = self.excerpt.as_ref()?;
        let label = LabeledSpan::new(None, excerpt.start, excerpt.end - excerpt.start);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::source::SourceFile;
    use super::*;

    fn problem(text: &str, span: std::ops::Range<usize>) -> Problems {
        let file = Arc::new(SourceFile::new("a.toml", text.to_owned()));
        Problem::new(&file, Some(span), "rounds[1].type", "unknown type `stme`")
            .accepting(["general", "stem"])
            .near(Some("stem"))
            .into()
    }

    #[test]
    fn plain_text_starts_with_file_line_and_column() {
        assert_eq!(
            problem("a = 1\ntype = \"stme\"\n", 13..19).plain(),
            "a.toml:2:8: rounds[1].type: unknown type `stme`\n  \
             2 | type = \"stme\"\n    |        ^^^^^^\n  \
             accepted: general, stem\n  did you mean `stem`?\n"
        );
    }

    #[test]
    fn a_terminal_gets_a_drawing_of_the_same_place() {
        let drawn = problem("a = 1\ntype = \"stme\"\n", 13..19).fancy(false);
        for part in [
            "a.toml:2:8",
            "type = \"stme\"",
            "did you mean `stem`?",
            "accepted",
        ] {
            assert!(drawn.contains(part), "{drawn}");
        }
    }

    #[test]
    fn a_very_long_line_is_shown_around_the_place_only() {
        let text = format!("x = \"{}\" y", "é".repeat(100_000));
        let end = text.len();
        for shown in [
            problem(&text, end - 1..end).plain(),
            problem(&text, end - 1..end).fancy(false),
            problem(&text, 4..end).plain(),
        ] {
            assert!(shown.len() < 2_000, "{}", shown.len());
        }
    }

    #[test]
    fn control_characters_of_the_file_do_not_reach_the_terminal() {
        let shown = problem("x = \"\u{1b}[2J\u{7}\u{202e}\"", 4..9);
        for text in [shown.plain(), shown.fancy(false)] {
            assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{text:?}");
        }
    }

    #[test]
    fn a_place_at_the_very_end_of_a_file_can_be_shown() {
        for (text, span) in [("", 0..0), ("a", 1..1), ("a\n", 2..2), ("a\n", 1..9)] {
            assert!(problem(text, span.clone()).plain().contains('^'));
            assert!(problem(text, span).fancy(false).contains("a.toml"));
        }
    }
}
