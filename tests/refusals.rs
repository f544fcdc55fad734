//! What the real binary says about bad input, how it ends, and that it leaves nothing behind.
//! The full text of each message about a scenario is kept in `bad_scenarios`.

#[allow(dead_code)]
mod support;

use std::path::Path;

use support::{Place, Ran, SMALL, SMALL_YEAR};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs a changed small scenario; nothing but the file itself is left.
#[track_caller]
fn changed(from: &str, to: &str) -> Ran {
    let place = Place::new();
    assert!(SMALL.contains(from), "{from}");
    place.file("small.toml", &SMALL.replace(from, to));
    let ran = place.drawsim(&["run", "small.toml"]);
    assert_eq!(place.names(), ["small.toml"], "nothing half-written");
    ran
}

#[test]
fn an_unknown_key_names_the_nearest() {
    changed("invitations = 100", "invitation = 100").refused(
        2,
        &[
            "small.toml:14:1: rounds[1].invitation: unknown key",
            "did you mean `invitations`?",
        ],
    );
}

#[test]
fn an_unknown_category_names_the_nearest_and_all_that_are_known() {
    changed("\"stem\"", "\"steem\"").refused(
        2,
        &[
            "small.toml:18:8:",
            "`steem` is neither a program nor a category",
            "accepted: general",
            "did you mean `stem`?",
        ],
    );
}

#[test]
fn an_unknown_version_and_one_not_in_force_name_the_versions_with_their_days() {
    for (version, why) in [("2023-V9", "2023-V9"), ("2025-V2", "not in force")] {
        changed("\"stem\"", &format!("\"stem\"\nversion = \"{version}\"")).refused(
            2,
            &[
                "small.toml:19:11:",
                why,
                "accepted: 2023-V1 (2023-05-31 up to",
            ],
        );
    }
}

#[test]
fn invitations_have_to_be_positive_whole_numbers() {
    for bad in ["-5", "0", "1.5", "\"many\""] {
        changed("invitations = 100", &format!("invitations = {bad}"))
            .refused(2, &["small.toml:14:15: rounds[1].invitations:"]);
    }
}

#[test]
fn a_pool_of_nobody_is_refused() {
    changed("5_000", "0").refused(2, &["small.toml:8:8: pool.size:", "at least 1"]);
}

#[test]
fn days_that_are_none_are_refused() {
    changed("2023-07-04", "2023-02-30").refused(2, &["small.toml:7:9:"]);
    changed("2023-07-05T13:00:00Z", "2023-07-05").refused(2, &["small.toml:12:6:"]);
    changed("2023-07-04", "2010-01-01").refused(2, &["small.toml:7:9:", "2016-11-19"]);
}

#[test]
fn bands_that_do_not_add_up_are_refused() {
    changed(
        "bands = \"none\"",
        "bands = { \"0-600\" = 10, \"601-1200\" = 20 }",
    )
    .refused(2, &["small.toml:9:", "5,000", "30"]);
}

#[test]
fn a_band_that_cannot_be_reached_is_refused_and_leaves_nothing() {
    changed(
        "bands = \"none\"",
        "bands = { \"0-1198\" = 0, \"1199-1200\" = 5_000 }",
    )
    .refused(2, &["band 1199-1200 wants 5000 of 5000", "profile"]);
}

#[test]
fn all_problems_of_all_files_are_told_at_once() {
    let place = Place::new();
    place.file(
        "one.toml",
        &SMALL.replace("\"stem\"", "\"stme\"").replace("5_000", "0"),
    );
    place.file(
        "two.toml",
        &SMALL.replace("invitations = 100", "invitations = -1"),
    );
    let ran = place.drawsim(&["run", "one.toml", "two.toml", "none.toml"]);
    ran.refused(
        2,
        &[
            "one.toml:8:8:",
            "one.toml:18:8:",
            "two.toml:14:15:",
            "none.toml: cannot be read",
        ],
    );
    assert_eq!(
        place.drawsim(&["validate", "one.toml", "two.toml", "none.toml"]),
        ran
    );
    assert_eq!(place.names(), ["one.toml", "two.toml"]);
}

