//! Where candidates stood in each round of a replicate, and why they were invited or not.
//! The rounds are held as in any run; how the answer reads is `output`'s.

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::draw::{Outcome, RankKey, Ranking, RoundKind, TieBreak};
use crate::pool::{Eligibility, Packed};
use crate::rules::{CategoryKey, Contribution, Points, Program, Rules, Unmet};
use crate::scenario::{Plan, RoundPlan};
use crate::study::population::Population;
use crate::study::replicate::{Detail, Replicate, replicate_watched};
use crate::study::run::RunError;
use crate::study::scene::Scene;
use crate::timeline::Status;
use crate::timeline::people::dice_key;
use crate::units::{Instant, Score};

/// A candidate through the rounds of a replicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What came of each round, in order.
    pub rounds: Vec<Seen>,
}

/// A candidate in one round.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// What came of it and why.
    pub fate: Fate,
    /// The candidate as it was; none before it came into view.
    pub profile: Option<Profile>,
    /// Its rank among those whom the round ranked, from 1.
    pub rank: Option<u64>,
}

/// A candidate at the time of a round, as the rules saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Attributes, score and eligibility.
    pub packed: Packed,
    /// Points by section.
    pub points: Points,
    /// Points by factor.
    pub factors: Vec<Contribution>,
    /// Programs that it is eligible for.
    pub programs: Vec<Program>,
    /// Categories that it belongs to.
    pub categories: Vec<CategoryKey>,
}

/// What came of a round for a candidate, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The profile was not submitted yet.
    NotSubmitted,
    /// The profile had expired.
    Expired(Instant),
    /// The profile had been withdrawn.
    Withdrawn(Instant),
    /// An earlier round had invited the candidate.
    InvitedBefore {
        /// Its place in the plan.
        round: usize,
        /// What had become of the invitation.
        status: Status,
    },
    /// In the pool, but not among those whom the round ranked.
    NotRanked(NotRanked),
    /// Ranked, with so many points less than the cut-off score.
    Below(u16),
    /// Ranked, with the cut-off score, and behind others by the tie-breaking rule.
    LostTie(Tie),
    /// Invited, with so many points more than the cut-off score.
    Invited(u16),
}

/// Why a round did not rank a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotRanked {
    /// It is eligible for no program.
    NoProgram,
    /// It is a nominee, whom only general and PNP rounds rank.
    Nominee,
    /// It is not eligible for the program.
    Program(Program),
    /// It does not belong to the category, for want of these.
    Category(Vec<Unmet>),
}

/// How a tie was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The profile was submitted so many seconds after the last one that was invited.
    Later(u32),
    /// The profile was submitted so many seconds before the last one that was invited, where the
    /// latest come first.
    Earlier(u32),
    /// The profile was submitted in the same second as the last one that was invited, whose id
    /// comes first.
    SameSecond,
    /// By lot.
    Lot,
}

/// What was seen before a round, before its outcome is known.
struct Sight {
    status: Status,
    leaves: Option<Instant>,
    profile: Option<Profile>,
    not_ranked: Option<NotRanked>,
    rank: Option<u64>,
}

/// Holds the rounds of a replicate and follows candidates, by row, through them.
///
/// # Errors
/// When a check of the engine does not hold.
pub fn explain(
    plan: &Plan,
    people: &Population,
    number: u32,
    rows: &[u32],
) -> Result<(Vec<Explanation>, Replicate), RunError> {
    let mut sights: Vec<Vec<Sight>> = Vec::with_capacity(plan.rounds.len());
    let mut watch = |index: usize, scene: &Scene<'_>| {
        let round = &plan.rounds[index];
        let ranking = RoundPlan::ranking(&plan.rounds, index, (plan.seed, number));
        let mut seen: Vec<Sight> = rows.iter().map(|&row| look(scene, round, row)).collect();
        rank(scene, round, &ranking, rows, people, &mut seen);
        sights.push(seen);
    };
    let replicate = replicate_watched(plan, people, number, Detail::Rounds, &mut watch)?;
    let mut explanations = vec![Explanation { rounds: Vec::new() }; rows.len()];
    let mut before = vec![None; rows.len()];
    for (index, (sights, held)) in sights.into_iter().zip(&replicate.rounds).enumerate() {
        let rule = plan.rounds[index].instruction.tie_break;
        let invited: BTreeSet<u32> = held.outcome.invited.iter().copied().collect();
        for (place, sight) in sights.into_iter().enumerate() {
            let submitted = people.pool.submitted[rows[place] as usize];
            let is_invited = invited.contains(&rows[place]);
            let fate = fate(
                &sight,
                &held.outcome,
                rule,
                is_invited,
                submitted,
                before[place],
            );
            if is_invited {
                before[place] = Some(index);
            }
            explanations[place].rounds.push(Seen {
                fate,
                profile: sight.profile,
                rank: sight.rank,
            });
        }
    }
    Ok((explanations, replicate))
}

