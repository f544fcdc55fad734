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

use std::ops::RangeInclusive;

use rand::Rng;
use rayon::prelude::*;

use crate::pool::Band;
use crate::random::Stream;
use crate::rules::parts::{Able, Asks, Parts};

use super::deal::HISTORIES;
use super::sampler::{BLOCK, Component, ENGLISH, FRENCH, Gathered, Places, Sampler, Tables};
use super::tables::Alias;

/// Most points between the results of a slice: of English without French, of the rest.
const FINE: u32 = 2;
const COARSE: u32 = 8;
/// Scores and sums of points that are told apart.
const SCORES: usize = 2_048;

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

/// How far the results of a slice may be apart.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Width {
    /// By some points.
    Points,
    /// By no points that programs ask for.
    Asks,
}

/// Results of a test that earn about the same.
#[derive(Debug, Clone)]
struct Slice {
    run: Run,
    tested: bool,
    lowest: RangeInclusive<u8>,
    asks: Asks,
    /// Least and most points as first and as second language.
    first: [u32; 2],
    second: [u32; 2],
}

/// Cuts results in rising order of lowest level and points into slices; a slice has one lowest
/// level, or several that no person earns other points with in section C. Of each result are given
/// the packed levels and what it asks for alone.
fn slices(
    parts: &Parts,
    spouse: bool,
    results: impl Iterator<Item = (u16, Asks)>,
    most: u32,
    alike: &[u8; 16],
) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    for (place, (results, asks)) in (0..).zip(results) {
        let earned = parts.earned(spouse, results);
        let lowest = earned.lowest;
        let tested = results != 0;
        let fits = |slice: &Slice| {
            let first = *slice.lowest.start();
            slice.tested == tested
                && slice.asks == asks
                && alike[usize::from(lowest)] == alike[usize::from(first)]
                && parts.bonus(lowest, 7) == parts.bonus(first, 7)
                && parts.bonus(5, lowest) == parts.bonus(5, first)
                && earned.first.max(slice.first[1]) - earned.first.min(slice.first[0]) <= most
        };
        match slices.last_mut() {
            Some(slice) if fits(slice) => {
                slice.run.count += 1;
                slice.lowest = *slice.lowest.start()..=lowest;
                widen(&mut slice.first, earned.first);
                widen(&mut slice.second, earned.second);
            }
            _ => slices.push(Slice {
                run: Run {
                    first: place,
                    count: 1,
                },
                tested,
                lowest: lowest..=lowest,
                asks,
                first: [earned.first; 2],
                second: [earned.second; 2],
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

/// People of a component, with or without a spouse, whom some program may take with certain
/// languages, in order of points without languages.
struct Ladder {
    lowest: u8,
    asks: Asks,
    /// Place of the first in the order.
    first: u32,
    everybody: Run,
    /// How many have fewer points, by points; only where strata are of some points.
    below: Vec<u16>,
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
    scores: &'a [RangeInclusive<u16>],
    width: Width,
    order: Vec<u16>,
    strata: Vec<Vec<(Stratum, f64)>>,
    /// Working memory: whom of its column a ladder takes, by what programs look at.
    takes: Vec<bool>,
}

impl<'a> Finder<'a> {
    fn new(
        sampler: &'a Sampler,
        component: &'a Component,
        place: u16,
        weight: f64,
        scores: &'a [RangeInclusive<u16>],
        width: Width,
    ) -> Self {
        Finder {
            parts: sampler.parts(),
            tables: sampler.tables(component),
            component,
            place,
            weight,
            scores,
            width,
            order: Vec::new(),
            strata: vec![Vec::new(); scores.len()],
            takes: Vec::new(),
        }
    }

    fn find(&mut self) {
        let (parts, tables, width) = (self.parts, self.tables, self.width);
        for spouse in [false, true] {
            let mut column = Column::new(self, spouse);
            if column.people.is_empty() {
                continue;
            }
            let most = |points: u32| match width {
                Width::Points => points,
                Width::Asks => u32::MAX,
            };
            let english = tables.english[usize::from(spouse)].iter();
            let english = english.map(|one| (one.english, one.asks()));
            let french =
                (tables.french.iter()).map(|&one| (one, parts.languages(spouse, 0, one).asks()));
            let alike = column.alike;
            let french = slices(parts, spouse, french, most(COARSE), &alike);
            let (tested, untested): (Vec<&Slice>, _) = french.iter().partition(|one| one.tested);
            let fine = slices(parts, spouse, english.clone(), most(FINE), &alike);
            for french in untested {
                for english in &fine {
                    self.add(&mut column, english, french);
                }
            }
            if !tested.is_empty() {
                let coarse = slices(parts, spouse, english, most(COARSE), &alike);
                for french in tested {
                    for english in &coarse {
                        self.add(&mut column, english, french);
                    }
                }
            }
        }
    }

    /// Adds the strata of two slices to every range of scores that they reach.
    fn add(&mut self, column: &mut Column<'_>, english: &Slice, french: &Slice) {
        let asks = if french.tested {
            english.asks.or(french.asks).roughly(self.parts)
        } else {
            english.asks
        };
        let (lowest, [least, most]) = column.language(self.parts, english, french);
        let ladder = self.ladder(column, lowest, asks);
        let most = most + i64::from(self.parts.most_of_factors());
        let share = |run: Run, of: usize| f64::from(run.count) / of as f64;
        let tests = Run {
            count: u16::from(french.tested) * french.run.count,
            ..french.run
        };
        let mass = self.weight * share(english.run, ENGLISH) * share(french.run, FRENCH);
        for (scores, strata) in self.scores.iter().zip(&mut self.strata) {
            let (low, high) = (i64::from(*scores.start()), i64::from(*scores.end()));
            let ladder = &column.ladders[ladder];
            let people = match self.width {
                Width::Points => ladder.between(low - most, high - least),
                Width::Asks => ladder.everybody,
            };
            let mass = mass * share(people, HISTORIES);
            if mass > 0.0 {
                let stratum = Stratum {
                    ladder: ladder.first,
                    component: self.place,
                    people,
                    english: english.run,
                    french: tests,
                };
                strata.push((stratum, mass));
            }
        }
    }

    /// Place of the ladder for a lowest level of the first language and what languages ask for,
    /// made if it is not there.
    fn ladder(&mut self, column: &mut Column<'_>, lowest: u8, asks: Asks) -> usize {
        let there = (column.ladders.iter())
            .position(|ladder| ladder.lowest == lowest && ladder.asks == asks);
        if let Some(there) = there {
            return there;
        }
        let allowed = self.tables.allowed;
        self.takes.clear();
        let takes = column.ables.iter().map(|&able| asks.take(able, allowed));
        self.takes.extend(takes);
        let people = column.in_order(lowest);
        let first = self.order.len();
        let mut next = first;
        // Without a branch, which nobody could foresee: who is not taken is overwritten.
        self.order.resize(first + people.len(), 0);
        for one in people {
            self.order[next] = one.at;
            next += usize::from(self.takes[usize::from(one.able)]);
        }
        self.order.truncate(next);
        let mut below = Vec::new();
        if self.width == Width::Points {
            below.resize(SCORES + 1, 0u16);
            for one in people {
                let taken = self.takes[usize::from(one.able)];
                below[usize::from(one.points) + 1] += u16::from(taken);
            }
            for at in 0..SCORES {
                below[at + 1] += below[at];
            }
        }
        column.ladders.push(Ladder {
            lowest,
            asks,
            first: first as u32,
            everybody: Run {
                first: 0,
                count: (next - first) as u16,
            },
            below,
        });
        column.ladders.len() - 1
    }
}

/// What a ladder looks at of a person.
#[derive(Debug, Clone, Copy, Default)]
struct Someone {
    /// Place in `Column::ables` of what programs look at.
    able: u16,
    /// Place of the history.
    at: u16,
    /// Points without languages: in `Column::people` without section C, else with it.
    points: u16,
}

/// Those of a component with a spouse, or those without.
struct Column<'a> {
    /// Everyone, and what section C pays.
    people: Vec<(Someone, &'a [u16; 16])>,
    /// What programs look at, each once.
    ables: Vec<Able>,
    /// By lowest level of the first language: everyone in order of points, once they are asked for.
    in_order: [Vec<Someone>; 16],
    /// Section C of everyone among them, each once.
    transfers: Vec<&'a [u16; 16]>,
    /// By level: the lowest at which section C pays everyone of them the same.
    alike: [u8; 16],
    /// What maxima take away at most: without and with the bonus for French.
    cut: [u32; 2],
    ladders: Vec<Ladder>,
}

impl<'a> Column<'a> {
    fn new(finder: &Finder<'a>, spouse: bool) -> Self {
        let (parts, tables) = (finder.parts, finder.tables);
        let nominated = finder.component.nominated;
        let (mut people, mut ables) = (Vec::new(), Vec::new());
        let histories = || tables.histories.iter().map(|history| &history.person);
        let last = histories().map(|person| person.able().place()).max();
        let mut places = vec![u16::MAX; last.map_or(0, |last| last + 1)];
        let mut transfers: Vec<&[u16; 16]> = Vec::new();
        let language = most_language(parts, tables, spouse);
        let bonus = [0, parts.bonus(5, 7).max(parts.bonus(0, 7))];
        let mut cut = [0; 2];
        for (person, at) in histories().zip(0..) {
            if person.has_spouse() != spouse {
                continue;
            }
            let row = parts.transfers(person);
            let able = person.able();
            let known = &mut places[able.place()];
            if *known == u16::MAX {
                *known = ables.len() as u16;
                ables.push(able);
            }
            let someone = Someone {
                able: *known,
                at,
                points: parts.without_languages(person, nominated) as u16,
            };
            people.push((someone, row));
            if !transfers.iter().any(|known| std::ptr::eq(*known, row)) {
                transfers.push(row);
            }
            for (cut, bonus) in cut.iter_mut().zip(bonus) {
                *cut = parts.cut(person, nominated, language, bonus).max(*cut);
            }
        }
        let alike = match finder.width {
            Width::Points => alike(&transfers),
            Width::Asks => [0; 16],
        };
        Column {
            people,
            ables,
            in_order: Default::default(),
            transfers,
            alike,
            cut,
            ladders: Vec::new(),
        }
    }

    /// Everyone in order of points with that lowest level of the first language, but for those of
    /// languages themselves.
    fn in_order(&mut self, lowest: u8) -> &[Someone] {
        let level = usize::from(lowest) & 15;
        if self.in_order[level].is_empty() {
            let with_transfers = |&(one, transfers): &(Someone, &[u16; 16])| Someone {
                points: (one.points + transfers[level]).min(SCORES as u16 - 1),
                ..one
            };
            let people = || self.people.iter().map(with_transfers);
            let mut next = vec![0u16; SCORES + 1];
            people().for_each(|one| next[usize::from(one.points) + 1] += 1);
            for at in 0..SCORES {
                next[at + 1] += next[at];
            }
            let everyone = &mut self.in_order[level];
            everyone.resize(self.people.len(), Someone::default());
            for one in people() {
                let place = &mut next[usize::from(one.points)];
                everyone[usize::from(*place)] = one;
                *place += 1;
            }
        }
        &self.in_order[level]
    }

    /// The lowest level whose ladder stands for two slices, and the least and most points that
    /// the languages add to it.
    fn language(&self, parts: &Parts, english: &Slice, french: &Slice) -> (u8, [i64; 2]) {
        let french_first = french.tested && (!english.tested || french.first[1] > english.first[1]);
        let first = if french_first { french } else { english };
        let lowest = self.alike[usize::from(*first.lowest.end())];
        // What an order of languages adds: its points, and what section C differs by from the ladder.
        let order = |first: &Slice, second: &Slice| {
            let at = |row: &&[u16; 16]| {
                i64::from(row[usize::from(*first.lowest.end())])
                    - i64::from(row[usize::from(lowest)])
            };
            let transfer = self.transfers.iter().map(at);
            let points =
                |side: usize| i64::from(first.first[side]) + i64::from(second.second[side]);
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

/// The most that languages earn in section A of anyone of a segment.
fn most_language(parts: &Parts, tables: &Tables, spouse: bool) -> u32 {
    let most = |results: &mut dyn Iterator<Item = u16>| {
        let earned = results.map(|results| parts.earned(spouse, results));
        earned.fold([0, 0], |most, earned| {
            [most[0].max(earned.first), most[1].max(earned.second)]
        })
    };
    let english = most(&mut tables.english[0].iter().map(|one| one.english));
    let french = most(&mut tables.french.iter().copied());
    (english[0] + french[1]).max(french[0] + english[1])
}
