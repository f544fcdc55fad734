//! A CSV file in blocks of whole records: the next ones are read while earlier ones are worked on,
//! so that memory does not grow with the file. Blocks depend on the file alone, not on threads.
//! What records look like is said in `records`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use memchr::memchr_iter;
use rayon::prelude::*;

use crate::foreign::foreign;
use crate::inputs::{Hashing, InputRecord};
use crate::observe::Observer;

use super::header::Header;
use super::problem::{Found, Problem, ReadError};
use super::records::{Records, whole};

/// Bytes of a block, and so of the longest row.
const BLOCK: usize = 1 << 19;
/// Bytes by which a file that is no CSV is known.
const BEGINNING: u64 = 1 << 12;
/// Blocks that are worked on while the next ones are read.
const BLOCKS_PER_WAVE: usize = 32;

/// Whole records.
#[derive(Debug, Default)]
pub struct Block {
    bytes: Vec<u8>,
    line: u64,
}

impl Block {
    /// Its records, with their lines.
    pub fn records(&self) -> Records<'_> {
        Records::of(&self.bytes, self.line)
    }

    /// Its bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds no record.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

/// Blocks to be filled again and again.
#[derive(Debug, Default)]
struct Wave {
    blocks: Vec<Block>,
    filled: usize,
}

/// A CSV file after its header.
#[derive(Debug)]
pub struct Source<'p> {
    path: &'p Path,
    file: File,
    /// Its size in bytes when it was opened.
    pub bytes: u64,
    /// What its columns hold.
    pub header: Header,
    /// The cells of its header, as they stand.
    pub names: Vec<String>,
    first: Option<Block>,
    /// The start of a record whose end was not read yet.
    begun: Vec<u8>,
    /// The line that it begins on.
    line: u64,
    ended: bool,
    /// Why the rest cannot be read.
    broken: Option<Problem>,
    hashing: Option<Hashing>,
}

impl<'p> Source<'p> {
    /// Opens a file and reads its header. With `hashing`, the file is hashed as it is read.
    ///
    /// # Errors
    /// When it cannot be read, or its header has problems.
    pub fn open(path: &'p Path, hashing: Option<Hashing>) -> Result<Self, ReadError> {
        let failed = |error| ReadError::io(path, error);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        if about.is_dir() {
            return Err(failed(io::ErrorKind::IsADirectory.into()));
        }
        let mut source = Source {
            path,
            file,
            bytes: about.len(),
            header: Header::default(),
            names: Vec::new(),
            first: None,
            begun: Vec::new(),
            line: 1,
            ended: false,
            broken: None,
            hashing,
        };
        let start = (&mut source.file)
            .take(BEGINNING)
            .read_to_end(&mut source.begun);
        start.map_err(failed)?;
        if let Some(hashing) = &mut source.hashing {
            hashing.add(&source.begun);
        }
        if source.begun.starts_with("\u{feff}".as_bytes()) {
            source.begun.drain(..3);
        }
        if let Some(why) = foreign(&source.begun) {
            let mut found = Found::default();
            found.add(|| Problem::of_file(why));
            found.check(path, "line")?;
        }
        let mut block = Block::default();
        source.fill(&mut block)?;
        let mut found = Found::default();
        let mut records = block.records();
        match records.next() {
            Some(Ok(names)) => source.names = names.cells().map(str::to_owned).collect(),
            Some(Err(not_text)) => found.add(|| {
                let message = "the header is not UTF-8 text; save the file as CSV in UTF-8";
                Problem::of_row(not_text.line, message)
            }),
            None => found.add(|| {
                let empty = "the file is empty; its first line names the columns";
                let broken = source.broken.take();
                broken.unwrap_or_else(|| Problem::of_file(empty))
            }),
        }
        let (rest, line) = records.rest();
        found.check(path, "line")?;
        block.bytes.drain(..block.bytes.len() - rest);
        block.line = line;
        source.first = Some(block);
        let (header, found) = Header::new(source.names.iter().map(String::as_str));
        found.check(path, "line")?;
        source.header = header;
        Ok(source)
    }

    /// Fills a block; nothing at the end of the file, or where the rest cannot be read.
    fn fill(&mut self, block: &mut Block) -> Result<(), ReadError> {
        block.bytes.clear();
        block.bytes.append(&mut self.begun);
        block.line = self.line;
        let begun = block.bytes.len();
        if !self.ended {
            let mut rest = (&mut self.file).take((BLOCK - begun) as u64);
            rest.read_to_end(&mut block.bytes)
                .map_err(|error| ReadError::io(self.path, error))?;
            self.ended = block.bytes.len() < BLOCK;
            if let Some(hashing) = &mut self.hashing {
                hashing.add(&block.bytes[begun..]);
            }
        }
        if self.ended && block.bytes.last().is_some_and(|&last| last != b'\n') {
            block.bytes.push(b'\n');
        }
        let cut = whole(&block.bytes);
        let rest = block.bytes.len() - cut.end;
        self.line += memchr_iter(b'\n', &block.bytes[..cut.end]).count() as u64;
        if rest > 0 && (self.ended || cut.end == 0) {
            let message = match (self.ended, cut.open) {
                (true, _) => "a quote that is opened in this row is not closed".to_owned(),
                (false, true) => format!(
                    "the row is longer than {BLOCK} bytes; a quote that is opened in it may not be closed"
                ),
                (false, false) => format!("the row is longer than {BLOCK} bytes"),
            };
            self.broken = Some(Problem::of_row(self.line, message));
            self.ended = true;
        } else {
            self.begun.extend_from_slice(&block.bytes[cut.end..]);
        }
        block.bytes.truncate(cut.end);
        Ok(())
    }

