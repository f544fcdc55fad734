//! What will become of a candidate's eligibility and score while it waits, and what its score is.
//! When its attributes change is `fate`'s; what is done about it in its time is the engine's.

use super::Engine;
use crate::pool::{Eligibility, Packed};
use crate::rules::Candidate;
use crate::timeline::course::Filed;
use crate::timeline::people::Changes;
use crate::units::Score;

/// Something that happens to a candidate in a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Appointment {
    pub row: u32,
    /// The class from then on; [`SAME`] where only the score may change.
    pub class: u16,
    /// The score from then on; [`SAME`] where it was not worked out.
    pub score: u16,
}

/// No other class than before, or no score that is known.
pub(super) const SAME: u16 = u16::MAX;

impl Engine<'_> {
    /// Notes how the eligibility of a candidate will change, of which `mask` is the present one, and
    /// the score of one who is settled; `happened` is what has happened to it by now.
    pub(super) fn foresee(&mut self, row: u32, mask: u32, happened: Changes) {
        let place = self.places[row as usize];
        let ahead = place.ahead;
        let ageing = self.meaning.ageing(self.people.pool.age[row as usize]);
        let settled = place.worth == Filed::Settled && !ahead.is_empty();
        let judged = self.meaning.may_change(mask, ahead) || ageing.may_change(mask);
        if !settled && !judged && !ahead.has(Changes::NOMINATION) {
            return;
        }
        // Birthdays count where somebody is judged, and where they may change something themselves.
        let known = if settled || judged {
            ahead.and(Changes::BIRTHDAY)
        } else {
            Changes::NOMINATION
        };
        let until = place.leaves.min(self.steps.end().saturating_add(1));
        let times = self
            .people
            .ahead(row, known.apart_from(happened))
            .in_order();
        let mut first: Option<Candidate> = None;
        let (mut changes, mut mask) = (happened, mask);
        let mut score = place.filed;
        for &(at, change) in times.changes() {
            if at >= until {
                break;
            }
            changes = changes.and(change);
            let before = (mask, score);
            let by_nomination = change == Changes::NOMINATION && mask != 0;
            if settled || judged && !by_nomination {
                let first = first.get_or_insert_with(|| self.people.with(row, Changes::default()));
                let candidate = changes.apply(*first);
                if settled {
                    score = self.rules().points(&candidate).total().0.min(Score::MAX.0);
                }
                if judged && !by_nomination {
                    mask = self.rules().eligibility(&candidate).0;
                }
            }
            if by_nomination {
                // A program takes the nominee as it is: a nomination changes nothing else.
                mask |= Eligibility::PNP;
            }
            if before != (mask, score) {
                let class = self.classes.of(mask);
                let score = if settled { score } else { SAME };
                self.await_change(at, Appointment { row, class, score });
            }
        }
    }

    fn await_change(&mut self, at: u32, appointment: Appointment) {
        let step = self.steps.of(at).max(self.step);
        if let Some(step) = self.appointments.get_mut(step) {
            step.push(appointment);
        }
    }

    /// The candidate's score at `now`.
    #[inline]
    pub(super) fn score_at(&self, row: u32, now: u32) -> u16 {
        let pool = self.people.pool;
        let (index, ahead) = (row as usize, self.places[row as usize].ahead);
        let ageing = self.meaning.ageing(pool.age[index]);
        if ahead.is_empty() && !ageing.points_change {
            return self.scores[index];
        }
        let known = if ageing.points_change {
            ahead.and(Changes::BIRTHDAY)
        } else {
            ahead
        };
        let happened = self.people.ahead(row, known).happened(now);
        if happened.is_empty() {
            return self.scores[index];
        }
        if happened == Changes::BIRTHDAY {
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

    /// The candidate's score at `now`, from which on what may raise it has an appointment.
    #[inline]
    pub(in crate::timeline) fn exactly(&mut self, row: u32, now: u32) -> u16 {
        let place = &mut self.places[row as usize];
        if place.worth == Filed::Settled {
            return place.filed;
        }
        if place.worth == Filed::Bound {
            place.worth = Filed::Exact;
            let ageing = self.meaning.ageing(self.people.pool.age[row as usize]);
            // A nomination has its appointment already: it changes the eligibility.
            let rises = ageing.rises().and(place.ahead.among(Changes::OF_SCORE));
            if !rises.is_empty() {
                self.await_rises(row, rises, now);
            }
        }
        self.score_at(row, now)
    }

    fn await_rises(&mut self, row: u32, rises: Changes, now: u32) {
        for &(at, _) in self.people.ahead(row, rises).changes() {
            if at > now {
                let (class, score) = (SAME, SAME);
                self.await_change(at, Appointment { row, class, score });
            }
        }
    }
}
