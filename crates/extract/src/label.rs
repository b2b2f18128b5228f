//! What stands around the words of a label and is no part of it: the colon behind it, the number before it.

/// A folded text without the colon at its end.
pub fn without_colon(folded: &str) -> &str {
    folded.trim_end_matches(':')
}

/// A folded text without the marks of footnotes and of what has to be filled in: `项目名称*`, `年度目标①`.
pub fn without_marks(folded: &str) -> &str {
    let is_mark = |c: char| matches!(c, '*' | '※' | '★' | '▲' | '#');
    let text = folded.trim_matches(is_mark);
    text.trim_end_matches(|c: char| is_mark(c) || ('①'..='⑳').contains(&c) || "¹²³".contains(c))
}

/// A folded text without what numbers it: `一、`, `1.`, `(一)`, `①`.
pub fn without_number(folded: &str) -> &str {
    const DIGITS: &[char] = &['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
    let is_digit = |c: char| c.is_ascii_digit() || DIGITS.contains(&c);
    if let Some(rest) = folded.strip_prefix('(')
        && let Some((number, rest)) = rest.split_once(')')
        && !number.is_empty()
        && number.chars().all(is_digit)
    {
        return rest.trim_start_matches('、');
    }
    if let Some(rest) = folded.strip_prefix(|c: char| ('①'..='⑳').contains(&c)) {
        return rest;
    }
    let rest = folded.trim_start_matches(is_digit);
    match rest.strip_prefix(['、', '.']) {
        Some(after) if rest.len() < folded.len() => after,
        _ => folded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_off() {
        for (folded, rest) in [
            ("一、项目概况", "项目概况"),
            ("1.概况", "概况"),
            ("(二)依据", "依据"),
            ("①依据", "依据"),
            ("十三五", "十三五"),
            ("2020年", "2020年"),
        ] {
            assert_eq!(without_number(folded), rest);
        }
        assert_eq!(without_colon("项目概况:"), "项目概况");
    }
}
