//! What holds for invitations by the date of their round: in how many days they are to be answered,
//! and whether the earlier submission decides among equals. How a round ranks does not live here.
//!
//! ```
//! use drawsim::rules::invitations;
//!
//! let days = |date: &str| invitations::answer_days(date.parse().unwrap()).unwrap();
//! assert_eq!((days("2018-06-25"), days("2018-06-26")), (90, 60));
//! ```

use std::fmt::Debug;
use std::str::FromStr;
use std::sync::LazyLock;

use serde::Deserialize;

use super::book::RuleVersion;
use super::grid::written_date;
use crate::dated::{Dated, Entry, NotCovered};
use crate::units::Date;

#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(deserialize_with = "written_date")]
    from: Date,
    value: String,
    source: String,
}

static ANSWER_DAYS: LazyLock<Dated<u32>> =
    LazyLock::new(|| read("answer_days", "time to answer an invitation"));
static TIES_BY_SUBMISSION: LazyLock<Dated<bool>> =
    LazyLock::new(|| read("ties_by_submission", "rule among equal scores"));

/// The values of that name; messages call them `what`.
fn read<T: FromStr<Err: Debug>>(name: &str, what: &str) -> Dated<T> {
    let text = include_str!("data/invitations.csv");
    let rows = csv::Reader::from_reader(text.as_bytes()).into_deserialize();
    let rows = rows.map(|row| row.expect("the embedded table of invitations reads"));
    let entries = rows
        .filter(|row: &Row| row.name == name)
        .map(|row| Entry {
            from: row.from,
            source: row.source,
            value: row.value.parse().expect("the table has such values"),
        })
        .collect();
    Dated::new(what, entries, None)
}

/// Days from a round of that date in which its invitations are to be answered; whoever has not
/// answered by then is out of the pool.
///
/// # Errors
/// Before there were any rounds.
pub fn answer_days(date: Date) -> Result<u32, NotCovered> {
    ANSWER_DAYS.at(date).map(|entry| entry.value)
}

/// Whether the earlier submission decides among equal scores in a round of that date; if not, all of
/// the lowest score are invited.
///
/// # Errors
/// Before there were any rounds.
pub fn ties_by_submission(date: Date) -> Result<bool, NotCovered> {
    TIES_BY_SUBMISSION.at(date).map(|entry| entry.value)
}

/// What holds for the invitations of a round of that date, with dates and sources.
pub fn versions(date: Date) -> Vec<RuleVersion> {
    let version = |table: String, from: Date, source: &String| RuleVersion {
        table,
        effective: Some(from.to_string()),
        source: source.clone(),
    };
    let days = ANSWER_DAYS.at(date).ok().map(|entry| {
        let table = format!("invitations: {} days to answer", entry.value);
        version(table, entry.from, &entry.source)
    });
    let ties = TIES_BY_SUBMISSION.at(date).ok().map(|entry| {
        let rule = match entry.value {
            true => "the earlier submission comes first",
            false => "all of the lowest score are invited",
        };
        let table = format!("invitations: among equal scores {rule} unless a round says otherwise");
        version(table, entry.from, &entry.source)
    });
    days.into_iter().chain(ties).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn before_the_first_round_there_is_no_answer_and_after_the_last_change_there_is_one() {
        let early = answer_days(date(2014, 12, 31)).unwrap_err().to_string();
        assert!(early.contains("2015-01-01 onwards"), "{early}");
        assert!(ties_by_submission(date(2014, 12, 31)).is_err());
        assert_eq!(answer_days(date(2016, 11, 18)), Ok(60));
        assert_eq!(answer_days(date(2050, 1, 1)), Ok(60));
    }

    #[test]
    fn every_value_has_a_source() {
        let days = ANSWER_DAYS.entries().iter().map(|entry| &entry.source);
        let ties = TIES_BY_SUBMISSION
            .entries()
            .iter()
            .map(|entry| &entry.source);
        assert!(days.chain(ties).all(|source| !source.is_empty()));
    }
}
