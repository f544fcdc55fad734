//! What was known before a date, and which past rounds took people away.
//! Whom they took is the population's to say.

use crate::history::{History, Kind, Round};
use crate::rules::categories;
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
