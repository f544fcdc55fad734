//! Past one machine: the replicates of a study made by other processes, through Apache DataFusion
//! Ballista. A scheduler hands out partitions (ranges of replicates, rounds of a backtest, or
//! chunks of one pool), executors simulate them with the same engine, and the parts come back as those that a study keeps to be resumed.
//! What a part is, is the study's; nothing is simulated or written here.
//!
//! Built only with the feature `cluster`.

mod ask;
mod cancel;
mod codec;
mod error;
mod executor;
mod gather;
mod job;
mod maker;
mod plan;
mod program;
mod results;
mod scheduler;
mod wire;

pub use ask::Address;
pub use cancel::Cancel;
pub use error::ClusterError;
pub use executor::{ExecutorOptions, executor};
pub use gather::{Gather, gather};
pub use scheduler::{SchedulerOptions, scheduler};
pub use wire::{Study, Written};
