//! A replicate that is spread is the replicate made whole, byte for byte.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::*;
use crate::observe::Silent;
use crate::scenario::Scenario;
use crate::study::kept::{self, Nothing, Parts};
use crate::study::population::Origin;
use crate::study::run;
use crate::study::{Detail, Listener, Next};
use crate::units::Instant;

/// What is kept of a replicate made whole.
#[derive(Default)]
struct Whole(Vec<u8>);

impl Listener for Whole {
    fn replicate(
        &mut self,
        _: &Plan,
        replicate: &Replicate,
    ) -> Result<Next, Box<dyn std::error::Error + Send + Sync>> {
        self.0 = kept::of_replicate(replicate);
        Ok(Next::GoOn)
    }
}

fn plan(pool: &str, rounds: &str) -> Plan {
    let text = format!("name = \"small\"\nseed = 11\n[pool]\n{pool}\n{rounds}");
    let scenario = Scenario::from_bytes(text.into_bytes(), "small.toml");
    scenario.and_then(|scenario| scenario.resolve()).unwrap()
}

/// The rounds of lines with time, type, invitations and tie-breaking rule.
fn rounds(lines: &str) -> String {
    let round = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [at, kind, invitations, tie_break] = words[..] else {
            panic!("{line:?}");
        };
        format!(
            "[[rounds]]\nat = {at}\ntype = \"{kind}\"\ninvitations = {invitations}\n\
             tie_break = \"{tie_break}\"\n"
        )
    };
    lines
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(round)
        .collect()
}

/// Spreads a plan over parts of so many chunks, each number once, and compares; gives the parts made
/// in each pass.
#[track_caller]
fn spread<const N: usize>(plan: &Plan, chunks: [u32; N]) -> [Vec<u32>; N] {
    let mut whole = Whole::default();
    run::run(plan, None, Detail::Everything, &mut whole, &Silent).unwrap();
    chunks.map(|chunks| spread_once(plan, chunks, &whole.0))
}

#[track_caller]
fn spread_once(plan: &Plan, chunks: u32, whole: &[u8]) -> Vec<u32> {
    let passes = spread_on(plan, chunks, whole, &Nothing);
    let passes: Vec<u32> = passes.iter().map(|made| made.len() as u32).collect();
    assert_eq!(
        passes[0],
        plan.pool
            .size
            .div_ceil(u64::from(chunks * CANDIDATES_PER_CHUNK)) as u32
    );
    passes
}

/// The parts made in each pass where some are kept from before.
#[track_caller]
fn spread_on(plan: &Plan, chunks: u32, whole: &[u8], kept: &dyn Keeper) -> Vec<Vec<u32>> {
    let origin = Origin::new(plan, None).unwrap();
    let spread = Spread::of(plan, Some(chunks * CANDIDATES_PER_CHUNK)).unwrap();
    let mut passes = Vec::new();
    let make = |pass: &Pass<'_>, keeper: &dyn Keeper| {
        let floors = pass.floors.map(Floors::scores);
        let parts = PoolParts::new(&origin, spread.chunks(), floors)?.expect("it can be spread");
        let missing: Vec<u32> = pass.missing.iter().cloned().flatten().collect();
        // They come in any order, and one that was lost comes twice.
        for &number in missing.iter().rev().chain(missing.first()) {
            keeper.keep(number, &|| parts.part(number).unwrap())?;
        }
        passes.push(missing);
        Ok::<_, RunError>(())
    };
    let replicate = spread.replicate(kept, make).unwrap();
    assert!(kept::of_replicate(&replicate) == whole, "{chunks} chunks");
    passes
}

/// A keeper in memory.
#[derive(Default)]
struct Memory(Mutex<BTreeMap<u32, Vec<u8>>>);

impl Keeper for Memory {
    fn find(&self, part: u32) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&part).cloned()
    }

    fn keep(
        &self,
        part: u32,
        bytes: &dyn Fn() -> Vec<u8>,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.0.lock().unwrap().insert(part, bytes());
        Ok(())
    }
}

const BANDS: &str = "as_of = 2023-07-04\nsize = 80_000\nbands = \"history\"";
const MIXTURE: &str = "as_of = 2023-07-04\nsize = 80_000\nbands = \"none\"";

#[test]
fn every_kind_of_round_and_tie_break_comes_out_as_on_the_whole_pool() {
    let rounds = rounds(
        "2023-07-05T13:00:00Z general 150 earliest-submission
         2023-07-05T13:00:00Z stem 80 latest-submission
         2023-07-06T13:00:00Z french 60 random
         2023-07-07T13:00:00Z cec 90 none
         2023-07-08T13:00:00Z general 100 random
         2023-07-08T13:00:00Z fsw 70 none
         2023-07-09T13:00:00Z pnp 40 earliest-submission
         2023-07-10T13:00:00Z fst 5 latest-submission
         2023-07-11T13:00:00Z stem 60 earliest-submission",
    );
    for pool in [BANDS, MIXTURE] {
        let plan = plan(pool, &rounds);
        // In five parts, in three and in one.
        spread(&plan, [1, 2, 5]);
    }
}

