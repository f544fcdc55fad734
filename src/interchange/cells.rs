//! One cell of a candidate file into an attribute, or what is wrong with it.
//! Which columns there are is said in `columns`.

use std::borrow::Cow;

use crate::nearest::nearest;
use crate::rules::candidate::{
    CanadianEducation, Candidate, CountryIndex, Education, FirstLanguage, Gender, JobOffer, Named,
    NocIndex,
};
use crate::rules::{countries, noc};
use crate::units::Instant;

use super::columns::{Accepts, Field, Need};
use crate::shown::{not_latin, quoted};

/// Most months that the default of `noc_months` gives: categories look back three years.
const MOST_DEFAULT_MONTHS: u8 = 36;
/// Longest name of a candidate, in bytes.
const LONGEST_ID: usize = 200;

/// A candidate under way, a cell at a time.
#[derive(Debug, Clone)]
pub struct Draft {
    candidate: Candidate,
    months_given: bool,
    place_given: bool,
}

impl Default for Draft {
    /// The documented default of every column.
    fn default() -> Self {
        Draft {
            candidate: Candidate::blank(),
            months_given: false,
            place_given: false,
        }
    }
}

impl Draft {
    /// Takes the cell of a column; spaces around it do not count.
    ///
    /// # Errors
    /// What is wrong with the cell and what is accepted.
    #[inline]
    pub fn set(&mut self, field: Field, cell: &str) -> Result<(), String> {
        let text = trimmed(cell);
        if text.is_empty() {
            return match field.column().need {
                Need::Required => Err(format!(
                    "the cell is empty; accepted: {}",
                    field.column().accepts.describe()
                )),
                _ => Ok(()),
            };
        }
        let c = &mut self.candidate;
        let accepted = match field {
            Field::CandidateId => return check_id(text),
            Field::SubmittedAt => return time(text).map(|at| c.submitted_at = at),
            Field::Age => number(field, text).map(|value| c.age = value),
            Field::AccompanyingSpouse => flag(text).map(|value| c.accompanying_spouse = value),
            Field::Education => Education::from_name(text).map(|value| c.education = value),
            Field::CanadianEducation => {
                CanadianEducation::from_name(text).map(|value| c.canadian_education = value)
            }
            Field::EnglishReading => number(field, text).map(|level| c.english.reading = level),
            Field::EnglishWriting => number(field, text).map(|level| c.english.writing = level),
            Field::EnglishListening => number(field, text).map(|level| c.english.listening = level),
            Field::EnglishSpeaking => number(field, text).map(|level| c.english.speaking = level),
            Field::FrenchReading => number(field, text).map(|level| c.french.reading = level),
            Field::FrenchWriting => number(field, text).map(|level| c.french.writing = level),
            Field::FrenchListening => number(field, text).map(|level| c.french.listening = level),
            Field::FrenchSpeaking => number(field, text).map(|level| c.french.speaking = level),
            Field::FirstLanguage => {
                FirstLanguage::from_name(text).map(|value| c.first_language = value)
            }
            Field::CanadianWorkYears => {
                number(field, text).map(|years| c.canadian_work_years = years)
            }
            Field::ForeignWorkYears => {
                number(field, text).map(|years| c.foreign_work_years = years)
            }
            Field::TradeCertificate => flag(text).map(|value| c.trade_certificate = value),
            Field::SpouseEducation => {
                Education::from_name(text).map(|value| c.spouse_education = value)
            }
            Field::SpouseReading => {
                number(field, text).map(|level| c.spouse_language.reading = level)
            }
            Field::SpouseWriting => {
                number(field, text).map(|level| c.spouse_language.writing = level)
            }
            Field::SpouseListening => {
                number(field, text).map(|level| c.spouse_language.listening = level)
            }
            Field::SpouseSpeaking => {
                number(field, text).map(|level| c.spouse_language.speaking = level)
            }
            Field::SpouseCanadianWorkYears => {
                number(field, text).map(|years| c.spouse_canadian_work_years = years)
            }
            Field::SiblingInCanada => flag(text).map(|value| c.sibling_in_canada = value),
            Field::ProvincialNomination => flag(text).map(|value| c.provincial_nomination = value),
            Field::JobOffer => JobOffer::from_name(text).map(|value| c.job_offer = value),
            Field::Noc => noc::find(text).map(|value| c.noc = value),
            Field::NocMonths => number(field, text).map(|months| {
                c.noc_months = months;
                self.months_given = true;
            }),
            Field::NocInCanada => flag(text).map(|value| {
                c.noc_in_canada = value;
                self.place_given = true;
            }),
            Field::Citizenship => countries::find(text).map(|value| c.citizenship = value),
            Field::Gender => Gender::from_name(text).map(|value| c.gender = value),
            Field::CrsScore
            | Field::CrsCore
            | Field::CrsSpouse
            | Field::CrsTransferability
            | Field::CrsAdditional
            | Field::Programs
            | Field::Categories => Some(()),
        };
        accepted.ok_or_else(|| refusal(field, text))
    }

