//! Text as it flows on a page: runs of white space are one blank, or nothing between two Chinese characters where only
//! the source was wrapped.

/// A paragraph or the text of a cell, while it is read.
#[derive(Default)]
pub struct Flow {
    /// What was read so far.
    pub text: String,
    /// The line on which it begins, where that is known.
    pub line: Option<u32>,
    /// White space is waiting, and whether the source broke its line in it.
    blank: Option<bool>,
    /// Whether there may be a line break in it.
    may_break: bool,
}

impl Flow {
    /// Adds text, as it stands in `<pre>` or with its white space folded.
    pub fn push(&mut self, text: &str, preformatted: bool) {
        if preformatted {
            self.text.push_str(text);
            self.may_break = true;
            return;
        }
        let mut rest = text;
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
        if let Some(wrapped) = self.blank.take() {
            let before = self.text.chars().next_back();
            let dropped = wrapped && before.is_some_and(is_wide) && is_wide(first);
            if !dropped && before.is_some_and(|before| before != '\n') {
                self.text.push(' ');
            }
        }
        self.text.push_str(word);
    }

    /// Ends a line. Only preformatted text has empty ones; elsewhere [`Self::finish`] drops them, so they are not begun.
    pub fn end_line(&mut self, preformatted: bool) {
        self.blank = None;
        if preformatted || !(self.text.is_empty() || self.text.ends_with('\n')) {
            self.text.push('\n');
            self.may_break = true;
        }
    }

    /// The lines with anything on them, without the blanks around them.
    pub fn finish(&self) -> String {
        let text = self.text.trim();
        if !self.may_break || !text.contains('\n') {
            return text.to_owned();
        }
        let mut lines = String::with_capacity(text.len());
        for line in text.split('\n').map(str::trim).filter(|line| !line.is_empty()) {
            if !lines.is_empty() {
                lines.push('\n');
            }
            lines.push_str(line);
        }
        lines
    }

    /// Begins anew, with the memory that it has.
    pub fn clear(&mut self) {
        self.text.clear();
        self.line = None;
        self.blank = None;
        self.may_break = false;
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
