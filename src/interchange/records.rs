//! CSV text in records and cells: commas, double quotes, lines that end in a line feed with or
//! without a carriage return. Files are read in `blocks`; what a cell may hold is said in `columns`.

use memchr::{memchr, memchr_iter, memchr2, memrchr};

/// The whole records at the start of some text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whole {
    /// Where the last of them ends, its line feed included; 0 when none does.
    pub end: usize,
    /// Whether a quote is open at the end of the text.
    pub open: bool,
}

/// Finds how much of `text`, which begins with a record, is whole records.
pub fn whole(text: &[u8]) -> Whole {
    let (mut at, mut end) = (0, 0);
    loop {
        let quote = memchr(b'"', &text[at..]).map(|place| at + place);
        let plain = &text[at..quote.unwrap_or(text.len())];
        if let Some(feed) = memrchr(b'\n', plain) {
            end = at + feed + 1;
        }
        let Some(quote) = quote else {
            return Whole { end, open: false };
        };
        at = quote + 1;
        // A quote within a cell that does not begin with one stands for itself.
        if quote == 0 || matches!(text[quote - 1], b',' | b'\n') {
            match closing(text, at) {
                Some(close) => at = close + 1,
                None => return Whole { end, open: true },
            }
        }
    }
}

/// The quote that closes what was opened just before `at`; two quotes in a row stand for one.
fn closing(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let place = at + memchr(b'"', &text[at..])?;
        if text.get(place + 1) != Some(&b'"') {
            return Some(place);
        }
        at = place + 2;
    }
}

/// A cell of the record at hand: where its text lies.
#[derive(Debug, Clone, Copy)]
struct Cell {
    from: usize,
    to: usize,
    /// In the text without quotes, rather than in the block.
    rewritten: bool,
}

/// The records of a block, one after the other; empty lines are none.
#[derive(Debug)]
pub struct Records<'b> {
    block: &'b [u8],
    /// The block as text, when it is.
    text: Option<&'b str>,
    has_quotes: bool,
    at: usize,
    line: u64,
    cells: Vec<Cell>,
    rewritten: Vec<u8>,
}

/// One record.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    /// The line that it begins on.
    pub line: u64,
    texts: &'r [Cell],
    block: &'r str,
    rewritten: &'r str,
}

impl<'r> Record<'r> {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// A record has a cell at least.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The text of a cell, without the quotes around it; nothing where there is no such cell.
    #[inline]
    pub fn cell(&self, column: usize) -> &'r str {
        let Some(cell) = self.texts.get(column) else {
            return "";
        };
        let text = if cell.rewritten {
            self.rewritten
        } else {
            self.block
        };
        text.get(cell.from..cell.to).unwrap_or_default()
    }

    /// The texts of all cells.
    pub fn cells(&self) -> impl Iterator<Item = &'r str> {
        let record = *self;
        (0..record.len()).map(move |column| record.cell(column))
    }
}

/// A record that is no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotText {
    /// The line that it begins on.
    pub line: u64,
    /// The first cell that is not UTF-8, from 0.
    pub column: usize,
}

impl<'b> Records<'b> {
    /// The records of `block`, which holds whole ones and begins on line `line` of the file.
    pub fn of(block: &'b [u8], line: u64) -> Self {
        Records {
            block,
            text: str::from_utf8(block).ok(),
            has_quotes: memchr(b'"', block).is_some(),
            at: 0,
            line,
            cells: Vec::new(),
            rewritten: Vec::new(),
        }
    }

