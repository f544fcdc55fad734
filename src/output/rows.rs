//! The tables of the result folder, one row struct each.
//! The doc comment of a field is what users read as the meaning of the column.

use std::borrow::Cow;

use crate::rules::candidate::{CanadianEducation, Education, FirstLanguage, Gender};
use crate::units::{Date, Instant, Score};

use super::table::{Row, Table, table};

table! {
    /// How a round went.
    RoundRow<'a> = "rounds" by "run", one row per "round and replicate" {
        /// Name of the scenario or policy.
        scenario: Cow<'a, str>,
        /// Number of the replicate, from 0.
        replicate: u32,
        /// Number of the round: its place in the scenario, from 1, or its published number.
        round: Cow<'a, str>,
        /// When the round was held.
        at_utc: Instant,
        /// Type of the round: general, pnp, cec, fsw, fst or a category.
        kind as "type": Cow<'a, str>,
        /// Version of the category; empty for other types.
        version: Option<Cow<'a, str>>,
        /// Candidates in the pool just before the round.
        pool_size: u64,
        /// Candidates whom the round ranked: in general rounds those eligible for any program, in pnp rounds the nominees, in others those of the program or category who are no nominees.
        eligible: u64,
        /// Invitations that the round could give.
        invitations: u64,
        /// Candidates invited: fewer than the invitations when too few were eligible, more where `tie_break = "none"` invites everybody with the cut-off score.
        invited: u64,
        /// Rank that was required to be invited; empty when nobody was.
        rank_required: Option<u64>,
        /// CRS score of the lowest-ranked candidate invited; empty when nobody was.
        cutoff_score: Option<Score>,
        /// Submission time of the lowest-ranked candidate invited: of those with the cut-off score whoever submitted up to then was invited (with `latest-submission`, from then on); empty where fewer were invited than there were places, or the rule does not look at the time.
        tie_break_utc: Option<Instant>,
        /// Eligible candidates with the cut-off score.
        tied_at_cutoff: u64,
        /// Those of them who were invited.
        tied_invited: u64,
        /// Mean CRS score of the invited.
        mean_score: Option<f64>,
        /// Median CRS score of the invited.
        median_score: Option<f64>,
        /// Highest CRS score of the invited.
        max_score: Option<Score>,
    }
}

table! {
    /// A candidate who was invited.
    InviteeRow<'a> = "invitees" by "run, of a single replicate or with --all-replicates", one row per "invited candidate" {
        /// Name of the scenario or policy.
        scenario: Cow<'a, str>,
        /// Number of the replicate, from 0.
        replicate: u32,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// Rank in the round, from 1.
        rank: u64,
        /// Name of the candidate in the pool.
        candidate_id: Cow<'a, str>,
        /// CRS score at the time of the round.
        crs_score: Score,
        /// When the profile was submitted.
        submitted_at: Instant,
        /// Completed years of age.
        age: u8,
        /// Highest level of education.
        education: Education,
        /// Study in Canada.
        canadian_education: CanadianEducation,
        /// The language named as the first official language; empty for whichever gives more points.
        first_language: Option<FirstLanguage>,
        /// Lowest CLB level of the four abilities in English; 0 means no test.
        english_level: u8,
        /// Lowest NCLC level of the four abilities in French; 0 means no test.
        french_level: u8,
        /// Whole years of skilled work in Canada.
        canadian_work_years: u8,
        /// Whole years of skilled work abroad.
        foreign_work_years: u8,
        /// Whether a spouse or partner comes along.
        accompanying_spouse: bool,
        /// Whether a province or territory nominated the candidate.
        provincial_nomination: bool,
        /// NOC 2021 unit group of the primary occupation; empty when none is stated.
        noc: Option<Cow<'a, str>>,
        /// Title of that unit group, in English.
        noc_title: Option<Cow<'a, str>>,
        /// TEER of that occupation, 0 to 5.
        teer: Option<u8>,
        /// Whether that occupation was practised in Canada.
        noc_in_canada: bool,
        /// Country of citizenship, ISO 3166-1 alpha-3; empty when not stated.
        citizenship: Option<Cow<'a, str>>,
        /// Gender; empty when not stated.
        gender: Option<Gender>,
        /// Programs that the candidate is eligible for, separated by semicolons.
        programs: Cow<'a, str>,
        /// Categories that the candidate belongs to, separated by semicolons; empty when none.
        categories: Option<Cow<'a, str>>,
    }
}

