//! The calibration as a whole: nothing leaks, threads change nothing, bands are exact, and a
//! population that is known is found again. Its parts are tested beside their code.

use super::run::{Calibrated, CalibrationError, Options};
use super::simulate::{Gone, hold, make, rules_of};
use super::targets::{ARRIVALS, CUTOFF, POOL_BAND, SHARE_ABOVE};
use super::*;
use crate::history::{self, History, Kind, Round};
use crate::observe::Silent;
use crate::portable::ln;
use crate::synthesis::Profile;
use crate::units::{Date, Score};

/// The pools of this history are this many times smaller than the published ones.
const SMALLER: u64 = 20;

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

fn base() -> Profile {
    Profile::builtin("express-entry-2023").unwrap()
}

/// The rounds and pools of some months, small.
fn small() -> History {
    let mut history = history::published().clone();
    let inside = |day: Date| date("2024-01-20") < day && day < date("2024-08-01");
    history.rounds.retain(|round| inside(round.at.date()));
    history.snapshots.retain(|pool| inside(pool.as_of));
    for round in &mut history.rounds {
        round.invitations = (round.invitations / SMALLER).max(1);
    }
    for pool in &mut history.snapshots {
        pool.counts = pool.counts.map(|count| count / SMALLER);
        pool.total = pool.sum();
    }
    history
}

fn fitted(history: &History, to: &str) -> Result<Calibrated, CalibrationError> {
    let options = Options {
        to: date(to),
        name: "fitted".to_owned(),
        seed: 1,
        pilot: 128,
    };
    calibrate(history, &base(), &options, &Silent)
}

#[test]
fn what_comes_after_the_date_changes_nothing() {
    let known = fitted(&small(), "2024-05-01").unwrap();
    let mut history = small();
    for round in &mut history.rounds {
        if round.at.date() >= date("2024-05-01") {
            round.cutoff = Score(300);
            round.invitations = 7;
            round.tie_break = None;
        }
    }
    for pool in &mut history.snapshots {
        if pool.as_of >= date("2024-05-01") {
            pool.counts = [9; history::BANDS.len()];
        }
    }
    assert_eq!(fitted(&history, "2024-05-01").unwrap(), known);
    let earlier = history
        .rounds
        .iter_mut()
        .find(|round| round.number == "295");
    earlier.unwrap().cutoff = Score(450);
    assert_ne!(fitted(&history, "2024-05-01").unwrap(), known);
}

#[test]
fn any_number_of_threads_gives_the_same_profile_and_targets() {
    let on = |threads: usize| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap()
            .install(|| fitted(&small(), "2024-04-01").unwrap())
    };
    let alone = on(1);
    assert_eq!(alone, on(2));
    assert_eq!(alone, on(7));
}

#[test]
fn the_pool_by_band_is_exact_and_every_round_has_its_targets() {
    let history = small();
    let calibrated = fitted(&history, "2024-08-01").unwrap();
    let of = |target| {
        calibrated
            .targets
            .iter()
            .filter(move |one| one.target == target)
    };
    assert_eq!(of(POOL_BAND).count(), history::BANDS.len());
    assert!(of(POOL_BAND).all(|one| one.error() == Some(0.0)));
    assert_eq!(of(CUTOFF).count(), history.rounds.len());
    let ranked = |one: &&history::Round| !matches!(&*one.type_name, "general" | "pnp");
    assert_eq!(
        of(SHARE_ABOVE).count(),
        history.rounds.iter().filter(ranked).count()
    );
    assert!(
        of(CUTOFF).all(|one| one.got.is_some()),
        "{:?}",
        calibrated.notices
    );
    // Poisson counts of 60 days, five standard deviations.
    for one in of(ARRIVALS) {
        let sd = (one.wanted / 60.0).sqrt() + 0.02;
        assert!(one.error().unwrap().abs() < 5.0 * sd, "{one:?}");
    }
    let profile = &calibrated.profile;
    let drained = profile.drained.rounds.iter();
    assert!(drained.clone().all(|round| round.type_name != "pnp"));
    let taking = |one: &&history::Round| one.type_name != "pnp";
    assert_eq!(
        drained.count(),
        history.rounds.iter().filter(taking).count()
    );
    let text = profile.to_toml("fitted");
    assert_eq!(&Profile::from_toml(&text, "fitted").unwrap(), profile);
}

