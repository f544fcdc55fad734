//! What the figures of a comparison mean, for people who read its table.
//! How they are worked out lives in `compare`; what a single round gives in `summary`.

use super::compare::GROUPS;
use super::summary::Metric;

/// One figure of comparisons, or the same one by each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Names in files, in their order.
    pub names: Vec<String>,
    /// How the names are written together.
    pub shown: String,
    /// Its unit.
    pub unit: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

/// Every figure of comparisons, in the order of files.
pub fn of_comparisons() -> Vec<Compared> {
    let one = |name: &str, unit, meaning| Compared {
        names: vec![name.to_owned()],
        shown: name.to_owned(),
        unit,
        meaning,
    };
    let by = |verb: &str, unit, meaning| Compared {
        names: GROUPS
            .iter()
            .map(|dimension| format!("{verb} {}", dimension.name()))
            .collect(),
        shown: format!("{verb} DIMENSION"),
        unit,
        meaning,
    };
    let share = Metric::ShareWomen.unit();
    vec![
        one(
            "cutoff_score",
            "points",
            "Mean of the cut-off scores of a policy's rounds of the type in `value`: each round that \
             invited somebody counts once, whatever its size.",
        ),
        one(
            "invited by round type",
            "invitations",
            "Invitations by all rounds of the type in `value`.",
        ),
        one(
            "invited",
            "invitations",
            "Invitations by all rounds of the policy; whoever declines and is invited again counts twice, \
             here and in the figures up to `median_wait_days`.",
        ),
        one(
            "mean_score",
            "points",
            "Mean CRS score of the invited, each at its round.",
        ),
        one(
            "share_french_speakers",
            share,
            "Share of the invited with NCLC 7 or more in all four abilities of French, whatever \
             their first official language is.",
        ),
        one("share_women", share, Metric::ShareWomen.meaning()),
        one(
            "share_work_in_canada",
            share,
            Metric::ShareWorkInCanada.meaning(),
        ),
        one(
            "median_wait_days",
            "days",
            "Median time from submission to the round over all invitations of the policy: the mean \
             of the middle two where their number is even.",
        ),
        one(
            "expired_uninvited",
            "persons",
            "Persons whose profile expires within the stretch of `[timeline]` and whom no round ever \
             invited; whoever is gone by its start does not count. None without `[timeline]`.",
        ),
        one(
            "gained",
            "persons",
            "Persons invited under the other policy and never under the base; 0 under the base by \
             definition.",
        ),
        one(
            "lost",
            "persons",
            "Persons invited under the base and never under the other policy; told in `other_mean`, \
             with 0 as `base_mean`.",
        ),
        by(
            "invited by",
            "invitations",
            "Invitations to candidates of the group in `value`, as they were at each round.",
        ),
        by(
            "gained by",
            "persons",
            "`gained`, by the group of each person at its first invitation.",
        ),
        by(
            "lost by",
            "persons",
            "`lost`, by the group of each person at its first invitation.",
        ),
    ]
}
