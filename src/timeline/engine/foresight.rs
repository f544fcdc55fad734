//! What will become of a candidate's eligibility and score while it waits, and what its score is.
//! When its attributes change is `fate`'s; what is done about it in its time is the engine's.

use super::Engine;
use super::floors::Floors;
use super::meaning::{Meaning, best_level};
use crate::pool::classes::Classes;
use crate::pool::{Eligibility, Packed};
use crate::rules::{Candidate, Footing, Rules};
use crate::timeline::course::{Filed, Place};
use crate::timeline::fate::Ahead;
use crate::timeline::people::{Changes, People};
use crate::units::Score;

/// Something that happens to a listed candidate in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Appointment {
    pub slot: u32,
    /// The class from then on; [`SAME`] where only the score may change.
    pub class: u16,
    /// The score from then on; [`SAME`] where it was not worked out.
    pub score: u16,
}

/// No other class than before, or no score that is known.
pub(super) const SAME: u16 = u16::MAX;

/// A candidate at some instant, as far as its prospects go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present {
    /// What it is eligible for.
    pub mask: u32,
    /// What has happened to it.
    pub happened: Changes,
    /// What happens to it while its profile lives, as [`Fates`](crate::timeline::fate::Fates) say.
    pub ahead: Changes,
    /// Its score, where later ones are to be worked out.
    pub score: Option<u16>,
    /// Itself as it came, as far as [`People::in_short`] says.
    pub short: Packed,
    /// Whether its eligibility surely stays as it is, where that was asked already.
    pub stays: Option<bool>,
    /// What increments go by, where that was asked already.
    pub footing: Option<Option<Footing>>,
    /// The first second that does not matter.
    pub until: u32,
}

/// How a candidate's eligibility and score change, in order of time: no more than so often.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prospects<const MOST: usize = 4> {
    events: [Event; MOST],
    count: usize,
}

/// An instant from which on a candidate is eligible for something else, or has another score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Event {
    pub at: u32,
    pub mask: u32,
    /// [`SAME`] where scores are not worked out.
    pub score: u16,
}

impl<const MOST: usize> Default for Prospects<MOST> {
    fn default() -> Self {
        Prospects {
            events: [Event::default(); MOST],
            count: 0,
        }
    }
}

impl<const MOST: usize> Prospects<MOST> {
    #[inline]
    pub fn events(&self) -> &[Event] {
        &self.events[..self.count]
    }

    pub fn note(&mut self, event: Event) {
        self.events[self.count] = event;
        self.count += 1;
    }

    /// Whether somebody of a class ever comes near a round: with this score or, where later ones are
    /// known, with one of these.
    #[inline]
    pub fn come_near(
        &self,
        class: u16,
        score: u16,
        classes: &mut Classes,
        floors: &mut Floors,
    ) -> bool {
        score >= floors.of(class, classes)
            || self.events().iter().any(|event| {
                let class = classes.of(event.mask);
                let score = if event.score == SAME {
                    score
                } else {
                    event.score
                };
                score >= floors.of(class, classes)
            })
    }

    /// What somebody of a class and a score is filed under whose later scores are known: where none
    /// of them comes near the rounds, the highest.
    pub fn filed(
        &self,
        class: u16,
        score: u16,
        classes: &mut Classes,
        floors: &mut Floors,
    ) -> (u16, Filed) {
        let (mut highest, mut floor) = (score, floors.of(class, classes));
        for event in self.events() {
            highest = highest.max(event.score);
            let class = classes.of(event.mask);
            floor = floor.min(floors.of(class, classes));
        }
        if highest >= floor {
            (score, Filed::Settled)
        } else {
            (highest, Filed::Bound)
        }
    }

