//! The cut-off score over time: all rounds in one chart, and a panel for each type with the spread
//! over replicates.
//! Cut-offs of past rounds that were predicted live in `backtest`.

use std::collections::BTreeMap;

use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::{printed_type, round_type, short_type};
use super::marks::{Anchor, Marks, Path};
use super::numbers::{day, decimal, plain, whole};
use super::results::{Results, Round};
use super::scale::{Scale, TimeScale};
use crate::shown::counted;

/// A cut-off with its spread over replicates.
#[derive(Debug, Clone, Copy)]
struct Spread {
    /// Median, or the cut-off of the only replicate.
    middle: f64,
    /// 5th, 25th, 75th and 95th percentile.
    quantiles: Option<[f64; 4]>,
}

fn spread(round: &Round) -> Option<Spread> {
    match round.over_replicates("cutoff_score") {
        Some(row) => Some(Spread {
            middle: row.median?,
            quantiles: Some([row.p05?, row.p25?, row.p75?, row.p95?]),
        }),
        None => Some(Spread {
            middle: f64::from(round.row.cutoff_score?.0),
            quantiles: None,
        }),
    }
}

/// Every value that the chart of these rounds has to hold.
fn values(rounds: &[&Round]) -> Vec<f64> {
    let mut values = Vec::new();
    for spread in rounds.iter().filter_map(|round| spread(round)) {
        values.push(spread.middle);
        values.extend(spread.quantiles.into_iter().flatten());
    }
    values
}

/// Rounds by type, types in order of their first round.
fn by_type(results: &Results) -> Vec<(&str, Vec<&Round>)> {
    let mut types: Vec<(&str, Vec<&Round>)> = Vec::new();
    for round in &results.rounds {
        let kind = round.row.kind.as_ref();
        match types.iter_mut().find(|(name, _)| *name == kind) {
            Some((_, rounds)) => rounds.push(round),
            None => types.push((kind, vec![round])),
        }
    }
    types
}

fn told(round: &Round) -> String {
    let name = printed_type(&round.row.kind, round.row.version.as_deref());
    let head = format!(
        "Round {}, {name}, {}: ",
        round.row.round,
        day(round.row.at_utc)
    );
    match (spread(round), round.over_replicates("cutoff_score")) {
        (Some(spread), Some(row)) => format!(
            "{head}median cut-off {}, 5% to 95%: {} to {}{}",
            decimal(spread.middle, 0),
            decimal(row.p05.unwrap_or(spread.middle), 0),
            decimal(row.p95.unwrap_or(spread.middle), 0),
            (round.part_with_cutoff())
                .map_or_else(String::new, |part| format!(", in {part} replicates"))
        ),
        (Some(spread), None) => format!(
            "{head}cut-off {}, {} invited",
            decimal(spread.middle, 0),
            whole(round.row.invited)
        ),
        (None, _) => format!("{head}nobody invited"),
    }
}

fn table(results: &Results) -> Sheet {
    let heads = ["Round", "Type", "Date", "Invited", "Cut-off score"];
    let mut sheet = Sheet::new(heads);
    let replicated = results.is_replicated();
    if replicated {
        sheet.heads[3] = "Invited, median".to_owned();
        sheet.heads[4] = "Cut-off score, median".to_owned();
        sheet
            .heads
            .extend(["5%", "25%", "75%", "95%"].map(str::to_owned));
    }
    let parts = results.rounds.iter().map(Round::part_with_cutoff);
    let parts: Vec<Option<String>> = parts.collect();
    let in_part = parts.iter().any(Option::is_some);
    if in_part {
        sheet.heads.push("Replicates with a cut-off".to_owned());
    }
    for (round, part) in results.rounds.iter().zip(parts) {
        let mut row = vec![
            round.row.round.to_string(),
            printed_type(&round.row.kind, round.row.version.as_deref()),
            day(round.row.at_utc),
            round.invited().map_or_else(String::new, plain),
        ];
        let spread = spread(round);
        row.push(spread.map_or_else(String::new, |spread| plain(spread.middle)));
        if replicated {
            let quantiles = spread.and_then(|spread| spread.quantiles);
            for place in 0..4 {
                row.push(quantiles.map_or_else(String::new, |all| plain(all[place])));
            }
        }
        if in_part {
            row.push(part.unwrap_or_else(|| "all".to_owned()));
        }
        sheet.rows.push(row);
    }
    sheet
}

