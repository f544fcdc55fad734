//! Candidate files, CSV and Parquet, in and out: the columns, read and written by the same list.
//! Pools are not made here, and points come from the rules.
//!
//! ```
//! use drawsim::interchange;
//! use drawsim::observe::Silent;
//! use drawsim::rules::{Rules, RulesPatch};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("candidates.csv");
//! std::fs::write(&path, "\
//! candidate_id,submitted_at,age,education,english_reading,english_writing,english_listening,english_speaking,canadian_work_years,foreign_work_years,noc,noc_months,noc_in_canada
//! ada,2023-06-01T12:00:00Z,29,masters,9,9,9,9,1,3,21231,24,true
//! ")?;
//! let rules = Rules::on("2023-07-05".parse()?, &[], &RulesPatch::default())?;
//! let read = interchange::read_pool(&path, &rules, &Silent)?;
//! assert_eq!(read.pool.find("ada"), Some(0));
//! assert_eq!(read.pool.score[0], 509);
//! # Ok(())
//! # }
//! ```

pub mod batch;
pub mod blocks;
pub mod cells;
pub mod columns;
pub mod csv_reader;
pub mod csv_writer;
pub mod gather;
pub mod header;
pub mod indices;
pub mod pages;
pub mod parquet_reader;
pub mod parquet_writer;
pub mod problem;
mod profile;
pub mod records;
pub mod score;
pub mod size;
pub mod values;

use std::path::Path;

pub use columns::describe;
pub use gather::Lines;
pub use problem::{Problem, ReadError};
pub use profile::profile;
pub use score::{Scored, score_file};
pub use size::memory_to_read;

use crate::inputs::InputRecord;
use crate::observe::Observer;
use crate::output::{Format, NewFile, OutputError};
use crate::pool::Pool;
use crate::rules::Rules;

/// A candidate file that was read.
#[derive(Debug, Clone)]
pub struct Read {
    /// The candidates, in order of their ids, with points and eligibility by the rules given.
    pub pool: Pool,
    /// Where they stand in the file.
    pub lines: Lines,
    /// What the user should know: columns that were not used, defaults that were taken.
    pub notices: Vec<String>,
    /// What the manifest says of the file, hashed as it was read.
    pub input: Option<InputRecord>,
}

/// The format that a file's name tells.
///
/// # Errors
/// When the name ends neither in `.csv` nor in `.parquet`.
pub fn format_of(path: &Path) -> Result<Format, String> {
    let extension = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    match extension.as_str() {
        "csv" => Ok(Format::Csv),
        "parquet" => Ok(Format::Parquet),
        _ => Err(format!(
            "{}: a candidate file is called .csv or .parquet",
            path.display()
        )),
    }
}

/// Reads a candidate file, CSV or Parquet by its name. Points, programs and categories are worked
/// out by `rules`, whatever the file says of them.
///
/// # Errors
/// Every problem of the file at once, up to [`problem::MOST_SHOWN`] with the number of the others.
pub fn read_pool(path: &Path, rules: &Rules, observer: &dyn Observer) -> Result<Read, ReadError> {
    let format = format_of(path).map_err(ReadError::Name)?;
    let mut read = match format {
        Format::Csv => csv_reader::read(path, rules, observer),
        Format::Parquet => parquet_reader::read(path, rules, observer),
    }?;
    let ineligible = read
        .pool
        .eligibility
        .iter()
        .filter(|&mask| mask == 0)
        .count();
    if ineligible > 0 {
        read.notices.push(format!(
            "{ineligible} of {} candidates are eligible for no program and take part in no round",
            read.pool.len()
        ));
    }
    let file = path.display();
    read.notices
        .iter_mut()
        .for_each(|notice| *notice = format!("{file}: {notice}"));
    Ok(read)
}

/// Writes a pool with its points, programs and categories. `rules` are those that the pool was
/// scored by.
///
/// # Errors
/// When the file cannot be written.
pub fn write_pool(
    pool: &Pool,
    rules: &Rules,
    format: Format,
    file: NewFile,
    observer: &dyn Observer,
) -> Result<(), OutputError> {
    match format {
        Format::Csv => csv_writer::write(pool, rules, file, observer),
        Format::Parquet => parquet_writer::write(pool, rules, file, observer),
    }
}

#[cfg(test)]
mod tests;
