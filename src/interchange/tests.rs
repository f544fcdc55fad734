//! Tests of candidate files as a whole: there and back, and everything that can be wrong.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::observe::Silent;
use crate::pool::Packed;
use crate::pool::columns::Ids;
use crate::random::{Purpose, stream};
use crate::rules::candidate::{
    Abilities, CanadianEducation, CountryIndex, Education, FirstLanguage, Gender, JobOffer,
    NocIndex,
};
use crate::rules::{Candidate, CategoryKey, RulesPatch};
use crate::units::Instant;

const HEADER: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                      english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";
const ROW: &str = "2023-01-02T03:04:05Z,29,masters,9,9,9,9,1,3,21231";

fn rules() -> Rules {
    let key = |name: &str, version: &str| CategoryKey {
        name: name.to_owned(),
        version: version.to_owned(),
    };
    let wanted = [key("stem", "2023-V1"), key("french", "2023-V1")];
    let date = "2023-07-04".parse().unwrap();
    Rules::on(date, &wanted, &RulesPatch::default()).unwrap()
}

/// A pool of candidates with every value that a column can hold.
fn pool(size: usize, ids: Ids) -> Pool {
    use rand::RngExt;
    let rules = rules();
    let mut stream = stream(1, Purpose::Pool, 0, 0);
    let mut pool = Pool::zeroed(size, ids);
    for row in 0..size {
        let mut up_to = |most: u8| stream.random_range(0..=most);
        let mut abilities = || Abilities {
            reading: up_to(12),
            writing: up_to(12),
            listening: up_to(12),
            speaking: up_to(12),
        };
        let (english, french, spouse_language) = (abilities(), abilities(), abilities());
        let candidate = Candidate {
            submitted_at: Instant::from_seconds(1_650_000_000 + row as u32 * 7_919),
            age: 17 + up_to(40),
            accompanying_spouse: up_to(1) == 1,
            education: Education::from_bits(up_to(7)),
            canadian_education: CanadianEducation::from_bits(up_to(2)),
            english,
            french,
            first_language: FirstLanguage::from_bits(up_to(2)),
            canadian_work_years: up_to(10),
            foreign_work_years: up_to(10),
            trade_certificate: up_to(1) == 1,
            spouse_education: Education::from_bits(up_to(7)),
            spouse_language,
            spouse_canadian_work_years: up_to(10),
            sibling_in_canada: up_to(1) == 1,
            provincial_nomination: up_to(1) == 1,
            job_offer: JobOffer::from_bits(up_to(2)),
            noc: if up_to(9) == 0 {
                NocIndex::NONE
            } else {
                NocIndex(u16::from(up_to(255)) * 2)
            },
            noc_months: up_to(255),
            noc_in_canada: up_to(1) == 1,
            citizenship: if up_to(9) == 0 {
                CountryIndex::UNKNOWN
            } else {
                CountryIndex(up_to(248))
            },
            gender: Gender::from_bits(up_to(3)),
        };
        let score = rules.points(&candidate).total();
        pool.set(
            row,
            Packed::new(&candidate, score, rules.eligibility(&candidate)),
        );
    }
    pool
}

fn write(pool: &Pool, format: Format, path: &Path) -> Result<(), OutputError> {
    write_pool(
        pool,
        &rules(),
        format,
        NewFile::create(path, false)?,
        &Silent,
    )
}

fn there_and_back(pool: &Pool, format: Format) -> Pool {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(format!("pool.{}", format.name()));
    write(pool, format, &path).unwrap();
    read_pool(&path, &rules(), &Silent).unwrap().pool
}

/// A file with these contents, read.
fn read_text(text: impl AsRef<[u8]>) -> (Result<Read, String>, TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pool.csv");
    fs::write(&path, text).unwrap();
    let read = read_pool(&path, &rules(), &Silent).map_err(|error| {
        error
            .to_string()
            .replace(&folder.path().display().to_string(), "DIR")
    });
    (read, folder, path)
}

fn refused(text: impl AsRef<[u8]>) -> String {
    read_text(text).0.map(|read| read.pool.len()).unwrap_err()
}

#[test]
fn a_pool_comes_back_from_both_formats_as_it_was() {
    let numbered = pool(5_000, Ids::Numbered { first: 1 });
    let names = ["-1", "=1+1", "'=x", "a,b", "a\"b", "it's", "é\nü"];
    let text = pool(
        names.len(),
        Ids::Text(names.iter().map(|&name| name.into()).collect()),
    );
    for format in [Format::Csv, Format::Parquet] {
        assert_eq!(there_and_back(&numbered, format), numbered);
        let back = there_and_back(&text, format);
        let mut sorted = names;
        sorted.sort_unstable();
        let read: Vec<String> = (0..back.len())
            .map(|row| back.id(row).into_owned())
            .collect();
        assert_eq!(read, sorted, "{format:?}");
    }
}

