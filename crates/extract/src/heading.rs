//! What stands above a form's first row: its title, the year, the organisation, the unit of money.
//!
//! They come as separate lines, as one line, or as a title that begins with organisation and year. A title is one
//! only as a heading; the same words inside a sentence are not.

use crate::known::known;
use crate::vocabulary::{Family, Kind, Label, is_printed_year, split_year, vocabulary};
use jixiao_model::fold::{fold, fold_character, is_blank};
use memchr::memchr3_iter;

/// A piece of a heading, as printed.
#[derive(Debug, PartialEq, Eq)]
pub enum Part<'t> {
    /// The form's title.
    Title(&'t str),
    /// A year: `(2020年度)`.
    Year(&'t str),
    /// An organisation that stands before the title, without a label.
    Organisation(&'t str),
    /// A known label and what follows it: `申报单位名称：…`.
    Labelled(Label, &'t str, &'t str),
    /// Anything else: `附件2`.
    Other(&'t str),
}

/// The title in a heading, and what stands before and behind it, all as printed.
#[derive(Debug, Clone, Copy)]
pub struct Title<'t> {
    /// The family that it tells, if that is known.
    pub family: Option<&'static Family>,
    before: &'t str,
    title: &'t str,
    after: &'t str,
}

/// Where in a line its title stands, and the family that it tells.
#[derive(Debug, Clone, Copy)]
pub struct TitleAt {
    family: Option<&'static Family>,
    start: usize,
    end: usize,
}

impl TitleAt {
    /// The title in the line in which it stands.
    pub fn in_line(self, line: &str) -> Option<Title<'_>> {
        let Self { family, start, end } = self;
        let (before, title, after) =
            (line.get(..start)?.trim(), line.get(start..end)?, line.get(end..)?.trim());
        Some(Title { family, before, title, after })
    }
}

/// Finds the title of a form in a line, if the line is a heading.
pub fn title(line: &str) -> Option<Title<'_>> {
    if may_have_title(line) { title_at(line, &fold(line))?.in_line(line) } else { None }
}

/// Whether a line is short enough for a heading, with an organisation and a unit in it too.
pub fn may_have_title(line: &str) -> bool {
    line.len() <= 600
}

/// As [`title`], where it stands in a line of which it is known how it folds.
pub fn title_at(line: &str, folded: &str) -> Option<TitleAt> {
    if !vocabulary().has_title(folded) {
        return None;
    }
    let folded = Folded::new(line);
    let known = vocabulary().titles().find_map(|(title, family)| {
        let (start, end) = folded.find(title)?;
        Some((start, end, Some(family)))
    });
    let (start, end, family) =
        known.or_else(|| unknown_title(line).map(|(start, end)| (start, end, None)))?;
    let at = TitleAt { family, start: with_qualifier(line, start), end };
    let Title { before, title, after, .. } = at.in_line(line)?;
    let beside = before.rsplit('\n').next().unwrap_or_default();
    let is_heading = !vocabulary().is_other_title(&fold(&format!("{beside}{title}")))
        && !beside.contains(['。', '；', '，', '、', '！', '？', '《', '“', '：', ':'])
        && beside.chars().count() <= 40
        && (after.is_empty()
            || after.starts_with(['(', '（', '\n'])
            || line.get(end..)?.starts_with(is_blank)
            || is_printed_year(after));
    is_heading.then_some(at)
}

/// Where a title begins with the words between it and an organisation or a year: 2023年|省级部门预算项目支出绩效目标表.
fn with_qualifier(line: &str, start: usize) -> usize {
    let Some(before) = line.get(..start) else { return start };
    let begins = vocabulary().qualifiers().filter_map(|words| before.strip_suffix(words));
    let is_left = |rest: &&str| {
        rest.is_empty()
            || rest.ends_with(|c: char| is_blank(c) || matches!(c, '年' | '度' | ')' | '）' | '\n'))
            || vocabulary().is_organisation(rest)
    };
    begins.filter(is_left).map(str::len).min().unwrap_or(start)
}

