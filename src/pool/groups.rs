//! Groups that candidates are counted by: dimensions, their values and how often each occurs.
//! Which candidates are counted, and where the counts are written, is decided elsewhere.

use rayon::prelude::*;

use crate::pool::{Eligibility, Packed, Pool};
use crate::rules::candidate::{CanadianEducation, Education, FirstLanguage, Gender, NocIndex};
use crate::rules::{Rules, countries, noc};

/// Rows that one task counts.
const ROWS_PER_TASK: usize = 1 << 15;

/// Lowest and highest score of the bands that published pools are printed in.
const SCORE_BANDS: [(u16, u16); 15] = [
    (601, 1200),
    (501, 600),
    (491, 500),
    (481, 490),
    (471, 480),
    (461, 470),
    (451, 460),
    (441, 450),
    (431, 440),
    (421, 430),
    (411, 420),
    (401, 410),
    (351, 400),
    (301, 350),
    (0, 300),
];

/// Age bands of the published year-end reports: first age of each.
const AGE_BANDS: [(u8, &str); 6] = [
    (0, "under 20"),
    (20, "20-29"),
    (30, "30-34"),
    (35, "35-39"),
    (40, "40-44"),
    (45, "45 and over"),
];

/// NOC 2021 broad occupational categories, by first digit.
const OCCUPATION_GROUPS: [&str; 10] = [
    "0 Legislative and senior management",
    "1 Business, finance and administration",
    "2 Natural and applied sciences",
    "3 Health",
    "4 Education, law, social, community and government services",
    "5 Art, culture, recreation and sport",
    "6 Sales and service",
    "7 Trades, transport and equipment operators",
    "8 Natural resources and agriculture",
    "9 Manufacturing and utilities",
];

macro_rules! dimensions {
    ($($(#[doc = $meaning:literal])+ $name:ident = $text:literal),+ $(,)?) => {
        /// What candidates are grouped by.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Dimension { $($(#[doc = $meaning])+ $name),+ }

        impl Dimension {
            /// Every dimension, in the order of files.
            pub const ALL: &'static [Dimension] = &[$(Dimension::$name),+];

            /// The name that files show.
            pub const fn name(self) -> &'static str {
                match self { $(Dimension::$name => $text),+ }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Dimension::$name => concat!($($meaning),+).trim_ascii()),+ }
            }
        }
    };
}

dimensions! {
    /// CRS score in the bands that published pools are printed in.
    ScoreBand = "score_band",
    /// Age in the bands of the published year-end reports.
    AgeBand = "age_band",
    /// Highest level of education.
    Education = "education",
    /// Study in Canada.
    CanadianEducation = "canadian_education",
    /// First official language: the one named, else the one with the higher lowest ability (English when equal).
    FirstLanguage = "first_language",
    /// Lowest CLB level of the four abilities in English; 0 means no test.
    EnglishLevel = "english_level",
    /// Lowest NCLC level of the four abilities in French; 0 means no test.
    FrenchLevel = "french_level",
    /// NOC 2021 unit group of the primary occupation, five digits.
    Noc = "noc",
    /// NOC 2021 broad category of the primary occupation.
    OccupationGroup = "occupation_group",
    /// TEER of the primary occupation.
    Teer = "teer",
    /// Country of citizenship, ISO 3166-1 alpha-3.
    Citizenship = "citizenship",
    /// Gender.
    Gender = "gender",
    /// Programs that the candidate is eligible for; a candidate of two counts in both.
    Program = "program",
    /// Categories of the scenario that the candidate belongs to; a candidate of two counts in both.
    Category = "category",
    /// Whole years of skilled work in Canada.
    CanadianWorkYears = "canadian_work_years",
    /// Whole years of skilled work abroad.
    ForeignWorkYears = "foreign_work_years",
    /// Whether a province or territory nominated the candidate.
    Nomination = "provincial_nomination",
    /// Whether a spouse or partner comes along.
    Spouse = "accompanying_spouse",
    /// Where the primary occupation is practised.
    WorkPlace = "work_place",
}

/// Whom exact scores are counted of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreGroup {
    /// Every candidate.
    Everybody,
    /// Those eligible for the program of that place in [`crate::rules::Program::ALL`].
    Program(usize),
    /// Members of the category with that place in the rules.
    Category(usize),
}

