//! A scenario file from its bytes to its wire struct: size, encoding, TOML syntax, keys and types.
//! What the values mean together does not live here.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::check::check;
use super::defaults::MOST_BYTES;
use super::mistaken::mistaken;
use super::problem::{Problem, Problems};
use super::schema::schema;
use super::source::SourceFile;
use super::thousands::advice;
use super::wire::ScenarioFile;
use crate::nearest::nearest;

/// Reads the text of a file.
///
/// # Errors
/// When it cannot be read, is too large or is not UTF-8.
pub(super) fn read(path: &Path) -> Result<Arc<SourceFile>, Problems> {
    text_of(path, bytes(path)?)
}

/// The text of the first bytes of a file.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<Arc<SourceFile>, Problems> {
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!(
            "larger than {} MiB; no scenario is that long",
            MOST_BYTES >> 20
        );
        return Err(whole(path, message));
    }
    text(&path.display().to_string(), bytes)
}

/// The first bytes of a file, one more than are accepted at most.
fn bytes(path: &Path) -> Result<Vec<u8>, Problems> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| whole(path, format!("cannot be read: {error}")))?;
    Ok(bytes)
}

/// A problem of a file as a whole.
fn whole(path: &Path, message: String) -> Problems {
    let file = SourceFile::new(&path.display().to_string(), String::new());
    Problem::new(&Arc::new(file), None, "", message).into()
}

/// Reads the text of a scenario; one that is not there is told with what was probably meant, and
/// another kind of file with the command that takes it.
///
/// # Errors
/// As [`read`].
pub(super) fn read_scenario(path: &Path) -> Result<Arc<SourceFile>, Problems> {
    if let Some(message) = not_a_file(path) {
        return Err(whole(path, message));
    }
    let bytes = bytes(path)?;
    match mistaken(&bytes, &path.display().to_string()) {
        Some(what) => Err(whole(path, what)),
        None => text_of(path, bytes),
    }
}

/// What stands at a path in place of a file, and what was probably meant.
fn not_a_file(path: &Path) -> Option<String> {
    let scenarios = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
        names.sort();
        names
    };
    if path.is_dir() {
        let example = scenarios(path).into_iter().next();
        let example = example.map_or_else(String::new, |name| {
            format!(", e.g. {}", path.join(name).display())
        });
        return Some(format!(
            "cannot be read: it is a folder; name the scenario files in it{example}"
        ));
    }
    if path.exists() || path.file_name().is_none() {
        return None;
    }
    if let Ok(target) = path.read_link() {
        return Some(format!(
            "cannot be read: it is a link that leads to no file ({})",
            target.display()
        ));
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    if !folder.is_dir() {
        return Some(format!(
            "cannot be read: there is no folder {}",
            folder.display()
        ));
    }
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let known = scenarios(folder);
    let meant = nearest(&wanted, known.iter().map(String::as_str));
    let meant = meant.map_or_else(String::new, |name| {
        format!("; did you mean {}?", path.with_file_name(name).display())
    });
    Some(format!("cannot be read: there is no such file{meant}"))
}

/// The text of bytes that a file called `name` holds.
///
/// # Errors
/// When they are not UTF-8: says where, and shows the text up to there.
pub(super) fn text(name: &str, bytes: Vec<u8>) -> Result<Arc<SourceFile>, Problems> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Arc::new(SourceFile::new(name, text))),
        Err(error) => {
            let (at, bytes) = (error.utf8_error().valid_up_to(), error.as_bytes());
            let byte = bytes[at];
            let mark = if bytes.starts_with(b"\xef\xbb\xbf") {
                3
            } else {
                0
            };
            let span = at - mark..at - mark + 1;
            let file = SourceFile::new(name, String::from_utf8_lossy(bytes).into_owned());
            let message =
                format!("byte 0x{byte:02x} is not UTF-8; save the file with the encoding UTF-8");
            Err(Problem::new(&Arc::new(file), Some(span), "", message).into())
        }
    }
}

/// Reads the keys of a file. What is wrong with single keys is added to `found`; the rest is read.
///
/// # Errors
/// When the text is not TOML, so that nothing of it can be trusted.
pub(super) fn parse(
    file: &Arc<SourceFile>,
    found: &mut Problems,
) -> Result<ScenarioFile, Problems> {
    let (mut table, errors) = DeTable::parse_recoverable(file.text());
    let mut unreadable = BTreeSet::new();
    if !errors.is_empty() {
        let values = table.get_ref().iter();
        values.for_each(|(_, value)| bad_datetimes(value, &mut unreadable));
    }
    let mut fatal = Problems::new();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        if !unreadable.contains(&(span.start, span.end)) {
            let line = file.line(file.position(span.start).line);
            let advice = advice(line).unwrap_or_default();
            let message = one_line(error.message());
            let problem = Problem::new(file, Some(span), "", message).advising(&advice);
            // TOML may stumble over one place twice.
            fatal.merge(problem.into());
        }
    }
    if !fatal.is_empty() {
        fatal.sort();
        return Err(fatal);
    }
    check(file, schema(), &mut table, found);
    ScenarioFile::deserialize(toml::Deserializer::from(table))
        .map_err(|error| Problem::new(file, error.span(), "", one_line(error.message())).into())
}

/// The places of dates and times that TOML could not read. The check of the keys says so in its
/// own words, and the rest of the file is read on.
fn bad_datetimes(value: &Spanned<DeValue<'_>>, found: &mut BTreeSet<(usize, usize)>) {
    match value.get_ref() {
        DeValue::Datetime(datetime) if datetime.date.is_none() && datetime.time.is_none() => {
            found.insert((value.span().start, value.span().end));
        }
        DeValue::Array(array) => array.iter().for_each(|item| bad_datetimes(item, found)),
        DeValue::Table(table) => {
            table
                .iter()
                .for_each(|(_, item)| bad_datetimes(item, found));
        }
        _ => {}
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
