//! From a result folder to one page that a browser opens from disk, and to single pictures.
//! The pool, the timeline and the studies are not looked at: the files of the folder are enough.
//!
//! Charts are SVG written here, not by a chart crate. The SVG back end of `plotters` fixes colours
//! and the size of letters in pixels, so that a page can neither turn dark nor stay readable on a
//! phone, and its text is no part of the page's own; `charming` and `plotly` bring one to three
//! megabytes of JavaScript and need a canvas, which neither prints crisply nor reads aloud.
//! What these charts need is small: positions across are per cent and positions down are pixels,
//! so that a chart fills any width with letters of one size, and colours are CSS variables. A few
//! lines of script show figures under the pointer; nothing depends on them. Zoom did not earn its
//! place: one panel for each type of round stays legible at a hundred rounds.
//! HTML comes from `maud`, which escapes every value when it is written into the page.

pub mod backtest;
pub mod bands;
pub mod comparison;
pub mod cutoffs;
pub mod densities;
pub mod error;
pub mod figure;
pub mod heading;
pub mod labels;
pub mod makeup;
pub mod marks;
pub mod numbers;
pub mod odds;
pub mod page;
pub mod picture;
pub mod read;
pub mod replicates;
pub mod results;
pub mod rounds;
pub mod rows_chart;
pub mod scale;
pub mod sweep;

pub use error::ReportError;
pub use page::page;
pub use picture::pictures;

/// The page as a result folder has it made.
pub const REPORT: crate::output::Page = crate::output::Page {
    name: crate::output::folder::PAGE,
    make: |folder| page(folder).map_err(Into::into),
};
