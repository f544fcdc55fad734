//! The course of one replicate under one policy: time goes from round to round, and the work for a
//! round grows with what changed since the last one and with whom it invites, not with the pool.
//! Who the people are and what fate holds for them is `people`'s; the order of a round is
//! `draw`'s; nothing is printed or written.
//!
//! Scores fall lazily: a birthday that costs points is looked at only when the candidate comes up
//! for a round. Scores rise by appointment: work, language results and nominations are noted when
//! the candidate comes into view and put the candidate into a higher bucket on their day.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::draw::{Outcome, RankKey, Ranking, TieBreak};
use crate::pool::Packed;
use crate::pool::groups::{Counter, Counts};
use crate::rules::Rules;
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::timeline::buckets::{Buckets, Classes};
use crate::timeline::life::Status;
use crate::timeline::people::{Answer, People};
use crate::timeline::plan::{INVITATION_DAYS, TimelinePlan};
use crate::units::{Instant, Score};

/// How many people moved since the round before (or the start).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Flows {
    /// Came into the pool.
    pub arrived: u64,
    /// Left at the end of their 365 days.
    pub expired: u64,
    /// Withdrew.
    pub withdrawn: u64,
    /// Accepted their invitations.
    pub accepted: u64,
    /// Let their invitations lapse.
    pub lapsed: u64,
    /// Declined and came back.
    pub returned: u64,
    /// Invited in the round itself.
    pub invited: u64,
}

impl Flows {
    fn add(&mut self, other: &Flows) {
        self.arrived += other.arrived;
        self.expired += other.expired;
        self.withdrawn += other.withdrawn;
        self.accepted += other.accepted;
        self.lapsed += other.lapsed;
        self.returned += other.returned;
        self.invited += other.invited;
    }
}

/// One round of a course.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundCourse {
    /// What came out.
    pub outcome: Outcome,
    /// The invited in order of rank, as they were in the round.
    pub invited: Vec<Packed>,
    /// Who was in the pool and who was eligible, by group, when wanted.
    pub census: Option<[Counts; 2]>,
    /// What moved between the round before and this one, its invitations included.
    pub flows: Flows,
    /// Candidates who held a live invitation just before the round.
    pub live_invitations: u64,
}

/// What happened from the start to the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Rounds in order.
    pub rounds: Vec<RoundCourse>,
    /// Where everybody stands at the end, by row.
    pub status: Vec<Status>,
    /// The round that first invited each, by row; `NEVER` for none.
    pub first_round: Vec<u16>,
    /// All that moved, after the last round too.
    pub totals: Flows,
    /// Candidates in the pool at the end.
    pub in_pool: u64,
    /// Candidates who hold a live invitation at the end.
    pub live_invitations: u64,
}

/// No round invited the candidate.
pub const NEVER: u16 = u16::MAX;

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
    let mut engine = Engine::new(people, plan, rules, rounds);
    let mut held = Vec::with_capacity(rounds.len());
    for (index, round) in rounds.iter().enumerate() {
        engine.go_to(round.instruction.at.seconds(), index);
        let ranking = Ranking::new(round.instruction.tie_break, seed, replicate, index as u64);
        let census = census.then(|| engine.census(round));
        let held_now = engine.hold(round, index, &ranking, census);
        held.push(held_now);
    }
    engine.finish(held)
}

/// Something that is due at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    /// The candidate's score may have risen.
    Rise,
    /// A declined invitation brings the candidate back.
    Return,
    /// An invitation lapses.
    Lapse,
}

struct Engine<'a> {
    people: &'a People<'a>,
    plan: &'a TimelinePlan,
    rules: &'a [RulesPeriod],
    period: usize,
    /// For each age, whether reaching it may bring points or change eligibility by the rules now
    /// in force.
    telling_ages: Vec<bool>,
    /// Times of the rounds and the end: the stretch is cut into steps between them.
    steps: Vec<u32>,
    step_of_day: Vec<u32>,
    first_day: u32,
    now: u32,

    status: Vec<Status>,
    invitations: Vec<u8>,
    first_round: Vec<u16>,
    score: Vec<u16>,
    class: Vec<u16>,
    /// Whether the score already counts the birthday.
    aged: Vec<bool>,
    /// First second out of the pool for those never invited.
    leaves: Vec<u32>,

    classes: Classes,
    buckets: Buckets,
    arrived: usize,
    /// In the pool, by class.
    present: Vec<u64>,
    /// Who will leave the pool, by step and class: expiring and withdrawing.
    leaving: Vec<Vec<[u64; 2]>>,
    agenda: BinaryHeap<Reverse<(u32, u32, Due)>>,
    flows: Flows,
    totals: Flows,
    /// Candidates who hold a live invitation.
    live: u64,
    rises: Vec<u32>,
}

