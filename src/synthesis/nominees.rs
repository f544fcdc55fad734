//! Arrivals with more points than hardly anybody has without a nomination, in fixed numbers: as many as rounds
//! of nominees invite, and no more than leave room for others in general rounds. How many there are is all that
//! is told here; who they are is the profile's.
//!
//! Published rounds of nominees are as large as the stock of nominees of the day (since May 2024 within a few
//! percent of those above 600 points in the pool of the day before). Where they came at a rate instead, whoever
//! is left over from round to round would pile up, and cut-off scores with them.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pool::{Band, Bands};
use crate::random::Stream;
use crate::units::{Date, Instant};

use super::arrivals::date;
use super::calibrate::sampled;

/// From this score on candidates count as nominees: a nomination brings 600 points. Few others have as many,
/// with all points for languages and French, or with a job offer before 2025-03-25.
pub const LEAST: u16 = 601;

/// The least share of a general round that others than nominees get: of the 37 general rounds from 2022-08-03 to
/// 2024-04-23 for which a pool of the day or of the three days before was published, that of 2023-12-06 left the
/// fewest, 4.7% (4,525 candidates above 600 points the day before, 4,750 invitations).
pub const FOR_OTHERS: f64 = 0.05;

/// A round that takes nominees: its day, its invitations, and whether it invites nobody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taker {
    /// The day.
    pub on: Date,
    /// Invitations.
    pub invited: u64,
    /// Whether it is a round of nominees; a general one takes nominees before others.
    pub only_nominees: bool,
}

/// So many nominees who arrive within some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The day after the last one: none arrive on it, unless another period says so.
    pub before: Date,
    /// How many.
    pub arrive: u64,
}

/// How many nominees arrive on the days of some periods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nominees {
    periods: Vec<Period>,
    of_day: BTreeMap<u32, u64>,
}

/// The number of a day.
fn number(date: Date) -> u32 {
    Instant::start_of(date).map_or(0, |at| at.seconds() / Instant::DAY)
}

/// As many as it takes for each round of nominees to find as many as it invites, of whom so many are there at
/// the start. They arrive on the days after the last round that took nominees, or whole ones from the start on,
/// to the day before the round; where there is none in between, on that of the round before. Before a general
/// round they come as `usual` says of a day, but no more than that it takes them all and [`FOR_OTHERS`] besides.
/// Rounds are in order of time, and those of a day are one.
pub fn periods(
    takers: &[Taker],
    start: Instant,
    there: u64,
    usual: impl Fn(u32) -> f64,
) -> Vec<Period> {
    let mut periods = Vec::new();
    let mut there = there as f64;
    let first = start.seconds() / Instant::DAY;
    let of_first = 1.0 - f64::from(start.seconds() % Instant::DAY) / f64::from(Instant::DAY);
    let usual = |day| usual(day) * if day == first { of_first } else { 1.0 };
    // The day of the last round, whether nobody comes on it, and the first whole day for those of a period.
    let (mut last, mut closed) = (first, false);
    let mut free = start.seconds().div_ceil(Instant::DAY);
    for of_day in takers.chunk_by(|one, next| one.on == next.on) {
        let day = number(of_day[0].on).max(last);
        let sum = |only_nominees: bool| {
            let some = of_day
                .iter()
                .filter(|one| one.only_nominees == only_nominees);
            some.fold(0u64, |sum, one| sum.saturating_add(one.invited)) as f64
        };
        let (asked, general) = (sum(true), sum(false));
        let from = if free < day { free } else { last };
        if from > last && !closed {
            there += usual(last);
        }
        let idle = u32::from(closed && from == last);
        let come: f64 = (from + idle..day).map(&usual).sum();
        let told = if asked > 0.0 {
            Some((asked - there).max(0.0))
        } else {
            let most = (general * (1.0 - FOR_OTHERS) - there).max(0.0);
            Some(most).filter(|&most| most < come)
        };
        let told = told.filter(|_| from < day).map(f64::round);
        if let Some(arrive) = told {
            let [from, before] = [from, day].map(date);
            periods.push(Period {
                from,
                before,
                arrive: arrive as u64,
            });
        }
        there = (there + told.unwrap_or(come) - asked - general).max(0.0);
        (last, closed, free) = (day, told.is_some(), day + 1);
    }
    periods
}

