//! Results as text: rounds the way IRCC prints them, and what many replicates gave.
//! Returns text; printing it is the command's business.

pub mod columns;
pub mod explain;
pub mod look;
pub mod overview;
pub mod spark;

use std::fmt::Write as _;

pub use columns::Columns;
pub use look::Look;

use super::shortfall::Short;
use crate::draw::TieBreak;
use crate::scenario::{Plan, RoundPlan};
use crate::shown::{self, counted, grouped};
use crate::study::Held;
use crate::study::summary::{Metric, Summary};
use crate::study::tally::Tally;
use crate::units::Instant;

/// Bars of a small histogram.
const BARS: usize = 12;

/// `July 5, 2023 at 13:38:22 UTC`.
pub fn long_time(at: Instant) -> String {
    let date = at.date();
    let month = shown::month(date.month());
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

/// A number with so many digits after the point and commas between its thousands, with the sign that
/// every terminal and program knows.
pub fn decimal(number: f64, digits: usize) -> String {
    shown::decimal(number, digits, "-")
}

/// As [`decimal`], with a sign always.
pub fn signed(number: f64, digits: usize) -> String {
    let text = decimal(number, digits);
    if text.starts_with('-') {
        text
    } else {
        format!("+{text}")
    }
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
pub fn round_text(round: &RoundPlan, held: &Held, look: &Look) -> String {
    let outcome = &held.outcome;
    let instruction = &round.instruction;
    let invited = outcome.invited.len() as u64;
    let title = format!("Round {}: {}", round.label, round_title(round));
    let mut text = format!("{}\n", look.heading(&title));
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
    line(
        "CRS score of lowest-ranked candidate invited:",
        &look.figure(&cutoff),
    );
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
        let note = look.warning("note:");
        let _ = writeln!(
            text,
            "  {note} of {}, {} given: {candidates} eligible",
            counted(instruction.invitations, "invitation"),
            grouped(invited)
        );
    }
    text
}

/// What many replicates gave, one line a round: the last column shows how often each cut-off came,
/// from the lowest to the highest.
pub fn summary_text(plan: &Plan, summary: &Summary, replicates: u32, look: &Look) -> String {
    let heads = [
        "round",
        "type",
        "date",
        "invitations",
        "cut-off",
        "5% to 95%",
        "se",
        "mean score",
        "lowest to highest",
    ];
    let mut table = Columns::new(&heads).spare(&[7, 6, 3, 8]).figure(4);
    for (place, round) in plan.rounds.iter().enumerate() {
        let figure = |metric, figure: &dyn Fn(&Tally) -> Option<f64>| {
            summary
                .tally(place, metric)
                .and_then(figure)
                .map_or_else(|| "-".to_owned(), |value| decimal(value, 1))
        };
        let cutoff = |p: f64| figure(Metric::CutoffScore, &|tally| tally.quantile(p));
        let spread = summary.tally(place, Metric::CutoffScore);
        table.row([
            round.label.clone(),
            round_title(round),
            round.instruction.at.date().to_string(),
            grouped(round.instruction.invitations),
            cutoff(0.5),
            if spread.is_some_and(|tally| tally.quantile(0.5).is_some()) {
                format!("{} to {}", cutoff(0.05), cutoff(0.95))
            } else {
                "-".to_owned()
            },
            figure(Metric::CutoffScore, &|tally| tally.se()),
            figure(Metric::MeanScore, &Tally::mean),
            spread.map_or_else(String::new, |tally| {
                spark::histogram(&tally.histogram(BARS))
            }),
        ]);
    }
    let cutoffs = plan.rounds.iter().enumerate().map(|(place, _)| {
        let tally = summary.tally(place, Metric::CutoffScore)?;
        tally.quantile(0.5)
    });
    let mut text = table.text(look);
    if plan.rounds.len() >= overview::MANY {
        let _ = writeln!(
            text,
            "\n  median cut-offs over time  {}",
            spark::line(cutoffs)
        );
    }
    let _ = writeln!(
        text,
        "\nMedian cut-off score over {}.",
        counted(replicates, "replicate")
    );
    for (place, round) in plan.rounds.iter().enumerate() {
        let tally = summary.tally(place, Metric::CutoffScore);
        let having = tally.map_or(0, Tally::len);
        if (1..u64::from(replicates)).contains(&having) {
            let _ = writeln!(
                text,
                "Round {} invited somebody in {} of {}: its cut-off score is that of these.",
                round.label,
                grouped(having),
                counted(replicates, "replicate")
            );
        }
    }
    let mut is_short = false;
    for (place, round) in plan.rounds.iter().enumerate() {
        let wanted = round.instruction.invitations;
        let invited = summary.tally(place, Metric::Invited);
        if let Some(short) = invited.and_then(|invited| Short::of(wanted, invited)) {
            is_short = true;
            let _ = writeln!(
                text,
                "Round {} could not be filled in {} of {}: of {}, {} given on average.",
                round.label,
                grouped(short.replicates),
                counted(replicates, "replicate"),
                counted(wanted, "invitation"),
                average(short.given)
            );
        }
    }
    if is_short {
        text.push_str(
            "Where too few candidates were eligible, the cut-off score is the lowest of theirs.\n",
        );
    }
    text
}

/// A mean of whole numbers: with one decimal where it is not whole, and with more where one would
/// round it to a whole number that it is not.
pub fn average(mean: f64) -> String {
    const MOST_DIGITS: usize = 4;
    if mean.fract() == 0.0 {
        return decimal(mean, 0);
    }
    let is_told = |digits: &usize| !decimal(mean, *digits).ends_with(&"0".repeat(*digits));
    decimal(mean, (1..MOST_DIGITS).find(is_told).unwrap_or(MOST_DIGITS))
}

/// Lines, each with its end.
pub fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// A table of these rows.
pub fn table(heads: &[String], rows: &[impl AsRef<[String]>]) -> Columns {
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Columns::new(&heads);
    rows.iter()
        .for_each(|row| table.row(row.as_ref().iter().cloned()));
    table
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
    fn averages_that_are_not_whole_do_not_look_it() {
        for (mean, told) in [
            (2.0, "2"),
            (0.0, "0"),
            (1_999.5, "1,999.5"),
            (1.97, "1.97"),
            (0.05, "0.1"),
            (0.004, "0.004"),
            (1.999_99, "2.0000"),
        ] {
            assert_eq!(average(mean), told);
        }
    }

    #[test]
    fn signs_stand_before_every_number() {
        assert_eq!(
            (signed(3.0, 1), signed(-3.0, 1)),
            ("+3.0".to_owned(), "-3.0".to_owned())
        );
    }
}
