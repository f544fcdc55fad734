//! Who reaches the pass mark of the FSW selection grid, by the columns alone: a sum of what parts of
//! them bring, looked up. For callers who ask it of many; the grid itself is `programs`'.

use super::candidate::{Abilities, FirstLanguage};
use super::levels;
use super::packed::Packed;
use super::programs::Selection;

/// Less than any points make up for.
const NEVER: i32 = -(1 << 20);

/// What a part of the traits brings: points, and those of adaptability, which have a maximum of their own.
type Brings = [i32; 2];

/// Points of the grid by parts of the columns, for those who do not name French as their first language.
#[derive(Debug, Clone)]
pub(super) struct Passing {
    /// By two abilities at once in the first language.
    language: [i32; 256],
    second_language: i32,
    age: [i32; 256],
    /// The same a year later, unless that is more.
    older: [i32; 256],
    /// By the parts of [`Packed::parts_of_traits`].
    person: [Brings; 256],
    work: [Brings; 256],
    besides: [Brings; 512],
    /// By years of work, those in the occupation among them.
    experience: [i32; 32],
    /// Points that the spouse's language brings, where two of its abilities do for them.
    spouse_language: [i32; 256],
    adaptability_max: i32,
    pass_mark: i32,
    /// The same where more work and better results never take points away, and else out of reach.
    lasting_mark: i32,
}

impl Passing {
    /// Compiles the sums; `lasts` says whether more work and better results never take points away.
    pub fn new(grid: &Selection, lasts: bool) -> Self {
        let points = |points: u16| i32::from(points);
        let of_age = |age: usize| points(grid.age[age.min(63)]);
        let level = |level: usize| match u16::try_from(level) {
            Ok(asked) if asked >= grid.language_minimum => points(grid.language[level]),
            _ => NEVER,
        };
        let brings = |at: usize, part: usize| {
            let mut parts = [0; 3];
            parts[at] = part;
            let c = Packed {
                traits: Packed::of_parts(parts),
                ..Packed::default()
            };
            let c = c.candidate();
            let named_french = c.first_language == FirstLanguage::French;
            let brought = match at {
                0 => points(grid.education[c.education as usize]),
                1 => {
                    let years = c.canadian_work_years + c.foreign_work_years;
                    points(grid.experience[usize::from(years)])
                }
                _ => points(grid.of_offer(&c)),
            };
            let out_of_question = if named_french { NEVER } else { 0 };
            [brought + out_of_question, points(grid.adaptable(&c, 0))]
        };
        Passing {
            language: std::array::from_fn(|pair| level(pair & 15) + level(pair >> 4)),
            second_language: points(grid.second_language),
            age: std::array::from_fn(of_age),
            older: std::array::from_fn(|age| match of_age(age + 1) {
                more if more > of_age(age) => NEVER,
                points => points,
            }),
            person: std::array::from_fn(|part| brings(0, part)),
            work: std::array::from_fn(|part| brings(1, part)),
            besides: std::array::from_fn(|part| brings(2, part)),
            experience: grid.experience.map(points),
            spouse_language: std::array::from_fn(|pair| {
                let lowest = (pair & 15).min(pair >> 4);
                let enough = lowest >= usize::from(levels::SPOUSE);
                i32::from(enough) * points(grid.spouse_language)
            }),
            adaptability_max: points(grid.adaptability_max),
            pass_mark: points(grid.pass_mark),
            lasting_mark: if lasts {
                points(grid.pass_mark)
            } else {
                i32::MAX
            },
        }
    }

    /// Whether somebody who turns a year older, which adds no points, surely reaches the pass mark, whatever
    /// betters it besides: points for French and for months in the occupation are left out, and so is whoever
    /// names French as the first language.
    #[inline(always)]
    pub fn surely(&self, c: &Packed) -> bool {
        let points = self.in_language(c.english) + self.older[usize::from(c.age)] + self.brought(c);
        points >= self.lasting_mark
    }

    /// Whether somebody reaches the pass mark, of whose occupation it is known whether one is `stated`.
    /// Nothing where French is named as the first language, or alone.
    #[inline]
    pub fn reached(&self, c: &Packed, stated: bool) -> Option<bool> {
        let first = Packed::first_language(c.traits);
        if first == FirstLanguage::French || c.english == 0 {
            return None;
        }
        let mut languages = self.in_order(c.english, c.french);
        if first == FirstLanguage::Best && c.french != 0 {
            languages = languages.max(self.in_order(c.french, c.english));
        }
        // Months in the occupation are experience where they are more than the years.
        let years = Packed::work_years(c.traits);
        let in_occupation = usize::from(stated) * usize::from(c.noc_months / 12);
        let of_months =
            self.experience[in_occupation.max(years) % 32] - self.experience[years % 32];
        let points = languages + self.age[usize::from(c.age)] + self.brought(c) + of_months;
        Some(points >= self.pass_mark)
    }

    /// Points for abilities in the first language.
    #[inline(always)]
    fn in_language(&self, levels: u16) -> i32 {
        let [one, other] = levels.to_le_bytes().map(usize::from);
        self.language[one] + self.language[other]
    }

    /// Points for a first language and a second one.
    #[inline]
    fn in_order(&self, first: u16, second: u16) -> i32 {
        let knows_both = Abilities::lowest_of(second) >= levels::SECOND;
        self.in_language(first) + i32::from(knows_both) * self.second_language
    }

    /// Points for neither languages nor age, by years of work alone.
    #[inline(always)]
    fn brought(&self, c: &Packed) -> i32 {
        let [person, work, besides] = Packed::parts_of_traits(c.traits);
        let parts = [
            self.person[person % 256],
            self.work[work % 256],
            self.besides[besides % 512],
        ];
        let of_parts = |at: usize| parts[0][at] + parts[1][at] + parts[2][at];
        let [first, second] = c.spouse_language.to_le_bytes().map(usize::from);
        let spouse = self.spouse_language[first].min(self.spouse_language[second]);
        let adaptable = of_parts(1) + i32::from(Packed::has_spouse(c.traits)) * spouse;
        of_parts(0) + adaptable.min(self.adaptability_max)
    }
}
