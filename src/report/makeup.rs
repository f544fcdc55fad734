//! Who is invited, against the pool: by category, education, language, age, occupation and
//! citizenship.
//! Scores live in `bands` and `densities`; who gains from a policy, in `comparison`.

use super::bands::{Sum, summed};
use super::figure::{Figure, Key, Sheet};
use super::labels::{dimension, shortened, value};
use super::numbers::{percent, share};
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

/// One figure for each dimension that was counted.
pub fn figures(rounds: &[Round], id: &str) -> Vec<Figure> {
    let sum = Sum::of(rounds);
    // Every candidate is in one score band.
    let bands = summed(rounds, "score_band", sum);
    let pool: u64 = bands.iter().map(|group| group.before).sum();
    let invited: u64 = bands.iter().map(|group| group.invited).sum();
    if invited == 0 {
        return Vec::new();
    }
    DIMENSIONS
        .into_iter()
        .filter_map(|name| {
            let groups = summed(rounds, name, sum);
            let told = |count: u64| sum.told(count, rounds.len());
            let note = sum.note(rounds.len());
            one(name, groups, (pool, invited), id, note, told)
        })
        .collect()
}

fn one(
    name: &str,
    mut groups: Vec<Group>,
    (pool, invited): (u64, u64),
    id: &str,
    mut note: String,
    told: impl Fn(u64) -> String,
) -> Option<Figure> {
    let title = dimension(name);
    let mut table = Sheet::new([
        title.as_str(),
        "In the pool",
        "Share of the pool",
        "Invited",
        "Share of the invited",
    ]);
    let mut named: Vec<(String, Group)> = Vec::new();
    if name == "citizenship" {
        groups.sort_by(|a, b| b.invited.cmp(&a.invited).then(b.before.cmp(&a.before)));
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
    for group in groups {
        named.push((value(name, group.value.as_deref()), group));
    }
    if !others.is_empty() {
        let before = others.iter().map(|group| group.before).sum();
        let invited = others.iter().map(|group| group.invited).sum();
        let rest = Group {
            value: None,
            before,
            invited,
        };
        named.push(("All others".to_owned(), rest));
    }
    let part = |count: u64, of: u64| share(count, of).unwrap_or(0.0);
    let mut rows = Vec::new();
    for (shown, group) in named {
        let (bar, tick) = (part(group.invited, invited), part(group.before, pool));
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
