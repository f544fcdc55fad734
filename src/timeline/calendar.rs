//! Time that passes faster in some months than in others, for events whose rate has a season.
//! Which events those are is told in [`fate`](super::fate).

use crate::units::Instant;

/// Seconds of a stretch, as a power of two: a month begins in few of them.
const STRETCH: u32 = 18;

/// Weighted time along the months of a stretch of time.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Calendar {
    months: Vec<Month>,
    /// The month in which each stretch of seconds begins, from the first second of all on: of plain
    /// seconds, and of weighted ones.
    by_time: Vec<u16>,
    by_passed: Vec<u16>,
    /// As much weighted time as passes in two seconds at most, and far more than any rounding: what is
    /// nearer than that is worked out to the second.
    doubt: f64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Month {
    first: u32,
    /// Weighted seconds that have passed by then.
    passed: f64,
    weight: f64,
}

impl Calendar {
    /// The months from `start` to `end`, January's weight first; none when all weights are 1, so
    /// that weighted time is plain time.
    pub fn new(start: Instant, end: Instant, weights: &[f64; 12]) -> Option<Self> {
        if weights.iter().all(|&weight| weight == 1.0) {
            return None;
        }
        let fastest = weights.iter().copied().fold(1.0, f64::max);
        let mut calendar = Calendar {
            doubt: 2.0 * fastest,
            ..Calendar::default()
        };
        let mut date = start.date().first_of_month();
        while let Some(first) = Instant::start_of(date).filter(|first| *first <= end) {
            let month = usize::from(date.month().unsigned_abs().clamp(1, 12)) - 1;
            calendar.add(first.seconds(), weights[month]);
            let Ok(next) = date.last_of_month().tomorrow() else {
                break;
            };
            date = next;
        }
        Some(calendar)
    }

    fn add(&mut self, first: u32, weight: f64) {
        let passed = self.months.last().map_or(0.0, |before| {
            before.passed + f64::from(first - before.first) * before.weight
        });
        let begin = self.months.first().map_or(first, |month| month.first);
        // Stretches that begin before this month are of the one before.
        let before = self.months.len().saturating_sub(1) as u16;
        let stretches = |seconds: u64| (seconds.div_ceil(1 << STRETCH)) as usize;
        (self.by_time).resize(stretches(u64::from(first - begin)), before);
        (self.by_passed).resize(stretches(passed.ceil() as u64), before);
        self.months.push(Month {
            first,
            passed,
            weight,
        });
    }

    /// The second at which so many seconds of weighted time have passed since `since`, at least one
    /// second later; the largest value when that never comes.
    #[inline]
    pub fn after(&self, since: u32, wait: u32) -> u32 {
        if self.months.is_empty() {
            return u32::MAX;
        }
        let due = self.passed(since) + f64::from(wait);
        let stretch = due as u32 >> STRETCH;
        let mut begun = self.begun(&self.by_passed, stretch);
        while (self.months.get(begun + 1)).is_some_and(|next| next.passed <= due) {
            begun += 1;
        }
        let month = self.months[begun];
        if month.weight <= 0.0 {
            return u32::MAX;
        }
        let seconds = f64::from(month.first) + (due - month.passed) / month.weight;
        (seconds as u32).max(since.saturating_add(1))
    }

    /// The month in which a stretch begins: the last one, where none begins after it.
    #[inline]
    fn begun(&self, months: &[u16], stretch: u32) -> usize {
        let last = self.months.len().saturating_sub(1);
        (months.get(stretch as usize)).map_or(last, |&month| usize::from(month))
    }

    /// Whether [`Calendar::after`] says an instant before `limit`. Weighted time tells: nothing is divided,
    /// and what has passed by the limit need not wait for what is due.
    #[inline]
    pub fn comes_before(&self, since: u32, wait: u32, limit: u32) -> bool {
        let spare = self.passed(limit) - self.passed(since) - f64::from(wait);
        if spare.abs() > self.doubt {
            spare > 0.0
        } else {
            self.after(since, wait) < limit
        }
    }

