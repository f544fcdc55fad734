//! Arguments, one file per verb, progress bars. No domain branches.

pub mod backtest;
pub mod calibrate;
pub mod cluster;
pub mod common;
pub mod compare;
pub mod completions;
pub mod distributed;
pub mod explain;
pub mod failure;
pub mod generate;
pub mod history;
pub mod man;
pub mod memory;
pub mod new;
pub mod odds;
pub mod people;
pub mod progress;
pub mod report;
pub mod run;
pub mod schema;
pub mod score;
pub mod stop;
pub mod sweep;
pub mod validate;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use common::{Colour, Shared};
use failure::Failure;

use crate::output::{parquet_file, partial};

/// Simulates ranked invitation rounds (Express Entry) over synthetic candidate pools.
#[derive(Debug, Parser)]
#[command(
    name = "drawsim",
    version,
    arg_required_else_help = true,
    max_term_width = 100,
    after_help = "Examples:\n  drawsim new my-policy\n  drawsim run my-policy.toml\n  \
                  drawsim run --help"
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Colours: on a terminal unless NO_COLOR is set, always, or never.
    #[arg(
        long = "color",
        value_name = "WHEN",
        value_enum,
        default_value_t,
        global = true,
        hide_possible_values = true,
        help = "Colours: auto (on a terminal, unless NO_COLOR is set), always or never"
    )]
    colour: Colour,
}

#[derive(Debug, Subcommand)]
enum Verb {
    New(new::NewArgs),
    Run(run::RunArgs),
    Explain(explain::ExplainArgs),
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
    #[cfg_attr(not(feature = "cluster"), command(hide = true))]
    Cluster(cluster::ClusterArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Runs the command with the process's arguments: 0 done, 1 the run failed, 2 bad input or usage,
/// 130 stopped by a signal.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to stdout with 0, usage errors to stderr with 2.
            let text = error.render().to_string();
            if common::harmless(&text) == text {
                let _ = error.print();
            } else {
                // Nobody is left to tell when stderr itself is closed.
                let _ = writeln!(anstream::stderr(), "{}", common::harmless(text.trim_end()));
            }
            if let Some(tip) = tip(&error) {
                let _ = writeln!(anstream::stderr(), "\n{tip}");
            }
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    cli.colour.choose();
    // The roles of a cluster end in their own way.
    if !matches!(cli.verb, Verb::Cluster(_)) {
        stop::listen();
    }
    hush_damaged_files();
    let done = match cli.verb.shared() {
        Some(shared) => shared.start_threads().and_then(|()| cli.verb.run()),
        None => cli.verb.run(),
    };
    if done.is_err() {
        stop::wait_if_stopping();
    }
    partial::wait_if_abandoned();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(partial::any_kept()),
    }
}

/// Lets nobody hear of panics that become an error of a damaged file.
fn hush_damaged_files() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !parquet_file::is_guarded() {
            usual(panic);
        }
    }));
}

/// What someone meant who left the verb out.
fn tip(error: &clap::Error) -> Option<String> {
    let first = std::env::args_os().nth(1)?;
    let is_scenario = Path::new(&first)
        .extension()
        .is_some_and(|end| end == "toml");
    let is_meant = error.kind() == ErrorKind::InvalidSubcommand && is_scenario;
    is_meant.then(|| {
        let file = first.to_string_lossy();
        format!("  to run a scenario: drawsim run {}", file.escape_debug())
    })
}

/// Whether a command line is understood; nothing is run.
///
/// # Errors
/// What the user would be told, help and version included.
pub fn understand<T: Into<OsString> + Clone>(
    args: impl IntoIterator<Item = T>,
) -> Result<(), String> {
    let understood = Cli::try_parse_from(args);
    understood
        .map(drop)
        .map_err(|error| common::harmless(&error.render().to_string()))
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
            Verb::Explain(args) => Some(&args.shared),
            Verb::New(_)
            | Verb::Validate(_)
            | Verb::Schema(_)
            | Verb::History(_)
            | Verb::Report(_)
            | Verb::Cluster(_)
            | Verb::Completions(_)
            | Verb::Man(_) => None,
        }
    }

    fn run(&self) -> Result<(), Failure> {
        match self {
            Verb::New(args) => new::run(args),
            Verb::Run(args) => run::run(args),
            Verb::Explain(args) => explain::run(args),
            Verb::Compare(args) => compare::run(args),
            Verb::Sweep(args) => sweep::run(args),
            Verb::Odds(args) => odds::run(args),
            Verb::Generate(args) => generate::run(args),
            Verb::Score(args) => score::run(args),
            Verb::Validate(args) => validate::run(args),
            Verb::Schema(args) => schema::run(args),
            Verb::History(args) => history::run(args),
            Verb::Backtest(args) => backtest::run(args),
            Verb::Calibrate(args) => calibrate::run(args),
            Verb::Report(args) => report::run(args),
            Verb::Cluster(args) => cluster::run(args),
            Verb::Completions(args) => completions::run(args),
            Verb::Man(args) => man::run(args),
        }
    }
}
