//! The rounds as IRCC prints them: one line each, and the five lines of a single round.
//! Charts of rounds live in the modules of the charts.

use maud::{Markup, html};
use serde_json::Value;

use super::labels::printed_type;
use super::numbers::{day, decimal, plain, short_time, time, whole};
use super::results::{Results, Round};
use crate::output::rows::SummaryRow;
use crate::shown::counted;

/// Every round in a line: what matters most first, as a phone shows only the first columns.
/// With several replicates, medians over them.
pub fn table(results: &Results) -> Markup {
    let replicated = results.is_replicated();
    let linked = results.rounds.len() > 1;
    let of = |value: Option<f64>| value.map_or_else(none, plain);
    html! {
        @if replicated {
            p.note {
                "Cut-off and invited are medians over the replicates; the tie-break is that of the first one."
                @if results.rounds.iter().any(|round| round.part_with_cutoff().is_some()) {
                    " Where not every replicate invited somebody, it says how many did: the cut-off is of these."
                }
            }
        }
        div.scroll tabindex="0" role="region" aria-label="Rounds" {
            table.rounds {
                caption.sr { "Rounds of invitations, in order of time" }
                thead { tr {
                    th scope="col" { "Round" } th scope="col" { "Type" }
                    th scope="col" { "Cut-off" }
                    @if replicated { th scope="col" { "5% to 95%" } }
                    th scope="col" { "Invited" }
                    th.text scope="col" { "Date" } th.text scope="col" { "Tie-break, UTC" }
                } }
                tbody { @for round in &results.rounds { tr {
                    th scope="row" { @if linked { a href={ "#" (round.id) } { (round.row.round) } } @else { (round.row.round) } }
                    td.kind { (kind(round)) }
                    td { strong { (of(round.cutoff())) } }
                    @if replicated {
                        @let spread = round.over_replicates("cutoff_score");
                        td {
                            (spread.and_then(|row| Some((row.p05?, row.p95?))).map_or_else(none, |(low, high)| format!("{} to {}", decimal(low, 0), decimal(high, 0))))
                            @if let Some(part) = round.part_with_cutoff() { ", in " (part) }
                        }
                    }
                    td { (of(round.invited())) }
                    td.text { (day(round.row.at_utc)) }
                    @let [few, _] = tie_break(results, round);
                    td.text { (few) }
                } } }
            }
        }
    }
}

fn none() -> String {
    "\u{2013}".to_owned()
}

/// Its type as IRCC prints it.
pub fn kind(round: &Round) -> String {
    printed_type(&round.row.kind, round.row.version.as_deref())
}

/// Its cut-off, or a word where nobody was invited.
pub fn cutoff(round: &Round) -> String {
    round
        .row
        .cutoff_score
        .map_or_else(|| "none".to_owned(), |score| score.to_string())
}

/// The five lines of a round.
pub fn lines(results: &Results, round: &Round) -> Markup {
    let row = &round.row;
    let over = round.over_replicates("cutoff_score");
    let [_, full] = tie_break(results, round);
    html! {
        @if let Some(over) = over {
            p.note { "As it was in the first replicate. " (over_replicates(round, over)) }
        }
        dl.ircc {
            div { dt { "Number of invitations issued" } dd { (whole(row.invited)) } }
            div { dt { "Rank required to be invited to apply" } dd {
                @match row.rank_required {
                    Some(rank) => { (whole(rank)) " or above" }
                    None => "none: no eligible candidate"
                }
            } }
            div { dt { "Date and time of round" } dd { (time(row.at_utc)) } }
            div { dt { "CRS score of lowest-ranked candidate invited" } dd { (cutoff(round)) } }
            div { dt { "Tie-breaking rule" } dd { (full) } }
        }
        @if row.invited < row.invitations {
            p.note { "Of " (counted(row.invitations, "invitation")) ", " (whole(row.invited)) " were given: no more candidates were eligible." }
        }
    }
}

/// A sentence on the cut-off score over the replicates.
fn over_replicates(round: &Round, over: &SummaryRow<'_>) -> String {
    let (Some(low), Some(middle), Some(high)) = (over.p05, over.median, over.p95) else {
        return "In no replicate was anybody invited.".to_owned();
    };
    let spread = format!(
        "{} (median; 5% to 95%: {} to {})",
        plain(middle),
        plain(low),
        plain(high)
    );
    match round.part_with_cutoff() {
        Some(part) => format!(
            "In {part} replicates somebody was invited: over these the cut-off score is {spread}."
        ),
        None => format!("Over the replicates the cut-off score is {spread}."),
    }
}

/// The tie-breaking rule: in few words, and as it is printed.
fn tie_break(results: &Results, round: &Round) -> [String; 2] {
    let rule = rule(results, round).unwrap_or("earliest-submission");
    let row = &round.row;
    let [few, full] = match row.tie_break_utc {
        Some(at) if rule == "latest-submission" => {
            return [short_time(at), time(at)].map(|at| format!("{at}, latest first"));
        }
        Some(at) => return [short_time(at), time(at)],
        None if row.invited == 0 => ["none"; 2],
        None if rule == "random" && row.invited == row.invitations => {
            ["random", "seeded random order"]
        }
        None if rule == "none" && row.invited >= row.invitations => {
            ["none", "none: all at the score"]
        }
        None => ["none", "none: every eligible candidate was invited"],
    };
    [few, full].map(str::to_owned)
}

/// The rule by the scenario as resolved, which labels each of its rounds as the tables do; several
/// may be held at the same second.
fn rule<'a>(results: &'a Results, round: &Round) -> Option<&'a str> {
    let told = results.facts.scenario.get("rounds")?.as_array()?;
    let label = round.row.round.as_ref();
    told.iter()
        .find(|told| told.get("label").and_then(Value::as_str) == Some(label))?
        .get("tie_break")?
        .as_str()
}
