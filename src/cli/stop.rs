//! What the user's wish to stop (Ctrl-C, or a signal to end) does: what is half-written is taken
//! away, the user is told, and the exit code is 130. What is under way is known to `output`.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::cli::common::harmless;
use crate::cli::failure::KEPT;
use crate::output::partial;

/// The exit code of a command that was stopped.
const STOPPED: i32 = 130;

/// What is done before all else once the user wishes to stop.
static FIRST: Mutex<Option<Box<dyn Fn() + Send>>> = Mutex::new(None);

/// Whether the user wishes to stop.
static IS_STOPPING: AtomicBool = AtomicBool::new(false);

/// Has this done first when the user wishes to stop: work that other machines do is called off. Does
/// not come back where the user wished to already.
pub fn first(what: impl Fn() + Send + 'static) {
    *FIRST.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(what));
    wait_if_stopping();
}

/// Listens for signals from now on. Those that are ignored at the start (SIGHUP under `nohup`, SIGINT
/// in a script's background job) stay ignored.
pub fn listen() {
    // Listens to all that there are, or to none where one of them is ignored.
    if ctrlc::try_set_handler(stop).is_err() {
        #[cfg(unix)]
        listen_to_some();
    }
}

/// Listens to the signals that are not ignored.
#[cfg(unix)]
fn listen_to_some() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    // Linux tells which. Elsewhere it is taken to be the two that `nohup` and shells ignore.
    let ignored = std::fs::read_to_string("/proc/self/status")
        .ok()
        .and_then(|status| ignored(&status))
        .unwrap_or((1 << (SIGHUP - 1)) | (1 << (SIGINT - 1)));
    let heard: Vec<i32> = [SIGHUP, SIGINT, SIGTERM]
        .into_iter()
        .filter(|signal| ignored & (1 << (signal - 1)) == 0)
        .collect();
    if let Ok(mut signals) = Signals::new(heard) {
        let listener = std::thread::Builder::new().name("signals".to_owned());
        // Without the thread a result is whole or not there all the same.
        let _ = listener.spawn(move || {
            if signals.forever().next().is_some() {
                stop();
            }
        });
    }
}

/// The signals that a process ignores, a bit for each from 1 on.
#[cfg(unix)]
fn ignored(status: &str) -> Option<u64> {
    let mask = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

/// Takes away what is half-written, tells the user, and ends the process.
fn stop() {
    IS_STOPPING.store(true, Ordering::SeqCst);
    if let Some(first) = &*FIRST.lock().unwrap_or_else(PoisonError::into_inner) {
        first();
    }
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
}

/// Comes back unless the user wishes to stop: then the process ends as soon as that is seen to. A
/// command that failed because it was stopped has nothing else to tell.
pub fn wait_if_stopping() {
    while IS_STOPPING.load(Ordering::SeqCst) {
        std::thread::park();
    }
}
