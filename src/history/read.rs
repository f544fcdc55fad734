//! Reads `rounds.csv` and `pool_snapshots.csv` into a checked history; every bad cell of both
//! files is reported at once. What the columns mean is told in [`tables`](super::tables); files are opened
//! in `texts` and written by [`output`](crate::output).

use std::collections::{BTreeMap, BTreeSet};

use csv::StringRecord;
use memchr::memchr_iter;

use super::problem::{HistoryError, Problem};
use super::tables::{BANDS, History, Kind, ROUND_COLUMNS, Round, Snapshot, snapshot_columns};
use crate::foreign::foreign;
use crate::shown::quoted;
use crate::units::{Date, Instant, Score};

/// The programs that a round may select by.
const PROGRAMS: [&str; 4] = ["pnp", "cec", "fsw", "fst"];

/// Reads a history from two texts, each with the name that messages give it.
pub(super) fn history_from_text(
    rounds: (&str, &[u8]),
    snapshots: (&str, &[u8]),
) -> Result<History, HistoryError> {
    let mut problems = Vec::new();
    let mut set_aside = Vec::new();
    let rounds = read_rounds(rounds.0, rounds.1, &mut problems, &mut set_aside);
    let snapshots = read_snapshots(snapshots.0, snapshots.1, &mut problems, &mut set_aside);
    if problems.is_empty() {
        Ok(History {
            rounds,
            snapshots,
            set_aside: set_aside.iter().map(Problem::to_string).collect(),
        })
    } else {
        Err(HistoryError(problems))
    }
}

fn read_rounds(
    file: &str,
    text: &[u8],
    problems: &mut Vec<Problem>,
    set_aside: &mut Vec<Problem>,
) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut seen = BTreeMap::new();
    let columns: Vec<String> = ROUND_COLUMNS.map(str::to_owned).to_vec();
    for_each_row(file, text, &columns, problems, |row| {
        let number = row.required(0, |text| Ok(text.to_owned()));
        let at = row.required(1, moment);
        let (kind, type_name) = row.kind_and_type();
        let version = row.cell(4);
        if !version.is_empty() && kind != Kind::Category {
            row.problem(4, "only a category round has a version".to_owned());
        }
        let invitations = row.required(5, invitations);
        let cutoff = row.required(6, score);
        let tie_break = row.optional(7, moment);
        let pool_as_of = row.optional(8, day);
        if let Some(number) = &number
            && let Some(line) = seen.insert(number.clone(), row.line)
        {
            row.problem(0, format!("round {} is on line {line} too", quoted(number)));
        }
        let version = (!version.is_empty()).then(|| version.to_owned());
        let note = (!row.cell(10).is_empty()).then(|| row.cell(10).to_owned());
        let published_name = row.cell(9).to_owned();
        if row.is_whole(set_aside)
            && let (Some(number), Some(at), Some(invitations), Some(cutoff)) =
                (number, at, invitations, cutoff)
        {
            rounds.push(Round {
                number,
                at,
                kind,
                type_name,
                version,
                invitations,
                cutoff,
                tie_break,
                pool_as_of,
                published_name,
                note,
            });
        }
    });
    rounds.sort_by_key(|round| round.at);
    rounds
}

fn read_snapshots(
    file: &str,
    text: &[u8],
    problems: &mut Vec<Problem>,
    set_aside: &mut Vec<Problem>,
) -> Vec<Snapshot> {
    let mut snapshots: Vec<Snapshot> = Vec::new();
    let mut seen = BTreeMap::new();
    for_each_row(file, text, &snapshot_columns(), problems, |row| {
        let as_of = row.required(0, day);
        let mut counts = [0; BANDS.len()];
        for (index, cell) in counts.iter_mut().enumerate() {
            *cell = row.required(index + 1, count).unwrap_or_default();
        }
        let total = row.required(BANDS.len() + 1, count);
        if let Some(as_of) = as_of
            && let Some(line) = seen.insert(as_of, row.line)
        {
            row.problem(0, format!("{as_of} is on line {line} too"));
        }
        if row.is_whole(set_aside)
            && let (Some(as_of), Some(total)) = (as_of, total)
        {
            snapshots.push(Snapshot {
                as_of,
                counts,
                total,
                note: None,
            });
        }
    });
    snapshots.sort_by_key(|pool| pool.as_of);
    note_faults(&mut snapshots);
    snapshots
}

