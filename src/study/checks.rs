//! What must hold in every round, looked at in release builds too: counts add up, nobody is invited
//! twice, and the order holds at the cut. Written without the engine's own means, by plain loops.
//! What is done about a check that fails is the run's; what holds along a timeline is looked at by
//! `course_checks`, and somebody who is passed over there is seen by `spot_checks`.
//!
//! What they cost, in instructions of a run on one thread without its report (`valgrind
//! --tool=callgrind`): 0.1% of `stem-2023-07-05`, 0.4% of `large-10m` at a million candidates, 0.1% of
//! `year-2024`. Where little else is left to do they weigh more: 1.5% of the time of a sweep of 60
//! policies of that year (`perf record`), which therefore does without counting everybody at the end.

use rayon::prelude::*;

use crate::draw::{Instruction, Outcome, Standing, TieBreak};
use crate::pool::groups::Dimension;
use crate::pool::{Bands, Pool};
use crate::study::census::Stages;
use crate::units::Instant;

/// Rows that one task looks at.
const ROWS_PER_TASK: usize = 1 << 16;
/// Rows that are passed by together.
const ROWS_PER_BLOCK: usize = 64;

/// A check that failed: the round, from 1, where it is one's, and what did not hold.
pub type Failed = (Option<usize>, String);

/// Whether the scores of a pool are what its bands want.
///
/// # Errors
/// The band that does not hold its count.
pub fn bands(scores: &[u16], bands: &Bands) -> Result<(), String> {
    let mut counts = vec![0u64; usize::from(u16::MAX) + 1];
    for &score in scores {
        counts[usize::from(score)] += 1;
    }
    for band in &bands.0 {
        let (low, high) = (usize::from(band.low), usize::from(band.high));
        let held: u64 = counts.get(low..=high).unwrap_or_default().iter().sum();
        ensure(held == band.count, || {
            format!(
                "band {low}-{high} holds {held} candidates where {} belong",
                band.count
            )
        })?;
    }
    ensure(bands.total() == scores.len() as u64, || {
        format!(
            "the bands hold {} of {} candidates",
            bands.total(),
            scores.len()
        )
    })
}

/// A round on a pool that nobody joins; `standing` is that before the round.
///
/// # Errors
/// What does not hold.
pub fn round_on_pool(
    pool: &Pool,
    standing: &Standing,
    instruction: &Instruction,
    outcome: &Outcome,
) -> Result<(), String> {
    counts(instruction, outcome)?;
    let invited = &outcome.invited;
    let (any_of, none_of) = instruction.kind.filter();
    let at = instruction.at.seconds();
    let takes_part = |row: usize| {
        let bits = pool.eligibility.get(row);
        bits & any_of != 0
            && bits & none_of == 0
            && pool.submitted[row] <= at
            && standing.is_present(row as u32)
    };
    if let Some(&row) = invited.iter().find(|&&row| !takes_part(row as usize)) {
        return Err(format!(
            "candidate {} is invited but takes no part in the round",
            pool.id(row as usize)
        ));
    }
    let key = |row: usize| Key {
        score: pool.score[row],
        submitted: pool.submitted[row],
        row: row as u32,
    };
    let keys: Vec<Key> = invited.iter().map(|&row| key(row as usize)).collect();
    order(&keys, instruction, outcome)?;
    let Some(&last) = keys.last() else {
        return Ok(());
    };
    // Everybody else with the cut-off score or more is looked at once.
    let (above, tied, passed_over) = (0..pool.len().div_ceil(ROWS_PER_TASK))
        .into_par_iter()
        .map(|task| {
            let rows = task * ROWS_PER_TASK..((task + 1) * ROWS_PER_TASK).min(pool.len());
            let scores = &pool.score[rows.clone()];
            let (mut above, mut tied, mut before) = (0u64, 0u64, 0u64);
            for (block, scores) in rows
                .step_by(ROWS_PER_BLOCK)
                .zip(scores.chunks(ROWS_PER_BLOCK))
            {
                // In most blocks nobody reaches the cut-off score.
                if scores.iter().copied().fold(0, u16::max) < last.score {
                    continue;
                }
                for (row, &score) in (block..).zip(scores) {
                    if score >= last.score && takes_part(row) {
                        above += u64::from(score > last.score);
                        tied += u64::from(score == last.score);
                        before += u64::from(!last.comes_before(&key(row), instruction.tie_break));
                    }
                }
            }
            (above, tied, before)
        })
        .reduce(
            || (0, 0, 0),
            |one, other| (one.0 + other.0, one.1 + other.1, one.2 + other.2),
        );
    let invited_above = invited.len() as u64 - outcome.tied_invited;
    ensure(above == invited_above, || {
        format!("{above} are above the cut-off score and {invited_above} of them invited")
    })?;
    ensure(tied == outcome.tied_at_cutoff, || {
        format!(
            "{tied} have the cut-off score where {} were counted",
            outcome.tied_at_cutoff
        )
    })?;
    let by_time = matches!(
        instruction.tie_break,
        TieBreak::EarliestSubmission | TieBreak::LatestSubmission
    );
    ensure(!by_time || passed_over == invited.len() as u64, || {
        format!(
            "{passed_over} come before the last of the {} invited, or are it",
            invited.len()
        )
    })
}