/// Exact scores: 0 to the highest.
const SCORES: usize = crate::units::Score::MAX.0 as usize + 1;
/// Programs, which come before the categories in the groups that scores are counted of.
const PROGRAMS: usize = 4;
const SCORE_GROUPS: usize = 1 + PROGRAMS + Eligibility::MAX_CATEGORIES;

impl ScoreGroup {
    /// Its place among the groups that scores are counted of.
    const fn place(self) -> usize {
        match self {
            ScoreGroup::Everybody => 0,
            ScoreGroup::Program(place) => 1 + place,
            ScoreGroup::Category(place) => 1 + PROGRAMS + place,
        }
    }
}

/// Values of the dimensions that only have `false` and `true`.
const NO_YES: [&str; 2] = ["false", "true"];
const WORK_PLACES: [&str; 2] = ["abroad", "canada"];
const LEVELS: usize = 13;
const YEARS: usize = 11;
const TEERS: usize = 6;

impl Dimension {
    /// Number of values, the unknown one (the last) included where there can be one.
    pub fn values(self) -> usize {
        match self {
            Dimension::ScoreBand => SCORE_BANDS.len(),
            Dimension::AgeBand => AGE_BANDS.len(),
            Dimension::Education => 8,
            Dimension::CanadianEducation => 3,
            Dimension::FirstLanguage => 2,
            Dimension::EnglishLevel | Dimension::FrenchLevel => LEVELS,
            Dimension::Noc => noc::all().len() + 1,
            Dimension::OccupationGroup => OCCUPATION_GROUPS.len() + 1,
            Dimension::Teer => TEERS + 1,
            Dimension::Citizenship => countries::all().len() + 1,
            Dimension::Gender => 4,
            Dimension::Program => 4,
            Dimension::Category => Eligibility::MAX_CATEGORIES,
            Dimension::CanadianWorkYears | Dimension::ForeignWorkYears => YEARS,
            Dimension::Nomination | Dimension::Spouse | Dimension::WorkPlace => 2,
        }
    }

    /// The name of a value; none for the unknown one and for numbers that stand for nothing.
    pub fn label(self, value: usize, rules: &Rules) -> Option<String> {
        let text = |text: &str| Some(text.to_owned());
        let number = |below: usize| (value < below).then(|| value.to_string());
        match self {
            Dimension::ScoreBand => SCORE_BANDS
                .get(value)
                .map(|(low, high)| format!("{low}-{high}")),
            Dimension::AgeBand => AGE_BANDS.get(value).and_then(|(_, name)| text(name)),
            Dimension::Education => text(Education::from_bits(value as u8).name()),
            Dimension::CanadianEducation => text(CanadianEducation::from_bits(value as u8).name()),
            Dimension::FirstLanguage => text(if value == 0 { "en" } else { "fr" }),
            Dimension::EnglishLevel | Dimension::FrenchLevel => number(LEVELS),
            Dimension::Noc => noc::code(NocIndex(value as u16)).and_then(text),
            Dimension::OccupationGroup => OCCUPATION_GROUPS.get(value).and_then(|name| text(name)),
            Dimension::Teer => number(TEERS),
            Dimension::Citizenship => {
                countries::code(crate::rules::candidate::CountryIndex(value as u8)).and_then(text)
            }
            Dimension::Gender => Some(Gender::from_bits(value as u8))
                .filter(|&gender| gender != Gender::Unstated)
                .and_then(|gender| text(gender.name())),
            Dimension::Program => crate::rules::Program::ALL
                .get(value)
                .and_then(|program| text(program.name())),
            Dimension::Category => rules.categories.get(value).map(|key| key.name.clone()),
            Dimension::CanadianWorkYears | Dimension::ForeignWorkYears => number(YEARS),
            Dimension::Nomination | Dimension::Spouse => {
                NO_YES.get(value).and_then(|name| text(name))
            }
            Dimension::WorkPlace => WORK_PLACES.get(value).and_then(|name| text(name)),
        }
    }
}

/// What the counting looks up once: band of each score and age, group and TEER of each occupation.
#[derive(Debug, Clone)]
struct Lookups {
    score_band: Vec<u8>,
    group: Vec<u8>,
    teer: Vec<u8>,
    first: Vec<usize>,
    scores: usize,
    size: usize,
}

