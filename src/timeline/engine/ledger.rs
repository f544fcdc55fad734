//! How many are in the pool by class, and when they will leave it: counted in when they come, and
//! out at the end of the step in which they leave, so that nobody has to be looked for.
//! Who they are is the engine's to know.

use crate::timeline::course::Place;
use crate::timeline::engine::steps::Steps;

/// Counts by class and by the step in which the counted will leave.
#[derive(Debug, Clone)]
pub(in crate::timeline) struct Ledger {
    /// Steps, and one for what comes after the last.
    steps: usize,
    /// Who is in the pool, class by class, of each by step: expiring and withdrawing.
    counts: Vec<[u32; 2]>,
}

impl Ledger {
    pub fn new(steps: usize) -> Self {
        Ledger {
            steps: steps + 1,
            counts: Vec::new(),
        }
    }

    /// Nobody is in the pool.
    pub fn clear(&mut self) {
        self.counts.fill([0; 2]);
    }

    /// Where a candidate is counted, and as what.
    #[inline]
    fn spot(&self, steps: &Steps, place: &Place) -> (usize, usize) {
        let step = steps.of(place.leaves);
        let spot = usize::from(place.class) * self.steps + step;
        (spot, usize::from(place.withdraws()))
    }

    /// Counts a candidate into its class.
    #[inline]
    pub fn add(&mut self, steps: &Steps, place: &Place) {
        let (spot, how) = self.spot(steps, place);
        match self.counts.get_mut(spot) {
            Some(counts) => counts[how] += 1,
            None => self.add_first(steps, place),
        }
    }

    /// As [`Ledger::add`], for a class that is new.
    #[cold]
    fn add_first(&mut self, steps: &Steps, place: &Place) {
        let (spot, how) = self.spot(steps, place);
        let classes = usize::from(place.class) + 1;
        self.counts.resize(classes * self.steps, [0; 2]);
        self.counts[spot][how] += 1;
    }

    /// Counts a candidate out who was counted in as it stands.
    #[inline]
    pub fn take(&mut self, steps: &Steps, place: &Place) {
        let (spot, how) = self.spot(steps, place);
        self.counts[spot][how] -= 1;
    }

    /// Lets those go who leave in a step: how many expire and withdraw.
    pub fn pass(&mut self, step: usize) -> [u64; 2] {
        let of_step = self.counts.iter_mut().skip(step).step_by(self.steps);
        of_step
            .map(std::mem::take)
            .fold([0; 2], |sum, [expire, withdraw]| {
                [sum[0] + u64::from(expire), sum[1] + u64::from(withdraw)]
            })
    }

    /// How many of a class are in the pool.
    pub fn present(&self, class: u16) -> u64 {
        let first = usize::from(class) * self.steps;
        let class = self.counts.get(first..first + self.steps);
        let counts = class.unwrap_or_default().iter().flatten();
        counts.map(|&count| u64::from(count)).sum()
    }

    /// How many are in the pool.
    pub fn everybody(&self) -> u64 {
        let counts = self.counts.iter().flatten();
        counts.map(|&count| u64::from(count)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::course::Filed;
    use crate::timeline::people::Changes;
    use crate::units::Instant;

    #[test]
    fn who_is_counted_in_is_counted_out_in_its_step() {
        let day = |n: u32| (20_000 + n) * Instant::DAY;
        let steps = Steps::ending(day(0), vec![day(10), day(20), day(30)]);
        let place = |class, submitted, leaves| {
            let (filed, ahead) = ((400, Filed::Exact), Changes::default());
            Place::on_arrival(day(submitted), day(leaves), filed, class, ahead)
        };
        let gone = place(0, 0, 15);
        let mut ledger = Ledger::new(steps.len());
        ledger.add(&steps, &gone);
        ledger.add(&steps, &place(2, 0, 15));
        ledger.add(&steps, &place(2, 5, 370));
        ledger.take(&steps, &gone);
        assert_eq!([0, 1, 2].map(|class| ledger.present(class)), [0, 0, 2]);
        assert_eq!(ledger.pass(0), [0, 0]);
        assert_eq!(ledger.pass(1), [0, 1]);
        assert_eq!((ledger.present(2), ledger.everybody()), (1, 1));
        ledger.clear();
        assert_eq!(ledger.everybody(), 0);
    }
}
