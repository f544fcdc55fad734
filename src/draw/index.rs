//! What rounds learn of a pool and pass on to the next: the first round of a kind looks at every
//! candidate once; a further one takes from a shelf, and its work grows with whom it invites.
//! The order of a round is `order`'s, the pass over the pool `scan`'s.
//!
//! A pass counts a kind's members and puts those above a floor on a shelf, by score, enough for
//! several rounds. A round takes from the top and drops whom it finds gone. Where a shelf runs out,
//! another pass fills it down to a lower floor, with twice as many as before or more.
//!
//! Floors are guesses from an evenly spaced sample: they decide how much is gathered, and never
//! the result.

use rayon::prelude::*;

use crate::draw::scan::{self, Gathered, Levels, Range};
use crate::draw::{
    Instruction, Lowest, Members, Outcome, RankKey, Ranking, RoundKind, Standing, TieBreak,
};
use crate::pool::Pool;
use crate::units::{Instant, Score};

/// The sample is made of so many runs of neighbouring rows, evenly spaced: a run costs a few cache
/// lines, where as many single rows would cost one each.
const SAMPLE_RUNS: usize = 1 << 9;
const ROWS_PER_RUN: usize = 1 << 5;
/// A first pass gathers for so many rounds of the same size, but for no more than this share of
/// the pool if one round needs less.
const ROUNDS_AHEAD: f64 = 4.0;
const MOST_SHARE: f64 = 1.0 / 64.0;
/// Most candidates of one score that are sorted on the spot: handing them to other threads would
/// take longer.
const SORTED_ALONE: usize = 1 << 13;
/// First score that nobody has.
const ABOVE: u16 = Score::MAX.0 + 1;

/// What is known of a pool from the rounds drawn so far. It belongs to one pool, as it
/// is scored, and one [`Standing`]: for another, start with another.
#[derive(Debug, Clone, Default)]
pub struct Index {
    known: Option<Known>,
}

#[derive(Debug, Clone)]
struct Known {
    /// Counts hold for this instant.
    at: Instant,
    /// So many of those who have left are counted out.
    gone: usize,
    pool_size: u64,
    /// Rows submitted after `at`.
    late: Vec<u32>,
    sample: Sample,
    shelves: Vec<Shelf>,
}

impl Index {
    /// Forgets everything: the pool was scored again.
    pub fn forget(&mut self) {
        self.known = None;
    }

    /// Draws one round: ranks the eligible and cuts after the number of invitations.
    ///
    /// `standing` says who is still in the pool; it is not changed. Between two rounds candidates
    /// may leave it, but nobody may come back; where the rounds go back in time, everything
    /// is learnt anew.
    pub fn draw(
        &mut self,
        pool: &Pool,
        standing: &Standing,
        instruction: &Instruction,
        ranking: &Ranking,
    ) -> Outcome {
        let round = Round {
            pool,
            standing,
            at: instruction.at,
            kind: instruction.kind,
            members: instruction.kind.members(),
            ranking,
        };
        let known = match self.known.take().filter(|known| known.may_serve(&round)) {
            Some(known) => self.known.insert(known),
            None => self.known.insert(Known::new(&round)),
        };
        known.catch_up(&round);
        known.draw(
            &round,
            usize::try_from(instruction.invitations).unwrap_or(usize::MAX),
        )
    }
}

/// Draws one round on a pool of which nothing is known yet: see [`Index::draw`].
pub fn draw(
    pool: &Pool,
    standing: &Standing,
    instruction: &Instruction,
    ranking: &Ranking,
) -> Outcome {
    Index::default().draw(pool, standing, instruction, ranking)
}

/// One round's view of the pool.
struct Round<'a> {
    pool: &'a Pool,
    standing: &'a Standing,
    at: Instant,
    kind: RoundKind,
    members: Members,
    ranking: &'a Ranking,
}

impl Round<'_> {
    fn is_member(&self, row: u32) -> bool {
        self.members.have(self.pool.eligibility.get(row as usize))
    }
}

