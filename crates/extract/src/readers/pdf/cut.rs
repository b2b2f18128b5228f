//! Rows and cells that the end of a page cuts.
//!
//! Many programs close a table with a line at a page's end and open it with one on the next page, so that lines do not
//! tell whether the first row there is a new one. What stands in it does.

use std::collections::{HashMap, HashSet};

use super::canvas::Glyph;
use super::tables::Joined;
use super::text::{Frame, Line, cell_text, lines};
use crate::readers::aligned::{Word, Words};

/// A line of so many characters does not reach the edge of its cell by chance.
const LONG: f64 = 12.0;
/// A text of so many characters may have a paragraph more.
const PARAGRAPH: usize = 24;
/// How many labels above one are looked at.
const LABELS: usize = 8;

/// Cells at the lower end of a page.
#[derive(Default)]
pub struct Foot {
    /// Those that lack their line there, by their number.
    pub open: Vec<usize>,
    /// All, by their number.
    pub all: Vec<usize>,
    /// Where their table ends.
    pub bottom: f64,
}

/// Cells at the head of a page.
pub struct Head<'c> {
    /// All cells of the page's table.
    pub cells: &'c [Joined],
    /// Whether each lacks its line above.
    pub open: Vec<bool>,
    /// The first row that is no heading printed again.
    pub first: usize,
}

impl Head<'_> {
    fn cells(&self) -> impl Iterator<Item = &Joined> {
        self.cells.iter().filter(|cell| self.begins(cell))
    }

    fn begins(&self, cell: &Joined) -> bool {
        cell.rows.0 == self.first
    }

    /// Whether no line of its own parts a cell from the page before: what is above the first row below a heading is the
    /// heading's.
    fn is_open(&self, at: usize) -> bool {
        self.open.get(at) == Some(&true) || (self.first > 0 && self.begins(&self.cells[at]))
    }
}

/// What the cells at the head of a page go on with.
pub struct Partners {
    /// For each cell of the page, the cell that it is the rest of.
    pub of: Vec<Option<usize>>,
    /// Whether the first row is the rest of the last row above.
    pub is_row: bool,
}

impl Foot {
    /// Looks for them.
    pub fn partners(&self, cells: &[Joined], head: &Head<'_>, words: &Words) -> Partners {
        let above: HashMap<(usize, usize), usize> =
            self.all.iter().map(|index| (cells[*index].columns, *index)).collect();
        let above = |cell: &Joined| above.get(&cell.columns).copied().filter(|_| head.begins(cell));
        let is_open: HashSet<usize> = self.open.iter().copied().collect();
        let open = |(at, cell)| above(cell).filter(|index| head.is_open(at) && is_open.contains(index));
        let of: Vec<Option<usize>> = head.cells.iter().enumerate().map(open).collect();
        let mut at_head = head.cells.iter().zip(&of).filter(|(cell, _)| head.begins(cell));
        if at_head.all(|(_, partner)| partner.is_some()) && !self.all.is_empty() {
            return Partners { of, is_row: true };
        }
        // Where lines are left out at what is cut, what has one is not.
        let is_told = of.iter().any(Option::is_some);
        let is_row = !is_told && self.is_cut(cells, head, words, above);
        if is_row {
            return Partners { of: head.cells.iter().map(above).collect(), is_row };
        }
        let of = of.into_iter().zip(self.merged(cells, head, words, above));
        Partners { of: of.map(|(open, merged)| open.or(merged)).collect(), is_row }
    }

