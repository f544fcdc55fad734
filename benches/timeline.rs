//! A year like 2024: its 52 rounds on a pool of 213,000, with some 930 arrivals a day, expiry,
//! withdrawals, changes and answers. The people are made beforehand; everything that happens to
//! them is measured, on one thread, and the course on all threads besides.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use drawsim::observe::Silent;
use drawsim::scenario::{Plan, Scenario};
use drawsim::study::population::population;
use drawsim::study::replicate::{Detail, replicate};
use drawsim::timeline::{People, run};
use rayon::ThreadPoolBuilder;

#[global_allocator]
static ALLOCATOR: drawsim::Allocator = drawsim::Allocator;

fn plan(name: &str) -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("scenarios")
        .join(name);
    Scenario::from_path(&path)
        .and_then(|scenario| scenario.resolve())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn years(c: &mut Criterion) {
    let plan = plan("year-2024.toml");
    let timeline = plan.timeline.as_ref().expect("a year has a timeline");
    let population = population(&plan, None, 0, &Silent).expect("the pool can be made");
    let course = || {
        let people = People::new(
            &population.pool,
            population.started,
            &timeline.course,
            plan.seed,
            0,
        );
        run(
            &people,
            &timeline.course,
            &plan.rules,
            &plan.rounds,
            plan.seed,
            0,
            false,
        )
    };
    // A course has work for two threads: here it has one.
    let one = ThreadPoolBuilder::new().num_threads(1).build();
    let one = one.expect("a thread can be started");
    let totals = course().totals;
    println!(
        "{} people, {} of them there at the start; {totals:?}",
        population.pool.len(),
        population.started
    );
    let replicate = || replicate(&plan, &population, 0, Detail::Rounds).expect("it runs");
    c.bench_function("timeline/2024/course", |b| b.iter(|| one.install(course)));
    c.bench_function("timeline/2024/replicate", |b| {
        b.iter(|| one.install(replicate));
    });
    c.bench_function("timeline/2024/course on all threads", |b| b.iter(course));
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(std::time::Duration::from_secs(1))
        .measurement_time(std::time::Duration::from_secs(3));
    targets = years
}
criterion_main!(benches);
