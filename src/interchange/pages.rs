//! Parquet pages and column chunks of columns with few values: indices into a dictionary that is
//! known beforehand, so that nothing is looked up by value.
//! Which values a column has is said in `indices`.
//!
//! Source: the Parquet format's definitions of data pages (version 1), of dictionary and PLAIN
//! encodings, and of the hybrid of run lengths and packed bits.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

use super::indices::{Dictionary, NONE};

/// A data page, compressed, and what the chunk has to know of it.
#[derive(Debug, Clone)]
pub struct DataPage {
    bytes: Vec<u8>,
    uncompressed: usize,
    rows: u32,
    nulls: u64,
    range: Option<Range>,
}

/// Lowest and highest value of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Range {
    /// As indices or numbers.
    Numbers(i64, i64),
    /// Text has none that could be told from indices.
    Texts,
}

impl DataPage {
    /// A page of rows given by their indices, [`NONE`] for empty cells.
    pub fn of_indices(indices: &[u32], dictionary: &Dictionary) -> Self {
        let mut values = Vec::with_capacity(indices.len());
        let mut body = Vec::with_capacity(indices.len() * 2 + 64);
        let nulls = indices.iter().filter(|&&index| index == NONE).count();
        if nulls == 0 {
            values.extend_from_slice(indices);
        } else {
            values.extend(indices.iter().filter(|&&index| index != NONE));
        }
        push_levels(&mut body, indices.len(), nulls, |row| indices[row] != NONE);
        let lowest = values.iter().copied().min();
        let highest = values.iter().copied().max();
        match dictionary {
            Dictionary::Flags => pack(&mut body, &values, 1),
            Dictionary::Numbers | Dictionary::Texts(_) => {
                let width = width(highest.unwrap_or(0));
                body.push(width as u8);
                push_indices(&mut body, &values, width, lowest == highest);
            }
        }
        let range = lowest.zip(highest).map(|(low, high)| match dictionary {
            Dictionary::Texts(_) => Range::Texts,
            Dictionary::Numbers | Dictionary::Flags => Range::Numbers(low.into(), high.into()),
        });
        DataPage::new(&body, indices.len(), nulls, range)
    }

    /// A page of numbers, none of them empty.
    pub fn of_numbers(numbers: impl ExactSizeIterator<Item = i64>) -> Self {
        let rows = numbers.len();
        let mut body = Vec::with_capacity(rows * 8 + 16);
        push_levels(&mut body, rows, 0, |_| true);
        let mut range: Option<(i64, i64)> = None;
        for number in numbers {
            let (low, high) = range.unwrap_or((number, number));
            range = Some((low.min(number), high.max(number)));
            body.extend_from_slice(&number.to_le_bytes());
        }
        let range = range.map(|(low, high)| Range::Numbers(low, high));
        DataPage::new(&body, rows, 0, range)
    }

    /// A page of text, none of it empty: `push` appends the text of a row.
    pub fn of_texts(rows: usize, mut push: impl FnMut(usize, &mut Vec<u8>)) -> Self {
        let mut body = Vec::with_capacity(rows * 12 + 16);
        push_levels(&mut body, rows, 0, |_| true);
        for row in 0..rows {
            let start = body.len();
            body.extend_from_slice(&[0; 4]);
            push(row, &mut body);
            let length = (body.len() - start - 4) as u32;
            body[start..start + 4].copy_from_slice(&length.to_le_bytes());
        }
        DataPage::new(&body, rows, 0, Some(Range::Texts))
    }

    fn new(body: &[u8], rows: usize, nulls: usize, range: Option<Range>) -> Self {
        DataPage {
            bytes: compressed(body),
            uncompressed: body.len(),
            rows: rows as u32,
            nulls: nulls as u64,
            range,
        }
    }
}

fn compressed(body: &[u8]) -> Vec<u8> {
    // Fails only for more than 4 GiB at once.
    snap::raw::Encoder::new()
        .compress_vec(body)
        .unwrap_or_default()
}

