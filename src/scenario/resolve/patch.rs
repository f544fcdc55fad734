//! What a scenario changes about the rules: single points, factors and categories of its own.
//! What the changed rules then say is the rules' business.

use std::collections::BTreeSet;

use super::Resolver;
use crate::nearest::{alike, nearest};
use crate::rules::candidate::Education;
use crate::rules::categories::{self, Place};
use crate::rules::{
    CategoryKey, CustomCategory, Factor, FactorTier, Program, RulesPatch, grid, noc,
};
use crate::scenario::problem::Problem;
use crate::scenario::spanned::At;
use crate::scenario::wire::{CategoryTable, FactorTable, TierTable};
use crate::shown::quoted;

/// The version key of categories of a scenario's own.
pub(super) const OWN: &str = "own";

/// How many names of points a message shows.
const SHOWN_POINTS: usize = 8;

impl Resolver<'_> {
    /// The changes that can be used.
    pub(super) fn patch(&mut self) -> RulesPatch {
        let keys = &self.scenario.keys;
        let mut patch = RulesPatch {
            points: self.points(),
            ..RulesPatch::default()
        };
        let mut names = BTreeSet::new();
        for (index, factor) in keys.factors.iter().flatten().enumerate() {
            let key = format!("factors[{}]", index + 1);
            let factor = self.factor(&factor.value, &key, &mut names);
            patch.factors.extend(factor);
        }
        let mut names = BTreeSet::new();
        for (index, category) in keys.categories.iter().flatten().enumerate() {
            let key = format!("categories[{}]", index + 1);
            let category = self.own_category(category, &key, &mut names);
            patch.categories.extend(category);
        }
        patch
    }

    fn points(&mut self) -> Vec<(String, u16)> {
        let entries = self.scenario.keys.points.as_ref();
        let known = grid::point_names();
        let mut points = Vec::new();
        for (name, value) in entries.iter().flat_map(|entries| &entries.value.0) {
            if known.contains(&name.value.as_str()) {
                let value = u16::try_from(value.value.0).unwrap_or(u16::MAX);
                points.push((name.value.clone(), value));
                continue;
            }
            let message = format!(
                "no point of the grid is called {}; `drawsim schema points` lists the {} names",
                quoted(&name.value),
                known.len()
            );
            let like = alike(&name.value, known.iter().copied(), SHOWN_POINTS);
            let advice = match like.is_empty() {
                true => String::new(),
                false => format!("like it: {}", like.join(", ")),
            };
            let key: String = name.value.chars().take(60).collect();
            let problem = self
                .problem(&name.span, &format!("points.{key}"), message)
                .advising(&advice)
                .near(nearest(&name.value, known.iter().copied()));
            self.problems.push(problem);
        }
        points
    }

    fn factor(
        &mut self,
        table: &FactorTable,
        key: &str,
        names: &mut BTreeSet<String>,
    ) -> Option<Factor> {
        let name = table.name.as_ref();
        let name = name.and_then(|name| self.new_name(name, &format!("{key}.name"), names));
        let mut listed = BTreeSet::new();
        let mut tiers = Vec::new();
        for (index, tier) in table
            .tiers
            .iter()
            .flat_map(|tiers| &tiers.value)
            .enumerate()
        {
            let key = format!("{key}.tiers[{}]", index + 1);
            tiers.push(self.tier(&tier.value, &key, &mut listed));
        }
        Some(Factor {
            name: name?,
            counts: table.counts.as_ref()?.value,
            tiers: tiers.into_iter().collect::<Option<_>>()?,
            min_canadian_work_years: 1,
        })
    }

    fn tier(
        &mut self,
        table: &TierTable,
        key: &str,
        listed: &mut BTreeSet<String>,
    ) -> Option<FactorTier> {
        let codes = self.codes(&table.noc.as_ref()?.value, &format!("{key}.noc"), listed);
        Some(FactorTier {
            points: u16::try_from(table.points.as_ref()?.value).ok()?,
            codes,
        })
    }

    fn own_category(
        &mut self,
        table: &At<CategoryTable>,
        key: &str,
        names: &mut BTreeSet<String>,
    ) -> Option<CustomCategory> {
        let keys = &table.value;
        let path = format!("{key}.name");
        let name = keys
            .name
            .as_ref()
            .and_then(|name| self.new_name(name, &path, names));
        if let (Some(name), Some(written)) = (&name, &keys.name)
            && (name == "general"
                || Program::ALL.iter().any(|program| program.name() == name)
                || categories::versions(name).next().is_some())
        {
            let message = format!(
                "{} is the name of a published program or category; choose another",
                quoted(name)
            );
            self.report(&written.span, &path, message);
        }
        let codes = keys
            .noc
            .as_ref()
            .map(|codes| self.codes(&codes.value, &format!("{key}.noc"), &mut BTreeSet::new()));
        let small = |value: &Option<At<i64>>| {
            let value = value.as_ref().map_or(0, |value| value.value);
            u8::try_from(value).unwrap_or(u8::MAX)
        };
        let in_canada = keys.in_canada.as_ref().is_some_and(|value| value.value);
        let category = CustomCategory {
            key: CategoryKey {
                name: name?,
                version: OWN.to_owned(),
            },
            codes: codes.unwrap_or_default(),
            months: small(&keys.months),
            english: small(&keys.english),
            french: small(&keys.french),
            place: if in_canada {
                Place::Canada
            } else {
                Place::Anywhere
            },
            education: Education::None,
        };
        let asks = keys.noc.is_some()
            || in_canada
            || category.months > 0
            || category.english > 0
            || category.french > 0;
        if !asks && !self.has_problems_below(key) {
            let message = "the category asks for nothing, so it is the same as `general`; give it \
                           `noc`, `months`, `french`, `english` or `in_canada = true`";
            self.report(&table.span, key, message);
        }
        Some(category)
    }

    /// Whether something at a key below `key` was found wrong: what it says is then not known.
    pub(super) fn has_problems_below(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| {
            let rest = problem.key.strip_prefix(key);
            rest.is_some_and(|rest| rest.starts_with(['.', '[']))
        })
    }

    /// Whether anything that the scenario changes about the rules was found wrong.
    pub(super) fn is_patch_wrong(&self) -> bool {
        ["points", "factors", "categories"]
            .into_iter()
            .any(|key| self.has_problems_below(key))
    }

    /// A name of the scenario's own that nothing before it has.
    fn new_name(
        &mut self,
        name: &At<String>,
        key: &str,
        names: &mut BTreeSet<String>,
    ) -> Option<String> {
        let text = self.own_name(name, key)?;
        if !names.insert(text.clone()) {
            let message = format!("{} is already the name of one before it", quoted(&text));
            self.report(&name.span, key, message);
        }
        Some(text)
    }

    /// Where the entries of the list at `key` stand in the file, from 1: those that could not be read
    /// are missing among them, and named already.
    fn places<T>(&self, key: &str, entries: &[At<T>]) -> Vec<usize> {
        let is_entry = |problem: &&Problem| {
            let rest = problem.key.strip_prefix(key);
            rest.and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'))
                .is_some_and(|number| number.parse::<usize>().is_ok())
        };
        let unread: Vec<usize> = (self.problems.iter().filter(is_entry))
            .filter_map(|problem| problem.span().map(|span| span.start))
            .collect();
        let before = |at: usize| unread.iter().filter(|&&start| start < at).count();
        (entries.iter().enumerate())
            .map(|(index, entry)| index + 1 + before(entry.span.start))
            .collect()
    }

    /// Occupation codes that exist, each listed once.
    fn codes(
        &mut self,
        codes: &[At<String>],
        key: &str,
        listed: &mut BTreeSet<String>,
    ) -> Vec<String> {
        for (place, code) in self.places(key, codes).into_iter().zip(codes) {
            let key = format!("{key}[{place}]");
            if noc::find(&code.value).is_none() {
                let known = noc::all().filter_map(noc::code);
                let is_of_2016 = noc::is_like_2016(&code.value);
                let nearest = (code.value.len() <= 8 && !is_of_2016)
                    .then(|| nearest(&code.value, known))
                    .flatten();
                let advice = match is_of_2016 {
                    true => "it looks like a code of NOC 2016, whose unit groups have four digits",
                    false => "",
                };
                let problem = self
                    .problem(
                        &code.span,
                        &key,
                        format!("{} is not an occupation of NOC 2021", quoted(&code.value)),
                    )
                    .accepting(["the five digits of a unit group, as text"])
                    .advising(advice)
                    .near(nearest);
                self.problems.push(problem);
            } else if !listed.insert(code.value.clone()) {
                let message = format!("{} is listed twice", quoted(&code.value));
                self.report(&code.span, &key, message);
            }
        }
        codes.iter().map(|code| code.value.clone()).collect()
    }
}
