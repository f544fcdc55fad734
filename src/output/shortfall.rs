//! Rounds of a policy that could not be filled: what the manifest says of them, and the line in which
//! the terminal and the report tell it.
//! How many a round invites is worked out in `study`; single rounds of a run are told by its summary.

use serde::{Deserialize, Serialize};

use crate::output::terminal::average;
use crate::scenario::Plan;
use crate::shown::{counted, grouped};
use crate::study::tally::Tally;

/// Most policies that are told.
const MOST: usize = 10;

/// How many of the invitations of a round were given in the replicates, where some fell short.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Short {
    /// In how many replicates fewer were invited than there were invitations.
    pub replicates: u64,
    /// How many of the invitations were given, on average over all replicates. What a round invites
    /// beyond them, where everybody with the cut-off score is invited, does not make up for it.
    pub given: f64,
}

impl Short {
    /// Of a round with so many invitations that invited these numbers; none where every replicate gave
    /// all of them.
    pub fn of(invitations: u64, invited: &Tally) -> Option<Self> {
        let wanted = invitations as f64;
        let below = invited.below(wanted);
        let missing = (wanted - below.mean()?) * below.len() as f64;
        Some(Short {
            replicates: below.len(),
            given: wanted - missing / invited.len() as f64,
        })
    }
}

/// The rounds of a policy that in some replicate invited fewer than they had invitations.
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
    /// In how many replicates the round fell short that did so most often; none in results of versions
    /// that did not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<u64>,
}

impl Shortfall {
    /// The shortfall of a policy that is called `policy`; none where all rounds were filled. `invited` has
    /// what each round invited in the replicates.
    pub fn of<'t>(
        policy: String,
        plan: &Plan,
        invited: impl IntoIterator<Item = Option<&'t Tally>>,
    ) -> Option<Self> {
        let mut shortfall = Shortfall {
            policy,
            unfilled: 0,
            rounds: plan.rounds.len() as u64,
            invitations: 0,
            given: 0.0,
            short: None,
        };
        for (round, invited) in plan.rounds.iter().zip(invited) {
            let invitations = round.instruction.invitations;
            if let Some(short) = invited.and_then(|invited| Short::of(invitations, invited)) {
                shortfall.unfilled += 1;
                shortfall.invitations += invitations;
                shortfall.given += short.given;
                shortfall.short = shortfall.short.max(Some(short.replicates));
            }
        }
        (shortfall.unfilled > 0).then_some(shortfall)
    }

    /// A line on it, over so many replicates.
    fn line(&self, replicates: u32) -> String {
        let one = self.unfilled == 1;
        let often = match self.short {
            Some(short) if short < u64::from(replicates) => format!(
                ", short in {}{} of {}",
                if one { "" } else { "up to " },
                grouped(short),
                counted(replicates, "replicate")
            ),
            _ => String::new(),
        };
        format!(
            "{}: {} of {} could not be filled: of {} {}, {} given{}{often}",
            self.policy,
            self.unfilled,
            counted(self.rounds, "round"),
            if one { "its" } else { "their" },
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
        let told = |invited: [&[f64]; 3]| -> Vec<String> {
            let replicates = invited[0].len() as u32;
            let invited = invited.map(|round| round.iter().copied().collect::<Tally>());
            let found = Shortfall::of("policy a".to_owned(), &plan, invited.iter().map(Some));
            lines(found.as_slice(), replicates)
        };
        assert_eq!(
            told([&[900.0; 2], &[1_000.0, 1_001.0], &[49.0; 2]]),
            [
                "policy a: 2 of 3 rounds could not be filled: of their 1,150 invitations, 1,049.5 \
              given on average"
            ]
        );
        assert_eq!(
            told([&[950.0], &[1_100.0], &[0.0]]),
            ["policy a: 1 of 3 rounds could not be filled: of its 50 invitations, 0 given"]
        );
        assert!(told([&[900.0; 4], &[1_100.0; 4], &[50.0; 4]]).is_empty());
        // Replicates that invite everybody with the cut-off score hide none that fell short.
        assert_eq!(
            told([&[940.0, 930.0], &[1_100.0, 1_150.0], &[90.0, 40.0]]),
            [
                "policy a: 1 of 3 rounds could not be filled: of its 50 invitations, 45 given on \
              average, short in 1 of 2 replicates"
            ]
        );
        assert_eq!(
            told([&[940.0, 800.0, 840.0], &[1_100.0; 3], &[90.0, 40.0, 50.0]]),
            [
                "policy a: 2 of 3 rounds could not be filled: of their 950 invitations, 893.3 given \
              on average, short in up to 2 of 3 replicates"
            ]
        );
        assert_eq!(Shortfall::of("a".to_owned(), &plan, [None; 3]), None);
        let nobody: Tally = [0.0].into_iter().collect();
        let one = Shortfall::of("a".to_owned(), &plan, [Some(&nobody); 3]).unwrap();
        let of = |number: usize| lines(&vec![one.clone(); number], 1);
        assert_eq!(of(10), vec![one.line(1); 10]);
        assert_eq!(of(12)[10], "and 2 more that could not fill rounds");
        assert_eq!(of(12).len(), 11);
    }
}
