//! Scenarios to start from, with remarks: what `drawsim new` writes.
//! Where they are written to does not live here.

use super::resolve::not_a_folder;
use crate::shown::quoted;

/// A scenario to start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Template {
    /// Rounds on a published pool.
    #[default]
    Round,
    /// A year with arrivals, expiry and a schedule.
    Year,
    /// A base and policies to compare with it.
    Policies,
}

impl Template {
    /// Every template.
    pub const ALL: [Template; 3] = [Template::Round, Template::Year, Template::Policies];

    /// The text of a scenario of that name.
    ///
    /// # Errors
    /// Says why the name cannot be that of a scenario.
    pub fn text(self, name: &str) -> Result<String, String> {
        if let Some(why) = not_a_folder(name) {
            return Err(format!(
                "{} cannot be the name of a scenario: {why}",
                quoted(name)
            ));
        }
        let text = match self {
            Template::Round => include_str!("templates/round.toml"),
            Template::Year => include_str!("templates/year.toml"),
            Template::Policies => include_str!("templates/policies.toml"),
        };
        Ok(text.replace("{name}", name))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Scenario;
    use super::*;

    #[test]
    fn every_template_is_a_scenario_in_order_whatever_its_name() {
        for template in Template::ALL {
            for name in ["a", "my-policy_2.1", &"x".repeat(80)] {
                let text = template.text(name).unwrap();
                assert!(!text.contains("{name}"));
                let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
                let plans = scenario.policies(&super::super::Overrides::default());
                let plans = plans.unwrap_or_else(|problems| panic!("{template:?}: {problems}"));
                assert_eq!(plans[0].name, name);
                assert_eq!(plans.len() > 1, template == Template::Policies);
            }
        }
    }

    #[test]
    fn what_the_remarks_offer_is_accepted_too() {
        let offers = [
            (Template::Round, "# replicates = 100", "replicates = 100"),
            (Template::Round, "# size = 10_000", "size = 10_000"),
            (Template::Round, "# tie_break = ", "tie_break = "),
            (Template::Round, "# [points]\n# french", "[points]\nfrench"),
            (Template::Year, "# replicates = 20", "replicates = 20"),
        ];
        for (template, remark, key) in offers {
            let text = template.text("a").unwrap();
            assert!(text.contains(remark), "{remark}");
            let text = text.replace(remark, key);
            let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
            scenario
                .resolve()
                .unwrap_or_else(|problems| panic!("{key}: {problems}"));
        }
        let text = Template::Year.text("a").unwrap();
        let from = text.find("[[schedule]]").unwrap();
        let history = text[..from].replace("# history = ", "history = ");
        let scenario = Scenario::from_bytes(history.into_bytes(), "a.toml").unwrap();
        assert_eq!(scenario.resolve().unwrap().rounds.len(), 52);
    }

    #[test]
    fn a_name_that_no_folder_can_have_is_refused() {
        for bad in ["", "../x", "a b", "nul", ".x"] {
            assert!(Template::Round.text(bad).is_err(), "{bad}");
        }
    }
}
