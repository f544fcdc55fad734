//! Every number that the backtest's model takes for granted, each with its reason.
//! Nothing here is fitted; what is fitted while rounds go by lives in `state`, `group`, `nominees`.
//!
//! The values marked *tuned* were chosen by hand among a few, looking at errors on the rounds from
//! 2023-07-01 to 2025-08-31. Halving or doubling one of them moves the mean absolute error of the
//! rounds but PNP by up to a quarter for the refill time, by less than a seventh for any other.

/// Scores of the curve: 0 to 600. Above 600 there are nominees only.
pub const SCORES: usize = 601;

/// Days after which about two thirds of a depleted score have refilled. *Tuned*: 50 and 200 days
/// both predict worse; a profile's stay of a few months before an invitation is in keeping with it.
pub const REFILL_DAYS: f64 = 100.0;
/// Least part of a score's undepleted stock in the 501-600 band, so that no score is empty. It is
/// also what a CEC or general round leaves above its cut-off (they invite nearly all of the top).
pub const TOP_FLOOR: f64 = 0.05;
/// The same for the narrow bands, whose totals are published: depletion only shapes the inside.
pub const BAND_FLOOR: f64 = 0.3;
/// Points over which an undepleted 501-600 band thins out by a factor e. *Tuned*, and corrected by
/// the state of each pool group; between 7.5 and 30 the error changes by a tenth.
pub const TOP_SCALE: f64 = 15.0;
/// Points over which the 0-300 band thins out downwards by a factor e: few complete profiles score
/// under 200.
pub const BOTTOM_SCALE: f64 = 25.0;

/// Days after which a snapshot is too old to say how many are near the top: two usual intervals
/// between rounds.
pub const STALE_DAYS: f64 = 14.0;
/// Days after which a snapshot that no earlier round was published with counts as known: pools have
/// been published at most six days after their date (one at 20 days).
pub const UNNAMED_DAYS: f64 = 7.0;
/// Pool of the dates before the first snapshot, highest band first: the shape of the pools of
/// 2022 in round numbers.
pub const REFERENCE_POOL: [f64; 15] = [
    500.0, 5_000.0, 4_000.0, 8_000.0, 15_000.0, 13_500.0, 11_500.0, 11_000.0, 11_500.0, 10_000.0,
    10_800.0, 11_500.0, 60_000.0, 32_000.0, 5_500.0,
];

/// Share of invitations planned for each category of 2023, as the press reported them (middles of
/// ranges: STEM 28-31%, French 11-15%, healthcare 9-12%, trades 3-4%). They stand in for the category's share of the pool until its own rounds tell.
pub const PLANNED_SHARES: [(&str, f64); 6] = [
    ("stem", 0.295),
    ("french", 0.13),
    ("healthcare", 0.105),
    ("trade", 0.035),
    ("agriculture", 0.01),
    ("transport", 0.01),
];
/// Share of the pool for one listed occupation: planned shares of the categories of 2023 that are
/// lists of occupations (0.455), divided by the 82 occupations on those lists.
pub const SHARE_PER_OCCUPATION: f64 = 0.455 / 82.0;
/// Part of a list that counts where the work must have been done in Canada, or abroad: about half
/// of those near past cut-offs have worked in Canada.
pub const RESTRICTED_PART: f64 = 0.5;
/// Share of the pool in the Federal Skilled Trades program: rare.
pub const TRADES_PROGRAM_SHARE: f64 = 0.002;
/// Listed occupations of a type that nothing is known of.
pub const USUAL_OCCUPATIONS: f64 = 4.0;

/// Standard deviation of the log of people at or above a cut-off when level and shape are right
/// (rounding, ties, people on hold).
pub const COUNT_NOISE: f64 = 0.1;
/// First standard deviation of level and log scale of a pool group: bands are published, so only
/// those not ranked are unknown.
pub const POOL_PRIOR_SD: f64 = 0.15;
/// Their drift, standard deviation after a year.
pub const POOL_DRIFT: f64 = 0.1;
/// Bound of a pool group's log scale while it is fitted.
pub const FITTED_SCALE_BOUND: f64 = 0.7;
/// Bound of a pool group's log scale in a replicate.
pub const DRAWN_SCALE_BOUND: f64 = 1.0;
/// Standard deviation of the level that is added while a pool group has no snapshot that is fresh.
pub const STALE_LEVEL_SD: f64 = 1.0;

