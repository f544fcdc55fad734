//! The known name that a mistyped one was most likely meant to be.
//! Which names are known is the caller's knowledge.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Longest name worth comparing: no known name is longer.
const LONGEST: usize = 64;

/// The known name nearest to `name`, when one is near enough to be worth saying: the same but for
/// case and separators or for being several, or at most a third of its letters mistyped, or one the
/// start of the other.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(name);
    if wanted.is_empty() || wanted.len() > LONGEST {
        return None;
    }
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = plain(candidate);
            let typed = strsim::damerau_levenshtein(&wanted, &other);
            let allowed = (wanted.chars().count().max(other.chars().count()) / 3).max(1);
            let starts = wanted.len().min(other.len()) >= 3
                && (wanted.starts_with(&other) || other.starts_with(&wanted));
            let several = in_singular(&wanted) == in_singular(&other);
            let rank = (Reverse(shared_words(&wanted, &other)), typed);
            (typed <= allowed || starts || several).then_some((rank, candidate))
        })
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, candidate)| candidate)
}

/// `policy` for `policies`; other words but for an `s` are told by their letters.
fn in_singular(name: &str) -> Cow<'_, str> {
    match name.strip_suffix("ies") {
        Some(stem) => Cow::Owned(format!("{stem}y")),
        None => Cow::Borrowed(name),
    }
}

/// At most `count` known names that share words with `name`, those with most of them first, and
/// before them the nearest one: for lists too long to print.
pub fn alike<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
    count: usize,
) -> Vec<&'a str> {
    let wanted: String = plain(name).chars().take(LONGEST).collect();
    let nearest = nearest(name, known.clone());
    let mut ranked: Vec<_> = known
        .into_iter()
        .filter(|candidate| Some(*candidate) != nearest)
        .filter_map(|candidate| {
            let other = plain(candidate);
            let shared = shared_words(&wanted, &other);
            let typed = strsim::damerau_levenshtein(&wanted, &other);
            (shared > 0).then_some((Reverse(shared), typed, candidate))
        })
        .collect();
    ranked.sort_unstable();
    let others = ranked.into_iter().map(|(.., candidate)| candidate);
    nearest.into_iter().chain(others).take(count).collect()
}

/// How many words of `name` are words of `other`, too.
fn shared_words(name: &str, other: &str) -> usize {
    let words = |text: &str| -> BTreeSet<String> {
        let words = text.split('_').filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    words(name).intersection(&words(other)).count()
}

/// The `count` known names most like `name`, most like first: for lists too long to print.
pub fn closest<'a>(
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
    count: usize,
) -> Vec<&'a str> {
    let wanted: String = plain(name).chars().take(LONGEST).collect();
    let mut known: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| {
            let other = plain(candidate);
            (strsim::damerau_levenshtein(&wanted, &other), candidate)
        })
        .collect();
    known.sort();
    known.truncate(count);
    known.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Lower case, with one kind of separator.
fn plain(name: &str) -> String {
    name.trim()
        .chars()
        .take(LONGEST + 1)
        .map(|character| match character {
            '-' | ' ' | '.' => '_',
            other => other.to_ascii_lowercase(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_name_finds_its_neighbour_and_a_strange_one_finds_none() {
        let known = ["stem", "trade", "transport", "earliest-submission"];
        assert_eq!(nearest("stme", known), Some("stem"));
        assert_eq!(nearest("Trades", known), Some("trade"));
        assert_eq!(
            nearest("earliest_submission", known),
            Some("earliest-submission")
        );
        assert_eq!(nearest("earliest", known), Some("earliest-submission"));
        assert_eq!(nearest("policies", ["pool", "policy"]), Some("policy"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }

    #[test]
    fn names_of_the_same_words_come_before_names_of_like_letters() {
        let known = [
            "cec_years",
            "age_30",
            "age_30_with_spouse",
            "spouse_max",
            "french_bonus",
        ];
        assert_eq!(
            alike("age_30_spouse", known, 3),
            ["age_30_with_spouse", "age_30", "spouse_max"]
        );
        assert_eq!(alike("french-bonsu", known, 3), ["french_bonus"]);
        assert!(alike("x", known, 3).is_empty());
        assert!(alike(&"x_".repeat(1_000_000), known, 3).is_empty());
    }
}
