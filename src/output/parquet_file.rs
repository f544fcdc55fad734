//! Parquet files that others have made: opened for reading only when what they say of themselves can
//! be, and with the library's panics at damaged ones turned into an error.
//! What their columns mean is not known here.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use parquet::arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::page_headers::{self, Unsound};
use crate::shown::safe;

thread_local! {
    /// Whether this thread is at work that may panic at a damaged file.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does what the Parquet library may panic at when a file is damaged.
///
/// # Errors
/// That the file is damaged, where the library panics.
pub fn guarded<T>(work: impl FnOnce() -> T) -> io::Result<T> {
    let before = GUARDED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(before);
    done.map_err(|_| damaged())
}

/// Whether this thread is at such work: a panic of it becomes an error, and nobody need hear of it.
pub fn is_guarded() -> bool {
    GUARDED.get()
}

/// Opens a file for reading the columns whose names are `wanted`; the others are not looked at.
///
/// # Errors
/// When it cannot be read, is damaged, or says of itself what cannot be.
pub fn open(
    file: File,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<ParquetRecordBatchReaderBuilder<File>> {
    let bytes = file.metadata()?.len();
    let pages = file.try_clone()?;
    page_headers::check_footer(&pages, bytes).map_err(|_| damaged())?;
    // Without the writer's Arrow types, dictionaries and other forms of text come as plain text.
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    let builder = guarded(|| ParquetRecordBatchReaderBuilder::try_new_with_options(file, options))?;
    let builder = builder.map_err(broken)?;
    guarded(|| check(&pages, bytes, builder.metadata(), wanted))??;
    Ok(builder)
}

/// How many rows a file says it has.
///
/// # Errors
/// As [`open`], as far as the file's metadata goes.
pub fn rows(file: File) -> io::Result<u64> {
    page_headers::check_footer(&file, file.metadata()?.len()).map_err(|_| damaged())?;
    let reader = guarded(|| SerializedFileReader::new(file))?.map_err(broken)?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).map_err(|_| damaged())
}

/// What is wrong with a file that the library refuses; names that it quotes cannot steer a terminal.
pub fn broken(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(io) => *io,
            Err(other) => io::Error::other(safe(&other.to_string())),
        },
        other => io::Error::other(format!(
            "not a whole Parquet file ({})",
            safe(&other.to_string())
        )),
    }
}

fn damaged() -> io::Error {
    io::Error::other("the Parquet file is damaged")
}

/// Whether the row groups have the rows of the file, every column lies within it, and the pages of
/// those that are wanted are what they say.
fn check(
    file: &File,
    bytes: u64,
    metadata: &ParquetMetaData,
    wanted: impl Fn(&str) -> bool,
) -> io::Result<()> {
    let mut rows = 0u64;
    for group in metadata.row_groups() {
        let held = u64::try_from(group.num_rows()).map_err(|_| damaged())?;
        rows = rows.checked_add(held).ok_or_else(damaged)?;
        for column in group.columns() {
            let start = (column.dictionary_page_offset()).unwrap_or(column.data_page_offset());
            let [start, size, data] = [start, column.compressed_size(), column.data_page_offset()]
                .map(|number| u64::try_from(number).map_err(|_| damaged()));
            let end = start?.checked_add(size?);
            if data? > bytes || end.is_none_or(|end| end > bytes) {
                return Err(damaged());
            }
            let name = column.column_path().parts().first();
            if name.is_some_and(|name| wanted(name)) {
                page_headers::check(file, column, held).map_err(|unsound| match unsound {
                    Unsound::Damaged => damaged(),
                    Unsound::NotRead(why) => io::Error::other(why),
                })?;
            }
        }
    }
    if u64::try_from(metadata.file_metadata().num_rows()).is_ok_and(|told| told == rows) {
        Ok(())
    } else {
        Err(damaged())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_an_error_and_others_stay_panics() {
        assert!(
            guarded(|| panic!("not shown")).is_err_and(|error: io::Error| {
                error.to_string().contains("damaged") && !GUARDED.get()
            })
        );
        assert_eq!(guarded(|| 5).unwrap(), 5);
        assert!(guarded(|| guarded(|| panic!("not shown")).is_err() && GUARDED.get()).unwrap());
    }

    /// The library quotes names of columns as they are.
    #[test]
    fn names_in_errors_of_the_library_cannot_steer_a_terminal() {
        let hostile = "no\u{0}\u{1b}[2J";
        for error in [
            ParquetError::General(hostile.to_owned()),
            ParquetError::External(hostile.into()),
        ] {
            let text = broken(error).to_string();
            assert!(text.contains("no\\u{0}\\u{1b}[2J"), "{text}");
        }
    }
}
