//! One candidate's attributes as people read them: names of columns and their values, without those
//! that only say what is assumed anyway.
//! How files are written lives in the writers.

use super::columns::{COLUMNS, Field, Need};
use super::values::{Lists, View};
use crate::output::text::push_cell;
use crate::pool::Pool;
use crate::rules::Rules;

/// Names and values of a candidate of a pool, by row.
pub fn profile(pool: &Pool, row: usize, rules: &Rules) -> Vec<(String, String)> {
    let candidate = pool.row(row).candidate();
    let mut lists = Lists::default();
    lists.add(rules.eligibility(&candidate).0, rules);
    let view = View::new("", candidate, rules, &lists);
    let shown = COLUMNS
        .iter()
        .filter(|column| column.need != Need::Added && column.field != Field::CandidateId);
    shown
        .filter_map(|column| {
            let mut value = Vec::new();
            push_cell(&mut value, view.cell(column.field));
            let value = String::from_utf8_lossy(&value).into_owned();
            let is_assumed = value.is_empty()
                || matches!(column.need, Need::Default(default) if says(default, &value));
            (!is_assumed).then(|| (column.name.replace('_', " "), value))
        })
        .collect()
}

/// Whether a default, whose first word is the value, is this value.
fn says(default: &str, value: &str) -> bool {
    default.split([',', ' ']).next() == Some(value)
}
