//! One type of round: what is believed about the people it ranks, and what its rounds have taught.
//! The order in which rounds are seen is `filter`'s.

use super::announcement::Announcement;
use super::assumptions::{
    COUNT_NOISE, FIRST_SIZE_HABIT_SD, FITTED_SCALE_BOUND, LEVEL_DRIFT, POOL_DRIFT, POOL_PRIOR_SD,
    REFERENCE_DRIFT, REFERENCE_LEVEL_SD, SCORES, SIZE_HABIT_BOUNDS, SIZE_HABIT_CLIP, SIZE_HABIT_SD,
    SIZE_HABIT_WEIGHT, TILT_CENTRE, TILT_DRIFT, TILT_POINTS, TILT_PRIOR_SD,
};
use super::curve::{Curve, Depletion, Members, PoolCurve};
use super::lists::{Guess, first_share, planned_share, version_change};
use super::state::{Comparison, State};
use crate::portable::{exp, ln};

/// Days in a year.
const YEAR: f64 = 365.0;

/// Whether a type ranks (nearly) everyone at the top of the pool.
pub fn ranks_whole_pool(type_name: &str) -> bool {
    matches!(type_name, "general" | "cec" | "fsw")
}

/// What is believed about one type of round.
#[derive(Debug, Clone)]
pub struct Group {
    /// Log level and log scale (whole pool), or log share and tilt (a part of it).
    pub state: State,
    /// Variance that a year adds to both.
    drift: [f64; 2],
    /// Whether (nearly) the whole top of the pool is ranked.
    pub whole: bool,
    /// When this group's scores were last emptied.
    pub emptied: Depletion,
    /// Rounds seen.
    pub rounds: usize,
    /// The last one.
    pub last: Option<Last>,
    /// Change of the log share by new versions so far.
    moved: f64,
    /// Squared departures from the habit in the size of rounds, less what was uncertain anyway.
    size_departures: f64,
    /// Squared standardised errors of past predictions.
    pub surprises: Vec<f64>,
}

/// The last round of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct Last {
    /// In days since 1970.
    pub day: f64,
    /// Version of the category.
    pub version: Option<String>,
    /// Its cut-off.
    pub cutoff: usize,
}

impl Group {
    /// What is believed before the first round. `shares` are the log ratios between learned and
    /// planned share of the planned categories that have had rounds; `emptied` is what is known
    /// of the time before the first snapshot.
    pub fn new(round: &Announcement<'_>, ratios: &[f64], emptied: Option<Depletion>) -> Self {
        let whole = ranks_whole_pool(round.type_name);
        let (mut state, mut drift) = if whole {
            (
                State::independent([0.0; 2], [POOL_PRIOR_SD; 2]),
                [POOL_DRIFT * POOL_DRIFT; 2],
            )
        } else {
            let Guess { mean: share, sd } = first_share(round.type_name, round.version);
            // One more in the divisor: the plan itself counts as one category without error.
            let ratio = ratios.iter().sum::<f64>() / (1 + ratios.len()) as f64;
            (
                State::independent([share + ratio, 0.0], [sd, TILT_PRIOR_SD]),
                [LEVEL_DRIFT * LEVEL_DRIFT, TILT_DRIFT * TILT_DRIFT],
            )
        };
        if round.pool.day.is_none() {
            state = state.widened([REFERENCE_LEVEL_SD * REFERENCE_LEVEL_SD, 0.0]);
            drift = drift.map(|variance| variance * REFERENCE_DRIFT * REFERENCE_DRIFT);
        }
        Group {
            state,
            drift,
            whole,
            emptied: emptied.unwrap_or_else(Depletion::never),
            rounds: 0,
            last: None,
            moved: 0.0,
            size_departures: 0.0,
            surprises: Vec::new(),
        }
    }

    /// Log ratio between the learned and the planned share of a category that has had rounds.
    pub fn share_ratio(&self, type_name: &str) -> Option<f64> {
        let planned = planned_share(type_name).filter(|_| self.rounds > 0)?;
        Some(self.state.mean[0] - self.moved - ln(planned))
    }

    /// The state on the day of a round: less certain by the time since the last one, moved and less
    /// certain by a new version.
    pub fn state_at(&self, round: &Announcement<'_>) -> State {
        let Some(last) = &self.last else {
            return self.state;
        };
        let years = (round.day - last.day) / YEAR;
        let mut variance = self.drift.map(|yearly| yearly * years);
        let change = version_change(round.type_name, last.version.as_deref(), round.version);
        variance[0] += change.sd * change.sd;
        let mut state = self.state.widened(variance);
        state.mean[0] += change.mean;
        state
    }

    /// A round has been learned: it is the last one from now on.
    pub fn held(&mut self, round: &Announcement<'_>, cutoff: usize) {
        let version = round.version.map(str::to_owned);
        if let Some(last) = &self.last {
            let before = last.version.as_deref();
            self.moved += version_change(round.type_name, before, round.version).mean;
        }
        self.rounds += 1;
        self.last = Some(Last {
            day: round.day,
            version,
            cutoff,
        });
    }

    /// Standard deviation of the habit in the size of this group's rounds.
    pub fn size_habit(&self) -> f64 {
        if self.rounds == 0 {
            return FIRST_SIZE_HABIT_SD;
        }
        let prior = SIZE_HABIT_WEIGHT * SIZE_HABIT_SD * SIZE_HABIT_SD;
        let seen = (self.rounds - 1) as f64;
        let (least, most) = SIZE_HABIT_BOUNDS;
        // Departures less their expected part may sum to less than nothing.
        let variance = (prior + self.size_departures) / (SIZE_HABIT_WEIGHT + seen);
        variance.max(least * least).sqrt().min(most)
    }

