//! Population profiles, sampling in fixed chunks, calibration to published bands.
//! Reads no history and writes no files.

pub mod arrivals;
mod calibrate;
mod deal;
pub mod drained;
pub mod error;
mod generate;
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

pub use arrivals::{ArrivalRate, Arrivals};
pub use error::SynthesisError;
pub use problem::ProfileProblem;
pub use profile::Profile;
pub use source::{Key, PoolRequest, Source, generate};
