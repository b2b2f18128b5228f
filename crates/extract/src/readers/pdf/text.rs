//! Glyphs to texts: lines by height, and the lines of one text put together again.
//!
//! The layout broke a text where a line was full, and not where its author ended a paragraph. A line that leaves so much
//! room that the next word would have fitted was ended by its author.

use super::glyphs::Glyph;

/// A text, and what tells whether it goes on at the head of the next page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Text {
    /// What is printed.
    pub printed: String,
    /// How much room the last line leaves.
    pub room: f64,
    /// How much room the cell leaves below.
    pub room_below: f64,
    /// How wide the first word is.
    pub first_word: f64,
    /// How high its lines are.
    pub size: f64,
    /// Whether it runs downwards, one character a line. (So does a text of one character.)
    pub is_downwards: bool,
}

impl Text {
    /// Whether its last line was full, so that the other text, on the next page, is likely its rest. A text that runs
    /// downwards has no full lines.
    pub fn goes_on_with(&self, other: &Self) -> bool {
        (self.is_downwards && other.is_downwards)
            || is_full(self.room, other.first_word, self.size.max(other.size))
    }

    /// Whether its cell ends right below it.
    pub fn is_at_bottom(&self) -> bool {
        self.room_below <= 1.2 * self.size
    }

    /// Puts the rest of it behind it.
    pub fn append(&mut self, rest: Self) {
        join(&mut self.printed, &rest.printed);
        self.room = rest.room;
        self.room_below = rest.room_below;
    }
}

/// Whether a line that leaves so much room could not take the next word.
fn is_full(room: f64, next_word: f64, size: f64) -> bool {
    room <= next_word + 0.5 * size
}

/// Puts a line behind another that was full: with a blank only between Latin words.
fn join(text: &mut String, next: &str) {
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    if latin(text.chars().next_back()) && latin(next.chars().next()) {
        text.push(' ');
    }
    text.push_str(next);
}

/// A paragraph outside of tables.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Its text.
    pub text: Text,
    /// Its top.
    pub y: f64,
    /// How far its first line is indented.
    pub indent: f64,
}

/// Glyphs on one line, from left to right.
struct Row {
    glyphs: Vec<Glyph>,
    y: f64,
}

impl Row {
    fn x0(&self) -> f64 {
        self.glyphs
            .iter()
            .filter(|glyph| !glyph.is_blank())
            .map(|glyph| glyph.x0)
            .fold(f64::INFINITY, f64::min)
    }

    fn x1(&self) -> f64 {
        let ends = self.glyphs.iter().filter(|glyph| !glyph.is_blank()).map(|glyph| glyph.x1);
        ends.fold(f64::NEG_INFINITY, f64::max)
    }

    fn size(&self) -> f64 {
        self.glyphs.iter().map(Glyph::size).fold(0.0, f64::max)
    }

    /// How wide the first word is, which a line before it would have had to take. Latin words and numbers are not broken,
    /// no line begins with what closes, and none ends with what opens (GB/T 15834-2011, 5.1).
    fn first_word(&self) -> f64 {
        let mut printed = self.glyphs.iter().skip_while(|glyph| glyph.is_blank());
        let Some(first) = printed.next() else { return 0.0 };
        let mut last = first;
        for next in printed {
            let both = [last, next].map(|glyph| glyph.text.chars().next().unwrap_or(' '));
            // Some programs do not break before a number behind a full stop either.
            let glued = opens(both[0])
                || closes(both[1])
                || both.iter().all(char::is_ascii_graphic)
                || (closes(both[0]) && both[1].is_ascii_alphanumeric());
            if !glued {
                break;
            }
            last = next;
        }
        last.x1 - first.x0
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut before: Option<&Glyph> = None;
        for glyph in &self.glyphs {
            if let Some(before) = before
                && !before.is_blank()
                && !glyph.is_blank()
                && is_gap(before, glyph)
            {
                text.push(' ');
            }
            text.push_str(if glyph.is_blank() { " " } else { &glyph.text });
            before = Some(glyph);
        }
        text
    }
}

fn opens(character: char) -> bool {
    "（([{《〈【〔〖“‘「『".contains(character)
}

fn closes(character: char) -> bool {
    "，。、；：！？,.;:!?）)]}》〉】〕〗”’」』…—－-～~·%％‰℃".contains(character)
}

/// Whether two glyphs stand so far apart that a blank is meant: less so between Latin words, which are parted by it.
fn is_gap(before: &Glyph, glyph: &Glyph) -> bool {
    let gap = glyph.x0 - before.x1;
    let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let latin = is_latin(before.text.chars().next_back()) && is_latin(glyph.text.chars().next());
    gap > before.size().max(glyph.size()) * if latin { 0.2 } else { 0.9 }
}

/// The lines of some glyphs, from top to bottom.
fn rows(mut glyphs: Vec<Glyph>) -> Vec<Row> {
    glyphs.sort_by(|one, other| one.middle().1.total_cmp(&other.middle().1));
    let mut rows: Vec<Row> = Vec::new();
    let mut middle = f64::NEG_INFINITY;
    for glyph in glyphs {
        let (_, y) = glyph.middle();
        let near = glyph.size() * 0.5;
        match rows.last_mut() {
            Some(row) if y - middle <= near => row.glyphs.push(glyph),
            _ => {
                middle = y;
                rows.push(Row { y: glyph.y0, glyphs: vec![glyph] });
            }
        }
    }
    for row in &mut rows {
        row.glyphs.sort_by(|one, other| one.x0.total_cmp(&other.x0));
        row.y = row.glyphs.iter().map(|glyph| glyph.y0).fold(f64::INFINITY, f64::min);
    }
    rows.retain(|row| row.glyphs.iter().any(|glyph| !glyph.is_blank()));
    rows
}

