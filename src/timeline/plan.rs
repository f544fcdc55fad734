//! What a timeline needs to know: its stretch, its rounds, the rules in force, who leaves, who answers
//! how and who changes. Who arrives is sampled by [`synthesis`](crate::synthesis).

use crate::draw::{Instruction, Ranking};
use crate::rules::Rules;
pub use crate::rules::validity::PROFILE_DAYS;
use crate::units::Instant;

/// Rules and since when they hold.
#[derive(Debug, Clone)]
pub struct RulesPeriod {
    /// First instant.
    pub from: Instant,
    /// The rules.
    pub rules: Rules,
}

/// One round of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundPlan {
    /// Number in file order, from 1, or the published number.
    pub label: String,
    /// Type as written: `general`, `cec`, `stem` ...
    pub type_name: String,
    /// Version key of a category round.
    pub version: Option<String>,
    /// What the engine is told.
    pub instruction: Instruction,
    /// Days in which its invitations are to be answered.
    pub answer_days: u32,
}

impl RoundPlan {
    /// What the lots of the round in that place go by, of rounds in time order: its instant, and how
    /// many of the same instant come before it. Rounds at other times leave the lots as they are, so that
    /// policies with more of them or fewer are compared on the same ones.
    pub fn lots(rounds: &[RoundPlan], place: usize) -> u64 {
        let at = rounds[place].instruction.at;
        let earlier = rounds[..place].iter().rev();
        let same = earlier.take_while(|round| round.instruction.at == at);
        (same.count() as u64) << u32::BITS | u64::from(at.seconds())
    }

    /// The order of the round in that place, of rounds in time order, by seed and replicate.
    pub fn ranking(rounds: &[RoundPlan], place: usize, (seed, replicate): (u64, u32)) -> Ranking {
        let rule = rounds[place].instruction.tie_break;
        Ranking::new(rule, seed, replicate, RoundPlan::lots(rounds, place))
    }
}

/// A stretch of time and what happens in it besides rounds.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelinePlan {
    /// First instant.
    pub start: Instant,
    /// Last instant: rounds are held before it, and what else comes at that very second still counts.
    pub end: Instant,
    /// Withdrawals per candidate and year (a hazard, 0 or more).
    pub withdrawals_per_year: f64,
    /// How invitations are answered.
    pub answers: Answers,
    /// What changes while candidates wait.
    pub changes: Changes,
}

/// How invitations are answered: shares of the invited. Who neither accepts nor declines lets the
/// invitation lapse, and leaves the pool with it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answers {
    /// Share who apply and leave the pool for good.
    pub accept: f64,
    /// Share who decline within the days that there are for it, and are back in the pool with the old submission time.
    pub decline: f64,
}

/// What changes while candidates wait: yearly rates for each candidate concerned.
#[derive(Debug, Clone, PartialEq)]
pub struct Changes {
    /// Whether candidates grow older.
    pub birthdays: bool,
    /// Share of those whose occupation is in Canada who go on working there and gain a year.
    pub work_in_canada: f64,
    /// Better results in the first official language: one level in each ability below 10.
    pub language_per_year: f64,
    /// Nominations by a province or territory.
    pub nominations: Nominations,
}

/// Nominations by a province or territory: a yearly rate that goes by the score with which the
/// candidate came into view, times the weight of the month.
#[derive(Debug, Clone, PartialEq)]
pub struct Nominations {
    /// Lowest score of each band, 0 first, and its yearly rate (0 or more).
    pub by_score: Vec<(u16, f64)>,
    /// Weight of each month, January first: 1 leaves the rate as it is.
    pub months: [f64; 12],
}

impl Nominations {
    /// The same rate for everybody all the time.
    pub fn everybody(per_year: f64) -> Self {
        Nominations {
            by_score: vec![(0, per_year)],
            months: [1.0; 12],
        }
    }

    /// The yearly rate of a candidate with that score.
    pub fn rate(&self, score: u16) -> f64 {
        let above = self.by_score.partition_point(|&(low, _)| low <= score);
        above
            .checked_sub(1)
            .map_or(0.0, |band| self.by_score[band].1)
    }

    /// Whether nobody is nominated.
    pub fn is_none(&self) -> bool {
        self.by_score.iter().all(|&(_, rate)| rate <= 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_of_nominations_goes_by_the_band_of_the_score() {
        let nominations = Nominations {
            by_score: vec![(0, 0.9), (301, 0.3), (501, 0.0)],
            months: [1.0; 12],
        };
        assert_eq!(
            [0, 300, 301, 500, 501, 1_200].map(|score| nominations.rate(score)),
            [0.9, 0.9, 0.3, 0.3, 0.0, 0.0]
        );
        assert!(!nominations.is_none() && Nominations::everybody(0.0).is_none());
    }
}