    /// Learns from how far a round's size was from what would have kept the cut-off.
    pub fn learn_size(&mut self, seen: &Comparison) {
        self.size_departures += (seen.error * seen.error).min(SIZE_HABIT_CLIP) - seen.variance;
    }

    /// The state after a cut-off.
    pub fn after(&self, state: &State, seen: &Comparison) -> State {
        learn(state, seen, COUNT_NOISE, self.whole).0
    }

    /// The people ranked, whatever the state turns out to be.
    pub fn ranked(&self, round: &Announcement<'_>, pool: PoolCurve) -> Ranked {
        if self.whole {
            return Ranked::Whole {
                pool,
                nominees: round.type_name == "general",
            };
        }
        let mut stock = pool.members(0.0).by_score;
        for (people, refill) in stock.iter_mut().zip(self.emptied.refill(round.day)) {
            *people *= refill;
        }
        Ranked::Part(Box::new(stock))
    }
}

/// One step of learning; the log scale of a whole pool stays within its bound.
pub fn learn(state: &State, seen: &Comparison, noise: f64, whole: bool) -> (State, f64) {
    let (mut next, surprise) = state.learn(seen, noise);
    if whole {
        next.mean[1] = next.mean[1].clamp(-FITTED_SCALE_BOUND, FITTED_SCALE_BOUND);
    }
    (next, surprise)
}

/// The people whom a round ranks, up to the two numbers of the state.
#[derive(Debug, Clone, PartialEq)]
pub enum Ranked {
    /// (Nearly) everyone at the top of the pool.
    Whole {
        /// The pool.
        pool: PoolCurve,
        /// Whether nominees are ranked too.
        nominees: bool,
    },
    /// A part of the pool: people who would be ranked if the share were one.
    Part(Box<Curve>),
}

impl Ranked {
    /// The people ranked if the state's numbers were these.
    pub fn members(&self, numbers: [f64; 2]) -> Members {
        match self {
            Ranked::Whole { pool, nominees } => {
                let mut members = pool.members(numbers[1]);
                let level = exp(numbers[0]);
                for people in &mut members.by_score {
                    *people *= level;
                }
                members.nominees *= f64::from(u8::from(*nominees));
                members
            }
            Ranked::Part(stock) => {
                let mut by_score = [0.0; SCORES];
                for (score, people) in by_score.iter_mut().enumerate() {
                    let tilted = numbers[1] * (score as f64 - TILT_CENTRE) / TILT_POINTS;
                    *people = stock[score] * exp(numbers[0] + tilted).min(1.0);
                }
                Members {
                    by_score,
                    nominees: 0.0,
                }
            }
        }
    }

    /// Compares a size and a cut-off with what a state expects: log people above the cut-off.
    pub fn compare(&self, state: &State, invitations: f64, cutoff: usize) -> Comparison {
        state.compare(ln(invitations), |numbers| {
            ln(self.members(numbers).above(cutoff))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::announcement::PublishedPools;
    use super::*;
    use crate::history;
    use crate::portable::squared;

    fn announced(number: &str) -> Announcement<'static> {
        let history = history::published();
        let round = history.rounds.iter().find(|r| r.number == number).unwrap();
        PublishedPools::new(history).announce(round)
    }

    #[test]
    fn a_group_grows_less_certain_with_time_and_with_a_new_version() {
        let round = announced("257");
        let mut group = Group::new(&announced("254"), &[], None);
        let at_first = group.state_at(&round).covariance[0][0];
        let mut last = Last {
            day: round.day - 365.0,
            version: None,
            cutoff: 486,
        };
        group.last = Some(last.clone());
        let after_a_year = group.state_at(&round).covariance[0][0];
        assert!((after_a_year - at_first - LEVEL_DRIFT * LEVEL_DRIFT).abs() < 1e-12);
        last.version = Some("older".to_owned());
        group.last = Some(last);
        let of_a_new_version = group.state_at(&round).covariance[0][0];
        let added = squared(super::super::assumptions::NEW_VERSION_SD);
        assert!((of_a_new_version - after_a_year - added).abs() < 1e-12);
    }

    #[test]
    fn a_share_is_never_more_than_everyone() {
        let group = Group::new(&announced("254"), &[], None);
        let pool = PoolCurve::new(&announced("254"), &Depletion::never(), Vec::new());
        let everyone = pool.members(0.0);
        let ranked = group.ranked(&announced("254"), pool).members([9.0, 0.0]);
        assert_eq!(ranked.by_score, everyone.by_score);
        assert_eq!(ranked.nominees, 0.0);
    }

    #[test]
    fn the_habit_in_sizes_is_wide_at_first_and_learned_within_bounds() {
        let mut group = Group::new(&announced("254"), &[], None);
        assert_eq!(group.size_habit(), FIRST_SIZE_HABIT_SD);
        group.rounds = 1;
        assert!((group.size_habit() - SIZE_HABIT_SD).abs() < 1e-12);
        for _ in 0..50 {
            let seen = State::independent([0.0; 2], [0.0; 2]).compare(9.0, |_| 0.0);
            group.learn_size(&seen);
            group.rounds += 1;
        }
        assert_eq!(group.size_habit(), SIZE_HABIT_BOUNDS.1);
    }
}
