//! The figures of a run over its replicates: one tally for each round and metric.
//! What a single round gives is worked out here as well; files are `output`'s.

use std::collections::BTreeMap;

use crate::pool::Packed;
use crate::scenario::Plan;
use crate::study::replicate::{Held, Replicate};
use crate::study::tally::Tally;
use crate::units::Instant;

/// Tallies by round and metric, rounds and metrics in a fixed order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    rounds: Vec<BTreeMap<Metric, Tally>>,
    /// How many replicates are counted.
    replicates: u64,
}

/// What is measured of a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it; `name` is what files show")]
pub enum Metric {
    CutoffScore,
    Invited,
    Eligible,
    PoolSize,
    TiedAtCutoff,
    TiedInvited,
    MeanScore,
    MedianScore,
    MaxScore,
    MedianWaitDays,
    TieBreakAgeDays,
    ShareWomen,
    ShareFrenchSpeakers,
    ShareWorkInCanada,
    ShareNominees,
}

impl Metric {
    /// Every metric, in the order of files.
    pub const ALL: [Metric; 15] = [
        Metric::CutoffScore,
        Metric::Invited,
        Metric::Eligible,
        Metric::PoolSize,
        Metric::TiedAtCutoff,
        Metric::TiedInvited,
        Metric::MeanScore,
        Metric::MedianScore,
        Metric::MaxScore,
        Metric::MedianWaitDays,
        Metric::TieBreakAgeDays,
        Metric::ShareWomen,
        Metric::ShareFrenchSpeakers,
        Metric::ShareWorkInCanada,
        Metric::ShareNominees,
    ];

    /// The name that files show.
    pub const fn name(self) -> &'static str {
        match self {
            Metric::CutoffScore => "cutoff_score",
            Metric::Invited => "invited",
            Metric::Eligible => "eligible",
            Metric::PoolSize => "pool_size",
            Metric::TiedAtCutoff => "tied_at_cutoff",
            Metric::TiedInvited => "tied_invited",
            Metric::MeanScore => "mean_score",
            Metric::MedianScore => "median_score",
            Metric::MaxScore => "max_score",
            Metric::MedianWaitDays => "median_wait_days",
            Metric::TieBreakAgeDays => "tie_break_age_days",
            Metric::ShareWomen => "share_women",
            Metric::ShareFrenchSpeakers => "share_french_speakers",
            Metric::ShareWorkInCanada => "share_work_in_canada",
            Metric::ShareNominees => "share_nominees",
        }
    }

    /// The figure of that name.
    pub fn from_name(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name() == name)
    }

    /// The unit that it is in.
    pub const fn unit(self) -> &'static str {
        match self {
            Metric::CutoffScore | Metric::MeanScore | Metric::MedianScore | Metric::MaxScore => {
                "points"
            }
            Metric::Invited
            | Metric::Eligible
            | Metric::PoolSize
            | Metric::TiedAtCutoff
            | Metric::TiedInvited => "candidates",
            Metric::MedianWaitDays | Metric::TieBreakAgeDays => "days",
            Metric::ShareWomen
            | Metric::ShareFrenchSpeakers
            | Metric::ShareWorkInCanada
            | Metric::ShareNominees => "share, 0 to 1",
        }
    }

    /// What it means, in a sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Metric::CutoffScore => {
                "CRS score of the lowest-ranked candidate invited; none where nobody was."
            }
            Metric::Invited => {
                "Candidates invited; more than the invitations where `tie_break = \"none\"` invites everybody \
                 with the cut-off score."
            }
            Metric::Eligible => "Candidates whom the round ranked.",
            Metric::PoolSize => "Candidates in the pool just before the round.",
            Metric::TiedAtCutoff => "Eligible candidates with the cut-off score.",
            Metric::TiedInvited => "Candidates with the cut-off score who were invited.",
            Metric::MeanScore => "Mean CRS score of the invited.",
            Metric::MedianScore => "Median CRS score of the invited.",
            Metric::MaxScore => "Highest CRS score of the invited.",
            Metric::MedianWaitDays => {
                "Median time from submission to the round among the invited: the mean of the middle \
                 two where their number is even."
            }
            Metric::TieBreakAgeDays => {
                "Time from the tie-break (`tie_break_utc`) to the round; none where there is no \
                 tie-break."
            }
            Metric::ShareWomen => "Share of women among the invited.",
            Metric::ShareFrenchSpeakers => {
                "Share of the invited with NCLC 7 or more in all four abilities of French, whatever \
                 their first official language is."
            }
            Metric::ShareWorkInCanada => {
                "Share of the invited with a year or more of skilled work in Canada."
            }
            Metric::ShareNominees => "Share of the invited with a provincial nomination.",
        }
    }
}

