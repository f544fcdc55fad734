//! `drawsim compare`: policies on the same people, and the differences that they make.

use std::path::PathBuf;
use std::time::Instant as Clock;

use clap::Args;

use crate::cli::common::{Shared, given_pool, inputs, look, print, seed, shown_path};
use crate::cli::distributed::Distributed;
use crate::cli::failure::Failure;
use crate::cli::memory::{check, ways_of};
use crate::output::made::Asked;
use crate::output::{Destination, Format, comparisons};
use crate::pool::Pool;
use crate::report::REPORT;
use crate::scenario::defaults::MOST_REPLICATES;
use crate::scenario::{Overrides, policy_plans};
use crate::shown::counted;
use crate::study::compare::compare_on;
use crate::study::memory;

/// Compare policies on the same pools and arrivals, and write the differences with 95% intervals.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim compare scenarios/policies/all-general.toml \\\n    \
                  scenarios/policies/french-heavy.toml --replicates 50"
)]
pub struct CompareArgs {
    /// The scenario that the others are compared with; alone when it holds policies of its own.
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Scenarios with the same pool, timeline and seed and other rounds or rules.
    #[arg(value_name = "OTHER")]
    others: Vec<PathBuf>,
    /// Number of replicates, instead of the base's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATES)))]
    replicates: Option<u32>,
    /// Seed of every random stream, instead of the scenarios'.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Draw on the candidates of this file (CSV or Parquet) instead of a synthetic pool.
    #[arg(long, value_name = "FILE")]
    pool: Option<PathBuf>,
    /// Folder in which the result folder BASE-compared is made.
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Format of the tables; default: csv.
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

/// Runs the verb.
///
/// # Errors
/// Bad scenarios or folders (2), or a run that fails (1).
pub fn run(args: &CompareArgs) -> Result<(), Failure> {
    let started = Clock::now();
    let paths: Vec<PathBuf> = std::iter::once(&args.base)
        .chain(&args.others)
        .cloned()
        .collect();
    let overrides = Overrides {
        seed: args.seed,
        replicates: args.replicates,
        pool_file: args.pool.clone(),
        ..Overrides::default()
    };
    let plans = policy_plans(&paths, &overrides)?;
    let is_resumed = args.resume && !args.force;
    let made = || comparisons::made(&args.out, &plans);
    if args
        .shared
        .is_done(is_resumed, Asked::of_format(args.format), made)?
    {
        return Ok(());
    }
    let format = args.format.unwrap_or_default();
    // The people of a cluster are in the memory of its executors.
    let is_distributed = args.distributed.is_wanted(&plans)?;
    let check_memory = |given: Option<&Pool>| {
        let needed = memory::of_comparison(&plans, given, rayon::current_num_threads() as u64);
        let what = format!("the comparison with {}", plans[0].name);
        check(&what, needed, &ways_of(&plans[0]))
    };
    if !is_distributed {
        check_memory(None)?;
    }
    // Refused before the work rather than after it.
    let inputs = inputs(&plans);
    let to = Destination {
        parent: &args.out,
        format,
        page: (!args.no_report).then_some(REPORT),
        force: args.force,
        inputs: &inputs,
    };
    let folder = to.create(&comparisons::folder_name(&plans[0]))?;
    // What holds for every plan is said once.
    let is_shared = |notice: &&String| plans.iter().all(|plan| plan.notices.contains(notice));
    for notice in plans[0].notices.iter().filter(is_shared) {
        args.shared.notice(notice);
    }
    for plan in &plans {
        let own = plan.notices.iter().filter(|notice| !is_shared(notice));
        own.for_each(|notice| args.shared.notice(&format!("{}: {notice}", plan.name)));
    }
    let observer = args.shared.observer();
    let (given, read) = given_pool(&plans[0], &args.shared, &*observer)?;
    if given.is_some() {
        check_memory(given.as_deref())?;
    }
    let journal = comparisons::journal(&folder, &plans, read.as_ref(), args.resume)?;
    args.shared
        .notice_resumed(args.resume, &journal, plans[0].replicates, "replicate");
    #[cfg(feature = "cluster")]
    crate::cli::distributed::gather(
        &args.distributed,
        &args.shared,
        crate::cluster::Written::Compare { plans: &plans },
        &journal,
        plans[0].replicates,
    )?;
    let found = compare_on(&plans, given.as_ref(), &journal, &*observer)
        .map_err(|error| Failure::of_study(&plans[0], error))?;
    let path = comparisons::write(folder, &plans, read.as_ref(), &found, format, started)?;
    print(&format!(
        "{}{}{}.\nResults: {}\n",
        comparisons::text(&plans[0], &found.comparisons, &look()),
        comparisons::shortfalls(&plans, &found.invited),
        counted(plans[0].replicates, "replicate"),
        shown_path(&path)
    ))
}