/// First standard deviation of the log share of a category with a planned share.
pub const PLANNED_LEVEL_SD: f64 = 0.5;
/// The same for other categories, of long lists.
pub const OTHER_LEVEL_SD: f64 = 1.0;
/// What a list of one occupation adds to it; a longer one adds less, by the square root of its
/// length: occupations differ in size by a factor of three either way.
pub const NARROW_LIST_SD: f64 = 1.0;
/// First standard deviation of a category's tilt: change of its log share per [`TILT_POINTS`].
pub const TILT_PRIOR_SD: f64 = 0.5;
/// Points over which the tilt is measured.
pub const TILT_POINTS: f64 = 50.0;
/// Score around which shares tilt: middle of past category cut-offs in round numbers.
pub const TILT_CENTRE: f64 = 450.0;
/// Drift of the level, standard deviation after a year. *Tuned*.
pub const LEVEL_DRIFT: f64 = 0.4;
/// Drift of the tilt, standard deviation after a year.
pub const TILT_DRIFT: f64 = 0.15;
/// Standard deviation added to the level when the version of the category changes.
pub const NEW_VERSION_SD: f64 = 0.3;
/// What is added to it when no occupation of the list stays: as much as for a new short list.
pub const CHANGED_LIST_SD: f64 = 0.7;
/// Standard deviation added to the level before the first snapshot.
pub const REFERENCE_LEVEL_SD: f64 = 1.0;
/// Factor of the drifts (standard deviations) before the first snapshot.
pub const REFERENCE_DRIFT: f64 = 3.0;

/// Standard deviation (log people) of "the size was set to keep the cut-off near the last one", at
/// first. *Tuned*; each type learns its own from its rounds.
pub const SIZE_HABIT_SD: f64 = 0.3;
/// The same for the first round of a category, towards the mean of category cut-offs: first rounds of
/// 2023 had cut-offs from 354 to 486, a factor of about three in people either way.
pub const FIRST_SIZE_HABIT_SD: f64 = 1.0;
/// Rounds that [`SIZE_HABIT_SD`] counts for while a type learns its own.
pub const SIZE_HABIT_WEIGHT: f64 = 4.0;
/// Least and greatest standard deviation that may be learned.
pub const SIZE_HABIT_BOUNDS: (f64, f64) = (0.1, 1.0);
/// Greatest squared departure (log people) that one round may teach.
pub const SIZE_HABIT_CLIP: f64 = 4.0;
/// Category cut-offs that the mean looks back on.
pub const CUTOFF_MEMORY: usize = 20;
/// Days before a round up to which the cut-off score itself counts as emptied when the tie-break
/// was not published.
pub const USUAL_TIE_BREAK_DAYS: f64 = 60.0;

/// Degrees of freedom of the replicates' common spread (Student's t): a few rounds are far off where
/// most are near, since practice changes now and then.
pub const SPREAD_FREEDOM: f64 = 4.0;
/// Factor on the spread: a 50% interval is then an eighth narrower than a normal one's, a 90%
/// interval about as wide.
pub const SPREAD_FACTOR: f64 = 0.8;

/// A surprise of more standard deviations than this moves a state no further.
pub const SURPRISE_BOUND: f64 = 3.0;
/// Rounds that the stated uncertainty counts for while errors teach how wide intervals must be.
pub const SCALE_WEIGHT: f64 = 8.0;
/// Squared standardised errors count up to this. *Tuned* for the 90% interval.
pub const SCALE_CLIP: f64 = 6.25;
/// The same before the first snapshot.
pub const REFERENCE_SCALE_CLIP: f64 = 16.0;
/// Past rounds of a type that the width of its intervals looks back on.
pub const SCALE_MEMORY: usize = 30;

/// PNP: score around which the regression stands (600 for the nomination and 140 of one's own).
pub const NOMINEE_SCORE: f64 = 740.0;
/// PNP: usual number of invitations.
pub const NOMINEE_ROUND: f64 = 600.0;
/// PNP: weight of the prior (no difference from the usual score, no slope), in rounds.
pub const NOMINEE_PRIOR: [f64; 2] = [0.5, 2.0];
/// PNP: first standard deviation of a cut-off, points.
pub const NOMINEE_SD: f64 = 50.0;
/// PNP: rounds that [`NOMINEE_SD`] counts for.
pub const NOMINEE_SD_WEIGHT: f64 = 4.0;
/// PNP: rounds after which a round counts half.
pub const NOMINEE_HALF_LIFE: f64 = 40.0;
/// PNP: lowest score with a nomination.
pub const NOMINEE_LOWEST: f64 = 601.0;
/// The highest score.
pub const HIGHEST: f64 = 1_200.0;
