//! A pool from a profile: fixed chunks in parallel, each with its own stream and quotas.
//! Which candidates there are lives in `sampler`, which of them are wanted in `calibrate`.

use rayon::prelude::*;

use rand::Rng;

use crate::observe::Observer;
use crate::pool::columns::Ids;
use crate::pool::{Bands, Packed, Pool};
use crate::random::{Purpose, Stream, stream};
use crate::rules::Rules;
use crate::units::Instant;

use super::calibrate::{Calibration, NO_BAND, TRIALS_PER_ROW, quotas};
use super::drained::Absence;
use super::error::SynthesisError;
use super::profile::Profile;
use super::sampler::Sampler;
use super::submission::Times;

/// Rows that one stream fills; part of what a seed means (value-breaking to change).
pub const CHUNK: usize = 1 << 16;

/// Most candidates of a pool: rows are numbered with 32 bits.
pub const MOST_CANDIDATES: u64 = u32::MAX as u64;

/// Trials of the whole mixture for each row of a chunk, before components are chosen by what is
/// still open: those trials keep the mixture of every band exactly.
const PLAIN_TRIALS_PER_ROW: f64 = 1.5;

/// What pool is wanted.
#[derive(Debug, Clone, Copy)]
pub struct PoolRequest<'a> {
    /// Seed of the scenario.
    pub seed: u64,
    /// What the candidates are for: it keeps the streams of a pool and of arrivals apart.
    pub purpose: Purpose,
    /// Replicate, from 0.
    pub replicate: u32,
    /// Candidates.
    pub size: u64,
    /// The instant the pool stands for: submissions lie in the 365 days up to it.
    pub at: Instant,
    /// Exact counts by band; they must add up to the size.
    pub bands: Option<&'a Bands>,
    /// The population.
    pub profile: &'a Profile,
}

/// Makes a pool: every candidate is eligible for a program, every score comes from the rules, and
/// with bands each holds exactly its count. The same request gives the same pool whatever the
/// number of threads.
///
/// # Errors
/// When the size is zero or too large, the bands do not fit it, or the profile cannot fill them.
pub fn generate(
    request: &PoolRequest<'_>,
    rules: &Rules,
    observer: &dyn Observer,
) -> Result<Pool, SynthesisError> {
    let size = checked_size(request)?;
    let mut sampler = Sampler::new(request.profile, rules)?;
    let calibration = match request.bands {
        None => None,
        Some(bands) => Some(Calibration::fit(
            bands,
            &mut sampler,
            request.seed,
            &request.profile.name,
        )?),
    };
    let quotas = calibration
        .as_ref()
        .map(|calibration| quotas(calibration.bands(), request.size, CHUNK as u64));
    let times = Times::new(&request.profile.submission, request.at);
    // Those who arrive later were invited by no past round.
    let absence = (request.purpose == Purpose::Pool)
        .then(|| Absence::new(&request.profile.drained, rules, request.at))
        .flatten();
    let arrival = Submitted {
        times: &times,
        absence: absence.as_ref(),
    };
    let mut pool = Pool::zeroed(size, Ids::Numbered { first: 1 });
    observer.begin("candidates", request.size);
    let outcomes: Vec<Result<(), SynthesisError>> = chunks(&mut pool)
        .enumerate()
        .map(|(chunk, mut rows)| {
            let mut numbers = stream(
                request.seed,
                request.purpose,
                request.replicate,
                chunk as u64,
            );
            let filled = match (&calibration, &quotas) {
                (Some(calibration), Some(quotas)) => {
                    let filled = fill_bands(
                        &mut rows,
                        &sampler,
                        &arrival,
                        calibration,
                        &quotas[chunk],
                        &mut numbers,
                    )?;
                    if !filled {
                        return Err(calibration.unreachable(&request.profile.name));
                    }
                    Ok(())
                }
                _ => fill(&mut rows, &sampler, &arrival, &mut numbers),
            };
            observer.advance(rows.len() as u64);
            filled
        })
        .collect();
    observer.end();
    outcomes.into_iter().collect::<Result<(), _>>()?;
    Ok(pool)
}

fn checked_size(request: &PoolRequest<'_>) -> Result<usize, SynthesisError> {
    let size = request.size;
    let too_large = SynthesisError::TooLarge {
        size,
        most: MOST_CANDIDATES,
    };
    if size == 0 {
        return Err(SynthesisError::Empty);
    }
    if size > MOST_CANDIDATES {
        return Err(too_large);
    }
    if let Some(bands) = request.bands.filter(|bands| bands.total() != size) {
        return Err(SynthesisError::Total {
            bands: bands.total(),
            size,
        });
    }
    usize::try_from(size).map_err(|_| too_large)
}

/// When candidates submitted, and whether past rounds left them there.
struct Submitted<'p> {
    times: &'p Times,
    absence: Option<&'p Absence>,
}

impl Submitted<'_> {
    /// Sets a candidate's submission time; false where a past round invited them.
    #[inline]
    fn is_there(&self, drawn: &mut Packed, numbers: &mut Stream) -> bool {
        drawn.submitted = self.times.draw(numbers.next_u64());
        match self.absence {
            None => true,
            Some(absence) => !absence.is_gone(drawn, numbers.next_u64()),
        }
    }
}