    /// What has to be done about it in its time for somebody of a class and a worth, if it is listed:
    /// changes of class, and of scores that are exact.
    pub fn appointments(
        &self,
        slot: u32,
        class: u16,
        worth: Filed,
        classes: &mut Classes,
        mut note: impl FnMut(u32, Appointment),
    ) {
        let mut before = class;
        for event in self.events() {
            let class = classes.of(event.mask);
            let score = match worth {
                Filed::Settled => event.score,
                Filed::Bound | Filed::Exact | Filed::UntilOlder => SAME,
            };
            if (class, score) != (before, SAME) {
                note(event.at, Appointment { slot, class, score });
            }
            before = class;
        }
    }
}

/// How a candidate's eligibility changes, where that was worked out before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    /// What is ahead of it, in order of time.
    pub appointments: &'a [(u32, Appointment)],
    /// The eligibility of each class.
    pub masks: &'a [u32],
}

impl Judged<'_> {
    /// What it is eligible for after an instant, if that has changed by then.
    fn after(&self, at: u32) -> Option<u32> {
        let behind = self.appointments.partition_point(|&(time, _)| time <= at);
        let (_, last) = self.appointments[..behind].last()?;
        Some(self.masks[usize::from(last.class)])
    }
}

/// How the eligibility of a candidate will change by these rules, and its score if that is asked.
#[inline(always)]
pub(super) fn prospects(
    people: &People<'_>,
    rules: &Rules,
    meaning: &Meaning,
    row: u32,
    present: Present,
    before: Option<Judged<'_>>,
) -> Prospects {
    let mut prospects = Prospects::default();
    let Present {
        mut mask,
        happened,
        ahead,
        score,
        short,
        stays,
        footing,
        until,
    } = present;
    let ageing = meaning.ageing(short.age);
    let settled = score.is_some() && !ahead.is_empty();
    let stays = || stays.unwrap_or_else(|| meaning.stays(&short, mask, ahead));
    let judged = before.is_none() && !stays();
    if !settled && !judged && !ahead.has(Changes::NOMINATION) {
        return prospects;
    }
    // Birthdays count only where they may change what is asked.
    let mut known = if settled || judged {
        ahead
    } else {
        Changes::NOMINATION
    };
    let ageing_matters = settled && ageing.points_change || judged && ageing.programs_change();
    if ageing_matters || before.is_some() {
        known = known.and(Changes::BIRTHDAY);
    }
    let times = people.ahead(row, known.apart_from(happened)).in_order();
    let mut first: Option<Candidate> = None;
    // What increments go by, once that is asked.
    let mut footing = if happened.is_empty() {
        footing
    } else {
        Some(None)
    };
    let mut changes = happened;
    let mut score = score.unwrap_or(SAME);
    for (at, change) in times.changes() {
        if at >= until {
            break;
        }
        changes = changes.and(change);
        let present = (mask, score);
        let by_nomination = before.is_none() && change == Changes::NOMINATION && mask != 0;
        let by_birthday = change == Changes::BIRTHDAY;
        let mut scored = settled;
        if settled
            && by_birthday
            && score < Score::MAX.0
            && let spouse = Packed::has_spouse(short.traits)
            && let Some(points) = ageing.points[usize::from(spouse)]
        {
            // The same for everyone, whatever else has happened.
            score = score.wrapping_add_signed(points).min(Score::MAX.0);
            scored = false;
        }
        if scored
            && !by_birthday
            && let Some(footing) = footing.get_or_insert_with(|| meaning.footing(&short, ahead))
        {
            let increment = meaning.increment(footing, change);
            if score < Score::MAX.0 {
                score = score.wrapping_add_signed(increment).min(Score::MAX.0);
                scored = false;
            }
        }
        let mut rejudged = judged
            && if by_birthday {
                ageing.may_change(mask) && !meaning.lasting.keeps_fsw(&short)
            } else {
                let bettered = u8::from(changes.has(Changes::LANGUAGE));
                let years = Packed::canadian_work_years(short.traits)
                    + u8::from(changes.has(Changes::WORK));
                meaning.may_change(mask, change, || best_level(&short) + bettered)
                    && !(change == Changes::LANGUAGE
                        && (meaning.lasting).english_adds_nothing(&short, years, mask))
            };
        if rejudged && let Some(after) = meaning.judged(&short, mask, (change, changes)) {
            mask = after;
            rejudged = false;
        }
        if scored || rejudged {
            let first = first.get_or_insert_with(|| people.row(row).candidate());
            let candidate = changes.apply(*first);
            if scored {
                score = rules.points(&candidate).total().0.min(Score::MAX.0);
            }
            if rejudged {
                mask = rules.eligibility(&candidate).0;
            }
        }
        if by_nomination {
            // A program takes the nominee as it is: a nomination changes nothing else.
            mask |= Eligibility::PNP;
        }
        if let Some(after) = before.and_then(|judged| judged.after(at)) {
            mask = after;
        }
        if present != (mask, score) {
            let score = if settled { score } else { SAME };
            prospects.note(Event { at, mask, score });
        }
    }
    prospects
}

