//! Candidates as columns. No sampling and no files.

pub mod bands;
pub mod columns;
pub mod groups;

pub use bands::{Band, Bands};
pub use columns::{Eligibility, Packed, Pool};
