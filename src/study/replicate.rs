//! One replicate of a plan over given people: its rounds, along a timeline or on a pool that
//! nobody joins. How many replicates there are, and who hears of them, does not live here.

use std::sync::Arc;

use rayon::prelude::*;

use crate::draw::{Index, Outcome, Standing};
use crate::pool::columns::Ids;
use crate::pool::counts::count_rows;
use crate::pool::{Packed, Pool};
use crate::rules::Rules;
use crate::scenario::plan::Timeline;
use crate::scenario::{Plan, RoundPlan};
use crate::study::census::{Census, Stages};
use crate::study::checks;
use crate::study::course_checks;
use crate::study::population::Population;
use crate::study::run::RunError;
use crate::study::scene::{Scene, Watch};
use crate::study::spot_checks;
use crate::study::summary::Figures;
use crate::timeline::people::dice_key;
use crate::timeline::{self, Flows, View};
use crate::units::Score;

/// A round that was held.
#[derive(Debug, Clone)]
pub struct Held {
    /// What came out; rows of the invited stand as `invited` does.
    pub outcome: Outcome,
    /// The invited as they were in the round, in falling order of score and the lowest-ranked last. They
    /// stand in order of rank where groups are counted and in rounds on a pool that nobody joins;
    /// elsewhere [`Replicate::put_in_order`] sees to that.
    pub invited: Vec<Packed>,
    /// Scores of the invited in figures.
    pub scores: Option<ScoreFigures>,
    /// Counts by group, when details are wanted.
    pub stages: Option<Stages>,
    /// Who came and left since the round before, on a timeline.
    pub flows: Option<Flows>,
}

impl Held {
    fn new(
        outcome: Outcome,
        invited: Vec<Packed>,
        stages: Option<Stages>,
        flows: Option<Flows>,
    ) -> Self {
        let scores = ScoreFigures::of(invited.iter().map(|packed| packed.score));
        Held {
            outcome,
            invited,
            scores,
            stages,
            flows,
        }
    }
}

/// Mean, median and maximum of the scores of the invited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ScoreFigures {
    /// Mean score.
    pub mean: f64,
    /// Median score: the mean of the middle two where their number is even.
    pub median: f64,
    /// Highest score.
    pub max: Score,
}

impl ScoreFigures {
    /// The figures of scores in falling order; none for nobody.
    pub fn of(falling: impl ExactSizeIterator<Item = u16> + Clone) -> Option<Self> {
        let count = falling.len();
        let max = falling.clone().next()?;
        let sum: u64 = falling.clone().map(u64::from).sum();
        let mut middle = falling.skip((count - 1) / 2).map(f64::from);
        let first = middle.next()?;
        let second = if count.is_multiple_of(2) {
            middle.next()?
        } else {
            first
        };
        Some(ScoreFigures {
            mean: sum as f64 / count as f64,
            median: (first + second) / 2.0,
            max: Score(max),
        })
    }
}

/// One replicate.
#[derive(Debug, Clone)]
pub struct Replicate {
    /// Number of the replicate, from 0.
    pub number: u32,
    /// Everybody, those who arrived included, where everything is kept: rows of outcomes are its rows.
    pub pool: Option<Arc<Pool>>,
    /// The names of everybody, those who arrived included, by the rows of outcomes.
    pub ids: Ids,
    /// How many they are.
    pub people: usize,
    /// Rows of the starting pool; those who arrived come after them.
    pub started: usize,
    /// Rounds in the order of the plan.
    pub rounds: Vec<Held>,
    /// Candidates whose profiles expired without an invitation, on a timeline.
    pub expired_uninvited: Option<u64>,
    /// Figures of the rounds, where they are worked out already.
    pub figures: Option<Figures>,
}

impl Replicate {
    /// Puts the invited of each round in order of rank, by the plan that was run, if they are not in it:
    /// a replicate along a timeline whose groups are not counted does without, as cut-offs and figures do
    /// not depend on it. Of a replicate that was kept nobody is known whose order is not.
    pub fn put_in_order(&mut self, plan: &Plan) {
        let (ids, started, number) = (&self.ids, self.started, self.number);
        let rounds = self.rounds.par_iter_mut().enumerate();
        let in_no_order = rounds.filter(|(_, held)| {
            held.flows.is_some() && held.stages.is_none() && !held.invited.is_empty()
        });
        in_no_order.for_each(|(index, held)| {
            let ranking = RoundPlan::ranking(&plan.rounds, index, (plan.seed, number));
            let rows = held.outcome.invited.iter().copied();
            let mut invited: Vec<(u32, Packed)> = rows.zip(held.invited.iter().copied()).collect();
            let place = |&(row, one): &(u32, Packed)| (one.score, one.submitted, row);
            ranking.sort_levels(&mut invited, place, |row| dice_key(ids, started, row));
            (held.outcome.invited, held.invited) = invited.into_iter().unzip();
        });
    }
}

