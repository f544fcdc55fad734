//! What came out of a round.

use crate::units::{Instant, Score};

/// The outcome of one round.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Candidates in the pool at the round's time.
    pub pool_size: u64,
    /// Candidates whom the round ranked.
    pub eligible: u64,
    /// Rows of the invited, in order of rank.
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
