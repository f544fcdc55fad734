//! A candidate in a few small integers, as pools hold it, with its points and what it is eligible for: the
//! form in which hot loops look at many. The pools themselves do not live here.

use super::candidate::{
    Abilities, CanadianEducation, Candidate, CountryIndex, Education, FirstLanguage, Gender,
    JobOffer, NocIndex,
};
use super::levels;
use crate::units::{Instant, Score};

/// Which programs and categories a candidate is eligible for: bits 0 to 3 are FSW, CEC, FST and
/// a provincial nomination (with a program), bits 4 to 31 the categories that the rules in use
/// were compiled with, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Eligibility(pub u32);

impl Eligibility {
    /// Federal Skilled Worker.
    pub const FSW: u32 = 1;
    /// Canadian Experience Class.
    pub const CEC: u32 = 2;
    /// Federal Skilled Trades.
    pub const FST: u32 = 4;
    /// Nominated by a province or territory, and eligible for a program.
    pub const PNP: u32 = 8;
    /// Any of the three federal programs: what it takes to be in the pool.
    pub const ANY_PROGRAM: u32 = Self::FSW | Self::CEC | Self::FST;
    /// Most categories that one set of rules can be compiled with.
    pub const MAX_CATEGORIES: usize = 28;

    /// The bit of the category with that place in the rules.
    pub const fn category_bit(index: usize) -> u32 {
        1 << (4 + index)
    }
}

/// One small integer for the attributes that take a few bits each.
mod traits {
    pub const SPOUSE: u32 = 0;
    pub const EDUCATION: u32 = 1;
    pub const CANADIAN_EDUCATION: u32 = 4;
    pub const FIRST_LANGUAGE: u32 = 6;
    pub const CANADIAN_WORK: u32 = 8;
    pub const FOREIGN_WORK: u32 = 12;
    pub const CERTIFICATE: u32 = 16;
    pub const SPOUSE_EDUCATION: u32 = 17;
    pub const SPOUSE_WORK: u32 = 20;
    pub const SIBLING: u32 = 24;
    pub const NOMINATION: u32 = 25;
    pub const JOB_OFFER: u32 = 26;
    pub const NOC_IN_CANADA: u32 = 28;
    pub const GENDER: u32 = 29;
}

/// A candidate as the columns hold it, with its points and eligibility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Packed {
    /// Submission time, seconds since 1970.
    pub submitted: u32,
    /// Completed years.
    pub age: u8,
    /// Place in the NOC table.
    pub noc: u16,
    /// CLB levels, four bits an ability.
    pub english: u16,
    /// NCLC levels, four bits an ability.
    pub french: u16,
    /// Spouse's levels, four bits an ability.
    pub spouse_language: u16,
    /// The attributes of a few bits each.
    pub traits: u32,
    /// Months in the primary occupation.
    pub noc_months: u8,
    /// Place in the country table.
    pub citizenship: u8,
    /// CRS score.
    pub score: u16,
    /// See [`Eligibility`].
    pub eligibility: u32,
}

impl Packed {
    /// Packs a candidate with what the rules say of it.
    #[inline]
    pub fn new(candidate: &Candidate, score: Score, eligibility: Eligibility) -> Self {
        use traits::*;
        let c = candidate;
        let packed = (c.accompanying_spouse as u32) << SPOUSE
            | (c.education as u32) << EDUCATION
            | (c.canadian_education as u32) << CANADIAN_EDUCATION
            | (c.first_language as u32) << FIRST_LANGUAGE
            | (u32::from(c.canadian_work_years) & 15) << CANADIAN_WORK
            | (u32::from(c.foreign_work_years) & 15) << FOREIGN_WORK
            | (c.trade_certificate as u32) << CERTIFICATE
            | (c.spouse_education as u32) << SPOUSE_EDUCATION
            | (u32::from(c.spouse_canadian_work_years) & 15) << SPOUSE_WORK
            | (c.sibling_in_canada as u32) << SIBLING
            | (c.provincial_nomination as u32) << NOMINATION
            | (c.job_offer as u32) << JOB_OFFER
            | (c.noc_in_canada as u32) << NOC_IN_CANADA
            | (c.gender as u32) << GENDER;
        Packed {
            submitted: c.submitted_at.seconds(),
            age: c.age,
            noc: c.noc.0,
            english: c.english.pack(),
            french: c.french.pack(),
            spouse_language: c.spouse_language.pack(),
            traits: packed,
            noc_months: c.noc_months,
            citizenship: c.citizenship.0,
            score: score.0,
            eligibility: eligibility.0,
        }
    }

