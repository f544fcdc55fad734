//! Candidates of a file and the times at which they submitted: who comes too late, who is there for
//! too long, and what is said where replicates cannot differ; and who arrives beside them. On the real
//! binary, and where nothing that it writes tells, on the library.

#[allow(dead_code)]
mod support;

use std::fs;
use std::sync::Arc;

use drawsim::flow;
use drawsim::history;
use drawsim::observe::Silent;
use drawsim::pool::Pool;
use drawsim::scenario::{Plan, Scenario};
use drawsim::study::odds::leave_out;
use drawsim::study::population::population;
use drawsim::synthesis::{Profile, arrivals};
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
    let short = "could not be filled in 3 of 3 replicates: of 6,000 invitations,";
    assert!(said.contains(short), "{said}");
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
    assert_eq!(said.matches("could not be filled").count(), 1, "{said}");
    let note = "policy thirsty: 2 of 2 rounds could not be filled: of their 29,000 invitations, ";
    assert!(said.contains(note), "{said}");
    assert!(said.contains("given on average\n"), "{said}");
    place.file("swept.toml", &filled);
    let factors: Vec<String> = (0..12).map(|more| (100 + more).to_string()).collect();
    let set = format!("scale_invitations=1,{}", factors.join(","));
    let ran = place.drawsim(&["sweep", "swept.toml", "--set", &set]);
    let said = ran.printed();
    let note = "scale_invitations = 100: 2 of 2 rounds could not be filled: of their 29,000 ";
    assert!(said.contains(note), "{said}");
    assert_eq!(
        said.matches("\nscale_invitations = 1").count(),
        10,
        "{said}"
    );
    let rest = "and 2 more that could not fill rounds\n";
    assert!(said.contains(rest), "{said}");
}

/// A year whose pool has the published bands.
fn banded() -> String {
    SMALL_YEAR.replace("bands = \"none\"\n", "")
}

/// The same with the candidates of a file.
fn from_file(file: &str) -> String {
    banded().replace("size = 3_000", &format!("file = \"{file}\""))
}

#[test]
fn a_pool_that_is_written_and_read_again_meets_the_same_arrivals() {
    let place = Place::new();
    place.file("made.toml", &banded());
    place.file("read.toml", &from_file("pool.csv"));
    let drawsim = |line: &str| {
        let ran = place.drawsim(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, Some(0), "{line}: {ran:#?}");
    };
    let same = |one: &str, other: &str| {
        let [one, other] = [one, other].map(|name| fs::read_to_string(place.path(name)).unwrap());
        assert!(one.lines().count() > 10 && one == other);
    };
    drawsim("generate made.toml --out pool.csv --quiet");
    drawsim("run made.toml --out made");
    drawsim("run read.toml --out read");
    drawsim("run made.toml --pool pool.csv --out option");
    drawsim("run read/small-year/manifest.json --out again");
    for other in ["read", "option", "again"] {
        for table in ["rounds.csv", "invitees.csv"] {
            let of = |folder: &str| format!("{folder}/small-year/{table}");
            same(&of("made"), &of(other));
        }
    }
    let manifest = |folder: &str| {
        let text = fs::read(place.path(&format!("{folder}/small-year/manifest.json"))).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&text).unwrap();
        manifest["scenario"]["timeline"]["arrivals"]["bands"].clone()
    };
    for folder in ["read", "option", "again"] {
        assert_eq!(manifest(folder), "pool", "{folder}");
    }

    let set = "timeline.arrivals.per_day=5,10 --metric cutoff_score --no-report";
    drawsim(&format!("sweep made.toml --out made --set {set}"));
    drawsim(&format!("sweep read.toml --out read --set {set}"));
    same(
        "made/small-year-swept/sweep.csv",
        "read/small-year-swept/sweep.csv",
    );
    let policy = "\n[policy.more]\nscale_invitations = 2\n";
    place.file("made.toml", &(banded() + policy));
    place.file("read.toml", &(from_file("pool.csv") + policy));
    drawsim("compare made.toml --out made --no-report");
    drawsim("compare read.toml --out read --no-report");
    same(
        "made/small-year-compared/comparison.csv",
        "read/small-year-compared/comparison.csv",
    );
    drawsim(
        "odds made.toml --score 480 --submitted 2024-01-05 --out made --no-report --replicates 1",
    );
    drawsim(
        "odds read.toml --score 480 --submitted 2024-01-05 --out read --no-report --replicates 1",
    );
    same(
        "made/small-year-odds/odds.csv",
        "read/small-year-odds/odds.csv",
    );
}

