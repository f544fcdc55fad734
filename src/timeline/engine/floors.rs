//! How far down the rounds to come reach in each class: whoever cannot stand above while it waits is
//! only counted.
//! A guess too high or too low costs time, and never changes a result: a round that comes lower has
//! the rest listed first.

use crate::draw::Members;
use crate::pool::Pool;
use crate::pool::classes::Classes;
use crate::portable::exp;
use crate::timeline::engine::shelves::Shelves;
use crate::timeline::plan::RoundPlan;
use crate::timeline::plan::TimelinePlan;
use crate::units::{Instant, Score};

/// Points below the score that a round came down to against expectation, above which candidates are
/// listed from then on.
const MARGIN: u16 = 30;
/// Candidates that are looked at, nearly, where there are as many.
const SAMPLED: usize = 1 << 13;
/// Rows that are looked at together.
const SIDE_BY_SIDE: usize = 16;
/// Standard errors of a count in the sample to spare.
const ERRORS: f32 = 3.0;
/// Those of a pool who expire within a year, as a yearly rate.
const EXPIRING: f64 = 0.5;
/// Points that are looked at as one score.
const POINTS: u16 = 6;
const SCORES: usize = (Score::MAX.0 / POINTS) as usize + 1;
/// Parts of a person that are too small to count in.
const LEAST: f32 = 1e-3;
const YEAR: u32 = 365 * Instant::DAY;
/// The floor of a class that takes part in no round.
const NOBODY: u16 = u16::MAX;

/// The lowest score that matters, by class.
#[derive(Debug, Clone, Default)]
pub(super) struct Floors {
    kinds: Vec<Kind>,
    /// That of each class, as far as they have been asked for.
    classes: Vec<u16>,
}

/// Rounds of a kind.
#[derive(Debug, Clone)]
struct Kind {
    members: Members,
    /// The lowest that any of them is ready for that is to come; [`NOBODY`] after the last.
    lowest: u16,
    /// Those to come, the next one last: when, and the lowest that it or a later one is ready for.
    to_come: Vec<(u32, u16)>,
}

impl Floors {
    /// What rounds will come down to: they are held among some of the people, who stay as they came.
    pub fn expected(
        pool: &Pool,
        started: usize,
        plan: &TimelinePlan,
        rounds: &[RoundPlan],
        classes: &mut Classes,
    ) -> Self {
        // One in so many is enough: where rows stand says nothing of their scores. Those of a few that
        // stand side by side lie in one line of memory.
        let every = (pool.len() / SAMPLED).max(1);
        let side_by_side = if every > 1 { SIDE_BY_SIDE } else { 1 };
        let [there, arriving] = [0..started, started..pool.len()].map(|rows| {
            let first = rows.clone().step_by(every * side_by_side);
            let some = first.flat_map(|first| first..rows.end.min(first + side_by_side));
            let of_row = |row| (row, classes.of(pool.eligibility.get(row)));
            some.map(of_row).collect::<Vec<(usize, u16)>>()
        });
        let mut sample = Sample::of(rounds, classes, every as f32);
        for (row, class) in there {
            sample.add(class, pool.score[row]);
        }
        let mut arriving = arriving.into_iter().peekable();
        let leaving = plan.withdrawals_per_year + EXPIRING;
        let mut before = plan.start.seconds();
        let mut floors = Floors::default();
        for round in rounds {
            let now = round.instruction.at.seconds();
            let years = f64::from(now.saturating_sub(before)) / f64::from(YEAR);
            sample.shrink(exp(-leaving * years) as f32);
            before = now;
            while let Some((row, class)) = arriving.next_if(|&(row, _)| pool.submitted[row] <= now)
            {
                sample.add(class, pool.score[row]);
            }
            let members = round.instruction.kind.members();
            let floor = sample.invite(members, round.instruction.invitations);
            floors.kind(members).to_come.push((now, floor));
        }
        for kind in &mut floors.kinds {
            kind.to_come.reverse();
            for (_, floor) in &mut kind.to_come {
                kind.lowest = kind.lowest.min(*floor);
                *floor = kind.lowest;
            }
        }
        floors
    }

    /// Rounds of a kind, of which none is to come if nobody has said so.
    fn kind(&mut self, members: Members) -> &mut Kind {
        let known = self.kinds.iter().position(|kind| kind.members == members);
        let place = known.unwrap_or(self.kinds.len());
        if known.is_none() {
            self.kinds.push(Kind {
                members,
                lowest: NOBODY,
                to_come: Vec::new(),
            });
        }
        &mut self.kinds[place]
    }

