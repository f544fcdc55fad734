//! Selection categories by version: label, time in force, conditions and occupations.
//! Whether a round may ask for a version on its date is the scenario's to decide.
//!
//! What the columns can tell of the conditions: the primary occupation, months in it within the
//! last three years, and whether it was practised in Canada. Continuity of that work is not
//! known, nor is work in a second occupation. The skilled military recruits' ten years of
//! continuous foreign service are read as ten years of foreign work with one of the listed
//! occupations, practised abroad; their offer of three years from the Canadian Armed Forces as any
//! job offer; their two-year credential as education of two years or more.

use std::sync::LazyLock;

use serde::Deserialize;

use super::candidate::{Education, NocIndex};
use super::noc;
use crate::units::Date;

/// Where the occupation must have been practised.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// Canada or abroad.
    #[default]
    Anywhere,
    /// Canada only.
    Canada,
    /// Abroad only.
    Abroad,
}

/// What a category asks of a candidate besides eligibility for a federal program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conditions {
    /// Occupations, in order of code; every occupation, and none stated, when empty.
    pub occupations: Vec<NocIndex>,
    /// Months in the occupation within the last three years.
    pub months: u8,
    /// Where it was practised.
    pub place: Place,
    /// Lowest English level in all four abilities.
    pub english: u8,
    /// Lowest French level in all four abilities.
    pub french: u8,
    /// Lowest level of education.
    pub education: Education,
    /// Whole years of foreign work.
    pub foreign_work_years: u8,
    /// A job offer is needed.
    pub job_offer: bool,
}

/// One version of a category.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryVersion {
    /// Name, e.g. `stem`.
    pub name: String,
    /// Version key, e.g. `2023-V1`.
    pub version: String,
    /// The label as IRCC prints it.
    pub label: String,
    /// Whether a published round bears the label; if not, it is written like its neighbours'.
    pub printed: bool,
    /// First day in force.
    pub from: Date,
    /// First day no longer in force.
    pub until: Option<Date>,
    /// Where it is written down.
    pub source: String,
    /// What it asks for.
    pub conditions: Conditions,
}

impl CategoryVersion {
    /// Whether the version is in force on `date`.
    pub fn in_force(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date < until)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    category: Vec<Wire>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    name: String,
    version: String,
    label: String,
    #[serde(default = "yes")]
    printed: bool,
    from: toml::value::Datetime,
    until: Option<toml::value::Datetime>,
    source: String,
    #[serde(default)]
    occupations: Vec<String>,
    #[serde(default)]
    months: u8,
    #[serde(default)]
    place: Place,
    #[serde(default)]
    french: u8,
    education: Option<Education>,
    #[serde(default)]
    foreign_work_years: u8,
    #[serde(default)]
    job_offer: bool,
}

fn yes() -> bool {
    true
}

static TABLE: LazyLock<Vec<CategoryVersion>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("data/categories.toml"))
        .expect("the embedded table of categories reads");
    table.category.into_iter().map(checked).collect()
});

fn checked(wire: Wire) -> CategoryVersion {
    let date = |value: toml::value::Datetime| -> Date {
        value.to_string().parse().expect("a date of the table")
    };
    CategoryVersion {
        conditions: Conditions {
            occupations: wire
                .occupations
                .iter()
                .map(|code| noc::find(code).expect("an occupation of the table"))
                .collect(),
            months: wire.months,
            place: wire.place,
            english: 0,
            french: wire.french,
            education: wire.education.unwrap_or(Education::None),
            foreign_work_years: wire.foreign_work_years,
            job_offer: wire.job_offer,
        },
        name: wire.name,
        version: wire.version,
        label: wire.label,
        printed: wire.printed,
        from: date(wire.from),
        until: wire.until.map(date),
        source: wire.source,
    }
}

/// Every version of every category.
pub fn all() -> &'static [CategoryVersion] {
    &TABLE
}

/// Every category's name, once each, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLE.iter().map(|known| known.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The versions of a category, in the order they took effect; none for an unknown name.
pub fn versions(name: &str) -> impl Iterator<Item = &'static CategoryVersion> {
    TABLE.iter().filter(move |known| known.name == name)
}

/// A category's version by its key.
pub fn find(name: &str, version: &str) -> Option<&'static CategoryVersion> {
    versions(name).find(|known| known.version == version)
}

