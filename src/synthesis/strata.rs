//! Where the candidates of each score band, or of the whole mixture, stand: parts of it that
//! hold every eligible candidate of it and few others, so that hardly a draw is wasted.
//! The mixture is fitted in `calibrate`; who is kept is decided in `generate`.
//!
//! A stratum is a product: people of a component with or without a spouse whom some program may take
//! and whose points without languages lie in a range, and slices of the English and French results.
//! Every eligible candidate with a score in the band stands in exactly one stratum of it, and a
//! stratum is drawn as often as the mixture draws from it. Keeping the eligible draws whose score
//! lies in the band therefore gives the mixture's own distribution within the band, whatever the
//! strata are; they decide only how many draws that takes.

mod finder;
mod ladders;
mod slices;

use std::ops::RangeInclusive;

use rand::Rng;
use rayon::prelude::*;

use crate::pool::Band;
use crate::random::Stream;

use super::sampler::{BLOCK, Component, Gathered, Places, Sampler};
use super::tables::Alias;
use finder::Finder;
use slices::Width;

/// Entries of a table that stand side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    first: u16,
    count: u16,
}

impl Run {
    /// One of the entries, and what is left of the random bits.
    #[inline]
    fn pick(self, bits: u64) -> (u16, u64) {
        let product = u128::from(bits) * u128::from(self.count);
        (self.first + (product >> 64) as u16, product as u64)
    }
}

#[derive(Debug, Clone, Copy)]
struct Stratum {
    /// First of a run of `Strata::order`, to which `people` is added.
    ladder: u32,
    people: Run,
    english: Run,
    /// Nobody where there is no test.
    french: Run,
    component: u16,
}

/// The strata of every band, of the whole mixture, or of every component.
#[derive(Debug, Clone, Default)]
pub(super) struct Strata {
    /// Places of histories, ladder by ladder.
    order: Vec<u16>,
    groups: Vec<Group>,
}

/// The ladders of a component, and for each range of scores its strata with what they weigh.
type OfComponent = (Vec<u16>, Vec<Vec<(Stratum, f64)>>);

/// The strata of one band or component.
#[derive(Debug, Clone)]
struct Group {
    scores: RangeInclusive<u16>,
    strata: Vec<Stratum>,
    pick: Option<Alias<u32>>,
}

impl Strata {
    /// Finds the strata of bands for a mixture: the weight of each component is that of its draws,
    /// eligible or not.
    pub fn of_bands(sampler: &Sampler, weights: &[f64], bands: &[Band]) -> Self {
        let scores = bands.iter().map(|band| band.low..=band.high).collect();
        Strata::of_scores(sampler, weights, scores, Width::Points)
    }

    /// Finds the strata of the profile's own mixture, whatever the score: one group, of whose
    /// eligible candidates each component has its share.
    pub fn of_mixture(sampler: &Sampler) -> Self {
        let weight = |one: &Component| one.weight / sampler.tables(one).eligible;
        let weights: Vec<f64> = sampler.components().iter().map(weight).collect();
        Strata::of_scores(sampler, &weights, vec![0..=u16::MAX], Width::Asks)
    }

    fn of_scores(
        sampler: &Sampler,
        weights: &[f64],
        scores: Vec<RangeInclusive<u16>>,
        width: Width,
    ) -> Self {
        let found = find(sampler, weights, &scores, width);
        let mut order = Vec::new();
        let mut strata = vec![Vec::new(); scores.len()];
        for (places, of_scores) in found {
            let before = order.len() as u32;
            order.extend(places);
            for (all, some) in strata.iter_mut().zip(of_scores) {
                all.extend(moved(some, before));
            }
        }
        Strata {
            order,
            groups: (strata.into_par_iter().zip(scores))
                .map(|(weighed, scores)| Group::new(weighed, scores))
                .collect(),
        }
    }

