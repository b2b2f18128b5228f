//! Dates in all the ways in which Chinese documents write them.
//!
//! A month without a day is its first day where a period begins and its last where one ends, and so is a year: that
//! is what the words mean, and the printed text stays in `fields`. Numbers without any mark between year and month
//! are read only in the forms `20200101` and `202001`.

use jiff::civil::Date;

use crate::number;
use jixiao_model::fold::{fold, folded_characters};

/// Which end of a month or year is meant where the day is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// Its first day.
    First,
    /// Its last day.
    Last,
}

/// Reads a date; `None` if it is none.
pub fn read(raw: &str, edge: Edge) -> Option<Date> {
    if let Some(day) = plain_day(raw) {
        return Some(day);
    }
    let mut folded = fold(without_time(raw));
    if folded.chars().nth(40).is_some() {
        return None;
    }
    if folded.contains('元') {
        folded = folded.replace("元月", "1月");
    }
    let mut text = folded.trim_end_matches(['起', '止']);
    while let Some(rest) = text.strip_suffix("以来") {
        text = rest;
    }
    let (text, edge) =
        match ["年底", "年末", "月底", "月末", "年12月底"].iter().find(|end| text.ends_with(**end))
        {
            Some(_) => (text.trim_end_matches(['底', '末']), Edge::Last),
            None => match text.strip_suffix("年初").or_else(|| text.strip_suffix("月初")) {
                Some(_) => (text.trim_end_matches('初'), Edge::First),
                None => (text, edge),
            },
        };
    let parts = parts(text)?;
    let (year, rest) = parts.split_first()?;
    if !(1949..=2200).contains(year) {
        return None;
    }
    let year = i16::try_from(*year).ok()?;
    let month = rest
        .first()
        .map(|month| i8::try_from(*month).ok())
        .unwrap_or(Some(if edge == Edge::First { 1 } else { 12 }))?;
    let first = Date::new(year, month, 1).ok()?;
    match rest.get(1) {
        Some(day) => Date::new(year, month, i8::try_from(*day).ok()?).ok(),
        None if edge == Edge::First => Some(first),
        None => Some(first.last_of_month()),
    }
}

/// Reads a period: `2023年4月-2024年2月`, `2020-01-01至2020-12-31`, `2023年4月-12月`; or a year or month as one: `2024年度`.
/// One that does not say when it ends (`2022年1月—`) is none.
pub fn period(raw: &str) -> Option<(Date, Date)> {
    let folded = fold(raw);
    let cuts = folded.char_indices().filter(|(_, c)| matches!(c, '-' | '~' | '至' | '到' | '—'));
    for (at, mark) in cuts {
        let (first, last) = (folded.get(..at)?, folded.get(at + mark.len_utf8()..)?);
        let last = last.trim_start_matches(['-', '—']);
        if last.is_empty() {
            continue;
        }
        let year = |text: &str| (text.len() == 4 && last.contains('年')).then(|| format!("{text}年"));
        if let Some(start) = read(first, Edge::First).or_else(|| read(&year(first)?, Edge::First)) {
            let end =
                read(last, Edge::Last).or_else(|| read(&format!("{}年{last}", start.year()), Edge::Last));
            if let Some(end) = end {
                return Some((start, end));
            }
        }
    }
    let whole = folded.strip_suffix('度').filter(|year| year.ends_with('年')).unwrap_or(&folded);
    let is_whole = whole.ends_with(['年', '月']) && !whole.contains(['日', '号']);
    is_whole.then(|| read(whole, Edge::First).zip(read(whole, Edge::Last))).flatten()
}

/// Whether a text says how long something takes, and not when: `3年`, `36个月`, `长期`.
pub fn is_duration(raw: &str) -> bool {
    let folded = fold(raw);
    let number = folded.trim_end_matches(['年', '月', '天', '日', '个', '期', '度']);
    let is_number = !number.is_empty() && number.chars().count() <= 3 && number_of(number).is_some();
    (is_number && number.len() < folded.len())
        || ["长期", "常年", "跨年", "当年", "年度"].contains(&folded.as_str())
}

