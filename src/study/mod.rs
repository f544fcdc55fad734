//! Experiments over the engine: a run with its replicates, and what is counted over them.
//! There is no model here that the engine does not have.

pub mod census;
pub mod population;
pub mod run;
pub mod summary;
pub mod tally;

pub use run::{Detail, Held, Replicate, RunError, run};
pub use summary::Summary;
pub use tally::Tally;