    /// The merged cells at a page's head that are the rest of one above, though the rows are not: nothing stands in them,
    /// or a text goes on there that runs downwards (绩/效/指/标), or a unit in brackets, or a word that is known. A text that
    /// runs downwards is known as one by its length where each part of its cell is as high as a row.
    fn merged(
        &self,
        cells: &[Joined],
        head: &Head<'_>,
        words: &Words,
        above: impl Fn(&Joined) -> Option<usize>,
    ) -> Vec<Option<usize>> {
        let are_alike = head.cells().all(|cell| above(cell).is_some());
        let first_end = head.cells().map(|cell| cell.rows.1).min().unwrap_or_default();
        let last_begin = self.all.iter().map(|index| cells[*index].rows.0).max().unwrap_or_default();
        let rest_of = |cell: &Joined| {
            let index = above(cell)?;
            let is_merged = cells[index].rows.0 < last_begin || cell.rows.1 > first_end;
            let (begun, rest) = (last_lines(&cells[index]), last_lines(cell));
            let is_rest = if rest.is_empty() {
                is_merged
            } else {
                let is_word = run_downwards(&begun, &rest) && (is_merged || begun.len() + rest.len() > 2);
                let is_unit = is_merged && is_in_brackets(&rest) && !is_in_brackets(&begun);
                let is_drawn_so = are_alike && (is_word || is_unit) && self.is_at_end(&begun);
                is_drawn_so || told(&cells[index], cell, words) == Told::One
            };
            is_rest.then_some(index)
        };
        head.cells.iter().map(rest_of).collect()
    }

    /// Whether a text reaches the lower end of its cell.
    fn is_at_end(&self, lines: &[Line]) -> bool {
        lines.last().is_some_and(|last| self.bottom - last.area.y1 < last.size * 1.2)
    }

    /// Whether a row that both pages close with a line goes on over the page. All that stands in its rest must go on with
    /// a text that reaches the lower end of its cell: within a line that was wrapped, or, in a long text, with its next
    /// paragraph. That may be chance, so something must speak for it besides: a wrapped text, or a cell that is empty now
    /// and was not, since what fits on one page is not printed on the next. And no page breaks a number.
    fn is_cut(
        &self,
        cells: &[Joined],
        head: &Head<'_>,
        words: &Words,
        above: impl Fn(&Joined) -> Option<usize>,
    ) -> bool {
        if head.cells().any(|cell| above(cell).is_some_and(|index| is_label_cut(cells, index, cell)))
            && head.cells().all(|cell| above(cell).is_some())
        {
            return true;
        }
        let (mut leaves_blank, mut is_wrapped, mut begins_anew) = (false, false, false);
        let (mut is_word, mut in_brackets) = (false, None);
        for cell in head.cells() {
            let Some(index) = above(cell) else { return false };
            let (begun, rest) = (last_lines(&cells[index]), last_lines(cell));
            let Some(first) = rest.first() else {
                leaves_blank |= !begun.is_empty();
                continue;
            };
            let frame = Frame::of(&begun, cell.left, cell.right);
            let (Some(last), Some(frame)) = (begun.last(), frame) else { return false };
            let is_at_end = self.is_at_end(&begun);
            let is_upright = is_at_end && begun.len() + rest.len() > 2 && run_downwards(&begun, &rest);
            let told = told(&cells[index], cell, words);
            if told == Told::Two {
                return false;
            }
            if is_upright || told == Told::One {
                is_word = true;
                continue;
            }
            let numbers = last.text.is_ascii() && first.text.is_ascii();
            if last.text.ends_with(['：', ':']) || numbers || !is_at_end {
                return false;
            }
            if last.text.ends_with(['。', '；', '！', '？']) || !frame.goes_on_over_page(last, first) {
                begins_anew = true;
                let length: usize = begun.iter().map(|line| line.glyphs.len()).sum();
                if length < PARAGRAPH {
                    return false;
                }
            }
            is_wrapped |= last.area.width() > last.size * LONG;
            is_wrapped |= frame.has_wrapped(&begun) || frame.has_wrapped(&rest);
            // The unit of an amount: 项目总预算 / （元）.
            let bracket = first.text.starts_with(['（', '(']);
            in_brackets = Some(bracket && in_brackets.unwrap_or(true));
        }
        (leaves_blank && (in_brackets.is_some() || is_word))
            || (!begins_anew && (is_wrapped || in_brackets == Some(true)))
    }
}

