//! Who arrives along a stretch of time, and when to the second.
//! What becomes of them lives in `timeline`.
//!
//! The number of a day is a Poisson draw whose mean is the rate of that day times the weights of
//! its weekday and month; within a day times are uniform. Each day has streams of its own, one for the times
//! and one for the people, so that a longer stretch keeps the days of a shorter one.

use rand::RngExt;

use crate::deviates::poisson;
use crate::observe::Silent;
use crate::pool::columns::Ids;
use crate::pool::{Band, Bands, Pool};
use crate::random::{Purpose, stream};
use crate::rules::Rules;
use crate::units::Instant;

use super::{Key, Mix, Profile, Source, SynthesisError};

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
}

/// Arrivals a day from an instant on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ArrivalRate {
    /// First instant of the rate.
    pub from: Instant,
    /// Mean arrivals a day (0 or more).
    pub per_day: f64,
}

impl Arrivals {
    /// Mean arrivals in the seconds from `from` to `to` of one day.
    fn mean(&self, from: u32, to: u32) -> f64 {
        let date = Instant::from_seconds(from).date();
        let weekday = date.weekday().to_monday_zero_offset().unsigned_abs();
        let month = date.month().unsigned_abs().clamp(1, 12) - 1;
        let weight = self.weekdays[usize::from(weekday) % 7] * self.months[usize::from(month)];
        let mut mean = 0.0;
        for (place, rate) in self.rates.iter().enumerate() {
            let until = self
                .rates
                .get(place + 1)
                .map_or(u32::MAX, |next| next.from.seconds());
            let (start, end) = (rate.from.seconds().max(from), until.min(to));
            if start < end {
                mean += rate.per_day * f64::from(end - start) / f64::from(Instant::DAY);
            }
        }
        mean * weight
    }

    /// How many arrive after `start` and before `end`, on average.
    pub fn expected(&self, start: Instant, end: Instant) -> f64 {
        let days = start.seconds() / Instant::DAY..=end.seconds() / Instant::DAY;
        days.map(|day| {
            let from = (day * Instant::DAY).max(start.seconds() + 1);
            let to = day.saturating_add(1).saturating_mul(Instant::DAY);
            self.mean(from, to.min(end.seconds()))
        })
        .sum()
    }

    /// Submission times of everyone who arrives after `start` and before `end`, in order.
    pub fn times(&self, start: Instant, end: Instant, seed: u64, replicate: u32) -> Vec<u32> {
        let mut times = Vec::new();
        for day in start.seconds() / Instant::DAY..=end.seconds() / Instant::DAY {
            let from = (day * Instant::DAY).max(start.seconds() + 1);
            let to = day
                .saturating_add(1)
                .saturating_mul(Instant::DAY)
                .min(end.seconds());
            if from >= to {
                continue;
            }
            let mut numbers = stream(seed, Purpose::Arrivals, replicate, u64::from(day));
            let first = times.len();
            let count = poisson(self.mean(from, to), &mut numbers);
            times.extend((0..count).map(|_| numbers.random_range(from..to)));
            times[first..].sort_unstable();
        }
        times
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
        let times = self.times(start, end, seed, replicate);
        if times.is_empty() {
            return Ok(None);
        }
        let source = Source::mixed(&self.profile, rules, self.bands.as_ref(), self.mix)?;
        let key = Key {
            seed,
            purpose: Purpose::ArrivingCandidates,
            replicate,
        };
        let mut pool = Pool::zeroed(times.len(), Ids::Numbered { first: 1 });
        source.fill_from(key, &mut pool, 0, &times, &Silent)?;
        Ok(Some(pool))
    }
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
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    /// 364 days at 100 a day: the mean of the total is 36,400 and its sd 191; five of them.
    #[test]
    fn as_many_arrive_as_the_rate_says_and_more_on_weekdays() {
        let (start, end) = (at("2024-01-01T00:00:00Z"), at("2024-12-30T00:00:00Z"));
        let times = arrivals(100.0).times(start, end, 1, 0);
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
    fn a_longer_stretch_keeps_the_days_of_a_shorter_one() {
        let start = at("2024-01-01T00:00:00Z");
        let short = arrivals(50.0).times(start, at("2024-02-01T00:00:00Z"), 7, 3);
        let long = arrivals(50.0).times(start, at("2024-03-01T00:00:00Z"), 7, 3);
        assert_eq!(short, long[..short.len()]);
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
