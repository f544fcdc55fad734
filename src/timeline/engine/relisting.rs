//! Candidates who came into view before are looked at again: all when the rules change, and those who
//! are not listed when a round comes lower than was expected.
//! How they are listed is `admission`'s, how low rounds are expected to come `floors`'.

use super::Engine;
use super::foresight::{Present, Prospects, prospects};
use super::ledger::Ledger;
use crate::draw::Members;
use crate::timeline::course::Filed;
use crate::timeline::life::Status;
use crate::units::Score;

/// A candidate that came into view before, as it is now.
struct Later {
    class: u16,
    filed: (u16, Filed),
    prospects: Prospects,
}

impl Engine<'_> {
    /// The rules have changed: those in the pool are counted and filed anew, and what is to come is
    /// foreseen anew. Whoever has left by the instant `passed` was counted out by the step it left in.
    pub(super) fn list_again(&mut self, passed: u32) {
        self.roster.index(self.people.len());
        for row in 0..self.arrived as u32 {
            let slot = self.roster.find(row);
            let status = slot.map_or(Status::InPool, |slot| self.roster.place(slot).status());
            let may_be_invited = matches!(status, Status::InPool | Status::Invited);
            if self.fates.leaves[row as usize] <= passed || !may_be_invited {
                continue;
            }
            let later = self.look_again(row);
            if status == Status::InPool {
                let exit = self.exit_of(row);
                self.ledger.add(later.class, exit);
            }
            match slot {
                Some(slot) => {
                    let place = self.roster.place_mut(slot);
                    if status == Status::InPool {
                        let (score, worth) = later.filed;
                        place.file(score);
                        place.deem(worth);
                        place.class = later.class;
                        self.file(slot, later.class, score);
                    } else {
                        place.deem(Filed::Bound);
                    }
                    self.await_changes(slot, &later.prospects);
                }
                None => self.take_in(row, later.class, later.filed, &later.prospects),
            }
        }
    }

    /// The lowest score at which all are listed who are of these classes.
    pub(in crate::timeline) fn listed_down_to(&mut self, classes: &[u16]) -> u16 {
        let floors = classes
            .iter()
            .map(|&class| self.floors.of(class, &self.classes));
        floors.max().unwrap_or(0)
    }

    /// A round comes down to a score: lists those whom it may rank there and who are not listed yet,
    /// and some more.
    pub(in crate::timeline) fn list_down_to(&mut self, members: Members, score: u16) {
        let floor = self.floors.lower(members, score, &self.classes);
        self.lots = None;
        self.roster.index(self.people.len());
        for row in 0..self.arrived as u32 {
            let index = row as usize;
            if self.fates.leaves[index] <= self.now || self.roster.find(row).is_some() {
                continue;
            }
            let highest = self.highest(row);
            let mask = self.eligibility.get(index);
            let class = self.classes.of(mask);
            // Only the eligibility of somebody to whom something happens may be another by now.
            let ageing = self.meaning.ageing(self.people.pool.age[index]);
            let stays = self.fates.ahead[index].is_empty() && !ageing.may_change(mask);
            let least = if stays {
                self.floors.of(class, &self.classes)
            } else {
                floor
            };
            if highest < least {
                continue;
            }
            let later = self.look_again(row);
            if self.comes_near(&later) {
                self.forget_moves(row, later.class, &later.prospects);
                let slot = self.list(row, later.class, later.filed, &later.prospects);
                // The round may be below what it would be filed under already.
                let score = self.exactly(slot, self.now).min(Score::MAX.0);
                self.roster.place_mut(slot).file(score);
                self.file(slot, later.class, score);
            }
        }
    }

    /// Where somebody stands who came into view before, under the rules in force.
    fn look_again(&mut self, row: u32) -> Later {
        let index = row as usize;
        let (ahead, rules) = (self.fates.ahead[index], self.rules());
        let happened = self.people.happened(row, self.now);
        let mask = self.mask_after(row, happened);
        let score = self.scores[index].min(Score::MAX.0);
        let present = Present {
            mask,
            happened,
            ahead,
            score: None,
            short: self.people.in_short(row),
            stays: None,
            footing: None,
            until: self.until(row),
        };
        Later {
            class: self.classes.of(mask),
            filed: self.meaning.filed(self.people.pool, index, score, ahead),
            prospects: prospects(self.people, rules, &self.meaning, row, present, None),
        }
    }

    fn comes_near(&mut self, later: &Later) -> bool {
        let (classes, floors) = (&mut self.classes, &mut self.floors);
        (later.prospects).come_near(later.class, later.filed.0, classes, floors)
    }

    /// Takes back what [`Engine::note_moves`] noted of the time to come.
    fn forget_moves(&mut self, row: u32, class: u16, prospects: &Prospects) {
        self.each_move(row, class, prospects, Ledger::do_not_move);
    }
}
