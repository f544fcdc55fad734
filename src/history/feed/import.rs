//! The whole feed: entries in order of time, each round and each pool once.
//! Single entries are read in `entry`; the tables are written by [`output`](crate::output).

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::tables::BANDS;
use super::entry::{ReadEntry, RoundRow, read_entry, shown_number};
use super::pool::SnapshotRow;
use super::{Finding, Findings, Severity};
use crate::units::{Date, Instant};

/// A feed that cannot be read as a whole.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The text is not JSON, or nested too deeply.
    #[error("not JSON: {0}")]
    NotJson(#[from] serde_json::Error),
    /// The text is JSON of another shape.
    #[error("not a feed of rounds: {0}; an object with a list `rounds` is expected")]
    OtherShape(&'static str),
    /// The list is there, with no entry that is an object.
    #[error("the feed has no rounds")]
    NoRounds,
}

/// The tables that a feed gives, and what is to be said about them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// In order of time; rounds of the same second in the order they were published; rounds with
    /// neither time nor date last.
    pub rounds: Vec<RoundRow>,
    /// In order of date, one a date.
    pub snapshots: Vec<SnapshotRow>,
    /// In the order of the feed.
    pub findings: Vec<Finding>,
}

impl Imported {
    /// How many findings are of that severity.
    pub fn count(&self, severity: Severity) -> usize {
        let is = |finding: &&Finding| finding.severity == severity;
        self.findings.iter().filter(is).count()
    }
}

/// Reads the official feed: an object with a list `rounds`. What cannot be read in an entry is
/// reported and left empty; nothing is filled in without a finding that says so.
///
/// # Errors
/// [`FeedError`] when there is nothing to import.
pub fn import(feed: &[u8]) -> Result<Imported, FeedError> {
    let feed = feed.strip_prefix(b"\xef\xbb\xbf").unwrap_or(feed);
    let feed: Value = serde_json::from_slice(feed)?;
    let Value::Object(feed) = feed else {
        return Err(FeedError::OtherShape("the text is not an object"));
    };
    let entries = match feed.get("rounds") {
        Some(Value::Array(entries)) => entries,
        Some(_) => return Err(FeedError::OtherShape("`rounds` is not a list")),
        None => return Err(FeedError::OtherShape("there is no `rounds`")),
    };
    let mut list = Vec::new();
    let mut read = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let mut findings = Findings {
            entry: index + 1,
            round: String::new(),
            list: &mut list,
        };
        match entry {
            Value::Object(entry) => read.push((index + 1, read_entry(entry, &mut findings))),
            _ => findings.not_read("", "is not an object; left out".to_owned()),
        }
    }
    if read.is_empty() {
        return Err(FeedError::NoRounds);
    }
    drop_repeats(&mut read, &mut list);
    put_in_order(&mut read);
    let snapshots = one_pool_a_date(&read, &mut list);
    list.sort_by_key(|finding| finding.entry);
    Ok(Imported {
        rounds: read.into_iter().map(|(_, entry)| entry.round).collect(),
        snapshots,
        findings: list,
    })
}

/// Keeps the first entry of each round number and reports the others.
fn drop_repeats(read: &mut Vec<(usize, ReadEntry)>, list: &mut Vec<Finding>) {
    let mut first: BTreeMap<String, (usize, RoundRow)> = BTreeMap::new();
    read.retain(|(entry, ReadEntry { round, .. })| {
        let Some(number) = &round.number else {
            return true;
        };
        let Some((kept, other)) = first.get(number) else {
            first.insert(number.clone(), (*entry, round.clone()));
            return true;
        };
        let how = if other == round {
            "the same"
        } else {
            "different"
        };
        let severity = if other == round {
            Severity::Remark
        } else {
            Severity::NotRead
        };
        let what = format!("entry {entry} repeats entry {kept} ({how}); entry {kept} is kept");
        Findings {
            entry: *entry,
            round: shown_number(number),
            list,
        }
        .add("drawNumber", severity, what);
        false
    });
}

/// Order of time. The feed has the newest round first; rounds of the same second keep the order
/// in which they were published, so such a feed is turned around before sorting.
fn put_in_order(read: &mut [(usize, ReadEntry)]) {
    let moment = |(_, entry): &(usize, ReadEntry)| -> Option<Instant> {
        entry.round.at.or_else(|| Instant::start_of(entry.day?))
    };
    let mut known = read.iter().filter_map(moment);
    if let (Some(first), Some(last)) = (known.next(), known.next_back())
        && first > last
    {
        read.reverse();
    }
    read.sort_by_key(|entry| {
        let moment = moment(entry);
        (moment.is_none(), moment)
    });
}

/// One row a date: empty cells are filled from later rounds with the same pool; cells that differ
/// are reported and the earliest round's kept.
fn one_pool_a_date(read: &[(usize, ReadEntry)], list: &mut Vec<Finding>) -> Vec<SnapshotRow> {
    let mut pools: BTreeMap<Date, SnapshotRow> = BTreeMap::new();
    for (entry, ReadEntry { round, pool, .. }) in read {
        let Some(pool) = pool else { continue };
        let kept = pools.entry(pool.as_of).or_insert_with(|| pool.clone());
        let differs = merge(kept, pool);
        if !differs.is_empty() {
            let what = format!(
                "the pool of {} differs from that of an earlier round in {}; the earlier is kept",
                pool.as_of,
                differs.join(", ")
            );
            Findings {
                entry: *entry,
                round: round
                    .number
                    .as_deref()
                    .map_or_else(String::new, shown_number),
                list,
            }
            .not_read("drawDistributionAsOn", what);
        }
    }
    pools.into_values().collect()
}

/// Fills the empty cells of `kept` from `other`; names the cells that differ.
fn merge(kept: &mut SnapshotRow, other: &SnapshotRow) -> Vec<String> {
    let mut differs = Vec::new();
    let names = BANDS.iter().map(|(low, high)| format!("{low}-{high}"));
    let cells = kept.counts.iter_mut().zip(&other.counts).zip(names);
    let total = ((&mut kept.total, &other.total), "total".to_owned());
    for ((mine, theirs), name) in cells.chain(std::iter::once(total)) {
        match (&mine, theirs) {
            (None, _) => *mine = *theirs,
            (Some(a), Some(b)) if a != b => differs.push(name),
            _ => {}
        }
    }
    differs
}
