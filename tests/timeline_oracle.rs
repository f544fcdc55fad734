//! The timeline against an independent oracle: before every round everybody's attributes, score
//! and eligibility are worked out from scratch, everybody is sorted, and nothing is remembered but
//! who holds which invitation. The engine's buckets, lazy birthdays and appointments have to come
//! to the same result. Conservation is checked at every step.

use drawsim::draw::{Instruction, RoundKind, TieBreak};
use drawsim::pool::columns::Ids;
use drawsim::pool::{Packed, Pool};
use drawsim::random::{Purpose, stream};
use drawsim::rules::candidate::*;
use drawsim::rules::categories::Place as Where;
use drawsim::rules::patch::{Counts, CustomCategory, Factor, FactorTier};
use drawsim::rules::{CategoryKey, Program, Rules, RulesPatch, noc};
use drawsim::scenario::plan::{RoundPlan, RulesPeriod};
use drawsim::study::replicate::points_again;
use drawsim::timeline::people::Answer;
use drawsim::timeline::{
    Answers, Changes, Course, Nominations, People, RoundCourse, SharedFates, SharedOutlook, Status,
    TimelinePlan, run,
};
use drawsim::units::{Date, Instant};
use rand::Rng;

const DAY: u32 = 86_400;
const START: u32 = 1_740_000_000; // 2025-02-19, five weeks before job-offer points end

fn categories() -> Vec<CategoryKey> {
    ["french/2023-V1", "healthcare/2025-V2", "own/mine"]
        .map(key)
        .to_vec()
}

fn key(text: &str) -> CategoryKey {
    let (name, version) = text.split_once('/').unwrap();
    CategoryKey {
        name: name.to_owned(),
        version: version.to_owned(),
    }
}

/// A category of one's own, and for odd seeds other points and a factor of one's own.
fn patch(seed: u64) -> RulesPatch {
    let mut patch = RulesPatch {
        categories: vec![CustomCategory {
            key: key("own/mine"),
            codes: vec!["31301".to_owned(), "21231".to_owned()],
            months: 6,
            english: 7,
            french: 0,
            place: Where::Anywhere,
            education: Education::Bachelors,
        }],
        ..RulesPatch::default()
    };
    if !seed.is_multiple_of(2) {
        patch.points = vec![("sibling".to_owned(), 90), ("french_bonus".to_owned(), 0)];
        patch.factors = vec![Factor {
            name: "own".to_owned(),
            counts: Counts::Either,
            tiers: vec![FactorTier {
                points: 35,
                codes: vec!["31301".to_owned()],
            }],
            min_canadian_work_years: 1,
        }];
    }
    patch
}

fn rules_on(date: Date, seed: u64) -> RulesPeriod {
    let rules = Rules::on(date, &categories(), &patch(seed)).unwrap();
    RulesPeriod {
        from: Instant::start_of(date).unwrap(),
        rules,
    }
}

/// Plausible but arbitrary people, the arrivals in order of submission behind the `started`.
fn people(seed: u64, started: usize, arrivals: usize, rules: &Rules) -> Pool {
    let mut numbers = stream(seed, Purpose::Resampling, 0, 0);
    let mut pick = move |below: u32| (numbers.next_u64() >> 33) as u32 % below;
    let mut pool = Pool::zeroed(started + arrivals, Ids::Numbered { first: 1 });
    let health = noc::find("31301").unwrap();
    for row in 0..started + arrivals {
        let submitted = if row < started {
            // Some are gone by the start.
            START - pick(375 * DAY)
        } else {
            START + 1 + ((row - started) as u64 * 300 * u64::from(DAY) / arrivals as u64) as u32
        };
        let candidate = Candidate {
            submitted_at: Instant::from_seconds(submitted),
            age: 17 + pick(30) as u8,
            accompanying_spouse: pick(3) == 0,
            education: Education::from_bits(pick(8) as u8),
            canadian_education: CanadianEducation::from_bits(pick(3) as u8),
            english: Abilities::all(5 + pick(6) as u8),
            french: Abilities::all(if pick(4) == 0 { 5 + pick(5) as u8 } else { 0 }),
            first_language: FirstLanguage::from_bits(pick(3) as u8),
            canadian_work_years: pick(4) as u8,
            foreign_work_years: pick(4) as u8,
            trade_certificate: pick(20) == 0,
            spouse_education: Education::Bachelors,
            spouse_language: Abilities::all(pick(10) as u8),
            spouse_canadian_work_years: pick(3) as u8,
            sibling_in_canada: pick(10) == 0,
            provincial_nomination: pick(25) == 0,
            job_offer: JobOffer::from_bits(pick(3) as u8),
            noc: if pick(3) == 0 {
                health
            } else {
                NocIndex(pick(516) as u16)
            },
            noc_months: pick(40) as u8,
            noc_in_canada: pick(2) == 0,
            citizenship: CountryIndex::UNKNOWN,
            gender: Gender::Unstated,
        };
        pool.set(
            row,
            Packed::new(
                &candidate,
                rules.points(&candidate).total(),
                rules.eligibility(&candidate),
            ),
        );
    }
    pool
}

