//! What changes in a candidate's life mean by the rules in force, asked of the rules once, so that
//! few candidates have to be judged anew. Who changes when is `fate`'s.

use std::cmp::Ordering;

use crate::pool::{Eligibility, Packed, Pool};
use crate::rules::candidate::Abilities;
use crate::rules::lasting::Lasting;
use crate::rules::{Candidate, Footing, Gains, Increments, Rules};
use crate::timeline::course::Filed;
use crate::timeline::people::Changes;
use crate::units::Score;

/// Beside the eligibility of everybody: see [`Ageing::may_change`].
const ANY: u64 = 1 << u32::BITS;

/// What turning a year older means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ageing {
    /// Whether it may change points.
    pub points_change: bool,
    /// Points that it brings, without and with a spouse, where they are the same for everyone.
    pub points: [Option<i16>; 2],
    /// Eligibility that it may change: none, that for FSW, whose selection grid alone looks at age,
    /// where it can only take points away, or with [`ANY`] everybody's.
    touches: u64,
    /// The most that it adds to a score.
    rise: u16,
    /// What a score with that is worth.
    worth: Filed,
}

impl Ageing {
    /// What a candidate of a score, to whom only a birthday happens, is filed under.
    #[inline]
    pub fn filed(&self, score: u16) -> (u16, Filed) {
        (self.highest(score), self.worth)
    }

    /// The most that a score comes to with it.
    #[inline]
    pub fn highest(&self, score: u16) -> u16 {
        (score + self.rise).min(Score::MAX.0)
    }

    /// Points that it brings, with or without a spouse; nothing where they are not the same for all.
    #[inline]
    pub fn points_of(&self, spouse: bool) -> Option<i16> {
        if self.points_change {
            self.points[usize::from(spouse)]
        } else {
            Some(0)
        }
    }

    /// The most that it adds to a score.
    pub fn rise(&self) -> u16 {
        self.rise
    }

    /// The birthday, if it may raise a score.
    #[inline]
    pub fn rises(&self) -> Changes {
        if self.rise > 0 {
            Changes::BIRTHDAY
        } else {
            Changes::default()
        }
    }

    /// Whether a birthday may change anybody's eligibility.
    #[inline]
    pub fn programs_change(&self) -> bool {
        self.touches != 0
    }

    /// Whether a birthday may change what a candidate of that eligibility is eligible for.
    #[inline]
    pub fn may_change(&self, mask: u32) -> bool {
        self.touches & (ANY | u64::from(mask)) != 0
    }
}

/// What changes mean by one set of rules.
#[derive(Debug, Clone)]
pub(super) struct Meaning {
    ageing: Box<[Ageing; 256]>,
    gains: Gains,
    /// What changes add exactly, and to whom they make no difference.
    pub increments: Increments,
    pub lasting: Lasting,
}

impl Meaning {
    pub fn of(rules: &Rules, birthdays: bool) -> Self {
        let gains = rules.gains();
        let fsw_points = |age: u8| {
            rules.fsw_points(&Candidate {
                age,
                ..Candidate::blank()
            })
        };
        let ageing = std::array::from_fn(|age| {
            let age = age as u8;
            let next = age.saturating_add(1);
            let points = [false, true].map(|spouse| rules.age_step(age, spouse));
            let (before, after) = (fsw_points(age), fsw_points(next));
            let rise = if birthdays {
                gains.birthday[usize::from(age)]
            } else {
                0
            };
            let points_change = birthdays && points != [Some(0); 2];
            Ageing {
                points_change,
                points,
                touches: match after.cmp(&before) {
                    Ordering::Less if birthdays => u64::from(Eligibility::FSW),
                    Ordering::Greater if birthdays => ANY,
                    _ => 0,
                },
                rise,
                worth: match rise {
                    0 if points_change => Filed::UntilOlder,
                    0 => Filed::Settled,
                    _ => Filed::Bound,
                },
            }
        });
        Meaning {
            ageing: Box::new(ageing),
            gains,
            increments: rules.increments(),
            lasting: Lasting::new(rules),
        }
    }

    /// What the next birthday means at an age.
    #[inline]
    pub fn ageing(&self, age: u8) -> &Ageing {
        &self.ageing[usize::from(age)]
    }

    /// What a candidate of a score is filed under, to whom `ahead` and a birthday happen: where there
    /// is anything ahead, a score that it never passes.
    #[inline(always)]
    pub fn filed(&self, pool: &Pool, row: usize, score: u16, ahead: Changes) -> (u16, Filed) {
        let (filed, worth) = self.ageing(pool.age[row]).filed(score);
        if ahead.is_empty() {
            return (filed, worth);
        }
        let bound = filed.saturating_add(self.gain(pool, row, ahead));
        (bound.min(Score::MAX.0), Filed::Bound)
    }

