//! Candidates come into view: all are counted, those to whom something may happen are looked at more
//! closely, and those who may come near a round are listed and filed.
//! What will become of them is `foresight`'s.

use std::ops::Range;

use super::Engine;
use super::foresight::{
    Appointment, Present, Prospects, after_one_change, best_level, keeps_fsw, prospects,
};
use super::gate::Gate;
use super::ledger::{Exit, Ledger};
use super::lots::{Sorted, Sorter};
use super::outlook::Outlook;
use crate::timeline::course::{Filed, Place};
use crate::timeline::people::Changes;
use crate::units::Score;

impl Engine<'_> {
    /// Candidates come into view with the attributes they have at that time.
    pub(super) fn admit(&mut self, rows: Range<usize>) {
        self.arrived = rows.end;
        if let Some(outlook) = self.outlook {
            return self.admit_foreseen(outlook, rows);
        }
        let mut first = rows.start;
        while first < rows.end {
            let sorted = match self.lots {
                Some(lots) => lots.take(first),
                None => self.sort_out(first..rows.end),
            };
            first = sorted.rows.end;
            self.admit_sorted(sorted);
        }
    }

    /// Sorts out the next of some people by what is known now.
    fn sort_out(&mut self, rows: Range<usize>) -> Sorted {
        let classes = &self.classes;
        let known = 0..classes.masks().len() as u16;
        let floors: Vec<u16> = known.map(|class| self.floors.of(class, classes)).collect();
        let sorter = Sorter {
            pool: self.people.pool,
            scores: &self.scores,
            eligibility: &self.eligibility,
            fates: self.fates,
            steps: self.steps,
            classes,
            gate: &Gate::of(classes.masks(), &floors, &self.meaning),
            meaning: &self.meaning,
        };
        sorter.sort(rows)
    }

    /// Counts people who are sorted out, lists those who may come near a round, and looks at those more
    /// closely to whom more may happen.
    fn admit_sorted(&mut self, sorted: Sorted) {
        self.ledger.add_all(&sorted.counts);
        for row in sorted.strangers {
            let class = self.classes.of(self.eligibility.get(row as usize));
            let exit = self.exit_of(row);
            self.ledger.add(class, exit);
            if self.fates.ahead[row as usize].is_empty() {
                self.look_closer(row);
            }
        }
        let slot = self.roster.list_all(&sorted.near);
        self.shelves.know(&self.classes);
        for (place, slot) in sorted.near.iter().zip(slot..) {
            let shelf = self.shelves.holding(place.class);
            self.buckets.push(shelf, place.filed, slot);
        }
        for (rows, ahead) in sorted.concerned.into_iter().zip(Changes::sets()) {
            self.look_at_some(rows.into_iter(), ahead);
        }
    }

    /// Looks at those to whom `ahead` happens. What happens to one is done as to the one before:
    /// branches are foreseen.
    fn look_at_some(&mut self, rows: impl Iterator<Item = u32>, ahead: Changes) {
        match ahead {
            Changes::WORK => rows.for_each(|row| self.look_at_one(row, Changes::WORK)),
            Changes::LANGUAGE => rows.for_each(|row| self.look_at_one(row, Changes::LANGUAGE)),
            Changes::NOMINATION => rows.for_each(|row| self.look_at_one(row, Changes::NOMINATION)),
            _ if ahead.is_empty() => rows.for_each(|row| self.look_at_age(row)),
            _ => rows.for_each(|row| self.look_closer(row)),
        }
    }

    /// Looks at somebody to whom one change happens, and maybe a birthday.
    #[inline(always)]
    fn look_at_one(&mut self, row: u32, change: Changes) {
        let (people, meaning, index) = (self.people, &self.meaning, row as usize);
        let score = self.scores[index].min(Score::MAX.0);
        let mask = self.eligibility.get(index);
        let class = self.classes.of(mask);
        let floor = self.floors.of(class, &self.classes);
        if change == Changes::WORK {
            // Most are told apart by a look at their years of work.
            let highest = meaning.filed(people.pool, index, score, change).0;
            let open = meaning.ageing(people.pool.age[index]).may_change(mask)
                || !meaning.lasting.work_adds_nothing(mask, || u8::MAX);
            if highest < floor && !open {
                return;
            }
        }
        let candidate = people.in_short(row).candidate();
        let years = candidate.canadian_work_years;
        let lasting = &meaning.lasting;
        let stays = match change {
            Changes::WORK => lasting.work_adds_nothing(mask, || best_level(people, row)),
            Changes::LANGUAGE => lasting.english_adds_nothing(&candidate, years, mask),
            _ => true,
        };
        let ageing = meaning.ageing(people.pool.age[index]);
        let stays = stays && (!ageing.may_change(mask) || keeps_fsw(people, meaning, row));
        let Some(mut footing) = meaning.increments.footing(&candidate).filter(|_| stays) else {
            return self.look_closer(row);
        };
        let gain = meaning.increment(&mut footing, change);
        let highest = ageing.highest(score).saturating_add_signed(gain.max(0));
        let near = highest.min(Score::MAX.0) >= floor;
        if change != Changes::NOMINATION && !near {
            return;
        }
        let until = self.until(row);
        let present = (mask, score);
        match after_one_change(people, &self.meaning, row, present, (change, gain), until) {
            Some(prospects) => self.take_in(row, class, (score, Filed::Settled), &prospects),
            None => self.look_closer(row),
        }
    }

    /// Looks at those whose birthday, and nothing else, may change what they are eligible for, and who
    /// are counted already. Most keep what they have.
    fn look_at_age(&mut self, row: u32) {
        let index = row as usize;
        let (age, score) = (self.people.pool.age[index], self.scores[index]);
        if !keeps_fsw(self.people, &self.meaning, row) {
            return self.look_closer(row);
        }
        let class = self.classes.of(self.eligibility.get(index));
        let filed = self.meaning.ageing(age).filed(score);
        self.take_in(row, class, filed, &Prospects::default());
    }

    /// Looks at what is ahead of somebody to whom something may happen and who is counted already.
    fn look_closer(&mut self, row: u32) {
        let (people, meaning, index) = (self.people, &self.meaning, row as usize);
        let ahead = self.fates.ahead[index];
        let score = self.scores[index].min(Score::MAX.0);
        let mask = self.eligibility.get(index);
        let class = self.classes.of(mask);
        let floor = self.floors.of(class, &self.classes);
        let mut filed = meaning.filed(people.pool, index, score, ahead);
        let mut footing = None;
        if !ahead.is_empty() && filed.0 >= floor && !ahead.has(Changes::NOMINATION) {
            // A closer look at how far it comes spares most the question when.
            let candidate = people.in_short(row).candidate();
            footing = Some(meaning.increments.footing(&candidate));
            if let Some(Some(footing)) = footing {
                let aged = meaning.ageing(people.pool.age[index]).highest(score);
                let highest = aged.saturating_add(meaning.most(footing, ahead));
                filed.0 = filed.0.min(highest);
            }
        }
        let settled = !ahead.is_empty() && filed.0 >= floor;
        let present = Present {
            mask,
            happened: Changes::default(),
            ahead,
            score: settled.then_some(score),
            footing,
            until: self.until(row),
        };
        let prospects = prospects(people, self.rules(), meaning, row, present, None);
        if settled {
            filed = (score, Filed::Settled);
        }
        self.take_in(row, class, filed, &prospects);
    }

    /// Lists somebody, counted already, who comes near a round; of others it is noted when they will be
    /// eligible for something else.
    #[inline]
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
        self.leaves(row).min(self.steps.end().saturating_add(1))
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
        let exit = Exit::new(self.steps, submitted, leaves);
        let place = Place::on_arrival(row, submitted, leaves, exit, filed, class);
        let slot = self.roster.list(place);
        self.await_changes(slot, prospects);
        slot
    }

    /// Notes when the eligibility of somebody will change who is counted as of a class, and not
    /// listed.
    fn note_moves(&mut self, row: u32, class: u16, prospects: &Prospects) {
        self.each_move(row, class, prospects, Ledger::move_later);
    }

    #[inline]
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
            let exit = Exit::new(self.steps, place.submitted, place.leaves);
            self.ledger.add(class, exit);
            if outlook.comes_near(index, &mut self.floors, &self.classes) {
                let slot = self.roster.list(Place { exit, ..*place });
                self.file(slot, class, place.filed);
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
