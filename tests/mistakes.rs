//! Mistakes that everybody makes once: what the binary says, and that it says the way out.
//! What is wrong inside a scenario lives in `bad_scenarios`.

#[allow(dead_code)]
mod support;

use support::{Place, SMALL};

#[test]
fn each_mistake_is_told_with_the_way_out() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("a-file", "x");
    std::fs::create_dir(place.path("folder")).unwrap();
    place.file("folder/inner.toml", SMALL);
    place.file(
        "late.toml",
        &SMALL.replace("[pool]", "[pool]\nhistory = \"2024\""),
    );
    let bands = "size = 10\nbands = { \"0-599\" = 0, \"600-600\" = 10, \"601-1200\" = 0 }";
    let bands = SMALL.replace("size = 5_000\nbands = \"none\"", bands);
    place.file("bands.toml", &bands);
    let given = SMALL.replace("size = 5_000\nbands = \"none\"", "file = \"people.csv\"");
    place.file("given.toml", &given);
    place.file("people.csv", "candidate_id,age\na,200\n");
    for (args, parts) in [
        (&["small.toml"][..], &["drawsim run small.toml"][..]),
        (
            &["run", "smal.toml"],
            &["there is no such file", "did you mean small.toml?"],
        ),
        (
            &["run", "nowhere/small.toml"],
            &["there is no folder nowhere"],
        ),
        (&["run", "folder"], &["it is a folder", "folder/inner.toml"]),
        (
            &["run", "small.toml", "small.toml"],
            &["the file is given twice", "--replicates"],
        ),
        (
            &["run", "small.toml", "./small.toml"],
            &["the file is given twice"],
        ),
        (
            &["run", "small.toml", "folder/inner.toml"],
            &["`small` is also the name of small.toml"],
        ),
        (
            &["run", "small.toml", "--out", "a-file"],
            &["a file stands where a folder should"],
        ),
        (
            &["run", "small.toml", "--pool", "folder"],
            &["`folder` is not a file"],
        ),
        (&["run", "a-file"], &["a-file:1"]),
        (
            &["run", "late.toml"],
            &["unknown key `history` in `pool`", "above the first table"],
        ),
        (
            &[
                "odds",
                "small.toml",
                "--score",
                "500",
                "--submitted",
                "1900-01-01",
            ],
            &["1900-01-01 is outside the years 1970 to 2105"],
        ),
        (
            &["run", "small.toml", "--replicate", "3"],
            &["--replicates"],
        ),
        (
            &["compare", "small.toml"],
            &["there is nothing to compare", "[policy.NAME]"],
        ),
        (&["generate", "small.toml"], &["--out"]),
        (
            &["generate", "small.toml", "--out", "pool.xlsx"],
            &[".csv or .parquet"],
        ),
        (
            &["generate", "small.toml", "--out", "folder"],
            &[".csv or .parquet"],
        ),
        (
            &["score", "small.toml", "--out", "x.csv"],
            &["score reads and writes .csv files"],
        ),
        (
            &["score", "none.csv", "--out", "x.csv", "--on", "2023-07-04"],
            &["none.csv"],
        ),
        (&["validate"], &["<SCENARIO>"]),
        (
            &["validate", "given.toml"],
            &["given.toml:8:8: pool.file: people.csv: "],
        ),
        (
            &["run", "given.toml"],
            &["given.toml:8:8: pool.file: people.csv: "],
        ),
        (
            &["run", "small.toml", "--pool", "people.csv"],
            &["--pool: people.csv: "],
        ),
        (
            &["validate", "bands.toml"],
            &["bands.toml:9:9: pool.bands: band 600-600", "9 | bands = {"],
        ),
        (
            &["run", "bands.toml"],
            &["bands.toml:9:9: pool.bands: band 600-600", "9 | bands = {"],
        ),
        (
            &["run", "small.toml", "--stop-metric", "invited"],
            &["--stop-when-se"],
        ),
        (
            &["odds", "small.toml", "--score", "500", "--id", "a"],
            &["--id"],
        ),
        (
            &["odds", "small.toml", "--score", "500", "--format", "csv"],
            &["--out <DIR>"],
        ),
        (
            &["odds", "small.toml", "--score", "500", "--force"],
            &["--out <DIR>"],
        ),
        (
            &["odds", "small.toml", "--score", "500", "--no-report"],
            &["--out <DIR>"],
        ),
        (
            &["run", "small.toml", "--seed", "-1"],
            &["'-1'", "--seed", "whole numbers from 0"],
        ),
        (
            &["odds", "small.toml", "--score", "-1"],
            &["'-1'", "--score"],
        ),
        (
            &["run", "small.toml", "--stop-when-se", "-1"],
            &["'-1'", "it has to be a number above 0"],
        ),
        (
            &["backtest", "--seed", "-1"],
            &["'-1'", "--seed", "whole numbers from 0"],
        ),
        (
            &["run", "small.toml", "--replicates", "1000001"],
            &["1000000"],
        ),
        (
            &["history", "list", "--from", "2023"],
            &[
                "'2023'",
                "--from",
                "it is not a date; write it like 2023-07-04",
            ],
        ),
        (
            &["history", "list", "--to", "2023-07-04T00:00:00"],
            &["it is not a date"],
        ),
        (
            &[
                "history",
                "list",
                "--from",
                "2024-02-01",
                "--to",
                "2024-01-01",
            ],
            &["--from 2024-02-01 is later than --to 2024-01-01"],
        ),
        (
            &["backtest", "--from", "2024-02-01", "--to", "2024-01-01"],
            &["--from 2024-02-01 is later than --to 2024-01-01"],
        ),
        (&["backtest", "--from", "2024-02-30"], &["it is not a date"]),
        (&["calibrate", "--to", "1 July 2024"], &["it is not a date"]),
        (
            &["calibrate", "--to", "2024-07-01", "--check", "2024-31-12"],
            &["--check", "it is not a date"],
        ),
        (
            &["schema", "points", "--on", "today"],
            &["it is not a date"],
        ),
        (
            &[
                "score",
                "people.csv",
                "--out",
                "x.csv",
                "--on",
                "04/07/2023",
            ],
            &["'04/07/2023'", "--on", "it is not a date"],
        ),
        (
            &["--color", "sometimes", "validate", "small.toml"],
            &["auto", "never"],
        ),
        (&["exlain", "output/small"], &["explain"]),
    ] {
        place.drawsim(args).refused(2, parts);
    }
    assert_eq!(
        place.names(),
        [
            "a-file",
            "bands.toml",
            "folder",
            "given.toml",
            "late.toml",
            "people.csv",
            "small.toml"
        ],
        "nothing is left"
    );
}

