//! What a result folder holds, as far as the report shows it.
//! How files are read lives in `read`; what is drawn, in the modules of the charts.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use crate::output::manifest::{self, Contents, FileRecord};
use crate::output::rows::{BacktestRow, BacktestSummaryRow, ComparisonRow, RoundRow, SummaryRow};
use crate::output::shortfall::Shortfall;
use crate::shown::grouped;
use crate::units::{Instant, Score};

use super::ReportError;
use super::labels::Slugs;
use super::read::{all, check_tables, each_row};

/// Dimensions that the report shows.
pub const SHOWN: [&str; 7] = [
    "score_band",
    "category",
    "education",
    "first_language",
    "age_band",
    "occupation_group",
    "citizenship",
];

/// Verbs whose results the report does not show.
const UNSHOWN: [&str; 2] = ["history import", "calibrate"];

/// What the manifest says.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Facts {
    /// Version of the program that made the folder.
    pub version: String,
    /// The verb.
    pub command: String,
    /// Name of the run.
    pub name: String,
    /// What a reader calls it.
    pub title: String,
    /// Seed.
    pub seed: u64,
    /// Replicates.
    pub replicates: u32,
    /// Rules used: since when in the run, and of which date.
    pub rules: Vec<RulesUsed>,
    /// Files read.
    pub inputs: Vec<Input>,
    /// Its tables.
    pub files: Vec<FileRecord>,
    /// Policies whose rounds could not all be filled.
    #[serde(default)]
    pub unfilled: Vec<Shortfall>,
    /// The scenario as resolved, or several.
    pub scenario: Value,
}

/// Rules that a run used.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RulesUsed {
    /// Since when in the run.
    pub from: String,
    /// The date whose rules they are.
    pub rules_of: String,
    /// Categories in force.
    pub categories: Vec<String>,
}

/// A file that a run read.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Input {
    /// Its path as given.
    pub path: String,
    /// Its hash.
    pub sha256: String,
}

/// A group at each stage of a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name; none for the candidates for whom it is not known.
    pub value: Option<String>,
    /// In the pool before the round.
    pub before: u64,
    /// Invited.
    pub invited: u64,
}

/// Exact scores of a group in a round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scores {
    /// `pool`, `program` or `category`.
    pub dimension: String,
    /// Program or category.
    pub value: Option<String>,
    /// How many have which score, in rising order of it.
    pub counts: Vec<ScoreCount>,
}

/// How many of a group have a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScoreCount {
    /// The score.
    pub score: u16,
    /// In the pool before the round.
    pub before: u64,
    /// Ranked by the round.
    pub eligible: u64,
    /// Invited.
    pub invited: u64,
}

/// A round of the first replicate, with what is known over the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// The `id` of its part of the page, and the first part of the names of its pictures.
    pub id: String,
    /// Its row of the table.
    pub row: RoundRow<'static>,
    /// Groups by dimension, in the order of the file; empty where nothing was counted.
    pub groups: Vec<(String, Vec<Group>)>,
    /// Exact scores by group; empty where nothing was counted.
    pub scores: Vec<Scores>,
    /// Cut-off scores of all replicates, and how many had each.
    pub cutoffs: BTreeMap<u16, u64>,
    /// How many replicates there are.
    pub replicates: u32,
    /// Figures over replicates by metric; empty for a single one.
    pub summary: Vec<SummaryRow<'static>>,
}

impl Round {
    /// Groups of a dimension; empty where nothing was counted.
    pub fn groups(&self, dimension: &str) -> &[Group] {
        self.groups
            .iter()
            .find(|(name, _)| name == dimension)
            .map_or(&[], |(_, groups)| groups)
    }

    /// The median of a figure over replicates, when there are several, or else what it is in the
    /// only one.
    pub fn median(
        &self,
        metric: &str,
        only: impl Fn(&RoundRow<'static>) -> Option<f64>,
    ) -> Option<f64> {
        match self.over_replicates(metric) {
            Some(over) => over.median,
            None => only(&self.row),
        }
    }

    /// The cut-off score, as [`Round::median`].
    pub fn cutoff(&self) -> Option<f64> {
        self.median("cutoff_score", |row| Some(f64::from(row.cutoff_score?.0)))
    }

    /// How many it invited, as [`Round::median`].
    pub fn invited(&self) -> Option<f64> {
        self.median("invited", |row| Some(row.invited as f64))
    }

    /// A figure over replicates, when there are several, however many of them have it.
    pub fn over_replicates(&self, metric: &str) -> Option<&SummaryRow<'static>> {
        self.summary.iter().find(|row| row.metric == metric)
    }

