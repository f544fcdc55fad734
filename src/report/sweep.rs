//! A sweep: how a figure of each round moves with the keys that were varied.
//! Which keys were varied is read from the columns of the table.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::{round_type, sentence};
use super::marks::{Marks, Path};
use super::numbers::plain;
use super::results::{Results, Swept};
use super::scale::Scale;

/// Rounds that get a panel each; of more, those of a type share one.
const FEW_ROUNDS: usize = 12;
/// How lines look, each with a colour and a dash of its own; of more, none is named.
const LINES: [&str; 6] = ["line-1", "line-2", "line-3", "line-4", "line-5", "line-6"];
/// How far lines are moved aside, as a share of the width, so that intervals do not cover others.
const ASIDE: f64 = 0.008;

/// A line: the values of the other keys, and a point for each value of the first, with 5%, mean and
/// 95%.
type Line = (String, Vec<(f64, [f64; 3])>);

/// Height of a panel.
const HEIGHT: f64 = 190.0;

/// The figure over the first key, a line for each combination of the others; none without a sweep.
pub fn figure(results: &Results) -> Option<Figure> {
    let rows = &results.sweep;
    let first = rows.first()?;
    let mut rounds: Vec<&str> = rows.iter().map(|row| row.figure.round.as_str()).collect();
    rounds.sort_unstable();
    rounds.dedup();
    let drawing = Drawing {
        key: &first.keys.first()?.0,
        places: Places::of(rows),
        names: names(rows),
        is_replicated: results.is_replicated(),
        by_round: rounds.len() <= FEW_ROUNDS,
    };
    let lines = drawing.lines(rows);
    let panels = lines
        .iter()
        .map(|(title, lines)| drawing.panel(title, lines));
    let panels: Vec<Panel> = panels.collect::<Option<_>>()?;
    let metric = sentence(&first.figure.metric.replace("cutoff", "cut-off"));
    (!panels.is_empty()).then(|| Figure {
        id: "sweep".to_owned(),
        title: format!("{metric} over {}", drawing.key),
        note: drawing.note(),
        across: format!("Value of {}", drawing.key),
        down: format!(
            "{metric}{}",
            if metric.contains("score") {
                ", CRS points"
            } else {
                ""
            }
        ),
        keys: drawing.keys(),
        panels,
        table: table(rows),
    })
}

/// The combinations of the other keys, in the order of the table.
fn names(rows: &[Swept]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rows.iter().map(others) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What all panels are drawn by.
struct Drawing<'a> {
    /// The first key.
    key: &'a str,
    /// Where its values lie.
    places: Places,
    /// The combinations of the other keys.
    names: Vec<String>,
    is_replicated: bool,
    /// Whether each round has a panel, not each type.
    by_round: bool,
}

impl Drawing<'_> {
    /// Whether there are several lines in a panel.
    fn has_several(&self) -> bool {
        self.names.len() > 1
    }

    /// Whether the keys name the lines.
    fn is_named(&self) -> bool {
        self.has_several() && self.names.len() <= LINES.len()
    }

    /// The lines of each panel, with its title.
    fn lines(&self, rows: &[Swept]) -> Vec<(String, Vec<Line>)> {
        let mut panels: Vec<(String, Vec<Line>)> = Vec::new();
        for row in rows {
            let kind = round_type(&row.figure.kind);
            let title = if self.by_round {
                format!("Round {}, {kind}", row.figure.round)
            } else {
                format!("{kind} rounds, mean")
            };
            let Some(mean) = row.figure.mean else {
                continue;
            };
            let x = self.places.at(&row.keys[0].1);
            let fan = [
                row.figure.p05.unwrap_or(mean),
                mean,
                row.figure.p95.unwrap_or(mean),
            ];
            let known = panels.iter().position(|panel| panel.0 == title);
            let place = known.unwrap_or_else(|| {
                panels.push((title, Vec::new()));
                panels.len() - 1
            });
            let lines = &mut panels[place].1;
            let name = others(row);
            match lines.iter_mut().find(|line| line.0 == name) {
                Some(line) => line.1.push((x, fan)),
                None => lines.push((name, vec![(x, fan)])),
            }
        }
        for (_, lines) in &mut panels {
            lines.iter_mut().for_each(|line| line.1 = averaged(&line.1));
        }
        panels
    }

    /// A panel with its lines; none where nothing of them can be drawn.
    fn panel(&self, title: &str, lines: &[Line]) -> Option<Panel> {
        let values = lines
            .iter()
            .flat_map(|line| &line.1)
            .flat_map(|point| point.1);
        let scale = Scale::nice(values, 4)?;
        let mut marks = Marks::default();
        levels(&mut marks, &scale, HEIGHT, 4);
        marks.under(HEIGHT, &self.places.ticks());
        lines
            .iter()
            .for_each(|line| self.draw(&mut marks, &scale, line));
        Some(Panel {
            title: title.to_owned(),
            left: 46,
            right: 18,
            top: 12,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        })
    }

    /// Draws a line with its points and their spread.
    fn draw(&self, marks: &mut Marks, scale: &Scale, (name, points): &Line) {
        let line = self.names.iter().position(|known| known == name);
        let line = line.unwrap_or(0);
        let middle = (self.names.len() - 1) as f64 / 2.0;
        let aside = ASIDE * (line as f64 - middle).clamp(-4.0, 4.0);
        let across = self.places.scale();
        let x = |at: f64| across.at(at) + aside;
        let y = |value: f64| HEIGHT * (1.0 - scale.at(value));
        let several = self.has_several();
        let (class, dot) = if several {
            (LINES[line % LINES.len()], LINES[line % LINES.len()])
        } else {
            ("trend", "point")
        };
        let upper = points.iter().map(|(at, fan)| (x(*at), y(fan[2])));
        let lower = points.iter().rev().map(|(at, fan)| (x(*at), y(fan[0])));
        let band = Path {
            class: "band-90",
            points: upper.chain(lower).collect(),
            closed: true,
        };
        let line = Path {
            class,
            points: points.iter().map(|(at, fan)| (x(*at), y(fan[1]))).collect(),
            closed: false,
        };
        let paths = if several {
            vec![line]
        } else {
            vec![band, line]
        };
        marks.paths(HEIGHT, &paths);
        for (at, fan) in points {
            marks.told(&format!(
                "{} {}{}: {} (5% to 95%: {} to {})",
                self.key,
                self.places.name(*at),
                if name.is_empty() {
                    String::new()
                } else {
                    format!(", {name}")
                },
                plain(fan[1]),
                plain(fan[0]),
                plain(fan[2])
            ));
            if several && fan[2] > fan[0] {
                marks.line((x(*at), y(fan[0])), (x(*at), y(fan[2])), class);
            }
            marks.dot((x(*at), y(fan[1])), 3.5, dot);
            marks.end();
        }
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<Key> = Vec::new();
        if self.is_named() {
            keys.extend(self.names.iter().zip(LINES).map(|(name, class)| Key {
                class,
                text: name.clone().into(),
            }));
        } else if !self.has_several() && self.is_replicated {
            keys.push(Key {
                class: "point",
                text: "mean over replicates".into(),
            });
        }
        if self.is_replicated {
            keys.push(Key {
                class: if self.has_several() {
                    "thin"
                } else {
                    "band-90"
                },
                text: if self.by_round {
                    "5% to 95% of replicates".into()
                } else {
                    "5% to 95% of replicates, mean over the rounds".into()
                },
            });
        }
        keys
    }

    fn note(&self) -> String {
        let mut note = String::new();
        if self.is_replicated {
            note.push_str("Means over the replicates. ");
        }
        if self.has_several() {
            note.push_str("A line for each combination of the other keys");
            note.push_str(if self.is_named() {
                ". "
            } else {
                ", named under the pointer. "
            });
        }
        note.push_str("Each panel has a vertical scale of its own.");
        note
    }
}

