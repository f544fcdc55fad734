//! A candidate file with points, programs and categories added, every other column as it was.
//! The rules come from the caller.

use std::path::Path;

use crate::observe::Observer;
use crate::output::text::{push_carried, push_cell};
use crate::output::{NewFile, OutputError};
use crate::rules::Rules;

use super::blocks::{Block, Source};
use super::columns::{COLUMNS, Field};
use super::csv_reader::read_record;
use super::header::Header;
use super::problem::{Found, ReadError};
use super::values::{Lists, View};

/// A file that was scored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// Candidates.
    pub rows: u64,
    /// Those who are eligible for no program, and so could not be in the pool.
    pub ineligible: u64,
    /// What the user should know: columns that were not used, defaults that were taken.
    pub notices: Vec<String>,
}

/// A file could not be scored; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The input is wrong.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The output could not be written.
    #[error(transparent)]
    Write(#[from] OutputError),
}

/// Reads the CSV file `input` and writes it to `output` with the columns that the rules add: those
/// that are there already are filled anew in their place, the others follow at the end. All other
/// cells stay as they are, and so does the order of rows; only what a spreadsheet would run as a
/// formula is made harmless.
///
/// # Errors
/// Every problem of the input, or that the output cannot be written or replaced.
pub fn score_file(
    input: &Path,
    output: &Path,
    rules: &Rules,
    force: bool,
    observer: &dyn Observer,
) -> Result<Scored, ScoreError> {
    let mut source = Source::open(input, None)?;
    let mut file = NewFile::create(output, force)?;
    let header = source.header.clone();
    let added: Vec<Field> = COLUMNS
        .iter()
        .filter(|column| column.is_added() && !header.has(column.field))
        .map(|column| column.field)
        .collect();
    let mut text = Vec::new();
    let names = source.names.iter().map(String::as_str);
    for name in names.chain(added.iter().map(|field| field.column().name)) {
        push_carried(&mut text, name);
        text.push(b',');
    }
    end_row(&mut text);
    file.append(&text)?;

    observer.begin("scoring", source.bytes);
    let (mut found, mut ineligible, mut rows) = (Found::default(), 0, 0);
    let broken = source.each_block(
        |block| score_block(block, &header, &added, rules),
        |part: Part| {
            found.append(part.found);
            ineligible += part.ineligible;
            rows += part.rows;
            if found.is_empty() {
                file.append(&part.text)?;
            }
            Ok::<(), ScoreError>(())
        },
        observer,
    )?;
    observer.end();
    if let Some(problem) = broken {
        found.add(|| problem);
    }
    found.check(input, "line")?;
    file.finish()?;
    let name = input.display();
    let notices = header.notices().into_iter();
    Ok(Scored {
        rows,
        ineligible,
        notices: notices.map(|notice| format!("{name}: {notice}")).collect(),
    })
}

/// What was made of one block.
#[derive(Debug, Default)]
struct Part {
    text: Vec<u8>,
    found: Found,
    rows: u64,
    ineligible: u64,
}

fn score_block(block: &Block, header: &Header, added: &[Field], rules: &Rules) -> Part {
    let mut part = Part::default();
    let mut lists = Lists::default();
    let mut records = block.records();
    while let Some(record) = records.next() {
        let Some((name, Some(candidate))) = read_record(record, header, &mut part.found) else {
            continue;
        };
        let Ok(record) = record else { continue };
        part.rows += 1;
        let eligibility = rules.eligibility(&candidate).0;
        part.ineligible += u64::from(eligibility == 0);
        lists.add(eligibility, rules);
        let view = View::new(name, candidate, rules, &lists);
        for (cell, field) in record.cells().zip(&header.fields) {
            match field {
                Some(field) if field.column().is_added() => {
                    push_cell(&mut part.text, view.cell(*field));
                }
                _ => push_carried(&mut part.text, cell),
            }
            part.text.push(b',');
        }
        for &field in added {
            push_cell(&mut part.text, view.cell(field));
            part.text.push(b',');
        }
        end_row(&mut part.text);
    }
    part
}

/// Turns the last comma into the end of the row.
fn end_row(text: &mut [u8]) {
    if let Some(last) = text.last_mut() {
        *last = b'\n';
    }
}
