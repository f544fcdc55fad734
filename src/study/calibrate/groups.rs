//! Who carries a group's tilt in a profile: the listed occupations, those tested in French, whole
//! segments; and the profile that comes of a tilt.
//! Which tilts fit the published rounds is `fit`'s to find.

use std::collections::BTreeSet;

use super::simulate::kind_of;
use crate::portable::exp;
use crate::rules::candidate::NocIndex;
use crate::rules::{Rules, categories};
use crate::synthesis::Profile;
use crate::synthesis::pilot::{Part, Person};
use crate::units::Date;

/// Score around which tilts turn, and the points over which they are measured.
const CENTRE: f64 = 450.0;
const POINTS: f64 = 50.0;
/// Part of a segment's candidates in a group from which the whole segment carries it.
const WHOLE: f64 = 0.5;
/// Most groups: one bit each.
const MOST: usize = 32;

/// How much larger a group is than the profile has it: its logarithm is a line in the mean score
/// of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tilt {
    /// At the centre of scores.
    pub level: f64,
    /// For every 50 points above it.
    pub slope: f64,
}

/// A tilt for every group.
#[derive(Debug, Clone, PartialEq)]
pub struct Tilts(pub Vec<Tilt>);

/// What a group is told by.
#[derive(Debug, Clone, PartialEq)]
enum Carrier {
    /// A list of occupations.
    Occupations(BTreeSet<NocIndex>),
    /// Results in French.
    French,
    /// Membership of most of a segment (programs).
    Segments,
    /// A nomination.
    Nominees,
}

/// The groups of a calibration.
#[derive(Debug, Clone)]
pub struct Groups {
    /// Types of rounds, in order.
    pub names: Vec<String>,
    carriers: Vec<Carrier>,
    /// Segments that carry a group as a whole, group by group.
    whole: Vec<Vec<bool>>,
    /// Mean score of each segment, measured from the centre.
    heights: Vec<f64>,
}

impl Groups {
    /// The groups of some types of rounds, told from a pilot under the rules of `date`; lists of
    /// occupations are those of every version in force by then.
    pub fn new(names: &BTreeSet<&str>, parts: &[Part], rules: &Rules, date: Date) -> Self {
        let names: Vec<String> = names
            .iter()
            .take(MOST)
            .map(|&name| name.to_owned())
            .collect();
        let segments = 1 + parts.iter().map(|part| part.segment).max().unwrap_or(0);
        let mut heights = vec![0.0; segments];
        for part in parts.iter().filter(|part| !part.nominated) {
            let sum: f64 = part.people.iter().map(|one| f64::from(one.score)).sum();
            let mean = sum / part.people.len().max(1) as f64;
            heights[part.segment] = ((mean - CENTRE) / POINTS).clamp(-2.0, 2.0);
        }
        let carriers: Vec<Carrier> = names.iter().map(|name| carrier(name, date)).collect();
        let whole = names
            .iter()
            .zip(&carriers)
            .map(|(name, carrier)| {
                let mut whole = vec![false; segments];
                let kind = kind_of(name, rules);
                for part in parts.iter().filter(|part| !part.nominated) {
                    let member = |person: &&Person| {
                        kind.is_some_and(|kind| person.eligibility & kind.filter().0 != 0)
                    };
                    let members = part.people.iter().filter(member).count() as f64;
                    whole[part.segment] = matches!(carrier, Carrier::French | Carrier::Segments)
                        && members >= WHOLE * part.people.len() as f64;
                }
                whole
            })
            .collect();
        Groups {
            names,
            carriers,
            whole,
            heights,
        }
    }

    /// No tilt at all.
    pub fn level(&self) -> Tilts {
        Tilts(vec![Tilt::default(); self.names.len()])
    }

    /// The type whose members are told by French, and the places of the segments that are theirs.
    pub fn french(&self) -> Option<(&str, Vec<usize>)> {
        let group = (self.carriers.iter()).position(|carrier| *carrier == Carrier::French)?;
        let whole = self.whole[group].iter().enumerate();
        let places = whole.filter(|(_, whole)| **whole).map(|(place, _)| place);
        Some((&self.names[group], places.collect()))
    }

    fn carried(&self, part: &Part, person: &Person) -> u32 {
        let carries = |group: usize| match &self.carriers[group] {
            Carrier::Occupations(codes) => codes.contains(&person.noc),
            Carrier::French => {
                !part.nominated && (self.whole[group][part.segment] || person.tested_in_french)
            }
            Carrier::Segments => !part.nominated && self.whole[group][part.segment],
            Carrier::Nominees => false,
        };
        (0..self.names.len())
            .filter(|&group| carries(group))
            .fold(0, |bits, group| bits | 1 << group)
    }

    fn factor(&self, tilts: &Tilts, group: usize, segment: usize) -> f64 {
        let Tilt { level, slope } = tilts.0[group];
        exp(level + slope * self.heights[segment])
    }

