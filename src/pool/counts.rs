//! How many candidates there are, in all and by group. What the groups are lives in `groups`, and
//! which candidates are counted is decided elsewhere.
//!
//! A [`ClassCounts`] counts by class: whoever is eligible for the same is together in what rounds,
//! programs and categories ask. Groups follow from a few numbers of each candidate, so that one more
//! costs eight additions, and one less as many subtractions; sums are made when they are asked for.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::pool::classes::{Classes, LAST};
use crate::pool::groups::{Dimension, ScoreGroup};
use crate::pool::{Packed, Pool};
use crate::rules::candidate::{Abilities, FirstLanguage, NocIndex};
use crate::rules::{countries, noc};
use crate::units::Score;

/// Rows that one task counts.
const ROWS_PER_TASK: usize = 1 << 15;
/// Exact scores: 0 to the highest.
const SCORES: usize = Score::MAX.0 as usize + 1;

/// How many candidates there are, in all and by value of each dimension.
#[derive(Debug, Clone)]
pub struct Counts {
    total: u64,
    /// Of each dimension by value.
    values: Vec<u64>,
    /// Of each group by exact score; nothing where there may be nobody.
    scores: [Box<[u64]>; ScoreGroup::COUNT],
}

/// The scores of nobody.
static NOBODY: [u64; SCORES] = [0; SCORES];

impl Default for Counts {
    fn default() -> Self {
        Counts {
            total: 0,
            values: vec![0; Counts::value_count()],
            scores: std::array::from_fn(|_| Box::default()),
        }
    }
}

impl PartialEq for Counts {
    fn eq(&self, other: &Self) -> bool {
        self.total == other.total && self.cells().eq(other.cells())
    }
}

impl Eq for Counts {}

impl Counts {
    fn value_count() -> usize {
        Dimension::ALL.iter().map(|one| one.values()).sum()
    }

    fn all_scores(&self) -> impl Iterator<Item = &[u64]> {
        self.scores.iter().map(|scores| match scores.len() {
            0 => &NOBODY[..],
            _ => scores,
        })
    }

    /// Candidates in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Candidates by value of every dimension, one dimension after the other, and by exact score of
    /// every group that scores are counted of.
    pub fn cells(&self) -> impl Iterator<Item = u64> {
        let scores = self.all_scores().flatten();
        self.values.iter().chain(scores).copied()
    }

    /// Counts with those [`Counts::cells`]; none when they are not as many as those.
    pub fn of_cells(total: u64, mut cells: impl Iterator<Item = u64>) -> Option<Self> {
        let mut counts = Counts {
            total,
            ..Counts::default()
        };
        for value in &mut counts.values {
            *value = cells.next()?;
        }
        for scores in &mut counts.scores {
            let some: Box<[u64]> = cells.by_ref().take(SCORES).collect();
            if some.len() < SCORES {
                return None;
            }
            if some.iter().any(|&count| count > 0) {
                *scores = some;
            }
        }
        cells.next().is_none().then_some(counts)
    }

    /// How many cells there are.
    pub fn cell_count() -> usize {
        Counts::value_count() + ScoreGroup::COUNT * SCORES
    }

    fn places_of(dimension: Dimension) -> Range<usize> {
        let before = &Dimension::ALL[..dimension as usize];
        let first: usize = before.iter().map(|before| before.values()).sum();
        first..first + dimension.values()
    }

    /// Candidates by value of a dimension, in order of value.
    pub fn of(&self, dimension: Dimension) -> &[u64] {
        &self.values[Counts::places_of(dimension)]
    }

    fn of_mut(&mut self, dimension: Dimension) -> &mut [u64] {
        &mut self.values[Counts::places_of(dimension)]
    }

    /// Candidates of a group by exact score, from 0.
    pub fn scores(&self, group: ScoreGroup) -> &[u64] {
        match &self.scores[group.place()] {
            scores if scores.is_empty() => &NOBODY,
            scores => scores,
        }
    }

