//! The result folder of a sweep, one tidy table, and its short form for the terminal.
//! What is swept is the scenario's, and figures are worked out in `study`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::json;
use toml::Value;

use crate::inputs::InputRecord;
use crate::output::journal::{Journal, Key};
use crate::output::made::{Made, inputs_of};
use crate::output::manifest::Manifest;
use crate::output::results::{decides, manifest};
use crate::output::rows::SweepRow;
use crate::output::shortfall::{self, Shortfall};
use crate::output::table::{Cell, KeyColumn, Keyed, Kind};
use crate::output::terminal::Look;
use crate::output::{Format, OutputError, ResultFolder, terminal};
use crate::scenario::grid::{Combination, Grid};
use crate::scenario::settings::Setting;
use crate::study::summary::{Metric, Summary};
use crate::study::tally::Tally;

/// Most lines that the terminal shows.
const MOST_LINES: usize = 60;

/// The name of the folder that a sweep of this scenario is written to.
pub fn folder_name(grid: &Grid) -> String {
    format!("{}-swept", grid.base.name)
}

/// Opens the journal of a sweep's replicates; see [`ResultFolder::journal`]. `read` is what was read of
/// the candidates' file.
///
/// # Errors
/// When it cannot be written, or what is to be resumed is another sweep.
pub fn journal(
    folder: &ResultFolder,
    grid: &Grid,
    read: Option<&InputRecord>,
    resume: bool,
) -> Result<Journal, OutputError> {
    let mut all = vec!["sweep".to_owned()];
    all.extend(decides(&grid.base, read)?);
    for combination in &grid.combinations {
        all.push(combination.people.to_string());
        all.extend(decides(&combination.plan, read)?);
    }
    folder.journal(Key::new(all.iter().map(String::as_str)), resume)
}

/// The sweep of this very grid with these metrics that stands in the folder `parent`, if one does.
pub fn made(parent: &Path, grid: &Grid, metrics: &[Metric]) -> Option<Made> {
    let facts = [
        ("command", "sweep".into()),
        ("seed", grid.base.seed.into()),
        ("scenario", told(grid, metrics)),
    ];
    let plans = std::iter::once(&grid.base).chain(grid.plans());
    Made::find(parent, &folder_name(grid), &facts, &inputs_of(plans))
}

/// What the manifest tells of the scenario, its settings and the figures.
fn told(grid: &Grid, metrics: &[Metric]) -> serde_json::Value {
    let settings = grid.settings.iter().map(|setting| {
        let values: Vec<String> = (0..setting.values.len())
            .map(|place| setting.shown(place))
            .collect();
        json!({ "key": setting.key, "values": values })
    });
    json!({
        "scenario": grid.base.resolved,
        "set": settings.collect::<Vec<_>>(),
        "metrics": metrics.iter().map(|metric| metric.name()).collect::<Vec<_>>(),
    })
}

/// Writes the tables of `folder`, named [`folder_name`], and moves it to its place. `metrics` are
/// written, in their order; `read` is what was read of the candidates' file.
///
/// # Errors
/// When the folder cannot be written or moved.
pub fn write(
    mut folder: ResultFolder,
    grid: &Grid,
    read: Option<&InputRecord>,
    summaries: &[Summary],
    metrics: &[Metric],
    format: Format,
    started: Clock,
) -> Result<PathBuf, OutputError> {
    let kinds: Vec<Kind> = grid.settings.iter().map(kind).collect();
    let keys = grid
        .settings
        .iter()
        .zip(&kinds)
        .map(|(setting, &kind)| KeyColumn {
            name: setting.key.clone(),
            kind,
            meaning: format!("Value of the swept key {}.", setting.key),
        });
    let mut writer = folder.keyed_table::<SweepRow>(keys.collect(), format)?;
    for ((number, combination), summary) in (1..).zip(&grid.combinations).zip(summaries) {
        let shown = shown(grid, combination);
        let values = grid.settings.iter().zip(&combination.places);
        let cells: Vec<Cell> = values
            .zip(kinds.iter().zip(&shown))
            .map(|((setting, &place), (&kind, shown))| cell(&setting.values[place], kind, shown))
            .collect();
        for (round, tallies) in combination.plan.rounds.iter().zip(summary.rounds()) {
            for metric in metrics {
                let Some(tally) = tallies.get(metric) else {
                    continue;
                };
                writer.write(&Keyed {
                    keys: &cells,
                    row: SweepRow {
                        scenario: Cow::Borrowed(&grid.base.name),
                        combination: number,
                        round: Cow::Borrowed(&round.label),
                        kind: Cow::Borrowed(&round.type_name),
                        metric: Cow::Borrowed(metric.name()),
                        mean: tally.mean(),
                        sd: tally.sd(),
                        se: tally.se(),
                        p05: tally.quantile(0.05),
                        p25: tally.quantile(0.25),
                        median: tally.quantile(0.5),
                        p75: tally.quantile(0.75),
                        p95: tally.quantile(0.95),
                        replicates: tally.len(),
                    },
                })?;
            }
        }
    }
    folder.complete(writer)?;
    let (scenario, plans) = (told(grid, metrics), grid.plans());
    folder.finish(&Manifest {
        unfilled: unfilled(grid, summaries),
        ..manifest("sweep", &grid.base, plans, scenario, read, started)?
    })
}

