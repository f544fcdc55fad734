//! Policies against the base: each difference with its interval, and who gains and who loses.
//! What is compared is worked out in the study and read from `comparison`.

use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::{dimension, round_type, short_type, shortened, value};
use super::numbers::{decimal, plain, signed};
use super::results::Results;
use super::rows_chart::{ChartRow, RowMark, rows_panel};
use super::scale::Scale;
use crate::output::rows::ComparisonRow;

/// Metrics that share an axis: its name, the figures, what they are multiplied by, and digits.
struct Group {
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    metrics: &'static [&'static str],
    times: f64,
    digits: usize,
}

impl Group {
    /// The rows of the table that are of it and of a policy, and have a difference.
    fn of<'r>(&self, results: &'r Results, other: &str) -> Vec<&'r ComparisonRow<'static>> {
        let rows = self.metrics.iter().flat_map(|metric| {
            let rows = results.comparison.iter();
            rows.filter(move |row| row.metric == *metric)
        });
        rows.filter(|row| row.other == other && row.difference.is_some())
            .collect()
    }

    /// A difference as it is drawn.
    fn chart_row(&self, row: &ComparisonRow<'_>) -> Option<ChartRow> {
        let difference = row.difference?;
        let [low, middle, high] = [
            row.ci_low.unwrap_or(difference),
            difference,
            row.ci_high.unwrap_or(difference),
        ]
        .map(|value| value * self.times);
        let told = |value: f64| signed(value, self.digits);
        let has_interval = row.ci_low.is_some() && row.ci_high.is_some();
        Some(ChartRow {
            name: name(row),
            figure: if has_interval {
                format!("{} ({} to {})", told(middle), told(low), told(high))
            } else {
                told(middle)
            },
            mark: RowMark::Interval { low, middle, high },
        })
    }

    /// A difference as a row of the sheet.
    fn cells(&self, row: &ComparisonRow<'_>) -> Vec<String> {
        let cell =
            |value: Option<f64>| value.map_or_else(String::new, |value| plain(value * self.times));
        vec![
            name(row),
            row.other.clone().into_owned(),
            cell(row.base_mean),
            cell(row.other_mean),
            cell(row.difference),
            cell(row.ci_low),
            cell(row.ci_high),
            row.replicates.to_string(),
        ]
    }
}

const GROUPS: [Group; 5] = [
    Group {
        id: "points",
        title: "Scores",
        unit: "CRS points",
        metrics: &["cutoff_score", "mean_score"],
        times: 1.0,
        digits: 1,
    },
    Group {
        id: "invitations",
        title: "Invitations",
        unit: "candidates",
        metrics: &["invited", "invited by round type"],
        times: 1.0,
        digits: 0,
    },
    Group {
        id: "shares",
        title: "Who is invited",
        unit: "percentage points of the invited",
        metrics: &[
            "share_french_speakers",
            "share_women",
            "share_work_in_canada",
        ],
        times: 100.0,
        digits: 1,
    },
    Group {
        id: "wait",
        title: "Wait of the invited",
        unit: "days",
        metrics: &["median_wait_days"],
        times: 1.0,
        digits: 1,
    },
    Group {
        id: "expired",
        title: "Profiles that expire without an invitation",
        unit: "candidates",
        metrics: &["expired_uninvited"],
        times: 1.0,
        digits: 0,
    },
];

/// Groups that are shown for gains and losses, at most.
const MOST_ROWS: usize = 12;

/// Names of the other policies, in the order of the table.
pub fn others(results: &Results) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for row in &results.comparison {
        if !names.contains(&row.other.as_ref()) {
            names.push(&row.other);
        }
    }
    names
}

/// What a figure is called.
fn name(row: &ComparisonRow<'_>) -> String {
    match (row.metric.as_ref(), row.value.as_deref()) {
        ("cutoff_score", Some(kind)) => format!("Cut-off, {}", short_type(kind)),
        ("invited by round type", Some(kind)) => format!("In {} rounds", short_type(kind)),
        ("mean_score", _) => "Mean score of the invited".to_owned(),
        ("invited", _) => "Invited in all".to_owned(),
        ("share_french_speakers", _) => "French speakers".to_owned(),
        ("share_women", _) => "Women".to_owned(),
        ("share_work_in_canada", _) => "With work in Canada".to_owned(),
        ("median_wait_days", _) => "Median wait since submission".to_owned(),
        ("expired_uninvited", _) => "Expired uninvited".to_owned(),
        (other, value) => format!("{other} {}", value.unwrap_or_default()),
    }
}

/// Whether differences have intervals: those of a single replicate have none.
pub fn has_intervals(results: &Results) -> bool {
    let mut rows = results.comparison.iter();
    rows.any(|row| row.ci_low.is_some() && row.ci_high.is_some())
}

/// What the marks of these rows mean, by policy.
fn keys(panels: &[(String, Vec<ChartRow>)], in_intervals: bool) -> Vec<Key> {
    let mut told = if in_intervals {
        vec![
            ("point", "95% interval leaves out 0"),
            ("open", "95% interval holds 0"),
        ]
    } else {
        vec![("point", "difference")]
    };
    let mut rows = panels.iter().flat_map(|(_, rows)| rows);
    if rows.any(|row| row.mark.is_none()) {
        told.push(("same", "none in any replicate"));
    }
    if in_intervals {
        told.push(("wide", "95% interval"));
    }
    let key = |(class, text): (&'static str, &'static str)| Key {
        class,
        text: text.into(),
    };
    told.into_iter().map(key).collect()
}