#[test]
fn faults_of_candidate_files_are_told_with_those_of_scenarios_before_anything_runs() {
    let place = Place::new();
    let given = |name: &str| {
        let file = format!("file = \"{name}.csv\"");
        let text = SMALL.replace("size = 5_000\nbands = \"none\"", &file);
        text.replace("\"small\"", &format!("\"{name}\""))
    };
    place.file("small.toml", SMALL);
    place.file("one.toml", &given("one"));
    place.file("two.toml", &given("two").replace("\"stem\"", "\"stme\""));
    let columns = "candidate_id,age,submitted_at,education,english_reading,english_writing,\
                   english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";
    let candidates = |ages: [&str; 2]| {
        let rest = "2023-06-01T12:00:00Z,masters,9,9,9,9,1,3,21231";
        let rows = ages.map(|age| format!("{age},{age},{rest}\n"));
        format!("{columns}\n{}", rows.concat())
    };
    place.file("one.csv", &candidates(["200", "young"]));
    place.file("two.csv", &candidates(["old", "300"]));
    let ran = place.drawsim(&["run", "small.toml", "one.toml", "two.toml"]);
    ran.refused(
        2,
        &[
            "one.toml:8:8: pool.file: one.csv: ",
            "\n  line 3, column `age`: ",
            "two.toml:17:8: rounds[2].type: ",
            "two.toml:8:8: pool.file: two.csv: ",
            "\n  line 2, column `age`: ",
        ],
    );
    assert!(!ran.stderr.contains("error: error"), "{}", ran.stderr);
    assert_eq!(
        place.drawsim(&["validate", "small.toml", "one.toml", "two.toml"]),
        ran
    );
    let ran = place.drawsim(&["run", "two.toml", "small.toml", "--pool", "one.csv"]);
    ran.refused(2, &["two.toml:17:8: rounds[2].type: ", "--pool: one.csv: "]);
    assert_eq!(ran.stderr.matches("--pool:").count(), 1, "{}", ran.stderr);
    let ran = place.drawsim(&["run", "small.toml", "one.toml"]);
    ran.refused(2, &["one.toml:8:8: pool.file: one.csv: "]);
    assert!(!place.path("output").exists(), "nothing ran");
}

#[test]
fn scenarios_that_cannot_be_compared_are_told_by_the_keys_that_were_written() {
    let place = Place::new();
    let other = |text: &str| text.replacen("\nname = \"small", "\nname = \"other", 1);
    place.file("small.toml", SMALL);
    let changed = SMALL.replace("seed = 7\n", "");
    let changed = changed.replace(
        "size = 5_000\nbands = \"none\"",
        "bands = { \"0-600\" = 1, \"601-1200\" = 2 }",
    );
    place.file("other.toml", &other(&changed));
    let ran = place.drawsim(&["compare", "small.toml", "other.toml"]);
    ran.refused(
        2,
        &[
            "other.toml: seed: not set here, but 7 in small.toml; policies are compared",
            "other.toml:7:21: pool.bands.0-600: 1 here, but not set in small.toml",
            "other.toml: pool.size: not set here, but 5_000 in small.toml",
            "other.toml: pool.bands: not set here, but \"none\" in small.toml",
        ],
    );
    place.file("year.toml", SMALL_YEAR);
    let changed = SMALL_YEAR.replace("accept = 0.5", "accept = 0.6");
    place.file(
        "other.toml",
        &other(&changed).replace("per_day = 10", "per_day = 20"),
    );
    let ran = place.drawsim(&["compare", "year.toml", "other.toml"]);
    ran.refused(
        2,
        &[
            "other.toml:14:22: timeline.answers.accept: 0.6 here, but 0.5 in year.toml",
            "timeline.arrivals.per_day: 20 here, but 10 in year.toml",
        ],
    );
    assert_eq!(ran.stderr.matches("policies are compared").count(), 2);
}

#[test]
fn every_bad_scenario_ends_with_2_by_run_and_by_validate() {
    let place = Place::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(Path::new(ROOT).join("tests/bad_scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let path = path.display().to_string();
            for verb in ["run", "validate"] {
                place
                    .drawsim(&[verb, &path])
                    .refused(2, &[&format!("{path}:")]);
            }
            seen += 1;
        }
    }
    assert!(seen > 50);
    assert!(place.names().is_empty(), "nothing half-written");
}

#[test]
fn a_result_that_is_there_is_kept_without_force() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("other.toml", &SMALL.replace("\"small\"", "\"other\""));
    place.drawsim(&["run", "small.toml"]).printed();
    let before = support::result(&place.path("output/small"));
    let ran = place.drawsim(&["run", "other.toml", "small.toml", "--seed", "99"]);
    ran.refused(2, &["small exists already; use --force"]);
    assert_eq!(
        support::names(&place.path("output")),
        ["small"],
        "told before anything ran"
    );
    assert!(support::result(&place.path("output/small")) == before);
    place
        .drawsim(&["run", "small.toml", "--seed", "99", "--force"])
        .printed();
    assert!(support::result(&place.path("output/small")) != before);
}

#[test]
fn a_folder_that_is_no_result_is_kept_even_with_force() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    std::fs::create_dir_all(place.path("output/small")).unwrap();
    place.file("output/small/thesis.txt", "years of work");
    place
        .drawsim(&["run", "small.toml", "--force"])
        .refused(2, &["holds something else than a result"]);
    assert_eq!(support::names(&place.path("output/small")), ["thesis.txt"]);
}

