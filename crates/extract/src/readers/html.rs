//! HTML to blocks.
//!
//! The page is read as a browser lays it out: scripts, styles and hidden elements are not there; block elements end
//! paragraphs; a cell that was never closed ends where the next begins. A table that holds other tables is a
//! page's scaffold: its cells are read as so many pieces of the page.
//!
//! There are two readers. The light one ([`light`]) builds no tree; it follows the HTML standard as far as it is sure that
//! the tree would read the same, and gives up where it is not. The conforming one builds the tree of `html5ever`, and reads
//! what the light one gave up. Both tell one [`page`] what opens and closes, and [`agree`] holds them against each other.

mod attributes;
mod flow;
mod light;
mod page;
mod tree;

use std::borrow::Cow;
use std::collections::HashSet;

use ego_tree::iter::Edge;
use jixiao_model::Block;
use scraper::Node;
use scraper::node::Element;

use self::page::{Attributes, Kind, Opening, Page, is_unseen};
use self::tree::{NodeId, Tree};
use crate::limits::{Budget, Excess};

/// The blocks of a page, or of a piece of markup that begins at a later line of its document.
pub fn blocks<'s>(
    source: &'s str,
    first_line: u32,
    budget: &mut Budget,
) -> Result<Vec<Block<Cow<'s, str>>>, Excess> {
    if budget.may_estimate()
        && let Some(blocks) = light::blocks(source, first_line, budget)
    {
        return Ok(blocks);
    }
    Ok(conforming(source, first_line, budget)?.into_iter().map(Block::from).collect())
}

/// Whether the light reader is sure of a page, for tests.
///
/// # Errors
/// What the two readers say of the page, where the light one is sure and they differ.
pub fn agree(source: &str) -> Result<bool, String> {
    let Some(light) = light::blocks(source, 1, &mut Budget::default()) else { return Ok(false) };
    let light: Vec<_> = light.into_iter().map(Block::into_owned).collect();
    match conforming(source, 1, &mut Budget::default()) {
        Ok(blocks) if blocks == light => Ok(true),
        conforming => Err(format!("light: {light:#?}\nconforming: {conforming:#?}")),
    }
}

/// Reads the tree of the page. One walk over it does it, without recursion, since a hostile page may nest deeper than any
/// stack.
fn conforming(source: &str, first_line: u32, budget: &mut Budget) -> Result<Vec<Block>, Excess> {
    let tree = Tree::parse(source, budget)?;
    let scaffolds = scaffolds(&tree);
    let mut page = Page::new(first_line, budget);
    for edge in tree.html.tree.root().traverse() {
        match edge {
            Edge::Open(node) => match node.value() {
                Node::Text(text) => page.text(Cow::Borrowed(text)),
                Node::Element(element) => page.open(&Opening {
                    kind: Kind::of(element.name()),
                    attributes: element,
                    line: tree.line(node.id()).unwrap_or(1),
                    unseen: is_unseen(element.name(), element),
                    scaffold: scaffolds.contains(&node.id()),
                }),
                _ => {}
            },
            Edge::Close(node) => {
                if let Node::Element(element) = node.value() {
                    page.close(Kind::of(element.name()), tree.line(node.id()).unwrap_or(1));
                }
            }
        }
    }
    Ok(page.finish()?.into_iter().map(Block::into_owned).collect())
}

impl Attributes for Element {
    fn value(&self, name: &'static str) -> Option<Cow<'_, str>> {
        self.attr(name).map(Cow::Borrowed)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;

    fn check(source: &str, expected: &[&str]) {
        let blocks = conforming(source, 1, &mut Budget::default()).expect("it is small");
        assert_eq!(shown(&blocks), expected, "{source}");
        assert_eq!(agree(source), Ok(true), "{source}");
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

    #[test]
    fn what_a_browser_would_move_is_left_to_the_conforming_reader() {
        let attributes: String = (0..300).map(|number| format!(" a{number}")).collect();
        for source in [
            "<table>甲<tr><td>乙</table>",
            "<table><tr><p>甲</p><td>乙</table>",
            "<table><tr><td>甲</td>&nbsp;</tr></table>",
            "<p><b style='display:none'>甲</p>乙",
            "<b>甲<span hidden>乙</b>丙",
            "<form><div>甲</form>乙</div>丙",
            "<h1>甲<i><h2>乙",
            "<svg><p>甲</svg>",
            "<ruby>甲<rt>乙</ruby>",
            "<script><!-- <script> </script> --></script><p>甲",
            "<p>甲</p>\u{FEFF}<p>乙</p>",
            "<!doctype html public 'a'><p>甲<table><tr><td>乙</table>",
            "<td\n a=\n1>甲",
            &format!("<p{attributes}>甲"),
            &"<div>".repeat(950),
        ] {
            assert_eq!(agree(source), Ok(false), "{source}");
            let mut budget = Budget::default();
            assert_eq!(
                blocks(source, 1, &mut budget)
                    .map(|blocks| blocks.into_iter().map(Block::into_owned).collect::<Vec<_>>()),
                conforming(source, 1, &mut Budget::default()),
                "{source}"
            );
            assert!(!budget.is_estimated(), "{source}");
        }
    }

    #[test]
    fn formatting_elements_are_nothing_to_a_page() {
        for source in [
            "<p><b>甲</p><p>乙</p><div>丙</b>丁</div>戊",
            "<b><p>甲<div>乙</b>丙</div>丁",
            "<a name=1>甲<p>乙<a href=2>丙</a></p>丁",
            "<font><table><tr><td><font>甲</td><td>乙</font></table></font>丙",
            "<p><i><b>甲</i>乙</b></p>丙<span hidden>丁</span>戊",
            "<b><b><b><b><p>甲</b></b></b></b></b>乙</p>",
        ] {
            assert_eq!(agree(source), Ok(true), "{source}");
        }
    }

    #[test]
    fn a_limit_that_an_estimate_breaks_is_counted_again() {
        let mut budget = Budget::default();
        assert!(blocks("<p>甲</p>", 1, &mut budget).is_ok() && budget.is_estimated());
        assert_eq!(budget.estimate(usize::MAX, 0), None);
        assert!(!Budget::exact().may_estimate());
        let deep = "<div>".repeat(1_001);
        assert_eq!(blocks(&deep, 1, &mut Budget::default()), Err(Excess::Depth));
    }
}
