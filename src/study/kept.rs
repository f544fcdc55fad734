//! Parts of a study that are finished and kept, so that a study that was broken off goes on with
//! the others. What a part is in bytes; where parts are kept is `output`'s.

use std::error::Error;

use crate::draw::Outcome;
use crate::pool::Packed;
use crate::pool::columns::Ids;
use crate::pool::counts::Counts;
use crate::scenario::Plan;
use crate::study::replicate::{Held, Replicate, ScoreFigures};
use crate::study::run::RunError;
use crate::study::summary::{Figures, Metric};
use crate::timeline::Flows;
use crate::units::{Instant, Score};

/// Keeps parts of a study by their numbers. Every method may be called from several threads.
pub trait Keeper: Sync {
    /// What was kept of a part before this study began.
    fn find(&self, part: u32) -> Option<Vec<u8>>;
    /// Keeps a part; `bytes` makes it where it is kept at all.
    ///
    /// # Errors
    /// When it cannot be kept; the study stops.
    fn keep(
        &self,
        part: u32,
        bytes: &dyn Fn() -> Vec<u8>,
    ) -> Result<(), Box<dyn Error + Send + Sync>>;
}

/// A study whose parts can be made one by one and anywhere: as bytes that a keeper of the same study
/// is given. A keeper that has all of them need not make anything.
pub trait Parts: Sync {
    /// Makes a part.
    ///
    /// # Errors
    /// When the people cannot be made, or a check of the engine does not hold.
    fn part(&self, number: u32) -> Result<Vec<u8>, RunError>;
}

/// The keeper that keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Keeper for Nothing {
    fn find(&self, _: u32) -> Option<Vec<u8>> {
        None
    }

    fn keep(&self, _: u32, _: &dyn Fn() -> Vec<u8>) -> Result<(), Box<dyn Error + Send + Sync>> {
        Ok(())
    }
}

/// A part of a study: what was kept of it where that can be read, or made and kept now.
///
/// # Errors
/// When it cannot be made or kept.
pub(super) fn part<T, E: From<Box<dyn Error + Send + Sync>>>(
    keeper: &dyn Keeper,
    number: u32,
    read: impl FnOnce(&[u8]) -> Option<T>,
    make: impl FnOnce() -> Result<T, E>,
    write: impl Fn(&T) -> Vec<u8>,
) -> Result<T, E> {
    if let Some(kept) = keeper.find(number).and_then(|bytes| read(&bytes)) {
        return Ok(kept);
    }
    let made = make()?;
    keeper.keep(number, &|| write(&made))?;
    Ok(made)
}

/// Something that is written as bytes, little end first, and read back as it was.
pub(super) trait Stored: Sized {
    fn store(&self, to: &mut Vec<u8>);
    fn load(from: &mut &[u8]) -> Option<Self>;

    /// The bytes of a part.
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.store(&mut bytes);
        bytes
    }

    /// The part of those bytes, if they are one and nothing else.
    fn from_bytes(mut bytes: &[u8]) -> Option<Self> {
        Self::load(&mut bytes).filter(|_| bytes.is_empty())
    }
}

macro_rules! stored_numbers {
    ($($number:ty),*) => {$(
        impl Stored for $number {
            fn store(&self, to: &mut Vec<u8>) {
                to.extend(self.to_le_bytes());
            }

            fn load(from: &mut &[u8]) -> Option<Self> {
                let (first, rest) = from.split_first_chunk()?;
                *from = rest;
                Some(<$number>::from_le_bytes(*first))
            }
        }
    )*};
}

stored_numbers!(u8, u16, u32, u64, f64);

/// Stores something by its fields, all of them, in the order given.
macro_rules! stored_fields {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::study::kept::Stored for $name {
            fn store(&self, to: &mut Vec<u8>) {
                $($crate::study::kept::Stored::store(&self.$field, to);)+
            }

            fn load(from: &mut &[u8]) -> Option<Self> {
                Some($name { $($field: $crate::study::kept::Stored::load(from)?),+ })
            }
        }
    };
}

pub(super) use stored_fields;

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn store(&self, to: &mut Vec<u8>) {
        self.0.store(to);
        self.1.store(to);
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        Some((A::load(from)?, B::load(from)?))
    }
}

