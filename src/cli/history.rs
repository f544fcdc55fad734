//! `drawsim history`: shows the published rounds and pools, and imports the official feed.
//! What a round, a pool and the feed are is the history's.

use std::fmt::Write as _;
use std::io::Write as _;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant as Clock;

use clap::{Args, Subcommand};

use crate::cli::common::{check_days, date, harmless, look, place, print, shown_path};
use crate::cli::failure::Failure;
use crate::history::feed::{Imported, Severity, import, known_types};
use crate::history::{BANDS, History, Kind, Round, Snapshot, published, read_whole};
use crate::nearest::nearest;
use crate::output::published as published_folder;
use crate::output::terminal::{Columns, Look};
use crate::shown::{counted, grouped};
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
#[command(after_help = "Example:\n  drawsim history list --type french --from 2024-01-01")]
struct ListArgs {
    /// First day shown.
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Date>,
    /// Last day shown.
    #[arg(long, value_name = "DATE", value_parser = date)]
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
#[command(after_help = "Example:\n  drawsim history import ee_rounds_123_en.json --out my-history")]
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

/// Runs `drawsim history ...`.
///
/// # Errors
/// Bad history files, types or feeds (2), or a refused standard output (1).
pub fn run(args: &HistoryArgs) -> Result<(), Failure> {
    match &args.verb {
        HistoryVerb::List(list_args) => list(list_args, args.quiet),
        HistoryVerb::Import(import_args) => import_feed(import_args, args.quiet),
    }
}

fn list(args: &ListArgs, quiet: bool) -> Result<(), Failure> {
    check_days(args.from, args.to)?;
    let own = match (&args.rounds, &args.snapshots) {
        (Some(rounds), Some(snapshots)) => {
            Some(History::from_files(rounds, snapshots).map_err(Failure::input)?)
        }
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
        &look(),
    ))
}

fn check_type(wanted: Option<&str>, history: &History) -> Result<(), Failure> {
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
    let nearest = nearest(wanted, known.iter().copied());
    let nearest = nearest.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    Err(Failure::input(format!(
        "`{wanted}` is no type of round; known are {}{nearest}",
        known.join(", ")
    )))
}

/// The rounds, and without a type the pools, from one day to another (both included).
fn listing(
    history: &History,
    (from, to): (Option<Date>, Option<Date>),
    type_name: Option<&str>,
    look: &Look,
) -> String {
    let shown = |date: Date| from.is_none_or(|d| date >= d) && to.is_none_or(|d| date <= d);
    let rounds = history.rounds.iter();
    let rounds: Vec<&Round> = rounds
        .filter(|round| shown(round.at.date()))
        .filter(|round| type_name.is_none_or(|name| round.type_name == name))
        .collect();
    let mut text = round_table(&rounds, look);
    let mut count = counted(rounds.len() as u64, "round");
    if type_name.is_none() {
        let pools = history.snapshots.iter();
        let pools: Vec<&Snapshot> = pools.filter(|pool| shown(pool.as_of)).collect();
        text.push('\n');
        text.push_str(&pool_table(&pools, look));
        count.push_str(", ");
        count.push_str(&counted(pools.len() as u64, "pool"));
    }
    text.push('\n');
    text.push_str(&count);
    text.push('\n');
    text
}

fn round_table(rounds: &[&Round], look: &Look) -> String {
    let empty = String::new;
    let heads = [
        "round",
        "at (UTC)",
        "type",
        "version",
        "invited",
        "cut-off",
        "tie-break (UTC)",
        "pool of",
        "note",
    ];
    let mut table = Columns::new(&heads).spare(&[7, 3, 6]).figure(5);
    for round in rounds {
        let type_name = match round.kind {
            Kind::Unknown => format!("? {}", round.published_name),
            _ => round.type_name.clone(),
        };
        table.row([
            round.number.clone(),
            round.at.to_string(),
            type_name,
            round.version.clone().unwrap_or_default(),
            grouped(round.invitations),
            round.cutoff.to_string(),
            round.tie_break.map_or_else(empty, |at| at.to_string()),
            round.pool_as_of.map_or_else(empty, |date| date.to_string()),
            round.note.clone().unwrap_or_default(),
        ]);
    }
    table.text(look)
}

