//! The result folder of an import: the published rounds and pools as tables.
//! How the feed is read is the history's.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

use serde_json::json;

use crate::history::feed::{Imported, RoundRow, SnapshotRow};
use crate::inputs::InputRecord;
use crate::output::manifest::Manifest;
use crate::output::rows::{PoolSnapshotRow, PublishedRoundRow};
use crate::output::{Format, OutputError, ResultFolder};

/// Writes the folder `parent/name` with the tables that the `feed` in `file` gave, and moves it to its
/// place when it is whole.
///
/// # Errors
/// When the folder is there already and not to be replaced, or cannot be written.
pub fn write(
    parent: &Path,
    name: &str,
    force: bool,
    (file, feed): (&Path, &[u8]),
    imported: &Imported,
    started: Clock,
) -> Result<PathBuf, OutputError> {
    let mut folder = ResultFolder::create(parent, name, force, &[file.to_owned()])?;
    let mut rounds = folder.table::<PublishedRoundRow>(Format::Csv)?;
    for row in &imported.rounds {
        rounds.write(&round(row))?;
    }
    folder.complete(rounds)?;
    let mut pools = folder.table::<PoolSnapshotRow>(Format::Csv)?;
    for row in &imported.snapshots {
        pools.write(&snapshot(row))?;
    }
    folder.complete(pools)?;
    folder.finish(&Manifest {
        command: "history import".to_owned(),
        name: name.to_owned(),
        title: "Published rounds and pools, from the official feed".to_owned(),
        scenario: json!({}),
        seed: 0,
        replicates: 0,
        stop: None,
        unfilled: Vec::new(),
        rules: Vec::new(),
        inputs: vec![InputRecord::of_bytes(file, feed)],
        wall_time: started.elapsed(),
    })
}

fn text(text: &str) -> Option<Cow<'_, str>> {
    Some(text)
        .filter(|text| !text.is_empty())
        .map(Cow::Borrowed)
}

fn round(row: &RoundRow) -> PublishedRoundRow<'_> {
    PublishedRoundRow {
        round: row.number.as_deref().and_then(text),
        at_utc: row.at,
        kind: text(row.kind.name()),
        type_name: text(&row.type_name),
        version: row.version.as_deref().and_then(text),
        invitations: row.invitations,
        cutoff_score: row.cutoff,
        tie_break_utc: row.tie_break,
        pool_as_of: row.pool_as_of,
        published_name: text(&row.published_name),
        note: Some(row.notes.join("; "))
            .filter(|note| !note.is_empty())
            .map(Cow::Owned),
    }
}

fn snapshot(row: &SnapshotRow) -> PoolSnapshotRow {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] = row.counts;
    PoolSnapshotRow {
        as_of: row.as_of,
        from_601: a,
        from_501: b,
        from_491: c,
        from_481: d,
        from_471: e,
        from_461: f,
        from_451: g,
        from_441: h,
        from_431: i,
        from_421: j,
        from_411: k,
        from_401: l,
        from_351: m,
        from_301: n,
        from_0: o,
        total: row.total,
    }
}
