//! Candidates as columns. No sampling and no files.
//!
//! ```
//! use drawsim::pool::Pool;
//! use drawsim::pool::columns::Ids;
//!
//! let mut pool = Pool::zeroed(2, Ids::Numbered { first: 1 });
//! pool.score[1] = 486;
//! assert_eq!(pool.find("2"), Some(1));
//! assert_eq!((pool.id(1).as_ref(), pool.row(1).score), ("2", 486));
//! ```

pub mod bands;
pub mod classes;
pub mod columns;
pub mod counts;
pub mod eligibility;
pub mod groups;
pub mod memberships;

pub use bands::{Band, Bands};
pub use columns::Pool;
pub use eligibility::Eligibilities;

pub use crate::rules::{Eligibility, Packed};
