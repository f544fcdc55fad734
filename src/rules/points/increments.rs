//! What one change in a candidate's life adds to its score, exactly, from a few small tables: for
//! callers who know the score before it and score many. Better results of those with French, whose
//! order of languages they may turn, and grids in which a maximum may cut a step are left to
//! [`Grid::points`]; tests hold the two against each other under random patches.

use super::transfers::ROWS;
use super::{Grid, Transfers, at, levels};
use crate::rules::candidate::{Abilities, FirstLanguage, MAX_WORK_YEARS};
use crate::rules::packed::Packed;

/// What changes add under one grid. Columns: 0 without, 1 with an accompanying spouse.
#[derive(Debug, Clone)]
pub struct Increments {
    /// What a year more of work in Canada adds to section A, by years.
    work: [[i16; 16]; 2],
    /// Points as first language of two abilities at once, and what a level more of both adds.
    languages: [[u16; 256]; 2],
    better: [[i16; 256]; 2],
    /// The same as second language, and the most that they come to.
    seconds: [[u16; 256]; 2],
    second_max: [u16; 2],
    transfers: Transfers,
    /// What a year more of work in Canada adds to section C, by row and lowest level of the first language.
    work_transfers: Box<[[i16; 16]; ROWS]>,
    french: [u16; 2],
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
    /// Whether there are no results in French, and it is not named as the first language.
    in_english: bool,
    english: u16,
    languages: Languages,
}

/// What increments look at of somebody's languages.
#[derive(Debug, Clone, Copy)]
struct Languages {
    /// Lowest level of the first language.
    lowest: u8,
    /// Where the other order of languages is taken if it pays more: the lowest level of its first one, and
    /// the points that it brings besides those of section C more than this one.
    turned: Option<(u8, i16)>,
    /// Points for French in section D.
    bonus: u16,
}

impl Footing {
    /// Whether [`Increments::better_english`] can be told.
    #[inline]
    pub fn in_english(&self) -> bool {
        self.in_english
    }
}

impl Grid {
    /// The increments of this grid.
    pub fn increments(&self) -> Increments {
        let additive = self.factors.is_empty();
        let languages = (self.languages).map(|pairs| pairs.map(|pair| pair as u16));
        let better = |pairs: &[u16; 256], pair: u8| {
            let better = Abilities::better_of(u16::from(pair)) as u8;
            pairs[usize::from(better)] as i16 - pairs[usize::from(pair)] as i16
        };
        let transfers = self.transfers();
        let another_year = std::array::from_fn(|row| transfers.of_another_year(row));
        Increments {
            work: (self.work).map(|of_years| {
                let of = |years: u8| at(&of_years, years.min(MAX_WORK_YEARS)) as i16;
                std::array::from_fn(|years| of(years as u8 + 1) - at(&of_years, years as u8) as i16)
            }),
            better: [0, 1]
                .map(|column| std::array::from_fn(|pair| better(&languages[column], pair as u8))),
            languages,
            seconds: (self.languages).map(|pairs| pairs.map(|pair| (pair >> 16) as u16)),
            second_max: self.second_max,
            french: self.french,
            transfers,
            work_transfers: Box::new(another_year),
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
        if !self.exact[usize::from(spouse)] {
            return None;
        }
        let english_alone = c.french == 0 && !Packed::names_french(c.traits);
        let languages = if english_alone {
            Languages {
                lowest: Abilities::lowest_of(c.english),
                turned: None,
                bonus: 0,
            }
        } else {
            self.with_french(usize::from(spouse), c)
        };
        Some(Footing {
            traits: c.traits,
            column: u8::from(spouse),
            row: Transfers::row_without_work(
                Packed::education_and_foreign_work(c.traits),
                Packed::has_certificate(c.traits),
            ),
            years: Packed::canadian_work_years(c.traits),
            nominated: Packed::is_nominated(c.traits),
            in_english: english_alone,
            english: c.english,
            languages,
        })
    }

    /// The languages of somebody with results in French, or who names it as the first one.
    fn with_french(&self, column: usize, c: &Packed) -> Languages {
        let first = Packed::first_language(c.traits);
        let [english, french] = [c.english, c.french].map(Abilities::lowest_of);
        let named_or_alone = match first {
            FirstLanguage::English => false,
            FirstLanguage::French => true,
            FirstLanguage::Best => c.english == 0,
        };
        let more_in_french = || {
            let order = |first, second| self.in_order(column, first, second) as i16;
            order(c.french, c.english) - order(c.english, c.french)
        };
        let may_turn = first == FirstLanguage::Best && c.english != 0;
        let bonus = self.french[levels::french_bonus(english)];
        Languages {
            lowest: if named_or_alone { french } else { english },
            turned: may_turn.then(|| (french, more_in_french())),
            bonus: u16::from(levels::pays_french(french)) * bonus,
        }
    }

    /// Points of section A for a first language and a second one.
    fn in_order(&self, column: usize, first: u16, second: u16) -> u16 {
        let of = |pairs: &[u16; 256], levels: u16| {
            let [one, other] = levels.to_le_bytes().map(usize::from);
            pairs[one] + pairs[other]
        };
        let second = of(&self.seconds[column], second).min(self.second_max[column]);
        of(&self.languages[column], first) + second
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
            + footing.languages.bonus
            + self.study[c.canadian_education as usize]
            + self.offer[c.job_offer as usize]
    }

    /// The row of section C.
    #[inline]
    fn row(footing: &Footing) -> usize {
        usize::from(footing.row) + Transfers::work(footing.years)
    }

    /// Section C, with what the order of languages that is taken brings more in section A than the other.
    #[inline]
    fn transfer(&self, footing: &Footing) -> u16 {
        let transfers = self.transfers.of_row(Increments::row(footing));
        let points = transfers[usize::from(footing.languages.lowest & 15)];
        match footing.languages.turned {
            None => points,
            Some((lowest, more)) => {
                let turned = transfers[usize::from(lowest & 15)].saturating_add_signed(more);
                points.max(turned)
            }
        }
    }

    /// Points of a year more of work in Canada.
    #[inline]
    pub fn work(&self, footing: &mut Footing) -> i16 {
        let work = &self.work[usize::from(footing.column % 2)];
        let more = work[usize::from(footing.years % 16)];
        let before = *footing;
        footing.years = before.years.saturating_add(1).min(MAX_WORK_YEARS);
        let transfers = match before.languages.turned {
            None => {
                let row = &self.work_transfers[Increments::row(&before) % ROWS];
                row[usize::from(before.languages.lowest & 15)]
            }
            Some(_) => self.transfer(footing) as i16 - self.transfer(&before) as i16,
        };
        more + transfers
    }

    /// Points of a level more in each ability in English below 10.
    #[inline]
    pub fn better_english(&self, footing: &mut Footing) -> i16 {
        let better = &self.better[usize::from(footing.column % 2)];
        let [one, other] = footing.english.to_le_bytes().map(usize::from);
        let before = self.transfer(footing);
        footing.english = Abilities::better_of(footing.english);
        // The lowest below 10 is the lowest still.
        footing.languages.lowest += u8::from(footing.languages.lowest < 10);
        better[one] + better[other] + (self.transfer(footing) as i16 - before as i16)
    }

    /// Points of a nomination.
    #[inline]
    pub fn nomination(&self, footing: &mut Footing) -> i16 {
        let before = self.additional(footing).min(self.additional_max);
        footing.nominated = true;
        self.additional(footing).min(self.additional_max) as i16 - before as i16
    }
}