/// The differences, a figure for each unit and a panel for each policy.
pub fn differences(results: &Results) -> Vec<Figure> {
    let others = others(results);
    let in_intervals = has_intervals(results);
    let mut figures = Vec::new();
    for group in &GROUPS {
        let mut table = Sheet::new([
            "Figure",
            "Policy",
            "Base",
            "Policy's",
            "Difference",
            "95% from",
            "95% to",
            "Replicates",
        ]);
        let mut panels: Vec<(String, Vec<ChartRow>)> = Vec::new();
        for other in &others {
            let mut rows = Vec::new();
            for row in group.of(results, other) {
                rows.extend(group.chart_row(row));
                table.rows.push(group.cells(row));
            }
            if !rows.is_empty() {
                panels.push(((*other).to_owned(), rows));
            }
        }
        let values = panels
            .iter()
            .flat_map(|(_, rows)| rows)
            .flat_map(|row| row.mark.values());
        let Some(scale) = Scale::nice(values, 4) else {
            continue;
        };
        figures.push(Figure {
            id: format!("difference-{}", group.id),
            title: group.title.to_owned(),
            note: if in_intervals {
                "Difference to the base with its 95% interval, which can be narrower than the dot. A hollow dot: the interval holds 0.".to_owned()
            } else {
                "Difference to the base in one replicate; several would give intervals.".to_owned()
            },
            across: format!("Difference to the base, {}", group.unit),
            down: group.title.to_owned(),
            keys: keys(&panels, in_intervals),
            panels: panels.iter().map(|(title, rows)| rows_panel(title, rows, &scale)).collect(),
            table,
        });
    }
    figures
}

/// Who is invited under a policy and not under the base, and the other way round: a figure for
/// each dimension, a panel for each policy.
pub fn gains_and_losses(results: &Results) -> Vec<Figure> {
    let others = others(results);
    let mut figures = Vec::new();
    for name in super::makeup::DIMENSIONS {
        let (gained, lost) = (format!("gained by {name}"), format!("lost by {name}"));
        let mut table = Sheet::new(["Group", "Policy", "Gain an invitation", "Lose it", "Net"]);
        let mut panels: Vec<(String, Vec<ChartRow>)> = Vec::new();
        for other in &others {
            let mut groups: Vec<(&str, f64, f64)> = Vec::new();
            for row in results.comparison.iter().filter(|row| row.other == *other) {
                let Some(mean) = row.other_mean else { continue };
                let group = row.value.as_deref().unwrap_or("unknown");
                let place = groups.iter().position(|known| known.0 == group);
                let sums = if row.metric == gained {
                    (mean, 0.0)
                } else if row.metric == lost {
                    (0.0, mean)
                } else {
                    continue;
                };
                match place {
                    Some(place) => {
                        groups[place].1 += sums.0;
                        groups[place].2 += sums.1;
                    }
                    None => groups.push((group, sums.0, sums.1)),
                }
            }
            if name == "citizenship" || name == "occupation_group" {
                groups.sort_by(|a, b| (b.1 + b.2).total_cmp(&(a.1 + a.2)));
                groups.truncate(MOST_ROWS);
            }
            let rows: Vec<ChartRow> = groups
                .iter()
                .map(|&(group, right, left)| ChartRow {
                    name: shortened(&value(name, Some(group)), 25),
                    figure: format!("{} \u{b7} {}", signed(right, 0), signed(-left, 0)),
                    mark: RowMark::Opposite { right, left },
                })
                .collect();
            for &(group, right, left) in &groups {
                table.rows.push(vec![
                    value(name, Some(group)),
                    (*other).to_owned(),
                    decimal(right, 1),
                    decimal(left, 1),
                    signed(right - left, 1),
                ]);
            }
            if !rows.is_empty() {
                panels.push(((*other).to_owned(), rows));
            }
        }
        let values = panels
            .iter()
            .flat_map(|(_, rows)| rows)
            .flat_map(|row| row.mark.values());
        let Some(scale) = Scale::nice(values, 4) else {
            continue;
        };
        let mut note = "Candidates invited under the policy and not under the base (right), and the other way round (left); mean over replicates.".to_owned();
        if name == "citizenship" {
            note.push_str(&format!(" The {MOST_ROWS} countries with most changes."));
        }
        figures.push(Figure {
            id: format!("gains-by-{}", name.replace('_', "-")),
            title: dimension(name),
            note,
            across: "Candidates: lose their invitation \u{2190} 0 \u{2192} gain one".to_owned(),
            down: dimension(name),
            keys: vec![
                Key {
                    class: "invited",
                    text: "gain an invitation".into(),
                },
                Key {
                    class: "lost",
                    text: "lose it".into(),
                },
            ],
            panels: panels
                .iter()
                .map(|(title, rows)| rows_panel(title, rows, &scale))
                .collect::<Vec<Panel>>(),
            table,
        });
    }
    figures
}

/// The greatest difference in the cut-off of a policy, for the head of the page.
pub fn greatest(results: &Results) -> Option<(String, String)> {
    let row = results
        .comparison
        .iter()
        .filter(|row| row.metric == "cutoff_score")
        .max_by(|a, b| {
            let size = |row: &ComparisonRow<'_>| row.difference.unwrap_or(0.0).abs();
            size(a).total_cmp(&size(b))
        })?;
    Some((
        format!("{} points", signed(row.difference?, 1)),
        format!(
            "greatest difference of a cut-off: {} rounds under {} ({} instead of {})",
            round_type(row.value.as_deref()?),
            row.other,
            decimal(row.other_mean?, 1),
            decimal(row.base_mean?, 1)
        ),
    ))
}
