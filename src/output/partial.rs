//! Where a result is made before it gets its name: `.NAME.partial` beside its place, locked while
//! its maker lives, and put there in one step. What is in it is not known here.
//!
//! Whenever the maker dies, the place holds the older result whole, the new one whole, or what was
//! there before; what is left under the other name is taken away by the next maker of that result.
//! This needs nothing of the dead: locks end with their process.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::OutputError;
use super::error::plain;
use super::journal::{self, Journal};

/// How often a place is claimed again after another maker has just left it.
const MOST_TRIES: usize = 100;

/// What is under way in this process, to be taken away when it is told to stop: the one state that
/// a signal has to reach from outside.
static UNDER_WAY: Mutex<Vec<UnderWay>> = Mutex::new(Vec::new());
/// Whether parts of something that came to nothing are kept for a run that resumes it.
static ANY_KEPT: AtomicBool = AtomicBool::new(false);

#[derive(Debug)]
struct UnderWay {
    path: PathBuf,
    target: PathBuf,
    /// Folders above that did not exist before, the innermost first.
    made: Vec<PathBuf>,
}

impl UnderWay {
    /// Whether parts of it are finished and kept for a run that resumes it.
    fn is_kept(&self) -> bool {
        journal::kept(&Journal::path(&self.target)) > 0
    }

    fn remove(&self) {
        // Who writes there still may add a file while others are removed.
        for _ in 0..MOST_TRIES {
            match remove(&self.path) {
                Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => {}
                _ => break,
            }
        }
        if self.is_kept() {
            ANY_KEPT.store(true, Ordering::Relaxed);
        } else {
            let _ = remove(&Journal::path(&self.target));
        }
        for folder in &self.made {
            // A folder that is not empty belongs to somebody else by now and stays.
            let _ = fs::remove_dir(folder);
        }
    }
}

/// What is under way; nobody waits for it long, and it is in order even after a panic.
fn under_way() -> MutexGuard<'static, Vec<UnderWay>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Takes away all that is under way and lets nothing come to its place any more: to be called
/// just before the process ends. Gives the places of what will not be written, and whether parts
/// of it are kept.
pub fn abandon_all() -> Vec<(PathBuf, bool)> {
    let list = under_way();
    list.iter().for_each(UnderWay::remove);
    let targets = list
        .iter()
        .map(|one| (one.target.clone(), one.is_kept()))
        .collect();
    std::mem::forget(list);
    targets
}

/// Whether something that this process did not bring to its end can be resumed.
pub fn any_kept() -> bool {
    ANY_KEPT.load(Ordering::Relaxed)
}

/// Comes back unless all was abandoned: then the process is about to end, and has said so.
pub fn wait_if_abandoned() {
    drop(under_way());
}

/// A file or folder under way. Dropped before [`Partial::place`], it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Partial {
    path: PathBuf,
    target: PathBuf,
    /// The file itself, or the open folder; it holds the lock.
    handle: File,
}

impl Partial {
    /// Begins a file. Its folder has to be there.
    pub fn file(target: &Path) -> Result<Self, OutputError> {
        Self::claim(target, Vec::new(), |path| {
            let created = OpenOptions::new()
                .read(true)
                .write(true)
                .create_new(true)
                .open(path);
            match created {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok((
                    OpenOptions::new().read(true).write(true).open(path)?,
                    Found::Stale,
                )),
                created => Ok((created?, Found::New)),
            }
        })
    }

    /// Begins a folder; folders above it that are missing are made.
    pub fn folder(target: &Path) -> Result<Self, OutputError> {
        let made = make_all(parent(target))?;
        Self::claim(target, made, |path| {
            let found = match fs::create_dir(path) {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Found::Stale,
                created => created.map(|()| Found::New)?,
            };
            Ok((open_folder(path)?, found))
        })
    }

    /// Takes the place beside `target` for this process.
    fn claim(
        target: &Path,
        made: Vec<PathBuf>,
        open: impl Fn(&Path) -> io::Result<(File, Found)>,
    ) -> Result<Self, OutputError> {
        let path = beside(target, "partial");
        let claimed = Self::try_claim(target, &path, open);
        if claimed.is_ok() {
            under_way().push(UnderWay {
                path,
                target: target.to_owned(),
                made,
            });
        } else {
            made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
        }
        claimed
    }

