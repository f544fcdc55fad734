//! The result folder of a run: hears of each replicate, in order, and writes its rows.
//! Columns are described in `rows`; nothing is simulated here.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::Value;

use crate::inputs::{Input, InputRecord};
use crate::output::journal::{Journal, Key};
use crate::output::manifest::{Manifest, RulesRecord};
use crate::output::rows::{DistributionRow, InviteeRow, RoundRow, ScoreRow, SummaryRow};
use crate::output::{Format, OutputError, Page, ResultFolder, TableWriter};
use crate::pool::Eligibility;
use crate::pool::groups::{Dimension, ScoreGroup};
use crate::pool::memberships::memberships;
use crate::rules::candidate::{FirstLanguage, Gender};
use crate::rules::invitations;
use crate::rules::{Program, Rules, countries, noc};
use crate::scenario::{Plan, RoundPlan};
use crate::study::census::STAGES;
use crate::study::summary::{Metric, Precision, Summary, figures_of};
use crate::study::tally::Tally;
use crate::study::{Detail, Held, Listener, Next, Replicate};

/// A run's result folder on its way.
pub struct RunFolder<'p> {
    plan: &'p Plan,
    folder: ResultFolder,
    rounds: TableWriter,
    invitees: Option<TableWriter>,
    counts: Option<(TableWriter, TableWriter)>,
    format: Format,
    summary: Summary,
    precision: Option<Precision>,
    replicates: u32,
    first: Vec<Held>,
    read: Option<InputRecord>,
    started: Clock,
}

/// What is known once the folder is whole.
#[derive(Debug)]
pub struct Finished {
    /// Where it stands.
    pub path: PathBuf,
    /// Replicates that were run.
    pub replicates: u32,
    /// The rounds of the first replicate.
    pub first: Vec<Held>,
    /// Figures over all replicates.
    pub summary: Summary,
}

impl<'p> RunFolder<'p> {
    /// Begins the folder `parent/NAME` for the plan's results.
    ///
    /// # Errors
    /// When it is there already and not to be replaced, or cannot be written.
    pub fn create(
        parent: &Path,
        plan: &'p Plan,
        format: Format,
        detail: Detail,
        force: bool,
    ) -> Result<Self, OutputError> {
        let mut folder = ResultFolder::create(parent, &plan.name, force, &plan.input_paths())?;
        let rounds = folder.table::<RoundRow>(format)?;
        let invitees = match detail {
            Detail::Rounds | Detail::First => None,
            Detail::Everything => Some(folder.table::<InviteeRow>(format)?),
        };
        let counts = match detail {
            Detail::Rounds => None,
            Detail::First | Detail::Everything => Some((
                folder.table::<DistributionRow>(format)?,
                folder.table::<ScoreRow>(format)?,
            )),
        };
        let (summary, first) = (Summary::default(), Vec::new());
        Ok(RunFolder {
            plan,
            folder,
            rounds,
            invitees,
            counts,
            format,
            summary,
            precision: None,
            replicates: 0,
            first,
            read: None,
            started: Clock::now(),
        })
    }

    /// Opens the journal of the replicates; see [`ResultFolder::journal`].
    ///
    /// # Errors
    /// When it cannot be written, or what is to be resumed is another run.
    pub fn journal(&self, detail: Detail, resume: bool) -> Result<Journal, OutputError> {
        self.journal_of(["run".to_owned(), format!("{detail:?}")], resume)
    }

    /// Opens the journal of one replicate that is spread over parts of so many chunks.
    ///
    /// # Errors
    /// As [`RunFolder::journal`].
    pub fn journal_of_parts(&self, chunks: u32, resume: bool) -> Result<Journal, OutputError> {
        self.journal_of(["spread".to_owned(), chunks.to_string()], resume)
    }

    fn journal_of(&self, parts: [String; 2], resume: bool) -> Result<Journal, OutputError> {
        let mut decides = decides(self.plan, self.read.as_ref())?;
        decides.extend(parts);
        let key = Key::new(decides.iter().map(String::as_str));
        self.folder.journal(key, resume)
    }

    /// See [`ResultFolder::is_broken_off`].
    pub fn is_broken_off(&self) -> bool {
        self.folder.is_broken_off()
    }

    /// Stops the run once the figure is as precise as wanted.
    #[must_use]
    pub fn until(mut self, precision: Option<Precision>) -> Self {
        self.precision = precision;
        self
    }

    /// Knows what was read of the candidates' file.
    #[must_use]
    pub fn knowing(mut self, read: Option<InputRecord>) -> Self {
        self.read = read;
        self
    }

    /// Counts the wall time from when the run began, where that was before the folder was.
    #[must_use]
    pub fn since(mut self, started: Clock) -> Self {
        self.started = started;
        self
    }

