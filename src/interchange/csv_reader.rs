//! Candidate files in CSV: records are split one after the other and read in parallel, in fixed
//! tasks, so that the result does not depend on the number of threads.
//! What a cell may hold is said in `columns`.

use std::fs::File;
use std::io::{self, Chain, Read as _};
use std::path::Path;

use csv::ByteRecord;
use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::text::original;
use crate::rules::{Candidate, Rules};

use super::Read;
use super::batch::candidate;
use super::columns::Field;
use super::gather::Gathered;
use super::header::Header;
use super::problem::{Found, Problem, ReadError};

/// Records that one task reads.
const RECORDS_PER_TASK: usize = 1 << 11;
/// Tasks that are read while the records of the next ones are split.
const TASKS_PER_WAVE: usize = 16;
/// Bytes that are read from the file at once.
const BUFFER: usize = 1 << 20;

/// A CSV file after its header.
pub struct Source<'p> {
    path: &'p Path,
    reader: csv::Reader<Chain<File, &'static [u8]>>,
    bytes: u64,
    /// What its columns hold.
    pub header: Header,
    /// The cells of its header, as they stand.
    pub names: ByteRecord,
}

/// Records in tasks, to be filled again and again.
#[derive(Debug, Default)]
pub struct Wave {
    tasks: Vec<Vec<ByteRecord>>,
    records: usize,
}

impl Wave {
    /// The records of each task.
    pub fn tasks(&self) -> impl IndexedParallelIterator<Item = &[ByteRecord]> {
        let full = self.records.div_ceil(RECORDS_PER_TASK);
        let last = self.records - full.saturating_sub(1) * RECORDS_PER_TASK;
        self.tasks[..full]
            .par_iter()
            .enumerate()
            .map(move |(place, task)| {
                let filled = if place + 1 == full {
                    last
                } else {
                    RECORDS_PER_TASK
                };
                &task[..filled]
            })
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.records
    }

    /// Whether the file has come to its end.
    pub fn is_empty(&self) -> bool {
        self.records == 0
    }
}

impl<'p> Source<'p> {
    /// Opens a file and reads its header.
    ///
    /// # Errors
    /// When it cannot be read, or its header has problems.
    pub fn open(path: &'p Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|error| ReadError::io(path, error))?;
        let found = file
            .metadata()
            .map_err(|error| ReadError::io(path, error))?;
        if found.is_dir() {
            return Err(ReadError::io(path, io::ErrorKind::IsADirectory.into()));
        }
        // Every record ends in a line feed, the last one too, so that lines can be counted.
        let bytes = found.len();
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .buffer_capacity(BUFFER)
            .from_reader(file.chain(&b"\n"[..]));
        let mut names = ByteRecord::new();
        let mut found = Found::default();
        match reader.read_byte_record(&mut names) {
            Ok(true) => {}
            Ok(false) => found
                .add(|| Problem::of_file("the file is empty; its first line names the columns")),
            Err(error) => return Err(failed(path, error)),
        }
        found.check(path, "line")?;
        let texts: Result<Vec<&str>, _> = names.iter().map(str::from_utf8).collect();
        let Ok(texts) = texts else {
            let mut found = Found::default();
            found.add(|| {
                Problem::of_row(
                    1,
                    "the header is not UTF-8 text; save the file as CSV in UTF-8",
                )
            });
            found.check(path, "line")?;
            return Err(ReadError::io(path, io::ErrorKind::InvalidData.into()));
        };
        let (header, found) = Header::new(texts.into_iter());
        found.check(path, "line")?;
        Ok(Source {
            path,
            reader,
            bytes,
            header,
            names,
        })
    }

    /// Fills a wave with the next records; none at the end of the file.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn fill(&mut self, wave: &mut Wave) -> Result<(), ReadError> {
        wave.records = 0;
        wave.tasks.resize_with(TASKS_PER_WAVE, Vec::new);
        for task in &mut wave.tasks {
            task.resize_with(RECORDS_PER_TASK, ByteRecord::new);
            for record in task {
                if !self.next(record)? {
                    return Ok(());
                }
                wave.records += 1;
            }
        }
        Ok(())
    }

    /// Reads the next record that is not an empty line; its position has the line it begins on.
    fn next(&mut self, record: &mut ByteRecord) -> Result<bool, ReadError> {
        loop {
            match self.reader.read_byte_record(record) {
                Ok(true) if record.len() == 1 && &record[0] == b"\r" => {}
                Ok(true) => {
                    // The reader counts from where it stood, before any empty lines.
                    let breaks = record
                        .as_slice()
                        .iter()
                        .filter(|&&byte| byte == b'\n')
                        .count();
                    let mut position = self.reader.position().clone();
                    let line = position.line().saturating_sub(1 + breaks as u64);
                    position.set_line(line.max(1));
                    record.set_position(Some(position));
                    return Ok(true);
                }
                Ok(false) => return Ok(false),
                Err(error) => return Err(failed(self.path, error)),
            }
        }
    }
}

