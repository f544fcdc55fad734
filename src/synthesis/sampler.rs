//! Draws candidates from a profile: one table lookup an attribute, eligible candidates only.
//! Which of them a pool keeps lives in `calibrate` and `generate`.

use rand::Rng;

use crate::pool::Packed;
use crate::random::{Purpose, Stream, stream};
use crate::rules::Rules;
use crate::rules::candidate::{
    Abilities, CanadianEducation, Candidate, CountryIndex, Education, FirstLanguage, Gender,
    JobOffer, NocIndex,
};
use crate::units::{Instant, Score};

use super::error::SynthesisError;
use super::profile::{Profile, Segment};
use super::tables::{Alias, Deck, bell, language};

/// Dealt personal histories (age, study, work, spouse ...) of a segment.
const HISTORIES: usize = 1 << 12;
/// Dealt English results of a segment.
const ENGLISH: usize = 1 << 11;
/// Dealt French results of a segment.
const FRENCH: usize = 1 << 10;
/// Dealt results of spouses of a segment.
const SPOUSES: usize = 1 << 9;

/// Least share of a segment's draws that must be eligible for a program.
const LEAST_ELIGIBLE: f64 = 0.05;
/// Draws that check that share.
const CHECKED: u32 = 512;
/// Most draws for one eligible candidate; at the least share that is missed once in 10^91.
const MOST_DRAWS: u32 = 4_096;

/// Everything about a person that comes from one lookup.
#[derive(Debug, Clone, Copy)]
struct History {
    traits: u32,
    age: u8,
    noc_months: u8,
    spouse_mask: u16,
}

/// The tables of one segment.
#[derive(Debug, Clone)]
struct Tables {
    histories: Box<[History]>,
    english: Box<[u16]>,
    french: Box<[u16]>,
    spouse_language: Box<[u16]>,
    occupations: Alias,
    citizenship: Alias,
}

/// A segment, its nominees or the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Component {
    segment: u16,
    nomination: u32,
    /// Share of the mixture (all components add up to 1).
    pub weight: f64,
}

impl Component {
    /// Place of its segment in the profile.
    pub fn segment(&self) -> usize {
        usize::from(self.segment)
    }

    /// Whether it holds the segment's nominees.
    pub fn is_nominated(&self) -> bool {
        self.nomination != 0
    }
}

/// Draws candidates who are eligible for a program, scored by the rules of one date.
#[derive(Debug, Clone)]
pub struct Sampler<'r> {
    rules: &'r Rules,
    tables: Vec<Tables>,
    components: Vec<Component>,
    pick: Alias,
}

