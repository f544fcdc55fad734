//! Population profiles, sampling in fixed chunks, calibration to published bands.
//! Reads no history and writes no files.
//!
//! ```
//! use drawsim::observe::Silent;
//! use drawsim::random::Purpose;
//! use drawsim::rules::{Rules, RulesPatch};
//! use drawsim::synthesis::{PoolRequest, Profile, generate};
//! use drawsim::units::Instant;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let date = "2023-07-04".parse()?;
//! let rules = Rules::on(date, &[], &RulesPatch::default())?;
//! let profile = Profile::builtin("express-entry-2023").unwrap();
//! let request = PoolRequest {
//!     seed: 1,
//!     purpose: Purpose::Pool,
//!     replicate: 0,
//!     size: 1_000,
//!     at: Instant::start_of(date).unwrap(),
//!     bands: None,
//!     profile: &profile,
//! };
//! let pool = generate(&request, &rules, &Silent)?;
//! assert_eq!(pool.len(), 1_000);
//! assert!(pool.eligibility.iter().all(|programs| programs != 0));
//! # Ok(())
//! # }
//! ```

pub mod arrivals;
mod calibrate;
mod deal;
pub mod drained;
mod eligible;
pub mod error;
mod generate;
pub mod nominees;
pub mod pieces;
pub mod pilot;
pub mod problem;
pub mod profile;
mod rows;
mod sampler;
pub mod source;
mod strata;
mod submission;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod wire;

pub use arrivals::{ArrivalRate, Arrivals, Dealt};
pub use calibrate::Mix;
pub use error::SynthesisError;
pub use nominees::Nominees;
pub use pieces::Pieces;
pub use problem::ProfileProblem;
pub use profile::Profile;
pub use source::{Key, PoolRequest, Source, generate};