table! {
    /// How many candidates of a group were in the pool, eligible, invited and left.
    DistributionRow<'a> = "distribution" by "run", one row per "round, stage, dimension and value" {
        /// Name of the scenario or policy.
        scenario: Cow<'a, str>,
        /// Number of the replicate, from 0.
        replicate: u32,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// Whom the row counts: pool_before, eligible, invited or pool_after.
        stage: Cow<'a, str>,
        /// What candidates are grouped by, e.g. age_band or category; Dimensions lists them.
        dimension: Cow<'a, str>,
        /// The group; empty for candidates for whom it is not known.
        value: Option<Cow<'a, str>>,
        /// Candidates of the stage in the group; a candidate of two programs or categories counts in both.
        count: u64,
        /// Count divided by all candidates of the stage; empty when the stage has none.
        share: Option<f64>,
    }
}

table! {
    /// How many candidates of a group had a score before, in and after a round.
    ScoreRow<'a> = "scores" by "run", one row per "round, group and score" {
        /// Name of the scenario or policy.
        scenario: Cow<'a, str>,
        /// Number of the replicate, from 0.
        replicate: u32,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// What the group is one of: pool (every candidate), program or category.
        dimension: Cow<'a, str>,
        /// The program or category; empty for the pool.
        value: Option<Cow<'a, str>>,
        /// CRS score at the time of the round; scores that nobody has are left out.
        score: Score,
        /// Candidates of the group with the score in the pool just before the round.
        pool_before: u64,
        /// Those of them whom the round ranked.
        eligible: u64,
        /// Those of them who were invited.
        invited: u64,
        /// Those of them left in the pool just after the round.
        pool_after: u64,
    }
}

table! {
    /// A figure of a round over all replicates.
    SummaryRow<'a> = "summary" by "run", one row per "round and metric" {
        /// Name of the scenario or policy.
        scenario: Cow<'a, str>,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// What is measured, e.g. cutoff_score; Metrics lists them.
        metric: Cow<'a, str>,
        /// Mean over the replicates that have the figure.
        mean: Option<f64>,
        /// Sample standard deviation; empty for fewer than two replicates.
        sd: Option<f64>,
        /// Standard error of the mean; empty for fewer than two replicates.
        se: Option<f64>,
        /// 5th percentile.
        p05: Option<f64>,
        /// 25th percentile.
        p25: Option<f64>,
        /// Median.
        median: Option<f64>,
        /// 75th percentile.
        p75: Option<f64>,
        /// 95th percentile.
        p95: Option<f64>,
        /// Replicates that have the figure.
        replicates: u64,
    }
}

table! {
    /// The difference that a policy makes against the base, on the same pools and arrivals.
    ComparisonRow<'a> = "comparison" by "compare", one row per "pair of policies, metric and value" {
        /// Name of the policy compared with.
        base: Cow<'a, str>,
        /// Name of the other policy.
        other: Cow<'a, str>,
        /// What is measured, e.g. cutoff_score or invited by gender; Metrics lists them.
        metric: Cow<'a, str>,
        /// The type of round (of `cutoff_score` and `invited by round type`) or the group; `unknown` for candidates who do not state theirs; empty when about the whole.
        value: Option<Cow<'a, str>>,
        /// Mean under the base, over the replicates in which both policies have the figure.
        base_mean: Option<f64>,
        /// Mean under the other policy, over the same replicates.
        other_mean: Option<f64>,
        /// Mean of the paired differences, other less base.
        difference: Option<f64>,
        /// Lower end of the 95% interval of the difference, by Student's t; empty for fewer than two replicates.
        ci_low: Option<f64>,
        /// Upper end of that interval.
        ci_high: Option<f64>,
        /// Replicates in which both policies have the figure.
        replicates: u64,
    }
}

