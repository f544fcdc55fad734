//! How much faster French speakers come than the profile has them among arrivals, as their rounds
//! in a row tell.
//! How many people of any kind come in a score band is `arrivals`' to say.

use super::history::days_between;
use crate::history::{History, Round};
use crate::units::{Instant, Score};

/// Least and greatest factor: rounds that say more are sized or scored by something else than who
/// came.
const BOUNDS: (f64, f64) = (0.25, 4.0);
/// Above every score: where no round of everybody was held in between.
const BEYOND: Score = Score(u16::MAX);

/// What two rounds of one type say of the time between them. The first took everyone at or above the
/// cut-off of the second, and so whoever was invited since came since.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Refill {
    /// Days between them.
    pub days: f64,
    /// Invited by the second, and by rounds of the type in between (whose cut-offs are higher).
    pub invited: u64,
    /// Cut-off of the second.
    pub cutoff: Score,
    /// Lowest cut-off of the rounds of everybody in between: whoever came above it may have been
    /// invited by those.
    pub top: Score,
}

/// Each round of a type from `from` on with the last one before it, not before `from` either, of a
/// cut-off that is no higher. Left out are those above whose cut-off rounds of everybody took people.
pub fn refills(known: &History, type_name: &str, from: Instant) -> Vec<Refill> {
    let of_type = |round: &&Round| round.type_name == type_name && from <= round.at;
    let own: Vec<&Round> = known.rounds.iter().filter(of_type).collect();
    let everybody = |round: &&Round| matches!(&*round.type_name, "general" | "cec" | "fsw");
    own.iter()
        .enumerate()
        .filter_map(|(place, round)| {
            let first = own[..place]
                .iter()
                .rposition(|before| before.cutoff <= round.cutoff && before.at < round.at)?;
            let between = |other: &&Round| own[first].at < other.at && other.at < round.at;
            let tops = known.rounds.iter().filter(everybody).filter(between);
            Some(Refill {
                days: days_between(round.at, own[first].at),
                invited: own[first + 1..=place]
                    .iter()
                    .map(|one| one.invitations)
                    .sum(),
                cutoff: round.cutoff,
                top: tops.map(|one| one.cutoff).min().unwrap_or(BEYOND),
            })
        })
        .filter(|refill| refill.cutoff < refill.top)
        .collect()
}

/// How many times as many came as the profile has: `made` are the scores of the members among those
/// whom the simulator has come in `days`. None where no two rounds tell, or it has none of them.
pub fn pace(refills: &[Refill], made: &[u16], days: f64) -> Option<f64> {
    let (mut came, mut expected) = (0.0, 0.0);
    for refill in refills {
        let inside = |score: &&u16| (refill.cutoff.0..=refill.top.0).contains(*score);
        came += refill.invited as f64;
        expected += made.iter().filter(inside).count() as f64 * refill.days / days;
    }
    (came > 0.0 && expected > 0.0).then(|| (came / expected).clamp(BOUNDS.0, BOUNDS.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::published;
    use crate::units::Date;

    fn since(from: &str, to: &str) -> Vec<Refill> {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let known = super::super::before(published(), date(to));
        refills(&known, "french", Instant::start_of(date(from)).unwrap())
    }

    #[test]
    fn rounds_in_a_row_say_who_came_above_the_later_cutoff() {
        // 365 on 2024-02-01, 336 on 02-29: between 336 and 365 they may have come before. Then 388 and 410.
        let found = since("2024-01-01", "2024-07-01");
        let told = |one: &Refill| (one.days.round(), one.invited, one.cutoff.0, one.top.0);
        let told: Vec<_> = found.iter().map(told).collect();
        assert_eq!(told, [(26.0, 1_500, 388, 524), (29.0, 1_400, 410, 529)]);
        // 435, 472, 486, 470: who was above 470 was last taken by the first, so all three since count.
        let found = since("2023-07-20", "2024-01-01");
        assert_eq!(found.last().unwrap().invited, 500 + 300 + 1_000);
        assert!(since("2024-04-01", "2024-07-01").is_empty());
    }

    #[test]
    fn the_pace_is_who_came_over_whom_the_simulator_has_come() {
        let refill = Refill {
            days: 30.0,
            invited: 90,
            cutoff: Score(400),
            top: Score(500),
        };
        // Two a day from 400 to 500, others elsewhere.
        let mut made = vec![450; 120];
        made.extend([399; 50]);
        made.extend([501; 50]);
        assert_eq!(pace(&[refill], &made, 60.0), Some(1.5));
        let many = Refill {
            invited: 90_000,
            ..refill
        };
        assert_eq!(pace(&[many], &made, 60.0), Some(BOUNDS.1));
        assert_eq!(pace(&[], &made, 60.0), None);
        assert_eq!(pace(&[refill], &[], 60.0), None);
    }
}
