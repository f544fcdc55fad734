//! The rules of one date with a scenario's patches, compiled into plain arrays.
//! The tables they are compiled from live in `grid`, `programs` and `categories`.

use std::sync::Arc;

use super::candidate::{Candidate, JobOffer};
use super::categories::{self, Conditions, Place};
use super::errors::{RulesError, RulesErrors};
use super::factors::{Factors, occupation};
use super::grid::{self, Values};
use super::noc;
use super::packed::Eligibility;
use super::patch::{CategoryKey, CustomCategory, RulesPatch};
use super::points::{Contribution, Gains, Grid, Increments, Points};
use super::programs::{Programs, trade_origins};
use super::unmet::Unmet;
use crate::nearest::nearest;
use crate::units::{Date, Score};

/// A table in use, since when it holds, and where it is written down.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RuleVersion {
    /// Table and part, e.g. `CRS section D: sibling`.
    pub table: String,
    /// First day on which it holds, within the time that the tables cover; none for patches.
    pub effective: Option<String>,
    /// Published source.
    pub source: String,
}

/// The rules in force on one date, with a scenario's patches, ready for hot loops. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The date.
    pub date: Date,
    /// Categories, in the order of their eligibility bits.
    pub categories: Vec<CategoryKey>,
    pub(super) tables: Arc<Tables>,
}

#[derive(Debug)]
pub(super) struct Tables {
    pub(super) grid: Grid,
    pub(super) programs: Programs,
    pub(super) members: Members,
    versions: Vec<RuleVersion>,
}

impl Rules {
    /// Compiles the rules of `date` for the wanted categories (at most 28, in bit order). Whether
    /// their versions are in force on the date of a round is not asked here: see
    /// [`categories::in_force`].
    ///
    /// # Errors
    /// Every problem at once: a date that no table covers, unknown points, categories, versions
    /// and occupations, values that no grid can hold.
    pub fn on(
        date: Date,
        wanted: &[CategoryKey],
        patch: &RulesPatch,
    ) -> Result<Rules, RulesErrors> {
        let mut problems = Vec::new();
        let base = Values::on(date);
        // Names are checked even when the date is not covered: against the first grid there is.
        let mut values = match base.or_else(|problem| {
            problems.push(problem);
            Values::on(grid::FROM)
        }) {
            Ok(values) => values,
            Err(problem) => return Err(vec![problem].into()),
        };
        problems.extend(values.patch(&patch.points));
        let factors = Factors::new(&patch.factors, &mut problems);
        let members = Members::new(wanted, &patch.categories, &mut problems);
        let grid = Grid::new(&values, factors);
        for (total, column) in grid.maxima().into_iter().zip(["without", "with"]) {
            if total > u32::from(Score::MAX.0) {
                problems.push(RulesError::MaximaTooHigh {
                    column,
                    total,
                    most: Score::MAX.0,
                });
            }
        }
        if !problems.is_empty() {
            return Err(problems.into());
        }
        Ok(Rules {
            date,
            categories: wanted.to_vec(),
            tables: Arc::new(Tables {
                grid,
                programs: Programs::new(&values),
                members,
                versions: versions(date, wanted, patch),
            }),
        })
    }

    /// CRS points of a candidate.
    #[inline]
    pub fn points(&self, candidate: &Candidate) -> Points {
        self.tables.grid.points(candidate)
    }

    /// Points that turning from `age` to the next brings a candidate without or with a spouse, when
    /// they are the same whatever else the candidate has: when no maximum can stand in the way.
    pub fn age_step(&self, age: u8, spouse: bool) -> Option<i16> {
        self.tables.grid.age_step(age, spouse)
    }

    /// The most that one change in a candidate's life can add to its score, whatever else it has.
    pub fn gains(&self) -> Gains {
        self.tables.grid.gains()
    }

    /// What single changes in a candidate's life add to its score, where few tables tell it.
    pub fn increments(&self) -> Increments {
        self.tables.grid.increments()
    }

