//! Candidates by class (equal eligibility) and score, for rounds that look at the top alone:
//! adding costs a few nanoseconds and a round touches only the buckets that it empties.
//! Whether an entry still holds is the engine's to know: buckets never delete, they are drained.

use std::collections::BTreeMap;

use crate::units::Score;

const SCORES: usize = Score::MAX.0 as usize + 1;
const WORDS: usize = SCORES.div_ceil(64);
const NOBODY: u32 = u32::MAX;
/// Eligibility below this is looked up in a plain table.
const SMALL: u32 = 1 << 16;

/// Distinct eligibilities and their numbers.
#[derive(Debug, Clone)]
pub struct Classes {
    masks: Vec<u32>,
    small: Vec<u16>,
    large: BTreeMap<u32, u16>,
}

impl Default for Classes {
    fn default() -> Self {
        Classes {
            masks: Vec::new(),
            small: vec![u16::MAX; SMALL as usize],
            large: BTreeMap::new(),
        }
    }
}

impl Classes {
    /// The class of an eligibility, made when it is new.
    #[inline]
    pub fn of(&mut self, mask: u32) -> u16 {
        if mask < SMALL {
            let class = self.small[mask as usize];
            if class != u16::MAX {
                return class;
            }
        } else if let Some(&class) = self.large.get(&mask) {
            return class;
        }
        let class = u16::try_from(self.masks.len()).unwrap_or(u16::MAX - 1);
        self.masks.push(mask);
        if mask < SMALL {
            self.small[mask as usize] = class;
        } else {
            self.large.insert(mask, class);
        }
        class
    }

    /// The eligibility of each class.
    pub fn masks(&self) -> &[u32] {
        &self.masks
    }
}

/// A row, and the entry behind it in its bucket.
#[derive(Debug, Clone, Copy)]
struct Entry {
    row: u32,
    next: u32,
}

/// Rows by class and score.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    heads: Vec<u32>,
    occupied: Vec<[u64; WORDS]>,
    entries: Vec<Entry>,
}

impl Buckets {
    /// Nobody yet, with room for so many entries.
    pub fn with_capacity(entries: usize) -> Self {
        Buckets {
            entries: Vec::with_capacity(entries),
            ..Buckets::default()
        }
    }

    /// Forgets everybody and keeps the memory.
    pub fn clear(&mut self) {
        self.heads.fill(NOBODY);
        self.occupied.fill([0; WORDS]);
        self.entries.clear();
    }

    /// Adds a row.
    #[inline]
    pub fn push(&mut self, class: u16, score: u16, row: u32) {
        let class = class as usize;
        if class >= self.occupied.len() {
            self.occupied.resize(class + 1, [0; WORDS]);
            self.heads.resize((class + 1) * SCORES, NOBODY);
        }
        let score = usize::from(score.min(Score::MAX.0));
        let head = &mut self.heads[class * SCORES + score];
        self.entries.push(Entry { row, next: *head });
        *head = (self.entries.len() - 1) as u32;
        self.occupied[class][score / 64] |= 1 << (score % 64);
    }

    /// The highest score below `below` at which one of the classes has an entry.
    pub fn highest_below(&self, classes: &[u16], below: usize) -> Option<u16> {
        let below = below.min(SCORES);
        for word in (0..below.div_ceil(64)).rev() {
            let bits = classes
                .iter()
                .filter_map(|&class| self.occupied.get(class as usize))
                .fold(0, |bits, words| bits | words[word]);
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

    /// Takes every row of a class and score, in no order that means anything.
    pub fn drain(&mut self, class: u16, score: u16, into: &mut Vec<u32>) {
        let (class, score) = (class as usize, usize::from(score));
        let Some(head) = self.heads.get_mut(class * SCORES + score) else {
            return;
        };
        let mut place = std::mem::replace(head, NOBODY);
        self.occupied[class][score / 64] &= !(1 << (score % 64));
        while place != NOBODY {
            let entry = self.entries[place as usize];
            into.push(entry.row);
            place = entry.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_give_back_what_was_put_in_from_the_top() {
        let mut buckets = Buckets::default();
        buckets.push(0, 486, 1);
        buckets.push(2, 1200, 2);
        buckets.push(2, 486, 3);
        buckets.push(2, 486, 4);
        assert_eq!(buckets.highest_below(&[0, 2], 1201), Some(1200));
        assert_eq!(buckets.highest_below(&[0], 1201), Some(486));
        assert_eq!(buckets.highest_below(&[2], 1200), Some(486));
        let mut rows = Vec::new();
        buckets.drain(2, 486, &mut rows);
        rows.sort_unstable();
        assert_eq!(rows, [3, 4]);
        assert_eq!(buckets.highest_below(&[2], 1200), None);
        assert_eq!(buckets.highest_below(&[7], 1201), None);
    }

    #[test]
    fn a_class_keeps_its_number() {
        let mut classes = Classes::default();
        let (a, b) = (classes.of(5), classes.of(1 << 20));
        assert_ne!(a, b);
        assert_eq!((classes.of(5), classes.of(1 << 20)), (a, b));
        assert_eq!(classes.masks(), [5, 1 << 20]);
    }
}
