//! The course of one replicate under one policy: time goes from round to round, and the work for a
//! round grows with what changed since the last one and with whom it invites, not with the pool.
//! Who the people are is `people`'s and what happens to them `fate`'s; how a round is held is
//! `round`'s.
//!
//! The stretch is cut into steps that end at a round, before a change of rules, or at the end.
//! Counts are kept exact for everybody: eligibility is judged anew where a change may touch it, and
//! the new one noted in the step in which it falls. Only those who may come near a round are listed
//! one by one (`roster`), and their scores are put off where they can be: see `Filed` in `course`.
//! Whom to list is a guess (`floors`); where a round comes lower, the others are listed then.
//! Attributes lie in columns and are cheap to look at while candidates come into view one after the
//! other, and dear later on, when they come up in no order.

mod admission;
mod census;
mod floors;
mod foresight;
mod gate;
pub(super) mod ledger;
mod looking;
mod lots;
mod meaning;
pub mod outlook;
mod relisting;
pub(super) mod roster;
mod shelves;
mod start;
pub(super) mod steps;
mod view;

pub use view::View;

use std::borrow::Cow;

use crate::draw::Members;
use crate::pool::classes::Classes;
use crate::pool::{Eligibilities, Packed};
use crate::rules::Rules;
use crate::timeline::buckets::{Buckets, Which};
use crate::timeline::course::{Course, Filed, Flows};
use crate::timeline::engine::census::Census;
use crate::timeline::engine::floors::Floors;
use crate::timeline::engine::foresight::{Appointment, SAME};
use crate::timeline::engine::ledger::{Exit, Ledger};
use crate::timeline::engine::lots::{Desk, Lots};
use crate::timeline::engine::meaning::Meaning;
use crate::timeline::engine::outlook::Outlook;
use crate::timeline::engine::roster::Roster;
use crate::timeline::engine::shelves::Shelves;
use crate::timeline::engine::start::Start;
use crate::timeline::engine::steps::Steps;
use crate::timeline::fate::{Fates, expiry};
use crate::timeline::life::Status;
use crate::timeline::people::{Changes, People};
use crate::timeline::plan::TimelinePlan;
use crate::timeline::plan::{RoundPlan, RulesPeriod};
use crate::units::Score;

/// Runs the rounds of a policy over the people.
///
/// `rules` holds first what the pool's scores were worked out with; `rounds` are in time order.
/// `seed` and `replicate` decide random tie-breaks alone. With `census` each round counts the pool
/// and the eligible by group. Rounds before the start or after the end
/// of the stretch are the plan's fault and are held all the same, in their order; after the end
/// nothing but a birthday happens to anybody.
pub fn run(
    people: &People<'_>,
    plan: &TimelinePlan,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    seed: u64,
    replicate: u32,
    census: bool,
) -> Course {
    let seeds = (seed, replicate);
    run_watched(people, plan, rules, rounds, seeds, census, None)
}

/// Somebody who looks at the people.
pub type Watch<'w> = &'w mut dyn FnMut(usize, &View<'_, '_>);

/// As [`run`], maybe with somebody who looks at the people just before each round, counted from 0.
pub fn run_watched(
    people: &People<'_>,
    plan: &TimelinePlan,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    (seed, replicate): (u64, u32),
    census: bool,
    watch: Option<Watch<'_>>,
) -> Course {
    let seeds = (seed, replicate);
    Start::of(people, plan, rules, rounds).run(rounds, seeds, census, watch)
}

/// As [`run`], but that nobody is expected to come near a round: each has to list whom it ranks.
#[cfg(test)]
pub(crate) fn run_unprepared(
    people: &People<'_>,
    plan: &TimelinePlan,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    seeds: (u64, u32),
) -> Course {
    let mut start = Start::of(people, plan, rules, rounds);
    start.floors = Floors::default();
    start.run(rounds, seeds, true, None)
}

