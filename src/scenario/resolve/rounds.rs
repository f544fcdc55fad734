//! The rounds of a scenario: time, type with version, invitations, tie-breaking rule, label.
//! Which place a category has in the rules is `law`'s.

use std::collections::BTreeMap;
use std::ops::Range;

use super::law::key_of;
use super::{Resolver, days_between};
use crate::draw::TieBreak;
use crate::nearest::nearest;
use crate::rules::validity::PROFILE_DAYS;
use crate::rules::{CategoryKey, CustomCategory, Program, categories, invitations};
use crate::scenario::defaults::{MOST_INVITATIONS, MOST_ROUNDS};
use crate::scenario::spanned::{At, NumberOrTable};
use crate::scenario::wire::{RoundTable, Scale};
use crate::shown::{grouped, not_latin, quoted};
use crate::units::Instant;

/// Whom a round ranks, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ranked {
    General,
    Program(Program),
    Category(CategoryKey),
}

/// A round whose values are checked, in the order of the file.
#[derive(Debug, Clone)]
pub(super) struct Round {
    pub at: Instant,
    pub ranked: Ranked,
    pub type_name: String,
    pub invitations: u64,
    pub tie_break: TieBreak,
    pub label: String,
}

/// What `type` accepts besides categories.
const GENERAL: &str = "general";

/// The key that multiplies numbers of invitations.
pub(in crate::scenario) const SCALE: &str = "scale_invitations";

