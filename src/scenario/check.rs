//! Checks a parsed TOML table against the JSON Schema of its keys: every unknown or missing key,
//! wrong type, unknown word and number out of range, in one pass.
//! What the values mean together does not live here.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use serde_json::Value as Schema;
use toml::Spanned;
use toml::de::{DeArray, DeInteger, DeTable, DeValue};

use super::problem::{Problem, Problems};
use super::source::SourceFile;
use super::spanned::{parse_date, parse_time};
use super::thousands;
use super::unquoted::{self, is_quoted, without_typographic};
use crate::nearest::nearest;
use crate::shown::{grouped, not_latin, quoted};

/// Reports what is wrong with `table` and takes it out, so that the rest can be read on.
pub(super) fn check(
    file: &Arc<SourceFile>,
    schema: &Schema,
    table: &mut Spanned<DeTable<'_>>,
    problems: &mut Problems,
) {
    let check = &mut Check {
        file,
        top: schema,
        problems,
    };
    check.table(schema, 0..0, table.get_mut(), "");
}

struct Check<'a> {
    file: &'a Arc<SourceFile>,
    /// Of the whole file.
    top: &'a Schema,
    problems: &'a mut Problems,
}

impl Check<'_> {
    fn report(&mut self, span: Range<usize>, key: &str, message: String) {
        self.problems
            .push(Problem::new(self.file, Some(span), key, message));
    }

    /// Whether the value can be kept; its bad parts are taken out where the rest can stand.
    fn value(&mut self, schema: &Schema, value: &mut Spanned<DeValue<'_>>, key: &str) -> bool {
        let span = value.span();
        if span.is_empty() {
            let message = "the value is missing behind `=`".to_owned();
            self.report(span, key, message);
            return false;
        }
        let choices = choices(schema);
        let Some(&chosen) = choices.iter().find(|choice| fits(choice, value.get_ref())) else {
            let wanted: Vec<&str> = choices.iter().map(|choice| wanted(choice)).collect();
            let message = format!(
                "{} is expected here, not {}",
                wanted.join(" or "),
                match value.get_ref() {
                    DeValue::String(text) if !is_quoted(self.file, &span) => quoted(text),
                    value => described(value),
                }
            );
            let advice = match value.get_ref() {
                DeValue::String(text) => thousands::advice(text).unwrap_or_default(),
                _ => String::new(),
            };
            let problem = Problem::new(self.file, Some(span), key, message);
            self.problems.push(problem.advising(&advice));
            return false;
        };
        match value.get_mut() {
            DeValue::Table(table) => {
                self.table(chosen, span, table, key);
                true
            }
            DeValue::Array(array) => self.array(chosen, span, array, key),
            DeValue::Integer(integer) if kind(chosen) == "integer" => {
                self.integer(chosen, span, integer, key)
            }
            DeValue::Integer(integer) => {
                let value = i128::from_str_radix(integer.as_str(), integer.radix());
                let value = value.map_or(f64::INFINITY, |value| value as f64);
                self.number(chosen, span, value, &integer.to_string(), key)
            }
            DeValue::Float(float) => {
                let text = float.as_str();
                let value = text.parse().unwrap_or(f64::NAN);
                self.number(chosen, span, value, text, key)
            }
            DeValue::String(text) => {
                let others = choices.iter().filter(|choice| !fits_text(choice));
                let others: Vec<&str> = others.map(|choice| wanted(choice)).collect();
                let chosen = dated(&choices, text).unwrap_or(chosen);
                self.text(chosen, span, text, key, &others)
            }
            DeValue::Datetime(_) => {
                let file = Arc::clone(self.file);
                let written = file.text().get(span.clone()).unwrap_or_default();
                let chosen = dated(&choices, written).unwrap_or(chosen);
                self.text(chosen, span, written, key, &[])
            }
            DeValue::Boolean(_) => true,
        }
    }

    fn table(&mut self, schema: &Schema, span: Range<usize>, table: &mut DeTable<'_>, key: &str) {
        let known = schema.get("properties").and_then(Schema::as_object);
        let others = schema
            .get("additionalProperties")
            .filter(|schema| schema.is_object());
        let mut kept = DeTable::new();
        let mut dropped = Vec::new();
        for (name, mut value) in std::mem::replace(table, DeTable::new()) {
            let path = joined(key, name.get_ref());
            let property = known.and_then(|known| known.get(name.get_ref().as_ref()));
            let keep = match (property.or(others), known) {
                (Some(schema), _) => self.value(schema, &mut value, &path),
                (None, Some(known)) => {
                    let names = || known.keys().map(String::as_str);
                    let place = if key.is_empty() {
                        String::new()
                    } else {
                        format!(" in `{}`", without_numbers(key))
                    };
                    let shared = schema.get("x-shared").and_then(Schema::as_array);
                    if shared.is_some_and(|shared| {
                        shared.iter().any(|key| key == name.get_ref().as_ref())
                    }) {
                        let message = format!(
                            "a policy cannot replace `{}`: policies are compared on the same \
                             pool, timeline and streams; set it at the top of the file for all",
                            name.get_ref()
                        );
                        self.report(name.span(), &path, message);
                        continue;
                    }
                    let top = self.top.get("properties").and_then(Schema::as_object);
                    let is_of_the_top = !key.is_empty()
                        && top.is_some_and(|top| top.contains_key(name.get_ref().as_ref()));
                    let hint = match is_of_the_top {
                        true => "; it stands at the top of the file, above the first table",
                        false => "",
                    };
                    let message = format!(
                        "unknown key {}{place}{hint}{}",
                        quoted(name.get_ref()),
                        not_latin(name.get_ref())
                    );
                    self.problems.push(
                        Problem::new(self.file, Some(name.span()), &path, message)
                            .accepting(names())
                            .near(nearest(name.get_ref(), names())),
                    );
                    false
                }
                (None, None) => true,
            };
            if keep {
                kept.insert(name, value);
            } else if property.is_some() {
                dropped.push(name.into_inner());
            }
        }
        self.missing(schema, span, &kept, &dropped, key);
        *table = kept;
    }

    fn missing(
        &mut self,
        schema: &Schema,
        span: Range<usize>,
        table: &DeTable<'_>,
        dropped: &[Cow<'_, str>],
        key: &str,
    ) {
        let required = schema.get("required").and_then(Schema::as_array);
        for name in required.into_iter().flatten().filter_map(Schema::as_str) {
            if table.contains_key(name) || dropped.iter().any(|dropped| dropped == name) {
                continue;
            }
            let property = &schema["properties"][name];
            let what = property
                .get("description")
                .and_then(Schema::as_str)
                .map(one_line)
                .unwrap_or_default();
            let message = format!("`{name}` is missing: {what}");
            self.report(span.clone(), &joined(key, name), message);
        }
    }

    fn array(
        &mut self,
        schema: &Schema,
        span: Range<usize>,
        array: &mut DeArray<'_>,
        key: &str,
    ) -> bool {
        let least = schema.get("minItems").and_then(Schema::as_u64).unwrap_or(0);
        let most = schema.get("maxItems").and_then(Schema::as_u64);
        let length = array.len() as u64;
        if most == Some(least) && length != least {
            let message = format!("the list has {length} entries; it needs {least}");
            self.report(span, key, message);
            return false;
        }
        if length < least {
            self.report(
                span,
                key,
                "the list is empty; at least one is needed".to_owned(),
            );
            return false;
        }
        let mut kept = DeArray::new();
        for (index, mut item) in std::mem::replace(array, DeArray::new())
            .into_iter()
            .enumerate()
        {
            let path = format!("{key}[{}]", index + 1);
            if self.value(&schema["items"], &mut item, &path) {
                kept.push(item);
            }
        }
        *array = kept;
        most.is_none() || array.len() as u64 == length
    }

    fn number(
        &mut self,
        schema: &Schema,
        span: Range<usize>,
        value: f64,
        text: &str,
        key: &str,
    ) -> bool {
        let limit = |name, otherwise| {
            let limit = schema.get(name).and_then(Schema::as_f64);
            limit.unwrap_or(otherwise)
        };
        let (least, most) = (limit("minimum", f64::MIN), limit("maximum", f64::MAX));
        let shown = quoted(text);
        let message = if value.is_nan() {
            format!("{shown} is not a number that can be used")
        } else if value < least {
            format!("{shown} is too small; at least {least} is accepted")
        } else if value > most {
            format!("{shown} is too large; at most {most} is accepted")
        } else {
            return true;
        };
        self.report(span, key, message);
        false
    }

    fn integer(
        &mut self,
        schema: &Schema,
        span: Range<usize>,
        integer: &DeInteger<'_>,
        key: &str,
    ) -> bool {
        let limit = |name, otherwise| {
            schema
                .get(name)
                .and_then(Schema::as_i64)
                .unwrap_or(otherwise)
        };
        let (least, most) = (limit("minimum", i64::MIN), limit("maximum", i64::MAX));
        let value = i128::from_str_radix(integer.as_str(), integer.radix());
        let (least_shown, most_shown) = (spelled(least), spelled(most));
        let shown = quoted(&integer.to_string());
        let message = match value {
            Ok(value) if value < i128::from(least) => {
                format!("{shown} is too small; at least {least_shown} is accepted")
            }
            Ok(value) if value <= i128::from(most) => return true,
            Err(_) if integer.as_str().starts_with('-') => {
                format!("{shown} is too small; at least {least_shown} is accepted")
            }
            _ => format!("{shown} is too large; at most {most_shown} is accepted"),
        };
        self.report(span, key, message);
        false
    }

    fn text(
        &mut self,
        schema: &Schema,
        span: Range<usize>,
        text: &str,
        key: &str,
        others: &[&str],
    ) -> bool {
        let problem = match schema.get("format").and_then(Schema::as_str) {
            Some("date") => parse_date(text).err(),
            Some("date-time") => parse_time(text).err(),
            _ => None,
        };
        if let Some(message) = problem {
            self.report(span, key, message);
            return false;
        }
        let words = words(schema);
        let is_known = words.is_empty() || words.contains(&text);
        let is_unquoted = schema.get("format").is_none() && !is_quoted(self.file, &span);
        let is_meant = is_known || words.contains(&without_typographic(text));
        if is_meant && is_unquoted {
            self.report(span, key, unquoted::message(text));
            return is_known;
        }
        if is_known {
            return true;
        }
        let what = match is_unquoted {
            true => "is text without quotes, and not known here",
            false => "is not known here",
        };
        let accepted = words.iter().chain(others).copied();
        self.problems.push(
            Problem::new(
                self.file,
                Some(span),
                key,
                format!("{} {what}{}", quoted(text), not_latin(text)),
            )
            .accepting(accepted)
            .near(nearest(text, words.iter().copied())),
        );
        false
    }
}

