//! Time that passes faster in some months than in others, for events whose rate has a season.
//! Which events those are is known to `people`.

use crate::units::Instant;

/// Seconds of a year of 365 days.
const YEAR: f64 = 365.0 * Instant::DAY as f64;

/// Weighted time along the months of a stretch.
#[derive(Debug, Clone, PartialEq)]
pub struct Calendar {
    /// First second of each month, the weighted years passed by then, and the month's weight.
    months: Vec<(u32, f64, f64)>,
}

impl Calendar {
    /// The months from `start` to `end`, January's weight first; none when all weights are 1, so
    /// that weighted time is plain time.
    pub fn new(start: Instant, end: Instant, weights: &[f64; 12]) -> Option<Self> {
        if weights.iter().all(|&weight| weight == 1.0) {
            return None;
        }
        let mut months: Vec<(u32, f64, f64)> = Vec::new();
        let mut date = start.date().first_of_month();
        while let Some(first) = Instant::start_of(date).filter(|first| *first <= end) {
            let first = first.seconds();
            let passed = months.last().map_or(0.0, |&(from, passed, weight)| {
                passed + f64::from(first - from) * weight / YEAR
            });
            let month = usize::from(date.month().unsigned_abs().clamp(1, 12)) - 1;
            months.push((first, passed, weights[month]));
            let Ok(next) = date.last_of_month().tomorrow() else {
                break;
            };
            date = next;
        }
        Some(Calendar { months })
    }

    /// The second at which `years` of weighted time have passed since `since`, at least one second
    /// later; the largest value when that never comes.
    pub fn after(&self, since: u32, years: f64) -> u32 {
        let later = |place: usize, is_later: &dyn Fn(&(u32, f64, f64)) -> bool| {
            let months = self.months.iter().skip(place + 1);
            place + months.take_while(|month| !is_later(month)).count()
        };
        let place = later(0, &|&(from, ..)| from > since);
        let Some(&(from, passed, weight)) = self.months.get(place) else {
            return u32::MAX;
        };
        let due = passed + f64::from(since.saturating_sub(from)) * weight / YEAR + years;
        let place = later(place, &|&(_, passed, _)| passed > due);
        let (from, passed, weight) = self.months[place];
        if weight <= 0.0 {
            return u32::MAX;
        }
        let seconds = f64::from(from) + (due - passed) / weight * YEAR;
        (seconds as u32).max(since.saturating_add(1))
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
        let days = |days: f64| days / 365.0;
        assert_eq!(
            calendar.after(january.seconds(), days(5.0)),
            january.seconds() + 5 * Instant::DAY
        );
        assert_eq!(
            calendar.after(february.seconds(), days(10.0)),
            february.seconds() + 5 * Instant::DAY
        );
        let after = calendar.after(february.seconds(), days(2.0 * 29.0 + 1.0));
        assert!(
            after.abs_diff(april.seconds() + Instant::DAY) <= 1,
            "{after}"
        );
        assert_eq!(
            calendar.after(january.seconds(), 0.0),
            january.seconds() + 1
        );
    }

    #[test]
    fn what_is_due_after_a_last_month_of_no_weight_never_comes() {
        let mut weights = [1.0; 12];
        weights[11] = 0.0;
        assert_eq!(
            calendar(weights).after(at("2024-11-30T00:00:00Z").seconds(), 1.0),
            u32::MAX
        );
    }
}