    /// Programs and categories that a candidate is eligible for; no bit at all when for no program.
    #[inline]
    pub fn eligibility(&self, candidate: &Candidate) -> Eligibility {
        let (english, french) = (candidate.english.lowest(), candidate.french.lowest());
        let programs = self.tables.programs.eligibility(candidate, english, french);
        if programs == 0 {
            return Eligibility(0);
        }
        let nominated = u32::from(candidate.provincial_nomination) * Eligibility::PNP;
        let members = self.tables.members.of(candidate, english, french);
        Eligibility(programs | nominated | members)
    }

    /// Bits of the programs, and of the categories that there are on a day: the published ones in the
    /// version in force, and all of one's own. Rules that serve several days know other versions
    /// besides, and categories that are still to come.
    pub fn standing_on(&self, date: Date) -> u32 {
        let stands = |key: &CategoryKey| {
            let published = categories::find(&key.name, &key.version);
            published.is_none_or(|version| version.in_force(date))
        };
        let categories = self.categories.iter().enumerate();
        (categories.filter(|(_, key)| stands(key)))
            .map(|(place, _)| Eligibility::category_bit(place))
            .fold(Eligibility::ANY_PROGRAM | Eligibility::PNP, |all, bit| {
                all | bit
            })
    }

    /// Whether everybody is eligible for the same by other rules, whatever their points are.
    pub fn judge_like(&self, other: &Rules) -> bool {
        let (own, others) = (&*self.tables, &*other.tables);
        self.categories == other.categories
            && own.programs == others.programs
            && own.members == others.members
    }

    /// Points by factor, for explanation; they add up to [`Rules::points`]. Factors that pay
    /// nothing are left out.
    pub fn breakdown(&self, candidate: &Candidate) -> Vec<Contribution> {
        self.tables.grid.breakdown(candidate)
    }

    /// What a candidate lacks for the category of that place; nothing for a member, and for whoever
    /// is eligible for no program what the category asks besides.
    pub fn unmet(&self, candidate: &Candidate, place: usize) -> Vec<Unmet> {
        if place >= self.categories.len() {
            return Vec::new();
        }
        let bit = Eligibility::category_bit(place);
        self.tables.members.unmet(candidate, bit)
    }

    /// Points of the FSW selection grid, 0 to 100, of which 67 pass. A first language below the
    /// minimum earns nothing for itself.
    pub fn fsw_points(&self, candidate: &Candidate) -> u16 {
        self.tables.programs.selection_points(
            candidate,
            candidate.english.lowest(),
            candidate.french.lowest(),
        )
    }

    /// The tables in use with their dates and sources, in a fixed order.
    pub fn versions(&self) -> &[RuleVersion] {
        &self.tables.versions
    }

    /// Dates within the covered time on which points change, in order.
    pub fn change_dates() -> Vec<Date> {
        grid::change_dates()
    }
}

fn versions(date: Date, wanted: &[CategoryKey], patch: &RulesPatch) -> Vec<RuleVersion> {
    let mut versions: Vec<RuleVersion> = grid::origins(date)
        .into_iter()
        .map(|origin| RuleVersion {
            table: format!("{}: {}", origin.table, origin.factors.join(", ")),
            effective: Some(origin.from.to_string()),
            source: origin.source,
        })
        .collect();
    versions.push(RuleVersion {
        table: "occupations".to_owned(),
        effective: Some("2022-11-16".to_owned()),
        source: noc::SOURCE.to_owned(),
    });
    let trades = trade_origins().into_iter();
    versions.extend(trades.map(|(from, source)| RuleVersion {
        table: "skilled trades".to_owned(),
        effective: Some(from.to_owned()),
        source: source.to_owned(),
    }));
    let own = |table: String| RuleVersion {
        table,
        effective: None,
        source: "the scenario".to_owned(),
    };
    for key in wanted {
        let table = format!("category {} {}", key.name, key.version);
        versions.push(match categories::find(&key.name, &key.version) {
            Some(known) => RuleVersion {
                table,
                effective: Some(known.from.to_string()),
                source: known.source.clone(),
            },
            None => own(table),
        });
    }
    let points = patch.points.iter();
    versions.extend(points.map(|(name, value)| own(format!("patch: {name} = {value}"))));
    let factors = patch.factors.iter();
    versions.extend(factors.map(|factor| own(format!("factor: {}", factor.name))));
    versions
}

