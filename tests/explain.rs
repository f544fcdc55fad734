//! `drawsim explain`: what it says of a candidate is what the tables of the run say, and a result
//! that cannot be had again is refused.

#[allow(dead_code)]
mod support;

use std::collections::BTreeMap;
use std::path::Path;

use drawsim::Scenario;
use drawsim::observe::Silent;
use drawsim::scenario::Plan;
use drawsim::study::explain::{Explanation, Fate, NotRanked, Tie, explain};
use drawsim::study::population::{Population, population};
use support::{Place, SMALL, SMALL_YEAR, result, rows};

type Row = BTreeMap<String, String>;
type Rows = Vec<Row>;
/// Rows of the invited by candidate and round.
type Invitations = BTreeMap<(String, String), Row>;

/// Every `step`-th candidate and all who were invited, each held against the tables.
fn held_against_the_tables(text: &str, replicates: u32, step: usize) -> BTreeMap<String, usize> {
    let place = Place::new();
    let path = place.file("s.toml", &format!("replicates = {replicates}\n{text}"));
    let args = ["run", "s.toml", "--all-replicates", "-q"];
    place.drawsim(&args).printed();
    let plan = Scenario::from_path(&path).unwrap().resolve().unwrap();
    let folder = place.path("output").join(&plan.name);
    let (rounds, invitees) = (
        rows(&folder.join("rounds.csv")),
        rows(&folder.join("invitees.csv")),
    );
    let mut seen = BTreeMap::new();
    for replicate in 0..replicates {
        let of = |table: &Rows| -> Rows {
            let number = replicate.to_string();
            let rows = table.iter().filter(|row| row["replicate"] == number);
            rows.cloned().collect()
        };
        let (rounds, invitees) = (of(&rounds), of(&invitees));
        let key = |row: &Row| (row["candidate_id"].clone(), row["round"].clone());
        let invitations: Invitations = invitees.iter().map(|row| (key(row), row.clone())).collect();
        let people = population(&plan, None, replicate, &Silent).unwrap();
        let mut chosen: Vec<usize> = (0..people.pool.len()).step_by(step).collect();
        let invited = invitees.iter();
        chosen.extend(invited.map(|row| people.pool.find(&row["candidate_id"]).unwrap()));
        chosen.sort_unstable();
        chosen.dedup();
        assert!(chosen.len() > invitees.len() / 2);
        let chosen: Vec<u32> = chosen.into_iter().map(|row| row as u32).collect();
        let (found, _) = explain(&plan, &people, replicate, &chosen).unwrap();
        for (row, explanation) in chosen.into_iter().zip(&found) {
            agrees(
                &plan,
                &people,
                row,
                explanation,
                &rounds,
                &invitations,
                &mut seen,
            );
        }
    }
    seen
}

