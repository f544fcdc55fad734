//! The timeline of a scenario: its stretch, who arrives, who leaves, how invitations are answered.
//! Rounds stand in `rounds` and `schedule`; nothing is run or sampled here.

use std::ops::Range;

use super::{Resolver, bands};
use crate::nearest::nearest;
use crate::pool::Bands;
use crate::portable::exp;
use crate::rules::validity::PROFILE_DAYS;
use crate::scenario::defaults;
use crate::scenario::plan::{PoolPlan, Timeline};
use crate::scenario::spanned::{At, Entries, NumberOrTable};
use crate::scenario::wire_time::{
    AnswersTable, ArrivalBandsValue, ArrivalsTable, ChangesTable, NamedArrivalBands, NamedNominees,
    NomineesValue, RateTable, RatesValue, Weight,
};
use crate::shown::{grouped, quoted};
use crate::synthesis::{ArrivalRate, Arrivals, Mix, Profile};
use crate::timeline::{Answers, Changes, Nominations, TimelinePlan};
use crate::units::Instant;

/// How far shares that are written in decimals may pass 1 together.
const SLACK: f64 = 1e-9;

impl Resolver<'_> {
    /// Start and end of the timeline; none when there is none or something about them is wrong.
    pub(super) fn stretch(&mut self, pool_at: Option<Instant>) -> Option<(Instant, Instant)> {
        let table = &self.scenario.keys.timeline.as_ref()?.value;
        let start = table.start.as_ref();
        if let (Some(start), Some(pool_at)) = (start, pool_at) {
            let at = start.value.instant();
            let latest = pool_at.saturating_add((PROFILE_DAYS - 1) * Instant::DAY);
            if at < pool_at || at > latest {
                let message = format!(
                    "{at} is {} the pool, which stands for {pool_at} and is of use for \
                     {PROFILE_DAYS} days; leave `start` out to start there",
                    if at < pool_at {
                        "before"
                    } else {
                        "too long after"
                    }
                );
                self.report(&start.span, "timeline.start", message);
                return None;
            }
        }
        let start = start.map(|start| start.value.instant()).or(pool_at)?;
        let end = table.end.as_ref()?;
        let at = end.value.instant();
        let message = if at <= start {
            format!("{at} is not after the start of the timeline, {start}")
        } else if (at.seconds() - start.seconds()) / Instant::DAY >= defaults::MOST_DAYS {
            format!(
                "the timeline from {start} to {at} is longer than {} days, the most that is \
                 accepted",
                grouped(defaults::MOST_DAYS)
            )
        } else {
            return Some((start, at));
        };
        self.report(&end.span, "timeline.end", message);
        None
    }

    /// The timeline along that stretch; none when there is none, or with a problem told.
    pub(super) fn timeline(
        &mut self,
        stretch: Option<(Instant, Instant)>,
        pool: Option<&PoolPlan>,
    ) -> Option<Timeline> {
        let table = &self.scenario.keys.timeline.as_ref()?.value;
        let answers = self.answers(table.answers.as_ref());
        let changes = self.changes(table.changes.as_ref().map(|changes| &changes.value));
        let arrivals = match &table.arrivals {
            Some(arrivals) => self.arrivals(&arrivals.value, stretch, pool),
            None => pool.map(|pool| nobody(&pool.profile)),
        };
        let (start, end) = stretch?;
        let arrivals = arrivals?;
        let written = table.arrivals.as_ref().map(|arrivals| &arrivals.value);
        self.notices
            .extend(that_nobody_arrives(written, &arrivals, (start, end)));
        Some(Timeline {
            course: TimelinePlan {
                start,
                end,
                withdrawals_per_year: number(table.withdrawals_per_year.as_ref()),
                answers: answers?,
                changes: changes?,
            },
            in_bands_of_file: table
                .arrivals
                .as_ref()
                .is_some_and(|arrivals| of_the_pool(&arrivals.value))
                && pool.is_some_and(|pool| pool.file.is_some()),
            arrivals,
        })
    }

    fn answers(&mut self, table: Option<&At<AnswersTable>>) -> Option<Answers> {
        let keys = table.map(|table| &table.value);
        let decline = number(keys.and_then(|keys| keys.decline.as_ref()));
        let accept = keys.and_then(|keys| keys.accept.as_ref());
        let accept = accept.map_or(1.0 - decline, |accept| accept.value);
        if let Some(table) = table
            && accept + decline > 1.0 + SLACK
        {
            let message = format!(
                "`accept` and `decline` are shares of the invited; {accept} and {decline} add up \
                 to more than 1"
            );
            self.report(&table.span, "timeline.answers", message);
            return None;
        }
        Some(Answers { accept, decline })
    }

    fn changes(&mut self, table: Option<&ChangesTable>) -> Option<Changes> {
        let rate = |key: fn(&ChangesTable) -> &Option<At<f64>>| {
            number(table.and_then(|table| key(table).as_ref()))
        };
        let language_per_year = rate(|table| &table.language_per_year);
        if language_per_year > 1.0 {
            let improve = 100.0 * (1.0 - exp(-language_per_year));
            self.notices.push(format!(
                "timeline.changes.language_per_year is {language_per_year}, but results improve at most \
                 once while a profile waits: {improve:.0} of 100 who wait for 365 days improve"
            ));
        }
        let birthdays = table.and_then(|table| table.birthdays.as_ref());
        let written = table.and_then(|table| table.nomination_per_year.as_ref());
        let by_score = match written.map(|written| (&written.value, &written.span)) {
            None => vec![(0, 0.0)],
            Some((NumberOrTable::Number(rate), _)) => vec![(0, *rate)],
            Some((NumberOrTable::Table(entries), span)) => {
                let key = "timeline.changes.nomination_per_year";
                let bands = self.told(bands::covering(entries), span, key)?;
                let rates = bands.into_iter().rev();
                rates.map(|(low, _, rate)| (low, rate.value.0)).collect()
            }
        };
        Some(Changes {
            birthdays: birthdays.is_none_or(|birthdays| birthdays.value),
            work_in_canada: rate(|table| &table.work_in_canada),
            language_per_year,
            nominations: Nominations {
                by_score,
                months: weights(table.and_then(|table| table.nomination_months.as_ref())),
            },
        })
    }

    /// The profile with other weights of its segments.
    fn weighted(
        &mut self,
        mut profile: Profile,
        segments: Option<&At<Entries<At<Weight>>>>,
    ) -> Option<Profile> {
        let Some(segments) = segments else {
            return Some(profile);
        };
        let key = "timeline.arrivals.segments";
        let mut known = true;
        for (name, weight) in &segments.value.0 {
            let mut named = profile.segments.iter_mut();
            if let Some(segment) = named.find(|segment| segment.name == name.value) {
                segment.share *= weight.value.0;
                segment.nominee_share *= weight.value.0;
                continue;
            }
            known = false;
            let names: Vec<&str> = profile
                .segments
                .iter()
                .map(|one| one.name.as_str())
                .collect();
            let message = format!(
                "the profile {} has no segment {}",
                quoted(&profile.name),
                quoted(&name.value)
            );
            let shown: String = name.value.chars().take(60).collect();
            let problem = self
                .problem(&name.span, &format!("{key}.{shown}"), message)
                .accepting(&names)
                .near(nearest(&name.value, names.iter().copied()));
            self.problems.push(problem);
        }
        if known && profile.segments.iter().all(|segment| segment.share <= 0.0) {
            self.report(
                &segments.span,
                key,
                "no segment is left with a share above 0",
            );
            return None;
        }
        known.then_some(profile)
    }

    fn arrivals(
        &mut self,
        table: &ArrivalsTable,
        stretch: Option<(Instant, Instant)>,
        pool: Option<&PoolPlan>,
    ) -> Option<Arrivals> {
        let profile = match &table.profile {
            Some(written) => self.profile(Some(written), "timeline.arrivals.profile"),
            None => pool.map(|pool| pool.profile.clone()),
        };
        let segments = table.segments.as_ref();
        let profile = profile.and_then(|profile| self.weighted(profile, segments));
        let bands = self.arrival_bands(table, pool);
        let rates = self.rates(table.per_day.as_ref()?, stretch);
        let arrivals = Arrivals {
            rates: rates?,
            weekdays: weights(table.weekdays.as_ref()),
            months: weights(table.months.as_ref()),
            profile: profile?,
            bands: bands?,
            mix: table
                .mix
                .as_ref()
                .map_or(Mix::Fitted, |mix| mix.value.into()),
            nominees: None,
        };
        let (start, end) = stretch?;
        self.countable(&arrivals, start, end, &table.per_day.as_ref()?.span)?;
        Some(arrivals)
    }

    /// Bands of those who arrive; the outer option is whether they can be used.
    fn arrival_bands(
        &mut self,
        table: &ArrivalsTable,
        pool: Option<&PoolPlan>,
    ) -> Option<Option<Bands>> {
        let key = "timeline.arrivals.bands";
        match table
            .bands
            .as_ref()
            .map(|bands| (&bands.value, &bands.span))
        {
            None | Some((ArrivalBandsValue::Named(NamedArrivalBands::Pool), _)) => {
                pool.map(|pool| pool.bands.clone())
            }
            Some((ArrivalBandsValue::Named(NamedArrivalBands::None), _)) => Some(None),
            Some((ArrivalBandsValue::Table(entries), span)) => {
                let bands = self.bands_of(entries, span, key)?;
                if bands.0.iter().all(|band| band.count == 0) {
                    self.report(span, key, "no band has a frequency above 0");
                    return None;
                }
                Some(Some(bands))
            }
        }
    }

    fn rates(
        &mut self,
        written: &At<RatesValue>,
        stretch: Option<(Instant, Instant)>,
    ) -> Option<Vec<ArrivalRate>> {
        let periods = match &written.value {
            RatesValue::Constant(per_day) => {
                let (from, per_day) = (stretch?.0, *per_day);
                return Some(vec![ArrivalRate { from, per_day }]);
            }
            RatesValue::Periods(periods) => periods,
        };
        let mut rates: Vec<ArrivalRate> = Vec::with_capacity(periods.len());
        let mut whole = true;
        for (index, period) in periods.iter().enumerate() {
            let key = format!("timeline.arrivals.per_day[{}].from", index + 1);
            match self.rate(&period.value, &key, rates.last(), stretch) {
                Some(rate) => rates.push(rate),
                None => whole = false,
            }
        }
        whole.then_some(rates)
    }

    fn rate(
        &mut self,
        table: &RateTable,
        key: &str,
        before: Option<&ArrivalRate>,
        stretch: Option<(Instant, Instant)>,
    ) -> Option<ArrivalRate> {
        let from = table.from.as_ref()?;
        let rate = ArrivalRate {
            from: from.value.instant(),
            per_day: table.per_day.as_ref()?.value,
        };
        if let Some(before) = before
            && before.from >= rate.from
        {
            let message = format!(
                "the periods overlap or are not in order: {} is not after {}, where the period \
                 before it starts",
                rate.from, before.from
            );
            self.report(&from.span, key, message);
            return None;
        }
        if let Some((_, end)) = stretch
            && rate.from >= end
        {
            let message = format!(
                "{} is after the timeline, which ends before {end}",
                rate.from
            );
            self.report(&from.span, key, message);
            return None;
        }
        Some(rate)
    }

    /// Whether so many arrivals fit into memory.
    fn countable(
        &mut self,
        arrivals: &Arrivals,
        start: Instant,
        end: Instant,
        span: &Range<usize>,
    ) -> Option<()> {
        let days = f64::from(end.seconds() - start.seconds()) / f64::from(Instant::DAY);
        let highest = |values: &[f64]| values.iter().copied().fold(0.0, f64::max);
        let rates = arrivals.rates.iter().map(|rate| rate.per_day);
        let weight = highest(&arrivals.weekdays) * highest(&arrivals.months);
        let most = rates.fold(0.0, f64::max) * weight * days;
        if most <= defaults::MOST_CANDIDATES as f64 {
            return Some(());
        }
        let message = format!(
            "up to {most:.0} candidates would arrive; at most {} ({}) are accepted",
            grouped(defaults::MOST_CANDIDATES),
            defaults::memory(defaults::MOST_CANDIDATES)
        );
        self.report(span, "timeline.arrivals.per_day", message);
        None
    }
}

