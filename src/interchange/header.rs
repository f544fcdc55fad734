//! The header of a candidate file against the known columns.
//! Cells are not looked at here.

use std::collections::BTreeSet;

use crate::nearest::nearest;

use super::columns::{COLUMNS, Field, Need};
use super::problem::{Found, Problem};
use crate::shown::quoted;

/// Most columns that a notice names.
const MOST_NAMED: usize = 12;

/// What the columns of a file hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Header {
    /// Attribute of each column of the file; none for columns that are not known.
    pub fields: Vec<Option<Field>>,
    /// Columns that are not known.
    unknown: Vec<String>,
}

impl Header {
    /// What a column of the file is called; nothing where it has no name.
    pub fn name(&self, column: usize) -> Option<&str> {
        if let Some(field) = self.fields.get(column)? {
            return Some(field.column().name);
        }
        let before = self.fields[..column].iter().filter(|one| one.is_none());
        let name = self.unknown.get(before.count())?;
        (!name.is_empty()).then_some(name)
    }

    /// Finds the known columns and tells every problem: a required column that is missing, one
    /// that stands twice, one that is known under a slightly other name.
    pub fn new<'a>(names: impl Iterator<Item = &'a str>) -> (Self, Found) {
        let names: Vec<&str> = names.map(str::trim_ascii).collect();
        let fields: Vec<Option<Field>> = names.iter().map(|name| Field::named(name)).collect();
        let mut found = Found::default();
        if names.iter().any(|name| name.contains('\r')) {
            found.add(|| {
                Problem::of_file(
                    "lines end in carriage returns alone; save the file with line feeds",
                )
            });
            return (
                Header {
                    fields,
                    unknown: Vec::new(),
                },
                found,
            );
        }
        let mut seen = BTreeSet::new();
        for name in names.iter().filter(|name| !name.is_empty()) {
            if !seen.insert(name) {
                found.add(|| {
                    Problem::of_file(format!(
                        "column {} stands twice in the header",
                        quoted(name)
                    ))
                });
            }
        }
        let unknown: Vec<&str> = names
            .iter()
            .zip(&fields)
            .filter(|(_, field)| field.is_none())
            .map(|(name, _)| *name)
            .collect();
        for column in COLUMNS
            .iter()
            .filter(|column| !fields.contains(&Some(column.field)))
        {
            let same = unknown.iter().find(|name| plain(name) == column.name);
            if let (Some(name), false) = (same, column.is_added()) {
                found.add(|| {
                    Problem::of_file(format!(
                        "column {} is not known; write it `{}`",
                        quoted(name),
                        column.name
                    ))
                });
            } else if column.is_required() {
                let meant = nearest(column.name, unknown.iter().copied())
                    .map(|name| format!("; is it {}?", quoted(name)))
                    .unwrap_or_default();
                found.add(|| {
                    Problem::of_file(format!(
                        "required column `{}` is missing{meant}",
                        column.name
                    ))
                });
            }
        }
        let unknown = unknown.into_iter().map(str::to_owned).collect();
        (Header { fields, unknown }, found)
    }

    /// What the user of a pool should know: columns that are not used, defaults that are taken.
    pub fn notices(&self) -> Vec<String> {
        let mut notices = Vec::new();
        let near: Vec<String> = self
            .unknown
            .iter()
            .filter_map(|name| {
                let left_out = COLUMNS.iter().filter(|column| !self.has(column.field));
                let meant = nearest(name, left_out.map(|column| column.name))?;
                Some(format!(
                    "column {} is not known and not used; did you mean `{meant}`?",
                    quoted(name)
                ))
            })
            .take(MOST_NAMED)
            .collect();
        if near.is_empty() && !self.unknown.is_empty() {
            notices.push(format!(
                "columns that are not used: {}",
                list(self.unknown.iter().map(|name| quoted(name)))
            ));
        }
        notices.extend(near);
        let added = COLUMNS
            .iter()
            .filter(|column| column.is_added() && self.has(column.field));
        let added = list(added.map(|column| column.name.to_owned()));
        if !added.is_empty() {
            notices.push(format!("worked out anew from the attributes: {added}"));
        }
        let defaults = COLUMNS
            .iter()
            .filter(|column| !self.has(column.field))
            .filter_map(|column| match column.need {
                Need::Default(value) => Some(format!("{} ({value})", column.name)),
                _ => None,
            });
        let defaults = list(defaults);
        if !defaults.is_empty() {
            notices.push(format!("columns left out, their defaults hold: {defaults}"));
        }
        notices
    }

    /// Whether the file has the column.
    pub fn has(&self, field: Field) -> bool {
        self.fields.contains(&Some(field))
    }
}

/// A name in small letters with one kind of separator.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', ' ', '.'], "_")
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    let shown = names
        .iter()
        .take(MOST_NAMED)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const REQUIRED: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                            english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";

    fn problems(header: &str) -> String {
        let (_, found) = Header::new(header.split(','));
        found
            .check(Path::new("a.csv"), "line")
            .map_or_else(|error| error.to_string(), |()| String::new())
    }

    #[test]
    fn required_columns_are_enough() {
        assert_eq!(problems(REQUIRED), "");
        let required = COLUMNS.iter().filter(|column| column.is_required());
        assert_eq!(REQUIRED.split(',').count(), required.count());
    }

    #[test]
    fn missing_repeated_and_misspelt_columns_are_told_at_once() {
        let text = problems(&format!("{},age,Job Offer", REQUIRED.replace("noc", "nox")));
        assert!(text.contains("column `age` stands twice"), "{text}");
        assert!(
            text.contains("column `Job Offer` is not known; write it `job_offer`"),
            "{text}"
        );
        assert!(
            text.contains("required column `noc` is missing; is it `nox`?"),
            "{text}"
        );
    }

    #[test]
    fn what_is_not_used_and_what_is_assumed_is_told() {
        let (header, _) = Header::new(format!("{REQUIRED},crs_score,remark,job_ofer").split(','));
        let notices = header.notices().join("\n");
        assert!(
            notices.contains("`job_ofer` is not known and not used; did you mean `job_offer`?")
        );
        assert!(notices.contains("worked out anew from the attributes: crs_score"));
        assert!(notices.contains("accompanying_spouse (false)"), "{notices}");
    }
}
