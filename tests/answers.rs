//! Answers to invitations, worked out by hand: until which second an invitation that nobody answers is
//! held, and from which second somebody who declines may be invited again.

use drawsim::draw::{Instruction, RoundKind, TieBreak};
use drawsim::pool::columns::Ids;
use drawsim::pool::{Eligibility, Packed, Pool};
use drawsim::rules::candidate::Candidate;
use drawsim::rules::{Rules, RulesPatch};
use drawsim::scenario::plan::{RoundPlan, RulesPeriod};
use drawsim::timeline::people::Answer;
use drawsim::timeline::{
    Answers, Changes, Course, Nominations, People, RoundCourse, Status, TimelinePlan, run,
};
use drawsim::units::{Instant, Score};

const DAY: u32 = 86_400;
const START: u32 = 1_740_000_000;
/// Instant of the first round.
const FIRST: u32 = START + 3_600;
const SEED: u64 = 5;

/// A stretch up to `end` in which nobody withdraws or changes.
fn timeline(end: u32, accept: f64, decline: f64) -> TimelinePlan {
    TimelinePlan {
        start: Instant::from_seconds(START),
        end: Instant::from_seconds(end),
        withdrawals_per_year: 0.0,
        answers: Answers { accept, decline },
        changes: Changes {
            birthdays: false,
            work_in_canada: 0.0,
            language_per_year: 0.0,
            nominations: Nominations::everybody(0.0),
        },
    }
}

/// Six candidates who submitted at the start and are eligible for FSW with 500 points.
fn pool() -> Pool {
    let candidate = Candidate {
        submitted_at: Instant::from_seconds(START),
        age: 30,
        ..Candidate::blank()
    };
    let mut pool = Pool::zeroed(6, Ids::Numbered { first: 1 });
    for row in 0..pool.len() {
        let eligibility = Eligibility(Eligibility::FSW);
        pool.set(row, Packed::new(&candidate, Score(500), eligibility));
    }
    pool
}

/// A general round with room for everybody.
fn round(at: u32, answer_days: u32) -> RoundPlan {
    RoundPlan {
        label: at.to_string(),
        type_name: "general".to_owned(),
        version: None,
        instruction: Instruction {
            at: Instant::from_seconds(at),
            kind: RoundKind::General,
            invitations: 6,
            tie_break: TieBreak::EarliestSubmission,
        },
        answer_days,
    }
}

fn course(plan: &TimelinePlan, rounds: &[RoundPlan]) -> Course {
    let (pool, start) = (pool(), Instant::from_seconds(START));
    let rules = Rules::on(start.date(), &[], &RulesPatch::default()).unwrap();
    let periods = [RulesPeriod { from: start, rules }];
    let people = People::new(&pool, pool.len(), plan, SEED, 0);
    let course = run(&people, plan, &periods, rounds, SEED, 0, false);
    let in_pool = course
        .standings(&people)
        .filter(|&one| one == Status::InPool);
    assert_eq!(in_pool.count() as u64, course.in_pool);
    course
}

#[test]
fn an_invitation_that_nobody_answers_is_held_to_the_second_before_the_days_are_over() {
    for days in [60, 90] {
        let over = FIRST + days * DAY;
        for (end, held, lapsed) in [(over - 1, 6, 0), (over, 0, 6)] {
            let plan = timeline(end, 0.0, 0.0);
            let course = course(&plan, &[round(FIRST, days)]);
            let ended = (course.live_invitations, course.totals.lapsed);
            assert_eq!(ended, (held, lapsed), "{days} days, end {end}");
            assert_eq!(course.in_pool, 0);
        }
        // Rounds see the same, and nobody who let an invitation lapse comes back.
        let plan = timeline(over + 10 * DAY, 0.0, 0.0);
        let rounds = [over - 1, over, over + DAY].map(|at| round(at, days));
        let rounds = [&[round(FIRST, days)][..], &rounds].concat();
        let course = course(&plan, &rounds);
        let live: Vec<u64> = (course.rounds.iter())
            .map(|held| held.live_invitations)
            .collect();
        assert_eq!(live, [0, 6, 0, 0], "{days} days");
        let there = |held: &RoundCourse| (held.outcome.pool_size, held.invited.len());
        let there: Vec<(u64, usize)> = course.rounds.iter().map(there).collect();
        assert_eq!(there, [(6, 6), (0, 0), (0, 0), (0, 0)]);
    }
}

#[test]
fn who_declines_may_be_invited_from_that_second_on_and_not_before() {
    for days in [60, 90] {
        let plan = timeline(FIRST + 100 * DAY, 0.0, 1.0);
        let pool = pool();
        let people = People::new(&pool, pool.len(), &plan, SEED, 0);
        let mut latest = 0;
        for row in 0..pool.len() as u32 {
            let Answer::Decline(after) = people.answer(row, 0, days) else {
                panic!("everybody declines");
            };
            assert!((1..days * DAY).contains(&after), "{days} days: {after}");
            latest = latest.max(after);
            for (at, is_back) in [(FIRST + after - 1, false), (FIRST + after, true)] {
                let course = course(&plan, &[round(FIRST, days), round(at, days)]);
                let again = course.rounds[1].outcome.invited.contains(&row);
                assert_eq!(again, is_back, "row {row} at {at}");
            }
        }
        let shorter = people.answer(0, 0, 30);
        assert_ne!(
            shorter,
            people.answer(0, 0, days),
            "the time goes by the days"
        );
        assert!(
            latest > days * DAY / 2,
            "somebody takes more than half the time"
        );
    }
}