/// How precise a figure has to be before a run may stop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Precision {
    /// The figure.
    pub metric: Metric,
    /// The largest standard error of its mean, in the figure's unit, in any round that has it.
    pub se: f64,
}

/// Replicates that have to be there before a standard error is believed.
pub const LEAST_REPLICATES: u64 = 10;

impl Summary {
    /// Whether the figure is as precise as wanted in every round that has it. A round in which none of
    /// the first [`LEAST_REPLICATES`] has it is not waited for; a figure that no round has is not precise.
    pub fn is_precise(&self, wanted: Precision) -> bool {
        let is_enough = |tally: &Tally| {
            tally.len() >= LEAST_REPLICATES && tally.se().is_some_and(|se| se <= wanted.se)
        };
        let mut having = self.having(wanted.metric).peekable();
        self.replicates >= LEAST_REPLICATES
            && having.peek().is_some()
            && having.all(|(_, tally)| is_enough(tally))
    }

    /// The places of the rounds that have the figure in no replicate.
    pub fn without(&self, metric: Metric) -> Vec<usize> {
        let places = 0..self.rounds.len();
        let has_none = |&place: &usize| self.tally(place, metric).is_none_or(Tally::is_empty);
        places.filter(has_none).collect()
    }

    /// The rounds that have the figure in some replicate, with their places.
    fn having(&self, metric: Metric) -> impl Iterator<Item = (usize, &Tally)> {
        let tallies = self.rounds.iter().enumerate();
        tallies.filter_map(move |(place, tallies)| {
            let tally = tallies.get(&metric).filter(|tally| !tally.is_empty())?;
            Some((place, tally))
        })
    }

    /// The largest standard error of the mean of a figure in any round; none where none is known.
    pub fn worst_se(&self, metric: Metric) -> Option<f64> {
        let tallies = self
            .rounds
            .iter()
            .filter_map(|tallies| tallies.get(&metric));
        tallies.filter_map(Tally::se).reduce(f64::max)
    }

    /// The first round in which too few replicates have the figure for its standard error to be
    /// believed: its place, and how many have it. A round in which none has it is told only where no
    /// round has it.
    pub fn first_with_too_few(&self, metric: Metric) -> Option<(usize, u64)> {
        let mut having = self.having(metric).peekable();
        if having.peek().is_none() {
            return self.without(metric).first().map(|&place| (place, 0));
        }
        let mut having = having.map(|(place, tally)| (place, tally.len()));
        having.find(|&(_, having)| having < LEAST_REPLICATES)
    }

    /// Counts the figures of a replicate.
    pub fn add_figures(&mut self, figures: Figures) {
        self.replicates += 1;
        if self.rounds.len() < figures.len() {
            self.rounds.resize(figures.len(), BTreeMap::new());
        }
        for (tallies, figures) in self.rounds.iter_mut().zip(figures) {
            for (metric, value) in figures {
                tallies.entry(metric).or_default().add(value);
            }
        }
    }

    /// The tally of a metric in the round of that place.
    pub fn tally(&self, round: usize, metric: Metric) -> Option<&Tally> {
        self.rounds.get(round)?.get(&metric)
    }

    /// Metrics and tallies of each round, in order.
    pub fn rounds(&self) -> &[BTreeMap<Metric, Tally>] {
        &self.rounds
    }
}

/// The figures of the rounds of one replicate, in order.
pub type Figures = Vec<[(Metric, f64); Metric::ALL.len()]>;

/// The figures of the rounds of a replicate of the plan.
pub fn figures_of(plan: &Plan, replicate: &Replicate) -> Figures {
    if let Some(known) = &replicate.figures {
        return known.clone();
    }
    let rounds = plan.rounds.iter().zip(&replicate.rounds);
    rounds
        .map(|(round, held)| figures(held, round.instruction.at))
        .collect()
}

