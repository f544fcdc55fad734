//! A run: the plan's pool and rounds, once for each replicate.
//! What happens in a replicate lives in `replicate`; what is written about it, in `output`.

use std::sync::Arc;

use rayon::prelude::*;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::scenario::Plan;
use crate::study::kept::{self, Keeper, Nothing, Parts};
use crate::study::population::Origin;
use crate::study::replicate::{Detail, Replicate, replicate};
use crate::study::summary::figures_of;
use crate::synthesis::SynthesisError;

/// Candidates of the replicates of one batch, at most: they are in memory while a thread works on
/// theirs, and the invited until the batch is done.
const CANDIDATES_PER_BATCH: u64 = 16_000_000;

/// Why a run stopped.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The pool could not be made.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
    /// What was finished could not be written by a listener or a keeper.
    #[error(transparent)]
    Listener(#[from] Box<dyn std::error::Error + Send + Sync>),
    /// The engine's own checks failed: a fault of the program, with what reproduces it.
    #[error(
        "a check of the program itself failed in {} of replicate {replicate} (scenario `{scenario}`, \
         seed {seed}): {what}; nothing was written. Please report this with the scenario file: \
         these numbers reproduce it",
        in_round(*.round)
    )]
    Check {
        /// Scenario name.
        scenario: String,
        /// Seed.
        seed: u64,
        /// Replicate.
        replicate: u32,
        /// Round, from 1; none for the replicate as a whole.
        round: Option<usize>,
        /// What did not hold.
        what: String,
    },
}

fn in_round(round: Option<usize>) -> String {
    round.map_or_else(|| "the whole".to_owned(), |round| format!("round {round}"))
}

impl RunError {
    /// A check that failed in a replicate of a plan.
    pub(super) fn check(plan: &Plan, replicate: u32, round: Option<usize>, what: String) -> Self {
        RunError::Check {
            scenario: plan.name.clone(),
            seed: plan.seed,
            replicate,
            round,
            what,
        }
    }
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
    run_on(plan, given, detail, listener, &Nothing, observer)
}

/// Runs every replicate of a plan that `keeper` does not have, and keeps those as they are
/// finished; the listener hears of all.
///
/// # Errors
/// As [`run`], and when a replicate cannot be kept.
pub fn run_on(
    plan: &Plan,
    given: Option<&Arc<Pool>>,
    detail: Detail,
    listener: &mut dyn Listener,
    keeper: &dyn Keeper,
    observer: &dyn Observer,
) -> Result<(), RunError> {
    let several = plan.replicates > 1;
    let origin = Origin::new(plan, given)?;
    let batch = batch(given.map_or(plan.pool.size, |pool| pool.len() as u64));
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
                let read = |bytes: &[u8]| kept::replicate(number, plan, bytes);
                let make = || one(&origin, number, detail, inner);
                let done = kept::part(keeper, number, read, make, kept::of_replicate);
                if several {
                    observer.advance(1);
                }
                done
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

/// One replicate with its figures.
fn one(
    origin: &Origin<'_>,
    number: u32,
    detail: Detail,
    observer: &dyn Observer,
) -> Result<Replicate, RunError> {
    let plan = origin.plan();
    let people = origin.people(number, observer)?;
    let mut done = replicate(plan, &people, number, detail)?;
    done.figures = Some(figures_of(plan, &done));
    Ok(done)
}

/// A run in parts, each a replicate, wherever they are made.
#[derive(Debug)]
pub struct RunParts<'p> {
    origin: Origin<'p>,
    detail: Detail,
}

impl<'p> RunParts<'p> {
    /// The parts of a plan that makes its own people.
    ///
    /// # Errors
    /// When a profile cannot give such candidates.
    pub fn new(plan: &'p Plan, detail: Detail) -> Result<Self, RunError> {
        let origin = Origin::new(plan, None)?;
        Ok(RunParts { origin, detail })
    }
}

impl Parts for RunParts<'_> {
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError> {
        let done = one(&self.origin, number, self.detail, &Silent)?;
        Ok(kept::of_replicate(&done))
    }
}
