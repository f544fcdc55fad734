//! The steps that a stretch of time is cut into, and which of them an instant falls in.
//! What happens in a step is the engine's.

use crate::timeline::plan::{PROFILE_DAYS, TimelinePlan};
use crate::timeline::plan::{RoundPlan, RulesPeriod};
use crate::units::Instant;

/// Seconds of a stretch, as a power of two: in few of them a step ends.
const STRETCH: u32 = 12;
/// The step of a stretch that does not lie in one.
const SEVERAL: u16 = u16::MAX;

/// Steps end at a round, before a change of rules, or at the end of the stretch.
#[derive(Debug, Clone)]
pub(in crate::timeline) struct Steps {
    /// Last instants, and one that never comes.
    ends: Vec<u32>,
    /// The first second behind the last that comes.
    over: u32,
    /// The step that each stretch of seconds lies in, from the first stretch on; [`SEVERAL`] where a
    /// step ends within it, or where it is one of too high a number.
    step_of_stretch: Vec<u16>,
    first: u32,
}

impl Steps {
    pub fn new(plan: &TimelinePlan, rules: &[RulesPeriod], rounds: &[RoundPlan]) -> Self {
        let last = rounds.last().map(|round| round.instruction.at.seconds());
        let end = plan.end.seconds().max(last.unwrap_or(0));
        let of_rounds = rounds.iter().map(|round| round.instruction.at.seconds());
        let of_rules = rules.iter().skip(1);
        let of_rules = of_rules.map(|next| next.from.seconds().saturating_sub(1));
        let mut ends: Vec<u32> = of_rounds.chain(of_rules).filter(|&at| at < end).collect();
        ends.push(end);
        Steps::ending(plan.start.seconds(), ends)
    }

    /// Steps of a stretch that begins at `start`, which end at these instants.
    pub fn ending(start: u32, mut ends: Vec<u32>) -> Self {
        let end = ends.iter().copied().max().unwrap_or(start);
        ends.push(u32::MAX);
        ends.sort_unstable();
        ends.dedup();
        let first = start >> STRETCH;
        // Nobody who comes before the end leaves later than a year after it.
        let last = end.saturating_add((PROFILE_DAYS + 1) * Instant::DAY) >> STRETCH;
        let mut step = 0;
        let step_of_stretch = (first..=last.max(first)).map(|stretch| {
            let begins = stretch << STRETCH;
            while ends[step] < begins {
                step += 1;
            }
            let ends_later = ends[step] >= begins | ((1 << STRETCH) - 1);
            let one = u16::try_from(step).ok().filter(|_| ends_later);
            one.unwrap_or(SEVERAL)
        });
        let step_of_stretch = step_of_stretch.collect();
        Steps {
            over: end.saturating_add(1),
            ends,
            step_of_stretch,
            first,
        }
    }

    /// Number of steps.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// The last instant of a step.
    pub fn end_of(&self, step: usize) -> u32 {
        self.ends[step]
    }

    /// The first second that does not matter of the time in the pool of somebody who leaves.
    #[inline]
    pub fn until(&self, leaves: u32) -> u32 {
        leaves.min(self.over)
    }

    /// The step in which `at` falls, that of the first round at or after it: a candidate who leaves
    /// at the very second of a round is not in it. One past the last for what comes later.
    #[inline]
    pub fn of(&self, at: u32) -> usize {
        let stretch = (at >> STRETCH).wrapping_sub(self.first) as usize;
        match self.step_of_stretch.get(stretch) {
            Some(&step) if step != SEVERAL => usize::from(step),
            _ => self.search(at),
        }
    }

    /// As [`Steps::of`], where the stretch does not say it.
    #[cold]
    #[inline(never)]
    fn search(&self, at: u32) -> usize {
        self.ends.partition_point(|&end| end < at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_falls_in_the_step_that_ends_at_or_after_it() {
        let start = 20_000 * Instant::DAY + 1;
        let ends = [start + 5, start + 6, start + 400_000, start + 9_000_000];
        let steps = Steps::ending(start, ends.to_vec());
        assert_eq!((steps.len(), steps.until(u32::MAX)), (4, ends[3] + 1));
        let far = [0, start - 1, start, ends[2] + 1, u32::MAX - 1, u32::MAX];
        let near = ends.iter().flat_map(|&end| [end - 1, end, end + 1]);
        for at in near.chain(far) {
            let step = ends.iter().position(|&end| end >= at);
            assert_eq!(steps.of(at), step.unwrap_or(4), "{at}");
        }
    }
}
