//! HTML to blocks.
//!
//! The page is read as a browser lays it out: scripts, styles and hidden elements are not there; block elements end
//! paragraphs; a cell that was never closed ends where the next begins. A table that holds other tables is a
//! page's scaffold: its cells are read as so many pieces of the page. One walk over the tree does it, without
//! recursion, since a hostile page may nest deeper than any stack.

use std::collections::HashSet;

use ego_tree::iter::Edge;
use jixiao_model::{Block, Cell, Paragraph, Place};
use scraper::Node;
use scraper::node::Element;

use super::html_tree::{NodeId, Tree};
use super::{markup, text};
use crate::limits::{Budget, Excess};

/// The HTML standard's own limits for spans (4.9.11, *attributes common to td and th elements*).
const MAX_COLUMN_SPAN: u32 = 1_000;
const MAX_ROW_SPAN: u32 = 65_534;

/// Elements whose content no reader sees.
const UNSEEN: &[&str] =
    &["script", "style", "noscript", "template", "head", "title", "iframe", "object", "svg", "math"];

/// The blocks of a page, or of a piece of markup that begins at a later line of its document.
pub fn blocks(source: &str, first_line: u32, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let tree = Tree::parse(source, budget)?;
    let mut walk = Walk {
        scaffolds: scaffolds(&tree),
        tree: &tree,
        first_line,
        blocks: Vec::new(),
        tables: Vec::new(),
        owners: Vec::new(),
        budget,
        excess: None,
        paragraph: Flow::default(),
        unseen: None,
        preformatted: None,
    };
    for edge in tree.html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => walk.open(node.id(), node.value()),
            Edge::Close(node) => walk.close(node.id(), node.value()),
        }
    }
    walk.end_paragraph();
    match walk.excess {
        Some(excess) => Err(excess),
        None => Ok(walk.blocks),
    }
}

/// Tables that hold a table of more than one row. (A smaller one is a layout trick within a cell, and reads as text.)
fn scaffolds(tree: &Tree) -> HashSet<NodeId> {
    let mut scaffolds = HashSet::new();
    let mut open: Vec<(NodeId, u32)> = Vec::new();
    for edge in tree.html.tree.root().traverse() {
        match edge {
            Edge::Open(node) if is_element(node.value(), "table") => open.push((node.id(), 0)),
            Edge::Open(node) if is_element(node.value(), "tr") => {
                if let Some((_, rows)) = open.last_mut() {
                    *rows += 1;
                }
            }
            Edge::Close(node) if is_element(node.value(), "table") => {
                // What holds a scaffold is one too.
                if let (Some((table, rows)), Some((outer, _))) = (open.pop(), open.last())
                    && (rows > 1 || scaffolds.contains(&table))
                {
                    scaffolds.insert(*outer);
                }
            }
            _ => {}
        }
    }
    scaffolds
}

fn is_element(node: &Node, name: &str) -> bool {
    node.as_element().is_some_and(|element| element.name() == name)
}

/// A table that is being read.
struct Table {
    node: NodeId,
    rows: Vec<(Place, Vec<Cell>)>,
    cell: Option<OpenCell>,
}

struct OpenCell {
    node: NodeId,
    flow: Flow,
    row_span: u32,
    column_span: u32,
    place: Place,
}

struct Walk<'t> {
    tree: &'t Tree,
    scaffolds: HashSet<NodeId>,
    first_line: u32,
    blocks: Vec<Block>,
    /// Open tables that are no scaffolds, outermost first; only a trivial one stands within another.
    tables: Vec<Table>,
    /// All open tables, outermost first.
    owners: Vec<NodeId>,
    budget: &'t mut Budget,
    /// The first limit that was broken; no block is made any more.
    excess: Option<Excess>,
    /// Text outside any table.
    paragraph: Flow,
    /// The element that hides all within it.
    unseen: Option<NodeId>,
    /// The `<pre>` that is open.
    preformatted: Option<NodeId>,
}

