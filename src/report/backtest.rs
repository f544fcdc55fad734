//! Past rounds: predicted cut-off scores with their intervals against the actual ones.
//! How they were predicted is the study's.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::{round_type, short_type};
use super::marks::Marks;
use super::numbers::{day, decimal, percent, plain, signed, whole};
use super::results::Results;
use super::rows_chart::{ChartRow, RowMark, rows_panel};
use super::scale::{Scale, TimeScale};
use crate::output::rows::BacktestRow;
use crate::shown::counted;

fn told(row: &BacktestRow<'_>) -> String {
    format!(
        "Round {}, {}: actual {}, predicted {} (5% to 95%: {} to {})",
        row.round,
        day(row.at_utc),
        row.actual,
        decimal(row.predicted, 1),
        decimal(row.p05, 0),
        decimal(row.p95, 0)
    )
}

fn table(results: &Results) -> Sheet {
    let mut sheet = Sheet::new([
        "Round",
        "Type",
        "Date",
        "Invitations",
        "Actual",
        "Predicted",
        "5%",
        "25%",
        "75%",
        "95%",
        "Last of the type",
        "Error",
    ]);
    for row in &results.backtest {
        sheet.rows.push(vec![
            row.round.to_string(),
            row.kind.as_deref().map_or_else(String::new, round_type),
            day(row.at_utc),
            whole(row.invitations),
            row.actual.to_string(),
            plain(row.predicted),
            plain(row.p05),
            plain(row.p25),
            plain(row.p75),
            plain(row.p95),
            row.persistence
                .map_or_else(String::new, |score| score.to_string()),
            signed(row.error, 1),
        ]);
    }
    sheet
}

/// Rounds by type, types in order of their first round.
fn by_type(results: &Results) -> Vec<(&str, Vec<&BacktestRow<'static>>)> {
    let mut types: Vec<(&str, Vec<&BacktestRow<'static>>)> = Vec::new();
    for row in &results.backtest {
        let kind = row.kind.as_deref().unwrap_or("unknown");
        match types.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, rows)) => rows.push(row),
            None => types.push((kind, vec![row])),
        }
    }
    types
}

/// A panel for each type: intervals, prediction and truth of each round.
pub fn over_time(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 170.0;
    let mut panels = Vec::new();
    let time = TimeScale::over(results.backtest.iter().map(|row| row.at_utc))?;
    for (name, rows) in by_type(results) {
        let values = rows
            .iter()
            .flat_map(|row| [row.p05, row.p95, f64::from(row.actual.0)]);
        let scale = Scale::nice(values, 4)?;
        let y = |value: f64| HEIGHT * (1.0 - scale.at(value));
        let mut marks = Marks::default();
        levels(&mut marks, &scale, HEIGHT, 4);
        marks.under(HEIGHT, &time.ticks(4));
        for row in &rows {
            let x = time.at(row.at_utc);
            marks.told(&told(row));
            marks.line((x, y(row.p05)), (x, y(row.p95)), "wide");
            marks.line((x, y(row.p25)), (x, y(row.p75)), "middle");
            marks.dot((x, y(f64::from(row.actual.0))), 3.2, "actual");
            marks.end();
        }
        panels.push(Panel {
            title: format!(
                "{}, {}",
                round_type(name),
                counted(rows.len() as u64, "round")
            ),
            left: 40,
            right: 14,
            top: 8,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        });
    }
    Some(Figure {
        id: "backtest".to_owned(),
        title: "Predicted and actual cut-off of each round".to_owned(),
        note: "Each round is predicted from what was known before it. Each panel has a vertical scale of its own.".to_owned(),
        across: "Date of the round".to_owned(),
        down: "Cut-off score, CRS points".to_owned(),
        keys: vec![
            Key { class: "actual", text: "actual".into() },
            Key { class: "middle", text: "50% interval of the prediction".into() },
            Key { class: "wide", text: "90% interval".into() },
        ],
        panels,
        table: table(results),
    })
}

