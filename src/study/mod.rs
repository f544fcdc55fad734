//! Experiments over the engine: a run with its replicates, and what is counted over them.
//! There is no model here that the engine does not have.

pub mod tally;

pub use tally::Tally;
