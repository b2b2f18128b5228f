//! Rows of tables that print several values in a row: two tables side by side, or one name with two values.
//!
//! All cells of a row stand at its middle or all at its top, whichever side they are of, and a text goes on in the next
//! line only where it has run to the edge of its column. Of all ways to cut the lines into rows, the one is taken that
//! breaks these rules least.

use std::ops::Range;

use super::columns::Placed;
use super::header::{Header, sides};
use super::table::{NAME, TARGET, classes};
use super::{Word, Words, append, room};

/// A row has at most so many lines.
const MOST_LINES: usize = 12;
/// How far a middle may be off: lines are whole, and half of them are even in number.
const TOLERANCE: f64 = 0.5;
/// What a smaller difference costs, for each line.
const SLIGHT: f64 = 0.2;
/// What it costs that a text goes on behind a line that has room left.
const ROOM_LEFT: f64 = 1.0;
/// And behind a text that is whole.
const WHOLE: f64 = 1.0;
/// What any further line of a text costs.
const LINE: f64 = 0.15;
/// What a name without a value costs, or a value without a name.
const HALF: f64 = 2.5;
/// What it costs that a second class of one level is printed beside a row, which can only be of one.
const SECOND_CLASS: f64 = 3.0;
/// What a gap costs within a row.
const GAP: f64 = 0.3;
/// What it costs that the end of a page cuts a row.
const CUT: f64 = 0.3;
/// What it costs that a cell is not what its column holds, and that it is not known to be.
const OTHER_KIND: f64 = 1.5;
const UNKNOWN: f64 = 0.5;

/// How the cells of a row stand to one another.
#[derive(Clone, Copy)]
enum Stand {
    Middle,
    Top,
}

struct Table<'t> {
    lines: &'t [Placed<'t>],
    /// The lines that print anything but classes.
    own: Vec<usize>,
    /// The columns of names and values of each side.
    sides: Vec<(usize, Vec<usize>)>,
    /// All columns but those of classes, with the room that their widest text takes.
    columns: Vec<(usize, usize)>,
    /// The lines that each known class is printed on, by the column.
    classes: Vec<Vec<(usize, usize)>>,
    /// Whether rows have a gap between them, and the lines of a row have none.
    gaps_tell: bool,
    words: &'t Words,
}

/// Cuts the lines into rows.
pub fn rows(lines: &[Placed<'_>], header: &Header, words: &Words) -> Vec<Range<usize>> {
    let role = |at: &usize| header.columns[*at].role;
    let all = 0..header.columns.len();
    let of_role = |from: usize, to: usize, wanted| (from..to).filter(move |at| role(at) == Some(wanted));
    let side = |from: usize, to: usize| {
        Some((of_role(from, to, NAME).next()?, of_role(from, to, TARGET).collect::<Vec<_>>()))
    };
    let sides: Vec<_> = match sides(&header.columns) {
        Some([first, second, end]) => {
            [side(first, second), side(second, end)].into_iter().flatten().collect()
        }
        None => side(0, all.end).into_iter().collect(),
    };
    let widest = |column: usize| {
        let texts = lines.iter().filter_map(|line| line.cells.get(column)?.as_deref());
        texts.map(room).max().unwrap_or(0)
    };
    let columns: Vec<_> =
        all.filter(|at| role(at).is_none_or(|role| role >= NAME)).map(|at| (at, widest(at))).collect();
    let prints = |at: &usize| columns.iter().any(|(column, _)| text(lines, *at, *column).is_some());
    let own: Vec<usize> = (0..lines.len()).filter(prints).collect();
    let levels = header.columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.role?)));
    let levels = levels.filter(|(_, role)| *role < NAME);
    let classes = levels.map(|(column, role)| {
        let known = classes(lines, column, role, words).into_iter();
        let known = known.filter(|(text, ..)| matches!(words.word(text), Word::Class(_)));
        known.map(|(_, first, last)| (first, last)).collect()
    });
    let classes: Vec<_> = classes.collect();
    let gaps = lines.iter().filter(|line| line.line.gap).count();
    let gaps_tell = gaps > 0 && gaps * 3 < lines.len() * 2;
    let table = Table { lines, own, sides, columns, classes, gaps_tell, words };
    let (middle, top) = (table.cut(Stand::Middle), table.cut(Stand::Top));
    let rows = if top.0 < middle.0 { top.1 } else { middle.1 };
    rows.into_iter().map(|row| table.own[row.start]..table.own[row.end - 1] + 1).collect()
}

