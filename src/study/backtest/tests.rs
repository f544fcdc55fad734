//! The backtest as a whole: nothing leaks, odd histories work, and it predicts as well as is said.
//! Its parts are tested beside their code.

use std::error::Error;

use super::*;
use crate::history::{self, History, Kind, Round};
use crate::observe::Silent;
use crate::study::kept::{Keeper, Parts};
use crate::units::{Date, Score};

/// The first day of the rounds that the model is judged by.
const JUDGED_FROM: &str = "2023-07-01";

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn options(from: Option<&str>, replicates: u32) -> Options {
    Options {
        from: from.map(date),
        to: None,
        replicates,
        seed: Options::SEED,
    }
}

fn predictions(history: &History, from: Option<&str>) -> Vec<Prediction> {
    backtest(history, &options(from, 20), &Silent)
}

/// A prediction without its own outcome.
fn blind(one: &Prediction) -> (String, [f64; LEVELS.len()], Option<Score>) {
    (one.number.clone(), one.quantiles, one.persistence)
}

fn published() -> History {
    history::published().clone()
}

fn place(history: &History, number: &str) -> usize {
    history
        .rounds
        .iter()
        .position(|round| round.number == number)
        .unwrap()
}

#[test]
fn a_changed_outcome_changes_no_earlier_and_no_own_prediction_but_later_ones() {
    let before: Vec<_> = predictions(&published(), None).iter().map(blind).collect();
    // A general, a French, a PNP, a health care and a CEC round.
    for number in ["253", "270", "296", "301", "333"] {
        let mut history = published();
        let changed = place(&history, number);
        let round = &mut history.rounds[changed];
        round.cutoff = Score(round.cutoff.0 - 37);
        round.tie_break = None;
        let after: Vec<_> = predictions(&history, None).iter().map(blind).collect();
        assert_eq!(before[..=changed], after[..=changed], "round {number}");
        assert_ne!(
            before[changed + 1..],
            after[changed + 1..],
            "round {number}"
        );
    }
}

/// A keeper that has all parts.
struct All(Vec<Vec<u8>>);

impl Keeper for All {
    fn find(&self, part: u32) -> Option<Vec<u8>> {
        self.0.get(part as usize).cloned()
    }

    fn keep(&self, part: u32, _: &dyn Fn() -> Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        Err(format!("part {part} is made anew").into())
    }
}

#[test]
fn parts_made_one_by_one_come_to_the_same_predictions() {
    let history = published();
    let options = options(Some("2025-01-01"), 20);
    let parts = BacktestParts::new(&history, options);
    let made: Vec<u32> = (0..parts.count()).rev().collect();
    let mut made: Vec<_> = made.iter().map(|&one| parts.part(one).unwrap()).collect();
    made.reverse();
    let kept = All(made);
    let again = BacktestParts::new(&history, options);
    assert_eq!(
        again.predictions(&kept, &Silent).unwrap(),
        backtest(&history, &options, &Silent)
    );
    assert!(parts.part(parts.count()).is_err());
}

#[test]
fn nothing_of_later_rounds_reaches_a_prediction() {
    let before: Vec<_> = predictions(&published(), None).iter().map(blind).collect();
    for number in ["226", "254", "300", "350"] {
        let mut history = published();
        let changed = place(&history, number);
        let at = history.rounds[changed].at;
        for round in history.rounds.iter_mut().filter(|round| round.at > at) {
            round.cutoff = Score(round.cutoff.0 / 2);
            round.invitations *= 3;
            round.tie_break = None;
            round.version = Some("new".to_owned());
            round.pool_as_of = None;
        }
        history
            .snapshots
            .retain(|snapshot| snapshot.as_of <= at.date());
        let after: Vec<_> = predictions(&history, None).iter().map(blind).collect();
        assert_eq!(before[..=changed], after[..=changed], "round {number}");
    }
}

#[test]
fn rounds_of_one_instant_do_not_see_each_other() {
    let history = published();
    // 91b and 91a have the same second.
    let (one, other) = (place(&history, "91b"), place(&history, "91a"));
    assert_eq!(history.rounds[one].at, history.rounds[other].at);
    let before: Vec<_> = predictions(&history, None).iter().map(blind).collect();
    for changed in [one, other] {
        let mut history = published();
        history.rounds[changed].cutoff = Score(350);
        let after: Vec<_> = predictions(&history, None).iter().map(blind).collect();
        assert_eq!(before[..=other], after[..=other]);
        assert_ne!(before, after);
    }
}

#[test]
fn the_first_wanted_day_and_the_last_change_no_prediction() {
    let history = published();
    let whole = predictions(&history, None);
    for from in [
        "2015-01-31",
        "2017-05-26",
        "2022-07-06",
        "2023-07-05",
        "2025-08-19",
    ] {
        let some = predictions(&history, Some(from));
        assert_eq!(some, whole[whole.len() - some.len()..]);
        assert!(some.iter().all(|one| one.at.date() >= date(from)));
    }
    let until = Options {
        to: Some(date("2018-01-10")),
        ..options(None, 20)
    };
    let some = backtest(&history, &until, &Silent);
    assert_eq!(some, whole[..some.len()]);
    assert_eq!(some.last().unwrap().at.date(), date("2018-01-10"));
}

#[test]
fn any_number_of_threads_gives_the_same_predictions() {
    let history = published();
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| predictions(&history, Some(JUDGED_FROM)))
    };
    let alone = on(1);
    assert_eq!(alone, on(2));
    assert_eq!(alone, on(7));
}

