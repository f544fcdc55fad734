//! A figure of the page: title, how to read it, axes by name and unit, one or more panels, and the
//! same data as a table.
//! What the panels show is decided by the modules of the charts.

use std::borrow::Cow;

use maud::{Markup, PreEscaped, html};

use super::marks::Marks;

/// One chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Unique on the page.
    pub id: String,
    /// What it shows.
    pub title: String,
    /// How to read it, and what is left out.
    pub note: String,
    /// The axis across, with its unit.
    pub across: String,
    /// The axis down, with its unit.
    pub down: String,
    /// What colours mean.
    pub keys: Vec<Key>,
    /// The plots, in order of reading.
    pub panels: Vec<Panel>,
    /// The numbers.
    pub table: Sheet,
}

/// What a colour or mark means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Class of the mark.
    pub class: &'static str,
    /// Its meaning.
    pub text: Cow<'static, str>,
}

/// One plot of a figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Panel {
    /// What is particular to it; empty for the only one.
    pub title: String,
    /// Pixels to the left, for what is written there.
    pub left: u32,
    /// Pixels to the right.
    pub right: u32,
    /// Pixels above.
    pub top: u32,
    /// Pixels below.
    pub bottom: u32,
    /// Height of the plot itself.
    pub height: u32,
    /// What is drawn.
    pub marks: Marks,
}

impl Panel {
    /// Whether rows have their names in the plot, which asks for width.
    pub fn has_names(&self) -> bool {
        self.marks.as_str().contains("<text class=\"name\"")
    }
}

/// The numbers of a figure.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sheet {
    /// Heads of the columns; the first column names the row.
    pub heads: Vec<String>,
    /// Rows as they are printed.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// A table with these heads and no rows.
    pub fn new<const N: usize>(heads: [&str; N]) -> Self {
        Sheet {
            heads: heads.map(str::to_owned).to_vec(),
            rows: Vec::new(),
        }
    }

    /// The table, that scrolls sideways within itself where it is too wide.
    pub fn markup(&self, caption: &str) -> Markup {
        html! {
            div.scroll tabindex="0" role="region" aria-label=(caption) {
                table {
                    caption { (caption) }
                    thead { tr { @for head in &self.heads { th scope="col" { (head) } } } }
                    tbody {
                        @for row in &self.rows {
                            tr { @for (place, cell) in row.iter().enumerate() {
                                @if place == 0 { th scope="row" { (cell) } } @else { td { (cell) } }
                            } }
                        }
                    }
                }
            }
        }
    }
}

impl Figure {
    /// The figure for the page.
    pub fn markup(&self) -> Markup {
        let class = match self.panels.len() {
            1 => "panels",
            2 | 4 => "panels many pair",
            _ => "panels many",
        };
        html! {
            figure id=(self.id) aria-labelledby={ (self.id) "-t" } {
                figcaption {
                    h3 id={ (self.id) "-t" } { (self.title) }
                    @if !self.note.is_empty() { p.note { (self.note) } }
                    @if !self.keys.is_empty() {
                        ul.keys { @for key in &self.keys {
                            li { span class={ "key k-" (key.class) } {} (key.text.as_ref()) }
                        } }
                    }
                }
                @if self.down != self.title { p.axis.down { (self.down) } }
                div class=(class) {
                    @for panel in &self.panels { (self.panel(panel)) }
                }
                p.axis.across { (self.across) }
                details.data {
                    summary { "Data of this chart" span.sr { ": " (self.title) } }
                    (self.table.markup(&self.title))
                }
            }
        }
    }

    fn panel(&self, panel: &Panel) -> Markup {
        let said = if panel.title.is_empty() {
            self.title.clone()
        } else {
            format!("{}: {}", self.title, panel.title)
        };
        let said = format!("{said}. Across: {}. Down: {}.", self.across, self.down);
        let margins = format!(
            "padding:{}px {}px {}px {}px",
            panel.top, panel.right, panel.bottom, panel.left
        );
        html! {
            div.panel {
                @if !panel.title.is_empty() { h4 { (panel.title) } }
                div.plot style=(margins) {
                    svg width="100%" height=(panel.height) role="img" aria-label=(said) {
                        (PreEscaped(panel.marks.as_str()))
                    }
                }
            }
        }
    }
}
