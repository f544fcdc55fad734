//! The real binary as a user meets it: what it prints, what it writes, and how it ends.
//! What it says about bad input lives in `refusals`.

#[allow(dead_code)]
mod support;

use support::{Place, SMALL, result, rows};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn a_run_prints_the_round_as_published_and_writes_the_whole_folder() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let ran = place.drawsim(&["run", "small.toml", "--quiet"]);
    insta::assert_snapshot!("a_small_run", ran.printed());
    assert_eq!(
        support::names(&place.path("output/small")),
        [
            "datapackage.json",
            "distribution.csv",
            "invitees.csv",
            "manifest.json",
            "report.html",
            "rounds.csv",
            "scores.csv",
            "summary.csv"
        ]
    );
    assert_eq!(support::names(&place.path("output")), ["small"]);
}

#[test]
fn every_thread_count_gives_the_same_bytes_in_every_file() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let mut results = Vec::new();
    for threads in ["1", "2", "7"] {
        for replicates in [
            &["--replicates", "1"][..],
            &["--replicates", "5", "--all-replicates"],
        ] {
            let out = format!("{threads}-{}", replicates[1]);
            let args = ["run", "small.toml", "--out", &out, "--threads", threads];
            let ran = place.drawsim(&[&args[..], replicates].concat());
            let printed = ran.printed().replace(&out, "OUT");
            results.push((
                replicates[1],
                printed,
                result(&place.path(&out).join("small")),
            ));
        }
    }
    for chosen in ["1", "5"] {
        let mut same = results
            .iter()
            .filter(|(replicates, ..)| *replicates == chosen);
        let first = same.next().unwrap();
        assert!(first.2["invitees.csv"].len() > 1_000);
        for other in same {
            assert!(first == other);
        }
    }
}

#[test]
fn a_seed_on_the_command_line_stands_for_that_of_the_file() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("other.toml", &SMALL.replace("seed = 7", "seed = 8"));
    place
        .drawsim(&["run", "small.toml", "--out", "a", "--seed", "8"])
        .printed();
    place
        .drawsim(&["run", "other.toml", "--out", "b"])
        .printed();
    place
        .drawsim(&["run", "small.toml", "--out", "c"])
        .printed();
    let table = |out: &str| std::fs::read(place.path(out).join("small/invitees.csv")).unwrap();
    assert!(table("a") == table("b"));
    assert!(table("a") != table("c"));
}

#[test]
fn replicates_are_summed_up_and_the_first_is_the_single_run() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place
        .drawsim(&["run", "small.toml", "--out", "one"])
        .printed();
    let ran = place.drawsim(&["run", "small.toml", "--out", "many", "--replicates", "4"]);
    assert!(
        ran.printed()
            .contains("Median cut-off score over 4 replicates.")
    );
    let one = rows(&place.path("one/small/rounds.csv"));
    let many = rows(&place.path("many/small/rounds.csv"));
    assert_eq!(many.len(), 8);
    assert_eq!(one, many[..2]);
    assert!(
        !place.path("many/small/invitees.csv").exists(),
        "one replicate's invitees only"
    );
    let summary = rows(&place.path("many/small/summary.csv"));
    let cutoff = |round: &str| {
        let mut figures = summary.iter().filter(|row| row["metric"] == "cutoff_score");
        figures.find(|row| row["round"] == round).unwrap()["mean"]
            .parse::<f64>()
            .unwrap()
    };
    for round in ["1", "2"] {
        let scores: Vec<f64> = many
            .iter()
            .filter(|row| row["round"] == round)
            .map(|row| row["cutoff_score"].parse().unwrap())
            .collect();
        assert!((cutoff(round) - scores.iter().sum::<f64>() / 4.0).abs() < 1e-9);
    }
}

#[test]
fn rounds_in_a_row_never_invite_anybody_twice() {
    let place = Place::new();
    let path = format!("{ROOT}/scenarios/first-categories-2023.toml");
    place
        .drawsim(&["run", &path, "--quiet", "--out", "o"])
        .printed();
    let folder = place.path("o/first-categories-2023");
    let invitees = rows(&folder.join("invitees.csv"));
    let names: std::collections::BTreeSet<&String> =
        invitees.iter().map(|row| &row["candidate_id"]).collect();
    assert_eq!((invitees.len(), names.len()), (14_400, 14_400));
    let rounds = rows(&folder.join("rounds.csv"));
    for pair in rounds.windows(2) {
        let number = |row: usize, column: &str| pair[row][column].parse::<u64>().unwrap();
        assert_eq!(
            number(1, "pool_size"),
            number(0, "pool_size") - number(0, "invited")
        );
        assert!(pair[0]["at_utc"] < pair[1]["at_utc"]);
    }
}