/// The cells of a record as they stand; the carriage return of a line's end is none of them.
pub fn raw_cells(record: &ByteRecord) -> impl Iterator<Item = &[u8]> {
    let last = record.len().saturating_sub(1);
    record
        .iter()
        .enumerate()
        .map(move |(place, cell)| match cell.strip_suffix(b"\r") {
            Some(cell) if place == last => cell,
            _ => cell,
        })
}

fn failed(path: &Path, error: csv::Error) -> ReadError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => ReadError::io(path, error),
        other => ReadError::io(path, io::Error::other(format!("{other:?}"))),
    }
}

/// Reads one record: the candidate and its name, or what is wrong.
pub fn read_record<'r>(
    record: &'r ByteRecord,
    header: &Header,
    found: &mut Found,
) -> Option<(&'r str, Candidate)> {
    let place = record.position().map_or(0, csv::Position::line);
    if record.len() != header.fields.len() {
        found.add(|| {
            let (cells, columns) = (record.len(), header.fields.len());
            Problem::of_row(
                place,
                format!("the row has {cells} cells where the header has {columns}"),
            )
        });
        return None;
    }
    let Some(texts) = Texts::of(record) else {
        let bad = record
            .iter()
            .position(|cell| str::from_utf8(cell).is_err())
            .unwrap_or(0);
        found.add(|| {
            let message = "the cell is not UTF-8 text; save the file as CSV in UTF-8".to_owned();
            let problem = Problem::of_row(place, message);
            match header.fields.get(bad) {
                Some(Some(field)) => problem.in_column(field.column().name),
                _ => problem.in_column(&(bad + 1).to_string()),
            }
        });
        return None;
    };
    let mut name = "";
    let cells = header
        .fields
        .iter()
        .enumerate()
        .filter_map(|(column, field)| {
            let (field, text) = ((*field)?, texts.cell(column));
            if field == Field::CandidateId {
                name = original(text).trim_ascii();
            }
            Some((field, text))
        });
    let candidate = candidate(cells, place, found)?;
    Some((name, candidate))
}

/// The cells of a record as text.
struct Texts<'r> {
    record: &'r ByteRecord,
    all: &'r str,
}

impl<'r> Texts<'r> {
    /// None when a cell is not UTF-8.
    fn of(record: &'r ByteRecord) -> Option<Self> {
        let all = str::from_utf8(record.as_slice()).ok()?;
        let texts = Texts { record, all };
        // Halves of a character may have met where two cells touch.
        let whole = all.is_ascii() || (0..record.len()).all(|column| texts.get(column).is_some());
        whole.then_some(texts)
    }

    #[inline]
    fn get(&self, column: usize) -> Option<&'r str> {
        self.all.get(self.record.range(column)?)
    }

    #[inline]
    fn cell(&self, column: usize) -> &'r str {
        self.get(column).unwrap_or_default()
    }
}

/// Reads a file of candidates.
///
/// # Errors
/// Every problem of the file.
pub fn read(path: &Path, rules: &Rules, observer: &dyn Observer) -> Result<Read, ReadError> {
    let mut source = Source::open(path)?;
    observer.begin("reading", source.bytes);
    let (mut wave, mut next) = (Wave::default(), Wave::default());
    let mut gathered = Gathered::default();
    let mut told = 0;
    source.fill(&mut wave)?;
    while !wave.is_empty() {
        let header = source.header.clone();
        let (parts, filled) = rayon::join(
            || {
                let parts = wave.tasks().map(|task| read_task(task, &header, rules));
                parts.collect::<Vec<Gathered>>()
            },
            || source.fill(&mut next),
        );
        filled?;
        parts.into_iter().for_each(|part| gathered.append(part));
        std::mem::swap(&mut wave, &mut next);
        let here = source.reader.position().byte().min(source.bytes);
        observer.advance(here - told);
        told = here;
    }
    observer.end();
    let notices = source.header.notices();
    Ok(Read {
        pool: gathered.into_pool(path, "line")?,
        notices,
    })
}

fn read_task(task: &[ByteRecord], header: &Header, rules: &Rules) -> Gathered {
    let mut gathered = Gathered::default();
    for record in task {
        let mut found = std::mem::take(&mut gathered.found);
        if let Some((name, candidate)) = read_record(record, header, &mut found) {
            let place = record.position().map_or(0, csv::Position::line);
            gathered.add(name, &candidate, place, rules);
        }
        gathered.found = found;
    }
    gathered
}
