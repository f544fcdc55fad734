//! The rounds and snapshots that come with the program: every round from 2015-01-31 and every
//! published pool from 2022-01-17, to 2025-08-31. `data/SOURCES.md` says where they are from.
//! Reading is `read`'s.

use std::sync::OnceLock;

use super::read::history_from_text;
use super::tables::{History, Round, Snapshot};
use crate::units::Date;

const ROUNDS: &str = include_str!("data/rounds.csv");
const SNAPSHOTS: &str = include_str!("data/pool_snapshots.csv");

/// The history that comes with the program, read once.
///
/// # Panics
/// When the embedded tables do not read: they are part of the program, and a test reads them.
pub fn published() -> &'static History {
    static PUBLISHED: OnceLock<History> = OnceLock::new();
    PUBLISHED.get_or_init(|| {
        history_from_text(
            ("history/data/rounds.csv", ROUNDS.as_bytes()),
            ("history/data/pool_snapshots.csv", SNAPSHOTS.as_bytes()),
        )
        .expect("the embedded history reads")
    })
}

/// Every published round, in order of time.
pub fn rounds() -> &'static [Round] {
    &published().rounds
}

/// Every published snapshot, in order of date.
pub fn snapshots() -> &'static [Snapshot] {
    &published().snapshots
}

/// The latest published snapshot at or before `date`; `None` before 2022-01-17.
pub fn snapshot_at(date: Date) -> Option<&'static Snapshot> {
    published().snapshot_at(date)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::super::tables::Kind;
    use super::*;
    use crate::units::{Instant, Score};

    #[test]
    fn every_row_reads() {
        let lines = |text: &str| text.lines().count() - 1;
        assert_eq!(rounds().len(), lines(ROUNDS));
        assert_eq!(rounds().len(), 363);
        assert_eq!(snapshots().len(), lines(SNAPSHOTS));
        assert_eq!(snapshots().len(), 96);
        assert!(published().set_aside.is_empty());
    }

    #[test]
    fn no_round_is_later_than_the_end_of_august_2025() {
        let end = Instant::start_of(date(2025, 9, 1)).unwrap();
        assert!(rounds().iter().all(|round| round.at < end));
        assert!(snapshots().iter().all(|pool| pool.as_of < date(2025, 9, 1)));
    }

    #[test]
    fn the_first_stem_round_is_as_published() {
        let round = rounds().iter().find(|round| round.number == "254").unwrap();
        assert_eq!(round.at.to_string(), "2023-07-05T13:38:22Z");
        assert_eq!((round.kind, &*round.type_name), (Kind::Category, "stem"));
        assert_eq!(round.version.as_deref(), Some("2023-V1"));
        assert_eq!((round.invitations, round.cutoff), (500, Score(486)));
        assert_eq!(round.tie_break.unwrap().to_string(), "2022-11-23T00:01:29Z");
        let pool = published().snapshot_of(round).unwrap();
        assert_eq!((pool.as_of, pool.total), (date(2023, 7, 4), 214_529));
        assert_eq!(pool.bands().total(), 214_529);
    }

    #[test]
    fn rounds_and_snapshots_are_in_order_of_time() {
        assert!(rounds().is_sorted_by_key(|round| round.at));
        assert!(snapshots().is_sorted_by(|a, b| a.as_of < b.as_of));
        assert_eq!(rounds()[90].number, "91b");
        assert_eq!(rounds()[91].number, "91a");
    }

    #[test]
    fn every_pool_date_of_a_round_has_its_snapshot_and_every_snapshot_a_round() {
        let named: BTreeSet<Date> = rounds().iter().filter_map(|r| r.pool_as_of).collect();
        let held: BTreeSet<Date> = snapshots().iter().map(|pool| pool.as_of).collect();
        assert_eq!(named, held);
        for round in rounds() {
            assert!(
                round
                    .pool_as_of
                    .is_none_or(|as_of| as_of <= round.at.date())
            );
        }
    }

    #[test]
    fn no_tie_break_is_later_than_its_round_or_more_than_a_year_before() {
        for round in rounds() {
            if let Some(tie_break) = round.tie_break {
                assert!(tie_break <= round.at, "round {}", round.number);
                assert!(round.at.seconds() - tie_break.seconds() <= 365 * Instant::DAY);
            }
        }
    }

    #[test]
    fn a_snapshot_is_found_on_its_day_and_after_it_but_not_before_the_first() {
        assert_eq!(snapshot_at(date(2022, 1, 16)), None);
        assert_eq!(
            snapshot_at(date(2022, 1, 17)).unwrap().as_of,
            date(2022, 1, 17)
        );
        assert_eq!(
            snapshot_at(date(2023, 7, 10)).unwrap().as_of,
            date(2023, 7, 4)
        );
    }

    #[test]
    fn the_known_faults_are_noted_and_nothing_else_is() {
        let noted: Vec<&str> = rounds()
            .iter()
            .filter(|round| {
                let note = round.note.as_deref().unwrap_or("");
                !note.is_empty() && note != "no tie-break published"
            })
            .map(|round| &*round.number)
            .collect();
        let expected = [
            "7", "8", "9", "11", "13", "104", "108", "139", "146", "148", "208", "226", "247",
            "357",
        ];
        assert_eq!(noted, expected);
        for (index, round) in rounds().iter().enumerate() {
            let note = round.note.as_deref().unwrap_or("");
            assert_eq!(note.contains("no tie-break published"), index < 76);
            let empty = ["no tie-break published", "published tie-break has no year"];
            assert_eq!(
                round.tie_break.is_none(),
                empty.iter().any(|why| note.contains(why))
            );
        }
        let pools: Vec<String> = snapshots()
            .iter()
            .filter_map(|pool| Some(format!("{}: {}", pool.as_of, pool.note.as_ref()?)))
            .collect();
        assert_eq!(
            pools,
            [
                "2022-04-11: same figures as 2022-03-28",
                "2023-04-26: bands add up to 230009, 180 less than the total 230189",
                "2023-06-28: same figures as 2023-06-27",
            ]
        );
    }
}