impl Walk<'_> {
    fn open(&mut self, id: NodeId, node: &Node) {
        if self.unseen.is_some() {
            return;
        }
        match node {
            Node::Text(text) => self.text(text),
            Node::Element(element) if is_unseen(element) => self.unseen = Some(id),
            Node::Element(element) => {
                if element.name() == "table" {
                    self.owners.push(id);
                }
                self.open_element(id, element);
            }
            _ => {}
        }
    }

    fn open_element(&mut self, id: NodeId, element: &Element) {
        match element.name() {
            "table" if self.scaffolds.contains(&id) || !self.tables.is_empty() => self.edge_of_block(id),
            "table" => {
                self.end_paragraph();
                self.tables.push(Table { node: id, rows: Vec::new(), cell: None });
            }
            "tr" if self.in_own_table() => {
                let place = self.place(id);
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push((place, Vec::new()));
                }
            }
            // The title of a form may be the caption of its table: a row of its own, above the others.
            "caption" if self.in_own_table() => {
                let place = self.place(id);
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push((place, Vec::new()));
                }
                self.open_cell(id, element);
            }
            "td" | "th" if self.in_own_table() => self.open_cell(id, element),
            "br" => self.flow(id).end_line(),
            "pre" if self.preformatted.is_none() => {
                self.edge_of_block(id);
                self.preformatted = Some(id);
            }
            "input" if matches!(element.attr("type"), Some("checkbox" | "radio")) => {
                let mark = if element.attr("checked").is_some() { "☑" } else { "□" };
                self.flow(id).push(mark, false);
            }
            "input" if matches!(element.attr("type"), None | Some("text" | "number" | "date")) => {
                self.flow(id).push(element.attr("value").unwrap_or_default(), false);
            }
            name if markup::is_block(name) => self.edge_of_block(id),
            _ => {}
        }
    }

    fn close(&mut self, id: NodeId, node: &Node) {
        if self.unseen.is_some() {
            if self.unseen == Some(id) {
                self.unseen = None;
            }
            return;
        }
        let Some(element) = node.as_element() else { return };
        if element.name() == "table" {
            self.owners.pop();
        }
        match element.name() {
            "table" if self.tables.last().is_some_and(|table| table.node == id) => self.close_table(),
            "td" | "th" | "caption" => self.close_cell(id),
            "pre" if self.preformatted == Some(id) => self.close_preformatted(id),
            name if markup::is_block(name) => self.edge_of_block(id),
            _ => {}
        }
    }

    fn close_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        if self.excess.is_none() && table.rows.iter().any(|(_, cells)| !cells.is_empty()) {
            match self.budget.grid(table.rows) {
                Ok(grid) => self.blocks.push(Block::Grid(grid)),
                Err(excess) => self.excess = Some(excess),
            }
        }
    }

    fn open_cell(&mut self, id: NodeId, element: &Element) {
        let place = self.place(id);
        let Some(table) = self.tables.last_mut() else { return };
        if table.rows.is_empty() {
            table.rows.push((place.clone(), Vec::new()));
        }
        table.cell = Some(OpenCell {
            node: id,
            flow: Flow::default(),
            row_span: span(element, "rowspan", MAX_ROW_SPAN),
            column_span: span(element, "colspan", MAX_COLUMN_SPAN),
            place,
        });
    }

    fn close_cell(&mut self, id: NodeId) {
        let Some(table) = self.tables.last_mut() else { return };
        if let Some(cell) = table.cell.take_if(|cell| cell.node == id)
            && let Some((_, cells)) = table.rows.last_mut()
        {
            let OpenCell { flow, row_span, column_span, place, .. } = cell;
            cells.push(Cell { text: flow.finish(), row_span, column_span, place });
        } else if table.cell.is_some() {
            // A cell of a trivial table within this cell.
            self.edge_of_block(id);
        }
    }

    fn close_preformatted(&mut self, id: NodeId) {
        self.preformatted = None;
        if self.tables.is_empty() {
            let flow = std::mem::take(&mut self.paragraph);
            match text::plain_blocks(&flow.text, flow.line.unwrap_or(self.first_line), self.budget) {
                Ok(blocks) => self.blocks.extend(blocks),
                Err(excess) => self.excess = self.excess.take().or(Some(excess)),
            }
        } else {
            self.edge_of_block(id);
        }
    }

    /// Whether the row or cell belongs to the innermost open table itself, and not to a scaffold around it or to a
    /// trivial table within one of its cells.
    fn in_own_table(&self) -> bool {
        let Some(table) = self.tables.last() else { return false };
        self.owners.last() == Some(&table.node)
    }

    fn text(&mut self, text: &str) {
        let preformatted = self.preformatted.is_some();
        match self.tables.last_mut() {
            Some(Table { cell: Some(cell), .. }) => cell.flow.push(text, preformatted),
            // White space between rows; the parser moves any other text out of the table.
            Some(_) => {}
            None => self.paragraph.push(text, preformatted),
        }
    }

    /// Where text goes now. A paragraph's place is that of the element in which it begins.
    fn flow(&mut self, id: NodeId) -> &mut Flow {
        let line = self.line(id);
        match self.tables.last_mut() {
            Some(Table { cell: Some(cell), .. }) => &mut cell.flow,
            _ => {
                self.paragraph.line.get_or_insert(line);
                &mut self.paragraph
            }
        }
    }

    /// A block element begins or ends here.
    fn edge_of_block(&mut self, id: NodeId) {
        if self.tables.is_empty() {
            self.end_paragraph();
            self.paragraph.line = Some(self.line(id));
        } else {
            self.flow(id).end_line();
        }
    }

    fn end_paragraph(&mut self) {
        let flow = std::mem::take(&mut self.paragraph);
        let place = Place::Line(flow.line.unwrap_or(self.first_line));
        let text = flow.finish();
        if text.is_empty() || self.excess.is_some() {
            return;
        }
        self.excess = self.budget.paragraph(&place).err();
        if self.excess.is_none() {
            self.blocks.push(Block::Paragraph(Paragraph { text, place }));
        }
    }

    fn line(&self, id: NodeId) -> u32 {
        self.tree.line(id).unwrap_or(1).saturating_add(self.first_line - 1)
    }

    fn place(&self, id: NodeId) -> Place {
        Place::Line(self.line(id))
    }
}

