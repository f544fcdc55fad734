//! Candidates come into view: where they stand is worked out from the columns, those to whom
//! something may happen are looked at more closely, and all are counted and filed.
//! What will become of them is `foresight`'s.

use std::ops::Range;

use super::Engine;
use super::outlook::Outlook;
use crate::timeline::course::{Filed, Place};
use crate::timeline::people::Changes;
use crate::units::Score;

/// Rows that come into view at once: few enough that their attributes are still at hand when some
/// of them are judged.
const ROWS_AT_ONCE: usize = 2_048;

/// Sets of changes: see [`Changes::bits`].
pub(super) const GROUPS: usize = 16;

impl Engine<'_> {
    /// Candidates come into view with the attributes they have at that time.
    pub(super) fn admit(&mut self, rows: Range<usize>) {
        self.arrived = rows.end;
        let mut first = rows.start;
        while first < rows.end {
            let some = first..rows.end.min(first + ROWS_AT_ONCE);
            first = some.end;
            match self.outlook {
                Some(outlook) => self.admit_foreseen(outlook, some),
                None => {
                    self.place(some.clone());
                    self.look_ahead();
                    self.take_in(some);
                }
            }
        }
    }

    /// Works out where some candidates stand, and whom something may happen to.
    ///
    /// One pass for each thing that is worked out: together they need more registers than there are.
    fn place(&mut self, rows: Range<usize>) {
        let pool = self.people.pool;
        let meaning = &self.meaning;
        self.eligibility.read(rows.clone(), &mut self.masks);
        let ahead = &self.fates.ahead[rows.clone()];
        let ages = &pool.age[rows.clone()];
        let mut classes = [0; ROWS_AT_ONCE];
        for (class, &mask) in classes.iter_mut().zip(&self.masks) {
            *class = self.classes.of(mask);
        }
        let columns = (ages.iter())
            .zip(&pool.submitted[rows.clone()])
            .zip(&self.scores[rows.clone()])
            .zip(&classes)
            .zip(ahead)
            .zip(&self.fates.leaves[rows.clone()]);
        let places = columns.map(
            |(((((&age, &submitted), &score), &class), &ahead), &leaves)| {
                let filed = meaning.ageing(age).filed(score);
                Place::on_arrival(submitted, leaves, filed, class, ahead)
            },
        );
        self.places.extend(places);
        // Without a branch, which nobody could foresee: whoever is not concerned is overwritten.
        let mut concerned = [0u16; ROWS_AT_ONCE];
        let mut number = 0;
        let columns = ages.iter().zip(&self.masks).zip(ahead);
        for (at, ((&age, &mask), &ahead)) in (0..).zip(columns) {
            concerned[number % ROWS_AT_ONCE] = at;
            let may_change = meaning.ageing(age).may_change(mask);
            number += usize::from(!ahead.is_empty() | may_change);
        }
        for &at in &concerned[..number] {
            let group = ahead[usize::from(at)].bits();
            self.concerned[group].push(rows.start as u32 + u32::from(at));
        }
    }

    /// Looks at what is ahead of those to whom something may happen. What happens to one is done as
    /// to the one before: branches are foreseen.
    fn look_ahead(&mut self) {
        let mut concerned = std::mem::take(&mut self.concerned);
        for row in concerned.iter_mut().flat_map(|group| group.drain(..)) {
            let index = row as usize;
            let place = &mut self.places[index];
            if !place.ahead.is_empty() {
                let score = self.scores[index].min(Score::MAX.0);
                (place.filed, place.worth) =
                    (self.meaning).filed(self.people.pool, index, score, place.ahead);
                if place.filed >= self.floors.of(place.class) {
                    (place.filed, place.worth) = (score, Filed::Settled);
                }
            }
            self.foresee(row, self.eligibility.get(index), Changes::default());
        }
        self.concerned = concerned;
    }

    /// Counts candidates in the pool, and files them.
    pub(super) fn take_in(&mut self, rows: Range<usize>) {
        let (first, places) = (rows.start as u32, &self.places[rows]);
        let filed = places.iter().map(|place| (place.class, place.filed));
        self.buckets.push_first(first, filed);
        for place in places {
            self.ledger.add(&self.steps, place);
        }
    }

    /// Candidates come into view of whom it is known what is ahead of them.
    fn admit_foreseen(&mut self, outlook: &Outlook, rows: Range<usize>) {
        let places = outlook.places(rows.clone());
        self.places.extend_from_slice(places);
        self.take_in(rows.clone());
        for &(at, appointment) in outlook.appointments(rows) {
            self.await_change(at, appointment);
        }
    }
}
