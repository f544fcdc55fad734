//! Rounds that could not be filled, in a line for each policy.
//! How many a round invites is worked out in `study`; single rounds of a run are told by its summary.

use super::average;
use crate::scenario::Plan;
use crate::shown::counted;

/// Most policies that are told.
const MOST: usize = 10;

/// A line on the rounds of a policy that invited fewer on average than they had invitations; none
/// where all were filled. `invited` has the mean of each round, over so many replicates.
pub fn shortfall(
    name: &str,
    plan: &Plan,
    invited: impl IntoIterator<Item = Option<f64>>,
    replicates: u32,
) -> Option<String> {
    let (mut rounds, mut wanted, mut given) = (0, 0, 0.0);
    for (round, invited) in plan.rounds.iter().zip(invited) {
        let invitations = round.instruction.invitations;
        if let Some(invited) = invited.filter(|&invited| invited < invitations as f64) {
            rounds += 1;
            wanted += invitations;
            given += invited;
        }
    }
    let of = counted(plan.rounds.len() as u64, "round");
    let whose = if rounds == 1 { "its" } else { "their" };
    (rounds > 0).then(|| {
        format!(
            "{name}: {rounds} of {of} could not be filled: of {whose} {}, {} given{}\n",
            counted(wanted, "invitation"),
            average(given),
            if replicates == 1 { "" } else { " on average" }
        )
    })
}

/// The first lines of all policies, and how many are left out.
pub fn shortfalls(lines: impl IntoIterator<Item = String>) -> String {
    let mut lines = lines.into_iter();
    let mut text: String = lines.by_ref().take(MOST).collect();
    let left_out = lines.count();
    if left_out > 0 {
        text.push_str(&format!("and {left_out} more that could not fill rounds\n"));
    }
    text
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
        let told = |invited: [f64; 3], replicates| {
            shortfall("policy a", &plan, invited.map(Some), replicates)
        };
        assert_eq!(
            told([900.0, 1_000.5, 49.0], 4).unwrap(),
            "policy a: 2 of 3 rounds could not be filled: of their 1,150 invitations, 1,049.5 \
             given on average\n"
        );
        assert_eq!(
            told([950.0, 1_100.0, 0.0], 1).unwrap(),
            "policy a: 1 of 3 rounds could not be filled: of its 50 invitations, 0 given\n"
        );
        assert_eq!(told([900.0, 1_100.0, 50.0], 4), None);
        assert_eq!(shortfall("a", &plan, [None; 3], 4), None);
        let lines = |number| shortfalls(vec!["one\n".to_owned(); number]);
        assert_eq!(lines(10), "one\n".repeat(10));
        assert_eq!(
            lines(12),
            "one\n".repeat(10) + "and 2 more that could not fill rounds\n"
        );
    }
}