/// Whether a page cuts a label: of those in its column it is the only one without a colon at its end, and the first cell
/// of the next page has that.
fn is_label_cut(cells: &[Joined], index: usize, rest: &Joined) -> bool {
    let end = |cell: &Joined| {
        let printed =
            cell.glyphs.last().into_iter().flatten().filter(|glyph| !glyph.character.is_whitespace());
        printed.max_by(|one, other| order(one).total_cmp(&order(other))).map(|glyph| glyph.character)
    };
    let has_colon = |cell: &Joined| end(cell).map(|last| matches!(last, '：' | ':'));
    let before = cells.get(..index).unwrap_or_default().iter().rev();
    let mut before = before.filter(|cell| cell.columns == rest.columns).take(LABELS).filter_map(has_colon);
    has_colon(&cells[index]) == Some(false)
        && has_colon(rest) == Some(true)
        && before.next() == Some(true)
        && before.next() == Some(true)
        && before.all(|has_colon| has_colon)
}

/// What the words say of a text at the foot of a page and one at the head of the next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    /// Both are one label, heading or class, and none for itself.
    One,
    /// Each is something for itself: labels, headings or classes, or values.
    Two,
    Nothing,
}

fn told(begun: &Joined, rest: &Joined, words: &Words) -> Told {
    const LONGEST: usize = 20;
    let is_short = |cell: &Joined| cell.glyphs.iter().map(Vec::len).sum::<usize>() <= LONGEST;
    if !is_short(begun) || !is_short(rest) {
        return Told::Nothing;
    }
    let is_name = |word| matches!(word, Word::Line | Word::Label | Word::Column(_) | Word::Class(_));
    let text = |cell: &Joined| cell_text(cell.glyphs.clone(), cell.left, cell.right);
    let (begun, rest) = (text(begun), text(rest));
    if begun.is_empty() || rest.is_empty() {
        return Told::Nothing;
    }
    let [above, below, both] =
        [begun.as_str(), &rest, &format!("{begun}{rest}")].map(|text| words.word(text));
    let has_sign = rest.starts_with(['=', '＝', '≥', '≤', '>', '<', '＞', '＜']);
    match () {
        () if is_name(both) && !is_name(above) && !is_name(below) => Told::One,
        () if is_name(above) && is_name(below) && !is_name(both) => Told::Two,
        () if above == Word::Target && below == Word::Target && has_sign => Told::Two,
        () => Told::Nothing,
    }
}

/// Where a character stands in a text, from the first line's begin.
fn order(glyph: &Glyph) -> f64 {
    let line = (glyph.area.center().y / glyph.area.height().max(1.0) * 2.0).round();
    line * 10_000.0 + glyph.area.x0
}

/// The lines of a cell on its last page.
fn last_lines(cell: &Joined) -> Vec<Line> {
    lines(cell.glyphs.last().cloned().unwrap_or_default())
}

/// Whether the two parts of a text run downwards, one Chinese character a line.
fn run_downwards(begun: &[Line], rest: &[Line]) -> bool {
    let is_one = |line: &Line| line.glyphs.len() == 1 && line.glyphs[0].character.is_alphabetic();
    let is_ascii = |line: &Line| line.text.is_ascii();
    !begun.is_empty()
        && !rest.is_empty()
        && begun.iter().chain(rest).all(|line| is_one(line) && !is_ascii(line))
}

/// Whether all that lines say stands in brackets.
fn is_in_brackets(lines: &[Line]) -> bool {
    let begins = lines.first().is_some_and(|line| line.text.starts_with(['（', '(']));
    begins && lines.last().is_some_and(|line| line.text.ends_with(['）', ')']))
}

#[cfg(test)]
mod tests {
    use jixiao_model::Block;

    use crate::limits::Budget;
    use crate::readers::aligned::Words;
    use crate::readers::{pdf, shown};
    use crate::words::JUDGE;