table! {
    /// Figures over the replicates of one combination of a sweep.
    SweepRow<'a> = "sweep" by "sweep", one row per "combination of the swept keys, round and metric; the keys come first, each a column of its own name" {
        /// Name of the scenario.
        scenario: Cow<'a, str>,
        /// Number of the combination, from 1; the last key changes fastest.
        combination: u64,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// Type of the round: general, pnp, cec, fsw, fst or a category.
        kind as "type": Cow<'a, str>,
        /// What is measured, as in summary.
        metric: Cow<'a, str>,
        /// Mean over the replicates that have the figure.
        mean: Option<f64>,
        /// Sample standard deviation; empty for fewer than two replicates.
        sd: Option<f64>,
        /// Standard error of the mean; empty for fewer than two replicates.
        se: Option<f64>,
        /// 5th percentile.
        p05: Option<f64>,
        /// 25th percentile.
        p25: Option<f64>,
        /// Median.
        median: Option<f64>,
        /// 75th percentile.
        p75: Option<f64>,
        /// 95th percentile.
        p95: Option<f64>,
        /// Replicates that have the figure.
        replicates: u64,
    }
}

table! {
    /// The chance of one candidate to be invited.
    OddsRow<'a> = "odds" by "odds, with --out", one row per "round" {
        /// Name of the scenario.
        scenario: Cow<'a, str>,
        /// Number of the round, as in rounds.
        round: Cow<'a, str>,
        /// When the round is held.
        at_utc: Instant,
        /// Type of the round: general, pnp, cec, fsw, fst or a category.
        kind as "type": Cow<'a, str>,
        /// Version of the category; empty for other types.
        version: Option<Cow<'a, str>>,
        /// Whether the round ranks such a candidate, with a profile that is valid at its time.
        takes_part: bool,
        /// CRS score of the candidate in the round; empty when it takes no part.
        crs_score: Option<Score>,
        /// Share of the replicates in which this round is the first to invite the candidate.
        chance_here: f64,
        /// Share of the replicates in which this round or one before it invites the candidate.
        chance: f64,
        /// Lower end of the 95% interval of that share (Wilson).
        ci_low: f64,
        /// Upper end of that interval.
        ci_high: f64,
        /// Replicates.
        replicates: u64,
    }
}

table! {
    /// A past round's cut-off as predicted from what was known before it.
    BacktestRow<'a> = "backtest" by "backtest", one row per "past round" {
        /// Published number of the round.
        round: Cow<'a, str>,
        /// When the round was held.
        at_utc: Instant,
        /// Type of the round: general, pnp, cec, fsw, fst or a category; empty when not known.
        kind as "type": Option<Cow<'a, str>>,
        /// Version of the category; empty for other types.
        version: Option<Cow<'a, str>>,
        /// Invitations issued.
        invitations: u64,
        /// CRS score of the lowest-ranked candidate invited.
        actual: Score,
        /// The predicted cut-off score: the median of the replicates, in hundredths like the percentiles.
        predicted: f64,
        /// 5th percentile of the replicates.
        p05: f64,
        /// 25th percentile.
        p25: f64,
        /// 75th percentile.
        p75: f64,
        /// 95th percentile.
        p95: f64,
        /// Cut-off score of the last earlier round of the type; empty for the first.
        persistence: Option<Score>,
        /// Predicted less actual score, in hundredths.
        error: f64,
        /// Continuous ranked probability score of the replicates, in points to two decimals; 0 is perfect.
        crps: f64,
    }
}

