//! The pool of a scenario: its date, size, bands, profile, or the file that holds it.
//! Sampling it, or reading the candidates of that file, does not live here.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use super::bands::BadBand;
use super::{Resolver, bands, days_between};
use crate::history;
use crate::inputs::Input;
use crate::nearest::nearest;
use crate::pool::Bands;
use crate::scenario::defaults;
use crate::scenario::document;
use crate::scenario::plan::PoolPlan;
use crate::scenario::problem::Problem;
use crate::scenario::source::SourceFile;
use crate::scenario::spanned::{At, Entries};
use crate::scenario::wire::{BandsValue, Count, NamedBands, PoolTable};
use crate::shown::{counted, grouped, quoted};
use crate::synthesis::Profile;
use crate::units::{Date, Instant};

impl Resolver<'_> {
    /// The pool that starts at `at`; none when something about it is wrong.
    pub(super) fn pool(&mut self, at: Option<Instant>) -> Option<PoolPlan> {
        let table = self.scenario.keys.pool.as_ref()?;
        let file = self.pool_file(&table.value);
        let from_file = file.is_some() || table.value.file.is_some();
        let profile = self.profile(table.value.profile.as_ref(), "pool.profile");
        let (size, bands) = if from_file {
            (0, None)
        } else {
            self.counts(table, at.map(Instant::date))?
        };
        if from_file && file.is_none() {
            return None;
        }
        let at = at?;
        Some(PoolPlan {
            as_of: at.date(),
            at,
            size,
            bands,
            profile: profile?,
            file,
        })
    }

    /// The candidate file, of the command or of the scenario.
    fn pool_file(&mut self, table: &PoolTable) -> Option<PathBuf> {
        if let Some(file) = &self.overrides.pool_file {
            if !file.is_file() {
                let message = format!("{} is not a file", quoted(&file.display().to_string()));
                self.problems.push(Problem::of_argument("--pool", message));
                return None;
            }
            self.input(file);
            let timeline = self.scenario.keys.timeline.as_ref();
            let arrivals = timeline.and_then(|timeline| timeline.value.arrivals.as_ref());
            let unused = match arrivals.is_some_and(|arrivals| arrivals.value.profile.is_none()) {
                true => {
                    "the size and bands of the scenario's pool are not used, and its profile says only \
                     who arrives"
                }
                false => "the size, bands and profile of the scenario's pool are not used",
            };
            self.notices.push(format!(
                "the candidates are those of {}; {unused}",
                file.display()
            ));
            if self.overrides.size.is_some() {
                let message = "a candidate file has the size it has; leave --size or --pool out";
                self.problems.push(Problem::of_argument("--size", message));
            }
            return Some(file.clone());
        }
        let written = table.file.as_ref()?;
        let without = [
            ("size", table.size.as_ref().map(|key| &key.span)),
            ("bands", table.bands.as_ref().map(|key| &key.span)),
            ("profile", table.profile.as_ref().map(|key| &key.span)),
        ];
        for (key, span) in without {
            if let Some(span) = span {
                let message = format!(
                    "`{key}` cannot stand beside `file`: the candidates of the file are the pool"
                );
                self.report(span, &format!("pool.{key}"), message);
            }
        }
        if self.overrides.size.is_some() {
            let message = "the scenario's pool is a candidate file, which has the size it has";
            self.problems.push(Problem::of_argument("--size", message));
        }
        if self.overrides.enclosed.is_some() {
            let message = "a scenario from elsewhere cannot name a file of candidates";
            self.report(&written.span, "pool.file", message);
            return None;
        }
        let path = self.beside(&written.value);
        if path.is_file() {
            self.input(&path);
            Some(path)
        } else {
            let message = format!(
                "{} is not a file; a path is seen from the folder of the scenario",
                quoted(&path.display().to_string())
            );
            self.report(&written.span, "pool.file", message);
            None
        }
    }

    /// The profile that a key names, the default one when there is no key.
    pub(super) fn profile(&mut self, written: Option<&At<String>>, key: &str) -> Option<Profile> {
        let Some(written) = written else {
            return Profile::builtin(defaults::PROFILE);
        };
        let name = written.value.as_str();
        if name.ends_with(".toml") {
            return self.profile_file(written, key);
        }
        let profile = Profile::builtin(name);
        if profile.is_none() {
            let names = Profile::names();
            let problem = self
                .problem(
                    &written.span,
                    key,
                    format!("no profile is called {}", quoted(name)),
                )
                .accepting(names.iter().copied().chain(["the path of a `.toml` file"]))
                .near(nearest(name, names.iter().copied()));
            self.problems.push(problem);
        }
        profile
    }

    /// Size and bands of a generated pool; what was published is looked up where the date is known.
    fn counts(
        &mut self,
        table: &At<PoolTable>,
        as_of: Option<Date>,
    ) -> Option<(u64, Option<Bands>)> {
        let keys = &table.value;
        let size = self.size(keys);
        let wanted = match (self.overrides.size, size) {
            (Some(_), None) => return None,
            (_, size) => size,
        };
        let bands = match keys.bands.as_ref().map(|bands| (&bands.value, &bands.span)) {
            Some((BandsValue::Named(NamedBands::None), _)) => {
                let size = match wanted {
                    Some(size) => size,
                    None => self.published(table, as_of?)?.total,
                };
                return Some((size, None));
            }
            Some((BandsValue::Table(entries), span)) => {
                let bands = self.bands_of(entries, span, "pool.bands")?;
                self.add_up(&bands, keys.size.as_ref(), span)?;
                bands
            }
            Some((BandsValue::Named(NamedBands::History), _)) | None => {
                self.published(table, as_of?)?.bands()
            }
        };
        let total = bands.total();
        let size = wanted.unwrap_or(total);
        if size == total {
            return Some((size, Some(bands)));
        }
        self.notices.push(format!(
            "the bands hold {} candidates and are scaled to {}, each by largest remainder",
            grouped(total),
            grouped(size)
        ));
        Some((size, Some(bands::scaled(&bands, size))))
    }

    /// The bands of a table that stands at `key`.
    pub(super) fn bands_of(
        &mut self,
        entries: &Entries<At<Count>>,
        span: &Range<usize>,
        key: &str,
    ) -> Option<Bands> {
        self.told(bands::from_table(entries), span, key)
    }

    /// Tells what is wrong with a table of bands that stands at `key`.
    pub(super) fn told<T>(
        &mut self,
        read: Result<T, Vec<BadBand>>,
        span: &Range<usize>,
        key: &str,
    ) -> Option<T> {
        match read {
            Ok(bands) => Some(bands),
            Err(bad) => {
                // A band that could not be read is missing here, and named already.
                let entry = format!("{key}.");
                let is_named = |problem: &Problem| problem.key.starts_with(&entry);
                let some_unread = self.problems.iter().any(is_named);
                for band in bad.into_iter().filter(|band| !(band.gap && some_unread)) {
                    let key = match band.key.as_str() {
                        "" => key.to_owned(),
                        band => format!("{key}.{band}"),
                    };
                    self.report(&band.span.unwrap_or(span.clone()), &key, band.message);
                }
                None
            }
        }
    }

    /// The size that the command or the file asks for, within what memory can hold.
    fn size(&mut self, keys: &PoolTable) -> Option<u64> {
        let why = |size: u64| {
            if size == 0 {
                Some("a pool needs at least 1 candidate".to_owned())
            } else if size > defaults::MOST_CANDIDATES {
                Some(format!(
                    "{} candidates would need {} of memory; at most {} ({}) are accepted",
                    grouped(size),
                    defaults::memory(size),
                    grouped(defaults::MOST_CANDIDATES),
                    defaults::memory(defaults::MOST_CANDIDATES)
                ))
            } else {
                None
            }
        };
        if let Some(size) = self.overrides.size {
            return match why(size) {
                Some(message) => {
                    self.problems.push(Problem::of_argument("--size", message));
                    None
                }
                None => Some(size),
            };
        }
        let written = keys.size.as_ref()?;
        match why(written.value.unsigned_abs()) {
            Some(message) => {
                self.report(&written.span, "pool.size", message);
                None
            }
            None => Some(written.value.unsigned_abs()),
        }
    }

    /// Whether a table of bands adds up to the size written beside it.
    fn add_up(&mut self, bands: &Bands, size: Option<&At<i64>>, span: &Range<usize>) -> Option<()> {
        let total: u128 = bands.0.iter().map(|band| u128::from(band.count)).sum();
        let shown = grouped(total);
        if total == 0 {
            self.report(span, "pool.bands", "the bands hold no candidate at all");
            return None;
        }
        if total > defaults::MOST_CANDIDATES.into() {
            let message = format!(
                "the bands add up to {shown} candidates; at most {} are accepted",
                grouped(defaults::MOST_CANDIDATES)
            );
            self.report(span, "pool.bands", message);
            return None;
        }
        match size {
            Some(size) if i128::from(size.value) != total as i128 => {
                let message = format!(
                    "the bands add up to {shown}, but `size` is {}; make them agree, or leave `size` out",
                    grouped(size.value.unsigned_abs())
                );
                self.report(span, "pool.bands", message);
                None
            }
            _ => Some(()),
        }
    }

    /// The latest published pool at or before the pool's date.
    fn published(
        &mut self,
        table: &At<PoolTable>,
        as_of: Date,
    ) -> Option<&'static history::Snapshot> {
        let Some(snapshot) = history::snapshot_at(as_of) else {
            let span = table
                .value
                .as_of
                .as_ref()
                .map_or(&table.span, |key| &key.span);
            let dates = history::snapshots();
            let range = match (dates.first(), dates.last()) {
                (Some(first), Some(last)) => {
                    format!(" (there are {} to {})", first.as_of, last.as_of)
                }
                _ => String::new(),
            };
            let message = format!(
                "no pool was published at or before {as_of}{range}; give `bands` as a table, or \
                 `bands = \"none\"` with a `size`"
            );
            self.report(span, "pool.as_of", message);
            return None;
        };
        if snapshot.as_of != as_of {
            let days = days_between(snapshot.as_of, as_of).unsigned_abs();
            self.notices.push(format!(
                "the pool is the one published for {}, {} before the pool's date",
                snapshot.as_of,
                counted(days, "day")
            ));
        }
        if snapshot.total != snapshot.sum() {
            self.notices.push(format!(
                "the bands published for {} add up to {}, not to the published total of {}",
                snapshot.as_of,
                grouped(snapshot.sum()),
                grouped(snapshot.total)
            ));
        }
        Some(snapshot)
    }
}

