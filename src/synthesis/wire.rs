//! Reads a profile file into the checked model, every problem of the text in one pass.
//! What the profile means lives in `profile`; how single values are read, in `reader`.

mod reader;

use toml::Spanned;
use toml::de::DeTable;

use crate::rules::candidate::{
    Abilities, CanadianEducation, CountryIndex, Education, JobOffer, Named, NocIndex,
};
use crate::rules::{categories, countries, noc};
use crate::units::Score;

use super::drained::{Drained, PastRound};
use super::problem::ProfileProblem;
use super::profile::{Bell, Language, Profile, Segment, Submission};
use crate::nearest::nearest;
use reader::{Keys, Reader, Table, Value, join};

const TOP: &[&str] = &[
    "name",
    "title",
    "nominated",
    "submission",
    "drained",
    "occupations",
    "citizenship",
    "defaults",
    "segment",
];
const SUBMISSION: &[&str] = &["decline_days", "weekdays", "hours"];
const DRAINED: &[&str] = &["missed", "rounds"];
const PAST_ROUND: &[&str] = &["at", "type", "cutoff", "tie_break"];
const SEGMENT: &[&str] = &[
    "name",
    "share",
    "nominee_share",
    "age",
    "women",
    "spouse",
    "education",
    "canadian_education",
    "english",
    "french",
    "canadian_work",
    "foreign_work",
    "certificate",
    "job_offer",
    "sibling",
    "occupations",
    "noc_months",
    "noc_in_canada",
    "citizenship",
    "spouse_education",
    "spouse_language",
    "spouse_work",
];
const BELL: &[&str] = &["mean", "sd", "low", "high"];
const LANGUAGE: &[&str] = &[
    "tested",
    "mean",
    "spread",
    "ability_spread",
    "abilities",
    "low",
    "high",
];
const SPOUSE: &[&str] = &["under_30", "30_to_34", "35_and_over"];

/// Types of rounds, besides the categories, that take people who were there before.
const RANKED: [&str; 4] = ["general", "cec", "fsw", "fst"];

/// Reads and checks a profile.
pub(super) fn read(text: &str, file: &str) -> Result<Profile, Vec<ProfileProblem>> {
    let mut reader = Reader {
        text,
        file,
        problems: Vec::new(),
    };
    let profile = match DeTable::parse(text) {
        Ok(root) => reader.profile(root.get_ref()),
        Err(error) => {
            reader.problem(error.span(), "", error.message());
            None
        }
    };
    match profile {
        Some(profile) if reader.problems.is_empty() => Ok(profile),
        _ => {
            reader
                .problems
                .sort_by_key(|problem| problem.span.as_ref().map_or(0, |span| span.start));
            Err(reader.problems)
        }
    }
}

