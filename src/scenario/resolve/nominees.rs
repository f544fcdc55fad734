//! How many of those who arrive are nominees, where rounds of nominees say it: those of the scenario, or days
//! and numbers that are listed. How they are spread over the days is `synthesis`'s.

use super::Resolver;
use crate::draw::RoundKind;
use crate::pool::Bands;
use crate::rules::Program;
use crate::scenario::defaults;
use crate::scenario::plan::{PoolPlan, RoundPlan, Timeline};
use crate::scenario::spanned::At;
use crate::scenario::wire_time::{InvitedTable, NamedNominees, NomineesValue};
use crate::synthesis::arrivals::weight_of;
use crate::synthesis::{Nominees, nominees};
use crate::timeline::Changes;
use crate::units::{Date, Instant};

/// What is said of a scenario without rounds of nominees whose rounds are to say how many arrive.
pub const WITHOUT_ROUNDS_OF_NOMINEES: &str = "the scenario has no pnp round: though timeline.arrivals.nominees is \
                                              \"rounds\", as many nominees arrive as the bands say";
const KEY: &str = "timeline.arrivals.nominees";

impl Resolver<'_> {
    /// How many nominees arrive, where rounds say it: that takes to know how many there are at the start.
    pub(super) fn nominees(
        &mut self,
        pool: Option<&PoolPlan>,
        timeline: Option<&Timeline>,
        rounds: &[RoundPlan],
    ) -> Option<Nominees> {
        let table = self.scenario.keys.timeline.as_ref()?;
        let written = table.value.arrivals.as_ref()?.value.nominees.as_ref()?;
        let (pool, timeline) = pool.zip(timeline)?;
        let course = &timeline.course;
        let invited: Vec<(Date, u64)> = match &written.value {
            NomineesValue::Named(NamedNominees::Bands) => return None,
            NomineesValue::Named(NamedNominees::Rounds) => of_rounds(rounds).collect(),
            NomineesValue::Invited(days) => self.invited(days, (course.start, course.end))?,
        };
        let without = |bands: Option<&Bands>| bands.is_none_or(|bands| stock(bands) == 0);
        let message = if pool.file.is_some() {
            "the rounds cannot say how many nominees join the pool of a candidate file, in which they are not \
             counted"
        } else if without(pool.bands.as_ref()) {
            "the rounds can say how many nominees arrive only where `pool.bands` says how many stand there at \
             the start: it needs a band of 601 points or more, with a count above 0"
        } else if without(timeline.arrivals.bands.as_ref()) {
            "the rounds can say how many nominees arrive only where `timeline.arrivals.bands` has a band of 601 \
             points or more, with a frequency above 0"
        } else {
            self.notices
                .extend(beside_rounds(&invited, &course.changes));
            if invited.is_empty() {
                return None;
            }
            let weights = (&timeline.arrivals.weekdays, &timeline.arrivals.months);
            let weight = |day| weight_of(weights, day);
            let there = pool.bands.as_ref().map_or(0, stock);
            let nominees = Nominees::before(invited, course.start, there, weight);
            if nominees.total() <= defaults::MOST_CANDIDATES {
                return Some(nominees);
            }
            "more candidates would arrive before the rounds of nominees than are accepted"
        };
        self.report(&written.span, KEY, message);
        None
    }

    /// Days that are listed, in order and within the stretch.
    fn invited(
        &mut self,
        days: &[At<InvitedTable>],
        (start, end): (Instant, Instant),
    ) -> Option<Vec<(Date, u64)>> {
        let mut invited: Vec<(Date, u64)> = Vec::with_capacity(days.len());
        let mut whole = true;
        for (index, day) in days.iter().enumerate() {
            let (on, number) = day.value.on.as_ref().zip(day.value.invited.as_ref())?;
            let date = on.value.0;
            let message =
                if date < start.date() || Instant::start_of(date).is_none_or(|at| at >= end) {
                    Some(format!(
                        "{date} is no day of the timeline, from {start} to {end}"
                    ))
                } else {
                    let before = invited.last().filter(|(before, _)| *before > date);
                    before.map(|(before, _)| {
                        format!("{date} is before {before}, the day before it in the list")
                    })
                };
            if let Some(message) = message {
                self.report(&on.span, &format!("{KEY}[{}].on", index + 1), message);
                whole = false;
            }
            invited.push((date, number.value.unsigned_abs()));
        }
        whole.then_some(invited)
    }
}

/// How many of some bands stand there with the points of nominees.
fn stock(bands: &Bands) -> u64 {
    let nominees = bands.0.iter().filter(|band| band.low >= nominees::LEAST);
    nominees.map(|band| band.count).sum()
}

