//! What a scenario changes about the rules: single points, factors and categories of its own.
//! Whether the names and codes in it exist is checked when the rules are compiled.

use super::candidate::Education;
use super::categories::Place;

/// A category by name and version, e.g. `stem` and `2023-V1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryKey {
    /// Name, e.g. `stem`.
    pub name: String,
    /// Version key, e.g. `2023-V1`.
    pub version: String,
}

/// Changes to the rules of a date, applied on top of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RulesPatch {
    /// Single values of the grid by name, e.g. (`french_bonus`, 25); names are those of
    /// [`super::grid::point_names`]. A name without `_with_spouse` or `_without_spouse` sets both
    /// columns, but for one that is set by its own name, before or after. Of one name that stands
    /// twice the later holds.
    pub points: Vec<(String, u16)>,
    /// Scored factors added to section D.
    pub factors: Vec<Factor>,
    /// Categories that rounds may then ask for like a published one.
    pub categories: Vec<CustomCategory>,
}

/// What a factor of one's own pays for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Work in Canada in a listed occupation.
    CanadianWork,
    /// A job offer in a listed occupation.
    JobOffer,
    /// Either; both together pay once.
    Either,
}

/// Points for Canadian work or a job offer in listed occupations, in tiers. They belong to
/// section D and stand inside its maximum of 600.
///
/// The columns know one occupation: it is taken both as that of the Canadian work (when it was
/// practised in Canada) and as that of the job offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    /// Name, as breakdowns show it.
    pub name: String,
    /// What is paid for.
    pub counts: Counts,
    /// Points by list of occupations; an occupation stands in one tier only.
    pub tiers: Vec<FactorTier>,
    /// Whole years of Canadian work that it takes for the work to count (at least 1; 0 is read
    /// as 1). Job offers are not asked for it.
    pub min_canadian_work_years: u8,
}

/// One tier of a [`Factor`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorTier {
    /// Points, 0 to 1,200.
    pub points: u16,
    /// NOC 2021 codes.
    pub codes: Vec<String>,
}

/// A category of one's own. Every condition left at its least asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomCategory {
    /// Name and version that rounds refer to it by.
    pub key: CategoryKey,
    /// NOC 2021 codes; every occupation when empty.
    pub codes: Vec<String>,
    /// Months in the occupation within the last three years, 0 to 255.
    pub months: u8,
    /// Lowest English level in all four abilities, 0 to 12.
    pub english: u8,
    /// Lowest French level in all four abilities, 0 to 12.
    pub french: u8,
    /// Where the occupation was practised.
    pub place: Place,
    /// Lowest level of education.
    pub education: Education,
}
