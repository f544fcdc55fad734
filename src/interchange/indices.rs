//! Candidates as indices into the values that a column may hold, so that a cell is written without
//! its value being looked up or formatted again. How cells are written is the writers' business.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rayon::prelude::*;

use crate::output::table::Kind;
use crate::pool::{Eligibilities, Pool};
use crate::rules::candidate::{
    CanadianEducation, Candidate, Education, FirstLanguage, Gender, JobOffer, Named,
};
use crate::rules::{Points, Rules, countries, noc};
use crate::units::Instant;

use super::columns::Field;
use super::values::Lists;

/// Eligibilities that one task looks through.
const VALUES_PER_TASK: usize = 1 << 16;

/// The index that stands for an empty cell.
pub const NONE: u32 = u32::MAX;

/// The values that a column chunk may hold, by index; those that no row has may be among them.
#[derive(Debug, Clone)]
pub enum Dictionary {
    /// Whole numbers that are their own indices.
    Numbers,
    /// Text.
    Texts(Vec<String>),
    /// `false` and `true`, which Parquet holds without a dictionary.
    Flags,
}

/// A candidate with what the rules say.
pub struct Person {
    candidate: Candidate,
    score: u16,
    points: Points,
    /// Places of the lists of programs and categories among those of [`Memberships`].
    lists: [u32; 2],
}

impl Person {
    /// A row of a pool that `rules` have scored.
    #[inline]
    pub fn of_row(pool: &Pool, row: usize, rules: &Rules, memberships: &Memberships) -> Self {
        let packed = pool.row(row);
        let candidate = packed.candidate();
        Person {
            candidate,
            score: packed.score,
            points: rules.points(&candidate),
            lists: memberships.lists(packed.eligibility),
        }
    }

    /// When the profile was submitted.
    pub fn submitted_at(&self) -> Instant {
        self.candidate.submitted_at
    }
}

/// The lists of programs and categories that occur, each once, in order.
pub struct Memberships {
    programs: Vec<String>,
    categories: Vec<String>,
    places: BTreeMap<u32, [u32; 2]>,
}

impl Memberships {
    /// The lists of some candidates.
    pub fn of(eligibilities: &Eligibilities, rows: Range<usize>, rules: &Rules) -> Self {
        let mut lists = Lists::default();
        for mask in distinct(eligibilities, rows) {
            lists.add(mask, rules);
        }
        let distinct = |of: usize| {
            let mut texts: Vec<String> = lists
                .iter()
                .map(|(_, texts)| texts[of].clone())
                .filter(|text| !text.is_empty())
                .collect();
            texts.sort_unstable();
            texts.dedup();
            texts
        };
        let (programs, categories) = (distinct(0), distinct(1));
        let place = |texts: &[String], text: &String| {
            texts.binary_search(text).map_or(NONE, |place| place as u32)
        };
        let places = lists
            .iter()
            .map(|(mask, [held, belonging])| {
                let lists = [place(&programs, held), place(&categories, belonging)];
                (mask, lists)
            })
            .collect();
        Memberships {
            programs,
            categories,
            places,
        }
    }

    #[inline]
    fn lists(&self, eligibility: u32) -> [u32; 2] {
        self.places.get(&eligibility).copied().unwrap_or([NONE; 2])
    }

    /// The values of a column by the indices of [`push_indices`]; none for a column whose values
    /// hardly repeat.
    pub fn dictionary(&self, field: Field) -> Option<Dictionary> {
        fn names<T: Named>() -> Vec<String> {
            let names = T::NAMES.iter().map(|(name, _)| (*name).to_owned());
            names.filter(|name| !name.is_empty()).collect()
        }
        let owned = |code: Option<&str>| code.unwrap_or_default().to_owned();
        let texts = match field {
            Field::CandidateId | Field::SubmittedAt => return None,
            Field::Education | Field::SpouseEducation => names::<Education>(),
            Field::CanadianEducation => names::<CanadianEducation>(),
            Field::FirstLanguage => names::<FirstLanguage>(),
            Field::JobOffer => names::<JobOffer>(),
            Field::Gender => names::<Gender>(),
            Field::Noc => noc::all().map(|index| owned(noc::code(index))).collect(),
            Field::Citizenship => countries::all()
                .map(|index| owned(countries::code(index)))
                .collect(),
            Field::Programs => self.programs.clone(),
            Field::Categories => self.categories.clone(),
            _ if field.column().kind() == Kind::Boolean => return Some(Dictionary::Flags),
            _ => return Some(Dictionary::Numbers),
        };
        Some(Dictionary::Texts(texts))
    }
}

