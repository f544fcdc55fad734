//! Small charts of a line's height. What they show is not decided here.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A line of bars, the lowest value the smallest and the highest the largest; a blank for a value
/// that is not known.
pub fn line(values: impl IntoIterator<Item = Option<f64>>) -> String {
    let values: Vec<Option<f64>> = values.into_iter().collect();
    let known = || values.iter().flatten().copied();
    let (low, high) = (
        known().fold(f64::INFINITY, f64::min),
        known().fold(f64::NEG_INFINITY, f64::max),
    );
    bars(&values, low, high)
}

/// A line of bars that start at 0: how often something was counted; a blank for never.
pub fn histogram(counts: &[u64]) -> String {
    let values: Vec<Option<f64>> = counts
        .iter()
        .map(|&count| (count > 0).then_some(count as f64))
        .collect();
    let most = counts.iter().copied().max().unwrap_or_default();
    bars(&values, 0.0, most as f64)
}

fn bars(values: &[Option<f64>], low: f64, high: f64) -> String {
    let bar = |value: f64| {
        let last = (LEVELS.len() - 1) as f64;
        let share = if high > low {
            (value - low) / (high - low)
        } else {
            0.5
        };
        LEVELS[(share * last).round().clamp(0.0, last) as usize]
    };
    values.iter().map(|value| value.map_or(' ', bar)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_with_values_and_unknown_ones_are_blank() {
        assert_eq!(line([Some(1.0), None, Some(8.0), Some(4.0)]), "▁ █▄");
        assert_eq!(line([Some(5.0), Some(5.0)]), "▅▅");
        assert_eq!(line([]), "");
    }

    #[test]
    fn a_histogram_starts_at_nothing() {
        assert_eq!(histogram(&[0, 1, 10, 5]), " ▂█▅");
        assert_eq!(histogram(&[]), "");
    }
}
