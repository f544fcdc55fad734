//! Named values by date: every point of the CRS grid and every number of the programs.
//! How they make up a score lives in `points`, how they decide a program in `programs`.
//!
//! Names are systematic: `age_29_with_spouse`, `education_masters_without_spouse`,
//! `first_language_9_with_spouse`, `canadian_work_1_without_spouse`, `spouse_education_masters`,
//! `education_two_or_more_with_language_9` (two or more credentials with CLB 9 in all abilities),
//! `french_bonus`, `job_offer_senior_manager`, `core_max_with_spouse`, `fsw_pass_mark`. The lowest
//! and highest step of a scale also stand for all below and above: `age_17`, `age_45`,
//! `first_language_3`, `first_language_10`, `canadian_work_5`, `foreign_work_3`, `fsw_age_47`.
//!
//! The tables begin on 2016-11-19, when job offers fell from 600 to 50 or 200 points (before, 600
//! were tied to a labour market test that no column tells), and end before 2026-11-03, when points
//! take effect that are not known.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer};

use super::errors::RulesError;
use crate::dated::{Dated, Entry, NotCovered};
use crate::nearest::nearest;
use crate::units::{Date, Score};

/// First day that the tables cover.
pub const FROM: Date = jiff::civil::date(2016, 11, 19);
/// First day that they no longer cover.
pub const UNTIL: Date = jiff::civil::date(2026, 11, 3);

/// Column of candidates without, and with, an accompanying spouse.
const SUFFIXES: [&str; 2] = ["_without_spouse", "_with_spouse"];

/// A named value: without spouse, with spouse (the same when the grid has one column).
#[derive(Debug)]
struct Point {
    section: String,
    factor: String,
    split: bool,
    values: Dated<[u16; 2]>,
}

#[derive(Debug, Deserialize)]
struct Row {
    section: String,
    factor: String,
    name: String,
    #[serde(deserialize_with = "written_date")]
    from: Date,
    points: Option<u16>,
    with_spouse: Option<u16>,
    without_spouse: Option<u16>,
    source: String,
}

static POINTS: LazyLock<BTreeMap<String, Point>> = LazyLock::new(|| {
    let mut rows: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for text in [
        include_str!("data/crs.csv"),
        include_str!("data/programs.csv"),
    ] {
        for row in csv::Reader::from_reader(text.as_bytes()).deserialize() {
            let row: Row = row.expect("an embedded table of points reads");
            rows.entry(row.name.clone()).or_default().push(row);
        }
    }
    rows.into_iter()
        .map(|(name, rows)| {
            let point = Point {
                section: rows[0].section.clone(),
                factor: rows[0].factor.clone(),
                split: rows[0].points.is_none(),
                values: Dated::new(&name, rows.iter().map(entry).collect(), Some(UNTIL)),
            };
            (name, point)
        })
        .collect()
});

/// Reads a date like 2016-11-19 from a table.
pub(super) fn written_date<'de, D: Deserializer<'de>>(input: D) -> Result<Date, D::Error> {
    let text = String::deserialize(input)?;
    text.parse().map_err(serde::de::Error::custom)
}

fn entry(row: &Row) -> Entry<[u16; 2]> {
    let value = match (row.points, row.without_spouse, row.with_spouse) {
        (Some(points), None, None) => [points; 2],
        (None, Some(without), Some(with)) => [without, with],
        _ => panic!("{}: one column or two", row.name),
    };
    Entry {
        from: row.from,
        source: row.source.clone(),
        value,
    }
}

static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names = Vec::new();
    for (name, point) in POINTS.iter() {
        names.push(name.clone());
        if point.split {
            names.extend(SUFFIXES.map(|suffix| format!("{name}{suffix}")));
        }
    }
    names
});

/// Every name that a scenario may patch. A value with two columns has three names: one for each
/// column, and one without suffix for both.
pub fn point_names() -> Vec<&'static str> {
    NAMES.iter().map(String::as_str).collect()
}

/// The names of single columns of a value with two, without and with spouse; none where the value has
/// one column, or the name is already that of a column.
pub fn names_of_columns(name: &str) -> Option<[String; 2]> {
    let split = POINTS.get(name).is_some_and(|point| point.split);
    split.then(|| SUFFIXES.map(|suffix| format!("{name}{suffix}")))
}

/// What the name of a single column is the column of, and which.
fn of_one_column(name: &str) -> Option<(&str, usize)> {
    let mut columns = SUFFIXES.iter().enumerate();
    columns.find_map(|(column, suffix)| {
        let base = name.strip_suffix(suffix)?;
        let split = POINTS.get(base).is_some_and(|point| point.split);
        split.then_some((base, column))
    })
}

