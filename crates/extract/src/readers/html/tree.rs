//! The tree of an HTML page, with the source line of each element.
//!
//! `scraper` builds the tree as browsers do, broken markup included, but forgets where things stood. The parser tells
//! its sink the line all the time, so a sink that passes everything on to scraper's and notes the line is enough.
//!
//! The same sink counts: what the parser adds, how deep that stands, how often it looks at what is open. Only there
//! is it known, since browsers close, repeat and move elements. The page is fed in pieces, and no further once a
//! limit is broken.

use std::borrow::Cow;
use std::cell::{Cell, Ref, RefCell};
use std::collections::HashMap;

use html5ever::interface::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ParseOpts, QualName};
use scraper::{Html, HtmlTreeSink};

use super::attributes;
use crate::limits::{ATTRIBUTES, Budget, Excess};

/// How much of a page is parsed before the limits are asked again.
const CHUNK_BYTES: usize = 4_096;

/// A node of the tree.
pub type NodeId = <HtmlTreeSink as TreeSink>::Handle;

/// A parsed page.
pub struct Tree {
    /// The page as `scraper` has it.
    pub html: Html,
    elements: HashMap<NodeId, Seen>,
}

/// What is noted of an element.
struct Seen {
    line: u32,
    depth: u32,
}

impl Tree {
    /// Parses a page. Any text is a page to a browser; it fails only on what breaks a limit.
    pub fn parse(source: &str, budget: &mut Budget) -> Result<Self, Excess> {
        attributes::check(source)?;
        let sink = LineSink {
            inner: HtmlTreeSink::new(Html::new_document()),
            line: Cell::new(1),
            elements: RefCell::default(),
            budget: RefCell::new(budget.clone()),
            excess: RefCell::default(),
            attributes_added: Cell::new(0),
        };
        let mut options = ParseOpts::default();
        options.tree_builder.scripting_enabled = false;
        let mut parser = html5ever::parse_document(sink, options);
        let mut rest = source;
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at(rest.ceil_char_boundary(CHUNK_BYTES));
            parser.process(StrTendril::from_slice(chunk));
            rest = after;
            if let Some(excess) = parser.tokenizer.sink.sink.excess.take() {
                return Err(excess);
            }
        }
        budget.clone_from(&parser.tokenizer.sink.sink.budget.borrow());
        Ok(parser.finish())
    }

    /// The source line, from 1, on which the element's start tag ended.
    pub fn line(&self, node: NodeId) -> Option<u32> {
        self.elements.get(&node).map(|seen| seen.line)
    }
}

struct LineSink {
    inner: HtmlTreeSink,
    line: Cell<u64>,
    elements: RefCell<HashMap<NodeId, Seen>>,
    budget: RefCell<Budget>,
    /// The first limit that was broken.
    excess: RefCell<Option<Excess>>,
    /// Attributes of repeated tags `<html>` and `<body>`, which are the first one's as well.
    attributes_added: Cell<usize>,
}

impl LineSink {
    fn count(&self, count: impl FnOnce(&mut Budget) -> Result<(), Excess>) {
        if let Err(excess) = count(&mut self.budget.borrow_mut()) {
            self.excess.borrow_mut().get_or_insert(excess);
        }
    }

    /// Notes how deep an element stands: as deep as its parent and so many deeper.
    fn note_depth(&self, child: &NodeOrText<NodeId>, beside: &NodeId, deeper: u32) {
        let NodeOrText::AppendNode(child) = child else { return };
        let mut elements = self.elements.borrow_mut();
        let depth = elements.get(beside).map_or(0, |seen| seen.depth) + deeper;
        if let Some(seen) = elements.get_mut(child) {
            seen.depth = depth;
            self.count(|_| Budget::depth(depth));
        }
    }
}

impl TreeSink for LineSink {
    type Handle = NodeId;
    type Output = Tree;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Tree {
        Tree { html: self.inner.finish(), elements: self.elements.into_inner() }
    }
    fn set_current_line(&self, line: u64) {
        self.line.set(line);
    }
    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let node = self.inner.create_element(name, attributes, flags);
        let line = u32::try_from(self.line.get()).unwrap_or(u32::MAX);
        self.elements.borrow_mut().insert(node, Seen { line, depth: 0 });
        self.count(Budget::element);
        node
    }

    /// A broken page has one per tag, and nobody reads them.
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn get_document(&self) -> NodeId {
        self.inner.get_document()
    }
    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.count(Budget::step);
        self.inner.elem_name(target)
    }
    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.count(Budget::element);
        self.inner.create_comment(text)
    }
    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.count(Budget::element);
        self.inner.create_pi(target, data)
    }
    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.note_depth(&child, parent, 1);
        self.inner.append(parent, child);
    }
    fn append_based_on_parent_node(&self, element: &NodeId, previous: &NodeId, child: NodeOrText<NodeId>) {
        self.note_depth(&child, element, 0);
        self.inner.append_based_on_parent_node(element, previous, child);
    }
    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.inner.append_doctype_to_document(name, public, system);
    }
    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.inner.get_template_contents(target)
    }
    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        self.count(Budget::step);
        self.inner.same_node(one, other)
    }
    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }
    fn append_before_sibling(&self, sibling: &NodeId, node: NodeOrText<NodeId>) {
        self.note_depth(&node, sibling, 0);
        self.inner.append_before_sibling(sibling, node);
    }
    fn add_attrs_if_missing(&self, target: &NodeId, attributes: Vec<Attribute>) {
        self.count(Budget::element);
        let added = self.attributes_added.get() + attributes.len();
        self.attributes_added.set(added);
        // Each is held against all before it; so many say nothing.
        if added <= ATTRIBUTES {
            self.inner.add_attrs_if_missing(target, attributes);
        }
    }
    fn remove_from_parent(&self, target: &NodeId) {
        self.inner.remove_from_parent(target);
    }
    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        self.inner.reparent_children(node, parent);
    }
}
