//! One round along a stretch of time: buckets are emptied from the top until enough are ranked.
//! The order of a round is `draw`'s; what happens between rounds is `engine`'s.

use crate::draw::{Lowest, Outcome, RankKey, Ranked, Ranking, TieBreak};
use crate::pool::counts::Counts;
use crate::timeline::buckets::Drained;
use crate::timeline::course::{Filed, Invitee, Place, RoundCourse};
use crate::timeline::engine::{End, Engine};
use crate::timeline::life::Status;
use crate::timeline::people::{Answer, People};
use crate::timeline::plan::RoundPlan;
use crate::units::{Instant, Score};

/// When a round is held, and in how many days its invitations are to be answered.
#[derive(Debug, Clone, Copy)]
struct Call {
    now: u32,
    days: u32,
}

impl Engine<'_> {
    /// Holds a round at the present instant. The invited stand as [`RoundCourse::invited`] says.
    pub(super) fn hold(
        &mut self,
        round: &RoundPlan,
        ranking: &Ranking,
        census: Option<[Counts; 2]>,
    ) -> RoundCourse {
        let call = Call {
            now: round.instruction.at.seconds(),
            days: round.answer_days,
        };
        let members = round.instruction.kind.members();
        let classes: Vec<u16> = (0u16..)
            .zip(self.classes.masks())
            .filter(|&(_, &mask)| members.have(mask))
            .map(|(class, _)| class)
            .collect();
        let eligible: u64 = classes
            .iter()
            .map(|&class| self.ledger.present(class))
            .sum();
        let pool_size = self.ledger.everybody();
        let wanted = usize::try_from(round.instruction.invitations).unwrap_or(usize::MAX);

        let live_invitations = self.live;
        let shelves = self.shelves_with(members);
        let most = usize::try_from(eligible).unwrap_or(usize::MAX).min(wanted);
        let mut invited: Vec<Invitee> = Vec::with_capacity(most);
        let mut drained = Vec::new();
        let mut below = usize::from(Score::MAX.0) + 1;
        // Those of the lowest score: how many, and where those begin who are invited.
        let (mut tied, mut lowest) = (0, 0);
        let mut listed_down_to = self.listed_down_to(&classes);
        while invited.len() < wanted {
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
            let first = invited.len();
            self.buckets.drain(&shelves, score, &mut drained);
            self.look_at(drained.iter().map(|one| one.slot));
            let ranked = if drained.len() <= wanted - first {
                self.invite_all(&drained, score, call, &mut invited);
                invited.len() - first
            } else {
                let places = wanted - first;
                self.invite_some(&drained, (score, call), (ranking, places), &mut invited)
            };
            drained.clear();
            if ranked > 0 {
                (tied, lowest) = (ranked, first);
            }
        }
        let lowest_ranked = (lowest..invited.len()).max_by_key(|&place| {
            let one = &invited[place];
            key(self.people, ranking, one.score, (one.submitted, one.row))
        });
        if let Some(place) = lowest_ranked {
            let last = invited.len() - 1;
            invited.swap(place, last);
        }
        let lowest = invited.last().map(|last| Lowest {
            score: Score(last.score),
            submitted: Instant::from_seconds(last.submitted),
            tied: tied as u64,
            invited: (invited.len() - lowest) as u64,
        });
        let filled = invited.len() >= wanted;
        let outcome = Outcome {
            invited: invited.iter().map(|one| one.row).collect(),
            ..Outcome::of((pool_size, eligible), lowest, ranking.rule(), filled)
        };
        self.flows.invited += invited.len() as u64;
        RoundCourse {
            outcome,
            invited,
            census,
            flows: self.turn_over(),
            live_invitations,
        }
    }

    /// Invites all of a score, of whom there are no more than places. Somebody may stand twice in its
    /// bucket, as it went and came back: once it is invited it does not hold its score any more.
    fn invite_all(
        &mut self,
        drained: &[Drained],
        score: u16,
        call: Call,
        invited: &mut Vec<Invitee>,
    ) {
        for &Drained { slot, shelf } in drained {
            if self.holds(slot, shelf, score, call.now) {
                invited.push(self.invite(slot, score, call));
            }
        }
    }

    /// Ranks those of a score, invites as many as there are places, or everybody where no rule says who
    /// comes first, and files the others again: how many there were.
    fn invite_some(
        &mut self,
        drained: &[Drained],
        (score, call): (u16, Call),
        (ranking, places): (&Ranking, usize),
        invited: &mut Vec<Invitee>,
    ) -> usize {
        let mut ranked: Vec<Ranked> = Vec::with_capacity(drained.len());
        for &Drained { slot, shelf } in drained {
            if self.holds(slot, shelf, score, call.now) {
                let &Place { row, submitted, .. } = self.roster.place(slot);
                let key = key(self.people, ranking, score, (submitted, row));
                ranked.push(Ranked::new(key, slot));
            }
        }
        ranked.sort_unstable();
        ranked.dedup();
        let places = match ranking.rule() {
            TieBreak::None => ranked.len(),
            _ => places.min(ranked.len()),
        };
        for ranked in &ranked[..places] {
            invited.push(self.invite(ranked.number(), score, call));
        }
        for ranked in &ranked[places..] {
            let slot = ranked.number();
            let class = self.roster.place(slot).class;
            self.file(slot, class, score);
        }
        ranked.len()
    }

    /// Whether an entry of a bucket still says the score of a listed candidate; who has another score
    /// by now is filed there.
    #[inline(always)]
    fn holds(&mut self, slot: u32, shelf: u16, score: u16, now: u32) -> bool {
        let place = *self.roster.place(slot);
        let stands = (place.filed() == score) & place.in_pool(now);
        stands
            && self.shelf(place.class) == shelf
            && (place.worth() == Filed::Settled || self.holds_still(slot, shelf, score, now))
    }

    /// As [`Engine::holds`] for somebody who is filed there, and whose score may be another by now.
    #[inline(never)]
    fn holds_still(&mut self, slot: u32, shelf: u16, score: u16, now: u32) -> bool {
        let exactly = self.exactly(slot, now);
        debug_assert!(exactly <= score, "nobody passes what it is filed under");
        if exactly >= score {
            return true;
        }
        self.roster.place_mut(slot).file(exactly);
        self.buckets.push(shelf, exactly, slot);
        false
    }

    /// Invites a listed candidate, who is in the pool with a score.
    #[inline(always)]
    fn invite(&mut self, slot: u32, score: u16, Call { now, days }: Call) -> Invitee {
        let place = self.roster.place_mut(slot);
        self.ledger.take(place.class, place.exit(self.steps));
        let nth = place.count_invitation();
        let answer = self.people.answer(place.row, nth, days);
        place.set(Status::Invited);
        if answer == Answer::Accept {
            place.set(Status::Accepted);
        }
        let invitee = Invitee {
            row: place.row,
            submitted: place.submitted,
            score,
            eligibility: self.classes.masks()[usize::from(place.class)],
        };
        match answer {
            Answer::Accept => self.flows.accepted += 1,
            Answer::Decline(after) => {
                let back = now.saturating_add(after);
                // Whoever is invited again has declined before.
                if nth == 0 {
                    self.declined.push(slot);
                }
                self.live += 1;
                self.await_end(slot, back, End::Return(back));
            }
            Answer::Lapse => {
                let lapses = now.saturating_add(days * Instant::DAY);
                self.live += 1;
                self.await_end(slot, lapses, End::Lapse);
            }
        }
        invitee
    }
}

impl RoundCourse {
    /// Puts the invited in order of rank, as the round's ranking has it.
    pub fn put_in_order(&mut self, people: &People<'_>, ranking: &Ranking) {
        let place = |one: &Invitee| (one.score, one.submitted, one.row);
        ranking.sort_levels(&mut self.invited, place, |row| people.key(row));
        self.outcome.invited = self.invited.iter().map(|one| one.row).collect();
    }
}

/// What decides a candidate's place in a round, by its score, its submission and its row.
#[inline]
fn key(
    people: &People<'_>,
    ranking: &Ranking,
    score: u16,
    (submitted, row): (u32, u32),
) -> RankKey {
    let submitted = Instant::from_seconds(submitted);
    ranking.key(Score(score), submitted, row, || people.key(row))
}
