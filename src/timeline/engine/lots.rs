//! People who come into view, sorted out beforehand lot by lot: how many of each class leave when, who
//! may come near a round, and what is ahead of those to whom more may happen. No result of a round has a say in it, so that
//! another thread does it while rounds are held, if one is free; whoever comes first sorts a lot out.
//! What becomes of those who are sorted out is `admission`'s.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::floors::Floors;
use super::gate::Gate;
use super::ledger::Ledger;
use super::looking::{Concerned, Found, Looker};
use super::meaning::Meaning;
use super::steps::Steps;
use crate::pool::Eligibilities;
use crate::pool::classes::{Classes, UNKNOWN};
use crate::rules::Rules;
use crate::timeline::course::Place;
use crate::timeline::fate::Fates;
use crate::timeline::people::{Changes, People};
use crate::timeline::picked::{AT_ONCE, Picked};

/// Most people of a lot: what is looked at of them stays at hand.
const LOT: usize = 8 * AT_ONCE;

const _: () = assert!(LOT <= u16::MAX as usize);

/// People who have been sorted out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sorted {
    pub rows: Range<usize>,
    /// Counts by class and exit, in the order in which the ledger has them.
    pub counts: Vec<u16>,
    /// Rows of those whose classes are not known yet: they are neither counted nor looked at.
    pub strangers: Vec<u32>,
    /// Who may come near a round, and what is ahead of those to whom more may happen than a birthday.
    pub found: Found,
}

/// What people are sorted out by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sorter<'s> {
    pub look: Looker<'s>,
    pub eligibility: &'s Eligibilities,
    pub gate: &'s Gate,
}

/// Working memory for sorting out one lot after the other.
pub(super) struct Desk {
    /// Those to whom something happens, by what that is.
    concerned_by: [Vec<Concerned>; Changes::SETS],
    classes: [u16; AT_ONCE],
    bars: [u16; AT_ONCE],
    near: [bool; AT_ONCE],
    concerned: [bool; AT_ONCE],
    picked: Picked,
}

impl Default for Desk {
    fn default() -> Self {
        Desk {
            concerned_by: Default::default(),
            classes: [0; AT_ONCE],
            bars: [0; AT_ONCE],
            near: [false; AT_ONCE],
            concerned: [false; AT_ONCE],
            picked: Picked::default(),
        }
    }
}

impl Sorter<'_> {
    /// Sorts out the next people of some rows: no more than a lot.
    pub fn sort(&self, rows: Range<usize>, desk: &mut Desk) -> Sorted {
        let rows = rows.start..rows.end.min(rows.start + LOT);
        let Looker {
            people,
            scores,
            fates,
            steps,
            meaning,
            classes: of_mask,
            ..
        } = self.look;
        let pool = people.pool;
        let known = of_mask.masks().len() as u16;
        let mut sorted = Sorted {
            rows: rows.clone(),
            counts: vec![0; (usize::from(known) + 1) * Ledger::exits(steps)],
            strangers: Vec::new(),
            found: Found::of(rows.len()),
        };
        let Desk {
            concerned_by,
            classes,
            bars,
            near,
            concerned,
            picked,
        } = desk;
        concerned_by.iter_mut().for_each(Vec::clear);
        // One pass for each thing that is worked out, over so few that they are still at hand.
        for first in rows.clone().step_by(AT_ONCE) {
            let some = first..rows.end.min(first + AT_ONCE);
            let classes = &mut classes[..some.len()];
            let before = sorted.strangers.len();
            if !of_mask.look_up(self.eligibility, some.clone(), classes) {
                for (class, row) in classes.iter_mut().zip(some.clone()) {
                    if *class == UNKNOWN {
                        *class = known;
                        sorted.strangers.push(row as u32);
                    }
                }
            }
            let (ages, scores) = (&pool.age[some.clone()], &scores[some.clone()]);
            let submitted = &pool.submitted[some.clone()];
            let ahead = &fates.ahead[some.clone()];
            let leaves = &fates.leaves[some];
            Ledger::count(&mut sorted.counts, steps, classes, submitted, leaves);
            self.gate
                .tell(classes, ages, scores, ahead, bars, [near, concerned]);
            // Who is a stranger is looked at when it is none any more.
            for &row in &sorted.strangers[before..] {
                concerned[row as usize - first] = false;
            }
            for &at in picked.find(&concerned[..classes.len()]) {
                let at = usize::from(at);
                concerned_by[ahead[at].bits()].push(Concerned {
                    row: (first + at) as u32,
                    class: classes[at],
                });
            }
            let near = picked.find(&near[..classes.len()]).iter().map(|&at| {
                let at = usize::from(at);
                let filed = meaning.ageing(ages[at]).filed(scores[at]);
                let row = (first + at) as u32;
                Place::on_arrival(row, (submitted[at], leaves[at]), filed, classes[at])
            });
            sorted.found.near.extend(near);
        }
        for (concerned, ahead) in concerned_by.iter().zip(Changes::sets()) {
            self.look.look(concerned, ahead, &mut sorted.found);
        }
        let counted = sorted.counts.len() - Ledger::exits(steps);
        sorted.counts.truncate(counted);
        sorted
    }
}

/// Everybody of a course, in the order in which they come into view.
pub(super) struct Lots<'a> {
    people: &'a People<'a>,
    rules: &'a Rules,
    fates: &'a Fates,
    steps: &'a Steps,
    meaning: &'a Meaning,
    classes: Classes,
    bars: Vec<Bars>,
    lots: Vec<Lot>,
    /// Lots of those who are there at the start.
    started: usize,
    /// Whether nobody is waited for any more.
    over: AtomicBool,
}

/// What it takes to come near a round in some steps.
struct Bars {
    floors: Vec<u16>,
    gate: OnceLock<Gate>,
}

