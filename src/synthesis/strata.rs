//! Where the candidates of each score band stand: parts of the mixture that hold every candidate
//! of the band and few others, so that hardly a draw is wasted.
//! The mixture is fitted in `calibrate`; who is kept is decided in `generate`.
//!
//! A stratum is a product: people of a component with or without a spouse whose points without
//! languages lie in a range, and slices of the English, French and spouses' results. Every
//! candidate of the mixture with a score in the band stands in exactly one stratum of it, and a
//! stratum is drawn as often as the mixture draws from it. Keeping the draws whose score lies in
//! the band therefore gives the mixture's own distribution within the band, whatever the strata are;
//! they decide only how many draws that takes.

use std::ops::RangeInclusive;

use rand::Rng;
use rayon::prelude::*;

use crate::pool::Band;
use crate::random::Stream;
use crate::rules::parts::Parts;

use super::deal::HISTORIES;
use super::sampler::{
    BLOCK, Component, ENGLISH, FRENCH, Gathered, Places, SPOUSES, Sampler, Tables,
};
use super::tables::Alias;

/// Most points between the results of a slice: of English without French, of the rest.
const FINE: u32 = 6;
const COARSE: u32 = 12;
/// Most points between spouses' results of a slice.
const SPOUSE: u32 = 8;
/// Scores and sums of points that are told apart.
const SCORES: usize = 2_048;

/// Entries of a table that stand side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Run {
    first: u16,
    count: u16,
}

impl Run {
    /// One of the entries, for 32 random bits.
    #[inline]
    fn pick(self, bits: u32) -> usize {
        usize::from(self.first) + ((u64::from(self.count) * u64::from(bits)) >> 32) as usize
    }
}

#[derive(Debug, Clone, Copy)]
struct Stratum {
    /// First of a run of `Strata::order`, to which `people` is added.
    ladder: u32,
    people: Run,
    english: Run,
    french: Run,
    spouses: Run,
    component: u16,
}

/// The strata of every band.
#[derive(Debug, Clone, Default)]
pub(super) struct Strata {
    /// Places of histories, by component, first language and spouse in order of points.
    order: Vec<u16>,
    bands: Vec<OfBand>,
}

/// The ladder of a component, and for each band its strata with what they weigh.
type OfComponent = (Vec<u16>, Vec<Vec<(Stratum, f64)>>);

#[derive(Debug, Clone)]
struct OfBand {
    strata: Vec<Stratum>,
    pick: Option<Alias<u32>>,
}

impl Strata {
    /// Finds the strata of the bands for a mixture: the weight of each component is that of its
    /// draws, eligible or not.
    pub fn new(sampler: &Sampler, weights: &[f64], bands: &[Band]) -> Self {
        let whole: Vec<OfComponent> = (sampler.components().par_iter())
            .enumerate()
            .map(|(place, component)| {
                let mut found =
                    Finder::new(sampler, component, place as u16, weights[place], bands);
                found.find();
                (found.order, found.strata)
            })
            .collect();
        let mut order = Vec::new();
        let mut strata = vec![Vec::new(); bands.len()];
        for (places, of_bands) in whole {
            let before = order.len() as u32;
            order.extend(places);
            for (all, some) in strata.iter_mut().zip(of_bands) {
                all.extend(some.into_iter().map(|(mut stratum, mass)| {
                    stratum.ladder += before;
                    (stratum, mass)
                }));
            }
        }
        Strata {
            order,
            bands: strata.into_par_iter().map(OfBand::new).collect(),
        }
    }

    /// The strata of a band; none when nobody of the mixture lies there.
    #[inline]
    pub fn of_band(&self, band: usize) -> Option<BandStrata<'_>> {
        let of_band = &self.bands[band];
        Some(BandStrata {
            order: &self.order,
            strata: &of_band.strata,
            pick: of_band.pick.as_ref()?,
        })
    }
}

impl OfBand {
    fn new(weighed: Vec<(Stratum, f64)>) -> Self {
        let masses: Vec<(u32, f64)> = (0..).zip(weighed.iter().map(|entry| entry.1)).collect();
        OfBand {
            pick: (!masses.is_empty()).then(|| Alias::new(&masses)),
            strata: weighed.into_iter().map(|entry| entry.0).collect(),
        }
    }
}

/// The strata of one band.
#[derive(Debug, Clone, Copy)]
pub(super) struct BandStrata<'s> {
    order: &'s [u16],
    strata: &'s [Stratum],
    pick: &'s Alias<u32>,
}

