//! A pool's rows in fixed chunks, each of which is filled from one stream of random numbers.
//! What they are filled with lives in `generate`.

use std::ops::Range;

use rayon::prelude::*;

use crate::pool::Pool;
use crate::pool::eligibility::EligibilitiesMut;

/// Rows that one stream fills; part of what a seed means (value-breaking to change).
pub const CHUNK: usize = 1 << 14;

/// The rows of one chunk, column by column.
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

/// Some of the pool's rows in fixed chunks, the first of which begins with the first of them.
pub(super) fn chunks(
    pool: &mut Pool,
    rows: Range<usize>,
) -> impl IndexedParallelIterator<Item = Rows<'_>> {
    (
        pool.submitted[rows.clone()].par_chunks_mut(CHUNK),
        pool.age[rows.clone()].par_chunks_mut(CHUNK),
        pool.noc[rows.clone()].par_chunks_mut(CHUNK),
        pool.english[rows.clone()].par_chunks_mut(CHUNK),
        pool.french[rows.clone()].par_chunks_mut(CHUNK),
        pool.spouse_language[rows.clone()].par_chunks_mut(CHUNK),
        pool.traits[rows.clone()].par_chunks_mut(CHUNK),
        pool.noc_months[rows.clone()].par_chunks_mut(CHUNK),
        pool.citizenship[rows.clone()].par_chunks_mut(CHUNK),
        pool.score[rows.clone()].par_chunks_mut(CHUNK),
        pool.eligibility.chunks_mut(rows, CHUNK),
    )
        .into_par_iter()
        .map(
            |(
                submitted,
                age,
                noc,
                english,
                french,
                spouse_language,
                traits,
                noc_months,
                citizenship,
                score,
                eligibility,
            )| Rows {
                submitted,
                age,
                noc,
                english,
                french,
                spouse_language,
                traits,
                noc_months,
                citizenship,
                score,
                eligibility,
            },
        )
}
