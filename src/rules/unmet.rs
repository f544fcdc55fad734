//! What a candidate lacks for a category, for explanation.
//! Who belongs to a category is worked out in `book`.

use super::candidate::Candidate;
use super::noc;

/// A condition of a category that a candidate does not meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unmet {
    /// The primary occupation is not listed.
    Occupation,
    /// Too few months in the occupation: so many are asked for.
    Months(u8),
    /// The occupation was practised in Canada where abroad is asked for, or the reverse.
    Place,
    /// The lowest level of English: this one is asked for.
    English(u8),
    /// The lowest level of French: this one is asked for.
    French(u8),
    /// The level of education.
    Education,
    /// Too few years of work abroad: so many are asked for.
    ForeignWork(u8),
    /// There is no job offer.
    JobOffer,
}

impl Unmet {
    /// What is missing, in words.
    pub fn text(self, candidate: &Candidate) -> String {
        let level = |name: &str, has: u8, asked: u8| match has {
            0 => format!("no {name}, level {asked} is asked"),
            has => format!("{name} level {has}, {asked} is asked"),
        };
        match self {
            Unmet::Occupation => match noc::code(candidate.noc) {
                Some(code) => format!("occupation {code} is not listed"),
                None => "no occupation is stated".to_owned(),
            },
            Unmet::Months(asked) => format!(
                "{} months in the occupation, {asked} are asked",
                candidate.noc_months
            ),
            Unmet::Place if candidate.noc_in_canada => "the work was in Canada".to_owned(),
            Unmet::Place => "the work was not in Canada".to_owned(),
            Unmet::English(asked) => level("English", candidate.english.lowest(), asked),
            Unmet::French(asked) => level("French", candidate.french.lowest(), asked),
            Unmet::Education => format!("education {} is not enough", candidate.education.name()),
            Unmet::ForeignWork(asked) => format!(
                "{} years of work abroad, {asked} are asked",
                candidate.foreign_work_years
            ),
            Unmet::JobOffer => "no job offer".to_owned(),
        }
    }
}
