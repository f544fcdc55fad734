//! Fills one chunk of a pool: candidates of the mixture, or of the bands in exact numbers.
//! Which candidates there are lives in `sampler`, where those of a band or component are found in
//! `strata`.

use rand::Rng;
use rand::seq::SliceRandom;

use crate::pool::eligibility::EligibilitiesMut;
use crate::random::Stream;

use super::drained::Absence;
use super::rows::Rows;
use super::sampler::{BLOCK, Drawn, Gathered, Places, Sampler};
use super::strata::Strata;
use super::submission::Times;

/// Draws that a group may use for each of its rows in a chunk, and besides, before it counts as
/// out of reach.
const TRIALS_PER_ROW: u64 = 256;
const TRIALS_BESIDES: u64 = 1 << 20;

/// When the profiles of a chunk, or of a pool, were submitted.
#[derive(Clone, Copy)]
pub(super) enum Submitted<'t> {
    /// As the profile says, before some instant; who was invited by a past round is not there.
    Drawn {
        times: &'t Times,
        absence: Option<&'t Absence>,
    },
    /// At these times, row by row.
    Given(&'t [u32]),
}

/// What decides how many rows of a chunk each group of the strata fills.
#[derive(Clone, Copy)]
pub(super) enum Shares<'q> {
    /// Groups are bands: so many rows of each.
    Quota(&'q [u32]),
    /// Groups are components: each row is of one by its share.
    Mixture,
    /// There is one group.
    Whole,
}

/// Rows of a chunk that are drawn before the first is written, where their order does not matter.
const STRIP: usize = 1_024;

/// What a thread goes on using from chunk to chunk.
pub(super) struct Scratch {
    /// Candidates group by group.
    drawn: Vec<Drawn>,
    /// Where past rounds decide who is there, when each was submitted.
    times: Vec<u32>,
    gathered: Box<[Gathered; BLOCK]>,
    picked: Box<[Places; BLOCK]>,
    /// The group of each row.
    groups: Vec<u16>,
    /// Where the candidates of each group begin, and the next to be written in a row.
    next: Vec<u32>,
}

impl Default for Scratch {
    fn default() -> Self {
        Scratch {
            drawn: Vec::new(),
            times: Vec::new(),
            gathered: Box::new([Gathered::default(); BLOCK]),
            picked: Box::new([Places::default(); BLOCK]),
            groups: Vec::new(),
            next: Vec::new(),
        }
    }
}

impl Scratch {
    /// Gives every row a group, in random order.
    fn assign(&mut self, rows: usize, sampler: &Sampler, shares: Shares<'_>, numbers: &mut Stream) {
        self.groups.clear();
        self.next.clear();
        match shares {
            Shares::Whole => self.next.push(0),
            Shares::Quota(quota) => {
                for (group, &rows) in (0..).zip(quota) {
                    self.groups
                        .extend(std::iter::repeat_n(group, rows as usize));
                }
                self.groups.shuffle(numbers);
                self.next.extend_from_slice(quota);
            }
            Shares::Mixture => {
                self.groups.resize(rows, 0);
                self.next.resize(sampler.components().len(), 0);
                for pair in self.groups.chunks_mut(2) {
                    let bits = numbers.next_u64();
                    for (group, bits) in pair.iter_mut().zip([bits as u32, (bits >> 32) as u32]) {
                        *group = sampler.pick(bits);
                        self.next[usize::from(*group)] += 1;
                    }
                }
            }
        }
        let mut before = 0;
        for next in &mut self.next {
            before += std::mem::replace(next, before);
        }
    }
}

/// Fills the rows with candidates of each group whom a program takes; the error is the place of a
/// group that could not be filled.
pub(super) fn fill(
    rows: &mut Rows<'_>,
    sampler: &Sampler,
    strata: &Strata,
    shares: Shares<'_>,
    submitted: Submitted<'_>,
    scratch: &mut Scratch,
    numbers: &mut Stream,
) -> Result<(), usize> {
    let strip = match shares {
        Shares::Whole => STRIP,
        Shares::Quota(_) | Shares::Mixture => rows.len().max(1),
    };
    for first in (0..rows.len()).step_by(strip) {
        let range = first..rows.len().min(first + strip);
        scratch.assign(range.len(), sampler, shares, numbers);
        draw(range.len(), sampler, strata, submitted, scratch, numbers)?;
        let Scratch {
            drawn,
            times: drawn_times,
            groups,
            next,
            ..
        } = &mut *scratch;
        let submitted = |row: usize, place: usize, bits: u64| match submitted {
            Submitted::Drawn {
                absence: Some(_), ..
            } => drawn_times[place],
            Submitted::Drawn { times, .. } => times.draw(bits),
            Submitted::Given(times) => times[row],
        };
        if let Shares::Whole = shares {
            for (block, place) in drawn.chunks(BLOCK).zip((0..).step_by(BLOCK)) {
                let (first, time) = (first + place, |row, at, bits| {
                    submitted(row, place + at, bits)
                });
                write(rows, first, block, sampler, numbers, time);
            }
            continue;
        }
        let (mut block, mut places) = ([Drawn::default(); BLOCK], [0; BLOCK]);
        for (groups, first) in groups.chunks(BLOCK).zip(range.step_by(BLOCK)) {
            for ((group, to), place) in groups.iter().zip(&mut block).zip(&mut places) {
                let next = &mut next[usize::from(*group)];
                *place = *next as usize;
                *next += 1;
                *to = drawn[*place];
            }
            let block = &block[..groups.len()];
            let time = |row, at: usize, bits| submitted(row, places[at % BLOCK], bits);
            write(rows, first, block, sampler, numbers, time);
        }
    }
    Ok(())
}

