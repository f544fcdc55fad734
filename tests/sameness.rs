//! Results are the same bytes whatever the locale, the time zone, the home, the processor and the
//! number of threads; time and place of the run leave no trace in them.

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;

use support::{OTHER_PROCESSOR, Place, SMALL, result};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Everything that a set of commands writes, in surroundings of a kind.
fn written(
    threads: &str,
    surroundings: &[(&str, &str)],
) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let place = Place::new();
    let feed = format!("{ROOT}/tests/data/feed.json");
    let small = SMALL.replace("bands = \"none\"", "bands = \"history\"");
    place.file("small.toml", &small);
    place.file(
        "other.toml",
        &small.replace("small", "other").replace("= 200", "= 20"),
    );
    let stretch = "[timeline]\nend = 2023-12-31\narrivals = { per_day = 12 }\n\
                   answers = { accept = 0.6, decline = 0.3 }\nwithdrawals_per_year = 0.5\n\n[[rounds]]";
    let lasting = small.replacen("[[rounds]]", stretch, 1);
    place.file("lasting.toml", &lasting.replace("small", "lasting"));
    let run = |args: &[&str]| {
        let ran = place.drawsim_with(args, |command| {
            for variable in ["LANG", "LC_ALL", "TZ", "HOME", "COLUMNS"] {
                command.env_remove(variable);
            }
            command.envs(surroundings.iter().copied());
        });
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        ran.stdout
    };
    let mut printed = String::new();
    for line in [
        "run small.toml lasting.toml --quiet --out run",
        "run lasting.toml --quiet --out run/many --replicates 5 --all-replicates",
        "compare small.toml other.toml --quiet --replicates 3 --out run",
        "generate small.toml --quiet --size 70000 --out pool.csv",
        "backtest --quiet --from 2025-03-01 --out run/backtest",
    ] {
        let words = line.split(' ').chain(["--threads", threads]);
        printed += &run(&words.collect::<Vec<_>>());
    }
    let history = [
        "history",
        "import",
        &feed,
        "--quiet",
        "--out",
        "run/history",
    ];
    printed += &run(&history);
    printed += &run(&["history", "list", "--from", "2025-01-01"]);
    let folders = [
        "small",
        "lasting",
        "many/lasting",
        "small-compared",
        "backtest",
        "history",
    ];
    let mut all: BTreeMap<_, _> = folders
        .map(str::to_owned)
        .into_iter()
        .map(|name| (name.clone(), result(&place.path("run").join(name))))
        .collect();
    let pool = std::fs::read(place.path("pool.csv")).unwrap();
    let others = [
        ("pool.csv".to_owned(), pool),
        ("stdout".to_owned(), printed.into_bytes()),
    ];
    all.insert(String::new(), others.into());
    all
}

#[test]
fn locale_time_zone_processor_and_threads_change_no_byte() {
    let plain = written("2", &[("TZ", "UTC"), ("LC_ALL", "C")]);
    assert!(plain.len() > 5);
    let turkish = [
        ("TZ", "Pacific/Kiritimati"),
        ("LC_ALL", "tr_TR.UTF-8"),
        ("HOME", "/nowhere"),
    ];
    let hindi = [
        ("TZ", "America/St_Johns"),
        ("LANG", "hi_IN.UTF-8"),
        ("COLUMNS", "20"),
        OTHER_PROCESSOR,
    ];
    for (threads, surroundings) in [("1", &turkish[..]), ("7", &hindi[..])] {
        let other = written(threads, surroundings);
        for (name, files) in &plain {
            for (file, bytes) in files {
                assert!(
                    other[name][file] == *bytes,
                    "{name}/{file} with {surroundings:?}"
                );
            }
        }
    }
}
