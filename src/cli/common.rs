//! What verbs share: threads, quiet, notices, colours, printing, the place of a result folder.
//! What is printed is said by the verbs, and how it is laid out by `output::terminal`.

use std::ffi::OsStr;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anstream::{AutoStream, ColorChoice};
use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::cli::failure::{Failure, of_candidates};
use crate::cli::memory;
use crate::cli::progress::Progress;
use crate::flow;
use crate::inputs::InputRecord;
use crate::interchange;
use crate::observe::{Observer, Silent};
use crate::output::made::{Asked, Made};
use crate::output::terminal::Look;
use crate::output::text::original;
use crate::output::{Journal, OutputError};
use crate::pool::Pool;
use crate::scenario::Plan;
use crate::shown::{counted, grouped, safe};
use crate::study::backtest::Options;
use crate::study::summary::Metric;
use crate::units::Date;

/// Options of every verb that computes.
#[derive(Debug, Clone, Args)]
pub struct Shared {
    /// Number of threads; default: one for each processor. Results do not depend on it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// No progress and no notices; errors are still shown.
    #[arg(long, short)]
    pub quiet: bool,
}

/// The option of verbs that compute nothing; most of them have nothing to silence.
#[derive(Debug, Clone, Args)]
pub struct Quiet {
    /// No progress and no notices; errors are still shown.
    #[arg(long, short)]
    pub quiet: bool,
}

/// The seed of verbs that read no scenario.
#[derive(Debug, Clone, Copy, Args)]
pub struct Seed {
    /// Seed of every random stream.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = Options::SEED, value_parser = seed)]
    pub seed: u64,
}

impl Shared {
    /// Starts as many threads as asked for; to be called once, before anything is computed.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn start_threads(&self) -> Result<(), Failure> {
        rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads.map_or(0, usize::from))
            .build_global()
            .map_err(|error| {
                let threads = self
                    .threads
                    .map_or(String::new(), |threads| format!("{threads} "));
                Failure::run(format!("cannot start {threads}threads: {error}"))
            })
    }

    /// Progress bars when they are wanted and stderr is a terminal.
    pub fn observer(&self) -> Box<dyn Observer> {
        if self.quiet || !std::io::stderr().is_terminal() {
            Box::new(Silent)
        } else {
            Box::new(Progress::default())
        }
    }

    /// Says how much of a run that was broken off need not be done again by one of `wanted` parts;
    /// `part` is what one of them is called.
    pub fn notice_resumed(&self, resume: bool, journal: &Journal, wanted: u32, part: &str) {
        self.notice_thrown_away(journal.has_thrown_away());
        let missing = journal.missing(wanted).into_iter();
        let missing: usize = missing.map(|parts| parts.len()).sum();
        let used = (wanted as usize).saturating_sub(missing);
        match journal.found() {
            0 if resume => self.notice("nothing was kept of an earlier run; it begins anew"),
            0 => {}
            found => self.notice(&kept(found, used, part)),
        }
    }

    /// Whether a command that `is_resumed` had come to its end: its result, if one was `made`, is left as it
    /// is.
    ///
    /// # Errors
    /// When that is not whole, or not as it is `asked` for.
    pub fn is_done(
        &self,
        is_resumed: bool,
        asked: Asked,
        made: impl FnOnce() -> Option<Made>,
    ) -> Result<bool, OutputError> {
        let Some(made) = is_resumed.then(made).flatten() else {
            return Ok(false);
        };
        made.check(asked)?;
        self.notice_whole(made.path());
        Ok(true)
    }

    /// Says that a result is whole and nothing is done.
    pub fn notice_whole(&self, path: &Path) {
        let path = path.display();
        self.notice(&format!("{path} is whole already and left as it is"));
    }

    /// Says that parts of a run that was broken off are thrown away, if they are.
    pub fn notice_thrown_away(&self, thrown_away: bool) {
        if thrown_away {
            self.notice(
                "an earlier run that was broken off begins anew, and what it had finished is thrown \
                 away; several replicates, and pools that are spread, go on where they were with \
                 --resume",
            );
        }
    }

    /// Says something that the user should know, on stderr.
    pub fn notice(&self, text: &str) {
        if !self.quiet {
            // A closed stderr means that nobody wants to know.
            let note = look_of_stderr().warning("note:");
            let _ = writeln!(anstream::stderr(), "{note} {}", harmless(text));
        }
    }
}

/// What is said of parts that were finished before, `used` of which are used.
fn kept(found: usize, used: usize, part: &str) -> String {
    let parts = counted(found as u64, part);
    let (were, are) = match found {
        1 => ("was", "is"),
        _ => ("were", "are"),
    };
    let uses = match (found, used) {
        (1, 0) => ", but this run does not use it".to_owned(),
        (_, 0) => ", but this run uses none of them".to_owned(),
        _ if used == found => String::new(),
        _ => format!(
            ", of which this run uses the first {}",
            grouped(used as u64)
        ),
    };
    format!("{parts} {were} finished before and {are} kept{uses}")
}

/// The pool that the plan draws on instead of a synthetic one, if it names a file, and what the
/// manifest says of that file.
///
/// # Errors
/// When the file cannot be read, with all of its problems.
pub fn given_pool(
    plan: &Plan,
    shared: &Shared,
    observer: &dyn Observer,
) -> Result<(Option<Arc<Pool>>, Option<InputRecord>), Failure> {
    let refused = |error| Failure::from(of_candidates(plan, &error));
    if let Some(path) = &plan.pool.file {
        let needed = interchange::memory_to_read(path).map_err(refused)?;
        memory::check(&format!("the pool of {}", path.display()), needed, &[])?;
    }
    let Some(read) = flow::candidates(plan, observer).map_err(refused)? else {
        return Ok((None, None));
    };
    read.notices.iter().for_each(|notice| shared.notice(notice));
    Ok((Some(Arc::new(read.pool)), read.input))
}

