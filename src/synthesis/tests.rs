//! What a made pool must satisfy: shares, bands, eligibility, threads, pinned rows.
//! Tests of single tables live beside them.

use std::collections::BTreeMap;

use rand::Rng;
use statrs::distribution::{ChiSquared, ContinuousCDF};

use crate::observe::Silent;
use crate::pool::columns::BYTES_PER_CANDIDATE;
use crate::pool::{Band, Bands};
use crate::pool::{Eligibility, Pool};
use crate::portable::squared;
use crate::random::{Purpose, Stream, stream};
use crate::rules::candidate::{Abilities, Education, Gender};
use crate::rules::patch::Counts;
use crate::rules::{CategoryKey, Factor, FactorTier, Rules, RulesPatch};
use crate::units::Instant;

use super::sampler::{BLOCK, Component, Drawn, Gathered, Places, Sampler};
use super::strata::Strata;
use super::{PoolRequest, Profile, SynthesisError, generate};

/// The published pool of 2023-07-04: low, high, candidates.
const BANDS: [(u16, u16, u64); 15] = [
    (601, 1200, 353),
    (501, 600, 726),
    (491, 500, 831),
    (481, 490, 4_719),
    (471, 480, 20_475),
    (461, 470, 16_023),
    (451, 460, 12_684),
    (441, 450, 11_740),
    (431, 440, 12_309),
    (421, 430, 10_008),
    (411, 420, 10_873),
    (401, 410, 11_743),
    (351, 400, 63_679),
    (301, 350, 33_051),
    (0, 300, 5_315),
];

fn rules() -> Rules {
    let date = jiff::civil::date(2023, 7, 4);
    Rules::on(date, &[], &RulesPatch::default()).expect("the date is covered")
}

fn bands(of: &[(u16, u16, u64)]) -> Bands {
    let band = |&(low, high, count): &(u16, u16, u64)| Band { low, high, count };
    Bands(of.iter().map(band).collect())
}

fn profile() -> Profile {
    Profile::builtin("express-entry-2023").expect("it comes with the program")
}

fn made(size: u64, bands: Option<&Bands>, profile: &Profile) -> Result<Pool, SynthesisError> {
    let request = PoolRequest {
        seed: 254,
        purpose: Purpose::Pool,
        replicate: 0,
        size,
        at: at(),
        bands,
        profile,
    };
    generate(&request, &rules(), &Silent)
}

fn at() -> Instant {
    Instant::parse("2023-07-04T12:00:00Z").unwrap()
}

#[test]
fn every_band_holds_exactly_its_count_and_everyone_is_eligible() {
    let wanted = bands(&BANDS);
    let pool = made(wanted.total(), Some(&wanted), &profile()).unwrap();
    for band in &wanted.0 {
        let held = (pool.score.iter())
            .filter(|score| (band.low..=band.high).contains(score))
            .count();
        assert_eq!(held as u64, band.count, "{}-{}", band.low, band.high);
    }
    judged_by_the_rules(&pool, &rules());
}

/// Every row has the score and the eligibility that the rules give its attributes, is eligible for
/// a program, and was submitted in the 365 days up to the pool's instant.
fn judged_by_the_rules(pool: &Pool, rules: &Rules) {
    for row in 0..pool.len() {
        let packed = pool.row(row);
        let candidate = packed.candidate();
        assert_eq!(rules.points(&candidate).total().0, packed.score);
        assert_eq!(rules.eligibility(&candidate).0, packed.eligibility);
        assert_ne!(packed.eligibility & Eligibility::ANY_PROGRAM, 0);
        let age = at().seconds() - packed.submitted;
        assert!(age < 365 * Instant::DAY, "submitted {age} s before");
    }
}

