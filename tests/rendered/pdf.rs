//! Pages as PDF: text in a font that is not embedded, tables as lines, and page breaks wherever they fall.
//!
//! A row that does not fit is cut after the last line that does, as offices cut it; what is drawn at the cut, and how lines
//! are drawn, differs from producer to producer (see `Style`).

use std::collections::VecDeque;
use std::fmt::Write;

use proptest::prelude::*;

use crate::page::{Cell, Part, Slot, Table};

const WIDTH: f64 = 595.0;
const HEIGHT: f64 = 842.0;
const MARGIN: f64 = 50.0;
/// The size of the font, and the distance from one line to the next.
const SIZE: f64 = 10.0;
const PITCH: f64 = 14.0;
/// What a cell leaves free at its upper and lower end together, and at each side.
const INSIDE: f64 = 6.0;
const SIDE: f64 = 3.0;
const NEVER_FIRST: &str = "，。、；：！？,.;:!?）)》”%";
const NEVER_LAST: &str = "（(《“";

/// How lines of tables are drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Lines {
    /// As lines.
    Strokes,
    /// As thin filled boxes.
    Fills,
    /// As rows of filled dots.
    Dots,
    /// Between rows alone.
    Rows,
    /// Around the table alone.
    Box,
    /// Around the table and between its rows.
    BoxAndRows,
    /// Not at all.
    None,
}

/// How a producer lays out.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// How lines are drawn.
    pub lines: Lines,
    /// Whether a cell that a page cuts is closed with a line on both pages.
    pub is_closed_at_cuts: bool,
    /// How far down the first page begins.
    pub shift: f64,
    /// Whether the page is printed on its side, and turned by its reader.
    pub is_turned: bool,
}

/// Any style.
pub fn style() -> impl Strategy<Value = Style> {
    style_of(&[Lines::Strokes, Lines::Fills, Lines::Fills, Lines::Dots])
}

/// Any style that draws no lines between columns.
pub fn style_without_columns() -> impl Strategy<Value = Style> {
    style_of(&[Lines::Rows, Lines::Box, Lines::BoxAndRows, Lines::None])
}

fn style_of(lines: &'static [Lines]) -> impl Strategy<Value = Style> {
    let lines = prop::sample::select(lines);
    (lines, any::<bool>(), 0.0..700.0, any::<bool>()).prop_map(
        |(lines, is_closed_at_cuts, shift, is_turned)| Style { lines, is_closed_at_cuts, shift, is_turned },
    )
}

/// Pages in a style.
pub fn written(parts: &[Part], style: Style) -> Vec<u8> {
    let mut layout = Layout { style, pages: vec![String::new()], y: MARGIN + style.shift };
    for (number, part) in parts.iter().enumerate() {
        match part {
            Part::Line(text) => layout.paragraph(text, number == 0),
            Part::Table(table) => layout.table(table),
        }
    }
    document(&layout.pages, style)
}

/// A cell that is being laid out.
struct Open {
    left: f64,
    right: f64,
    lines: VecDeque<String>,
    top: f64,
    last_row: usize,
    is_cut: bool,
}

impl Open {
    /// How much height it still needs below a point.
    fn need(&self, y: f64) -> f64 {
        self.lines.len() as f64 * PITCH + INSIDE - (y - self.top)
    }
}

struct Layout {
    style: Style,
    pages: Vec<String>,
    y: f64,
}

impl Layout {
    fn bottom() -> f64 {
        HEIGHT - MARGIN
    }

