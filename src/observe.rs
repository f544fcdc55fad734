//! How the engine tells an observer where it is: a progress trait that is silent by default.
//! Nothing here prints.
//!
//! ```
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! use drawsim::Scenario;
//! use drawsim::observe::Observer;
//!
//! #[derive(Default)]
//! struct Steps(AtomicU64);
//!
//! impl Observer for Steps {
//!     fn advance(&self, steps: u64) {
//!         self.0.fetch_add(steps, Ordering::Relaxed);
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let text = br#"
//! # name = "small"
//! # replicates = 3
//! # pool = { as_of = 2023-07-04, size = 500, bands = "none" }
//! # rounds = [{ at = 2023-07-05T13:00:00Z, type = "general", invitations = 10 }]
//! # "#;
//! # let plan = Scenario::from_bytes(text.to_vec(), "small.toml")?.resolve()?;
//! let steps = Steps::default();
//! plan.run_observed(&steps)?; // three replicates
//! assert_eq!(steps.0.into_inner(), 3);
//! # Ok(())
//! # }
//! ```

/// Hears about long work. Every method may be called from several threads at once.
pub trait Observer: Sync {
    /// Work called `what` begins, in `total` steps (0 when not known).
    fn begin(&self, what: &str, total: u64) {
        let _ = (what, total);
    }
    /// `steps` more steps are done.
    fn advance(&self, steps: u64) {
        let _ = steps;
    }
    /// The work begun last is over.
    fn end(&self) {}
}

/// The observer that hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {}
