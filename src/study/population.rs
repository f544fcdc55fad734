//! Everybody of one replicate: the starting pool and those who arrive.
//! Sampling itself lives in `synthesis`, and what becomes of them in `timeline`.

use std::sync::Arc;

use crate::observe::Observer;
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::random::Purpose;
use crate::scenario::Plan;
use crate::study::replicate::score_again;
use crate::synthesis::{PoolRequest, SynthesisError, generate};

/// The people of one replicate: rows of the starting pool first, then arrivals by submission.
#[derive(Debug, Clone)]
pub struct Population {
    /// Everybody.
    pub pool: Arc<Pool>,
    /// Rows of the starting pool.
    pub started: usize,
    /// The people as they were made, where others' rules have scored them again since.
    pub made: Option<Arc<Pool>>,
}

impl Population {
    /// The same people, scored by the first rules of a plan.
    #[must_use]
    pub fn scored_by(&self, plan: &Plan) -> Self {
        let mut pool = Pool::clone(&self.pool);
        score_again(&mut pool, &plan.rules[0].rules);
        let made = self.made.as_ref().unwrap_or(&self.pool);
        Population {
            pool: Arc::new(pool),
            started: self.started,
            made: Some(Arc::clone(made)),
        }
    }
}

/// What decides whether two plans score alike, in few words: the dates of their rules, what they
/// change about them, and the categories that they look at.
pub fn rules_key(plan: &Plan) -> String {
    let changes = ["rules", "points", "factors", "categories"].map(|key| plan.resolved.get(key));
    let periods: Vec<_> = plan
        .rules
        .iter()
        .map(|period| (period.from, period.rules.date))
        .collect();
    let categories = plan.rules.first().map(|period| &period.rules.categories);
    format!("{changes:?} {periods:?} {categories:?}")
}

/// Makes the people of a replicate; `given` is a starting pool that the user brought.
///
/// # Errors
/// When a profile cannot give such candidates.
pub fn population(
    plan: &Plan,
    given: Option<&Arc<Pool>>,
    replicate: u32,
    observer: &dyn Observer,
) -> Result<Population, SynthesisError> {
    let pool = match given {
        Some(pool) => Arc::clone(pool),
        None => Arc::new(make_pool(plan, replicate, observer)?),
    };
    let started = pool.len();
    let Some(timeline) = &plan.timeline else {
        return Ok(Population {
            pool,
            started,
            made: None,
        });
    };
    let (start, end) = (timeline.course.start, timeline.course.end);
    let arrivals =
        timeline
            .arrivals
            .generate(start, end, plan.seed, replicate, &plan.rules[0].rules)?;
    let pool = match arrivals {
        Some(arrivals) => Arc::new(joined(Arc::unwrap_or_clone(pool), arrivals)),
        None => pool,
    };
    Ok(Population {
        pool,
        started,
        made: None,
    })
}

/// Makes the pool that a replicate of the plan starts from.
///
/// # Errors
/// When the profile cannot give such a pool.
pub fn make_pool(
    plan: &Plan,
    replicate: u32,
    observer: &dyn Observer,
) -> Result<Pool, SynthesisError> {
    let request = PoolRequest {
        seed: plan.seed,
        purpose: Purpose::Pool,
        replicate,
        size: plan.pool.size,
        at: plan.pool.at,
        bands: plan.pool.bands.as_ref(),
        profile: &plan.pool.profile,
    };
    generate(&request, &plan.rules[0].rules, observer)
}

/// One pool with the rows of both; numbered candidates go on being numbered, and those who join a
/// pool with names are called `arrival-1` and so on.
fn joined(mut pool: Pool, mut arrivals: Pool) -> Pool {
    if let Ids::Text(names) = &mut pool.ids {
        names.extend(
            (1..=arrivals.len()).map(|number| format!("arrival-{number}").into_boxed_str()),
        );
    }
    pool.submitted.append(&mut arrivals.submitted);
    pool.age.append(&mut arrivals.age);
    pool.noc.append(&mut arrivals.noc);
    pool.english.append(&mut arrivals.english);
    pool.french.append(&mut arrivals.french);
    pool.spouse_language.append(&mut arrivals.spouse_language);
    pool.traits.append(&mut arrivals.traits);
    pool.noc_months.append(&mut arrivals.noc_months);
    pool.citizenship.append(&mut arrivals.citizenship);
    pool.score.append(&mut arrivals.score);
    pool.eligibility.append(&mut arrivals.eligibility);
    pool
}
