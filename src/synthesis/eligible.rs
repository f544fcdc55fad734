//! The share of a segment's draws whom some program takes, worked out from the tables: every kind of
//! person with every kind of language results and occupation.
//! Who is drawn is decided in `sampler` and `strata`.

use std::collections::BTreeMap;

use crate::rules::parts::{Able, Asks, Languages, Occupation, Parts, Person};

/// The share of eligible draws among people, English results of those without French, French results,
/// all equally likely, and occupations with their weights.
pub(super) fn share<'a>(
    parts: &Parts,
    people: impl Iterator<Item = &'a Person>,
    english: &[Languages],
    french: &[u16],
    occupations: &[(Occupation, f64)],
) -> f64 {
    let mut kinds: BTreeMap<Able, u32> = BTreeMap::new();
    for person in people {
        *kinds.entry(person.able()).or_default() += 1;
    }
    let total: u32 = kinds.values().sum();
    let mut allowed: BTreeMap<u8, f64> = BTreeMap::new();
    for (occupation, weight) in occupations {
        *allowed.entry(occupation.allows()).or_default() += weight;
    }
    let weights: f64 = allowed.values().sum();
    let mut eligible = 0.0;
    for (asks, likely) in asks(parts, english, french) {
        for (&allows, weight) in &allowed {
            let taken = kinds.iter().filter(|(able, _)| asks.take(**able, allows));
            let taken: u32 = taken.map(|(_, count)| count).sum();
            eligible += likely * weight / weights * f64::from(taken) / f64::from(total);
        }
    }
    eligible
}

/// What languages ask for, and how likely each is.
fn asks(parts: &Parts, english: &[Languages], french: &[u16]) -> BTreeMap<Asks, f64> {
    // By kind, results of it and how many there are.
    let kinds = |results: &mut dyn Iterator<Item = u16>| {
        let mut kinds = BTreeMap::new();
        for one in results {
            let earned = parts.earned(false, one);
            let kind = (one != 0, earned.lowest, earned.fsw, earned.trade);
            kinds.entry(kind).or_insert((one, 0u32)).1 += 1;
        }
        kinds
    };
    let of_english = kinds(&mut english.iter().map(|one| one.english));
    let of_french = kinds(&mut french.iter().copied());
    let whole = (english.len() * french.len()) as f64;
    let mut found: BTreeMap<Asks, f64> = BTreeMap::new();
    for &(english, count) in of_english.values() {
        for &(french, times) in of_french.values() {
            let asks = parts.languages(false, english, french).asks();
            *found.entry(asks).or_default() += f64::from(count) * f64::from(times) / whole;
        }
    }
    found
}
