//! Scenario files: wire structs, typed problems, and the complete plan that they become.
//! Nothing here runs a plan.
//!
//! ```
//! use drawsim::Scenario;
//!
//! let text = |kind: &str| format!(r#"
//! name = "small"
//! pool = {{ as_of = 2023-07-04, size = 500, bands = "none" }}
//! rounds = [{{ at = 2023-07-05T13:00:00Z, type = "{kind}", invitations = 10 }}]
//! "#);
//! let resolve = |kind| Scenario::from_bytes(text(kind).into(), "small.toml").unwrap().resolve();
//! let plan = resolve("stem").unwrap();
//! assert_eq!(plan.rounds[0].version.as_deref(), Some("2023-V1")); // in force at that time
//! let problems = resolve("steem").unwrap_err();
//! assert!(problems.to_string().contains("did you mean `stem`?"));
//! ```

mod check;
pub mod defaults;
mod differences;
mod document;
pub mod grid;
mod load;
mod mistaken;
mod places;
pub mod plan;
mod policy;
pub mod problem;
mod render;
mod resolve;
mod schema;
pub mod settings;
pub mod source;
pub mod spanned;
mod template;
mod thousands;
mod unquoted;
pub mod wire;
pub mod wire_time;

pub use grid::{Grid, grid};
pub use load::{Overrides, Scenario, candidate_file, each_plan, plans_from_paths};
pub use places::Places;
pub use plan::{Plan, PoolPlan, RoundPlan, RulesPeriod, Timeline};
pub use policy::policy_plans;
pub use problem::{Problem, Problems};
pub use schema::schema;
pub use template::Template;