/// A day as most are printed: `2020-01-31`, `2020年1月31日`.
fn plain_day(text: &str) -> Option<Date> {
    let (text, marks) = match text.strip_suffix('日') {
        Some(text) => (text, ['年', '月']),
        None => (text, ['-', '-']),
    };
    let (year, rest) = text.split_once(marks[0])?;
    let (month, day) = rest.split_once(marks[1])?;
    let year = i16::try_from(plain_number(year)?).ok().filter(|year| is_likely(&i32::from(*year)))?;
    let [month, day] = [month, day].map(|text| i8::try_from(plain_number(text)?).ok());
    Date::new(year, month?, day?).ok()
}

/// Without a time of day behind the date (`2019/1/15 0:00:00`). It is told by the blank or the T before it, so this comes
/// before anything takes blanks out.
fn without_time(raw: &str) -> &str {
    let is_time = |text: &str| {
        text.contains(':') && text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | 'Z'))
    };
    match raw.trim().rsplit_once([' ', 'T', '\u{a0}', '\u{3000}']) {
        Some((date, time)) if is_time(time) => date,
        _ => raw,
    }
}

/// Year, month and day, as far as they are written.
fn parts(text: &str) -> Option<Vec<u32>> {
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: u32 = text.parse().ok()?;
        return Some(vec![number / 10_000, number / 100 % 100, number % 100]);
    }
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number: u32 = text.parse().ok()?;
        return Some(vec![number / 100, number % 100]);
    }
    let in_words = text.contains('年');
    let marks: &[char] = if in_words { &['年', '月', '日', '号'] } else { &['-', '/', '.', '、'] };
    let mut order = text.chars().filter(|c| marks.contains(c));
    let in_order = !in_words || marks[..2].iter().zip(&mut order).all(|(mark, found)| *mark == found);
    let body = text.trim_end_matches(['年', '月', '日', '号', '.']);
    let numbers: Option<Vec<u32>> = body.split(marks).map(number_of).collect();
    numbers.filter(|numbers| in_order && (in_words || numbers.len() >= 2) && numbers.len() <= 3)
}

fn number_of(text: &str) -> Option<u32> {
    plain_number(text).or_else(|| u32::try_from(number::chinese(text)?).ok())
}

