//! Fills one chunk of a pool: candidates of the mixture, or of the bands in exact numbers.
//! Which candidates there are lives in `sampler`, where those of a band are found in `strata`.

use rand::Rng;
use rand::seq::SliceRandom;

use crate::random::Stream;

use super::calibrate::Calibration;
use super::drained::Absence;
use super::error::SynthesisError;
use super::rows::Rows;
use super::sampler::{BLOCK, Drawn, Gathered, Sampler};
use super::submission::Times;

/// Most draws for one candidate of a component; at the least share of eligible candidates that
/// the sampler allows, that is missed once in 10^91.
pub(super) const MOST_DRAWS: usize = 4_096;

/// Draws that a band may use for each of its rows in a chunk, and besides, before it counts as
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

impl Submitted<'_> {
    /// Whether past rounds left a candidate there. Where some took anybody, the candidate's
    /// submission is drawn here; elsewhere that waits until it is known who is kept.
    #[inline]
    fn is_there(self, drawn: &mut Drawn, numbers: &mut Stream) -> bool {
        let Submitted::Drawn {
            times,
            absence: Some(absence),
        } = self
        else {
            return true;
        };
        drawn.submitted = times.draw(numbers.next_u64());
        let (score, eligibility) = (drawn.score, drawn.eligibility);
        !absence.is_gone(score, eligibility, drawn.submitted, numbers.next_u64())
    }
}

/// What a thread goes on using from chunk to chunk.
#[derive(Default)]
pub(super) struct Scratch {
    drawn: Vec<Drawn>,
    gathered: Vec<Gathered>,
    /// Components of rows without an eligible candidate, and the rows.
    waiting: Vec<(u16, u16)>,
    order: Vec<u16>,
}

impl Scratch {
    /// Space for the candidates of so many rows, in the order of the rows.
    fn begin(&mut self, rows: usize) {
        // One more: where a candidate is written that is not kept.
        self.drawn.resize(rows + 1, Drawn::default());
        self.order.clear();
        self.order.extend((0..).take(rows));
    }
}

/// Every row from the whole mixture: a component by its share, and draws of it until a program
/// takes the candidate.
pub(super) fn fill(
    rows: &mut Rows<'_>,
    sampler: &Sampler,
    submitted: Submitted<'_>,
    scratch: &mut Scratch,
    numbers: &mut Stream,
) -> Result<(), SynthesisError> {
    scratch.begin(rows.len());
    let Scratch {
        drawn,
        gathered,
        waiting,
        order,
    } = scratch;
    waiting.clear();
    waiting.extend(
        (0..)
            .take(rows.len())
            .map(|row| (sampler.pick(numbers.next_u32()), row)),
    );
    // A row without an eligible candidate waits for the next turn: no branch depends on a draw.
    for _ in 0..MOST_DRAWS {
        if waiting.is_empty() {
            expand(rows, drawn, order, sampler, submitted, numbers);
            return Ok(());
        }
        let mut left = 0;
        for first in (0..waiting.len()).step_by(BLOCK) {
            let block = first..waiting.len().min(first + BLOCK);
            let components = waiting[block.clone()].iter().map(|entry| entry.0);
            gathered.clear();
            gathered.extend(components.map(|component| sampler.draw(component, numbers)));
            for (at, parts) in block.zip(gathered.iter()) {
                let mut candidate = sampler.judge(parts);
                let there = submitted.is_there(&mut candidate, numbers);
                let (_, row) = waiting[at];
                drawn[usize::from(row)] = candidate;
                waiting[left] = waiting[at];
                left += usize::from((candidate.eligibility == 0) | !there);
            }
        }
        waiting.truncate(left);
    }
    Err(SynthesisError::Unlucky)
}

/// Fills the quota of every band from its strata, in random order of rows; the error is the place
/// of a band that could not be filled.
pub(super) fn fill_bands(
    rows: &mut Rows<'_>,
    sampler: &Sampler,
    submitted: Submitted<'_>,
    calibration: &Calibration,
    quota: &[u32],
    scratch: &mut Scratch,
    numbers: &mut Stream,
) -> Result<(), usize> {
    scratch.begin(rows.len());
    let Scratch {
        drawn,
        gathered,
        order,
        ..
    } = scratch;
    let mut filled = 0;
    for (place, (band, &quota)) in calibration.bands().iter().zip(quota).enumerate() {
        if quota == 0 {
            continue;
        }
        let strata = calibration.strata(place).ok_or(place)?;
        let end = filled + quota as usize;
        let mut trials = u64::from(quota) * TRIALS_PER_ROW + TRIALS_BESIDES;
        while filled < end {
            let draws = BLOCK.min(2 * (end - filled) + 4);
            strata.gather(sampler, draws, gathered, numbers);
            for parts in gathered.iter() {
                let mut candidate = sampler.judge(parts);
                let there = submitted.is_there(&mut candidate, numbers);
                drawn[filled] = candidate;
                let kept = there
                    & (candidate.eligibility != 0)
                    & (candidate.score >= band.low)
                    & (candidate.score <= band.high)
                    & (filled < end);
                filled += usize::from(kept);
            }
            trials = trials.saturating_sub(draws as u64);
            if trials == 0 && filled < end {
                return Err(place);
            }
        }
    }
    order.shuffle(numbers);
    expand(rows, drawn, order, sampler, submitted, numbers);
    Ok(())
}

/// Writes candidates into the columns, each with a citizenship and a submission time.
fn expand(
    rows: &mut Rows<'_>,
    drawn: &[Drawn],
    order: &[u16],
    sampler: &Sampler,
    submitted: Submitted<'_>,
    numbers: &mut Stream,
) {
    for (row, &place) in order.iter().enumerate() {
        let candidate = &drawn[usize::from(place)];
        let bits = numbers.next_u64();
        rows.submitted[row] = match submitted {
            Submitted::Drawn {
                absence: Some(_), ..
            } => candidate.submitted,
            Submitted::Drawn { times, .. } => times.draw(bits),
            Submitted::Given(times) => times[row],
        };
        rows.citizenship[row] = sampler.citizenship(candidate.segment, (bits as u32) << 5).0;
        rows.age[row] = candidate.age;
        rows.noc[row] = candidate.noc;
        rows.english[row] = candidate.english;
        rows.french[row] = candidate.french;
        rows.spouse_language[row] = candidate.spouse_language;
        rows.traits[row] = candidate.traits;
        rows.noc_months[row] = candidate.noc_months;
        rows.score[row] = candidate.score;
        rows.eligibility[row] = candidate.eligibility;
    }
}