    /// The next record.
    #[allow(
        clippy::should_implement_trait,
        reason = "a record borrows the cells that the next one overwrites"
    )]
    pub fn next(&mut self) -> Option<Result<Record<'_>, NotText>> {
        loop {
            match self.block.get(self.at..) {
                None | Some([]) => return None,
                Some([b'\n', ..]) => self.at += 1,
                Some([b'\r', b'\n', ..]) => self.at += 2,
                Some(_) => break,
            }
            self.line += 1;
        }
        let (from, line) = (self.at, self.line);
        self.cells.clear();
        self.rewritten.clear();
        if self.has_quotes {
            self.split_quoted();
        } else {
            self.split_plain();
        }
        let block = match self.text {
            Some(text) => text,
            // Cut short, so that places in the block stay what they are.
            None => match str::from_utf8(&self.block[from..self.at]) {
                Ok(text) => {
                    for cell in self.cells.iter_mut().filter(|cell| !cell.rewritten) {
                        cell.from -= from;
                        cell.to -= from;
                    }
                    text
                }
                Err(_) => return Some(Err(self.not_text(line))),
            },
        };
        Some(Ok(Record {
            line,
            texts: &self.cells,
            block,
            // Whole pieces of text that is UTF-8.
            rewritten: str::from_utf8(&self.rewritten).unwrap_or_default(),
        }))
    }

    /// How many bytes of the block are left, and the line that they begin on.
    pub fn rest(&self) -> (usize, u64) {
        (self.block.len() - self.at, self.line)
    }

    fn not_text(&self, line: u64) -> NotText {
        let is_text = |cell: &Cell| {
            let bytes = if cell.rewritten {
                &self.rewritten[cell.from..cell.to]
            } else {
                &self.block[cell.from..cell.to]
            };
            str::from_utf8(bytes).is_ok()
        };
        let column = self.cells.iter().position(|cell| !is_text(cell));
        NotText {
            line,
            column: column.unwrap_or(0),
        }
    }

    /// Splits a record of a block without quotes: eight bytes at once.
    fn split_plain(&mut self) {
        let mut from = self.at;
        let mut at = self.at;
        loop {
            let (word, known) = word(self.block, at);
            let mut marks = equal(word, b',') | equal(word, b'\n');
            while marks != 0 {
                let place = at + marks.trailing_zeros() as usize / 8;
                let ends = self.block[place] == b'\n';
                self.push_plain(from, place, ends);
                from = place + 1;
                if ends {
                    (self.at, self.line) = (from, self.line + 1);
                    return;
                }
                marks &= marks - 1;
            }
            at += known;
            if known < 8 {
                self.push_plain(from, self.block.len(), true);
                (self.at, self.line) = (self.block.len(), self.line + 1);
                return;
            }
        }
    }

    /// Splits a record cell by cell.
    fn split_quoted(&mut self) {
        let mut at = self.at;
        loop {
            let quoted = self.block.get(at) == Some(&b'"');
            let close = quoted.then(|| closing(self.block, at + 1)).flatten();
            let tail = close.map_or(at, |close| close + 1);
            let end = memchr2(b',', b'\n', &self.block[tail..])
                .map_or(self.block.len(), |place| tail + place);
            let ends = self.block.get(end) != Some(&b',');
            match close {
                None => self.push_plain(at, end, ends),
                Some(close) => self.push_quoted(at + 1, close, end, ends),
            }
            at = end + 1;
            if ends {
                self.line += 1;
                self.at = at.min(self.block.len());
                return;
            }
        }
    }

    /// Adds a cell as it stands; the carriage return of a line's end is no part of it.
    #[inline]
    fn push_plain(&mut self, from: usize, to: usize, last: bool) {
        let returned = last && to > from && self.block[to - 1] == b'\r';
        self.cells.push(Cell {
            from,
            to: to - usize::from(returned),
            rewritten: false,
        });
    }

    /// Adds what stands between quotes and, as other readers do, what follows them.
    fn push_quoted(&mut self, from: usize, close: usize, end: usize, last: bool) {
        let inner = &self.block[from..close];
        self.line += memchr_iter(b'\n', inner).count() as u64;
        let tail = &self.block[close + 1..end];
        let tail = tail.strip_suffix(b"\r").filter(|_| last).unwrap_or(tail);
        if tail.is_empty() && memchr(b'"', inner).is_none() {
            self.cells.push(Cell {
                from,
                to: close,
                rewritten: false,
            });
            return;
        }
        let start = self.rewritten.len();
        let mut rest = inner;
        while let Some(place) = memchr(b'"', rest) {
            self.rewritten.extend_from_slice(&rest[..=place]);
            rest = &rest[place + 2..];
        }
        self.rewritten.extend_from_slice(rest);
        self.rewritten.extend_from_slice(tail);
        self.cells.push(Cell {
            from: start,
            to: self.rewritten.len(),
            rewritten: true,
        });
    }
}

/// Eight bytes from `at` on, the first one lowest, and how many of them are there.
#[inline]
fn word(block: &[u8], at: usize) -> (u64, usize) {
    let rest = &block[at..];
    match rest.first_chunk::<8>() {
        Some(bytes) => (u64::from_le_bytes(*bytes), 8),
        None => {
            let mut bytes = [0; 8];
            bytes[..rest.len()].copy_from_slice(rest);
            (u64::from_le_bytes(bytes), rest.len())
        }
    }
}