impl Reader<'_> {
    fn profile(&mut self, root: &Table<'_>) -> Option<Profile> {
        self.known_keys(root, "", TOP);
        let name = self.text_of(root.get("name"), "name");
        let title = match root.get("title") {
            None => name.clone(),
            value => self.text_of(value, "title"),
        };
        let nominated = self.number_or(root.get("nominated"), "nominated", 0.0..=0.9, 0.0);
        let submission = self.submission(root.get("submission"));
        let drained = self.drained(root.get("drained"));
        let defaults = root
            .get("defaults")
            .and_then(|value| self.table(value, "defaults"));
        if let Some(defaults) = defaults {
            self.known_keys(defaults, "defaults", &SEGMENT[3..]);
        }
        let occupations = self.lists(root.get("occupations"), "occupations", occupation);
        let citizenships = self.lists(root.get("citizenship"), "citizenship", country);
        let mut segments = Vec::new();
        let mut whole = true;
        match root
            .get("segment")
            .map(|value| (value, value.get_ref().as_array()))
        {
            Some((_, Some(array))) => {
                for (at, value) in array.iter().enumerate() {
                    let path = format!("segment[{}]", at + 1);
                    let segment = self.table(value, &path).and_then(|own| {
                        let span = value.span();
                        let keys = Keys {
                            own,
                            defaults,
                            span: &span,
                        };
                        self.segment(keys, &path, &occupations, &citizenships)
                    });
                    whole &= segment.is_some();
                    segments.extend(segment);
                }
            }
            Some((value, None)) => {
                self.wrong_type(value, "segment", "a list of [[segment]] tables")
            }
            None => {}
        }
        if whole && segments.iter().all(|segment| segment.share <= 0.0) {
            self.problem(
                None,
                "segment",
                "a profile needs at least one [[segment]] with a positive share",
            );
        }
        if whole && nominated? > 0.0 && segments.iter().all(|s| s.nominee_share <= 0.0) {
            self.problem(
                root.get("nominated").map(Spanned::span),
                "nominated",
                "some are nominated, but no segment has a positive nominee_share",
            );
        }
        for (at, segment) in segments.iter().enumerate() {
            if segments[..at]
                .iter()
                .any(|other| other.name == segment.name)
            {
                let key = format!("segment[{}].name", at + 1);
                self.problem(
                    None,
                    &key,
                    format!("two segments are called `{}`", segment.name),
                );
            }
        }
        Some(Profile {
            name: name?,
            title: title?,
            submission: submission?,
            drained: drained?,
            nominated: nominated?,
            segments: whole.then_some(segments)?,
        })
    }

    fn submission(&mut self, value: Option<&Value<'_>>) -> Option<Submission> {
        let mut submission = Submission {
            decline_days: f64::INFINITY,
            weekdays: [1.0; 7],
            hours: [1.0; 24],
        };
        let Some(value) = value else {
            return Some(submission);
        };
        let table = self.table(value, "submission")?;
        self.known_keys(table, "submission", SUBMISSION);
        let decline = self.number_or(
            table.get("decline_days"),
            "submission.decline_days",
            1.0..=1e9,
            f64::INFINITY,
        );
        if let Some(value) = table.get("weekdays") {
            submission.weekdays = self.numbers(value, "submission.weekdays")?;
        }
        if let Some(value) = table.get("hours") {
            submission.hours = self.numbers(value, "submission.hours")?;
        }
        submission.decline_days = decline?;
        Some(submission)
    }

    fn drained(&mut self, value: Option<&Value<'_>>) -> Option<Drained> {
        let Some(value) = value else {
            return Some(Drained::default());
        };
        let table = self.table(value, "drained")?;
        self.known_keys(table, "drained", DRAINED);
        let missed = self.number_or(table.get("missed"), "drained.missed", 0.0..=1.0, 0.0);
        let mut rounds = Vec::new();
        if let Some(value) = table.get("rounds") {
            let Some(array) = value.get_ref().as_array() else {
                self.wrong_type(value, "drained.rounds", "a list of rounds");
                return None;
            };
            let read: Vec<Option<PastRound>> = (array.iter().enumerate())
                .map(|(at, value)| self.past_round(value, &format!("drained.rounds[{}]", at + 1)))
                .collect();
            rounds = read.into_iter().collect::<Option<_>>()?;
        }
        Some(Drained {
            missed: missed?,
            rounds,
        })
    }

    fn past_round(&mut self, value: &Value<'_>, path: &str) -> Option<PastRound> {
        let table = self.table(value, path)?;
        self.known_keys(table, path, PAST_ROUND);
        let at = self.instant(table.get("at"), &join(path, "at"));
        let cutoff = match table.get("cutoff") {
            None => {
                self.problem(Some(value.span()), &join(path, "cutoff"), "is missing");
                None
            }
            written => {
                let highest = f64::from(Score::MAX.0);
                self.number_or(written, &join(path, "cutoff"), 0.0..=highest, 0.0)
            }
        };
        let tie_break = match table.get("tie_break") {
            None => Some(None),
            written => self.instant(written, &join(path, "tie_break")).map(Some),
        };
        let path = join(path, "type");
        let type_name = self.text_of(table.get("type"), &path)?;
        let known = || RANKED.iter().copied().chain(categories::names());
        if !known().any(|name| name == type_name) {
            let span = table.get("type").map(Spanned::span);
            let message = format!("`{type_name}` is no type of round that drains a pool");
            let accepted = known().map(str::to_owned).collect();
            let close = nearest(&type_name, known()).map(str::to_owned);
            self.problem_with(span, &path, message, accepted, close);
            return None;
        }
        Some(PastRound {
            at: at?,
            type_name,
            cutoff: Score(cutoff? as u16),
            tie_break: tie_break?,
        })
    }

    fn segment(
        &mut self,
        keys: Keys<'_, '_>,
        path: &str,
        occupations: &Lists<NocIndex>,
        citizenships: &Lists<CountryIndex>,
    ) -> Option<Segment> {
        self.known_keys(keys.own, path, SEGMENT);
        let at = |key: &str| join(path, key);
        let own = |key: &str| keys.own.get(key);
        let name = self.text_of(own("name"), &at("name"));
        let share = match own("share") {
            None => self.missing(keys, path, "share"),
            value => self.number_or(value, &at("share"), 0.0..=1e9, 0.0),
        };
        let nominee_share =
            self.number_or(own("nominee_share"), &at("nominee_share"), 0.0..=1e9, 0.0);
        let age = self.bell(keys, path, "age", 0..=120);
        let women = self.share(keys, path, "women");
        let spouse = self.named(keys, path, "spouse", SPOUSE, Some(0.0..=1.0));
        let levels: Vec<&str> = Education::NAMES.iter().map(|(name, _)| *name).collect();
        let studies: Vec<&str> = CanadianEducation::NAMES.iter().map(|(n, _)| *n).collect();
        let offers: Vec<&str> = JobOffer::NAMES.iter().map(|(name, _)| *name).collect();
        let education = self.named(keys, path, "education", &levels, None);
        let canadian_education = self.named(keys, path, "canadian_education", &studies, None);
        let english = self.language(keys, path, "english");
        let french = self.language(keys, path, "french");
        let canadian_work = self.years(keys, path, "canadian_work");
        let foreign_work = self.years(keys, path, "foreign_work");
        let certificate = self.share(keys, path, "certificate");
        let job_offer = self.named(keys, path, "job_offer", &offers, None);
        let sibling = self.share(keys, path, "sibling");
        let occupations = self.mixed(keys, path, "occupations", occupations, occupation);
        let noc_months = self.bell(keys, path, "noc_months", 0..=255);
        let noc_in_canada = self.share(keys, path, "noc_in_canada");
        let citizenship = self.mixed(keys, path, "citizenship", citizenships, country);
        let spouse_education = self.named(keys, path, "spouse_education", &levels, None);
        let spouse_language = self.language(keys, path, "spouse_language");
        let spouse_work = self.years(keys, path, "spouse_work");
        Some(Segment {
            name: name?,
            share: share?,
            nominee_share: nominee_share?,
            age: age?,
            women: women?,
            spouse: spouse?,
            education: education?,
            canadian_education: canadian_education?,
            english: english?,
            french: french?,
            canadian_work: canadian_work?,
            foreign_work: foreign_work?,
            certificate: certificate?,
            job_offer: job_offer?,
            sibling: sibling?,
            occupations: occupations?,
            noc_months: noc_months?,
            noc_in_canada: noc_in_canada?,
            citizenship: citizenship?,
            spouse_education: spouse_education?,
            spouse_language: spouse_language?,
            spouse_work: spouse_work?,
        })
    }

    fn bell(
        &mut self,
        keys: Keys<'_, '_>,
        path: &str,
        key: &str,
        limits: std::ops::RangeInclusive<u8>,
    ) -> Option<Bell> {
        let Some(value) = keys.get(key) else {
            return self.missing(keys, path, key);
        };
        let path = join(path, key);
        let table = self.table(value, &path)?;
        self.known_keys(table, &path, BELL);
        let range = f64::from(*limits.start())..=f64::from(*limits.end());
        let mean = self.number_or(table.get("mean"), &join(&path, "mean"), range.clone(), 0.0);
        let sd = self.number_or(table.get("sd"), &join(&path, "sd"), 0.0..=255.0, 0.0);
        let low = self.number_or(
            table.get("low"),
            &join(&path, "low"),
            range.clone(),
            *range.start(),
        );
        let high = self.number_or(
            table.get("high"),
            &join(&path, "high"),
            range.clone(),
            *range.end(),
        );
        let (low, high) = (low? as u8, high? as u8);
        self.ordered(low, high, value, &path)?;
        Some(Bell {
            mean: mean?,
            sd: sd?,
            low,
            high,
        })
    }

    fn language(&mut self, keys: Keys<'_, '_>, path: &str, key: &str) -> Option<Language> {
        let Some(value) = keys.get(key) else {
            return self.missing(keys, path, key);
        };
        let path = join(path, key);
        let table = self.table(value, &path)?;
        self.known_keys(table, &path, LANGUAGE);
        let top = f64::from(Abilities::MAX_LEVEL);
        let mut number = |key: &str, high: f64, default: f64| {
            self.number_or(table.get(key), &join(&path, key), 0.0..=high, default)
        };
        let tested = number("tested", 1.0, 1.0);
        let mean = number("mean", top, 8.0);
        let spread = number("spread", top, 1.0);
        let ability_spread = number("ability_spread", top, 0.0);
        let low = number("low", top, 1.0);
        let high = number("high", top, 10.0);
        let mut abilities = [0.0; 4];
        if let Some(list) = table.get("abilities") {
            let shifts = list.get_ref().as_array().map(|array| {
                array
                    .iter()
                    .map(|shift| self.number(shift, &join(&path, "abilities")))
                    .collect::<Option<Vec<f64>>>()
            });
            match shifts.flatten().and_then(|shifts| shifts.try_into().ok()) {
                Some(four) => abilities = four,
                None => {
                    self.wrong_type(
                        list,
                        &join(&path, "abilities"),
                        "four numbers: reading, writing, listening, speaking",
                    );
                    return None;
                }
            }
        }
        let (low, high) = (low? as u8, high? as u8);
        self.ordered(low, high, value, &path)?;
        Some(Language {
            tested: tested?,
            mean: mean?,
            spread: spread?,
            ability_spread: ability_spread?,
            abilities,
            low,
            high,
        })
    }

    /// The file's named lists of weighted codes.
    fn lists<T: Copy>(&mut self, value: Option<&Value<'_>>, path: &str, find: Find<T>) -> Lists<T> {
        let Some(table) = value.and_then(|value| self.table(value, path)) else {
            return Vec::new();
        };
        let mut lists = Vec::new();
        for (name, value) in table {
            let path = join(path, name.get_ref());
            let Some(codes) = self.table(value, &path) else {
                continue;
            };
            let mut list = Vec::new();
            for (code, weight) in codes {
                let path = join(&path, code.get_ref());
                let weight = self.number_or(Some(weight), &path, 0.0..=1e9, 0.0);
                match find(code.get_ref()) {
                    Ok(found) => list.extend(weight.map(|weight| (found, weight))),
                    Err(message) => self.problem(Some(code.span()), &path, message),
                }
            }
            lists.push((name.get_ref().to_string(), list));
        }
        lists
    }

    /// Weights of lists by name, or of single codes, melted into one list of codes.
    fn mixed<T: Copy + Ord>(
        &mut self,
        keys: Keys<'_, '_>,
        path: &str,
        key: &str,
        lists: &Lists<T>,
        find: Find<T>,
    ) -> Option<Vec<(T, f64)>> {
        let Some(value) = keys.get(key) else {
            return self.missing(keys, path, key);
        };
        let path = join(path, key);
        let table = self.table(value, &path)?;
        let mut melted: Vec<(T, f64)> = Vec::new();
        for (name, weight) in table {
            let here = join(&path, name.get_ref());
            let Some(weight) = self.number_or(Some(weight), &here, 0.0..=1e9, 0.0) else {
                continue;
            };
            if let Some((_, list)) = lists.iter().find(|(known, _)| known == name.get_ref()) {
                let total: f64 = list.iter().map(|entry| entry.1).sum();
                melted.extend(
                    list.iter()
                        .map(|&(code, part)| (code, weight * part / total.max(1e-12))),
                );
            } else if let Ok(code) = find(name.get_ref()) {
                melted.push((code, weight));
            } else {
                let known = || lists.iter().map(|(known, _)| known.as_str());
                self.problem_with(
                    Some(name.span()),
                    &here,
                    format!(
                        "`{}` is neither a code nor a list of this file",
                        name.get_ref()
                    ),
                    known().map(str::to_owned).collect(),
                    nearest(name.get_ref(), known()).map(str::to_owned),
                );
            }
        }
        melted.sort_by_key(|entry| entry.0);
        melted.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let weights: Vec<f64> = melted.iter().map(|entry| entry.1).collect();
        self.positive(&weights, value, &path).then_some(melted)
    }
}

