//! What the shipped scenarios give, pinned: rounds row by row, every table by its hash; and held
//! against what was published. Whether the files are in order is tested in `shipped_scenarios`.
//!
//! `INSTA_UPDATE=always cargo test --test shipped` pins them anew, where a change of values is meant.

#[allow(dead_code)]
mod support;

use std::path::{Path, PathBuf};

use drawsim::history::{self, Kind};
use sha2::{Digest, Sha256};
use support::{Place, rows};

/// Points by which a category round of 2023 may miss the published cut-off score.
const MOST: i64 = 15;

fn files(folder: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "toml")
            })
            .collect();
    paths.sort();
    paths
}

/// Runs a scenario as it is, only the one of ten million candidates at a hundredth of its size.
fn rounds_of(place: &Place, path: &Path) -> PathBuf {
    let text = std::fs::read_to_string(path).unwrap();
    let text = if path.ends_with("large-10m.toml") {
        text.replace("_000\n", "0\n")
    } else {
        text
    };
    let file = path.file_name().unwrap().to_str().unwrap();
    place.file(file, &text);
    place
        .drawsim(&["run", file, "--quiet", "--force"])
        .printed();
    place
        .path("output")
        .join(path.file_stem().unwrap())
        .join("rounds.csv")
}

/// Appends the hash of every table of a result folder, a line each.
fn push_hashes(lines: &mut String, folder: &Path) {
    let result = folder.file_name().unwrap().to_str().unwrap();
    let before = lines.len();
    for name in support::names(folder) {
        if name.ends_with(".csv") {
            let hash = Sha256::digest(std::fs::read(folder.join(&name)).unwrap());
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            lines.push_str(&format!("{hash} {result}/{name}\n"));
        }
    }
    assert!(lines.len() > before, "{result} holds no table");
}

#[test]
fn every_shipped_scenario_gives_the_bytes_that_it_gave() {
    let place = Place::new();
    let mut hashes = String::new();
    insta::with_settings!({
        snapshot_path => "expected",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for path in files("scenarios").iter().chain(&files("scenarios/policies")) {
            let rounds = rounds_of(&place, path);
            let name = path.file_stem().unwrap().to_str().unwrap();
            insta::assert_snapshot!(name, std::fs::read_to_string(&rounds).unwrap());
            push_hashes(&mut hashes, rounds.parent().unwrap());
        }
        // Scenarios that hold policies of their own are made to be compared.
        for name in ["policies-2024", "proposal-2026"] {
            let file = format!("{name}.toml");
            place.drawsim(&["compare", &file, "--replicates", "2", "--quiet"]).printed();
            push_hashes(&mut hashes, &place.path("output").join(format!("{name}-compared")));
        }
        insta::assert_snapshot!("hashes", hashes);
    });
}

#[test]
fn each_first_round_of_a_category_lands_within_fifteen_points_of_the_published_score() {
    let place = Place::new();
    let mut said = String::new();
    let mut categories = Vec::new();
    let mut missed = false;
    for path in files("scenarios") {
        if !path
            .file_stem()
            .unwrap()
            .to_str()
            .unwrap()
            .contains("-2023-")
        {
            continue;
        }
        let held = rows(&rounds_of(&place, &path)).pop().unwrap();
        let published = history::rounds()
            .iter()
            .find(|round| round.number == held["round"])
            .unwrap();
        assert_eq!(published.kind, Kind::Category);
        assert_eq!(published.type_name, held["type"]);
        let (ours, theirs) = (
            held["cutoff_score"].parse::<i64>().unwrap(),
            i64::from(published.cutoff.0),
        );
        said.push_str(&format!("{}: {ours}, published {theirs}\n", held["type"]));
        missed |= (ours - theirs).abs() > MOST;
        categories.push(held["type"].clone());
    }
    categories.sort();
    assert_eq!(
        categories,
        [
            "agriculture",
            "french",
            "healthcare",
            "stem",
            "trade",
            "transport"
        ]
    );
    assert!(!missed, "{said}");
}
