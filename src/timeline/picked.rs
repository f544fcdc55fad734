//! Those of many for whom something is true, found without a branch for each, which nobody could
//! foresee: eight flags are a number, and a table says which places it stands for. What is asked of
//! those who are picked is the caller's.

/// Most of whom some are picked at once.
pub(super) const AT_ONCE: usize = 1 << 11;
/// Flags that are looked up together.
const GROUP: usize = 8;

/// By which of a group are flagged, the first of them the lowest bit: their places in the group and
/// then anything, and how many they are.
static FLAGGED: ([[u8; GROUP]; 1 << GROUP], [u8; 1 << GROUP]) = {
    let mut places = [[0; GROUP]; 1 << GROUP];
    let mut counts = [0; 1 << GROUP];
    let mut set = 0;
    while set < 1 << GROUP {
        let mut place = 0;
        while place < GROUP {
            if set >> place & 1 == 1 {
                places[set][counts[set] as usize] = place as u8;
                counts[set] += 1;
            }
            place += 1;
        }
        set += 1;
    }
    (places, counts)
};

/// Places of those who are picked, and room for what a last group writes beyond them.
#[derive(Debug)]
pub(super) struct Picked(Box<[u16; AT_ONCE + GROUP]>);

impl Default for Picked {
    fn default() -> Self {
        Picked(Box::new([0; AT_ONCE + GROUP]))
    }
}

impl Picked {
    /// The places of those who are flagged, in order; no more than [`AT_ONCE`] are asked about.
    #[inline(never)]
    pub fn find(&mut self, flags: &[bool]) -> &[u16] {
        let mut number = 0;
        let mut note = |first: u16, group: &[bool; GROUP]| {
            let set = as_bits(group);
            let room = &mut self.0[number % AT_ONCE..][..GROUP];
            for (place, &flagged) in room.iter_mut().zip(&FLAGGED.0[set]) {
                *place = first + u16::from(flagged);
            }
            number += usize::from(FLAGGED.1[set]);
        };
        let (groups, rest) = flags.as_chunks();
        for (first, group) in (0..).step_by(GROUP).zip(groups) {
            note(first, group);
        }
        if !rest.is_empty() {
            let mut last = [false; GROUP];
            last[..rest.len()].copy_from_slice(rest);
            note((flags.len() - rest.len()) as u16, &last);
        }
        &self.0[..number]
    }
}

/// The flags as one number, the first of them the lowest bit.
#[inline]
fn as_bits(flags: &[bool; GROUP]) -> usize {
    let bytes = u64::from_le_bytes(flags.map(u8::from));
    // Brings the lowest bit of each byte into the highest byte, each to a place of its own.
    (bytes.wrapping_mul(0x0102_0408_1020_4080) >> 56) as usize
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
        let everybody: Vec<u16> = (0..AT_ONCE as u16).collect();
        assert_eq!(picked.find(&[true; AT_ONCE]), everybody);
    }
}
