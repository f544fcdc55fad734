//! Where the keys of a file stand whose values show their faults only as people are read or made.
//! Those faults are found by the rooms that do so.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::load::{Overrides, Scenario};
use super::plan::Plan;
use super::problem::Problem;
use super::source::SourceFile;
use super::wire::PoolTable;
use super::wire_time::ArrivalsTable;

/// The places of some keys in the file that a plan was read from; none of a plan whose file the
/// user has not written.
#[derive(Debug, Clone, Default)]
pub struct Places {
    file: Option<Arc<SourceFile>>,
    spans: BTreeMap<&'static str, Range<usize>>,
}

impl Places {
    /// The places of those keys, and of their tables where the keys are left out.
    pub(super) fn of(scenario: &Scenario, overrides: &Overrides) -> Self {
        let mut places = Places {
            file: Some(Arc::clone(&scenario.file)),
            spans: BTreeMap::new(),
        };
        if let Some(pool) = &scenario.keys.pool {
            places.of_pool(&pool.value, &pool.span, overrides);
        }
        let timeline = scenario.keys.timeline.as_ref();
        if let Some(arrivals) = timeline.and_then(|timeline| timeline.value.arrivals.as_ref()) {
            places.of_arrivals(&arrivals.value, &arrivals.span);
        }
        places
    }

    fn of_pool(&mut self, keys: &PoolTable, table: &Range<usize>, overrides: &Overrides) {
        let bands = keys.bands.as_ref().map(|key| &key.span);
        let profile = keys.profile.as_ref().map(|key| &key.span);
        self.add("pool.bands", bands.unwrap_or(table));
        self.add("pool.profile", profile.unwrap_or(table));
        if let (Some(file), None) = (&keys.file, &overrides.pool_file) {
            self.add("pool.file", &file.span);
        }
    }

    fn of_arrivals(&mut self, keys: &ArrivalsTable, table: &Range<usize>) {
        let bands = keys.bands.as_ref().map(|key| &key.span);
        let profile = keys.profile.as_ref().map(|key| &key.span);
        self.add("timeline.arrivals.bands", bands.unwrap_or(table));
        self.add("timeline.arrivals.profile", profile.unwrap_or(table));
    }

    fn add(&mut self, key: &'static str, span: &Range<usize>) {
        self.spans.insert(key, span.clone());
    }
}

impl Places {
    /// A problem of a key, or of the option that stands for it, in the file called `name` if it is
    /// none that the user has written.
    pub fn problem(&self, name: &str, key: &str, message: impl Into<String>) -> Problem {
        match (&self.file, self.spans.get(key)) {
            (Some(file), Some(span)) => Problem::new(file, Some(span.clone()), key, message),
            (Some(_), None) if key == "pool.file" => Problem::of_argument("--pool", message),
            (Some(file), None) => Problem::new(file, None, key, message),
            (None, _) => {
                let file = Arc::new(SourceFile::new(name, String::new()));
                Problem::new(&file, None, key, message)
            }
        }
    }
}

impl Plan {
    /// A problem of a key of the scenario, or of the option that stands for it, that shows as people
    /// are read or made; an empty key is the scenario as a whole.
    pub fn problem(&self, key: &str, message: impl Into<String>) -> Problem {
        let first = self.inputs.first();
        let path = first.map(|input| input.path.display().to_string());
        let name = path.as_ref().unwrap_or(&self.name);
        self.places.problem(name, key, message)
    }
}