impl BandStrata<'_> {
    /// The parts of so many draws from the strata, whether eligible and in the band or not.
    #[inline]
    pub fn gather(
        &self,
        sampler: &Sampler,
        draws: usize,
        gathered: &mut Vec<Gathered>,
        numbers: &mut Stream,
    ) {
        let mut picked = [Places::default(); BLOCK];
        let picked = &mut picked[..draws.min(BLOCK)];
        let mut components = [0; BLOCK];
        for (places, component) in picked.iter_mut().zip(&mut components) {
            let bits = [numbers.next_u64(), numbers.next_u64(), numbers.next_u64()];
            let (high, low) = (
                |at: usize| (bits[at] >> 32) as u32,
                |at: usize| bits[at] as u32,
            );
            let stratum = &self.strata[self.pick.draw(high(0)) as usize];
            *component = stratum.component;
            *places = Places {
                history: stratum.ladder as usize + stratum.people.pick(low(0)),
                english: stratum.english.pick(high(1)),
                french: stratum.french.pick(low(1)),
                spouse: stratum.spouses.pick(low(2)),
                occupation: high(2),
            };
        }
        gathered.clear();
        gathered.extend(picked.iter().zip(components).map(|(places, component)| {
            let history = usize::from(self.order[places.history]);
            sampler.gather(component, Places { history, ..*places })
        }));
    }
}

/// Results of a test that earn about the same.
#[derive(Debug, Clone)]
struct Slice {
    run: Run,
    tested: bool,
    lowest: RangeInclusive<u8>,
    /// Least and most points as first and as second language, without and with a spouse.
    first: [[u32; 2]; 2],
    second: [[u32; 2]; 2],
}

/// Cuts results in rising order of lowest level and points into slices; a slice has one lowest
/// level, or several that no person earns other points with in section C.
fn slices(parts: &Parts, results: &[u16], most: u32, alike: &[u8; 16]) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    for (place, &results) in (0..).zip(results) {
        let earned = [false, true].map(|spouse| parts.earned(spouse, results));
        let (first, second) = (earned.map(|e| e.first), earned.map(|e| e.second));
        let lowest = earned[0].lowest;
        let tested = results != 0;
        let fits = |slice: &Slice| {
            slice.tested == tested
                && alike[usize::from(lowest)] == alike[usize::from(*slice.lowest.start())]
                && parts.bonus(lowest, 7) == parts.bonus(*slice.lowest.start(), 7)
                && parts.bonus(5, lowest) == parts.bonus(5, *slice.lowest.start())
                && (first[0].max(slice.first[0][1]) - first[0].min(slice.first[0][0])) <= most
        };
        match slices.last_mut() {
            Some(slice) if fits(slice) => {
                slice.run.count += 1;
                slice.lowest = *slice.lowest.start()..=lowest;
                for column in 0..2 {
                    widen(&mut slice.first[column], first[column]);
                    widen(&mut slice.second[column], second[column]);
                }
            }
            _ => slices.push(Slice {
                run: Run {
                    first: place,
                    count: 1,
                },
                tested,
                lowest: lowest..=lowest,
                first: first.map(|points| [points; 2]),
                second: second.map(|points| [points; 2]),
            }),
        }
    }
    slices
}

/// By level: the lowest at which section C pays everyone the same.
fn alike(transfers: &[&[u16; 16]]) -> [u8; 16] {
    std::array::from_fn(|level| {
        let same = |other: &u8| {
            let same = |row: &&[u16; 16]| row[usize::from(*other)] == row[level];
            transfers.iter().all(same)
        };
        (0..16).find(same).unwrap_or(level as u8)
    })
}

fn widen(range: &mut [u32; 2], points: u32) {
    *range = [range[0].min(points), range[1].max(points)];
}

/// Cuts spouses' results in rising order into runs with their least and most points.
fn spouse_runs(parts: &Parts, results: &[u16]) -> Vec<(Run, [u32; 2])> {
    let mut runs: Vec<(Run, [u32; 2])> = Vec::new();
    for (place, &results) in (0..).zip(results) {
        let points = parts.spouse_earned(results);
        match runs.last_mut() {
            Some((run, range)) if points - range[0] <= SPOUSE && (range[1] > 0) == (points > 0) => {
                run.count += 1;
                range[1] = points;
            }
            _ => runs.push((
                Run {
                    first: place,
                    count: 1,
                },
                [points; 2],
            )),
        }
    }
    runs
}

/// Histories of a component, with or without a spouse, in order of points without languages.
struct Ladder {
    /// How many have fewer points, by points.
    below: Vec<u16>,
    /// Place of the first in the order.
    first: u32,
}

