//! `drawsim calibrate` as a process: its files, what they are good for, exit codes, and the same
//! bytes for any number of threads.

#[allow(dead_code)]
mod support;

use std::fs;
use std::path::Path;

use drawsim::history;
use support::{OTHER_PROCESSOR, Place, rows};

/// Rounds and pools of the first half of 2024, twenty times smaller, as files.
fn small_history(place: &Place) -> [String; 2] {
    let inside = |day: &str| ("2024-01-20".."2024-08-01").contains(&&day[..10]);
    let smaller = |cell: &str| (cell.parse::<u64>().unwrap() / 20).to_string();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/history/data");
    let copy = |name: &str, day: usize, numbers: std::ops::Range<usize>| {
        let mut reader = csv::Reader::from_path(data.join(name)).unwrap();
        let mut writer = csv::Writer::from_path(place.path(name)).unwrap();
        writer.write_record(reader.headers().unwrap()).unwrap();
        for row in reader.records() {
            let row = row.unwrap();
            if inside(&row[day]) {
                let cells = row.iter().enumerate().map(|(at, cell)| {
                    if numbers.contains(&at) {
                        smaller(cell)
                    } else {
                        cell.to_owned()
                    }
                });
                writer.write_record(cells).unwrap();
            }
        }
        writer.flush().unwrap();
        place.path(name).display().to_string()
    };
    let bands = history::BANDS.len();
    [
        copy("rounds.csv", 1, 5..6),
        copy("pool_snapshots.csv", 0, 1..bands + 2),
    ]
}

