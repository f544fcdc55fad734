//! Tables of a result folder read back, row by row, from CSV or Parquet into any row struct.
//! What is kept of them lives in `results`.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ::csv::{ErrorKind, Reader, StringRecord};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use serde::de::DeserializeOwned;

use crate::output::parquet_file::{self, guarded};
use crate::output::table::Cell;
use crate::output::text::{original, push_cell};
use crate::units::Instant;

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
    let csv = folder.join(format!("{name}.csv"));
    if csv.is_file() {
        read_csv(&csv, &wanted, &mut take)?;
        return Ok(true);
    }
    let parquet = folder.join(format!("{name}.parquet"));
    if parquet.is_file() {
        read_parquet(&parquet, &wanted, &mut take)?;
        return Ok(true);
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

fn read_csv<T: DeserializeOwned>(
    path: &Path,
    wanted: &impl Fn(&Cells<'_>) -> bool,
    take: &mut impl FnMut(T, &Cells<'_>),
) -> Result<(), ReportError> {
    let file = File::open(path).map_err(|source| ReportError::Io {
        path: path.to_owned(),
        source,
    })?;
    let bounded = Bounded {
        inner: file,
        quoted: false,
        row: 0,
    };
    let mut reader = Reader::from_reader(io::BufReader::with_capacity(1 << 16, bounded));
    let damaged = |error: ::csv::Error| ReportError::damaged(path, error);
    let header = reader.headers().map_err(damaged)?.clone();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(damaged)? {
        if record.iter().any(|cell| cell.starts_with('\'')) {
            record = record.iter().map(original).collect();
        }
        let line = reader.position().line().saturating_sub(1);
        take_record(&header, &record, wanted, take)
            .map_err(|message| ReportError::damaged(path, format!("line {line}: {message}")))?;
    }
    Ok(())
}

/// Bytes of the longest row that is read.
const LONGEST_ROW: usize = 1 << 20;

/// Passes on what it reads as long as no row is longer than any that was written.
struct Bounded<R> {
    inner: R,
    /// Whether a cell in quotes is open: line ends belong to it then.
    quoted: bool,
    /// Bytes of the row so far.
    row: usize,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut row_from = None;
        for place in memchr::memchr2_iter(b'"', b'\n', &buffer[..count]) {
            if buffer[place] == b'"' {
                self.quoted = !self.quoted;
            } else if !self.quoted {
                row_from = Some(place + 1);
            }
        }
        self.row = match row_from {
            Some(from) => count - from,
            None => self.row + count,
        };
        if self.row > LONGEST_ROW {
            return Err(io::Error::other(format!(
                "a row is longer than {LONGEST_ROW} bytes"
            )));
        }
        Ok(count)
    }
}

fn read_parquet<T: DeserializeOwned>(
    path: &Path,
    wanted: &impl Fn(&Cells<'_>) -> bool,
    take: &mut impl FnMut(T, &Cells<'_>),
) -> Result<(), ReportError> {
    let file = File::open(path).map_err(|source| ReportError::Io {
        path: path.to_owned(),
        source,
    })?;
    let damaged = |error: &dyn std::fmt::Display| ReportError::damaged(path, error.to_string());
    let builder = parquet_file::open(file, |_| true).map_err(|error| damaged(&error))?;
    let header: StringRecord = (builder.schema().fields().iter())
        .map(|field| field.name().as_str())
        .collect();
    let batches = guarded(|| builder.build()).map_err(|error| damaged(&error))?;
    let mut batches = batches.map_err(|error| damaged(&error))?;
    let mut number = 0;
    while let Some(batch) = guarded(|| batches.next()).map_err(|error| damaged(&error))? {
        let batch = batch.map_err(|error| damaged(&error))?;
        for row in 0..batch.num_rows() {
            number += 1;
            let record = record_of(&batch, row);
            take_record(&header, &record, wanted, take).map_err(|message| {
                ReportError::damaged(path, format!("row {number}: {message}"))
            })?;
        }
    }
    Ok(())
}

/// A row as the text that CSV would have.
fn record_of(batch: &RecordBatch, row: usize) -> StringRecord {
    let mut text = Vec::new();
    batch
        .columns()
        .iter()
        .map(|column| {
            text.clear();
            push_cell(&mut text, cell(column, row));
            String::from_utf8_lossy(&text).into_owned()
        })
        .collect()
}

/// A cell of one of the types that result tables have.
fn cell(column: &dyn Array, row: usize) -> Cell<'_> {
    if column.is_null(row) {
        return Cell::Unknown;
    }
    match column.data_type() {
        DataType::Utf8 => Cell::Name(column.as_string::<i32>().value(row)),
        DataType::Int64 => Cell::Integer(
            u64::try_from(column.as_primitive::<Int64Type>().value(row)).unwrap_or_default(),
        ),
        DataType::Float64 => Cell::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Boolean(column.as_boolean().value(row)),
        DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, _) => {
            let seconds = column.as_primitive::<TimestampMillisecondType>().value(row) / 1_000;
            u32::try_from(seconds).map_or(Cell::Unknown, |seconds| {
                Cell::Time(Instant::from_seconds(seconds))
            })
        }
        DataType::Date32 => {
            let days = u32::try_from(column.as_primitive::<Date32Type>().value(row));
            days.map_or(Cell::Unknown, |days| {
                Cell::Date(Instant::from_seconds(days.saturating_mul(Instant::DAY)).date())
            })
        }
        _ => Cell::Unknown,
    }
}