    fn try_claim(
        target: &Path,
        path: &Path,
        open: impl Fn(&Path) -> io::Result<(File, Found)>,
    ) -> Result<Self, OutputError> {
        let refused = |error| OutputError::io("write in", parent(target), plain(error));
        for _ in 0..MOST_TRIES {
            if fs::symlink_metadata(path).is_ok_and(|there| there.is_symlink()) {
                remove(path).map_err(refused)?;
            }
            let (handle, found) = match open(path) {
                // The other maker has gone between two looks.
                Err(error)
                    if error.kind() == ErrorKind::NotFound
                        && fs::exists(parent(path)).is_ok_and(|is| is) =>
                {
                    continue;
                }
                opened => opened.map_err(refused)?,
            };
            match handle.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => return Err(busy(target)),
                // Without locks nobody can tell a maker that lives from one that died.
                Err(TryLockError::Error(_)) if found == Found::Stale => return Err(busy(target)),
                Err(TryLockError::Error(_)) => {}
            }
            if !is_same(path, &handle) {
                continue;
            }
            recover(target)?;
            match found {
                Found::New => {
                    return Ok(Partial {
                        path: path.to_owned(),
                        target: target.to_owned(),
                        handle,
                    });
                }
                Found::Stale => remove(path).map_err(refused)?,
            }
        }
        Err(busy(target))
    }

    /// Where it is under way.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where it will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The open file, or folder.
    pub fn handle(&self) -> &File {
        &self.handle
    }

    /// Moves it to its place in one step. What stands there is replaced when `replace`, and
    /// otherwise only where it is an empty folder.
    ///
    /// Where something goes for it that cannot be had again at once, an older result or finished
    /// parts, it is forced to the disk first, so that a loss of power costs neither. Anything else
    /// is left to the operating system: it is soon made again, and disks take their time.
    ///
    /// # Errors
    /// When something is in the way, or the operating system refuses; the place is then as it was.
    pub fn place(self, replace: bool) -> Result<PathBuf, OutputError> {
        let to_disk = replace || journal::kept(&Journal::path(&self.target)) > 0;
        if to_disk && self.path.exists() {
            self.force_to_disk()
                .map_err(|error| OutputError::io("write", &self.target, plain(error)))?;
        }
        // Nothing is taken away by a signal between the steps.
        let mut list = under_way();
        let mut older = None;
        let placed = if !self.path.exists() {
            Err(OutputError::Gone {
                path: self.target.clone(),
            })
        } else if !replace {
            let moved = move_new(&self.path, &self.target);
            moved.map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty => OutputError::Exists {
                    path: self.target.clone(),
                },
                _ => OutputError::io("write", &self.target, error),
            })
        } else if self.target.is_dir() {
            replace_folder(&self.path, &self.target).map(|replaced| older = Some(replaced))
        } else {
            fs::rename(&self.path, &self.target)
                .map_err(|error| OutputError::io("write", &self.target, error))
        };
        if placed.is_ok() {
            list.retain(|one| one.path != self.path);
            if to_disk {
                force_names_to_disk(parent(&self.target));
            }
            if let Some(older) = older {
                // The new result is in its place whatever becomes of the older one.
                let _ = remove(&older.path);
            }
            // What is whole need not be resumed.
            let _ = remove(&Journal::path(&self.target));
        }
        drop(list);
        placed.map(|()| self.target.clone())
    }

    /// Waits until all that was written is on the disk, its names included.
    fn force_to_disk(&self) -> io::Result<()> {
        if !self.path.is_dir() {
            return self.handle.sync_all();
        }
        let files: Vec<PathBuf> = fs::read_dir(&self.path)?
            .map(|entry| Ok(entry?.path()))
            .collect::<io::Result<_>>()?;
        // Together they wait for the disk once rather than one after the other.
        files
            .par_iter()
            .try_for_each(|file| OpenOptions::new().write(true).open(file)?.sync_all())?;
        force_names_to_disk(&self.path);
        Ok(())
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let mut list = under_way();
        if let Some(place) = list.iter().position(|one| one.path == self.path) {
            list.swap_remove(place).remove();
        }
    }
}

