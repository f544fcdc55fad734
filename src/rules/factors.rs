//! Scored factors that a scenario adds: points by occupation for Canadian work or a job offer.
//! The grid's own factors live in `points`.

use super::candidate::{Candidate, JobOffer, NocIndex};
use super::errors::RulesError;
use super::noc;
use super::patch::{Counts, Factor};
use crate::nearest::nearest;
use crate::units::Score;

/// Names of the grid's own lines in section D, which no added factor may take.
const TAKEN: [&str; 6] = [
    "nomination",
    "sibling",
    "french",
    "canadian_study",
    "job_offer",
    "maximum",
];

/// The added factors of one set of rules.
#[derive(Debug, Clone, Default)]
pub(super) struct Factors(Vec<Compiled>);

#[derive(Debug, Clone)]
struct Compiled {
    name: String,
    work: bool,
    offer: bool,
    min_years: u8,
    /// Points by occupation; the last entry is for none.
    points: Vec<u16>,
}

impl Factors {
    /// Compiles the factors; every problem is added to `problems`.
    pub fn new(factors: &[Factor], problems: &mut Vec<RulesError>) -> Factors {
        let mut compiled: Vec<Compiled> = Vec::new();
        for factor in factors {
            let taken = compiled.iter().any(|known| known.name == factor.name);
            if taken || TAKEN.contains(&factor.name.as_str()) {
                problems.push(RulesError::RepeatedFactor {
                    name: factor.name.clone(),
                });
            }
            compiled.push(Compiled::new(factor, problems));
        }
        Factors(compiled)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `points` and what the factors add.
    #[inline]
    pub fn add(&self, points: u16, c: &Candidate) -> u16 {
        self.0
            .iter()
            .fold(points, |sum, factor| sum.saturating_add(factor.of(c)))
    }

    /// The most that all of them add together.
    pub fn most(&self) -> u16 {
        let most = |factor: &Compiled| factor.points.iter().copied().max().unwrap_or(0);
        self.0.iter().map(most).fold(0, u16::saturating_add)
    }

    /// Every factor with what it pays.
    pub fn each(&self, c: &Candidate) -> impl Iterator<Item = (&str, u16)> {
        self.0
            .iter()
            .map(|factor| (factor.name.as_str(), factor.of(c)))
    }
}

impl Compiled {
    fn new(factor: &Factor, problems: &mut Vec<RulesError>) -> Compiled {
        let within = format!("factor `{}`", factor.name);
        let mut points = vec![0; noc::COUNT + 1];
        let mut seen = vec![false; noc::COUNT + 1];
        if factor.tiers.is_empty() || factor.tiers.iter().any(|tier| tier.codes.is_empty()) {
            problems.push(RulesError::NoOccupation {
                within: within.clone(),
            });
        }
        for tier in &factor.tiers {
            if tier.points > Score::MAX.0 {
                problems.push(RulesError::TooMany {
                    name: within.clone(),
                    points: tier.points,
                    most: Score::MAX.0,
                });
            }
            for code in &tier.codes {
                let Some(index) = occupation(&within, code, problems) else {
                    continue;
                };
                let slot = noc::slot(index);
                if std::mem::replace(&mut seen[slot], true) {
                    problems.push(RulesError::RepeatedOccupation {
                        within: within.clone(),
                        code: code.clone(),
                    });
                }
                points[slot] = tier.points;
            }
        }
        Compiled {
            name: factor.name.clone(),
            work: matches!(factor.counts, Counts::CanadianWork | Counts::Either),
            offer: matches!(factor.counts, Counts::JobOffer | Counts::Either),
            min_years: factor.min_canadian_work_years.max(1),
            points,
        }
    }

    #[inline]
    fn of(&self, c: &Candidate) -> u16 {
        let work = self.work && c.noc_in_canada && c.canadian_work_years >= self.min_years;
        let offer = self.offer && c.job_offer != JobOffer::None;
        if work || offer {
            self.points[noc::slot(c.noc)]
        } else {
            0
        }
    }
}

/// The occupation with that code; a problem when there is none.
pub(super) fn occupation(
    within: &str,
    code: &str,
    problems: &mut Vec<RulesError>,
) -> Option<NocIndex> {
    let found = noc::find(code);
    if found.is_none() {
        problems.push(RulesError::UnknownOccupation {
            within: within.to_owned(),
            code: code.to_owned(),
            nearest: nearest(code, noc::all().filter_map(noc::code)).map(str::to_owned),
        });
    }
    found
}