/// Draws the candidates of each group, one group after the other.
fn draw(
    rows: usize,
    sampler: &Sampler,
    strata: &Strata,
    submitted: Submitted<'_>,
    scratch: &mut Scratch,
    numbers: &mut Stream,
) -> Result<(), usize> {
    scratch.drawn.resize(rows, Drawn::default());
    let absence = match submitted {
        Submitted::Drawn { times, absence } => absence.map(|absence| (times, absence)),
        Submitted::Given(_) => None,
    };
    if absence.is_some() {
        scratch.times.resize(rows, 0);
    }
    let Scratch {
        drawn,
        times,
        gathered,
        picked,
        next,
        ..
    } = scratch;
    for group in 0..next.len() {
        let mut filled = next[group] as usize;
        let end = next.get(group + 1).map_or(rows, |&end| end as usize);
        if filled == end {
            continue;
        }
        let strata = strata.of(group).ok_or(group)?;
        let mut trials = (end - filled) as u64 * TRIALS_PER_ROW + TRIALS_BESIDES;
        while filled < end {
            let draws = BLOCK.min(end - filled);
            strata.gather(sampler, draws, (&mut *picked, &mut *gathered), numbers);
            for parts in &gathered[..draws] {
                let candidate = sampler.judge(parts);
                drawn[filled] = candidate;
                let mut kept = (candidate.eligibility != 0) & strata.holds(candidate.score);
                if let Some((from, absence)) = absence {
                    let time = from.draw(numbers.next_u64());
                    times[filled] = time;
                    let (score, eligibility) = (candidate.score, candidate.eligibility);
                    kept &= !absence.is_gone(score, eligibility, time, numbers.next_u64());
                }
                filled += usize::from(kept);
            }
            trials = trials.saturating_sub(draws as u64);
            if trials == 0 && filled < end {
                return Err(group);
            }
        }
    }
    Ok(())
}

/// Writes a block of candidates into the columns, each with a citizenship and a submission time: by
/// row, place in the block and random bits.
#[inline]
fn write(
    rows: &mut Rows<'_>,
    first: usize,
    block: &[Drawn],
    sampler: &Sampler,
    numbers: &mut Stream,
    submitted: impl Fn(usize, usize, u64) -> u32,
) {
    let range = first..first + block.len();
    let times = &mut rows.submitted[range.clone()];
    let citizenships = &mut rows.citizenship[range.clone()];
    for (at, ((one, time), citizenship)) in block.iter().zip(times).zip(citizenships).enumerate() {
        let bits = numbers.next_u64();
        *time = submitted(first + at, at, bits);
        *citizenship = sampler.citizenship(one.segment, (bits as u32) << 5).0;
    }
    copy(&mut rows.age[range.clone()], block, |one| one.age);
    copy(&mut rows.noc[range.clone()], block, |one| one.noc);
    copy(&mut rows.english[range.clone()], block, |one| one.english);
    copy(&mut rows.french[range.clone()], block, |one| one.french);
    let spouses = &mut rows.spouse_language[range.clone()];
    copy(spouses, block, |one| one.spouse_language);
    copy(&mut rows.traits[range.clone()], block, |one| one.traits);
    let months = &mut rows.noc_months[range.clone()];
    copy(months, block, |one| one.noc_months);
    copy(&mut rows.score[range.clone()], block, |one| one.score);
    let EligibilitiesMut { low, high } = &mut rows.eligibility;
    copy(&mut low[range.clone()], block, |one| one.eligibility as u16);
    if let Some(high) = high.get_mut(range) {
        copy(high, block, |one| (one.eligibility >> 16) as u16);
    }
}

/// One column of a block.
#[inline]
fn copy<T>(column: &mut [T], block: &[Drawn], of: impl Fn(&Drawn) -> T) {
    for (to, from) in column.iter_mut().zip(block) {
        *to = of(from);
    }
}
