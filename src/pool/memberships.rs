//! The names of the programs and categories that somebody is eligible for, as tables list them.
//! Who is eligible for what is the rules' to say.

use super::Eligibility;
use crate::rules::{Program, Rules};

/// Programs and categories of an eligibility, each separated by semicolons: programs in the order of
/// [`Program::ALL`], categories by name, whatever order the rules have them in. A category of which
/// the rules know two versions stands once.
pub fn memberships(eligibility: u32, rules: &Rules) -> [String; 2] {
    let held = |program: &&Program| eligibility & program.bit() != 0;
    let programs = Program::ALL
        .iter()
        .filter(held)
        .map(|program| program.name());
    let mut categories: Vec<&str> = (rules.categories.iter().enumerate())
        .filter(|(place, _)| eligibility & Eligibility::category_bit(*place) != 0)
        .map(|(_, key)| key.name.as_str())
        .collect();
    categories.sort_unstable();
    categories.dedup();
    [programs.collect::<Vec<_>>().join(";"), categories.join(";")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{CategoryKey, RulesPatch};

    #[test]
    fn categories_are_listed_by_name_in_whatever_order_the_rules_have_them() {
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
        assert_eq!(categories, "stem;trade");
        assert_eq!([programs, categories], listed(["french", "stem", "trade"]));
    }
}
