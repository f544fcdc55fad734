//! Rounds on a large pool in memory: the first, which looks at everyone, and further ones, which
//! rest on what the first has learnt.

use std::time::{Duration, Instant as Clock};

use criterion::{Criterion, criterion_group, criterion_main};
use drawsim::draw::{Index, Instruction, Ranking, RoundKind, Standing, TieBreak};
use drawsim::pool::Pool;
use drawsim::pool::columns::Ids;
use drawsim::random::{Purpose, stream};
use drawsim::units::Instant;
use rand::Rng;

#[global_allocator]
static ALLOCATOR: drawsim::Allocator = drawsim::Allocator;

const ROWS: usize = 10_000_000;
const LATEST: u32 = 1_681_000_000;
const INVITATIONS: u64 = 5_000;
/// Of 1,000 candidates, how many belong to each of six categories.
const SHARES: [u64; 6] = [220, 90, 40, 60, 15, 30];

/// Columns that a round looks at, with plausible scores; the rest of the pool does not matter.
fn pool(size: usize) -> Pool {
    let mut pool = Pool::zeroed(size, Ids::Numbered { first: 1 });
    let mut numbers = stream(1, Purpose::Resampling, 0, 0);
    for row in 0..size {
        let (bits, more) = (numbers.next_u64(), numbers.next_u64());
        let bell = (0..4)
            .map(|part| (bits >> (8 * part) & 0xFF) as u16)
            .sum::<u16>();
        pool.score[row] = 120 + bell / 2;
        pool.submitted[row] = LATEST - (bits >> 32) as u32 % 31_000_000;
        let mut eligibility = 1 << (bits >> 60 & 1);
        for (category, share) in SHARES.iter().enumerate() {
            let belongs = (more >> (10 * category) & 1_023) * 1_000 < share * 1_024;
            eligibility |= u32::from(belongs) << (4 + category);
        }
        // One in fifty is a nominee, with 600 points more.
        if bits >> 54 & 63 == 0 {
            eligibility |= 8;
            pool.score[row] += 600;
        }
        pool.eligibility.set(row, eligibility);
    }
    pool
}

/// Rounds in a row: who is invited leaves the pool.
struct Rounds<'p> {
    pool: &'p Pool,
    standing: Standing,
    index: Index,
    held: u64,
}

impl<'p> Rounds<'p> {
    /// Nothing is known but that the pool was made as of an instant.
    fn new(pool: &'p Pool) -> Self {
        Rounds {
            pool,
            standing: Standing::submitted_by(pool, Instant::from_seconds(LATEST)),
            index: Index::default(),
            held: 0,
        }
    }

    /// Draws a round and says how long that took.
    fn hold(&mut self, kind: RoundKind) -> Duration {
        let instruction = Instruction {
            at: Instant::from_seconds(LATEST + self.held as u32),
            kind,
            invitations: INVITATIONS,
            tie_break: TieBreak::EarliestSubmission,
        };
        let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, self.held);
        let start = Clock::now();
        let outcome = self
            .index
            .draw(self.pool, &self.standing, &instruction, &ranking);
        let took = start.elapsed();
        assert_eq!(outcome.invited.len() as u64, INVITATIONS);
        self.standing.remove(&outcome.invited);
        self.held += 1;
        took
    }
}

fn rounds(c: &mut Criterion) {
    let pool = pool(ROWS);
    for (name, kind) in [
        ("general", RoundKind::General),
        ("category", RoundKind::Category(0)),
    ] {
        c.bench_function(&format!("draw/10M/{name}/5000/first"), |b| {
            b.iter_custom(|times| (0..times).map(|_| Rounds::new(&pool).hold(kind)).sum());
        });
        c.bench_function(&format!("draw/10M/{name}/5000/further"), |b| {
            b.iter_custom(|times| {
                let mut rounds = Rounds::new(&pool);
                rounds.hold(kind);
                (0..times)
                    .map(|_| {
                        if rounds.held == 20 {
                            rounds = Rounds::new(&pool);
                            rounds.hold(kind);
                        }
                        rounds.hold(kind)
                    })
                    .sum()
            });
        });
    }
    // Every category in turn, four times over, after a first round of the first.
    let mut rounds = Rounds::new(&pool);
    let first = rounds.hold(RoundKind::Category(0));
    println!("in turn: first {first:?}");
    for turn in 0..4 {
        let took: Vec<String> = (0..SHARES.len())
            .map(|category| format!("{:?}", rounds.hold(RoundKind::Category(category))))
            .collect();
        println!("in turn: {} {}", turn + 1, took.join(" "));
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = rounds
}
criterion_main!(benches);
