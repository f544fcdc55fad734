//! Everybody of one replicate: the starting pool and those who arrive.
//! Sampling itself lives in `synthesis`, and what becomes of them in `timeline`.

use std::sync::Arc;

use crate::observe::{Observer, Silent};
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::random::Purpose;
use crate::rules::Rules;
use crate::scenario::Plan;
use crate::scenario::plan::PoolPlan;
use crate::study::checks;
use crate::study::replicate::{points_again, score_again};
use crate::study::run::RunError;
use crate::synthesis::{Dealt, Key, Pieces, PoolRequest, Source, SynthesisError, generate};
use crate::timeline::{Fates, Outlook, People, SharedFates, SharedOutlook, TimelinePlan};

/// The people of one replicate: rows of the starting pool first, then arrivals by submission.
#[derive(Debug, Clone)]
pub struct Population {
    /// Everybody.
    pub pool: Arc<Pool>,
    /// Rows of the starting pool.
    pub started: usize,
    /// The rules that their scores and eligibility are by.
    pub rules: Rules,
    /// The people as they were made, where others' rules have scored them again since.
    pub made: Option<Arc<Population>>,
    /// What happens to them while they wait, for policies that share it.
    pub fates: Arc<SharedFates>,
    /// How that changes their eligibility and scores, if enough policies share that to make it worth
    /// working out for everybody.
    pub outlook: Option<Arc<SharedOutlook>>,
}

/// Fewest policies for which everybody's outlook is worth working out.
pub(super) const SHARING: usize = 3;

impl Population {
    /// The same people for so many policies by whose rules everybody is eligible for the same.
    #[must_use]
    pub fn shared_by(self, policies: usize) -> Self {
        let outlook = self.outlook;
        Population {
            outlook: outlook.or_else(|| (policies >= SHARING).then(Arc::default)),
            ..self
        }
    }

    /// The same people, scored by the first rules of a plan.
    #[must_use]
    pub fn scored_by(&self, plan: &Plan) -> Self {
        let rules = &plan.rules[0].rules;
        let made = self.made.clone().unwrap_or_else(|| Arc::new(self.clone()));
        let alike = rules.judge_like(&self.rules);
        let mut pool = Pool::clone(&self.pool);
        if alike {
            points_again(&mut pool, rules);
        } else {
            score_again(&mut pool, rules);
        }
        let shares = alike && made.outlook.is_some();
        Population {
            pool: Arc::new(pool),
            started: self.started,
            rules: rules.clone(),
            made: Some(made),
            fates: Arc::clone(&self.fates),
            outlook: shares.then(Arc::default),
        }
    }

    /// The people of a replicate as a plan has them, with what is known of them beforehand.
    pub(super) fn people<'p>(
        &'p self,
        plan: &'p Plan,
        course: &'p TimelinePlan,
        replicate: u32,
    ) -> People<'p> {
        let people = People::new(&self.pool, self.started, course, plan.seed, replicate);
        let people = match &self.made {
            Some(made) => people.with_scores(&made.pool.score),
            None => people,
        };
        let fates = self.fates.of(&people);
        let people = people.with_fates(fates);
        let outlook =
            fates.and_then(|fates| self.outlook_of(&people, fates, plan, course, replicate));
        people.with_outlook(outlook)
    }

    fn outlook_of<'p>(
        &'p self,
        people: &People<'p>,
        fates: &'p Fates,
        plan: &'p Plan,
        course: &'p TimelinePlan,
        replicate: u32,
    ) -> Option<&'p Outlook> {
        let shared = self.outlook.as_deref()?;
        let made = self
            .made
            .as_deref()
            .filter(|made| made.rules.judge_like(&self.rules));
        let like = made.and_then(|made| {
            let people = People::new(&made.pool, made.started, course, plan.seed, replicate);
            made.outlook_of(&people, fates, plan, course, replicate)
        });
        shared.of(people, fates, &self.rules, &plan.rounds, like)
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

/// What is wrong with the starting pool, by the scenario's key.
fn of_pool(error: SynthesisError) -> SynthesisError {
    error.of("pool.profile", "pool.bands")
}

/// What is wrong with those who arrive, by the scenario's key.
fn of_arrivals(error: SynthesisError) -> SynthesisError {
    error.of("timeline.arrivals.profile", "timeline.arrivals.bands")
}

/// What the starting pool is made from.
fn starting(plan: &Plan) -> Result<Source, SynthesisError> {
    let (rules, bands) = (&plan.rules[0].rules, plan.pool.bands.as_ref());
    Source::new(&plan.pool.profile, rules, bands).map_err(of_pool)
}

/// What those who arrive are made from, where anybody does; `given` is a starting pool that the user
/// brought.
fn arriving(plan: &Plan, given: Option<&Pool>) -> Result<Option<Source>, SynthesisError> {
    let Some(timeline) = &plan.timeline else {
        return Ok(None);
    };
    let (rules, arrivals) = (&plan.rules[0].rules, &timeline.arrivals);
    let bands = timeline.arrival_bands(given);
    let source = Source::mixed(&arrivals.profile, rules, bands.as_deref(), arrivals.mix);
    source.map(Some).map_err(of_arrivals)
}