/// The schemas of which a value has to match one: a list of words counts as one text.
fn choices(schema: &Schema) -> Vec<&Schema> {
    match schema.get("anyOf").and_then(Schema::as_array) {
        Some(choices) => choices.iter().collect(),
        None => vec![schema],
    }
}

/// Of several forms of dates and times, the one that the text has, whether it can be read or not.
fn dated<'a>(choices: &[&'a Schema], text: &str) -> Option<&'a Schema> {
    let form = if text.contains(':') {
        "date-time"
    } else {
        "date"
    };
    let has = |choice: &&Schema| choice.get("format").is_some_and(|format| format == form);
    choices.iter().copied().find(has)
}

/// The JSON type that a schema asks for.
fn kind(schema: &Schema) -> &str {
    match schema.get("type").and_then(Schema::as_str) {
        Some(kind) => kind,
        None => "string",
    }
}

fn fits_text(schema: &Schema) -> bool {
    kind(schema) == "string"
}

fn fits(schema: &Schema, value: &DeValue<'_>) -> bool {
    match value {
        DeValue::String(_) => fits_text(schema),
        DeValue::Datetime(_) => schema.get("format").is_some() && fits_text(schema),
        DeValue::Integer(_) => matches!(kind(schema), "integer" | "number"),
        DeValue::Float(_) => kind(schema) == "number",
        DeValue::Boolean(_) => kind(schema) == "boolean",
        DeValue::Array(_) => kind(schema) == "array",
        DeValue::Table(_) => kind(schema) == "object",
    }
}

