//! Numbers and texts as their formats show them (ECMA-376, part 1, 18.8.31).
//!
//! A format that is not understood to its end is not applied at all: a number then stands as it is, since half a format
//! would say what nobody wrote.

use super::calendar::{Moment, moment};
use super::decimal::{Decimal, general};
use super::format_code::{Comparison, Format, Section, Token};

/// A number as a format shows it.
pub fn number(number: f64, format: &Format, epoch_1904: bool) -> String {
    shown_number(number, format, epoch_1904).unwrap_or_else(|| general(number))
}

/// A text as a format shows it.
pub fn text(text: &str, format: &Format) -> String {
    let section = match format.sections.as_slice() {
        [_, _, _, section] => section,
        [.., section] if section.tokens.contains(&Token::Text) => section,
        _ => return text.to_owned(),
    };
    let shown = section.tokens.iter().map(|token| match token {
        Token::Literal(literal) => Some(literal.as_str()),
        Token::Text => Some(text),
        _ => None,
    });
    shown.collect::<Option<String>>().unwrap_or_else(|| text.to_owned())
}

fn shown_number(number: f64, format: &Format, epoch_1904: bool) -> Option<String> {
    let (section, signless) = section(number, &format.sections)?;
    let sign = if number < 0.0 && !signless { "-" } else { "" };
    if section.is_date() {
        return date(number, section, epoch_1904);
    }
    if section.chinese_digits
        || section.tokens.contains(&Token::Exponent(true))
        || section.tokens.contains(&Token::Exponent(false))
    {
        return scientific(number, section);
    }
    let shown = if section.tokens.iter().any(|token| matches!(token, Token::Digit(_))) {
        digits(number, section)?
    } else {
        let shown = section.tokens.iter().map(|token| match token {
            Token::Literal(literal) => Some(literal.clone()),
            Token::General | Token::Text => Some(general(number.abs())),
            Token::Percent => Some("%".to_owned()),
            Token::Point => Some(".".to_owned()),
            Token::Comma => Some(",".to_owned()),
            _ => None,
        });
        shown.collect::<Option<String>>()?
    };
    let is_zero = !shown.contains(|c: char| c.is_ascii_digit() && c != '0');
    let sign = if is_zero && number.abs() < 1.0 { "" } else { sign };
    Some(format!("{sign}{}", shown.trim()))
}

/// The section for a number, and whether it prints the sign itself.
fn section(number: f64, sections: &[Section]) -> Option<(&Section, bool)> {
    let numbers = sections.get(..sections.len().min(3))?;
    // The last of several sections is for text, if it prints the text.
    let numbers = match numbers {
        [before @ .., last] if !before.is_empty() && last.tokens.contains(&Token::Text) => before,
        _ => numbers,
    };
    if numbers.iter().any(|section| section.condition.is_some()) {
        let found = numbers.iter().find(|section| match &section.condition {
            Some((comparison, limit)) => holds(number, *comparison, limit.parse().unwrap_or(0.0)),
            None => true,
        })?;
        let below_zero = matches!(&found.condition, Some((Comparison::Less | Comparison::LessOrEqual, limit)) if limit == "0");
        return Some((found, below_zero));
    }
    match numbers {
        [_, below, ..] if number < 0.0 => Some((below, true)),
        [_, _, zero] if number == 0.0 => Some((zero, false)),
        [first, ..] => Some((first, false)),
        [] => None,
    }
}

fn holds(number: f64, comparison: Comparison, limit: f64) -> bool {
    match comparison {
        Comparison::Less => number < limit,
        Comparison::LessOrEqual => number <= limit,
        Comparison::Equal => number == limit,
        Comparison::NotEqual => number != limit,
        Comparison::GreaterOrEqual => number >= limit,
        Comparison::Greater => number > limit,
    }
}