fn is_unseen(element: &Element) -> bool {
    let hidden = |style: &str| {
        let style = style.to_ascii_lowercase();
        style.split(';').filter_map(|rule| rule.split_once(':')).any(|(name, value)| {
            let value = value.trim();
            (name.trim() == "display" && value.starts_with("none"))
                || (name.trim() == "visibility" && value.starts_with("hidden"))
        })
    };
    let unchosen = element.name() == "option" && element.attr("selected").is_none();
    unchosen
        || UNSEEN.contains(&element.name())
        || element.attr("hidden").is_some()
        || element.attr("style").is_some_and(hidden)
}

/// A span as the HTML standard reads it: digits up front count, zero and nonsense are 1. (`rowspan=0` would mean all
/// rows that are left; it is not seen in published forms, and a cell too short is visible where one too long is not.)
fn span(element: &Element, name: &str, most: u32) -> u32 {
    let digits: String = element
        .attr(name)
        .unwrap_or_default()
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().unwrap_or(if digits.is_empty() { 1 } else { most }).clamp(1, most)
}

/// Text as it flows on a page: runs of white space are one blank, or nothing between two Chinese characters where
/// only the source was wrapped.
#[derive(Default)]
struct Flow {
    text: String,
    line: Option<u32>,
    /// White space is waiting, and whether the source broke its line in it.
    blank: Option<bool>,
}

