//! Rule cases as data files: a date and a profile in, points by section and factor, programs and
//! categories out. The cases stand in `tests/rule_cases/*.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use drawsim::pool::Eligibility;
use drawsim::rules::candidate::{
    Abilities, CanadianEducation, Candidate, CountryIndex, Education, FirstLanguage, Gender,
    JobOffer, NocIndex,
};
use drawsim::rules::language::{Ability, Test, level_of};
use drawsim::rules::{CategoryKey, Program, Rules, RulesPatch, categories, invitations, noc};
use drawsim::units::{Date, Instant};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    case: Vec<Case>,
    #[serde(default)]
    results: Vec<Results>,
}

/// Results of one ability of a language test by the level that they give.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Results {
    test: String,
    ability: String,
    /// The lowest and the highest result of each level, one where they are the same.
    levels: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// One date or several that give the same answer.
    on: Vec<String>,
    #[serde(default)]
    profile: Profile,
    #[serde(default)]
    patch: BTreeMap<String, u16>,
    expect: Expect,
}

/// Abilities are in the order reading, writing, listening, speaking.
#[derive(Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct Profile {
    age: u8,
    accompanying_spouse: bool,
    education: Education,
    canadian_education: CanadianEducation,
    english: [u8; 4],
    french: [u8; 4],
    first_language: FirstLanguage,
    canadian_work_years: u8,
    foreign_work_years: u8,
    trade_certificate: bool,
    spouse_education: Education,
    spouse_language: [u8; 4],
    spouse_canadian_work_years: u8,
    sibling_in_canada: bool,
    provincial_nomination: bool,
    job_offer: JobOffer,
    noc: Option<String>,
    noc_months: u8,
    noc_in_canada: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Profile {
            age: 45,
            accompanying_spouse: false,
            education: Education::None,
            canadian_education: CanadianEducation::None,
            english: [0; 4],
            french: [0; 4],
            first_language: FirstLanguage::Best,
            canadian_work_years: 0,
            foreign_work_years: 0,
            trade_certificate: false,
            spouse_education: Education::None,
            spouse_language: [0; 4],
            spouse_canadian_work_years: 0,
            sibling_in_canada: false,
            provincial_nomination: false,
            job_offer: JobOffer::None,
            noc: None,
            noc_months: 0,
            noc_in_canada: false,
        }
    }
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(deny_unknown_fields)]
struct Expect {
    core: Option<u16>,
    spouse: Option<u16>,
    transferability: Option<u16>,
    additional: Option<u16>,
    total: Option<u16>,
    fsw_points: Option<u16>,
    /// Days to answer an invitation of a round of the date.
    answer_days: Option<u32>,
    /// Whether the earlier submission decides among equal scores.
    ties_by_submission: Option<bool>,
    programs: Option<Vec<String>>,
    /// `name version`, in any order, out of all versions.
    categories: Option<Vec<String>>,
    /// Those of `categories` whose version is in force on the date.
    in_force: Option<Vec<String>>,
    /// Lines of the breakdown that must be there with these points; 0 for a line that is not.
    #[serde(default)]
    factors: BTreeMap<String, i32>,
}

fn abilities([reading, writing, listening, speaking]: [u8; 4]) -> Abilities {
    Abilities {
        reading,
        writing,
        listening,
        speaking,
    }
}

fn candidate(profile: &Profile) -> Candidate {
    Candidate {
        submitted_at: Instant::from_seconds(0),
        age: profile.age,
        accompanying_spouse: profile.accompanying_spouse,
        education: profile.education,
        canadian_education: profile.canadian_education,
        english: abilities(profile.english),
        french: abilities(profile.french),
        first_language: profile.first_language,
        canadian_work_years: profile.canadian_work_years,
        foreign_work_years: profile.foreign_work_years,
        trade_certificate: profile.trade_certificate,
        spouse_education: profile.spouse_education,
        spouse_language: abilities(profile.spouse_language),
        spouse_canadian_work_years: profile.spouse_canadian_work_years,
        sibling_in_canada: profile.sibling_in_canada,
        provincial_nomination: profile.provincial_nomination,
        job_offer: profile.job_offer,
        noc: profile.noc.as_deref().map_or(NocIndex::NONE, |code| {
            noc::find(code).expect("a code that NOC 2021 has")
        }),
        noc_months: profile.noc_months,
        noc_in_canada: profile.noc_in_canada,
        citizenship: CountryIndex::UNKNOWN,
        gender: Gender::Unstated,
    }
}

