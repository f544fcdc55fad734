//! Draws candidates from a profile: one table lookup an attribute, judged by the rules in parts.
//! Which of them a pool keeps lives in `strata`, `drained` and `generate`.

use rand::Rng;
use rand::seq::SliceRandom;
use rayon::prelude::*;

use crate::pool::Packed;
use crate::random::{Purpose, Stream, stream};
use crate::rules::Rules;
use crate::rules::candidate::{Abilities, Candidate, CountryIndex};
use crate::rules::parts::{Languages, Occupation, Parts, Person};
use crate::units::Score;

use super::deal::{HISTORIES, histories};
use super::eligible;
use super::error::SynthesisError;
use super::profile::{Profile, Segment};
use super::tables::{Alias, boxed, language};

/// Dealt English results of a segment.
pub(super) const ENGLISH: usize = 1 << 11;
/// Dealt French results of a segment.
pub(super) const FRENCH: usize = 1 << 10;
/// Dealt results of spouses of a segment; each goes to as many histories.
const SPOUSES: usize = 1 << 9;

/// Candidates that are looked up before the first is judged.
pub(super) const BLOCK: usize = 64;

/// Least share of a segment's draws that must be eligible for a program.
const LEAST_ELIGIBLE: f64 = 0.05;
/// Most draws for one candidate of a component; at the least share of eligible candidates that
/// the sampler allows, that is missed once in 10^91.
const MOST_DRAWS: usize = 4_096;

/// Everything about a person that comes from one lookup: what the rules make of it, and what
/// the pool holds of it.
#[derive(Debug, Clone, Copy, Default)]
#[repr(align(32))]
pub(super) struct History {
    pub person: Person,
    traits: u32,
    age: u8,
    noc_months: u8,
    /// Results of the spouse who comes along; 0 without.
    spouse_language: u16,
}

/// The tables of one segment. Results of tests stand in rising order of what they earn.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub histories: Box<[History; HISTORIES]>,
    /// English results of those without French, without and with a spouse.
    pub english: [Box<[Languages; ENGLISH]>; 2],
    pub french: Box<[u16; FRENCH]>,
    occupations: Alias<Occupation>,
    citizenship: Alias,
    /// What any occupation of the segment allows: see [`Parts::allowed`].
    pub allowed: u8,
    /// Share of the draws whom some program takes.
    pub eligible: f64,
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
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Gathered {
    history: History,
    languages: Languages,
    occupation: Occupation,
    segment: u16,
    nominated: bool,
}

