//! Rounds that a scenario does not list one by one: repeated by rule, or as published.
//! What a single round needs is checked by `rounds`.

use super::Resolver;
use super::rounds::{Collected, Round, Window};
use crate::history::{self, Kind};
use crate::rules::CustomCategory;
use crate::scenario::defaults;
use crate::scenario::spanned::{At, Moment};
use crate::scenario::wire_time::{HistoryValue, ScheduleTable, TurnTable, Weekday};
use crate::shown::{grouped, quoted};
use crate::units::{Date, Instant};

impl Resolver<'_> {
    /// The published rounds that the scenario asks for: time, type, version and size.
    pub(super) fn published_rounds(
        &mut self,
        window: Window,
        own: &[CustomCategory],
        collected: &mut Collected,
    ) {
        let Some(written) = &self.scenario.keys.history else {
            return;
        };
        let Some((first, last)) = self.days(written) else {
            return;
        };
        let inside = |at: Instant| {
            window
                .stretch
                .is_none_or(|(start, end)| start <= at && at < end)
        };
        let rounds: Vec<_> = history::rounds()
            .iter()
            .filter(|round| (first..=last).contains(&round.at.date()) && inside(round.at))
            .collect();
        if rounds.is_empty() {
            let known = history::rounds();
            let message = match (known.first(), known.last()) {
                (Some(first), Some(last)) => format!(
                    "no published round lies within these days and the timeline; there are \
                     rounds from {} to {}",
                    first.at.date(),
                    last.at.date()
                ),
                _ => "no round is published".to_owned(),
            };
            self.report(&written.span, "history", message);
        } else {
            self.what_history_lacks((first, last), rounds.len(), window.stretch);
        }
        for round in rounds {
            let told = self.problems.len();
            if collected.is_full() {
                self.too_many(&written.span, "history");
                return;
            }
            if round.kind == Kind::Unknown {
                let message = format!(
                    "the type of the published round {}, {}, is not known",
                    round.number,
                    quoted(&round.published_name)
                );
                self.report(&written.span, "history", message);
                return;
            }
            if !self.within(round.at, &written.span, window, "history") {
                return;
            }
            if let Some(other) = collected.taken(&round.number, "history".to_owned()) {
                let message = format!(
                    "{} is also the label of {other}; tables tell rounds apart by it",
                    quoted(&round.number)
                );
                self.report(&written.span, "history", message);
            }
            let at = |text: &String| At {
                value: text.clone(),
                span: written.span.clone(),
            };
            let version = round.version.as_ref().map(at);
            let name = at(&round.type_name);
            let ranked = self.ranked(&name, version.as_ref(), "history", Some(round.at), own);
            collected.rounds.extend(ranked.map(|ranked| Round {
                at: round.at,
                ranked,
                type_name: round.type_name.clone(),
                invitations: round.invitations,
                tie_break: self.usual_tie_break(round.at),
                label: round.number.clone(),
            }));
            if self.problems.len() > told {
                return;
            }
        }
    }

    /// Tells how many published rounds of these days lie outside the timeline, and where the known
    /// ones end before the days do. `held` lie within both.
    fn what_history_lacks(
        &mut self,
        (first, last): (Date, Date),
        held: usize,
        stretch: Option<(Instant, Instant)>,
    ) {
        let dates = history::rounds().iter().map(|round| round.at.date());
        let asked = (dates.clone())
            .filter(|date| (first..=last).contains(date))
            .count();
        if let Some((start, end)) = stretch.filter(|_| held < asked) {
            self.notices.push(format!(
                "history: of the {asked} published rounds from {first} to {last}, {held} {} held: the \
                 timeline starts at {start} and ends before {end}",
                if held == 1 { "is" } else { "are" }
            ));
        }
        let last = stretch.map_or(last, |(_, end)| last.min(end.saturating_sub(1).date()));
        let Some(known) = dates.max().filter(|&known| known < last) else {
            return;
        };
        let from = known.tomorrow().unwrap_or(last);
        let without = if from < last {
            format!("from {from} to {last}")
        } else {
            format!("on {last}")
        };
        self.notices.push(format!(
            "history: the last published round that is known was held on {known}: {without} it gives no \
             rounds"
        ));
    }

    /// First and last day of published rounds.
    fn days(&mut self, written: &At<HistoryValue>) -> Option<(Date, Date)> {
        match &written.value {
            HistoryValue::Year(text) => {
                let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
                let year = digits.then(|| text.parse::<i16>().ok()).flatten();
                let day = |month, day| Date::new(year?, month, day).ok();
                let days = day(1, 1).zip(day(12, 31));
                if days.is_none() {
                    let message = format!(
                        "{} is not a year; write it like \"2024\", or a table like \
                         {{ from = 2024-01-01, to = 2024-06-30 }}",
                        quoted(text)
                    );
                    self.report(&written.span, "history", message);
                }
                days
            }
            HistoryValue::Days(table) => {
                let (from, to) = (table.from.as_ref()?, table.to.as_ref()?);
                if from.value.0 > to.value.0 {
                    let message = format!("{} is before {}", to.value.0, from.value.0);
                    self.report(&to.span, "history.to", message);
                    return None;
                }
                Some((from.value.0, to.value.0))
            }
        }
    }

    /// The rounds of every schedule.
    pub(super) fn schedules(
        &mut self,
        window: Window,
        own: &[CustomCategory],
        collected: &mut Collected,
    ) {
        let tables = self.scenario.keys.schedule.as_ref();
        for (index, table) in tables.iter().flat_map(|tables| &tables.value).enumerate() {
            let key = format!("schedule[{}]", index + 1);
            let prefix = match &table.value.label {
                Some(label) => self.label(label, &format!("{key}.label")),
                None => Some(format!("s{}", index + 1)),
            };
            let every = self.every(&table.value, &key);
            let first = self.first(&table.value, &key, window);
            let until = self.until(table, &key, window);
            if let (Some(prefix), Some(every), Some(first), Some(until)) =
                (prefix, every, first, until)
            {
                let times = Times {
                    every,
                    first,
                    until,
                };
                self.schedule(table, &key, &prefix, times, window, own, collected);
            } else {
                self.names_of_turns(table, &key, own);
            }
        }
    }

    /// Tells what is wrong with the names of a schedule whose times are not known.
    fn names_of_turns(&mut self, table: &At<ScheduleTable>, key: &str, own: &[CustomCategory]) {
        let turns = table.value.turns.iter().flat_map(|turns| &turns.value);
        for (turn, place) in turns.zip(1..) {
            if let Some(name) = &turn.value.r#type {
                let (key, version) = (format!("{key}.turns[{place}]"), turn.value.version.as_ref());
                self.ranked(name, version, &key, None, own);
            }
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one caller, and each is a thing of its own"
    )]
    fn schedule(
        &mut self,
        table: &At<ScheduleTable>,
        key: &str,
        prefix: &str,
        times: Times,
        window: Window,
        own: &[CustomCategory],
        collected: &mut Collected,
    ) {
        let Some(turns) = table.value.turns.as_ref() else {
            return;
        };
        let tie_break = table.value.tie_break.as_ref().map(|rule| rule.value);
        let (span, says) = match (&table.value.first, &table.value.weekday) {
            (Some(first), _) => (&first.span, "first"),
            (None, Some(weekday)) => (&weekday.span, "weekday"),
            (None, None) => (&table.span, "first"),
        };
        // Turns of which none could be read are told where they stand.
        if turns.value.is_empty() {
            return;
        }
        if times.first >= times.until {
            let message = format!(
                "the first round would be at {}, but none is held from {} on",
                times.first, times.until
            );
            self.report(span, key, message);
            return;
        }
        let mut wrong = vec![false; turns.value.len()];
        let mut at = times.first;
        let mut number = 0;
        while at < times.until {
            let place = number % turns.value.len();
            number += 1;
            if collected.is_full() {
                self.too_many(&table.span, key);
                return;
            }
            if !self.within(at, span, window, &format!("{key}.{says}")) {
                return;
            }
            let label = format!("{prefix}-{number}");
            if let Some(other) = collected.taken(&label, key.to_owned()) {
                let own = match &table.value.label {
                    Some(_) => "another",
                    None => "a",
                };
                let message = format!(
                    "its round {} is also a label of {other}; give the schedule {own} `label`",
                    quoted(&label)
                );
                self.report(&table.span, &format!("{key}.label"), message);
                return;
            }
            if let (Some(turn), false) = (turns.value.get(place), wrong[place]) {
                let told = self.problems.len();
                let turn_key = format!("{key}.turns[{}]", place + 1);
                let ranked = self.turn(&turn.value, &turn_key, at, own);
                wrong[place] = self.problems.len() > told;
                collected.rounds.extend(ranked.map(|round| Round {
                    tie_break: tie_break.unwrap_or(round.tie_break),
                    label,
                    ..round
                }));
            }
            let next = at.saturating_add(times.every * Instant::DAY);
            if next == at {
                return;
            }
            at = next;
        }
    }

    /// A round of a turn; its label is the schedule's, and its tie-breaking rule too where it has one.
    fn turn(
        &mut self,
        turn: &TurnTable,
        key: &str,
        at: Instant,
        own: &[CustomCategory],
    ) -> Option<Round> {
        let name = turn.r#type.as_ref()?;
        let ranked = self.ranked(name, turn.version.as_ref(), key, Some(at), own);
        Some(Round {
            at,
            ranked: ranked?,
            type_name: name.value.clone(),
            invitations: turn.invitations.as_ref()?.value.unsigned_abs(),
            tie_break: self.usual_tie_break(at),
            label: String::new(),
        })
    }

    /// Days from one round to the next.
    fn every(&mut self, table: &ScheduleTable, key: &str) -> Option<u32> {
        let written = table.every.as_ref()?;
        let days = days(&written.value);
        if days.is_none() {
            let message = format!(
                "{} is not a time between rounds; write it like \"2 weeks\" or \"10 days\", at \
                 most {} days",
                quoted(&written.value),
                grouped(defaults::MOST_DAYS)
            );
            self.report(&written.span, &format!("{key}.every"), message);
        }
        days
    }

    /// The first moment of a schedule.
    fn first(&mut self, table: &ScheduleTable, key: &str, window: Window) -> Option<Instant> {
        let hour = table.hour.as_ref();
        let seconds = hour.map_or(defaults::ROUND_HOUR, |hour| hour.value) * 3_600;
        let seconds = u32::try_from(seconds).unwrap_or(0);
        match (&table.first, &table.weekday) {
            (Some(_), Some(weekday)) => {
                let message = "`weekday` cannot stand beside `first`, whose date has a weekday";
                self.report(&weekday.span, &format!("{key}.weekday"), message);
                None
            }
            (Some(first), None) => match (first.value, hour) {
                (Moment::Time(_), Some(hour)) => {
                    let message = "`hour` cannot stand beside a `first` that has a time";
                    self.report(&hour.span, &format!("{key}.hour"), message);
                    None
                }
                (Moment::Time(at), None) => Some(at),
                (date, _) => Some(date.instant().saturating_add(seconds)),
            },
            (None, Some(weekday)) => {
                let start = window.stretch.map(|(start, _)| start).or(window.pool_at)?;
                let midnight = Instant::start_of(start.date())?;
                let wanted = weekday.value as i8;
                let today = start.date().weekday().to_monday_zero_offset();
                let wait = u32::from((wanted - today).rem_euclid(7).unsigned_abs());
                let at = midnight.saturating_add(wait * Instant::DAY + seconds);
                let week = if at < start { 7 * Instant::DAY } else { 0 };
                Some(at.saturating_add(week))
            }
            (None, None) if self.has_problems_below(key) => None,
            (None, None) => {
                let span = table
                    .every
                    .as_ref()
                    .map_or(0..0, |every| every.span.clone());
                let message = "a schedule needs the time of its `first` round, or a `weekday`";
                self.report(&span, &format!("{key}.first"), message);
                None
            }
        }
    }

    /// The moment from which on no round is held.
    fn until(&mut self, table: &At<ScheduleTable>, key: &str, window: Window) -> Option<Instant> {
        let end = window.stretch.map(|(_, end)| end);
        match (&table.value.until, end) {
            (Some(until), Some(end)) if until.value.instant() > end => {
                let message = format!(
                    "{} is after the timeline, which ends before {end}",
                    until.value.instant()
                );
                self.report(&until.span, &format!("{key}.until"), message);
                None
            }
            (Some(until), _) => Some(until.value.instant()),
            (None, Some(end)) => Some(end),
            (None, None) if window.timeline => None,
            (None, None) => {
                let message = "a schedule needs `until`, or a timeline that ends";
                self.report(&table.span, &format!("{key}.until"), message);
                None
            }
        }
    }
}

