//! What pools are made from: the tables of a profile under the rules of one date and the fit to
//! score bands, built once for any number of pools.
//! How a pool is filled from it lives in `generate`.

use rayon::prelude::*;

use crate::observe::Observer;
use crate::pool::{Bands, Eligibilities, Pool};
use crate::random::{Purpose, Stream, stream};
use crate::rules::Rules;
use crate::units::Instant;

use super::arrivals::{Dealt, scaled};
use super::calibrate::{Calibration, Mix, quotas, sampled};
use super::drained::{Absence, Drained};
use super::error::SynthesisError;
use super::generate::{Scratch, Shares, Submitted, fill};
use super::nominees::divided;
use super::pieces::Pieces;
use super::profile::{Profile, Submission};
use super::rows::{self, CHUNK, Rows};
use super::sampler::Sampler;
use super::strata::Strata;
use super::submission::Times;

/// Most candidates of a pool: rows are numbered with 32 bits.
pub const MOST_CANDIDATES: u64 = u32::MAX as u64;

/// Candidates of a profile under the rules of one date, with score bands or without.
#[derive(Debug, Clone)]
pub struct Source {
    profile: String,
    submission: Submission,
    drained: Drained,
    rules: Rules,
    sampler: Sampler,
    bands: Option<(Bands, Calibration)>,
    /// Of the bands; where there are none, of the mixture, or of the components.
    strata: Strata,
}

/// What names the random numbers of a pool.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Seed of the scenario.
    pub seed: u64,
    /// What the candidates are for: it keeps the streams of a pool and of arrivals apart.
    pub purpose: Purpose,
    /// Replicate, from 0.
    pub replicate: u32,
}

impl Key {
    /// The random numbers of one part of the pool.
    pub(super) fn stream(&self, part: u64) -> Stream {
        stream(self.seed, self.purpose, self.replicate, part)
    }
}

impl Source {
    /// Builds the tables, and fits the mixture to the bands' shares.
    ///
    /// # Errors
    /// When hardly anyone of a segment is eligible for a program, bands overlap, or the profile
    /// cannot fill one.
    pub fn new(
        profile: &Profile,
        rules: &Rules,
        bands: Option<&Bands>,
    ) -> Result<Self, SynthesisError> {
        Self::mixed(profile, rules, bands, Mix::Fitted)
    }

    /// Builds the tables, with a mixture that is fitted to the bands' shares or not.
    ///
    /// # Errors
    /// As [`Source::new`].
    pub fn mixed(
        profile: &Profile,
        rules: &Rules,
        bands: Option<&Bands>,
        mix: Mix,
    ) -> Result<Self, SynthesisError> {
        let sampler = Sampler::new(profile, rules)?;
        let bands = match bands {
            None => None,
            Some(bands) => {
                let fitted = Calibration::fit(bands, mix, &sampler, &profile.name)?;
                Some((bands.clone(), fitted))
            }
        };
        let strata = match &bands {
            None if profile.drained.rounds.is_empty() => Strata::of_mixture(&sampler),
            // Who is gone differs by component, the shares of those who are there do not.
            None => Strata::of_components(&sampler),
            Some((_, fitted)) => fitted.strata(&sampler),
        };
        Ok(Source {
            strata,
            profile: profile.name.clone(),
            submission: profile.submission.clone(),
            drained: profile.drained.clone(),
            rules: rules.clone(),
            sampler,
            bands,
        })
    }

    /// Makes a pool as it is at an instant: submissions lie in the 365 days up to it, and whom past
    /// rounds of the profile invited is missing. Every candidate
    /// is eligible for a program, every score comes from the rules, and each band holds exactly its
    /// share of the size. The same request gives the same pool whatever the number of threads.
    /// `more` rows of zeros follow, for [`Source::fill_from`].
    ///
    /// # Errors
    /// When the size is zero or too large, or a band cannot be filled.
    pub fn pool(
        &self,
        key: Key,
        size: u64,
        at: Instant,
        more: usize,
        observer: &dyn Observer,
    ) -> Result<Pool, SynthesisError> {
        let pieces = self.pieces(key, size, at)?;
        observer.begin("candidates", size);
        let made = pieces.make_with(0..pieces.chunks(), more, observer);
        observer.end();
        made
    }