fn every_category() -> Vec<CategoryKey> {
    categories::all()
        .iter()
        .map(|known| CategoryKey {
            name: known.name.clone(),
            version: known.version.clone(),
        })
        .collect()
}

/// Why a case checks nothing, if that is so.
fn emptiness(case: &Case) -> Option<&'static str> {
    if case.on.is_empty() {
        Some("no date to be checked on")
    } else if case.expect == Expect::default() {
        Some("nothing that is expected")
    } else {
        None
    }
}

/// What the case got wrong on one date; the lines that its breakdown has are added to `seen`.
fn check(case: &Case, date: Date, seen: &mut BTreeSet<String>, failures: &mut Vec<String>) {
    let patch = RulesPatch {
        points: case.patch.clone().into_iter().collect(),
        ..RulesPatch::default()
    };
    let rules = match Rules::on(date, &every_category(), &patch) {
        Ok(rules) => rules,
        Err(problems) => return failures.push(format!("{}: {problems}", case.name)),
    };
    let candidate = candidate(&case.profile);
    let points = rules.points(&candidate);
    let mut compare = |what: &str, expected: Option<i32>, actual: i32| {
        if expected.is_some_and(|expected| expected != actual) {
            failures.push(format!(
                "{} on {date}: {what} is {actual}, not {}",
                case.name,
                expected.unwrap_or_default()
            ));
        }
    };
    let expect = &case.expect;
    compare("core", expect.core.map(i32::from), points.core.into());
    compare("spouse", expect.spouse.map(i32::from), points.spouse.into());
    let transferability = expect.transferability.map(i32::from);
    compare(
        "transferability",
        transferability,
        points.transferability.into(),
    );
    let additional = expect.additional.map(i32::from);
    compare("additional", additional, points.additional.into());
    compare(
        "total",
        expect.total.map(i32::from),
        points.total().0.into(),
    );
    let fsw = i32::from(rules.fsw_points(&candidate));
    compare("FSW points", expect.fsw_points.map(i32::from), fsw);
    compare(
        "days to answer",
        expect.answer_days.map(|days| days as i32),
        invitations::answer_days(date).unwrap() as i32,
    );
    compare(
        "ties by submission",
        expect.ties_by_submission.map(i32::from),
        invitations::ties_by_submission(date).unwrap().into(),
    );
    let lines = rules.breakdown(&candidate);
    seen.extend(lines.iter().map(|line| line.factor.clone()));
    for (factor, &expected) in &expect.factors {
        let of_factor = lines.iter().filter(|line| line.factor == *factor);
        compare(
            factor,
            Some(expected),
            of_factor.map(|line| line.points).sum(),
        );
    }

    let eligibility = rules.eligibility(&candidate).0;
    let programs = Program::ALL
        .into_iter()
        .filter(|program| eligibility & program.bit() != 0)
        .map(|program| program.name().to_owned());
    let members = rules.categories.iter().enumerate();
    let members: Vec<&CategoryKey> = members
        .filter(|(index, _)| eligibility & Eligibility::category_bit(*index) != 0)
        .map(|(_, key)| key)
        .collect();
    let in_force = members.iter().filter(|key| {
        categories::in_force(&key.name, date).is_some_and(|known| known.version == key.version)
    });
    let named = |key: &&CategoryKey| format!("{} {}", key.name, key.version);
    let mut compare = |what: &str, expected: &Option<Vec<String>>, mut actual: Vec<String>| {
        let Some(mut expected) = expected.clone() else {
            return;
        };
        actual.sort();
        expected.sort();
        if actual != expected {
            let name = &case.name;
            failures.push(format!(
                "{name} on {date}: {what} {actual:?}, not {expected:?}"
            ));
        }
    };
    compare("programs", &expect.programs, programs.collect());
    let categories = members.iter().map(named);
    compare("categories", &expect.categories, categories.collect());
    let in_force = in_force.map(named);
    compare("categories in force", &expect.in_force, in_force.collect());
}

/// Every file of cases.
fn files() -> Vec<File> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rule_cases");
    let paths = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            toml::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"))
        })
        .collect()
}

