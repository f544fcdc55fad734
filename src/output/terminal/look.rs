//! How text for a terminal may look: in colour or not, and how wide.
//! Whether a terminal is there is for whoever prints to find out.

use anstyle::{AnsiColor, Style};

/// What the place where a text is shown can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Whether it understands colours.
    pub colour: bool,
    /// Columns of a line; none for as many as it takes.
    pub width: Option<usize>,
}

impl Look {
    /// Neither colours nor a limit: files, pipes.
    pub const PLAIN: Look = Look {
        colour: false,
        width: None,
    };

    /// What a part of the text is about.
    pub fn heading(&self, text: &str) -> String {
        self.styled(Style::new().bold(), text)
    }

    /// The figure that matters most.
    pub fn figure(&self, text: &str) -> String {
        self.styled(
            Style::new().bold().fg_color(Some(AnsiColor::Cyan.into())),
            text,
        )
    }

    /// What went well for somebody.
    pub fn good(&self, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(AnsiColor::Green.into())), text)
    }

    /// What a reader should not overlook.
    pub fn warning(&self, text: &str) -> String {
        self.styled(Style::new().fg_color(Some(AnsiColor::Yellow.into())), text)
    }

    /// What went wrong.
    pub fn error(&self, text: &str) -> String {
        self.styled(
            Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
            text,
        )
    }

    /// What can be passed over.
    pub fn aside(&self, text: &str) -> String {
        self.styled(Style::new().dimmed(), text)
    }

    fn styled(&self, style: Style, text: &str) -> String {
        if self.colour && !text.is_empty() {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_look_leaves_text_as_it_is() {
        assert_eq!(Look::PLAIN.figure("486"), "486");
        let look = Look {
            colour: true,
            ..Look::PLAIN
        };
        assert_eq!(look.heading("a"), "\u{1b}[1ma\u{1b}[0m");
        assert_eq!(look.heading(""), "");
    }
}
