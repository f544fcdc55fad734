//! A profile as the text of a profile file: reading it back gives the same profile.
//! Reading lives in `wire`.

use std::fmt::Write;

use crate::rules::candidate::{CanadianEducation, Education, JobOffer, Named};
use crate::rules::{countries, noc};

use super::profile::{Bell, Language, Profile, Segment};

impl Profile {
    /// The profile as a file, after remarks (each line of `remarks` gets its `#`).
    pub fn to_toml(&self, remarks: &str) -> String {
        let mut text = String::new();
        for line in remarks.lines() {
            text.push_str(format!("# {line}").trim_end());
            text.push('\n');
        }
        let mut line = |key: &str, value: String| {
            writeln!(text, "{key} = {value}").expect("a string takes text");
        };
        line("\nname", quoted(&self.name));
        line("title", quoted(&self.title));
        line("nominated", number(self.nominated));
        line("\n[submission]\nweekdays", list(&self.submission.weekdays));
        line("hours", list(&self.submission.hours));
        if self.submission.decline_days.is_finite() {
            line("decline_days", number(self.submission.decline_days));
        }
        if !self.drained.rounds.is_empty() {
            line("\n[drained]\nmissed", number(self.drained.missed));
            let rounds = self.drained.rounds.iter().map(|round| {
                let tie_break = round
                    .tie_break
                    .map_or(String::new(), |at| format!(", tie_break = {at}"));
                format!(
                    "    {{ at = {}, type = {}, cutoff = {}{tie_break} }},\n",
                    round.at,
                    quoted(&round.type_name),
                    round.cutoff
                )
            });
            line("rounds", format!("[\n{}]", rounds.collect::<String>()));
        }
        for segment in &self.segments {
            text.push('\n');
            text.push_str(&segment_text(segment));
        }
        text
    }
}

fn segment_text(segment: &Segment) -> String {
    let [under_30, to_34, over] = segment.spouse.map(number);
    let spouse = format!("{{ under_30 = {under_30}, 30_to_34 = {to_34}, 35_and_over = {over} }}");
    let occupations = codes(
        segment
            .occupations
            .iter()
            .map(|&(index, weight)| (noc::code(index), weight)),
    );
    let citizenship = codes(
        segment
            .citizenship
            .iter()
            .map(|&(index, weight)| (countries::code(index), weight)),
    );
    let lines = [
        ("name", quoted(&segment.name)),
        ("share", number(segment.share)),
        ("nominee_share", number(segment.nominee_share)),
        ("age", bell(&segment.age)),
        ("women", number(segment.women)),
        ("spouse", spouse),
        ("education", named::<Education>(&segment.education)),
        (
            "canadian_education",
            named::<CanadianEducation>(&segment.canadian_education),
        ),
        ("english", language(&segment.english)),
        ("french", language(&segment.french)),
        ("canadian_work", list(&segment.canadian_work)),
        ("foreign_work", list(&segment.foreign_work)),
        ("certificate", number(segment.certificate)),
        ("job_offer", named::<JobOffer>(&segment.job_offer)),
        ("sibling", number(segment.sibling)),
        ("occupations", occupations),
        ("noc_months", bell(&segment.noc_months)),
        ("noc_in_canada", number(segment.noc_in_canada)),
        ("citizenship", citizenship),
        (
            "spouse_education",
            named::<Education>(&segment.spouse_education),
        ),
        ("spouse_language", language(&segment.spouse_language)),
        ("spouse_work", list(&segment.spouse_work)),
    ];
    let lines = lines.map(|(key, value)| format!("{key} = {value}\n"));
    format!("[[segment]]\n{}", lines.concat())
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// As many digits as give the number back exactly.
fn number(value: f64) -> String {
    format!("{value:?}")
}

fn list(values: &[f64]) -> String {
    let values: Vec<String> = values.iter().map(|&value| number(value)).collect();
    format!("[{}]", values.join(", "))
}

fn table(entries: impl Iterator<Item = (String, f64)>) -> String {
    let entries: Vec<String> = entries
        .map(|(key, value)| format!("{key} = {}", number(value)))
        .collect();
    format!("{{ {} }}", entries.join(", "))
}

/// Weights that are not zero, by name.
fn named<T: Named>(weights: &[f64]) -> String {
    let entries = T::NAMES.iter().zip(weights);
    table(
        entries
            .filter(|(_, weight)| **weight > 0.0)
            .map(|((name, _), &weight)| ((*name).to_owned(), weight)),
    )
}

fn codes<'a>(entries: impl Iterator<Item = (Option<&'a str>, f64)>) -> String {
    table(entries.filter_map(|(code, weight)| Some((format!("\"{}\"", code?), weight))))
}

fn bell(shape: &Bell) -> String {
    let (mean, sd) = (number(shape.mean), number(shape.sd));
    let Bell { low, high, .. } = shape;
    format!("{{ mean = {mean}, sd = {sd}, low = {low}, high = {high} }}")
}

fn language(shape: &Language) -> String {
    format!(
        "{{ tested = {}, mean = {}, spread = {}, ability_spread = {}, abilities = {}, low = {}, high = {} }}",
        number(shape.tested),
        number(shape.mean),
        number(shape.spread),
        number(shape.ability_spread),
        list(&shape.abilities),
        shape.low,
        shape.high,
    )
}

#[cfg(test)]
mod tests {
    use super::super::drained::{Drained, PastRound};
    use super::*;
    use crate::units::{Instant, Score};

    #[test]
    fn a_profile_reads_back_as_it_was_written() {
        for name in Profile::names() {
            let mut profile = Profile::builtin(name).unwrap();
            let text = profile.to_toml("one\ntwo");
            assert!(text.starts_with("# one\n# two\n"));
            assert_eq!(Profile::from_toml(&text, name).unwrap(), profile);
            let at = Instant::parse("2024-04-24T14:10:42Z").unwrap();
            let round = |tie_break| PastRound {
                at,
                type_name: "french".to_owned(),
                cutoff: Score(410),
                tie_break,
            };
            profile.title = "with \"quotes\" and \\".to_owned();
            profile.drained = Drained {
                missed: 0.2,
                rounds: vec![round(None), round(Some(at.saturating_sub(90)))],
            };
            let text = profile.to_toml("");
            assert_eq!(Profile::from_toml(&text, name).unwrap(), profile);
        }
    }
}
