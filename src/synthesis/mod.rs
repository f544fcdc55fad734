//! Population profiles, sampling in fixed chunks, calibration to published bands.
//! Reads no history and writes no files.

pub mod arrivals;
mod calibrate;
pub mod drained;
pub mod error;
pub mod generate;
pub mod pilot;
pub mod problem;
pub mod profile;
mod sampler;
mod submission;
mod tables;
#[cfg(test)]
mod tests;
mod text;
mod wire;

pub use arrivals::{ArrivalRate, Arrivals};
pub use error::SynthesisError;
pub use generate::{PoolRequest, generate};
pub use problem::ProfileProblem;
pub use profile::Profile;
pub use sampler::Sampler;
