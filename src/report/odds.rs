//! The chance of one candidate to be invited by each round, with its interval.
//! How it is worked out is the study's.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::heading::listed;
use super::labels::{round_type, short_type};
use super::marks::{Marks, Path};
use super::numbers::{day, percent};
use super::results::Results;
use super::scale::{Scale, TimeScale};
use crate::units::Instant;

/// The candidate in words, e.g. `505 points in general and CEC rounds, submitted 5 Jan 2024`; none
/// without such a table.
pub fn candidate(results: &Results) -> Option<String> {
    results.odds.first()?;
    let asked = &results.facts.scenario["candidate"]["asked"];
    let mut told = match (asked["id"].as_str(), asked["file"].as_str()) {
        (Some(id), Some(file)) => format!("candidate {id} of {file}"),
        (None, Some(file)) => format!("the candidate of {file}"),
        _ => match points(results) {
            Some(points) => format!("{points} points"),
            None => "a candidate".to_owned(),
        },
    };
    let types = types(results);
    if types.is_empty() {
        told.push_str(", ranked by no round");
    } else {
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        told.push_str(&format!(" in {} rounds", listed(&types)));
    }
    if let Some(at) = submitted(results) {
        told.push_str(&format!(", submitted {}", day(at)));
    }
    Some(told)
}

/// What the head of the page tells of the candidate.
pub fn heads(results: &Results) -> Vec<(String, String)> {
    let Some(last) = results.odds.last() else {
        return Vec::new();
    };
    let mut heads = Vec::new();
    if let Some(points) = points(results) {
        heads.push(("CRS score of the candidate".to_owned(), points));
    }
    if let Some(at) = submitted(results) {
        heads.push(("when the profile is submitted".to_owned(), day(at)));
    }
    let chance = format!(
        "chance to be invited by {} (95% interval {} to {})",
        day(last.at_utc),
        percent(last.ci_low),
        percent(last.ci_high)
    );
    heads.push((chance, percent(last.chance)));
    heads
}

/// Its score, or from which to which it is; none when no round ranks it.
fn points(results: &Results) -> Option<String> {
    let scores = || results.odds.iter().filter_map(|row| row.crs_score);
    let (low, high) = (scores().min()?, scores().max()?);
    Some(if low == high {
        low.to_string()
    } else {
        format!("{low} to {high}")
    })
}

/// Types of the rounds that rank it, in order of the first round.
fn types(results: &Results) -> Vec<String> {
    let mut types: Vec<String> = Vec::new();
    for row in results.odds.iter().filter(|row| row.crs_score.is_some()) {
        let name = match row.kind.as_str() {
            "general" => "general".to_owned(),
            other => short_type(other),
        };
        if !types.contains(&name) {
            types.push(name);
        }
    }
    types
}

/// When its profile is submitted, by the manifest.
fn submitted(results: &Results) -> Option<Instant> {
    let text = results.facts.scenario["candidate"]["submitted"].as_str()?;
    Instant::parse(text).ok()
}

/// The chance over time; none without such a table.
pub fn figure(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 240.0;
    let time = TimeScale::over(results.odds.iter().map(|row| row.at_utc))?;
    let scale = Scale::new(0.0, 100.0);
    let y = |share: f64| HEIGHT * (1.0 - scale.at(share * 100.0));
    let mut marks = Marks::default();
    levels(&mut marks, &scale, HEIGHT, 4);
    marks.under(HEIGHT, &time.ticks(5));
    let upper = results
        .odds
        .iter()
        .map(|row| (time.at(row.at_utc), y(row.ci_high)));
    let lower = results
        .odds
        .iter()
        .rev()
        .map(|row| (time.at(row.at_utc), y(row.ci_low)));
    let paths = [
        Path {
            class: "band-90",
            points: upper.chain(lower).collect(),
            closed: true,
        },
        Path {
            class: "trend",
            points: results
                .odds
                .iter()
                .map(|row| (time.at(row.at_utc), y(row.chance)))
                .collect(),
            closed: false,
        },
    ];
    marks.paths(HEIGHT, &paths);
    let mut table = Sheet::new([
        "Round",
        "Type",
        "Date",
        "Score",
        "Invited by this round",
        "By then",
        "95% from",
        "95% to",
    ]);
    for row in &results.odds {
        let kind = round_type(&row.kind);
        marks.told(&format!(
            "Round {}, {kind}, {}: invited by then {}",
            row.round,
            day(row.at_utc),
            percent(row.chance)
        ));
        let class = if row.crs_score.is_some() {
            "point"
        } else {
            "open"
        };
        marks.dot((time.at(row.at_utc), y(row.chance)), 4.0, class);
        marks.end();
        table.rows.push(vec![
            row.round.clone(),
            kind,
            day(row.at_utc),
            row.crs_score
                .map_or_else(String::new, |score| score.to_string()),
            percent(row.chance_here),
            percent(row.chance),
            percent(row.ci_low),
            percent(row.ci_high),
        ]);
    }
    Some(Figure {
        id: "odds".to_owned(),
        title: "Chance to be invited by each round".to_owned(),
        note: format!(
            "Share of the replicates in which the candidate is invited by then: {}.",
            candidate(results)?
        ),
        across: "Date of the round".to_owned(),
        down: "Chance, %".to_owned(),
        keys: vec![
            Key {
                class: "point",
                text: "round that ranks the candidate".into(),
            },
            Key {
                class: "open",
                text: "round that does not".into(),
            },
            Key {
                class: "band-90",
                text: "95% interval".into(),
            },
        ],
        panels: vec![Panel {
            title: String::new(),
            left: 40,
            right: 14,
            top: 8,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        }],
        table,
    })
}