impl<'r> Sampler<'r> {
    /// Builds the tables of a profile. They depend on the profile alone, not on any seed.
    ///
    /// # Errors
    /// When hardly any candidate of some segment is eligible for a program under the rules.
    pub fn new(profile: &Profile, rules: &'r Rules) -> Result<Self, SynthesisError> {
        let tables: Vec<Tables> = (profile.segments.iter().zip(0..))
            .map(|(segment, place)| Tables::new(segment, place))
            .collect();
        let components = components(profile);
        let sampler = Sampler {
            rules,
            tables,
            pick: alias(&components),
            components,
        };
        for (place, component) in sampler.components.iter().enumerate() {
            let mut numbers = stream(1, Purpose::Tables, 0, place as u64);
            let eligible = (0..CHECKED)
                .filter(|_| {
                    let bits = numbers.next_u64();
                    let drawn = sampler.person(*component, bits, &mut numbers);
                    sampler.rules.eligibility(&drawn.candidate()).0 != 0
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

    /// A candidate of the mixture, with points and eligibility, submitted at `at`.
    ///
    /// # Errors
    /// [`SynthesisError::Unlucky`] in the event that no draw is eligible.
    #[inline]
    pub fn draw(&self, numbers: &mut Stream, at: Instant) -> Result<Packed, SynthesisError> {
        let bits = numbers.next_u64();
        let component = self.components[usize::from(self.pick.draw((bits >> 32) as u32))];
        let mut drawn = self.eligible(component, bits, numbers)?;
        drawn.submitted = at.seconds();
        Ok(drawn)
    }

    /// The components and their shares.
    pub(super) fn components(&self) -> &[Component] {
        &self.components
    }

    /// Replaces the shares of the components.
    pub(super) fn set_weights(&mut self, weights: &[f64]) {
        for (component, &weight) in self.components.iter_mut().zip(weights) {
            component.weight = weight;
        }
        self.pick = alias(&self.components);
    }

    /// An eligible candidate of the component in that place, without a submission time.
    #[inline]
    pub(super) fn draw_from(
        &self,
        place: usize,
        numbers: &mut Stream,
    ) -> Result<Packed, SynthesisError> {
        let bits = numbers.next_u64();
        self.eligible(self.components[place], bits, numbers)
    }

    /// Draws until a program takes the candidate. `bits` leaves its high half to the caller.
    #[inline]
    fn eligible(
        &self,
        component: Component,
        mut bits: u64,
        numbers: &mut Stream,
    ) -> Result<Packed, SynthesisError> {
        for _ in 0..MOST_DRAWS {
            let mut drawn = self.person(component, bits, numbers);
            let candidate = drawn.candidate();
            let eligibility = self.rules.eligibility(&candidate);
            if eligibility.0 != 0 {
                let Score(score) = self.rules.points(&candidate).total();
                drawn.score = score;
                drawn.eligibility = eligibility.0;
                return Ok(drawn);
            }
            bits = numbers.next_u64();
        }
        Err(SynthesisError::Unlucky)
    }

    /// One draw, eligible or not: the low 32 of `bits` and 64 more.
    #[inline]
    fn person(&self, component: Component, bits: u64, numbers: &mut Stream) -> Packed {
        let tables = &self.tables[usize::from(component.segment)];
        let more = numbers.next_u64();
        let place = |bits: u64, shift: u32, count: usize| (bits >> shift) as usize & (count - 1);
        let history = tables.histories[place(bits, 0, HISTORIES)];
        let spouse_language = tables.spouse_language[place(bits, 23, SPOUSES)];
        Packed {
            submitted: 0,
            age: history.age,
            noc: tables.occupations.draw((more >> 32) as u32),
            english: tables.english[place(bits, 12, ENGLISH)],
            french: tables.french[place(more, 22, FRENCH)],
            spouse_language: spouse_language & history.spouse_mask,
            traits: history.traits | component.nomination,
            noc_months: history.noc_months,
            citizenship: tables.citizenship.draw((more as u32) << 10) as u8,
            score: 0,
            eligibility: 0,
        }
    }
}

/// The profile's mixture: each segment without its nominees, and the nominees of each.
fn components(profile: &Profile) -> Vec<Component> {
    let nominee = Packed::new(&blank(true), Score(0), Default::default()).traits
        ^ Packed::new(&blank(false), Score(0), Default::default()).traits;
    let total = |weight: fn(&Segment) -> f64| profile.segments.iter().map(weight).sum::<f64>();
    let (plain, nominees) = (total(|s| s.share), total(|s| s.nominee_share));
    let part = |weight: f64, total: f64| if total > 0.0 { weight / total } else { 0.0 };
    let mut components = Vec::new();
    for (place, segment) in profile.segments.iter().enumerate() {
        components.push(Component {
            segment: place as u16,
            nomination: 0,
            weight: part(segment.share, plain) * (1.0 - profile.nominated),
        });
    }
    for (place, segment) in profile.segments.iter().enumerate() {
        components.push(Component {
            segment: place as u16,
            nomination: nominee,
            weight: part(segment.nominee_share, nominees) * profile.nominated,
        });
    }
    components.retain(|component| component.weight > 0.0);
    components
}

fn alias(components: &[Component]) -> Alias {
    let outcomes: Vec<(u16, f64)> = (components.iter().zip(0..))
        .map(|(component, place)| (place, component.weight))
        .collect();
    Alias::new(&outcomes)
}

/// A candidate with nothing, nominated or not.
fn blank(nominated: bool) -> Candidate {
    Candidate {
        submitted_at: Instant::from_seconds(0),
        age: 0,
        accompanying_spouse: false,
        education: Education::None,
        canadian_education: CanadianEducation::None,
        english: Abilities::default(),
        french: Abilities::default(),
        first_language: FirstLanguage::Best,
        canadian_work_years: 0,
        foreign_work_years: 0,
        trade_certificate: false,
        spouse_education: Education::None,
        spouse_language: Abilities::default(),
        spouse_canadian_work_years: 0,
        sibling_in_canada: false,
        provincial_nomination: nominated,
        job_offer: JobOffer::None,
        noc: NocIndex::NONE,
        noc_months: 0,
        noc_in_canada: false,
        citizenship: CountryIndex::UNKNOWN,
        gender: Gender::Unstated,
    }
}

impl Tables {
    fn new(segment: &Segment, place: u64) -> Self {
        let numbers = &mut stream(0, Purpose::Tables, 0, place);
        let occupations: Vec<(u16, f64)> = segment
            .occupations
            .iter()
            .map(|&(noc, weight)| (noc.0, weight))
            .collect();
        let citizenship: Vec<(u16, f64)> = (segment.citizenship.iter())
            .map(|&(country, weight)| (u16::from(country.0), weight))
            .collect();
        Tables {
            histories: histories(segment, numbers),
            english: language(&segment.english, ENGLISH, numbers),
            french: language(&segment.french, FRENCH, numbers),
            spouse_language: language(&segment.spouse_language, SPOUSES, numbers),
            occupations: Alias::new(&occupations),
            citizenship: Alias::new(&citizenship),
        }
    }
}

/// Years between 18 and the end of the studies for each level of education.
const STUDY_YEARS: [u8; 8] = [0, 0, 1, 2, 4, 4, 5, 8];

/// Deals the personal histories of a segment: every share is exact to one in their number.
fn histories(segment: &Segment, numbers: &mut Stream) -> Box<[History]> {
    let mut deck = || Deck::new(HISTORIES, numbers);
    let (women, spouse, education, study) = (deck(), deck(), deck(), deck());
    let (canadian, foreign, certificate, offer) = (deck(), deck(), deck(), deck());
    let (sibling, in_canada, spouse_education, spouse_work) = (deck(), deck(), deck(), deck());
    (0..HISTORIES)
        .map(|at| {
            let mut person = blank(false);
            person.age = bell(&segment.age, numbers);
            person.noc_months = bell(&segment.noc_months, numbers);
            person.gender = if women.within(at, segment.women) {
                Gender::Woman
            } else {
                Gender::Man
            };
            let by_age = match person.age {
                ..30 => segment.spouse[0],
                30..35 => segment.spouse[1],
                35.. => segment.spouse[2],
            };
            person.accompanying_spouse = spouse.within(at, by_age);
            person.education = Education::from_bits(education.among(at, &segment.education) as u8);
            let studied = study.among(at, &segment.canadian_education) as u8;
            person.canadian_education =
                fitting_study(person.education, CanadianEducation::from_bits(studied));
            person.canadian_work_years = canadian.among(at, &segment.canadian_work) as u8;
            let left = person
                .age
                .saturating_sub(18 + STUDY_YEARS[person.education as usize])
                .saturating_sub(person.canadian_work_years);
            person.foreign_work_years = (foreign.among(at, &segment.foreign_work) as u8).min(left);
            person.trade_certificate = certificate.within(at, segment.certificate);
            person.job_offer = JobOffer::from_bits(offer.among(at, &segment.job_offer) as u8);
            person.sibling_in_canada = sibling.within(at, segment.sibling);
            person.noc_in_canada =
                person.canadian_work_years > 0 && in_canada.within(at, segment.noc_in_canada);
            if person.accompanying_spouse {
                let level = spouse_education.among(at, &segment.spouse_education);
                person.spouse_education = Education::from_bits(level as u8);
                person.spouse_canadian_work_years =
                    spouse_work.among(at, &segment.spouse_work) as u8;
            }
            History {
                traits: Packed::new(&person, Score(0), Default::default()).traits,
                age: person.age,
                noc_months: person.noc_months,
                spouse_mask: if person.accompanying_spouse {
                    u16::MAX
                } else {
                    0
                },
            }
        })
        .collect()
}

/// Study in Canada cannot be longer than the highest credential.
fn fitting_study(education: Education, study: CanadianEducation) -> CanadianEducation {
    match education {
        Education::None | Education::Secondary => CanadianEducation::None,
        Education::OneYear | Education::TwoYear => study.min(CanadianEducation::OneOrTwoYear),
        _ => study,
    }
}
