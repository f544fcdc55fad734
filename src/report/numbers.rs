//! Numbers, dates and shares as people read them.
//! What they are about is said elsewhere.

use crate::output::terminal::long_time;
use crate::shown::{self, grouped};
use crate::units::Instant;

/// `214,529`.
pub fn whole(value: u64) -> String {
    grouped(value)
}

/// A number with thousands separators and that many decimals, a true minus sign, no `-0`.
pub fn decimal(value: f64, digits: usize) -> String {
    shown::decimal(value, digits, "\u{2212}")
}

/// As [`decimal`], with a plus sign for what is above zero.
pub fn signed(value: f64, digits: usize) -> String {
    let text = decimal(value, digits);
    if value > 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        format!("+{text}")
    } else {
        text
    }
}

/// A number with no more decimals than it has, three at most.
pub fn plain(value: f64) -> String {
    let text = decimal(value, 3);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// `12.3%`.
pub fn percent(share: f64) -> String {
    format!("{}%", decimal(share * 100.0, 1))
}

/// The share of a part in a whole; none for a part of nothing.
pub fn share(part: u64, of: u64) -> Option<f64> {
    (of > 0).then(|| part as f64 / of as f64)
}

/// The sum of counts, stopping at the largest: those of a file may be anything.
pub fn sum(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

/// `5 Jul 2023`.
pub fn day(at: Instant) -> String {
    let date = at.date();
    format!("{} {} {}", date.day(), month(date.month()), date.year())
}

/// `Jul`.
pub fn month(number: i8) -> &'static str {
    &shown::month(number)[..3]
}

/// `5 Jul 2023, 13:38:22`, in UTC.
pub fn short_time(at: Instant) -> String {
    let text = at.to_string();
    let clock = text.split(['T', 'Z']).nth(1).unwrap_or_default();
    format!("{}, {clock}", day(at))
}

/// `July 5, 2023 at 13:38:22 UTC`, as IRCC writes it.
pub fn time(at: Instant) -> String {
    long_time(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_thousands_separators_and_a_true_minus() {
        assert_eq!(decimal(1_234_567.0, 0), "1,234,567");
        assert_eq!(decimal(-1_234.56, 1), "\u{2212}1,234.6");
        assert_eq!(decimal(-0.04, 1), "0.0");
        assert_eq!(signed(0.04, 1), "0.0");
        assert_eq!(signed(12.0, 1), "+12.0");
        assert_eq!(plain(12.5), "12.5");
        assert_eq!(plain(1_200.0), "1,200");
        assert_eq!(percent(0.1234), "12.3%");
        let at = Instant::parse("2023-07-05T13:38:22Z").unwrap();
        assert_eq!(short_time(at), "5 Jul 2023, 13:38:22");
    }
}