/// The type of the column of a key: that of all of its values.
fn kind(setting: &Setting) -> Kind {
    let all = |holds: fn(&Value) -> bool| setting.values.iter().all(holds);
    if all(|value| value.as_integer().is_some_and(|value| value >= 0)) {
        Kind::Integer
    } else if all(|value| value.is_integer() || value.is_float()) {
        Kind::Number
    } else if all(Value::is_bool) {
        Kind::Boolean
    } else {
        Kind::Text
    }
}

fn cell<'a>(value: &Value, kind: Kind, shown: &'a str) -> Cell<'a> {
    match (kind, value) {
        (Kind::Integer, Value::Integer(value)) => Cell::Integer(value.unsigned_abs()),
        (Kind::Number, Value::Integer(value)) => Cell::Number(*value as f64),
        (Kind::Number, Value::Float(value)) => Cell::Number(*value),
        (Kind::Boolean, Value::Boolean(value)) => Cell::Boolean(*value),
        _ => Cell::Text(shown),
    }
}

/// The values of a combination as text.
fn shown(grid: &Grid, combination: &Combination) -> Vec<String> {
    let values = grid.settings.iter().zip(&combination.places);
    values
        .map(|(setting, &place)| setting.shown(place))
        .collect()
}

/// The figures that matter most, a line for each combination and type of round: means over the
/// rounds of the type.
pub fn text(grid: &Grid, summaries: &[Summary], look: &Look) -> String {
    let heads = [
        "type",
        "rounds",
        "invited",
        "cut-off",
        "se",
        "mean score",
        "French",
        "wait, days",
    ];
    let keys = grid.settings.iter().map(|setting| setting.key.clone());
    let heads: Vec<String> = keys.chain(heads.map(str::to_owned)).collect();
    let mut rows = Vec::new();
    for (combination, summary) in grid.combinations.iter().zip(summaries) {
        let mut types: Vec<&str> = Vec::new();
        for round in &combination.plan.rounds {
            if !types.contains(&round.type_name.as_str()) {
                types.push(&round.type_name);
            }
        }
        for name in types {
            let places: Vec<usize> = (0..combination.plan.rounds.len())
                .filter(|&place| combination.plan.rounds[place].type_name == name)
                .collect();
            let figures = |metric, figure: fn(&Tally) -> Option<f64>| -> Vec<f64> {
                let tallies = places
                    .iter()
                    .filter_map(|&place| summary.tally(place, metric));
                tallies.filter_map(figure).collect()
            };
            let mean = |metric, digits: usize| {
                let found = figures(metric, Tally::mean);
                match found.len() {
                    0 => "-".to_owned(),
                    number => format!("{:.digits$}", found.iter().sum::<f64>() / number as f64),
                }
            };
            let se = match figures(Metric::CutoffScore, Tally::se).as_slice() {
                [one] => format!("{one:.1}"),
                _ => "-".to_owned(),
            };
            let mut row = shown(grid, combination);
            row.extend([
                name.to_owned(),
                places.len().to_string(),
                mean(Metric::Invited, 0),
                mean(Metric::CutoffScore, 1),
                se,
                mean(Metric::MeanScore, 1),
                mean(Metric::ShareFrenchSpeakers, 3),
                mean(Metric::MedianWaitDays, 0),
            ]);
            rows.push(row);
        }
    }
    let left_out = rows.len().saturating_sub(MOST_LINES);
    rows.truncate(MOST_LINES);
    // What a narrow place leaves out: waits, French speakers, mean scores, numbers of rounds.
    let first = grid.settings.len();
    let spare = [7, 6, 5, 1].map(|column| first + column);
    let table = terminal::table(&heads, &rows).spare(&spare);
    let mut text = table.figure(first + 3).text(look);
    if left_out > 0 {
        text.push_str(&format!(
            "  ... and {left_out} more lines; the table has them all\n"
        ));
    }
    let unfilled = unfilled(grid, summaries);
    text.push_str(&terminal::lines(&shortfall::lines(
        &unfilled,
        grid.base.replicates,
    )));
    text
}

/// Each combination whose rounds could not all be filled.
fn unfilled(grid: &Grid, summaries: &[Summary]) -> Vec<Shortfall> {
    let combinations = grid.combinations.iter().zip(summaries);
    let of = |(combination, summary): (&Combination, &Summary)| {
        let values = grid.settings.iter().zip(shown(grid, combination));
        let values: Vec<String> = values
            .map(|(setting, value)| format!("{} = {value}", setting.key))
            .collect();
        let tallies =
            (0..summary.rounds().len()).map(|place| summary.tally(place, Metric::Invited));
        Shortfall::of(values.join(", "), &combination.plan, tallies)
    };
    combinations.filter_map(of).collect()
}
