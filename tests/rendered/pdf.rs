//! Pages as PDF: text in a font that is not embedded, tables as lines, and page breaks wherever they fall.
//!
//! A row that does not fit is cut after the last line that does, as offices cut it; what is drawn at the cut, and how lines
//! are drawn, differs from producer to producer (see `Style`).

use std::collections::VecDeque;
use std::fmt::Write;

use proptest::prelude::*;

use crate::page::{self, Cell, Part, Slot, Table};

/// The shorter and the longer side of a sheet. It lies on its side if it has a table with more columns than `UPRIGHT`.
const SHEET: (f64, f64) = (595.0, 842.0);
const UPRIGHT: usize = 7;
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
    /// What part of its longest text a column is wide, as far as there is room.
    pub tightness: f64,
    /// Whether a row that does not fit goes to the next page as a whole.
    pub keeps_rows: bool,
    /// Whether a text that fits into what of its cell stands before a cut stands in the middle of that.
    pub is_centred_at_cuts: bool,
    /// Whether the first row of a table is printed again on each page, if it is a heading of columns.
    pub repeats_heading: bool,
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
    (lines, 0.0..700.0, 0.3..1.2, any::<[bool; 5]>()).prop_map(|(lines, shift, tightness, flags)| {
        let [is_closed_at_cuts, is_turned, keeps_rows, is_centred_at_cuts, repeats_heading] = flags;
        Style {
            lines,
            is_closed_at_cuts,
            shift,
            is_turned,
            tightness,
            keeps_rows,
            is_centred_at_cuts,
            repeats_heading,
        }
    })
}

/// Pages in a style.
pub fn written(parts: &[Part], style: Style) -> Vec<u8> {
    let is_wide = page::width(parts) > UPRIGHT;
    let (width, height) = if is_wide { (SHEET.1, SHEET.0) } else { SHEET };
    let shift = style.shift.min(height - 3.0 * MARGIN);
    let mut layout = Layout { style, width, height, pages: vec![String::new()], y: MARGIN + shift };
    for (number, part) in parts.iter().enumerate() {
        match part {
            Part::Line(text) => layout.paragraph(text, number == 0),
            Part::Table(table) => layout.table(table),
        }
    }
    document(&layout)
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
    width: f64,
    height: f64,
    pages: Vec<String>,
    y: f64,
}

impl Layout {
    fn bottom(&self) -> f64 {
        self.height - MARGIN
    }

    fn page(&mut self) -> &mut String {
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    fn turn_page(&mut self) {
        let number = format!("- {} -", self.pages.len());
        self.text(&number, self.width / 2.0 - 15.0, self.height - MARGIN / 2.0);
        self.pages.push(String::new());
        self.y = MARGIN;
    }

    /// Writes a line whose upper end is at a height.
    fn text(&mut self, text: &str, x: f64, y: f64) {
        let codes: String = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
        let base = self.height - y - SIZE * 0.88;
        let _ = writeln!(self.page(), "BT /F1 {SIZE} Tf 1 0 0 1 {x:.2} {base:.2} Tm <{codes}> Tj ET");
    }

    fn rule(&mut self, x0: f64, y0: f64, x1: f64, y1: f64) {
        let (y0, y1) = (self.height - y0, self.height - y1);
        let (lines, right) = (self.style.lines, self.width - MARGIN);
        let page = self.page();
        let _ = match lines {
            Lines::None => Ok(()),
            Lines::Rows if x0 == x1 => Ok(()),
            Lines::BoxAndRows if x0 == x1 && x0 > MARGIN && x0 < right => Ok(()),
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
        for line in wrapped(text, self.width - 2.0 * MARGIN) {
            if self.y + PITCH > self.bottom() {
                self.turn_page();
            }
            let x = if is_title { (self.width - width(&line)) / 2.0 } else { MARGIN };
            let y = self.y;
            self.text(&line, x, y);
            self.y += PITCH;
        }
        self.y += PITCH;
    }

    fn table(&mut self, table: &Table) {
        let columns = columns(table, self.width - 2.0 * MARGIN, self.style.tightness);
        let is_heading = |row: &[Cell]| {
            row.iter().all(|cell| cell.rows == 1) && row.iter().any(|cell| cell.text == "一级指标")
        };
        let heading = table.rows.first().filter(|row| self.style.repeats_heading && is_heading(row));
        let mut open: Vec<Open> = Vec::new();
        let mut top = self.y;
        let mut page_top = MARGIN;
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
            while self.y + need(&open, self.y) > self.bottom() {
                let room = ((self.bottom() - self.y - INSIDE) / PITCH).floor();
                let is_moved = self.style.keeps_rows && self.y > page_top;
                let end = if room >= 1.0 && !is_moved { self.y + room * PITCH + INSIDE } else { self.y };
                for cell in &mut open {
                    if cell.top < end {
                        self.close(cell, end, true);
                    }
                }
                self.frame(&columns, top, end);
                self.turn_page();
                top = self.y;
                if let Some(heading) = heading.filter(|_| number > 0) {
                    self.heading(heading, &columns);
                }
                page_top = self.y;
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

    /// Prints a row of headings again.
    fn heading(&mut self, row: &[Cell], columns: &[f64]) {
        let mut column = 0;
        let mut cells: Vec<Open> = Vec::new();
        for cell in row {
            cells.push(opened(cell, columns, column, 0, self.y));
            column += cell.columns;
        }
        let height = cells.iter().map(|cell| cell.need(self.y)).fold(0.0, f64::max);
        self.y += height;
        for cell in &mut cells {
            self.close(cell, self.y, false);
        }
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
        let is_whole = cell.need(top) <= end - top + 0.1;
        if !cell.is_cut && (!is_cut || (is_whole && self.style.is_centred_at_cuts)) {
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

/// Where the columns of a table stand: each is as wide as its longest text that needs no other column, or narrower, and
/// what is left goes to the wide ones.
fn columns(table: &Table, room: f64, tightness: f64) -> Vec<f64> {
    const LONGEST: f64 = 13.0 * SIZE;
    let least = |text: f64| text.min(2.0 * SIZE) + 2.0 * SIDE + 0.1;
    let mut texts = vec![SIZE; table.width()];
    for row in table.slots() {
        for (slot, text) in row.iter().zip(&mut texts) {
            if let Slot::Begin(cell) = slot
                && cell.columns == 1
            {
                *text = cell.text.split('\n').map(width).fold(*text, f64::max);
            }
        }
    }
    let least: Vec<f64> = texts.iter().map(|text| least(*text)).collect();
    let wanted = texts
        .iter()
        .zip(&least)
        .map(|(text, least)| (text.min(LONGEST) * tightness + 2.0 * SIDE + 0.1 - least).max(0.0));
    let wanted: Vec<f64> = wanted.collect();
    let (all, sum) = (least.iter().sum::<f64>(), wanted.iter().sum::<f64>());
    let rest = room - all - sum;
    let text: f64 = texts.iter().sum();
    let widths = least.iter().zip(&wanted).zip(&texts).map(|((least, wanted), of)| match () {
        () if rest < 0.0 => least + wanted * (room - all) / sum,
        () => least + wanted + rest * of / text,
    });
    let ends = widths.scan(MARGIN, |x, width| {
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
fn document(layout: &Layout) -> Vec<u8> {
    let Layout { style, width, height, pages, .. } = layout;
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
            let turned = format!("q 0 1 -1 0 {height} 0 cm\n{content}Q\n");
            (format!("[0 0 {height} {width}]"), "/Rotate 90", turned)
        } else {
            (format!("[0 0 {width} {height}]"), "", content.clone())
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
