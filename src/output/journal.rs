//! Finished parts of a study in a file beside its result, `.NAME.journal`, until the result is
//! whole. What a part is, is the study's.
//!
//! The file begins with the key of the study, a hash of all that decides its parts; a part follows
//! another, each with its length, number and checksum, written at once. Whatever follows the last
//! whole part is the end of one that was broken off, and is cut off.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest, Sha256};

use super::OutputError;
use super::partial::beside;
use crate::study::kept::Keeper;

/// First bytes of a journal.
const MAGIC: &[u8; 16] = b"drawsim-journal\n";
const KEY: usize = 32;
const HEADER: u64 = (MAGIC.len() + KEY) as u64;
/// Bytes before and behind what is kept of a part: length and number, checksum.
const BEFORE: usize = 8;
const BEHIND: usize = 8;
/// Bytes of the largest part that is believed.
const LARGEST: u32 = 1 << 31;

/// What decides the parts of a study: nothing is taken up by a study of another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key([u8; KEY]);

impl Key {
    /// The key of a command and all that its parts depend on, each told as text. The program counts
    /// by its version, and by its file, so that a program built anew does not go on with parts of
    /// another build.
    pub fn new<'a>(decides: impl IntoIterator<Item = &'a str>) -> Self {
        let program = std::env::current_exe().and_then(fs::metadata);
        let built = program.and_then(|found| Ok((found.len(), found.modified()?)));
        let built = format!("{} {:?}", env!("CARGO_PKG_VERSION"), built.ok());
        let mut hasher = Sha256::new();
        let mut add = |text: &str| {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        };
        add(&built);
        decides.into_iter().for_each(&mut add);
        Key(hasher.finalize().into())
    }
}

/// The parts of one study.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    kept: Mutex<Kept>,
    found: usize,
    thrown_away: bool,
}

#[derive(Debug)]
struct Kept {
    file: File,
    /// Place and length of each part.
    parts: BTreeMap<u32, (u64, usize)>,
}

impl Journal {
    /// The name of the journal of a result.
    pub(super) fn path(target: &Path) -> PathBuf {
        beside(target, "journal")
    }