/// Notes the faults that a table of snapshots shows by itself.
fn note_faults(snapshots: &mut [Snapshot]) {
    let mut before: Option<(Date, [u64; BANDS.len()])> = None;
    for pool in snapshots {
        let mut notes = Vec::new();
        let (sum, total) = (pool.sum(), pool.total);
        if sum != total {
            let (by, which) = (
                sum.abs_diff(total),
                if sum < total { "less" } else { "more" },
            );
            notes.push(format!(
                "bands add up to {sum}, {by} {which} than the total {total}"
            ));
        }
        if let Some((date, counts)) = before
            && counts == pool.counts
        {
            notes.push(format!("same figures as {date}"));
        }
        before = Some((pool.as_of, pool.counts));
        pool.note = (!notes.is_empty()).then(|| notes.join("; "));
    }
}

/// One row with its place in the file.
struct Row<'a> {
    file: &'a str,
    line: u64,
    columns: &'a [String],
    /// Where each of `columns` stands in the record.
    places: &'a [usize],
    record: &'a StringRecord,
    problems: &'a mut Vec<Problem>,
    problems_before: usize,
    empty: Vec<&'a str>,
}

impl<'a> Row<'a> {
    fn cell(&self, column: usize) -> &'a str {
        self.record.get(self.places[column]).unwrap_or("").trim()
    }

    fn problem(&mut self, column: usize, why: String) {
        self.problems.push(Problem {
            file: self.file.to_owned(),
            line: self.line,
            column: self.columns[column].clone(),
            why,
        });
    }

    fn optional<T>(
        &mut self,
        column: usize,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.cell(column);
        if text.is_empty() {
            return None;
        }
        parse(text).map_err(|why| self.problem(column, why)).ok()
    }

    fn required<T>(
        &mut self,
        column: usize,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        if self.cell(column).is_empty() {
            self.empty.push(&self.columns[column]);
        }
        self.optional(column, parse)
    }

    fn kind_and_type(&mut self) -> (Kind, String) {
        let (kind_cell, type_name) = (self.cell(2), self.cell(3));
        let named = Kind::NAMES.iter().find(|(name, _)| *name == kind_cell);
        let Some(&(_, kind)) = named else {
            self.problem(
                2,
                format!(
                    "{} is not general, program or category, nor empty",
                    quoted(kind_cell)
                ),
            );
            return (Kind::Unknown, String::new());
        };
        let accepted = match kind {
            Kind::General => type_name == "general",
            Kind::Program => PROGRAMS.contains(&type_name),
            Kind::Category => !type_name.is_empty(),
            Kind::Unknown => type_name.is_empty(),
        };
        if !accepted {
            let wanted = match kind {
                Kind::General => "general".to_owned(),
                Kind::Program => PROGRAMS.join(", "),
                Kind::Category => "the name of a category".to_owned(),
                Kind::Unknown => "empty".to_owned(),
            };
            self.problem(
                3,
                format!(
                    "{} does not go with kind {}; it must be {wanted}",
                    quoted(type_name),
                    quoted(kind_cell),
                ),
            );
        }
        (kind, type_name.to_owned())
    }

    /// Whether the row reads and leaves nothing empty; a row that reads but has empty cells is
    /// set aside.
    fn is_whole(&self, set_aside: &mut Vec<Problem>) -> bool {
        if self.problems.len() > self.problems_before {
            return false;
        }
        if !self.empty.is_empty() {
            set_aside.push(Problem {
                file: self.file.to_owned(),
                line: self.line,
                column: self.empty.join(", "),
                why: "empty, so the row is left out".to_owned(),
            });
        }
        self.empty.is_empty()
    }
}