/// A value that a scenario may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPoint {
    /// Its name.
    pub name: String,
    /// The table it stands in: `A` to `D` of the CRS, or a program.
    pub section: &'static str,
    /// What of that table it belongs to.
    pub factor: &'static str,
    /// Without and with an accompanying spouse; one where the name has one value.
    pub values: Vec<u16>,
}

/// Every name of [`point_names`] with its value on a date.
///
/// # Errors
/// When the tables do not cover the date.
pub fn named_points(date: Date) -> Result<Vec<NamedPoint>, RulesError> {
    let mut named = Vec::with_capacity(NAMES.len());
    for (name, point) in POINTS.iter() {
        let values = point.values.at(date).map_err(|_| not_covered(date))?.value;
        let of = |name: String, values: &[u16]| NamedPoint {
            name,
            section: &point.section,
            factor: &point.factor,
            values: values.to_vec(),
        };
        if !point.split {
            named.push(of(name.clone(), &values[..1]));
            continue;
        }
        named.push(of(name.clone(), &values));
        for (suffix, value) in SUFFIXES.iter().zip(&values) {
            named.push(of(format!("{name}{suffix}"), &[*value]));
        }
    }
    Ok(named)
}

/// Dates within the covered time on which some value changes, in order.
pub fn change_dates() -> Vec<Date> {
    let dates: BTreeSet<Date> = POINTS
        .values()
        .flat_map(|point| point.values.entries())
        .map(|entry| entry.from)
        .filter(|&from| from > FROM)
        .collect();
    dates.into_iter().collect()
}

/// Where a group of values in force comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Origin {
    /// `CRS section A`, `fsw`, ...
    pub table: String,
    /// Factors, in order, that took effect together.
    pub factors: Vec<String>,
    pub from: Date,
    pub source: String,
}

/// The values of one date, patched.
#[derive(Debug, Clone)]
pub(super) struct Values {
    by_name: BTreeMap<&'static str, [u16; 2]>,
}

impl Values {
    /// The values in force on `date`.
    pub fn on(date: Date) -> Result<Values, RulesError> {
        let mut by_name = BTreeMap::new();
        for (name, point) in POINTS.iter() {
            let entry = point.values.at(date).map_err(|_| not_covered(date))?;
            by_name.insert(name.as_str(), entry.value);
        }
        Ok(Values { by_name })
    }

    /// Sets values by their patchable names and says what is wrong with any: a name of one column
    /// goes before that of both, whatever their order.
    pub fn patch(&mut self, points: &[(String, u16)]) -> Vec<RulesError> {
        let of_both = |(name, _): &&(String, u16)| of_one_column(name).is_none();
        let (both, one): (Vec<_>, Vec<_>) = points.iter().partition(of_both);
        let all = both.into_iter().chain(one);
        all.filter_map(|(name, points)| self.set(name, *points).err())
            .collect()
    }

    /// Sets one value by its patchable name.
    fn set(&mut self, name: &str, points: u16) -> Result<(), RulesError> {
        if points > Score::MAX.0 {
            return Err(RulesError::TooMany {
                name: name.to_owned(),
                points,
                most: Score::MAX.0,
            });
        }
        let unknown = || RulesError::UnknownPoint {
            name: name.to_owned(),
            nearest: nearest(name, point_names()).map(str::to_owned),
        };
        let (base, columns) = match of_one_column(name) {
            Some((base, column)) => (base, column..column + 1),
            None => (name, 0..2),
        };
        let value = self.by_name.get_mut(base).ok_or_else(unknown)?;
        value[columns].fill(points);
        Ok(())
    }

    /// Both columns of a value.
    ///
    /// # Panics
    /// When the tables lack the name: they are part of the program.
    pub fn both(&self, name: &str) -> [u16; 2] {
        match self.by_name.get(name) {
            Some(&value) => value,
            None => panic!("the tables have no value called {name}"),
        }
    }

    /// A value with one column.
    pub fn one(&self, name: &str) -> u16 {
        self.both(name)[0]
    }

    /// A scale of `N` steps: the values called `prefix` and a number from `low` to `high`, the
    /// lowest for all numbers below and the highest for all above.
    pub fn scale<const N: usize>(&self, prefix: &str, low: usize, high: usize) -> [[u16; N]; 2] {
        let steps: Vec<[u16; 2]> = (low..=high)
            .map(|step| self.both(&format!("{prefix}{step}")))
            .collect();
        let column =
            |column: usize| std::array::from_fn(|i| steps[i.clamp(low, high) - low][column]);
        [column(0), column(1)]
    }
}

