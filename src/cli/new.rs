//! `drawsim new`: a commented scenario to start from.
//! What stands in it is the scenario's.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::common::{Quiet, print, shown_path};
use crate::cli::failure::Failure;
use crate::output::NewFile;
use crate::scenario::Template;

/// Write a commented scenario to start from, NAME.toml; a file that is there is never replaced.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  drawsim new my-policy\n  drawsim new my-year --template year")]
pub struct NewArgs {
    /// Name of the scenario: letters, digits, `-`, `_` and `.`.
    #[arg(value_name = "NAME")]
    name: String,
    /// What to start from.
    #[arg(long, value_enum, default_value_t)]
    template: Start,
    /// Folder for the file.
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// Accepted by every verb.
    #[command(flatten)]
    pub quiet: Quiet,
}

/// What to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Start {
    /// Two rounds on a published pool.
    #[default]
    Round,
    /// A year with arrivals, expiry and a schedule of rounds.
    Year,
    /// A base and three policies to compare with it.
    Policies,
}

/// Runs the verb.
///
/// # Errors
/// A bad name, or a file that is there already or cannot be written (2).
pub fn run(args: &NewArgs) -> Result<(), Failure> {
    let name = args.name.strip_suffix(".toml").unwrap_or(&args.name);
    if name.contains(['/', '\\']) {
        return Err(Failure::input(format!(
            "`{}` has a folder in it; give the name alone, and the folder with --out DIR",
            args.name.escape_debug()
        )));
    }
    let (template, verb) = match args.template {
        Start::Round => (Template::Round, "run"),
        Start::Year => (Template::Year, "run"),
        Start::Policies => (Template::Policies, "compare"),
    };
    let text = template.text(name).map_err(Failure::input)?;
    let path = args.out.join(format!("{name}.toml"));
    let path = path.strip_prefix(".").unwrap_or(&path).to_owned();
    if path.exists() {
        return Err(Failure::input(format!(
            "{} is there already and is kept; choose another name",
            path.display()
        )));
    }
    let mut file = NewFile::create(&path, false)?;
    file.append(text.as_bytes())?;
    file.finish()?;
    let shown = shown_path(&path);
    print(&format!(
        "{shown}: a scenario to start from; open it in an editor, then\n  drawsim {verb} {shown}\n"
    ))
}
