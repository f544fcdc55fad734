//! Settings of a sweep: which keys of a scenario file take which values, e.g.
//! `rounds.stem.invitations=500,1000`. They are read against the schema of scenario files and
//! written into the keys of a file; what the changed file then means does not live here.
//!
//! A key is written as in a scenario file, its tables separated by dots. Of a list of tables
//! (rounds, schedule, turns, factors ...) a key takes all entries, or those chosen by
//! `rounds[254]` (label, else place from 1) or by `rounds.stem` (their type or name).

use std::borrow::Cow;

use serde_json::Value as Schema;
use toml::{Table, Value};

use super::problem::{Problem, Problems};
use super::schema::schema;
use super::spanned::{Moment, parse_date, parse_time};
use super::thousands;
use crate::nearest::nearest;
use crate::shown::quoted;

/// Most values that a setting may have.
const MOST_VALUES: usize = 10_000;
/// Keys that are not part of what a policy does, and why they cannot be swept.
const FIXED: [(&str, &str); 6] = [
    ("name", "results are kept by it"),
    ("title", "it changes no figure"),
    ("description", "it changes no figure"),
    ("replicates", "give --replicates"),
    (
        "pool.file",
        "a sweep draws on one file; sweep each with --pool and compare the tables",
    ),
    ("policy", "policies are compared by `drawsim compare`"),
];
/// Keys that decide who the candidates are; others are policies for the same people.
const OF_PEOPLE: [&str; 5] = [
    "pool",
    "seed",
    "timeline.start",
    "timeline.end",
    "timeline.arrivals",
];

/// A key and the values that it takes in turn.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The key as it was written, without spaces around its dots.
    pub key: String,
    steps: Vec<Step>,
    /// The values in the order given.
    pub values: Vec<Value>,
}

/// A step from a table to what it holds.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    All,
    /// The entry with that label, else at that place.
    Labelled(String),
    /// Entries with that type or name.
    Named(String),
}

/// Reads settings like `points.french_bonus=25,50`: those that can be used, and what is wrong with
/// the others (unknown keys, keys of whole tables, keys that stand twice, no value).
pub(super) fn settings(texts: &[String]) -> (Vec<Setting>, Problems) {
    let mut problems = Problems::new();
    let mut settings: Vec<Setting> = Vec::new();
    for text in texts {
        match setting(text) {
            Ok(setting) if settings.iter().any(|other| other.key == setting.key) => {
                let message = format!("{} is set twice", quoted(&setting.key));
                problems.push(problem(text, message));
            }
            Ok(setting) => settings.push(setting),
            Err(problem) => problems.push(problem),
        }
    }
    (settings, problems)
}

/// A problem of a setting.
pub(super) fn problem(text: &str, message: impl Into<String>) -> Problem {
    let shown: String = text.chars().take(80).collect();
    Problem::of_argument(&format!("--set {shown}"), message)
}

#[expect(
    clippy::result_large_err,
    reason = "made once for each setting of a command line"
)]
fn setting(text: &str) -> Result<Setting, Problem> {
    let Some((key, written)) = text.split_once('=') else {
        return Err(problem(
            text,
            "a setting is written KEY=VALUE,VALUE, e.g. rounds.invitations=500,1000",
        ));
    };
    let key = key.trim();
    let (steps, schema) = steps(text, key)?;
    let parts = parts(written);
    if parts.iter().any(|part| part.is_empty()) {
        return Err(problem(text, "a value is missing"));
    }
    if let Some(advice) = thousands::advice_for(&parts) {
        let message = "a comma stands between two values, not between the thousands of a number";
        return Err(problem(text, message).advising(&advice));
    }
    if parts.len() > MOST_VALUES {
        let message = format!("{} values; at most {MOST_VALUES} are accepted", parts.len());
        return Err(problem(text, message));
    }
    let mut values: Vec<Value> = Vec::with_capacity(parts.len());
    for part in &parts {
        let value = value(part, schema);
        let is_again =
            |other: &Value| is_same(other, &value) || is_same_time(other, &value, schema, &steps);
        if values.iter().any(is_again) {
            return Err(problem(text, format!("{} stands twice", quoted(part))));
        }
        values.push(value);
    }
    Ok(Setting {
        key: dotted(key).join("."),
        steps,
        values,
    })
}

/// Whether two values are the same, numbers however they are written.
fn is_same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Integer(number) => Some(*number as f64),
        Value::Float(number) => Some(*number),
        _ => None,
    };
    match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => one == other,
        _ => one == other || number(one).is_some_and(|one| number(other) == Some(one)),
    }
}

