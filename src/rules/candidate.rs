//! One candidate's attributes, as the rules look at them.
//! How many candidates are held in memory is told in [`pool`](crate::pool), their points in `points`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::units::Instant;

/// A fixed list of names: what a column may hold.
pub trait Named: Copy + Sized + 'static {
    /// Every value with the name that files use.
    const NAMES: &'static [(&'static str, Self)];

    /// The value of that name.
    fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|&(_, value)| value)
    }
}

macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $number:literal $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
        #[repr(u8)]
        pub enum $name { $($(#[$variant_meta])* #[serde(rename = $text)] $variant = $number),+ }

        impl Named for $name {
            const NAMES: &'static [(&'static str, Self)] = &[$(($text, $name::$variant)),+];
        }

        impl $name {
            /// The name that files use.
            pub const fn name(self) -> &'static str {
                match self { $($name::$variant => $text),+ }
            }

            /// The value of that small number, as the pool's columns hold it; the first value
            /// for a number that stands for none.
            pub const fn from_bits(bits: u8) -> Self {
                match bits { $($number => $name::$variant,)+ _ => { let all: &[$name] = &[$($name::$variant),+]; all[0] } }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(self.name()) }
        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                Self::from_name(text).ok_or_else(|| {
                    let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                    format!("`{text}` is not one of {}", names.join(", "))
                })
            }
        }
    };
}

named! {
    /// Highest level of education (CRS section A2).
    Education {
        /// Less than secondary school.
        None = 0 "none",
        /// Secondary diploma.
        Secondary = 1 "secondary",
        /// One-year post-secondary credential.
        OneYear = 2 "one_year",
        /// Two-year post-secondary credential.
        TwoYear = 3 "two_year",
        /// Bachelor's degree, or a programme of three years or more.
        Bachelors = 4 "bachelors",
        /// Two or more credentials, one of them of three years or more.
        TwoOrMore = 5 "two_or_more",
        /// Master's, or a professional degree for a licensed profession.
        Masters = 6 "masters",
        /// Doctorate.
        Doctorate = 7 "doctorate",
    }
}

named! {
    /// Post-secondary study in Canada (CRS section D).
    CanadianEducation {
        /// None that counts.
        None = 0 "none",
        /// A credential of one or two years.
        OneOrTwoYear = 1 "one_or_two_year",
        /// A credential of three years or more, or a graduate or professional degree.
        ThreeYearOrMore = 2 "three_year_or_more",
    }
}

named! {
    /// A valid job offer.
    JobOffer {
        /// None.
        None = 0 "none",
        /// In NOC Major Group 00 (senior managers).
        SeniorManager = 1 "senior_manager",
        /// In any other TEER 0 to 3 occupation.
        Other = 2 "other",
    }
}

named! {
    /// Which language the candidate names as the first official language.
    FirstLanguage {
        /// Whichever gives more points (an empty cell in files).
        Best = 0 "",
        /// English.
        English = 1 "en",
        /// French.
        French = 2 "fr",
    }
}

named! {
    /// Gender as stated in the profile.
    Gender {
        /// Not stated (an empty cell in files).
        Unstated = 0 "",
        /// Woman.
        Woman = 1 "woman",
        /// Man.
        Man = 2 "man",
        /// Another gender.
        Another = 3 "another",
    }
}

/// CLB (English) or NCLC (French) levels of the four abilities; 0 means no test. Levels above 10
/// earn what 10 earns; 12 is the highest that the benchmarks know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Abilities {
    /// Reading.
    pub reading: u8,
    /// Writing.
    pub writing: u8,
    /// Listening.
    pub listening: u8,
    /// Speaking.
    pub speaking: u8,
}

/// The lower of two levels, by both packed side by side.
const LOWER: [u8; 256] = {
    let mut lower = [0; 256];
    let mut pair = 0;
    while pair < 256 {
        let (one, other) = (pair as u8 & 15, (pair >> 4) as u8);
        lower[pair] = if one < other { one } else { other };
        pair += 1;
    }
    lower
};

impl Abilities {
    /// The highest level a column may hold.
    pub const MAX_LEVEL: u8 = 12;

    /// The same level in all four abilities.
    pub const fn all(level: u8) -> Self {
        Abilities {
            reading: level,
            writing: level,
            listening: level,
            speaking: level,
        }
    }

    /// [`Abilities::lowest`] of packed abilities.
    #[inline]
    pub fn lowest_of(bits: u16) -> u8 {
        let [one, other] = bits.to_le_bytes().map(usize::from);
        LOWER[one].min(LOWER[other])
    }

    /// [`Abilities::better`] of packed abilities.
    #[inline]
    pub const fn better_of(bits: u16) -> u16 {
        // In the lowest bit of each four: whether they say ten and more.
        let ten = bits >> 3 & (bits >> 2 | bits >> 1);
        bits + (!ten & 0x1111)
    }

    /// The lowest of the four.
    #[inline]
    pub fn lowest(self) -> u8 {
        self.reading
            .min(self.writing)
            .min(self.listening)
            .min(self.speaking)
    }

    /// Reading, writing, listening, speaking.
    #[inline]
    pub const fn levels(self) -> [u8; 4] {
        [self.reading, self.writing, self.listening, self.speaking]
    }

