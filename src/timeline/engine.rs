//! The course of one replicate under one policy: time goes from round to round, and the work for a
//! round grows with what changed since the last one and with whom it invites, not with the pool.
//! Who the people are and what fate holds for them is `people`'s; how a round is held is `round`'s.
//!
//! The stretch is cut into steps that end at a round, before a change of rules, or at the end. When
//! candidates come into view, all that will happen to them while they wait is foreseen at once,
//! while their attributes are at hand, and noted in the step in which it falls. Within a step order
//! does not matter: at its end everybody has the score that holds there.

mod view;

pub use view::View;

use crate::draw::Ranking;
use crate::pool::groups::{Counter, Counts};
use crate::pool::{Eligibility, Packed};
use crate::rules::Rules;
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::timeline::buckets::{Buckets, Classes};
use crate::timeline::course::{Course, Flows, Invitee, NEVER, Place, RoundCourse};
use crate::timeline::life::Status;
use crate::timeline::people::{Changes, People, Person};
use crate::timeline::plan::TimelinePlan;
use crate::units::Instant;

/// Runs the rounds of a policy over the people.
///
/// `rules` holds first what the pool's scores were worked out with; `rounds` are in time order.
/// `seed` and `replicate` decide random tie-breaks alone. With `census` each round counts the pool
/// and the eligible by group. Rounds before the start or after the end
/// of the stretch are the plan's fault and are held all the same, in their order.
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
        let census = census.then(|| engine.census(round));
        held.push(engine.hold(round, index, &ranking, census));
    }
    engine.finish(held)
}

/// A score and class that a candidate has from some instant of a step on.
#[derive(Debug, Clone, Copy)]
struct Foreseen {
    row: u32,
    score: u16,
    class: u16,
    changes: Changes,
}

/// What turning a year older means.
#[derive(Debug, Clone, Copy)]
struct Ageing {
    /// Whether it may change points or eligibility.
    tells: bool,
    /// Whether it may change eligibility, and whether it can only take it away.
    tells_programs: bool,
    only_falls: bool,
    /// Points that it brings, without and with a spouse, where they are the same for everyone.
    points: [Option<i16>; 2],
}

/// What an invitation ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Declined: the candidate is back at that instant.
    Return(u32),
    /// It lapses.
    Lapse,
}

/// What falls into a step.
#[derive(Debug, Clone, Default)]
struct Step {
    /// Last instant.
    end: u32,
    foreseen: Vec<Foreseen>,
    ends: Vec<(u32, End)>,
    /// Who will leave the pool, by class: expiring and withdrawing.
    leaving: Vec<[u64; 2]>,
}

