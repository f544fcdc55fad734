//! What policies are compared on: the same people, whoever else is there. A candidate who is never
//! eligible changes nobody's history, a policy compared with itself differs by nothing, intervals
//! cover a truth that can be worked out, and the odds of a candidate are what becomes of one who
//! really takes part. A longer stretch of time keeps the history of a shorter one.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use drawsim::draw::TieBreak;
use drawsim::observe::Silent;
use drawsim::pool::columns::Ids;
use drawsim::pool::{Packed, Pool};
use drawsim::rules::candidate::*;
use drawsim::scenario::{Overrides, Plan, RoundPlan, Scenario, Timeline};
use drawsim::study::compare::{Comparison, Figure, Paired, compare};
use drawsim::study::odds::{Odds, Probe};
use drawsim::study::population::{make_pool, population};
use drawsim::study::replicate::{Detail, Held, Replicate, replicate};
use drawsim::timeline::Nominations;
use drawsim::units::{Instant, Score};

/// Rounds of every tie-breaking rule on 2,000 people.
const ROUNDS: &str = r#"
[[schedule]]
every = "2 weeks"
first = 2024-01-15
until = 2024-07-01
label = "early"
tie_break = "earliest-submission"
turns = [{ type = "general", invitations = 30 }, { type = "cec", invitations = 25 }]

[[schedule]]
every = "2 weeks"
first = 2024-01-16
until = 2024-07-01
label = "lot"
tie_break = "random"
turns = [{ type = "french", invitations = 7 }, { type = "general", invitations = 40 }]

[[schedule]]
every = "4 weeks"
first = 2024-01-17
until = 2024-07-01
label = "late"
tie_break = "latest-submission"
turns = [{ type = "general", invitations = 20 }]

[[schedule]]
every = "4 weeks"
first = 2024-01-18
until = 2024-07-01
label = "all"
tie_break = "none"
turns = [{ type = "cec", invitations = 20 }]
"#;

const POOL: &str = "name = \"small\"\nseed = 11\n[pool]\nas_of = 2024-01-09\nsize = 2_000\n";

const TIMELINE: &str = r#"
[timeline]
end = 2024-07-01
withdrawals_per_year = 0.5
answers = { accept = 0.7, decline = 0.2 }
[timeline.arrivals]
per_day = 10
bands = "none"
[timeline.changes]
work_in_canada = 0.8
language_per_year = 0.3
nomination_per_year = { "0-400" = 0.5, "401-1200" = 0.1 }
nomination_months = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]
"#;

fn plan(parts: &[&str]) -> Plan {
    let text = parts.concat();
    Scenario::from_bytes(text.into_bytes(), Path::new("small.toml"))
        .and_then(|scenario| scenario.resolve())
        .unwrap_or_else(|problems| panic!("{problems}"))
}

/// With and without a timeline.
fn plans() -> [Plan; 2] {
    [plan(&[POOL, ROUNDS]), plan(&[POOL, TIMELINE, ROUNDS])]
}

/// The pool of a plan with names of five digits.
fn named_pool(plan: &Plan) -> Pool {
    let mut pool = make_pool(plan, 0, &Silent).unwrap();
    let name = |row: usize| format!("{row:05}").into_boxed_str();
    pool.ids = Ids::Text((0..pool.len()).map(name).collect());
    pool
}

/// A pool with one more candidate in that row.
fn with_one_more(pool: &Pool, row: usize, name: &str, packed: Packed) -> Pool {
    let Ids::Text(names) = &pool.ids else {
        panic!("names")
    };
    let mut names = names.to_vec();
    names.insert(row, name.into());
    let mut larger = Pool::zeroed(pool.len() + 1, Ids::Text(names.into()));
    for place in 0..pool.len() {
        larger.set(place + usize::from(place >= row), pool.row(place));
    }
    larger.set(row, packed);
    larger
}

fn run(plan: &Plan, pool: &Arc<Pool>) -> Replicate {
    let people = population(plan, Some(pool), 0, &Silent).unwrap();
    let mut done = replicate(plan, &people, 0, Detail::Rounds).unwrap();
    done.put_in_order(plan);
    done
}