fn look(scene: &Scene<'_>, round: &RoundPlan, row: u32) -> Sight {
    let status = scene.status(row);
    if status == Status::NotYet {
        return Sight {
            status,
            leaves: None,
            profile: None,
            not_ranked: None,
            rank: None,
        };
    }
    let packed = scene.candidate(row);
    Sight {
        status,
        leaves: scene.leaves(row),
        not_ranked: not_ranked(&packed, round.instruction.kind, scene.rules()),
        profile: Some(profile(packed, scene.rules())),
        rank: None,
    }
}

fn key(ranking: &Ranking, packed: &Packed, row: u32, people: &Population) -> RankKey {
    let submitted = Instant::from_seconds(packed.submitted);
    let candidate = || dice_key(&people.pool.ids, people.started, row);
    ranking.key(Score(packed.score), submitted, row, candidate)
}

/// Finds the ranks of those among `rows` whom the round ranks: how many of everybody come before
/// each.
fn rank(
    scene: &Scene<'_>,
    round: &RoundPlan,
    ranking: &Ranking,
    rows: &[u32],
    people: &Population,
    seen: &mut [Sight],
) {
    let key_of = |row: u32, sight: &Sight| {
        let is_ranked = sight.status == Status::InPool && sight.not_ranked.is_none();
        let profile = sight.profile.as_ref().filter(|_| is_ranked)?;
        Some(key(ranking, &profile.packed, row, people))
    };
    let keys: Vec<Option<RankKey>> = rows
        .iter()
        .zip(&*seen)
        .map(|(&row, sight)| key_of(row, sight))
        .collect();
    let Some(&last) = keys.iter().flatten().max() else {
        return;
    };
    let members = round.instruction.kind.members();
    let at_or_before = |row: u32| {
        if scene.status(row) != Status::InPool || scene.at_most(row) < last.score() {
            return None;
        }
        let packed = scene.candidate(row);
        let key = key(ranking, &packed, row, people);
        (members.have(packed.eligibility) && key <= last).then_some(key)
    };
    let everyone = u32::try_from(people.pool.len()).unwrap_or(u32::MAX);
    let mut before: Vec<RankKey> = (0..everyone)
        .into_par_iter()
        .filter_map(at_or_before)
        .collect();
    before.par_sort_unstable();
    for (sight, key) in seen.iter_mut().zip(keys) {
        sight.rank = key.map(|key| 1 + before.partition_point(|other| *other < key) as u64);
    }
}

/// The profile with its points of now: of somebody who is not in the pool the course keeps no
/// score up to date.
fn profile(mut packed: Packed, rules: &Rules) -> Profile {
    let candidate = packed.candidate();
    let points = rules.points(&candidate);
    packed.score = points.total().0;
    let categories = rules.categories.iter().enumerate();
    let belongs = |place: usize| packed.eligibility & Eligibility::category_bit(place) != 0;
    Profile {
        packed,
        points,
        factors: rules.breakdown(&candidate),
        programs: Program::ALL
            .into_iter()
            .filter(|program| packed.eligibility & program.bit() != 0)
            .collect(),
        categories: categories
            .filter(|(place, _)| belongs(*place))
            .map(|(_, key)| key.clone())
            .collect(),
    }
}

fn not_ranked(packed: &Packed, kind: RoundKind, rules: &Rules) -> Option<NotRanked> {
    let (any_of, none_of) = kind.filter();
    let bits = packed.eligibility;
    if bits == 0 {
        Some(NotRanked::NoProgram)
    } else if bits & none_of != 0 {
        Some(NotRanked::Nominee)
    } else if bits & any_of != 0 {
        None
    } else {
        Some(match kind {
            RoundKind::General => NotRanked::NoProgram,
            RoundKind::Program(program) => NotRanked::Program(program),
            RoundKind::Category(place) => {
                NotRanked::Category(rules.unmet(&packed.candidate(), place))
            }
        })
    }
}

fn fate(
    sight: &Sight,
    outcome: &Outcome,
    rule: TieBreak,
    is_invited: bool,
    submitted: u32,
    before: Option<usize>,
) -> Fate {
    let left = sight.leaves.unwrap_or(Instant::from_seconds(submitted));
    match (sight.status, before) {
        (Status::NotYet, _) => return Fate::NotSubmitted,
        (Status::Expired, _) => return Fate::Expired(left),
        (Status::Withdrawn, _) => return Fate::Withdrawn(left),
        (Status::InPool, _) => {}
        (status, round) => {
            let round = round.unwrap_or_default();
            return Fate::InvitedBefore { round, status };
        }
    }
    if let Some(why) = &sight.not_ranked {
        return Fate::NotRanked(why.clone());
    }
    let score = sight
        .profile
        .as_ref()
        .map_or(0, |profile| profile.packed.score);
    let cutoff = outcome.cutoff.map_or(0, |cutoff| cutoff.0);
    if is_invited {
        return Fate::Invited(score.saturating_sub(cutoff));
    }
    if score < cutoff {
        return Fate::Below(cutoff - score);
    }
    let last = outcome.tie_break.map_or(submitted, Instant::seconds);
    Fate::LostTie(match rule {
        TieBreak::Random => Tie::Lot,
        _ if last == submitted => Tie::SameSecond,
        TieBreak::LatestSubmission => Tie::Earlier(last.saturating_sub(submitted)),
        _ => Tie::Later(submitted.saturating_sub(last)),
    })
}