/// Appends which rows have a value: their number of bytes, then runs of bits.
fn push_levels(body: &mut Vec<u8>, rows: usize, nulls: usize, has: impl Fn(usize) -> bool) {
    let start = body.len();
    body.extend_from_slice(&[0; 4]);
    if nulls == 0 || nulls == rows {
        push_run(body, rows, u32::from(nulls == 0), 1);
    } else {
        let levels: Vec<u32> = (0..rows).map(|row| u32::from(has(row))).collect();
        push_varint(body, rows.div_ceil(8) << 1 | 1);
        pack(body, &levels, 1);
    }
    let length = (body.len() - start - 4) as u32;
    body[start..start + 4].copy_from_slice(&length.to_le_bytes());
}

/// Appends indices as one run when all are the same, else packed.
fn push_indices(body: &mut Vec<u8>, indices: &[u32], width: u32, same: bool) {
    match indices.first() {
        None => {}
        Some(&first) if same => push_run(body, indices.len(), first, width),
        Some(_) => {
            push_varint(body, indices.len().div_ceil(8) << 1 | 1);
            pack(body, indices, width);
        }
    }
}

/// Appends a run of one value.
fn push_run(body: &mut Vec<u8>, length: usize, value: u32, width: u32) {
    push_varint(body, length << 1);
    body.extend_from_slice(&value.to_le_bytes()[..width.div_ceil(8) as usize]);
}

fn push_varint(body: &mut Vec<u8>, mut value: usize) {
    while value > 0x7F {
        body.push(value as u8 | 0x80);
        value >>= 7;
    }
    body.push(value as u8);
}

/// Bits that hold every index up to `highest`, one at least.
fn width(highest: u32) -> u32 {
    (u32::BITS - highest.leading_zeros()).max(1)
}

/// Appends values of `width` bits each, the first one lowest, filled up to whole groups of eight.
fn pack(body: &mut Vec<u8>, values: &[u32], width: u32) {
    let from = body.len();
    let (mut bits, mut held) = (0u64, 0);
    for &value in values {
        bits |= u64::from(value) << held;
        held += width;
        if held >= 32 {
            body.extend_from_slice(&(bits as u32).to_le_bytes());
            bits >>= 32;
            held -= 32;
        }
    }
    body.extend_from_slice(&bits.to_le_bytes()[..held.div_ceil(8) as usize]);
    let whole = values.len().div_ceil(8) * width as usize;
    body.resize(from + whole, 0);
}

/// A column chunk, ready to be appended to a row group.
#[derive(Debug)]
pub struct Chunk {
    /// Its pages.
    pub bytes: Bytes,
    /// What the file's metadata says of it.
    pub close: ColumnCloseResult,
}