    /// Whether the primary occupation is practised in Canada, by the column of traits.
    #[inline]
    pub const fn works_in_canada(traits: u32) -> bool {
        traits >> traits::NOC_IN_CANADA & 1 == 1
    }

    /// Whether a spouse or partner comes along, by the column of traits.
    #[inline]
    pub const fn has_spouse(traits: u32) -> bool {
        traits >> traits::SPOUSE & 1 == 1
    }

    /// Level of education and years of work abroad, by the column of traits.
    #[inline]
    pub const fn education_and_foreign_work(traits: u32) -> [usize; 2] {
        [
            (traits >> traits::EDUCATION & 7) as usize,
            (traits >> traits::FOREIGN_WORK & 15) as usize,
        ]
    }

    /// Whether there is a certificate of qualification in a trade, by the column of traits.
    #[inline]
    pub const fn has_certificate(traits: u32) -> bool {
        traits >> traits::CERTIFICATE & 1 == 1
    }

    /// Whether there is that or a job offer of any kind, one of which FST asks for, by the column of traits.
    #[inline]
    pub const fn has_certificate_or_offer(traits: u32) -> bool {
        traits & (1 << traits::CERTIFICATE | 3 << traits::JOB_OFFER) != 0
    }

    /// Gender, by the column of traits.
    #[inline]
    pub fn gender(traits: u32) -> Gender {
        Gender::from_bits((traits >> traits::GENDER & 3) as u8)
    }

    /// Whether the candidate is a woman.
    #[inline]
    pub fn is_woman(&self) -> bool {
        Packed::gender(self.traits) == Gender::Woman
    }

    /// Whether the candidate counts as a French speaker: NCLC 7 or more in all four abilities, whatever
    /// the first official language is.
    #[inline]
    pub fn is_french_speaker(&self) -> bool {
        Abilities::lowest_of(self.french) >= levels::FRENCH
    }

    /// Whether the candidate has worked in Canada: a year or more of skilled work.
    #[inline]
    pub const fn has_worked_in_canada(&self) -> bool {
        Packed::canadian_work_years(self.traits) >= 1
    }

    /// Whether a province or territory has nominated the candidate, by the column of traits.
    #[inline]
    pub const fn is_nominated(traits: u32) -> bool {
        traits >> traits::NOMINATION & 1 == 1
    }

    /// The column of traits of a candidate who may have been nominated besides.
    #[inline]
    pub const fn nominated_too(traits: u32, nominated: bool) -> u32 {
        traits | (nominated as u32) << traits::NOMINATION
    }

    /// Completed years of work in Canada, by the column of traits.
    #[inline]
    pub const fn canadian_work_years(traits: u32) -> u8 {
        (traits >> traits::CANADIAN_WORK & 15) as u8
    }

    /// The column of traits of a candidate with other completed years of work in Canada.
    #[inline]
    pub const fn with_canadian_work_years(traits: u32, years: u8) -> u32 {
        traits & !(15 << traits::CANADIAN_WORK) | (years as u32 & 15) << traits::CANADIAN_WORK
    }

    /// Completed years of work in Canada and abroad, by the column of traits.
    #[inline]
    pub const fn work_years(traits: u32) -> usize {
        ((traits >> traits::CANADIAN_WORK & 15) + (traits >> traits::FOREIGN_WORK & 15)) as usize
    }

    /// Two numbers below 256 that between them say most of the traits that candidates are grouped by:
    /// spouse, education, study in Canada and gender; years of work in Canada and abroad.
    #[inline]
    pub const fn grouped_traits(traits: u32) -> [usize; 2] {
        let gender = traits >> traits::GENDER & 3;
        let one = traits & 63 | gender << 6;
        [
            one as usize,
            (traits >> traits::CANADIAN_WORK & 255) as usize,
        ]
    }

    /// A column of traits with those numbers, the reverse of [`Packed::grouped_traits`].
    pub const fn of_grouped_traits([one, other]: [usize; 2]) -> u32 {
        let one = one as u32;
        one & 63 | (one >> 6 & 3) << traits::GENDER | (other as u32 & 255) << traits::CANADIAN_WORK
    }

    /// The column of traits in three numbers: below 256 spouse, education, study in Canada and first
    /// language, and years of work in Canada and abroad; below 512 spouse again, its work in Canada,
    /// sibling, nomination and job offer.
    #[inline]
    pub const fn parts_of_traits(traits: u32) -> [usize; 3] {
        let besides = (traits >> traits::SPOUSE_WORK & 255) | (traits >> traits::SPOUSE & 1) << 8;
        [
            (traits & 255) as usize,
            (traits >> traits::CANADIAN_WORK & 255) as usize,
            besides as usize,
        ]
    }

