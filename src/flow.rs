//! The whole way in one call, for programs that use the library: a plan is run, and its results are
//! looked at and written.
//! What happens on the way lives in the rooms; runs too large to keep in memory go through
//! [`study::run`](crate::study::run()) with a listener, as the command does.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use drawsim::Scenario;
//!
//! let results = Scenario::from_path("scenarios/stem-2023-07-05.toml")?.resolve()?.run()?;
//! for round in results.rounds() {
//!     println!("round {}: cut-off {:?}", round.plan.label, round.cutoff());
//! }
//! # let folder = tempfile::tempdir()?;
//! # let output = folder.path();
//! results.write(output)?; // the same files as the command
//! # let cutoffs: Vec<_> = results.rounds().map(|round| round.cutoff()).collect();
//! # assert_eq!(results.invitees().count(), 1_200);
//! # assert!(output.join("stem-2023-07-05/invitees.csv").is_file());
//! # Ok(())
//! # }
//! ```

use std::borrow::Cow;
use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant as Clock;

use rayon::prelude::*;

use crate::inputs::InputRecord;
use crate::interchange::columns::Field;
use crate::interchange::problem::Found;
use crate::interchange::{self, ReadError};
use crate::observe::{Observer, Silent};
use crate::output::results::RunFolder;
use crate::output::{Format, OutputError};
use crate::pool::Pool;
use crate::pool::columns::Ids;
use crate::report::REPORT;
use crate::rules::Candidate;
use crate::rules::validity::PROFILE_DAYS;
use crate::scenario::{Plan, RoundPlan};
use crate::shown;
use crate::shown::grouped;
use crate::study::population::is_of_arrival;
use crate::study::summary::figures_of;
use crate::study::{self, Detail, Held, Listener, Next, Replicate, RunError, Summary};
use crate::timeline::expiry;
use crate::units::{Instant, Score};

