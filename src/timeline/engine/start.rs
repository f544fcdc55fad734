//! What a course goes by from the start, and which of its work is given to other threads.
//! How rounds follow each other is the engine's.

use std::borrow::Cow;

use super::floors::Floors;
use super::lots::Lots;
use super::meaning::Meaning;
use super::shelves::Shelves;
use super::steps::Steps;
use super::{Engine, Watch, hold_all};
use crate::pool::Eligibility;
use crate::pool::classes::Classes;
use crate::timeline::course::Course;
use crate::timeline::fate::Fates;
use crate::timeline::people::People;
use crate::timeline::plan::TimelinePlan;
use crate::timeline::plan::{RoundPlan, RulesPeriod};

/// What a course goes by from the start.
pub(super) struct Start<'a> {
    pub people: &'a People<'a>,
    pub plan: &'a TimelinePlan,
    pub rules: &'a [RulesPeriod],
    pub steps: Steps,
    pub fates: Cow<'a, Fates>,
    pub meaning: Meaning,
    pub classes: Classes,
    pub floors: Floors,
    pub shelves: Shelves,
}

impl<'a> Start<'a> {
    /// Whom the course is about, what happens to them, and how low rounds are expected to come.
    pub fn of(
        people: &'a People<'a>,
        plan: &'a TimelinePlan,
        rules: &'a [RulesPeriod],
        rounds: &[RoundPlan],
    ) -> Self {
        let known = people.outlook.map(|outlook| outlook.classes.clone());
        let mut classes = known.unwrap_or_default();
        let (pool, started) = (people.pool, people.started);
        let floors = Floors::expected(pool, started, plan, rounds, &mut classes);
        add_later_classes(&mut classes, plan);
        Start {
            people,
            plan,
            rules,
            steps: Steps::new(plan, rules, rounds),
            fates: match people.known {
                Some(fates) => Cow::Borrowed(fates),
                None => Cow::Owned(people.fates()),
            },
            meaning: Meaning::of(&rules[0].rules, plan.changes.birthdays),
            floors,
            classes,
            shelves: Shelves::of(rounds),
        }
    }

    /// Holds the rounds. Those who come later do not have to wait for them: other threads that have
    /// nothing else to do sort them out meanwhile.
    pub fn run(
        &self,
        rounds: &[RoundPlan],
        seeds: (u64, u32),
        census: bool,
        watch: Option<Watch<'_>>,
    ) -> Course {
        let lots = self.people.outlook.is_none().then(|| self.lots());
        let engine = Engine::new(self, lots.as_ref());
        match (watch, &lots) {
            (None, Some(lots)) => rayon::scope(|others| {
                others.spawn(|_| lots.sort_ahead());
                hold_all(engine, rounds, seeds, census, None)
            }),
            (watch, _) => hold_all(engine, rounds, seeds, census, watch),
        }
    }

    fn lots(&self) -> Lots<'_> {
        Lots::of(
            (self.people, &self.rules[0].rules),
            &self.fates,
            &self.steps,
            &self.meaning,
            &self.classes,
            self.floors.clone(),
        )
    }
}

/// Most classes that are known where others are made before somebody is of them: everything that is counted
/// by class takes up to twice as much memory then.
const FORESEEN: usize = 1 << 8;

/// Makes the classes that people come to most often who are of another now: that of those who are
/// eligible for nothing any more, and those of nominees. Whoever comes to a class that is not known
/// beforehand has to be looked at twice.
fn add_later_classes(classes: &mut Classes, plan: &TimelinePlan) {
    let known = classes.masks().to_vec();
    if known.len() > FORESEEN {
        return;
    }
    classes.of(0);
    if !plan.changes.nominations.is_none() {
        let eligible = known.into_iter().filter(|&mask| mask != 0);
        eligible.for_each(|mask| {
            classes.of(mask | Eligibility::PNP);
        });
    }
}
