//! `drawsim sweep` and `drawsim odds` as processes: tables, refusals, and the same bytes for any
//! number of threads.

#[allow(dead_code)]
mod support;

use support::{Place, SMALL, result, rows};

const SETS: [&str; 4] = [
    "--set",
    "rounds.stem.invitations=200,50",
    "--set",
    "points.french_bonus_without_english=25,0",
];

#[test]
fn a_sweep_writes_every_combination_and_each_is_what_a_run_of_it_gives() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let args = [&["sweep", "small.toml", "--replicates", "3"], &SETS[..]].concat();
    let ran = place.drawsim(&args);
    assert!(
        ran.printed()
            .contains("4 combinations, 3 replicates of each.\nResults: output/small-swept")
    );
    let swept = rows(&place.path("output/small-swept/sweep.csv"));
    let header = std::fs::read_to_string(place.path("output/small-swept/sweep.csv")).unwrap();
    assert!(header.starts_with(
        "rounds.stem.invitations,points.french_bonus_without_english,scenario,combination,round,type,metric,mean,sd,se,p05,p25,median,p75,p95,replicates\n"
    ));
    let package =
        std::fs::read_to_string(place.path("output/small-swept/datapackage.json")).unwrap();
    assert!(
        package.contains("\"name\": \"rounds.stem.invitations\""),
        "{package}"
    );
    let combinations: std::collections::BTreeSet<_> = swept
        .iter()
        .map(|row| {
            (
                row["combination"].clone(),
                row["rounds.stem.invitations"].clone(),
                row["points.french_bonus_without_english"].clone(),
            )
        })
        .collect();
    let expected = [
        ("1", "200", "25"),
        ("2", "200", "0"),
        ("3", "50", "25"),
        ("4", "50", "0"),
    ];
    assert_eq!(
        combinations,
        expected
            .map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
            .into()
    );

    // The third combination has the points of the rules, so that a plain run gives the same.
    place.file(
        "run.toml",
        &SMALL.replace("invitations = 200", "invitations = 50"),
    );
    place
        .drawsim(&["run", "run.toml", "--replicates", "3", "--out", "plain"])
        .printed();
    let plain = rows(&place.path("plain/small/summary.csv"));
    let third: Vec<_> = swept
        .iter()
        .filter(|row| row["combination"] == "3")
        .collect();
    assert_eq!(third.len(), plain.len());
    for (ours, theirs) in third.iter().zip(&plain) {
        for column in [
            "round",
            "metric",
            "mean",
            "sd",
            "se",
            "p05",
            "median",
            "p95",
            "replicates",
        ] {
            assert_eq!(ours[column], theirs[column], "{ours:?}");
        }
    }
    // Other points, the same people: nobody joins or leaves, so the pool is as large and the
    // general round of the same people is not what it was.
    let cutoff = |combination: &str, metric: &str| {
        let row = swept.iter().find(|row| {
            row["combination"] == combination && row["metric"] == metric && row["round"] == "1"
        });
        row.unwrap()["mean"].clone()
    };
    assert_eq!(cutoff("1", "cutoff_score"), cutoff("3", "cutoff_score"));
    assert_eq!(cutoff("1", "pool_size"), cutoff("2", "pool_size"));
}

#[test]
fn a_sweep_is_the_same_bytes_for_any_number_of_threads_and_writes_only_what_is_asked_for() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let swept = |threads: &str, format: &str| {
        let out = format!("{threads}-{format}");
        let args = [
            "sweep",
            "small.toml",
            "--replicates",
            "3",
            "--threads",
            threads,
            "--format",
            format,
            "--out",
            &out,
            "--metric",
            "cutoff_score",
        ];
        place.drawsim(&[&args[..], &SETS[..]].concat()).printed();
        result(&place.path(&out).join("small-swept"))
    };
    let one = swept("1", "csv");
    assert_eq!(one, swept("2", "csv"));
    assert_eq!(one, swept("7", "csv"));
    assert_eq!(
        String::from_utf8_lossy(&one["sweep.csv"]).lines().count(),
        1 + 4 * 2
    );
    assert!(swept("2", "parquet").contains_key("sweep.parquet"));
}

