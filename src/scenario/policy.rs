//! Policies: a scenario with some of its keys replaced, and scenarios that can be compared.
//! How plans are compared once they are run does not live here.

use std::path::PathBuf;

use super::defaults::MOST_POLICIES;
use super::differences::problems_between;
use super::load::{Overrides, Scenario, plans_from_paths};
use super::plan::Plan;
use super::problem::{Problem, Problems};
use super::resolve::{SCALE, WITHOUT_ROUNDS_FOR_NOMINEES, not_a_folder, resolve};
use super::spanned::{At, Entries, NumberOrTable};
use super::wire::{CategoryTable, Points, PolicyTable, ScenarioFile};
use crate::rules::grid::names_of_columns;
use crate::shown::quoted;

impl Scenario {
    /// The plan of the scenario itself, then that of each of its policies, each called by its
    /// name.
    ///
    /// # Errors
    /// All problems of the file, in the order of their places.
    pub fn policies(&self, overrides: &Overrides) -> Result<Vec<Plan>, Problems> {
        let mut plans = Vec::new();
        let mut problems = Problems::new();
        match resolve(self, overrides, self.found.clone()) {
            Ok(plan) => plans.push(plan),
            Err(found) => problems = found,
        }
        let policies = self.keys.policy.iter().flat_map(|policy| &policy.value.0);
        for (index, (name, table)) in policies.enumerate() {
            if index == MOST_POLICIES {
                let message = format!("a scenario has at most {MOST_POLICIES} policies");
                problems.push(self.problem_of(name, message));
                break;
            }
            if let Some(message) = self.bad_name(name) {
                problems.push(self.problem_of(name, message));
                continue;
            }
            let own = format!("policy.{}.", name.value);
            let scenario = Scenario {
                keys: patched(&self.keys, name, &table.value),
                ..self.clone()
            };
            // What the check of single keys found about the policy is known to it under the keys
            // that the policy replaces.
            let found = self.found.mapped(|key| match key.strip_prefix(&own) {
                Some(rest) => rest.to_owned(),
                None => key.to_owned(),
            });
            match resolve(&scenario, overrides, found) {
                Ok(mut plan) => {
                    // What the scenario scales need not be among the rounds of each policy.
                    if table.value.scale_invitations.is_none() {
                        let of_scale = |notice: &String| notice.starts_with(SCALE);
                        plan.notices.retain(|notice| !of_scale(notice));
                    }
                    plan.notices.extend(kept_points(&self.keys, &table.value));
                    // Who arrives is the scenario's to say, also where a policy has other rounds.
                    if let Some(base) = plans.first() {
                        plan.arrive_as(base.nominees());
                        plan.notices
                            .retain(|notice| notice != WITHOUT_ROUNDS_FOR_NOMINEES);
                    }
                    plans.push(plan);
                }
                Err(found) => {
                    let replaced = replaced(&table.value);
                    problems.merge(found.mapped(|key| {
                        let first = key.split(['.', '[']).next().unwrap_or_default();
                        if replaced.contains(&first) {
                            format!("{own}{key}")
                        } else {
                            key.to_owned()
                        }
                    }));
                }
            }
        }
        if problems.is_empty() {
            return Ok(plans);
        }
        problems.sort_within(&self.file);
        Err(problems)
    }

    /// How many policies the file has besides the scenario itself.
    pub fn policy_count(&self) -> usize {
        self.keys
            .policy
            .as_ref()
            .map_or(0, |policy| policy.value.0.len())
    }

    fn problem_of(&self, name: &At<String>, message: String) -> Problem {
        let key = format!("policy.{}", name.value);
        Problem::new(&self.file, Some(name.span.clone()), &key, message)
    }

    /// Why a policy cannot be called so.
    fn bad_name(&self, name: &At<String>) -> Option<String> {
        if let Some(why) = not_a_folder(&name.value) {
            let shown = quoted(&name.value);
            return Some(format!("{shown} cannot be the name of a policy: {why}"));
        }
        let same = |other: &At<String>| other.value.eq_ignore_ascii_case(&name.value);
        let policies = self.keys.policy.iter().flat_map(|policy| &policy.value.0);
        let mut before = policies.map(|(other, _)| other);
        let taken = self.keys.name.as_ref().is_some_and(same)
            || before.any(|other| same(other) && other.span.start < name.span.start);
        taken.then(|| {
            format!(
                "{} is already the name of the scenario or of a policy before it; results are \
                 kept by name, so each needs its own",
                quoted(&name.value)
            )
        })
    }
}

