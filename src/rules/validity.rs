//! How long a profile is valid.
//! Who leaves a pool when, and by what else, does not live here.

/// Days from submission to expiry (Ministerial Instructions: a profile is valid for up to one
/// year from the day and time it was received).
pub const PROFILE_DAYS: u32 = 365;
