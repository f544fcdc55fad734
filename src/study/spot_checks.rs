//! Some people of a course followed through its rounds by themselves, in release builds too: their
//! points are worked out anew, and nobody of them may have been passed over. Which people they are
//! goes by the replicate, so that many replicates look at all.
//! What is looked at in everybody lives in `checks`.

use crate::draw::TieBreak;
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::study::checks::{Failed, Key, ensure};
use crate::timeline::people::{Answer, Changes};
use crate::timeline::{Course, People, RoundCourse};

/// People that are followed, at least, where there are as many.
const FOLLOWED: usize = 64;

/// An invitation of somebody who is followed.
#[derive(Debug, Clone, Copy)]
struct Invitation {
    row: u32,
    submitted: u32,
    round: usize,
    score: u16,
    eligibility: u32,
}

/// Follows every so many-th candidate, which one of them by the number `which`.
///
/// # Errors
/// The first round in which somebody was passed over, or invited with other points than its own.
pub fn follow(
    people: &People<'_>,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    course: &Course,
    which: u32,
) -> Result<(), Failed> {
    // A power of two: the invited, who are many, are told apart without a division.
    let every = 1u32 << (people.len() / FOLLOWED).max(1).ilog2();
    let first = which % every;
    let mut invitations = Vec::new();
    for (round, held) in course.rounds.iter().enumerate() {
        let followed = held
            .invited
            .iter()
            .filter(|one| one.row & (every - 1) == first);
        invitations.extend(followed.map(|one| Invitation {
            row: one.row,
            submitted: one.submitted,
            round,
            score: one.score,
            eligibility: one.eligibility,
        }));
    }
    invitations.sort_unstable_by_key(|one| (one.row, one.round));
    let mut rest = invitations.as_slice();
    for row in (first..people.len() as u32).step_by(every as usize) {
        let own = rest.iter().take_while(|one| one.row == row).count();
        follow_one(people, rules, rounds, course, row, &rest[..own])?;
        rest = &rest[own..];
    }
    Ok(())
}

fn follow_one(
    people: &People<'_>,
    rules: &[RulesPeriod],
    rounds: &[RoundPlan],
    course: &Course,
    row: u32,
    mut invitations: &[Invitation],
) -> Result<(), Failed> {
    let name = || people.pool.id(row as usize);
    let submitted = people.pool.submitted[row as usize];
    let (leaves, fate) = (people.leaves(row), people.fate(row));
    // First second at which it may be invited, invitations so far, and points as last worked out.
    let (mut free, mut nth) = (submitted, 0);
    let mut known: Option<(Changes, usize, u16, u32)> = None;
    for (index, (round, held)) in rounds.iter().zip(&course.rounds).enumerate() {
        let fail = |what| (Some(index + 1), what);
        let instruction = &round.instruction;
        let now = instruction.at.seconds();
        let invitation = invitations.first().filter(|one| one.round == index);
        if now < free || now >= leaves {
            let gone = || format!("candidate {} is invited but not in the pool", name());
            ensure(invitation.is_none(), gone).map_err(fail)?;
            continue;
        }
        let period = rules.partition_point(|rules| rules.from <= instruction.at);
        let period = period.max(1) - 1;
        let changes = fate.happened(now);
        let (score, eligibility) = match known {
            Some((had, by, score, bits)) if (had, by) == (changes, period) => (score, bits),
            _ => {
                let candidate = people.with(row, changes);
                let rules = &rules[period].rules;
                let score = rules.points(&candidate).total().0;
                (score, rules.eligibility(&candidate).0)
            }
        };
        known = Some((changes, period, score, eligibility));
        if let Some(invitation) = invitation {
            ensure(
                (invitation.score, invitation.eligibility) == (score, eligibility),
                || {
                    format!(
                        "candidate {} is invited with {} points and eligibility {:b} where it has \
                         {score} and {eligibility:b}",
                        name(),
                        invitation.score,
                        invitation.eligibility,
                    )
                },
            )
            .map_err(fail)?;
            ensure(invitation.submitted == submitted, || {
                format!("candidate {} is invited with another submission", name())
            })
            .map_err(fail)?;
            free = match people.answer(row, nth, round.answer_days) {
                Answer::Decline(after) => now.saturating_add(after),
                Answer::Accept | Answer::Lapse => u32::MAX,
            };
            nth = nth.saturating_add(1);
            invitations = &invitations[1..];
            continue;
        }
        let (any_of, none_of) = instruction.kind.filter();
        let takes_part = eligibility & any_of != 0 && eligibility & none_of == 0;
        let key = Key {
            score,
            submitted,
            row,
        };
        ensure(!takes_part || !comes_in(round, held, &key), || {
            format!("candidate {} with {score} points is passed over", name())
        })
        .map_err(fail)?;
    }
    invitations.first().map_or(Ok(()), |left| {
        let what = format!("candidate {} is invited twice", name());
        Err((Some(left.round + 1), what))
    })
}

