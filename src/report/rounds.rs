//! The rounds as IRCC prints them: one line each, and the five lines of a single round.
//! Charts of rounds live in the modules of the charts.

use maud::{Markup, html};
use serde_json::Value;

use super::labels::printed_type;
use super::numbers::{decimal, time, whole};
use super::results::{Results, Round};

/// Every round in a line, with its cut-off over the replicates when there are several.
pub fn table(results: &Results) -> Markup {
    let replicated = results.is_replicated();
    let linked = results.rounds.len() > 1;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Rounds" {
            table.rounds {
                caption {
                    "Rounds of invitations, in order of time"
                    @if replicated { ". Cut-off score and tie-break are those of the first replicate; median and 5% to 95% are over all replicates" }
                }
                thead { tr {
                    th scope="col" { "Round" } th scope="col" { "Type" }
                    th scope="col" { "Date and time" } th scope="col" { "Invitations issued" }
                    th scope="col" { "CRS score of lowest-ranked candidate invited" }
                    @if replicated { th scope="col" { "Median" } th scope="col" { "5% to 95%" } }
                    th scope="col" { "Tie-breaking rule" }
                } }
                tbody { @for round in &results.rounds { tr {
                    th scope="row" { @if linked { a href={ "#" (round.id) } { (round.row.round) } } @else { (round.row.round) } }
                    td.text { (kind(round)) }
                    td.text { (time(round.row.at_utc)) }
                    td { (whole(round.row.invited)) }
                    td { strong { (cutoff(round)) } }
                    @if replicated {
                        @let spread = round.over_replicates("cutoff_score");
                        td { (spread.and_then(|row| row.median).map_or_else(none, |value| decimal(value, 0))) }
                        td { (spread.and_then(|row| Some((row.p05?, row.p95?))).map_or_else(none, |(low, high)| format!("{} to {}", decimal(low, 0), decimal(high, 0)))) }
                    }
                    td.text { (tie_break(results, round)) }
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
    html! {
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
            div { dt { "Tie-breaking rule" } dd { (tie_break(results, round)) } }
        }
        @if row.invited < row.invitations {
            p.note { "Of " (whole(row.invitations)) " invitations, " (whole(row.invited)) " were given: no more candidates were eligible." }
        }
    }
}

/// The tie-breaking rule as it is printed.
fn tie_break(results: &Results, round: &Round) -> String {
    let rule = rule(results, round).unwrap_or("earliest-submission");
    let row = &round.row;
    match row.tie_break_utc {
        Some(at) if rule == "latest-submission" => format!("{}, latest first", time(at)),
        Some(at) => time(at),
        None if row.invited == 0 => "none".to_owned(),
        None if rule == "random" && row.invited == row.invitations => {
            "seeded random order".to_owned()
        }
        None if rule == "none" && row.invited >= row.invitations => {
            "none: all at the score".to_owned()
        }
        None => "none: every eligible candidate was invited".to_owned(),
    }
}

/// The rule by the scenario as resolved, where it names one.
fn rule<'a>(results: &'a Results, round: &Round) -> Option<&'a str> {
    let scenario = &results.facts.scenario;
    let at = round.row.at_utc.to_string();
    let of_round = scenario.get("rounds").and_then(Value::as_array)?;
    of_round
        .iter()
        .find(|told| {
            told.get("label").and_then(Value::as_str) == Some(round.row.round.as_ref())
                || told.get("at").and_then(Value::as_str) == Some(at.as_str())
        })
        .and_then(|told| told.get("tie_break"))
        .or_else(|| scenario.get("tie_break"))
        .and_then(Value::as_str)
}
