//! Charts of one row for each group: its name, its figure, and a bar or an interval below them, so
//! that long names fit on a phone.
//! Which groups and figures there are is decided by the modules of the charts.

use super::figure::Panel;
use super::marks::{Anchor, Marks};
use super::scale::Scale;

/// Height of a row with name and figure side by side.
const ROW: f64 = 38.0;
/// Height of a row with the figure below the name.
const TALL_ROW: f64 = 56.0;

/// Height of what is drawn at the foot of a row.
const MARK: f64 = 22.0;

/// A row of the chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartRow {
    /// Its name.
    pub name: String,
    /// Its figure in words, to the right.
    pub figure: String,
    /// What is drawn.
    pub mark: RowMark,
}

/// What is drawn in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RowMark {
    /// A bar from zero, and a tick to compare it with.
    BarAndTick {
        /// End of the bar.
        bar: f64,
        /// Place of the tick.
        tick: f64,
    },
    /// A dot with its interval.
    Interval {
        /// Low end, dot, high end.
        low: f64,
        /// The dot.
        middle: f64,
        /// High end.
        high: f64,
    },
    /// A bar to the right of zero and one to the left.
    Opposite {
        /// Length to the right.
        right: f64,
        /// Length to the left.
        left: f64,
    },
    /// Two dots on a line.
    Pair {
        /// The one that is filled.
        first: f64,
        /// The hollow one.
        second: Option<f64>,
    },
}

impl RowMark {
    /// Whether it is an interval from zero to zero: no difference, and none by chance.
    pub fn is_none(&self) -> bool {
        matches!(*self, RowMark::Interval { low, middle, high } if low == 0.0 && middle == 0.0 && high == 0.0)
    }

    /// The values that the axis has to hold.
    pub fn values(&self) -> Vec<f64> {
        match *self {
            RowMark::BarAndTick { bar, tick } => vec![0.0, bar, tick],
            RowMark::Interval { low, middle, high } => vec![0.0, low, middle, high],
            RowMark::Opposite { right, left } => vec![0.0, right, -left],
            RowMark::Pair { first, second } => vec![0.0, first, second.unwrap_or(first)],
        }
    }
}

/// A panel of rows over a common axis.
pub fn rows_panel(title: &str, rows: &[ChartRow], scale: &Scale) -> Panel {
    let tall = rows
        .iter()
        .any(|row| matches!(row.mark, RowMark::Interval { .. }));
    let step = if tall { TALL_ROW } else { ROW };
    let height = step * rows.len() as f64;
    let mut marks = Marks::default();
    let zero = scale.at(0.0);
    let ticks = scale.ticks(4);
    for (value, _) in &ticks {
        let class = if *value == 0.0 { "base" } else { "grid" };
        let x = scale.at(*value);
        // Beside the marks alone: a line through names and figures makes them hard to read.
        marks.dashes(x, (step - MARK, height), (MARK, step - MARK), class);
    }
    for (place, row) in rows.iter().enumerate() {
        let top = step * place as f64;
        marks.text((0.0, top + 14.0), 0.0, Anchor::Start, "name", &row.name);
        let (at, anchor) = if tall {
            ((0.0, top + 29.0), Anchor::Start)
        } else {
            ((1.0, top + 14.0), Anchor::End)
        };
        marks.text(at, 0.0, anchor, "figure", &row.figure);
        draw(&mut marks, row.mark, scale, zero, top + step - 19.0);
    }
    let labels: Vec<(f64, String)> = ticks
        .iter()
        .map(|(value, text)| (scale.at(*value), text.clone()))
        .collect();
    marks.under(height, &labels);
    Panel {
        title: title.to_owned(),
        left: 12,
        right: 14,
        top: 4,
        bottom: 24,
        height: height as u32,
        marks,
    }
}

fn draw(marks: &mut Marks, mark: RowMark, scale: &Scale, zero: f64, top: f64) {
    let middle = top + 7.0;
    match mark {
        RowMark::BarAndTick { bar, tick } => {
            marks.bar(zero, scale.at(bar), top, 13.0, "invited");
            let x = scale.at(tick);
            marks.line((x, top - 2.0), (x, top + 15.0), "pool-tick");
        }
        RowMark::Interval {
            low,
            middle: mean,
            high,
        } => {
            marks.line((scale.at(low), middle), (scale.at(high), middle), "wide");
            let class = if mark.is_none() {
                "same"
            } else if low <= 0.0 && high >= 0.0 {
                "open"
            } else {
                "point"
            };
            marks.dot((scale.at(mean), middle), 5.0, class);
        }
        RowMark::Opposite { right, left } => {
            marks.bar(zero, scale.at(right), top, 13.0, "invited");
            marks.bar(scale.at(-left), zero, top, 13.0, "lost");
        }
        RowMark::Pair { first, second } => {
            if let Some(second) = second {
                marks.line(
                    (scale.at(first), middle),
                    (scale.at(second), middle),
                    "thin",
                );
                marks.dot((scale.at(second), middle), 5.0, "open");
            }
            marks.dot((scale.at(first), middle), 5.0, "point");
        }
    }
}
