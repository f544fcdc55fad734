//! Tables of a result folder read back, row by row, into any row struct.
//! What is kept of them lives in `results`; how files are read, in `output::read_back`.

use std::path::Path;

use ::csv::{ErrorKind, StringRecord};
use serde::de::DeserializeOwned;

use crate::output::Format;
use crate::output::manifest::FileRecord;
use crate::output::read_back::{self, Fault, each_record};

use super::ReportError;

/// Hands the rows of the table `name` to `take`, those that `wanted` picks by their cells; says
/// whether the folder has the table.
///
/// # Errors
/// When the file cannot be read or a row does not hold what it should; with the line or row.
pub fn each_row<T: DeserializeOwned>(
    folder: &Path,
    name: &str,
    wanted: impl Fn(&Cells<'_>) -> bool,
    mut take: impl FnMut(T, &Cells<'_>),
) -> Result<bool, ReportError> {
    for format in [Format::Csv, Format::Parquet] {
        let path = folder.join(format!("{name}.{}", format.name()));
        if path.is_file() {
            each_record(&path, |header, record| {
                take_record(header, record, &wanted, &mut take)
            })
            .map_err(|fault| match fault {
                Fault::Io(source) => ReportError::Io {
                    path: path.clone(),
                    source,
                },
                Fault::Damaged(message) => ReportError::damaged(&path, message),
            })?;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every row of a table; none when the folder does not have it.
///
/// # Errors
/// As [`each_row`].
pub fn all<T: DeserializeOwned>(folder: &Path, name: &str) -> Result<Vec<T>, ReportError> {
    let mut rows = Vec::new();
    each_row(folder, name, |_| true, |row, _| rows.push(row))?;
    Ok(rows)
}

/// Whether the folder has these tables with all of their rows.
///
/// # Errors
/// When one is not there or has another number of rows, with all of them.
pub fn check_tables(folder: &Path, tables: &[FileRecord]) -> Result<(), ReportError> {
    let wrong: Vec<String> = tables
        .iter()
        .filter_map(|table| {
            let path = folder.join(&table.path);
            // A manifest that somebody hands on may name any file.
            if path.parent() != Some(folder) || !path.is_file() {
                return Some(format!("{} is not there", table.path));
            }
            match read_back::rows(&path) {
                Ok(rows) if rows == table.rows => None,
                Ok(rows) => Some(format!(
                    "{} has {rows} rows, and {} were written",
                    table.path, table.rows
                )),
                Err(error) => Some(format!("{} cannot be read: {error}", table.path)),
            }
        })
        .collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ReportError::damaged(folder, wrong.join("; ")))
    }
}

/// The cells of a row by the name of their column.
pub struct Cells<'a> {
    header: &'a StringRecord,
    record: &'a StringRecord,
}

impl Cells<'_> {
    /// The cell of a column; empty when there is no such column.
    pub fn get(&self, column: &str) -> &str {
        let place = self.header.iter().position(|name| name == column);
        place
            .and_then(|place| self.record.get(place))
            .unwrap_or_default()
    }

    /// Names and cells of the columns that stand before one.
    pub fn before(&self, column: &str) -> Vec<(String, String)> {
        self.header
            .iter()
            .zip(self.record)
            .take_while(|(name, _)| *name != column)
            .map(|(name, cell)| (name.to_owned(), cell.to_owned()))
            .collect()
    }
}

fn take_record<T: DeserializeOwned>(
    header: &StringRecord,
    record: &StringRecord,
    wanted: &impl Fn(&Cells<'_>) -> bool,
    take: &mut impl FnMut(T, &Cells<'_>),
) -> Result<(), String> {
    let cells = Cells { header, record };
    if !wanted(&cells) {
        return Ok(());
    }
    let row = record
        .deserialize(Some(header))
        .map_err(|error| said(&error, header))?;
    take(row, &cells);
    Ok(())
}

/// What the reader says, with the name of the column instead of its number.
fn said(error: &::csv::Error, header: &StringRecord) -> String {
    match error.kind() {
        ErrorKind::Deserialize { err, .. } => {
            let column = err.field().and_then(|place| header.get(place as usize));
            match column {
                Some(column) => format!("column {column}: {}", err.kind()),
                None => err.kind().to_string(),
            }
        }
        _ => error.to_string(),
    }
}
