//! Many rounds at a glance: a line for each, and a line for each type with its cut-offs over time.
//! Single rounds as IRCC prints them are the room's above.

use std::collections::BTreeMap;

use super::columns::Columns;
use super::look::Look;
use super::{round_title, spark};
use crate::scenario::{Plan, RoundPlan};
use crate::shown::grouped;
use crate::study::{Held, Tally};

/// Rounds from which on an overview helps.
pub const MANY: usize = 6;

/// The overview of a run.
pub fn overview_text(plan: &Plan, held: &[Held], look: &Look) -> String {
    let rounds: Vec<(&RoundPlan, &Held)> = plan.rounds.iter().zip(held).collect();
    format!(
        "{}\n\n{}\n{}",
        look.heading(&format!("{} rounds at a glance", rounds.len())),
        by_round(&rounds, look),
        by_type(&rounds, look)
    )
}

fn by_round(rounds: &[(&RoundPlan, &Held)], look: &Look) -> String {
    let heads = [
        "round",
        "date",
        "type",
        "pool",
        "eligible",
        "invited",
        "cut-off",
        "tie-break",
        "mean score",
    ];
    let mut table = Columns::new(&heads).spare(&[8, 3, 7, 4]).figure(6);
    for (round, held) in rounds {
        let outcome = &held.outcome;
        let known = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        table.row([
            round.label.clone(),
            round.instruction.at.date().to_string(),
            round_title(round),
            grouped(outcome.pool_size),
            grouped(outcome.eligible),
            grouped(outcome.invited.len() as u64),
            known(outcome.cutoff.map(|score| score.to_string())),
            outcome
                .tie_break
                .map_or_else(String::new, |at| at.date().to_string()),
            known(held.scores.map(|scores| format!("{:.1}", scores.mean))),
        ]);
    }
    table.text(look)
}

fn by_type(rounds: &[(&RoundPlan, &Held)], look: &Look) -> String {
    let mut types: BTreeMap<&str, Vec<&Held>> = BTreeMap::new();
    for (round, held) in rounds {
        types.entry(&round.type_name).or_default().push(held);
    }
    let heads = [
        "type",
        "rounds",
        "invited",
        "lowest",
        "median",
        "highest",
        "cut-offs over time",
    ];
    let mut table = Columns::new(&heads);
    for (name, held) in types {
        let cutoff = |held: &&Held| held.outcome.cutoff.map(|score| f64::from(score.0));
        let known: Tally = held.iter().filter_map(cutoff).collect();
        let figure = |p: f64| {
            let value = known.quantile(p);
            value.map_or_else(|| "-".to_owned(), |value| value.to_string())
        };
        let invited = held.iter().map(|held| held.outcome.invited.len() as u64);
        table.row([
            name.to_owned(),
            held.len().to_string(),
            grouped(invited.sum::<u64>()),
            figure(0.0),
            figure(0.5),
            figure(1.0),
            spark::line(held.iter().map(cutoff)),
        ]);
    }
    table.text(look)
}
