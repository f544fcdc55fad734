//! A scenario after every default is filled in and every value checked: nothing optional that is
//! needed, nothing unchecked.

use std::borrow::Cow;
use std::path::PathBuf;

use super::places::Places;
use crate::history;
use crate::inputs::Input;
use crate::pool::{Bands, Pool};
use crate::synthesis::nominees::Period;
use crate::synthesis::{Arrivals, Nominees, Profile};
use crate::timeline::TimelinePlan;
pub use crate::timeline::plan::{RoundPlan, RulesPeriod};
use crate::units::{Date, Instant};

/// A complete plan.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Name of the scenario and of its result folder.
    pub name: String,
    /// What a reader calls it.
    pub title: String,
    /// One line for lists of scenarios; empty when the file has none.
    pub description: String,
    /// Seed of every stream.
    pub seed: u64,
    /// How many replicates are run (1 or more).
    pub replicates: u32,
    /// The starting pool.
    pub pool: PoolPlan,
    /// Rules in force, first at the pool's date, each with the instant it takes effect; later
    /// entries score the pool again. All have the same categories in the same order.
    pub rules: Vec<RulesPeriod>,
    /// Rounds in time order; equal times keep the order of the file.
    pub rounds: Vec<RoundPlan>,
    /// The stretch of time that the rounds are held in, with what else happens in it; without one
    /// nobody joins or leaves the pool but the invited.
    pub timeline: Option<Timeline>,
    /// What the user should know about how the file was read.
    pub notices: Vec<String>,
    /// The scenario as resolved, for the manifest.
    pub resolved: serde_json::Value,
    /// Files that it is made from, the scenario first, with what was read of them for the manifest.
    pub inputs: Vec<Input>,
    /// Where keys stand in the file, for what is found wrong later.
    pub places: Places,
}

impl Plan {
    /// The paths of the files that it is made from.
    pub fn input_paths(&self) -> Vec<PathBuf> {
        let inputs = self.inputs.iter();
        inputs.map(|input| input.path.clone()).collect()
    }

    /// The place of the rules in force at an instant.
    pub fn period_at(&self, at: Instant) -> usize {
        let begun = self.rules.partition_point(|rules| rules.from <= at);
        begun.max(1) - 1
    }

    /// Settles the bands of those who arrive, where they are those of the pool's candidate file, so
    /// that the candidates may be changed afterwards.
    pub fn count_bands(&mut self, given: &Pool) {
        if let Some(timeline) = &mut self.timeline {
            timeline.arrivals.bands = timeline.arrival_bands(Some(given)).map(Cow::into_owned);
        }
    }

    /// Says how many of those who arrive are nominees, where that goes by rounds.
    pub(super) fn arrive_as(&mut self, nominees: Option<&Nominees>) {
        if let Some(timeline) = &mut self.timeline {
            timeline.arrivals.nominees = nominees.cloned();
        }
        let Some(arrivals) = self.resolved.pointer_mut("/timeline/arrivals") else {
            return;
        };
        match nominees {
            Some(nominees) => arrivals["nominees"] = resolved(nominees),
            None => {
                arrivals
                    .as_object_mut()
                    .and_then(|keys| keys.remove("nominees"));
            }
        }
    }

    /// How many of those who arrive are nominees, where that goes by rounds.
    pub(super) fn nominees(&self) -> Option<&Nominees> {
        self.timeline.as_ref()?.arrivals.nominees.as_ref()
    }

    /// Bits of the programs and categories that there are at an instant: see
    /// [`Rules::standing_on`](crate::rules::Rules::standing_on).
    pub fn standing_at(&self, at: Instant) -> u32 {
        self.rules[0].rules.standing_on(at.date())
    }
}

/// The starting pool.
#[derive(Debug, Clone)]
pub struct PoolPlan {
    /// Date of the pool.
    pub as_of: Date,
    /// The instant that the pool stands for: submissions lie in the 365 days up to it.
    pub at: Instant,
    /// Candidates of a generated pool (1 or more); 0 with a `file`, which has its own.
    pub size: u64,
    /// Exact counts by band, when wanted.
    pub bands: Option<Bands>,
    /// The population.
    pub profile: Profile,
    /// A candidate file to draw on instead of a synthetic pool.
    pub file: Option<PathBuf>,
}

/// A stretch of time and who arrives in it.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// Expiry, withdrawal, answers and changes.
    pub course: TimelinePlan,
    /// Who arrives.
    pub arrivals: Arrivals,
    /// Whether they come in the bands of the pool's candidate file. A plan is made before the file is
    /// read: the bands of `arrivals` are none until its candidates are counted.
    pub in_bands_of_file: bool,
}

impl Timeline {
    /// The bands of those who arrive, where `given` are the candidates of the pool's file.
    pub fn arrival_bands(&self, given: Option<&Pool>) -> Option<Cow<'_, Bands>> {
        let counted = given.filter(|_| self.in_bands_of_file);
        match (&self.arrivals.bands, counted) {
            (None, Some(pool)) => Some(Cow::Owned(history::counted(&pool.score))),
            (bands, _) => bands.as_ref().map(Cow::Borrowed),
        }
    }
}

/// Nominees as a scenario file has them.
fn resolved(nominees: &Nominees) -> serde_json::Value {
    let period = |period: &Period| {
        serde_json::json!({
            "from": period.from.to_string(),
            "before": period.before.to_string(),
            "arrive": period.arrive,
        })
    };
    nominees.periods().iter().map(period).collect()
}