type Lists<T> = Vec<(String, Vec<(T, f64)>)>;
type Find<T> = fn(&str) -> Result<T, String>;

fn occupation(code: &str) -> Result<NocIndex, String> {
    noc::find(code)
        .ok_or_else(|| format!("`{code}` is not an occupation of NOC 2021 (five digits)"))
}

fn country(code: &str) -> Result<CountryIndex, String> {
    countries::find(code)
        .ok_or_else(|| format!("`{code}` is not a country (three letters of ISO 3166-1)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_are_told_at_once_with_place_and_nearest_name() {
        let text = "name = \"mine\"\nnominatd = 0.1\n[submission]\ndecline_days = -3\n\
                    [occupations.some]\n\"99999\" = 1\n[[segment]]\nname = \"a\"\nshare = 1\n\
                    women = 2.0\neducation = { bachelor = 1 }\n";
        let problems = read(text, "mine.toml").unwrap_err();
        let told = |key: &str| problems.iter().find(|problem| problem.key == key).unwrap();
        assert_eq!(told("nominatd").nearest.as_deref(), Some("nominated"));
        assert_eq!(told("nominatd").position, Some((2, 1)));
        assert!(told("submission.decline_days").message.contains("-3"));
        assert!(told("occupations.some.99999").message.contains("99999"));
        assert!(told("segment[1].women").message.contains('2'));
        let education = told("segment[1].education.bachelor");
        assert_eq!(education.nearest.as_deref(), Some("bachelors"));
        assert!(education.to_string().starts_with("mine.toml:11:"));
        assert!(told("segment[1].age").message.contains("missing"));
    }

    #[test]
    fn text_that_is_no_toml_is_a_problem_with_its_place() {
        let problems = read("name = ", "mine.toml").unwrap_err();
        assert!(problems[0].position.is_some(), "{problems:?}");
    }
}