impl Known {
    fn new(round: &Round<'_>) -> Known {
        let pool = round.pool;
        let late: Vec<u32> = if round.standing.all_submitted_by(round.at) {
            Vec::new()
        } else {
            (pool.submitted.par_iter().enumerate())
                .filter(|&(_, &submitted)| submitted > round.at.seconds())
                .map(|(row, _)| row as u32)
                .collect()
        };
        Known {
            at: round.at,
            gone: 0,
            pool_size: (pool.len() - late.len()) as u64,
            late,
            sample: Sample::of(pool),
            shelves: Vec::new(),
        }
    }

    fn may_serve(&self, round: &Round<'_>) -> bool {
        self.at <= round.at
            && self.gone <= round.standing.gone().len()
            && self.sample.rows == round.pool.len()
    }

    /// Counts out who has left since the round before, then in who has submitted since.
    fn catch_up(&mut self, round: &Round<'_>) {
        let pool = round.pool;
        let gone = round.standing.gone();
        for &row in &gone[self.gone..] {
            if self.late.is_empty() || pool.submitted[row as usize] <= self.at.seconds() {
                self.pool_size -= 1;
                for shelf in &mut self.shelves {
                    shelf.members_left +=
                        u64::from(shelf.holds(pool.eligibility.get(row as usize)));
                }
            }
        }
        self.gone = gone.len();
        if self.at < round.at {
            self.at = round.at;
            let mut late = std::mem::take(&mut self.late);
            late.retain(|&row| {
                let index = row as usize;
                let is_late = pool.submitted[index] > round.at.seconds();
                if !is_late && round.standing.is_present(row) {
                    self.pool_size += 1;
                    for shelf in &mut self.shelves {
                        shelf.members += u64::from(shelf.holds(pool.eligibility.get(index)));
                    }
                }
                is_late
            });
            self.late = late;
        }
    }

    fn draw(&mut self, round: &Round<'_>, wanted: usize) -> Outcome {
        let mut ranked = Ranked::default();
        let place = match self
            .shelves
            .iter()
            .position(|shelf| shelf.kind == round.kind)
        {
            Some(place) => place,
            None => {
                let shelf = self.first_look(round, wanted);
                self.shelves.push(shelf);
                self.shelves.len() - 1
            }
        };
        let shelf = &mut self.shelves[place];
        let eligible = shelf.members - shelf.members_left;
        let needed = wanted.min(usize::try_from(eligible).unwrap_or(usize::MAX));
        loop {
            shelf.take(round, needed, &mut ranked);
            if ranked.keys.len() >= needed || ranked.below == 0 {
                debug_assert!(ranked.keys.len() >= needed, "nobody is below 0");
                break;
            }
            // Those who have left took the places above the wanted.
            let rank = shelf.members_left as f64 + needed as f64;
            let so_far = self.sample.rank(shelf.floor, round.members);
            let floor = self.sample.floor(rank.max(2.0 * so_far), round.members);
            shelf.fill(round, floor);
        }
        ranked.cut(round, wanted, self.pool_size, eligible)
    }

    /// A shelf for a kind that no round was for yet.
    fn first_look(&self, round: &Round<'_>, wanted: usize) -> Shelf {
        let one = wanted as f64;
        let some = (one * ROUNDS_AHEAD).min(round.pool.len() as f64 * MOST_SHARE);
        let mut shelf = Shelf {
            kind: round.kind,
            floor: ABOVE,
            levels: Levels::new(),
            members: 0,
            members_left: 0,
        };
        shelf.members = shelf.fill(round, self.sample.floor(one.max(some), round.members));
        // Nobody who is late is a candidate yet, and nobody who has left is one any more.
        let late = self.late.iter().filter(|&&row| round.is_member(row));
        shelf.members -= late.count() as u64;
        let left = round.standing.gone().iter().filter(|&&row| {
            round.is_member(row) && round.pool.submitted[row as usize] <= self.at.seconds()
        });
        shelf.members_left = left.count() as u64;
        shelf
    }
}

