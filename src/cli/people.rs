//! Whether the people of scenarios can be had: candidate files are read, and the tables of profiles
//! are made and fitted to the bands, but nobody is made and nothing is run.

use crate::cli::failure::{Failure, of_candidates, of_people};
use crate::cli::memory;
use crate::observe::Silent;
use crate::scenario::{Plan, Problems};
use crate::study::population::faults;
use crate::{flow, interchange};

/// What is wrong with the people of a plan.
///
/// # Errors
/// When there is no memory for the candidates of its file.
pub fn problems_of(plan: &Plan) -> Result<Problems, Failure> {
    let mut problems = Problems::new();
    if let Some(path) = &plan.pool.file {
        let read = match interchange::memory_to_read(path) {
            Ok(needed) => {
                memory::check(&format!("the pool of {}", path.display()), needed)?;
                flow::candidates(plan, &Silent).map(drop)
            }
            Err(error) => Err(error),
        };
        if let Err(error) = read {
            problems.push(of_candidates(plan, &error));
        }
    }
    for fault in faults(plan) {
        problems.push(of_people(plan, &fault));
    }
    Ok(problems)
}