/// A number in the digits of a section.
fn digits(number: f64, section: &Section) -> Option<String> {
    let tokens = &section.tokens;
    let is_digit = |token: &Token| matches!(token, Token::Digit(_));
    let point = tokens.iter().position(|token| *token == Token::Point);
    let last_digit = tokens.iter().rposition(is_digit)?;
    let integer_end = point.unwrap_or(tokens.len());
    let whole: Vec<usize> = (0..integer_end).filter(|at| is_digit(&tokens[*at])).collect();
    let fraction: Vec<usize> = (integer_end..tokens.len()).filter(|at| is_digit(&tokens[*at])).collect();
    let commas = |at: &usize| tokens[*at] == Token::Comma;
    // Commas behind the last digit of the whole number divide; those between digits group.
    let last_whole = whole.last().copied();
    let grouped = last_whole.is_some_and(|last| (whole[0]..last).any(|at| commas(&at)));
    let behind = last_whole.map_or(0..0, |last| last + 1..tokens.len());
    let divisors = behind.take_while(commas).count()
        + (last_digit + 1..tokens.len()).take_while(|at| point.is_some() && commas(at)).count();
    let percents = tokens.iter().filter(|token| **token == Token::Percent).count();
    let powers = 2 * i32::try_from(percents).ok()? - 3 * i32::try_from(divisors).ok()?;
    let mut decimal = Decimal::of(number);
    decimal.shift(powers);
    decimal.round(fraction.len());
    let (whole_digits, fraction_digits) = (decimal.integer(), decimal.fraction(fraction.len()));
    // Places that are printed whatever they hold, and those up to the last digit that is not zero.
    let is_zero_place = |place: &usize| tokens[fraction[*place]] == Token::Digit('0');
    let printed_places = (0..fraction.len()).rev().find(is_zero_place).map_or(0, |place| place + 1);
    let printed_places = printed_places.max(fraction_digits.trim_end_matches('0').len());

    let mut shown = String::new();
    let (mut whole_at, mut place) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Literal(literal) => shown.push_str(literal),
            Token::Percent => shown.push('%'),
            Token::Point if point == Some(at) && whole.is_empty() => {
                shown.push_str(&whole_digits);
                shown.extend((printed_places > 0).then_some('.'));
            }
            Token::Point if point == Some(at) => shown.extend((printed_places > 0).then_some('.')),
            Token::Point => shown.push('.'),
            Token::Digit(kind) if at < integer_end => {
                push_whole(&mut shown, whole_digits.as_bytes(), whole_at, whole.len(), *kind, grouped);
                whole_at += 1;
            }
            Token::Digit(_) => {
                let digit = fraction_digits.as_bytes().get(place).filter(|_| place < printed_places);
                shown.extend(digit.map(|digit| char::from(*digit)));
                place += 1;
            }
            Token::Comma => {}
            _ => return None,
        }
    }
    Some(shown)
}

/// The digits for one of the places before the point: the first takes all that are left over.
fn push_whole(shown: &mut String, digits: &[u8], index: usize, places: usize, kind: char, grouped: bool) {
    let from_right = places - 1 - index;
    let count = digits.len();
    let first = if index == 0 { count.max(places) - 1 } else { from_right };
    for at in (from_right..=first).rev() {
        let digit =
            count.checked_sub(at + 1).and_then(|left| digits.get(left)).map(|digit| char::from(*digit));
        let digit = digit.or((kind == '0' && at == from_right).then_some('0'));
        if let Some(digit) = digit {
            shown.push(digit);
            if grouped && at > 0 && at % 3 == 0 {
                shown.push(',');
            }
        }
    }
}

/// `0.00E+00`, with one digit before the point.
fn scientific(number: f64, section: &Section) -> Option<String> {
    let exponent_at = section.tokens.iter().position(|token| matches!(token, Token::Exponent(_)))?;
    let plus = section.tokens[exponent_at] == Token::Exponent(true);
    let (mantissa, exponent) = section.tokens.split_at(exponent_at);
    let point = mantissa.iter().position(|token| *token == Token::Point).unwrap_or(mantissa.len());
    let places = mantissa.len().saturating_sub(point + 1);
    let plain = |tokens: &[Token]| tokens.iter().all(|token| matches!(token, Token::Digit(_)));
    if point != 1
        || !plain(&mantissa[..point])
        || !plain(mantissa.get(point + 1..).unwrap_or_default())
        || !plain(&exponent[1..])
    {
        return None;
    }
    let mut decimal = Decimal::of(number);
    let mut power = decimal.exponent();
    decimal.shift(-power);
    decimal.round(places);
    if decimal.exponent() > 0 {
        decimal.shift(-1);
        power += 1;
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let whole = if decimal.is_zero() { "0".to_owned() } else { decimal.integer() };
    let fraction = decimal.fraction(places);
    let point = if fraction.is_empty() { "" } else { "." };
    let power_sign = if power < 0 {
        "-"
    } else if plus {
        "+"
    } else {
        ""
    };
    Some(format!(
        "{sign}{whole}{point}{fraction}E{power_sign}{:0width$}",
        power.abs(),
        width = exponent.len() - 1
    ))
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const CHINESE_WEEKDAYS: [&str; 7] = ["日", "一", "二", "三", "四", "五", "六"];

fn date(serial: f64, section: &Section, epoch_1904: bool) -> Option<String> {
    let tokens = &section.tokens;
    let parts_of_seconds = tokens.iter().any(|token| matches!(token, Token::Digit(_)));
    let moment = moment(serial, epoch_1904, parts_of_seconds)?;
    let twelve = tokens.iter().any(|token| matches!(token, Token::HalfDay(_)));
    let mut shown = String::new();
    let mut places = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Literal(literal) => shown.push_str(literal),
            Token::HalfDay(kind) => {
                let halves = [["AM", "PM"], ["A", "P"], ["上午", "下午"]];
                shown.push_str(halves[*kind][usize::from(moment.hour >= 12)]);
            }
            Token::Elapsed(unit, length) => {
                let divisor = match unit {
                    'h' => 3_600,
                    'm' => 60,
                    _ => 1,
                };
                shown.push_str(&format!("{:0length$}", moment.elapsed_seconds / divisor));
            }
            Token::Date('m', length @ 1..=2) if is_minute(tokens, at) => {
                shown.push_str(&format!("{:0length$}", moment.minute));
            }
            Token::Date(unit, length) => {
                shown.push_str(&date_part(&moment, *unit, *length, twelve, section.chinese_digits)?);
            }
            Token::Point => shown.push('.'),
            Token::Comma => shown.push(','),
            Token::Digit(_) => {
                shown.extend(format!("{:03}", moment.millisecond).chars().nth(places));
                places += 1;
            }
            // The section for text may stand within (`yyyy/m/d;@`), no more.
            _ => return None,
        }
    }
    Some(shown.trim().to_owned())
}