#[test]
fn what_is_suggested_for_a_value_can_be_followed() {
    let place = Place::new();
    let general = "type = \"general\"";
    let codes = "[[categories]]\nname = \"stem\"\nnoc = [\"2131\"]\n[[rounds]]";
    for (from, to, said) in [
        (
            general,
            "type = “general”",
            "`“general”` is in typographic quotes, which TOML does not know; write \"general\"",
        ),
        (
            general,
            "type = \"general\"\ntie_break = ‘random’",
            "which TOML does not know; write \"random\"",
        ),
        (
            general,
            "type = \"c\u{435}c\"",
            "category; its `\u{435}` is U+0435, which is no Latin letter",
        ),
        (
            "[[rounds]]",
            codes,
            "it looks like a code of NOC 2016, whose unit groups have four digits",
        ),
    ] {
        place.file("wrong.toml", &SMALL.replacen(from, to, 1));
        let ran = place.drawsim(&["validate", "wrong.toml"]);
        ran.refused(2, &[said]);
        assert!(!ran.stderr.contains("did you mean `2"), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere_is_told_as_one() {
    let place = Place::new();
    std::os::unix::fs::symlink("gone.toml", place.path("link.toml")).unwrap();
    let parts = ["it is a link that leads to no file (gone.toml)"];
    place.drawsim(&["run", "link.toml"]).refused(2, &parts);
}

#[test]
fn a_file_that_is_no_scenario_is_told_in_one_line_with_the_command_that_takes_it() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "--quiet"]).printed();
    for pool in ["pool.csv", "pool.parquet"] {
        let args = ["generate", "small.toml", "--out", pool];
        place.drawsim(&args).printed();
    }
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/src/history/data");
    for (file, way_out) in [
        ("output/small/rounds.csv", "drawsim report"),
        ("output/small/distribution.csv", "drawsim report"),
        ("output/small/summary.csv", "drawsim report"),
        ("output/small/report.html", "web page"),
        (
            "output/small/manifest.json",
            "drawsim run output/small/manifest.json",
        ),
        ("output/small/datapackage.json", "JSON"),
        ("pool.csv", "drawsim score pool.csv"),
        ("pool.parquet", "--pool"),
        (&format!("{data}/rounds.csv"), "drawsim backtest --rounds"),
        (
            &format!("{data}/pool_snapshots.csv"),
            "drawsim backtest --rounds",
        ),
    ] {
        for verb in ["validate", "compare"] {
            let ran = place.drawsim(&[verb, file]);
            ran.refused(2, &[file, "not a scenario", way_out]);
            assert_eq!(
                ran.stderr.lines().count(),
                1,
                "{verb} {file}: {}",
                ran.stderr
            );
        }
    }
}

#[test]
fn a_key_that_one_scenario_leaves_at_its_default_is_no_difference() {
    let place = Place::new();
    let written = SMALL.replace("bands = \"none\"", "bands = \"history\"");
    place.file("small.toml", &written);
    let other = written.replace("\"small\"", "\"other\"");
    let other = other.replace("size = 5_000\nbands = \"history\"", "size = 4_000");
    place.file("other.toml", &other);
    let ran = place.drawsim(&["compare", "small.toml", "other.toml"]);
    ran.refused(2, &["pool.size: 4_000 here, but 5_000 in small.toml"]);
    assert!(!ran.stderr.contains("pool.bands"), "{}", ran.stderr);
}

#[test]
fn validate_tells_what_should_be_known_of_a_policy() {
    let place = Place::new();
    let policy = "[points]\nage_29_with_spouse = 50\n[policy.a]\npoints = { age_29 = 60 }\n";
    place.file("small.toml", &[SMALL, policy].concat());
    let ran = place.drawsim(&["validate", "small.toml"]);
    let notes = ran
        .printed()
        .matches("`age_29_with_spouse` of the scenario stays");
    assert_eq!(notes.count(), 1, "{}", ran.stdout);
}

#[test]
fn a_category_of_its_own_by_the_name_of_another_is_listed_once() {
    let place = Place::new();
    let own = "[[categories]]\nname = \"stem\"\nnoc = [\"21231\"]\n";
    let text = SMALL.replace("\"general\"", "\"generl\"");
    place.file("small.toml", &[&text, own].concat());
    let ran = place.drawsim(&["validate", "small.toml"]);
    ran.refused(2, &["accepted: general, "]);
    let accepted = ran
        .stderr
        .lines()
        .find(|line| line.contains("accepted: general"));
    let listed = accepted
        .unwrap_or_default()
        .split(", ")
        .filter(|name| *name == "stem");
    assert_eq!(listed.count(), 1, "{}", ran.stderr);
}
