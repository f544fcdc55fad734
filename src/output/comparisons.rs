//! The result folder of a comparison, and its table for the terminal.
//! What is compared is worked out in `study`.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::Value;

use crate::inputs::InputRecord;
use crate::output::journal::{Journal, Key};
use crate::output::made::{Made, inputs_of};
use crate::output::manifest::Manifest;
use crate::output::results::{decides, manifest};
use crate::output::rows::ComparisonRow;
use crate::output::shortfall::{self, Shortfall};
use crate::output::terminal::{Columns, Look, decimal, signed};
use crate::output::{Format, OutputError, ResultFolder, terminal};
use crate::scenario::Plan;
use crate::study::compare::{Comparison, Comparisons, Paired};
use crate::study::tally::Tally;

/// Opens the journal of a comparison's replicates; see [`ResultFolder::journal`]. `read` is what was
/// read of the candidates' file.
///
/// # Errors
/// When it cannot be written, or what is to be resumed is another comparison.
pub fn journal(
    folder: &ResultFolder,
    plans: &[Plan],
    read: Option<&InputRecord>,
    resume: bool,
) -> Result<Journal, OutputError> {
    let mut all = vec!["compare".to_owned()];
    for plan in plans {
        all.extend(decides(plan, read)?);
    }
    folder.journal(Key::new(all.iter().map(String::as_str)), resume)
}

/// The comparison of these very plans that stands in the folder `parent`, if one does.
pub fn made(parent: &Path, plans: &[Plan]) -> Option<Made> {
    let facts = [
        ("command", "compare".into()),
        ("seed", plans[0].seed.into()),
        ("scenario", scenarios(plans)),
    ];
    Made::find(parent, &folder_name(&plans[0]), &facts, &inputs_of(plans))
}

/// What the manifest tells of the plans.
fn scenarios(plans: &[Plan]) -> Value {
    plans.iter().map(|plan| plan.resolved.clone()).collect()
}

/// Writes the tables of `folder`, named [`folder_name`], and moves it to its place. `read` is what was
/// read of the candidates' file.
///
/// # Errors
/// When the folder cannot be written or moved.
pub fn write(
    mut folder: ResultFolder,
    plans: &[Plan],
    read: Option<&InputRecord>,
    found: &Comparisons,
    format: Format,
    started: Clock,
) -> Result<PathBuf, OutputError> {
    let base = &plans[0];
    let mut writer = folder.table::<ComparisonRow>(format)?;
    for comparison in &found.comparisons {
        for (figure, paired) in &comparison.figures {
            if paired.difference.is_empty() || nobody(paired) && figure.value.is_some() {
                continue;
            }
            let interval = paired.interval();
            writer.write(&ComparisonRow {
                base: Cow::Borrowed(&base.name),
                other: Cow::Borrowed(&comparison.other),
                metric: Cow::Borrowed(&figure.metric),
                value: figure.value.as_deref().map(Cow::Borrowed),
                base_mean: paired.base.mean(),
                other_mean: paired.other.mean(),
                difference: paired.difference.mean(),
                ci_low: interval.map(|(low, _)| low),
                ci_high: interval.map(|(_, high)| high),
                replicates: paired.difference.len(),
            })?;
        }
    }
    folder.complete(writer)?;
    folder.finish(&Manifest {
        name: folder_name(base),
        unfilled: unfilled(plans, &found.invited),
        ..manifest("compare", base, plans, scenarios(plans), read, started)?
    })
}

/// The name of the folder that a comparison with this base is written to.
pub fn folder_name(base: &Plan) -> String {
    format!("{}-compared", base.name)
}

/// Each policy, the base first, whose rounds could not all be filled.
fn unfilled(plans: &[Plan], invited: &[Vec<Tally>]) -> Vec<Shortfall> {
    let of = |(plan, invited): (&Plan, &Vec<Tally>)| {
        let name = format!("policy {}", plan.name);
        Shortfall::of(name, plan, invited.iter().map(Some))
    };
    plans.iter().zip(invited).filter_map(of).collect()
}

