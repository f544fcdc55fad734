//! Candidate files in Parquet: batches are decoded one after the other and read in parallel.
//! Cells are read as the text that CSV would have, so that both formats accept the same.

use std::fs::File;
use std::io::Seek as _;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use parquet::arrow::ProjectionMask;
use rayon::prelude::*;

use crate::inputs::InputRecord;
use crate::observe::Observer;
use crate::output::parquet_file::{self, guarded};
use crate::output::text::push_time;
use crate::rules::Rules;
use crate::shown::safe;
use crate::units::Instant;

use super::Read;
use super::batch::candidate;
use super::columns::{Accepts, Field};
use super::gather::{Gathered, Part};
use super::header::Header;
use super::problem::{Found, Problem, ReadError};

/// Rows of a batch.
const ROWS_PER_BATCH: usize = 1 << 13;
/// Batches that are read in parallel.
const BATCHES_PER_WAVE: usize = 8;

/// Reads a file of candidates.
///
/// # Errors
/// Every problem of the file.
pub fn read(path: &Path, rules: &Rules, observer: &dyn Observer) -> Result<Read, ReadError> {
    let failed = |error| ReadError::io(path, error);
    let is_read = |name: &str| {
        Field::named(name.trim_ascii()).is_some_and(|field| !field.column().is_added())
    };
    let mut file = File::open(path).map_err(failed)?;
    // Its parts are read in no order, so that it is hashed beforehand.
    let input = InputRecord::of_file(path, &mut file).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let builder = parquet_file::open(file, is_read).map_err(failed)?;
    let schema = builder.schema().clone();
    let (header, mut found) =
        Header::new(schema.fields().iter().map(|field| field.name().as_str()));
    for (field, known) in schema.fields().iter().zip(&header.fields) {
        if let Some(known) = known
            && !known.column().is_added()
            && !is_accepted(field.data_type())
        {
            found.add(|| {
                let wanted = match known.column().accepts {
                    Accepts::Time => "text or timestamps",
                    Accepts::Flag => "text or booleans",
                    Accepts::UpTo(_) | Accepts::Id => "text or numbers",
                    _ => "text",
                };
                let message = format!(
                    "holds {}, which is not read; write {wanted}",
                    safe(&field.data_type().to_string())
                );
                Problem::of_file(message).in_column(known.column().name)
            });
        }
    }
    found.check(path, "row")?;

    let wanted: Vec<usize> = (0..header.fields.len())
        .filter(|&place| header.fields[place].is_some_and(|field| !field.column().is_added()))
        .collect();
    let fields: Vec<Field> = wanted
        .iter()
        .filter_map(|&place| header.fields[place])
        .collect();
    let total = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mask = ProjectionMask::roots(builder.parquet_schema(), wanted);
    let batches = guarded(|| {
        builder
            .with_projection(mask)
            .with_batch_size(ROWS_PER_BATCH)
            .build()
    });
    let batches = batches.map_err(failed)?;
    let mut batches = batches.map_err(|error| failed(parquet_file::broken(error)))?;

    observer.begin("reading", total);
    let mut gathered = Gathered::default();
    let mut row = 1;
    loop {
        let mut wave: Vec<(u64, RecordBatch)> = Vec::with_capacity(BATCHES_PER_WAVE);
        while wave.len() < BATCHES_PER_WAVE
            && let Some(batch) = guarded(|| batches.next()).map_err(failed)?
        {
            let batch = batch.map_err(|error| failed(parquet_file::broken(error.into())))?;
            let rows = batch.num_rows() as u64;
            wave.push((row, batch));
            row += rows;
        }
        if wave.is_empty() {
            break;
        }
        let parts: Vec<Part> = wave
            .par_iter()
            .map(|(first, batch)| read_batch(batch, *first, &fields, rules))
            .collect();
        observer.advance(wave.iter().map(|(_, batch)| batch.num_rows() as u64).sum());
        parts.into_iter().for_each(|part| gathered.append(part));
    }
    observer.end();
    let (pool, lines) = gathered.into_pool(path, "row")?;
    Ok(Read {
        pool,
        lines,
        notices: header.notices(),
        input: Some(input),
    })
}

fn read_batch(batch: &RecordBatch, first: u64, fields: &[Field], rules: &Rules) -> Part {
    let columns: Vec<Texts> = batch
        .columns()
        .iter()
        .map(|column| Texts::of(column.as_ref()))
        .collect();
    let mut part = Part::default();
    let mut found = Found::default();
    for row in 0..batch.num_rows() {
        let place = first + row as u64;
        let mut name = "";
        let cells = fields.iter().zip(&columns).map(|(&field, texts)| {
            let text = texts.get(row);
            if field == Field::CandidateId {
                name = text.trim_ascii();
            }
            (field, text)
        });
        match candidate(cells, place, &mut found) {
            Some(candidate) => part.add(name, &candidate, place, rules),
            None => part.refused(name, place),
        }
    }
    part.found = found;
    part
}

