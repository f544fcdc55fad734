//! `drawsim run`: scenario files in, rounds on the terminal and a result folder out.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Shared, given_pool, inputs, look, metric, print, seed, shown_path};
use crate::cli::distributed::{self, Distributed};
use crate::cli::failure::Failure;
use crate::cli::memory;
use crate::cli::people;
use crate::output::made::{self, Made};
use crate::output::rerun::Recorded;
use crate::output::results::{Finished, RunFolder};
use crate::output::terminal::overview;
use crate::output::{Format, ResultFolder, terminal};
use crate::report::REPORT;
use crate::scenario::defaults::MOST_REPLICATES;
use crate::scenario::{Overrides, Plan};
use crate::shown::grouped;
use crate::study::kept::{Keeper, Nothing};
use crate::study::summary::{LEAST_REPLICATES, Metric, Precision};
use crate::study::{self, Detail};

/// Run scenarios: print each round the way IRCC prints one, and write a result folder for each.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  drawsim run scenarios/stem-2023-07-05.toml --replicates 20")]
pub struct RunArgs {
    /// Scenario files, or the manifest.json of a result to have the same results again.
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// Folder in which each scenario gets a result folder of its name.
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Number of replicates, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATES)))]
    replicates: Option<u32>,
    /// Take this policy of the file, a `[policy.NAME]` table, in place of the scenario itself; results
    /// are kept by its name.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Draw on the candidates of this file (CSV or Parquet) instead of a synthetic pool.
    #[arg(long, value_name = "FILE")]
    pool: Option<PathBuf>,
    /// Format of the tables; default: csv, or that of the result whose manifest is run again.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Replace a result folder that is there already.
    #[arg(long)]
    force: bool,
    /// Go on with a run that was broken off: what it had finished is not done again, and a whole result
    /// is left as it is.
    #[arg(long)]
    resume: bool,
    /// Write invitees, distributions and scores of every replicate; otherwise, of several, those of
    /// the first without its invitees. A manifest of such a result is run again in the same way.
    #[arg(long)]
    all_replicates: bool,
    /// Stop once the standard error of a figure is at most this in every round that has it (after 10
    /// replicates at least); --replicates is then the most that are run.
    #[arg(long, value_name = "SE", allow_negative_numbers = true, value_parser = positive)]
    stop_when_se: Option<f64>,
    /// The figure that --stop-when-se looks at.
    #[arg(long, value_name = "METRIC", default_value = "cutoff_score", value_parser = metric(), requires = "stop_when_se")]
    stop_metric: Metric,
    /// Leave out report.html, the page with charts.
    #[arg(long)]
    no_report: bool,
    /// A cluster for the replicates.
    #[command(flatten)]
    distributed: Distributed,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value > 0.0 => Ok(value),
        _ => Err("it has to be a number above 0".to_owned()),
    }
}

/// Runs the verb.
///
/// # Errors
/// Bad scenarios, pools or folders (2), or a run that fails (1).
pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let overrides = Overrides {
        seed: args.seed,
        replicates: args.replicates,
        pool_file: args.pool.clone(),
        policy: args.policy.clone(),
        ..Overrides::default()
    };
    let (plans, asked) = plans(args, &overrides)?;
    let is_distributed = args.distributed.is_wanted(&plans)?;
    if is_distributed && args.stop_when_se.is_some() {
        return Err(Failure::input(
            "--stop-when-se looks at one replicate after the other, which --cluster does not; leave \
             one of them out",
        ));
    }
    let done = check_folders(args, &plans)?;
    for plan in &plans {
        check_memory(args, asked, plan, is_distributed)?;
    }
    for (plan, is_done) in plans.iter().zip(done) {
        if is_done {
            args.shared.notice_whole(&args.out.join(&plan.name));
        } else {
            run_one(args, asked, plan)?;
        }
    }
    Ok(())
}

/// Whether the people whom this machine has to hold fit into its memory.
fn check_memory(
    args: &RunArgs,
    asked: Asked,
    plan: &Plan,
    is_distributed: bool,
) -> Result<(), Failure> {
    if args.distributed.spread(plan).is_some() {
        let invited = plan
            .rounds
            .iter()
            .map(|round| round.instruction.invitations);
        let invited = invited.fold(0, u64::saturating_add).min(plan.pool.size);
        let needed = study::memory::of_contenders(invited);
        let what = format!("whom the scenario {} invites", plan.name);
        memory::check(&what, needed, &["invite fewer"])
    } else if is_distributed {
        // The people of a cluster are in the memory of its executors.
        Ok(())
    } else {
        memory::check_run(plan, None, detail(asked, plan))
    }
}

