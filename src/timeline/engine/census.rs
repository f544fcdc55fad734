//! The pool and the eligible by group, round after round: everybody is counted on arrival, and anew
//! only when something has changed. Whoever wants no counts pays nothing for them.
//! What the counts are lives in the pool's `counts`.

use rayon::prelude::*;

use super::Engine;
use crate::pool::Packed;
use crate::pool::counts::{ClassCounts, Counts};
use crate::timeline::life::Status;
use crate::timeline::people::Changes;
use crate::timeline::plan::RoundPlan;

/// Rows that stand together in a share.
const STRIPE: usize = 1 << 12;

/// Counts that are kept up.
pub(super) struct Census {
    shares: Vec<Share>,
    /// Rules under which they were made.
    period: usize,
}

/// Some of the people, whom one thread looks after: every so many stripes of rows.
struct Share {
    number: usize,
    tally: ClassCounts,
    /// The instant from which on each has to be looked at again.
    until: Vec<u32>,
    /// Each as it was counted.
    counted: Vec<Option<Packed>>,
}

impl Census {
    /// Nobody of so many people is counted yet.
    pub fn of(people: usize) -> Self {
        let shares = rayon::current_num_threads().clamp(1, people.div_ceil(STRIPE).max(1));
        let shares = (0..shares).map(|number| Share {
            number,
            tally: ClassCounts::default(),
            until: Vec::new(),
            counted: Vec::new(),
        });
        Census {
            shares: shares.collect(),
            period: 0,
        }
    }

    /// The pool and the eligible just before a round.
    pub fn take(&mut self, engine: &Engine<'_>, round: &RoundPlan) -> [Counts; 2] {
        let now = round.instruction.at.seconds();
        let members = round.instruction.kind.members();
        let is_new = self.period != engine.period;
        self.period = engine.period;
        let of = self.shares.len();
        (self.shares.par_iter_mut()).for_each(|share| share.keep_up(engine, of, now, is_new));
        let sum = |is_asked: &(dyn Fn(u32) -> bool + Sync)| {
            let mut counts = Counts::default();
            let tallies = self.shares.iter().map(|share| &share.tally);
            tallies.for_each(|tally| tally.count_into(is_asked, &mut counts));
            counts
        };
        let eligible = |mask| members.have(mask);
        let (pool, eligible) = rayon::join(|| sum(&|_| true), || sum(&eligible));
        [pool, eligible]
    }

    /// Notes that something has become of these.
    pub fn look_again(&mut self, rows: impl Iterator<Item = u32>) {
        let of = self.shares.len();
        for row in rows {
            let (stripe, place) = (row as usize / STRIPE, row as usize % STRIPE);
            let share = &mut self.shares[stripe % of];
            share.until[stripe / of * STRIPE + place] = 0;
        }
    }
}

impl Share {
    /// Counts anew whoever has changed by now; `is_new` says that everybody may have.
    fn keep_up(&mut self, engine: &Engine<'_>, of: usize, now: u32, is_new: bool) {
        for (stripe, first) in (self.number * STRIPE..engine.arrived)
            .step_by(of * STRIPE)
            .enumerate()
        {
            let rows = first..(first + STRIPE).min(engine.arrived);
            let from = stripe * STRIPE;
            let size = self.until.len().max(from + rows.len());
            self.until.resize(size, 0);
            self.counted.resize(size, None);
            let known = self.until[from..].iter_mut().zip(&mut self.counted[from..]);
            for (row, (until, counted)) in rows.zip(known) {
                if *until > now && !is_new {
                    continue;
                }
                let (later, packed) = look(engine, row as u32, now);
                *until = later;
                if let Some(before) = std::mem::replace(counted, packed) {
                    self.tally.take(&before);
                }
                if let Some(packed) = packed {
                    self.tally.add(&packed);
                }
            }
        }
    }
}

/// A candidate as it is now, if it is in the pool, and the instant from which on that may not hold.
fn look(engine: &Engine<'_>, row: u32, now: u32) -> (u32, Option<Packed>) {
    let slot = engine.roster.find(row);
    let status = slot.map_or(Status::InPool, |slot| engine.roster.place(slot).status());
    let (leaves, ahead) = (engine.leaves(row), engine.fates.ahead[row as usize]);
    match status {
        // A declined invitation brings it back.
        Status::Invited => return (0, None),
        Status::InPool if leaves > now => {}
        _ => return (u32::MAX, None),
    }
    let ahead = engine.people.ahead(row, ahead.and(Changes::BIRTHDAY));
    let later = ahead.changes().map(|(at, _)| at);
    let until = later.filter(|&at| at > now).fold(leaves, u32::min);
    let happened = ahead.happened(now);
    (until, Some(engine.packed_after(row, slot, happened)))
}
