//! CRS points of a candidate: the grid of one date as plain arrays, and the breakdown by factor.
//! The values and their dates live in `grid`; eligibility lives in `programs`.
//!
//! Every lookup is a floor: no rounding, no interpolation, no averaging of the four abilities. A
//! candidate who names no first language gets the order of languages that gives more points,
//! English first when both give the same; a language without a test is never taken first when
//! the other has one. A candidate with French of NCLC 7 whose English is mixed around CLB 5 falls in
//! neither row of the published French bonus; the lower one is paid.

mod gains;
mod increments;
mod transfers;

pub use gains::Gains;
pub use increments::{Footing, Increments};
pub(super) use transfers::Transfers;

use super::candidate::{Abilities, Candidate, Education, FirstLanguage, Named};
use super::factors::Factors;
use super::grid::Values;
use super::levels;
use crate::units::Score;

/// CRS points by section.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Points {
    /// Section A, core human capital.
    pub core: u16,
    /// Section B, spouse.
    pub spouse: u16,
    /// Section C, skill transferability.
    pub transferability: u16,
    /// Section D, additional points.
    pub additional: u16,
}

impl Points {
    /// The CRS score.
    pub const fn total(self) -> Score {
        Score(self.core + self.spouse + self.transferability + self.additional)
    }
}

/// A section of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// Section A, core human capital.
    Core,
    /// Section B, spouse.
    Spouse,
    /// Section C, skill transferability.
    Transferability,
    /// Section D, additional points.
    Additional,
}

/// What one factor adds to a score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The factor, e.g. `age`; `maximum` takes away what a maximum does not let through.
    pub factor: String,
    /// Its section.
    pub section: Section,
    /// Points; below zero for `maximum` only.
    pub points: i32,
}

/// The grid of one date. Columns: 0 without, 1 with an accompanying spouse.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    age: [[u16; 64]; 2],
    education: [[u16; 8]; 2],
    first: [[u16; 16]; 2],
    second: [[u16; 16]; 2],
    /// Points of two abilities at once: as first language in the low half, as second in the high.
    pub(super) languages: [[u32; 256]; 2],
    pub(super) second_max: [u16; 2],
    work: [[u16; 16]; 2],
    pub(super) core_max: [u16; 2],
    spouse_education: [u16; 8],
    spouse_language: [u16; 16],
    /// Points of two abilities of the spouse at once.
    pub(super) spouse_languages: [u32; 256],
    pub(super) spouse_language_max: u16,
    spouse_work: [u16; 16],
    pub(super) spouse_max: u16,
    /// By education or years of foreign work, language class, Canadian work class.
    education_transfer: [[[u16; 4]; 4]; 8],
    foreign_transfer: [[[u16; 4]; 4]; 16],
    /// By lowest level of the first language.
    certificate: [u16; 16],
    transferability_max: u16,
    pub(super) nomination: u16,
    sibling: u16,
    /// Bonus for French without and with English of CLB 5.
    pub(super) french: [u16; 2],
    study: [u16; 4],
    offer: [u16; 4],
    pub(super) additional_max: u16,
    pub(super) factors: Factors,
    parts: Parts,
}

/// The pieces of section C before their maxima: only the breakdown looks at them.
#[derive(Debug, Clone)]
struct Parts {
    education: Matrix,
    foreign: Matrix,
}

/// One pairing of section C: a row of 0 to 2 against language and against Canadian work.
#[derive(Debug, Clone)]
struct Matrix {
    language: [[u16; 3]; 3],
    work: [[u16; 3]; 3],
    max: u16,
}

impl Matrix {
    fn new(values: &Values, name: &str, rows: [&str; 2]) -> Matrix {
        let table = |column: &str, steps: [&str; 2]| {
            let mut table = [[0; 3]; 3];
            for (row, row_name) in rows.iter().enumerate() {
                for (at, step) in steps.iter().enumerate() {
                    table[row + 1][at + 1] =
                        values.one(&format!("{name}_{row_name}_with_{column}_{step}"));
                }
            }
            table
        };
        Matrix {
            language: table("language", ["7", "9"]),
            work: table("canadian_work", ["1", "2"]),
            max: values.one(&format!("{name}_transfer_max")),
        }
    }

    fn compiled<const N: usize>(&self, row: fn(usize) -> usize) -> [[[u16; 4]; 4]; N] {
        std::array::from_fn(|level| {
            let row = row(level);
            std::array::from_fn(|l| {
                std::array::from_fn(|k| {
                    (self.language[row][l.min(2)] + self.work[row][k.min(2)]).min(self.max)
                })
            })
        })
    }
}

