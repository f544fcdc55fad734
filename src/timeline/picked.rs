//! Those of many for whom something is true, found with hardly a branch: what nobody could foresee is
//! where in a word of 64 flags the next one is, and that is counted, not asked. What is asked of them is
//! the caller's.

/// Most of whom something is asked at once.
pub(super) const AT_ONCE: usize = 1 << 11;
/// Flags that are looked at together: bits of a word.
const WORD: usize = u64::BITS as usize;
/// Moves the lowest bit of eight bytes into the highest byte, the first byte's lowest.
const GATHER: u64 = 0x0102_0408_1020_4080;

/// Calls with the place of each flag that is set, in order.
#[inline(always)]
pub(super) fn each_flagged(flags: &[bool], mut found: impl FnMut(usize)) {
    let (words, rest) = flags.as_chunks::<WORD>();
    let mut first = 0;
    for word in words {
        each_bit(bits(word), |bit| found(first + bit));
        first += WORD;
    }
    let mut last = [false; WORD];
    last[..rest.len()].copy_from_slice(rest);
    each_bit(bits(&last), |bit| found(first + bit));
}

#[inline(always)]
fn each_bit(mut bits: u64, mut found: impl FnMut(usize)) {
    while bits != 0 {
        found(bits.trailing_zeros() as usize);
        bits &= bits - 1;
    }
}

/// The flags as bits of a word, the first one lowest.
#[inline(always)]
fn bits(flags: &[bool; WORD]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    (0..).zip(eights).fold(0, |word, (number, &eight)| {
        let bytes = u64::from_le_bytes(eight.map(u8::from));
        word | (bytes.wrapping_mul(GATHER) >> 56) << (8 * number)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flagged_are_found_once_each_and_in_order() {
        for size in [0, 1, 7, 63, 64, 65, 100, 128, AT_ONCE] {
            for of in [1, 2, 3, 64, 65, 4_000] {
                let flags: Vec<bool> = (0..size).map(|at| at % of == of - 1).collect();
                let expected = (0..size).filter(|&at| flags[at]);
                let mut found = Vec::new();
                each_flagged(&flags, |at| found.push(at));
                assert_eq!(found, expected.collect::<Vec<usize>>());
            }
        }
    }
}
