//! What types of rounds, groups and policies are called on the page.
//! Names that files hold are left alone; only those that read badly get others.

use std::collections::BTreeMap;

use crate::rules::{categories, countries};

/// A type of round without its version, e.g. `STEM` or `Provincial nominees`.
pub fn round_type(name: &str) -> String {
    let known = match name {
        "general" => "General",
        "pnp" => "Provincial nominees",
        "cec" => "Canadian experience class",
        "fsw" => "Federal skilled workers",
        "fst" => "Federal skilled trades",
        "stem" => "STEM",
        "french" => "French",
        _ => return sentence(name),
    };
    known.to_owned()
}

/// A type of round in a word, where there is little room.
pub fn short_type(name: &str) -> String {
    match name {
        "pnp" | "cec" | "fsw" | "fst" => name.to_uppercase(),
        _ => shortened(&round_type(name), 12),
    }
}

/// A text of at most so many letters.
pub fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// A round's type as IRCC prints it, with its version.
pub fn printed_type(name: &str, version: Option<&str>) -> String {
    let printed = version.and_then(|version| categories::find(name, version));
    match (printed, version) {
        (Some(category), _) => category.label.clone(),
        (None, Some(version)) => format!("{} ({version})", round_type(name)),
        (None, None) => match name {
            "pnp" => "Provincial Nominee Program".to_owned(),
            "cec" => "Canadian Experience Class".to_owned(),
            "fsw" => "Federal Skilled Worker".to_owned(),
            "fst" => "Federal Skilled Trades".to_owned(),
            _ => round_type(name),
        },
    }
}

/// What a dimension is called, as a title.
pub fn dimension(name: &str) -> String {
    match name {
        "first_language" => "First official language".to_owned(),
        "age_band" => "Age".to_owned(),
        "teer" => "TEER of the occupation".to_owned(),
        "noc" => "Occupation".to_owned(),
        "canadian_work_years" => "Years of work in Canada".to_owned(),
        "work_place" => "Where the occupation is practised".to_owned(),
        _ => sentence(name),
    }
}

/// What a group is called.
pub fn value(dimension: &str, name: Option<&str>) -> String {
    let Some(name) = name.filter(|name| *name != "unknown") else {
        return "Not stated".to_owned();
    };
    let known = match (dimension, name) {
        ("education", "one_year") => "One-year diploma",
        ("education", "two_year") => "Two-year diploma",
        ("education", "bachelors") => "Bachelor's degree",
        ("education", "two_or_more") => "Two or more credentials",
        ("education", "masters") => "Master's degree",
        ("education", "secondary") => "Secondary school",
        ("education", "none") => "Less than secondary school",
        ("first_language", "en") => "English",
        ("first_language", "fr") => "French",
        ("program", program) => return printed_type(program, None),
        ("category", category) => return round_type(category),
        ("teer", teer) => return format!("TEER {teer}"),
        ("canadian_work_years", "1") => "1 year",
        ("canadian_work_years", years) => return format!("{years} years"),
        ("occupation_group", group) => return occupation_group(group),
        ("citizenship", code) => {
            return countries::find(code)
                .and_then(countries::name)
                .unwrap_or(code)
                .to_owned();
        }
        ("score_band", band) => return band.replace('-', "\u{2013}"),
        (_, other) => return sentence(&other.replace('-', "\u{2013}")),
    };
    known.to_owned()
}

/// A broad occupational category in few words; the CSV files have the official name.
fn occupation_group(name: &str) -> String {
    let short = match name.as_bytes().first() {
        Some(b'0') => "Senior management",
        Some(b'1') => "Business and finance",
        Some(b'2') => "Natural and applied sciences",
        Some(b'3') => "Health",
        Some(b'4') => "Education, law, social",
        Some(b'5') => "Art, culture, sport",
        Some(b'6') => "Sales and service",
        Some(b'7') => "Trades and transport",
        Some(b'8') => "Resources and agriculture",
        Some(b'9') => "Manufacturing and utilities",
        _ => name,
    };
    short.to_owned()
}

/// A name of files as the beginning of a sentence: `age_band` is `Age band`.
pub fn sentence(name: &str) -> String {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

/// Names fit for an `id`, each given once.
#[derive(Debug, Default)]
pub struct Slugs {
    /// Each name that was given, and the last number that was put behind it.
    given: BTreeMap<String, u32>,
}

impl Slugs {
    /// The name as far as it fits, and a number behind it where an earlier one has that already.
    pub fn give(&mut self, name: &str) -> String {
        let plain = slug(name);
        let mut number = self.given.get(&plain).copied().unwrap_or(0);
        let given = loop {
            number += 1;
            let numbered = match number {
                1 => plain.clone(),
                later => format!("{plain}-{later}"),
            };
            if !self.given.contains_key(&numbered) {
                break numbered;
            }
        };
        self.given.insert(plain, number);
        self.given.entry(given.clone()).or_insert(1);
        given
    }
}

/// A name fit for an `id`: letters, digits and dashes.
fn slug(name: &str) -> String {
    name.chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '-'
            }
        })
        .collect()
}
