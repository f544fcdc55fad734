//! Whether the people of scenarios can be had, before anything is run: candidate files are read, and
//! the tables of profiles are made and fitted to the bands, but nobody is made.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cli::failure::{Failure, of_candidates, of_people};
use crate::cli::memory;
use crate::interchange::ReadError;
use crate::observe::Silent;
use crate::rules::{Rules, RulesPatch, grid};
use crate::scenario::{Overrides, Plan, Problems, candidate_file, each_plan};
use crate::study::population::faults;
use crate::{flow, interchange};

/// The plans of scenario files. The people of those that are `looked_at` can be had; beside each plan
/// stands what the user should know about the candidate file that was read for it.
///
/// # Errors
/// All problems of all scenarios and of their candidate files, or no memory for the candidates.
pub fn plans(
    paths: &[PathBuf],
    overrides: &Overrides,
    looked_at: impl Fn(&Plan) -> bool,
) -> Result<Vec<(Plan, Vec<String>)>, Failure> {
    let mut problems = Problems::new();
    let mut plans = Vec::new();
    // Those of --pool are the same for every scenario.
    let mut told = BTreeSet::new();
    for (path, (plan, found)) in paths.iter().zip(each_plan(paths, overrides)) {
        problems.extend(found);
        let (of_people, notices) = match &plan {
            Some(plan) if looked_at(plan) => people_of(plan)?,
            Some(_) => (Problems::new(), Vec::new()),
            None => (problems_beside(path, overrides)?, Vec::new()),
        };
        if told.insert(of_people.plain()) {
            problems.extend(of_people);
        }
        plans.extend(plan.map(|plan| (plan, notices)));
    }
    if problems.is_empty() {
        Ok(plans)
    } else {
        Err(problems.into())
    }
}

/// What is wrong with the people of a plan, and what should be known about their file.
fn people_of(plan: &Plan) -> Result<(Problems, Vec<String>), Failure> {
    let mut problems = Problems::new();
    let (mut given, mut notices) = (None, Vec::new());
    if let Some(path) = &plan.pool.file {
        match of_file(path, || flow::candidates(plan, &Silent))? {
            Ok(Some(read)) => (given, notices) = (Some(read.pool), read.notices),
            Ok(None) => {}
            Err(error) => problems.push(of_candidates(plan, &error)),
        }
    }
    for fault in faults(plan, given.as_ref()) {
        problems.push(of_people(plan, &fault));
    }
    Ok((problems, notices))
}

/// What is wrong with the candidate file of a scenario that is not in order itself. Its rules are not
/// known then; what a cell may hold is the same under all.
fn problems_beside(path: &Path, overrides: &Overrides) -> Result<Problems, Failure> {
    let mut problems = Problems::new();
    let last = grid::UNTIL.yesterday().map_err(Failure::run)?;
    if let Some((file, places)) = candidate_file(path, overrides)
        && let Ok(rules) = Rules::on(last, &[], &RulesPatch::default())
        && let Err(error) = of_file(&file, || interchange::read_pool(&file, &rules, &Silent))?
    {
        let name = path.display().to_string();
        let problem = places.problem(&name, "pool.file", error.headline());
        problems.push(problem.listing(error.details()));
    }
    Ok(problems)
}

/// What a candidate file holds, or what is wrong with it, if there is memory for it.
fn of_file<T>(
    path: &Path,
    read: impl FnOnce() -> Result<T, ReadError>,
) -> Result<Result<T, ReadError>, Failure> {
    match interchange::memory_to_read(path) {
        Ok(needed) => {
            memory::check(&format!("the pool of {}", path.display()), needed, &[])?;
            Ok(read())
        }
        Err(error) => Ok(Err(error)),
    }
}
