//! How many of those who arrive are nominees, where the rounds that take some say it, or a list of periods.
//! How many come on which day is worked out in `synthesis`.

use std::ops::Range;

use super::Resolver;
use crate::draw::RoundKind;
use crate::pool::{Band, Bands};
use crate::rules::Program;
use crate::scenario::defaults;
use crate::scenario::plan::{PoolPlan, RoundPlan, Timeline};
use crate::scenario::spanned::At;
use crate::scenario::wire_time::{ArrivingTable, NamedNominees, NomineesValue};
use crate::synthesis::arrivals::weight_of;
use crate::synthesis::nominees::{LEAST, Period, Taker, periods, stock};
use crate::synthesis::{Arrivals, Nominees};
use crate::timeline::Changes;
use crate::units::Instant;

/// What is said of a scenario without rounds that take nominees whose rounds are to say how many arrive.
pub const WITHOUT_ROUNDS_FOR_NOMINEES: &str = "the scenario has neither pnp nor general rounds: though \
                                               timeline.arrivals.nominees is \"rounds\", as many nominees \
                                               arrive as the bands say";
const KEY: &str = "timeline.arrivals.nominees";

impl Resolver<'_> {
    /// How many nominees arrive, where rounds or periods say it.
    pub(super) fn nominees(
        &mut self,
        pool: Option<&PoolPlan>,
        timeline: Option<&Timeline>,
        rounds: &[RoundPlan],
    ) -> Option<Nominees> {
        let table = self.scenario.keys.timeline.as_ref()?;
        let written = table.value.arrivals.as_ref()?.value.nominees.as_ref()?;
        let (pool, timeline) = pool.zip(timeline)?;
        let (course, arrivals) = (&timeline.course, &timeline.arrivals);
        let periods = match &written.value {
            NomineesValue::Named(NamedNominees::Bands) => return None,
            NomineesValue::Named(NamedNominees::Rounds) => {
                if pool.file.is_some() {
                    self.notices.push(
                        "though timeline.arrivals.nominees is \"rounds\", as many nominees arrive as the bands \
                         say: how many there are among the candidates of a file is not counted"
                            .to_owned(),
                    );
                    return None;
                }
                let there = self.stock(pool.bands.as_ref(), "pool.bands", &written.span)?;
                let takers = takers(rounds);
                self.notices.extend(beside_rounds(&takers, &course.changes));
                let usual = |day| arrivals.nominees_by_bands(day);
                let periods = periods(&takers, course.start, there, usual);
                if periods.is_empty() {
                    return None;
                }
                periods
            }
            NomineesValue::Periods(listed) => self.periods(listed, (course.start, course.end))?,
        };
        self.can_arrive(arrivals, &written.span)?;
        let weights = (&arrivals.weekdays, &arrivals.months);
        let nominees = Nominees::of(periods, |day| weight_of(weights, day));
        if nominees.total() <= defaults::MOST_CANDIDATES {
            return (!nominees.periods().is_empty()).then_some(nominees);
        }
        let message = "more nominees would arrive than candidates are accepted";
        self.report(&written.span, KEY, message);
        None
    }

    /// How many candidates of some bands count as nominees, if the bands tell them apart.
    fn stock(&mut self, bands: Option<&Bands>, key: &str, span: &Range<usize>) -> Option<u64> {
        let tell = |bands: &&Bands| {
            let is_cut = |band: &Band| band.low < LEAST && band.high >= LEAST;
            bands.0.iter().any(|band| band.low >= LEAST) && !bands.0.iter().any(is_cut)
        };
        match bands.filter(tell) {
            Some(bands) => Some(stock(bands)),
            None => {
                let message = format!(
                    "it is known how many nominees there are only where a band of `{key}` begins at {LEAST} points, \
                     and none holds {} and {LEAST}; without such bands leave `nominees` out",
                    LEAST - 1
                );
                self.report(span, KEY, message);
                None
            }
        }
    }

    /// Whether the bands of those who arrive have nominees.
    fn can_arrive(&mut self, arrivals: &Arrivals, span: &Range<usize>) -> Option<()> {
        let share = self.stock(arrivals.bands.as_ref(), "timeline.arrivals.bands", span)?;
        if share == 0 {
            let message = format!(
                "nobody can arrive with {LEAST} points or more: `timeline.arrivals.bands` has 0 there"
            );
            self.report(span, KEY, message);
            return None;
        }
        Some(())
    }

    /// Periods that are listed, in order and within the stretch.
    fn periods(
        &mut self,
        listed: &[At<ArrivingTable>],
        (start, end): (Instant, Instant),
    ) -> Option<Vec<Period>> {
        let mut periods: Vec<Period> = Vec::with_capacity(listed.len());
        let mut whole = true;
        for (index, table) in listed.iter().enumerate() {
            let (from, before) = table.value.from.as_ref().zip(table.value.before.as_ref())?;
            let period = Period {
                from: from.value.0,
                before: before.value.0,
                arrive: table.value.arrive.as_ref()?.value.unsigned_abs(),
            };
            let wrong = if period.from < start.date() {
                let message = format!(
                    "{} is before the timeline, which starts at {start}",
                    period.from
                );
                Some((&from.span, "from", message))
            } else if period.before > end.date() {
                let message = format!(
                    "{} is after the timeline, which ends before {end}",
                    period.before
                );
                Some((&before.span, "before", message))
            } else if period.before <= period.from {
                let message = format!("{} is not after `from`, {}", period.before, period.from);
                Some((&before.span, "before", message))
            } else {
                let last = periods.last().filter(|last| last.before > period.from);
                last.map(|last| {
                    let message = format!(
                        "the periods overlap or are not in order: {} is before {}, up to which the one before it goes",
                        period.from, last.before
                    );
                    (&from.span, "from", message)
                })
            };
            if let Some((span, part, message)) = wrong {
                self.report(span, &format!("{KEY}[{}].{part}", index + 1), message);
                whole = false;
            }
            periods.push(period);
        }
        whole.then_some(periods)
    }
}

