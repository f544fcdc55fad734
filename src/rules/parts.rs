//! Points and eligibility put together from parts that few attributes decide each: what a person
//! brings, what test results earn, what an occupation means. For callers that draw the parts apart.
//! No value of the policy stands here: all is compiled from `points`, `programs` and `book`.
//!
//! A candidate whose parts are judged names no first language, and gets the score and eligibility
//! bits that [`Rules::points`] and [`Rules::eligibility`] give the whole candidate; tests hold the
//! two against each other under random patches.

use super::book::Rules;
use super::candidate::{Candidate, Education, JobOffer, NocIndex};
use super::noc;
use super::points::{education_row, foreign_row};
use super::programs::{SECOND_LEVEL, SKILLED, SPOUSE_LEVEL, STATED, TRADE, fsw_work};
use crate::pool::Eligibility;

/// What a person and an occupation must both allow, bit by bit.
mod may {
    pub const FSW_BY_YEARS: u8 = 1;
    pub const FSW_BY_MONTHS: u8 = 2;
    pub const FSW: u8 = FSW_BY_YEARS | FSW_BY_MONTHS;
    pub const CEC: u8 = 4;
    pub const FST: u8 = 8;
    /// Of persons alone: a spouse comes along.
    pub const SPOUSE: u8 = 16;
}

/// What everything but languages, nomination and occupation brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    members: u32,
    core: u16,
    additional: u16,
    spouse: u16,
    /// FSW points without, and with, a spouse who has the language.
    fsw: [u16; 2],
    transfer: u8,
    may: u8,
    factors: u8,
}

impl Person {
    /// Whether a spouse comes along.
    #[inline]
    pub fn has_spouse(&self) -> bool {
        self.may & may::SPOUSE != 0
    }
}

/// What an occupation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occupation {
    members: u32,
    slot: u16,
    /// The bit of the lowest level that CEC asks for.
    cec_level: u16,
    may: u8,
}

/// Results of language tests, four bits an ability as the pool's columns hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Results {
    /// CLB levels.
    pub english: u16,
    /// NCLC levels.
    pub french: u16,
    /// The spouse's levels; 0 without a spouse.
    pub spouse: u16,
}

/// What comes out: see [`Parts::judge`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Judgement {
    /// CRS score.
    pub score: u16,
    /// Eligibility bits; none when no program takes the candidate.
    pub eligibility: Eligibility,
}

/// What the results in one language earn in one column of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earned {
    /// Points as first language.
    pub first: u32,
    /// Points as second language, cut to their maximum.
    pub second: u32,
    /// Lowest level of the four abilities.
    pub lowest: u8,
}

/// Rows of section C: three of education, three of foreign work, three of Canadian work, with and
/// without a certificate, filled up to a power of two.
const TRANSFERS: usize = 64;
/// Rows of factor points: work in the occupation in Canada, a job offer, years of work in Canada.
const FACTOR_ROWS: usize = 64;

/// The rules of one date, in parts.
#[derive(Debug, Clone)]
pub struct Parts {
    rules: Rules,
    /// Two abilities at once, by column: points as first and as second language and of the FSW
    /// grid, sixteen bits each, then a bit for every level that both reach.
    tests: Box<[[u64; 256]; 2]>,
    /// Two abilities of the spouse: points in the low half, a bit for every level in the high.
    spouse_tests: Box<[u32; 256]>,
    /// Section C by row and lowest level of the first language.
    transfers: Box<[[u16; 16]; TRANSFERS]>,
    second_max: [u32; 2],
    /// Points of no test at all as second language, by column.
    untested: [u32; 2],
    core_max: [u32; 2],
    spouse_language_max: u32,
    spouse_max: u32,
    french: [u32; 2],
    nomination: u32,
    additional_max: u32,
    fsw_level: u32,
    fsw_pass_mark: u32,
    fsw_second: u32,
    fst_written: u64,
    fst_spoken: u64,
    english_members: [u32; 16],
    french_members: [u32; 16],
    occupations: Vec<Occupation>,
    /// By row and occupation; empty without factors.
    factors: Vec<u16>,
}

/// Place of the first bit of the levels in a word of [`Parts::tests`].
const LEVELS: u32 = 48;
const POINTS: u64 = (1 << LEVELS) - 1;

/// A bit for every level that two abilities both reach.
fn reached(pair: usize) -> u64 {
    let lowest = (pair & 15).min(pair >> 4);
    (1 << (lowest + 1)) - 1
}

/// The bit of a level; none for a level that nobody reaches.
fn level_bit(level: u16) -> u32 {
    if level < 16 { 1 << level } else { 0 }
}