#[test]
fn a_result_to_which_something_was_added_is_kept_even_with_force() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("other.toml", &SMALL.replace("\"small\"", "\"other\""));
    place.file("feed.json", include_str!("data/feed.json"));
    let lines = [
        ("output/small", "run small.toml"),
        ("output/small-compared", "compare small.toml other.toml"),
        ("output/small-swept", "sweep small.toml --set pool.size=100"),
        (
            "output/small-odds",
            "odds small.toml --score 500 --out output --replicates 2",
        ),
        (
            "output/backtest",
            "backtest --from 2025-08-01 --replicates 2",
        ),
        ("output/h", "history import feed.json --out output/h"),
    ];
    for (folder, line) in lines {
        let line = format!("{line} --quiet");
        let forced = format!("{line} --force");
        let [line, forced] = [&line, &forced].map(|line| line.split(' ').collect::<Vec<_>>());
        place.drawsim(&line).printed();
        place.drawsim(&forced).printed();
        std::fs::create_dir(place.path(folder).join("mine")).unwrap();
        place.file(&format!("{folder}/notes.txt"), "years of work");
        let before = support::names(&place.path(folder));
        place
            .drawsim(&forced)
            .refused(2, &[folder, "did not write there: mine/, notes.txt;"]);
        assert_eq!(support::names(&place.path(folder)), before);
    }
}

#[test]
fn a_result_that_is_read_for_the_new_one_is_kept_even_with_force() {
    let place = Place::new();
    place.file("feed.json", include_str!("data/feed.json"));
    let import = ["history", "import", "feed.json", "--out", "h", "-q"];
    place.drawsim(&import).printed();
    let tables = [
        "--rounds",
        "h/rounds.csv",
        "--snapshots",
        "h/pool_snapshots.csv",
    ];
    for verb in [
        &["backtest", "--out", "h", "--force"][..],
        &[
            "calibrate",
            "--to",
            "2024-01-01",
            "--out",
            ".",
            "--name",
            "h",
            "--force",
        ],
    ] {
        place.drawsim(&[verb, &tables].concat()).refused(
            2,
            &["h holds h/rounds.csv, which is read for the new result"],
        );
    }
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    let pool = ["--pool", "output/small/invitees.csv", "--force"];
    place
        .drawsim(&[&["run", "small.toml"][..], &pool].concat())
        .refused(2, &["output/small holds output/small/invitees.csv"]);
    let again = ["run", "output/small/manifest.json", "--force", "-q"];
    place.drawsim(&again).printed();
}

#[test]
fn a_file_in_the_way_of_the_folder_is_told() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("out", "");
    place
        .drawsim(&["run", "small.toml", "--out", "out"])
        .refused(2, &["a file stands where a folder should"]);
    assert_eq!(place.names(), ["out", "small.toml"]);
}

/// Not even the superuser may make folders in `/proc`.
#[cfg(target_os = "linux")]
#[test]
fn a_folder_that_cannot_be_written_is_told() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place
        .drawsim(&["run", "small.toml", "--out", "/proc/none"])
        .refused(2, &["cannot create the folder /proc/none", "--out"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_fails_the_run_with_a_message() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    for args in [
        &["run", "small.toml"][..],
        &["validate", "small.toml"],
        &["schema", "scenario"],
        &["schema", "outputs"],
        &["history", "list"],
    ] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_drawsim"))
            .current_dir(place.path(""))
            .args(args)
            .stdout(full)
            .output()
            .unwrap();
        Ran::of(&output).refused(
            1,
            &["error: cannot write to standard output: No space left"],
        );
    }
}

/// The shell's limit on the size of files stands for a disk that fills up half-way.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_fills_up_half_way_leaves_nothing() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    for format in ["csv", "parquet"] {
        let line = format!(
            "trap '' XFSZ; ulimit -f 2; exec '{}' run small.toml --format {format}",
            env!("CARGO_BIN_EXE_drawsim")
        );
        let output = std::process::Command::new("sh")
            .current_dir(place.path(""))
            .args(["-c", &line])
            .output()
            .unwrap();
        Ran::of(&output).refused(1, &["cannot write output/small/", "File too large"]);
        assert_eq!(place.names(), ["small.toml"], "{format}");
    }
}

#[test]
fn usage_errors_end_with_2_and_the_way_out() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    for (args, parts) in [
        (&["run"][..], &["<SCENARIO>", "--help"][..]),
        (&["valdate", "small.toml"], &["'validate'"]),
        (&["run", "small.toml", "--sed", "4"], &["--seed"]),
        (&["run", "small.toml", "--seed", "-1"], &["-1"]),
        (
            &["run", "small.toml", "--seed", "x"],
            &["invalid value 'x'"],
        ),
        (
            &["run", "small.toml", "--threads", "0"],
            &["invalid value '0'", "1..=1024"],
        ),
        (
            &["run", "small.toml", "--replicates", "0"],
            &["invalid value '0'"],
        ),
        (
            &["run", "small.toml", "--format", "xlsx"],
            &["csv, parquet"],
        ),
        (&["schema", "everything"], &["scenario"]),
        (
            &["history", "list", "--from", "yesterday"],
            &["invalid value 'yesterday'"],
        ),
        (
            &["history", "list", "--type", "helthcare"],
            &["did you mean `healthcare`?"],
        ),
        (
            &["history", "import", "none.json", "--out", "h"],
            &["none.json"],
        ),
    ] {
        place.drawsim(args).refused(2, parts);
    }
    let bare = place.drawsim(&[]);
    assert_eq!(bare.code, Some(2));
    bare.said(&["Usage: drawsim"]);
    assert_eq!(place.names(), ["small.toml"]);
}
