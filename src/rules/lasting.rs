//! Changes in a candidate's life that surely leave its eligibility as it is, told from a few
//! tables, so that few are judged again. Where these checks cannot tell, [`Rules::eligibility`] does;
//! tests hold the two against each other.

use super::book::Rules;
use super::candidate::{Abilities, Candidate, MAX_WORK_YEARS, NocIndex};
use super::noc;
use super::packed::{Eligibility, Packed};
use super::programs::TRADE;
use super::selection::Passing;

/// The checks by the rules of one date.
#[derive(Debug, Clone)]
pub struct Lasting {
    passing: Box<Passing>,
    /// Lowest level that FSW asks for.
    fsw_level: u16,
    /// Whether higher levels never earn fewer points of the FSW grid.
    levels_help: bool,
    /// Whether a year more of work in Canada never takes an eligibility away.
    work_helps: bool,
    cec_years: u16,
    occupation: Box<[u8; noc::COUNT + 1]>,
    /// Categories by lowest level in English.
    members: [u32; 16],
}

impl Lasting {
    /// Compiles the checks.
    pub fn new(rules: &Rules) -> Self {
        let (programs, members) = (&rules.tables.programs, &rules.tables.members);
        let fsw = &programs.fsw;
        let (levels_help, work_helps) = (fsw.language.is_sorted(), work_only_helps(rules));
        Lasting {
            passing: Box::new(Passing::new(fsw, levels_help && work_helps)),
            fsw_level: fsw.language_minimum,
            levels_help,
            work_helps,
            cec_years: programs.cec_years,
            occupation: Box::new(programs.occupation),
            members: members.english,
        }
    }

    /// Whether a year more of work in Canada surely leaves somebody as eligible as before, whose
    /// better language has this lowest level by then: CEC is all that it could bring besides FSW.
    #[inline]
    pub fn work_adds_nothing(&self, mask: u32, level: impl FnOnce() -> u8) -> bool {
        let has = |program: u32| mask & program != 0;
        self.work_helps
            && has(Eligibility::CEC)
            && (has(Eligibility::FSW) || u16::from(level()) < self.fsw_level)
    }

    /// Whether somebody eligible for FSW surely stays so at another age, whatever work in Canada and
    /// better English come besides; months in the occupation are left out.
    #[inline(always)]
    pub fn keeps_fsw(&self, c: &Packed, age: u8) -> bool {
        self.passing.surely(c, age)
    }

    /// Whether a level more of each ability in English surely adds nothing to what a candidate
    /// without French is eligible for; `years` of work in Canada.
    #[inline(always)]
    pub fn english_adds_nothing(&self, c: &Packed, years: u8, mask: u32) -> bool {
        let has = |program: u32| mask & program != 0;
        let lowest = usize::from(Abilities::lowest_of(c.english).min(14));
        let in_a_trade = self.occupation[noc::slot(NocIndex(c.noc))] & TRADE != 0;
        self.levels_help
            & has(Eligibility::FSW)
            & (has(Eligibility::CEC) | (u16::from(years) < self.cec_years))
            & (has(Eligibility::FST) | !in_a_trade)
            & (self.members[lowest] == self.members[lowest + 1])
            & (c.french == 0)
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