/// How much is kept of each replicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Rounds alone.
    Rounds,
    /// Counts by group of the first replicate.
    First,
    /// Counts by group of every replicate.
    Everything,
}

impl Detail {
    /// What is kept where nobody asks for more: everything of a single replicate, of several
    /// the counts of the first.
    pub const fn of(replicates: u32) -> Self {
        if replicates == 1 {
            Detail::Everything
        } else {
            Detail::First
        }
    }

    /// Whether the replicate of that number is counted by group.
    pub const fn counts(self, number: u32) -> bool {
        match self {
            Detail::Rounds => false,
            Detail::First => number == 0,
            Detail::Everything => true,
        }
    }
}

/// Runs the rounds of a plan over people whose scores are by the plan's first rules.
///
/// # Errors
/// When a check of the engine does not hold.
pub fn replicate(
    plan: &Plan,
    population: &Population,
    number: u32,
    detail: Detail,
) -> Result<Replicate, RunError> {
    replicate_seen(plan, population, number, detail, None)
}

/// As [`replicate`], with somebody who looks at the people just before each round.
///
/// # Errors
/// As [`replicate`].
pub fn replicate_watched(
    plan: &Plan,
    population: &Population,
    number: u32,
    detail: Detail,
    watch: &mut Watch<'_>,
) -> Result<Replicate, RunError> {
    replicate_seen(plan, population, number, detail, Some(watch))
}

fn replicate_seen(
    plan: &Plan,
    population: &Population,
    number: u32,
    detail: Detail,
    watch: Option<&mut Watch<'_>>,
) -> Result<Replicate, RunError> {
    match &plan.timeline {
        None => run_static(plan, Arc::clone(&population.pool), number, detail, watch),
        Some(timeline) => run_timeline(plan, timeline, population, number, detail, watch),
    }
}

