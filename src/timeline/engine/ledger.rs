//! How many are in the pool by class, and who will change its class or leave and when: noted when they
//! come and carried out at the end of the step in which it happens, so that nobody has to be looked for.
//! Who they are is the engine's to know.

use crate::timeline::engine::steps::Steps;
use crate::timeline::fate::withdraws;

/// Counts by class and by the step in which the counted will leave.
#[derive(Debug, Clone)]
pub(in crate::timeline) struct Ledger {
    /// Ways to leave: steps, and one for what comes after the last, each by expiry and by withdrawal.
    exits: usize,
    /// Who is in the pool, class by class, of each by exit.
    counts: Vec<u32>,
    /// Who will be in another class from a step on.
    moves: Vec<Vec<Move>>,
}

/// When and how somebody leaves the pool: by expiry or by withdrawal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::timeline) struct Exit(u32);

impl Exit {
    /// That of somebody of a submission who is out of the pool from an instant on.
    #[inline]
    pub fn new(steps: &Steps, submitted: u32, leaves: u32) -> Self {
        let withdraws = withdraws(submitted, leaves);
        Exit((steps.of(leaves) * 2) as u32 | u32::from(withdraws))
    }
}

/// Ways to leave in so many steps.
fn exits(steps: usize) -> usize {
    2 * (steps + 1)
}

/// Somebody's way from one class to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::timeline) struct Move {
    pub before: u16,
    pub after: u16,
    /// When it leaves.
    pub exit: Exit,
}

impl Ledger {
    pub fn new(steps: usize) -> Self {
        Ledger {
            exits: exits(steps),
            counts: Vec::new(),
            moves: vec![Vec::new(); steps],
        }
    }

    /// Nobody is in the pool, and nobody will be.
    pub fn clear(&mut self) {
        self.counts.fill(0);
        self.moves.iter_mut().for_each(Vec::clear);
    }

    /// Makes room for the classes up to this one.
    #[inline]
    pub fn know(&mut self, class: u16) {
        let size = (usize::from(class) + 1) * self.exits;
        if size > self.counts.len() {
            self.counts.resize(size, 0);
        }
    }

    #[inline]
    fn spot(&mut self, class: u16, exit: Exit) -> &mut u32 {
        &mut self.counts[usize::from(class) * self.exits + exit.0 as usize]
    }

    /// Counts somebody into a class until it leaves.
    #[inline]
    pub fn add(&mut self, class: u16, exit: Exit) {
        self.know(class);
        *self.spot(class, exit) += 1;
    }

    /// Ways to leave in these steps.
    pub fn exits(steps: &Steps) -> usize {
        exits(steps.len())
    }

    /// Counts some people into their classes, by class and of each by exit: fewer than make the numbers
    /// overflow, which are small so that they stay at hand.
    #[inline(never)]
    pub fn count(
        counts: &mut [u16],
        steps: &Steps,
        classes: &[u16],
        submitted: &[u32],
        leaves: &[u32],
    ) {
        let exits = Ledger::exits(steps);
        for ((&class, &submitted), &leaves) in classes.iter().zip(submitted).zip(leaves) {
            let exit = Exit::new(steps, submitted, leaves);
            counts[usize::from(class) * exits + exit.0 as usize] += 1;
        }
    }

    /// Counts in those whom [`Ledger::count`] has counted.
    pub fn add_all(&mut self, counts: &[u16]) {
        if counts.len() > self.counts.len() {
            self.counts.resize(counts.len(), 0);
        }
        for (count, &more) in self.counts.iter_mut().zip(counts) {
            *count += u32::from(more);
        }
    }

    /// Counts somebody out who was counted into a class.
    #[inline]
    pub fn take(&mut self, class: u16, exit: Exit) {
        *self.spot(class, exit) -= 1;
    }

