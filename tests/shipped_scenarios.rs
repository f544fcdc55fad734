//! Every scenario that comes with the program can be run, says what it is, and stays within what
//! it may know; scenarios that are changed at random never bring the reader down.

use std::path::{Path, PathBuf};

use drawsim::draw::TieBreak;
use drawsim::history;
use drawsim::scenario::{Overrides, Plan, Scenario, plans_from_paths, policy_plans};
use proptest::prelude::*;

fn shipped() -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for folder in ["scenarios", "scenarios/policies"] {
        let entries = std::fs::read_dir(folder).expect("the folder is there");
        paths.extend(
            entries
                .map(|entry| entry.expect("the folder can be read").path())
                .filter(|path| {
                    path.extension()
                        .is_some_and(|extension| extension == "toml")
                }),
        );
    }
    paths.sort();
    paths
}

fn plan(path: &Path) -> Plan {
    Scenario::from_path(path)
        .and_then(|scenario| scenario.resolve())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn every_shipped_scenario_resolves_and_is_described() {
    let paths = shipped();
    assert!(paths.len() >= 12, "{paths:?}");
    for (path, plan) in paths
        .iter()
        .zip(plans_from_paths(&paths, &Overrides::default()).unwrap())
    {
        assert_eq!(path.file_stem().unwrap().to_str(), Some(plan.name.as_str()));
        assert!(!plan.description.is_empty() && plan.title != plan.name);
        assert_eq!(plan.input_paths(), std::slice::from_ref(path));
        let bands = plan.pool.bands.as_ref().expect("published bands");
        assert_eq!(bands.total(), plan.pool.size, "{}", path.display());
        let text = std::fs::read_to_string(path).unwrap();
        let (schema, remarks) = text.split_once('\n').unwrap();
        assert!(
            remarks.starts_with("# "),
            "{} explains itself",
            path.display()
        );
        let named = path.with_file_name(schema.strip_prefix("#:schema ").unwrap());
        let schema = Path::new("scenarios/schema.json").canonicalize().unwrap();
        assert_eq!(named.canonicalize().unwrap(), schema, "{}", path.display());
    }
}

#[test]
fn published_rounds_are_given_as_published_and_none_between_is_left_out() {
    for path in shipped() {
        let plan = plan(&path);
        let published: Vec<_> = history::rounds()
            .iter()
            .filter(|round| {
                plan.rounds
                    .iter()
                    .any(|planned| planned.label == round.number)
            })
            .filter(|round| round.at >= plan.pool.at)
            .collect();
        let Some(last) = published.last() else {
            continue;
        };
        let held = history::rounds()
            .iter()
            .filter(|round| round.at >= plan.pool.at && round.at <= last.at);
        assert_eq!(published, held.collect::<Vec<_>>(), "{}", path.display());
        assert_eq!(published.len(), plan.rounds.len(), "{}", path.display());
        for (round, planned) in published.iter().zip(&plan.rounds) {
            let instruction = &planned.instruction;
            assert_eq!(instruction.at, round.at);
            assert_eq!(instruction.invitations, round.invitations);
            assert_eq!(instruction.tie_break, TieBreak::EarliestSubmission);
            assert_eq!(planned.type_name, round.type_name);
            assert_eq!(planned.version, round.version);
        }
    }
}

#[test]
fn the_policies_give_as_many_invitations_on_the_same_days_from_the_same_pool() {
    let paths: Vec<PathBuf> = shipped()
        .into_iter()
        .filter(|path| path.starts_with("scenarios/policies"))
        .collect();
    assert!(paths.len() >= 4);
    let by_day = |plan: &Plan| {
        let mut days = std::collections::BTreeMap::new();
        for round in &plan.rounds {
            *days.entry(round.instruction.at.date()).or_insert(0) += round.instruction.invitations;
        }
        (days, plan.seed, plan.pool.as_of, plan.pool.size)
    };
    let first = by_day(&plan(&paths[0]));
    for path in &paths {
        assert_eq!(by_day(&plan(path)), first, "{}", path.display());
    }
}

#[test]
fn a_resolved_scenario_is_a_scenario_again_and_resolves_to_itself() {
    let folder = tempfile::tempdir().unwrap();
    for path in shipped() {
        let plan = plan(&path);
        let text = toml::to_string(&plan.resolved).unwrap();
        let again = Scenario::from_bytes(text.into_bytes(), folder.path().join("again.toml"))
            .and_then(|scenario| scenario.resolve())
            .unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(again.resolved, plan.resolved);
        assert_eq!(again.rounds, plan.rounds);
        assert_eq!(again.pool.bands, plan.pool.bands);
    }
}

#[test]
fn a_large_size_scales_the_published_bands_and_says_so() {
    let scenario = Scenario::from_path(Path::new("scenarios/stem-2023-07-05.toml")).unwrap();
    let overrides = Overrides {
        size: Some(1_000_000),
        seed: Some(9),
        ..Overrides::default()
    };
    let plan = scenario.resolve_with(&overrides).unwrap();
    assert_eq!((plan.pool.size, plan.seed), (1_000_000, 9));
    assert_eq!(plan.pool.bands.unwrap().total(), 1_000_000);
    assert!(
        plan.notices
            .iter()
            .any(|notice| notice.contains("scaled to 1,000,000"))
    );
}

#[test]
fn the_year_2024_has_the_published_instructions_and_no_other_rounds() {
    let plan = plan(Path::new("scenarios/year-2024.toml"));
    let published: Vec<_> = history::rounds()
        .iter()
        .filter(|round| round.at.to_string().starts_with("2024-"))
        .collect();
    assert_eq!((plan.rounds.len(), published.len()), (52, 52));
    for (planned, round) in plan.rounds.iter().zip(&published) {
        assert_eq!(planned.label, round.number);
        assert_eq!(planned.type_name, round.type_name);
        assert_eq!(planned.version, round.version);
        assert_eq!(planned.instruction.at, round.at);
        assert_eq!(planned.instruction.invitations, round.invitations);
    }
    let course = plan.timeline.expect("a timeline").course;
    assert_eq!(course.start, plan.pool.at);
    assert_eq!(course.end.to_string(), "2025-01-01T00:00:00Z");
}

#[test]
fn the_policies_of_a_file_share_pool_streams_and_timeline_and_come_after_their_base() {
    for (name, least) in [("policies-2024", 5), ("proposal-2026", 7)] {
        let path = PathBuf::from(format!("scenarios/{name}.toml"));
        let plans = policy_plans(&[path], &Overrides::default()).unwrap();
        assert!(plans.len() >= least);
        assert_eq!(plans[0].name, name);
        for policy in &plans[1..] {
            assert_eq!(policy.seed, plans[0].seed);
            for key in ["pool", "timeline"] {
                assert_eq!(
                    policy.resolved[key], plans[0].resolved[key],
                    "{}",
                    policy.name
                );
            }
            assert!(!policy.description.is_empty() && policy.title != policy.name);
        }
    }
}

#[test]
fn policies_replace_rounds_as_a_group_and_points_by_name() {
    let path = PathBuf::from("scenarios/policies-2024.toml");
    let plans = policy_plans(&[path], &Overrides::default()).unwrap();
    let policy = |name: &str| plans.iter().find(|plan| plan.name == name).unwrap();
    let general = policy("all-general");
    assert_eq!(general.rounds.len(), 26);
    assert!(
        general
            .rounds
            .iter()
            .all(|round| round.type_name == "general")
    );
    assert_eq!(general.rounds[0].label, "s1-1");
    let first = general.rounds[0].instruction.at;
    assert_eq!(first.to_string(), "2024-01-10T14:00:00Z");
    let turns: Vec<&str> = policy("cec-and-nominees").rounds[..4]
        .iter()
        .map(|round| round.type_name.as_str())
        .collect();
    assert_eq!(turns, ["pnp", "cec", "pnp", "cec"]);
    let fewer = policy("one-tenth-fewer");
    for (round, base) in fewer.rounds.iter().zip(&plans[0].rounds) {
        let scaled = (base.instruction.invitations as f64 * 0.9).round() as u64;
        assert_eq!(round.instruction.invitations, scaled);
    }
    let random = policy("lottery-at-the-cut-off");
    assert!(
        random
            .rounds
            .iter()
            .all(|round| round.instruction.tie_break == TieBreak::Random)
    );
    assert_eq!(policy("no-french-bonus").rounds, plans[0].rounds);
}

#[test]
fn scenarios_on_other_candidates_are_not_compared_and_what_differs_is_named() {
    let paths = [
        "scenarios/stem-2023-07-05.toml",
        "scenarios/trade-2023-08-03.toml",
    ];
    let paths = paths.map(PathBuf::from);
    let text = policy_plans(&paths, &Overrides::default())
        .unwrap_err()
        .plain();
    assert!(text.contains("seed: 261 here, but 254 in"), "{text}");
    assert!(
        text.contains("pool.as_of: 2023-08-01 here, but 2023-07-04 in"),
        "{text}"
    );
    let alone = policy_plans(&paths[..1], &Overrides::default()).unwrap_err();
    assert!(alone.plain().contains("there is nothing to compare"));
    let policies: Vec<PathBuf> = shipped()
        .into_iter()
        .filter(|path| path.starts_with("scenarios/policies"))
        .collect();
    assert_eq!(
        policy_plans(&policies, &Overrides::default())
            .unwrap()
            .len(),
        4
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_bytes_are_refused_or_resolved_but_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        survive(bytes);
    }

    #[test]
    fn a_shipped_scenario_changed_at_random_never_panics(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6u8), 1..8),
    ) {
        let paths = shipped();
        let mut bytes = std::fs::read(which.get(&paths)).unwrap();
        for (at, other, change) in changes {
            let at = at.index(bytes.len());
            let other = other.index(bytes.len());
            match change {
                0 => bytes[at] = b"[]{}\"=.-#\n09Zx\xff\x1b"[other % 16],
                1 => bytes.insert(at, b"[]{}\"=.-#\n09Zx\xff\x1b"[other % 16]),
                2 => bytes.truncate(at.max(1)),
                3 => { bytes.remove(at); if bytes.is_empty() { bytes.push(b'#'); } }
                4 => bytes.swap(at, other),
                _ => {
                    let end = (at + 40).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(other..other, piece);
                }
            }
        }
        survive(bytes);
    }
}

fn survive(bytes: Vec<u8>) {
    let read = Scenario::from_bytes(bytes, Path::new("scenarios/changed.toml"));
    if let Err(problems) = read.and_then(|scenario| scenario.resolve()) {
        assert!(!problems.is_empty());
        for text in [problems.plain(), problems.fancy(false)] {
            assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control()));
        }
    }
}