/// The title of a form of a family that is not known: where it starts and ends in the heading.
fn unknown_title(heading: &str) -> Option<(usize, usize)> {
    const LONGEST: usize = 40;
    let mut at = 0;
    for line in heading.split_inclusive('\n') {
        let words = line.split(['(', '（']).next().unwrap_or_default().trim();
        // Behind the number of an annex stands the title as a word of its own; or its characters are spaced out.
        let last = words.rsplit(is_blank).next().filter(|word| word.chars().count() >= 6).unwrap_or(words);
        let (year, words) = split_leading_year(last).unwrap_or(("", last));
        let folded = fold(words);
        let is_title = folded.chars().count() <= LONGEST
            && folded.chars().all(char::is_alphanumeric)
            && vocabulary().ends_like_title(&folded);
        if is_title && let Some(start) = line.find(last) {
            let start = at + start + if year.is_empty() { 0 } else { last.len() - words.len() };
            return Some((start, start + words.len()));
        }
        at += line.len();
    }
    None
}

/// The parts of a heading around its title.
pub fn title_parts<'t>(title: &Title<'t>) -> Vec<Part<'t>> {
    let mut parts = Vec::new();
    let (above, beside) = title.before.rsplit_once('\n').unwrap_or(("", title.before));
    parts.extend(parts_of(above));
    if !beside.trim().is_empty() {
        parts.extend(before_title(beside.trim()));
    }
    parts.push(Part::Title(title.title));
    parts.extend(parts_of(title.after));
    parts
}

/// `上海市科学技术协会2020年度` and its pieces.
fn before_title(line: &str) -> Vec<Part<'_>> {
    let folded = fold(line);
    if let Some((year, name)) = split_leading_year(line) {
        let mut parts = vec![Part::Year(year)];
        parts.extend(before_title(name));
        return parts;
    }
    let name_end = match split_year(&folded) {
        Some((name, _)) => name.chars().count(),
        None => folded.chars().count(),
    };
    let mut visible = line.char_indices().filter(|(_, c)| !is_blank(*c));
    let at = visible.nth(name_end).map_or(line.len(), |(at, _)| at);
    let (name, year) = line.split_at_checked(at).unwrap_or((line, ""));
    let name = name.trim();
    let mut parts = Vec::new();
    if vocabulary().is_organisation(name) {
        parts.push(Part::Organisation(name));
    } else if !name.is_empty() {
        parts.push(Part::Other(name));
    }
    if !year.trim().is_empty() {
        parts.push(Part::Year(year.trim()));
    }
    parts
}

/// `2020年度上海市科学技术协会`: the year before a name, as printed, and the name.
fn split_leading_year(line: &str) -> Option<(&str, &str)> {
    let ends = line
        .char_indices()
        .filter(|(_, c)| matches!(c, '年' | '度' | ')' | '）'))
        .map(|(at, c)| at + c.len_utf8());
    let longest = ends.rev().find(|end| line.get(..*end).is_some_and(is_printed_year))?;
    let (year, name) = line.split_at_checked(longest)?;
    (!name.trim().is_empty()).then(|| (year.trim(), name.trim()))
}

/// `甲局 (2020年度)`: a value, and the year that stands behind it.
fn split_trailing_year(value: &str) -> (&str, Option<&str>) {
    let starts =
        value.char_indices().filter(|(_, c)| is_blank(*c) || matches!(c, '(' | '（')).map(|(at, _)| at);
    for start in starts {
        if let Some((name, year)) = value.split_at_checked(start)
            && is_printed_year(year)
        {
            return (name.trim(), Some(year.trim()));
        }
    }
    (value, None)
}

/// Whether a known label with a colon behind it stands in one of the lines of a text.
pub fn has_labels(text: &str) -> bool {
    text.split('\n').any(|line| !labels_in(line).is_empty())
}

