//! Why rules could not be compiled, with the nearest name that exists.
//! Where in a file the name stood is the scenario reader's to say.

use std::fmt;
use std::ops::Deref;

use super::patch::CategoryKey;
use crate::dated::NotCovered;
use crate::units::Date;

/// One reason why rules could not be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// No table covers the date.
    #[error(transparent)]
    NotCovered(#[from] NotCovered),
    /// The date lies past the last known grid.
    #[error(
        "the points in force from {until} are not known (asked for {date}; covered: {from} up to, \
         not including, {until}); the last known ones are those of {last}"
    )]
    NotKnownYet {
        /// The date asked for.
        date: Date,
        /// First covered date.
        from: Date,
        /// First date that is not covered.
        until: Date,
        /// Date of the last known change.
        last: Date,
    },
    /// A patched value that no grid has.
    #[error("no point of the grid is called `{name}`{}", did_you_mean(.nearest))]
    UnknownPoint {
        /// The name given.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
    },
    /// A value above what the grid can hold.
    #[error("`{name}` is {points}; at most {most} is accepted")]
    TooMany {
        /// Which value.
        name: String,
        /// The value given.
        points: u16,
        /// The most that is accepted.
        most: u16,
    },
    /// Patched section maxima that together exceed the grid's total.
    #[error(
        "the section maxima add up to {total} {column} a spouse; a score is at most {most} points"
    )]
    MaximaTooHigh {
        /// `with` or `without`.
        column: &'static str,
        /// Their sum.
        total: u32,
        /// The most that is accepted.
        most: u16,
    },
    /// A category of that name is not known.
    #[error("no category is called `{name}`{}; known: {}", did_you_mean(.nearest), .known.join(", "))]
    UnknownCategory {
        /// The name given.
        name: String,
        /// The nearest name that exists.
        nearest: Option<String>,
        /// Every name.
        known: Vec<String>,
    },
    /// The category has no such version.
    #[error("category `{name}` has no version `{version}`; known: {}", .known.join(", "))]
    UnknownVersion {
        /// Name of the category.
        name: String,
        /// The version given.
        version: String,
        /// Its versions.
        known: Vec<String>,
    },
    /// The same category stands twice in the list, or a category of one's own has a taken name.
    #[error("category `{}` version `{}` is given twice", .0.name, .0.version)]
    RepeatedCategory(CategoryKey),
    /// More categories than there are bits.
    #[error("{count} categories are asked for; at most {most} fit in one set of rules")]
    TooManyCategories {
        /// How many were asked for.
        count: usize,
        /// How many fit.
        most: usize,
    },
    /// An occupation code that NOC 2021 does not have.
    #[error("{within}: `{code}` is not a NOC 2021 code (five digits, as text){}", did_you_mean(.nearest))]
    UnknownOccupation {
        /// The factor or category.
        within: String,
        /// The code given.
        code: String,
        /// The nearest code.
        nearest: Option<String>,
    },
    /// An occupation that stands twice in a factor.
    #[error("{within}: occupation `{code}` is listed twice")]
    RepeatedOccupation {
        /// The factor.
        within: String,
        /// The code.
        code: String,
    },
    /// A factor whose name another factor or a part of the score already has.
    #[error("a factor is already called `{name}`; give each its own name")]
    RepeatedFactor {
        /// The name.
        name: String,
    },
    /// A factor without a tier or a tier without an occupation pays nobody.
    #[error("{within} lists no occupation")]
    NoOccupation {
        /// The factor.
        within: String,
    },
}

/// Every reason why rules could not be compiled, in the order in which they were found. It reads as
/// a slice, and prints one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RulesErrors(Vec<RulesError>);

impl From<Vec<RulesError>> for RulesErrors {
    fn from(errors: Vec<RulesError>) -> Self {
        RulesErrors(errors)
    }
}

impl Deref for RulesErrors {
    type Target = [RulesError];

    fn deref(&self) -> &[RulesError] {
        &self.0
    }
}

impl IntoIterator for RulesErrors {
    type Item = RulesError;
    type IntoIter = std::vec::IntoIter<RulesError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'e> IntoIterator for &'e RulesErrors {
    type Item = &'e RulesError;
    type IntoIter = std::slice::Iter<'e, RulesError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for RulesErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, error) in self.iter().enumerate() {
            if place > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for RulesErrors {}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
