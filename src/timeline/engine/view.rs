//! The people of a course as they are just before a round, for those who watch it.
//! Nothing is changed here.

use super::Engine;
use crate::pool::Packed;
use crate::rules::Rules;
use crate::timeline::life::Status;
use crate::units::{Instant, Score};

/// Everybody at one moment of a course.
pub struct View<'e, 'p> {
    pub(super) engine: &'e Engine<'p>,
    pub(super) now: u32,
}

impl View<'_, '_> {
    /// Where the candidate stands.
    pub fn status(&self, row: u32) -> Status {
        let place = self.engine.places.get(row as usize);
        place.map_or(Status::NotYet, |place| place.standing(self.now))
    }

    /// The candidate as it is now, with its points and eligibility.
    pub fn candidate(&self, row: u32) -> Packed {
        self.engine.packed(row, self.now)
    }

    /// A score that the candidate in the pool does not pass now: cheaper than [`View::candidate`].
    pub fn at_most(&self, row: u32) -> Score {
        Score(self.engine.places[row as usize].filed)
    }

    /// The first second at which a candidate who has come into view is out of the pool, by expiry
    /// or withdrawal.
    pub fn leaves(&self, row: u32) -> Instant {
        Instant::from_seconds(self.engine.places[row as usize].leaves)
    }

    /// The rules in force.
    pub fn rules(&self) -> &Rules {
        self.engine.rules()
    }
}
