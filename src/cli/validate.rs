//! `drawsim validate`: checks scenario files and runs nothing.
//! What is checked is the scenario's.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;

use crate::scenario::{Overrides, Problems, plans_from_paths};

/// Check scenario files: report every problem at once, run nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim validate scenarios/stem-2023-07-05.toml scenarios/policies/*.toml"
)]
pub struct ValidateArgs {
    /// Scenario files.
    #[arg(required = true, value_name = "SCENARIO")]
    pub scenarios: Vec<PathBuf>,
    /// Says nothing about files that are in order.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Why the command stopped.
#[derive(Debug, thiserror::Error)]
pub enum ValidateFailure {
    /// The files have problems: bad input (exit code 2).
    #[error(transparent)]
    Problems(#[from] Problems),
    /// Standard output was refused.
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
}

/// Checks the files and tells `out` one line for each that is in order, its notices below.
///
/// # Errors
/// [`ValidateFailure::Problems`] with all problems of all files.
pub fn validate(args: &ValidateArgs, out: &mut impl Write) -> Result<(), ValidateFailure> {
    let plans = plans_from_paths(&args.scenarios, &Overrides::default())?;
    if args.quiet {
        return Ok(());
    }
    for (path, plan) in args.scenarios.iter().zip(&plans) {
        let rounds = plan.rounds.len();
        let invitations: u64 = plan.rounds.iter().fold(0, |sum, round| {
            sum.saturating_add(round.instruction.invitations)
        });
        let pool = match &plan.pool.file {
            Some(file) => format!("the candidates of {}", file.display()),
            None => format!("{} candidates", plan.pool.size),
        };
        writeln!(
            out,
            "{}: in order: {pool} on {}, {rounds} round{}, {invitations} invitations",
            path.display(),
            plan.pool.as_of,
            if rounds == 1 { "" } else { "s" },
        )?;
        for notice in &plan.notices {
            writeln!(out, "  note: {notice}")?;
        }
    }
    Ok(())
}