/// Lets the first come into view, holds the rounds, and goes on to the end.
fn hold_all(
    mut engine: Engine<'_>,
    rounds: &[RoundPlan],
    seeds: (u64, u32),
    census: bool,
    mut watch: Option<Watch<'_>>,
) -> Course {
    let people = engine.people;
    let mut held = Vec::with_capacity(rounds.len());
    engine.admit(0..people.started);
    let mut census = census.then(|| Census::of(people.len()));
    for (index, round) in rounds.iter().enumerate() {
        let now = round.instruction.at.seconds();
        engine.go_to(now);
        if watch.is_some() || census.is_some() {
            engine.roster.index(people.len());
        }
        if let Some(watch) = &mut watch {
            let engine = &engine;
            watch(index, &View { engine, now });
        }
        let ranking = RoundPlan::ranking(rounds, index, seeds);
        let counts = census.as_mut().map(|census| census.take(&engine, round));
        let course = engine.hold(round, &ranking, counts);
        if let Some(census) = &mut census {
            census.look_again(course.invited.iter().map(|one| one.row));
        }
        held.push(course);
    }
    Course {
        rounds: held,
        ..engine.finish()
    }
}

/// What an invitation ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Declined: the candidate is back at that instant.
    Return(u32),
    /// It lapses.
    Lapse,
}

pub(super) struct Engine<'a> {
    pub(super) people: &'a People<'a>,
    plan: &'a TimelinePlan,
    rules: &'a [RulesPeriod],
    period: usize,
    /// What changes mean by the rules in force.
    meaning: Meaning,
    /// Scores and eligibility by the rules in force, as candidates came into view.
    scores: Cow<'a, [u16]>,
    eligibility: Cow<'a, Eligibilities>,

    pub(super) steps: &'a Steps,
    appointments: Vec<Vec<Appointment>>,
    ends: Vec<Vec<(u32, End)>>,
    /// The step that time is in, and the last instant of the one before.
    step: usize,
    passed: Option<u32>,
    now: u32,

    fates: &'a Fates,
    /// What is ahead of everybody under the rules in force, if it is known.
    outlook: Option<&'a Outlook>,
    /// Those who may come near a round. Where slots are spoken of, they are theirs.
    pub(super) roster: Roster,
    floors: Floors,
    /// Those who come into view, as long as they are sorted out by what is known beforehand.
    lots: Option<&'a Lots<'a>>,
    /// Working memory for sorting people out, while nobody uses it.
    desk: Option<Box<Desk>>,
    /// Slots of those who declined an invitation, each once.
    pub(super) declined: Vec<u32>,
    pub(super) classes: Classes,
    shelves: Shelves,
    pub(super) buckets: Buckets,
    arrived: usize,
    pub(super) ledger: Ledger,
    pub(super) flows: Flows,
    totals: Flows,
    /// Candidates who hold a live invitation.
    pub(super) live: u64,
}

impl<'a> Engine<'a> {
    /// At the start, before anybody has come into view.
    fn new(start: &'a Start<'a>, lots: Option<&'a Lots<'a>>) -> Self {
        let &Start {
            people,
            plan,
            rules,
            ref steps,
            ref fates,
            ..
        } = start;
        // Room for what usually happens in a step: a list that grows is copied each time.
        let usual = people.len() / 2 / steps.len().max(8);
        let appointments = (0..steps.len()).map(|_| Vec::with_capacity(usual));
        Engine {
            people,
            plan,
            rules,
            period: 0,
            meaning: start.meaning.clone(),
            scores: Cow::Borrowed(&people.pool.score),
            eligibility: Cow::Borrowed(&people.pool.eligibility),
            appointments: appointments.collect(),
            ends: vec![Vec::new(); steps.len()],
            ledger: Ledger::new(steps.len()),
            steps,
            step: 0,
            passed: None,
            now: plan.start.seconds(),
            fates,
            outlook: people.outlook,
            roster: Roster::of(people.len()),
            declined: Vec::new(),
            classes: start.classes.clone(),
            floors: start.floors.clone(),
            lots,
            desk: None,
            shelves: start.shelves.clone(),
            // No more than half of the people usually come near a round.
            buckets: Buckets::of(people.len() / 2),
            arrived: 0,
            flows: Flows::default(),
            totals: Flows::default(),
            live: 0,
        }
    }

