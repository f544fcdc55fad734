//! Published rounds held by the simulator itself: each on a pool made from a profile with the bands
//! published with it, past rounds' people gone.
//! Nothing is fitted here.

use std::collections::BTreeMap;

use super::history::{is_simulated, past_rounds};
use crate::draw::{Instruction, Ranking, RoundKind, Standing, TieBreak, draw};
use crate::history::{History, Round, Snapshot};
use crate::observe::{Observer, Silent};
use crate::pool::{Bands, Pool};
use crate::random::Purpose;
use crate::rules::{CategoryKey, Program, Rules, RulesPatch, categories};
use crate::synthesis::drained::{Absence, Drained};
use crate::synthesis::{PoolRequest, Profile, SynthesisError, generate};
use crate::units::{Date, Instant, Score};

/// Most people of a pool that is made: forty times the largest published one.
pub const MOST_PEOPLE: u64 = 10_000_000;

/// Who is gone from the pools.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Gone {
    /// Nobody: a profile as it comes, as if no round had been held before.
    Nobody,
    /// Those whom the rounds of the year before took, but for this share.
    Invited {
        /// Share (0 to 1) of them who are there all the same.
        missed: f64,
    },
}

/// What the simulator made of a round.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// The cut-off; none when nobody was eligible.
    pub cutoff: Option<Score>,
    /// Submission time of the last one invited.
    pub tie_break: Option<Instant>,
    /// Members of the group above the published cut-off, and at it up to the published tie-break.
    pub members: u64,
    /// Everybody in the pool with those scores, nominees left out.
    pub everybody: u64,
}

/// The rules of a day with every category in force on it and one version besides; `None` on days
/// that no table covers.
pub fn rules_of(date: Date, round: &Round) -> Option<Rules> {
    let mut keys: Vec<CategoryKey> = categories::all()
        .iter()
        .filter(|version| version.in_force(date))
        .map(|version| CategoryKey {
            name: version.name.clone(),
            version: version.version.clone(),
        })
        .collect();
    if let Some(version) = round.version.as_deref()
        && let Some(known) = categories::find(&round.type_name, version)
        && let Some(key) = keys.iter_mut().find(|key| key.name == round.type_name)
    {
        key.version.clone_from(&known.version);
    } else if let Some(version) = categories::versions(&round.type_name).last()
        && !keys.iter().any(|key| key.name == round.type_name)
    {
        // A round of a category that is not in force on its day is held by its latest version.
        keys.push(CategoryKey {
            name: version.name.clone(),
            version: round
                .version
                .clone()
                .unwrap_or_else(|| version.version.clone()),
        });
    }
    Rules::on(date, &keys, &RulesPatch::default()).ok()
}

/// Rounds with the pools published with them that can be held at all, in order of time.
pub fn rounds_with_pools(history: &History) -> Vec<(&Round, &Snapshot)> {
    let rounds = history.rounds.iter().filter(|round| is_simulated(round));
    rounds
        .filter_map(|round| Some((round, history.snapshot_of(round)?)))
        .filter(|(_, pool)| (1..=MOST_PEOPLE).contains(&pool.sum()))
        .collect()
}

/// Holds rounds on pools made from a profile; `None` for a round whose rules are not known or whose
/// pool the profile cannot give.
pub fn hold(
    profile: &Profile,
    gone: Gone,
    history: &History,
    rounds: &[(&Round, &Snapshot)],
    seed: u64,
    observer: &dyn Observer,
) -> Vec<Option<Held>> {
    observer.begin("pools", rounds.len() as u64);
    let mut made: BTreeMap<Date, (Rules, Result<Pool, SynthesisError>)> = BTreeMap::new();
    let mut held = Vec::new();
    for &(round, published) in rounds {
        observer.advance(1);
        let Some(rules) = rules_of(round.at.date(), round) else {
            held.push(None);
            continue;
        };
        let same_rules = |known: &Rules| {
            known.categories == rules.categories && known.versions() == rules.versions()
        };
        if !(made.get(&published.as_of)).is_some_and(|(known, _)| same_rules(known)) {
            let pool = make(profile, gone, history, published, &rules, seed);
            made.clear();
            made.insert(published.as_of, (rules, pool));
        }
        held.push(match &made[&published.as_of] {
            (rules, Ok(pool)) => hold_one(pool, gone, history, round, published, rules),
            (_, Err(_)) => None,
        });
    }
    observer.end();
    held
}

