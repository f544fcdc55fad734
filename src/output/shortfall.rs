//! Rounds of a policy that could not be filled: what the manifest says of them, and the line in which
//! the terminal and the report tell it.
//! How many a round invites is worked out in `study`; single rounds of a run are told by its summary.

use serde::{Deserialize, Serialize};

use crate::output::terminal::average;
use crate::scenario::Plan;
use crate::shown::counted;

/// Most policies that are told.
const MOST: usize = 10;

/// The rounds of a policy that invited fewer on average than they had invitations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shortfall {
    /// What the policy is called.
    pub policy: String,
    /// How many rounds could not be filled.
    pub unfilled: u64,
    /// How many rounds it has.
    pub rounds: u64,
    /// Invitations of the rounds that could not be filled.
    pub invitations: u64,
    /// How many of them were given, on average over the replicates.
    pub given: f64,
}

impl Shortfall {
    /// The shortfall of a policy that is called `policy`; none where all rounds were filled. `invited` has
    /// the mean of each round.
    pub fn of(
        policy: String,
        plan: &Plan,
        invited: impl IntoIterator<Item = Option<f64>>,
    ) -> Option<Self> {
        let mut shortfall = Shortfall {
            policy,
            unfilled: 0,
            rounds: plan.rounds.len() as u64,
            invitations: 0,
            given: 0.0,
        };
        for (round, invited) in plan.rounds.iter().zip(invited) {
            let invitations = round.instruction.invitations;
            if let Some(invited) = invited.filter(|&invited| invited < invitations as f64) {
                shortfall.unfilled += 1;
                shortfall.invitations += invitations;
                shortfall.given += invited;
            }
        }
        (shortfall.unfilled > 0).then_some(shortfall)
    }

    /// A line on it, over so many replicates.
    fn line(&self, replicates: u32) -> String {
        format!(
            "{}: {} of {} could not be filled: of {} {}, {} given{}",
            self.policy,
            self.unfilled,
            counted(self.rounds, "round"),
            if self.unfilled == 1 { "its" } else { "their" },
            counted(self.invitations, "invitation"),
            average(self.given),
            if replicates == 1 { "" } else { " on average" }
        )
    }
}

/// A line for each of the first policies, and how many are left out; over so many replicates.
pub fn lines(shortfalls: &[Shortfall], replicates: u32) -> Vec<String> {
    let shown = shortfalls.iter().take(MOST);
    let mut lines: Vec<String> = shown.map(|one| one.line(replicates)).collect();
    if let left_out @ 1.. = shortfalls.len().saturating_sub(MOST) {
        lines.push(format!("and {left_out} more that could not fill rounds"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    #[test]
    fn rounds_that_were_not_filled_are_told_in_a_line_and_not_all_lines_are_told() {
        let scenario = Scenario::from_path("scenarios/year-2024.toml").unwrap();
        let mut plan = scenario.resolve().unwrap();
        plan.rounds.truncate(3);
        for (round, invitations) in plan.rounds.iter_mut().zip([900, 1_100, 50]) {
            round.instruction.invitations = invitations;
        }
        let told = |invited: [f64; 3], replicates| -> Vec<String> {
            let found = Shortfall::of("policy a".to_owned(), &plan, invited.map(Some));
            lines(found.as_slice(), replicates)
        };
        assert_eq!(
            told([900.0, 1_000.5, 49.0], 4),
            [
                "policy a: 2 of 3 rounds could not be filled: of their 1,150 invitations, 1,049.5 \
              given on average"
            ]
        );
        assert_eq!(
            told([950.0, 1_100.0, 0.0], 1),
            ["policy a: 1 of 3 rounds could not be filled: of its 50 invitations, 0 given"]
        );
        assert!(told([900.0, 1_100.0, 50.0], 4).is_empty());
        assert_eq!(Shortfall::of("a".to_owned(), &plan, [None; 3]), None);
        let one = Shortfall::of("a".to_owned(), &plan, [Some(0.0); 3]).unwrap();
        let of = |number: usize| lines(&vec![one.clone(); number], 1);
        assert_eq!(of(10), vec![one.line(1); 10]);
        assert_eq!(of(12)[10], "and 2 more that could not fill rounds");
        assert_eq!(of(12).len(), 11);
    }
}
