//! A scheduler and executors on this machine: the same bytes as without them, whoever is killed, and
//! clear errors where that cannot be. Only with the feature `cluster`; `.ci/cluster` runs it.
#![cfg(unix)]

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use drawsim::cluster::{Study, Written};
use drawsim::history::Texts;
use drawsim::scenario::{Overrides, Plan, Scenario, grid, policy_plans};
use drawsim::study::Detail;
use drawsim::study::backtest::Options;
use drawsim::study::sweep::Combined;
use support::{Place, Ran, SMALL, SMALL_YEAR, names, result};

const DRAWSIM: &str = env!("CARGO_BIN_EXE_drawsim");

/// A role that is ended with the test.
struct Role(Child);

impl Role {
    /// Starts a role and reads where it listens; it tells its errors to `stderr`.
    fn start(program: &Path, words: &[&str], stderr: Stdio) -> (Self, String) {
        let mut child = Command::new(program)
            .arg("cluster")
            .args(words)
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .expect("the role starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let at = line
            .trim()
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .to_owned();
        assert!(at.contains(':'), "{line:?}");
        (Role(child), at)
    }

    fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args([name, &id]).status();
        assert!(sent.unwrap().success());
    }

    /// The exit code of a role that ends by itself, and what it told.
    fn ended(&mut self) -> (Option<i32>, String) {
        let since = Instant::now();
        let status = loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                break status;
            }
            assert!(since.elapsed() < Duration::from_secs(60), "it goes on");
            std::thread::sleep(Duration::from_millis(50));
        };
        let mut told = String::new();
        let stderr = self.0.stderr.take();
        stderr.unwrap().read_to_string(&mut told).unwrap();
        (status.code(), told)
    }

    fn kill(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Role {
    fn drop(&mut self) {
        self.kill();
    }
}

struct Cluster {
    at: String,
    scheduler: Role,
    executors: Vec<Role>,
}

impl Cluster {
    fn start(place: &Place, executors: usize) -> Self {
        let (scheduler, at) = Role::start(
            Path::new(DRAWSIM),
            &["scheduler", "--port", "0"],
            Stdio::inherit(),
        );
        let mut cluster = Cluster {
            at,
            scheduler,
            executors: Vec::new(),
        };
        for _ in 0..executors {
            cluster.add(place, Path::new(DRAWSIM), Stdio::inherit());
        }
        cluster
    }

    /// Starts an executor and waits until the scheduler knows it.
    fn add(&mut self, place: &Place, program: &Path, stderr: Stdio) {
        let work = place.path("work").display().to_string();
        let words = [
            "executor",
            "--scheduler",
            &self.at,
            "--slots",
            "1",
            "--work",
            &work,
        ];
        self.executors.push(Role::start(program, &words, stderr).0);
        self.until_it_has(self.executors.len());
    }

    /// Waits until the scheduler has so many executors.
    fn until_it_has(&self, executors: usize) {
        let wanted = format!("ready: {executors} executors");
        let since = Instant::now();
        while !self.told().contains(&wanted) {
            assert!(since.elapsed() < Duration::from_secs(45), "{}", self.told());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn told(&self) -> String {
        let mut stream = TcpStream::connect(&self.at).unwrap();
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut told = String::new();
        stream.read_to_string(&mut told).unwrap();
        told
    }
}

/// A place with scenarios that take so many replicates.
fn place() -> Place {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let other = SMALL.replace("\"small\"", "\"other\"");
    place.file(
        "other.toml",
        &other.replace("invitations = 100", "invitations = 400"),
    );
    place.file("year.toml", SMALL_YEAR);
    place
}

fn end(child: Child) -> Ran {
    Ran::of(&child.wait_with_output().unwrap())
}

/// What a command without a cluster writes.
fn alone(place: &Place, line: &str, name: &str) -> BTreeMap<String, Vec<u8>> {
    assert_eq!(
        end(place.start(&format!("{line} --out alone"))).code,
        Some(0)
    );
    result(&place.path("alone").join(name))
}

#[test]
fn run_compare_and_sweep_come_to_the_same_bytes_as_without_a_cluster() {
    let place = place();
    let cluster = Cluster::start(&place, 2);
    for (line, name) in [
        ("run year.toml --replicates 60", "small-year"),
        (
            "run small.toml --replicates 9 --all-replicates --format parquet",
            "small",
        ),
        ("run year.toml", "small-year"),
        (
            "run small.toml --seed 18446744073709551615 --replicates 2",
            "small",
        ),
        (
            "compare small.toml other.toml --replicates 20",
            "small-compared",
        ),
        (
            "sweep small.toml --set rounds.stem.invitations=50,100 --set points.french_bonus=25,60 \
             --replicates 10",
            "small-swept",
        ),
    ] {
        let line = format!("{line} --force");
        let alone = alone(&place, &line, name);
        let spread = format!("{line} --partition 4 --cluster {} --out spread", cluster.at);
        end(place.start(&spread)).printed();
        assert_eq!(alone, result(&place.path("spread").join(name)), "{line}");
        assert_eq!(names(&place.path("spread")), names(&place.path("alone")));
    }
}

/// The published history without some of its rows, read from files.
fn own_history() -> [String; 2] {
    ["rounds", "pool_snapshots"].map(|name| {
        let text = fs::read_to_string(format!("src/history/data/{name}.csv")).unwrap();
        let lines = text.lines().enumerate();
        let kept = lines.filter(|(number, _)| number % 7 != 3);
        kept.map(|(_, line)| format!("{line}\n")).collect()
    })
}

#[test]
fn a_backtest_comes_to_the_same_bytes_as_without_a_cluster() {
    let place = place();
    let [rounds, snapshots] = own_history();
    place.file("rounds.csv", &rounds);
    place.file("pools.csv", &snapshots);
    let cluster = Cluster::start(&place, 2);
    let own = "backtest --rounds rounds.csv --snapshots pools.csv";
    let mut results = Vec::new();
    for (line, partition) in [
        ("backtest --from 2025-01-01 --replicates 3000", ""),
        (
            &format!("{own} --from 2023-01-01 --to 2024-03-31 --seed 18446744073709551615"),
            "--partition 2",
        ),
        (&format!("{own} --to 1999-12-31"), ""),
    ] {
        let line = format!("{line} --quiet --force --out");
        end(place.start(&format!("{line} alone/past"))).printed();
        let spread = format!("{line} spread/past {partition} --cluster {}", cluster.at);
        end(place.start(&spread)).printed();
        let alone = result(&place.path("alone/past"));
        assert!(alone == result(&place.path("spread/past")), "{line}");
        results.push(alone["backtest.csv"].clone());
    }
    let rows = results
        .iter()
        .map(|table| table.iter().filter(|&&byte| byte == b'\n').count());
    assert_eq!(rows.collect::<Vec<_>>(), [33, 48, 1]);
}

#[test]
fn a_run_whose_executor_is_killed_comes_to_the_same_bytes() {
    let place = place();
    let mut cluster = Cluster::start(&place, 2);
    let line = "run year.toml --quiet --replicates 2000";
    let spread = format!(
        "{line} --partition 20 --cluster {} --out spread",
        cluster.at
    );
    let since = Instant::now();
    let mut child = place.start(&spread);
    until_busy(&cluster.executors[0]);
    assert_eq!(child.try_wait().unwrap(), None, "it is in the middle");
    cluster.executors[0].kill();
    end(child).printed();
    let took = since.elapsed();
    assert!(took < Duration::from_secs(150), "{took:?}");
    let spread = result(&place.path("spread/small-year"));
    assert!(alone(&place, line, "small-year") == spread);
}

/// Rounds of several kinds in a row on a pool of so many candidates.
fn large(size: u64) -> String {
    format!(
        r#"
        name = "large"
        title = "A large pool"
        seed = 5
        pool = {{ as_of = 2023-07-04, size = {size}, bands = "history" }}
        rounds = [
          {{ at = 2023-07-05T13:00:00Z, type = "general", invitations = 900 }},
          {{ at = 2023-07-06T13:00:00Z, type = "stem", invitations = 300, tie_break = "random" }},
          {{ at = 2023-07-07T13:00:00Z, type = "general", invitations = 500, tie_break = "none" }},
          {{ at = 2023-07-08T13:00:00Z, type = "cec", invitations = 9_000 }},
        ]"#
    )
}

#[test]
fn a_pool_that_is_spread_comes_to_the_same_bytes_as_one_that_is_held() {
    let place = place();
    place.file("large.toml", &large(250_000));
    let cluster = Cluster::start(&place, 2);
    for (line, name) in [
        ("run large.toml", "large"),
        ("run large.toml --seed 8 --format parquet", "large"),
        ("run small.toml", "small"),
    ] {
        let line = format!("{line} --quiet --force");
        let alone = alone(&place, &line, name);
        for partition in ["", " --partition 1", " --partition 40000"] {
            let spread = format!("{line}{partition} --cluster {} --out spread", cluster.at);
            end(place.start(&spread)).printed();
            assert_eq!(alone, result(&place.path("spread").join(name)), "{spread}");
            assert_eq!(names(&place.path("spread")), names(&place.path("alone")));
        }
    }
}

#[test]
fn a_pool_that_is_spread_survives_the_loss_of_an_executor() {
    let place = place();
    place.file("large.toml", &large(16_000_000));
    let mut cluster = Cluster::start(&place, 2);
    let line = "run large.toml --quiet --no-report";
    let spread = format!(
        "{line} --partition 50000 --cluster {} --out spread",
        cluster.at
    );
    let mut child = place.start(&spread);
    until_busy(&cluster.executors[0]);
    assert_eq!(child.try_wait().unwrap(), None, "it is in the middle");
    cluster.executors[0].kill();
    end(child).printed();
    let spread = result(&place.path("spread/large"));
    assert!(alone(&place, line, "large") == spread);
}

/// Clock ticks of processor time that a role has taken.
#[cfg(target_os = "linux")]
fn ticks(role: &Role) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{}/stat", role.0.id())).unwrap();
    let fields = stat.rsplit(')').next().unwrap().split_whitespace();
    let ticks = fields.skip(11).take(2);
    ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

/// Waits until a role has worked for half a second: it is in the middle of something.
#[cfg(target_os = "linux")]
fn until_busy(role: &Role) {
    let (since, before) = (Instant::now(), ticks(role));
    while ticks(role) < before + 50 {
        assert!(since.elapsed() < Duration::from_secs(60), "nothing is made");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(not(target_os = "linux"))]
fn until_busy(_: &Role) {
    std::thread::sleep(Duration::from_secs(2));
}

/// Waits until a role does nothing. A partition that was handed out at the very moment of an
/// interruption is made to its end, which takes some seconds here; the whole study takes far longer.
#[cfg(target_os = "linux")]
fn until_idle(role: &Role) {
    let since = Instant::now();
    loop {
        let before = ticks(role);
        std::thread::sleep(Duration::from_secs(1));
        if ticks(role) - before < 10 {
            return;
        }
        assert!(since.elapsed() < Duration::from_secs(40), "it works on");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn executors_stop_soon_after_the_command_is_interrupted() {
    let place = place();
    place.file("large.toml", &large(600_000_000));
    let cluster = Cluster::start(&place, 1);
    let executor = &cluster.executors[0];
    for line in [
        "run large.toml --quiet",
        "run year.toml --quiet --replicates 100000",
    ] {
        let mut child = Role(place.start(&format!("{line} --cluster {}", cluster.at)));
        until_busy(executor);
        child.signal("-INT");
        assert_eq!(child.ended().0, Some(130));
        until_idle(executor);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_that_is_interrupted_while_it_sends_leaves_no_job_behind() {
    let place = place();
    place.file("large.toml", &large(600_000_000));
    let cluster = Cluster::start(&place, 1);
    let line = format!("run large.toml --quiet --cluster {}", cluster.at);
    for moment in (0..12).map(|step| Duration::from_millis(100 + 40 * step)) {
        let mut child = Role(place.start(&line));
        std::thread::sleep(moment);
        child.signal("-INT");
        // The signal itself ends a command that does not listen yet.
        let code = child.ended().0;
        assert!(matches!(code, Some(130) | None), "{moment:?}: {code:?}");
    }
    until_idle(&cluster.executors[0]);
}

#[test]
fn an_executor_ends_well_when_it_is_stopped_and_else_says_why_it_ends() {
    let place = place();
    let mut cluster = Cluster::start(&place, 0);
    for _ in 0..3 {
        cluster.add(&place, Path::new(DRAWSIM), Stdio::piped());
    }
    let executors: [Role; 3] = std::mem::take(&mut cluster.executors)
        .try_into()
        .ok()
        .unwrap();
    let [mut stopped, silent, last] = executors;
    stopped.signal("-TERM");
    assert_eq!(stopped.ended(), (Some(0), String::new()));
    silent.signal("-STOP");
    cluster.until_it_has(1);
    silent.signal("-CONT");
    // It is chance whether the scheduler tells it to end now or takes it up again.
    std::thread::sleep(Duration::from_secs(5));
    cluster.scheduler.kill();
    let has_ended = format!(
        "error: the executor has ended: the scheduler at {}",
        cluster.at
    );
    for mut executor in [silent, last] {
        let (code, told) = executor.ended();
        assert_eq!(code, Some(1), "{told}");
        assert!(told.starts_with(&has_ended), "{told}");
    }
    assert!(names(&place.path("work")).is_empty());
}

#[test]
fn what_there_is_no_memory_for_is_refused_where_it_would_be_taken() {
    let place = place();
    let limited = place.file(
        "limited",
        &format!("#!/bin/sh\nulimit -v 8000000\nexec {DRAWSIM} \"$@\"\n"),
    );
    fs::set_permissions(&limited, fs::Permissions::from_mode(0o755)).unwrap();
    let most = "size = 2_000_000_000";
    place.file("year.toml", &SMALL_YEAR.replace("size = 3_000", most));
    let many = SMALL.replace("size = 5_000", most);
    place.file(
        "many.toml",
        &many.replace("invitations = 100", "invitations = 2_000_000_000"),
    );
    let mut cluster = Cluster::start(&place, 0);
    cluster.add(&place, &limited, Stdio::inherit());
    let started =
        |line: &str| end(place.start(&format!("{line} --quiet --cluster {}", cluster.at)));
    started("run year.toml").refused(1, &["in each of its 1 slots needs about", "--slots"]);
    started("run many.toml").refused(1, &["whom the scenario small invites needs about"]);
    assert!(!place.path("output/small").exists(), "nothing is left");
}

#[test]
fn a_run_whose_scheduler_is_killed_ends_with_an_error_and_goes_on_with_resume() {
    let place = place();
    place.file("large.toml", &large(16_000_000));
    for (line, name, partition) in [
        ("run year.toml --replicates 4000", "small-year", 20),
        ("run large.toml --no-report", "large", 50_000),
    ] {
        let mut cluster = Cluster::start(&place, 1);
        let spread = format!("{line} --partition {partition} --out spread");
        let mut child = place.start(&format!("{spread} --cluster {}", cluster.at));
        let journal = format!(".{name}.journal");
        let since = Instant::now();
        let kept = || fs::metadata(place.path("spread").join(&journal));
        while kept().map_or(0, |found| found.len()) < 1_000 {
            assert!(since.elapsed() < Duration::from_secs(60), "nothing is kept");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(child.try_wait().unwrap(), None, "it is in the middle");
        cluster.scheduler.kill();
        let since = Instant::now();
        // Between two questions it is found silent, in the middle of one gone.
        end(child).refused(1, &["scheduler", &cluster.at, "--resume to go on"]);
        let took = since.elapsed();
        assert!(took < Duration::from_secs(40), "{took:?}");
        assert!(names(&place.path("spread")).contains(&journal));
        let other = Cluster::start(&place, 1);
        let again = end(place.start(&format!("{spread} --resume --cluster {}", other.at)));
        assert_eq!(again.code, Some(0), "{again:#?}");
        again.said(&[" finished before and "]);
        let spread = result(&place.path("spread").join(name));
        assert!(alone(&place, line, name) == spread);
        assert!(!names(&place.path("spread")).contains(&journal));
    }
}

#[test]
fn what_is_not_there_is_told_in_time() {
    let place = place();
    let since = Instant::now();
    for line in ["run small.toml --replicates 4", "backtest"] {
        let line = format!("{line} --quiet --cluster 127.0.0.1:1");
        end(place.start(&line)).refused(1, &["no scheduler answers at 127.0.0.1:1"]);
    }
    assert!(since.elapsed() < Duration::from_secs(10));
    let cluster = Cluster::start(&place, 0);
    let since = Instant::now();
    let line = format!(
        "run small.toml --quiet --replicates 4 --cluster {}",
        cluster.at
    );
    end(place.start(&line)).refused(1, &["has had no executor for 15 seconds", &cluster.at]);
    assert!(since.elapsed() < Duration::from_secs(30));
    for (line, told) in [
        ("run small.toml --cluster nowhere", "HOST:PORT"),
        ("run small.toml --partition 3", "--cluster"),
        (
            "run small.toml --cluster 127.0.0.1:1 --stop-when-se 1",
            "--stop-when-se",
        ),
        (
            "run small.toml --cluster 127.0.0.1:1 --pool pool.csv",
            "stay on this machine",
        ),
    ] {
        end(place.start("generate small.toml --size 50 --out pool.csv --quiet --force"));
        end(place.start(line)).refused(2, &[told]);
    }
    assert!(!place.path("output").exists(), "nothing is left");
}

#[test]
fn another_build_of_the_program_is_refused_by_scheduler_and_executor() {
    let place = place();
    // The same program but for a byte behind its end.
    let other = place.path("drawsim-other");
    fs::copy(DRAWSIM, &other).unwrap();
    let mut file = fs::OpenOptions::new().append(true).open(&other).unwrap();
    file.write_all(b"\n").unwrap();
    drop(file);
    let mut cluster = Cluster::start(&place, 0);
    cluster.add(&place, &other, Stdio::inherit());
    let line = format!(
        "run small.toml --quiet --replicates 4 --cluster {}",
        cluster.at
    );
    let words: Vec<&str> = line.split_whitespace().collect();
    let told = ["are the same file of the program", "(build "];
    end(place.start(&line)).refused(1, &[&told[..], &["the executor is drawsim"]].concat());
    let sent = Command::new(&other)
        .current_dir(place.path(""))
        .args(words)
        .output()
        .unwrap();
    Ran::of(&sent).refused(1, &[&told[..], &["the scheduler is drawsim"]].concat());
}

/// All of a plan that decides what comes out.
fn shown(plan: &Plan) -> String {
    format!(
        "{:?}",
        (
            plan.seed,
            &plan.pool,
            &plan.rules,
            &plan.rounds,
            &plan.timeline
        )
    )
}

/// A study arrives as the plans that were sent.
#[track_caller]
fn arrives(study: Written<'_>, sent: &[&Plan]) {
    let study = Study::read(&study.bytes().unwrap()).unwrap();
    let arrived = study.plans();
    assert_eq!(arrived.len(), sent.len());
    for (arrived, sent) in arrived.iter().zip(sent) {
        assert!(shown(arrived) == shown(sent), "{}", sent.name);
    }
}

#[test]
fn every_shipped_scenario_arrives_as_it_was_sent() {
    let mut count = 0;
    for folder in ["scenarios", "scenarios/policies"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|end| end != "toml") {
                continue;
            }
            let scenario = Scenario::from_path(&path).unwrap();
            let plans = scenario.policies(&Overrides::default()).unwrap();
            for plan in &plans {
                let detail = Detail::First;
                arrives(Written::Run { plan, detail }, &[plan]);
                let pool = Written::Pool {
                    plan,
                    chunks: 7,
                    floors: Some(&[1, 2]),
                };
                arrives(pool, &[plan]);
                count += 1;
            }
            if plans.len() > 1 {
                let plans = policy_plans(&[path], &Overrides::default()).unwrap();
                let sent: Vec<&Plan> = plans.iter().collect();
                arrives(Written::Compare { plans: &plans }, &sent);
            }
        }
    }
    assert!(count > 10, "{count}");
}

#[test]
fn profiles_come_along_and_no_other_file_is_opened() {
    let place = Place::new();
    let own = "profile = \"own.toml\"\nbands = \"none\"";
    let text = SMALL.replace("bands = \"none\"", own);
    let path = place.file("small.toml", &text);
    let profile = fs::read_to_string("src/synthesis/data/express-entry-2023.toml").unwrap();
    place.file("own.toml", &profile);
    let sets = [
        "pool.size=500,600".to_owned(),
        "points.french_bonus=10,20".to_owned(),
    ];
    let grid = grid(&path, &sets, &Overrides::default()).unwrap();
    let combinations = grid.combinations.iter().map(|one| Combined {
        people: one.people,
        plan: &one.plan,
    });
    let combinations: Vec<Combined<'_>> = combinations.collect();
    let study = Written::Sweep {
        people: &grid.people,
        combinations: &combinations,
    };
    let sent = grid
        .people
        .iter()
        .chain(combinations.iter().map(|one| one.plan));
    let sent: Vec<&Plan> = sent.collect();
    arrives(study, &sent);
    let bytes = study.bytes().unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    assert!(text.contains("profile = \\\"1.toml\\\""), "{text}");
    let elsewhere = place.path("own.toml").display().to_string();
    let tampered = text.replace(
        "profile = \\\"1.toml\\\"",
        &format!("profile = \\\"{elsewhere}\\\""),
    );
    let error = Study::read(tampered.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("did not come along"), "{error}");
    let tampered = text.replace("size = 500", "size = 0");
    let error = Study::read(tampered.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("pool.size"), "{error}");
    let cut: Arc<[u8]> = bytes[..bytes.len() / 2].into();
    assert!(Study::read(&cut).is_err());
}

#[test]
fn a_history_of_ones_own_comes_along_and_is_read_again() {
    let [rounds, snapshots] = own_history().map(String::into_bytes);
    let texts = Texts::from_bytes(rounds, snapshots);
    let options = Options {
        from: None,
        to: None,
        replicates: 321,
        seed: u64::MAX,
    };
    let history = Some(&texts);
    let bytes = Written::Backtest { history, options }.bytes().unwrap();
    Study::read(&bytes).unwrap();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    for (sent, tampered, told) in [
        (",486,", ",2000,", "`2000` is not a score"),
        ("Z,general,", "Z,party,", "rounds.csv:2: kind: `party`"),
        ("601-1200", "601-1300", "pool_snapshots.csv:1: "),
        ("\"replicates\":321", "\"replicates\":0", "0 replicates"),
    ] {
        assert!(text.contains(sent), "{sent}");
        let tampered = text.replace(sent, tampered);
        let error = Study::read(tampered.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }
}
