//! Values by effective date: what held on a day, or which days are covered.
//! The values themselves live with the rules.
//!
//! ```
//! use drawsim::dated::{Dated, Entry};
//! use drawsim::units::Date;
//!
//! let day = |text: &str| text.parse::<Date>().unwrap();
//! let entry = Entry { from: day("2025-03-25"), source: "an instruction".to_owned(), value: 0 };
//! let points = Dated::new("points for a job offer", vec![entry], None);
//! assert_eq!(points.at(day("2025-03-25")).unwrap().value, 0);
//! assert!(points.at(day("2025-03-24")).is_err()); // before the first date: an error, never a zero
//! ```

use std::fmt;

use crate::units::Date;

/// A value, the date it takes effect and where that is written down.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// First day on which the value holds.
    pub from: Date,
    /// Published source of the value.
    pub source: String,
    /// The value.
    pub value: T,
}

/// A value that changes on known dates. Before the first date there is none: that is an error,
/// never a zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Dated<T> {
    what: String,
    entries: Vec<Entry<T>>,
    until: Option<Date>,
}

/// No table covers a date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NotCovered {
    /// What was asked for.
    pub what: String,
    /// The date asked for.
    pub date: Date,
    /// First covered date.
    pub from: Option<Date>,
    /// First date that is no longer covered, if there is one.
    pub until: Option<Date>,
}

impl fmt::Display for NotCovered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} is known for {}", self.what, self.date)?;
        match (self.from, self.until) {
            (Some(from), Some(until)) => {
                write!(f, "; covered: {from} up to, not including, {until}")
            }
            (Some(from), None) => write!(f, "; covered: {from} onwards"),
            _ => Ok(()),
        }
    }
}

impl<T> Dated<T> {
    /// Entries in order of date; `until` is the first day that they no longer cover.
    ///
    /// # Panics
    /// When the dates do not strictly increase: the tables are part of the program.
    pub fn new(what: &str, entries: Vec<Entry<T>>, until: Option<Date>) -> Self {
        assert!(
            entries.windows(2).all(|pair| pair[0].from < pair[1].from),
            "{what}: dates must increase"
        );
        Dated {
            what: what.to_owned(),
            entries,
            until,
        }
    }

    /// The entry in force on `date`.
    ///
    /// # Errors
    /// [`NotCovered`] before the first entry or from `until` on.
    pub fn at(&self, date: Date) -> Result<&Entry<T>, NotCovered> {
        let covered = self.until.is_none_or(|until| date < until);
        let index = self.entries.partition_point(|entry| entry.from <= date);
        match (covered, index) {
            (true, 1..) => Ok(&self.entries[index - 1]),
            _ => Err(NotCovered {
                what: self.what.clone(),
                date,
                from: self.entries.first().map(|entry| entry.from),
                until: self.until,
            }),
        }
    }

    /// Every entry, in order of date.
    pub fn entries(&self) -> &[Entry<T>] {
        &self.entries
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn table() -> Dated<u8> {
        let entry = |from, value| Entry {
            from,
            source: String::new(),
            value,
        };
        Dated::new(
            "bonus",
            vec![entry(date(2017, 6, 6), 30), entry(date(2020, 10, 20), 50)],
            Some(date(2026, 11, 3)),
        )
    }

    #[test]
    fn the_day_before_and_the_day_of_a_change_differ() {
        assert_eq!(table().at(date(2020, 10, 19)).unwrap().value, 30);
        assert_eq!(table().at(date(2020, 10, 20)).unwrap().value, 50);
        assert_eq!(table().at(date(2026, 11, 2)).unwrap().value, 50);
    }

    #[test]
    fn a_date_outside_says_what_is_covered() {
        for outside in [date(2017, 6, 5), date(2026, 11, 3)] {
            let message = table().at(outside).unwrap_err().to_string();
            assert!(
                message.contains("2017-06-06") && message.contains("2026-11-03"),
                "{message}"
            );
        }
    }
}
