//! A part of a pool: made, counted, looked through for contenders, and gone but for what goes into
//! its bytes. What is done with them lives in `gathered`.

use rayon::prelude::*;

use crate::pool::counts::Counts;
use crate::pool::{Packed, Pool};
use crate::scenario::Plan;
use crate::study::kept::{Parts, Stored, stored_fields};
use crate::study::population::Origin;
use crate::study::run::RunError;
use crate::synthesis::Pieces;
use crate::synthesis::pieces::CANDIDATES_PER_CHUNK;

use super::floors::Floors;
use super::questions::Questions;

/// Contenders by a guess are sent where they are this share of a part at most, or so few.
const GUESSED_SHARE: usize = 64;
const GUESSED_FEW: usize = 1 << 10;

/// How many parts of so many chunks a pool is made in.
pub(super) fn count(plan: &Plan, chunks: u32) -> u32 {
    let candidates = u64::from(chunks) * u64::from(CANDIDATES_PER_CHUNK);
    plan.pool.size.div_ceil(candidates) as u32
}

/// The parts of a plan's first replicate, wherever they are made.
#[derive(Debug)]
pub struct PoolParts<'o> {
    plan: &'o Plan,
    pieces: Pieces<'o>,
    questions: Questions,
    chunks: u32,
    floors: Option<Floors>,
}

impl<'o> PoolParts<'o> {
    /// Parts of so many chunks: the counts of each with a guess at its contenders or, where floors
    /// are known, the contenders alone. None where the plan cannot be spread, or the floors are not
    /// its own.
    ///
    /// # Errors
    /// When the pool is empty or too large.
    pub fn new(
        origin: &'o Origin<'_>,
        chunks: u32,
        floors: Option<&[u16]>,
    ) -> Result<Option<Self>, RunError> {
        let plan = origin.plan();
        let questions = Questions::of(plan);
        let floors = match floors.map(|floors| Floors::of(floors, &questions)) {
            Some(None) => return Ok(None),
            known => known.flatten(),
        };
        let pieces = origin.pieces(0)?;
        let pieces = pieces.filter(|_| plan.timeline.is_none() && chunks > 0);
        Ok(pieces.map(|pieces| PoolParts {
            plan,
            pieces,
            questions,
            chunks,
            floors,
        }))
    }

    /// The contenders of a part, in order of their rows.
    fn contenders(&self, pool: &mut Pool, floors: &Floors) -> Vec<usize> {
        let mut rows: Vec<usize> = Vec::new();
        self.questions
            .ask(self.plan, pool, |place, question, pool| {
                let reaching = (0..pool.len()).into_par_iter().filter(|&row| {
                    floors.reached(place, pool.score[row]) && question.holds(pool, row)
                });
                rows.par_extend(reaching);
            });
        rows.sort_unstable();
        rows.dedup();
        rows
    }
}

impl Parts for PoolParts<'_> {
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError> {
        let all = self.pieces.chunks();
        let first = number.saturating_mul(self.chunks).min(all);
        let chunks = first..first.saturating_add(self.chunks).min(all);
        let before = self.pieces.rows(chunks.clone()).start;
        let mut pool = self.pieces.make(chunks)?;
        let mut part = Part::default();
        let mut floors = match &self.floors {
            Some(floors) => floors.clone(),
            None => {
                part.counts = self.questions.count(self.plan, &mut pool);
                let share = pool.len() as f64 / self.plan.pool.size as f64;
                Floors::guessed(self.plan, &self.questions, &part.counts, share)
            }
        };
        let mut rows = self.contenders(&mut pool, &floors);
        if self.floors.is_none() && rows.len() > (pool.len() / GUESSED_SHARE).max(GUESSED_FEW) {
            floors = Floors::nobody(&self.questions);
            rows.clear();
        }
        part.floors = floors.scores().to_vec();
        part.contenders = (rows.into_iter())
            .map(|row| ((before + row) as u32, pool.row(row)))
            .collect();
        Ok(part.bytes())
    }
}

/// What comes back of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// The answers to the questions, or none where they are known.
    pub counts: Vec<Counts>,
    /// Lowest scores of the contenders, by question.
    pub floors: Vec<u16>,
    /// The contenders by row of the whole pool, scored by the first rules.
    pub contenders: Vec<(u32, Packed)>,
}

stored_fields!(Part {
    counts,
    floors,
    contenders
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::columns::Ids;
    use crate::pool::counts::tally;

    #[test]
    fn a_part_is_read_back_and_nothing_else_is() {
        let mut pool = Pool::zeroed(300, Ids::Numbered { first: 1 });
        pool.score = (0..300).collect();
        let part = Part {
            counts: vec![
                tally(&pool, |_| true).counts(|_| true),
                tally(&pool, |row| row > 7).counts(|_| true),
            ],
            floors: vec![3, 1_201],
            contenders: vec![(7, pool.row(7)), (u32::MAX, pool.row(299))],
        };
        let bytes = part.bytes();
        for cut in [0, 1, 7, 8, 9, 20_000, bytes.len() - 1] {
            assert_eq!(Part::from_bytes(&bytes[..cut]), None, "{cut}");
        }
        assert_eq!(Part::from_bytes(&bytes), Some(part));
    }
}