#[test]
fn every_rule_case_holds() {
    let (mut failures, mut count) = (Vec::new(), 0);
    let (mut seen, mut expected) = (BTreeSet::new(), BTreeSet::new());
    for case in files().iter().flat_map(|file| &file.case) {
        if let Some(what) = emptiness(case) {
            failures.push(format!("{} has {what}", case.name));
        }
        expected.extend(case.expect.factors.keys().cloned());
        for date in &case.on {
            check(case, date.parse().unwrap(), &mut seen, &mut failures);
            count += 1;
        }
    }
    for factor in expected.difference(&seen) {
        failures.push(format!("no breakdown has a line `{factor}`"));
    }
    assert!(count > 60, "only {count} cases were found");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// For each version, somebody who is in it on its first and its last day and not on the days beside.
#[test]
fn every_version_of_a_category_has_cases_on_the_days_around_it() {
    let files = files();
    let cases: Vec<&Case> = files.iter().flat_map(|file| &file.case).collect();
    let is_in = |profile: &Profile, on: Date, version: &str| {
        cases
            .iter()
            .filter(|case| case.profile == *profile && case.on.contains(&on.to_string()))
            .find_map(|case| case.expect.in_force.as_ref())
            .map(|versions| versions.iter().any(|known| known == version))
    };
    for known in categories::all() {
        let version = format!("{} {}", known.name, known.version);
        let day_before = |date: Date| date.yesterday().expect("a day before");
        let mut days = vec![(day_before(known.from), false), (known.from, true)];
        if let Some(until) = known.until {
            days.extend([(day_before(until), true), (until, false)]);
        }
        let complete = cases.iter().any(|case| {
            let mut days = days.iter();
            days.all(|&(on, expected)| is_in(&case.profile, on, &version) == Some(expected))
        });
        assert!(complete, "{version} has no such cases");
    }
}

#[test]
fn every_language_result_gives_its_level() {
    let abilities = [
        ("speaking", Ability::Speaking),
        ("listening", Ability::Listening),
        ("reading", Ability::Reading),
        ("writing", Ability::Writing),
    ];
    let levels: Vec<String> = (3..=10).map(|level| level.to_string()).collect();
    let mut found = BTreeSet::new();
    for results in files().iter().flat_map(|file| &file.results) {
        let name = (&*results.test, &*results.ability);
        let test = Test::ALL.into_iter().find(|test| test.name() == name.0);
        let test = test.unwrap_or_else(|| panic!("no test is called {}", name.0));
        let ability = abilities.into_iter().find(|(known, _)| *known == name.1);
        let (_, ability) = ability.unwrap_or_else(|| panic!("no ability is called {}", name.1));
        for level in &levels {
            let texts = results.levels.get(level).filter(|texts| !texts.is_empty());
            let texts = texts.unwrap_or_else(|| panic!("{name:?} has no results of level {level}"));
            for text in texts {
                let given = level_of(test, ability, text).map(|level| level.to_string());
                assert_eq!(given.as_ref(), Ok(level), "{name:?}: {text}");
            }
        }
        assert_eq!(results.levels.len(), levels.len(), "{name:?}");
        found.insert((results.test.clone(), results.ability.clone()));
    }
    assert_eq!(found.len(), Test::ALL.len() * abilities.len());
}

#[test]
fn a_case_that_checks_nothing_or_has_an_unknown_key_is_refused() {
    let case = |text: &str| toml::from_str::<Case>(&format!("name = \"a\"\n{text}"));
    let emptiness = |text| emptiness(&case(text).unwrap());
    assert!(emptiness("on = []\nexpect = { total = 0 }").is_some());
    assert!(emptiness("on = [\"2024-01-01\"]\nexpect = {}").is_some());
    assert!(emptiness("on = [\"2024-01-01\"]\nexpect = { total = 0 }").is_none());
    for text in [
        "on = [\"2024-01-01\"]",
        "expect = { total = 0 }",
        "on = [\"2024-01-01\"]\nexpect = { totals = 0 }",
        "on = [\"2024-01-01\"]\nexpect = { total = 0 }\nprofile = { aged = 30 }",
        "on = [\"2024-01-01\"]\nexpect = { total = 0 }\npatches = {}",
    ] {
        assert!(case(text).is_err(), "{text}");
    }
}
