//! Result tables and how they reach the disk: row structs, CSV and Parquet writers, the result
//! folder with its manifest and data package. Nothing is computed here.
//!
//! ```
//! use drawsim::output::{self, Row, RoundRow};
//!
//! assert!(output::tables().iter().any(|table| table.name == "rounds"));
//! let columns = RoundRow::TABLE.columns;
//! assert!(columns.iter().any(|column| column.name == "cutoff_score" && column.optional));
//! ```

pub mod backtest;
pub mod calibration;
pub mod columnar;
pub mod comparisons;
pub mod datapackage;
pub mod describe;
pub mod error;
pub mod file;
pub mod folder;
pub mod journal;
pub mod made;
pub mod manifest;
pub mod odds;
pub mod page_headers;
pub mod parquet_file;
pub mod partial;
pub mod points;
pub mod published;
pub mod read_back;
pub mod rerun;
pub mod results;
pub mod rows;
pub mod shortfall;
pub mod sweeps;
pub mod table;
pub mod terminal;
pub mod text;
pub mod writer;

pub use error::OutputError;
pub use file::NewFile;
pub use folder::{Destination, Page, ResultFolder};
pub use journal::Journal;
pub use manifest::{Manifest, RulesRecord};
pub use rows::{
    BacktestRow, BacktestSummaryRow, BandArrivalsRow, CheckRow, ComparisonRow, DistributionRow,
    InviteeRow, OddsRow, PoolSnapshotRow, PublishedRoundRow, RoundRow, ScoreRow, SummaryRow,
    SweepRow, TargetRow, tables,
};
pub use table::{Column, Kind, Row, Table};
pub use writer::{Format, TableWriter};