impl Ladder {
    /// Those with points from `least` to `most`.
    fn between(&self, least: i64, most: i64) -> Run {
        let place = |points: i64| self.below[points.clamp(0, SCORES as i64) as usize];
        let (from, to) = (place(least), place(most + 1));
        Run {
            first: from,
            count: to.saturating_sub(from),
        }
    }
}

/// Finds the strata of one component.
struct Finder<'a> {
    parts: &'a Parts,
    tables: &'a Tables,
    component: &'a Component,
    place: u16,
    weight: f64,
    bands: &'a [Band],
    order: Vec<u16>,
    strata: Vec<Vec<(Stratum, f64)>>,
}

impl<'a> Finder<'a> {
    fn new(
        sampler: &'a Sampler,
        component: &'a Component,
        place: u16,
        weight: f64,
        bands: &'a [Band],
    ) -> Self {
        Finder {
            parts: sampler.parts(),
            tables: sampler.tables(component),
            component,
            place,
            weight,
            bands,
            order: Vec::new(),
            strata: vec![Vec::new(); bands.len()],
        }
    }

    fn find(&mut self) {
        let (parts, tables) = (self.parts, self.tables);
        let people = |spouse: bool| -> Vec<u16> {
            (0..HISTORIES as u16)
                .filter(|&at| tables.histories[usize::from(at)].person.has_spouse() == spouse)
                .collect()
        };
        let whole = Run {
            first: 0,
            count: SPOUSES as u16,
        };
        for (spouse, runs) in [
            (false, vec![(whole, [0; 2])]),
            (true, spouse_runs(parts, &tables.spouses[..])),
        ] {
            let people = people(spouse);
            if people.is_empty() {
                continue;
            }
            let person = |&at: &u16| &tables.histories[usize::from(at)].person;
            let mut transfers: Vec<&[u16; 16]> = people
                .iter()
                .map(|at| parts.transfers(person(at)))
                .collect();
            transfers.sort_unstable();
            transfers.dedup();
            let alike = alike(&transfers);
            let french = slices(parts, &tables.french[..], COARSE, &alike);
            let untested: Vec<&Slice> = french.iter().filter(|slice| !slice.tested).collect();
            let tested: Vec<&Slice> = french.iter().filter(|slice| slice.tested).collect();
            let mut column = Column {
                spouse,
                ladders: std::array::from_fn(|_| None),
                cut: [0; 2],
                people,
                transfers,
                alike,
                runs,
                least_level: 0,
            };
            let may = |level: &u8| {
                let may = |at: &u16| parts.may_be_eligible(person(at), *level);
                column.people.iter().any(may)
            };
            let Some(least_level) = (0..16).find(may) else {
                continue;
            };
            column.least_level = least_level;
            let language = most_language(parts, tables, spouse);
            let most_spouse = column
                .runs
                .iter()
                .map(|(_, range)| range[1])
                .max()
                .unwrap_or(0);
            let cuts = |bonus: u32| {
                let nominated = self.component.nominated;
                let of = |at: &u16| parts.cut(person(at), nominated, language, most_spouse, bonus);
                column.people.iter().map(of).max().unwrap_or(0)
            };
            column.cut = [cuts(0), cuts(parts.bonus(5, 7).max(parts.bonus(0, 7)))];
            let fine = slices(parts, &tables.english[..], FINE, &column.alike);
            for french in untested {
                for english in &fine {
                    self.add(&mut column, english, french);
                }
            }
            if !tested.is_empty() {
                let coarse = slices(parts, &tables.english[..], COARSE, &column.alike);
                for french in tested {
                    for english in &coarse {
                        self.add(&mut column, english, french);
                    }
                }
            }
        }
    }

    /// Adds the strata of two slices to every band that they reach.
    fn add(&mut self, column: &mut Column<'_>, english: &Slice, french: &Slice) {
        let best = (*english.lowest.end()).max(*french.lowest.end());
        if best < column.least_level {
            return;
        }
        let (lowest, [least, most]) = column.language(self.parts, english, french);
        self.ladder(column, lowest);
        let Some(ladder) = &column.ladders[usize::from(lowest)] else {
            return;
        };
        let most = most + i64::from(self.parts.most_of_factors());
        let share = |run: Run, of: usize| f64::from(run.count) / of as f64;
        let mass = self.weight * share(english.run, ENGLISH) * share(french.run, FRENCH);
        for &(spouses, [least_spouse, most_spouse]) in &column.runs {
            let (least, most) = (
                least + i64::from(least_spouse),
                most + i64::from(most_spouse),
            );
            for (band, strata) in self.bands.iter().zip(&mut self.strata) {
                let people =
                    ladder.between(i64::from(band.low) - most, i64::from(band.high) - least);
                let mass = mass * share(people, HISTORIES) * share(spouses, SPOUSES);
                if mass > 0.0 {
                    let stratum = Stratum {
                        ladder: ladder.first,
                        component: self.place,
                        people,
                        english: english.run,
                        french: french.run,
                        spouses,
                    };
                    strata.push((stratum, mass));
                }
            }
        }
    }