    fn fill_wave(&mut self, wave: &mut Wave) -> Result<(), ReadError> {
        wave.blocks.resize_with(BLOCKS_PER_WAVE, Block::default);
        wave.filled = 0;
        for block in &mut wave.blocks {
            match self.first.take() {
                Some(first) => *block = first,
                None => {
                    self.fill(block)?;
                    if block.is_empty() {
                        break;
                    }
                }
            }
            wave.filled += 1;
        }
        Ok(())
    }

    /// What the manifest says of the file, once it was hashed and read to its end.
    pub fn record(&mut self) -> Option<InputRecord> {
        self.hashing.take().map(|hashing| hashing.record(self.path))
    }

    /// Does `work` with every block, in parallel, and hands the outcomes to `take` in the order of
    /// the file. Gives the problem that kept the rest from being read, if there was one.
    ///
    /// # Errors
    /// When the file cannot be read, or what `take` says.
    pub fn each_block<T: Send, E: From<ReadError> + Send>(
        &mut self,
        work: impl Fn(&Block) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), E> + Send,
        observer: &dyn Observer,
    ) -> Result<Option<Problem>, E> {
        let (mut wave, mut next) = (Wave::default(), Wave::default());
        let mut done: Vec<T> = Vec::new();
        self.fill_wave(&mut wave)?;
        while wave.filled > 0 || !done.is_empty() {
            let blocks = &wave.blocks[..wave.filled];
            let (made, taken) = rayon::join(
                || blocks.par_iter().map(&work).collect::<Vec<T>>(),
                || {
                    done.into_iter().try_for_each(&mut take)?;
                    self.fill_wave(&mut next).map_err(E::from)
                },
            );
            taken?;
            done = made;
            observer.advance(blocks.iter().map(|block| block.len() as u64).sum());
            std::mem::swap(&mut wave, &mut next);
        }
        Ok(self.broken.take())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::observe::Silent;

    const HEADER: &str = "candidate_id,submitted_at,age,education,english_reading,english_writing,\
                          english_listening,english_speaking,canadian_work_years,foreign_work_years,noc";

    /// Line and first cell of every record, and what broke it off.
    fn read(text: &str) -> (Vec<(u64, String)>, Option<Problem>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        fs::write(&path, text).unwrap();
        let mut source = Source::open(&path, Some(Hashing::default())).unwrap();
        let mut all = Vec::new();
        let work = |block: &Block| {
            let mut records = block.records();
            let mut part = Vec::new();
            while let Some(record) = records.next() {
                let record = record.unwrap();
                part.push((record.line, record.cell(0).to_owned()));
            }
            part
        };
        let take = |part: Vec<_>| {
            all.extend(part);
            Ok::<(), ReadError>(())
        };
        let broken = source.each_block(work, take, &Silent).unwrap();
        if broken.is_none() {
            assert_eq!(source.record(), Some(InputRecord::of(&path).unwrap()));
        }
        (all, broken)
    }

    #[test]
    fn records_of_many_blocks_come_in_order_with_their_lines() {
        let mut text = format!("\u{feff}\n{HEADER}\r\n");
        let (mut line, mut expected) = (3, Vec::new());
        for number in 0..40_000 {
            let cell = match number % 4 {
                0 => format!("{number}\n{number}"),
                1 => format!("{number},\"x\""),
                _ => number.to_string(),
            };
            text.push_str(&format!("\"{}\",{number:040}\n", cell.replace('"', "\"\"")));
            expected.push((line, cell));
            line += if number % 4 == 0 { 2 } else { 1 };
        }
        assert!(text.len() > 3 * BLOCK);
        assert_eq!(read(&text), (expected, None));
    }

    #[test]
    fn a_row_without_an_end_is_told_with_the_line_it_begins_on() {
        let (rows, broken) = read(&format!("{HEADER}\n1\n\n\"2\n3\n"));
        assert_eq!(rows, [(2, "1".to_owned())]);
        let broken = broken.unwrap();
        assert_eq!(broken.place, Some(4));
        assert!(broken.message.contains("not closed"), "{}", broken.message);
        for (mark, part) in [("\"", "may not be closed"), ("", "longer than")] {
            let long = "x\n".replace('\n', if mark.is_empty() { "x" } else { "\n" });
            let (_, broken) = read(&format!("{HEADER}\n1\n{mark}{}\n4\n", long.repeat(BLOCK)));
            let broken = broken.unwrap();
            assert_eq!(broken.place, Some(3));
            assert!(broken.message.contains(part), "{}", broken.message);
        }
    }

    #[test]
    fn a_row_as_long_as_a_block_is_read() {
        let long = "x".repeat(BLOCK - 1);
        let (rows, broken) = read(&format!("{HEADER}\n1\n{long}\n2"));
        assert_eq!(broken, None);
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[1].0, rows[1].1.len(), rows[2].0), (3, BLOCK - 1, 4));
    }
}
