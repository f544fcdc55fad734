//! Calibration to bands: a pilot sample, the mixture fitted to the bands, quotas for every chunk.
//! Where the candidates of a band are looked for lives in `strata`, filling the quotas in `generate`.

use rand::RngExt;
use rayon::prelude::*;

use crate::pool::{Band, Bands};
use crate::random::{Purpose, Stream, stream};

use super::error::SynthesisError;
use super::sampler::Sampler;
use super::strata::Strata;

/// Candidates that the pilot draws from every component, eligible or not: a fixed cost.
const PILOT: u32 = 2_048;
/// Rounds of the fit.
const FIT_ROUNDS: u32 = 200;
/// How strongly the fit holds on to the profile's own shares, against the bands' 1.
const PRIOR: f64 = 0.25;
/// Added to every share that the pilot finds, so that none is believed to be zero.
const SMOOTHING: f64 = 1e-5;
/// Place of scores that no band holds.
const NO_BAND: u8 = u8::MAX;
/// Wanted shares of a band beyond so many times what any component puts there are refused.
const STRETCH: f64 = 64.0;

/// How the components of a profile mix within score bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mix {
    /// Their shares are fitted to the bands: bands with more high scores than the profile has bring
    /// more of the components with high scores into every band.
    #[default]
    Fitted,
    /// Their shares are the profile's own: each band holds those whom the profile has there.
    Own,
}

/// A mixture fitted to bands. It depends on profile, rules and bands alone, not on any seed.
#[derive(Debug, Clone)]
pub(super) struct Calibration {
    bands: Vec<Band>,
    /// Share of each component's eligible candidates in each band: component by component.
    reach: Vec<f64>,
    /// Weight of each component's draws, eligible or not.
    weights: Vec<f64>,
}

impl Calibration {
    /// Draws the pilot and fits the sampler's mixture to the bands: maximum likelihood of the
    /// band shares by expectation-maximisation, held to the profile's own mixture by a Dirichlet
    /// prior. Every component keeps a share. Where the mix is the profile's own, nothing is fitted.
    ///
    /// # Errors
    /// When the bands overlap, or one holds more candidates than the profile can supply.
    pub fn fit(
        bands: &Bands,
        mix: Mix,
        sampler: &Sampler,
        profile: &str,
    ) -> Result<Self, SynthesisError> {
        let bands = bands.0.clone();
        let band_of_score = band_of_score(&bands)?;
        let pilots: Vec<Pilot> = (0..sampler.components().len() as u16)
            .into_par_iter()
            .map(|component| Pilot::new(sampler, component, &band_of_score, bands.len()))
            .collect();
        let mut calibration = Calibration {
            reach: pilots
                .iter()
                .flat_map(|pilot| pilot.reach.clone())
                .collect(),
            weights: Vec::new(),
            bands,
        };
        calibration.check(profile)?;
        let own = sampler
            .components()
            .iter()
            .map(|component| component.weight);
        let own: Vec<f64> = own.collect();
        let shares = match mix {
            Mix::Fitted => fitted(&calibration.bands, &own, &calibration.reach),
            Mix::Own => own,
        };
        calibration.weights = (shares.iter().zip(&pilots))
            .map(|(weight, pilot)| weight / pilot.eligible)
            .collect();
        Ok(calibration)
    }

    /// Where the candidates of each band are.
    pub fn strata(&self, sampler: &Sampler) -> Strata {
        Strata::of_bands(sampler, &self.weights, &self.bands)
    }

    /// The error for a band that the profile does not reach.
    pub fn unreachable(&self, place: usize, profile: &str) -> SynthesisError {
        let band = self.bands[place];
        SynthesisError::Unreachable {
            profile: profile.to_owned(),
            low: band.low,
            high: band.high,
            wanted: band.count,
            size: self.bands.iter().map(|band| band.count).sum(),
            reached: self.best(place),
        }
    }

    /// The largest share that any component puts into a band.
    fn best(&self, band: usize) -> f64 {
        (self.reach.iter().skip(band).step_by(self.bands.len())).fold(0.0, |a, &b| a.max(b))
    }