    /// Makes the ladder of a lowest level of the first language, if it is not there.
    fn ladder(&mut self, column: &mut Column<'_>, lowest: u8) {
        if column.ladders[usize::from(lowest)].is_some() {
            return;
        }
        let points = |&at: &u16| {
            let person = &self.tables.histories[usize::from(at)].person;
            let points = self
                .parts
                .without_languages(person, self.component.nominated, lowest);
            (points as usize).min(SCORES - 1)
        };
        let points: Vec<usize> = column.people.iter().map(points).collect();
        let mut below = vec![0u16; SCORES + 1];
        for &points in &points {
            below[points + 1] += 1;
        }
        for at in 0..SCORES {
            below[at + 1] += below[at];
        }
        let first = self.order.len();
        self.order.resize(first + column.people.len(), 0);
        let mut next = below.clone();
        for (at, &points) in column.people.iter().zip(&points) {
            let place = &mut next[points];
            self.order[first + usize::from(*place)] = *at;
            *place += 1;
        }
        column.ladders[usize::from(lowest)] = Some(Ladder {
            below,
            first: first as u32,
        });
    }
}

/// Those of a component with a spouse, or those without.
struct Column<'a> {
    spouse: bool,
    people: Vec<u16>,
    /// Section C of everyone among them, each once.
    transfers: Vec<&'a [u16; 16]>,
    /// By level: the lowest at which section C pays everyone of them the same.
    alike: [u8; 16],
    /// Slices of spouses' results with their least and most points.
    runs: Vec<(Run, [u32; 2])>,
    /// The lowest level of the better language that makes anyone of them eligible.
    least_level: u8,
    /// What maxima take away at most: without and with the bonus for French.
    cut: [u32; 2],
    /// By lowest level of the first language.
    ladders: [Option<Ladder>; 16],
}

impl Column<'_> {
    /// The lowest level whose ladder stands for two slices, and the least and most points that
    /// the languages add to it.
    fn language(&self, parts: &Parts, english: &Slice, french: &Slice) -> (u8, [i64; 2]) {
        let column = usize::from(self.spouse);
        let french_first = french.tested
            && (!english.tested || french.first[column][1] > english.first[column][1]);
        let first = if french_first { french } else { english };
        let lowest = self.alike[usize::from(*first.lowest.end())];
        // What an order of languages adds: its points, and what section C differs by from the ladder.
        let order = |first: &Slice, second: &Slice| {
            let at = |row: &&[u16; 16]| {
                i64::from(row[usize::from(*first.lowest.end())])
                    - i64::from(row[usize::from(lowest)])
            };
            let transfer = self.transfers.iter().map(at);
            let points = |side: usize| {
                i64::from(first.first[column][side]) + i64::from(second.second[column][side])
            };
            [
                points(0) + transfer.clone().min().unwrap_or(0),
                points(1) + transfer.max().unwrap_or(0),
            ]
        };
        let [mut least, mut most] = match (english.tested, french.tested) {
            (_, false) => order(english, french),
            (false, true) => order(french, english),
            (true, true) => {
                let (one, other) = (order(english, french), order(french, english));
                [one[0].max(other[0]), one[1].max(other[1])]
            }
        };
        let bonus = i64::from(parts.bonus(*english.lowest.end(), *french.lowest.end()));
        least += bonus - i64::from(self.cut[usize::from(bonus > 0)]);
        most += bonus;
        (lowest, [least, most])
    }
}

/// The most that languages earn in sections A of anyone of a segment.
fn most_language(parts: &Parts, tables: &Tables, spouse: bool) -> u32 {
    let most = |results: &[u16]| {
        let earned = results.iter().map(|&results| parts.earned(spouse, results));
        earned.fold([0, 0], |most, earned| {
            [most[0].max(earned.first), most[1].max(earned.second)]
        })
    };
    let (english, french) = (most(&tables.english[..]), most(&tables.french[..]));
    (english[0] + french[1]).max(french[0] + english[1])
}
