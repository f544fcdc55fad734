//! A pool as CSV: rows are made in parallel, in fixed tasks, and written in order while the next
//! ones are made. What stands in a cell is said in `values`.

use rayon::prelude::*;

use crate::observe::Observer;
use crate::output::text::push_cell;
use crate::output::{NewFile, OutputError};
use crate::pool::Pool;
use crate::rules::Rules;

use super::columns::COLUMNS;
use super::values::{Lists, View};

/// Rows that one task makes.
const ROWS_PER_TASK: usize = 1 << 12;
/// Tasks whose rows are made while the earlier ones are written.
const TASKS_PER_WAVE: usize = 16;

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
    let tasks = pool.len().div_ceil(ROWS_PER_TASK);
    let (mut made, mut written) = (Vec::new(), Vec::new());
    let mut from = 0;
    while from < tasks || !written.is_empty() {
        let to = (from + TASKS_PER_WAVE).min(tasks);
        made.resize_with(to - from, Vec::new);
        let (_, done) = rayon::join(
            || {
                made.par_iter_mut().enumerate().for_each(|(place, text)| {
                    format_task(pool, rules, from + place, text);
                });
            },
            || {
                written
                    .iter()
                    .try_for_each(|text: &Vec<u8>| file.append(text))
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

/// The rows of a task.
fn format_task(pool: &Pool, rules: &Rules, task: usize, text: &mut Vec<u8>) {
    let rows = task * ROWS_PER_TASK..((task + 1) * ROWS_PER_TASK).min(pool.len());
    let lists = Lists::of(pool.eligibility[rows.clone()].iter().copied(), rules);
    text.clear();
    for row in rows {
        let view = View::of_row(pool, row, rules, &lists);
        for column in COLUMNS {
            push_cell(text, view.cell(column.field));
            text.push(b',');
        }
        if let Some(last) = text.last_mut() {
            *last = b'\n';
        }
    }
}
