//! The summary as people read it, cell by cell, and as an aligned Markdown table: the one in the README
//! and where there is no terminal.

use super::score::Summary;

/// Lines before and after the table in the README.
pub const README_MARKERS: (&str, &str) = ("<!-- backtest:begin -->", "<!-- backtest:end -->");

/// What the cells of [`cells`] are.
pub const HEADER: [&str; 9] = [
    "type",
    "rounds",
    "error",
    "bias",
    "error with predecessor",
    "persistence",
    "in 50%",
    "in 90%",
    "CRPS",
];

/// The cells of each summary. Errors are mean absolute errors in points; an empty cell is not known.
pub fn cells(summaries: &[Summary]) -> impl Iterator<Item = [String; HEADER.len()]> + '_ {
    let points = |value: Option<f64>| value.map_or(String::new(), |value| format!("{value:.1}"));
    summaries.iter().map(move |one| {
        [
            one.group.clone(),
            one.rounds.to_string(),
            points(Some(one.mae)),
            format!("{:+.1}", one.bias),
            points(one.mae_with_predecessor),
            points(one.persistence_mae),
            format!("{:.0}%", 100.0 * one.coverage_50),
            format!("{:.0}%", 100.0 * one.coverage_90),
            points(Some(one.crps)),
        ]
    })
}

/// The table, one line each for header, rule and summary.
pub fn markdown(summaries: &[Summary]) -> String {
    let mut rows = vec![HEADER.map(str::to_owned)];
    rows.extend(cells(summaries).map(|row| row.map(|cell| cell.replace('|', "\\|"))));
    let width = |place: usize| {
        rows.iter()
            .map(|row| row[place].chars().count())
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let mut text = String::new();
    for (line, row) in rows.iter().enumerate() {
        let cells = row
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(place, (cell, &width))| {
                if place == 0 {
                    format!(" {cell:width$} ")
                } else {
                    format!(" {cell:>width$} ")
                }
            });
        text.push_str(&format!("|{}|\n", cells.collect::<Vec<_>>().join("|")));
        if line == 0 {
            let rules = widths.iter().enumerate().map(|(place, &width)| {
                let end = if place == 0 { "-" } else { ":" };
                format!("{}{end}", "-".repeat(width + 1))
            });
            text.push_str(&format!("|{}|\n", rules.collect::<Vec<_>>().join("|")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_figure_is_an_empty_cell_and_columns_line_up() {
        let text = markdown(&[Summary {
            group: "education".to_owned(),
            rounds: 1,
            mae: 26.55,
            bias: -26.55,
            mae_with_predecessor: None,
            persistence_mae: None,
            coverage_50: 0.0,
            coverage_90: 1.0,
            crps: 19.0,
        }]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.len() == lines[0].len()));
        assert!(lines[1].starts_with("|-----------|-------:|"));
        assert!(lines[2].starts_with("| education |      1 |"));
        assert!(lines[2].contains("|                        |             |     0% |"));
    }
}
