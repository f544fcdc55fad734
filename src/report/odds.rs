//! The chance of one candidate to be invited by each round, with its interval.
//! How it is worked out is the study's.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::round_type;
use super::marks::{Marks, Path};
use super::numbers::{day, percent};
use super::results::Results;
use super::scale::{Scale, TimeScale};

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
        note: "Share of the replicates in which the candidate is invited by then.".to_owned(),
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