#[test]
fn threads_do_not_change_a_byte() {
    let pool = &pool(30_000, Ids::Numbered { first: 7 });
    let folder = tempfile::tempdir().unwrap();
    for format in [Format::Csv, Format::Parquet] {
        let written: Vec<Vec<u8>> = [1, 2, 7]
            .map(|threads| {
                let path = folder.path().join(format!("{threads}.{}", format.name()));
                let workers = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                workers.install(|| write(pool, format, &path)).unwrap();
                fs::read(path).unwrap()
            })
            .into();
        assert!(written.iter().all(|bytes| *bytes == written[0]));
    }
}

#[test]
fn threads_change_neither_what_is_read_nor_what_is_wrong() {
    let rows = |wrong: bool| -> String {
        let row = |number: u32| match number % 9_000 {
            17 if wrong => format!("{number},{ROW},surplus\n"),
            _ => format!("{number},{ROW}\n"),
        };
        (0..30_000).map(row).collect()
    };
    for wrong in [false, true] {
        let text = format!("{HEADER}\n{}", rows(wrong));
        let read = |threads| {
            let workers = rayon::ThreadPoolBuilder::new().num_threads(threads);
            let read = || read_text(&text).0.map(|read| read.pool);
            workers.build().unwrap().install(read)
        };
        let alone = read(1);
        let lines = ["line 19:", "line 9019:", "line 18019:", "line 27019:"];
        let told = |error: &String| lines.iter().all(|line| error.contains(line));
        assert!(
            alone
                .as_ref()
                .map_or_else(told, |pool| pool.len() == 30_000)
        );
        assert_eq!(alone.is_err(), wrong);
        assert!(read(2) == alone && read(7) == alone);
    }
}

#[test]
fn a_written_file_is_known_by_its_first_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pool.csv");
    write(&pool(3, Ids::Numbered { first: 1 }), Format::Csv, &path).unwrap();
    insta::assert_snapshot!(fs::read_to_string(&path).unwrap());
    let again = write(&pool(3, Ids::Numbered { first: 1 }), Format::Csv, &path);
    assert!(matches!(again, Err(OutputError::Exists { .. })));
}

#[test]
fn points_of_the_sections_add_up_to_the_score_that_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pool.csv");
    write(&pool(500, Ids::Numbered { first: 1 }), Format::Csv, &path).unwrap();
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let place = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let (score, core) = (place("crs_score"), place("crs_core"));
    for record in reader.records().map(Result::unwrap) {
        let number = |place: usize| record[place].parse::<u32>().unwrap();
        assert_eq!(number(score), (core..core + 4).map(number).sum::<u32>());
    }
}

#[test]
fn required_columns_alone_make_a_pool_and_defaults_are_told() {
    let (read, _folder, _path) = read_text(format!(
        "\u{feff}{HEADER},remark\r\n7,{ROW},x\r\n\r\n6,{ROW},y\r\n"
    ));
    let read = read.unwrap();
    assert_eq!(read.pool.ids, Ids::Numbered { first: 6 });
    let candidate = read.pool.row(0).candidate();
    assert_eq!((candidate.noc_months, candidate.noc_in_canada), (36, true));
    assert!(read.pool.score[0] > 400);
    assert!(
        read.notices
            .iter()
            .any(|notice| notice.contains("not used: `remark`")),
        "{:?}",
        read.notices
    );
}

#[test]
fn every_problem_of_a_file_is_told_with_its_line() {
    insta::assert_snapshot!(refused(format!(
        "{HEADER},job_offer,citizenship\n\
         1,{ROW},none,IND\n\
         2,2023-13-02T03:04:05Z,150,bachelor,9,9,9,13,1,3,2123,boss,India\n\
         \n\
         ,{ROW},none,IND\n\
         4,{ROW},none\n\
         \"5\n5\",{ROW},none,IND\n\
         6,{ROW},none,XXX\n"
    )));
}

#[test]
fn lines_are_right_after_line_ends_and_empty_lines_of_every_kind() {
    for end in ["\n", "\r\n"] {
        for last in ["", end] {
            let long = format!("\"a{end}b\",{ROW}");
            let lines = [
                HEADER,
                &format!("1,{ROW}"),
                "",
                &long,
                "",
                "",
                &format!("2,{ROW},9"),
            ];
            let text = lines.join(end) + last;
            let expected = "DIR/pool.csv: line 8: the row has 12 cells where the header has 11";
            assert_eq!(refused(text), expected, "{end:?} {last:?}");
        }
    }
    assert!(refused(format!("{HEADER}\r1,{ROW}")).contains("carriage returns"));
}