table! {
    /// How good the predictions of past rounds were.
    BacktestSummaryRow<'a> = "backtest_summary" by "backtest", one row per "type of round, and over several" {
        /// Type of the round, or all but pnp, or all; the published name of rounds whose type is not known, or `unknown` where they have none.
        kind as "type": Cow<'a, str>,
        /// Rounds predicted.
        rounds: u64,
        /// Mean absolute error of the predicted cut-off score; this figure and all that follow have four decimals.
        mae: f64,
        /// Mean error, predicted less actual.
        bias: f64,
        /// Mean absolute error of the rounds that have an earlier one of their type; empty when there are none.
        mae_with_predecessor: Option<f64>,
        /// Mean absolute error of the last earlier cut-off score of the type, for the same rounds.
        persistence_mae: Option<f64>,
        /// Part of the rounds whose cut-off score lay within the 25th and 75th percentile.
        coverage_50: f64,
        /// Part of the rounds whose cut-off score lay within the 5th and 95th percentile.
        coverage_90: f64,
        /// Mean continuous ranked probability score, in points.
        crps: f64,
    }
}

table! {
    /// One published figure that a profile was fitted to.
    TargetRow<'a> = "targets" by "calibrate", one row per "published figure" {
        /// What is measured: pool_band, share_above_cutoff, cutoff_score, age_at_cutoff_days or arrivals_per_day.
        target: Cow<'a, str>,
        /// Of whom: pool, or a type of round.
        group: Cow<'a, str>,
        /// Score band, cut-off score or quantile that it is about.
        score: Cow<'a, str>,
        /// Where it is from: a round's number, a pool's date, or how many pools or tie-breaks.
        source: Cow<'a, str>,
        /// The published value.
        wanted: f64,
        /// The value on pools that the simulator made from the fitted profile; empty when it could not make them.
        got: Option<f64>,
        /// Got less wanted.
        error: Option<f64>,
        /// People or rounds that the published value rests on.
        n: u64,
    }
}

table! {
    /// Arrivals of one score band, counted from published pools.
    BandArrivalsRow<'a> = "arrivals" by "calibrate", one row per "score band" {
        /// The band, e.g. 501-600.
        band: Cow<'a, str>,
        /// Days from the first to the last pool compared.
        days: f64,
        /// Pools compared.
        pools: u64,
        /// Candidates in the first pool.
        first: u64,
        /// Candidates in the last pool.
        last: u64,
        /// Invited between the two, by the fitted profile.
        invited: f64,
        /// Expired between the two, by the fitted age of profiles.
        expired: f64,
        /// Arrivals a day: the change, the invited and the expired together; 0 where more left than came by this count.
        per_day: f64,
    }
}

table! {
    /// One later round, held with the profile fitted before it.
    CheckRow<'a> = "check" by "calibrate, with --check", one row per "later round" {
        /// Published number of the round.
        round: Cow<'a, str>,
        /// When it was held.
        at_utc: Instant,
        /// Type of the round.
        kind as "type": Cow<'a, str>,
        /// Version of the category; empty for other types.
        version: Option<Cow<'a, str>>,
        /// Invitations issued.
        invitations: u64,
        /// CRS score of the lowest-ranked candidate invited.
        actual: Score,
        /// Cut-off with the profile as it comes, as if no round had been held before; empty when it could not be held.
        base: Option<Score>,
        /// Cut-off with that profile when those invited by earlier rounds are gone.
        drained: Option<Score>,
        /// Cut-off with the fitted profile, those invited by earlier rounds gone.
        fitted: Option<Score>,
    }
}

table! {
    /// A round as published; an empty cell where the feed prints nothing or what cannot be read.
    PublishedRoundRow<'a> = "rounds" by "history import", one row per "published round" {
        /// Published number.
        round: Option<Cow<'a, str>>,
        /// When the round was held.
        at_utc: Option<Instant>,
        /// What the round selected by: general, program or category; empty for a name that is not known.
        kind: Option<Cow<'a, str>>,
        /// Type of the round: general, pnp, cec, fsw, fst or a category; empty for a name that is not known.
        type_name as "type": Option<Cow<'a, str>>,
        /// Version of the category, where the published name tells it.
        version: Option<Cow<'a, str>>,
        /// Invitations issued.
        invitations: Option<u64>,
        /// CRS score of the lowest-ranked candidate invited.
        cutoff_score: Option<Score>,
        /// Submission time of the last candidate invited.
        tie_break_utc: Option<Instant>,
        /// Date of the pool published with the round, as in pool_snapshots.
        pool_as_of: Option<Date>,
        /// The name as published.
        published_name: Option<Cow<'a, str>>,
        /// Faults of the publication.
        note: Option<Cow<'a, str>>,
    }
}

