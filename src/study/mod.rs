//! Experiments over the engine: a run with its replicates, and what is counted over them.
//! The only model here that the engine does not have is the one of `backtest`.

pub mod backtest;
pub mod calibrate;
pub mod census;
pub mod compare;
pub mod odds;
pub mod population;
pub mod replicate;
pub mod run;
pub mod summary;
pub mod sweep;
pub mod tally;

pub use replicate::{Detail, Held, Replicate};
pub use run::{Listener, Next, RunError, run};
pub use summary::Summary;
pub use tally::Tally;
