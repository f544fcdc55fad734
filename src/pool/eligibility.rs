//! What candidates are eligible for, as one column in two halves of sixteen bits, of which the upper
//! is there only where somebody needs it. What the bits mean is [`Eligibility`](crate::rules::Eligibility)'s.
//!
//! A pass over the pool takes as long as the bytes it reads: programs and twelve categories are in
//! the lower half, and few pools have more.

use std::ops::Range;

/// Bits of one half.
const HALF: u32 = u16::BITS;

/// The eligibility of each candidate, see [`Eligibility`](crate::rules::Eligibility).
#[derive(Debug, Clone, Default)]
pub struct Eligibilities {
    low: Vec<u16>,
    /// As long as the lower half, or empty where all its bits are 0.
    high: Vec<u16>,
}

/// Some rows, to be filled.
pub struct EligibilitiesMut<'c> {
    /// Bits 0 to 15.
    pub low: &'c mut [u16],
    /// Bits 16 to 31; empty where nobody has one.
    pub high: &'c mut [u16],
}

impl Eligibilities {
    /// So many categories have their bits in the lower half, behind the programs.
    pub const LOW_CATEGORIES: usize = 12;

    /// So many candidates who are eligible for nothing.
    pub fn zeroed(size: usize) -> Self {
        Eligibilities {
            low: vec![0; size],
            high: Vec::new(),
        }
    }

    /// Number of candidates.
    pub fn len(&self) -> usize {
        self.low.len()
    }

    /// Whether there is no candidate.
    pub fn is_empty(&self) -> bool {
        self.low.is_empty()
    }

    /// Bits of one candidate.
    #[inline]
    pub fn get(&self, row: usize) -> u32 {
        let high = self.high.get(row).copied().unwrap_or(0);
        u32::from(self.low[row]) | u32::from(high) << HALF
    }

    /// Replaces the bits of one candidate.
    #[inline]
    pub fn set(&mut self, row: usize, bits: u32) {
        self.low[row] = bits as u16;
        if bits >> HALF != 0 {
            self.widen();
        }
        if let Some(high) = self.high.get_mut(row) {
            *high = (bits >> HALF) as u16;
        }
    }

    /// Takes all other bits away from everybody.
    pub fn keep(&mut self, bits: u32) {
        let halves = [(&mut self.low, bits), (&mut self.high, bits >> HALF)];
        for (column, bits) in halves {
            column.iter_mut().for_each(|held| *held &= bits as u16);
        }
    }

    /// Bits 0 to 15 of everybody.
    pub fn low(&self) -> &[u16] {
        &self.low
    }

    /// Bits 16 to 31 of everybody; empty where nobody has one.
    pub fn high(&self) -> &[u16] {
        &self.high
    }

    /// The bits of some candidates.
    pub fn iter_rows(&self, rows: Range<usize>) -> impl ExactSizeIterator<Item = u32> + '_ {
        rows.map(|row| self.get(row))
    }

    /// The bits of everybody.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.iter_rows(0..self.len())
    }

    /// Makes the upper half be there, for those who fill rows through [`Eligibilities::rows_mut`].
    pub fn widen(&mut self) {
        self.high.resize(self.low.len(), 0);
    }

    /// Makes room for that many more.
    pub fn reserve(&mut self, more: usize) {
        self.low.reserve(more);
        if !self.high.is_empty() {
            self.high.reserve(more);
        }
    }

    /// Shortens the column, or lengthens it by candidates who are eligible for nothing.
    pub fn resize(&mut self, size: usize) {
        self.low.resize(size, 0);
        if !self.high.is_empty() {
            self.high.resize(size, 0);
        }
    }

    /// Takes some candidates out.
    pub fn take_out(&mut self, rows: Range<usize>) {
        self.low.drain(rows.clone());
        if !self.high.is_empty() {
            self.high.drain(rows);
        }
    }

    /// Puts the bits of row `order[i]` in place `i`, for every place.
    pub fn reorder(&mut self, order: &[u32]) {
        super::columns::reorder(&mut self.low, order);
        if !self.high.is_empty() {
            super::columns::reorder(&mut self.high, order);
        }
    }

    /// Some rows.
    pub fn rows_mut(&mut self, rows: Range<usize>) -> EligibilitiesMut<'_> {
        EligibilitiesMut {
            high: self.high.get_mut(rows.clone()).unwrap_or_default(),
            low: &mut self.low[rows],
        }
    }
}

impl Extend<u32> for Eligibilities {
    fn extend<I: IntoIterator<Item = u32>>(&mut self, bits: I) {
        for bits in bits {
            let row = self.low.len();
            self.resize(row + 1);
            self.set(row, bits);
        }
    }
}

impl FromIterator<u32> for Eligibilities {
    fn from_iter<I: IntoIterator<Item = u32>>(bits: I) -> Self {
        let mut column = Eligibilities::default();
        column.extend(bits);
        column
    }
}

/// An upper half of zeros is as good as none.
impl PartialEq for Eligibilities {
    fn eq(&self, other: &Self) -> bool {
        let (one, two) = (&self.high, &other.high);
        let zeros = |half: &[u16]| half.iter().all(|&bits| bits == 0);
        self.low == other.low
            && (one == two || one.is_empty() && zeros(two) || two.is_empty() && zeros(one))
    }
}

impl Eq for Eligibilities {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_half_is_there_once_somebody_needs_it() {
        let mut column: Eligibilities = [1, 2, 0xFFFF].into_iter().collect();
        assert!(column.high().is_empty());
        assert_eq!(column.get(2), 0xFFFF);
        column.set(1, 0x8001_0002);
        column.extend([7, 1 << 31]);
        column.resize(6);
        let bits = [1, 0x8001_0002, 0xFFFF, 7, 1 << 31, 0];
        assert_eq!(column.iter().collect::<Vec<_>>(), bits);
        assert_eq!(column.high().len(), 6);
        column.reorder(&[5, 4, 3, 2, 1, 0]);
        assert!(column.iter().eq(bits.into_iter().rev()));
        column.set(1, 5);
        assert_eq!(column.get(1), 5);
    }

    #[test]
    fn an_upper_half_of_zeros_makes_no_difference() {
        let narrow: Eligibilities = [1, 2].into_iter().collect();
        let mut wide = narrow.clone();
        wide.widen();
        assert_eq!((narrow == wide, wide == narrow), (true, true));
        wide.set(0, 1 << 16 | 1);
        assert_eq!((narrow == wide, wide == narrow), (false, false));
    }

    #[test]
    fn rows_asked_for_are_those_of_both_halves() {
        for widened in [false, true] {
            let mut column = Eligibilities::zeroed(10);
            if widened {
                column.widen();
            }
            let rows = column.rows_mut(2..9);
            let high = if widened { 7 } else { 0 };
            assert_eq!((rows.low.len(), rows.high.len()), (7, high));
        }
    }
}
