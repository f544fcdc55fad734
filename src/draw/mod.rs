//! One round: who may be invited, in which order, and where the line falls.
//! Nothing here changes anybody's status, and nothing prints.

pub mod instruction;

pub use instruction::{Instruction, RoundKind, TieBreak};
