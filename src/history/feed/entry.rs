//! One entry of the feed as one row of `rounds.csv` and the pool printed beside it.
//! Order, repeats and whole tables are `import`'s.

use jiff::civil::Date as CivilDate;

use super::super::tables::Kind;
use super::Findings;
use super::fields::{Entry, number, text};
use super::label::read_label;
use super::pool::{PrintedPool, SnapshotRow, read_pool};
use super::time::{Stamp, read_stamp};
use crate::rules::validity::PROFILE_DAYS;
use crate::shown::quoted;
use crate::units::{Date, Instant, Score};

/// What a round's note says where the feed prints no tie-break.
const NO_TIE_BREAK: &str = "no tie-break published";

/// One row of `rounds.csv`; `None` is an empty cell, because the feed prints nothing or what it
/// prints could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundRow {
    /// Published number.
    pub number: Option<String>,
    /// When it was held.
    pub at: Option<Instant>,
    /// What it selected by; [`Kind::Unknown`] for a published name that is not known.
    pub kind: Kind,
    /// Program or category; empty for [`Kind::Unknown`].
    pub type_name: String,
    /// Version key of a category.
    pub version: Option<String>,
    /// Invitations issued.
    pub invitations: Option<u64>,
    /// Score of the lowest-ranked candidate invited.
    pub cutoff: Option<Score>,
    /// Submission time of the last candidate invited.
    pub tie_break: Option<Instant>,
    /// Date of the pool printed beside it.
    pub pool_as_of: Option<Date>,
    /// The name as published.
    pub published_name: String,
    /// Faults of the publication.
    pub notes: Vec<String>,
}

/// An entry that has been read.
pub(super) struct ReadEntry {
    pub round: RoundRow,
    pub pool: Option<SnapshotRow>,
    /// The day it belongs to when sorting.
    pub day: Option<Date>,
}

/// Reads one entry; everything that cannot be read is reported and left empty.
pub(super) fn read_entry(entry: &Entry, findings: &mut Findings<'_>) -> ReadEntry {
    let round_number = text(entry, "drawNumber", findings);
    match &round_number {
        Some(number) => findings.round = shown_number(number),
        None => findings.not_read("drawNumber", "is empty; left empty".to_owned()),
    }
    let mut notes = Vec::new();
    let draw_date = read_draw_date(entry, findings);
    let at = read_round_time(entry, draw_date, &mut notes, findings);
    let published_name = text(entry, "drawName", findings).unwrap_or_default();
    let (kind, type_name, version) = read_name(&published_name, findings);
    let invitations = read_invitations(entry, &mut notes, findings);
    let cutoff = number(entry, "drawCRS", u64::from(Score::MAX.0), findings)
        .and_then(|score| u16::try_from(score).ok())
        .map(Score);
    let tie_break = read_tie_break(entry, at, &mut notes, findings);
    let day = at.map(Instant::date).or(draw_date);
    let pool = read_pool_of(entry, day, &mut notes, findings);
    ReadEntry {
        round: RoundRow {
            number: round_number,
            at,
            kind,
            type_name,
            version,
            invitations,
            cutoff,
            tie_break,
            pool_as_of: pool.as_ref().map(|pool| pool.as_of),
            published_name,
            notes,
        },
        pool,
        day,
    }
}

/// A number short enough for a message.
pub(super) fn shown_number(number: &str) -> String {
    if number.len() <= 12 && number.chars().all(|c| !c.is_control()) {
        number.to_owned()
    } else {
        quoted(number)
    }
}

fn read_draw_date(entry: &Entry, findings: &mut Findings<'_>) -> Option<Date> {
    let text = text(entry, "drawDate", findings)?;
    let date = text.parse::<CivilDate>().ok();
    if date.is_none() || text.len() != 10 {
        let what = quoted(&text);
        findings.not_read("drawDate", format!("{what} is not a date like 2023-07-05"));
        return None;
    }
    date
}

/// What a free-text field says.
enum Printed {
    /// A day, with or without a time.
    Stamp(Stamp),
    /// Nothing, or a word for it.
    Nothing,
    /// A text that cannot be read; it is reported, and this is what a note says of it.
    Fault(String),
    /// No text at all, but something else; it is reported.
    NoText,
}

fn read_time_field(entry: &Entry, field: &str, findings: &mut Findings<'_>) -> Printed {
    let before = findings.list.len();
    let Some(text) = text(entry, field, findings) else {
        return if findings.list.len() == before {
            Printed::Nothing
        } else {
            Printed::NoText
        };
    };
    match read_stamp(&text) {
        Ok(None) => Printed::Nothing,
        Ok(Some(stamp)) => {
            for assumed in &stamp.assumed {
                findings.remark(field, format!("{}: {assumed}", quoted(&text)));
            }
            Printed::Stamp(stamp)
        }
        Err(fault) => {
            findings.not_read(field, format!("{} {fault}; left empty", quoted(&text)));
            Printed::Fault(format!("{fault}: {}", short(&text)))
        }
    }
}