/// Everybody's history: the rounds that invited them, by name, and their ranks and scores in them.
fn histories(replicate: &Replicate) -> BTreeMap<String, Vec<(usize, usize, u16)>> {
    let mut histories: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for (round, held) in replicate.rounds.iter().enumerate() {
        for (rank, (&row, packed)) in held.outcome.invited.iter().zip(&held.invited).enumerate() {
            let name = replicate.ids.name(row as usize).into_owned();
            histories
                .entry(name)
                .or_default()
                .push((round, rank, packed.score));
        }
    }
    histories
}

/// Somebody without a language test: no program takes them.
fn never_eligible(plan: &Plan) -> Packed {
    let candidate = Candidate {
        submitted_at: Instant::parse("2023-12-24T12:00:00Z").unwrap(),
        age: 30,
        accompanying_spouse: false,
        education: Education::Doctorate,
        canadian_education: CanadianEducation::None,
        english: Abilities::all(0),
        french: Abilities::all(0),
        first_language: FirstLanguage::Best,
        canadian_work_years: 0,
        foreign_work_years: 3,
        trade_certificate: false,
        spouse_education: Education::None,
        spouse_language: Abilities::all(0),
        spouse_canadian_work_years: 0,
        sibling_in_canada: true,
        provincial_nomination: false,
        job_offer: JobOffer::None,
        noc: NocIndex::NONE,
        noc_months: 0,
        noc_in_canada: false,
        citizenship: CountryIndex::UNKNOWN,
        gender: Gender::Unstated,
    };
    let rules = &plan.rules[0].rules;
    let packed = Packed::new(
        &candidate,
        rules.points(&candidate).total(),
        rules.eligibility(&candidate),
    );
    assert_eq!(packed.eligibility, 0);
    packed
}

#[test]
fn a_candidate_who_is_never_eligible_changes_nobodys_history() {
    for plan in plans() {
        let pool = named_pool(&plan);
        let base = run(&plan, &Arc::new(pool.clone()));
        let expected = histories(&base);
        assert!(expected.len() > 300, "{}", expected.len());
        for row in [0, 700, pool.len()] {
            let name = if row == 0 {
                " first"
            } else {
                &format!("{:05}x", row - 1)
            };
            let larger = with_one_more(&pool, row, name, never_eligible(&plan));
            let other = run(&plan, &Arc::new(larger));
            assert_eq!(histories(&other), expected, "row {row}");
            for (with, without) in other.rounds.iter().zip(&base.rounds) {
                assert_eq!(with.outcome.eligible, without.outcome.eligible);
                assert_eq!(with.outcome.cutoff, without.outcome.cutoff);
                assert_eq!(with.outcome.tie_break, without.outcome.tie_break);
            }
        }
    }
}