/// Membership of categories as masks of eligibility bits: a candidate is in those categories whose
/// bit stands in the mask of every attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Members {
    pub(super) occupation: Vec<u32>,
    months: [u32; 256],
    in_canada: [u32; 2],
    pub(super) english: [u32; 16],
    pub(super) french: [u32; 16],
    education: [u32; 8],
    foreign_work: [u32; 16],
    job_offer: [u32; 4],
}

impl Members {
    fn new(
        wanted: &[CategoryKey],
        custom: &[CustomCategory],
        problems: &mut Vec<RulesError>,
    ) -> Members {
        if wanted.len() > Eligibility::MAX_CATEGORIES {
            problems.push(RulesError::TooManyCategories {
                count: wanted.len(),
                most: Eligibility::MAX_CATEGORIES,
            });
        }
        let custom = own_categories(custom, problems);
        let mut members = Members {
            occupation: vec![0; noc::COUNT + 1],
            months: [0; 256],
            in_canada: [0; 2],
            english: [0; 16],
            french: [0; 16],
            education: [0; 8],
            foreign_work: [0; 16],
            job_offer: [0; 4],
        };
        for (index, key) in wanted.iter().enumerate() {
            if wanted[..index].contains(key) {
                problems.push(RulesError::RepeatedCategory(key.clone()));
            }
            match conditions(key, &custom) {
                Ok(conditions) if index < Eligibility::MAX_CATEGORIES => {
                    members.add(Eligibility::category_bit(index), conditions);
                }
                Ok(_) => {}
                Err(problem) => problems.push(problem),
            }
        }
        members
    }

    fn add(&mut self, bit: u32, asked: &Conditions) {
        fn set(masks: &mut [u32], bit: u32, holds: impl Fn(usize) -> bool) {
            for (place, mask) in masks.iter_mut().enumerate() {
                if holds(place) {
                    *mask |= bit;
                }
            }
        }
        let slots: Vec<usize> = asked.occupations.iter().map(|&at| noc::slot(at)).collect();
        set(&mut self.occupation, bit, |slot| {
            slots.is_empty() || slots.contains(&slot)
        });
        let at_least = |least: u8| move |place: usize| place >= usize::from(least);
        set(&mut self.months, bit, at_least(asked.months));
        set(&mut self.english, bit, at_least(asked.english));
        set(&mut self.french, bit, at_least(asked.french));
        set(&mut self.education, bit, at_least(asked.education as u8));
        set(
            &mut self.foreign_work,
            bit,
            at_least(asked.foreign_work_years),
        );
        set(&mut self.in_canada, bit, |place| match asked.place {
            Place::Anywhere => true,
            Place::Canada => place == 1,
            Place::Abroad => place == 0,
        });
        set(&mut self.job_offer, bit, |offer| {
            !asked.job_offer || offer != JobOffer::None as usize
        });
    }

