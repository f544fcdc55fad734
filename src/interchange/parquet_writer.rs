//! A pool as Parquet: a row group at a time, its columns encoded in parallel.
//! What stands in a cell is said in `values`.

use std::sync::Arc;

use arrow_schema::{Field as ArrowField, Schema};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::errors::ParquetError;
use parquet::schema::types::ColumnPath;
use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::columnar::{Builder, data_type, properties};
use crate::output::{NewFile, OutputError};
use crate::pool::Pool;
use crate::rules::Rules;

use super::columns::{COLUMNS, CandidateColumn};
use super::values::{Lists, View};

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 1 << 18;
/// Rows of a column that are turned into an array at once.
const ROWS_PER_ARRAY: usize = 1 << 14;

/// Writes a pool.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    pool: &Pool,
    rules: &Rules,
    file: NewFile,
    observer: &dyn Observer,
) -> Result<(), OutputError> {
    observer.begin("writing", pool.len() as u64);
    write_groups(pool, rules, &file, observer)
        .map_err(|error| OutputError::parquet(file.target(), error))?;
    observer.end();
    file.finish()
}

fn write_groups(
    pool: &Pool,
    rules: &Rules,
    file: &NewFile,
    observer: &dyn Observer,
) -> Result<(), ParquetError> {
    let fields: Vec<ArrowField> = COLUMNS
        .iter()
        .map(|column| ArrowField::new(column.name, data_type(column.kind()), true))
        .collect();
    // Names and times hardly repeat: a dictionary of them would only grow.
    let properties = properties()
        .into_builder()
        .set_column_dictionary_enabled(ColumnPath::from("candidate_id"), false)
        .set_column_dictionary_enabled(ColumnPath::from("submitted_at"), false)
        .build();
    let schema = Arc::new(Schema::new(fields));
    let writer = ArrowWriter::try_new(file.file(), Arc::clone(&schema), Some(properties))?;
    let (mut writer, factory) = writer.into_serialized_writer()?;
    for group in 0..pool.len().div_ceil(ROWS_PER_GROUP) {
        let rows = group * ROWS_PER_GROUP..((group + 1) * ROWS_PER_GROUP).min(pool.len());
        let lists = Lists::of(pool.eligibility[rows.clone()].iter().copied(), rules);
        let views: Vec<View> = rows
            .into_par_iter()
            .map(|row| View::of_row(pool, row, rules, &lists))
            .collect();
        let columns = factory.create_column_writers(group)?;
        let chunks: Result<Vec<ArrowColumnChunk>, ParquetError> = COLUMNS
            .par_iter()
            .zip(schema.fields().par_iter())
            .zip(columns)
            .map(|((column, field), writer)| encode(column, field, writer, &views))
            .collect();
        let mut out = writer.next_row_group()?;
        for chunk in chunks? {
            chunk.append_to_row_group(&mut out)?;
        }
        out.close()?;
        observer.advance(views.len() as u64);
    }
    writer.close().map(|_| ())
}

fn encode(
    column: &CandidateColumn,
    field: &ArrowField,
    mut writer: ArrowColumnWriter,
    views: &[View<'_>],
) -> Result<ArrowColumnChunk, ParquetError> {
    let mut builder = Builder::new(column.kind());
    for part in views.chunks(ROWS_PER_ARRAY) {
        part.iter()
            .for_each(|view| builder.append(view.cell(column.field)));
        for leaf in compute_leaves(field, &builder.finish())? {
            writer.write(&leaf)?;
        }
    }
    writer.close()
}
