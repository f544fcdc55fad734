//! Test results to CLB and NCLC levels, for the five tests that Express Entry accepts.
//! What a level is worth lives in the grid.
//!
//! A level is a floor lookup per ability: the highest row whose minimum the result reaches. Level
//! 10 is the top, since no rule looks higher; a result below the row of level 4 is level 0 to 3,
//! which every rule treats alike, and is given as 3.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::units::Date;

/// A language test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Test {
    /// IELTS General Training (English), bands 0 to 9 by halves.
    IeltsGeneral,
    /// CELPIP-General (English), levels 0 to 12; `M` is read as 0.
    CelpipGeneral,
    /// PTE Core (English), 10 to 90, accepted from 2024-01-30.
    PteCore,
    /// TEF Canada (French), in the scale whose top is 450, 360, 300 and 450.
    TefCanada,
    /// TCF Canada (French), 0 to 20 for speaking and writing, to 699 for the others.
    TcfCanada,
}

impl Test {
    /// Every test.
    pub const ALL: [Test; 5] = [
        Test::IeltsGeneral,
        Test::CelpipGeneral,
        Test::PteCore,
        Test::TefCanada,
        Test::TcfCanada,
    ];

    /// The name that tables use.
    pub const fn name(self) -> &'static str {
        match self {
            Test::IeltsGeneral => "ielts_general",
            Test::CelpipGeneral => "celpip_general",
            Test::PteCore => "pte_core",
            Test::TefCanada => "tef_canada",
            Test::TcfCanada => "tcf_canada",
        }
    }

    /// First day on which results count.
    pub fn accepted_from(self) -> Date {
        chart(self).from
    }
}

/// One of the four abilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// Speaking.
    Speaking,
    /// Listening.
    Listening,
    /// Reading.
    Reading,
    /// Writing.
    Writing,
}

/// A result that no such test gives.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a result of {}: expected {expected}", .test.name())]
pub struct NotAResult {
    /// The test.
    pub test: Test,
    /// What was given.
    pub text: String,
    /// What is accepted.
    pub expected: String,
}

#[derive(Debug, Deserialize)]
struct Row {
    test: String,
    level: String,
    speaking: f64,
    listening: f64,
    reading: f64,
    writing: f64,
    #[serde(deserialize_with = "super::grid::written_date")]
    from: Date,
}

/// Least results in tenths, by ability and level 4 to 10, and the lowest and highest that the test
/// gives.
#[derive(Debug)]
struct Chart {
    name: String,
    from: Date,
    lowest: [u16; 4],
    highest: [u16; 4],
    least: [[u16; 4]; 7],
}

static CHARTS: LazyLock<Vec<Chart>> = LazyLock::new(|| {
    let mut charts: Vec<Chart> = Vec::new();
    for row in csv::Reader::from_reader(include_str!("data/language.csv").as_bytes()).deserialize()
    {
        let row: Row = row.expect("the embedded language charts read");
        let tenths = [row.speaking, row.listening, row.reading, row.writing]
            .map(|result| (result * 10.0).round() as u16);
        if row.level == "min" {
            charts.push(Chart {
                name: row.test,
                from: row.from,
                lowest: tenths,
                highest: tenths,
                least: [[u16::MAX; 4]; 7],
            });
            continue;
        }
        let chart = charts.last_mut().expect("a chart begins with its minima");
        if row.level == "max" {
            chart.highest = tenths;
        } else {
            let level: usize = row.level.parse().expect("a level is a number");
            chart.least[level - 4] = tenths;
        }
    }
    charts
});

fn chart(test: Test) -> &'static Chart {
    CHARTS
        .iter()
        .find(|chart| chart.name == test.name())
        .expect("every test has a chart")
}

/// The CLB or NCLC level, 3 to 10, of a result in tenths (6.5 is 65): 3 stands for all below 4.
pub fn level(test: Test, ability: Ability, tenths: u16) -> u8 {
    let least = &chart(test).least;
    let reached = least
        .iter()
        .take_while(|row| row[ability as usize] <= tenths)
        .count();
    3 + reached as u8
}

