//! What is left when a command is killed, stopped, denied its disk or its folder, or meets another
//! one at work: the older result whole or the new one whole, and a message that says what to do.
#![cfg(unix)]

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Place, Ran, SMALL};

/// Kills of each command; four commands make two hundred.
const KILLS: u32 = 50;

/// Random numbers for moments (xorshift); the seed is printed when a test fails.
struct Moments(u64);

impl Moments {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit.max(1)
    }
}

/// Starts the binary in the folder of a test.
fn start(place: &Place, args: &[String]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_drawsim"))
        .current_dir(place.path(""))
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

fn ended(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().expect("the binary ends"))
}

/// Waits for a condition that has to come true soon.
#[track_caller]
fn wait_for(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(60);
    while !condition() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(str::to_owned).collect()
}

/// A result, whether it is a file or a folder; nothing where there is none.
fn found(path: &Path) -> Option<BTreeMap<String, Vec<u8>>> {
    let found = fs::symlink_metadata(path).ok()?;
    if found.is_file() {
        return Some([(String::new(), fs::read(path).unwrap())].into());
    }
    let mut result = BTreeMap::new();
    for name in support::names(path) {
        let mut bytes = fs::read(path.join(&name)).unwrap();
        if name == "manifest.json" {
            let text = String::from_utf8(bytes).unwrap();
            let lines = text
                .lines()
                .filter(|line| !line.contains("wall_time_seconds"));
            bytes = lines.collect::<Vec<_>>().join("\n").into_bytes();
        }
        result.insert(name, bytes);
    }
    Some(result)
}

/// Kills a command, which makes one of two results in turn, at random moments.
fn kill_at_random(line: impl Fn(u32) -> String, prepare: impl Fn(&Place), result: &str) {
    let seed = std::env::var("DRAWSIM_FAULT_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or(7_u64);
    println!("DRAWSIM_FAULT_SEED={seed}");
    let mut moments = Moments(seed << 32 | 0x9E37_79B9);
    let place = Place::new();
    prepare(&place);
    let result = place.path(result);
    let mut whole = Vec::new();
    let mut usual = Duration::MAX;
    for which in [1, 2] {
        let since = Instant::now();
        let ran = ended(start(&place, &words(&line(which))));
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        usual = usual.min(since.elapsed());
        whole.push(found(&result));
    }
    assert_ne!(whole[0], whole[1]);
    let clean = support::names(result.parent().unwrap());

    let (mut killed, mut left) = (0, 0);
    let mut now = 1;
    for kill in 0..KILLS {
        if kill == KILLS / 2 {
            // From here on there may be no older result.
            remove(&result);
            whole.push(None);
        }
        // The one that is not there, so that each command that comes to its end changes something.
        let which = if now == 0 { 2 } else { 1 };
        let mut child = start(&place, &words(&line(which)));
        let moment = Duration::from_micros(moments.below(usual.as_micros() as u64 * 5 / 4));
        std::thread::sleep(moment);
        let was_running = child.try_wait().unwrap().is_none();
        if !was_running {
            // It takes no longer than that, now that other tests may have ended.
            usual = usual.min(moment.max(Duration::from_millis(1)));
        }
        child.kill().unwrap();
        child.wait().unwrap();
        killed += u32::from(was_running);
        let is = found(&result);
        let Some(place_of) = whole.iter().position(|whole| *whole == is) else {
            panic!(
                "kill {kill} at {moment:?} of `{}` left a mix (seed {seed})",
                line(which)
            );
        };
        now = place_of;
        left += u32::from(support::names(result.parent().unwrap()) != clean);
        if kill % 10 == 9 {
            let ran = ended(start(&place, &words(&line(which))));
            assert_eq!(ran.code, Some(0), "{ran:#?}");
            now = which as usize - 1;
            assert_eq!(found(&result), whole[now]);
            assert_eq!(
                support::names(result.parent().unwrap()),
                clean,
                "seed {seed}"
            );
        }
    }
    assert!(
        killed >= KILLS / 4,
        "{killed} of {KILLS} kills met a running command"
    );
    println!("{killed} kills met a running command, {left} left something to take away");
}

fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else if path.exists() {
        fs::remove_file(path).unwrap();
    }
}