impl Nominees {
    /// Those of some periods; `weight` says how many come on a day beside others.
    pub fn of(periods: Vec<Period>, weight: impl Fn(u32) -> f64) -> Self {
        let mut of_day = BTreeMap::new();
        for period in &periods {
            let days = number(period.from)..number(period.before);
            for (day, came) in days
                .clone()
                .zip(spread(period.arrive, days.clone(), &weight))
            {
                *of_day.entry(day).or_insert(0) += came;
            }
            of_day.entry(days.end).or_insert(0);
        }
        Nominees { periods, of_day }
    }

    /// The periods.
    pub fn periods(&self) -> &[Period] {
        &self.periods
    }

    /// How many arrive on a day, if a period says it.
    pub(super) fn on(&self, day: u32) -> Option<u64> {
        self.of_day.get(&day).copied()
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        let arrive = self.periods.iter().map(|period| period.arrive);
        arrive.fold(0, u64::saturating_add)
    }
}

/// So many on some days, by their weights: as whole numbers that add up. Where no day has a weight all
/// have the same.
fn spread(number: u64, days: Range<u32>, weight: &impl Fn(u32) -> f64) -> Vec<u64> {
    let mut weights: Vec<f64> = days.map(weight).collect();
    if weights.iter().all(|&weight| weight <= 0.0) {
        weights.fill(1.0);
    }
    let total: f64 = weights.iter().sum();
    let (mut passed, mut came) = (0.0, 0);
    let last = weights.len().saturating_sub(1);
    let of_days = weights.iter().enumerate().map(|(place, weight)| {
        passed += weight;
        let by_now = match place == last {
            true => number,
            false => (number as f64 * passed / total).round() as u64,
        };
        by_now.min(number) - std::mem::replace(&mut came, by_now.min(number))
    });
    of_days.collect()
}

/// How many of some bands' candidates count as nominees.
pub fn stock(bands: &Bands) -> u64 {
    let nominees = bands.0.iter().filter(|band| band.low >= LEAST);
    nominees.map(|band| band.count).sum()
}