#[test]
fn a_key_that_makes_no_difference_to_any_figure_is_told() {
    let place = Place::new();
    let text = format!("tie_break = \"none\"\n{SMALL}").replace(
        "invitations = ",
        "tie_break = \"earliest-submission\"\ninvitations = ",
    );
    place.file("small.toml", &text);
    let ran = place.drawsim(&[
        "sweep",
        "small.toml",
        "--set",
        "tie_break=none,random",
        "--set",
        "rounds.stem.invitations=200,50",
    ]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(
        ran.stderr,
        "note: `tie_break` made no difference to any figure\n"
    );
}

#[test]
fn published_and_repeated_rounds_and_the_people_can_be_swept() {
    let place = Place::new();
    let text = "name = \"two\"\nhistory = { from = 2024-01-10, to = 2024-02-01 }\n[pool]\nas_of = 2024-01-09\nsize = 5_000\n[timeline]\nend = 2024-02-03\n[timeline.arrivals]\nper_day = 20\n[[schedule]]\nevery = \"1 week\"\nfirst = 2024-01-11\nturns = [{ type = \"cec\", invitations = 10 }]\n";
    place.file("two.toml", text);
    let args = [
        "sweep",
        "two.toml",
        "--set",
        "rounds[279].invitations=10,20",
        "--set",
        "rounds.cec.invitations=5",
        "--set",
        "schedule[1].every=1 week,2 weeks",
        "--set",
        "timeline.arrivals.per_day=10,30",
        "--set",
        "seed=1,2",
    ];
    place.drawsim(&[&args[..], &["--quiet"]].concat()).printed();
    let swept = rows(&place.path("output/two-swept/sweep.csv"));
    let combinations = swept
        .iter()
        .map(|row| row["combination"].parse::<u32>().unwrap())
        .max();
    assert_eq!(combinations, Some(16));
    for row in swept.iter().filter(|row| row["metric"] == "invited") {
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        match (row["round"].as_str(), row["type"].as_str()) {
            ("279", _) => assert_eq!(number("mean"), number("rounds[279].invitations")),
            (_, "cec") => assert_eq!(number("mean"), 5.0),
            _ => {}
        }
    }
}

#[test]
fn what_is_wrong_with_a_sweep_is_told_at_once_with_the_nearest_name() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("bad.toml", &SMALL.replace("seed", "sead"));
    place
        .drawsim(&[
            "sweep",
            "bad.toml",
            "--set",
            "rounds.invitation=5",
            "--set",
            "pol.size=1",
            "--set",
            "title=a",
        ])
        .refused(
            2,
            &[
                "unknown key `sead`",
                "--set rounds.invitation=5",
                "did you mean `invitations`?",
                "did you mean `pool`?",
                "`title` cannot be swept",
            ],
        );
    place
        .drawsim(&[
            "sweep",
            "small.toml",
            "--set",
            "rounds.invitations=0,5,x",
            "--set",
            "points.french_bonuss=5",
            "--set",
            "rounds.steam.invitations=5",
            "--set",
            "rounds[3].invitations=5",
            "--set",
            "pool.sise=4",
            "--set",
            "pool.size=3,000",
        ])
        .refused(
            2,
            &[
                "--set rounds.invitations=0:",
                "too small",
                "--set rounds.invitations=x:",
                "--set pool.size=3,000: a comma stands between two values",
                "write 3000 or 3_000",
                "a whole number is expected",
                "did you mean `french_bonus`?",
                "did you mean `stem`?",
                "`3` is none of the `rounds`",
                "did you mean `size`?",
            ],
        );
    place
        .drawsim(&["sweep", "small.toml"])
        .refused(2, &["--set"]);
    place
        .drawsim(&[
            "sweep",
            "small.toml",
            "--set",
            "seed=1,2",
            "--metric",
            "cutof_score",
        ])
        .refused(2, &["a similar value exists: 'cutoff_score'"]);
    let many: Vec<String> = (1_000..1_101).map(|value| value.to_string()).collect();
    let many = many.join(",");
    let sets = [format!("seed={many}"), format!("rounds.invitations={many}")];
    place
        .drawsim(&["sweep", "small.toml", "--set", &sets[0], "--set", &sets[1]])
        .refused(2, &["10,201 combinations"]);
    assert_eq!(place.names(), ["bad.toml", "small.toml"]);
}

#[test]
fn the_odds_rise_with_the_score_and_are_written_when_asked_for() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let chance = |score: &str| {
        let out = format!("odds-{score}");
        let args = [
            "odds",
            "small.toml",
            "--score",
            score,
            "--type",
            "stem",
            "--replicates",
            "20",
            "--out",
            &out,
        ];
        let ran = place.drawsim(&args);
        assert!(ran.printed().contains("Not invited by any of these rounds"));
        let odds = rows(&place.path(&out).join("small-odds/odds.csv"));
        assert_eq!(odds.len(), 2);
        let last = &odds[1];
        let number = |column: &str| last[column].parse::<f64>().unwrap();
        assert!(number("ci_low") <= number("chance") && number("chance") <= number("ci_high"));
        assert_eq!(
            (last["takes_part"].as_str(), last["crs_score"].as_str()),
            ("true", score)
        );
        number("chance")
    };
    assert_eq!(chance("1200"), 1.0);
    assert_eq!(chance("100"), 0.0);
    place
        .drawsim(&["odds", "small.toml", "--score", "600", "--replicates", "5"])
        .printed();
    assert_eq!(place.names(), ["odds-100", "odds-1200", "small.toml"]);
}

