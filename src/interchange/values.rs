//! A candidate's attributes, points, programs and categories as cells of the columns.
//! What the columns are called is said in `columns`.

use std::collections::BTreeMap;

use crate::output::table::Cell;
use crate::pool::memberships::memberships;
use crate::rules::candidate::Candidate;
use crate::rules::{Points, Rules, countries, noc};
use crate::units::Score;

use super::columns::Field;

/// The lists of programs and categories that occur, made once each.
#[derive(Debug, Clone, Default)]
pub struct Lists {
    texts: BTreeMap<u32, [String; 2]>,
}

impl Lists {
    /// Adds the lists of an eligibility.
    pub fn add(&mut self, eligibility: u32, rules: &Rules) {
        self.texts
            .entry(eligibility)
            .or_insert_with(|| memberships(eligibility, rules));
    }

    /// Each eligibility with its lists, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[String; 2])> {
        self.texts.iter().map(|(&mask, texts)| (mask, texts))
    }

    fn get(&self, mask: u32) -> [&str; 2] {
        self.texts
            .get(&mask)
            .map_or(["", ""], |[programs, categories]| [programs, categories])
    }
}

/// A candidate with all that the rules say of it.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    id: Cell<'a>,
    candidate: Candidate,
    score: Score,
    points: Points,
    programs: &'a str,
    categories: &'a str,
}

impl<'a> View<'a> {
    /// A candidate of its own; `lists` knows its eligibility.
    pub fn new(name: &'a str, candidate: Candidate, rules: &Rules, lists: &'a Lists) -> Self {
        let points = rules.points(&candidate);
        let [programs, categories] = lists.get(rules.eligibility(&candidate).0);
        View {
            id: Cell::Text(name),
            candidate,
            score: points.total(),
            points,
            programs,
            categories,
        }
    }

    /// The cell of a column.
    #[inline]
    pub fn cell(&self, field: Field) -> Cell<'a> {
        let c = &self.candidate;
        let number = |value: u8| Cell::Integer(u64::from(value));
        let points = |value: u16| Cell::Integer(u64::from(value));
        match field {
            Field::CandidateId => self.id,
            Field::SubmittedAt => Cell::Time(c.submitted_at),
            Field::Age => number(c.age),
            Field::AccompanyingSpouse => Cell::Boolean(c.accompanying_spouse),
            Field::Education => Cell::Name(c.education.name()),
            Field::CanadianEducation => Cell::Name(c.canadian_education.name()),
            Field::EnglishReading => number(c.english.reading),
            Field::EnglishWriting => number(c.english.writing),
            Field::EnglishListening => number(c.english.listening),
            Field::EnglishSpeaking => number(c.english.speaking),
            Field::FrenchReading => number(c.french.reading),
            Field::FrenchWriting => number(c.french.writing),
            Field::FrenchListening => number(c.french.listening),
            Field::FrenchSpeaking => number(c.french.speaking),
            Field::FirstLanguage => Cell::Name(c.first_language.name()),
            Field::CanadianWorkYears => number(c.canadian_work_years),
            Field::ForeignWorkYears => number(c.foreign_work_years),
            Field::TradeCertificate => Cell::Boolean(c.trade_certificate),
            Field::SpouseEducation => Cell::Name(c.spouse_education.name()),
            Field::SpouseReading => number(c.spouse_language.reading),
            Field::SpouseWriting => number(c.spouse_language.writing),
            Field::SpouseListening => number(c.spouse_language.listening),
            Field::SpouseSpeaking => number(c.spouse_language.speaking),
            Field::SpouseCanadianWorkYears => number(c.spouse_canadian_work_years),
            Field::SiblingInCanada => Cell::Boolean(c.sibling_in_canada),
            Field::ProvincialNomination => Cell::Boolean(c.provincial_nomination),
            Field::JobOffer => Cell::Name(c.job_offer.name()),
            Field::Noc => noc::code(c.noc).map_or(Cell::Unknown, Cell::Name),
            Field::NocMonths => number(c.noc_months),
            Field::NocInCanada => Cell::Boolean(c.noc_in_canada),
            Field::Citizenship => countries::code(c.citizenship).map_or(Cell::Unknown, Cell::Name),
            Field::Gender => Cell::Name(c.gender.name()),
            Field::CrsScore => points(self.score.0),
            Field::CrsCore => points(self.points.core),
            Field::CrsSpouse => points(self.points.spouse),
            Field::CrsTransferability => points(self.points.transferability),
            Field::CrsAdditional => points(self.points.additional),
            Field::Programs => Cell::Name(self.programs),
            Field::Categories => Cell::Text(self.categories),
        }
    }
}