/// Whether `m` at a token is minutes: behind hours or before seconds.
fn is_minute(tokens: &[Token], at: usize) -> bool {
    let unit = |token: &Token| match token {
        Token::Date(unit, _) | Token::Elapsed(unit, _) => Some(*unit),
        _ => None,
    };
    tokens[..at].iter().rev().find_map(unit) == Some('h')
        || tokens[at + 1..].iter().find_map(unit) == Some('s')
}

fn date_part(moment: &Moment, unit: char, length: usize, twelve: bool, chinese: bool) -> Option<String> {
    let short = |name: &str| name.chars().take(3).collect::<String>();
    let padded = |number: i64| {
        if chinese { chinese_number(number) } else { format!("{number:0width$}", width = length.min(2)) }
    };
    let month = MONTHS.get(moment.month - 1)?;
    let weekday = WEEKDAYS.get(moment.weekday)?;
    Some(match (unit, length) {
        ('y', 1..=2) => format!("{:02}", moment.year % 100),
        ('y', _) if chinese => moment.year.to_string().chars().filter_map(chinese_digit).collect(),
        ('y', _) => moment.year.to_string(),
        ('m', 1..=2) => padded(i64::try_from(moment.month).unwrap_or(0)),
        ('m', 3) => short(month),
        ('m', 4) => (*month).to_owned(),
        ('m', 5) => month.chars().take(1).collect(),
        ('d', 1..=2) => padded(moment.day),
        ('d', 3) => short(weekday),
        ('d', 4) => (*weekday).to_owned(),
        ('a', 3) => CHINESE_WEEKDAYS[moment.weekday].to_owned(),
        ('a', 4) => format!("星期{}", CHINESE_WEEKDAYS[moment.weekday]),
        ('h', 1..=2) if twelve => padded((moment.hour + 11) % 12 + 1),
        ('h', 1..=2) => padded(moment.hour),
        ('s', 1..=2) => padded(moment.second),
        _ => return None,
    })
}

fn chinese_digit(digit: char) -> Option<char> {
    "〇一二三四五六七八九".chars().nth(digit.to_digit(10)? as usize)
}

/// A number below a hundred: 二十一.
fn chinese_number(number: i64) -> String {
    let digit =
        |number: i64| char::from_digit(u32::try_from(number).unwrap_or(0), 10).and_then(chinese_digit);
    let (tens, ones) = (number / 10, number % 10);
    let mut shown = String::new();
    shown.extend(digit(tens).filter(|_| tens > 1));
    shown.extend((tens > 0).then_some('十'));
    shown.extend(digit(ones).filter(|_| ones > 0 || tens == 0));
    shown
}

#[cfg(test)]
mod tests {
    use super::super::format_code::{built_in, parse};
    use super::*;

    fn shown(value: f64, code: &str) -> String {
        parse(code).map_or_else(|| general(value), |format| number(value, &format, false))
    }