#[test]
fn a_pool_without_bands_is_judged_by_the_rules_with_categories_and_factors() {
    let date = jiff::civil::date(2023, 7, 4);
    let rules = Rules::on(date, &categories(), &harsh()).expect("the date is covered");
    let request = PoolRequest {
        seed: 3,
        purpose: Purpose::Pool,
        replicate: 1,
        size: 100_000,
        at: at(),
        bands: None,
        profile: &profile(),
    };
    let pool = generate(&request, &rules, &Silent).unwrap();
    judged_by_the_rules(&pool, &rules);
    let stem = Eligibility::category_bit(0);
    assert!(pool.eligibility.iter().any(|bits| bits & stem != 0));
}

fn categories() -> Vec<CategoryKey> {
    ["stem", "healthcare", "french", "trade"]
        .map(|name| CategoryKey {
            name: name.to_owned(),
            version: "2023-V1".to_owned(),
        })
        .to_vec()
}

/// A patch under which every maximum takes points away, and a factor adds some.
fn harsh() -> RulesPatch {
    let points = [
        ("core_max", 300),
        ("spouse_max", 12),
        ("transferability_max", 60),
        ("additional_max", 90),
        ("french_bonus", 70),
    ];
    RulesPatch {
        points: points.map(|(name, value)| (name.to_owned(), value)).into(),
        factors: vec![Factor {
            name: "wage".to_owned(),
            counts: Counts::Either,
            tiers: vec![FactorTier {
                points: 25,
                codes: vec!["21231".to_owned(), "21232".to_owned()],
            }],
            min_canadian_work_years: 1,
        }],
        categories: Vec::new(),
    }
}

