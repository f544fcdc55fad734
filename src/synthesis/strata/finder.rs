//! Finds the strata of one component: every pair of slices, with the people of its ladder.
//! What slices and ladders are lives in `slices` and `ladders`; how strata are drawn from, in the
//! module above.

use std::ops::RangeInclusive;

use crate::rules::parts::{Asks, Parts};

use super::ladders::{Column, Ladder, SCORES};
use super::slices::{Slice, Width, slices};
use super::{Run, Stratum};
use crate::synthesis::deal::HISTORIES;
use crate::synthesis::sampler::{Component, ENGLISH, FRENCH, Sampler, Tables};

/// Most points between the results of a slice: of English without French, of the rest.
const FINE: u32 = 2;
const COARSE: u32 = 8;

/// Finds the strata of one component.
pub(super) struct Finder<'a> {
    parts: &'a Parts,
    tables: &'a Tables,
    component: &'a Component,
    place: u16,
    weight: f64,
    scores: &'a [RangeInclusive<u16>],
    width: Width,
    pub order: Vec<u16>,
    pub strata: Vec<Vec<(Stratum, f64)>>,
    /// Working memory: whom of its column a ladder takes, by what programs look at.
    takes: Vec<bool>,
}

impl<'a> Finder<'a> {
    pub(super) fn new(
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

    pub(super) fn find(&mut self) {
        let (parts, tables, width) = (self.parts, self.tables, self.width);
        for spouse in [false, true] {
            let nominated = self.component.nominated;
            let mut column = Column::new(parts, tables, nominated, spouse, width);
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
