//! What a piece of running text tells of itself: whether it ends a sentence, whether it can begin one.

use memchr::{memchr2_iter, memchr3_iter};

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
    /// With a semicolon: a clause is over, and mostly another follows.
    Clause,
    /// With a word, which may or may not be the last.
    Open,
}

/// How a text ends.
pub fn end(text: &str) -> End {
    end_of(text, opens)
}

/// How a text ends, of which it is known whether a bracket or quote [is open](opens) at its end.
pub fn end_knowing(text: &str, opens: bool) -> End {
    end_of(text, |_| opens)
}

fn end_of(text: &str, opens: impl Fn(&str) -> bool) -> End {
    let text = text.trim_end();
    let Some(last) = text.chars().next_back() else { return End::Open };
    if matches!(last, '，' | '、' | '：' | ',' | '—' | '-' | '~' | '～' | '·')
        || PAIRS.iter().any(|(open, _)| *open == last)
    {
        return End::Unfinished;
    }
    let within = text.trim_end_matches(|c| PAIRS.iter().any(|(_, close)| *close == c));
    if within.ends_with(['；', ';']) && !opens(text) {
        return End::Clause;
    }
    let ends = within.ends_with(['。', '！', '？', '…', '!', '?']);
    // A full stop within brackets may be in the middle; and authors forget brackets, so an open one alone is no proof.
    if ends && !opens(text) { End::Finished } else { End::Open }
}

/// Whether a bracket or quote is still open at the end of the text.
pub fn opens(text: &str) -> bool {
    let mut depths = [0_i32; PAIRS.len()];
    // The first bytes of all brackets; in which order they are counted does not matter.
    let bytes = text.as_bytes();
    let starts = memchr3_iter(0xE2, 0xE3, 0xEF, bytes).chain(memchr2_iter(b'(', b')', bytes));
    let characters = starts.filter_map(|at| text.get(at..)?.chars().next());
    for character in characters.filter(|c| may_be_bracket(*c)) {
        for (depth, (open, close)) in depths.iter_mut().zip(PAIRS) {
            *depth += i32::from(character == open) - i32::from(character == close);
        }
    }
    depths.iter().any(|depth| *depth > 0)
}

/// Whether the text closes a bracket or quote that it did not open.
pub fn closes(text: &str) -> bool {
    let mut depths = [0_i32; PAIRS.len()];
    text.chars().filter(|c| may_be_bracket(*c)).any(|character| {
        depths.iter_mut().zip(PAIRS).any(|(depth, (open, close))| {
            *depth += i32::from(character == open) - i32::from(character == close);
            *depth < 0
        })
    })
}

/// Whether a character stands where those of [`PAIRS`] do. Most characters of a text do not.
fn may_be_bracket(character: char) -> bool {
    !is_ideograph(character)
        && matches!(character, '(' | ')' | '\u{2018}'..='\u{201D}' | '\u{3008}'..='\u{3015}' | '（' | '）')
}

/// Most characters of a text are, and none of these is a mark.
fn is_ideograph(character: char) -> bool {
    ('\u{4E00}'..='\u{9FFF}').contains(&character)
}

/// Words of one character with which a sentence may begin before a comma.
const OPENING_WORDS: &str = "另故但且即而若如注";

/// Whether nobody would begin a text so: with a comma, a full stop or a closing bracket, or with the one character that a
/// word had left before a mark (`次，惠及`, `元。`).
pub fn begins_inside(text: &str) -> bool {
    let mut characters = text.trim_start().chars();
    let (first, second) = (characters.next(), characters.next());
    let is_mark =
        |c: char| "，。、；：！？,;!?…％%‰".contains(c) || PAIRS.iter().any(|(_, close)| *close == c);
    let is_rest = |first: char| {
        is_ideograph(first)
            && !OPENING_WORDS.contains(first)
            && !CHINESE_DIGITS.contains(first)
            && second.is_some_and(|second| "，。；".contains(second))
    };
    first.is_some_and(|first| is_mark(first) || is_rest(first))
}

