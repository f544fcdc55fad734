//! Points and eligibility put together from parts that few attributes decide each: what a person
//! brings, what test results earn, what an occupation means. For callers that draw the parts apart.
//! No value of the policy stands here: all is compiled from `points`, `programs` and `book`.
//!
//! A candidate whose parts are judged names no first language, and gets the score and eligibility
//! bits that [`Rules::points`] and [`Rules::eligibility`] give the whole candidate; tests hold the
//! two against each other under random patches.

use super::book::Rules;
use super::candidate::{Candidate, JobOffer, NocIndex};
use super::levels;
use super::noc;
use super::packed::Eligibility;
use super::points::Transfers;
use super::programs::{SKILLED, STATED, TRADE, fsw_work};

/// What a person, the languages and an occupation must all allow, bit by bit.
mod may {
    pub const FSW_BY_YEARS: u8 = 1;
    pub const FSW_BY_MONTHS: u8 = 2;
    pub const FSW: u8 = FSW_BY_YEARS | FSW_BY_MONTHS;
    /// CEC in an occupation that asks for the lower of its two language levels.
    pub const CEC_LOWER: u8 = 4;
    /// CEC in an occupation that asks for the higher.
    pub const CEC_HIGHER: u8 = 8;
    pub const CEC: u8 = CEC_LOWER | CEC_HIGHER;
    pub const FST: u8 = 16;
    /// The bits that programs hang on.
    pub const ANY: u8 = FSW | CEC | FST;
    /// Of persons alone: a spouse comes along.
    pub const SPOUSE: u8 = 32;
}

/// The programs by what all parts allow, and whether the points of the FSW grid suffice.
const PROGRAMS: [u8; 64] = {
    let mut programs = [0; 64];
    let mut at = 0;
    while at < 64 {
        let allowed = at as u8;
        if allowed & may::FSW != 0 && at >= 32 {
            programs[at] |= Eligibility::FSW as u8;
        }
        if allowed & may::CEC != 0 {
            programs[at] |= Eligibility::CEC as u8;
        }
        if allowed & may::FST != 0 {
            programs[at] |= Eligibility::FST as u8;
        }
        at += 1;
    }
    programs
};

/// What everything but the candidate's languages, nomination and occupation brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Person {
    members: u32,
    core: u16,
    additional: u16,
    /// Section B, the spouse's language included; 0 without a spouse.
    spouse: u16,
    /// Sections B and D of those who have no French and no factor: not nominated, and nominated.
    alone: [u16; 2],
    /// FSW points without languages.
    fsw: u16,
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

    /// What programs look at.
    pub fn able(&self) -> Able {
        Able {
            may: self.may & may::ANY,
            fsw: self.fsw,
        }
    }
}

/// What programs look at of a person besides languages and occupation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Able {
    may: u8,
    fsw: u16,
}

impl Able {
    /// A number that stands for these alone: it grows with FSW points, which patches may raise.
    pub fn place(self) -> usize {
        usize::from(self.fsw) << 5 | usize::from(self.may & may::ANY)
    }
}

impl Occupation {
    /// What it allows, to be held against what languages ask for.
    pub fn allows(&self) -> u8 {
        self.may
    }
}

/// What an occupation means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Occupation {
    members: u32,
    /// Place in the NOC table.
    pub noc: u16,
    may: u8,
}

/// What results in both languages earn somebody without, or with, a spouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(16))]
pub struct Languages {
    /// CLB levels, four bits an ability as the pool's columns hold them.
    pub english: u16,
    /// NCLC levels.
    pub french: u16,
    /// Points with English as first language, and with French; twice the same when one is tested.
    points: [u16; 2],
    /// What knowing both adds in section D.
    bonus: u16,
    asks: Asks,
    /// The levels that section C goes by with English first (low half), and with French.
    firsts: u8,
    /// Lowest level in English (low half) and in French.
    lowest: u8,
}

/// What languages leave a person to bring for some program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Asks {
    /// Points of the FSW grid.
    needs: u16,
    may: u8,
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
    /// Points of the FSW grid as first language.
    pub fsw: u32,
    /// Whether all levels that FST asks for are reached.
    pub trade: bool,
}