#[test]
fn a_longer_stretch_keeps_the_history_of_a_shorter_one() {
    let shares = r#"bands = { "501-1200" = 30, "401-500" = 200, "301-400" = 100, "0-300" = 1 }"#;
    for bands in [r#"bands = "none""#, shares] {
        let until = |end: &str| {
            let parts = [POOL, TIMELINE, ROUNDS].map(|part| part.replace("2024-07-01", end));
            let text = parts.concat().replace(r#"bands = "none""#, bands);
            let plan = plan(&[&text]);
            let people = population(&plan, None, 0, &Silent).unwrap();
            let mut done = replicate(&plan, &people, 0, Detail::Rounds).unwrap();
            done.put_in_order(&plan);
            done.rounds
        };
        let [long, short] = ["2024-07-01", "2024-04-09T12:00:00Z"].map(until);
        assert!(short.len() > 15 && long.len() > short.len() + 10);
        for (one, other) in short.iter().zip(&long) {
            assert_eq!(one.outcome, other.outcome);
            assert_eq!(one.invited, other.invited);
            assert_eq!(one.flows, other.flows);
        }
        let arrived = |held: &Held| held.flows.as_ref().map_or(0, |flows| flows.arrived);
        assert!(short.iter().map(arrived).sum::<u64>() > 500);
    }
}

fn renamed(plan: &Plan, name: &str) -> Plan {
    Plan {
        name: name.to_owned(),
        ..plan.clone()
    }
}

#[test]
fn a_policy_compared_with_itself_differs_by_exactly_nothing() {
    for plan in plans() {
        let plan = Plan {
            replicates: 3,
            ..plan
        };
        let plans = [plan.clone(), renamed(&plan, "same")];
        let found = compare(&plans, None, &Silent).unwrap();
        let mut measured = 0;
        for (figure, paired) in &found[0].figures {
            if paired.difference.is_empty() {
                continue;
            }
            measured += 1;
            assert_eq!(paired.base, paired.other, "{figure:?}");
            assert_eq!(paired.difference.mean(), Some(0.0), "{figure:?}");
            assert_eq!(paired.interval(), Some((0.0, 0.0)), "{figure:?}");
        }
        assert!(measured > 100, "{measured}");
    }
}

/// A policy by itself (`--policy`) has people made for it; where it is compared, the scenario's.
#[test]
fn a_policy_by_itself_meets_the_people_that_it_is_compared_on() {
    let policies = r#"
[policy.fewer]
scale_invitations = { general = 0.5 }
[policy.lots]
tie_break = "random"
[[policy.lots.schedule]]
every = "3 weeks"
first = 2024-01-15
until = 2024-07-01
turns = [{ type = "general", invitations = 30 }, { type = "stem", invitations = 5 }]
[policy.own]
categories = [{ name = "mine", noc = ["21231", "21232", "62020"], months = 6 }]
[[policy.own.rounds]]
at = 2024-02-01T14:00:00Z
type = "mine"
invitations = 9
[[policy.own.rounds]]
at = 2024-03-01T14:00:00Z
type = "cec"
invitations = 50
"#;
    for timeline in ["", TIMELINE] {
        let text = [POOL, timeline, ROUNDS, policies].concat();
        let scenario = Scenario::from_bytes(text.into_bytes(), Path::new("small.toml")).unwrap();
        let plans = scenario.policies(&Overrides::default()).unwrap();
        let shared = population(&plans[0], None, 0, &Silent).unwrap();
        for compared in &plans[1..] {
            let alone = scenario.resolve_with(&Overrides {
                policy: Some(compared.name.clone()),
                ..Overrides::default()
            });
            let alone = alone.unwrap_or_else(|problems| panic!("{problems}"));
            let own = population(&alone, None, 0, &Silent).unwrap();
            let alone = replicate(&alone, &own, 0, Detail::Rounds).unwrap();
            let people = shared.scored_by(compared);
            let compared = replicate(compared, &people, 0, Detail::Rounds).unwrap();
            assert!(alone.rounds.iter().any(|held| !held.invited.is_empty()));
            assert!(histories(&alone) == histories(&compared));
        }
    }
}

#[test]
fn everything_that_policies_are_compared_by_is_there() {
    let [_, base] = plans();
    let base = Plan {
        replicates: 2,
        ..base
    };
    let mut other = renamed(&base, "other");
    for round in &mut other.rounds {
        round.instruction.invitations *= 2;
    }
    let found = compare(&[base, other], None, &Silent).unwrap();
    let has = |metric: &str| {
        found[0]
            .figures
            .iter()
            .any(|(figure, paired)| figure.metric == metric && !paired.difference.is_empty())
    };
    for group in [
        "category",
        "program",
        "education",
        "first_language",
        "occupation_group",
        "citizenship",
        "age_band",
        "gender",
    ] {
        for metric in ["invited by", "gained by", "lost by"] {
            assert!(has(&format!("{metric} {group}")), "{metric} {group}");
        }
    }
    for metric in [
        "cutoff_score",
        "invited by round type",
        "mean_score",
        "share_french_speakers",
        "median_wait_days",
        "expired_uninvited",
    ] {
        assert!(has(metric), "{metric}");
    }
}

fn figure<'a>(found: &'a Comparison, metric: &str, value: &str) -> &'a Paired {
    let wanted =
        |figure: &Figure| figure.metric == metric && figure.value.as_deref() == Some(value);
    let (_, paired) = found
        .figures
        .iter()
        .find(|(figure, _)| wanted(figure))
        .expect("the figure is there");
    paired
}

