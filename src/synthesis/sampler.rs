//! Draws candidates from a profile: one table lookup an attribute, judged by the rules in parts.
//! Which of them a pool keeps lives in `strata`, `drained` and `generate`.

use rand::Rng;
use rayon::prelude::*;

use crate::pool::Packed;
use crate::random::{Purpose, Stream, stream};
use crate::rules::Rules;
use crate::rules::candidate::{Candidate, CountryIndex, NocIndex};
use crate::rules::parts::{Parts, Person, Results};
use crate::units::Score;

use super::deal::{HISTORIES, histories};
use super::error::SynthesisError;
use super::generate::MOST_DRAWS;
use super::profile::{Profile, Segment};
use super::tables::{Alias, boxed, language};

/// Dealt English results of a segment.
pub(super) const ENGLISH: usize = 1 << 11;
/// Dealt French results of a segment.
pub(super) const FRENCH: usize = 1 << 10;
/// Dealt results of spouses of a segment.
pub(super) const SPOUSES: usize = 1 << 9;

/// Candidates that are looked up before the first is judged.
pub(super) const BLOCK: usize = 64;

/// Least share of a segment's draws that must be eligible for a program.
const LEAST_ELIGIBLE: f64 = 0.05;
/// Draws that check that share.
const CHECKED: u32 = 512;

/// Everything about a person that comes from one lookup: what the rules make of it, and what
/// the pool holds of it.
#[derive(Debug, Clone, Copy)]
#[repr(align(32))]
pub(super) struct History {
    pub person: Person,
    traits: u32,
    age: u8,
    noc_months: u8,
    spouse_mask: u16,
}

/// The tables of one segment. Results of tests stand in rising order of what they earn.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub histories: Box<[History; HISTORIES]>,
    pub english: Box<[u16; ENGLISH]>,
    pub french: Box<[u16; FRENCH]>,
    pub spouses: Box<[u16; SPOUSES]>,
    pub occupations: Alias,
    citizenship: Alias,
}

/// A segment, its nominees or the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Component {
    pub segment: u16,
    pub nominated: bool,
    /// Share of the mixture (all components add up to 1).
    pub weight: f64,
}

/// A candidate but for citizenship and submission time, which no rule looks at.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Drawn {
    /// Where past rounds decide who is there, the time of submission; else 0.
    pub submitted: u32,
    pub traits: u32,
    pub eligibility: u32,
    pub noc: u16,
    pub english: u16,
    pub french: u16,
    pub spouse_language: u16,
    pub score: u16,
    pub age: u8,
    pub noc_months: u8,
    pub segment: u16,
}

/// The parts of a candidate, looked up but not judged. Many are looked up before the first is
/// judged: the lookups then wait for memory side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gathered {
    history: History,
    results: Results,
    noc: u16,
    segment: u16,
    nominated: bool,
}

/// Where in a segment's tables a candidate's parts stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    pub history: usize,
    pub english: usize,
    pub french: usize,
    pub spouse: usize,
    /// Random bits that pick the occupation.
    pub occupation: u32,
}

/// Draws candidates, scored by the rules of one date.
#[derive(Debug, Clone)]
pub(super) struct Sampler {
    parts: Parts,
    tables: Vec<Tables>,
    components: Vec<Component>,
    pick: Alias,
    nominee: u32,
}

impl Sampler {
    /// Builds the tables of a profile. They depend on the profile and the rules alone, not on
    /// any seed.
    ///
    /// # Errors
    /// When hardly any candidate of some segment is eligible for a program under the rules.
    pub fn new(profile: &Profile, rules: &Rules) -> Result<Self, SynthesisError> {
        let parts = Parts::new(rules);
        let tables: Vec<Tables> = (profile.segments.par_iter().enumerate())
            .map(|(place, segment)| Tables::new(segment, place as u64, &parts))
            .collect();
        let components = components(profile);
        let traits = |provincial_nomination| {
            let person = Candidate {
                provincial_nomination,
                ..Candidate::blank()
            };
            Packed::new(&person, Score(0), Default::default()).traits
        };
        let outcomes: Vec<(u16, f64)> = (components.iter().zip(0..))
            .map(|(component, place)| (place, component.weight))
            .collect();
        let sampler = Sampler {
            parts,
            tables,
            pick: Alias::new(&outcomes),
            components,
            nominee: traits(true) ^ traits(false),
        };
        for (component, place) in sampler.components.iter().zip(0..) {
            let mut numbers = stream(1, Purpose::Tables, 0, u64::from(place));
            let eligible = (0..CHECKED)
                .filter(|_| {
                    let gathered = sampler.draw(place, &mut numbers);
                    sampler.judge(&gathered).eligibility != 0
                })
                .count() as f64
                / f64::from(CHECKED);
            if eligible < LEAST_ELIGIBLE {
                return Err(SynthesisError::Ineligible {
                    profile: profile.name.clone(),
                    segment: profile.segments[usize::from(component.segment)]
                        .name
                        .clone(),
                    eligible,
                });
            }
        }
        Ok(sampler)
    }

    /// The components and their shares.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The rules in parts.
    pub fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The tables of a component.
    pub fn tables(&self, component: &Component) -> &Tables {
        &self.tables[usize::from(component.segment)]
    }

    /// A component by its share, for 32 random bits.
    #[inline]
    pub fn pick(&self, bits: u32) -> u16 {
        self.pick.draw(bits)
    }

