//! A pool's rows in parts, each of which is filled from one stream of random numbers.
//! What they are filled with lives in `generate`.

use std::ops::Range;

use crate::pool::Pool;
use crate::pool::eligibility::EligibilitiesMut;

/// Most rows that one stream fills; part of what a seed means (value-breaking to change).
pub const CHUNK: usize = 1 << 14;

/// The rows of one part, column by column.
pub(super) struct Rows<'p> {
    pub submitted: &'p mut [u32],
    pub age: &'p mut [u8],
    pub noc: &'p mut [u16],
    pub english: &'p mut [u16],
    pub french: &'p mut [u16],
    pub spouse_language: &'p mut [u16],
    pub traits: &'p mut [u32],
    pub noc_months: &'p mut [u8],
    pub citizenship: &'p mut [u8],
    pub score: &'p mut [u16],
    pub eligibility: EligibilitiesMut<'p>,
}

impl Rows<'_> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.score.len()
    }
}

impl<'p> Rows<'p> {
    /// Takes the first ones away, as many as are asked for if there are.
    fn take(&mut self, length: usize) -> Rows<'p> {
        let length = length.min(self.len());
        Rows {
            submitted: first(&mut self.submitted, length),
            age: first(&mut self.age, length),
            noc: first(&mut self.noc, length),
            english: first(&mut self.english, length),
            french: first(&mut self.french, length),
            spouse_language: first(&mut self.spouse_language, length),
            traits: first(&mut self.traits, length),
            noc_months: first(&mut self.noc_months, length),
            citizenship: first(&mut self.citizenship, length),
            score: first(&mut self.score, length),
            eligibility: EligibilitiesMut {
                low: first(&mut self.eligibility.low, length),
                high: first(&mut self.eligibility.high, length),
            },
        }
    }
}

/// Takes the first of a column away; none of one that is empty.
fn first<'p, T>(column: &mut &'p mut [T], length: usize) -> &'p mut [T] {
    column.split_off_mut(..length).unwrap_or_default()
}

/// Some of the pool's rows in parts that follow each other, of these lengths.
pub(super) fn parts(
    pool: &mut Pool,
    rows: Range<usize>,
    lengths: impl Iterator<Item = usize>,
) -> Vec<Rows<'_>> {
    let mut left = Rows {
        submitted: &mut pool.submitted[rows.clone()],
        age: &mut pool.age[rows.clone()],
        noc: &mut pool.noc[rows.clone()],
        english: &mut pool.english[rows.clone()],
        french: &mut pool.french[rows.clone()],
        spouse_language: &mut pool.spouse_language[rows.clone()],
        traits: &mut pool.traits[rows.clone()],
        noc_months: &mut pool.noc_months[rows.clone()],
        citizenship: &mut pool.citizenship[rows.clone()],
        score: &mut pool.score[rows.clone()],
        eligibility: pool.eligibility.rows_mut(rows),
    };
    lengths.map(|length| left.take(length)).collect()
}

/// The lengths of fixed chunks of so many rows.
pub(super) fn chunks(rows: usize) -> impl Iterator<Item = usize> {
    (0..rows)
        .step_by(CHUNK)
        .map(move |first| CHUNK.min(rows - first))
}
