//! The people of a course as they are just before a round, for those who watch it.
//! Nothing is changed here.

use super::Engine;
use crate::pool::Packed;
use crate::rules::Rules;
use crate::timeline::life::Status;
use crate::timeline::people::Changes;
use crate::units::{Instant, Score};

/// Everybody at one moment of a course.
pub struct View<'e, 'p> {
    pub(super) engine: &'e Engine<'p>,
    pub(super) now: u32,
}

impl View<'_, '_> {
    /// Where the candidate stands.
    pub fn status(&self, row: u32) -> Status {
        let engine = self.engine;
        let waits = || {
            (
                engine.people.pool.submitted[row as usize],
                engine.leaves(row),
            )
        };
        (engine.roster).standing(row, engine.arrived, self.now, waits)
    }

    /// The candidate as it is now, with its points and eligibility.
    pub fn candidate(&self, row: u32) -> Packed {
        let known = self.engine.fates.ahead[row as usize].and(Changes::BIRTHDAY);
        let happened = self.engine.people.come(row, known, self.now);
        let slot = self.engine.roster.find(row);
        self.engine.packed_after(row, slot, happened)
    }

    /// A score that the candidate in the pool does not pass now: cheaper than [`View::candidate`].
    pub fn at_most(&self, row: u32) -> Score {
        let engine = self.engine;
        Score(match engine.roster.find(row) {
            Some(slot) => engine.roster.place(slot).filed(),
            None => engine.highest(row),
        })
    }

    /// The first second at which a candidate who has come into view is out of the pool, by expiry
    /// or withdrawal.
    pub fn leaves(&self, row: u32) -> Instant {
        Instant::from_seconds(self.engine.leaves(row))
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        self.engine.rules()
    }
}