impl Resolver<'_> {
    /// The text of a profile file: one that came along, or the one beside the scenario.
    fn profile_text(&mut self, written: &At<String>, key: &str) -> Option<Arc<SourceFile>> {
        let name = &written.value;
        if let Some(enclosed) = &self.overrides.enclosed {
            let found = enclosed.get(name);
            let found = found.map(|text| Arc::new(SourceFile::new(name, text.clone())));
            if found.is_none() {
                let message = format!("{} did not come along with the scenario", quoted(name));
                self.report(&written.span, key, message);
            }
            return found;
        }
        let path = self.beside(name);
        match document::read(&path) {
            Ok((file, record)) => {
                if self.inputs.iter().all(|input| input.path != path) {
                    let read = Some(record);
                    self.inputs.push(Input { path, read });
                }
                Some(file)
            }
            Err(problems) => {
                for problem in problems.iter() {
                    let message = format!(
                        "{} {}",
                        quoted(&path.display().to_string()),
                        problem.message
                    );
                    self.report(&written.span, key, message);
                }
                None
            }
        }
    }

    /// A profile from a file beside the scenario, with all of its problems.
    fn profile_file(&mut self, written: &At<String>, key: &str) -> Option<Profile> {
        let file = self.profile_text(written, key)?;
        match Profile::from_toml(file.text(), file.name()) {
            Ok(profile) => Some(profile),
            Err(problems) => {
                for problem in problems {
                    self.elsewhere.push(
                        Problem::new(&file, problem.span, &problem.key, problem.message)
                            .accepting(problem.accepted)
                            .near(problem.nearest.as_deref()),
                    );
                }
                None
            }
        }
    }
}
