//! Units of the domain: CRS scores and instants in whole seconds.
//! No rule and no table lives here.
//!
//! ```
//! use drawsim::units::{Instant, Score};
//!
//! let tie_break = Instant::parse("2022-11-23T00:01:29Z").unwrap();
//! assert_eq!(tie_break.date().to_string(), "2022-11-23");
//! assert!(Score(486) < Score::MAX);
//! ```

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A calendar date (proleptic Gregorian, no time zone).
pub type Date = jiff::civil::Date;

/// A Comprehensive Ranking System score, 0 to 1,200 points.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u16", into = "u16")]
pub struct Score(pub u16);

impl Score {
    /// The highest score the grid can give.
    pub const MAX: Score = Score(1_200);
}

impl TryFrom<u16> for Score {
    type Error = String;

    fn try_from(points: u16) -> Result<Self, String> {
        let score = Score(points);
        match score <= Score::MAX {
            true => Ok(score),
            false => Err(format!(
                "`{points}` is more than the {} points that scores can have",
                Score::MAX
            )),
        }
    }
}

impl From<Score> for u16 {
    fn from(score: Score) -> u16 {
        score.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment in UTC, in whole seconds since 1970-01-01T00:00:00Z, from 1970 to 2105.
///
/// Submission times, round times and tie-breaks are all instants: the published tie-breaking rule
/// is decided to the second, so nothing finer and nothing coarser is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(u32);

impl Instant {
    /// Seconds in a day.
    pub const DAY: u32 = 86_400;

    /// The instant that many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_seconds(seconds: u32) -> Self {
        Instant(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn seconds(self) -> u32 {
        self.0
    }

    /// Midnight UTC at the start of `date`; `None` outside 1970 to 2105.
    pub fn start_of(date: Date) -> Option<Self> {
        let timestamp = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()?;
        u32::try_from(timestamp.as_second()).ok().map(Instant)
    }

    /// The UTC date this instant falls on.
    pub fn date(self) -> Date {
        TimeZone::UTC.to_datetime(self.timestamp()).date()
    }

    /// Reads an RFC 3339 time with an offset; a fraction of a second and a leap second are refused.
    ///
    /// # Errors
    /// Says what was wrong: no time, no offset, a fraction, a leap second, or a year outside 1970 to
    /// 2105.
    pub fn parse(text: &str) -> Result<Self, String> {
        let outside = || format!("`{text}` is outside the years 1970 to 2105 that times can hold");
        let stamp: jiff::Timestamp = text.parse().map_err(|_| match is_far(text) {
            true => outside(),
            false => format!(
                "`{text}` is not a time; write it like 2023-07-05T13:38:22Z (RFC 3339, UTC)"
            ),
        })?;
        if is_leap_second(text) {
            return Err(format!(
                "`{text}` is a leap second, which times do not have; seconds go from 00 to 59"
            ));
        }
        if stamp.subsec_nanosecond() != 0 {
            return Err(format!(
                "`{text}` has a fraction of a second; times are in whole seconds"
            ));
        }
        u32::try_from(stamp.as_second())
            .map(Instant)
            .map_err(|_| outside())
    }

    /// This instant plus a number of seconds, stopping at the last representable one.
    pub const fn saturating_add(self, seconds: u32) -> Self {
        Instant(self.0.saturating_add(seconds))
    }

    /// This instant less a number of seconds, stopping at 1970.
    pub const fn saturating_sub(self, seconds: u32) -> Self {
        Instant(self.0.saturating_sub(seconds))
    }

    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(i64::from(self.0)).expect("every u32 is a valid timestamp")
    }
}

/// Whether the text is a time of a year later than those that timestamps have.
fn is_far(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let year = text[..digits].parse::<u32>();
    let in_leap_year = || format!("2000{}", &text[digits..]).parse::<jiff::Timestamp>();
    digits < 9 && year.is_ok_and(|year| year > 2105) && in_leap_year().is_ok()
}

/// Whether a text that was read as a time has 60 seconds, which are read as 59.
fn is_leap_second(text: &str) -> bool {
    let time = text.split(['T', 't', ' ']).nth(1).unwrap_or_default();
    let clock = time
        .bytes()
        .take_while(|byte| byte.is_ascii_digit() || *byte == b':');
    let digits: Vec<u8> = clock.filter(u8::is_ascii_digit).collect();
    digits.get(4..6) == Some(b"60")
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.timestamp(), f)
    }
}

impl Serialize for Instant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Instant::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_reads_back_what_it_prints() {
        let text = "2022-11-23T00:01:29Z";
        let instant = Instant::parse(text).unwrap();
        assert_eq!(instant.to_string(), text);
        assert_eq!(instant.date().to_string(), "2022-11-23");
        assert_eq!(
            Instant::start_of(instant.date()).unwrap().seconds() + 89,
            instant.seconds()
        );
    }

    #[test]
    fn scores_are_read_up_to_the_highest_and_written_as_numbers() {
        let highest: Score = serde_json::from_str("1200").unwrap();
        assert_eq!(highest, Score::MAX);
        assert_eq!(serde_json::to_string(&highest).unwrap(), "1200");
        for more in ["1201", "65535"] {
            let told = serde_json::from_str::<Score>(more).unwrap_err().to_string();
            let why = format!("`{more}` is more than the 1200 points that scores can have");
            assert!(told.contains(&why), "{told}");
        }
    }

    #[test]
    fn offsets_are_turned_into_utc() {
        assert_eq!(
            Instant::parse("2023-07-05T09:38:22-04:00")
                .unwrap()
                .to_string(),
            "2023-07-05T13:38:22Z"
        );
    }

    #[test]
    fn a_fraction_a_missing_offset_and_a_far_year_are_refused() {
        assert!(
            Instant::parse("2023-07-05T13:38:22.5Z")
                .unwrap_err()
                .contains("fraction")
        );
        assert!(Instant::parse("2023-07-05T13:38:22").is_err());
        for far in [
            "9998-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "12023-07-05T13:38:22Z",
            "1969-12-31T23:59:59Z",
        ] {
            let told = Instant::parse(far).unwrap_err();
            assert!(told.contains("outside the years 1970 to 2105"), "{told}");
        }
        for none in ["9999-13-31T23:59:59Z", "99990101", "é"] {
            let told = Instant::parse(none).unwrap_err();
            assert!(told.contains("is not a time"), "{told}");
        }
    }

    #[test]
    fn a_leap_second_is_refused_however_it_is_written() {
        for leap in [
            "2016-12-31T23:59:60Z",
            "2023-07-04t16:48:60-04:00",
            "2023-07-04 16:48:60+00:00",
            "20230704T164860Z",
        ] {
            let told = Instant::parse(leap).unwrap_err();
            assert!(told.contains("leap second"), "{told}");
        }
        assert!(Instant::parse("2023-07-04T16:60:00Z").is_err());
        assert!(Instant::parse("2023-07-04T16:06:00Z").is_ok());
    }
}
