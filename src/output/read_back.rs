//! Tables that were written read back from CSV or Parquet, as the cells that they were written from.
//! What the cells mean is not known here.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use ::csv::{Reader, StringRecord};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type, TimestampMillisecondType};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;

use super::parquet_file::{self, guarded};
use super::table::Cell;
use super::text::{original, push_cell};
use super::writer::Format;
use crate::units::Instant;

/// Why a table could not be read to its end.
#[derive(Debug)]
pub enum Fault {
    /// It could not be opened.
    Io(io::Error),
    /// It does not hold what it should: where and what is wrong.
    Damaged(String),
}

impl Fault {
    fn damaged(error: impl ToString) -> Self {
        Fault::Damaged(error.to_string())
    }
}

/// Hands `take` the header and each row of a table, and gives the header. What `take` refuses is
/// damage, told with its line or row.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn each_record(
    path: &Path,
    take: impl FnMut(&StringRecord, &StringRecord) -> Result<(), String>,
) -> Result<StringRecord, Fault> {
    let file = File::open(path).map_err(Fault::Io)?;
    if (path.extension()).is_some_and(|end| end == Format::Parquet.name()) {
        each_of_parquet(file, take)
    } else {
        each_of_csv(file, take)
    }
}

/// How many rows a table has.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub fn rows(path: &Path) -> io::Result<u64> {
    let file = File::open(path)?;
    if (path.extension()).is_some_and(|end| end == Format::Parquet.name()) {
        parquet_file::rows(file)
    } else {
        rows_of_csv(file)
    }
}

/// Lines that hold something, the header left aside.
fn rows_of_csv(mut file: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let (mut lines, mut quoted, mut empty) = (0u64, false, true);
    loop {
        let count = match file.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if count == 0 {
            lines += u64::from(!empty);
            return Ok(lines.saturating_sub(1));
        }
        let mut from = 0;
        for place in memchr::memchr2_iter(b'"', b'\n', &buffer[..count]) {
            if buffer[place] == b'"' {
                quoted = !quoted;
                empty = false;
            } else if !quoted {
                empty &= buffer[from..place].iter().all(|&byte| byte == b'\r');
                lines += u64::from(!empty);
                (empty, from) = (true, place + 1);
            }
        }
        empty &= buffer[from..count].iter().all(|&byte| byte == b'\r');
    }
}

