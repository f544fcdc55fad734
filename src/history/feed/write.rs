//! Imported tables as CSV, written beside and renamed when whole.
//! What is in them is `import`'s.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::super::tables::{ROUND_COLUMNS, snapshot_columns};
use super::import::Imported;

/// The files could not be written; nothing is left half-written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file is in the way, and replacing it was not asked for.
    #[error("{} is there already; use --force to replace it, or another --out", .0.display())]
    Exists(PathBuf),
    /// The system refused.
    #[error("cannot write {}: {error}", path.display())]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
}

impl Imported {
    /// `rounds.csv` as text.
    pub fn rounds_csv(&self) -> String {
        let rows = self.rounds.iter().map(|round| round.cells().to_vec());
        table(&ROUND_COLUMNS.map(str::to_owned), rows)
    }

    /// `pool_snapshots.csv` as text.
    pub fn snapshots_csv(&self) -> String {
        let cell = |value: &Option<u64>| value.map(|n| n.to_string()).unwrap_or_default();
        let rows = self.snapshots.iter().map(|pool| {
            let counts = pool.counts.iter().chain(std::iter::once(&pool.total));
            std::iter::once(pool.as_of.to_string())
                .chain(counts.map(cell))
                .collect()
        });
        table(&snapshot_columns(), rows)
    }

    /// Writes `rounds.csv` and `pool_snapshots.csv` into `folder`, which is made where it is
    /// missing. Both are whole before either gets its name.
    ///
    /// # Errors
    /// [`WriteError`] when a file is in the way and `force` is false, or the system refuses.
    pub fn write(&self, folder: &Path, force: bool) -> Result<[PathBuf; 2], WriteError> {
        let paths = ["rounds.csv", "pool_snapshots.csv"].map(|name| folder.join(name));
        if !force && let Some(taken) = paths.iter().find(|path| path.exists()) {
            return Err(WriteError::Exists(taken.clone()));
        }
        let refused = |path: &Path| {
            let path = path.to_owned();
            move |error| WriteError::Refused { path, error }
        };
        fs::create_dir_all(folder).map_err(refused(folder))?;
        let mut whole = Vec::new();
        for (path, text) in paths.iter().zip([self.rounds_csv(), self.snapshots_csv()]) {
            let mut beside = tempfile::Builder::new()
                .prefix(".drawsim-")
                .make_in(folder, |path| File::create_new(path))
                .map_err(refused(folder))?;
            beside
                .write_all(text.as_bytes())
                .and_then(|()| beside.as_file().sync_all())
                .map_err(refused(path))?;
            whole.push((path, beside));
        }
        for (path, beside) in whole {
            beside
                .persist(path)
                .map_err(|error| refused(path)(error.error))?;
        }
        Ok(paths)
    }
}

fn table(columns: &[String], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in std::iter::once(columns.to_vec()).chain(rows) {
        writer
            .write_record(&row)
            .expect("a row as long as the header");
    }
    let bytes = writer.into_inner().expect("memory takes every byte");
    String::from_utf8(bytes).expect("cells are text")
}
