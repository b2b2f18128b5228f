//! Indicator tables of dumps that print cell by cell, row by row: class, name, value, and whatever columns follow.
//!
//! Nothing tells where a cell ends but its words: a line may be a cell, a piece of one, or several. So every way to cut the
//! lines into cells, and the cells into rows, is weighed at once: each cell should be what its column holds, a cell goes
//! on in the next line only where that line is no longer, and each row has a name and a value. The cheapest way is
//! believed only where every other way to read one of its lines costs clearly more.

use jixiao_model::{Cell, Place};

use super::atoms::{Atom, atoms};
use super::{NAME, Source, TARGET};
use crate::readers::aligned::{Part, Word, Words, append, cell, room};

/// A cell has at most so many pieces.
const MOST_PIECES: usize = 8;
/// A table has at most so many columns.
const MOST_COLUMNS: usize = 20;
/// How much dearer every other way to read a piece must be.
const MARGIN: f64 = 0.5;
/// What a row that is believed costs at most.
const MOST_COST: f64 = 3.6;

/// What it costs to go on in the next line, where that is longer, and where the text above is whole.
const NEXT_LINE: f64 = 0.6;
const LONGER: f64 = 1.5;
const WHOLE: f64 = 1.3;
/// What a blank costs, within a cell or between two, and an end of a cell where nothing is printed between.
const BLANK: f64 = 0.2;
const GLUED: f64 = 0.3;
/// What it costs that a cell of several pieces has a class among them, or a value in a name.
const HELD: f64 = 3.0;
/// What a class costs in the column of the other level.
const OTHER_LEVEL: f64 = 4.0;
/// What speaks for pieces that are a known name together.
const KNOWN: f64 = 0.5;
/// What it costs that a number ends before its unit.
const UNIT: f64 = 1.0;
/// What a cell costs that its column does not hold.
const WRONG: f64 = 5.0;
/// What a row without a name costs, without a value, and without a class of the second level below a new one of the first.
const NAMELESS: f64 = 6.0;
const WORTHLESS: f64 = 4.0;
const CLASSLESS: f64 = 2.5;
/// What it costs that one of two sides has nothing in a row.
const BLANK_SIDE: f64 = 0.8;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Level1,
    Level2,
    Name,
    Target,
    Weight,
    Unit,
    Operator,
    Other,
}

impl Holds {
    fn of(heading: &str, words: &Words) -> Self {
        match words.word(heading) {
            Word::Column(0) => Self::Level1,
            Word::Column(1) => Self::Level2,
            Word::Column(NAME) => Self::Name,
            Word::Column(TARGET) => Self::Target,
            Word::Column(5) => Self::Weight,
            Word::Column(6) => Self::Unit,
            Word::Column(7) => Self::Operator,
            _ => Self::Other,
        }
    }
}

/// The rows of a table whose headings are these, from its lines; none where nothing tells what they are.
pub fn rows(lines: &[Source], headings: &[String], words: &Words) -> Option<Vec<Part>> {
    let columns: Vec<Holds> = headings.iter().map(|heading| Holds::of(heading, words)).collect();
    if columns.len() > MOST_COLUMNS || !columns.contains(&Holds::Name) || !columns.contains(&Holds::Target) {
        return None;
    }
    let atoms = atoms(lines, words);
    let table = Table { atoms, columns, words };
    let cells = table.cells()?;
    let mut rows: Vec<Part> = Vec::new();
    let mut last = usize::MAX;
    for (from, to, column) in cells {
        let place = &lines.get(table.atoms[from].line)?.place;
        if column <= last || rows.is_empty() {
            let blank = |_| cell(String::new(), place);
            rows.push(Part::Row(place.clone(), (0..table.columns.len()).map(blank).collect()));
        }
        last = column;
        if let Some(Part::Row(_, cells)) = rows.last_mut() {
            put(cells, column, table.text(from, to), place);
        }
    }
    Some(rows)
}

fn put(cells: &mut [Cell], column: usize, text: String, place: &Place) {
    if let Some(slot) = cells.get_mut(column) {
        *slot = cell(text, place);
    }
}

struct Table<'t> {
    atoms: Vec<Atom>,
    columns: Vec<Holds>,
    words: &'t Words,
}

