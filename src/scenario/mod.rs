//! Scenario files: wire structs, typed problems, and the complete plan that they become.
//! Nothing here runs a plan.

pub mod plan;

pub use plan::{Plan, PoolPlan, RoundPlan};
