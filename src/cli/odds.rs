//! `drawsim odds`: the chance of one candidate to be invited, round by round.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Clock;

use clap::{ArgGroup, Args};

use crate::cli::common::{Shared, find, given_pool, look, print, seed, shown_path};
use crate::cli::failure::Failure;
use crate::cli::memory;
use crate::interchange;
use crate::nearest::nearest;
use crate::output::{Destination, Format, ResultFolder, odds as output};
use crate::pool::Pool;
use crate::report::REPORT;
use crate::rules::{Candidate, Program, categories};
use crate::scenario::defaults::MOST_REPLICATES;
use crate::scenario::spanned::{parse_date, parse_time};
use crate::scenario::{Overrides, Plan, Problem, Problems, plans_from_paths};
use crate::shown::quoted;
use crate::study::odds::{Odds, Probe, leave_out};
use crate::study::{self, Detail};
use crate::units::{Instant, Score};

/// Replicates where neither the command nor the scenario asks for more.
const REPLICATES: u32 = 200;

/// Work out a candidate's chance of an invitation by each date under a scenario, over replicates.
///
/// The candidate is described by its score and the rounds that rank it, or is a row of a candidate
/// file. It crowds nobody out: each replicate runs without it (a pool of a file that holds the very
/// candidate is drawn without that row), and its place in every round is held against that of the
/// last who was invited.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("who").required(true).args(["score", "candidate"]),
    after_help = "Examples:\n  drawsim odds scenarios/year-2024.toml --score 505 --type cec \\\n    \
                  --submitted 2024-01-05\n  \
                  drawsim odds scenarios/year-2024.toml --candidate people.csv --id 17 \\\n    \
                  --out output"
)]
pub struct OddsArgs {
    /// Scenario file.
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// CRS score of the candidate, the same in every round.
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "candidate",
        allow_negative_numbers = true,
        value_parser = clap::value_parser!(u16).range(..)
    )]
    score: Option<u16>,
    /// A type of round that ranks the candidate: pnp, cec, fsw, fst or a category; repeat it for
    /// more. General rounds rank everybody; nominees (pnp) are ranked by no others.
    #[arg(
        long = "type",
        value_name = "TYPE",
        value_delimiter = ',',
        conflicts_with = "candidate"
    )]
    types: Vec<String>,
    /// When the profile is submitted: a date, or a time like 2024-01-05T12:00:00Z. Default: the
    /// date of the scenario's pool, or what the file says.
    #[arg(long, value_name = "DATE")]
    submitted: Option<String>,
    /// Take the candidate from this file (CSV or Parquet): points, programs and categories by the
    /// rules in force at each round.
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
    /// Its candidate_id; needed when the file holds more than one.
    #[arg(
        long,
        value_name = "ID",
        requires = "candidate",
        conflicts_with = "score"
    )]
    id: Option<String>,
    /// Number of replicates; default: the scenario's, 200 at least.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_REPLICATES)))]
    replicates: Option<u32>,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Take this policy of the file, a `[policy.NAME]` table, in place of the scenario itself; results
    /// are kept by its name.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Draw on the candidates of this file (CSV or Parquet) instead of a synthetic pool.
    #[arg(long, value_name = "FILE")]
    pool: Option<PathBuf>,
    /// Write the result folder NAME-odds into this folder; without it nothing is written.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Format of the table.
    #[arg(long, value_enum, default_value_t = Format::Csv, requires = "out")]
    format: Format,
    /// Replace a result folder that is there already.
    #[arg(long, requires = "out")]
    force: bool,
    /// Leave out report.html, the page with charts.
    #[arg(long, requires = "out")]
    no_report: bool,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// Runs the verb.
