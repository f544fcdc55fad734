//! A pool as Parquet: pages are made in parallel, in fixed tasks, and a row group is written while
//! the next one is made. How pages are encoded is said in `pages`, what a cell holds in `columns`.

use std::fs::File;
use std::ops::Range;
use std::sync::Arc;

use arrow_schema::{Field as ArrowField, Schema};
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::columnar::{data_type, properties};
use crate::output::{NewFile, OutputError};
use crate::pool::Pool;
use crate::rules::Rules;

use super::columns::{COLUMNS, Field};
use super::indices::{Dictionary, Memberships, Person, push_indices};
use super::pages::{Chunk, DataPage, chunk};

/// Rows of a row group.
const ROWS_PER_GROUP: usize = 1 << 18;
/// Rows of a page, which one task makes for every column.
const ROWS_PER_PAGE: usize = 1 << 13;

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
    let schema = Arc::new(Schema::new(fields));
    let writer = ArrowWriter::try_new(file.file(), schema, Some(properties()))?;
    let (mut writer, _) = writer.into_serialized_writer()?;
    let descriptors = writer.schema_descr().columns().to_vec();
    let groups = pool.len().div_ceil(ROWS_PER_GROUP);
    let mut made: Vec<Chunk> = Vec::new();
    for group in 0..=groups {
        let rows = group * ROWS_PER_GROUP..((group + 1) * ROWS_PER_GROUP).min(pool.len());
        let (next, written) = rayon::join(
            || match group < groups {
                true => make_group(pool, rules, rows.clone(), &descriptors),
                false => Ok(Vec::new()),
            },
            || write_group(&mut writer, made),
        );
        written?;
        made = next?;
        observer.advance(rows.len() as u64);
    }
    writer.close().map(|_| ())
}

/// Writes the column chunks of a row group; nothing where there are none.
fn write_group(
    writer: &mut SerializedFileWriter<&File>,
    chunks: Vec<Chunk>,
) -> Result<(), ParquetError> {
    if chunks.is_empty() {
        return Ok(());
    }
    let mut group = writer.next_row_group()?;
    for chunk in chunks {
        group.append_column(&chunk.bytes, chunk.close)?;
    }
    group.close().map(|_| ())
}

/// Makes the column chunks of the rows of a group.
fn make_group(
    pool: &Pool,
    rules: &Rules,
    rows: Range<usize>,
    descriptors: &[parquet::schema::types::ColumnDescPtr],
) -> Result<Vec<Chunk>, ParquetError> {
    let memberships = Memberships::of(&pool.eligibility, rows.clone(), rules);
    let dictionaries: Vec<Option<Dictionary>> = COLUMNS
        .iter()
        .map(|column| memberships.dictionary(column.field))
        .collect();
    let first = rows.start;
    let tasks = rows.len().div_ceil(ROWS_PER_PAGE);
    let pages: Vec<Vec<DataPage>> = (0..tasks)
        .into_par_iter()
        .map(|task| {
            let from = first + task * ROWS_PER_PAGE;
            let rows = from..(from + ROWS_PER_PAGE).min(rows.end);
            make_pages(pool, rules, rows, &memberships, &dictionaries)
        })
        .collect();
    let mut columns: Vec<Vec<DataPage>> = COLUMNS.iter().map(|_| Vec::new()).collect();
    for page in pages {
        for (column, page) in columns.iter_mut().zip(page) {
            column.push(page);
        }
    }
    columns
        .into_par_iter()
        .zip(&dictionaries)
        .zip(descriptors)
        .map(|((pages, dictionary), descriptor)| {
            chunk(Arc::clone(descriptor), dictionary.as_ref(), pages)
        })
        .collect()
}

/// A page of every column.
fn make_pages(
    pool: &Pool,
    rules: &Rules,
    rows: Range<usize>,
    memberships: &Memberships,
    dictionaries: &[Option<Dictionary>],
) -> Vec<DataPage> {
    let people: Vec<Person> = rows
        .clone()
        .map(|row| Person::of_row(pool, row, rules, memberships))
        .collect();
    let mut indices = Vec::with_capacity(people.len());
    COLUMNS
        .iter()
        .zip(dictionaries)
        .map(|(column, dictionary)| match (column.field, dictionary) {
            (field, Some(dictionary)) => {
                push_indices(field, &people, &mut indices);
                let page = DataPage::of_indices(&indices, dictionary);
                indices.clear();
                page
            }
            (Field::SubmittedAt, None) => {
                let times = people.iter().map(|person| person.submitted_at());
                DataPage::of_numbers(times.map(|at| i64::from(at.seconds()) * 1_000))
            }
            (_, None) => DataPage::of_texts(people.len(), |row, text| {
                text.extend_from_slice(pool.id(rows.start + row).as_bytes());
            }),
        })
        .collect()
}
