//! Who was in the pool, eligible, invited and left, counted by group, round after round on a pool
//! that nobody joins. The groups are the pool's; how counts reach a file is `output`'s.

use crate::draw::{Instruction, Standing};
use crate::pool::groups::{Counts, count, count_rows};
use crate::pool::{Packed, Pool};

/// The stages of a round, in the order of files.
pub const STAGES: [&str; 4] = ["pool_before", "eligible", "invited", "pool_after"];

/// Counts of each stage of one round, in the order of [`STAGES`].
pub type Stages = [Counts; 4];

/// Counts round after round; between two rounds only the invited are subtracted.
#[derive(Debug, Default)]
pub struct Census {
    after: Option<Counts>,
}

impl Census {
    /// The pool was scored again: what was counted no longer holds.
    pub fn forget(&mut self) {
        self.after = None;
    }

    /// Counts a round; `standing` is that before it.
    pub fn take(
        &mut self,
        pool: &Pool,
        standing: &Standing,
        instruction: &Instruction,
        invited: &[Packed],
    ) -> Stages {
        let at = instruction.at.seconds();
        let (any_of, none_of) = instruction.kind.filter();
        let takes_part = |row: usize| pool.submitted[row] <= at && standing.is_present(row as u32);
        let before = self
            .after
            .take()
            .filter(|_| standing.all_submitted_by(instruction.at))
            .unwrap_or_else(|| count(pool, takes_part));
        let eligible = count(pool, |row| {
            let bits = pool.eligibility.get(row);
            bits & any_of != 0 && bits & none_of == 0 && takes_part(row)
        });
        let invited = count_rows(invited);
        let after = before.less(&invited);
        self.after = Some(after.clone());
        [before, eligible, invited, after]
    }
}