///
/// # Errors
/// Bad scenarios, candidates or folders (2), or a run that fails (1).
pub fn run(args: &OddsArgs) -> Result<(), Failure> {
    let started = Clock::now();
    let overrides = Overrides {
        seed: args.seed,
        replicates: args.replicates,
        pool_file: args.pool.clone(),
        policy: args.policy.clone(),
        ..Overrides::default()
    };
    let plans = plans_from_paths(std::slice::from_ref(&args.scenario), &overrides);
    let mut problems = Problems::new();
    let plan = plans
        .map_err(|found| problems.extend(found))
        .ok()
        .and_then(|mut plans| plans.pop());
    let submitted = args.submitted.as_ref().map(|text| moment(text));
    if let Some(Err(message)) = &submitted {
        problems.push(Problem::of_argument("--submitted", message.clone()));
    }
    if args.score.is_some_and(|score| score > Score::MAX.0) {
        let message = format!("no score is above {}", Score::MAX);
        problems.push(Problem::of_argument("--score", message));
    }
    check_types(args, plan.as_ref(), &mut problems);
    let Some(mut plan) = plan.filter(|_| problems.is_empty()) else {
        return Err(problems.into());
    };
    if args.replicates.is_none() {
        plan.replicates = plan.replicates.max(REPLICATES);
    }
    let observer = args.shared.observer();
    let submitted = submitted.and_then(Result::ok);
    let (mut from_file, mut of_candidate) = (None, None);
    let mut probe = match &args.candidate {
        Some(file) => {
            let read = interchange::read_pool(file, &plan.rules[0].rules, &*observer);
            let read = read.map_err(Failure::input)?;
            let (id, mut candidate) = chosen(file, &read.pool, args.id.as_deref())?;
            // Those of the pool's file are told when it is read.
            if plan.pool.file.as_ref() != Some(file) {
                let notices = read.notices.iter();
                notices.for_each(|notice| args.shared.notice(notice));
            }
            of_candidate = read.input;
            from_file = Some((id, candidate));
            candidate.submitted_at = submitted.unwrap_or(candidate.submitted_at);
            Probe::of(&plan, &candidate)
        }
        None => Probe::described(
            &plan,
            Score(args.score.unwrap_or_default()),
            &args.types,
            submitted.unwrap_or(plan.pool.at),
        ),
    };
    let mut inputs = plan.input_paths();
    inputs.extend(args.candidate.clone());
    if let Some(out) = &args.out {
        ResultFolder::check(out, &output::folder_name(&plan), args.force, &inputs)?;
    }
    memory::check_run(&plan, None, Detail::Rounds)?;
    notices(args, &plan);
    let (mut given, read) = given_pool(&plan, &args.shared, &*observer)?;
    if given.is_some() {
        memory::check_run(&plan, given.as_deref(), Detail::Rounds)?;
    }
    if let (Some(pool), Some((id, candidate))) = (&mut given, &from_file)
        && let Some(row) = own_row(pool, id, candidate, &args.shared)
    {
        // Those who arrive are the same as with the candidate in its row.
        plan.count_bands(pool);
        leave_out(Arc::make_mut(pool), row, &plan.rules[0].rules);
        probe = probe.in_row(row);
    }
    let mut odds = Odds::new(&plan, &probe);
    study::run(&plan, given.as_ref(), Detail::Rounds, &mut odds, &*observer)
        .map_err(|error| Failure::of_study(&plan, error))?;
    let chances = odds.chances(&plan);
    let look = look();
    let mut text = format!(
        "{}\n\n{}",
        look.heading(&plan.title),
        output::text(&plan, &probe, &chances, &look)
    );
    if let Some(out) = &args.out {
        let to = Destination {
            parent: out,
            format: args.format,
            page: (!args.no_report).then_some(REPORT),
            force: args.force,
            inputs: &inputs,
        };
        let asked = output::Asked {
            score: args.score,
            types: &args.types,
            file: args.candidate.as_deref().map(shown_path),
            read: of_candidate,
            id: args.id.as_deref(),
        };
        let path = output::write(to, &plan, read.as_ref(), &asked, &probe, &chances, started)?;
        text.push_str(&format!("Results: {}\n", shown_path(&path)));
    }
    print(&text)
}

/// A date for its midnight UTC, or a time.
fn moment(text: &str) -> Result<Instant, String> {
    if text.len() == "2024-01-05".len() {
        return parse_time(&format!("{}T00:00:00Z", parse_date(text)?));
    }
    parse_time(text).map_err(|told| match text.contains('T') {
        true => told,
        false => format!(
            "{} is neither a date like 2024-01-05 nor a time like 2024-01-05T12:00:00Z",
            quoted(text)
        ),
    })
}

/// Types that are neither programs nor categories, of the rules or of the scenario.
fn check_types(args: &OddsArgs, plan: Option<&Plan>, problems: &mut Problems) {
    let own = plan
        .into_iter()
        .flat_map(|plan| &plan.rounds)
        .map(|round| round.type_name.as_str());
    let mut known: Vec<&str> = std::iter::once("general")
        .chain(Program::ALL.iter().map(|program| program.name()))
        .chain(categories::names())
        .collect();
    for name in own {
        if !known.contains(&name) {
            known.push(name);
        }
    }
    for name in &args.types {
        if !known.contains(&name.as_str()) {
            let message = format!("`{name}` is neither a program nor a category");
            problems.push(
                Problem::of_argument("--type", message)
                    .accepting(&known)
                    .near(nearest(name, known.iter().copied())),
            );
        }
    }
}

/// What the user should know before the work.
fn notices(args: &OddsArgs, plan: &Plan) {
    plan.notices
        .iter()
        .for_each(|notice| args.shared.notice(notice));
    if args.types.iter().any(|name| name == "pnp") && args.types.len() > 1 {
        args.shared.notice(
            "nominees are ranked by PNP and general rounds alone; the other types are not used",
        );
    }
    let unused = args.types.iter().filter(|name| {
        *name != "general" && plan.rounds.iter().all(|round| round.type_name != **name)
    });
    unused.for_each(|name| {
        args.shared
            .notice(&format!("the scenario has no round of the type `{name}`"))
    });
}

/// The row of the pool that is the candidate itself, told to the user; whoever else has its id stays.
fn own_row(pool: &Pool, id: &str, candidate: &Candidate, shared: &Shared) -> Option<usize> {
    let row = pool.find(id)?;
    let is_same = pool.row(row).candidate() == *candidate;
    shared.notice(&if is_same {
        format!(
            "the candidate {} is in the pool as well; it is left out there, so that it is no rival of \
             its own",
            quoted(id)
        )
    } else {
        format!(
            "somebody else in the pool has the candidate_id {}: attributes or submission differ, so \
             that one stays in the pool",
            quoted(id)
        )
    });
    is_same.then_some(row)
}

/// The candidate of a file that is meant, with its id.
fn chosen(file: &Path, pool: &Pool, id: Option<&str>) -> Result<(String, Candidate), Failure> {
    let row = match id {
        None if pool.len() == 1 => Some(0),
        None => {
            return Err(Failure::input(format!(
                "{}: the file holds {} candidates; name one with --id",
                file.display(),
                pool.len()
            )));
        }
        Some(id) => find(pool, id),
    };
    row.map(|row| (pool.id(row).into_owned(), pool.row(row).candidate()))
        .ok_or_else(|| {
            Failure::input(format!(
                "{}: no candidate has the candidate_id `{}`",
                file.display(),
                id.unwrap_or_default()
            ))
        })
}
