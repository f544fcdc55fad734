//! Nominees who arrive as the rounds of nominees invite: every round finds as many as it invites, whatever
//! the number of threads, and policies and sweeps with other rounds meet the same people.

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use drawsim::observe::Silent;
use drawsim::pool::Pool;
use drawsim::scenario::{Overrides, Plan, Scenario};
use drawsim::study::population::population;
use support::{Place, rows};

const SCENARIO: &str = r#"
name = "small"
pool = { as_of = 2025-07-06, bands = { "601-1200" = 90, "301-600" = 9_900, "0-300" = 10 } }

[timeline]
end = 2025-09-08
withdrawals_per_year = 0.2

[timeline.arrivals]
per_day = 60
weekdays = [1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5]
bands = { "601-1200" = 10, "0-600" = 90 }
nominees = "rounds"

[[rounds]]
at = 2025-07-07T14:00:00Z
type = "pnp"
invitations = 80

[[rounds]]
at = 2025-07-08T14:00:00Z
type = "cec"
invitations = 300

[[rounds]]
at = 2025-07-21T14:00:00Z
type = "pnp"
invitations = 40

[[rounds]]
at = 2025-08-06T14:00:00Z
type = "pnp"
invitations = 400

[policy.fewer]
scale_invitations = { pnp = 0.5 }
"#;

fn plan(text: &str, policy: Option<&str>) -> Plan {
    let overrides = Overrides {
        policy: policy.map(str::to_owned),
        ..Overrides::default()
    };
    Scenario::from_bytes(text.as_bytes().to_vec(), Path::new("small.toml"))
        .and_then(|scenario| scenario.resolve_with(&overrides))
        .unwrap_or_else(|problems| panic!("{problems}"))
}

fn people(plan: &Plan, replicate: u32) -> Pool {
    let people = population(plan, None, replicate, &Silent).unwrap();
    Pool::clone(&people.pool)
}

/// Of those with 601 points or more some have no nomination, and some withdraw: the rounds that ask for
/// more than there are at the start find nearly as many as they invite, and never more.
#[test]
fn every_round_of_nominees_finds_as_many_as_it_invites() {
    let place = Place::new();
    place.file("small.toml", SCENARIO);
    let mut printed = Vec::new();
    for threads in ["1", "2", "7"] {
        let args = [
            "run",
            "small.toml",
            "--quiet",
            "--threads",
            threads,
            "--out",
            threads,
        ];
        assert_eq!(place.drawsim(&args).code, Some(0));
        printed.push(std::fs::read(place.path(&format!("{threads}/small/rounds.csv"))).unwrap());
    }
    assert!(printed.iter().all(|one| *one == printed[0]));
    let table = rows(&place.path("1/small/rounds.csv"));
    let of = |round: usize, column: &str| table[round][column].parse::<u64>().unwrap();
    assert!((85..=90).contains(&of(0, "eligible")), "{:?}", table[0]);
    // Ten are left over of the first round, so that thirty come.
    for (round, wanted) in [(2, 40), (3, 400)] {
        let found = of(round, "eligible");
        assert!(
            (wanted - 6..=wanted).contains(&found),
            "{found} of {wanted}"
        );
    }
}

#[test]
fn policies_and_sweeps_with_other_rounds_meet_the_same_people() {
    let base = plan(SCENARIO, None);
    let fewer = plan(SCENARIO, Some("fewer"));
    assert_eq!(fewer.rounds[3].instruction.invitations, 200);
    for replicate in 0..2 {
        assert_eq!(people(&fewer, replicate), people(&base, replicate));
    }
    let by_bands = plan(&SCENARIO.replace("\"rounds\"", "\"bands\""), None);
    assert_ne!(people(&by_bands, 0).len(), people(&base, 0).len());
    // The policy by itself, the same one compared, and the sweep to its sizes.
    let place = Place::new();
    place.file("small.toml", SCENARIO);
    for args in [
        "run small.toml --quiet --policy fewer --out run",
        "sweep small.toml --quiet --set scale_invitations.pnp=0.5,1 --out sweep",
    ] {
        let ran = place.drawsim(&args.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
    }
    let run = rows(&place.path("run/fewer/rounds.csv"));
    let sweep = rows(&place.path("sweep/small-swept/sweep.csv"));
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let eligible: Vec<f64> = run.iter().map(|row| number(row, "eligible")).collect();
    let halved = |row: &&BTreeMap<String, String>| {
        row["metric"] == "eligible" && number(row, "scale_invitations.pnp") == 0.5
    };
    let swept: Vec<f64> = sweep
        .iter()
        .filter(halved)
        .map(|row| number(row, "mean"))
        .collect();
    assert_eq!(swept, eligible);
}

#[test]
fn files_with_other_rounds_of_nominees_have_other_people_and_are_not_compared() {
    let place = Place::new();
    let (one, _) = SCENARIO.split_once("[policy.fewer]").unwrap();
    place.file("one.toml", one);
    let other = one
        .replace("\"small\"", "\"other\"")
        .replace("= 400", "= 300");
    place.file("other.toml", &other);
    let ran = place.drawsim(&["compare", "one.toml", "other.toml", "--quiet"]);
    assert_eq!(ran.code, Some(2));
    for part in [
        "other.toml:13:12: timeline.arrivals.nominees: ",
        r#"{"from":"2025-07-22","before":"2025-08-06","arrive":300}"#,
        "policies of one file",
    ] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
}