/// The number of an item of a list, and how it is written. Two items of one list are written in one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Enumerator {
    number: u32,
    /// What stands before and behind the number, and whether it is Chinese.
    style: (Option<char>, char, bool),
}

const CHINESE_DIGITS: &str = "一二三四五六七八九十";
const CIRCLED: &str = "①②③④⑤⑥⑦⑧⑨⑩";
/// What may stand before a number that counts items, and behind one.
const BEFORE_NUMBER: &str = "（(第";
const BEHIND_NUMBER: &str = "、．.）)是要阶";

/// The enumerator that a text begins with: `2、`, `（二）`, `②`, `第二阶段`, `二是`.
fn enumerator(text: &str) -> Option<Enumerator> {
    let mut characters = text.trim_start().chars().peekable();
    if let Some(index) = characters.peek().and_then(|c| CIRCLED.chars().position(|circled| circled == *c)) {
        return Some(Enumerator { number: u32::try_from(index).ok()? + 1, style: (None, '①', false) });
    }
    let before = characters.next_if(|c| BEFORE_NUMBER.contains(*c));
    let first = characters.next()?;
    let chinese = CHINESE_DIGITS.chars().position(|digit| digit == first);
    let mut number = match chinese {
        Some(index) => u32::try_from(index).ok()? + 1,
        None => first.to_digit(10)?,
    };
    if chinese.is_none()
        && let Some(second) = characters.peek().and_then(|c| c.to_digit(10))
    {
        number = number * 10 + second;
        characters.next();
    }
    let behind = characters.next().filter(|c| BEHIND_NUMBER.contains(*c))?;
    // 2.5 is a quantity.
    let is_decimal = chinese.is_none()
        && matches!(behind, '.' | '．')
        && characters.peek().is_some_and(char::is_ascii_digit);
    (!is_decimal).then_some(Enumerator { number, style: (before, behind, chinese.is_some()) })
}

/// Whether a piece begins with the item that follows the last one of a list in the text.
pub fn counts_on(text: &str, piece: &str) -> bool {
    let Some(next) = enumerator(piece).filter(|next| next.number > 1) else { return false };
    let mut before = None;
    let mut last = None;
    for (at, character) in text.char_indices() {
        // `2、` within `12、` and `（2）` begins no item.
        let within = before.replace(character).is_some_and(|c: char| {
            c.is_ascii_digit() || CHINESE_DIGITS.contains(c) || BEFORE_NUMBER.contains(c)
        });
        let item = text.get(at..).filter(|_| !within).and_then(enumerator);
        last = item.filter(|item| item.style == next.style).or(last);
    }
    last.is_some_and(|last| last.number + 1 == next.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_looked_for_where_they_stand() {
        assert!(PAIRS.iter().all(|(open, close)| may_be_bracket(*open) && may_be_bracket(*close)));
        assert!(
            PAIRS.iter().all(|(open, close)| opens(&open.to_string()) && !opens(&format!("{open}{close}")))
        );
    }

    #[test]
    fn ends_of_texts() {
        for (text, expected) in [
            ("满足公众需求。", End::Finished),
            ("（参见附件。）", End::Finished),
            ("发挥优势，", End::Unfinished),
            ("1、系统运维；", End::Clause),
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
        assert!(begins_inside("次，惠及街道") && begins_inside("元。计划") && begins_inside("度；"));
        assert!(!begins_inside("另，企业") && !begins_inside("二、企业") && !begins_inside("全年，企业"));
        assert!(counts_on("1、系统运维；", "2、机房租赁") && counts_on("（一）甲（二）乙。", "（三）丙"));
        assert!(
            counts_on("9.甲", "10.乙")
                && counts_on("11、甲12、乙", "13、丙")
                && counts_on("①甲", "②乙")
                && counts_on("第一阶段：", "第二阶段")
        );
        assert!(
            !counts_on("2、甲。3、乙。", "1、丙")
                && !counts_on("1、甲", "2.5万人")
                && !counts_on("一、甲", "2、乙")
        );
        assert!(!counts_on("1、甲2、乙3、丙。", "2、丁"));
        assert!(closes("系列两个项目合并）二、") && !closes("（一）办法"));
    }
}