/// Calls `read` with every row, after checking the header; bad rows become problems.
fn for_each_row(
    file: &str,
    text: &[u8],
    columns: &[String],
    problems: &mut Vec<Problem>,
    mut read: impl FnMut(&mut Row<'_>),
) {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let problem = |line, column: &str, why| Problem {
        file: file.to_owned(),
        line,
        column: column.to_owned(),
        why,
    };
    if let Some(why) = foreign(text) {
        return problems.push(problem(1, "", why));
    }
    let mut lines = Lines::of(text);
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return problems.push(problem(1, "", error.to_string())),
    };
    let places: Vec<Option<usize>> = columns
        .iter()
        .map(|column| header.iter().position(|cell| cell.trim() == column))
        .collect();
    let missing: BTreeSet<&str> = columns
        .iter()
        .zip(&places)
        .filter(|(_, place)| place.is_none())
        .map(|(column, _)| column.as_str())
        .collect();
    for column in &missing {
        problems.push(problem(1, column, "this column is missing".to_owned()));
    }
    for cell in &header {
        if !columns.iter().any(|column| column == cell.trim()) {
            let why = format!("this column is not known; known are {}", columns.join(", "));
            problems.push(problem(1, &quoted(cell), why));
        }
    }
    if !missing.is_empty() {
        return;
    }
    let places: Vec<usize> = places.into_iter().flatten().collect();
    for record in reader.records() {
        match record {
            Ok(record) => {
                let problems_before = problems.len();
                read(&mut Row {
                    file,
                    line: lines.of_record(record.position()),
                    columns,
                    places: &places,
                    record: &record,
                    problems,
                    problems_before,
                    empty: Vec::new(),
                });
            }
            Err(error) => {
                let line = lines.of_record(error.position());
                problems.push(problem(line, "", row_error(&error)));
            }
        }
    }
}

/// The lines that records begin on, asked for in the order of the text. The reader's own are those
/// where the record before ended: one less after a carriage return, or before empty lines.
struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    fn of(text: &'t [u8]) -> Self {
        Lines {
            text,
            at: 0,
            line: 1,
        }
    }

    /// The line of the record that the reader found from that place on; 0 where it names none.
    fn of_record(&mut self, place: Option<&csv::Position>) -> u64 {
        let Some(place) = place.and_then(|place| usize::try_from(place.byte()).ok()) else {
            return 0;
        };
        let rest = self.text.get(place..).unwrap_or_default();
        let breaks = rest.iter().take_while(|byte| b"\r\n".contains(byte));
        let start = (place + breaks.count()).max(self.at);
        self.line += memchr_iter(b'\n', &self.text[self.at..start]).count() as u64;
        self.at = start;
        self.line
    }
}

fn row_error(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("the row has {len} cells, the header {expected_len}"),
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    }
}

fn moment(text: &str) -> Result<Instant, String> {
    if text.len() > 40 {
        return Err(format!("{} is too long for a time", quoted(text)));
    }
    Instant::parse(text)
}

fn count(text: &str) -> Result<u64, String> {
    text.parse::<u64>()
        .ok()
        .filter(|&count| count <= u64::from(u32::MAX))
        .ok_or_else(|| format!("{} is not a whole number of people", quoted(text)))
}

/// Invitations of a round: one that gives none is no round.
fn invitations(text: &str) -> Result<u64, String> {
    match count(text) {
        Ok(0) => Err(format!(
            "{} is too small; a round has 1 invitation at least",
            quoted(text)
        )),
        read => read,
    }
}

fn score(text: &str) -> Result<Score, String> {
    text.parse::<u16>()
        .ok()
        .map(Score)
        .filter(|&score| score <= Score::MAX)
        .ok_or_else(|| format!("{} is not a score from 0 to {}", quoted(text), Score::MAX))
}