/// Row of section C of a level of education.
const fn education_row(education: usize) -> usize {
    match education {
        level if level >= Education::TwoOrMore as usize => 2,
        level if level >= Education::OneYear as usize => 1,
        _ => 0,
    }
}

/// Row of section C of whole years of foreign work.
const fn foreign_row(years: usize) -> usize {
    match years {
        0 => 0,
        1 | 2 => 1,
        _ => 2,
    }
}

/// Values called `prefix` and a level of education, in the order of the levels.
pub(super) fn by_education(values: &Values, prefix: &str) -> [[u16; 8]; 2] {
    let value = |i: usize| values.both(&format!("{prefix}{}", Education::NAMES[i].0));
    [
        std::array::from_fn(|i| value(i)[0]),
        std::array::from_fn(|i| value(i)[1]),
    ]
}

/// Points of two abilities at once, by their two levels of four bits.
fn pairs(first: &[u16; 16], second: &[u16; 16]) -> [u32; 256] {
    std::array::from_fn(|pair| {
        let of = |table: &[u16; 16]| u32::from(table[pair & 15]) + u32::from(table[pair >> 4]);
        of(first) | of(second) << 16
    })
}

#[inline]
fn sum(table: &[u16; 16], abilities: Abilities) -> u16 {
    abilities
        .levels()
        .iter()
        .map(|&level| table[usize::from(level & 15)])
        .sum()
}

/// A value by place; places past the end get the last.
#[inline]
fn at<const N: usize>(table: &[u16; N], place: u8) -> u16 {
    table[usize::from(place).min(N - 1)]
}

impl Grid {
    pub fn new(values: &Values, factors: Factors) -> Grid {
        let education = Matrix::new(values, "education", ["post_secondary", "two_or_more"]);
        let foreign = Matrix::new(values, "foreign_work", ["1", "3"]);
        let short = values.one("canadian_study_short");
        let long = values.one("canadian_study_long");
        let first = values.scale("first_language_", 3, 10);
        let second = values.scale("second_language_", 4, 10);
        let spouse_language = values.scale("spouse_language_", 4, 10)[0];
        let certificate: [u16; 3] = [
            0,
            values.one("certificate_with_language_5"),
            values.one("certificate_with_language_7"),
        ];
        Grid {
            age: values.scale("age_", 17, 45),
            education: by_education(values, "education_"),
            languages: [pairs(&first[0], &second[0]), pairs(&first[1], &second[1])],
            first,
            second,
            second_max: values.both("second_language_max"),
            work: values.scale("canadian_work_", 0, 5),
            core_max: values.both("core_max"),
            spouse_education: by_education(values, "spouse_education_")[0],
            spouse_languages: pairs(&spouse_language, &[0; 16]),
            spouse_language,
            spouse_language_max: values.one("spouse_language_max"),
            spouse_work: values.scale("spouse_canadian_work_", 0, 5)[0],
            spouse_max: values.one("spouse_max"),
            education_transfer: education.compiled(education_row),
            foreign_transfer: foreign.compiled(foreign_row),
            certificate: std::array::from_fn(|lowest| {
                certificate[levels::certificate_column(lowest as u8)]
            }),
            transferability_max: values.one("transferability_max"),
            nomination: values.one("nomination"),
            sibling: values.one("sibling"),
            french: [
                values.one("french_bonus_without_english"),
                values.one("french_bonus"),
            ],
            study: [0, short, long, long],
            offer: [
                0,
                values.one("job_offer_senior_manager"),
                values.one("job_offer"),
                0,
            ],
            additional_max: values.one("additional_max"),
            factors,
            parts: Parts { education, foreign },
        }
    }

    /// Section maxima with and without a spouse, added up.
    pub fn maxima(&self) -> [u32; 2] {
        let rest = u32::from(self.transferability_max) + u32::from(self.additional_max);
        [
            u32::from(self.core_max[0]) + rest,
            u32::from(self.core_max[1]) + u32::from(self.spouse_max) + rest,
        ]
    }

    /// Whether nobody's section A comes to more than its maximum.
    fn core_stays_below_its_maximum(&self, column: usize) -> bool {
        let most = |values: &[u16]| u32::from(values.iter().copied().max().unwrap_or(0));
        let second = (4 * most(&self.second[column])).min(u32::from(self.second_max[column]));
        let core = most(&self.age[column])
            + most(&self.education[column])
            + most(&self.work[column])
            + 4 * most(&self.first[column])
            + second;
        core <= u32::from(self.core_max[column])
    }