/// Whether two values of a key that takes dates or times are the same moment, however they are written.
fn is_same_time(one: &Value, other: &Value, schema: &Schema, steps: &[Step]) -> bool {
    let takes_times = choices(schema).iter().any(|choice| {
        let format = choice.get("format").and_then(Schema::as_str);
        format.is_some_and(|format| format.starts_with("date"))
    });
    let moment = |value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Datetime(time) => time.to_string(),
            _ => return None,
        };
        let date = parse_date(&text).map(Moment::Date);
        date.or_else(|_| parse_time(&text).map(Moment::Time)).ok()
    };
    let Some((one, other)) = moment(one).zip(moment(other)).filter(|_| takes_times) else {
        return false;
    };
    // A date stands for its midnight, but for the first round of a schedule: that has an hour.
    let is_key =
        |step: Option<&Step>, key: &str| matches!(step, Some(Step::Key(name)) if name == key);
    let of_schedule = is_key(steps.first(), "schedule") && is_key(steps.last(), "first");
    one == other || !of_schedule && one.instant() == other.instant()
}

/// The parts of a list, commas inside of brackets and quotes left alone.
fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start) = (0i32, None, 0);
    let mut parts = Vec::new();
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), close) if open == close => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(letter),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth -= 1,
            (None, ',') if depth <= 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

/// A value as TOML; text may stand without quotes, and whatever is written for a key that only
/// takes text is text.
fn value(part: &str, schema: &Schema) -> Value {
    let text = || Value::String(part.to_owned());
    let read: Option<Value> = format!("value = {part}")
        .parse::<Table>()
        .ok()
        .filter(|table| table.len() == 1)
        .and_then(|mut table| table.remove("value"));
    let plain = choices(schema).iter().all(|choice| {
        choice
            .get("type")
            .and_then(Schema::as_str)
            .is_none_or(|kind| kind == "string" || kind == "object")
            && choice.get("format").is_none()
    });
    match read {
        Some(Value::Integer(_) | Value::Float(_) | Value::Datetime(_) | Value::Boolean(_))
            if plain =>
        {
            text()
        }
        Some(value) => value,
        None => text(),
    }
}

/// The steps to a key, and the schema of its value.
#[expect(
    clippy::result_large_err,
    reason = "made once for each setting of a command line"
)]
fn steps(text: &str, key: &str) -> Result<(Vec<Step>, &'static Schema), Problem> {
    let mut node = schema();
    let mut steps = Vec::new();
    let mut names = dotted(key).into_iter().peekable();
    let mut path = String::new();
    while let Some(token) = names.next() {
        let (name, chosen) = split(token);
        let Some(table) = table(node) else {
            let message = format!("`{path}` has no keys of its own");
            return Err(problem(text, message));
        };
        let known = table.get("properties").and_then(Schema::as_object);
        let free = table
            .get("additionalProperties")
            .filter(|schema| schema.is_object());
        let Some(next) = known.and_then(|known| known.get(name)).or(free) else {
            let before = if path.is_empty() {
                String::new()
            } else {
                format!("{path}.")
            };
            let fixed = |name: &&str| {
                let rest = |fixed: &'static str| fixed.strip_prefix(&before);
                FIXED.iter().any(|(fixed, _)| rest(fixed) == Some(*name))
            };
            let names: Vec<&str> = known
                .into_iter()
                .flat_map(|known| known.keys().map(String::as_str))
                .filter(|name| !fixed(name))
                .collect();
            let place = if path.is_empty() {
                String::new()
            } else {
                format!(" in `{path}`")
            };
            return Err(
                problem(text, format!("unknown key {}{place}", quoted(name)))
                    .accepting(&names)
                    .near(nearest(name, names.iter().copied())),
            );
        };
        path = if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        };
        if let Some((_, why)) = FIXED.iter().find(|(fixed, _)| *fixed == path) {
            return Err(problem(text, format!("`{path}` cannot be swept: {why}")));
        }
        steps.push(Step::Key(name.to_owned()));
        node = next;
        let plain = choices(node).len() > 1 && chosen.is_none() && names.peek().is_none();
        let Some(entry) = entries(node).filter(|_| !plain) else {
            if chosen.is_some() {
                return Err(problem(
                    text,
                    format!(
                        "`{path}` is no list of tables, so nothing can be chosen from it with brackets"
                    ),
                ));
            }
            continue;
        };
        let of_entry = |name: &str| {
            entry
                .get("properties")
                .and_then(Schema::as_object)
                .is_some_and(|known| known.contains_key(name))
        };
        let step = match (chosen, names.peek().copied()) {
            (Some(chosen), _) => Step::Labelled(chosen.to_owned()),
            (None, Some(next)) if !of_entry(split(next).0) && names.len() > 1 => {
                let named = names.next().unwrap_or_default();
                Step::Named(named.to_owned())
            }
            (None, _) => Step::All,
        };
        steps.push(step);
        node = entry;
    }
    let list = matches!(
        steps.last(),
        Some(Step::All | Step::Labelled(_) | Step::Named(_))
    );
    let takes_a_value = choices(node).iter().any(|choice| {
        choice.get("properties").is_none() && choice.get("additionalProperties").is_none()
    });
    if list || !takes_a_value {
        let keys = table(node).and_then(|table| table.get("properties"));
        let names = keys
            .and_then(Schema::as_object)
            .into_iter()
            .flat_map(|keys| keys.keys());
        let message = format!("{} is a table; name one of its keys", quoted(key));
        return Err(problem(text, message).accepting(names));
    }
    Ok((steps, node))
}