/// Whether what is under way was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    New,
    Stale,
}

fn busy(target: &Path) -> OutputError {
    OutputError::Busy {
        path: target.to_owned(),
        partial: beside(target, "partial"),
    }
}

/// The folder in which `target` stands.
fn parent(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The hidden name of something that belongs to `target`.
pub(super) fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    parent(target).join(format!(".{name}.{what}"))
}

/// A folder, opened for its lock alone.
fn open_folder(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(windows)]
    {
        const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
        std::os::windows::fs::OpenOptionsExt::custom_flags(
            &mut options,
            FILE_FLAG_BACKUP_SEMANTICS,
        );
    }
    options.open(path)
}

/// Waits until the names in a folder are on the disk, where the file system has a way to.
fn force_names_to_disk(folder: &Path) {
    // Some file systems know no such thing, and some systems let no folder be opened for it.
    let _ = open_folder(folder).and_then(|folder| folder.sync_all());
}

/// Whether the open file or folder is what stands at `path` itself, not at the end of a link.
#[cfg(unix)]
fn is_same(path: &Path, open: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (fs::symlink_metadata(path), open.metadata()) {
        (Ok(there), Ok(open)) => (there.dev(), there.ino()) == (open.dev(), open.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_same(path: &Path, _: &File) -> bool {
    fs::symlink_metadata(path).is_ok_and(|there| !there.is_symlink())
}

/// Removes a file, a link or a folder with all that is in it; links are not followed.
fn remove(path: &Path) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    }
}

/// Creates a folder and those above it that are missing; gives the new ones, the innermost first.
fn make_all(folder: &Path) -> Result<Vec<PathBuf>, OutputError> {
    let missing: Vec<PathBuf> = folder
        .ancestors()
        .take_while(|above| !above.as_os_str().is_empty() && !above.exists())
        .map(Path::to_owned)
        .collect();
    match fs::create_dir_all(folder) {
        Ok(()) => Ok(missing),
        Err(error) => {
            missing.iter().for_each(|made| drop(fs::remove_dir(made)));
            // A file in the way says "already exists", which is no help.
            let error = match error.kind() {
                ErrorKind::AlreadyExists => ErrorKind::NotADirectory.into(),
                _ => plain(error),
            };
            Err(OutputError::io("create the folder", folder, error))
        }
    }
}

/// Moves `from` to `to` where nothing but an empty folder stands.
fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    // Renaming replaces an empty folder by a folder, and nothing else is replaced by a folder.
    if from.is_dir() {
        return fs::rename(from, to);
    }
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
            Err(error) if is_not_known(error) => {}
            moved => return moved.map_err(io::Error::from),
        }
    }
    if fs::symlink_metadata(to).is_ok() {
        return Err(ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

/// An older result that has had to give way.
#[derive(Debug)]
struct Older {
    /// Its name now, which others claim; it is ours until it is gone.
    path: PathBuf,
    _lock: File,
}

/// Puts the folder `from` in the place of the folder `to`, and gives what stood there.
fn replace_folder(from: &Path, to: &Path) -> Result<Older, OutputError> {
    let failed = |error| OutputError::io("replace", to, error);
    let lock = open_folder(to).map_err(failed)?;
    let _ = lock.lock();
    let older = |path| Older { path, _lock: lock };
    if exchange(from, to).map_err(failed)? {
        return Ok(older(from.to_owned()));
    }
    let aside = beside(to, "older");
    fs::rename(to, &aside).map_err(failed)?;
    if let Err(error) = fs::rename(from, to) {
        fs::rename(&aside, to)
            .map_err(|error| OutputError::io("put back the older result", &aside, error))?;
        return Err(failed(error));
    }
    Ok(older(aside))
}

/// Lets two folders change names in one step; false where the file system cannot.
fn exchange(one: &Path, other: &Path) -> io::Result<bool> {
    #[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
            Ok(()) => return Ok(true),
            Err(error) if is_not_known(error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    let _ = (one, other);
    Ok(false)
}

/// Whether the operating system or the file system does not know this way of renaming.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn is_not_known(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    [Errno::NOSYS, Errno::INVAL, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error)
}

/// Finishes what a maker left that died between two renames: the older result stands aside, and
/// goes back unless the new one has come to its place.
fn recover(target: &Path) -> Result<(), OutputError> {
    let aside = beside(target, "older");
    if fs::symlink_metadata(&aside).is_err() {
        return Ok(());
    }
    if fs::symlink_metadata(target).is_ok() {
        remove(&aside).map_err(|error| OutputError::io("remove", &aside, error))
    } else {
        fs::rename(&aside, target)
            .map_err(|error| OutputError::io("put back the older result", &aside, error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    fn folder(path: &Path, holds: &str) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("holds"), holds).unwrap();
    }

    fn held(path: &Path) -> String {
        fs::read_to_string(path.join("holds")).unwrap()
    }

    #[test]
    fn two_makers_of_one_result_do_not_mix_and_the_second_is_told() {
        let parent = tempfile::tempdir().unwrap();
        for make in [Partial::folder, Partial::file] {
            let target = parent.path().join("result");
            let first = make(&target).unwrap();
            let error = make(&target).unwrap_err();
            assert!(matches!(error, OutputError::Busy { .. }), "{error}");
            assert!(
                !error.is_usage() && error.to_string().contains("another"),
                "{error}"
            );
            drop(first);
            drop(make(&target).unwrap());
            assert!(names(parent.path()).is_empty());
        }
    }

    #[test]
    fn what_a_dead_maker_left_is_taken_away() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("result");
        folder(&beside(&target, "partial"), "half");
        let partial = Partial::folder(&target).unwrap();
        assert!(names(partial.path()).is_empty());
        drop(partial);
        fs::write(beside(&target, "partial"), "half").unwrap();
        let partial = Partial::file(&target).unwrap();
        assert_eq!(partial.handle().metadata().unwrap().len(), 0);
        drop(partial);
        assert!(names(parent.path()).is_empty());
    }

    #[test]
    fn each_moment_at_which_a_maker_may_die_leaves_one_whole_result() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("result");
        // Dead after the exchange, before the older result was removed.
        folder(&target, "new");
        folder(&beside(&target, "partial"), "old");
        drop(Partial::folder(&target).unwrap());
        assert_eq!(held(&target), "new");
        assert_eq!(names(parent.path()), ["result"]);
        // Where folders cannot be exchanged: dead between the two renames, and after them.
        fs::rename(&target, beside(&target, "older")).unwrap();
        folder(&beside(&target, "partial"), "newer");
        drop(Partial::folder(&target).unwrap());
        assert_eq!(held(&target), "new");
        folder(&beside(&target, "older"), "old");
        drop(Partial::folder(&target).unwrap());
        assert_eq!(held(&target), "new");
        assert_eq!(names(parent.path()), ["result"]);
    }

    #[test]
    fn a_folder_replaces_a_folder_and_leaves_nothing_beside() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("result");
        folder(&target, "old");
        let partial = Partial::folder(&target).unwrap();
        fs::write(partial.path().join("holds"), "new").unwrap();
        partial.place(true).unwrap();
        assert_eq!(held(&target), "new");
        assert_eq!(names(parent.path()), ["result"]);
    }

    #[test]
    fn a_folder_that_disappears_is_told() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("above/result");
        let partial = Partial::folder(&target).unwrap();
        fs::remove_dir_all(parent.path().join("above")).unwrap();
        let error = partial.place(false).unwrap_err();
        assert!(
            !error.is_usage() && error.to_string().contains("run it again"),
            "{error}"
        );
        assert!(names(parent.path()).is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn links_under_the_hidden_names_are_not_followed() {
        use std::os::unix::fs::symlink;
        let parent = tempfile::tempdir().unwrap();
        let aim = tempfile::tempdir().unwrap();
        let target = parent.path().join("result");
        fs::write(aim.path().join("kept"), "kept").unwrap();
        symlink(aim.path(), beside(&target, "partial")).unwrap();
        drop(Partial::folder(&target).unwrap());
        symlink(aim.path().join("kept"), beside(&target, "partial")).unwrap();
        let mut partial = Partial::file(&target).unwrap();
        io::Write::write_all(&mut partial.handle, b"other").unwrap();
        drop(partial);
        assert!(names(parent.path()).is_empty());
        assert_eq!(fs::read_to_string(aim.path().join("kept")).unwrap(), "kept");
    }
}
