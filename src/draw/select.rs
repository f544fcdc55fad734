//! Selection: one parallel pass that counts the eligible and gathers those above a guessed score,
//! then an exact cut among the gathered. The whole pool is never sorted.
//!
//! The guess comes from an evenly spaced sample and only decides how much is gathered, never the
//! result: where too few were gathered, the exact score is found by counting and the pass is made
//! again. Eligibility and scores are not worked out here.

use rayon::prelude::*;

use crate::draw::{Instruction, Outcome, RankKey, Ranking, Standing, TieBreak};
use crate::pool::Pool;
use crate::units::{Instant, Score};

/// Rows that one task looks at: fixed, so that results never depend on the number of threads.
const ROWS_PER_TASK: usize = 1 << 16;
/// Rows that are tested together for a hit before any is looked at alone.
const ROWS_PER_BLOCK: usize = 64;
/// The guess is made from so many runs of neighbouring rows, evenly spaced: a run costs a few
/// cache lines, where as many single rows would cost one each.
const SAMPLE_RUNS: usize = 1 << 10;
const ROWS_PER_RUN: usize = 1 << 6;
const SCORES: usize = Score::MAX.0 as usize + 1;

/// Draws one round: ranks the eligible and cuts after the number of invitations.
///
/// `standing` says who is still in the pool; it is not changed.
pub fn draw(
    pool: &Pool,
    standing: &Standing,
    instruction: &Instruction,
    ranking: &Ranking,
) -> Outcome {
    let round = Round {
        pool,
        standing,
        at: instruction.at,
        filter: instruction.kind.filter(),
        ranking,
    };
    let wanted = usize::try_from(instruction.invitations).unwrap_or(usize::MAX);

    let (mut eligible, mut ranked) = round.gather(round.guess(wanted));
    if ranked.len() < wanted && (ranked.len() as u64) < eligible {
        let floor = round.score_of_rank(wanted);
        (eligible, ranked) = round.gather(floor);
    }
    let pool_size = round.pool_size();
    cut(ranked, wanted, pool_size, eligible, pool, ranking)
}

/// Cuts the gathered candidates after the wanted number, and further down where all at the
/// cut-off score are invited.
fn cut(
    mut ranked: Vec<RankKey>,
    wanted: usize,
    pool_size: u64,
    eligible: u64,
    pool: &Pool,
    ranking: &Ranking,
) -> Outcome {
    let short = ranked.len() < wanted;
    let places = wanted.min(ranked.len());
    if places == 0 {
        return Outcome {
            pool_size,
            eligible,
            ..Outcome::default()
        };
    }
    let (_, &mut last, _) = ranked.select_nth_unstable(places - 1);
    let cutoff = last.score();
    let tied_at_cutoff = ranked.iter().filter(|key| key.score() == cutoff).count() as u64;
    if ranking.rule() == TieBreak::None {
        ranked.retain(|key| key.score() >= cutoff);
    } else {
        ranked.truncate(places);
    }
    ranked.par_sort_unstable();

    let by_time = matches!(
        ranking.rule(),
        TieBreak::EarliestSubmission | TieBreak::LatestSubmission
    );
    let tie_break =
        (by_time && !short).then(|| Instant::from_seconds(pool.submitted[last.row() as usize]));
    let tied_invited = ranked
        .iter()
        .rev()
        .take_while(|key| key.score() == cutoff)
        .count() as u64;
    Outcome {
        pool_size,
        eligible,
        invited: ranked.iter().map(|key| key.row()).collect(),
        cutoff: Some(cutoff),
        tie_break,
        tied_at_cutoff,
        tied_invited,
    }
}

/// One round's view of the pool.
struct Round<'a> {
    pool: &'a Pool,
    standing: &'a Standing,
    at: Instant,
    filter: (u32, u32),
    ranking: &'a Ranking,
}

