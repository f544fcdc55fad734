//! Scales: where a value lies on an axis, and which values get a tick.
//! What is drawn there lives in `marks`.

use jiff::ToSpan;

use crate::portable::{log10, pow};
use crate::units::{Date, Instant};

use super::numbers::{decimal, month};

/// A straight scale from values to 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// From `low` to `high`; widened where they are the same.
    pub fn new(low: f64, high: f64) -> Self {
        if high > low {
            Scale { low, high }
        } else {
            Scale {
                low: low - 0.5,
                high: low + 0.5,
            }
        }
    }

    /// Over all values, out to the next ticks; none without values.
    pub fn nice(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Self> {
        let (low, high) = values.filter(|value| value.is_finite()).fold(
            None,
            |range: Option<(f64, f64)>, value| {
                let (low, high) = range.unwrap_or((value, value));
                Some((low.min(value), high.max(value)))
            },
        )?;
        // Widening to round ends can make the step between ticks longer, and that the ends again.
        let mut scale = Scale::new(low, high);
        for _ in 0..4 {
            let step = scale.step(ticks);
            scale = Scale::new(
                (scale.low / step).floor() * step,
                (scale.high / step).ceil() * step,
            );
        }
        Some(scale)
    }

    /// Where the value lies, 0 to 1.
    pub fn at(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// The least value.
    pub fn low(&self) -> f64 {
        self.low
    }

    /// The greatest value.
    pub fn high(&self) -> f64 {
        self.high
    }

    /// The distance of about so many ticks: 1, 2 or 5 times a power of ten.
    fn step(&self, ticks: usize) -> f64 {
        let raw = (self.high - self.low) / ticks.max(1) as f64;
        let power = pow(10.0, log10(raw).floor());
        let multiple = match raw / power {
            m if m <= 1.0 + 1e-9 => 1.0,
            m if m <= 2.0 + 1e-9 => 2.0,
            m if m <= 5.0 + 1e-9 => 5.0,
            _ => 10.0,
        };
        multiple * power
    }

    /// About so many round values with how they are written.
    pub fn ticks(&self, about: usize) -> Vec<(f64, String)> {
        let step = self.step(about);
        let digits = (-log10(step).floor()).clamp(0.0, 6.0) as usize;
        let first = (self.low / step - 1e-9).ceil() as i64;
        let last = (self.high / step + 1e-9).floor() as i64;
        (first..=last)
            .map(|place| {
                let value = place as f64 * step;
                (value, decimal(value, digits))
            })
            .collect()
    }
}

/// A scale over time, in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeScale {
    scale: Scale,
    first: Date,
    last: Date,
}

/// Days since 1970.
fn days(at: Instant) -> f64 {
    f64::from(at.seconds()) / f64::from(Instant::DAY)
}

impl TimeScale {
    /// From the first to the last moment, with a little room; none without moments.
    pub fn over(moments: impl Iterator<Item = Instant> + Clone) -> Option<Self> {
        let (low, high) = (moments.clone().min()?, moments.max()?);
        let room = ((days(high) - days(low)) * 0.02).max(0.5);
        Some(TimeScale {
            scale: Scale::new(days(low) - room, days(high) + room),
            first: low.date(),
            last: high.date(),
        })
    }

    /// Where the moment lies, 0 to 1.
    pub fn at(&self, moment: Instant) -> f64 {
        self.scale.at(days(moment))
    }

    /// At most so many dates, evenly spaced in the calendar, with how they are written.
    pub fn ticks(&self, most: usize) -> Vec<(f64, String)> {
        let most = most.max(2) as i32;
        let length = (self.scale.high - self.scale.low).ceil() as i32;
        if length <= 45 {
            let step = [1, 2, 7, 14].into_iter().find(|step| length / step < most);
            return self.every(self.first, 0, step.unwrap_or(21), |date| {
                format!("{} {}", date.day(), month(date.month()))
            });
        }
        let months = length / 30 + 1;
        let step = [1, 2, 3, 6, 12, 24, 36]
            .into_iter()
            .find(|step| months / step < most)
            .unwrap_or(60);
        let into = (i32::from(self.first.month()) - 1) % step;
        let start = self.first.first_of_month().saturating_sub(into.months());
        let long = length > 400;
        self.every(start, step, 0, |date| {
            if step >= 12 {
                date.year().to_string()
            } else if long || date.month() == 1 {
                format!("{} {}", month(date.month()), date.year())
            } else {
                month(date.month()).to_owned()
            }
        })
    }

    fn every(
        &self,
        start: Date,
        months: i32,
        days_apart: i32,
        name: impl Fn(Date) -> String,
    ) -> Vec<(f64, String)> {
        let mut ticks = Vec::new();
        let mut date = start;
        while date <= self.last {
            if let Some(at) = Instant::start_of(date)
                && days(at) >= self.scale.low
            {
                ticks.push((self.scale.at(days(at)), name(date)));
            }
            date = date.saturating_add(months.months().days(days_apart));
        }
        ticks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_within_the_scale() {
        let scale = Scale::nice([3.0, 97.0].into_iter(), 5).unwrap();
        let ticks = scale.ticks(5);
        assert_eq!((ticks[0].0, ticks.last().unwrap().0), (0.0, 100.0));
        assert_eq!(ticks[1].1, "20");
        let scale = Scale::nice([446.0, 521.0].into_iter(), 4).unwrap();
        let ticks = scale.ticks(4);
        assert_eq!(
            (ticks[0].0, ticks.last().unwrap().0),
            (scale.low(), scale.high())
        );
        assert_eq!(Scale::nice([5.0, 5.0].into_iter(), 4).unwrap().at(5.0), 0.5);
        assert_eq!(Scale::nice(std::iter::empty(), 4), None);
    }

    #[test]
    fn a_year_is_ticked_by_months_and_never_by_too_many() {
        let at = |text| Instant::parse(text).unwrap();
        for (first, last) in [
            ("2024-01-10T14:00:00Z", "2024-12-20T14:00:00Z"),
            ("2023-07-05T14:00:00Z", "2023-07-06T14:00:00Z"),
            ("2015-01-31T00:00:00Z", "2025-08-28T00:00:00Z"),
            ("2024-01-31T00:00:00Z", "2024-03-01T00:00:00Z"),
        ] {
            let scale = TimeScale::over([at(first), at(last)].into_iter()).unwrap();
            for most in [4, 6, 8] {
                let ticks = scale.ticks(most);
                assert!(
                    !ticks.is_empty() && ticks.len() <= most + 1,
                    "{first} {ticks:?}"
                );
                assert!(ticks.is_sorted_by(|a, b| a.0 < b.0));
            }
        }
    }
}