/// Forty candidates with the same score, fifteen of them women, are invited by lot: eight under the
/// base, twenty under the other policy. The eight are among the twenty, so that the difference is
/// the number of women among twelve drawn from the forty: hypergeometric with a mean of
/// 12 * 15 / 40 = 4.5. Of 2,000 comparisons of eight replicates each, 93 to 97% have to cover it;
/// intervals that are right do so in 95% with a standard deviation of 0.49%, so that a right program
/// fails here with a chance below 1 in 10,000.
#[test]
fn the_interval_covers_a_truth_that_can_be_worked_out_as_often_as_it_says() {
    const RUNS: u64 = 2_000;
    let text = |invitations: u64| {
        format!(
            "name = \"lot\"\nreplicates = 8\n[pool]\nas_of = 2024-01-09\nsize = 40\nbands = \"none\"\n[[rounds]]\nat = 2024-01-10T00:00:00Z\ntype = \"general\"\ntie_break = \"random\"\ninvitations = {invitations}\n"
        )
    };
    let (base, other) = (plan(&[&text(8)]), renamed(&plan(&[&text(20)]), "other"));
    let mut pool = make_pool(&base, 0, &Silent).unwrap();
    let one = pool.row(0).candidate();
    for row in 0..pool.len() {
        let gender = if row < 15 { Gender::Woman } else { Gender::Man };
        let candidate = Candidate { gender, ..one };
        let rules = &base.rules[0].rules;
        pool.set(
            row,
            Packed::new(
                &candidate,
                rules.points(&candidate).total(),
                rules.eligibility(&candidate),
            ),
        );
    }
    let pool = Arc::new(pool);
    let mut covered = 0;
    let mut sum = 0.0;
    for seed in 0..RUNS {
        let plans = [
            Plan {
                seed,
                ..base.clone()
            },
            Plan {
                seed,
                ..other.clone()
            },
        ];
        let found = compare(&plans, Some(&pool), &Silent).unwrap();
        let paired = figure(&found[0], "invited by gender", Gender::Woman.name());
        let (low, high) = paired.interval().expect("eight replicates");
        covered += u64::from(low <= 4.5 && 4.5 <= high);
        sum += paired.difference.mean().unwrap();
    }
    let share = covered as f64 / RUNS as f64;
    assert!((0.93..=0.97).contains(&share), "{share}");
    // The mean of 16,000 draws of a standard deviation of 1.42: five standard errors.
    assert!(
        (sum / RUNS as f64 - 4.5).abs() < 0.057,
        "{}",
        sum / RUNS as f64
    );
}

/// A candidate is described to `odds`, and another like it really takes part: both are invited by
/// the same round, ties to the second and rounds with too few eligible included. Whoever of the two
/// is invited by lot is left out: the lot goes by the name.
#[test]
fn the_odds_of_a_candidate_are_what_becomes_of_one_who_takes_part() {
    let mut rounds = std::collections::BTreeSet::new();
    for plan in plans() {
        let plan = Plan {
            timeline: plan.timeline.clone().map(still),
            ..plan
        };
        let by_lot = |place: usize| plan.rounds[place].instruction.tie_break == TieBreak::Random;
        let rules = &plan.rules[0].rules;
        let pool = named_pool(&plan);
        let base = run(&plan, &Arc::new(pool.clone()));
        for row in (0..pool.len()).step_by(31) {
            let mut candidate = pool.row(row).candidate();
            let later = row as u32 % 3;
            candidate.submitted_at = candidate.submitted_at.saturating_add(later);
            let probe = Probe::of(&plan, &candidate);
            let mut odds = Odds::new(&plan, &probe);
            odds.add(&plan, &base);
            let expected = odds
                .chances(&plan)
                .iter()
                .position(|chance| chance.here > 0.0);
            let points = rules.points(&candidate).total();
            let twin = Packed::new(&candidate, points, rules.eligibility(&candidate));
            let real = run(
                &plan,
                &Arc::new(with_one_more(&pool, pool.len(), "99999", twin)),
            );
            let newest = pool.len() as u32;
            let expired = |place: &usize| plan.rounds[*place].instruction.at >= probe.expires();
            let invited = real
                .rounds
                .iter()
                .position(|held| held.outcome.invited.contains(&newest))
                .filter(|place| !expired(place));
            if ![expected, invited].into_iter().flatten().any(by_lot) {
                assert_eq!(invited, expected, "row {row}");
                rounds.insert(expected);
            }
        }
    }
    assert!(rounds.len() > 4 && rounds.contains(&None), "{rounds:?}");
}

