//! How the engine tells an observer where it is: a progress trait that is silent by default.
//! Nothing here prints.

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
