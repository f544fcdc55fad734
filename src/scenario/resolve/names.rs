//! Names and texts of a scenario: what may become a folder, a cell of a table, a line of a terminal.
//! Names of things that the rules know do not live here.

use super::Resolver;
use crate::scenario::spanned::At;
use crate::shown::quoted;

/// Longest name.
const LONGEST_NAME: usize = 80;
/// Longest title or label.
const LONGEST_LINE: usize = 200;
/// Longest description.
const LONGEST_TEXT: usize = 10_000;

/// Names that some system keeps for devices, whatever follows a dot.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// What a scenario is called.
pub(super) struct Named {
    pub name: String,
    pub title: String,
    pub description: String,
}

impl Resolver<'_> {
    /// The names of the scenario; none when its name is missing or cannot be used.
    pub(super) fn named(&mut self) -> Option<Named> {
        let keys = &self.scenario.keys;
        let title = keys.title.as_ref();
        let title = title.and_then(|title| self.line(title, "title", LONGEST_LINE));
        let description = keys.description.as_ref();
        let description = description.and_then(|text| self.line(text, "description", LONGEST_TEXT));
        let name = keys.name.as_ref()?;
        if let Some(why) = not_a_folder(&name.value) {
            self.report(
                &name.span,
                "name",
                format!(
                    "{} cannot be the name of a result folder: {why}",
                    quoted(&name.value)
                ),
            );
            return None;
        }
        Some(Named {
            name: name.value.clone(),
            title: title.unwrap_or_else(|| name.value.clone()),
            description: description.unwrap_or_default(),
        })
    }

    /// A text that tables and terminals show: not empty, not too long, no control characters.
    pub(super) fn line(&mut self, text: &At<String>, key: &str, longest: usize) -> Option<String> {
        let trimmed = text.value.trim();
        let why = if trimmed.is_empty() {
            "it is empty".to_owned()
        } else if trimmed.chars().count() > longest {
            format!("it is longer than {longest} characters")
        } else if let Some(control) = trimmed
            .chars()
            .find(|character| crate::shown::is_unsafe(*character))
        {
            format!(
                "it holds the control character {}",
                quoted(&control.to_string())
            )
        } else {
            return Some(trimmed.to_owned());
        };
        let message = format!("{} cannot be used: {why}", quoted(&text.value));
        self.report(&text.span, key, message);
        None
    }

    /// The label of a round.
    pub(super) fn label(&mut self, text: &At<String>, key: &str) -> Option<String> {
        self.line(text, key, LONGEST_LINE)
    }

    /// A name of the scenario's own, for a category or a factor: it becomes a cell and part of
    /// column values, so only small letters, digits and `_`.
    pub(super) fn own_name(&mut self, name: &At<String>, key: &str) -> Option<String> {
        let text = &name.value;
        let letters = text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
        let starts = text.starts_with(|letter: char| letter.is_ascii_lowercase());
        if letters && starts && text.len() <= LONGEST_NAME {
            return Some(text.clone());
        }
        let message = format!(
            "{} cannot be used: a name of its own starts with a small letter and has small \
             letters, digits and `_`, at most {LONGEST_NAME}",
            quoted(text)
        );
        self.report(&name.span, key, message);
        None
    }
}

/// Why a name cannot be the name of a folder on every system.
pub(in crate::scenario) fn not_a_folder(name: &str) -> Option<String> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let stem = name.split('.').next().unwrap_or_default();
    if name.is_empty() {
        Some("it is empty".to_owned())
    } else if name.len() > LONGEST_NAME {
        Some(format!("it is longer than {LONGEST_NAME} characters"))
    } else if let Some(letter) = name.chars().find(|letter| !allowed(*letter)) {
        Some(format!(
            "{} is not a letter from a to z, a digit, `-`, `_` or `.`",
            quoted(&letter.to_string())
        ))
    } else if name.starts_with(['-', '_', '.']) || name.ends_with('.') {
        Some("it starts with `-`, `_` or `.`, or ends with `.`".to_owned())
    } else if RESERVED.contains(&stem.to_ascii_lowercase().as_str()) {
        Some("some systems keep it for a device".to_owned())
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_name_is_refused_when_any_system_would_refuse_it() {
        let long = "x".repeat(81);
        for bad in [
            "", "..", ".", "../../x", "a/b", "a\\b", "-rf", "_x", ".hidden", "a.", "CON",
            "nul.toml", "a b", "é", "a\u{1b}b", "a\nb", &long,
        ] {
            assert!(not_a_folder(bad).is_some(), "{bad:?}");
        }
        for good in ["stem-2023-07-05", "a", "v1.2_x", "console"] {
            assert_eq!(not_a_folder(good), None);
        }
    }
}
