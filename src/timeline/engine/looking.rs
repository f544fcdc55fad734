//! A closer look at people who come into view and to whom something may happen: who may come near a
//! round and what is to be done about it in its time, and when the others will be eligible for something
//! else. Like sorting them out it waits for no round, and for nothing that an engine changes.
//! What will become of somebody is `foresight`'s; what is done about it `admission`'s.

use super::foresight::{
    Appointment, Event, Present, Prospects, SAME, after_changes, after_one_change, prospects,
};
use super::ledger::{Exit, Move};
use super::meaning::Meaning;
use super::steps::Steps;
use crate::pool::Packed;
use crate::pool::classes::Classes;
use crate::rules::Rules;
use crate::timeline::course::{Filed, Place};
use crate::timeline::fate::Fates;
use crate::timeline::people::{Changes, People};
use crate::units::Score;

/// What people are looked at by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Looker<'s> {
    pub people: &'s People<'s>,
    pub rules: &'s Rules,
    /// Scores by these rules.
    pub scores: &'s [u16],
    pub fates: &'s Fates,
    pub steps: &'s Steps,
    pub meaning: &'s Meaning,
    pub classes: &'s Classes,
    /// The score from which on somebody of each class is listed.
    pub floors: &'s [u16],
}

/// Somebody who is counted, and its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Concerned {
    pub row: u32,
    pub class: u16,
}

/// What a look at some people has shown.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// Where those stand who may come near a round.
    pub near: Vec<Place>,
    /// What is to be done about them, and in which step: in place of slots their places among
    /// those who are near.
    pub appointments: Vec<(u32, Appointment)>,
    /// Who of the others will be in another class, and in which step.
    pub moves: Vec<(u32, Move)>,
    /// Rows of those who will be eligible for what nobody was: they are to be looked at again.
    pub unsure: Vec<u32>,
    /// What they will be eligible for.
    pub unknown: Vec<u32>,
}

impl Found {
    /// Room for what so many people usually show.
    pub fn of(people: usize) -> Self {
        Found {
            near: Vec::with_capacity(people / 2),
            appointments: Vec::with_capacity(people / 2),
            ..Found::default()
        }
    }
}

/// What is looked at of people, by row, and of classes. All columns of people are cut to one length, and
/// both of classes: once a row or a class is within one of them, it need not be checked again.
struct Columns<'s> {
    submitted: &'s [u32],
    age: &'s [u8],
    noc: &'s [u16],
    english: &'s [u16],
    french: &'s [u16],
    spouse_language: &'s [u16],
    traits: &'s [u32],
    noc_months: &'s [u8],
    scores: &'s [u16],
    leaves: &'s [u32],
    masks: &'s [u32],
    floors: &'s [u16],
}

impl Columns<'_> {
    /// As [`People::in_short`].
    #[inline(always)]
    fn in_short(&self, row: usize) -> Packed {
        Packed {
            age: self.age[row],
            noc: self.noc[row],
            english: self.english[row],
            french: self.french[row],
            spouse_language: self.spouse_language[row],
            traits: self.traits[row],
            noc_months: self.noc_months[row],
            ..Packed::default()
        }
    }

    #[inline(always)]
    fn score(&self, row: usize) -> u16 {
        self.scores[row].min(Score::MAX.0)
    }

    /// Submission, and the first second out of the pool.
    #[inline(always)]
    fn waits(&self, row: usize) -> (u32, u32) {
        (self.submitted[row], self.leaves[row])
    }

    /// As [`Looker::class`].
    #[inline(always)]
    fn class(&self, class: u16) -> (u32, u16) {
        let class = usize::from(class);
        (self.masks[class], self.floors[class])
    }
}

