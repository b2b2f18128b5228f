//! Character references, by the standard's table (13.2.5.72, *character reference state*).

use std::borrow::Cow;

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Where a reference stands: in an attribute, `&copy=1` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Within {
    Text,
    Attribute,
}

/// What a reference stands for: one character or two, and how many bytes it has behind its `&`.
type Resolved = ([Option<char>; 2], usize);

/// Text with its references resolved.
pub fn resolve(text: &str, within: Within) -> Cow<'_, str> {
    if memchr::memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        match reference(behind, within) {
            Some((characters, length)) => {
                out.extend(characters.into_iter().flatten());
                rest = behind.get(length..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Reads a reference whose `&` was taken.
pub fn reference(text: &str, within: Within) -> Option<Resolved> {
    // What pages are full of.
    for (name, character) in [("nbsp;", '\u{A0}'), ("lt;", '<'), ("gt;", '>'), ("amp;", '&'), ("quot;", '"')]
    {
        if text.starts_with(name) {
            return Some(([Some(character), None], name.len()));
        }
    }
    match text.strip_prefix('#') {
        Some(number) => {
            let (character, length) = numeric(number)?;
            Some(([Some(character), None], length + 1))
        }
        None => named(text, within),
    }
}

fn numeric(text: &str) -> Option<(char, usize)> {
    let (digits, base) = match text.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (text, 10),
    };
    let length = digits.bytes().take_while(|byte| char::from(*byte).is_digit(base)).count();
    if length == 0 {
        return None;
    }
    let value = digits.chars().take(length).filter_map(|digit| digit.to_digit(base));
    let code = value.fold(0_u32, |code, digit| code.saturating_mul(base).saturating_add(digit));
    let character = match code {
        0x80..=0x9F => {
            C1_REPLACEMENTS.get((code - 0x80) as usize).copied().flatten().or(char::from_u32(code))
        }
        0 => None,
        _ => char::from_u32(code),
    };
    let ended = digits.as_bytes().get(length) == Some(&b';');
    let length = text.len() - digits.len() + length + usize::from(ended);
    Some((character.unwrap_or(char::REPLACEMENT_CHARACTER), length))
}

/// The longest name that is one; the table has the beginnings of names too, which stand for nothing.
fn named(text: &str, within: Within) -> Option<Resolved> {
    let mut found = None;
    for end in 1..=text.len() {
        let Some(&characters) = text.get(..end).and_then(|name| NAMED_ENTITIES.get(name)) else { break };
        if characters.0 != 0 {
            found = Some((characters, end));
        }
    }
    let ((first, second), length) = found?;
    let bytes = text.as_bytes();
    if within == Within::Attribute
        && bytes.get(length - 1) != Some(&b';')
        && bytes.get(length).is_some_and(|next| *next == b'=' || next.is_ascii_alphanumeric())
    {
        return None;
    }
    Some(([char::from_u32(first), char::from_u32(second).filter(|_| second != 0)], length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_the_standards() {
        for (text, resolved) in [
            ("R&D &amp;D &ampD &nbsp;&ge;5", "R&D &D &D \u{A0}≥5"),
            ("&#8805;&#x4e00&#X4E00;&#0;&#128;&#xD800;&#99999999999;", "≥一一\u{FFFD}€\u{FFFD}\u{FFFD}"),
            ("&notit; &notin; &#; &#x; & &;", "¬it; ∉ &#; &#x; & &;"),
            ("&NotEqualTilde;&amp", "≂̸&"),
        ] {
            assert_eq!(resolve(text, Within::Text), resolved, "{text}");
        }
        assert_eq!(resolve("?a=1&copy=2&copy;&lt&ltx", Within::Attribute), "?a=1&copy=2©<&ltx");
    }
}