/// People who come into view in one step.
struct Lot {
    rows: Range<usize>,
    /// Which of the bars is theirs.
    bars: usize,
    state: Mutex<State>,
}

enum State {
    Waiting,
    Sorted(Box<Sorted>),
    Taken,
}

impl<'a> Lots<'a> {
    /// Nobody is sorted out yet. The floors are those at the start, and the classes those that are
    /// known then.
    pub fn of(
        (people, rules): (&'a People<'a>, &'a Rules),
        fates: &'a Fates,
        steps: &'a Steps,
        meaning: &'a Meaning,
        classes: &Classes,
        mut floors: Floors,
    ) -> Self {
        let mut lots = Lots {
            people,
            rules,
            fates,
            steps,
            meaning,
            classes: classes.clone(),
            bars: Vec::new(),
            lots: Vec::new(),
            started: 0,
            over: AtomicBool::new(false),
        };
        lots.add_bars(&mut floors);
        lots.add(0..people.started);
        lots.started = lots.lots.len();
        let mut arrived = people.started;
        for step in 0..steps.len() {
            let end = steps.end_of(step);
            if floors.go_to(end) {
                lots.add_bars(&mut floors);
            }
            let coming = &people.pool.submitted[arrived..];
            let coming = coming.partition_point(|&at| at <= end);
            lots.add(arrived..arrived + coming);
            arrived += coming;
        }
        lots
    }

    fn add_bars(&mut self, floors: &mut Floors) {
        self.bars.push(Bars {
            floors: floors.of_all(&self.classes),
            gate: OnceLock::new(),
        });
    }

    fn add(&mut self, rows: Range<usize>) {
        let bars = self.bars.len() - 1;
        let lots = rows.clone().step_by(LOT).map(|first| Lot {
            rows: first..rows.end.min(first + LOT),
            bars,
            state: Mutex::new(State::Waiting),
        });
        self.lots.extend(lots);
    }

    /// Those of the lot that begins at a row: sorted out here, if nobody has done it.
    pub fn take(&self, first: usize, desk: &mut Desk) -> Sorted {
        let place = self.lots.partition_point(|lot| lot.rows.start < first);
        let lot = &self.lots[place];
        let mut state = lot.state.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *state, State::Taken) {
            State::Sorted(sorted) => *sorted,
            State::Waiting | State::Taken => self.sort(lot, desk),
        }
    }

    /// Sorts out one lot after the other, as long as somebody waits for them: of those who are there at
    /// the start the last ones first, as the first ones are asked for at once.
    pub fn sort_ahead(&self) {
        let mut desk = Desk::default();
        let (first, later) = self.lots.split_at(self.started);
        for lot in first.iter().rev().chain(later) {
            if self.over.load(Ordering::Relaxed) {
                return;
            }
            if let Ok(mut state) = lot.state.try_lock()
                && matches!(*state, State::Waiting)
            {
                *state = State::Sorted(Box::new(self.sort(lot, &mut desk)));
            }
        }
    }

    /// Nobody will ask for a lot any more.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    fn sort(&self, lot: &Lot, desk: &mut Desk) -> Sorted {
        let bars = &self.bars[lot.bars];
        let gate = || Gate::of(self.classes.masks(), &bars.floors, self.meaning);
        let look = Looker {
            people: self.people,
            rules: self.rules,
            scores: &self.people.pool.score,
            fates: self.fates,
            steps: self.steps,
            meaning: self.meaning,
            classes: &self.classes,
            floors: &bars.floors,
        };
        let sorter = Sorter {
            look,
            eligibility: &self.people.pool.eligibility,
            gate: bars.gate.get_or_init(gate),
        };
        sorter.sort(lot.rows.clone(), desk)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::spot_checks::tests::small_year;

    #[test]
    fn it_makes_no_difference_who_sorts_a_lot_out() {
        small_year("earliest-submission", |plan, people, _| {
            let stretch = people.plan;
            let (fates, mut classes) = (people.fates(), Classes::default());
            let steps = Steps::new(stretch, &plan.rules, &plan.rounds);
            let meaning = Meaning::of(&plan.rules[0].rules, true);
            let (pool, rounds) = (people.pool, &plan.rounds);
            let floors = Floors::expected(pool, people.started, stretch, rounds, &mut classes);
            // Somebody has to be of a class that nobody has seen.
            let mut few = Classes::default();
            few.of(classes.masks()[0]);
            let lots = || {
                Lots::of(
                    (people, &plan.rules[0].rules),
                    &fates,
                    &steps,
                    &meaning,
                    &few,
                    floors.clone(),
                )
            };
            let [ahead, asked, ended] = [lots(), lots(), lots()];
            ahead.sort_ahead();
            ended.end();
            ended.sort_ahead();
            let sorted_by_now = |lot: &Lot| matches!(*lot.state.lock().unwrap(), State::Sorted(_));
            assert!(ahead.lots.iter().all(sorted_by_now) && ahead.lots.len() > 10);
            assert!(!ended.lots.iter().any(sorted_by_now));
            let (mut next, mut strangers, mut desk) = (0, 0, Desk::default());
            for lot in &ahead.lots {
                let sorted = ahead.take(lot.rows.start, &mut desk);
                assert_eq!(sorted, asked.take(lot.rows.start, &mut desk));
                assert_eq!(sorted.rows, lot.rows);
                assert_eq!(sorted.rows.start, next);
                next = sorted.rows.end;
                let counted: usize = sorted.counts.iter().map(|&count| usize::from(count)).sum();
                assert_eq!(counted + sorted.strangers.len(), lot.rows.len());
                strangers += sorted.strangers.len();
            }
            assert_eq!(next, people.len());
            assert!(strangers > 0 && strangers < next);
        });
    }
}
