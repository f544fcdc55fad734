//! What came out of a round.

use super::instruction::TieBreak;
use crate::units::{Instant, Score};

/// The outcome of one round.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Candidates in the pool at the round's time.
    pub pool_size: u64,
    /// Candidates whom the round ranked.
    pub eligible: u64,
    /// Rows of the invited in falling order of score, the lowest-ranked last. Those of one score stand in
    /// order of rank, but for rounds along a timeline that nobody has put in order.
    pub invited: Vec<u32>,
    /// Score of the lowest-ranked candidate invited; none when nobody was.
    pub cutoff: Option<Score>,
    /// Submission time of the lowest-ranked candidate invited: others with the cut-off score were
    /// invited up to and including this time, or from it on where the last submission comes first.
    /// None where fewer were invited than there were places,
    /// and for tie-breaks that do not look at the time.
    pub tie_break: Option<Instant>,
    /// Eligible candidates with the cut-off score.
    pub tied_at_cutoff: u64,
    /// Those of them who were invited.
    pub tied_invited: u64,
}

/// Those of the lowest score that a round invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lowest {
    /// Their score.
    pub score: Score,
    /// When the lowest-ranked of them submitted its profile.
    pub submitted: Instant,
    /// Eligible candidates with that score.
    pub tied: u64,
    /// Those of them who were invited.
    pub invited: u64,
}

impl Outcome {
    /// What a round came to by a tie-breaking rule, whom it invited apart; `filled` says whether it
    /// invited as many as there were places.
    pub fn of(
        (pool_size, eligible): (u64, u64),
        lowest: Option<Lowest>,
        rule: TieBreak,
        filled: bool,
    ) -> Self {
        let by_time = matches!(
            rule,
            TieBreak::EarliestSubmission | TieBreak::LatestSubmission
        );
        let told = lowest.filter(|_| by_time && filled);
        Outcome {
            pool_size,
            eligible,
            invited: Vec::new(),
            cutoff: lowest.map(|lowest| lowest.score),
            tie_break: told.map(|lowest| lowest.submitted),
            tied_at_cutoff: lowest.map_or(0, |lowest| lowest.tied),
            tied_invited: lowest.map_or(0, |lowest| lowest.invited),
        }
    }
}
