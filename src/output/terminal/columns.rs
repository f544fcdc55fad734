//! Cells in aligned columns: text to the left, numbers to the right, as wide as the place allows.
//! What the cells say is not decided here.

use std::borrow::Cow;
use std::collections::BTreeSet;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::look::Look;

/// The narrowest that a column of text is cut to.
const NARROWEST: usize = 12;
/// The widest that a cell is shown which others stand behind.
const WIDEST: usize = 80;

/// A table of text cells.
#[derive(Debug, Clone)]
pub struct Columns {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    spare: Vec<usize>,
    figure: Option<usize>,
}

impl Columns {
    /// A table with these headings and no row.
    pub fn new(heads: &[&str]) -> Self {
        Columns {
            heads: heads.iter().map(|&head| head.to_owned()).collect(),
            rows: Vec::new(),
            spare: Vec::new(),
            figure: None,
        }
    }

    /// Columns that a narrow place leaves out, the first of these first.
    #[must_use]
    pub fn spare(mut self, columns: &[usize]) -> Self {
        self.spare = columns.to_vec();
        self
    }

    /// The column that matters most.
    #[must_use]
    pub fn figure(mut self, column: usize) -> Self {
        self.figure = Some(column);
        self
    }

    /// Adds a row with a cell for each heading; control characters become blanks, and every cell
    /// but the last is cut where it is very wide.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = cells
            .into_iter()
            .map(|cell| cell.replace(char::is_control, " "));
        let mut cells: Vec<String> = cells.collect();
        cells.resize(self.heads.len(), String::new());
        if let Some((_, before)) = cells.split_last_mut() {
            for cell in before {
                *cell = cut(cell, WIDEST, Keep::Start).into_owned();
            }
        }
        self.rows.push(cells);
    }

    /// The lines, each indented by two blanks; a table without rows is its headings.
    pub fn text(&self, look: &Look) -> String {
        let mut keep = vec![Keep::Start; self.heads.len()];
        let mut shown: Vec<usize> = (0..self.heads.len()).collect();
        let mut widths: Vec<usize> = shown.iter().map(|&column| self.width(column)).collect();
        if let Some(most) = look.width {
            let total = |shown: &[usize], widths: &[usize]| -> usize {
                shown.iter().map(|&column| widths[column] + 2).sum()
            };
            for &spare in &self.spare {
                if total(&shown, &widths) > most {
                    shown.retain(|&column| column != spare);
                }
            }
            let mut text: Vec<usize> = (shown.iter().copied())
                .filter(|&column| !self.is_numeric(column))
                .collect();
            // The widest first, of equal ones the last.
            text.sort_by_key(|&column| (widths[column], column));
            for &column in text.iter().rev() {
                let over = total(&shown, &widths).saturating_sub(most);
                if over == 0 {
                    break;
                }
                let least = widths[column].min(NARROWEST);
                let wanted = widths[column].saturating_sub(over).max(least);
                let cells = self.rows.iter().map(|row| row[column].as_str()).collect();
                (widths[column], keep[column]) = telling(&cells, wanted, widths[column]);
            }
        }
        let right: Vec<bool> = (0..self.heads.len())
            .map(|column| self.is_numeric(column))
            .collect();
        let mut text = String::new();
        for (place, row) in std::iter::once(&self.heads).chain(&self.rows).enumerate() {
            let mut line = String::new();
            for &column in &shown {
                let cell = cut(&row[column], widths[column], keep[column]);
                let gap = " ".repeat(widths[column].saturating_sub(cell.width()));
                let dressed = match place {
                    0 => look.aside(&cell),
                    _ if self.figure == Some(column) => look.figure(&cell),
                    _ => cell.into_owned(),
                };
                line.push_str("  ");
                line.push_str(&match right[column] {
                    true => gap + &dressed,
                    false => dressed + &gap,
                });
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }

    /// How wide it is where nothing is left out.
    pub fn total_width(&self) -> usize {
        let columns = 0..self.heads.len();
        columns.map(|column| self.width(column) + 2).sum()
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].width());
        cells
            .chain([self.heads[column].width()])
            .max()
            .unwrap_or_default()
    }

    fn is_numeric(&self, column: usize) -> bool {
        let mut cells = self
            .rows
            .iter()
            .map(|row| row[column].as_str())
            .filter(|cell| !cell.is_empty())
            .peekable();
        cells.peek().is_some() && cells.all(is_number)
    }
}

/// Whether a cell reads as a number, an interval, or a missing one; a date does not.
fn is_number(cell: &str) -> bool {
    let digits = cell.trim_start_matches(['-', '+']);
    let is_date = cell.as_bytes().get(4) == Some(&b'-');
    cell == "-" || digits.starts_with(|first: char| first.is_ascii_digit()) && !is_date
}

/// What is kept of a cell that is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keep {
    Start,
    StartAndEnd,
}

