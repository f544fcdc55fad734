//! Tests of the result folder and of the tables in it.

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::time::Duration;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::{Value, json};

use super::*;
use crate::output::rows::{RoundRow, SummaryRow};
use crate::output::{RulesRecord, Table};
use crate::units::{Instant, Score};

fn round(scenario: &str, cutoff: Option<u16>) -> RoundRow<'_> {
    RoundRow {
        scenario: scenario.into(),
        replicate: 0,
        round: "1".into(),
        at_utc: Instant::parse("2023-07-05T13:38:22Z").unwrap(),
        kind: "stem".into(),
        version: cutoff.map(|_| Cow::from("2023-V1")),
        pool_size: 214_529,
        eligible: 9_000,
        invitations: 500,
        invited: if cutoff.is_some() { 500 } else { 0 },
        rank_required: cutoff.map(|_| 500),
        cutoff_score: cutoff.map(Score),
        tie_break_utc: cutoff.map(|_| Instant::parse("2022-11-23T00:01:29Z").unwrap()),
        tied_at_cutoff: 7,
        tied_invited: 3,
        mean_score: cutoff.map(|_| 491.25),
        median_score: cutoff.map(|_| 490.5),
        max_score: cutoff.map(|_| Score(599)),
    }
}

fn manifest() -> Manifest {
    Manifest {
        command: "run".to_owned(),
        name: "Stem-2023".to_owned(),
        title: "Round 254".to_owned(),
        scenario: json!({ "name": "Stem-2023" }),
        seed: 254,
        replicates: 1,
        stop: None,
        unfilled: Vec::new(),
        rules: vec![RulesRecord {
            from: Instant::parse("2023-07-04T00:00:00Z").unwrap(),
            date: "2023-07-04".parse().unwrap(),
            categories: vec!["stem 2023-V1".to_owned()],
            tables: Vec::new(),
        }],
        inputs: Vec::new(),
        wall_time: Duration::from_millis(1_234),
    }
}

fn write(
    parent: &Path,
    force: bool,
    format: Format,
    rows: &[RoundRow],
) -> Result<PathBuf, OutputError> {
    let mut folder = ResultFolder::create(parent, "Stem-2023", force, &[])?;
    let mut table = folder.table::<RoundRow>(format)?;
    for row in rows {
        table.write(row)?;
    }
    folder.complete(table)?;
    folder.finish(&manifest())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_folder_holds_its_tables_a_manifest_and_a_data_package() {
    let parent = tempfile::tempdir().unwrap();
    let rows = [round("=stem", Some(486)), round("b", None)];
    let folder = write(&parent.path().join("a/b"), false, Format::Csv, &rows).unwrap();
    assert_eq!(
        names(&folder),
        ["datapackage.json", "manifest.json", "rounds.csv"]
    );
    assert_eq!(names(folder.parent().unwrap()), ["Stem-2023"]);
    assert_eq!(
        fs::read_to_string(folder.join("rounds.csv")).unwrap(),
        "scenario,replicate,round,at_utc,type,version,pool_size,eligible,invitations,invited,\
         rank_required,cutoff_score,tie_break_utc,tied_at_cutoff,tied_invited,mean_score,\
         median_score,max_score\n\
         '=stem,0,1,2023-07-05T13:38:22Z,stem,2023-V1,214529,9000,500,500,500,486,\
         2022-11-23T00:01:29Z,7,3,491.25,490.5,599\n\
         b,0,1,2023-07-05T13:38:22Z,stem,,214529,9000,500,0,,,,7,3,,,\n"
    );
    let manifest = json_of(&folder.join("manifest.json"));
    let bytes = fs::metadata(folder.join("rounds.csv")).unwrap().len();
    assert_eq!(
        manifest["files"],
        json!([{ "path": "rounds.csv", "rows": 2, "bytes": bytes }])
    );
    assert_eq!(manifest["wall_time_seconds"], 1.234);
    assert_eq!(manifest["rules"][0]["rules_of"], "2023-07-04");
}

#[test]
fn rows_read_back_as_they_were_written() {
    let parent = tempfile::tempdir().unwrap();
    let rows = [round("a, \"b\"", Some(486)), round("b", None)];
    let folder = write(parent.path(), false, Format::Csv, &rows).unwrap();
    let mut reader = csv::Reader::from_path(folder.join("rounds.csv")).unwrap();
    let read: Vec<RoundRow> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(read, rows);
}

#[test]
fn the_data_package_has_the_columns_of_every_header() {
    let parent = tempfile::tempdir().unwrap();
    let folder = write(parent.path(), false, Format::Csv, &[]).unwrap();
    let package = json_of(&folder.join("datapackage.json"));
    assert_eq!(package["name"], "stem-2023");
    let resource = &package["resources"][0];
    let path = resource["path"].as_str().unwrap();
    let mut reader = csv::Reader::from_path(folder.join(path)).unwrap();
    let fields = resource["schema"]["fields"].as_array().unwrap();
    let described: Vec<&str> = fields
        .iter()
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(reader.headers().unwrap(), described);
    assert_eq!(resource["schema"]["missingValues"], json!([""]));
    assert_eq!(fields[3]["type"], "datetime");
    assert!(fields[11].get("constraints").is_none());
}

#[test]
fn a_parquet_table_has_the_same_columns_and_nulls_for_the_unknown() {
    use arrow_array::Array;
    let parent = tempfile::tempdir().unwrap();
    let rows = [round("a", Some(486)), round("b", None)];
    let folder = write(parent.path(), false, Format::Parquet, &rows).unwrap();
    let file = File::open(folder.join("rounds.parquet")).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)
        .unwrap()
        .build()
        .unwrap();
    let batches: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(
        batches.iter().map(|batch| batch.num_rows()).sum::<usize>(),
        2
    );
    let schema = batches[0].schema();
    let table: &Table = RoundRow::TABLE;
    for (field, column) in schema.fields().iter().zip(table.columns) {
        assert_eq!(field.name(), column.name);
    }
    assert!(batches[0].column(11).is_null(1) && batches[0].column(11).is_valid(0));
}

