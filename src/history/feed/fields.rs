//! The fields of one entry of the feed: text that may be a number, numbers with commas.
//! What the fields mean is `entry`'s and `pool`'s.

use serde_json::{Map, Value};

use super::Findings;
use crate::shown::quoted;

/// One entry of the feed.
pub(super) type Entry = Map<String, Value>;

/// The text of a field, trimmed; a JSON number counts as its text. `None` where it is missing,
/// null or blank; any other type is reported.
pub(super) fn text(entry: &Entry, field: &str, findings: &mut Findings<'_>) -> Option<String> {
    let text = match entry.get(field) {
        None | Some(Value::Null) => return None,
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        Some(other) => {
            let what = match other {
                Value::Bool(_) => "true or false",
                Value::Array(_) => "a list",
                _ => "an object",
            };
            findings.not_read(field, format!("is {what}, not text; left empty"));
            return None;
        }
    };
    (!text.is_empty()).then_some(text)
}

/// A whole number up to `highest`; what is missing or cannot be read is reported.
pub(super) fn number(
    entry: &Entry,
    field: &str,
    highest: u64,
    findings: &mut Findings<'_>,
) -> Option<u64> {
    let before = findings.list.len();
    let Some(text) = text(entry, field, findings) else {
        if findings.list.len() == before {
            findings.not_read(field, "is empty; left empty".to_owned());
        }
        return None;
    };
    let number = whole_number(&text).filter(|&number| number <= highest);
    if number.is_none() {
        let what = quoted(&text);
        findings.not_read(
            field,
            format!("{what} is not a whole number up to {highest}; left empty"),
        );
    }
    number
}

/// Digits with or without a comma or blank before each group of three.
fn whole_number(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split([',', ' ', '\u{a0}', '\u{202f}']).collect();
    let digits = |group: &&str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
    let grouped = groups.len() == 1
        || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    if grouped && groups.iter().all(digits) {
        groups.concat().parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_with_and_without_commas() {
        assert_eq!(whole_number("1,500"), Some(1_500));
        assert_eq!(whole_number("27,332"), Some(27_332));
        assert_eq!(whole_number("1\u{a0}500"), Some(1_500));
        assert_eq!(whole_number("0"), Some(0));
        assert_eq!(whole_number("1,234,567"), Some(1_234_567));
    }

    #[test]
    fn numbers_that_could_mean_two_things_do_not_read() {
        for text in [
            "",
            ",",
            "1,5",
            "1500,",
            "1,,500",
            "12345,678",
            "1.5",
            "-5",
            "+5",
            "1e3",
            "5*",
            "99999999999999999999",
        ] {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }
}
