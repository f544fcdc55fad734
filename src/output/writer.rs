//! A table being written, as CSV or Parquet.
//! Where its file ends up is the folder's business.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use super::OutputError;
use super::columnar::RowWriter;
use super::table::{KeyColumn, Kind, Row, Table};
use super::text::{push_cell, push_quoted};

/// Bytes of CSV that are gathered before they are written.
const BUFFER: usize = 1 << 18;

/// The format of tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    /// Comma-separated values, UTF-8, a header line, lines that end in a line feed.
    #[default]
    Csv,
    /// Apache Parquet, compressed with Snappy.
    Parquet,
}

impl Format {
    /// The name, which is also the extension of files.
    pub const fn name(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::Parquet => "parquet",
        }
    }
}

enum Inner {
    Csv { file: File, buffer: Vec<u8> },
    Parquet(Box<RowWriter>),
}

/// Writes the rows of one table of a result folder.
pub struct TableWriter {
    table: &'static Table,
    keys: Vec<KeyColumn>,
    format: Format,
    shown: PathBuf,
    rows: u64,
    inner: Inner,
}

/// A table that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The table.
    pub table: &'static Table,
    /// Columns in front of the table's own.
    pub keys: Vec<KeyColumn>,
    /// Its format.
    pub format: Format,
    /// Its rows.
    pub rows: u64,
    /// Bytes of its file.
    pub bytes: u64,
}

impl TableWriter {
    /// Begins a table in an empty file, with the columns `keys` in front of its own; `shown` is the
    /// path that errors name.
    pub(super) fn new(
        table: &'static Table,
        keys: Vec<KeyColumn>,
        format: Format,
        file: File,
        shown: PathBuf,
    ) -> Result<Self, OutputError> {
        let inner = match format {
            Format::Csv => {
                let mut buffer = Vec::with_capacity(BUFFER + 1024);
                for (place, (name, _)) in names_and_kinds(table, &keys).enumerate() {
                    if place > 0 {
                        buffer.push(b',');
                    }
                    push_quoted(&mut buffer, name.as_bytes());
                }
                buffer.push(b'\n');
                Inner::Csv { file, buffer }
            }
            Format::Parquet => Inner::Parquet(Box::new(
                RowWriter::new(names_and_kinds(table, &keys), file)
                    .map_err(|error| OutputError::parquet(&shown, error))?,
            )),
        };
        Ok(TableWriter {
            table,
            keys,
            format,
            shown,
            rows: 0,
            inner,
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    ///
    /// # Panics
    /// When the row is of another table, a mistake of the program.
    pub fn write<R: Row>(&mut self, row: &R) -> Result<(), OutputError> {
        assert_eq!(R::TABLE.name, self.table.name, "a row of another table");
        self.rows += 1;
        match &mut self.inner {
            Inner::Csv { file, buffer } => {
                row.each_cell(|cell| {
                    push_cell(buffer, cell);
                    buffer.push(b',');
                });
                if let Some(last) = buffer.last_mut() {
                    *last = b'\n';
                }
                if buffer.len() < BUFFER {
                    return Ok(());
                }
                let written = file.write_all(buffer);
                buffer.clear();
                written.map_err(|error| OutputError::io("write", &self.shown, error))
            }
            Inner::Parquet(writer) => writer
                .write(row)
                .map_err(|error| OutputError::parquet(&self.shown, error)),
        }
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn finish(self) -> Result<Written, OutputError> {
        let refused = |error| OutputError::io("write", &self.shown, error);
        let bytes = match self.inner {
            Inner::Csv { mut file, buffer } => {
                file.write_all(&buffer).map_err(refused)?;
                file.metadata().map_err(refused)?.len()
            }
            Inner::Parquet(writer) => writer
                .finish()
                .map_err(|error| OutputError::parquet(&self.shown, error))?,
        };
        Ok(Written {
            table: self.table,
            keys: self.keys,
            format: self.format,
            rows: self.rows,
            bytes,
        })
    }
}

/// Names and types of the columns of a file, those of its keys first.
fn names_and_kinds<'a>(
    table: &'static Table,
    keys: &'a [KeyColumn],
) -> impl Iterator<Item = (&'a str, Kind)> {
    let keys = keys.iter().map(|key| (key.name.as_str(), key.kind));
    keys.chain(
        table
            .columns
            .iter()
            .map(|column| (column.name, column.kind)),
    )
}
