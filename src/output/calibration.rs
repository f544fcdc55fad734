//! The result folder of a calibration: the profile, its targets, arrivals and a scenario that uses
//! them; and the tables for the terminal.
//! Nothing is fitted here.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::json;

use crate::inputs::InputRecord;
use crate::output::folder::{PROFILE, SCENARIO};
use crate::output::manifest::Manifest;
use crate::output::rows::{BandArrivalsRow, CheckRow, TargetRow};
use crate::output::terminal::{Columns, Look};
use crate::output::{Format, OutputError, ResultFolder, terminal};
use crate::pool::{Band, Bands};
use crate::shown::lines_of;
use crate::study::calibrate::{Ages, Calibrated, CheckSummary, Checked, Options, Start, Tilt};
use crate::units::Date;

/// A calibration's result folder, claimed before the work begins.
#[derive(Debug)]
pub struct CalibrationFolder {
    folder: ResultFolder,
    inputs: Vec<InputRecord>,
    started: Clock,
}

/// What a calibration was asked for, as its files say it.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// The command, as typed.
    pub command: &'a str,
    /// The profile that was fitted.
    pub base: &'a str,
    /// What was fitted.
    pub options: &'a Options,
    /// Last day of the later rounds that were held, if any.
    pub check_until: Option<Date>,
}

impl CalibrationFolder {
    /// Begins the folder `parent/name` for a fit to `files`, of which `inputs` were read; none for the
    /// history that comes with the program.
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
        Ok(CalibrationFolder {
            folder: ResultFolder::create(parent, name, force, files)?,
            inputs,
            started,
        })
    }

    /// Writes all files and moves the folder to its place.
    ///
    /// # Errors
    /// When a file cannot be written or the folder cannot be moved.
    pub fn finish(
        mut self,
        asked: &Asked<'_>,
        calibrated: &Calibrated,
        checked: &[Checked],
    ) -> Result<PathBuf, OutputError> {
        let profile = calibrated.profile.to_toml(&remarks(asked, calibrated));
        self.folder.text(PROFILE, &profile)?;
        if let Some(start) = &calibrated.start {
            let scenario = scenario(asked, calibrated, start);
            self.folder.text(SCENARIO, &scenario)?;
        }
        let mut targets = self.folder.table::<TargetRow>(Format::Csv)?;
        for one in &calibrated.targets {
            targets.write(&TargetRow {
                target: Cow::from(one.target),
                group: Cow::from(&one.group),
                score: Cow::from(&one.score),
                source: Cow::from(&one.source),
                wanted: ten_thousandths(one.wanted),
                got: one.got.map(ten_thousandths),
                error: one.error().map(ten_thousandths),
                n: one.n,
            })?;
        }
        self.folder.complete(targets)?;
        let mut arrivals = self.folder.table::<BandArrivalsRow>(Format::Csv)?;
        for band in &calibrated.arrivals {
            arrivals.write(&BandArrivalsRow {
                band: Cow::from(format!("{}-{}", band.low, band.high)),
                days: band.days,
                pools: band.pools as u64,
                first: band.first,
                last: band.last,
                invited: ten_thousandths(band.invited),
                expired: ten_thousandths(band.expired),
                per_day: ten_thousandths(band.per_day),
            })?;
        }
        self.folder.complete(arrivals)?;
        if asked.check_until.is_some() {
            let mut rounds = self.folder.table::<CheckRow>(Format::Csv)?;
            for one in checked {
                rounds.write(&CheckRow {
                    round: Cow::from(&one.round.number),
                    at_utc: one.round.at,
                    kind: Cow::from(&one.round.type_name),
                    version: one.round.version.as_deref().map(Cow::from),
                    invitations: one.round.invitations,
                    actual: one.round.cutoff,
                    base: one.base,
                    drained: one.drained,
                    fitted: one.fitted,
                })?;
            }
            self.folder.complete(rounds)?;
        }
        let options = asked.options;
        self.folder.finish(&Manifest {
            command: "calibrate".to_owned(),
            name: options.name.clone(),
            title: calibrated.profile.title.clone(),
            scenario: json!({
                "profile": asked.base,
                "to": options.to.to_string(),
                "check_until": asked.check_until.map(|date| date.to_string()),
            }),
            seed: options.seed,
            replicates: 1,
            stop: None,
            unfilled: Vec::new(),
            rules: Vec::new(),
            inputs: self.inputs,
            wall_time: self.started.elapsed(),
        })
    }
}