impl Lookups {
    fn new() -> Self {
        let band = |score: u16| {
            SCORE_BANDS
                .iter()
                .position(|&(low, _)| score >= low)
                .unwrap_or(0) as u8
        };
        let digit = |index: NocIndex| {
            noc::code(index)
                .and_then(|code| code.bytes().next())
                .map(|byte| byte - b'0')
        };
        let mut first = Vec::with_capacity(Dimension::ALL.len());
        let mut size = 0;
        for dimension in Dimension::ALL {
            first.push(size);
            size += dimension.values();
        }
        Lookups {
            score_band: (0..=crate::units::Score::MAX.0).map(band).collect(),
            group: noc::all()
                .map(|index| digit(index).unwrap_or(OCCUPATION_GROUPS.len() as u8))
                .collect(),
            teer: noc::all()
                .map(|index| noc::teer(index).unwrap_or(TEERS as u8))
                .collect(),
            first,
            scores: size,
            size: size + SCORE_GROUPS * SCORES,
        }
    }

    /// Adds one to every group of a candidate.
    #[inline]
    fn count(&self, packed: &Packed, counts: &mut [u64]) {
        let c = packed.candidate();
        let occupation = usize::from(packed.noc).min(self.group.len());
        let group = self
            .group
            .get(occupation)
            .copied()
            .unwrap_or(OCCUPATION_GROUPS.len() as u8);
        let teer = self.teer.get(occupation).copied().unwrap_or(TEERS as u8);
        let countries = Dimension::Citizenship.values() - 1;
        let french_first = match c.first_language {
            FirstLanguage::English => false,
            FirstLanguage::French => true,
            FirstLanguage::Best => c.french.lowest() > c.english.lowest(),
        };
        let age = AGE_BANDS
            .iter()
            .rposition(|&(first, _)| c.age >= first)
            .unwrap_or(0);
        let level = |lowest: u8| usize::from(lowest).min(LEVELS - 1);
        let years = |years: u8| usize::from(years).min(YEARS - 1);
        let mut add = |dimension: Dimension, value: usize| {
            counts[self.first[dimension as usize] + value] += 1
        };
        add(
            Dimension::ScoreBand,
            usize::from(self.score_band[usize::from(packed.score.min(1200))]),
        );
        add(Dimension::AgeBand, age);
        add(Dimension::Education, c.education as usize);
        add(Dimension::CanadianEducation, c.canadian_education as usize);
        add(Dimension::FirstLanguage, usize::from(french_first));
        add(Dimension::EnglishLevel, level(c.english.lowest()));
        add(Dimension::FrenchLevel, level(c.french.lowest()));
        add(Dimension::Noc, occupation);
        add(Dimension::OccupationGroup, usize::from(group));
        add(Dimension::Teer, usize::from(teer));
        add(
            Dimension::Citizenship,
            usize::from(packed.citizenship).min(countries),
        );
        add(Dimension::Gender, c.gender as usize);
        add(Dimension::CanadianWorkYears, years(c.canadian_work_years));
        add(Dimension::ForeignWorkYears, years(c.foreign_work_years));
        add(Dimension::Nomination, usize::from(c.provincial_nomination));
        add(Dimension::Spouse, usize::from(c.accompanying_spouse));
        add(Dimension::WorkPlace, usize::from(c.noc_in_canada));
        let mut programs = packed.eligibility & 15;
        while programs != 0 {
            add(Dimension::Program, programs.trailing_zeros() as usize);
            programs &= programs - 1;
        }
        let mut categories = packed.eligibility >> 4;
        while categories != 0 {
            add(Dimension::Category, categories.trailing_zeros() as usize);
            categories &= categories - 1;
        }
        let score = self.scores + usize::from(packed.score).min(SCORES - 1);
        counts[score] += 1;
        let mut memberships = packed.eligibility;
        while memberships != 0 {
            counts[score + (1 + memberships.trailing_zeros() as usize) * SCORES] += 1;
            memberships &= memberships - 1;
        }
    }
}

/// How many candidates there are, in all and by value of each dimension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    total: u64,
    cells: Vec<u64>,
}