/// Rows of factor points: work in the occupation in Canada, a job offer, years of work in Canada.
const FACTOR_ROWS: usize = 64;

/// The rules of one date, in parts.
#[derive(Debug, Clone)]
pub struct Parts {
    rules: Rules,
    /// Two abilities at once, by column: points as first and as second language and of the FSW
    /// grid, sixteen bits each, then a bit for every level that both reach.
    tests: Box<[[u64; 256]; 2]>,
    /// Section C by row and lowest level of the first language.
    transfers: Transfers,
    second_max: [u32; 2],
    core_max: [u32; 2],
    french: [u32; 2],
    nomination: u32,
    additional_max: u32,
    fsw_level: u16,
    fsw_pass_mark: u32,
    fsw_second: u32,
    /// The two levels that CEC asks for, by occupation.
    cec_levels: [u8; 2],
    fst_written: u64,
    fst_spoken: u64,
    /// Categories by lowest level in English (low half) and in French.
    members: Box<[u32; 256]>,
    occupations: Vec<Occupation>,
    /// By row and occupation; empty without factors.
    factors: Vec<u16>,
}

/// Beside the FSW points of an order of languages whose first reaches the minimum: above any other.
const ENOUGH: u32 = 1 << 16;

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
        let asked = |slot: usize| programs.cec_language[slot];
        let cec_levels = [
            (0..=noc::COUNT).map(asked).min().unwrap_or(0),
            (0..=noc::COUNT).map(asked).max().unwrap_or(0),
        ];
        let occupations: Vec<Occupation> = (0..=noc::COUNT)
            .map(|slot| {
                let occupation = programs.occupation[slot];
                let skilled = occupation & SKILLED != 0;
                let stated = occupation & STATED != 0;
                let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
                Occupation {
                    members: members.occupation[slot],
                    noc: if slot == noc::COUNT {
                        NocIndex::NONE.0
                    } else {
                        slot as u16
                    },
                    may: bit(skilled, may::FSW_BY_YEARS)
                        | bit(skilled && stated, may::FSW_BY_MONTHS)
                        | bit(skilled && asked(slot) == cec_levels[0], may::CEC_LOWER)
                        | bit(skilled && asked(slot) > cec_levels[0], may::CEC_HIGHER)
                        | bit(occupation & TRADE != 0, may::FST),
                }
            })
            .collect();
        let mut parts = Parts {
            tests: Box::new(std::array::from_fn(|column| {
                std::array::from_fn(|pair| test(column, pair))
            })),
            transfers: grid.transfers(),
            second_max: grid.second_max.map(u32::from),
            core_max: grid.core_max.map(u32::from),
            french: grid.french.map(u32::from),
            nomination: u32::from(grid.nomination),
            additional_max: u32::from(grid.additional_max),
            fsw_level: programs.fsw.language_minimum,
            fsw_pass_mark: u32::from(programs.fsw.pass_mark),
            fsw_second: u32::from(programs.fsw.second_language),
            cec_levels,
            fst_written: u64::from(level_bit(programs.fst_written)) << LEVELS,
            fst_spoken: u64::from(level_bit(programs.fst_spoken)) << LEVELS,
            members: Box::new(std::array::from_fn(|lowest| {
                members.english[lowest & 15] & members.french[lowest >> 4]
            })),
            occupations,
            factors: Vec::new(),
            rules: rules.clone(),
        };
        parts.compile_factors();
        parts
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

    /// What a candidate brings besides the own languages, nomination and occupation; of the occupation
    /// counts whether one is `stated`.
    pub fn person(&self, c: &Candidate, stated: bool) -> Person {
        let tables = &*self.rules.tables;
        let bit = |holds: bool, bit: u8| if holds { bit } else { 0 };
        let [by_years, by_months] = fsw_work(c);
        let spouse = u16::from(c.accompanying_spouse) * tables.grid.spouse(c);
        let additional = tables.grid.additional_of_person(c);
        let alone = |nomination: u32| {
            let additional = u32::from(additional) + nomination;
            spouse + additional.min(self.additional_max) as u16
        };
        Person {
            members: tables.members.of_person(c),
            core: tables.grid.core_without_language(c),
            additional,
            spouse,
            alone: [alone(0), alone(self.nomination)],
            fsw: (tables.programs.fsw).without_language(c, c.spouse_language.lowest(), stated),
            transfer: Transfers::row(c) as u8,
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

    /// What any of the occupations allows.
    pub fn allowed(&self, occupations: impl Iterator<Item = NocIndex>) -> u8 {
        let of = |index| self.occupation(index).may;
        occupations.map(of).fold(0, |all, may| all | may)
    }

    /// What results in one language earn, without or with a spouse who comes along.
    #[inline]
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
            lowest: highest(((a & b) >> LEVELS) as u32) as u8 & 15,
            fsw: (points >> 32) as u32,
            trade: a & self.fst_written != 0 && b & self.fst_spoken != 0,
        }
    }

    /// What knowing both languages adds in section D, by the lowest level in each.
    #[inline]
    pub fn bonus(&self, english_lowest: u8, french_lowest: u8) -> u32 {
        u32::from(levels::pays_french(french_lowest))
            * self.french[levels::french_bonus(english_lowest)]
    }

    /// What results in both languages earn, without or with a spouse who comes along; zeros are no
    /// test.
    pub fn languages(&self, spouse: bool, english: u16, french: u16) -> Languages {
        let [in_english, in_french] = [english, french].map(|test| self.earned(spouse, test));
        let order = |first: &Earned, second: &Earned| (first.first + second.second) as u16;
        let fsw = |first: &Earned, second: &Earned| {
            let enough = u32::from(u16::from(first.lowest) >= self.fsw_level);
            let points =
                enough * first.fsw + u32::from(second.lowest >= levels::SECOND) * self.fsw_second;
            (enough * ENOUGH) | points
        };
        let by_english = (
            order(&in_english, &in_french),
            in_english.lowest,
            fsw(&in_english, &in_french),
        );
        let by_french = (
            order(&in_french, &in_english),
            in_french.lowest,
            fsw(&in_french, &in_english),
        );
        let orders = match (english, french) {
            (_, 0) => [by_english; 2],
            (0, _) => [by_french; 2],
            _ => [by_english, by_french],
        };
        let best = in_english.lowest.max(in_french.lowest);
        Languages {
            english,
            french,
            points: orders.map(|order| order.0),
            bonus: self.bonus(in_english.lowest, in_french.lowest) as u16,
            asks: self.asks(
                best,
                orders[0].2.max(orders[1].2) & !ENOUGH,
                in_english.trade || in_french.trade,
            ),
            firsts: orders[0].1 | orders[1].1 << 4,
            lowest: in_english.lowest | in_french.lowest << 4,
        }
    }

    /// What is left to bring, by the lowest level of the better language and the points of the FSW
    /// grid.
    #[inline]
    fn asks(&self, best: u8, fsw: u32, trade: bool) -> Asks {
        let enough = u16::from(best) >= self.fsw_level;
        let [lower, higher] = self.cec_levels.map(|level| u8::from(best >= level));
        Asks {
            needs: if enough {
                self.fsw_pass_mark.saturating_sub(fsw) as u16
            } else {
                u16::MAX
            },
            may: may::FSW
                | (lower * may::CEC_LOWER)
                | (higher * may::CEC_HIGHER)
                | (u8::from(trade) * may::FST),
        }
    }

    /// Section C of a person, by the lowest level of the first language.
    pub fn transfers(&self, person: &Person) -> &[u16; 16] {
        self.transfers.of_row(usize::from(person.transfer))
    }

    /// The score less what languages earn, as if no maximum but those of sections B and D were
    /// reached, and without factors.
    pub fn without_languages(&self, person: &Person, nominated: bool) -> u32 {
        u32::from(person.core) + u32::from(person.alone[usize::from(nominated)])
    }

    /// The most points that the maxima of the sections take away from [`Parts::without_languages`],
    /// section C, and what languages and the bonus earn.
    pub fn cut(&self, person: &Person, nominated: bool, language: u32, bonus: u32) -> u32 {
        let beyond = |has: u32, more: u32, most: u32| more.saturating_sub(most.saturating_sub(has));
        let column = usize::from(person.has_spouse());
        let core = (u32::from(person.core) + language).saturating_sub(self.core_max[column]);
        core + beyond(
            self.additional(person, nominated),
            bonus,
            self.additional_max,
        )
    }

    /// The most that factors add to any score.
    pub fn most_of_factors(&self) -> u32 {
        self.factors.iter().copied().max().map_or(0, u32::from)
    }

    #[inline]
    fn additional(&self, person: &Person, nominated: bool) -> u32 {
        u32::from(person.additional) + u32::from(nominated) * self.nomination
    }

    /// Score and eligibility of the candidate that the parts make up.
    #[inline]
    pub fn judge(
        &self,
        person: &Person,
        nominated: bool,
        languages: &Languages,
        occupation: &Occupation,
    ) -> Judgement {
        let most = self.core_max[usize::from(person.has_spouse())];
        let transfers = self.transfers.of_row(usize::from(person.transfer));
        let order = |points: u16, level: u8| {
            let core = (u32::from(person.core) + u32::from(points)).min(most);
            core + u32::from(transfers[usize::from(level) & 15])
        };
        let [english, french] = languages.points;
        let mut score = order(english, languages.firsts);
        // Few have French: the branch is cheaper than both orders of languages for everyone.
        if languages.french == 0 && self.factors.is_empty() {
            score += u32::from(person.alone[usize::from(nominated)]);
        } else {
            score = score.max(order(french, languages.firsts >> 4));
            let mut additional = self.additional(person, nominated) + u32::from(languages.bonus);
            if !self.factors.is_empty() {
                let slot = noc::slot(NocIndex(occupation.noc));
                let row = usize::from(person.factors) * self.occupations.len();
                additional += u32::from(self.factors[row + slot]);
            }
            score += u32::from(person.spouse) + additional.min(self.additional_max);
        }

        let may = person.may & languages.asks.may & occupation.may & may::ANY;
        let selected = person.fsw >= languages.asks.needs;
        let programs = PROGRAMS[usize::from(may | u8::from(selected) << 5) % PROGRAMS.len()];
        let members =
            occupation.members & person.members & self.members[usize::from(languages.lowest)];
        let others = (u32::from(nominated) * Eligibility::PNP) | members;
        let eligibility = if programs == 0 {
            0
        } else {
            u32::from(programs) | others
        };
        Judgement {
            score: score as u16,
            eligibility: Eligibility(eligibility),
        }
    }
}

impl Languages {
    /// What they leave a person to bring.
    pub fn asks(&self) -> Asks {
        self.asks
    }
}

impl Asks {
    /// What suffices for anyone whom either takes.
    pub fn or(self, other: Asks) -> Asks {
        Asks {
            needs: self.needs.min(other.needs),
            may: self.may | other.may,
        }
    }

    /// What suffices with a second language besides, for some more people than need be: few
    /// different asks come of it.
    pub fn roughly(self, parts: &Parts) -> Asks {
        const STEP: u16 = 6;
        let needs = match self.needs {
            u16::MAX => u16::MAX,
            needs => needs.saturating_sub(parts.fsw_second as u16) / STEP * STEP,
        };
        Asks {
            needs,
            may: self.may | may::CEC | may::FST,
        }
    }

    /// Whether some program takes somebody in an occupation, or in one of several, with what they
    /// allow.
    pub fn take(self, able: Able, allowed: u8) -> bool {
        let may = able.may & self.may & allowed;
        let selected = u8::from(able.fsw >= self.needs) << 5;
        PROGRAMS[usize::from(may & may::ANY | selected) % PROGRAMS.len()] != 0
    }
}

#[cfg(test)]
#[path = "parts_tests.rs"]
mod tests;