/// The values of all keys but the first, e.g. `pool.size 10000`.
fn others(row: &Swept) -> String {
    let parts: Vec<String> = row.keys[1..]
        .iter()
        .map(|(key, value)| format!("{} {value}", key.rsplit('.').next().unwrap_or(key)))
        .collect();
    parts.join(", ")
}

/// Points of one place as their mean, in order of place.
fn averaged(points: &[(f64, [f64; 3])]) -> Vec<(f64, [f64; 3])> {
    let mut means: Vec<(f64, [f64; 3], f64)> = Vec::new();
    for (x, fan) in points {
        match means.iter_mut().find(|mean| mean.0 == *x) {
            Some(mean) => {
                (0..3).for_each(|place| mean.1[place] += fan[place]);
                mean.2 += 1.0;
            }
            None => means.push((*x, *fan, 1.0)),
        }
    }
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    means
        .into_iter()
        .map(|(x, sum, count)| (x, sum.map(|value| value / count)))
        .collect()
}

/// Where values of a key lie: numbers by size, anything else in order of the table.
struct Places {
    values: Vec<String>,
    numeric: bool,
}

impl Places {
    fn of(rows: &[Swept]) -> Self {
        let mut values: Vec<String> = Vec::new();
        for row in rows {
            if !values.contains(&row.keys[0].1) {
                values.push(row.keys[0].1.clone());
            }
        }
        let numeric = values
            .iter()
            .all(|value| value.parse::<f64>().is_ok_and(f64::is_finite));
        Places { values, numeric }
    }

    fn at(&self, value: &str) -> f64 {
        if self.numeric {
            return value.parse().unwrap_or_default();
        }
        self.values
            .iter()
            .position(|known| known == value)
            .unwrap_or_default() as f64
    }

    fn name(&self, at: f64) -> String {
        if self.numeric {
            return plain(at);
        }
        self.values.get(at as usize).cloned().unwrap_or_default()
    }

    fn scale(&self) -> Scale {
        let all = self.values.iter().map(|value| self.at(value));
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |range, value| {
            (range.0.min(value), range.1.max(value))
        });
        let room = ((high - low) * 0.04).max(1e-9);
        Scale::new(low - room, high + room)
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let scale = self.scale();
        let every = self.values.len().div_ceil(6);
        if self.numeric && every > 1 {
            let ticks = scale.ticks(4).into_iter();
            return ticks.map(|(value, text)| (scale.at(value), text)).collect();
        }
        let ticks = self.values.iter().step_by(every);
        ticks
            .map(|name| (scale.at(self.at(name)), name.clone()))
            .collect()
    }
}

fn table(rows: &[Swept]) -> Sheet {
    let mut sheet = Sheet::default();
    let first = rows
        .first()
        .map(|row| row.keys.as_slice())
        .unwrap_or_default();
    sheet.heads = first.iter().map(|(key, _)| key.clone()).collect();
    sheet
        .heads
        .extend(["Round", "Type", "Mean", "5%", "Median", "95%"].map(str::to_owned));
    for row in rows {
        let cell = |value: Option<f64>| value.map_or_else(String::new, plain);
        let mut cells: Vec<String> = row.keys.iter().map(|(_, value)| value.clone()).collect();
        cells.extend([
            row.figure.round.clone(),
            round_type(&row.figure.kind),
            cell(row.figure.mean),
            cell(row.figure.p05),
            cell(row.figure.median),
            cell(row.figure.p95),
        ]);
        sheet.rows.push(cells);
    }
    sheet
}