/// A timeline in which nobody changes or withdraws.
fn still(timeline: Timeline) -> Timeline {
    let mut timeline = timeline;
    timeline.course.withdrawals_per_year = 0.0;
    timeline.course.changes.birthdays = false;
    timeline.course.changes.work_in_canada = 0.0;
    timeline.course.changes.language_per_year = 0.0;
    timeline.course.changes.nominations = Nominations::everybody(0.0);
    timeline
}

#[test]
fn no_round_after_the_profile_has_expired_gives_a_chance_and_none_before_it_is_there() {
    let plan = plan(&[POOL, TIMELINE, ROUNDS]);
    let replicate = run(&plan, &Arc::new(named_pool(&plan)));
    let chances = |submitted: &str| {
        let submitted = Instant::parse(submitted).unwrap();
        let probe = Probe::described(&plan, Score(1_200), &[], submitted);
        let mut odds = Odds::new(&plan, &probe);
        odds.add(&plan, &replicate);
        odds.chances(&plan)
    };
    let first = plan.rounds[0].instruction.at;
    let expired = first.saturating_sub(365 * Instant::DAY);
    assert!(!chances(&expired.to_string())[0].takes_part);
    assert_eq!(chances(&expired.to_string()).last().unwrap().by_now, 0.0);
    let alive = chances(&first.saturating_sub(365 * Instant::DAY - 1).to_string());
    assert!(alive[0].takes_part && alive[0].here == 1.0);
    let late = chances(&first.saturating_add(1).to_string());
    assert!(!late[0].takes_part && late[0].here == 0.0);
    let same_second = chances(&first.to_string());
    assert!(same_second[0].takes_part && same_second[0].here == 1.0);
}

#[test]
fn a_round_more_leaves_the_lots_of_later_rounds_as_they_are() {
    let round = |at: &str, kind: &str, invitations: u64| {
        format!(
            "[[rounds]]\nat = 2024-01-{at}\ntype = \"{kind}\"\ninvitations = {invitations}\ntie_break = \"random\"\n"
        )
    };
    let same = [
        round("12T12:00:00Z", "cec", 300),
        round("12T12:00:00Z", "fsw", 300),
        round("19T12:00:00Z", "cec", 200),
    ]
    .concat();
    // Nominees compete in no other round of these.
    let more = [round("10T12:00:00Z", "pnp", 3), same.clone()].concat();
    for timeline in ["", TIMELINE] {
        let [plan, longer] = [&same, &more].map(|rounds| plan(&[POOL, timeline, rounds]));
        let pool = Arc::new(named_pool(&plan));
        let [whole, longer] = [&plan, &longer].map(|plan| run(plan, &pool));
        assert_eq!(longer.rounds.len(), 1 + whole.rounds.len());
        let mut by_lot = 0;
        for (held, again) in whole.rounds.iter().zip(&longer.rounds[1..]) {
            assert_eq!(held.outcome.invited, again.outcome.invited);
            by_lot += held.outcome.tied_at_cutoff - held.outcome.tied_invited;
        }
        assert!(by_lot > 0, "somebody lost by lot");
        let [first, second] = [0, 1].map(|place| RoundPlan::lots(&plan.rounds, place));
        assert_ne!(
            first, second,
            "rounds of the same second have lots of their own"
        );
    }
}