/// Twice as many in health care as the profile believes, on a pool that no round has touched: one
/// round's cut-off is enough to see it.
#[test]
fn a_population_with_twice_the_members_is_found_again() {
    let mut history = small();
    history.rounds.retain(|round| round.number == "284");
    let round = history.rounds[0].clone();
    history
        .snapshots
        .retain(|pool| Some(pool.as_of) == round.pool_as_of);
    let mut truth = base();
    for segment in &mut truth.segments {
        if segment.name.starts_with("health") {
            segment.share *= 2.0;
        }
    }
    let pool = history.snapshots[0].clone();
    let held = hold(
        &truth,
        Gone::Nobody,
        &history,
        &[(&round, &pool)],
        9,
        &Silent,
    );
    history.rounds[0].cutoff = held[0].as_ref().unwrap().cutoff.unwrap();
    history.rounds[0].tie_break = None;
    let truly = history.rounds[0].clone();
    let log_error = |profile: &Profile| {
        let held = hold(
            profile,
            Gone::Nobody,
            &history,
            &[(&truly, &pool)],
            2,
            &Silent,
        );
        ln(held[0].as_ref().unwrap().members as f64 / truly.invitations as f64)
    };
    let calibrated = fitted(&history, "2024-03-01").unwrap();
    let (before, after) = (log_error(&base()), log_error(&calibrated.profile));
    assert!(before < -0.3, "{before}");
    assert!(after.abs() < 0.3, "{after}");
}

#[test]
fn those_whom_a_round_took_are_gone_from_the_next_pool() {
    let history = small();
    let pool = history.snapshots.last().unwrap();
    let rules = rules_of(pool.as_of, history.rounds.last().unwrap()).unwrap();
    let french = super::simulate::kind_of("french", &rules)
        .unwrap()
        .filter()
        .0;
    let members = |gone| {
        let pool = make(&base(), gone, &history, pool, &rules, 1).unwrap();
        let above = pool.score.iter().zip(pool.eligibility.iter());
        above
            .filter(|(score, bits)| **score > 420 && *bits & french != 0)
            .count()
    };
    let (all, left) = (
        members(Gone::Nobody),
        members(Gone::Invited { missed: 0.0 }),
    );
    assert!(2 * left < all, "{left} of {all}");
}

#[test]
fn long_after_the_last_pool_a_fit_is_that_of_two_months_after_it() {
    let history = small();
    let (near, far, farther) = (
        fitted(&history, "2024-09-30").unwrap(),
        fitted(&history, "2025-06-01").unwrap(),
        fitted(&history, "2026-10-04").unwrap(),
    );
    assert_eq!(history.snapshots.last().unwrap().as_of, date("2024-07-31"));
    for later in [&far, &farther] {
        assert_eq!(later.arrivals, near.arrivals);
        assert_eq!(later.profile.drained, near.profile.drained);
        assert_eq!(later.ages, near.ages);
        assert!(
            later.notices[0].contains("days earlier"),
            "{:?}",
            later.notices
        );
        let next = |one: &Calibrated| one.start.as_ref().unwrap().next;
        assert!(next(later) > 2 && next(later) <= next(&near), "{later:?}");
    }
    assert!(
        near.arrival_bands.total() > 0 && near.notices.is_empty(),
        "{:?}",
        near.notices
    );
    let late = fitted(&history, "2026-10-05").unwrap_err().to_string();
    assert!(
        late.ends_with("give --to 2026-10-04 at the latest"),
        "{late}"
    );
}

#[test]
fn who_is_gone_is_counted_from_the_day_of_the_pool_that_is_made() {
    let mut history = history::published().clone();
    history
        .rounds
        .retain(|round| round.at.date() < date("2024-07-01"));
    for pool in &mut history.snapshots {
        pool.counts = pool.counts.map(|count| count / SMALLER);
    }
    let gone = |to: &str| fitted(&history, to).unwrap().profile.drained.rounds;
    let days = gone("2024-06-30");
    // The pool is of 2024-05-30.
    let (first, last) = (days.first().unwrap(), days.last().unwrap());
    assert_eq!(first.at.date(), date("2023-06-08"));
    assert_eq!(last.at.date(), date("2024-05-31"));
    assert_eq!(gone("2024-07-02"), days);
}

