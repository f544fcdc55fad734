//! `drawsim backtest` as a process: files, exit codes, and the same bytes for any thread count.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;
use tempfile::tempdir;

fn backtest(folder: &Path, args: &[&str]) -> assert_cmd::assert::Assert {
    Command::cargo_bin("drawsim")
        .unwrap()
        .arg("backtest")
        .args(["--replicates", "20"])
        .args(args)
        .current_dir(folder)
        .assert()
}

#[test]
fn both_tables_are_the_same_bytes_for_any_number_of_threads() {
    let folder = tempdir().unwrap();
    let tables = |threads: &str| {
        let out = format!("out-{threads}");
        backtest(
            folder.path(),
            &["--from", "2025-01-01", "--threads", threads, "--out", &out],
        )
        .success();
        ["backtest.csv", "backtest_summary.csv"]
            .map(|name| fs::read_to_string(folder.path().join(&out).join(name)).unwrap())
    };
    let alone = tables("1");
    assert_eq!(alone, tables("2"));
    assert_eq!(alone, tables("7"));
    let header =
        "round,at_utc,type,version,invitations,actual,predicted,p05,p25,p75,p95,persistence,error";
    assert!(alone[0].starts_with(header), "{}", alone[0]);
    assert_eq!(alone[0].lines().count(), 1 + 32);
    assert!(alone[1].lines().last().unwrap().starts_with("all,32,"));
}

#[test]
fn the_summary_is_printed_and_the_default_folder_is_replaced_only_when_asked() {
    let folder = tempdir().unwrap();
    let args = ["--from", "2025-06-01", "--to", "2025-06-30"];
    backtest(folder.path(), &args).success().stdout(
        predicate::str::contains("| all but pnp |")
            .and(predicate::str::contains("Results: output/backtest")),
    );
    assert!(
        folder
            .path()
            .join("output/backtest/manifest.json")
            .is_file()
    );
    backtest(folder.path(), &args)
        .code(2)
        .stderr(predicate::str::contains("--force"));
    backtest(folder.path(), &[&args[..], &["--force"]].concat()).success();
    fs::create_dir(folder.path().join("empty")).unwrap();
    backtest(folder.path(), &[&args[..], &["--out", "empty"]].concat()).success();
}

#[test]
fn a_history_in_files_is_predicted_as_the_embedded_one_is() {
    let folder = tempdir().unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/history/data");
    let rounds = data.join("rounds.csv");
    let snapshots = data.join("pool_snapshots.csv");
    let table = |out: &str, args: &[&str]| {
        backtest(
            folder.path(),
            &[&["--from", "2025-08-01", "--out", out], args].concat(),
        )
        .success();
        fs::read_to_string(folder.path().join(out).join("backtest.csv")).unwrap()
    };
    let files = [
        "--rounds",
        rounds.to_str().unwrap(),
        "--snapshots",
        snapshots.to_str().unwrap(),
    ];
    assert_eq!(table("own", &[]), table("files", &files));
}

#[test]
fn bad_usage_is_exit_code_2_and_writes_nothing() {
    let folder = tempdir().unwrap();
    for (args, message) in [
        (&["--rounds", "r.csv"][..], "--snapshots"),
        (
            &["--rounds", "r.csv", "--snapshots", "s.csv"],
            "r.csv: cannot be read",
        ),
        (&["--from", "2025-02-30"], "2025-02-30"),
        (
            &["--from", "2025-02-01", "--to", "2025-01-01"],
            "later than --to",
        ),
        (&["--out", ".."], "does not name a folder"),
        (&["--seed", "-1"], "-1"),
    ] {
        backtest(folder.path(), args)
            .code(2)
            .stderr(predicate::str::contains(message));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn days_without_rounds_and_rounds_before_the_first_pool_are_said() {
    let folder = tempdir().unwrap();
    let on = |from: &str, to: &str, out: &str| {
        backtest(folder.path(), &["--from", from, "--to", to, "--out", out]).success()
    };
    on("2026-01-01", "2026-01-02", "none").stderr(predicate::str::contains("no round was held"));
    on("2015-01-01", "2015-02-01", "old")
        .stderr(predicate::str::contains("before the first published pool"));
}

#[test]
fn a_feed_that_was_imported_is_predicted_from_its_files() {
    let folder = tempdir().unwrap();
    let feed = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/feed.json");
    Command::cargo_bin("drawsim")
        .unwrap()
        .args(["history", "import"])
        .arg(feed)
        .args(["--out", "imported"])
        .current_dir(folder.path())
        .assert()
        .success();
    let files = [
        "--rounds",
        "imported/rounds.csv",
        "--snapshots",
        "imported/pool_snapshots.csv",
    ];
    // What could not be read is set aside and said; the rest is predicted.
    backtest(folder.path(), &files)
        .success()
        .stderr(predicate::str::contains("so the row is left out"))
        .stdout(predicate::str::contains("| all but pnp"));
}
