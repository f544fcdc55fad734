//! How much memory the people of a study take at once, at most.
//! How much there is does not live here.

use std::collections::BTreeSet;

use crate::history::History;
use crate::pool::columns::{BYTES_PER_CANDIDATE, Ids};
use crate::pool::{Packed, Pool};
use crate::scenario::Plan;
use crate::study::backtest::Options;
use crate::study::population::{SHARING, rules_key};
use crate::study::{Detail, compare, run};

/// Bytes a candidate that the engine of a timeline takes besides the pool, where rounds come down to
/// everybody: its fate, its place, once more while it waits to come into view, where it is filed, and its
/// number among those.
const BYTES_ON_A_TIMELINE: u64 = 5 + 2 * 16 + 5 + 4;
/// Bytes a candidate while a timeline is counted by group: as it was counted, and until when.
const BYTES_OF_A_CENSUS: u64 = 32 + 4;
/// Bytes a candidate of what is known of everybody beforehand, where policies share it: the row, its
/// place and fate, and about half an appointment of 12 bytes.
const BYTES_OF_AN_OUTLOOK: u64 = 28 + 16 + 5 + 4 + 6;
/// Bytes of somebody invited: the row as it was, and its number.
const BYTES_OF_AN_INVITEE: u64 = size_of::<Packed>() as u64 + 4;
/// Bytes of a name from a file, with what the allocator adds.
const BYTES_OF_A_NAME: u64 = 16 + 24;
/// Bytes a candidate while a pool is scored again by other rules.
const BYTES_TO_SCORE_AGAIN: u64 = 8;

/// Bytes of a past round and what is expected of it: a number for each score, and some besides.
const BYTES_OF_A_FORECAST: u64 = 8 * 601 + 1_000;
/// Bytes of a candidate's points and eligibility.
const BYTES_OF_POINTS: u64 = 6;
/// Bytes of counts by group: about forty thousand numbers.
const BYTES_OF_COUNTS: u64 = 8 * 40_000;
/// Bytes of somebody who may be invited: the row as it came and in the pool of those, its number, its
/// place in the ranking, and the row of an invitation.
const BYTES_OF_A_CONTENDER: u64 = 2 * 32 + BYTES_PER_CANDIDATE as u64 + 4 + 8 + 32 + 32;

/// Bytes of making tables of a profile and their fit, of each that a plan makes, of what else a command
/// holds, and of what each thread has in hand meanwhile (measured: 85 MB for a pool on 2 threads, 169
/// on 8; 152 with arrivals on 1, 296 on 16).
const BYTES_OF_TABLES: u64 = 60_000_000;
const BYTES_OF_A_COMMAND: u64 = 20_000_000;
const BYTES_OF_A_THREAD: u64 = 16_000_000;

/// Bytes of all that a study of a plan takes besides its people: the tables that they are made from,
/// and the counts by group of the replicates of which they are kept.
fn of_making(plan: &Plan, threads: u64, counted: u64) -> u64 {
    let tables = u64::from(plan.pool.file.is_none()) + u64::from(plan.timeline.is_some());
    let counts = 3 * plan.rounds.len() as u64 * BYTES_OF_COUNTS;
    (tables * BYTES_OF_TABLES + BYTES_OF_A_COMMAND)
        .saturating_add(threads.saturating_mul(BYTES_OF_A_THREAD))
        .saturating_add(counts.saturating_mul(counted))
}

/// The people of one replicate: how many, the bytes of a pool of theirs, whether each replicate has one
/// of its own, and the bytes of what is worked out with it beside.
struct One {
    people: u64,
    pool: u64,
    is_own: bool,
    beside: u64,
}

impl One {
    /// Those of a plan. `given` is a starting pool that the user brought: it is in memory already, and
    /// shared by all replicates that neither add to it nor score it again.
    fn of(plan: &Plan, given: Option<&Pool>) -> Self {
        let arrivals = plan.timeline.as_ref().map_or(0.0, |timeline| {
            let course = &timeline.course;
            timeline.arrivals.expected(course.start, course.end)
        });
        let people = started(plan, given).saturating_add(arrivals as u64);
        let scores_again = plan.rules.len() > 1;
        let beside = u64::from(scores_again) * BYTES_TO_SCORE_AGAIN
            + u64::from(plan.timeline.is_some()) * BYTES_ON_A_TIMELINE;
        let named = match given.map(|pool| &pool.ids) {
            Some(Ids::Text(_)) if arrivals > 0.0 => BYTES_OF_A_NAME,
            Some(Ids::Some(_)) if arrivals > 0.0 => size_of::<u32>() as u64,
            _ => 0,
        };
        // One bit more says who is still there.
        let pool = people
            .saturating_mul(BYTES_PER_CANDIDATE as u64 + named)
            .saturating_add(people / 8);
        let changes = match plan.timeline {
            Some(_) => arrivals > 0.0,
            None => scores_again,
        };
        One {
            people,
            pool,
            is_own: given.is_none() || changes,
            beside: people.saturating_mul(beside),
        }
    }

