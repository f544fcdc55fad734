//! Programs and who is eligible for them: FSW with its selection grid, CEC, FST, and PNP.
//! The numbers and their sources live in `data/programs.csv` and `data/trade_occupations.csv`.
//!
//! What the columns can tell, and what they cannot:
//!
//! - Skilled work: `canadian_work_years` and `foreign_work_years` are whole years in TEER 0 to 3 by
//!   definition. A primary occupation of TEER 4 or 5 is no skilled one; an occupation that is not
//!   stated is taken as skilled when years of work say so, with the stricter language minimum.
//! - FSW: a year of skilled work is a year in either column, or twelve months in the primary
//!   occupation, where one is stated. Continuity is not known. Experience is the sum of both columns
//!   of years, or the years in the primary occupation where they are more. Of adaptability the columns tell the spouse's language and work in Canada, own study and work in
//!   Canada, the job offer, and of relatives the sibling; the spouse's study and other relatives
//!   are not known and give nothing. Own study in Canada takes two years: it is counted for a
//!   Canadian credential of three years or more (or a graduate degree), and for one of one or two
//!   years when the highest education is of two years or more.
//! - CEC: a year of Canadian work; that it lies within the last three years is not known.
//! - FST: 24 months in a listed trade, and a job offer or a certificate of qualification. The
//!   right to practise is not known.
//! - Settlement funds and the intention to live outside Quebec are taken as given.
//! - The language minimum is asked of the first language; of either when none is named.

use std::sync::LazyLock;

use serde::Deserialize;

use super::candidate::{
    Abilities, CanadianEducation, Candidate, Education, FirstLanguage, JobOffer,
};
use super::grid::Values;
use super::levels;
use super::noc;
use super::packed::Eligibility;
use super::points::{by_education, first_language};

/// A program whose members a round may invite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Program {
    /// Federal Skilled Worker.
    Fsw,
    /// Canadian Experience Class.
    Cec,
    /// Federal Skilled Trades.
    Fst,
    /// Provincial Nominee Program.
    Pnp,
}

impl Program {
    /// Every program, in the order of the eligibility bits.
    pub const ALL: [Program; 4] = [Program::Fsw, Program::Cec, Program::Fst, Program::Pnp];

    /// The name that scenario files and tables use.
    pub const fn name(self) -> &'static str {
        match self {
            Program::Fsw => "fsw",
            Program::Cec => "cec",
            Program::Fst => "fst",
            Program::Pnp => "pnp",
        }
    }

    /// The bit of [`Eligibility`].
    pub const fn bit(self) -> u32 {
        1 << self as u32
    }
}

#[derive(Debug, Deserialize)]
struct Prefix {
    prefix: String,
    listed: bool,
    from: String,
    source: String,
}

static TRADES: LazyLock<Vec<Prefix>> = LazyLock::new(|| {
    let text = include_str!("data/trade_occupations.csv");
    let rows: Result<Vec<Prefix>, csv::Error> = csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect();
    rows.expect("the embedded table of trades reads")
});

/// Whether an occupation is in the list of skilled trades: the longest prefix of its code that
/// the table has decides.
pub fn is_listed_trade(code: &str) -> bool {
    TRADES
        .iter()
        .filter(|row| code.starts_with(&row.prefix))
        .max_by_key(|row| row.prefix.len())
        .is_some_and(|row| row.listed)
}

/// Since when the list of skilled trades holds, and where it is written down; its parts by these.
pub(super) fn trade_origins() -> Vec<(&'static str, &'static str)> {
    let rows = TRADES.iter();
    let mut origins: Vec<_> = rows.map(|row| (&*row.from, &*row.source)).collect();
    origins.dedup();
    origins
}

/// What an occupation means to the programs, by place in the NOC table; the last is for none.
pub(super) const SKILLED: u8 = 1;
pub(super) const STATED: u8 = 2;
pub(super) const TRADE: u8 = 4;