#[test]
fn an_id_that_stands_twice_is_told_with_both_lines() {
    assert_eq!(
        refused(format!("{HEADER}\n1,{ROW}\n2,{ROW}\n1,{ROW}\n")),
        "DIR/pool.csv: line 4, column `candidate_id`: `1` stands in line 2 already; each candidate once"
    );
}

#[test]
fn text_that_is_not_utf8_is_told_with_its_line_and_column() {
    let mut text = format!("{HEADER}\n1,{ROW}\n").into_bytes();
    text.extend_from_slice(b"\xff2,");
    text.extend_from_slice(ROW.as_bytes());
    assert_eq!(
        refused(text),
        "DIR/pool.csv: line 3, column `candidate_id`: the cell is not UTF-8 text; save the file as CSV in UTF-8"
    );
    let mut text = format!("{HEADER},my note,\n1,{ROW},").into_bytes();
    text.extend_from_slice(b"\xff,\n");
    assert!(refused(text).contains("line 2, column `my note`: the cell is not UTF-8"));
    assert!(refused(b"\xff,b\n").contains("line 1: the header is not UTF-8"));
}

#[test]
fn a_file_that_is_empty_or_no_candidate_file_is_refused() {
    assert!(refused("").contains("the file is empty"));
    assert!(refused(HEADER).contains("no candidates"));
    assert!(refused("a;b\n").contains("separated by `;`"));
    let folder = tempfile::tempdir().unwrap();
    for (name, part) in [
        ("none.csv", "cannot read"),
        ("none.txt", ".csv or .parquet"),
        ("none.parquet", "cannot read"),
    ] {
        let error = read_pool(&folder.path().join(name), &rules(), &Silent)
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    }
    let path = folder.path().join("text.parquet");
    fs::write(&path, "this is no Parquet file").unwrap();
    let error = read_pool(&path, &rules(), &Silent).unwrap_err().to_string();
    assert!(error.contains("not a whole Parquet file"), "{error}");
    fs::create_dir(folder.path().join("folder.csv")).unwrap();
    assert!(read_pool(&folder.path().join("folder.csv"), &rules(), &Silent).is_err());
}

#[test]
fn scoring_keeps_every_other_cell_and_the_order_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    fs::write(
        &input,
        format!("remark,crs_score,{HEADER}\n=1+1,old,b,{ROW}\n\"x, \"\"y\"\"\",,a,{ROW}\n"),
    )
    .unwrap();
    let scored = score_file(&input, &output, &rules(), false, &Silent).unwrap();
    assert_eq!((scored.rows, scored.ineligible), (2, 0));
    let told = scored.notices.join("\n");
    for part in [
        "in.csv: columns that are not used: `remark`",
        "worked out anew from the attributes: crs_score",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    insta::assert_snapshot!(fs::read_to_string(&output).unwrap());
    assert!(score_file(&input, &output, &rules(), false, &Silent).is_err());
    assert!(score_file(&input, &output, &rules(), true, &Silent).is_ok());
}

#[test]
fn scoring_a_file_with_a_bad_row_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    fs::write(&input, format!("{HEADER}\na,{ROW}\nb,{ROW},1\n")).unwrap();
    let error = score_file(&input, &output, &rules(), false, &Silent)
        .unwrap_err()
        .to_string();
    assert!(error.contains("line 3"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn scoring_a_generated_file_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("in.csv"), folder.path().join("out.csv"));
    write(
        &pool(3_000, Ids::Numbered { first: 1 }),
        Format::Csv,
        &input,
    )
    .unwrap();
    score_file(&input, &output, &rules(), false, &Silent).unwrap();
    assert_eq!(fs::read(&input).unwrap(), fs::read(&output).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_the_csv_reader_panic(
        tail in prop::collection::vec(any::<u8>(), 0..300),
        whole: bool,
    ) {
        let start: &[u8] = if whole { b"" } else { HEADER.as_bytes() };
        let _ = read_text([start, b"\n", &tail].concat());
    }

    #[test]
    fn no_cells_make_the_csv_reader_panic(cells in "([0-9a-z\"\u{e9},\r\n=-]{0,12},){10,12}") {
        let _ = read_text(format!("{HEADER}\n{cells}"));
    }

    #[test]
    fn a_damaged_parquet_file_is_refused_and_nothing_worse(place: prop::sample::Index, byte: u8) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pool.parquet");
        write(&pool(20, Ids::Numbered { first: 1 }), Format::Parquet, &path).unwrap();
        let mut bytes = fs::read(&path).unwrap();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        fs::write(&path, bytes).unwrap();
        let _ = read_pool(&path, &rules(), &Silent);
    }
}