fn agrees(
    plan: &Plan,
    people: &Population,
    row: u32,
    explanation: &Explanation,
    rounds: &Rows,
    invitations: &Invitations,
    kinds: &mut BTreeMap<String, usize>,
) {
    let id = people.pool.id(row as usize);
    let submitted = people.pool.submitted[row as usize];
    assert_eq!(explanation.rounds.len(), rounds.len());
    let mut invited_before = false;
    for ((round, planned), seen) in rounds.iter().zip(&plan.rounds).zip(&explanation.rounds) {
        let number = |column: &str| round[column].parse::<u64>().unwrap();
        let at = planned.instruction.at.seconds();
        let told = format!("candidate {id}, round {}: {:?}", round["round"], seen.fate);
        let invitation = invitations.get(&(id.clone().into_owned(), round["round"].clone()));
        assert_eq!(
            matches!(seen.fate, Fate::Invited(_)),
            invitation.is_some(),
            "{told}"
        );
        let score = seen
            .profile
            .as_ref()
            .map(|profile| u64::from(profile.packed.score));
        if let Some(profile) = &seen.profile {
            let sum: i32 = profile.factors.iter().map(|line| line.points).sum();
            assert_eq!(u64::try_from(sum).ok(), score, "{told}");
            assert_eq!(profile.points.total().0, profile.packed.score, "{told}");
        }
        let kind = match &seen.fate {
            Fate::NotSubmitted => {
                assert!(submitted > at, "{told}");
                "not submitted"
            }
            Fate::Expired(when) => {
                assert_eq!(when.seconds(), submitted + 365 * 86_400, "{told}");
                assert!(when.seconds() <= at, "{told}");
                "expired"
            }
            Fate::Withdrawn(when) => {
                assert!(when.seconds() <= at && when.seconds() > submitted, "{told}");
                "withdrawn"
            }
            Fate::InvitedBefore { round, .. } => {
                assert!(invited_before, "{told}");
                assert!(matches!(explanation.rounds[*round].fate, Fate::Invited(_)));
                "invited before"
            }
            Fate::NotRanked(why) => {
                assert_eq!(seen.rank, None, "{told}");
                let profile = seen.profile.as_ref().unwrap();
                match why {
                    NotRanked::Category(unmet) => {
                        assert!(!unmet.is_empty(), "{told}");
                        let name = |key: &drawsim::rules::CategoryKey| key.name == round["type"];
                        assert!(!profile.categories.iter().any(name), "{told}");
                    }
                    NotRanked::Program(program) => {
                        assert!(!profile.programs.contains(program), "{told}");
                    }
                    NotRanked::NoProgram => assert_eq!(profile.packed.eligibility, 0, "{told}"),
                    NotRanked::Nominee => {
                        assert!(profile.packed.candidate().provincial_nomination, "{told}");
                    }
                }
                "not ranked"
            }
            Fate::Below(points) => {
                let cutoff = score.unwrap() + u64::from(*points);
                assert_eq!(cutoff, number("cutoff_score"), "{told}");
                "below"
            }
            Fate::LostTie(tie) => {
                assert_eq!(score, Some(number("cutoff_score")), "{told}");
                let Tie::Later(seconds) = tie else {
                    panic!("{told}");
                };
                let last = drawsim::units::Instant::parse(&round["tie_break_utc"]).unwrap();
                assert_eq!(last.seconds() + seconds, submitted, "{told}");
                "lost a tie"
            }
            Fate::Invited(points) => {
                let row = invitation.unwrap();
                assert_eq!(row["crs_score"].parse().ok(), score, "{told}");
                assert_eq!(row["rank"].parse().ok(), seen.rank, "{told}");
                assert_eq!(number("cutoff_score") + u64::from(*points), score.unwrap());
                invited_before = true;
                "invited"
            }
        };
        *kinds.entry(kind.to_owned()).or_default() += 1;
        if let Some(rank) = seen.rank {
            assert!(rank <= number("eligible"), "{told}");
            assert_eq!(rank <= number("invited"), invitation.is_some(), "{told}");
        }
    }
}

#[test]
fn every_invited_candidate_of_a_pool_and_others_stand_as_the_tables_say() {
    let text = SMALL.replace("invitations = 100", "invitations = 1_500");
    let kinds = held_against_the_tables(&text, 2, 17);
    for kind in ["invited", "invited before", "below", "not ranked"] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
}

#[test]
fn every_invited_candidate_of_a_year_and_others_stand_as_the_tables_say() {
    let kinds = held_against_the_tables(SMALL_YEAR, 2, 61);
    for kind in [
        "not submitted",
        "expired",
        "withdrawn",
        "invited",
        "invited before",
        "below",
        "not ranked",
    ] {
        assert!(kinds.contains_key(kind), "{kinds:?}");
    }
}

#[test]
fn a_lost_tie_says_by_how_much() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    let plan = Scenario::from_path(place.path("small.toml"))
        .unwrap()
        .resolve()
        .unwrap();
    let people = population(&plan, None, 0, &Silent).unwrap();
    let table = rows(&place.path("output/small/rounds.csv"));
    let cutoff: u16 = table[0]["cutoff_score"].parse().unwrap();
    let tied = (0..people.pool.len()).filter(|&row| people.pool.score[row] == cutoff);
    let tied: Vec<u32> = tied.map(|row| row as u32).collect();
    let (found, _) = explain(&plan, &people, 0, &tied).unwrap();
    let losers: Vec<u32> = tied
        .iter()
        .zip(&found)
        .filter(|(_, found)| matches!(found.rounds[0].fate, Fate::LostTie(Tie::Later(_))))
        .map(|(&row, _)| row)
        .collect();
    let number = |column: &str| table[0][column].parse::<usize>().unwrap();
    assert_eq!(
        losers.len(),
        number("tied_at_cutoff") - number("tied_invited")
    );
    let Some(&loser) = losers.first() else { return };
    let id = people.pool.id(loser as usize).into_owned();
    let ran = place.drawsim(&["explain", "output/small", "--candidate", &id]);
    assert!(
        ran.printed().contains("at the cut-off; submitted "),
        "{}",
        ran.stdout
    );
}

/// The id of the last candidate invited in the first round.
fn an_invitee(folder: &Path) -> String {
    let invitees = rows(&folder.join("invitees.csv"));
    let first = invitees[0]["round"].clone();
    let mut first = invitees.into_iter().filter(|row| row["round"] == first);
    first.next_back().unwrap()["candidate_id"].clone()
}