/// What `type` accepts, with the scenario's own categories.
fn type_names(own: &[CustomCategory]) -> Vec<&str> {
    let of_rules = std::iter::once(GENERAL)
        .chain(Program::ALL.iter().map(|program| program.name()))
        .chain(categories::names());
    let mut names: Vec<&str> = of_rules.collect();
    for category in own {
        let name = category.key.name.as_str();
        // A version of its own of a category has the category's name.
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// When rounds can be held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// The pool's instant, where known.
    pub pool_at: Option<Instant>,
    /// Start and end of the timeline, where there is one that can be used.
    pub stretch: Option<(Instant, Instant)>,
    /// Whether the file has a timeline.
    pub timeline: bool,
}

/// Rounds as they are collected, with the labels that are taken and by what.
#[derive(Debug, Default)]
pub(super) struct Collected {
    pub rounds: Vec<Round>,
    labels: BTreeMap<String, String>,
}

impl Collected {
    /// Takes a label for a place of the file; the place that has it already, if one has.
    pub(super) fn taken(&mut self, label: &str, place: String) -> Option<String> {
        self.labels.insert(label.to_owned(), place)
    }

    /// Whether there are as many rounds as a scenario may have.
    pub(super) fn is_full(&self) -> bool {
        self.rounds.len() >= MOST_ROUNDS
    }
}

impl Resolver<'_> {
    /// The rounds that can be used, in order of time, equal times in the order list, published
    /// rounds, schedules.
    pub(super) fn rounds(&mut self, window: Window, own: &[CustomCategory]) -> Vec<Round> {
        let keys = &self.scenario.keys;
        let wrong = ["rounds", "schedule", "history"]
            .into_iter()
            .any(|key| self.problems.iter().any(|problem| problem.key == key));
        if keys.rounds.is_none() && keys.schedule.is_none() && keys.history.is_none() && !wrong {
            let message = "`rounds` is missing: a scenario has `rounds`, a `schedule` or `history`";
            self.report(&(0..0), "rounds", message);
        }
        let mut collected = Collected::default();
        for (index, table) in keys.rounds.iter().flat_map(|t| &t.value).enumerate() {
            if collected.is_full() {
                self.too_many(&table.span, "rounds");
                break;
            }
            self.listed(index, table, window, own, &mut collected);
        }
        self.published_rounds(window, own, &mut collected);
        self.schedules(window, own, &mut collected);
        let mut rounds = collected.rounds;
        self.scale(&mut rounds, own);
        rounds.sort_by_key(|round| round.at);
        rounds
    }

    /// One round of the list.
    fn listed(
        &mut self,
        index: usize,
        table: &At<RoundTable>,
        window: Window,
        own: &[CustomCategory],
        collected: &mut Collected,
    ) {
        let key = format!("rounds[{}]", index + 1);
        let label = match &table.value.label {
            Some(label) => self.label(label, &format!("{key}.label")),
            None => Some((index + 1).to_string()),
        };
        if let Some(label) = &label
            && let Some(other) = collected.taken(label, key.clone())
        {
            let span = table
                .value
                .label
                .as_ref()
                .map_or(&table.span, |key| &key.span);
            let message = format!(
                "{} is also the label of {other}; tables tell rounds apart by it",
                quoted(label)
            );
            self.report(span, &format!("{key}.label"), message);
        }
        let round = self.round(&table.value, &key, label, window, own);
        collected.rounds.extend(round);
    }

    /// Multiplies numbers of invitations by the scenario's factor, or each type's by its own.
    fn scale(&mut self, rounds: &mut [Round], own: &[CustomCategory]) {
        let Some(factor) = &self.scenario.keys.scale_invitations else {
            return;
        };
        match &factor.value {
            NumberOrTable::Number(number) => {
                self.multiply(rounds.iter_mut(), *number, &factor.span, SCALE);
            }
            NumberOrTable::Table(by_type) => {
                for (name, factor) in &by_type.0 {
                    self.scale_type(rounds, name, factor, own);
                }
            }
        }
    }

    /// Multiplies the numbers of one type of rounds.
    fn scale_type(
        &mut self,
        rounds: &mut [Round],
        name: &At<String>,
        factor: &At<Scale>,
        own: &[CustomCategory],
    ) {
        let shown: String = name.value.chars().take(60).collect();
        let key = format!("{SCALE}.{shown}");
        let known = type_names(own);
        if !known.contains(&name.value.as_str()) {
            let message = format!(
                "{} is no type of rounds{}",
                quoted(&name.value),
                not_latin(&name.value)
            );
            let problem = self
                .problem(&name.span, &key, message)
                .accepting(&known)
                .near(nearest(&name.value, known.iter().copied()));
            self.problems.push(problem);
            return;
        }
        let of_type = |round: &&mut Round| round.type_name == name.value;
        if !rounds.iter_mut().any(|round| of_type(&round)) {
            self.notices
                .push(format!("{key}: no round is of that type"));
        }
        let rounds = rounds.iter_mut().filter(of_type);
        self.multiply(rounds, factor.value.0, &factor.span, &key);
    }

    fn multiply<'r>(
        &mut self,
        rounds: impl Iterator<Item = &'r mut Round>,
        factor: f64,
        span: &Range<usize>,
        key: &str,
    ) {
        for round in rounds {
            let scaled = (round.invitations as f64 * factor).round();
            if scaled > MOST_INVITATIONS as f64 {
                let message = format!(
                    "{factor} times {} invitations is more than the {} that a round may have",
                    grouped(round.invitations),
                    grouped(MOST_INVITATIONS)
                );
                self.report(span, key, message);
                return;
            }
            round.invitations = (scaled as u64).max(1);
        }
    }

    /// The tie-breaking rule of a round that does not say: the scenario's, or that of its date. Before
    /// there were any rounds none is told: `within` refuses them.
    pub(super) fn usual_tie_break(&self, at: Instant) -> TieBreak {
        let written = self.scenario.keys.tie_break.as_ref();
        written.map_or_else(
            || match invitations::ties_by_submission(at.date()) {
                Ok(true) => TieBreak::EarliestSubmission,
                _ => TieBreak::None,
            },
            |rule| rule.value,
        )
    }

    /// There is no room for the rounds of a key.
    pub(super) fn too_many(&mut self, span: &Range<usize>, key: &str) {
        let message = format!(
            "these make more than {} rounds, the most that a scenario may have",
            grouped(MOST_ROUNDS as u128)
        );
        self.report(span, key, message);
    }

    fn round(
        &mut self,
        table: &RoundTable,
        key: &str,
        label: Option<String>,
        window: Window,
        own: &[CustomCategory],
    ) -> Option<Round> {
        if let Some(at) = &table.at {
            self.within(at.value.0, &at.span, window, &format!("{key}.at"));
        }
        let at = table.at.as_ref().map(|at| at.value.0);
        let ranked = table
            .r#type
            .as_ref()
            .and_then(|name| self.ranked(name, table.version.as_ref(), key, at, own));
        Some(Round {
            at: at?,
            ranked: ranked?,
            type_name: table.r#type.as_ref()?.value.clone(),
            invitations: table.invitations.as_ref()?.value.unsigned_abs(),
            tie_break: match &table.tie_break {
                Some(rule) => rule.value,
                None => self.usual_tie_break(at?),
            },
            label: label?,
        })
    }

    /// A round is held since there were any, within the timeline, without one while the pool's profiles
    /// are alive; whether it is.
    pub(super) fn within(
        &mut self,
        at: Instant,
        span: &Range<usize>,
        window: Window,
        key: &str,
    ) -> bool {
        if let Err(error) = invitations::answer_days(at.date()) {
            self.report(span, key, format!("no round can be held then: {error}"));
            return false;
        }
        if let Some((start, end)) = window.stretch {
            let inside = start <= at && at < end;
            if !inside {
                let message = format!(
                    "{at} is outside the timeline, which starts at {start} and ends before {end}"
                );
                self.report(span, key, message);
            }
            return inside;
        }
        let Some(pool_at) = window.pool_at.filter(|_| !window.timeline) else {
            return true;
        };
        let as_of = pool_at.date();
        if at < pool_at {
            let message = format!(
                "{at} is before the pool's date, {as_of}: the pool does not exist yet; set \
                 `as_of` to {} or earlier, or hold the round later",
                at.date()
            );
            self.report(span, key, message);
            false
        } else if at >= pool_at.saturating_add(PROFILE_DAYS * Instant::DAY) {
            let message = format!(
                "{at} is {} days after the pool's date, {as_of}: a profile lives {PROFILE_DAYS} \
                 days, so nobody of that pool is left; set `as_of` to a later date",
                days_between(as_of, at.date())
            );
            self.report(span, key, message);
            false
        } else {
            true
        }
    }

    /// Whom a round of that type ranks.
    pub(super) fn ranked(
        &mut self,
        name: &At<String>,
        version: Option<&At<String>>,
        key: &str,
        at: Option<Instant>,
        own: &[CustomCategory],
    ) -> Option<Ranked> {
        let text = name.value.as_str();
        let program = Program::ALL
            .into_iter()
            .find(|program| program.name() == text);
        let own_key = own.iter().find(|category| category.key.name == text);
        let ranked = match (program, own_key) {
            _ if text == GENERAL => Ranked::General,
            (Some(program), _) => Ranked::Program(program),
            (None, Some(own)) => Ranked::Category(own.key.clone()),
            (None, None) => return self.category(name, version, key, at, own),
        };
        if let Some(version) = version {
            let what = match &ranked {
                Ranked::Category(_) => "a category of the scenario's own has none",
                _ => "only categories have versions",
            };
            let message = format!("`{text}` has no version: {what}; leave `version` out");
            self.report(&version.span, &format!("{key}.version"), message);
        }
        Some(ranked)
    }

    /// A published category, in the version asked for or the one in force. Where the time of the round
    /// is not known, what is wrong with the names is told.
    fn category(
        &mut self,
        name: &At<String>,
        version: Option<&At<String>>,
        key: &str,
        at: Option<Instant>,
        own: &[CustomCategory],
    ) -> Option<Ranked> {
        let text = name.value.as_str();
        let versions: Vec<_> = categories::versions(text).collect();
        if versions.is_empty() {
            let known = type_names(own);
            let problem = self
                .problem(
                    &name.span,
                    &format!("{key}.type"),
                    format!(
                        "{} is neither a program nor a category{}",
                        quoted(text),
                        not_latin(text)
                    ),
                )
                .accepting(&known)
                .near(nearest(text, known.iter().copied()));
            self.problems.push(problem);
            return None;
        }
        let spans: Vec<String> = versions
            .iter()
            .map(|version| match version.until {
                Some(until) => format!(
                    "{} ({} up to, not including, {until})",
                    version.version, version.from
                ),
                None => format!("{} (from {})", version.version, version.from),
            })
            .collect();
        let Some(asked) = version else {
            let date = at?.date();
            if let Some(found) = categories::in_force(text, date) {
                return Some(Ranked::Category(key_of(found)));
            }
            let problem = self
                .problem(
                    &name.span,
                    &format!("{key}.type"),
                    format!("no version of the category `{text}` is in force on {date}"),
                )
                .accepting(&spans);
            self.problems.push(problem);
            return None;
        };
        let found = versions
            .iter()
            .find(|version| version.version == asked.value);
        let message = match found {
            Some(version) => {
                let date = at?.date();
                if version.in_force(date) {
                    return Some(Ranked::Category(key_of(version)));
                }
                format!(
                    "version `{}` of the category `{text}` is not in force on {date}",
                    version.version
                )
            }
            None => format!(
                "the category `{text}` has no version {}",
                quoted(&asked.value)
            ),
        };
        let names = versions.iter().map(|version| version.version.as_str());
        let close = match found {
            Some(_) => None,
            None => nearest(&asked.value, names),
        };
        let problem = self
            .problem(&asked.span, &format!("{key}.version"), message)
            .accepting(&spans)
            .near(close);
        self.problems.push(problem);
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Plan, Problems, Scenario};

    fn resolved(as_of: &str, text: &str) -> Result<Plan, Problems> {
        let pool = format!("[pool]\nas_of = {as_of}\nsize = 10\nbands = \"none\"\n");
        let text = format!("name = \"a\"\n{text}\n{pool}");
        Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
    }

    fn ties(text: &str) -> Vec<TieBreak> {
        let plan = resolved("2017-05-01", text).unwrap_or_else(|problems| panic!("{problems}"));
        let rounds = plan.rounds.iter();
        rounds.map(|round| round.instruction.tie_break).collect()
    }

    #[test]
    fn rounds_that_do_not_say_break_ties_as_on_their_date() {
        use TieBreak::{EarliestSubmission, LatestSubmission, None, Random};
        let round = |at: &str, rest: &str| {
            format!("{{ at = 2017-06-{at}Z, type = \"general\", invitations = 1{rest} }}")
        };
        let (before, after) = (round("05T23:59:59", ""), round("06T00:00:00", ""));
        assert_eq!(
            ties(&format!("rounds = [{before}, {after}]")),
            [None, EarliestSubmission]
        );
        let says = round("05T12:00:00", ", tie_break = \"latest-submission\"");
        assert_eq!(
            ties(&format!(
                "tie_break = \"random\"\nrounds = [{says}, {before}, {after}]"
            )),
            [LatestSubmission, Random, Random]
        );
        let schedule = "first = 2017-06-04, until = 2017-06-08, every = \"2 days\", \
                        turns = [{ type = \"general\", invitations = 1 }]";
        assert_eq!(
            ties(&format!("schedule = [{{ {schedule} }}]")),
            [None, EarliestSubmission]
        );
        assert_eq!(
            ties(&format!(
                "schedule = [{{ {schedule}, tie_break = \"random\" }}]"
            )),
            [Random, Random]
        );
        let published = ties("history = { from = 2017-05-31, to = 2017-06-28 }");
        assert_eq!(published, [None, EarliestSubmission]);
    }

    #[test]
    fn rounds_are_answered_within_the_days_of_their_date_whatever_date_the_rules_are_of() {
        let round = |at: &str| format!("{{ at = {at}Z, type = \"general\", invitations = 1 }}");
        let text = |rounds: &[String]| {
            let rounds = rounds.join(", ");
            format!("rules = \"2024-01-01\"\nrounds = [{rounds}]")
        };
        let change = [round("2018-06-25T23:59:59"), round("2018-06-26T00:00:00")];
        let plan = resolved("2018-05-01", &text(&change)).unwrap();
        let days: Vec<u32> = plan.rounds.iter().map(|round| round.answer_days).collect();
        assert_eq!(days, [90, 60]);
    }

    #[test]
    fn rounds_before_there_were_any_are_told_at_the_key_that_says_when_they_are_held() {
        let told = |rounds: &str| {
            let text = format!("rules = \"2024-01-01\"\n{rounds}");
            let problems = resolved("2014-12-01", &text).unwrap_err();
            let problems = problems
                .iter()
                .map(|one| (one.key.clone(), one.message.clone()));
            problems.collect::<Vec<_>>()
        };
        let round = |at: &str| format!("{{ at = {at}Z, type = \"general\", invitations = 1 }}");
        let [early, late] = ["2014-12-31T23:59:59", "2015-01-01T00:00:00"].map(round);
        let turns = "every = \"9 days\", turns = [{ type = \"general\", invitations = 1 }]";
        let until = "until = 2015-02-01";
        for (rounds, key) in [
            (format!("rounds = [{late}, {early}]"), "rounds[2].at"),
            (
                format!("schedule = [{{ first = 2014-12-30, {turns}, {until} }}]"),
                "schedule[1].first",
            ),
            (
                format!("schedule = [{{ weekday = \"monday\", {turns}, {until} }}]"),
                "schedule[1].weekday",
            ),
        ] {
            let problems = told(&rounds);
            assert!(
                matches!(&problems[..], [(found, message)] if found == key
                    && message.contains("2015-01-01 onwards")),
                "{problems:?}"
            );
        }
    }
}
