//! A calibration from beginning to end: what is known before the date, the fit, the targets.
//! Each step lives in a module of its own.

use std::collections::BTreeSet;

use super::ages::Ages;
use super::arrivals::{BandArrivals, WINDOW_DAYS, arrivals, rate_and_bands};
use super::fit::fit;
use super::groups::{Groups, Pilot, Tilt};
use super::history::{before, days_between, left_out, long_ago, reckoned, rounds_from_year_before};
use super::nominees::LowEnd;
use super::pace::{pace, refills};
use super::scene::Scene;
use super::simulate::{
    Gone, MOST_PEOPLE, hold, kind_of, make, make_bands, rounds_with_pools, rules_of,
};
use super::start::{self, Start};
use super::targets::{self, Target};
use crate::history::{BANDS, History, Round, Snapshot};
use crate::observe::Observer;
use crate::pool::{Bands, Pool};
use crate::rules::Rules;
use crate::synthesis::drained::Drained;
use crate::synthesis::pilot::pilot;
use crate::synthesis::{ArrivalRate, Arrivals, Mix, Profile, SynthesisError};
use crate::units::{Date, Instant};

/// Days before the date whose rounds a profile is fitted to.
const MEMORY_DAYS: f64 = 730.0;
/// Days of simulated arrivals that the counted ones are compared with.
const SIMULATED_DAYS: u32 = 60;

/// What to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Rounds and pools before this day count.
    pub to: Date,
    /// Name of the fitted profile.
    pub name: String,
    /// Seed of the pilot and of the pools that the targets are measured on.
    pub seed: u64,
    /// Candidates of the pilot in each part of the profile.
    pub pilot: u32,
}

impl Options {
    /// Candidates of the pilot when nothing else is said.
    pub const PILOT: u32 = 2_048;
}

/// A fitted profile and how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    /// The profile.
    pub profile: Profile,
    /// One for each published figure.
    pub targets: Vec<Target>,
    /// Arrivals by band; empty with fewer than two pools.
    pub arrivals: Vec<BandArrivals>,
    /// Arrivals a day in all bands.
    pub arrivals_per_day: f64,
    /// Their bands.
    pub arrival_bands: Bands,
    /// Segments of French speakers and how many times as frequent they are among those who arrive as in
    /// the profile; empty where no rounds in a row tell.
    pub arrival_segments: Vec<(String, f64)>,
    /// How low nominees stand, as rounds of nominees tell; none where there are no such rounds, where they tell
    /// of no band, or where the profile has nobody for one.
    pub low_nominees: Option<LowEnd>,
    /// The pool that the profile is fitted to.
    pub pool: Snapshot,
    /// What the printed tie-breaks say of how old profiles are.
    pub ages: Ages,
    /// How much larger each group is than the base has it, by its name.
    pub tilts: Vec<(String, Tilt)>,
    /// The scenario that the pool starts; none without any round.
    pub start: Option<Start>,
    /// What lies long before the date, rounds that are left out or could not be held, and why nothing was
    /// made of them.
    pub notices: Vec<String>,
}

/// Why nothing was fitted.
#[derive(Debug, thiserror::Error)]
pub enum CalibrationError {
    /// No pool before the date.
    #[error(
        "no pool was published before {to}: {}; give a later --to or more snapshots",
        .first.map_or("there are none".to_owned(), |first| format!("the first is of {first}"))
    )]
    NoPool {
        /// The date.
        to: Date,
        /// Day of the first pool.
        first: Option<Date>,
    },
    /// A pool with nobody in it.
    #[error("the pool of {as_of}, the last before {to}, has nobody in it")]
    EmptyPool {
        /// The date.
        to: Date,
        /// Day of the pool.
        as_of: Date,
    },
    /// A pool with more people than are ever made for a fit.
    #[error("the pool of {as_of} has {people} people; at most {MOST_PEOPLE} can be fitted to")]
    LargePool {
        /// Day of the pool.
        as_of: Date,
        /// People in it.
        people: u64,
    },
    /// A date so late that the rules after it are not known.
    #[error(
        "--to {to} is too late: the points in force from {} are not known, and the scenario, which goes on for \
         {} days at least, would reach them; give --to {latest} at the latest",
        crate::rules::grid::UNTIL,
        start::LEAST_DAYS
    )]
    TooLate {
        /// The date.
        to: Date,
        /// The last date that can be given.
        latest: Date,
    },
    /// No rules for the pool's day.
    #[error("the rules of {0} are not known, so no pool of that day can be made")]
    NoRules(Date),
    /// A profile that cannot give such a pool.
    #[error(transparent)]
    Synthesis(#[from] SynthesisError),
}

