//! The rules that hold along a scenario: the date asked for, each change on its day, and the place
//! that every category has in them.
//! What the scenario changes about the rules is `patch`'s.

use std::ops::Range;

use super::Resolver;
use super::rounds::{Ranked, Round};
use crate::draw::{Instruction, RoundKind};
use crate::pool::Eligibility;
use crate::rules::{CategoryKey, Rules, RulesError, RulesPatch, categories, grid, invitations};
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::units::{Date, Instant};

/// Rules and rounds that fit each other.
pub(super) struct Law {
    pub periods: Vec<RulesPeriod>,
    pub rounds: Vec<RoundPlan>,
}

impl Resolver<'_> {
    /// The rules from the pool's date to the last round or the end of the timeline; none when something about them is wrong.
    pub(super) fn law(
        &mut self,
        at: Option<Instant>,
        end: Option<Instant>,
        rounds: &[Round],
        patch: &RulesPatch,
    ) -> Option<Law> {
        let at = at?;
        let last = rounds.last().map_or(at, |round| round.at);
        let last = end.map_or(last, |end| last.max(end.saturating_sub(1)));
        let keys = wanted(at, last.date(), rounds, patch);
        if keys.len() > Eligibility::MAX_CATEGORIES {
            let message = format!(
                "the scenario needs {} categories, those in force and its own; at most {} are \
                 accepted",
                keys.len(),
                Eligibility::MAX_CATEGORIES
            );
            let table = self.scenario.keys.rounds.as_ref();
            let span = table.map_or(0..0, |table| table.span.clone());
            self.report(&span, "categories", message);
            return None;
        }
        let written = self.scenario.keys.rules.as_ref();
        let (dates, span, key) = match written {
            Some(rules) => (vec![rules.value.0], rules.span.clone(), "rules"),
            None => {
                let pool = self.scenario.keys.pool.as_ref()?;
                let span = pool
                    .value
                    .as_of
                    .as_ref()
                    .map_or(&pool.span, |key| &key.span);
                (
                    period_dates(at.date(), last.date()),
                    span.clone(),
                    "pool.as_of",
                )
            }
        };
        let mut periods = Vec::with_capacity(dates.len());
        for (index, &date) in dates.iter().enumerate() {
            match Rules::on(date, &keys, patch) {
                Ok(rules) => periods.push(RulesPeriod {
                    from: if index == 0 {
                        at
                    } else {
                        Instant::start_of(date)?
                    },
                    rules,
                }),
                Err(errors) => {
                    for error in errors {
                        self.rules_error(&error, &span, key, last);
                    }
                    return None;
                }
            }
        }
        if let Some(rules) = written {
            self.notices
                .push(explicit_notice(rules.value.0, at.date(), last.date()));
        }
        let rounds = rounds.iter().map(|round| plan(round, &keys));
        let rounds = rounds.collect::<Option<_>>()?;
        Some(Law { periods, rounds })
    }

    /// A problem that only compiling the rules shows, at the key it comes from.
    fn rules_error(&mut self, error: &RulesError, span: &Range<usize>, key: &str, last: Instant) {
        let of_the_date = matches!(
            error,
            RulesError::NotCovered(_) | RulesError::NotKnownYet { .. }
        );
        if !of_the_date && self.is_patch_wrong() {
            return;
        }
        let message = match error {
            RulesError::NotKnownYet {
                until, last: known, ..
            } if key != "rules" => format!(
                "the scenario runs to {}, and the points in force from {until} are not known; to \
                 use the last known ones, say so with `rules = \"{known}\"`",
                last.date()
            ),
            other => other.to_string(),
        };
        let points = self.scenario.keys.points.as_ref();
        let (span, key) = match (error, points) {
            (RulesError::TooMany { name, .. }, Some(points)) => {
                let entry = points.value.0.iter().find(|(key, _)| key.value == *name);
                let span = entry.map_or(&points.span, |(key, _)| &key.span);
                (span.clone(), format!("points.{name}"))
            }
            (RulesError::MaximaTooHigh { .. }, Some(points)) => {
                (points.span.clone(), "points".to_owned())
            }
            _ => (span.clone(), key.to_owned()),
        };
        self.report(&span, &key, message);
    }
}

/// Every category that some round may ask for or some table may count: those in force on any day
/// of the scenario, those of its rounds, and its own. Published ones first, in order of the table.
fn wanted(at: Instant, last: Date, rounds: &[Round], patch: &RulesPatch) -> Vec<CategoryKey> {
    let asked = |key: &CategoryKey| {
        rounds
            .iter()
            .any(|round| round.ranked == Ranked::Category(key.clone()))
    };
    let in_force = |category: &categories::CategoryVersion| {
        let begun = category.from <= last;
        let over = category.until.is_some_and(|until| until <= at.date());
        begun && !over
    };
    let published = categories::all()
        .iter()
        .map(|category| (category, key_of(category)))
        .filter(|(category, key)| in_force(category) || asked(key))
        .map(|(_, key)| key);
    let own = patch.categories.iter().map(|category| category.key.clone());
    published.chain(own).collect()
}

/// The key of a published category's version.
pub(super) fn key_of(category: &categories::CategoryVersion) -> CategoryKey {
    CategoryKey {
        name: category.name.clone(),
        version: category.version.clone(),
    }
}