    /// Finds the strata of each component, whatever the score.
    pub fn of_components(sampler: &Sampler) -> Self {
        let scores = 0..=u16::MAX;
        let weights = vec![1.0; sampler.components().len()];
        let found = find(
            sampler,
            &weights,
            std::slice::from_ref(&scores),
            Width::Asks,
        );
        let mut order = Vec::new();
        let mut groups = Vec::new();
        for (places, strata) in found {
            let before = order.len() as u32;
            order.extend(places);
            let weighed = strata.into_iter().flat_map(|some| moved(some, before));
            groups.push(Group::new(weighed.collect(), scores.clone()));
        }
        Strata { order, groups }
    }

    /// The strata of a band or component; none when nobody of the mixture lies there.
    #[inline]
    pub fn of(&self, group: usize) -> Option<GroupStrata<'_>> {
        let group = &self.groups[group];
        Some(GroupStrata {
            order: &self.order,
            strata: &group.strata,
            pick: group.pick.as_ref()?,
            scores: (*group.scores.start(), *group.scores.end()),
        })
    }
}

fn find(
    sampler: &Sampler,
    weights: &[f64],
    scores: &[RangeInclusive<u16>],
    width: Width,
) -> Vec<OfComponent> {
    (sampler.components().par_iter())
        .enumerate()
        .map(|(place, component)| {
            let mut found = Finder::new(
                sampler,
                component,
                place as u16,
                weights[place],
                scores,
                width,
            );
            found.find();
            (found.order, found.strata)
        })
        .collect()
}

/// Strata whose ladders begin later in the whole order.
fn moved(strata: Vec<(Stratum, f64)>, by: u32) -> impl Iterator<Item = (Stratum, f64)> {
    strata.into_iter().map(move |(mut stratum, mass)| {
        stratum.ladder += by;
        (stratum, mass)
    })
}

impl Group {
    fn new(weighed: Vec<(Stratum, f64)>, scores: RangeInclusive<u16>) -> Self {
        let masses: Vec<(u32, f64)> = (0..).zip(weighed.iter().map(|entry| entry.1)).collect();
        Group {
            scores,
            pick: (!masses.is_empty()).then(|| Alias::new(&masses)),
            strata: weighed.into_iter().map(|entry| entry.0).collect(),
        }
    }
}

/// The strata of one band or component.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupStrata<'s> {
    order: &'s [u16],
    strata: &'s [Stratum],
    pick: &'s Alias<u32>,
    scores: (u16, u16),
}

impl GroupStrata<'_> {
    /// Whether a score lies in the band; every score lies in a component.
    #[inline]
    pub fn holds(&self, score: u16) -> bool {
        (self.scores.0 <= score) & (score <= self.scores.1)
    }

    /// The parts of so many draws from the strata, at most a block, whether eligible and in the
    /// band or not; `picked` is working memory.
    #[inline]
    pub fn gather(
        &self,
        sampler: &Sampler,
        draws: usize,
        (picked, gathered): (&mut [Places; BLOCK], &mut [Gathered; BLOCK]),
        numbers: &mut Stream,
    ) {
        let picked = &mut picked[..draws];
        // One number picks two strata, another everything else of a draw.
        for pair in picked.chunks_mut(2) {
            let bits = numbers.next_u64();
            for (bits, places) in [bits as u32, (bits >> 32) as u32].into_iter().zip(pair) {
                places.stratum = self.pick.draw(bits);
            }
        }
        for places in picked.iter_mut() {
            let stratum = &self.strata[places.stratum as usize];
            let (person, rest) = stratum.people.pick(numbers.next_u64());
            let (english, rest) = stratum.english.pick(rest);
            *places = Places {
                stratum: places.stratum,
                history: stratum.ladder + u32::from(person),
                component: stratum.component,
                english,
                french: 0,
                occupation: (rest >> 32) as u32,
            };
            // Few take the test: the branch is cheaper than the lookup.
            if stratum.french.count > 0 {
                let (french, _) = stratum.french.pick(numbers.next_u64());
                places.french = sampler.french(stratum.component, french);
            }
        }
        for places in picked.iter_mut() {
            places.history = u32::from(self.order[places.history as usize]);
        }
        sampler.gather(picked, gathered);
    }
}
