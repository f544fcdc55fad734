//! One round along a stretch of time: buckets are emptied from the top until enough are ranked.
//! The order of a round is `draw`'s; what happens between rounds is `engine`'s.

use crate::draw::{Outcome, RankKey, Ranking, TieBreak};
use crate::pool::counts::Counts;
use crate::scenario::plan::RoundPlan;
use crate::timeline::buckets::Drained;
use crate::timeline::course::{Invitee, RoundCourse};
use crate::timeline::engine::{End, Engine};
use crate::timeline::life::Status;
use crate::timeline::people::Answer;
use crate::timeline::plan::INVITATION_DAYS;
use crate::units::{Instant, Score};

impl Engine<'_> {
    /// Holds a round at the present instant.
    pub(super) fn hold(
        &mut self,
        round: &RoundPlan,
        ranking: &Ranking,
        census: Option<[Counts; 2]>,
    ) -> RoundCourse {
        let now = round.instruction.at.seconds();
        let members = round.instruction.kind.members();
        let classes: Vec<u16> = (0u16..)
            .zip(self.classes.masks())
            .filter(|&(_, &mask)| members.have(mask))
            .map(|(class, _)| class)
            .collect();
        let eligible = classes
            .iter()
            .map(|&class| self.ledger.present(class))
            .sum();
        let pool_size = self.ledger.everybody();
        let wanted = usize::try_from(round.instruction.invitations).unwrap_or(usize::MAX);

        let mut ranked: Vec<RankKey> = Vec::new();
        let mut rows = Vec::new();
        let mut below = usize::from(Score::MAX.0) + 1;
        // Those of the lowest score, and where they begin.
        let mut cutoff = None;
        let mut lowest = 0;
        while ranked.len() < wanted {
            let Some(score) = self.buckets.highest_below(&classes, below) else {
                break;
            };
            below = usize::from(score);
            let first = ranked.len();
            self.buckets.drain(&classes, score, &mut rows);
            self.look_at(rows.iter().map(|one| one.row));
            for Drained { row, class } in rows.drain(..) {
                if let Some(score) = self.holds(row, class, score, now) {
                    let submitted = self.places[row as usize].submitted;
                    let submitted = Instant::from_seconds(submitted);
                    let candidate = || self.people.key(row);
                    ranked.push(ranking.key(Score(score), submitted, row, candidate));
                }
            }
            if ranked.len() > first {
                level_in_order(&mut ranked, first);
                (cutoff, lowest) = (Some(Score(score)), first);
            }
        }
        if below <= usize::from(Score::MAX.0) {
            for &class in &classes {
                self.reach(class, below as u16);
            }
        }
        let short = ranked.len() < wanted;
        let places = match ranking.rule() {
            TieBreak::None => ranked.len(),
            _ => wanted.min(ranked.len()),
        };
        for key in &ranked[places..] {
            let class = self.places[key.row() as usize].class;
            self.buckets.push(class, key.score().0, key.row());
        }
        let by_time = matches!(
            ranking.rule(),
            TieBreak::EarliestSubmission | TieBreak::LatestSubmission
        );
        let invited: Vec<Invitee> = ranked[..places]
            .iter()
            .map(|key| Invitee {
                row: key.row(),
                submitted: self.places[key.row() as usize].submitted,
                score: key.score().0,
                eligibility: self.mask(key.row()),
            })
            .collect();
        let outcome = Outcome {
            pool_size,
            eligible,
            tied_at_cutoff: (ranked.len() - lowest) as u64,
            tied_invited: (places - lowest) as u64,
            invited: invited.iter().map(|invitee| invitee.row).collect(),
            cutoff,
            tie_break: (by_time && !short)
                .then(|| invited.last())
                .flatten()
                .map(|last| Instant::from_seconds(last.submitted)),
        };
        let live_invitations = self.live;
        for invitee in &invited {
            self.invite(invitee.row, now);
        }
        self.flows.invited += invited.len() as u64;
        RoundCourse {
            outcome,
            invited,
            census,
            flows: self.turn_over(),
            live_invitations,
        }
    }

    /// The candidate's score, if an entry of a bucket still says the truth; who has another score
    /// by now is filed there.
    #[inline]
    fn holds(&mut self, row: u32, class: u16, score: u16, now: u32) -> Option<u16> {
        let place = &self.places[row as usize];
        if place.filed != score || place.class != class || !place.in_pool(now) {
            return None;
        }
        let exactly = self.exactly(row, now);
        if exactly >= score {
            return Some(exactly);
        }
        self.places[row as usize].filed = exactly;
        self.buckets.push(class, exactly, row);
        None
    }

    fn invite(&mut self, row: u32, now: u32) {
        let nth = self.count_invitation(row);
        self.places[row as usize].set(Status::Invited);
        match self.people.answer(row, nth) {
            Answer::Accept => {
                self.places[row as usize].set(Status::Accepted);
                self.flows.accepted += 1;
            }
            Answer::Decline(after) => {
                let back = now.saturating_add(after);
                self.declined.push(row);
                self.live += 1;
                self.await_end(row, back, End::Return(back));
            }
            Answer::Lapse => {
                let lapses = now.saturating_add(INVITATION_DAYS * Instant::DAY);
                self.live += 1;
                self.await_end(row, lapses, End::Lapse);
            }
        }
    }
}

/// Puts the ranked from `first` on in order. A row may stand twice in its bucket: it went and came
/// back.
fn level_in_order(ranked: &mut Vec<RankKey>, first: usize) {
    let level = &mut ranked[first..];
    level.sort_unstable();
    let mut kept = first + 1;
    for place in first + 1..ranked.len() {
        if ranked[place].row() != ranked[kept - 1].row() {
            ranked[kept] = ranked[place];
            kept += 1;
        }
    }
    ranked.truncate(kept);
}
