//! The draw against an independent whole-sort oracle: plain sort, plain loops, no code shared
//! with the engine but the columns of the pool.

use drawsim::draw::{Index, Instruction, Outcome, Ranking, RoundKind, Standing, TieBreak, draw};
use drawsim::pool::Pool;
use drawsim::pool::columns::Ids;
use drawsim::portable::squared;
use drawsim::rules::Program;
use drawsim::units::{Instant, Score};
use proptest::prelude::*;

/// A candidate as the oracle sees it.
#[derive(Debug, Clone, Copy)]
struct Row {
    score: u16,
    submitted: u32,
    eligibility: u32,
}

fn pool_of(rows: &[Row]) -> Pool {
    let mut pool = Pool::zeroed(rows.len(), Ids::Numbered { first: 1 });
    for (i, row) in rows.iter().enumerate() {
        pool.score[i] = row.score;
        pool.submitted[i] = row.submitted;
        pool.eligibility.set(i, row.eligibility);
    }
    pool
}

/// What the round should give, by sorting everybody. Random tie-breaks are checked elsewhere.
fn oracle(
    rows: &[Row],
    left: &[bool],
    kind: RoundKind,
    at: u32,
    places: usize,
    rule: TieBreak,
) -> Outcome {
    let nominee = 8;
    let may_compete = |bits: u32| match kind {
        RoundKind::General => bits & 7 != 0,
        RoundKind::Program(Program::Pnp) => bits & nominee != 0,
        RoundKind::Program(Program::Fsw) => bits & 1 != 0 && bits & nominee == 0,
        RoundKind::Program(Program::Cec) => bits & 2 != 0 && bits & nominee == 0,
        RoundKind::Program(Program::Fst) => bits & 4 != 0 && bits & nominee == 0,
        RoundKind::Category(place) => bits >> (4 + place) & 1 != 0 && bits & nominee == 0,
    };
    let in_pool: Vec<usize> = (0..rows.len())
        .filter(|&i| !left[i] && rows[i].submitted <= at)
        .collect();
    let mut queue: Vec<usize> = in_pool
        .iter()
        .copied()
        .filter(|&i| may_compete(rows[i].eligibility))
        .collect();
    queue.sort_by(|&a, &b| {
        let by_time = match rule {
            TieBreak::LatestSubmission => rows[b].submitted.cmp(&rows[a].submitted),
            _ => rows[a].submitted.cmp(&rows[b].submitted),
        };
        rows[b]
            .score
            .cmp(&rows[a].score)
            .then(by_time)
            .then(a.cmp(&b))
    });
    let mut taken = places.min(queue.len());
    let mut outcome = Outcome {
        pool_size: in_pool.len() as u64,
        eligible: queue.len() as u64,
        ..Outcome::default()
    };
    if taken == 0 {
        return outcome;
    }
    let line = rows[queue[taken - 1]];
    if rule == TieBreak::None {
        while taken < queue.len() && rows[queue[taken]].score == line.score {
            taken += 1;
        }
    } else if places <= queue.len() {
        outcome.tie_break = Some(Instant::from_seconds(line.submitted));
    }
    outcome.cutoff = Some(Score(line.score));
    outcome.invited = queue[..taken].iter().map(|&i| i as u32).collect();
    outcome.tied_at_cutoff = queue
        .iter()
        .filter(|&&i| rows[i].score == line.score)
        .count() as u64;
    outcome.tied_invited = queue[..taken]
        .iter()
        .filter(|&&i| rows[i].score == line.score)
        .count() as u64;
    outcome
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row =
        (480u16..500, 1_000u32..1_030, 0u32..256).prop_map(|(score, submitted, eligibility)| Row {
            score,
            submitted,
            eligibility,
        });
    prop::collection::vec(row, 0..700)
}

fn kinds() -> impl Strategy<Value = RoundKind> {
    prop_oneof![
        Just(RoundKind::General),
        prop::sample::select(Program::ALL.to_vec()).prop_map(RoundKind::Program),
        (0usize..4).prop_map(RoundKind::Category),
    ]
}

