//! Submission times as a table of quantiles: random bits to whole seconds before the pool's date.
//! The parameters live in the profile.

use jiff::civil::Weekday;

use crate::portable::exp;
use crate::rules::validity::PROFILE_DAYS;
use crate::units::Instant;

use super::profile::Submission;
use super::tables::boxed;

/// Quantiles in the table; between two of them times are uniform.
const PARTS: usize = 8_192;
const PART_BITS: u32 = PARTS.trailing_zeros();
/// Random bits that place a time within its part.
const WITHIN_BITS: u32 = 24;
const HOUR: u32 = 3_600;

/// The submission times of one pool.
#[derive(Debug, Clone)]
pub(super) struct Times {
    at: u32,
    /// Seconds before `at`, at each quantile; `PARTS + 1` of them, the last 365 days.
    ages: Box<[u32; PARTS + 1]>,
}

impl Times {
    /// The table for a pool of the instant `at`.
    pub fn new(shape: &Submission, at: Instant) -> Self {
        let hours = PROFILE_DAYS * 24;
        let first_weekday = at.date().weekday();
        let mut mass = Vec::with_capacity(hours as usize + 1);
        let mut total = 0.0;
        mass.push(0.0);
        for hour in 0..hours {
            // The hour's middle decides its weekday and hour of the day.
            let middle = hour * HOUR + HOUR / 2;
            let into_day = i64::from(at.seconds() % Instant::DAY) - i64::from(middle);
            let days_back = -into_day.div_euclid(i64::from(Instant::DAY));
            let of_day = into_day.rem_euclid(i64::from(Instant::DAY)) / i64::from(HOUR);
            let days = f64::from(middle) / f64::from(Instant::DAY);
            let weight = exp(-days / shape.decline_days)
                * shape.weekdays[weekday_before(first_weekday, days_back)]
                * shape.hours[of_day as usize];
            total += weight;
            mass.push(total);
        }
        let mut hour = 0;
        let mut ages: Vec<u32> = (0..=PARTS)
            .map(|part| {
                let wanted = total * part as f64 / PARTS as f64;
                while hour + 1 < mass.len() - 1 && mass[hour + 1] < wanted {
                    hour += 1;
                }
                let width = mass[hour + 1] - mass[hour];
                let within = if width > 0.0 {
                    (wanted - mass[hour]) / width
                } else {
                    0.0
                };
                ((hour as f64 + within.clamp(0.0, 1.0)) * f64::from(HOUR)).round() as u32
            })
            .collect();
        ages[PARTS] = PROFILE_DAYS * Instant::DAY;
        Times {
            at: at.seconds(),
            ages: boxed(ages.into_iter()),
        }
    }

    /// A submission time for 64 random bits, of which the highest 37 count: in the 365 days up to
    /// the pool's instant, that instant included, the one 365 days before it not.
    #[inline]
    pub fn draw(&self, bits: u64) -> u32 {
        let part = (bits >> (64 - PART_BITS)) as usize;
        let within = (bits << PART_BITS) >> (64 - WITHIN_BITS);
        let (from, to) = (self.ages[part], self.ages[part + 1]);
        let age = from + ((u64::from(to - from) * within) >> WITHIN_BITS) as u32;
        self.at.saturating_sub(age)
    }
}

/// The weekday, Monday 0, some days before another.
fn weekday_before(weekday: Weekday, days: i64) -> usize {
    (i64::from(weekday.to_monday_zero_offset()) - days).rem_euclid(7) as usize
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;
    use crate::random::{Purpose, stream};

    fn shape(decline_days: f64) -> Submission {
        Submission {
            decline_days,
            weekdays: [1.0; 7],
            hours: [1.0; 24],
        }
    }

    #[test]
    fn the_window_is_open_at_the_old_end_and_closed_at_the_new() {
        let at = Instant::parse("2023-07-04T23:59:59Z").unwrap();
        let times = Times::new(&shape(300.0), at);
        assert_eq!(times.draw(0), at.seconds());
        assert!(times.draw(u64::MAX) > at.seconds() - PROFILE_DAYS * Instant::DAY);
    }

    /// 200,000 draws: the share of the newer half of the year within 5 standard errors of the
    /// exponential's.
    #[test]
    fn times_decline_as_the_profile_says() {
        let at = Instant::parse("2023-07-04T00:00:00Z").unwrap();
        let times = Times::new(&shape(200.0), at);
        let mut numbers = stream(3, Purpose::Resampling, 0, 0);
        let newer = (0..200_000)
            .filter(|_| at.seconds() - times.draw(numbers.next_u64()) < 182 * Instant::DAY)
            .count();
        let expected = (1.0 - exp(-182.0 / 200.0)) / (1.0 - exp(-365.0 / 200.0));
        let error = (newer as f64 / 200_000.0 - expected).abs();
        assert!(error < 5.0 * (0.25f64 / 200_000.0).sqrt(), "off by {error}");
    }

    #[test]
    fn a_weekday_of_weight_zero_gets_no_submission() {
        let at = Instant::parse("2023-07-04T12:00:00Z").unwrap();
        let mut without_sunday = shape(f64::INFINITY);
        without_sunday.weekdays[6] = 0.0;
        let times = Times::new(&without_sunday, at);
        let mut numbers = stream(4, Purpose::Resampling, 0, 0);
        let on_sunday = (0..20_000)
            .filter(|_| {
                let drawn = Instant::from_seconds(times.draw(numbers.next_u64()));
                drawn.date().weekday() == Weekday::Sunday
            })
            .count();
        // Only the part of the table that straddles a Sunday can put a time there.
        assert!(on_sunday < 200, "{on_sunday} of 20,000 on a Sunday");
    }
}