/// When the rounds of a schedule are held.
#[derive(Debug, Clone, Copy)]
struct Times {
    /// Days from one to the next.
    every: u32,
    first: Instant,
    until: Instant,
}

/// Days of a text like `2 weeks`, `10 days`, `week` or `1 day`.
fn days(text: &str) -> Option<u32> {
    let (number, unit) = match text.trim().split_once(' ') {
        Some((number, unit)) => {
            let digits = number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
            (digits.then(|| number.parse::<u32>().ok()).flatten()?, unit)
        }
        None => (1, text.trim()),
    };
    let days = match unit.trim() {
        "day" | "days" => number,
        "week" | "weeks" => number * 7,
        _ => return None,
    };
    (1..=defaults::MOST_DAYS).contains(&days).then_some(days)
}

/// Monday is the first of them, as in `Weekday::to_monday_zero_offset`.
const _: () = assert!(Weekday::Monday as i8 == 0 && Weekday::Sunday as i8 == 6);

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Plan, Problems, Scenario};

    fn resolved(schedule: &str) -> Result<Plan, Problems> {
        let text = format!(
            "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[timeline]\nend = 2024-03-01\n\
             [[schedule]]\n{schedule}\n"
        );
        Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
    }

    #[test]
    fn times_between_rounds_are_days_or_weeks() {
        for (text, expected) in [
            ("2 weeks", Some(14)),
            ("1 day", Some(1)),
            ("week", Some(7)),
            ("10 days", Some(10)),
            ("0 days", None),
            ("-1 days", None),
            ("2 months", None),
            ("two weeks", None),
            ("99999 days", None),
            ("", None),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
    }

    #[test]
    fn a_history_that_is_not_whole_says_what_it_lacks() {
        let told = |history: &str, timeline: &str| {
            let text = format!("name = \"a\"\nhistory = {history}\n[pool]\n{timeline}\n");
            let scenario = Scenario::from_bytes(text.into_bytes(), "a.toml").unwrap();
            let told = scenario.resolve().unwrap().notices.into_iter();
            told.filter(|told| told.starts_with("history"))
                .collect::<Vec<String>>()
        };
        let of_2024 = |end: &str| format!("as_of = 2024-01-09\n[timeline]\nend = {end}");
        let of_2025 = |end: &str| format!("as_of = 2025-01-07\n[timeline]\nend = {end}");
        assert_eq!(
            told("\"2024\"", &of_2024("2024-03-01")),
            [
                "history: of the 52 published rounds from 2024-01-01 to 2024-12-31, 9 are held: the \
                 timeline starts at 2024-01-09T00:00:00Z and ends before 2024-03-01T00:00:00Z"
            ]
        );
        let known = "history: the last published round that is known was held on 2025-08-19:";
        assert_eq!(
            told("\"2025\"", &of_2025("2026-01-01")),
            [format!(
                "{known} from 2025-08-20 to 2025-12-31 it gives no rounds"
            )]
        );
        let to = |day: u8| format!("{{ from = 2025-08-01, to = 2025-08-{day} }}");
        let pool = "as_of = 2025-07-30";
        assert_eq!(
            told(&to(20), pool),
            [format!("{known} on 2025-08-20 it gives no rounds")]
        );
        // A timeline that ends first has no part without them.
        assert_eq!(told("\"2025\"", &of_2025("2025-08-20")).len(), 0);
        assert_eq!(told(&to(19), pool).len(), 0);
        assert_eq!(told("\"2024\"", &of_2024("2025-01-01")).len(), 0);
    }

    #[test]
    fn rounds_begin_on_the_first_such_weekday_and_take_their_types_in_turn() {
        let turns =
            "turns = [{ type = \"pnp\", invitations = 5 }, { type = \"cec\", invitations = 6 }]";
        let plan = resolved(&format!(
            "every = \"2 weeks\"\nweekday = \"wednesday\"\nhour = 15\n{turns}"
        ))
        .unwrap();
        let rounds: Vec<(String, &str, &str, u64)> = plan
            .rounds
            .iter()
            .map(|round| {
                (
                    round.instruction.at.to_string(),
                    round.label.as_str(),
                    round.type_name.as_str(),
                    round.instruction.invitations,
                )
            })
            .collect();
        let expected = [
            ("2024-01-10T15:00:00Z", "s1-1", "pnp", 5),
            ("2024-01-24T15:00:00Z", "s1-2", "cec", 6),
            ("2024-02-07T15:00:00Z", "s1-3", "pnp", 5),
            ("2024-02-21T15:00:00Z", "s1-4", "cec", 6),
        ];
        assert_eq!(
            rounds,
            expected.map(|(at, label, name, number)| (at.to_owned(), label, name, number))
        );
    }

    #[test]
    fn turns_that_are_no_tables_are_told_and_hold_no_round() {
        for turns in ["[\"cec\", \"french\"]", "[1]", "[[]]"] {
            let text = format!("every = \"2 weeks\"\nweekday = \"wednesday\"\nturns = {turns}");
            let told = resolved(&text).unwrap_err().plain();
            assert!(told.contains("turns") && told.contains("a table"), "{told}");
        }
    }

    #[test]
    fn every_problem_of_a_schedule_is_told_at_once() {
        let text = "every = \"soon\"\nhour = 15\nfirst = 2024-01-10T00:00:00Z\nuntil = 2025-01-01\nturns = [{ type = \"pnp\", invitations = 5 }]";
        let told = resolved(text).unwrap_err().plain();
        for part in [
            "is not a time between rounds",
            "`hour` cannot stand beside",
            "is after the timeline",
        ] {
            assert!(told.contains(part), "{told}");
        }
    }
}
