//! Where a candidate stood and why, as text: its profile, its points, its rounds.
//! What happened is worked out in `study::explain`.

use std::fmt::Write as _;

use super::{Columns, Look, long_time, round_title};
use crate::rules::{Candidate, Contribution, Points, Program, Section, Unmet};
use crate::scenario::{Plan, RoundPlan};
use crate::shown::{counted, grouped, safe};
use crate::study::Held;
use crate::study::explain::{Explanation, Fate, NotRanked, Profile, Seen, Tie};
use crate::timeline::Status;
use crate::units::Instant;

/// Points tables beside each other, at most.
const MOST_TABLES: usize = 6;

/// A candidate through the rounds of a plan; `attributes` are names and values of its profile.
pub fn text(
    plan: &Plan,
    held: &[Held],
    attributes: &[(String, String)],
    explanation: &Explanation,
    look: &Look,
) -> String {
    let mut text = String::new();
    let width = attributes.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    for (name, value) in attributes {
        let _ = writeln!(text, "  {name:<width$}  {}", safe(value));
    }
    let seen = plan.rounds.iter().zip(&explanation.rounds);
    let profiles: Vec<(&RoundPlan, &Seen, &Profile)> = seen
        .filter_map(|(round, seen)| Some((round, seen, seen.profile.as_ref()?)))
        .collect();
    // What becomes of the points of somebody who is gone is nobody's concern; of one who was never
    // there in a round, those at the first look are shown.
    let there = profiles.iter().enumerate();
    let there: Vec<(&RoundPlan, &Profile)> = there
        .filter(|(place, (_, seen, _))| *place == 0 || is_in_pool(&seen.fate))
        .map(|(_, &(round, _, profile))| (round, profile))
        .collect();
    text.push_str(&belongs(&there));
    text.push('\n');
    text.push_str(&points(&there, look));
    text.push_str(&rounds(plan, held, explanation, look));
    let _ = writeln!(text, "\n{}", verdict(plan, explanation, look));
    text
}

/// Programs and categories, once for each time they had changed by a round.
fn belongs(profiles: &[(&RoundPlan, &Profile)]) -> String {
    let changes = changes(profiles, |one, other| {
        (&one.programs, &one.categories) == (&other.programs, &other.categories)
    });
    let is_dated = changes.len() > 1;
    let each = changes.iter().map(|(when, profile)| match is_dated {
        true => format!("\n  {AT_THE_ROUND} {when}{}", names(profile)),
        false => names(profile),
    });
    each.collect()
}

/// What stands before the time of a round by which something had changed.
const AT_THE_ROUND: &str = "at the round of";

/// Programs and categories of one profile.
fn names(profile: &Profile) -> String {
    let or_none = |names: Vec<&str>| match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    };
    let programs = profile.programs.iter().map(|program| program.name());
    let mut categories: Vec<&str> = Vec::new();
    for key in &profile.categories {
        if !categories.contains(&key.name.as_str()) {
            categories.push(&key.name);
        }
    }
    format!(
        "\n  programs    {}\n  categories  {}\n",
        or_none(programs.collect()),
        or_none(categories)
    )
}

/// Whether somebody of this fate was in the pool at the time of the round.
fn is_in_pool(fate: &Fate) -> bool {
    !matches!(
        fate,
        Fate::NotSubmitted | Fate::Expired(_) | Fate::Withdrawn(_) | Fate::InvitedBefore { .. }
    )
}

