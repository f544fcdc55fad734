//! Files and names that mean harm: each is refused with a message, or taken for what it is. Nothing
//! hangs, nothing panics, memory stays within bounds, and nothing reaches the terminal raw.
#![cfg(unix)]

#[allow(dead_code)]
mod support;

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;

use assert_cmd::Command;
use proptest::prelude::*;
use support::{Place, Ran, SMALL};

const CANDIDATES: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                          english_listening,english_speaking,canadian_work_years,\
                          foreign_work_years,noc\n";
const ROW: &str = "1,2023-01-02T03:04:05Z,29,masters,9,9,9,9,1,3,21231\n";

/// Runs with at most so much address space, in kilobytes, and for a minute at most.
fn bounded(place: &Place, kilobytes: u64, args: &[&str]) -> Ran {
    let line = format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"");
    let mut command = Command::new("sh");
    command
        .current_dir(place.path(""))
        .args(["-c", &line, env!("CARGO_BIN_EXE_drawsim")])
        .args(args)
        .env("RUST_BACKTRACE", "0")
        .timeout(std::time::Duration::from_secs(60));
    Ran::of(&command.output().expect("the binary starts"))
}

const GIGABYTE: u64 = 1_000_000;

/// The file is refused with exit code 2, says all of `parts`, and nothing a terminal would obey.
#[track_caller]
fn refused(ran: &Ran, parts: &[&str]) {
    ran.refused(2, parts);
    let raw = |letter: char| letter.is_control() && letter != '\n';
    assert!(!ran.stderr.contains(raw), "{:?}", ran.stderr);
}

#[test]
fn a_billion_rounds_are_refused_in_a_moment() {
    let place = Place::new();
    let (head, _) = SMALL.split_once("[[rounds]]").unwrap();
    let head = head.replacen("seed = 7", "seed = 7\nrules = 2023-07-04", 1);
    let daily =
        "\n[timeline]\nend = 2042-12-31\n[[schedule]]\nevery = \"1 day\"\nfirst = 2023-07-05\n";
    let turn = "{ type = \"cec\", invitations = 1 }, ";
    let round = "[[rounds]]\nat = 2023-07-06T13:00:00Z\ntype = \"cec\"\ninvitations = 1\n";
    for (text, part) in [
        (
            format!("{head}{daily}turns = [{turn}]\n"),
            "more than 5,000 rounds",
        ),
        (
            format!("{head}{daily}turns = [{}]\n", turn.repeat(700_000)),
            "16 MiB",
        ),
        (format!("{head}{}", round.repeat(6_000)), "5,000"),
    ] {
        place.file("small.toml", &text);
        refused(
            &bounded(&place, 4 * GIGABYTE, &["run", "small.toml"]),
            &[part],
        );
    }
}

#[test]
fn numbers_and_dates_beyond_everything_are_refused_where_they_stand() {
    let place = Place::new();
    for (from, to, part) in [
        (
            "5_000",
            "1_000_000_000_000_000_000",
            "at most 2,000,000,000",
        ),
        (
            "5_000",
            "99999999999999999999999999999999",
            "small.toml:8:8",
        ),
        ("2023-07-04", "9999999-07-04", "small.toml:7"),
        ("2023-07-04", "\"9999999-07-04\"", "small.toml:7"),
        (
            "2023-07-05T13:00:00Z",
            "9999999-07-05T13:00:00Z",
            "small.toml:12",
        ),
        ("invitations = 100", "invitations = 1e400", "small.toml:14"),
        ("seed = 7", "seed = 18446744073709551616", "small.toml:4"),
    ] {
        place.file("small.toml", &SMALL.replace(from, to));
        for verb in ["run", "validate"] {
            refused(&place.drawsim(&[verb, "small.toml"]), &[part]);
        }
    }
    place.file("small.toml", SMALL);
    place.file(
        "c.csv",
        &format!("{CANDIDATES}{}", ROW.replace("2023-01", "9999999-01")),
    );
    refused(
        &place.drawsim(&["score", "c.csv", "--out", "o.csv"]),
        &["c.csv", "line 2", "submitted_at"],
    );
    refused(
        &place.drawsim(&["score", "c.csv", "--out", "o.csv", "--on", "9999999-01-01"]),
        &["--on"],
    );
    refused(
        &place.drawsim(&[
            "generate",
            "small.toml",
            "--out",
            "o.csv",
            "--size",
            "1000000000000000000",
        ]),
        &["--size"],
    );
    assert_eq!(place.names(), ["c.csv", "small.toml"]);
}