    /// In how many of the replicates it has a cut-off score, where not in all: `3 of 8`.
    pub fn part_with_cutoff(&self) -> Option<String> {
        let over = self.over_replicates("cutoff_score")?;
        let is_part = over.replicates < u64::from(self.replicates);
        is_part.then(|| {
            format!(
                "{} of {}",
                grouped(over.replicates),
                grouped(self.replicates)
            )
        })
    }
}

/// A result folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Results {
    /// The manifest.
    pub facts: Facts,
    /// Rounds in order of time.
    pub rounds: Vec<Round>,
    /// How many all rounds of a replicate invited, for each replicate.
    pub invited: Vec<u64>,
    /// Differences between policies.
    pub comparison: Vec<ComparisonRow<'static>>,
    /// A figure over the combinations of a sweep.
    pub sweep: Vec<Swept>,
    /// The chances of one candidate.
    pub odds: Vec<Chance>,
    /// Predicted rounds.
    pub backtest: Vec<BacktestRow<'static>>,
    /// How good the predictions were.
    pub backtest_summary: Vec<BacktestSummaryRow<'static>>,
}

/// A figure of a round under one combination of the swept keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Swept {
    /// Each swept key with its value.
    pub keys: Vec<(String, String)>,
    /// The figure.
    pub figure: SweptFigure,
}

/// What a sweep's table says of a round and metric.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SweptFigure {
    /// Number of the round.
    pub round: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What is measured.
    pub metric: String,
    /// Mean over replicates.
    pub mean: Option<f64>,
    /// 5th percentile over replicates.
    pub p05: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
}

/// The chance of one candidate up to a round.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Chance {
    /// Number of the round.
    pub round: String,
    /// When it is held.
    pub at_utc: Instant,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Score of the candidate; empty when it takes no part.
    pub crs_score: Option<Score>,
    /// Share of replicates in which this round is the first to invite.
    pub chance_here: f64,
    /// Share of replicates in which it or an earlier one invites.
    pub chance: f64,
    /// Lower end of the 95% interval of `chance`.
    pub ci_low: f64,
    /// Upper end of it.
    pub ci_high: f64,
}

/// The cut-offs of a sweep, or its first metric where it has none.
fn sweep(folder: &Path) -> Result<Vec<Swept>, ReportError> {
    let mut rows: Vec<Swept> = Vec::new();
    each_row(
        folder,
        "sweep",
        |_| true,
        |figure: SweptFigure, cells| {
            rows.push(Swept {
                keys: cells.before("scenario"),
                figure,
            });
        },
    )?;
    let cutoffs = |row: &Swept| row.figure.metric == "cutoff_score";
    let first = match rows.iter().find(|row| cutoffs(row)).or(rows.first()) {
        Some(row) => row.figure.metric.clone(),
        None => return Ok(rows),
    };
    rows.retain(|row| row.figure.metric == first);
    Ok(rows)
}

#[derive(Deserialize)]
struct CountCells {
    round: String,
    stage: String,
    dimension: String,
    value: Option<String>,
    count: u64,
}

#[derive(Deserialize)]
struct ScoreCells {
    round: String,
    dimension: String,
    value: Option<String>,
    score: Score,
    pool_before: u64,
    eligible: u64,
    invited: u64,
}

impl Results {
    /// Reads a result folder.
    ///
    /// # Errors
    /// When it is none, or a file of it cannot be read or does not hold what it should.
    pub fn read(folder: &Path) -> Result<Self, ReportError> {
        let facts = facts(folder)?;
        let (rounds, invited) = rounds(folder, facts.replicates)?;
        let results = Results {
            rounds,
            invited,
            comparison: all(folder, "comparison")?,
            sweep: sweep(folder)?,
            odds: all(folder, "odds")?,
            backtest: all(folder, "backtest")?,
            backtest_summary: all(folder, "backtest_summary")?,
            facts,
        };
        check_tables(folder, &results.facts.files)?;
        Ok(results)
    }

    /// The median over replicates of how many all rounds invited.
    pub fn invited_in_all(&self) -> Option<f64> {
        let mut sums = self.invited.clone();
        sums.sort_unstable();
        let upper = *sums.get(sums.len() / 2)? as f64;
        let lower = sums[(sums.len() - 1) / 2] as f64;
        Some((lower + upper) / 2.0)
    }

