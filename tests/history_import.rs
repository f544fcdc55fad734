//! The official feed of rounds into tables: every variant and fault of a synthetic feed, hostile
//! feeds, and the embedded history through a feed and back.

use std::fmt::Write as _;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use drawsim::history::feed::{Imported, Severity, import};
use drawsim::history::{BANDS, History, Kind, Round, Snapshot, published};
use drawsim::output::{OutputError, published as published_folder};
use drawsim::units::{Date, Instant};
use serde_json::{Map, Value, json};

const FEED: &[u8] = include_bytes!("data/feed.json");
const FEED_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/feed.json");

/// Writes the folder `imported` in `parent`.
fn write(parent: &Path, imported: &Imported, force: bool) -> Result<PathBuf, OutputError> {
    let now = Clock::now();
    published_folder::write(
        parent,
        "imported",
        force,
        (Path::new(FEED_FILE), FEED),
        imported,
        now,
    )
}

/// `rounds.csv` and `pool_snapshots.csv` as text.
fn tables(imported: &Imported) -> [String; 2] {
    let parent = tempfile::tempdir().unwrap();
    let folder = write(parent.path(), imported, false).unwrap();
    ["rounds.csv", "pool_snapshots.csv"].map(|name| read_to_string(folder.join(name)).unwrap())
}

#[test]
fn the_synthetic_feed_gives_these_tables_and_findings() {
    let imported = import(FEED).unwrap();
    let mut shown = tables(&imported).join("\n");
    for finding in &imported.findings {
        let severity = match finding.severity {
            Severity::NotRead => "not read",
            Severity::Remark => "remark",
        };
        write!(shown, "\n{severity}: {finding}").unwrap();
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn what_is_imported_reads_back_as_a_history_with_holes_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path(), &import(FEED).unwrap(), false).unwrap();
    let [rounds, snapshots] = ["rounds.csv", "pool_snapshots.csv"].map(|name| written.join(name));
    let history = History::from_files(&rounds, &snapshots).unwrap();
    assert!(
        history
            .rounds
            .iter()
            .any(|round| round.kind == Kind::Unknown)
    );
    assert!(!history.set_aside.is_empty());
    assert_eq!(
        history.rounds.len() + history.snapshots.len() + history.set_aside.len(),
        import(FEED).unwrap().rounds.len() + import(FEED).unwrap().snapshots.len()
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "nothing but the folder is left behind");
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(written.join("manifest.json")).unwrap()).unwrap();
    assert_eq!(
        manifest["files"][0]["rows"],
        import(FEED).unwrap().rounds.len()
    );
    assert_eq!(manifest["inputs"][0]["bytes"], FEED.len());
    assert_eq!(manifest.get("seed"), None, "nothing is simulated");
}

#[test]
fn a_round_of_no_invitations_is_reported_and_left_empty_so_that_the_table_reads_back() {
    let mut feed: Value = serde_json::from_slice(FEED).unwrap();
    let whole = import(FEED).unwrap().rounds;
    let whole = whole
        .iter()
        .find(|round| round.invitations.is_some() && round.at.is_some() && round.cutoff.is_some());
    let number = whole.unwrap().number.clone().unwrap();
    let entries = feed["rounds"].as_array_mut().unwrap();
    let entry = entries
        .iter_mut()
        .find(|entry| entry["drawNumber"] == number.as_str())
        .unwrap();
    entry["drawSize"] = json!("0");
    let imported = import(feed.to_string().as_bytes()).unwrap();
    let told: Vec<String> = imported.findings.iter().map(ToString::to_string).collect();
    let finding = "`0` is too small, a round has 1 invitation at least; left empty";
    assert!(
        told.iter()
            .any(|told| told.contains(&number) && told.contains(finding)),
        "{told:#?}"
    );
    let round = imported
        .rounds
        .iter()
        .find(|round| round.number.as_deref() == Some(&number));
    assert_eq!(round.unwrap().invitations, None);
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path(), &imported, false).unwrap();
    let [rounds, snapshots] = ["rounds.csv", "pool_snapshots.csv"].map(|name| written.join(name));
    let history = History::from_files(&rounds, &snapshots).unwrap();
    assert!(history.rounds.iter().all(|round| round.number != number));
    assert!(
        history
            .set_aside
            .iter()
            .any(|line| line.contains("invitations: empty")),
        "{:?}",
        history.set_aside
    );
}

