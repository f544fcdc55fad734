//! drawsim: ranked invitation rounds over a synthetic candidate pool.
//!
//! Data flows one way: **scenario** (a TOML file, checked into a complete plan) → **pool** (dated
//! rules and seeded sampling → columns) → **draw** (rank, cut, tie-break) → **output** (rows,
//! files, manifest).
//!
//! | room | what lives there |
//! |---|---|
//! | [`units`], [`random`], [`dated`], [`observe`] | shared vocabulary: scores and instants, keyed random streams, values by effective date, progress |
//! | [`rules`] | what the policy says on a date |
//! | [`pool`] | candidates as columns, groups to count them by |
//! | [`synthesis`] | population profiles, sampling, calibration to published bands |
//! | [`draw`] | one round: eligibility, total order, selection, outcome |
//! | [`timeline`] | a stretch of time: arrivals, expiry, withdrawal, rounds, answers |
//! | [`study`] | a run, replicates, comparisons: experiments over the engine |
//! | [`history`] | published rounds and pool snapshots |
//! | [`scenario`] | scenario files and their problems |
//! | [`output`] | tables, files, result folder |
//! | [`interchange`] | candidate files, CSV and Parquet, in and out |
//! | [`cli`] | arguments and verbs of the `drawsim` command |
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod dated;
pub mod draw;
pub mod history;
pub mod interchange;
pub mod observe;
pub mod output;
pub mod pool;
pub mod random;
pub mod rules;
pub mod scenario;
pub mod study;
pub mod synthesis;
pub mod timeline;
pub mod units;
