//! Candidates as columns of small integers: 23 bytes a candidate, the draw's keys included, or 25
//! where there are more than twelve categories.
//! Where the candidates come from, and what becomes of them, does not live here.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::rules::Packed;

use super::eligibility::Eligibilities;

/// Bytes that one candidate takes in memory at most.
pub const BYTES_PER_CANDIDATE: usize = 4 + 1 + 2 + 2 + 2 + 2 + 4 + 1 + 1 + 2 + 4;

/// How candidates are named; what goes on naming them after their pool is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ids {
    /// Row `i` is candidate `first + i`; those of a file end below [`Ids::NUMBERS`].
    Numbered {
        /// The number of the first row.
        first: u64,
    },
    /// Numbers of some candidates of a numbered pool, in rising order.
    Some(Arc<[u32]>),
    /// Names from a file, one a row, in the order that ties are broken by.
    Text(Arc<[Box<str>]>),
}

impl Ids {
    /// Candidates whose names are numbers below this have them as [`Ids::dice_key`]. Larger keys are
    /// those of other names, from 2^62 on, of those who arrive along a timeline, from 2^63 on, and of
    /// the newcomer whose odds are asked for.
    pub const NUMBERS: u64 = 1 << 61;

    /// The number that is shown as this text: no zeros in front and no sign.
    #[inline]
    pub fn number(name: &str) -> Option<u64> {
        let bytes = name.as_bytes();
        let plain = bytes.len() <= 19
            && bytes.iter().all(u8::is_ascii_digit)
            && (bytes.len() == 1 || bytes.first() != Some(&b'0'));
        plain.then(|| name.parse().ok()).flatten()
    }

    /// The name of the candidate in `row`.
    pub fn name(&self, row: usize) -> std::borrow::Cow<'_, str> {
        match self {
            Ids::Numbered { first } => (first + row as u64).to_string().into(),
            Ids::Some(numbers) => numbers[row].to_string().into(),
            Ids::Text(names) => std::borrow::Cow::Borrowed(&names[row]),
        }
    }

    /// The number that the dice of the candidate in `row` are keyed by: it goes by the name alone,
    /// and does not move when others join the pool or leave it.
    #[inline]
    pub fn dice_key(&self, row: usize) -> u64 {
        match self {
            Ids::Numbered { first } => first + row as u64,
            Ids::Some(numbers) => u64::from(numbers[row]),
            Ids::Text(names) => match Self::number(&names[row]) {
                Some(number) if number < Self::NUMBERS => number,
                _ => fnv(names[row].as_bytes()) >> 1 | 1 << 62,
            },
        }
    }
}

/// The pool. Every column has one entry a candidate; rows stand in order of candidate id.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the columns are those of `Packed`")]
pub struct Pool {
    pub ids: Ids,
    pub submitted: Vec<u32>,
    pub age: Vec<u8>,
    pub noc: Vec<u16>,
    pub english: Vec<u16>,
    pub french: Vec<u16>,
    pub spouse_language: Vec<u16>,
    pub traits: Vec<u32>,
    pub noc_months: Vec<u8>,
    pub citizenship: Vec<u8>,
    pub score: Vec<u16>,
    pub eligibility: Eligibilities,
}

/// Columns of zeros.
fn zeros<T: Clone + Default, const N: usize>(size: usize) -> [Vec<T>; N] {
    std::array::from_fn(|_| vec![T::default(); size])
}

impl Pool {
    /// A pool of `size` rows of zeros, to be filled through the columns.
    pub fn zeroed(size: usize, ids: Ids) -> Self {
        // On two threads: one takes 27 ms for ten million.
        let (longs_and_bytes, (shorts, eligibility)) = rayon::join(
            || (zeros::<u32, 2>(size), zeros::<u8, 3>(size)),
            || (zeros::<u16, 5>(size), Eligibilities::zeroed(size)),
        );
        let ([submitted, traits], [age, noc_months, citizenship]) = longs_and_bytes;
        let [noc, english, french, spouse_language, score] = shorts;
        Pool {
            ids,
            submitted,
            age,
            noc,
            english,
            french,
            spouse_language,
            traits,
            noc_months,
            citizenship,
            score,
            eligibility,
        }
    }