/// Predicted against actual, all types in one plot.
pub fn scatter(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 340.0;
    let values = results
        .backtest
        .iter()
        .flat_map(|row| [row.p05, row.p95, f64::from(row.actual.0)]);
    let scale = Scale::nice(values, 5)?;
    let y = |value: f64| HEIGHT * (1.0 - scale.at(value));
    let mut marks = Marks::default();
    levels(&mut marks, &scale, HEIGHT, 5);
    let ticks = scale.ticks(5).into_iter();
    let ticks: Vec<(f64, String)> = ticks.map(|(value, text)| (scale.at(value), text)).collect();
    marks.under(HEIGHT, &ticks);
    marks.line((0.0, HEIGHT), (1.0, 0.0), "equal");
    for row in &results.backtest {
        let x = scale.at(f64::from(row.actual.0));
        marks.told(&told(row));
        marks.line((x, y(row.p05)), (x, y(row.p95)), "wide");
        marks.dot((x, y(row.predicted)), 3.5, "point");
        marks.end();
    }
    let within = results
        .backtest
        .iter()
        .filter(|row| (row.p05..=row.p95).contains(&f64::from(row.actual.0)))
        .count();
    Some(Figure {
        id: "predicted-actual".to_owned(),
        title: "Predicted against actual cut-off".to_owned(),
        note: format!(
            "On the dashed line a prediction is right. {within} of {} intervals hold the actual score.",
            results.backtest.len()
        ),
        across: "Actual cut-off score, CRS points".to_owned(),
        down: "Predicted cut-off score, CRS points".to_owned(),
        keys: vec![
            Key {
                class: "point",
                text: "median".into(),
            },
            Key {
                class: "wide",
                text: "90% interval".into(),
            },
            Key {
                class: "equal",
                text: "predicted = actual".into(),
            },
        ],
        panels: vec![Panel {
            title: String::new(),
            left: 40,
            right: 14,
            top: 10,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        }],
        table: table(results),
    })
}

/// The mean error by type beside that of the last cut-off of the type.
pub fn errors(results: &Results) -> Option<Figure> {
    let mut table = Sheet::new([
        "Type",
        "Rounds",
        "Mean error",
        "Bias",
        "Mean error with predecessor",
        "Error of the last cut-off",
        "Within 50%",
        "Within 90%",
        "CRPS",
    ]);
    let mut rows = Vec::new();
    for row in &results.backtest_summary {
        let name = round_type(&row.kind);
        let cell = |value: Option<f64>| value.map_or_else(String::new, plain);
        table.rows.push(vec![
            name.clone(),
            row.rounds.to_string(),
            plain(row.mae),
            signed(row.bias, 1),
            cell(row.mae_with_predecessor),
            cell(row.persistence_mae),
            percent(row.coverage_50),
            percent(row.coverage_90),
            plain(row.crps),
        ]);
        let Some(first) = row.mae_with_predecessor else {
            continue;
        };
        let beside = row.persistence_mae.map_or_else(String::new, |last| {
            format!(" (last cut-off {})", decimal(last, 1))
        });
        rows.push(ChartRow {
            name: format!("{}, {} rounds", short_type(&row.kind), row.rounds),
            figure: format!("{}{beside}", decimal(first, 1)),
            mark: RowMark::Pair {
                first,
                second: row.persistence_mae,
            },
        });
    }
    let scale = Scale::nice(rows.iter().flat_map(|row| row.mark.values()), 5)?;
    Some(Figure {
        id: "errors".to_owned(),
        title: "How far predictions were off".to_owned(),
        note: "Mean absolute error over the rounds that have an earlier one of their type, beside that of predicting the type's last cut-off.".to_owned(),
        across: "Mean absolute error, CRS points".to_owned(),
        down: "Type of round".to_owned(),
        keys: vec![
            Key { class: "point", text: "prediction".into() },
            Key { class: "open", text: "last cut-off of the type".into() },
        ],
        panels: vec![rows_panel("", &rows, &scale)],
        table,
    })
}
