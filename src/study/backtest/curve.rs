//! The pool as a curve: people at each score, from published bands, depletion and refill.
//! Which part of it a round ranks is `group`'s.

use super::announcement::Announcement;
use super::assumptions::{
    BAND_FLOOR, BOTTOM_SCALE, REFERENCE_POOL, REFILL_DAYS, SCORES, TOP_FLOOR, TOP_SCALE,
    USUAL_TIE_BREAK_DAYS,
};
use crate::history::BANDS;
use crate::portable::exp;

/// A number for each score from 0 to 600.
pub type Curve = [f64; SCORES];

/// When each score was last emptied, in days since 1970; long ago at first.
#[derive(Debug, Clone, PartialEq)]
pub struct Depletion(Box<Curve>);

impl Depletion {
    /// Nothing was ever taken.
    pub fn never() -> Self {
        Depletion(Box::new([f64::NEG_INFINITY; SCORES]))
    }

    /// A round took everyone above `cutoff`, and at `cutoff` those who submitted before the
    /// tie-break.
    pub fn take(&mut self, day: f64, cutoff: usize, tie_break: Option<f64>) {
        for emptied in self.0.iter_mut().skip(cutoff + 1) {
            *emptied = day;
        }
        if let Some(emptied) = self.0.get_mut(cutoff) {
            *emptied = emptied.max(tie_break.unwrap_or(day - USUAL_TIE_BREAK_DAYS));
        }
    }

    /// Part of each score's usual stock that is back on `day`.
    pub fn refill(&self, day: f64) -> Curve {
        self.0.map(|emptied| back((day - emptied).max(0.0)))
    }
}

/// Part of what was taken that is back after some days.
fn back(days: f64) -> f64 {
    1.0 - exp(-days / REFILL_DAYS)
}

/// What a round held since the snapshot took out of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Taken {
    /// Nominees.
    Nominees(f64),
    /// The top of the whole pool (CEC and general rounds) or of a part of it.
    Top {
        /// Cut-off of the round, at most 600.
        cutoff: usize,
        /// Invitations of a round that ranks a part of the pool; `None` for CEC and general.
        invitations: Option<f64>,
        /// Whether all nominees were invited too.
        nominees: bool,
        /// Days between that round and the predicted one.
        days: f64,
    },
}

/// The pool at a round, up to the shape of its top.
#[derive(Debug, Clone, PartialEq)]
pub struct PoolCurve {
    counts: [f64; REFERENCE_POOL.len()],
    refill: Box<Curve>,
    taken: Vec<Taken>,
}

/// People whom a round ranks.
#[derive(Debug, Clone, PartialEq)]
pub struct Members {
    /// People at each score up to 600.
    pub by_score: Curve,
    /// Nominees, all above 600.
    pub nominees: f64,
}

impl PoolCurve {
    /// The pool announced with a round, less what earlier rounds took out of it since.
    pub fn new(round: &Announcement<'_>, top: &Depletion, taken: Vec<Taken>) -> Self {
        PoolCurve {
            counts: round.pool.counts,
            refill: Box::new(top.refill(round.pool_day())),
            taken,
        }
    }

    /// People by score when the top thins out over exp(`log_scale`) times the usual points.
    pub fn members(&self, log_scale: f64) -> Members {
        let mut people = [0.0; SCORES];
        let top_scale = TOP_SCALE * exp(log_scale);
        let (nominees, counts) = (self.counts[0], &self.counts[1..]);
        for (&(low, high), &count) in BANDS[1..].iter().zip(counts) {
            // Nobody is put at score 0: an empty profile is no candidate.
            let (low, high) = (usize::from(low).max(1), usize::from(high));
            // First the shape, then as many people as were published.
            let in_band = people.iter_mut().enumerate().take(high + 1).skip(low);
            for (score, people) in in_band {
                *people = match (low, high) {
                    (_, 600) => {
                        let above = (score as f64) - 500.0;
                        self.refill[score].max(TOP_FLOOR) * exp(-above / top_scale)
                    }
                    (1, _) => exp(((score as f64) - 300.0) / BOTTOM_SCALE),
                    _ => self.refill[score].max(BAND_FLOOR),
                };
            }
            let sum: f64 = people[low..=high].iter().sum();
            for people in &mut people[low..=high] {
                *people *= count / sum;
            }
        }
        let mut members = Members {
            by_score: people,
            nominees,
        };
        for taken in &self.taken {
            members.take(taken);
        }
        members
    }
}

