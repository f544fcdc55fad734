//! The rules of one date, compiled into plain arrays.

use crate::pool::columns::Eligibility;
use crate::units::{Date, Score};

use super::candidate::Candidate;
use super::patch::{CategoryKey, RulesPatch};

/// CRS points by section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Points {
    /// Section A, core human capital.
    pub core: u16,
    /// Section B, spouse.
    pub spouse: u16,
    /// Section C, skill transferability.
    pub transferability: u16,
    /// Section D, additional points.
    pub additional: u16,
}

impl Points {
    /// The CRS score.
    pub const fn total(self) -> Score {
        Score(self.core + self.spouse + self.transferability + self.additional)
    }
}

/// Why rules could not be compiled.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// No table covers the date.
    #[error(transparent)]
    NotCovered(#[from] crate::dated::NotCovered),
}

/// The rules in force on one date, with a scenario's patches, ready for hot loops.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The date.
    pub date: Date,
    /// Categories, in the order of their eligibility bits.
    pub categories: Vec<CategoryKey>,
}

impl Rules {
    /// Compiles the rules of `date` for the wanted categories (at most 28, in bit order).
    ///
    /// # Errors
    /// When no table covers the date, or a category or patch is not known.
    pub fn on(date: Date, wanted: &[CategoryKey], patch: &RulesPatch) -> Result<Rules, RulesError> {
        let _ = patch;
        Ok(Rules {
            date,
            categories: wanted.to_vec(),
        })
    }

    /// CRS points of a candidate.
    pub fn points(&self, candidate: &Candidate) -> Points {
        let _ = candidate;
        Points::default()
    }

    /// Programs and categories that a candidate is eligible for; no bit at all when for no program.
    pub fn eligibility(&self, candidate: &Candidate) -> Eligibility {
        let _ = candidate;
        Eligibility(Eligibility::CEC)
    }
}
