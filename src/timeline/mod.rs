//! A stretch of time: arrivals, expiry, withdrawal, changes of score, rounds, answers to
//! invitations and rule changes. No threads, no files, no progress.

pub mod buckets;
pub mod calendar;
pub mod course;
pub mod engine;
pub mod life;
pub mod people;
pub mod plan;
mod round;

pub use course::{Course, Flows, RoundCourse};
pub use engine::run;
pub use life::Status;
pub use people::People;
pub use plan::{Answers, Changes, Nominations, TimelinePlan};
