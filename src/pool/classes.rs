//! Classes: candidates of equal eligibility, who take part in the same rounds and count in the same
//! programs and categories. What is kept by class lives elsewhere.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::pool::Eligibilities;

/// Eligibility below this is looked up in a plain table.
const SMALL: u32 = 1 << 16;

/// The class of an eligibility that nobody has had yet.
pub const UNKNOWN: u16 = u16::MAX;

/// Distinct eligibilities and their numbers.
#[derive(Debug, Clone)]
pub struct Classes {
    masks: Vec<u32>,
    small: Box<[u16; SMALL as usize]>,
    large: BTreeMap<u32, u16>,
}

impl Default for Classes {
    fn default() -> Self {
        Classes {
            masks: Vec::new(),
            small: Box::new([UNKNOWN; SMALL as usize]),
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
}
