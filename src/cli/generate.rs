//! `drawsim generate`: a scenario's pool as a candidate file.
//! The pool is made by `synthesis` and written by `interchange`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::common::{Shared, print, seed, shown_path};
use crate::cli::failure::Failure;
use crate::cli::memory::check;
use crate::interchange;
use crate::output::NewFile;
use crate::scenario::{Overrides, plans_from_paths};
use crate::shown::counted;
use crate::study::memory;
use crate::study::population::make_pool;

/// Write a scenario's pool: the very pool that `run` draws from with the same seed.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim generate scenarios/stem-2023-07-05.toml --out pool.parquet"
)]
pub struct GenerateArgs {
    /// Scenario file.
    #[arg(value_name = "SCENARIO")]
    scenario: PathBuf,
    /// File to write; its name ends in .csv or .parquet.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Number of candidates, instead of the scenario's; bands are scaled to it.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..))]
    size: Option<u64>,
    /// Seed of every random stream, instead of the scenario's.
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = seed)]
    seed: Option<u64>,
    /// Replace a file that is there already.
    #[arg(long)]
    force: bool,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// Runs the verb.
///
/// # Errors
/// A bad scenario or file (2), or a file that cannot be written to its end (1).
pub fn run(args: &GenerateArgs) -> Result<(), Failure> {
    let format = interchange::format_of(&args.out).map_err(Failure::input)?;
    let overrides = Overrides {
        seed: args.seed,
        size: args.size,
        ..Overrides::default()
    };
    for plan in plans_from_paths(std::slice::from_ref(&args.scenario), &overrides)? {
        if let Some(file) = &plan.pool.file {
            return Err(Failure::input(format!(
                "{}: the scenario draws on {}; there is no pool to generate",
                args.scenario.display(),
                file.display()
            )));
        }
        plan.notices
            .iter()
            .for_each(|notice| args.shared.notice(notice));
        check(
            &format!("the pool of {}", plan.name),
            memory::of_pool(&plan, rayon::current_num_threads() as u64),
            &["make it smaller (--size)"],
        )?;
        let file = NewFile::create(&args.out, args.force)?;
        let observer = args.shared.observer();
        let mut pool =
            make_pool(&plan, 0, &*observer).map_err(|error| Failure::of_study(&plan, error))?;
        pool.eligibility.keep(plan.standing_at(plan.pool.at));
        interchange::write_pool(&pool, &plan.rules[0].rules, format, file, &*observer)?;
        print(&format!(
            "{}: {}\n",
            counted(pool.len() as u64, "candidate"),
            shown_path(&args.out)
        ))?;
    }
    Ok(())
}