#[test]
fn a_candidate_is_explained_in_words_without_the_scenario_file() {
    let place = Place::new();
    place.file("small-year.toml", SMALL_YEAR);
    place.drawsim(&["run", "small-year.toml", "-q"]).printed();
    std::fs::remove_file(place.path("small-year.toml")).unwrap();
    let id = an_invitee(&place.path("output/small-year"));
    let ran = place.drawsim(&["explain", "output/small-year", "--candidate", &id]);
    insta::assert_snapshot!("explained", ran.printed());
    let again = place.drawsim(&[
        "explain",
        "output/small-year/manifest.json",
        "--candidate",
        &id,
    ]);
    assert_eq!(again.printed(), ran.stdout);
}

#[test]
fn points_are_told_as_long_as_the_candidate_is_in_the_pool() {
    let place = Place::new();
    place.file(
        "e.csv",
        "candidate_id,submitted_at,age,education,english_reading,english_writing,english_listening,\
         english_speaking,canadian_work_years,foreign_work_years,noc,job_offer\n\
         x,2025-02-01T00:00:00Z,33,bachelors,9,9,9,9,1,1,21231,other\n\
         y,2025-02-02T00:00:00Z,33,bachelors,9,9,9,9,1,1,21231,none\n\
         z,2025-02-02T00:00:00Z,33,bachelors,9,9,9,9,1,1,21231,none\n",
    );
    let round = |at: &str, invitations: u32| {
        format!(
            "[[rounds]]\nat = {at}T14:00:00Z\ntype = \"general\"\ninvitations = {invitations}\n"
        )
    };
    let pool = "[pool]\nas_of = 2025-03-01\nfile = \"e.csv\"\n";
    let (first, second) = (round("2025-03-05", 1), round("2025-11-05", 1));
    place.file(
        "e.toml",
        &format!("name = \"e\"\n{pool}[timeline]\nend = 2025-12-01\n{first}{second}"),
    );
    let two = round("2025-03-05", 2);
    place.file("t.toml", &format!("name = \"t\"\n{pool}{two}"));
    place.drawsim(&["run", "e.toml", "t.toml", "-q"]).printed();
    let told = |folder: &str, id: &str| {
        let ran = place.drawsim(&["explain", folder, "--candidate", id]);
        ran.printed().to_owned()
    };
    let heads = |text: &str| {
        let mut lines = text.lines().map(str::trim);
        let heads = lines.find(|line| line.starts_with("points"));
        heads.unwrap().to_owned()
    };
    // Accepted, and gone for good: no column of a later day, as job offers are worth nothing by then.
    let x = told("output/e", "x");
    assert!(x.contains("and accepted"), "{x}");
    assert_eq!(heads(&x), "points");
    // Of the same second: the order of ids decides, and ids may be text.
    let z = told("output/t", "z");
    assert!(
        z.contains("in the same second as the last invited, whose id comes first"),
        "{z}"
    );
}

#[test]
fn a_comparison_is_explained_policy_by_policy() {
    let place = Place::new();
    place
        .drawsim(&["new", "p", "--template", "policies"])
        .printed();
    let text = std::fs::read_to_string(place.path("p.toml")).unwrap();
    let text = text.replace("bands = \"history\"", "bands = \"none\"\nsize = 4_000");
    let text = text.replace("2_000", "200");
    place.file("p.toml", &text);
    place
        .drawsim(&["compare", "p.toml", "--replicates", "2", "-q"])
        .printed();
    let args = [
        "explain",
        "output/p-compared",
        "--candidate",
        "17",
        "--replicate",
        "1",
    ];
    let ran = place.drawsim(&args);
    for name in ["p", "half-french", "no-french-bonus", "one-tenth-fewer"] {
        let title = format!("Candidate 17 in {name}, replicate 1\n");
        assert!(ran.printed().contains(&title), "{}", ran.stdout);
    }
    let one = place.drawsim(&[&args[..], &["--policy", "half-french"]].concat());
    assert!(ran.stdout.contains(one.printed().trim_end()));
    place
        .drawsim(&[&args[..], &["--policy", "half"]].concat())
        .refused(
            2,
            &[
                "no policy of output/p-compared is called `half`",
                "half-french",
            ],
        );
}