#[test]
fn a_candidate_of_a_file_has_the_odds_of_its_score_and_programs() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place
        .drawsim(&["generate", "small.toml", "--out", "people.csv", "--quiet"])
        .printed();
    let people = rows(&place.path("people.csv"));
    let one = people
        .iter()
        .find(|one| {
            one["categories"].split(';').any(|name| name == "stem")
                && one["provincial_nomination"] == "false"
        })
        .unwrap();
    let odds = |args: &[&str]| {
        let args = [&["odds", "small.toml", "--replicates", "20", "-q"], args].concat();
        let ran = place.drawsim(&args);
        ran.printed().to_owned()
    };
    let of_file = odds(&["--candidate", "people.csv", "--id", &one["candidate_id"]]);
    let described = odds(&[
        "--score",
        &one["crs_score"],
        "--type",
        "stem",
        "--submitted",
        &one["submitted_at"],
    ]);
    assert_eq!(of_file, described);
}

/// Five candidates with the same score, who submitted a day apart.
const FIVE: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,english_listening,english_speaking,canadian_work_years,foreign_work_years,noc\n\
a0,2024-09-01T00:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n\
a1,2024-09-02T00:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n\
a2,2024-09-03T00:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n\
a3,2024-09-04T00:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n\
a4,2024-09-05T00:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n";

const FOUR_OF_FIVE: &str = "name = \"five\"\nseed = 3\n[pool]\nas_of = 2025-02-01\nfile = \"five.csv\"\n\
[[rounds]]\nat = 2025-02-05T00:00:00Z\ntype = \"general\"\ninvitations = 4\ntie_break = \"TIE\"\n";

/// The chance of a candidate of `from` under `five.toml` over 60 replicates.
#[track_caller]
fn chance_of_five(place: &Place, from: &str, id: &str, said: &str, unsaid: &str) -> f64 {
    let line = format!(
        "odds five.toml --candidate {from} --id {id} --replicates 60 --out o --force --no-report"
    );
    let ran = place.drawsim(&line.split(' ').collect::<Vec<_>>());
    ran.said(&[said]);
    assert!(!ran.stderr.contains(unsaid), "{ran:?}");
    rows(&place.path("o/five-odds/odds.csv"))[0]["chance"]
        .parse()
        .unwrap()
}

#[test]
fn somebody_of_the_pool_has_the_odds_that_a_run_with_it_inside_gives() {
    for (tie, expected) in [
        ("random", None),
        ("earliest-submission", Some([1.0, 1.0, 1.0, 1.0, 0.0])),
        ("latest-submission", Some([0.0, 1.0, 1.0, 1.0, 1.0])),
        ("none", Some([1.0; 5])),
    ] {
        let place = Place::new();
        place.file("five.csv", FIVE);
        place.file("five.toml", &FOUR_OF_FIVE.replace("TIE", tie));
        place
            .drawsim(&[
                "run",
                "five.toml",
                "--replicates",
                "60",
                "--all-replicates",
                "--quiet",
            ])
            .printed();
        let invited = rows(&place.path("output/five/invitees.csv"));
        for (number, id) in ["a0", "a1", "a2", "a3", "a4"].into_iter().enumerate() {
            let with = invited.iter().filter(|row| row["candidate_id"] == id);
            let inside = with.count() as f64 / 60.0;
            let said = format!("the candidate `{id}` is in the pool as well");
            let odds = chance_of_five(&place, "five.csv", id, &said, "somebody else");
            assert!(
                (odds - inside).abs() < 1e-9,
                "{tie} {id}: {odds}, {inside} in runs"
            );
            match expected {
                Some(expected) => assert_eq!(odds, expected[number], "{tie} {id}"),
                None => assert!((odds - 0.8).abs() < 0.2, "{id}: {odds}"),
            }
        }
    }
}

#[test]
fn a_pool_without_the_candidate_stays_whole_and_so_does_somebody_else_of_its_name() {
    let place = Place::new();
    place.file("five.csv", FIVE);
    place.file(
        "five.toml",
        &FOUR_OF_FIVE.replace("TIE", "earliest-submission"),
    );
    // After the fourth of the five, so that only four of the pool are before it.
    let stranger = |name: &str| {
        FIVE.lines().next().unwrap().to_owned()
            + &format!("\n{name},2024-09-04T12:00:00Z,29,bachelors,9,9,9,9,1,1,21311\n")
    };
    place.file("new.csv", &stranger("b"));
    let told = "in the pool as well";
    assert_eq!(
        chance_of_five(&place, "new.csv", "b", "replicates differ", told),
        0.0
    );
    place.file("new.csv", &stranger("a0"));
    let said = "somebody else in the pool has the candidate_id `a0`";
    assert_eq!(chance_of_five(&place, "new.csv", "a0", said, told), 0.0);
}