/// The version of a category that is in force on a date.
pub fn in_force(name: &str, date: Date) -> Option<&'static CategoryVersion> {
    versions(name).find(|known| known.in_force(date))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;

    fn codes(name: &str, version: &str) -> BTreeSet<NocIndex> {
        let category = find(name, version).unwrap();
        category.conditions.occupations.iter().copied().collect()
    }

    #[test]
    fn the_lists_have_their_control_totals() {
        let totals = [
            ("healthcare", "2023-V1", 35),
            ("stem", "2023-V1", 24),
            ("trade", "2023-V1", 10),
            ("transport", "2023-V1", 10),
            ("agriculture", "2023-V1", 3),
            ("healthcare", "2025-V2", 37),
            ("stem", "2025-V2", 11),
            ("trade", "2025-V2", 25),
            ("education", "2025-V1", 5),
            ("agriculture", "2025-V2", 1),
            ("healthcare", "2026-V3", 37),
            ("stem", "2026-V3", 11),
            ("trade", "2026-V3", 25),
            ("education", "2026-V2", 5),
            ("transport", "2026-V2", 4),
            ("physicians", "2026-V1", 3),
            ("senior_managers", "2026-V1", 4),
            ("researchers", "2026-V1", 2),
            ("military", "2026-V1", 3),
            ("french", "2023-V1", 0),
            ("french", "2026-V2", 0),
        ];
        assert_eq!(all().len(), totals.len());
        for (name, version, count) in totals {
            assert_eq!(codes(name, version).len(), count, "{name} {version}");
        }
    }

    #[test]
    fn the_lists_of_2023_do_not_overlap_and_change_in_2025_as_published() {
        let first = ["healthcare", "stem", "trade", "transport", "agriculture"];
        let union: BTreeSet<NocIndex> = first
            .iter()
            .flat_map(|name| codes(name, "2023-V1"))
            .collect();
        assert_eq!(union.len(), 82);
        for (name, added, removed) in [
            ("healthcare", 8, 6),
            ("stem", 6, 19),
            ("trade", 19, 4),
            ("agriculture", 0, 2),
        ] {
            let (old, new) = (codes(name, "2023-V1"), codes(name, "2025-V2"));
            assert_eq!(new.difference(&old).count(), added, "{name} added");
            assert_eq!(old.difference(&new).count(), removed, "{name} removed");
        }
    }

    #[test]
    fn the_trades_of_2026_swap_one_code_and_physicians_are_all_in_healthcare() {
        let (old, new) = (codes("trade", "2025-V2"), codes("trade", "2026-V3"));
        let named = |set: Vec<&NocIndex>| noc::code(*set[0]).unwrap();
        assert_eq!(named(old.difference(&new).collect()), "63200");
        assert_eq!(named(new.difference(&old).collect()), "63201");
        assert!(codes("physicians", "2026-V1").is_subset(&codes("healthcare", "2026-V3")));
    }

    #[test]
    fn every_listed_occupation_is_skilled() {
        for category in all() {
            for &index in &category.conditions.occupations {
                assert!(noc::teer(index).unwrap() <= 3);
            }
        }
    }

    #[test]
    fn at_most_one_version_is_in_force_and_each_gives_way_on_its_day() {
        let on = |name, date| in_force(name, date).map(|known| known.version.as_str());
        assert_eq!(on("stem", date(2023, 5, 30)), None);
        assert_eq!(on("stem", date(2023, 5, 31)), Some("2023-V1"));
        assert_eq!(on("stem", date(2025, 2, 26)), Some("2023-V1"));
        assert_eq!(on("stem", date(2025, 2, 27)), Some("2025-V2"));
        assert_eq!(on("transport", date(2025, 2, 27)), None);
        assert_eq!(on("transport", date(2026, 2, 18)), Some("2026-V2"));
        assert_eq!(on("french", date(2026, 2, 6)), Some("2026-V2"));
        assert_eq!(on("physicians", date(2025, 12, 8)), Some("2026-V1"));
        for name in names() {
            for version in versions(name) {
                let there = versions(name).filter(|other| other.in_force(version.from));
                assert_eq!(there.count(), 1, "{name}");
            }
        }
    }
}
