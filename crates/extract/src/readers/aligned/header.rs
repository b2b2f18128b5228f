//! The headings of an indicator table: one line of them or several, since narrow columns break them and wide ones head
//! others.
//!
//! Two tables may stand side by side (中期目标 beside 年度目标), and one name may have two values (实施周期指标值, 年度指标值):
//! what is printed above both says which is which, and is kept as the cell over its columns that it was.

use jixiao_model::{Cell, Place};

use super::columns::Column;
use super::table::{NAME, TARGET};
use super::{Line, Part, Piece, Word, Words, append, cell, spans, stands_alone};

/// The headings of a table.
pub struct Header {
    /// How many lines they take.
    pub lines: usize,
    /// The columns below them.
    pub columns: Vec<Column>,
    /// What is printed above several columns: its text, the first of them, and the one behind the last.
    heads: Vec<(String, usize, usize)>,
}

/// Headings are broken over at most so many lines.
const LINES: usize = 3;
/// With what heads several of them, so many.
const LINES_WITH_HEADS: usize = 5;

/// The headings that begin on the first of these lines.
pub fn header(lines: &[Line], words: &Words) -> Option<Header> {
    let first = lines.first().filter(|line| !stands_alone(line, words))?;
    if first.pieces.iter().any(|piece| words.is_answered(&piece.text)) {
        return None;
    }
    let on_page = lines.iter().take(LINES_WITH_HEADS).take_while(|line| line.page == first.page).count();
    let lines: Vec<Vec<Piece>> = lines[..on_page].iter().map(|line| together(line, words)).collect();
    // A class or a value is of a row, a sentence of a text.
    let is_cell = |piece: &Piece| {
        piece.text.contains(['。', '；', '，'])
            || matches!(words.word(&piece.text), Word::Class(_) | Word::Target)
    };
    let lines = &lines[..lines.iter().take_while(|line| !line.iter().any(is_cell)).count()];
    if let Some(header) = headed(lines, words) {
        // The end of a label above the headings is none of them.
        let known = |header: &Header| header.columns.iter().filter(|column| column.role.is_some()).count();
        let below = lines.get(1..).and_then(|below| headed(below, words));
        return Some(header).filter(|header| below.is_none_or(|below| known(&below) < known(header)));
    }
    let mut best: Option<(usize, Header)> = None;
    for count in 1..=LINES.min(lines.len()) {
        let columns = clusters(&lines[..count], words);
        let known = columns.iter().filter(|column| column.role.is_some()).count();
        // The line itself must be a part of a heading.
        let over =
            |column: &Column| lines[0].iter().any(|piece| piece.x0 < column.x1 && piece.x1 > column.x0);
        if !columns.iter().any(|column| column.role.is_some() && over(column)) {
            continue;
        }
        let core = columns.iter().filter(|column| column.role.is_some_and(|role| role <= TARGET)).count();
        // What stands in a bracket below a heading may be on a line of its own: （90）.
        let is_bracket = lines[count - 1].iter().all(|piece| piece.text.starts_with(['(', '（']));
        let more = best.as_ref().is_none_or(|best| known > best.0 || (known == best.0 && is_bracket));
        if core >= 2 && known * 2 > columns.len() && more {
            best = Some((known, Header { lines: count, columns, heads: Vec::new() }));
        }
    }
    best.map(|best| best.1)
}

/// Headings of which some stand above several others.
fn headed(lines: &[Vec<Piece>], words: &Words) -> Option<Header> {
    let is_target = |piece: &Piece| words.word(&piece.text) == Word::Column(TARGET);
    for count in 2..=lines.len() {
        let (above, last) = lines[..count].split_at(count - 1);
        // 实施周期指标 and 当年度指标 below 目标值.
        let parts: Vec<&Piece> = last[0].iter().filter(|piece| words.is_scope(&piece.text)).collect();
        if let [.., first, second] = parts.as_slice()
            && !is_target(first)
            && !is_target(second)
            && let Some(wide) = above.iter().flatten().find(|piece| is_target(piece))
        {
            let rest = |piece: &Piece| piece != wide && piece != *first && piece != *second;
            let kept: Vec<Vec<Piece>> = lines[..count].iter().map(|line| filtered(line, &rest)).collect();
            let mut columns = clusters(&kept, words);
            let at = columns.partition_point(|column| column.x0 < first.x0);
            let part = |piece: &Piece| Column {
                text: piece.text.clone(),
                role: Some(TARGET),
                x0: piece.x0,
                x1: piece.x1,
            };
            columns.splice(at..at, [part(first), part(second)]);
            let is_known = columns.iter().all(|column| column.role.is_some());
            if is_known && of_role(&columns, NAME) == 1 && of_role(&columns, TARGET) == 2 {
                let heads = vec![(wide.text.clone(), at, at + 2)];
                return Some(Header { lines: count, columns, heads });
            }
        }
        // 长期绩效指标 and 年度绩效指标 above the columns of their tables.
        for line in above {
            let is_head = |piece: &&Piece| words.is_scope(&piece.text) && !is_target(piece);
            let heads: Vec<&Piece> = line.iter().filter(is_head).collect();
            let [first, second] = heads.as_slice() else { continue };
            let rest = |piece: &Piece| piece != *first && piece != *second;
            let kept: Vec<Vec<Piece>> = lines[..count].iter().map(|line| filtered(line, &rest)).collect();
            let columns = clusters(&kept, words);
            let known = columns.iter().filter(|column| column.role.is_some()).count();
            if known * 4 > columns.len() * 3
                && let Some([from, middle, to]) = sides(&columns)
            {
                let heads = vec![(first.text.clone(), from, middle), (second.text.clone(), middle, to)];
                return Some(Header { lines: count, columns, heads });
            }
        }
    }
    None
}