/// Counts by group of one round.
///
/// # Errors
/// What does not add up.
pub fn stages(stages: &Stages, outcome: &Outcome) -> Result<(), String> {
    let [before, eligible, invited, after] = stages;
    let totals = [
        ("before", before.total(), outcome.pool_size),
        ("eligible", eligible.total(), outcome.eligible),
        ("invited", invited.total(), outcome.invited.len() as u64),
        (
            "after",
            after.total(),
            outcome.pool_size - outcome.invited.len() as u64,
        ),
    ];
    for (name, counted, known) in totals {
        ensure(counted == known, || {
            format!("{counted} are counted as {name} where there are {known}")
        })?;
    }
    for counts in stages {
        let bands: u64 = counts.of(Dimension::ScoreBand).iter().sum();
        ensure(bands == counts.total(), || {
            format!("the score bands hold {bands} of {}", counts.total())
        })?;
    }
    Ok(())
}

/// What the numbers of an outcome have to do with each other.
pub(super) fn counts(instruction: &Instruction, outcome: &Outcome) -> Result<(), String> {
    let invited = outcome.invited.len() as u64;
    let (pool, eligible) = (outcome.pool_size, outcome.eligible);
    ensure(invited <= eligible && eligible <= pool, || {
        format!("{invited} invited of {eligible} eligible in a pool of {pool}")
    })?;
    let places = instruction.invitations.min(eligible);
    let open = instruction.tie_break == TieBreak::None;
    ensure(invited == places || open && invited >= places, || {
        format!("{invited} invited to {places} places")
    })?;
    let (tied, tied_invited) = (outcome.tied_at_cutoff, outcome.tied_invited);
    ensure(
        tied_invited <= tied && tied_invited <= invited && (!open || tied == tied_invited),
        || format!("{tied_invited} of {tied} with the cut-off score among {invited} invited"),
    )
}

/// Whether the invited stand in order of rank, and end at the cut-off.
pub(super) fn order(
    keys: &[Key],
    instruction: &Instruction,
    outcome: &Outcome,
) -> Result<(), String> {
    let rule = instruction.tie_break;
    let astray = |pair: &&[Key]| !pair[0].comes_before(&pair[1], rule);
    if let Some(pair) = keys.windows(2).find(astray) {
        return Err(stands_before(&pair[0], &pair[1]));
    }
    at_cutoff(keys, outcome)
}

fn stands_before(one: &Key, other: &Key) -> String {
    format!(
        "row {} with {} points stands before row {} with {}",
        one.row, one.score, other.row, other.score
    )
}

/// Whether the invited, in falling order of score and the lowest-ranked last, end at the cut-off.
pub(super) fn end(
    keys: &[Key],
    instruction: &Instruction,
    outcome: &Outcome,
) -> Result<(), String> {
    if let Some(pair) = keys.windows(2).find(|pair| pair[0].score < pair[1].score) {
        return Err(stands_before(&pair[0], &pair[1]));
    }
    if let Some((lowest, others)) = keys.split_last() {
        let behind = |key: &&Key| !key.comes_before(lowest, instruction.tie_break);
        if let Some(behind) = others.iter().find(behind) {
            return Err(stands_before(behind, lowest));
        }
    }
    at_cutoff(keys, outcome)
}

/// Whether the last of the invited is at the cut-off, with as many of its score as were counted.
fn at_cutoff(keys: &[Key], outcome: &Outcome) -> Result<(), String> {
    let cutoff = outcome.cutoff.map(|score| score.0);
    let last = keys.last().map(|key| key.score);
    ensure(cutoff == last, || {
        format!("the cut-off is {cutoff:?} where the last invited has {last:?}")
    })?;
    let alike = keys.iter().rev().take_while(|key| Some(key.score) == last);
    let tied = alike.count() as u64;
    ensure(tied == outcome.tied_invited, || {
        format!(
            "{tied} of the invited have the cut-off score, {} were counted",
            outcome.tied_invited
        )
    })?;
    let time = outcome.tie_break.map(Instant::seconds);
    ensure(
        time.is_none() || time == keys.last().map(|key| key.submitted),
        || "the tie-break is not the submission of the last invited".to_owned(),
    )
}