/// Reads a result as its test prints it and gives the level.
///
/// # Errors
/// When the test gives no such result: not digits, outside its scale, or between its steps. Only
/// IELTS has a point.
pub fn level_of(test: Test, ability: Ability, text: &str) -> Result<u8, NotAResult> {
    let chart = chart(test);
    let [lowest, highest] = [chart.lowest, chart.highest].map(|ends| ends[ability as usize]);
    let has_halves = test == Test::IeltsGeneral;
    let step = if has_halves { 5 } else { 10 };
    let refuse = || NotAResult {
        test,
        text: text.to_owned(),
        expected: match test {
            Test::IeltsGeneral => "a band from 0 to 9, whole or half".to_owned(),
            Test::CelpipGeneral => "M or a level from 0 to 12".to_owned(),
            _ => format!("a whole number from {} to {}", lowest / 10, highest / 10),
        },
    };
    if test == Test::CelpipGeneral && text.eq_ignore_ascii_case("m") {
        return Ok(level(test, ability, 0));
    }
    let (whole, part) = text
        .split_once('.')
        .filter(|_| has_halves)
        .unwrap_or((text, "0"));
    let whole = digits(whole).ok_or_else(refuse)?;
    let part = digits(part)
        .filter(|_| part.len() == 1)
        .ok_or_else(refuse)?;
    let tenths = whole.saturating_mul(10).saturating_add(part);
    if !(lowest..=highest).contains(&tenths) || !tenths.is_multiple_of(step) {
        return Err(refuse());
    }
    Ok(level(test, ability, tenths))
}

/// A number of digits only: no sign.
fn digits(text: &str) -> Option<u16> {
    let only = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| only)
}

#[cfg(test)]
mod tests {
    use super::Ability::*;
    use super::*;

    #[test]
    fn results_between_two_rows_keep_the_lower_level() {
        let ielts = |ability, text| level_of(Test::IeltsGeneral, ability, text).unwrap();
        assert_eq!(ielts(Listening, "6.5"), 7);
        assert_eq!(ielts(Listening, "7.0"), 7);
        assert_eq!(ielts(Reading, "5.5"), 6);
        assert_eq!(ielts(Reading, "7.5"), 9);
        assert_eq!(ielts(Speaking, "4.5"), 4);
        assert_eq!(ielts(Writing, "4.5"), 4);
        assert_eq!(ielts(Listening, "4"), 3);
        assert_eq!(level_of(Test::CelpipGeneral, Reading, "12"), Ok(10));
        assert_eq!(level_of(Test::CelpipGeneral, Reading, "M"), Ok(3));
        assert_eq!(level_of(Test::PteCore, Writing, "89"), Ok(9));
        assert_eq!(level_of(Test::TefCanada, Listening, "360"), Ok(10));
        assert_eq!(level_of(Test::TcfCanada, Reading, "523"), Ok(8));
    }

    #[test]
    fn results_that_a_test_never_gives_are_refused() {
        for (test, text) in [
            (Test::IeltsGeneral, "6.7"),
            (Test::IeltsGeneral, "9.5"),
            (Test::IeltsGeneral, "6."),
            (Test::IeltsGeneral, "6.+"),
            (Test::IeltsGeneral, "+6"),
            (Test::IeltsGeneral, "6.50"),
            (Test::IeltsGeneral, ".5"),
            (Test::IeltsGeneral, ""),
            (Test::CelpipGeneral, "13"),
            (Test::CelpipGeneral, "6.0"),
            (Test::PteCore, "9"),
            (Test::PteCore, "91"),
            (Test::PteCore, "-1"),
            (Test::TcfCanada, "5.5"),
            (Test::TcfCanada, "342.0"),
            (Test::TefCanada, "+300"),
            (Test::TefCanada, " 300"),
            (Test::TefCanada, "ten"),
            (Test::TefCanada, "99999"),
        ] {
            assert!(level_of(test, Reading, text).is_err(), "{text}");
        }
        let refused = level_of(Test::PteCore, Reading, "9").unwrap_err();
        assert_eq!(
            refused.to_string(),
            "`9` is not a result of pte_core: expected a whole number from 10 to 90"
        );
    }

    #[test]
    fn the_ends_of_each_scale_are_results() {
        for (test, ability, lowest, highest) in [
            (Test::IeltsGeneral, Speaking, "0", "9.0"),
            (Test::CelpipGeneral, Listening, "0", "12"),
            (Test::PteCore, Writing, "10", "90"),
            (Test::TefCanada, Listening, "0", "360"),
            (Test::TefCanada, Reading, "0", "300"),
            (Test::TcfCanada, Speaking, "0", "20"),
            (Test::TcfCanada, Reading, "0", "699"),
        ] {
            assert_eq!(level_of(test, ability, lowest), Ok(3), "{test:?}");
            assert_eq!(level_of(test, ability, highest), Ok(10), "{test:?}");
        }
    }

    #[test]
    fn pte_core_counts_from_its_first_day() {
        assert_eq!(
            Test::PteCore.accepted_from(),
            jiff::civil::date(2024, 1, 30)
        );
    }
}
