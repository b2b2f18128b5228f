//! What a piece of running text tells of itself: whether it ends a sentence, whether it can begin one.

/// Pairs of brackets and quotes that Chinese texts nest (GB/T 15834-2011, *General rules for punctuation*).
const PAIRS: [(char, char); 9] = [
    ('（', '）'),
    ('(', ')'),
    ('“', '”'),
    ('‘', '’'),
    ('《', '》'),
    ('〈', '〉'),
    ('〔', '〕'),
    ('【', '】'),
    ('「', '」'),
];

/// How the end of a text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With the end of a sentence.
    Finished,
    /// In the middle, with a comma or an opening bracket.
    Unfinished,
    /// With a word, which may or may not be the last.
    Open,
}

/// How a text ends.
pub fn end(text: &str) -> End {
    let text = text.trim_end();
    let Some(last) = text.chars().next_back() else { return End::Open };
    if matches!(last, '，' | '、' | '：' | ',' | '—' | '-' | '~' | '～' | '·')
        || PAIRS.iter().any(|(open, _)| *open == last)
    {
        return End::Unfinished;
    }
    let within = text.trim_end_matches(|c| PAIRS.iter().any(|(_, close)| *close == c));
    let ends = within.ends_with(['。', '！', '？', '；', '…', '!', '?', ';']);
    // A full stop within brackets may be in the middle; and authors forget brackets, so an open one alone is no proof.
    if ends && !opens(text) { End::Finished } else { End::Open }
}

/// Whether a bracket or quote is still open at the end of the text.
pub fn opens(text: &str) -> bool {
    PAIRS.iter().any(|(open, close)| text.matches(*open).count() > text.matches(*close).count())
}

/// Whether the text closes a bracket or quote that it did not open.
pub fn closes(text: &str) -> bool {
    PAIRS.iter().any(|(open, close)| {
        let mut depth = 0_i32;
        text.chars().any(|c| {
            depth += i32::from(c == *open) - i32::from(c == *close);
            depth < 0
        })
    })
}

/// Whether nobody would begin a text so: with a comma, a full stop, or a closing bracket.
pub fn begins_inside(text: &str) -> bool {
    text.trim_start().starts_with(|c: char| {
        "，。、；：！？,;!?…％%‰".contains(c) || PAIRS.iter().any(|(_, close)| *close == c)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_texts() {
        for (text, expected) in [
            ("满足公众需求。", End::Finished),
            ("（参见附件。）", End::Finished),
            ("发挥优势，", End::Unfinished),
            ("（原“自贸区建设”、“海智计划", End::Open),
            ("（原“", End::Unfinished),
            ("特制定实施本项目", End::Open),
            ("（一）办法；（二）", End::Open),
            ("", End::Open),
        ] {
            assert_eq!(end(text), expected, "{text}");
        }
    }

    #[test]
    fn beginnings_of_texts() {
        assert!(begins_inside("、企业") && begins_inside("》的通知") && begins_inside("。"));
        assert!(!begins_inside("一、企业") && !begins_inside("《通知》"));
        assert!(closes("系列两个项目合并）二、") && !closes("（一）办法"));
    }
}