#[test]
fn fewer_eligible_than_invitations_invites_them_all_and_says_so() {
    let place = Place::new();
    place.file(
        "small.toml",
        &SMALL.replace("invitations = 200", "invitations = 9_000"),
    );
    let ran = place.drawsim(&["run", "small.toml"]);
    let printed = ran.printed();
    assert!(
        printed.contains("note: of 9,000 invitations, "),
        "{printed}"
    );
    assert!(
        printed.contains("none: every eligible candidate was invited"),
        "{printed}"
    );
    let row = &rows(&place.path("output/small/rounds.csv"))[1];
    assert_eq!(row["invited"], row["eligible"]);
    assert_eq!(
        (row["invitations"].as_str(), row["tie_break_utc"].as_str()),
        ("9000", "")
    );
    assert_ne!(row["cutoff_score"], "");
}

#[test]
fn no_eligible_candidate_is_a_result_with_empty_cells() {
    let place = Place::new();
    let nobody = SMALL
        .replace("size = 5_000", "size = 3")
        .replace("\"stem\"", "\"agriculture\"");
    place.file("small.toml", &nobody);
    let ran = place.drawsim(&["run", "small.toml"]);
    let printed = ran.printed();
    assert!(printed.contains("none: no eligible candidate"), "{printed}");
    assert!(
        printed.contains("of 200 invitations, 0 given: no candidate was eligible"),
        "{printed}"
    );
    let row = &rows(&place.path("output/small/rounds.csv"))[1];
    for column in [
        "rank_required",
        "cutoff_score",
        "tie_break_utc",
        "mean_score",
        "max_score",
    ] {
        assert_eq!(row[column], "", "{column}");
    }
    assert_eq!(
        (row["eligible"].as_str(), row["invited"].as_str()),
        ("0", "0")
    );
}

#[test]
fn each_tie_break_rule_prints_and_writes_what_it_did() {
    let place = Place::new();
    let base = SMALL.replace(
        "type = \"general\"\n",
        "type = \"general\"\ntie_break = \"RULE\"\n",
    );
    let mut invited = Vec::new();
    for (rule, printed_as) in [
        ("earliest-submission", " UTC\n"),
        ("latest-submission", ", latest first\n"),
        ("random", "seeded random order\n"),
        ("none", "none: all at the score\n"),
    ] {
        place.file("small.toml", &base.replace("RULE", rule));
        let ran = place.drawsim(&["run", "small.toml", "--out", rule]);
        let line = ran
            .printed()
            .lines()
            .find(|line| line.contains("Tie-breaking rule:"));
        assert!(
            format!("{}\n", line.unwrap()).ends_with(printed_as),
            "{rule}: {line:?}"
        );
        let row = rows(&place.path(rule).join("small/rounds.csv")).remove(0);
        let number = |column: &str| row[column].parse::<u64>().unwrap();
        assert_eq!(
            row["tie_break_utc"].is_empty(),
            rule == "random" || rule == "none"
        );
        if rule == "none" {
            assert_eq!(number("tied_invited"), number("tied_at_cutoff"));
            assert!(number("invited") >= number("invitations"));
        } else {
            assert_eq!(number("invited"), 100);
        }
        let ids: Vec<String> = rows(&place.path(rule).join("small/invitees.csv"))
            .into_iter()
            .filter(|row| row["round"] == "1")
            .map(|row| row["candidate_id"].clone())
            .collect();
        invited.push(ids);
    }
    let cutoffs =
        |rule: &str| rows(&place.path(rule).join("small/rounds.csv"))[0]["cutoff_score"].clone();
    assert_eq!(cutoffs("earliest-submission"), cutoffs("latest-submission"));
    assert_eq!(cutoffs("earliest-submission"), cutoffs("random"));
    let tied: u64 = rows(&place.path("random/small/rounds.csv"))[0]["tied_at_cutoff"]
        .parse()
        .unwrap();
    if tied > 1 {
        assert_ne!(invited[0], invited[1]);
    }
    assert!(invited[3].len() >= invited[0].len());
}

