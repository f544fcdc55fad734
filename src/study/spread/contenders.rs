//! The rounds, drawn on those who may be invited, with the counts of the whole pool.
//! Who may be invited is found in `part`.

use std::sync::Arc;

use crate::draw::TieBreak;
use crate::pool::counts::{ClassCounts, Counts, count_rows};
use crate::pool::{Packed, Pool};
use crate::scenario::{Plan, RoundPlan};
use crate::study::checks::{self, ensure};
use crate::study::population::Population;
use crate::study::replicate::{Detail, Held, Replicate, replicate};
use crate::study::run::RunError;
use crate::study::summary::figures_of;
use crate::units::Score;

use super::floors::Floors;
use super::questions::Questions;

/// Draws the rounds of a plan's first replicate on a pool of the contenders, and gives them the
/// counts that they have on the whole pool.
///
/// # Errors
/// When a check of the engine does not hold.
pub(super) fn draw(
    plan: &Plan,
    questions: &Questions,
    counts: &[Counts],
    floors: &Floors,
    contenders: Pool,
) -> Result<Replicate, RunError> {
    let population = Population {
        started: contenders.len(),
        pool: Arc::new(contenders),
        rules: plan.rules[0].rules.clone(),
        made: None,
        fates: Arc::default(),
        outlook: None,
    };
    let mut done = replicate(plan, &population, 0, Detail::Rounds)?;
    let mut gone: Vec<Packed> = Vec::new();
    let mut period = 0;
    for (index, (round, held)) in plan.rounds.iter().zip(&mut done.rounds).enumerate() {
        let now = plan.period_at(round.instruction.at);
        if now != period {
            let rules = &plan.rules[now].rules;
            for packed in &mut gone {
                let candidate = packed.candidate();
                packed.score = rules.points(&candidate).total().0;
                packed.eligibility = rules.eligibility(&candidate).0;
            }
            period = now;
        }
        let [in_pool, ranked] = questions.of_round(index);
        let floor = floors.scores()[ranked];
        count(round, held, [&counts[in_pool], &counts[ranked]], &gone)
            .and_then(|()| check(round, held, Score(floor)))
            .map_err(|what| RunError::check(plan, 0, Some(index + 1), what))?;
        gone.extend(&held.invited);
    }
    done.figures = Some(figures_of(plan, &done));
    Ok(done)
}

/// Gives a round the counts of the whole pool: those without any invitation, less those who are gone.
fn count(
    round: &RoundPlan,
    held: &mut Held,
    [in_pool, ranked]: [&Counts; 2],
    gone: &[Packed],
) -> Result<(), String> {
    let members = round.instruction.kind.members();
    let mut of_gone = ClassCounts::default();
    gone.iter().for_each(|packed| of_gone.add(packed));
    let before = in_pool.less(&of_gone.counts(|_| true));
    let eligible = ranked.less(&of_gone.counts(|mask| members.have(mask)));
    let invited = count_rows(&held.invited);
    let after = before.less(&invited);
    held.outcome.pool_size = before.total();
    held.outcome.eligible = eligible.total();
    let stages = [before, eligible, invited, after];
    checks::stages(&stages, &held.outcome)?;
    held.stages = Some(stages);
    Ok(())
}

/// Whether a round on the contenders can be told from none on the whole pool.
fn check(round: &RoundPlan, held: &Held, floor: Score) -> Result<(), String> {
    let outcome = &held.outcome;
    ensure(outcome.cutoff.is_none_or(|cutoff| cutoff >= floor), || {
        format!(
            "the cut-off is {:?} where {floor:?} was the lowest score looked at",
            outcome.cutoff
        )
    })?;
    let instruction = &round.instruction;
    let (invited, places) = (
        outcome.invited.len() as u64,
        instruction.invitations.min(outcome.eligible),
    );
    let open = instruction.tie_break == TieBreak::None;
    ensure(invited == places || open && invited >= places, || {
        format!("{invited} are invited to {places} places")
    })
}
