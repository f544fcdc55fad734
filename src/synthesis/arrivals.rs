//! Who arrives along a stretch of time, and when to the second.
//! What becomes of them lives in `timeline`.
//!
//! The number of a day is a Poisson draw whose mean is the rate of that day times the weights of
//! its weekday and month; within a day times are as frequent as the rate says. Each day has streams of its
//! own, one for the times and one for the people, and is dealt whole, also where the stretch has only a part
//! of it: so stretches that begin or end elsewhere have the same people at the same times.

use std::ops::Range;

use rand::{Rng, RngExt};

use crate::deviates::poisson;
use crate::observe::Silent;
use crate::pool::columns::Ids;
use crate::pool::{Band, Bands, Pool};
use crate::random::{Purpose, stream};
use crate::rules::Rules;
use crate::units::{Date, Instant};

use super::nominees::share;
use super::{Key, Mix, Nominees, Profile, Source, SynthesisError};

/// Who arrives and when.
#[derive(Debug, Clone)]
pub struct Arrivals {
    /// Rates in order of time; before the first nobody arrives.
    pub rates: Vec<ArrivalRate>,
    /// Weight of each weekday, Monday first: 1 leaves the rate as it is.
    pub weekdays: [f64; 7],
    /// Weight of each month, January first: 1 leaves the rate as it is.
    pub months: [f64; 12],
    /// The mix of those who arrive.
    pub profile: Profile,
    /// Relative frequency of score bands among those who arrive, when wanted.
    pub bands: Option<Bands>,
    /// How the components of the profile mix within the bands.
    pub mix: Mix,
    /// How many come with a nomination on some days, whatever the rates; the bands say it of others.
    pub nominees: Option<Nominees>,
}

/// Arrivals a day from an instant on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArrivalRate {
    /// First instant of the rate.
    pub from: Instant,
    /// Mean arrivals a day (0 or more).
    pub per_day: f64,
}

/// Submission times of whole days, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dealt {
    /// Everybody's.
    pub times: Vec<u32>,
    /// Those of them that fall into the stretch: the others come before its start or after its end.
    pub within: Range<usize>,
    /// How many of each day are nominees, where that was told apart.
    pub(super) nominees: Vec<(u32, usize)>,
}

impl Dealt {
    /// How many of a day are nominees, if that was told apart.
    pub(super) fn nominees_on(&self, day: u32) -> Option<usize> {
        let place = self.nominees.binary_search_by_key(&day, |&(day, _)| day);
        place.ok().map(|place| self.nominees[place].1)
    }

    /// Takes those out of a pool, whose rows from `first` on they are, who do not come within the stretch.
    pub fn leave(&self, pool: &mut Pool, first: usize) {
        let Range { start, end } = self.within;
        pool.take_out(first + end..first + self.times.len());
        pool.take_out(first..first + start);
    }
}

/// The date of a day's number.
pub(super) fn date(day: u32) -> Date {
    Instant::from_seconds(day.saturating_mul(Instant::DAY)).date()
}

/// The first second of a day, and the first one after it.
fn seconds_of(day: u32) -> Range<u32> {
    let from = day * Instant::DAY;
    from..from.saturating_add(Instant::DAY)
}

/// The days of which a stretch has a part.
fn days(start: Instant, end: Instant) -> impl Iterator<Item = u32> {
    start.seconds() / Instant::DAY..end.seconds().div_ceil(Instant::DAY)
}

/// How many times as many as usual come on a day, by the weights of weekdays and months.
pub fn weight_of((weekdays, months): (&[f64; 7], &[f64; 12]), day: u32) -> f64 {
    let date = date(day);
    let weekday = date.weekday().to_monday_zero_offset().unsigned_abs();
    let month = date.month().unsigned_abs().clamp(1, 12) - 1;
    weekdays[usize::from(weekday) % 7] * months[usize::from(month)]
}

