//! What the user's wish to stop (Ctrl-C, or a signal to end) does: what is half-written is taken
//! away, the user is told, and the exit code is 130. What is under way is known to `output`.

use std::io::{IsTerminal, Write};

use crate::cli::common::harmless;
use crate::cli::failure::KEPT;
use crate::output::partial;

/// The exit code of a command that was stopped.
const STOPPED: i32 = 130;

/// Listens for signals from now on. Where one of them is ignored (by `nohup`, say), all are left
/// as they are; a result is then whole or not there all the same.
pub fn listen() {
    let _ = ctrlc::try_set_handler(|| {
        let message = match partial::abandon_all().as_slice() {
            [] => "stopped".to_owned(),
            places => {
                let names: Vec<String> = places
                    .iter()
                    .map(|(place, _)| place.display().to_string())
                    .collect();
                let again = if places.iter().any(|(_, kept)| *kept) {
                    KEPT
                } else {
                    "Run the same command again"
                };
                format!(
                    "stopped before {} was whole; what stood there is as it was. {again}",
                    names.join(", ")
                )
            }
        };
        let mut stderr = std::io::stderr().lock();
        let clear = if stderr.is_terminal() {
            "\r\x1b[2K"
        } else {
            ""
        };
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(stderr, "{clear}{}", harmless(&message));
        std::process::exit(STOPPED);
    });
}
