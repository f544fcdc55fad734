//! How low nominees stand. A round of nominees takes nearly all of them, so that its cut-off score is that of the
//! lowest of as many as it invites: past rounds of all sizes tell how few stand how low.
//! The line through past cut-offs is the backtest's; here the scenario's bands above 600 points are cut by it.

use super::history::is_named;
use crate::history::{History, Round};
use crate::pool::{Band, Bands};
use crate::portable::{exp, ln};
use crate::study::backtest::{Line, Nominees};
use crate::synthesis::nominees::LEAST;

/// Up to this share of nominees the line is believed, which is of the lowest among some hundred. Above, the
/// profile says who they are.
const MOST: f64 = 0.05;
/// Points of a band. Within one the profile's own shape stays; for narrower ones it may have nobody.
const WIDTH: u16 = 60;
/// The least number of points over which the share grows e-fold. That larger rounds come hardly further down, or
/// less far, is told by few rounds that differ in size.
const STEEPEST: f64 = 10.0;
/// How far below the score that one of so many has or less the lowest of them lies on average, in units of the
/// scale: Euler's constant, the mean of Gumbel's distribution.
const BELOW: f64 = 0.577_215_664_901_532_9;

/// The low end of nominees' scores: the share of those with so many points or fewer, growing exponentially.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LowEnd {
    /// Points over which it grows e-fold.
    scale: f64,
    /// Points at which it would be everybody.
    all: f64,
}

impl LowEnd {
    /// What the rounds of nominees of a history tell; nothing without any.
    pub fn of(known: &History) -> Option<Self> {
        let of_nominees =
            |one: &&Round| is_named(one) && one.type_name == "pnp" && one.invitations > 0;
        let mut rounds = known.rounds.iter().filter(of_nominees).peekable();
        rounds.peek()?;
        let mut past = Nominees::default();
        for round in rounds {
            past.learn(round.invitations as f64, f64::from(round.cutoff.0));
        }
        let Line {
            size,
            cutoff,
            slope,
        } = past.line();
        let scale = (-slope).max(STEEPEST);
        Some(LowEnd {
            scale,
            all: cutoff + scale * (ln(size) + BELOW),
        })
    }

    /// The share of nominees with no more points than that.
    fn share(&self, points: u16) -> f64 {
        exp((f64::from(points) + 0.5 - self.all) / self.scale)
    }

    /// Bands of which those of nominees are cut into several, with as many in each of the lower ones as the
    /// rounds tell. Bands are in order from the top.
    #[must_use]
    pub fn cut(&self, bands: &Bands) -> Bands {
        Bands(bands.0.iter().flat_map(|band| self.parts(band)).collect())
    }

    fn parts(&self, band: &Band) -> Vec<Band> {
        if band.low < LEAST {
            return vec![*band];
        }
        let mut parts = Vec::new();
        let (mut low, mut counted) = (band.low, 0);
        loop {
            let high = low + WIDTH - 1;
            let share = self.share(high);
            if high >= band.high || share > MOST {
                break;
            }
            // Whole people of all so far, so that those of the lowest bands are not lost one by one.
            let by_now = (band.count as f64 * share).round() as u64;
            let count = by_now - counted;
            parts.push(Band { low, high, count });
            (low, counted) = (high + 1, by_now);
        }
        let count = band.count - counted;
        parts.push(Band {
            low,
            count,
            ..*band
        });
        parts.reverse();
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history;

    fn published() -> LowEnd {
        LowEnd::of(history::published()).unwrap()
    }

    #[test]
    fn the_lowest_of_a_round_stand_where_the_line_says() {
        let low_end = LowEnd {
            scale: 30.0,
            all: 950.0,
        };
        // As many as a round has numbers, spread evenly, by the inverse of the share.
        for size in [150u32, 600, 3_000] {
            let places = (0..20_000).map(|place| (f64::from(place) + 0.5) / 20_000.0);
            // The lowest of `size` has a share below it of 1 - (1 - unit)^(1/size).
            let lowest = places.map(|unit| {
                let share = 1.0 - exp(ln(1.0 - unit) / f64::from(size));
                low_end.all + low_end.scale * ln(share)
            });
            let mean = lowest.sum::<f64>() / 20_000.0;
            let expected = low_end.all - low_end.scale * (ln(f64::from(size)) + BELOW);
            assert!((mean - expected).abs() < 0.3, "{size}: {mean} {expected}");
        }
        assert!((low_end.share(700) - exp(-249.5 / 30.0)).abs() < 1e-12);
    }

    #[test]
    fn rounds_before_the_date_tell_and_without_any_nothing_is_told() {
        let low_end = published();
        assert!((20.0..45.0).contains(&low_end.scale), "{low_end:?}");
        let date = |text: &str| text.parse().unwrap();
        let before = |text| LowEnd::of(&super::super::before(history::published(), date(text)));
        assert_ne!(before("2024-05-01"), Some(low_end));
        assert_eq!(before("2016-01-01"), None);
        // Rounds of other types say nothing.
        let mut others = history::published().clone();
        others.rounds.retain(|one| one.type_name != "pnp");
        assert_eq!(LowEnd::of(&others), None);
    }

    #[test]
    fn bands_of_nominees_are_cut_and_no_candidate_is_lost() {
        let low_end = published();
        let band = |low, high, count| Band { low, high, count };
        for count in [0, 1, 90, 700, 4_126, 1_000_000] {
            let bands = Bands(vec![
                band(601, 1200, count),
                band(501, 600, 9),
                band(0, 500, 7),
            ]);
            let cut = low_end.cut(&bands);
            assert_eq!(cut.total(), bands.total());
            assert_eq!(cut.0[cut.0.len() - 2..], bands.0[1..]);
            let nominees = &cut.0[..cut.0.len() - 2];
            assert!(nominees.len() > 2, "{nominees:?}");
            assert_eq!(
                (nominees[0].high, nominees[nominees.len() - 1].low),
                (1200, 601)
            );
            for pair in nominees.windows(2) {
                assert_eq!(pair[0].low, pair[1].high + 1);
            }
            let lower: u64 = nominees[1..].iter().map(|band| band.count).sum();
            assert!(lower as f64 <= MOST * count as f64 + 0.5, "{nominees:?}");
            assert_eq!(lower > 0, count >= 90, "{nominees:?}");
        }
    }
}