#[test]
fn an_existing_result_is_kept_unless_forced() {
    let parent = tempfile::tempdir().unwrap();
    let folder = write(parent.path(), false, Format::Csv, &[round("old", None)]).unwrap();
    let refused = write(parent.path(), false, Format::Csv, &[round("new", None)]).unwrap_err();
    assert!(refused.to_string().contains("--force"), "{refused}");
    assert!(
        fs::read_to_string(folder.join("rounds.csv"))
            .unwrap()
            .contains("\nold,")
    );
    write(parent.path(), true, Format::Csv, &[round("new", None)]).unwrap();
    assert!(
        fs::read_to_string(folder.join("rounds.csv"))
            .unwrap()
            .contains("\nnew,")
    );
    assert_eq!(names(parent.path()), ["Stem-2023"]);
}

#[test]
fn an_empty_folder_is_taken_unforced() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("Stem-2023");
    fs::create_dir(&target).unwrap();
    ResultFolder::check(parent.path(), "Stem-2023", false, &[]).unwrap();
    write(parent.path(), false, Format::Csv, &[]).unwrap();
    assert!(target.join("manifest.json").is_file());
    assert_eq!(names(parent.path()), ["Stem-2023"]);
}

#[test]
fn what_is_no_result_is_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("Stem-2023");
    fs::create_dir(&target).unwrap();
    fs::write(target.join("thesis.docx"), "years of work").unwrap();
    let error = write(parent.path(), true, Format::Csv, &[]).unwrap_err();
    assert!(error.to_string().contains("no manifest.json"), "{error}");
    assert_eq!(names(&target), ["thesis.docx"]);
    fs::remove_dir_all(&target).unwrap();
    fs::write(&target, "a file").unwrap();
    assert!(write(parent.path(), true, Format::Csv, &[]).is_err());
    assert_eq!(names(parent.path()), ["Stem-2023"]);
}

#[test]
fn a_result_that_holds_anything_else_is_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let folder = write(parent.path(), false, Format::Csv, &[]).unwrap();
    // Left by a page whose maker was killed, and by a file browser.
    fs::write(folder.join(".report.html.partial"), "").unwrap();
    fs::write(folder.join(".DS_Store"), "").unwrap();
    write(parent.path(), true, Format::Parquet, &[]).unwrap();
    write(parent.path(), true, Format::Csv, &[]).unwrap();
    for name in ["a.txt", "c.txt", "profile.toml", "rounds.parquet"] {
        fs::write(folder.join(name), "years of work").unwrap();
    }
    fs::create_dir(folder.join("b")).unwrap();
    let before = names(&folder);
    let error = write(parent.path(), true, Format::Csv, &[]).unwrap_err();
    assert!(error.is_usage());
    let said = "did not write there: a.txt, b/, c.txt and 2 more; it is left";
    assert!(error.to_string().contains(said), "{error}");
    assert_eq!(names(&folder), before);
}

