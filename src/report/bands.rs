//! The pool by score band, with the part that was invited.
//! Exact scores live in `densities`, other groups in `makeup`.

use super::figure::{Figure, Key, Panel, Sheet};
use super::labels::value;
use super::marks::{Anchor, Marks};
use super::numbers::{decimal, percent, share, whole};
use super::results::{Group, Round};
use super::scale::Scale;

/// Height of a band.
const ROW: f64 = 22.0;

/// Which pool and which invited several rounds are summed up as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sum {
    /// A single round.
    One,
    /// Rounds on one pool that nobody joins: the first pool, and all invited.
    OnePool,
    /// Rounds on a pool that changes: sums over rounds, of which only shares and means make sense.
    Changing,
}

impl Sum {
    /// How these rounds are summed up.
    pub fn of(rounds: &[Round]) -> Self {
        if rounds.len() == 1 {
            return Sum::One;
        }
        let on_one_pool = rounds.windows(2).all(|pair| {
            pair[1].row.pool_size == pair[0].row.pool_size.saturating_sub(pair[0].row.invited)
        });
        if on_one_pool {
            Sum::OnePool
        } else {
            Sum::Changing
        }
    }

    /// What the sums are, in words.
    pub fn note(self, rounds: usize) -> String {
        match self {
            Sum::One => "The pool just before the round.".to_owned(),
            Sum::OnePool => format!(
                "The pool before the first round, and all who were invited in the {rounds} rounds."
            ),
            Sum::Changing => format!(
                "Mean of the {rounds} rounds: the pool just before a round, and those it invited. Shares are of the sums over the rounds: a round counts by its invitations, and by its pool."
            ),
        }
    }

    /// A sum over so many rounds as it is told: a mean where only means make sense.
    pub fn told(self, sum: u64, rounds: usize) -> String {
        match self {
            Sum::One | Sum::OnePool => whole(sum),
            Sum::Changing => decimal(sum as f64 / rounds as f64, 1),
        }
    }

    /// As [`Sum::told`], without a decimal where there is little room and it says little.
    fn told_shortly(self, sum: u64, rounds: usize) -> String {
        match self {
            Sum::Changing if sum >= 10 * rounds as u64 => decimal(sum as f64 / rounds as f64, 0),
            _ => self.told(sum, rounds),
        }
    }
}

/// Groups of a dimension over rounds, with each group's part in the sum: of one pool that before the
/// first round in which the group is counted.
pub fn summed(rounds: &[Round], dimension: &str, sum: Sum) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for group in rounds.iter().flat_map(|round| round.groups(dimension)) {
        match groups.iter_mut().find(|known| known.value == group.value) {
            Some(known) => {
                if sum != Sum::OnePool {
                    known.before = known.before.saturating_add(group.before);
                }
                known.invited = known.invited.saturating_add(group.invited);
            }
            None => groups.push(group.clone()),
        }
    }
    groups
}

/// The pool by score band; none where nothing was counted.
pub fn figure(rounds: &[Round], id: &str) -> Option<Figure> {
    let sum = Sum::of(rounds);
    let groups = summed(rounds, "score_band", sum);
    let most = groups.iter().map(|group| group.before).max()?;
    let scale = Scale::new(0.0, most as f64);
    let height = ROW * groups.len() as f64;
    let mut marks = Marks::default();
    let mut table = Sheet::new([
        "Score band",
        "In the pool",
        "Invited",
        "Invited, share of the band",
    ]);
    for (place, group) in groups.iter().enumerate() {
        let top = ROW * place as f64;
        let name = value("score_band", group.value.as_deref());
        let part = share(group.invited, group.before).map_or_else(String::new, percent);
        marks.text((0.0, top + 15.0), -8.0, Anchor::End, "tick", &name);
        let (all, invited) = (
            scale.at(group.before as f64),
            scale.at(group.invited as f64),
        );
        marks.bar(0.0, all, top + 3.0, ROW - 6.0, "pool");
        marks.bar(0.0, invited, top + 3.0, ROW - 6.0, "invited");
        let shortly = |count: u64| sum.told_shortly(count, rounds.len());
        let figure = if group.invited > 0 {
            format!(
                "{} \u{b7} {}",
                shortly(group.before),
                shortly(group.invited)
            )
        } else {
            shortly(group.before)
        };
        marks.text((all, top + 15.0), 6.0, Anchor::Start, "figure", &figure);
        let told = |count: u64| sum.told(count, rounds.len());
        table
            .rows
            .push(vec![name, told(group.before), told(group.invited), part]);
    }
    marks.line((0.0, 0.0), (0.0, height), "base");
    Some(Figure {
        id: format!("{id}-bands"),
        title: "The pool by score band".to_owned(),
        note: format!(
            "{} Numbers: in the pool \u{b7} invited. Bands are those that IRCC prints, of unlike width.",
            sum.note(rounds.len())
        ),
        across: "Candidates".to_owned(),
        down: "CRS score, points".to_owned(),
        keys: vec![
            Key {
                class: "invited",
                text: "invited".into(),
            },
            Key {
                class: "pool",
                text: "in the pool, not invited".into(),
            },
        ],
        panels: vec![Panel {
            title: String::new(),
            left: 76,
            right: 108,
            top: 2,
            bottom: 4,
            height: height as u32,
            marks,
        }],
        table,
    })
}
