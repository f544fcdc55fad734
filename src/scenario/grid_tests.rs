use super::*;
use crate::draw::TieBreak;
use crate::scenario::policy::tests::points_at_29;

fn swept(sets: &[&str]) -> Result<Grid, Problems> {
    let texts: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    let path = Path::new("scenarios/stem-2023-07-05.toml");
    grid(path, &texts, &Overrides::default())
}

/// The grid of a scenario file with this text.
fn swept_of(text: &str, sets: &[&str]) -> Result<Grid, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.toml");
    std::fs::write(&path, text).unwrap();
    let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
    grid(&path, &sets, &Overrides::default()).map_err(|problems| problems.to_string())
}

#[test]
fn policies_share_their_people_and_the_last_setting_changes_fastest() {
    let grid = swept(&[
        "points.sibling=0,15",
        "rounds.stem.invitations=5,6",
        "pool.size=1000,2000",
    ])
    .unwrap();
    let places: Vec<&[usize]> = grid
        .combinations
        .iter()
        .map(|one| &one.places[..])
        .collect();
    assert_eq!(places.len(), 8);
    assert_eq!(places[..3], [&[0, 0, 0][..], &[0, 0, 1], &[0, 1, 0]]);
    let people: Vec<usize> = grid.combinations.iter().map(|one| one.people).collect();
    assert_eq!(people, [0, 1, 0, 1, 0, 1, 0, 1]);
    assert_eq!(grid.people[1].pool.size, 2_000);
    // People are made by the scenario's own points.
    assert!(grid.people[0].resolved.get("points").is_none());
    let last = &grid.combinations[7].plan;
    assert_eq!(last.rounds[1].instruction.invitations, 6);
    assert_eq!(last.rounds[0].instruction, grid.base.rounds[0].instruction);
    assert_eq!(
        last.resolved["points"],
        serde_json::json!({ "sibling": 15 })
    );
}

#[test]
fn a_version_that_nobody_wrote_is_that_of_the_time_and_type_set() {
    let text = "name = \"health\"\n\n[pool]\nas_of = 2024-12-30\nsize = 100\n\n[[rounds]]\n\
                at = 2025-01-05T13:38:22Z\ntype = \"healthcare\"\ninvitations = 10\n";
    let versions = |set: &str| -> Vec<Option<String>> {
        let grid = swept_of(text, &[set]).unwrap();
        let of = |one: &Combination| one.plan.rounds[0].version.clone();
        grid.combinations.iter().map(of).collect()
    };
    let some = |version: &str| Some(version.to_owned());
    let moved = versions("rounds.at=2025-01-05T13:38:22Z,2025-03-05T13:38:22Z");
    assert_eq!(moved, [some("2023-V1"), some("2025-V2")]);
    assert_eq!(versions("rounds.type=stem,cec"), [some("2023-V1"), None]);
    // A version that was written stays.
    let written = text.replace("\ninvitations", "\nversion = \"2023-V1\"\ninvitations");
    let problems = swept_of(&written, &["rounds.at=2025-03-05T13:38:22Z"]).unwrap_err();
    assert!(
        problems.contains("is not in force on 2025-03-05"),
        "{problems}"
    );
}

#[test]
fn invitations_that_are_set_are_scaled_as_those_of_a_file_are() {
    let (scaled, plain) = ("scale_invitations = 2.0\n", "");
    let text = |scale: &str, number: &str| {
        format!(
            "name = \"a\"\n{scale}[pool]\nas_of = 2024-01-09\nsize = 100\n[timeline]\nend = 2024-02-01\n\
             [[rounds]]\nat = 2024-01-10T14:00:00Z\ntype = \"general\"\ninvitations = {number}\n\
             [[schedule]]\nlabel = \"s\"\nevery = \"9 days\"\nfirst = 2024-01-12\n\
             turns = [{{ type = \"cec\", invitations = 7 }}]\n"
        )
    };
    let plans = |scale: &str, sets: &[&str]| -> Vec<Plan> {
        let grid = swept_of(&text(scale, "3"), sets).unwrap();
        grid.combinations.into_iter().map(|one| one.plan).collect()
    };
    let first = |plans: Vec<Plan>| -> Vec<u64> {
        let first = |plan: &Plan| plan.rounds[0].instruction.invitations;
        plans.iter().map(first).collect()
    };
    let factors = "scale_invitations=1,3";
    for key in ["rounds.", "rounds[1].", "rounds.general."] {
        let numbers = &format!("{key}invitations=100,200");
        assert_eq!(
            first(plans(plain, &[factors, numbers])),
            [100, 200, 300, 600]
        );
        assert_eq!(
            first(plans(scaled, &[numbers, factors])),
            [100, 300, 200, 600]
        );
        assert_eq!(first(plans(scaled, &[numbers])), [200, 400]);
    }
    // What is not set is scaled once; the scenario is that of a file that says all this.
    let swept = &plans(scaled, &["rounds.general.invitations=100"])[0];
    let written = Scenario::from_bytes(text(scaled, "100").into_bytes(), "a.toml");
    let written = written.unwrap().resolve().unwrap();
    assert_eq!(swept.resolved, written.resolved);
    assert_eq!(swept.rounds[1].instruction.invitations, 14);
    let all = plans(
        scaled,
        &["rounds.cec.invitations=5", "rounds.tie_break=random"],
    );
    let all: Vec<u64> = all[0]
        .rounds
        .iter()
        .map(|round| round.instruction.invitations)
        .collect();
    assert_eq!(all, [6, 10, 10, 10]);
}

