//! The names of single points described for people: what `drawsim schema points` prints.
//! Names and values are the rules'.

use super::describe::markdown;
use crate::rules::grid::{FROM, NamedPoint, UNTIL, named_points};
use crate::rules::{RulesError, grid};
use crate::units::Date;

/// How the names are to be read.
const FORMS: &str = "Names for `[points]` in a scenario, e.g. `french_bonus = 25`, and for `drawsim sweep --set points.french_bonus=25,50`. Where points differ for candidates with and without an accompanying spouse, `age_29_with_spouse` and `age_29_without_spouse` set one of the two and `age_29` both; where they meet, in whatever order, the name of one of the two goes before that of both. The lowest and the highest step of a scale stand for all below and above: `age_17`, `age_45`, `first_language_3`, `first_language_10`, `canadian_work_5`, `foreign_work_3`, `fsw_age_47`. Steps of languages are CLB or NCLC levels, steps of work whole years. `education_two_or_more_with_language_9` are the points for two or more credentials with CLB 9 in all abilities; names that end in `_max` are the most that a part may give. Values of the programs (fsw, cec, fst) are points, levels, years or months that they ask for.";

/// Every name with its value on a date, the last known one unless asked for, as Markdown.
///
/// # Errors
/// When the values of the date are not known.
pub fn points(on: Option<Date>) -> Result<String, RulesError> {
    let date = on.unwrap_or_else(|| grid::change_dates().last().copied().unwrap_or(FROM));
    let rows: Vec<Vec<String>> = named_points(date)?
        .into_iter()
        .map(|point| {
            let values = value(&point);
            vec![format!("`{}`", point.name), values, part(&point)]
        })
        .collect();
    let head = match on {
        Some(date) => format!("value on {date}"),
        None => format!("value from {date} until {UNTIL}"),
    };
    Ok(format!(
        "{FORMS}\n\n{}",
        markdown(&["name", &head, "part of"], &rows)
    ))
}

fn value(point: &NamedPoint) -> String {
    match point.values[..] {
        [without, with] => format!("{without} without, {with} with a spouse"),
        _ => point.values.iter().map(u16::to_string).collect(),
    }
}

fn part(point: &NamedPoint) -> String {
    let section = match point.section {
        "A" => "CRS A, core",
        "B" => "CRS B, spouse",
        "C" => "CRS C, transferability",
        "D" => "CRS D, additional",
        program => program,
    };
    format!("{section}: {}", point.factor)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_name_is_printed_with_a_value_of_the_date() {
        let text = points(Some(date(2024, 1, 1))).unwrap();
        for name in grid::point_names() {
            assert!(text.contains(&format!("| `{name}` ")), "{name}");
        }
        assert!(text.contains("| 110 without, 100 with a spouse "), "{text}");
        assert!(points(None).unwrap().contains("value from 2025-03-25"));
        assert!(points(Some(UNTIL)).is_err());
    }
}
