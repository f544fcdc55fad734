//! Occupations: the 516 unit groups of the National Occupational Classification 2021.
//! Which program or category asks for which occupation does not live here.
//!
//! Source: Statistics Canada, NOC 2021 (in use for Express Entry from 2022-11-16). Rules of earlier
//! dates are applied to the same occupations: levels 0, A and B of NOC 2016 are read as TEER 0 to 3.

use std::sync::LazyLock;

use super::candidate::NocIndex;

/// Number of unit groups.
pub const COUNT: usize = 516;

/// Source of the table.
pub const SOURCE: &str =
    "Statistics Canada, National Occupational Classification (NOC) 2021 Version 1.0";

static TABLE: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("data/noc2021.csv").as_bytes());
    let rows: Result<Vec<(String, String)>, csv::Error> = reader.deserialize().collect();
    rows.expect("the embedded table of occupations reads")
});

/// Place in the table of each code, by the code as a number; files of millions of rows are read.
static PLACES: LazyLock<Vec<Option<NocIndex>>> = LazyLock::new(|| {
    let mut places = vec![None; 100_000];
    for (place, (code, _)) in (0..).zip(TABLE.iter()) {
        if let Some(number) = number(code) {
            places[number] = Some(NocIndex(place));
        }
    }
    places
});

/// Five digits as a number.
#[inline]
fn number(code: &str) -> Option<usize> {
    let digits: &[u8; 5] = code.as_bytes().try_into().ok()?;
    digits.iter().try_fold(0, |number, digit| {
        let digit = digit.wrapping_sub(b'0');
        (digit <= 9).then(|| number * 10 + usize::from(digit))
    })
}

fn row(index: NocIndex) -> Option<&'static (String, String)> {
    TABLE.get(usize::from(index.0))
}

/// The five-digit code, as text (`00012`).
pub fn code(index: NocIndex) -> Option<&'static str> {
    row(index).map(|(code, _)| code.as_str())
}

/// The title in English.
pub fn title(index: NocIndex) -> Option<&'static str> {
    row(index).map(|(_, title)| title.as_str())
}

/// Training, education, experience and responsibilities category, 0 to 5: the second digit.
pub fn teer(index: NocIndex) -> Option<u8> {
    code(index).map(|code| code.as_bytes()[1] - b'0')
}

/// The occupation with that five-digit code.
pub fn find(code: &str) -> Option<NocIndex> {
    PLACES[number(code)?]
}

/// Whether a code is written like those of NOC 2016, four digits, which name other unit groups.
pub fn is_like_2016(code: &str) -> bool {
    code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Every occupation, in order of code.
pub fn all() -> impl ExactSizeIterator<Item = NocIndex> {
    (0..COUNT as u16).map(NocIndex)
}

/// Place of an occupation in compiled tables of `COUNT + 1` entries; the last is for none.
#[inline]
pub(super) fn slot(index: NocIndex) -> usize {
    usize::from(index.0).min(COUNT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_516_codes_in_order_each_found_again() {
        assert_eq!(TABLE.len(), COUNT);
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        for index in all() {
            let code = code(index).unwrap();
            assert_eq!(code.len(), 5);
            assert_eq!(find(code), Some(index));
            assert!(teer(index).unwrap() <= 5);
        }
    }

    #[test]
    fn codes_stay_text_and_unknown_ones_are_not_found() {
        let senior = find("00012").unwrap();
        assert!(title(senior).unwrap().starts_with("Senior managers"));
        assert_eq!(teer(senior), Some(0));
        assert_eq!(teer(find("21231").unwrap()), Some(1));
        assert_eq!(find("12"), None);
        assert_eq!(find("99999"), None);
        assert_eq!(code(NocIndex::NONE), None);
        assert_eq!(teer(NocIndex::NONE), None);
    }
}