    /// A citizenship of the segment, for 32 random bits.
    #[inline]
    pub fn citizenship(&self, segment: u16, bits: u32) -> CountryIndex {
        CountryIndex(self.tables[usize::from(segment)].citizenship.draw(bits) as u8)
    }

    /// The parts of a draw of the component in that place.
    #[inline]
    pub fn draw(&self, component: u16, numbers: &mut Stream) -> Gathered {
        let (bits, more) = (numbers.next_u64(), numbers.next_u64());
        let places = Places {
            history: bits as usize,
            english: (bits >> 12) as usize,
            french: (bits >> 23) as usize,
            spouse: (bits >> 33) as usize,
            occupation: (more >> 32) as u32,
        };
        self.gather(component, places)
    }

    /// A candidate of the component in that place whom a program takes.
    ///
    /// # Errors
    /// [`SynthesisError::Unlucky`] in the event that no draw is eligible.
    pub fn draw_eligible(
        &self,
        component: u16,
        numbers: &mut Stream,
    ) -> Result<Drawn, SynthesisError> {
        (0..MOST_DRAWS)
            .map(|_| self.judge(&self.draw(component, numbers)))
            .find(|drawn| drawn.eligibility != 0)
            .ok_or(SynthesisError::Unlucky)
    }

    /// Looks up the parts that stand at those places; each place counts modulo its table.
    #[inline]
    pub fn gather(&self, component: u16, places: Places) -> Gathered {
        let component = &self.components[usize::from(component)];
        let tables = &self.tables[usize::from(component.segment)];
        let history = tables.histories[places.history % HISTORIES];
        Gathered {
            history,
            results: Results {
                english: tables.english[places.english % ENGLISH],
                french: tables.french[places.french % FRENCH],
                spouse: tables.spouses[places.spouse % SPOUSES] & history.spouse_mask,
            },
            noc: tables.occupations.draw(places.occupation),
            segment: component.segment,
            nominated: component.nominated,
        }
    }

    /// The candidate that the parts make up, eligible or not: without eligibility no program
    /// takes it.
    #[inline]
    pub fn judge(&self, gathered: &Gathered) -> Drawn {
        let Gathered {
            history,
            results,
            noc,
            segment,
            nominated,
        } = gathered;
        let occupation = self.parts.occupation(NocIndex(*noc));
        let judged = (self.parts).judge(&history.person, *nominated, *results, occupation);
        Drawn {
            submitted: 0,
            traits: history.traits | (u32::from(*nominated) * self.nominee),
            eligibility: judged.eligibility.0,
            noc: *noc,
            english: results.english,
            french: results.french,
            spouse_language: results.spouse,
            score: judged.score,
            age: history.age,
            noc_months: history.noc_months,
            segment: *segment,
        }
    }
}

/// The profile's mixture: each segment without its nominees, and the nominees of each.
fn components(profile: &Profile) -> Vec<Component> {
    let total = |weight: fn(&Segment) -> f64| profile.segments.iter().map(weight).sum::<f64>();
    let (plain, nominees) = (total(|s| s.share), total(|s| s.nominee_share));
    let part = |weight: f64, total: f64| if total > 0.0 { weight / total } else { 0.0 };
    let mut components = Vec::new();
    for nominated in [false, true] {
        for (segment, place) in profile.segments.iter().zip(0..) {
            let weight = if nominated {
                part(segment.nominee_share, nominees) * profile.nominated
            } else {
                part(segment.share, plain) * (1.0 - profile.nominated)
            };
            components.push(Component {
                segment: place,
                nominated,
                weight,
            });
        }
    }
    components.retain(|component| component.weight > 0.0);
    components
}

impl Tables {
    fn new(segment: &Segment, place: u64, parts: &Parts) -> Self {
        let numbers = &mut stream(0, Purpose::Tables, 0, place);
        let occupations: Vec<(u16, f64)> = segment
            .occupations
            .iter()
            .map(|&(noc, weight)| (noc.0, weight))
            .collect();
        let citizenship: Vec<(u16, f64)> = (segment.citizenship.iter())
            .map(|&(country, weight)| (u16::from(country.0), weight))
            .collect();
        let histories = histories(segment, numbers);
        let histories = histories.iter().map(|person| History::new(person, parts));
        let earned = |&results: &u16| {
            let earned = parts.earned(false, results);
            (results != 0, earned.lowest, earned.first, results)
        };
        let mut english = language::<ENGLISH>(&segment.english, numbers);
        english.sort_by_cached_key(earned);
        let mut french = language::<FRENCH>(&segment.french, numbers);
        french.sort_by_cached_key(earned);
        let mut spouses = language::<SPOUSES>(&segment.spouse_language, numbers);
        spouses.sort_by_cached_key(|&results| (parts.spouse_earned(results), results));
        Tables {
            histories: boxed(histories),
            english,
            french,
            spouses,
            occupations: Alias::new(&occupations),
            citizenship: Alias::new(&citizenship),
        }
    }
}

impl History {
    fn new(person: &Candidate, parts: &Parts) -> Self {
        History {
            person: parts.person(person),
            traits: Packed::new(person, Score(0), Default::default()).traits,
            age: person.age,
            noc_months: person.noc_months,
            spouse_mask: if person.accompanying_spouse {
                u16::MAX
            } else {
                0
            },
        }
    }
}