    fn rules(&self) -> &'a Rules {
        &self.rules[self.period].rules
    }

    /// Notes how an invitation of the present ends.
    pub(super) fn await_end(&mut self, slot: u32, at: u32, how: End) {
        let step = self.steps.of(at).max(self.step);
        if let Some(step) = self.ends.get_mut(step) {
            step.push((slot, how));
        }
    }

    /// Lets time run to `to`, the instant of a round or the end.
    fn go_to(&mut self, to: u32) {
        while self.step < self.steps.len() && self.steps.end_of(self.step) <= to {
            self.pass_step();
        }
        self.now = self.now.max(to);
    }

    /// Lets the present step pass: new rules, arrivals, then changes, then ends of invitations, then
    /// those who leave.
    fn pass_step(&mut self) {
        self.change_rules();
        let end = self.steps.end_of(self.step);
        self.floors.go_to(end);
        let coming = &self.people.pool.submitted[self.arrived..];
        let coming = coming.partition_point(|&at| at <= end);
        self.flows.arrived += coming as u64;
        self.admit(self.arrived..self.arrived + coming);
        self.now = self.now.max(end);
        let due = std::mem::take(&mut self.appointments[self.step]);
        self.look_at(due.iter().map(|one| one.slot));
        for appointment in due {
            let place = self.roster.place(appointment.slot);
            if place.in_pool(end) {
                self.keep(appointment, end);
            } else if place.status() == Status::Invited {
                self.keep_for_later(appointment);
            }
        }
        for (slot, how) in std::mem::take(&mut self.ends[self.step]) {
            self.live -= 1;
            match how {
                End::Return(at) => self.come_back(slot, at),
                End::Lapse => {
                    self.flows.lapsed += 1;
                    self.roster.place_mut(slot).set(Status::Lapsed);
                }
            }
        }
        let [expired, withdrawn] = self.ledger.pass(self.step);
        self.flows.expired += expired;
        self.flows.withdrawn += withdrawn;
        self.step += 1;
        self.passed = Some(end);
    }

    /// Looks at the places of slots that come up in no order, in a loop so short that the processor
    /// waits for many of them at once: they are at hand afterwards.
    pub(super) fn look_at(&self, slots: impl Iterator<Item = u32>) {
        let filed = slots.map(|slot| self.roster.place(slot).filed());
        std::hint::black_box(filed.fold(0, |all, one| all ^ one));
    }

    /// When the listed of a slot leaves, as far as counting goes.
    #[inline]
    fn exit(&self, slot: u32) -> Exit {
        self.roster.place(slot).exit(self.steps)
    }

    /// Files a candidate in the pool under its new class, and its new score if it is exact.
    fn keep(&mut self, appointment: Appointment, now: u32) {
        let Appointment { slot, class, score } = appointment;
        let score = match self.roster.place(slot).worth() {
            Filed::Bound | Filed::UntilOlder => SAME,
            Filed::Settled => score,
            Filed::Exact => self.score_at(slot, now).min(Score::MAX.0),
        };
        let place = self.roster.place_mut(slot);
        let before = (place.class, place.filed());
        if class != SAME && class != before.0 {
            let exit = place.exit(self.steps);
            self.ledger.move_now(before.0, class, exit);
            place.class = class;
        }
        if score != SAME {
            place.file(score);
        }
        let (class, filed) = (place.class, place.filed());
        if before != (class, filed) {
            self.file(slot, class, filed);
        }
    }

    /// As [`Engine::keep`] for somebody who holds an invitation, and may come back.
    fn keep_for_later(&mut self, appointment: Appointment) {
        let Appointment { slot, class, score } = appointment;
        let place = self.roster.place_mut(slot);
        if class != SAME {
            place.class = class;
        }
        if score != SAME && place.worth() == Filed::Settled {
            place.file(score);
        }
    }

    /// Where those of a class are filed.
    #[inline]
    pub(super) fn shelf(&mut self, class: u16) -> u16 {
        self.shelves.of_class(class, &self.classes)
    }

    /// The shelves that a round of a kind looks at.
    pub(super) fn shelves_with(&mut self, members: Members) -> Which {
        self.shelves.know(&self.classes);
        self.shelves.with(members)
    }

    /// Files a listed candidate.
    #[inline]
    pub(super) fn file(&mut self, slot: u32, class: u16, score: u16) {
        let shelf = self.shelf(class);
        self.buckets.push(shelf, score, slot);
    }

    /// Puts the rules into force that hold from the second after the step before.
    fn change_rules(&mut self) {
        while let Some(next) = self.rules.get(self.period + 1)
            && self
                .passed
                .is_some_and(|passed| next.from.seconds().saturating_sub(1) <= passed)
        {
            self.period += 1;
            self.now = self.now.max(next.from.seconds());
            self.score_everyone_again();
        }
    }

    /// New rules: everyone is scored again, and those who have come are counted and filed anew.
    fn score_everyone_again(&mut self) {
        let rules = self.rules();
        self.outlook = None;
        self.meaning = Meaning::of(rules, self.plan.changes.birthdays);
        self.lots = None;
        self.buckets.clear();
        self.ledger.clear();
        self.appointments.iter_mut().for_each(Vec::clear);
        let passed = self.passed.unwrap_or(0);
        for (row, &leaves) in self.fates.leaves.iter().enumerate() {
            if leaves > passed {
                let first = self.people.with(row as u32, Changes::default());
                self.scores.to_mut()[row] = rules.points(&first).total().0;
                let mask = rules.eligibility(&first).0;
                self.eligibility.to_mut().set(row, mask);
            }
        }
        self.list_again(passed);
    }

    /// A declined invitation brings the candidate back at `at`, if its profile is still alive then.
    fn come_back(&mut self, slot: u32, at: u32) {
        let place = self.roster.place_mut(slot);
        if at >= place.leaves() {
            if place.withdraws() {
                self.flows.withdrawn += 1;
                place.set(Status::Withdrawn);
            } else {
                self.flows.expired += 1;
                place.set(Status::Expired);
            }
            return;
        }
        place.set(Status::InPool);
        self.flows.returned += 1;
        let place = *self.roster.place(slot);
        let mut class = place.class;
        if place.worth() == Filed::Bound {
            // Who is invited is filed exactly: the rules have changed since.
            let known = self.fates.ahead[place.row as usize].and(Changes::BIRTHDAY);
            let happened = self.people.come(place.row, known, self.now);
            class = self.classes.of(self.mask_after(place.row, happened));
        }
        let score = self.exactly(slot, self.now).min(Score::MAX.0);
        let place = self.roster.place_mut(slot);
        place.class = class;
        place.file(score);
        self.file(slot, class, score);
        self.ledger.add(class, self.exit(slot));
    }

    /// What a listed candidate in the pool is eligible for.
    pub(super) fn mask(&self, slot: u32) -> u32 {
        self.classes.masks()[usize::from(self.roster.place(slot).class)]
    }

    /// The first second out of the pool of one of the people, if it is never invited.
    fn leaves(&self, row: u32) -> u32 {
        self.fates.leaves[row as usize]
    }

    /// A score that one of the people never passes under the rules in force.
    fn highest(&self, row: u32) -> u16 {
        let (index, ahead) = (row as usize, self.fates.ahead[row as usize]);
        let score = self.scores[index].min(Score::MAX.0);
        self.meaning.filed(self.people.pool, index, score, ahead).0
    }

    /// What one of the people is eligible for to whom that has happened.
    fn mask_after(&self, row: u32, happened: Changes) -> u32 {
        let first = self.eligibility.get(row as usize);
        let ageing = self.meaning.ageing(self.people.pool.age[row as usize]);
        let stays =
            happened.is_empty() || happened == Changes::BIRTHDAY && !ageing.may_change(first);
        if stays {
            first
        } else {
            self.rules().eligibility(&self.people.with(row, happened)).0
        }
    }

    /// One of the people to whom that has happened; its slot if it is listed.
    fn packed_after(&self, row: u32, slot: Option<u32>, happened: Changes) -> Packed {
        let eligibility = match slot {
            Some(slot) => self.mask(slot),
            None => self.mask_after(row, happened),
        };
        Packed {
            score: self.score_after(row, happened),
            eligibility,
            ..happened.apply_packed(self.people.row(row))
        }
    }

    pub(super) fn turn_over(&mut self) -> Flows {
        let flows = std::mem::take(&mut self.flows);
        self.totals.add(&flows);
        flows
    }

    /// Runs on to the end and says where everybody stands.
    fn finish(mut self) -> Course {
        if let Some(lots) = self.lots {
            lots.end();
        }
        let end = self.plan.end.seconds().max(self.now);
        self.go_to(end);
        self.turn_over();
        let declined = self.declined.iter().map(|&slot| self.roster.place(slot));
        let expired = declined.filter(|place| place.standing(end) == Status::Expired);
        let expired_later = expired.count() as u64;
        let start = self.plan.start.seconds();
        let there = self.people.pool.submitted[..self.people.started].iter();
        let gone = there.map(|&submitted| u32::from(expiry(submitted) <= start));
        let expired_before = u64::from(gone.sum::<u32>());
        Course {
            rounds: Vec::new(),
            end,
            in_pool: self.ledger.everybody(),
            live_invitations: self.live,
            roster: self.roster,
            arrived: self.arrived,
            totals: self.totals,
            expired_uninvited: self.totals.expired - expired_later - expired_before,
            too_many_classes: self.classes.are_too_many(),
        }
    }
}
