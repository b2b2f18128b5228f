//! What people see: one place that prints, and one that makes text from strangers harmless.
//!
//! Colours are written always and taken out again where the output is no terminal, or `NO_COLOR` is set. A reader
//! that closes the pipe (`jixiao inspect … | head`) has seen enough: that is no failure.

use std::fmt::{Display, Write as _};
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthChar;

use crate::failure::Failure;

/// A heading.
pub const BOLD: Style = Style::new().bold();
/// What is beside the point.
pub const DIM: Style = Style::new().dimmed();
/// Something to look at.
pub const WARNING: Style = AnsiColor::Yellow.on_default();
/// Something that is wrong.
pub const ERROR: Style = AnsiColor::Red.on_default();
/// Something that was read.
pub const VALUE: Style = AnsiColor::Green.on_default();

/// A text in a style.
pub fn styled(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a result to stdout.
///
/// # Errors
/// If stdout cannot be written to, other than since its reader has gone.
pub fn print(text: &str) -> io::Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
        _ => Ok(()),
    }
}

/// Says on stderr why nothing was done.
pub fn complain(failure: &Failure) {
    say(&format!("{}: {}", styled(ERROR.bold(), "jixiao"), harmless(&failure.to_string())));
}

/// Says on stderr what went wrong beside a result that stands.
pub fn warn(text: &str) {
    say(&format!("{}: {}", styled(WARNING.bold(), "jixiao"), harmless(text)));
}

/// Says something to a person on stderr; whether that can be written makes no difference to the result.
pub fn say(text: &str) {
    let mut out = anstream::AutoStream::auto(io::stderr().lock());
    let _ = writeln!(out, "{text}");
}

/// A message of several lines that cannot steer a terminal, whatever names and texts of strangers are in it.
fn harmless(message: &str) -> String {
    message.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// Text of a document as one line that cannot steer a terminal: line breaks are shown as `⏎`, and control characters
/// and those that turn the direction of writing (Unicode UAX #9, 2) as their numbers.
pub fn shown(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut shown, c| {
        match c {
            '\n' => shown.push('⏎'),
            '\t' => shown.push('⇥'),
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(shown, "{}", c.escape_unicode());
            }
            c if c.is_control() => {
                let _ = write!(shown, "{}", c.escape_unicode());
            }
            c => shown.push(c),
        }
        shown
    })
}

/// How many columns of a terminal a text takes: Chinese characters take two.
pub fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// A text cut in its middle to a number of columns; both ends tell what it is.
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let half = columns.saturating_sub(1) / 2;
    let mut head = String::new();
    for c in text.chars() {
        if width(&head) + c.width().unwrap_or(0) > half {
            break;
        }
        head.push(c);
    }
    let mut tail = Vec::new();
    let mut taken = 0;
    for c in text.chars().rev() {
        taken += c.width().unwrap_or(0);
        if taken > half {
            break;
        }
        tail.push(c);
    }
    format!("{head}…{}", tail.iter().rev().collect::<String>())
}

/// A text filled up with blanks to a number of columns.
pub fn padded(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// Lines of cells as columns, each as wide as its widest cell; the last column is left as it is.
pub fn columns(rows: &[Vec<String>], indent: &str) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|column| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| visible(cell)).max().unwrap_or(0)
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        text += indent;
        for (cell, width) in row.iter().zip(&widths) {
            text += cell;
            text += &" ".repeat(width + 2 - visible(cell));
        }
        text.truncate(text.trim_end_matches(' ').len());
        text.push('\n');
    }
    text
}

/// The columns of a text with styles in it.
fn visible(text: &str) -> usize {
    width(&anstream::adapter::strip_str(text).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_documents_cannot_steer_the_terminal() {
        for (text, harmless) in [
            ("项目\n名称\t甲", "项目⏎名称⇥甲"),
            ("\u{1b}[2Jx\r\u{7}", "\\u{1b}[2Jx\\u{d}\\u{7}"),
            ("100\u{202e}001", "100\\u{202e}001"),
            ("甲\u{61c}乙\u{200f}", "甲\\u{61c}乙\\u{200f}"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(shown(text), harmless);
        }
    }

    #[test]
    fn texts_are_cut_by_columns_and_not_by_characters() {
        assert_eq!(cut("项目名称", 8), "项目名称");
        assert_eq!(cut("一二三四五六七八九十", 9), "一二…九十");
        assert_eq!(cut("abcdefghij", 7), "abc…hij");
    }

    #[test]
    fn columns_line_up_with_chinese_and_styles_in_them() {
        let rows = [vec![styled(BOLD, "项目"), "1".into()], vec!["abc".into(), "2".into()]];
        let plain = anstream::adapter::strip_str(&columns(&rows, " ")).to_string();
        assert_eq!(plain, " 项目  1\n abc   2\n");
    }
}