    /// Bytes of a replicate's own pool, or of who is still there of a shared one.
    fn own(&self) -> u64 {
        match self.is_own {
            true => self.pool,
            false => self.people / 8,
        }
    }

    /// Bytes of what is known of them beforehand, for so many policies.
    fn outlook(&self, plan: &Plan, policies: usize) -> u64 {
        let is_shared = plan.timeline.is_some() && policies >= SHARING;
        u64::from(is_shared) * self.people.saturating_mul(BYTES_OF_AN_OUTLOOK)
    }
}

/// How many candidates a plan starts with.
fn started(plan: &Plan, given: Option<&Pool>) -> u64 {
    given.map_or(plan.pool.size, |pool| pool.len() as u64)
}

/// Bytes that a run takes: each thread works on one replicate, and those invited in the replicates of
/// a batch are held together, with their counts by group where those are kept. `given` is a starting
/// pool that the user brought, whose own bytes are taken already.
pub fn of_run(plan: &Plan, given: Option<&Pool>, detail: Detail, threads: u64) -> u64 {
    let together = u64::from(run::batch(started(plan, given)).min(plan.replicates));
    let counted = match detail {
        Detail::Rounds => 0,
        Detail::First => 1,
        Detail::Everything => together,
    };
    of_replicates(plan, given, together, threads).saturating_add(of_making(plan, threads, counted))
}

/// Bytes of so many replicates at once, of which each thread works on one.
pub fn of_replicates(plan: &Plan, given: Option<&Pool>, together: u64, threads: u64) -> u64 {
    let one = One::of(plan, given);
    let people = one.people;
    let counted = u64::from(plan.timeline.is_some()) * BYTES_OF_A_CENSUS;
    let census = people.saturating_mul(counted);
    let rounds = plan.rounds.iter();
    let invited = rounds.map(|round| round.instruction.invitations.min(people));
    let invited = invited.fold(0, u64::saturating_add);
    (one.own().saturating_add(one.beside).saturating_add(census))
        .saturating_mul(together.min(threads))
        .saturating_add(invited.saturating_mul(BYTES_OF_AN_INVITEE * together))
}

/// Bytes that a comparison takes: each thread works on one pool, and on its copy where a policy
/// scores by other rules. `given` is as in [`of_run`].
pub fn of_comparison(plans: &[Plan], given: Option<&Pool>, threads: u64) -> u64 {
    let replicates = plans.first().map_or(0, |base| base.replicates);
    let together = threads.min(compare::BATCH.min(replicates).into());
    let making = plans
        .first()
        .map_or(0, |base| of_making(base, threads, together));
    of_comparisons(plans, given, together).saturating_add(making)
}

/// Bytes of so many replicates of a comparison at once.
pub fn of_comparisons(plans: &[Plan], given: Option<&Pool>, together: u64) -> u64 {
    let Some(base) = plans.first() else { return 0 };
    let one = One::of(base, given);
    let copies = u64::from(plans.iter().any(|plan| !compare::same_rules(plan, base)));
    let outlook = one.outlook(base, plans.len());
    let copied = one.pool.saturating_add(outlook).saturating_mul(copies);
    (one.own().saturating_add(outlook))
        .saturating_add(copied)
        .saturating_add(one.beside)
        .saturating_mul(together)
}

/// Bytes that a sweep of so many policies over each of these people takes: each thread works on a
/// copy that is scored by a policy's rules. `given` is as in [`of_run`], and is scored once by the rules
/// of each of these people that judge it otherwise.
pub fn of_sweep(people: &[Plan], given: Option<&Pool>, policies: usize, threads: u64) -> u64 {
    let of_people = |plan: &Plan| {
        let together = threads.min(compare::BATCH.min(plan.replicates).into());
        of_sweeps(plan, given, policies, together, threads)
            .saturating_add(of_making(plan, threads, 0))
    };
    let most = people.iter().map(of_people).max().unwrap_or(0);
    let Some(given) = given else { return most };
    let keys: BTreeSet<String> = people.iter().map(rules_key).collect();
    let scored =
        (keys.len() as u64).saturating_mul(BYTES_PER_CANDIDATE as u64 * given.len() as u64);
    most.saturating_add(scored)
}

