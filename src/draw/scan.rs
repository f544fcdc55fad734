//! The pass over a pool: counts the candidates whom a kind of round ranks and gathers those with
//! scores in a range, in tasks of neighbouring rows. Which range, and what for, is the index's.

use rayon::prelude::*;

use crate::draw::Members;
use crate::pool::Pool;
use crate::units::Score;

/// Rows that are tested together before any is looked at alone.
const ROWS_PER_BLOCK: usize = 64;
/// Tasks that a large pool is cut into, and fewest rows of one. Results never depend on it.
const TASKS: usize = 48;
const LEAST_ROWS_PER_TASK: usize = 1 << 16;
/// A gathered candidate, with what a round asks of it: later it would have to be fetched from
/// memory that nobody expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gathered {
    /// Its row.
    pub row: u32,
    /// Submission of its profile, seconds since 1970.
    pub submitted: u32,
}

/// Candidates by score, the place being the score; scores above the highest stand with it.
pub type Levels = Vec<Vec<Gathered>>;

/// Whom to gather.
#[derive(Debug, Clone, Copy)]
pub struct Range {
    /// Lowest score.
    pub floor: u16,
    /// First score above; past [`Score::MAX`] for everyone.
    pub below: u16,
}

impl Members {
    /// The filter where it looks at the lower half of the bits only.
    fn narrow(self) -> Option<NarrowMembers> {
        Some(NarrowMembers {
            any_of: u16::try_from(self.any_of).ok()?,
            none_of: u16::try_from(self.none_of).ok()?,
        })
    }
}

/// The candidates of a kind whose filter looks at the lower half of the bits only.
#[derive(Debug, Clone, Copy)]
struct NarrowMembers {
    any_of: u16,
    none_of: u16,
}

impl NarrowMembers {
    /// [`task_hits`] with the cheapest test that tells the members.
    fn hits(self, scores: &[u16], eligibility: &[u16], range: Range) -> (Vec<Hit>, u64) {
        let NarrowMembers { any_of, none_of } = self;
        if none_of == 0 {
            task_hits::<u16, false>(scores, eligibility, |bits| bits & any_of != 0, range)
        } else if any_of.is_power_of_two() {
            let care = any_of | none_of;
            task_hits::<u16, true>(scores, eligibility, |bits| bits & care == any_of, range)
        } else {
            let is_member = |bits| (bits & any_of != 0) & (bits & none_of == 0);
            task_hits::<u16, true>(scores, eligibility, is_member, range)
        }
    }
}

/// Gathers the members in a range into `levels`, and counts all members of the pool.
pub fn gather(pool: &Pool, members: Members, range: Range, levels: &mut Levels) -> u64 {
    let size = (pool.len() / TASKS)
        .max(LEAST_ROWS_PER_TASK)
        .next_multiple_of(ROWS_PER_BLOCK);
    let (runs, counts): (Vec<Run>, Vec<u64>) = pool
        .score
        .par_chunks(size)
        .enumerate()
        .map(|(task, scores)| {
            let rows = task * size..task * size + scores.len();
            let submitted = &pool.submitted[rows.clone()];
            let (hits, count) = match members.narrow() {
                Some(members) => members.hits(scores, &pool.eligibility.low()[rows.clone()], range),
                None => {
                    let both: Vec<u32> = pool.eligibility.iter_rows(rows.clone()).collect();
                    task_hits::<u32, true>(scores, &both, |bits| members.have(bits), range)
                }
            };
            let first = rows.start as u32;
            (in_order(&hits, first, submitted, range.floor), count)
        })
        .unzip();
    let (floor, most) = (usize::from(range.floor), usize::from(Score::MAX.0));
    levels.resize_with(most + 1, Vec::new);
    levels[floor..usize::from(range.below).min(most + 1)]
        .par_iter_mut()
        .with_min_len(16)
        .enumerate()
        .for_each(|(place, level)| {
            let score = range.floor + place as u16;
            let rows = || runs.iter().filter_map(|run| run.at(score));
            level.reserve_exact(rows().map(<[Gathered]>::len).sum());
            rows().for_each(|rows| level.extend_from_slice(rows));
        });
    counts.iter().sum()
}

/// A gathered candidate of a task: score, and place among the task's rows.
type Hit = (u16, u32);

