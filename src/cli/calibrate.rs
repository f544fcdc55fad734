//! `drawsim calibrate`: a profile fitted to what was published before a date.
//! How it is fitted is the study's.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::common::{Seed, Shared, date, look, print, shown_path};
use crate::cli::failure::Failure;
use crate::history::{Texts, published};
use crate::inputs::InputRecord;
use crate::output::calibration::{Asked, CalibrationFolder, check_table, text};
use crate::shown::as_argument;
use crate::study::calibrate::{Options, calibrate, check, check_summary};
use crate::synthesis::Profile;
use crate::units::Date;

/// Fit a population profile to the rounds and pools published before a date.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  drawsim calibrate --to 2024-07-01 --check 2024-12-31\n\nUse it in a scenario: profile = \"output/express-entry-2023-to-2024-07-01/profile.toml\" in [pool]."
)]
pub struct CalibrateArgs {
    /// Rounds to fit to instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "snapshots")]
    rounds: Option<PathBuf>,
    /// Pools to fit to instead of the published ones.
    #[arg(long, value_name = "FILE", requires = "rounds")]
    snapshots: Option<PathBuf>,
    /// The profile to begin with: a name, or the path of a profile file.
    #[arg(long, value_name = "PROFILE", default_value = "express-entry-2023")]
    profile: String,
    /// Only rounds and pools before this day count.
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Date,
    /// Also hold the later rounds up to this day with the fitted profile, and say how far off it is.
    #[arg(long, value_name = "DATE", value_parser = date)]
    check: Option<Date>,
    /// Name of the fitted profile and its folder; default: that of the profile, with the date.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its seed.
    #[command(flatten)]
    seed: Seed,
    /// The result goes to DIR/NAME/.
    #[arg(long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Replace a result folder that is there already.
    #[arg(long)]
    force: bool,
    /// Shared options.
    #[command(flatten)]
    pub shared: Shared,
}

/// Runs the verb.
///
/// # Errors
/// Bad files, a date without pools, a folder in the way (2), or a result that cannot be written (1).
pub fn run(args: &CalibrateArgs) -> Result<(), Failure> {
    if let Some(until) = args.check.filter(|until| *until < args.to) {
        return Err(Failure::input(format!(
            "--check {until} is earlier than --to {}: the rounds to be checked come after the fit",
            args.to
        )));
    }
    let (base, read) = profile(&args.profile)?;
    let profile_file = read.is_some().then(|| PathBuf::from(&args.profile));
    let files: Vec<PathBuf> = (args
        .rounds
        .iter()
        .chain(&args.snapshots)
        .chain(&profile_file))
    .cloned()
    .collect();
    let texts = match (&args.rounds, &args.snapshots) {
        (Some(rounds), Some(snapshots)) => {
            Some(Texts::from_files(rounds, snapshots).map_err(Failure::input)?)
        }
        _ => None,
    };
    let own = texts.as_ref().map(Texts::history).transpose();
    let own = own.map_err(Failure::input)?;
    let history = own.as_ref().unwrap_or_else(|| published());
    history
        .set_aside
        .iter()
        .for_each(|line| args.shared.notice(line));
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| format!("{}-to-{}", base.name, args.to));
    let options = Options {
        to: args.to,
        name,
        seed: args.seed.seed,
        pilot: Options::PILOT,
    };
    let inputs = texts.iter().flat_map(Texts::records).chain(read).collect();
    let folder = CalibrationFolder::create(&args.out, &options.name, args.force, &files, inputs)?;
    let observer = args.shared.observer();
    let calibrated = calibrate(history, &base, &options, &*observer).map_err(Failure::input)?;
    for notice in &calibrated.notices {
        args.shared.notice(notice);
    }
    let checked = args.check.map_or(Vec::new(), |until| {
        let profiles = (&base, &calibrated.profile);
        check(
            history,
            profiles,
            (args.to, until),
            args.seed.seed,
            &*observer,
        )
    });
    if let Some(until) = args.check.filter(|_| checked.is_empty()) {
        let (shared, from) = (&args.shared, args.to);
        shared.notice(&format!(
            "no round with its pool is known from {from} to {until}: --check has nothing to hold"
        ));
    }
    let command = command(args);
    let asked = Asked {
        command: &command,
        base: &args.profile,
        options: &options,
        check_until: args.check,
    };
    let path = folder.finish(&asked, &calibrated, &checked)?;
    let mut said = text(&calibrated, &look());
    if !checked.is_empty() {
        said.push_str("\nLater rounds, mean absolute error in points:\n\n");
        said.push_str(&check_table(&check_summary(&checked), &look()));
    }
    print(&format!("{said}\nResults: {}\n", shown_path(&path)))
}

/// The profile of that name or file, and what was read of the file.
fn profile(name: &str) -> Result<(Profile, Option<InputRecord>), Failure> {
    if let Some(profile) = Profile::builtin(name) {
        return Ok((profile, None));
    }
    let path = Path::new(name);
    if !name.contains(['/', '\\', '.']) {
        return Err(Failure::input(format!(
            "no profile is called `{}`; known are {}, or give the path of a profile file",
            name.escape_debug(),
            Profile::names().join(", ")
        )));
    }
    let text = std::fs::read(path)
        .map_err(|error| Failure::input(format!("{}: cannot be read: {error}", path.display())))?;
    let record = InputRecord::of_bytes(path, &text);
    let text = String::from_utf8(text)
        .map_err(|_| Failure::input(format!("{}: is not UTF-8 text", path.display())))?;
    match Profile::from_toml(&text, name) {
        Ok(profile) => Ok((profile, Some(record))),
        Err(problems) => {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            Err(Failure::input(lines.join("\n")))
        }
    }
}

/// The command as it could be typed again; threads and folders change nothing in the profile.
fn command(args: &CalibrateArgs) -> String {
    let mut command = "drawsim calibrate".to_owned();
    let mut add = |flag: &str, value: String| {
        command.push_str(&format!(" --{flag} {}", as_argument(&value)));
    };
    if let (Some(rounds), Some(snapshots)) = (&args.rounds, &args.snapshots) {
        add("rounds", rounds.display().to_string());
        add("snapshots", snapshots.display().to_string());
    }
    add("profile", args.profile.clone());
    add("to", args.to.to_string());
    if let Some(until) = args.check {
        add("check", until.to_string());
    }
    if let Some(name) = &args.name {
        add("name", name.clone());
    }
    add("seed", args.seed.seed.to_string());
    command
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Typed {
        #[command(flatten)]
        args: CalibrateArgs,
    }

    #[test]
    fn the_command_that_is_recorded_can_be_typed_again() {
        let typed = [
            "drawsim",
            "--rounds",
            "my rounds.csv",
            "--snapshots",
            "it's.csv",
            "--to",
            "2024-07-01",
            "--name",
            "mine",
            "--force",
        ];
        let recorded = command(&Typed::parse_from(typed).args);
        assert_eq!(
            recorded,
            "drawsim calibrate --rounds 'my rounds.csv' --snapshots 'it'\\''s.csv' \
             --profile express-entry-2023 --to 2024-07-01 --name mine --seed 1"
        );
    }

    #[test]
    fn a_seed_below_zero_is_refused_with_what_is_accepted() {
        let typed = ["drawsim", "--to", "2024-07-01", "--seed", "-1"];
        let refused = Typed::try_parse_from(typed).map(|_| ()).unwrap_err();
        let told = refused.to_string();
        assert!(
            told.contains("accepted are whole numbers from 0 to"),
            "{told}"
        );
    }
}