impl Members {
    fn take(&mut self, taken: &Taken) {
        match *taken {
            Taken::Nominees(invited) => self.nominees = (self.nominees - invited).max(0.0),
            Taken::Top {
                cutoff,
                invitations,
                nominees,
                days,
            } => {
                if nominees {
                    self.nominees = 0.0;
                }
                let left = invitations.map_or(TOP_FLOOR, |invited| {
                    let ranked: f64 = self.by_score[cutoff..].iter().sum();
                    (1.0 - invited / ranked.max(1.0)).max(0.0)
                });
                let left = 1.0 - (1.0 - left) * (1.0 - back(days));
                self.by_score[cutoff] *= (1.0 + left) / 2.0;
                for people in &mut self.by_score[cutoff + 1..] {
                    *people *= left;
                }
            }
        }
    }

    /// People above `cutoff` and half of those at it; never zero, so that it has a logarithm.
    pub fn above(&self, cutoff: usize) -> f64 {
        const ALMOST_NOBODY: f64 = 0.01;
        let above: f64 = self.by_score[cutoff + 1..].iter().sum();
        self.nominees + above + 0.5 * self.by_score[cutoff] + ALMOST_NOBODY
    }

    /// The highest score with `invitations` people at or above it; the lowest member's when there
    /// are fewer.
    pub fn cutoff(&self, invitations: f64) -> usize {
        const HALF_A_PERSON: f64 = 0.5;
        let all = self.nominees + self.by_score.iter().sum::<f64>();
        let wanted = invitations.min(all - HALF_A_PERSON);
        let mut ranked = self.nominees;
        for score in (1..SCORES).rev() {
            ranked += self.by_score[score];
            if ranked >= wanted {
                return score;
            }
        }
        1
    }
}

#[cfg(test)]
mod tests {
    use super::super::announcement::PublishedPools;
    use super::*;
    use crate::history;

    fn curve(taken: Vec<Taken>) -> PoolCurve {
        let history = history::published();
        let pools = PublishedPools::new(history);
        let round = history.rounds.iter().find(|r| r.number == "254").unwrap();
        PoolCurve::new(&pools.announce(round), &Depletion::never(), taken)
    }

    #[test]
    fn the_bands_hold_what_was_published_whatever_the_shape() {
        for log_scale in [-0.5, 0.0, 0.5] {
            let members = curve(Vec::new()).members(log_scale);
            let snapshot = history::published()
                .snapshot_at("2023-07-04".parse().unwrap())
                .unwrap();
            assert_eq!(members.nominees, snapshot.counts[0] as f64);
            for (&(low, high), &count) in BANDS[1..].iter().zip(&snapshot.counts[1..]) {
                let people: f64 = members.by_score[low.into()..=high.into()].iter().sum();
                assert!(
                    (people - count as f64).abs() < 1e-6,
                    "{low}-{high}: {people}"
                );
            }
        }
    }

    #[test]
    fn a_longer_list_has_a_lower_cutoff_and_the_whole_list_ends_at_its_lowest_member() {
        let members = curve(Vec::new()).members(0.0);
        let cutoffs: Vec<usize> = [0.0, 100.0, 5_000.0, 50_000.0, 200_000.0, 1e9]
            .map(|n| members.cutoff(n))
            .to_vec();
        assert!(cutoffs.is_sorted_by(|a, b| a >= b), "{cutoffs:?}");
        assert_eq!(cutoffs[0], 600);
        assert!(cutoffs[5] < 150);
        assert_eq!(
            Members {
                by_score: [0.0; SCORES],
                nominees: 0.0
            }
            .cutoff(10.0),
            600
        );
    }

    #[test]
    fn a_round_since_the_snapshot_empties_the_top_and_time_refills_it() {
        let taken = |days| Taken::Top {
            cutoff: 511,
            invitations: None,
            nominees: true,
            days,
        };
        let people = |taken: Vec<Taken>| curve(taken).members(0.0);
        let (before, after, later) = (
            people(vec![]),
            people(vec![taken(0.0)]),
            people(vec![taken(10.0)]),
        );
        assert_eq!(after.nominees, 0.0);
        assert!((after.by_score[520] - TOP_FLOOR * before.by_score[520]).abs() < 1e-9);
        assert!(after.by_score[520] < later.by_score[520]);
        assert!(later.by_score[520] < before.by_score[520]);
        assert_eq!(after.by_score[510], before.by_score[510]);
    }

    #[test]
    fn depletion_reaches_down_to_the_cutoff_and_to_the_tie_break_at_it() {
        let mut depletion = Depletion::never();
        depletion.take(1_000.0, 480, Some(990.0));
        let refill = depletion.refill(1_100.0);
        assert_eq!(refill[479], 1.0);
        assert!((refill[481] - (1.0 - exp(-1.0))).abs() < 1e-12);
        assert!(refill[480] > refill[481]);
        depletion.take(1_000.0, 600, None);
        depletion.take(1_000.0, 5_000, None);
    }
}
