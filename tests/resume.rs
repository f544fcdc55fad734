//! Runs that are killed again and again and resumed each time end with the same bytes as one that
//! nobody disturbed, and leave nothing beside.
#![cfg(unix)]

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use support::{Place, Ran, SMALL, result};

/// Kills of each command before it is left to come to its end.
const KILLS: u64 = 8;

fn place() -> Place {
    let place = Place::new();
    let small = SMALL
        .replace("5_000", "600")
        .replace("invitations = 100", "invitations = 20");
    place.file("small.toml", &small);
    place.file(
        "other.toml",
        &small
            .replace("\"small\"", "\"other\"")
            .replace("invitations = 20", "invitations = 40"),
    );
    let stretch = "[timeline]\nend = 2023-09-30\narrivals = { per_day = 10 }\n\n[[rounds]]";
    let lasting = small
        .replace("\"small\"", "\"lasting\"")
        .replacen("[[rounds]]", stretch, 1);
    place.file("lasting.toml", &lasting);
    place
}

/// Kills the command at random moments, resumes it each time, and compares what it comes to.
fn resumed_again_and_again(line: &str, name: &str) {
    resumed_into(line, name, str::to_owned);
}

/// The same, for a command whose `--out` within a parent folder is `out`.
fn resumed_into(line: &str, name: &str, out: impl Fn(&str) -> String) {
    let place = place();
    let since = Instant::now();
    let undisturbed = Ran::of(
        &place
            .start(&format!("{line} --out {}", out("one")))
            .wait_with_output()
            .unwrap(),
    );
    let long = since.elapsed();
    assert_eq!(undisturbed.code, Some(0), "{undisturbed:#?}");
    let path = |parent: &str| -> PathBuf { place.path(parent).join(name) };
    let (mut number, mut kept) = (0x9E37_79B9_7F4A_7C15_u64, false);
    for kill in 0..KILLS {
        number ^= number << 13;
        number ^= number >> 7;
        number ^= number << 17;
        let moment = Duration::from_micros(number % (long.as_micros() as u64).max(1));
        let threads = 1 + kill % 3;
        let mut child = place.start(&format!(
            "{line} --out {} --resume --threads {threads}",
            out("two")
        ));
        std::thread::sleep(moment);
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        kept |= String::from_utf8_lossy(&output.stderr).contains(" finished before");
        if path("two").exists() {
            if kept {
                break;
            }
            // It was done before anything could be cut off: once more from the start.
            fs::remove_dir_all(path("two")).unwrap();
        }
    }
    // Where every kill came too soon or too late, one comes as soon as something is written, and then later
    // and later: what was being written is thrown away.
    let journal = path("two").with_file_name(format!(".{name}.journal"));
    let is_begun = || fs::metadata(&journal).is_ok_and(|found| found.len() > 100);
    for later in 0..2 * KILLS {
        if kept {
            break;
        }
        if path("two").exists() {
            fs::remove_dir_all(path("two")).unwrap();
        }
        let mut child = place.start(&format!("{line} --out {} --resume", out("two")));
        while !is_begun() && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(later));
        child.kill().unwrap();
        let output = child.wait_with_output().unwrap();
        kept |= String::from_utf8_lossy(&output.stderr).contains(" finished before");
    }
    let last = Ran::of(
        &place
            .start(&format!("{line} --out {} --resume --force", out("two")))
            .wait_with_output()
            .unwrap(),
    );
    assert_eq!(last.code, Some(0), "{last:#?}");
    kept |= last.stderr.contains(" finished before");
    assert!(kept, "no attempt found anything finished: {last:#?}");
    assert_eq!(
        last.stdout,
        undisturbed
            .stdout
            .replace("one/", "two/")
            .replace("one\\", "two\\")
    );
    assert!(
        result(&path("two")) == result(&path("one")),
        "`{line}` resumed gives other bytes"
    );
    assert_eq!(support::names(path("two").parent().unwrap()), [name]);
}

#[test]
fn a_run_of_many_replicates_is_resumed() {
    resumed_again_and_again("run small.toml --replicates 400", "small");
}

#[test]
fn a_run_with_all_invitees_and_distributions_is_resumed() {
    resumed_again_and_again("run small.toml --replicates 16 --all-replicates", "small");
}

#[test]
fn a_run_in_parquet_along_a_timeline_is_resumed() {
    resumed_again_and_again(
        "run lasting.toml --replicates 16 --all-replicates --format parquet",
        "lasting",
    );
}

#[test]
fn a_run_that_stops_when_it_is_precise_is_resumed() {
    resumed_again_and_again(
        "run lasting.toml --replicates 80 --stop-when-se 0.8",
        "lasting",
    );
}

