//! Countries of citizenship: the ISO 3166-1 alpha-3 codes with English short names.
//! How many candidates come from where does not live here.

use std::sync::LazyLock;

use super::candidate::CountryIndex;

/// Number of countries and territories.
pub const COUNT: usize = 249;

static TABLE: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let mut reader = csv::Reader::from_reader(include_str!("data/countries.csv").as_bytes());
    let rows: Result<Vec<(String, String)>, csv::Error> = reader.deserialize().collect();
    rows.expect("the embedded table of countries reads")
});

/// Place in the table of each code, by its letters; files of millions of rows are read.
static PLACES: LazyLock<Vec<Option<CountryIndex>>> = LazyLock::new(|| {
    let mut places = vec![None; 26 * 26 * 26];
    for (place, (code, _)) in (0..).zip(TABLE.iter()) {
        if let Some(number) = number(code) {
            places[number] = Some(CountryIndex(place));
        }
    }
    places
});

/// Three capital letters as a number to base 26.
#[inline]
fn number(code: &str) -> Option<usize> {
    let letters: &[u8; 3] = code.as_bytes().try_into().ok()?;
    letters.iter().try_fold(0, |number, letter| {
        let letter = letter.wrapping_sub(b'A');
        (letter < 26).then(|| number * 26 + usize::from(letter))
    })
}

/// The alpha-3 code, e.g. `IND`.
pub fn code(index: CountryIndex) -> Option<&'static str> {
    TABLE
        .get(usize::from(index.0))
        .map(|(code, _)| code.as_str())
}

/// The English short name, e.g. `India`.
pub fn name(index: CountryIndex) -> Option<&'static str> {
    TABLE
        .get(usize::from(index.0))
        .map(|(_, name)| name.as_str())
}

/// The country with that alpha-3 code, in capitals.
pub fn find(code: &str) -> Option<CountryIndex> {
    PLACES[number(code)?]
}

/// Every country, in order of code.
pub fn all() -> impl ExactSizeIterator<Item = CountryIndex> {
    (0..COUNT as u8).map(CountryIndex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_249_codes_in_order_each_found_again() {
        assert_eq!(TABLE.len(), COUNT);
        assert!(TABLE.is_sorted_by(|a, b| a.0 < b.0));
        for index in all() {
            assert_eq!(find(code(index).unwrap()), Some(index));
        }
        assert_eq!(name(find("IND").unwrap()), Some("India"));
        assert_eq!(find("XXX"), None);
        assert_eq!(name(CountryIndex::UNKNOWN), None);
    }
}
