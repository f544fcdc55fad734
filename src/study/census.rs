//! Who was in the pool, eligible, invited and left, counted by group, round after round on a pool
//! that nobody joins. The groups are the pool's; how counts reach a file is `output`'s.

use crate::draw::{Instruction, Standing};
use crate::pool::counts::{ClassCounts, Counts, count_rows, tally};
use crate::pool::{Packed, Pool};

/// The stages of a round, in the order of files.
pub const STAGES: [&str; 4] = ["pool_before", "eligible", "invited", "pool_after"];

/// Counts of each stage of one round, in the order of [`STAGES`].
pub type Stages = [Counts; 4];

/// Counts round after round; between two rounds only the invited are subtracted.
#[derive(Debug, Default)]
pub struct Census {
    tally: Option<ClassCounts>,
}

impl Census {
    /// The pool was scored again: what was counted no longer holds.
    pub fn forget(&mut self) {
        self.tally = None;
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
        let members = instruction.kind.members();
        let mut known = self.tally.take().unwrap_or_else(|| {
            tally(pool, |row| {
                pool.submitted[row] <= at && standing.is_present(row as u32)
            })
        });
        let before = known.counts(|_| true);
        let eligible = known.counts(|mask| members.have(mask));
        invited.iter().for_each(|packed| known.take(packed));
        let invited = count_rows(invited);
        let after = before.less(&invited);
        // Who submits later is in the pool before the next round.
        self.tally = (standing.all_submitted_by(instruction.at)).then_some(known);
        [before, eligible, invited, after]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{RoundKind, TieBreak};
    use crate::pool::columns::Ids;
    use crate::units::Instant;

    #[test]
    fn who_submits_between_two_rounds_is_counted_before_the_second() {
        let mut pool = Pool::zeroed(3, Ids::Numbered { first: 1 });
        pool.submitted = vec![1, 2, 3];
        pool.eligibility = [1; 3].into_iter().collect();
        let mut standing = Standing::everyone(&pool);
        let mut census = Census::default();
        let mut totals = |at, row: u32| {
            let instruction = Instruction {
                at: Instant::from_seconds(at),
                kind: RoundKind::General,
                invitations: 1,
                tie_break: TieBreak::EarliestSubmission,
            };
            let invited = [pool.row(row as usize)];
            let stages = census.take(&pool, &standing, &instruction, &invited);
            standing.remove(&[row]);
            stages.map(|counts| counts.total())
        };
        assert_eq!(totals(2, 0), [2, 2, 1, 1]);
        assert_eq!(totals(3, 1), [2, 2, 1, 1]);
        assert_eq!(totals(4, 2), [1, 1, 1, 0]);
    }
}
