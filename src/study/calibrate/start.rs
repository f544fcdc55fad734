//! The scenario that a fitted pool starts: when it ends and which rounds it holds.
//! How it is written is the output's.

use std::collections::BTreeMap;

use super::history::is_named;
use crate::history::{History, Snapshot};
use crate::rules::{categories, grid};
use crate::units::{Date, Instant};

/// Days of the scenario after the date.
const DAYS: u32 = 60;
/// Fewest of them, where the rules that are known end before: a round of each type has room.
pub const LEAST_DAYS: u32 = 30;
/// Hour (UTC) of the rounds that are no published ones.
const HOUR: u32 = 14;

/// Rounds from a pool on.
#[derive(Debug, Clone, PartialEq)]
pub struct Start {
    /// First day after the scenario.
    pub end: Date,
    /// The rounds held since the pool's day, then those that come next.
    pub rounds: Vec<StartRound>,
    /// How many of them are to come.
    pub next: usize,
    /// Numbers of the rounds held since the pool's day that no scenario can give.
    pub left_out: Vec<String>,
}

/// One round of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartRound {
    /// When it is held.
    pub at: Instant,
    /// Its type.
    pub type_name: String,
    /// Version of its category; none for the one in force.
    pub version: Option<String>,
    /// Invitations.
    pub invitations: u64,
    /// Its published number, or what it is.
    pub label: String,
}

/// The last date whose scenario is over before rules begin that are not known.
pub fn latest() -> Option<Date> {
    let end = Instant::start_of(grid::UNTIL)?;
    Some(end.saturating_sub(LEAST_DAYS * Instant::DAY).date())
}

impl Start {
    /// The rounds held from the pool's day on and before the date, then from the date on one of each
    /// type that is in force and was held in the year up to `reckoned`, as large as its last one; `None` without any.
    pub fn new(known: &History, pool: &Snapshot, date: Instant, reckoned: Instant) -> Option<Self> {
        let end = date.saturating_add(DAYS * Instant::DAY).date();
        let mut start = Start {
            end: end.min(grid::UNTIL),
            rounds: Vec::new(),
            next: 0,
            left_out: Vec::new(),
        };
        let mut last = BTreeMap::new();
        for one in &known.rounds {
            let is_since = one.at.date() >= pool.as_of;
            if !is_named(one) {
                start.left_out.extend(is_since.then(|| one.number.clone()));
                continue;
            }
            if one.invitations == 0 {
                continue;
            }
            if is_since {
                start.rounds.push(StartRound {
                    at: one.at,
                    type_name: one.type_name.clone(),
                    version: one.version.clone(),
                    invitations: one.invitations,
                    label: one.number.clone(),
                });
            }
            last.insert(one.type_name.as_str(), one);
        }
        let late = date.seconds().saturating_sub(reckoned.seconds());
        let mut before = date.saturating_add(HOUR * 3_600);
        for (name, one) in last {
            let at = before.saturating_add(Instant::DAY);
            let year_before = before
                .saturating_sub(late)
                .saturating_sub(365 * Instant::DAY);
            let in_force = one.version.is_none() || categories::in_force(name, at.date()).is_some();
            if one.at >= year_before && in_force {
                start.rounds.push(StartRound {
                    at,
                    type_name: name.to_owned(),
                    version: None,
                    invitations: one.invitations,
                    label: format!("next {name}"),
                });
                start.next += 1;
                before = at;
            }
        }
        (!start.rounds.is_empty()).then_some(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn start(to: &str) -> Start {
        let known = super::super::before(history::published(), date(to));
        let day = Instant::start_of(date(to)).unwrap();
        Start::new(&known, known.snapshots.last().unwrap(), day, day).unwrap()
    }

    #[test]
    fn a_type_whose_last_version_ends_before_its_turn_has_no_next_round() {
        let next = |to: &str| {
            let rounds = start(to).rounds.into_iter();
            rounds
                .filter(|one| one.label.starts_with("next "))
                .map(|one| (one.type_name, one.at.date().to_string()))
                .collect::<Vec<_>>()
        };
        // Transport was in force to 2025-02-26 and has its turn last, on the eighth day.
        let told = next("2025-02-18");
        let last = ("transport".to_owned(), "2025-02-26".to_owned());
        assert_eq!((told.len(), told.last()), (8, Some(&last)));
        let told = next("2025-02-19");
        assert!(told.iter().all(|(name, _)| name != "transport"), "{told:?}");
    }

    #[test]
    fn a_scenario_ends_where_the_rules_that_are_known_end() {
        assert_eq!(start("2025-08-20").end, date("2025-10-19"));
        assert_eq!(start("2026-10-04").end, grid::UNTIL);
        let latest = latest().unwrap();
        assert_eq!(latest, date("2026-10-04"));
        let types = categories::all().iter().map(|one| &*one.name);
        let types = types.collect::<std::collections::BTreeSet<_>>().len();
        // General rounds and four programs besides.
        assert!(types + 5 < LEAST_DAYS as usize, "{types} categories");
    }
}