/// Four decimals, so that files show no digits that mean nothing.
fn ten_thousandths(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// What the profile says of itself.
fn remarks(asked: &Asked<'_>, calibrated: &Calibrated) -> String {
    let Options { to, .. } = asked.options;
    let Ages {
        decline_days,
        missed,
        ..
    } = calibrated.ages;
    let mut text = format!(
        "A population profile fitted to published rounds and pools before {to}, the last pool being that of {}.\n\
         Made from the profile `{}` by drawsim {}:\n    {}\n\n\
         Segments keep the attributes of that profile. Changed are their weights, the weights of listed\n\
         occupations and the part tested in French within them, how submission times thin out ({decline_days} days)\n\
         and who is gone: {} rounds of the year before that pool and since then took the top of their groups, of\n\
         whom {:.0}% are there all the same. How well it fits stands in targets.csv. Logarithm of the factor of each group, at\n\
         450 points and for every 50 points more in the mean score of a segment:\n",
        calibrated.pool.as_of,
        asked.base,
        env!("CARGO_PKG_VERSION"),
        asked.command,
        calibrated.profile.drained.rounds.len(),
        100.0 * missed,
    );
    for (name, tilt) in &calibrated.tilts {
        let Tilt { level, slope } = tilt;
        if *tilt != Tilt::default() {
            writeln!(text, "    {name:<16} {level:+.3} {slope:+.3}").expect("a string takes text");
        }
    }
    text
}

/// A scenario that starts from the fitted pool, with the counted arrivals.
fn scenario(asked: &Asked<'_>, calibrated: &Calibrated, start: &Start) -> String {
    let pool = &calibrated.pool;
    let as_of = pool.as_of;
    let bands = |bands: &Bands| -> String {
        let low_end = calibrated.low_nominees.as_ref();
        let cut = low_end.map_or_else(|| bands.clone(), |low_end| low_end.cut(bands));
        let told = cut.0.iter().map(|band| {
            let Band { low, high, count } = band;
            format!("\"{low}-{high}\" = {count}")
        });
        format!("{{ {} }}", told.collect::<Vec<_>>().join(", "))
    };
    let arrive = calibrated.arrival_bands.total() > 0;
    let title = match arrive {
        true => format!("From the pool of {as_of}, with arrivals"),
        false => format!("From the pool of {as_of}"),
    };
    // As long as the name of a scenario may be.
    let name: String = asked.options.name.chars().take(74).collect();
    let mut text = format!(
        "# A start for scenarios of one's own, written by `{}`:\n{}\
         name = \"{name}-start\"\n\
         title = \"{title}\"\n\n\
         [pool]\nas_of = {as_of}\nprofile = \"profile.toml\"\nbands = {}\n",
        asked.command,
        contents(start, arrive, calibrated),
        bands(&pool.bands()),
    );
    write!(text, "\n[timeline]\nend = {}\n", start.end).expect("a string takes text");
    if arrive {
        // Bands are relative frequencies, here in hundredths of a person a day.
        let per_day = calibrated.arrivals_per_day;
        let digits = if per_day < 1.0 { 3 } else { 1 };
        write!(
            text,
            "\n[timeline.arrivals]\nper_day = {per_day:.digits$}\nbands = {}\nmix = \"profile\"\n",
            bands(&calibrated.arrival_bands)
        )
        .expect("a string takes text");
        if nominees_by_rounds(calibrated) {
            text.push_str("nominees = \"rounds\"\n");
        }
        if !calibrated.arrival_segments.is_empty() {
            let segments = calibrated.arrival_segments.iter();
            let segments = segments.map(|(name, pace)| (name.clone(), toml::Value::from(*pace)));
            let segments = toml::Value::Table(segments.collect());
            writeln!(text, "segments = {segments}").expect("a string takes text");
        }
    }
    let mut labels = BTreeSet::new();
    for one in &start.rounds {
        // Tables tell rounds apart by their labels, and numbers are cut short.
        let label = plain(&one.label);
        let others = (2..).map(|number| format!("{label} ({number})"));
        let mut names = std::iter::once(label.clone()).chain(others);
        let label = names
            .find(|name| labels.insert(name.clone()))
            .unwrap_or(label);
        let version = one.version.as_ref().map_or(String::new(), |version| {
            format!("version = \"{version}\"\n")
        });
        write!(
            text,
            "\n[[rounds]]\nat = {}\ntype = \"{}\"\n{version}invitations = {}\nlabel = \"{label}\"\n",
            one.at,
            one.type_name,
            one.invitations
        )
        .expect("a string takes text");
    }
    text
}

/// Whether the rounds may say how many nominees arrive: it takes some among arrivals.
fn nominees_by_rounds(calibrated: &Calibrated) -> bool {
    let bands = &calibrated.arrival_bands.0;
    bands.first().is_some_and(|band| band.count > 0)
}

/// What a scenario holds, as its remarks say it.
fn contents(start: &Start, arrive: bool, calibrated: &Calibrated) -> String {
    let (arrivals, mix) = match arrive {
        true => (
            "arrivals by band as counted from published pools",
            "In each band those arrive whom the profile has there, earlier rounds left aside (`mix`). ",
        ),
        false => (
            "in which nobody arrives, as no arrivals could be counted",
            "",
        ),
    };
    let more_french = !calibrated.arrival_segments.is_empty();
    let french = match arrive && more_french {
        true => {
            "French speakers are as many times more frequent among them as rounds in a row found new ones \
             (`segments`). "
        }
        false => "",
    };
    let nominees = match arrive && nominees_by_rounds(calibrated) {
        true => {
            "Between a round that takes nominees and the next pnp round as many arrive as that invites, and before a \
             general one no more than leave room for others (`nominees`). "
        }
        false => "",
    };
    let low = match calibrated.low_nominees {
        Some(_) => {
            "As few nominees stand in the lower bands above 600 points as the cut-off scores of past pnp rounds tell. "
        }
        None => "",
    };
    let next = match start.next {
        0 => "; no round after them, as none of the year before is of a type in force",
        _ => {
            ", and then one round of each type of the year before that is in force, as large as its last one was"
        }
    };
    let mut text = remark(&format!(
        "the fitted pool, {arrivals}, the published instructions since the pool's day{next}. {mix}{french}{nominees}{low}Rounds \
         along a time were not fitted: second rounds of a small group within weeks come out too low. To \
         compare policies, look at differences."
    ));
    if !start.left_out.is_empty() {
        let numbers: Vec<String> = start.left_out.iter().map(|number| plain(number)).collect();
        writeln!(
            text,
            "# Left out, as their type or version is not known for their day: {}.",
            numbers.join(", ")
        )
        .expect("a string takes text");
    }
    text
}

/// Text as remarks of lines that are not too long.
fn remark(text: &str) -> String {
    const WIDTH: usize = 108;
    let lines = lines_of(text.split(' ').map(str::to_owned), WIDTH);
    lines.iter().map(|line| format!("# {line}\n")).collect()
}

/// A round's number as a label inside quotes.
fn plain(number: &str) -> String {
    let fit = |c: &char| !c.is_control() && !matches!(c, '"' | '\\');
    let short: String = number.chars().filter(fit).take(40).collect();
    if short.trim().is_empty() {
        "published".to_owned()
    } else {
        short
    }
}

/// What was fitted, and how well, for the terminal.
pub fn text(calibrated: &Calibrated, look: &Look) -> String {
    let heads = [
        "target",
        "of",
        "figures",
        "mean wanted",
        "mean got",
        "mean error",
        "mean absolute error",
    ]
    .map(str::to_owned);
    let mut groups: Vec<(&str, &str)> = Vec::new();
    for one in &calibrated.targets {
        if !groups.contains(&(one.target, &one.group)) {
            groups.push((one.target, &one.group));
        }
    }
    groups.sort_by_key(|(target, _)| {
        let first = calibrated
            .targets
            .iter()
            .position(|one| one.target == *target);
        first.unwrap_or(usize::MAX)
    });
    let mut rows = Vec::new();
    for (target, group) in groups {
        let figures: Vec<(f64, f64)> = calibrated
            .targets
            .iter()
            .filter(|one| (one.target, &*one.group) == (target, group))
            .filter_map(|one| Some((one.wanted, one.got?)))
            .collect();
        if figures.is_empty() {
            continue;
        }
        let mean = |value: &dyn Fn(&(f64, f64)) -> f64| {
            figures.iter().map(value).sum::<f64>() / figures.len() as f64
        };
        let digits = if target.starts_with("share") { 4 } else { 1 };
        rows.push([
            target.to_owned(),
            group.to_owned(),
            figures.len().to_string(),
            format!("{:.digits$}", mean(&|pair| pair.0)),
            format!("{:.digits$}", mean(&|pair| pair.1)),
            format!("{:+.digits$}", mean(&|pair| pair.1 - pair.0)),
            format!("{:.digits$}", mean(&|pair| (pair.1 - pair.0).abs())),
        ]);
    }
    terminal::table(&heads, &rows).figure(6).text(look)
}

/// Errors of later rounds for a terminal, which may be narrow; where there is none as Markdown, which the
/// README holds.
pub fn check_table(summaries: &[CheckSummary], look: &Look) -> String {
    let rows: Vec<Vec<String>> = summaries
        .iter()
        .map(|one| {
            vec![
                one.group.clone(),
                one.rounds.to_string(),
                format!("{:.1}", one.base),
                format!("{:.1}", one.drained),
                format!("{:.1}", one.fitted),
            ]
        })
        .collect();
    let heads = [
        "type",
        "rounds",
        "profile as it comes",
        "earlier rounds' people gone",
        "fitted",
    ];
    if look.width.is_none() {
        return super::describe::markdown(&heads, &rows);
    }
    let mut table = Columns::new(&heads).spare(&[3]).figure(4);
    rows.into_iter().for_each(|row| table.row(row));
    table.text(look)
}
