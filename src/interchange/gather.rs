//! Rows that were read become a pool: in order of candidate id, each id once.
//! How rows are read lives in the readers.

use std::path::Path;

use rayon::prelude::*;

use crate::pool::columns::Ids;
use crate::pool::{Packed, Pool};

use super::problem::{Found, Problem, ReadError, quoted};

/// Most candidates of a pool: rows are counted in 32 bits.
const MOST_ROWS: usize = u32::MAX as usize;

/// Names of candidates: numbers as long as all of them are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Plain whole numbers, without leading zeros.
    Numbers(Vec<u64>),
    /// Any text.
    Texts(Vec<Box<str>>),
}

impl Default for Names {
    fn default() -> Self {
        Names::Numbers(Vec::new())
    }
}

impl Names {
    /// Adds a name.
    #[inline]
    pub fn push(&mut self, name: &str) {
        match (&mut *self, number(name)) {
            (Names::Numbers(numbers), Some(number)) => numbers.push(number),
            _ => self.texts().push(name.into()),
        }
    }

    /// Adds the names of later rows.
    pub fn append(&mut self, later: Names) {
        match (&mut *self, later) {
            (Names::Numbers(numbers), Names::Numbers(mut later)) => numbers.append(&mut later),
            (_, mut later) => {
                let later = std::mem::take(later.texts());
                self.texts().extend(later);
            }
        }
    }

    fn texts(&mut self) -> &mut Vec<Box<str>> {
        if let Names::Numbers(numbers) = self {
            *self = Names::Texts(
                numbers
                    .iter()
                    .map(|number| number.to_string().into())
                    .collect(),
            );
        }
        match self {
            Names::Texts(texts) => texts,
            Names::Numbers(_) => unreachable!("numbers were just turned into texts"),
        }
    }
}

/// The number that is written exactly like this.
#[inline]
fn number(name: &str) -> Option<u64> {
    let bytes = name.as_bytes();
    let plain = bytes.len() <= 19
        && bytes.iter().all(u8::is_ascii_digit)
        && (bytes.len() == 1 || bytes.first() != Some(&b'0'));
    plain.then(|| name.parse().ok()).flatten()
}

/// Rows that were read, in order of the file.
#[derive(Debug, Clone, Default)]
pub struct Gathered {
    /// Names.
    pub names: Names,
    /// Attributes with points and eligibility.
    pub rows: Vec<Packed>,
    /// Line or row of each.
    pub places: Vec<u64>,
    /// What is wrong.
    pub found: Found,
}

impl Gathered {
    /// Adds what was read further on.
    pub fn append(&mut self, mut later: Gathered) {
        self.names.append(later.names);
        self.rows.append(&mut later.rows);
        self.places.append(&mut later.places);
        self.found.append(later.found);
    }

    /// The pool: rows in order of id, numerically when all ids are numbers, else by bytes.
    ///
    /// # Errors
    /// When anything was wrong, an id stands twice, or there is no candidate.
    pub fn into_pool(mut self, file: &Path, unit: &'static str) -> Result<Pool, ReadError> {
        if self.found.is_empty() {
            if self.rows.is_empty() {
                self.found
                    .add(|| Problem::of_file("the file has no candidates"));
            } else if self.rows.len() > MOST_ROWS {
                self.found.add(|| {
                    Problem::of_file(format!("the file has more than {MOST_ROWS} candidates"))
                });
            }
        }
        if self.rows.len() > MOST_ROWS || !self.found.is_empty() {
            self.found.check(file, unit)?;
            return Ok(Pool::zeroed(0, Ids::Numbered { first: 0 }));
        }
        let order = match &self.names {
            Names::Numbers(numbers) => order(numbers),
            Names::Texts(texts) => order(texts),
        };
        let at = |place: usize| order.as_ref().map_or(place, |order| order[place] as usize);
        self.find_repeated(at, unit);
        std::mem::take(&mut self.found).check(file, unit)?;
        let ids = match &mut self.names {
            Names::Numbers(numbers) => {
                let (first, last) = (numbers[at(0)], numbers[at(numbers.len() - 1)]);
                if last - first == numbers.len() as u64 - 1 {
                    Ids::Numbered { first }
                } else {
                    let text = |place: usize| numbers[at(place)].to_string().into();
                    Ids::Text((0..numbers.len()).map(text).collect())
                }
            }
            Names::Texts(texts) => {
                let mut take = |place: usize| std::mem::take(&mut texts[at(place)]);
                Ids::Text((0..self.rows.len()).map(&mut take).collect())
            }
        };
        let mut pool = Pool::zeroed(self.rows.len(), ids);
        for row in 0..self.rows.len() {
            pool.set(row, self.rows[at(row)]);
        }
        Ok(pool)
    }