/// The days of the rounds of nominees, and how many they invite.
fn of_rounds(rounds: &[RoundPlan]) -> impl Iterator<Item = (Date, u64)> {
    let of_nominees = RoundKind::Program(Program::Pnp);
    let instructions = rounds.iter().map(|round| &round.instruction);
    let instructions = instructions.filter(move |one| one.kind == of_nominees);
    instructions.map(|one| (one.at.date(), one.invitations))
}

/// What is said where rounds do not say how many nominees there are, though they are to.
fn beside_rounds(invited: &[(Date, u64)], changes: &Changes) -> Option<String> {
    if invited.is_empty() {
        return Some(WITHOUT_ROUNDS_OF_NOMINEES.to_owned());
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
        let general =
            "[[rounds]]\nat = 2024-02-01T14:00:00Z\ntype = \"general\"\ninvitations = 1\n";
        let notices = with_nominees(BANDS, "", general)
            .unwrap()
            .notices
            .join("\n");
        assert!(notices.contains("no pnp round"), "{notices}");
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
        for (pool, arrivals, rounds, expected) in [
            (
                "bands = \"none\", size = 10",
                "",
                ROUNDS,
                "only where `pool.bands` says",
            ),
            (
                "bands = { \"501-1200\" = 30, \"0-500\" = 970 }",
                "",
                ROUNDS,
                "only where `pool.bands`",
            ),
            (
                BANDS,
                "bands = \"none\"",
                ROUNDS,
                "only where `timeline.arrivals.bands`",
            ),
            (
                BANDS,
                "bands = { \"601-1200\" = 0, \"0-600\" = 1 }",
                ROUNDS,
                "a frequency above 0",
            ),
            (
                "file = \"Cargo.toml\"",
                "",
                ROUNDS,
                "the pool of a candidate file",
            ),
            (BANDS, "", &*many, "more candidates would arrive"),
        ] {
            let told = with_nominees(pool, arrivals, rounds).unwrap_err().plain();
            assert!(
                told.contains(expected) && told.contains("a.toml:7"),
                "{told}"
            );
        }
    }

    #[test]
    fn a_list_says_the_same_as_the_rounds_and_the_manifest_has_it() {
        let plan = with_nominees(BANDS, "", ROUNDS).unwrap();
        let list =
            "nominees = [{ on = 2024-02-01, invited = 100 }, { on = 2024-02-15, invited = 40 }]";
        let written = |nominees: &str| {
            let text = format!(
                "name = \"a\"\npool = {{ as_of = 2024-01-09, {BANDS} }}\n[timeline]\nend = 2024-03-01\n\
                 [timeline.arrivals]\nper_day = 10\n{nominees}\n[[rounds]]\nat = 2024-02-01T14:00:00Z\n\
                 type = \"pnp\"\ninvitations = 5\n"
            );
            Scenario::from_bytes(text.into_bytes(), Path::new("a.toml"))
                .and_then(|scenario| scenario.resolve())
        };
        let listed = written(list).unwrap();
        assert_eq!(listed.nominees(), plan.nominees());
        let kept = |plan: &Plan| plan.resolved["timeline"]["arrivals"]["nominees"].clone();
        assert_eq!(kept(&listed), kept(&plan));
        assert_eq!(
            kept(&plan)[1],
            serde_json::json!({ "on": "2024-02-15", "invited": 40 })
        );
        let text = toml::to_string(&plan.resolved).unwrap();
        let again = Scenario::from_bytes(text.into_bytes(), Path::new("a.toml")).unwrap();
        assert_eq!(again.resolve().unwrap().nominees(), plan.nominees());

        let told = written(
            "nominees = [{ on = 2024-02-05, invited = 0 }, { on = 2024-02-01, invited = 1 }, \
             { on = 2024-03-01, invited = 1 }, { on = 2024-02-30, invited = 1 }, { invited = 1 }]",
        );
        let told = told.unwrap_err().plain();
        for part in [
            "nominees[1].invited: `0` is too small",
            "nominees[4].on",
            "nominees[5].on",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let days = "nominees = [{ on = 2024-02-05, invited = 1 }, { on = 2024-02-01, invited = 1 }, \
                    { on = 2024-03-01, invited = 1 }]";
        let told = written(days).unwrap_err().plain();
        for part in [
            "nominees[2].on: 2024-02-01 is before 2024-02-05",
            "nominees[3].on: 2024-03-01 is no day of the timeline",
        ] {
            assert!(told.contains(part), "{part}: {told}");
        }
        let told = written("nominees = \"round\"").unwrap_err().plain();
        assert!(told.contains("did you mean `rounds`?"), "{told}");
    }
}