fn rules() -> impl Strategy<Value = TieBreak> {
    prop::sample::select(vec![
        TieBreak::EarliestSubmission,
        TieBreak::LatestSubmission,
        TieBreak::None,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn rounds_in_a_row_agree_with_a_whole_sort(
        rows in rows(),
        rounds in prop::collection::vec((kinds(), rules(), 1u64..60, 1_005u32..1_040), 1..12),
    ) {
        let pool = pool_of(&rows);
        let mut standing = Standing::everyone(&pool);
        let mut index = Index::default();
        let mut left = vec![false; rows.len()];
        for (number, (kind, rule, invitations, at)) in rounds.into_iter().enumerate() {
            let instruction =
                Instruction { at: Instant::from_seconds(at), kind, invitations, tie_break: rule };
            let outcome = draw(&pool, &standing, &instruction, &Ranking::new(rule, 1, 0, number as u64));
            prop_assert_eq!(&outcome, &oracle(&rows, &left, kind, at, invitations as usize, rule));
            let kept = index.draw(&pool, &standing, &instruction, &Ranking::new(rule, 1, 0, number as u64));
            prop_assert_eq!(&kept, &outcome);
            standing.remove(&outcome.invited);
            outcome.invited.iter().for_each(|&row| left[row as usize] = true);
        }
    }

    #[test]
    fn a_shuffled_pool_invites_the_same_candidates(rows in rows(), invitations in 1u64..300, turn in 0usize..700) {
        // Distinct submission times, so that no tie is left to the candidate id.
        let distinct: Vec<Row> =
            rows.iter().enumerate().map(|(i, row)| Row { submitted: i as u32 * 7 % 4_999, ..*row }).collect();
        let mut turned = distinct.clone();
        turned.rotate_left(turn % rows.len().max(1));
        let instruction = Instruction {
            at: Instant::from_seconds(5_000),
            kind: RoundKind::General,
            invitations,
            tie_break: TieBreak::EarliestSubmission,
        };
        let invited = |rows: &[Row]| -> Vec<(u16, u32)> {
            let pool = pool_of(rows);
            let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, 0);
            let outcome = draw(&pool, &Standing::everyone(&pool), &instruction, &ranking);
            outcome.invited.iter().map(|&row| (rows[row as usize].score, rows[row as usize].submitted)).collect()
        };
        prop_assert_eq!(invited(&distinct), invited(&turned));
    }
}

/// A large pool takes the sampled path, several tasks and, for rare categories, the counting path.
#[test]
fn a_large_pool_agrees_with_a_whole_sort_for_any_number_of_threads() {
    let mut state = 88_172_645_463_325_252u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let rows: Vec<Row> = (0..300_000)
        .map(|i| {
            let bits = next();
            // Row order carries information, which an evenly spaced sample could miss.
            let score =
                300 + (bits % 150) as u16 + (next() % 100) as u16 + u16::from(i > 290_000) * 50;
            let rare = u32::from(next().is_multiple_of(1_000)) << 5;
            Row {
                score,
                submitted: (bits >> 32) as u32 % 1_000_000,
                eligibility: (bits >> 20) as u32 & 0x1F | rare,
            }
        })
        .collect();
    let pool = pool_of(&rows);
    let left = vec![false; rows.len()];
    for kind in [
        RoundKind::General,
        RoundKind::Program(Program::Cec),
        RoundKind::Category(1),
    ] {
        for (places, at) in [(500, 2_000_000), (5_000, 900_000), (1_000_000, 2_000_000)] {
            for rule in [
                TieBreak::EarliestSubmission,
                TieBreak::LatestSubmission,
                TieBreak::None,
            ] {
                let instruction = Instruction {
                    at: Instant::from_seconds(at),
                    kind,
                    invitations: places,
                    tie_break: rule,
                };
                let expected = oracle(&rows, &left, kind, at, places as usize, rule);
                for threads in [1, 2, 7] {
                    let workers = rayon::ThreadPoolBuilder::new()
                        .num_threads(threads)
                        .build()
                        .unwrap();
                    let ranking = Ranking::new(rule, 1, 0, 0);
                    let outcome = workers.install(|| {
                        draw(&pool, &Standing::everyone(&pool), &instruction, &ranking)
                    });
                    assert_eq!(
                        outcome, expected,
                        "{kind:?} {places} {rule:?} on {threads} threads"
                    );
                }
            }
        }
    }
}

/// 4,000 rounds of one place among eight tied candidates: each should win about 500 times;
/// chi-square below its 1 - 1e-6 point (7 degrees of freedom, 40.5).
#[test]
fn random_ties_favour_nobody_and_repeat_with_the_seed() {
    let rows = [Row {
        score: 486,
        submitted: 1,
        eligibility: 2,
    }; 8];
    let pool = pool_of(&rows);
    let instruction = Instruction {
        at: Instant::from_seconds(2),
        kind: RoundKind::General,
        invitations: 1,
        tie_break: TieBreak::Random,
    };
    let winner = |round| {
        let ranking = Ranking::new(TieBreak::Random, 42, 0, round);
        draw(&pool, &Standing::everyone(&pool), &instruction, &ranking).invited[0]
    };
    let mut wins = [0u32; 8];
    (0..4_000).for_each(|round| wins[winner(round) as usize] += 1);
    let chi: f64 = wins
        .iter()
        .map(|&n| squared(f64::from(n) - 500.0) / 500.0)
        .sum();
    assert!(chi < 40.5, "wins {wins:?}");
    assert_eq!(winner(17), winner(17));
}