/// Gathers and counts one task's members. With `MASKED` the scores of others are left out before
/// the highest of a block is looked for: nominees, who have the highest scores, take part in no
/// category round. Where nearly everybody is a member that would be work for nothing.
fn task_hits<B: Copy, const MASKED: bool>(
    scores: &[u16],
    eligibility: &[B],
    is_member: impl Fn(B) -> bool,
    range: Range,
) -> (Vec<Hit>, u64) {
    let mut hits = Vec::new();
    let mut count = 0;
    let mut take = |place: usize| {
        let score = scores[place].min(Score::MAX.0);
        if score < range.below && is_member(eligibility[place]) {
            hits.push((score, place as u32));
        }
    };
    let (score_blocks, rest) = scores.as_chunks::<ROWS_PER_BLOCK>();
    let (blocks, _) = eligibility.as_chunks::<ROWS_PER_BLOCK>();
    for (number, (scores, eligibility)) in score_blocks.iter().zip(blocks).enumerate() {
        let mut matching = 0u16;
        let mut top = 0;
        for (&score, &bits) in scores.iter().zip(eligibility) {
            let mask = u16::from(is_member(bits)).wrapping_neg();
            matching = matching.wrapping_sub(mask);
            top = top.max(if MASKED { score & mask } else { score });
        }
        count += u64::from(matching);
        if top < range.floor {
            continue;
        }
        let mut reaching = reaching(scores, range.floor);
        while reaching != 0 {
            take(number * ROWS_PER_BLOCK + reaching.trailing_zeros() as usize);
            reaching &= reaching - 1;
        }
    }
    for place in scores.len() - rest.len()..scores.len() {
        count += u64::from(is_member(eligibility[place]));
        if scores[place] >= range.floor {
            take(place);
        }
    }
    (hits, count)
}

/// A bit for each of a block whose score reaches the floor.
fn reaching(scores: &[u16; ROWS_PER_BLOCK], floor: u16) -> u64 {
    let mut flags = [0u8; ROWS_PER_BLOCK];
    for (flag, &score) in flags.iter_mut().zip(scores) {
        *flag = u8::from(score >= floor);
    }
    // Eight flags, a byte each, are gathered into eight bits by one multiplication.
    let (words, _) = flags.as_chunks::<8>();
    words.iter().rev().fold(0, |bits, &word| {
        let gathered = u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits << 8 | gathered
    })
}

/// One task's rows in order of falling score, and where each score ends.
struct Run {
    /// Highest score gathered.
    top: u16,
    /// For each score from the top down, the first place behind it.
    ends: Vec<u32>,
    rows: Vec<Gathered>,
}

impl Run {
    fn at(&self, score: u16) -> Option<&[Gathered]> {
        let place = usize::from(self.top.checked_sub(score)?);
        let first = match place {
            0 => 0,
            _ => self.ends[place - 1] as usize,
        };
        self.rows.get(first..self.ends[place] as usize)
    }
}

/// Puts the hits in order of falling score, by counting; `first` is the task's first row, and
/// `submitted` the column of its rows.
fn in_order(hits: &[Hit], first: u32, submitted: &[u32], floor: u16) -> Run {
    let top = hits.iter().map(|hit| hit.0).max().unwrap_or(floor);
    let place = |score: u16| usize::from(top - score);
    let mut ends = vec![0u32; place(floor) + 1];
    hits.iter().for_each(|hit| ends[place(hit.0)] += 1);
    let mut before = 0;
    for end in &mut ends {
        // Until rows are written, the end of a score holds the place of its next row.
        before += std::mem::replace(end, before);
    }
    let nobody = Gathered {
        row: 0,
        submitted: 0,
    };
    let mut rows = vec![nobody; hits.len()];
    for &(score, offset) in hits {
        let next = &mut ends[place(score)];
        rows[*next as usize] = Gathered {
            row: first + offset,
            submitted: submitted[offset as usize],
        };
        *next += 1;
    }
    Run { top, ends, rows }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_is_set_for_each_candidate_who_reaches_the_score() {
        let block: [u16; 64] = std::array::from_fn(|place| (place as u32 * 7_919 % 1_201) as u16);
        for floor in [0, 1, 400, 1_200, 1_201] {
            let expected = (0..64)
                .filter(|&place| block[place] >= floor)
                .fold(0u64, |bits, place| bits | 1 << place);
            assert_eq!(reaching(&block, floor), expected);
        }
    }
}