impl Round<'_> {
    #[inline]
    fn matches(&self, eligibility: u32) -> bool {
        let (any_of, none_of) = self.filter;
        (eligibility & any_of != 0) & (eligibility & none_of == 0)
    }

    /// Whether the candidate in `row` takes part.
    #[inline]
    fn takes_part(&self, row: usize) -> bool {
        self.matches(self.pool.eligibility[row])
            && self.pool.submitted[row] <= self.at.seconds()
            && self.standing.is_present(row as u32)
    }

    fn pool_size(&self) -> u64 {
        let gone = self.standing.gone();
        if self.standing.all_submitted_by(self.at) {
            return (self.pool.len() - gone.len()) as u64;
        }
        let submitted = |seconds: &u32| *seconds <= self.at.seconds();
        let all: usize = self
            .pool
            .submitted
            .par_chunks(ROWS_PER_TASK)
            .map(|chunk| chunk.iter().filter(|seconds| submitted(seconds)).count())
            .sum();
        let left = gone
            .iter()
            .filter(|&&row| submitted(&self.pool.submitted[row as usize]))
            .count();
        (all - left) as u64
    }

    /// A score that at least `wanted` candidates probably reach, but not many more.
    fn guess(&self, wanted: usize) -> Score {
        let rows = self.pool.len();
        let step = rows.div_ceil(SAMPLE_RUNS).max(ROWS_PER_RUN);
        let mut counts = [0u32; SCORES];
        let mut sampled = 0;
        for first in (0..rows).step_by(step) {
            let run = first..(first + ROWS_PER_RUN).min(rows);
            sampled += run.len();
            for row in run.filter(|&row| self.takes_part(row)) {
                counts[self.pool.score[row].min(Score::MAX.0) as usize] += 1;
            }
        }
        // The sample's share of the wanted, and four standard deviations of it more.
        let share = wanted as f64 * sampled as f64 / rows.max(1) as f64;
        let rank = share + 4.0 * share.sqrt() + 4.0;
        let mut above = 0.0;
        for score in (0..SCORES).rev() {
            above += f64::from(counts[score]);
            if above >= rank {
                return Score(score as u16);
            }
        }
        Score(0)
    }

    /// The exact score of the candidate with rank `wanted`, by counting.
    fn score_of_rank(&self, wanted: usize) -> Score {
        let counts = (0..self.pool.len())
            .into_par_iter()
            .with_min_len(ROWS_PER_TASK)
            .fold(
                || vec![0u64; SCORES],
                |mut counts, row| {
                    if self.takes_part(row) {
                        counts[self.pool.score[row].min(Score::MAX.0) as usize] += 1;
                    }
                    counts
                },
            )
            .reduce(
                || vec![0u64; SCORES],
                |mut total, part| {
                    total
                        .iter_mut()
                        .zip(part)
                        .for_each(|(sum, count)| *sum += count);
                    total
                },
            );
        let mut above = 0;
        for score in (0..SCORES).rev() {
            above += counts[score];
            if above >= wanted as u64 {
                return Score(score as u16);
            }
        }
        Score(0)
    }

    /// Counts those who take part, and gathers those among them who reach `floor`.
    fn gather(&self, floor: Score) -> (u64, Vec<RankKey>) {
        let everyone_submitted = self.standing.all_submitted_by(self.at);
        let parts: Vec<(u64, Vec<RankKey>)> = self
            .pool
            .score
            .par_chunks(ROWS_PER_TASK)
            .zip(self.pool.eligibility.par_chunks(ROWS_PER_TASK))
            .enumerate()
            .map(|(task, (scores, eligibility))| {
                let first = task * ROWS_PER_TASK;
                let mut hits = Vec::new();
                let mut count = 0;
                for (block, (scores, eligibility)) in scores
                    .chunks(ROWS_PER_BLOCK)
                    .zip(eligibility.chunks(ROWS_PER_BLOCK))
                    .enumerate()
                {
                    let first = first + block * ROWS_PER_BLOCK;
                    let (matching, reaching) = self.scan(scores, eligibility, floor);
                    count += if everyone_submitted {
                        u64::from(matching)
                    } else {
                        (first..first + scores.len())
                            .filter(|&row| self.submitted_match(row))
                            .count() as u64
                    };
                    if reaching {
                        self.collect(first, scores, floor, &mut hits);
                    }
                }
                (count, hits)
            })
            .collect();
        let gone = self
            .standing
            .gone()
            .iter()
            .filter(|&&row| self.submitted_match(row as usize))
            .count() as u64;
        let mut eligible = 0;
        let mut ranked = Vec::with_capacity(parts.iter().map(|(_, hits)| hits.len()).sum());
        for (count, hits) in parts {
            eligible += count;
            ranked.extend(hits);
        }
        (eligible - gone, ranked)
    }

    /// Whether the candidate in `row` takes part unless it has left the pool.
    fn submitted_match(&self, row: usize) -> bool {
        self.matches(self.pool.eligibility[row]) && self.pool.submitted[row] <= self.at.seconds()
    }

    /// How many of a block match the filter, and whether any of them reaches the floor. Written
    /// without branches, so that the compiler turns it into wide instructions.
    #[inline]
    fn scan(&self, scores: &[u16], eligibility: &[u32], floor: Score) -> (u32, bool) {
        let (any_of, none_of) = self.filter;
        let mut matching = 0u32;
        let mut reaching = 0u32;
        for (&score, &bits) in scores.iter().zip(eligibility) {
            let ok = u32::from((bits & any_of != 0) & (bits & none_of == 0));
            matching += ok;
            reaching |= ok & u32::from(score >= floor.0);
        }
        (matching, reaching != 0)
    }

    fn collect(&self, first: usize, scores: &[u16], floor: Score, hits: &mut Vec<RankKey>) {
        for (offset, &score) in scores.iter().enumerate() {
            let row = first + offset;
            if score >= floor.0 && self.takes_part(row) {
                let submitted = Instant::from_seconds(self.pool.submitted[row]);
                let candidate = || self.pool.dice_key(row);
                hits.push(
                    self.ranking
                        .key(Score(score), submitted, row as u32, candidate),
                );
            }
        }
    }
}