    /// The most that a year more of work in Canada adds to a score, by the years there are.
    #[inline]
    pub fn most_of_work(&self, years: u8) -> u16 {
        self.gains.work[usize::from(years % 16)]
    }

    /// The most that changes other than a birthday add to a score.
    #[inline]
    fn gain(&self, pool: &Pool, row: usize, ahead: Changes) -> u16 {
        let gains = &self.gains;
        let mut gain = 0u16;
        if ahead.has(Changes::WORK) {
            let years = Packed::canadian_work_years(pool.traits[row]);
            gain = gain.saturating_add(self.most_of_work(years));
        }
        if ahead.has(Changes::LANGUAGE) {
            let [english, french] = [pool.english[row], pool.french[row]].map(Abilities::unpack);
            let first = || Packed::first_language(pool.traits[row]);
            let in_french = Changes::betters_french(english, french, first);
            gain = gain.saturating_add(gains.language[usize::from(in_french)]);
        }
        if ahead.has(Changes::NOMINATION) {
            gain = gain.saturating_add(gains.nomination);
        }
        gain
    }

    /// What increments of `ahead` to a candidate's score go by, if they can be told.
    #[inline(always)]
    pub fn footing(&self, c: &Packed, ahead: Changes) -> Option<Footing> {
        let footing = self.increments.footing(c);
        footing.filter(|footing| footing.in_english() || !ahead.has(Changes::LANGUAGE))
    }

    /// The most that a year of work and better results, as far as they are ahead, add to the score of
    /// somebody on that footing, in whatever order they come.
    #[inline]
    pub fn most(&self, footing: Footing, ahead: Changes) -> u16 {
        let (mut after, mut better) = (footing, footing);
        let mut points = [0; 3];
        if ahead.has(Changes::WORK) {
            points[0] = self.increments.work(&mut after);
            points[2] = points[0];
        }
        if ahead.has(Changes::LANGUAGE) {
            points[1] = self.increments.better_english(&mut better);
            points[2] += self.increments.better_english(&mut after);
        }
        points.into_iter().fold(0, i16::max).unsigned_abs()
    }

    /// What a change other than a birthday adds to the score of somebody on that footing, which is
    /// another one then.
    #[inline]
    pub fn increment(&self, footing: &mut Footing, change: Changes) -> i16 {
        if change == Changes::WORK {
            self.increments.work(footing)
        } else if change == Changes::LANGUAGE {
            self.increments.better_english(footing)
        } else {
            self.increments.nomination(footing)
        }
    }

    /// Whether `ahead` and a birthday, in whatever order they come, surely leave somebody eligible for
    /// what it is eligible for, a nomination apart.
    #[inline(always)]
    pub fn stays(&self, c: &Packed, mask: u32, ahead: Changes) -> bool {
        let (works, betters) = (ahead.has(Changes::WORK), ahead.has(Changes::LANGUAGE));
        let level = || best_level(c) + u8::from(betters);
        let years = Packed::canadian_work_years(c.traits) + u8::from(works);
        (!works || self.lasting.work_adds_nothing(mask, level))
            && (!betters || self.lasting.english_adds_nothing(c, years, mask))
            && (!self.ageing(c.age).may_change(mask) || self.lasting.keeps_fsw(c))
    }

    /// What somebody of an eligibility is eligible for after `change`, the last of those that have
    /// `happened` to it since it came as `first`; its months in the occupation are known. Nothing where
    /// it has to be judged as a whole.
    #[inline(always)]
    pub fn judged(
        &self,
        first: &Packed,
        mask: u32,
        (change, happened): (Changes, Changes),
    ) -> Option<u32> {
        let c = happened.apply_packed(*first);
        let years = Packed::canadian_work_years(c.traits);
        // Of the programs only FSW looks at the age.
        let fsw_alone = change == Changes::BIRTHDAY
            || if change == Changes::WORK {
                self.lasting.work_changes_fsw_alone(years, mask)
            } else {
                let in_french = Changes::betters_french_of(first);
                (self.lasting).language_changes_fsw_alone(first, in_french, years, mask)
            };
        if fsw_alone {
            self.lasting.with_fsw_anew(&c, mask)
        } else {
            None
        }
    }

    /// Whether some of `ahead`, besides a nomination, may change what a candidate of that
    /// eligibility is eligible for; `level` is the lowest of its better language.
    #[inline]
    pub fn may_change(&self, mask: u32, ahead: Changes, level: impl FnOnce() -> u8) -> bool {
        ahead.has(Changes::LANGUAGE)
            || ahead.has(Changes::WORK) && !self.lasting.work_adds_nothing(mask, level)
    }
}

/// The lowest level of the better language of a candidate.
#[inline(always)]
pub(super) fn best_level(c: &Packed) -> u8 {
    Abilities::lowest_of(c.english).max(Abilities::lowest_of(c.french))
}
