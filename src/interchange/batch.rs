//! A row's cells, whatever file they come from, into a candidate.
//! Files are not opened here.

use crate::rules::Candidate;

use super::cells::Draft;
use super::columns::Field;
use super::problem::{Found, Problem};

/// Reads the cells of one row; `found` hears of all that is wrong.
///
/// The outcome holds the candidate when nothing is.
#[inline]
pub fn candidate<'c>(
    cells: impl Iterator<Item = (Field, &'c str)>,
    place: u64,
    found: &mut Found,
) -> Option<Candidate> {
    let mut draft = Draft::default();
    let mut whole = true;
    for (field, cell) in cells {
        if let Err(message) = draft.set(field, cell) {
            whole = false;
            found.add(|| Problem::of_row(place, message).in_column(field.column().name));
        }
    }
    whole.then(|| draft.finish())
}