/// The members of one kind down to a floor, by score.
#[derive(Debug, Clone)]
struct Shelf {
    kind: RoundKind,
    floor: u16,
    levels: Levels,
    /// All members of the pool who submitted in time, and those of them who have left it.
    members: u64,
    members_left: u64,
}

impl Shelf {
    fn holds(&self, eligibility: u32) -> bool {
        self.kind.members().have(eligibility)
    }

    /// Lowers the floor, by one point at least, and gathers who stands above it; gives how many
    /// members the pool has.
    fn fill(&mut self, round: &Round<'_>, floor: u16) -> u64 {
        let below = self.floor;
        self.floor = floor.min(below.saturating_sub(1));
        let range = Range {
            floor: self.floor,
            below,
        };
        scan::gather(round.pool, round.members, range, &mut self.levels)
    }

    /// Takes level after level from the top, or from where `ranked` stands, until enough are
    /// ranked; forgets those who have left.
    fn take(&mut self, round: &Round<'_>, needed: usize, ranked: &mut Ranked) {
        for score in (self.floor..ranked.below).rev() {
            if ranked.keys.len() >= needed {
                break;
            }
            ranked.below = score;
            let level = &mut self.levels[usize::from(score)];
            if level.is_empty() {
                continue;
            }
            ranked.last_level = ranked.keys.len();
            let keys = &mut ranked.keys;
            level.retain(|&Gathered { row, submitted }| {
                if !round.standing.is_present(row) {
                    return false;
                }
                let submitted = Instant::from_seconds(submitted);
                if submitted <= round.at {
                    // The highest level holds whoever is above it, too.
                    let score = match Score(score) {
                        Score::MAX => Score(round.pool.score[row as usize]),
                        score => score,
                    };
                    let candidate = || round.pool.dice_key(row as usize);
                    keys.push(round.ranking.key(score, submitted, row, candidate));
                }
                true
            });
            let level = &mut keys[ranked.last_level..];
            if level.len() > SORTED_ALONE {
                level.par_sort_unstable();
            } else {
                level.sort_unstable();
            }
        }
    }
}

/// Candidates in order of rank.
struct Ranked {
    keys: Vec<RankKey>,
    /// Where the lowest level begins.
    last_level: usize,
    /// The lowest score looked at.
    below: u16,
}

impl Default for Ranked {
    fn default() -> Self {
        Ranked {
            keys: Vec::new(),
            last_level: 0,
            below: ABOVE,
        }
    }
}

impl Ranked {
    /// Cuts after the wanted number, or further down where all at the cut-off score are invited.
    fn cut(self, round: &Round<'_>, wanted: usize, pool_size: u64, eligible: u64) -> Outcome {
        let places = wanted.min(self.keys.len());
        let rule = round.ranking.rule();
        let last = places.checked_sub(1).map(|last| self.keys[last]);
        let invited = match (last, rule) {
            (Some(last), TieBreak::None) => {
                let reaching = |key: &RankKey| key.score() >= last.score();
                &self.keys[..self.keys.partition_point(reaching)]
            }
            _ => &self.keys[..places],
        };
        let lowest = last.map(|last| {
            let tied = |keys: &[RankKey]| {
                // The last places are in the lowest level: nobody else has the cut-off score.
                let level = &keys[self.last_level.min(places - 1)..];
                let level = level.iter().filter(|key| key.score() == last.score());
                level.count() as u64
            };
            Lowest {
                score: last.score(),
                submitted: Instant::from_seconds(round.pool.submitted[last.row() as usize]),
                tied: tied(&self.keys),
                invited: tied(invited),
            }
        });
        Outcome {
            invited: invited.iter().map(|key| key.row()).collect(),
            ..Outcome::of((pool_size, eligible), lowest, rule, places == wanted)
        }
    }
}

/// Scores and eligibilities of some candidates.
#[derive(Debug, Clone)]
struct Sample {
    /// Rows of the pool.
    rows: usize,
    drawn: Vec<(u16, u32)>,
}