    fn page(&mut self) -> &mut String {
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn turn_page(&mut self) {
        let number = format!("- {} -", self.pages.len());
        self.text(&number, WIDTH / 2.0 - 15.0, HEIGHT - MARGIN / 2.0);
        self.pages.push(String::new());
        self.y = MARGIN;
    }

    /// Writes a line whose upper end is at a height.
    fn text(&mut self, text: &str, x: f64, y: f64) {
        let codes: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        let base = HEIGHT - y - SIZE * 0.88;
        let _ = writeln!(self.page(), "BT /F1 {SIZE} Tf 1 0 0 1 {x:.2} {base:.2} Tm <{codes}> Tj ET");
    }

    fn rule(&mut self, x0: f64, y0: f64, x1: f64, y1: f64) {
        let (y0, y1) = (HEIGHT - y0, HEIGHT - y1);
        let lines = self.style.lines;
        let page = self.page();
        let _ = match lines {
            Lines::None => Ok(()),
            Lines::Rows if x0 == x1 => Ok(()),
            Lines::BoxAndRows if x0 == x1 && x0 > MARGIN && x0 < 545.0 => Ok(()),
            Lines::Strokes | Lines::Rows | Lines::Box | Lines::BoxAndRows => {
                writeln!(page, "0.5 w {x0:.2} {y0:.2} m {x1:.2} {y1:.2} l S")
            }
            Lines::Fills => {
                let (width, height) = ((x1 - x0).max(0.5), (y0 - y1).max(0.5));
                writeln!(page, "{x0:.2} {y1:.2} {width:.2} {height:.2} re f")
            }
            Lines::Dots => {
                let length = (x1 - x0).max(y0 - y1);
                let step = |at: f64| (x0 + (x1 - x0) * at / length, y0 + (y1 - y0) * at / length);
                let mut at = 0.0;
                while at < length {
                    let (x, y) = step(at);
                    let _ = writeln!(page, "{x:.2} {y:.2} 0.8 0.8 re f");
                    at += 2.0;
                }
                Ok(())
            }
        };
    }

    fn paragraph(&mut self, text: &str, is_title: bool) {
        for line in wrapped(text, WIDTH - 2.0 * MARGIN) {
            if self.y + PITCH > Self::bottom() {
                self.turn_page();
            }
            let x = if is_title { (WIDTH - width(&line)) / 2.0 } else { MARGIN };
            let y = self.y;
            self.text(&line, x, y);
            self.y += PITCH;
        }
        self.y += PITCH;
    }

    fn table(&mut self, table: &Table) {
        let columns = columns(table);
        let mut open: Vec<Open> = Vec::new();
        let mut top = self.y;
        for (number, row) in table.slots().iter().enumerate() {
            for (column, slot) in row.iter().enumerate() {
                if let Slot::Begin(cell) = slot {
                    open.push(opened(cell, &columns, column, number, self.y));
                }
            }
            let need = |open: &[Open], y: f64| {
                let ending = open.iter().filter(|cell| cell.last_row == number);
                ending.map(|cell| cell.need(y)).fold(PITCH + INSIDE, f64::max)
            };
            while self.y + need(&open, self.y) > Self::bottom() {
                let room = ((Self::bottom() - self.y - INSIDE) / PITCH).floor();
                let end = if room >= 1.0 { self.y + room * PITCH + INSIDE } else { self.y };
                for cell in &mut open {
                    if cell.top < end {
                        self.close(cell, end, true);
                    }
                }
                self.frame(&columns, top, end);
                self.turn_page();
                top = self.y;
                open.iter_mut().for_each(|cell| cell.top = self.y);
            }
            self.y += need(&open, self.y);
            let (ended, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|cell| cell.last_row == number);
            open = rest;
            for mut cell in ended {
                let end = self.y;
                self.close(&mut cell, end, false);
            }
        }
        self.frame(&columns, top, self.y);
        self.y += PITCH;
    }

    /// Draws the edges of a table, if it has no other lines.
    fn frame(&mut self, columns: &[f64], top: f64, end: f64) {
        let [left, .., right] = *columns else { return };
        if self.style.lines == Lines::Box && end > top {
            self.rule(left, top, right, top);
            self.rule(left, end, right, end);
            self.rule(left, top, left, end);
            self.rule(right, top, right, end);
        }
    }

    /// Draws a cell, or what of it stands on this page.
    fn close(&mut self, cell: &mut Open, end: f64, is_cut: bool) {
        let (left, right, top) = (cell.left, cell.right, cell.top);
        if self.style.lines != Lines::Box {
            if self.style.is_closed_at_cuts || !cell.is_cut {
                self.rule(left, top, right, top);
            }
            if self.style.is_closed_at_cuts || !is_cut {
                self.rule(left, end, right, end);
            }
            self.rule(left, top, left, end);
            self.rule(right, top, right, end);
        }
        let mut y = top + INSIDE / 2.0;
        if !is_cut && !cell.is_cut {
            y = f64::midpoint(top, end) - cell.lines.len() as f64 * PITCH / 2.0;
        }
        y += (PITCH - SIZE) / 2.0;
        while y + SIZE < end + 0.1
            && let Some(line) = cell.lines.pop_front()
        {
            self.text(&line, left + SIDE, y);
            y += PITCH;
        }
        cell.is_cut = is_cut;
    }
}

fn opened(cell: &Cell, columns: &[f64], column: usize, row: usize, top: f64) -> Open {
    let (left, right) = (columns[column], columns[column + cell.columns]);
    let lines = cell.text.split('\n').flat_map(|text| wrapped(text, right - left - 2.0 * SIDE));
    let lines = lines.filter(|line| !line.is_empty()).collect();
    Open { left, right, lines, top, last_row: row + cell.rows - 1, is_cut: false }
}

/// Where the columns of a table stand: labels are narrow.
fn columns(table: &Table) -> Vec<f64> {
    let is_indicators = table.rows.iter().flatten().any(|cell| cell.rows > 1 || cell.text == "一级目标");
    let widths: &[f64] =
        if is_indicators { &[58.0, 47.0, 230.0, 160.0] } else { &[58.0, 190.0, 77.0, 170.0] };
    let ends = widths.iter().scan(MARGIN, |x, width| {
        *x += width;
        Some(*x)
    });
    [MARGIN].into_iter().chain(ends).collect()
}

fn width(text: &str) -> f64 {
    text.chars().map(|c| if c.is_ascii() { SIZE / 2.0 } else { SIZE }).sum()
}

/// The lines of a text in so much room. Words are not broken, and no line begins with what closes a word or ends with what
/// opens one.
fn wrapped(text: &str, room: f64) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last = None;
    for character in text.chars() {
        let together = last.is_some_and(|last: char| {
            (last.is_ascii_graphic() && character.is_ascii_graphic())
                || NEVER_FIRST.contains(character)
                || NEVER_LAST.contains(last)
        });
        match words.last_mut() {
            Some(word) if together && width(word) + width(character.to_string().as_str()) <= room => {
                word.push(character);
            }
            _ => words.push(character.into()),
        }
        last = Some(character);
    }
    let mut lines = vec![String::new()];
    for word in words {
        let at = lines.len() - 1;
        if lines[at].is_empty() || width(&lines[at]) + width(&word) <= room {
            lines[at] += &word;
        } else {
            lines.push(word);
        }
    }
    lines
}

