//! `drawsim history`: shows the published rounds and pools, and imports the official feed.
//! What a round, a pool and the feed are is the history's.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Instant as Clock;

use clap::{Args, Subcommand};

use crate::cli::common::{is_empty, place};
use crate::history::feed::{Imported, Severity, import, known_types};
use crate::history::{BANDS, History, HistoryError, Kind, Round, Snapshot, published};
use crate::output::{OutputError, published as published_folder};
use crate::units::Date;

/// Show the published rounds and pools, or import the official feed.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  drawsim history list --from 2023-06-27 --to 2023-07-12")]
pub struct HistoryArgs {
    #[command(subcommand)]
    verb: HistoryVerb,
    /// No notices; errors are still shown.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

#[derive(Debug, Subcommand)]
enum HistoryVerb {
    /// Shows rounds and pools with their known faults.
    List(ListArgs),
    /// Reads the official rounds feed (JSON) and writes rounds.csv and pool_snapshots.csv.
    Import(ImportArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// First day shown.
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// Last day shown.
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Only rounds of this type (general, pnp, cec, fsw, fst or a category); pools are not shown.
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Rounds to show instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "snapshots")]
    rounds: Option<PathBuf>,
    /// Pools to show instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "rounds")]
    snapshots: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct ImportArgs {
    /// The feed: a JSON object with a list `rounds`.
    feed: PathBuf,
    /// The result folder, with rounds.csv and pool_snapshots.csv.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Replace a result folder that is there already.
    #[arg(long)]
    force: bool,
}

/// Why the command stopped. All but [`HistoryFailure::Output`] are bad input (exit code 2).
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum HistoryFailure {
    /// A type that no round can have.
    #[error("`{0}` is no type of round; known are {1}{2}")]
    UnknownType(String, String, String),
    /// History files with problems.
    #[error("{0}")]
    Files(#[from] HistoryError),
    /// A feed that cannot be read as a whole.
    #[error("{0}: {1}")]
    Feed(String, String),
    /// The place of the tables is none.
    #[error("{0}")]
    Place(String),
    /// The tables could not be written.
    #[error("{0}")]
    Write(#[from] OutputError),
    /// Standard output was refused.
    #[error("cannot print: {0}")]
    Output(#[from] io::Error),
}

impl HistoryFailure {
    /// 2 for bad input, 1 for a failed run.
    pub fn exit_code(&self) -> u8 {
        match self {
            HistoryFailure::Output(_) => 1,
            HistoryFailure::Write(error) if !error.is_usage() => 1,
            _ => 2,
        }
    }
}

/// Runs `drawsim history ...`; `quiet` silences notices on stderr.
///
/// # Errors
/// [`HistoryFailure`], with its exit code.
pub fn run(args: &HistoryArgs, quiet: bool) -> Result<(), HistoryFailure> {
    match &args.verb {
        HistoryVerb::List(args) => list(args, quiet),
        HistoryVerb::Import(args) => import_feed(args, quiet),
    }
}

fn list(args: &ListArgs, quiet: bool) -> Result<(), HistoryFailure> {
    let own = match (&args.rounds, &args.snapshots) {
        (Some(rounds), Some(snapshots)) => Some(History::from_files(rounds, snapshots)?),
        _ => None,
    };
    let history = own.as_ref().unwrap_or_else(|| published());
    check_type(args.type_name.as_deref(), history)?;
    if !quiet {
        notice(&history.set_aside.join("\n"));
    }
    print(&listing(
        history,
        (args.from, args.to),
        args.type_name.as_deref(),
    ))
}

fn check_type(wanted: Option<&str>, history: &History) -> Result<(), HistoryFailure> {
    let Some(wanted) = wanted else { return Ok(()) };
    let mut known: Vec<&str> = known_types();
    for round in &history.rounds {
        let name = round.type_name.as_str();
        if round.kind != Kind::Unknown && !known.contains(&name) {
            known.push(name);
        }
    }
    if known.contains(&wanted) {
        return Ok(());
    }
    let nearest = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, wanted), name))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    let nearest = nearest.map_or(String::new(), |(_, name)| {
        format!("; did you mean `{name}`?")
    });
    Err(HistoryFailure::UnknownType(
        wanted.to_owned(),
        known.join(", "),
        nearest,
    ))
}

/// The rounds, and without a type the pools, from one day to another (both included).
fn listing(
    history: &History,
    (from, to): (Option<Date>, Option<Date>),
    type_name: Option<&str>,
) -> String {
    let shown = |date: Date| from.is_none_or(|d| date >= d) && to.is_none_or(|d| date <= d);
    let rounds = history.rounds.iter();
    let rounds: Vec<&Round> = rounds
        .filter(|round| shown(round.at.date()))
        .filter(|round| type_name.is_none_or(|name| round.type_name == name))
        .collect();
    let mut text = round_table(&rounds);
    let mut count = format!("{} rounds", rounds.len());
    if type_name.is_none() {
        let pools = history.snapshots.iter();
        let pools: Vec<&Snapshot> = pools.filter(|pool| shown(pool.as_of)).collect();
        text.push('\n');
        text.push_str(&pool_table(&pools));
        write!(count, ", {} pools", pools.len()).expect("a string takes text");
    }
    text.push('\n');
    text.push_str(&count);
    text.push('\n');
    text
}

fn round_table(rounds: &[&Round]) -> String {
    let empty = String::new;
    let mut table = Table::new(
        &[
            "round",
            "at (UTC)",
            "type",
            "version",
            "invited",
            "cut-off",
            "tie-break (UTC)",
            "pool of",
            "note",
        ],
        &[0, 4, 5],
    );
    for round in rounds {
        let type_name = match round.kind {
            Kind::Unknown => format!("? {}", round.published_name),
            _ => round.type_name.clone(),
        };
        table.row(vec![
            round.number.clone(),
            round.at.to_string(),
            type_name,
            round.version.clone().unwrap_or_default(),
            round.invitations.to_string(),
            round.cutoff.to_string(),
            round.tie_break.map_or_else(empty, |at| at.to_string()),
            round.pool_as_of.map_or_else(empty, |date| date.to_string()),
            round.note.clone().unwrap_or_default(),
        ]);
    }
    table.text()
}

fn pool_table(pools: &[&Snapshot]) -> String {
    let bands = BANDS.map(|(low, high)| format!("{low}-{high}"));
    let mut header = vec!["pool of"];
    header.extend(bands.iter().map(String::as_str));
    header.extend(["total", "note"]);
    let numbers: Vec<usize> = (1..=BANDS.len() + 1).collect();
    let mut table = Table::new(&header, &numbers);
    for pool in pools {
        let mut row = vec![pool.as_of.to_string()];
        row.extend(pool.counts.iter().map(u64::to_string));
        row.push(pool.total.to_string());
        row.push(pool.note.clone().unwrap_or_default());
        table.row(row);
    }
    table.text()
}

/// Cells in aligned columns, two blanks between them.
struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    /// The most characters of a cell that others stand beside.
    const WIDEST: usize = 60;

