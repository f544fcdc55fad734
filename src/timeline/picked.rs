//! Those of many for whom something is true, found without a branch for each, which nobody could
//! foresee: whoever is not picked is overwritten. What is asked of them is the caller's.

/// Most of whom some are picked at once.
pub(super) const AT_ONCE: usize = 1 << 11;

/// Places of those who are picked.
#[derive(Debug)]
pub(super) struct Picked(Box<[u16; AT_ONCE]>);

impl Default for Picked {
    fn default() -> Self {
        Picked(Box::new([0; AT_ONCE]))
    }
}

impl Picked {
    /// The places of those who are flagged, in order; no more than [`AT_ONCE`] are asked about.
    #[inline(never)]
    pub fn find(&mut self, flags: &[bool]) -> &[u16] {
        let places = &mut *self.0;
        if !flags.iter().fold(false, |any, &flag| any | flag) {
            return &[];
        }
        let mut number = 0;
        for (at, &flag) in (0..).zip(flags) {
            places[number % AT_ONCE] = at;
            number += usize::from(flag);
        }
        &places[..number]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flagged_are_found_once_each_and_in_order() {
        let mut picked = Picked::default();
        for size in [0, 1, 7, 8, 9, 100, AT_ONCE] {
            let flags: Vec<bool> = (0..size).map(|at| at % 3 == 1 || at % 7 == 0).collect();
            let expected = (0..size as u16).filter(|&at| flags[usize::from(at)]);
            assert_eq!(picked.find(&flags), expected.collect::<Vec<u16>>());
        }
        assert_eq!(picked.find(&[true; AT_ONCE]).len(), AT_ONCE);
    }
}