/// What is said where nobody arrives and no rate of 0 was written for it.
fn that_nobody_arrives(
    written: Option<&ArrivalsTable>,
    arrivals: &Arrivals,
    (start, end): (Instant, Instant),
) -> Option<String> {
    let Some(written) = written else {
        return Some(
            "nobody arrives along [timeline], which has no `arrivals`; where that is meant, \
             `arrivals = { per_day = 0 }` says so"
                .to_owned(),
        );
    };
    let nominees = written.nominees.as_ref().map(|nominees| &nominees.value);
    let by_bands = matches!(
        nominees,
        None | Some(NomineesValue::Named(NamedNominees::Bands))
    );
    let meant = !by_bands || arrivals.rates.iter().all(|rate| rate.per_day <= 0.0);
    let nobody = arrivals.expected(start, end) <= 0.0;
    (nobody && !meant).then(|| {
        format!(
            "nobody arrives from {start} to {end}: rates of timeline.arrivals above 0 fall on days \
             whose weight in `weekdays` or `months` is 0"
        )
    })
}

/// Whether those who arrive come in the bands of the starting pool.
fn of_the_pool(table: &ArrivalsTable) -> bool {
    let bands = table.bands.as_ref().map(|bands| &bands.value);
    matches!(
        bands,
        None | Some(ArrivalBandsValue::Named(NamedArrivalBands::Pool))
    )
}