    /// Refuses before the run what the profile is too far from: the band that it reaches least for
    /// what is wanted of it.
    fn check(&self, profile: &str) -> Result<(), SynthesisError> {
        let size: u64 = self.bands.iter().map(|band| band.count).sum();
        let hopeless = |place: usize| {
            let wanted = self.bands[place].count as f64 / size as f64;
            let likely_at_most = self.best(place) + 3.0 / f64::from(PILOT);
            wanted > likely_at_most * STRETCH || (self.best(place) == 0.0 && wanted > 1e-4)
        };
        let ratio = |place: usize| self.bands[place].count as f64 / (self.best(place) + SMOOTHING);
        let hardest = (0..self.bands.len()).max_by(|&a, &b| ratio(a).total_cmp(&ratio(b)));
        match hardest {
            Some(hardest) if (0..self.bands.len()).any(hopeless) => {
                Err(self.unreachable(hardest, profile))
            }
            _ => Ok(()),
        }
    }
}

/// The mixture that fits the bands, from the components' `own` weights and the share of each one's
/// candidates in each band.
pub(super) fn fitted(bands: &[Band], own: &[f64], reach: &[f64]) -> Vec<f64> {
    let size: f64 = bands.iter().map(|band| band.count as f64).sum();
    let mut weights = own.to_vec();
    for _ in 0..FIT_ROUNDS {
        let mut next: Vec<f64> = own.iter().map(|weight| PRIOR * weight).collect();
        for (place, band) in bands.iter().enumerate() {
            let wanted = band.count as f64 / size;
            let part = |component: usize| {
                let shares = reach[component * bands.len() + place];
                weights[component] * (shares + SMOOTHING)
            };
            let total: f64 = (0..weights.len()).map(part).sum();
            for (component, sum) in next.iter_mut().enumerate() {
                *sum += wanted * part(component) / total;
            }
        }
        let total: f64 = next.iter().sum();
        weights = next.into_iter().map(|weight| weight / total).collect();
    }
    weights
}

/// What a sample of one component shows.
struct Pilot {
    /// Share that is eligible.
    eligible: f64,
    /// Share of each band among the eligible.
    reach: Vec<f64>,
}

impl Pilot {
    fn new(sampler: &Sampler, component: u16, band_of_score: &[u8; 2_048], bands: usize) -> Self {
        let mut numbers = stream(0, Purpose::Pilot, 0, u64::from(component));
        let mut counts = vec![0u32; bands];
        let mut eligible = 0u32;
        for _ in 0..PILOT {
            let drawn = sampler.judge(&sampler.draw(component, &mut numbers));
            if drawn.eligibility == 0 {
                continue;
            }
            eligible += 1;
            let band = band_of_score[usize::from(drawn.score) & 2_047];
            if let Some(count) = counts.get_mut(usize::from(band)) {
                *count += 1;
            }
        }
        // The sampler refuses profiles whose segments hold hardly anyone who is eligible.
        let eligible = f64::from(eligible.max(1));
        Pilot {
            eligible: eligible / f64::from(PILOT),
            reach: counts
                .into_iter()
                .map(|count| f64::from(count) / eligible)
                .collect(),
        }
    }
}

/// Splits the bands over chunks: each chunk's quotas add up to its rows, each band's to its count.
/// Chunk by chunk, what is left of every band is shared by largest remainder.
pub(super) fn quotas(bands: &[Band], rows: u64, chunk: u64) -> Vec<Vec<u32>> {
    let mut left: Vec<u64> = bands.iter().map(|band| band.count).collect();
    let mut rows_left = rows;
    let mut all = Vec::new();
    while rows_left > 0 {
        let here = chunk.min(rows_left);
        let exact = |left: u64| u128::from(left) * u128::from(here);
        let mut quota: Vec<u64> = (left.iter())
            .map(|&left| (exact(left) / u128::from(rows_left)) as u64)
            .collect();
        let mut by_remainder: Vec<usize> = (0..left.len()).collect();
        by_remainder
            .sort_by_key(|&band| std::cmp::Reverse(exact(left[band]) % u128::from(rows_left)));
        let missing = here - quota.iter().sum::<u64>();
        for &band in by_remainder.iter().take(missing as usize) {
            quota[band] += 1;
        }
        for (left, quota) in left.iter_mut().zip(&quota) {
            *left -= quota;
        }
        rows_left -= here;
        all.push(quota.into_iter().map(|quota| quota as u32).collect());
    }
    all
}

