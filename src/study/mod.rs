//! Experiments over the engine: a run with its replicates, and what is counted over them.
//! The only models here that the engine does not have are those of `backtest` and `calibrate`.
//!
//! Replicates go by one after the other, so that nothing but what is counted stays in memory:
//!
//! ```
//! use drawsim::observe::Silent;
//! use drawsim::scenario::Plan;
//! use drawsim::study::{self, Detail, Listener, Next, Replicate, Tally};
//!
//! /// The cut-off scores of the first round.
//! #[derive(Default)]
//! struct Cutoffs(Tally);
//!
//! impl Listener for Cutoffs {
//!     fn replicate(
//!         &mut self,
//!         _: &Plan,
//!         replicate: &Replicate,
//!     ) -> Result<Next, Box<dyn std::error::Error + Send + Sync>> {
//!         let cutoff = replicate.rounds[0].outcome.cutoff;
//!         self.0.add(cutoff.map_or(f64::NAN, |score| score.0.into()));
//!         Ok(Next::GoOn)
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = br#"
//! # name = "small"
//! # replicates = 20
//! # pool = { as_of = 2023-07-04, size = 500, bands = "none" }
//! # rounds = [{ at = 2023-07-05T13:00:00Z, type = "general", invitations = 10 }]
//! # "#;
//! # let plan = drawsim::Scenario::from_bytes(text.to_vec(), "small.toml")?.resolve()?;
//! let mut cutoffs = Cutoffs::default();
//! study::run(&plan, None, Detail::Rounds, &mut cutoffs, &Silent)?;
//! assert_eq!(cutoffs.0.len(), 20);
//! assert!(cutoffs.0.quantile(0.05) <= cutoffs.0.quantile(0.95));
//! # Ok(())
//! # }
//! ```

pub mod backtest;
pub mod calibrate;
pub mod census;
pub mod checks;
pub mod compare;
pub mod compared;
pub mod course_checks;
pub mod explain;
pub mod kept;
pub mod memory;
pub mod odds;
pub mod population;
pub mod replicate;
pub mod run;
pub mod scene;
pub mod spot_checks;
pub mod spread;
mod student;
pub mod summary;
pub mod sweep;
pub mod tally;

pub use replicate::{Detail, Held, Replicate};
pub use run::{Listener, Next, RunError, run, run_on};
pub use summary::Summary;
pub use tally::Tally;