    /// The pool of [`Source::pool`], to be made in pieces, each on its own.
    ///
    /// # Errors
    /// When the size is zero or too large.
    pub fn pieces(&self, key: Key, size: u64, at: Instant) -> Result<Pieces<'_>, SynthesisError> {
        let size = checked(size)?;
        // Those who arrive later were invited by no past round.
        let absence = (key.purpose == Purpose::Pool)
            .then(|| Absence::new(&self.drained, &self.rules, at))
            .flatten();
        let times = Times::new(&self.submission, at);
        let quotas = self.quotas(size as u64);
        Ok(Pieces {
            source: self,
            key,
            size,
            quotas,
            times,
            absence,
        })
    }

    /// Fills the rows of a pool from `first` on with candidates who submitted at the times dealt,
    /// one for each of those rows and in order. Those of a day have streams of their own: who submits on
    /// another has no say in who they are.
    ///
    /// # Errors
    /// When a band cannot be filled.
    pub fn fill_from(
        &self,
        key: Key,
        pool: &mut Pool,
        first: usize,
        dealt: &Dealt,
        observer: &dyn Observer,
    ) -> Result<(), SynthesisError> {
        let days = || {
            let days =
                (dealt.times).chunk_by(|one, next| one / Instant::DAY == next / Instant::DAY);
            days.flat_map(|of_day| {
                (0u64..)
                    .zip(of_day.chunks(CHUNK))
                    .map(|(nth, part)| (nth, part, of_day.len()))
            })
        };
        let rows = first..first + dealt.times.len();
        let rows = rows::parts(
            self.widened(pool),
            rows,
            days().map(|(_, part, _)| part.len()),
        );
        let parts = rows
            .into_iter()
            .zip(days())
            .map(|(rows, (nth, times, of_day))| {
                let day = times[0] / Instant::DAY;
                let mut numbers = key.stream(u64::from(day) | nth << u32::BITS);
                // Nominees of a day in several parts are shared out among them.
                let nominees = dealt.nominees_on(day).map(|nominees| {
                    let before = nth as usize * CHUNK;
                    let by =
                        |rows: usize| (nominees as u128 * rows as u128 / of_day as u128) as usize;
                    by(before + rows.len()) - by(before)
                });
                let quota = self.bands.as_ref().map(|(bands, _)| match nominees {
                    Some(nominees) => divided(&bands.0, rows.len(), nominees, &mut numbers),
                    None => sampled(&bands.0, rows.len(), &mut numbers),
                });
                Part {
                    quota,
                    submitted: Submitted::Given(times),
                    numbers,
                    rows,
                }
            });
        self.fill(parts.collect(), observer)
    }

    /// How many rows of each band each chunk of so many rows holds, where there are bands.
    fn quotas(&self, size: u64) -> Option<Vec<Vec<u32>>> {
        let (bands, _) = self.bands.as_ref()?;
        Some(quotas(&scaled(bands, size).0, size, CHUNK as u64))
    }

    /// A pool with room for the categories of the rules.
    pub(super) fn widened<'p>(&self, pool: &'p mut Pool) -> &'p mut Pool {
        if self.rules.categories.len() > Eligibilities::LOW_CATEGORIES {
            pool.eligibility.widen();
        }
        pool
    }

    /// Fills some parts of a pool.
    pub(super) fn fill(
        &self,
        parts: Vec<Part<'_>>,
        observer: &dyn Observer,
    ) -> Result<(), SynthesisError> {
        let outcomes: Vec<Result<(), SynthesisError>> = parts
            .into_par_iter()
            .map_init(Scratch::default, |scratch, mut part| {
                let shares = match &part.quota {
                    Some(quota) => Shares::Quota(quota),
                    None if self.drained.rounds.is_empty() => Shares::Whole,
                    None => Shares::Mixture,
                };
                let filled = fill(
                    &mut part.rows,
                    &self.sampler,
                    &self.strata,
                    shares,
                    part.submitted,
                    scratch,
                    &mut part.numbers,
                )
                .map_err(|group| match &self.bands {
                    Some((_, fitted)) => fitted.unreachable(group, &self.profile),
                    None => SynthesisError::Unlucky,
                });
                observer.advance(part.rows.len() as u64);
                filled
            })
            .collect();
        outcomes.into_iter().collect()
    }
}

/// Rows of a pool that are filled from one stream.
pub(super) struct Part<'p> {
    pub rows: Rows<'p>,
    pub numbers: Stream,
    /// How many of them are of each band, where there are bands.
    pub quota: Option<Vec<u32>>,
    pub submitted: Submitted<'p>,
}

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

/// Makes a pool from a source of its own: see [`Source::pool`].
///
/// # Errors
/// When the size is zero or too large, the bands do not fit it, or the profile cannot fill them.
pub fn generate(
    request: &PoolRequest<'_>,
    rules: &Rules,
    observer: &dyn Observer,
) -> Result<Pool, SynthesisError> {
    let size = request.size;
    checked(size)?;
    if let Some(bands) = request.bands.filter(|bands| bands.total() != size) {
        return Err(SynthesisError::Total {
            bands: bands.total(),
            size,
        });
    }
    let source = Source::new(request.profile, rules, request.bands)?;
    let key = Key {
        seed: request.seed,
        purpose: request.purpose,
        replicate: request.replicate,
    };
    source.pool(key, size, request.at, 0, observer)
}

fn checked(size: u64) -> Result<usize, SynthesisError> {
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
    usize::try_from(size).map_err(|_| too_large)
}
