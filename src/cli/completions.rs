//! `drawsim completions`: what a shell needs to complete the command's verbs and options.
//! Which there are is said by the verbs.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::cli::common::{Quiet, print};
use crate::cli::failure::Failure;

/// Print a script by which a shell completes verbs and options.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    bash:        drawsim completions bash > ~/.local/share/bash-completion/completions/drawsim\n  \
    zsh:         drawsim completions zsh > \"${fpath[1]}/_drawsim\"\n  \
    fish:        drawsim completions fish > ~/.config/fish/completions/drawsim.fish\n  \
    PowerShell:  drawsim completions powershell >> $PROFILE")]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
    /// Accepted by every verb.
    #[command(flatten)]
    pub quiet: Quiet,
}

/// Runs the verb.
///
/// # Errors
/// When stdout is refused.
pub fn run(args: &CompletionsArgs) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "drawsim", &mut script);
    print(&String::from_utf8_lossy(&script))
}