/// The highest level whose bit is set in levels from 0 up without a gap.
#[inline]
fn highest(levels: u32) -> usize {
    (!levels).trailing_zeros() as usize - 1
}

fn transfer_row(c: &Candidate) -> usize {
    ((education_row(c.education as usize) * 3
        + foreign_row(usize::from(c.foreign_work_years.min(15))))
        * 3
        + usize::from(c.canadian_work_years.min(2)))
        * 2
        + usize::from(c.trade_certificate)
}

fn factor_row(c: &Candidate) -> usize {
    usize::from(c.noc_in_canada) << 5
        | usize::from(c.job_offer != JobOffer::None) << 4
        | usize::from(c.canadian_work_years.min(15))
}

impl Parts {
    /// Compiles the rules.
    pub fn new(rules: &Rules) -> Self {
        let tables = &*rules.tables;
        let (grid, programs, members) = (&tables.grid, &tables.programs, &tables.members);
        let fsw_language = |pair: usize| {
            u64::from(programs.fsw.language[pair & 15])
                + u64::from(programs.fsw.language[pair >> 4])
        };
        let test = |column: usize, pair: usize| {
            let languages = u64::from(grid.languages[column][pair]);
            languages | fsw_language(pair) << 32 | reached(pair) << LEVELS
        };
        let occupations: Vec<Occupation> = (0..=noc::COUNT)
            .map(|slot| {
                let occupation = programs.occupation[slot];
                let skilled = occupation & SKILLED != 0;
                let stated = occupation & STATED != 0;
                let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
                Occupation {
                    members: members.occupation[slot],
                    slot: slot as u16,
                    cec_level: level_bit(u16::from(programs.cec_language[slot])) as u16,
                    may: bit(skilled, may::FSW_BY_YEARS | may::CEC)
                        | bit(skilled && stated, may::FSW_BY_MONTHS)
                        | bit(occupation & TRADE != 0, may::FST),
                }
            })
            .collect();
        let mut parts = Parts {
            tests: Box::new(std::array::from_fn(|column| {
                std::array::from_fn(|pair| test(column, pair))
            })),
            spouse_tests: Box::new(std::array::from_fn(|pair| {
                (grid.spouse_languages[pair] & 0xFFFF) | (reached(pair) as u32) << 16
            })),
            transfers: Box::new([[0; 16]; TRANSFERS]),
            second_max: grid.second_max.map(u32::from),
            untested: [0; 2],
            core_max: grid.core_max.map(u32::from),
            spouse_language_max: u32::from(grid.spouse_language_max),
            spouse_max: u32::from(grid.spouse_max),
            french: grid.french.map(u32::from),
            nomination: u32::from(grid.nomination),
            additional_max: u32::from(grid.additional_max),
            fsw_level: level_bit(programs.fsw.language_minimum),
            fsw_pass_mark: u32::from(programs.fsw.pass_mark),
            fsw_second: u32::from(programs.fsw.second_language),
            fst_written: u64::from(level_bit(programs.fst_written)) << LEVELS,
            fst_spoken: u64::from(level_bit(programs.fst_spoken)) << LEVELS,
            english_members: members.english,
            french_members: members.french,
            occupations,
            factors: Vec::new(),
            rules: rules.clone(),
        };
        parts.untested = [false, true].map(|spouse| parts.earned(spouse, 0).second);
        parts.compile_transfers();
        parts.compile_factors();
        parts
    }

    /// Rows of section C from one candidate of each.
    fn compile_transfers(&mut self) {
        let mut like = Candidate::blank();
        for education in [Education::None, Education::OneYear, Education::TwoOrMore] {
            for foreign in [0, 1, 3] {
                for canadian in 0..3 {
                    for certificate in [false, true] {
                        like.education = education;
                        like.foreign_work_years = foreign;
                        like.canadian_work_years = canadian;
                        like.trade_certificate = certificate;
                        let grid = &self.rules.tables.grid;
                        self.transfers[transfer_row(&like)] =
                            std::array::from_fn(|lowest| grid.transferability(&like, lowest as u8));
                    }
                }
            }
        }
    }

    /// Rows of factor points from one candidate of each.
    fn compile_factors(&mut self) {
        let factors = &self.rules.tables.grid.factors;
        if factors.is_empty() {
            return;
        }
        let mut like = Candidate::blank();
        let mut rows = vec![0; FACTOR_ROWS * self.occupations.len()];
        for noc_in_canada in [false, true] {
            for job_offer in [JobOffer::None, JobOffer::Other] {
                for years in 0..16 {
                    like.noc_in_canada = noc_in_canada;
                    like.job_offer = job_offer;
                    like.canadian_work_years = years;
                    let first = factor_row(&like) * self.occupations.len();
                    for slot in 0..self.occupations.len() {
                        like.noc = NocIndex(slot as u16);
                        rows[first + slot] = factors.add(0, &like);
                    }
                }
            }
        }
        self.factors = rows;
    }

