//! Candidates by shelf (who take part in the same rounds) and score, for rounds that look at the top alone:
//! adding costs a few nanoseconds and a round touches only the buckets that it empties.
//! Whether a slot still belongs there is the engine's to know: buckets never delete, they are drained.

use crate::units::Score;

const SCORES: usize = Score::MAX.0 as usize + 1;
/// Shelves that stand side by side on a page.
const WIDE: usize = 32;
/// Numbers of a crate: as many slots but one, and where the last slot of the crate behind it is. As
/// many as a line of memory has, so that a bucket of a few costs one look at memory.
const CRATE: u32 = 16;

/// A slot that was taken out of a bucket of a shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Drained {
    /// The candidate's slot.
    pub slot: u32,
    /// The shelf of the bucket.
    pub shelf: u16,
}

/// Some of the shelves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Which {
    /// A bit for each shelf, page by page.
    bits: Vec<u32>,
}

impl FromIterator<u16> for Which {
    fn from_iter<T: IntoIterator<Item = u16>>(shelves: T) -> Self {
        let mut which = Which::default();
        for shelf in shelves {
            let (page, place) = place(shelf);
            if page >= which.bits.len() {
                which.bits.resize(page + 1, 0);
            }
            which.bits[page] |= 1 << place;
        }
        which
    }
}

impl Which {
    /// The shelves, in order.
    pub fn iter(&self) -> impl Iterator<Item = u16> {
        (self.bits.iter().zip(0..)).flat_map(|(&bits, page)| {
            let places = (0..WIDE as u16).filter(move |place| bits >> place & 1 == 1);
            places.map(move |place| page * WIDE as u16 + place)
        })
    }
}

/// The page of a shelf, and its place there.
#[inline]
fn place(shelf: u16) -> (usize, usize) {
    let shelf = usize::from(shelf);
    (shelf / WIDE, shelf % WIDE)
}

/// The buckets of some shelves. Those of a score lie together: a round looks at few scores, and
/// there at many shelves.
#[derive(Debug, Clone)]
struct Page {
    /// Where the last slot of each bucket is, by score and shelf; 0 where there is none.
    heads: [[u32; WIDE]; SCORES],
    /// A bit for each shelf that has a slot, by score.
    occupied: [u32; SCORES],
}

impl Default for Page {
    fn default() -> Self {
        Page {
            heads: [[0; WIDE]; SCORES],
            occupied: [0; SCORES],
        }
    }
}

/// Slots by shelf and score.
#[derive(Debug, Clone, Default)]
pub struct Buckets {
    pages: Vec<Box<Page>>,
    /// Crates of slots, one after the other; the first is never used.
    crates: Vec<u32>,
    /// Crates that are empty.
    empty: Vec<u32>,
    /// Working memory: the buckets that are being gone through.
    open: Vec<(u16, u32)>,
}

impl Buckets {
    /// Nobody yet, and room for so many.
    pub fn of(slots: usize) -> Self {
        let mut crates = Vec::with_capacity(slots + CRATE as usize);
        crates.extend([0; CRATE as usize]);
        Buckets {
            crates,
            ..Buckets::default()
        }
    }

    /// Forgets everybody and keeps the memory.
    pub fn clear(&mut self) {
        for page in &mut self.pages {
            page.heads.as_flattened_mut().fill(0);
            page.occupied.fill(0);
        }
        self.crates.truncate(CRATE as usize);
        self.empty.clear();
    }

    /// Adds a slot to a shelf, under a score.
    #[inline(always)]
    pub fn push(&mut self, shelf: u16, score: u16, slot: u32) {
        let (number, place) = place(shelf);
        let page = match self.pages.get_mut(number) {
            Some(page) => page,
            None => Buckets::add_pages(&mut self.pages, number),
        };
        let score = usize::from(score.min(Score::MAX.0));
        let head = &mut page.heads[score][place];
        // There is no crate yet, or the last one is full.
        if (*head + 1) % CRATE <= 1 {
            page.occupied[score] |= 1 << place;
            let next = match self.empty.pop() {
                Some(next) => next,
                None => {
                    let next = self.crates.len() as u32;
                    self.crates.extend_from_slice(&[0; CRATE as usize]);
                    next
                }
            };
            self.crates[next as usize] = *head;
            *head = next;
        }
        *head += 1;
        self.crates[*head as usize] = slot;
    }

