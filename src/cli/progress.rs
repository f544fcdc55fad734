//! Progress bars on stderr, for anything that takes more than a second.
//! What takes long is said by the engine, through [`Observer`].

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::observe::Observer;

/// Nothing is shown for work that is over before this.
const PATIENCE: Duration = Duration::from_secs(1);

/// A bar that appears once its work has taken a second, on a terminal, and leaves no trace.
#[derive(Debug, Default)]
pub struct Progress {
    now: Mutex<Option<Work>>,
}

#[derive(Debug)]
struct Work {
    bar: ProgressBar,
    since: Instant,
    shown: bool,
}

impl Observer for Progress {
    fn begin(&self, what: &str, total: u64) {
        let bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden());
        let template =
            "{msg:<12} {bar:30} {percent:>3}%  {human_pos}/{human_len}  {per_sec}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_message(what.to_owned());
        if let Ok(mut now) = self.now.lock() {
            *now = Some(Work {
                bar,
                since: Instant::now(),
                shown: false,
            });
        }
    }

    fn advance(&self, steps: u64) {
        if let Ok(mut now) = self.now.lock()
            && let Some(work) = now.as_mut()
        {
            if !work.shown && work.since.elapsed() >= PATIENCE {
                work.bar.set_draw_target(ProgressDrawTarget::stderr());
                work.shown = true;
            }
            work.bar.inc(steps);
        }
    }

    fn end(&self) {
        if let Ok(mut now) = self.now.lock()
            && let Some(work) = now.take()
        {
            work.bar.finish_and_clear();
        }
    }
}
