//! Rows that were read become a pool: in order of candidate id, each id once.
//! How rows are read lives in the readers.

use std::path::Path;

use rayon::prelude::*;

use crate::pool::columns::Ids;
use crate::pool::{Packed, Pool};
use crate::rules::{Candidate, Rules};

use super::problem::{Found, Problem, ReadError};
use crate::shown::quoted;

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
        match (&mut *self, Ids::number(name)) {
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

    fn len(&self) -> usize {
        match self {
            Names::Numbers(numbers) => numbers.len(),
            Names::Texts(texts) => texts.len(),
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

/// Lines or rows of the file that the rows of a pool stand in: those that follow each other are
/// kept as one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Places(Vec<(usize, u64)>);

impl Places {
    #[inline]
    fn push(&mut self, row: usize, place: u64) {
        let follows = |&(first, from): &(usize, u64)| from + (row - first) as u64 == place;
        if !self.0.last().is_some_and(follows) {
            self.0.push((row, place));
        }
    }

    fn of(&self, row: usize) -> u64 {
        let after = self.0.partition_point(|&(first, _)| first <= row);
        let run = after.checked_sub(1).map(|run| self.0[run]);
        run.map_or(0, |(first, from)| from + (row - first) as u64)
    }
}

/// The line or row of its file that each candidate of a pool stands in.
#[derive(Debug, Clone)]
pub struct Lines {
    places: Places,
    /// Rows of the file in the pool's order, where that is another.
    order: Option<Vec<u32>>,
    /// What is counted: `line` or `row`.
    pub unit: &'static str,
}

impl Lines {
    /// Where the candidate in a row of the pool stands.
    pub fn of(&self, row: usize) -> u64 {
        self.places.of(at(self.order.as_deref(), row))
    }
}

/// The row of the file that is a row of the pool.
fn at(order: Option<&[u32]>, row: usize) -> usize {
    order.map_or(row, |order| order[row] as usize)
}

/// Rows that one task read, in order of the file.
#[derive(Debug, Clone, Default)]
pub struct Part {
    names: Names,
    rows: Vec<Packed>,
    places: Places,
    /// What is wrong.
    pub found: Found,
}

impl Part {
    /// Adds a candidate with its points and eligibility; `place` is its line or row.
    #[inline]
    pub fn add(&mut self, name: &str, candidate: &Candidate, place: u64, rules: &Rules) {
        let score = rules.points(candidate).total();
        self.places.push(self.names.len(), place);
        self.names.push(name);
        let packed = Packed::new(candidate, score, rules.eligibility(candidate));
        self.rows.push(packed);
    }

    /// Adds the name of a row in which something is wrong: it may stand twice besides.
    pub fn refused(&mut self, name: &str, place: u64) {
        if !name.is_empty() {
            self.places.push(self.names.len(), place);
            self.names.push(name);
        }
    }

    /// Number of candidates.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether it has no candidate.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

/// All rows that were read so far, in order of the file.
#[derive(Debug)]
pub struct Gathered {
    names: Names,
    pool: Pool,
    places: Places,
    found: Found,
}

impl Default for Gathered {
    fn default() -> Self {
        Gathered {
            names: Names::default(),
            pool: Pool::zeroed(0, Ids::Numbered { first: 0 }),
            places: Places::default(),
            found: Found::default(),
        }
    }
}

impl Gathered {
    /// Adds what was read further on. Once something is wrong, only what else is wrong counts, and which
    /// names there are.
    pub fn append(&mut self, later: Part) {
        self.found.append(later.found);
        let before = self.names.len();
        for (row, place) in later.places.0 {
            self.places.push(before + row, place);
        }
        self.names.append(later.names);
        if self.found.is_empty() {
            self.pool.extend(&later.rows);
        }
    }

    /// Makes room for that many rows in all.
    pub fn expect(&mut self, rows: usize) {
        let more = rows.saturating_sub(self.pool.len());
        self.pool.reserve(more);
        if let Names::Numbers(numbers) = &mut self.names {
            numbers.reserve(more);
        }
    }

    /// Number of candidates so far.
    pub fn len(&self) -> usize {
        self.pool.len()
    }

    /// Whether there is no candidate so far.
    pub fn is_empty(&self) -> bool {
        self.pool.is_empty()
    }

    /// Adds something that is wrong with the file.
    pub fn refuse(&mut self, problem: Problem) {
        self.found.add(|| problem);
    }

    /// The pool: rows in order of id, numerically when all ids are numbers, else by bytes. With it,
    /// where they stand in the file.
    ///
    /// # Errors
    /// When anything was wrong, an id stands twice, or there is no candidate.
    pub fn into_pool(
        mut self,
        file: &Path,
        unit: &'static str,
    ) -> Result<(Pool, Lines), ReadError> {
        if self.found.is_empty() {
            if self.pool.is_empty() {
                self.refuse(Problem::of_file("the file has no candidates"));
            } else if self.pool.len() > MOST_ROWS {
                let message = format!("the file has more than {MOST_ROWS} candidates");
                self.refuse(Problem::of_file(message));
            }
        }
        if self.names.len() > MOST_ROWS {
            std::mem::take(&mut self.found).check(file, unit)?;
        }
        let order = match &self.names {
            Names::Numbers(numbers) => order(numbers),
            Names::Texts(texts) => order(texts),
        };
        let at = |row: usize| at(order.as_deref(), row);
        let repeated = self.repeated(at, unit);
        self.found.merge(repeated);
        std::mem::take(&mut self.found).check(file, unit)?;
        let ids = match &mut self.names {
            Names::Numbers(numbers) => {
                let (first, last) = (numbers[at(0)], numbers[at(numbers.len() - 1)]);
                if last - first == numbers.len() as u64 - 1 && last < Ids::NUMBERS {
                    Ids::Numbered { first }
                } else {
                    let text = |row: usize| numbers[at(row)].to_string().into();
                    Ids::Text((0..numbers.len()).map(text).collect())
                }
            }
            Names::Texts(texts) => {
                let mut take = |row: usize| std::mem::take(&mut texts[at(row)]);
                Ids::Text((0..self.pool.len()).map(&mut take).collect())
            }
        };
        if let Some(order) = &order {
            self.pool.reorder(order);
        }
        self.pool.ids = ids;
        let lines = Lines {
            places: self.places,
            order,
            unit,
        };
        Ok((self.pool, lines))
    }

    /// Every id that stands more than once, in order of the file.
    fn repeated(&self, at: impl Fn(usize) -> usize, unit: &str) -> Found {
        let is_same = |(before, this): &(usize, usize)| match &self.names {
            Names::Numbers(numbers) => numbers[*before] == numbers[*this],
            Names::Texts(texts) => texts[*before] == texts[*this],
        };
        let pairs = (1..self.names.len()).map(|row| (at(row - 1), at(row)));
        let mut pairs: Vec<(usize, usize)> = pairs.filter(is_same).collect();
        pairs.sort_unstable_by_key(|&(_, again)| again);
        let mut found = Found::default();
        for (before, again) in pairs {
            found.add(|| {
                let name = match &self.names {
                    Names::Numbers(numbers) => numbers[again].to_string(),
                    Names::Texts(texts) => texts[again].to_string(),
                };
                let message = format!(
                    "{} stands in {unit} {} already; each candidate once",
                    quoted(&name),
                    self.places.of(before)
                );
                Problem::of_row(self.places.of(again), message).in_column("candidate_id")
            });
        }
        found
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
            let mut later = Part::default();
            later.names.push(name);
            let mut row = Pool::zeroed(1, Ids::Numbered { first: 0 }).row(0);
            row.score = place as u16;
            later.places.push(0, place as u64 + 2);
            later.rows.push(row);
            gathered.append(later);
        }
        let (pool, _) = gathered.into_pool(Path::new("a.csv"), "line")?;
        Ok(pool)
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
    fn one_candidate_more_or_fewer_moves_nobody_s_dice() {
        for names in [
            ["7", "8", "9", "10"],
            ["4294967295", "4294967296", "4294967297", "4294967298"],
            [
                "2305843009213693950",
                "2305843009213693951",
                "2305843009213693952",
                "2305843009213693953",
            ],
            [
                "9223372036854775807",
                "9223372036854775808",
                "9223372036854775809",
                "9223372036854775810",
            ],
            ["007", "7", "anna", "arrival"],
        ] {
            let whole = pool(&names).unwrap();
            for out in 0..names.len() {
                let mut fewer = names.to_vec();
                fewer.remove(out);
                let fewer = pool(&fewer).unwrap();
                for row in 0..fewer.len() {
                    let name = fewer.id(row);
                    let before = whole.find(&name).unwrap();
                    assert_eq!(fewer.dice_key(row), whole.dice_key(before), "{name}");
                }
            }
        }
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
    fn ids_that_stand_twice_are_told_in_order_of_the_file_and_beside_other_faults() {
        let text = pool(&["b", "a", "b", "c", "a"]).unwrap_err().to_string();
        let lines: Vec<&str> = text.lines().skip(1).collect();
        assert!(lines[0].contains("line 4, column `candidate_id`: `b` stands in line 2"));
        assert!(lines[1].contains("line 6, column `candidate_id`: `a` stands in line 3"));
        let mut gathered = Gathered::default();
        for (name, place) in [("a", 2), ("", 3), ("a", 4), ("", 5)] {
            let mut part = Part::default();
            part.refused(name, place);
            part.found.add(|| Problem::of_row(place, "is wrong"));
            gathered.append(part);
        }
        let text = gathered.into_pool(Path::new("a.csv"), "line");
        let text = text.unwrap_err().to_string();
        let places = text.lines().skip(1).map(|line| &line[..8]);
        let lines = ["  line 2", "  line 3", "  line 4", "  line 4", "  line 5"];
        assert_eq!(places.collect::<Vec<_>>(), lines, "{text}");
    }

    #[test]
    fn places_that_follow_each_other_are_kept_as_one() {
        let mut places = Places::default();
        let lines = [2, 3, 4, 6, 7, 9];
        for (row, &line) in lines.iter().enumerate() {
            places.push(row, line);
        }
        assert_eq!(places.0, [(0, 2), (3, 6), (5, 9)]);
        for (row, &line) in lines.iter().enumerate() {
            assert_eq!(places.of(row), line);
        }
    }

    #[test]
    fn a_file_without_candidates_is_no_pool() {
        assert!(pool(&[]).unwrap_err().to_string().contains("no candidates"));
    }
}