impl<T: Stored> Stored for Option<T> {
    fn store(&self, to: &mut Vec<u8>) {
        u8::from(self.is_some()).store(to);
        if let Some(value) = self {
            value.store(to);
        }
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        match u8::load(from)? {
            0 => Some(None),
            1 => Some(Some(T::load(from)?)),
            _ => None,
        }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn store(&self, to: &mut Vec<u8>) {
        (self.len() as u64).store(to);
        self.iter().for_each(|one| one.store(to));
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        let count = u64::load(from)?;
        // Each takes a byte at least, whatever the number says.
        if count > from.len() as u64 {
            return None;
        }
        (0..count).map(|_| T::load(from)).collect()
    }
}

impl<T: Stored, const N: usize> Stored for [T; N] {
    fn store(&self, to: &mut Vec<u8>) {
        self.iter().for_each(|one| one.store(to));
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        let all: Option<Vec<T>> = (0..N).map(|_| T::load(from)).collect();
        all?.try_into().ok()
    }
}

impl Stored for Box<str> {
    fn store(&self, to: &mut Vec<u8>) {
        (self.len() as u64).store(to);
        to.extend(self.as_bytes());
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::load(from)?).ok()?;
        let (text, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(str::from_utf8(text).ok()?.into())
    }
}

impl Stored for Packed {
    fn store(&self, to: &mut Vec<u8>) {
        let Packed {
            submitted,
            age,
            noc,
            english,
            french,
            spouse_language,
            ..
        } = *self;
        submitted.store(to);
        age.store(to);
        [noc, english, french, spouse_language, self.score].store(to);
        self.traits.store(to);
        [self.noc_months, self.citizenship].store(to);
        self.eligibility.store(to);
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        let (submitted, age) = (u32::load(from)?, u8::load(from)?);
        let [noc, english, french, spouse_language, score] = Stored::load(from)?;
        let traits = u32::load(from)?;
        let [noc_months, citizenship] = Stored::load(from)?;
        Some(Packed {
            submitted,
            age,
            noc,
            english,
            french,
            spouse_language,
            traits,
            noc_months,
            citizenship,
            score,
            eligibility: u32::load(from)?,
        })
    }
}

impl Stored for Counts {
    fn store(&self, to: &mut Vec<u8>) {
        // Most are small, many 0: a byte or two each.
        short(self.total(), to);
        self.cells().for_each(|count| short(count, to));
    }

