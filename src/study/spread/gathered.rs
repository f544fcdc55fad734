//! What came back of the parts so far: sums of their counts, and their contenders.
//! What a part is lives in `part`.

use std::collections::BTreeMap;
use std::error::Error;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::pool::columns::Ids;
use crate::pool::counts::Counts;
use crate::pool::groups::ScoreGroup;
use crate::pool::{Packed, Pool};
use crate::scenario::Plan;
use crate::study::checks::ensure;
use crate::study::kept::{Keeper, Stored};
use crate::study::run::RunError;

use super::floors::Floors;
use super::part::Part;
use super::questions::Questions;

/// The parts that are there.
#[derive(Debug)]
pub(super) struct Gathered<'q> {
    questions: &'q Questions,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// Sums over the parts that were counted.
    counts: Vec<Counts>,
    parts: BTreeMap<u32, Contenders>,
}

#[derive(Debug)]
struct Contenders {
    floors: Floors,
    rows: Vec<(u32, Packed)>,
}

/// Gathers the parts of a pass, and has them kept elsewhere too, by numbers from `first` on.
pub(super) struct Keeping<'a> {
    gathered: &'a Gathered<'a>,
    kept: &'a dyn Keeper,
    first: u32,
}

impl<'a> Keeping<'a> {
    /// Gathers those of the parts that were kept before.
    pub fn take_up(
        gathered: &'a Gathered<'a>,
        kept: &'a dyn Keeper,
        first: u32,
        parts: impl IntoIterator<Item = u32>,
    ) -> Self {
        for number in parts {
            if let Some(bytes) = kept.find(first + number) {
                // What cannot be read is made anew.
                let _ = gathered.take(number, &bytes);
            }
        }
        Keeping {
            gathered,
            kept,
            first,
        }
    }
}

impl Keeper for Keeping<'_> {
    fn find(&self, _: u32) -> Option<Vec<u8>> {
        None
    }

    fn keep(
        &self,
        number: u32,
        bytes: &dyn Fn() -> Vec<u8>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.gathered.take(number, &bytes())?;
        self.kept.keep(self.first + number, bytes)
    }
}

impl<'q> Gathered<'q> {
    pub fn new(questions: &'q Questions) -> Self {
        Gathered {
            questions,
            held: Mutex::default(),
        }
    }

    /// Takes a part in, which comes in the place of one that came before.
    ///
    /// # Errors
    /// When it is none, or one of another pool.
    pub fn take(&self, number: u32, bytes: &[u8]) -> Result<(), Box<dyn Error + Send + Sync>> {
        let part = Part::from_bytes(bytes).ok_or("what came is no part of a pool")?;
        let floors = Floors::of(&part.floors, self.questions)
            .ok_or("the part that came is one of another pool")?;
        let mut held = self.lock();
        let is_new = !held.parts.contains_key(&number);
        if is_new && held.counts.is_empty() {
            held.counts = part.counts;
        } else if is_new {
            for (sum, counts) in held.counts.iter_mut().zip(&part.counts) {
                sum.add(counts);
            }
        }
        let rows = part.contenders;
        held.parts.insert(number, Contenders { floors, rows });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answers to the questions, once so many parts are there.
    ///
    /// # Errors
    /// When they are not those of the pool.
    pub fn counts(&self, plan: &Plan, parts: u32) -> Result<Vec<Counts>, RunError> {
        let held = self.lock();
        let check = || {
            ensure(held.parts.len() == parts as usize, || {
                format!("{} of {parts} parts of the pool came", held.parts.len())
            })?;
            ensure(held.counts.len() == self.questions.len(), || {
                let (came, asked) = (held.counts.len(), self.questions.len());
                format!("{came} counts came where {asked} were asked for")
            })?;
            // The first question asks for everybody, by the scores that they were made with.
            let everybody = &held.counts[0];
            let (total, size) = (everybody.total(), plan.pool.size);
            ensure(total == size, || {
                format!("{total} of {size} candidates were made")
            })?;
            let scores = everybody.scores(ScoreGroup::Everybody);
            let bands = plan.pool.bands.iter().flat_map(|bands| &bands.0);
            bands.into_iter().try_for_each(|band| {
                let (low, high) = (usize::from(band.low), usize::from(band.high));
                let scores = scores.iter().enumerate();
                let within = scores.filter(|(score, _)| (low..=high).contains(score));
                let held: u64 = within.map(|(_, count)| count).sum();
                ensure(held == band.count, || {
                    let wanted = band.count;
                    format!("band {low}-{high} holds {held} candidates where {wanted} belong")
                })
            })
        };
        check().map_err(|what| RunError::check(plan, 0, None, what))?;
        Ok(held.counts.clone())
    }

    /// The parts that are not there.
    pub fn missing(&self, parts: u32) -> Vec<Range<u32>> {
        self.short_of(&Floors::nobody(self.questions), parts)
    }

    /// The parts whose contenders do not reach down to these floors, or are not there.
    pub fn short_of(&self, floors: &Floors, parts: u32) -> Vec<Range<u32>> {
        let held = self.lock();
        let covered = |number: u32| {
            let part: Option<&Contenders> = held.parts.get(&number);
            part.is_some_and(|part| part.floors.cover(floors))
        };
        let mut short: Vec<Range<u32>> = Vec::new();
        for number in (0..parts).filter(|&number| !covered(number)) {
            match short.last_mut() {
                Some(range) if range.end == number => range.end += 1,
                _ => short.push(number..number + 1),
            }
        }
        short
    }

    /// A pool of the contenders of all parts, once they reach down to these floors.
    ///
    /// # Errors
    /// When they do not, or do not stand in order.
    pub fn contenders(&self, plan: &Plan, floors: &Floors, parts: u32) -> Result<Pool, RunError> {
        let failed = |what: &str| RunError::check(plan, 0, None, what.to_owned());
        if !self.short_of(floors, parts).is_empty() {
            return Err(failed("contenders are missing"));
        }
        let all = std::mem::take(&mut self.lock().parts);
        let count = all.values().map(|part| part.rows.len()).sum();
        let mut numbers = Vec::with_capacity(count);
        let mut pool = Pool::zeroed(0, Ids::Some([].into()));
        pool.reserve(count);
        for part in all.into_values() {
            // Candidates are numbered from 1.
            numbers.extend(part.rows.iter().map(|&(row, _)| row.saturating_add(1)));
            let rows: Vec<Packed> = part.rows.iter().map(|&(_, packed)| packed).collect();
            pool.extend(&rows);
        }
        if !numbers.is_sorted_by(|one, other| one < other) {
            return Err(failed("contenders do not stand in order"));
        }
        pool.ids = Ids::Some(numbers.into());
        Ok(pool)
    }
}
