//! The feed's free-text times: `July 05, 2023 13:38:22 UTC` and everything near it, read token by
//! token. What is missing is never filled in, but for two things that are said: the zone and the
//! seconds.

use std::fmt;

use jiff::civil::{self, DateTime};
use jiff::tz::TimeZone;

use crate::shown;
use crate::units::{Date, Instant};

/// The longest text that is looked at, in bytes; the feed's own are about 40.
const LONGEST: usize = 200;

/// A day, and the time on it where one was printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stamp {
    pub date: Date,
    pub at: Option<Instant>,
    /// What was not printed and how it was read.
    pub assumed: Vec<&'static str>,
}

/// Why a text is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TimeFault {
    TooLong,
    NoMonth,
    NoDay,
    NoYear,
    NoSuchDay,
    NoSuchTime,
    OtherZone,
    MoreText,
}

impl fmt::Display for TimeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeFault::TooLong => "is too long for a time",
            TimeFault::NoMonth => "has no month by name",
            TimeFault::NoDay => "has no day",
            TimeFault::NoYear => "has no year",
            TimeFault::NoSuchDay => "is a day that does not exist or lies outside 1970 to 2105",
            TimeFault::NoSuchTime => "has a time of day that cannot be read",
            TimeFault::OtherZone => "has a time zone other than UTC",
            TimeFault::MoreText => "has more than a time in it",
        })
    }
}

/// Reads a day with or without a time; `None` where nothing is printed (blank, `n/a`).
pub(super) fn read_stamp(text: &str) -> Result<Option<Stamp>, TimeFault> {
    if text.len() > LONGEST {
        return Err(TimeFault::TooLong);
    }
    let tokens = tokens(text);
    let nothing = match tokens.as_slice() {
        [] | [Token::Mark('-')] => true,
        [Token::Word(n), Token::Mark('/'), Token::Word(a)] => n == "n" && a == "a",
        [Token::Word(word)] => word == "na",
        _ => false,
    };
    if nothing {
        return Ok(None);
    }
    let mut rest = Rest { tokens: &tokens };
    let date = rest.date()?;
    rest.skip(&[',', '.']);
    rest.word(&["at", "t"]);
    rest.skip(&[',']);
    let mut assumed = Vec::new();
    let at = match rest.tokens {
        [] => None,
        _ => Some(instant(date.to_datetime(rest.time(&mut assumed)?))?),
    };
    Ok(Some(Stamp { date, at, assumed }))
}

fn instant(moment: DateTime) -> Result<Instant, TimeFault> {
    let stamp = TimeZone::UTC.to_timestamp(moment).ok();
    stamp
        .and_then(|stamp| u32::try_from(stamp.as_second()).ok())
        .map(Instant::from_seconds)
        .ok_or(TimeFault::NoSuchDay)
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// Up to four digits.
    Number { value: i16, digits: usize },
    /// Letters, in lower case.
    Word(String),
    /// Anything else but blanks.
    Mark(char),
}

