//! The chance of one candidate to be invited, round by round, over replicates of a scenario.
//! How a candidate is described on the command line or in a file does not live here.
//!
//! The candidate takes part without crowding anybody: each replicate is run without it, and in
//! each round its place in the order (score, then tie-break, then being the last to come among
//! equals to the second) is held against that of the last who was invited. That is exact: as long
//! as it was not invited, everybody's history is the same with it and without it, and in the round
//! that would invite it, it would take the place of exactly the last one. Somebody of the pool itself
//! is first left out of it.

use crate::draw::TieBreak;
use crate::pool::columns::Ids;
use crate::pool::{Eligibility, Packed, Pool};
use crate::rules::validity::PROFILE_DAYS;
use crate::rules::{Candidate, Rules};
use crate::scenario::{Plan, RoundPlan};
use crate::study::replicate::Replicate;
use crate::study::run::{Listener, Next};
use crate::timeline::people::dice_key;
use crate::units::{Instant, Score};

/// A candidate as the rounds of a scenario see it: what it has when each is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// When its profile is submitted.
    pub submitted: Instant,
    /// For each round of the plan, its score if the round ranks such a candidate.
    pub scores: Vec<Option<Score>>,
    /// The row of the pool that it is, and that is left out there; none for a newcomer.
    pub row: Option<u32>,
}

impl Probe {
    /// A candidate with the same score in every round, ranked by general rounds and by those of
    /// the types given. Nominees (`pnp`) are ranked by general and PNP rounds alone.
    pub fn described(plan: &Plan, score: Score, types: &[String], submitted: Instant) -> Self {
        let nominee = types.iter().any(|name| name == "pnp");
        let ranked = |round: &RoundPlan| match round.type_name.as_str() {
            "general" => true,
            "pnp" => nominee,
            name => !nominee && types.iter().any(|of| of == name),
        };
        Probe {
            submitted,
            scores: plan
                .rounds
                .iter()
                .map(|round| ranked(round).then_some(score))
                .collect(),
            row: None,
        }
    }

    /// A candidate with these attributes, scored in each round by the rules then in force.
    pub fn of(plan: &Plan, candidate: &Candidate) -> Self {
        let scores = plan.rounds.iter().map(|round| {
            let at = round.instruction.at;
            let period = plan.period_at(at);
            let rules = &plan.rules[period].rules;
            let Eligibility(bits) = rules.eligibility(candidate);
            let (any_of, none_of) = round.instruction.kind.filter();
            (bits & any_of != 0 && bits & none_of == 0).then(|| rules.points(candidate).total())
        });
        Probe {
            submitted: candidate.submitted_at,
            scores: scores.collect(),
            row: None,
        }
    }

    /// The same candidate, who is that row of the pool: among equals it has the place and the lot of
    /// the row. [`leave_out`] sees to it that the row takes no part besides.
    #[must_use]
    pub fn in_row(self, row: usize) -> Self {
        Probe {
            row: u32::try_from(row).ok(),
            ..self
        }
    }

    /// The first instant at which the profile is no longer valid.
    pub fn expires(&self) -> Instant {
        self.submitted.saturating_add(PROFILE_DAYS * Instant::DAY)
    }

    /// Its score in a round that ranks it while its profile is valid.
    fn score(&self, place: usize, at: Instant) -> Option<Score> {
        self.scores[place].filter(|_| self.submitted <= at && at < self.expires())
    }
}

/// Over replicates, how often a candidate was first invited in each round.
#[derive(Debug, Clone)]
pub struct Odds<'a> {
    probe: &'a Probe,
    first: Vec<u64>,
    replicates: u64,
}

/// The chance in one round.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Chance {
    /// Whether the round ranks the candidate, with a profile that is valid then.
    pub takes_part: bool,
    /// Share of the replicates in which this round is the first to invite the candidate.
    pub here: f64,
    /// Share of the replicates in which this round or one before it did.
    pub by_now: f64,
    /// Wilson's 95% interval of that share.
    pub interval: (f64, f64),
    /// Replicates.
    pub replicates: u64,
}