pub(super) struct Engine<'a> {
    pub(super) people: &'a People<'a>,
    plan: &'a TimelinePlan,
    rules: &'a [RulesPeriod],
    period: usize,
    /// What a birthday means at each age by the rules in force.
    ageing: Vec<Ageing>,
    steps: Vec<Step>,
    /// The step in which each day begins.
    step_of_day: Vec<u16>,
    first_day: u32,
    /// The step that time is in, and the last instant of the one before.
    step: usize,
    passed: Option<u32>,
    now: u32,

    pub(super) places: Vec<Place>,
    pub(super) classes: Classes,
    pub(super) buckets: Buckets,
    arrived: usize,
    /// In the pool, by class.
    pub(super) present: Vec<u64>,
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
        let last = rounds.last().map(|round| round.instruction.at.seconds());
        let end = plan.end.seconds().max(last.unwrap_or(0));
        let mut ends: Vec<u32> = rounds
            .iter()
            .map(|round| round.instruction.at.seconds())
            .chain(
                rules
                    .iter()
                    .skip(1)
                    .map(|next| next.from.seconds().saturating_sub(1)),
            )
            .filter(|&at| at < end)
            .collect();
        ends.push(end);
        ends.sort_unstable();
        ends.dedup();
        let first_day = plan.start.seconds() / Instant::DAY;
        let step_of_day = (first_day..=(end / Instant::DAY).max(first_day))
            .map(|day| ends.partition_point(|&at| at < day * Instant::DAY) as u16)
            .collect();
        let steps = ends.into_iter().map(|end| Step {
            end,
            ..Step::default()
        });
        let mut engine = Engine {
            people,
            plan,
            rules,
            period: 0,
            ageing: Vec::new(),
            steps: steps.collect(),
            step_of_day,
            first_day,
            step: 0,
            passed: None,
            now: plan.start.seconds(),
            places: vec![Place::default(); people.len()],
            classes: Classes::default(),
            buckets: Buckets::with_capacity(people.len() + people.len() / 2),
            arrived: people.started,
            present: Vec::new(),
            flows: Flows::default(),
            totals: Flows::default(),
            live: 0,
        };
        engine.learn_ages();
        for row in 0..people.started as u32 {
            engine.enter(row);
        }
        engine
    }

    fn rules(&self) -> &'a Rules {
        &self.rules[self.period].rules
    }

    /// The step in which `at` falls, that of the first round at or after it: a candidate who leaves
    /// at the very second of a round is not in it. One past the last for what comes later.
    #[inline]
    fn step_at(&self, at: u32) -> usize {
        let day = (at / Instant::DAY).saturating_sub(self.first_day) as usize;
        let Some(&first) = self.step_of_day.get(day) else {
            return self.steps.len();
        };
        let mut step = usize::from(first);
        while step < self.steps.len() && self.steps[step].end < at {
            step += 1;
        }
        step
    }

    /// A candidate comes into view with the attributes it has at that time.
    #[inline]
    fn enter(&mut self, row: u32) {
        let index = row as usize;
        let person = self.people.person(row);
        let leaves = person.leaves();
        let (mask, score) = if self.period == 0 {
            let pool = self.people.pool;
            (pool.eligibility[index], pool.score[index])
        } else {
            self.judge(&self.people.with(row, Changes::default()))
        };
        let class = self.classes.of(mask);
        self.places[index] = Place {
            leaves,
            step: self.step_at(leaves) as u16,
            score,
            class,
            status: Status::InPool,
            withdraws: leaves != person.expires,
            ..Place::default()
        };
        let place = self.places[index];
        self.count(&place, 1);
        self.buckets.push(class, score, row);
        self.foresee(row, &person);
    }

    /// Eligibility and score by the rules in force.
    #[inline]
    fn judge(&self, candidate: &crate::rules::Candidate) -> (u32, u16) {
        let rules = self.rules();
        (
            rules.eligibility(candidate).0,
            rules.points(candidate).total().0,
        )
    }

    /// Notes what will happen to a candidate after the present and before it leaves.
    #[inline]
    fn foresee(&mut self, row: u32, person: &Person<'_>) {
        let place = self.places[row as usize];
        let until = place.leaves.min(self.end().saturating_add(1));
        let mut ahead = [(u32::MAX, Changes::default()); 4];
        let mut count = 0;
        let mut note = |at: u32, change: Changes| {
            if at < until && !place.changes.has(change) {
                ahead[count] = (at, change);
                count += 1;
            }
        };
        for (at, change) in person.fate() {
            note(at, change);
        }
        let age = self.people.pool.age[row as usize];
        let ageing = self.ageing[usize::from(age)];
        if ageing.tells {
            note(person.birthday(), Changes::BIRTHDAY);
        }
        if count == 0 {
            return;
        }
        let (at, only) = ahead[0];
        if count == 1 && only == Changes::BIRTHDAY && place.changes == Changes::default() {
            let mask = self.classes.masks()[usize::from(place.class)];
            let spouse = Packed::has_spouse(self.people.pool.traits[row as usize]);
            // Whom a birthday cannot make ineligible it leaves in the class it is in.
            let stays = !ageing.tells_programs || mask & Eligibility::FSW == 0 && ageing.only_falls;
            if let Some(step) = ageing.points[usize::from(spouse)].filter(|_| stays) {
                let step_at = self.step_at(at).max(self.step);
                self.steps[step_at].foreseen.push(Foreseen {
                    row,
                    score: place.score.wrapping_add_signed(step),
                    class: place.class,
                    changes: only,
                });
                return;
            }
        }
        let ahead = &mut ahead[..count];
        ahead.sort_unstable_by_key(|&(at, _)| at);
        let first = self.people.with(row, Changes::default());
        let mut changes = place.changes;
        for &mut (at, change) in ahead {
            changes = changes.and(change);
            let (mask, score) = self.judge(&changes.apply(first));
            let class = self.classes.of(mask);
            let step = self.step_at(at).max(self.step);
            self.steps[step].foreseen.push(Foreseen {
                row,
                score,
                class,
                changes,
            });
        }
    }

    /// Counts a candidate into its class (or out of it, for a change of -1), and out again at the
    /// step in which it will leave.
    #[inline]
    pub(super) fn count(&mut self, place: &Place, change: i64) {
        let class = usize::from(place.class);
        if class >= self.present.len() {
            self.present.resize(class + 1, 0);
        }
        self.present[class] = self.present[class].wrapping_add_signed(change);
        if let Some(step) = self.steps.get_mut(usize::from(place.step)) {
            if class >= step.leaving.len() {
                step.leaving.resize(class + 1, [0; 2]);
            }
            let cell = &mut step.leaving[class][usize::from(place.withdraws)];
            *cell = cell.wrapping_add_signed(change);
        }
    }

    fn end(&self) -> u32 {
        self.steps[self.steps.len() - 1].end
    }

    /// Lets time run to `to`, the instant of a round or the end.
    fn go_to(&mut self, to: u32) {
        while self.step < self.steps.len() && self.steps[self.step].end <= to {
            self.pass_step();
        }
        self.now = self.now.max(to);
    }

    /// Lets the present step pass: new rules, arrivals, then changes, then ends of invitations, then
    /// those who leave.
    fn pass_step(&mut self) {
        self.change_rules();
        let end = self.steps[self.step].end;
        while let Some(&at) = self
            .people
            .pool
            .submitted
            .get(self.arrived)
            .filter(|&&at| at <= end)
        {
            self.now = self.now.max(at);
            let row = self.arrived as u32;
            self.arrived += 1;
            self.flows.arrived += 1;
            self.enter(row);
        }
        self.now = self.now.max(end);
        for foreseen in std::mem::take(&mut self.steps[self.step].foreseen) {
            let place = self.places[foreseen.row as usize];
            if place.status == Status::InPool && place.leaves > end {
                self.file(
                    foreseen.row,
                    foreseen.class,
                    foreseen.score,
                    foreseen.changes,
                );
            }
        }
        for (row, how) in std::mem::take(&mut self.steps[self.step].ends) {
            self.live -= 1;
            match how {
                End::Return(at) => self.come_back(row, at),
                End::Lapse => {
                    self.flows.lapsed += 1;
                    self.set(row, Status::Lapsed);
                }
            }
        }
        let leaving = std::mem::take(&mut self.steps[self.step].leaving);
        for (class, [expired, withdrawn]) in leaving.into_iter().enumerate() {
            self.present[class] -= expired + withdrawn;
            self.flows.expired += expired;
            self.flows.withdrawn += withdrawn;
        }
        self.step += 1;
        self.passed = Some(end);
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

    /// A declined invitation brings the candidate back at `at`, if its profile is still alive then.
    fn come_back(&mut self, row: u32, at: u32) {
        let place = self.places[row as usize];
        if at >= place.leaves {
            if place.withdraws {
                self.flows.withdrawn += 1;
                self.set(row, Status::Withdrawn);
            } else {
                self.flows.expired += 1;
                self.set(row, Status::Expired);
            }
            return;
        }
        self.flows.returned += 1;
        self.set(row, Status::InPool);
        self.count(&place, 1);
        self.score_again(row);
        self.foresee(row, &self.people.person(row));
    }

    pub(super) fn set(&mut self, row: u32, status: Status) {
        let place = &mut self.places[row as usize];
        debug_assert!(
            place.status.may_become(status),
            "{:?} -> {status:?}",
            place.status
        );
        place.status = status;
    }

    /// Files a candidate in the pool under a class and score.
    #[inline]
    fn file(&mut self, row: u32, class: u16, score: u16, changes: Changes) {
        let place = &mut self.places[row as usize];
        place.changes = changes;
        if (class, score) == (place.class, place.score) {
            return;
        }
        place.score = score;
        if class != place.class {
            let mut place = *place;
            self.count(&place, -1);
            place.class = class;
            self.count(&place, 1);
            self.places[row as usize].class = class;
        }
        self.buckets.push(class, score, row);
    }

    /// Works the candidate's score and class out anew and files it there.
    fn score_again(&mut self, row: u32) {
        let changes = self.people.happened(row, self.now);
        let (mask, score) = self.judge(&self.people.with(row, changes));
        let class = self.classes.of(mask);
        // It may stand nowhere at all: what it stood in was drained when it was invited.
        let place = &mut self.places[row as usize];
        if (class, score) == (place.class, place.score) {
            place.changes = changes;
            self.buckets.push(class, score, row);
        } else {
            self.file(row, class, score, changes);
        }
    }

    /// New rules: everyone in the pool is scored again, and what is to come is foreseen anew. Who
    /// has left by now is counted out by the step they left in, as before.
    fn score_everyone_again(&mut self) {
        self.learn_ages();
        self.buckets.clear();
        self.steps.iter_mut().for_each(|step| step.foreseen.clear());
        for row in 0..self.arrived as u32 {
            let place = self.places[row as usize];
            if place.status == Status::InPool && self.now < place.leaves {
                self.score_again(row);
                self.foresee(row, &self.people.person(row));
            }
        }
    }

    /// Finds what birthdays may change, by asking the rules: among the programs age counts only in
    /// FSW's selection grid.
    fn learn_ages(&mut self) {
        let rules = self.rules();
        let fsw_points = |age: u8| {
            let mut candidate = blank();
            candidate.age = age;
            rules.fsw_points(&candidate)
        };
        self.ageing = (0..=u8::MAX)
            .map(|age| {
                let next = age.saturating_add(1);
                let points = [false, true].map(|spouse| rules.age_step(age, spouse));
                let (before, after) = (fsw_points(age), fsw_points(next));
                Ageing {
                    tells: points != [Some(0); 2] || before != after,
                    tells_programs: before != after,
                    only_falls: after <= before,
                    points,
                }
            })
            .collect();
    }

    /// A candidate as it is now.
    #[inline]
    pub(super) fn invitee(&self, row: u32, now: u32) -> Invitee {
        let place = &self.places[row as usize];
        let mut changes = place.changes;
        // A birthday that changes neither points nor eligibility is noted nowhere.
        if self.people.person(row).birthday() <= now {
            changes = changes.and(Changes::BIRTHDAY);
        }
        Invitee {
            row,
            score: place.score,
            eligibility: self.classes.masks()[usize::from(place.class)],
            changes,
        }
    }

    /// Counts the pool and the eligible by group: this looks at everybody, and is made only when
    /// it is wanted.
    fn census(&self, round: &RoundPlan) -> [Counts; 2] {
        let now = round.instruction.at.seconds();
        let (any_of, none_of) = round.instruction.kind.filter();
        let (mut everyone, mut eligible) = (Counter::default(), Counter::default());
        for row in 0..self.arrived as u32 {
            let place = &self.places[row as usize];
            if place.status == Status::InPool && place.leaves > now {
                let packed = self.people.packed(&self.invitee(row, now));
                everyone.add(&packed);
                if packed.eligibility & any_of != 0 && packed.eligibility & none_of == 0 {
                    eligible.add(&packed);
                }
            }
        }
        [everyone.finish(), eligible.finish()]
    }

    /// Notes how an invitation of the present ends.
    pub(super) fn await_end(&mut self, row: u32, at: u32, how: End) {
        let step = self.step_at(at).max(self.step);
        if let Some(step) = self.steps.get_mut(step) {
            step.ends.push((row, how));
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
        let mut expired_uninvited = 0;
        for place in &mut self.places[..self.arrived] {
            place.status = standing(place, end);
            expired_uninvited +=
                u64::from(place.status == Status::Expired && place.first_round == NEVER);
        }
        Course {
            rounds,
            in_pool: self.present.iter().sum(),
            live_invitations: self.live,
            places: self.places,
            totals: self.totals,
            expired_uninvited,
        }
    }
}
/// Where a candidate stands at `now`: who has left the pool is told apart only when asked for.
fn standing(place: &Place, now: u32) -> Status {
    match place.status {
        Status::InPool if place.leaves > now => Status::InPool,
        Status::InPool if place.withdraws => Status::Withdrawn,
        Status::InPool => Status::Expired,
        other => other,
    }
}

/// A candidate with nothing, to ask the rules what one attribute alone brings.
fn blank() -> crate::rules::Candidate {
    use crate::rules::candidate::*;
    Candidate {
        submitted_at: Instant::from_seconds(0),
        age: 0,
        accompanying_spouse: false,
        education: Education::None,
        canadian_education: CanadianEducation::None,
        english: Abilities::all(0),
        french: Abilities::all(0),
        first_language: FirstLanguage::Best,
        canadian_work_years: 0,
        foreign_work_years: 0,
        trade_certificate: false,
        spouse_education: Education::None,
        spouse_language: Abilities::all(0),
        spouse_canadian_work_years: 0,
        sibling_in_canada: false,
        provincial_nomination: false,
        job_offer: JobOffer::None,
        noc: NocIndex::NONE,
        noc_months: 0,
        noc_in_canada: false,
        citizenship: CountryIndex::UNKNOWN,
        gender: Gender::Unstated,
    }
}
