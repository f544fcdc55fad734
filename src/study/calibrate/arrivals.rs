//! Arrivals by band: the change from one published pool to the next, plus those invited between
//! them, plus those whose profiles expired.
//! Who arrives within a band is the profile's to say.

use crate::history::{BANDS, Snapshot};
use crate::pool::{Band, Bands};
use crate::synthesis::profile::Submission;
use crate::units::Instant;

/// Days before the date whose pools are compared: half a year, so that both halves of a year with
/// and without rounds tell the recent pace.
pub const WINDOW_DAYS: u32 = 183;

/// Arrivals of one band.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BandArrivals {
    /// Lowest score.
    pub low: u16,
    /// Highest score.
    pub high: u16,
    /// Days from the first to the last pool compared.
    pub days: f64,
    /// Pools compared.
    pub pools: usize,
    /// Candidates in the first.
    pub first: u64,
    /// Candidates in the last.
    pub last: u64,
    /// Invited between them.
    pub invited: f64,
    /// Expired between them, by the fitted age of profiles.
    pub expired: f64,
    /// Arrivals a day; 0 where more left than came by this count.
    pub per_day: f64,
}

/// Compares the pools of the window, in order of date. `invited` has the people invited in each
/// band by the rounds held from one pool's day on and before the next one's.
pub fn arrivals(
    pools: &[&Snapshot],
    invited: &[[f64; BANDS.len()]],
    submission: &Submission,
) -> Vec<BandArrivals> {
    let (Some(first), Some(last)) = (pools.first(), pools.last()) else {
        return Vec::new();
    };
    let day = |pool: &Snapshot| {
        Instant::start_of(pool.as_of)
            .map_or(0.0, |at| f64::from(at.seconds()) / f64::from(Instant::DAY))
    };
    let days = day(last) - day(first);
    if days <= 0.0 {
        return Vec::new();
    }
    // Of those in the pool, the part that reaches its 365th day in one day.
    let expiring = submission.share_since(365.0) - submission.share_since(364.0);
    let bands = BANDS.iter().enumerate();
    bands
        .map(|(band, &(low, high))| {
            let invited: f64 = invited.iter().map(|counts| counts[band]).sum();
            // Between two pools as many expire as their mean number says.
            let expired: f64 = pools
                .windows(2)
                .map(|pair| {
                    let mean = (pair[0].counts[band] + pair[1].counts[band]) as f64 / 2.0;
                    mean * (day(pair[1]) - day(pair[0])) * expiring
                })
                .sum();
            let change = last.counts[band] as f64 - first.counts[band] as f64;
            BandArrivals {
                low,
                high,
                days,
                pools: pools.len(),
                first: first.counts[band],
                last: last.counts[band],
                invited,
                expired,
                per_day: ((change + invited + expired) / days).max(0.0),
            }
        })
        .collect()
}

/// Arrivals a day in all bands, and the bands in hundredths of a person a day.
pub fn rate_and_bands(arrivals: &[BandArrivals]) -> (f64, Bands) {
    let rate = arrivals.iter().map(|band| band.per_day).sum();
    let bands = arrivals
        .iter()
        .map(|band| Band {
            low: band.low,
            high: band.high,
            count: (band.per_day * 100.0).round() as u64,
        })
        .collect();
    (rate, Bands(bands))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn what_came_is_what_is_there_and_what_left_less_what_was() {
        let pool = |day, count| Snapshot {
            as_of: date(2024, 1, day),
            counts: [count; BANDS.len()],
            total: 15 * count,
            note: None,
        };
        let (one, two, three) = (pool(1, 1_000), pool(11, 1_200), pool(21, 900));
        let submission = Submission {
            decline_days: f64::INFINITY,
            weekdays: [1.0; 7],
            hours: [1.0; 24],
        };
        let invited = [[100.0; BANDS.len()], [200.0; BANDS.len()]];
        let bands = arrivals(&[&one, &two, &three], &invited, &submission);
        let band = bands[3];
        assert_eq!(
            (band.first, band.last, band.days, band.pools),
            (1_000, 900, 20.0, 3)
        );
        // 1,100 and 1,050 people for ten days each, of whom a 365th expires a day.
        let expired = (11_000.0 + 10_500.0) / 365.0;
        assert!((band.expired - expired).abs() < 1e-6, "{band:?}");
        assert!((band.per_day - (-100.0 + 300.0 + expired) / 20.0).abs() < 1e-9);
        assert!(arrivals(&[&one], &[], &submission).is_empty());
    }
}
