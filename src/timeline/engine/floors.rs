//! How far down rounds come in each class: whoever may stand above is worth working out when it
//! comes into view. A guess too high or too low costs time, and never changes a result.

use std::collections::BTreeMap;

use crate::draw::Members;
use crate::pool::Pool;
use crate::pool::classes::Classes;
use crate::scenario::plan::RoundPlan;
use crate::units::Score;

const SCORES: usize = Score::MAX.0 as usize + 1;
/// Points below the score that rounds come down to, above which candidates are worth it.
const MARGIN: u16 = 30;
/// Of all invitations along the way, how many go to those who are there at the start, for a guess.
const TO_THE_FIRST: f64 = 0.5;

/// The lowest score that matters, by class.
#[derive(Debug, Clone, Default)]
pub(super) struct Floors {
    classes: Vec<Floor>,
}

/// Candidates that are looked at, nearly, where there are as many.
const SAMPLED: usize = 1 << 14;

#[derive(Debug, Clone, Copy)]
struct Floor {
    score: u16,
    /// No round has come to the class yet.
    expected: bool,
}

impl Floor {
    /// That of a class that no round is expected to come to.
    const UNKNOWN: Floor = Floor {
        score: Score::MAX.0,
        expected: true,
    };
}

impl Floors {
    /// What rounds will come down to, by the candidates who are there at the start.
    pub fn expected(
        pool: &Pool,
        started: usize,
        rounds: &[RoundPlan],
        classes: &mut Classes,
    ) -> Self {
        // One in so many is enough: where rows stand says nothing of their scores.
        let every = (started / SAMPLED).max(1);
        let mut by_class: Vec<Vec<u32>> = Vec::new();
        for row in (0..started).step_by(every) {
            let (mask, score) = (pool.eligibility.get(row), pool.score[row]);
            let class = usize::from(classes.of(mask));
            if class >= by_class.len() {
                by_class.resize_with(class + 1, || vec![0; SCORES]);
            }
            by_class[class][usize::from(score.min(Score::MAX.0))] += every as u32;
        }
        let mut wanted: BTreeMap<Members, f64> = BTreeMap::new();
        for round in rounds {
            *wanted.entry(round.instruction.kind.members()).or_default() +=
                round.instruction.invitations as f64;
        }
        let mut floors = vec![Floor::UNKNOWN; by_class.len()];
        for (members, wanted) in wanted {
            let of_kind: Vec<usize> = (0..by_class.len())
                .filter(|&class| members.have(classes.masks()[class]))
                .collect();
            let mut invited = 0.0;
            let lowest = (0..SCORES).rev().find(|&score| {
                let of_score = of_kind
                    .iter()
                    .map(|&class| f64::from(by_class[class][score]));
                invited += of_score.sum::<f64>();
                invited >= wanted * TO_THE_FIRST
            });
            let lowest = lowest.unwrap_or(0) as u16;
            for class in of_kind {
                floors[class].score = floors[class].score.min(lowest);
            }
        }
        Floors { classes: floors }
    }

    /// The lowest score of a class that is worth working out.
    #[inline]
    pub fn of(&self, class: u16) -> u16 {
        let floor = self.classes.get(usize::from(class));
        floor.map_or(0, |floor| floor.score.saturating_sub(MARGIN))
    }

    /// Notes that a round has come down to a score of a class.
    pub fn reach(&mut self, class: u16, score: u16) {
        let class = usize::from(class);
        if class >= self.classes.len() {
            self.classes.resize(class + 1, Floor::UNKNOWN);
        }
        let floor = &mut self.classes[class];
        if floor.expected {
            *floor = Floor {
                score,
                expected: false,
            };
        }
        floor.score = floor.score.min(score);
    }
}