fn text<'l>(lines: &'l [Placed<'_>], line: usize, column: usize) -> Option<&'l str> {
    lines.get(line)?.cells.get(column)?.as_deref()
}

/// Whether a text has a bracket that is opened and not closed, or closed and not opened, or waits for the rest of a unit.
fn is_open(text: &str) -> bool {
    let count = |brackets: [char; 2]| text.matches(brackets).count();
    count(['(', '（']) != count([')', '）']) || text.ends_with('/')
}

impl Table<'_> {
    /// The cheapest rows, of the lines that print anything, and what they cost.
    fn cut(&self, stand: Stand) -> (f64, Vec<Range<usize>>) {
        let mut ways: Vec<(f64, usize)> = vec![(0.0, 0)];
        for end in 1..=self.own.len() {
            let mut best = (f64::INFINITY, end - 1);
            for start in (end.saturating_sub(MOST_LINES)..end).rev() {
                let cost = ways[start].0 + self.row(start..end, stand);
                if cost < best.0 {
                    best = (cost, start);
                }
            }
            ways.push(best);
        }
        let mut rows = Vec::new();
        let mut end = self.own.len();
        while end > 0 {
            let start = ways[end].1;
            rows.push(start..end);
            end = start;
        }
        rows.reverse();
        (ways.last().map_or(0.0, |way| way.0), rows)
    }

    /// What it costs that these lines are a row.
    fn row(&self, own: Range<usize>, stand: Stand) -> f64 {
        let height = |at: usize| self.lines[self.own[at]].line.y;
        let (top, middle) = (height(own.start), f64::midpoint(height(own.start), height(own.end - 1)));
        // In a row that the end of a page cuts, each cell goes on for itself.
        let page = |at: usize| self.lines[self.own[at]].line.page;
        let is_cut = page(own.start) != page(own.end - 1);
        let mut cost = if is_cut { CUT } else { 0.0 };
        // The end of a page is no gap, and a line that only classes are on may have one before it.
        let inner = self.own[own.start] + 1..self.own[own.end - 1] + 1;
        let gaps = inner.filter(|at| self.lines[*at].line.gap && !is_cut).count();
        cost += if self.gaps_tell { gaps as f64 * GAP } else { 0.0 };
        let (above, below) = (self.own[own.start], self.own[own.end - 1]);
        for classes in self.classes.iter().filter(|_| !is_cut && above < below) {
            let beside = classes.iter().filter(|(first, last)| above <= *first && *last <= below).count();
            cost += beside.saturating_sub(1) as f64 * SECOND_CLASS;
        }
        let mut texts: Vec<(usize, String)> = Vec::new();
        for (column, widest) in &self.columns {
            let mut whole = String::new();
            let mut last: Option<(usize, &str)> = None;
            let mut first = own.start;
            for at in own.clone() {
                let Some(text) = text(self.lines, self.own[at], *column) else { continue };
                match last {
                    None => first = at,
                    Some((before, above)) => {
                        cost += LINE;
                        let is_far = at - before > 2;
                        cost += if room(above) + 3 < *widest || is_far { ROOM_LEFT } else { 0.0 };
                        cost += if self.are_whole(&whole, text) { WHOLE } else { 0.0 };
                    }
                }
                append(&mut whole, text);
                last = Some((at, text));
            }
            let Some((last, _)) = last else { continue };
            let off = match stand {
                Stand::Middle => (f64::midpoint(height(first), height(last)) - middle).abs(),
                Stand::Top => height(first) - top,
            };
            let off = if is_cut { 0.0 } else { off };
            cost += (off - TOLERANCE).max(0.0) + off * SLIGHT;
            cost += if is_open(&whole) { WHOLE } else { 0.0 };
            texts.push((*column, whole));
        }
        let of = |column: usize| texts.iter().find(|text| text.0 == column).map(|text| text.1.as_str());
        // A remark alone is the rest of one.
        let prints = |(name, targets): &(usize, Vec<usize>)| {
            of(*name).is_some() || targets.iter().any(|target| of(*target).is_some())
        };
        cost += if self.sides.iter().any(prints) { 0.0 } else { HALF };
        cost + self.sides.iter().map(|(name, targets)| self.side(of(*name), targets, &of)).sum::<f64>()
    }

    /// What it costs that these are the name and the values of a row.
    fn side<'t>(&self, name: Option<&str>, targets: &[usize], of: &dyn Fn(usize) -> Option<&'t str>) -> f64 {
        let values: Vec<&str> = targets.iter().filter_map(|column| of(*column)).collect();
        let of_value = |text: &&str| match self.words.word(text) {
            Word::Target => 0.0,
            Word::Name | Word::Class(_) => OTHER_KIND,
            // A unit alone: 平方米.
            _ if !text.contains(|c: char| c.is_ascii_digit()) => UNKNOWN * 2.0,
            _ => UNKNOWN,
        };
        let cost: f64 = values.iter().map(of_value).sum();
        match name {
            None if values.is_empty() => 0.0,
            Some(_) if values.is_empty() => HALF,
            None => HALF + cost,
            Some(name) => {
                cost + match self.words.word(name) {
                    // 率 alone is the end of one.
                    _ if name.chars().count() < 2 => OTHER_KIND,
                    Word::Name => 0.0,
                    Word::Target | Word::Class(_) => OTHER_KIND,
                    _ => UNKNOWN,
                }
            }
        }
    }

    /// Whether two texts are each a whole one of a kind.
    fn are_whole(&self, above: &str, below: &str) -> bool {
        let word = |text| self.words.word(text);
        matches!((word(above), word(below)), (Word::Name, Word::Name) | (Word::Target, Word::Target))
    }
}
