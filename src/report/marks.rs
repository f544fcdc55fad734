//! Marks of a chart as SVG: lines, bars, dots, areas, text, axes. Positions across are 0 to 1 of
//! the plot's width, positions down are pixels.
//! What is drawn, and in which place, is decided by the charts.

use std::fmt::Write as _;

/// SVG on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(String);

/// Which side of its place a text stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are those of SVG")]
pub enum Anchor {
    Start,
    Middle,
    End,
}

/// A share as per cent with no more digits than can be seen.
fn percent(place: f64) -> String {
    format!("{}%", number(place * 100.0))
}

/// A number with at most two decimals.
fn number(value: f64) -> String {
    let text = format!("{:.2}", value + 0.0);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// Text made harmless in HTML and XML.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

impl Marks {
    /// The SVG.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A line.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), class: &str) {
        let _ = write!(self.0, "<line class=\"{class}\"");
        self.place("x1", from.0);
        let _ = write!(self.0, " y1=\"{}\"", number(from.1));
        self.place("x2", to.0);
        let _ = write!(self.0, " y2=\"{}\"/>", number(to.1));
    }

    /// A line down, drawn for so many pixels and left out for so many others, by turns.
    pub fn dashes(
        &mut self,
        x: f64,
        (top, bottom): (f64, f64),
        (on, off): (f64, f64),
        class: &str,
    ) {
        let _ = write!(self.0, "<line class=\"{class}\"");
        self.place("x1", x);
        let _ = write!(self.0, " y1=\"{}\"", number(top));
        self.place("x2", x);
        let _ = write!(
            self.0,
            " y2=\"{}\" stroke-dasharray=\"{} {}\"/>",
            number(bottom),
            number(on),
            number(off)
        );
    }

    /// A place across; zero is what SVG assumes.
    fn place(&mut self, name: &str, place: f64) {
        if place != 0.0 {
            let _ = write!(self.0, " {name}=\"{}\"", percent(place));
        }
    }

    /// A bar from one place across to another; one of no width or height is not drawn.
    pub fn bar(&mut self, from: f64, to: f64, top: f64, height: f64, class: &str) {
        let (from, to) = (from.min(to), from.max(to));
        if to <= from || height <= 0.0 {
            return;
        }
        let _ = write!(self.0, "<rect class=\"{class}\"");
        self.place("x", from);
        let _ = write!(
            self.0,
            " y=\"{}\" width=\"{}\" height=\"{}\"/>",
            number(top),
            percent(to - from),
            number(height)
        );
    }

    /// A dot.
    pub fn dot(&mut self, at: (f64, f64), radius: f64, class: &str) {
        let _ = write!(
            self.0,
            "<circle class=\"{class}\" cx=\"{}\" cy=\"{}\" r=\"{}\"/>",
            percent(at.0),
            number(at.1),
            number(radius)
        );
    }

    /// A text, moved by pixels from its place.
    pub fn text(&mut self, at: (f64, f64), right: f64, anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " mid",
            Anchor::End => " end",
        };
        let _ = write!(self.0, "<text class=\"{class}{anchor}\"");
        self.place("x", at.0);
        let _ = write!(self.0, " y=\"{}\"", number(at.1));
        if right != 0.0 {
            let _ = write!(self.0, " dx=\"{}\"", number(right));
        }
        let _ = write!(self.0, ">{}</text>", escape(text));
    }

    /// What follows up to [`Marks::end`] tells `text` under the pointer.
    pub fn told(&mut self, text: &str) {
        let _ = write!(self.0, "<g data-tip=\"{}\">", escape(text));
    }

    /// Ends what began with [`Marks::told`].
    pub fn end(&mut self) {
        self.0.push_str("</g>");
    }

    /// Paths in a plot of that height, whose points are places across and pixels down; closed
    /// paths are areas.
    pub fn paths(&mut self, height: f64, paths: &[Path<'_>]) {
        let _ = write!(
            self.0,
            "<svg width=\"100%\" height=\"{h}\" viewBox=\"0 0 1000 {h}\" preserveAspectRatio=\"none\" class=\"paths\">",
            h = number(height)
        );
        for path in paths {
            if path.points.is_empty() {
                continue;
            }
            let _ = write!(self.0, "<path class=\"{}\" d=\"", path.class);
            let mut last: Option<(String, String)> = None;
            for (x, y) in &path.points {
                let (x, y) = (coarse(x * 1_000.0), coarse(*y));
                let _ = match &last {
                    None => write!(self.0, "M{x} {y}"),
                    Some((before, above)) if *before == x && *above == y => Ok(()),
                    Some((before, _)) if *before == x => write!(self.0, "V{y}"),
                    Some((_, above)) if *above == y => write!(self.0, "H{x}"),
                    Some(_) => write!(self.0, "L{x} {y}"),
                };
                last = Some((x, y));
            }
            self.0.push_str(if path.closed { "Z\"/>" } else { "\"/>" });
        }
        self.0.push_str("</svg>");
    }

    /// Level lines with their values to the left.
    pub fn levels(&mut self, ticks: &[(f64, String)]) {
        for (place, (y, text)) in ticks.iter().enumerate() {
            let class = if place == 0 { "base" } else { "grid" };
            self.line((0.0, *y), (1.0, *y), class);
            self.text((0.0, y + 4.0), -8.0, Anchor::End, "tick", text);
        }
    }

    /// Ticks under a plot of that height.
    pub fn under(&mut self, height: f64, ticks: &[(f64, String)]) {
        for (x, text) in ticks {
            self.line((*x, height), (*x, height + 5.0), "mark");
            self.text((*x, height + 18.0), 0.0, Anchor::Middle, "tick", text);
        }
    }
}

/// A path of [`Marks::paths`].
#[derive(Debug, Clone, PartialEq)]
pub struct Path<'a> {
    /// CSS class.
    pub class: &'a str,
    /// Places across (0 to 1) and pixels down.
    pub points: Vec<(f64, f64)>,
    /// Whether it is an area.
    pub closed: bool,
}

/// A number with at most one decimal: paths are long.
fn coarse(value: f64) -> String {
    let text = format!("{value:.1}");
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

/// The points of steps over bins: each bin's edges and height.
pub fn steps(bins: &[(f64, f64, f64)]) -> Vec<(f64, f64)> {
    bins.iter()
        .flat_map(|&(from, to, y)| [(from, y), (to, y)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_element() {
        let mut marks = Marks::default();
        marks.text((0.5, 1.0), 0.0, Anchor::Start, "tick", "<script>&\"'");
        marks.told("\"><script>");
        marks.end();
        assert!(!marks.as_str().contains("<script>"));
        assert!(marks.as_str().contains("&lt;script&gt;&amp;&quot;&#39;"));
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!(
            [
                percent(1.0 / 3.0),
                number(-0.001),
                number(12.0),
                coarse(3.96)
            ],
            ["33.33%", "0", "12", "4"]
        );
    }
}