/// Rounds along a stretch of time.
fn run_timeline(
    plan: &Plan,
    timeline: &Timeline,
    population: &Population,
    number: u32,
    detail: Detail,
    watch: Option<&mut Watch<'_>>,
) -> Result<Replicate, RunError> {
    let pool = &population.pool;
    let people = population.people(plan, &timeline.course, number);
    let census = detail.counts(number);
    let mut look = watch
        .map(|watch| move |index: usize, view: &View<'_, '_>| watch(index, &Scene::Course(view)));
    let mut course = timeline::engine::run_watched(
        &people,
        &timeline.course,
        &plan.rules,
        &plan.rounds,
        (plan.seed, number),
        census,
        look.as_mut()
            .map(|look| look as timeline::engine::Watch<'_>),
    );
    course_checks::course(&people, &plan.rounds, &course, census)
        .and_then(|()| spot_checks::follow(&people, &plan.rules, &plan.rounds, &course, number))
        .map_err(|(round, what)| RunError::check(plan, number, round, what))?;
    if census {
        let rounds = course.rounds.par_iter_mut().enumerate();
        rounds.for_each(|(index, round)| {
            let ranking = RoundPlan::ranking(&plan.rounds, index, (plan.seed, number));
            round.put_in_order(&people, &ranking);
        });
    }
    let held = course.rounds.iter().zip(&plan.rounds);
    let invited = people
        .packed(held.map(|(round, planned)| (round.invited.as_slice(), planned.instruction.at)));
    let rounds = course.rounds.into_iter().zip(invited);
    let rounds = rounds.map(|(round, invited)| {
        let stages = round.census.map(|[before, eligible]| {
            let invited = count_rows(&invited);
            let after = before.less(&invited);
            [before, eligible, invited, after]
        });
        Held::new(round.outcome, invited, stages, Some(round.flows))
    });
    let rounds: Vec<Held> = rounds.collect();
    for (index, held) in rounds.iter().enumerate() {
        if let Some(stages) = &held.stages {
            checks::stages(stages, &held.outcome)
                .map_err(|what| RunError::check(plan, number, Some(index + 1), what))?;
        }
    }
    Ok(Replicate {
        number,
        pool: (detail == Detail::Everything).then(|| Arc::clone(pool)),
        ids: pool.ids.clone(),
        people: pool.len(),
        started: population.started,
        rounds,
        expired_uninvited: Some(course.expired_uninvited),
        figures: None,
    })
}

/// Rounds on a pool that nobody joins and nobody but the invited leaves.
fn run_static(
    plan: &Plan,
    pool: Arc<Pool>,
    number: u32,
    detail: Detail,
    mut watch: Option<&mut Watch<'_>>,
) -> Result<Replicate, RunError> {
    let mut pool = pool;
    let mut standing = Standing::everyone(&pool);
    let mut learnt = Index::default();
    let mut census = Census::default();
    let mut period = 0;
    let mut rounds = Vec::with_capacity(plan.rounds.len());
    for (index, round) in plan.rounds.iter().enumerate() {
        let now = plan.period_at(round.instruction.at);
        if now != period {
            score_again(Arc::make_mut(&mut pool), &plan.rules[now].rules);
            census.forget();
            learnt.forget();
            period = now;
        }
        if let Some(watch) = &mut watch {
            let scene = Scene::Pool {
                pool: &pool,
                standing: &standing,
                rules: &plan.rules[now].rules,
                at: round.instruction.at,
            };
            watch(index, &scene);
        }
        let ranking = RoundPlan::ranking(&plan.rounds, index, (plan.seed, number));
        let outcome = learnt.draw(&pool, &standing, &round.instruction, &ranking);
        let failed = |what| RunError::check(plan, number, Some(index + 1), what);
        checks::round_on_pool(&pool, &standing, &round.instruction, &outcome).map_err(failed)?;
        let invited: Vec<Packed> = outcome
            .invited
            .iter()
            .map(|&row| pool.row(row as usize))
            .collect();
        let stages = detail
            .counts(number)
            .then(|| census.take(&pool, &standing, &round.instruction, &invited));
        if let Some(stages) = &stages {
            checks::stages(stages, &outcome).map_err(failed)?;
        }
        let gone = standing.gone().len() + outcome.invited.len();
        standing.remove(&outcome.invited);
        if standing.gone().len() != gone {
            return Err(failed("somebody is invited twice".to_owned()));
        }
        rounds.push(Held::new(outcome, invited, stages, None));
    }
    Ok(Replicate {
        number,
        ids: pool.ids.clone(),
        people: pool.len(),
        started: pool.len(),
        pool: (detail == Detail::Everything).then_some(pool),
        rounds,
        expired_uninvited: None,
        figures: None,
    })
}

/// Rows that one task scores again.
const ROWS: usize = 1 << 14;

/// Scores every candidate again by other rules.
pub fn score_again(pool: &mut Pool, rules: &Rules) {
    let results: Vec<Vec<(u16, u32)>> = (0..pool.len().div_ceil(ROWS))
        .into_par_iter()
        .map(|task| {
            let rows = task * ROWS..((task + 1) * ROWS).min(pool.len());
            rows.map(|row| {
                let candidate = pool.row(row).candidate();
                (
                    rules.points(&candidate).total().0,
                    rules.eligibility(&candidate).0,
                )
            })
            .collect()
        })
        .collect();
    for (row, (score, eligibility)) in results.into_iter().flatten().enumerate() {
        pool.score[row] = score;
        pool.eligibility.set(row, eligibility);
    }
}

/// Scores every candidate again by rules of which it is known that they judge everybody alike.
pub fn points_again(pool: &mut Pool, rules: &Rules) {
    let scores = (0..pool.len()).into_par_iter().with_min_len(ROWS);
    let scores = scores.map(|row| rules.points(&pool.row(row).candidate()).total().0);
    pool.score = scores.collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Silent;
    use crate::pool::counts::ClassCounts;
    use crate::scenario::Scenario;
    use crate::study::population::Origin;
    use crate::study::spot_checks::tests::YEAR;
    use crate::study::summary::figures_of;
    use crate::timeline::Status;
    use crate::units::Instant;

    #[test]
    fn counts_that_are_kept_up_are_those_of_a_fresh_look_at_everybody() {
        // More people than one thread looks after.
        let text = YEAR
            .replace("size = 2_000", "size = 9_000")
            .replace("TIE", "random");
        let scenario = Scenario::from_bytes(text.into(), "small-year.toml");
        let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
        assert!(plan.rules.len() > 1, "the rules change");
        let people = Origin::new(&plan, None).unwrap();
        let population = people.people(0, &Silent).unwrap();
        for threads in [1, 3] {
            let mut fresh = Vec::new();
            let mut look = |index: usize, scene: &Scene<'_>| {
                let mut tally = ClassCounts::default();
                let rows = 0..population.pool.len() as u32;
                for row in rows.filter(|&row| scene.status(row) == Status::InPool) {
                    tally.add(&scene.candidate(row));
                }
                let members = plan.rounds[index].instruction.kind.members();
                let eligible = tally.counts(|mask| members.have(mask));
                fresh.push([tally.counts(|_| true), eligible]);
            };
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            let pool = pool.unwrap();
            let made = pool.install(|| {
                replicate_watched(&plan, &population, 0, Detail::Everything, &mut look)
            });
            let made = made.unwrap();
            assert!(made.rounds.len() > 20);
            assert!(
                made.rounds
                    .iter()
                    .any(|held| held.flows.unwrap().returned > 0)
            );
            for (held, fresh) in made.rounds.iter().zip(&fresh) {
                assert_eq!(held.stages.as_ref().unwrap()[..2], fresh[..]);
            }
        }
    }

    #[test]
    fn ranks_are_those_of_a_plain_sort_and_nothing_else_waits_for_them() {
        for tie in ["earliest-submission", "latest-submission", "random", "none"] {
            let scenario = YEAR.replace("TIE", tie).into_bytes();
            let scenario = Scenario::from_bytes(scenario, "small-year.toml");
            let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
            let people = Origin::new(&plan, None).unwrap();
            let population = people.people(1, &Silent).unwrap();
            let made = |detail| replicate(&plan, &population, 1, detail).unwrap();
            let (found, counted) = (made(Detail::Rounds), made(Detail::Everything));
            let mut ranked = found.clone();
            ranked.put_in_order(&plan);
            let mut astray = 0;
            for (index, held) in ranked.rounds.iter().enumerate() {
                let order = RoundPlan::ranking(&plan.rounds, index, (plan.seed, 1));
                let rows = held.outcome.invited.iter().zip(&held.invited);
                let key = |(&row, one): (&u32, &Packed)| {
                    let submitted = Instant::from_seconds(one.submitted);
                    let candidate = || dice_key(&ranked.ids, ranked.started, row);
                    (order.key(Score(one.score), submitted, row, candidate), *one)
                };
                let keys: Vec<_> = rows.map(key).collect();
                assert!(keys.is_sorted_by_key(|&(key, _)| key), "{tie}");
                let before = &found.rounds[index];
                let rows = before.outcome.invited.iter().zip(&before.invited);
                let mut plain: Vec<_> = rows.map(key).collect();
                assert_eq!(plain.last(), keys.last(), "{tie}");
                astray += usize::from(plain != keys);
                plain.sort_by_key(|&(key, _)| key);
                assert_eq!(plain, keys, "{tie}");
                assert_eq!(counted.rounds[index].outcome, held.outcome, "{tie}");
                assert_eq!(counted.rounds[index].invited, held.invited, "{tie}");
                assert_eq!(before.scores, held.scores, "{tie}");
            }
            assert!(astray > 10, "{tie}: they were in order before");
            // As text: where there is nothing to measure the figure is not a number.
            let figures = |of| format!("{:?}", figures_of(&plan, of));
            assert_eq!(figures(&found), figures(&ranked), "{tie}");
        }
    }

    #[test]
    fn people_who_differ_in_more_ways_than_are_told_apart_are_refused() {
        let text = "name = \"many\"\n[pool]\nas_of = 2024-01-09\nsize = 66_000\nbands = \"none\"\n\
                    [timeline]\nend = 2024-01-20\n[[rounds]]\nat = 2024-01-12T14:00:00Z\n\
                    type = \"general\"\ninvitations = 9\n";
        let scenario = Scenario::from_bytes(text.into(), "many.toml");
        let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
        let origin = Origin::new(&plan, None).unwrap();
        let held = |ways: u32| {
            let mut people = origin.people(0, &Silent).unwrap();
            let pool = Arc::make_mut(&mut people.pool);
            let rows = 0..pool.len() as u32;
            pool.eligibility = rows.map(|row| (row % ways) << 4 | 1).collect();
            replicate(&plan, &people, 0, Detail::Rounds)
        };
        // Whose age changes meanwhile is judged anew, by what there really is.
        assert_eq!(held(65_500).unwrap().rounds[0].invited.len(), 9);
        let told = held(65_535).unwrap_err().to_string();
        assert!(told.contains("in more than 65,534 ways"), "{told}");
    }

    #[test]
    fn score_figures_of_even_and_odd_numbers() {
        let even = ScoreFigures::of([510, 500, 490, 480].into_iter()).unwrap();
        assert_eq!(
            (even.mean, even.median, even.max),
            (495.0, 495.0, Score(510))
        );
        let odd = ScoreFigures::of([510, 500, 480].into_iter()).unwrap();
        assert_eq!(odd.median, 500.0);
        assert_eq!(ScoreFigures::of([].into_iter()), None);
    }
}