/// The highest bit of each byte of `word` that is `byte`.
#[inline]
const fn equal(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x7F; 8]);
    let differs = word ^ u64::from_le_bytes([byte; 8]);
    !(((differs & LOW) + LOW) | differs | LOW)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cells and lines as this module reads them.
    fn read(text: &[u8]) -> Vec<(u64, Vec<String>)> {
        let mut records = Records::of(text, 1);
        let mut all = Vec::new();
        while let Some(record) = records.next() {
            let record = record.expect("text");
            all.push((record.line, record.cells().map(str::to_owned).collect()));
        }
        all
    }

    /// Cells as the csv crate reads them.
    fn peer(text: &[u8]) -> Vec<Vec<String>> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(text);
        let records = reader.into_records().map(Result::unwrap);
        records
            .map(|record| record.iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn quotes_commas_and_line_ends_within_cells_are_cells() {
        let text = "a,\"b,\"\"c\"\"\r\nd\",e\r\n\r\n\nf,,\"g\"h\n i\"j ,\"\",\n";
        let texts = |cells: &[&str]| {
            cells
                .iter()
                .map(|&cell| cell.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            read(text.as_bytes()),
            [
                (1, texts(&["a", "b,\"c\"\r\nd", "e"])),
                (5, texts(&["f", "", "gh"])),
                (6, texts(&[" i\"j ", "", ""])),
            ]
        );
    }

    #[test]
    fn what_is_no_text_is_told_by_line_and_column() {
        let mut records = Records::of(b"a,\xff\n\"b\n\",c\n\xfe,\"d\"\"\xfd\"\n", 7);
        assert_eq!(
            records.next().unwrap().unwrap_err(),
            NotText { line: 7, column: 1 }
        );
        let second = records.next().unwrap().unwrap();
        assert_eq!(
            (second.line, second.cell(0), second.cell(1)),
            (8, "b\n", "c")
        );
        assert_eq!(
            records.next().unwrap().unwrap_err(),
            NotText {
                line: 10,
                column: 0
            }
        );
        assert!(records.next().is_none());
    }

    #[test]
    fn an_open_quote_is_told_and_what_is_whole_before_it_kept() {
        assert_eq!(whole(b"a\nb,\"c\nd"), Whole { end: 2, open: true });
        assert_eq!(
            whole(b"a\nb,\"c\nd\"\"\""),
            Whole {
                end: 2,
                open: false
            }
        );
        assert_eq!(
            whole(b"a\"\nb"),
            Whole {
                end: 3,
                open: false
            }
        );
        assert_eq!(
            whole(b""),
            Whole {
                end: 0,
                open: false
            }
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn cells_are_those_that_the_csv_crate_reads(text in "([a\u{e9}\",\n]{0,3}|\"[a,\n]{0,9}\"|[a-z]{1,12},){0,12}") {
            prop_assume!(!whole(text.as_bytes()).open);
            let ended = format!("{text}\n");
            let ours: Vec<Vec<String>> = read(ended.as_bytes()).into_iter().map(|(_, cells)| cells).collect();
            prop_assert_eq!(&ours, &peer(ended.as_bytes()));
            prop_assert_eq!(read(text.as_bytes()), read(ended.as_bytes()));
        }

        #[test]
        fn whole_records_are_the_same_wherever_the_text_is_cut(
            text in "([a\",\n]{0,3}|\"[a,\n]{0,9}\"|[a-z]{1,12},){0,12}",
            cut: prop::sample::Index,
        ) {
            let cut = cut.index(text.len() + 1);
            let end = whole(&text.as_bytes()[..cut]).end;
            let mut both = read(&text.as_bytes()[..end]);
            let line = 1 + memchr_iter(b'\n', &text.as_bytes()[..end]).count() as u64;
            let mut records = Records::of(&text.as_bytes()[end..], line);
            while let Some(record) = records.next() {
                let record = record.expect("text");
                both.push((record.line, record.cells().map(str::to_owned).collect()));
            }
            prop_assert_eq!(both, read(text.as_bytes()));
        }

        #[test]
        fn marks_are_exactly_the_equal_bytes(bytes: [u8; 8], byte in prop::sample::select(vec![b',', b'\n', 0, 0x80, 0xFF])) {
            let marks = equal(u64::from_le_bytes(bytes), byte);
            for (place, &one) in bytes.iter().enumerate() {
                prop_assert_eq!(marks >> (8 * place) & 0xFF, if one == byte { 0x80 } else { 0 });
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop::sample::select(vec![b'"', b',', b'\n', b'\r', b'a', 0xC3, 0xA9]), 0..40)) {
            whole(&bytes);
            let mut records = Records::of(&bytes, 1);
            while let Some(record) = records.next() {
                if let Ok(record) = record {
                    let _ = record.cells().count();
                }
            }
        }
    }
}
