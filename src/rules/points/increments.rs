//! What one change in a candidate's life adds to its score, exactly, from a few small tables: for
//! callers who know the score before it and score many. Those with French results, whose order of
//! languages may turn, and grids in which a maximum may cut a step are left to [`Grid::points`];
//! tests hold the two against each other under random patches.

use super::{Grid, Transfers, at};
use crate::rules::candidate::{Abilities, FirstLanguage, MAX_WORK_YEARS};
use crate::rules::packed::Packed;

/// What changes add under one grid. Columns: 0 without, 1 with an accompanying spouse.
#[derive(Debug, Clone)]
pub struct Increments {
    /// Section A by years of work in Canada.
    work: [[u16; 16]; 2],
    /// Points as first language of two abilities at once.
    languages: [[u16; 256]; 2],
    transfers: Transfers,
    sibling: u16,
    study: [u16; 4],
    offer: [u16; 4],
    nomination: u16,
    additional_max: u16,
    /// Whether no maximum can cut a step of section A, nor a factor add to one.
    exact: [bool; 2],
}

/// A candidate as far as its next increments go.
#[derive(Debug, Clone, Copy)]
pub struct Footing {
    traits: u32,
    column: u8,
    /// Row of section C for no work in Canada.
    row: u8,
    years: u8,
    nominated: bool,
    english: u16,
}

impl Grid {
    /// The increments of this grid.
    pub fn increments(&self) -> Increments {
        let additive = self.factors.is_empty();
        Increments {
            work: self.work,
            languages: self.languages.map(|pairs| pairs.map(|pair| pair as u16)),
            transfers: self.transfers(),
            sibling: self.sibling,
            study: self.study,
            offer: self.offer,
            nomination: self.nomination,
            additional_max: self.additional_max,
            exact: [0, 1].map(|column| additive && self.core_stays_below_its_maximum(column)),
        }
    }
}

impl Increments {
    /// Where a candidate stands, if these tables can tell its increments.
    #[inline(always)]
    pub fn footing(&self, c: &Packed) -> Option<Footing> {
        let spouse = Packed::has_spouse(c.traits);
        let in_french = Packed::first_language(c.traits) == FirstLanguage::French;
        if c.french != 0 || in_french || !self.exact[usize::from(spouse)] {
            return None;
        }
        Some(Footing {
            traits: c.traits,
            column: u8::from(spouse),
            row: Transfers::row_without_work(
                Packed::education_and_foreign_work(c.traits),
                Packed::has_certificate(c.traits),
            ),
            years: Packed::canadian_work_years(c.traits),
            nominated: Packed::is_nominated(c.traits),
            english: c.english,
        })
    }

    /// Section D before its maximum.
    fn additional(&self, footing: &Footing) -> u16 {
        let c = Packed {
            traits: footing.traits,
            ..Packed::default()
        };
        let c = c.candidate();
        u16::from(footing.nominated) * self.nomination
            + u16::from(c.sibling_in_canada) * self.sibling
            + self.study[c.canadian_education as usize]
            + self.offer[c.job_offer as usize]
    }

    #[inline]
    fn transfer(&self, footing: &Footing) -> u16 {
        let transfers = self
            .transfers
            .of_row(usize::from(footing.row) + Transfers::work(footing.years));
        transfers[usize::from(Abilities::lowest_of(footing.english) & 15)]
    }

    #[inline]
    fn language(&self, footing: &Footing) -> u16 {
        let pairs = &self.languages[usize::from(footing.column % 2)];
        let [one, other] = footing.english.to_le_bytes().map(usize::from);
        pairs[one] + pairs[other]
    }

    /// Points of a year more of work in Canada.
    #[inline]
    pub fn work(&self, footing: &mut Footing) -> i16 {
        let work = &self.work[usize::from(footing.column % 2)];
        let of = |footing: &Footing| at(work, footing.years) + self.transfer(footing);
        let before = of(footing);
        footing.years = footing.years.saturating_add(1).min(MAX_WORK_YEARS);
        of(footing) as i16 - before as i16
    }

    /// Points of a level more in each ability in English below 10.
    #[inline]
    pub fn better_english(&self, footing: &mut Footing) -> i16 {
        let of = |footing: &Footing| self.language(footing) + self.transfer(footing);
        let before = of(footing);
        footing.english = Abilities::better_of(footing.english);
        of(footing) as i16 - before as i16
    }

    /// Points of a nomination.
    #[inline]
    pub fn nomination(&self, footing: &mut Footing) -> i16 {
        let before = self.additional(footing).min(self.additional_max);
        footing.nominated = true;
        self.additional(footing).min(self.additional_max) as i16 - before as i16
    }
}