#[test]
fn arrivals_come_in_the_bands_of_the_file_and_stay_the_same_where_a_candidate_is_taken_out() {
    let place = Place::new();
    place.file("made.toml", &banded());
    place
        .drawsim(&["generate", "made.toml", "--out", "pool.csv", "--quiet"])
        .printed();
    let text = fs::read_to_string(place.path("pool.csv")).unwrap();
    let (header, _) = text.split_once('\n').unwrap();
    let column = header
        .split(',')
        .position(|name| name == "crs_score")
        .unwrap();
    // Whoever has a score that a tenth of the published pool has.
    let high = text.lines().skip(1).filter(|line| {
        let score: u16 = line.split(',').nth(column).unwrap().parse().unwrap();
        (481..=600).contains(&score)
    });
    let high: Vec<&str> = std::iter::once(header).chain(high).collect();
    place.file("high.csv", &(high.join("\n") + "\n"));
    let plan = |bands: &str| -> Plan {
        let keys = format!("per_day = 10\n{bands}");
        let text = from_file("high.csv").replace("per_day = 10\n", &keys);
        let path = place.file("high.toml", &text);
        Scenario::from_path(path).unwrap().resolve().unwrap()
    };
    let arriving = |plan: &Plan, given: &Arc<Pool>| {
        let people = population(plan, Some(given), 0, &Silent).unwrap();
        people.pool.score[people.started..].to_vec()
    };

    let mut of_file = plan("");
    let pool = Arc::new(flow::candidates(&of_file, &Silent).unwrap().unwrap().pool);
    let scores = arriving(&of_file, &pool);
    assert!(scores.len() > 3_000);
    let wanted = arrivals::scaled(&history::counted(&pool.score), scores.len() as u64);
    // Each day's numbers are right on average: of 390 days a band may have some ten too many.
    let counts = history::counted(&scores);
    for (band, wanted) in counts.0.iter().zip(&wanted.0) {
        let off = band.count.abs_diff(wanted.count);
        assert!(
            off < 50 && (off == 0 || wanted.count > 0),
            "{band:?} {wanted:?}"
        );
    }
    let kept = plan("bands = \"pool\"\n");
    assert_eq!(arriving(&kept, &pool), scores);
    // The profile's own have lower scores as well.
    let own = plan("bands = \"none\"\n");
    let own = arriving(&own, &pool);
    assert!(own.iter().filter(|&&score| score < 481).count() > own.len() / 2);

    of_file.count_bands(&pool);
    let mut without = Arc::clone(&pool);
    leave_out(Arc::make_mut(&mut without), 0, &of_file.rules[0].rules);
    assert_eq!(arriving(&of_file, &without), scores);
    assert_ne!(arriving(&kept, &without), scores);
}

#[test]
fn bands_of_a_file_that_the_profile_cannot_give_are_told_where_the_arrivals_stand() {
    let place = Place::new();
    let header = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                  english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";
    let row = "1,2023-12-01T00:00:00Z,29,doctorate,10,10,10,10,5,3,21231";
    place.file("one.csv", &format!("{header}\n{row}\n"));
    let arrivals = |bands: &str| {
        // None of them has a score like that.
        let none: Vec<String> = Profile::builtin("express-entry-2023")
            .unwrap()
            .segments
            .iter()
            .filter(|segment| segment.name != "overseas-professional")
            .map(|segment| format!("{} = 0", segment.name))
            .collect();
        let keys = format!(
            "per_day = 10\n{bands}segments = {{ {} }}\n",
            none.join(", ")
        );
        place.file(
            "one.toml",
            &from_file("one.csv").replace("per_day = 10\n", &keys),
        );
    };
    arrivals("");
    for verb in ["validate", "run"] {
        place.drawsim(&[verb, "one.toml"]).refused(
            2,
            &[
                "one.toml:21:1: timeline.arrivals.bands: band 501-600 wants 1 of 1 candidates",
                "leave the bands out (bands = \"none\")",
            ],
        );
    }
    arrivals("bands = \"none\"\n");
    assert_eq!(place.drawsim(&["run", "one.toml"]).code, Some(0));
}