fn day(text: &str) -> Result<Date, String> {
    text.parse::<Date>()
        .ok()
        .filter(|_| text.len() == 10)
        .ok_or_else(|| format!("{} is not a date; write it like 2023-07-04", quoted(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "round,at_utc,kind,type,version,invitations,cutoff_score,tie_break_utc,pool_as_of,published_name,note";

    fn snapshots_header() -> String {
        snapshot_columns().join(",")
    }

    fn read(rounds: &str, snapshots: &str) -> Result<History, HistoryError> {
        history_from_text(
            ("rounds.csv", format!("{HEADER}\n{rounds}").as_bytes()),
            (
                "pools.csv",
                format!("{}\n{snapshots}", snapshots_header()).as_bytes(),
            ),
        )
    }

    #[test]
    fn every_bad_cell_of_both_files_is_reported_at_once() {
        let error = read(
            "1,2015-01-31,general,cec,,many,2000,,,General,\n1,2015-02-07T11:59:59Z,party,x,,1,1,,2015-13-01,,\nshort,row",
            "2022-01-17,1,2,3,4,5,6,7,8,9,10,11,12,13,14,-15,x\n",
        )
        .unwrap_err()
        .to_string();
        let expected = [
            "rounds.csv:2: at_utc: `2015-01-31` is not a time",
            "rounds.csv:2: type: `cec` does not go with kind `general`; it must be general",
            "rounds.csv:2: invitations: `many` is not a whole number",
            "rounds.csv:2: cutoff_score: `2000` is not a score from 0 to 1200",
            "rounds.csv:3: kind: `party` is not general, program or category",
            "rounds.csv:3: pool_as_of: `2015-13-01` is not a date",
            "rounds.csv:3: round: round `1` is on line 2 too",
            "rounds.csv:4: the row has 2 cells, the header 11",
            "pools.csv:2: 0-300: `-15` is not a whole number",
            "pools.csv:2: total: `x` is not a whole number",
        ];
        for line in expected {
            assert!(error.contains(line), "{line}\nnot in\n{error}");
        }
        assert_eq!(error.lines().count(), expected.len());
    }

    #[test]
    fn lines_are_counted_alike_whatever_they_end_in() {
        let text = format!(
            "{HEADER}\n1,2015-01-31T11:59:48Z,general,general,,many,1,,,\"a\nb\",\n\n2,x,,,,,,,,,\nshort,row\n"
        );
        let snapshots = snapshots_header();
        for text in [text.clone(), text.replace('\n', "\r\n")] {
            let texts = (
                ("rounds.csv", text.as_bytes()),
                ("pools.csv", snapshots.as_bytes()),
            );
            let told = history_from_text(texts.0, texts.1).unwrap_err().to_string();
            let lines: Vec<&str> = told
                .lines()
                .filter_map(|line| line.split(':').nth(1))
                .collect();
            assert_eq!(lines, ["2", "5", "6"], "{told}");
        }
    }

    #[test]
    fn a_table_with_other_separators_is_told_so_once() {
        let snapshots = snapshots_header().replace(',', ";");
        let error = history_from_text(
            ("rounds.csv", HEADER.replace(',', ";").as_bytes()),
            ("pools.csv", snapshots.as_bytes()),
        );
        let why = "the columns are separated by `;`; save the file with commas";
        let told = format!("rounds.csv:1: {why}\npools.csv:1: {why}");
        assert_eq!(error.unwrap_err().to_string(), told);
    }

    #[test]
    fn a_round_without_invitations_is_refused() {
        let row = "7,2015-01-31T11:59:48Z,general,general,,0,1,,,General,\n";
        let told = read(row, "").unwrap_err().to_string();
        assert_eq!(
            told,
            "rounds.csv:2: invitations: `0` is too small; a round has 1 invitation at least"
        );
    }

    #[test]
    fn missing_and_unknown_columns_are_named() {
        let error = history_from_text(
            ("rounds.csv", b"round,when\n1,2\n"),
            ("pools.csv", snapshots_header().as_bytes()),
        )
        .unwrap_err()
        .to_string();
        assert!(error.contains("rounds.csv:1: at_utc: this column is missing"));
        assert!(error.contains("rounds.csv:1: `when`: this column is not known"));
    }

    #[test]
    fn a_row_with_an_empty_time_is_set_aside_and_said() {
        let history = read("9,,general,general,,10,500,,,General,\n", "").unwrap();
        assert!(history.rounds.is_empty());
        assert_eq!(
            history.set_aside,
            ["rounds.csv:2: at_utc: empty, so the row is left out"]
        );
    }

    #[test]
    fn rows_in_any_order_come_out_in_order_of_time_and_a_round_of_unknown_kind_is_kept() {
        let history = read(
            "2,2015-02-07T11:59:59Z,,,,5,1,,,New name,\n1,2015-01-31T11:59:48Z,general,general,,5,1,,,General,a note\n",
            "2022-01-31,0,0,0,0,0,0,0,0,0,0,0,0,0,0,7,7\n2022-01-17,0,0,0,0,0,0,0,0,0,0,0,0,0,0,7,9\n",
        )
        .unwrap();
        assert_eq!(history.rounds[0].note.as_deref(), Some("a note"));
        assert_eq!(history.rounds[1].kind, Kind::Unknown);
        assert_eq!(
            history.snapshots[0].note.as_deref(),
            Some("bands add up to 7, 2 less than the total 9")
        );
        assert_eq!(
            history.snapshots[1].note.as_deref(),
            Some("same figures as 2022-01-17")
        );
    }

    #[test]
    fn text_that_is_not_utf_8_is_a_problem_of_its_line() {
        let mut text = format!("{HEADER}\n").into_bytes();
        text.extend(b"1,\xff,,,,,,,,,\n");
        let error = history_from_text(
            ("rounds.csv", &text),
            ("pools.csv", snapshots_header().as_bytes()),
        )
        .unwrap_err()
        .to_string();
        assert_eq!(error, "rounds.csv:2: the row is not UTF-8 text");
    }
}
