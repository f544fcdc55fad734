//! The rules that hold along a scenario: the date asked for, each change on its day, and the place
//! that every category has in them.
//! What the scenario changes about the rules is `patch`'s.

use std::ops::Range;

use super::Resolver;
use super::rounds::{Ranked, Round};
use crate::draw::{Instruction, RoundKind};
use crate::pool::Eligibility;
use crate::rules::{CategoryKey, Rules, RulesError, RulesPatch, categories, grid};
use crate::scenario::plan::{RoundPlan, RulesPeriod};
use crate::units::{Date, Instant};

/// Rules and rounds that fit each other.
pub(super) struct Law {
    pub periods: Vec<RulesPeriod>,
    pub rounds: Vec<RoundPlan>,
}

impl Resolver<'_> {
    /// The rules from the pool's date to the last round; none when something about them is wrong.
    pub(super) fn law(
        &mut self,
        at: Option<Instant>,
        rounds: &[Round],
        patch: &RulesPatch,
    ) -> Option<Law> {
        let at = at?;
        let keys = wanted(at, rounds, patch);
        if keys.len() > Eligibility::MAX_CATEGORIES {
            let table = self.scenario.keys.rounds.as_ref()?;
            let message = format!(
                "the scenario needs {} categories, those in force and its own; at most {} are \
                 accepted",
                keys.len(),
                Eligibility::MAX_CATEGORIES
            );
            self.report(&table.span, "categories", message);
            return None;
        }
        let last = rounds.last().map_or(at, |round| round.at);
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
        let rounds = rounds
            .iter()
            .map(|round| plan(round, &keys))
            .collect::<Option<_>>()?;
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
fn wanted(at: Instant, rounds: &[Round], patch: &RulesPatch) -> Vec<CategoryKey> {
    let last = rounds.last().map_or(at, |round| round.at).date();
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

/// The pool's date and each date after it, to the last round's, on which a value changes. From
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

/// A round with the place of its category among `keys`; none when it is not there.
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
    })
}
