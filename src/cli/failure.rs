//! How a verb fails: what is printed on stderr, and the exit code.
//! What went wrong is said by the rooms where it did.

use std::fmt::Display;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use crate::cli::history::HistoryFailure;
use crate::cli::validate::ValidateFailure;
use crate::output::OutputError;
use crate::scenario::Problems;

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
        Failure::Input(message.to_string())
    }

    /// The run failed.
    pub fn run(message: impl Display) -> Self {
        Failure::Run(message.to_string())
    }

    /// Standard output was refused; a reader that has gone away is told nothing.
    pub fn printing(error: &std::io::Error) -> Self {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            Failure::Run(String::new())
        } else {
            Failure::Run(format!("cannot write to standard output: {error}"))
        }
    }

    /// Prints the message to stderr and gives the exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Failure::Input(message) => (message, 2),
            Failure::Run(message) => (message, 1),
        };
        if message.is_empty() {
            return ExitCode::from(code);
        }
        let lead = if message.starts_with("error") || message.contains("\n") {
            ""
        } else {
            "error: "
        };
        let mut stderr = std::io::stderr().lock();
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(stderr, "{lead}{}", message.trim_end());
        ExitCode::from(code)
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        if std::io::stderr().is_terminal() {
            let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
            Failure::Input(problems.fancy(colour))
        } else {
            Failure::Input(problems.plain())
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

impl From<ValidateFailure> for Failure {
    fn from(failure: ValidateFailure) -> Self {
        match failure {
            ValidateFailure::Problems(problems) => problems.into(),
            ValidateFailure::Output(error) => Failure::printing(&error),
        }
    }
}

impl From<HistoryFailure> for Failure {
    fn from(failure: HistoryFailure) -> Self {
        match failure {
            HistoryFailure::Output(error) => Failure::printing(&error),
            HistoryFailure::Write(error) => error.into(),
            other => Failure::input(other),
        }
    }
}