/// The programs' numbers of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Programs {
    pub(super) occupation: [u8; noc::COUNT + 1],
    /// Lowest level that CEC asks for, by occupation.
    pub(super) cec_language: [u8; noc::COUNT + 1],
    pub(super) cec_years: u16,
    fst_months: u16,
    pub(super) fst_spoken: u16,
    pub(super) fst_written: u16,
    pub(super) fsw: Selection,
}

/// The FSW selection grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selection {
    pub(super) pass_mark: u16,
    pub(super) language_minimum: u16,
    pub(super) language: [u16; 16],
    pub(super) second_language: u16,
    pub(super) education: [u16; 8],
    pub(super) experience: [u16; 32],
    pub(super) age: [u16; 64],
    job_offer: u16,
    pub(super) spouse_language: u16,
    study: u16,
    work: u16,
    spouse_work: u16,
    adaptable_offer: u16,
    relative: u16,
    pub(super) adaptability_max: u16,
}

impl Programs {
    pub fn new(values: &Values) -> Programs {
        let mut occupation = [0; noc::COUNT + 1];
        let low = values.one("cec_language_teer_2_3").min(16) as u8;
        let high = values.one("cec_language_teer_0_1").min(16) as u8;
        let mut cec_language = [low.max(high); noc::COUNT + 1];
        occupation[noc::COUNT] = SKILLED;
        for index in noc::all() {
            let slot = noc::slot(index);
            let teer = noc::teer(index).unwrap_or(u8::MAX);
            occupation[slot] = STATED;
            if teer <= 3 {
                occupation[slot] |= SKILLED;
            }
            if noc::code(index).is_some_and(is_listed_trade) {
                occupation[slot] |= TRADE;
            }
            cec_language[slot] = if teer <= 1 { high } else { low };
        }
        Programs {
            occupation,
            cec_language,
            cec_years: values.one("cec_years"),
            fst_months: values.one("fst_months"),
            fst_spoken: values.one("fst_language_spoken"),
            fst_written: values.one("fst_language_written"),
            fsw: Selection::new(values),
        }
    }

    /// The bits of the federal programs.
    #[inline]
    pub fn eligibility(&self, c: &Candidate, english: u8, french: u8) -> u32 {
        let slot = noc::slot(c.noc);
        let occupation = self.occupation[slot];
        let first = first_language(c);
        let lowest = match first {
            FirstLanguage::English => english,
            FirstLanguage::French => french,
            FirstLanguage::Best => english.max(french),
        };
        let skilled = occupation & SKILLED != 0;
        let mut bits = 0;
        if skilled && self.cec_work(c) && lowest >= self.cec_language[slot] {
            bits |= Eligibility::CEC;
        }
        if occupation & TRADE != 0 && self.fst_work(c) && self.fst_language(c, first) {
            bits |= Eligibility::FST;
        }
        let [by_years, by_months] = fsw_work(c);
        if skilled
            && (by_years || occupation & STATED != 0 && by_months)
            && u16::from(lowest) >= self.fsw.language_minimum
            && self.selection_points(c, english, french) >= self.fsw.pass_mark
        {
            bits |= Eligibility::FSW;
        }
        bits
    }

    /// Work in Canada that CEC asks for.
    #[inline]
    pub(super) fn cec_work(&self, c: &Candidate) -> bool {
        u16::from(c.canadian_work_years) >= self.cec_years
    }

    /// Work and the job offer or certificate that FST asks for, in a listed trade.
    #[inline]
    pub(super) fn fst_work(&self, c: &Candidate) -> bool {
        u16::from(c.noc_months) >= self.fst_months
            && (c.trade_certificate || c.job_offer != JobOffer::None)
    }

