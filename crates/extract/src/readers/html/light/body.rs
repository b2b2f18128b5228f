//! What tags do in the body of a page and in its cells (13.2.6.4.7, *the "in body" insertion mode*).

use super::modes::Mode;
use super::names::{Name, Rule};
use super::tags::Tag;
use super::{Form, Light, Quirks, Sure};

impl<'s> Light<'s, '_> {
    /// A start tag.
    pub fn start_in_body(&mut self, tag: &Tag<'s>) -> Sure {
        let name = tag.name;
        let rule = name.rule();
        if !matches!(rule, Rule::Option) && self.in_select() {
            return None;
        }
        match rule {
            Rule::Html | Rule::Body => return self.again(tag),
            Rule::Head
            | Rule::Caption
            | Rule::Column
            | Rule::ColumnGroup
            | Rule::RowGroup
            | Rule::Row
            | Rule::Cell => return Some(()),
            Rule::Metadata => {
                self.elements += 1;
                return Some(());
            }
            Rule::Skipped => return self.skip_element(tag),
            Rule::Textarea => return self.textarea(tag),
            Rule::Group | Rule::Paragraph => self.end_paragraph()?,
            Rule::Preformatted => {
                self.end_paragraph()?;
                self.drops_line_feed = true;
            }
            Rule::Heading => {
                self.end_paragraph()?;
                self.end_heading_before_another()?;
            }
            Rule::Form if self.form != Form::None => return Some(()),
            Rule::Form => {
                self.end_paragraph()?;
                self.form = Form::Open(self.stack.len());
            }
            Rule::Item | Rule::Term => {
                self.end_item_before_another(rule)?;
                self.end_paragraph()?;
            }
            Rule::Button => {
                if let Some(index) = self.in_scope(|name| name == Name::Button, Name::ends_scope) {
                    self.truncate(index)?;
                }
                self.rebuild()?;
            }
            Rule::Formatting => {
                self.start_formatting(name)?;
                self.rebuild()?;
            }
            Rule::Marker | Rule::Select | Rule::Noscript | Rule::Ordinary => self.rebuild()?,
            Rule::Option => return self.option(tag),
            Rule::Void | Rule::Break | Rule::Input => {
                self.rebuild()?;
                self.void(tag);
                return Some(());
            }
            Rule::Line => {
                self.end_paragraph()?;
                self.void(tag);
                return Some(());
            }
            Rule::Table => {
                let in_paragraph = self.in_scope(|name| name == Name::P, Name::ends_button_scope).is_some();
                match self.quirks {
                    Quirks::No => self.end_paragraph()?,
                    Quirks::Yes => {}
                    Quirks::Undecided | Quirks::Unknown if in_paragraph => return None,
                    Quirks::Undecided | Quirks::Unknown => {}
                }
                self.mode = Mode::Table;
            }
            Rule::Unsure => return None,
        }
        self.push(tag)
    }

    /// An end tag.
    pub fn end_in_body(&mut self, tag: &Tag<'s>) -> Sure {
        let name = tag.name;
        if self.in_select() && !matches!(name.rule(), Rule::Option | Rule::Select) {
            return None;
        }
        match name.rule() {
            Rule::Html | Rule::Body => Some(()),
            Rule::Group | Rule::Button | Rule::Preformatted | Rule::Select => {
                self.end_in_scope(|open| open == name, Name::ends_scope)
            }
            Rule::Paragraph => self.end_paragraph_by_tag(tag),
            Rule::Item => self.end_in_scope(|open| open == name, Name::ends_item_scope),
            Rule::Term => self.end_in_scope(|open| open == name, Name::ends_scope),
            Rule::Heading => self.end_in_scope(|open| open.rule() == Rule::Heading, Name::ends_scope),
            Rule::Form => self.end_form(),
            Rule::Formatting => self.end_formatting(name),
            Rule::Marker => match self.in_scope(|open| open == name, Name::ends_scope) {
                Some(index) => {
                    self.truncate(index + 1)?;
                    self.pop(true)
                }
                None => Some(()),
            },
            Rule::Break => {
                self.rebuild()?;
                self.void(&Tag::implied(name, tag.text, tag.end));
                Some(())
            }
            _ => self.end_ordinary(name, tag.text),
        }
    }

    fn end_in_scope(&mut self, wanted: impl Fn(Name) -> bool, ends_scope: fn(Name) -> bool) -> Sure {
        match self.in_scope(wanted, ends_scope) {
            Some(index) => self.truncate(index),
            None => Some(()),
        }
    }

    /// `</p>` where no paragraph is open makes an empty one.
    fn end_paragraph_by_tag(&mut self, tag: &Tag<'s>) -> Sure {
        if self.in_scope(|name| name == Name::P, Name::ends_button_scope).is_none() {
            self.push_implied(Name::P, tag.end)?;
        }
        self.end_paragraph()
    }

    /// A heading ends the one directly in which it stands; whether that is so is known only where nothing is open in it.
    fn end_heading_before_another(&mut self) -> Sure {
        let is_heading = |name: Name| name.rule() == Rule::Heading;
        let innermost = (0..self.stack.len())
            .rev()
            .filter_map(|index| self.name_at(index))
            .find(|name| name.is_special());
        if !innermost.is_some_and(is_heading) {
            return Some(());
        }
        if self.has_lost() || !self.top().is_some_and(is_heading) {
            return None;
        }
        self.pop(false)
    }

    /// An item of a list ends the one before it.
    fn end_item_before_another(&mut self, rule: Rule) -> Sure {
        for index in (0..self.stack.len()).rev() {
            let Some(name) = self.name_at(index) else { break };
            if name.rule() == rule {
                return self.truncate(index);
            }
            if name.is_special() && !matches!(name, Name::Address | Name::Div | Name::P) {
                break;
            }
        }
        Some(())
    }

    /// `<a>` ends the one that is open. (`<nobr>` would as well, and then open what that lost.)
    fn start_formatting(&mut self, name: Name) -> Sure {
        match name {
            Name::A if self.has_formatting(name) => {
                self.end_formatting(name)?;
                self.forget_lost(name);
                Some(())
            }
            Name::Nobr if self.has_formatting(name) => None,
            _ => Some(()),
        }
    }

    /// The form is taken out of what is open, and what is open in it would stay: that is known only where nothing is.
    fn end_form(&mut self) -> Sure {
        let Form::Open(form) = std::mem::replace(&mut self.form, Form::None) else { return Some(()) };
        let in_scope = self.in_scope(|name| name == Name::Form, Name::ends_scope) == Some(form);
        if !in_scope {
            return Some(());
        }
        if self.has_lost() {
            return None;
        }
        while self.top().is_some_and(Name::has_implied_end) {
            self.pop(false)?;
        }
        if self.stack.len() != form + 1 {
            return None;
        }
        self.pop(false)
    }

    /// Whether a list to choose from is open, in which only what is to be chosen may stand here.
    fn in_select(&self) -> bool {
        self.selects > 0 && self.in_scope(|name| name == Name::Select, Name::ends_scope).is_some()
    }

    /// What is to be chosen ends what was to be chosen before it.
    fn option(&mut self, tag: &Tag<'s>) -> Sure {
        let select = self.in_scope(|name| name == Name::Select, Name::ends_scope)?;
        if self.has_lost() {
            return None;
        }
        if self.top() == Some(Name::Option) {
            self.pop(false)?;
        }
        if tag.name == Name::Optgroup && self.top() == Some(Name::Optgroup) {
            self.pop(false)?;
        }
        let is_plain = |index| matches!(self.name_at(index), Some(Name::Option | Name::Optgroup));
        if !(select + 1..self.stack.len()).all(is_plain) {
            return None;
        }
        self.rebuild()?;
        self.push(tag)
    }
}
