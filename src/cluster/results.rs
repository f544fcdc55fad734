//! Parts as Arrow: a row is a piece of a part's bytes, so that no message grows without limit.
//! What the bytes are is `study::kept`'s.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::arrow::array::{Array, BinaryArray, BooleanArray, RecordBatch, UInt32Array};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::arrow::error::ArrowError;

/// Bytes of a piece, at most.
const PIECE: usize = 1 << 20;

/// Columns of the ranges that a partition is asked for: the first part, and the one behind the last.
pub(super) fn asked_schema() -> SchemaRef {
    let number = |name: &str| Field::new(name, DataType::UInt32, false);
    Arc::new(Schema::new(vec![number("first"), number("end")]))
}

/// The ranges as rows.
///
/// # Errors
/// When Arrow refuses.
pub(super) fn asked(ranges: &[std::ops::Range<u32>]) -> Result<RecordBatch, ArrowError> {
    let column = |of: fn(&std::ops::Range<u32>) -> u32| -> Arc<dyn Array> {
        Arc::new(UInt32Array::from_iter_values(ranges.iter().map(of)))
    };
    let columns = vec![column(|range| range.start), column(|range| range.end)];
    RecordBatch::try_new(asked_schema(), columns)
}

/// The ranges of rows; none when they are not such rows.
pub(super) fn ranges(batch: &RecordBatch) -> Option<Vec<std::ops::Range<u32>>> {
    let number = |place: usize| {
        batch
            .columns()
            .get(place)?
            .as_any()
            .downcast_ref::<UInt32Array>()
    };
    let (first, end) = (number(0)?, number(1)?);
    let ranges = first.values().iter().zip(end.values());
    Some(ranges.map(|(&first, &end)| first..end).collect())
}

/// Columns of what comes back.
pub(super) fn made_schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("part", DataType::UInt32, false),
        Field::new("last", DataType::Boolean, false),
        Field::new("bytes", DataType::Binary, false),
    ]))
}

/// A part in pieces, in their order.
pub(super) fn pieces(
    part: u32,
    bytes: &[u8],
) -> impl Iterator<Item = Result<RecordBatch, ArrowError>> {
    let count = bytes.len().div_ceil(PIECE).max(1);
    (1..=count).map(move |place| {
        let piece = &bytes[(place - 1) * PIECE..bytes.len().min(place * PIECE)];
        let columns: Vec<Arc<dyn Array>> = vec![
            Arc::new(UInt32Array::from_value(part, 1)),
            Arc::new(BooleanArray::from(vec![place == count])),
            Arc::new(BinaryArray::from_iter_values([piece])),
        ];
        RecordBatch::try_new(made_schema(), columns)
    })
}

/// Puts parts together again from their pieces; pieces of several parts may come mixed.
#[derive(Debug, Default)]
pub(super) struct Whole {
    begun: BTreeMap<u32, Vec<u8>>,
    parts: BTreeMap<u32, Vec<u8>>,
}

impl Whole {
    /// Takes rows; none when they are no pieces.
    pub fn add(&mut self, batch: &RecordBatch) -> Option<()> {
        let column = |place: usize| batch.columns().get(place).map(|column| column.as_any());
        let part = column(0)?.downcast_ref::<UInt32Array>()?;
        let last = column(1)?.downcast_ref::<BooleanArray>()?;
        let bytes = column(2)?.downcast_ref::<BinaryArray>()?;
        for row in 0..batch.num_rows() {
            let number = part.value(row);
            self.begun
                .entry(number)
                .or_default()
                .extend(bytes.value(row));
            if last.value(row) {
                let whole = self.begun.remove(&number)?;
                self.parts.insert(number, whole);
            }
        }
        Some(())
    }

    /// The parts that are whole, by number.
    pub fn parts(self) -> BTreeMap<u32, Vec<u8>> {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_any_length_come_back_from_mixed_pieces() {
        let parts = [
            (3, vec![]),
            (4, vec![7; 2 * PIECE]),
            (9, vec![1; PIECE + 1]),
        ];
        let mut pieces: Vec<Vec<RecordBatch>> = parts
            .iter()
            .map(|(part, bytes)| pieces(*part, bytes).map(Result::unwrap).collect())
            .collect();
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2]);
        let mut whole = Whole::default();
        while pieces.iter().any(|pieces| !pieces.is_empty()) {
            for pieces in &mut pieces {
                if !pieces.is_empty() {
                    whole.add(&pieces.remove(0)).unwrap();
                }
            }
        }
        assert_eq!(whole.parts(), BTreeMap::from(parts));
        assert_eq!(
            ranges(&asked(&[2..5, 9..10]).unwrap()).unwrap(),
            [2..5, 9..10]
        );
    }
}