fn each_of_csv(
    file: File,
    mut take: impl FnMut(&StringRecord, &StringRecord) -> Result<(), String>,
) -> Result<StringRecord, Fault> {
    let bounded = Bounded {
        inner: file,
        quoted: false,
        row: 0,
    };
    let mut reader = Reader::from_reader(io::BufReader::with_capacity(1 << 16, bounded));
    let header = reader.headers().map_err(Fault::damaged)?.clone();
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(Fault::damaged)? {
        if record.iter().any(|cell| cell.starts_with('\'')) {
            record = record.iter().map(original).collect();
        }
        let line = reader.position().line().saturating_sub(1);
        take(&header, &record)
            .map_err(|message| Fault::Damaged(format!("line {line}: {message}")))?;
    }
    Ok(header)
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

fn each_of_parquet(
    file: File,
    mut take: impl FnMut(&StringRecord, &StringRecord) -> Result<(), String>,
) -> Result<StringRecord, Fault> {
    let builder = parquet_file::open(file, |_| true).map_err(Fault::damaged)?;
    let header: StringRecord = (builder.schema().fields().iter())
        .map(|field| field.name().as_str())
        .collect();
    let batches = guarded(|| builder.build()).map_err(Fault::damaged)?;
    let mut batches = batches.map_err(Fault::damaged)?;
    let mut number = 0;
    while let Some(batch) = guarded(|| batches.next()).map_err(Fault::damaged)? {
        let batch = batch.map_err(Fault::damaged)?;
        for row in 0..batch.num_rows() {
            number += 1;
            record_of(&header, &batch, row)
                .and_then(|record| take(&header, &record))
                .map_err(|message| Fault::Damaged(format!("row {number}: {message}")))?;
        }
    }
    Ok(header)
}

/// A row as the text that CSV would have.
fn record_of(
    header: &StringRecord,
    batch: &RecordBatch,
    row: usize,
) -> Result<StringRecord, String> {
    let mut text = Vec::new();
    let columns = header.iter().zip(batch.columns());
    columns
        .map(|(name, column)| {
            text.clear();
            let cell = cell(column, row).map_err(|why| format!("column {name}: {why}"))?;
            push_cell(&mut text, cell);
            Ok(String::from_utf8_lossy(&text).into_owned())
        })
        .collect()
}

/// A cell of one of the types that result tables have, or why it is none of theirs.
fn cell(column: &dyn Array, row: usize) -> Result<Cell<'_>, String> {
    if column.is_null(row) {
        return Ok(Cell::Unknown);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => Cell::Name(column.as_string::<i32>().value(row)),
        DataType::Int64 => {
            let value = column.as_primitive::<Int64Type>().value(row);
            let value = u64::try_from(value).map_err(|_| format!("{value} is less than 0"))?;
            Cell::Integer(value)
        }
        DataType::Float64 => Cell::Number(column.as_primitive::<Float64Type>().value(row)),
        DataType::Boolean => Cell::Boolean(column.as_boolean().value(row)),
        DataType::Timestamp(arrow_schema::TimeUnit::Millisecond, _) => {
            let time = column.as_primitive::<TimestampMillisecondType>().value(row);
            let seconds = u32::try_from(time.div_euclid(1_000)).map_err(|_| OUTSIDE)?;
            Cell::Time(Instant::from_seconds(seconds))
        }
        DataType::Date32 => {
            let days = u32::try_from(column.as_primitive::<Date32Type>().value(row));
            let seconds = days.ok().and_then(|days| days.checked_mul(Instant::DAY));
            Cell::Date(Instant::from_seconds(seconds.ok_or(OUTSIDE)?).date())
        }
        other => return Err(format!("holds {other}, which no result table has")),
    })
}

/// What is told of a time that instants cannot hold.
const OUTSIDE: &str = "a time outside the years 1970 to 2105 that times can hold";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Date32Array, Int32Array, Int64Array, TimestampMillisecondArray};

    use super::*;

    #[test]
    fn cells_that_no_result_table_holds_are_refused_with_their_column() {
        let read = |column: ArrayRef| {
            let batch = RecordBatch::try_from_iter([("this", column)]).unwrap();
            record_of(&StringRecord::from(vec!["this"]), &batch, 0)
        };
        let refused: [(ArrayRef, &str); 5] = [
            (Arc::new(Int64Array::from(vec![-5])), "-5 is less than 0"),
            (Arc::new(TimestampMillisecondArray::from(vec![-1])), OUTSIDE),
            (Arc::new(Date32Array::from(vec![-1])), OUTSIDE),
            (Arc::new(Date32Array::from(vec![50_000])), OUTSIDE),
            (
                Arc::new(Int32Array::from(vec![5])),
                "holds Int32, which no result table has",
            ),
        ];
        for (column, why) in refused {
            assert_eq!(read(column), Err(format!("column this: {why}")));
        }
        let read = |column| read(column).map(|record| record[0].to_owned());
        assert_eq!(
            read(Arc::new(Int64Array::from(vec![5]))),
            Ok("5".to_owned())
        );
        assert_eq!(
            read(Arc::new(Int64Array::from(vec![None]))),
            Ok(String::new())
        );
    }

    #[test]
    fn rows_are_lines_outside_quotes_that_hold_something() {
        for (text, rows) in [
            ("", 0),
            ("a,b\n", 0),
            ("a,b\n1,2\n3,4\n", 2),
            ("a,b\r\n1,2\r\n\r\n\n3,4", 2),
            ("a,b\n\"1\n\n2\",\"\"\"\n\"\n3,4\n", 2),
        ] {
            assert_eq!(rows_of_csv(text.as_bytes()).unwrap(), rows, "{text:?}");
        }
        let wide = format!("a\n{}\n{}\n", "1".repeat(200_000), "2".repeat(70_000));
        assert_eq!(rows_of_csv(wide.as_bytes()).unwrap(), 2);
    }
}
