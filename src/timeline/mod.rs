//! A stretch of time: arrivals, expiry, withdrawal, changes of score, rounds, answers to
//! invitations and rule changes. No files, no progress. Rounds follow each other on one thread; what need
//! not wait for them (`engine/start`) and counts by group (`census`) are others' work where they are idle.
//!
//! A scenario with a `[timeline]` is run along one:
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let text = br#"
//! name = "small"
//! pool = { as_of = 2024-01-09, size = 1_000, bands = "none" }
//! timeline = { end = 2024-03-01, arrivals = { per_day = 20 } }
//! rounds = [
//!   { at = 2024-02-01T14:00:00Z, type = "general", invitations = 50 },
//!   { at = 2024-02-15T14:00:00Z, type = "general", invitations = 50 },
//! ]
//! "#;
//! let results = drawsim::Scenario::from_bytes(text.to_vec(), "small.toml")?.resolve()?.run()?;
//! let flows = results.rounds().nth(1).unwrap().held.flows.unwrap();
//! assert_eq!((flows.invited, flows.accepted), (50, 50));
//! assert!(flows.arrived > 100); // in two weeks
//! # Ok(())
//! # }
//! ```

pub mod buckets;
pub mod calendar;
pub mod course;
pub mod engine;
pub mod fate;
mod hazard;
pub mod life;
pub mod people;
mod picked;
pub mod plan;
mod round;

pub use course::{Course, Flows, RoundCourse};
pub use engine::outlook::{Outlook, SharedOutlook};
pub use engine::{View, run};
pub use fate::{Fates, expiry};
pub use life::Status;
pub use people::{People, SharedFates};
pub use plan::{Answers, Changes, Nominations, TimelinePlan};