/// Where in the tables a candidate's parts stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Places {
    /// The stratum that it is drawn from, where it is from one.
    pub stratum: u32,
    pub history: u32,
    pub component: u16,
    pub english: u16,
    /// Results in French; 0 for no test.
    pub french: u16,
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
        for component in &sampler.components {
            let eligible = sampler.tables(component).eligible;
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

    /// The French results of a component's segment that stand in that place.
    #[inline]
    pub fn french(&self, component: u16, place: u16) -> u16 {
        let component = &self.components[usize::from(component)];
        self.tables(component).french[usize::from(place) % FRENCH]
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

    /// The parts of a draw of the component in that place, whether some program takes it or not.
    pub fn draw(&self, component: u16, numbers: &mut Stream) -> Gathered {
        let (bits, more) = (numbers.next_u64(), numbers.next_u64());
        let tables = self.tables(&self.components[usize::from(component)]);
        let mut gathered = Gathered::default();
        let places = Places {
            stratum: 0,
            component,
            history: (bits % HISTORIES as u64) as u32,
            english: ((bits >> 12) % ENGLISH as u64) as u16,
            french: tables.french[(bits >> 23) as usize % FRENCH],
            occupation: (more >> 32) as u32,
        };
        self.gather(&[places], std::slice::from_mut(&mut gathered));
        gathered
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

    /// Looks up the parts that stand at those places; each place counts modulo its table. What
    /// languages earn goes by the person: all people are looked up before.
    #[inline]
    pub fn gather(&self, places: &[Places], gathered: &mut [Gathered]) {
        for (places, to) in places.iter().zip(&mut *gathered) {
            let component = &self.components[usize::from(places.component)];
            let tables = self.tables(component);
            to.history = tables.histories[places.history as usize % HISTORIES];
            to.occupation = tables.occupations.draw(places.occupation);
            to.segment = component.segment;
            to.nominated = component.nominated;
        }
        for (places, to) in places.iter().zip(gathered) {
            let tables = &self.tables[usize::from(to.segment)];
            let spouse = to.history.person.has_spouse();
            let column = &tables.english[usize::from(spouse)];
            let languages = &column[usize::from(places.english) % ENGLISH];
            // Few take both tests: the branch is cheaper than judging both for everyone.
            to.languages = if places.french == 0 {
                *languages
            } else {
                (self.parts).languages(spouse, languages.english, places.french)
            };
        }
    }

    /// The candidate that the parts make up, eligible or not: without eligibility no program
    /// takes it.
    #[inline]
    pub fn judge(&self, gathered: &Gathered) -> Drawn {
        let Gathered {
            history,
            languages,
            occupation,
            segment,
            nominated,
        } = gathered;
        let judged = (self.parts).judge(&history.person, *nominated, languages, occupation);
        Drawn {
            traits: history.traits | (u32::from(*nominated) * self.nominee),
            eligibility: judged.eligibility.0,
            noc: occupation.noc,
            english: languages.english,
            french: languages.french,
            spouse_language: history.spouse_language,
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
        let occupations: Vec<(Occupation, f64)> = (segment.occupations.iter())
            .map(|&(noc, weight)| (*parts.occupation(noc), weight))
            .collect();
        let citizenship: Vec<(u16, f64)> = (segment.citizenship.iter())
            .map(|&(country, weight)| (u16::from(country.0), weight))
            .collect();
        let mut people = histories(segment, numbers);
        let mut english = language::<ENGLISH>(&segment.english, numbers);
        let mut french = language::<FRENCH>(&segment.french, numbers);
        // Whether there are any, the lowest level, points, and the results, in one number.
        let rising = |&results: &u16| {
            let earned = parts.earned(false, results);
            u64::from(results != 0) << 56
                | u64::from(earned.lowest) << 48
                | u64::from(earned.first) << 16
                | u64::from(results)
        };
        english.sort_by_cached_key(rising);
        french.sort_by_cached_key(rising);
        let spouses = language::<SPOUSES>(&segment.spouse_language, numbers);
        let mut dealt: Vec<u16> = spouses.iter().copied().cycle().take(HISTORIES).collect();
        dealt.shuffle(numbers);
        for (person, results) in people.iter_mut().zip(dealt) {
            if person.accompanying_spouse {
                person.spouse_language = Abilities::unpack(results);
            }
        }
        let judged = |spouse| boxed(english.iter().map(|&one| parts.languages(spouse, one, 0)));
        let histories: Box<[History; HISTORIES]> =
            boxed(people.iter().map(|person| History::new(person, parts)));
        let english: [Box<[Languages; ENGLISH]>; 2] = [judged(false), judged(true)];
        Tables {
            eligible: eligible::share(
                parts,
                histories.iter().map(|history| &history.person),
                &english[0][..],
                &french[..],
                &occupations,
            ),
            histories,
            english,
            french,
            occupations: Alias::new(&occupations),
            citizenship: Alias::new(&citizenship),
            allowed: parts.allowed(segment.occupations.iter().map(|&(noc, _)| noc)),
        }
    }
}

impl History {
    fn new(person: &Candidate, parts: &Parts) -> Self {
        let packed = Packed::new(person, Score(0), Default::default());
        History {
            person: parts.person(person, true),
            traits: packed.traits,
            age: person.age,
            noc_months: person.noc_months,
            spouse_language: packed.spouse_language,
        }
    }
}
