//! Reads values of a profile file, each checked, with what is wrong noted in its place.
//! Which keys a profile has is `wire`'s.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::nearest::nearest;
use crate::rules::candidate::MAX_WORK_YEARS;
use crate::synthesis::problem::ProfileProblem;
use crate::units::Instant;

pub type Table<'i> = DeTable<'i>;
pub type Value<'i> = Spanned<DeValue<'i>>;

/// Reads one file; problems in the order in which they are found.
pub struct Reader<'t> {
    pub text: &'t str,
    pub file: &'t str,
    pub problems: Vec<ProfileProblem>,
}

/// A segment's keys, and the file's defaults behind them.
#[derive(Clone, Copy)]
pub struct Keys<'a, 'i> {
    pub own: &'a Table<'i>,
    pub defaults: Option<&'a Table<'i>>,
    pub span: &'a Range<usize>,
}

impl<'a, 'i> Keys<'a, 'i> {
    pub fn get(&self, key: &str) -> Option<&'a Value<'i>> {
        let own: &'a Table<'i> = self.own;
        own.get(key)
            .or_else(|| self.defaults.and_then(|defaults| defaults.get(key)))
    }
}

impl Reader<'_> {
    pub fn problem(&mut self, span: Option<Range<usize>>, key: &str, message: impl Into<String>) {
        self.problem_with(span, key, message.into(), Vec::new(), None);
    }

    pub fn problem_with(
        &mut self,
        span: Option<Range<usize>>,
        key: &str,
        message: String,
        accepted: Vec<String>,
        nearest: Option<String>,
    ) {
        let position = span.as_ref().map(|span| {
            let before = self.text.get(..span.start).unwrap_or(self.text);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            (line, column)
        });
        self.problems.push(ProfileProblem {
            file: self.file.to_owned(),
            span,
            position,
            key: key.to_owned(),
            message,
            accepted,
            nearest,
        });
    }

    pub fn known_keys(&mut self, table: &Table<'_>, path: &str, known: &[&str]) {
        for key in table.keys() {
            if !known.contains(&key.get_ref().as_ref()) {
                self.problem_with(
                    Some(key.span()),
                    &join(path, key.get_ref()),
                    "unknown key".to_owned(),
                    known.iter().map(|&name| name.to_owned()).collect(),
                    nearest(key.get_ref(), known.iter().copied()).map(str::to_owned),
                );
            }
        }
    }

    pub fn table<'a, 'i>(&mut self, value: &'a Value<'i>, path: &str) -> Option<&'a Table<'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.wrong_type(value, path, "a table");
        }
        table
    }

    pub fn wrong_type(&mut self, value: &Value<'_>, path: &str, wanted: &str) {
        let found = value.get_ref().type_str();
        self.problem(
            Some(value.span()),
            path,
            format!("must be {wanted}, not {found}"),
        );
    }

    pub fn instant(&mut self, value: Option<&Value<'_>>, path: &str) -> Option<Instant> {
        let Some(value) = value else {
            self.problem(None, path, "is missing");
            return None;
        };
        let DeValue::Datetime(written) = value.get_ref() else {
            self.wrong_type(value, path, "a time like 2024-04-24T14:10:42Z");
            return None;
        };
        Instant::parse(&written.to_string())
            .map_err(|why| self.problem(Some(value.span()), path, why))
            .ok()
    }

    pub fn missing<T>(&mut self, keys: Keys<'_, '_>, path: &str, key: &str) -> Option<T> {
        self.problem(
            Some(keys.span.clone()),
            &join(path, key),
            "is missing, here and in [defaults]",
        );
        None
    }

    pub fn text_of(&mut self, value: Option<&Value<'_>>, path: &str) -> Option<String> {
        let Some(value) = value else {
            self.problem(None, path, "is missing");
            return None;
        };
        match value.get_ref().as_str() {
            Some(text) if !text.is_empty() => Some(text.to_owned()),
            _ => {
                self.wrong_type(value, path, "a text that is not empty");
                None
            }
        }
    }

    pub fn number(&mut self, value: &Value<'_>, path: &str) -> Option<f64> {
        let number = match value.get_ref() {
            DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix())
                .ok()
                .map(|whole| whole as f64),
            DeValue::Float(digits) => digits.as_str().parse().ok(),
            _ => {
                self.wrong_type(value, path, "a number");
                return None;
            }
        };
        match number.filter(|number: &f64| number.is_finite()) {
            None => {
                self.problem(Some(value.span()), path, "is not a finite number");
                None
            }
            number => number,
        }
    }

    pub fn number_or(
        &mut self,
        value: Option<&Value<'_>>,
        path: &str,
        range: RangeInclusive<f64>,
        default: f64,
    ) -> Option<f64> {
        let Some(value) = value else {
            return Some(default);
        };
        let number = self.number(value, path)?;
        if range.contains(&number) {
            return Some(number);
        }
        let (low, high) = (range.start(), range.end());
        self.problem(
            Some(value.span()),
            path,
            format!("{number} is outside {low} to {high}"),
        );
        None
    }

    pub fn share(&mut self, keys: Keys<'_, '_>, path: &str, key: &str) -> Option<f64> {
        match keys.get(key) {
            None => self.missing(keys, path, key),
            value => self.number_or(value, &join(path, key), 0.0..=1.0, 0.0),
        }
    }

    /// A list of weights that do not all vanish: as many as fit into the array, the rest zero.
    pub fn numbers<const N: usize>(&mut self, value: &Value<'_>, path: &str) -> Option<[f64; N]> {
        let Some(array) = value.get_ref().as_array() else {
            self.wrong_type(value, path, "a list of weights");
            return None;
        };
        let read: Vec<Option<f64>> = array
            .iter()
            .map(|value| self.number_or(Some(value), path, 0.0..=1e9, 0.0))
            .collect();
        let numbers: Vec<f64> = read.into_iter().collect::<Option<_>>()?;
        if numbers.len() > N || (N != usize::from(MAX_WORK_YEARS) + 1 && numbers.len() < N) {
            self.problem(
                Some(value.span()),
                path,
                format!("has {} weights where {N} are wanted", numbers.len()),
            );
            return None;
        }
        let mut weights = [0.0; N];
        weights[..numbers.len()].copy_from_slice(&numbers);
        self.positive(&weights, value, path).then_some(weights)
    }

    pub fn positive(&mut self, weights: &[f64], value: &Value<'_>, path: &str) -> bool {
        let positive = weights.iter().sum::<f64>() > 0.0;
        if !positive {
            self.problem(Some(value.span()), path, "all weights are zero");
        }
        positive
    }

    /// Weights of 0, 1, 2 ... 10 years; those left out at the end are zero.
    pub fn years(&mut self, keys: Keys<'_, '_>, path: &str, key: &str) -> Option<[f64; 11]> {
        match keys.get(key) {
            None => self.missing(keys, path, key),
            Some(value) => self.numbers(value, &join(path, key)),
        }
    }

    /// Weights by name; names left out weigh nothing. With a `range` they are shares of their own.
    pub fn named<const N: usize>(
        &mut self,
        keys: Keys<'_, '_>,
        path: &str,
        key: &str,
        names: &[&str],
        range: Option<RangeInclusive<f64>>,
    ) -> Option<[f64; N]> {
        let Some(value) = keys.get(key) else {
            return self.missing(keys, path, key);
        };
        let path = join(path, key);
        let table = self.table(value, &path)?;
        self.known_keys(table, &path, names);
        let mut weights = [0.0; N];
        let mut whole = true;
        for (place, name) in names.iter().enumerate().take(N) {
            let limits = range.clone().unwrap_or(0.0..=1e9);
            match self.number_or(table.get(*name), &join(&path, name), limits, 0.0) {
                Some(weight) => weights[place] = weight,
                None => whole = false,
            }
        }
        (whole && (range.is_some() || self.positive(&weights, value, &path))).then_some(weights)
    }

    pub fn ordered(&mut self, low: u8, high: u8, value: &Value<'_>, path: &str) -> Option<()> {
        if low > high {
            let message = format!("low {low} is above high {high}");
            self.problem(Some(value.span()), path, message);
            return None;
        }
        Some(())
    }
}

pub fn join(path: &str, key: &str) -> String {
    match path {
        "" => key.to_owned(),
        _ => format!("{path}.{key}"),
    }
}