#[test]
fn what_a_file_leaves_unused_of_the_scenario_is_told_and_no_more() {
    let place = place("year.toml", "2023-12-01T00:00:00Z", "2023-12-02T00:00:00Z");
    let own = SMALL_YEAR.replace(
        "per_day = 10",
        "per_day = 10\nprofile = \"express-entry-2023\"",
    );
    place.file("own.toml", &own);
    let all = "pool.csv; the size, bands and profile of the scenario's pool are not used\n";
    let arrive = "pool.csv; the size and bands of the scenario's pool are not used, and its profile \
                  says only who arrives\n";
    for (scenario, told) in [
        ("small.toml", all),
        ("own.toml", all),
        ("year.toml", arrive),
    ] {
        let ran = place.drawsim(&["run", scenario, "--pool", "pool.csv", "--force"]);
        ran.said(&[told]);
        assert_eq!(ran.code, Some(0));
    }
}

#[test]
fn a_candidate_with_the_name_of_somebody_who_arrives_is_refused_where_anybody_does() {
    let place = Place::new();
    let header = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                  english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";
    let row = |id: &str, year: u32| {
        format!("{id},{year}-12-01T00:00:00Z,30,bachelors,9,9,9,9,1,1,21231\n")
    };
    let free: String = [
        "arrival",
        "arrival-",
        "arrival-0",
        "arrival-01",
        "arrival-1a",
    ]
    .iter()
    .chain(&["Arrival-1", "arrival-+1", "5"])
    .map(|id| row(id, 2023))
    .collect();
    let taken = row("arrival-20", 2023) + &row("arrival-3", 2100);
    place.file("free.csv", &format!("{header}\n{free}"));
    place.file("taken.csv", &format!("{header}\n{taken}{free}"));
    place.file("year.toml", SMALL_YEAR);
    let still = SMALL_YEAR.replace("[timeline.arrivals]\nper_day = 10\n", "");
    place.file("still.toml", &still);

    let run =
        |scenario: &str, file: &str| place.drawsim(&["run", scenario, "--pool", file, "--force"]);
    run("year.toml", "taken.csv").refused(
        2,
        &[
            "taken.csv: 3 problems",
            "line 2, column `candidate_id`: `arrival-20` is what somebody who arrives is called",
            "line 3, column `candidate_id`: `arrival-3` is what",
            "accepted is any other text",
            "line 3, column `submitted_at`: candidate `arrival-3` submits a profile on 2100-12-01",
        ],
    );
    assert_eq!(run("year.toml", "free.csv").code, Some(0));
    run("still.toml", "taken.csv").refused(2, &["taken.csv: line 3, column `submitted_at`: "]);
    let taken = row("arrival-20", 2023) + &row("arrival-3", 2023);
    place.file("taken.csv", &format!("{header}\n{taken}{free}"));
    assert_eq!(run("still.toml", "taken.csv").code, Some(0));
    let named = SMALL_YEAR.replace("size = 3_000\nbands = \"none\"", "file = \"taken.csv\"");
    place.file("named.toml", &named);
    let ran = place.drawsim(&["validate", "named.toml"]);
    let told = "line 2, column `candidate_id`: `arrival-20` is what";
    ran.refused(
        2,
        &["named.toml:8:8: pool.file: ", "taken.csv: 2 problems", told],
    );
}

