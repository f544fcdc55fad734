//! How a verb fails: what is printed on stderr, and the exit code.
//! What went wrong is said by the rooms where it did.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use crate::cli::common::{harmless, look_of_stderr};
use crate::output::OutputError;
use crate::output::rerun::RerunError;
use crate::scenario::{Plan, Problems};
use crate::study::RunError;

/// What is said where parts of a study that stopped are finished.
pub const KEPT: &str = "What is finished is kept: run the same command with --resume to go on";

/// A verb that did not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Bad input or usage: exit code 2.
    Input(String),
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
            RunError::Synthesis(error) => {
                let file = plan.inputs.first().map(|file| file.display().to_string());
                Failure::input(format!("{}: {error}", file.as_ref().unwrap_or(&plan.name)))
            }
            error => error.into(),
        }
    }

    /// Prints the message to stderr and gives the exit code; `kept` says whether parts of the run
    /// are finished and kept.
    pub fn report(self, kept: bool) -> ExitCode {
        let (message, code, kept) = match self {
            Failure::Input(message) => (message, 2, false),
            Failure::Run(message) => (message, 1, kept),
        };
        let lead = if message.starts_with("error") || message.contains("\n") {
            String::new()
        } else {
            format!("{} ", look_of_stderr().error("error:"))
        };
        let mut stderr = anstream::stderr().lock();
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(stderr, "{lead}{}", message.trim_end());
        if kept {
            let _ = writeln!(stderr, "{KEPT}");
        }
        ExitCode::from(code)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        if std::io::stderr().is_terminal() {
            Failure::Input(problems.fancy(look_of_stderr().colour))
        } else {
            Failure::Input(problems.plain())
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