    /// The attributes in whose masks the bit does not stand.
    fn unmet(&self, c: &Candidate, bit: u32) -> Vec<Unmet> {
        /// The lowest place that has the bit, where `has` does not.
        fn asked(masks: &[u32], has: u8, bit: u32) -> Option<u8> {
            let lacks = masks
                .get(usize::from(has))
                .is_none_or(|mask| mask & bit == 0);
            let first = masks.iter().position(|mask| mask & bit != 0);
            lacks.then(|| first.and_then(|first| u8::try_from(first).ok()))?
        }
        let lacks = |mask: u32| mask & bit == 0;
        let foreign = c.foreign_work_years.min(15);
        let found = [
            lacks(self.occupation[noc::slot(c.noc)]).then_some(Unmet::Occupation),
            asked(&self.months, c.noc_months, bit).map(Unmet::Months),
            lacks(self.in_canada[usize::from(c.noc_in_canada)]).then_some(Unmet::Place),
            asked(&self.english, c.english.lowest(), bit).map(Unmet::English),
            asked(&self.french, c.french.lowest(), bit).map(Unmet::French),
            lacks(self.education[c.education as usize]).then_some(Unmet::Education),
            asked(&self.foreign_work, foreign, bit).map(Unmet::ForeignWork),
            lacks(self.job_offer[c.job_offer as usize]).then_some(Unmet::JobOffer),
        ];
        found.into_iter().flatten().collect()
    }

    #[inline]
    fn of(&self, c: &Candidate, english: u8, french: u8) -> u32 {
        self.occupation[noc::slot(c.noc)]
            & self.english[usize::from(english & 15)]
            & self.french[usize::from(french & 15)]
            & self.of_person(c)
    }

    /// Categories that what is neither occupation nor language allows.
    #[inline]
    pub(super) fn of_person(&self, c: &Candidate) -> u32 {
        self.months[usize::from(c.noc_months)]
            & self.in_canada[usize::from(c.noc_in_canada)]
            & self.education[c.education as usize]
            & self.foreign_work[usize::from(c.foreign_work_years.min(15))]
            & self.job_offer[c.job_offer as usize]
    }
}

/// The scenario's own categories, each checked.
fn own_categories(
    custom: &[CustomCategory],
    problems: &mut Vec<RulesError>,
) -> Vec<(CategoryKey, Conditions)> {
    let mut own: Vec<(CategoryKey, Conditions)> = Vec::new();
    for category in custom {
        let key = &category.key;
        let within = format!("category `{}`", key.name);
        let taken = categories::find(&key.name, &key.version).is_some();
        if taken || own.iter().any(|(known, _)| known == key) {
            problems.push(RulesError::RepeatedCategory(key.clone()));
        }
        for level in [category.english, category.french] {
            if level > super::candidate::Abilities::MAX_LEVEL {
                problems.push(RulesError::TooMany {
                    name: format!("language level of {within}"),
                    points: u16::from(level),
                    most: u16::from(super::candidate::Abilities::MAX_LEVEL),
                });
            }
        }
        let codes = category.codes.iter();
        let occupations = codes
            .filter_map(|code| occupation(&within, code, problems))
            .collect();
        own.push((
            key.clone(),
            Conditions {
                occupations,
                months: category.months,
                place: category.place,
                english: category.english,
                french: category.french,
                education: category.education,
                foreign_work_years: 0,
                job_offer: false,
            },
        ));
    }
    own
}

/// What the category of that key asks for.
fn conditions<'a>(
    key: &CategoryKey,
    custom: &'a [(CategoryKey, Conditions)],
) -> Result<&'a Conditions, RulesError> {
    if let Some((_, conditions)) = custom.iter().find(|(known, _)| known == key) {
        return Ok(conditions);
    }
    if let Some(known) = categories::find(&key.name, &key.version) {
        return Ok(&known.conditions);
    }
    let mut known: Vec<String> = categories::versions(&key.name)
        .map(|known| known.version.clone())
        .collect();
    let own = custom.iter().map(|(own, _)| own);
    known.extend(
        own.clone()
            .filter(|own| own.name == key.name)
            .map(|own| own.version.clone()),
    );
    if !known.is_empty() {
        return Err(RulesError::UnknownVersion {
            name: key.name.clone(),
            version: key.version.clone(),
            known,
        });
    }
    let mut names: Vec<String> = categories::names().into_iter().map(str::to_owned).collect();
    names.extend(own.map(|own| own.name.clone()));
    Err(RulesError::UnknownCategory {
        name: key.name.clone(),
        nearest: nearest(&key.name, names.iter().map(String::as_str)).map(str::to_owned),
        known: names,
    })
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
