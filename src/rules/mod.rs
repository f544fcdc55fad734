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
//! | [`packed`] | the same in a few small integers, with points and eligibility |
//! | [`grid`] | named values by date: the CRS grid and the programs' numbers |
//! | [`points`] | CRS points of a candidate, and their breakdown by factor |
//! | [`programs`] | FSW with its selection grid, CEC, FST, PNP |
//! | [`categories`] | selection categories by version |
//! | [`unmet`] | what a candidate lacks for a category |
//! | [`factors`] | scored factors that a scenario adds |
//! | [`invitations`] | days to answer an invitation, and the rule among equal scores |
//! | [`language`] | test results to CLB and NCLC levels |
//! | [`noc`], [`countries`] | occupations and countries |
//! | [`book`] | the rules of one date |
//! | [`validity`] | how long a profile is valid |
//! | [`lasting`] | changes that surely leave eligibility as it is |
//! | [`parts`] | the same rules for callers who draw a candidate's parts one by one |
//!
//! ```
//! use drawsim::rules::candidate::*;
//! use drawsim::rules::{Program, Rules, RulesPatch, noc};
//! use drawsim::units::Instant;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let rules = Rules::on("2023-07-05".parse()?, &[], &RulesPatch::default())?;
//! let candidate = Candidate {
//!     submitted_at: Instant::parse("2023-06-01T12:00:00Z")?,
//!     age: 29,
//!     accompanying_spouse: false,
//!     education: Education::Masters,
//!     canadian_education: CanadianEducation::None,
//!     english: Abilities::all(9),
//!     french: Abilities::all(0),
//!     first_language: FirstLanguage::English,
//!     canadian_work_years: 1,
//!     foreign_work_years: 3,
//!     trade_certificate: false,
//!     spouse_education: Education::None,
//!     spouse_language: Abilities::all(0),
//!     spouse_canadian_work_years: 0,
//!     sibling_in_canada: false,
//!     provincial_nomination: false,
//!     job_offer: JobOffer::None,
//!     noc: noc::find("21231").unwrap(),
//!     noc_months: 24,
//!     noc_in_canada: true,
//!     citizenship: CountryIndex::UNKNOWN,
//!     gender: Gender::Unstated,
//! };
//! let points = rules.points(&candidate);
//! assert_eq!((points.core, points.transferability), (409, 100));
//! assert_eq!(points.total().0, 509);
//! let sum: i32 = rules.breakdown(&candidate).iter().map(|line| line.points).sum();
//! assert_eq!(sum, 509);
//! assert!(rules.eligibility(&candidate).0 & Program::Cec.bit() != 0);
//! # Ok(())
//! # }
//! ```

pub mod book;
pub mod candidate;
pub mod categories;
pub mod countries;
pub mod errors;
pub mod factors;
pub mod grid;
pub mod invitations;
pub mod language;
pub mod lasting;
pub mod levels;
pub mod noc;
pub mod packed;
pub mod parts;
pub mod patch;
pub mod points;
pub mod programs;
mod selection;
pub mod unmet;
pub mod validity;

pub use book::{RuleVersion, Rules};
pub use candidate::Candidate;
pub use errors::{RulesError, RulesErrors};
pub use packed::{Eligibility, Packed};
pub use patch::{CategoryKey, CustomCategory, Factor, FactorTier, RulesPatch};
pub use points::{Contribution, Footing, Gains, Increments, Points, Section};
pub use programs::Program;
pub use unmet::Unmet;
