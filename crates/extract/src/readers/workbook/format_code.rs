//! Number format codes to their parts (ECMA-376, part 1, 18.8.31).

/// A format: up to four sections, for numbers above, below and at zero, and for text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Format {
    /// The sections in their order.
    pub sections: Vec<Section>,
}

/// One section of a format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// What it prints, in order.
    pub tokens: Vec<Token>,
    /// For which numbers it is, where it says that itself: `[>=100]`.
    pub condition: Option<(Comparison, String)>,
    /// Whether digits are Chinese: `[DBNum1]`.
    pub chinese_digits: bool,
}

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// What a section prints at one point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// Text as it stands.
    Literal(String),
    /// A digit: `0`, `#` or `?`.
    Digit(char),
    /// The decimal point.
    Point,
    /// A comma: between thousands, or a division by a thousand.
    Comma,
    /// A percent sign, which also multiplies.
    Percent,
    /// `E+` or `E-`, and whether a plus is printed.
    Exponent(bool),
    /// The number without a format.
    General,
    /// The text of the cell.
    Text,
    /// Years, months or minutes, days, hours, seconds, weekdays: the letter and how many of it.
    Date(char, usize),
    /// Hours, minutes or seconds that go on beyond a day: `[h]`.
    Elapsed(char, usize),
    /// `AM/PM` (0), `A/P` (1) or `上午/下午` (2).
    HalfDay(usize),
}

impl Section {
    /// Whether it prints a date or a time.
    pub fn is_date(&self) -> bool {
        self.tokens
            .iter()
            .any(|token| matches!(token, Token::Date(..) | Token::Elapsed(..) | Token::HalfDay(_)))
    }
}

/// The words for a number without a format; the second is what Chinese versions write.
const GENERAL: [&str; 2] = ["general", "g/通用格式"];

/// The words for the halves of a day.
const HALF_DAYS: [(&str, usize); 3] = [("am/pm", 0), ("a/p", 1), ("上午/下午", 2)];

/// Reads a format code; none if it says what is not known here, such as a fraction.
pub fn parse(code: &str) -> Option<Format> {
    /// Spreadsheets take no longer ones.
    const LONGEST: usize = 255;
    let characters: Vec<char> = code.chars().take(LONGEST + 1).collect();
    if characters.len() > LONGEST {
        return None;
    }
    let mut format = Format::default();
    let mut section = Section::default();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        let rest = &characters[at..];
        if let Some(word) = GENERAL.iter().find(|word| begins_with(rest, word)) {
            section.tokens.push(Token::General);
            at += word.chars().count();
            continue;
        }
        if let Some((word, kind)) = HALF_DAYS.iter().find(|(word, _)| begins_with(rest, word)) {
            section.tokens.push(Token::HalfDay(*kind));
            at += word.chars().count();
            continue;
        }
        at += match character {
            ';' => {
                format.sections.push(std::mem::take(&mut section));
                1
            }
            '"' => {
                let length = rest.iter().skip(1).position(|c| *c == '"')?;
                section.tokens.push(Token::Literal(rest[1..=length].iter().collect()));
                length + 2
            }
            '\\' | '!' => {
                section.tokens.push(Token::Literal(rest.get(1)?.to_string()));
                2
            }
            // A blank as wide as the next character.
            '_' => {
                section.tokens.push(Token::Literal(" ".to_owned()));
                2
            }
            // A character that fills the cell.
            '*' => 2,
            '[' => {
                let length = rest.iter().position(|c| *c == ']')?;
                bracket(&rest[1..length], &mut section)?;
                length + 1
            }
            _ => plain(rest, &mut section)?,
        };
    }
    format.sections.push(section);
    (format.sections.len() <= 4).then_some(format)
}

fn begins_with(characters: &[char], word: &str) -> bool {
    let mut characters = characters.iter();
    word.chars().all(|expected| {
        characters.next().is_some_and(|c| *c == expected || c.to_ascii_lowercase() == expected)
    })
}