fn small(place: &Place) {
    let text = SMALL
        .replace("5_000", "500")
        .replace("invitations = 100", "invitations = 20");
    place.file("small.toml", &text);
    let other = text
        .replace("\"small\"", "\"other\"")
        .replace("invitations = 20", "invitations = 40");
    place.file("other.toml", &other);
}

#[test]
fn a_run_killed_at_any_moment_leaves_one_whole_result() {
    kill_at_random(
        |seed| format!("run small.toml --force --quiet --seed {seed}"),
        small,
        "output/small",
    );
}

#[test]
fn a_comparison_killed_at_any_moment_leaves_one_whole_result() {
    kill_at_random(
        |seed| format!("compare small.toml other.toml --force --replicates 4 --seed {seed}"),
        small,
        "output/small-compared",
    );
}

#[test]
fn a_generation_killed_at_any_moment_leaves_one_whole_file() {
    kill_at_random(
        |seed| format!("generate small.toml --out new/pool.csv --force --size 4000 --seed {seed}"),
        |place| {
            small(place);
            fs::create_dir(place.path("new")).unwrap();
        },
        "new/pool.csv",
    );
}

#[test]
fn an_import_killed_at_any_moment_leaves_both_tables_of_one_feed() {
    kill_at_random(
        |which| format!("history import {which}.json --out new/history --force --quiet"),
        |place| {
            let feed = include_str!("data/feed.json");
            place.file("1.json", feed);
            place.file("2.json", &feed.replace("2023", "2024"));
        },
        "new/history",
    );
}

/// A run that takes long enough to be met at work.
fn long_run(place: &Place, out: &str) -> (Child, PathBuf) {
    place.file("small.toml", SMALL);
    let child = long_run_of(place, out, &[]);
    (child, place.path(out).join(".small.partial"))
}

fn long_run_of(place: &Place, out: &str, signals: &[&str]) -> Child {
    let partial = place.path(out).join(".small.partial");
    let args = words(&format!("run small.toml --replicates 100000 --out {out}"));
    // Where tests run in the background, signals are ignored from above.
    let child = Command::new("env")
        .arg("--default-signal")
        .args(signals)
        .arg(env!("CARGO_BIN_EXE_drawsim"))
        .args(args)
        .current_dir(place.path(""))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("env starts the binary");
    wait_for("the run begins its folder", || partial.exists());
    child
}

