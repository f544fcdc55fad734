//! One published round on the pool published with it, as a pilot sample of a profile sees it: how
//! many members of its group stand above its cut-off, for any tilt of the population.
//! How tilts are chosen is `fit`'s.

use super::groups::{Pilot, Tilts};
use super::history::{days_between, past_rounds};
use super::simulate::kind_of;
use crate::history::{History, Round, Snapshot};
use crate::pool::Bands;
use crate::rules::Rules;
use crate::synthesis::drained::{Absence, Drained};
use crate::synthesis::pilot::{Person, mixture};
use crate::synthesis::profile::Submission;
use crate::units::{Instant, Score};

/// How a candidate of the pilot counts.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Place of the band, or none.
    band: Option<u8>,
    /// Chance that no past round took them.
    there: f32,
    /// Part of them above the cut-off and in the group, past rounds since the pool's day left out.
    above: f32,
}

/// A published round and its pool.
#[derive(Debug)]
pub struct Scene<'a> {
    /// The round.
    pub round: &'a Round,
    bands: Bands,
    pilot: &'a Pilot,
    seen: Vec<Vec<Seen>>,
}

/// What a pilot says of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Count {
    /// Members of the group above the cut-off, by band.
    pub members: Vec<f64>,
}

impl<'a> Scene<'a> {
    /// The scene of a round under its rules; `None` when the rules do not know its type.
    pub fn new(
        history: &History,
        (round, pool): (&'a Round, &'a Snapshot),
        rules: &Rules,
        pilot: &'a Pilot,
        (submission, missed): (&Submission, f64),
    ) -> Option<Self> {
        let members = kind_of(&round.type_name, rules)?.members();
        let counted = Instant::start_of(pool.as_of)?;
        let bands = pool.bands();
        let absence = |rounds, at| Absence::new(&Drained { missed, rounds }, rules, at);
        let before = absence(past_rounds(history, counted), counted);
        let since: Vec<_> = past_rounds(history, round.at)
            .into_iter()
            .filter(|past| past.at >= counted)
            .collect();
        let since = absence(since, round.at);
        let days = |until: u32| {
            f64::from(counted.seconds().saturating_sub(until)) / f64::from(Instant::DAY)
        };
        let at_cutoff = round.tie_break.map_or(0.5, |tie_break| {
            1.0 - submission.share_since(days_between(round.at, tie_break))
        });
        let see = |person: &Person| {
            let until = |absence: &Option<Absence>| {
                absence
                    .as_ref()
                    .and_then(|absence| absence.invited_until(person.score, person.eligibility))
            };
            let there = until(&before).map_or(1.0, |until| {
                let back = submission.share_since(days(until));
                back + missed * (1.0 - back)
            });
            let member = members.have(person.eligibility) && until(&since).is_none();
            let above = match Score(person.score).cmp(&round.cutoff) {
                _ if !member => 0.0,
                std::cmp::Ordering::Greater => 1.0,
                std::cmp::Ordering::Equal => at_cutoff,
                std::cmp::Ordering::Less => 0.0,
            };
            let band = bands
                .0
                .iter()
                .position(|band| (band.low..=band.high).contains(&person.score));
            Seen {
                band: band.and_then(|place| u8::try_from(place).ok()),
                there: there as f32,
                above: above as f32,
            }
        };
        let seen = (pilot.parts.iter())
            .map(|part| part.people.iter().map(see).collect())
            .collect();
        Some(Scene {
            round,
            bands,
            pilot,
            seen,
        })
    }

    /// Members above the cut-off when the population is tilted.
    pub fn count(&self, tilts: &Tilts) -> Count {
        let bands = self.bands.0.len();
        let parts = &self.pilot.parts;
        let mut own = Vec::with_capacity(parts.len());
        let mut reach = vec![0.0; parts.len() * bands];
        let mut there = vec![0.0; parts.len() * bands];
        let mut above = vec![0.0; parts.len() * bands];
        for (place, (part, seen)) in parts.iter().zip(&self.seen).enumerate() {
            let factors = self.pilot.factors(tilts, place);
            let mut sum = 0.0;
            for (seen, &carried) in seen.iter().zip(&self.pilot.carried[place]) {
                let weight = factors.of(carried);
                sum += weight;
                let Some(band) = seen.band else { continue };
                let cell = place * bands + usize::from(band);
                reach[cell] += weight;
                there[cell] += weight * f64::from(seen.there);
                above[cell] += weight * f64::from(seen.there * seen.above);
            }
            for cell in place * bands..(place + 1) * bands {
                reach[cell] /= sum;
                there[cell] /= sum;
                above[cell] /= sum;
            }
            own.push(part.weight * factors.part(sum / part.people.len() as f64));
        }
        self.pilot.normalise(&mut own);
        let weights = mixture(&self.bands, &own, &reach);
        let members = (self.bands.0.iter().enumerate())
            .map(|(band, published)| {
                let over = |cells: &[f64]| -> f64 {
                    (weights.iter().enumerate())
                        .map(|(part, weight)| weight * cells[part * bands + band])
                        .sum()
                };
                let all = over(&there);
                if all > 0.0 {
                    published.count as f64 * over(&above) / all
                } else {
                    0.0
                }
            })
            .collect();
        Count { members }
    }
}

impl Count {
    /// Members in all bands; never zero, so that it has a logarithm.
    pub fn total(&self) -> f64 {
        const ALMOST_NOBODY: f64 = 0.5;
        self.members.iter().sum::<f64>() + ALMOST_NOBODY
    }
}
