//! One round: who may be invited, in which order, and where the line falls.
//! Nothing here changes anybody's status beyond "no longer in the pool", and nothing prints.

pub mod index;
pub mod instruction;
pub mod order;
pub mod outcome;
pub mod scan;
pub mod standing;

pub use index::{Index, draw};
pub use instruction::{Instruction, RoundKind, TieBreak};
pub use order::{RankKey, Ranking};
pub use outcome::Outcome;
pub use standing::Standing;
