//! What of two scenarios is not the same although it has to be where policies are compared: by the
//! keys that the user wrote, and by what they come to where those say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use toml::de::{DeTable, DeValue};
use toml::{Table, Value};

use super::defaults;
use super::load::Scenario;
use super::plan::Plan;
use super::problem::{Problem, Problems};
use super::source::SourceFile;
use crate::shown::{grouped, quoted};

/// Longest value of a file that a message repeats, in characters.
const LONGEST: usize = 60;

/// The part of those who arrive that may go by the rounds.
const NOMINEES: &str = "timeline.arrivals.nominees";

/// A scenario and its plan.
pub(super) type Read<'a> = (&'a Scenario, &'a Plan);

/// What of the other is not as in the base, told in the file of the other.
pub(super) fn problems_between(base: Read<'_>, other: Read<'_>) -> Problems {
    let mut problems = Problems::new();
    let (there, here) = (Written::of(&base.0.file), Written::of(&other.0.file));
    let mut told = BTreeSet::new();
    for (key, shown_here, shown_there) in differences(base.1, other.1) {
        let written = here.values.keys().chain(there.values.keys());
        let differing: BTreeSet<&String> = written
            .filter(|written| decides(written, key) && here.value(written) != there.value(written))
            .collect();
        if differing.is_empty() {
            let span = here.values.get(key).map(|(span, _)| span.clone());
            problems.push(differs(base, other, key, span, (&shown_here, &shown_there)));
        }
        for key in differing.into_iter().filter(|&key| told.insert(key)) {
            let span = here.values.get(key).map(|(span, _)| span.clone());
            let shown = (&*here.shown(key), &*there.shown(key));
            problems.push(differs(base, other, key, span, shown));
        }
    }
    problems.sort();
    problems
}

fn differs(
    base: Read<'_>,
    other: Read<'_>,
    key: &str,
    span: Option<Range<usize>>,
    (here, there): (&str, &str),
) -> Problem {
    let message = format!(
        "{here} here, but {there} in {}; policies are compared on the same candidates, so pool, seed, \
         replicates and timeline have to be the same",
        base.0.path.display()
    );
    let problem = Problem::new(&other.0.file, span, key, message);
    match key {
        NOMINEES => problem.advising(
            "with `nominees = \"rounds\"` they arrive as the rounds of a file invite: policies of one file, \
             and files with the same list, meet the same nominees",
        ),
        _ => problem,
    }
}

/// Whether a key that is written in a file has a part in what a key of the plan comes to.
fn decides(written: &str, key: &str) -> bool {
    let below = |table: &str| {
        let rest = written.strip_prefix(table);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    match key {
        "pool.size" | "pool.bands" | "pool.file" => {
            ["pool.as_of", "pool.size", "pool.bands", "pool.file"]
                .into_iter()
                .any(below)
        }
        "timeline.start" => below("timeline.start") || below("pool.as_of"),
        "timeline.arrivals" => ["timeline.arrivals", "pool"].into_iter().any(below),
        key => below(key),
    }
}

/// The values of a file by their keys, tables taken apart, with their places.
struct Written<'a> {
    file: &'a SourceFile,
    values: BTreeMap<String, (Range<usize>, Option<Value>)>,
}

impl<'a> Written<'a> {
    fn of(file: &'a SourceFile) -> Self {
        let mut written = Written {
            file,
            values: BTreeMap::new(),
        };
        if let Ok(table) = DeTable::parse(file.text()) {
            written.add(table.get_ref(), "");
        }
        written
    }

    fn add(&mut self, table: &DeTable<'_>, path: &str) {
        for (name, value) in table {
            let key = match path {
                "" => name.get_ref().to_string(),
                path => format!("{path}.{}", name.get_ref()),
            };
            if let DeValue::Table(inner) = value.get_ref() {
                self.add(inner, &key);
                continue;
            }
            let text = self.file.text().get(value.span()).unwrap_or_default();
            let read: Option<Table> = format!("value = {text}").parse().ok();
            let read = read.and_then(|mut table| table.remove("value"));
            self.values.insert(key, (value.span(), read));
        }
    }

    /// The value, or the default that holds where the file has none.
    fn value(&self, key: &str) -> Option<Value> {
        match self.values.get(key) {
            Some((_, value)) => value.clone(),
            None if key == "pool.bands" => Some(Value::from(defaults::BANDS)),
            None => None,
        }
    }

    /// The value as it is written.
    fn shown(&self, key: &str) -> String {
        let Some((span, _)) = self.values.get(key) else {
            return "not set".to_owned();
        };
        let text = self.file.text().get(span.clone()).unwrap_or_default();
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(LONGEST) {
            Some((end, _)) => format!("{}...", &line[..end]),
            None => line,
        }
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// What of two plans is not the same although it has to be: key, value of `other`, value of `base`.
pub(super) fn differences(base: &Plan, other: &Plan) -> Vec<(&'static str, String, String)> {
    let mut found = Vec::new();
    let mut differ = |key, here: String, there: String| {
        if here != there {
            found.push((key, here, there));
        }
    };
    differ("seed", other.seed.to_string(), base.seed.to_string());
    let replicates = |plan: &Plan| grouped(plan.replicates);
    differ("replicates", replicates(other), replicates(base));
    differ(
        "pool.as_of",
        other.pool.as_of.to_string(),
        base.pool.as_of.to_string(),
    );
    differ(
        "pool.size",
        grouped(other.pool.size),
        grouped(base.pool.size),
    );
    let file = |plan: &Plan| {
        plan.pool
            .file
            .as_ref()
            .map_or("absent".to_owned(), |f| shown(f))
    };
    differ("pool.file", file(other), file(base));
    let key = |plan: &Plan, pointer: &str| {
        let mut value = plan.resolved.pointer(pointer).cloned();
        // Told by themselves.
        let whole = value.as_mut().filter(|_| pointer == "/timeline/arrivals");
        whole.and_then(|arrivals| arrivals.as_object_mut()?.remove("nominees"));
        value.map_or("absent".to_owned(), |value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value.to_string(),
        })
    };
    for (name, pointer) in [
        ("pool.bands", "/pool/bands"),
        ("pool.profile", "/pool/profile"),
        ("timeline.start", "/timeline/start"),
        ("timeline.end", "/timeline/end"),
        (
            "timeline.withdrawals_per_year",
            "/timeline/withdrawals_per_year",
        ),
        ("timeline.answers", "/timeline/answers"),
        ("timeline.changes", "/timeline/changes"),
        ("timeline.arrivals", "/timeline/arrivals"),
        (NOMINEES, "/timeline/arrivals/nominees"),
    ] {
        differ(name, key(other, pointer), key(base, pointer));
    }
    if found.is_empty() && base.pool.profile != other.pool.profile {
        let name =
            |plan: &Plan| format!("another profile called {}", quoted(&plan.pool.profile.name));
        found.push(("pool.profile", name(other), name(base)));
    }
    found
}