/// The words that a schema accepts; empty when it accepts any text.
fn words(schema: &Schema) -> Vec<&str> {
    let listed = schema.get("enum").and_then(Schema::as_array);
    let described = schema.get("oneOf").and_then(Schema::as_array);
    let listed = listed.into_iter().flatten().filter_map(Schema::as_str);
    let described = described
        .into_iter()
        .flatten()
        .filter_map(|choice| choice.get("const").and_then(Schema::as_str));
    listed.chain(described).collect()
}

fn wanted(schema: &Schema) -> &'static str {
    match (kind(schema), schema.get("format").and_then(Schema::as_str)) {
        ("integer", _) => "a whole number",
        ("boolean", _) => "true or false",
        ("number", _) => "a number",
        ("array", _) => "a list",
        ("object", _) => "a table",
        (_, Some("date")) => "a date like 2023-07-04",
        (_, Some("date-time")) => "a time like 2023-07-05T13:38:22Z",
        _ => "text in quotes",
    }
}

fn described(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text {}", quoted(text)),
        DeValue::Integer(integer) => format!("the number {}", quoted(&integer.to_string())),
        DeValue::Float(float) => format!("the number {}", quoted(float.as_str())),
        DeValue::Boolean(value) => format!("`{value}`"),
        DeValue::Datetime(_) => "a date or time".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

fn spelled(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(number.unsigned_abs()))
}

fn joined(key: &str, name: &str) -> String {
    let shown: String = name.chars().take(60).collect();
    match key {
        "" => shown,
        key => format!("{key}.{shown}"),
    }
}

/// `rounds[2]` is described as `rounds`: what is accepted does not depend on the number.
fn without_numbers(key: &str) -> String {
    let mut inside = false;
    key.chars()
        .filter(|character| {
            let was_inside = inside;
            match character {
                '[' => inside = true,
                ']' => inside = false,
                _ => {}
            }
            !inside && !was_inside
        })
        .collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
