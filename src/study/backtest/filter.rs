//! Goes through rounds in order of time: says what is expected of the next ones and learns from
//! how they went. Only what happened before a round reaches its forecast.

use std::collections::BTreeMap;

use super::announcement::{Announcement, days};
use super::assumptions::{
    COUNT_NOISE, CUTOFF_MEMORY, REFERENCE_SCALE_CLIP, SCALE_CLIP, SCALE_MEMORY, SCALE_WEIGHT,
    SCORES, SIZE_HABIT_SD, STALE_DAYS, STALE_LEVEL_SD, TILT_CENTRE,
};
use super::curve::{Depletion, PoolCurve, Taken};
use super::forecast::Forecast;
use super::group::{Group, Ranked, learn};
use super::nominees::Nominees;
use super::state::{Comparison, State};
use crate::units::{Instant, Score};

/// A group's type and whether a snapshot has ever been published: a type starts anew with the
/// first snapshot.
type Key = (bool, String);

/// How a round went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Score of the lowest-ranked candidate invited.
    pub cutoff: Score,
    /// Submission time of the last one invited, where published.
    pub tie_break: Option<Instant>,
}

/// What is believed after the rounds so far.
#[derive(Debug)]
pub struct Filter {
    groups: BTreeMap<Key, Group>,
    nominees: Nominees,
    /// When CEC and general rounds last emptied each score of the pool.
    top_emptied: Depletion,
    /// Rounds of the last days, oldest first: when, and what they took.
    recent: Vec<(f64, Taken)>,
    /// Cut-offs of the latest rounds that ranked a part of the pool.
    part_cutoffs: Vec<f64>,
}

/// What is believed of the people whom one round ranks.
struct Belief {
    ranked: Ranked,
    state: State,
    /// How the size compares with one that keeps the cut-off; `None` where size is no news.
    size: Option<Comparison>,
}

impl Default for Filter {
    fn default() -> Self {
        Filter {
            groups: BTreeMap::new(),
            nominees: Nominees::default(),
            top_emptied: Depletion::never(),
            recent: Vec::new(),
            part_cutoffs: Vec::new(),
        }
    }
}

impl Filter {
    /// What is expected of a round.
    pub fn forecast(&self, round: &Announcement<'_>) -> Forecast {
        if round.is_nominees() {
            return Forecast::Nominees(self.nominees.expect(round.invitations));
        }
        let new;
        let group = match self.groups.get(&key(round)) {
            Some(group) => group,
            None => {
                new = self.new_group(round);
                &new
            }
        };
        let belief = self.belief(group, round);
        Forecast::Ranked {
            ranked: Box::new(belief.ranked),
            state: belief.state,
            widen: self.widen(group, round),
            invitations: round.invitations,
        }
    }