/// The rounds that take nominees.
fn takers(rounds: &[RoundPlan]) -> Vec<Taker> {
    let instructions = rounds.iter().map(|round| &round.instruction);
    let takers = instructions.filter_map(|one| {
        let only_nominees = match one.kind {
            RoundKind::Program(Program::Pnp) => true,
            RoundKind::General => false,
            RoundKind::Program(_) | RoundKind::Category(_) => return None,
        };
        Some(Taker {
            on: one.at.date(),
            invited: one.invitations,
            only_nominees,
        })
    });
    takers.collect()
}

/// What is said where rounds do not say how many nominees there are, though they are to.
fn beside_rounds(takers: &[Taker], changes: &Changes) -> Option<String> {
    if takers.is_empty() {
        return Some(WITHOUT_ROUNDS_FOR_NOMINEES.to_owned());
    }
    (!changes.nominations.is_none()).then(|| {
        "timeline.changes.nomination_per_year brings nominees besides those who arrive as the rounds invite \
         (timeline.arrivals.nominees)"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::{Plan, Problems, Scenario};

    /// A pool with 30 nominees, rounds and what arrives.
    fn with_nominees(pool: &str, arrivals: &str, rounds: &str) -> Result<Plan, Problems> {
        let text = format!(
            "name = \"a\"\npool = {{ as_of = 2024-01-09, {pool} }}\n[timeline]\nend = 2024-03-01\n\
             [timeline.arrivals]\nper_day = 10\nnominees = \"rounds\"\n{arrivals}\n{rounds}"
        );
        Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
            .and_then(|scenario| scenario.resolve())
    }

    const BANDS: &str = "bands = { \"601-1200\" = 30, \"0-600\" = 970 }";
    const ROUNDS: &str = "[[rounds]]\nat = 2024-02-01T14:00:00Z\ntype = \"pnp\"\ninvitations = 100\n\
                          [[rounds]]\nat = 2024-02-02T14:00:00Z\ntype = \"cec\"\ninvitations = 50\n\
                          [[rounds]]\nat = 2024-02-15T14:00:00Z\ntype = \"pnp\"\ninvitations = 40\n";

    #[test]
    fn as_many_nominees_arrive_as_rounds_of_nominees_invite_beyond_those_who_are_there() {
        let plan = with_nominees(BANDS, "", ROUNDS).unwrap();
        assert_eq!(plan.nominees().map(Nominees::total), Some(70 + 40));
        assert!(plan.notices.is_empty(), "{:?}", plan.notices);
        let scaled = format!("{ROUNDS}\n[scale_invitations]\npnp = 2.0");
        let plan = with_nominees(BANDS, "", &scaled).unwrap();
        assert_eq!(plan.nominees().map(Nominees::total), Some(170 + 80));
        let cec = "[[rounds]]\nat = 2024-02-01T14:00:00Z\ntype = \"cec\"\ninvitations = 1\n";
        let notices = with_nominees(BANDS, "", cec).unwrap().notices.join("\n");
        assert!(notices.contains("neither pnp nor general"), "{notices}");
        // Where the rounds say nothing it does not matter who arrives.
        for rounds in [cec, &*cec.replace("cec", "general")] {
            let empty = "bands = { \"601-1200\" = 0, \"0-600\" = 1 }";
            let plan = with_nominees(BANDS, empty, rounds).unwrap();
            assert!(plan.nominees().is_none());
        }
        let changes = format!("[timeline.changes]\nnomination_per_year = 0.1\n{ROUNDS}");
        let notices = with_nominees(BANDS, "", &changes)
            .unwrap()
            .notices
            .join("\n");
        assert!(
            notices.contains("nomination_per_year brings nominees besides"),
            "{notices}"
        );
    }

    #[test]
    fn rounds_say_how_many_nominees_arrive_only_where_it_is_known_how_many_there_are() {
        let many = ROUNDS.replace("100", "2_000_000_000");
        let straddling = "bands = { \"501-1200\" = 30, \"0-500\" = 970 }";
        let beside = "bands = { \"1001-1200\" = 3, \"501-1000\" = 30, \"0-500\" = 970 }";
        let empty = "bands = { \"601-1200\" = 0, \"0-600\" = 1 }";
        for (pool, arrivals, rounds, expected) in [
            (
                "bands = \"none\", size = 10",
                BANDS,
                ROUNDS,
                "only where a band of `pool.bands` begins at 601",
            ),
            (
                straddling,
                BANDS,
                ROUNDS,
                "only where a band of `pool.bands`",
            ),
            (beside, BANDS, ROUNDS, "none holds 600 and 601"),
            (
                BANDS,
                "bands = \"none\"",
                ROUNDS,
                "only where a band of `timeline.arrivals.bands`",
            ),
            (
                BANDS,
                empty,
                ROUNDS,
                "`timeline.arrivals.bands` has 0 there",
            ),
            (BANDS, "", &*many, "more nominees would arrive"),
        ] {
            let told = with_nominees(pool, arrivals, rounds).unwrap_err().plain();
            assert!(
                told.contains(expected) && told.contains("a.toml:7"),
                "{told}"
            );
        }
        // That there is nobody at the start is known, too.
        let plan = with_nominees(empty, BANDS, ROUNDS).unwrap();
        assert_eq!(plan.nominees().map(Nominees::total), Some(100 + 40));
        let file = with_nominees("file = \"Cargo.toml\"", BANDS, ROUNDS).unwrap();
        assert!(file.nominees().is_none());
        assert!(
            file.notices.join("\n").contains("a file is not counted"),
            "{:?}",
            file.notices
        );
        let idle = "weekdays = [0, 0, 0, 0, 0, 0, 0]";
        let idle = with_nominees(BANDS, idle, ROUNDS).unwrap();
        assert!(idle.notices.is_empty(), "{:?}", idle.notices);
    }

    #[test]
    fn a_list_says_the_same_as_the_rounds_and_the_manifest_has_it() {
        let plan = with_nominees(BANDS, "", ROUNDS).unwrap();
        let written = |nominees: &str| {
            let text = format!(
                "name = \"a\"\npool = {{ as_of = 2024-01-09, {BANDS} }}\n[timeline]\nend = 2024-03-01\n\
                 [timeline.arrivals]\nper_day = 10\nnominees = {nominees}\n[[rounds]]\n\
                 at = 2024-02-01T14:00:00Z\ntype = \"pnp\"\ninvitations = 5\n"
            );
            Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
                .and_then(|scenario| scenario.resolve())
        };
        let listed = written(
            "[{ from = 2024-01-09, before = 2024-02-01, arrive = 70 }, \
             { from = 2024-02-02, before = 2024-02-15, arrive = 40 }]",
        );
        let listed = listed.unwrap();
        assert_eq!(listed.nominees(), plan.nominees());
        let kept = |plan: &Plan| plan.resolved["timeline"]["arrivals"]["nominees"].clone();
        assert_eq!(kept(&listed), kept(&plan));
        let second =
            serde_json::json!({ "from": "2024-02-02", "before": "2024-02-15", "arrive": 40 });
        assert_eq!(kept(&plan)[1], second);
        let text = toml::to_string(&plan.resolved).unwrap();
        let again = Scenario::from_bytes(text.into_bytes(), Path::new("a.toml")).unwrap();
        assert_eq!(again.resolve().unwrap().nominees(), plan.nominees());

        let told = |nominees: &str| written(nominees).unwrap_err().plain();
        let period = |from: &str, before: &str, arrive: i32| {
            format!("{{ from = 2024-{from}, before = 2024-{before}, arrive = {arrive} }}")
        };
        let list = |periods: &[String]| format!("[{}]", periods.join(", "));
        for (nominees, expected) in [
            (
                list(&[period("02-01", "02-05", -1)]),
                "nominees[1].arrive: `-1` is too small",
            ),
            (list(&[period("02-30", "03-01", 1)]), "nominees[1].from"),
            (
                list(&[period("01-08", "01-12", 1)]),
                "nominees[1].from: 2024-01-08 is before the timeline",
            ),
            (
                list(&[period("02-20", "03-02", 1)]),
                "nominees[1].before: 2024-03-02 is after the timeline",
            ),
            (
                list(&[period("02-05", "02-05", 1)]),
                "nominees[1].before: 2024-02-05 is not after `from`",
            ),
            (
                list(&[period("02-01", "02-09", 1), period("02-08", "02-12", 1)]),
                "nominees[2].from: the periods overlap or are not in order",
            ),
            ("\"round\"".to_owned(), "did you mean `rounds`?"),
        ] {
            assert!(
                told(&nominees).contains(expected),
                "{expected}: {}",
                told(&nominees)
            );
        }
    }
}
