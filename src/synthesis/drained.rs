//! Who is missing from a pool because a past round invited them: a round takes the top of its
//! group away, and what comes back is who submitted since.
//! Holding rounds is not done here; which ones there were, a profile says.
//!
//! PNP rounds are left out: a nominee was in the pool long before being nominated, so the time of
//! submission does not tell whether the round came before the nomination.

use crate::pool::Eligibility;
use crate::rules::validity::PROFILE_DAYS;
use crate::rules::{Program, Rules};
use crate::units::{Instant, Score};

/// Past rounds that a profile knows of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Drained {
    /// Share (0 to 1) of those whom a past round should have invited who are in the pool all the
    /// same: their score rose afterwards, or they declined.
    pub missed: f64,
    /// The rounds.
    pub rounds: Vec<PastRound>,
}

/// A past round as far as it says who is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastRound {
    /// When it was held.
    pub at: Instant,
    /// `general`, `cec`, `fsw`, `fst` or a category, whatever its version.
    pub type_name: String,
    /// Score of the lowest-ranked candidate invited: everyone above it was invited.
    pub cutoff: Score,
    /// Those at the cut-off who had submitted by then were invited too; nobody is known to have
    /// been where it is not given.
    pub tie_break: Option<Instant>,
}

impl PastRound {
    /// The bits of which an invited candidate has one and none; `None` for a type that these rules
    /// do not know, and for PNP.
    fn filter(&self, rules: &Rules) -> Option<(u32, u32)> {
        let name = self.type_name.as_str();
        if name == "general" {
            return Some((Eligibility::ANY_PROGRAM, 0));
        }
        let program = Program::ALL.into_iter().find(|one| one.name() == name);
        let bit = match program {
            Some(Program::Pnp) => return None,
            Some(program) => program.bit(),
            None => {
                let place = rules.categories.iter().position(|key| key.name == name)?;
                Eligibility::category_bit(place)
            }
        };
        Some((bit, Eligibility::PNP))
    }
}

/// The past rounds of a profile, looked up by score.
#[derive(Debug, Clone)]
pub struct Absence {
    missed: f64,
    by_score: Vec<Vec<Invited>>,
}

/// Candidates of one score who were invited: those with one of the bits, none of the others, who
/// had submitted by that second.
#[derive(Debug, Clone, Copy)]
struct Invited {
    any_of: u32,
    none_of: u32,
    until: u32,
}

impl Absence {
    /// Who is missing at the instant `at`; `None` where no round of the 365 days before took
    /// anybody. Rounds at `at` or later do not count.
    pub fn new(drained: &Drained, rules: &Rules, at: Instant) -> Option<Self> {
        let mut by_score = vec![Vec::new(); usize::from(Score::MAX.0) + 1];
        let oldest = at.saturating_sub(PROFILE_DAYS * Instant::DAY);
        let rounds = (drained.rounds.iter()).filter(|round| oldest < round.at && round.at < at);
        for round in rounds {
            let Some((any_of, none_of)) = round.filter(rules) else {
                continue;
            };
            let cutoff = usize::from(round.cutoff.0);
            for (score, list) in by_score.iter_mut().enumerate().skip(cutoff) {
                let until = if score > cutoff {
                    Some(round.at)
                } else {
                    round.tie_break
                };
                let Some(until) = until.map(Instant::seconds) else {
                    continue;
                };
                add(
                    list,
                    Invited {
                        any_of,
                        none_of,
                        until,
                    },
                );
            }
        }
        let nobody = by_score.iter().all(Vec::is_empty);
        (!nobody).then_some(Absence {
            missed: drained.missed,
            by_score,
        })
    }

    /// The last second up to which candidates with that score and eligibility were invited.
    #[inline]
    pub fn invited_until(&self, score: u16, eligibility: u32) -> Option<u32> {
        let list = self.by_score.get(usize::from(score))?;
        list.iter()
            .find(|one| eligibility & one.any_of != 0 && eligibility & one.none_of == 0)
            .map(|one| one.until)
    }

    /// Whether a candidate with that score, eligibility and time of submission was invited and is
    /// gone; `bits` decide whether one of the missed.
    #[inline]
    pub fn is_gone(&self, score: u16, eligibility: u32, submitted: u32, bits: u64) -> bool {
        let until = self.invited_until(score, eligibility);
        until.is_some_and(|until| submitted <= until)
            && (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64) >= self.missed
    }
}

/// Keeps a list in descending order of time, one entry for each group.
fn add(list: &mut Vec<Invited>, new: Invited) {
    let same = |one: &Invited| one.any_of == new.any_of && one.none_of == new.none_of;
    if let Some(known) = list.iter_mut().find(|one| same(one)) {
        known.until = known.until.max(new.until);
    } else {
        list.push(new);
    }
    list.sort_by_key(|one| std::cmp::Reverse(one.until));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{CategoryKey, RulesPatch};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn absence() -> Absence {
        let key = CategoryKey {
            name: "french".to_owned(),
            version: "2023-V1".to_owned(),
        };
        let date = jiff::civil::date(2024, 7, 1);
        let rules = Rules::on(date, &[key], &RulesPatch::default()).unwrap();
        let round = |time, type_name: &str, cutoff, tie_break: Option<&str>| PastRound {
            at: at(time),
            type_name: type_name.to_owned(),
            cutoff: Score(cutoff),
            tie_break: tie_break.map(at),
        };
        let drained = Drained {
            missed: 0.25,
            rounds: vec![
                round(
                    "2024-04-24T14:00:00Z",
                    "french",
                    410,
                    Some("2024-04-07T00:00:00Z"),
                ),
                round("2024-05-31T12:00:00Z", "cec", 522, None),
                round("2024-02-01T12:00:00Z", "french", 365, None),
                round("2024-06-19T12:00:00Z", "pnp", 663, None),
                round("2023-01-01T12:00:00Z", "general", 300, None),
                round("2024-08-01T12:00:00Z", "french", 300, None),
            ],
        };
        Absence::new(&drained, &rules, at("2024-07-01T00:00:00Z")).unwrap()
    }

    #[test]
    fn the_latest_round_that_reached_a_candidate_counts_and_only_of_the_year_before() {
        let french = Eligibility::FSW | Eligibility::category_bit(0);
        let until = |score, bits| absence().invited_until(score, bits);
        let time = |text: &str| Some(at(text).seconds());
        assert_eq!(until(411, french), time("2024-04-24T14:00:00Z"));
        assert_eq!(until(410, french), time("2024-04-07T00:00:00Z"));
        assert_eq!(until(400, french), time("2024-02-01T12:00:00Z"));
        assert_eq!(until(365, french), None);
        assert_eq!(until(450, Eligibility::FSW), None);
        assert_eq!(
            until(530, french | Eligibility::CEC),
            time("2024-05-31T12:00:00Z")
        );
        assert_eq!(until(1_100, french | Eligibility::PNP), None);
    }

    #[test]
    fn who_submitted_since_is_there_and_some_of_the_others_too() {
        let french = Eligibility::FSW | Eligibility::category_bit(0);
        let gone = |submitted, bits| absence().is_gone(450, french, at(submitted).seconds(), bits);
        assert!(gone("2024-04-24T14:00:00Z", u64::MAX));
        assert!(!gone("2024-04-24T14:00:01Z", u64::MAX));
        assert!(!gone("2024-01-01T00:00:00Z", u64::MAX / 5));
        assert!(gone("2024-01-01T00:00:00Z", u64::MAX / 3));
    }
}
