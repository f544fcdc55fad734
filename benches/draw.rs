//! One round on a large pool in memory.

use criterion::{Criterion, criterion_group, criterion_main};
use drawsim::draw::{Instruction, Ranking, RoundKind, Standing, TieBreak, draw};
use drawsim::pool::Pool;
use drawsim::pool::columns::Ids;
use drawsim::random::{Purpose, stream};
use drawsim::units::Instant;
use rand::Rng;

/// Columns that a round looks at, with plausible scores; the rest of the pool does not matter.
fn pool(size: usize) -> Pool {
    let mut pool = Pool::zeroed(size, Ids::Numbered { first: 1 });
    let mut numbers = stream(1, Purpose::Resampling, 0, 0);
    for row in 0..size {
        let bits = numbers.next_u64();
        let bell = (0..4)
            .map(|part| (bits >> (8 * part) & 0xFF) as u16)
            .sum::<u16>();
        pool.score[row] = 120 + bell / 2;
        pool.submitted[row] = 1_650_000_000 + (bits >> 32) as u32 % 31_000_000;
        pool.eligibility[row] = 1 << (bits >> 60 & 1) | u32::from(bits >> 40 & 0x1F == 0) << 5;
    }
    pool
}

fn rounds(c: &mut Criterion) {
    let pool = pool(10_000_000);
    let standing = Standing::everyone(&pool);
    for (name, kind) in [
        ("general", RoundKind::General),
        ("category", RoundKind::Category(1)),
    ] {
        let instruction = Instruction {
            at: Instant::from_seconds(1_700_000_000),
            kind,
            invitations: 5_000,
            tie_break: TieBreak::EarliestSubmission,
        };
        let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, 0);
        c.bench_function(&format!("draw/10M/{name}/5000"), |b| {
            b.iter(|| draw(&pool, &standing, &instruction, &ranking));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20);
    targets = rounds
}
criterion_main!(benches);
