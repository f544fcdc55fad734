//! The pictures of the README are what its commands make.
//! `README_UPDATE=1 cargo test --test pictures` makes them anew.

#[allow(dead_code)]
mod support;

use std::path::Path;

use support::Place;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The commands of the README that pictures are made by, with the folder each one writes.
const COMMANDS: [(&str, &str); 3] = [
    ("run scenarios/stem-2023-07-05.toml", "stem-2023-07-05"),
    (
        "compare scenarios/policies/all-general.toml scenarios/policies/french-heavy.toml scenarios/policies/category-heavy.toml --replicates 5",
        "all-general-compared",
    ),
    ("backtest --from 2023-07-01", "backtest"),
];

#[test]
fn every_picture_of_the_readme_is_what_its_command_makes() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    for (command, name) in COMMANDS {
        let place = Place::new();
        let out = place.path("o").display().to_string();
        let folder = format!("{out}/{name}");
        let to = if command.starts_with("backtest") {
            &folder
        } else {
            &out
        };
        let args: Vec<&str> = command.split(' ').chain(["--quiet", "--out", to]).collect();
        let at_root = |command: &mut assert_cmd::Command| {
            command.current_dir(ROOT);
        };
        place.drawsim_with(&args, at_root).printed();
        let made = place.path("pictures").display().to_string();
        place
            .drawsim(&["report", &folder, "--pictures", &made])
            .printed();
        let kept = format!("output/pictures/{name}");
        let shown = format!("drawsim {command}\n");
        assert!(readme.contains(&shown), "the README shows {command}");
        let again = format!("drawsim report output/{name} --pictures {kept}\n");
        assert!(readme.contains(&again), "the README shows {again}");
        let mut shown = 0;
        for part in readme.split(&format!("]({kept}/")).skip(1) {
            let file = &part[..part.find(')').unwrap()];
            let picture = std::fs::read_to_string(format!("{made}/{file}"))
                .unwrap_or_else(|_| panic!("{command} makes no {file}"));
            let path = Path::new(ROOT).join(&kept).join(file);
            if std::env::var_os("README_UPDATE").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(&path, &picture).unwrap();
            }
            assert!(
                std::fs::read_to_string(&path).is_ok_and(|kept| kept == picture),
                "{} is not what `{command}` makes; README_UPDATE=1 cargo test --test pictures makes it anew",
                path.display()
            );
            shown += 1;
        }
        assert!(shown > 0, "{kept}");
    }
}

#[test]
fn no_picture_is_kept_that_the_readme_does_not_show() {
    let readme = std::fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    for folder in support::names(&Path::new(ROOT).join("output/pictures")) {
        for file in support::names(&Path::new(ROOT).join("output/pictures").join(&folder)) {
            let path = format!("output/pictures/{folder}/{file}");
            assert!(readme.contains(&format!("]({path})")), "{path}");
        }
    }
}
