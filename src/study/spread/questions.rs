//! What is counted of everybody: whom each round finds in the pool, and whom it ranks, as if nobody
//! had been invited. Rounds that would count the same ask once.

use crate::draw::RoundKind;
use crate::pool::Pool;
use crate::pool::counts::{ClassCounts, Counts, tally};
use crate::scenario::Plan;
use crate::study::replicate::score_again;
use crate::units::Instant;

/// Some of the candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Question {
    /// Place of the rules in force.
    pub period: usize,
    /// Who submitted by then.
    pub at: Instant,
    /// Whom a round ranks; everybody where that is none.
    pub kind: Option<RoundKind>,
}

/// What the rounds of a plan ask, in the order of the rules in force; first of all for everybody.
#[derive(Debug)]
pub(super) struct Questions {
    asked: Vec<Question>,
    /// By round: who is in the pool, and whom it ranks.
    rounds: Vec<[usize; 2]>,
}

impl Questions {
    pub fn of(plan: &Plan) -> Self {
        let mut asked = vec![Question {
            period: 0,
            at: plan.pool.at,
            kind: None,
        }];
        let mut place = |question: Question| {
            let known = asked.iter().position(|other| *other == question);
            known.unwrap_or_else(|| {
                asked.push(question);
                asked.len() - 1
            })
        };
        let rounds = plan.rounds.iter().map(|round| {
            let instruction = &round.instruction;
            [None, Some(instruction.kind)].map(|kind| {
                place(Question {
                    period: plan.period_at(instruction.at),
                    // Nobody submitted later than the pool was made for.
                    at: instruction.at.min(plan.pool.at),
                    kind,
                })
            })
        });
        let rounds = rounds.collect();
        Questions { asked, rounds }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.asked.len()
    }

    /// The places of what a round asks: who is in the pool, and whom it ranks.
    pub fn of_round(&self, round: usize) -> [usize; 2] {
        self.rounds[round]
    }

    /// Gives every question to `look`, with the pool scored by the rules that it is asked under; the
    /// pool is left as it was.
    pub fn ask(&self, plan: &Plan, pool: &mut Pool, mut look: impl FnMut(usize, &Question, &Pool)) {
        let mut made = None;
        let mut period = 0;
        for (place, question) in self.asked.iter().enumerate() {
            if question.period != period {
                made.get_or_insert_with(|| (pool.score.clone(), pool.eligibility.clone()));
                score_again(pool, &plan.rules[question.period].rules);
                period = question.period;
            }
            look(place, question, pool);
        }
        if let Some((score, eligibility)) = made {
            (pool.score, pool.eligibility) = (score, eligibility);
        }
    }

    /// The answers of some of the candidates.
    pub fn count(&self, plan: &Plan, pool: &mut Pool) -> Vec<Counts> {
        let mut counts: Vec<Counts> = Vec::with_capacity(self.len());
        // Questions that differ in whom a round ranks come one after the other.
        let mut last: Option<((usize, Instant), ClassCounts)> = None;
        self.ask(plan, pool, |_, question, pool| {
            let of = (question.period, question.at);
            let (_, tally) = match last.take() {
                Some(known) if known.0 == of => last.insert(known),
                _ => last.insert((of, tally(pool, |row| question.is_there(pool, row)))),
            };
            counts.push(tally.counts(|mask| question.ranks(mask)));
        });
        counts
    }
}

impl Question {
    /// Whether it asks for a candidate.
    pub fn holds(&self, pool: &Pool, row: usize) -> bool {
        self.is_there(pool, row) && self.ranks(pool.eligibility.get(row))
    }

    fn is_there(&self, pool: &Pool, row: usize) -> bool {
        pool.submitted[row] <= self.at.seconds()
    }

    fn ranks(&self, eligibility: u32) -> bool {
        self.kind
            .is_none_or(|kind| kind.members().have(eligibility))
    }
}
