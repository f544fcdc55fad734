//! The crate as a program that uses it meets it: a run in a few lines, the same files as the
//! command's, and nothing printed or kept on the way.

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use drawsim::Scenario;
use drawsim::flow::{WriteOptions, candidates};
use drawsim::inputs::InputRecord;
use drawsim::observe::Silent;
use drawsim::output::Format;
use drawsim::output::results::{decides, manifest};
use support::{Place, SMALL, names, result, rows};

/// What a result says of the files that it was made from.
fn inputs(folder: &Path) -> serde_json::Value {
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["inputs"].clone()
}

/// The same of a file with these bytes.
fn input(path: &Path, bytes: &[u8]) -> serde_json::Value {
    let InputRecord {
        path,
        bytes,
        sha256,
    } = InputRecord::of_bytes(path, bytes);
    serde_json::json!({ "path": path, "bytes": bytes, "sha256": sha256 })
}

#[test]
fn a_run_by_the_library_writes_the_bytes_that_the_command_writes() {
    for replicates in ["1", "4"] {
        let place = Place::new();
        let text = format!("replicates = {replicates}\n{SMALL}");
        let path = place.file("small.toml", &text);
        place.drawsim(&["run", "small.toml"]).printed();
        let results = Scenario::from_path(&path)
            .unwrap()
            .resolve()
            .unwrap()
            .run()
            .unwrap();
        let written = results.write(place.path("by-library")).unwrap();
        let [mut ours, theirs] = [result(&written), result(&place.path("output/small"))];
        // The manifest and the report name the scenario's path as it was given.
        let given = path.display().to_string();
        for name in ["manifest.json", "report.html"] {
            let text = String::from_utf8(ours[name].clone()).unwrap();
            assert!(text.contains(&given), "{name}");
            let text = text.replace(&given, "small.toml").into_bytes();
            ours.insert(name.to_owned(), text);
        }
        assert!(ours == theirs, "{replicates}");
        assert!(results.write(place.path("by-library")).is_err(), "kept");
    }
}

#[test]
fn results_are_written_as_the_options_say() {
    let place = Place::new();
    let path = place.file("small.toml", SMALL);
    let results = Scenario::from_path(path).unwrap().resolve().unwrap().run();
    let results = results.unwrap();
    let folder = results.write(place.path("o")).unwrap();
    let options = WriteOptions {
        format: Format::Parquet,
        force: true,
        report: false,
    };
    assert_eq!(
        results.write_with(place.path("o"), options).unwrap(),
        folder
    );
    let names = names(&folder);
    assert!(names.contains(&"rounds.parquet".to_owned()), "{names:?}");
    let has = |end: &str| names.iter().any(|name| name.ends_with(end));
    assert!(!has(".csv") && !has(".html"), "{names:?}");
    let kept = WriteOptions {
        force: false,
        ..options
    };
    assert!(results.write_with(place.path("o"), kept).is_err());
}

#[test]
fn rounds_and_invitees_are_those_of_the_tables() {
    let place = Place::new();
    let path = place.file("small.toml", SMALL);
    let plan = Scenario::from_path(&path).unwrap().resolve().unwrap();
    let results = plan.run().unwrap();
    let folder = results.write(place.path("o")).unwrap();
    let table = rows(&folder.join("rounds.csv"));
    assert_eq!(table.len(), results.rounds().count());
    for (row, round) in table.iter().zip(results.rounds()) {
        assert_eq!(row["round"], round.plan.label);
        assert_eq!(row["invited"], round.invited().to_string());
        assert_eq!(row["cutoff_score"], round.cutoff().unwrap().to_string());
    }
    let table = rows(&folder.join("invitees.csv"));
    assert_eq!(table.len(), results.invitees().count());
    for (row, invitee) in table.iter().zip(results.invitees()) {
        assert_eq!(row["candidate_id"], invitee.id);
        assert_eq!(row["rank"], invitee.rank.to_string());
        assert_eq!(row["age"], invitee.candidate.age.to_string());
    }
    assert_eq!(results.pool().unwrap().len(), 5_000);
}

#[test]
fn a_scenario_that_stands_in_no_file_is_written_with_the_hash_of_its_bytes() {
    let place = Place::new();
    let text = format!("\u{feff}{SMALL}");
    // Another file of that name is none of it.
    let paths = [PathBuf::from("small.toml"), place.file("small.toml", "")];
    for (number, path) in paths.into_iter().enumerate() {
        let scenario = Scenario::from_bytes(text.clone().into_bytes(), &path).unwrap();
        let results = scenario.resolve().unwrap().run().unwrap();
        let folder = results.write(place.path(&number.to_string())).unwrap();
        let told = serde_json::json!([input(&path, text.as_bytes())]);
        assert_eq!(inputs(&folder), told, "{}", path.display());
    }
}