/// A calibration to that history, with some more options.
fn calibrate<'a>([rounds, snapshots]: &'a [String; 2], more: &[&'a str]) -> Vec<&'a str> {
    let of_history = ["calibrate", "--rounds", rounds, "--snapshots", snapshots];
    [&of_history[..], more].concat()
}

#[test]
fn all_files_are_the_same_bytes_for_any_threads_and_processor_and_the_profile_can_be_used() {
    let place = Place::new();
    let past = small_history(&place);
    let files = |threads: &str| {
        let out = format!("out-{threads}");
        let args = calibrate(
            &past,
            &[
                "--to",
                "2024-07-01",
                "--check",
                "2024-07-10",
                "--name",
                "mine",
                "--threads",
                threads,
                "--out",
                &out,
            ],
        );
        // One of them on another processor, as the C library sees it.
        let ran = place.drawsim_with(&args, |command| {
            command.envs((threads == "7").then_some(OTHER_PROCESSOR));
        });
        let said = ran.printed().to_owned();
        assert!(
            said.contains("share_above_cutoff") && said.contains("| all but pnp"),
            "{said}"
        );
        [
            "profile.toml",
            "scenario.toml",
            "targets.csv",
            "arrivals.csv",
            "check.csv",
        ]
        .map(|name| fs::read_to_string(place.path(&out).join("mine").join(name)).unwrap())
    };
    let alone = files("1");
    assert_eq!(alone, files("2"));
    assert_eq!(alone, files("7"));
    assert!(alone[0].starts_with("# A population profile fitted to published rounds"));
    assert!(alone[0].contains("--to 2024-07-01"));
    assert!(alone[2].starts_with("target,group,score,source,wanted,got,error,n\n"));
    let folder = place.path("out-1").join("mine");
    let targets = rows(&folder.join("targets.csv"));
    let bands = targets.iter().filter(|row| row["target"] == "pool_band");
    assert!(
        bands.clone().count() == 15 && bands.clone().all(|row| row["error"].parse() == Ok(0.0))
    );
    assert_eq!(rows(&folder.join("check.csv")).len(), 4);
    for file in ["manifest.json", "datapackage.json"] {
        assert!(folder.join(file).is_file(), "{file}");
    }

    // Who arrives in a band is whom the profile has there.
    let arriving = alone[1].split("[timeline.arrivals]").nth(1).unwrap();
    assert!(arriving.contains("\nmix = \"profile\"\n"), "{arriving}");
    // French speakers come as fast as their rounds of March and April found them.
    let faster = "\nsegments = { french-overseas = ";
    assert!(arriving.contains(faster), "{arriving}");
    assert!(alone[1].contains("`segments`"), "{}", alone[1]);
    let scenario = folder.join("scenario.toml").display().to_string();
    place.drawsim(&["validate", &scenario]).printed();
    place.drawsim(&["run", &scenario, "--quiet"]).printed();
    place.file(
        "own.toml",
        "name = \"own\"\n[pool]\nas_of = 2024-07-02\nsize = 5000\nbands = \"none\"\n\
         profile = \"out-1/mine/profile.toml\"\n[[rounds]]\nat = 2024-07-04T13:00:00Z\n\
         type = \"french\"\ninvitations = 20\n",
    );
    place.drawsim(&["run", "own.toml", "--quiet"]).printed();
    // A fitted profile can be fitted further.
    let profile = folder.join("profile.toml").display().to_string();
    let args = calibrate(
        &past,
        &[
            "--to",
            "2024-07-20",
            "--profile",
            &profile,
            "--name",
            "further",
        ],
    );
    place.drawsim(&args).printed();
}

#[test]
fn a_round_of_no_known_type_is_told_and_the_scenario_says_that_it_lacks_it() {
    let place = Place::new();
    let past = small_history(&place);
    let text = fs::read_to_string(&past[0]).unwrap();
    assert_eq!(text.matches("305,2024-07-18").count(), 1, "{text}");
    let line = text.lines().find(|line| line.starts_with("305,")).unwrap();
    let cells: Vec<&str> = line.split(',').collect();
    let at = cells[1];
    let line_of_none = format!(
        "305,{at},,,,{},{},{},{},Physicians on Mars,",
        cells[5], cells[6], cells[7], cells[8]
    );
    fs::write(&past[0], text.replace(line, &line_of_none)).unwrap();
    let ran = place.drawsim(&calibrate(&past, &["--to", "2024-07-20", "--name", "odd"]));
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    ran.said(&[
        "round 305 of 2024-07-18, `Physicians on Mars`, is of no type that is known",
        "scenario.toml leaves it out",
    ]);
    let scenario = place.path("output/odd/scenario.toml");
    let text = fs::read_to_string(&scenario).unwrap();
    let told = "\n# Left out, as their type or version is not known for their day: 305.\n";
    assert!(text.contains(told), "{text}");
    place
        .drawsim(&["validate", &scenario.display().to_string()])
        .printed();
}

#[test]
fn a_scenario_that_is_written_can_be_run_whenever_its_date_and_says_what_it_holds() {
    let place = Place::new();
    let past = small_history(&place);
    for (to, told, arrive) in [
        // The first pool is of two days before, the next of a week later.
        (
            "2024-01-24",
            "nobody arrives in scenario.toml: arrivals are counted from two",
            false,
        ),
        ("2024-02-05", "", true),
        ("2024-06-30", "", true),
        ("2024-09-20", "", true),
        (
            "2025-02-25",
            "the last pool known before 2025-02-25 is of 2024-07-31",
            true,
        ),
        (
            "2026-02-05",
            "the last pool known before 2026-02-05 is of 2024-07-31",
            true,
        ),
        (
            "2026-10-04",
            "the last pool known before 2026-10-04 is of 2024-07-31",
            true,
        ),
    ] {
        let ran = place.drawsim(&calibrate(&past, &["--to", to, "--name", to]));
        assert_eq!(ran.code, Some(0), "{to}: {ran:#?}");
        ran.said(&[told]);
        assert_eq!(
            ran.stderr.contains("earlier"),
            told.contains("last pool"),
            "{to}: {ran:#?}"
        );
        let scenario = place.path("output").join(to).join("scenario.toml");
        let text = fs::read_to_string(&scenario).unwrap();
        for words in [
            ", with arrivals\"",
            "\n[timeline.arrivals]\n",
            "arrivals by band",
        ] {
            assert_eq!(text.contains(words), arrive, "{to}: {words} in\n{text}");
        }
        assert!(text.contains("label = \"next "), "{to}: {text}");
        // Who has more than 600 points stands in several bands once a PNP round has told how low.
        let pool = &toml::from_str::<toml::Table>(&text).unwrap()["pool"];
        let low = |band: &&String| band.split('-').next().unwrap().parse::<u16>().unwrap();
        let bands = pool["bands"].as_table().unwrap().keys();
        let of_nominees = bands.filter(|band| low(band) > 600).count();
        assert_eq!(of_nominees > 1, to >= "2024-06-30", "{to}: {pool}");
        let scenario = scenario.display().to_string();
        let ran = place.drawsim(&["run", &scenario, "--quiet", "--no-report"]);
        assert_eq!(ran.code, Some(0), "{to}: {ran:#?}");
    }
}

#[test]
fn where_there_is_no_round_no_scenario_is_written_and_a_note_says_so() {
    let place = Place::new();
    let past = small_history(&place);
    let ran = place.drawsim(&calibrate(&past, &["--to", "2024-01-23", "--name", "none"]));
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    ran.said(&[
        "no round is known before 2024-01-23",
        "no scenario.toml is written",
    ]);
    assert!(!place.path("output/none/scenario.toml").exists());
}

#[test]
fn rounds_of_a_written_scenario_have_labels_of_their_own_whatever_their_numbers() {
    let place = Place::new();
    let past = small_history(&place);
    let text = fs::read_to_string(&past[0]).unwrap();
    let long = "9".repeat(45);
    let renamed = text
        .replace("\n300,", "\nnext general,")
        .replace("\n301,", &format!("\n{long}1,"))
        .replace("\n302,", &format!("\n{long}2,"));
    fs::write(&past[0], &renamed).unwrap();
    place
        .drawsim(&calibrate(&past, &["--to", "2024-07-12", "--name", "odd"]))
        .printed();
    let scenario = place.path("output/odd/scenario.toml");
    let text = fs::read_to_string(&scenario).unwrap();
    let short = "9".repeat(40);
    let second = format!("{short} (2)");
    for label in ["next general", "next general (2)", &short, &second] {
        assert!(text.contains(&format!("label = \"{label}\"")), "{text}");
    }
    let scenario = scenario.display().to_string();
    place.drawsim(&["validate", &scenario]).printed();
}

#[test]
fn a_check_without_rounds_to_hold_is_told() {
    let place = Place::new();
    let past = small_history(&place);
    let check = ["--to", "2024-08-01", "--check", "2024-09-01"];
    let ran = place.drawsim(&calibrate(&past, &check));
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    ran.said(&["no round with its pool is known from 2024-08-01 to 2024-09-01"]);
    assert!(!ran.stdout.contains("Later rounds"), "{}", ran.stdout);
}

#[test]
fn bad_usage_is_exit_code_2_and_leaves_nothing() {
    let place = Place::new();
    for (args, message) in [
        (
            &["--to", "2022-01-01"][..],
            "no pool was published before 2022-01-01",
        ),
        (&[], "--to"),
        (
            &["--to", "2099-01-01"],
            "the points in force from 2026-11-03 are not known",
        ),
        (
            &["--to", "2026-10-05"],
            "give --to 2026-10-04 at the latest",
        ),
        (
            &["--to", "2024-07-01", "--check", "2024-06-01"],
            "earlier than --to",
        ),
        (
            &["--to", "2024-07-01", "--profile", "mine"],
            "known are express-entry-2023",
        ),
        (
            &["--to", "2024-07-01", "--profile", "mine.toml"],
            "mine.toml: cannot be read",
        ),
        (&["--to", "2024-07-01", "--rounds", "r.csv"], "--snapshots"),
        (
            &["--to", "2024-07-01", "--name", "../x"],
            "cannot name a result folder",
        ),
    ] {
        let ran = place.drawsim(&[&["calibrate"][..], args].concat());
        ran.refused(2, &[message]);
    }
    assert_eq!(place.names(), [""; 0]);
}