#[test]
fn what_cannot_be_explained_says_why() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    for (args, parts) in [
        (
            ["output/small", "--candidate", "5001"],
            &["`5001`", "1 to 5,000"][..],
        ),
        (
            ["output/small", "--candidate", "x\u{1b}"],
            &["`x\\u{1b}`", "1 to 5,000"],
        ),
        (
            ["output", "--candidate", "1"],
            &["give one of them, e.g. output/small"],
        ),
        (
            ["small.toml", "--candidate", "1"],
            &["it is a scenario", "output/NAME"],
        ),
        (
            ["nowhere", "--candidate", "1"],
            &["there is no such folder"],
        ),
        (
            ["output/small", "--candidate", "0017"],
            &["no candidate is called `0017`", "did you mean `17`?"],
        ),
        (
            ["output/small", "--candidate", "+17"],
            &["no candidate is called `+17`", "1 to 5,000"],
        ),
        (
            ["output/small", "--candidate", ""],
            &["no candidate is called ``"],
        ),
    ] {
        let args = [&["explain"][..], &args].concat();
        place.drawsim(&args).refused(2, parts);
    }
    place
        .drawsim(&[
            "explain",
            "output/small",
            "--candidate",
            "1",
            "--replicate",
            "1",
        ])
        .refused(2, &["replicates 0 to 0"]);
    place
        .drawsim(&["explain", "output/small"])
        .refused(2, &["--candidate"]);
}

/// Replaces text in a file of the result.
fn tamper(path: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).unwrap();
}

#[test]
fn a_table_of_rounds_that_is_not_as_it_was_written_is_refused() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let run = ["run", "small.toml", "-q", "--replicates", "2", "--force"];
    place.drawsim(&run).printed();
    let explain = |replicate: &str| {
        let args = ["explain", "output/small", "--candidate", "1"];
        place.drawsim(&[&args[..], &["--replicate", replicate]].concat())
    };
    explain("0").printed();
    explain("1").printed();
    let table = place.path("output/small/rounds.csv");
    let whole = std::fs::read_to_string(&table).unwrap();
    let [header, first, second, third, fourth] = *whole.lines().collect::<Vec<_>>() else {
        panic!("{whole}");
    };
    let lines = |lines: &[&str]| lines.join("\n") + "\n";
    let mean = first.split(',').nth(15).unwrap();
    for (text, why) in [
        (String::new(), "column scenario is not in its place"),
        (lines(&[header]), "has 0 rows, and 4 were written"),
        (lines(&[header, first, second]), "has 2 rows, and 4 were"),
        (lines(&[header, first, third, fourth]), "line 3: round 2"),
        (
            lines(&[header, first, second, third, fourth, fourth]),
            "more than the 4 rows",
        ),
        (
            lines(&[header, first, second, third, third]),
            "line 5: it is not of round 2 of replicate 1",
        ),
        (
            whole.replacen("pool_size", "pool", 1),
            "column pool_size is not in its place",
        ),
        (whole.replacen(",tied_invited", "", 1), "fields"),
        (whole.replacen(mean, "1.5", 1), "has mean_score 1.5 here"),
        (
            whole.replacen(",stem,", ",trade,", 1),
            "has type trade here, and stem when it is held again",
        ),
    ] {
        assert_ne!(text, whole, "{why}");
        std::fs::write(&table, text).unwrap();
        explain("0").refused(
            2,
            &["output/small/rounds.csv: ", why, "the table was changed"],
        );
    }
    std::fs::remove_file(&table).unwrap();
    explain("0").refused(2, &["output/small/rounds.csv: it is not there"]);

    place
        .drawsim(&[&run[..], &["--format", "parquet"]].concat())
        .printed();
    explain("1").printed();
    let parquet = place.path("output/small/rounds.parquet");
    let seventh = [
        &run[..],
        &["--seed", "99", "--format", "parquet", "--out", "o"],
    ]
    .concat();
    place.drawsim(&seventh).printed();
    std::fs::copy(place.path("o/small/rounds.parquet"), parquet).unwrap();
    explain("1").refused(2, &["rounds.parquet: row 3: ", "when it is held again"]);
}

#[test]
fn a_result_of_another_version_or_with_changed_tables_is_refused() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.drawsim(&["run", "small.toml", "-q"]).printed();
    let explain = || place.drawsim(&["explain", "output/small", "--candidate", "1"]);
    explain().printed();
    let folder = place.path("output/small");
    let cutoff = rows(&folder.join("rounds.csv"))[1]["cutoff_score"].clone();
    tamper(&folder.join("rounds.csv"), &format!(",{cutoff},"), ",77,");
    explain().refused(
        2,
        &[
            "has cutoff_score 77 here",
            &format!("and {cutoff} when it is held again"),
        ],
    );
    let version = concat!("\"version\": \"", env!("CARGO_PKG_VERSION"), "\"");
    tamper(
        &folder.join("manifest.json"),
        version,
        "\"version\": \"0.0.1\"",
    );
    explain().refused(2, &["was made by drawsim 0.0.1", "install drawsim 0.0.1"]);
    std::fs::write(folder.join("manifest.json"), "{}").unwrap();
    explain().refused(2, &["output/small: "]);
    std::fs::write(folder.join("manifest.json"), "nothing").unwrap();
    explain().refused(2, &["manifest.json is not that of a result"]);
}

