//! Changes in a candidate's life that surely leave its eligibility as it is, told from a few
//! tables, so that few are judged again. Where these checks cannot tell, [`Rules::eligibility`] does;
//! tests hold the two against each other.

use super::book::Rules;
use super::candidate::{Abilities, Candidate, FirstLanguage, MAX_WORK_YEARS};
use super::noc;
use super::programs::TRADE;
use crate::pool::Eligibility;

/// Less than any sum of points.
const NEVER: i16 = -1_000;

/// The checks by the rules of one date.
#[derive(Debug, Clone)]
pub struct Lasting {
    pass_mark: i16,
    /// Points of the FSW grid for two abilities in English; [`NEVER`] below its minimum.
    english: Box<[i16; 256]>,
    education: [i16; 8],
    /// Points that years of work, in Canada and abroad, bring at least.
    work: Box<[i16; 256]>,
    age: [i16; 64],
    /// Whether higher levels never earn fewer points of the FSW grid.
    levels_help: bool,
    /// Eligibility to which a year more of work in Canada adds nothing; 0 where it always may.
    work_adds_nothing_to: u32,
    cec_years: u16,
    occupation: Box<[u8; noc::COUNT + 1]>,
    /// Categories by lowest level in English.
    members: [u32; 16],
}

fn points(value: u16) -> i16 {
    i16::try_from(value).unwrap_or(0)
}

impl Lasting {
    /// Compiles the checks.
    pub fn new(rules: &Rules) -> Self {
        let (programs, members) = (&rules.tables.programs, &rules.tables.members);
        let fsw = &programs.fsw;
        let english = |pair: usize| {
            let levels = [pair & 15, pair >> 4];
            if levels
                .iter()
                .any(|&level| (level as u16) < fsw.language_minimum)
            {
                NEVER
            } else {
                levels
                    .iter()
                    .map(|&level| points(fsw.language[level]))
                    .sum()
            }
        };
        let work = |years: usize| {
            let [in_canada, abroad] = [years & 15, years >> 4];
            points(fsw.of_work_at_least(in_canada as u8, abroad as u8))
        };
        Lasting {
            pass_mark: i16::try_from(fsw.pass_mark).unwrap_or(i16::MAX),
            english: Box::new(std::array::from_fn(english)),
            education: fsw.education.map(points),
            work: Box::new(std::array::from_fn(work)),
            age: fsw.age.map(points),
            levels_help: fsw.language.is_sorted(),
            work_adds_nothing_to: if work_only_helps(rules) {
                Eligibility::FSW | Eligibility::CEC
            } else {
                0
            },
            cec_years: programs.cec_years,
            occupation: Box::new(programs.occupation),
            members: members.english,
        }
    }

    /// Whether a year more of work in Canada surely leaves somebody as eligible as before.
    #[inline]
    pub fn work_adds_nothing(&self, mask: u32) -> bool {
        let settled = self.work_adds_nothing_to;
        settled != 0 && mask & settled == settled
    }

    /// Whether somebody eligible for FSW surely stays so at another age.
    #[inline(always)]
    pub fn keeps_fsw(&self, c: &Candidate, age: u8) -> bool {
        let english = usize::from(c.english.pack());
        let years = usize::from(c.canadian_work_years & 15 | (c.foreign_work_years & 15) << 4);
        let points = self.english[english & 255]
            + self.english[english >> 8]
            + self.education[c.education as usize]
            + self.work[years]
            + self.age[usize::from(age.min(63))];
        c.first_language != FirstLanguage::French && points >= self.pass_mark
    }

    /// Whether a level more of each ability in English surely adds nothing to what a candidate
    /// without French is eligible for; `years` of work in Canada.
    #[inline(always)]
    pub fn english_adds_nothing(&self, c: &Candidate, years: u8, mask: u32) -> bool {
        let has = |program: u32| mask & program != 0;
        let lowest = usize::from(c.english.lowest().min(14));
        let in_a_trade = self.occupation[noc::slot(c.noc)] & TRADE != 0;
        self.levels_help
            & has(Eligibility::FSW)
            & (has(Eligibility::CEC) | (u16::from(years) < self.cec_years))
            & (has(Eligibility::FST) | !in_a_trade)
            & (self.members[lowest] == self.members[lowest + 1])
            & (c.french == Abilities::default())
    }
}

/// Whether a year more of work in Canada never takes an eligibility away: programs ask for a least
/// number of years, and FSW's selection grid for points, of which more work brings no fewer.
fn work_only_helps(rules: &Rules) -> bool {
    let points = |years: u8| {
        rules.fsw_points(&Candidate {
            canadian_work_years: years,
            ..Candidate::blank()
        })
    };
    (0..MAX_WORK_YEARS).all(|years| points(years) <= points(years + 1))
}