/// The text of a cell between these edges, above this one.
pub fn of_cell(glyphs: Vec<Glyph>, x0: f64, x1: f64, y1: f64) -> Text {
    let rows = rows(glyphs);
    // The margin of the cell is the least that any line leaves on the left; centred lines leave as much on both sides.
    let margin = rows.iter().map(|row| row.x0() - x0).fold(f64::INFINITY, f64::min).max(0.0);
    let mut text = put_together(&rows, x1 - margin.min((x1 - x0) / 4.0));
    text.room_below = y1 - rows.last().map_or(f64::NEG_INFINITY, |row| row.y + row.size());
    if !rows.is_empty() && rows.iter().all(|row| row.text().trim().chars().count() == 1) {
        text.printed.retain(|c| c != '\n');
        text.is_downwards = true;
    }
    text
}

/// Puts the lines of a text together whose right margin is known.
fn put_together(rows: &[Row], right: f64) -> Text {
    let mut printed = String::new();
    let mut before: Option<&Row> = None;
    for row in rows {
        let text = row.text();
        match before {
            Some(before)
                if !is_full(right - before.x1(), row.first_word(), before.size().max(row.size())) =>
            {
                printed.push('\n');
                printed.push_str(text.trim());
            }
            Some(_) => join(&mut printed, text.trim_start()),
            None => printed.push_str(text.trim_start()),
        }
        before = Some(row);
    }
    let lines: Vec<&str> = printed.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    Text {
        printed: lines.join("\n"),
        room: rows.last().map_or(f64::INFINITY, |row| right - row.x1()),
        first_word: rows.first().map_or(0.0, Row::first_word),
        size: rows.iter().map(Row::size).fold(0.0, f64::max),
        room_below: 0.0,
        is_downwards: false,
    }
}

/// The paragraphs of glyphs outside of tables, on a page whose text stands between these edges.
pub fn paragraphs(glyphs: Vec<Glyph>, left: f64, right: f64) -> Vec<Line> {
    let rows = rows(glyphs);
    let mut lines: Vec<Line> = Vec::new();
    let mut paragraph: Vec<Row> = Vec::new();
    let mut end = |paragraph: &mut Vec<Row>| {
        if let Some(first) = paragraph.first() {
            let (y, indent) = (first.y, first.x0() - left);
            lines.push(Line { text: put_together(paragraph, right), y, indent });
        }
        paragraph.clear();
    };
    for row in rows {
        let goes_on = paragraph.last().is_some_and(|last| {
            let size = last.size().max(row.size());
            let full = is_full(right - last.x1(), row.first_word(), size);
            let close = row.y - last.y <= 2.6 * size && (last.size() - row.size()).abs() < 0.2 * size;
            // The first line of the next paragraph is indented by two characters.
            full && close && row.x0() - left < size
        });
        if !goes_on {
            end(&mut paragraph);
        }
        paragraph.push(row);
    }
    end(&mut paragraph);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines of glyphs ten points wide, from an x, at a height.
    fn glyphs(lines: &[(f64, f64, &str)]) -> Vec<Glyph> {
        let line = |(x, y, text): &(f64, f64, &str)| {
            let (x, y) = (*x, *y);
            let glyphs = text.chars().zip(0..).map(move |(character, at)| {
                let x0 = x + 10.0 * f64::from(at);
                Glyph { text: character.to_string(), x0, x1: x0 + 10.0, y0: y, y1: y + 10.0 }
            });
            glyphs.collect::<Vec<_>>()
        };
        lines.iter().flat_map(line).collect()
    }

    #[test]
    fn lines_that_are_full_go_on() {
        let cell = |lines: &[(f64, f64, &str)], x1| of_cell(glyphs(lines), 0.0, x1, 99.0).printed;
        assert_eq!(cell(&[(2.0, 0.0, "满意度指"), (2.0, 12.0, "标")], 45.0), "满意度指标");
        assert_eq!(cell(&[(2.0, 0.0, "完成"), (2.0, 12.0, "三项")], 95.0), "完成\n三项");
        assert_eq!(
            cell(&[(2.0, 0.0, "绩"), (2.0, 12.0, "效"), (2.0, 24.0, "指"), (2.0, 36.0, "标")], 80.0),
            "绩效指标"
        );
        // A long number does not fit any more, so the line was full.
        assert_eq!(cell(&[(2.0, 0.0, "共计"), (2.0, 12.0, "1234567890")], 110.0), "共计1234567890");
    }

    #[test]
    fn gaps_are_blanks_where_one_is_meant() {
        let row = |lines: &[(f64, f64, &str)]| of_cell(glyphs(lines), 0.0, 900.0, 99.0).printed;
        assert_eq!(row(&[(0.0, 0.0, "ab"), (23.0, 0.0, "cd")]), "ab cd");
        assert_eq!(row(&[(0.0, 0.0, "2020"), (43.0, 0.0, "年")]), "2020年");
        assert_eq!(row(&[(0.0, 0.0, "甲局"), (60.0, 0.0, "单位")]), "甲局 单位");
    }

    #[test]
    fn paragraphs_end_where_their_authors_ended_them() {
        let lines = paragraphs(
            glyphs(&[
                (40.0, 0.0, "标题"),
                (20.0, 30.0, "第一段话写到了行末"),
                (0.0, 42.0, "又接着写。"),
                (20.0, 54.0, "第二段。"),
            ]),
            0.0,
            110.0,
        );
        let texts: Vec<_> = lines.iter().map(|line| line.text.printed.as_str()).collect();
        assert_eq!(texts, ["标题", "第一段话写到了行末又接着写。", "第二段。"]);
    }
}