fn timeline() -> TimelinePlan {
    TimelinePlan {
        start: Instant::from_seconds(START),
        end: Instant::from_seconds(START + 330 * DAY),
        withdrawals_per_year: 0.4,
        answers: Answers {
            accept: 0.6,
            decline: 0.25,
        },
        changes: Changes {
            birthdays: true,
            work_in_canada: 0.7,
            language_per_year: 0.5,
            nominations: Nominations {
                by_score: vec![(0, 0.4), (351, 0.1), (451, 0.02)],
                months: [1.0, 2.0, 0.0, 1.0, 1.5, 1.0, 0.5, 1.0, 1.0, 3.0, 0.0, 1.0],
            },
        },
    }
}

/// That timeline with other answers and rates for each seed, none of some in their turn.
fn timeline_of(seed: u64) -> TimelinePlan {
    let mut plan = timeline();
    let accept = [0.6, 1.0, 0.0, 0.3][seed as usize % 4];
    plan.answers = Answers {
        accept,
        decline: (1.0 - accept) * [0.6, 1.0, 0.0][seed as usize % 3],
    };
    plan.withdrawals_per_year = [0.4, 0.0, 2.5][seed as usize % 3];
    plan.changes.birthdays = !seed.is_multiple_of(5);
    plan.changes.work_in_canada = [0.7, 0.0, 1.0][seed as usize % 3];
    plan.changes.language_per_year = [0.5, 0.0, 3.0][seed as usize / 2 % 3];
    plan
}

fn rounds() -> Vec<RoundPlan> {
    let kinds = [
        RoundKind::Program(Program::Pnp),
        RoundKind::Program(Program::Cec),
        RoundKind::Category(0),
        RoundKind::General,
        RoundKind::Category(1),
        RoundKind::Category(2),
        RoundKind::Program(Program::Fsw),
    ];
    let ties = [
        TieBreak::EarliestSubmission,
        TieBreak::LatestSubmission,
        TieBreak::Random,
        TieBreak::None,
    ];
    (0..40u32)
        .map(|number| RoundPlan {
            label: number.to_string(),
            type_name: String::new(),
            version: None,
            instruction: Instruction {
                // Two rounds now and then fall on the same second.
                at: Instant::from_seconds(START + (number / 3 * 3) * 8 * DAY + 50_000),
                kind: kinds[number as usize % kinds.len()],
                invitations: 5 + u64::from(number % 7) * 6,
                tie_break: ties[number as usize / 2 % ties.len()],
            },
            answer_days: [60, 90][number as usize % 2],
        })
        .collect()
}

/// Where the oracle has somebody.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Free,
    Holds { answered: u32, back: bool },
    Gone,
}

/// Policies that share what is ahead of the people get what each gets alone, whatever rounds it was
/// guessed for, and where one gives other points.
fn check_sharing(
    seed: u64,
    started: usize,
    pool: &Pool,
    plan: &TimelinePlan,
    periods: &[RulesPeriod],
    rounds: &[RoundPlan],
) {
    let made_by = &periods[0].rules;
    let mut others = periods.to_vec();
    let patch = RulesPatch {
        points: vec![
            ("french_bonus".to_owned(), 11),
            ("age_29".to_owned(), 73),
            ("nomination".to_owned(), 290),
        ],
        ..patch(seed)
    };
    others[0].rules = Rules::on(made_by.date, &categories(), &patch).unwrap();
    assert!(made_by.judge_like(&others[0].rules));
    let mut scored = pool.clone();
    points_again(&mut scored, &others[0].rules);
    assert_ne!(scored.score, pool.score);

    let made = People::new(pool, started, plan, seed, 0);
    let shared = SharedFates::default();
    let fates = shared.of(&made).expect("nobody else's fates are kept");
    for guessed_for in [rounds, &[]] {
        let [first, second] = [SharedOutlook::default(), SharedOutlook::default()];
        let like = first.of(&made, fates, made_by, guessed_for, None);
        let same = People::new(pool, started, plan, seed, 0);
        compare(
            &made,
            same.with_fates(Some(fates)).with_outlook(like),
            plan,
            periods,
            rounds,
            seed,
        );

        let policy = || People::new(&scored, started, plan, seed, 0).with_scores(&pool.score);
        let rules = &others[0].rules;
        let outlook = second.of(&policy(), fates, rules, guessed_for, like);
        let known = policy().with_fates(Some(fates)).with_outlook(outlook);
        compare(&policy(), known, plan, &others, rounds, seed);
    }
}