    /// Writes a replicate's rows and counts it; replicates come in order.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn add(&mut self, replicate: &Replicate) -> Result<(), OutputError> {
        self.summary.add_figures(figures_of(self.plan, replicate));
        self.write(replicate)?;
        self.replicates += 1;
        if replicate.number == 0 {
            self.first.clone_from(&replicate.rounds);
        }
        Ok(())
    }

    /// Has this page made from the folder's files when they are whole.
    #[must_use]
    pub fn with_page(mut self, page: Option<Page>) -> Self {
        self.folder.with_page(page);
        self
    }

    /// Writes what is counted over all replicates, and moves the folder to its place.
    ///
    /// # Errors
    /// When a file cannot be written or the folder cannot be moved.
    pub fn finish(mut self) -> Result<Finished, OutputError> {
        self.folder.complete(self.rounds)?;
        if let Some(invitees) = self.invitees {
            self.folder.complete(invitees)?;
        }
        if let Some((distribution, scores)) = self.counts {
            self.folder.complete(distribution)?;
            self.folder.complete(scores)?;
        }
        let mut writer = self.folder.table::<SummaryRow>(self.format)?;
        for (round, tallies) in self.plan.rounds.iter().zip(self.summary.rounds()) {
            for (metric, tally) in tallies {
                writer.write(&summary_row(self.plan, round, *metric, tally))?;
            }
        }
        self.folder.complete(writer)?;
        let plan = self.plan;
        let (scenario, read) = (plan.resolved.clone(), self.read.as_ref());
        let path = self.folder.finish(&Manifest {
            replicates: self.replicates,
            stop: self.precision,
            ..manifest("run", plan, [plan], scenario, read, self.started)?
        })?;
        Ok(Finished {
            path,
            replicates: self.replicates,
            first: self.first,
            summary: self.summary,
        })
    }

    fn write(&mut self, replicate: &Replicate) -> Result<(), OutputError> {
        for (round, held) in self.plan.rounds.iter().zip(&replicate.rounds) {
            self.rounds
                .write(&round_row(self.plan, replicate.number, round, held))?;
        }
        let details = DetailWriter {
            plan: self.plan,
            replicate,
        };
        if let Some(invitees) = &mut self.invitees {
            details.invitees(invitees)?;
        }
        if let Some((distribution, scores)) = &mut self.counts {
            details.distribution(distribution)?;
            details.scores(scores)?;
        }
        Ok(())
    }
}

impl Listener for RunFolder<'_> {
    fn replicate(
        &mut self,
        _: &Plan,
        replicate: &Replicate,
    ) -> Result<Next, Box<dyn Error + Send + Sync>> {
        self.add(replicate)?;
        let enough = self
            .precision
            .is_some_and(|precision| self.summary.is_precise(precision));
        Ok(if enough { Next::Enough } else { Next::GoOn })
    }
}

/// All that decides a replicate of a plan, as text: the number of replicates is none of it. `read` is
/// what was read of the candidates' file.
///
/// # Errors
/// When that file was not read, and cannot be now.
pub fn decides(plan: &Plan, read: Option<&InputRecord>) -> Result<Vec<String>, OutputError> {
    let mut scenario = plan.resolved.clone();
    if let Some(keys) = scenario.as_object_mut() {
        keys.shift_remove("replicates");
    }
    let mut decides = vec![
        plan.name.clone(),
        plan.seed.to_string(),
        scenario.to_string(),
    ];
    // The scenario itself comes first, and counts by what it resolves to.
    for input in plan.inputs.iter().skip(1) {
        decides.push(record(input, read)?.sha256);
    }
    Ok(decides)
}

/// What is told of an input: what was read of it, `read` if that is of this file. Only candidates whom a
/// program has read by itself are looked for in their file again.
fn record(input: &Input, read: Option<&InputRecord>) -> Result<InputRecord, OutputError> {
    match input.record(read) {
        Some(record) => Ok(record.clone()),
        None => InputRecord::of(&input.path)
            .map_err(|error| OutputError::io("read", &input.path, error)),
    }
}

/// What was read of the files of some plans, each told once; `read` is what was read of the candidates'
/// file.
///
/// # Errors
/// When that file was not read, and cannot be now.
fn records<'a>(
    plans: impl IntoIterator<Item = &'a Plan>,
    read: Option<&InputRecord>,
) -> Result<Vec<InputRecord>, OutputError> {
    let mut records: Vec<InputRecord> = Vec::new();
    for input in plans.into_iter().flat_map(|plan| &plan.inputs) {
        let path = input.path.display().to_string();
        if !records.iter().any(|known| known.path == path) {
            records.push(record(input, read)?);
        }
    }
    Ok(records)
}

