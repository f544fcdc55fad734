//! What must hold along a timeline, looked at in everybody and in release builds too: who came is in
//! the pool, holds an invitation or has left, the invited of each round end at its cut-off, and nobody
//! is invited while it may not be. Written without the engine's own means, by plain loops.
//! Whether somebody is passed over is looked at by `spot_checks`.

use crate::draw::Instruction;
use crate::pool::classes::MOST;
use crate::rules::validity::PROFILE_DAYS;
use crate::scenario::plan::RoundPlan;
use crate::shown::grouped;
use crate::study::checks::{Failed, Key, counts, end, ensure};
use crate::timeline::people::Answer;
use crate::timeline::{Course, People, RoundCourse, Status};
use crate::units::Instant;

/// A whole course along a timeline. Where `everybody` is wanted, people are counted at the end by
/// where they stand, which takes a look at each: more than one in a hundred parts of a policy that
/// shares everything else with others.
///
/// # Errors
/// The first round in which something does not hold, and what.
pub fn course(
    people: &People<'_>,
    rounds: &[RoundPlan],
    course: &Course,
    everybody: bool,
) -> Result<(), Failed> {
    // With some taken for others, nothing else would have to hold.
    ensure(!course.too_many_classes, || {
        format!(
            "candidates differ in more than {} ways in the programs and categories that they are eligible \
             for, and no more are told apart along a timeline; let the rounds be of fewer categories",
            grouped(MOST as u64)
        )
    })
    .map_err(|what| (None, what))?;
    let (mut came, mut left) = (people.started as u64, 0);
    let mut keys = Vec::new();
    for (index, (round, held)) in rounds.iter().zip(&course.rounds).enumerate() {
        let fail = |what| (Some(index + 1), what);
        one_round(people, &round.instruction, held, &mut keys).map_err(fail)?;
        let flows = &held.flows;
        came += flows.arrived;
        left += flows.expired + flows.withdrawn + flows.lapsed;
        let (pool, live) = (held.outcome.pool_size, held.live_invitations);
        ensure(pool + live + left == came, || {
            format!(
                "{came} came, but {pool} are in the pool, {live} hold invitations and {left} have left"
            )
        })
        .map_err(fail)?;
        left += flows.accepted;
    }
    invitations(people, rounds, course)?;
    let totals = &course.totals;
    let came = people.started as u64 + totals.arrived;
    let left = totals.accepted + totals.lapsed + totals.expired + totals.withdrawn;
    let stay = course.in_pool + course.live_invitations;
    ensure(stay + left == came, || {
        format!("of {came} who came, {left} have left and {stay} stay at the end")
    })
    .map_err(|what| (None, what))?;
    if everybody {
        standings(people, course).map_err(|what| (None, what))?;
    }
    Ok(())
}

/// One round of a course, on its own; `keys` is working memory.
fn one_round(
    people: &People<'_>,
    instruction: &Instruction,
    held: &RoundCourse,
    keys: &mut Vec<Key>,
) -> Result<(), String> {
    counts(instruction, &held.outcome)?;
    let (rows, packed) = (&held.outcome.invited, &held.invited);
    ensure(rows.len() == packed.len(), || {
        format!("{} rows for {} invited", rows.len(), packed.len())
    })?;
    let (any_of, none_of) = instruction.kind.filter();
    let now = instruction.at.seconds();
    keys.clear();
    for (&row, invitee) in rows.iter().zip(packed) {
        let (score, eligibility) = (invitee.score, invitee.eligibility);
        let submitted = invitee.submitted;
        let expires = submitted.saturating_add(PROFILE_DAYS * Instant::DAY);
        ensure(
            invitee.row == row
                && eligibility & any_of != 0
                && eligibility & none_of == 0
                && submitted <= now
                && now < expires,
            || {
                let id = people.pool.id(row as usize);
                format!("candidate {id} is invited but takes no part in the round")
            },
        )?;
        keys.push(Key {
            score,
            submitted,
            row,
        });
    }
    end(keys, instruction, &held.outcome)
}

/// Rows, one bit each: they stay at hand while the invited come up in no order.
struct Rows(Vec<u64>);

impl Rows {
    fn none(rows: usize) -> Self {
        Rows(vec![0; rows.div_ceil(64)])
    }