    fn add_scores(&mut self, group: usize, more: impl Iterator<Item = u64>) {
        let scores = &mut self.scores[group];
        if scores.is_empty() {
            *scores = more.collect();
        } else {
            scores
                .iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += more);
        }
    }

    /// Counts others, who are not among these, too.
    pub fn add(&mut self, others: &Counts) {
        self.total += others.total;
        for (sum, count) in self.values.iter_mut().zip(&others.values) {
            *sum += count;
        }
        for (group, scores) in others.scores.iter().enumerate() {
            if !scores.is_empty() {
                self.add_scores(group, scores.iter().copied());
            }
        }
    }

    /// These less others who are among them.
    #[must_use]
    pub fn less(&self, others: &Counts) -> Counts {
        let mut left = self.clone();
        left.total -= others.total;
        let lower = |counts: &mut [u64], others: &[u64]| {
            let counts = counts.iter_mut().zip(others);
            counts.for_each(|(count, other)| *count -= other);
        };
        lower(&mut left.values, &others.values);
        for (scores, others) in left.scores.iter_mut().zip(&others.scores) {
            lower(scores, others);
        }
        left
    }
}

/// Where the numbers that groups follow from stand in the cells of a class.
#[derive(Debug, Clone, Copy)]
struct Layout {
    occupations: usize,
    countries: usize,
}

impl Layout {
    /// Traits, years of work, signs, levels of English and French, and ages.
    const TRAITS: usize = 0;
    const YEARS: usize = Self::TRAITS + 256;
    const SIGNS: usize = Self::YEARS + 256;
    const LEVELS: usize = Self::SIGNS + 8;
    const AGES: usize = Self::LEVELS + 256;
    const SCORES: usize = Self::AGES + 256;
    const OCCUPATIONS: usize = Self::SCORES + SCORES;

    fn new() -> Self {
        Layout {
            occupations: noc::all().len(),
            countries: countries::all().len(),
        }
    }

    fn citizenships(&self) -> usize {
        Self::OCCUPATIONS + self.occupations + 1
    }

    /// Cells of a class.
    fn size(&self) -> usize {
        self.citizenships() + self.countries + 1
    }

    /// The cells that a candidate is counted in.
    #[inline]
    fn places(&self, packed: &Packed) -> [usize; 8] {
        let [one, years] = Packed::grouped_traits(packed.traits);
        let [english, french] = [packed.english, packed.french].map(lowest);
        let in_french = match Packed::first_language(packed.traits) {
            FirstLanguage::English => false,
            FirstLanguage::French => true,
            FirstLanguage::Best => french > english,
        };
        let signs = usize::from(in_french)
            | usize::from(Packed::is_nominated(packed.traits)) << 1
            | usize::from(Packed::works_in_canada(packed.traits)) << 2;
        [
            Self::TRAITS + one,
            Self::YEARS + years,
            Self::SIGNS + signs,
            Self::LEVELS + (english << 4 | french),
            Self::AGES + usize::from(packed.age),
            Self::SCORES + usize::from(packed.score).min(SCORES - 1),
            Self::OCCUPATIONS + usize::from(packed.noc).min(self.occupations),
            self.citizenships() + usize::from(packed.citizenship).min(self.countries),
        ]
    }
}

/// The lowest of four abilities.
#[inline]
fn lowest(levels: u16) -> usize {
    usize::from(Abilities::unpack(levels).lowest())
}

/// Candidates counted by class.
#[derive(Debug, Clone)]
pub struct ClassCounts {
    layout: Layout,
    classes: Classes,
    cells: Vec<Box<[u32]>>,
    /// Of each eligibility that has no class to itself.
    beyond: BTreeMap<u32, Box<[u32]>>,
}