/// As [`prospects`] for somebody to whom `change` happens and a birthday that adds `aged` points, who may
/// come near a round and whose eligibility surely stays as it is, a nomination apart; `times` are those of
/// the change and of the birthday. Nothing where points do not simply add.
#[inline(always)]
pub(super) fn after_one_change(
    (mask, score): (u32, u16),
    (change, gain): (Changes, i16),
    aged: i16,
    [mut at, mut birthday]: [u32; 2],
    until: u32,
) -> Option<Prospects<2>> {
    let after = if change == Changes::NOMINATION && mask != 0 {
        // A program takes the nominee as it is: a nomination changes nothing else.
        mask | Eligibility::PNP
    } else {
        mask
    };
    // What changes nothing never comes, and the other comes first. Two that could come in either order
    // are put in order without a branch, which nobody could foresee.
    at |= u32::from(gain != 0 || after != mask).wrapping_sub(1);
    birthday |= u32::from(aged != 0).wrapping_sub(1);
    let older_first = birthday <= at;
    let [first, last] = [at.min(birthday), at.max(birthday)];
    let first_gain = if older_first { aged } else { gain };
    let scores = [first_gain, gain + aged].map(|gain| i32::from(score) + i32::from(gain));
    let simply = |&score: &i32| (0..i32::from(Score::MAX.0)).contains(&score);
    if score >= Score::MAX.0 || !scores.iter().all(simply) {
        return None;
    }
    let [score, later] = scores.map(|score| score as u16);
    let first = Event {
        at: first,
        mask: if older_first { mask } else { after },
        score,
    };
    let last = Event {
        at: last,
        mask: after,
        score: later,
    };
    Some(Prospects {
        events: [first, last],
        count: usize::from(first.at < until) + usize::from(last.at < until),
    })
}

/// As [`prospects`] for somebody on that footing to whom several changes happen, and maybe a birthday
/// that adds `aged` points, whose eligibility surely stays as it is, a nomination apart. Nothing where
/// points do not simply add.
#[inline(always)]
pub(super) fn after_changes(
    meaning: &Meaning,
    (mut mask, mut score): (u32, u16),
    mut footing: Footing,
    aged: i16,
    times: &Ahead,
    until: u32,
) -> Option<Prospects> {
    let mut prospects = Prospects::default();
    for (at, change) in times.changes() {
        if at >= until {
            break;
        }
        let before = (mask, score);
        let gain = if change == Changes::BIRTHDAY {
            aged
        } else {
            meaning.increment(&mut footing, change)
        };
        score = score.checked_add_signed(gain)?;
        if before.1.max(score) >= Score::MAX.0 {
            return None;
        }
        if change == Changes::NOMINATION && mask != 0 {
            // A program takes the nominee as it is: a nomination changes nothing else.
            mask |= Eligibility::PNP;
        }
        if before != (mask, score) {
            prospects.note(Event { at, mask, score });
        }
    }
    Some(prospects)
}

