//! The chances of one candidate as a table for the terminal, and as a result folder.
//! They are worked out in `study`.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Instant as Clock;

use serde::Serialize;
use serde_json::json;

use crate::inputs::InputRecord;
use crate::output::results::manifest;
use crate::output::rows::OddsRow;
use crate::output::terminal::Look;
use crate::output::{Destination, OutputError, terminal};
use crate::scenario::Plan;
use crate::shown::counted;
use crate::study::odds::{Chance, Probe};

/// Which candidate was asked about, as it was asked; the manifest keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Asked<'a> {
    /// Its score, where it was described.
    pub score: Option<u16>,
    /// The types of rounds that rank it besides general ones, where it was described.
    pub types: &'a [String],
    /// The file that it is a row of.
    pub file: Option<String>,
    /// What was read of that file.
    #[serde(skip)]
    pub read: Option<InputRecord>,
    /// Its `candidate_id`, where one was named.
    pub id: Option<&'a str>,
}

/// The name of the folder that the odds under this scenario are written to.
pub fn folder_name(plan: &Plan) -> String {
    format!("{}-odds", plan.name)
}

/// Writes `NAME-odds` and moves it to its place when it is whole. `read` is what was read of the file
/// of the pool's candidates.
///
/// # Errors
/// When the folder is there already and not to be replaced, or cannot be written.
pub fn write(
    to: Destination<'_>,
    plan: &Plan,
    read: Option<&InputRecord>,
    asked: &Asked<'_>,
    probe: &Probe,
    chances: &[Chance],
    started: Clock,
) -> Result<PathBuf, OutputError> {
    let mut folder = to.create(&folder_name(plan))?;
    let mut writer = folder.table::<OddsRow>(to.format)?;
    for ((round, chance), score) in plan.rounds.iter().zip(chances).zip(&probe.scores) {
        writer.write(&OddsRow {
            scenario: Cow::Borrowed(&plan.name),
            round: Cow::Borrowed(&round.label),
            at_utc: round.instruction.at,
            kind: Cow::Borrowed(&round.type_name),
            version: round.version.as_deref().map(Cow::Borrowed),
            takes_part: chance.takes_part,
            crs_score: score.filter(|_| chance.takes_part),
            chance_here: chance.here,
            chance: chance.by_now,
            ci_low: chance.interval.0,
            ci_high: chance.interval.1,
            replicates: chance.replicates,
        })?;
    }
    folder.complete(writer)?;
    let scenario = json!({
        "scenario": plan.resolved,
        "candidate": {
            "asked": asked,
            "submitted": probe.submitted,
            "scores": probe.scores.iter().map(|score| score.map(|score| score.0)).collect::<Vec<_>>(),
        },
    });
    let mut manifest = manifest("odds", plan, [plan], scenario, read, started)?;
    let is_new = |read: &&InputRecord| manifest.inputs.iter().all(|known| known.path != read.path);
    let of_candidate = asked.read.iter().find(is_new).cloned();
    manifest.inputs.extend(of_candidate);
    folder.finish(&manifest)
}

/// The rounds that rank the candidate, a line each, and what becomes of it in the end.
pub fn text(plan: &Plan, probe: &Probe, chances: &[Chance], look: &Look) -> String {
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let heads = [
        "round",
        "type",
        "date",
        "score",
        "in this round",
        "by then",
        "95% interval",
    ];
    let lines = plan.rounds.iter().zip(chances).zip(&probe.scores);
    let rows: Vec<[String; 7]> = lines
        .filter(|((_, chance), _)| chance.takes_part)
        .map(|((round, chance), score)| {
            [
                round.label.clone(),
                terminal::round_title(round),
                round.instruction.at.date().to_string(),
                score.map_or_else(|| "-".to_owned(), |score| score.to_string()),
                percent(chance.here),
                percent(chance.by_now),
                format!(
                    "{} to {}",
                    percent(chance.interval.0),
                    percent(chance.interval.1)
                ),
            ]
        })
        .collect();
    let profile = format!(
        "Profile submitted {}, valid until {}.\n",
        terminal::long_time(probe.submitted),
        terminal::long_time(probe.expires())
    );
    if rows.is_empty() {
        return format!(
            "{profile}No round of the scenario ranks such a candidate while the profile is valid.\n"
        );
    }
    let table = terminal::table(&heads.map(str::to_owned), &rows);
    // A narrow place leaves out scores, then chances of single rounds.
    let mut text = table.spare(&[3, 4]).figure(5).text(look);
    if let Some(last) = chances.last() {
        let never = 1.0 - last.by_now;
        text.push_str(&format!(
            "\n{profile}Not invited by any of these rounds: {} ({} to {}).\n{}; intervals are Wilson's.\n",
            percent(never),
            percent(1.0 - last.interval.1),
            percent(1.0 - last.interval.0),
            counted(last.replicates, "replicate")
        ));
    }
    text
}