    fn load(from: &mut &[u8]) -> Option<Self> {
        let total = long(from)?;
        Counts::of_cells(total, (0..Counts::cell_count()).map_while(|_| long(from)))
    }
}

/// Writes a number in as few bytes as it takes, seven bits in each, the lowest first.
fn short(mut number: u64, to: &mut Vec<u8>) {
    while number > 0x7F {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Reads what [`short`] wrote.
fn long(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for place in (0..u64::BITS).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 0x7F) << place;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

stored_fields!(Flows {
    arrived,
    expired,
    withdrawn,
    accepted,
    lapsed,
    returned,
    invited,
});

/// A round as it is kept: numbers of the outcome, names and attributes of the invited where they
/// are wanted, figures, counts and flows.
fn store_round(ids: &Ids, held: &Held, to: &mut Vec<u8>) {
    let outcome = &held.outcome;
    [
        outcome.pool_size,
        outcome.eligible,
        outcome.tied_at_cutoff,
        outcome.tied_invited,
        outcome.invited.len() as u64,
    ]
    .store(to);
    outcome.cutoff.map(|score| score.0).store(to);
    outcome.tie_break.map(Instant::seconds).store(to);
    held.scores
        .map(|scores| ([scores.mean, scores.median], scores.max.0))
        .store(to);
    held.flows.store(to);
    held.stages.store(to);
    // Who was invited is written where groups are counted, and nowhere else.
    if held.stages.is_some() {
        let named = outcome.invited.iter().zip(&held.invited);
        let named: Vec<(Box<str>, Packed)> = named
            .map(|(&row, packed)| (ids.name(row as usize).into(), *packed))
            .collect();
        named.store(to);
    }
}

/// Reads a round; `names` are those of the invited so far, and its rows are places among them.
fn load_round(names: &mut Vec<Box<str>>, from: &mut &[u8]) -> Option<Held> {
    let [pool_size, eligible, tied_at_cutoff, tied_invited, count] = Stored::load(from)?;
    let cutoff = Option::<u16>::load(from)?.map(Score);
    let tie_break = Option::load(from)?.map(Instant::from_seconds);
    let scores = Option::<([f64; 2], u16)>::load(from)?;
    let flows = Option::load(from)?;
    let stages = Option::load(from)?;
    let first = u32::try_from(names.len()).ok()?;
    let last = first.checked_add(u32::try_from(count).ok()?)?;
    let mut invited = Vec::new();
    if stages.is_some() {
        let named = Vec::<(Box<str>, Packed)>::load(from)?;
        if named.len() as u64 != count {
            return None;
        }
        for (name, packed) in named {
            names.push(name);
            invited.push(packed);
        }
    }
    Some(Held {
        outcome: Outcome {
            pool_size,
            eligible,
            invited: (first..last).collect(),
            cutoff,
            tie_break,
            tied_at_cutoff,
            tied_invited,
        },
        invited,
        scores: scores.map(|([mean, median], max)| ScoreFigures {
            mean,
            median,
            max: Score(max),
        }),
        stages,
        flows,
    })
}

/// The bytes of a replicate whose figures are worked out: all that a listener of a run is told,
/// but not who was invited where only rounds are wanted.
pub(super) fn of_replicate(replicate: &Replicate) -> Vec<u8> {
    let mut bytes = Vec::new();
    for held in &replicate.rounds {
        store_round(&replicate.ids, held, &mut bytes);
    }
    let figures = replicate.figures.iter().flatten();
    for (_, value) in figures.flatten() {
        value.store(&mut bytes);
    }
    replicate.expired_uninvited.store(&mut bytes);
    bytes
}

/// The replicate of a plan that those bytes are; none when they are not.
pub(super) fn replicate(number: u32, plan: &Plan, mut bytes: &[u8]) -> Option<Replicate> {
    let from = &mut bytes;
    let mut names = Vec::new();
    let rounds: Option<Vec<Held>> = plan
        .rounds
        .iter()
        .map(|_| load_round(&mut names, from))
        .collect();
    let figures: Option<Figures> = plan
        .rounds
        .iter()
        .map(|_| {
            let values: [f64; Metric::ALL.len()] = Stored::load(from)?;
            let mut values = values.into_iter();
            Some(Metric::ALL.map(|metric| (metric, values.next().unwrap_or(f64::NAN))))
        })
        .collect();
    let expired_uninvited = Option::load(from)?;
    from.is_empty().then_some(())?;
    Some(Replicate {
        number,
        started: names.len(),
        pool: None,
        people: names.len(),
        ids: Ids::Text(names.into()),
        rounds: rounds?,
        expired_uninvited,
        figures: Some(figures?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::Silent;
    use crate::scenario::Scenario;
    use crate::study::spot_checks::tests::YEAR;
    use crate::study::summary::figures_of;
    use crate::study::{Detail, population, replicate};

    /// The first replicate of a scenario as it is made and as it is read back, with rounds alone and with
    /// everything.
    fn made_and_read(text: &str) -> [(Detail, Plan, Replicate, Replicate); 2] {
        let scenario = Scenario::from_bytes(text.into(), "small.toml");
        let plan = scenario.and_then(|scenario| scenario.resolve()).unwrap();
        let people = population::population(&plan, None, 0, &Silent).unwrap();
        [Detail::Rounds, Detail::Everything].map(|detail| {
            let mut made = replicate::replicate(&plan, &people, 0, detail).unwrap();
            made.figures = Some(figures_of(&plan, &made));
            let read = super::replicate(0, &plan, &of_replicate(&made)).unwrap();
            (detail, plan.clone(), made, read)
        })
    }

    #[test]
    fn a_replicate_is_read_back_with_its_counts_and_invited() {
        let text = r#"
            name = "small"
            pool = { as_of = 2023-07-04, size = 500, bands = "none" }
            rounds = [{ at = 2023-07-05T13:00:00Z, type = "general", invitations = 10 }]
        "#;
        for (detail, _, made, read) in made_and_read(text) {
            let (read, made) = (&read.rounds[0], &made.rounds[0]);
            assert_eq!(read.stages, made.stages);
            let kept = detail == Detail::Everything;
            assert_eq!(read.invited.len(), if kept { 10 } else { 0 });
        }
    }

    #[test]
    fn a_replicate_that_was_kept_has_its_order_of_rank_already() {
        for (detail, plan, made, read) in made_and_read(&YEAR.replace("TIE", "random")) {
            let mut again = read.clone();
            again.put_in_order(&plan);
            for ((read, again), made) in read.rounds.iter().zip(&again.rounds).zip(&made.rounds) {
                assert_eq!(read.outcome, again.outcome);
                assert_eq!(read.invited, again.invited);
                assert_eq!(read.outcome.invited.len(), made.invited.len());
                if detail == Detail::Everything {
                    assert_eq!(read.invited, made.invited);
                }
            }
        }
    }

    #[test]
    fn numbers_of_any_length_are_read_back() {
        let mut bytes = Vec::new();
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::MAX];
        numbers.iter().for_each(|&number| short(number, &mut bytes));
        let mut from = bytes.as_slice();
        assert_eq!(numbers.map(|_| long(&mut from)), numbers.map(Some));
        assert_eq!(long(&mut from), None);
        assert_eq!(long(&mut [0xFF; 11].as_slice()), None);
    }

    #[test]
    fn what_is_stored_is_loaded_and_nothing_else_is() {
        let part: Vec<Vec<(f64, f64)>> = vec![vec![(1.5, f64::INFINITY)], vec![]];
        let bytes = part.bytes();
        assert_eq!(Vec::from_bytes(&bytes), Some(part));
        for cut in 0..bytes.len() {
            assert_eq!(Vec::<Vec<(f64, f64)>>::from_bytes(&bytes[..cut]), None);
        }
        assert_eq!(
            Vec::<Vec<(f64, f64)>>::from_bytes(&[&bytes[..], &[0]].concat()),
            None
        );
        let huge = u64::MAX.bytes();
        assert_eq!(Vec::<u8>::from_bytes(&huge), None);
        let name: Box<str> = "é".into();
        assert_eq!(
            Stored::from_bytes(&Some(name.clone()).bytes()),
            Some(Some(name))
        );
    }
}
