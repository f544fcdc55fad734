//! One replicate whose pool nobody holds whole: it is made in parts that come and go wherever there
//! is room, and what comes back of them is counts, and the candidates who may be invited.
//! Where parts are made does not live here; rounds along a timeline are not spread.
//!
//! A part is some chunks of the pool. Of everybody in it is counted, for each round, who is in the
//! pool and whom the round ranks, as if nobody had been invited. From the sums follows a score for
//! each round that whoever it invites reaches (`floors`), whatever the rounds before it took. The
//! candidates who reach it, the contenders, are few, and the rounds are drawn on them by the engine
//! (`contenders`): cut-offs, tie-breaks and the invited are those of the whole pool, and of the
//! counts those are taken off who were invited before.
//!
//! A part guesses the floors from its own counts and sends its contenders with them. Where the
//! guess was too high the part is made once more, with the floors that were asked for.

mod contenders;
mod floors;
mod gathered;
mod part;
mod questions;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use floors::Floors;
pub use part::PoolParts;

use crate::scenario::Plan;
use crate::study::kept::Keeper;
use crate::study::replicate::Replicate;
use crate::study::run::RunError;
use crate::synthesis::pieces::CANDIDATES_PER_CHUNK;

use gathered::{Gathered, Keeping};
use questions::Questions;

/// Parts of a pool, about, at most, and the candidates of one where nobody says how many.
const MOST_PARTS: u64 = 200;
const LEAST_CANDIDATES: u64 = 1 << 20;
const MOST_CANDIDATES: u64 = 1 << 23;

/// A replicate that is spread.
#[derive(Debug)]
pub struct Spread<'p> {
    plan: &'p Plan,
    chunks: u32,
}

/// What is to be made for a replicate that is spread.
#[derive(Debug)]
pub struct Pass<'a> {
    /// The parts that are missing.
    pub missing: Vec<Range<u32>>,
    /// Lowest scores of the contenders; none where they are not known yet.
    pub floors: Option<&'a Floors>,
    /// Contenders of all parts, at most; none where that is not known yet.
    pub contenders: Option<u64>,
}

impl<'p> Spread<'p> {
    /// The first replicate of a plan in parts of about so many candidates; none where it cannot be
    /// spread: along a timeline, or on candidates of a file.
    pub fn of(plan: &'p Plan, candidates: Option<u32>) -> Option<Self> {
        if plan.timeline.is_some() || plan.pool.file.is_some() {
            return None;
        }
        let suits = (plan.pool.size / MOST_PARTS).clamp(LEAST_CANDIDATES, MOST_CANDIDATES);
        let candidates = candidates.map_or(suits, u64::from);
        let chunks = candidates.div_ceil(u64::from(CANDIDATES_PER_CHUNK)).max(1);
        Some(Spread {
            plan,
            chunks: chunks as u32,
        })
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Chunks of a part.
    pub fn chunks(&self) -> u32 {
        self.chunks
    }

    /// Number of parts.
    pub fn parts(&self) -> u32 {
        part::count(self.plan, self.chunks)
    }

    /// Comes to the replicate: `make` has the parts of a pass made, for [`PoolParts::new`] with the
    /// same chunks and floors, and given to the keeper that comes with it. Parts that `kept` has are not
    /// made again, and others are kept there: those of the first pass by their numbers, those that are
    /// made with floors by the numbers behind them. Parts of other chunks are other parts, and not
    /// used again.
    ///
    /// # Errors
    /// What `make` fails with, or a check of the engine that does not hold.
    pub fn replicate<E: From<RunError>>(
        &self,
        kept: &dyn Keeper,
        mut make: impl FnMut(&Pass<'_>, &dyn Keeper) -> Result<(), E>,
    ) -> Result<Replicate, E> {
        let (plan, questions) = (self.plan, Questions::of(self.plan));
        let gathered = Gathered::new(&questions);
        let parts = self.parts();
        let first = Keeping::take_up(&gathered, kept, 0, 0..parts);
        let mut pass = Pass {
            missing: gathered.missing(parts),
            floors: None,
            contenders: None,
        };
        make(&pass, &first)?;
        let counts = gathered.counts(plan, parts)?;
        let floors = Floors::exact(plan, &questions, &counts);
        let short = gathered.short_of(&floors, parts);
        let again = Keeping::take_up(&gathered, kept, parts, short.into_iter().flatten());
        pass.missing = gathered.short_of(&floors, parts);
        if !pass.missing.is_empty() {
            pass.floors = Some(&floors);
            pass.contenders = Some(floors.reaching(&counts));
            make(&pass, &again)?;
        }
        let pool = gathered.contenders(plan, &floors, parts)?;
        Ok(contenders::draw(plan, &questions, &counts, &floors, pool)?)
    }
}