/// The file: a font of the system with a predefined encoding (ISO 32000-1, 9.7.5.2), and the pages.
fn document(pages: &[String], style: Style) -> Vec<u8> {
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 6 + 2 * page)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{}]/Count {}>>", kids.join(" "), pages.len()),
        "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>".to_owned(),
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)\
         /Supplement 4>>/DW 1000/W[1 95 500]/FontDescriptor 5 0 R>>"
            .to_owned(),
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880\
         /Descent -120/CapHeight 880/StemV 93>>"
            .to_owned(),
    ];
    for (page, content) in pages.iter().enumerate() {
        let (size, turn, content) = if style.is_turned {
            // Drawn from below upwards on a wide page that a reader turns to the right.
            let turned = format!("q 0 1 -1 0 {HEIGHT} 0 cm\n{content}Q\n");
            (format!("[0 0 {HEIGHT} {WIDTH}]"), "/Rotate 90", turned)
        } else {
            (format!("[0 0 {WIDTH} {HEIGHT}]"), "", content.clone())
        };
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox{size}{turn}/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>",
            7 + 2 * page
        ));
        objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        let _ = write!(file, "{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = file.len();
    let _ = write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        let _ = writeln!(file, "{place:010} 00000 n ");
    }
    let _ = write!(file, "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}