impl<'a> Engine<'a> {
    fn new(
        people: &'a People<'a>,
        plan: &'a TimelinePlan,
        rules: &'a [RulesPeriod],
        rounds: &[RoundPlan],
    ) -> Self {
        let size = people.len();
        let mut steps: Vec<u32> = rounds
            .iter()
            .map(|round| round.instruction.at.seconds())
            .collect();
        steps.push(plan.end.seconds().max(steps.last().copied().unwrap_or(0)));
        let first_day = plan.start.seconds() / Instant::DAY;
        let last_day = steps[steps.len() - 1] / Instant::DAY;
        let step_of_day = (first_day..=last_day.max(first_day))
            .map(|day| steps.partition_point(|&at| at < day * Instant::DAY) as u32)
            .collect();
        let mut engine = Engine {
            people,
            plan,
            rules,
            period: 0,
            telling_ages: Vec::new(),
            leaving: vec![Vec::new(); steps.len() + 1],
            steps,
            step_of_day,
            first_day,
            now: plan.start.seconds(),
            status: vec![Status::NotYet; size],
            invitations: vec![0; size],
            first_round: vec![NEVER; size],
            score: people.pool.score.clone(),
            class: vec![0; size],
            aged: vec![false; size],
            leaves: vec![u32::MAX; size],
            classes: Classes::default(),
            buckets: Buckets::default(),
            arrived: people.started,
            present: Vec::new(),
            agenda: BinaryHeap::new(),
            flows: Flows::default(),
            totals: Flows::default(),
            live: 0,
            rises: Vec::new(),
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
    /// at the very second of a round is not in it.
    #[inline]
    fn step(&self, at: u32) -> usize {
        let day = (at / Instant::DAY).saturating_sub(self.first_day) as usize;
        let mut step = match self.step_of_day.get(day) {
            Some(&step) => step as usize,
            None => return self.steps.len(),
        };
        while step < self.steps.len() && self.steps[step] < at {
            step += 1;
        }
        step
    }

    /// A candidate comes into view with the attributes it has at that time.
    #[inline]
    fn enter(&mut self, row: u32) {
        let index = row as usize;
        let leaves = self.people.leaves(row);
        self.leaves[index] = leaves;
        self.status[index] = Status::InPool;
        let mask = if self.period == 0 {
            self.people.pool.eligibility[index]
        } else {
            let candidate = self.people.at(row, self.now);
            self.score[index] = self.rules().points(&candidate).total().0;
            self.rules().eligibility(&candidate).0
        };
        self.class[index] = self.classes.of(mask);
        self.count(row, 1);
        self.buckets.push(self.class[index], self.score[index], row);
        let mut rises = std::mem::take(&mut self.rises);
        rises.clear();
        let until = leaves.min(self.steps[self.steps.len() - 1]);
        self.people.rises(row, until, &mut rises);
        self.agenda
            .extend(rises.iter().map(|&at| Reverse((at, row, Due::Rise))));
        self.rises = rises;
        self.await_birthday(row, until);
    }

    /// Makes an appointment for the candidate's birthday where it brings points or changes
    /// eligibility. A birthday that only costs points needs none: see [`Engine::holds`].
    #[inline]
    fn await_birthday(&mut self, row: u32, until: u32) {
        let birthday = self.people.birthday(row);
        let next_age = usize::from(self.people.pool.age[row as usize]) + 1;
        if birthday <= self.now
            || birthday >= until
            || !self.telling_ages.get(next_age).is_some_and(|&tells| tells)
        {
            return;
        }
        let now = self.people.at(row, self.now);
        let mut older = now;
        older.age = older.age.saturating_add(1);
        let rules = self.rules();
        if rules.eligibility(&older) != rules.eligibility(&now)
            || rules.points(&older).total() > rules.points(&now).total()
        {
            self.agenda.push(Reverse((birthday, row, Due::Rise)));
        }
    }

    /// Counts a candidate into its class (or out of it, for a change of -1), and out again at the
    /// step in which it will leave.
    #[inline]
    fn count(&mut self, row: u32, change: i64) {
        let class = self.class[row as usize] as usize;
        let leaves = self.leaves[row as usize];
        let expiry = self.people.expires(row) == leaves;
        let step = self.step(leaves);
        if class >= self.present.len() {
            self.present.resize(class + 1, 0);
        }
        let leaving = &mut self.leaving[step];
        if class >= leaving.len() {
            leaving.resize(class + 1, [0; 2]);
        }
        let cell = &mut leaving[class][usize::from(!expiry)];
        *cell = cell.wrapping_add_signed(change);
        self.present[class] = self.present[class].wrapping_add_signed(change);
    }

    /// Lets time run to `to`, the instant of the `step`-th round or the end.
    fn go_to(&mut self, to: u32, step: usize) {
        while let Some(next) = self
            .rules
            .get(self.period + 1)
            .filter(|next| next.from.seconds() <= to)
        {
            let at = next.from.seconds();
            self.happen_until(at, false);
            self.period += 1;
            self.score_everyone_again(at);
        }
        self.happen_until(to, true);
        let leaving = std::mem::take(&mut self.leaving[step]);
        for (class, [expired, withdrawn]) in leaving.into_iter().enumerate() {
            self.present[class] -= expired + withdrawn;
            self.flows.expired += expired;
            self.flows.withdrawn += withdrawn;
        }
    }

    /// Arrivals and appointments up to `to`; at the very second too when `inclusive`.
    fn happen_until(&mut self, to: u32, inclusive: bool) {
        let due = |at: u32| at < to || inclusive && at == to;
        loop {
            let arrival = self
                .people
                .pool
                .submitted
                .get(self.arrived)
                .copied()
                .filter(|&at| due(at));
            let appointment = self
                .agenda
                .peek()
                .map(|Reverse((at, ..))| *at)
                .filter(|&at| due(at));
            match (arrival, appointment) {
                (Some(at), other) if other.is_none_or(|other| at <= other) => {
                    self.now = self.now.max(at);
                    let row = self.arrived as u32;
                    self.arrived += 1;
                    self.flows.arrived += 1;
                    self.enter(row);
                }
                (_, Some(_)) => {
                    if let Some(Reverse((at, row, what))) = self.agenda.pop() {
                        self.now = self.now.max(at);
                        self.keep(at, row, what);
                    }
                }
                _ => break,
            }
        }
        self.now = self.now.max(to);
    }

    /// Keeps an appointment.
    fn keep(&mut self, at: u32, row: u32, what: Due) {
        let index = row as usize;
        match (what, self.status[index]) {
            (Due::Rise, Status::InPool) if at < self.leaves[index] => self.score_again(row, at),
            (Due::Return, Status::Invited) => {
                self.live -= 1;
                if at < self.leaves[index] {
                    self.flows.returned += 1;
                    self.set(row, Status::InPool);
                    self.count(row, 1);
                    self.score_again(row, at);
                } else if self.people.expires(row) == self.leaves[index] {
                    self.flows.expired += 1;
                    self.set(row, Status::Expired);
                } else {
                    self.flows.withdrawn += 1;
                    self.set(row, Status::Withdrawn);
                }
            }
            (Due::Lapse, Status::Invited) => {
                self.live -= 1;
                self.flows.lapsed += 1;
                self.set(row, Status::Lapsed);
            }
            // The candidate has left, or holds an invitation: scores are worked out on return.
            _ => {}
        }
    }

    fn set(&mut self, row: u32, status: Status) {
        debug_assert!(
            self.status[row as usize].may_become(status),
            "{:?} -> {status:?}",
            self.status[row as usize]
        );
        self.status[row as usize] = status;
    }

    /// Works the candidate's score and class out anew and files it there.
    fn score_again(&mut self, row: u32, at: u32) {
        let index = row as usize;
        let candidate = self.people.at(row, at);
        let class = self.classes.of(self.rules().eligibility(&candidate).0);
        if class != self.class[index] {
            self.count(row, -1);
            self.class[index] = class;
            self.count(row, 1);
        }
        self.score[index] = self.rules().points(&candidate).total().0;
        self.aged[index] = self.people.birthday(row) <= at;
        self.buckets.push(class, self.score[index], row);
        self.await_birthday(
            row,
            self.leaves[index].min(self.steps[self.steps.len() - 1]),
        );
    }

    /// New rules: everyone in the pool is scored again. Who has left by now is counted out by the
    /// step they left in, as before.
    fn score_everyone_again(&mut self, at: u32) {
        self.learn_ages();
        self.buckets.clear();
        for row in 0..self.arrived as u32 {
            if self.status[row as usize] == Status::InPool && at < self.leaves[row as usize] {
                self.score_again(row, at);
            }
        }
    }

    /// Finds which birthdays may bring points or change eligibility, by asking the rules: age
    /// counts in the grid on its own, and among the programs only in FSW's selection grid.
    fn learn_ages(&mut self) {
        let rules = self.rules();
        let probe = |age: u8, spouse: bool| {
            let mut candidate = blank();
            candidate.age = age;
            candidate.accompanying_spouse = spouse;
            (
                rules.points(&candidate).total(),
                rules.fsw_points(&candidate),
            )
        };
        let tells = |age: u8| {
            age > 0
                && [false, true].into_iter().any(|spouse| {
                    let (before, after) = (probe(age - 1, spouse), probe(age, spouse));
                    after.0 > before.0 || after.1 != before.1
                })
        };
        self.telling_ages = (0..=u8::MAX).map(tells).collect();
    }

    /// Holds a round at the present instant.
    fn hold(
        &mut self,
        round: &RoundPlan,
        index: usize,
        ranking: &Ranking,
        census: Option<[Counts; 2]>,
    ) -> RoundCourse {
        let now = round.instruction.at.seconds();
        let (any_of, none_of) = round.instruction.kind.filter();
        let classes: Vec<u16> = (0u16..)
            .zip(self.classes.masks())
            .filter(|(_, mask)| *mask & any_of != 0 && *mask & none_of == 0)
            .map(|(class, _)| class)
            .collect();
        let eligible = classes
            .iter()
            .filter_map(|&class| self.present.get(class as usize))
            .sum();
        let pool_size = self.present.iter().sum();
        let wanted = usize::try_from(round.instruction.invitations).unwrap_or(usize::MAX);

        let mut ranked: Vec<RankKey> = Vec::new();
        let mut rows = Vec::new();
        let mut below = usize::from(Score::MAX.0) + 1;
        while ranked.len() < wanted {
            let Some(score) = self.buckets.highest_below(&classes, below) else {
                break;
            };
            below = usize::from(score);
            for &class in &classes {
                self.buckets.drain(class, score, &mut rows);
                // The same row may stand twice in a bucket: it went and came back.
                rows.sort_unstable();
                rows.dedup();
                for row in rows.drain(..) {
                    if self.holds(row, class, score, now) {
                        let submitted =
                            Instant::from_seconds(self.people.pool.submitted[row as usize]);
                        let candidate = || self.people.key(row);
                        ranked.push(ranking.key(Score(score), submitted, row, candidate));
                    }
                }
            }
        }
        let short = ranked.len() < wanted;
        let cutoff = ranked.last().map(|key| key.score());
        ranked.sort_unstable();
        let places = match ranking.rule() {
            TieBreak::None => ranked.len(),
            _ => wanted.min(ranked.len()),
        };
        for key in &ranked[places..] {
            self.buckets
                .push(self.class[key.row() as usize], key.score().0, key.row());
        }
        let at_cutoff = |key: &&RankKey| Some(key.score()) == cutoff;
        let by_time = matches!(
            ranking.rule(),
            TieBreak::EarliestSubmission | TieBreak::LatestSubmission
        );
        let outcome = Outcome {
            pool_size,
            eligible,
            tied_at_cutoff: ranked.iter().filter(at_cutoff).count() as u64,
            tied_invited: ranked[..places].iter().filter(at_cutoff).count() as u64,
            invited: ranked[..places].iter().map(|key| key.row()).collect(),
            cutoff,
            tie_break: (by_time && !short)
                .then(|| ranked[..places].last())
                .flatten()
                .map(|key| Instant::from_seconds(self.people.pool.submitted[key.row() as usize])),
        };
        let invited = outcome
            .invited
            .iter()
            .map(|&row| self.packed(row, now))
            .collect();
        let live_invitations = self.live;
        for &row in &outcome.invited {
            self.invite(row, index, now);
        }
        self.flows.invited += outcome.invited.len() as u64;
        RoundCourse {
            outcome,
            invited,
            census,
            flows: self.turn_over(),
            live_invitations,
        }
    }

    /// A candidate as it is now, with its points and eligibility.
    fn packed(&self, row: u32, now: u32) -> Packed {
        let candidate = self.people.at(row, now);
        let rules = self.rules();
        Packed::new(
            &candidate,
            rules.points(&candidate).total(),
            rules.eligibility(&candidate),
        )
    }

    /// Counts the pool and the eligible by group: this looks at everybody, and is made only when
    /// it is wanted.
    fn census(&self, round: &RoundPlan) -> [Counts; 2] {
        let now = round.instruction.at.seconds();
        let (any_of, none_of) = round.instruction.kind.filter();
        let (mut everyone, mut eligible) = (Counter::default(), Counter::default());
        for row in 0..self.arrived as u32 {
            let index = row as usize;
            if self.status[index] == Status::InPool && self.leaves[index] > now {
                let packed = self.packed(row, now);
                everyone.add(&packed);
                if packed.eligibility & any_of != 0 && packed.eligibility & none_of == 0 {
                    eligible.add(&packed);
                }
            }
        }
        [everyone.finish(), eligible.finish()]
    }

    /// Whether an entry of a bucket still says the truth; where a birthday has cost points, the
    /// candidate is filed anew and comes up lower down.
    fn holds(&mut self, row: u32, class: u16, score: u16, now: u32) -> bool {
        let index = row as usize;
        if self.status[index] != Status::InPool
            || self.class[index] != class
            || self.score[index] != score
            || self.leaves[index] <= now
        {
            return false;
        }
        if self.aged[index] == (self.people.birthday(row) <= now) {
            return true;
        }
        let candidate = self.people.at(row, now);
        self.aged[index] = true;
        if self.rules().points(&candidate).total().0 == score {
            return true;
        }
        self.score_again(row, now);
        false
    }

    fn invite(&mut self, row: u32, round: usize, now: u32) {
        let index = row as usize;
        self.count(row, -1);
        self.set(row, Status::Invited);
        self.live += 1;
        if self.first_round[index] == NEVER {
            self.first_round[index] = round as u16;
        }
        let nth = self.invitations[index];
        self.invitations[index] = nth.saturating_add(1);
        match self.people.answer(row, nth) {
            Answer::Accept => {
                self.live -= 1;
                self.set(row, Status::Accepted);
                self.flows.accepted += 1;
            }
            Answer::Decline(after) => {
                self.agenda
                    .push(Reverse((now.saturating_add(after), row, Due::Return)))
            }
            Answer::Lapse => {
                let lapses = now.saturating_add(INVITATION_DAYS * Instant::DAY);
                self.agenda.push(Reverse((lapses, row, Due::Lapse)));
            }
        }
    }

    fn turn_over(&mut self) -> Flows {
        let flows = std::mem::take(&mut self.flows);
        self.totals.add(&flows);
        flows
    }

    /// Runs on to the end and says where everybody stands.
    fn finish(mut self, rounds: Vec<RoundCourse>) -> Course {
        let end = self.plan.end.seconds().max(self.now);
        self.go_to(end, self.steps.len() - 1);
        self.turn_over();
        for row in 0..self.arrived as u32 {
            let leaves = self.leaves[row as usize];
            if self.status[row as usize] == Status::InPool && leaves <= end {
                let expired = self.people.expires(row) == leaves;
                self.set(
                    row,
                    if expired {
                        Status::Expired
                    } else {
                        Status::Withdrawn
                    },
                );
            }
        }
        Course {
            rounds,
            in_pool: self.present.iter().sum(),
            live_invitations: self.live,
            status: self.status,
            first_round: self.first_round,
            totals: self.totals,
        }
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
