//! How many candidates have which score, before and after a round, by group, with the cut-off; and
//! the scores around the cut-off one by one, with the tie-break zone.
//! Published bands live in `bands`.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::{printed_type, round_type};
use super::marks::{Anchor, Marks, Path, steps};
use super::numbers::{sum, time, whole};
use super::results::{Round, ScoreCount, Scores};
use super::scale::Scale;
use crate::shown::counted;

/// Points of a bin: fewer where there are few rounds to draw.
pub fn bin_width(rounds: usize) -> u16 {
    match rounds {
        0..=12 => 5,
        13..=60 => 10,
        _ => 20,
    }
}

/// Scores side by side that are drawn as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bin {
    /// The first of its scores.
    first: u16,
    /// In the pool before the round.
    before: u64,
    /// Invited.
    invited: u64,
}

impl Bin {
    /// How many are left after the round.
    fn left(&self) -> u64 {
        self.before.saturating_sub(self.invited)
    }
}

/// Scores of a group by bin.
fn bins(scores: &Scores, width: u16, from: u16, to: u16) -> Vec<Bin> {
    let mut bins: Vec<Bin> = (from..to)
        .step_by(usize::from(width))
        .map(|first| Bin {
            first,
            before: 0,
            invited: 0,
        })
        .collect();
    let last = bins.len().saturating_sub(1);
    for count in &scores.counts {
        let place = usize::from(count.score.saturating_sub(from) / width).min(last);
        if let Some(bin) = bins.get_mut(place) {
            bin.before = bin.before.saturating_add(count.before);
            bin.invited = bin.invited.saturating_add(count.invited);
        }
    }
    bins
}

/// From which to which score a round is drawn: all but the lowest per cent and the highest tenth
/// of a per cent of the pool, and its cut-off with some room.
fn domain(pool: &Scores, cutoff: Option<u16>) -> (u16, u16) {
    let all = sum(pool.counts.iter().map(|count| count.before));
    let reached = |share: f64| {
        let wanted = (all as f64 * share) as u64;
        let mut below = 0;
        pool.counts
            .iter()
            .find(|count| {
                below = u64::saturating_add(below, count.before);
                below > wanted
            })
            .or(pool.counts.last())
            .map_or(0, |count| count.score)
    };
    let (mut low, mut high) = (reached(0.01), reached(0.999));
    if let Some(cutoff) = cutoff {
        low = low.min(cutoff.saturating_sub(30));
        high = high.max(cutoff + 60);
    }
    (low / 50 * 50, high.div_ceil(50) * 50)
}

/// The groups drawn: the pool, those whom a program round ranked, and the categories of whom
/// somebody was invited: the others are after the round as they were before it.
fn groups(round: &Round) -> Vec<(&Scores, String)> {
    let kind = round.row.kind.as_ref();
    let mut groups = Vec::new();
    for scores in &round.scores {
        let name = match (scores.dimension.as_str(), scores.value.as_deref()) {
            ("pool", _) => "Whole pool".to_owned(),
            ("program", Some(program)) if program == kind => printed_type(program, None),
            ("category", Some(category)) => round_type(category),
            _ => continue,
        };
        let is_own = scores.value.as_deref() == Some(kind);
        let unchanged = scores.counts.iter().all(|count| count.invited == 0);
        if unchanged && scores.dimension == "category" && !is_own {
            continue;
        }
        groups.push((scores, name));
    }
    // The group that the round is for comes right after the pool.
    if let Some(place) = groups
        .iter()
        .position(|(scores, _)| scores.value.as_deref() == Some(kind))
    {
        let own = groups.remove(place);
        groups.insert(1.min(groups.len()), own);
    }
    groups
}

