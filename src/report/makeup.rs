//! Who is invited, against the pool: by category, education, language, age, occupation and
//! citizenship.
//! Scores live in `bands` and `densities`; who gains from a policy, in `comparison`.

use std::cmp::Reverse;

use super::bands::{Sum, summed};
use super::figure::{Figure, Key, Sheet};
use super::labels::{dimension, shortened, value};
use super::numbers::{self, percent, share};
use super::results::{Group, Round};
use super::rows_chart::{ChartRow, RowMark, rows_panel};
use super::scale::Scale;

/// Dimensions in the order of the page.
pub const DIMENSIONS: [&str; 6] = [
    "category",
    "education",
    "first_language",
    "age_band",
    "occupation_group",
    "citizenship",
];

/// Countries that are shown one by one.
const COUNTRIES: usize = 10;

/// What a group is a part of: so many rounds, and all in their pools and among their invited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Whole {
    rounds: usize,
    pool: u64,
    invited: u64,
}

impl Whole {
    fn of<'a>(rounds: impl IntoIterator<Item = &'a Round>, sum: Sum) -> Self {
        let mut whole = Whole::default();
        for round in rounds {
            // Every candidate is in one score band.
            for band in round.groups("score_band") {
                if whole.rounds == 0 || sum != Sum::OnePool {
                    whole.pool = whole.pool.saturating_add(band.before);
                }
                whole.invited = whole.invited.saturating_add(band.invited);
            }
            whole.rounds += 1;
        }
        whole
    }
}

/// The rounds that a group is a part of: those in which it was counted, as a category is only while it is
/// in force and has candidates. On one pool also those after a round that left nobody of it: all of it was
/// invited by then.
fn counted<'a>(
    rounds: &'a [Round],
    dimension: &str,
    value: Option<&str>,
    sum: Sum,
) -> Vec<&'a Round> {
    let mut nobody_left = false;
    let is_counted = |round: &&Round| {
        let mut groups = round.groups(dimension).iter();
        let group = groups.find(|group| group.value.as_deref() == value);
        if let Some(group) = group {
            nobody_left = group.invited >= group.before;
        }
        group.is_some() || (sum == Sum::OnePool && nobody_left)
    };
    rounds.iter().filter(is_counted).collect()
}

/// One figure for each dimension that was counted.
pub fn figures(rounds: &[Round], id: &str) -> Vec<Figure> {
    let sum = Sum::of(rounds);
    let all = Whole::of(rounds, sum);
    if all.invited == 0 {
        return Vec::new();
    }
    let figure = |name: &str| {
        let of = |group: &Group| match (name, sum) {
            ("category", Sum::Changing | Sum::OnePool) => {
                Whole::of(counted(rounds, name, group.value.as_deref(), sum), sum)
            }
            _ => all,
        };
        let groups = summed(rounds, name, sum);
        let mut note = sum.note(rounds.len());
        if groups.iter().any(|group| of(group) != all) {
            note.push_str(match sum {
                Sum::OnePool => {
                    " A category counts over the rounds in which it was in force: the pool is that before \
                     the first of them, and its shares are of this pool and of those whom they invited."
                }
                _ => {
                    " A category counts over the rounds in which it was in force and had candidates: its \
                     means are over these rounds, and its shares are of those in their pools and of those \
                     whom they invited."
                }
            });
        }
        let parts = groups.into_iter().map(|group| (of(&group), group));
        one(name, parts.collect(), sum, id, note)
    };
    DIMENSIONS.into_iter().filter_map(figure).collect()
}

fn one(
    name: &str,
    mut groups: Vec<(Whole, Group)>,
    sum: Sum,
    id: &str,
    mut note: String,
) -> Option<Figure> {
    let title = dimension(name);
    let mut table = Sheet::new([
        title.as_str(),
        "In the pool",
        "Share of the pool",
        "Invited",
        "Share of the invited",
    ]);
    let mut named: Vec<(String, Whole, Group)> = Vec::new();
    if name == "citizenship" {
        groups.sort_by_key(|(_, group)| Reverse((group.invited, group.before)));
    }
    let others = if name == "citizenship" && groups.len() > COUNTRIES + 1 {
        note.push_str(" The ten countries with most invitations, and all others.");
        groups.split_off(COUNTRIES)
    } else {
        Vec::new()
    };
    if name == "category" {
        note.push_str(" A candidate of two categories counts in both.");
    }
    for (of, group) in groups {
        named.push((value(name, group.value.as_deref()), of, group));
    }
    if let Some(&(of, _)) = others.first() {
        let rest = Group {
            value: None,
            before: numbers::sum(others.iter().map(|(_, group)| group.before)),
            invited: numbers::sum(others.iter().map(|(_, group)| group.invited)),
        };
        named.push(("All others".to_owned(), of, rest));
    }
    let part = |count: u64, of: u64| share(count, of).unwrap_or(0.0);
    let mut rows = Vec::new();
    for (shown, of, group) in named {
        let bar = part(group.invited, of.invited);
        let tick = part(group.before, of.pool);
        let told = |count: u64| sum.told(count, of.rounds);
        table.rows.push(vec![
            shown.clone(),
            told(group.before),
            percent(tick),
            told(group.invited),
            percent(bar),
        ]);
        rows.push(ChartRow {
            name: shortened(&shown, 29),
            figure: format!("{} (pool {})", percent(bar), percent(tick)),
            mark: RowMark::BarAndTick {
                bar: bar * 100.0,
                tick: tick * 100.0,
            },
        });
    }
    let scale = Scale::nice(rows.iter().flat_map(|row| row.mark.values()), 4)?;
    Some(Figure {
        id: format!("{id}-by-{}", name.replace('_', "-")),
        panels: vec![rows_panel("", &rows, &scale)],
        down: title.clone(),
        across: "Share of the invited and of the pool, %".to_owned(),
        keys: vec![
            Key {
                class: "invited",
                text: "share of the invited".into(),
            },
            Key {
                class: "pool-tick",
                text: "share of the pool".into(),
            },
        ],
        title,
        note,
        table,
    })
}