#[test]
fn a_pool_larger_than_memory_is_refused_before_it_is_made() {
    let place = Place::new();
    place.file("small.toml", &SMALL.replace("5_000", "900_000_000"));
    place.file(
        "other.toml",
        &SMALL
            .replace("5_000", "900_000_000")
            .replace("\"small\"", "\"other\""),
    );
    for (args, way_out) in [
        (&["run", "small.toml"][..], "(`pool.size`)"),
        (&["compare", "small.toml", "other.toml"], "(`pool.size`)"),
        (
            &["generate", "small.toml", "--out", "pool.parquet"],
            "(--size)",
        ),
    ] {
        let ran = bounded(&place, 4 * GIGABYTE, args);
        ran.refused(
            1,
            &[
                "needs about 2",
                " GB of memory, but",
                "(ulimit -v)",
                way_out,
            ],
        );
        assert_eq!(place.names(), ["other.toml", "small.toml"]);
    }
}

#[test]
fn a_file_whose_candidates_fit_but_not_their_copies_is_refused_before_they_are_made() {
    let place = Place::new();
    place.file("made.toml", &SMALL.replace("5_000", "250_000"));
    let generate = ["generate", "made.toml", "--out", "pool.csv", "--quiet"];
    place.drawsim(&generate).printed();
    let arrivals = "[timeline]\nend = 2023-07-07\narrivals = { per_day = 9 }";
    place.file("small.toml", &format!("{SMALL}\n{arrivals}\n"));
    let run = |threads| {
        let line = [
            "run",
            "small.toml",
            "--pool",
            "pool.csv",
            "--replicates",
            "8",
        ];
        let line = line.into_iter().chain(["--quiet", "--threads", threads]);
        bounded(&place, 1_060_000, &line.collect::<Vec<_>>())
    };
    run("8").refused(1, &["the scenario small needs about", "(ulimit -v)"]);
    assert!(!place.path("output").exists());
    assert_eq!(run("1").code, Some(0));
}

