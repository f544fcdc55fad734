//! What was known before a date, and which past rounds took people away.
//! Whom they took is the population's to say.

use crate::history::{History, Kind, Round, Snapshot};
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

/// Longer than nothing was published between two of the pools that come with the program: 50 days from
/// 2022-11-22 on.
const PAUSE_DAYS: u32 = 61;

/// The day itself, or the end of the pause after `last` where nothing was published for longer: what is
/// counted back from a day far off would not meet what is known.
pub fn reckoned(day: Instant, last: Instant) -> Instant {
    day.min(last.saturating_add(PAUSE_DAYS * Instant::DAY))
}

/// What is said where the last pool or the last round lies long before the date.
pub fn long_ago(known: &History, pool: &Snapshot, to: Date) -> Option<String> {
    let days = |day: Date| (to - day).get_days();
    let is_old = |day: Date| days(day) > PAUSE_DAYS as i32;
    let round = known.rounds.last().map(|round| round.at.date());
    let as_of = pool.as_of;
    let last_round = match round {
        Some(day) if is_old(day) => format!("of {day}, {} days earlier", days(day)),
        Some(_) if is_old(as_of) => {
            return Some(format!(
                "the last pool known before {to} is of {as_of}, {} days earlier: bands and arrivals are \
                 those of that time",
                days(as_of)
            ));
        }
        Some(_) => return None,
        None => {
            return Some(format!(
                "no round is known before {to}: nothing is fitted to rounds, and nobody counts as invited"
            ));
        }
    };
    Some(if is_old(as_of) {
        format!(
            "the last pool known before {to} is of {as_of}, {} days earlier, and the last round {last_round}: \
             the profile, who is gone and who arrives are those of that time",
            days(as_of)
        )
    } else {
        format!("the last round known before {to} is {last_round}: nobody counts as invited since")
    })
}

/// The rounds held before `at` in the year up to it that say who is gone; PNP rounds do not.
pub fn past_rounds(history: &History, at: Instant) -> Vec<PastRound> {
    let held = rounds_from_year_before(history, at).into_iter();
    held.filter(|round| round.at < at).collect()
}

/// Those rounds and the later ones, which say who is gone from pools made for a later day.
pub fn rounds_from_year_before(history: &History, at: Instant) -> Vec<PastRound> {
    let oldest = at.saturating_sub(365 * Instant::DAY);
    let held = history.rounds.iter();
    held.filter(|round| oldest < round.at)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::published;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn every_date_up_to_a_published_pool_is_its_own_and_later_ones_are_held_up() {
        for pair in published().snapshots.windows(2) {
            let [last, next] =
                [&pair[0], &pair[1]].map(|one| Instant::start_of(one.as_of).unwrap());
            assert_eq!(reckoned(next, last), next, "{}", pair[0].as_of);
        }
        let at = |day: &str| Instant::start_of(date(day)).unwrap();
        let far = reckoned(at("2099-01-01"), at("2025-08-17"));
        assert_eq!(far, at("2025-10-17"));
    }

    #[test]
    fn a_pool_or_round_of_long_ago_is_told() {
        let told = |to: &str, change: &dyn Fn(&mut History)| {
            let mut known = before(published(), date(to));
            change(&mut known);
            let pool = known.snapshots.last().unwrap().clone();
            long_ago(&known, &pool, date(to))
        };
        let as_is = |_: &mut History| {};
        assert_eq!(told("2025-08-20", &as_is), None);
        assert_eq!(told("2025-10-17", &as_is), None);
        let both = told("2026-06-01", &as_is).unwrap();
        assert_eq!(
            both,
            "the last pool known before 2026-06-01 is of 2025-08-17, 288 days earlier, and the last round of \
             2025-08-19, 286 days earlier: the profile, who is gone and who arrives are those of that time"
        );
        let pool = told("2024-07-01", &|known| {
            known
                .snapshots
                .retain(|pool| pool.as_of < date("2024-01-10"));
        });
        let pool = pool.unwrap();
        assert!(
            pool.starts_with("the last pool known before 2024-07-01 is of 2024-01-09, 174 days")
        );
        assert!(!pool.contains("round"), "{pool}");
        let rounds = |left: usize| told("2024-07-01", &|known| known.rounds.truncate(left));
        let round = rounds(100).unwrap();
        assert!(round.contains("nobody counts as invited since"), "{round}");
        let none = rounds(0).unwrap();
        assert!(
            none.contains("no round is known before 2024-07-01"),
            "{none}"
        );
    }
}
