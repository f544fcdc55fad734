//! How much memory the candidates of a file take, before any of them is read.
//! The candidates themselves are not looked at here.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::format_of;
use super::problem::ReadError;
use crate::output::Format;
use crate::output::parquet_file;

/// Bytes that a candidate takes while a file is read (measured: 73 to 84 with short names).
const BYTES_TO_READ: u64 = 84;

/// Bytes of memory that reading a file takes, about: the rows of a CSV file are taken to be as
/// long as its first ones, and a Parquet file to hold what it says. A file that is damaged is told
/// by its reader.
///
/// # Errors
/// When the file cannot be opened, or its name does not tell its format.
pub fn memory_to_read(path: &Path) -> Result<u64, ReadError> {
    let format = format_of(path).map_err(ReadError::Name)?;
    let file = File::open(path).map_err(|error| ReadError::io(path, error))?;
    let rows = match format {
        Format::Csv => rows_of_csv(file).map_err(|error| ReadError::io(path, error))?,
        Format::Parquet => parquet_file::rows(file).unwrap_or(0),
    };
    Ok(rows.saturating_mul(BYTES_TO_READ))
}

fn rows_of_csv(file: File) -> std::io::Result<u64> {
    let bytes = file.metadata()?.len();
    let mut first = Vec::new();
    file.take(1 << 16).read_to_end(&mut first)?;
    let lines = first.iter().filter(|&&byte| byte == b'\n').count() as u64;
    Ok(bytes.saturating_mul(lines) / (first.len() as u64).max(1))
}
