//! What a scenario file may leave out, and what then holds: each default written once.
//! Limits that no scenario may pass stand beside them.

use crate::pool::columns::BYTES_PER_CANDIDATE;
use crate::shown::grouped;

/// Seed of every stream.
pub const SEED: u64 = 1;
/// Replicates.
pub const REPLICATES: u32 = 1;
/// Population profile.
pub const PROFILE: &str = "express-entry-2023";
/// Bands of the pool.
pub const BANDS: &str = "history";

/// Most replicates.
pub const MOST_REPLICATES: u32 = 1_000_000;
/// Most candidates in a pool, and most who arrive: rows of both are numbered with 32 bits.
pub const MOST_CANDIDATES: u64 = 2_000_000_000;
/// Most invitations in a round.
pub const MOST_INVITATIONS: u64 = MOST_CANDIDATES;
/// Largest scenario file, in bytes.
pub const MOST_BYTES: u64 = 16 << 20;
/// From so many days after the pool's date on, a round without a timeline is worth a word: about a
/// twentieth of the pool would have expired.
pub const STILL_DAYS: u32 = 31;

/// Bands of those who arrive.
pub const ARRIVAL_BANDS: &str = "pool";
/// Hour (UTC) of rounds on a weekday: published rounds are held between 13 and 17 o'clock.
pub const ROUND_HOUR: i64 = 14;
/// Most rounds of a scenario.
pub const MOST_ROUNDS: usize = 5_000;
/// Most policies of a file.
pub const MOST_POLICIES: usize = 100;
/// Longest timeline, in days: twenty years.
pub const MOST_DAYS: u32 = 7_305;
/// Most arrivals a day.
pub const MOST_PER_DAY: f64 = 10_000_000.0;
/// Highest weight of a weekday or month.
pub const MOST_WEIGHT: f64 = 100.0;
/// Highest yearly rate of withdrawals and changes.
pub const MOST_YEARLY: f64 = 365.0;
/// Highest factor on invitations.
pub const MOST_SCALE: f64 = 1_000_000.0;

/// Keys of a scenario that a policy cannot replace.
pub const SHARED: [&str; 7] = [
    "name",
    "seed",
    "replicates",
    "rules",
    "pool",
    "timeline",
    "policy",
];

/// The memory that a pool of that size takes, for messages.
pub fn memory(candidates: u64) -> String {
    let bytes = u128::from(candidates) * BYTES_PER_CANDIDATE as u128;
    let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"];
    let mut unit = 0;
    let mut amount = bytes;
    while amount >= 10_000 && unit + 1 < units.len() {
        amount = amount.div_ceil(1_000);
        unit += 1;
    }
    format!("{} {}", grouped(amount), units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_memory_has_a_unit() {
        assert_eq!(memory(1), format!("{BYTES_PER_CANDIDATE} bytes"));
        assert!(memory(u64::MAX).ends_with("EB"));
    }
}
