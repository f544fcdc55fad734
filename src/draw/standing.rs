//! Who is still in the pool while rounds are drawn from it.
//! Who is invited is decided in `index`.

use rayon::prelude::*;

use crate::pool::Pool;
use crate::units::Instant;

const ROWS_PER_TASK: usize = 1 << 16;

/// The candidates of a pool who have not left it, without touching the pool's columns.
#[derive(Debug, Clone)]
pub struct Standing {
    /// A bit for each row that has left: zeros cost nothing until somebody does.
    left: Vec<u64>,
    gone: Vec<u32>,
    latest_submission: u32,
}

impl Standing {
    /// Everyone is in the pool.
    pub fn everyone(pool: &Pool) -> Self {
        let latest = pool
            .submitted
            .par_chunks(ROWS_PER_TASK)
            .map(|chunk| chunk.iter().copied().max().unwrap_or(0))
            .max();
        Standing::submitted_by(pool, Instant::from_seconds(latest.unwrap_or(0)))
    }

    /// Everyone is in the pool, and nobody submitted after `latest`: for a pool that was made as of
    /// that instant, whose times need not be looked at again.
    pub fn submitted_by(pool: &Pool, latest: Instant) -> Self {
        debug_assert!(pool.submitted.iter().all(|&at| at <= latest.seconds()));
        Standing {
            left: vec![0; pool.len().div_ceil(64)],
            gone: Vec::new(),
            latest_submission: latest.seconds(),
        }
    }

    /// Whether the candidate in `row` is in the pool.
    #[inline]
    pub fn is_present(&self, row: u32) -> bool {
        self.left[row as usize / 64] >> (row % 64) & 1 == 0
    }

    /// Takes candidates out of the pool; those already out are left alone.
    pub fn remove(&mut self, rows: &[u32]) {
        for &row in rows {
            if self.is_present(row) {
                self.left[row as usize / 64] |= 1 << (row % 64);
                self.gone.push(row);
            }
        }
    }

    /// Rows that have left, in the order in which they did.
    pub fn gone(&self) -> &[u32] {
        &self.gone
    }

    /// Whether no profile of the pool was submitted after `at`.
    pub fn all_submitted_by(&self, at: Instant) -> bool {
        self.latest_submission <= at.seconds()
    }
}