    #[inline]
    fn fst_language(&self, c: &Candidate, first: FirstLanguage) -> bool {
        let enough = |abilities: Abilities| {
            u16::from(abilities.speaking.min(abilities.listening)) >= self.fst_spoken
                && u16::from(abilities.reading.min(abilities.writing)) >= self.fst_written
        };
        match first {
            FirstLanguage::English => enough(c.english),
            FirstLanguage::French => enough(c.french),
            FirstLanguage::Best => enough(c.english) || enough(c.french),
        }
    }

    /// Points of the FSW selection grid, 0 to 100; the language that counts as first must reach
    /// the minimum for its own points. Where neither is named as first, that order counts which gives
    /// more, of those whose first language reaches the minimum if there are any.
    #[inline]
    pub fn selection_points(&self, c: &Candidate, english: u8, french: u8) -> u16 {
        let grid = &self.fsw;
        let language = |first: Abilities, lowest: u8, second: u8| {
            let own: u16 = first
                .levels()
                .iter()
                .map(|&level| grid.language[usize::from(level & 15)])
                .sum();
            let enough = u16::from(u16::from(lowest) >= grid.language_minimum);
            let points = enough * own + u16::from(second >= levels::SECOND) * grid.second_language;
            (enough * ENOUGH) | points
        };
        let language = match first_language(c) {
            FirstLanguage::English => language(c.english, english, french),
            FirstLanguage::French => language(c.french, french, english),
            FirstLanguage::Best => {
                language(c.english, english, french).max(language(c.french, french, english))
            }
        };
        let stated = self.occupation[noc::slot(c.noc)] & STATED != 0;
        (language & !ENOUGH) + grid.without_language(c, c.spouse_language.lowest(), stated)
    }
}

/// Beside the points of an order of languages whose first reaches the minimum: above any other order.
/// Patched points of four abilities and a second language stay below.
const ENOUGH: u16 = 1 << 15;

/// Education and work that FSW asks for in a skilled occupation: by years of work, and by months
/// in an occupation that is stated.
#[inline]
pub(super) fn fsw_work(c: &Candidate) -> [bool; 2] {
    let educated = c.education >= Education::Secondary;
    let years = u16::from(c.canadian_work_years) + u16::from(c.foreign_work_years);
    [educated && years >= 1, educated && c.noc_months >= 12]
}

impl Selection {
    fn new(values: &Values) -> Selection {
        let adaptability = |item: &str| values.one(&format!("fsw_adaptability_{item}"));
        Selection {
            pass_mark: values.one("fsw_pass_mark"),
            language_minimum: values.one("fsw_language_minimum"),
            language: values.scale("fsw_first_language_", 6, 9)[0],
            second_language: values.one("fsw_second_language"),
            education: by_education(values, "fsw_education_")[0],
            experience: values.scale("fsw_experience_", 0, 6)[0],
            age: values.scale("fsw_age_", 17, 47)[0],
            job_offer: values.one("fsw_job_offer"),
            spouse_language: adaptability("spouse_language"),
            study: adaptability("study"),
            work: adaptability("work"),
            spouse_work: adaptability("spouse_work"),
            adaptable_offer: adaptability("job_offer"),
            relative: adaptability("relative"),
            adaptability_max: adaptability("max"),
        }
    }

    /// Points but those for the candidate's languages; the spouse's lowest level is given apart, and
    /// whether an occupation is stated: without one, no month was worked in it.
    #[inline]
    pub(super) fn without_language(&self, c: &Candidate, spouse_level: u8, stated: bool) -> u16 {
        let years = c.canadian_work_years.min(15) + c.foreign_work_years.min(15);
        let in_occupation = u8::from(stated) * (c.noc_months / 12);
        let experience = years.max(in_occupation).min(31);
        self.education[c.education as usize]
            + self.experience[usize::from(experience)]
            + self.age[usize::from(c.age.min(63))]
            + self.of_offer(c)
            + self.adaptable(c, spouse_level).min(self.adaptability_max)
    }