#[test]
fn quiet_silences_notices_but_not_results_or_errors() {
    let place = Place::new();
    let path = format!("{ROOT}/scenarios/policies/cec-only.toml");
    let loud = place.drawsim(&["run", &path, "--out", "a"]);
    assert_eq!(loud.code, Some(0));
    let large = SMALL.replace("size = 5_000\nbands = \"none\"", "size = 300_000");
    place.file("large.toml", &large);
    let loud = place.drawsim(&["run", "large.toml", "--out", "b"]);
    assert_eq!(loud.code, Some(0));
    loud.said(&["note: ", "scaled to 300,000"]);
    let quiet = place.drawsim(&["run", "large.toml", "--out", "b", "--force", "-q"]);
    assert_eq!(quiet.printed(), loud.stdout);
    place
        .drawsim(&["run", "large.toml", "--out", "b", "-q"])
        .refused(2, &["--force"]);
}

#[test]
fn parquet_tables_hold_as_many_rows_as_the_manifest_says() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place
        .drawsim(&["run", "small.toml", "--format", "parquet"])
        .printed();
    let folder = place.path("output/small");
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 5);
    for file in files {
        let name = file["path"].as_str().unwrap();
        assert!(name.ends_with(".parquet"), "{name}");
        let file_in = std::fs::File::open(folder.join(name)).unwrap();
        use parquet::file::reader::FileReader;
        let reader = parquet::file::reader::SerializedFileReader::new(file_in).unwrap();
        let rows = reader.metadata().file_metadata().num_rows();
        assert_eq!(file["rows"].as_i64(), Some(rows), "{name}");
        let bytes = std::fs::metadata(folder.join(name)).unwrap().len();
        assert_eq!(file["bytes"].as_u64(), Some(bytes), "{name}");
    }
}

#[test]
fn validate_says_that_a_file_is_in_order_and_writes_nothing() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let ran = place.drawsim(&["validate", "small.toml"]);
    assert!(
        ran.printed()
            .starts_with("small.toml: in order: 5,000 candidates")
    );
    assert_eq!(
        place.drawsim(&["validate", "-q", "small.toml"]).printed(),
        ""
    );
    assert_eq!(place.names(), ["small.toml"]);
}

#[test]
fn the_schema_of_scenarios_is_json_and_that_of_tables_names_every_table() {
    let place = Place::new();
    let ran = place.drawsim(&["schema", "scenario"]);
    let schema: serde_json::Value = serde_json::from_str(ran.printed()).unwrap();
    assert!(schema["properties"]["rounds"].is_object());
    let points = place.drawsim(&["schema", "points", "--on", "2024-01-01"]);
    assert!(points.printed().contains("| `job_offer` "));
    for wrong in [["points", "2015-01-01"], ["outputs", "2024-01-01"]] {
        let ran = place.drawsim(&["schema", wrong[0], "--on", wrong[1]]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    }
    let ran = place.drawsim(&["schema", "outputs"]);
    for table in ["rounds", "invitees", "distribution", "summary"] {
        assert!(ran.printed().contains(&format!("### {table} (`run`")));
    }
}

#[test]
fn help_of_every_verb_has_an_example_and_the_version_is_printed() {
    let place = Place::new();
    let ran = place.drawsim(&["--help"]);
    let verbs: Vec<&str> = ran
        .printed()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(
        verbs.contains(&"run") && verbs.contains(&"history"),
        "{verbs:?}"
    );
    for verb in verbs {
        let ran = place.drawsim(&[verb, "--help"]);
        let example = format!("drawsim {verb} ");
        let text = ran.printed();
        assert!(
            text.contains("Example") && text.matches(&example).count() > 1,
            "{verb}: {text}"
        );
    }
    let version = concat!("drawsim ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(place.drawsim(&["--version"]).printed(), version);
}

#[test]
fn verbs_that_compute_nothing_accept_quiet_too() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "--quiet"]).printed();
    let report = place.drawsim(&["report", "output/small", "--quiet"]);
    assert_eq!(report.printed(), "");
    for line in [
        "schema candidate",
        "man run",
        "completions bash",
        "new mine",
    ] {
        let args: Vec<&str> = line.split(' ').collect();
        let quiet = place.drawsim(&[&args[..], &["--quiet"]].concat());
        assert!(!quiet.printed().is_empty(), "{line}");
    }
}
