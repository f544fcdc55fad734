//! `drawsim backtest`: past rounds predicted from what was known before them.
//! How they are predicted is the study's.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Seed, Shared, check_days, date, look, place, print, shown_path};
use crate::cli::distributed::Distributed;
use crate::cli::failure::Failure;
use crate::cli::memory::{FEWER_AT_ONCE, check};
use crate::history::{Texts, published};
use crate::output::backtest::{BacktestFolder, text};
use crate::output::made::Asked;
use crate::report::REPORT;
use crate::shown::counted;
use crate::study::backtest::{BacktestParts, Options, summaries};
use crate::study::memory::of_backtest;
use crate::units::{Date, Instant};

/// Predict past rounds one step ahead and say how good that was, beside the last cut-off of the type.
#[derive(Debug, Args)]
#[command(after_help = "Example (the table in the README):\n  drawsim backtest --from 2023-07-01")]
pub struct BacktestArgs {
    /// Rounds to predict instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "snapshots")]
    rounds: Option<PathBuf>,
    /// Pools to predict them with instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "rounds")]
    snapshots: Option<PathBuf>,
    /// First day predicted; earlier rounds are learned from. Default: the first round's.
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<Date>,
    /// Last day predicted.
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<Date>,
    /// Replicates of each round.
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = Options::REPLICATES, value_parser = clap::value_parser!(u32).range(1..=i64::from(Options::MOST_REPLICATES)))]
    replicates: u32,
    /// Its seed.
    #[command(flatten)]
    seed: Seed,
    /// The result folder, with backtest.csv and backtest_summary.csv.
    #[arg(long, value_name = "DIR", default_value = "output/backtest")]
    out: PathBuf,
    /// Replace a result folder that is there already.
    #[arg(long)]
    force: bool,
    /// Leave out report.html, the page with charts.
    #[arg(long)]
    no_report: bool,
    /// Go on with a run that was broken off: what it had finished is not done again, and a whole result
    /// is left as it is.
    #[arg(long)]
    resume: bool,
    /// A cluster for the replicates.
    #[command(flatten)]
    distributed: Distributed,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// What is said of rounds that were held before the first published pool.
fn early(rounds: u64) -> String {
    let (were, they_are) = match rounds {
        1 => ("was", "it is"),
        _ => ("were", "they are"),
    };
    format!(
        "{} {were} held before the first published pool; {they_are} predicted from a pool assumed later",
        counted(rounds, "round")
    )
}

/// Runs the verb.
///
/// # Errors
/// Bad history files or folders (2), or a result that cannot be written (1).
pub fn run(args: &BacktestArgs) -> Result<(), Failure> {
    check_days(args.from, args.to)?;
    args.distributed.is_wanted(&[])?;
    let files: Vec<PathBuf> = args.rounds.iter().chain(&args.snapshots).cloned().collect();
    let texts = match (&args.rounds, &args.snapshots) {
        (Some(rounds), Some(snapshots)) => {
            Some(Texts::from_files(rounds, snapshots).map_err(Failure::input)?)
        }
        _ => None,
    };
    let own = texts.as_ref().map(Texts::history).transpose();
    let own = own.map_err(Failure::input)?;
    let history = own.as_ref().unwrap_or_else(|| published());
    let options = Options {
        from: args.from,
        to: args.to,
        replicates: args.replicates,
        seed: args.seed.seed,
    };
    history
        .set_aside
        .iter()
        .for_each(|line| args.shared.notice(line));
    let (parent, name) = place(&args.out).map_err(Failure::input)?;
    let inputs: Vec<_> = texts.iter().flat_map(Texts::records).collect();
    let is_resumed = args.resume && !args.force;
    let made = || BacktestFolder::made(parent, name, &options, &inputs);
    if args.shared.is_done(is_resumed, Asked::default(), made)? {
        return Ok(());
    }
    let needed = of_backtest(history, &options, rayon::current_num_threads() as u64);
    check("the backtest", needed, &[FEWER_AT_ONCE])?;
    let folder = BacktestFolder::create(parent, name, args.force, &files, inputs)?
        .with_page((!args.no_report).then_some(REPORT));
    let journal = folder.journal(&options, args.resume)?;
    let parts = BacktestParts::new(history, options);
    args.shared
        .notice_resumed(args.resume, &journal, parts.count(), "prediction");
    #[cfg(feature = "cluster")]
    crate::cli::distributed::gather(
        &args.distributed,
        &args.shared,
        crate::cluster::Written::Backtest {
            history: texts.as_ref(),
            options,
        },
        &journal,
        parts.count(),
    )?;
    let predictions = parts
        .predictions(&journal, &*args.shared.observer())
        .map_err(Failure::run)?;
    let summaries = summaries(&predictions);
    let first_pool = history
        .snapshots
        .first()
        .and_then(|pool| Instant::start_of(pool.as_of));
    let is_before_pools = |at: Instant| first_pool.is_none_or(|first| at < first);
    let before_pools = predictions
        .iter()
        .filter(|one| is_before_pools(one.at))
        .count();
    if predictions.is_empty() {
        args.shared
            .notice("no round was held on these days; nothing is predicted");
    } else if before_pools > 0 {
        args.shared.notice(&early(before_pools as u64));
    }
    let path = folder.finish(&options, &predictions, &summaries)?;
    print(&format!(
        "{}\nResults: {}\n",
        text(&summaries, &look()),
        shown_path(&path)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_early_round_is_told_in_the_singular() {
        let told = early(1);
        assert!(told.starts_with("1 round was held before"), "{told}");
        assert!(told.contains("; it is predicted"), "{told}");
        assert!(early(1_020).starts_with("1,020 rounds were held before"));
    }
}
