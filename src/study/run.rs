//! A run: the plan's pool and rounds, once for each replicate.
//! What happens in a replicate lives in `replicate`; what is written about it, in `output`.

use std::sync::Arc;

use rayon::prelude::*;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::scenario::Plan;
use crate::study::population::Origin;
use crate::study::replicate::{Detail, Replicate, replicate};
use crate::synthesis::SynthesisError;

/// Candidates that the replicates of one batch hold in memory together, at most.
const CANDIDATES_PER_BATCH: u64 = 8_000_000;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The pool could not be made.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
    /// A listener could not take what it heard (a file could not be written, say).
    #[error(transparent)]
    Listener(#[from] Box<dyn std::error::Error + Send + Sync>),
    /// The engine's own checks failed: a fault of the program, with what reproduces it.
    #[error(
        "check failed in round {round} of replicate {replicate} (scenario `{scenario}`, seed {seed}): {what}"
    )]
    Check {
        /// Scenario name.
        scenario: String,
        /// Seed.
        seed: u64,
        /// Replicate.
        replicate: u32,
        /// Round, from 1.
        round: usize,
        /// What did not hold.
        what: String,
    },
}

/// Whether the listener wants more replicates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Go on to the next one.
    GoOn,
    /// What is known is enough.
    Enough,
}

/// Hears about a run. Replicates come in order of their number, from one thread.
pub trait Listener {
    /// A replicate is done.
    ///
    /// # Errors
    /// What the listener could not do; the run stops.
    fn replicate(
        &mut self,
        plan: &Plan,
        replicate: &Replicate,
    ) -> Result<Next, Box<dyn std::error::Error + Send + Sync>>;
}

/// How many replicates with pools of that size are run at once, so that they fit into memory.
pub(super) fn batch(size: u64) -> u32 {
    (CANDIDATES_PER_BATCH / size.max(1)).clamp(1, 64) as u32
}

/// Runs every replicate of a plan.
///
/// `given` is a pool that the user brought; otherwise each replicate makes its own. Replicates run
/// in parallel in batches bounded by memory; what the listener hears is the same for any number of
/// threads.
///
/// # Errors
/// When a pool cannot be made, the listener fails, or a check of the engine does not hold.
pub fn run(
    plan: &Plan,
    given: Option<&Arc<Pool>>,
    detail: Detail,
    listener: &mut dyn Listener,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let several = plan.replicates > 1;
    let origin = Origin::new(plan, given)?;
    let batch = batch(plan.pool.size);
    if several {
        observer.begin("replicates", u64::from(plan.replicates));
    }
    let mut next = 0;
    while next < plan.replicates {
        let end = next.saturating_add(batch).min(plan.replicates);
        let done: Vec<Result<Replicate, RunError>> = (next..end)
            .into_par_iter()
            .map(|number| {
                let inner: &dyn Observer = if several { &Silent } else { observer };
                let replicate = origin
                    .people(number, inner)
                    .map_err(RunError::from)
                    .and_then(|people| replicate(plan, &people, number, detail));
                if several {
                    observer.advance(1);
                }
                replicate
            })
            .collect();
        for replicate in done {
            if listener.replicate(plan, &replicate?)? == Next::Enough {
                observer.end();
                return Ok(());
            }
        }
        next = end;
    }
    if several {
        observer.end();
    }
    Ok(())
}
