//! The backtest itself: goes through a history once in order, then draws the replicates of all
//! wanted rounds at once. How rounds are predicted is `filter`'s and `forecast`'s.

use std::collections::BTreeMap;
use std::error::Error;

use rayon::prelude::*;

use super::announcement::{Announcement, PublishedPools, type_of};
use super::filter::{Filter, Held};
use super::forecast::{Forecast, stream_of};
use super::score::{LEVELS, Prediction, crps, hundredths, quantile};
use crate::history::{History, Round};
use crate::observe::Observer;
use crate::study::kept::{self, Keeper, Nothing, Parts, Stored};
use crate::study::run::RunError;
use crate::units::{Date, Score};

/// Which rounds to predict, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// First day; `None` for the first round on.
    pub from: Option<Date>,
    /// Last day, itself included; `None` for the last round.
    pub to: Option<Date>,
    /// Replicates of each round, at least one.
    pub replicates: u32,
    /// Seed of their streams.
    pub seed: u64,
}

impl Options {
    /// Replicates when nothing else is said: enough that the ends of 90% intervals, beyond each of which
    /// lies a twentieth of them, have a standard error of one to two points.
    pub const REPLICATES: u32 = 2_000;
    /// Replicates at most.
    pub const MOST_REPLICATES: u32 = 1_000_000;
    /// Seed when nothing else is said.
    pub const SEED: u64 = 1;

    fn wants(&self, round: &Round) -> bool {
        let day = round.at.date();
        self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| day <= to)
    }
}

/// A round to be predicted.
#[derive(Debug)]
struct Task<'a> {
    round: &'a Round,
    announced: Announcement<'a>,
    forecast: Forecast,
    persistence: Option<Score>,
}

/// Predicts every wanted round of a history from what was known before it, in order of time.
/// Rounds of one instant do not see each other. The wish for some rounds, the number of threads
/// and the other rounds' replicates change no prediction.
pub fn backtest(history: &History, options: &Options, observer: &dyn Observer) -> Vec<Prediction> {
    let parts = BacktestParts::new(history, *options);
    parts.predictions(&Nothing, observer).unwrap_or_default()
}

/// A backtest in parts, each the replicates of a wanted round, wherever they are made. The history was
/// gone through once for all of them.
#[derive(Debug)]
pub struct BacktestParts<'h> {
    tasks: Vec<Task<'h>>,
    options: Options,
}

impl<'h> BacktestParts<'h> {
    /// Goes through a history.
    pub fn new(history: &'h History, options: Options) -> Self {
        BacktestParts {
            tasks: tasks(history, &options),
            options,
        }
    }

    /// How many rounds are wanted.
    pub fn count(&self) -> u32 {
        u32::try_from(self.tasks.len()).unwrap_or(u32::MAX)
    }

    /// The predictions, as [`backtest`] makes them; but only those rounds are drawn that `keeper` does
    /// not have, and those are kept as they are finished.
    ///
    /// # Errors
    /// When one cannot be kept.
    pub fn predictions(
        &self,
        keeper: &dyn Keeper,
        observer: &dyn Observer,
    ) -> Result<Vec<Prediction>, Box<dyn Error + Send + Sync>> {
        observer.begin("predicting rounds", self.tasks.len() as u64);
        let numbered = (0..self.count()).into_par_iter().zip(&self.tasks);
        let predictions = numbered
            .map(|(number, task)| {
                let make = || Ok::<_, Box<dyn Error + Send + Sync>>(draw(task, &self.options));
                let drawn = kept::part(keeper, number, Drawn::from_bytes, make, Drawn::bytes);
                observer.advance(1);
                Ok(prediction(task, drawn?))
            })
            .collect();
        observer.end();
        predictions
    }
}

impl Parts for BacktestParts<'_> {
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError> {
        let task = self.tasks.get(number as usize);
        let task = task.ok_or_else(|| format!("there is no round {number} to be predicted"));
        let task = task.map_err(|why| RunError::Listener(why.into()))?;
        Ok(draw(task, &self.options).bytes())
    }
}

fn tasks<'a>(history: &'a History, options: &Options) -> Vec<Task<'a>> {
    let mut filter = Filter::default();
    let mut pools = PublishedPools::new(history);
    let mut last: BTreeMap<&str, Score> = BTreeMap::new();
    let mut tasks = Vec::new();
    for instant in history.rounds.chunk_by(|one, next| one.at == next.at) {
        let announced = instant.iter().map(|round| (round, pools.announce(round)));
        let announced: Vec<(&Round, Announcement<'_>)> = announced.collect();
        for (round, announcement) in &announced {
            if options.wants(round) {
                tasks.push(Task {
                    round,
                    announced: announcement.clone(),
                    forecast: filter.forecast(announcement),
                    persistence: last.get(type_of(round)).copied(),
                });
            }
        }
        let held: Vec<(Announcement<'_>, Held)> = announced
            .into_iter()
            .map(|(round, announcement)| {
                (
                    announcement,
                    Held {
                        cutoff: round.cutoff,
                        tie_break: round.tie_break,
                    },
                )
            })
            .collect();
        filter.learn(&held);
        for round in instant {
            last.insert(type_of(round), round.cutoff);
            pools.publish(round);
        }
    }
    tasks
}

/// What the replicates of a round come to: quantiles and score.
type Drawn = ([f64; LEVELS.len()], f64);

fn draw(task: &Task<'_>, options: &Options) -> Drawn {
    let mut stream = stream_of(options.seed, &task.announced);
    let cutoffs = task
        .forecast
        .replicates(options.replicates.max(1), &mut stream);
    let quantiles = LEVELS.map(|level| quantile(&cutoffs, level));
    let actual = f64::from(task.round.cutoff.0);
    (quantiles, hundredths(crps(&cutoffs, actual)))
}

fn prediction(task: &Task<'_>, (quantiles, crps): Drawn) -> Prediction {
    let round = task.round;
    Prediction {
        number: round.number.clone(),
        at: round.at,
        kind: round.kind,
        type_name: type_of(round).to_owned(),
        version: round.version.clone(),
        invitations: round.invitations,
        actual: round.cutoff,
        quantiles,
        persistence: task.persistence,
        crps,
    }
}