impl Sample {
    fn of(pool: &Pool) -> Sample {
        let rows = pool.len();
        let step = rows.div_ceil(SAMPLE_RUNS).max(ROWS_PER_RUN);
        let drawn = (0..rows)
            .step_by(step)
            .flat_map(|first| first..(first + ROWS_PER_RUN).min(rows))
            .map(|row| (pool.score[row].min(Score::MAX.0), pool.eligibility.get(row)))
            .collect();
        Sample { rows, drawn }
    }

    /// Rows of the pool for each of the sample.
    fn weight(&self) -> f64 {
        self.rows as f64 / self.drawn.len().max(1) as f64
    }

    /// About how many members reach a score.
    fn rank(&self, floor: u16, members: Members) -> f64 {
        let reaching =
            (self.drawn.iter()).filter(|&&(score, bits)| score >= floor && members.have(bits));
        reaching.count() as f64 * self.weight()
    }

    /// A score that at least `rank` members almost certainly reach, with four standard deviations
    /// of the sample's count to spare; 0 where the sample has too few of them.
    fn floor(&self, rank: f64, members: Members) -> u16 {
        let mut by_score = [0u32; Score::MAX.0 as usize + 1];
        for &(score, bits) in &self.drawn {
            by_score[usize::from(score)] += u32::from(members.have(bits));
        }
        let count = rank / self.weight();
        let count = count + 4.0 * count.sqrt() + 4.0;
        let mut reaching = 0.0;
        for (score, &more) in by_score.iter().enumerate().rev() {
            reaching += f64::from(more);
            if reaching > count {
                return score as u16;
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::columns::Ids;

    /// Scores fall along the rows, and one in four belongs to a category.
    fn pool(size: usize) -> Pool {
        let mut pool = Pool::zeroed(size, Ids::Numbered { first: 1 });
        for row in 0..size {
            pool.score[row] = (1_000 - row * 900 / size) as u16;
            pool.submitted[row] = (row * 7_919 % 10_007) as u32;
            pool.eligibility.set(row, 2 | u32::from(row % 4 == 0) << 4);
        }
        pool
    }

    #[test]
    fn a_kept_index_gives_what_a_fresh_look_gives_until_nobody_is_left() {
        let pool = pool(20_000);
        let mut standing = Standing::everyone(&pool);
        let mut index = Index::default();
        for round in 0..140 {
            let instruction = Instruction {
                at: Instant::from_seconds(4_000 + 100 * round),
                kind: [RoundKind::General, RoundKind::Category(0)][round as usize % 2],
                invitations: 300,
                tie_break: TieBreak::EarliestSubmission,
            };
            let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, u64::from(round));
            let outcome = index.draw(&pool, &standing, &instruction, &ranking);
            let fresh = draw(&pool, &standing, &instruction, &ranking);
            assert_eq!(outcome, fresh, "round {round}");
            standing.remove(&outcome.invited);
        }
        assert_eq!(standing.gone().len(), 20_000);
    }

    #[test]
    fn a_round_back_in_time_and_a_pool_scored_again_are_learnt_anew() {
        let mut pool = pool(5_000);
        let standing = Standing::everyone(&pool);
        let mut index = Index::default();
        let mut look = |pool: &Pool, at: u32, forget: bool| {
            let instruction = Instruction {
                at: Instant::from_seconds(at),
                kind: RoundKind::General,
                invitations: 10,
                tie_break: TieBreak::LatestSubmission,
            };
            let ranking = Ranking::new(TieBreak::LatestSubmission, 1, 0, 0);
            if forget {
                index.forget();
            }
            let outcome = index.draw(pool, &standing, &instruction, &ranking);
            assert_eq!(outcome, draw(pool, &standing, &instruction, &ranking));
        };
        look(&pool, 9_000, false);
        look(&pool, 2_000, false);
        pool.score.reverse();
        look(&pool, 2_000, true);
    }
}
