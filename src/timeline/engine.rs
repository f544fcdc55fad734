//! The course of one replicate under one policy: time goes from round to round, and the work for a
//! round grows with what changed since the last one and with whom it invites, not with the pool.
//! Who the people are is `people`'s and what happens to them `fate`'s; how a round is held is
//! `round`'s.
//!
//! The stretch is cut into steps that end at a round, before a change of rules, or at the end.
//! Counts are kept exact for everybody: eligibility is judged anew where a change may touch it, and
//! the new one noted in the step in which it falls. Scores are put off where they can be: see
//! `Filed` in `course`. Attributes lie in columns and are cheap to look at while candidates come into
//! view one after the other, and dear later on, when they come up in no order.

mod admission;
mod census;
mod floors;
mod foresight;
pub(super) mod ledger;
mod meaning;
pub mod outlook;
pub(super) mod steps;
mod view;

pub use view::View;

use std::borrow::Cow;

use crate::draw::Ranking;
use crate::pool::classes::Classes;
use crate::pool::{Eligibilities, Packed};
use crate::rules::Rules;
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::timeline::buckets::Buckets;
use crate::timeline::course::{Course, Filed, Flows, Place, RoundCourse};
use crate::timeline::engine::census::Census;
use crate::timeline::engine::floors::Floors;
use crate::timeline::engine::foresight::{Appointment, SAME};
use crate::timeline::engine::ledger::Ledger;
use crate::timeline::engine::meaning::Meaning;
use crate::timeline::engine::outlook::Outlook;
use crate::timeline::engine::steps::Steps;
use crate::timeline::fate::Fates;
use crate::timeline::life::Status;
use crate::timeline::people::{Changes, People};
use crate::timeline::plan::TimelinePlan;
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
    let nobody = &mut |_: usize, _: &View<'_, '_>| {};
    run_watched(
        people,
        plan,
        rules,
        rounds,
        (seed, replicate),
        census,
        nobody,
    )
}

/// As [`run`], with somebody who looks at the people just before each round, counted from 0.
pub fn run_watched(
    people: &People<'_>,
    plan: &TimelinePlan,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    (seed, replicate): (u64, u32),
    census: bool,
    watch: &mut dyn FnMut(usize, &View<'_, '_>),
) -> Course {
    let mut engine = Engine::new(people, plan, rules, rounds);
    let mut census = census.then(|| Census::of(people.len()));
    let mut held = Vec::with_capacity(rounds.len());
    for (index, round) in rounds.iter().enumerate() {
        let now = round.instruction.at.seconds();
        engine.go_to(now);
        let view = View {
            engine: &engine,
            now,
        };
        watch(index, &view);
        let ranking = Ranking::new(round.instruction.tie_break, seed, replicate, index as u64);
        let counts = census.as_mut().map(|census| census.take(&engine, round));
        let course = engine.hold(round, &ranking, counts);
        if let Some(census) = &mut census {
            census.look_again(&course.outcome.invited);
        }
        held.push(course);
    }
    engine.finish(held)
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

    steps: Steps,
    appointments: Vec<Vec<Appointment>>,
    ends: Vec<Vec<(u32, End)>>,
    /// The step that time is in, and the last instant of the one before.
    step: usize,
    passed: Option<u32>,
    now: u32,

    fates: Cow<'a, Fates>,
    /// What is ahead of everybody under the rules in force, if it is known.
    outlook: Option<&'a Outlook>,
    /// Where everybody stands who has come into view.
    pub(super) places: Vec<Place>,
    floors: Floors,
    /// Working memory: those to whom something may happen, by what is ahead of them, and
    /// eligibilities.
    concerned: [Vec<u32>; admission::GROUPS],
    masks: Vec<u32>,
    /// Those who declined an invitation, as often as they did.
    pub(super) declined: Vec<u32>,
    pub(super) classes: Classes,
    pub(super) buckets: Buckets,
    arrived: usize,
    pub(super) ledger: Ledger,
    pub(super) flows: Flows,
    totals: Flows,
    /// Candidates who hold a live invitation.
    pub(super) live: u64,
}

