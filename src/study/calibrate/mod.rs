//! Calibration: a population profile fitted to what was published before a date.
//! Backtesting the curve model is not here; this fits the simulator's own population.
//!
//! # What is fitted
//! 1. **The pool by band**: the latest published pool before the date. A pool made from a profile
//!    has its bands exactly, so nothing is fitted; the targets show it.
//! 2. **Who is gone** (`ages`): every general, program and category round of the year before took
//!    the top of its group, and what comes back is who submitted since. The profile lists those
//!    rounds ([`crate::synthesis::drained`]). The printed tie-breaks tell how old profiles at the
//!    cut-off are, so they give the days in which submissions thin out, and the share of those who
//!    should have been invited and are there all the same; both by maximum likelihood, held to
//!    weak priors.
//! 3. **Categories and programs by score** (`fit`): a round of N invitations with cut-off c says
//!    that N members of its group stood above c in the pool published with it. Each group has two
//!    numbers: how many more members than the profile has, and how much more among segments with
//!    high scores. They are found by penalised least squares on the logarithm of those counts, on a
//!    pilot sample of the profile weighted like the pool; older rounds count less. Segments keep
//!    their attributes: only their weights, and the weights of the listed occupations (French: of
//!    those tested in French) within them, change.
//! 4. **Arrivals by band** (`arrivals`): the change from one published pool to the next, plus those
//!    invited between them, plus those who expire by the fitted age. Of French speakers more come
//!    than the profile has in these bands: as many times more as their rounds in a row found since
//!    the round before (`pace`).
//! 5. **How low nominees stand** (`nominees`), in the scenario alone: the cut-off scores of past
//!    PNP rounds by their size say how few nominees have how few points.
//!
//! # What it cannot do
//! Two numbers a group cannot follow every round: what is left is in the targets. PNP rounds invite
//! nearly every nominee, so their cut-offs lie in the lowest few percent of nominees, where segments
//! that keep their attributes cannot put enough people. Within the band
//! of 501 to 600 the profile's own shape stays, and so it does for groups that had no round. How
//! good a profile is for the time after the date is another question: `check` holds the later
//! rounds with it.

mod ages;
mod arrivals;
mod check;
mod fit;
mod groups;
mod history;
mod nominees;
mod pace;
mod run;
mod scene;
mod simulate;
mod start;
mod targets;
#[cfg(test)]
mod tests;

pub use ages::{Age, Ages};
pub use arrivals::BandArrivals;
pub use check::{CheckSummary, Checked, check, summary as check_summary};
pub use groups::Tilt;
pub use history::before;
pub use nominees::LowEnd;
pub use run::{Calibrated, CalibrationError, Options, calibrate};
pub use start::{Start, StartRound};
pub use targets::Target;
