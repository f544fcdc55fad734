//! Candidates come into view: all are counted, and those who may come near a round are listed and filed.
//! How they are sorted out is `lots`' and `looking`'s, and what will become of them `foresight`'s.

use std::ops::Range;

use super::Engine;
use super::foresight::{Appointment, Prospects};
use super::gate::Gate;
use super::ledger::{Exit, Ledger, Move};
use super::looking::{Concerned, Found, Looker};
use super::lots::{Desk, Sorted, Sorter};
use super::outlook::Outlook;
use crate::timeline::course::{Filed, Place};

impl Engine<'_> {
    /// Candidates come into view with the attributes they have at that time.
    pub(super) fn admit(&mut self, rows: Range<usize>) {
        self.arrived = rows.end;
        if let Some(outlook) = self.outlook {
            return self.admit_foreseen(outlook, rows);
        }
        let mut desk = self.desk.take().unwrap_or_default();
        let mut first = rows.start;
        while first < rows.end {
            let sorted = match self.lots {
                Some(lots) => lots.take(first, &mut desk),
                None => self.sort_out(first..rows.end, &mut desk),
            };
            first = sorted.rows.end;
            self.admit_sorted(sorted);
        }
        self.desk = Some(desk);
    }

    /// Sorts out the next of some people by what is known now.
    fn sort_out(&mut self, rows: Range<usize>, desk: &mut Desk) -> Sorted {
        let floors = self.floors.of_all(&self.classes);
        let sorter = Sorter {
            look: self.looker(&floors),
            eligibility: &self.eligibility,
            gate: &Gate::of(self.classes.masks(), &floors, &self.meaning),
        };
        sorter.sort(rows, desk)
    }

    fn looker<'s>(&'s self, floors: &'s [u16]) -> Looker<'s> {
        Looker {
            people: self.people,
            rules: self.rules(),
            scores: &self.scores,
            fates: self.fates,
            steps: self.steps,
            meaning: &self.meaning,
            classes: &self.classes,
            floors,
        }
    }

    /// Counts people who are sorted out and lists those who may come near a round.
    fn admit_sorted(&mut self, sorted: Sorted) {
        self.ledger.add_all(&sorted.counts);
        for &row in &sorted.strangers {
            let class = self.classes.of(self.eligibility.get(row as usize));
            let exit = self.exit_of(row);
            self.ledger.add(class, exit);
        }
        self.take_in_found(&sorted.found);
        let Found {
            unsure, unknown, ..
        } = sorted.found;
        let (mut rows, mut masks) = ([sorted.strangers, unsure].concat(), unknown);
        // Nobody is looked at more often than there are things that happen to it.
        while !rows.is_empty() {
            for mask in masks {
                self.classes.of(mask);
            }
            let floors = self.floors.of_all(&self.classes);
            let looker = self.looker(&floors);
            let mut found = Found::default();
            for row in rows {
                let mask = self.eligibility.get(row as usize);
                let class = looker
                    .classes
                    .known(mask)
                    .expect("whoever is counted has a class");
                let ahead = self.fates.ahead[row as usize];
                looker.look(&[Concerned { row, class }], ahead, &mut found);
            }
            self.take_in_found(&found);
            (rows, masks) = (found.unsure, found.unknown);
        }
    }

    /// Lists those who may come near a round, and notes what is to be done about them and others.
    fn take_in_found(&mut self, found: &Found) {
        let first = self.roster.list_all(&found.near);
        self.shelves.know(&self.classes);
        for (place, slot) in found.near.iter().zip(first..) {
            let shelf = self.shelves.holding(place.class);
            self.buckets.push(shelf, place.filed(), slot);
        }
        for &(step, appointment) in &found.appointments {
            let slot = first + appointment.slot;
            self.await_in(
                step as usize,
                Appointment {
                    slot,
                    ..appointment
                },
            );
        }
        for &(
            step,
            Move {
                before,
                after,
                exit,
            },
        ) in &found.moves
        {
            let step = (step as usize).max(self.step);
            self.ledger.move_later(before, after, step, exit);
        }
    }

    /// Lists somebody, counted already, who comes near a round; of others it is noted when they will be
    /// eligible for something else.
    pub(super) fn take_in(
        &mut self,
        row: u32,
        class: u16,
        filed: (u16, Filed),
        prospects: &Prospects,
    ) {
        let (classes, floors) = (&mut self.classes, &mut self.floors);
        if prospects.come_near(class, filed.0, classes, floors) {
            let slot = self.list(row, class, filed, prospects);
            self.file(slot, class, filed.0);
        } else {
            self.note_moves(row, class, prospects);
        }
    }

    /// The first second of a candidate's time in the pool that does not matter.
    pub(super) fn until(&self, row: u32) -> u32 {
        self.steps.until(self.leaves(row))
    }

    /// When one of the people leaves, as far as counting goes.
    pub(super) fn exit_of(&self, row: u32) -> Exit {
        let submitted = self.people.pool.submitted[row as usize];
        Exit::new(self.steps, submitted, self.leaves(row))
    }

    /// Lists a candidate, and notes what is to be done about it in its time: its slot, which is still
    /// to be filed.
    pub(super) fn list(
        &mut self,
        row: u32,
        class: u16,
        filed: (u16, Filed),
        prospects: &Prospects,
    ) -> u32 {
        let index = row as usize;
        let (submitted, leaves) = (self.people.pool.submitted[index], self.fates.leaves[index]);
        let place = Place::on_arrival(row, (submitted, leaves), filed, class);
        let slot = self.roster.list(place);
        self.await_changes(slot, prospects);
        slot
    }

    /// Notes when the eligibility of somebody will change who is counted as of a class, and not
    /// listed.
    fn note_moves(&mut self, row: u32, class: u16, prospects: &Prospects) {
        self.each_move(row, class, prospects, Ledger::move_later);
    }

    pub(super) fn each_move(
        &mut self,
        row: u32,
        class: u16,
        prospects: &Prospects,
        note: impl Fn(&mut Ledger, u16, u16, usize, Exit),
    ) {
        if prospects.events().is_empty() {
            return;
        }
        let exit = self.exit_of(row);
        let mut before = class;
        for event in prospects.events() {
            let after = self.classes.of(event.mask);
            if after != before {
                let step = self.steps.of(event.at).max(self.step);
                note(&mut self.ledger, before, after, step, exit);
                before = after;
            }
        }
    }

    /// Candidates come into view of whom it is known what is ahead of them.
    fn admit_foreseen(&mut self, outlook: &Outlook, rows: Range<usize>) {
        for index in rows {
            let (place, appointments) = outlook.of_row(index);
            let mut class = place.class;
            let exit = place.exit(self.steps);
            self.ledger.add(class, exit);
            if outlook.comes_near(index, &mut self.floors, &self.classes) {
                let slot = self.roster.list(*place);
                self.file(slot, class, place.filed());
                for &(at, appointment) in appointments {
                    self.await_change(
                        at,
                        Appointment {
                            slot,
                            ..appointment
                        },
                    );
                }
                continue;
            }
            for &(at, appointment) in appointments {
                if appointment.class != class {
                    let step = self.steps.of(at).max(self.step);
                    (self.ledger).move_later(class, appointment.class, step, exit);
                    class = appointment.class;
                }
            }
        }
    }
}