/// How much is kept of each replicate.
fn detail(asked: Asked, plan: &Plan) -> Detail {
    if asked.all_replicates {
        Detail::Everything
    } else {
        Detail::of(plan.replicates)
    }
}

/// When a run may end before its last replicate.
fn precision(args: &RunArgs) -> Option<Precision> {
    args.stop_when_se.map(|se| Precision {
        metric: args.stop_metric,
        se,
    })
}

/// How results are to be written.
#[derive(Debug, Clone, Copy)]
struct Asked {
    format: Format,
    all_replicates: bool,
}

/// The plans of scenario files, or that of a result's manifest, and how to write their results: as
/// the options say, and where they say nothing, as that result was.
fn plans(args: &RunArgs, overrides: &Overrides) -> Result<(Vec<Plan>, Asked), Failure> {
    let mut asked = Asked {
        format: args.format.unwrap_or_default(),
        all_replicates: args.all_replicates,
    };
    let without_notices = |plans: Vec<(Plan, Vec<String>)>| -> Vec<Plan> {
        plans.into_iter().map(|(plan, _)| plan).collect()
    };
    let is_manifest = |path: &PathBuf| path.extension().is_some_and(|end| end == "json");
    if args.policy.is_some() && args.scenarios.len() > 1 {
        let told =
            "--policy is of one scenario file; run the policies of several one after the other";
        return Err(Failure::input(told));
    }
    let [path] = args.scenarios.as_slice() else {
        if let Some(manifest) = args.scenarios.iter().find(|path| is_manifest(path)) {
            return Err(Failure::input(format!(
                "{}: a manifest is run alone",
                manifest.display()
            )));
        }
        // What is wrong with the people of one is told before another runs.
        let looked_at = |plan: &Plan| made(args, plan).is_none();
        // What should be known about candidate files is told with each run.
        let plans = people::plans(&args.scenarios, overrides, looked_at)?;
        return Ok((without_notices(plans), asked));
    };
    if !is_manifest(path) {
        let plans = people::plans(&args.scenarios, overrides, |_| false)?;
        return Ok((without_notices(plans), asked));
    }
    let recorded = Recorded::read_with(path, overrides)?;
    if let Err(error) = recorded.check_version() {
        args.shared.notice(&error.to_string());
    }
    let refused = if recorded.plans.len() > 1 {
        Some("it is of a comparison; run its scenarios and policies with `drawsim compare`")
    } else if args.pool.is_some() {
        Some("a manifest is run with the candidates that it names; leave --pool out")
    } else if args.policy.is_some() {
        Some("a manifest is of one scenario or policy; leave --policy out")
    } else {
        None
    };
    if let Some(why) = refused {
        return Err(Failure::input(format!("{}: {why}", path.display())));
    }
    asked.format = args.format.unwrap_or(recorded.format);
    asked.all_replicates |= recorded.has_all_replicates;
    Ok((recorded.plans, asked))
}

/// What a command that is resumed had made of this scenario, if it had come to its end.
fn made(args: &RunArgs, plan: &Plan) -> Option<Made> {
    let is_kept = args.resume && !args.force;
    is_kept.then(|| Made::of_run(&args.out, plan)).flatten()
}

/// Every result folder that may not be written, or is not as it is asked for, is told before the
/// first scenario runs: which scenarios a command that is resumed had come to the end of.
fn check_folders(args: &RunArgs, plans: &[Plan]) -> Result<Vec<bool>, Failure> {
    let inputs = inputs(plans);
    let asked = made::Asked {
        format: args.format,
        all_replicates: args.all_replicates,
        stop: precision(args),
    };
    let mut done = Vec::with_capacity(plans.len());
    let mut refused = Vec::new();
    for plan in plans {
        let made = made(args, plan);
        let checked = match &made {
            Some(made) => made.check(asked),
            None => ResultFolder::check(&args.out, &plan.name, args.force, &inputs),
        };
        refused.extend(checked.err().map(|error| error.to_string()));
        done.push(made.is_some());
    }
    match refused.as_slice() {
        [] => Ok(done),
        [only] => Err(Failure::input(only)),
        several => {
            let lines: Vec<String> = several.iter().map(|one| format!("error: {one}")).collect();
            Err(Failure::input(lines.join("\n")))
        }
    }
}

