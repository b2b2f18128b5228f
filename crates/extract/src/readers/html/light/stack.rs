//! The elements that are open (13.2.4.2, *the stack of open elements*), as far as the light reader keeps them.
//!
//! Formatting elements (`b`, `font`, `a`) are nothing to a page. A browser opens them again where they were not closed, and
//! takes blocks out of them; neither moves a block or a text past another, and no rule for other elements asks where they
//! are, but those few at which the reader gives up. So an element that a browser would open again is only noted as lost, to
//! know at most how many elements there are. What is hidden must be known exactly: a hidden element that is not special is
//! only let end by its own tag, in order.

use super::names::{Name, Rule};
use super::tags::Tag;
use super::{Form, Light, Sure};
use crate::readers::html::page::{Kind, Opening, is_unseen};

/// Where the reader gives up: below the limit, since it counts formatting elements as what they are at most.
const DEPTH: usize = 900;
/// Elements that a browser makes at most when it closes a formatting element out of order: four, eight times over.
const REMADE: usize = 32;

/// An open element.
pub struct Entry<'s> {
    pub name: Name,
    /// Its name as it stands in the page, by which unknown elements are told apart.
    text: &'s str,
    line: u32,
    /// Whether the page knows of it.
    told: bool,
    unseen: bool,
    /// The element that keeps in the formatting elements which are open here.
    frame: usize,
    /// Elements that may have been lost before it was opened.
    lost: usize,
    /// How many formatting elements may stand, or may have stood, around what is within it.
    gap: usize,
}

