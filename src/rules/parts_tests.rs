//! Parts against the whole, over random candidates and patches.

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::rules::Packed;
use crate::rules::candidate::{Abilities, Education, FirstLanguage, NocIndex};
use crate::rules::lasting::Lasting;
use crate::rules::patch::{CategoryKey, Counts, Factor, FactorTier};
use crate::rules::{Footing, Increments, RulesPatch, grid};
use crate::units::Score;

/// As the columns hold a candidate.
fn packed(c: &Candidate) -> Packed {
    Packed::new(c, Score(0), Eligibility(0))
}

/// Abilities as tests give them, a third of them none.
fn abilities() -> impl Strategy<Value = Abilities> {
    prop_oneof![
        Just(Abilities::default()),
        (0u8..=12).prop_map(Abilities::all),
        [0u8..=12, 0u8..=12, 0u8..=12, 0u8..=12].prop_map(
            |[reading, writing, listening, speaking]| Abilities {
                reading,
                writing,
                listening,
                speaking,
            }
        ),
    ]
}

prop_compose! {
    fn anybody()(
        languages in (abilities(), abilities(), abilities()),
        flags in any::<[bool; 5]>(),
        levels in (0u8..8, 0u8..8, 0u8..3, 0u8..3),
        years in (0u8..=10, 0u8..=10, 0u8..=10),
        work in (0u16..=516, any::<u8>()),
        age in 17u8..60,
    ) -> Candidate {
        Candidate {
            age,
            accompanying_spouse: flags[0],
            education: Education::from_bits(levels.0),
            canadian_education: crate::rules::candidate::CanadianEducation::from_bits(levels.2),
            english: languages.0,
            french: languages.1,
            canadian_work_years: years.0,
            foreign_work_years: years.1,
            trade_certificate: flags[1],
            spouse_education: Education::from_bits(levels.1),
            spouse_language: languages.2,
            spouse_canadian_work_years: years.2,
            sibling_in_canada: flags[2],
            provincial_nomination: flags[3],
            job_offer: JobOffer::from_bits(levels.3),
            // The last of them is nobody's occupation.
            noc: if work.0 < 516 { NocIndex(work.0) } else { NocIndex::NONE },
            noc_months: work.1,
            noc_in_canada: flags[4],
            ..Candidate::blank()
        }
    }
}

/// Anybody, who may name the first official language.
fn anybody_who_may_name() -> impl Strategy<Value = Candidate> {
    (anybody(), 0u8..3).prop_map(|(c, first)| Candidate {
        first_language: FirstLanguage::from_bits(first),
        ..c
    })
}

/// Some values of the grid set to small numbers, so that no patch exceeds what a grid can hold,
/// and perhaps a factor.
fn patch() -> impl Strategy<Value = RulesPatch> {
    let names = grid::point_names();
    let count = names.len();
    let points = prop::collection::vec((0..count, 0u16..60), 0..12);
    (points, any::<bool>(), 0u8..3).prop_map(move |(points, factor, years)| RulesPatch {
        points: (points.into_iter())
            .map(|(place, value)| (names[place].to_owned(), value))
            .collect(),
        factors: if factor {
            vec![Factor {
                name: "wage".to_owned(),
                counts: Counts::Either,
                tiers: vec![FactorTier {
                    points: 75,
                    codes: vec!["21231".to_owned(), "31301".to_owned(), "72106".to_owned()],
                }],
                min_canadian_work_years: years,
            }]
        } else {
            Vec::new()
        },
        categories: Vec::new(),
    })
}

fn wanted() -> Vec<CategoryKey> {
    ["stem", "french", "trade", "agriculture"]
        .map(|name| CategoryKey {
            name: name.to_owned(),
            version: "2023-V1".to_owned(),
        })
        .to_vec()
}