impl Default for ClassCounts {
    fn default() -> Self {
        ClassCounts {
            layout: Layout::new(),
            classes: Classes::default(),
            cells: Vec::new(),
            beyond: BTreeMap::new(),
        }
    }
}

impl ClassCounts {
    #[inline]
    fn cells_of(&mut self, eligibility: u32) -> &mut [u32] {
        let class = usize::from(self.classes.of(eligibility));
        if class >= self.cells.len() {
            return self.more_cells(class, eligibility);
        }
        &mut self.cells[class]
    }

    #[cold]
    fn more_cells(&mut self, class: usize, eligibility: u32) -> &mut [u32] {
        let nobody = vec![0; self.layout.size()].into_boxed_slice();
        if class == usize::from(LAST) {
            return self.beyond.entry(eligibility).or_insert(nobody);
        }
        self.cells.resize(class + 1, nobody);
        &mut self.cells[class]
    }

    /// The cells of each eligibility.
    fn by_eligibility(&self) -> impl Iterator<Item = (u32, &[u32])> {
        let cells = self.classes.masks().iter().zip(&self.cells);
        let beyond = self.beyond.iter();
        cells
            .chain(beyond)
            .map(|(&eligibility, cells)| (eligibility, &**cells))
    }

    /// Counts a candidate.
    #[inline]
    pub fn add(&mut self, packed: &Packed) {
        let places = self.layout.places(packed);
        let cells = self.cells_of(packed.eligibility);
        places.into_iter().for_each(|place| cells[place] += 1);
    }

    /// Counts a candidate no longer, who was counted just like this.
    #[inline]
    pub fn take(&mut self, packed: &Packed) {
        let places = self.layout.places(packed);
        let cells = self.cells_of(packed.eligibility);
        places.into_iter().for_each(|place| cells[place] -= 1);
    }

    /// Counts others, who are not among these, too.
    pub fn merge(&mut self, others: ClassCounts) {
        if self.cells.is_empty() {
            *self = others;
            return;
        }
        for (mask, cells) in others.by_eligibility() {
            for (sum, count) in self.cells_of(mask).iter_mut().zip(cells) {
                *sum += count;
            }
        }
    }

    /// Those of the counted whose eligibility is asked for, by group.
    pub fn counts(&self, is_asked: impl Fn(u32) -> bool) -> Counts {
        let mut counts = Counts::default();
        self.count_into(is_asked, &mut counts);
        counts
    }

    /// Counts those whose eligibility is asked for into counts of others.
    pub fn count_into(&self, is_asked: impl Fn(u32) -> bool, counts: &mut Counts) {
        let mut sums = vec![0u64; self.layout.size()];
        for (mask, cells) in self.by_eligibility() {
            if !is_asked(mask) {
                continue;
            }
            for (sum, &count) in sums.iter_mut().zip(cells) {
                *sum += u64::from(count);
            }
            let scores = &cells[Layout::SCORES..][..SCORES];
            let total: u64 = scores.iter().map(|&count| u64::from(count)).sum();
            if total == 0 {
                continue;
            }
            counts.total += total;
            let programs = ScoreGroup::PROGRAMS;
            for bit in (0..u32::BITS as usize).filter(|bit| mask >> bit & 1 == 1) {
                let (dimension, value, group) = if bit < programs {
                    (Dimension::Program, bit, ScoreGroup::Program(bit))
                } else {
                    let place = bit - programs;
                    (Dimension::Category, place, ScoreGroup::Category(place))
                };
                counts.of_mut(dimension)[value] += total;
                counts.add_scores(group.place(), scores.iter().map(|&count| count.into()));
            }
        }
        self.layout.spread(&sums, counts);
    }
}

