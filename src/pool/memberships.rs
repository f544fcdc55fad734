//! The names of the programs and categories that somebody is eligible for, as tables list them.
//! Who is eligible for what is the rules' to say.

use super::Eligibility;
use crate::rules::{Program, Rules};

/// Programs and categories of an eligibility, each by name and separated by semicolons, whatever
/// order the rules have them in. A category of which the rules know two versions stands once.
pub fn memberships(eligibility: u32, rules: &Rules) -> [String; 2] {
    let held = |program: &&Program| eligibility & program.bit() != 0;
    let programs = Program::ALL.iter().filter(held);
    let categories = (rules.categories.iter().enumerate())
        .filter(|(place, _)| eligibility & Eligibility::category_bit(*place) != 0);
    [
        listed(programs.map(|program| program.name())),
        listed(categories.map(|(_, key)| key.name.as_str())),
    ]
}

fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names.dedup();
    names.join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{CategoryKey, RulesPatch};

    #[test]
    fn names_are_listed_in_their_order_in_whatever_order_the_rules_have_them() {
        let listed = |names: [&str; 3]| {
            let keys = names.map(|name| CategoryKey {
                name: name.to_owned(),
                version: "2023-V1".to_owned(),
            });
            let date = jiff::civil::date(2023, 12, 1);
            let rules = Rules::on(date, &keys, &RulesPatch::default()).unwrap();
            let place = |wanted| names.iter().position(|name| *name == wanted).unwrap();
            let [stem, trade] = ["stem", "trade"].map(place).map(Eligibility::category_bit);
            memberships(Eligibility::CEC | Eligibility::FSW | stem | trade, &rules)
        };
        let [programs, categories] = listed(["trade", "french", "stem"]);
        assert_eq!(
            (programs.as_str(), categories.as_str()),
            ("cec;fsw", "stem;trade")
        );
        assert_eq!([programs, categories], listed(["french", "stem", "trade"]));
    }
}
