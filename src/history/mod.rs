//! Published rounds and pool snapshots: the project's own tables, files in the same columns, and
//! the official feed read into them. No forecasts, and nothing is drawn here.

mod embedded;
pub mod feed;
mod problem;
mod read;
mod tables;

pub use embedded::{published, rounds, snapshot_at, snapshots};
pub use problem::{HistoryError, Problem};
pub use tables::{BANDS, History, Kind, ROUND_COLUMNS, Round, Snapshot, snapshot_columns};