    /// The candidate, with the defaults that depend on other columns.
    #[inline]
    pub fn finish(mut self) -> Candidate {
        let c = &mut self.candidate;
        if c.noc != NocIndex::NONE {
            if !self.months_given {
                let years = c.canadian_work_years + c.foreign_work_years;
                c.noc_months = years.saturating_mul(12).min(MOST_DEFAULT_MONTHS);
            }
            if !self.place_given {
                c.noc_in_canada = c.canadian_work_years > 0;
            }
        }
        self.candidate
    }

    /// Somebody of whom nothing was said but what the defaults of other columns depend on.
    pub fn like(candidate: &Candidate) -> Candidate {
        let mut draft = Draft::default();
        draft.candidate.noc = candidate.noc;
        draft.candidate.canadian_work_years = candidate.canadian_work_years;
        draft.candidate.foreign_work_years = candidate.foreign_work_years;
        draft.finish()
    }
}

/// Without the spaces around it; most cells have none.
#[inline]
fn trimmed(cell: &str) -> &str {
    let bytes = cell.as_bytes();
    match (bytes.first(), bytes.last()) {
        (Some(first), Some(last)) if *first <= b' ' || *last <= b' ' => cell.trim_ascii(),
        _ => cell,
    }
}

fn check_id(text: &str) -> Result<(), String> {
    if text.len() > LONGEST_ID {
        return Err(format!(
            "{} has {} bytes; a candidate's name has at most {LONGEST_ID}",
            quoted(text),
            text.len()
        ));
    }
    Ok(())
}

/// A whole number from 0 to the most that the column accepts.
#[inline]
fn number(field: Field, text: &str) -> Option<u8> {
    let Accepts::UpTo(most) = field.column().accepts else {
        return None;
    };
    if text.len() > 3 {
        return None;
    }
    let mut value = 0u16;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u16::from(digit);
    }
    (value <= u16::from(most)).then_some(value as u8)
}

