//! What the policy says on a date, pure: attributes that rules look at, points, programs,
//! categories. No randomness, no pools, no files.
//!
//! The tables stand in `data/`, each value with its source and the date it takes effect. [`Rules::on`]
//! compiles those of one date, with a scenario's [`RulesPatch`] on top, into plain arrays; hot
//! loops then only call [`Rules::points`] and [`Rules::eligibility`].
//!
//! | module | what lives there |
//! |---|---|
//! | [`candidate`] | one candidate's attributes |
//! | [`grid`] | named values by date: the CRS grid and the programs' numbers |
//! | [`points`] | CRS points of a candidate, and their breakdown by factor |
//! | [`programs`] | FSW with its selection grid, CEC, FST, PNP |
//! | [`categories`] | selection categories by version |
//! | [`factors`] | scored factors that a scenario adds |
//! | [`language`] | test results to CLB and NCLC levels |
//! | [`noc`], [`countries`] | occupations and countries |
//! | [`book`] | the rules of one date |
//! | [`parts`] | the same rules for callers who draw a candidate's parts one by one |

pub mod book;
pub mod candidate;
pub mod categories;
pub mod countries;
pub mod errors;
pub mod factors;
pub mod grid;
pub mod language;
pub mod noc;
pub mod parts;
pub mod patch;
pub mod points;
pub mod programs;

pub use book::{RuleVersion, Rules};
pub use candidate::Candidate;
pub use errors::RulesError;
pub use patch::{CategoryKey, CustomCategory, Factor, FactorTier, RulesPatch};
pub use points::{Contribution, Points, Section};
pub use programs::Program;