/// The part of some bands' candidates who count as nominees.
pub(super) fn share(bands: &Bands) -> f64 {
    stock(bands) as f64 / bands.total().max(1) as f64
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

    fn taker(day: u32, invited: u64, only_nominees: bool) -> Taker {
        let on = date(day);
        Taker {
            on,
            invited,
            only_nominees,
        }
    }

    /// What rounds of nominees bring, day by day: from which day to which, and how many.
    fn brought(takers: &[Taker], start: Instant, there: u64) -> Vec<(u32, u32, u64)> {
        let periods = periods(takers, start, there, |_| 7.0);
        let told = periods.iter();
        told.map(|one| (number(one.from), number(one.before), one.arrive))
            .collect()
    }

    #[test]
    fn each_round_of_nominees_finds_as_many_as_it_invites() {
        let start = Instant::from_seconds(100 * Instant::DAY);
        // 30 are there; two rounds on one day, one the day after it, one that asks for more.
        let rounds = [(110, 50), (110, 40), (111, 25), (120, 1_000)];
        let rounds = rounds.map(|(day, invited)| taker(day, invited, true));
        let expected = [(100, 110, 60), (110, 111, 25), (112, 120, 1_000)];
        assert_eq!(brought(&rounds, start, 30), expected);
        // Who is left over is there for the rounds to come.
        let rounds = [(102, 100), (104, 100), (106, 100)];
        let rounds = rounds.map(|(day, invited)| taker(day, invited, true));
        let expected = [(100, 102, 0), (103, 104, 0), (105, 106, 50)];
        assert_eq!(brought(&rounds, start, 250), expected);
        assert_eq!(brought(&[taker(100, 5, true)], start, 0), []);
    }

    #[test]
    fn a_general_round_takes_nominees_of_whom_as_many_come_before_it_as_usual() {
        let start = Instant::from_seconds(100 * Instant::DAY);
        // 250 are there, 7 a day come in ten days and on that of the round: none but these 7 stay.
        let rounds = [taker(110, 700, false), taker(115, 500, true)];
        assert_eq!(brought(&rounds, start, 250), [(111, 115, 493)]);
        // On the day of a round of nominees it takes whom that leaves.
        let both = [
            taker(110, 700, false),
            taker(110, 90, true),
            taker(112, 40, true),
        ];
        assert_eq!(brought(&both, start, 100), [(100, 110, 0), (111, 112, 40)]);
        // The day after one: nobody came on that day.
        let next = [
            taker(110, 300, true),
            taker(111, 700, false),
            taker(113, 40, true),
        ];
        let expected = [(100, 110, 50), (112, 113, 33)];
        assert_eq!(brought(&next, start, 250), expected);
    }

    #[test]
    fn before_a_general_round_no_more_nominees_come_than_leave_room_for_others() {
        let start = Instant::from_seconds(100 * Instant::DAY);
        // 19 of 20 places: 300 would leave 15 to others, and 70 nominees who come in ten days more than that.
        let small = [taker(110, 300, false), taker(115, 500, true)];
        let expected = [(100, 110, 35), (111, 115, 500)];
        assert_eq!(brought(&small, start, 250), expected);
        // Who is there stays, whatever the round.
        let smaller = [taker(110, 200, false), taker(115, 500, true)];
        let expected = [(100, 110, 0), (111, 115, 450)];
        assert_eq!(brought(&smaller, start, 250), expected);
    }

    #[test]
    fn a_day_that_begins_before_the_start_has_none_of_a_period_but_where_there_is_no_other() {
        let noon = Instant::from_seconds(10 * Instant::DAY + Instant::DAY / 2);
        let from = |day| brought(&[taker(day, 30, true)], noon, 0);
        // Half of the first day's 7 come as usual.
        assert_eq!(from(13), [(11, 13, 27)]);
        assert_eq!(from(11), [(10, 11, 30)]);
        assert_eq!(from(10), []);
        let rounds = [taker(10, 30, true), taker(13, 30, true)];
        assert_eq!(brought(&rounds, noon, 40), [(11, 13, 17)]);
    }

    #[test]
    fn those_of_a_period_are_spread_by_weight_and_none_come_on_the_day_after_it() {
        let weight = |day: u32| if day % 7 < 2 { 0.0 } else { 1.0 };
        let period = |from, before, arrive| Period {
            from: date(from),
            before: date(before),
            arrive,
        };
        let nominees = Nominees::of(vec![period(112, 120, 1_000), period(120, 121, 9)], weight);
        assert_eq!(
            (nominees.on(111), nominees.on(120), nominees.on(121)),
            (None, Some(9), Some(0))
        );
        assert_eq!((nominees.on(122), nominees.total()), (None, 1_009));
        let of_days: Vec<u64> = (112..120).filter_map(|day| nominees.on(day)).collect();
        assert_eq!(of_days.iter().sum::<u64>(), 1_000);
        let working = (112..120u32).filter(|day| day % 7 >= 2).count() as u64;
        for (day, &came) in (112..).zip(&of_days) {
            let expected = if day % 7 < 2 { 0 } else { 1_000 / working };
            assert!(came.abs_diff(expected) <= 1, "{day}: {of_days:?}");
        }
        // Where no day has a weight all have the same.
        let idle = Nominees::of(vec![period(112, 114, 10)], |_| 0.0);
        assert_eq!(
            (idle.on(112), idle.on(113), idle.on(114)),
            (Some(5), Some(5), Some(0))
        );
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