/// The least width from `wanted` on in which no two cells that differ look alike, and what is kept
/// of them there; in the `whole` width nothing is cut.
fn telling(cells: &BTreeSet<&str>, wanted: usize, whole: usize) -> (usize, Keep) {
    let mut widths = (wanted..whole).flat_map(|width| {
        let keeps = [Keep::Start, Keep::StartAndEnd].into_iter();
        keeps.map(move |keep| (width, keep))
    });
    let tells = |&(width, keep): &(usize, Keep)| {
        let mut seen = BTreeSet::new();
        cells.iter().all(|cell| seen.insert(cut(cell, width, keep)))
    };
    widths.find(tells).unwrap_or((whole, Keep::Start))
}

/// The cell, cut to a width with three dots.
fn cut(cell: &str, width: usize, keep: Keep) -> Cow<'_, str> {
    if cell.width() <= width {
        return Cow::Borrowed(cell);
    }
    fn letters(letters: impl Iterator<Item = char>, mut room: usize) -> Vec<char> {
        letters
            .take_while(|letter| {
                let needed = letter.width().unwrap_or(0);
                let fits = needed <= room;
                room = room.saturating_sub(needed);
                fits
            })
            .collect()
    }
    let room = width.saturating_sub(3);
    let (end, room) = match keep {
        Keep::Start => (Vec::new(), room),
        Keep::StartAndEnd => (letters(cell.chars().rev(), room / 2), room - room / 2),
    };
    let start = letters(cell.chars(), room);
    let short = start.into_iter().chain("...".chars());
    Cow::Owned(short.chain(end.into_iter().rev()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Columns {
        let mut table = Columns::new(&["round", "type", "invited", "date"]).spare(&[3]);
        let row = |cells: [&str; 4]| cells.map(str::to_owned);
        table.row(row(["9", "General", "4,300", "2023-06-27"]));
        table.row(row(["252", "Healthcare occupations", "-", "2023-06-28"]));
        table
    }

    #[test]
    fn numbers_stand_to_the_right_and_text_and_dates_to_the_left() {
        assert_eq!(
            sample().text(&Look::PLAIN),
            "  round  type                    invited  date\n      \
             9  General                   4,300  2023-06-27\n    \
             252  Healthcare occupations        -  2023-06-28\n"
        );
    }

    #[test]
    fn a_narrow_place_leaves_spare_columns_out_and_then_cuts_text() {
        let look = |width| Look {
            width: Some(width),
            ..Look::PLAIN
        };
        let text = sample().text(&look(44));
        assert!(!text.contains("date") && text.contains("Healthcare occupations"));
        let text = sample().text(&look(36));
        assert!(text.contains("Healthcare occu..."), "{text}");
        assert!(text.lines().all(|line| line.width() <= 36), "{text}");
    }

    #[test]
    fn a_table_of_several_texts_fits_too() {
        let mut table = Columns::new(&["round", "type", "outcome"]);
        for (round, outcome) in [("1", "not in healthcare: too few months"), ("2", "invited")] {
            let kind = "Healthcare and social services occupations (2024-V1)";
            table.row([round, kind, outcome].map(str::to_owned));
        }
        let look = Look {
            width: Some(50),
            ..Look::PLAIN
        };
        let text = table.text(&look);
        assert!(text.lines().all(|line| line.width() <= 50), "{text}");
        assert!(
            text.contains("not in heal") && text.contains("Healthc"),
            "{text}"
        );
    }

    #[test]
    fn cells_that_differ_differ_in_a_narrow_place_too() {
        let cells_of = |cells: &[&str], width| -> Vec<String> {
            let mut table = Columns::new(&["metric", "difference"]);
            for cell in cells {
                table.row([(*cell).to_owned(), "+1.5".to_owned()]);
            }
            let look = Look {
                width: Some(width),
                ..Look::PLAIN
            };
            let text = table.text(&look);
            let cell = |line: &str| line.trim_end_matches("+1.5").trim().to_owned();
            text.lines().skip(1).map(cell).collect()
        };
        let same_start = [
            "share of the invited from overseas",
            "share of the invited from Canada",
        ];
        assert_eq!(
            cells_of(&same_start, 34),
            ["share of ...overseas", "share of ...m Canada"]
        );
        let same_ends = [
            "invited in round 1 of all the candidates",
            "invited in round 2 of all the candidates",
        ];
        let shown = cells_of(&same_ends, 34);
        assert!(
            shown[0].contains("round 1") && shown[1].contains("round 2"),
            "{shown:?}"
        );
    }

    #[test]
    fn wide_characters_keep_columns_aligned_and_control_characters_are_taken_out() {
        let mut table = Columns::new(&["name", "n"]);
        table.row(["\u{4e2d}\u{6587}".to_owned(), "1".to_owned()]);
        table.row(["a\u{1b}[31mb".to_owned(), "22".to_owned()]);
        let text = table.text(&Look::PLAIN);
        assert!(!text.contains('\u{1b}'));
        let mut widths = text.lines().map(UnicodeWidthStr::width);
        let first = widths.next();
        assert!(widths.all(|width| Some(width) == first), "{text}");
    }
}