    /// One level more in each ability below 10.
    #[must_use]
    #[inline]
    pub const fn better(self) -> Self {
        const fn up(level: u8) -> u8 {
            level + (level < 10) as u8
        }
        Abilities {
            reading: up(self.reading),
            writing: up(self.writing),
            listening: up(self.listening),
            speaking: up(self.speaking),
        }
    }

    /// Four bits an ability, reading lowest.
    #[inline]
    pub const fn pack(self) -> u16 {
        self.reading as u16
            | (self.writing as u16) << 4
            | (self.listening as u16) << 8
            | (self.speaking as u16) << 12
    }

    /// The reverse of [`Abilities::pack`].
    #[inline]
    pub const fn unpack(bits: u16) -> Self {
        Abilities {
            reading: (bits & 15) as u8,
            writing: (bits >> 4 & 15) as u8,
            listening: (bits >> 8 & 15) as u8,
            speaking: (bits >> 12) as u8,
        }
    }
}

/// An occupation as its place in the NOC 2021 table; `NocIndex::NONE` when there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NocIndex(pub u16);

impl NocIndex {
    /// No occupation stated.
    pub const NONE: NocIndex = NocIndex(u16::MAX);
}

/// A country of citizenship as its place in the country table; `CountryIndex::UNKNOWN` when empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryIndex(pub u8);

impl CountryIndex {
    /// Not stated.
    pub const UNKNOWN: CountryIndex = CountryIndex(u8::MAX);
}

/// Everything the rules and the groupings look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// When the profile was submitted.
    pub submitted_at: Instant,
    /// Completed years.
    pub age: u8,
    /// A spouse or partner who comes along and is neither citizen nor permanent resident.
    pub accompanying_spouse: bool,
    /// Highest level of education.
    pub education: Education,
    /// Study in Canada.
    pub canadian_education: CanadianEducation,
    /// CLB levels.
    pub english: Abilities,
    /// NCLC levels.
    pub french: Abilities,
    /// The language named as first.
    pub first_language: FirstLanguage,
    /// Whole years of skilled work in Canada in the last ten years (0 to 10).
    pub canadian_work_years: u8,
    /// Whole years of skilled work abroad in the last ten years (0 to 10).
    pub foreign_work_years: u8,
    /// A Canadian certificate of qualification in a trade.
    pub trade_certificate: bool,
    /// The spouse's highest level of education.
    pub spouse_education: Education,
    /// The spouse's levels in their first official language.
    pub spouse_language: Abilities,
    /// The spouse's whole years of skilled work in Canada (0 to 10).
    pub spouse_canadian_work_years: u8,
    /// A brother or sister in Canada who counts for points.
    pub sibling_in_canada: bool,
    /// A confirmed nomination by a province or territory.
    pub provincial_nomination: bool,
    /// Valid job offer.
    pub job_offer: JobOffer,
    /// Primary occupation.
    pub noc: NocIndex,
    /// Months of work in the primary occupation within the last three years for categories, and
    /// within the last five years for FST (0 to 255).
    pub noc_months: u8,
    /// The primary occupation was practised in Canada.
    pub noc_in_canada: bool,
    /// Citizenship.
    pub citizenship: CountryIndex,
    /// Gender.
    pub gender: Gender,
}

impl Candidate {
    /// A candidate with nothing: every attribute zero, none, or not stated.
    pub const fn blank() -> Self {
        Candidate {
            submitted_at: Instant::from_seconds(0),
            age: 0,
            accompanying_spouse: false,
            education: Education::None,
            canadian_education: CanadianEducation::None,
            english: Abilities::all(0),
            french: Abilities::all(0),
            first_language: FirstLanguage::Best,
            canadian_work_years: 0,
            foreign_work_years: 0,
            trade_certificate: false,
            spouse_education: Education::None,
            spouse_language: Abilities::all(0),
            spouse_canadian_work_years: 0,
            sibling_in_canada: false,
            provincial_nomination: false,
            job_offer: JobOffer::None,
            noc: NocIndex::NONE,
            noc_months: 0,
            noc_in_canada: false,
            citizenship: CountryIndex::UNKNOWN,
            gender: Gender::Unstated,
        }
    }
}

/// The most years of work a column may hold: the rules look at ten years back.
pub const MAX_WORK_YEARS: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_abilities_are_as_low_and_get_as_good_as_unpacked_ones() {
        for bits in 0..=u16::MAX {
            let abilities = Abilities::unpack(bits);
            assert_eq!(Abilities::lowest_of(bits), abilities.lowest());
            assert_eq!(Abilities::better_of(bits), abilities.better().pack());
        }
    }

    #[test]
    fn every_name_reads_back() {
        for (name, value) in Education::NAMES {
            assert_eq!(name.parse::<Education>().unwrap(), *value);
            assert_eq!(Education::from_bits(*value as u8), *value);
        }
        assert!(
            "bachelor"
                .parse::<Education>()
                .unwrap_err()
                .contains("bachelors")
        );
    }

    #[test]
    fn abilities_survive_packing() {
        let abilities = Abilities {
            reading: 10,
            writing: 7,
            listening: 12,
            speaking: 0,
        };
        assert_eq!(Abilities::unpack(abilities.pack()), abilities);
        assert_eq!(abilities.lowest(), 0);
    }
}
