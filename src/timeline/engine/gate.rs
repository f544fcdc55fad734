//! What it takes a candidate who comes into view to be listed at once, or to be looked at more
//! closely: one number for each class and age, so that most are told apart by one look-up.
//! How far down rounds come is `floors`' to guess, and what a birthday means is `meaning`'s.

use super::meaning::Meaning;
use crate::timeline::people::Changes;
use crate::timeline::picked::AT_ONCE;
use crate::units::Score;

const AGES: usize = 256;
/// A birthday may change what somebody is eligible for.
const CONCERNED: u16 = 1 << 15;
/// More than any score.
const NEVER: u16 = CONCERNED - 1;

/// The lowest scores that are listed, by class and age.
#[derive(Debug)]
pub(super) struct Gate {
    bars: Vec<u16>,
}

impl Gate {
    /// What it takes in classes of these eligibilities, by their floors. Nobody of the class behind the
    /// last one is listed at once.
    pub fn of(masks: &[u32], floors: &[u16], meaning: &Meaning) -> Self {
        // From some age on birthdays mean the same, and most of the ages lie there.
        let oldest = meaning.ageing(u8::MAX);
        let differs = |&age: &u8| meaning.ageing(age) != oldest;
        let last = (0..=u8::MAX).rfind(differs).map_or(0, |age| age + 1);
        let mut bars = Vec::with_capacity((masks.len() + 1) * AGES);
        for (&mask, &floor) in masks.iter().zip(floors) {
            let bar = |age| {
                let ageing = meaning.ageing(age);
                let least = (floor <= Score::MAX.0).then(|| floor.saturating_sub(ageing.rise()));
                let concerned = if ageing.may_change(mask) {
                    CONCERNED
                } else {
                    0
                };
                least.unwrap_or(NEVER) | concerned
            };
            bars.extend((0..last).map(bar));
            bars.resize(bars.len() + AGES - usize::from(last), bar(u8::MAX));
        }
        bars.extend([NEVER; AGES]);
        Gate { bars }
    }

    /// Says of some people, whose classes are known, whether they may come near a round if nothing but
    /// a birthday happens to them, and whether more may happen to them; what it takes is noted in `bars`.
    #[inline(never)]
    pub fn tell(
        &self,
        classes: &[u16],
        ages: &[u8],
        scores: &[u16],
        ahead: &[Changes],
        bars: &mut [u16; AT_ONCE],
        [near, concerned]: [&mut [bool; AT_ONCE]; 2],
    ) {
        for ((bar, &class), &age) in bars.iter_mut().zip(classes).zip(ages) {
            *bar = self.bars[usize::from(class) * AGES + usize::from(age)];
        }
        for ((concerned, &bar), &ahead) in concerned.iter_mut().zip(&*bars).zip(ahead) {
            *concerned = !ahead.is_empty() | (bar & CONCERNED != 0);
        }
        let columns = near.iter_mut().zip(&*bars).zip(scores).zip(&*concerned);
        for (((near, &bar), &score), &concerned) in columns {
            *near = !concerned & (score >= bar);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Eligibility;
    use crate::rules::{Rules, RulesPatch};

    #[test]
    fn people_are_told_apart_as_floors_and_birthdays_say() {
        let date = "2024-01-10".parse().unwrap();
        let rules = Rules::on(date, &[], &RulesPatch::default()).unwrap();
        let meaning = Meaning::of(&rules, true);
        let (fsw, cec) = (Eligibility::FSW, Eligibility::CEC);
        let masks = [fsw, cec, fsw | cec, 0];
        let floors = [u16::MAX, 470, 470, u16::MAX];
        let gate = Gate::of(&masks, &floors, &meaning);
        let mut told = [0; 4];
        // The last is a class that was not known: what birthdays do to it is asked later.
        let known = masks.map(Some).into_iter().zip(floors);
        for (class, (mask, floor)) in (0..).zip(known.chain([(None, u16::MAX)])) {
            for age in 17..60 {
                for score in [0, 400, 469, 470, 471, 520, 1_200] {
                    for ahead in [Changes::default(), Changes::WORK] {
                        let [mut near, mut concerned] = [[false; AT_ONCE]; 2];
                        let answers = [&mut near, &mut concerned];
                        let bars = &mut [0; AT_ONCE];
                        gate.tell(&[class], &[age], &[score], &[ahead], bars, answers);
                        let ageing = meaning.ageing(age);
                        let changes = mask.is_some_and(|mask| ageing.may_change(mask));
                        let is_concerned = !ahead.is_empty() || changes;
                        let comes = ageing.filed(score).0 >= floor;
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