    /// Time has come to an instant: rounds before it are over. Whether any floor is another now.
    pub fn go_to(&mut self, now: u32) -> bool {
        let mut changed = false;
        for kind in &mut self.kinds {
            let over = |&(at, _): &(u32, u16)| at < now;
            while kind.to_come.pop_if(|round| over(round)).is_some() {
                let lowest = kind.to_come.last().map_or(NOBODY, |&(_, floor)| floor);
                changed |= lowest != kind.lowest;
                kind.lowest = lowest;
            }
        }
        if changed {
            self.classes.clear();
        }
        changed
    }

    /// The score from which on somebody of a class is listed.
    #[inline]
    pub fn of(&mut self, class: u16, classes: &Classes) -> u16 {
        match self.classes.get(usize::from(class)) {
            Some(&floor) => floor,
            None => self.find(class, classes),
        }
    }

    /// As [`Floors::of`], of every class that is known.
    pub fn of_all(&mut self, classes: &Classes) -> Vec<u16> {
        let known = 0..classes.masks().len() as u16;
        known.map(|class| self.of(class, classes)).collect()
    }

    #[cold]
    fn find(&mut self, class: u16, classes: &Classes) -> u16 {
        let masks = classes.masks();
        for &mask in &masks[self.classes.len().min(masks.len())..] {
            let kinds = self.kinds.iter().filter(|kind| kind.members.have(mask));
            let floor = kinds.map(|kind| kind.lowest).min();
            self.classes.push(floor.unwrap_or(NOBODY));
        }
        self.classes[usize::from(class)]
    }

    /// A round of a kind comes down to a score: the score from which on its classes are listed now.
    pub fn lower(&mut self, members: Members, score: u16, classes: &Classes) -> u16 {
        let floor = score.saturating_sub(MARGIN);
        let kind = self.kind(members);
        kind.lowest = floor.min(kind.lowest);
        for (_, expected) in &mut kind.to_come {
            *expected = floor.min(*expected);
        }
        for (lowest, &mask) in self.classes.iter_mut().zip(classes.masks()) {
            if members.have(mask) {
                *lowest = floor.min(*lowest);
            }
        }
        floor
    }
}

/// Some of the people, each of whom stands for several, by score and shelf.
struct Sample {
    shelves: Shelves,
    size: usize,
    /// How many wait, of each score those of all shelves, in parts of `part`.
    waiting: Vec<f32>,
    /// What is left of those who came first: nobody has to be taken away from every number.
    part: f32,
    each: f32,
}

impl Sample {
    /// Nobody of these classes yet.
    fn of(rounds: &[RoundPlan], classes: &Classes, each: f32) -> Self {
        let mut shelves = Shelves::of(rounds);
        shelves.know(classes);
        let size = shelves.len().max(1);
        Sample {
            shelves,
            size,
            waiting: vec![0.0; SCORES * size],
            part: 1.0,
            each,
        }
    }

    fn add(&mut self, class: u16, score: u16) {
        let score = usize::from(score.min(Score::MAX.0) / POINTS);
        let shelf = usize::from(self.shelves.holding(class));
        self.waiting[score * self.size + shelf] += self.each / self.part;
    }

    /// Some leave: those who stay.
    fn shrink(&mut self, staying: f32) {
        self.part *= staying;
        if self.part < LEAST {
            let waiting = self.waiting.iter_mut();
            waiting.for_each(|waiting| *waiting *= self.part);
            self.part = 1.0;
        }
    }

