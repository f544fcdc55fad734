//! Values as CSV text: numbers, times, quoting, and text that a spreadsheet would run.
//! No file is touched here.

use std::borrow::Cow;
use std::io::Write as _;

use crate::units::Instant;

use super::table::Cell;

/// Appends a cell.
#[inline]
pub fn push_cell(out: &mut Vec<u8>, cell: Cell<'_>) {
    match cell {
        Cell::Text(text) => push_text(out, text),
        Cell::Name(name) => out.extend_from_slice(name.as_bytes()),
        Cell::Integer(value) => push_integer(out, value),
        Cell::Number(value) => push_number(out, value),
        Cell::Boolean(value) => push_boolean(out, value),
        Cell::Time(value) => push_time(out, value),
        // Writing to a vector cannot fail.
        Cell::Date(value) => drop(write!(out, "{value}")),
        Cell::Unknown => {}
    }
}

/// Appends a whole number.
#[inline]
pub fn push_integer(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends a number with as many digits as give it back exactly, and a decimal point always: a
/// column of whole numbers still loads as one of numbers with fractions.
pub fn push_number(out: &mut Vec<u8>, value: f64) {
    let from = out.len();
    // Adding zero writes -0 as 0. Writing to a vector cannot fail.
    let _ = write!(out, "{}", value + 0.0);
    if !out[from..].contains(&b'.') {
        out.extend_from_slice(b".0");
    }
}

/// Appends `true` or `false`.
#[inline]
pub fn push_boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// Appends a time like `2023-07-05T13:38:22Z`.
#[inline]
pub fn push_time(out: &mut Vec<u8>, at: Instant) {
    let (days, seconds) = (at.seconds() / Instant::DAY, at.seconds() % Instant::DAY);
    let (year, month, day) = civil(days);
    let mut text = *b"0000-00-00T00:00:00Z";
    let mut two = |place: usize, value: u32| {
        text[place] = b'0' + (value / 10) as u8;
        text[place + 1] = b'0' + (value % 10) as u8;
    };
    two(0, year / 100);
    two(2, year % 100);
    two(5, month);
    two(8, day);
    two(11, seconds / 3_600);
    two(14, seconds / 60 % 60);
    two(17, seconds % 60);
    out.extend_from_slice(&text);
}

/// Year, month and day of a number of days since 1970-01-01, by the count of days in the 400-year
/// cycle of the Gregorian calendar with years that begin on 1 March.
#[inline]
fn civil(days: u32) -> (u32, u32, u32) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    (era * 400 + year + next, month, day)
}

/// Appends text, made harmless for spreadsheets and quoted where CSV needs it.
#[inline]
pub fn push_text(out: &mut Vec<u8>, text: &str) {
    push_quoted(out, harmless(text).as_bytes());
}

/// Appends text of a file that is passed on: as it stands, but for what a spreadsheet would run.
/// Unlike [`push_text`] it leaves alone what was made harmless before.
#[inline]
pub fn push_carried(out: &mut Vec<u8>, text: &str) {
    if is_formula(text) {
        push_text(out, text);
    } else {
        push_quoted(out, text.as_bytes());
    }
}

/// Appends bytes of a cell as they are, quoted where CSV needs it.
pub fn push_quoted(out: &mut Vec<u8>, cell: &[u8]) {
    let special = |byte: &u8| matches!(byte, b',' | b'"' | b'\r' | b'\n');
    if !cell.iter().any(special) {
        out.extend_from_slice(cell);
        return;
    }
    out.push(b'"');
    for &byte in cell {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Text that no spreadsheet runs as a formula: one that starts with `=`, `+`, `-`, `@` (or one of
/// these in full width), a tab, a carriage return or a line feed, and is no number, gets a `'` in
/// front. [`original`] takes it off again, whatever the text was.
pub fn harmless(text: &str) -> Cow<'_, str> {
    if is_formula(text.trim_start_matches('\'')) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`harmless`] was given.
pub fn original(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

#[inline]
fn is_formula(text: &str) -> bool {
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'\t' | b'\r' | b'\n') => true,
        Some(b'+' | b'-') => !is_number(&text[1..]),
        Some(0xEF) => text.starts_with(['\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']),
        _ => false,
    }
}

/// Digits, with at most one decimal point, and an exponent where there is one.
fn is_number(text: &str) -> bool {
    let is_whole = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.strip_prefix(['+', '-']).unwrap_or(exponent)),
        None => (text, "0"),
    };
    is_whole(&text.replacen('.', "", 1)) && is_whole(exponent)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(cell: Cell<'_>) -> String {
        let mut out = Vec::new();
        push_cell(&mut out, cell);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn formulas_are_made_harmless_and_numbers_are_left_alone() {
        for (written, expected) in [
            ("=1+1", "'=1+1"),
            ("+cmd", "'+cmd"),
            ("-cmd|x", "'-cmd|x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("\n=1", "\"'\n=1\""),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff1a}1", "\u{ff1a}1"),
            ("-1.5e-3", "-1.5e-3"),
            ("-1e", "'-1e"),
            ("+1.2.3", "'+1.2.3"),
            ("'=1", "''=1"),
            ("-12.5", "-12.5"),
            ("+7", "+7"),
            ("-", "'-"),
            ("plain", "plain"),
            ("a,b \"c\"", "\"a,b \"\"c\"\"\""),
        ] {
            assert_eq!(text(Cell::Text(written)), expected);
        }
        assert_eq!(text(Cell::Number(-3.5)), "-3.5");
    }

    #[test]
    fn what_is_passed_on_is_made_harmless_once() {
        let passed_on = |cell: &str| {
            let mut out = Vec::new();
            push_carried(&mut out, cell);
            String::from_utf8(out).unwrap()
        };
        for (cell, expected) in [
            ("=1", "'=1"),
            ("'=1", "'=1"),
            ("-1", "-1"),
            ("a,b", "\"a,b\""),
        ] {
            assert_eq!(passed_on(cell), expected);
            let again = passed_on(expected.trim_matches('"'));
            assert_eq!(again, expected);
        }
    }

    #[test]
    fn unknown_is_empty_and_a_number_keeps_every_digit() {
        assert_eq!(text(Cell::Unknown), "");
        assert_eq!(text(Cell::Number(1.0 / 3.0)).parse(), Ok(1.0 / 3.0));
        assert_eq!(text(Cell::Number(-0.0)), "0.0");
        assert_eq!(text(Cell::Number(1e21)), "1000000000000000000000.0");
        assert_eq!(text(Cell::Boolean(true)), "true");
    }

    proptest! {
        #[test]
        fn a_time_is_written_as_it_prints(seconds: u32) {
            let instant = Instant::from_seconds(seconds);
            prop_assert_eq!(text(Cell::Time(instant)), instant.to_string());
        }

        #[test]
        fn the_original_text_comes_back(text in "['=+@a0.e\n\u{ff1d}-]{0,6}") {
            let written = harmless(&text);
            prop_assert_eq!(original(&written), text.as_str());
        }
    }
}
