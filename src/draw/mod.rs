//! One round: who may be invited, in which order, and where the line falls.
//! Nothing here changes anybody's status beyond "no longer in the pool", and nothing prints.
//!
//! ```
//! use drawsim::draw::{Instruction, Ranking, RoundKind, Standing, TieBreak, draw};
//! use drawsim::pool::columns::Ids;
//! use drawsim::pool::{Eligibility, Pool};
//! use drawsim::units::{Instant, Score};
//!
//! let mut pool = Pool::zeroed(3, Ids::Numbered { first: 1 });
//! pool.score = vec![480, 500, 480];
//! pool.submitted = vec![200, 300, 100];
//! pool.eligibility = [Eligibility::CEC; 3].into_iter().collect();
//! let instruction = Instruction {
//!     at: Instant::from_seconds(1_000),
//!     kind: RoundKind::General,
//!     invitations: 2,
//!     tie_break: TieBreak::EarliestSubmission,
//! };
//! let ranking = Ranking::new(instruction.tie_break, 1, 0, 0);
//! let outcome = draw(&pool, &Standing::everyone(&pool), &instruction, &ranking);
//! assert_eq!(outcome.invited, [1, 2]); // rows: the best, and of the tied the earlier one
//! assert_eq!(outcome.cutoff, Some(Score(480)));
//! assert_eq!(outcome.tie_break, Some(Instant::from_seconds(100)));
//! ```

pub mod index;
pub mod instruction;
pub mod order;
pub mod outcome;
pub mod scan;
pub mod standing;

pub use index::{Index, draw};
pub use instruction::{Instruction, Members, RoundKind, TieBreak};
pub use order::{RankKey, Ranked, Ranking};
pub use outcome::{Lowest, Outcome};
pub use standing::Standing;