    /// Adds rows of zeros; whoever does it sees to the names.
    pub fn extend_zeroed(&mut self, more: usize) {
        let size = self.len() + more;
        self.submitted.resize(size, 0);
        self.age.resize(size, 0);
        self.noc.resize(size, 0);
        self.english.resize(size, 0);
        self.french.resize(size, 0);
        self.spouse_language.resize(size, 0);
        self.traits.resize(size, 0);
        self.noc_months.resize(size, 0);
        self.citizenship.resize(size, 0);
        self.score.resize(size, 0);
        self.eligibility.resize(size);
    }

    /// Takes some rows out; whoever does it sees to the names.
    pub fn take_out(&mut self, rows: Range<usize>) {
        self.submitted.drain(rows.clone());
        self.age.drain(rows.clone());
        self.noc.drain(rows.clone());
        self.english.drain(rows.clone());
        self.french.drain(rows.clone());
        self.spouse_language.drain(rows.clone());
        self.traits.drain(rows.clone());
        self.noc_months.drain(rows.clone());
        self.citizenship.drain(rows.clone());
        self.score.drain(rows.clone());
        self.eligibility.take_out(rows);
    }

    /// Number of candidates.
    pub fn len(&self) -> usize {
        self.score.len()
    }

    /// Whether there is no candidate.
    pub fn is_empty(&self) -> bool {
        self.score.is_empty()
    }

    /// One row. Those who need few of the columns look at these alone, as it is inlined.
    #[inline(always)]
    pub fn row(&self, row: usize) -> Packed {
        Packed {
            submitted: self.submitted[row],
            age: self.age[row],
            noc: self.noc[row],
            english: self.english[row],
            french: self.french[row],
            spouse_language: self.spouse_language[row],
            traits: self.traits[row],
            noc_months: self.noc_months[row],
            citizenship: self.citizenship[row],
            score: self.score[row],
            eligibility: self.eligibility.get(row),
        }
    }

    /// Replaces one row.
    pub fn set(&mut self, row: usize, packed: Packed) {
        self.submitted[row] = packed.submitted;
        self.age[row] = packed.age;
        self.noc[row] = packed.noc;
        self.english[row] = packed.english;
        self.french[row] = packed.french;
        self.spouse_language[row] = packed.spouse_language;
        self.traits[row] = packed.traits;
        self.noc_months[row] = packed.noc_months;
        self.citizenship[row] = packed.citizenship;
        self.score[row] = packed.score;
        self.eligibility.set(row, packed.eligibility);
    }

    /// Makes room for that many rows more.
    pub fn reserve(&mut self, more: usize) {
        self.submitted.reserve(more);
        self.age.reserve(more);
        self.noc.reserve(more);
        self.english.reserve(more);
        self.french.reserve(more);
        self.spouse_language.reserve(more);
        self.traits.reserve(more);
        self.noc_months.reserve(more);
        self.citizenship.reserve(more);
        self.score.reserve(more);
        self.eligibility.reserve(more);
    }

    /// Appends rows; their names are the caller's to give.
    pub fn extend(&mut self, rows: &[Packed]) {
        self.submitted.extend(rows.iter().map(|row| row.submitted));
        self.age.extend(rows.iter().map(|row| row.age));
        self.noc.extend(rows.iter().map(|row| row.noc));
        self.english.extend(rows.iter().map(|row| row.english));
        self.french.extend(rows.iter().map(|row| row.french));
        self.spouse_language
            .extend(rows.iter().map(|row| row.spouse_language));
        self.traits.extend(rows.iter().map(|row| row.traits));
        self.noc_months
            .extend(rows.iter().map(|row| row.noc_months));
        self.citizenship
            .extend(rows.iter().map(|row| row.citizenship));
        self.score.extend(rows.iter().map(|row| row.score));
        self.eligibility
            .extend(rows.iter().map(|row| row.eligibility));
    }

