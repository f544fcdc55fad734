//! Text of the user's and of files as it may be shown: nothing in it steers a terminal. And numbers in
//! sentences.
//! What is shown of it, and where, is the caller's to say.

/// Whether a terminal would obey the character or be misled by it: control characters, and marks
/// that turn the direction of text or take no room.
pub fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

/// `text` with such characters written out, e.g. `\u{1b}`.
pub fn safe(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// `text` in backquotes, cut after 60 characters so that a message stays a line.
pub fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(60).collect();
    let dots = if cut.len() < text.len() { "..." } else { "" };
    format!("`{}{dots}`", safe(&cut))
}

/// A number with commas between its thousands: `214,529`.
pub fn grouped(number: impl Into<u128>) -> String {
    let digits = number.into().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The name of a month by its number, from 1.
pub fn month(number: i8) -> &'static str {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    NAMES[usize::from(number.unsigned_abs().clamp(1, 12)) - 1]
}

/// A number with so many digits after the point and commas between its thousands, after `minus` where
/// it is below zero and does not look like nothing.
pub fn decimal(number: f64, digits: usize, minus: &str) -> String {
    let text = format!("{:.digits$}", number.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let whole = whole
        .parse::<u64>()
        .map_or_else(|_| whole.to_owned(), grouped);
    let is_nothing = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let sign = if number < 0.0 && !is_nothing {
        minus
    } else {
        ""
    };
    format!("{sign}{whole}{rest}")
}

/// So many things, by what one of them is called: `1 round`, `1,020 rounds`.
pub fn counted(number: impl Into<u128>, one: &str) -> String {
    let number = number.into();
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", grouped(number))
}

/// What is said after a word, `; its ...`, one of whose letters only looks like a Latin one; empty where
/// none does.
pub fn not_latin(word: &str) -> String {
    let is_alike =
        |letter: &char| matches!(letter, '\u{370}'..='\u{52f}' | '\u{ff01}'..='\u{ff5e}');
    word.chars().find(is_alike).map_or(String::new(), |letter| {
        let number = u32::from(letter);
        format!("; its `{letter}` is U+{number:04X}, which is no Latin letter")
    })
}

/// `text` as one argument of a command that is typed into a shell, quoted where it has to be.
pub fn as_argument(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(&byte);
    match !text.is_empty() && text.bytes().all(is_plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Words in lines of no more characters than that; a word that is longer has a line of its own.
pub fn lines_of(words: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= most => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_one_thing_is_one() {
        assert_eq!([7u32, 214_529].map(grouped), ["7", "214,529"]);
        let days = [0u32, 1, 2, 7_305].map(|days| counted(days, "day"));
        assert_eq!(days, ["0 days", "1 day", "2 days", "7,305 days"]);
    }

    #[test]
    fn a_letter_that_only_looks_like_a_latin_one_is_named() {
        let told = not_latin("c\u{435}c");
        assert_eq!(told, "; its `\u{435}` is U+0435, which is no Latin letter");
        assert_eq!(not_latin("médecin"), "");
    }

    #[test]
    fn an_argument_is_quoted_where_a_shell_would_take_it_apart() {
        let shown = ["out/a-1.csv", "my rounds.csv", "it's", "", "é"].map(as_argument);
        assert_eq!(
            shown,
            ["out/a-1.csv", "'my rounds.csv'", "'it'\\''s'", "''", "'é'"]
        );
    }

    #[test]
    fn decimals_have_commas_the_minus_that_is_asked_for_and_no_negative_nothing() {
        assert_eq!(decimal(98_903.04, 1, "-"), "98,903.0");
        assert_eq!(decimal(-1_234.5, 1, "-"), "-1,234.5");
        assert_eq!(decimal(-1_234.5, 0, "\u{2212}"), "\u{2212}1,234");
        assert_eq!(decimal(-0.04, 1, "-"), "0.0");
        assert_eq!([1, 12].map(month), ["January", "December"]);
    }

    #[test]
    fn control_characters_are_written_out_and_long_values_cut() {
        assert_eq!(quoted("a\u{1b}[31m\u{202e}"), "`a\\u{1b}[31m\\u{202e}`");
        assert_eq!(quoted(&"é".repeat(1_000)).chars().count(), 65);
        assert_eq!(quoted("a\nb"), "`a\\nb`");
        assert_eq!(quoted(&"x".repeat(1_000_000)).len(), 65);
    }
}
