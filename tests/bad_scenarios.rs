//! Every file of `bad_scenarios/` is refused with a message that is worth reading: the snapshots
//! hold the whole message of each.

use std::path::{Path, PathBuf};

use drawsim::scenario::{Overrides, Problems, Scenario, plans_from_paths};

fn files(folder: &str) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .collect();
    files.sort();
    files
}

fn problems(path: &Path) -> Problems {
    plans_from_paths(&[path.to_owned()], &Overrides::default())
        .err()
        .unwrap_or_else(|| panic!("{} is accepted", path.display()))
}

#[test]
fn every_bad_scenario_gets_its_message() {
    let files = files("tests/bad_scenarios");
    assert!(files.len() > 50);
    insta::with_settings!({
        snapshot_path => "bad_scenarios",
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        for path in files {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            insta::assert_snapshot!(name, problems(&path).plain());
        }
    });
}

#[test]
fn every_message_starts_with_its_place_and_holds_no_control_character() {
    for path in files("tests/bad_scenarios") {
        let problems = problems(&path);
        for text in [problems.plain(), problems.fancy(false)] {
            let bad = |letter: char| letter != '\n' && letter.is_control() || letter == '\u{202e}';
            assert!(!text.contains(bad), "{text:?}");
        }
        for problem in problems
            .plain()
            .lines()
            .filter(|line| !line.starts_with("  "))
        {
            let place = format!("{}:", path.display());
            assert!(problem.starts_with(&place), "{problem}");
        }
    }
}

#[test]
fn a_terminal_sees_the_same_problems_drawn() {
    let problems = problems(Path::new("tests/bad_scenarios/several_problems.toml"));
    insta::assert_snapshot!("several_problems_drawn", problems.fancy(false));
}

#[test]
fn a_file_that_is_not_there_a_folder_and_a_huge_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let huge = folder.path().join("huge.toml");
    let file = std::fs::File::create(&huge).unwrap();
    file.set_len((16 << 20) + 1).unwrap();
    for (path, expected) in [
        (folder.path().join("none.toml"), "cannot be read"),
        (folder.path().to_owned(), "cannot be read"),
        (huge, "larger than 16 MiB"),
    ] {
        let text = Scenario::from_path(&path).unwrap_err().to_string();
        assert!(text.contains(expected), "{text}");
        assert!(text.starts_with(&path.display().to_string()), "{text}");
    }
}

#[test]
fn bad_arguments_are_told_by_their_name() {
    let scenario = Scenario::from_path(Path::new("scenarios/stem-2023-07-05.toml")).unwrap();
    let overrides = Overrides {
        seed: Some(1),
        replicates: Some(0),
        size: Some(10_u64.pow(18)),
        ..Overrides::default()
    };
    let text = scenario.resolve_with(&overrides).unwrap_err().plain();
    insta::assert_snapshot!("bad_arguments", text);
}

#[test]
fn two_scenarios_with_the_same_name_are_refused_together() {
    let path = PathBuf::from("scenarios/stem-2023-07-05.toml");
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.toml");
    std::fs::copy(&path, &copy).unwrap();
    let refused = |other: &PathBuf| {
        let paths = [path.clone(), other.clone()];
        let found = plans_from_paths(&paths, &Overrides::default());
        found.unwrap_err().plain()
    };
    let text = refused(&copy);
    assert!(
        text.contains("is also the name of scenarios/stem-2023-07-05.toml"),
        "{text}"
    );
    let text = refused(&PathBuf::from("scenarios/policies/../stem-2023-07-05.toml"));
    assert!(text.contains("is given twice"), "{text}");
}

/// Each of these is near the largest file that is read; none may take more than seconds.
#[test]
fn files_made_to_be_slow_are_refused_in_time() {
    let start = std::time::Instant::now();
    let many = 100_000;
    let keys: String = (0..many).map(|n| format!("key{n} = 1\n")).collect();
    let inline: Vec<String> = (0..many).map(|n| format!("key{n} = 1")).collect();
    let inline = format!("pool = {{ {} }}", inline.join(", "));
    let dates: String = (0..many).map(|n| format!("d{n} = 2023-02-30\n")).collect();
    let broken = "x = = 1\n".repeat(many);
    let octal = format!("seed = [{}]", vec!["07"; many].join(","));
    for text in [keys, inline, dates, broken, octal] {
        let read = Scenario::from_bytes(text.into_bytes(), Path::new("slow.toml"));
        let problems = read.and_then(|scenario| scenario.resolve());
        let problems = problems.unwrap_err();
        assert!(problems.len() > 1_000);
        assert!(problems.plain().lines().count() < 10_000);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