/// The rules of some plans, each stretch of the same told once. Among the tables are those that go by
/// the date of each round.
fn rules<'a>(plans: impl IntoIterator<Item = &'a Plan>) -> Vec<RulesRecord> {
    let mut rules: Vec<RulesRecord> = Vec::new();
    for plan in plans {
        for (place, period) in plan.rules.iter().enumerate() {
            let mut tables = period.rules.versions().to_vec();
            let held = plan.rounds.iter();
            let held = held.filter(|round| plan.period_at(round.instruction.at) == place);
            for version in held.flat_map(|round| invitations::versions(round.instruction.at.date()))
            {
                if !tables.contains(&version) {
                    tables.push(version);
                }
            }
            let categories = period.rules.categories.iter();
            let record = RulesRecord {
                from: period.from,
                date: period.rules.date,
                categories: categories
                    .map(|key| format!("{} {}", key.name, key.version))
                    .collect(),
                tables,
            };
            if !rules.contains(&record) {
                rules.push(record);
            }
        }
    }
    rules
}

/// What a result of the verb `command` was made by and from: `plans` are run, and `base` is what was read
/// first, one of them or what they were made from; `scenario` is what is told of them. `read` is what was
/// read of the candidates' file.
///
/// # Errors
/// When that file was not read, and cannot be now.
pub fn manifest<'a>(
    command: &str,
    base: &'a Plan,
    plans: impl IntoIterator<Item = &'a Plan> + Clone,
    scenario: Value,
    read: Option<&InputRecord>,
    started: Clock,
) -> Result<Manifest, OutputError> {
    let all = std::iter::once(base).chain(plans.clone());
    Ok(Manifest {
        command: command.to_owned(),
        name: base.name.clone(),
        title: base.title.clone(),
        scenario,
        seed: base.seed,
        replicates: base.replicates,
        stop: None,
        unfilled: Vec::new(),
        rules: rules(plans),
        inputs: records(all, read)?,
        wall_time: started.elapsed(),
    })
}

/// A round of a replicate as a row.
pub(super) fn round_row<'a>(
    plan: &'a Plan,
    replicate: u32,
    round: &'a RoundPlan,
    held: &Held,
) -> RoundRow<'a> {
    let outcome = &held.outcome;
    let invited = outcome.invited.len() as u64;
    RoundRow {
        scenario: Cow::Borrowed(&plan.name),
        replicate,
        round: Cow::Borrowed(&round.label),
        at_utc: round.instruction.at,
        kind: Cow::Borrowed(&round.type_name),
        version: round.version.as_deref().map(Cow::Borrowed),
        pool_size: outcome.pool_size,
        eligible: outcome.eligible,
        invitations: round.instruction.invitations,
        invited,
        rank_required: (invited > 0).then_some(invited),
        cutoff_score: outcome.cutoff,
        tie_break_utc: outcome.tie_break,
        tied_at_cutoff: outcome.tied_at_cutoff,
        tied_invited: outcome.tied_invited,
        mean_score: held.scores.map(|scores| scores.mean),
        median_score: held.scores.map(|scores| scores.median),
        max_score: held.scores.map(|scores| scores.max),
    }
}

fn summary_row<'a>(
    plan: &'a Plan,
    round: &'a RoundPlan,
    metric: Metric,
    tally: &Tally,
) -> SummaryRow<'a> {
    SummaryRow {
        scenario: Cow::Borrowed(&plan.name),
        round: Cow::Borrowed(&round.label),
        metric: Cow::Borrowed(metric.name()),
        mean: tally.mean(),
        sd: tally.sd(),
        se: tally.se(),
        p05: tally.quantile(0.05),
        p25: tally.quantile(0.25),
        median: tally.quantile(0.5),
        p75: tally.quantile(0.75),
        p95: tally.quantile(0.95),
        replicates: tally.len(),
    }
}

/// Writes the details of one replicate.
struct DetailWriter<'a> {
    plan: &'a Plan,
    replicate: &'a Replicate,
}