fn number(written: Option<&At<f64>>) -> f64 {
    written.map_or(0.0, |written| written.value)
}

/// Weights as written, 1 each without a list; a list of another length was refused before.
fn weights<const N: usize>(written: Option<&At<Vec<f64>>>) -> [f64; N] {
    let written = written.and_then(|weights| weights.value.as_slice().try_into().ok());
    written.unwrap_or([1.0; N])
}

fn nobody(profile: &Profile) -> Arrivals {
    Arrivals {
        rates: Vec::new(),
        weekdays: [1.0; 7],
        months: [1.0; 12],
        profile: profile.clone(),
        bands: None,
        mix: Mix::Fitted,
        nominees: None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Plan, Problems, Scenario};

    fn resolved(timeline: &str) -> Result<Plan, Problems> {
        let text = format!(
            "name = \"a\"\n[pool]\nas_of = 2024-01-09\n[[rounds]]\nat = 2024-02-01T14:00:00Z\n\
             type = \"general\"\ninvitations = 1\n[timeline]\nend = 2025-01-01\n{timeline}\n"
        );
        Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
    }

    #[test]
    fn nominations_go_by_score_and_month_and_what_is_left_out_has_its_default() {
        let changes = "[timeline.changes]\nnomination_per_year = { \"301-1200\" = 0.1, \"0-300\" = 0.9 }\n\
                       nomination_months = [2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5]";
        let course = resolved(changes).unwrap().timeline.unwrap().course;
        assert_eq!(course.changes.nominations.by_score, [(0, 0.9), (301, 0.1)]);
        assert_eq!(course.changes.nominations.months[0], 2.0);
        let course = resolved("").unwrap().timeline.unwrap().course;
        assert!(course.changes.nominations.is_none() && course.changes.birthdays);
        assert_eq!((course.answers.accept, course.answers.decline), (1.0, 0.0));
    }

    #[test]
    fn segments_of_the_profile_can_be_more_frequent_among_those_who_arrive() {
        let arrivals =
            "[timeline.arrivals]\nper_day = 10\nsegments = { trade-inland = 3, farm-inland = 0 }";
        let plan = resolved(arrivals).unwrap();
        let share = |profile: &Profile, name: &str| {
            let segment = profile.segments.iter().find(|segment| segment.name == name);
            segment.expect("a segment of the profile").share
        };
        let arriving = &plan.timeline.as_ref().unwrap().arrivals.profile;
        let usual = share(&plan.pool.profile, "trade-inland");
        assert_eq!(share(arriving, "trade-inland"), 3.0 * usual);
        assert_eq!(share(arriving, "farm-inland"), 0.0);
    }

    #[test]
    fn the_mix_within_bands_is_fitted_unless_the_profiles_is_asked_for_and_a_manifest_keeps_it() {
        let arriving = |mix: &str| {
            let plan = resolved(&format!("[timeline.arrivals]\nper_day = 10\n{mix}")).unwrap();
            let kept = plan.resolved["timeline"]["arrivals"]["mix"].clone();
            (plan.timeline.unwrap().arrivals.mix, kept)
        };
        assert_eq!(arriving(""), (Mix::Fitted, serde_json::Value::Null));
        let own = arriving("mix = \"profile\"");
        assert_eq!(own, (Mix::Own, serde_json::json!("profile")));
        let told = resolved("[timeline.arrivals]\nper_day = 10\nmix = \"profil\"").unwrap_err();
        assert!(
            told.plain().contains("did you mean `profile`?"),
            "{}",
            told.plain()
        );
    }

    #[test]
    fn a_rate_of_better_results_above_one_a_year_is_told_to_come_once_at_most() {
        let told = |rate: &str| {
            let text = format!("[timeline.changes]\nlanguage_per_year = {rate}");
            let notices = resolved(&text).unwrap().notices.join("\n");
            notices.contains("at most once").then_some(notices)
        };
        assert_eq!(told("1"), None);
        let notices = told("3").unwrap();
        assert!(notices.contains("language_per_year is 3"), "{notices}");
        assert!(notices.contains("95 of 100"), "{notices}");
    }

    #[test]
    fn a_timeline_along_which_nobody_arrives_is_told_unless_a_rate_of_zero_says_so() {
        let told = |arrivals: &str| {
            let notices = resolved(arrivals).unwrap().notices.into_iter();
            notices
                .filter(|notice| notice.starts_with("nobody arrives"))
                .collect::<Vec<_>>()
                .join("\n")
        };
        assert!(told("").contains("no `arrivals`; where that is meant"));
        for meant in [
            "per_day = 0",
            "per_day = [{ from = 2024-03-01, per_day = 0 }]",
            "per_day = 10",
            "per_day = 10\nmonths = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]",
        ] {
            assert_eq!(
                told(&format!("[timeline.arrivals]\n{meant}")),
                "",
                "{meant}"
            );
        }
        assert_eq!(told("arrivals = { per_day = 0 }"), "");
        for weights in [
            "months = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]",
            "weekdays = [0, 0, 0, 0, 0, 0, 0]",
        ] {
            let told = told(&format!("[timeline.arrivals]\nper_day = 10\n{weights}"));
            assert!(told.contains("`weekdays` or `months` is 0"), "{told}");
        }
        let days = "per_day = [{ from = 2024-12-30, per_day = 5 }]\nmonths = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0]";
        assert!(!told(&format!("[timeline.arrivals]\n{days}")).is_empty());
    }

    #[test]
    fn what_is_wrong_with_rates_bands_and_segments_is_told_at_once() {
        let told = resolved(
            "[timeline.changes]\nnomination_per_year = { \"0-300\" = -1, \"200-1200\" = 0.1 }\nnomination_months = [1]\n\
             [timeline.arrivals]\nper_day = 10\nsegments = { trade-inlnd = 3 }",
        )
        .unwrap_err()
        .plain();
        for part in [
            "`-1` is too small",
            "it needs 12",
            "no segment `trade-inlnd`",
            "did you mean `trade-inland`?",
        ] {
            assert!(told.contains(part), "{told}");
        }
        let told = resolved(
            "[timeline.changes]\nnomination_per_year = { \"0-300\" = 1, \"200-1200\" = 0.1 }",
        )
        .unwrap_err()
        .plain();
        assert!(told.contains("overlaps the band"), "{told}");
    }
}
