//! What the pages of a Parquet file say of themselves, held against what they can hold: the library
//! sets memory aside by their word. The pages themselves are decoded by the library.
//!
//! Source: `parquet.thrift` of the Parquet format, the Thrift compact protocol, and the format's
//! definition of the encodings `DELTA_BINARY_PACKED` and `DELTA_LENGTH_BYTE_ARRAY`.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use parquet::basic::{Compression, Type};
use parquet::file::metadata::ColumnChunkMetaData;

/// Bytes that a byte of Snappy can stand for, at most: 64 for each copy of three.
const SNAPPY_EXPANDS: u64 = 22;
/// Bytes of the longest text: a page may repeat it for each of the rows that are read together.
const LONGEST_TEXT: usize = 8 << 10;
/// Bytes that are read ahead of a page; its header fits in most often.
const AHEAD: usize = 512;
/// How deep the parts of a header, and of a footer, may lie within each other.
const DEEPEST: u32 = 8;
const DEEPEST_OF_FOOTER: u32 = 24;
/// Bytes behind a footer: its length and the mark of the format.
const BEHIND: u64 = 8;
/// Numbers of the encodings that count their values in the page itself.
const DELTA_LENGTHS: i64 = 6;
const DELTA_TEXTS: i64 = 7;
/// Numbers of the encodings whose values are places in the chunk's dictionary.
const OF_DICTIONARY: [i64; 2] = [2, 8];

/// Why a column chunk is not handed to the library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsound {
    /// It contradicts itself.
    Damaged,
    /// It is in order, maybe, but not read.
    NotRead(String),
}

impl From<io::Error> for Unsound {
    fn from(_: io::Error) -> Self {
        Unsound::Damaged
    }
}

/// Numbers of a structure by field, -1 for none; of the fields up to 8.
type Numbers = [i64; 9];
const NONE: Numbers = [-1; 9];

/// A page header.
#[derive(Debug, Clone, Copy)]
struct Header {
    own: Numbers,
    /// The header of a data page (5), a dictionary (7) or a data page of version 2 (8).
    parts: [Numbers; 9],
}

/// Looks through the footer of a file of so many bytes: the library believes lists of any length
/// that take no room. A file without a footer is told by the library.
///
/// # Errors
/// When it is longer than it has room for.
pub fn check_footer(mut file: &File, bytes: u64) -> Result<(), Unsound> {
    let Some(end) = bytes.checked_sub(BEHIND) else {
        return Ok(());
    };
    let mut behind = [0; BEHIND as usize];
    file.seek(SeekFrom::Start(end))?;
    file.read_exact(&mut behind)?;
    let length = u32::from_le_bytes([behind[0], behind[1], behind[2], behind[3]]);
    let Some(start) = end.checked_sub(length.into()) else {
        return Ok(());
    };
    if &behind[4..] != b"PAR1" {
        return Ok(());
    }
    file.seek(SeekFrom::Start(start))?;
    let mut input = Compact {
        reader: BufReader::new(file),
        left: length.into(),
    };
    Ok(input.structure(&mut NONE.clone(), None, DEEPEST_OF_FOOTER)?)
}

/// Looks at every page of a column chunk of `rows` rows.
///
/// # Errors
/// What speaks against it.
pub fn check(file: &File, column: &ColumnChunkMetaData, rows: u64) -> Result<(), Unsound> {
    let expands = match column.compression() {
        Compression::SNAPPY => SNAPPY_EXPANDS,
        Compression::UNCOMPRESSED => 1,
        other => {
            let name = column.column_path().string();
            return Err(Unsound::NotRead(format!(
                "column {name} is compressed by {other}; write it with Snappy or uncompressed"
            )));
        }
    };
    let (mut at, length) = column.byte_range();
    let end = at.checked_add(length).ok_or(Unsound::Damaged)?;
    let mut reader = BufReader::with_capacity(AHEAD, file);
    reader.seek(SeekFrom::Start(at))?;
    let (mut seen, mut dictionary) = (0, false);
    while at < end {
        let mut input = Compact {
            reader: &mut reader,
            left: end - at,
        };
        let header = input.header()?;
        at = end - input.left;
        let [held, stands_for] = [header.own[3], header.own[2]].map(u64::try_from);
        let (Ok(held), Ok(stands_for)) = (held, stands_for) else {
            return Err(Unsound::Damaged);
        };
        let most = held.saturating_mul(expands).saturating_add(64);
        if held > end - at || stands_for > most || stands_for > i32::MAX as u64 {
            return Err(Unsound::Damaged);
        }
        let page = Page {
            column,
            header,
            held,
            stands_for,
        };
        seen += page.values()?;
        dictionary |= page.is_dictionary();
        if seen > rows || OF_DICTIONARY.contains(&page.encoding()) && !dictionary {
            return Err(Unsound::Damaged);
        }
        if page.has_to_be_read() {
            page.read(&mut reader)?;
        } else {
            reader.seek_relative(i64::try_from(held).map_err(|_| Unsound::Damaged)?)?;
        }
        at += held;
    }
    Ok(())
}