    /// A table with these headings; the columns listed in `numbers` are aligned to the right.
    fn new(header: &[&str], numbers: &[usize]) -> Self {
        Table {
            rows: vec![header.iter().map(|&cell| cell.to_owned()).collect()],
            right: (0..header.len()).map(|n| numbers.contains(&n)).collect(),
        }
    }

    /// Adds a row. Control characters become blanks and every cell but the last is cut to
    /// [`Table::WIDEST`], so that a cell stays in its place.
    fn row(&mut self, mut cells: Vec<String>) {
        let last = cells.len().saturating_sub(1);
        for (n, cell) in cells.iter_mut().enumerate() {
            *cell = cell.replace(char::is_control, " ");
            if n < last && cell.chars().nth(Self::WIDEST).is_some() {
                *cell = cell.chars().take(Self::WIDEST - 3).collect();
                cell.push_str("...");
            }
        }
        self.rows.push(cells);
    }

    fn text(&self) -> String {
        let widths: Vec<usize> = (0..self.right.len().saturating_sub(1))
            .map(|n| {
                let cells = self.rows.iter().map(|row| row[n].chars().count());
                cells.max().unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for ((cell, &width), &right) in row.iter().zip(&widths).zip(&self.right) {
                if right {
                    write!(line, "{cell:>width$}  ").expect("a string takes text");
                } else {
                    write!(line, "{cell:<width$}  ").expect("a string takes text");
                }
            }
            line.push_str(row.last().map_or("", String::as_str));
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

fn import_feed(args: &ImportArgs, quiet: bool) -> Result<(), HistoryFailure> {
    let started = Clock::now();
    let file = args.feed.display().to_string();
    let feed = fs::read(&args.feed)
        .map_err(|error| HistoryFailure::Feed(file.clone(), format!("cannot be read: {error}")))?;
    let imported =
        import(&feed).map_err(|error| HistoryFailure::Feed(file.clone(), error.to_string()))?;
    let (parent, name) = place(&args.out).map_err(HistoryFailure::Place)?;
    let force = args.force || is_empty(&args.out);
    let folder = published_folder::write(parent, name, force, &args.feed, &imported, started)?;
    if !quiet {
        notice(&report(&imported));
    }
    print(&format!(
        "{} rounds in {}\n{} pools in {}\n{} not read, {} remarks\n",
        imported.rounds.len(),
        folder.join("rounds.csv").display(),
        imported.snapshots.len(),
        folder.join("pool_snapshots.csv").display(),
        imported.count(Severity::NotRead),
        imported.count(Severity::Remark),
    ))
}

/// What could not be read, then the remarks, a line each.
fn report(imported: &Imported) -> String {
    let mut text = String::new();
    for (severity, title) in [
        (Severity::NotRead, "Not read:"),
        (Severity::Remark, "Remarks:"),
    ] {
        if imported.count(severity) == 0 {
            continue;
        }
        text.push_str(title);
        text.push('\n');
        for finding in &imported.findings {
            if finding.severity == severity {
                writeln!(text, "  {finding}").expect("a string takes text");
            }
        }
    }
    text
}

/// Prints to stderr.
fn notice(text: &str) {
    if !text.is_empty() {
        // Nobody is left to tell when stderr itself is closed.
        let _ = writeln!(io::stderr().lock(), "{}", text.trim_end());
    }
}

/// Prints to stdout; a reader that has gone away (`| head`) is no failure.
fn print(text: &str) -> Result<(), HistoryFailure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use jiff::civil::date;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        history: HistoryArgs,
    }

    fn run_with(args: &[&str]) -> Result<(), HistoryFailure> {
        let line = std::iter::once(&"history").chain(args);
        run(&Command::try_parse_from(line).unwrap().history, true)
    }

    #[test]
    fn a_fortnight_of_july_2023_is_listed_in_aligned_columns() {
        let days = (Some(date(2023, 6, 28)), Some(date(2023, 7, 5)));
        insta::assert_snapshot!(listing(published(), days, None));
    }

    #[test]
    fn one_type_is_listed_without_pools_and_with_notes() {
        let days = (Some(date(2025, 5, 1)), None);
        insta::assert_snapshot!(listing(published(), days, Some("healthcare")));
    }

    #[test]
    fn a_huge_name_and_a_huge_note_neither_panic_nor_widen_the_table() {
        let mut history = published().clone();
        history.rounds.truncate(2);
        history.snapshots.clear();
        history.rounds[0].kind = Kind::Unknown;
        history.rounds[0].published_name = "x".repeat(100_000);
        history.rounds[1].number = "9".repeat(100_000);
        history.rounds[1].note = Some("y".repeat(100_000));
        let text = listing(&history, (None, None), None);
        let widest = text
            .lines()
            .map(|line| line.trim_end_matches('y').len())
            .max();
        assert!(widest.unwrap() < 300, "{widest:?}");
    }

    #[test]
    fn a_type_that_is_not_known_names_the_nearest() {
        let failure = run_with(&["list", "--type", "helthcare"]).unwrap_err();
        assert!(failure.to_string().contains("did you mean `healthcare`?"));
        assert_eq!(failure.exit_code(), 2);
    }

    #[test]
    fn a_feed_that_is_no_feed_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let feed = folder.path().join("feed.json");
        let out = folder.path().join("out");
        fs::write(&feed, "[]").unwrap();
        for path in [feed, folder.path().join("missing.json")] {
            let path = path.display().to_string();
            let args = ["import", &path, "--out", &out.display().to_string()];
            let failure = run_with(&args).unwrap_err();
            assert!(failure.to_string().starts_with(&path), "{failure}");
            assert_eq!(failure.exit_code(), 2);
            assert!(!out.exists());
        }
    }

    #[test]
    fn a_feed_is_imported_and_its_tables_can_be_listed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        let feed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feed.json");
        run_with(&["import", feed, "--out", &path("out")]).unwrap();
        let (rounds, pools) = (path("out/rounds.csv"), path("out/pool_snapshots.csv"));
        run_with(&["list", "--rounds", &rounds, "--snapshots", &pools]).unwrap();
        let failure = run_with(&["list", "--rounds", &pools, "--snapshots", &rounds]).unwrap_err();
        assert!(failure.to_string().contains("this column is missing"));
    }
}
