//! A population profile, checked: segments with their joint conditional distributions.
//! Reading one from a file lives in `wire`, drawing from it in `sampler`.

use crate::portable::exp_minus_one;
use crate::rules::candidate::{CountryIndex, NocIndex};
use crate::rules::validity::PROFILE_DAYS;

use super::drained::Drained;
use super::problem::ProfileProblem;
use super::wire;

/// The profiles that come with the program: name and text.
const BUILTIN: &[(&str, &str)] = &[(
    "express-entry-2023",
    include_str!("data/express-entry-2023.toml"),
)];

/// Who is in the pool: a mixture of segments, who among them is nominated, and when profiles
/// were submitted.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Its name.
    pub name: String,
    /// What a reader calls it.
    pub title: String,
    /// When profiles in the pool were submitted.
    pub submission: Submission,
    /// Past rounds that took the top of their groups away.
    pub drained: Drained,
    /// Share of the pool with a provincial nomination (0 to 1), unless bands decide.
    pub nominated: f64,
    /// The segments; at least one, with a positive share.
    pub segments: Vec<Segment>,
}

/// How submission times lie in the 365 days before the pool's date: the density falls off
/// exponentially with the time since, as profiles leave the pool, times weights by weekday and hour.
#[derive(Debug, Clone, PartialEq)]
pub struct Submission {
    /// Days in which the density falls by a factor e; infinite for no fall.
    pub decline_days: f64,
    /// Weight of each weekday, Monday first.
    pub weekdays: [f64; 7],
    /// Weight of each hour of the day, UTC.
    pub hours: [f64; 24],
}

impl Submission {
    /// Part of the pool that was submitted in the last `days` (0 to 365), weekdays and hours left
    /// out.
    pub fn share_since(&self, days: f64) -> f64 {
        const LIFE: f64 = PROFILE_DAYS as f64;
        let days = days.clamp(0.0, LIFE);
        if self.decline_days.is_finite() {
            exp_minus_one(-days / self.decline_days) / exp_minus_one(-LIFE / self.decline_days)
        } else {
            days / LIFE
        }
    }
}

/// A normal distribution of whole numbers (floors), cut to `low..=high`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bell {
    /// Mean before the cut.
    pub mean: f64,
    /// Standard deviation before the cut (0 or more).
    pub sd: f64,
    /// Lowest value.
    pub low: u8,
    /// Highest value.
    pub high: u8,
}

/// Results in one language: a common level for the four abilities, and a deviation of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Language {
    /// Share with a test (0 to 1); the others hold zeros.
    pub tested: f64,
    /// Mean level (CLB or NCLC).
    pub mean: f64,
    /// Standard deviation of the common level.
    pub spread: f64,
    /// Standard deviation of each ability around it.
    pub ability_spread: f64,
    /// What reading, writing, listening and speaking differ from it by, on average.
    pub abilities: [f64; 4],
    /// Lowest level.
    pub low: u8,
    /// Highest level.
    pub high: u8,
}

/// A group of like candidates. Weights of lists need not add up to anything.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Its name.
    pub name: String,
    /// Its weight in the pool, nominees left out.
    pub share: f64,
    /// Its weight among nominees.
    pub nominee_share: f64,
    /// Age in completed years.
    pub age: Bell,
    /// Share of women (0 to 1).
    pub women: f64,
    /// Share with an accompanying spouse: under 30, 30 to 34, 35 and over.
    pub spouse: [f64; 3],
    /// Weights of the eight levels of education.
    pub education: [f64; 8],
    /// Weights of the three kinds of study in Canada.
    pub canadian_education: [f64; 3],
    /// English.
    pub english: Language,
    /// French.
    pub french: Language,
    /// Weights of 0 to 10 years of work in Canada.
    pub canadian_work: [f64; 11],
    /// Weights of 0 to 10 years of work abroad; cut so that study and work fit into the age.
    pub foreign_work: [f64; 11],
    /// Share with a Canadian certificate in a trade.
    pub certificate: f64,
    /// Weights of the three kinds of job offer.
    pub job_offer: [f64; 3],
    /// Share with a sibling in Canada.
    pub sibling: f64,
    /// Occupations with their weights.
    pub occupations: Vec<(NocIndex, f64)>,
    /// Months in the occupation.
    pub noc_months: Bell,
    /// Share whose occupation was practised in Canada, among those with work in Canada.
    pub noc_in_canada: f64,
    /// Citizenships with their weights.
    pub citizenship: Vec<(CountryIndex, f64)>,
    /// Weights of the spouse's eight levels of education.
    pub spouse_education: [f64; 8],
    /// The spouse's language.
    pub spouse_language: Language,
    /// Weights of the spouse's 0 to 10 years of work in Canada.
    pub spouse_work: [f64; 11],
}

impl Profile {
    /// The profile of that name that comes with the program.
    pub fn builtin(name: &str) -> Option<Profile> {
        let (_, text) = BUILTIN.iter().find(|(known, _)| *known == name)?;
        let profile = Profile::from_toml(text, name);
        Some(profile.expect("a test reads every profile that comes with the program"))
    }

    /// Names of the profiles that come with the program.
    pub fn names() -> Vec<&'static str> {
        BUILTIN.iter().map(|(name, _)| *name).collect()
    }

    /// Reads and checks a profile; `file_name` is what problems call it.
    ///
    /// # Errors
    /// Every problem of the text at once, each with its place.
    pub fn from_toml(text: &str, file_name: &str) -> Result<Profile, Vec<ProfileProblem>> {
        wire::read(text, file_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_that_comes_with_the_program_is_sound() {
        for name in Profile::names() {
            let (_, text) = BUILTIN.iter().find(|(known, _)| *known == name).unwrap();
            match Profile::from_toml(text, name) {
                Ok(profile) => assert_eq!(profile.name, name),
                Err(problems) => panic!("{name}: {problems:#?}"),
            }
        }
        assert!(Profile::builtin("express-entry-1999").is_none());
    }
}