/// Why a plan could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The candidate file of the plan has problems.
    #[error(transparent)]
    Candidates(#[from] ReadError),
    /// The run itself stopped.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The candidates that a plan names a file for, with what the user should know about it; none
/// for a plan that makes its own.
///
/// # Errors
/// Every problem of the file at once.
pub fn candidates(
    plan: &Plan,
    observer: &dyn Observer,
) -> Result<Option<interchange::Read>, ReadError> {
    let Some(path) = &plan.pool.file else {
        return Ok(None);
    };
    let mut read = interchange::read_pool(path, &plan.rules[0].rules, observer)?;
    check(plan, path, &read)?;
    read.notices.extend(place_in_time(plan, &read.pool));
    Ok(Some(read))
}

/// What the user should know of when the candidates of a file submitted their profiles.
fn place_in_time(plan: &Plan, pool: &Pool) -> Vec<String> {
    let mut notices = Vec::new();
    // With how many of all it is so, where it is so with any.
    let mut tell = |holds: &dyn Fn(u32) -> bool, told: &dyn Fn(&str) -> String| {
        let rows = pool.submitted.iter().filter(|&&submitted| holds(submitted));
        let count = rows.count() as u64;
        if count > 0 {
            let all = grouped(pool.len() as u64);
            notices.push(told(&format!("{} of the {all} candidates", grouped(count))));
        }
    };
    if let Some(timeline) = &plan.timeline {
        let start = timeline.course.start;
        tell(
            &|submitted| expiry(submitted) <= start.seconds(),
            &|those| {
                format!(
                    "the profiles of {those} have expired by the start of the timeline, {PROFILE_DAYS} days \
                 after their submission; they take no part"
                )
            },
        );
        return notices;
    }
    let rounds = || {
        plan.rounds
            .iter()
            .map(|round| round.instruction.at.seconds())
    };
    let (first, last) = (rounds().min().unwrap_or(0), rounds().max().unwrap_or(0));
    tell(&|submitted| submitted > first, &|those| {
        format!(
            "{those} submit their profiles after the first round; they take part in those that come \
             later"
        )
    });
    tell(&|submitted| expiry(submitted) <= last, &|those| {
        format!(
            "{those} submitted {PROFILE_DAYS} days or more before the last round; without [timeline] \
             profiles do not expire, and they take part"
        )
    });
    if plan.replicates > 1 {
        notices.push(
            "the candidates of the file are the same in every replicate: without [timeline] \
             replicates differ in random tie-breaks alone"
                .to_owned(),
        );
    }
    notices
}

/// Whether the candidates of a file fit the timeline of a plan: everybody is there when it starts,
/// and nobody has the name of somebody who arrives.
fn check(plan: &Plan, path: &Path, read: &interchange::Read) -> Result<(), ReadError> {
    let Some(timeline) = &plan.timeline else {
        return Ok(());
    };
    let (pool, lines) = (&read.pool, &read.lines);
    let mut found = Found::default();
    let mut add = |row: usize, column: Field, message: &dyn Fn(&str) -> String| {
        found.add(|| {
            let message = message(&shown::quoted(&pool.id(row)));
            let problem = interchange::Problem::of_row(lines.of(row), message);
            problem.in_column(column.column().name)
        });
    };
    if let (Ids::Text(names), false) = (&pool.ids, timeline.arrivals.rates.is_empty()) {
        for row in (0..pool.len()).filter(|&row| is_of_arrival(&names[row])) {
            add(row, Field::CandidateId, &|id| {
                format!(
                    "{id} is what somebody who arrives is called: `arrival-` and a number are for \
                     those of `[timeline.arrivals]`; accepted is any other text, each once in a pool"
                )
            });
        }
    }
    let start = timeline.course.start;
    let later = (0..pool.len()).filter(|&row| pool.submitted[row] > start.seconds());
    for row in later {
        let submitted = Instant::from_seconds(pool.submitted[row]);
        add(row, Field::SubmittedAt, &|id| {
            format!(
                "candidate {id} submits a profile on {submitted}, after the start of the timeline, \
                 {start}: it begins with those who are in the pool by then, and arrivals come from \
                 `[timeline.arrivals]`; leave the candidate out, or let the timeline start later"
            )
        });
    }
    found.in_order().check(path, lines.unit)
}

impl Plan {
    /// Runs every replicate of the plan and keeps the results in memory: of a single replicate
    /// everything, of several the rounds and the invited (about 40 bytes an invitation).
    ///
    /// # Errors
    /// When a candidate file cannot be read, or the profile cannot give such candidates.
    pub fn run(&self) -> Result<Results, Error> {
        self.run_observed(&Silent)
    }

    /// As [`Plan::run`], telling an observer how far it is.
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run_observed(&self, observer: &dyn Observer) -> Result<Results, Error> {
        let started = Clock::now();
        let read = candidates(self, observer)?;
        let mut notices = self.notices.clone();
        let mut input = None;
        let given = read.map(|read| {
            notices.extend(read.notices);
            input = read.input;
            Arc::new(read.pool)
        });
        let detail = Detail::of(self.replicates);
        let mut keeper = Keeper {
            replicates: Vec::new(),
        };
        study::run(self, given.as_ref(), detail, &mut keeper, observer)?;
        (keeper.replicates.par_iter_mut()).for_each(|replicate| replicate.put_in_order(self));
        let mut summary = Summary::default();
        for replicate in &keeper.replicates {
            summary.add_figures(figures_of(self, replicate));
        }
        Ok(Results {
            plan: self.clone(),
            notices,
            input,
            replicates: keeper.replicates,
            summary,
            started,
        })
    }
}

/// Keeps every replicate that it hears of.
struct Keeper {
    replicates: Vec<Replicate>,
}

impl Listener for Keeper {
    fn replicate(
        &mut self,
        _: &Plan,
        replicate: &Replicate,
    ) -> Result<Next, Box<dyn StdError + Send + Sync>> {
        self.replicates.push(replicate.clone());
        Ok(Next::GoOn)
    }
}

/// What a plan gave.
#[derive(Debug)]
pub struct Results {
    plan: Plan,
    notices: Vec<String>,
    /// What was read of the candidates' file.
    input: Option<InputRecord>,
    replicates: Vec<Replicate>,
    summary: Summary,
    started: Clock,
}

/// How results are written; by default as the command does where it is not told otherwise. How much is
/// written of each replicate goes by what [`Plan::run`] keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Format of the tables.
    pub format: Format,
    /// Whether a result that is there already is replaced.
    pub force: bool,
    /// Whether `report.html`, the page with charts, is made.
    pub report: bool,
}