/// Puts pages together; without a dictionary they hold values as they are.
///
/// # Errors
/// When the Parquet library refuses them.
pub fn chunk(
    descriptor: ColumnDescPtr,
    dictionary: Option<&Dictionary>,
    pages: Vec<DataPage>,
) -> Result<Chunk, ParquetError> {
    let rows: u64 = pages.iter().map(|page| u64::from(page.rows)).sum();
    let nulls: u64 = pages.iter().map(|page| page.nulls).sum();
    let numbers = pages.iter().filter_map(|page| match page.range {
        Some(Range::Numbers(low, high)) => Some((low, high)),
        _ => None,
    });
    let range = numbers.reduce(|(low, high), (other, more)| (low.min(other), high.max(more)));
    let is_indexed = !matches!(dictionary, None | Some(Dictionary::Flags));
    let mut sink = TrackedWrite::new(Vec::new());
    let mut writer = SerializedPageWriter::new(&mut sink);
    let (mut uncompressed, mut dictionary_at, mut data_at) = (0, None, None);
    if let Some((body, values)) = dictionary.and_then(|dictionary| plain(dictionary, range)) {
        let page = Page::DictionaryPage {
            buf: compressed(&body).into(),
            num_values: values,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        let spec = writer.write_page(CompressedPage::new(page, body.len()))?;
        uncompressed += spec.uncompressed_size;
        dictionary_at = Some(spec.offset as i64);
    }
    for page in pages {
        let data = Page::DataPage {
            buf: page.bytes.into(),
            num_values: page.rows,
            encoding: if is_indexed {
                Encoding::RLE_DICTIONARY
            } else {
                Encoding::PLAIN
            },
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        };
        let spec = writer.write_page(CompressedPage::new(data, page.uncompressed))?;
        uncompressed += spec.uncompressed_size;
        data_at.get_or_insert(spec.offset as i64);
    }
    let bytes = Bytes::from(sink.into_inner()?);
    let statistics = match (dictionary, range) {
        (Some(Dictionary::Flags), Some((low, high))) => Some(Statistics::boolean(
            Some(low == 1),
            Some(high == 1),
            None,
            Some(nulls),
            false,
        )),
        (_, Some((low, high))) => Some(Statistics::int64(
            Some(low),
            Some(high),
            None,
            Some(nulls),
            false,
        )),
        // Numbers that are all empty.
        (Some(Dictionary::Numbers | Dictionary::Flags), None) => None,
        (_, None) => Some(Statistics::byte_array(
            None::<ByteArray>,
            None,
            None,
            Some(nulls),
            false,
        )),
    };
    let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
    encodings.extend(is_indexed.then_some(Encoding::RLE_DICTIONARY));
    let metadata = ColumnChunkMetaData::builder(descriptor)
        .set_compression(Compression::SNAPPY)
        .set_encodings(encodings)
        .set_total_compressed_size(bytes.len() as i64)
        .set_total_uncompressed_size(uncompressed as i64)
        .set_num_values(rows as i64)
        .set_data_page_offset(data_at.unwrap_or(0))
        .set_dictionary_page_offset(dictionary_at);
    let metadata = match statistics {
        Some(statistics) => metadata.set_statistics(statistics),
        None => metadata,
    };
    Ok(Chunk {
        close: ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows,
            metadata: metadata.build()?,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        },
        bytes,
    })
}

/// The values of a dictionary, one after the other, and how many they are; numbers up to the
/// highest that occurs. None for flags, which need no dictionary.
fn plain(dictionary: &Dictionary, range: Option<(i64, i64)>) -> Option<(Vec<u8>, u32)> {
    match dictionary {
        Dictionary::Flags => None,
        Dictionary::Numbers => {
            let highest = range.map_or(0, |(_, highest)| highest);
            let numbers = (0..=highest).flat_map(i64::to_le_bytes);
            Some((numbers.collect(), highest as u32 + 1))
        }
        Dictionary::Texts(texts) => {
            let mut body = Vec::new();
            for text in texts {
                body.extend_from_slice(&(text.len() as u32).to_le_bytes());
                body.extend_from_slice(text.as_bytes());
            }
            // Where no row has a value, there is an entry all the same: readers expect one.
            if texts.is_empty() {
                body.extend_from_slice(&[0; 4]);
            }
            Some((body, texts.len().max(1) as u32))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Values of `width` bits each, as [`pack`] wrote them.
    fn unpack(bytes: &[u8], width: u32, count: usize) -> Vec<u32> {
        let bit = |place: usize| u32::from(bytes[place / 8] >> (place % 8) & 1);
        (0..count)
            .map(|row| {
                let first = row * width as usize;
                (0..width).map(|at| bit(first + at as usize) << at).sum()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn packed_values_come_back(values in prop::collection::vec(0u32..1_201, 1..100)) {
            let width = width(*values.iter().max().unwrap());
            let mut body = vec![7];
            pack(&mut body, &values, width);
            prop_assert_eq!(body.len(), 1 + values.len().div_ceil(8) * width as usize);
            prop_assert_eq!(unpack(&body[1..], width, values.len()), values);
        }
    }

    #[test]
    fn the_width_is_that_of_the_highest_index() {
        for (highest, expected) in [(0, 1), (1, 1), (2, 2), (255, 8), (256, 9), (1_200, 11)] {
            assert_eq!(width(highest), expected);
        }
    }
}