    /// Weighted seconds from the first second of all to an instant; none where there are no months.
    #[inline]
    fn passed(&self, at: u32) -> f64 {
        let Some(begin) = self.months.first() else {
            return 0.0;
        };
        let stretch = at.saturating_sub(begin.first) >> STRETCH;
        let begun = self.begun(&self.by_time, stretch);
        // No stretch is as long as a month: one more at most begins in it.
        let next = self.months.get(begun + 1);
        let month = self.months[begun + usize::from(next.is_some_and(|next| next.first <= at))];
        month.passed + f64::from(at.saturating_sub(month.first)) * month.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn calendar(weights: [f64; 12]) -> Calendar {
        let (start, end) = (at("2024-01-09T00:00:00Z"), at("2024-12-31T00:00:00Z"));
        Calendar::new(start, end, &weights).expect("weights that differ")
    }

    #[test]
    fn equal_weights_need_no_calendar() {
        let start = at("2024-01-09T00:00:00Z");
        assert_eq!(Calendar::new(start, start, &[1.0; 12]), None);
    }

    #[test]
    fn a_month_of_double_weight_passes_in_half_the_time_and_one_of_none_is_skipped() {
        let mut weights = [1.0; 12];
        (weights[1], weights[2]) = (2.0, 0.0);
        let calendar = calendar(weights);
        let (january, february, april) = (
            at("2024-01-10T00:00:00Z"),
            at("2024-02-01T00:00:00Z"),
            at("2024-04-01T00:00:00Z"),
        );
        let days = |days: u32| days * Instant::DAY;
        assert_eq!(
            calendar.after(january.seconds(), days(5)),
            january.seconds() + 5 * Instant::DAY
        );
        assert_eq!(
            calendar.after(february.seconds(), days(10)),
            february.seconds() + 5 * Instant::DAY
        );
        let after = calendar.after(february.seconds(), days(2 * 29 + 1));
        assert!(
            after.abs_diff(april.seconds() + Instant::DAY) <= 1,
            "{after}"
        );
        assert_eq!(calendar.after(january.seconds(), 0), january.seconds() + 1);
    }

    #[test]
    fn months_are_found_as_by_going_through_them() {
        for weights in [
            [0.5, 2.0, 0.0, 1.0, 0.0, 0.0, 3.0, 1.0, 1.0, 0.1, 1.0, 1.0],
            [0.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0],
        ] {
            let calendar = calendar(weights);
            let months = &calendar.months;
            let begun =
                |is: &dyn Fn(&Month) -> bool| months.iter().skip(1).filter(|m| is(m)).count();
            let first = months[0].first - 3 * Instant::DAY;
            for since in (first..first + 400 * Instant::DAY).step_by(77_777) {
                let month = months[begun(&|month| month.first <= since)];
                for wait in (0..500 * Instant::DAY).step_by(777_777) {
                    let into = f64::from(since.saturating_sub(month.first));
                    let due = month.passed + into * month.weight + f64::from(wait);
                    let month = months[begun(&|month| month.passed <= due)];
                    let expected = if month.weight > 0.0 {
                        let later = (due - month.passed) / month.weight;
                        (f64::from(month.first) + later) as u32
                    } else {
                        u32::MAX
                    };
                    let after = calendar.after(since, wait);
                    assert_eq!(after, expected.max(since + 1), "{since} {wait}");
                    let near = [0, 1, 2, 9].map(|off| [after - off, after.saturating_add(off)]);
                    let limits = [[since, since + 1], [since + 2, since + wait]];
                    for limit in near.into_iter().chain(limits).flatten() {
                        let comes = calendar.comes_before(since, wait, limit);
                        assert_eq!(comes, after < limit, "{since} {wait} {limit}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_due_after_a_last_month_of_no_weight_never_comes() {
        let mut weights = [1.0; 12];
        weights[11] = 0.0;
        assert_eq!(
            calendar(weights).after(at("2024-11-30T00:00:00Z").seconds(), 365 * Instant::DAY),
            u32::MAX
        );
    }
}