/// The parts of a line without a title.
pub fn parts_of(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    for line in text.split('\n') {
        let labels = labels_in(line);
        let first = labels.first().map_or(line.len(), |(start, ..)| *start);
        parts.extend(words(line.get(..first).unwrap_or_default()));
        for (index, (start, end, label)) in labels.iter().enumerate() {
            let next = labels.get(index + 1).map_or(line.len(), |(start, ..)| *start);
            let printed = line.get(*start..*end).unwrap_or_default();
            let value = line.get(*end..next).unwrap_or_default();
            // `（单位：万元）` stands in brackets as a whole.
            let value = value.trim_end_matches(|c| is_blank(c) || matches!(c, '(' | '（')).trim();
            let opened = line.get(..*start).is_some_and(|before| before.ends_with(['(', '（']));
            let value = if opened { value.trim_end_matches([')', '）']) } else { value };
            if label.kind == Kind::Unit && !vocabulary().is_money_unit(value) {
                // 单位 also is an organisation, and ends many words.
                parts.extend(words(line.get(*start..next).unwrap_or_default()));
                continue;
            }
            let (value, year) = match label.kind {
                Kind::Name => split_trailing_year(value),
                _ => (value, None),
            };
            parts.push(Part::Labelled(label.clone(), printed, value));
            parts.extend(year.map(Part::Year));
        }
    }
    parts
}

/// Years, and runs of other words.
fn words(text: &str) -> Vec<Part<'_>> {
    let text = text.trim();
    if text.is_empty() {
        return Vec::new();
    }
    if is_printed_year(text) {
        return vec![Part::Year(text)];
    }
    let mut parts = Vec::new();
    for word in text.split(char::is_whitespace).filter(|word| !word.is_empty()) {
        parts.push(if is_printed_year(word) { Part::Year(word) } else { Part::Other(word) });
    }
    // Words without a year among them are one remark, blanks and all.
    if parts.iter().all(|part| matches!(part, Part::Other(_))) { vec![Part::Other(text)] } else { parts }
}

/// How far before its colon a label may begin, and how many blanks may stand in it.
const LABEL_BYTES: usize = 200;
const LABEL_BLANKS: usize = 60;

/// The colons in a line, and where they stand. All but one are among the signs that begin with one of two bytes.
fn colons(line: &str) -> impl Iterator<Item = (usize, char)> {
    let begins = memchr3_iter(b':', 0xE2, 0xEF, line.as_bytes());
    let signs = begins.filter_map(|at| Some((at, line.get(at..)?.chars().next()?)));
    signs.filter(|(_, c)| matches!(c, ':' | '：' | '∶' | '︰'))
}

/// Known labels with a colon behind them: where each starts, where its colon ends, and what it is. A label begins a
/// line or stands behind a blank, a bracket or a comma, so that a word within a sentence is none.
fn labels_in(line: &str) -> Vec<(usize, usize, Label)> {
    let mut labels: Vec<(usize, usize, Label)> = Vec::new();
    for (colon, mark) in colons(line) {
        let from = labels.last().map_or(0, |(_, end, _)| *end);
        let end = colon + mark.len_utf8();
        let Some(before) = line.get(from..end) else { continue };
        // A second colon makes no label of what was none before the first.
        if before
            .chars()
            .rev()
            .skip(1)
            .take(LABEL_BYTES)
            .find(|c| !is_blank(*c))
            .is_some_and(|c| ":：∶︰".contains(c))
        {
            continue;
        }
        // From the longest candidate to the shortest, so that `单 位：` is not cut at its blank. No label is longer, and
        // none has more blanks.
        let near = before.floor_char_boundary(before.len().saturating_sub(LABEL_BYTES));
        let mut starts: Vec<usize> = before
            .get(near..)
            .unwrap_or_default()
            .char_indices()
            .rev()
            .filter(|(_, c)| {
                is_blank(*c) || matches!(c, '(' | '（' | ')' | '）' | '】' | ',' | '，' | ';' | '；')
            })
            .map(|(at, c)| near + at + c.len_utf8())
            .take(LABEL_BLANKS)
            .collect();
        starts.extend((near == 0).then_some(0));
        let mut starts = starts.into_iter().rev();
        let found = starts.find_map(|start| {
            let text = before.get(start..)?;
            Some((start, known(text).label(text)?.clone()))
        });
        if let Some((start, label)) = found {
            let blank = before.len() - before.get(start..).map_or(0, |text| text.trim_start().len());
            labels.push((from + blank, end, label));
        }
    }
    labels
}

/// A text folded character by character, so that it is known where each stands in the text as printed.
struct Folded<'t> {
    printed: &'t str,
    text: String,
}