impl<'a> Engine<'a> {
    fn new(
        people: &'a People<'a>,
        plan: &'a TimelinePlan,
        rules: &'a [RulesPeriod],
        rounds: &[RoundPlan],
    ) -> Self {
        let steps = Steps::new(plan, rules, rounds);
        let (classes, floors) = match people.outlook {
            Some(outlook) => (outlook.classes.clone(), outlook.floors.clone()),
            None => {
                let mut classes = Classes::default();
                let floors = Floors::expected(people.pool, people.started, rounds, &mut classes);
                (classes, floors)
            }
        };
        let fates = match people.known {
            Some(fates) => Cow::Borrowed(fates),
            None => Cow::Owned(people.fates()),
        };
        let rows = people.len();
        let mut engine = Engine {
            people,
            plan,
            rules,
            period: 0,
            meaning: Meaning::of(&rules[0].rules, plan.changes.birthdays),
            scores: Cow::Borrowed(&people.pool.score),
            eligibility: Cow::Borrowed(&people.pool.eligibility),
            appointments: vec![Vec::new(); steps.len()],
            ends: vec![Vec::new(); steps.len()],
            ledger: Ledger::new(steps.len()),
            steps,
            step: 0,
            passed: None,
            now: plan.start.seconds(),
            fates,
            outlook: people.outlook,
            places: Vec::with_capacity(rows),
            concerned: Default::default(),
            masks: Vec::new(),
            declined: Vec::new(),
            classes,
            floors,
            buckets: Buckets::of(rows),
            arrived: 0,
            flows: Flows::default(),
            totals: Flows::default(),
            live: 0,
        };
        engine.admit(0..people.started);
        engine
    }