    /// Points for a job offer, those of adaptability apart.
    #[inline]
    pub(super) fn of_offer(&self, c: &Candidate) -> u16 {
        u16::from(c.job_offer != JobOffer::None) * self.job_offer
    }

    /// Points of adaptability before their maximum.
    #[inline]
    pub(super) fn adaptable(&self, c: &Candidate, spouse_level: u8) -> u16 {
        let study = match c.canadian_education {
            CanadianEducation::None => false,
            CanadianEducation::OneOrTwoYear => c.education >= Education::TwoYear,
            CanadianEducation::ThreeYearOrMore => true,
        };
        let spouse = c.accompanying_spouse;
        u16::from(spouse && spouse_level >= levels::SPOUSE) * self.spouse_language
            + u16::from(study) * self.study
            + u16::from(c.canadian_work_years >= 1) * self.work
            + u16::from(spouse && c.spouse_canadian_work_years >= 1) * self.spouse_work
            + u16::from(c.job_offer != JobOffer::None) * self.adaptable_offer
            + u16::from(c.sibling_in_canada) * self.relative
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{Rules, RulesPatch};

    #[test]
    fn the_trade_list_follows_its_longest_prefix() {
        for listed in [
            "72010", "73110", "82010", "92010", "93100", "63200", "62200",
        ] {
            assert!(is_listed_trade(listed), "{listed}");
        }
        for other in ["72600", "93200", "62201", "63210", "21231", "75110"] {
            assert!(!is_listed_trade(other), "{other}");
        }
    }

    /// Education 21, age 12, experience 11 and French at the minimum of 7 with 16: 60 points; with
    /// English first, which is below the minimum, the second language would be worth 30.
    #[test]
    fn an_order_of_languages_whose_first_is_below_the_minimum_does_not_count() {
        let patch = RulesPatch {
            points: vec![("fsw_second_language".to_owned(), 30)],
            ..RulesPatch::default()
        };
        let rules = Rules::on(jiff::civil::date(2023, 7, 4), &[], &patch).unwrap();
        let somebody = |first_language: FirstLanguage, english: u8| Candidate {
            age: 30,
            education: Education::Bachelors,
            english: Abilities::all(english),
            french: Abilities::all(7),
            first_language,
            foreign_work_years: 3,
            noc: noc::find("21231").unwrap(),
            ..Candidate::blank()
        };
        let points = |first, english| rules.fsw_points(&somebody(first, english));
        let programs = |first, english| rules.eligibility(&somebody(first, english)).0;
        for (first, points_of_first) in [
            (FirstLanguage::Best, 60),
            (FirstLanguage::French, 60),
            (FirstLanguage::English, 74),
        ] {
            assert_eq!(points(first, 4), points_of_first, "{first:?}");
            assert_eq!(programs(first, 4), 0, "{first:?}");
        }
        // An English that counts as second language, and is below the minimum as first.
        assert_eq!(points(FirstLanguage::Best, 5), 90);
        assert_eq!(programs(FirstLanguage::Best, 5), Eligibility::FSW);
    }

    /// Languages 24, education 21, age 12: 57 points, and 9 for a year of work or 15 for six.
    #[test]
    fn months_in_an_occupation_are_experience_only_where_one_is_stated() {
        let rules = Rules::on(jiff::civil::date(2024, 7, 1), &[], &RulesPatch::default()).unwrap();
        let somebody = Candidate {
            age: 29,
            education: Education::Bachelors,
            english: Abilities::all(9),
            foreign_work_years: 1,
            noc_months: 72,
            ..Candidate::blank()
        };
        let engineer = Candidate {
            noc: noc::find("21231").unwrap(),
            ..somebody
        };
        assert_eq!(
            [&somebody, &engineer].map(|c| rules.fsw_points(c)),
            [66, 72]
        );
        let programs = [&somebody, &engineer].map(|c| rules.eligibility(c).0);
        assert_eq!(programs, [0, Eligibility::FSW]);
    }
}
