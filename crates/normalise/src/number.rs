//! Numbers as Chinese documents write them: with separators, in full width, in Chinese digits.

use rust_decimal::Decimal;

/// A plain number: digits with `,` or `，` between groups of three, and decimals. Folded text; nothing else in it.
///
/// `None` if it is not one, also where separators do not stand between groups of three, since `1,5` may mean anything.
pub fn plain(folded: &str) -> Option<Decimal> {
    /// So many digits fit in 64 bits.
    const MOST: usize = 18;
    let (mut units, mut digits, mut scale) = (0_i64, 0, 0);
    // Digits since the last separator, and whether the first of them, and the point, have been met.
    let (mut group, mut is_grouped, mut is_decimal) = (0, false, false);
    let mut is_in_threes = true;
    for byte in folded.bytes() {
        match byte {
            b'0'..=b'9' => {
                units = units.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
                (digits, group, scale) = (digits + 1, group + 1, scale + u32::from(is_decimal));
            }
            b',' | b'.' if group > 0 && !is_decimal => {
                is_in_threes &= if is_grouped { group == 3 } else { byte == b'.' || group <= 3 };
                (group, is_grouped, is_decimal) = (0, is_grouped || byte == b',', byte == b'.');
            }
            _ => return None,
        }
    }
    is_in_threes &= is_decimal || !is_grouped || group == 3;
    match group > 0 && is_in_threes {
        true if digits <= MOST => Some(Decimal::new(units, scale)),
        true => Decimal::from_str_exact(&folded.replace(',', "")).ok(),
        false => None,
    }
}

/// A whole number in Chinese digits, ordinary (`一百二十万`) or financial (`壹佰贰拾万`), or digit by digit (`二〇二〇`).
pub fn chinese(text: &str) -> Option<Decimal> {
    let characters: Vec<char> = text.chars().collect();
    if characters.is_empty() || characters.len() > 40 {
        return None;
    }
    // Two digits beside one another are no number of two digits but mean *about*: 两三次.
    let by_digit = characters.len() > 2 || characters.contains(&'〇') || characters.contains(&'零');
    if characters.len() > 1 && by_digit && characters.iter().all(|c| digit(*c).is_some()) {
        let digits: Option<String> =
            characters.iter().map(|c| digit(*c).map(|d| char::from(b'0' + d))).collect();
        return Decimal::from_str_exact(&digits?).ok();
    }
    let (mut total, mut section, mut pending) = (0_i128, 0_i128, None);
    let (mut last_ten, mut last_big) = (i128::MAX, i128::MAX);
    // The place of the last digit: 一百五 is a hundred and fifty to some and no number to write in a form.
    let (mut last_place, mut behind_zero) = (10, false);
    for character in characters {
        if let Some(value) = digit(character) {
            // Two digits beside one another stand only around a zero.
            if pending.is_some_and(|before| before != 0) {
                return None;
            }
            behind_zero = pending == Some(0);
            pending = Some(i128::from(value));
        } else if let Some(ten) = ten(character) {
            let times = match pending.take() {
                Some(0) | None if ten == 10 && section == 0 => 1,
                Some(value) if value > 0 => value,
                _ => return None,
            };
            if ten >= last_ten {
                return None;
            }
            (last_ten, last_place) = (ten, ten);
            section += times * ten;
        } else {
            let big = match character {
                '万' | '萬' => 10_000,
                '亿' | '億' => 100_000_000,
                _ => return None,
            };
            section += pending.take().unwrap_or(0);
            if (section == 0 && total == 0) || big >= last_big {
                return None;
            }
            total = total.checked_add(section.checked_mul(big)?)?;
            (section, last_ten, last_big, last_place) = (0, i128::MAX, big, big);
        }
    }
    if pending.is_some_and(|last| last > 0) && last_place > 10 && !behind_zero {
        return None;
    }
    Decimal::try_from_i128_with_scale(total + section + pending.unwrap_or(0), 0).ok()
}

/// A Chinese digit.
pub fn digit(character: char) -> Option<u8> {
    Some(match character {
        '零' | '〇' | '○' => 0,
        '一' | '壹' | '弌' => 1,
        '二' | '贰' | '貳' | '两' => 2,
        '三' | '叁' | '參' | '叄' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' | '陸' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return None,
    })
}

fn ten(character: char) -> Option<i128> {
    Some(match character {
        '十' | '拾' => 10,
        '百' | '佰' => 100,
        '千' | '仟' => 1_000,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect("a number")
    }

    #[test]
    fn plain_numbers() {
        for (text, value) in
            [("2,000,000", "2000000"), ("500000", "500000"), ("634,110.50", "634110.50"), ("0", "0")]
        {
            assert_eq!(plain(text), Some(decimal(value)), "{text}");
        }
        for text in [
            "",
            "1,5",
            "1,,000",
            "12,34",
            "1.2.3",
            ".5",
            "5.",
            "1e5",
            "-5",
            "一",
            ",",
            "1234,567",
            "1,0000",
            "1,000,",
            "1.000,000",
            "123456789012345678901234567890",
        ] {
            assert_eq!(plain(text), None, "{text}");
        }
        let decimals = |text| plain(text).map(|number| (number.mantissa(), number.scale()));
        assert_eq!(decimals("001,234.50"), Some((123_450, 2)), "decimals stay as they are printed");
        assert_eq!(decimals("1234567890123456789.10"), Some((123_456_789_012_345_678_910, 2)));
    }

    proptest! {
        /// Digit by digit it is what the library makes of it.
        #[test]
        fn plain_numbers_are_those_of_the_library(text in "[0-9]{1,4}(,[0-9]{3}){0,8}(\\.[0-9]{1,9})?") {
            let whole = text.split('.').next().unwrap_or_default();
            let is_grouped = whole.split_once(',').is_none_or(|(first, _)| first.len() <= 3);
            let expected = Decimal::from_str_exact(&text.replace(',', "")).ok().filter(|_| is_grouped);
            let parts = |number: Option<Decimal>| number.map(|number| (number.mantissa(), number.scale()));
            prop_assert_eq!(parts(plain(&text)), parts(expected));
        }
    }

    #[test]
    fn chinese_numbers() {
        for (text, value) in [
            ("壹佰贰拾万", "1200000"),
            ("三百五十万", "3500000"),
            ("叁仟肆佰", "3400"),
            ("十五", "15"),
            ("一百零五", "105"),
            ("一万零五百", "10500"),
            ("两亿三千万", "230000000"),
            ("二〇二〇", "2020"),
            ("零", "0"),
        ] {
            assert_eq!(chinese(text), Some(decimal(value)), "{text}");
        }
        for text in [
            "",
            "百",
            "万",
            "一二三百",
            "十百",
            "一千一千",
            "甲",
            "一万一亿",
            "两三",
            "三四",
            "一百五",
            "一万二",
        ] {
            assert_eq!(chinese(text), None, "{text}");
        }
    }
}