#[test]
fn what_becomes_of_files_after_they_are_read_changes_no_hash() {
    let place = Place::new();
    place.file("made.toml", SMALL);
    let profile = include_str!("../src/synthesis/data/express-entry-2023.toml");
    let arrivals =
        "[timeline]\nend = 2023-07-07\narrivals = { per_day = 9, profile = \"mine.toml\" }";
    for name in ["pool.csv", "pool.parquet"] {
        let line = ["generate", "made.toml", "--size", "300", "--out", name];
        place.drawsim(&line);
        let pool = fs::read(place.path(name)).unwrap();
        let text = SMALL.replace(
            "size = 5_000\nbands = \"none\"",
            &format!("file = \"{name}\""),
        );
        let text = format!("{text}\n{arrivals}\n");
        let path = place.file("small.toml", &text);
        place.file("mine.toml", profile);
        let plan = Scenario::from_path(&path).unwrap().resolve().unwrap();
        let results = plan.run().unwrap();
        let read = candidates(&plan, &Silent).unwrap().unwrap().input;
        let before = decides(&plan, read.as_ref()).unwrap();
        place.file("mine.toml", "name = 1");
        place.file("small.toml", "name = 2");
        fs::remove_file(place.path(name)).unwrap();
        let told = serde_json::json!([
            input(&path, text.as_bytes()),
            input(&place.path(name), &pool),
            input(&place.path("mine.toml"), profile.as_bytes()),
        ]);
        let folder = results.write(place.path(&format!("of-{name}"))).unwrap();
        assert_eq!(inputs(&folder), told);
        // So it is with every verb, and what is resumed is still the same study.
        let (read, scenario) = (read.as_ref(), plan.resolved.clone());
        let manifest = manifest("sweep", &plan, [&plan], scenario, read, Clock::now()).unwrap();
        assert_eq!(
            manifest.inputs[0],
            InputRecord::of_bytes(&path, text.as_bytes())
        );
        assert_eq!(manifest.inputs.len(), 3);
        assert_eq!(decides(&plan, read).unwrap(), before);
    }
}

#[test]
fn the_manifest_names_the_tables_of_the_rules_with_their_dates_and_sources() {
    let place = Place::new();
    let text = SMALL.replace("2023-07-04", "2025-03-20");
    let text = text
        .replace("2023-07-05", "2025-03-21")
        .replace("2023-07-06", "2025-03-26");
    let path = place.file("small.toml", &format!("{text}\n[points]\nsibling = 7\n"));
    let results = Scenario::from_path(path).unwrap().resolve().unwrap().run();
    let folder = results.unwrap().write(place.path("o")).unwrap();
    let text = fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let periods = manifest["rules"].as_array().unwrap();
    let since = |period: &serde_json::Value, table: &str| {
        let tables = period["tables"].as_array().unwrap();
        let is_meant =
            |known: &&serde_json::Value| known["table"].as_str().unwrap().ends_with(table);
        let known = tables.iter().find(is_meant).unwrap();
        assert_ne!(known["source"].as_str().unwrap(), "", "{table}");
        known["effective"].as_str().map(str::to_owned)
    };
    let [first, second] = periods.as_slice() else {
        panic!("{periods:?}");
    };
    // Job-offer points ended on 25 March 2025.
    let job_offer = "job offer";
    assert_eq!(since(first, job_offer).as_deref(), Some("2016-11-19"));
    assert_eq!(since(second, job_offer).as_deref(), Some("2025-03-25"));
    assert_eq!(since(second, "occupations").as_deref(), Some("2022-11-16"));
    assert_eq!(since(second, "patch: sibling = 7"), None);
}

/// Every source file of the library, without the command's and those of tests.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("src/cli") {
            sources(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs")
            && !path.ends_with("main.rs")
            && !path.to_string_lossy().ends_with("tests.rs")
        {
            found.push(path);
        }
    }
}

#[test]
fn only_the_command_prints_and_nothing_is_kept_for_the_whole_process() {
    let mut files = Vec::new();
    sources(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut files,
    );
    assert!(files.len() > 100);
    for path in files {
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            for word in [
                "stdout()",
                "stderr()",
                "println!",
                "print!(",
                "dbg!(",
                "static mut",
                "thread_local!",
                "set_var(",
                "build_global(",
                "set_hook(",
                "process::exit",
            ] {
                // What a thread is at while it reads a damaged file is nobody else's.
                let kept = word == "thread_local!" && path.ends_with("output/parquet_file.rs");
                assert!(kept || !line.contains(word), "{}: {line}", path.display());
            }
            // What is being written is given up when the process is told to stop.
            let kept = path.ends_with("output/partial.rs")
                || path.parent().is_some_and(|room| room.ends_with("cli"));
            let shared = line.contains("static ")
                && ["Mutex", "RwLock", "Atomic"]
                    .iter()
                    .any(|lock| line.contains(lock));
            assert!(kept || !shared, "{}: {line}", path.display());
        }
    }
}
