//! The result folder of a backtest: one row per predicted round, and the summary.
//! Nothing is predicted or averaged here.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::{Value, json};

use crate::history::Kind;
use crate::inputs::InputRecord;
use crate::output::journal::{Journal, Key};
use crate::output::made::Made;
use crate::output::manifest::Manifest;
use crate::output::rows::{BacktestRow, BacktestSummaryRow};
use crate::output::terminal::{Columns, Look};
use crate::output::{Format, OutputError, Page, ResultFolder};
use crate::study::backtest::{HEADER, Options, Prediction, Summary, cells, markdown};
use crate::units::Date;

/// The summary for a terminal, which may be narrow; as Markdown where there is none.
pub fn text(summaries: &[Summary], look: &Look) -> String {
    if look.width.is_none() {
        return markdown(summaries);
    }
    let mut table = Columns::new(&HEADER).spare(&[4, 8, 3]).figure(2);
    cells(summaries).for_each(|row| table.row(row));
    table.text(look)
}

/// A backtest's result folder, claimed before the work begins.
#[derive(Debug)]
pub struct BacktestFolder {
    folder: ResultFolder,
    name: String,
    inputs: Vec<InputRecord>,
    started: Clock,
}

impl BacktestFolder {
    /// Begins the folder `parent/name` for predictions made from `files`, of which `inputs` were read;
    /// none for the history that comes with the program.
    ///
    /// # Errors
    /// When it is there already and not to be replaced, or cannot be written.
    pub fn create(
        parent: &Path,
        name: &str,
        force: bool,
        files: &[PathBuf],
        inputs: Vec<InputRecord>,
    ) -> Result<Self, OutputError> {
        let started = Clock::now();
        Ok(BacktestFolder {
            folder: ResultFolder::create(parent, name, force, files)?,
            name: name.to_owned(),
            inputs,
            started,
        })
    }

    /// The backtest with these options and `inputs` that stands at `parent/name`, if one does.
    pub fn made(
        parent: &Path,
        name: &str,
        options: &Options,
        inputs: &[InputRecord],
    ) -> Option<Made> {
        let facts = [
            ("command", "backtest".into()),
            ("seed", options.seed.into()),
            ("replicates", options.replicates.into()),
            ("scenario", days(options)),
            ("inputs", inputs.iter().map(InputRecord::to_json).collect()),
        ];
        Made::find(parent, name, &facts, &[])
    }

    /// Has this page made from the folder's files when they are whole.
    #[must_use]
    pub fn with_page(mut self, page: Option<Page>) -> Self {
        self.folder.with_page(page);
        self
    }

    /// Opens the journal of the predictions; see [`ResultFolder::journal`].
    ///
    /// # Errors
    /// When it cannot be written, or what is to be resumed is another backtest.
    pub fn journal(&self, options: &Options, resume: bool) -> Result<Journal, OutputError> {
        let options = format!("{options:?}");
        let inputs = self.inputs.iter().map(|input| input.sha256.as_str());
        let key = Key::new(["backtest", options.as_str()].into_iter().chain(inputs));
        self.folder.journal(key, resume)
    }

    /// Writes both tables and moves the folder to its place.
    ///
    /// # Errors
    /// When a file cannot be written or the folder cannot be moved.
    pub fn finish(
        mut self,
        options: &Options,
        predictions: &[Prediction],
        summaries: &[Summary],
    ) -> Result<PathBuf, OutputError> {
        let mut rounds = self.folder.table::<BacktestRow>(Format::Csv)?;
        for prediction in predictions {
            rounds.write(&row(prediction))?;
        }
        self.folder.complete(rounds)?;
        let mut summary = self.folder.table::<BacktestSummaryRow>(Format::Csv)?;
        for one in summaries {
            summary.write(&summary_row(one))?;
        }
        self.folder.complete(summary)?;
        self.folder.finish(&Manifest {
            command: "backtest".to_owned(),
            name: self.name,
            title: "Past rounds predicted one step ahead".to_owned(),
            scenario: days(options),
            seed: options.seed,
            replicates: options.replicates,
            stop: None,
            unfilled: Vec::new(),
            rules: Vec::new(),
            inputs: self.inputs,
            wall_time: self.started.elapsed(),
        })
    }
}

/// First and last day predicted, as the manifest tells them.
fn days(options: &Options) -> Value {
    let day = |date: Option<Date>| date.map(|date| date.to_string());
    json!({ "from": day(options.from), "to": day(options.to) })
}

fn row(one: &Prediction) -> BacktestRow<'_> {
    let [p05, p25, predicted, p75, p95] = one.quantiles;
    BacktestRow {
        round: Cow::from(&one.number),
        at_utc: one.at,
        kind: (one.kind != Kind::Unknown).then(|| Cow::from(&one.type_name)),
        version: one.version.as_deref().map(Cow::from),
        invitations: one.invitations,
        actual: one.actual,
        predicted,
        p05,
        p25,
        p75,
        p95,
        persistence: one.persistence,
        error: hundredths(one.error()),
        crps: one.crps,
    }
}

fn summary_row(one: &Summary) -> BacktestSummaryRow<'_> {
    BacktestSummaryRow {
        kind: Cow::from(&one.group),
        rounds: one.rounds as u64,
        mae: ten_thousandths(one.mae),
        bias: ten_thousandths(one.bias),
        mae_with_predecessor: one.mae_with_predecessor.map(ten_thousandths),
        persistence_mae: one.persistence_mae.map(ten_thousandths),
        coverage_50: ten_thousandths(one.coverage_50),
        coverage_90: ten_thousandths(one.coverage_90),
        crps: ten_thousandths(one.crps),
    }
}

/// Scores are predicted to hundredths of a point.
fn hundredths(value: f64) -> f64 {
    (value * 1e2).round() / 1e2
}

/// Means keep two digits more than what they are means of.
fn ten_thousandths(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}
