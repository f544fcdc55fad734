//! Groups that candidates are counted by: dimensions, their values and what these are called.
//! How often each occurs lives in `counts`, where the counts are written elsewhere.

use crate::pool::Eligibility;
use crate::pool::bands::BANDS;
use crate::rules::candidate::{CanadianEducation, Education, Gender, NocIndex};
use crate::rules::{Rules, countries, noc};

/// Age bands of the published year-end reports: first age of each.
const AGE_BANDS: [(u8, &str); 6] = [
    (0, "under 20"),
    (20, "20-29"),
    (30, "30-34"),
    (35, "35-39"),
    (40, "40-44"),
    (45, "45 and over"),
];

/// NOC 2021 broad occupational categories, by first digit.
const OCCUPATION_GROUPS: [&str; 10] = [
    "0 Legislative and senior management",
    "1 Business, finance and administration",
    "2 Natural and applied sciences",
    "3 Health",
    "4 Education, law, social, community and government services",
    "5 Art, culture, recreation and sport",
    "6 Sales and service",
    "7 Trades, transport and equipment operators",
    "8 Natural resources and agriculture",
    "9 Manufacturing and utilities",
];

macro_rules! dimensions {
    ($($(#[doc = $meaning:literal])+ $name:ident = $text:literal),+ $(,)?) => {
        /// What candidates are grouped by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dimension { $($(#[doc = $meaning])+ $name),+ }

        impl Dimension {
            /// Every dimension, in the order of files.
            pub const ALL: &'static [Dimension] = &[$(Dimension::$name),+];

            /// The name that files show.
            pub const fn name(self) -> &'static str {
                match self { $(Dimension::$name => $text),+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Dimension::$name => concat!($($meaning),+).trim_ascii()),+ }
            }
        }
    };
}

dimensions! {
    /// CRS score in the bands that published pools are printed in.
    ScoreBand = "score_band",
    /// Age in the bands of the published year-end reports.
    AgeBand = "age_band",
    /// Highest level of education.
    Education = "education",
    /// Study in Canada.
    CanadianEducation = "canadian_education",
    /// First official language: the one named, else the one with the higher lowest ability (English when equal); the column of that name in invitees holds only the one named.
    FirstLanguage = "first_language",
    /// Lowest CLB level of the four abilities in English; 0 means no test.
    EnglishLevel = "english_level",
    /// Lowest NCLC level of the four abilities in French; 0 means no test.
    FrenchLevel = "french_level",
    /// NOC 2021 unit group of the primary occupation, five digits.
    Noc = "noc",
    /// NOC 2021 broad category of the primary occupation.
    OccupationGroup = "occupation_group",
    /// TEER of the primary occupation.
    Teer = "teer",
    /// Country of citizenship, ISO 3166-1 alpha-3.
    Citizenship = "citizenship",
    /// Gender.
    Gender = "gender",
    /// Programs that the candidate is eligible for; a candidate of two counts in both.
    Program = "program",
    /// Categories of the scenario that the candidate belongs to; a candidate of two counts in both.
    Category = "category",
    /// Whole years of skilled work in Canada.
    CanadianWorkYears = "canadian_work_years",
    /// Whole years of skilled work abroad.
    ForeignWorkYears = "foreign_work_years",
    /// Whether a province or territory nominated the candidate.
    Nomination = "provincial_nomination",
    /// Whether a spouse or partner comes along.
    Spouse = "accompanying_spouse",
    /// Where the primary occupation is practised.
    WorkPlace = "work_place",
}

/// Whom exact scores are counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreGroup {
    /// Every candidate.
    Everybody,
    /// Those eligible for the program of that place in [`crate::rules::Program::ALL`].
    Program(usize),
    /// Members of the category with that place in the rules.
    Category(usize),
}

impl ScoreGroup {
    /// Programs, which come before the categories.
    pub(super) const PROGRAMS: usize = 4;
    /// How many there are.
    pub(super) const COUNT: usize = 1 + Self::PROGRAMS + Eligibility::MAX_CATEGORIES;

    /// Its place among them.
    pub(super) const fn place(self) -> usize {
        match self {
            ScoreGroup::Everybody => 0,
            ScoreGroup::Program(place) => 1 + place,
            ScoreGroup::Category(place) => 1 + Self::PROGRAMS + place,
        }
    }
}

