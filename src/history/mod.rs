//! Published rounds and pool snapshots: the project's own tables, files in the same columns, and
//! the official feed read into them. No forecasts, and nothing is drawn here.
//!
//! ```
//! use drawsim::history;
//!
//! let round = history::rounds().iter().find(|round| round.number == "254").unwrap();
//! assert_eq!((round.type_name.as_str(), round.cutoff.0), ("stem", 486));
//! let pool = history::snapshot_at("2023-07-05".parse().unwrap()).unwrap();
//! assert_eq!((pool.as_of.to_string().as_str(), pool.total), ("2023-07-04", 214_529));
//! ```

mod embedded;
pub mod feed;
mod problem;
mod read;
mod tables;
mod texts;

pub use embedded::{published, rounds, snapshot_at, snapshots};
pub use problem::{HistoryError, Problem};
pub use tables::{BANDS, History, Kind, ROUND_COLUMNS, Round, Snapshot, counted, snapshot_columns};
pub use texts::{Texts, read_whole};