    /// Opens the journal of a result: that of a study of the same key when it is to be resumed, and
    /// a new one otherwise.
    ///
    /// # Errors
    /// When there is one of another study to be resumed, or the operating system refuses.
    pub(super) fn open(target: &Path, key: Key, resume: bool) -> Result<Self, OutputError> {
        let path = Self::path(target);
        let failed = |error: io::Error| {
            let folder = path.parent().is_none_or(Path::exists);
            if error.kind() == io::ErrorKind::NotFound && !folder {
                return OutputError::Gone {
                    path: target.to_owned(),
                };
            }
            OutputError::io("write", &path, error)
        };
        // A link is never followed, and what is not to be resumed is of no use any more.
        let found = fs::symlink_metadata(&path).ok();
        let thrown_away = !resume && kept(&path) > 0;
        if found.is_some_and(|found| !resume || !found.is_file()) {
            fs::remove_file(&path).map_err(failed)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(failed)?;
        let mut parts = BTreeMap::new();
        let mut header = Vec::new();
        (&file)
            .take(HEADER)
            .read_to_end(&mut header)
            .map_err(failed)?;
        let mut end = HEADER;
        if header.len() as u64 == HEADER {
            if header[..MAGIC.len()] != *MAGIC || header[MAGIC.len()..] != key.0 {
                return Err(OutputError::OtherStudy {
                    path: target.to_owned(),
                });
            }
            let bytes = file.metadata().map_err(failed)?.len();
            let mut reader = io::BufReader::new(&file);
            while let Some((part, length)) = next_part(&mut reader, bytes - end).map_err(failed)? {
                parts.insert(part, (end + BEFORE as u64, length));
                end += (BEFORE + length + BEHIND) as u64;
            }
        } else {
            file.rewind().map_err(failed)?;
            file.write_all(&[&MAGIC[..], &key.0].concat())
                .map_err(failed)?;
        }
        file.set_len(end).map_err(failed)?;
        file.seek(SeekFrom::Start(end)).map_err(failed)?;
        Ok(Journal {
            path,
            found: parts.len(),
            kept: Mutex::new(Kept { file, parts }),
            thrown_away,
        })
    }

    /// How many parts were there when the journal was opened.
    pub fn found(&self) -> usize {
        self.found
    }

    /// Those of the first `count` parts that are not kept yet.
    pub fn missing(&self, count: u32) -> Vec<Range<u32>> {
        let mut missing = Vec::new();
        let mut next = 0;
        for &part in self.lock().parts.range(..count).map(|(part, _)| part) {
            if next < part {
                missing.push(next..part);
            }
            next = part + 1;
        }
        if next < count {
            missing.push(next..count);
        }
        missing
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether parts of a run that was broken off were thrown away when the journal was opened.
    pub fn has_thrown_away(&self) -> bool {
        self.thrown_away
    }
}

/// How many bytes of parts the journal at `path` holds; none where there is none.
pub(super) fn kept(path: &Path) -> u64 {
    fs::symlink_metadata(path).map_or(0, |found| found.len().saturating_sub(HEADER))
}

/// The number and length of the next part, read through; none where there is no whole one.
fn next_part(reader: &mut impl Read, left: u64) -> io::Result<Option<(u32, usize)>> {
    let mut before = [0; BEFORE];
    if left < (BEFORE + BEHIND) as u64 {
        return Ok(None);
    }
    reader.read_exact(&mut before)?;
    let number = |at: usize| {
        u32::from_le_bytes([before[at], before[at + 1], before[at + 2], before[at + 3]])
    };
    let (length, part) = (number(0), number(4));
    if length > LARGEST || u64::from(length) + (BEFORE + BEHIND) as u64 > left {
        return Ok(None);
    }
    let mut bytes = vec![0; length as usize];
    let mut sum = [0; BEHIND];
    reader.read_exact(&mut bytes)?;
    reader.read_exact(&mut sum)?;
    Ok((checksum(&before, &bytes) == sum).then_some((part, length as usize)))
}

fn checksum(before: &[u8], bytes: &[u8]) -> [u8; BEHIND] {
    let hash = Sha256::new()
        .chain_update(before)
        .chain_update(bytes)
        .finalize();
    std::array::from_fn(|at| hash[at])
}

impl Keeper for Journal {
    fn find(&self, part: u32) -> Option<Vec<u8>> {
        let kept = &mut *self.lock();
        let &(place, length) = kept.parts.get(&part)?;
        let mut bytes = vec![0; length];
        let file = &mut kept.file;
        let end = file.stream_position().ok()?;
        let read = file
            .seek(SeekFrom::Start(place))
            .and_then(|_| file.read_exact(&mut bytes));
        file.seek(SeekFrom::Start(end)).ok()?;
        read.is_ok().then_some(bytes)
    }

    fn keep(
        &self,
        part: u32,
        bytes: &dyn Fn() -> Vec<u8>,
    ) -> Result<(), Box<dyn Error + Send + Sync>> {
        let bytes = bytes();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        if length > LARGEST {
            // Larger than is believed when it is read: it would be done again.
            return Ok(());
        }
        let before = [length.to_le_bytes(), part.to_le_bytes()].concat();
        let sum = checksum(&before, &bytes);
        let record = [&before[..], &bytes, &sum].concat();
        let kept = &mut *self.lock();
        let file = &mut kept.file;
        let failed = |error| OutputError::io("write", &self.path, error);
        let end = file.stream_position().map_err(failed)?;
        file.write_all(&record).map_err(|error| {
            // Half a part is of no use: what stays on a full disk can be gone on with.
            let _ = file
                .set_len(end)
                .and_then(|()| file.seek(SeekFrom::Start(end)));
            failed(error)
        })?;
        let place = end + BEFORE as u64;
        kept.parts.insert(part, (place, bytes.len()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(target: &Path, key: &str, resume: bool) -> Result<Journal, OutputError> {
        Journal::open(target, Key::new([key]), resume)
    }

    #[test]
    fn parts_come_back_and_a_torn_end_is_cut_off_wherever_it_tore() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("result");
        let path = Journal::path(&target);
        let first = journal(&target, "a", false).unwrap();
        first.keep(7, &|| b"seven".to_vec()).unwrap();
        let whole = fs::metadata(&path).unwrap().len();
        first.keep(3, &|| b"three".to_vec()).unwrap();
        drop(first);
        let all = fs::read(&path).unwrap();
        for cut in 0..=all.len() {
            fs::write(&path, &all[..cut]).unwrap();
            let again = journal(&target, "a", true).unwrap();
            let found = match cut as u64 {
                cut if cut == all.len() as u64 => 2,
                cut if cut >= whole => 1,
                _ => 0,
            };
            assert_eq!(again.found(), found, "cut at {cut}");
            assert_eq!(again.find(7).is_some(), found > 0);
            again.keep(9, &|| b"nine".to_vec()).unwrap();
            assert_eq!(again.find(9).as_deref(), Some(&b"nine"[..]));
            let missing = match found {
                2 => vec![0..3, 4..7, 8..9, 10..11],
                1 => vec![0..7, 8..9, 10..11],
                _ => vec![0..9, 10..11],
            };
            assert_eq!(again.missing(11), missing);
            drop(again);
            let last = journal(&target, "a", true).unwrap();
            assert_eq!(last.find(9).as_deref(), Some(&b"nine"[..]));
            assert_eq!(last.found(), found + 1);
        }
    }

    #[test]
    fn a_byte_that_has_changed_ends_what_is_believed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("result");
        let first = journal(&target, "a", false).unwrap();
        first.keep(1, &|| b"one".to_vec()).unwrap();
        first.keep(2, &|| b"two".to_vec()).unwrap();
        drop(first);
        let all = fs::read(Journal::path(&target)).unwrap();
        for place in HEADER as usize..all.len() {
            let mut bytes = all.clone();
            bytes[place] ^= 1;
            fs::write(Journal::path(&target), &bytes).unwrap();
            let again = journal(&target, "a", true).unwrap();
            assert!(again.found() < 2, "{place}");
        }
    }

    #[test]
    fn the_journal_of_another_study_is_refused_and_thrown_away_only_without_resume() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("result");
        journal(&target, "a", false)
            .unwrap()
            .keep(1, &|| b"one".to_vec())
            .unwrap();
        let error = journal(&target, "b", true).unwrap_err();
        assert!(
            error.is_usage() && error.to_string().contains("without --resume"),
            "{error}"
        );
        assert_eq!(journal(&target, "a", true).unwrap().found(), 1);
        assert_eq!(journal(&target, "b", false).unwrap().found(), 0);
    }
}