impl<'t> Folded<'t> {
    fn new(printed: &'t str) -> Self {
        let mut text = String::with_capacity(printed.len());
        text.extend(printed.chars().filter(|c| !is_blank(*c)).map(fold_character));
        Self { printed, text }
    }

    /// Where a folded word stands in the text as printed.
    fn find(&self, word: &str) -> Option<(usize, usize)> {
        let from = self.text.find(word)?;
        let (mut at, mut place) = (0, None);
        for (start, character) in self.printed.char_indices().filter(|(_, c)| !is_blank(*c)) {
            if at >= from + word.len() {
                break;
            }
            if at >= from {
                let end = start + character.len_utf8();
                place = Some((place.map_or(start, |(start, _)| start), end));
            }
            at += fold_character(character).len_utf8();
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Prints the parts of a heading, each with a letter for what it is.
    fn shown(line: &str) -> Option<String> {
        let parts = title_parts(&title(line)?);
        let show = |part: &Part<'_>| match part {
            Part::Title(text) => format!("T:{text}"),
            Part::Year(text) => format!("Y:{text}"),
            Part::Organisation(text) => format!("O:{text}"),
            Part::Labelled(label, _, text) => format!("{}={text}", label.code),
            Part::Other(text) => format!("?:{text}"),
        };
        Some(parts.iter().map(show).collect::<Vec<_>>().join(" | "))
    }

    #[test]
    fn titles_stand_in_many_headings() {
        for (line, parts) in [
            ("财政项目支出绩效目标表", "T:财政项目支出绩效目标表"),
            ("财 政 项 目 支 出 绩 效 目 标 表", "T:财 政 项 目 支 出 绩 效 目 标 表"),
            (
                "财政项目支出绩效目标表\n(2020年度)\n申报单位名称：甲局",
                "T:财政项目支出绩效目标表 | Y:(2020年度) | organisation=甲局",
            ),
            (
                "财政项目支出绩效目标表 (2020 年度) 申报单位名称：甲局 金额单位：万元",
                "T:财政项目支出绩效目标表 | Y:(2020 年度) | organisation=甲局 | money_unit=万元",
            ),
            (
                "上海市科学技术协会2020年度财政项目支出绩效目标表",
                "O:上海市科学技术协会 | Y:2020年度 | T:财政项目支出绩效目标表",
            ),
            ("附件2 财政项目支出绩效目标表", "?:附件2 | T:财政项目支出绩效目标表"),
            (
                "2020年度上海市科学技术协会财政项目支出绩效目标表",
                "Y:2020年度 | O:上海市科学技术协会 | T:财政项目支出绩效目标表",
            ),
            (
                "财政项目支出绩效目标表（2019年度）申报单位名称：甲局",
                "T:财政项目支出绩效目标表 | Y:（2019年度） | organisation=甲局",
            ),
            (
                "财政项目支出绩效目标表\n申报单位名称：甲局 (2020年度)",
                "T:财政项目支出绩效目标表 | organisation=甲局 | Y:(2020年度)",
            ),
            ("财政项目支出绩效目标申报表（2024年度）", "T:财政项目支出绩效目标申报表 | Y:（2024年度）"),
        ] {
            assert_eq!(shown(line).as_deref(), Some(parts), "{line}");
        }
    }

    #[test]
    fn sentences_are_no_headings() {
        for line in [
            "按要求填报《财政项目支出绩效目标表》。",
            "请各单位填报财政项目支出绩效目标表，并于月底前报送",
            "财政项目支出绩效目标表的填报工作由办公室负责",
            "项目绩效目标",
            "江城市教育局部门整体支出绩效目标申报表",
        ] {
            assert_eq!(shown(line), None, "{line}");
        }
    }

    #[test]
    fn labels_stand_in_lines() {
        let parts = parts_of("申报单位名称：甲局　　　（单位：万元）");
        let labelled: Vec<_> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Labelled(label, _, value) => Some((label.code, *value)),
                _ => None,
            })
            .collect();
        assert_eq!(labelled, [("organisation", "甲局"), ("money_unit", "万元")]);
        assert_eq!(parts_of("工作机制方面：项目征集"), [Part::Other("工作机制方面：项目征集")]);
    }
}
