//! Characters to lines, and lines to text.
//!
//! A line that the layout wrapped goes on in the next one; a line that an author ended does not. The page tells which:
//! where the next line's first word would still have fitted, nobody wrapped it. So a label in a narrow column comes out
//! whole, one character a line if need be, and the paragraphs of a long cell stay apart.

use hayro_interpret::kurbo::Rect;

use super::canvas::Glyph;

/// Characters that no line begins with (GB/T 15834-2011, 5.1), so that the one before comes along.
const NEVER_FIRST: &str = "，。、；：？！）》〉”’】〕〗」』］｝…—－～~·,.;:?!)]}%％‰℃";
/// Characters that no line ends with.
const NEVER_LAST: &str = "（《〈“‘【〔〖「『［｛([{";
/// A gap of this part of a character parts words of Latin letters or digits.
const WORD_GAP: f64 = 0.2;
/// A gap of this part of a character parts Chinese words that stand apart on a line.
const WIDE_GAP: f64 = 0.9;

/// A line of text.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its characters, from left to right.
    pub glyphs: Vec<Glyph>,
    /// Its box.
    pub area: Rect,
    /// The height of its characters.
    pub size: f64,
    /// What it says, without blanks at its ends.
    pub text: String,
    /// Whether a blank is drawn behind it.
    ends_with_blank: bool,
    /// How much room its first word takes.
    first_word: f64,
}

/// Puts characters into lines, from the top, and each line from the left.
pub fn lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    glyphs.retain(|glyph| !glyph.character.is_whitespace() || glyph.area.width() > 0.0);
    glyphs.sort_by(|one, other| one.area.center().y.total_cmp(&other.area.center().y));
    let mut lines = Vec::new();
    let mut open: Vec<Glyph> = Vec::new();
    let (mut middle, mut height) = (0.0, 0.0);
    for glyph in glyphs {
        let at = glyph.area.center().y;
        if !open.is_empty() && at - middle > f64::max(height, glyph.area.height()) * 0.5 {
            lines.extend(line(std::mem::take(&mut open)));
        }
        if open.is_empty() {
            (middle, height) = (at, glyph.area.height());
        }
        open.push(glyph);
    }
    lines.extend(line(open));
    lines
}

/// One line, unless nothing is printed on it.
pub fn line(mut glyphs: Vec<Glyph>) -> Option<Line> {
    glyphs.sort_by(|one, other| one.area.x0.total_cmp(&other.area.x0));
    drop_doubles(&mut glyphs);
    let is_printed = |glyph: &Glyph| !glyph.character.is_whitespace();
    let first = glyphs.iter().position(is_printed)?;
    let last = glyphs.iter().rposition(is_printed)?;
    let ends_with_blank = last + 1 < glyphs.len();
    glyphs.truncate(last + 1);
    glyphs.drain(..first);
    let area = glyphs.iter().map(|glyph| glyph.area).reduce(|one, other| one.union(other))?;
    let mut heights: Vec<f64> = glyphs.iter().map(|glyph| glyph.area.height()).collect();
    let middle = heights.len() / 2;
    let size = *heights.select_nth_unstable_by(middle, f64::total_cmp).1;
    Some(Line {
        area,
        size,
        ends_with_blank,
        text: text_of(&glyphs, size),
        first_word: first_word(&glyphs),
        glyphs,
    })
}

/// Drops what is drawn twice on one spot.
fn drop_doubles(glyphs: &mut Vec<Glyph>) {
    // Doubles stand next to one another, but for the doubles of narrow neighbours.
    const NEAR: usize = 4;
    let mut kept: Vec<Glyph> = Vec::with_capacity(glyphs.len());
    for glyph in glyphs.drain(..) {
        let again = kept.iter().rev().take(NEAR).any(|before| {
            before.character == glyph.character
                && (before.area.x0 - glyph.area.x0).abs() < glyph.area.width() * 0.4
                && (before.area.y0 - glyph.area.y0).abs() < glyph.area.height() * 0.3
        });
        if !again {
            kept.push(glyph);
        }
    }
    *glyphs = kept;
}

/// What characters say that stand on a line.
fn text_of(glyphs: &[Glyph], size: f64) -> String {
    let mut text = String::new();
    let mut end: Option<(f64, char)> = None;
    let mut is_blank_drawn = false;
    for glyph in glyphs {
        if glyph.character.is_whitespace() {
            is_blank_drawn = true;
            continue;
        }
        if let Some((end, last)) = end {
            let gap = (glyph.area.x0 - end) / size;
            // Layouts part Chinese and Latin by themselves; there only a blank that is drawn is one.
            let is_word_gap = is_blank_drawn || (is_word(last) && is_word(glyph.character));
            if gap > 1.5 {
                text.push_str("   ");
            } else if gap > if is_word_gap { WORD_GAP } else { WIDE_GAP } {
                text.push(' ');
            }
        }
        is_blank_drawn = false;
        text.push(glyph.character);
        end = Some((glyph.area.x1, glyph.character));
    }
    text
}

/// How much room the first word takes: what would have had to fit on the line above.
fn first_word(glyphs: &[Glyph]) -> f64 {
    let Some(first) = glyphs.first() else { return 0.0 };
    let mut end = first.area.x1;
    for pair in glyphs.windows(2) {
        let (one, other) = (pair[0].character, pair[1].character);
        let together = (is_word(one) && is_word(other))
            || NEVER_LAST.contains(one)
            || NEVER_FIRST.contains(other)
            // Some layouts keep a number with the sign before it.
            || (NEVER_FIRST.contains(one) && is_word(other));
        if !together {
            break;
        }
        end = pair[1].area.x1;
    }
    end - first.area.x0
}