    /// Counts somebody in another class than before.
    #[inline]
    pub fn move_now(&mut self, before: u16, after: u16, exit: Exit) {
        self.know(after);
        let spot = self.spot(before, exit);
        *spot = spot.wrapping_sub(1);
        let spot = self.spot(after, exit);
        *spot = spot.wrapping_add(1);
    }

    /// Notes that somebody who is counted in a class will be in another from a step on.
    #[inline]
    pub fn move_later(&mut self, before: u16, after: u16, step: usize, exit: Exit) {
        if let Some(moves) = self.moves.get_mut(step) {
            moves.push(Move {
                before,
                after,
                exit,
            });
        }
    }

    /// Takes back what [`Ledger::move_later`] noted.
    pub fn do_not_move(&mut self, before: u16, after: u16, step: usize, exit: Exit) {
        self.move_later(after, before, step, exit);
    }

    /// Carries out what happens in a step: how many expire and withdraw.
    pub fn pass(&mut self, step: usize) -> [u64; 2] {
        for Move {
            before,
            after,
            exit,
        } in std::mem::take(&mut self.moves[step])
        {
            self.move_now(before, after, exit);
        }
        let of_class = self.counts.chunks_exact_mut(self.exits);
        of_class.fold([0; 2], |sum, exits| {
            let [expire, withdraw] = [0, 1].map(|how| std::mem::take(&mut exits[2 * step + how]));
            [sum[0] + u64::from(expire), sum[1] + u64::from(withdraw)]
        })
    }

    /// How many of a class are in the pool.
    pub fn present(&self, class: u16) -> u64 {
        let first = usize::from(class) * self.exits;
        let exits = self.counts.get(first..first + self.exits);
        exits.map_or(0, |exits| u64::from(exits.iter().sum::<u32>()))
    }

    /// How many are in the pool.
    pub fn everybody(&self) -> u64 {
        u64::from(self.counts.iter().sum::<u32>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Instant;

    #[test]
    fn who_is_counted_in_is_counted_out_in_its_step() {
        let day = |n: u32| (20_000 + n) * Instant::DAY;
        let steps = Steps::ending(day(0), vec![day(10), day(20), day(30)]);
        let [early, late] = [day(15), day(370)].map(|leaves| Exit::new(&steps, day(5), leaves));
        let mut ledger = Ledger::new(steps.len());
        ledger.add(0, early);
        ledger.add(2, early);
        ledger.add(2, late);
        ledger.take(0, early);
        assert_eq!([0, 1, 2].map(|class| ledger.present(class)), [0, 0, 2]);
        assert_eq!(ledger.pass(0), [0, 0]);
        assert_eq!(ledger.pass(1), [0, 1]);
        assert_eq!((ledger.present(2), ledger.everybody()), (1, 1));
        ledger.clear();
        assert_eq!(ledger.everybody(), 0);
    }

    #[test]
    fn who_changes_class_is_counted_in_it_from_that_step_on_until_it_leaves() {
        let day = |n: u32| (20_000 + n) * Instant::DAY;
        let steps = Steps::ending(day(0), vec![day(10), day(20), day(30)]);
        let exit = Exit::new(&steps, day(25) - 365 * Instant::DAY, day(25));
        let mut ledger = Ledger::new(steps.len());
        ledger.add(0, exit);
        ledger.move_later(0, 1, 1, exit);
        ledger.move_later(1, 2, 2, exit);
        ledger.do_not_move(1, 2, 2, exit);
        let present = |ledger: &Ledger| [0, 1, 2].map(|class| ledger.present(class));
        assert_eq!(ledger.pass(0), [0, 0]);
        assert_eq!(present(&ledger), [1, 0, 0]);
        assert_eq!(ledger.pass(1), [0, 0]);
        assert_eq!(present(&ledger), [0, 1, 0]);
        assert_eq!(ledger.pass(2), [1, 0]);
        assert_eq!(present(&ledger), [0, 0, 0]);
    }
}