fn filtered(line: &[Piece], keep: &dyn Fn(&Piece) -> bool) -> Vec<Piece> {
    line.iter().filter(|piece| keep(piece)).cloned().collect()
}

fn of_role(columns: &[Column], role: usize) -> usize {
    columns.iter().filter(|column| column.role == Some(role)).count()
}

/// Where the first of two tables side by side begins, where the second does, and where that ends.
pub fn sides(columns: &[Column]) -> Option<[usize; 3]> {
    if of_role(columns, NAME) != 2 || of_role(columns, TARGET) != 2 {
        return None;
    }
    let repeated = |at: &usize| {
        let role = columns[*at].role.filter(|role| *role <= TARGET);
        role.is_some() && columns[..*at].iter().any(|column| column.role == role)
    };
    let second = (0..columns.len()).find(repeated)?;
    let first = columns.iter().position(|column| column.role == columns[second].role)?;
    let last = columns.iter().rposition(|column| column.role == Some(TARGET))?;
    Some([first, second, last + 1])
}

/// The pieces of a line, with headings put together whose letters stand apart: 三 级 指 标.
fn together(line: &Line, words: &Words) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = line.pieces.as_slice();
    while let [first, behind @ ..] = rest {
        let soft = behind.iter().take_while(|piece| piece.soft).count();
        let is_letter = |piece: &Piece| piece.text.chars().count() == 1;
        let taken = (1..=soft).rev().find(|taken| {
            let run = &rest[..=*taken];
            run.iter().all(is_letter)
                && matches!(
                    words.word(&run.iter().map(|piece| piece.text.as_str()).collect::<String>()),
                    Word::Column(_)
                )
        });
        let taken = taken.map_or(1, |taken| taken + 1);
        let text: String = rest[..taken].iter().map(|piece| piece.text.as_str()).collect();
        let x1 = rest[taken - 1].x1;
        pieces.push(Piece { text, x1, ..first.clone() });
        rest = &rest[taken..];
    }
    pieces
}

fn clusters(lines: &[Vec<Piece>], words: &Words) -> Vec<Column> {
    let spans = spans(lines.iter().flatten());
    let inside = |line: &[Piece], (x0, x1): (f64, f64)| -> Vec<Piece> {
        filtered(line, &|piece| piece.x0 >= x0 && piece.x1 <= x1)
    };
    let column = |(x0, x1): (f64, f64)| {
        let mut text = String::new();
        for line in lines {
            inside(line, (x0, x1)).iter().for_each(|piece| append(&mut text, &piece.text));
        }
        let role = match words.word(&text) {
            Word::Column(role) => Some(role),
            _ => None,
        };
        Column { text, role, x0, x1 }
    };
    let mut columns: Vec<Column> = Vec::new();
    for span in spans {
        let next = column(span);
        // A dump may print the halves of a broken heading beside one another, each on its line.
        if let Some(last) = columns.last_mut()
            && (last.role.is_none_or(|role| role > TARGET) || next.role.is_none())
            && lines
                .iter()
                .all(|line| inside(line, (last.x0, last.x1)).is_empty() || inside(line, span).is_empty())
        {
            let both = column((last.x0, span.1));
            if both.role.is_some_and(|role| role <= TARGET) {
                *last = both;
                continue;
            }
        }
        columns.push(next);
    }
    columns
}

impl Header {
    /// Puts a column before the others that holds what heads all rows: 年度绩效指标.
    pub fn put_group(&mut self, text: String, x0: f64, x1: f64) {
        self.columns.insert(0, Column { text, role: None, x0, x1 });
        for head in &mut self.heads {
            head.1 += 1;
            head.2 += 1;
        }
    }

    /// The rows of the headings themselves.
    pub fn rows(&self, place: &Place, parts: &mut Vec<Part>) {
        let texts = self.columns.iter().map(|column| cell(column.text.clone(), place));
        if self.heads.is_empty() {
            parts.push(Part::Row(place.clone(), texts.collect()));
            return;
        }
        let (mut above, mut below) = (Vec::new(), Vec::new());
        for (at, text) in texts.enumerate() {
            match self.heads.iter().find(|head| head.1 <= at && at < head.2) {
                Some((head, from, to)) => {
                    if *from == at {
                        let column_span = u32::try_from(to - from).unwrap_or(1);
                        above.push(Cell { column_span, ..cell(head.clone(), place) });
                    }
                    below.push(text);
                }
                None => above.push(Cell { row_span: 2, ..text }),
            }
        }
        parts.extend([Part::Row(place.clone(), above), Part::Row(place.clone(), below)]);
    }

    /// Whether it is plain of which scope each of several values is: there are two names, or the headings say it.
    pub fn says_what_values_are(&self, words: &Words) -> bool {
        let targets = || self.columns.iter().filter(|column| column.role == Some(TARGET));
        let scoped = of_role(&self.columns, NAME) == 1
            && targets().count() == 2
            && targets().all(|column| words.is_scope(&column.text));
        sides(&self.columns).is_some() || scoped
    }

    /// Whether several values stand in a row, beside one name or two.
    pub fn has_many_values(&self) -> bool {
        of_role(&self.columns, TARGET) > 1
    }
}