/// Whether somebody who takes part in a round would be among its invited.
fn comes_in(round: &RoundPlan, held: &RoundCourse, key: &Key) -> bool {
    let rule = round.instruction.tie_break;
    if (held.invited.len() as u64) < round.instruction.invitations {
        return true;
    }
    held.invited.last().is_some_and(|last| {
        let last = Key {
            score: last.score,
            submitted: last.submitted,
            row: last.row,
        };
        match rule {
            TieBreak::Random => key.score > last.score,
            TieBreak::None => key.score >= last.score,
            TieBreak::EarliestSubmission | TieBreak::LatestSubmission => {
                key.comes_before(&last, rule)
            }
        }
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use std::path::Path;

    use super::*;
    use crate::observe::Silent;
    use crate::scenario::Scenario;
    use crate::scenario::plan::Plan;
    use crate::study::population::Origin;
    use crate::timeline::engine;

    pub const YEAR: &str = r#"
        name = "small-year"
        title = "A small year"
        seed = 3
        [pool]
        as_of = 2024-01-09
        size = 2_000
        bands = "none"
        [timeline]
        end = 2025-06-20
        withdrawals_per_year = 0.4
        answers = { accept = 0.5, decline = 0.4 }
        [timeline.changes]
        birthdays = true
        work_in_canada = 0.8
        language_per_year = 0.5
        nomination_per_year = 0.1
        [timeline.arrivals]
        per_day = 10
        [[schedule]]
        every = "3 weeks"
        weekday = "wednesday"
        tie_break = "TIE"
        turns = [
          { type = "general", invitations = 60 },
          { type = "french", invitations = 40 },
          { type = "cec", invitations = 50 },
        ]
    "#;

    /// A small year with that tie-breaking rule, and what is made of its people and course.
    pub fn small_year<T>(tie: &str, look: impl FnOnce(&Plan, &People<'_>, Course) -> T) -> T {
        let text = YEAR.replace("TIE", tie).into_bytes();
        let scenario = Scenario::from_bytes(text, Path::new("small-year.toml"));
        let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
        let people = Origin::new(&plan, None).unwrap();
        let population = people.people(0, &Silent).unwrap();
        let stretch = &plan.timeline.as_ref().unwrap().course;
        let people = People::new(&population.pool, population.started, stretch, plan.seed, 0);
        let course = engine::run(
            &people,
            stretch,
            &plan.rules,
            &plan.rounds,
            plan.seed,
            0,
            false,
        );
        look(&plan, &people, course)
    }

    /// What is said of a course after a change to its first round, where the first of its invited
    /// is followed.
    fn said(tie: &str, change: impl Fn(&mut RoundCourse)) -> String {
        small_year(tie, |plan, people, mut course| {
            let row = course.rounds[0].invited[0].row;
            change(&mut course.rounds[0]);
            assert!(people.len() / FOLLOWED > 10, "not everybody is followed");
            match follow(people, &plan.rules, &plan.rounds, &course, row) {
                Ok(()) => String::new(),
                Err((round, what)) => {
                    assert_eq!(round, Some(1));
                    what
                }
            }
        })
    }

    #[test]
    fn nobody_is_passed_over_by_the_engine_under_any_rule() {
        for tie in ["earliest-submission", "latest-submission", "random", "none"] {
            assert_eq!(said(tie, |_| {}), "", "{tie}");
        }
    }

    #[test]
    fn somebody_passed_over_is_noticed() {
        let skip = |held: &mut RoundCourse| {
            // As if the next one in rank had come in instead.
            let last = *held.invited.last().unwrap();
            held.invited.remove(0);
            held.invited.push(last);
        };
        let what = said("earliest-submission", skip);
        assert!(what.contains("is passed over"), "{what}");
    }

    #[test]
    fn points_that_are_not_the_candidates_own_are_noticed() {
        let what = said("random", |held| held.invited[0].score += 1);
        assert!(what.contains("points and eligibility"), "{what}");
        let what = said("random", |held| held.invited[0].eligibility ^= 1 << 31);
        assert!(what.contains("points and eligibility"), "{what}");
        let what = said("random", |held| held.invited[0].submitted += 1);
        assert!(what.contains("another submission"), "{what}");
    }
}
