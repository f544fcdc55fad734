//! What replicates add besides cut-offs: fans of the pool and of the make-up of the invited.
//! Cut-offs over replicates live in `cutoffs`.

use super::cutoffs::levels;
use super::figure::{Figure, Key, Panel, Sheet};
use super::marks::{Marks, Path};
use super::numbers::{day, plain};
use super::results::{Results, Round};
use super::scale::{Scale, TimeScale};

/// Metrics with what they are called, what they are multiplied by and whether rounds without
/// anybody of the group are common.
const SHOWN: [(&str, &str, f64); 6] = [
    ("pool_size", "Candidates in the pool before the round", 1.0),
    ("tied_at_cutoff", "Candidates with the cut-off score", 1.0),
    ("median_wait_days", "Median wait of the invited, days", 1.0),
    ("share_women", "Women among the invited, %", 100.0),
    (
        "share_french_speakers",
        "French speakers among the invited, %",
        100.0,
    ),
    (
        "share_work_in_canada",
        "Invited with work in Canada, %",
        100.0,
    ),
];

/// Fans over time; none for a single replicate or fewer than two rounds.
pub fn figure(results: &Results) -> Option<Figure> {
    const HEIGHT: f64 = 130.0;
    if !results.is_replicated() || results.rounds.len() < 2 {
        return None;
    }
    let time = TimeScale::over(results.rounds.iter().map(|round| round.row.at_utc))?;
    let mut table = Sheet::new([
        "Round", "Date", "Figure", "5%", "25%", "Median", "75%", "95%",
    ]);
    let mut panels = Vec::new();
    for (metric, title, times) in SHOWN {
        let fans: Vec<(&Round, [f64; 5])> = results
            .rounds
            .iter()
            .filter_map(|round| {
                let row = round.over_replicates(metric)?;
                let all = [row.p05?, row.p25?, row.median?, row.p75?, row.p95?];
                Some((round, all.map(|value| value * times)))
            })
            .collect();
        let Some(scale) = Scale::nice(fans.iter().flat_map(|(_, fan)| *fan), 3) else {
            continue;
        };
        if fans.len() < 2 {
            continue;
        }
        let point = |round: &Round, value: f64| {
            (time.at(round.row.at_utc), HEIGHT * (1.0 - scale.at(value)))
        };
        let band = |low: usize, high: usize, class| {
            let upper = fans.iter().map(|(round, fan)| point(round, fan[high]));
            let lower = fans.iter().rev().map(|(round, fan)| point(round, fan[low]));
            Path {
                class,
                points: upper.chain(lower).collect(),
                closed: true,
            }
        };
        let median = Path {
            class: "trend",
            points: fans
                .iter()
                .map(|(round, fan)| point(round, fan[2]))
                .collect(),
            closed: false,
        };
        let mut marks = Marks::default();
        levels(&mut marks, &scale, HEIGHT, 3);
        marks.under(HEIGHT, &time.ticks(4));
        marks.paths(
            HEIGHT,
            &[band(0, 4, "band-90"), band(1, 3, "band-50"), median],
        );
        for (round, fan) in &fans {
            let at = point(round, fan[2]);
            marks.told(&format!(
                "Round {}, {}: {}, 5% to 95%: {} to {}",
                round.row.round,
                day(round.row.at_utc),
                plain(fan[2]),
                plain(fan[0]),
                plain(fan[4])
            ));
            marks.dot(at, 2.5, "point");
            marks.end();
            let mut row = vec![
                round.row.round.to_string(),
                day(round.row.at_utc),
                title.to_owned(),
            ];
            row.extend(fan.map(plain));
            table.rows.push(row);
        }
        panels.push(Panel {
            title: title.to_owned(),
            left: 54,
            right: 14,
            top: 8,
            bottom: 26,
            height: HEIGHT as u32,
            marks,
        });
    }
    (!panels.is_empty()).then(|| Figure {
        id: "fans".to_owned(),
        title: "The spread over replicates".to_owned(),
        note: "Each replicate draws candidates of its own. The spread is the chance in that draw, not the error of the model.".to_owned(),
        across: "Date of the round".to_owned(),
        down: "The figure named above each panel".to_owned(),
        keys: vec![
            Key { class: "point", text: "median".into() },
            Key { class: "band-50", text: "25% to 75% of replicates".into() },
            Key { class: "band-90", text: "5% to 95%".into() },
        ],
        panels,
        table,
    })
}