/// Whether a character is written in words, with blanks between them.
fn is_word(character: char) -> bool {
    character.is_ascii_graphic() || matches!(character, '\u{C0}'..='\u{24F}')
}

impl Line {
    /// Whether it was wrapped: the next line's first word would not have fitted behind it, up to an edge.
    pub fn is_wrapped(&self, next: &Self, room: f64) -> bool {
        room < next.first_word + self.size * 0.3
    }
}

/// The text of a cell that lies between two edges, from its parts on the pages over which it goes.
pub fn cell_text(parts: Vec<Vec<Glyph>>, left: f64, right: f64) -> String {
    let parts: Vec<Vec<Line>> = parts.into_iter().map(lines).collect();
    let heads = parts.iter().scan(0, |end, part| {
        *end += part.len();
        Some(*end)
    });
    let heads: Vec<usize> = heads.collect();
    let lines: Vec<Line> = parts.into_iter().flatten().collect();
    if is_upright(&lines) {
        return lines.iter().map(|line| line.text.as_str()).collect();
    }
    let Some(frame) = Frame::of(&lines, left, right) else { return String::new() };
    let mut text = String::new();
    let mut above: Option<&Line> = None;
    for (index, line) in lines.iter().enumerate() {
        if let Some(above) = above {
            let goes_on = if heads.contains(&index) { Frame::goes_on_over_page } else { Frame::goes_on };
            if goes_on(&frame, above, line) {
                join(&mut text, above, line, frame.room(above));
            } else {
                text.push('\n');
            }
        }
        text.push_str(&line.text);
        above = Some(line);
    }
    text
}

/// How the lines of a cell are set.
pub struct Frame {
    left: f64,
    right: f64,
    /// Where its lines begin.
    begin: f64,
    is_centred: bool,
    /// The distance from one line to the next, where they follow one another closely.
    pitch: f64,
}

impl Frame {
    /// How lines are set between the edges of their cell; none if there are no lines.
    pub fn of(lines: &[Line], left: f64, right: f64) -> Option<Self> {
        let size = lines.iter().map(|line| line.size).reduce(f64::max)?;
        let begin = lines.iter().map(|line| line.area.x0).fold(f64::INFINITY, f64::min);
        // Text keeps as far from the right edge as from the left one.
        let margin = (begin - left).clamp(0.0, size * 0.6);
        let (left, right) = (left + margin, right - margin);
        let is_centred = lines.iter().all(|line| {
            let (before, behind) = (line.area.x0 - left, right - line.area.x1);
            (before - behind).abs() < line.size * 0.6
        });
        let pitches = lines.windows(2).map(|pair| pair[1].area.center().y - pair[0].area.center().y);
        let pitches = pitches.filter(|pitch| *pitch > 0.0);
        let pitch = pitches.fold(f64::INFINITY, f64::min).max(size);
        Some(Self { left, right, begin, is_centred, pitch })
    }

    /// How much room a line leaves.
    fn room(&self, line: &Line) -> f64 {
        let before = if self.is_centred { (line.area.x0 - self.left).max(0.0) } else { 0.0 };
        self.right - line.area.x1 + before
    }

    /// Whether a line goes on in the next one: it is wrapped, and no paragraph begins there.
    fn goes_on(&self, above: &Line, line: &Line) -> bool {
        let is_indented = !self.is_centred
            && line.area.x0 - self.begin > line.size * 1.2
            && above.area.x0 - self.begin < line.size * 0.6;
        let is_apart = line.area.center().y - above.area.center().y > self.pitch * 1.4;
        !is_indented && !is_apart && above.is_wrapped(line, self.room(above))
    }

    /// Whether any of the lines of a cell goes on in the next one.
    pub fn has_wrapped(&self, lines: &[Line]) -> bool {
        lines.windows(2).any(|pair| self.goes_on(&pair[0], &pair[1]))
    }

    /// Whether a line goes on in one on another page.
    pub fn goes_on_over_page(&self, above: &Line, line: &Line) -> bool {
        let is_indented = !self.is_centred && line.area.x0 - self.begin > line.size * 1.2;
        !is_indented && above.is_wrapped(line, self.room(above))
    }
}

/// Whether a text stands upright: one character below the other.
fn is_upright(lines: &[Line]) -> bool {
    lines.len() > 1 && lines.iter().all(|line| line.glyphs.len() == 1)
}

/// Puts what parts two words between a line and the one that it goes on in: in Chinese nothing but a blank that is drawn,
/// and nothing within a number or a word that is too long for any line.
pub fn join(text: &mut String, above: &Line, line: &Line, room: f64) {
    let (Some(last), Some(first)) = (above.text.chars().next_back(), line.text.chars().next()) else {
        return;
    };
    let breaks_word = !above.text.contains(' ') && room < line.size * 0.8 && above.text.chars().all(is_word);
    let in_number = last.is_ascii_digit() && (first.is_ascii_digit() || ".,%".contains(first));
    let letters = last.is_ascii_alphabetic() || (last.is_ascii_punctuation() && ",.;:".contains(last));
    let parts_words = letters && first.is_ascii_alphanumeric() && !breaks_word && !in_number;
    if parts_words || above.ends_with_blank {
        text.push(' ');
    }
}