impl Arrivals {
    /// The parts of some seconds of one day that have a rate, with the mean arrivals in each.
    fn parts(&self, seconds: Range<u32>) -> impl Iterator<Item = (Range<u32>, f64)> {
        let weight = weight_of((&self.weekdays, &self.months), seconds.start / Instant::DAY);
        let ends = self.rates.iter().skip(1).map(|next| next.from.seconds());
        let rates = self.rates.iter().zip(ends.chain([u32::MAX]));
        rates.filter_map(move |(rate, until)| {
            let part = rate.from.seconds().max(seconds.start)..until.min(seconds.end);
            let days = f64::from(part.end.saturating_sub(part.start)) / f64::from(Instant::DAY);
            let mean = rate.per_day * days * weight;
            (mean > 0.0).then_some((part, mean))
        })
    }

    /// How many arrive after `start` and before `end`, on average.
    pub fn expected(&self, start: Instant, end: Instant) -> f64 {
        days(start, end)
            .map(|day| {
                let Range {
                    start: from,
                    end: to,
                } = seconds_of(day);
                let part = from.max(start.seconds() + 1)..to.min(end.seconds());
                let mean = self.parts(part).map(|(_, mean)| mean).sum::<f64>();
                match self.nominees.as_ref().and_then(|nominees| nominees.on(day)) {
                    Some(nominees) => mean * self.without_nominees() + nominees as f64,
                    None => mean,
                }
            })
            .sum()
    }

    /// How many nominees come on a day by rate and bands, on average.
    pub fn nominees_by_bands(&self, day: u32) -> f64 {
        let mean: f64 = self.parts(seconds_of(day)).map(|(_, mean)| mean).sum();
        mean * (1.0 - self.without_nominees())
    }

    /// The part of those who come by the rates whom bands do not make nominees of.
    fn without_nominees(&self) -> f64 {
        1.0 - self.bands.as_ref().map_or(0.0, share)
    }

    /// Submission times of everyone on the days of which the stretch has a part; those arrive who come
    /// after `start` and before `end`.
    pub fn times(&self, start: Instant, end: Instant, seed: u64, replicate: u32) -> Dealt {
        let (mut times, mut nominees) = (Vec::new(), Vec::new());
        for day in days(start, end) {
            let parts: Vec<(Range<u32>, f64)> = self.parts(seconds_of(day)).collect();
            let mean: f64 = parts.iter().map(|(_, mean)| mean).sum();
            let mut numbers = stream(seed, Purpose::Arrivals, replicate, u64::from(day));
            let first = times.len();
            match &self.nominees {
                None => {
                    let count = poisson(mean, &mut numbers);
                    times.extend((0..count).map(|_| time_in(&parts, mean, &mut numbers)));
                }
                Some(of_days) => {
                    let others = mean * self.without_nominees();
                    let others = poisson(others, &mut numbers);
                    times.extend((0..others).map(|_| time_in(&parts, mean, &mut numbers)));
                    let told = of_days.on(day);
                    let count = told.unwrap_or_else(|| {
                        let by_bands = mean * (1.0 - self.without_nominees());
                        poisson(by_bands, &mut numbers)
                    });
                    times.extend((0..count).map(|_| match told {
                        Some(_) => numbers.random_range(seconds_of(day)),
                        None => time_in(&parts, mean, &mut numbers),
                    }));
                    nominees.push((day, count as usize));
                }
            }
            times[first..].sort_unstable();
        }
        let within = times.partition_point(|&at| at <= start.seconds())
            ..times.partition_point(|&at| at < end.seconds());
        Dealt {
            times,
            within,
            nominees,
        }
    }

    /// Everyone who arrives after `start` and before `end`, in order of submission, from a source
    /// of their own.
    ///
    /// # Errors
    /// When the profile cannot give such candidates.
    pub fn generate(
        &self,
        start: Instant,
        end: Instant,
        seed: u64,
        replicate: u32,
        rules: &Rules,
    ) -> Result<Option<Pool>, SynthesisError> {
        let dealt = self.times(start, end, seed, replicate);
        if dealt.within.is_empty() {
            return Ok(None);
        }
        let source = Source::mixed(&self.profile, rules, self.bands.as_ref(), self.mix)?;
        let key = Key {
            seed,
            purpose: Purpose::ArrivingCandidates,
            replicate,
        };
        let mut pool = Pool::zeroed(dealt.times.len(), Ids::Numbered { first: 1 });
        source.fill_from(key, &mut pool, 0, &dealt, &Silent)?;
        dealt.leave(&mut pool, 0);
        Ok(Some(pool))
    }
}

