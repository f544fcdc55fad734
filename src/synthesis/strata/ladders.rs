//! Ladders: the people of a component whom some program may take with certain languages, in order of
//! points.
//! Which strata are made of them is `finder`'s.

use crate::rules::parts::{Able, Asks, Parts};

use super::Run;
use super::slices::{Slice, Width, alike};
use crate::synthesis::sampler::Tables;

/// Scores and sums of points that are told apart.
pub(super) const SCORES: usize = 2_048;

/// People of a component, with or without a spouse, whom some program may take with certain
/// languages, in order of points without languages.
pub(super) struct Ladder {
    pub lowest: u8,
    pub asks: Asks,
    /// Place of the first in the order.
    pub first: u32,
    pub everybody: Run,
    /// How many have fewer points, by points; only where strata are of some points.
    pub below: Vec<u16>,
}

impl Ladder {
    /// Those with points from `least` to `most`.
    pub(super) fn between(&self, least: i64, most: i64) -> Run {
        let place = |points: i64| self.below[points.clamp(0, SCORES as i64) as usize];
        let (from, to) = (place(least), place(most + 1));
        Run {
            first: from,
            count: to.saturating_sub(from),
        }
    }
}

/// What a ladder looks at of a person.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Someone {
    /// Place in `Column::ables` of what programs look at.
    pub able: u16,
    /// Place of the history.
    pub at: u16,
    /// Points without languages: in `Column::people` without section C, else with it.
    pub points: u16,
}

/// Those of a component with a spouse, or those without.
pub(super) struct Column<'a> {
    /// Everyone, and what section C pays.
    pub people: Vec<(Someone, &'a [u16; 16])>,
    /// What programs look at, each once.
    pub ables: Vec<Able>,
    /// By lowest level of the first language: everyone in order of points, once they are asked for.
    pub in_order: [Vec<Someone>; 16],
    /// Section C of everyone among them, each once.
    pub transfers: Vec<&'a [u16; 16]>,
    /// By level: the lowest at which section C pays everyone of them the same.
    pub alike: [u8; 16],
    /// What maxima take away at most: without and with the bonus for French.
    pub cut: [u32; 2],
    pub ladders: Vec<Ladder>,
}

impl<'a> Column<'a> {
    pub(super) fn new(
        parts: &'a Parts,
        tables: &'a Tables,
        nominated: bool,
        spouse: bool,
        width: Width,
    ) -> Self {
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
        let alike = match width {
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
    pub(super) fn in_order(&mut self, lowest: u8) -> &[Someone] {
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
    pub(super) fn language(
        &self,
        parts: &Parts,
        english: &Slice,
        french: &Slice,
    ) -> (u8, [i64; 2]) {
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