/// Counts of what a draw is like, feature by feature, to compare two samples by.
type Features = BTreeMap<(&'static str, u32), [f64; 2]>;

fn note(features: &mut Features, sample: usize, component: usize, drawn: &Drawn) {
    let english = Abilities::unpack(drawn.english);
    let french = Abilities::unpack(drawn.french);
    let spouse = Abilities::unpack(drawn.spouse_language);
    for (name, value) in [
        ("component", component as u32),
        ("score", u32::from(drawn.score)),
        ("age", u32::from(drawn.age)),
        ("traits", drawn.traits & 0xFFFF),
        (
            "english",
            u32::from(english.lowest()) << 4 | u32::from(english.reading),
        ),
        (
            "french",
            u32::from(french.lowest()) << 4 | u32::from(french.writing),
        ),
        (
            "both",
            u32::from(english.lowest()) << 4 | u32::from(french.lowest()),
        ),
        (
            "spouse",
            u32::from(spouse.lowest()) << 4 | u32::from(spouse.reading),
        ),
        ("occupation", u32::from(drawn.noc)),
        ("eligibility", drawn.eligibility),
    ] {
        features.entry((name, value)).or_default()[sample] += 1.0;
    }
}

/// Two samples of the same size agree: chi-square by feature below its 1 - 1e-7 point, cells
/// with fewer than 20 of both put together. Some 100 comparisons make a false alarm once in 1e5.
fn assert_alike(band: &Band, features: &Features) {
    let mut by_name: BTreeMap<&str, Vec<[f64; 2]>> = BTreeMap::new();
    for ((name, _), counts) in features {
        by_name.entry(name).or_default().push(*counts);
    }
    for (name, cells) in by_name {
        let (mut chi, mut rest, mut freedom) = (0.0, [0.0, 0.0], -1.0);
        let mut add = |[a, b]: [f64; 2]| {
            if a + b > 0.0 {
                chi += squared(a - b) / (a + b);
                freedom += 1.0;
            }
        };
        for cell in cells {
            if cell[0] + cell[1] < 20.0 {
                rest = [rest[0] + cell[0], rest[1] + cell[1]];
            } else {
                add(cell);
            }
        }
        add(rest);
        if freedom < 1.0 {
            continue;
        }
        let most = ChiSquared::new(freedom).unwrap().inverse_cdf(1.0 - 1e-7);
        assert!(
            chi < most,
            "{}-{} {name}: {chi} of {freedom} cells",
            band.low,
            band.high
        );
    }
}

/// Draws from the strata of a band against draws of the whole mixture that happen to lie in it,
/// also where maxima cut points off and a factor depends on the occupation.
#[test]
fn the_strata_of_a_band_give_the_mixture_within_it() {
    let date = jiff::civil::date(2023, 7, 4);
    for (patch, bands) in [
        (RulesPatch::default(), bands(&BANDS)),
        (
            harsh(),
            bands(&[(401, 1200, 1), (381, 400, 1), (331, 340, 1), (0, 330, 1)]),
        ),
    ] {
        let rules = Rules::on(date, &categories(), &patch).expect("the date is covered");
        let mut profile = profile();
        profile.nominated = 0.1;
        let sampler = Sampler::new(&profile, &rules).unwrap();
        let weights: Vec<f64> = (sampler.components().iter())
            .map(|part| part.weight)
            .collect();
        let strata = Strata::of_bands(&sampler, &weights, &bands.0);
        let mut numbers = stream(9, Purpose::Resampling, 0, 0);
        let mut features = vec![Features::new(); bands.0.len()];
        let mut found = vec![0; bands.0.len()];
        for _ in 0..400_000 {
            let place = sampler.pick(numbers.next_u32());
            let drawn = sampler.judge(&sampler.draw(place, &mut numbers));
            let within = |band: &Band| (band.low..=band.high).contains(&drawn.score);
            if let Some(at) = bands
                .0
                .iter()
                .position(within)
                .filter(|_| drawn.eligibility != 0)
            {
                found[at] += 1;
                note(&mut features[at], 0, component(&sampler, &drawn), &drawn);
            }
        }
        for (at, band) in bands.0.iter().enumerate() {
            assert!(found[at] > 200, "{}-{}: {}", band.low, band.high, found[at]);
            let of_band = strata.of(at).unwrap();
            let (mut left, mut draws) = (found[at], 50 * found[at]);
            let mut picked = [Places::default(); BLOCK];
            let mut gathered = [Gathered::default(); BLOCK];
            while left > 0 && draws > 0 {
                draws -= 1;
                of_band.gather(&sampler, 1, (&mut picked, &mut gathered), &mut numbers);
                let drawn = sampler.judge(&gathered[0]);
                let within = (band.low..=band.high).contains(&drawn.score);
                if within && drawn.eligibility != 0 {
                    left -= 1;
                    note(&mut features[at], 1, component(&sampler, &drawn), &drawn);
                }
            }
            assert_eq!(left, 0, "{}-{} in 50 draws for each", band.low, band.high);
            assert_alike(band, &features[at]);
        }
    }
}

/// Draws from the strata of the mixture against a component by its share and draws of it until a
/// program takes one; and by component those of `of_components`.
#[test]
fn the_strata_of_the_mixture_give_each_component_its_share_of_the_eligible() {
    let date = jiff::civil::date(2023, 7, 4);
    let rules = Rules::on(date, &categories(), &RulesPatch::default()).expect("covered");
    let mut profile = profile();
    profile.nominated = 0.1;
    let sampler = Sampler::new(&profile, &rules).unwrap();
    let of_mixture = Strata::of_mixture(&sampler);
    let of_components = Strata::of_components(&sampler);
    let mut numbers = stream(10, Purpose::Resampling, 0, 0);
    let mut picked = [Places::default(); BLOCK];
    let mut gathered = [Gathered::default(); BLOCK];
    let mut draw = |strata: &Strata, group: usize, numbers: &mut Stream| {
        let strata = strata.of(group).unwrap();
        loop {
            strata.gather(&sampler, 1, (&mut picked, &mut gathered), numbers);
            let drawn = sampler.judge(&gathered[0]);
            if drawn.eligibility != 0 {
                return drawn;
            }
        }
    };
    let mut features = [Features::new(), Features::new()];
    for _ in 0..200_000 {
        let place = sampler.pick(numbers.next_u32());
        let plain = sampler.draw_eligible(place, &mut numbers).unwrap();
        let whole = draw(&of_mixture, 0, &mut numbers);
        let part = draw(&of_components, usize::from(place), &mut numbers);
        for (features, other) in features.iter_mut().zip([whole, part]) {
            note(features, 0, component(&sampler, &plain), &plain);
            note(features, 1, component(&sampler, &other), &other);
        }
    }
    let everyone = Band {
        low: 0,
        high: 1_200,
        count: 1,
    };
    for features in &features {
        assert_alike(&everyone, features);
    }
}

/// 20,000 draws of each component: the share of the eligible within 5 standard errors of what the
/// tables say.
#[test]
fn the_share_of_the_eligible_is_that_of_the_draws() {
    let sampler = Sampler::new(&profile(), &rules()).unwrap();
    let mut numbers = stream(11, Purpose::Resampling, 0, 0);
    for (component, place) in sampler.components().iter().zip(0..) {
        let expected = sampler.tables(component).eligible;
        let drawn = |_| sampler.judge(&sampler.draw(place, &mut numbers));
        let draws = (0..20_000).map(drawn);
        let found = draws.filter(|drawn| drawn.eligibility != 0).count() as f64 / 20_000.0;
        let error = 5.0 * (expected * (1.0 - expected) / 20_000.0).sqrt();
        assert!((found - expected).abs() <= error, "{found}, not {expected}");
    }
}

/// Place of the component that a draw came from.
fn component(sampler: &Sampler, drawn: &Drawn) -> usize {
    let nominated = drawn.eligibility & Eligibility::PNP != 0;
    let of = |part: &Component| part.segment == drawn.segment && part.nominated == nominated;
    sampler.components().iter().position(of).unwrap()
}

/// Within each chunk the first half of the rows has the same mean score as the second: their
/// difference stays within 5 standard errors of a random order's.
#[test]
fn the_place_of_a_row_says_nothing_of_its_score() {
    let wanted = bands(&BANDS);
    let pool = made(wanted.total(), Some(&wanted), &profile()).unwrap();
    for chunk in pool.score.chunks_exact(super::rows::CHUNK) {
        let mean = |scores: &[u16]| {
            scores.iter().map(|&score| f64::from(score)).sum::<f64>() / scores.len() as f64
        };
        let (first, second) = chunk.split_at(chunk.len() / 2);
        let centre = mean(chunk);
        let squares = chunk
            .iter()
            .map(|&score| squared(f64::from(score) - centre));
        let deviation = (squares.sum::<f64>() / chunk.len() as f64).sqrt();
        let error = deviation * (4.0 / chunk.len() as f64).sqrt();
        let difference = mean(first) - mean(second);
        assert!(difference.abs() < 5.0 * error, "{difference} with {error}");
    }
}

#[test]
fn one_two_and_seven_threads_make_the_same_pool() {
    let wanted = bands(&BANDS);
    let with = |threads: usize| {
        let threads = rayon::ThreadPoolBuilder::new().num_threads(threads);
        threads.build().unwrap().install(|| {
            [
                made(wanted.total(), Some(&wanted), &profile()).unwrap(),
                made(200_000, None, &profile()).unwrap(),
            ]
        })
    };
    let one = with(1);
    assert!(one == with(2) && one == with(7));
}

#[test]
fn pinned_candidates_do_not_change() {
    let pool = made(4, None, &profile()).unwrap();
    let rows: Vec<_> = (0..pool.len()).map(|row| pool.row(row)).collect();
    insta::assert_debug_snapshot!(rows);
}

/// One segment in which everyone is eligible, 300,000 candidates: shares within 5 standard errors
/// (alpha below 1e-6 each) of the profile's, plus the half part in 4,096 that decks are exact to.
#[test]
fn the_shares_of_a_profile_appear_in_the_pool() {
    let mut profile = profile();
    profile.segments.truncate(1);
    let segment = &mut profile.segments[0];
    segment.english.low = 9;
    segment.foreign_work = [0.0; 11];
    segment.foreign_work[6] = 1.0;
    (segment.age.low, segment.age.high) = (29, 34);
    segment.education = [0.0, 0.0, 0.0, 0.0, 10.0, 30.0, 60.0, 0.0];
    profile.nominated = 0.02;
    let size = 300_000;
    let pool = made(size, None, &profile).unwrap();
    let share = |holds: &dyn Fn(usize) -> bool| {
        (0..pool.len()).filter(|&row| holds(row)).count() as f64 / size as f64
    };
    let near = |what: &str, found: f64, wanted: f64| {
        let error = 5.0 * (wanted * (1.0 - wanted) / size as f64).sqrt() + 0.5 / 4_096.0;
        assert!(
            (found - wanted).abs() < error,
            "{what}: {found}, not {wanted}"
        );
    };
    let person = |row: usize| pool.row(row).candidate();
    let women = share(&|row| person(row).gender == Gender::Woman);
    near("women", women, profile.segments[0].women);
    near("sibling", share(&|row| person(row).sibling_in_canada), 0.06);
    near(
        "nominated",
        share(&|row| person(row).provincial_nomination),
        0.02,
    );
    for (level, wanted) in [
        (Education::Bachelors, 0.1),
        (Education::TwoOrMore, 0.3),
        (Education::Masters, 0.6),
    ] {
        near(
            level.name(),
            share(&|row| person(row).education == level),
            wanted,
        );
    }
    let occupations = &profile.segments[0].occupations;
    let total: f64 = occupations.iter().map(|entry| entry.1).sum();
    for (noc, weight) in occupations {
        near(
            "occupation",
            share(&|row| pool.noc[row] == noc.0),
            weight / total,
        );
    }
    let citizenship = &profile.segments[0].citizenship;
    let total: f64 = citizenship.iter().map(|entry| entry.1).sum();
    for (country, weight) in citizenship {
        let found = share(&|row| pool.citizenship[row] == country.0);
        near("citizenship", found, weight / total);
    }
}

/// The error of a request that must fail, without the pool in the message when it does not.
fn refused(size: u64, bands: Option<&Bands>, profile: &Profile) -> SynthesisError {
    made(size, bands, profile).map(|_| ()).unwrap_err()
}

#[test]
fn a_band_that_the_profile_cannot_reach_is_refused() {
    let mut without_nominees = profile();
    without_nominees.nominated = 0.0;
    let wanted = bands(&[(801, 1200, 5_000), (0, 800, 5_000)]);
    let error = refused(10_000, Some(&wanted), &without_nominees);
    let message = error.to_string();
    for part in [
        "801-1200",
        "5000 of 10000",
        "express-entry-2023",
        "nominee_share",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let nobody = bands(&[(1_150, 1_200, 10)]);
    refused(10, Some(&nobody), &profile());
}

#[test]
fn bands_of_another_size_and_an_empty_pool_are_refused() {
    let wanted = bands(&BANDS);
    let other = refused(7, Some(&wanted), &profile());
    assert!(matches!(other, SynthesisError::Total { size: 7, .. }));
    assert_eq!(refused(0, None, &profile()), SynthesisError::Empty);
    let large = refused(1 << 33, None, &profile());
    assert!(matches!(large, SynthesisError::TooLarge { .. }));
}

#[test]
fn a_segment_that_no_program_takes_is_refused_by_name() {
    let mut hopeless = profile();
    hopeless.segments[0].english.high = 4;
    hopeless.segments[0].english.low = 0;
    hopeless.segments[0].french.tested = 0.0;
    let message = refused(10, None, &hopeless).to_string();
    assert!(message.contains("overseas-professional"), "{message}");
}

#[test]
fn a_hundred_million_candidates_fit_in_eight_gibibytes() {
    const { assert!(BYTES_PER_CANDIDATE * 100_000_000 < 8 << 30) };
    let pool = made(70_000, None, &profile()).unwrap();
    let held = 4 * pool.submitted.capacity()
        + pool.age.capacity()
        + 2 * pool.noc.capacity()
        + 2 * (pool.english.capacity() + pool.french.capacity() + pool.spouse_language.capacity())
        + 4 * pool.traits.capacity()
        + 2 * (pool.eligibility.low().len() + pool.eligibility.high().len())
        + pool.noc_months.capacity()
        + pool.citizenship.capacity()
        + 2 * pool.score.capacity();
    assert_eq!(held, (BYTES_PER_CANDIDATE - 2) * 70_000);
}