/// What the profiles of a plan cannot give, for the starting pool and for those who arrive; `given`
/// is a starting pool that the user brought, of which nothing but its bands is looked at.
pub fn faults(plan: &Plan, given: Option<&Pool>) -> Vec<SynthesisError> {
    let starting = plan.pool.file.is_none().then(|| starting(plan).err());
    let arriving = arriving(plan, given).err();
    starting.flatten().into_iter().chain(arriving).collect()
}

impl<'p> Origin<'p> {
    /// Builds what pools and arrivals are made from; `given` is a starting pool that the user
    /// brought.
    ///
    /// # Errors
    /// When a profile cannot give such candidates.
    pub fn new(plan: &'p Plan, given: Option<&Arc<Pool>>) -> Result<Self, SynthesisError> {
        let pool = match given {
            Some(pool) => Start::Given(Arc::clone(pool)),
            None => Start::Made(Box::new(starting(plan)?)),
        };
        Ok(Origin {
            plan,
            pool,
            arrivals: arriving(plan, given.map(Arc::as_ref))?,
        })
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// The starting pool of a replicate, to be made in pieces; none where the user brought it.
    ///
    /// # Errors
    /// When the size is zero or too large.
    pub fn pieces(&self, replicate: u32) -> Result<Option<Pieces<'_>>, SynthesisError> {
        let Start::Made(source) = &self.pool else {
            return Ok(None);
        };
        let key = Key {
            seed: self.plan.seed,
            purpose: Purpose::Pool,
            replicate,
        };
        let PoolPlan { size, at, .. } = self.plan.pool;
        source.pieces(key, size, at).map(Some)
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
        let dealt = match &plan.timeline {
            None => Dealt::default(),
            Some(timeline) => {
                let (start, end) = (timeline.course.start, timeline.course.end);
                timeline.arrivals.times(start, end, plan.seed, replicate)
            }
        };
        // Room for everybody of the days of arrival, where somebody comes within the stretch.
        let arrive = dealt.within.len();
        let more = if arrive > 0 { dealt.times.len() } else { 0 };
        let (mut pool, started) = match &self.pool {
            Start::Given(pool) if arrive == 0 => (Arc::clone(pool), pool.len()),
            Start::Given(pool) => (Arc::new(extended(pool, arrive, more)), pool.len()),
            Start::Made(source) => {
                let made = source.pool(
                    key(Purpose::Pool),
                    plan.pool.size,
                    plan.pool.at,
                    more,
                    observer,
                );
                let pool = made.map_err(of_pool)?;
                let started = pool.len() - more;
                (Arc::new(pool), started)
            }
        };
        if let (Start::Made(_), Some(bands)) = (&self.pool, &plan.pool.bands) {
            checks::bands(&pool.score[..started], bands)
                .map_err(|what| RunError::check(plan, replicate, None, what))?;
        }
        if let (Some(source), true) = (&self.arrivals, more > 0) {
            let pool = Arc::make_mut(&mut pool);
            let key = key(Purpose::ArrivingCandidates);
            let filled = source.fill_from(key, pool, started, &dealt, &Silent);
            filled.map_err(of_arrivals)?;
            dealt.leave(pool, started);
        }
        Ok(Population {
            pool,
            started,
            rules: plan.rules[0].rules.clone(),
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

/// What the names of those who join a pool with names begin with; a number follows, from 1.
const ARRIVAL: &str = "arrival-";

/// Whether somebody who joins a pool with names may be called so.
pub fn is_of_arrival(name: &str) -> bool {
    let number = name.strip_prefix(ARRIVAL).map(str::as_bytes);
    number.is_some_and(|digits| {
        digits.iter().all(u8::is_ascii_digit) && !matches!(digits.first(), None | Some(b'0'))
    })
}

/// A pool with so many rows more, of which so many arrive: numbered candidates go on being numbered, and those
/// who join a pool with names are called `arrival-1` and so on.
fn extended(pool: &Pool, arrive: usize, more: usize) -> Pool {
    let mut pool = pool.clone();
    match &mut pool.ids {
        Ids::Numbered { .. } => {}
        Ids::Some(numbers) => {
            let next = numbers.last().map_or(1, |last| last + 1);
            let arrivals = (next..).take(arrive);
            *numbers = numbers.iter().copied().chain(arrivals).collect();
        }
        Ids::Text(names) => {
            let arrival = |number| format!("{ARRIVAL}{number}").into_boxed_str();
            let arrivals = (1..=arrive).map(arrival);
            *names = names.iter().cloned().chain(arrivals).collect();
        }
    }
    pool.extend_zeroed(more);
    pool
}