    /// What a candidate brings besides languages, nomination and occupation.
    pub fn person(&self, c: &Candidate) -> Person {
        let tables = &*self.rules.tables;
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        let [by_years, by_months] = fsw_work(c);
        let fsw = |level: u8| tables.programs.fsw.without_language(c, level);
        Person {
            members: tables.members.of_person(c),
            core: tables.grid.core_without_language(c),
            additional: tables.grid.additional_of_person(c),
            spouse: tables.grid.spouse_without_language(c),
            fsw: [fsw(0), fsw(SPOUSE_LEVEL)],
            transfer: transfer_row(c) as u8,
            may: bit(by_years, may::FSW_BY_YEARS)
                | bit(by_months, may::FSW_BY_MONTHS)
                | bit(tables.programs.cec_work(c), may::CEC)
                | bit(tables.programs.fst_work(c), may::FST)
                | bit(c.accompanying_spouse, may::SPOUSE),
            factors: factor_row(c) as u8,
        }
    }

    /// What an occupation means.
    #[inline]
    pub fn occupation(&self, index: NocIndex) -> &Occupation {
        &self.occupations[noc::slot(index)]
    }

    /// What results in one language earn, without or with a spouse who comes along.
    pub fn earned(&self, spouse: bool, results: u16) -> Earned {
        let tests = &self.tests[usize::from(spouse)];
        let (a, b) = (
            tests[usize::from(results & 255)],
            tests[usize::from(results >> 8)],
        );
        let points = (a & POINTS) + (b & POINTS);
        Earned {
            first: points as u32 & 0xFFFF,
            second: ((points >> 16) as u32 & 0xFFFF).min(self.second_max[usize::from(spouse)]),
            lowest: highest(((a & b) >> LEVELS) as u32) as u8,
        }
    }

    /// What knowing both languages adds in section D, by the lowest level in each.
    pub fn bonus(&self, english_lowest: u8, french_lowest: u8) -> u32 {
        u32::from(french_lowest >= 7) * self.french[usize::from(english_lowest >= 5)]
    }

    /// Section C of a person, by the lowest level of the first language.
    pub fn transfers(&self, person: &Person) -> &[u16; 16] {
        &self.transfers[usize::from(person.transfer) % TRANSFERS]
    }

    /// The score less what languages earn outside section C, as if no maximum but those of
    /// sections B, C and D were reached, and without factors.
    pub fn without_languages(&self, person: &Person, nominated: bool, lowest: u8) -> u32 {
        let spouse = u32::from(person.has_spouse()) * u32::from(person.spouse).min(self.spouse_max);
        u32::from(person.core)
            + u32::from(self.transfers(person)[usize::from(lowest) & 15])
            + spouse
            + self.additional(person, nominated).min(self.additional_max)
    }

    /// At most so many points do maxima take away from [`Parts::without_languages`] and what
    /// languages, the spouse's language and the bonus earn.
    pub fn cut(
        &self,
        person: &Person,
        nominated: bool,
        language: u32,
        spouse: u32,
        bonus: u32,
    ) -> u32 {
        let column = usize::from(person.has_spouse());
        let beyond = |has: u32, more: u32, most: u32| more.saturating_sub(most.saturating_sub(has));
        let core = (u32::from(person.core) + language).saturating_sub(self.core_max[column]);
        let spouse = column as u32 * beyond(u32::from(person.spouse), spouse, self.spouse_max);
        core + spouse
            + beyond(
                self.additional(person, nominated),
                bonus,
                self.additional_max,
            )
    }

    /// The most that factors add to any score.
    pub fn most_of_factors(&self) -> u32 {
        self.factors.iter().copied().max().map_or(0, u32::from)
    }

    fn additional(&self, person: &Person, nominated: bool) -> u32 {
        u32::from(person.additional) + u32::from(nominated) * self.nomination
    }

    /// Whether the person, in some occupation, may be eligible with a lowest level in the better
    /// language as given.
    pub fn may_be_eligible(&self, person: &Person, lowest: u8) -> bool {
        person.may & (may::CEC | may::FST) != 0
            || person.may & may::FSW != 0 && level_bit(u16::from(lowest)) >= self.fsw_level.max(1)
    }

    /// What a spouse's results earn.
    pub fn spouse_earned(&self, results: u16) -> u32 {
        let points = |pair: u16| self.spouse_tests[usize::from(pair)] & 0xFFFF;
        (points(results & 255) + points(results >> 8)).min(self.spouse_language_max)
    }