/// All rounds in one chart; none for fewer than two with a cut-off.
pub fn overview(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 300.0;
    let rounds: Vec<&Round> = results.rounds.iter().collect();
    let held = rounds
        .iter()
        .filter(|round| spread(round).is_some())
        .count();
    if held < 2 {
        return None;
    }
    let scale = Scale::nice(values(&rounds).into_iter(), 5)?;
    let time = TimeScale::over(rounds.iter().map(|round| round.row.at_utc))?;
    let y = |value: f64| HEIGHT * (1.0 - scale.at(value));
    let mut marks = Marks::default();
    levels(&mut marks, &scale, HEIGHT, 5);
    marks.under(HEIGHT, &time.ticks(5));
    let types = by_type(results);
    let mut ends: Vec<(f64, f64, String)> = Vec::new();
    let mut dots: Vec<(f64, f64)> = Vec::new();
    for (name, rounds) in &types {
        let points: Vec<(f64, f64)> = rounds
            .iter()
            .filter_map(|round| Some((time.at(round.row.at_utc), y(spread(round)?.middle))))
            .collect();
        if let Some(last) = points.last() {
            ends.push((last.0, last.1, short_type(name)));
        }
        dots.extend(&points);
        marks.paths(
            HEIGHT,
            &[Path {
                class: "faint",
                points,
                closed: false,
            }],
        );
    }
    for round in &rounds {
        if let Some(spread) = spread(round) {
            let x = time.at(round.row.at_utc);
            marks.told(&told(round));
            if let Some([low, _, _, high]) = spread.quantiles {
                marks.line((x, y(low)), (x, y(high)), "wide");
            }
            let class = if round.row.version.is_some() {
                "category"
            } else {
                "point"
            };
            marks.dot((x, y(spread.middle)), 4.0, class);
            marks.end();
        }
    }
    for (x, place, name) in beside_ends(ends, &dots, HEIGHT) {
        marks.text((x, place + 4.0), 8.0, Anchor::Start, "label", &name);
    }
    let mut keys = vec![Key {
        class: "point",
        text: "program or all-program round".into(),
    }];
    if rounds.iter().any(|round| round.row.version.is_some()) {
        keys.push(Key {
            class: "category",
            text: "category round".into(),
        });
    }
    if results.is_replicated() {
        keys.push(Key {
            class: "wide",
            text: "5% to 95% of replicates".into(),
        });
    }
    Some(Figure {
        id: "cutoffs".to_owned(),
        title: "Cut-off score of each round".to_owned(),
        note: if results.is_replicated() {
            "Median over the replicates. Grey lines join rounds of one type.".to_owned()
        } else {
            "CRS score of the lowest-ranked candidate invited. Grey lines join rounds of one type."
                .to_owned()
        },
        across: "Date of the round".to_owned(),
        down: "Cut-off score, CRS points".to_owned(),
        keys,
        panels: vec![Panel {
            title: String::new(),
            left: 40,
            right: 86,
            top: 10,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        }],
        table: table(results),
    })
}