/// The round's time. The published date may be a day off, because days end at another time in
/// Ottawa; where it is further off, one of the two was mistyped, and the date, which is typed
/// alone, is taken with the time of day.
fn read_round_time(
    entry: &Entry,
    draw_date: Option<Date>,
    notes: &mut Vec<String>,
    findings: &mut Findings<'_>,
) -> Option<Instant> {
    const FIELD: &str = "drawDateTime";
    let Stamp { date, at, .. } = match read_time_field(entry, FIELD, findings) {
        Printed::Stamp(stamp) => stamp,
        Printed::Fault(fault) => {
            notes.push(format!("published time {fault}"));
            return None;
        }
        Printed::Nothing => {
            findings.not_read(FIELD, "is empty; the round has no time".to_owned());
            return None;
        }
        Printed::NoText => return None,
    };
    let Some(at) = at else {
        findings.not_read(
            FIELD,
            format!("has a day, {date}, but no time of day; left empty"),
        );
        notes.push("no time of day published".to_owned());
        return None;
    };
    let Some(draw_date) = draw_date.filter(|&day| day != date) else {
        return Some(at);
    };
    let note = format!("published date {draw_date} differs from date in published time {at}");
    let start = Instant::start_of(draw_date)?;
    let days_apart = (start.seconds() / Instant::DAY).abs_diff(at.seconds() / Instant::DAY);
    let taken = if days_apart <= 1 {
        at
    } else {
        start.saturating_add(at.seconds() % Instant::DAY)
    };
    findings.remark(FIELD, format!("{note}; read as {taken}"));
    notes.push(note);
    Some(taken)
}

/// The round's invitations: one that gives none is no round, and is not read back as one.
fn read_invitations(
    entry: &Entry,
    notes: &mut Vec<String>,
    findings: &mut Findings<'_>,
) -> Option<u64> {
    const FIELD: &str = "drawSize";
    let printed = number(entry, FIELD, u64::from(u32::MAX), findings)?;
    if printed == 0 {
        let what = "`0` is too small, a round has 1 invitation at least; left empty";
        findings.not_read(FIELD, what.to_owned());
        notes.push("published number of invitations is 0".to_owned());
        return None;
    }
    Some(printed)
}

fn read_tie_break(
    entry: &Entry,
    at: Option<Instant>,
    notes: &mut Vec<String>,
    findings: &mut Findings<'_>,
) -> Option<Instant> {
    const FIELD: &str = "drawCutOff";
    let stamp = match read_time_field(entry, FIELD, findings) {
        Printed::Stamp(stamp) => stamp,
        Printed::Fault(fault) => {
            notes.push(format!("published tie-break {fault}"));
            return None;
        }
        Printed::Nothing => {
            notes.push(NO_TIE_BREAK.to_owned());
            return None;
        }
        Printed::NoText => return None,
    };
    let Some(tie_break) = stamp.at else {
        let date = stamp.date;
        findings.not_read(
            FIELD,
            format!("has a day, {date}, but no time of day; left empty"),
        );
        notes.push(format!("published tie-break has no time of day: {date}"));
        return None;
    };
    if let Some(at) = at
        && at.saturating_sub(PROFILE_DAYS * Instant::DAY) > tie_break
    {
        let note = format!("published tie-break is more than {PROFILE_DAYS} days before the round");
        findings.remark(FIELD, format!("{note}: {tie_break}; kept"));
        notes.push(note);
    }
    if let Some(at) = at
        && tie_break >= at
    {
        let note = if tie_break == at {
            "published tie-break is the round's own time"
        } else {
            "published tie-break is after the round"
        };
        findings.remark(FIELD, format!("{note}: {tie_break}; kept"));
        notes.push(note.to_owned());
    }
    Some(tie_break)
}

fn read_name(name: &str, findings: &mut Findings<'_>) -> (Kind, String, Option<String>) {
    const FIELD: &str = "drawName";
    let Some(label) = read_label(name) else {
        let what = if name.is_empty() {
            "is empty; kind, type and version are left empty".to_owned()
        } else {
            let name = quoted(name);
            format!("{name} is not a known name; kind, type and version are left empty")
        };
        findings.not_read(FIELD, what);
        return (Kind::Unknown, String::new(), None);
    };
    if let Some(fault) = label.fault {
        findings.not_read(FIELD, format!("{} {fault}; left empty", quoted(name)));
    }
    (label.kind, label.type_name.to_owned(), label.version)
}

fn read_pool_of(
    entry: &Entry,
    day: Option<Date>,
    notes: &mut Vec<String>,
    findings: &mut Findings<'_>,
) -> Option<SnapshotRow> {
    const FIELD: &str = "drawDistributionAsOn";
    let pool = read_pool(entry, findings);
    let printed = read_time_field(entry, FIELD, findings);
    let Some(PrintedPool {
        counts,
        total,
        notes: pool_notes,
    }) = pool
    else {
        if let Printed::Stamp(Stamp { date, .. }) = printed {
            findings.remark(FIELD, format!("the pool of {date} is all zero; left out"));
        }
        return None;
    };
    let Printed::Stamp(Stamp { date: as_of, .. }) = printed else {
        if matches!(printed, Printed::Nothing) {
            findings.not_read(FIELD, "is empty; the pool is left out".to_owned());
        }
        notes.push("published pool has no date that can be read".to_owned());
        return None;
    };
    if day.is_some_and(|day| as_of > day) {
        findings.not_read(
            FIELD,
            format!("the pool of {as_of} is after the round; left out"),
        );
        notes.push("pool date is after the round".to_owned());
        return None;
    }
    notes.extend(pool_notes);
    Some(SnapshotRow {
        as_of,
        counts,
        total,
    })
}

/// A text short enough for a note, on one line.
fn short(text: &str) -> String {
    quoted(text).trim_matches('`').to_owned()
}
