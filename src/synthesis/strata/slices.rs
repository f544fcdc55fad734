//! Slices of the results of a language test: those that earn about the same, side by side.
//! Which strata are made of them is `finder`'s.

use std::ops::RangeInclusive;

use crate::rules::parts::{Asks, Parts};

use super::Run;

/// How far the results of a slice may be apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Width {
    /// By some points.
    Points,
    /// By no points that programs ask for.
    Asks,
}

/// Results of a test that earn about the same.
#[derive(Debug, Clone)]
pub(super) struct Slice {
    pub run: Run,
    pub tested: bool,
    pub lowest: RangeInclusive<u8>,
    pub asks: Asks,
    /// Least and most points as first and as second language.
    pub first: [u32; 2],
    pub second: [u32; 2],
}

/// Cuts results in rising order of lowest level and points into slices; a slice has one lowest
/// level, or several that no person earns other points with in section C. Of each result are given
/// the packed levels and what it asks for alone.
pub(super) fn slices(
    parts: &Parts,
    spouse: bool,
    results: impl Iterator<Item = (u16, Asks)>,
    most: u32,
    alike: &[u8; 16],
) -> Vec<Slice> {
    let mut slices: Vec<Slice> = Vec::new();
    for (place, (results, asks)) in (0..).zip(results) {
        let earned = parts.earned(spouse, results);
        let lowest = earned.lowest;
        let tested = results != 0;
        let fits = |slice: &Slice| {
            let first = *slice.lowest.start();
            slice.tested == tested
                && slice.asks == asks
                && alike[usize::from(lowest)] == alike[usize::from(first)]
                && parts.bonus(lowest, 7) == parts.bonus(first, 7)
                && parts.bonus(5, lowest) == parts.bonus(5, first)
                && earned.first.max(slice.first[1]) - earned.first.min(slice.first[0]) <= most
        };
        match slices.last_mut() {
            Some(slice) if fits(slice) => {
                slice.run.count += 1;
                slice.lowest = *slice.lowest.start()..=lowest;
                widen(&mut slice.first, earned.first);
                widen(&mut slice.second, earned.second);
            }
            _ => slices.push(Slice {
                run: Run {
                    first: place,
                    count: 1,
                },
                tested,
                lowest: lowest..=lowest,
                asks,
                first: [earned.first; 2],
                second: [earned.second; 2],
            }),
        }
    }
    slices
}

/// By level: the lowest at which section C pays everyone the same.
pub(super) fn alike(transfers: &[&[u16; 16]]) -> [u8; 16] {
    std::array::from_fn(|level| {
        let same = |other: &u8| {
            let same = |row: &&[u16; 16]| row[usize::from(*other)] == row[level];
            transfers.iter().all(same)
        };
        (0..16).find(same).unwrap_or(level as u8)
    })
}

fn widen(range: &mut [u32; 2], points: u32) {
    *range = [range[0].min(points), range[1].max(points)];
}