    /// Takes a row in; whether it was in already.
    fn add(&mut self, row: u32) -> bool {
        let (word, bit) = (&mut self.0[row as usize / 64], 1 << (row % 64));
        let was = *word & bit != 0;
        *word |= bit;
        was
    }

    fn have(&self, row: u32) -> bool {
        self.0[row as usize / 64] >> (row % 64) & 1 == 1
    }
}

/// Whether those who are invited more than once declined and were back each time before.
fn invitations(people: &People<'_>, rounds: &[RoundPlan], course: &Course) -> Result<(), Failed> {
    let invited = || course.rounds.iter().map(|held| &held.outcome.invited);
    let (mut once, mut again) = (Rows::none(people.len()), Rows::none(people.len()));
    let mut repeated = false;
    for &row in invited().flatten() {
        if once.add(row) {
            again.add(row);
            repeated = true;
        }
    }
    if !repeated {
        return Ok(());
    }
    let mut theirs: Vec<(u32, usize)> = Vec::new();
    for (round, rows) in invited().enumerate() {
        let rows = rows.iter().filter(|&&row| again.have(row));
        theirs.extend(rows.map(|&row| (row, round)));
    }
    theirs.sort_unstable();
    for one in theirs.chunk_by(|one, next| one.0 == next.0) {
        // First second at which the candidate may be invited.
        let mut free = 0;
        for (nth, &(row, round)) in one.iter().enumerate() {
            let now = rounds[round].instruction.at.seconds();
            ensure(free <= now, || {
                let id = people.pool.id(row as usize);
                format!("candidate {id} is invited again")
            })
            .map_err(|what| (Some(round + 1), what))?;
            let nth = u8::try_from(nth).unwrap_or(u8::MAX);
            free = match people.answer(row, nth, rounds[round].answer_days) {
                Answer::Decline(after) => now.saturating_add(after),
                Answer::Accept | Answer::Lapse => u32::MAX,
            };
        }
    }
    Ok(())
}