impl Counts {
    /// Candidates in all.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Candidates by value of every dimension, one dimension after the other, and by exact score of
    /// every group that scores are counted of.
    pub fn cells(&self) -> &[u64] {
        &self.cells
    }

    /// Counts with those [`Counts::cells`]; none when they are not as many as those.
    pub fn of_cells(total: u64, cells: Vec<u64>) -> Option<Self> {
        (cells.len() == Counts::cell_count()).then_some(Counts { total, cells })
    }

    /// How many cells there are.
    pub fn cell_count() -> usize {
        let values = Dimension::ALL.iter().map(|dimension| dimension.values());
        values.sum::<usize>() + SCORE_GROUPS * SCORES
    }

    /// Candidates by value of a dimension, in order of value.
    pub fn of(&self, dimension: Dimension) -> &[u64] {
        let first: usize = Dimension::ALL[..dimension as usize]
            .iter()
            .map(|before| before.values())
            .sum();
        &self.cells[first..first + dimension.values()]
    }

    /// Candidates of a group by exact score, from 0.
    pub fn scores(&self, group: ScoreGroup) -> &[u64] {
        let first = self.cells.len() - (SCORE_GROUPS - group.place()) * SCORES;
        &self.cells[first..first + SCORES]
    }

    /// Counts others, who are not among these, too.
    pub fn add(&mut self, others: &Counts) {
        self.total += others.total;
        for (sum, count) in self.cells.iter_mut().zip(&others.cells) {
            *sum += count;
        }
    }

    /// These less others who are among them.
    #[must_use]
    pub fn less(&self, others: &Counts) -> Counts {
        Counts {
            total: self.total - others.total,
            cells: self
                .cells
                .iter()
                .zip(&others.cells)
                .map(|(all, some)| all - some)
                .collect(),
        }
    }
}

/// Counts the candidates of a pool whom `counted` picks, in parallel.
pub fn count(pool: &Pool, counted: impl Fn(usize) -> bool + Sync) -> Counts {
    let [counts, _] = count_some(pool.len(), |row| {
        counted(row).then(|| (pool.row(row), false))
    });
    counts
}

/// Counts the candidates that `of` finds in some of the rows, and of these the ones that it marks, in
/// parallel.
pub fn count_some(rows: usize, of: impl Fn(usize) -> Option<(Packed, bool)> + Sync) -> [Counts; 2] {
    let lookups = Lookups::new();
    let nobody = || {
        [(); 2].map(|()| Counts {
            total: 0,
            cells: vec![0; lookups.size],
        })
    };
    (0..rows.div_ceil(ROWS_PER_TASK))
        .into_par_iter()
        .fold(nobody, |mut counts, task| {
            for row in task * ROWS_PER_TASK..((task + 1) * ROWS_PER_TASK).min(rows) {
                if let Some((packed, marked)) = of(row) {
                    for counts in &mut counts[..1 + usize::from(marked)] {
                        counts.total += 1;
                        lookups.count(&packed, &mut counts.cells);
                    }
                }
            }
            counts
        })
        .reduce(nobody, |mut sums, others| {
            for (sum, other) in sums.iter_mut().zip(&others) {
                sum.add(other);
            }
            sums
        })
}

/// Counts some candidates.
pub fn count_rows(rows: &[Packed]) -> Counts {
    let mut counter = Counter::default();
    rows.iter().for_each(|packed| counter.add(packed));
    counter.finish()
}

/// Counts candidates one by one.
#[derive(Debug, Clone)]
pub struct Counter {
    lookups: Lookups,
    total: u64,
    cells: Vec<u64>,
}

impl Default for Counter {
    fn default() -> Self {
        let lookups = Lookups::new();
        let cells = vec![0; lookups.size];
        Counter {
            lookups,
            total: 0,
            cells,
        }
    }
}

impl Counter {
    /// Counts a candidate.
    pub fn add(&mut self, packed: &Packed) {
        self.total += 1;
        self.lookups.count(packed, &mut self.cells);
    }

    /// What was counted.
    pub fn finish(self) -> Counts {
        Counts {
            total: self.total,
            cells: self.cells,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::columns::Ids;

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
        for place in 0..PROGRAMS {
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