    /// Learns how the rounds of one instant went. Groups that are new are begun before any of
    /// these rounds is learned, so that they know nothing of each other.
    pub fn learn<'a>(&mut self, rounds: &[(Announcement<'a>, Held)]) {
        for (round, _) in rounds.iter().filter(|(round, _)| !round.is_nominees()) {
            if !self.groups.contains_key(&key(round)) {
                let group = self.new_group(round);
                self.groups.insert(key(round), group);
            }
        }
        for (round, held) in rounds {
            self.learn_one(round, *held);
        }
    }

    fn learn_one(&mut self, round: &Announcement<'_>, held: Held) {
        let cutoff = usize::from(held.cutoff.0);
        // Before nominations were told apart, job offers lifted cut-offs above the curve.
        let on_curve = cutoff < SCORES;
        if round.is_nominees() {
            self.nominees
                .learn(round.invitations, f64::from(held.cutoff.0));
        } else if on_curve {
            self.learn_group(round, cutoff, held.tie_break.map(days));
        }
        if on_curve && matches!(round.type_name, "general" | "cec") {
            self.top_emptied
                .take(round.day, cutoff, held.tie_break.map(days));
        }
        self.recent
            .retain(|(day, _)| *day >= round.day - STALE_DAYS);
        if round.is_nominees() {
            self.recent
                .push((round.day, Taken::Nominees(round.invitations)));
        } else if on_curve {
            let top = matches!(round.type_name, "general" | "cec");
            let taken = Taken::Top {
                cutoff,
                invitations: (!top).then_some(round.invitations),
                nominees: round.type_name == "general",
                days: 0.0,
            };
            self.recent.push((round.day, taken));
        }
    }

    fn learn_group(&mut self, round: &Announcement<'_>, cutoff: usize, tie_break: Option<f64>) {
        let key = key(round);
        let Some(mut group) = self.groups.remove(&key) else {
            return;
        };
        let belief = self.belief(&group, round);
        let seen = belief
            .ranked
            .compare(&belief.state, round.invitations, cutoff);
        let (_, surprise) = learn(&belief.state, &seen, COUNT_NOISE, group.whole);
        let reference = round.pool.day.is_none();
        let clip = if reference {
            REFERENCE_SCALE_CLIP
        } else {
            SCALE_CLIP
        };
        group.surprises.push((surprise * surprise).min(clip));
        // The size has told where the cut-off would be; now the cut-off tells that itself, so the
        // state is learned without it.
        if reference || !(group.whole && round.is_stale()) {
            let state = group.state_at(round);
            let seen = belief.ranked.compare(&state, round.invitations, cutoff);
            group.state = group.after(&state, &seen);
        }
        if let Some(size) = belief.size {
            group.learn_size(&size);
        }
        group.held(round, cutoff);
        group.emptied.take(round.day, cutoff, tie_break);
        if !group.whole {
            self.part_cutoffs.push(cutoff as f64);
        }
        self.groups.insert(key, group);
    }

    /// What is believed of the people ranked, once the size of the round is known.
    fn belief(&self, group: &Group, round: &Announcement<'_>) -> Belief {
        let pool = PoolCurve::new(round, &self.top_emptied, self.taken_since_pool(round));
        let ranked = group.ranked(round, pool);
        let state = group.state_at(round);
        let last = group.last.as_ref().map(|last| last.cutoff);
        let learn_size = |state: &State, cutoff, sd| {
            let seen = ranked.compare(state, round.invitations, cutoff);
            (learn(state, &seen, sd, group.whole).0, seen)
        };
        let (state, size) = match (group.whole, last) {
            // A fresh pool says how many there are; the size adds nothing.
            (true, None) => (state, None),
            (true, Some(_)) if !round.is_stale() => (state, None),
            (true, Some(last)) => {
                let state = state.widened([STALE_LEVEL_SD * STALE_LEVEL_SD, 0.0]);
                (learn_size(&state, last, SIZE_HABIT_SD).0, None)
            }
            (false, Some(last)) => {
                let (state, seen) = learn_size(&state, last, group.size_habit());
                (state, Some(seen))
            }
            (false, None) => (
                learn_size(&state, self.usual_cutoff(), group.size_habit()).0,
                None,
            ),
        };
        Belief {
            ranked,
            state,
            size,
        }
    }

    /// Mean cut-off of the latest category rounds; the middle of scores counts as one more.
    fn usual_cutoff(&self) -> usize {
        let first = self.part_cutoffs.len().saturating_sub(CUTOFF_MEMORY);
        let latest = &self.part_cutoffs[first..];
        ((TILT_CENTRE + latest.iter().sum::<f64>()) / (1 + latest.len()) as f64) as usize
    }

    /// What rounds have taken since the pool was counted; nothing is told of a stale pool.
    fn taken_since_pool(&self, round: &Announcement<'_>) -> Vec<Taken> {
        if round.is_stale() {
            return Vec::new();
        }
        let since = self
            .recent
            .iter()
            .filter(|(day, _)| *day >= round.pool_day());
        since
            .map(|&(day, taken)| match taken {
                Taken::Top {
                    cutoff,
                    invitations,
                    nominees,
                    ..
                } => Taken::Top {
                    cutoff,
                    invitations,
                    nominees,
                    days: round.day - day,
                },
                nominees => nominees,
            })
            .collect()
    }

    /// How much wider than stated intervals must be, from standardised errors: those of all
    /// groups count as the prior of each.
    fn widen(&self, group: &Group, round: &Announcement<'_>) -> f64 {
        let reference = round.pool.day.is_none();
        let (mut sum, mut count) = (SCALE_WEIGHT, SCALE_WEIGHT);
        for ((_, _), other) in self.groups.iter().filter(|((old, _), _)| *old == reference) {
            sum += other.surprises.iter().sum::<f64>();
            count += other.surprises.len() as f64;
        }
        let first = group.surprises.len().saturating_sub(SCALE_MEMORY);
        let own = &group.surprises[first..];
        let weighted = SCALE_WEIGHT * sum / count + own.iter().sum::<f64>();
        (weighted / (SCALE_WEIGHT + own.len() as f64)).sqrt()
    }

    fn new_group(&self, round: &Announcement<'_>) -> Group {
        let ratios: Vec<f64> = self
            .groups
            .iter()
            .filter(|((reference, _), _)| !reference)
            .filter_map(|((_, name), group)| group.share_ratio(name))
            .collect();
        let emptied = (round.pool.day.is_some())
            .then(|| self.groups.get(&(true, round.type_name.to_owned())))
            .flatten()
            .map(|before| before.emptied.clone());
        Group::new(round, &ratios, emptied)
    }
}

fn key(round: &Announcement<'_>) -> Key {
    (round.pool.day.is_none(), round.type_name.to_owned())
}