fn send(signal: &str, child: &Child) {
    let done = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(done.unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_told_to_stop_keeps_what_is_finished_and_ends_with_130() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let place = Place::new();
        let (child, _) = long_run(&place, "new/out");
        let journal = place.path("new/out/.small.journal");
        wait_for("a replicate is finished", || {
            fs::metadata(&journal).is_ok_and(|found| found.len() > 100)
        });
        send(signal, &child);
        let parts = ["stopped before new/out/small was whole", "with --resume"];
        ended(child).refused(130, &parts);
        assert_eq!(support::names(&place.path("new/out")), [".small.journal"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_is_told_to_stop_before_anything_is_finished_leaves_nothing() {
    let place = Place::new();
    place.file("small.toml", &SMALL.replace("5_000", "9_000_000"));
    let child = long_run_of(&place, "new/out", &[]);
    send("-INT", &child);
    let parts = [
        "stopped before new/out/small was whole",
        "Run the same command again",
    ];
    ended(child).refused(130, &parts);
    assert_eq!(place.names(), ["small.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_ignores_one_signal_from_above_ends_with_130_at_the_others() {
    // As under nohup, and as in a job that a script has put into the background.
    for (ignored, name, heard) in [
        ("-HUP", "--ignore-signal=HUP", "-TERM"),
        ("-HUP", "--ignore-signal=HUP", "-INT"),
        ("-INT", "--ignore-signal=INT", "-TERM"),
    ] {
        let place = Place::new();
        place.file("small.toml", &SMALL.replace("5_000", "9_000_000"));
        let mut child = long_run_of(&place, "new/out", &[name]);
        send(ignored, &child);
        std::thread::sleep(Duration::from_millis(50));
        assert!(child.try_wait().unwrap().is_none(), "{ignored} is ignored");
        send(heard, &child);
        ended(child).refused(130, &["stopped before new/out/small was whole"]);
        assert_eq!(place.names(), ["small.toml"]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_does_not_fit_into_the_limit_of_the_shell_is_refused_before_it_begins() {
    let place = Place::new();
    place.file("small.toml", &SMALL.replace("5_000", "10_000_000"));
    for limit in [300_000, 400_000, 500_000] {
        let shell = format!("ulimit -v {limit} && exec \"$0\" run small.toml --threads 2");
        let ran = Command::new("sh")
            .args(["-c", &shell, env!("CARGO_BIN_EXE_drawsim")])
            .current_dir(place.path(""))
            .output()
            .unwrap();
        let parts = [
            "of memory, but",
            "within the limit of the shell (ulimit -v)",
        ];
        Ran::of(&ran).refused(1, &parts);
    }
    assert_eq!(place.names(), ["small.toml"]);
}

#[cfg(target_os = "linux")]
#[test]
fn of_two_runs_into_one_folder_the_second_is_told_and_the_first_goes_on() {
    let place = Place::new();
    let (mut first, partial) = long_run(&place, "output");
    for force in ["", "--force"] {
        let second = ended(start(&place, &words(&format!("run small.toml {force}"))));
        second.refused(1, &["another run is writing output/small", "wait for it"]);
    }
    assert!(first.try_wait().unwrap().is_none() && partial.exists());
    first.kill().unwrap();
    first.wait().unwrap();
    // It may have finished some replicates, and then the next run says so.
    let third = place.drawsim(&["run", "small.toml"]);
    assert_eq!(third.code, Some(0), "{third:#?}");
    assert_eq!(support::names(&place.path("output")), ["small"]);
}

#[test]
fn a_folder_that_disappears_is_told_and_nothing_is_left() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let journal = place.path("output/.small.journal");
    let run = start(&place, &words("run small.toml --replicates 200"));
    wait_for("the run is under way", || journal.exists());
    while fs::remove_dir_all(place.path("output")).is_err() {}
    let ran = ended(run);
    ran.refused(
        1,
        &[
            "output/small cannot be finished",
            "disappeared",
            "run it again",
        ],
    );
    assert_eq!(place.names(), ["small.toml"]);
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    small(&place);
    fs::create_dir(place.path("kept")).unwrap();
    fs::set_permissions(place.path("kept"), fs::Permissions::from_mode(0o555)).unwrap();
    // Nobody, not even the superuser, makes files in /sys.
    let may_all = fs::write(place.path("kept/try"), "").is_ok();
    let kept = if may_all && cfg!(target_os = "linux") {
        "/sys"
    } else {
        "kept"
    };
    if may_all && kept == "kept" {
        return;
    }
    let feed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feed.json");
    for line in [
        format!("run small.toml --out {kept}"),
        format!("compare small.toml other.toml --replicates 2 --out {kept}"),
        format!("generate small.toml --out {kept}/pool.csv"),
        format!("backtest --from 2025-06-01 --replicates 2 --out {kept}/backtest"),
        format!("history import {feed} --out {kept}/history"),
    ] {
        let ran = ended(start(&place, &words(&line)));
        ran.refused(
            1,
            &[kept, "choose a folder that you may write to with --out"],
        );
    }
}

/// Fills a disk up to a few pages, and gives the file that does.
fn fill(disk: &Path) -> PathBuf {
    let path = disk.join("filling");
    let mut file = fs::File::create(&path).unwrap();
    while file.write_all(&[7; 4096]).is_ok() {}
    let most = file.metadata().unwrap().len();
    file.set_len(most.saturating_sub(ROOM)).unwrap();
    path
}

/// Bytes left on a disk that is full: enough to begin, and not enough for any result.
const ROOM: u64 = 16 << 10;

/// `.ci/run` mounts a disk of four megabytes that is empty, and names it.
#[test]
#[ignore = "needs a small disk of its own, which .ci/run mounts"]
fn a_full_disk_ends_with_1_and_leaves_the_older_result_and_nothing_but_what_can_be_resumed() {
    let place = Place::new();
    small(&place);
    let feed = include_str!("data/feed.json");
    place.file("1.json", feed);
    place.file("2.json", &feed.replace("2023", "2024"));
    let disk = PathBuf::from(std::env::var("DRAWSIM_FULL_DISK").expect("the mount is named"));
    let name = disk.display();
    type Line<'a> = &'a dyn Fn(u32) -> String;
    let lines: [(&str, Line); 7] = [
        ("small", &|seed| {
            format!("run small.toml --seed {seed} --out {name}")
        }),
        ("small", &|seed| {
            format!("run small.toml --seed {seed} --format parquet --out {name}")
        }),
        ("small", &|seed| {
            format!("run small.toml --replicates 200 --seed {seed} --out {name}")
        }),
        ("small-compared", &|seed| {
            format!("compare small.toml other.toml --replicates 40 --seed {seed} --out {name}")
        }),
        ("pool.csv", &|seed| {
            format!("generate small.toml --seed {seed} --out {name}/pool.csv")
        }),
        ("pool.parquet", &|seed| {
            format!("generate small.toml --seed {seed} --size 4000 --out {name}/pool.parquet")
        }),
        ("history", &|seed| {
            format!("history import {seed}.json --out {name}/history")
        }),
    ];
    let mut resumable = 0;
    for (result, line) in lines {
        let resumes = line(1).contains("--replicates");
        for resume in [false, resumes] {
            let path = disk.join(result);
            let first = ended(start(&place, &words(&line(1))));
            assert_eq!(first.code, Some(0), "{first:#?}");
            let older = found(&path);
            let filling = fill(&disk);
            let again = words(&format!("{} --force", line(2)));
            let ran = ended(start(&place, &again));
            ran.refused(1, &["No space left", "free some space"]);
            assert!(found(&path) == older, "{}", line(2));
            fs::remove_file(filling).unwrap();
            let journal = format!(".{result}.journal");
            let mut left = support::names(&disk);
            let kept = left.contains(&journal);
            left.retain(|name| *name != journal);
            assert_eq!(left, [result], "{}", line(2));
            assert!(!kept || resumes, "{}", line(2));
            assert_eq!(kept, ran.stderr.contains("with --resume to go on"));
            resumable += u32::from(kept);

            // Some space is freed: the same command comes to its end and cleans up.
            let flag = if resume { &["--resume"][..] } else { &[] };
            let flags = flag.iter().map(|flag| (*flag).to_owned());
            let ran = ended(start(
                &place,
                &again.into_iter().chain(flags).collect::<Vec<_>>(),
            ));
            assert_eq!(ran.code, Some(0), "{ran:#?}");
            if kept && !resume {
                ran.said(&["is thrown away", "--resume"]);
            } else if kept {
                ran.said(&[" finished before and "]);
            }
            assert_eq!(support::names(&disk), [result], "{}", line(2));
            let newer = found(&path);
            assert!(newer != older);
            remove(&path);
            let anew = ended(start(&place, &words(&line(2))));
            assert_eq!(anew.code, Some(0), "{anew:#?}");
            assert!(found(&path) == newer, "{}", line(2));
            remove(&path);
        }
    }
    assert!(resumable > 0, "no run had finished anything");
}

/// `.ci/run` mounts a disk that is read-only, and names it.
#[test]
#[ignore = "needs a read-only disk, which .ci/run mounts"]
fn a_read_only_disk_ends_with_1_and_a_way_out() {
    let place = Place::new();
    small(&place);
    let feed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feed.json");
    let disk = std::env::var("DRAWSIM_READ_ONLY_DISK").expect("the mount is named");
    for line in [
        format!("run small.toml --out {disk}"),
        format!("compare small.toml other.toml --replicates 2 --out {disk}"),
        format!(
            "sweep small.toml --set rounds.general.invitations=5,10 --replicates 2 --out {disk}"
        ),
        format!("backtest --from 2025-06-01 --replicates 2 --out {disk}/backtest"),
        format!("generate small.toml --out {disk}/pool.csv"),
        format!("generate small.toml --out {disk}/pool.parquet"),
        format!("history import {feed} --out {disk}/history"),
    ] {
        let ran = ended(start(&place, &words(&line)));
        ran.refused(1, &["Read-only file system", "choose a folder"]);
        assert!(support::names(Path::new(&disk)).is_empty(), "{line}");
    }
}
