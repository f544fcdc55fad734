//! A pool made in pieces: some of its chunks alone, with the candidates that they have in the whole.
//! What a piece is for does not live here.

use std::ops::Range;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::pool::columns::Ids;

use super::drained::Absence;
use super::error::SynthesisError;
use super::generate::Submitted;
use super::rows::{self, CHUNK};
use super::source::{Key, Part, Source};
use super::submission::Times;

/// Candidates of a chunk, but of the last one.
pub const CANDIDATES_PER_CHUNK: u32 = CHUNK as u32;

/// A pool that is made in pieces, with what they have in common.
#[derive(Debug)]
pub struct Pieces<'s> {
    /// What they are made from.
    pub(super) source: &'s Source,
    /// What names their random numbers.
    pub(super) key: Key,
    /// Candidates of the whole.
    pub(super) size: usize,
    /// How many rows of each band each chunk holds, where there are bands.
    pub(super) quotas: Option<Vec<Vec<u32>>>,
    /// When profiles were submitted.
    pub(super) times: Times,
    /// Who is not there any more.
    pub(super) absence: Option<Absence>,
}

impl Pieces<'_> {
    /// Chunks of the whole pool.
    pub fn chunks(&self) -> u32 {
        self.size.div_ceil(CHUNK) as u32
    }

    /// Rows of the whole pool that some chunks fill.
    pub fn rows(&self, chunks: Range<u32>) -> Range<usize> {
        let row = |chunk: u32| (chunk as usize * CHUNK).min(self.size);
        row(chunks.start)..row(chunks.end)
    }

    /// Makes some chunks: the candidates who stand in [`Pieces::rows`] of the whole pool, by the
    /// same names.
    ///
    /// # Errors
    /// When a band cannot be filled.
    pub fn make(&self, chunks: Range<u32>) -> Result<Pool, SynthesisError> {
        self.make_with(chunks, 0, &Silent)
    }

    /// As [`Pieces::make`], followed by so many rows of zeros.
    pub(super) fn make_with(
        &self,
        chunks: Range<u32>,
        more: usize,
        observer: &dyn Observer,
    ) -> Result<Pool, SynthesisError> {
        let rows = self.rows(chunks.clone());
        let first = 1 + rows.start as u64;
        let mut pool = Pool::zeroed(rows.len() + more, Ids::Numbered { first });
        let submitted = Submitted::Drawn {
            times: &self.times,
            absence: self.absence.as_ref(),
        };
        let lengths = rows::chunks(rows.len());
        let parts = rows::parts(self.source.widened(&mut pool), 0..rows.len(), lengths);
        let parts = parts.into_iter().zip(chunks).map(|(rows, chunk)| Part {
            rows,
            numbers: self.key.stream(chunk.into()),
            quota: (self.quotas.as_ref()).map(|all| all[chunk as usize].clone()),
            submitted,
        });
        self.source.fill(parts.collect(), observer)?;
        Ok(pool)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::{Band, Bands};
    use crate::random::Purpose;
    use crate::rules::{Rules, RulesPatch};
    use crate::synthesis::Profile;
    use crate::units::Instant;

    #[test]
    fn a_pool_in_pieces_is_the_pool_in_one() {
        let date = jiff::civil::date(2024, 7, 1);
        let rules = Rules::on(date, &[], &RulesPatch::default()).unwrap();
        let profile = Profile::builtin("express-entry-2023").unwrap();
        let size = 3 * CHUNK as u64 + 1_000;
        let band = |low, high, count| Band { low, high, count };
        let bands = Bands(vec![
            band(501, 1200, 1_001),
            band(401, 500, 30_000),
            band(0, 400, size - 31_001),
        ]);
        let key = Key {
            seed: 3,
            purpose: Purpose::Pool,
            replicate: 0,
        };
        let at = Instant::start_of(date).unwrap();
        for bands in [None, Some(&bands)] {
            let source = Source::new(&profile, &rules, bands).unwrap();
            let whole = source.pool(key, size, at, 0, &Silent).unwrap();
            let pieces = source.pieces(key, size, at).unwrap();
            assert_eq!(pieces.chunks(), 4);
            for chunks in [0..1, 1..3, 3..4, 0..4, 2..2] {
                let piece = pieces.make(chunks.clone()).unwrap();
                let rows = pieces.rows(chunks);
                assert_eq!(piece.len(), rows.len());
                for (row, place) in rows.zip(0..) {
                    assert_eq!(piece.row(place), whole.row(row));
                    assert_eq!(piece.id(place), whole.id(row));
                }
            }
        }
    }
}
