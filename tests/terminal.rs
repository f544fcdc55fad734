//! What each verb prints, kept as snapshots; colours, and readers that go away.
//! What they write to files lives in `commands`.

#[allow(dead_code)]
mod support;

use support::{Place, SMALL, SMALL_YEAR};

/// Names of things that each verb is tried on.
fn place() -> Place {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("small-year.toml", SMALL_YEAR);
    place
}

#[test]
fn a_year_is_printed_round_by_round_and_then_at_a_glance() {
    let ran = place().drawsim(&["run", "small-year.toml", "-q"]).stdout;
    let (rounds, overview) = ran.split_once("17 rounds at a glance\n").unwrap();
    assert_eq!(
        rounds
            .matches("Rank required to be invited to apply:")
            .count(),
        17
    );
    insta::assert_snapshot!("a_year_at_a_glance", overview);
}

#[test]
fn replicates_are_printed_as_a_table_with_the_spread_of_cut_offs() {
    let place = place();
    let args = ["run", "small.toml", "-q", "--replicates", "12"];
    insta::assert_snapshot!("replicates", place.drawsim(&args).printed());
}

#[test]
fn a_comparison_is_printed_as_a_table_for_each_policy() {
    let place = place();
    let policy = "\n[policy.fewer]\nscale_invitations = 0.5\n";
    place.file("p.toml", &format!("{SMALL}{policy}"));
    let args = ["compare", "p.toml", "-q", "--replicates", "4"];
    insta::assert_snapshot!("comparison", place.drawsim(&args).printed());
}

#[test]
fn what_holds_for_every_policy_is_noted_once() {
    let place = place();
    let policies =
        "\n[policy.fewer]\nscale_invitations = 0.5\n[policy.more]\nscale_invitations = 2\n";
    // A round long after the pool's date is worth a note.
    let late = SMALL.replace("2023-07-06", "2023-09-06");
    place.file("p.toml", &format!("{late}{policies}"));
    let ran = place.drawsim(&["compare", "p.toml", "--replicates", "2"]);
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let notes: Vec<&str> = ran.stderr.lines().collect();
    assert!(!notes.is_empty());
    let once = |note: &&str| notes.iter().filter(|other| other == &note).count() == 1;
    assert!(notes.iter().all(once), "{notes:#?}");
    assert!(
        notes.iter().all(|note| !note.contains("fewer: ")),
        "{notes:#?}"
    );
}

#[test]
fn the_other_verbs_say_in_a_line_or_two_what_they_did() {
    let place = place();
    let mut text = String::new();
    for args in [
        &["new", "mine"][..],
        &["new", "mine-too.toml", "--template", "policies"],
        &["validate", "small.toml", "small-year.toml", "mine.toml"],
        &["generate", "small.toml", "--out", "pool.csv"],
        &[
            "score",
            "pool.csv",
            "--out",
            "scored.csv",
            "--on",
            "2023-07-04",
        ],
        &["man", "--out", "pages"],
    ] {
        let ran = place.drawsim(args);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        text.push_str(&format!(
            "$ drawsim {}\n{}{}\n",
            args.join(" "),
            ran.stderr,
            ran.stdout
        ));
    }
    insta::assert_snapshot!("other_verbs", text);
}

#[test]
fn help_names_every_verb_in_a_line() {
    insta::assert_snapshot!("help", place().drawsim(&["--help"]).printed());
}

#[test]
fn colours_come_on_a_terminal_or_when_asked_for() {
    let place = place();
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let args = [&["run", "small.toml", "-q", "--force"], args].concat();
        let ran = place.drawsim_with(&args, |command| {
            command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
            command.envs(variables.iter().copied());
        });
        ran.printed().to_owned()
    };
    let plain = run(&[], &[]);
    assert!(!plain.contains('\u{1b}'));
    assert_eq!(
        run(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]),
        plain
    );
    assert_eq!(run(&[], &[("NO_COLOR", "1")]), plain);
    let coloured = run(&["--color", "always"], &[]);
    assert_eq!(run(&[], &[("CLICOLOR_FORCE", "1")]), coloured);
    assert!(coloured.contains("\u{1b}[1m"));
    let mut stripped = String::new();
    for (place, part) in coloured.split('\u{1b}').enumerate() {
        stripped.push_str(if place == 0 {
            part
        } else {
            &part[part.find('m').unwrap() + 1..]
        });
    }
    assert_eq!(stripped, plain);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = place();
    for args in [
        "run small-year.toml -q --force",
        "history list",
        "schema scenario",
        "schema outputs",
        "validate small.toml",
        "completions bash",
        "man",
        "--help",
    ] {
        let line = format!(
            "set -o pipefail; '{}' {args} | true",
            env!("CARGO_BIN_EXE_drawsim")
        );
        let output = std::process::Command::new("bash")
            .current_dir(place.path(""))
            .args(["-c", &line])
            .output()
            .unwrap();
        let ran = support::Ran::of(&output);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{args}");
    }
}

#[test]
fn completions_and_manual_pages_know_every_verb() {
    let place = place();
    let help = place.drawsim(&["--help"]);
    let verbs: Vec<&str> = help
        .printed()
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.contains(&"explain"));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ran = place.drawsim(&["completions", shell]);
        for verb in &verbs {
            assert!(ran.printed().contains(verb), "{shell}: {verb}");
        }
    }
    place.drawsim(&["man", "--out", "pages"]).printed();
    for verb in &verbs {
        let page = std::fs::read_to_string(place.path(&format!("pages/drawsim-{verb}.1")));
        let page = page.unwrap();
        assert!(page.contains(".TH") && page.contains("drawsim"), "{verb}");
        assert_eq!(place.drawsim(&["man", verb]).printed(), page, "{verb}");
    }
    let told = place.drawsim(&["man", "rnu"]);
    told.refused(2, &["`rnu` is no verb", "run"]);
    // What this build does not have stands in no list.
    let is_listed = told.stderr.contains("cluster");
    assert_eq!(is_listed, cfg!(feature = "cluster"), "{}", told.stderr);
    place
        .drawsim(&["completions", "tcsh"])
        .refused(2, &["bash", "fish"]);
}

#[test]
fn a_new_scenario_runs_and_is_never_written_over() {
    let place = Place::new();
    for (template, verb) in [("round", "run"), ("policies", "compare")] {
        let ran = place.drawsim(&["new", template, "--template", template]);
        let next = format!("drawsim {verb} {template}.toml");
        assert!(ran.printed().contains(&next), "{}", ran.stdout);
        let file = format!("{template}.toml");
        let ran = place.drawsim(&[verb, &file, "-q", "--replicates", "1"]);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        place
            .drawsim(&["new", template])
            .refused(2, &["is there already and is kept"]);
    }
    for (name, part) in [
        ("a/b", "the folder with --out DIR"),
        ("", "it is empty"),
        ("a b", "` ` is not a letter"),
        ("nul", "some systems keep it"),
        ("..", "starts with"),
        ("\u{1b}[31m", "is not a letter"),
    ] {
        place.drawsim(&["new", name]).refused(2, &[part]);
    }
    place
        .drawsim(&["new", "x", "--out", "nowhere"])
        .refused(2, &["nowhere", "create the folder first"]);
}