#[test]
fn a_good_guess_is_made_once_and_a_bad_one_again() {
    let few = rounds("2023-07-05T13:00:00Z general 100 earliest-submission");
    assert_eq!(spread(&plan(BANDS, &few), [1]), [[5]]);
    let many = rounds("2023-07-05T13:00:00Z general 30_000 earliest-submission");
    assert_eq!(spread(&plan(BANDS, &many), [2]), [[3, 3]]);
}

#[test]
fn parts_of_both_passes_that_are_kept_are_not_made_again() {
    let many = rounds("2023-07-05T13:00:00Z general 30_000 earliest-submission");
    let plan = plan(BANDS, &many);
    let mut whole = Whole::default();
    run::run(&plan, None, Detail::Everything, &mut whole, &Silent).unwrap();
    let kept = Memory::default();
    let again = |lost: &[u32]| {
        kept.0
            .lock()
            .unwrap()
            .retain(|part, _| !lost.contains(part));
        spread_on(&plan, 2, &whole.0, &kept)
    };
    assert_eq!(again(&[]), [[0, 1, 2], [0, 1, 2]]);
    assert_eq!(again(&[]), [[0; 0]]);
    assert_eq!(again(&[1, 3, 5]), [vec![1], vec![0, 2]]);
    assert_eq!(again(&[3, 4, 5]), [vec![], vec![0, 1, 2]]);
    // Bytes of something else are no part.
    kept.0.lock().unwrap().insert(4, vec![7]);
    assert_eq!(again(&[0]), [vec![0], vec![1]]);
}

#[test]
fn rounds_for_everybody_and_more_leave_nobody() {
    let all = rounds(
        "2023-07-05T13:00:00Z french 1_000_000 earliest-submission
         2023-07-06T13:00:00Z general 40_000 none
         2023-07-07T13:00:00Z general 1_000_000 random
         2023-07-08T13:00:00Z cec 10 earliest-submission",
    );
    spread(&plan(MIXTURE, &all), [2]);
}

#[test]
fn who_submits_after_a_round_takes_part_in_later_ones() {
    let early = rounds(
        "2023-07-05T13:00:00Z general 700 earliest-submission
         2023-07-05T13:00:00Z stem 300 latest-submission
         2023-07-05T13:00:00Z general 500 earliest-submission",
    );
    let mut plan = plan(MIXTURE, &early);
    for (round, days) in plan.rounds.iter_mut().zip([60, 15, 0]) {
        let at = &mut round.instruction.at;
        *at = at.saturating_sub(days * Instant::DAY);
    }
    let [first, _] = Questions::of(&plan).of_round(0);
    assert!(first > 0, "not everybody is there at the first round");
    spread(&plan, [2]);
}

#[test]
fn rules_that_change_between_rounds_score_everybody_again() {
    let pool = "as_of = 2025-03-20\nsize = 60_000\nbands = \"none\"";
    let rounds = rounds(
        "2025-03-21T13:00:00Z general 200 earliest-submission
         2025-03-24T13:00:00Z pnp 50 random
         2025-04-02T13:00:00Z general 300 none
         2025-04-03T13:00:00Z cec 100 earliest-submission",
    );
    let plan = plan(pool, &rounds);
    assert!(plan.rules.len() > 1, "the rules change");
    spread(&plan, [1, 4]);
}

#[test]
fn a_part_of_another_pool_and_a_pool_that_is_not_whole_are_refused() {
    let first = rounds("2023-07-05T13:00:00Z general 100 earliest-submission");
    let plan = plan(MIXTURE, &first);
    let questions = Questions::of(&plan);
    let gathered = gathered::Gathered::new(&questions);
    let told = |result: Result<_, Box<dyn std::error::Error + Send + Sync>>| {
        result
            .map(|()| String::new())
            .unwrap_or_else(|error| error.to_string())
    };
    assert!(told(gathered.take(0, &[7])).contains("no part of a pool"));
    let origin = Origin::new(&plan, None).unwrap();
    let parts = PoolParts::new(&origin, 2, None).unwrap().unwrap();
    let bytes = parts.part(0).unwrap();
    gathered.take(0, &bytes).unwrap();
    let why = gathered.counts(&plan, 3).unwrap_err().to_string();
    assert!(why.contains("1 of 3 parts"), "{why}");
    let why = gathered.counts(&plan, 1).unwrap_err().to_string();
    assert!(why.contains("32768 of 80000 candidates"), "{why}");
    assert!(PoolParts::new(&origin, 0, None).unwrap().is_none());
    assert!(PoolParts::new(&origin, 2, Some(&[1])).unwrap().is_none());
}

#[test]
fn parts_grow_with_the_pool_and_candidates_of_a_file_are_not_spread() {
    let one = rounds("2023-07-05T13:00:00Z general 100 earliest-submission");
    let of = |size: u64| {
        let mut plan = plan(MIXTURE, &one);
        plan.pool.size = size;
        let spread = Spread::of(&plan, None).unwrap();
        (spread.chunks(), spread.parts())
    };
    assert_eq!(of(1), (64, 1));
    assert_eq!(of(100_000_000), (64, 96));
    assert_eq!(of(1_000_000_000), (306, 200));
    assert_eq!(of(u64::from(u32::MAX)), (512, 512));
    let mut plan = plan(MIXTURE, &one);
    plan.pool.file = Some("pool.csv".into());
    assert!(Spread::of(&plan, None).is_none());
}
