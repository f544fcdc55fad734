//! One round along a stretch of time: buckets are emptied from the top until enough are ranked.
//! The order of a round is `draw`'s; what happens between rounds is `engine`'s.

use crate::draw::{Outcome, Ranked, Ranking, TieBreak};
use crate::pool::counts::Counts;
use crate::scenario::plan::RoundPlan;
use crate::timeline::buckets::Drained;
use crate::timeline::course::{Filed, Invitee, RoundCourse};
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

        let shelves = self.shelves_with(members);
        let mut ranked: Vec<Ranked> = Vec::new();
        let mut drained = Vec::new();
        let mut below = usize::from(Score::MAX.0) + 1;
        // Those of the lowest score, and where they begin.
        let mut cutoff = None;
        let mut listed_down_to = self.listed_down_to(&classes);
        let mut lowest = 0;
        while ranked.len() < wanted {
            let next = self.buckets.highest_below(&shelves, below);
            if next.unwrap_or(0) < listed_down_to {
                self.list_down_to(members, next.unwrap_or(0));
                listed_down_to = self.listed_down_to(&classes);
                continue;
            }
            let Some(score) = next else {
                break;
            };
            below = usize::from(score);
            let first = ranked.len();
            self.buckets.drain(&shelves, score, &mut drained);
            self.look_at(drained.iter().map(|one| one.slot));
            for Drained { slot, shelf } in drained.drain(..) {
                if let Some(score) = self.holds(slot, shelf, score, now) {
                    let submitted = self.roster.place(slot).submitted;
                    let submitted = Instant::from_seconds(submitted);
                    let row = self.roster.row(slot);
                    let candidate = || self.people.key(row);
                    let key = ranking.key(Score(score), submitted, row, candidate);
                    ranked.push(Ranked::new(key, slot));
                }
            }
            if ranked.len() > first {
                level_in_order(&mut ranked, first);
                (cutoff, lowest) = (Some(Score(score)), first);
            }
        }
        let short = ranked.len() < wanted;
        let places = match ranking.rule() {
            TieBreak::None => ranked.len(),
            _ => wanted.min(ranked.len()),
        };
        for ranked in &ranked[places..] {
            let slot = ranked.number();
            let class = self.roster.place(slot).class;
            self.file(slot, class, ranked.key().score().0);
        }
        let by_time = matches!(
            ranking.rule(),
            TieBreak::EarliestSubmission | TieBreak::LatestSubmission
        );
        let invited: Vec<Invitee> = ranked[..places]
            .iter()
            .map(|ranked| Invitee {
                row: ranked.key().row(),
                submitted: self.roster.place(ranked.number()).submitted,
                score: ranked.key().score().0,
                eligibility: self.mask(ranked.number()),
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
        for ranked in &ranked[..places] {
            self.invite(ranked.key().row(), ranked.number(), now);
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

    /// The score of a listed candidate, if an entry of a bucket still says the truth; who has another
    /// score by now is filed there.
    #[inline]
    fn holds(&mut self, slot: u32, shelf: u16, score: u16, now: u32) -> Option<u16> {
        let place = *self.roster.place(slot);
        let stands = (place.filed == score) & place.in_pool(now);
        if !stands || self.shelf(place.class) != shelf {
            return None;
        }
        if place.worth == Filed::Settled {
            return Some(score);
        }
        let exactly = self.exactly(slot, now);
        if exactly >= score {
            return Some(exactly);
        }
        self.roster.place_mut(slot).filed = exactly;
        self.buckets.push(shelf, exactly, slot);
        None
    }

    fn invite(&mut self, row: u32, slot: u32, now: u32) {
        let nth = self.count_invitation(slot);
        let place = self.roster.place_mut(slot);
        place.set(Status::Invited);
        match self.people.answer(row, nth) {
            Answer::Accept => {
                place.set(Status::Accepted);
                self.flows.accepted += 1;
            }
            Answer::Decline(after) => {
                let back = now.saturating_add(after);
                self.declined.push(slot);
                self.live += 1;
                self.await_end(slot, back, End::Return(back));
            }
            Answer::Lapse => {
                let lapses = now.saturating_add(INVITATION_DAYS * Instant::DAY);
                self.live += 1;
                self.await_end(slot, lapses, End::Lapse);
            }
        }
    }
}

/// Puts the ranked from `first` on in order. Somebody may stand twice in its bucket: it went and came
/// back.
fn level_in_order(ranked: &mut Vec<Ranked>, first: usize) {
    let level = &mut ranked[first..];
    level.sort_unstable();
    let mut kept = first + 1;
    for place in first + 1..ranked.len() {
        if ranked[place].number() != ranked[kept - 1].number() {
            ranked[kept] = ranked[place];
            kept += 1;
        }
    }
    ranked.truncate(kept);
}