/// The eligibilities of some rows, each once, in order.
fn distinct(values: &Eligibilities, rows: Range<usize>) -> BTreeSet<u32> {
    let of_part = |part: Range<usize>| {
        let mut seen = BTreeSet::new();
        // Most values were there a moment ago.
        let mut recent = [None; 256];
        for value in values.iter_rows(part) {
            let place = &mut recent[(value.wrapping_mul(0x9E37_79B9) >> 24) as usize];
            if *place != Some(value) {
                *place = Some(value);
                seen.insert(value);
            }
        }
        seen
    };
    (rows.clone().into_par_iter().step_by(VALUES_PER_TASK))
        .map(|first| of_part(first..rows.end.min(first + VALUES_PER_TASK)))
        .reduce(BTreeSet::new, |mut one, other| {
            one.extend(other);
            one
        })
}

/// Appends the index of each candidate's value in the dictionary of a column.
pub fn push_indices(field: Field, people: &[Person], to: &mut Vec<u32>) {
    macro_rules! each {
        (|$person:ident| $index:expr) => {
            to.extend(people.iter().map(|$person| $index))
        };
    }
    // The first name of these is the empty one.
    let but_first = |bits: u8| u32::from(bits).checked_sub(1).unwrap_or(NONE);
    let below = |index: usize, count: usize| if index < count { index as u32 } else { NONE };
    match field {
        Field::CandidateId | Field::SubmittedAt => {}
        Field::Age => each!(|p| u32::from(p.candidate.age)),
        Field::AccompanyingSpouse => each!(|p| u32::from(p.candidate.accompanying_spouse)),
        Field::Education => each!(|p| p.candidate.education as u32),
        Field::CanadianEducation => each!(|p| p.candidate.canadian_education as u32),
        Field::EnglishReading => each!(|p| u32::from(p.candidate.english.reading)),
        Field::EnglishWriting => each!(|p| u32::from(p.candidate.english.writing)),
        Field::EnglishListening => each!(|p| u32::from(p.candidate.english.listening)),
        Field::EnglishSpeaking => each!(|p| u32::from(p.candidate.english.speaking)),
        Field::FrenchReading => each!(|p| u32::from(p.candidate.french.reading)),
        Field::FrenchWriting => each!(|p| u32::from(p.candidate.french.writing)),
        Field::FrenchListening => each!(|p| u32::from(p.candidate.french.listening)),
        Field::FrenchSpeaking => each!(|p| u32::from(p.candidate.french.speaking)),
        Field::FirstLanguage => each!(|p| but_first(p.candidate.first_language as u8)),
        Field::CanadianWorkYears => each!(|p| u32::from(p.candidate.canadian_work_years)),
        Field::ForeignWorkYears => each!(|p| u32::from(p.candidate.foreign_work_years)),
        Field::TradeCertificate => each!(|p| u32::from(p.candidate.trade_certificate)),
        Field::SpouseEducation => each!(|p| p.candidate.spouse_education as u32),
        Field::SpouseReading => each!(|p| u32::from(p.candidate.spouse_language.reading)),
        Field::SpouseWriting => each!(|p| u32::from(p.candidate.spouse_language.writing)),
        Field::SpouseListening => each!(|p| u32::from(p.candidate.spouse_language.listening)),
        Field::SpouseSpeaking => each!(|p| u32::from(p.candidate.spouse_language.speaking)),
        Field::SpouseCanadianWorkYears => {
            each!(|p| u32::from(p.candidate.spouse_canadian_work_years))
        }
        Field::SiblingInCanada => each!(|p| u32::from(p.candidate.sibling_in_canada)),
        Field::ProvincialNomination => each!(|p| u32::from(p.candidate.provincial_nomination)),
        Field::JobOffer => each!(|p| p.candidate.job_offer as u32),
        Field::Noc => each!(|p| below(usize::from(p.candidate.noc.0), noc::COUNT)),
        Field::NocMonths => each!(|p| u32::from(p.candidate.noc_months)),
        Field::NocInCanada => each!(|p| u32::from(p.candidate.noc_in_canada)),
        Field::Citizenship => {
            each!(|p| below(usize::from(p.candidate.citizenship.0), countries::COUNT))
        }
        Field::Gender => each!(|p| but_first(p.candidate.gender as u8)),
        Field::CrsScore => each!(|p| u32::from(p.score)),
        Field::CrsCore => each!(|p| u32::from(p.points.core)),
        Field::CrsSpouse => each!(|p| u32::from(p.points.spouse)),
        Field::CrsTransferability => each!(|p| u32::from(p.points.transferability)),
        Field::CrsAdditional => each!(|p| u32::from(p.points.additional)),
        Field::Programs => each!(|p| p.lists[0]),
        Field::Categories => each!(|p| p.lists[1]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distinct_values_are_found_however_they_are_mixed() {
        let values: Eligibilities = (0..300_000u64)
            .map(|row| (row * row % 1_009) as u32)
            .collect();
        let expected: BTreeSet<u32> = values.iter().collect();
        assert_eq!(distinct(&values, 0..300_000), expected);
        assert!(distinct(&values, 7..7).is_empty());
    }
}
