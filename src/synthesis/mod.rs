//! Population profiles, sampling in fixed chunks, calibration to published bands.
//! Reads no history and writes no files.

/// A population profile.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name.
    pub name: String,
}
