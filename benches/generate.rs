//! Candidates with every attribute, points and eligibility, with bands and without: a million to a
//! hundred million, the published pool, and the tables that pools are made from.
//! Fails where a candidate takes longer in a hundred million than in a million.

use std::collections::BTreeMap;
use std::time::{Duration, Instant as Clock};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use drawsim::history;
use drawsim::observe::Silent;
use drawsim::pool::{Band, Bands};
use drawsim::random::Purpose;
use drawsim::rules::{CategoryKey, Rules, RulesPatch};
use drawsim::synthesis::{PoolRequest, Profile, Source, generate};
use drawsim::units::{Date, Instant};

#[global_allocator]
static ALLOCATOR: drawsim::Allocator = drawsim::Allocator;

/// Time for a candidate of a hundred million may be so many times that of a million.
const GROWTH: f64 = 1.3;

/// The published bands of a date, scaled to another total; the widest band takes the rest.
fn scaled(date: Date, size: u64) -> Bands {
    let published = history::snapshot_at(date)
        .expect("a published pool")
        .bands();
    let total = published.total();
    let mut bands: Vec<Band> = published.0;
    for band in &mut bands {
        band.count = band.count * size / total;
    }
    let rest = size - bands.iter().map(|band| band.count).sum::<u64>();
    if let Some(widest) = bands.iter_mut().max_by_key(|band| band.count) {
        widest.count += rest;
    }
    Bands(bands)
}

fn pools(c: &mut Criterion) {
    let date = jiff::civil::date(2023, 7, 4);
    let wanted: Vec<CategoryKey> = [
        "stem",
        "healthcare",
        "french",
        "trade",
        "transport",
        "agriculture",
    ]
    .map(|name| CategoryKey {
        name: name.to_owned(),
        version: "2023-V1".to_owned(),
    })
    .to_vec();
    let rules = Rules::on(date, &wanted, &RulesPatch::default()).expect("the date is covered");
    let profile = Profile::builtin("express-entry-2023").expect("it comes with the program");
    let at = Instant::start_of(date).expect("a date of this century");
    let mut least: BTreeMap<&str, f64> = BTreeMap::new();
    for (name, size, calibrated) in [
        ("1M", 1_000_000, false),
        ("10M", 10_000_000, false),
        ("100M", 100_000_000, false),
        ("1M/bands", 1_000_000, true),
        ("10M/bands", 10_000_000, true),
        ("100M/bands", 100_000_000, true),
        ("214529/bands", 214_529, true),
    ] {
        let bands = calibrated.then(|| scaled(date, size));
        let request = PoolRequest {
            seed: 1,
            purpose: Purpose::Pool,
            replicate: 0,
            size,
            at,
            bands: bands.as_ref(),
            profile: &profile,
        };
        let mut group = c.benchmark_group("generate");
        group.sample_size(10).throughput(Throughput::Elements(size));
        group.bench_function(name, |b| {
            b.iter_custom(|times| {
                let mut whole = Duration::ZERO;
                for _ in 0..times {
                    let begun = Clock::now();
                    let pool = generate(&request, &rules, &Silent);
                    drop(pool.expect("the profile reaches the bands"));
                    let took = begun.elapsed();
                    whole += took;
                    let each = took.as_secs_f64() / size as f64;
                    let least = least.entry(name).or_insert(each);
                    *least = least.min(each);
                }
                whole
            });
        });
        group.finish();
    }
    for (small, large) in [("1M", "100M"), ("1M/bands", "100M/bands")] {
        if let (Some(small), Some(large)) = (least.get(small), least.get(large)) {
            let growth = large / small;
            println!("a candidate of a hundred million takes {growth:.2} times one of a million");
            assert!(growth <= GROWTH, "{growth} times, {GROWTH} at most");
        }
    }
    let bands = scaled(date, 214_529);
    c.bench_function("source", |b| b.iter(|| Source::new(&profile, &rules, None)));
    c.bench_function("source/bands", |b| {
        b.iter(|| Source::new(&profile, &rules, Some(&bands)));
    });
}

criterion_group!(benches, pools);
criterion_main!(benches);
