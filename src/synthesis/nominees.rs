//! Arrivals with more points than hardly anybody has without a nomination, as many as rounds of nominees
//! invite. How many there are is all that is told here; who they are is the profile's.
//!
//! Published rounds of nominees are as large as the stock of nominees of the day (since May 2024 within a few
//! percent of those above 600 points in the pool of the day before). Where they came at a rate instead, whoever
//! is left over from round to round would pile up, and cut-off scores with them.

use std::ops::Range;

use crate::pool::{Band, Bands};
use crate::units::{Date, Instant};

use super::calibrate::sampled;
use crate::random::Stream;

/// From this score on candidates count as nominees: a nomination brings 600 points, and others have no more
/// but for a few with a job offer before 2025-03-25.
pub const LEAST: u16 = 601;

/// How many nominees arrive on each day up to that of the last round of nominees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nominees {
    /// The rounds, by day.
    invited: Vec<(Date, u64)>,
    first: u32,
    /// From the first day on, one a day.
    of_day: Vec<u64>,
}

impl Nominees {
    /// As many as it takes for each round to find as many nominees as it invites, of whom so many are there
    /// at the start. They arrive on the days after the round before, or from the start on, to the day before the
    /// round; where rounds follow each other by a day, on that of the round before. `rounds` are days and
    /// invitations in order of time. `weight` says how many come on a day beside others.
    pub fn before(
        rounds: Vec<(Date, u64)>,
        start: Instant,
        there: u64,
        weight: impl Fn(u32) -> f64,
    ) -> Self {
        let first = start.seconds() / Instant::DAY;
        let (mut there, mut of_day) = (there, Vec::new());
        // A day that begins before the start is dealt whole, and its first people come too early.
        let (mut begun, mut free) = (first, start.seconds().div_ceil(Instant::DAY));
        let day = |date| Instant::start_of(date).map_or(0, |at| at.seconds() / Instant::DAY);
        for (day, invited) in rounds.iter().map(|&(date, invited)| (day(date), invited)) {
            let missing = invited.saturating_sub(there);
            there = there.saturating_sub(invited);
            let from = if free < day { free } else { begun };
            of_day.resize((from - first) as usize, 0);
            // Whom another round of the same day would need cannot come any more.
            spread(missing, from..day.max(from), &weight, &mut of_day);
            (begun, free) = (day.max(from), day.max(from) + 1);
        }
        if !rounds.is_empty() {
            of_day.resize((free - first) as usize, 0);
        }
        Nominees {
            invited: rounds,
            first,
            of_day,
        }
    }

    /// The rounds that they arrive for: days and invitations.
    pub fn invited(&self) -> &[(Date, u64)] {
        &self.invited
    }

    /// How many arrive on a day; nothing is known of days after the last round.
    pub(super) fn on(&self, day: u32) -> Option<u64> {
        let place = day.checked_sub(self.first)?;
        self.of_day.get(place as usize).copied()
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.of_day
            .iter()
            .fold(0, |all, &of_day| all.saturating_add(of_day))
    }
}

/// So many on some days, by their weights: as whole numbers that add up. Where no day has a weight all
/// have the same.
fn spread(number: u64, days: Range<u32>, weight: &impl Fn(u32) -> f64, into: &mut Vec<u64>) {
    let mut weights: Vec<f64> = days.map(weight).collect();
    if weights.iter().all(|&weight| weight <= 0.0) {
        weights.fill(1.0);
    }
    let total: f64 = weights.iter().sum();
    let (mut passed, mut came) = (0.0, 0);
    let last = weights.len().saturating_sub(1);
    into.extend(weights.iter().enumerate().map(|(place, weight)| {
        passed += weight;
        let by_now = match place == last {
            true => number,
            false => (number as f64 * passed / total).round() as u64,
        };
        by_now.min(number) - std::mem::replace(&mut came, by_now.min(number))
    }));
}

/// The part of some bands' candidates who are nominees.
pub(super) fn share(bands: &Bands) -> f64 {
    let nominees = bands.0.iter().filter(|band| band.low >= LEAST);
    let nominees: u64 = nominees.map(|band| band.count).sum();
    nominees as f64 / bands.total().max(1) as f64
}