    /// What the next birthday brings, where the maximum of section A cannot bind: no other section
    /// looks at age.
    pub fn age_step(&self, age: u8, spouse: bool) -> Option<i16> {
        let column = usize::from(spouse);
        let of = |age: u8| i32::from(at(&self.age[column], age));
        let step = of(age.saturating_add(1)) - of(age);
        (self.core_stays_below_its_maximum(column))
            .then(|| i16::try_from(step).ok())
            .flatten()
    }

    #[inline]
    pub fn points(&self, c: &Candidate) -> Points {
        let column = usize::from(c.accompanying_spouse);
        let base = self.core_without_language(c);
        let english = c.english.lowest();
        let french = c.french.lowest();
        let (english_points, french_points) = (
            self.language(column, c.english),
            self.language(column, c.french),
        );
        let most = u32::from(self.second_max[column]);
        let cap = u32::from(self.core_max[column]);
        let one = |first: u32, second: u32, lowest: u8| {
            let language = (first & 0xFFFF) + (second >> 16).min(most);
            let core = (u32::from(base) + language).min(cap);
            (core as u16, self.transferability(c, lowest))
        };
        // Both orders are worked out and one is taken: cheaper than a branch that few can foresee.
        let by_english = one(english_points, french_points, english);
        let by_french = one(french_points, english_points, french);
        let french_pays_more = by_french.0 + by_french.1 > by_english.0 + by_english.1;
        let (has_english, has_french) = (c.english.pack() != 0, c.french.pack() != 0);
        let free = c.first_language == FirstLanguage::Best;
        let french_first = (c.first_language == FirstLanguage::French)
            | (free & has_french & (!has_english | french_pays_more));
        let (core, transferability) = if french_first { by_french } else { by_english };
        Points {
            core,
            spouse: u16::from(c.accompanying_spouse) * self.spouse(c),
            transferability,
            additional: self.additional(c, english, french),
        }
    }

    /// Points of section A but those for languages.
    #[inline]
    pub(super) fn core_without_language(&self, c: &Candidate) -> u16 {
        let column = usize::from(c.accompanying_spouse);
        at(&self.age[column], c.age)
            + self.education[column][c.education as usize]
            + at(&self.work[column], c.canadian_work_years)
    }

    /// Points of four abilities as first language (low half) and as second (high half).
    #[inline]
    fn language(&self, column: usize, abilities: Abilities) -> u32 {
        let packed = usize::from(abilities.pack());
        self.languages[column][packed & 255] + self.languages[column][packed >> 8]
    }

    #[inline]
    pub(super) fn spouse(&self, c: &Candidate) -> u16 {
        let packed = usize::from(c.spouse_language.pack());
        let language = self.spouse_languages[packed & 255] + self.spouse_languages[packed >> 8];
        (self.spouse_without_language(c) + (language as u16).min(self.spouse_language_max))
            .min(self.spouse_max)
    }

    /// Points of section B but those for the spouse's language.
    #[inline]
    pub(super) fn spouse_without_language(&self, c: &Candidate) -> u16 {
        self.spouse_education[c.spouse_education as usize]
            + at(&self.spouse_work, c.spouse_canadian_work_years)
    }

    #[inline]
    pub(super) fn transferability(&self, c: &Candidate, lowest: u8) -> u16 {
        let language = levels::transfer_column(lowest);
        let work = usize::from(c.canadian_work_years.min(2));
        let certificate = u16::from(c.trade_certificate) * at(&self.certificate, lowest);
        (self.education_transfer[c.education as usize][language][work]
            + self.foreign_transfer[usize::from(c.foreign_work_years.min(15))][language][work]
            + certificate)
            .min(self.transferability_max)
    }

    #[inline]
    fn additional(&self, c: &Candidate, english: u8, french: u8) -> u16 {
        let fixed = u16::from(c.provincial_nomination) * self.nomination
            + u16::from(levels::pays_french(french)) * self.french[levels::french_bonus(english)]
            + self.additional_of_person(c);
        self.factors.add(fixed, c).min(self.additional_max)
    }

    /// Points of section D but those for nomination, French and occupation.
    #[inline]
    pub(super) fn additional_of_person(&self, c: &Candidate) -> u16 {
        u16::from(c.sibling_in_canada) * self.sibling
            + self.study[c.canadian_education as usize]
            + self.offer[c.job_offer as usize]
    }