    /// Score and eligibility of the candidate that the parts make up.
    #[inline]
    pub fn judge(
        &self,
        person: &Person,
        nominated: bool,
        results: Results,
        occupation: &Occupation,
    ) -> Judgement {
        let column = usize::from(person.has_spouse());
        let tests = &self.tests[column];
        let pair = |results: u16| {
            (
                tests[usize::from(results & 255)],
                tests[usize::from(results >> 8)],
            )
        };
        let points = |(a, b): (u64, u64)| (a & POINTS) + (b & POINTS);
        let first = |points: u64| points as u32 & 0xFFFF;
        let second = |points: u64| ((points >> 16) as u32 & 0xFFFF).min(self.second_max[column]);
        let fsw_points = |points: u64| (points >> 32) as u32;
        let levels = |(a, b): (u64, u64)| ((a & b) >> LEVELS) as u32;
        let core = |language: u32| (u32::from(person.core) + language).min(self.core_max[column]);
        let transfers = &self.transfers[usize::from(person.transfer) % TRANSFERS];

        let english_tests = pair(results.english);
        let english = points(english_tests);
        let english_levels = levels(english_tests);
        let english_lowest = highest(english_levels) & 15;
        let mut earned =
            core(first(english) + self.untested[column]) + u32::from(transfers[english_lowest]);
        let mut bonus = 0;
        let mut fsw_language = fsw_points(english);
        let mut best_levels = english_levels;
        let mut french_lowest = 0;
        let mut trade_tests = [english_tests; 2];
        if results.french != 0 {
            let french_tests = pair(results.french);
            let french = points(french_tests);
            let french_levels = levels(french_tests);
            french_lowest = highest(french_levels) & 15;
            let untested = results.english == 0;
            let by_english =
                core(first(english) + second(french)) + u32::from(transfers[english_lowest]);
            let by_french =
                core(first(french) + second(english)) + u32::from(transfers[french_lowest]);
            earned = if untested {
                by_french
            } else {
                by_english.max(by_french)
            };
            bonus = self.bonus(english_lowest as u8, french_lowest as u8);
            let own = |points: u64, levels: u32, second: usize| {
                u32::from(levels & self.fsw_level != 0) * fsw_points(points)
                    + u32::from(second >= usize::from(SECOND_LEVEL)) * self.fsw_second
            };
            let french_first = own(french, french_levels, english_lowest);
            let english_first = own(english, english_levels, french_lowest);
            fsw_language = if untested {
                french_first
            } else {
                english_first.max(french_first)
            };
            best_levels |= french_levels;
            trade_tests[1] = french_tests;
        }

        let spouse_tests = [
            self.spouse_tests[usize::from(results.spouse & 255)],
            self.spouse_tests[usize::from(results.spouse >> 8)],
        ];
        let spouse_language =
            ((spouse_tests[0] & 0xFFFF) + (spouse_tests[1] & 0xFFFF)).min(self.spouse_language_max);
        let spouse =
            column as u32 * (u32::from(person.spouse) + spouse_language).min(self.spouse_max);
        let spouse_speaks =
            (spouse_tests[0] & spouse_tests[1]) >> (16 + u32::from(SPOUSE_LEVEL)) & 1;

        let mut additional = self.additional(person, nominated) + bonus;
        if !self.factors.is_empty() {
            additional += u32::from(
                self.factors[usize::from(person.factors) * self.occupations.len()
                    + usize::from(occupation.slot)],
            );
        }
        let score = earned + spouse + additional.min(self.additional_max);

        let may = person.may & occupation.may;
        let cec = u32::from(may & may::CEC != 0)
            & u32::from(best_levels & u32::from(occupation.cec_level) != 0);
        let trade = |(written, spoken): (u64, u64)| {
            u32::from(written & self.fst_written != 0) & u32::from(spoken & self.fst_spoken != 0)
        };
        // Few work in a trade: the branch is cheaper than the tests.
        let fst = if may & may::FST == 0 {
            0
        } else {
            trade(trade_tests[0]) | trade(trade_tests[1])
        };
        let selection = fsw_language + u32::from(person.fsw[spouse_speaks as usize]);
        let fsw = u32::from(may & may::FSW != 0)
            & u32::from(best_levels & self.fsw_level != 0)
            & u32::from(selection >= self.fsw_pass_mark);
        let programs =
            (fsw * Eligibility::FSW) | (cec * Eligibility::CEC) | (fst * Eligibility::FST);
        let members = occupation.members
            & person.members
            & self.english_members[english_lowest]
            & self.french_members[french_lowest];
        let others = (u32::from(nominated) * Eligibility::PNP) | members;
        let eligibility = if programs == 0 { 0 } else { programs | others };
        Judgement {
            score: score as u16,
            eligibility: Eligibility(eligibility),
        }
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
