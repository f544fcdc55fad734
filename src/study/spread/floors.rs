//! A score for each round that whoever it invites reaches, from counts by score.
//! Who reaches it is looked for in `part`.
//!
//! The rounds before take candidates away, but no more than so many each: as many as are invited, or,
//! where all at the cut-off score are, as many as reach that round's own floor. A floor that the
//! invitations of a round and of all before it have places above leaves enough.

use crate::draw::TieBreak;
use crate::pool::counts::Counts;
use crate::pool::groups::ScoreGroup;
use crate::scenario::Plan;
use crate::units::Score;

use super::questions::Questions;

/// First score that nobody has.
const NOBODY: u16 = Score::MAX.0 + 1;

/// The lowest scores of the contenders, one for each question; scores above the highest count as
/// that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Floors(Vec<u16>);

impl Floors {
    /// Floors that came from elsewhere, if there is one for each of so many questions.
    pub(super) fn of(floors: &[u16], questions: &Questions) -> Option<Self> {
        (floors.len() == questions.len()).then(|| Floors(floors.to_vec()))
    }

    /// Floors that nobody reaches.
    pub(super) fn nobody(questions: &Questions) -> Self {
        Floors(vec![NOBODY; questions.len()])
    }

    /// The floors of the whole pool, from counts of all of it.
    pub(super) fn exact(plan: &Plan, questions: &Questions, counts: &[Counts]) -> Self {
        floors(plan, questions, counts, &|wanted| wanted, &|held| held)
    }

    /// What the floors of the whole pool seem to be from counts of a `share` of it: a little lower,
    /// since shares differ.
    pub(super) fn guessed(
        plan: &Plan,
        questions: &Questions,
        counts: &[Counts],
        share: f64,
    ) -> Self {
        let here = |wanted: u64| {
            let expected = wanted as f64 * share;
            (expected + 6.0 * expected.sqrt() + 16.0) as u64
        };
        let everywhere = |held: u64| (held as f64 / share) as u64;
        floors(plan, questions, counts, &here, &everywhere)
    }

    /// The floors, question by question.
    pub fn scores(&self) -> &[u16] {
        &self.0
    }

    /// Whether a candidate of that score reaches the floor of a question.
    pub(super) fn reached(&self, question: usize, score: u16) -> bool {
        score.min(Score::MAX.0) >= self.0[question]
    }

    /// Whether everybody who reaches others reaches these.
    pub(super) fn cover(&self, others: &Floors) -> bool {
        self.0
            .iter()
            .zip(&others.0)
            .all(|(own, other)| own <= other)
    }

    /// How many reach the floors, those of two counted twice.
    pub(super) fn reaching(&self, counts: &[Counts]) -> u64 {
        let of = |(counts, floor): (&Counts, &u16)| {
            let scores = counts.scores(ScoreGroup::Everybody);
            scores.iter().skip(usize::from(*floor)).sum::<u64>()
        };
        counts.iter().zip(&self.0).map(of).sum()
    }
}

/// `here` says how many of those counted stand for so many of the pool, `everywhere` the reverse.
fn floors(
    plan: &Plan,
    questions: &Questions,
    counts: &[Counts],
    here: &dyn Fn(u64) -> u64,
    everywhere: &dyn Fn(u64) -> u64,
) -> Floors {
    let mut floors = Floors::nobody(questions);
    let mut taken = 0u64;
    for (index, round) in plan.rounds.iter().enumerate() {
        let instruction = &round.instruction;
        if instruction.invitations == 0 {
            continue;
        }
        let [_, ranked] = questions.of_round(index);
        let scores = counts[ranked].scores(ScoreGroup::Everybody);
        let wanted = here(instruction.invitations.saturating_add(taken));
        let (mut floor, mut held) = (0, 0);
        for (score, count) in scores.iter().enumerate().rev() {
            held += count;
            if held >= wanted {
                floor = score as u16;
                break;
            }
        }
        taken = taken.saturating_add(match instruction.tie_break {
            TieBreak::None => everywhere(held),
            _ => instruction.invitations.min(everywhere(held)),
        });
        let known = &mut floors.0[ranked];
        *known = floor.min(*known);
    }
    floors
}