/// Runs of digits, runs of letters, single marks; blanks of any kind only separate.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |keep: fn(char) -> bool| rest.find(|c| !keep(c)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            let length = run(|c| c.is_ascii_digit());
            tokens.push(match rest[..length].parse() {
                Ok(value) if length <= 4 => Token::Number {
                    value,
                    digits: length,
                },
                _ => Token::Mark(first),
            });
            length
        } else if first.is_alphabetic() {
            let length = run(char::is_alphabetic);
            tokens.push(Token::Word(rest[..length].to_lowercase()));
            length
        } else {
            let blank = first.is_whitespace() || matches!(first, '\u{200b}' | '\u{feff}');
            if !blank {
                tokens.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The tokens not read yet.
struct Rest<'a> {
    tokens: &'a [Token],
}

impl Rest<'_> {
    fn skip(&mut self, marks: &[char]) {
        while let [Token::Mark(mark), rest @ ..] = self.tokens
            && marks.contains(mark)
        {
            self.tokens = rest;
        }
    }

    fn word(&mut self, accepted: &[&str]) -> bool {
        match self.tokens {
            [Token::Word(word), rest @ ..] if accepted.contains(&word.as_str()) => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    fn mark(&mut self, accepted: char) -> bool {
        match self.tokens {
            [Token::Mark(mark), rest @ ..] if *mark == accepted => {
                self.tokens = rest;
                true
            }
            _ => false,
        }
    }

    /// A number of so many digits.
    fn number(&mut self, accepted: std::ops::RangeInclusive<usize>) -> Option<i16> {
        match self.tokens {
            [Token::Number { value, digits }, rest @ ..] if accepted.contains(digits) => {
                self.tokens = rest;
                Some(*value)
            }
            _ => None,
        }
    }

    /// A month by name, or by its first three letters or more.
    fn month(&mut self) -> Option<i8> {
        let [Token::Word(word), rest @ ..] = self.tokens else {
            return None;
        };
        let named = |&number: &i8| {
            let start = shown::month(number).get(..word.len());
            word.len() >= 3 && start.is_some_and(|start| start.eq_ignore_ascii_case(word))
        };
        let month = (1..=12).find(named)?;
        self.tokens = rest;
        self.skip(&['.', ',']);
        Some(month)
    }

    /// A day of the month with or without `st`, `nd`, `rd` or `th`.
    fn day(&mut self) -> Option<i8> {
        let day = self.number(1..=2)?;
        self.word(&["st", "nd", "rd", "th"]);
        self.skip(&['.', ',']);
        i8::try_from(day).ok()
    }

    /// `July 5, 2023`, `5 July 2023` or `2023-07-05`.
    fn date(&mut self) -> Result<Date, TimeFault> {
        let (year, month, day) = if let Some(year) = self.number(4..=4) {
            self.mark('-');
            let month = self.number(2..=2).ok_or(TimeFault::NoMonth)?;
            self.mark('-');
            let day = self.number(2..=2).ok_or(TimeFault::NoDay)?;
            let small = |number| i8::try_from(number).map_err(|_| TimeFault::NoSuchDay);
            (year, small(month)?, small(day)?)
        } else {
            let first = self.day();
            let month = self.month().ok_or(TimeFault::NoMonth)?;
            let day = first.or_else(|| self.day()).ok_or(TimeFault::NoDay)?;
            let year = self.number(4..=4).ok_or(TimeFault::NoYear)?;
            (year, month, day)
        };
        let date = Date::new(year, month, day).map_err(|_| TimeFault::NoSuchDay)?;
        Instant::start_of(date)
            .map(|_| date)
            .ok_or(TimeFault::NoSuchDay)
    }

    /// `13:38:22`, `11:02:03 AM`, each with or without `UTC`; nothing may follow.
    fn time(&mut self, assumed: &mut Vec<&'static str>) -> Result<civil::Time, TimeFault> {
        let hour = self.number(1..=2).ok_or(TimeFault::NoSuchTime)?;
        if !self.mark(':') {
            return Err(TimeFault::NoSuchTime);
        }
        let minute = self.number(2..=2).ok_or(TimeFault::NoSuchTime)?;
        let second = if self.mark(':') {
            self.number(2..=2).ok_or(TimeFault::NoSuchTime)?
        } else {
            assumed.push("no seconds are printed; read as 00");
            0
        };
        let hour = match (self.half_of_day(), hour) {
            (None, hour) => hour,
            (Some(false), 12) => 0,
            (Some(false), 0..=11) | (Some(true), 12..=23) => hour,
            (Some(true), 1..=11) => hour + 12,
            (Some(_), _) => return Err(TimeFault::NoSuchTime),
        };
        self.skip(&['.', ',', '(']);
        let zone = self.word(&["utc", "gmt", "z"]);
        self.skip(&['.', ',', ')']);
        match self.tokens {
            [] if zone => {}
            [] => assumed.push("no time zone is printed; read as UTC"),
            [Token::Word(_), ..] if !zone => return Err(TimeFault::OtherZone),
            _ => return Err(TimeFault::MoreText),
        }
        let part = |number| i8::try_from(number).map_err(|_| TimeFault::NoSuchTime);
        civil::Time::new(part(hour)?, part(minute)?, part(second)?, 0)
            .map_err(|_| TimeFault::NoSuchTime)
    }

    /// `AM` is false, `PM` is true; `a.m.` and `p.m.` too.
    fn half_of_day(&mut self) -> Option<bool> {
        for (after_noon, whole, letter) in [(false, "am", "a"), (true, "pm", "p")] {
            if self.word(&[whole]) {
                return Some(after_noon);
            }
            if let [
                Token::Word(first),
                Token::Mark('.'),
                Token::Word(second),
                rest @ ..,
            ] = self.tokens
                && first == letter
                && second == "m"
            {
                self.tokens = rest;
                return Some(after_noon);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> String {
        match read_stamp(text) {
            Ok(Some(Stamp { at: Some(at), .. })) => at.to_string(),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn every_way_the_feed_writes_a_time_reads() {
        for (text, expected) in [
            ("July 05, 2023 13:38:22 UTC", "2023-07-05T13:38:22Z"),
            ("July 05, 2023 at 13:38:22 UTC", "2023-07-05T13:38:22Z"),
            ("July 3rd 2026 at 21:35:13 UTC", "2026-07-03T21:35:13Z"),
            ("June 1st, 2024 at 01:02:03 UTC", "2024-06-01T01:02:03Z"),
            ("June 22nd 2024 at 01:02:03 UTC", "2024-06-22T01:02:03Z"),
            ("June 4 th, 2024 at 01:02:03 UTC", "2024-06-04T01:02:03Z"),
            ("October 18, 2025 at  7:18:52 UTC", "2025-10-18T07:18:52Z"),
            ("March 05, 2025 at 05:10:48", "2025-03-05T05:10:48Z"),
            ("May 26 2025 at 04:05:06 UTC", "2025-05-26T04:05:06Z"),
            ("April 11. 2023 at 04:05:06 UTC", "2023-04-11T04:05:06Z"),
            ("May 1, 2023 at 11:02:03 AM UTC", "2023-05-01T11:02:03Z"),
            ("May 1, 2023 at 11:02:03 PM UTC", "2023-05-01T23:02:03Z"),
            ("May 1, 2023 at 11:02:03 p.m. UTC", "2023-05-01T23:02:03Z"),
            ("May 1, 2023 at 12:02:03 AM UTC", "2023-05-01T00:02:03Z"),
            ("May 1, 2023 at 12:02:03 PM UTC", "2023-05-01T12:02:03Z"),
            ("May 1, 2023 at 14:02:03 PM UTC", "2023-05-01T14:02:03Z"),
            (" July 05, 2023 at 13:38:22 UTC", "2023-07-05T13:38:22Z"),
            ("July 05, 2023 at 13:38:22 UTC ", "2023-07-05T13:38:22Z"),
            (
                "July\u{a0}05, 2023 at 13:38:22\u{a0}UTC",
                "2023-07-05T13:38:22Z",
            ),
            ("JULY 5,2023 AT 13:38:22UTC", "2023-07-05T13:38:22Z"),
            ("Sept. 5, 2023 at 13:38:22 UTC.", "2023-09-05T13:38:22Z"),
            ("5 July 2023, 13:38:22 (UTC)", "2023-07-05T13:38:22Z"),
            ("2023-07-05T13:38:22Z", "2023-07-05T13:38:22Z"),
        ] {
            assert_eq!(at(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_printed_is_said() {
        let assumed = |text| read_stamp(text).unwrap().unwrap().assumed;
        assert_eq!(assumed("July 05, 2023 13:38:22 UTC"), [""; 0]);
        assert_eq!(
            assumed("March 05, 2025 at 05:10:48"),
            ["no time zone is printed; read as UTC"]
        );
        assert_eq!(
            assumed("March 05, 2025 at 05:10 UTC"),
            ["no seconds are printed; read as 00"]
        );
    }

    #[test]
    fn nothing_printed_is_nothing() {
        for text in ["", " ", "\u{a0}", "n/a", "N/A", " NA ", "-"] {
            assert_eq!(read_stamp(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn a_day_alone_is_a_day_without_a_time() {
        for text in [
            "July 4, 2023",
            "July 4 2023",
            " July 4th, 2023 ",
            "2023-07-04",
        ] {
            let stamp = read_stamp(text).unwrap().unwrap();
            assert_eq!(
                (stamp.date.to_string().as_str(), stamp.at),
                ("2023-07-04", None)
            );
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (text, why) in [
            ("October 7 at 16:38:21 UTC", TimeFault::NoYear),
            ("October 7 16:38:21 UTC", TimeFault::NoYear),
            ("October 7, 23 at 16:38:21 UTC", TimeFault::NoYear),
            ("October 2023", TimeFault::NoDay),
            ("05/07/2023 13:38:22", TimeFault::NoMonth),
            ("Juli 5, 2023", TimeFault::NoMonth),
            ("February 30, 2023 at 13:38:22 UTC", TimeFault::NoSuchDay),
            ("July 5, 1492 at 13:38:22 UTC", TimeFault::NoSuchDay),
            ("July 5, 2023 at 24:00:00 UTC", TimeFault::NoSuchTime),
            ("July 5, 2023 at 13:60:00 UTC", TimeFault::NoSuchTime),
            ("July 5, 2023 at 13:38:22 AM UTC", TimeFault::NoSuchTime),
            ("July 5, 2023 at noon", TimeFault::NoSuchTime),
            ("July 5, 2023 at 13:38:22 EST", TimeFault::OtherZone),
            ("July 5, 2023 at 13:38:22 UTC or so", TimeFault::MoreText),
            ("July 5, 2023 at 13:38:22.5 UTC", TimeFault::MoreText),
            ("July 99999999999999999999, 2023", TimeFault::NoDay),
        ] {
            assert_eq!(read_stamp(text), Err(why), "{text:?}");
        }
        assert_eq!(
            read_stamp(&"July ".repeat(1_000_000)),
            Err(TimeFault::TooLong)
        );
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = read_stamp(&text);
        }

        #[test]
        fn no_jumble_of_the_parts_of_a_time_panics(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "July", "Feb", "29", "30", "5th", "2023", "0", "9999", "at", "13:38:22", ":", "12",
                    "AM", "p.m.", "UTC", ",", ".", "-", " ", "é", "٣",
                ]),
                0..12,
            ),
        ) {
            let _ = read_stamp(&parts.concat());
        }

        #[test]
        fn every_second_reads_back(seconds in any::<u32>()) {
            let moment = Instant::from_seconds(seconds);
            let text = moment.to_string();
            prop_assert_eq!(read_stamp(&text).unwrap().unwrap().at, Some(moment));
        }
    }
}