/// The cells of a column as text, one after the other; nothing for a null.
struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    fn get(&self, row: usize) -> &str {
        let from = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.all[from..self.ends[row]]
    }

    fn of(column: &dyn Array) -> Self {
        let mut texts = Texts {
            all: String::new(),
            ends: Vec::with_capacity(column.len()),
        };
        match column.data_type() {
            DataType::Utf8 => {
                let array = column.as_string::<i32>();
                texts.fill(column, |all, row| all.push_str(array.value(row)));
            }
            DataType::LargeUtf8 => {
                let array = column.as_string::<i64>();
                texts.fill(column, |all, row| all.push_str(array.value(row)));
            }
            DataType::Boolean => {
                let array = column.as_boolean();
                texts.fill(column, |all, row| {
                    all.push_str(if array.value(row) { "true" } else { "false" })
                });
            }
            DataType::Int8 => texts.integers::<Int8Type>(column),
            DataType::Int16 => texts.integers::<Int16Type>(column),
            DataType::Int32 => texts.integers::<Int32Type>(column),
            DataType::Int64 => texts.integers::<Int64Type>(column),
            DataType::UInt8 => texts.integers::<UInt8Type>(column),
            DataType::UInt16 => texts.integers::<UInt16Type>(column),
            DataType::UInt32 => texts.integers::<UInt32Type>(column),
            DataType::UInt64 => texts.integers::<UInt64Type>(column),
            DataType::Float32 => {
                let array = column.as_primitive::<Float32Type>();
                texts.fill(column, |all, row| {
                    all.push_str(&array.value(row).to_string())
                });
            }
            DataType::Float64 => {
                let array = column.as_primitive::<Float64Type>();
                texts.fill(column, |all, row| {
                    all.push_str(&array.value(row).to_string())
                });
            }
            DataType::Timestamp(TimeUnit::Second, _) => {
                texts.times::<TimestampSecondType>(column, 1)
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                texts.times::<TimestampMillisecondType>(column, 1_000);
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                texts.times::<TimestampMicrosecondType>(column, 1_000_000);
            }
            DataType::Timestamp(TimeUnit::Nanosecond, _) => {
                texts.times::<TimestampNanosecondType>(column, 1_000_000_000);
            }
            _ => texts.fill(column, |_, _| {}),
        }
        texts
    }

    fn fill(&mut self, column: &dyn Array, push: impl Fn(&mut String, usize)) {
        for row in 0..column.len() {
            if column.is_valid(row) {
                push(&mut self.all, row);
            }
            self.ends.push(self.all.len());
        }
    }

    fn integers<T: ArrowPrimitiveType<Native: itoa::Integer>>(&mut self, column: &dyn Array) {
        let array = column.as_primitive::<T>();
        self.fill(column, |all, row| {
            all.push_str(itoa::Buffer::new().format(array.value(row)))
        });
    }

    /// Times in UTC, given in that many parts of a second. A time that does not fit is shown as it
    /// can be and refused where it is read.
    fn times<T: ArrowPrimitiveType<Native = i64>>(&mut self, column: &dyn Array, parts: i64) {
        let array = column.as_primitive::<T>();
        self.fill(column, |all, row| {
            let value = array.value(row);
            match (
                u32::try_from(value.div_euclid(parts)),
                value.rem_euclid(parts),
            ) {
                (Ok(seconds), 0) => {
                    let mut text = Vec::with_capacity(20);
                    push_time(&mut text, Instant::from_seconds(seconds));
                    all.push_str(&String::from_utf8_lossy(&text));
                }
                (Ok(seconds), fraction) => {
                    let digits = parts.ilog10() as usize;
                    let fraction = format!("{fraction:0digits$}");
                    let whole = Instant::from_seconds(seconds).to_string();
                    all.push_str(whole.trim_end_matches('Z'));
                    all.push('.');
                    all.push_str(fraction.trim_end_matches('0'));
                    all.push('Z');
                }
                (Err(_), _) => all.push_str(&format!("{value}/{parts} seconds after 1970")),
            }
        });
    }
}

/// Whether cells of that type can be read.
fn is_accepted(data_type: &DataType) -> bool {
    data_type.is_integer()
        || matches!(
            data_type,
            DataType::Utf8
                | DataType::LargeUtf8
                | DataType::Boolean
                | DataType::Float32
                | DataType::Float64
                | DataType::Timestamp(_, _)
        )
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, Date32Array, TimestampMicrosecondArray, TimestampMillisecondArray,
    };
    use parquet::arrow::ArrowWriter;

    use super::*;
    use crate::observe::Silent;
    use crate::rules::RulesPatch;

    #[test]
    fn a_part_of_a_second_is_written_as_in_csv() {
        let texts = Texts::of(&TimestampMillisecondArray::from(vec![1_500, 61_000]));
        assert_eq!(texts.get(0), "1970-01-01T00:00:01.5Z");
        assert_eq!(texts.get(1), "1970-01-01T00:01:01Z");
        let texts = Texts::of(&TimestampMicrosecondArray::from(vec![1_000_020]));
        assert_eq!(texts.get(0), "1970-01-01T00:00:01.00002Z");
    }

    #[test]
    fn a_column_of_another_type_is_told_what_is_read_there() {
        let days = || Arc::new(Date32Array::from(vec![1])) as ArrayRef;
        let names = ["submitted_at", "age", "job_offer", "provincial_nomination"];
        let batch = RecordBatch::try_from_iter(names.map(|name| (name, days()))).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("days.parquet");
        let file = File::create(&path).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let date = "2024-01-09".parse().unwrap();
        let rules = Rules::on(date, &[], &RulesPatch::default()).unwrap();
        let told = read(&path, &rules, &Silent).unwrap_err().to_string();
        for (name, wanted) in names.into_iter().zip([
            "text or timestamps",
            "text or numbers",
            "text",
            "text or booleans",
        ]) {
            let line = format!("column `{name}`: holds Date32, which is not read; write {wanted}");
            assert!(told.contains(&line), "{line}\n{told}");
        }
    }
}
