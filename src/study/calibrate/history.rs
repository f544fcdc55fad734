//! What was known before a date, and which past rounds took people away.
//! Whom they took is the population's to say.

use crate::history::{History, Kind, Round};
use crate::rules::categories;
use crate::shown::{quoted, safe};
use crate::synthesis::drained::PastRound;
use crate::units::{Date, Instant};

/// The rounds held and the pools counted before `date` (its midnight UTC): all that a calibration
/// looks at.
pub fn before(history: &History, date: Date) -> History {
    let mut known = history.clone();
    known.rounds.retain(|round| round.at.date() < date);
    known.snapshots.retain(|pool| pool.as_of < date);
    known.set_aside.clear();
    known
}

/// Whether a round of this type can be held on a simulated pool.
pub fn is_simulated(round: &Round) -> bool {
    round.kind != Kind::Unknown
        && (matches!(
            round.type_name.as_str(),
            "general" | "pnp" | "cec" | "fsw" | "fst"
        ) || categories::versions(&round.type_name).next().is_some())
}

/// Whether a scenario can give the instructions of this round: its type is known, and the version of
/// its category was in force on its day.
pub fn is_named(round: &Round) -> bool {
    match round.kind {
        Kind::Unknown => false,
        Kind::General | Kind::Program => true,
        Kind::Category => round.version.as_deref().is_some_and(|version| {
            categories::find(&round.type_name, version)
                .is_some_and(|known| known.in_force(round.at.date()))
        }),
    }
}

/// What is said of those among `rounds` that cannot be held, and of those since `day` that no scenario
/// can give.
pub fn left_out<'a>(rounds: impl Iterator<Item = &'a Round>, day: Date) -> Vec<String> {
    rounds
        .filter_map(|round| {
            let is_since = round.at.date() >= day;
            let why = if !is_simulated(round) {
                "is of no type that is known: nothing is fitted to it, and arrivals are counted as \
                 if it had invited nobody"
            } else if is_since && !is_named(round) {
                "is of no version that was in force on its day"
            } else {
                return None;
            };
            let name = round.name().map_or("without a name".to_owned(), quoted);
            let scenario = match is_since {
                true => "; scenario.toml leaves it out",
                false => "",
            };
            let (number, on) = (safe(&round.number), round.at.date());
            Some(format!("round {number} of {on}, {name}, {why}{scenario}"))
        })
        .collect()
}

/// The rounds held before `at` in the year up to it that say who is gone; PNP rounds do not.
pub fn past_rounds(history: &History, at: Instant) -> Vec<PastRound> {
    let oldest = at.saturating_sub(365 * Instant::DAY);
    let held = history.rounds.iter();
    held.filter(|round| oldest < round.at && round.at < at)
        .filter(|round| is_simulated(round) && round.type_name != "pnp")
        .map(|round| PastRound {
            at: round.at,
            type_name: round.type_name.clone(),
            cutoff: round.cutoff,
            tie_break: round.tie_break,
        })
        .collect()
}

/// Days between two instants, the later first.
pub fn days_between(later: Instant, earlier: Instant) -> f64 {
    f64::from(later.seconds().saturating_sub(earlier.seconds())) / f64::from(Instant::DAY)
}
