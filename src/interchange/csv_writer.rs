//! A pool as CSV: rows are made in parallel, in fixed tasks, and written in order while the next
//! ones are made. What stands in a cell is said in `indices`.

use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::table::Cell;
use crate::output::text::{push_boolean, push_cell, push_integer, push_text, push_time};
use crate::output::{NewFile, OutputError};
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::rules::Rules;

use super::columns::{COLUMNS, Field};
use super::indices::{Dictionary, Memberships, NONE, Person, push_indices};

/// Rows that one task makes.
const ROWS_PER_TASK: usize = 1 << 10;
/// Tasks whose rows are made while the earlier ones are written.
const TASKS_PER_WAVE: usize = 64;
/// Bytes that most cells fit into with their comma: they are copied as a block of that size.
const SHORT: usize = 16;
/// Numbers whose text is kept ready: points and everything else are below.
const READY: u32 = 1_300;

/// Writes a pool.
///
/// # Errors
/// When the file cannot be written.
pub fn write(
    pool: &Pool,
    rules: &Rules,
    mut file: NewFile,
    observer: &dyn Observer,
) -> Result<(), OutputError> {
    let names: Vec<&str> = COLUMNS.iter().map(|column| column.name).collect();
    file.append(format!("{}\n", names.join(",")).as_bytes())?;
    observer.begin("writing", pool.len() as u64);
    let texts = Texts::of(pool, rules);
    let tasks = pool.len().div_ceil(ROWS_PER_TASK);
    let (mut made, mut written): (Vec<Rows>, Vec<Rows>) = (Vec::new(), Vec::new());
    let mut from = 0;
    while from < tasks || !written.is_empty() {
        let to = (from + TASKS_PER_WAVE).min(tasks);
        made.resize_with(to - from, Rows::default);
        let (_, done) = rayon::join(
            || {
                made.par_iter_mut().enumerate().for_each(|(place, rows)| {
                    format_task(pool, rules, &texts, from + place, rows);
                });
            },
            || {
                written
                    .iter()
                    .try_for_each(|rows| file.append(&rows.bytes[..rows.filled]))
            },
        );
        done?;
        let rows = (to * ROWS_PER_TASK).min(pool.len()) - (from * ROWS_PER_TASK).min(pool.len());
        observer.advance(rows as u64);
        from = to;
        std::mem::swap(&mut made, &mut written);
    }
    observer.end();
    file.finish()
}

/// The text of every value of a column with the comma after it, ready to be copied.
struct Texts {
    memberships: Memberships,
    columns: Vec<Option<Vec<Text>>>,
}

/// A cell with the comma after it.
#[derive(Debug, Clone)]
struct Text {
    short: [u8; SHORT],
    length: usize,
    /// The whole of it, where it does not fit into `short`.
    long: Option<Box<[u8]>>,
}

impl Text {
    fn of(push: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut cell = Vec::new();
        push(&mut cell);
        cell.push(b',');
        let mut short = [0; SHORT];
        let fits = cell.len() <= SHORT;
        if fits {
            short[..cell.len()].copy_from_slice(&cell);
        }
        Text {
            short,
            length: cell.len(),
            long: (!fits).then(|| cell.into_boxed_slice()),
        }
    }
}

impl Texts {
    fn of(pool: &Pool, rules: &Rules) -> Self {
        let memberships = Memberships::of(&pool.eligibility, 0..pool.len(), rules);
        let column = |field| {
            let texts: Vec<Text> = match memberships.dictionary(field)? {
                Dictionary::Flags => [false, true]
                    .map(|flag| Text::of(|cell| push_boolean(cell, flag)))
                    .to_vec(),
                Dictionary::Numbers => (0..READY)
                    .map(|number| Text::of(|cell| push_integer(cell, number.into())))
                    .collect(),
                Dictionary::Texts(texts) => texts
                    .iter()
                    .map(|text| Text::of(|cell| push_text(cell, text)))
                    .collect(),
            };
            Some(texts)
        };
        let columns = COLUMNS.iter().map(|of| column(of.field)).collect();
        Texts {
            memberships,
            columns,
        }
    }
}

/// Rows as bytes, to be filled again and again.
#[derive(Debug, Default)]
struct Rows {
    bytes: Vec<u8>,
    filled: usize,
}

impl Rows {
    /// Appends a cell with its comma. Short ones are copied as a block of fixed size, what is too
    /// much of it being overwritten by the next.
    #[inline]
    fn push(&mut self, text: &Text) {
        match &text.long {
            None => {
                let end = self.filled + SHORT;
                if end > self.bytes.len() {
                    self.bytes.resize(end * 2, 0);
                }
                self.bytes[self.filled..end].copy_from_slice(&text.short);
                self.filled += text.length;
            }
            Some(long) => self.push_bytes(long),
        }
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        let end = self.filled + bytes.len();
        if end > self.bytes.len() {
            self.bytes.resize(end * 2, 0);
        }
        self.bytes[self.filled..end].copy_from_slice(bytes);
        self.filled = end;
    }

    /// Appends what `push` makes, and a comma.
    fn push_with(&mut self, scratch: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
        scratch.clear();
        push(scratch);
        scratch.push(b',');
        self.push_bytes(scratch);
    }
}

/// The rows of a task.
fn format_task(pool: &Pool, rules: &Rules, texts: &Texts, task: usize, rows: &mut Rows) {
    let first = task * ROWS_PER_TASK;
    let people: Vec<Person> = (first..(first + ROWS_PER_TASK).min(pool.len()))
        .map(|row| Person::of_row(pool, row, rules, &texts.memberships))
        .collect();
    let mut indices = Vec::with_capacity(people.len() * COLUMNS.len());
    let columns: Vec<(Field, Option<&[Text]>, usize)> = COLUMNS
        .iter()
        .zip(&texts.columns)
        .map(|(column, texts)| {
            let from = indices.len();
            push_indices(column.field, &people, &mut indices);
            (column.field, texts.as_deref(), from)
        })
        .collect();
    let (mut scratch, empty) = (Vec::new(), Text::of(|_| {}));
    rows.filled = 0;
    for (row, person) in people.iter().enumerate() {
        for &(field, texts, from) in &columns {
            match (field, texts) {
                (_, Some(texts)) => match indices[from + row] {
                    NONE => rows.push(&empty),
                    index => match texts.get(index as usize) {
                        Some(text) => rows.push(text),
                        None => {
                            rows.push_with(&mut scratch, |cell| push_integer(cell, index.into()));
                        }
                    },
                },
                (Field::SubmittedAt, None) => {
                    rows.push_with(&mut scratch, |cell| push_time(cell, person.submitted_at()));
                }
                (_, None) => rows.push_with(&mut scratch, |cell| {
                    push_cell(cell, id(pool, first + row));
                }),
            }
        }
        rows.bytes[rows.filled - 1] = b'\n';
    }
}

/// The name of a candidate.
fn id(pool: &Pool, row: usize) -> Cell<'_> {
    match &pool.ids {
        Ids::Numbered { first } => Cell::Integer(first + row as u64),
        Ids::Some(numbers) => Cell::Integer(u64::from(numbers[row])),
        Ids::Text(names) => Cell::Text(&names[row]),
    }
}