/// Pools, a line each. A narrow place shows fifty points together where bands are of ten, and leaves
/// out the lowest.
fn pool_table(pools: &[&Snapshot], look: &Look) -> String {
    let each: Vec<Range<usize>> = (0..BANDS.len()).map(|place| place..place + 1).collect();
    let whole = pools_by(&each, pools);
    if look.width.is_none_or(|most| whole.total_width() <= most) {
        return whole.text(look);
    }
    let fifty = |place: usize| {
        let (low, high) = BANDS[place];
        (high - low < 10).then(|| low.saturating_sub(1) / 50)
    };
    let mut few: Vec<Range<usize>> = Vec::new();
    for place in 0..BANDS.len() {
        match few.last_mut() {
            Some(last) if fifty(place).is_some() && fifty(last.start) == fifty(place) => {
                last.end = place + 1;
            }
            _ => few.push(place..place + 1),
        }
    }
    let (lowest, note) = (few.len(), few.len() + 2);
    let table = pools_by(&few, pools).spare(&[lowest, lowest - 1, note]);
    table.text(look)
}

/// Pools with some bands taken together.
fn pools_by(bands: &[Range<usize>], pools: &[&Snapshot]) -> Columns {
    let names = (bands.iter())
        .map(|places| format!("{}-{}", BANDS[places.end - 1].0, BANDS[places.start].1));
    let mut header = vec!["pool of".to_owned()];
    header.extend(names);
    header.extend(["total", "note"].map(str::to_owned));
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Columns::new(&header).figure(bands.len() + 1);
    for pool in pools {
        let mut row = vec![pool.as_of.to_string()];
        let counts = bands
            .iter()
            .map(|places| grouped(pool.counts[places.clone()].iter().sum::<u64>()));
        row.extend(counts);
        row.push(grouped(pool.total));
        row.push(pool.note.clone().unwrap_or_default());
        table.row(row);
    }
    table
}

fn import_feed(args: &ImportArgs, quiet: bool) -> Result<(), Failure> {
    let started = Clock::now();
    let file = args.feed.display();
    let feed = read_whole(&args.feed)
        .map_err(|error| Failure::input(format!("{file}: cannot be read: {error}")))?;
    let imported = import(&feed).map_err(|error| Failure::input(format!("{file}: {error}")))?;
    let (parent, name) = place(&args.out).map_err(Failure::input)?;
    let folder = published_folder::write(
        parent,
        name,
        args.force,
        (&args.feed, &feed),
        &imported,
        started,
    )?;
    if !quiet {
        notice(&report(&imported));
    }
    print(&format!(
        "{} in {}\n{} in {}\n{} not read, {}\n",
        counted(imported.rounds.len() as u64, "round"),
        shown_path(&folder.join("rounds.csv")),
        counted(imported.snapshots.len() as u64, "pool"),
        shown_path(&folder.join("pool_snapshots.csv")),
        imported.count(Severity::NotRead),
        counted(imported.count(Severity::Remark) as u64, "remark"),
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
        let _ = writeln!(anstream::stderr(), "{}", harmless(text.trim_end()));
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Command {
        #[command(flatten)]
        history: HistoryArgs,
    }

    fn run_with(args: &[&str]) -> Result<(), Failure> {
        let line = ["history", "--quiet"].iter().chain(args);
        run(&Command::try_parse_from(line).unwrap().history)
    }

    /// What is said of bad input.
    fn refused(args: &[&str]) -> String {
        match run_with(args) {
            Err(Failure::Input(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_fortnight_of_july_2023_is_listed_in_aligned_columns() {
        let days = (date("2023-06-28").ok(), date("2023-07-05").ok());
        insta::assert_snapshot!(listing(published(), days, None, &Look::PLAIN));
    }

    #[test]
    fn one_type_is_listed_without_pools_and_with_notes() {
        let days = (date("2025-05-01").ok(), None);
        insta::assert_snapshot!(listing(published(), days, Some("healthcare"), &Look::PLAIN));
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
        let text = listing(&history, (None, None), None, &Look::PLAIN);
        let widest = text
            .lines()
            .map(|line| line.trim_end_matches('y').len())
            .max();
        assert!(widest.unwrap() < 300, "{widest:?}");
    }

    #[test]
    fn a_type_that_is_not_known_names_the_nearest() {
        let message = refused(&["list", "--type", "helthcare"]);
        assert!(message.contains("did you mean `healthcare`?"));
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
            let message = refused(&args);
            assert!(message.starts_with(&path), "{message}");
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
        let message = refused(&["list", "--rounds", &pools, "--snapshots", &rounds]);
        assert!(message.contains("this column is missing"));
    }
}