impl<'a> Odds<'a> {
    /// Of nobody's history so far.
    pub fn new(plan: &Plan, probe: &'a Probe) -> Self {
        Odds {
            probe,
            first: vec![0; plan.rounds.len()],
            replicates: 0,
        }
    }

    /// Counts a replicate.
    pub fn add(&mut self, plan: &Plan, replicate: &Replicate) {
        self.replicates += 1;
        let first = plan.rounds.iter().enumerate().position(|(place, round)| {
            let at = round.instruction.at;
            self.probe
                .score(place, at)
                .is_some_and(|score| would_invite(plan, replicate, place, score, self.probe))
        });
        if let Some(place) = first {
            self.first[place] += 1;
        }
    }

    /// The chances round by round.
    pub fn chances(&self, plan: &Plan) -> Vec<Chance> {
        let mut invited = 0;
        let rounds = plan.rounds.iter().zip(&self.first).enumerate();
        rounds
            .map(|(place, (round, &here))| {
                invited += here;
                let share = |count: u64| count as f64 / self.replicates.max(1) as f64;
                Chance {
                    takes_part: self.probe.score(place, round.instruction.at).is_some(),
                    here: share(here),
                    by_now: share(invited),
                    interval: wilson(invited, self.replicates),
                    replicates: self.replicates,
                }
            })
            .collect()
    }
}

impl Listener for Odds<'_> {
    fn replicate(
        &mut self,
        plan: &Plan,
        replicate: &Replicate,
    ) -> Result<Next, Box<dyn std::error::Error + Send + Sync>> {
        self.add(plan, replicate);
        Ok(Next::GoOn)
    }
}

/// The number that the newcomer's dice go by: no candidate of a pool has it.
const NEWCOMER: u64 = Ids::NUMBERS;

/// Whether the round of that place would invite a candidate of that score who had not taken part
/// in it: whether there was a place left, or the candidate comes before the last of the invited.
fn would_invite(
    plan: &Plan,
    replicate: &Replicate,
    place: usize,
    score: Score,
    probe: &Probe,
) -> bool {
    let (instruction, held) = (&plan.rounds[place].instruction, &replicate.rounds[place]);
    let (Some(&row), Some(last)) = (held.outcome.invited.last(), held.invited.last()) else {
        return instruction.invitations > 0;
    };
    if (held.outcome.invited.len() as u64) < instruction.invitations {
        return true;
    }
    if instruction.tie_break == TieBreak::None {
        return score.0 >= last.score;
    }
    let ranking = RoundPlan::ranking(&plan.rounds, place, (plan.seed, replicate.number));
    let lot = |row| dice_key(&replicate.ids, replicate.started, row);
    let last = ranking.key(
        Score(last.score),
        Instant::from_seconds(last.submitted),
        row,
        || lot(row),
    );
    let newcomer = u32::try_from(replicate.people).unwrap_or(u32::MAX);
    let own = ranking.key(
        score,
        probe.submitted,
        probe.row.unwrap_or(newcomer),
        || probe.row.map_or(NEWCOMER, lot),
    );
    own < last
}

/// Leaves a row out of a pool that is scored by these rules: nobody stands there any more, eligible
/// for nothing in any round. The row itself stays, so that names, places and dice of all others are
/// what they were.
pub fn leave_out(pool: &mut Pool, row: usize, rules: &Rules) {
    let nobody = Candidate {
        submitted_at: Instant::from_seconds(pool.submitted[row]),
        ..Candidate::blank()
    };
    let score = rules.points(&nobody).total();
    pool.set(row, Packed::new(&nobody, score, rules.eligibility(&nobody)));
}

