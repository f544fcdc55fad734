//! Candidates by class (equal eligibility) and score, for rounds that look at the top alone:
//! adding costs a few nanoseconds and a round touches only the buckets that it empties.
//! Whether an entry still holds is the engine's to know: buckets never delete, they are drained.

use crate::units::Score;

const SCORES: usize = Score::MAX.0 as usize + 1;
const WORDS: usize = SCORES.div_ceil(64);
const NOBODY: u32 = u32::MAX;

/// A row, and the entry behind it in its bucket.
#[derive(Debug, Clone, Copy)]
struct Entry {
    row: u32,
    next: u32,
}

/// A row that was taken out of a bucket of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drained {
    /// The candidate's.
    pub row: u32,
    /// The class of the bucket.
    pub class: u16,
}

/// The buckets of one class.
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

/// Puts an entry on top of a score of a class: the one below it.
#[inline]
fn put(shelves: &mut Vec<Box<Shelf>>, class: u16, score: u16, entry: u32) -> u32 {
    match shelves.get_mut(usize::from(class)) {
        Some(shelf) => shelf.put(score, entry),
        None => put_first(shelves, class, score, entry),
    }
}

/// As [`put`], for a class that is new.
#[cold]
fn put_first(shelves: &mut Vec<Box<Shelf>>, class: u16, score: u16, entry: u32) -> u32 {
    shelves.resize_with(usize::from(class) + 1, Box::default);
    shelves[usize::from(class)].put(score, entry)
}

/// Rows by class and score.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    shelves: Vec<Box<Shelf>>,
    /// An entry below this number of rows is that row's first.
    rows: usize,
    /// The entry behind each row's first one.
    next: Vec<u32>,
    /// Entries of rows that were put in more than once.
    more: Vec<Entry>,
    /// Working memory: the buckets that are being gone through.
    open: Vec<(u16, u32)>,
}

impl Buckets {
    /// Nobody yet, with room for so many rows.
    pub fn of(rows: usize) -> Self {
        Buckets {
            rows,
            next: Vec::with_capacity(rows),
            ..Buckets::default()
        }
    }

    /// Forgets everybody and keeps the memory.
    pub fn clear(&mut self) {
        let shelves = self.shelves.iter_mut();
        shelves.for_each(|shelf| **shelf = Shelf::default());
        self.more.clear();
    }

    /// Adds rows that follow one another, each for the first time: class of each, and a score of no
    /// more than [`Score::MAX`].
    #[inline]
    pub fn push_first(&mut self, first: u32, filed: impl ExactSizeIterator<Item = (u16, u16)>) {
        let (from, to) = (first as usize, first as usize + filed.len());
        if to > self.next.len() {
            self.next.resize(to, NOBODY);
        }
        let next = &mut self.next[from..to];
        for ((row, next), (class, score)) in (first..).zip(next).zip(filed) {
            *next = put(&mut self.shelves, class, score, row);
        }
    }

    /// Adds a row that was added before.
    #[inline]
    pub fn push(&mut self, class: u16, score: u16, row: u32) {
        let score = score.min(Score::MAX.0);
        let entry = (self.rows + self.more.len()) as u32;
        let next = put(&mut self.shelves, class, score, entry);
        self.more.push(Entry { row, next });
    }

    /// The highest score below `below` at which one of the classes has an entry.
    pub fn highest_below(&self, classes: &[u16], below: usize) -> Option<u16> {
        let below = below.min(SCORES);
        for word in (0..below.div_ceil(64)).rev() {
            let bits = classes
                .iter()
                .filter_map(|&class| self.shelves.get(usize::from(class)))
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

    /// Takes every row of some classes with that score, in no order that means anything.
    ///
    /// The buckets are gone through side by side: each entry says where the next one stands, and
    /// the processor then waits for several of them at once.
    pub fn drain(&mut self, classes: &[u16], score: u16, into: &mut Vec<Drained>) {
        let score = usize::from(score);
        let mut open = std::mem::take(&mut self.open);
        for &class in classes {
            let Some(shelf) = self.shelves.get_mut(usize::from(class)) else {
                continue;
            };
            let place = std::mem::replace(&mut shelf.heads[score], NOBODY);
            shelf.occupied[score / 64] &= !(1 << (score % 64));
            if place != NOBODY {
                open.push((class, place));
            }
        }
        while !open.is_empty() {
            open.retain_mut(|(class, place)| {
                let entry = match self.next.get(*place as usize) {
                    Some(&next) => Entry { row: *place, next },
                    None => self.more[*place as usize - self.rows],
                };
                let (row, class) = (entry.row, *class);
                into.push(Drained { row, class });
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
        let mut rows = Vec::new();
        buckets.drain(&[0, 1, 2, 7], 486, &mut rows);
        rows.sort_unstable();
        let drained = |row, class| Drained { row, class };
        assert_eq!(rows, [drained(1, 0), drained(3, 2), drained(4, 2)]);
        assert_eq!(buckets.highest_below(&[2], 1200), Some(480));
        assert_eq!(buckets.highest_below(&[7], 1201), None);
    }
}
