//! Score bands of a pool: read from a table, and scaled to a size.
//! Which published pool they come from is `pool`'s.

use std::ops::Range;

use crate::pool::{Band, Bands};
use crate::scenario::spanned::{At, Entries};
use crate::scenario::wire::Count;
use crate::shown::quoted;
use crate::units::Score;

/// What is wrong with a table of bands, and where.
pub(super) struct BadBand {
    /// Place; none for the table as a whole.
    pub span: Option<Range<usize>>,
    /// The band as written.
    pub key: String,
    /// Why.
    pub message: String,
    /// Whether it is that scores lie in no band: those of a band that could not be read, maybe.
    pub gap: bool,
}

/// The bands of a table, highest first. All of its problems at once.
pub(super) fn from_table(table: &Entries<At<Count>>) -> Result<Bands, Vec<BadBand>> {
    let bands = covering(table)?.into_iter().map(|(low, high, count)| Band {
        low,
        high,
        count: count.value.0.unsigned_abs(),
    });
    Ok(Bands(bands.collect()))
}

/// Lowest and highest score, with the value of the band between.
type Covered<'t, V> = (u16, u16, &'t At<V>);
/// The same with the key, as read.
type Keyed<'t, V> = ((u16, u16), &'t At<V>, &'t At<String>);

/// Lowest and highest score of the entries of a table, with their values, highest first: they do
/// not overlap and cover every score. All problems at once.
pub(super) fn covering<V>(table: &Entries<At<V>>) -> Result<Vec<Covered<'_, V>>, Vec<BadBand>> {
    let mut bad = Vec::new();
    let mut bands: Vec<Keyed<'_, V>> = Vec::new();
    for (key, value) in &table.0 {
        match range(&key.value) {
            Ok(ends) => bands.push((ends, value, key)),
            Err(message) => bad.push(BadBand {
                span: Some(key.span.clone()),
                key: key.value.clone(),
                message,
                gap: false,
            }),
        }
    }
    // Scores that no band holds may be those of a band that could not be read.
    let some_unread = !bad.is_empty();
    bands.sort_by_key(|(ends, ..)| std::cmp::Reverse(*ends));
    let mut above = (Score::MAX.0 + 1, "the highest score".to_owned());
    let mut last = None;
    for &((low, high), _, key) in &bands {
        let place = |message, gap| BadBand {
            span: Some(key.span.clone()),
            key: key.value.clone(),
            message,
            gap,
        };
        if high >= above.0 {
            bad.push(place(format!("overlaps the band {}", above.1), false));
        } else if high + 1 < above.0 {
            let message = format!(
                "no band holds the scores {} to {}, between it and {}",
                high + 1,
                above.0 - 1,
                above.1
            );
            bad.push(place(message, true));
        }
        above = (low, quoted(&key.value));
        last = Some((low, key.span.clone(), key.value.clone()));
    }
    match last {
        None => bad.push(BadBand {
            span: None,
            key: String::new(),
            message: "the table has no band".to_owned(),
            gap: true,
        }),
        Some((low @ 1.., span, key)) => bad.push(BadBand {
            span: Some(span),
            key,
            message: format!("no band holds the scores 0 to {}, below it", low - 1),
            gap: true,
        }),
        Some(_) => {}
    }
    if some_unread {
        bad.retain(|band| !band.gap);
    }
    if bad.is_empty() {
        let bands = bands.into_iter();
        Ok(bands
            .map(|((low, high), value, _)| (low, high, value))
            .collect())
    } else {
        Err(bad)
    }
}

/// Lowest and highest score of a band as it is written, e.g. `501-600`.
fn range(text: &str) -> Result<(u16, u16), String> {
    let digits = |text: &str| {
        (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let ends = text
        .split_once('-')
        .and_then(|(low, high)| Some((digits(low)?, digits(high)?)));
    match ends {
        Some((low, high)) if low > high => Err(format!(
            "{} has its lowest score last; write `{high}-{low}`",
            quoted(text)
        )),
        Some((_, high)) if high > Score::MAX.0 => Err(format!(
            "{} goes past the highest score, {}",
            quoted(text),
            Score::MAX
        )),
        Some(ends) => Ok(ends),
        None => Err(format!(
            "{} is not a band; write it like `501-600`, both ends included",
            quoted(text)
        )),
    }
}

/// The bands with `size` candidates in all, in the same proportions as nearly as whole candidates
/// allow: largest remainder, equal remainders to the higher band.
pub(super) fn scaled(bands: &Bands, size: u64) -> Bands {
    let total = u128::from(bands.total()).max(1);
    let share = |band: &Band| u128::from(band.count) * u128::from(size);
    let mut scaled: Vec<Band> = bands
        .0
        .iter()
        .map(|band| Band {
            count: u64::try_from(share(band) / total).unwrap_or(u64::MAX),
            ..*band
        })
        .collect();
    let given: u64 = scaled.iter().map(|band| band.count).sum();
    let mut order: Vec<usize> = (0..scaled.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(share(&bands.0[index]) % total));
    let left = usize::try_from(size.saturating_sub(given)).unwrap_or(usize::MAX);
    for &index in order.iter().take(left) {
        scaled[index].count += 1;
    }
    Bands(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bands(counts: &[u64]) -> Bands {
        let band = |(index, &count): (usize, &u64)| {
            let low = u16::try_from(index).unwrap_or_default() * 10;
            Band {
                low,
                high: low + 9,
                count,
            }
        };
        Bands(counts.iter().enumerate().map(band).collect())
    }

    #[test]
    fn scaled_bands_add_up_exactly_and_keep_their_proportions() {
        let published = bands(&[353, 726, 831, 4_719, 20_475, 0]);
        for size in [1, 7, 27_103, 27_104, 10_000_000, 1_000_000_000] {
            let scaled = scaled(&published, size);
            assert_eq!(scaled.total(), size);
            for (band, before) in scaled.0.iter().zip(&published.0) {
                let exact = before.count as f64 * size as f64 / published.total() as f64;
                assert!((band.count as f64 - exact).abs() < 1.0, "{size}");
            }
        }
        assert_eq!(scaled(&published, published.total()), published);
    }

    #[test]
    fn a_band_is_two_scores_with_a_dash() {
        assert_eq!(range("501-600"), Ok((501, 600)));
        assert_eq!(range("475-475"), Ok((475, 475)));
        for bad in [
            "600-501", "1-1201", "501", "a-b", "-5-6", "", "1-", "00001-2", "1-+2",
        ] {
            assert!(range(bad).is_err(), "{bad}");
        }
    }
}
