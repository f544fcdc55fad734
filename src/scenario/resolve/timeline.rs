//! The timeline of a scenario: its stretch, who arrives, who leaves, how invitations are answered.
//! Rounds stand in `rounds` and `schedule`; nothing is run or sampled here.

use std::ops::Range;

use super::Resolver;
use crate::pool::Bands;
use crate::scenario::defaults::{self, POOL_DAYS};
use crate::scenario::plan::{PoolPlan, Timeline};
use crate::scenario::spanned::At;
use crate::scenario::wire_time::{
    AnswersTable, ArrivalBandsValue, ArrivalsTable, ChangesTable, NamedArrivalBands, RateTable,
    RatesValue,
};
use crate::synthesis::{ArrivalRate, Arrivals, Profile};
use crate::timeline::{Answers, Changes, TimelinePlan};
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
            let latest = pool_at.saturating_add((POOL_DAYS - 1) * Instant::DAY);
            if at < pool_at || at > latest {
                let message = format!(
                    "{at} is {} the pool, which stands for {pool_at} and is of use for \
                     {POOL_DAYS} days; leave `start` out to start there",
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
                defaults::grouped(defaults::MOST_DAYS.into())
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
        let arrivals = match &table.arrivals {
            Some(arrivals) => self.arrivals(&arrivals.value, stretch, pool),
            None => pool.map(|pool| nobody(&pool.profile)),
        };
        let (start, end) = stretch?;
        Some(Timeline {
            course: TimelinePlan {
                start,
                end,
                withdrawals_per_year: number(table.withdrawals_per_year.as_ref()),
                answers: answers?,
                changes: changes(table.changes.as_ref().map(|changes| &changes.value)),
            },
            arrivals: arrivals?,
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
        let bands = self.arrival_bands(table, pool);
        let rates = self.rates(table.per_day.as_ref()?, stretch);
        let arrivals = Arrivals {
            rates: rates?,
            weekdays: weights(table.weekdays.as_ref()),
            months: weights(table.months.as_ref()),
            profile: profile?,
            bands: bands?,
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
            defaults::grouped(defaults::MOST_CANDIDATES.into()),
            defaults::memory(defaults::MOST_CANDIDATES)
        );
        self.report(span, "timeline.arrivals.per_day", message);
        None
    }
}

fn number(written: Option<&At<f64>>) -> f64 {
    written.map_or(0.0, |written| written.value)
}

/// Weights as written, 1 each without a list; a list of another length was refused before.
fn weights<const N: usize>(written: Option<&At<Vec<f64>>>) -> [f64; N] {
    let written = written.and_then(|weights| weights.value.as_slice().try_into().ok());
    written.unwrap_or([1.0; N])
}

fn changes(table: Option<&ChangesTable>) -> Changes {
    let rate = |key: fn(&ChangesTable) -> &Option<At<f64>>| {
        number(table.and_then(|table| key(table).as_ref()))
    };
    let birthdays = table.and_then(|table| table.birthdays.as_ref());
    Changes {
        birthdays: birthdays.is_none_or(|birthdays| birthdays.value),
        work_in_canada: rate(|table| &table.work_in_canada),
        language_per_year: rate(|table| &table.language_per_year),
        nomination_per_year: rate(|table| &table.nomination_per_year),
    }
}

fn nobody(profile: &Profile) -> Arrivals {
    Arrivals {
        rates: Vec::new(),
        weekdays: [1.0; 7],
        months: [1.0; 12],
        profile: profile.clone(),
        bands: None,
    }
}
