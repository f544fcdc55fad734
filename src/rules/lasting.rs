//! Changes in a candidate's life that surely leave its eligibility as it is, or FSW apart, told from a
//! few tables, so that few are judged again as a whole. Where these checks cannot tell,
//! [`Rules::eligibility`] does; tests hold the two against each other.

use super::book::Rules;
use super::candidate::{Abilities, Candidate, Education, MAX_WORK_YEARS, NocIndex};
use super::noc;
use super::packed::{Eligibility, Packed};
use super::programs::{SKILLED, STATED, TRADE, fsw_work};
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
    /// Categories by lowest level in English, and in French.
    members: [[u32; 16]; 2],
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
            members: [members.english, members.french],
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

    /// Whether a birthday that matters to FSW surely leaves it to somebody, and so changes nothing, whatever
    /// work in Canada and better English come besides; months in the occupation are left out.
    #[inline(always)]
    pub fn keeps_fsw(&self, c: &Packed) -> bool {
        self.passing.surely(c)
    }

    /// Whether a level more of each ability in English surely adds nothing to what a candidate
    /// without French is eligible for; `years` of work in Canada.
    #[inline(always)]
    pub fn english_adds_nothing(&self, c: &Packed, years: u8, mask: u32) -> bool {
        self.levels_help
            & (mask & Eligibility::FSW != 0)
            & self.language_changes_fsw_alone(c, false, years, mask)
            & (c.french == 0)
    }

    /// Whether a level more of each ability in a language, in French or else English, surely changes
    /// nothing but FSW of what a candidate is eligible for; `years` of work in Canada.
    #[inline(always)]
    pub fn language_changes_fsw_alone(
        &self,
        c: &Packed,
        in_french: bool,
        years: u8,
        mask: u32,
    ) -> bool {
        let has = |program: u32| mask & program != 0;
        let (levels, members) = if in_french {
            (c.french, &self.members[1])
        } else {
            (c.english, &self.members[0])
        };
        let lowest = usize::from(Abilities::lowest_of(levels).min(14));
        let in_a_trade =
            (self.occupation(c) & TRADE != 0) & Packed::has_certificate_or_offer(c.traits);
        (has(Eligibility::CEC) | (u16::from(years) < self.cec_years))
            & (has(Eligibility::FST) | !in_a_trade)
            & (members[lowest] == members[lowest + 1])
    }

    /// Whether a year more of work in Canada, of so many then, surely changes nothing but FSW of what a
    /// candidate is eligible for.
    #[inline]
    pub fn work_changes_fsw_alone(&self, years: u8, mask: u32) -> bool {
        mask & Eligibility::CEC != 0 || u16::from(years) < self.cec_years
    }

    /// What a candidate is eligible for of whose eligibility `before` nothing but FSW may have changed.
    /// Nothing where it was eligible for no program, so that its categories are not known, or where the
    /// sum of the selection grid is not.
    #[inline]
    pub fn with_fsw_anew(&self, c: &Packed, before: u32) -> Option<u32> {
        if before == 0 {
            return None;
        }
        let others = before & !Eligibility::FSW;
        if self.takes_for_fsw(c)? {
            Some(others | Eligibility::FSW)
        } else if others & Eligibility::ANY_PROGRAM != 0 {
            Some(others)
        } else {
            Some(0)
        }
    }

    /// Whether FSW takes a candidate, where the sum of the selection grid is known.
    #[inline]
    fn takes_for_fsw(&self, c: &Packed) -> Option<bool> {
        let occupation = self.occupation(c);
        let (skilled, stated) = (occupation & SKILLED != 0, occupation & STATED != 0);
        let [education, foreign_work_years] = Packed::education_and_foreign_work(c.traits);
        let [by_years, by_months] = fsw_work(&Candidate {
            education: Education::from_bits(education as u8),
            canadian_work_years: Packed::canadian_work_years(c.traits),
            foreign_work_years: foreign_work_years as u8,
            noc_months: c.noc_months,
            ..Candidate::blank()
        });
        let works = by_years || stated && by_months;
        Some(self.passing.reached(c, stated)? && skilled && works)
    }

    /// What the occupation of a candidate means to the programs.
    #[inline(always)]
    fn occupation(&self, c: &Packed) -> u8 {
        self.occupation[noc::slot(NocIndex(c.noc))]
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
