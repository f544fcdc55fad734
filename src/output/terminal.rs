//! Rounds as text, the way IRCC prints them.
//! Returns text; printing it is the command's business.

use std::fmt::Write as _;

use crate::draw::TieBreak;
use crate::scenario::{Plan, RoundPlan};
use crate::study::Held;
use crate::study::summary::{Metric, Summary};
use crate::study::tally::Tally;
use crate::units::Instant;

/// `July 5, 2023 at 13:38:22 UTC`.
pub fn long_time(at: Instant) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let date = at.date();
    let month = MONTHS[usize::from(date.month().unsigned_abs().clamp(1, 12)) - 1];
    let second = at.seconds() % Instant::DAY;
    format!(
        "{month} {}, {} at {:02}:{:02}:{:02} UTC",
        date.day(),
        date.year(),
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What a round is called: its category as IRCC prints it, or its program.
pub fn round_title(round: &RoundPlan) -> String {
    let program = match round.type_name.as_str() {
        "general" => Some("General"),
        "pnp" => Some("Provincial Nominee Program"),
        "cec" => Some("Canadian Experience Class"),
        "fsw" => Some("Federal Skilled Worker"),
        "fst" => Some("Federal Skilled Trades"),
        _ => None,
    };
    if let Some(program) = program {
        return program.to_owned();
    }
    let version = round.version.as_deref().unwrap_or_default();
    match crate::rules::categories::find(&round.type_name, version) {
        Some(category) => category.label.to_owned(),
        None if version.is_empty() => round.type_name.clone(),
        None => format!("{} ({version})", round.type_name),
    }
}

/// One round with its outcome.
pub fn round_text(round: &RoundPlan, held: &Held) -> String {
    let outcome = &held.outcome;
    let instruction = &round.instruction;
    let invited = outcome.invited.len() as u64;
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<46} {value}");
    };
    line("Number of invitations issued:", &grouped(invited));
    match outcome.cutoff {
        None => line(
            "Rank required to be invited to apply:",
            "none: no eligible candidate",
        ),
        Some(_) => line(
            "Rank required to be invited to apply:",
            &format!("{} or above", grouped(invited)),
        ),
    }
    line("Date and time of round:", &long_time(instruction.at));
    let cutoff = outcome
        .cutoff
        .map_or_else(|| "none".to_owned(), |score| score.to_string());
    line("CRS score of lowest-ranked candidate invited:", &cutoff);
    let rule = match (outcome.tie_break, instruction.tie_break) {
        (Some(at), TieBreak::LatestSubmission) => format!("{}, latest first", long_time(at)),
        (Some(at), _) => long_time(at),
        (None, TieBreak::Random) if invited == instruction.invitations => {
            "seeded random order".to_owned()
        }
        (None, TieBreak::None) if invited >= instruction.invitations => {
            "none: all at the score".to_owned()
        }
        (None, _) if invited == 0 => "none".to_owned(),
        (None, _) => "none: every eligible candidate was invited".to_owned(),
    };
    line("Tie-breaking rule:", &rule);
    if invited < instruction.invitations {
        let candidates = match outcome.eligible {
            0 => "no candidate was".to_owned(),
            1 => "only 1 candidate was".to_owned(),
            more => format!("only {} candidates were", grouped(more)),
        };
        let _ = writeln!(
            text,
            "  note: of {} invitations, {} given: {candidates} eligible",
            grouped(instruction.invitations),
            grouped(invited)
        );
    }
    format!("Round {}: {}\n{text}", round.label, round_title(round))
}

/// What many replicates gave, one line a round.
pub fn summary_text(plan: &Plan, summary: &Summary, replicates: u32) -> String {
    let rows = plan.rounds.iter().enumerate().map(|(place, round)| {
        let figure = |metric, figure: &dyn Fn(&Tally) -> Option<f64>| {
            summary
                .tally(place, metric)
                .and_then(figure)
                .map_or_else(|| "-".to_owned(), |value| format!("{value:.1}"))
        };
        let cutoff = |p: f64| figure(Metric::CutoffScore, &|tally| tally.quantile(p));
        [
            round.label.clone(),
            round_title(round),
            round.instruction.at.date().to_string(),
            grouped(round.instruction.invitations),
            cutoff(0.5),
            format!("{} to {}", cutoff(0.05), cutoff(0.95)),
            figure(Metric::CutoffScore, &|tally| tally.se()),
            figure(Metric::MeanScore, &Tally::mean),
        ]
    });
    let heads = [
        "round",
        "type",
        "date",
        "invitations",
        "cut-off",
        "5% to 95%",
        "se",
        "mean score",
    ];
    let mut text = table(&heads.map(str::to_owned), &rows.collect::<Vec<_>>());
    text.push_str(&format!(
        "\nMedian cut-off score over {} replicates.\n",
        grouped(u64::from(replicates))
    ));
    text
}

/// Aligned columns: text to the left, numbers to the right.
pub fn table(heads: &[String], rows: &[impl AsRef<[String]>]) -> String {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.as_ref()[column].chars().count())
            .chain([heads[column].chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let numeric = |text: &str| {
        text == "-"
            || text
                .trim_start_matches(['-', '+'])
                .starts_with(|c: char| c.is_ascii_digit())
    };
    let right: Vec<bool> = (0..heads.len())
        .map(|column| !rows.is_empty() && rows.iter().all(|row| numeric(&row.as_ref()[column])))
        .collect();
    let mut text = String::new();
    for row in std::iter::once(heads).chain(rows.iter().map(AsRef::as_ref)) {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let gap = widths[column] - cell.chars().count();
            let (before, after) = if right[column] { (gap, 0) } else { (0, gap) };
            let _ = write!(line, "  {}{cell}{}", " ".repeat(before), " ".repeat(after));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_the_published_ones() {
        let at = Instant::parse("2022-11-23T00:01:29Z").unwrap();
        assert_eq!(long_time(at), "November 23, 2022 at 00:01:29 UTC");
    }

    #[test]
    fn numbers_have_commas() {
        assert_eq!(
            [0, 999, 1_000, 214_529].map(grouped),
            ["0", "999", "1,000", "214,529"]
        );
    }
}
