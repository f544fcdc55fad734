//! The most that one change in a candidate's life can add to its score, whatever else it has.
//! Bounds for callers who put off scoring; the score itself is [`Grid::points`]'s.
//!
//! Each is a sum of the largest steps of the tables that the change moves along. A maximum can only
//! take away from a step, and where the better order of languages counts, the better of two gains
//! no more than the larger gain.

use super::{Grid, at};
use crate::rules::candidate::MAX_WORK_YEARS;

/// Bounds on what changes add: see the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gains {
    /// A birthday, by age before it.
    pub birthday: [u16; 256],
    /// A year more of work in Canada, by completed years before it as the columns hold them.
    pub work: [u16; 16],
    /// One level more in each ability of English, or of French.
    pub language: [u16; 2],
    /// A nomination.
    pub nomination: u16,
}

/// What the second of two values is above the first.
fn rise(before: u16, after: u16) -> u16 {
    after.saturating_sub(before)
}

fn most(values: impl IntoIterator<Item = u16>) -> u16 {
    values.into_iter().max().unwrap_or(0)
}

/// The largest step from one level of a table to the next.
fn step(table: &[u16]) -> u16 {
    most(table.windows(2).map(|pair| rise(pair[0], pair[1])))
}

impl Grid {
    /// The bounds of this grid.
    pub fn gains(&self) -> Gains {
        let birthday = |age: usize| {
            let (now, next) = (age as u8, (age as u8).saturating_add(1));
            most((self.age.iter()).map(|points| rise(at(points, now), at(points, next))))
        };
        let work = |years: usize| {
            let years = years.min(usize::from(MAX_WORK_YEARS));
            let next = (years + 1).min(usize::from(MAX_WORK_YEARS));
            let core = most(
                self.work
                    .iter()
                    .map(|points| rise(points[years], points[next])),
            );
            let transfer = self.transfer_of_work(years.min(2), next.min(2));
            (core + transfer).saturating_add(self.factors.most())
        };
        let first = 4 * most(self.first.iter().map(|points| step(points)));
        let second = 4 * most(self.second.iter().map(|points| step(points)));
        let english = first.max(second) + self.transfer_of_language();
        // Better English leaves French as it is: it brings no bonus that there was not, but may move one
        // to the other row. Better French may bring one.
        let [without, with] = self.french;
        Gains {
            birthday: std::array::from_fn(birthday),
            work: std::array::from_fn(work),
            language: [english + rise(without, with), english + without.max(with)],
            nomination: self.nomination,
        }
    }

    /// The most that section C grows by a class more of work in Canada.
    fn transfer_of_work(&self, from: usize, to: usize) -> u16 {
        let of = |table: &[[u16; 4]; 4]| most(table.iter().map(|row| rise(row[from], row[to])));
        most(self.education_transfer.iter().map(of)) + most(self.foreign_transfer.iter().map(of))
    }

    /// The most that section C grows by a level more of the first language.
    fn transfer_of_language(&self) -> u16 {
        let of = |table: &[[u16; 4]; 4]| {
            let steps = table.windows(2).flat_map(|pair| {
                let [lower, upper] = [pair[0], pair[1]];
                (0..4).map(move |work| rise(lower[work], upper[work]))
            });
            most(steps)
        };
        most(self.education_transfer.iter().map(of))
            + most(self.foreign_transfer.iter().map(of))
            + step(&self.certificate)
    }
}