/// What stands in brackets: a condition, a currency, the kind of digits, elapsed time, a colour.
fn bracket(content: &[char], section: &mut Section) -> Option<()> {
    let text: String = content.iter().collect();
    let lower = text.to_ascii_lowercase();
    if let Some(currency) = text.strip_prefix('$') {
        let symbol = currency.split('-').next().unwrap_or_default();
        if !symbol.is_empty() {
            section.tokens.push(Token::Literal(symbol.to_owned()));
        }
    } else if let Some(condition) = condition(&text) {
        section.condition = Some(condition);
    } else if lower == "dbnum1" {
        section.chinese_digits = true;
    } else if lower.starts_with("dbnum") {
        return None;
    } else if let Some(unit) = lower.chars().next().filter(|c| "hms".contains(*c))
        && lower.chars().all(|c| c == unit)
    {
        section.tokens.push(Token::Elapsed(unit, lower.len()));
    }
    Some(())
}

fn condition(text: &str) -> Option<(Comparison, String)> {
    use Comparison::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let signs = [
        ("<=", LessOrEqual),
        (">=", GreaterOrEqual),
        ("<>", NotEqual),
        ("<", Less),
        (">", Greater),
        ("=", Equal),
    ];
    let (sign, comparison) = signs.iter().find(|(sign, _)| text.starts_with(sign))?;
    let number = text.strip_prefix(sign)?.trim();
    number.parse::<f64>().ok()?;
    Some((*comparison, number.to_owned()))
}

/// A character without quotes; returns how many it takes.
fn plain(rest: &[char], section: &mut Section) -> Option<usize> {
    let character = rest[0];
    let lower = character.to_ascii_lowercase();
    let run = rest.iter().take_while(|c| c.to_ascii_lowercase() == lower).count();
    let (token, length) = match lower {
        '0' | '#' | '?' => (Token::Digit(character), 1),
        '.' => (Token::Point, 1),
        ',' => (Token::Comma, 1),
        '%' => (Token::Percent, 1),
        '@' => (Token::Text, 1),
        'e' if matches!(rest.get(1), Some('+' | '-')) => (Token::Exponent(rest[1] == '+'), 2),
        // East Asian formats also call the year `e`.
        'e' => (Token::Date('y', 4), run),
        'y' | 'm' | 'd' | 'h' | 's' => (Token::Date(lower, run), run),
        'a' if run >= 3 => (Token::Date('a', run), run),
        // Fractions; and the years of eras and of the Buddha.
        '/' if section.tokens.iter().any(|token| matches!(token, Token::Digit(_))) => return None,
        'g' | 'b' => return None,
        _ => (Token::Literal(character.to_string()), 1),
    };
    section.tokens.push(token);
    Some(length)
}

/// The codes that a workbook does not spell out, as Chinese versions show them (18.8.30; dates and money follow the
/// computer's own settings).
pub fn built_in(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        5 | 6 => "\"¥\"#,##0;\"¥\"\\-#,##0",
        7 | 8 => "\"¥\"#,##0.00;\"¥\"\\-#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        14 => "yyyy/m/d",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 => "h:mm AM/PM",
        19 => "h:mm:ss AM/PM",
        20 => "h:mm",
        21 => "h:mm:ss",
        22 => "yyyy/m/d h:mm",
        27 | 36 | 50 | 52 | 57 => "yyyy\"年\"m\"月\"",
        28 | 29 | 51 | 53 | 54 | 58 => "m\"月\"d\"日\"",
        30 => "m-d-yy",
        31 => "yyyy\"年\"m\"月\"d\"日\"",
        32 => "h\"时\"mm\"分\"",
        33 => "h\"时\"mm\"分\"ss\"秒\"",
        34 | 55 => "上午/下午h\"时\"mm\"分\"",
        35 | 56 => "上午/下午h\"时\"mm\"分\"ss\"秒\"",
        37 | 38 => "#,##0;-#,##0",
        39 | 40 => "#,##0.00;-#,##0.00",
        41 => "#,##0;-#,##0;\"-\";@",
        42 => "\"¥\"#,##0;\"¥\"-#,##0;\"¥\"\"-\";@",
        43 => "#,##0.00;-#,##0.00;\"-\";@",
        44 => "\"¥\"#,##0.00;\"¥\"-#,##0.00;\"¥\"\"-\";@",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mmss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    }
}