/// A pool with the published bands.
pub fn make(
    profile: &Profile,
    gone: Gone,
    history: &History,
    published: &Snapshot,
    rules: &Rules,
    seed: u64,
) -> Result<Pool, SynthesisError> {
    let at = Instant::start_of(published.as_of).unwrap_or(Instant::from_seconds(0));
    let mut profile = profile.clone();
    profile.drained = match gone {
        Gone::Nobody => Drained::default(),
        Gone::Invited { missed } => Drained {
            missed,
            rounds: past_rounds(history, at),
        },
    };
    make_bands(&profile, &published.bands(), (at, rules), seed)
}

/// A pool of some day with these bands, and whoever a profile says is gone gone.
pub fn make_bands(
    profile: &Profile,
    bands: &Bands,
    (at, rules): (Instant, &Rules),
    seed: u64,
) -> Result<Pool, SynthesisError> {
    let request = PoolRequest {
        seed,
        purpose: Purpose::Pool,
        replicate: 0,
        size: bands.total(),
        at,
        bands: Some(bands),
        profile,
    };
    generate(&request, rules, &Silent)
}

fn hold_one(
    pool: &Pool,
    gone: Gone,
    history: &History,
    round: &Round,
    published: &Snapshot,
    rules: &Rules,
) -> Option<Held> {
    let kind = kind_of(&round.type_name, rules)?;
    let counted = Instant::start_of(published.as_of)?;
    let since: Vec<_> = past_rounds(history, round.at)
        .into_iter()
        .filter(|past| past.at >= counted)
        .collect();
    let mut standing = Standing::everyone(pool);
    let drained = Drained {
        missed: 0.0,
        rounds: since,
    };
    if gone != Gone::Nobody
        && let Some(since) = Absence::new(&drained, rules, round.at)
    {
        let rows: Vec<u32> = (0..pool.len())
            .filter(|&row| {
                since
                    .invited_until(pool.score[row], pool.eligibility.get(row))
                    .is_some()
            })
            .filter_map(|row| u32::try_from(row).ok())
            .collect();
        standing.remove(&rows);
    }
    let instruction = Instruction {
        at: round.at,
        kind,
        invitations: round.invitations,
        tie_break: TieBreak::EarliestSubmission,
    };
    let ranking = Ranking::new(TieBreak::EarliestSubmission, 1, 0, 0);
    let outcome = draw(pool, &standing, &instruction, &ranking);
    let (_, none_of) = kind.filter();
    let (mut members, mut everybody) = (0, 0);
    for row in 0..pool.len() {
        let (score, eligibility) = (Score(pool.score[row]), pool.eligibility.get(row));
        let reached = score > round.cutoff
            || score == round.cutoff
                && (round.tie_break).is_none_or(|at| pool.submitted[row] <= at.seconds());
        let there = u32::try_from(row).is_ok_and(|row| standing.is_present(row));
        if reached && there {
            everybody += u64::from(eligibility & none_of == 0);
            members += u64::from(kind.members().have(eligibility));
        }
    }
    Some(Held {
        cutoff: outcome.cutoff,
        tie_break: outcome.tie_break,
        members,
        everybody,
    })
}

/// What a type of round ranks under some rules; `None` for a type that they do not know.
pub fn kind_of(type_name: &str, rules: &Rules) -> Option<RoundKind> {
    if type_name == "general" {
        return Some(RoundKind::General);
    }
    let program = Program::ALL.into_iter().find(|one| one.name() == type_name);
    program.map(RoundKind::Program).or_else(|| {
        let place = rules
            .categories
            .iter()
            .position(|key| key.name == type_name)?;
        Some(RoundKind::Category(place))
    })
}
