//! The names that rounds are published under, and the type and version each stands for.
//! The conditions of a category are the rules'.

use super::super::tables::Kind;
use crate::rules::categories;

/// Published names, in plain form (see [`plain`]), with what they stand for.
const NAMES: [(&str, Kind, &str); 19] = [
    ("no program specified", Kind::General, "general"),
    ("general", Kind::General, "general"),
    ("provincial nominee program", Kind::Program, "pnp"),
    ("canadian experience class", Kind::Program, "cec"),
    ("federal skilled worker", Kind::Program, "fsw"),
    ("federal skilled trades", Kind::Program, "fst"),
    ("french language proficiency", Kind::Category, "french"),
    ("healthcare occupations", Kind::Category, "healthcare"),
    (
        "healthcare and social services occupations",
        Kind::Category,
        "healthcare",
    ),
    ("stem occupations", Kind::Category, "stem"),
    ("trade occupations", Kind::Category, "trade"),
    ("trades occupations", Kind::Category, "trade"),
    ("transport occupations", Kind::Category, "transport"),
    (
        "agriculture and agri food occupations",
        Kind::Category,
        "agriculture",
    ),
    ("education occupations", Kind::Category, "education"),
    (
        "physicians with canadian work experience",
        Kind::Category,
        "physicians",
    ),
    (
        "senior managers with canadian work experience",
        Kind::Category,
        "senior_managers",
    ),
    // Never printed so far; written like its neighbours.
    (
        "researchers with canadian work experience",
        Kind::Category,
        "researchers",
    ),
    ("skilled military recruits", Kind::Category, "military"),
];

/// What a published name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub kind: Kind,
    pub type_name: &'static str,
    /// Key like `2023-V1`; `None` for what is no category and where `fault` says why.
    pub version: Option<String>,
    /// Why a category has no version here.
    pub fault: Option<String>,
}

/// The type names that a published name can stand for, each once.
pub fn known_types() -> Vec<&'static str> {
    let mut types = Vec::new();
    for (_, _, name) in NAMES {
        if !types.contains(&name) {
            types.push(name);
        }
    }
    types
}

/// Reads a published name; `None` when it is not known. Letter case, blanks, commas, hyphens and
/// brackets do not count. A version is accepted as `(2023-1)`, `(Version 1)` or `2026-Version 1`.
pub(super) fn read_label(name: &str) -> Option<Label> {
    let plain = plain(name);
    let words: Vec<&str> = plain.split(' ').collect();
    let number = |word: &str| word.parse::<u16>().ok();
    let year = |word: &str| number(word).filter(|year| (2000..2100).contains(year));
    let (base, printed) = match words.as_slice() {
        [base @ .., y, "version", n] if year(y).is_some() => {
            (base, number(n).map(|n| (Printed::Year(year(y)), n)))
        }
        [base @ .., "version", n] => (base, number(n).map(|n| (Printed::Year(None), n))),
        [base @ .., y, n] if year(y).is_some() => (
            base,
            year(y).zip(number(n)).map(|(y, n)| (Printed::By(y), n)),
        ),
        base => (base, None),
    };
    let has_version = base.len() < words.len();
    let base = base.join(" ");
    let &(_, kind, type_name) = NAMES.iter().find(|(known, _, _)| *known == base)?;
    if kind != Kind::Category {
        return (!has_version).then_some(Label {
            kind,
            type_name,
            version: None,
            fault: None,
        });
    }
    let known = versions(type_name);
    let version = printed.and_then(|(printed, n)| {
        known
            .iter()
            .find(|&&(year, number)| number == n && printed.allows(year))
            .map(|(year, number)| format!("{year}-V{number}"))
    });
    let fault = version.is_none().then(|| {
        let keys: Vec<String> = known.iter().map(|(y, n)| format!("{y}-V{n}")).collect();
        let what = if has_version {
            "names a version that is not known"
        } else {
            "names no version"
        };
        format!("{what}; {type_name} has {}", keys.join(", "))
    });
    Some(Label {
        kind,
        type_name,
        version,
        fault,
    })
}

