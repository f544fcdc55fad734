//! What is counted of everybody: whom each round finds in the pool, and whom it ranks, as if nobody
//! had been invited. Rounds that would count the same ask once.

use crate::draw::RoundKind;
use crate::pool::Pool;
use crate::pool::groups::{Counts, count};
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
        self.ask(plan, pool, |place, question, pool| {
            // Who is in the pool comes before whom a round ranks: often that is everybody.
            let like = self.asked[..place].iter().position(|other| {
                (other.period, other.at, other.kind) == (question.period, question.at, None)
            });
            let whole = like.map(|like| &counts[like]);
            let members = (0..pool.len()).filter(|&row| question.holds(pool, row));
            counts.push(match whole {
                Some(whole) if members.count() as u64 == whole.total() => whole.clone(),
                _ => count(pool, |row| question.holds(pool, row)),
            });
        });
        counts
    }
}

impl Question {
    /// Whether it asks for a candidate.
    pub fn holds(&self, pool: &Pool, row: usize) -> bool {
        let of_kind = |kind: RoundKind| kind.members().have(pool.eligibility.get(row));
        pool.submitted[row] <= self.at.seconds() && self.kind.is_none_or(of_kind)
    }
}