    /// Whether several replicates were run.
    pub fn is_replicated(&self) -> bool {
        self.facts.replicates > 1
    }
}

fn facts(folder: &Path) -> Result<Facts, ReportError> {
    let path = folder.join("manifest.json");
    if !path.is_file() {
        let path = folder.to_owned();
        return Err(match folder.exists() {
            true => ReportError::NoResult { path },
            false => ReportError::NoFolder { path },
        });
    }
    let text = manifest::read(&path).map_err(|source| ReportError::Io {
        path: path.clone(),
        source,
    })?;
    let damaged = |error| ReportError::damaged(&path, error);
    let contents: Contents = serde_json::from_str(&text).map_err(damaged)?;
    if UNSHOWN.contains(&contents.command.as_str()) {
        return Err(ReportError::NoReport {
            path: folder.to_owned(),
            command: contents.command,
            tables: contents.files.into_iter().map(|file| file.path).collect(),
        });
    }
    serde_json::from_str(&text).map_err(damaged)
}

fn rounds(folder: &Path, replicates: u32) -> Result<(Vec<Round>, Vec<u64>), ReportError> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut invited: BTreeMap<u32, u64> = BTreeMap::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut slugs = Slugs::default();
    each_row(
        folder,
        "rounds",
        |_| true,
        |row: RoundRow<'static>, _| {
            let all = invited.entry(row.replicate).or_default();
            *all = all.saturating_add(row.invited);
            if row.replicate == 0 {
                places.insert(row.round.to_string(), rounds.len());
                let id = format!("round-{}", slugs.give(&row.round));
                rounds.push(Round {
                    id,
                    row: row.clone(),
                    groups: Vec::new(),
                    scores: Vec::new(),
                    cutoffs: BTreeMap::new(),
                    replicates,
                    summary: Vec::new(),
                });
            }
            if let Some(&place) = places.get(row.round.as_ref())
                && let Some(cutoff) = row.cutoff_score
            {
                *rounds[place].cutoffs.entry(cutoff.0).or_default() += 1;
            }
        },
    )?;
    each_row(
        folder,
        "summary",
        |_| replicates > 1,
        |row: SummaryRow<'static>, _| {
            if let Some(&place) = places.get(row.round.as_ref()) {
                rounds[place].summary.push(row);
            }
        },
    )?;
    each_row(
        folder,
        "distribution",
        |cells| {
            cells.get("replicate") == "0"
                && SHOWN.contains(&cells.get("dimension"))
                && matches!(cells.get("stage"), "pool_before" | "invited")
        },
        |row: CountCells, _| {
            if let Some(&place) = places.get(&row.round) {
                add_count(&mut rounds[place].groups, row);
            }
        },
    )?;
    each_row(
        folder,
        "scores",
        |cells| cells.get("replicate") == "0",
        |row: ScoreCells, _| {
            let Some(&place) = places.get(&row.round) else {
                return;
            };
            let scores = &mut rounds[place].scores;
            let known = scores
                .iter_mut()
                .rev()
                .find(|known| known.dimension == row.dimension && known.value == row.value);
            let count = ScoreCount {
                score: row.score.0,
                before: row.pool_before,
                eligible: row.eligible,
                invited: row.invited,
            };
            match known {
                Some(known) => known.counts.push(count),
                None => scores.push(Scores {
                    dimension: row.dimension,
                    value: row.value,
                    counts: vec![count],
                }),
            }
        },
    )?;
    for round in &mut rounds {
        for scores in &mut round.scores {
            scores.counts.sort_by_key(|count| count.score);
        }
    }
    Ok((rounds, invited.into_values().collect()))
}

fn add_count(groups: &mut Vec<(String, Vec<Group>)>, row: CountCells) {
    let place = groups
        .iter()
        .rposition(|(name, _)| *name == row.dimension)
        .unwrap_or_else(|| {
            groups.push((row.dimension, Vec::new()));
            groups.len() - 1
        });
    let of = &mut groups[place].1;
    let place = of
        .iter()
        .rposition(|group| group.value == row.value)
        .unwrap_or_else(|| {
            of.push(Group {
                value: row.value,
                before: 0,
                invited: 0,
            });
            of.len() - 1
        });
    match row.stage.as_str() {
        "invited" => of[place].invited = row.count,
        _ => of[place].before = row.count,
    }
}