impl Layout {
    /// Counts sums by group, of which each belongs to every candidate's one value.
    fn spread(&self, sums: &[u64], counts: &mut Counts) {
        let mut add = |dimension: Dimension, value: usize, count: u64| {
            let values = counts.of_mut(dimension);
            values[value.min(values.len() - 1)] += count;
        };
        let counted = |first: usize, size: usize| {
            let sums = sums[first..first + size].iter().copied().enumerate();
            sums.filter(|&(_, count)| count > 0)
        };
        let of_traits = |grouped: [usize; 2]| {
            let traits = Packed::of_grouped_traits(grouped);
            let packed = Packed {
                traits,
                ..Packed::default()
            };
            packed.candidate()
        };
        for (one, count) in counted(Self::TRAITS, 256) {
            let candidate = of_traits([one, 0]);
            let study = candidate.canadian_education as usize;
            add(Dimension::Education, candidate.education as usize, count);
            add(Dimension::CanadianEducation, study, count);
            add(Dimension::Gender, candidate.gender as usize, count);
            let spouse = usize::from(candidate.accompanying_spouse);
            add(Dimension::Spouse, spouse, count);
        }
        for (years, count) in counted(Self::YEARS, 256) {
            let candidate = of_traits([0, years]);
            let [in_canada, abroad] =
                [candidate.canadian_work_years, candidate.foreign_work_years].map(usize::from);
            add(Dimension::CanadianWorkYears, in_canada, count);
            add(Dimension::ForeignWorkYears, abroad, count);
        }
        for (signs, count) in counted(Self::SIGNS, 8) {
            add(Dimension::FirstLanguage, signs & 1, count);
            add(Dimension::Nomination, signs >> 1 & 1, count);
            add(Dimension::WorkPlace, signs >> 2, count);
        }
        for (levels, count) in counted(Self::LEVELS, 256) {
            add(Dimension::EnglishLevel, levels >> 4, count);
            add(Dimension::FrenchLevel, levels & 15, count);
        }
        for (age, count) in counted(Self::AGES, 256) {
            add(Dimension::AgeBand, Dimension::age_band(age), count);
        }
        for (score, count) in counted(Self::SCORES, SCORES) {
            add(Dimension::ScoreBand, Dimension::score_band(score), count);
        }
        for (occupation, count) in counted(Self::OCCUPATIONS, self.occupations + 1) {
            let index = NocIndex(occupation as u16);
            add(Dimension::Noc, occupation, count);
            let group = Dimension::occupation_group(index);
            add(Dimension::OccupationGroup, group, count);
            let teer = noc::teer(index).map_or(usize::MAX, usize::from);
            add(Dimension::Teer, teer, count);
        }
        for (citizenship, count) in counted(self.citizenships(), self.countries + 1) {
            add(Dimension::Citizenship, citizenship, count);
        }
        let scores = sums[Self::SCORES..][..SCORES].iter().copied();
        counts.add_scores(ScoreGroup::Everybody.place(), scores);
    }
}

/// Counts the candidates of a pool whom `counted` picks, in parallel.
pub fn tally(pool: &Pool, counted: impl Fn(usize) -> bool + Sync) -> ClassCounts {
    (0..pool.len().div_ceil(ROWS_PER_TASK))
        .into_par_iter()
        .fold(ClassCounts::default, |mut tally, task| {
            let rows = task * ROWS_PER_TASK..((task + 1) * ROWS_PER_TASK).min(pool.len());
            for row in rows.filter(|&row| counted(row)) {
                tally.add(&pool.row(row));
            }
            tally
        })
        .reduce(ClassCounts::default, |mut sums, others| {
            sums.merge(others);
            sums
        })
}