    /// A column of traits with those numbers, the reverse of [`Packed::parts_of_traits`].
    pub const fn of_parts([person, work, besides]: [usize; 3]) -> u32 {
        let [person, work, besides] = [person as u32, work as u32, besides as u32];
        person & 255
            | (work & 255) << traits::CANADIAN_WORK
            | (besides & 255) << traits::SPOUSE_WORK
            | (besides >> 8 & 1) << traits::SPOUSE
    }

    /// The first official language, by the column of traits.
    #[inline]
    pub const fn first_language(traits: u32) -> FirstLanguage {
        FirstLanguage::from_bits((traits >> traits::FIRST_LANGUAGE & 3) as u8)
    }

    /// Whether French is named as that, by the column of traits.
    #[inline]
    pub const fn names_french(traits: u32) -> bool {
        traits >> traits::FIRST_LANGUAGE & 3 == FirstLanguage::French as u32
    }

    /// The candidate's attributes.
    #[inline]
    pub fn candidate(&self) -> Candidate {
        use traits::*;
        let bits = |at: u32, width: u32| (self.traits >> at & ((1 << width) - 1)) as u8;
        Candidate {
            submitted_at: Instant::from_seconds(self.submitted),
            age: self.age,
            accompanying_spouse: bits(SPOUSE, 1) == 1,
            education: Education::from_bits(bits(EDUCATION, 3)),
            canadian_education: CanadianEducation::from_bits(bits(CANADIAN_EDUCATION, 2)),
            english: Abilities::unpack(self.english),
            french: Abilities::unpack(self.french),
            first_language: FirstLanguage::from_bits(bits(FIRST_LANGUAGE, 2)),
            canadian_work_years: bits(CANADIAN_WORK, 4),
            foreign_work_years: bits(FOREIGN_WORK, 4),
            trade_certificate: bits(CERTIFICATE, 1) == 1,
            spouse_education: Education::from_bits(bits(SPOUSE_EDUCATION, 3)),
            spouse_language: Abilities::unpack(self.spouse_language),
            spouse_canadian_work_years: bits(SPOUSE_WORK, 4),
            sibling_in_canada: bits(SIBLING, 1) == 1,
            provincial_nomination: bits(NOMINATION, 1) == 1,
            job_offer: JobOffer::from_bits(bits(JOB_OFFER, 2)),
            noc: NocIndex(self.noc),
            noc_months: self.noc_months,
            noc_in_canada: bits(NOC_IN_CANADA, 1) == 1,
            citizenship: CountryIndex(self.citizenship),
            gender: Gender::from_bits(bits(GENDER, 2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_candidate_survives_packing() {
        let candidate = Candidate {
            submitted_at: Instant::parse("2022-11-23T00:01:29Z").unwrap(),
            age: 29,
            accompanying_spouse: true,
            education: Education::Doctorate,
            canadian_education: CanadianEducation::ThreeYearOrMore,
            english: Abilities {
                reading: 9,
                writing: 10,
                listening: 12,
                speaking: 7,
            },
            french: Abilities::all(7),
            first_language: FirstLanguage::French,
            canadian_work_years: 5,
            foreign_work_years: 10,
            trade_certificate: true,
            spouse_education: Education::Masters,
            spouse_language: Abilities::all(9),
            spouse_canadian_work_years: 10,
            sibling_in_canada: true,
            provincial_nomination: true,
            job_offer: JobOffer::Other,
            noc: NocIndex(515),
            noc_months: 36,
            noc_in_canada: true,
            citizenship: CountryIndex(240),
            gender: Gender::Another,
        };
        let packed = Packed::new(&candidate, Score(1200), Eligibility(0xF000_000F));
        assert_eq!(packed.candidate(), candidate);
        // What shares of the invited count, by the attributes themselves.
        let speaks = |lowest| {
            let french = Abilities {
                writing: lowest,
                ..Abilities::all(9)
            };
            Packed::new(
                &Candidate {
                    french,
                    ..candidate
                },
                Score(0),
                Eligibility(0),
            )
        };
        let told = [6, 7].map(|lowest| speaks(lowest).is_french_speaker());
        assert_eq!(told, [false, true]);
        let of = |gender, canadian_work_years| {
            let other = Candidate {
                gender,
                canadian_work_years,
                ..candidate
            };
            let packed = Packed::new(&other, Score(0), Eligibility(0));
            (packed.is_woman(), packed.has_worked_in_canada())
        };
        assert_eq!(of(Gender::Woman, 0), (true, false));
        assert_eq!(of(Gender::Man, 1), (false, true));
    }
}