/// A panel for each type, with the fan of the replicates; none when there are neither several
/// types nor replicates.
pub fn by_types(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 150.0;
    let types: Vec<(&str, Vec<&Round>)> = by_type(results)
        .into_iter()
        .filter(|(_, rounds)| {
            rounds
                .iter()
                .filter(|round| spread(round).is_some())
                .count()
                > 1
        })
        .collect();
    if types.is_empty() || (types.len() < 2 && !results.is_replicated()) {
        return None;
    }
    let time = TimeScale::over(results.rounds.iter().map(|round| round.row.at_utc))?;
    let mut panels = Vec::new();
    for (name, rounds) in &types {
        let scale = Scale::nice(values(rounds).into_iter(), 4)?;
        let y = |value: f64| HEIGHT * (1.0 - scale.at(value));
        let mut marks = Marks::default();
        levels(&mut marks, &scale, HEIGHT, 4);
        marks.under(HEIGHT, &time.ticks(4));
        let spreads: Vec<(f64, Spread)> = rounds
            .iter()
            .filter_map(|round| Some((time.at(round.row.at_utc), spread(round)?)))
            .collect();
        let line = spreads.iter().map(|(x, spread)| (*x, y(spread.middle)));
        let paths = [
            fan(&spreads, (0, 3), &y, "band-90"),
            fan(&spreads, (1, 2), &y, "band-50"),
            Path {
                class: "trend",
                points: line.collect(),
                closed: false,
            },
        ];
        marks.paths(HEIGHT, &paths);
        for round in rounds {
            if let Some(spread) = spread(round) {
                marks.told(&told(round));
                marks.dot((time.at(round.row.at_utc), y(spread.middle)), 3.5, "point");
                marks.end();
            }
        }
        panels.push(Panel {
            title: format!("{}, {} rounds", round_type(name), rounds.len()),
            left: 40,
            right: 14,
            top: 8,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        });
    }
    let mut keys = Vec::new();
    if results.is_replicated() {
        keys = vec![
            Key {
                class: "point",
                text: "median".into(),
            },
            Key {
                class: "band-50",
                text: "25% to 75% of replicates".into(),
            },
            Key {
                class: "band-90",
                text: "5% to 95%".into(),
            },
        ];
    }
    Some(Figure {
        id: "cutoffs-by-type".to_owned(),
        title: "Cut-off score by type of round".to_owned(),
        note: "Each panel has a vertical scale of its own. Types with a single round are left out."
            .to_owned(),
        across: "Date of the round".to_owned(),
        down: "Cut-off score, CRS points".to_owned(),
        keys,
        panels,
        table: table(results),
    })
}

/// The area between two of the quantiles.
fn fan<'a>(
    spreads: &[(f64, Spread)],
    (low, high): (usize, usize),
    y: &impl Fn(f64) -> f64,
    class: &'a str,
) -> Path<'a> {
    let of = |place: usize| {
        move |(x, spread): &(f64, Spread)| spread.quantiles.map(|all| (*x, all[place]))
    };
    let upper = spreads.iter().filter_map(of(high));
    let lower = spreads.iter().rev().filter_map(of(low));
    Path {
        class,
        points: upper.chain(lower).map(|(x, value)| (x, y(value))).collect(),
        closed: true,
    }
}

/// Level lines of a scale in a plot of that height.
pub fn levels(marks: &mut Marks, scale: &Scale, height: f64, about: usize) {
    let ticks: Vec<(f64, String)> = scale
        .ticks(about)
        .into_iter()
        .map(|(value, text)| (height * (1.0 - scale.at(value)), text))
        .collect();
    marks.levels(&ticks);
}

/// Labels beside the last points of lines, each at most two lines of text above or below its own,
/// where it covers no other label and few points. One that finds no place is left out: the panels
/// by type name it.
fn beside_ends(
    mut ends: Vec<(f64, f64, String)>,
    dots: &[(f64, f64)],
    height: f64,
) -> Vec<(f64, f64, String)> {
    /// Width of a label on a phone, as a share of the plot's; pixels between lines of text.
    const WIDE: f64 = 0.3;
    const LINE: f64 = 13.0;
    ends.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)));
    let mut placed: Vec<(f64, f64, String)> = Vec::new();
    for (x, y, name) in ends {
        let free = [0.0, -LINE, LINE, -2.0 * LINE, 2.0 * LINE]
            .map(|moved| y + moved)
            .into_iter()
            .filter(|place| (0.0..=height).contains(place))
            .filter(|place| {
                let covers = |other: &(f64, f64, String)| {
                    (other.0 - x).abs() < WIDE && (other.1 - place).abs() < LINE
                };
                !placed.iter().any(covers)
            })
            .min_by_key(|place| {
                let under = |dot: &&(f64, f64)| {
                    dot.0 > x && dot.0 < x + WIDE / 3.0 && (dot.1 - place).abs() < LINE / 2.0
                };
                dots.iter().filter(under).count()
            });
        if let Some(place) = free {
            placed.push((x, place, name));
        }
    }
    placed
}