/// A page, and how many bytes it takes before and after it is decompressed.
struct Page<'a> {
    column: &'a ColumnChunkMetaData,
    header: Header,
    held: u64,
    stands_for: u64,
}

impl Page<'_> {
    /// Rows that a data page says it has; nothing for a dictionary, which may not have more values
    /// than bytes.
    fn values(&self) -> Result<u64, Unsound> {
        let [.., dictionary, second] = &self.header.parts;
        let values = match self.header.own[1] {
            0 => self.header.parts[5][1],
            2 if u64::try_from(dictionary[1]).is_ok_and(|values| values <= self.stands_for) => 0,
            3 => second[1],
            _ => -1,
        };
        u64::try_from(values).map_err(|_| Unsound::Damaged)
    }

    fn is_dictionary(&self) -> bool {
        self.header.own[1] == 2
    }

    /// The number of a data page's encoding.
    fn encoding(&self) -> i64 {
        match self.header.own[1] {
            0 => self.header.parts[5][2],
            3 => self.header.parts[8][4],
            _ => -1,
        }
    }

    /// Whether its bytes say how much memory it takes.
    fn has_to_be_read(&self) -> bool {
        self.column.column_type() == Type::BYTE_ARRAY
            && (self.is_dictionary() || [DELTA_LENGTHS, DELTA_TEXTS].contains(&self.encoding()))
    }

    fn read(&self, reader: &mut impl Read) -> Result<(), Unsound> {
        let name = self.column.column_path().string();
        if self.encoding() == DELTA_TEXTS {
            return Err(Unsound::NotRead(format!(
                "column {name} is written as DELTA_BYTE_ARRAY, which is not read: a small file can \
                 stand for any amount of text; write it with another encoding"
            )));
        }
        let mut bytes = Vec::new();
        reader.take(self.held).read_to_end(&mut bytes)?;
        if self.is_dictionary() {
            let longest = longest_text(&self.decompressed(&bytes)?)?;
            if longest > LONGEST_TEXT {
                return Err(Unsound::NotRead(format!(
                    "column {name} holds a text of {longest} bytes; at most {LONGEST_TEXT} are read"
                )));
            }
            return Ok(());
        }
        let levels = self.column.column_descr().max_def_level() > 0;
        let data = match self.header.own[1] {
            // Of version 2, levels stand in front and are not compressed.
            3 => {
                let part = &self.header.parts[8];
                let before = usize::try_from(part[5].max(0) + part[6].max(0));
                let before = before.map_err(|_| Unsound::Damaged)?;
                let rest = bytes.get(before..).ok_or(Unsound::Damaged)?;
                // 0 stands for "not compressed" and is read as a number.
                if part[7] == 0 {
                    rest.to_vec()
                } else {
                    self.decompressed(rest)?
                }
            }
            _ => {
                let data = self.decompressed(&bytes)?;
                let before = match data.first_chunk() {
                    Some(length) if levels => 4 + u32::from_le_bytes(*length) as usize,
                    _ => 0,
                };
                data.get(before..).ok_or(Unsound::Damaged)?.to_vec()
            }
        };
        // Block size, blocks in a block, then the number of values.
        let mut input = Compact {
            left: data.len() as u64,
            reader: &data[..],
        };
        let (_, _, count) = (input.varint()?, input.varint()?, input.varint()?);
        if count <= self.values()? {
            Ok(())
        } else {
            Err(Unsound::Damaged)
        }
    }

    fn decompressed(&self, bytes: &[u8]) -> Result<Vec<u8>, Unsound> {
        match self.column.compression() {
            Compression::SNAPPY => {
                let length = snap::raw::decompress_len(bytes).map_err(|_| Unsound::Damaged)?;
                if length as u64 > self.stands_for {
                    return Err(Unsound::Damaged);
                }
                let decoded = snap::raw::Decoder::new().decompress_vec(bytes);
                decoded.map_err(|_| Unsound::Damaged)
            }
            _ => Ok(bytes.to_vec()),
        }
    }
}

/// The length of the longest of texts, each after its length.
fn longest_text(mut texts: &[u8]) -> Result<usize, Unsound> {
    let mut longest = 0;
    while let Some((length, rest)) = texts.split_first_chunk() {
        let length = u32::from_le_bytes(*length) as usize;
        texts = rest.get(length..).ok_or(Unsound::Damaged)?;
        longest = longest.max(length);
    }
    Ok(longest)
}

/// Thrift's compact protocol, within a number of bytes.
struct Compact<R> {
    reader: R,
    left: u64,
}