#[test]
fn what_an_option_decides_cannot_be_swept_as_well() {
    let texts = ["seed=1,2", "pool .size=10,20"].map(str::to_owned);
    let path = Path::new("scenarios/stem-2023-07-05.toml");
    let overrides = Overrides {
        seed: Some(9),
        pool_file: Some("tests/data/none.csv".into()),
        ..Overrides::default()
    };
    let texts = [&texts[..], &["pool.file=a.csv,b.csv".to_owned()]].concat();
    let problems = grid(path, &texts, &overrides).unwrap_err().to_string();
    assert!(
        problems.contains("`pool.file` cannot be swept"),
        "{problems}"
    );
    assert!(problems.contains("--seed decides it"), "{problems}");
    assert!(problems.contains("--pool decides it"), "{problems}");
}

#[test]
fn a_later_setting_wins_where_two_meet() {
    let grid = swept(&["rounds.invitations=7", "rounds[254].invitations=9"]).unwrap();
    let rounds = &grid.combinations[0].plan.rounds;
    let invitations: Vec<u64> = rounds
        .iter()
        .map(|round| round.instruction.invitations)
        .collect();
    assert_eq!(invitations, [7, 9]);
}

#[test]
fn values_that_go_together_need_not_go_with_those_of_the_file() {
    let text = "name = \"a\"\n[pool]\nas_of = 2024-01-09\nsize = 100\n[timeline]\nend = 2024-06-01\n\
                answers = { accept = 0.8, decline = 0.15 }\n[[rounds]]\nat = 2024-01-10T14:00:00Z\n\
                type = \"general\"\ninvitations = 3\n";
    let told = |sets: &[&str]| swept_of(text, sets).map(|grid| grid.combinations.len());
    let accept = "timeline.answers.accept=0.5,0.6";
    assert_eq!(told(&[accept, "timeline.answers.decline=0.3,0.4"]), Ok(4));
    assert_eq!(told(&["timeline.answers.decline=0.3", accept]), Ok(2));
    // Of those that do not go together each combination is told, and no other.
    let problems = told(&[accept, "timeline.answers.decline=0.4,0.45"]).unwrap_err();
    assert!(
        problems.contains("0.6 and 0.45 add up to more"),
        "{problems}"
    );
    assert!(
        !problems.contains("0.8 and") && !problems.contains("0.4 add"),
        "{problems}"
    );
    let problems = told(&[
        "timeline.answers.accept=0.7",
        "timeline.answers.decline=0.4",
    ]);
    let problems = problems.unwrap_err();
    assert!(
        problems.contains("0.7 and 0.4 add") && !problems.contains("0.8"),
        "{problems}"
    );
    // What is wrong whatever else is set is told once and by its name.
    let problems = told(&[accept, "timeline.answers.decline=0.1,-1"]).unwrap_err();
    assert_eq!(problems.matches("decline=-1").count(), 1, "{problems}");
    assert!(!problems.contains("accept=0.5"), "{problems}");
}

#[test]
fn a_key_of_repeated_rounds_comes_before_the_same_of_rounds() {
    let text = "name = \"a\"\n[pool]\nas_of = 2024-01-09\nsize = 100\n[timeline]\nend = 2024-06-01\n\
                [[schedule]]\nevery = \"9 days\"\nfirst = 2024-01-12\n\
                turns = [{ type = \"cec\", invitations = 7 }, { type = \"general\", invitations = 8 }]\n";
    let first_two = |sets: [&str; 2]| -> Result<[u64; 2], String> {
        let grid = swept_of(text, &sets)?;
        let rounds = &grid.combinations[0].plan.rounds;
        Ok([0, 1].map(|round| rounds[round].instruction.invitations))
    };
    let (held, turns) = ("rounds.cec.invitations=70", "schedule.turns.invitations=20");
    assert_eq!(first_two([turns, held]), Ok([70, 20]));
    let problems = first_two([held, turns]).unwrap_err();
    assert!(problems.contains("put this before it"), "{problems}");
    assert_eq!(first_two([held, "schedule.every=12 days"]), Ok([70, 8]));
}