impl<'s> Light<'s, '_> {
    /// Opens an element and leaves it open.
    pub fn push(&mut self, tag: &Tag<'s>) -> Sure {
        let name = tag.name;
        let (told, unseen, line) = self.open(tag);
        let index = self.stack.len();
        if unseen {
            self.hidden.get_or_insert(index);
        }
        let frame = if name.is_marker() { index } else { self.stack.last().map_or(0, |top| top.frame) };
        let lost = self.lost.len();
        self.stack.push(Entry { name, text: tag.text, line, told, unseen, frame, lost, gap: 0 });
        match name.rule() {
            Rule::Table => {
                self.tables.push((self.table_count, 0));
                self.table_count += 1;
            }
            Rule::Row => {
                if let Some((_, rows)) = self.tables.last_mut() {
                    *rows += 1;
                }
            }
            Rule::Select => self.selects += 1,
            _ => {}
        }
        self.check_depth()
    }

    /// Opens an element that has nothing in it.
    pub fn void(&mut self, tag: &Tag<'s>) {
        let (told, _, line) = self.open(tag);
        if told && !self.muted {
            self.page.close(tag.name.kind(), line);
        }
    }

    /// Opens an element that the standard implies at a place.
    pub fn push_implied(&mut self, name: Name, at: usize) -> Sure {
        self.push(&Tag::implied(name, "", at))
    }

    /// Tells the page of an element, if that is anything to it.
    fn open(&mut self, tag: &Tag<'s>) -> (bool, bool, u32) {
        self.elements += 1;
        let kind = tag.name.kind();
        let unseen = self.is_unseen(tag);
        let told = kind != Kind::Inline || unseen;
        if !told {
            return (false, false, 0);
        }
        let line = self.line(tag.end);
        if !self.muted {
            let scaffold = kind == Kind::Table && self.scaffolds.contains(&self.table_count);
            self.page.open(&Opening { kind, attributes: &tag.attributes, line, unseen, scaffold });
        }
        (true, unseen, line)
    }

    /// Whether an element hides what is within it.
    pub fn is_unseen(&self, tag: &Tag<'s>) -> bool {
        let may = matches!(tag.name, Name::Head | Name::Noscript | Name::Object | Name::Option);
        tag.attributes.hide || (may && is_unseen(tag.name.text(), &tag.attributes))
    }

    fn check_depth(&mut self) -> Sure {
        let depth = self.stack.len() + self.gaps;
        self.deepest = self.deepest.max(depth + self.lost.len());
        (depth < DEPTH).then_some(())
    }

    /// Closes elements until so many are open.
    pub fn truncate(&mut self, length: usize) -> Sure {
        while self.stack.len() > length {
            self.pop(false)?;
        }
        Some(())
    }

    /// Closes the innermost element, by its own end tag or since another one closes.
    pub fn pop(&mut self, by_own_tag: bool) -> Sure {
        let Some(entry) = self.stack.pop() else { return Some(()) };
        let index = self.stack.len();
        self.is_rebuilt = false;
        self.gaps -= entry.gap;
        self.hidden.take_if(|hidden| *hidden == index);
        match entry.name.rule() {
            Rule::Formatting if !by_own_tag => {
                if entry.unseen {
                    return None;
                }
                self.lost.push(entry.name);
            }
            Rule::Marker if !by_own_tag => return None,
            Rule::Marker | Rule::Caption | Rule::Cell => self.lost.truncate(entry.lost),
            Rule::Form if self.form == Form::Open(index) => self.form = Form::Elsewhere,
            Rule::Table => self.end_table(),
            Rule::Select => self.selects -= 1,
            _ => {}
        }
        if entry.told && !self.muted {
            self.page.close(entry.name.kind(), entry.line);
        }
        Some(())
    }

    /// A table that holds a table of more than one row is a scaffold, and so is what holds a scaffold.
    fn end_table(&mut self) {
        let Some((table, rows)) = self.tables.pop() else { return };
        if let Some((outer, _)) = self.tables.last()
            && (rows > 1 || self.found.contains(&table))
        {
            self.found.insert(*outer);
            // It was read as none so far.
            self.muted |= !self.scaffolds.contains(outer);
        }
    }

    /// Closes all that is open at the end of the page.
    pub fn close_all(&mut self) {
        while let Some(entry) = self.stack.pop() {
            if entry.name == Name::Table {
                self.end_table();
            }
            if entry.told && !self.muted {
                self.page.close(entry.name.kind(), entry.line);
            }
        }
    }

    /// The innermost element.
    pub fn top(&self) -> Option<Name> {
        self.stack.last().map(|top| top.name)
    }

    /// The innermost element that is wanted, unless one that ends the scope comes first.
    pub fn in_scope(&self, wanted: impl Fn(Name) -> bool, ends_scope: fn(Name) -> bool) -> Option<usize> {
        for (index, entry) in self.stack.iter().enumerate().rev() {
            if wanted(entry.name) {
                return Some(index);
            }
            if ends_scope(entry.name) {
                return None;
            }
        }
        None
    }

    /// As [`Self::in_scope`], in the table (13.2.4.2, *table scope*).
    pub fn in_table_scope(&self, wanted: impl Fn(Name) -> bool) -> Option<usize> {
        self.in_scope(wanted, |name| matches!(name, Name::Html | Name::Table))
    }

    /// Ends a paragraph that is open (13.2.6.4.7, *close a p element*).
    pub fn end_paragraph(&mut self) -> Sure {
        match self.in_scope(|name| name == Name::P, Name::ends_button_scope) {
            Some(index) => self.truncate(index),
            None => Some(()),
        }
    }

    /// Whether formatting elements that were lost may be open here.
    pub fn has_lost(&self) -> bool {
        self.lost.len() > self.frame_lost()
    }

    fn frame(&self) -> usize {
        self.stack.last().map_or(0, |top| top.frame)
    }

    /// How many elements were lost before the frame.
    fn frame_lost(&self) -> usize {
        self.stack.get(self.frame()).filter(|entry| entry.name.is_marker()).map_or(0, |marker| marker.lost)
    }

    /// A browser opens formatting elements here again that were lost.
    pub fn rebuild(&mut self) -> Sure {
        let lost = self.lost.len() - self.frame_lost();
        if lost == 0 || self.is_rebuilt {
            return Some(());
        }
        self.is_rebuilt = true;
        self.elements += lost;
        self.rebuilt += lost as u64;
        if let Some(top) = self.stack.last_mut() {
            self.gaps += lost.saturating_sub(top.gap);
            top.gap = top.gap.max(lost);
        }
        self.check_depth()
    }

    /// Ends an element of no special kind (13.2.6.4.7, *any other end tag*).
    pub fn end_ordinary(&mut self, name: Name, text: &str) -> Sure {
        for (index, entry) in self.stack.iter().enumerate().rev() {
            let is_same =
                name == entry.name && (name != Name::Unknown || text.eq_ignore_ascii_case(entry.text));
            if is_same {
                return self.truncate(index);
            }
            if entry.name.is_special() {
                break;
            }
        }
        Some(())
    }

    /// Ends a formatting element (13.2.6.4.7, *the adoption agency algorithm*).
    pub fn end_formatting(&mut self, name: Name) -> Sure {
        let (frame, frame_lost) = (self.frame(), self.frame_lost());
        let lost = self.lost.iter().skip(frame_lost).filter(|lost| **lost == name).count();
        if lost == 0 && self.top() == Some(name) {
            return self.pop(true);
        }
        let open = (frame..self.stack.len()).rev().find(|index| self.name_at(*index) == Some(name));
        if lost == 0 && open.is_none() {
            return Some(());
        }
        self.misnested += 1;
        self.elements += REMADE;
        self.is_rebuilt = false;
        let specials = |from| self.stack.iter().skip(from).filter(|entry| entry.name.is_special()).count();
        if let Some(hidden) = self.hidden
            && self.stack.get(hidden).is_some_and(|entry| !entry.name.is_special())
        {
            // What is hidden would end with it, or not, depending on where lost ones are open.
            open.filter(|open| *open > hidden && lost == 0 && specials(*open) == 0)?;
        }
        let Some(open) = open else {
            if let Some(at) = self.lost.iter().rposition(|lost| *lost == name) {
                self.lost.remove(at);
            }
            return Some(());
        };
        match specials(open) {
            0 => {
                self.truncate(open + 1)?;
                self.pop(true)
            }
            blocks => self.take_out(open, blocks, lost),
        }
    }

    /// Takes a formatting element out from around the blocks that are open in it.
    fn take_out(&mut self, open: usize, blocks: usize, lost: usize) -> Sure {
        /// As often as that is done.
        const MOST_BLOCKS: usize = 6;
        /// As many equal ones may be open, before a browser forgets the first.
        const MOST_EQUAL: usize = 3;
        let taken = self.stack.remove(open);
        if taken.unseen {
            return None;
        }
        let equal = self.stack.iter().skip(taken.frame).filter(|entry| entry.name == taken.name).count();
        if blocks > MOST_BLOCKS || lost + equal >= MOST_EQUAL {
            self.lost.push(taken.name);
        }
        if let Some(above) = self.stack.get_mut(open) {
            above.gap += taken.gap + 1;
            self.gaps += 1;
        }
        let shift = |index: &mut usize| *index -= usize::from(*index > open);
        self.hidden.iter_mut().for_each(shift);
        if let Form::Open(index) = &mut self.form {
            shift(index);
        }
        self.check_depth()
    }

    /// Whether a formatting element of this name is open or lost here.
    pub fn has_formatting(&self, name: Name) -> bool {
        let open = self.stack.iter().skip(self.frame()).any(|entry| entry.name == name);
        open || self.lost.iter().skip(self.frame_lost()).any(|lost| *lost == name)
    }

    /// No formatting element of this name is lost here any more.
    pub fn forget_lost(&mut self, name: Name) {
        let frame_lost = self.frame_lost();
        let mut at = 0;
        self.lost.retain(|lost| {
            at += 1;
            at <= frame_lost || *lost != name
        });
    }

    /// The name of the element at this depth.
    pub fn name_at(&self, index: usize) -> Option<Name> {
        self.stack.get(index).map(|entry| entry.name)
    }
}
