//! Single figures as SVG files that stand on their own: title, panels in a grid, axis names, what
//! colours mean; light or dark as the reader's screen is.
//! The figures themselves are those of the page.

use std::fmt::Write as _;
use std::path::Path;

use super::ReportError;
use super::figure::{Figure, Panel};
use super::heading::title;
use super::labels::shortened;
use super::marks::escape;
use super::page::{MARKS, PALETTE, figures};
use super::results::Results;
use crate::shown::lines_of;

/// Width of a picture in pixels.
const WIDTH: u32 = 800;
/// Pixels around it.
const EDGE: u32 = 20;

/// Pixels that a letter of a title takes at most, on average over a text in any common typeface.
const TITLE: u32 = 12;
/// As [`TITLE`], of the titles of panels.
const PANEL_TITLE: u32 = 9;
/// As [`TITLE`], of notes and keys.
const NOTE: u32 = 8;

/// Every figure of a result folder as an SVG file, with its name.
///
/// # Errors
/// When the folder is no result, or a file of it cannot be read or does not hold what it should.
pub fn pictures(folder: &Path) -> Result<Vec<(String, String)>, ReportError> {
    let results = Results::read(folder)?;
    Ok(figures(&results)
        .iter()
        .map(|figure| (format!("{}.svg", figure.id), svg(figure, &title(&results))))
        .collect())
}

fn svg(figure: &Figure, of: &str) -> String {
    let columns: u32 = match figure.panels.len() {
        0 | 1 => 1,
        2 | 4 => 2,
        _ if figure.panels.iter().any(Panel::has_names) => 2,
        _ => 3,
    };
    let gap = 24;
    let cell = (WIDTH - 2 * EDGE - gap * (columns - 1)) / columns;
    let mut body = String::new();
    let mut y = EDGE - 4;
    let heads = [
        ("title", figure.title.as_str(), TITLE, 22, 4),
        ("note", of, NOTE, 18, 12),
    ];
    for (class, text, letter, line_height, below) in heads {
        for line in wrapped(text, WIDTH - 2 * EDGE, letter) {
            y += line_height;
            let _ = write!(
                body,
                "<text class=\"{class}\" x=\"{EDGE}\" y=\"{y}\">{}</text>",
                escape(&line)
            );
        }
        y += below;
    }
    if !figure.keys.is_empty() {
        y += 12;
        let mut x = EDGE;
        for key in &figure.keys {
            let wide = 20 + NOTE * key.text.chars().count() as u32;
            if x > EDGE && x + wide > WIDTH - EDGE {
                (x, y) = (EDGE, y + 20);
            }
            let _ = write!(
                body,
                "<svg x=\"{x}\" y=\"{}\" width=\"14\" height=\"14\" overflow=\"visible\">{}</svg><text class=\"note\" x=\"{}\" y=\"{y}\">{}</text>",
                y - 12,
                swatch(key.class),
                x + 20,
                escape(&key.text)
            );
            x += wide + 24;
        }
        y += 10;
    }
    if figure.down != figure.title {
        y += 14;
        let _ = write!(
            body,
            "<text class=\"tick\" x=\"{EDGE}\" y=\"{y}\">{}</text>",
            escape(&figure.down)
        );
        y += 4;
    }
    for row in figure.panels.chunks(columns as usize) {
        let titles: Vec<Vec<String>> = row
            .iter()
            .map(|panel| wrapped(&panel.title, cell, PANEL_TITLE))
            .collect();
        let lines = titles.iter().map(Vec::len).max().unwrap_or(0) as u32;
        let heading = if lines > 0 { 4 + 16 * lines } else { 0 };
        let mut tallest = 0;
        for (place, (panel, title)) in row.iter().zip(&titles).enumerate() {
            let x = EDGE + place as u32 * (cell + gap);
            for (line, text) in title.iter().rev().enumerate() {
                let _ = write!(
                    body,
                    "<text class=\"panel-title\" x=\"{x}\" y=\"{}\">{}</text>",
                    y + heading - 4 - 16 * line as u32,
                    escape(text)
                );
            }
            panel_at(&mut body, panel, (x, y + heading), cell);
            tallest = tallest.max(panel.top + panel.height + panel.bottom);
        }
        y += heading + tallest + 8;
    }
    y += 10;
    let _ = write!(
        body,
        "<text class=\"tick\" x=\"{}\" y=\"{y}\" text-anchor=\"end\">{}</text>",
        WIDTH - EDGE,
        escape(&figure.across)
    );
    y += EDGE - 4;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {y}\" width=\"{WIDTH}\" height=\"{y}\" role=\"img\" aria-label=\"{title}\" font-family=\"system-ui,-apple-system,Segoe UI,Roboto,Helvetica Neue,Arial,sans-serif\"><title>{title}</title><style>{PALETTE}{MARKS}.title{{fill:var(--ink);font-size:18px;font-weight:600}}.panel-title{{fill:var(--ink);font-size:13px;font-weight:600}}.note{{fill:var(--soft);font-size:13px}}.paths{{overflow:hidden}}</style><rect width=\"{WIDTH}\" height=\"{y}\" fill=\"var(--paper)\"/>{body}</svg>\n",
        title = escape(&format!("{}: {}", figure.title, of))
    )
}

/// A text in lines that fit a width; a word that is longer than a line is shortened.
fn wrapped(text: &str, width: u32, letter: u32) -> Vec<String> {
    let most = (width / letter) as usize;
    let words = text.split_whitespace();
    lines_of(words.map(|word| shortened(word, most)), most)
}

fn panel_at(body: &mut String, panel: &Panel, (x, y): (u32, u32), width: u32) {
    let _ = write!(
        body,
        "<svg x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" overflow=\"visible\">{}</svg>",
        x + panel.left,
        y + panel.top,
        width.saturating_sub(panel.left + panel.right),
        panel.height,
        panel.marks.as_str()
    );
}

/// A key's mark in a square of 14 pixels.
fn swatch(class: &str) -> String {
    match class {
        "point" | "category" | "actual" | "open" | "same" => {
            format!("<circle class=\"{class}\" cx=\"7\" cy=\"8\" r=\"5\"/>")
        }
        "pool-tick" => format!("<line class=\"{class}\" x1=\"7\" y1=\"1\" x2=\"7\" y2=\"15\"/>"),
        line if line.starts_with("line-") => {
            format!("<path class=\"{line}\" d=\"M-3 8H17\"/>")
        }
        "wide" | "middle" | "equal" | "cutoff" | "thin" => {
            format!("<line class=\"{class}\" x1=\"0\" y1=\"8\" x2=\"14\" y2=\"8\"/>")
        }
        _ => format!("<rect class=\"{class}\" y=\"2\" width=\"14\" height=\"12\"/>"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_wrapped_before_they_leave_their_panel() {
        let title = "Canadian experience class, 18 rounds";
        assert_eq!(
            wrapped(title, 237, PANEL_TITLE),
            ["Canadian experience class,", "18 rounds"]
        );
        assert_eq!(wrapped("", 237, PANEL_TITLE), Vec::<String>::new());
        assert_eq!(wrapped("longer-than-a-line", 90, 9), ["longer-th\u{2026}"]);
    }
}