/// The figures of one round; not a number where there is nothing to measure.
fn figures(held: &Held, at: Instant) -> [(Metric, f64); Metric::ALL.len()] {
    let (outcome, invited) = (&held.outcome, &held.invited);
    let mut having = Having::default();
    invited.iter().for_each(|packed| having.count(packed));
    let share = |count: u64| count as f64 / invited.len() as f64;
    let days = |seconds: u32| f64::from(seconds) / f64::from(Instant::DAY);
    let of_scores = |figure: fn(&super::replicate::ScoreFigures) -> f64| {
        held.scores.as_ref().map_or(f64::NAN, figure)
    };
    let age = outcome.tie_break.map_or(f64::NAN, |time| {
        days(at.seconds().saturating_sub(time.seconds()))
    });
    let value = |metric| match metric {
        Metric::CutoffScore => outcome.cutoff.map_or(f64::NAN, |score| f64::from(score.0)),
        Metric::Invited => invited.len() as f64,
        Metric::Eligible => outcome.eligible as f64,
        Metric::PoolSize => outcome.pool_size as f64,
        Metric::TiedAtCutoff => outcome.tied_at_cutoff as f64,
        Metric::TiedInvited => outcome.tied_invited as f64,
        Metric::MeanScore => of_scores(|scores| scores.mean),
        Metric::MedianScore => of_scores(|scores| scores.median),
        Metric::MaxScore => of_scores(|scores| f64::from(scores.max.0)),
        Metric::MedianWaitDays => {
            let mut waits: Vec<u32> = invited
                .iter()
                .map(|packed| at.seconds().saturating_sub(packed.submitted))
                .collect();
            median(&mut waits) / f64::from(Instant::DAY)
        }
        Metric::TieBreakAgeDays => age,
        Metric::ShareWomen => share(having.women),
        Metric::ShareFrenchSpeakers => share(having.french_speakers),
        Metric::ShareWorkInCanada => share(having.work_in_canada),
        Metric::ShareNominees => share(having.nominees),
    };
    Metric::ALL.map(|metric| (metric, value(metric)))
}

/// How many of the invited have what the shares are about.
#[derive(Default)]
struct Having {
    women: u64,
    french_speakers: u64,
    work_in_canada: u64,
    nominees: u64,
}

/// The median: the mean of the middle two of an even number; not a number of nothing.
pub(super) fn median(values: &mut [u32]) -> f64 {
    let middle = values.len() / 2;
    let is_even = values.len().is_multiple_of(2);
    if values.is_empty() {
        return f64::NAN;
    }
    let (below, &mut upper, _) = values.select_nth_unstable(middle);
    let lower = below.iter().copied().max().filter(|_| is_even);
    (f64::from(lower.unwrap_or(upper)) + f64::from(upper)) / 2.0
}

impl Having {
    fn count(&mut self, packed: &Packed) {
        self.women += u64::from(packed.is_woman());
        self.french_speakers += u64::from(packed.is_french_speaker());
        self.work_in_canada += u64::from(packed.has_worked_in_canada());
        self.nominees += u64::from(Packed::is_nominated(packed.traits));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts a replicate of two rounds with these ages of their tie-breaks.
    fn counted(summary: &mut Summary, ages: [f64; 2]) {
        let of = |age| {
            Metric::ALL.map(|metric| match metric {
                Metric::TieBreakAgeDays => (metric, age),
                other => (other, 1.0),
            })
        };
        summary.add_figures(ages.map(of).to_vec());
    }

    #[test]
    fn a_round_that_never_has_the_figure_does_not_hold_up_the_stop() {
        let metric = Metric::TieBreakAgeDays;
        let wanted = Precision { metric, se: 0.5 };
        let mut summary = Summary::default();
        for number in 0..LEAST_REPLICATES {
            assert!(!summary.is_precise(wanted), "after {number}");
            counted(&mut summary, [f64::NAN, 3.0]);
        }
        assert!(summary.is_precise(wanted));
        assert_eq!(summary.without(metric), [0]);
        assert_eq!(summary.first_with_too_few(metric), None);
        // One that has it later is as any other.
        counted(&mut summary, [4.0, 3.0]);
        assert!(!summary.is_precise(wanted));
        assert_eq!(summary.first_with_too_few(metric), Some((0, 1)));
        assert!(summary.without(metric).is_empty());
    }

    #[test]
    fn a_figure_that_no_round_has_is_never_precise() {
        let metric = Metric::TieBreakAgeDays;
        let mut summary = Summary::default();
        (0..20).for_each(|_| counted(&mut summary, [f64::NAN; 2]));
        assert!(!summary.is_precise(Precision { metric, se: 1e9 }));
        assert_eq!(summary.without(metric), [0, 1]);
        assert_eq!(summary.first_with_too_few(metric), Some((0, 0)));
    }

    #[test]
    fn medians_of_even_numbers_are_the_mean_of_the_middle_two() {
        assert_eq!(median(&mut [9, 1, 4, 2]), 3.0);
        assert_eq!(median(&mut [9, 1, 4]), 4.0);
        assert_eq!(median(&mut [5, 5]), 5.0);
        assert!(median(&mut []).is_nan());
    }
}