/// What decides a candidate's place in a round.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub score: u16,
    pub submitted: u32,
    pub row: u32,
}

impl Key {
    /// Whether this candidate is invited before another one.
    #[inline]
    pub fn comes_before(&self, other: &Key, rule: TieBreak) -> bool {
        if self.score != other.score {
            return self.score > other.score;
        }
        match rule {
            // The dice decide, and only they know.
            TieBreak::Random => true,
            TieBreak::LatestSubmission if self.submitted != other.submitted => {
                self.submitted > other.submitted
            }
            TieBreak::EarliestSubmission | TieBreak::None if self.submitted != other.submitted => {
                self.submitted < other.submitted
            }
            _ => self.row < other.row,
        }
    }
}

pub(super) fn ensure(holds: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Ranking, RoundKind, draw};
    use crate::pool::Band;
    use crate::pool::columns::Ids;
    use crate::units::Score;

    fn pool() -> Pool {
        let mut pool = Pool::zeroed(40, Ids::Numbered { first: 1 });
        for row in 0..40 {
            pool.score[row] = 480 + (row % 5) as u16;
            pool.submitted[row] = 1_000 + (row % 7) as u32;
            pool.eligibility.set(row, 2);
        }
        pool
    }

    fn instruction(tie_break: TieBreak) -> Instruction {
        Instruction {
            at: Instant::from_seconds(5_000),
            kind: RoundKind::General,
            invitations: 11,
            tie_break,
        }
    }

    /// What is said of an outcome after a change.
    fn said(tie_break: TieBreak, change: impl FnOnce(&mut Outcome)) -> String {
        let (pool, instruction) = (pool(), instruction(tie_break));
        let mut standing = Standing::everyone(&pool);
        standing.remove(&[4]);
        let ranking = Ranking::new(tie_break, 1, 0, 0);
        let mut outcome = draw(&pool, &standing, &instruction, &ranking);
        change(&mut outcome);
        match round_on_pool(&pool, &standing, &instruction, &outcome) {
            Ok(()) => String::new(),
            Err(what) => what,
        }
    }

    #[test]
    fn what_the_draw_gives_passes_by_every_rule() {
        for rule in [
            TieBreak::EarliestSubmission,
            TieBreak::LatestSubmission,
            TieBreak::Random,
            TieBreak::None,
        ] {
            assert_eq!(said(rule, |_| {}), "", "{rule:?}");
        }
    }

    #[test]
    fn every_tampering_with_a_round_is_noticed() {
        type Change = fn(&mut Outcome);
        let changes: [(&str, Change); 9] = [
            ("stands before", |outcome| outcome.invited.swap(0, 1)),
            ("stands before", |outcome| {
                outcome.invited[1] = outcome.invited[0]
            }),
            ("takes no part", |outcome| outcome.invited[10] = 4),
            ("places", |outcome| outcome.invited.truncate(10)),
            ("the cut-off is", |outcome| outcome.cutoff = Some(Score(7))),
            ("were counted", |outcome| outcome.tied_at_cutoff += 1),
            ("were counted", |outcome| outcome.tied_invited -= 1),
            ("in a pool of", |outcome| outcome.pool_size = 3),
            ("tie-break", |outcome| {
                outcome.tie_break = Some(Instant::from_seconds(1))
            }),
        ];
        for (part, change) in changes {
            let said = said(TieBreak::EarliestSubmission, change);
            assert!(said.contains(part), "{part}: {said:?}");
        }
    }

    #[test]
    fn somebody_passed_over_at_the_cut_is_noticed() {
        let skip = |outcome: &mut Outcome| {
            // Row 38 has the cut-off score and the submission of the last invited, but a later id.
            let last = outcome.invited.len() - 1;
            assert_ne!(outcome.invited[last], 38);
            outcome.invited[last] = 38;
            outcome.tie_break = Some(Instant::from_seconds(1_000 + 38 % 7));
        };
        let said = said(TieBreak::EarliestSubmission, skip);
        assert!(said.contains("come before the last"), "{said:?}");
    }

    #[test]
    fn a_band_that_holds_another_count_is_noticed() {
        let band = |low, high, count| Band { low, high, count };
        let good = Bands(vec![band(0, 481, 16), band(482, 1200, 24)]);
        assert_eq!(bands(&pool().score, &good), Ok(()));
        let bad = Bands(vec![band(0, 482, 16), band(483, 1200, 24)]);
        assert!(
            bands(&pool().score, &bad)
                .unwrap_err()
                .contains("band 0-482 holds 24")
        );
    }
}