#[test]
fn histories_that_are_odd_are_refused_or_fitted_but_never_a_panic() {
    let none = fitted(&History::default(), "2024-05-01").unwrap_err();
    assert!(
        none.to_string()
            .contains("no pool was published before 2024-05-01")
    );
    let early = fitted(&small(), "2024-01-21").unwrap_err().to_string();
    assert!(early.contains("the first is of 2024-01-"), "{early}");
    let mut empty = small();
    empty
        .snapshots
        .iter_mut()
        .for_each(|pool| pool.counts.fill(0));
    assert!(matches!(
        fitted(&empty, "2024-05-01"),
        Err(CalibrationError::EmptyPool { .. })
    ));
    let mut huge = small();
    huge.snapshots
        .iter_mut()
        .for_each(|pool| pool.counts[4] = u64::from(u32::MAX));
    assert!(matches!(
        fitted(&huge, "2024-05-01"),
        Err(CalibrationError::LargePool { .. })
    ));
    let mut no_rounds = small();
    no_rounds.rounds.clear();
    let calibrated = fitted(&no_rounds, "2024-05-01").unwrap();
    assert!(calibrated.profile.drained.rounds.is_empty() && calibrated.tilts.is_empty());
    let mut odd = small();
    for (place, round) in odd.rounds.iter_mut().enumerate() {
        match place % 5 {
            0 => round.kind = Kind::Unknown,
            1 => round.version = Some("2099-V7".to_owned()),
            2 => round.tie_break = Some(round.at.saturating_add(1_000)),
            3 => round.cutoff = Score(1_200),
            _ => round.invitations = 0,
        }
    }
    let calibrated = fitted(&odd, "2024-05-01").unwrap();
    assert!(calibrated.targets.iter().all(|one| one.wanted.is_finite()));
    assert!(
        calibrated
            .targets
            .iter()
            .all(|one| one.got.is_none_or(f64::is_finite))
    );
}

#[test]
fn rounds_that_are_left_out_are_told() {
    assert_eq!(
        fitted(&small(), "2024-05-01").unwrap().notices,
        Vec::<String>::new()
    );
    let mut odd = small();
    let before = odd.rounds.iter_mut();
    let mut before = before.filter(|round| round.at.date() < date("2024-05-01"));
    let mut change = |change: &dyn Fn(&mut Round)| {
        let round = before.next_back().unwrap();
        change(round);
        format!("round {} of {}, ", round.number, round.at.date())
    };
    let martian = change(&|round| {
        (round.kind, round.version) = (Kind::Category, Some("2024-V1".to_owned()));
        round.type_name = "martian".to_owned();
    });
    let unknown = change(&|round| {
        (round.kind, round.version) = (Kind::Unknown, None);
        round.type_name.clear();
        round.published_name = "Physicians".to_owned();
    });
    let nameless = change(&|round| {
        (round.kind, round.version) = (Kind::Unknown, None);
        round.type_name.clear();
        round.published_name.clear();
    });
    let why = "is of no type that is known: nothing is fitted to it, and arrivals are counted as if \
               it had invited nobody";
    let calibrated = fitted(&odd, "2024-05-01").unwrap();
    let told = calibrated.notices;
    for (round, name) in [
        (&martian, "`martian`"),
        (&unknown, "`Physicians`"),
        (&nameless, "without a name"),
    ] {
        let line = format!("{round}{name}, {why}");
        assert!(
            told.iter().any(|told| told.starts_with(&line)),
            "{line}\nnot in {told:#?}"
        );
    }
    assert_eq!(told.len(), 3, "{told:#?}");
    // The scenario gives the rounds since the last pool's day.
    assert!(calibrated.pool.as_of <= date("2024-04-24"));
    assert!(
        told.iter()
            .any(|told| told.ends_with("; scenario.toml leaves it out")),
        "{told:#?}"
    );
}

#[test]
fn later_rounds_are_held_with_both_profiles_and_summed_up_by_type() {
    let history = small();
    let calibrated = fitted(&history, "2024-07-01").unwrap();
    let profiles = (&base(), &calibrated.profile);
    let days = (date("2024-07-01"), date("2024-07-18"));
    let checked = check(&history, profiles, days, 1, &Silent);
    let numbers: Vec<&str> = checked.iter().map(|one| &*one.round.number).collect();
    assert_eq!(numbers, ["299", "300", "301", "302", "303", "304", "305"]);
    // A round's own result is no part of what is made of it.
    let mut changed = history.clone();
    let own = changed
        .rounds
        .iter_mut()
        .find(|round| round.number == "305");
    own.unwrap().cutoff = Score(300);
    let again = check(&changed, profiles, days, 1, &Silent);
    assert_eq!(
        checked
            .last()
            .map(|one| (one.base, one.drained, one.fitted)),
        again.last().map(|one| (one.base, one.drained, one.fitted))
    );
    let rows = check_summary(&checked);
    let rounds = |group: &str| rows.iter().find(|row| row.group == group).unwrap().rounds;
    assert_eq!(
        (
            rounds("french"),
            rounds("categories"),
            rounds("all but pnp")
        ),
        (2, 4, 5)
    );
}
