//! Candidates by shelf (who take part in the same rounds) and score, for rounds that look at the top alone:
//! adding costs a few nanoseconds and a round touches only the buckets that it empties.
//! Whether an entry still holds is the engine's to know: buckets never delete, they are drained.

use crate::units::Score;

const SCORES: usize = Score::MAX.0 as usize + 1;
const WORDS: usize = SCORES.div_ceil(64);
const NOBODY: u32 = u32::MAX;

/// A slot, and the entry behind it in its bucket.
#[derive(Debug, Clone, Copy)]
struct Entry {
    slot: u32,
    next: u32,
}

/// A slot that was taken out of a bucket of a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drained {
    /// The candidate's slot.
    pub slot: u32,
    /// The shelf of the bucket.
    pub shelf: u16,
}

/// The buckets of one shelf.
#[derive(Debug, Clone)]
struct Shelf {
    /// The entry on top, by score.
    heads: [u32; WORDS * 64],
    /// A bit for each score that has an entry.
    occupied: [u64; WORDS],
}

impl Default for Shelf {
    fn default() -> Self {
        Shelf {
            heads: [NOBODY; WORDS * 64],
            occupied: [0; WORDS],
        }
    }
}

impl Shelf {
    /// Puts an entry on top of a score: the one below it.
    #[inline]
    fn put(&mut self, score: u16, entry: u32) -> u32 {
        let score = usize::from(score);
        let below = std::mem::replace(&mut self.heads[score], entry);
        if below == NOBODY {
            self.occupied[score / 64] |= 1 << (score % 64);
        }
        below
    }
}

/// Puts an entry on top of a score of a shelf: the one below it.
#[inline]
fn put(shelves: &mut Vec<Box<Shelf>>, number: u16, score: u16, entry: u32) -> u32 {
    match shelves.get_mut(usize::from(number)) {
        Some(shelf) => shelf.put(score, entry),
        None => put_first(shelves, number, score, entry),
    }
}

/// As [`put`], for a shelf that is new.
#[cold]
fn put_first(shelves: &mut Vec<Box<Shelf>>, number: u16, score: u16, entry: u32) -> u32 {
    shelves.resize_with(usize::from(number) + 1, Box::default);
    shelves[usize::from(number)].put(score, entry)
}

/// Slots by shelf and score.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    shelves: Vec<Box<Shelf>>,
    /// An entry below this number of slots is that slot's first.
    slots: usize,
    /// The entry behind each slot's first one.
    next: Vec<u32>,
    /// Entries of slots that were put in more than once.
    more: Vec<Entry>,
    /// Working memory: the buckets that are being gone through.
    open: Vec<(u16, u32)>,
}

impl Buckets {
    /// Nobody yet, with room for so many slots.
    pub fn of(slots: usize) -> Self {
        Buckets {
            slots,
            next: Vec::with_capacity(slots),
            ..Buckets::default()
        }
    }

    /// Forgets everybody and keeps the memory.
    pub fn clear(&mut self) {
        let shelves = self.shelves.iter_mut();
        shelves.for_each(|shelf| **shelf = Shelf::default());
        self.more.clear();
    }

    /// Adds slots that follow one another, each for the first time: shelf of each, and a score of no
    /// more than [`Score::MAX`].
    #[inline]
    pub fn push_first(&mut self, first: u32, filed: impl ExactSizeIterator<Item = (u16, u16)>) {
        let (from, to) = (first as usize, first as usize + filed.len());
        if to > self.next.len() {
            self.next.resize(to, NOBODY);
        }
        let next = &mut self.next[from..to];
        for ((slot, next), (shelf, score)) in (first..).zip(next).zip(filed) {
            *next = put(&mut self.shelves, shelf, score, slot);
        }
    }

    /// Adds a slot that was added before.
    #[inline]
    pub fn push(&mut self, shelf: u16, score: u16, slot: u32) {
        let score = score.min(Score::MAX.0);
        let entry = (self.slots + self.more.len()) as u32;
        let next = put(&mut self.shelves, shelf, score, entry);
        self.more.push(Entry { slot, next });
    }

    /// The highest score below `below` at which one of some shelves has an entry.
    pub fn highest_below(&self, which: &[u16], below: usize) -> Option<u16> {
        let below = below.min(SCORES);
        for word in (0..below.div_ceil(64)).rev() {
            let bits = which
                .iter()
                .filter_map(|&number| self.shelves.get(usize::from(number)))
                .fold(0, |bits, shelf| bits | shelf.occupied[word]);
            let within = below - word * 64;
            let bits = if within < 64 {
                bits & ((1 << within) - 1)
            } else {
                bits
            };
            if bits != 0 {
                return Some((word * 64 + 63 - bits.leading_zeros() as usize) as u16);
            }
        }
        None
    }

    /// Takes every slot of some shelves with that score, in no order that means anything.
    ///
    /// The buckets are gone through side by side: each entry says where the next one stands, and
    /// the processor then waits for several of them at once.
    pub fn drain(&mut self, which: &[u16], score: u16, into: &mut Vec<Drained>) {
        let score = usize::from(score);
        let mut open = std::mem::take(&mut self.open);
        for &number in which {
            let Some(shelf) = self.shelves.get_mut(usize::from(number)) else {
                continue;
            };
            let place = std::mem::replace(&mut shelf.heads[score], NOBODY);
            shelf.occupied[score / 64] &= !(1 << (score % 64));
            if place != NOBODY {
                open.push((number, place));
            }
        }
        while !open.is_empty() {
            open.retain_mut(|(number, place)| {
                let entry = match self.next.get(*place as usize) {
                    Some(&next) => Entry { slot: *place, next },
                    None => self.more[*place as usize - self.slots],
                };
                let (slot, shelf) = (entry.slot, *number);
                into.push(Drained { slot, shelf });
                *place = entry.next;
                entry.next != NOBODY
            });
        }
        self.open = open;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_give_back_what_was_put_in_from_the_top() {
        let mut buckets = Buckets::of(5);
        let filed = [(0, 486), (2, 1200), (2, 486), (2, 480)];
        buckets.push_first(1, filed.into_iter());
        buckets.push(2, 486, 4);
        assert_eq!(buckets.highest_below(&[0, 2], 1201), Some(1200));
        assert_eq!(buckets.highest_below(&[0], 1201), Some(486));
        assert_eq!(buckets.highest_below(&[2], 1200), Some(486));
        let mut slots = Vec::new();
        buckets.drain(&[0, 1, 2, 7], 486, &mut slots);
        slots.sort_unstable();
        let drained = |slot, shelf| Drained { slot, shelf };
        assert_eq!(slots, [drained(1, 0), drained(3, 2), drained(4, 2)]);
        assert_eq!(buckets.highest_below(&[2], 1200), Some(480));
        assert_eq!(buckets.highest_below(&[7], 1201), None);
    }
}
