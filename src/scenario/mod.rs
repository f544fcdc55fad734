//! Scenario files: wire structs, typed problems, and the complete plan that they become.
//! Nothing here runs a plan.

mod check;
pub mod defaults;
mod document;
pub mod grid;
mod load;
pub mod nearest;
pub mod plan;
mod policy;
pub mod problem;
mod render;
mod resolve;
mod schema;
pub mod settings;
pub mod source;
pub mod spanned;
pub mod wire;
pub mod wire_time;

pub use grid::{Grid, grid};
pub use load::{Overrides, Scenario, plans_from_paths};
pub use plan::{Plan, PoolPlan, RoundPlan, RulesPeriod, Timeline};
pub use policy::policy_plans;
pub use problem::{Problem, Problems};
pub use schema::schema;