/// A time in one of the parts of a day, which are as frequent as their means say; those add up to `mean`.
fn time_in(parts: &[(Range<u32>, f64)], mean: f64, numbers: &mut impl Rng) -> u32 {
    let (last, before) = parts.split_last().expect("somebody comes");
    let mut left = if before.is_empty() {
        0.0
    } else {
        numbers.random::<f64>() * mean
    };
    let part = before.iter().find(|(_, mean)| {
        let is_here = left < *mean;
        left -= mean;
        is_here
    });
    let (part, _) = part.unwrap_or(last);
    numbers.random_range(part.clone())
}

/// Bands with the same shares that add up to `size`, by largest remainders.
pub fn scaled(bands: &Bands, size: u64) -> Bands {
    let total = u128::from(bands.total().max(1));
    let exact = |band: &Band| u128::from(band.count) * u128::from(size);
    let mut scaled: Vec<Band> = bands
        .0
        .iter()
        .map(|band| Band {
            count: (exact(band) / total) as u64,
            ..*band
        })
        .collect();
    let mut places: Vec<usize> = (0..scaled.len()).collect();
    places.sort_by_key(|&place| (std::cmp::Reverse(exact(&bands.0[place]) % total), place));
    let missing = size - scaled.iter().map(|band| band.count).sum::<u64>();
    places
        .iter()
        .take(missing as usize)
        .for_each(|&place| scaled[place].count += 1);
    Bands(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Eligibility;
    use crate::rules::{CategoryKey, RulesPatch};
    use crate::synthesis::nominees::Period;

    fn arrivals(per_day: f64) -> Arrivals {
        Arrivals {
            rates: vec![ArrivalRate {
                from: Instant::from_seconds(0),
                per_day,
            }],
            weekdays: [1.2, 1.2, 1.2, 1.2, 1.2, 0.5, 0.5],
            months: [1.0; 12],
            profile: Profile::builtin("express-entry-2023").expect("built in"),
            bands: None,
            mix: Mix::Fitted,
            nominees: None,
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// 364 days at 100 a day: the mean of the total is 36,400 and its sd 191; five of them.
    #[test]
    fn as_many_arrive_as_the_rate_says_and_more_on_weekdays() {
        let (start, end) = (at("2024-01-01T00:00:00Z"), at("2024-12-30T00:00:00Z"));
        let times = arrivals(100.0).times(start, end, 1, 0).times;
        assert!(
            (times.len() as f64 - 36_400.0).abs() < 5.0 * 191.0,
            "{}",
            times.len()
        );
        let weekend = times
            .iter()
            .filter(|&&time| {
                Instant::from_seconds(time)
                    .date()
                    .weekday()
                    .to_monday_zero_offset()
                    >= 5
            })
            .count() as f64;
        assert!((weekend / times.len() as f64 - 1.0 / 7.0).abs() < 0.01);
        assert!(
            times.is_sorted()
                && times[0] > start.seconds()
                && times[times.len() - 1] < end.seconds()
        );
    }

    #[test]
    fn stretches_that_begin_or_end_elsewhere_have_the_same_people_at_the_same_times() {
        let whole = [at("2024-01-01T00:00:00Z"), at("2024-03-01T00:00:00Z")];
        let times = |[start, end]: [Instant; 2]| {
            let dealt = arrivals(50.0).times(start, end, 7, 3);
            dealt.times[dealt.within].to_vec()
        };
        let all = times(whole);
        for within in [
            ["2024-01-01T00:00:00Z", "2024-02-01T00:00:00Z"],
            ["2024-01-10T07:30:00Z", "2024-02-01T18:00:00Z"],
            ["2024-01-10T07:30:00Z", "2024-01-10T07:30:01Z"],
            ["2024-01-10T07:30:00Z", "2024-01-10T20:30:00Z"],
        ] {
            let [start, end] = within.map(at);
            let between = |&&time: &&u32| time > start.seconds() && time < end.seconds();
            let expected: Vec<u32> = all.iter().filter(between).copied().collect();
            assert_eq!(times([start, end]), expected, "{within:?}");
        }
    }

    /// 1,000 a day from noon on and 4,000 from six in the evening to nine: 250 and 500 on that day and
    /// none at other times; five standard errors over 40 days of other seeds.
    #[test]
    fn nobody_arrives_before_a_rate_that_begins_within_a_day() {
        let hours = [(12, 1_000.0), (18, 4_000.0), (21, 0.0)];
        let rates = hours.map(|(hour, per_day)| ArrivalRate {
            from: at(&format!("2024-01-10T{hour}:00:00Z")),
            per_day,
        });
        let arrivals = Arrivals {
            rates: rates.to_vec(),
            weekdays: [1.0; 7],
            ..arrivals(0.0)
        };
        let stretch = [at("2024-01-09T00:00:00Z"), at("2024-01-12T00:00:00Z")];
        let mut came = [0.0; 4];
        for seed in 0..40 {
            for time in arrivals.times(stretch[0], stretch[1], seed, 0).times {
                let hour = (time - at("2024-01-10T00:00:00Z").seconds()) / 3_600;
                came[hours.partition_point(|&(from, _)| from <= hour)] += 1.0;
            }
        }
        for (came, expected) in came.into_iter().zip([0.0, 10_000.0, 20_000.0, 0.0]) {
            let difference: f64 = came - expected;
            assert!(
                difference.abs() <= 5.0 * f64::sqrt(expected),
                "{came} for {expected}"
            );
        }
        let expected = arrivals.expected(stretch[0], stretch[1]);
        assert!((expected - 750.0).abs() < 1e-9, "{expected}");
    }

    /// A day of more people than one stream fills, and half a day after it.
    #[test]
    fn a_longer_stretch_keeps_the_people_of_days_with_many() {
        let rules = Rules::on(jiff::civil::date(2024, 7, 1), &[], &RulesPatch::default()).unwrap();
        let band = |low, high, count| Band { low, high, count };
        for bands in [None, Some(Bands(vec![band(451, 1200, 3), band(0, 450, 7)]))] {
            let arrivals = Arrivals {
                bands,
                ..arrivals(25_000.0)
            };
            let until = |end: &str| {
                let made = arrivals.generate(at("2024-07-01T00:00:00Z"), at(end), 1, 0, &rules);
                made.unwrap().unwrap()
            };
            let [short, long] = ["2024-07-02T00:00:00Z", "2024-07-02T12:00:00Z"].map(until);
            assert!(short.len() > 20_000 && long.len() > short.len() + 5_000);
            for row in 0..short.len() {
                assert_eq!(short.row(row), long.row(row), "{row}");
            }
        }
    }

    /// Who comes at the rates comes as often as before, less the part that bands make nominees of, and
    /// nominees on the days that are told, also where there are too many for one stream; five standard errors.
    #[test]
    fn nominees_come_in_the_numbers_that_are_told_and_after_that_as_the_bands_say() {
        let rules = Rules::on(jiff::civil::date(2025, 7, 1), &[], &RulesPatch::default()).unwrap();
        let band = |low, high, count| Band { low, high, count };
        let (start, end) = (at("2025-07-01T00:00:00Z"), at("2025-07-21T00:00:00Z"));
        let first = start.seconds() / Instant::DAY;
        let period = |from, before, arrive| Period {
            from: date(first + from),
            before: date(first + before),
            arrive,
        };
        let periods = vec![period(0, 1, 18_000), period(2, 10, 300)];
        let arrivals = Arrivals {
            bands: Some(Bands(vec![band(601, 1200, 1), band(301, 600, 3)])),
            weekdays: [1.0; 7],
            nominees: Some(Nominees::of(periods, |_| 1.0)),
            ..arrivals(1_000.0)
        };
        let made = arrivals
            .generate(start, end, 1, 0, &rules)
            .unwrap()
            .unwrap();
        let mut came = [[0u32; 2]; 20];
        for (&score, &submitted) in made.score.iter().zip(&made.submitted) {
            let day = (submitted / Instant::DAY - first) as usize;
            came[day][usize::from(score <= 600)] += 1;
        }
        let nominees =
            |days: Range<usize>| came[days].iter().map(|[nominees, _]| nominees).sum::<u32>();
        assert_eq!(
            [nominees(0..1), nominees(1..2), nominees(2..10)],
            [18_000, 0, 300]
        );
        assert!(
            came[2..10]
                .iter()
                .all(|[nominees, _]| (37..=38).contains(nominees)),
            "{came:?}"
        );
        let others: u32 = came.iter().map(|[_, others]| others).sum();
        assert!(
            (f64::from(others) - 15_000.0).abs() < 5.0 * 15_000f64.sqrt(),
            "{others}"
        );
        // The day of the last round has none.
        assert_eq!(nominees(10..11), 0);
        let later = f64::from(nominees(11..20));
        assert!(
            (later - 9.0 * 250.0).abs() < 5.0 * f64::sqrt(9.0 * 250.0),
            "{later}"
        );
        let expected = arrivals.expected(start, end);
        assert!(
            (expected - (18_300.0 + 15_000.0 + 2_250.0)).abs() < 1.0,
            "{expected}"
        );
    }

    /// Some 1,500 of 60,000 and 5,000 of 5,000 with 501 to 600 points: the standard error of the
    /// difference is 1.0%, and six of them are allowed.
    #[test]
    fn top_heavy_bands_bring_more_french_speakers_only_where_the_mix_is_fitted_to_them() {
        let french = CategoryKey {
            name: "french".to_owned(),
            version: "2023-V1".to_owned(),
        };
        let date = jiff::civil::date(2024, 7, 1);
        let rules = Rules::on(date, &[french], &RulesPatch::default()).unwrap();
        let share = |pool: &Pool| {
            let top = (0..pool.len()).filter(|&row| (501..=600).contains(&pool.score[row]));
            let bit = Eligibility::category_bit(0);
            let (french, others): (Vec<usize>, Vec<usize>) =
                top.partition(|&row| pool.eligibility.get(row) & bit != 0);
            french.len() as f64 / (french.len() + others.len()) as f64
        };
        let key = Key {
            seed: 1,
            purpose: Purpose::Pool,
            replicate: 0,
        };
        let start = at("2024-07-01T00:00:00Z");
        let everybody = arrivals(100.0).profile;
        let everybody = Source::new(&everybody, &rules, None)
            .and_then(|source| source.pool(key, 60_000, start, 0, &Silent))
            .unwrap();
        let arriving = |mix| {
            let band = |low, high, count| Band { low, high, count };
            let arrivals = Arrivals {
                bands: Some(Bands(vec![band(501, 600, 2), band(301, 500, 1)])),
                mix,
                ..arrivals(750.0)
            };
            let end = start.saturating_add(10 * Instant::DAY);
            share(
                &arrivals
                    .generate(start, end, 1, 0, &rules)
                    .unwrap()
                    .unwrap(),
            )
        };
        let (own, profile) = (arriving(Mix::Own), share(&everybody));
        assert!((own - profile).abs() < 0.06, "{own} for {profile}");
        let fitted = arriving(Mix::Fitted);
        assert!(fitted > profile + 0.2, "{fitted} for {profile}");
    }

    #[test]
    fn scaled_bands_add_up() {
        let band = |low, high, count| Band { low, high, count };
        let bands = Bands(vec![band(601, 1200, 1), band(301, 600, 1), band(0, 300, 1)]);
        let scaled = scaled(&bands, 11);
        assert_eq!(
            scaled.0.iter().map(|band| band.count).collect::<Vec<_>>(),
            [4, 4, 3]
        );
    }
}
