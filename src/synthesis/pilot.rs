//! A sample of a profile's candidates, part by part, for studies that fit a profile.
//! Fitting is not done here.

use crate::pool::Bands;
use crate::random::{Purpose, stream};
use crate::rules::Rules;
use crate::rules::candidate::NocIndex;

use super::calibrate::fitted;
use super::error::SynthesisError;
use super::profile::Profile;
use super::sampler::Sampler;

/// What a fit looks at of a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// CRS score.
    pub score: u16,
    /// Programs and categories, as [`crate::pool::Eligibility`].
    pub eligibility: u32,
    /// Primary occupation.
    pub noc: NocIndex,
    /// Whether there are results in French.
    pub tested_in_french: bool,
}

/// The candidates of one segment, nominees or the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Place of the segment in the profile.
    pub segment: usize,
    /// Whether they are nominees.
    pub nominated: bool,
    /// Share of the profile's mixture; all parts add up to 1.
    pub weight: f64,
    /// Equally likely candidates, each eligible for a program.
    pub people: Vec<Person>,
}

/// Draws `people` candidates of each part of a profile's mixture under some rules.
///
/// # Errors
/// When hardly any candidate of a segment is eligible.
pub fn pilot(
    profile: &Profile,
    rules: &Rules,
    seed: u64,
    people: u32,
) -> Result<Vec<Part>, SynthesisError> {
    let sampler = Sampler::new(profile, rules)?;
    let mut parts = Vec::new();
    for (component, place) in sampler.components().iter().zip(0..) {
        let mut numbers = stream(seed, Purpose::Pilot, 1, u64::from(place));
        let drawn: Result<Vec<Person>, SynthesisError> = (0..people)
            .map(|_| {
                let drawn = sampler.draw_eligible(place, &mut numbers)?;
                Ok(Person {
                    score: drawn.score,
                    eligibility: drawn.eligibility,
                    noc: NocIndex(drawn.noc),
                    tested_in_french: drawn.french != 0,
                })
            })
            .collect();
        parts.push(Part {
            segment: usize::from(component.segment),
            nominated: component.nominated,
            weight: component.weight,
            people: drawn?,
        });
    }
    Ok(parts)
}

/// The mixture that a pool with these bands is drawn from: `own` are the parts' weights, `reach`
/// the share of each part's candidates in each band, part by part.
pub fn mixture(bands: &Bands, own: &[f64], reach: &[f64]) -> Vec<f64> {
    fitted(&bands.0, own, reach)
}
