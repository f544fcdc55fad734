//! What the page is called: what was run, and what was asked about it.
//! The name of the scenario itself is the manifest's.

use super::comparison;
use super::odds;
use super::results::Results;

/// The title of the page, and the line under the titles of pictures.
pub fn title(results: &Results) -> String {
    let title = &results.facts.title;
    if let Some(swept) = results.sweep.first() {
        let keys: Vec<&str> = swept.keys.iter().map(|(key, _)| key.as_str()).collect();
        return format!("{title}: sweep of {}", listed(&keys));
    }
    if let Some(candidate) = odds::candidate(results) {
        return format!("{title}: chances of {candidate}");
    }
    match comparison::others(results)[..] {
        [] => title.clone(),
        [only] => format!("{title}, compared with {only}"),
        ref others => format!("{title}, compared with {} policies", others.len()),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&["a"]), "a");
        assert_eq!(listed(&["a", "b", "c"]), "a, b and c");
    }
}