impl Looker<'_> {
    #[inline(always)]
    fn columns(&self) -> Columns<'_> {
        let (pool, people) = (self.people.pool, self.people.len());
        let masks = self.classes.masks();
        Columns {
            submitted: &pool.submitted[..people],
            age: &pool.age[..people],
            noc: &pool.noc[..people],
            english: &pool.english[..people],
            french: &pool.french[..people],
            spouse_language: &pool.spouse_language[..people],
            traits: &pool.traits[..people],
            noc_months: &pool.noc_months[..people],
            scores: &self.scores[..people],
            leaves: &self.fates.leaves[..people],
            masks,
            floors: &self.floors[..masks.len()],
        }
    }

    /// Looks at those to whom `ahead` happens. What happens to one is done as to the one before:
    /// branches are foreseen.
    pub fn look(&self, concerned: &[Concerned], ahead: Changes, found: &mut Found) {
        match ahead {
            Changes::WORK => self.look_at_all(concerned, Changes::WORK, found),
            Changes::LANGUAGE => self.look_at_all(concerned, Changes::LANGUAGE, found),
            Changes::NOMINATION => self.look_at_all(concerned, Changes::NOMINATION, found),
            _ if ahead.is_empty() => self.look_at_ages(concerned, found),
            _ => {
                let columns = self.columns();
                for &one in concerned {
                    self.look_at_several(&columns, one, ahead, found);
                }
            }
        }
    }

    #[inline(always)]
    fn look_at_all(&self, concerned: &[Concerned], change: Changes, found: &mut Found) {
        let columns = self.columns();
        for &one in concerned {
            self.look_at_one(&columns, one, change, found);
        }
    }

    /// Looks at somebody to whom one change happens, and maybe a birthday.
    #[inline(always)]
    fn look_at_one(
        &self,
        columns: &Columns<'_>,
        one: Concerned,
        change: Changes,
        found: &mut Found,
    ) {
        let (meaning, row) = (self.meaning, one.row as usize);
        let score = columns.score(row);
        let (mask, floor) = columns.class(one.class);
        let (age, traits) = (columns.age[row], columns.traits[row]);
        let (ageing, years) = (meaning.ageing(age), Packed::canadian_work_years(traits));
        // How far it comes at most decides only who is left out: whether that is a score does not matter.
        let aged = score + ageing.rise();
        if change == Changes::WORK {
            // Most are told apart by a look at their years of work.
            let highest = aged.saturating_add(meaning.most_of_work(years));
            let stays =
                || !ageing.may_change(mask) && meaning.lasting.work_adds_nothing(mask, || u8::MAX);
            if highest < floor && stays() {
                return;
            }
        }
        let candidate = columns.in_short(row);
        let stays = meaning.stays(&candidate, mask, change);
        let Some(mut footing) = meaning.footing(&candidate, change).filter(|_| stays) else {
            return self.look_closer(columns, one, stays, found);
        };
        let gain = meaning.increment(&mut footing, change);
        let near = aged.saturating_add_signed(gain.max(0)) >= floor;
        if change != Changes::NOMINATION && !near {
            return;
        }
        let waits = columns.waits(row);
        let times = self.people.one_ahead((one.row, waits.0), change);
        let until = self.steps.until(waits.1);
        let birthday = ageing.points_of(Packed::has_spouse(traits));
        let prospects = birthday
            .and_then(|aged| after_one_change((mask, score), (change, gain), aged, times, until));
        match prospects {
            Some(prospects) => self.settle(columns, one, change, &prospects, found),
            None => self.look_closer(columns, one, stays, found),
        }
    }

    /// Looks at somebody to whom several changes happen, and maybe a birthday.
    #[inline(always)]
    fn look_at_several(
        &self,
        columns: &Columns<'_>,
        one: Concerned,
        ahead: Changes,
        found: &mut Found,
    ) {
        let (meaning, row) = (self.meaning, one.row as usize);
        let score = columns.score(row);
        let (mask, floor) = columns.class(one.class);
        let candidate = columns.in_short(row);
        let ageing = meaning.ageing(candidate.age);
        let stays = meaning.stays(&candidate, mask, ahead);
        let aged = ageing.points_of(Packed::has_spouse(candidate.traits));
        let footing = meaning.footing(&candidate, ahead).filter(|_| stays);
        let (Some(footing), Some(aged)) = (footing, aged) else {
            return self.look_closer(columns, one, stays, found);
        };
        let highest = score + ageing.rise();
        if !ahead.has(Changes::NOMINATION)
            && highest < floor
            && highest.saturating_add(meaning.most(footing, ahead)) < floor
        {
            return;
        }
        let known = ahead.and(Changes::BIRTHDAY.only_if(aged != 0));
        let times = self.people.ahead(one.row, known).in_order();
        let waits = columns.waits(row);
        let until = self.steps.until(waits.1);
        match after_changes(meaning, (mask, score), footing, aged, &times, until) {
            Some(prospects) => self.settle(columns, one, ahead, &prospects, found),
            None => self.look_closer(columns, one, stays, found),
        }
    }

    /// Lists somebody of whom all that is `ahead` is known with its points, if it may come near a round: it
    /// stays in its class but for a nomination.
    #[inline(always)]
    fn settle<const MOST: usize>(
        &self,
        columns: &Columns<'_>,
        one: Concerned,
        ahead: Changes,
        prospects: &Prospects<MOST>,
        found: &mut Found,
    ) {
        let row = one.row as usize;
        let (score, waits) = (columns.score(row), columns.waits(row));
        if ahead.has(Changes::NOMINATION) {
            self.take_in(one, waits, (score, Filed::Settled), prospects, found);
        } else {
            let (_, floor) = columns.class(one.class);
            self.take_in_of_class(one, waits, score, floor, prospects, found);
        }
    }

    /// Looks at those whose birthday, and nothing else, may change what they are eligible for. Most keep
    /// what they have.
    fn look_at_ages(&self, concerned: &[Concerned], found: &mut Found) {
        let columns = self.columns();
        for &one in concerned {
            let row = one.row as usize;
            let candidate = columns.in_short(row);
            if !self.meaning.lasting.keeps_fsw(&candidate) {
                self.look_at_birthday(&columns, one, found);
                continue;
            }
            let filed = self.meaning.ageing(candidate.age).filed(columns.score(row));
            if filed.0 >= columns.class(one.class).1 {
                found.near.push(self.place(one, columns.waits(row), filed));
            }
        }
    }

    /// Looks at somebody whose birthday, and nothing else, may change what it is eligible for.
    fn look_at_birthday(&self, columns: &Columns<'_>, one: Concerned, found: &mut Found) {
        let (meaning, people, row) = (self.meaning, self.people, one.row as usize);
        let (submitted, leaves) = columns.waits(row);
        let [_, at] = people.one_ahead((one.row, submitted), Changes::BIRTHDAY);
        let mut prospects = Prospects::<1>::default();
        if at < self.steps.until(leaves) {
            let (before, _) = columns.class(one.class);
            let birthday = Changes::BIRTHDAY;
            let judged = meaning.judged(&columns.in_short(row), before, (birthday, birthday));
            let judge = || self.rules.eligibility(&people.with(one.row, birthday)).0;
            let (mask, score) = (judged.unwrap_or_else(judge), SAME);
            if mask != before {
                prospects.note(Event { at, mask, score });
            }
        }
        let filed = meaning.ageing(columns.age[row]).filed(columns.score(row));
        self.take_in(one, (submitted, leaves), filed, &prospects, found);
    }

    /// Looks at what is ahead of somebody to whom something may happen; `stays` is what is known of its
    /// eligibility.
    #[inline(never)]
    fn look_closer(&self, columns: &Columns<'_>, one: Concerned, stays: bool, found: &mut Found) {
        let (people, meaning, row) = (self.people, self.meaning, one.row as usize);
        let ahead = self.fates.ahead[row];
        let score = columns.score(row);
        let (mask, floor) = columns.class(one.class);
        let mut filed = meaning.filed(people.pool, row, score, ahead);
        let short = columns.in_short(row);
        let mut footing = None;
        if !ahead.is_empty() && filed.0 >= floor && !ahead.has(Changes::NOMINATION) {
            // A closer look at how far it comes spares most the question when.
            footing = Some(meaning.footing(&short, ahead));
            if let Some(Some(footing)) = footing {
                let aged = meaning.ageing(short.age).highest(score);
                let highest = aged.saturating_add(meaning.most(footing, ahead));
                filed.0 = filed.0.min(highest);
            }
        }
        let settled = !ahead.is_empty() && filed.0 >= floor;
        let (submitted, leaves) = columns.waits(row);
        let present = Present {
            mask,
            happened: Changes::default(),
            ahead,
            score: settled.then_some(score),
            short,
            stays: Some(stays),
            footing,
            until: self.steps.until(leaves),
        };
        let prospects = prospects(people, self.rules, meaning, one.row, present, None);
        if settled {
            filed = (score, Filed::Settled);
        }
        self.take_in(one, (submitted, leaves), filed, &prospects, found);
    }

    /// The eligibility of a class, and the score from which on its members are listed.
    #[inline(always)]
    fn class(&self, class: u16) -> (u32, u16) {
        let class = usize::from(class);
        (self.classes.masks()[class], self.floors[class])
    }

    #[inline(always)]
    fn place(&self, one: Concerned, waits: (u32, u32), filed: (u16, Filed)) -> Place {
        Place::on_arrival(one.row, waits, filed, one.class)
    }

    /// Lists somebody who comes near a round, with its class after each of the events ahead.
    #[inline(always)]
    fn list(&self, place: Place, events: impl Iterator<Item = (Event, u16)>, found: &mut Found) {
        let slot = found.near.len() as u32;
        found.near.push(place);
        for (Event { at, score, .. }, class) in events {
            let step = self.steps.of(at) as u32;
            (found.appointments).push((step, Appointment { slot, class, score }));
        }
    }

    /// As [`Looker::take_in`] for somebody whose scores are known and whose class, of that floor, stays.
    #[inline(always)]
    fn take_in_of_class<const MOST: usize>(
        &self,
        one: Concerned,
        waits: (u32, u32),
        score: u16,
        floor: u16,
        prospects: &Prospects<MOST>,
        found: &mut Found,
    ) {
        let events = prospects.events();
        if score >= floor || events.iter().any(|event| event.score >= floor) {
            let place = self.place(one, waits, (score, Filed::Settled));
            let events = events.iter().map(|event| (*event, one.class));
            self.list(place, events, found);
        }
    }

    /// Notes what is to be done about somebody who comes near a round, and of others when they will be
    /// eligible for something else.
    #[inline]
    fn take_in<const MOST: usize>(
        &self,
        one: Concerned,
        waits: (u32, u32),
        filed: (u16, Filed),
        prospects: &Prospects<MOST>,
        found: &mut Found,
    ) {
        let mut classes = [one.class; MOST];
        let mut near = filed.0 >= self.class(one.class).1;
        for (class, event) in classes.iter_mut().zip(prospects.events()) {
            let Some(known) = self.classes.known(event.mask) else {
                found.unsure.push(one.row);
                let unknown = prospects.events().iter().map(|event| event.mask);
                found.unknown.extend(unknown);
                return;
            };
            *class = known;
            let score = if event.score == SAME {
                filed.0
            } else {
                event.score
            };
            near |= score >= self.class(known).1;
        }
        let events = prospects.events().iter().zip(classes);
        if near {
            let events = events.map(|(event, class)| (*event, class));
            self.list(self.place(one, waits, filed), events, found);
        } else if prospects
            .events()
            .iter()
            .any(|event| event.mask != self.class(one.class).0)
        {
            let exit = Exit::new(self.steps, waits.0, waits.1);
            let mut before = one.class;
            for (event, after) in events {
                if after != before {
                    let step = self.steps.of(event.at) as u32;
                    found.moves.push((
                        step,
                        Move {
                            before,
                            after,
                            exit,
                        },
                    ));
                    before = after;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::spot_checks::tests::small_year;
    use crate::timeline::plan::TimelinePlan;

    /// Looks at everybody to whom more may happen, with the classes that are known.
    fn look(looker: &Looker<'_>, rows: impl Iterator<Item = u32>) -> Found {
        let mut found = Found::default();
        for row in rows {
            let mask = looker.people.pool.eligibility.get(row as usize);
            let class = looker.classes.known(mask).expect("all classes are known");
            let ahead = looker.fates.ahead[row as usize];
            looker.look(&[Concerned { row, class }], ahead, &mut found);
        }
        found
    }

    /// What was found about each, in order: rows and classes of those near, steps of all that happens.
    fn rows_of(found: &Found) -> (Vec<(u32, u16, u16)>, [usize; 2]) {
        let near = found.near.iter();
        let mut near: Vec<_> = near.map(|one| (one.row, one.class, one.filed())).collect();
        near.sort_unstable();
        (near, [found.appointments.len(), found.moves.len()])
    }

    #[test]
    fn who_will_be_eligible_for_what_nobody_was_is_found_when_that_is_known() {
        small_year("earliest-submission", |plan, people, _| {
            let stretch: &TimelinePlan = people.plan;
            let (fates, rules) = (people.fates(), &plan.rules[0].rules);
            let steps = Steps::new(stretch, &plan.rules, &plan.rounds);
            let meaning = Meaning::of(rules, true);
            let mut classes = Classes::default();
            for mask in people.pool.eligibility.iter() {
                classes.of(mask);
            }
            let floors = vec![470; 1_000];
            let looker = |classes| Looker {
                people,
                rules,
                scores: &people.pool.score,
                fates: &fates,
                steps: &steps,
                meaning: &meaning,
                classes,
                floors: &floors,
            };
            let everybody = 0..people.len() as u32;
            let first = look(&looker(&classes), everybody.clone());
            assert!(!first.unsure.is_empty() && first.near.len() > 100 && !first.moves.is_empty());
            let mut more = classes.clone();
            first.unknown.iter().for_each(|&mask| {
                more.of(mask);
            });
            let later = look(&looker(&more), first.unsure.iter().copied());
            assert!(later.unsure.is_empty() && later.unknown.is_empty());
            let whole = look(&looker(&more), everybody);
            let (mut near, [appointments, moves]) = rows_of(&first);
            let (others, [more_appointments, more_moves]) = rows_of(&later);
            near.extend(others);
            near.sort_unstable();
            let told = [appointments + more_appointments, moves + more_moves];
            assert_eq!((near, told), rows_of(&whole));
        });
    }
}
