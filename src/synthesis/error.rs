//! Why a pool could not be made. How it is printed does not live here.

/// Why a pool could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SynthesisError {
    /// A pool of nobody was asked for.
    #[error("a pool needs at least one candidate")]
    Empty,
    /// More candidates than rows can be numbered.
    #[error("a pool of {size} candidates is too large: at most {most} fit")]
    TooLarge {
        /// Candidates asked for.
        size: u64,
        /// Most that fit.
        most: u64,
    },
    /// The bands do not add up to the pool's size.
    #[error("the bands hold {bands} candidates, but the pool's size is {size}")]
    Total {
        /// Candidates in all bands.
        bands: u64,
        /// Size asked for.
        size: u64,
    },
    /// Two bands share a score, or one is upside down.
    #[error("band {low}-{high} overlaps another band or is upside down")]
    Overlap {
        /// Lowest score of the band.
        low: u16,
        /// Highest score of the band.
        high: u16,
    },
    /// Hardly anyone of a segment is eligible for a program.
    #[error(
        "profile `{profile}`: {:.1}% of segment `{segment}` is eligible for a program under the rules \
         of the pool's date, and at least 5% must be; change its language, work, education or \
         occupations",
        .eligible * 100.0
    )]
    Ineligible {
        /// The profile.
        profile: String,
        /// The segment.
        segment: String,
        /// Share that is eligible (0 to 1).
        eligible: f64,
    },
    /// The profile hardly reaches a band.
    #[error(
        "band {low}-{high} wants {wanted} of {size} candidates ({:.3}%), but profile `{profile}` \
         puts {:.3}% of its candidates there at best; ask for fewer there, give the profile more \
         candidates with such scores{}, or leave the bands out (bands = \"none\")",
        100.0 * *.wanted as f64 / *.size as f64,
        .reached * 100.0,
        if *.low >= 600 { " (scores above 600 need nominees: `nominated` and `nominee_share`)" } else { "" }
    )]
    Unreachable {
        /// The profile.
        profile: String,
        /// Lowest score of the band.
        low: u16,
        /// Highest score of the band.
        high: u16,
        /// Candidates wanted there.
        wanted: u64,
        /// Candidates wanted in all.
        size: u64,
        /// Largest share of any segment that falls into the band, as far as a pilot sample shows.
        reached: f64,
    },
    /// No draw of thousands was eligible, of a segment that is known to hold eligible candidates.
    #[error(
        "no eligible candidate in thousands of draws; the profile's segments hold too few of them"
    )]
    Unlucky,
    /// What is wrong with the value of a scenario's key.
    #[error("{key}: {error}")]
    Of {
        /// The key, e.g. `pool.bands`.
        key: &'static str,
        /// What is wrong.
        error: Box<SynthesisError>,
    },
}

impl SynthesisError {
    /// The key that it is about, where that is known, and what is wrong.
    pub fn by_key(&self) -> (&'static str, &SynthesisError) {
        match self {
            SynthesisError::Of { key, error } => (key, error),
            _ => ("", self),
        }
    }

    /// The same with the key that it is about: that of the profile or of the bands.
    #[must_use]
    pub fn of(self, profile: &'static str, bands: &'static str) -> Self {
        let key = match self {
            SynthesisError::Overlap { .. } | SynthesisError::Unreachable { .. } => bands,
            SynthesisError::Ineligible { .. } => profile,
            _ => return self,
        };
        SynthesisError::Of {
            key,
            error: Box::new(self),
        }
    }
}