impl Engine<'_> {
    /// Notes how the eligibility of a listed candidate will change, and its score where that was
    /// worked out.
    #[inline]
    pub(super) fn await_changes(&mut self, slot: u32, prospects: &Prospects) {
        for &Event { at, mask, score } in prospects.events() {
            let class = self.classes.of(mask);
            self.await_change(at, Appointment { slot, class, score });
        }
    }

    #[inline]
    pub(super) fn await_change(&mut self, at: u32, appointment: Appointment) {
        self.await_in(self.steps.of(at), appointment);
    }

    /// As [`Engine::await_change`], by the step.
    #[inline]
    pub(super) fn await_in(&mut self, step: usize, appointment: Appointment) {
        if let Some(step) = self.appointments.get_mut(step.max(self.step)) {
            step.push(appointment);
        }
    }

    /// The score of a listed candidate at `now`.
    #[inline]
    pub(super) fn score_at(&self, slot: u32, now: u32) -> u16 {
        let &Place { row, submitted, .. } = self.roster.place(slot);
        let ahead = self.fates.ahead[row as usize];
        let ageing = self.meaning.ageing(self.people.pool.age[row as usize]);
        if ahead.is_empty() && !ageing.points_change {
            return self.scores[row as usize];
        }
        let known = if ageing.points_change {
            ahead.and(Changes::BIRTHDAY)
        } else {
            ahead
        };
        self.score_after(row, self.people.come_to((row, submitted), known, now))
    }

    /// The score of one of the people to whom that has happened.
    #[inline]
    pub(super) fn score_after(&self, row: u32, happened: Changes) -> u16 {
        let (pool, index) = (self.people.pool, row as usize);
        if happened.is_empty() {
            return self.scores[index];
        }
        if happened == Changes::BIRTHDAY {
            let ageing = self.meaning.ageing(pool.age[index]);
            let spouse = Packed::has_spouse(pool.traits[index]);
            if let Some(points) = ageing.points[usize::from(spouse)] {
                return self.scores[index].wrapping_add_signed(points);
            }
        }
        self.rules()
            .points(&self.people.with(row, happened))
            .total()
            .0
    }

    /// The score of a listed candidate at `now`, from which on what may raise it has an appointment.
    #[inline]
    pub(in crate::timeline) fn exactly(&mut self, slot: u32, now: u32) -> u16 {
        let place = *self.roster.place(slot);
        let row = place.row;
        match place.worth() {
            Filed::Settled => return place.filed(),
            Filed::UntilOlder => return self.until_older(slot, now),
            Filed::Exact => {}
            Filed::Bound => {
                self.roster.place_mut(slot).deem(Filed::Exact);
                let ahead = self.fates.ahead[row as usize];
                let ageing = self.meaning.ageing(self.people.pool.age[row as usize]);
                // A nomination has its appointment already: it changes the eligibility.
                let rises = ageing.rises().and(ahead.among(Changes::OF_SCORE));
                if !rises.is_empty() {
                    self.await_rises(slot, rises, now);
                }
            }
        }
        self.score_at(slot, now)
    }

    /// As [`Engine::exactly`] for somebody whom nothing but a birthday awaits: until then a look at
    /// its place is enough, and its score is settled from then on.
    #[inline]
    fn until_older(&mut self, slot: u32, now: u32) -> u16 {
        let place = self.roster.place(slot);
        let &Place { row, submitted, .. } = place;
        let happened = (self.people).come_to((row, submitted), Changes::BIRTHDAY, now);
        if happened.is_empty() {
            return place.filed();
        }
        let score = self.score_after(row, happened).min(Score::MAX.0);
        let place = self.roster.place_mut(slot);
        place.file(score);
        place.deem(Filed::Settled);
        score
    }

    fn await_rises(&mut self, slot: u32, rises: Changes, now: u32) {
        for (at, _) in self.people.ahead(self.roster.row(slot), rises).changes() {
            if at > now {
                let (class, score) = (SAME, SAME);
                self.await_change(at, Appointment { slot, class, score });
            }
        }
    }
}