/// A cell: from which piece to which, and its column.
type CellAt = (usize, usize, usize);

impl Table<'_> {
    /// The cells of the cheapest way to read the table, if it is plain.
    fn cells(&self) -> Option<Vec<CellAt>> {
        let (count, width) = (self.atoms.len(), self.columns.len());
        // What each cell costs by itself; a column number beyond the last stands for the beginning.
        let costs: Vec<Vec<Vec<f64>>> = (0..count).map(|from| self.costs_from(from)).collect();
        let between: Vec<Vec<f64>> =
            (0..=width).map(|before| (0..width).map(|next| self.between(before, next)).collect()).collect();
        let end: Vec<f64> = (0..width).map(|last| self.skipped(last + 1, width)).collect();
        let mut forward = vec![vec![f64::INFINITY; width + 1]; count + 1];
        let mut from_where = vec![vec![(0_usize, 0_usize); width]; count + 1];
        forward[0][width] = 0.0;
        for from in 0..count {
            for (span, of_columns) in costs[from].iter().enumerate() {
                let to = from + span + 1;
                for (column, own) in of_columns.iter().enumerate() {
                    let before =
                        (0..=width).map(|before| (forward[from][before] + between[before][column], before));
                    let Some((cost, before)) = before.min_by(|one, other| one.0.total_cmp(&other.0)) else {
                        continue;
                    };
                    if cost + own < forward[to][column] {
                        forward[to][column] = cost + own;
                        from_where[to][column] = (from, before);
                    }
                }
            }
        }
        let mut backward = vec![vec![f64::INFINITY; width]; count + 1];
        backward[count].clone_from(&end);
        for from in (0..count).rev() {
            for before in 0..width {
                let mut best = f64::INFINITY;
                for (span, of_columns) in costs[from].iter().enumerate() {
                    for (column, own) in of_columns.iter().enumerate() {
                        best = best.min(between[before][column] + own + backward[from + span + 1][column]);
                    }
                }
                backward[from][before] = best;
            }
        }
        let totals = (0..width).map(|last| (forward[count][last] + end[last], last));
        let (total, last) = totals.min_by(|one, other| one.0.total_cmp(&other.0))?;
        if !total.is_finite() {
            return None;
        }
        let mut cells: Vec<CellAt> = Vec::new();
        let (mut to, mut column) = (count, last);
        while to > 0 {
            let (from, before) = from_where[to][column];
            cells.push((from, to, column));
            (to, column) = (from, before);
        }
        cells.reverse();
        let is_own = |edge: &CellAt| {
            cells.binary_search_by_key(&edge.0, |cell| cell.0).is_ok_and(|at| cells[at] == *edge)
        };
        for from in 0..count {
            for (span, of_columns) in costs[from].iter().enumerate() {
                for (column, own) in of_columns.iter().enumerate() {
                    let edge = (from, from + span + 1, column);
                    let before = (0..=width).map(|before| forward[from][before] + between[before][column]);
                    let cost = before.fold(f64::INFINITY, f64::min) + own + backward[edge.1][column];
                    if !is_own(&edge) && cost < total + MARGIN {
                        return None;
                    }
                }
            }
        }
        self.is_plain(&cells, &costs).then_some(cells)
    }

    /// Whether each row has what a row must have, and costs no more than a row does.
    fn is_plain(&self, cells: &[CellAt], costs: &[Vec<Vec<f64>>]) -> bool {
        let mut rows: Vec<(f64, Vec<usize>)> = Vec::new();
        for (from, to, column) in cells {
            let cost = costs[*from][to - from - 1][*column];
            match rows.last_mut() {
                Some((sum, columns)) if columns.last().is_some_and(|last| last < column) => {
                    *sum += cost;
                    columns.push(*column);
                }
                _ => rows.push((cost, vec![*column])),
            }
        }
        rows.iter().all(|(cost, columns)| {
            let has = |holds| columns.iter().any(|column| self.columns[*column] == holds);
            *cost <= MOST_COST && has(Holds::Name) && has(Holds::Target)
        })
    }

    /// What the cells that begin with a piece cost, by how many more they have and by their column.
    fn costs_from(&self, from: usize) -> Vec<Vec<f64>> {
        let mut costs = Vec::new();
        let mut text = String::new();
        let mut joins = if self.atoms[from].glued { GLUED } else { 0.0 };
        if from > 0 && !self.atoms[from].glued && self.atoms[from - 1].line == self.atoms[from].line {
            joins += BLANK;
        }
        let mut line_start = 0;
        let (mut classes, mut values, mut names) = (0_usize, 0_usize, 0_usize);
        for (at, atom) in self.atoms.iter().enumerate().skip(from).take(MOST_PIECES) {
            if at > from {
                let above = &self.atoms[at - 1];
                if atom.glued {
                    text.push_str(&atom.text);
                } else if above.line == atom.line {
                    // Behind a number with its unit another cell may stand.
                    let has_unit = self.words.word(&text) == Word::Target
                        && !text.ends_with(|c: char| c.is_ascii_digit() || "≥≤=＝><".contains(c));
                    joins += if has_unit { BLANK + GLUED } else { BLANK };
                    text.push(' ');
                    text.push_str(&atom.text);
                } else {
                    joins += NEXT_LINE;
                    let before = text.get(line_start..).map_or(0, room);
                    let rest = self.atoms[at..].iter().take_while(|other| {
                        other.line == atom.line && other.glued || std::ptr::eq(*other, atom)
                    });
                    let here: usize = rest.map(|other| room(&other.text)).sum();
                    joins += if here > before + 1 { LONGER } else { 0.0 };
                    let is_whole = matches!(self.words.word(&text), Word::Class(_) | Word::Target)
                        || self.words.is_known_name(&text);
                    line_start = text.len();
                    append(&mut text, &atom.text);
                    // 经济成本 is a class, and 经济成本指标 another.
                    let is_class = |text: &str| matches!(self.words.word(text), Word::Class(_));
                    let grows = is_class(&text) && !is_class(&atom.text);
                    joins += if is_whole && !grows { WHOLE } else { 0.0 };
                }
            } else {
                text.push_str(&atom.text);
            }
            match self.words.word(&atom.text) {
                Word::Class(_) => classes += 1,
                Word::Target if is_plain_value(&atom.text) => values += 1,
                _ => {}
            }
            let is_rest = atom.text.chars().count() <= 2 && self.words.word(&text) == Word::Name;
            let is_whole = at == from
                || matches!(self.words.word(&text), Word::Class(_))
                || self.words.is_known_name(&text)
                || is_rest;
            names += usize::from(self.words.is_known_name(&atom.text));
            let held = |holds: Holds| match holds {
                _ if is_whole => 0,
                Holds::Name => classes + values + names.saturating_sub(1),
                Holds::Target => classes + usize::from(values > 1),
                _ => classes,
            };
            // A number waits for the unit behind it.
            let waits =
                text.ends_with(|c: char| c.is_ascii_digit()) && !self.columns.contains(&Holds::Unit) && {
                    let next = self.atoms.get(at + 1).filter(|next| next.line == atom.line && !next.glued);
                    next.is_some_and(|next| {
                        let is_unit =
                            |c: char| c.is_alphabetic() || matches!(c, '/' | '(' | '（' | ')' | '）');
                        self.words.word(&next.text) == Word::Other && next.text.chars().all(is_unit)
                    })
                };
            // 经济成本 waits for 指标 on the next line.
            let is_class = |text: &str| matches!(self.words.word(text), Word::Class(_));
            let grows = self.atoms.get(at + 1).is_some_and(|next| {
                let longer = format!("{text}{}", next.text);
                !next.glued && is_class(&text) && !is_class(&next.text) && is_class(&longer)
            });
            let waits = |holds: Holds| match holds {
                Holds::Target if waits => UNIT,
                Holds::Level1 | Holds::Level2 if grows => UNIT,
                // What makes a known name only together is one.
                Holds::Name if at > from && self.words.is_known_name(&text) => -KNOWN,
                _ => 0.0,
            };
            let cost =
                |holds: &Holds| waits(*holds) + joins + self.fits(&text, *holds) + held(*holds) as f64 * HELD;
            costs.push(self.columns.iter().map(cost).collect());
        }
        costs
    }

    /// What it costs that a column holds a text.
    fn fits(&self, text: &str, holds: Holds) -> f64 {
        let word = self.words.word(text);
        let count = text.chars().filter(|c| !c.is_whitespace()).count();
        let short = match count {
            1 => 3.0,
            2 => 0.5,
            0..=40 => 0.0,
            _ => WRONG,
        };
        match (holds, word) {
            (Holds::Target, Word::Target) => unit_is_long(text),
            (Holds::Level1, Word::Class(_)) if self.words.is_class_of(text, 0) => 0.0,
            (Holds::Level2, Word::Class(_)) if self.words.is_class_of(text, 1) => 0.0,
            (Holds::Level1 | Holds::Level2, Word::Class(_)) => OTHER_LEVEL,
            (Holds::Level1 | Holds::Level2, _) => WRONG,
            // 项目总成本 is a label elsewhere; one that ends the table stands behind it.
            (Holds::Name, Word::Label) => 1.0,
            (_, Word::Label | Word::Line | Word::Column(_)) => WRONG,
            // 程度 and 数量 are the ends of names.
            (Holds::Name, Word::Name) if count <= 2 => 1.5,
            (Holds::Name, Word::Name) => 0.0,
            (Holds::Name, Word::Class(1)) => 2.0,
            (Holds::Name, Word::Class(_)) => WRONG,
            (Holds::Name, Word::Target) => 3.0,
            (Holds::Name, Word::Other) => 1.0 + short,
            (Holds::Target, Word::Name) => 3.0,
            (Holds::Target, Word::Class(_)) => WRONG,
            (Holds::Target, Word::Other) => 1.5 + short,
            (Holds::Weight, _) if is_number(text) => 0.0,
            (Holds::Unit, Word::Other) if count <= 4 && !text.contains(|c: char| c.is_ascii_digit()) => 0.0,
            (Holds::Operator, _) if count <= 2 && text.chars().all(|c| "=＝≥≤≧≦><＞＜".contains(c)) => {
                0.0
            }
            (Holds::Weight | Holds::Unit | Holds::Operator, _) => WRONG,
            (Holds::Other, Word::Other) => {
                if count == 1 {
                    1.0 + short
                } else {
                    1.0
                }
            }
            (Holds::Other, _) => 2.5,
        }
    }

    /// What it costs that a cell of a column follows one of another; `before` beyond the last column is the beginning.
    fn between(&self, before: usize, next: usize) -> f64 {
        let width = self.columns.len();
        let cost = if before == width {
            self.skipped(0, next)
        } else if before < next {
            self.skipped(before + 1, next)
        } else {
            self.skipped(before + 1, width) + self.skipped(0, next)
        };
        let is_class = before < width && self.columns[before] == Holds::Level1;
        let lacks = self.columns.contains(&Holds::Level2) && self.columns[next] != Holds::Level2;
        cost + if is_class && lacks { CLASSLESS } else { 0.0 }
    }

    /// What it costs that these columns have nothing in a row.
    fn skipped(&self, from: usize, to: usize) -> f64 {
        let columns = self.columns.get(from..to).unwrap_or_default();
        let is_side = columns.contains(&Holds::Name) && columns.contains(&Holds::Target);
        let names = self.columns.iter().filter(|holds| **holds == Holds::Name).count();
        if is_side && names > 1 && columns.iter().filter(|holds| **holds == Holds::Name).count() == 1 {
            return BLANK_SIDE;
        }
        let cost = |holds: &Holds| match holds {
            Holds::Name => NAMELESS,
            Holds::Target => WORTHLESS,
            Holds::Weight => 1.0,
            Holds::Unit | Holds::Operator => 1.5,
            Holds::Level1 => 0.05,
            Holds::Level2 => 0.0,
            Holds::Other => 0.1,
        };
        columns.iter().map(cost).sum()
    }

    fn text(&self, from: usize, to: usize) -> String {
        let mut text = String::new();
        for at in from..to {
            let atom = &self.atoms[at];
            if at > from && !atom.glued && self.atoms[at - 1].line == atom.line {
                text.push(' ');
                text.push_str(&atom.text);
            } else if at > from && atom.glued {
                text.push_str(&atom.text);
            } else {
                append(&mut text, &atom.text);
            }
        }
        text
    }
}

