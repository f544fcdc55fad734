//! Everybody of one replicate: the starting pool and those who arrive.
//! Sampling itself lives in `synthesis`, and what becomes of them in `timeline`.

use std::sync::Arc;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::random::Purpose;
use crate::scenario::Plan;
use crate::study::checks;
use crate::study::replicate::score_again;
use crate::study::run::RunError;
use crate::synthesis::{Key, PoolRequest, Source, SynthesisError, generate};
use crate::timeline::{SharedFates, SharedOutlook};

/// The people of one replicate: rows of the starting pool first, then arrivals by submission.
#[derive(Debug, Clone)]
pub struct Population {
    /// Everybody.
    pub pool: Arc<Pool>,
    /// Rows of the starting pool.
    pub started: usize,
    /// The people as they were made, where others' rules have scored them again since.
    pub made: Option<Arc<Pool>>,
    /// What happens to them while they wait, for policies that share it.
    pub fates: Arc<SharedFates>,
    /// How that changes their eligibility and scores, if enough policies share their rules to make
    /// it worth working out for everybody.
    pub outlook: Option<Arc<SharedOutlook>>,
}

/// Fewest policies of the same rules for which everybody's outlook is worth working out.
const SHARING: usize = 3;

impl Population {
    /// The same people for so many policies, whose first rules are those that they are scored by.
    #[must_use]
    pub fn shared_by(self, policies: usize) -> Self {
        Population {
            outlook: (policies >= SHARING).then(Arc::default),
            ..self
        }
    }

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
            fates: Arc::clone(&self.fates),
            outlook: None,
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

/// Where the people of a plan's replicates come from, built once for all of them.
#[derive(Debug)]
pub struct Origin<'p> {
    plan: &'p Plan,
    pool: Start,
    arrivals: Option<Source>,
}

/// The starting pool: the user's, or one made for each replicate.
#[derive(Debug)]
enum Start {
    Given(Arc<Pool>),
    Made(Box<Source>),
}

impl<'p> Origin<'p> {
    /// Builds what pools and arrivals are made from; `given` is a starting pool that the user
    /// brought.
    ///
    /// # Errors
    /// When a profile cannot give such candidates.
    pub fn new(plan: &'p Plan, given: Option<&Arc<Pool>>) -> Result<Self, SynthesisError> {
        let rules = &plan.rules[0].rules;
        let pool = match given {
            Some(pool) => Start::Given(Arc::clone(pool)),
            None => {
                let bands = plan.pool.bands.as_ref();
                Start::Made(Box::new(Source::new(&plan.pool.profile, rules, bands)?))
            }
        };
        let arrivals = match &plan.timeline {
            None => None,
            Some(timeline) => {
                let arrivals = &timeline.arrivals;
                let bands = arrivals.bands.as_ref();
                Some(Source::new(&arrivals.profile, rules, bands)?)
            }
        };
        Ok(Origin {
            plan,
            pool,
            arrivals,
        })
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Makes the people of a replicate.
    ///
    /// # Errors
    /// When a band cannot be filled, or does not hold its count.
    pub fn people(&self, replicate: u32, observer: &dyn Observer) -> Result<Population, RunError> {
        let plan = self.plan;
        let key = |purpose| Key {
            seed: plan.seed,
            purpose,
            replicate,
        };
        let times = match &plan.timeline {
            None => Vec::new(),
            Some(timeline) => {
                let (start, end) = (timeline.course.start, timeline.course.end);
                timeline.arrivals.times(start, end, plan.seed, replicate)
            }
        };
        let (mut pool, started) = match &self.pool {
            Start::Given(pool) if times.is_empty() => (Arc::clone(pool), pool.len()),
            Start::Given(pool) => (Arc::new(extended(pool, times.len())), pool.len()),
            Start::Made(source) => {
                let pool = source.pool(
                    key(Purpose::Pool),
                    plan.pool.size,
                    plan.pool.at,
                    times.len(),
                    observer,
                )?;
                let started = pool.len() - times.len();
                (Arc::new(pool), started)
            }
        };
        if let (Start::Made(_), Some(bands)) = (&self.pool, &plan.pool.bands) {
            checks::bands(&pool.score[..started], bands)
                .map_err(|what| RunError::check(plan, replicate, None, what))?;
        }
        if let (Some(source), false) = (&self.arrivals, times.is_empty()) {
            let pool = Arc::make_mut(&mut pool);
            let key = key(Purpose::ArrivingCandidates);
            source.fill_from(key, pool, started, &times, &Silent)?;
        }
        Ok(Population {
            pool,
            started,
            made: None,
            fates: Arc::default(),
            outlook: None,
        })
    }
}

/// Makes the people of one replicate; `given` is a starting pool that the user brought.
///
/// # Errors
/// When a profile cannot give such candidates, or they are not those that the bands want.
pub fn population(
    plan: &Plan,
    given: Option<&Arc<Pool>>,
    replicate: u32,
    observer: &dyn Observer,
) -> Result<Population, RunError> {
    Origin::new(plan, given)?.people(replicate, observer)
}

/// Makes the pool that a replicate of the plan starts from.
///
/// # Errors
/// When the profile cannot give such a pool, or it is not the one that the bands want.
pub fn make_pool(plan: &Plan, replicate: u32, observer: &dyn Observer) -> Result<Pool, RunError> {
    let request = PoolRequest {
        seed: plan.seed,
        purpose: Purpose::Pool,
        replicate,
        size: plan.pool.size,
        at: plan.pool.at,
        bands: plan.pool.bands.as_ref(),
        profile: &plan.pool.profile,
    };
    let pool = generate(&request, &plan.rules[0].rules, observer)?;
    if let Some(bands) = &plan.pool.bands {
        checks::bands(&pool.score, bands)
            .map_err(|what| RunError::check(plan, replicate, None, what))?;
    }
    Ok(pool)
}

/// A pool with so many rows more; numbered candidates go on being numbered, and those who join a
/// pool with names are called `arrival-1` and so on.
fn extended(pool: &Pool, more: usize) -> Pool {
    let mut pool = pool.clone();
    if let Ids::Text(names) = &mut pool.ids {
        names.extend((1..=more).map(|number| format!("arrival-{number}").into_boxed_str()));
    }
    pool.extend_zeroed(more);
    pool
}
