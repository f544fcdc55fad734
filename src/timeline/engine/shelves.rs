//! Which candidates are filed together: those who take part in rounds of the same kinds. There are
//! fewer such groups than classes, so that a round has fewer buckets to go through.

use crate::draw::Members;
use crate::pool::classes::Classes;
use crate::timeline::buckets::Which;
use crate::timeline::plan::RoundPlan;

/// The shelf of each class.
#[derive(Debug, Clone, Default)]
pub(in crate::timeline) struct Shelves {
    kinds: Vec<Members>,
    /// For each shelf and kind in turn, whether rounds of the kind look at it.
    looked_at: Vec<Vec<bool>>,
    of_class: Vec<u16>,
}

impl Shelves {
    /// Those for some rounds.
    pub fn of(rounds: &[RoundPlan]) -> Self {
        let mut shelves = Shelves::default();
        for round in rounds {
            let members = round.instruction.kind.members();
            if !shelves.kinds.contains(&members) {
                shelves.kinds.push(members);
            }
        }
        shelves
    }

    /// Finds the shelves of all classes.
    #[inline]
    pub fn know(&mut self, classes: &Classes) {
        if self.of_class.len() < classes.masks().len() {
            self.find(classes);
        }
    }

    #[cold]
    fn find(&mut self, classes: &Classes) {
        for &mask in &classes.masks()[self.of_class.len()..] {
            let kinds: Vec<bool> = self.kinds.iter().map(|kind| kind.have(mask)).collect();
            let known = self.looked_at.iter().position(|known| *known == kinds);
            let shelf = known.unwrap_or(self.looked_at.len());
            if known.is_none() {
                self.looked_at.push(kinds);
            }
            self.of_class.push(shelf as u16);
        }
    }

    /// The shelf of a class.
    #[inline]
    pub fn of_class(&mut self, class: u16, classes: &Classes) -> u16 {
        match self.of_class.get(usize::from(class)) {
            Some(&shelf) => shelf,
            None => {
                self.find(classes);
                self.holding(class)
            }
        }
    }

    /// How many shelves there are.
    pub fn len(&self) -> usize {
        self.looked_at.len()
    }

    /// The shelf of a class, which is known.
    #[inline]
    pub fn holding(&self, class: u16) -> u16 {
        self.of_class[usize::from(class)]
    }

    /// The shelves that rounds of a kind look at.
    pub fn with(&self, members: Members) -> Which {
        let kind = self.kinds.iter().position(|kind| *kind == members);
        let shelves = (0..).zip(&self.looked_at);
        shelves
            .filter(|(_, looked_at)| kind.is_some_and(|kind| looked_at[kind]))
            .map(|(shelf, _)| shelf)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RoundKind;
    use crate::pool::Eligibility;

    #[test]
    fn who_takes_part_in_the_same_rounds_stands_on_one_shelf() {
        let kinds = [RoundKind::General, RoundKind::Category(0)].map(RoundKind::members);
        let mut shelves = Shelves {
            kinds: kinds.to_vec(),
            ..Shelves::default()
        };
        let mut classes = Classes::default();
        let category = Eligibility::category_bit(0);
        let masks = [
            0,
            Eligibility::FSW,
            Eligibility::CEC,
            Eligibility::CEC | category,
        ];
        let masks = masks.map(|mask| classes.of(mask));
        shelves.know(&classes);
        assert_eq!(masks.map(|class| shelves.holding(class)), [0, 1, 1, 2]);
        let [general, of_category] = kinds.map(|kind| shelves.with(kind));
        assert_eq!(general, Which::from_iter([1, 2]));
        assert_eq!(of_category, Which::from_iter([2]));
    }
}