    /// Points by factor; they add up to [`Grid::points`].
    pub fn breakdown(&self, c: &Candidate) -> Vec<Contribution> {
        let column = usize::from(c.accompanying_spouse);
        let mut lines = Lines(Vec::new());
        let (english, french) = (c.english.lowest(), c.french.lowest());
        let french_first = self.first_of(c) == FirstLanguage::French;
        let (first, second) = if french_first {
            (c.french, c.english)
        } else {
            (c.english, c.french)
        };
        let points = self.points(c);

        let core = Section::Core;
        lines.add("age", core, at(&self.age[column], c.age));
        lines.add(
            "education",
            core,
            self.education[column][c.education as usize],
        );
        lines.add("first_language", core, sum(&self.first[column], first));
        let second = sum(&self.second[column], second).min(self.second_max[column]);
        lines.add("second_language", core, second);
        let years = c.canadian_work_years;
        lines.add("canadian_work", core, at(&self.work[column], years));
        lines.limit(core, points.core);

        let spouse = Section::Spouse;
        if c.accompanying_spouse {
            let education = self.spouse_education[c.spouse_education as usize];
            lines.add("spouse_education", spouse, education);
            let language = sum(&self.spouse_language, c.spouse_language);
            let language = language.min(self.spouse_language_max);
            lines.add("spouse_language", spouse, language);
            let work = at(&self.spouse_work, c.spouse_canadian_work_years);
            lines.add("spouse_canadian_work", spouse, work);
        }
        lines.limit(spouse, points.spouse);

        let transfer = Section::Transferability;
        let lowest = first.lowest();
        let (language, work) = (levels::transfer_column(lowest), usize::from(years.min(2)));
        let pairs = [
            (
                ["education_with_language", "education_with_canadian_work"],
                &self.parts.education,
                education_row(c.education as usize),
            ),
            (
                [
                    "foreign_work_with_language",
                    "foreign_work_with_canadian_work",
                ],
                &self.parts.foreign,
                foreign_row(usize::from(c.foreign_work_years)),
            ),
        ];
        for (names, matrix, row) in pairs {
            lines.add(names[0], transfer, matrix.language[row][language]);
            lines.add(names[1], transfer, matrix.work[row][work]);
        }
        if c.trade_certificate {
            let certificate = at(&self.certificate, lowest);
            lines.add("certificate_with_language", transfer, certificate);
        }
        lines.limit(transfer, points.transferability);

        let additional = Section::Additional;
        let paid = |holds: bool, points: u16| if holds { points } else { 0 };
        let nomination = paid(c.provincial_nomination, self.nomination);
        lines.add("nomination", additional, nomination);
        lines.add(
            "sibling",
            additional,
            paid(c.sibling_in_canada, self.sibling),
        );
        let bonus = paid(
            levels::pays_french(french),
            self.french[levels::french_bonus(english)],
        );
        lines.add("french", additional, bonus);
        let study = self.study[c.canadian_education as usize];
        lines.add("canadian_study", additional, study);
        let offer = self.offer[c.job_offer as usize];
        lines.add("job_offer", additional, offer);
        for (name, points) in self.factors.each(c) {
            lines.add(name, additional, points);
        }
        lines.limit(additional, points.additional);
        lines.0
    }

    /// The language that counts as first: the one named, or the one that gives more points.
    pub fn first_of(&self, c: &Candidate) -> FirstLanguage {
        match first_language(c) {
            FirstLanguage::Best => {
                let named = |first_language| {
                    let named = Candidate {
                        first_language,
                        ..*c
                    };
                    self.points(&named).total()
                };
                if named(FirstLanguage::French) > named(FirstLanguage::English) {
                    FirstLanguage::French
                } else {
                    FirstLanguage::English
                }
            }
            known => known,
        }
    }
}

/// The language named as first, or the only one with a test; `Best` when the points decide.
#[inline]
pub(super) fn first_language(c: &Candidate) -> FirstLanguage {
    match c.first_language {
        FirstLanguage::Best if c.french.pack() == 0 => FirstLanguage::English,
        FirstLanguage::Best if c.english.pack() == 0 => FirstLanguage::French,
        named => named,
    }
}

struct Lines(Vec<Contribution>);

impl Lines {
    /// A factor that pays, if it pays.
    fn add(&mut self, factor: &str, section: Section, points: u16) {
        if points > 0 {
            self.0.push(Contribution {
                factor: factor.to_owned(),
                section,
                points: i32::from(points),
            });
        }
    }

    /// Takes away what the section's maxima do not let through.
    fn limit(&mut self, section: Section, paid: u16) {
        let of_section = self.0.iter().filter(|line| line.section == section);
        let over = i32::from(paid) - of_section.map(|line| line.points).sum::<i32>();
        if over != 0 {
            self.0.push(Contribution {
                factor: "maximum".to_owned(),
                section,
                points: over,
            });
        }
    }
}