impl<R: BufRead> Compact<R> {
    fn header(&mut self) -> io::Result<Header> {
        let mut header = Header {
            own: NONE,
            parts: [NONE; 9],
        };
        self.structure(&mut header.own, Some(&mut header.parts), DEEPEST)?;
        Ok(header)
    }

    /// Reads a structure: its numbers, and those of structures in it where they are wanted.
    fn structure(
        &mut self,
        numbers: &mut Numbers,
        mut parts: Option<&mut [Numbers; 9]>,
        deepest: u32,
    ) -> io::Result<()> {
        let mut field = 0i64;
        loop {
            let byte = self.byte()?;
            let (delta, kind) = (byte >> 4, byte & 15);
            if kind == 0 {
                return Ok(());
            }
            field = match delta {
                0 => self.signed()?,
                delta => field + i64::from(delta),
            };
            let place = usize::try_from(field).unwrap_or(usize::MAX);
            match kind {
                1 | 2 => set(numbers, place, i64::from(kind == 1)),
                4..=6 => {
                    let number = self.signed()?;
                    set(numbers, place, number);
                }
                12 => {
                    let deeper = deepest.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
                    let part = parts.as_mut().and_then(|parts| parts.get_mut(place));
                    self.structure(part.unwrap_or(&mut NONE.clone()), None, deeper)?;
                }
                kind => self.skip(kind, deepest)?,
            }
        }
    }

    /// Passes over a value of a kind that holds no number of interest.
    fn skip(&mut self, kind: u8, deepest: u32) -> io::Result<()> {
        let deeper = deepest.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        match kind {
            // In lists, a truth takes a byte.
            1..=3 => self.byte().map(drop),
            4..=6 => self.varint().map(drop),
            7 => self.pass(8),
            8 => {
                let length = self.varint()?;
                self.pass(length)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = match byte >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                (0..count).try_for_each(|_| self.skip(byte & 15, deeper))
            }
            12 => self.structure(&mut NONE.clone(), None, deeper),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }

    fn pass(&mut self, count: u64) -> io::Result<()> {
        self.left = self
            .left
            .checked_sub(count)
            .ok_or(io::ErrorKind::InvalidData)?;
        let passed = io::copy(&mut (&mut self.reader).take(count), &mut io::sink())?;
        if passed == count {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    fn byte(&mut self) -> io::Result<u8> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::InvalidData)?;
        let mut byte = [0];
        self.reader.read_exact(&mut byte)?;
        Ok(byte[0])
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(io::ErrorKind::InvalidData.into())
    }

    fn signed(&mut self) -> io::Result<i64> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

fn set(numbers: &mut Numbers, place: usize, number: i64) {
    if let Some(known) = numbers.get_mut(place) {
        *known = number;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(bytes: &[u8]) -> io::Result<Header> {
        let left = bytes.len() as u64;
        Compact {
            reader: bytes,
            left,
        }
        .header()
    }

    #[test]
    fn the_numbers_of_a_header_are_read_and_its_statistics_passed_over() {
        // A data page (0) of 300 bytes, 20 compressed, 7 values in encoding 8, and statistics.
        let bytes = [
            0x15, 0, 0x15, 0xD8, 4, 0x15, 40, 0x2C, 0x15, 14, 0x15, 16, 0x3C, 0x18, 2, 9, 9, 0, 0,
            0,
        ];
        let read = header(&bytes).unwrap();
        assert_eq!(read.own[1..4], [0, 300, 20]);
        assert_eq!(read.parts[5][1..3], [7, 8]);
        for cut in 0..bytes.len() {
            assert!(header(&bytes[..cut]).is_err());
        }
        assert!(header(&[0x1C].repeat(500)).is_err());
        assert!(header(&[0x19, 0xF9, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F].repeat(50)).is_err());
    }

    #[test]
    fn the_longest_text_is_found_and_a_torn_one_told() {
        let mut texts = Vec::new();
        for text in ["a", "", "abc"] {
            texts.extend((text.len() as u32).to_le_bytes());
            texts.extend(text.as_bytes());
        }
        assert_eq!(longest_text(&texts), Ok(3));
        assert_eq!(
            longest_text(&texts[..texts.len() - 1]),
            Err(Unsound::Damaged)
        );
    }

    /// Found by fuzzing: the library panics where values are places in a dictionary that no page is.
    #[test]
    fn values_of_a_dictionary_that_is_not_there_are_told() {
        use parquet::file::reader::{FileReader, SerializedFileReader};

        let path = "tests/data/hostile/dictionary_that_is_not_there.parquet";
        let file = File::open(path).unwrap();
        let reader = SerializedFileReader::new(file.try_clone().unwrap()).unwrap();
        let group = &reader.metadata().row_groups()[0];
        let damaged: Vec<String> = (group.columns().iter())
            .filter(|column| check(&file, column, group.num_rows() as u64) != Ok(()))
            .map(|column| column.column_path().string())
            .collect();
        assert_eq!(damaged, ["submitted_at"]);
    }
}
