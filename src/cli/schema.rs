//! `drawsim schema`: prints what files hold.
//! What they hold is said by the rooms that read and write them.

use clap::{Args, ValueEnum};

use crate::cli::common::{Quiet, date, print};
use crate::cli::failure::Failure;
use crate::units::Date;
use crate::{interchange, output, scenario};

/// Print what files hold: a JSON Schema for scenarios, tables for the others.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  drawsim schema scenario > scenario.schema.json\n  drawsim schema points --on 2024-01-01"
)]
pub struct SchemaArgs {
    /// Which files.
    #[arg(value_enum)]
    what: Files,
    /// With points: the day whose values are shown; default: the last known ones.
    #[arg(long, value_name = "DATE", value_parser = date)]
    on: Option<Date>,
    /// Accepted by every verb.
    #[command(flatten)]
    pub quiet: Quiet,
}

/// Files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Files {
    /// Scenario files: a JSON Schema.
    Scenario,
    /// Candidate files, read and written.
    Candidate,
    /// The tables of result folders, their metrics and dimensions.
    Outputs,
    /// The names for `[points]` of a scenario, with their values on a date.
    Points,
}

/// Runs the verb.
///
/// # Errors
/// A date whose points are not known (2), or when stdout is refused.
pub fn run(args: &SchemaArgs) -> Result<(), Failure> {
    if args.on.is_some() && args.what != Files::Points {
        return Err(Failure::input(
            "--on goes with `drawsim schema points`".to_owned(),
        ));
    }
    match args.what {
        Files::Scenario => print(&format!("{:#}\n", scenario::schema())),
        Files::Candidate => print(&interchange::describe()),
        Files::Outputs => print(&output::describe::outputs()),
        Files::Points => {
            let text = output::points::points(args.on);
            print(&text.map_err(|error| Failure::input(error.to_string()))?)
        }
    }
}