/// Densities before and after the round; none where nothing was counted.
pub fn figure(round: &Round, width: u16, id: &str) -> Option<Figure> {
    const HEIGHT: f64 = 130.0;
    let groups = groups(round);
    let pool = groups.first()?.0;
    let cutoff = round.row.cutoff_score.map(|score| score.0);
    let (from, to) = domain(pool, cutoff);
    let scale = Scale::new(f64::from(from), f64::from(to));
    let mut table = Sheet::new(["CRS score"]);
    table.rows = bins(pool, width, from, to)
        .iter()
        .map(|bin| {
            let (low, high) = (bin.first, bin.first + width - 1);
            let name = if low == from && from > 0 {
                format!("{high} and below")
            } else if high + 1 >= to {
                format!("{low} and above")
            } else {
                format!("{low}\u{2013}{high}")
            };
            vec![name]
        })
        .collect();
    let mut panels = Vec::new();
    for (scores, name) in groups {
        let bins = bins(scores, width, from, to);
        let most = bins.iter().map(|bin| bin.before).max().unwrap_or(0).max(1) as f64;
        let up = Scale::nice([0.0, most].into_iter(), 3)?;
        let y = |count: u64| HEIGHT * (1.0 - up.at(count as f64));
        let x = |score: u16| scale.at(f64::from(score));
        let mut marks = Marks::default();
        levels(&mut marks, &up, HEIGHT, 3);
        let ticks = scale.ticks(5).into_iter();
        let ticks: Vec<(f64, String)> =
            ticks.map(|(value, text)| (scale.at(value), text)).collect();
        marks.under(HEIGHT, &ticks);
        let outline = |count: fn(&Bin) -> u64| {
            let bins: Vec<(f64, f64, f64)> = bins
                .iter()
                .map(|bin| (x(bin.first), x(bin.first + width), y(count(bin))))
                .collect();
            let mut points = vec![(0.0, HEIGHT)];
            points.extend(steps(&bins));
            points.push((1.0, HEIGHT));
            points
        };
        let paths = [
            Path {
                class: "invited",
                points: outline(|bin| bin.before),
                closed: true,
            },
            Path {
                class: "pool",
                points: outline(Bin::left),
                closed: true,
            },
        ];
        marks.paths(HEIGHT, &paths);
        if let Some(cutoff) = cutoff {
            marks.line((x(cutoff), -4.0), (x(cutoff), HEIGHT), "cutoff");
            let anchor = if x(cutoff) > 0.85 {
                (Anchor::End, -5.0)
            } else {
                (Anchor::Start, 5.0)
            };
            marks.text(
                (x(cutoff), 4.0),
                anchor.1,
                anchor.0,
                "cutoff-label",
                &cutoff.to_string(),
            );
        }
        for (row, bin) in table.rows.iter_mut().zip(&bins) {
            row.push(whole(bin.before));
            row.push(whole(bin.left()));
        }
        table.heads.push(format!("{name}, before"));
        table.heads.push(format!("{name}, after"));
        let before = sum(scores.counts.iter().map(|count| count.before));
        let invited = sum(scores.counts.iter().map(|count| count.invited));
        panels.push(Panel {
            title: format!("{name}: {} of {} invited", whole(invited), whole(before)),
            left: 46,
            right: 14,
            top: 12,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        });
    }
    Some(Figure {
        id: format!("{id}-scores"),
        title: "Scores before and after the round".to_owned(),
        note: "The whole area is the group before the round, the grey part what is left after it. Each panel has a vertical scale of its own; scores beyond the ends count in the first and last bin. Categories of whom nobody was invited are left out.".to_owned(),
        across: "CRS score, points".to_owned(),
        down: format!("Candidates per {width} points"),
        keys: vec![
            Key { class: "invited", text: "invited".into() },
            Key { class: "pool", text: "left in the pool".into() },
            Key { class: "cutoff", text: "cut-off score".into() },
        ],
        panels,
        table,
    })
}