#[test]
fn what_is_wrong_with_the_description_of_a_candidate_is_told_at_once() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file("bad.toml", &SMALL.replace("seed", "sead"));
    place
        .drawsim(&[
            "odds",
            "bad.toml",
            "--score",
            "1300",
            "--type",
            "stme",
            "--submitted",
            "soon",
        ])
        .refused(
            2,
            &[
                "unknown key `sead`",
                "no score is above 1200",
                "did you mean `stem`?",
                "`soon` is neither a date",
            ],
        );
    place
        .drawsim(&["odds", "small.toml"])
        .refused(2, &["--score <N>|--candidate <FILE>"]);
    place
        .drawsim(&["generate", "small.toml", "--out", "people.csv", "--quiet"])
        .printed();
    place
        .drawsim(&["odds", "small.toml", "--candidate", "people.csv"])
        .refused(2, &["holds 5000 candidates; name one with --id"]);
    place
        .drawsim(&[
            "odds",
            "small.toml",
            "--candidate",
            "people.csv",
            "--id",
            "nobody",
        ])
        .refused(2, &["no candidate has the candidate_id `nobody`"]);
}

#[test]
fn the_report_of_odds_and_of_a_sweep_says_what_was_asked() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let odds =
        "odds small.toml --score 480 --type stem --submitted 2023-07-01 --replicates 5 -q --out o";
    place
        .drawsim(&odds.split(' ').collect::<Vec<_>>())
        .printed();
    let page = std::fs::read_to_string(place.path("o/small-odds/report.html")).unwrap();
    let title =
        "A small pool: chances of 480 points in general and STEM rounds, submitted 1 Jul 2023";
    assert!(page.contains(&format!("<title>{title}</title>")));
    let manifest = std::fs::read_to_string(place.path("o/small-odds/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let asked = &manifest["scenario"]["candidate"]["asked"];
    assert_eq!(
        (&asked["score"], &asked["types"][0]),
        (&480.into(), &"stem".into())
    );
    let sweep = [
        &["sweep", "small.toml", "-q", "--replicates", "2"],
        &SETS[..],
    ]
    .concat();
    place.drawsim(&sweep).printed();
    let page = std::fs::read_to_string(place.path("output/small-swept/report.html")).unwrap();
    assert!(page.contains(
        "<h1>A small pool: sweep of rounds.stem.invitations and points.french_bonus_without_english</h1>"
    ));
    assert!(page.contains("k-line-1") && page.contains("class=\"line-2\""));
}

#[test]
fn the_manifest_names_every_file_that_odds_a_comparison_and_a_sweep_are_made_from() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    let other = SMALL.replace("name = \"small\"", "name = \"other\"");
    place.file(
        "other.toml",
        &other.replace("invitations = 100", "invitations = 90"),
    );
    let drawsim = |line: &str| {
        place
            .drawsim(&line.split(' ').collect::<Vec<_>>())
            .printed();
    };
    let inputs = |folder: &str| -> Vec<String> {
        let text = std::fs::read_to_string(place.path(folder).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let inputs = manifest["inputs"].as_array().unwrap().iter();
        let path = |input: &serde_json::Value| input["path"].as_str().unwrap().to_owned();
        inputs.map(path).collect()
    };
    drawsim("generate small.toml --out people.csv -q");
    drawsim("compare small.toml other.toml --pool people.csv -q --no-report --out o");
    let files = ["small.toml", "people.csv", "other.toml"];
    assert_eq!(inputs("o/small-compared"), files);
    drawsim("odds small.toml --candidate people.csv --id 7 --replicates 2 -q --no-report --out o");
    assert_eq!(inputs("o/small-odds"), files[..2]);
    // A file that is the pool's as well is named once.
    drawsim(
        "odds small.toml --pool people.csv --candidate people.csv --id 7 --replicates 2 -q --no-report \
         --out o --force",
    );
    assert_eq!(inputs("o/small-odds"), files[..2]);
    // So are the profiles that a sweep sets, beside that of the scenario.
    let shipped = include_str!("../src/synthesis/data/express-entry-2023.toml");
    for name in ["first.toml", "second.toml"] {
        place.file(name, shipped);
    }
    drawsim(
        "sweep small.toml --set pool.profile=first.toml,second.toml --set pool.size=50,60 -q --no-report \
         --out o",
    );
    let files = ["small.toml", "first.toml", "second.toml"];
    assert_eq!(inputs("o/small-swept"), files);
}