#[test]
fn a_sweep_over_the_date_of_a_file_scores_it_by_the_rules_of_each_date() {
    let place = Place::new();
    let header = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                  english_listening,english_speaking,canadian_work_years,foreign_work_years,noc,job_offer";
    // From 2025-03-25 on nobody has points for a job offer.
    let row = |id: u32| {
        let offer = if id.is_multiple_of(2) {
            "other"
        } else {
            "none"
        };
        format!("{id},2025-01-02T00:00:00Z,30,bachelors,9,9,9,9,1,1,21231,{offer}\n")
    };
    let candidates: String = (1..=50).map(row).collect();
    place.file("pool.csv", &format!("{header}\n{candidates}"));
    let scenario = "name = \"dated\"\n[pool]\nas_of = 2025-03-01\nfile = \"pool.csv\"\n[timeline]\n\
                    end = 2025-06-01\n[timeline.arrivals]\nper_day = 1\n[[rounds]]\n\
                    at = 2025-04-02T14:00:00Z\ntype = \"general\"\ninvitations = 20\n";
    place.file("dated.toml", scenario);
    place.file("later.toml", &scenario.replace("2025-03-01", "2025-03-30"));
    let set = "sweep dated.toml --set pool.as_of=2025-03-01,2025-03-30 --metric cutoff_score";
    let ran = place.drawsim(&set.split(' ').collect::<Vec<_>>());
    assert_eq!(ran.code, Some(0), "{ran:#?}");
    let swept = rows(&place.path("output/dated-swept/sweep.csv"));
    assert_eq!(swept.len(), 2);
    for (scenario, swept) in ["dated.toml", "later.toml"].into_iter().zip(&swept) {
        let ran = place.drawsim(&["run", scenario, "--force"]);
        assert_eq!(ran.code, Some(0), "{ran:#?}");
        let run = rows(&place.path("output/dated/rounds.csv"));
        let [run, swept] =
            [&run[0]["cutoff_score"], &swept["mean"]].map(|score| score.parse::<f64>().unwrap());
        assert_eq!(run, swept, "{scenario}");
    }
}

const COLUMNS: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                       english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";

#[test]
fn a_misspelt_column_is_told_by_every_verb_that_reads_the_file() {
    let place = Place::new();
    place.file("small.toml", SMALL);
    place.file(
        "c.csv",
        &format!(
            "{COLUMNS},provincial_nominaton\na,2023-06-01T00:00:00Z,30,bachelors,9,9,9,9,1,3,31301,true\n"
        ),
    );
    place.file(
        "c.toml",
        "name = \"c\"\n[pool]\nas_of = 2023-07-04\nfile = \"c.csv\"\n[[rounds]]\n\
         at = 2023-07-05T13:00:00Z\ntype = \"general\"\ninvitations = 1\n",
    );
    for line in [
        "score c.csv --out o.csv",
        "run c.toml",
        "odds c.toml --candidate c.csv --replicates 2",
        "odds small.toml --candidate c.csv --replicates 2",
        "validate c.toml",
    ] {
        let ran = place.drawsim(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(ran.code, Some(0), "{line}: {}", ran.stderr);
        let told = "c.csv: column `provincial_nominaton` is not known and not used; did you mean \
                    `provincial_nomination`?";
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert_eq!(all.matches(told).count(), 1, "{line}: {all}");
    }
    // By which rules a file was scored is told once it was.
    let failed = place.drawsim(&["score", "c.csv", "--out", "o.csv"]);
    assert_eq!(failed.code, Some(2));
    assert!(!failed.stderr.contains("scored by"), "{}", failed.stderr);
}

#[test]
fn a_candidate_is_found_by_its_id_as_the_tables_write_it_and_as_it_is() {
    let place = Place::new();
    let row = "2023-06-01T00:00:00Z,30,bachelors,9,9,9,9,1,3,31301";
    place.file("c.csv", &format!("{COLUMNS}\n=1+1,{row}\nplain,{row}\n"));
    place.file(
        "c.toml",
        "name = \"c\"\n[pool]\nas_of = 2023-07-04\nfile = \"c.csv\"\n[[rounds]]\n\
         at = 2023-07-05T13:00:00Z\ntype = \"general\"\ninvitations = 2\n",
    );
    place.drawsim(&["run", "c.toml", "-q"]).printed();
    let invitees = rows(&place.path("output/c/invitees.csv"));
    let ids: Vec<&str> = invitees.iter().map(|row| &*row["candidate_id"]).collect();
    assert!(ids.contains(&"'=1+1"), "{ids:?}");
    for id in ["'=1+1", "=1+1"] {
        let told = place.drawsim(&["explain", "output/c", "--candidate", id]);
        assert!(told.printed().contains("Invited"), "{id}");
        let odds = ["odds", "c.toml", "--candidate", "c.csv", "--id", id, "-q"];
        place.drawsim(&odds).printed();
    }
}
