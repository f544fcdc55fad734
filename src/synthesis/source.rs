//! What pools are made from: the tables of a profile under the rules of one date and the fit to
//! score bands, built once for any number of pools.
//! How a pool is filled from it lives in `generate`.

use rayon::prelude::*;

use crate::observe::Observer;
use crate::pool::{Bands, Eligibilities, Pool};
use crate::random::{Purpose, stream};
use crate::rules::Rules;
use crate::units::Instant;

use super::arrivals::scaled;
use super::calibrate::{Calibration, Mix, quotas};
use super::drained::{Absence, Drained};
use super::error::SynthesisError;
use super::generate::{Scratch, Shares, Submitted, fill};
use super::pieces::Pieces;
use super::profile::{Profile, Submission};
use super::rows::{CHUNK, Rows, chunks};
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

    /// Fills the rows of a pool from `first` on with candidates who submitted at the times given,
    /// one for each of those rows.
    ///
    /// # Errors
    /// When a band cannot be filled.
    pub fn fill_from(
        &self,
        key: Key,
        pool: &mut Pool,
        first: usize,
        times: &[u32],
        observer: &dyn Observer,
    ) -> Result<(), SynthesisError> {
        let rows = first..first + times.len();
        let quotas = self.quotas(times.len() as u64);
        let chunks = Chunks {
            first: 0,
            quotas: quotas.as_deref(),
        };
        self.fill(key, chunks, pool, rows, Submitted::Given(times), observer)
    }

    /// How many rows of each band each chunk of so many rows holds, where there are bands.
    fn quotas(&self, size: u64) -> Option<Vec<Vec<u32>>> {
        let (bands, _) = self.bands.as_ref()?;
        Some(quotas(&scaled(bands, size).0, size, CHUNK as u64))
    }

    /// Fills rows of a pool with these chunks.
    pub(super) fn fill(
        &self,
        key: Key,
        which: Chunks<'_>,
        pool: &mut Pool,
        rows: std::ops::Range<usize>,
        submitted: Submitted<'_>,
        observer: &dyn Observer,
    ) -> Result<(), SynthesisError> {
        if self.rules.categories.len() > Eligibilities::LOW_CATEGORIES {
            pool.eligibility.widen();
        }
        let outcomes: Vec<Result<(), SynthesisError>> = chunks(pool, rows)
            .enumerate()
            .map_init(
                Scratch::default,
                |scratch, (chunk, mut rows): (usize, Rows<'_>)| {
                    let number = which.first + chunk as u64;
                    let mut numbers = stream(key.seed, key.purpose, key.replicate, number);
                    let times = match submitted {
                        drawn @ Submitted::Drawn { .. } => drawn,
                        Submitted::Given(times) => {
                            Submitted::Given(&times[chunk * CHUNK..][..rows.len()])
                        }
                    };
                    let shares = match which.quotas {
                        Some(quotas) => Shares::Quota(&quotas[chunk]),
                        None if self.drained.rounds.is_empty() => Shares::Whole,
                        None => Shares::Mixture,
                    };
                    let filled = fill(
                        &mut rows,
                        &self.sampler,
                        &self.strata,
                        shares,
                        times,
                        scratch,
                        &mut numbers,
                    )
                    .map_err(|group| match &self.bands {
                        Some((_, fitted)) => fitted.unreachable(group, &self.profile),
                        None => SynthesisError::Unlucky,
                    });
                    observer.advance(rows.len() as u64);
                    filled
                },
            )
            .collect();
        outcomes.into_iter().collect()
    }
}

/// Some of the chunks that a pool is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunks<'q> {
    /// Number of the first.
    pub first: u64,
    /// Quotas of each of them, where there are bands.
    pub quotas: Option<&'q [Vec<u32>]>,
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
