//! The pool printed beside a round: `dd1` to `dd18`, and whether they add up.
//! Which day they describe is `entry`'s.

use serde_json::Value;

use super::super::tables::BANDS;
use super::fields::{Entry, number};
use super::{Findings, Severity};
use crate::units::Date;

/// One row of `pool_snapshots.csv`; `None` is an empty cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotRow {
    /// The day it describes.
    pub as_of: Date,
    /// Candidates in each of [`BANDS`].
    pub counts: [Option<u64>; BANDS.len()],
    /// Published total.
    pub total: Option<u64>,
}

/// The pool beside one round, without its day, and what does not add up in it.
pub(super) struct PrintedPool {
    pub counts: [Option<u64>; BANDS.len()],
    pub total: Option<u64>,
    pub notes: Vec<String>,
}

/// A field that is not a table column: a whole band, and the fields of its tens.
const WHOLE_BANDS: [(&str, &str, std::ops::RangeInclusive<usize>); 2] =
    [("dd3", "451-500", 4..=8), ("dd9", "401-450", 10..=14)];

/// The fields of [`BANDS`], in their order.
const BAND_FIELDS: [usize; BANDS.len()] = [1, 2, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17];

/// The fields that together are the whole pool.
const PARTS: [usize; 7] = [1, 2, 3, 9, 15, 16, 17];

const FIELDS: usize = 18;

/// No pool has more candidates than this.
const MOST: u64 = u32::MAX as u64;

/// Reads `dd1` to `dd18`; `None` where the entry has none of them or all are zero.
pub(super) fn read_pool(entry: &Entry, findings: &mut Findings<'_>) -> Option<PrintedPool> {
    let nothing = (1..=FIELDS).all(|n| match entry.get(&format!("dd{n}")) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => matches!(text.trim(), "" | "0"),
        Some(Value::Number(number)) => number.as_u64() == Some(0),
        Some(_) => false,
    });
    if nothing {
        return None;
    }
    let mut dd = [None; FIELDS + 1];
    for (n, cell) in dd.iter_mut().enumerate().skip(1) {
        *cell = number(entry, &format!("dd{n}"), MOST, findings);
    }
    let sum = |fields: &mut dyn Iterator<Item = usize>| -> Option<u64> {
        fields.map(|n| dd[n]).sum::<Option<u64>>()
    };
    let against_total = sum(&mut PARTS.into_iter()).zip(dd[FIELDS]);
    let mut notes = Vec::new();
    for (field, band, tens) in WHOLE_BANDS {
        let whole = dd[*tens.start() - 1];
        let Some((parts, whole)) = sum(&mut tens.clone()).zip(whole) else {
            continue;
        };
        if parts != whole {
            let and_total = against_total.is_some_and(|(parts, total)| parts == total);
            notes.push((
                field,
                format!(
                    "published sub-bands of {band} sum to {} than the published band{}",
                    difference(parts, whole),
                    if and_total { " and total" } else { "" }
                ),
            ));
        }
    }
    // Where the bands of tens sum to the total, it is a whole band that is wrong, and told above.
    let narrow = sum(&mut BAND_FIELDS.into_iter());
    if let Some((parts, total)) = against_total
        && parts != total
        && narrow != Some(total)
    {
        let by = difference(parts, total);
        notes.push((
            "dd18",
            format!("published bands sum to {by} than the published total"),
        ));
    }
    for (field, note) in &notes {
        findings.add(field, Severity::Remark, note.clone());
    }
    Some(PrintedPool {
        counts: BAND_FIELDS.map(|n| dd[n]),
        total: dd[FIELDS],
        notes: notes.into_iter().map(|(_, note)| note).collect(),
    })
}

fn difference(part: u64, whole: u64) -> String {
    let which = if part < whole { "less" } else { "more" };
    format!("{} {which}", part.abs_diff(whole))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(fields: [u64; FIELDS]) -> (Option<PrintedPool>, Vec<String>) {
        let entry: Entry = fields
            .iter()
            .enumerate()
            .map(|(n, value)| (format!("dd{}", n + 1), json!(value.to_string())))
            .collect();
        let mut list = Vec::new();
        let pool = read_pool(
            &entry,
            &mut Findings {
                entry: 1,
                round: "1".to_owned(),
                list: &mut list,
            },
        );
        (pool, list.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn whole_bands_are_checked_and_left_out_of_the_columns() {
        let fields = [
            1, 2, 25, 3, 4, 5, 6, 7, 50, 8, 9, 10, 11, 12, 13, 14, 15, 120,
        ];
        let (pool, findings) = read(fields);
        let pool = pool.unwrap();
        assert_eq!(
            pool.counts.map(Option::unwrap),
            std::array::from_fn(|n| n as u64 + 1)
        );
        assert_eq!((pool.total, findings.len()), (Some(120), 0));
    }

    #[test]
    fn what_does_not_add_up_is_noted() {
        let mut fields = [
            1, 2, 25, 3, 4, 5, 6, 5, 50, 8, 9, 10, 11, 12, 13, 14, 15, 120,
        ];
        assert_eq!(
            read(fields).1,
            [
                "round 1: dd3: published sub-bands of 451-500 sum to 2 less than the published band and total"
            ]
        );
        fields[17] = 119;
        assert_eq!(
            read(fields).1,
            [
                "round 1: dd3: published sub-bands of 451-500 sum to 2 less than the published band",
                "round 1: dd18: published bands sum to 1 more than the published total",
            ]
        );
    }

    #[test]
    fn a_whole_band_that_is_wrong_by_itself_is_told_once() {
        let fields = [
            1, 2, 5, 3, 4, 5, 6, 7, 50, 8, 9, 10, 11, 12, 13, 14, 15, 120,
        ];
        assert_eq!(
            read(fields).1,
            ["round 1: dd3: published sub-bands of 451-500 sum to 20 more than the published band"]
        );
    }

    #[test]
    fn all_zero_is_no_pool() {
        assert!(read([0; FIELDS]).0.is_none());
    }
}