    #[test]
    fn formats_show_numbers() {
        for (value, code, expected) in [
            (0.9, "0%", "90%"),
            (0.9, "0.00%", "90.00%"),
            (0.285, "0%", "29%"),
            (1.0, "\"≥\"0%", "≥100%"),
            (30.0, "0\"天\"", "30天"),
            (30.0, "0天", "30天"),
            (30.0, "General\"天\"", "30天"),
            (30.5, "G/通用格式\"天\"", "30.5天"),
            (12.345, "0.00\"万元\"", "12.35万元"),
            (771_325_800.0, "#,##0.00", "771,325,800.00"),
            (999.0, "#,##0", "999"),
            (1_000.0, "#,##0", "1,000"),
            (-1_234.5, "#,##0.00;[Red]-#,##0.00", "-1,234.50"),
            (-1_234.5, "#,##0.00_);(#,##0.00)", "(1,234.50)"),
            (1_234.5, "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ", "1,234.50"),
            (0.0, "_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * \"-\"??_ ;_ @_ ", "-"),
            (1_234.5, "\"¥\"#,##0.00", "¥1,234.50"),
            (1_234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
            (7.0, "000", "007"),
            (13_812_345_678.0, "000-0000-0000", "138-1234-5678"),
            (5.0, "0.##", "5"),
            (5.25, "0.##", "5.25"),
            (0.5, "#.00", ".50"),
            (12_345_678.0, "0.00,,", "12.35"),
            (123_456.0, "0.00E+00", "1.23E+05"),
            (2.0, "[>1]\"多\";\"少\"", "多"),
            (-0.001, "0.0", "0.0"),
            (-0.9, "0%", "-90%"),
            (0.333, "# ?/?", "0.333"),
            (5.0, "\"合格\"", "合格"),
            (5.0, "@", "5"),
            (5.0, "\"never closed", "5"),
        ] {
            assert_eq!(shown(value, code), expected, "{value} {code}");
        }
    }

    #[test]
    fn formats_show_dates_and_times() {
        for (value, code, expected) in [
            (43_831.0, "yyyy\"年\"m\"月\"d\"日\"", "2020年1月1日"),
            (43_831.0, "yyyy/m/d;@", "2020/1/1"),
            (43_831.0, "[$-804]yyyy\"年\"mm\"月\"dd\"日\";@", "2020年01月01日"),
            (44_196.0, "[DBNum1][$-804]yyyy\"年\"m\"月\"d\"日\"", "二〇二〇年十二月三十一日"),
            (43_831.0, "yyyy-mm-dd aaaa", "2020-01-01 星期三"),
            (43_831.75, "yyyy/m/d h:mm", "2020/1/1 18:00"),
            (43_831.75, "上午/下午h\"时\"mm\"分\"", "下午6时00分"),
            (0.999_999_9, "h:mm:ss", "0:00:00"),
            (1.5, "[h]:mm", "36:00"),
            (60.0, "yyyy/m/d", "1900/2/29"),
            (59.0, "yyyy/m/d", "1900/2/28"),
            (61.0, "yyyy/m/d", "1900/3/1"),
            (43_831.0, "d-mmm-yy", "1-Jan-20"),
            (43_831.000_005, "mm:ss.000", "00:00.432"),
            (-1.0, "yyyy/m/d", "-1"),
            (3e9, "yyyy/m/d", "3000000000"),
        ] {
            assert_eq!(shown(value, code), expected, "{value} {code}");
        }
        let format = parse("yyyy/m/d").expect("it is a format");
        assert_eq!(number(42_369.0, &format, true), "2020/1/1", "days since 1904");
    }

    #[test]
    fn formats_that_are_not_spelled_out_are_known() {
        for (id, value, expected) in [
            (0, 0.1, "0.1"),
            (9, 0.9, "90%"),
            (10, 0.9, "90.00%"),
            (14, 43_831.0, "2020/1/1"),
            (22, 43_831.5, "2020/1/1 12:00"),
            (27, 43_831.0, "2020年1月"),
            (31, 43_831.0, "2020年1月1日"),
            (57, 43_831.0, "2020年1月"),
            (58, 43_831.0, "1月1日"),
            (43, -1_234.5, "-1,234.50"),
            (44, 0.0, "¥-"),
        ] {
            assert_eq!(shown(value, built_in(id)), expected, "{id}");
        }
    }

    #[test]
    fn formats_show_texts() {
        for (code, expected) in
            [("@", "甲"), ("@\"元\"", "甲元"), ("0;-0;0;\"≥\"@", "≥甲"), ("0.00", "甲"), ("General", "甲")]
        {
            let format = parse(code).expect("it is a format");
            assert_eq!(text("甲", &format), expected, "{code}");
        }
    }
}
