//! Values that TOML cannot read though it is seen where they end: words without quotes, days written
//! with slashes, numbers with letters or with commas in them. They become text, so that the check of the keys says
//! what is wanted there and the rest of the file is read on.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::source::SourceFile;
use super::thousands::grouped_number;
use crate::shown::{is_unsafe, quoted};

/// Longest text that is written out with its quotes.
const LONGEST: usize = 60;

/// Turns the values into text that hold one of these places of errors; gives their own places, in the
/// order of the file.
pub(super) fn as_text(
    file: &SourceFile,
    table: &mut DeTable<'_>,
    errors: &[Range<usize>],
) -> Vec<Range<usize>> {
    let mut unread = Unread {
        file,
        errors,
        found: Vec::new(),
    };
    table.iter_mut().for_each(|(_, value)| unread.value(value));
    unread.found.sort_by_key(|place| place.start);
    unread.found
}

struct Unread<'a> {
    file: &'a SourceFile,
    /// In the order of their starts.
    errors: &'a [Range<usize>],
    found: Vec<Range<usize>>,
}

impl Unread<'_> {
    fn value(&mut self, value: &mut Spanned<DeValue<'_>>) {
        let span = value.span();
        match value.get_mut() {
            DeValue::Array(array) => array.iter_mut().for_each(|item| self.value(item)),
            DeValue::Table(table) => table.iter_mut().for_each(|(_, item)| self.value(item)),
            _ => {
                let text = self.file.text().get(span.start..).unwrap_or_default();
                let length = grouped_number(text).map_or(span.len(), str::len);
                let whole = span.start..span.start + length;
                let is_there = length > 0 || is_missing(self.file, span.start);
                if is_there && !is_quoted(self.file, &span) && self.has_error(&whole) {
                    let written = DeValue::String(Cow::Owned(text[..length].to_owned()));
                    *value = Spanned::new(whole.clone(), written);
                    self.found.push(whole);
                }
            }
        }
    }

    /// Whether an error starts within the value, or right where it is missing, and ends with it.
    fn has_error(&self, span: &Range<usize>) -> bool {
        let first = (self.errors).partition_point(|error| error.start < span.start);
        let is_within = |error: &Range<usize>| {
            (error.start < span.end || error.start == span.start) && error.end <= span.end
        };
        self.errors.get(first).is_some_and(is_within)
    }
}

/// Whether a value should begin at that place: TOML puts some that it has not found elsewhere.
fn is_missing(file: &SourceFile, at: usize) -> bool {
    let before = file.text().get(..at).unwrap_or_default();
    before.trim_end_matches([' ', '\t']).ends_with('=')
}

/// Whether the value there stands in quotes.
pub(super) fn is_quoted(file: &SourceFile, span: &Range<usize>) -> bool {
    let written = file.text().get(span.clone()).unwrap_or_default();
    written.starts_with(['"', '\''])
}

/// What stands between quotes that word processors put in for plain ones; the text itself without such.
pub(super) fn without_typographic(text: &str) -> &str {
    const QUOTES: [char; 10] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛'];
    let inner = text.strip_prefix(QUOTES);
    let inner = inner.and_then(|text| text.strip_suffix(QUOTES));
    inner.unwrap_or(text)
}

/// What to do about text without quotes, or in quotes that TOML does not know.
pub(super) fn message(text: &str) -> String {
    let meant = without_typographic(text);
    let is_plain = meant.len() <= LONGEST && !meant.contains(is_unsafe) && !meant.contains('\'');
    let way_out = match is_plain {
        true if meant.contains(['"', '\\']) => format!("write '{meant}'"),
        true => format!("write \"{meant}\""),
        false => "put it in plain quotes".to_owned(),
    };
    let what = match meant == text {
        true => "is text without quotes",
        false => "is in typographic quotes, which TOML does not know",
    };
    format!("{} {what}; {way_out}", quoted(text))
}

/// What to do about a value of a key that is not known.
pub(super) fn message_of_any(written: &str) -> String {
    match written.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
        true => format!("{} is neither a number nor a date", quoted(written)),
        false => message(written),
    }
}
