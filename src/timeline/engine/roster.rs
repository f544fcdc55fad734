//! Those who may come near a round, one place each; everybody else is only counted.
//! Who they are is `admission`'s to say, and what becomes of them the engine's.

use crate::timeline::course::{Place, uninvited};
use crate::timeline::life::Status;

const NOT_LISTED: u32 = u32::MAX;

/// The listed, as they were listed. Where one stands among them is called its slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::timeline) struct Roster {
    /// Where each stands.
    places: Vec<Place>,
    /// The slot of each of the people, as far as that was asked for: of so many of the listed.
    slots: Vec<u32>,
    indexed: usize,
}

impl Roster {
    /// Nobody of so many people.
    pub fn of(people: usize) -> Self {
        Roster {
            places: Vec::with_capacity(people),
            slots: Vec::new(),
            indexed: 0,
        }
    }

    /// Makes [`Roster::find`] know all who are listed by now, of so many people.
    pub fn index(&mut self, people: usize) {
        self.slots.resize(people, NOT_LISTED);
        for (place, slot) in self.places[self.indexed..]
            .iter()
            .zip(self.indexed as u32..)
        {
            self.slots[place.row as usize] = slot;
        }
        self.indexed = self.places.len();
    }

    /// Lists somebody who was not listed: its slot.
    #[inline]
    pub fn list(&mut self, place: Place) -> u32 {
        let slot = self.places.len() as u32;
        self.places.push(place);
        slot
    }

    /// As [`Roster::list`], for several: the first slot.
    #[inline]
    pub fn list_all(&mut self, places: &[Place]) -> u32 {
        let from = self.places.len() as u32;
        self.places.extend_from_slice(places);
        from
    }

    /// The slot of one of the people, if it was listed when [`Roster::index`] was called.
    #[inline]
    pub fn find(&self, row: u32) -> Option<u32> {
        let slot = self.slots[row as usize];
        (slot != NOT_LISTED).then_some(slot)
    }

    /// Where one of the first `arrived` people stands at `now`, or of those who have not come; `waits` says
    /// since when and until when somebody waits who is never invited.
    #[inline]
    pub fn standing(
        &self,
        row: u32,
        arrived: usize,
        now: u32,
        waits: impl FnOnce() -> (u32, u32),
    ) -> Status {
        match self.find(row) {
            Some(slot) => self.place(slot).standing(now),
            None if row as usize >= arrived => Status::NotYet,
            None => {
                let (submitted, leaves) = waits();
                uninvited(submitted, leaves, now)
            }
        }
    }

    /// The row of a slot.
    #[inline]
    pub fn row(&self, slot: u32) -> u32 {
        self.place(slot).row
    }

    /// Where the listed of a slot stands.
    #[inline]
    pub fn place(&self, slot: u32) -> &Place {
        &self.places[slot as usize]
    }

    /// As [`Roster::place`], to be changed.
    #[inline]
    pub fn place_mut(&mut self, slot: u32) -> &mut Place {
        &mut self.places[slot as usize]
    }
}