/// How many of some rows are of each band: its share of them, as a whole number that is right on average.
/// Bands are laid side by side, and one in so many is taken from a random start on.
pub(super) fn sampled(bands: &[Band], rows: usize, numbers: &mut Stream) -> Vec<u32> {
    let total = bands.iter().map(|band| band.count).sum::<u64>().max(1);
    let start = u128::from(numbers.random_range(0..total));
    let (mut held, mut before) = (0, 0);
    let quota = bands.iter().map(|band| {
        held += u128::from(band.count);
        let so_far = (held * rows as u128 + start) / u128::from(total);
        (so_far - std::mem::replace(&mut before, so_far)) as u32
    });
    quota.collect()
}

fn band_of_score(bands: &[Band]) -> Result<Box<[u8; 2_048]>, SynthesisError> {
    let mut places = Box::new([NO_BAND; 2_048]);
    for (place, band) in bands.iter().enumerate() {
        let (low, high) = (usize::from(band.low), usize::from(band.high).min(2_047));
        let overlap = SynthesisError::Overlap {
            low: band.low,
            high: band.high,
        };
        if low > high || place >= usize::from(NO_BAND) {
            return Err(overlap);
        }
        for score in &mut places[low..=high] {
            if *score != NO_BAND {
                return Err(overlap);
            }
            *score = place as u8;
        }
    }
    Ok(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn band(low: u16, high: u16, count: u64) -> Band {
        Band { low, high, count }
    }

    /// 2,000 days of 93 rows: of the band of a thousandth one row in some eleven days, 186 in all with a
    /// standard error of 13; four of them are allowed.
    #[test]
    fn sampled_quotas_add_up_each_day_and_on_average_to_the_shares() {
        let band = |count| Band {
            low: 0,
            high: 1,
            count,
        };
        let bands = [399, 0, 1, 600].map(band);
        let mut sums = [0; 4];
        for day in 0..2_000 {
            let mut numbers = stream(5, Purpose::ArrivingCandidates, 0, day);
            let quota = sampled(&bands, 93, &mut numbers);
            assert_eq!(quota.iter().sum::<u32>(), 93);
            for ((sum, quota), band) in sums.iter_mut().zip(quota).zip(&bands) {
                let exactly = f64::from(93) * band.count as f64 / 1_000.0;
                assert!((f64::from(quota) - exactly).abs() < 1.0);
                *sum += quota;
            }
        }
        assert!(sums[1] == 0 && sums[2].abs_diff(186) < 52, "{sums:?}");
        assert!(sums[0].abs_diff(74_214) < 90, "{sums:?}");
        assert!(sampled(&[], 0, &mut stream(5, Purpose::Arrivals, 0, 0)).is_empty());
    }

    #[test]
    fn quotas_add_up_by_chunk_and_by_band() {
        let bands = [
            band(501, 1200, 1),
            band(401, 500, 3),
            band(301, 400, 99_996),
            band(0, 300, 77_777),
        ];
        let rows: u64 = bands.iter().map(|band| band.count).sum();
        let quotas = quotas(&bands, rows, 1_000);
        assert_eq!(quotas.len(), 178);
        for (place, band) in bands.iter().enumerate() {
            let sum: u64 = quotas.iter().map(|quota| u64::from(quota[place])).sum();
            assert_eq!(sum, band.count);
        }
        for (chunk, quota) in quotas.iter().enumerate() {
            let wanted = if chunk == 177 { rows - 177_000 } else { 1_000 };
            assert_eq!(
                quota.iter().map(|&quota| u64::from(quota)).sum::<u64>(),
                wanted
            );
        }
    }

    #[test]
    fn overlapping_bands_are_refused() {
        let overlap = band_of_score(&[band(400, 500, 1), band(300, 400, 1)]).unwrap_err();
        assert!(overlap.to_string().contains("300-400"));
        assert!(band_of_score(&[band(500, 400, 1)]).is_err());
    }
}