/// Whether people stand at the end as they were counted on the way.
fn standings(people: &People<'_>, course: &Course) -> Result<(), String> {
    let mut stand = [0u64; Status::COUNT];
    for status in course.standings(people) {
        stand[status as usize] += 1;
    }
    let totals = &course.totals;
    for (what, status, counted) in [
        ("are in the pool", Status::InPool, course.in_pool),
        ("accepted", Status::Accepted, totals.accepted),
        ("let an invitation lapse", Status::Lapsed, totals.lapsed),
        ("expired", Status::Expired, totals.expired),
        ("withdrew", Status::Withdrawn, totals.withdrawn),
    ] {
        let stand = stand[status as usize];
        ensure(stand == counted, || {
            format!("{stand} {what} at the end where {counted} were counted")
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Outcome;
    use crate::study::spot_checks::tests::small_year;
    use crate::timeline::course::Invitee;
    use crate::timeline::engine;

    /// What is said of a small year after a change.
    fn said(change: impl FnOnce(&mut Course, &[Status])) -> String {
        small_year("random", |plan, people, mut held| {
            let ends: Vec<Status> = held.standings(people).collect();
            change(&mut held, &ends);
            let said = course(people, &plan.rounds, &held, true);
            said.err().map_or(String::new(), |(_, what)| what)
        })
    }

    #[test]
    fn what_the_engine_gives_passes_and_some_are_invited_again() {
        for tie in ["earliest-submission", "latest-submission", "random", "none"] {
            small_year(tie, |plan, people, held| {
                assert_eq!(course(people, &plan.rounds, &held, true), Ok(()), "{tie}");
                let invited = held.rounds.iter().flat_map(|round| &round.outcome.invited);
                let mut once = Rows::none(people.len());
                assert!(invited.copied().any(|row| once.add(row)), "{tie}");
            });
        }
    }

    /// A round with its invited in order of row: those of one score stand as they were found.
    fn by_row(round: &RoundCourse) -> (Outcome, Vec<Invitee>) {
        let (mut outcome, mut invited) = (round.outcome.clone(), round.invited.clone());
        outcome.invited.sort_unstable();
        invited.sort_unstable_by_key(|one| one.row);
        (outcome, invited)
    }

    #[test]
    fn whom_rounds_are_expected_to_reach_changes_nothing() {
        for tie in ["earliest-submission", "latest-submission", "random", "none"] {
            small_year(tie, |plan, people, held| {
                let stretch = &plan.timeline.as_ref().unwrap().course;
                let (rules, rounds) = (&plan.rules, &plan.rounds);
                assert!(rules.len() > 1, "the rules change");
                let seeds = (plan.seed, 0);
                let other = engine::run_unprepared(people, stretch, rules, rounds, seeds);
                for (round, other) in held.rounds.iter().zip(&other.rounds) {
                    assert_eq!(by_row(round), by_row(other), "{tie}");
                    assert_eq!(round.invited.last(), other.invited.last(), "{tie}");
                    let moved = |round: &RoundCourse| (round.flows, round.live_invitations);
                    assert_eq!(moved(round), moved(other), "{tie}");
                }
                assert_eq!(course(people, rounds, &other, true), Ok(()), "{tie}");
                assert!(held.standings(people).eq(other.standings(people)), "{tie}");
                let ends = |held: &Course| (held.totals, held.in_pool, held.expired_uninvited);
                assert_eq!(ends(&held), ends(&other), "{tie}");
            });
        }
    }

    #[test]
    fn every_tampering_with_a_course_is_noticed() {
        type Change = fn(&mut Course, &[Status]);
        let changes: [(&str, Change); 11] = [
            ("more than 65,534 ways", |held, _| {
                held.too_many_classes = true
            }),
            ("hold invitations", |held, _| {
                held.rounds[3].flows.arrived += 1
            }),
            ("hold invitations", |held, _| {
                held.rounds[3].live_invitations += 1
            }),
            ("rows for", |held, _| {
                held.rounds[2].invited.pop();
            }),
            ("takes no part", |held, _| {
                held.rounds[2].invited[0].eligibility = 0
            }),
            ("takes no part", |held, _| held.rounds[2].invited.swap(0, 1)),
            ("stands before", |held, _| {
                let round = &mut held.rounds[2];
                let place = round.invited.len() - 2;
                assert!(round.invited[0].score > round.invited[place].score);
                round.invited.swap(0, place);
                round.outcome.invited.swap(0, place);
            }),
            ("invited again", |held, ends| {
                // Who accepts has left for good; its points are those of whom it stands in for.
                let mut invited = held.rounds[0].outcome.invited.iter();
                let accepts = |&&row: &&u32| ends[row as usize] == Status::Accepted;
                let row = *invited.find(accepts).unwrap();
                held.rounds[1].outcome.invited[0] = row;
                held.rounds[1].invited[0].row = row;
            }),
            ("stay at the end", |held, _| held.in_pool += 1),
            ("accepted at the end", |held, _| {
                held.totals.accepted += 1;
                held.totals.lapsed -= 1;
            }),
            ("expired at the end", |held, _| {
                held.totals.expired -= 1;
                held.totals.withdrawn += 1;
            }),
        ];
        for (part, change) in changes {
            let said = said(change);
            assert!(said.contains(part), "{part}: {said:?}");
        }
    }

    #[test]
    fn another_one_of_the_lowest_score_behind_the_lowest_ranked_is_noticed() {
        for tie in ["earliest-submission", "latest-submission", "none"] {
            let said = small_year(tie, |plan, people, mut held| {
                let tied = |round: &RoundCourse| round.outcome.tied_invited > 1;
                let round = held.rounds.iter_mut().find(|round| tied(round)).unwrap();
                let last = round.invited.len() - 1;
                round.invited.swap(last - 1, last);
                round.outcome.invited.swap(last - 1, last);
                course(people, &plan.rounds, &held, true).map_err(|(_, what)| what)
            });
            let said = said.unwrap_err();
            assert!(said.contains("stands before"), "{tie}: {said}");
        }
    }

    #[test]
    fn somebody_invited_twice_in_one_round_is_noticed() {
        let said = said(|held, _| {
            let round = &mut held.rounds[4];
            round.outcome.invited[1] = round.outcome.invited[0];
            round.invited[1].row = round.invited[0].row;
        });
        assert!(
            said.contains("invited again") || said.contains("stands before"),
            "{said:?}"
        );
    }
}
