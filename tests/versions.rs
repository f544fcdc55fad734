//! Runs that cross the day on which a category takes another version: tables tell of the one in
//! force, once, and nobody counts twice.

#[allow(dead_code)]
mod support;

use std::collections::{BTreeMap, BTreeSet};

use support::{Place, rows};

const BASE: &str = r#"
name = "crossing"
pool = { as_of = 2025-02-20, size = 4_000, bands = "none" }

[[rounds]]
at = 2025-02-25T14:00:00Z
type = "cec"
invitations = 300

[[rounds]]
at = 2025-03-05T14:00:00Z
type = "cec"
invitations = 300
"#;

/// Runs the binary without a report, and looks that it ends well.
fn run(place: &Place, line: &str) {
    let words: Vec<&str> = line.split_whitespace().chain(["--no-report"]).collect();
    let ran = place.drawsim(&words);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
}

#[test]
fn each_round_tells_of_the_versions_in_force() {
    let place = Place::new();
    place.file("crossing.toml", BASE);
    run(&place, "run crossing.toml --out .");
    let result = place.path("crossing");
    let invitees = rows(&result.join("invitees.csv"));
    let mut keys = BTreeSet::new();
    let mut in_both = [0; 2];
    for row in rows(&result.join("distribution.csv")) {
        let key = ["round", "stage", "dimension", "value"].map(|column| row[column].clone());
        assert!(keys.insert(key.clone()), "{key:?} stands twice");
        let [round, stage, dimension, value] = key;
        if dimension == "category" && stage == "invited" {
            let belongs = |one: &&BTreeMap<String, String>| {
                one["round"] == round && one["categories"].split(';').any(|name| name == value)
            };
            let invited = invitees.iter().filter(belongs).count();
            assert_eq!(row["count"], invited.to_string(), "{round} {value}");
            in_both[usize::from(round == "2")] += 1;
        }
        // Education came on 27 February 2025, transport went.
        assert!(!(dimension == "category" && round == "1" && value == "education"));
        assert!(!(dimension == "category" && round == "2" && value == "transport"));
    }
    assert!(
        in_both.iter().all(|&categories| categories > 2),
        "{in_both:?}"
    );
    let mut keys = BTreeSet::new();
    for row in rows(&result.join("scores.csv")) {
        let key = ["round", "dimension", "value", "score"].map(|column| row[column].clone());
        assert!(keys.insert(key.clone()), "{key:?} stands twice");
    }
}

#[test]
fn nobody_is_counted_twice_in_a_category_when_policies_are_compared() {
    let place = Place::new();
    place.file("crossing.toml", &format!("{BASE}\n[policy.same]\n"));
    run(&place, "compare crossing.toml --replicates 2 --out .");
    run(
        &place,
        "run crossing.toml --replicates 2 --all-replicates --out .",
    );
    let invitees = rows(&place.path("crossing/invitees.csv"));
    let mut checked = 0;
    for row in rows(&place.path("crossing-compared/comparison.csv")) {
        if row["metric"] != "invited by category" {
            continue;
        }
        let belongs = |one: &&BTreeMap<String, String>| {
            one["categories"]
                .split(';')
                .any(|name| name == row["value"])
        };
        let mean = invitees.iter().filter(belongs).count() as f64 / 2.0;
        assert_eq!(
            row["base_mean"].parse::<f64>().unwrap(),
            mean,
            "{}",
            row["value"]
        );
        checked += 1;
    }
    assert!(checked > 2);
}