/// A key at its dots, those inside of brackets left alone.
fn dotted(key: &str) -> Vec<&str> {
    let (mut inside, mut start) = (false, 0);
    let mut parts = Vec::new();
    for (at, letter) in key.char_indices() {
        match letter {
            '[' => inside = true,
            ']' => inside = false,
            '.' if !inside => {
                parts.push(key[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(key[start..].trim());
    parts
}

/// `rounds[254]` as its name and what is chosen.
fn split(token: &str) -> (&str, Option<&str>) {
    match token
        .strip_suffix(']')
        .and_then(|token| token.split_once('['))
    {
        Some((name, chosen)) => (name.trim(), Some(chosen.trim().trim_matches(['"', '\'']))),
        None => (token, None),
    }
}

fn choices(schema: &Schema) -> Vec<&Schema> {
    match schema.get("anyOf").and_then(Schema::as_array) {
        Some(choices) => choices.iter().collect(),
        None => vec![schema],
    }
}

/// The form of a value that is a table, if it has one.
fn table(schema: &Schema) -> Option<&Schema> {
    choices(schema).into_iter().find(|choice| {
        choice.get("properties").is_some()
            || choice
                .get("additionalProperties")
                .is_some_and(Schema::is_object)
    })
}

/// The schema of the entries of a list of tables.
fn entries(schema: &Schema) -> Option<&Schema> {
    choices(schema)
        .into_iter()
        .filter_map(|choice| choice.get("items"))
        .find(|items| items.get("properties").is_some())
}

/// Why a setting cannot be written into the keys of a file.
pub(super) enum Miss {
    /// The file has no such list.
    NoList(String),
    /// The file has no table there, but this value.
    NoTable(String, String),
    /// No entry of the list was meant; what could have been.
    Nobody {
        list: String,
        wanted: String,
        accepted: Vec<String>,
    },
}

impl Miss {
    /// Both misses of one setting, in two entries of a list.
    fn after(self, before: Option<Miss>) -> Miss {
        match (before, self) {
            (None, miss)
            | (Some(miss), Miss::NoList(_) | Miss::NoTable(..))
            | (Some(Miss::NoList(_) | Miss::NoTable(..)), miss) => miss,
            (
                Some(Miss::Nobody { mut accepted, .. }),
                Miss::Nobody {
                    list,
                    wanted,
                    accepted: more,
                },
            ) => {
                let more = more.into_iter().filter(|name| !accepted.contains(name));
                let more: Vec<String> = more.collect();
                accepted.extend(more);
                Miss::Nobody {
                    list,
                    wanted,
                    accepted,
                }
            }
        }
    }
}

impl Setting {
    /// Whether the setting is about rounds as they are held, published and repeated ones as well.
    pub(super) fn is_of_rounds(&self) -> bool {
        self.steps.first() == Some(&Step::Key("rounds".to_owned()))
    }

    /// Whether the setting is about the rules by which rounds are repeated, or about all rounds that do
    /// not say themselves.
    pub(super) fn is_of_all_rounds(&self) -> bool {
        let is_key = |step: &Step, key: &str| matches!(step, Step::Key(name) if name == key);
        let first = self.steps.first();
        first.is_some_and(|step| is_key(step, "schedule"))
            || self.steps.len() == 1 && first.is_some_and(|step| is_key(step, "tie_break"))
    }

    /// Whether the setting is of a part of what another sets.
    pub(super) fn is_within(&self, other: &Setting) -> bool {
        self.steps.len() > other.steps.len() && self.steps.starts_with(&other.steps)
    }

    /// Whether another setting ends in the same key.
    pub(super) fn sets_as(&self, other: &Setting) -> bool {
        self.steps.last() == other.steps.last()
    }

    /// Whether the setting changes who the candidates are.
    pub(super) fn is_of_people(&self) -> bool {
        OF_PEOPLE.iter().any(|name| {
            let rest = self.key.strip_prefix(name);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// A value as tables show it.
    pub fn shown(&self, place: usize) -> String {
        match &self.values[place] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        }
    }

    /// The setting with that value as it would be written.
    pub(super) fn written(&self, place: usize) -> String {
        format!("{}={}", self.key, self.shown(place))
    }

    /// Writes the value at that place into the keys of a file.
    pub(super) fn write(&self, place: usize, keys: &mut Table) -> Result<(), Miss> {
        write(keys, &self.steps, "", &self.values[place])
    }
}

fn write(table: &mut Table, steps: &[Step], path: &str, value: &Value) -> Result<(), Miss> {
    let Some((Step::Key(name), rest)) = steps.split_first() else {
        return Ok(());
    };
    let path = if path.is_empty() {
        name.clone()
    } else {
        format!("{path}.{name}")
    };
    match rest {
        [] => {
            table.insert(name.clone(), value.clone());
            Ok(())
        }
        [Step::Key(_), ..] => {
            let inner = table
                .entry(name.clone())
                .or_insert_with(|| Value::Table(Table::new()));
            match inner {
                Value::Table(inner) => write(inner, rest, &path, value),
                other => Err(Miss::NoTable(path, other.to_string())),
            }
        }
        [which, rest @ ..] => {
            let Some(list) = table.get_mut(name).and_then(Value::as_array_mut) else {
                return Err(Miss::NoList(path));
            };
            let chosen = chosen(list, which, name);
            if chosen.is_empty() {
                return Err(Miss::Nobody {
                    wanted: match which {
                        Step::Labelled(label) => label.clone(),
                        Step::Named(name) => name.clone(),
                        _ => String::new(),
                    },
                    accepted: names(list, which, name),
                    list: path,
                });
            }
            // One of several entries need not have what is meant, as long as another has it.
            let mut missed: Option<Miss> = None;
            let mut written = false;
            for place in chosen {
                if let Some(entry) = list[place].as_table_mut() {
                    match write(entry, rest, &path, value) {
                        Ok(()) => written = true,
                        Err(miss) => missed = Some(miss.after(missed)),
                    }
                }
            }
            missed.filter(|_| !written).map_or(Ok(()), Err)
        }
    }
}

fn text_of<'a>(entry: &'a Value, key: &str) -> Option<&'a str> {
    entry.get(key).and_then(Value::as_str)
}

/// What an entry of a list is known by: its label, or that which a schedule has without one.
fn label_of<'a>(list: &'a [Value], place: usize, key: &str) -> Option<Cow<'a, str>> {
    let written = text_of(&list[place], "label").map(Cow::from);
    written.or_else(|| (key == "schedule").then(|| format!("s{}", place + 1).into()))
}

/// Places of the entries of the list of that key that a step chooses.
fn chosen(list: &[Value], which: &Step, key: &str) -> Vec<usize> {
    let places = |holds: &dyn Fn(&Value) -> bool| -> Vec<usize> {
        (0..list.len())
            .filter(|&place| holds(&list[place]))
            .collect()
    };
    match which {
        Step::Labelled(label) => {
            let is_labelled = |&place: &usize| label_of(list, place, key).as_deref() == Some(label);
            let labelled: Vec<usize> = (0..list.len()).filter(is_labelled).collect();
            if !labelled.is_empty() {
                return labelled;
            }
            let unlabelled = list.iter().all(|entry| entry.get("label").is_none());
            let place = label
                .parse::<usize>()
                .ok()
                .and_then(|number| number.checked_sub(1));
            place
                .filter(|&place| unlabelled && place < list.len())
                .into_iter()
                .collect()
        }
        Step::Named(name) => places(&|entry| {
            text_of(entry, "type") == Some(name) || text_of(entry, "name") == Some(name)
        }),
        Step::All | Step::Key(_) => (0..list.len()).collect(),
    }
}

/// What entries of a list could be chosen by.
fn names(list: &[Value], which: &Step, key: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (place, entry) in list.iter().enumerate() {
        let name = match which {
            Step::Labelled(_) => {
                let label = label_of(list, place, key);
                label.map_or_else(|| (place + 1).to_string(), Cow::into_owned)
            }
            _ => match text_of(entry, "type").or_else(|| text_of(entry, "name")) {
                Some(name) => name.to_owned(),
                None => continue,
            },
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