/// Year and number of every version of a category that the rules know.
fn versions(category: &str) -> Vec<(u16, u16)> {
    let versions = categories::versions(category);
    versions
        .filter_map(|known| {
            let (year, number) = known.version.split_once("-V")?;
            Some((year.parse().ok()?, number.parse().ok()?))
        })
        .collect()
}

/// What the printed version says of the year.
enum Printed {
    /// The version is of this year, or any.
    Year(Option<u16>),
    /// The version was in use in this year: `(2024-1)` is version 1 of 2023.
    By(u16),
}

impl Printed {
    fn allows(&self, year: u16) -> bool {
        match *self {
            Printed::Year(printed) => printed.is_none_or(|printed| printed == year),
            Printed::By(printed) => year <= printed,
        }
    }
}

/// Lower case; commas, hyphens, dashes and brackets as blanks; one blank between words.
fn plain(name: &str) -> String {
    let lower = name.to_lowercase();
    let words = lower.split(|c: char| {
        c.is_whitespace() || matches!(c, ',' | '-' | '\u{2010}'..='\u{2014}' | '(' | ')')
    });
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads_as(name: &str, type_name: &str, version: Option<&str>) {
        let label = read_label(name).unwrap_or_else(|| panic!("{name} is not known"));
        assert_eq!(
            (label.type_name, label.version.as_deref()),
            (type_name, version),
            "{name}"
        );
        assert_eq!(
            label.fault.is_none(),
            version.is_some() || label.kind != Kind::Category
        );
    }

    #[test]
    fn every_form_of_a_version_reads() {
        reads_as("STEM occupations (2023-1)", "stem", Some("2023-V1"));
        reads_as(
            "French language proficiency (2024-1)",
            "french",
            Some("2023-V1"),
        );
        reads_as("Trade occupations (Version 2)", "trade", Some("2025-V2"));
        reads_as(
            "Education occupations (Version 1)",
            "education",
            Some("2025-V1"),
        );
        reads_as(
            "French-Language proficiency 2026-Version 2",
            "french",
            Some("2026-V2"),
        );
        reads_as(
            "Healthcare and Social Services Occupations, 2026-Version 3",
            "healthcare",
            Some("2026-V3"),
        );
        reads_as(
            "TRADES OCCUPATIONS,  2026-VERSION 3 ",
            "trade",
            Some("2026-V3"),
        );
        reads_as(
            "Physicians with Canadian Work Experience, 2026-Version 1",
            "physicians",
            Some("2026-V1"),
        );
        reads_as(
            "Agriculture and agri-food occupations (Version 1)",
            "agriculture",
            Some("2023-V1"),
        );
    }

    #[test]
    fn every_label_and_version_of_the_rules_reads() {
        for version in categories::all() {
            reads_as(&version.label, &version.name, Some(&version.version));
        }
    }

    #[test]
    fn every_category_of_a_published_name_is_one_of_the_rules() {
        let named = NAMES.iter().filter(|(_, kind, _)| *kind == Kind::Category);
        let mut named: Vec<&str> = named.map(|&(_, _, name)| name).collect();
        named.sort_unstable();
        named.dedup();
        assert_eq!(named, categories::names());
    }

    #[test]
    fn programs_and_general_rounds_have_no_version() {
        reads_as("No Program Specified", "general", None);
        reads_as("General", "general", None);
        reads_as("Canadian Experience Class", "cec", None);
        reads_as(" provincial nominee program", "pnp", None);
        assert_eq!(read_label("General (Version 1)"), None);
    }

    #[test]
    fn a_version_that_is_not_known_or_not_printed_is_said() {
        reads_as("STEM occupations", "stem", None);
        reads_as("STEM occupations (Version 9)", "stem", None);
        reads_as("STEM occupations 2025-Version 3", "stem", None);
        let fault = read_label("STEM occupations (Version x)").unwrap().fault;
        assert_eq!(
            fault.unwrap(),
            "names a version that is not known; stem has 2023-V1, 2025-V2, 2026-V3"
        );
    }

    #[test]
    fn other_names_are_not_known() {
        for name in ["", "Version 1", "2026-Version 1", "Astronauts (Version 1)"] {
            assert_eq!(read_label(name), None, "{name}");
        }
    }

    #[test]
    fn every_type_is_named_once() {
        let types = known_types();
        let mut once = types.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(types.len(), once.len());
    }
}
