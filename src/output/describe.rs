//! Tables described for people: what `drawsim schema outputs` prints and the data dictionary of the
//! README holds, letter for letter. Which tables there are is said in `rows`.

use super::rows::{ComparisonRow, DistributionRow, SummaryRow, SweepRow, tables};
use super::table::{Row, Table};
use crate::pool::groups::Dimension;
use crate::study::compare::GROUPS;
use crate::study::compared::of_comparisons;
use crate::study::summary::Metric;

/// How text that a spreadsheet would run is written in CSV; see [`super::text::harmless`].
pub const HARMLESS: &str = "Text in CSV files that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, a tab or a line end, and is no number) gets a `'` in front; Parquet files hold it as it is.";

/// How the tables are to be read, whatever is in them.
const FORMS: &str = "An unknown value is an empty cell (in Parquet a null), never a zero. Times are UTC like `2023-07-05T13:38:22Z`, dates like `2023-07-05`; `number` columns always have a decimal point, `integer` columns never. A `string` column may hold nothing but digits (round numbers, candidate ids, NOC codes): programs that guess types read those as numbers, `00012` as 12, unless they are told to read text, read Parquet, or use `datapackage.json`.";

/// How figures are summed up over replicates.
const OVER_REPLICATES: &str = "Percentiles and medians over replicates are interpolated linearly between neighbours (type 7 of Hyndman and Fan, what R and NumPy do by default). Means, standard deviations and errors, and intervals, are those of the values as they are, however many there are. So are percentiles of a figure with up to 1,500 different values, as every score has. Of one with more, such as a mean or a share over thousands of replicates, the values are rounded for percentiles alone, so that memory does not grow: a percentile is then off by less than a 300th of the distance from the lowest value to the highest. In comparison, `base_mean`, `other_mean` and `difference` are means over the replicates in which both policies have the figure; the interval is that of the mean paired difference by Student's t with one degree of freedom less than there are replicates.";

/// Every table of the result folder, and what their metrics and dimensions are, as Markdown that
/// also reads well in a terminal.
pub fn outputs() -> String {
    let mut text = format!("{}\n{FORMS}\n\n{HARMLESS}\n", written());
    for table in tables() {
        let rows: Vec<Vec<String>> = table
            .columns
            .iter()
            .map(|column| {
                let empty = if column.optional { "yes" } else { "no" };
                [column.name, column.kind.name(), empty, column.meaning]
                    .map(str::to_owned)
                    .to_vec()
            })
            .collect();
        text.push_str(&format!(
            "\n### {} ({}): one row per {}\n\n",
            table.name,
            writer(table),
            table.one_row_per
        ));
        text.push_str(&markdown(
            &["column", "type", "may be empty", "meaning"],
            &rows,
        ));
    }
    text.push_str(&format!(
        "\n### Metrics\n\n{OVER_REPLICATES}\n\n{}\n### Dimensions\n\n{}",
        metrics(),
        dimensions()
    ));
    text
}

/// The verb that writes a table, and when.
fn writer(table: &Table) -> String {
    match table.by.split_once(", ") {
        Some((verb, when)) => format!("`{verb}`, {when}"),
        None => format!("`{}`", table.by),
    }
}

/// Which verb writes which tables.
fn written() -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for table in tables() {
        let (verb, when) = table.by.split_once(", ").unwrap_or((table.by, ""));
        let verb = format!("`{verb}`");
        let name = match when {
            "" => table.name.to_owned(),
            when => format!("{} ({when})", table.name),
        };
        match rows.iter_mut().find(|row| row[0] == verb) {
            Some(row) => row[1] = format!("{}, {name}", row[1]),
            None => rows.push(vec![verb, name]),
        }
    }
    markdown(
        &["verb", "tables that it writes, each a file of its name"],
        &rows,
    )
}

/// Every metric with its unit, its meaning and the tables that have it.
fn metrics() -> String {
    let of_rounds = format!("{}, {}", SummaryRow::TABLE.name, SweepRow::TABLE.name);
    let rounds = Metric::ALL.into_iter().map(|metric| {
        vec![
            format!("`{}`", metric.name()),
            metric.unit().to_owned(),
            of_rounds.clone(),
            metric.meaning().to_owned(),
        ]
    });
    let compared = of_comparisons().into_iter().map(|figure| {
        vec![
            format!("`{}`", figure.shown),
            figure.unit.to_owned(),
            ComparisonRow::TABLE.name.to_owned(),
            figure.meaning.to_owned(),
        ]
    });
    let rows: Vec<Vec<String>> = rounds.chain(compared).collect();
    markdown(&["metric", "unit", "tables", "meaning"], &rows)
}

/// Every dimension with its meaning and the tables that have it.
fn dimensions() -> String {
    let rows: Vec<Vec<String>> = Dimension::ALL
        .iter()
        .map(|dimension| {
            let mut tables = vec![DistributionRow::TABLE.name];
            if GROUPS.contains(dimension) {
                tables.push(ComparisonRow::TABLE.name);
            }
            vec![
                format!("`{}`", dimension.name()),
                tables.join(", "),
                dimension.meaning().to_owned(),
            ]
        })
        .collect();
    markdown(&["dimension", "tables", "meaning"], &rows)
}

/// An aligned Markdown table; the last column is left ragged.
pub fn markdown(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |place: usize| {
        let cells = rows.iter().map(|row| row[place].chars().count());
        cells
            .chain([header[place].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let last = header.len().saturating_sub(1);
    let widths: Vec<usize> = (0..header.len())
        .map(|place| {
            if place == last {
                header[last].len()
            } else {
                width(place)
            }
        })
        .collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells
            .zip(&widths)
            .map(|(cell, &width)| format!("{:width$}", cell.replace('|', "\\|")))
            .collect();
        format!("| {} |\n", padded.join(" | "))
    };
    let dashes: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
    let mut text = line(&mut header.iter().copied());
    text.push_str(&line(&mut dashes.iter().map(String::as_str)));
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_and_every_dimension_is_described() {
        let text = outputs();
        for metric in Metric::ALL {
            let row = format!("| `{}` ", metric.name());
            assert!(text.contains(&row) && text.contains(metric.meaning()));
        }
        for dimension in Dimension::ALL {
            let row = format!("| `{}` ", dimension.name());
            assert!(text.contains(&row) && text.contains(dimension.meaning()));
        }
    }

    #[test]
    fn every_column_of_every_table_is_described() {
        let text = outputs();
        for table in tables() {
            let heading = format!("### {} (`", table.name);
            assert!(text.contains(&heading), "{heading}");
            for column in table.columns {
                assert!(
                    text.contains(&format!("| {} ", column.name)) && text.contains(column.meaning)
                );
            }
        }
    }
}