/// A course is the same with what is known of the people beforehand.
fn compare(
    people: &People<'_>,
    known: People<'_>,
    plan: &TimelinePlan,
    periods: &[RulesPeriod],
    rounds: &[RoundPlan],
    seed: u64,
) {
    let [mut alone, mut known] = [people, &known].map(|people| {
        run(
            people,
            plan,
            periods,
            rounds,
            seed,
            0,
            seed.is_multiple_of(4),
        )
    });
    let rounds = known.rounds.iter_mut().zip(&mut alone.rounds);
    rounds.for_each(|(held, alone)| {
        assert_eq!(held.invited.last(), alone.invited.last());
        for round in [held, alone] {
            round.invited.sort_unstable_by_key(|one| one.row);
            round.outcome.invited.sort_unstable();
        }
    });
    assert_eq!(known.rounds, alone.rounds);
    assert!(known.standings(people).eq(alone.standings(people)));
    let counts = |course: &Course| {
        let (pool, live) = (course.in_pool, course.live_invitations);
        (course.totals, pool, live, course.expired_uninvited)
    };
    assert_eq!(counts(&known), counts(&alone));
}

fn check(seed: u64, started: usize, arrivals: usize) {
    let periods = [
        rules_on("2025-02-01".parse().unwrap(), seed),
        rules_on("2025-03-25".parse().unwrap(), seed),
    ];
    let plan = timeline_of(seed);
    let rounds = rounds();
    let pool = people(seed, started, arrivals, &periods[0].rules);
    let people = People::new(&pool, started, &plan, seed, 0);
    let course = run(
        &people,
        &plan,
        &periods,
        &rounds,
        seed,
        0,
        seed.is_multiple_of(4),
    );
    check_sharing(seed, started, &pool, &plan, &periods, &rounds);

    let mut places = vec![Place::Free; pool.len()];
    let mut invitations = vec![0u8; pool.len()];
    for (number, (round, held)) in rounds.iter().zip(&course.rounds).enumerate() {
        let now = round.instruction.at.seconds();
        let rules = &periods
            .iter()
            .rev()
            .find(|period| period.from.seconds() <= now)
            .unwrap()
            .rules;
        let mut queue = Vec::new();
        let mut in_pool = 0;
        for row in 0..pool.len() as u32 {
            let index = row as usize;
            if let Place::Holds { answered, back } = places[index]
                && answered <= now
            {
                places[index] = if back && answered < people.leaves(row) {
                    Place::Free
                } else {
                    Place::Gone
                };
            }
            if places[index] != Place::Free
                || pool.submitted[index] > now
                || people.leaves(row) <= now
            {
                continue;
            }
            in_pool += 1;
            let candidate = people.at(row, now);
            let bits = rules.eligibility(&candidate).0;
            let (any_of, none_of) = round.instruction.kind.filter();
            if bits & any_of != 0 && bits & none_of == 0 {
                queue.push((
                    rules.points(&candidate).total().0,
                    pool.submitted[index],
                    row,
                ));
            }
        }
        let outcome = &held.outcome;
        let hold = (places.iter()).filter(|place| matches!(place, Place::Holds { .. }));
        assert_eq!(
            held.live_invitations,
            hold.count() as u64,
            "live invitations of round {number}, seed {seed}"
        );
        assert_eq!(
            outcome.pool_size, in_pool,
            "pool of round {number}, seed {seed}"
        );
        assert_eq!(
            outcome.eligible,
            queue.len() as u64,
            "eligible of round {number}, seed {seed}"
        );
        let places_offered = round.instruction.invitations as usize;
        let rule = round.instruction.tie_break;
        queue.sort_by(|a, b| {
            let time = match rule {
                TieBreak::LatestSubmission => b.1.cmp(&a.1),
                _ => a.1.cmp(&b.1),
            };
            b.0.cmp(&a.0).then(time).then(a.2.cmp(&b.2))
        });
        let mut taken = places_offered.min(queue.len());
        let line = taken.checked_sub(1).map(|last| queue[last].0);
        assert_eq!(
            outcome.cutoff.map(|score| score.0),
            line,
            "cut-off of round {number}, seed {seed}"
        );
        if rule == TieBreak::None {
            while taken < queue.len() && Some(queue[taken].0) == line {
                taken += 1;
            }
        }
        assert_eq!(
            outcome.invited.len(),
            taken,
            "invited of round {number}, seed {seed}"
        );
        if rule == TieBreak::Random {
            // Which of the tied are invited is the dice's; everybody above the line has to be.
            let above = queue
                .iter()
                .filter(|entry| Some(entry.0) > line)
                .map(|entry| entry.2);
            above.for_each(|row| assert!(outcome.invited.contains(&row)));
        } else {
            let expected: Vec<u32> = queue[..taken].iter().map(|entry| entry.2).collect();
            assert_eq!(
                outcome.invited.last(),
                expected.last(),
                "lowest-ranked of round {number}, seed {seed}"
            );
            // Within a score nobody is put in order before somebody reads it.
            let rank = |row: &u32| expected.iter().position(|of| of == row);
            let mut invited = outcome.invited.clone();
            invited.sort_by_key(rank);
            assert_eq!(invited, expected, "invited of round {number}, seed {seed}");
        }
        let scores: Vec<u16> = outcome
            .invited
            .iter()
            .map(|&row| {
                queue
                    .iter()
                    .find(|entry| entry.2 == row)
                    .expect("the invited were eligible")
                    .0
            })
            .collect();
        assert_eq!(
            held.invited
                .iter()
                .map(|invitee| invitee.score)
                .collect::<Vec<_>>(),
            scores
        );
        assert!(
            scores.is_sorted_by(|one, next| one >= next),
            "scores fall in round {number}, seed {seed}"
        );
        let packed = people.packed([(held.invited.as_slice(), round.instruction.at)].into_iter());
        for (invitee, packed) in held.invited.iter().zip(&packed[0]) {
            let candidate = people.at(invitee.row, now);
            let expected = Packed::new(
                &candidate,
                rules.points(&candidate).total(),
                rules.eligibility(&candidate),
            );
            assert_eq!(*packed, expected, "invitee of round {number}, seed {seed}");
        }
        for &row in &outcome.invited {
            let index = row as usize;
            places[index] = match people.answer(row, invitations[index], round.answer_days) {
                Answer::Accept => Place::Gone,
                Answer::Decline(after) => Place::Holds {
                    answered: now + after,
                    back: true,
                },
                Answer::Lapse => Place::Holds {
                    answered: now + round.answer_days * DAY,
                    back: false,
                },
            };
            invitations[index] += 1;
        }
    }
    conserves(started as u64, &course.rounds);
    let ended = |status: Status| {
        let standings = course.standings(&people);
        standings.filter(|&one| one == status).count() as u64
    };
    assert_eq!(ended(Status::InPool), course.in_pool);
    assert_eq!(ended(Status::Accepted), course.totals.accepted);
    assert_eq!(ended(Status::Lapsed), course.totals.lapsed);
    assert_eq!(ended(Status::Expired), course.totals.expired);
    let never = |row: usize| {
        let gone_before = pool.submitted[row] + 365 * DAY <= plan.start.seconds();
        invitations[row] == 0 && !gone_before
    };
    let expired = course.standings(&people).enumerate();
    let uninvited = expired.filter(|&(row, one)| one == Status::Expired && never(row));
    assert_eq!(uninvited.count() as u64, course.expired_uninvited);
    assert_eq!(ended(Status::Withdrawn), course.totals.withdrawn);
    assert_eq!(
        started as u64 + course.totals.arrived,
        (pool.len() as u64) - ended(Status::NotYet)
    );
}

/// In the pool + invited + expired + withdrawn = started + arrived, before every round: the
/// invited are those who hold a live invitation, accepted one or let one lapse.
fn conserves(started: u64, rounds: &[RoundCourse]) {
    let mut came = started;
    let mut left = 0;
    for round in rounds {
        let flows = &round.flows;
        came += flows.arrived;
        left += flows.expired + flows.withdrawn + flows.lapsed;
        assert_eq!(
            round.outcome.pool_size + round.live_invitations + left,
            came,
            "{flows:?}"
        );
        left += flows.accepted;
    }
}

#[test]
fn forty_rounds_across_a_rule_change_agree_with_working_everything_out_anew() {
    for seed in 0..24 {
        check(seed, 900, 1_500);
    }
}

#[test]
fn a_pool_that_nobody_joins_and_an_empty_pool_run_too() {
    check(100, 400, 0);
    check(101, 0, 500);
}