/// A number with a sign before it or no more than a unit behind it.
fn is_plain_value(text: &str) -> bool {
    let signed = text.starts_with(['=', '＝', '≥', '≤', '>', '<']);
    signed || (text.starts_with(|c: char| c.is_ascii_digit()) && unit_is_long(text) == 0.0)
}

/// A unit of more letters may have another cell behind it.
fn unit_is_long(text: &str) -> f64 {
    const LONGEST: usize = 4;
    let unit = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    let unit = unit.trim_start_matches(|c: char| !c.is_alphabetic());
    let is_plain = !text.contains(|c: char| c.is_ascii_digit())
        || unit.chars().count() <= LONGEST
        || unit.contains(|c: char| c.is_ascii_digit());
    if is_plain { 0.0 } else { 1.0 }
}

/// `20`, `20分`, `20%`.
fn is_number(text: &str) -> bool {
    let number = text.trim_end_matches(['%', '％', '分']).trim();
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::one_cell_a_line::sources;
    use crate::words::JUDGE;

    fn shown(headings: &str, text: &str) -> Vec<String> {
        let words = Words::new(JUDGE);
        let headings: Vec<String> = headings.split(' ').map(str::to_owned).collect();
        let rows = rows(&sources(text, &words), &headings, &words).unwrap_or_default();
        let row = |part| match part {
            Part::Row(_, cells) => {
                cells.into_iter().map(|cell: Cell| cell.text).collect::<Vec<_>>().join("|")
            }
            _ => String::new(),
        };
        rows.into_iter().map(row).collect()
    }

    const USUAL: &str = "一级指标 二级指标 三级指标 指标值";

    #[test]
    fn cells_are_told_by_what_their_columns_hold() {
        for (text, expected) in [
            ("产出指标\n数量指标\n管网改造长度\n=2\n", "产出指标|数量指标|管网改造长度|=2"),
            ("产出指标 数量指标 建成农田面积 0.6 万亩\n", "产出指标|数量指标|建成农田面积|0.6 万亩"),
            (
                "满意度指\n标\n服务对象满意度指\n标\n读者投诉\n降低\n",
                "满意度指标|服务对象满意度指标|读者投诉|降低",
            ),
            ("产出指标数量指标河道长度≥3 公里\n", "产出指标|数量指标|河道长度|≥3 公里"),
            ("效益指标\n生态效益指标灌溉水利用提高\n", "效益指标|生态效益指标|灌溉水利用|提高"),
        ] {
            assert_eq!(shown(USUAL, text), [expected], "{text}");
        }
        let two = "成本指标\n经济成本指标\n资料采购成本控制率=100.00(%)\n空间改造单位成本\n≤0.5 万元\n";
        let expected =
            ["成本指标|经济成本指标|资料采购成本控制率|=100.00(%)", "||空间改造单位成本|≤0.5 万元"];
        assert_eq!(shown(USUAL, two), expected);
    }

    #[test]
    fn other_columns_have_cells_of_their_own() {
        let headings = "一级指标 二级指标 三级指标 指标值 分值 备注";
        let text = "产出指标\n数量指标\n研究报告\n=3 份\n20\n效益指标\n社会效益指标\n决策支撑作用\n≥1 项\n20\n含专著\n";
        let expected =
            ["产出指标|数量指标|研究报告|=3 份|20|", "效益指标|社会效益指标|决策支撑作用|≥1 项|20|含专著"];
        assert_eq!(shown(headings, text), expected);
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_not_read() {
        let sides = "一级指标 二级指标 三级指标 指标值 二级指标 三级指标 指标值";
        for (headings, text) in [
            // Of the whole time, or of the year.
            (sides, "产出指标\n数量指标\n建成站点数量\n60 处\n"),
            ("一级指标 二级指标 三级指标 实施期指标值 年度指标值", "产出指标\n数量指标\n培训次数\n15 次\n"),
            // In the order of columns.
            (USUAL, "产出指标\n数量指标\n建成站点数量\n培训人次\n60 处\n300 人\n"),
            (USUAL, "建成站点数量\n60 处\n产出指标\n数量指标\n"),
        ] {
            assert_eq!(shown(headings, text), [""; 0], "{text}");
        }
    }
}