/// The scores around the cut-off, one by one, of those whom the round ranked; none where nothing
/// was counted or nobody was invited.
pub fn around_cutoff(round: &Round, id: &str) -> Option<Figure> {
    const HEIGHT: f64 = 150.0;
    const REACH: u16 = 12;
    let cutoff = round.row.cutoff_score?.0;
    let pool = round
        .scores
        .iter()
        .find(|scores| scores.dimension == "pool")?;
    let (from, to) = (cutoff.saturating_sub(REACH), cutoff + REACH);
    let near: Vec<ScoreCount> = (from..=to)
        .map(|score| {
            let known = (pool.counts).binary_search_by_key(&score, |count| count.score);
            let nobody = ScoreCount {
                score,
                before: 0,
                eligible: 0,
                invited: 0,
            };
            known.map_or(nobody, |place| pool.counts[place])
        })
        .collect();
    let most = near.iter().map(|count| count.eligible).max()?.max(1) as f64;
    let up = Scale::nice([0.0, most].into_iter(), 3)?;
    let scale = Scale::new(f64::from(from) - 0.5, f64::from(to) + 0.5);
    let y = |count: u64| HEIGHT * (1.0 - up.at(count as f64));
    let mut marks = Marks::default();
    let edge = |score: u16, side: f64| scale.at(f64::from(score) + side);
    marks.bar(
        edge(cutoff, -0.5),
        edge(cutoff, 0.5),
        -14.0,
        HEIGHT + 14.0,
        "zone",
    );
    levels(&mut marks, &up, HEIGHT, 3);
    let mut table = Sheet::new(["CRS score", "Ranked by the round", "Invited", "Not invited"]);
    let mut ticks = Vec::new();
    for &ScoreCount {
        score,
        eligible,
        invited,
        ..
    } in &near
    {
        let (low, high) = (edge(score, -0.42), edge(score, 0.42));
        marks.told(&format!(
            "{score} points: {} ranked, {} invited",
            whole(eligible),
            whole(invited)
        ));
        marks.bar(low, high, 0.0, HEIGHT, "hit");
        marks.bar(low, high, y(eligible), HEIGHT - y(eligible), "pool");
        marks.bar(low, high, y(invited), HEIGHT - y(invited), "invited");
        marks.end();
        if score.abs_diff(cutoff).is_multiple_of(4) {
            ticks.push((edge(score, 0.0), score.to_string()));
        }
        table.rows.push(vec![
            score.to_string(),
            whole(eligible),
            whole(invited),
            whole(eligible.saturating_sub(invited)),
        ]);
    }
    marks.under(HEIGHT, &ticks);
    let row = &round.row;
    let tied = format!(
        "Of {} ranked with {cutoff} points, {} {} invited",
        counted(row.tied_at_cutoff, "candidate"),
        whole(row.tied_invited),
        if row.tied_invited == 1 { "was" } else { "were" }
    );
    let note = match row.tie_break_utc {
        Some(at) => format!("{tied}; the tie-break was {}.", time(at)),
        None => format!("{tied}."),
    };
    marks.text(
        (edge(cutoff, 0.0), -4.0),
        0.0,
        Anchor::Middle,
        "cutoff-label",
        "tie-break",
    );
    Some(Figure {
        id: format!("{id}-cutoff"),
        title: "At the cut-off, score by score".to_owned(),
        note,
        across: "CRS score, points".to_owned(),
        down: "Candidates whom the round ranked".to_owned(),
        keys: vec![
            Key {
                class: "invited",
                text: "invited".into(),
            },
            Key {
                class: "pool",
                text: "not invited".into(),
            },
            Key {
                class: "zone",
                text: "tie-break zone: the cut-off score".into(),
            },
        ],
        panels: vec![Panel {
            title: String::new(),
            left: 46,
            right: 14,
            top: 18,
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
    fn every_candidate_is_in_a_bin() {
        let counts = [(0, 5, 0), (301, 7, 1), (304, 1, 1), (1_200, 2, 2)];
        let scores = Scores {
            dimension: "pool".to_owned(),
            value: None,
            counts: counts
                .map(|(score, before, invited)| ScoreCount {
                    score,
                    before,
                    eligible: before,
                    invited,
                })
                .to_vec(),
        };
        let bins = bins(&scores, 5, 300, 400);
        assert_eq!(bins.len(), 20);
        let told = [0, 19].map(|place| (bins[place].first, bins[place].before, bins[place].left()));
        assert_eq!(told, [(300, 13, 11), (395, 2, 0)]);
    }
}