impl Default for WriteOptions {
    fn default() -> Self {
        WriteOptions {
            format: Format::default(),
            force: false,
            report: true,
        }
    }
}

/// A round of a replicate.
#[derive(Debug, Clone, Copy)]
pub struct Round<'a> {
    /// Number of the replicate, from 0.
    pub replicate: u32,
    /// The round as it was planned.
    pub plan: &'a RoundPlan,
    /// The round as it went.
    pub held: &'a Held,
}

impl Round<'_> {
    /// CRS score of the lowest-ranked candidate invited; none when nobody was.
    pub fn cutoff(&self) -> Option<Score> {
        self.held.outcome.cutoff
    }

    /// Candidates invited.
    pub fn invited(&self) -> usize {
        self.held.invited.len()
    }

    /// Submission time up to which candidates with the cut-off score were invited; none where
    /// fewer were invited than there were places, or the rule does not look at the time.
    pub fn tie_break(&self) -> Option<Instant> {
        self.held.outcome.tie_break
    }
}

/// A candidate who was invited.
#[derive(Debug, Clone)]
pub struct Invitee<'a> {
    /// Number of the replicate, from 0.
    pub replicate: u32,
    /// The round.
    pub round: &'a RoundPlan,
    /// Rank in the round, from 1.
    pub rank: u64,
    /// Name of the candidate in the pool.
    pub id: Cow<'a, str>,
    /// CRS score at the time of the round.
    pub score: Score,
    /// The candidate as it was in the round.
    pub candidate: Candidate,
}

impl Results {
    /// The plan that was run.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What the user should know about how the plan and its candidate file were read.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// The rounds of every replicate, in order.
    pub fn rounds(&self) -> impl Iterator<Item = Round<'_>> {
        self.replicates.iter().flat_map(move |replicate| {
            let rounds = self.plan.rounds.iter().zip(&replicate.rounds);
            rounds.map(|(plan, held)| Round {
                replicate: replicate.number,
                plan,
                held,
            })
        })
    }

    /// The invited of every round and replicate, in order of rank.
    pub fn invitees(&self) -> impl Iterator<Item = Invitee<'_>> {
        self.replicates.iter().flat_map(move |replicate| {
            let rounds = self.plan.rounds.iter().zip(&replicate.rounds);
            rounds.flat_map(move |(round, held)| {
                let rows = (1..).zip(&held.outcome.invited).zip(&held.invited);
                rows.map(move |((rank, &row), packed)| Invitee {
                    replicate: replicate.number,
                    round,
                    rank,
                    id: replicate.ids.name(row as usize),
                    score: Score(packed.score),
                    candidate: packed.candidate(),
                })
            })
        })
    }

    /// Figures over the replicates: mean, spread and quantiles by round and metric.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Everybody of a single replicate, those who arrived included; none for several.
    pub fn pool(&self) -> Option<&Pool> {
        match self.replicates.as_slice() {
            [only] => only.pool.as_deref(),
            _ => None,
        }
    }

    /// Writes the result folder `parent/NAME`, the same files as the command; the path of it.
    ///
    /// # Errors
    /// When the folder is there already or cannot be written.
    pub fn write(&self, parent: impl AsRef<Path>) -> Result<PathBuf, OutputError> {
        self.write_with(parent, WriteOptions::default())
    }

    /// As [`Results::write`], as the options say.
    ///
    /// # Errors
    /// When the folder is there already and not to be replaced, or cannot be written.
    pub fn write_with(
        &self,
        parent: impl AsRef<Path>,
        options: WriteOptions,
    ) -> Result<PathBuf, OutputError> {
        let WriteOptions {
            format,
            force,
            report,
        } = options;
        let detail = Detail::of(self.plan.replicates);
        let folder = RunFolder::create(parent.as_ref(), &self.plan, format, detail, force)?;
        let folder = folder.since(self.started).knowing(self.input.clone());
        let mut folder = folder.with_page(report.then_some(REPORT));
        for replicate in &self.replicates {
            folder.add(replicate)?;
        }
        Ok(folder.finish()?.path)
    }
}