/// `true` or `false`; spreadsheets write them in capitals.
#[inline]
fn flag(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A time; the form that is written is read without detours.
#[inline]
fn time(text: &str) -> Result<Instant, String> {
    if let Some(at) = plain_time(text.as_bytes()) {
        return Ok(at);
    }
    // The text may be long or hold what no terminal should show.
    if text.len() > 40 || text.contains(char::is_control) {
        return Err(format!(
            "{} is not a time; write it like 2023-07-05T13:38:22Z (RFC 3339, UTC)",
            quoted(text)
        ));
    }
    Instant::parse(text)
}

/// `2023-07-05T13:38:22Z`, of a year from 1970 to 2099.
#[inline]
fn plain_time(text: &[u8]) -> Option<Instant> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let marks = [
        (4, b'-'),
        (7, b'-'),
        (10, b'T'),
        (13, b':'),
        (16, b':'),
        (19, b'Z'),
    ];
    if marks.iter().any(|&(place, mark)| text[place] != mark) {
        return None;
    }
    let two = |place: usize| {
        let (tens, ones) = (
            text[place].wrapping_sub(b'0'),
            text[place + 1].wrapping_sub(b'0'),
        );
        (tens <= 9 && ones <= 9).then(|| u32::from(tens) * 10 + u32::from(ones))
    };
    let year = two(0)? * 100 + two(2)?;
    let (month, day) = (two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    if !(1970..2100).contains(&year) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // 1970 to 2099 has a leap year every four years.
    let february = if year % 4 == 0 { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let length = *lengths.get((month as usize).checked_sub(1)?)?;
    if day == 0 || day > length {
        return None;
    }
    let before: u32 = lengths[..month as usize - 1].iter().sum();
    let years = year - 1970;
    let days = years * 365 + (years + 1) / 4 + before + day - 1;
    Some(Instant::from_seconds(
        days * Instant::DAY + hour * 3_600 + minute * 60 + second,
    ))
}

/// What is wrong with a cell that none of the accepted values fits.
fn refusal(field: Field, text: &str) -> String {
    let accepts = field.column().accepts;
    let shown = quoted(text);
    let meant = match accepts {
        Accepts::Names(names) => nearest(text, names()).map(Cow::from),
        Accepts::Occupation => occupation_meant(text).map(Cow::from),
        Accepts::Country => country_meant(text).map(Cow::from),
        _ => None,
    };
    let meant = meant
        .map(|meant| format!("{}; did you mean `{meant}`?", not_latin(text)))
        .unwrap_or_default();
    format!(
        "{shown} is not accepted; accepted: {}{meant}",
        accepts.describe()
    )
}

/// A code whose leading zeros a spreadsheet took away, or one that is nearly so.
fn occupation_meant(text: &str) -> Option<&'static str> {
    let padded = format!("{text:0>5}");
    let exact = noc::find(&padded).and_then(noc::code);
    exact.or_else(|| {
        let known = noc::all().filter_map(noc::code);
        known
            .filter(|_| text.len() == 5)
            .min_by_key(|code| strsim::hamming(code, text).unwrap_or(5))
    })
}

/// The code of a country that was written by its name or in small letters.
fn country_meant(text: &str) -> Option<&'static str> {
    if let Some(found) = countries::find(&text.to_ascii_uppercase()) {
        return countries::code(found);
    }
    let named = |index: &CountryIndex| {
        countries::name(*index).is_some_and(|name| name.eq_ignore_ascii_case(text))
    };
    countries::all().find(named).and_then(countries::code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(field: Field, text: &str) -> String {
        Draft::default().set(field, text).unwrap_err()
    }

    #[test]
    fn what_is_wrong_comes_with_what_is_accepted_and_what_was_meant() {
        for (field, text, part) in [
            (Field::Age, "abc", "a whole number from 0 to 120"),
            (Field::Age, "121", "a whole number from 0 to 120"),
            (Field::Age, "-1", "`-1` is not accepted"),
            (Field::Age, "29.0", "a whole number"),
            (Field::Age, "", "the cell is empty"),
            (Field::AccompanyingSpouse, "yes", "true or false"),
            (Field::Education, "bachelor", "did you mean `bachelors`?"),
            (Field::Noc, "12", "did you mean `00012`?"),
            (Field::Noc, "21239", "did you mean `2123"),
            (Field::Citizenship, "India", "did you mean `IND`?"),
            (Field::Citizenship, "ind", "did you mean `IND`?"),
            (Field::SubmittedAt, "2023-02-29T00:00:00Z", "is not a time"),
            (Field::SubmittedAt, "2023-02-28T00:00:00.5Z", "fraction"),
            (Field::SubmittedAt, "2023-02-28T16:48:60Z", "leap second"),
            (Field::SubmittedAt, "9999-12-31T23:59:59Z", "1970 to 2105"),
            (Field::SubmittedAt, "05/07/2023", "2023-07-05T13:38:22Z"),
        ] {
            let message = refused(field, text);
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn empty_optional_cells_leave_the_documented_default() {
        let mut draft = Draft::default();
        for field in [
            Field::Gender,
            Field::Noc,
            Field::NocMonths,
            Field::FirstLanguage,
        ] {
            draft.set(field, " ").unwrap();
        }
        let candidate = draft.finish();
        assert_eq!(candidate.gender, Gender::Unstated);
        assert_eq!((candidate.noc, candidate.noc_months), (NocIndex::NONE, 0));
    }

    #[test]
    fn months_and_place_of_the_occupation_follow_from_the_work_when_left_out() {
        let mut draft = Draft::default();
        draft.set(Field::Noc, "21231").unwrap();
        draft.set(Field::CanadianWorkYears, "1").unwrap();
        draft.set(Field::ForeignWorkYears, "1").unwrap();
        let candidate = draft.clone().finish();
        assert_eq!((candidate.noc_months, candidate.noc_in_canada), (24, true));
        draft.set(Field::NocMonths, "6").unwrap();
        draft.set(Field::NocInCanada, "FALSE").unwrap();
        let candidate = draft.finish();
        assert_eq!((candidate.noc_months, candidate.noc_in_canada), (6, false));
    }

    proptest! {
        #[test]
        fn a_written_time_reads_back(seconds in 0u32..4_102_444_800) {
            let at = Instant::from_seconds(seconds);
            prop_assert_eq!(plain_time(at.to_string().as_bytes()), Some(at));
        }

        #[test]
        fn times_agree_with_the_calendar(text in "20[0-9]{2}-[01][0-9]-[0-3][0-9]T[012][0-9]:[0-6][0-9]:[0-6][0-9]Z") {
            if let Some(at) = plain_time(text.as_bytes()) {
                prop_assert_eq!(Ok(at), Instant::parse(&text));
            }
        }

        #[test]
        fn no_cell_makes_it_panic(place in 0..super::super::columns::COLUMNS.len(), text: String) {
            let _ = Draft::default().set(super::super::columns::COLUMNS[place].field, &text);
        }
    }
}