fn judged(parts: &Parts, c: &Candidate) -> Judgement {
    let spouse = c.accompanying_spouse;
    parts.judge(
        &parts.person(c, c.noc != NocIndex::NONE),
        c.provincial_nomination,
        &parts.languages(spouse, c.english.pack(), c.french.pack()),
        parts.occupation(c.noc),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_say_what_the_whole_says_under_any_patch(
        people in prop::collection::vec(anybody(), 64),
        patch in patch(),
        offers in any::<bool>(),
    ) {
        let day = if offers { date(2024, 1, 1) } else { date(2025, 3, 25) };
        // Patched maxima may add up to more than a score can be.
        let rules = Rules::on(day, &wanted(), &patch);
        prop_assume!(rules.is_ok());
        let rules = rules.expect("it is");
        let parts = Parts::new(&rules);
        for c in &people {
            prop_assert_eq!(c.first_language, FirstLanguage::Best);
            let judged = judged(&parts, c);
            prop_assert_eq!(judged.score, rules.points(c).total().0, "{:?}", c);
            prop_assert_eq!(judged.eligibility, rules.eligibility(c), "{:?}", c);
        }
    }
}

/// A second language that is worth more than a first at the minimum: each order by itself decides.
#[test]
fn parts_say_what_the_whole_says_of_every_pair_of_levels_where_the_second_language_pays_most() {
    for minimum in [5, 7] {
        let patch = RulesPatch {
            points: vec![
                ("fsw_second_language".to_owned(), 30),
                ("fsw_language_minimum".to_owned(), minimum),
            ],
            ..RulesPatch::default()
        };
        let rules = Rules::on(date(2023, 7, 4), &wanted(), &patch).expect("they are published");
        let parts = Parts::new(&rules);
        let lasting = Lasting::new(&rules);
        for pair in 0..13 * 13 {
            let c = Candidate {
                age: 30,
                education: Education::Bachelors,
                english: Abilities::all(pair / 13),
                french: Abilities::all(pair % 13),
                foreign_work_years: 3,
                noc: crate::rules::noc::find("21231").expect("it is in the table"),
                ..Candidate::blank()
            };
            let eligible = rules.eligibility(&c);
            assert_eq!(judged(&parts, &c).eligibility, eligible, "{c:?}");
            if eligible.0 & Eligibility::FSW == 0 {
                assert!(!lasting.keeps_fsw(&younger(&c)), "{c:?}");
            }
        }
    }
}

/// A candidate a year before.
fn younger(c: &Candidate) -> Packed {
    packed(&Candidate {
        age: c.age - 1,
        ..*c
    })
}

/// What happens to candidates while they wait, each with the bound on what it may add.
fn changed(c: &Candidate, gains: &crate::rules::Gains) -> [(u16, Candidate); 4] {
    use crate::timeline::people::Changes;
    let years = usize::from(c.canadian_work_years);
    let in_french = Changes::betters_french(c.english, c.french, || c.first_language);
    [
        (gains.birthday[usize::from(c.age)], Changes::BIRTHDAY),
        (gains.work[years], Changes::WORK),
        (gains.language[usize::from(in_french)], Changes::LANGUAGE),
        (gains.nomination, Changes::NOMINATION),
    ]
    .map(|(most, change)| (most, change.apply(*c)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_change_adds_more_than_its_bound_under_any_patch(
        people in prop::collection::vec(anybody_who_may_name(), 128),
        patch in patch(),
    ) {
        let rules = Rules::on(date(2024, 1, 1), &wanted(), &patch);
        prop_assume!(rules.is_ok());
        let rules = rules.expect("it is");
        let gains = rules.gains();
        for c in &people {
            let before = rules.points(c).total().0;
            for (most, after) in changed(c, &gains) {
                let after = rules.points(&after).total().0;
                prop_assert!(after <= before + most, "{before} + {most} < {after}: {c:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Changes in any order, one after the other: each increment is what scoring again says.
    #[test]
    fn increments_are_what_scoring_again_says_under_any_patch(
        people in prop::collection::vec((anybody_who_may_name(), Just([0, 1, 2]).prop_shuffle()), 128),
        patch in patch(),
    ) {
        use crate::timeline::people::Changes;
        type Increment = fn(&Increments, &mut Footing) -> i16;
        let all: [(Changes, Increment); 3] = [
            (Changes::WORK, Increments::work),
            (Changes::LANGUAGE, Increments::better_english),
            (Changes::NOMINATION, Increments::nomination),
        ];
        let rules = Rules::on(date(2024, 1, 1), &wanted(), &patch);
        prop_assume!(rules.is_ok());
        let rules = rules.expect("it is");
        let increments = rules.increments();
        for (c, order) in &people {
            for c in [*c, Candidate { french: Abilities::default(), ..*c }] {
                let Some(mut footing) = increments.footing(&packed(&c)) else {
                    continue;
                };
                let mut happened = Changes::default();
                let mut score = rules.points(&c).total().0;
                let known = order.map(|at: usize| all[at]).into_iter();
                let in_english = footing.in_english();
                for (change, increment) in known.filter(|&(what, _)| in_english || what != Changes::LANGUAGE) {
                    happened = happened.and(change);
                    score = score.wrapping_add_signed(increment(&increments, &mut footing));
                    let whole = rules.points(&happened.apply(c)).total().0;
                    prop_assert_eq!(score, whole, "{:?} of {:?}", happened, c);
                }
            }
        }
    }

    /// Where nothing is left out of the sum, it is the grid's.
    #[test]
    fn who_surely_passes_the_selection_grid_passes_it_under_any_patch(
        people in prop::collection::vec(anybody_who_may_name(), 256),
        age in 17u8..60,
        patch in patch(),
    ) {
        for patch in [patch, RulesPatch::default()] {
            let rules = Rules::on(date(2024, 1, 1), &wanted(), &patch);
            prop_assume!(rules.is_ok());
            let rules = rules.expect("it is");
            let (fsw, lasting) = (&rules.tables.programs.fsw, Lasting::new(&rules));
            for c in &people {
                let c = Candidate { age, french: Abilities::default(), noc_months: 0, ..*c };
                let in_english = c.first_language != FirstLanguage::French;
                let passes = in_english
                    && u16::from(c.english.lowest()) >= fsw.language_minimum
                    && rules.fsw_points(&c) >= fsw.pass_mark;
                let surely = lasting.keeps_fsw(&younger(&c));
                prop_assert!(passes || !surely, "{age}: {c:?}");
                // Who turns 18 has more points than before.
                let told = age != 18 && patch == RulesPatch::default();
                prop_assert!(surely || !passes || !told, "{age}: {c:?}");
            }
        }
    }

    #[test]
    fn where_fsw_alone_may_change_the_columns_say_what_the_whole_says_under_any_patch(
        people in prop::collection::vec(anybody_who_may_name(), 256),
        patch in patch(),
    ) {
        use crate::timeline::people::Changes;
        for patch in [patch, RulesPatch::default()] {
            let rules = Rules::on(date(2024, 1, 1), &wanted(), &patch);
            prop_assume!(rules.is_ok());
            let rules = rules.expect("it is");
            let lasting = Lasting::new(&rules);
            let mut told = 0;
            for c in &people {
                let mask = rules.eligibility(c).0;
                for change in [Changes::BIRTHDAY, Changes::WORK, Changes::LANGUAGE] {
                    let later = change.apply(*c);
                    let (first, years) = (packed(c), later.canadian_work_years);
                    let in_french = Changes::betters_french_of(&first);
                    let fsw_alone = match change {
                        Changes::BIRTHDAY => true,
                        Changes::WORK => lasting.work_changes_fsw_alone(years, mask),
                        _ => lasting.language_changes_fsw_alone(&first, in_french, years, mask),
                    };
                    let judged = || lasting.with_fsw_anew(&change.apply_packed(first), mask);
                    if let Some(judged) = fsw_alone.then(judged).flatten() {
                        told += 1;
                        let whole = rules.eligibility(&later).0;
                        prop_assert_eq!(judged, whole, "{:?}: {:?}", change, c);
                    }
                }
            }
            prop_assert!(told > 0 || patch != RulesPatch::default());
        }
    }

    #[test]
    fn what_surely_lasts_is_there_when_judged_again(
        people in prop::collection::vec(anybody_who_may_name(), 256),
        age in 17u8..60,
    ) {
        use crate::timeline::people::Changes;
        let rules = Rules::on(date(2024, 1, 1), &wanted(), &RulesPatch::default());
        let rules = rules.expect("they are published");
        let lasting = Lasting::new(&rules);
        for c in &people {
            let mask = rules.eligibility(c).0;
            let before = younger(&Candidate { age, ..*c });
            if mask & Eligibility::FSW != 0 && lasting.keeps_fsw(&before) {
                let both = Changes::WORK.and(Changes::LANGUAGE);
                for besides in [Changes::default(), Changes::WORK, Changes::LANGUAGE, both] {
                    let later = Candidate { age, ..besides.apply(*c) };
                    let later = rules.eligibility(&later).0;
                    prop_assert!(later & Eligibility::FSW != 0, "{age}, {besides:?}: {c:?}");
                }
            }
            let level = c.english.lowest().max(c.french.lowest());
            if lasting.work_adds_nothing(mask, || level) {
                let later = rules.eligibility(&Changes::WORK.apply(*c)).0;
                prop_assert_eq!(later, mask, "{:?}", c);
            }
            let better = Changes::LANGUAGE.apply(*c);
            if lasting.english_adds_nothing(&packed(c), c.canadian_work_years, mask) {
                prop_assert_eq!(rules.eligibility(&better).0, mask, "{:?}", c);
            }
        }
    }
}

/// The tables that spare judging and scoring are of use: they can tell of somebody ordinary.
#[test]
fn increments_and_lasting_programs_of_somebody_ordinary_are_known() {
    let rules = Rules::on(date(2024, 1, 1), &wanted(), &RulesPatch::default());
    let rules = rules.expect("they are published");
    let somebody = Candidate {
        age: 30,
        education: Education::Masters,
        english: Abilities::all(9),
        canadian_work_years: 1,
        foreign_work_years: 3,
        noc: crate::rules::noc::find("21231").expect("it is in the table"),
        ..Candidate::blank()
    };
    let (increments, lasting) = (rules.increments(), Lasting::new(&rules));
    let mut footing = increments
        .footing(&packed(&somebody))
        .expect("the maxima do not bind");
    // The second year in Canada: 53 points less 40, and section C was at its maximum before.
    assert_eq!(increments.work(&mut footing), 13);
    assert_eq!(increments.nomination(&mut footing), 600);
    let mask = rules.eligibility(&somebody).0;
    assert!(lasting.keeps_fsw(&packed(&Candidate {
        age: 39,
        ..somebody
    })));
    assert!(!lasting.keeps_fsw(&packed(&Candidate {
        age: 46,
        english: Abilities::all(7),
        foreign_work_years: 0,
        ..somebody
    })));

    assert!(lasting.work_adds_nothing(mask, || 9));
    assert!(lasting.work_adds_nothing(Eligibility::CEC, || 6));
    assert!(!lasting.work_adds_nothing(Eligibility::CEC, || 7));
    assert!(lasting.english_adds_nothing(&packed(&somebody), 1, mask));
    assert!(!lasting.english_adds_nothing(&packed(&somebody), 1, Eligibility::CEC));
}