#[test]
fn a_folder_in_the_way_is_kept_unless_it_is_a_result_and_forced() {
    let parent = tempfile::tempdir().unwrap();
    let rounds = parent.path().join("imported/rounds.csv");
    std::fs::create_dir(parent.path().join("imported")).unwrap();
    std::fs::write(&rounds, "mine").unwrap();
    let imported = import(FEED).unwrap();
    for force in [false, true] {
        assert!(write(parent.path(), &imported, force).is_err());
        assert_eq!(read_to_string(&rounds).unwrap(), "mine");
    }
    std::fs::remove_dir_all(parent.path().join("imported")).unwrap();
    write(parent.path(), &imported, false).unwrap();
    let error = write(parent.path(), &imported, false).unwrap_err();
    assert!(error.to_string().contains("--force"), "{error}");
    write(parent.path(), &imported, true).unwrap();
}

#[test]
fn feeds_that_are_no_feed_are_refused_with_a_reason() {
    for (feed, why) in [
        ("", "not JSON"),
        ("<html>", "not JSON"),
        ("[]", "not an object"),
        ("{}", "there is no `rounds`"),
        ("{\"rounds\": {}}", "`rounds` is not a list"),
        ("{\"rounds\": []}", "no rounds"),
        ("{\"rounds\": [1, null, []]}", "no rounds"),
        ("{\"rounds\": [\"\\ud800\"]}", "not JSON"),
    ] {
        let error = import(feed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(why), "{feed}: {error}");
    }
    let deep = format!("{{\"rounds\": {}", "[".repeat(1_000_000));
    assert!(
        import(deep.as_bytes())
            .unwrap_err()
            .to_string()
            .contains("recursion")
    );
    assert!(import(b"{\"rounds\": [\"\xff\"]}").is_err());
}

#[test]
fn every_type_in_every_field_is_reported_and_never_panics() {
    let fields = [
        "drawNumber",
        "drawDate",
        "drawName",
        "drawSize",
        "drawCRS",
        "drawDateTime",
        "drawCutOff",
        "drawDistributionAsOn",
        "dd1",
        "dd18",
    ];
    let huge = "9".repeat(100_000);
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!([[[]]]),
        json!({"a": {"b": 1}}),
        json!(huge),
        json!("\u{0}\n\",\u{202e}é"),
    ];
    for field in fields {
        for value in &values {
            let mut entry = json!({"drawNumber": "1"});
            entry[field] = value.clone();
            let imported = import(json!({"rounds": [entry]}).to_string().as_bytes()).unwrap();
            assert_eq!(imported.rounds.len(), 1);
            for finding in &imported.findings {
                let said = finding.to_string();
                assert!(said.len() < 400 && !said.contains('\n'), "{said}");
            }
        }
    }
}

#[test]
fn the_embedded_history_survives_a_feed_made_from_it() {
    let history = published();
    let newest_first = history.rounds.iter().enumerate().rev();
    let entries: Vec<Value> = newest_first
        .map(|(index, round)| feed_entry(index, round, history.snapshot_of(round)))
        .collect();
    let imported = import(json!({"rounds": entries}).to_string().as_bytes()).unwrap();
    let rounds = include_str!("../src/history/data/rounds.csv");
    let snapshots = include_str!("../src/history/data/pool_snapshots.csv");
    let [my_rounds, my_snapshots] = tables(&imported);
    for (mine, theirs) in my_rounds.lines().zip(rounds.lines()) {
        assert_eq!(mine, theirs);
    }
    assert_eq!(my_rounds, rounds);
    assert_eq!(my_snapshots, snapshots);
    assert_eq!(
        imported.count(Severity::NotRead),
        2,
        "the tie-break without a year and the pool after its round"
    );
}

