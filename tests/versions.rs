//! Runs that cross the day on which a category takes another version: tables tell of the one in
//! force, once, and nobody counts twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

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

fn drawsim(arguments: &[&str], folder: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_drawsim"))
        .args(arguments)
        .arg("--no-report")
        .current_dir(folder)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{told}");
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn each_round_tells_of_the_versions_in_force() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("crossing.toml"), BASE).unwrap();
    drawsim(&["run", "crossing.toml", "--out", "."], folder.path());
    let result = folder.path().join("crossing");
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
    let folder = tempfile::tempdir().unwrap();
    let text = format!("{BASE}\n[policy.same]\n");
    std::fs::write(folder.path().join("crossing.toml"), text).unwrap();
    let compare = [
        "compare",
        "crossing.toml",
        "--replicates",
        "2",
        "--out",
        ".",
    ];
    drawsim(&compare, folder.path());
    drawsim(
        &[
            "run",
            "crossing.toml",
            "--replicates",
            "2",
            "--all-replicates",
            "--out",
            ".",
        ],
        folder.path(),
    );
    let invitees = rows(&folder.path().join("crossing/invitees.csv"));
    let mut checked = 0;
    for row in rows(&folder.path().join("crossing-compared/comparison.csv")) {
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
