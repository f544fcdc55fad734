//! What a round is told: its time, type, number of invitations and tie-breaking rule.

use serde::{Deserialize, Serialize};

use crate::pool::Eligibility;
use crate::rules::Program;
use crate::units::Instant;

/// Which candidates a round ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoundKind {
    /// Everyone in the pool, nominees included.
    General,
    /// Those eligible for one program.
    Program(Program),
    /// Members of the category with that place in the rules.
    Category(usize),
}

/// Those whom a kind of round ranks, by their eligibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Members {
    /// Bits of which a candidate needs one.
    pub(super) any_of: u32,
    /// Bits of which it may have none.
    pub(super) none_of: u32,
}

impl Members {
    /// Whether a candidate with such an eligibility is among them.
    #[inline]
    pub const fn have(self, eligibility: u32) -> bool {
        (eligibility & self.any_of != 0) & (eligibility & self.none_of == 0)
    }
}

impl RoundKind {
    /// Those whom such a round ranks.
    #[inline]
    pub const fn members(self) -> Members {
        let (any_of, none_of) = self.filter();
        Members { any_of, none_of }
    }

    /// The bits of which a candidate needs one, and the bits of which it may have none.
    /// Nominees compete only in PNP and general rounds (facts: the published rounds list them
    /// nowhere else).
    pub const fn filter(self) -> (u32, u32) {
        match self {
            RoundKind::General => (Eligibility::ANY_PROGRAM, 0),
            RoundKind::Program(Program::Pnp) => (Eligibility::PNP, 0),
            RoundKind::Program(program) => (program.bit(), Eligibility::PNP),
            RoundKind::Category(index) => (Eligibility::category_bit(index), Eligibility::PNP),
        }
    }
}

/// What decides among candidates with the same score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TieBreak {
    /// The profile submitted first (the rule in force since June 2017).
    EarliestSubmission,
    /// The profile submitted last.
    LatestSubmission,
    /// A seeded random order.
    Random,
    /// Nothing: all at the cut-off score are invited (the practice before June 2017).
    None,
}

/// One round as the engine needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// When it is held: profiles submitted later do not take part.
    pub at: Instant,
    /// Whom it ranks.
    pub kind: RoundKind,
    /// How many are invited.
    pub invitations: u64,
    /// How ties are broken.
    pub tie_break: TieBreak,
}