    /// Tells of every id that stands more than once.
    fn find_repeated(&mut self, at: impl Fn(usize) -> usize, unit: &str) {
        for place in 1..self.rows.len() {
            let (before, this) = (at(place - 1), at(place));
            let same = match &self.names {
                Names::Numbers(numbers) => numbers[before] == numbers[this],
                Names::Texts(texts) => texts[before] == texts[this],
            };
            if same {
                let (first, again) = (self.places[before], self.places[this]);
                let name = match &self.names {
                    Names::Numbers(numbers) => numbers[this].to_string(),
                    Names::Texts(texts) => texts[this].to_string(),
                };
                self.found.add(|| {
                    let message = format!(
                        "{} stands in {unit} {first} already; each candidate once",
                        quoted(&name)
                    );
                    Problem::of_row(again, message).in_column("candidate_id")
                });
            }
        }
    }
}

/// Rows in order of key, equal keys in order of the file; none when they stand so already.
fn order<K: Ord + Sync>(keys: &[K]) -> Option<Vec<u32>> {
    if keys.is_sorted() {
        return None;
    }
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    order.par_sort_unstable_by(|&a, &b| keys[a as usize].cmp(&keys[b as usize]).then(a.cmp(&b)));
    Some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(names: &[&str]) -> Result<Pool, ReadError> {
        let mut gathered = Gathered::default();
        for (place, name) in names.iter().enumerate() {
            let mut later = Gathered::default();
            later.names.push(name);
            let mut row = Pool::zeroed(1, Ids::Numbered { first: 0 }).row(0);
            row.score = place as u16;
            later.rows.push(row);
            later.places.push(place as u64 + 2);
            gathered.append(later);
        }
        gathered.into_pool(Path::new("a.csv"), "line")
    }

    fn ids(names: &[&str]) -> Vec<String> {
        let pool = pool(names).unwrap();
        (0..pool.len())
            .map(|row| pool.id(row).into_owned())
            .collect()
    }

    #[test]
    fn numbers_are_ordered_as_numbers_and_anything_else_by_bytes() {
        assert_eq!(ids(&["10", "9", "100"]), ["9", "10", "100"]);
        assert_eq!(ids(&["10", "9", "b", "a"]), ["10", "9", "a", "b"]);
        assert_eq!(ids(&["10", "9", "007"]), ["007", "10", "9"]);
        assert_eq!(
            pool(&["10", "9", "8"]).unwrap().ids,
            Ids::Numbered { first: 8 }
        );
        assert_eq!(pool(&["10", "9", "8"]).unwrap().score, [2, 1, 0]);
    }

    #[test]
    fn an_id_that_stands_twice_is_told_with_both_places() {
        let text = pool(&["b", "a", "b"]).unwrap_err().to_string();
        assert_eq!(
            text,
            "a.csv: line 4, column `candidate_id`: `b` stands in line 2 already; each candidate once"
        );
    }

    #[test]
    fn a_file_without_candidates_is_no_pool() {
        assert!(pool(&[]).unwrap_err().to_string().contains("no candidates"));
    }
}