/// How many of some rows are of each band, where so many are nominees.
pub(super) fn divided(
    bands: &[Band],
    rows: usize,
    nominees: usize,
    numbers: &mut Stream,
) -> Vec<u32> {
    let only = |wanted: bool| -> Vec<Band> {
        let of_band = |band: &Band| Band {
            count: if (band.low >= LEAST) == wanted {
                band.count
            } else {
                0
            },
            ..*band
        };
        bands.iter().map(of_band).collect()
    };
    let above = sampled(&only(true), nominees, numbers);
    let below = sampled(&only(false), rows - nominees, numbers);
    above
        .iter()
        .zip(below)
        .map(|(above, below)| above + below)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, stream};

    fn days(rounds: &[(u32, u64)]) -> Vec<(Date, u64)> {
        let date = |day: u32| Instant::from_seconds(day * Instant::DAY).date();
        rounds
            .iter()
            .map(|&(day, invited)| (date(day), invited))
            .collect()
    }

    #[test]
    fn each_round_finds_as_many_as_it_invites() {
        let start = Instant::from_seconds(100 * Instant::DAY);
        let weight = |day: u32| if day % 7 < 2 { 0.0 } else { 1.0 };
        // 30 are there; two rounds on one day, one the day after it, two on one again.
        let rounds = [
            (110, 50),
            (110, 40),
            (111, 25),
            (120, 1_000),
            (120, 1),
            (121, 0),
        ];
        let nominees = Nominees::before(days(&rounds), start, 30, weight);
        let came = |days: Range<u32>| days.filter_map(|day| nominees.on(day)).sum::<u64>();
        assert_eq!(came(0..110), 20);
        assert_eq!(came(110..111), 25);
        assert_eq!((came(111..112), came(112..120)), (0, 1_000));
        assert_eq!(
            (nominees.on(99), nominees.on(121), nominees.on(122)),
            (None, Some(0), None)
        );
        assert_eq!(nominees.total(), 20 + 25 + 1_000);
        // Weekends have none, and the other days as many each, but for one.
        let of_days: Vec<u64> = (112..120).filter_map(|day| nominees.on(day)).collect();
        let working = (112..120u32).filter(|day| day % 7 >= 2).count() as u64;
        for (day, &came) in (112..).zip(&of_days) {
            let expected = if day % 7 < 2 { 0 } else { 1_000 / working };
            assert!(came.abs_diff(expected) <= 1, "{day}: {of_days:?}");
        }
    }

    #[test]
    fn who_is_left_over_is_there_for_the_rounds_to_come() {
        let start = Instant::from_seconds(10 * Instant::DAY);
        let rounds = [(12, 100), (14, 100), (16, 100)];
        let nominees = Nominees::before(days(&rounds), start, 250, |_| 1.0);
        let of_days: Vec<u64> = (10..16).filter_map(|day| nominees.on(day)).collect();
        assert_eq!(of_days, [0, 0, 0, 0, 0, 50]);
    }

    #[test]
    fn a_day_that_begins_before_the_start_has_none_but_where_there_is_no_other() {
        let noon = Instant::from_seconds(10 * Instant::DAY + Instant::DAY / 2);
        let of_days = |first_round| {
            let nominees = Nominees::before(days(&[(first_round, 30)]), noon, 0, |_| 1.0);
            (10..14).map(|day| nominees.on(day)).collect::<Vec<_>>()
        };
        assert_eq!(of_days(13), [Some(0), Some(15), Some(15), Some(0)]);
        assert_eq!(of_days(11), [Some(30), Some(0), None, None]);
        assert_eq!(of_days(10), [Some(0), None, None, None]);
    }

    #[test]
    fn the_nominees_of_some_rows_are_of_the_bands_above_and_the_rest_of_the_others() {
        let band = |low, high, count| Band { low, high, count };
        let bands = [
            band(701, 1200, 1),
            band(601, 700, 3),
            band(301, 600, 2),
            band(0, 300, 8),
        ];
        let mut numbers = stream(1, Purpose::Resampling, 0, 0);
        for (rows, nominees) in [(100, 0), (100, 40), (40, 40), (1, 1), (0, 0)] {
            let quota = divided(&bands, rows, nominees, &mut numbers);
            assert_eq!(quota[..2].iter().sum::<u32>() as usize, nominees);
            assert_eq!(quota.iter().sum::<u32>() as usize, rows);
        }
        let quota = divided(&bands, 100, 40, &mut numbers);
        assert!(
            (9..=11).contains(&quota[0]) && (11..=13).contains(&quota[2]),
            "{quota:?}"
        );
        assert!((share(&Bands(bands.to_vec())) - 4.0 / 14.0).abs() < 1e-12);
    }
}
