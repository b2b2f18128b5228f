//! Markup that was left in plain text.
//!
//! A dump of a web page may keep `<p>`, `<h2 style="…">` or `&nbsp;` inside its lines. They are read as what they
//! are; but a text may also say `a<5`, so only names of HTML elements are tags, and only references that end in `;`
//! are characters.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// Elements that begin a new paragraph.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "body",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];
/// Elements within a line.
const INLINES: &[&str] = &[
    "a",
    "abbr",
    "b",
    "big",
    "br",
    "code",
    "del",
    "em",
    "font",
    "i",
    "img",
    "input",
    "ins",
    "label",
    "link",
    "mark",
    "meta",
    "o:p",
    "s",
    "small",
    "span",
    "st1:chsdate",
    "strike",
    "strong",
    "sub",
    "sup",
    "u",
    "v:shape",
    "wbr",
];

/// Whether an element begins and ends a paragraph of its own.
pub fn is_block(name: &str) -> bool {
    BLOCKS.contains(&name)
}

/// A tag as it stands in text.
#[derive(Debug, PartialEq, Eq)]
enum Tag {
    Block,
    LineBreak,
    Inline,
}

/// Takes the markup out of a text: the edges of paragraphs and `<br>` become `\n`, other tags vanish, and character
/// references become characters. Text without any comes back as it is.
pub fn strip(text: &str) -> Cow<'_, str> {
    if memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut tags = false;
    while let Some((before, found)) =
        memchr2(b'<', b'&', rest.as_bytes()).and_then(|at| rest.split_at_checked(at))
    {
        let is_tag = found.starts_with('<');
        let found = found.get(1..).unwrap_or_default();
        out.push_str(before);
        rest = found;
        if is_tag {
            match tag(found) {
                Some((Tag::Inline, after)) => rest = after,
                Some((Tag::Block | Tag::LineBreak, after)) => {
                    tags = true;
                    out.push('\n');
                    rest = after;
                }
                None => out.push('<'),
            }
        } else {
            match reference(found) {
                Some((character, after)) => {
                    out.push(character);
                    rest = after;
                }
                None => out.push('&'),
            }
        }
    }
    out.push_str(rest);
    if tags { Cow::Owned(join_paragraphs(&out)) } else { Cow::Owned(out) }
}

/// Drops what stood between paragraphs only as white space.
fn join_paragraphs(text: &str) -> String {
    let text = text.trim();
    if memchr(b'\n', text.as_bytes()).is_none() {
        return text.to_owned();
    }
    let lines: Vec<_> = text.split('\n').map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// Reads a tag whose `<` was taken; gives what it is and the text behind it.
fn tag(text: &str) -> Option<(Tag, &str)> {
    let body = text.strip_prefix('/').unwrap_or(text);
    let end = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == ':'))?;
    let (name, attributes) = body.split_at_checked(end)?;
    // `<p class=x` that never closes on its own line and swallows Chinese text is no tag; the next `<` ends the search,
    // so that a text of nothing but `<` is looked through once.
    let close = attributes.find(['<', '>'])?;
    let (attributes, after) = attributes.split_at_checked(close)?;
    let after = after.strip_prefix('>')?;
    let looks_like_attributes = attributes.is_empty() || attributes.starts_with([' ', '/', '\t', '\n']);
    if !looks_like_attributes {
        return None;
    }
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "br" => Some((Tag::LineBreak, after)),
        name if is_block(name) => Some((Tag::Block, after)),
        name if INLINES.contains(&name) => Some((Tag::Inline, after)),
        _ => None,
    }
}

/// The longest character reference that is looked for, in bytes.
const LONGEST_REFERENCE: usize = 32;

/// Reads a character reference whose `&` was taken.
fn reference(text: &str) -> Option<(char, &str)> {
    let end = text.bytes().take(LONGEST_REFERENCE).position(|byte| byte == b';')?;
    let (name, after) = text.split_at_checked(end)?;
    let after = after.strip_prefix(';')?;
    let character = match name {
        "nbsp" | "ensp" | "emsp" | "thinsp" => ' ',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "middot" => '·',
        "ge" => '≥',
        "le" => '≤',
        "times" => '×',
        "permil" => '‰',
        "yen" => '¥',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
    };
    Some((character, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_references_are_read_as_what_they_are() {
        for (text, stripped) in [
            ("项目概况", "项目概况"),
            ("<p>为进一步</p>", "为进一步"),
            ("<p>一</p> <p>二</p>", "一\n二"),
            ("一<br/>二<BR>三", "一\n二\n三"),
            (r#"<h2 style="text-align: center;">目标表</h2>"#, "目标表"),
            ("<span class=x>甲</span>乙", "甲乙"),
            ("a<5 且 b>3", "a<5 且 b>3"),
            ("比例<p且>q", "比例<p且>q"),
            ("&nbsp;R&amp;D &ge;5 &#8805;6 &#x4e00; AT&T", " R&D ≥5 ≥6 一 AT&T"),
            ("未完 <", "未完 <"),
        ] {
            assert_eq!(strip(text), stripped, "{text}");
        }
    }
}
