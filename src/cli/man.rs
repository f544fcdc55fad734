//! `drawsim man`: manual pages of the command and its verbs.
//! What they say is the help of the verbs.

use std::path::PathBuf;

use clap::{Args, Command, CommandFactory};
use clap_mangen::Man;

use crate::cli::Cli;
use crate::cli::common::{Quiet, print, shown_path};
use crate::cli::failure::Failure;
use crate::output::OutputError;

/// Print the manual page of the command or of one verb, or write all pages to a folder.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  drawsim man | man -l -\n  \
    drawsim man --out ~/.local/share/man/man1")]
pub struct ManArgs {
    /// The verb; default: the command as a whole.
    #[arg(value_name = "VERB", conflicts_with = "out")]
    verb: Option<String>,
    /// Folder to write every page to, as drawsim.1, drawsim-run.1 and so on.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Accepted by every verb.
    #[command(flatten)]
    pub quiet: Quiet,
}

/// Runs the verb.
///
/// # Errors
/// A verb that there is not, or a folder that cannot be written (2).
pub fn run(args: &ManArgs) -> Result<(), Failure> {
    let mut command = Cli::command().disable_help_subcommand(true);
    if let Some(folder) = &args.out {
        let failed = |error| OutputError::io("write manual pages to", folder, error);
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(command, folder).map_err(failed)?;
        return print(&format!("Manual pages: {}\n", shown_path(folder)));
    }
    command.build();
    let Some(verb) = &args.verb else {
        return page(command);
    };
    match command.find_subcommand(verb) {
        Some(found) => page(found.clone()),
        None => {
            let shown = command.get_subcommands().filter(|verb| !verb.is_hide_set());
            let verbs: Vec<&str> = shown.map(Command::get_name).collect();
            Err(Failure::input(format!(
                "`{}` is no verb; there are {}",
                verb.escape_debug(),
                verbs.join(", ")
            )))
        }
    }
}

fn page(command: Command) -> Result<(), Failure> {
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(Failure::run)?;
    print(&String::from_utf8_lossy(&page))
}