/// A round as the feed would print it, faults included, in a way of writing that depends on
/// its place.
fn feed_entry(index: usize, round: &Round, pool: Option<&Snapshot>) -> Value {
    let note = round.note.as_deref().unwrap_or("");
    let mut date = round.at.date().to_string();
    let mut time = written(index, round.at);
    if let Some(rest) = note.strip_prefix("published date ") {
        date = rest[..10].to_owned();
        let stamp = rest
            .split_whitespace()
            .nth(7)
            .unwrap()
            .trim_end_matches(';');
        time = written(index, Instant::parse(stamp).unwrap());
    }
    let tie_break = match round.tie_break {
        Some(tie_break) => written(index / 2, tie_break),
        None => note
            .strip_prefix("published tie-break has no year: ")
            .unwrap_or("")
            .to_owned(),
    };
    let mut entry = json!({
        "drawNumber": round.number,
        "drawDate": date,
        "drawName": round.published_name,
        "drawSize": with_commas(round.invitations),
        "drawCRS": round.cutoff.to_string(),
        "drawDateTime": time,
        "drawCutOff": tie_break,
        "drawDistributionAsOn": pool.map_or(String::new(), |pool| written_day(index, pool.as_of)),
    });
    let fields = entry.as_object_mut().unwrap();
    match (pool, note.contains("pool date is after")) {
        (Some(pool), _) => {
            let missing: u64 = if note.contains("sum to 180 less") {
                180
            } else {
                0
            };
            add_pool(fields, pool, missing);
        }
        (None, true) => {
            let later = published().snapshots.last().unwrap();
            add_pool(fields, later, 0);
            fields["drawDistributionAsOn"] = json!(written_day(index, later.as_of));
        }
        (None, false) => {
            for n in 1..=18 {
                fields.insert(format!("dd{n}"), json!("0"));
            }
        }
    }
    entry
}

/// `dd1` to `dd18`; `missing` are in the band 451-500 but in none of its tens.
fn add_pool(fields: &mut Map<String, Value>, pool: &Snapshot, missing: u64) {
    let within = |low: u16, high: u16| -> u64 {
        let bands = BANDS.iter().zip(&pool.counts);
        bands
            .filter(|((from, to), _)| *from >= low && *to <= high)
            .map(|(_, count)| count)
            .sum()
    };
    let mut printed: Vec<u64> = pool.counts.to_vec();
    printed.insert(2, within(451, 500) + missing);
    printed.insert(8, within(401, 450));
    printed.push(pool.total);
    for (n, count) in printed.into_iter().enumerate() {
        fields.insert(format!("dd{}", n + 1), json!(with_commas(count)));
    }
}

fn with_commas(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

fn parts(date: Date) -> (&'static str, i8, i16) {
    let month = usize::try_from(date.month()).unwrap() - 1;
    (MONTHS[month], date.day(), date.year())
}

fn written_day(index: usize, date: Date) -> String {
    let (month, day, year) = parts(date);
    match index % 3 {
        0 => format!("{month} {day}, {year}"),
        1 => format!(" {month} {day:02} {year}"),
        _ => format!("{month} {day}. {year} "),
    }
}

fn written(index: usize, at: Instant) -> String {
    let (month, day, year) = parts(at.date());
    let text = at.to_string();
    let time = &text[11..19];
    match index % 6 {
        0 => format!("{month} {day:02}, {year} {time} UTC"),
        1 => format!("{month} {day}th {year} at {time} UTC"),
        2 => format!(
            "{month} {day}, {year} at  {} UTC",
            time.strip_prefix('0').unwrap_or(time)
        ),
        3 => format!("{month} {day:02}, {year} at {time}"),
        4 => format!(" {month} {day} {year} at {time} UTC "),
        _ => format!("{month} {day}. {year} at {time} UTC"),
    }
}