/// The groups of values in force on `date` with their sources.
pub(super) fn origins(date: Date) -> Vec<Origin> {
    let mut groups: BTreeMap<(String, Date, String), BTreeSet<String>> = BTreeMap::new();
    for point in POINTS.values() {
        if let Ok(entry) = point.values.at(date) {
            let table = match point.section.as_str() {
                program @ ("fsw" | "cec" | "fst") => format!("program {program}"),
                section => format!("CRS section {section}"),
            };
            groups
                .entry((table, entry.from, entry.source.clone()))
                .or_default()
                .insert(point.factor.clone());
        }
    }
    groups
        .into_iter()
        .map(|((table, from, source), factors)| Origin {
            table,
            factors: factors.into_iter().collect(),
            from,
            source,
        })
        .collect()
}

fn not_covered(date: Date) -> RulesError {
    match change_dates().last() {
        Some(&last) if date >= UNTIL => RulesError::NotKnownYet {
            date,
            from: FROM,
            until: UNTIL,
            last,
        },
        _ => NotCovered {
            what: "points grid".to_owned(),
            date,
            from: Some(FROM),
            until: Some(UNTIL),
        }
        .into(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn points_change_on_three_dates() {
        assert_eq!(
            change_dates(),
            [date(2017, 6, 6), date(2020, 10, 20), date(2025, 3, 25)]
        );
    }

    #[test]
    fn a_date_outside_says_what_is_covered_and_what_is_known_last() {
        let early = Values::on(date(2016, 11, 18)).unwrap_err().to_string();
        assert!(
            early.contains("2016-11-19") && early.contains("2026-11-03"),
            "{early}"
        );
        let late = Values::on(date(2026, 11, 3)).unwrap_err().to_string();
        assert!(late.contains("those of 2025-03-25"), "{late}");
        assert!(Values::on(date(2016, 11, 19)).is_ok());
        assert!(Values::on(date(2026, 11, 2)).is_ok());
    }

    #[test]
    fn every_listed_name_can_be_patched_and_its_column_changes_alone() {
        let base = Values::on(date(2024, 1, 1)).unwrap();
        for name in point_names() {
            base.clone().set(name, 1_200).unwrap();
        }
        let mut values = base.clone();
        values.set("age_29_with_spouse", 7).unwrap();
        assert_eq!(values.both("age_29"), [110, 7]);
        values.set("age_29", 3).unwrap();
        assert_eq!(values.both("age_29"), [3, 3]);
    }

    #[test]
    fn the_name_of_one_column_goes_before_that_of_both_in_any_order() {
        let base = Values::on(date(2024, 1, 1)).unwrap();
        let mut points = vec![
            ("age_29_with_spouse".to_owned(), 7),
            ("age_29".to_owned(), 5),
        ];
        for _ in 0..2 {
            let mut values = base.clone();
            assert!(values.patch(&points).is_empty());
            assert_eq!(values.both("age_29"), [5, 7]);
            points.reverse();
        }
        let names = ["age_29_without_spouse", "age_29_with_spouse"].map(str::to_owned);
        assert_eq!(names_of_columns("age_29"), Some(names));
        for name in ["age_29_with_spouse", "sibling", "sibling_with_spouse"] {
            assert_eq!(names_of_columns(name), None, "{name}");
        }
    }

    #[test]
    fn every_name_is_listed_with_its_value_on_the_date() {
        let named = named_points(date(2024, 1, 1)).unwrap();
        let names: Vec<&str> = named.iter().map(|point| &point.name[..]).collect();
        assert_eq!(names, point_names());
        let of = |name: &str| named.iter().find(|point| point.name == name).unwrap();
        assert_eq!(of("age_29").values, [110, 100]);
        assert_eq!(of("age_29_with_spouse").values, [100]);
        assert_eq!(of("job_offer").values, [50]);
        assert!(named_points(UNTIL).is_err());
    }

    #[test]
    fn a_misspelt_name_is_told_its_neighbour_and_a_large_value_is_refused() {
        let mut values = Values::on(date(2024, 1, 1)).unwrap();
        let message = values.set("french_bonsu", 25).unwrap_err().to_string();
        assert!(message.contains("did you mean `french_bonus`"), "{message}");
        assert!(values.set("sibling", 1_201).is_err());
        assert!(values.set("sibling_with_spouse", 10).is_err());
    }
}