/// Fits a profile to what was published before a date. The same history, profile and seed give the
/// same result on any number of threads.
///
/// # Errors
/// When no pool is known by then, its rules are not, or the profile cannot give it.
pub fn calibrate(
    history: &History,
    base: &Profile,
    options: &Options,
    observer: &dyn Observer,
) -> Result<Calibrated, CalibrationError> {
    let to = options.to;
    let known = before(history, to);
    let pool = known.snapshots.last().ok_or(CalibrationError::NoPool {
        to,
        first: history.snapshots.first().map(|pool| pool.as_of),
    })?;
    if pool.sum() == 0 {
        let as_of = pool.as_of;
        return Err(CalibrationError::EmptyPool { to, as_of });
    }
    if pool.sum() > MOST_PEOPLE {
        return Err(CalibrationError::LargePool {
            as_of: pool.as_of,
            people: pool.sum(),
        });
    }
    if let Some(latest) = start::latest().filter(|latest| *latest < to) {
        return Err(CalibrationError::TooLate { to, latest });
    }
    let date = Instant::start_of(to).ok_or(CalibrationError::NoRules(to))?;
    let counted = Instant::start_of(pool.as_of).ok_or(CalibrationError::NoRules(pool.as_of))?;
    let rules = rules_on(pool.as_of).ok_or(CalibrationError::NoRules(pool.as_of))?;

    let held = known.rounds.last();
    let held = held.and_then(|round| Instant::start_of(round.at.date()));
    let day = reckoned(date, held.map_or(counted, |held| held.max(counted)));
    let ages = Ages::fit(&known, &base.submission, day);
    let mut profile = base.clone();
    profile.name.clone_from(&options.name);
    profile.title = format!("{}, fitted to what was published before {to}", base.title);
    profile.submission.decline_days = ages.decline_days;

    let rounds: Vec<(&Round, &Snapshot)> = rounds_with_pools(&known)
        .into_iter()
        .filter(|(round, _)| days_between(day, round.at) <= MEMORY_DAYS)
        .collect();
    observer.begin("fitting", 3);
    let names: BTreeSet<&str> = rounds.iter().map(|(round, _)| &*round.type_name).collect();
    let parts = pilot(&profile, &rules, options.seed, options.pilot)?;
    let groups = Groups::new(&names, &parts, &rules, day.date());
    let pilots = pilots(&profile, &groups, &rounds, options)?;
    let scenes: Vec<Scene<'_>> = rounds
        .iter()
        .filter_map(|&(round, published)| {
            let rules = rules_of(round.at.date(), round)?;
            let (_, pilot) = pilots.iter().find(|(known, _)| same(known, &rules))?;
            let ages = (&profile.submission, ages.missed);
            Scene::new(&known, (round, published), &rules, pilot, ages)
        })
        .collect();
    observer.advance(1);
    let tilts = fit(&groups, &scenes, day);
    observer.advance(1);
    let invited: Vec<(&Scene<'_>, [f64; BANDS.len()])> = scenes
        .iter()
        .map(|scene| (scene, invited(scene, &scene.count(&tilts).members)))
        .collect();
    let mut profile = groups.apply(&profile, &tilts);
    profile.drained = Drained {
        missed: ages.missed,
        rounds: rounds_from_year_before(&known, counted),
    };
    let window = reckoned(date, counted).saturating_sub(WINDOW_DAYS * Instant::DAY);
    let arrivals = counted_arrivals(&known, &invited, &profile, window);
    let (arrivals_per_day, arrival_bands) = rate_and_bands(&arrivals);
    observer.advance(1);
    observer.end();

    let gone = Gone::Invited {
        missed: ages.missed,
    };
    let held = hold(&profile, gone, &known, &rounds, options.seed, observer);
    let made = make(&profile, gone, &known, pool, &rules, options.seed)?;
    let mut targets = targets::pool_bands(pool, Some(&made));
    targets.extend(targets::rounds(&rounds, &held));
    targets.extend(targets::ages(&ages, &rounds, &held));
    let mut arrival_segments = Vec::new();
    let simulated = |bands: &Bands| {
        let arriving = (arrivals_per_day, bands);
        simulated_arrivals(arriving, &profile, counted, options.seed, &rules)
    };
    let told = LowEnd::of(&known).filter(|low_end| {
        let [there, arriving] = [&pool.bands(), &arrival_bands].map(|bands| low_end.cut(bands));
        let own = Profile {
            drained: Drained::default(),
            ..profile.clone()
        };
        let fills = |profile, bands| fills(profile, bands, (counted, &rules), options.seed);
        there != pool.bands() && fills(&profile, &there) && fills(&own, &arriving)
    });
    let (low_nominees, made) = match told.map(|low_end| simulated(&low_end.cut(&arrival_bands))) {
        Some(Ok(made)) => (told, made),
        Some(Err(_)) | None => (None, simulated(&arrival_bands)?),
    };
    if let Some(made) = made {
        targets.extend(targets::arrivals(
            &arrivals,
            &made,
            f64::from(SIMULATED_DAYS),
        ));
        arrival_segments = more_french(&groups, &known, window, &made, &profile, &rules);
    }
    let start = Start::new(&known, pool, date, day);
    let late = |round: &&Round| days_between(day, round.at) <= MEMORY_DAYS;
    let mut notices = Vec::from_iter(long_ago(&known, pool, to));
    notices.extend(not_in_scenario(start.as_ref(), &arrivals, &arrival_bands));
    notices.extend(left_out(known.rounds.iter().filter(late), pool.as_of));
    let not_held = rounds.iter().zip(&held).filter(|(_, held)| held.is_none());
    notices.extend(not_held.map(|((round, _), _)| {
        format!(
            "round {} could not be held: the rules of its day are not known, or the profile cannot give its pool",
            round.number
        )
    }));
    Ok(Calibrated {
        profile,
        targets,
        arrivals,
        arrivals_per_day,
        arrival_bands,
        arrival_segments,
        low_nominees,
        pool: pool.clone(),
        ages,
        tilts: groups.names.iter().cloned().zip(tilts.0).collect(),
        start,
        notices,
    })
}

/// Why no scenario is written, or nobody arrives in it.
fn not_in_scenario(
    start: Option<&Start>,
    arrivals: &[BandArrivals],
    bands: &Bands,
) -> Option<String> {
    if start.is_none() {
        let why = "no scenario.toml is written: there is no round that it could hold";
        return Some(why.to_owned());
    }
    let why = match arrivals.first() {
        None => "arrivals are counted from two pools or more, and there is one",
        Some(_) => "by the pools that are compared, more left than came in every band",
    };
    (bands.total() == 0).then(|| format!("nobody arrives in scenario.toml: {why}"))
}

/// The rules of a day with the categories in force.
fn rules_on(date: Date) -> Option<Rules> {
    let nobody = Round {
        number: String::new(),
        at: Instant::start_of(date)?,
        kind: crate::history::Kind::General,
        type_name: "general".to_owned(),
        version: None,
        invitations: 0,
        cutoff: crate::units::Score(0),
        tie_break: None,
        pool_as_of: None,
        published_name: String::new(),
        note: None,
    };
    rules_of(date, &nobody)
}

fn same(one: &Rules, other: &Rules) -> bool {
    one.categories == other.categories && one.versions() == other.versions()
}

/// A pilot for each set of rules that the rounds were held under.
fn pilots(
    profile: &Profile,
    groups: &Groups,
    rounds: &[(&Round, &Snapshot)],
    options: &Options,
) -> Result<Vec<(Rules, Pilot)>, SynthesisError> {
    let mut pilots: Vec<(Rules, Pilot)> = Vec::new();
    for (round, _) in rounds {
        let Some(rules) = rules_of(round.at.date(), round) else {
            continue;
        };
        if !pilots.iter().any(|(known, _)| same(known, &rules)) {
            let parts = pilot(profile, &rules, options.seed, options.pilot)?;
            let pilot = Pilot::new(parts, groups);
            pilots.push((rules, pilot));
        }
    }
    Ok(pilots)
}

/// Those invited by a round, by band: the members above its cut-off, as many as it invited.
fn invited(scene: &Scene<'_>, members: &[f64]) -> [f64; BANDS.len()] {
    let total: f64 = members.iter().sum();
    let mut invited = [0.0; BANDS.len()];
    for (invited, members) in invited.iter_mut().zip(members) {
        if total > 0.0 {
            *invited = scene.round.invitations as f64 * members / total;
        }
    }
    invited
}

/// Arrivals over the pools from the beginning of the window on.
fn counted_arrivals(
    known: &History,
    invited: &[(&Scene<'_>, [f64; BANDS.len()])],
    profile: &Profile,
    window: Instant,
) -> Vec<BandArrivals> {
    let from = window.date();
    let pools: Vec<&Snapshot> = known
        .snapshots
        .iter()
        .filter(|pool| from <= pool.as_of)
        .collect();
    let (Some(first), Some(last)) = (pools.first(), pools.last()) else {
        return Vec::new();
    };
    let between: Vec<[f64; BANDS.len()]> = invited
        .iter()
        .filter(|(scene, _)| {
            let day = scene.round.at.date();
            first.as_of <= day && day < last.as_of
        })
        .map(|(_, counts)| *counts)
        .collect();
    arrivals(&pools, &between, &profile.submission)
}

/// The segments of French speakers, each with the pace at which their rounds since `window` found new
/// ones, beside the arrivals `made` by the simulator.
fn more_french(
    groups: &Groups,
    known: &History,
    window: Instant,
    made: &Pool,
    profile: &Profile,
    rules: &Rules,
) -> Vec<(String, f64)> {
    let Some((name, places)) = groups.french() else {
        return Vec::new();
    };
    let Some(kind) = kind_of(name, rules) else {
        return Vec::new();
    };
    let members = kind.members();
    let scored = made.eligibility.iter().zip(&made.score);
    let scores: Vec<u16> = scored
        .filter(|(eligibility, _)| members.have(*eligibility))
        .map(|(_, score)| *score)
        .collect();
    let days = f64::from(SIMULATED_DAYS);
    let Some(pace) = pace(&refills(known, name, window), &scores, days) else {
        return Vec::new();
    };
    let pace = (pace * 100.0).round() / 100.0;
    let segments = places
        .into_iter()
        .map(|place| &profile.segments[place].name);
    segments.map(|name| (name.clone(), pace)).collect()
}

/// Whether a profile has somebody for every band of a pool of that day.
fn fills(profile: &Profile, bands: &Bands, day: (Instant, &Rules), seed: u64) -> bool {
    let (is_empty, is_small) = (bands.total() == 0, bands.total() <= MOST_PEOPLE);
    is_empty || is_small && make_bands(profile, bands, day, seed).is_ok()
}

/// Who arrives in the simulator at that rate, in the days after `start`.
fn simulated_arrivals(
    (per_day, bands): (f64, &Bands),
    profile: &Profile,
    start: Instant,
    seed: u64,
    rules: &Rules,
) -> Result<Option<Pool>, SynthesisError> {
    if bands.total() == 0 {
        return Ok(None);
    }
    let arrivals = Arrivals {
        rates: vec![ArrivalRate {
            from: start,
            per_day,
        }],
        weekdays: [1.0; 7],
        months: [1.0; 12],
        profile: profile.clone(),
        bands: Some(bands.clone()),
        mix: Mix::Own,
        nominees: None,
    };
    let end = start.saturating_add(SIMULATED_DAYS * Instant::DAY);
    arrivals.generate(start, end, seed, 0, rules)
}