/// Counts some candidates.
pub fn count_rows(rows: &[Packed]) -> Counts {
    let mut tally = ClassCounts::default();
    rows.iter().for_each(|packed| tally.add(packed));
    tally.counts(|_| true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Eligibility;
    use crate::pool::columns::Ids;

    fn count(pool: &Pool, counted: impl Fn(usize) -> bool + Sync) -> Counts {
        tally(pool, counted).counts(|_| true)
    }

    fn pool() -> Pool {
        let mut pool = Pool::zeroed(100_000, Ids::Numbered { first: 1 });
        for row in 0..pool.len() {
            pool.score[row] = (row % 1_201) as u16;
            pool.age[row] = (row % 60) as u8;
            pool.noc[row] = if row % 7 == 0 {
                u16::MAX
            } else {
                (row % 516) as u16
            };
            pool.citizenship[row] = u8::MAX;
            pool.eligibility.set(row, (row % 64) as u32);
        }
        pool
    }

    #[test]
    fn eligibilities_without_a_class_to_themselves_are_counted_apart() {
        let packed = |score, eligibility| Packed {
            score,
            eligibility,
            ..Packed::default()
        };
        let full = || {
            let mut tally = ClassCounts::default();
            (0..u32::from(LAST)).for_each(|mask| {
                tally.classes.of(mask);
            });
            tally.add(&packed(500, 7));
            tally
        };
        let (mut tally, mut others) = (full(), full());
        for mask in [1 << 20, 1 << 21, 1 << 20] {
            tally.add(&packed(501, mask));
            others.add(&packed(502, mask));
        }
        others.take(&packed(502, 1 << 20));
        tally.merge(others);
        let of = |asked: u32| tally.counts(|mask| mask == asked);
        assert_eq!(
            [7, 1 << 20, 1 << 21].map(|mask| of(mask).total()),
            [2, 3, 2]
        );
        assert_eq!(of(1 << 20).scores(ScoreGroup::Everybody)[502], 1);
        assert_eq!(tally.counts(|_| true).total(), 7);
    }

    #[test]
    fn single_valued_dimensions_add_up_to_the_total() {
        let pool = pool();
        let counts = count(&pool, |row| row % 3 == 0);
        assert_eq!(counts.total(), 33_334);
        for &dimension in Dimension::ALL {
            if !matches!(dimension, Dimension::Program | Dimension::Category) {
                assert_eq!(
                    counts.of(dimension).iter().sum::<u64>(),
                    counts.total(),
                    "{}",
                    dimension.name()
                );
            }
        }
    }

    #[test]
    fn counting_rows_and_counting_the_pool_agree_and_subtract() {
        let pool = pool();
        let rows: Vec<Packed> = (0..pool.len())
            .filter(|row| row % 5 == 0)
            .map(|row| pool.row(row))
            .collect();
        let some = count_rows(&rows);
        assert_eq!(some, count(&pool, |row| row % 5 == 0));
        let all = count(&pool, |_| true);
        let mut others = count(&pool, |row| row % 5 != 0);
        assert_eq!(all.less(&some), others);
        others.add(&some);
        assert_eq!(all, others);
    }

    #[test]
    fn exact_scores_of_a_group_add_up_to_its_count() {
        let pool = pool();
        let counts = count(&pool, |row| row % 3 == 0);
        let sum = |group| counts.scores(group).iter().sum::<u64>();
        assert_eq!(sum(ScoreGroup::Everybody), counts.total());
        for place in 0..ScoreGroup::PROGRAMS {
            assert_eq!(
                sum(ScoreGroup::Program(place)),
                counts.of(Dimension::Program)[place]
            );
        }
        for place in 0..Eligibility::MAX_CATEGORIES {
            assert_eq!(
                sum(ScoreGroup::Category(place)),
                counts.of(Dimension::Category)[place]
            );
        }
        assert_eq!(counts.scores(ScoreGroup::Everybody)[3], 28);
    }

    #[test]
    fn score_bands_are_the_published_ones() {
        let mut pool = Pool::zeroed(3, Ids::Numbered { first: 1 });
        pool.score = vec![600, 486, 300];
        let counts = count(&pool, |_| true);
        let of = |band: usize| counts.of(Dimension::ScoreBand)[band];
        assert_eq!([of(1), of(3), of(14)], [1, 1, 1]);
    }
}