impl DetailWriter<'_> {
    fn rules(&self) -> &Rules {
        &self.plan.rules[0].rules
    }

    fn invitees(&self, writer: &mut TableWriter) -> Result<(), OutputError> {
        let mut names = BTreeMap::new();
        for (round, held) in self.plan.rounds.iter().zip(&self.replicate.rounds) {
            let standing = self.plan.standing_at(round.instruction.at);
            for ((rank, &row), packed) in (1..).zip(&held.outcome.invited).zip(&held.invited) {
                let candidate = packed.candidate();
                let eligibility = packed.eligibility & standing;
                let [programs, categories]: &[String; 2] = names
                    .entry(eligibility)
                    .or_insert_with(|| memberships(eligibility, self.rules()));
                writer.write(&InviteeRow {
                    scenario: Cow::Borrowed(&self.plan.name),
                    replicate: self.replicate.number,
                    round: Cow::Borrowed(&round.label),
                    rank,
                    candidate_id: self.replicate.ids.name(row as usize),
                    crs_score: crate::units::Score(packed.score),
                    submitted_at: candidate.submitted_at,
                    age: candidate.age,
                    education: candidate.education,
                    canadian_education: candidate.canadian_education,
                    first_language: Some(candidate.first_language)
                        .filter(|&named| named != FirstLanguage::Best),
                    english_level: candidate.english.lowest(),
                    french_level: candidate.french.lowest(),
                    canadian_work_years: candidate.canadian_work_years,
                    foreign_work_years: candidate.foreign_work_years,
                    accompanying_spouse: candidate.accompanying_spouse,
                    provincial_nomination: candidate.provincial_nomination,
                    noc: noc::code(candidate.noc).map(Cow::Borrowed),
                    noc_title: noc::title(candidate.noc).map(Cow::Borrowed),
                    teer: noc::teer(candidate.noc),
                    noc_in_canada: candidate.noc_in_canada,
                    citizenship: countries::code(candidate.citizenship).map(Cow::Borrowed),
                    gender: Some(candidate.gender).filter(|&gender| gender != Gender::Unstated),
                    programs: Cow::Borrowed(programs),
                    categories: Some(categories.as_str())
                        .filter(|text| !text.is_empty())
                        .map(Cow::Borrowed),
                })?;
            }
        }
        Ok(())
    }

    fn distribution(&self, writer: &mut TableWriter) -> Result<(), OutputError> {
        let rules = self.rules();
        for (round, held) in self.plan.rounds.iter().zip(&self.replicate.rounds) {
            let Some(counts) = &held.stages else { continue };
            let standing = self.plan.standing_at(round.instruction.at);
            for &dimension in Dimension::ALL {
                for value in 0..dimension.values() {
                    let is_past = dimension == Dimension::Category
                        && standing & Eligibility::category_bit(value) == 0;
                    if is_past || counts[0].of(dimension)[value] == 0 {
                        continue;
                    }
                    let label = dimension.label(value, rules);
                    for (stage, counts) in STAGES.into_iter().zip(counts) {
                        let count = counts.of(dimension)[value];
                        writer.write(&DistributionRow {
                            scenario: Cow::Borrowed(&self.plan.name),
                            replicate: self.replicate.number,
                            round: Cow::Borrowed(&round.label),
                            stage: Cow::Borrowed(stage),
                            dimension: Cow::Borrowed(dimension.name()),
                            value: label.as_deref().map(Cow::Borrowed),
                            count,
                            share: (counts.total() > 0)
                                .then(|| count as f64 / counts.total() as f64),
                        })?;
                    }
                }
            }
        }
        Ok(())
    }

    fn scores(&self, writer: &mut TableWriter) -> Result<(), OutputError> {
        let groups = score_groups(self.rules());
        for (round, held) in self.plan.rounds.iter().zip(&self.replicate.rounds) {
            let Some(stages) = &held.stages else { continue };
            let standing = self.plan.standing_at(round.instruction.at);
            for &(group, dimension, value) in &groups {
                if let ScoreGroup::Category(place) = group
                    && standing & Eligibility::category_bit(place) == 0
                {
                    continue;
                }
                let [before, eligible, invited, after] =
                    stages.each_ref().map(|counts| counts.scores(group));
                for (score, &pool_before) in (0..).zip(before) {
                    if pool_before == 0 {
                        continue;
                    }
                    let place = usize::from(score);
                    writer.write(&ScoreRow {
                        scenario: Cow::Borrowed(&self.plan.name),
                        replicate: self.replicate.number,
                        round: Cow::Borrowed(&round.label),
                        dimension: Cow::Borrowed(dimension),
                        value: value.map(Cow::Borrowed),
                        score: crate::units::Score(score),
                        pool_before,
                        eligible: eligible[place],
                        invited: invited[place],
                        pool_after: after[place],
                    })?;
                }
            }
        }
        Ok(())
    }
}

/// The groups that exact scores are written of, with dimension and value.
fn score_groups(rules: &Rules) -> Vec<(ScoreGroup, &'static str, Option<&str>)> {
    let programs = Program::ALL.iter().enumerate();
    let categories = rules.categories.iter().enumerate();
    std::iter::once((ScoreGroup::Everybody, "pool", None))
        .chain(
            programs.map(|(place, program)| {
                (ScoreGroup::Program(place), "program", Some(program.name()))
            }),
        )
        .chain(categories.map(|(place, key)| {
            (
                ScoreGroup::Category(place),
                "category",
                Some(key.name.as_str()),
            )
        }))
        .collect()
}
