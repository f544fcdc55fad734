//! Rounds and snapshots as the engine sees them: every cell read, nothing unchecked.
//! How they are read from files and from the feed is `read`'s and `feed`'s.

pub use crate::pool::bands::BANDS;
use crate::pool::{Band, Bands};
use crate::units::{Date, Instant, Score};

/// The columns of a `rounds.csv`, in order.
pub const ROUND_COLUMNS: [&str; 11] = [
    "round",
    "at_utc",
    "kind",
    "type",
    "version",
    "invitations",
    "cutoff_score",
    "tie_break_utc",
    "pool_as_of",
    "published_name",
    "note",
];

/// The candidates with these scores, counted in [`BANDS`].
pub fn counted(scores: &[u16]) -> Bands {
    let mut counts = [0; BANDS.len()];
    for score in scores {
        let place = BANDS.partition_point(|(low, _)| low > score);
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    bands_of(&counts)
}

fn bands_of(counts: &[u64; BANDS.len()]) -> Bands {
    let band = |(&(low, high), &count)| Band { low, high, count };
    Bands(BANDS.iter().zip(counts).map(band).collect())
}

/// The columns of a `pool_snapshots.csv`, in order: `as_of`, one for each band, `total`.
pub fn snapshot_columns() -> Vec<String> {
    let bands = BANDS.iter().map(|(low, high)| format!("{low}-{high}"));
    std::iter::once("as_of".to_owned())
        .chain(bands)
        .chain(std::iter::once("total".to_owned()))
        .collect()
}

/// What a round selects by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Everyone in the pool.
    General,
    /// One program.
    Program,
    /// One category.
    Category,
    /// The published name is not one that is known: `type_name` is empty.
    Unknown,
}

impl Kind {
    /// Every kind with the name that files use; an unknown kind is an empty cell.
    pub const NAMES: [(&'static str, Kind); 4] = [
        ("general", Kind::General),
        ("program", Kind::Program),
        ("category", Kind::Category),
        ("", Kind::Unknown),
    ];

    /// The name that files use.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::General => "general",
            Kind::Program => "program",
            Kind::Category => "category",
            Kind::Unknown => "",
        }
    }
}

/// One round as published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Published number; text, because `91a` happens.
    pub number: String,
    /// When it was held.
    pub at: Instant,
    /// What it selected by.
    pub kind: Kind,
    /// `general`, `pnp`, `cec`, `fsw`, `fst` or a category; empty for [`Kind::Unknown`].
    pub type_name: String,
    /// Version key of a category, where the published name tells it.
    pub version: Option<String>,
    /// Invitations issued.
    pub invitations: u64,
    /// Score of the lowest-ranked candidate invited.
    pub cutoff: Score,
    /// Submission time of the last candidate invited, where published.
    pub tie_break: Option<Instant>,
    /// Date of the pool published with the round; that snapshot has the same `as_of`.
    pub pool_as_of: Option<Date>,
    /// The name as published.
    pub published_name: String,
    /// Known fault of the publication.
    pub note: Option<String>,
}

impl Round {
    /// Its type, or the name as published where the type is not known; none where it has neither.
    pub fn name(&self) -> Option<&str> {
        let names = [&*self.type_name, &*self.published_name];
        names.into_iter().find(|name| !name.trim().is_empty())
    }
}

/// One published pool by score band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The day it describes.
    pub as_of: Date,
    /// Candidates in each of [`BANDS`].
    pub counts: [u64; BANDS.len()],
    /// Published total. It is not always the sum of the bands: see `note`.
    pub total: u64,
    /// Known fault of the publication.
    pub note: Option<String>,
}

impl Snapshot {
    /// The bands as published. Where they do not add up to `total`, [`Bands::total`] is what they
    /// do add up to, and that is the size of a pool that has exactly these bands.
    pub fn bands(&self) -> Bands {
        bands_of(&self.counts)
    }

    /// Candidates in all bands.
    pub fn sum(&self) -> u64 {
        self.counts
            .iter()
            .fold(0, |sum, &count| sum.saturating_add(count))
    }
}

/// Rounds and the pools published with them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct History {
    /// In order of time; equal times keep the order of the file.
    pub rounds: Vec<Round>,
    /// In order of date, one a date.
    pub snapshots: Vec<Snapshot>,
    /// Rows left out because a cell that a round or snapshot cannot do without is empty, one
    /// line each.
    pub set_aside: Vec<String>,
}

impl History {
    /// The latest snapshot at or before `date`.
    pub fn snapshot_at(&self, date: Date) -> Option<&Snapshot> {
        let after = self.snapshots.partition_point(|pool| pool.as_of <= date);
        after.checked_sub(1).map(|index| &self.snapshots[index])
    }

    /// The snapshot published with `round`.
    pub fn snapshot_of(&self, round: &Round) -> Option<&Snapshot> {
        let as_of = round.pool_as_of?;
        self.snapshot_at(as_of).filter(|pool| pool.as_of == as_of)
    }
}