    #[cold]
    fn add_pages(pages: &mut Vec<Box<Page>>, last: usize) -> &mut Page {
        pages.resize_with(last + 1, Box::default);
        &mut pages[last]
    }

    /// The highest score below `below` at which one of some shelves has a slot.
    #[inline]
    pub fn highest_below(&self, which: &Which, below: usize) -> Option<u16> {
        let pages = self.pages.iter().zip(&which.bits);
        let highest = pages.filter_map(|(page, &bits)| {
            let occupied = &page.occupied[..below.min(SCORES)];
            occupied.iter().rposition(|&shelves| shelves & bits != 0)
        });
        highest.max().map(|score| score as u16)
    }

    /// Takes every slot of some shelves with that score, in no order that means anything.
    ///
    /// The buckets are gone through side by side: each crate says where the next one stands, and
    /// the processor then waits for several of them at once.
    pub fn drain(&mut self, which: &Which, score: u16, into: &mut Vec<Drained>) {
        let score = usize::from(score);
        let mut open = std::mem::take(&mut self.open);
        for ((page, &bits), number) in self.pages.iter_mut().zip(&which.bits).zip(0..) {
            let mut taken = page.occupied[score] & bits;
            page.occupied[score] &= !bits;
            while taken != 0 {
                let place = taken.trailing_zeros();
                taken &= taken - 1;
                let head = std::mem::take(&mut page.heads[score][place as usize]);
                open.push((number * WIDE as u16 + place as u16, head));
            }
        }
        while !open.is_empty() {
            open.retain_mut(|(shelf, head)| {
                let first = *head - *head % CRATE;
                let slots = &self.crates[first as usize..=*head as usize];
                let drained = slots[1..].iter().map(|&slot| Drained {
                    slot,
                    shelf: *shelf,
                });
                into.extend(drained);
                *head = slots[0];
                self.empty.push(first);
                *head != 0
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
        let far = WIDE as u16 + 2;
        let mut buckets = Buckets::of(0);
        let filed = [(0, 486), (far, 1200), (far, 486), (far, 480), (far, 486)];
        for ((shelf, score), slot) in filed.into_iter().zip([1, 2, 3, 4, 4]) {
            buckets.push(shelf, score, slot);
        }
        let which = |shelves: &[u16]| shelves.iter().copied().collect::<Which>();
        assert_eq!(buckets.highest_below(&which(&[0, far]), 1201), Some(1200));
        assert_eq!(buckets.highest_below(&which(&[0]), 1201), Some(486));
        assert_eq!(buckets.highest_below(&which(&[far]), 1200), Some(486));
        let mut slots = Vec::new();
        buckets.drain(&which(&[0, 1, far, 100]), 486, &mut slots);
        slots.sort_unstable();
        let drained = |slot, shelf| Drained { slot, shelf };
        assert_eq!(slots, [drained(1, 0), drained(3, far), drained(4, far)]);
        assert_eq!(buckets.highest_below(&which(&[far]), 1200), Some(480));
        assert_eq!(buckets.highest_below(&which(&[7, 100]), 1201), None);
        buckets.clear();
        assert_eq!(buckets.highest_below(&which(&[far]), 1201), None);
    }

    #[test]
    fn a_bucket_of_any_size_gives_back_each_slot_once() {
        let mut buckets = Buckets::of(0);
        let which = Which::from_iter([3]);
        for size in [1, 14, 15, 16, 30, 31, 200] {
            (0..size).for_each(|slot| buckets.push(3, 700, slot));
            let mut drained = Vec::new();
            buckets.drain(&which, 700, &mut drained);
            let mut slots: Vec<u32> = drained.iter().map(|one| one.slot).collect();
            slots.sort_unstable();
            assert_eq!(slots, (0..size).collect::<Vec<u32>>());
            assert_eq!(buckets.highest_below(&which, 1201), None);
        }
        // Crates are used again.
        assert_eq!(buckets.crates.len(), (1 + 14) * CRATE as usize);
    }
}
