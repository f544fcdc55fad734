//! Classes: candidates of equal eligibility, who take part in the same rounds and count in the same
//! programs and categories. What is kept by class lives elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pool::Eligibilities;

/// Eligibility below this is looked up in a plain table.
const SMALL: u32 = 1 << 16;

/// The class of an eligibility that nobody has had yet.
pub const UNKNOWN: u16 = u16::MAX;
/// Most classes: their numbers, and how many there are, lie below [`UNKNOWN`].
pub const MOST: usize = UNKNOWN as usize - 1;
/// The last of so many. Where there are too many it stands for all further eligibilities besides, and
/// [`Classes::are_too_many`] says so.
pub const LAST: u16 = MOST as u16 - 1;

/// Distinct eligibilities and their numbers.
#[derive(Debug, Clone)]
pub struct Classes {
    masks: Vec<u32>,
    small: Box<[u16; SMALL as usize]>,
    large: BTreeMap<u32, u16>,
    too_many: bool,
}

impl Default for Classes {
    fn default() -> Self {
        Classes {
            masks: Vec::new(),
            small: Box::new([UNKNOWN; SMALL as usize]),
            large: BTreeMap::new(),
            too_many: false,
        }
    }
}

impl Classes {
    /// The class of an eligibility, made when it is new.
    #[inline]
    pub fn of(&mut self, mask: u32) -> u16 {
        if mask < SMALL {
            let class = self.small[mask as usize];
            if class != UNKNOWN {
                return class;
            }
        }
        self.find(mask)
    }

    /// The class of an eligibility that somebody has had.
    #[inline]
    pub fn known(&self, mask: u32) -> Option<u16> {
        match self.small.get(mask as usize) {
            Some(&class) => (class != UNKNOWN).then_some(class),
            None => self.large.get(&mask).copied(),
        }
    }

    /// The classes of some candidates, as far as they are known; whether all are.
    #[inline(never)]
    pub fn look_up(&self, all: &Eligibilities, rows: Range<usize>, into: &mut [u16]) -> bool {
        if all.high().is_empty() {
            for (class, &mask) in into.iter_mut().zip(&all.low()[rows]) {
                *class = self.small[usize::from(mask)];
            }
        } else {
            for (class, mask) in into.iter_mut().zip(all.iter_rows(rows)) {
                *class = match self.small.get(mask as usize) {
                    Some(&class) => class,
                    None => self.large.get(&mask).copied().unwrap_or(UNKNOWN),
                };
            }
        }
        into.iter().fold(0, |most, &class| class.max(most)) != UNKNOWN
    }

    #[cold]
    fn find(&mut self, mask: u32) -> u16 {
        if let Some(&class) = self.large.get(&mask) {
            return class;
        }
        let class = self.masks.len().min(usize::from(LAST)) as u16;
        if self.masks.len() < MOST {
            self.masks.push(mask);
        } else {
            self.too_many = true;
        }
        if mask < SMALL {
            self.small[mask as usize] = class;
        } else {
            self.large.insert(mask, class);
        }
        class
    }

    /// Whether there were more than [`MOST`] eligibilities, so that some are not told apart.
    pub fn are_too_many(&self) -> bool {
        self.too_many
    }

    /// The eligibility of each class.
    pub fn masks(&self) -> &[u32] {
        &self.masks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_keeps_its_number() {
        let mut classes = Classes::default();
        let (a, b) = (classes.of(5), classes.of(1 << 20));
        assert_ne!(a, b);
        assert_eq!((classes.of(5), classes.of(1 << 20)), (a, b));
        assert_eq!(classes.masks(), [5, 1 << 20]);
    }

    #[test]
    fn more_eligibilities_than_there_are_numbers_do_not_go_unnoticed() {
        let mut classes = Classes::default();
        let most = MOST as u32;
        for mask in 1..=most {
            assert_eq!(u32::from(classes.of(mask)), mask - 1);
        }
        assert!(!classes.are_too_many());
        assert_eq!(classes.known(most), Some(LAST));
        for mask in [most + 1, 1 << 20, 1 << 20] {
            assert_eq!(classes.of(mask), LAST);
            assert_eq!(classes.known(mask), Some(LAST));
            assert!(classes.are_too_many());
        }
        assert_eq!(classes.masks().len(), MOST);
        assert_eq!((0u16..).zip(classes.masks()).last(), Some((LAST, &most)));
    }
}
