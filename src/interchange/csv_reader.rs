//! Candidate files in CSV: blocks of records are read in parallel.
//! What a cell may hold is said in `columns`.

use std::path::Path;

use crate::inputs::Hashing;
use crate::observe::Observer;
use crate::output::text::original;
use crate::rules::{Candidate, Rules};

use super::Read;
use super::batch::candidate;
use super::blocks::{Block, Source};
use super::columns::Field;
use super::gather::{Gathered, Part};
use super::header::Header;
use super::problem::{Found, Problem, ReadError};
use super::records::{NotText, Record};

/// Rows for which room is made, for each row that the first block lets expect.
const ROOM: f64 = 1.02;

/// Reads one record: its name, and the candidate unless a cell is wrong; none where the record is.
#[inline]
pub fn read_record<'r>(
    record: Result<Record<'r>, NotText>,
    header: &Header,
    found: &mut Found,
) -> Option<(&'r str, Option<Candidate>)> {
    let record = match record {
        Ok(record) => record,
        Err(not_text) => {
            found.add(|| no_text(not_text, header));
            return None;
        }
    };
    if record.len() != header.fields.len() {
        found.add(|| {
            let (cells, columns) = (record.len(), header.fields.len());
            Problem::of_row(
                record.line,
                format!("the row has {cells} cells where the header has {columns}"),
            )
        });
        return None;
    }
    let mut name = "";
    let cells = header
        .fields
        .iter()
        .enumerate()
        .filter_map(|(column, field)| {
            let field = (*field)?;
            let text = record.cell(column);
            if field == Field::CandidateId {
                name = original(text).trim_ascii();
            }
            Some((field, text))
        });
    let candidate = candidate(cells, record.line, found);
    Some((name, candidate))
}

fn no_text(not_text: NotText, header: &Header) -> Problem {
    let message = "the cell is not UTF-8 text; save the file as CSV in UTF-8";
    let problem = Problem::of_row(not_text.line, message);
    match header.name(not_text.column) {
        Some(name) => problem.in_column(name),
        None => problem.in_column(&(not_text.column + 1).to_string()),
    }
}

/// Reads a file of candidates.
///
/// # Errors
/// Every problem of the file.
pub fn read(path: &Path, rules: &Rules, observer: &dyn Observer) -> Result<Read, ReadError> {
    let mut source = Source::open(path, Some(Hashing::default()))?;
    observer.begin("reading", source.bytes);
    let header = source.header.clone();
    let bytes = source.bytes;
    let mut gathered = Gathered::default();
    let mut read = 0;
    let broken = source.each_block(
        |block| (read_block(block, &header, rules), block.len() as u64),
        |(part, length)| {
            gathered.append(part);
            if read == 0 && length > 0 {
                // Rows of the first block tell how many there will be, and a little more.
                let rows = gathered.len() as f64 * (bytes as f64 / length as f64);
                gathered.expect((rows * ROOM) as usize);
            }
            read += length;
            Ok::<(), ReadError>(())
        },
        observer,
    )?;
    observer.end();
    if let Some(problem) = broken {
        gathered.refuse(problem);
    }
    let (pool, lines) = gathered.into_pool(path, "line")?;
    Ok(Read {
        pool,
        lines,
        notices: header.notices(),
        input: source.record(),
    })
}

fn read_block(block: &Block, header: &Header, rules: &Rules) -> Part {
    let mut part = Part::default();
    let mut found = Found::default();
    let mut records = block.records();
    while let Some(record) = records.next() {
        let line = record.map_or(0, |record| record.line);
        match read_record(record, header, &mut found) {
            Some((name, Some(candidate))) => part.add(name, &candidate, line, rules),
            Some((name, None)) => part.refused(name, line),
            None => {}
        }
    }
    part.found = found;
    part
}
