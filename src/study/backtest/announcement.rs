//! What may be known of a round before it is held: its instruction and the latest published pool.
//! A round's cut-off and tie-break are not here, so no prediction can see them.

use std::collections::BTreeMap;

use super::assumptions::{REFERENCE_POOL, STALE_DAYS, UNNAMED_DAYS};
use crate::history::{History, Kind, Round, Snapshot};
use crate::units::{Date, Instant};

/// The published pool that a round is predicted with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KnownPool {
    /// People in each published band, highest first.
    pub counts: [f64; REFERENCE_POOL.len()],
    /// Its day in days since 1970; `None` for the reference pool.
    pub day: Option<f64>,
}

/// A round as announced.
#[derive(Debug, Clone, PartialEq)]
pub struct Announcement<'a> {
    /// When.
    pub at: Instant,
    /// The same in days since 1970.
    pub day: f64,
    /// What it selects by.
    pub kind: Kind,
    /// Its type, or the published name of a type that is not known.
    pub type_name: &'a str,
    /// Version of the category.
    pub version: Option<&'a str>,
    /// Invitations, at least one.
    pub invitations: f64,
    /// The pool.
    pub pool: KnownPool,
}

impl Announcement<'_> {
    /// Whether no pool of the last [`STALE_DAYS`] is known.
    pub fn is_stale(&self) -> bool {
        self.pool.day.is_none_or(|day| self.day - day > STALE_DAYS)
    }

    /// Whether only nominees are ranked.
    pub fn is_nominees(&self) -> bool {
        self.type_name == "pnp"
    }

    /// The day that the pool describes; the day before the round for the reference pool.
    pub fn pool_day(&self) -> f64 {
        self.pool.day.unwrap_or(self.day - 1.0)
    }
}

/// What rounds are called that have neither a type nor a published name.
const NO_NAME: &str = "unknown";

/// Days since 1970.
pub fn days(at: Instant) -> f64 {
    f64::from(at.seconds()) / f64::from(Instant::DAY)
}

/// The name by which a round is told from those of other types: of one whose type is not known, the
/// published name, or `unknown` where it has none.
pub fn type_of(round: &Round) -> &str {
    round.name().unwrap_or(NO_NAME)
}

/// Which snapshots have become known as rounds go by.
#[derive(Debug)]
pub struct PublishedPools<'a> {
    history: &'a History,
    known: BTreeMap<Date, &'a Snapshot>,
}

impl<'a> PublishedPools<'a> {
    /// Nothing is known yet.
    pub fn new(history: &'a History) -> Self {
        PublishedPools {
            history,
            known: BTreeMap::new(),
        }
    }

    /// The round as announced: with the snapshot published with it, or else the latest that was
    /// published with an earlier round or is [`UNNAMED_DAYS`] old.
    pub fn announce(&self, round: &'a Round) -> Announcement<'a> {
        let day = days(round.at);
        let own = self
            .history
            .snapshot_of(round)
            .and_then(|pool| known_pool(pool, day));
        Announcement {
            at: round.at,
            day,
            kind: round.kind,
            type_name: type_of(round),
            version: round.version.as_deref(),
            invitations: round.invitations.max(1) as f64,
            pool: own.unwrap_or_else(|| self.latest(day)),
        }
    }

    /// The snapshot published with a round is known from now on.
    pub fn publish(&mut self, round: &Round) {
        if let Some(pool) = self.history.snapshot_of(round) {
            self.known.insert(pool.as_of, pool);
        }
    }

    fn latest(&self, day: f64) -> KnownPool {
        let named = self
            .known
            .values()
            .rev()
            .find_map(|pool| known_pool(pool, day));
        let old = self
            .history
            .snapshots
            .iter()
            .rev()
            .find_map(|pool| known_pool(pool, day - UNNAMED_DAYS));
        [named, old]
            .into_iter()
            .flatten()
            .max_by(|one, other| {
                one.day
                    .partial_cmp(&other.day)
                    .unwrap_or(std::cmp::Ordering::Equal)
            })
            .unwrap_or(KnownPool {
                counts: REFERENCE_POOL,
                day: None,
            })
    }
}

/// The snapshot, if it describes `latest` or an earlier day.
fn known_pool(pool: &Snapshot, latest: f64) -> Option<KnownPool> {
    let day = days(Instant::start_of(pool.as_of)?);
    (day <= latest).then(|| KnownPool {
        counts: pool.counts.map(|count| count as f64),
        day: Some(day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history;

    #[test]
    fn a_round_without_a_type_has_a_name_all_the_same() {
        let mut round = history::published().rounds[0].clone();
        assert_eq!(type_of(&round), "general");
        round.type_name.clear();
        assert_eq!(type_of(&round), "No Program Specified");
        round.published_name.clear();
        assert_eq!(type_of(&round), "unknown");
    }

    #[test]
    fn a_round_is_announced_with_its_own_pool_else_with_one_that_is_known() {
        let history = history::published();
        let mut pools = PublishedPools::new(history);
        let of = |number: &str| history.rounds.iter().find(|r| r.number == number).unwrap();
        let day = |text: &str| Some(days(Instant::start_of(text.parse().unwrap()).unwrap()));
        assert_eq!(pools.announce(of("254")).pool.day, day("2023-07-04"));
        assert_eq!(
            pools.announce(of("200")).pool,
            KnownPool {
                counts: REFERENCE_POOL,
                day: None
            }
        );
        let mut without = of("260").clone();
        without.pool_as_of = None;
        let late = of("259").pool_as_of.unwrap();
        let without: &Round = &without;
        {
            let pools = PublishedPools::new(history);
            let announced = pools.announce(without);
            assert!(announced.pool.day < Some(announced.day - UNNAMED_DAYS));
        }
        pools.publish(of("259"));
        let expected = Instant::start_of(late).map(days);
        assert_eq!(pools.announce(without).pool.day, expected);
    }
}
