//! An oracle that knows the program by its files alone: random scenarios of every kind are run by
//! the real binary, and what it writes is worked out again from the candidate file by plain sorts
//! and loops. Nothing of the library is used here.
//!
//! Covered: explicit and repeated rounds, all types and tie-breaks, own categories, changed points,
//! pools that are generated and pools that are given, expiry along a timeline, and policies.
//! Who arrives and who declines is no file's to tell; `timeline_oracle` looks at that.

#[allow(dead_code)]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use support::{Place, rows};

const DAY: i64 = 86_400;
/// 2024-01-10T00:00:00Z, the date of all pools here.
const AS_OF: i64 = 1_704_844_800;

/// Numbers for random scenarios (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) % limit
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// Seconds since 1970 of `2024-01-10T14:00:00Z`.
fn seconds(text: &str) -> i64 {
    let number = |from: usize, to: usize| text[from..to].parse::<i64>().expect("a number");
    let (year, month) = (number(0, 4), number(5, 7));
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut days: i64 = (1970..year)
        .map(|year| if leap(year) { 366 } else { 365 })
        .sum();
    let lengths = [
        31,
        if leap(year) { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    days += lengths[..month as usize - 1].iter().sum::<i64>() + number(8, 10) - 1;
    days * DAY + number(11, 13) * 3_600 + number(14, 16) * 60 + number(17, 19)
}

/// `2024-01-10T14:00:00Z` of seconds in the years from 2023 to 2025.
fn text(at: i64) -> String {
    let mut days = at.div_euclid(DAY) - 19_358; // days to 2023-01-01
    let mut year = 2023;
    while days >= if year == 2024 { 366 } else { 365 } {
        days -= if year == 2024 { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    for length in [
        31,
        if year == 2024 { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let rest = at.rem_euclid(DAY);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!(
        "{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z",
        days + 1
    )
}

#[derive(Debug, Clone)]
struct Round {
    label: String,
    at: i64,
    kind: String,
    invitations: usize,
    tie_break: String,
    /// Whether profiles expire: along a timeline they do, and without one everybody stays.
    expires: bool,
}

#[derive(Debug, Clone)]
struct Candidate {
    id: String,
    score: i64,
    submitted: i64,
    memberships: BTreeSet<String>,
    gender: String,
    /// Whether a sibling pays it points, and French with English of CLB 5 does. A nominee has all
    /// the additional points that there are, so that they pay it nothing.
    sibling: bool,
    both_languages: bool,
}

fn is_paid(row: &BTreeMap<String, String>) -> bool {
    row["provincial_nomination"] == "false"
}

fn reaches(row: &BTreeMap<String, String>, language: &str, least: u8) -> bool {
    ["reading", "writing", "listening", "speaking"]
        .iter()
        .all(|ability| row[&format!("{language}_{ability}")].parse::<u8>().unwrap() >= least)
}

/// The same candidates where a sibling and French with English pay other points than 15 and 50.
fn with_points(people: &[Candidate], sibling: i64, french: i64) -> Vec<Candidate> {
    let mut people = people.to_vec();
    for one in &mut people {
        one.score += i64::from(one.sibling) * (sibling - 15);
        one.score += i64::from(one.both_languages) * (french - 50);
    }
    people
}

/// The candidates of a file in order of their names.
fn candidates(place: &Place, file: &str) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = rows(&place.path(file))
        .into_iter()
        .map(|row| Candidate {
            sibling: is_paid(&row) && row["sibling_in_canada"] == "true",
            both_languages: is_paid(&row)
                && reaches(&row, "french", 7)
                && reaches(&row, "english", 5),
            id: row["candidate_id"].clone(),
            score: row["crs_score"].parse().unwrap(),
            submitted: seconds(&row["submitted_at"]),
            memberships: row["programs"]
                .split(';')
                .chain(row["categories"].split(';'))
                .map(str::to_owned)
                .collect(),
            gender: row["gender"].clone(),
        })
        .collect();
    all.sort_by_key(|one| (one.id.len(), one.id.clone()));
    all
}

/// Whether a candidate may be ranked in a round of that type: nominees only in rounds of their own
/// and in those of all programs.
fn competes(candidate: &Candidate, kind: &str) -> bool {
    let is = |name: &str| candidate.memberships.contains(name);
    match kind {
        "general" => is("fsw") || is("cec") || is("fst"),
        "pnp" => is("pnp"),
        other => is(other) && !is("pnp"),
    }
}

/// What a round comes to.
#[derive(Debug, Default)]
struct Held {
    pool: usize,
    eligible: usize,
    invited: Vec<usize>,
    cutoff: Option<i64>,
    tie_break: Option<i64>,
    tied: usize,
    tied_invited: usize,
}

/// Holds a round among those who are still there. Where the dice break ties, `drawn` says whom they
/// chose, and everything else has to be as it must.
fn hold(all: &[Candidate], gone: &[bool], round: &Round, drawn: &[usize]) -> Held {
    let mut held = Held::default();
    let mut queue = Vec::new();
    for (place, candidate) in all.iter().enumerate() {
        let expired = round.expires && candidate.submitted + 365 * DAY <= round.at;
        if gone[place] || candidate.submitted > round.at || expired {
            continue;
        }
        held.pool += 1;
        if competes(candidate, &round.kind) {
            queue.push(place);
        }
    }
    held.eligible = queue.len();
    let latest = round.tie_break == "latest-submission";
    queue.sort_by_key(|&place| {
        let one = &all[place];
        (
            -one.score,
            if latest {
                -one.submitted
            } else {
                one.submitted
            },
            place,
        )
    });
    let places = round.invitations.min(queue.len());
    if places == 0 {
        return held;
    }
    let line = all[queue[places - 1]].score;
    held.cutoff = Some(line);
    let tied: Vec<usize> = queue
        .iter()
        .copied()
        .filter(|&place| all[place].score == line)
        .collect();
    held.tied = tied.len();
    held.invited = match round.tie_break.as_str() {
        "none" => queue
            .into_iter()
            .filter(|&place| all[place].score >= line)
            .collect(),
        "random" => {
            let above = queue
                .iter()
                .filter(|&&place| all[place].score > line)
                .count();
            let scores =
                |of: &[usize]| of.iter().map(|&place| all[place].score).collect::<Vec<_>>();
            assert_eq!(scores(drawn), scores(&queue[..places]), "{round:?}");
            let unique: BTreeSet<usize> = drawn.iter().copied().collect();
            assert_eq!(unique.len(), drawn.len());
            assert!(queue[..above].iter().all(|place| unique.contains(place)));
            assert!(drawn[above..].iter().all(|place| tied.contains(place)));
            drawn.to_vec()
        }
        _ => {
            if round.invitations <= queue.len() {
                held.tie_break = Some(all[queue[places - 1]].submitted);
            }
            queue[..places].to_vec()
        }
    };
    held.tied_invited = held
        .invited
        .iter()
        .filter(|&&place| all[place].score == line)
        .count();
    held
}

/// Runs rounds one after the other; who was drawn by the dice is given by round.
fn course(all: &[Candidate], rounds: &[Round], drawn: &BTreeMap<String, Vec<usize>>) -> Vec<Held> {
    let mut gone = vec![false; all.len()];
    rounds
        .iter()
        .map(|round| {
            let held = hold(
                all,
                &gone,
                round,
                drawn.get(&round.label).map_or(&[], |list| list),
            );
            held.invited.iter().for_each(|&place| gone[place] = true);
            held
        })
        .collect()
}

/// Compares the tables of a run with what the oracle works out; gives the rounds.
#[track_caller]
fn agrees(
    place: &Place,
    folder: &str,
    all: &[Candidate],
    rounds: &[Round],
    told: &str,
) -> Vec<Held> {
    let of: BTreeMap<&str, usize> = all
        .iter()
        .enumerate()
        .map(|(place, one)| (one.id.as_str(), place))
        .collect();
    let mut drawn: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in rows(&place.path(folder).join("invitees.csv")) {
        let round = drawn.entry(row["round"].clone()).or_default();
        round.push(of[row["candidate_id"].as_str()]);
        assert_eq!(row["rank"], round.len().to_string());
    }
    let course = course(all, rounds, &drawn);
    let table = rows(&place.path(folder).join("rounds.csv"));
    assert_eq!(table.len(), rounds.len(), "{told}");
    let shown = |value: Option<String>| value.unwrap_or_default();
    for ((round, held), row) in rounds.iter().zip(&course).zip(&table) {
        let told = format!("round {} of\n{told}", round.label);
        for (column, expected) in [
            ("round", round.label.clone()),
            ("at_utc", text(round.at)),
            ("type", round.kind.clone()),
            ("pool_size", held.pool.to_string()),
            ("eligible", held.eligible.to_string()),
            ("invited", held.invited.len().to_string()),
            (
                "cutoff_score",
                shown(held.cutoff.map(|score| score.to_string())),
            ),
            ("tie_break_utc", shown(held.tie_break.map(text))),
            ("tied_at_cutoff", held.tied.to_string()),
            ("tied_invited", held.tied_invited.to_string()),
        ] {
            assert_eq!(row[column], expected, "{column} of {told}");
        }
        let invited = drawn.get(&round.label).cloned().unwrap_or_default();
        assert_eq!(invited, held.invited, "{told}");
        if !held.invited.is_empty() {
            let sum: i64 = held.invited.iter().map(|&place| all[place].score).sum();
            let mean = sum as f64 / held.invited.len() as f64;
            assert_eq!(row["mean_score"].parse::<f64>().unwrap(), mean, "{told}");
        }
    }
    course
}

const KINDS: [&str; 8] = [
    "general",
    "pnp",
    "cec",
    "fsw",
    "stem",
    "french",
    "healthcare",
    "mine",
];
const TIES: [&str; 4] = ["earliest-submission", "latest-submission", "random", "none"];

/// A random scenario: its text, and its rounds as they are to be held.
fn scenario(numbers: &mut Numbers, name: &str, size: u64) -> (String, Vec<Round>) {
    let lasting = numbers.below(3) > 0;
    let mut toml = format!(
        "name = \"{name}\"\nseed = {}\n\n[pool]\nas_of = 2024-01-10\nsize = {size}\nbands = \"none\"\n",
        numbers.below(1_000_000)
    );
    if lasting {
        toml += "\n[timeline]\nend = 2024-12-31\nchanges = { birthdays = false }\n";
    }
    let mut rounds = Vec::new();
    let explicit = 1 + numbers.below(5);
    let mut at = AS_OF + 3_600;
    for number in 1..=explicit {
        at += (numbers.below(3) * numbers.below(40 * DAY as u64)) as i64;
        let kind = numbers.one(&KINDS);
        let tie_break = numbers.one(&TIES);
        let part = numbers.below(20).max(1);
        let invitations = 1 + numbers.below(1 + size / part);
        write!(
            toml,
            "\n[[rounds]]\nat = {}\ntype = \"{kind}\"\ninvitations = {invitations}\ntie_break = \"{tie_break}\"\n",
            text(at)
        )
        .unwrap();
        rounds.push(Round {
            label: number.to_string(),
            at,
            kind: kind.to_owned(),
            invitations: invitations as usize,
            tie_break: tie_break.to_owned(),
            expires: lasting,
        });
    }
    if lasting && numbers.below(2) == 0 {
        let (weeks, hour) = (1 + numbers.below(6), numbers.below(24));
        let first = AS_OF + (1 + numbers.below(20) as i64) * DAY + hour as i64 * 3_600;
        let turns = [
            ("cec", 1 + numbers.below(40)),
            ("french", 1 + numbers.below(9)),
            ("pnp", 1 + numbers.below(9)),
        ];
        write!(
            toml,
            "\n[[schedule]]\nevery = \"{weeks} week{}\"\nfirst = {}\nhour = {hour}\nturns = [",
            if weeks == 1 { "" } else { "s" },
            &text(first)[..10]
        )
        .unwrap();
        turns.iter().for_each(|(kind, invitations)| {
            write!(
                toml,
                "{{ type = \"{kind}\", invitations = {invitations} }}, "
            )
            .unwrap();
        });
        toml += "]\n";
        let times = (0..).map(|number| first + number * weeks as i64 * 7 * DAY);
        for (number, at) in times
            .take_while(|&at| at < seconds("2024-12-31T00:00:00Z"))
            .enumerate()
        {
            let (kind, invitations) = turns[number % turns.len()];
            rounds.push(Round {
                label: format!("s1-{}", number + 1),
                at,
                kind: kind.to_owned(),
                invitations: invitations as usize,
                tie_break: "earliest-submission".to_owned(),
                expires: lasting,
            });
        }
        rounds.sort_by_key(|round| round.at);
    }
    toml += &rules(numbers);
    (toml, rounds)
}

/// Own categories and changed points.
fn rules(numbers: &mut Numbers) -> String {
    let mut toml = match numbers.below(3) {
        0 => "\n[[categories]]\nname = \"mine\"\nfrench = 5\n".to_owned(),
        1 => "\n[[categories]]\nname = \"mine\"\nnoc = [\"21231\", \"31301\", \"62020\"]\nmonths = 6\n".to_owned(),
        _ => "\n[[categories]]\nname = \"mine\"\nenglish = 9\nin_canada = true\n".to_owned(),
    };
    if numbers.below(2) == 0 {
        let (french, sibling) = (numbers.below(200), numbers.below(90));
        writeln!(
            toml,
            "\n[points]\nfrench_bonus = {french}\nsibling = {sibling}"
        )
        .unwrap();
    }
    toml
}

#[test]
fn random_scenarios_come_to_what_plain_sorts_come_to() {
    let place = Place::new();
    for seed in 0..24 {
        let mut numbers = Numbers(seed);
        let size = 60 + numbers.below(900);
        let (toml, rounds) = scenario(&mut numbers, "a", size);
        place.file("a.toml", &toml);
        let told = format!("seed {seed}:\n{toml}");
        let done = |args: &[&str]| {
            let ran = place.drawsim(args);
            assert_eq!(ran.code, Some(0), "{told}\n{ran:#?}");
        };
        done(&["generate", "a.toml", "--out", "pool.csv", "--force", "-q"]);
        let all = candidates(&place, "pool.csv");
        done(&["run", "a.toml", "--force", "-q"]);
        agrees(&place, "output/a", &all, &rounds, &told);

        // The same people under other names and with many equal submissions, as a file.
        let mut writer = csv::Writer::from_path(place.path("given.csv")).unwrap();
        let mut reader = csv::Reader::from_path(place.path("pool.csv")).unwrap();
        let header = reader.headers().unwrap().clone();
        writer.write_record(&header).unwrap();
        let column = |name: &str| header.iter().position(|cell| cell == name).unwrap();
        let (id, submitted) = (column("candidate_id"), column("submitted_at"));
        let turn = 1 + 2 * numbers.below(400);
        for (number, record) in reader.records().enumerate() {
            let record = record.unwrap();
            let cells = record.iter().enumerate().map(|(place, cell)| {
                if place == id {
                    format!("c{:05}", (number as u64 * turn) % 65_536)
                } else if place == submitted {
                    format!("{}-01T00:00:00Z", &cell[..7])
                } else {
                    cell.to_owned()
                }
            });
            writer.write_record(cells).unwrap();
        }
        drop(writer);
        let given = candidates(&place, "given.csv");
        done(&[
            "run",
            "a.toml",
            "--pool",
            "given.csv",
            "--out",
            "given",
            "--force",
            "-q",
        ]);
        agrees(&place, "given/a", &given, &rounds, &told);
    }
}

#[test]
fn random_policies_differ_by_what_plain_sorts_differ_by() {
    let place = Place::new();
    for seed in 100..112 {
        let mut numbers = Numbers(seed);
        let size = 300 + numbers.below(900);
        let head = format!(
            "seed = {seed}\nreplicates = 1\n\n[pool]\nas_of = 2024-01-10\nsize = {size}\nbands = \"none\"\n"
        );
        let mut rounds = [Vec::new(), Vec::new()];
        let mut texts = [String::new(), String::new()];
        for (policy, table) in [(0, "rounds"), (1, "policy.b.rounds")] {
            for number in 1..=3 {
                let at = AS_OF + number * 10 * DAY;
                let kind = numbers.one(&["general", "pnp", "cec", "french", "stem"]);
                let tie_break = numbers.one(&["earliest-submission", "latest-submission", "none"]);
                let invitations = 1 + numbers.below(size / 6);
                let keys = format!(
                    "at = {}\ntype = \"{kind}\"\ninvitations = {invitations}\ntie_break = \"{tie_break}\"\n",
                    text(at)
                );
                rounds[policy].push(Round {
                    label: number.to_string(),
                    at,
                    kind: kind.to_owned(),
                    invitations: invitations as usize,
                    tie_break: tie_break.to_owned(),
                    expires: false,
                });
                write!(texts[policy], "\n[[{table}]]\n{keys}").unwrap();
            }
        }
        let (french, sibling) = (numbers.below(120), numbers.below(60));
        let points = format!("{{ french_bonus = {french}, sibling = {sibling} }}");
        place.file(
            "a.toml",
            &format!(
                "name = \"a\"\n{head}{}\n[policy.b]\npoints = {points}\n{}",
                texts[0], texts[1]
            ),
        );
        place.file("base.toml", &format!("name = \"a\"\n{head}{}", texts[0]));
        for args in [
            &["generate", "base.toml", "--out", "a.csv", "--force", "-q"][..],
            &["compare", "a.toml", "--force", "-q"],
        ] {
            let ran = place.drawsim(args);
            assert_eq!(ran.code, Some(0), "{ran:#?}");
        }
        let before = candidates(&place, "a.csv");
        let after = with_points(&before, sibling as i64, french as i64);
        let people = [before, after];
        let held = [0, 1].map(|policy| course(&people[policy], &rounds[policy], &BTreeMap::new()));
        let invited = held.each_ref().map(|held| {
            held.iter()
                .flat_map(|one| one.invited.clone())
                .collect::<BTreeSet<usize>>()
        });

        let mut expected: BTreeMap<(String, String), [f64; 2]> = BTreeMap::new();
        for policy in [0, 1] {
            let scores: Vec<i64> = held[policy]
                .iter()
                .flat_map(|one| &one.invited)
                .map(|&place| people[policy][place].score)
                .collect();
            let mut set = |metric: &str, value: &str, number: f64| {
                expected
                    .entry((metric.to_owned(), value.to_owned()))
                    .or_default()[policy] = number;
            };
            set("invited", "", scores.len() as f64);
            set(
                "mean_score",
                "",
                scores.iter().sum::<i64>() as f64 / scores.len() as f64,
            );
            for gender in ["woman", "man"] {
                let of = |set: &BTreeSet<usize>, other: &BTreeSet<usize>| {
                    set.iter()
                        .filter(|place| {
                            !other.contains(place) && people[0][**place].gender == gender
                        })
                        .count() as f64
                };
                set(
                    "invited by gender",
                    gender,
                    of(&invited[policy], &BTreeSet::new()),
                );
                let change = |metric| if policy == 0 { 0.0 } else { metric };
                set(
                    "gained by gender",
                    gender,
                    change(of(&invited[1], &invited[0])),
                );
                set(
                    "lost by gender",
                    gender,
                    change(of(&invited[0], &invited[1])),
                );
            }
        }
        let table = rows(&place.path("output/a-compared/comparison.csv"));
        for ((metric, value), numbers) in expected {
            let found = table
                .iter()
                .find(|row| row["metric"] == metric && row["value"] == value);
            let Some(row) = found else {
                assert!(
                    numbers == [0.0; 2] || numbers.iter().any(|number| number.is_nan()),
                    "{metric} {value} {numbers:?}"
                );
                continue;
            };
            for (column, number) in [("base_mean", numbers[0]), ("other_mean", numbers[1])] {
                let shown: f64 = row[column].parse().unwrap();
                assert!(
                    (shown - number).abs() < 1e-9,
                    "{metric} {value}: {shown}, not {number} (seed {seed})"
                );
            }
        }
    }
}

#[test]
fn the_calendar_of_the_oracle_is_in_order() {
    for (shown, at) in [
        ("2024-01-10T00:00:00Z", AS_OF),
        ("2023-12-31T23:59:59Z", 1_704_067_199),
        ("2024-02-29T12:00:01Z", 1_709_208_001),
    ] {
        assert_eq!((seconds(shown), text(at).as_str()), (at, shown));
    }
}