    /// Takes out the best of those whom a round ranks: the lowest score that it may come down to.
    fn invite(&mut self, members: Members, invitations: u64) -> u16 {
        let shelves: Vec<usize> = (self.shelves.with(members).iter().map(usize::from)).collect();
        let mut places = invitations as f32 / self.part;
        let mut spare = ERRORS * (invitations as f32 * self.each).sqrt() / self.part;
        let of_score = self.waiting.chunks_exact_mut(self.size).enumerate();
        for (score, waiting) in of_score.rev() {
            let mut found = 0.0;
            for &shelf in &shelves {
                let waiting = &mut waiting[shelf];
                let invited = places.min(*waiting);
                *waiting -= invited;
                places -= invited;
                found += *waiting;
            }
            if places <= 0.0 {
                spare -= found;
            }
            if places <= 0.0 && spare <= 0.0 {
                return score as u16 * POINTS;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Instruction, RoundKind, TieBreak};
    use crate::pool::Eligibility;
    use crate::pool::columns::Ids;
    use crate::rules::Program;
    use crate::timeline::plan::{Answers, Changes, Nominations};

    /// A thousand candidates with 1 to 1,000 points, every second one eligible for CEC too.
    fn pool() -> Pool {
        let mut pool = Pool::zeroed(1_000, Ids::Numbered { first: 1 });
        for row in 0..1_000 {
            pool.score[row] = row as u16 + 1;
            let programs = Eligibility::FSW | (Eligibility::CEC * (row as u32 % 2));
            pool.eligibility.set(row, programs);
        }
        pool
    }

    fn round(kind: RoundKind, invitations: u64) -> RoundPlan {
        RoundPlan {
            label: String::new(),
            type_name: String::new(),
            version: None,
            instruction: Instruction {
                at: Instant::from_seconds(1_000),
                kind,
                invitations,
                tie_break: TieBreak::EarliestSubmission,
            },
            answer_days: 60,
        }
    }

    fn expected(rounds: &[RoundPlan]) -> (Floors, Classes) {
        let plan = TimelinePlan {
            start: Instant::from_seconds(1_000),
            end: Instant::from_seconds(2_000),
            withdrawals_per_year: 0.0,
            answers: Answers {
                accept: 1.0,
                decline: 0.0,
            },
            changes: Changes {
                birthdays: false,
                work_in_canada: 0.0,
                language_per_year: 0.0,
                nominations: Nominations::everybody(0.0),
            },
        };
        let mut classes = Classes::default();
        let floors = Floors::expected(&pool(), 1_000, &plan, rounds, &mut classes);
        (floors, classes)
    }

    /// Those of the classes in the pool.
    fn of_classes(floors: &mut Floors, classes: &mut Classes) -> [u16; 2] {
        let masks = [Eligibility::FSW, Eligibility::FSW | Eligibility::CEC];
        masks.map(|mask| {
            let class = classes.of(mask);
            floors.of(class, classes)
        })
    }

    fn floors(rounds: &[RoundPlan]) -> [u16; 2] {
        let (mut floors, mut classes) = expected(rounds);
        of_classes(&mut floors, &mut classes)
    }

    #[test]
    fn floors_lie_a_little_below_what_rounds_come_down_to() {
        let cec = RoundKind::Program(Program::Cec);
        // 50 of CEC have 902 points and more, and three errors are 21 people more: 42 points.
        let [fsw, both] = floors(&[round(cec, 50)]);
        assert_eq!(fsw, NOBODY);
        assert!((840..902).contains(&both), "{both}");
        // After them a general round comes lower among all, and fewer places less far.
        let [fsw, both] = floors(&[round(cec, 50), round(RoundKind::General, 200)]);
        assert!(fsw == both && (680..750).contains(&fsw), "{fsw} {both}");
        // Whoever asks for more than there are gets everybody.
        assert_eq!(floors(&[round(RoundKind::General, 2_000)]), [0, 0]);
    }

    #[test]
    fn rounds_that_are_over_reach_nobody_any_more() {
        let mut later = round(RoundKind::Program(Program::Cec), 100);
        later.instruction.at = Instant::from_seconds(2_000);
        let (mut floors, mut classes) = expected(&[round(RoundKind::General, 200), later]);
        let [fsw, both] = of_classes(&mut floors, &mut classes);
        assert!((600..800).contains(&fsw) && both < fsw, "{fsw} {both}");
        // A round is to come until its second is over.
        assert!(!floors.go_to(1_000));
        assert!(floors.go_to(1_001));
        assert_eq!(of_classes(&mut floors, &mut classes), [NOBODY, both]);
        assert!(!floors.go_to(2_000));
        // One that comes lower than expected is a sign for those to come of its kind.
        let cec = RoundKind::Program(Program::Cec).members();
        floors.lower(cec, both - 100, &classes);
        assert!(!floors.go_to(2_000));
        let lower = both - 100 - MARGIN;
        assert_eq!(of_classes(&mut floors, &mut classes), [NOBODY, lower]);
        assert!(floors.go_to(2_001));
        assert_eq!(of_classes(&mut floors, &mut classes), [NOBODY; 2]);
    }

    #[test]
    fn a_round_that_comes_lower_lowers_the_floors_of_its_classes_alone() {
        let mut classes = Classes::default();
        let [fsw, cec] = [Eligibility::FSW, Eligibility::CEC].map(|mask| classes.of(mask));
        let mut floors = Floors::default();
        assert_eq!(floors.of(fsw, &classes), NOBODY);
        let members = RoundKind::Program(Program::Cec).members();
        assert_eq!(floors.lower(members, 500, &classes), 500 - MARGIN);
        assert_eq!(floors.of(cec, &classes), 500 - MARGIN);
        assert_eq!(floors.of(fsw, &classes), NOBODY);
        // Of a class that comes later it is known, too.
        let both = classes.of(Eligibility::FSW | Eligibility::CEC);
        assert_eq!(floors.of(both, &classes), 500 - MARGIN);
        floors.lower(members, 510, &classes);
        assert_eq!(floors.of(cec, &classes), 500 - MARGIN);
    }
}
