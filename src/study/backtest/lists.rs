//! How many people a category's list of occupations stands for, before any of its rounds tells, and
//! what a new version of the list changes.
//! What rounds teach is `group`'s.

use std::collections::BTreeSet;

use super::assumptions::{
    CHANGED_LIST_SD, NARROW_LIST_SD, NEW_VERSION_SD, OTHER_LEVEL_SD, PLANNED_LEVEL_SD,
    PLANNED_SHARES, RESTRICTED_PART, SHARE_PER_OCCUPATION, TRADES_PROGRAM_SHARE, USUAL_OCCUPATIONS,
};
use crate::portable::ln;
use crate::rules::candidate::NocIndex;
use crate::rules::categories::{self, CategoryVersion, Place};

/// A logarithm and its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guess {
    /// The logarithm.
    pub mean: f64,
    /// How uncertain it is.
    pub sd: f64,
}

/// Log share of the pool before any round tells: the share of invitations planned for 2023, or else
/// the listed occupations, the fewer the less certain.
pub fn first_share(type_name: &str, version: Option<&str>) -> Guess {
    if let Some(share) = planned_share(type_name) {
        return Guess {
            mean: ln(share),
            sd: PLANNED_LEVEL_SD,
        };
    }
    if type_name == "fst" {
        return Guess {
            mean: ln(TRADES_PROGRAM_SHARE),
            sd: OTHER_LEVEL_SD,
        };
    }
    let known = version
        .and_then(|version| categories::find(type_name, version))
        .or_else(|| categories::versions(type_name).next());
    let occupations = known.map_or(USUAL_OCCUPATIONS, occupations);
    let narrow = NARROW_LIST_SD * NARROW_LIST_SD / occupations;
    Guess {
        mean: ln(occupations * SHARE_PER_OCCUPATION),
        sd: (OTHER_LEVEL_SD * OTHER_LEVEL_SD + narrow).sqrt(),
    }
}

/// The share of invitations planned for a category of 2023.
pub fn planned_share(type_name: &str) -> Option<f64> {
    PLANNED_SHARES
        .iter()
        .find(|(name, _)| *name == type_name)
        .map(|&(_, share)| share)
}

/// What a change of version does to the log share: the list grows or shrinks, and the more of it
/// is new or gone, the less is known.
pub fn version_change(type_name: &str, before: Option<&str>, now: Option<&str>) -> Guess {
    if before == now {
        return Guess { mean: 0.0, sd: 0.0 };
    }
    let list = |version: Option<&str>| -> Option<(f64, BTreeSet<NocIndex>)> {
        let known = categories::find(type_name, version?)?;
        let codes = known.conditions.occupations.iter().copied();
        Some((occupations(known), codes.collect()))
    };
    let unlisted = Guess {
        mean: 0.0,
        sd: NEW_VERSION_SD,
    };
    let (Some((old_size, old)), Some((new_size, new))) = (list(before), list(now)) else {
        return unlisted;
    };
    let (both, either) = (old.intersection(&new).count(), old.union(&new).count());
    if old.is_empty() || new.is_empty() {
        return unlisted;
    }
    let changed = CHANGED_LIST_SD * (1.0 - both as f64 / either as f64);
    Guess {
        mean: ln(new_size / old_size),
        sd: (NEW_VERSION_SD * NEW_VERSION_SD + changed * changed).sqrt(),
    }
}

/// Occupations on a list; a part of them where the work must have been done in one place.
fn occupations(version: &CategoryVersion) -> f64 {
    let conditions = &version.conditions;
    let listed = conditions.occupations.len() as f64;
    match (conditions.occupations.is_empty(), conditions.place) {
        (true, _) => USUAL_OCCUPATIONS,
        (_, Place::Anywhere) => listed,
        (_, Place::Canada | Place::Abroad) => listed * RESTRICTED_PART,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_longer_list_stands_for_more_people_and_a_narrow_one_is_less_certain() {
        let [education, physicians, unknown] = [
            ("education", Some("2025-V1")),
            ("physicians", Some("2026-V1")),
            ("astronauts", None),
        ]
        .map(|(name, version)| first_share(name, version));
        assert!((education.mean - ln(5.0 * SHARE_PER_OCCUPATION)).abs() < 1e-12);
        // Three occupations, practised in Canada.
        assert!((physicians.mean - ln(1.5 * SHARE_PER_OCCUPATION)).abs() < 1e-12);
        assert!((unknown.mean - ln(USUAL_OCCUPATIONS * SHARE_PER_OCCUPATION)).abs() < 1e-12);
        assert!(physicians.sd > education.sd && education.sd > OTHER_LEVEL_SD);
        assert_eq!(first_share("french", None).mean, ln(0.13));
    }

    #[test]
    fn a_new_version_moves_the_share_as_far_as_its_list_moves() {
        let change = |name, before, now| version_change(name, Some(before), Some(now));
        let trades = change("trade", "2023-V1", "2025-V2");
        assert!((trades.mean - ln(2.5)).abs() < 1e-12);
        let health = change("healthcare", "2023-V1", "2025-V2");
        assert!(health.sd < trades.sd && health.mean < 0.1);
        let same_list = change("stem", "2025-V2", "2026-V3");
        assert_eq!((same_list.mean, same_list.sd), (0.0, NEW_VERSION_SD));
        assert!(change("transport", "2023-V1", "2026-V2").mean < -0.9);
        let french = change("french", "2023-V1", "2026-V2");
        assert_eq!((french.mean, french.sd), (0.0, NEW_VERSION_SD));
        assert_eq!(change("french", "x", "x").sd, 0.0);
        assert_eq!(
            version_change("stem", None, Some("2025-V2")).sd,
            NEW_VERSION_SD
        );
        assert_eq!(change("stem", "2023-V1", "2031-V9").sd, NEW_VERSION_SD);
    }
}