#[test]
fn deep_nesting_is_refused_and_overflows_nothing() {
    let place = Place::new();
    let deep = 200_000;
    for text in [
        format!("x = {}{}", "[".repeat(deep), "]".repeat(deep)),
        format!("x = {}1{}", "{a=".repeat(deep), "}".repeat(deep)),
        format!("{} = 1", vec!["a"; deep].join(".")),
        format!("[{}]\nx = 1", vec!["a"; deep].join(".")),
        format!("x = {}", "[".repeat(deep)),
    ] {
        place.file("deep.toml", &text);
        refused(&place.drawsim(&["validate", "deep.toml"]), &["deep.toml"]);
    }
    for feed in [
        format!("{{\"rounds\": {}{}}}", "[".repeat(deep), "]".repeat(deep)),
        format!("{}1{}", "{\"rounds\":".repeat(deep), "}".repeat(deep)),
    ] {
        place.file("deep.json", &feed);
        refused(
            &place.drawsim(&["history", "import", "deep.json", "--out", "h"]),
            &["deep.json", "not JSON"],
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_place() {
    let place = Place::new();
    let write = |name: &str, bytes: &[u8]| fs::write(place.path(name), bytes).unwrap();
    for bad in [&b"\0"[..], b"\xff\xfe", b"\xed\xa0\x80", b"\x1b[31m\x07"] {
        let scenario = [b"title = \"", bad, b"\"\n", SMALL.as_bytes()].concat();
        write("bad.toml", &scenario);
        refused(&place.drawsim(&["validate", "bad.toml"]), &["bad.toml:1:"]);
        let row = ROW.replacen("masters", "@", 1);
        let (before, after) = row.split_once('@').unwrap();
        write(
            "bad.csv",
            &[
                CANDIDATES.as_bytes(),
                before.as_bytes(),
                bad,
                after.as_bytes(),
            ]
            .concat(),
        );
        refused(
            &place.drawsim(&["score", "bad.csv", "--out", "o.csv"]),
            &["bad.csv", "line 2", "education"],
        );
        write("bad.json", &[b"{\"rounds\": [\"", bad, b"\"]}"].concat());
        refused(
            &place.drawsim(&["history", "import", "bad.json", "--out", "h"]),
            &["bad.json"],
        );
        write("bad.parquet", bad);
        place.file("small.toml", SMALL);
        refused(
            &place.drawsim(&["run", "small.toml", "--pool", "bad.parquet"]),
            &["bad.parquet"],
        );
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("c.csv", &format!("{CANDIDATES}{ROW}"));
    place.file("feed.json", include_str!("data/feed.json"));
    let run = |out: &str| {
        place
            .drawsim(&["run", "small.toml", "--pool", "c.csv", "--out", out, "-q"])
            .printed();
        place
            .drawsim(&[
                "history",
                "import",
                "feed.json",
                "--out",
                &format!("{out}/h"),
                "-q",
            ])
            .printed();
        [
            fs::read(place.path(out).join("small/rounds.csv")).unwrap(),
            fs::read(place.path(out).join("small/invitees.csv")).unwrap(),
            fs::read(place.path(out).join("h/rounds.csv")).unwrap(),
        ]
    };
    let plain = run("plain");
    for name in ["small.toml", "c.csv", "feed.json"] {
        let text = fs::read_to_string(place.path(name)).unwrap();
        place.file(name, &format!("\u{feff}{}", text.replace('\n', "\r\n")));
    }
    assert!(run("windows") == plain);
}

/// A file of a gigabyte that takes no room on the disk.
fn sparse(place: &Place, name: &str, begin: &str, byte: Option<u8>) {
    let mut file = File::create(place.path(name)).unwrap();
    file.write_all(begin.as_bytes()).unwrap();
    if let Some(byte) = byte {
        // Enough of a line of one letter to pass every limit.
        file.write_all(&vec![byte; 40 << 20]).unwrap();
    }
    file.set_len(1 << 30).unwrap();
}

#[test]
fn a_gigabyte_on_one_line_is_refused_with_little_memory() {
    let place = Place::new();
    let little = GIGABYTE / 2;
    for byte in [None, Some(b'a'), Some(b',')] {
        sparse(&place, "big.toml", "name = \"", byte);
        refused(
            &bounded(&place, little, &["validate", "--quiet", "big.toml"]),
            &["larger than 16 MiB"],
        );
        sparse(&place, "big.json", "{\"rounds\": [\"", byte);
        let args = ["history", "import", "big.json", "--out", "h"];
        refused(
            &bounded(&place, little, &args),
            &["big.json", "larger than 16 MiB"],
        );
    }
    assert_eq!(place.names(), ["big.json", "big.toml"]);

    // The same in a result folder that somebody hands on.
    place.file("small.toml", SMALL);
    let rounds = "output/small/rounds.csv";
    for byte in [None, Some(b'a'), Some(b','), Some(b'\n')] {
        place.drawsim(&["run", "small.toml", "--quiet"]).printed();
        let header = fs::read_to_string(place.path(rounds)).unwrap();
        let header = header.lines().next().unwrap();
        sparse(&place, rounds, &format!("{header}\nsmall,0,\""), byte);
        refused(
            &bounded(&place, little, &["report", "output/small"]),
            &["rounds.csv", "a row is longer than"],
        );
        sparse(&place, "output/small/manifest.json", "{\"a\": \"", byte);
        for args in [
            &["report", "output/small"][..],
            &["run", "output/small/manifest.json"],
        ] {
            refused(
                &bounded(&place, little, args),
                &["manifest.json", "larger than 64 MiB"],
            );
        }
        fs::remove_dir_all(place.path("output")).unwrap();
    }
}

#[test]
fn a_parquet_file_that_asks_for_more_memory_than_it_holds_is_refused() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    // What fuzzing found: a dictionary that says that it has 880 million values, and a footer with a
    // list as long, for which the library goes round and round.
    for found in [
        &include_bytes!("data/hostile/dictionary_of_a_billion.parquet")[..],
        include_bytes!("data/hostile/footer_of_a_billion.parquet"),
    ] {
        fs::write(place.path("found.parquet"), found).unwrap();
        let ran = bounded(
            &place,
            GIGABYTE,
            &["run", "small.toml", "--pool", "found.parquet", "--quiet"],
        );
        refused(&ran, &["found.parquet: the Parquet file is damaged"]);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn a_text_that_a_small_parquet_file_could_repeat_for_ever_is_refused() {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, Encoding};
    use parquet::file::properties::WriterProperties;

    let place = Place::new();
    place.file("small.toml", SMALL);
    let long = "x".repeat(1 << 20);
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; 64])) as ArrayRef;
    for (encoding, text, said) in [
        (None, long.as_str(), "holds a text of 1048576 bytes"),
        (
            Some(Encoding::DELTA_BYTE_ARRAY),
            "x",
            "written as DELTA_BYTE_ARRAY",
        ),
        (None, "x", "problems"),
        (Some(Encoding::DELTA_LENGTH_BYTE_ARRAY), "x", "problems"),
    ] {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY);
        let properties = match encoding {
            Some(encoding) => properties
                .set_dictionary_enabled(false)
                .set_encoding(encoding),
            None => properties,
        };
        let batch =
            RecordBatch::try_from_iter([("education", texts(text)), ("candidate_id", texts("a"))]);
        let batch = batch.unwrap();
        let file = File::create(place.path("texts.parquet")).unwrap();
        let mut writer =
            ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let args = ["run", "small.toml", "--pool", "texts.parquet", "--quiet"];
        refused(&bounded(&place, GIGABYTE, &args), &[said]);
    }
}

