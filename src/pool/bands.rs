//! Counts of candidates by score band, as the published pools print them.

/// Lowest and highest score of each band of the published pools, highest band first.
pub const BANDS: [(u16, u16); 15] = [
    (601, 1200),
    (501, 600),
    (491, 500),
    (481, 490),
    (471, 480),
    (461, 470),
    (451, 460),
    (441, 450),
    (431, 440),
    (421, 430),
    (411, 420),
    (401, 410),
    (351, 400),
    (301, 350),
    (0, 300),
];

/// A range of scores, both ends included, and how many candidates it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// Lowest score.
    pub low: u16,
    /// Highest score.
    pub high: u16,
    /// Candidates.
    pub count: u64,
}

/// Bands that do not overlap and together cover 0 to 1,200, highest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bands(pub Vec<Band>);

impl Bands {
    /// Candidates in all bands.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|band| band.count).sum()
    }
}
