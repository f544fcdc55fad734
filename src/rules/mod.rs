//! What the policy says on a date, pure: attributes that rules look at, points, programs,
//! categories. No randomness, no pools, no files.

pub mod book;
pub mod candidate;
pub mod patch;
pub mod programs;

pub use book::{Points, Rules, RulesError};
pub use candidate::Candidate;
pub use patch::{CategoryKey, RulesPatch};
pub use programs::Program;