#[test]
fn names_that_lead_elsewhere_are_refused_or_taken_as_names() {
    let place = Place::new();
    for name in [
        "../../x",
        "/etc/x",
        "-rf",
        ".hidden",
        "a/b",
        "con",
        "\u{1b}[31m",
        "a\u{0}b",
        "=cmd()",
    ] {
        let name = toml::Value::String(name.to_owned()).to_string();
        place.file("small.toml", &SMALL.replace("\"small\"", &name));
        refused(&place.drawsim(&["run", "small.toml"]), &["small.toml:2:8"]);
    }
    assert_eq!(place.names(), ["small.toml"]);
    place.file("-rf.toml", SMALL);
    refused(
        &place.drawsim(&["validate", "-rf.toml"]),
        &["unexpected argument '-r'"],
    );
    place.drawsim(&["validate", "--", "-rf.toml"]).printed();
    refused(
        &place.drawsim(&["run", "--", "-rf.toml", "../../x"]),
        &["../../x: cannot be read"],
    );

    let names = "=cmd|' /C calc'!A0,@SUM(A1),-rf,+1+1,../../x";
    let rows: String = names
        .split(',')
        .map(|name| format!("\"{name}\"{}", &ROW[1..]))
        .collect();
    place.file("c.csv", &format!("{CANDIDATES}{rows}"));
    place.file("small.toml", SMALL);
    place
        .drawsim(&["run", "small.toml", "--pool", "c.csv", "-q"])
        .printed();
    let table = fs::read_to_string(place.path("output/small/invitees.csv")).unwrap();
    for cell in table.lines().skip(1).flat_map(|line| line.split(',')) {
        let text = cell.trim_matches('"');
        assert!(!text.starts_with(['=', '@', '+', '-']), "{cell}");
    }
    assert!(table.contains("'=cmd|' /C calc'!A0") && table.contains("../../x"));
}

