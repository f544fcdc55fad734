//! The columns of candidate files, listed once: name, type, what is accepted, default, meaning.
//! Reader, writer, `drawsim schema candidate` and the README table are made from this list. How a
//! cell becomes a value lives in `cells`, the reverse in `values`.

use crate::output::Kind;
use crate::output::describe::{HARMLESS, markdown};
use crate::rules::candidate::{
    Abilities, CanadianEducation, Education, FirstLanguage, Gender, JobOffer, MAX_WORK_YEARS, Named,
};

/// The oldest age that a file may hold.
pub const MAX_AGE: u8 = 120;

/// Whether a column has to be in a file that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// The column must be there, with a value in every row.
    Required,
    /// The column must be there; a cell may be empty, which stands for what is said.
    Present(&'static str),
    /// The column may be left out and a cell may be empty: then this holds.
    Default(&'static str),
    /// Worked out by the rules: written, and passed over when read.
    Added,
}

/// What a cell may hold.
#[derive(Debug, Clone, Copy)]
pub enum Accepts {
    /// Text that no other row has.
    Id,
    /// A time.
    Time,
    /// `true` or `false`.
    Flag,
    /// A whole number from 0 to this one.
    UpTo(u8),
    /// One of these names.
    Names(fn() -> Vec<&'static str>),
    /// A NOC 2021 unit group.
    Occupation,
    /// A country code.
    Country,
    /// Nothing: the rules fill it.
    Points,
    /// Nothing: the rules fill it with names separated by `;`.
    List,
}

/// A column of candidate files.
#[derive(Debug, Clone, Copy)]
pub struct CandidateColumn {
    /// Which attribute it holds.
    pub field: Field,
    /// Its name.
    pub name: &'static str,
    /// What a cell may hold.
    pub accepts: Accepts,
    /// Whether it has to be there.
    pub need: Need,
    /// What it means, in a sentence.
    pub meaning: &'static str,
}

macro_rules! columns {
    ($($(#[doc = $meaning:literal])+ $field:ident = $name:literal, $accepts:expr, $need:expr;)+) => {
        /// The attribute that a column holds, in the order of files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field { $($(#[doc = $meaning])+ $field),+ }

        /// Every column, in the order in which files are written.
        pub const COLUMNS: &[CandidateColumn] = &[$(CandidateColumn {
            field: Field::$field,
            name: $name,
            accepts: $accepts,
            need: $need,
            meaning: concat!($($meaning),+).trim_ascii(),
        }),+];
    };
}

fn names<T: Named>() -> Vec<&'static str> {
    T::NAMES
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| !name.is_empty())
        .collect()
}

const LEVEL: Accepts = Accepts::UpTo(Abilities::MAX_LEVEL);
const YEARS: Accepts = Accepts::UpTo(MAX_WORK_YEARS);
const NO_TEST: Need = Need::Default("0, no test");

columns! {
    /// Name of the candidate, which no other row has.
    CandidateId = "candidate_id", Accepts::Id, Need::Required;
    /// When the profile was submitted.
    SubmittedAt = "submitted_at", Accepts::Time, Need::Required;
    /// Completed years of age.
    Age = "age", Accepts::UpTo(MAX_AGE), Need::Required;
    /// Whether a spouse or partner comes along who is neither citizen nor permanent resident.
    AccompanyingSpouse = "accompanying_spouse", Accepts::Flag, Need::Default("false");
    /// Highest level of education.
    Education = "education", Accepts::Names(names::<Education>), Need::Required;
    /// Post-secondary study in Canada.
    CanadianEducation = "canadian_education", Accepts::Names(names::<CanadianEducation>), Need::Default("none");
    /// CLB level in reading English; 0 means no test.
    EnglishReading = "english_reading", LEVEL, Need::Required;
    /// CLB level in writing English; 0 means no test.
    EnglishWriting = "english_writing", LEVEL, Need::Required;
    /// CLB level in listening to English; 0 means no test.
    EnglishListening = "english_listening", LEVEL, Need::Required;
    /// CLB level in speaking English; 0 means no test.
    EnglishSpeaking = "english_speaking", LEVEL, Need::Required;
    /// NCLC level in reading French.
    FrenchReading = "french_reading", LEVEL, NO_TEST;
    /// NCLC level in writing French.
    FrenchWriting = "french_writing", LEVEL, NO_TEST;
    /// NCLC level in listening to French.
    FrenchListening = "french_listening", LEVEL, NO_TEST;
    /// NCLC level in speaking French.
    FrenchSpeaking = "french_speaking", LEVEL, NO_TEST;
    /// The language named as the first official language.
    FirstLanguage = "first_language", Accepts::Names(names::<FirstLanguage>), Need::Default("whichever gives more points");
    /// Whole years of skilled work in Canada in the last ten years; write 10 for more.
    CanadianWorkYears = "canadian_work_years", YEARS, Need::Required;
    /// Whole years of skilled work abroad in the last ten years; write 10 for more.
    ForeignWorkYears = "foreign_work_years", YEARS, Need::Required;
    /// Whether the candidate holds a Canadian certificate of qualification in a trade.
    TradeCertificate = "trade_certificate", Accepts::Flag, Need::Default("false");
    /// The spouse's highest level of education.
    SpouseEducation = "spouse_education", Accepts::Names(names::<Education>), Need::Default("none");
    /// The spouse's level in reading, in the spouse's first official language.
    SpouseReading = "spouse_reading", LEVEL, NO_TEST;
    /// The spouse's level in writing.
    SpouseWriting = "spouse_writing", LEVEL, NO_TEST;
    /// The spouse's level in listening.
    SpouseListening = "spouse_listening", LEVEL, NO_TEST;
    /// The spouse's level in speaking.
    SpouseSpeaking = "spouse_speaking", LEVEL, NO_TEST;
    /// The spouse's whole years of skilled work in Canada.
    SpouseCanadianWorkYears = "spouse_canadian_work_years", YEARS, Need::Default("0");
    /// Whether a brother or sister in Canada counts for points.
    SiblingInCanada = "sibling_in_canada", Accepts::Flag, Need::Default("false");
    /// Whether a province or territory nominated the candidate.
    ProvincialNomination = "provincial_nomination", Accepts::Flag, Need::Default("false");
    /// Valid job offer.
    JobOffer = "job_offer", Accepts::Names(names::<JobOffer>), Need::Default("none");
    /// Primary occupation; empty when none is stated.
    Noc = "noc", Accepts::Occupation, Need::Present("no occupation");
    /// Months of work in the primary occupation in the time that categories and trades look at.
    NocMonths = "noc_months", Accepts::UpTo(u8::MAX), Need::Default("12 for each year of work in Canada and abroad, at most 36; 0 without a noc");
    /// Whether the primary occupation was practised in Canada.
    NocInCanada = "noc_in_canada", Accepts::Flag, Need::Default("true with a noc and a year of work in Canada, else false");
    /// Country of citizenship.
    Citizenship = "citizenship", Accepts::Country, Need::Default("not known");
    /// Gender.
    Gender = "gender", Accepts::Names(names::<Gender>), Need::Default("not known");
    /// CRS score.
    CrsScore = "crs_score", Accepts::Points, Need::Added;
    /// CRS points of section A, core human capital.
    CrsCore = "crs_core", Accepts::Points, Need::Added;
    /// CRS points of section B, spouse.
    CrsSpouse = "crs_spouse", Accepts::Points, Need::Added;
    /// CRS points of section C, skill transferability.
    CrsTransferability = "crs_transferability", Accepts::Points, Need::Added;
    /// CRS points of section D, additional points.
    CrsAdditional = "crs_additional", Accepts::Points, Need::Added;
    /// Programs that the candidate is eligible for, e.g. cec;fsw; empty where there is none.
    Programs = "programs", Accepts::List, Need::Added;
    /// Categories that the candidate belongs to, by name, e.g. french;stem; whoever is eligible for no program belongs to none.
    Categories = "categories", Accepts::List, Need::Added;
}

impl Field {
    /// The column that holds it.
    pub const fn column(self) -> &'static CandidateColumn {
        &COLUMNS[self as usize]
    }

    /// The column of that name.
    pub fn named(name: &str) -> Option<Self> {
        COLUMNS
            .iter()
            .find(|column| column.name == name)
            .map(|column| column.field)
    }
}

impl CandidateColumn {
    /// Whether a file has to have the column.
    pub const fn is_required(&self) -> bool {
        matches!(self.need, Need::Required | Need::Present(_))
    }

    /// Whether the rules fill it.
    pub const fn is_added(&self) -> bool {
        matches!(self.need, Need::Added)
    }

    /// Its type in the files that are written.
    pub const fn kind(&self) -> Kind {
        match self.accepts {
            Accepts::Time => Kind::Time,
            Accepts::Flag => Kind::Boolean,
            Accepts::UpTo(_) | Accepts::Points => Kind::Integer,
            _ => Kind::Text,
        }
    }
}

impl Accepts {
    /// What is accepted, in words.
    pub fn describe(self) -> String {
        match self {
            Accepts::Id => "text, each once in a pool".to_owned(),
            Accepts::Time => "a time like 2023-07-05T13:38:22Z".to_owned(),
            Accepts::Flag => "true or false".to_owned(),
            Accepts::UpTo(most) => format!("a whole number from 0 to {most}"),
            Accepts::Names(names) => names().join(", "),
            Accepts::Occupation => "five digits, a unit group of NOC 2021".to_owned(),
            Accepts::Country => "three letters, an ISO 3166-1 code like IND".to_owned(),
            Accepts::Points => "points".to_owned(),
            Accepts::List => "names separated by ;".to_owned(),
        }
    }
}

/// The columns as Markdown that also reads well in a terminal: what `drawsim schema candidate`
/// prints and the data dictionary of the README holds.
pub fn describe() -> String {
    let rows: Vec<Vec<String>> = COLUMNS
        .iter()
        .map(|column| {
            let need = match column.need {
                Need::Required => "required".to_owned(),
                Need::Present(empty) => format!("required; empty: {empty}"),
                Need::Default(default) => default.to_owned(),
                Need::Added => "added by the rules".to_owned(),
            };
            vec![
                column.name.to_owned(),
                column.kind().name().to_owned(),
                column.accepts.describe(),
                need,
                column.meaning.to_owned(),
            ]
        })
        .collect();
    let header = [
        "column",
        "type",
        "accepted",
        "when left out or empty",
        "meaning",
    ];
    format!(
        "### Candidate files: one row per candidate\n\n{HARMLESS} So it is with candidate ids, and with the columns that `score` passes on and their names; when a CSV file is read, the `'` is no part of a candidate id.\n\n{}",
        markdown(&header, &rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_finds_its_own_column() {
        for column in COLUMNS {
            assert_eq!(column.field.column().name, column.name);
            assert_eq!(Field::named(column.name), Some(column.field));
            assert!(column.meaning.ends_with('.'), "{}", column.name);
        }
        assert_eq!(Field::named("crs"), None);
    }

    #[test]
    fn the_description_of_the_columns_changes_only_on_purpose() {
        insta::assert_snapshot!(describe());
    }
}