/// How often each cut-off score came out over the replicates; none for a single replicate.
pub fn histogram(round: &Round, id: &str) -> Option<Figure> {
    const HEIGHT: f64 = 120.0;
    let having: u64 = round.cutoffs.values().sum();
    if round.replicates < 2 {
        return None;
    }
    let (first, last) = (
        *round.cutoffs.first_key_value()?.0,
        *round.cutoffs.last_key_value()?.0,
    );
    let width = (last - first) / 40 + 1;
    let mut bins: BTreeMap<u16, u64> = BTreeMap::new();
    for (score, count) in &round.cutoffs {
        *bins
            .entry(first + (score - first) / width * width)
            .or_default() += count;
    }
    let scale = Scale::new(
        f64::from(first) - 0.5,
        f64::from(first + ((last - first) / width + 1) * width) - 0.5,
    );
    let most = bins.values().copied().max().unwrap_or(1) as f64;
    let up = Scale::nice([0.0, most].into_iter(), 3)?;
    let y = |count: f64| HEIGHT * (1.0 - up.at(count));
    let mut marks = Marks::default();
    levels(&mut marks, &up, HEIGHT, 3);
    let ticks = scale
        .ticks(5)
        .into_iter()
        .filter(|(value, _)| value.fract() == 0.0);
    let ticks: Vec<(f64, String)> = ticks.map(|(value, text)| (scale.at(value), text)).collect();
    marks.under(HEIGHT, &ticks);
    let mut table = Sheet::new(["Cut-off score", "Replicates"]);
    for (&score, &count) in &bins {
        let name = if width == 1 {
            score.to_string()
        } else {
            format!("{score}\u{2013}{}", score + width - 1)
        };
        marks.told(&format!("{name}: {}", counted(count, "replicate")));
        let (low, high) = (
            scale.at(f64::from(score) - 0.5),
            scale.at(f64::from(score + width) - 0.5),
        );
        marks.bar(
            low,
            high,
            y(count as f64),
            HEIGHT - y(count as f64),
            "count",
        );
        marks.end();
        table.rows.push(vec![name, whole(count)]);
    }
    Some(Figure {
        id: format!("{id}-replicates"),
        title: "Cut-off scores of the replicates".to_owned(),
        note: match round.part_with_cutoff() {
            Some(part) => format!(
                "How often each score came out in {part} replicates; in the others nobody was invited."
            ),
            None => format!(
                "How often each score came out in {} replicates.",
                whole(having)
            ),
        },
        across: "Cut-off score, CRS points".to_owned(),
        down: "Replicates".to_owned(),
        keys: Vec::new(),
        panels: vec![Panel {
            title: String::new(),
            left: 40,
            right: 14,
            top: 8,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        }],
        table,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_by_their_points_and_cover_no_other() {
        let ends = [
            (1.0, 10.0, "a"),
            (0.98, 12.0, "b"),
            (0.2, 11.0, "c"),
            (1.0, 99.0, "d"),
        ];
        let ends = ends.map(|(x, y, name)| (x, y, name.to_owned())).to_vec();
        let placed = beside_ends(ends.clone(), &[], 100.0);
        assert_eq!(placed.len(), ends.len());
        for (x, y, name) in &placed {
            let own = ends.iter().find(|end| end.2 == *name).unwrap();
            assert!(own.0 == *x && (own.1 - y).abs() <= 26.0 && (0.0..=100.0).contains(y));
            for other in placed.iter().filter(|other| other.2 != *name) {
                assert!((other.0 - x).abs() >= 0.3 || (other.1 - y).abs() >= 13.0);
            }
        }
        let many = vec![(1.0, 50.0, "e".to_owned()); 9];
        assert_eq!(beside_ends(many, &[], 100.0).len(), 5);
    }
}