#[test]
fn control_characters_in_names_of_files_never_reach_the_terminal_raw() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("c.csv", &format!("{CANDIDATES}{ROW}"));
    let evil = "\u{1b}]0;title\u{7}\u{1b}[31m\r\u{202e}x";
    let [toml, csv, json] = ["toml", "csv", "json"].map(|end| format!("{evil}.{end}"));
    place.file(&csv, "a,b\n");
    for args in [
        &["run", &toml][..],
        &["validate", &toml, "small.toml"],
        &["compare", &toml, "small.toml"],
        &["generate", "small.toml", "--out", evil],
        &["generate", "small.toml", "--out", &format!("{evil}/{csv}")],
        &["score", &csv, "--out", "o.csv"],
        &["score", "c.csv", "--out", &format!("{evil}/{csv}")],
        &["score", "c.csv", "--out", "o.csv", "--on", evil],
        &["run", "small.toml", "--pool", &csv],
        &["run", "small.toml", "--out", &csv],
        &["run", "small.toml", evil],
        &["history", "import", &json, "--out", "h"],
        &["history", "list", "--rounds", &csv, "--snapshots", &csv],
        &["history", "list", "--type", evil],
        &["backtest", "--rounds", &csv, "--snapshots", &csv],
        &["backtest", "--out", "/"],
        &[evil],
        &["run", "small.toml", &format!("--{evil}")],
    ] {
        refused(&place.drawsim(args), &[]);
    }
    for args in [
        &["run", "small.toml", "--out", evil][..],
        &["generate", "small.toml", "--out", &format!("new{csv}")],
        &["validate", "small.toml"],
    ] {
        let ran = place.drawsim(args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let raw = |letter: char| letter.is_control() && letter != '\n';
        assert!(
            !ran.stdout.contains(raw) && !ran.stderr.contains(raw),
            "{ran:?}"
        );
    }
}

#[test]
fn links_in_the_result_folder_are_never_written_through() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("aim.csv", "years of work");
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    let folder = place.path("output/small");
    for name in ["rounds.csv", "invitees.csv"] {
        fs::remove_file(folder.join(name)).unwrap();
        symlink(place.path("aim.csv"), folder.join(name)).unwrap();
    }
    for name in [".small.partial", ".small.older", ".small.journal"] {
        symlink(place.path(""), place.path("output").join(name)).unwrap();
    }
    place
        .drawsim(&["run", "small.toml", "-q", "--force"])
        .printed();
    assert!(
        fs::symlink_metadata(folder.join("rounds.csv"))
            .unwrap()
            .is_file()
    );
    assert_eq!(support::names(&place.path("output")), ["small"]);

    symlink(place.path("aim.csv"), place.path("pool.csv")).unwrap();
    refused(
        &place.drawsim(&["generate", "small.toml", "--out", "pool.csv", "--force"]),
        &["pool.csv is a symbolic link"],
    );
    fs::create_dir(place.path("elsewhere")).unwrap();
    symlink(place.path("elsewhere"), place.path("h")).unwrap();
    place.file("feed.json", include_str!("data/feed.json"));
    refused(
        &place.drawsim(&["history", "import", "feed.json", "--out", "h", "--force"]),
        &["h is a symbolic link"],
    );
    assert_eq!(
        fs::read_to_string(place.path("aim.csv")).unwrap(),
        "years of work"
    );
    assert!(support::names(&place.path("elsewhere")).is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_bytes_and_no_damage_make_the_import_of_a_feed_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let _ = drawsim::history::feed::import(&bytes);
        let mut feed = include_bytes!("data/feed.json").to_vec();
        for (place, byte) in changes {
            let place = place.index(feed.len());
            feed[place] = byte;
        }
        if let Ok(imported) = drawsim::history::feed::import(&feed) {
            for finding in &imported.findings {
                prop_assert!(!finding.to_string().contains(char::is_control));
            }
        }
    }

    #[test]
    fn no_arguments_make_the_command_line_panic(
        words in proptest::collection::vec("(run|compare|generate|score|history|import|list|backtest|--out|--seed|--force|--threads|=|-q|--|[0-9]{1,30}|\\PC{0,8})", 0..8),
    ) {
        let args = std::iter::once("drawsim".to_owned()).chain(words);
        if let Err(message) = drawsim::cli::understand(args) {
            prop_assert!(!message.contains(|letter: char| letter.is_control() && letter != '\n'));
        }
    }
}