table! {
    /// A pool as published, by score band.
    PoolSnapshotRow = "pool_snapshots" by "history import", one row per "published pool" {
        /// The day that it describes.
        as_of: Date,
        /// Candidates with 601 to 1,200 points.
        from_601 as "601-1200": Option<u64>,
        /// Candidates with 501 to 600 points.
        from_501 as "501-600": Option<u64>,
        /// Candidates with 491 to 500 points.
        from_491 as "491-500": Option<u64>,
        /// Candidates with 481 to 490 points.
        from_481 as "481-490": Option<u64>,
        /// Candidates with 471 to 480 points.
        from_471 as "471-480": Option<u64>,
        /// Candidates with 461 to 470 points.
        from_461 as "461-470": Option<u64>,
        /// Candidates with 451 to 460 points.
        from_451 as "451-460": Option<u64>,
        /// Candidates with 441 to 450 points.
        from_441 as "441-450": Option<u64>,
        /// Candidates with 431 to 440 points.
        from_431 as "431-440": Option<u64>,
        /// Candidates with 421 to 430 points.
        from_421 as "421-430": Option<u64>,
        /// Candidates with 411 to 420 points.
        from_411 as "411-420": Option<u64>,
        /// Candidates with 401 to 410 points.
        from_401 as "401-410": Option<u64>,
        /// Candidates with 351 to 400 points.
        from_351 as "351-400": Option<u64>,
        /// Candidates with 301 to 350 points.
        from_301 as "301-350": Option<u64>,
        /// Candidates with 0 to 300 points.
        from_0 as "0-300": Option<u64>,
        /// Candidates in all, as published; not always the sum of the bands.
        total: Option<u64>,
    }
}

/// Every table of the result folder, in the order of the data dictionary.
pub fn tables() -> [&'static Table; 15] {
    [
        RoundRow::TABLE,
        InviteeRow::TABLE,
        DistributionRow::TABLE,
        ScoreRow::TABLE,
        SummaryRow::TABLE,
        ComparisonRow::TABLE,
        SweepRow::TABLE,
        OddsRow::TABLE,
        BacktestRow::TABLE,
        BacktestSummaryRow::TABLE,
        TargetRow::TABLE,
        BandArrivalsRow::TABLE,
        CheckRow::TABLE,
        PublishedRoundRow::TABLE,
        PoolSnapshotRow::TABLE,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_has_a_name_of_its_own_and_a_meaning_in_a_sentence() {
        for table in tables() {
            for (place, column) in table.columns.iter().enumerate() {
                assert!(
                    table.columns[..place]
                        .iter()
                        .all(|other| other.name != column.name),
                    "{} {}",
                    table.name,
                    column.name
                );
                assert!(column.meaning.ends_with('.') && !column.meaning.contains("  "));
            }
        }
    }

    #[test]
    fn what_is_imported_is_written_in_the_columns_that_a_history_is_read_by() {
        let names = |table: &Table| {
            let names = table.columns.iter().map(|column| column.name.to_owned());
            names.collect::<Vec<_>>()
        };
        assert_eq!(
            names(PublishedRoundRow::TABLE),
            crate::history::ROUND_COLUMNS
        );
        assert_eq!(
            names(PoolSnapshotRow::TABLE),
            crate::history::snapshot_columns()
        );
    }

    #[test]
    fn a_column_takes_name_type_and_meaning_from_its_field() {
        let column = RoundRow::TABLE.columns[4];
        assert_eq!(column.name, "type");
        assert!(!column.optional && column.kind.name() == "string");
        assert!(column.meaning.starts_with("Type of the round"));
        assert!(RoundRow::TABLE.columns[11].optional);
    }
}
