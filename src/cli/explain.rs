//! `drawsim explain`: where a candidate of a result stood in each round, and why.
//! The run is held again from its manifest; what is found is the study's.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::common::{Shared, find, look, print};
use crate::cli::failure::{Failure, of_candidates};
use crate::cli::memory::check;
use crate::nearest::closest;
use crate::output::rerun::Recorded;
use crate::output::terminal::explain as layout;
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::scenario::Plan;
use crate::shown::{grouped, safe};
use crate::study::explain::explain;
use crate::study::memory;
use crate::study::population::{Population, population};
use crate::{flow, interchange};

/// Say where a candidate stood in each round of a result, and why: the run is held again.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim explain output/stem-2023-07-05 --candidate 4711\n\n\
                  invitees.csv names the candidates who were invited; drawsim generate writes all \
                  candidates of the pool."
)]
pub struct ExplainArgs {
    /// Result folder of run or compare.
    #[arg(value_name = "RUN_DIR")]
    folder: PathBuf,
    /// The candidate, as candidate_id in the tables.
    #[arg(long, value_name = "ID", allow_negative_numbers = true)]
    candidate: String,
    /// The replicate, from 0.
    #[arg(long, value_name = "K", default_value_t = 0)]
    replicate: u32,
    /// Only this policy of a comparison.
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// Runs the verb.
///
/// # Errors
/// A folder that is no result or cannot be had again, an unknown candidate, replicate or policy
/// (2), or a run that fails (1).
pub fn run(args: &ExplainArgs) -> Result<(), Failure> {
    let recorded = Recorded::read(&args.folder)?;
    recorded.check_version()?;
    if args.replicate >= recorded.replicates {
        return Err(Failure::input(format!(
            "{} has replicates 0 to {}; there is no {}",
            args.folder.display(),
            recorded.replicates - 1,
            args.replicate
        )));
    }
    let plans = chosen(args, &recorded)?;
    let base = &recorded.plans[0];
    let needed = memory::of_comparison(&recorded.plans, None, 1);
    let what = format!("the run of {}", args.folder.display());
    check(&what, needed, &[])?;
    let observer = args.shared.observer();
    let given = flow::candidates(base, &*observer)
        .map_err(|error| Failure::from(of_candidates(base, &error)))?;
    let given = given.map(|read| Arc::new(read.pool));
    let people = population(base, given.as_ref(), args.replicate, &*observer)
        .map_err(|error| Failure::of_study(base, error))?;
    let row = row(&people.pool, args)?;
    let look = look();
    let mut text = String::new();
    for plan in plans {
        let people = scored(&people, base, plan);
        let (found, replicate) =
            explain(plan, &people, args.replicate, &[row]).map_err(Failure::run)?;
        recorded.check_rounds(plan, &replicate)?;
        let several = match recorded.replicates {
            1 => String::new(),
            _ => format!(", replicate {}", args.replicate),
        };
        let title = format!(
            "Candidate {} in {}{several}",
            safe(args.candidate.trim()),
            plan.name
        );
        let attributes = interchange::profile(&people.pool, row as usize, &plan.rules[0].rules);
        text.push_str(&format!("{}\n\n", look.heading(&title)));
        text.push_str(&layout::text(
            plan,
            &replicate.rounds,
            &attributes,
            &found[0],
            &look,
        ));
        text.push('\n');
    }
    print(&format!("{}\n", text.trim_end()))
}

/// The plans to explain.
fn chosen<'a>(args: &ExplainArgs, recorded: &'a Recorded) -> Result<Vec<&'a Plan>, Failure> {
    let Some(wanted) = &args.policy else {
        return Ok(recorded.plans.iter().collect());
    };
    match recorded.plans.iter().find(|plan| plan.name == *wanted) {
        Some(plan) => Ok(vec![plan]),
        None => {
            let names: Vec<&str> = recorded.plans.iter().map(|plan| &*plan.name).collect();
            Err(Failure::input(format!(
                "no policy of {} is called `{}`; there are {}",
                args.folder.display(),
                wanted.escape_debug(),
                names.join(", ")
            )))
        }
    }
}

/// The people, with points by the rules of the plan.
fn scored(people: &Population, base: &Plan, plan: &Plan) -> Population {
    if std::ptr::eq(base, plan) {
        people.clone()
    } else {
        people.scored_by(plan)
    }
}

/// The row of the candidate.
fn row(pool: &Pool, args: &ExplainArgs) -> Result<u32, Failure> {
    let wanted = args.candidate.trim();
    if let Some(row) = find(pool, wanted) {
        return u32::try_from(row).map_err(Failure::run);
    }
    let meant = meant(pool, wanted).map_or_else(String::new, |id| {
        format!(
            "; did you mean `{}`? A candidate_id is written as in the tables, with the zeros in front that \
             it has there",
            id.escape_debug()
        )
    });
    let known = match &pool.ids {
        Ids::Numbered { first } => format!(
            "the candidates of replicate {} are {} to {}, those who arrive included",
            args.replicate,
            grouped(*first),
            grouped((first + pool.len() as u64).saturating_sub(1))
        ),
        Ids::Some(numbers) => format!("there are {} candidates", grouped(numbers.len() as u64)),
        Ids::Text(names) => {
            let names = names.iter().map(|name| &**name);
            format!("most like it are {}", closest(wanted, names, 3).join(", "))
        }
    };
    Err(Failure::input(format!(
        "no candidate is called `{}`; {known}{meant}",
        wanted.escape_debug()
    )))
}

/// The candidate whose id differs from the wanted one in the zeros in front alone.
fn meant(pool: &Pool, wanted: &str) -> Option<String> {
    let plain = wanted.trim_start_matches('0');
    match &pool.ids {
        Ids::Text(names) => {
            let name = names
                .iter()
                .find(|name| name.trim_start_matches('0') == plain);
            name.map(|name| name.to_string())
        }
        _ => pool.find(plain).map(|_| plain.to_owned()),
    }
}