#[test]
fn a_part_of_a_value_is_not_set_beside_the_whole() {
    let told = |scale: &str, sets: &[&str]| -> Result<Vec<u64>, String> {
        let text = format!(
            "name = \"a\"\n{scale}[pool]\nas_of = 2024-01-09\nsize = 100\n[timeline]\nend = 2024-06-01\n\
             [[schedule]]\nevery = \"9 days\"\nfirst = 2024-01-12\n\
             turns = [{{ type = \"cec\", invitations = 10 }}, {{ type = \"french\", invitations = 8 }}]\n"
        );
        let grid = swept_of(&text, sets)?;
        let rounds = grid.combinations[0].plan.rounds[..2].iter();
        Ok(rounds.map(|round| round.instruction.invitations).collect())
    };
    let french = "scale_invitations.french=0.5";
    assert_eq!(told("", &[french]), Ok(vec![10, 4]));
    assert_eq!(
        told("scale_invitations = { cec = 2 }\n", &[french]),
        Ok(vec![20, 4])
    );
    for sets in [
        ["scale_invitations=2", french],
        [french, "scale_invitations=2"],
    ] {
        for scale in ["", "scale_invitations = 0.5\n"] {
            let problems = told(scale, &sets).unwrap_err();
            assert!(problems.contains("is set as a whole"), "{problems}");
            assert_eq!(problems.matches("--set").count(), 1, "{problems}");
        }
    }
    let problems = told("scale_invitations = 0.5\n", &[french]).unwrap_err();
    assert!(
        problems.contains("is `0.5`, which has no keys of its own"),
        "{problems}"
    );
}

#[test]
fn a_tie_breaking_rule_that_nobody_wrote_is_that_of_the_time_set() {
    let rules = |written: &str, sets: &[&str]| -> Result<Vec<TieBreak>, String> {
        let text = format!(
            "name = \"a\"\n{written}[pool]\nas_of = 2017-06-01\nsize = 100\nbands = \"none\"\n\
             [[rounds]]\nat = 2017-06-05T15:00:00Z\ntype = \"general\"\ninvitations = 3\n"
        );
        let grid = swept_of(&text, sets)?;
        let rule = |one: &Combination| one.plan.rounds[0].instruction.tie_break;
        Ok(grid.combinations.iter().map(rule).collect())
    };
    let days = ["rounds.at=2017-06-05T15:00:00Z,2017-06-06T15:00:00Z"];
    let by_date = [TieBreak::None, TieBreak::EarliestSubmission];
    assert_eq!(rules("", &days), Ok(by_date.to_vec()));
    let random = Ok(vec![TieBreak::Random; 2]);
    assert_eq!(rules("tie_break = \"random\"\n", &days), random);
    let late = ["rounds.tie_break=random,none", "tie_break=random"];
    let problems = rules("", &late).unwrap_err();
    assert!(problems.contains("put this before it"), "{problems}");
}

#[test]
fn the_points_of_one_column_go_before_those_of_both_and_what_that_leaves_idle_is_refused() {
    let text = "name = \"a\"\n[pool]\nas_of = 2024-01-09\nsize = 10\n[[rounds]]\n\
                at = 2024-02-01T14:00:00Z\ntype = \"general\"\ninvitations = 1\n[points]\n\
                age_29_with_spouse = 7\n";
    let file = format!("{text}age_29 = 5\n");
    // Without and with a spouse, by the rules that a combination has.
    let points = |text: &str, sets: &[&str]| -> Vec<[i32; 2]> {
        let grid = swept_of(text, sets).unwrap();
        grid.plans().map(points_at_29).collect()
    };
    let one = points(&file, &["points.age_29_with_spouse=0,90"]);
    assert_eq!(one, [[5, 0], [5, 90]]);
    for sets in [
        ["points.age_29=20", "points.age_29_with_spouse=30"],
        ["points.age_29_with_spouse=30", "points.age_29=20"],
    ] {
        assert_eq!(points(&file, &sets), [[20, 30]], "{sets:?}");
    }
    let told = swept_of(text, &["points.age_29=0,90"]).unwrap_err();
    for part in [
        "the scenario sets `age_29_with_spouse`",
        "set `points.age_29_without_spouse` instead",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    for other in [
        "points.age_29_without_spouse=1",
        "points.age_29_without_spouse=1,2",
    ] {
        let told = swept_of(text, &["points.age_29=0,90", other]).unwrap_err();
        assert!(told.contains("nothing is left of it"), "{told}");
    }
}