/// The row of a candidate whose id is written as in the tables, where `'` stands before what a
/// spreadsheet would run, or as it is.
pub fn find(pool: &Pool, id: &str) -> Option<usize> {
    pool.find(original(id)).or_else(|| pool.find(id))
}

/// Every file that these plans read.
pub fn inputs<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<PathBuf> {
    let mut inputs: Vec<PathBuf> = Vec::new();
    for input in plans.into_iter().flat_map(|plan| &plan.inputs) {
        if !inputs.contains(&input.path) {
            inputs.push(input.path.clone());
        }
    }
    inputs
}

/// The seed that a text says.
///
/// # Errors
/// What is accepted, when it is none.
pub fn seed(text: &str) -> Result<u64, String> {
    let accepted = |_| format!("accepted are whole numbers from 0 to {}", u64::MAX);
    text.parse().map_err(accepted)
}

/// The date that a text says.
///
/// # Errors
/// How a date is written, when it is none.
pub fn date(text: &str) -> Result<Date, String> {
    (text.len() == "2023-07-04".len())
        .then(|| text.parse().ok())
        .flatten()
        .ok_or_else(|| "it is not a date; write it like 2023-07-04".to_owned())
}

/// Refuses `--from` after `--to`.
///
/// # Errors
/// Both days, when nothing can lie between them.
pub fn check_days(from: Option<Date>, to: Option<Date>) -> Result<(), Failure> {
    match (from, to) {
        (Some(from), Some(to)) if from > to => Err(Failure::input(format!(
            "--from {from} is later than --to {to}: nothing can lie between them"
        ))),
        _ => Ok(()),
    }
}

/// Reads the name of a figure; help lists the names with their meanings.
pub fn metric() -> impl TypedValueParser<Value = Metric> {
    let names = Metric::ALL.map(|metric| {
        let meaning = metric.meaning().trim_end_matches('.');
        PossibleValue::new(metric.name()).help(meaning)
    });
    PossibleValuesParser::new(names)
        .try_map(|name| Metric::from_name(&name).ok_or("no such figure"))
}

/// Colours on the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set; in pipes too when `CLICOLOR_FORCE` is.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Makes this the choice for all that the command prints from now on.
    pub fn choose(self) {
        match self {
            Colour::Auto => ColorChoice::Auto,
            Colour::Always => ColorChoice::Always,
            Colour::Never => ColorChoice::Never,
        }
        .write_global();
    }
}

/// How results on stdout may look.
pub fn look() -> Look {
    let stdout = std::io::stdout();
    let columns = terminal_size::terminal_size_of(&stdout)
        .filter(|_| stdout.is_terminal())
        .map(|(terminal_size::Width(columns), _)| usize::from(columns));
    Look {
        colour: AutoStream::choice(&stdout) != ColorChoice::Never,
        width: columns,
    }
}

/// How notices and errors on stderr may look.
pub fn look_of_stderr() -> Look {
    Look {
        colour: AutoStream::choice(&std::io::stderr()) != ColorChoice::Never,
        width: None,
    }
}

/// Text of several lines with nothing in it that a terminal would obey: names of files and what
/// files hold may be anything.
pub fn harmless(text: &str) -> String {
    text.split('\n').map(safe).collect::<Vec<_>>().join("\n")
}

/// As [`harmless`], but colours that the program itself puts in stay.
fn harmless_but_colours(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("\u{1b}[") {
        let after = &rest[start + 2..];
        let end = after.find(|c: char| !c.is_ascii_digit() && c != ';');
        let is_colour = end.is_some_and(|end| after[end..].starts_with('m'));
        let through = match end {
            Some(end) if is_colour => start + 2 + end + 1,
            _ => start + 2,
        };
        kept.push_str(&harmless(&rest[..start]));
        if is_colour {
            kept.push_str(&rest[start..through]);
        } else {
            kept.push_str(&harmless(&rest[start..through]));
        }
        rest = &rest[through..];
    }
    kept.push_str(&harmless(rest));
    kept
}

/// A path as a printed result names it: [`print()`] lets colours through, and names of files may look
/// like some.
pub fn shown_path(path: &Path) -> String {
    safe(&path.display().to_string())
}

/// Prints a result to stdout; a reader that has gone away is no failure.
///
/// # Errors
/// When stdout cannot be written for another reason.
pub fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout().lock();
    match stdout
        .write_all(harmless_but_colours(text).as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::run(format!(
            "cannot write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// The folder above and the name of a result folder.
///
/// # Errors
/// When the path names no folder.
pub fn place(out: &Path) -> Result<(&Path, &str), String> {
    match (out.parent(), out.file_name().and_then(OsStr::to_str)) {
        (Some(parent), Some(name)) => Ok((parent, name)),
        _ => Err(format!(
            "--out {} does not name a folder; write it like output/NAME",
            out.display()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_finished_before_is_told_in_the_right_number() {
        for (found, used, told) in [
            (1, 1, "1 replicate was finished before and is kept"),
            (
                1,
                0,
                "1 replicate was finished before and is kept, but this run does not use it",
            ),
            (7, 7, "7 replicates were finished before and are kept"),
            (
                7,
                0,
                "7 replicates were finished before and are kept, but this run uses none of them",
            ),
            (
                7,
                2,
                "7 replicates were finished before and are kept, of which this run uses the first 2",
            ),
        ] {
            assert_eq!(kept(found, used, "replicate"), told);
        }
    }
}
