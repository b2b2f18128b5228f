//! How many attributes the tags of a page have, told before it is parsed.
//!
//! The parser holds each attribute of a tag against all before it, and cannot be stopped within a tag: a million of them
//! take it hours. What is a tag only the parser knows (scripts, comments and quotes may hide one, or only seem to), so each
//! `<` before a letter is taken for one.

use crate::limits::{ATTRIBUTES, Excess};

/// Refuses a page in which a tag may have too many attributes (HTML, 13.2.5.6 to 13.2.5.40).
pub fn check(source: &str) -> Result<(), Excess> {
    let mut rest = source;
    while let Some((_, tag)) = rest.split_once('<') {
        rest = tag;
        check_at(tag)?;
    }
    Ok(())
}

/// As [`check`], of what stands behind one `<`.
pub fn check_at(behind: &str) -> Result<(), Excess> {
    if behind.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') { check_tag(behind) } else { Ok(()) }
}

/// Counts the words of a tag; the first of them is its name.
fn check_tag(mut rest: &str) -> Result<(), Excess> {
    for _ in 0..ATTRIBUTES + 2 {
        // An attribute that begins with `=` has that in its name.
        let begun = rest.trim_start_matches(is_between);
        if begun.is_empty() || begun.starts_with('>') {
            return Ok(());
        }
        let name = begun.strip_prefix('=').unwrap_or(begun);
        rest = name.trim_start_matches(|c| !is_between(c) && !matches!(c, '>' | '=')).trim_ascii_start();
        if let Some(value) = rest.strip_prefix('=').map(str::trim_ascii_start) {
            let quoted = ['"', '\''].into_iter().find_map(|quote| Some((value.strip_prefix(quote)?, quote)));
            rest = match quoted {
                Some((inner, quote)) => inner.split_once(quote).map_or("", |(_, behind)| behind),
                None => value.trim_start_matches(|c: char| !c.is_ascii_whitespace() && c != '>'),
            };
        }
    }
    Err(Excess::Attributes)
}

fn is_between(character: char) -> bool {
    character.is_ascii_whitespace() || character == '/'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(count: usize) -> String {
        (0..count).map(|number| format!(" a{number}=1")).collect()
    }

    #[test]
    fn too_many_attributes_of_a_tag_are_refused() {
        let (most, more) = (attributes(ATTRIBUTES), attributes(ATTRIBUTES + 1));
        for page in [format!("<td{most}>甲</td{most}>"), format!("<td{most}/><td{most}>")] {
            assert_eq!(check(&page), Ok(()));
        }
        for page in [
            format!("<td{more}>"),
            format!("</td{more}>"),
            format!("<a b='>'{more}"),
            format!("<script>a<b c=\"</script><td{more}>\">"),
            format!("<!--><td{more}>"),
        ] {
            assert_eq!(check(&page), Err(Excess::Attributes), "{}", page.split_at(20).0);
        }
    }

    #[test]
    fn what_is_no_tag_or_no_attribute_is_not_counted() {
        let more = attributes(ATTRIBUTES + 1);
        for page in [format!("<td title=\"{more}\">"), format!("1 < 2{more}"), format!("<td alt='{more}")] {
            assert_eq!(check(&page), Ok(()), "{}", page.split_at(9).0);
        }
    }
}
