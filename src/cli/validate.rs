//! `drawsim validate`: checks scenario files and runs nothing.
//! What is checked is the scenario's.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::{look, print, shown_path};
use crate::cli::failure::Failure;
use crate::cli::people;
use crate::scenario::{Overrides, Scenario};
use crate::shown::counted;

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

/// What should be known of single policies of a file that is in order.
fn of_policies(path: &Path) -> Vec<String> {
    let plans = Scenario::from_path(path)
        .and_then(|scenario| scenario.policies(&Overrides::default()))
        .unwrap_or_default();
    let own = plans.iter().skip(1).flat_map(|plan| {
        let own = plan.notices.iter();
        let own = own.filter(|notice| !plans[0].notices.contains(notice));
        own.map(|notice| format!("{}: {notice}", plan.name))
    });
    own.collect()
}

/// Runs the verb: one line for each file that is in order, its notices below.
///
/// # Errors
/// All problems of all files (2), or a refused standard output (1).
pub fn run(args: &ValidateArgs) -> Result<(), Failure> {
    let plans = people::plans(&args.scenarios, &Overrides::default(), |_| true)?;
    if args.quiet {
        return Ok(());
    }
    let look = look();
    let mut text = String::new();
    for (path, (plan, of_file)) in args.scenarios.iter().zip(&plans) {
        let rounds = plan.rounds.len();
        let invitations: u64 = plan.rounds.iter().fold(0, |sum, round| {
            sum.saturating_add(round.instruction.invitations)
        });
        let pool = match &plan.pool.file {
            Some(file) => format!("the candidates of {}", shown_path(file)),
            None => counted(plan.pool.size, "candidate"),
        };
        let _ = writeln!(
            text,
            "{}: {}: {pool} on {}, {}, {}",
            shown_path(path),
            look.good("in order"),
            plan.pool.as_of,
            counted(rounds as u64, "round"),
            counted(invitations, "invitation"),
        );
        for notice in plan.notices.iter().chain(of_file).chain(&of_policies(path)) {
            let _ = writeln!(text, "  {} {notice}", look.warning("note:"));
        }
    }
    print(&text)
}