    /// The profile with the tilts in it: weights of segments, and within them weights of
    /// occupations and the part tested in French; and the share of nominees.
    pub fn apply(&self, base: &Profile, tilts: &Tilts) -> Profile {
        let mut profile = base.clone();
        for (place, segment) in profile.segments.iter_mut().enumerate() {
            // A segment without a share has no part in the pilot and stays as it is.
            if place >= self.heights.len() {
                continue;
            }
            let before: f64 = segment.occupations.iter().map(|entry| entry.1).sum();
            for (group, carrier) in self.carriers.iter().enumerate() {
                let factor = self.factor(tilts, group, place);
                match carrier {
                    Carrier::Occupations(codes) => {
                        let listed = segment.occupations.iter_mut();
                        listed
                            .filter(|(code, _)| codes.contains(code))
                            .for_each(|(_, weight)| *weight *= factor);
                    }
                    Carrier::French | Carrier::Segments if self.whole[group][place] => {
                        segment.share *= factor;
                    }
                    Carrier::French => {
                        let tested = segment.french.tested;
                        let grown = 1.0 - tested + tested * factor;
                        segment.french.tested = tested * factor / grown;
                        segment.share *= grown;
                    }
                    Carrier::Segments => {}
                    Carrier::Nominees => segment.nominee_share *= factor,
                }
            }
            let after: f64 = segment.occupations.iter().map(|entry| entry.1).sum();
            segment.share *= after / before;
        }
        let nominees = |profile: &Profile| -> f64 {
            profile
                .segments
                .iter()
                .map(|segment| segment.nominee_share)
                .sum()
        };
        if nominees(base) > 0.0 {
            let grown = base.nominated * nominees(&profile) / nominees(base);
            profile.nominated = digits(grown / (1.0 - base.nominated + grown));
        }
        tidy(&mut profile);
        profile
    }
}

/// Weights with few digits, shares of segments that add up to 100.
fn tidy(profile: &mut Profile) {
    let total: f64 = profile.segments.iter().map(|segment| segment.share).sum();
    for segment in &mut profile.segments {
        segment.share = digits(100.0 * segment.share / total);
        segment.nominee_share = digits(segment.nominee_share);
        segment.french.tested = digits(segment.french.tested);
        for (_, weight) in &mut segment.occupations {
            *weight = digits(*weight);
        }
    }
}

/// Six significant digits.
fn digits(value: f64) -> f64 {
    format!("{value:.5e}").parse().unwrap_or(value)
}

fn carrier(name: &str, date: Date) -> Carrier {
    match name {
        "pnp" => Carrier::Nominees,
        "general" | "cec" | "fsw" | "fst" => Carrier::Segments,
        name => {
            let known = || categories::versions(name).filter(|version| version.from <= date);
            let codes: BTreeSet<NocIndex> = known()
                .flat_map(|version| version.conditions.occupations.iter().copied())
                .collect();
            if codes.is_empty() {
                Carrier::French
            } else {
                Carrier::Occupations(codes)
            }
        }
    }
}

/// A pilot sample with what each candidate carries.
#[derive(Debug)]
pub struct Pilot {
    /// The sample.
    pub parts: Vec<Part>,
    /// Groups that each candidate carries, one bit each, part by part.
    pub carried: Vec<Vec<u32>>,
    groups: Groups,
}

/// The factors of one part.
#[derive(Debug)]
pub struct Factors {
    groups: Vec<f64>,
    nominated: Option<f64>,
}

impl Pilot {
    /// A sample seen by the groups.
    pub fn new(parts: Vec<Part>, groups: &Groups) -> Self {
        let carried = parts
            .iter()
            .map(|part| {
                let people = part.people.iter();
                people.map(|person| groups.carried(part, person)).collect()
            })
            .collect();
        Pilot {
            parts,
            carried,
            groups: groups.clone(),
        }
    }

    /// The factors of one part under tilts.
    pub fn factors(&self, tilts: &Tilts, part: usize) -> Factors {
        let Part {
            segment, nominated, ..
        } = self.parts[part];
        let groups: Vec<f64> = (0..self.groups.names.len())
            .map(|group| self.groups.factor(tilts, group, segment))
            .collect();
        let pnp = groups.iter().zip(&self.groups.carriers);
        let pnp = pnp
            .filter(|(_, carrier)| **carrier == Carrier::Nominees)
            .map(|(factor, _)| *factor)
            .product();
        Factors {
            groups,
            nominated: nominated.then_some(pnp),
        }
    }

    /// Scales the parts without a nomination so that they keep their share of the mixture, however
    /// they are tilted among themselves; then all so that they add up to 1.
    pub fn normalise(&self, own: &mut [f64]) {
        let plain = |own: &[f64]| -> f64 {
            (self.parts.iter().zip(own))
                .filter(|(part, _)| !part.nominated)
                .map(|(_, weight)| weight)
                .sum()
        };
        let wanted: f64 = (self.parts.iter().filter(|part| !part.nominated))
            .map(|part| part.weight)
            .sum();
        let have = plain(own);
        for (part, weight) in self.parts.iter().zip(own.iter_mut()) {
            if !part.nominated {
                *weight *= wanted / have;
            }
        }
        let total: f64 = own.iter().sum();
        own.iter_mut().for_each(|weight| *weight /= total);
    }
}

impl Factors {
    /// The weight of a candidate who carries these groups.
    #[inline]
    pub fn of(&self, mut carried: u32) -> f64 {
        let mut factor = 1.0;
        while carried != 0 {
            factor *= self.groups[carried.trailing_zeros() as usize];
            carried &= carried - 1;
        }
        factor
    }

    /// The factor of the whole part, whose candidates have this mean weight: how many nominees there
    /// are does not depend on their occupations.
    pub fn part(&self, mean: f64) -> f64 {
        self.nominated.unwrap_or(mean)
    }
}
