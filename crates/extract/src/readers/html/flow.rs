//! Text as it flows on a page: runs of white space are one blank, or nothing between two Chinese characters where only
//! the source was wrapped.

use std::borrow::Cow;

/// A paragraph or the text of a cell, while it is read.
#[derive(Default)]
pub struct Flow<'s> {
    /// What was read so far, as long as it is one piece of the page in which no white space is to be folded.
    piece: &'s str,
    /// What was read so far, otherwise.
    text: String,
    /// The line on which it begins, where that is known.
    pub line: Option<u32>,
    /// White space is waiting, and whether the source broke its line in it.
    blank: Option<bool>,
    /// The line has ended; nothing stands on the next one yet.
    is_ended: bool,
    /// Whether there may be a line break in it.
    may_break: bool,
}

impl<'s> Flow<'s> {
    /// Adds text, as it stands in `<pre>` or with its white space folded.
    pub fn push(&mut self, text: Cow<'s, str>, preformatted: bool) {
        if preformatted {
            self.text().push_str(&text);
            self.may_break = true;
            return;
        }
        if let Cow::Borrowed(text) = text
            && self.is_empty()
        {
            let begun = text.trim_ascii_start();
            let piece = begun.trim_ascii_end();
            if is_folded(piece) {
                self.piece = piece;
                let after = begun.get(piece.len()..).unwrap_or_default();
                self.blank = (!after.is_empty()).then(|| after.contains(['\n', '\r']));
                return;
            }
        }
        let mut rest = &*text;
        while !rest.is_empty() {
            let end = first_blank(rest.as_bytes());
            let (word, after) = rest.split_at(end);
            self.push_word(word);
            let begun = after.trim_ascii_start();
            for blank in after.bytes().take(after.len() - begun.len()) {
                self.blank = Some(self.blank.unwrap_or(false) || matches!(blank, b'\n' | b'\r'));
            }
            rest = begun;
        }
    }

    fn push_word(&mut self, word: &str) {
        let Some(first) = word.chars().next() else { return };
        let blank = self.blank.take();
        let text = self.text();
        if let Some(wrapped) = blank {
            let before = text.chars().next_back();
            let dropped = wrapped && before.is_some_and(is_wide) && is_wide(first);
            if !dropped && before.is_some_and(|before| before != '\n') {
                text.push(' ');
            }
        }
        text.push_str(word);
    }

    /// The text to add to.
    fn text(&mut self) -> &mut String {
        self.text.push_str(std::mem::take(&mut self.piece));
        if std::mem::take(&mut self.is_ended) {
            self.text.push('\n');
            self.may_break = true;
        }
        &mut self.text
    }

    fn is_empty(&self) -> bool {
        self.piece.is_empty() && self.text.is_empty()
    }

    /// Ends a line. Only preformatted text has empty ones; elsewhere [`Self::finish`] drops them, so they are not begun.
    pub fn end_line(&mut self, preformatted: bool) {
        self.blank = None;
        if preformatted {
            self.text().push('\n');
            self.may_break = true;
        } else if !(self.is_empty() || self.text.ends_with('\n')) {
            self.is_ended = true;
        }
    }

    /// The text as it was read.
    pub fn whole(&mut self) -> &str {
        self.text()
    }

    /// The lines with anything on them, without the blanks around them.
    pub fn finish(&self) -> Cow<'s, str> {
        if self.text.is_empty() {
            return Cow::Borrowed(self.piece.trim());
        }
        let text = self.text.trim();
        if !self.may_break || !text.contains('\n') {
            return Cow::Owned(text.to_owned());
        }
        let mut lines = String::with_capacity(text.len());
        for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(line);
        }
        Cow::Owned(lines)
    }

    /// Begins anew, with the memory that it has.
    pub fn clear(&mut self) {
        self.text.clear();
        *self = Self { text: std::mem::take(&mut self.text), ..Self::default() };
    }
}

/// Whether all white space in a text that has none around it is single blanks.
fn is_folded(text: &str) -> bool {
    let mut rest = text.as_bytes();
    loop {
        rest = rest.get(first_blank(rest)..).unwrap_or_default();
        match rest {
            [] => return true,
            [b' ', behind @ ..] if behind.first().is_some_and(|next| !is_blank(*next)) => rest = behind,
            _ => return false,
        }
    }
}

/// Where the first white space is, or the end.
fn first_blank(bytes: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    let mut at = 0;
    // Eight bytes at a time: all white space is below `!`, and little else is. (The first byte that is has its high bit set
    // by this; only of those behind it that may be wrong.)
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let eight = u64::from_le_bytes(*eight);
        let below = eight.wrapping_sub(ONES * u64::from(b'!')) & !eight & (ONES << 7);
        if below == 0 {
            at += 8;
            continue;
        }
        at += below.trailing_zeros() as usize / 8;
        if bytes.get(at).copied().is_some_and(is_blank) {
            return at;
        }
        at += 1;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| is_blank(*byte)).unwrap_or(rest.len())
}

/// White space of HTML (*ASCII whitespace*, Infra 4.6), which is what [`u8::is_ascii_whitespace`] knows as such.
fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

/// Whether a character is one between which Chinese is written without blanks.
fn is_wide(character: char) -> bool {
    matches!(u32::from(character), 0x2018..=0x201D | 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFF60 | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_is_folded_and_one_piece_is_not_copied() {
        for (pieces, expected, is_piece) in [
            (&["甲乙"][..], "甲乙", true),
            (&[" \n甲 乙 and more\t"], "甲 乙 and more", true),
            (&["\u{3000}甲\u{A0}"], "甲", true),
            (&["甲", "\n乙"], "甲乙", false),
            (&["甲\n", "乙"], "甲乙", false),
            (&["甲 ", "乙"], "甲 乙", false),
            (&["甲\n", "b"], "甲 b", false),
            (&["甲  乙, a longer text"], "甲 乙, a longer text", false),
            (&["a longer text, 甲\r\n乙"], "a longer text, 甲乙", false),
            (&["甲\x01乙\x1F a"], "甲\x01乙\x1F a", true),
            (&["甲", "|", "|", " 乙", "|"], "甲\n乙", false),
            (&["|", "甲", "|", " ", "|"], "甲", true),
        ] {
            let mut flow = Flow::default();
            for piece in pieces {
                if *piece == "|" { flow.end_line(false) } else { flow.push(Cow::Borrowed(piece), false) }
            }
            let text = flow.finish();
            assert_eq!((&*text, matches!(text, Cow::Borrowed(_))), (expected, is_piece), "{pieces:?}");
        }
    }

    #[test]
    fn preformatted_text_keeps_its_lines() {
        let mut flow = Flow::default();
        flow.push("甲".into(), false);
        flow.end_line(false);
        flow.push(" 乙\n\n".into(), true);
        flow.end_line(true);
        assert_eq!(flow.whole(), "甲\n 乙\n\n\n");
        assert_eq!(flow.finish(), "甲\n乙");
    }
}
