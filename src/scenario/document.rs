//! A scenario file from its bytes to its wire struct: size, encoding, TOML syntax, keys and types.
//! What the values mean together does not live here.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use toml::de::DeTable;

use super::check::check;
use super::defaults::MOST_BYTES;
use super::mistaken::mistaken;
use super::problem::{Problem, Problems};
use super::schema::schema;
use super::source::SourceFile;
use super::thousands::advice;
use super::unquoted::{self, as_text};
use super::wire::ScenarioFile;
use crate::inputs::InputRecord;
use crate::nearest::nearest;

/// Reads the text of a file; with what the manifest says of it.
///
/// # Errors
/// When it cannot be read, is too large or is not UTF-8.
pub(super) fn read(path: &Path) -> Result<(Arc<SourceFile>, InputRecord), Problems> {
    text_of(path, bytes(path)?)
}

/// The text of the first bytes of a file.
fn text_of(path: &Path, bytes: Vec<u8>) -> Result<(Arc<SourceFile>, InputRecord), Problems> {
    if bytes.len() as u64 > MOST_BYTES {
        let message = format!(
            "larger than {} MiB; no scenario is that long",
            MOST_BYTES >> 20
        );
        return Err(whole(path, message));
    }
    let record = InputRecord::of_bytes(path, &bytes);
    Ok((text(&path.display().to_string(), bytes)?, record))
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
pub(super) fn read_scenario(path: &Path) -> Result<(Arc<SourceFile>, InputRecord), Problems> {
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
    let mut places: Vec<Range<usize>> = errors
        .iter()
        .map(|error| error.span().unwrap_or(0..0))
        .collect();
    places.sort_by_key(|place| (place.start, place.end));
    let unread = as_text(file, table.get_mut(), &places);
    let mut fatal = Problems::new();
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        if holds(&unread, &span) {
            continue;
        }
        let line = file.line(file.position(span.start).line);
        let advice = advice(line).unwrap_or_default();
        let message = one_line(error.message());
        let problem = Problem::new(file, Some(span), "", message).advising(&advice);
        // TOML may stumble over one place twice.
        fatal.merge(problem.into());
    }
    let mut told = Problems::new();
    check(file, schema(), &mut table, &mut told);
    let places: BTreeSet<usize> = (told.iter())
        .filter_map(|problem| problem.span().map(|span| span.start))
        .collect();
    for span in &unread {
        // Of a key that is not known the value is not checked.
        if !places.contains(&span.start) {
            let written = file.text().get(span.clone()).unwrap_or_default();
            let message = unquoted::message_of_any(written);
            told.push(Problem::new(file, Some(span.clone()), "", message));
        }
    }
    if !fatal.is_empty() {
        let of_unread =
            |problem: &&Problem| problem.span().is_some_and(|span| unread.contains(span));
        told.iter()
            .filter(of_unread)
            .for_each(|problem| fatal.push(problem.clone()));
        fatal.sort();
        return Err(fatal);
    }
    found.extend(told);
    ScenarioFile::deserialize(toml::Deserializer::from(table))
        .map_err(|error| Problem::new(file, error.span(), "", one_line(error.message())).into())
}

/// Whether one of these places, which are in order, holds another.
fn holds(places: &[Range<usize>], other: &Range<usize>) -> bool {
    let after = places.partition_point(|place| place.start <= other.start);
    let last = after.checked_sub(1).and_then(|last| places.get(last));
    last.is_some_and(|place| other.end <= place.end)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