/// Every row from the whole mixture.
fn fill(
    rows: &mut Rows<'_>,
    sampler: &Sampler<'_>,
    submitted: &Submitted<'_>,
    numbers: &mut Stream,
) -> Result<(), SynthesisError> {
    const MOST_DRAWS: u32 = 4_096;
    for row in 0..rows.len() {
        let mut draws = 0;
        let drawn = loop {
            let mut drawn = sampler.draw(numbers, Instant::from_seconds(0))?;
            if submitted.is_there(&mut drawn, numbers) {
                break drawn;
            }
            draws += 1;
            if draws == MOST_DRAWS {
                return Err(SynthesisError::Unlucky);
            }
        };
        rows.set(row, &drawn);
    }
    Ok(())
}

/// Every row from the mixture as long as its band is open; what is then still open from the
/// components that reach it. Says whether all quotas were filled within the trials allowed.
fn fill_bands(
    rows: &mut Rows<'_>,
    sampler: &Sampler<'_>,
    submitted: &Submitted<'_>,
    calibration: &Calibration,
    quota: &[u32],
    numbers: &mut Stream,
) -> Result<bool, SynthesisError> {
    let mut open = [0u32; 256];
    open[..quota.len()].copy_from_slice(quota);
    debug_assert_eq!(open[usize::from(NO_BAND)], 0);
    let mut row = 0;
    let plain = (rows.len() as f64 * PLAIN_TRIALS_PER_ROW) as u64;
    for _ in 0..plain {
        if row == rows.len() {
            return Ok(true);
        }
        let mut drawn = sampler.draw(numbers, Instant::from_seconds(0))?;
        let left = &mut open[usize::from(calibration.band(drawn.score))];
        if *left > 0 && submitted.is_there(&mut drawn, numbers) {
            *left -= 1;
            rows.set(row, &drawn);
            row += 1;
        }
    }
    let mut aim = Aim::at(calibration, sampler, &open);
    for _ in 0..rows.len() as u64 * TRIALS_PER_ROW + 65_536 {
        if row == rows.len() {
            return Ok(true);
        }
        let mut drawn = sampler.draw_from(aim.pick(numbers), numbers)?;
        let left = &mut open[usize::from(calibration.band(drawn.score))];
        if *left > 0 && submitted.is_there(&mut drawn, numbers) {
            *left -= 1;
            let closed = *left == 0;
            rows.set(row, &drawn);
            row += 1;
            if closed {
                aim = Aim::at(calibration, sampler, &open);
            }
        }
    }
    Ok(row == rows.len())
}

/// Components weighted by the share of their candidates that open bands still take.
struct Aim {
    cumulative: Vec<f64>,
}

impl Aim {
    fn at(calibration: &Calibration, sampler: &Sampler<'_>, open: &[u32]) -> Self {
        let mut sum = 0.0;
        let cumulative = (sampler.components().iter().enumerate())
            .map(|(place, component)| {
                sum += component.weight * calibration.reach(place, open);
                sum
            })
            .collect();
        Aim { cumulative }
    }

    fn pick(&self, numbers: &mut Stream) -> usize {
        let unit = (numbers.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64);
        let wanted = unit * self.cumulative.last().copied().unwrap_or(0.0);
        (self.cumulative.partition_point(|&sum| sum <= wanted)).min(self.cumulative.len() - 1)
    }
}

/// The rows of one chunk, column by column.
struct Rows<'p> {
    submitted: &'p mut [u32],
    age: &'p mut [u8],
    noc: &'p mut [u16],
    english: &'p mut [u16],
    french: &'p mut [u16],
    spouse_language: &'p mut [u16],
    traits: &'p mut [u32],
    noc_months: &'p mut [u8],
    citizenship: &'p mut [u8],
    score: &'p mut [u16],
    eligibility: &'p mut [u32],
}

impl Rows<'_> {
    fn len(&self) -> usize {
        self.score.len()
    }

    #[inline]
    fn set(&mut self, row: usize, packed: &Packed) {
        self.submitted[row] = packed.submitted;
        self.age[row] = packed.age;
        self.noc[row] = packed.noc;
        self.english[row] = packed.english;
        self.french[row] = packed.french;
        self.spouse_language[row] = packed.spouse_language;
        self.traits[row] = packed.traits;
        self.noc_months[row] = packed.noc_months;
        self.citizenship[row] = packed.citizenship;
        self.score[row] = packed.score;
        self.eligibility[row] = packed.eligibility;
    }
}

/// The pool's rows in fixed chunks.
fn chunks(pool: &mut Pool) -> impl IndexedParallelIterator<Item = Rows<'_>> {
    (
        pool.submitted.par_chunks_mut(CHUNK),
        pool.age.par_chunks_mut(CHUNK),
        pool.noc.par_chunks_mut(CHUNK),
        pool.english.par_chunks_mut(CHUNK),
        pool.french.par_chunks_mut(CHUNK),
        pool.spouse_language.par_chunks_mut(CHUNK),
        pool.traits.par_chunks_mut(CHUNK),
        pool.noc_months.par_chunks_mut(CHUNK),
        pool.citizenship.par_chunks_mut(CHUNK),
        pool.score.par_chunks_mut(CHUNK),
        pool.eligibility.par_chunks_mut(CHUNK),
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