#[test]
fn a_comparison_is_resumed() {
    resumed_again_and_again(
        "compare small.toml other.toml --replicates 24",
        "small-compared",
    );
}

#[test]
fn a_sweep_is_resumed() {
    resumed_again_and_again(
        "sweep small.toml --set rounds.stem.invitations=5,10 --replicates 200",
        "small-swept",
    );
}

#[test]
fn a_backtest_is_resumed() {
    resumed_into(
        "backtest --from 2025-01-01 --replicates 600",
        "b",
        |parent| format!("{parent}/b"),
    );
}

#[test]
fn only_the_very_run_that_was_broken_off_is_resumed() {
    let place = place();
    let journal = place.path("output/.small.journal");
    let mut child = place.start("run small.toml --replicates 5000");
    let since = Instant::now();
    // More than the first replicate, which has counts by group: a kill may tear what is written last.
    while fs::metadata(&journal).map_or(0, |found| found.len()) < 500_000 {
        assert!(since.elapsed() < Duration::from_secs(60));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for changed in ["--seed 8", "--all-replicates"] {
        let ran = place.drawsim(
            &format!("run small.toml --resume --replicates 9 {changed}")
                .split(' ')
                .collect::<Vec<_>>(),
        );
        ran.refused(2, &["cannot be resumed", "without --resume"]);
        assert!(journal.exists());
    }
    // What is not resumed is thrown away, but not in silence.
    let copy = fs::read(&journal).unwrap();
    for line in [
        "run small.toml --force",
        "run small.toml --force --replicates 2",
    ] {
        let ran = Ran::of(&place.start(line).wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ran.said(&["what it had finished is thrown away", "--resume"]);
        assert!(!journal.exists());
        fs::write(&journal, &copy).unwrap();
    }
    fs::remove_dir_all(place.path("output/small")).unwrap();
    // Fewer or more replicates are the same ones.
    let ran = place.drawsim(&["run", "small.toml", "--replicates", "6", "--resume"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let uses = "were finished before and are kept, of which this run uses the first 6";
    ran.said(&[uses]);
    let again = place.drawsim(&["run", "small.toml", "--replicates", "6", "--resume"]);
    assert_eq!(again.code, Some(0));
    again.said(&["output/small is whole already"]);
    place
        .drawsim(&["run", "small.toml", "--replicates", "6", "--out", "o"])
        .printed();
    assert!(result(&place.path("o/small")) == result(&place.path("output/small")));
    assert_eq!(support::names(&place.path("output")), ["small"]);
}

#[test]
fn a_whole_result_is_kept_only_where_it_is_as_it_is_asked_for() {
    let place = place();
    let ran = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        place.drawsim(&words)
    };
    let is_kept = |line: &str| {
        let again = ran(line);
        assert_eq!(again.code, Some(0), "{again:#?}");
        again.said(&["output/small is whole already"]);
    };
    let is_made = |line: &str| {
        let made = ran(line);
        assert_eq!(made.code, Some(0), "{made:#?}");
        assert!(made.stdout.contains("Results: "), "{made:#?}");
    };
    let base = "run small.toml --replicates 12";
    is_made(base);
    let before = result(&place.path("output/small"));
    is_kept(&format!("{base} --resume"));
    is_kept(&format!("{base} --resume --format csv"));
    let all = "--all-replicates is asked for, and it was made without that";
    let format = "--format parquet is asked for, and it was made with --format csv";
    let stop = "--stop-when-se 9.5 --stop-metric cutoff_score is asked for, and it was made without \
                that";
    let way_out = "use --force to make it anew";
    for (options, parts) in [
        ("--all-replicates", &[all][..]),
        ("--format parquet", &[format]),
        ("--stop-when-se 9.5", &[stop]),
        (
            "--stop-when-se 9.5 --all-replicates --format parquet",
            &[all, format, stop],
        ),
    ] {
        let refused = ran(&format!("{base} --resume {options}"));
        refused.refused(2, parts);
        refused.refused(2, &["output/small was made with other options", way_out]);
    }
    // Nothing else is begun before that is told.
    let both = "run other.toml small.toml --replicates 12 --resume --all-replicates";
    ran(both).refused(2, &[all]);
    assert_eq!(support::names(&place.path("output")), ["small"]);
    assert!(result(&place.path("output/small")) == before);

    let stopped = format!("{base} --resume --stop-when-se 9.5");
    is_made(&format!("{stopped} --force"));
    is_kept(&stopped);
    is_kept(&format!("{base} --resume"));
    let made = "it was made with --stop-when-se 9.5 --stop-metric cutoff_score";
    ran(&format!("{base} --resume --stop-when-se 9")).refused(2, &[made]);
    ran(&format!("{stopped} --stop-metric mean_score")).refused(2, &[made]);
    is_made(&format!("{base} --resume --force --all-replicates"));
    assert!(place.path("output/small/invitees.csv").exists());
    is_kept(&format!("{base} --resume --all-replicates"));
    is_kept(&format!("{base} --resume"));
}

#[test]
fn a_result_that_lacks_a_file_is_not_whole() {
    let place = place();
    let line = ["run", "small.toml", "--replicates", "3", "--resume"];
    place.drawsim(&line[..4]).printed();
    let before = result(&place.path("output/small"));
    let gone = [
        "rounds.csv",
        "distribution.csv",
        "scores.csv",
        "summary.csv",
        "datapackage.json",
    ];
    for name in gone {
        let (there, away) = (place.path("output/small").join(name), place.path("away"));
        fs::rename(&there, &away).unwrap();
        let told = format!("output/small is not whole: {name} of it is not there; use --force");
        place.drawsim(&line).refused(2, &[&told]);
        fs::rename(&away, &there).unwrap();
    }
    // A disk that was full, or an editor, may have left another length.
    let cut = place.path("output/small/scores.csv");
    let bytes = fs::read(&cut).unwrap();
    let (long, short) = (bytes.len(), bytes.len() - 9);
    fs::write(&cut, &bytes[..short]).unwrap();
    let grouped = |number: usize| format!("{},{:03} bytes", number / 1_000, number % 1_000);
    let told = format!(
        "output/small is not whole: scores.csv has {} instead of {}; use --force",
        grouped(short),
        grouped(long)
    );
    place.drawsim(&line).refused(2, &[&told]);
    fs::write(&cut, &bytes).unwrap();
    // The page is made from the rest, and may be left out.
    let page = place.path("output/small/report.html");
    fs::remove_file(&page).unwrap();
    place.drawsim(&line).said(&["is whole already"]);
    for name in ["rounds.csv", "scores.csv"] {
        fs::remove_file(place.path("output/small").join(name)).unwrap();
    }
    let told = "output/small is not whole: rounds.csv, scores.csv of it are not there";
    place.drawsim(&line).refused(2, &[told]);
    let forced: Vec<&str> = line.into_iter().chain(["--force"]).collect();
    assert_eq!(place.drawsim(&forced).code, Some(0));
    assert!(result(&place.path("output/small")) == before);
}

#[test]
fn a_whole_result_of_a_comparison_a_sweep_and_a_backtest_is_kept_as_that_of_a_run_is() {
    let place = place();
    let ran = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        place.drawsim(&words)
    };
    ran("generate small.toml --out people.csv -q").printed();
    let days = "backtest --from 2025-06-01 --to 2025-07-01 --replicates";
    for (line, name, others) in [
        (
            "compare small.toml other.toml --pool people.csv --replicates 3",
            "small-compared",
            ["--seed 5", "--replicates 4"],
        ),
        (
            "sweep small.toml --set rounds.stem.invitations=5,10 --replicates 3",
            "small-swept",
            ["--set pool.size=500", "--metric invited"],
        ),
        (
            &format!("{days} 5"),
            "backtest",
            ["--seed 5", "--no-report --seed 6"],
        ),
    ] {
        let line = line.replace("--replicates 3", "--resume --replicates 3");
        let line = line.replace("--replicates 5", "--resume --replicates 5");
        let made = ran(&line);
        assert_eq!(made.code, Some(0), "{made:#?}");
        let folder = place.path("output").join(name);
        let before = result(&folder);
        let is_kept = || {
            let again = ran(&line);
            assert_eq!((again.code, &*again.stdout), (Some(0), ""), "{again:#?}");
            again.said(&[&format!("output/{name} is whole already")]);
        };
        is_kept();
        for other in others {
            // Its own replicates are in the line by now: an option may stand once.
            let other = match other.strip_prefix("--replicates ") {
                Some(number) => line.replace("--replicates 3", &format!("--replicates {number}")),
                None => format!("{line} {other}"),
            };
            ran(&other).refused(2, &[&format!("output/{name} exists already")]);
        }
        if name != "backtest" {
            let told = "--format parquet is asked for, and it was made with --format csv";
            ran(&format!("{line} --format parquet")).refused(2, &[told]);
        }
        let (there, away) = (folder.join("datapackage.json"), place.path("away"));
        fs::rename(&there, &away).unwrap();
        ran(&line).refused(2, &["is not whole: datapackage.json"]);
        fs::rename(&away, &there).unwrap();
        assert!(result(&folder) == before);
        is_kept();
    }
    // Other people are another comparison.
    ran("generate small.toml --size 500 --out people.csv -q --force").printed();
    let changed = "compare small.toml other.toml --pool people.csv --resume --replicates 3";
    ran(changed).refused(2, &["output/small-compared exists already"]);
}
