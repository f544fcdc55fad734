//! Candidates of a file and the times at which they submitted: who comes too late, who is there for
//! too long, and what is said where replicates cannot differ. On the real binary.

#[allow(dead_code)]
mod support;

use support::{Place, SMALL, SMALL_YEAR, rows};

/// A place with a small scenario, a small year, and a file of candidates whose first and second
/// submitted at these times.
fn place(scenario: &str, first: &str, second: &str) -> Place {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("year.toml", SMALL_YEAR);
    let line = format!("generate {scenario} --size 200 --out made.csv --quiet");
    let words: Vec<&str> = line.split(' ').collect();
    place.drawsim(&words).printed();
    let text = std::fs::read_to_string(place.path("made.csv")).unwrap();
    let mut lines: Vec<Vec<String>> = text
        .lines()
        .map(|line| line.split(',').map(str::to_owned).collect())
        .collect();
    let column = lines[0].iter().position(|name| name == "submitted_at");
    let column = column.unwrap();
    lines[1][column] = first.to_owned();
    lines[2][column] = second.to_owned();
    let lines: Vec<String> = lines.iter().map(|cells| cells.join(",")).collect();
    place.file("pool.csv", &(lines.join("\n") + "\n"));
    place
}

#[test]
fn who_submits_after_the_start_of_a_timeline_is_refused_and_who_has_expired_takes_no_part() {
    let run = ["run", "year.toml", "--pool", "pool.csv"];
    let late = place("year.toml", "2100-01-01T00:00:00Z", "2100-01-02T00:00:00Z");
    late.drawsim(&run).refused(
        2,
        &[
            "pool.csv: 2 problems",
            "candidate `1` submits a profile on 2100-01-01T00:00:00Z, after the start",
            "[timeline.arrivals]",
        ],
    );
    assert!(!late.path("output").exists());
    let old = place("year.toml", "2001-01-01T00:00:00Z", "2001-01-02T00:00:00Z");
    let ran = old.drawsim(&run);
    ran.said(&["the profiles of 2 of the 200 candidates have expired by the start"]);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn on_a_pool_that_nobody_joins_they_take_part_and_the_user_is_told() {
    let place = place("small.toml", "2001-01-01T00:00:00Z", "2100-01-01T00:00:00Z");
    let ran = place.drawsim(&["run", "small.toml", "--pool", "pool.csv"]);
    ran.said(&[
        "1 of the 200 candidates submit their profiles after the first round",
        "1 of the 200 candidates submitted 365 days or more before the last round",
    ]);
    let ran = place.drawsim(&[
        "run",
        "small.toml",
        "--pool",
        "pool.csv",
        "--replicates",
        "3",
        "--force",
    ]);
    ran.said(&["the same in every replicate"]);
    let found = rows(&place.path("output/small/rounds.csv"));
    assert!(
        found
            .iter()
            .all(|row| row["pool_size"].parse::<u32>().unwrap() < 200)
    );
}

#[test]
fn a_precision_that_is_not_reached_is_told() {
    let place = place("small.toml", "2023-01-01T00:00:00Z", "2023-01-01T00:00:00Z");
    let run = |words: &str| {
        let line = format!("run small.toml --force --stop-when-se {words}");
        place.drawsim(&line.split(' ').collect::<Vec<_>>())
    };
    run("0.000001 --replicates 12").said(&["was not reached after 12 replicates"]);
    run("1000 --replicates 3").said(&["looks at no fewer than 10 replicates"]);
    run("1000").said(&["looks at no fewer than 10 replicates"]);
    // Less than one of those who are there is in a trade, so that few replicates have a cut-off.
    let few = "name = \"few\"\n[pool]\nas_of = 2023-07-04\nsize = 30\nbands = \"none\"\n\
               [[rounds]]\nat = 2023-07-05T13:00:00Z\ntype = \"general\"\ninvitations = 3\n\
               [[rounds]]\nat = 2023-07-06T13:00:00Z\ntype = \"agriculture\"\nlabel = \"261\"\n\
               invitations = 3\n";
    place.file("few.toml", few);
    let ran = place.drawsim(
        &"run few.toml --stop-when-se 1000 --replicates 20"
            .split(' ')
            .collect::<Vec<_>>(),
    );
    ran.said(&[
        "was not reached after 20 replicates: round 261 has a cutoff_score in ",
        "of them, and 10 are needed",
    ]);
    let quiet = run("1000 --replicates 40");
    assert!(!quiet.stderr.contains("--stop-when-se"), "{}", quiet.stderr);
}

#[test]
fn one_invitation_that_nobody_gets_is_told_as_one() {
    let place = Place::new();
    let own = "[[categories]]\nname = \"mine\"\nnoc = [\"00010\"]\nfrench = 10\nenglish = 10\n";
    let wanted = SMALL
        .replace("5_000", "5")
        .replace("invitations = 200", "invitations = 1")
        .replace("\"stem\"", "\"mine\"");
    place.file("nobody.toml", &(wanted + own));
    let ran = place.drawsim(&["run", "nobody.toml"]);
    let said = ran.printed();
    assert!(said.contains("of 1 invitation, 0 given"), "{said}");
}

#[test]
fn replicates_say_which_rounds_ran_short() {
    let place = Place::new();
    let wanted = SMALL.replace("invitations = 100", "invitations = 6_000");
    place.file("short.toml", &wanted);
    let ran = place.drawsim(&["run", "short.toml", "--replicates", "3"]);
    let said = ran.printed();
    assert!(said.contains("of 6,000 invitations,"), "{said}");
    assert!(said.contains("given on average"), "{said}");
}

#[test]
fn comparisons_and_sweeps_say_which_policies_ran_short() {
    let place = Place::new();
    let filled = SMALL.replace("invitations = 100", "invitations = 90");
    let file = format!("{filled}\n[policy.thirsty]\nscale_invitations = 100\n");
    place.file("short.toml", &file);
    let ran = place.drawsim(&["compare", "short.toml", "--replicates", "3"]);
    let said = ran.printed();
    assert_eq!(said.matches("note: policy").count(), 1, "{said}");
    let note =
        "note: policy thirsty: 2 of 2 rounds could not be filled: of their 29,000 invitations, ";
    assert!(said.contains(note), "{said}");
    assert!(said.contains("given on average\n"), "{said}");
    place.file("swept.toml", &filled);
    let factors: Vec<String> = (0..12).map(|more| (100 + more).to_string()).collect();
    let set = format!("scale_invitations=1,{}", factors.join(","));
    let ran = place.drawsim(&["sweep", "swept.toml", "--set", &set]);
    let said = ran.printed();
    let note = "note: scale_invitations = 100: 2 of 2 rounds could not be filled: of their 29,000 ";
    assert!(said.contains(note), "{said}");
    assert_eq!(said.matches("note: scale_").count(), 10, "{said}");
    let rest = "note: and 2 more that could not fill rounds\n";
    assert!(said.contains(rest), "{said}");
}
