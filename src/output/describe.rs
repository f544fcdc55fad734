//! Tables described for people: what `drawsim schema outputs` prints and the data dictionary of the
//! README holds, letter for letter. Which tables there are is said in `rows`.

use super::rows::tables;

/// Every table of the result folder, as Markdown that also reads well in a terminal.
pub fn outputs() -> String {
    let mut text = String::new();
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
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&format!(
            "### {}: one row per {}\n\n",
            table.name, table.one_row_per
        ));
        text.push_str(&markdown(
            &["column", "type", "may be empty", "meaning"],
            &rows,
        ));
    }
    text
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
    fn every_column_of_every_table_is_described() {
        let text = outputs();
        for table in tables() {
            assert!(text.contains(&format!("### {}: one row per", table.name)));
            for column in table.columns {
                assert!(
                    text.contains(&format!("| {} ", column.name)) && text.contains(column.meaning)
                );
            }
        }
    }
}
