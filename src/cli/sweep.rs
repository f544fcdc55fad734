//! `drawsim sweep`: a scenario with every combination of the values of some of its keys.

use std::path::PathBuf;
use std::time::Instant as Clock;

use clap::Args;

use crate::cli::common::{Shared, given_pool, inputs, look, metric, print, seed, shown_path};
use crate::cli::distributed::Distributed;
use crate::cli::failure::Failure;
use crate::cli::memory::{check, ways_of};
use crate::output::made::Asked;
use crate::output::{Destination, Format, sweeps};
use crate::pool::Pool;
use crate::report::REPORT;
use crate::scenario::defaults::MOST_REPLICATES;
use crate::scenario::{Overrides, grid};
use crate::shown::counted;
use crate::study::memory;
use crate::study::summary::Metric;
use crate::study::sweep::{Combined, idle, sweep};

/// Run a scenario with every combination of values of some of its keys, on the same candidates.
///
/// A key is written as in a scenario file, with dots: `pool.size`, `points.french_bonus`,
/// `timeline.arrivals.per_day`. `rounds.invitations` sets all rounds, `rounds.stem.invitations`
/// those of a type, `rounds[254].invitations` the one with that label; published and repeated
/// rounds can be set so too. Settings are applied in order: a later one wins where two meet.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim sweep scenarios/stem-2023-07-05.toml \\\n    \
                  --set rounds.stem.invitations=500,1000,2000 \\\n    \
                  --set points.french_bonus=25,50 --replicates 20"
)]
pub struct SweepArgs {
    /// Scenario file.
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// A key and its values; repeat it for more keys: every combination is run.
    #[arg(long = "set", value_name = "KEY=VALUE,VALUE", required = true)]
    set: Vec<String>,
    /// Number of replicates, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATES)))]
    replicates: Option<u32>,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Draw on the candidates of this file (CSV or Parquet) instead of a synthetic pool.
    #[arg(long, value_name = "FILE")]
    pool: Option<PathBuf>,
    /// A figure to write; repeat it for more. Default: all of them.
    #[arg(long = "metric", value_name = "METRIC", value_parser = metric())]
    metrics: Vec<Metric>,
    /// Folder in which the result folder NAME-swept is made.
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Format of the table; default: csv.
    #[arg(long, value_enum)]
    format: Option<Format>,
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

/// The figures to write, each once.
fn metrics(args: &SweepArgs) -> Vec<Metric> {
    if args.metrics.is_empty() {
        return Metric::ALL.to_vec();
    }
    let mut metrics: Vec<Metric> = Vec::new();
    for metric in &args.metrics {
        if !metrics.contains(metric) {
            metrics.push(*metric);
        }
    }
    metrics
}

/// Runs the verb.
///
/// # Errors
/// Bad scenarios, settings or folders (2), or a run that fails (1).
pub fn run(args: &SweepArgs) -> Result<(), Failure> {
    let started = Clock::now();
    let overrides = Overrides {
        seed: args.seed,
        replicates: args.replicates,
        pool_file: args.pool.clone(),
        ..Overrides::default()
    };
    let grid = grid(&args.scenario, &args.set, &overrides)?;
    let metrics = metrics(args);
    let is_resumed = args.resume && !args.force;
    let made = || sweeps::made(&args.out, &grid, &metrics);
    if args
        .shared
        .is_done(is_resumed, Asked::of_format(args.format), made)?
    {
        return Ok(());
    }
    let format = args.format.unwrap_or_default();
    // The people of a cluster are in the memory of its executors.
    let is_distributed = args.distributed.is_wanted(&grid.people)?;
    let check_memory = |given: Option<&Pool>| {
        let (policies, threads) = (grid.combinations.len(), rayon::current_num_threads() as u64);
        let needed = memory::of_sweep(&grid.people, given, policies, threads);
        let what = format!("the sweep of {}", grid.base.name);
        check(&what, needed, &ways_of(&grid.base))
    };
    if !is_distributed {
        check_memory(None)?;
    }
    // Refused before the work rather than after it.
    let inputs = inputs(grid.plans().chain([&grid.base]));
    let to = Destination {
        parent: &args.out,
        format,
        page: (!args.no_report).then_some(REPORT),
        force: args.force,
        inputs: &inputs,
    };
    let folder = to.create(&sweeps::folder_name(&grid))?;
    grid.base
        .notices
        .iter()
        .for_each(|notice| args.shared.notice(notice));
    let observer = args.shared.observer();
    let (given, read) = given_pool(&grid.base, &args.shared, &*observer)?;
    if given.is_some() {
        check_memory(given.as_deref())?;
    }
    let combinations: Vec<Combined> = grid
        .combinations
        .iter()
        .map(|combination| Combined {
            people: combination.people,
            plan: &combination.plan,
        })
        .collect();
    let replicates = grid.base.replicates;
    let journal = sweeps::journal(&folder, &grid, read.as_ref(), args.resume)?;
    args.shared
        .notice_resumed(args.resume, &journal, replicates, "replicate");
    #[cfg(feature = "cluster")]
    crate::cli::distributed::gather(
        &args.distributed,
        &args.shared,
        crate::cluster::Written::Sweep {
            people: &grid.people,
            combinations: &combinations,
        },
        &journal,
        replicates,
    )?;
    let summaries = sweep(
        &grid.people,
        &combinations,
        given.as_ref(),
        replicates,
        &journal,
        &*observer,
    )
    .map_err(|error| Failure::of_study(&grid.base, error))?;
    let places = grid.combinations.iter().map(|one| &one.places[..]);
    let places: Vec<&[usize]> = places.collect();
    for setting in idle(&places, &summaries) {
        let key = &grid.settings[setting].key;
        args.shared
            .notice(&format!("`{key}` made no difference to any figure"));
    }
    let path = sweeps::write(
        folder,
        &grid,
        read.as_ref(),
        &summaries,
        &metrics,
        format,
        started,
    )?;
    let look = look();
    print(&format!(
        "{}\n\n{}\n{}, {} of each.\nResults: {}\n",
        look.heading(&grid.base.title),
        sweeps::text(&grid, &summaries, &look),
        counted(combinations.len() as u64, "combination"),
        counted(replicates, "replicate"),
        shown_path(&path)
    ))
}
