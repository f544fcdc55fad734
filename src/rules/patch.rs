//! What a scenario changes about the rules: single points, factors and categories of its own.

/// A category by name and version, e.g. `stem` and `2023-V1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryKey {
    /// Name, e.g. `stem`.
    pub name: String,
    /// Version key, e.g. `2023-V1`.
    pub version: String,
}

/// Changes to the rules of a date, applied on top of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RulesPatch {
    /// Single points of the grid by name, e.g. (`french_bonus`, 25).
    pub points: Vec<(String, u16)>,
}
