//! What it takes a candidate who comes into view to be listed at once, or to be looked at more
//! closely: one number for each class and age, so that most are told apart by one look-up.
//! How far down rounds come is `floors`' to guess, and what a birthday means is `meaning`'s.

use super::floors::Floors;
use super::meaning::Meaning;
use crate::pool::classes::Classes;
use crate::timeline::people::Changes;
use crate::timeline::picked::AT_ONCE;
use crate::units::Score;

const AGES: usize = 256;
/// A birthday may change what somebody is eligible for.
const CONCERNED: u16 = 1 << 15;
/// More than any score.
const NEVER: u16 = CONCERNED - 1;

/// The lowest scores that are listed, by class and age.
#[derive(Debug, Default)]
pub(super) struct Gate {
    bars: Vec<u16>,
}

impl Gate {
    /// Forgets everything: floors are lower, or the rules others.
    pub fn clear(&mut self) {
        self.bars.clear();
    }

    /// Works out what it takes in the classes up to the last one.
    #[inline]
    pub fn know(&mut self, classes: &Classes, floors: &mut Floors, meaning: &Meaning) {
        if self.bars.len() < classes.masks().len() * AGES {
            self.find(classes, floors, meaning);
        }
    }

    #[cold]
    fn find(&mut self, classes: &Classes, floors: &mut Floors, meaning: &Meaning) {
        for (class, &mask) in classes
            .masks()
            .iter()
            .enumerate()
            .skip(self.bars.len() / AGES)
        {
            let floor = floors.of(class as u16, classes);
            self.bars.extend((0..=u8::MAX).map(|age| {
                let ageing = meaning.ageing(age);
                let least = (floor <= Score::MAX.0).then(|| floor.saturating_sub(ageing.rise()));
                let concerned = if ageing.may_change(mask) {
                    CONCERNED
                } else {
                    0
                };
                least.unwrap_or(NEVER) | concerned
            }));
        }
    }

    /// Says of some people, whose classes are known, whether they may come near a round if nothing but
    /// a birthday happens to them, and whether more may happen to them.
    #[inline(never)]
    pub fn tell(
        &self,
        classes: &[u16],
        ages: &[u8],
        scores: &[u16],
        ahead: &[Changes],
        [near, concerned]: [&mut [bool; AT_ONCE]; 2],
    ) {
        let mut bars = [0; AT_ONCE];
        for ((bar, &class), &age) in bars.iter_mut().zip(classes).zip(ages) {
            *bar = self.bars[usize::from(class) * AGES + usize::from(age)];
        }
        for ((concerned, &bar), &ahead) in concerned.iter_mut().zip(&bars).zip(ahead) {
            *concerned = !ahead.is_empty() | (bar & CONCERNED != 0);
        }
        let columns = near.iter_mut().zip(&bars).zip(scores).zip(&*concerned);
        for (((near, &bar), &score), &concerned) in columns {
            *near = !concerned & (score >= bar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::RoundKind;
    use crate::pool::Eligibility;
    use crate::rules::{Program, Rules, RulesPatch};

    #[test]
    fn people_are_told_apart_as_floors_and_birthdays_say() {
        let date = "2024-01-10".parse().unwrap();
        let rules = Rules::on(date, &[], &RulesPatch::default()).unwrap();
        let meaning = Meaning::of(&rules, true);
        let (mut classes, mut floors) = (Classes::default(), Floors::default());
        let members = RoundKind::Program(Program::Cec).members();
        floors.lower(members, 500, &classes);
        let (fsw, cec) = (Eligibility::FSW, Eligibility::CEC);
        let masks = [fsw, cec, fsw | cec, 0];
        let class_of = masks.map(|mask| classes.of(mask));
        let mut gate = Gate::default();
        gate.know(&classes, &mut floors, &meaning);
        let mut told = [0; 4];
        for (mask, class) in masks.into_iter().zip(class_of) {
            for age in 17..60 {
                for score in [0, 400, 469, 470, 471, 520, 1_200] {
                    for ahead in [Changes::default(), Changes::WORK] {
                        let [mut near, mut concerned] = [[false; AT_ONCE]; 2];
                        let answers = [&mut near, &mut concerned];
                        gate.tell(&[class], &[age], &[score], &[ahead], answers);
                        let ageing = meaning.ageing(age);
                        let is_concerned = !ahead.is_empty() || ageing.may_change(mask);
                        let comes = ageing.filed(score).0 >= floors.of(class, &classes);
                        let is_near = !is_concerned && comes;
                        assert_eq!((near[0], concerned[0]), (is_near, is_concerned));
                        told[usize::from(is_near) + 2 * usize::from(is_concerned)] += 1;
                    }
                }
            }
        }
        assert!(told[0] > 0 && told[1] > 0 && told[2] > 0, "{told:?}");
    }
}