#[test]
fn a_manifest_of_something_else_makes_no_result() {
    let parent = tempfile::tempdir().unwrap();
    let target = parent.path().join("Stem-2023");
    fs::create_dir(&target).unwrap();
    for text in [
        "",
        "{}",
        r#"{"name": "app", "version": "1.0", "files": []}"#,
        r#"{"program": "other", "command": "run", "files": []}"#,
        r#"{"program": "drawsim", "command": "run"}"#,
    ] {
        fs::write(target.join("manifest.json"), text).unwrap();
        let error = write(parent.path(), true, Format::Csv, &[]).unwrap_err();
        assert!(error.to_string().contains("not drawsim's"), "{error}");
        assert_eq!(
            fs::read_to_string(target.join("manifest.json")).unwrap(),
            text
        );
    }
}

#[test]
fn a_folder_that_holds_an_input_is_never_replaced() {
    let parent = tempfile::tempdir().unwrap();
    let folder = write(parent.path(), false, Format::Csv, &[]).unwrap();
    let check = |input: &str| {
        let inputs = [PathBuf::from("not there"), folder.join(input)];
        ResultFolder::check(parent.path(), "Stem-2023", true, &inputs)
    };
    let error = check("rounds.csv").unwrap_err();
    assert!(error.is_usage() && error.to_string().contains("rounds.csv, which is read"));
    // The manifest of a result that is had again is written anew.
    check("manifest.json").unwrap();
    check("../rounds.csv").unwrap();
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_the_folder_is_refused() {
    let parent = tempfile::tempdir().unwrap();
    let aim = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(aim.path(), parent.path().join("Stem-2023")).unwrap();
    let error = write(parent.path(), true, Format::Csv, &[]).unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert!(names(aim.path()).is_empty());
}

#[test]
fn a_run_that_fails_leaves_nothing_behind() {
    let parent = tempfile::tempdir().unwrap();
    let mut folder =
        ResultFolder::create(&parent.path().join("new/deep"), "stem", false, &[]).unwrap();
    let table = folder.table::<SummaryRow>(Format::Csv).unwrap();
    assert!(matches!(
        folder.table::<SummaryRow>(Format::Csv),
        Err(OutputError::Twice { .. })
    ));
    drop((table, folder));
    assert!(names(parent.path()).is_empty());
}

#[test]
fn a_result_that_appears_meanwhile_is_kept() {
    let parent = tempfile::tempdir().unwrap();
    let folder = ResultFolder::create(parent.path(), "stem", false, &[]).unwrap();
    fs::create_dir(parent.path().join("stem")).unwrap();
    fs::write(parent.path().join("stem/other"), "").unwrap();
    assert!(matches!(
        folder.finish(&manifest()),
        Err(OutputError::Exists { .. })
    ));
    assert_eq!(names(parent.path()), ["stem"]);
    assert_eq!(names(&parent.path().join("stem")), ["other"]);
}

#[test]
fn a_parent_that_is_a_file_is_named() {
    let parent = tempfile::tempdir().unwrap();
    let file = parent.path().join("file");
    fs::write(&file, "").unwrap();
    let error = ResultFolder::create(&file, "stem", false, &[]).unwrap_err();
    assert!(
        error.is_usage() && error.to_string().contains("file"),
        "{error}"
    );
}

#[test]
fn unfit_names_are_refused() {
    let parent = tempfile::tempdir().unwrap();
    for name in [
        "", ".", "..", "a/b", "a\\b", "-a", ".a", "a ", "a\0", "é", "a.",
    ] {
        assert!(
            matches!(
                ResultFolder::create(parent.path(), name, true, &[]),
                Err(OutputError::Name { .. })
            ),
            "{name:?}"
        );
    }
    assert!(ResultFolder::create(parent.path(), &"a".repeat(101), true, &[]).is_err());
    assert!(ResultFolder::create(parent.path(), "stem-2023-07-05_v1.2", true, &[]).is_ok());
}