#[test]
fn candidates_of_a_file_are_found_by_name_as_long_as_the_file_is_the_same() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place
        .drawsim(&["generate", "small.toml", "--out", "pool.csv", "-q"])
        .printed();
    let text = std::fs::read_to_string(place.path("pool.csv")).unwrap();
    let mut lines = text.lines();
    let head = lines.next().unwrap().to_owned();
    let named: Vec<String> = lines.map(|line| format!("person-{line}")).collect();
    let text = format!("{head}\n{}\n", named.join("\n"));
    place.file("pool.csv", &text);
    place
        .drawsim(&["run", "small.toml", "--pool", "pool.csv", "-q"])
        .printed();
    let explain = |id: &str| {
        place.drawsim_with(
            &["explain", "../output/small", "--candidate", id],
            |command| {
                std::fs::create_dir_all(place.path("elsewhere")).unwrap();
                command.current_dir(place.path("elsewhere"));
            },
        )
    };
    assert!(
        explain("person-17")
            .printed()
            .starts_with("Candidate person-17 in small\n")
    );
    explain("preson-17").refused(2, &["most like it are person-17"]);
    explain("0person-17").refused(2, &["did you mean `person-17`?"]);
    place.file("pool.csv", &text.replace("false", "true"));
    explain("person-17").refused(2, &["pool.csv is not what it was", "SHA-256"]);
    std::fs::remove_file(place.path("pool.csv")).unwrap();
    explain("person-17").refused(
        2,
        &["pool.csv, which ../output/small was made from, is not there"],
    );
}

#[test]
fn a_manifest_is_run_again_to_the_same_tables() {
    for (text, name, replicates) in [(SMALL, "small", "3"), (SMALL_YEAR, "small-year", "1")] {
        let place = Place::new();
        place.file("s.toml", text);
        let seed = u64::MAX.to_string();
        let args = [
            "run",
            "s.toml",
            "-q",
            "--replicates",
            replicates,
            "--seed",
            &seed,
        ];
        place.drawsim(&args).printed();
        std::fs::remove_file(place.path("s.toml")).unwrap();
        let manifest = format!("output/{name}/manifest.json");
        place
            .drawsim(&["run", &manifest, "-q", "--out", "again"])
            .printed();
        let [first, second] = ["output", "again"].map(|out| result(&place.path(out).join(name)));
        for (file, bytes) in &first {
            let same = second[file] == *bytes;
            // The manifest and the page name the file that was run.
            let names_it = file.ends_with(".json") || file == "report.html";
            assert!(same || names_it, "{file}");
        }
        place
            .drawsim(&["run", &manifest, &manifest])
            .refused(2, &["a manifest is run alone"]);
    }
}

#[test]
fn a_manifest_is_run_again_in_its_format_and_with_all_of_its_replicates() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let first = "run small.toml -q --replicates 2 --all-replicates --format parquet";
    place
        .drawsim(&first.split(' ').collect::<Vec<_>>())
        .printed();
    let again = |out: &str, more: &[&str]| {
        let args = ["run", "output/small/manifest.json", "-q", "--out", out];
        place.drawsim(&[&args[..], more].concat()).printed();
        result(&place.path(out).join("small"))
    };
    let first = result(&place.path("output/small"));
    let second = again("again", &[]);
    assert!(first.keys().eq(second.keys()), "{:?}", second.keys());
    assert!(first.contains_key("invitees.parquet"));
    for (file, bytes) in &first {
        assert!(
            second[file] == *bytes || !file.ends_with(".parquet"),
            "{file}"
        );
    }
    let csv = again("csv", &["--format", "csv"]);
    assert!(csv.contains_key("invitees.csv") && !csv.contains_key("rounds.parquet"));
    // The invited of one replicate are always written, and ask for no more of several.
    let one = again("one", &["--replicates", "1"]);
    assert!(one.contains_key("invitees.parquet"));
    let several = ["run", "one/small/manifest.json", "-q", "--replicates", "2"];
    place
        .drawsim(&[&several[..], &["--out", "several"]].concat())
        .printed();
    let several = result(&place.path("several/small"));
    assert!(several.contains_key("rounds.parquet"));
    assert!(!several.contains_key("invitees.parquet"));
}
