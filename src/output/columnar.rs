//! Rows of any table to Parquet, a row group at a time, so that memory does not grow with the table.
//! Which tables there are is not known here.

use std::fs::File;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::basic::Compression;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Float64Builder, Int64Builder, StringBuilder,
    TimestampMillisecondBuilder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::units::Date;

use super::table::{Cell, Kind, Row};

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 1 << 17;
/// Rows that are gathered before they are encoded.
const ROWS_PER_BATCH: usize = 1 << 12;

/// How all Parquet files are written: Snappy, and the program's name as their maker.
pub fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_created_by(concat!("drawsim ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_max_row_group_row_count(Some(ROWS_PER_GROUP))
        .build()
}

/// The Arrow type of a column: times are milliseconds in UTC, as Parquet has no seconds.
pub fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Integer => DataType::Int64,
        Kind::Number => DataType::Float64,
        Kind::Boolean => DataType::Boolean,
        Kind::Time => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        Kind::Date => DataType::Date32,
    }
}

/// Cells of one column, on their way into an array.
enum Builder {
    Text(StringBuilder),
    Integer(Int64Builder),
    Number(Float64Builder),
    Boolean(BooleanBuilder),
    Time(TimestampMillisecondBuilder),
    Date(Date32Builder),
}

impl Builder {
    /// For a column of that type.
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Builder::Text(StringBuilder::new()),
            Kind::Integer => Builder::Integer(Int64Builder::new()),
            Kind::Number => Builder::Number(Float64Builder::new()),
            Kind::Boolean => Builder::Boolean(BooleanBuilder::new()),
            Kind::Time => Builder::Time(TimestampMillisecondBuilder::new().with_timezone("UTC")),
            Kind::Date => Builder::Date(Date32Builder::new()),
        }
    }

    /// Appends a cell of the column's type, and a null for any other and for empty text.
    fn append(&mut self, cell: Cell<'_>) {
        match (self, cell) {
            (Builder::Text(to), Cell::Text(text) | Cell::Name(text)) if !text.is_empty() => {
                to.append_value(text);
            }
            (Builder::Text(to), _) => to.append_null(),
            (Builder::Integer(to), Cell::Integer(value)) => {
                to.append_value(i64::try_from(value).unwrap_or(i64::MAX));
            }
            (Builder::Integer(to), _) => to.append_null(),
            (Builder::Number(to), Cell::Number(value)) => to.append_value(value),
            (Builder::Number(to), _) => to.append_null(),
            (Builder::Boolean(to), Cell::Boolean(value)) => to.append_value(value),
            (Builder::Boolean(to), _) => to.append_null(),
            (Builder::Time(to), Cell::Time(at)) => {
                to.append_value(i64::from(at.seconds()) * 1_000);
            }
            (Builder::Time(to), _) => to.append_null(),
            (Builder::Date(to), Cell::Date(date)) => to.append_value(days_since_1970(date)),
            (Builder::Date(to), _) => to.append_null(),
        }
    }

    /// The cells appended so far.
    fn finish(&mut self) -> ArrayRef {
        match self {
            Builder::Text(from) => Arc::new(from.finish()),
            Builder::Integer(from) => Arc::new(from.finish()),
            Builder::Number(from) => Arc::new(from.finish()),
            Builder::Boolean(from) => Arc::new(from.finish()),
            Builder::Time(from) => Arc::new(from.finish()),
            Builder::Date(from) => Arc::new(from.finish()),
        }
    }
}

/// Days from 1970-01-01 to a date.
fn days_since_1970(date: Date) -> i32 {
    (date - jiff::civil::date(1970, 1, 1)).get_days()
}

/// Writes the rows of one table.
pub struct RowWriter {
    schema: SchemaRef,
    builders: Vec<Builder>,
    gathered: usize,
    writer: ArrowWriter<File>,
}

impl RowWriter {
    /// Begins a table of columns with these names and types.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn new<'a>(
        columns: impl Iterator<Item = (&'a str, Kind)>,
        file: File,
    ) -> Result<Self, ParquetError> {
        // Every column may hold nulls: an empty text is one.
        let (fields, builders): (Vec<Field>, Vec<Builder>) = columns
            .map(|(name, kind)| (Field::new(name, data_type(kind), true), Builder::new(kind)))
            .unzip();
        let schema = Arc::new(Schema::new(fields));
        Ok(RowWriter {
            builders,
            gathered: 0,
            writer: ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties()))?,
            schema,
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write<R: Row>(&mut self, row: &R) -> Result<(), ParquetError> {
        let mut builders = self.builders.iter_mut();
        row.each_cell(|cell| {
            if let Some(builder) = builders.next() {
                builder.append(cell);
            }
        });
        self.gathered += 1;
        if self.gathered == ROWS_PER_BATCH {
            self.encode()?;
        }
        Ok(())
    }

    fn encode(&mut self) -> Result<(), ParquetError> {
        let columns = self.builders.iter_mut().map(Builder::finish).collect();
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns)?;
        self.gathered = 0;
        self.writer.write(&batch)
    }

    /// Writes what is left and the footer: how many bytes the file has.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(mut self) -> Result<u64, ParquetError> {
        if self.gathered > 0 {
            self.encode()?;
        }
        // Taking the file out of the writer would hide what the system says.
        self.writer.finish()?;
        Ok(self.writer.bytes_written() as u64)
    }
}