/// A line for each policy, the base first, whose rounds could not all be filled.
pub fn shortfalls(plans: &[Plan], invited: &[Vec<Tally>]) -> String {
    terminal::lines(&shortfall::lines(
        &unfilled(plans, invited),
        plans[0].replicates,
    ))
}

/// Groups that nobody belongs to under either policy are left out of files.
fn nobody(paired: &Paired) -> bool {
    paired.base.quantile(1.0) == Some(0.0) && paired.other.quantile(1.0) == Some(0.0)
}

/// The figures that matter most, one table for each policy.
pub fn text(base: &Plan, comparisons: &[Comparison], look: &Look) -> String {
    const SHOWN: [&str; 15] = [
        "cutoff_score",
        "invited",
        "invited by round type",
        "mean_score",
        "share_french_speakers",
        "share_women",
        "share_work_in_canada",
        "median_wait_days",
        "expired_uninvited",
        "gained",
        "lost",
        "invited by category",
        "invited by program",
        "invited by first_language",
        "invited by gender",
    ];
    let heads = [
        "figure",
        "of",
        "base",
        "other",
        "difference",
        "95% interval",
    ];
    let mut text = String::new();
    for comparison in comparisons {
        let mut table = Columns::new(&heads).spare(&[2, 3]).figure(4);
        let mut fewest = u64::from(base.replicates);
        for name in SHOWN {
            for (figure, paired) in comparison
                .figures
                .iter()
                .filter(|(figure, _)| figure.metric == name)
            {
                if paired.difference.is_empty() || nobody(paired) && figure.value.is_some() {
                    continue;
                }
                let digits = if name.starts_with("share") { 4 } else { 1 };
                let number = |value: Option<f64>| {
                    value.map_or_else(|| "-".to_owned(), |v| decimal(v, digits))
                };
                let interval = paired.interval().map_or_else(
                    || "-".to_owned(),
                    |(low, high)| format!("{} to {}", signed(low, digits), signed(high, digits)),
                );
                let difference = paired.difference.mean();
                let replicates = paired.difference.len();
                let mark = if replicates < u64::from(base.replicates) {
                    " *"
                } else {
                    ""
                };
                fewest = fewest.min(replicates);
                table.row([
                    format!("{}{mark}", figure.metric),
                    figure.value.clone().unwrap_or_default(),
                    number(paired.base.mean()),
                    number(paired.other.mean()),
                    difference.map_or_else(|| "-".to_owned(), |v| signed(v, digits)),
                    interval,
                ]);
            }
        }
        let title = format!("{} against {}", comparison.other, base.name);
        text.push_str(&format!("{}\n\n", look.heading(&title)));
        text.push_str(&table.text(look));
        if fewest < u64::from(base.replicates) {
            text.push_str(&format!(
                "  * fewer replicates, the fewest {fewest}: those in which both policies have the figure\n"
            ));
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;
    use crate::study::compare::Figure;

    #[test]
    fn rows_that_rest_on_fewer_replicates_are_marked() {
        let scenario = Scenario::from_path("scenarios/stem-2023-07-05.toml").unwrap();
        let mut base = scenario.resolve().unwrap();
        base.replicates = 3;
        let of = |value: &str, replicates: u32| {
            let mut paired = Paired::default();
            for _ in 0..replicates {
                paired.base.add(500.0);
                paired.other.add(501.0);
                paired.difference.add(1.0);
            }
            let figure = Figure {
                metric: "cutoff_score".to_owned(),
                value: Some(value.to_owned()),
            };
            (figure, paired)
        };
        let shown = |figures: Vec<(Figure, Paired)>| {
            let other = "other".to_owned();
            text(&base, &[Comparison { other, figures }], &Look::default())
        };
        let whole = shown(vec![of("stem", 3)]);
        assert!(!whole.contains('*'), "{whole}");
        let marked = shown(vec![of("stem", 3), of("trade", 2)]);
        for part in ["cutoff_score * ", "trade", "fewest 2:"] {
            assert!(marked.contains(part), "{marked}");
        }
        assert_eq!(marked.matches('*').count(), 2, "{marked}");
    }
}