/// Says where a figure is not as precise as it was wanted, and which rounds do not have it.
fn missed(args: &RunArgs, plan: &Plan, done: &Finished, wanted: Precision) {
    let (metric, se) = (wanted.metric.name(), wanted.se);
    let replicates = grouped(done.replicates);
    let without = done.summary.without(wanted.metric);
    if (1..plan.rounds.len()).contains(&without.len()) {
        let labels = without.iter().map(|&place| &*plan.rounds[place].label);
        args.shared.notice(&format!(
            "--stop-when-se {se} does not look at rounds without a {metric} in any of the {replicates} \
             replicates: {}",
            labels.collect::<Vec<_>>().join(", ")
        ));
    }
    if done.summary.is_precise(wanted) {
        return;
    }
    let worst = done.summary.worst_se(wanted.metric);
    let too_few = done.summary.first_with_too_few(wanted.metric);
    let enough = u64::from(done.replicates) >= LEAST_REPLICATES;
    args.shared.notice(&match (worst.filter(|&worst| worst > se), too_few) {
        (Some(worst), _) => format!(
            "--stop-when-se {se} was not reached after {replicates} replicates: the standard error of \
             the mean {metric} is {worst:.3} in the least certain round; give more --replicates"
        ),
        (None, Some((_, 0))) => format!(
            "--stop-when-se {se} was not reached after {replicates} replicates: no round has a {metric}"
        ),
        (None, Some((place, having))) if enough => format!(
            "--stop-when-se {se} was not reached after {replicates} replicates: round {} has a {metric} \
             in {having} of them, and {LEAST_REPLICATES} are needed; give more --replicates",
            plan.rounds[place].label
        ),
        (None, _) => format!(
            "--stop-when-se {se} looks at no fewer than {LEAST_REPLICATES} replicates; give more \
             --replicates"
        ),
    });
}

fn run_one(args: &RunArgs, asked: Asked, plan: &Plan) -> Result<(), Failure> {
    for notice in &plan.notices {
        args.shared.notice(notice);
    }
    let observer = args.shared.observer();
    let (given, input) = given_pool(plan, &args.shared, &*observer)?;
    let detail = detail(asked, plan);
    if given.is_some() {
        memory::check_run(plan, given.as_deref(), detail)?;
    }
    let precision = precision(args);
    let mut folder = RunFolder::create(&args.out, plan, asked.format, detail, args.force)?
        .until(precision)
        .knowing(input)
        .with_page((!args.no_report).then_some(REPORT));
    let run = |keeper: &dyn Keeper, folder: &mut RunFolder<'_>| {
        study::run_on(plan, given.as_ref(), detail, folder, keeper, &*observer)
            .map_err(|error| Failure::of_study(plan, error))
    };
    if let Some(spread) = args.distributed.spread(plan) {
        let journal = folder.journal_of_parts(spread.chunks(), args.resume)?;
        args.shared
            .notice_resumed(args.resume, &journal, spread.parts(), "partition");
        let made = distributed::replicate(&args.distributed, &args.shared, &spread, &journal)?;
        folder.add(&made)?;
    } else if plan.replicates == 1 && !args.distributed.is_wanted(std::slice::from_ref(plan))? {
        args.shared.notice_thrown_away(folder.is_broken_off());
        run(&Nothing, &mut folder)?;
    } else {
        let journal = folder.journal(detail, args.resume)?;
        args.shared
            .notice_resumed(args.resume, &journal, plan.replicates, "replicate");
        #[cfg(feature = "cluster")]
        distributed::gather(
            &args.distributed,
            &args.shared,
            crate::cluster::Written::Run { plan, detail },
            &journal,
            plan.replicates,
        )?;
        run(&journal, &mut folder)?;
    }
    let done = folder.finish()?;
    if let Some(precision) = precision {
        missed(args, plan, &done, precision);
    }
    let look = look();
    let mut text = format!("{}\n\n", look.heading(&plan.title));
    if plan.replicates == 1 {
        for (round, held) in plan.rounds.iter().zip(&done.first) {
            text.push_str(&terminal::round_text(round, held, &look));
            text.push('\n');
        }
        if plan.rounds.len() >= overview::MANY {
            text.push_str(&overview::overview_text(plan, &done.first, &look));
            text.push('\n');
        }
    } else {
        text.push_str(&terminal::summary_text(
            plan,
            &done.summary,
            done.replicates,
            &look,
        ));
        text.push('\n');
    }
    text.push_str(&format!("Results: {}\n", shown_path(&done.path)));
    print(&text)
}
