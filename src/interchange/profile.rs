//! One candidate's attributes as people read them: names of columns and their values, without those
//! that only say what is assumed anyway.
//! How files are written lives in the writers.

use super::cells::Draft;
use super::columns::{COLUMNS, Field, Need};
use super::values::{Lists, View};
use crate::output::text::push_cell;
use crate::pool::Pool;
use crate::rules::Rules;

/// Names and values of a candidate of a pool, by row.
pub fn profile(pool: &Pool, row: usize, rules: &Rules) -> Vec<(String, String)> {
    let candidate = pool.row(row).candidate();
    let mut lists = Lists::default();
    lists.add(rules.eligibility(&candidate).0, rules);
    let view = View::new("", candidate, rules, &lists);
    let assumed = View::new("", Draft::like(&candidate), rules, &lists);
    let text = |view: &View<'_>, field: Field| {
        let mut value = Vec::new();
        push_cell(&mut value, view.cell(field));
        String::from_utf8_lossy(&value).into_owned()
    };
    let shown = COLUMNS
        .iter()
        .filter(|column| column.need != Need::Added && column.field != Field::CandidateId);
    shown
        .filter_map(|column| {
            let value = text(&view, column.field);
            let is_assumed = value.is_empty()
                || matches!(column.need, Need::Default(_)) && value == text(&assumed, column.field);
            (!is_assumed).then(|| (column.name.replace('_', " "), value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::Packed;
    use crate::pool::columns::Ids;
    use crate::rules::candidate::{Abilities, Candidate};
    use crate::rules::{RulesPatch, noc};

    /// Names of attributes that are shown of somebody with that work.
    fn shown(years: [u8; 2], months: u8, in_canada: bool) -> Vec<String> {
        let rules = Rules::on(jiff::civil::date(2023, 7, 4), &[], &RulesPatch::default()).unwrap();
        let somebody = Candidate {
            age: 30,
            english: Abilities::all(9),
            canadian_work_years: years[0],
            foreign_work_years: years[1],
            noc: noc::find("31301").unwrap(),
            noc_months: months,
            noc_in_canada: in_canada,
            ..Candidate::blank()
        };
        let mut pool = Pool::zeroed(1, Ids::Numbered { first: 1 });
        let score = rules.points(&somebody).total();
        let eligibility = rules.eligibility(&somebody);
        pool.set(0, Packed::new(&somebody, score, eligibility));
        let names = profile(&pool, 0, &rules).into_iter().map(|(name, _)| name);
        names.filter(|name| name.starts_with("noc ")).collect()
    }

    #[test]
    fn what_is_assumed_of_somebody_with_such_work_is_left_out_and_all_else_is_shown() {
        let none: [&str; 0] = [];
        assert_eq!(shown([3, 3], 36, true), none);
        assert_eq!(shown([3, 3], 12, true), ["noc months"]);
        assert_eq!(shown([0, 3], 36, false), none);
        assert_eq!(shown([0, 3], 36, true), ["noc in canada"]);
        assert_eq!(shown([1, 0], 12, true), none);
        assert_eq!(shown([1, 0], 0, false), ["noc months", "noc in canada"]);
    }
}
