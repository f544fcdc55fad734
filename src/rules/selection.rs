//! Who surely reaches the pass mark of the FSW selection grid, by the columns alone: a sum of what parts of
//! them bring, looked up. For callers who ask it of many; the grid itself is `programs`'.

use super::candidate::FirstLanguage;
use super::levels;
use super::packed::Packed;
use super::programs::Selection;

/// Less than any points make up for.
const NEVER: i32 = -(1 << 20);

/// What a part of the traits brings: points, and those of adaptability, which have a maximum of their own.
type Brings = [i32; 2];

/// Points of the grid by parts of the columns, for those with English as their first language.
#[derive(Debug, Clone)]
pub(super) struct Passing {
    /// By two abilities at once.
    english: [i32; 256],
    age: [i32; 256],
    /// By the parts of [`Packed::parts_of_traits`].
    person: [Brings; 256],
    work: [Brings; 256],
    besides: [Brings; 512],
    /// Points that the spouse's language brings, where two of its abilities do for them.
    spouse_language: [i32; 256],
    adaptability_max: i32,
    pass_mark: i32,
}

impl Passing {
    /// Compiles the sums; nobody is sure to pass where nobody `can`.
    pub fn new(grid: &Selection, can: bool) -> Self {
        let points = |points: u16| i32::from(points);
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
            english: std::array::from_fn(|pair| level(pair & 15) + level(pair >> 4)),
            age: std::array::from_fn(|age| match can {
                true => points(grid.age[age.min(63)]),
                false => NEVER,
            }),
            person: std::array::from_fn(|part| brings(0, part)),
            work: std::array::from_fn(|part| brings(1, part)),
            besides: std::array::from_fn(|part| brings(2, part)),
            spouse_language: std::array::from_fn(|pair| {
                let lowest = (pair & 15).min(pair >> 4);
                let enough = lowest >= usize::from(levels::SPOUSE);
                i32::from(enough) * points(grid.spouse_language)
            }),
            adaptability_max: points(grid.adaptability_max),
            pass_mark: points(grid.pass_mark),
        }
    }

    /// Whether somebody surely reaches the pass mark at an age: points for French and for months in the
    /// occupation are left out, and so is whoever names French as the first language.
    #[inline(always)]
    pub fn surely(&self, c: &Packed, age: u8) -> bool {
        let [one, other] = c.english.to_le_bytes().map(usize::from);
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
        let points = self.english[one]
            + self.english[other]
            + self.age[usize::from(age)]
            + of_parts(0)
            + adaptable.min(self.adaptability_max);
        points >= self.pass_mark
    }
}