impl Flow {
    fn push(&mut self, text: &str, preformatted: bool) {
        if preformatted {
            self.text.push_str(text);
            return;
        }
        for character in text.chars() {
            if matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0C') {
                let wrapped = matches!(character, '\n' | '\r');
                self.blank = Some(self.blank.unwrap_or(false) || wrapped);
                continue;
            }
            if let Some(wrapped) = self.blank.take() {
                let before = self.text.chars().next_back();
                let dropped = wrapped && before.is_some_and(is_wide) && is_wide(character);
                if !dropped && before.is_some_and(|before| before != '\n') {
                    self.text.push(' ');
                }
            }
            self.text.push(character);
        }
    }

    fn end_line(&mut self) {
        self.blank = None;
        self.text.push('\n');
    }

    fn finish(self) -> String {
        let blank = |c: char| c.is_whitespace();
        let lines: Vec<_> = self.text.split('\n').map(|line| line.trim_matches(blank)).collect();
        lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    }
}

/// Whether a character is one between which Chinese is written without blanks.
fn is_wide(character: char) -> bool {
    matches!(u32::from(character), 0x2018..=0x201D | 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFF60 | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;

    fn check(source: &str, expected: &[&str]) {
        let blocks = blocks(source, 1, &mut Budget::default()).expect("it is small");
        assert_eq!(shown(&blocks), expected, "{source}");
    }

    #[test]
    fn pages_are_read_as_browsers_lay_them_out() {
        check("<p>标题</p>\n<p>(2020年度)", &["L1 标题", "L2 (2020年度)"]);
        check("<div>甲<br>乙</div>丙", &["L1 甲\n乙", "L1 丙"]);
        check("<p>科技\n创新  and\n more</p>", &["L1 科技创新 and more"]);
        check(
            "<script>var a='<table><tr><td>财政</td></tr></table>'</script><style>p{}</style><p>正文</p>",
            &["L1 正文"],
        );
        check("<p hidden>甲</p><p style='display: none'>乙</p><p>丙</p><!-- 丁 -->", &["L1 丙"]);
    }

    #[test]
    fn tables_keep_their_cells_and_lines() {
        check(
            "<TABLE border=1>\n<TR><TD rowspan=2>甲<TD COLSPAN = '2'>乙\n<TR><TD>&nbsp;<TD>a<5 且 b>3&ge;2</TABLE>",
            &["L2 甲|乙|.", "L3 .||a<5 且 b>3≥2"],
        );
        check("<table><tr><td><p>一</p><p>二</p></td><td>三<br>四</td></tr></table>", &["L1 一\n二|三\n四"]);
        check("<table><tr><td rowspan=99999999999>甲</td></tr></table>", &["L1 甲"]);
        check("<table><tr><td>□<input type=checkbox checked>是</td></tr></table>", &["L1 □☑是"]);
        check("<table><caption>标题</caption><tr><td>甲<td>乙</table>", &["L1 标题", "L1 甲|乙"]);
    }

    #[test]
    fn what_was_typed_or_chosen_in_a_form_of_the_page_is_read() {
        check("<p>名称<input value=甲><input type=hidden value=乙></p>", &["L1 名称甲"]);
        check("<p><select><option>甲<option selected>乙</select></p>", &["L1 乙"]);
    }

    #[test]
    fn a_table_around_tables_is_a_scaffold() {
        let inner = "<table><tr><td>项目名称<td>甲<tr><td>类别<td>乙</table>";
        check(
            &format!("<table><tr><td>导航<td><p>标题</p>{inner}</table>"),
            &["L1 导航", "L1 标题", "L1 项目名称|甲", "L1 类别|乙"],
        );
        let small = "<table><tr><td>是√<td>否□</table>";
        check(
            &format!("<table><tr><td>采购<td>{small}<tr><td>甲<td>乙</table>"),
            &["L1 采购|是√\n否□", "L1 甲|乙"],
        );
    }

    #[test]
    fn preformatted_text_is_a_dump() {
        check(
            "<pre>项目名称：\t甲\n类别：\t乙\n\n后文</pre>",
            &["L1 项目名称：|甲", "L2 类别：|乙", "L4 后文"],
        );
    }

    #[test]
    fn escaped_markup_in_preformatted_text_is_text() {
        check("<pre>&lt;table&gt;&lt;td&gt;甲\t乙\n&amp;lt;p></pre>", &["L1 <table><td>甲|乙", "L2 &lt;p>"]);
    }
}