    fn rules(&self) -> &'a Rules {
        &self.rules[self.period].rules
    }

    /// Files a candidate in the pool anew under the rules in force.
    fn file_again(&mut self, row: usize, class: u16) {
        let place = &mut self.places[row];
        let score = self.scores[row].min(Score::MAX.0);
        (place.filed, place.worth) =
            (self.meaning).filed(self.people.pool, row, score, place.ahead);
        place.class = class;
        self.take_in(row..row + 1);
    }

    /// Notes how an invitation of the present ends.
    pub(super) fn await_end(&mut self, row: u32, at: u32, how: End) {
        let step = self.steps.of(at).max(self.step);
        if let Some(step) = self.ends.get_mut(step) {
            step.push((row, how));
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
        let coming = &self.people.pool.submitted[self.arrived..];
        let coming = coming.partition_point(|&at| at <= end);
        self.flows.arrived += coming as u64;
        self.admit(self.arrived..self.arrived + coming);
        self.now = self.now.max(end);
        let due = std::mem::take(&mut self.appointments[self.step]);
        self.look_at(due.iter().map(|one| one.row));
        for appointment in due {
            if self.places[appointment.row as usize].in_pool(end) {
                self.keep(appointment, end);
            }
        }
        for (row, how) in std::mem::take(&mut self.ends[self.step]) {
            self.live -= 1;
            match how {
                End::Return(at) => self.come_back(row, at),
                End::Lapse => {
                    self.flows.lapsed += 1;
                    self.places[row as usize].set(Status::Lapsed);
                }
            }
        }
        let [expired, withdrawn] = self.ledger.pass(self.step);
        self.flows.expired += expired;
        self.flows.withdrawn += withdrawn;
        self.step += 1;
        self.passed = Some(end);
    }

    /// Looks at the places of rows that come up in no order, in a loop so short that the processor
    /// waits for many of them at once: they are at hand afterwards.
    pub(super) fn look_at(&self, rows: impl Iterator<Item = u32>) {
        let filed = rows.map(|row| self.places[row as usize].filed);
        std::hint::black_box(filed.fold(0, |all, one| all ^ one));
    }

    /// Files a candidate in the pool under its new class, and its new score if it is exact.
    fn keep(&mut self, appointment: Appointment, now: u32) {
        let Appointment { row, class, score } = appointment;
        let place = &mut self.places[row as usize];
        let before = (place.class, place.filed);
        if class != SAME && class != before.0 {
            self.ledger.take(&self.steps, place);
            place.class = class;
            self.ledger.add(&self.steps, place);
        }
        match place.worth {
            Filed::Settled if score != SAME => place.filed = score,
            Filed::Bound | Filed::Settled => {}
            Filed::Exact => {
                let score = self.score_at(row, now).min(Score::MAX.0);
                self.places[row as usize].filed = score;
            }
        }
        let place = &self.places[row as usize];
        if before != (place.class, place.filed) {
            self.buckets.push(place.class, place.filed, row);
        }
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

    /// New rules: everyone is scored again, those in the pool are filed anew, and what is to come is
    /// foreseen anew. Who has left by now was counted out by the step they left in.
    fn score_everyone_again(&mut self) {
        let rules = self.rules();
        self.outlook = None;
        self.meaning = Meaning::of(rules, self.plan.changes.birthdays);
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
        for row in 0..self.arrived as u32 {
            let index = row as usize;
            let Place { status, leaves, .. } = self.places[index];
            if leaves <= passed || !matches!(status, Status::InPool | Status::Invited) {
                continue;
            }
            let happened = self.people.happened(row, self.now);
            let mask = if happened.is_empty() {
                self.eligibility.get(index)
            } else {
                rules.eligibility(&self.people.with(row, happened)).0
            };
            if status == Status::InPool {
                let class = self.classes.of(mask);
                self.file_again(index, class);
            } else {
                self.places[index].worth = Filed::Bound;
            }
            self.foresee(row, mask, happened);
        }
    }

    /// A declined invitation brings the candidate back at `at`, if its profile is still alive then.
    fn come_back(&mut self, row: u32, at: u32) {
        let place = &mut self.places[row as usize];
        if at >= place.leaves {
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
        let mask = self.rules().eligibility(&self.people.at(row, self.now)).0;
        let class = self.classes.of(mask);
        // Who was invited is filed exactly, unless the rules have changed since.
        self.exactly(row, self.now);
        let score = self.score_at(row, self.now).min(Score::MAX.0);
        let place = &mut self.places[row as usize];
        (place.class, place.filed) = (class, score);
        self.buckets.push(class, score, row);
        self.ledger.add(&self.steps, place);
    }

    /// Notes that a round has come down to a score of a class.
    #[inline]
    pub(super) fn reach(&mut self, class: u16, score: u16) {
        self.floors.reach(class, score);
    }

    /// Counts one more invitation of a candidate: how many there were before.
    pub(super) fn count_invitation(&mut self, row: u32) -> u8 {
        let place = &mut self.places[row as usize];
        self.ledger.take(&self.steps, place);
        let nth = place.invitations;
        place.invitations = nth.saturating_add(1);
        nth
    }

    /// What a candidate in the pool is eligible for.
    pub(super) fn mask(&self, row: u32) -> u32 {
        self.classes.masks()[usize::from(self.places[row as usize].class)]
    }

    /// A candidate with all its attributes as it is at `now`.
    fn packed(&self, row: u32, now: u32) -> Packed {
        let known = self.places[row as usize].ahead.and(Changes::BIRTHDAY);
        self.packed_after(row, self.people.come(row, known, now))
    }

    /// A candidate to whom that has happened.
    fn packed_after(&self, row: u32, happened: Changes) -> Packed {
        Packed {
            score: self.score_after(row, happened),
            eligibility: self.mask(row),
            ..happened.apply_packed(self.people.row(row))
        }
    }

    pub(super) fn turn_over(&mut self) -> Flows {
        let flows = std::mem::take(&mut self.flows);
        self.totals.add(&flows);
        flows
    }

    /// Runs on to the end and says where everybody stands.
    fn finish(mut self, rounds: Vec<RoundCourse>) -> Course {
        let end = self.plan.end.seconds().max(self.now);
        self.go_to(end);
        self.turn_over();
        self.declined.sort_unstable();
        self.declined.dedup();
        let declined = self.declined.iter().map(|&row| &self.places[row as usize]);
        let expired = declined.filter(|place| place.standing(end) == Status::Expired);
        let expired_later = expired.count() as u64;
        // Whoever has not come by the end stands nowhere yet.
        self.places.resize(self.people.len(), Place::default());
        Course {
            rounds,
            end,
            in_pool: self.ledger.everybody(),
            live_invitations: self.live,
            places: self.places,
            totals: self.totals,
            expired_uninvited: self.totals.expired - expired_later,
        }
    }
}