    /// Puts row `order[i]` in place `i`, for every place; names stay as they are. One column is
    /// held twice at a time.
    pub fn reorder(&mut self, order: &[u32]) {
        reorder(&mut self.submitted, order);
        reorder(&mut self.age, order);
        reorder(&mut self.noc, order);
        reorder(&mut self.english, order);
        reorder(&mut self.french, order);
        reorder(&mut self.spouse_language, order);
        reorder(&mut self.traits, order);
        reorder(&mut self.noc_months, order);
        reorder(&mut self.citizenship, order);
        reorder(&mut self.score, order);
        self.eligibility.reorder(order);
    }

    /// The row of the candidate of that name, as files show it: numbers have no zeros in front.
    pub fn find(&self, id: &str) -> Option<usize> {
        match &self.ids {
            Ids::Numbered { first } => {
                let number = Ids::number(id)?;
                let row = usize::try_from(number.checked_sub(*first)?).ok()?;
                (row < self.len()).then_some(row)
            }
            Ids::Some(numbers) => {
                let number = u32::try_from(Ids::number(id)?).ok()?;
                numbers.binary_search(&number).ok()
            }
            Ids::Text(names) => names.iter().position(|name| &**name == id),
        }
    }

    /// The name of the candidate in `row`, as files show it.
    pub fn id(&self, row: usize) -> std::borrow::Cow<'_, str> {
        self.ids.name(row)
    }

    /// See [`Ids::dice_key`].
    #[inline]
    pub fn dice_key(&self, row: usize) -> u64 {
        self.ids.dice_key(row)
    }
}

/// Puts entry `order[i]` in place `i`, for every place.
pub(super) fn reorder<T: Copy + Send + Sync>(column: &mut Vec<T>, order: &[u32]) {
    *column = order.par_iter().map(|&row| column[row as usize]).collect();
}

/// FNV-1a, 64 bits: a stable number for a name.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_by_their_names_as_files_show_them() {
        let packed = Packed {
            score: 1200,
            eligibility: 0xF000_000F,
            ..Packed::default()
        };
        let mut pool = Pool::zeroed(2, Ids::Numbered { first: 1 });
        pool.set(1, packed);
        assert_eq!(pool.row(1), packed);
        assert_eq!(pool.id(1), "2");
        assert_eq!(pool.find("2"), Some(1));
        assert_eq!(
            (pool.find("01"), pool.find("+1"), pool.find("1")),
            (None, None, Some(0))
        );
        assert_eq!(
            (pool.find("0"), pool.find("3"), pool.find("x")),
            (None, None, None)
        );
        let numbered = pool.dice_key(1);
        pool.ids = Ids::Some([2, 7].into());
        assert_eq!((pool.dice_key(0), pool.id(1)), (numbered, "7".into()));
        assert_eq!(
            (pool.find("7"), pool.find("3"), pool.find("x")),
            (Some(1), None, None)
        );
    }

    #[test]
    fn each_name_has_a_key_of_its_own_and_names_that_are_numbers_have_the_number() {
        let names = [
            "7",
            "07",
            "+7",
            " 7",
            "",
            "0",
            "00",
            "4294967296",
            "9223372036854775815",
            "n7",
            "2305843009213693951",
            "2305843009213693952",
        ];
        let ids = Ids::Text(names.map(Box::from).into());
        let keys: Vec<u64> = (0..names.len()).map(|row| ids.dice_key(row)).collect();
        for (row, &key) in keys.iter().enumerate() {
            assert!(!keys[..row].contains(&key), "{}", names[row]);
            let by_number = Ids::number(names[row]).filter(|&number| number < Ids::NUMBERS);
            match by_number {
                Some(number) => {
                    assert_eq!(key, number);
                    assert_eq!(Ids::Numbered { first: number }.dice_key(0), key);
                    let few: Option<u32> = number.try_into().ok();
                    if let Some(few) = few {
                        assert_eq!(Ids::Some([few].into()).dice_key(0), key);
                    }
                }
                None => assert_eq!(key >> 62, 1, "{}", names[row]),
            }
        }
        assert_eq!(keys[10], Ids::NUMBERS - 1);
    }
}