    /// Lines of a page from a point to another, and texts at a point, from above.
    type Page<'t> = (&'t [[i32; 4]], &'t [(i32, i32, &'t str)]);

    /// The blocks of pages that are 140 points wide and 100 high.
    fn blocks(pages: &[Page<'_>]) -> Vec<Block> {
        let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 5 + 2 * page)).collect();
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            format!("<</Type/Pages/Kids[{}]/Count {}>>", kids.join(" "), pages.len()),
            "<</Type/Font/Subtype/Type0/BaseFont/S/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>".to_owned(),
            "<</Type/Font/Subtype/CIDFontType0/BaseFont/S/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)\
             /Supplement 4>>/DW 1000>>"
                .to_owned(),
        ];
        for ((rules, texts), number) in pages.iter().zip(0..) {
            let rules =
                rules.iter().map(|[x0, y0, x1, y1]| format!("{x0} {} m {x1} {} l S\n", 100 - y0, 100 - y1));
            let texts = texts.iter().map(|(x, y, text)| {
                let codes: Vec<String> = text.encode_utf16().map(|unit| format!("{unit:04X}")).collect();
                format!("BT /F 10 Tf {x} {} Td <{}> Tj ET\n", 100 - y, codes.concat())
            });
            let content: String = rules.chain(texts).collect();
            objects.push(format!(
                "<</Type/Page/Parent 2 0 R/MediaBox[0 0 140 100]/Resources<</Font<</F 3 0 R>>>>/Contents {} 0 R>>",
                6 + 2 * number
            ));
            objects.push(format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()));
        }
        let objects = objects.iter().zip(1..).map(|(object, at)| format!("{at} 0 obj\n{object}\nendobj\n"));
        let bytes = format!("%PDF-1.7\n{}trailer\n<</Root 1 0 R>>\n", objects.collect::<String>());
        pdf::read(bytes.as_bytes(), &Words::new(JUDGE), &mut Budget::default())
            .expect("it can be read")
            .blocks
    }

    fn read(pages: &[Page<'_>]) -> Vec<String> {
        shown(&blocks(pages))
    }

    /// A cell over two rows besides two cells.
    const MERGED: &[[i32; 4]] = &[
        [10, 40, 130, 40],
        [70, 60, 130, 60],
        [10, 80, 130, 80],
        [10, 40, 10, 80],
        [70, 40, 70, 80],
        [130, 40, 130, 80],
    ];

    /// A page with that cell above and one below, by their texts, and what it is read as if the latter is a rest.
    fn merged(above: &[(i32, i32, &'static str)], below: &[(i32, i32, &'static str)]) -> Vec<String> {
        let above = [above, &[(75, 54, "甲"), (75, 76, "乙")]].concat();
        let below = [below, &[(75, 54, "丙"), (75, 76, "丁")]].concat();
        read(&[(MERGED, &above), (MERGED, &below)])
    }

    #[test]
    fn merged_cells_go_on_over_pages() {
        let one =
            |text: &str| [format!("p1 {text}|甲"), "p1 .|乙".into(), "p2 .|丙".into(), "p2 .|丁".into()];
        let word = merged(&[(12, 58, "绩"), (12, 75, "效")], &[(12, 52, "指"), (12, 65, "标")]);
        assert_eq!(word, one("绩效指标"));
        assert_eq!(merged(&[(12, 75, "资金")], &[(12, 52, "（元）")]), one("资金\n（元）"));
        assert_eq!(merged(&[(12, 60, "产出")], &[]), one("产出"));
    }

    #[test]
    fn words_tell_what_a_page_cuts() {
        // A label over two rows, of which the second stands on the next page; and two labels, one on each page.
        let torn = merged(&[(12, 60, "总体绩效目")], &[(12, 60, "标")]);
        assert_eq!(torn, ["p1 总体绩效目标|甲", "p1 .|乙", "p2 .|丙", "p2 .|丁"]);
        let two = merged(&[(12, 75, "主管部门")], &[(12, 52, "实施单位")]);
        assert_eq!(two, ["p1 主管部门|甲", "p1 .|乙", "p2 实施单位|丙", "p2 .|丁"]);
    }

    #[test]
    fn merged_cells_at_the_head_of_a_page_may_be_new() {
        let two = |one: &str, other: &str| {
            [format!("p1 {one}|甲"), "p1 .|乙".into(), format!("p2 {other}|丙"), "p2 .|丁".into()]
        };
        assert_eq!(merged(&[(12, 60, "一")], &[(12, 60, "二")]), two("一", "二"));
        assert_eq!(merged(&[(12, 75, "产出")], &[(12, 52, "效益")]), two("产出", "效益"));
    }

    #[test]
    fn rows_go_on_below_a_heading_that_is_printed_again() {
        // The last row of the first page has no line below it.
        let upright = [[10, 20, 10, 60], [70, 20, 70, 60], [130, 20, 130, 60]];
        let above = [&[[10, 20, 130, 20], [10, 40, 130, 40]], upright.as_slice()].concat();
        let below = [above.as_slice(), &[[10, 60, 130, 60]]].concat();
        let heading = [(15, 34, "题"), (75, 34, "名")];
        let row = [heading.as_slice(), &[(15, 55, "甲"), (75, 55, "乙丙丁子丑")]].concat();
        let rest = [heading.as_slice(), &[(75, 55, "戊")]].concat();
        assert_eq!(read(&[(&above, &row), (&below, &rest)]), ["p1 题|名", "p1 甲|乙丙丁子丑戊"]);
        // Where it has one and nothing goes on, the next row is another, and the heading stays.
        let next = [heading.as_slice(), &[(15, 55, "己"), (75, 55, "戊")]].concat();
        let closed = read(&[(&below, &row), (&below, &next)]);
        assert_eq!(closed, ["p1 题|名", "p1 甲|乙丙丁子丑", "p2 题|名", "p2 己|戊"]);
    }

    #[test]
    fn paragraphs_go_on_over_pages() {
        let above: Page<'_> = (&[], &[(40, 60, "题"), (20, 92, "甲乙丙丁戊己庚辛壬癸")]);
        let rest = read(&[above, (&[], &[(20, 30, "子丑")])]);
        assert_eq!(rest, ["p1 题", "p1 甲乙丙丁戊己庚辛壬癸子丑"]);
        // A title that stands alone on its page fills no line, though no line there is longer.
        let title: Page<'_> = (&[], &[(50, 90, "题题题")]);
        assert_eq!(read(&[title, (&[], &[(20, 30, "子丑寅卯")])]), ["p1 题题题", "p2 子丑寅卯"]);
        // An indented line is another paragraph.
        let indented = read(&[above, (&[], &[(40, 30, "子丑"), (20, 60, "寅")])]);
        assert_eq!(indented, ["p1 题", "p1 甲乙丙丁戊己庚辛壬癸", "p2 子丑", "p2 寅"]);
    }

    #[test]
    fn tables_that_become_wider_go_on_over_pages() {
        let narrow: &[[i32; 4]] =
            &[[10, 60, 110, 60], [10, 80, 110, 80], [10, 60, 10, 80], [60, 60, 60, 80], [110, 60, 110, 80]];
        // The row in the middle is wider, and the last one is not.
        let wider: &[[i32; 4]] = &[
            [10, 20, 110, 20],
            [10, 40, 130, 40],
            [10, 60, 130, 60],
            [10, 80, 110, 80],
            [10, 20, 10, 80],
            [60, 20, 60, 80],
            [110, 20, 110, 80],
            [130, 40, 130, 60],
        ];
        let texts: &[(i32, i32, &str)] = &[(15, 34, "丙"), (65, 34, "丁"), (112, 54, "戊"), (15, 74, "己")];
        let blocks = blocks(&[(narrow, &[(15, 74, "甲"), (65, 74, "乙")]), (wider, texts)]);
        assert_eq!(blocks.len(), 1, "{:?}", shown(&blocks));
    }
}
