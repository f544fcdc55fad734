//! A row's cells, whatever file they come from, into a scored candidate.
//! Files are not opened here.

use crate::pool::Packed;
use crate::rules::{Candidate, Rules};

use super::cells::Draft;
use super::columns::Field;
use super::gather::Gathered;
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

impl Gathered {
    /// Adds a candidate with its points and eligibility.
    #[inline]
    pub fn add(&mut self, name: &str, candidate: &Candidate, place: u64, rules: &Rules) {
        let score = rules.points(candidate).total();
        self.names.push(name);
        self.rows
            .push(Packed::new(candidate, score, rules.eligibility(candidate)));
        self.places.push(place);
    }
}
