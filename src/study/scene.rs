//! What can be seen just before a round, along a timeline or on a pool that nobody joins.
//! What somebody makes of it is `explain`'s.

use crate::draw::Standing;
use crate::pool::{Packed, Pool};
use crate::rules::Rules;
use crate::timeline::{Status, View};
use crate::units::{Instant, Score};

/// The people just before a round.
pub enum Scene<'s> {
    /// A pool that nobody joins and nobody but the invited leaves.
    Pool {
        /// Its candidates, scored by the rules in force.
        pool: &'s Pool,
        /// Who is left.
        standing: &'s Standing,
        /// The rules in force.
        rules: &'s Rules,
        /// The time of the round.
        at: Instant,
    },
    /// A moment of a timeline.
    Course(&'s View<'s, 's>),
}

impl Scene<'_> {
    /// Where the candidate stands; on a pool the invited hold their invitations for good.
    pub fn status(&self, row: u32) -> Status {
        match self {
            Scene::Course(view) => view.status(row),
            Scene::Pool {
                pool, standing, at, ..
            } => {
                if pool.submitted[row as usize] > at.seconds() {
                    Status::NotYet
                } else if standing.is_present(row) {
                    Status::InPool
                } else {
                    Status::Invited
                }
            }
        }
    }

    /// The candidate as it is, with its points and eligibility.
    pub fn candidate(&self, row: u32) -> Packed {
        match self {
            Scene::Course(view) => view.candidate(row),
            Scene::Pool { pool, .. } => pool.row(row as usize),
        }
    }

    /// A score that the candidate does not pass.
    pub fn at_most(&self, row: u32) -> Score {
        match self {
            Scene::Course(view) => view.at_most(row),
            Scene::Pool { pool, .. } => Score(pool.score[row as usize]),
        }
    }

    /// When a candidate who has come into view is out of the pool at the latest; none on a pool
    /// where profiles do not expire.
    pub fn leaves(&self, row: u32) -> Option<Instant> {
        match self {
            Scene::Course(view) => Some(view.leaves(row)),
            Scene::Pool { .. } => None,
        }
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        match self {
            Scene::Course(view) => view.rules(),
            Scene::Pool { rules, .. } => rules,
        }
    }
}

/// Looks at the people before each round; rounds are counted from 0.
pub type Watch<'w> = dyn FnMut(usize, &Scene<'_>) + 'w;
