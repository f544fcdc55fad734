//! How a verb fails: what is printed on stderr, and the exit code.
//! What went wrong is said by the rooms where it did.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use crate::cli::common::{harmless, look_of_stderr};
use crate::interchange::ReadError;
use crate::output::OutputError;
use crate::output::rerun::RerunError;
use crate::scenario::{Plan, Problem, Problems};
use crate::study::RunError;
use crate::synthesis::SynthesisError;

/// What is said where parts of a study that stopped are finished.
pub const KEPT: &str = "What is finished is kept: run the same command with --resume to go on";

/// A verb that did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Bad input or usage, details of it indented below: exit code 2.
    Input(String),
    /// Problems of scenarios with their places, as they are printed: exit code 2.
    Problems(String),
    /// The run itself failed: exit code 1.
    Run(String),
}

impl Failure {
    /// Bad input or usage.
    pub fn input(message: impl Display) -> Self {
        Failure::Input(harmless(&message.to_string()))
    }

    /// The run failed.
    pub fn run(message: impl Display) -> Self {
        Failure::Run(harmless(&message.to_string()))
    }

    /// A study of a plan stopped: what the profile cannot give is bad input.
    pub fn of_study(plan: &Plan, error: RunError) -> Self {
        match error {
            RunError::Synthesis(error) => of_people(plan, &error).into(),
            error => error.into(),
        }
    }

    /// Prints the message to stderr and gives the exit code; `kept` says whether parts of the run
    /// are finished and kept.
    pub fn report(self, kept: bool) -> ExitCode {
        let (message, code, kept) = match self {
            Failure::Input(message) => (led(message), 2, false),
            Failure::Problems(message) => (message, 2, false),
            Failure::Run(message) => (led(message), 1, kept),
        };
        let mut stderr = anstream::stderr().lock();
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(stderr, "{}", message.trim_end());
        if kept {
            let _ = writeln!(stderr, "{KEPT}");
        }
        ExitCode::from(code)
    }
}

/// What a profile cannot give, by the key of the scenario that asks for it.
pub fn of_people(plan: &Plan, error: &SynthesisError) -> Problem {
    let (key, error) = error.by_key();
    plan.problem(key, error.to_string())
}

/// What is wrong with a candidate file, by the key or the option that names it.
pub fn of_candidates(plan: &Plan, error: &ReadError) -> Problem {
    plan.problem("pool.file", error.headline())
        .listing(error.details())
}

/// The message with its lead; a list of several, which begin with their places, has none.
fn led(message: String) -> String {
    let is_list = message.lines().skip(1).any(|line| !line.starts_with(' '));
    match is_list {
        true => message,
        false => format!("{} {message}", look_of_stderr().error("error:")),
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Problems::from(problem).into()
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        if std::io::stderr().is_terminal() {
            Failure::Problems(problems.fancy(look_of_stderr().colour))
        } else {
            Failure::Problems(problems.plain())
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Synthesis(error) => Failure::input(error),
            error => Failure::run(error),
        }
    }
}

impl From<RerunError> for Failure {
    fn from(error: RerunError) -> Self {
        match error {
            RerunError::Scenario(problems) => problems.into(),
            other => Failure::input(other),
        }
    }
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        if error.is_usage() {
            Failure::input(error)
        } else {
            Failure::run(error)
        }
    }
}