/// The profiles that are not the same as the one before, each with the time of its round: the date,
/// and the time of day where a day has several.
fn changes<'a>(
    profiles: &[(&RoundPlan, &'a Profile)],
    is_same: impl Fn(&Profile, &Profile) -> bool,
) -> Vec<(String, &'a Profile)> {
    let when = |round: &RoundPlan| {
        let at = round.instruction.at;
        let of_day = profiles
            .iter()
            .filter(|(other, _)| other.instruction.at.date() == at.date());
        match of_day.count() {
            0 | 1 => at.date().to_string(),
            _ => at.to_string(),
        }
    };
    let mut changes: Vec<(String, &Profile)> = Vec::new();
    for &(round, profile) in profiles {
        let last = changes.last();
        if last.is_none_or(|(_, last)| !is_same(last, profile)) {
            changes.push((when(round), profile));
        }
    }
    changes
}

/// Points by factor, once for each time they had changed by a round, as often as the place is wide
/// enough for.
fn points(profiles: &[(&RoundPlan, &Profile)], look: &Look) -> String {
    let changes = changes(profiles, |one, other| one.factors == other.factors);
    if changes.is_empty() {
        return String::new();
    }
    let is_dated = changes.len() > 1;
    let fits = |shown: &Columns| look.width.is_none_or(|most| shown.total_width() <= most);
    let mut count = changes.len().min(MOST_TABLES);
    let mut shown = points_table(&changes[..count], is_dated);
    while count > 1 && !fits(&shown) {
        count -= 1;
        shown = points_table(&changes[..count], is_dated);
    }
    let mut text = shown.text(look);
    if count < changes.len() {
        let left_out = counted((changes.len() - count) as u64, "further change");
        let _ = writeln!(text, "  ... and {left_out}");
    }
    text.push('\n');
    text
}

/// The points of a few profiles beside each other, with the times of their rounds or without.
fn points_table(tables: &[(String, &Profile)], is_dated: bool) -> Columns {
    let rounds = if is_dated { AT_THE_ROUND } else { "" };
    let mut heads = vec!["points".to_owned(), rounds.to_owned()];
    heads.extend(tables.iter().map(|(when, _)| match is_dated {
        true => when.clone(),
        false => String::new(),
    }));
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut shown = Columns::new(&heads);
    for (section, title, paid) in SECTIONS {
        let mut factors: Vec<&str> = Vec::new();
        for line in tables.iter().flat_map(|(_, profile)| &profile.factors) {
            if line.section == section && !factors.contains(&line.factor.as_str()) {
                factors.push(&line.factor);
            }
        }
        // What a maximum takes away comes last.
        factors.sort_by_key(|factor| *factor == "maximum");
        let mut row = vec![title.to_owned(), String::new()];
        let of_section = |(_, profile): &(String, &Profile)| paid(&profile.points).to_string();
        row.extend(tables.iter().map(of_section));
        shown.row(row);
        for factor in factors {
            let mut row = vec![String::new(), factor.replace('_', " ")];
            row.extend(tables.iter().map(|(_, profile)| {
                let of_factor =
                    |line: &&Contribution| line.section == section && line.factor == factor;
                let line = profile.factors.iter().find(of_factor);
                line.map_or_else(String::new, |line| line.points.to_string())
            }));
            shown.row(row);
        }
    }
    let mut row = vec!["CRS score".to_owned(), String::new()];
    row.extend(
        tables
            .iter()
            .map(|(_, profile)| profile.packed.score.to_string()),
    );
    shown.row(row);
    shown
}

type Paid = fn(&Points) -> u16;

const SECTIONS: [(Section, &str, Paid); 4] = [
    (Section::Core, "A core human capital", |points| points.core),
    (Section::Spouse, "B spouse", |points| points.spouse),
    (
        Section::Transferability,
        "C skill transferability",
        |points| points.transferability,
    ),
    (Section::Additional, "D additional points", |points| {
        points.additional
    }),
];

/// The rounds, a line each; in a narrow place their types are named as in scenarios, which leaves room
/// for the reasons.
fn rounds(plan: &Plan, held: &[Held], explanation: &Explanation, look: &Look) -> String {
    let whole = rounds_table(plan, held, explanation, round_title);
    if look.width.is_none_or(|most| whole.total_width() <= most) {
        return whole.text(look);
    }
    let short = rounds_table(plan, held, explanation, |round| round.type_name.clone());
    short.text(look)
}

fn rounds_table(
    plan: &Plan,
    held: &[Held],
    explanation: &Explanation,
    title: impl Fn(&RoundPlan) -> String,
) -> Columns {
    let heads = [
        "round", "date", "type", "score", "rank", "of", "invited", "cut-off", "outcome",
    ];
    let mut table = Columns::new(&heads).spare(&[5, 6, 1]);
    let known = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    for ((round, held), seen) in plan.rounds.iter().zip(held).zip(&explanation.rounds) {
        let outcome = &held.outcome;
        let score = seen.profile.as_ref().filter(|_| is_in_pool(&seen.fate));
        table.row([
            round.label.clone(),
            round.instruction.at.date().to_string(),
            title(round),
            known(score.map(|profile| profile.packed.score.to_string())),
            known(seen.rank.map(grouped)),
            grouped(outcome.eligible),
            grouped(outcome.invited.len() as u64),
            known(outcome.cutoff.map(|cutoff| cutoff.to_string())),
            fate(plan, round, seen),
        ]);
    }
    table
}

/// What came of a round, in words.
pub fn fate(plan: &Plan, round: &RoundPlan, seen: &Seen) -> String {
    match &seen.fate {
        Fate::NotSubmitted => "not submitted yet".to_owned(),
        Fate::Expired(at) => format!("expired on {}", at.date()),
        Fate::Withdrawn(at) => format!("withdrawn on {}", at.date()),
        Fate::InvitedBefore { round, status } => {
            let label = plan.rounds.get(*round).map_or("", |round| &round.label);
            let since = match status {
                Status::Accepted => " and accepted",
                Status::Lapsed => " and let the invitation lapse",
                _ => "",
            };
            format!("invited before, in round {label}{since}")
        }
        Fate::NotRanked(why) => {
            let candidate = seen
                .profile
                .as_ref()
                .map(|profile| profile.packed.candidate());
            not_ranked(why, round, candidate.as_ref())
        }
        Fate::Below(points) => format!("{} below the cut-off", counted(*points, "point")),
        Fate::LostTie(tie) => lost_tie(*tie),
        Fate::Invited(0) => "invited, at the cut-off".to_owned(),
        Fate::Invited(points) => {
            format!("invited, {} above the cut-off", counted(*points, "point"))
        }
    }
}

fn not_ranked(why: &NotRanked, round: &RoundPlan, candidate: Option<&Candidate>) -> String {
    match why {
        NotRanked::NoProgram => "eligible for no program".to_owned(),
        NotRanked::Nominee => "a nominee: ranked in general and PNP rounds only".to_owned(),
        NotRanked::Program(Program::Pnp) => "no nominee".to_owned(),
        NotRanked::Program(program) => format!("not eligible for {}", program.name()),
        NotRanked::Category(unmet) => {
            let name = &round.type_name;
            let text = |unmet: &Unmet| candidate.map(|candidate| unmet.text(candidate));
            let unmet: Vec<String> = unmet.iter().filter_map(text).collect();
            format!("not in {name}: {}", unmet.join("; "))
        }
    }
}

fn lost_tie(tie: Tie) -> String {
    match tie {
        Tie::Later(seconds) => format!(
            "at the cut-off; submitted {} after the last invited",
            span(seconds)
        ),
        Tie::Earlier(seconds) => format!(
            "at the cut-off; submitted {} before the last invited",
            span(seconds)
        ),
        Tie::SameSecond => {
            "at the cut-off; submitted in the same second as the last invited, whose id comes first"
                .to_owned()
        }
        Tie::Lot => "at the cut-off; lost by lot".to_owned(),
    }
}

/// A stretch of time in the two largest units that it has.
fn span(seconds: u32) -> String {
    let units = [(Instant::DAY, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut left = seconds;
    let mut parts = Vec::new();
    for (unit, name) in units {
        let number = left / unit;
        left %= unit;
        if number > 0 && parts.len() < 2 {
            parts.push(format!("{number} {name}"));
        }
    }
    parts.join(" ")
}

/// What came of it all, in one line.
fn verdict(plan: &Plan, explanation: &Explanation, look: &Look) -> String {
    let seen = || plan.rounds.iter().zip(&explanation.rounds);
    let invited: Vec<String> = seen()
        .filter(|(_, seen)| matches!(seen.fate, Fate::Invited(_)))
        .map(|(round, seen)| {
            let rank = seen
                .rank
                .map_or_else(String::new, |rank| format!(" with rank {}", grouped(rank)));
            format!(
                "in round {} on {}{rank}",
                round.label,
                long_time(round.instruction.at)
            )
        })
        .collect();
    if !invited.is_empty() {
        return look.good(&format!("Invited {}.", invited.join(", and again ")));
    }
    let ranked = seen().filter(|(_, seen)| seen.rank.is_some()).count();
    let tied = seen().find(|(_, seen)| matches!(seen.fate, Fate::LostTie(_)));
    let nearest = seen()
        .filter_map(|(round, seen)| match seen.fate {
            Fate::Below(points) => Some((points, round)),
            _ => None,
        })
        .min_by_key(|(points, _)| *points);
    let total = plan.rounds.len();
    let text = match (tied, nearest) {
        (Some((round, _)), _) => {
            format!("Not invited: lost a tie in round {}.", round.label)
        }
        (None, Some((points, round))) => format!(
            "Not invited: nearest in round {}, {} below the cut-off.",
            round.label,
            counted(points, "point")
        ),
        (None, None) => format!("Not invited: ranked in {ranked} of {total} rounds."),
    };
    look.warning(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Packed;
    use crate::scenario::Scenario;

    /// Somebody with points for one factor alone.
    fn paid_for(factor: &str, section: Section, points: i32) -> Profile {
        Profile {
            packed: Packed::default(),
            points: Points::default(),
            factors: vec![Contribution {
                factor: factor.to_owned(),
                section,
                points,
            }],
            programs: Vec::new(),
            categories: Vec::new(),
        }
    }

    #[test]
    fn changes_of_points_stand_beside_each_other_as_far_as_the_place_is_wide() {
        let plan = Scenario::from_path("scenarios/year-2024.toml")
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        let work = "canadian_and_foreign_work";
        let profiles: Vec<Profile> = (0..8)
            .map(|points| paid_for(work, Section::Transferability, points))
            .collect();
        let shown: Vec<(&RoundPlan, &Profile)> = plan.rounds.iter().zip(&profiles).collect();
        let at = |width| Look {
            width: Some(width),
            ..Look::PLAIN
        };
        for (width, left_out) in [
            (10, "and 7 further changes"),
            (80, "and 6 further changes"),
            (200, "and 2 further changes"),
        ] {
            let text = points(&shown, &at(width));
            assert!(text.contains(left_out), "{width}: {text}");
            let widest = text.lines().map(str::len).max();
            assert!(width < 80 || widest <= Some(width), "{width}: {text}");
            assert!(text.contains("2024-"), "{text}");
        }
        assert!(points(&shown[..7], &Look::PLAIN).contains("and 1 further change\n"));
    }

    #[test]
    fn changes_on_a_day_of_several_rounds_have_the_time_of_day() {
        let plan = Scenario::from_path("scenarios/year-2024.toml")
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        let at = |at: &str| {
            let mut round = plan.rounds[0].clone();
            round.instruction.at = Instant::parse(at).unwrap();
            round
        };
        let held = [
            at("2025-03-04T14:00:00Z"),
            at("2025-03-05T14:00:00Z"),
            at("2025-03-05T16:30:00Z"),
        ];
        let profiles: Vec<Profile> = (0..3)
            .map(|points| paid_for("age", Section::Core, points))
            .collect();
        let shown: Vec<(&RoundPlan, &Profile)> = held.iter().zip(&profiles).collect();
        let text = points(&shown, &Look::PLAIN);
        let heads = text.lines().next().unwrap();
        let heads: Vec<&str> = heads.split_whitespace().collect();
        assert_eq!(
            heads,
            [
                "points",
                "at",
                "the",
                "round",
                "of",
                "2025-03-04",
                "2025-03-05T14:00:00Z",
                "2025-03-05T16:30:00Z"
            ]
        );
    }

    #[test]
    fn programs_and_categories_are_told_again_where_they_have_changed() {
        let plan = Scenario::from_path("scenarios/year-2024.toml")
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        let profiles = [
            [Program::Fsw].as_slice(),
            &[Program::Fsw],
            &[Program::Cec, Program::Fsw],
        ]
        .map(|programs| Profile {
            programs: programs.to_vec(),
            ..paid_for("age", Section::Core, 1)
        });
        let shown: Vec<(&RoundPlan, &Profile)> = plan.rounds.iter().zip(&profiles).collect();
        assert_eq!(
            belongs(&shown[..2]),
            "\n  programs    fsw\n  categories  none\n"
        );
        let [first, .., third] = [0, 1, 2].map(|place| plan.rounds[place].instruction.at.date());
        assert_eq!(
            belongs(&shown),
            format!(
                "\n  at the round of {first}\n  programs    fsw\n  categories  none\n\
                 \n  at the round of {third}\n  programs    cec, fsw\n  categories  none\n"
            )
        );
    }

    #[test]
    fn stretches_of_time_read_in_two_units() {
        assert_eq!(span(1), "1 s");
        assert_eq!(span(3_661), "1 h 1 min");
        assert_eq!(span(2 * Instant::DAY + 59), "2 d 59 s");
    }
}
