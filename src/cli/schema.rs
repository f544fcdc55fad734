//! `drawsim schema`: prints what files hold.
//! What they hold is said by the rooms that read and write them.

use clap::{Args, ValueEnum};

use crate::cli::common::print;
use crate::cli::failure::Failure;
use crate::{interchange, output, scenario};

/// Print what files hold: a JSON Schema for scenarios, column tables for the others.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  drawsim schema scenario > scenario.schema.json")]
pub struct SchemaArgs {
    /// Which files.
    #[arg(value_enum)]
    what: Files,
}

/// Files that have a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Files {
    /// Scenario files: a JSON Schema.
    Scenario,
    /// Candidate files, read and written.
    Candidate,
    /// The tables of result folders.
    Outputs,
}

/// Runs the verb.
///
/// # Errors
/// When stdout is refused.
pub fn run(args: &SchemaArgs) -> Result<(), Failure> {
    match args.what {
        Files::Scenario => print(&format!("{:#}\n", scenario::schema())),
        Files::Candidate => print(&interchange::describe()),
        Files::Outputs => print(&output::describe::outputs()),
    }
}
