//! Section C of the grid by all that it depends on: few rows, each by the lowest level of the first
//! language. For callers who ask for it more often than for the rest of a candidate's points.

use super::{Grid, education_row, foreign_row};
use crate::rules::candidate::{Candidate, Education};

/// Three of education, three of foreign work, three of Canadian work, with and without a
/// certificate, filled up to a power of two.
pub(super) const ROWS: usize = 64;

/// Section C by row and lowest level.
#[derive(Debug, Clone)]
pub(in crate::rules) struct Transfers(Box<[[u16; 16]; ROWS]>);

/// What levels of education add to a row.
const OF_EDUCATION: [u8; 8] = {
    let mut rows = [0; 8];
    let mut level = 0;
    while level < rows.len() {
        rows[level] = education_row(level) as u8 * 18;
        level += 1;
    }
    rows
};

/// What years of foreign work add to a row.
const OF_FOREIGN_WORK: [u8; 16] = {
    let mut rows = [0; 16];
    let mut years = 0;
    while years < rows.len() {
        rows[years] = foreign_row(years) as u8 * 6;
        years += 1;
    }
    rows
};

impl Transfers {
    /// The row of a candidate.
    #[inline]
    pub fn row(c: &Candidate) -> usize {
        let foreign = usize::from(c.foreign_work_years.min(15));
        let row = Transfers::row_without_work([c.education as usize, foreign], c.trade_certificate);
        usize::from(row) + Transfers::work(c.canadian_work_years)
    }

    /// The row of a level of education, years of work abroad and a certificate, without work in Canada:
    /// [`Transfers::work`] is to be added.
    #[inline]
    pub fn row_without_work([education, foreign]: [usize; 2], certificate: bool) -> u8 {
        OF_EDUCATION[education % 8] + OF_FOREIGN_WORK[foreign % 16] + u8::from(certificate)
    }

    /// What years of work in Canada add to a row.
    #[inline]
    pub fn work(years: u8) -> usize {
        usize::from(years.min(2)) * 2
    }

    /// What a year more of work in Canada adds to the points of a row, by lowest level.
    pub fn of_another_year(&self, row: usize) -> [i16; 16] {
        // Two rows for each of no year, one, and more.
        let another = if row / 2 % 3 < 2 { row + 2 } else { row };
        let (before, after) = (self.of_row(row), self.of_row(another));
        std::array::from_fn(|lowest| after[lowest] as i16 - before[lowest] as i16)
    }

    /// Points by lowest level of the first language.
    #[inline]
    pub fn of_row(&self, row: usize) -> &[u16; 16] {
        &self.0[row % ROWS]
    }
}

impl Grid {
    /// Section C of this grid, from one candidate of each row.
    pub(in crate::rules) fn transfers(&self) -> Transfers {
        let mut transfers = Transfers(Box::new([[0; 16]; ROWS]));
        let mut like = Candidate::blank();
        for education in [Education::None, Education::OneYear, Education::TwoOrMore] {
            for foreign in [0, 1, 3] {
                for canadian in 0..3 {
                    for certificate in [false, true] {
                        like.education = education;
                        like.foreign_work_years = foreign;
                        like.canadian_work_years = canadian;
                        like.trade_certificate = certificate;
                        transfers.0[Transfers::row(&like)] =
                            std::array::from_fn(|lowest| self.transferability(&like, lowest as u8));
                    }
                }
            }
        }
        transfers
    }
}