/// Bytes of so many replicates of a sweep over these people at once.
pub fn of_sweeps(
    plan: &Plan,
    given: Option<&Pool>,
    policies: usize,
    together: u64,
    threads: u64,
) -> u64 {
    let one = One::of(plan, given);
    let outlook = one.outlook(plan, policies);
    let copies = threads.min(policies as u64);
    (one.own().saturating_add(outlook))
        .saturating_mul(together)
        .saturating_add(one.pool.saturating_add(outlook).saturating_mul(copies))
        .saturating_add(one.beside.saturating_mul(copies))
}

/// Bytes of so many parts of so many candidates at once, of a replicate that is spread.
pub fn of_parts(plan: &Plan, candidates: u64, together: u64) -> u64 {
    // Where the rules change, the points as made are kept beside.
    let beside = u64::from(plan.rules.len() > 1) * (BYTES_TO_SCORE_AGAIN + BYTES_OF_POINTS);
    let part = candidates
        .min(plan.pool.size)
        .saturating_mul(BYTES_PER_CANDIDATE as u64 + beside);
    // By groups is counted for each round whom it finds and whom it ranks, twice where sums are made.
    let counts = (2 * plan.rounds.len() as u64 + 3) * BYTES_OF_COUNTS;
    part.saturating_add(counts).saturating_mul(together)
}

/// Bytes of so many who may be invited in a replicate that is spread.
pub fn of_contenders(count: u64) -> u64 {
    count.saturating_mul(BYTES_OF_A_CONTENDER)
}

/// Bytes of so many rounds of a backtest, drawn at once, beside what is expected of all.
pub fn of_backtests(history: &History, options: &Options, together: u64) -> u64 {
    let rounds = history.rounds.len() as u64;
    let drawn = u64::from(options.replicates) * size_of::<f64>() as u64;
    (rounds * BYTES_OF_A_FORECAST).saturating_add(drawn.saturating_mul(together))
}

/// Bytes that a backtest takes: each thread works on one round.
pub fn of_backtest(history: &History, options: &Options, threads: u64) -> u64 {
    of_backtests(history, options, threads)
        .saturating_add(BYTES_OF_A_COMMAND)
        .saturating_add(threads.saturating_mul(BYTES_OF_A_THREAD))
}

/// Bytes of a pool on its own.
pub fn of_pool(plan: &Plan, threads: u64) -> u64 {
    let pool = plan.pool.size.saturating_mul(BYTES_PER_CANDIDATE as u64);
    pool.saturating_add(plan.pool.size / 8)
        .saturating_add(of_making(plan, threads, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    fn plan(timeline: &str) -> Plan {
        let text = format!(
            "name = \"a\"\n[pool]\nas_of = 2024-01-09\nsize = 1000\nbands = \"none\"\n[[rounds]]\n\
             at = 2024-01-10T14:00:00Z\ntype = \"general\"\ninvitations = 1\n{timeline}\n"
        );
        let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
        scenario.resolve().unwrap()
    }

    /// The plan as if its candidates came from a file.
    fn of_file(timeline: &str) -> Plan {
        let mut plan = plan(timeline);
        plan.pool.size = 0;
        plan
    }

    #[test]
    fn candidates_of_a_file_count_once_they_are_read_where_each_replicate_has_its_own() {
        let pool = |size| Pool::zeroed(size, Ids::Numbered { first: 1 });
        let (few, many) = (pool(1_000), pool(2_000_000));
        let bytes = 2_000_000 * BYTES_PER_CANDIDATE as u64;
        let arrivals = "[timeline]\nend = 2024-02-01\narrivals = { per_day = 10 }";
        for threads in [1, 4] {
            let run = |timeline: &str, given| {
                let mut plan = of_file(timeline);
                plan.replicates = 8;
                of_run(&plan, Some(given), Detail::Rounds, threads)
            };
            let more = |timeline: &str| run(timeline, &many) - run(timeline, &few);
            assert!(more("") < bytes / 10, "all replicates share it");
            let alone = more("[timeline]\nend = 2024-02-01");
            assert!(alone > 0 && more(arrivals) > alone + threads * (bytes - 50_000));
            let sweep = |given| of_sweep(&[of_file(arrivals)], Some(given), 4, threads);
            assert!(sweep(&many) - sweep(&few) > (1 + threads) * (bytes - 50_000));
            let compare = |given| of_comparison(&[of_file(arrivals)], Some(given), threads);
            assert!(compare(&many) - compare(&few) > bytes - 50_000);
        }
    }

    #[test]
    fn a_file_that_is_shared_takes_no_more_than_a_pool_that_is_made() {
        let given = Pool::zeroed(1_000, Ids::Numbered { first: 1 });
        let needed = |plan: &Plan, given| of_run(plan, given, Detail::Rounds, 2);
        assert!(needed(&of_file(""), Some(&given)) < needed(&plan(""), None));
    }
}
