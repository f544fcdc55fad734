//! Every scenario that comes with the program can be run, says what it is, and stays within what
//! it may know; scenarios that are changed at random never bring the reader down.

use std::path::{Path, PathBuf};

use drawsim::draw::TieBreak;
use drawsim::history;
use drawsim::scenario::{Overrides, Plan, Scenario, plans_from_paths};
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
        .and_then(|scenario| scenario.resolve(&Overrides::default()))
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
        assert_eq!(plan.inputs.as_slice(), std::slice::from_ref(path));
        let bands = plan.pool.bands.as_ref().expect("published bands");
        assert_eq!(bands.total(), plan.pool.size, "{}", path.display());
        let text = std::fs::read_to_string(path).unwrap();
        assert!(text.starts_with("# "), "{} explains itself", path.display());
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
        let again = Scenario::from_bytes(text.into_bytes(), &folder.path().join("again.toml"))
            .and_then(|scenario| scenario.resolve(&Overrides::default()))
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
    let plan = scenario.resolve(&overrides).unwrap();
    assert_eq!((plan.pool.size, plan.seed), (1_000_000, 9));
    assert_eq!(plan.pool.bands.unwrap().total(), 1_000_000);
    assert!(
        plan.notices
            .iter()
            .any(|notice| notice.contains("scaled to 1,000,000"))
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
    if let Err(problems) = read.and_then(|scenario| scenario.resolve(&Overrides::default())) {
        assert!(!problems.is_empty());
        for text in [problems.plain(), problems.fancy(false)] {
            assert!(!text.contains(|letter: char| letter != '\n' && letter.is_control()));
        }
    }
}