/// A number of at most four digits.
fn plain_number(text: &str) -> Option<u32> {
    let is_plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// The year in a heading: `(2020年度)`, `二〇二〇年绩效目标`, `2020`.
pub fn year(raw: &str) -> Option<i32> {
    let value = |c: char| c.to_digit(10).or_else(|| number::digit(c).map(u32::from));
    let digits = |four: [char; 4]| {
        four.into_iter().try_fold(0, |year, c| Some(year * 10 + i32::try_from(value(c)?).ok()?))
    };
    // The last four characters; a blank is no digit, and none is left of a folded text.
    let mut last = [' '; 4];
    let mut count = 0;
    for character in folded_characters(raw) {
        if character == '年'
            && let Some(year) = digits(last)
        {
            return Some(year).filter(is_likely);
        }
        last = [last[1], last[2], last[3], character];
        count += 1;
    }
    digits(last).filter(|year| count == 4 && is_likely(year))
}

fn is_likely(year: &i32) -> bool {
    (1949..=2200).contains(year)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One that ends with 起 goes the long way.
    #[test]
    fn a_plain_day_is_read_as_any_other() {
        for (text, is_day) in [
            ("2020-02-29", true),
            ("2020年2月29日", true),
            ("2020-2-0029", true),
            ("2021-02-29", false),
            ("2020-13-01", false),
            ("1948-01-01", false),
            ("2020-+1-01", false),
            ("2020-01-300", false),
            ("2020年1-1日", false),
        ] {
            let day = read(text, Edge::First);
            assert_eq!((day.is_some(), day), (is_day, read(&format!("{text}起"), Edge::First)), "{text}");
        }
    }

    #[test]
    fn dates_in_all_writings() {
        for (raw, first, last) in [
            ("2020-01-01", "2020-01-01", "2020-01-01"),
            ("2020/1/1", "2020-01-01", "2020-01-01"),
            ("2020.1.1", "2020-01-01", "2020-01-01"),
            ("2020．12．31", "2020-12-31", "2020-12-31"),
            ("20200131", "2020-01-31", "2020-01-31"),
            ("2020年1月1日", "2020-01-01", "2020-01-01"),
            ("２０２０年２月", "2020-02-01", "2020-02-29"),
            ("二〇二〇年十二月三十一日", "2020-12-31", "2020-12-31"),
            ("2020年", "2020-01-01", "2020-12-31"),
            ("2020年12月底", "2020-12-31", "2020-12-31"),
            ("2020年底", "2020-12-31", "2020-12-31"),
            ("2020-01-01 00:00:00", "2020-01-01", "2020-01-01"),
            ("2019/1/15 0:00:00", "2019-01-15", "2019-01-15"),
            ("2019/12/31 9:30", "2019-12-31", "2019-12-31"),
            ("2019-12-31T00:00:00Z", "2019-12-31", "2019-12-31"),
            ("2020年元月", "2020-01-01", "2020-01-31"),
            ("2020年3月起", "2020-03-01", "2020-03-31"),
            ("202002", "2020-02-01", "2020-02-29"),
            ("2020\u{2011}01\u{2011}05", "2020-01-05", "2020-01-05"),
            ("2024-2", "2024-02-01", "2024-02-29"),
        ] {
            let read = |edge| read(raw, edge).map(|date| date.to_string());
            assert_eq!(
                (read(Edge::First).as_deref(), read(Edge::Last).as_deref()),
                (Some(first), Some(last)),
                "{raw}"
            );
        }
        for raw in [
            "",
            "2020-13-01",
            "2020-02-30",
            "长期",
            "43831",
            "2019/1/150:00:00",
            "1月1日",
            "2020",
            "0020-01-01",
            "2020年度内完成",
        ] {
            assert_eq!(read(raw, Edge::First), None, "{raw}");
        }
    }

    #[test]
    fn periods() {
        for (raw, start, end) in [
            ("2023年4月-2024年2月", "2023-04-01", "2024-02-29"),
            ("2020-01-01至2020-12-31", "2020-01-01", "2020-12-31"),
            ("2022-2024年", "2022-01-01", "2024-12-31"),
            ("2023年4月—12月", "2023-04-01", "2023-12-31"),
            ("2020/1/1-2020/12/31", "2020-01-01", "2020-12-31"),
            ("2022年1-12月", "2022-01-01", "2022-12-31"),
            ("2022.01—2024.12", "2022-01-01", "2024-12-31"),
            ("2024年度", "2024-01-01", "2024-12-31"),
            ("2024年2月", "2024-02-01", "2024-02-29"),
        ] {
            let read = period(raw).map(|(start, end)| (start.to_string(), end.to_string()));
            assert_eq!(read, Some((start.into(), end.into())), "{raw}");
        }
        for raw in ["长期", "2022年1月—", "2022年1月至今", "2022年3月1日", "3年", "6个月"] {
            assert_eq!(period(raw), None, "{raw}");
        }
        assert!(["3年", "三年", "36个月", "长期"].iter().all(|text| is_duration(text)));
        assert!(!["2020年", "待定", "3"].iter().any(|text| is_duration(text)));
    }

    #[test]
    fn years() {
        for (raw, expected) in [
            ("(2020年度)", Some(2020)),
            ("二〇二〇年绩效目标", Some(2020)),
            ("2020", Some(2020)),
            ("20200", None),
            ("年度", None),
        ] {
            assert_eq!(year(raw), expected, "{raw}");
        }
    }
}