#[test]
fn another_seed_gives_other_replicates_of_the_same_prediction() {
    let history = published();
    let with = |seed| {
        let options = Options {
            seed,
            ..options(Some("2025-01-01"), 200)
        };
        backtest(&history, &options, &Silent)
    };
    let (one, other) = (with(1), with(2));
    assert_ne!(one, other);
    for (one, other) in one.iter().zip(&other) {
        let width = (one.quantiles[4] - one.quantiles[0]).max(1.0);
        assert!((one.predicted() - other.predicted()).abs() < width / 2.0);
    }
}

fn assert_sound(predictions: &[Prediction]) {
    for one in predictions {
        assert!(one.quantiles.is_sorted(), "{one:?}");
        assert!(
            one.quantiles
                .iter()
                .all(|score| (1.0..=1_200.0).contains(score)),
            "{one:?}"
        );
        assert!(one.crps.is_finite() && one.crps >= 0.0, "{one:?}");
    }
}

#[test]
fn without_snapshots_every_round_is_still_predicted() {
    let mut history = published();
    history.snapshots.clear();
    let some = predictions(&history, None);
    assert_eq!(some.len(), history.rounds.len());
    assert_sound(&some);
    // Snapshots that stop, and pool dates that are not published.
    let mut history = published();
    history
        .snapshots
        .retain(|pool| pool.as_of < date("2023-06-01"));
    for round in &mut history.rounds[300..] {
        round.pool_as_of = None;
    }
    assert_sound(&predictions(&history, Some(JUDGED_FROM)));
}

#[test]
fn an_empty_history_has_no_predictions_and_one_round_has_one() {
    assert!(predictions(&History::default(), None).is_empty());
    assert!(summaries(&[]).is_empty());
    for number in ["1", "254", "269"] {
        let mut history = published();
        let wanted = place(&history, number);
        history.rounds = vec![history.rounds.swap_remove(wanted)];
        let only = predictions(&history, None);
        assert_eq!((only.len(), only[0].persistence), (1, None));
        assert_sound(&only);
    }
}

#[test]
fn unknown_types_and_extreme_rounds_are_predicted_too() {
    let mut history = published();
    let template = history.rounds.last().unwrap().clone();
    let later = |days: u32| {
        template
            .at
            .saturating_add(days * crate::units::Instant::DAY)
    };
    let unknown = |days, name: &str, invitations, cutoff| Round {
        number: format!("x{days}"),
        at: later(days),
        kind: Kind::Unknown,
        type_name: String::new(),
        published_name: name.to_owned(),
        version: None,
        invitations,
        cutoff: Score(cutoff),
        tie_break: None,
        ..template.clone()
    };
    history.rounds.extend([
        unknown(1, "Something new", 500, 460),
        unknown(2, "Something else", 0, 1_200),
        unknown(3, "Something new", u64::from(u32::MAX), 0),
        unknown(9_000, "Something new", 500, 455),
    ]);
    for (kind, name) in [
        (Kind::General, "general"),
        (Kind::Program, "cec"),
        (Kind::Program, "pnp"),
    ] {
        for (days, invitations, cutoff) in [(9_001, 0, 1_200), (9_002, u64::from(u32::MAX), 0)] {
            history.rounds.push(Round {
                kind,
                type_name: name.to_owned(),
                ..unknown(days, "", invitations, cutoff)
            });
        }
    }
    history.rounds.sort_by_key(|round| round.at);
    let some = predictions(&history, Some("2025-08-20"));
    assert_eq!(some.len(), 10);
    assert_sound(&some);
    assert_eq!(some[0].type_name, "Something new");
    assert_eq!(some[2].persistence, Some(Score(460)));
    assert_eq!(some[1].persistence, None);
}

#[test]
fn a_pool_with_nobody_in_it_is_no_trouble() {
    let mut history = published();
    for pool in &mut history.snapshots {
        pool.counts.fill(0);
    }
    assert_sound(&predictions(&history, Some(JUDGED_FROM)));
}

#[test]
fn the_embedded_history_is_predicted_as_well_as_it_must_be() {
    let some = backtest(
        history::published(),
        &options(Some(JUDGED_FROM), Options::REPLICATES),
        &Silent,
    );
    let rows = summaries(&some);
    let row = |name: &str| rows.iter().find(|row| row.group == name).unwrap();
    let gain = |row: &Summary| row.mae_with_predecessor.unwrap() / row.persistence_mae.unwrap();
    assert_eq!((row(ALL).rounds, row(ALL_BUT_PNP).rounds), (110, 80));
    // First rounds of a category, which persistence cannot predict, count against the model here.
    let all_but_pnp = row(ALL_BUT_PNP);
    assert!(all_but_pnp.mae <= 0.7 * all_but_pnp.persistence_mae.unwrap());
    assert!(gain(all_but_pnp) <= 0.7);
    assert!(row("cec").mae <= 5.0);
    for row in rows.iter().filter(|row| row.rounds >= 5) {
        assert!(gain(row) <= 1.1, "{row:?}");
    }
    assert!((0.85..=0.95).contains(&row(ALL).coverage_90));
}

#[test]
fn the_table_in_the_readme_is_the_one_that_the_command_prints() {
    let readme = include_str!("../../../README.md");
    let (begin, end) = README_MARKERS;
    let inside = readme
        .split_once(begin)
        .and_then(|(_, rest)| rest.split_once(end))
        .expect("the README has both markers")
        .0;
    let options = options(Some(JUDGED_FROM), Options::REPLICATES);
    let printed = markdown(&summaries(&backtest(
        history::published(),
        &options,
        &Silent,
    )));
    assert_eq!(
        inside.trim(),
        printed.trim(),
        "write the new table:\n{printed}"
    );
}