/// Wilson's 95% interval of a share of `count` in `of`; all of 0 to 1 for none.
pub fn wilson(count: u64, of: u64) -> (f64, f64) {
    const Z: f64 = 1.959_963_984_540_054;
    if of == 0 {
        return (0.0, 1.0);
    }
    let (n, p) = (of as f64, count as f64 / of as f64);
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let low = if count == 0 {
        0.0
    } else {
        (middle - half).max(0.0)
    };
    let high = if count == of {
        1.0
    } else {
        (middle + half).min(1.0)
    };
    (low, high)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::observe::Silent;
    use crate::pool::columns::Ids;
    use crate::scenario::Scenario;
    use crate::study::population::{Origin, make_pool};
    use crate::study::replicate::{Detail, Held, replicate};
    use crate::study::spot_checks::tests::YEAR;

    #[test]
    fn everybody_else_has_the_same_history_whoever_is_left_out() {
        let text = YEAR.replace("TIE", "random");
        let scenario = Scenario::from_bytes(text.into(), "small-year.toml");
        let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
        let mut pool = make_pool(&plan, 0, &Silent).unwrap();
        let names = (0..pool.len()).map(|row| format!("n{row:05}").into_boxed_str());
        pool.ids = Ids::Text(names.collect());
        let rounds = |pool: &Pool, number| {
            let pool = Arc::new(pool.clone());
            let origin = Origin::new(&plan, Some(&pool)).unwrap();
            let people = origin.people(number, &Silent).unwrap();
            let mut done = replicate(&plan, &people, number, Detail::Rounds).unwrap();
            done.put_in_order(&plan);
            done.rounds
        };
        let rows = |rounds: &[Held]| -> Vec<u32> {
            let invited = rounds.iter().flat_map(|held| held.outcome.invited.iter());
            invited.copied().collect()
        };
        for number in 0..2 {
            let whole = rounds(&pool, number);
            let invited = rows(&whole);
            // Somebody of the pool with a program whom no round invites.
            let row = (0..pool.len())
                .rev()
                .find(|&row| pool.eligibility.get(row) != 0 && !invited.contains(&(row as u32)));
            let row = row.unwrap();
            let mut rest = pool.clone();
            leave_out(&mut rest, row, &plan.rules[0].rules);
            assert_eq!(rest.ids, pool.ids);
            let without = rounds(&rest, number);
            let mut fewer = 0;
            for (whole, without) in whole.iter().zip(&without) {
                assert_eq!(whole.outcome.invited, without.outcome.invited);
                assert_eq!(whole.invited, without.invited, "as they are in the round");
                fewer += whole.outcome.eligible - without.outcome.eligible;
            }
            assert!(fewer > 0, "who is left out was ranked");
            // Whoever is invited takes nobody's place but the last one's.
            let first = whole.iter().position(|held| !held.invited.is_empty());
            let first = first.unwrap();
            let chosen = whole[first].outcome.invited[0];
            let mut rest = pool.clone();
            leave_out(&mut rest, chosen as usize, &plan.rules[0].rules);
            let without = rounds(&rest, number);
            assert_eq!(without[..first].len(), first);
            let all = &without[first].outcome.invited;
            let ours = &whole[first].outcome.invited;
            assert_eq!(all[..ours.len() - 1], ours[1..]);
        }
    }

    /// Against the worked example of Newcombe (1998), Statistics in Medicine 17, table I: 81 of
    /// 263 gives 0.2553 to 0.3662, 0 of 20 gives 0 to 0.1611, 1 of 29 gives 0.0061 to 0.1718.
    #[test]
    fn wilsons_interval_is_that_of_the_literature() {
        for ((count, of), (low, high)) in [
            ((81, 263), (0.2553, 0.3662)),
            ((0, 20), (0.0, 0.1611)),
            ((1, 29), (0.0061, 0.1718)),
            ((29, 29), (0.8830, 1.0)),
        ] {
            let found = wilson(count, of);
            assert!(
                (found.0 - low).abs() < 5e-5 && (found.1 - high).abs() < 5e-5,
                "{found:?}"
            );
        }
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }
}
