//! Arguments, one file per verb, progress bars. No domain branches.

pub mod backtest;
pub mod calibrate;
pub mod common;
pub mod compare;
pub mod failure;
pub mod generate;
pub mod history;
pub mod odds;
pub mod progress;
pub mod report;
pub mod run;
pub mod schema;
pub mod score;
pub mod sweep;
pub mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use common::Shared;
use failure::Failure;

/// Simulates ranked invitation rounds (Express Entry) over synthetic candidate pools.
#[derive(Debug, Parser)]
#[command(
    name = "drawsim",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Run(run::RunArgs),
    Compare(compare::CompareArgs),
    Sweep(sweep::SweepArgs),
    Odds(odds::OddsArgs),
    Generate(generate::GenerateArgs),
    Score(score::ScoreArgs),
    Validate(validate::ValidateArgs),
    Schema(schema::SchemaArgs),
    History(history::HistoryArgs),
    Backtest(backtest::BacktestArgs),
    Calibrate(calibrate::CalibrateArgs),
    Report(report::ReportArgs),
}

/// Runs the command with the process's arguments: 0 done, 1 the run failed, 2 bad input or usage.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with 0, usage errors to stderr with 2.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let done = match cli.verb.shared() {
        Some(shared) => shared.start_threads().and_then(|()| cli.verb.run()),
        None => cli.verb.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

impl Verb {
    /// Options of the verbs that compute.
    fn shared(&self) -> Option<&Shared> {
        match self {
            Verb::Run(args) => Some(&args.shared),
            Verb::Compare(args) => Some(&args.shared),
            Verb::Sweep(args) => Some(&args.shared),
            Verb::Odds(args) => Some(&args.shared),
            Verb::Generate(args) => Some(&args.shared),
            Verb::Score(args) => Some(&args.shared),
            Verb::Backtest(args) => Some(&args.shared),
            Verb::Calibrate(args) => Some(&args.shared),
            Verb::Validate(_) | Verb::Schema(_) | Verb::History(_) | Verb::Report(_) => None,
        }
    }

    fn run(&self) -> Result<(), Failure> {
        match self {
            Verb::Run(args) => run::run(args),
            Verb::Compare(args) => compare::run(args),
            Verb::Sweep(args) => sweep::run(args),
            Verb::Odds(args) => odds::run(args),
            Verb::Generate(args) => generate::run(args),
            Verb::Score(args) => score::run(args),
            Verb::Validate(args) => Ok(validate::validate(args, &mut std::io::stdout().lock())?),
            Verb::Schema(args) => schema::run(args),
            Verb::History(args) => Ok(history::run(args, args.quiet)?),
            Verb::Backtest(args) => backtest::run(args),
            Verb::Calibrate(args) => calibrate::run(args),
            Verb::Report(args) => report::run(args),
        }
    }
}
