//! `drawsim score`: points, programs and categories added to a candidate file.
//! The file is read and written by `interchange`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Shared, date, print, shown_path};
use crate::cli::failure::Failure;
use crate::interchange::{self, score::ScoreError};
use crate::output::Format;
use crate::rules::{CategoryKey, Rules, RulesPatch, categories, grid};
use crate::shown::{counted, grouped};
use crate::units::Date;

/// Add points, programs and categories to a candidate file; all other columns stay as they are.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  drawsim score candidates.csv --out scored.csv --on 2023-07-05")]
pub struct ScoreArgs {
    /// Candidate file, CSV.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// File to write, CSV.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Date whose rules and categories count; default: the last date for which they are known.
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// Runs the verb.
///
/// # Errors
/// A bad candidate file, date or output file (2), or a file that cannot be written to its end (1).
pub fn run(args: &ScoreArgs) -> Result<(), Failure> {
    for path in [&args.file, &args.out] {
        if interchange::format_of(path) != Ok(Format::Csv) {
            return Err(Failure::input(format!(
                "{}: score reads and writes .csv files",
                path.display()
            )));
        }
    }
    let last = grid::UNTIL.yesterday().map_err(Failure::run)?;
    let date = args.on.unwrap_or(last);
    let rules = rules_on(date)?;
    let observer = args.shared.observer();
    let scored = interchange::score_file(&args.file, &args.out, &rules, args.force, &*observer)
        .map_err(|error| match error {
            ScoreError::Read(error) => Failure::input(error),
            ScoreError::Write(error) => error.into(),
        })?;
    let notices = scored.notices.iter();
    notices.for_each(|notice| args.shared.notice(notice));
    if args.on.is_none() {
        args.shared.notice(&format!(
            "scored by the rules of {last}, the last date for which they are known; --on DATE chooses another"
        ));
    }
    print(&format!(
        "{}, {} of them eligible for no program: {}\n",
        counted(scored.rows, "candidate"),
        grouped(scored.ineligible),
        shown_path(&args.out)
    ))
}

/// The rules of a date with every category in force on it.
fn rules_on(date: Date) -> Result<Rules, Failure> {
    let in_force = categories::names()
        .into_iter()
        .filter_map(|name| categories::in_force(name, date));
    let wanted: Vec<CategoryKey> = in_force
        .map(|category| CategoryKey {
            name: category.name.clone(),
            version: category.version.clone(),
        })
        .collect();
    Rules::on(date, &wanted, &RulesPatch::default()).map_err(|problems| {
        let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Failure::input(format!("--on {date}: {}", lines.join("; ")))
    })
}