/// The pool's date and each date after it, to the last, on which a value changes. From
/// the first day that no table covers, that day as well: asking for its rules tells what to do.
fn period_dates(first: Date, last: Date) -> Vec<Date> {
    let changes = grid::change_dates()
        .into_iter()
        .chain([grid::UNTIL])
        .filter(|date| first < *date && *date <= last);
    std::iter::once(first).chain(changes).collect()
}

fn explicit_notice(rules: Date, first: Date, last: Date) -> String {
    let mut notice = format!("the rules of {rules} hold for the whole scenario");
    if last >= grid::UNTIL {
        notice.push_str(&format!(
            ": the points in force from {} are not known, so its results show the old grid",
            grid::UNTIL
        ));
    } else if grid::change_dates()
        .iter()
        .any(|change| rules.max(first) < *change && *change <= last)
    {
        notice.push_str(", changes of the points between its dates left out");
    }
    notice
}

/// A round with the place of its category among `keys`; none when it is not there, or when there were no
/// rounds yet, which is told where the round says its time.
fn plan(round: &Round, keys: &[CategoryKey]) -> Option<RoundPlan> {
    let (kind, version) = match &round.ranked {
        Ranked::General => (RoundKind::General, None),
        Ranked::Program(program) => (RoundKind::Program(*program), None),
        Ranked::Category(key) => {
            let place = keys.iter().position(|known| known == key)?;
            (RoundKind::Category(place), Some(key.version.clone()))
        }
    };
    Some(RoundPlan {
        label: round.label.clone(),
        type_name: round.type_name.clone(),
        version,
        instruction: Instruction {
            at: round.at,
            kind,
            invitations: round.invitations,
            tie_break: round.tie_break,
        },
        answer_days: invitations::answer_days(round.at.date()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Plan, Problems, Scenario};

    fn resolved(as_of: &str, round: &str, rest: &str) -> Result<Plan, Problems> {
        let text = format!(
            "name = \"a\"\n{rest}\n[pool]\nas_of = {as_of}\n[[rounds]]\nat = {round}\n\
             type = \"cec\"\ninvitations = 1\n"
        );
        Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
    }

    fn starts(plan: &Plan) -> Vec<String> {
        let period = |period: &RulesPeriod| format!("{} {}", period.from, period.rules.date);
        plan.rules.iter().map(period).collect()
    }

    #[test]
    fn a_change_between_the_pool_and_the_last_round_starts_a_period_on_its_day() {
        let plan = resolved("2025-03-16", "2025-03-25T00:00:00Z", "").unwrap();
        assert_eq!(
            starts(&plan),
            [
                "2025-03-16T00:00:00Z 2025-03-16",
                "2025-03-25T00:00:00Z 2025-03-25"
            ]
        );
        assert_eq!(
            plan.rules[0].rules.categories,
            plan.rules[1].rules.categories
        );
        let plan = resolved("2025-03-16", "2025-03-24T23:59:59Z", "").unwrap();
        assert_eq!(plan.rules.len(), 1);
        let plan = resolved("2025-03-25", "2025-03-26T00:00:00Z", "").unwrap();
        assert_eq!(plan.rules.len(), 1);
    }

    #[test]
    fn rules_given_by_date_hold_throughout_and_the_notice_says_what_that_leaves_out() {
        let plan = resolved("2025-03-16", "2025-04-01T00:00:00Z", "rules = 2025-03-16").unwrap();
        assert_eq!(starts(&plan), ["2025-03-16T00:00:00Z 2025-03-16"]);
        let notices = plan.notices.join("\n");
        assert!(
            notices.contains("the rules of 2025-03-16 hold"),
            "{notices}"
        );
        assert!(notices.contains("left out"), "{notices}");
    }

    #[test]
    fn from_the_first_unknown_day_on_a_date_of_rules_has_to_be_given() {
        let problems = resolved("2026-10-20", "2026-11-03T00:00:00Z", "").unwrap_err();
        assert!(problems.plain().contains("rules = \"2025-03-25\""));
        assert!(resolved("2026-10-20", "2026-11-02T23:59:59Z", "").is_ok());
        let given = "rules = \"2025-03-25\"";
        let plan = resolved("2026-11-10", "2026-11-12T00:00:00Z", given).unwrap();
        let notices = plan.notices.join("\n");
        assert!(notices.contains("2026-11-03 are not known"), "{notices}");
    }

    #[test]
    fn a_category_of_its_own_and_patched_points_reach_the_rules() {
        let own = "points.french_bonus_ = 1";
        assert!(resolved("2023-07-04", "2023-07-05T00:00:00Z", own).is_err());
        let text = "name = \"a\"\n[pool]\nas_of = 2023-07-04\n[points]\nfrench_bonus = 25\n\
                    [[categories]]\nname = \"coders\"\nnoc = [\"21231\"]\nin_canada = true\n\
                    [[factors]]\nname = \"wage\"\ncounts = \"either\"\n\
                    tiers = [{ points = 50, noc = [\"21231\"] }]\n\
                    [[rounds]]\nat = 2023-07-05T00:00:00Z\ntype = \"coders\"\ninvitations = 1\n";
        let plan = Scenario::from_bytes(text.as_bytes().to_vec(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        let place = plan.rules[0].rules.categories.len() - 1;
        assert_eq!(plan.rules[0].rules.categories[place].name, "coders");
        assert_eq!(plan.rounds[0].instruction.kind, RoundKind::Category(place));
        let resolved = toml::to_string(&plan.resolved).unwrap();
        let again = Scenario::from_bytes(resolved.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
            .unwrap();
        assert_eq!(again.resolved, plan.resolved);
    }
}
