//! What is ahead of everybody under one set of rules: how eligibility and score of each candidate
//! change while it waits. Policies that differ in their rounds alone share it, and take the people
//! into their pools as they are found here.
//!
//! Whoever may come near the rounds has its scores worked out; others are filed under a score that
//! they will never pass, which few rounds reach.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::pool::Packed;
use crate::pool::classes::Classes;
use crate::rules::Rules;
use crate::timeline::course::Place;
use crate::timeline::fate::Fates;
use crate::timeline::people::{Cause, Changes, People};
use crate::timeline::plan::RoundPlan;
use crate::units::Score;

use super::floors::Floors;
use super::foresight::{Appointment, Judged, Present, SAME, prospects};
use super::meaning::Meaning;

/// Everybody's prospects.
#[derive(Debug)]
pub struct Outlook {
    pub(super) classes: Classes,
    floors: Floors,
    /// Where each stands on arrival.
    places: Vec<Place>,
    /// Where each row's appointments begin, and where the last one's end.
    first: Vec<u32>,
    appointments: Vec<(u32, Appointment)>,
    /// The people row by row, whatever they are scored by: who is looked at in no order costs one
    /// cache line, not one a column.
    rows: Arc<[Packed]>,
}

impl Outlook {
    /// The prospects of people whose scores and eligibility are by these rules, for rounds more or
    /// less like these. `like` are the prospects of the same people under rules that give other
    /// points, and by which everybody is eligible for the same.
    fn of(
        people: &People<'_>,
        fates: &Fates,
        rules: &Rules,
        rounds: &[RoundPlan],
        like: Option<&Outlook>,
    ) -> Self {
        let meaning = Meaning::of(rules, people.have_birthdays());
        let pool = people.pool;
        let (mut classes, rows) = match like {
            Some(like) => (like.classes.clone(), Arc::clone(&like.rows)),
            None => {
                let rows = (0..pool.len()).map(|row| pool.row(row));
                (Classes::default(), rows.collect())
            }
        };
        let floors = Floors::expected(pool, people.started, people.plan, rounds, &mut classes);
        let mut outlook = Outlook {
            classes,
            floors,
            places: Vec::with_capacity(pool.len()),
            first: Vec::with_capacity(pool.len() + 1),
            appointments: Vec::with_capacity(pool.len() / 4),
            rows,
        };
        outlook.first.push(0);
        for row in 0..pool.len() {
            outlook.add(people, fates, rules, &meaning, row, like);
        }
        outlook
    }

    /// Adds the next row.
    #[inline]
    fn add(
        &mut self,
        people: &People<'_>,
        fates: &Fates,
        rules: &Rules,
        meaning: &Meaning,
        row: usize,
        like: Option<&Outlook>,
    ) {
        let pool = people.pool;
        let mask = self.rows[row].eligibility;
        let (ahead, leaves) = (fates.ahead[row], fates.leaves[row]);
        let score = pool.score[row].min(Score::MAX.0);
        let class = self.classes.of(mask);
        let mut filed = meaning.filed(pool, row, score, ahead);
        let near = !ahead.is_empty() && filed.0 >= self.floors.of(class, &self.classes);
        let judged = like.map(|like| Judged {
            appointments: like.appointments(row..row + 1),
            masks: like.classes.masks(),
        });
        if let (false, Some(judged)) = (near, judged) {
            let mut before = class;
            for &(at, appointment) in judged.appointments {
                if appointment.class != before {
                    before = appointment.class;
                    let score = SAME;
                    self.appointments.push((
                        at,
                        Appointment {
                            score,
                            ..appointment
                        },
                    ));
                }
            }
        } else {
            let present = Present {
                mask,
                happened: Changes::default(),
                ahead,
                score: near.then_some(score),
                short: people.in_short(row as u32),
                stays: None,
                footing: None,
                until: leaves,
            };
            let prospects = prospects(people, rules, meaning, row as u32, present, judged);
            let classes = &mut self.classes;
            if near {
                filed = prospects.filed(class, score, classes, &mut self.floors);
            }
            let note = |at, appointment| self.appointments.push((at, appointment));
            prospects.appointments(row as u32, class, filed.1, classes, note);
        }
        self.first.push(self.appointments.len() as u32);
        let submitted = pool.submitted[row];
        self.places.push(Place::on_arrival(
            row as u32,
            (submitted, leaves),
            filed,
            class,
        ));
    }

    /// Where somebody stands on arrival, if it is listed, and what is ahead of it.
    pub(super) fn of_row(&self, row: usize) -> (&Place, &[(u32, Appointment)]) {
        (&self.places[row], self.appointments(row..row + 1))
    }

    /// Whether somebody ever comes near a round by these floors.
    pub(super) fn comes_near(&self, row: usize, floors: &mut Floors, classes: &Classes) -> bool {
        let (place, appointments) = self.of_row(row);
        place.filed() >= floors.of(place.class, classes)
            || appointments.iter().any(|&(_, later)| {
                let score = match later.score {
                    SAME => place.filed(),
                    score => score,
                };
                score >= floors.of(later.class, classes)
            })
    }

    /// What is ahead of some candidates: row by row, and for each in order of time.
    pub(super) fn appointments(&self, rows: Range<usize>) -> &[(u32, Appointment)] {
        &self.appointments[self.first[rows.start] as usize..self.first[rows.end] as usize]
    }

    /// A candidate as it came.
    #[inline]
    pub(in crate::timeline) fn row(&self, row: usize) -> Packed {
        self.rows[row]
    }
}

/// The outlook of the same people, with the same scores, under several policies: that of the first
/// that asks is kept, and serves whoever has the same fates.
#[derive(Debug, Default)]
pub struct SharedOutlook(OnceLock<(Cause, Outlook)>);

impl SharedOutlook {
    /// The outlook of these people, whose scores and eligibility are by these rules. Nothing where
    /// that of other fates is kept. `like` is the outlook of the same people under rules that judge
    /// alike ([`Rules::judge_like`]), if it is known: most of it holds.
    pub fn of(
        &self,
        people: &People<'_>,
        fates: &Fates,
        rules: &Rules,
        rounds: &[RoundPlan],
        like: Option<&Outlook>,
    ) -> Option<&Outlook> {
        let cause = people.cause();
        let make = || {
            let outlook = Outlook::of(people, fates, rules, rounds, like);
            (cause.clone(), outlook)
        };
        let (kept, outlook) = self.0.get_or_init(make);
        (*kept == cause).then_some(outlook)
    }
}
