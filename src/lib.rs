//! drawsim: ranked invitation rounds over a synthetic candidate pool.
//!
//! Data flows one way: **scenario** (a TOML file, checked into a complete plan) → **pool** (dated
//! rules and seeded sampling → columns) → **draw** (rank, cut, tie-break) → **output** (rows,
//! files, manifest) → **report** (one page made from those files alone). The whole way in five lines:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let output = folder.path();
//! let results = drawsim::Scenario::from_path("scenarios/stem-2023-07-05.toml")?.resolve()?.run()?;
//! for round in results.rounds() {
//!     println!("{}: {} invited", round.plan.type_name, round.invited());
//! }
//! results.write(output)?;
//! # assert!(output.join("stem-2023-07-05/rounds.csv").is_file());
//! # Ok(())
//! # }
//! ```
//!
//! The library prints nothing and keeps no state between calls: that is left to [`cli`], which is
//! the `drawsim` command. One exception: what is being written is known to the whole process, so that
//! nothing half-written is left behind when it is told to stop (`output`).
//!
//! | room | what lives there |
//! |---|---|
//! | [`units`], [`random`], [`deviates`], [`portable`], [`dated`], [`nearest`], [`shown`], [`foreign`], [`observe`] | shared vocabulary: scores and instants, keyed random streams and what is drawn from them, logarithms that are the same everywhere, values by effective date, names that were meant, text that may be shown, files that are no CSV, progress |
//! | [`rules`] | what the policy says on a date |
//! | [`pool`] | candidates as columns, groups to count them by |
//! | [`synthesis`] | population profiles, sampling, calibration to published bands |
//! | [`draw`] | one round: eligibility, total order, selection, outcome |
//! | [`timeline`] | a stretch of time: arrivals, expiry, withdrawal, rounds, answers |
//! | [`study`] | a run, replicates, comparisons: experiments over the engine |
//! | [`history`] | published rounds and pool snapshots |
//! | [`scenario`] | scenario files and their problems |
//! | [`output`] | tables, files, result folder |
//! | [`report`] | a result folder as one HTML page with charts |
//! | [`inputs`] | what was read of the files that a result is made from |
//! | [`interchange`] | candidate files, CSV and Parquet, in and out |
//! | `cluster` | the same studies past one machine, with the feature `cluster` |
//! | [`flow`] | the whole way in one call: a plan is run, its results are looked at and written |
//! | [`cli`] | arguments and verbs of the `drawsim` command |
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![cfg_attr(
    not(test),
    deny(clippy::print_stdout, clippy::print_stderr, clippy::dbg_macro)
)]

pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod dated;
pub mod deviates;
pub mod draw;
pub mod flow;
pub mod foreign;
pub mod history;
pub mod inputs;
pub mod interchange;
pub mod nearest;
pub mod observe;
pub mod output;
pub mod pool;
pub mod portable;
pub mod random;
pub mod report;
pub mod rules;
pub mod scenario;
pub mod shown;
pub mod study;
pub mod synthesis;
pub mod timeline;
pub mod units;

pub use flow::Results;
/// The allocator of the `drawsim` command and of the benchmarks. It takes long columns in large
/// pages where the system has them: a pass over ten million candidates takes a fifth less time.
/// A program that uses this library chooses its own.
pub use mimalloc::MiMalloc as Allocator;
pub use scenario::Scenario;