/// The keys of a scenario that a policy replaces.
fn replaced(table: &PolicyTable) -> Vec<&'static str> {
    let keys = [
        ("title", table.title.is_some()),
        ("description", table.description.is_some()),
        ("rounds", table.rounds.is_some()),
        ("schedule", table.schedule.is_some()),
        ("history", table.history.is_some()),
        ("tie_break", table.tie_break.is_some()),
        ("scale_invitations", table.scale_invitations.is_some()),
        ("points", table.points.is_some()),
        ("factors", table.factors.is_some()),
        ("categories", table.categories.is_some()),
    ];
    let keys = keys.into_iter().filter(|(_, replaced)| *replaced);
    keys.map(|(key, _)| key).collect()
}

/// The keys of a scenario under a policy.
fn patched(base: &ScenarioFile, name: &At<String>, policy: &PolicyTable) -> ScenarioFile {
    let mut keys = ScenarioFile {
        name: Some(name.clone()),
        title: policy.title.clone(),
        description: policy.description.clone(),
        policy: None,
        ..base.clone()
    };
    if policy.rounds.is_some() || policy.schedule.is_some() || policy.history.is_some() {
        keys.rounds.clone_from(&policy.rounds);
        keys.schedule.clone_from(&policy.schedule);
        keys.history.clone_from(&policy.history);
    }
    fn replace<T: Clone>(key: &mut Option<T>, with: &Option<T>) {
        if with.is_some() {
            key.clone_from(with);
        }
    }
    replace(&mut keys.tie_break, &policy.tie_break);
    replace(&mut keys.scale_invitations, &policy.scale_invitations);
    replace(&mut keys.factors, &policy.factors);
    replace(&mut keys.categories, &policy.categories);
    // The scenario's own categories are gone with the policy's.
    if policy.scale_invitations.is_none()
        && let Some(scale) = &mut keys.scale_invitations
        && let NumberOrTable::Table(by_type) = &mut scale.value
    {
        let gone = names(&base.categories);
        let own = names(&keys.categories);
        (by_type.0).retain(|(name, _)| own.contains(&name.value) || !gone.contains(&name.value));
    }
    if let Some(points) = &policy.points {
        let base = base.points.iter().flat_map(|points| &points.value.0);
        let named = |name: &str| points.value.0.iter().any(|(key, _)| key.value == name);
        let kept = base.filter(|(key, _)| !named(&key.value)).cloned();
        keys.points = Some(At {
            value: Entries(kept.chain(points.value.0.iter().cloned()).collect()),
            span: points.span.clone(),
        });
    }
    keys
}

/// Points of single columns that the scenario sets and that a policy's point of both leaves as they are.
fn kept_points(base: &ScenarioFile, policy: &PolicyTable) -> Vec<String> {
    let own: Vec<&str> = names_of_points(&policy.points).collect();
    let kept = |name: &str| {
        let columns = names_of_columns(name)?;
        let is_kept = |column: &&String| {
            let mut of_base = names_of_points(&base.points);
            !own.contains(&column.as_str()) && of_base.any(|name| name == **column)
        };
        let kept: Vec<String> = (columns.iter().filter(is_kept))
            .map(|column| format!("`{column}`"))
            .collect();
        let kept = kept.join(" and ");
        let stays = "of the scenario stays: the name of one of the two goes before that of both";
        (!kept.is_empty()).then(|| format!("the policy sets `points.{name}`, but {kept} {stays}"))
    };
    own.iter().filter_map(|name| kept(name)).collect()
}

/// The names of the points that a scenario or a policy sets.
pub(super) fn names_of_points(
    points: &Option<At<Entries<At<Points>>>>,
) -> impl Iterator<Item = &str> {
    let entries = points.iter().flat_map(|points| &points.value.0);
    entries.map(|(name, _)| name.value.as_str())
}

/// The names of categories of a file's own.
fn names(categories: &Option<Vec<At<CategoryTable>>>) -> Vec<String> {
    let categories = categories.iter().flatten();
    let names = categories.filter_map(|category| category.value.name.as_ref());
    names.map(|name| name.value.clone()).collect()
}