/// Values of the dimensions that only have `false` and `true`.
const NO_YES: [&str; 2] = ["false", "true"];
const WORK_PLACES: [&str; 2] = ["abroad", "canada"];
const LEVELS: usize = 13;
const YEARS: usize = 11;
const TEERS: usize = 6;

impl Dimension {
    /// Number of values, the unknown one (the last) included where there can be one.
    pub fn values(self) -> usize {
        match self {
            Dimension::ScoreBand => BANDS.len(),
            Dimension::AgeBand => AGE_BANDS.len(),
            Dimension::Education => 8,
            Dimension::CanadianEducation => 3,
            Dimension::FirstLanguage => 2,
            Dimension::EnglishLevel | Dimension::FrenchLevel => LEVELS,
            Dimension::Noc => noc::all().len() + 1,
            Dimension::OccupationGroup => OCCUPATION_GROUPS.len() + 1,
            Dimension::Teer => TEERS + 1,
            Dimension::Citizenship => countries::all().len() + 1,
            Dimension::Gender => 4,
            Dimension::Program => 4,
            Dimension::Category => Eligibility::MAX_CATEGORIES,
            Dimension::CanadianWorkYears | Dimension::ForeignWorkYears => YEARS,
            Dimension::Nomination | Dimension::Spouse | Dimension::WorkPlace => 2,
        }
    }

    /// The name of a value; none for the unknown one and for numbers that stand for nothing.
    pub fn label(self, value: usize, rules: &Rules) -> Option<String> {
        let text = |text: &str| Some(text.to_owned());
        let number = |below: usize| (value < below).then(|| value.to_string());
        match self {
            Dimension::ScoreBand => BANDS.get(value).map(|(low, high)| format!("{low}-{high}")),
            Dimension::AgeBand => AGE_BANDS.get(value).and_then(|(_, name)| text(name)),
            Dimension::Education => text(Education::from_bits(value as u8).name()),
            Dimension::CanadianEducation => text(CanadianEducation::from_bits(value as u8).name()),
            Dimension::FirstLanguage => text(if value == 0 { "en" } else { "fr" }),
            Dimension::EnglishLevel | Dimension::FrenchLevel => number(LEVELS),
            Dimension::Noc => noc::code(NocIndex(value as u16)).and_then(text),
            Dimension::OccupationGroup => OCCUPATION_GROUPS.get(value).and_then(|name| text(name)),
            Dimension::Teer => number(TEERS),
            Dimension::Citizenship => {
                countries::code(crate::rules::candidate::CountryIndex(value as u8)).and_then(text)
            }
            Dimension::Gender => Some(Gender::from_bits(value as u8))
                .filter(|&gender| gender != Gender::Unstated)
                .and_then(|gender| text(gender.name())),
            Dimension::Program => crate::rules::Program::ALL
                .get(value)
                .and_then(|program| text(program.name())),
            Dimension::Category => rules.categories.get(value).map(|key| key.name.clone()),
            Dimension::CanadianWorkYears | Dimension::ForeignWorkYears => number(YEARS),
            Dimension::Nomination | Dimension::Spouse => {
                NO_YES.get(value).and_then(|name| text(name))
            }
            Dimension::WorkPlace => WORK_PLACES.get(value).and_then(|name| text(name)),
        }
    }

    /// The band of a score.
    pub(super) fn score_band(score: usize) -> usize {
        let band = BANDS.iter().position(|&(low, _)| score >= usize::from(low));
        band.unwrap_or(0)
    }

    /// The band of an age.
    pub(super) fn age_band(age: usize) -> usize {
        let band = AGE_BANDS
            .iter()
            .rposition(|&(first, _)| age >= usize::from(first));
        band.unwrap_or(0)
    }

    /// The group of an occupation, the unknown one where it is none.
    pub(super) fn occupation_group(index: NocIndex) -> usize {
        let digit = noc::code(index).and_then(|code| code.bytes().next());
        digit.map_or(OCCUPATION_GROUPS.len(), |byte| usize::from(byte - b'0'))
    }
}