/// Plans to compare, the base first: one file with policies, or several files.
///
/// # Errors
/// All problems of all files, one file without policies, and files whose pool, seed, replicates or
/// timeline differ: the same candidates have to meet every policy.
pub fn policy_plans(paths: &[PathBuf], overrides: &Overrides) -> Result<Vec<Plan>, Problems> {
    if let [path] = paths {
        let scenario = Scenario::from_path(path)?;
        let plans = scenario.policies(overrides)?;
        if plans.len() < 2 {
            let message = "there is nothing to compare: the scenario has no policies; add a \
                           `[policy.NAME]` table or give several files";
            return Err(Problem::new(&scenario.file, None, "policy", message).into());
        }
        return Ok(plans);
    }
    let plans = plans_from_paths(paths, overrides)?;
    let read = |path| Scenario::from_path(path);
    let scenarios = paths.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let mut problems = Problems::new();
    for (scenario, plan) in scenarios.iter().zip(&plans) {
        if scenario.policy_count() > 0 {
            let message = "the file has policies of its own, which are compared with its scenario; \
                           give it alone";
            let span = scenario
                .keys
                .policy
                .as_ref()
                .map(|policy| policy.span.clone());
            problems.push(Problem::new(&scenario.file, span, "policy", message));
        }
        let base = (&scenarios[0], &plans[0]);
        problems.extend(problems_between(base, (scenario, plan)));
    }
    if problems.is_empty() {
        Ok(plans)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::differences::differences;

    fn policies(text: &str) -> Result<Vec<Plan>, Problems> {
        let base = "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[[rounds]]\nat = 2024-02-01T14:00:00Z\n\
                    type = \"general\"\ninvitations = 10\n[points]\nsibling = 7\n";
        policies_of(base, text)
    }

    /// Points for an age of 29 by the first rules of a plan, without and with a spouse.
    pub fn points_at_29(plan: &Plan) -> [i32; 2] {
        [false, true].map(|accompanying_spouse| {
            let somebody = crate::rules::Candidate {
                age: 29,
                accompanying_spouse,
                ..crate::rules::Candidate::blank()
            };
            let factors = plan.rules[0].rules.breakdown(&somebody);
            let age = factors.iter().find(|one| one.factor == "age");
            age.map_or(0, |one| one.points)
        })
    }

    fn policies_of(base: &str, text: &str) -> Result<Vec<Plan>, Problems> {
        Scenario::from_bytes(format!("{base}{text}").into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.policies(&Overrides::default()))
    }

    #[test]
    fn a_policy_replaces_what_it_names_and_keeps_the_rest() {
        let plans =
            policies("[policy.b]\nscale_invitations = 2\npoints = { french_bonus = 1 }").unwrap();
        assert_eq!((plans.len(), plans[1].name.as_str()), (2, "b"));
        assert_eq!(plans[1].rounds[0].instruction.invitations, 20);
        assert_eq!(plans[0].rounds[0].instruction.invitations, 10);
        assert_eq!(
            plans[1].resolved["points"],
            serde_json::json!({ "sibling": 7, "french_bonus": 1 })
        );
        assert_eq!(
            plans[0].resolved["points"],
            serde_json::json!({ "sibling": 7 })
        );
        assert!(differences(&plans[0], &plans[1]).is_empty());
    }

    #[test]
    fn a_policy_keeps_the_points_of_one_column_where_it_sets_those_of_both() {
        let base = "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[[rounds]]\nat = 2024-02-01T14:00:00Z\n\
                    type = \"general\"\ninvitations = 10\n[points]\nage_29_with_spouse = 7\nage_29 = 5\n";
        let text = "[policy.both]\npoints = { age_29 = 80 }\n[policy.one]\n\
                    points = { age_29_with_spouse = 90 }\n[policy.all]\n\
                    points = { age_29_with_spouse = 70, age_29 = 60 }";
        let plans = policies_of(base, text).unwrap();
        let all: Vec<_> = plans.iter().map(points_at_29).collect();
        assert_eq!(all, [[5, 7], [80, 7], [5, 90], [60, 70]]);
        let told = |plan: &Plan| {
            let mut notices = plan.notices.iter();
            notices.any(|notice| notice.contains("`age_29_with_spouse` of the scenario stays"))
        };
        let told: Vec<bool> = plans.iter().map(told).collect();
        assert_eq!(told, [false, true, false, false]);
    }

    #[test]
    fn a_policy_with_other_rounds_of_nominees_meets_those_whom_the_scenario_has() {
        let text = r#"
            name = "a"
            pool = { as_of = 2024-01-09, bands = { "601-1200" = 30, "0-600" = 970 } }
            timeline = { end = 2024-03-01, arrivals = { per_day = 10, nominees = "rounds" } }
            rounds = [{ at = 2024-02-01T14:00:00Z, type = "pnp", invitations = 100 }]
            policy.twice = { scale_invitations = 2.0 }
            policy.none.rounds = [{ at = 2024-02-01T14:00:00Z, type = "cec", invitations = 100 }]
        "#;
        let plans = policies_of(text, "").unwrap();
        assert_eq!(plans.len(), 3);
        for plan in &plans {
            let nominees = plan.nominees().expect("the rounds say how many");
            assert_eq!(nominees.total(), 70, "{}", plan.name);
            assert!(plan.notices.is_empty(), "{:?}", plan.notices);
        }
        // Where the scenario has no such rounds, neither plan nor manifest of a policy goes by its own.
        let without = text
            .replace("\"pnp\"", "\"general\"")
            .replace("\"cec\"", "\"pnp\"");
        for plan in policies_of(&without, "").unwrap() {
            assert_eq!(plan.nominees(), None, "{}", plan.name);
            let kept = plan.resolved.pointer("/timeline/arrivals/nominees");
            assert_eq!(kept, None, "{}", plan.name);
        }
    }

    #[test]
    fn one_policy_is_had_by_its_name_as_it_is_compared() {
        let text =
            "[policy.fewer]\nscale_invitations = 0.5\n[policy.other]\npoints = { sibling = 1 }";
        let base = "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[[rounds]]\nat = 2024-02-01T14:00:00Z\n\
                    type = \"general\"\ninvitations = 10\n";
        let one = |text: &str, wanted: &str| {
            let overrides = Overrides {
                policy: Some(wanted.to_owned()),
                ..Overrides::default()
            };
            Scenario::from_bytes(format!("{base}{text}").into_bytes(), Path::new("a.toml"))
                .and_then(|scenario| scenario.resolve_with(&overrides))
        };
        let plan = one(text, "fewer").unwrap();
        assert_eq!(plan.resolved, policies_of(base, text).unwrap()[1].resolved);
        assert_eq!(
            (plan.name.as_str(), plan.rounds[0].instruction.invitations),
            ("fewer", 5)
        );
        assert!(
            plan.notices
                .iter()
                .all(|notice| !notice.contains("policies"))
        );
        let told = one(text, "fwer").unwrap_err().to_string();
        for part in [
            "--policy fwer",
            "`fwer` is no policy of a.toml",
            "fewer, other",
            "`fewer`?",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        // People are made by points: the policy would have others than where it is compared.
        let told = one(text, "other").unwrap_err().to_string();
        assert!(
            told.contains("sets `points`") && told.contains("`drawsim compare`"),
            "{told}"
        );
        // The scenario itself is none of its policies.
        assert!(one(text, "a").is_err());
        assert!(
            one("", "fewer")
                .unwrap_err()
                .to_string()
                .contains("a.toml has no policies")
        );
    }

    #[test]
    fn invitations_are_scaled_by_type_where_types_are_named() {
        let base = "name = \"a\"\n[pool]\nas_of = 2024-01-09\nsize = 100\n[timeline]\nend = 2024-03-01\n\
                    [[schedule]]\nevery = \"9 days\"\nfirst = 2024-01-12\nturns = [\
                    { type = \"cec\", invitations = 7 }, { type = \"french\", invitations = 3 }, \
                    { type = \"general\", invitations = 10 }]\n";
        let scaled = |scale: &str| {
            let plans = policies_of(base, &format!("[policy.b]\nscale_invitations = {scale}\n"))?;
            let rounds = plans[1].rounds[..3].iter();
            let numbers: Vec<u64> = rounds.map(|one| one.instruction.invitations).collect();
            Ok::<_, Problems>((numbers, plans[1].notices.join("\n")))
        };
        assert_eq!(scaled("2").unwrap().0, [14, 6, 20]);
        // What the scenario scales may be a category that the policy has not, or of no round of it.
        let own =
            |name: &str| format!("categories = [{{ name = \"{name}\", noc = [\"21231\"] }}]\n");
        let base_with_own = format!(
            "scale_invitations = {{ mine = 2, cec = 3, stem = 2 }}\n{}{base}",
            own("mine")
        );
        let text = format!("[policy.b]\n{}", own("other"));
        let plans = policies_of(&base_with_own, &text).unwrap();
        assert_eq!(plans[1].rounds[0].instruction.invitations, 21);
        assert!(!plans[1].notices.concat().contains("scale_invitations"));
        assert!(plans[0].notices.concat().contains("scale_invitations.stem"));
        let (numbers, notices) = scaled("{ french = 0.5, general = 3, stem = 9 }").unwrap();
        assert_eq!(numbers, [7, 2, 30]);
        assert!(
            notices.contains("scale_invitations.stem: no round is of that type"),
            "{notices}"
        );
        let told = scaled("{ frensh = 0.5, general = -1, cec = 900000 }")
            .unwrap_err()
            .to_string();
        for part in [
            "policy.b.scale_invitations.frensh: `frensh` is no type of rounds",
            "`french`?",
            "policy.b.scale_invitations.general",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
    }

    #[test]
    fn a_policy_that_patches_what_does_not_exist_is_told_with_the_nearest_name() {
        let told = policies("[policy.b]\npoint = { sibling = 1 }\n[policy.c]\nseed = 4\n[policy.d.points]\nsibbling = 1")
            .unwrap_err()
            .plain();
        for part in [
            "policy.b.point",
            "did you mean `points`?",
            "a policy cannot replace `seed`",
            "did you mean `sibling`?",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}
