//! Policy documents that a text cites: 《title》 with the 文号 that stands beside it, or a 文号 alone.
//!
//! What stands in brackets behind a title and has not the shape of a number (`（试行）`) is none. A title within a title is
//! a part of it. A number alone counts where its abbreviation is one that `issuers.toml` has, or where its beginning is
//! plain: at the beginning of a clause, behind another citation, or behind a word that leads to one.

use std::sync::LazyLock;

use jixiao_model::fold::is_blank;
use memchr::memchr;
use memchr::memmem::Finder;

use crate::document_number::{
    DocumentNumber, LONGEST_ABBREVIATION, begins_issuer, character, is_at, is_chinese_digit, is_closing,
    is_opening, is_word, issuer_at, parse_number, skip, skip_blanks, word_end,
};
use crate::text::Narrative;

/// A cited document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cited {
    /// Its title, without 《》.
    pub title: Option<String>,
    /// Its number.
    pub number: Option<DocumentNumber>,
}

/// A title that never closes is not searched for further than this.
const LONGEST_TITLE: usize = 300;

/// More characters than stand before the 号 of any number that [`parse_number`] reads, blanks not counted.
const LONGEST_NUMBER: usize = 64;

/// More characters than stand in a number from one of its brackets and digits to the next.
const LONGEST_WORD: usize = LONGEST_ABBREVIATION + 4;

/// Most texts cite no more documents than this.
const FEW: usize = 8;

static TITLE: LazyLock<Finder> = LazyLock::new(|| Finder::new("《"));
static TITLE_END: LazyLock<Finder> = LazyLock::new(|| Finder::new("》"));
static NUMBER: LazyLock<Finder> = LazyLock::new(|| Finder::new("号"));

/// All citations in a running text, in its order, each title and number once.
pub fn citations(narrative: &Narrative<'_>) -> Vec<Cited> {
    let text = &*narrative.text;
    // Without any of them there is nothing to look for.
    let marks = marks(text);
    if marks.is_empty() {
        return Vec::new();
    }
    // Lines end anywhere.
    if memchr(b'\n', text.as_bytes()).is_some() {
        let joined = text.replace('\n', "");
        return citations_at(&joined, self::marks(&joined));
    }
    citations_at(text, marks)
}

/// Where 《 and 号 stand in a text.
fn marks(text: &str) -> Vec<usize> {
    let mut marks: Vec<usize> = TITLE.find_iter(text.as_bytes()).collect();
    let titles = marks.len();
    marks.extend(NUMBER.find_iter(text.as_bytes()));
    if titles > 0 && titles < marks.len() {
        marks.sort_unstable();
    }
    marks
}

fn citations_at(text: &str, marks: Vec<usize>) -> Vec<Cited> {
    let mut found: Vec<Cited> = Vec::with_capacity(marks.len().min(FEW));
    let mut next = 0;
    // A number that stood right before this place.
    let mut before: Option<(usize, DocumentNumber)> = None;
    for at in beginnings(text, marks) {
        // It is a part of what was read already.
        if at < next {
            continue;
        }
        if let Some((title, behind)) = title_at(text, at) {
            let (number, behind) = number_behind(text, behind);
            let number = number.or(before.take().filter(|(stood, _)| *stood == at).map(|(_, number)| number));
            // Its brackets are part of a published name, so it stays as it is in the clean text, but for blanks around it.
            let title = Some(title.trim_matches(' ')).filter(|title| !title.is_empty());
            found.push(Cited { title: title.map(str::to_owned), number });
            next = behind;
        } else if let Some((number, end)) = number_in_text(text, at, next) {
            next = skip_blanks(text, skip(text, end, is_closing));
            if is_at(text, next, '《') {
                before = Some((next, number));
            } else {
                found.push(Cited { title: None, number: Some(number) });
            }
        }
    }
    retain_first(&mut found);
    found
}

/// Lets go of what is cited a second time, and of what has neither title nor number.
fn retain_first(found: &mut Vec<Cited>) {
    let key = |index: usize| {
        let Cited { title, number } = &found[index];
        (title.as_deref(), number.as_ref().map(|number| number.canonical.as_str()))
    };
    // There are few, so that they are sorted sooner than put into a set.
    let mut order: Vec<usize> = (0..found.len()).filter(|index| key(*index) != (None, None)).collect();
    order.sort_by(|one, other| key(*one).cmp(&key(*other)));
    order.dedup_by(|next, first| key(*next) == key(*first));
    if order.len() < found.len() {
        order.sort_unstable();
        let (mut kept, mut index) = (order.into_iter().peekable(), 0..);
        found.retain(|_| index.next().is_some_and(|index| kept.next_if_eq(&index).is_some()));
    }
}

/// The places where a citation may begin: at a title, or at a word before a 号 that stands behind a digit, from which
/// nothing but what numbers are made of leads to it. From the end on, and from mark to mark: what lies between is not
/// looked at.
fn beginnings(text: &str, mut marks: Vec<usize>) -> Vec<usize> {
    let mut beginnings = Vec::with_capacity(marks.len());
    let mut from = text.len();
    while let Some(mark) = std::iter::from_fn(|| marks.pop()).find(|mark| *mark < from) {
        let before = text.get(..mark + '号'.len_utf8()).unwrap_or_default();
        // How many characters of a number may still come, and how many of the word that is gone over.
        let (mut reach, mut word, mut is_behind_digit) = (0_usize, 0_usize, false);
        for (at, character) in before.char_indices().rev() {
            from = at;
            let is_word = is_word(character);
            if !is_word && is_blank(character) {
                continue;
            }
            let is_digit = character.is_ascii_digit() || is_chinese_digit(character);
            if is_behind_digit && is_digit {
                (reach, word) = (LONGEST_NUMBER, LONGEST_WORD);
            }
            is_behind_digit = character == '号';
            let is_bracket = || !is_word && (is_opening(character) || is_closing(character));
            if is_digit || character == '第' || is_bracket() {
                word = LONGEST_WORD;
            } else {
                word = if is_word { word.saturating_sub(1) } else { 0 };
            }
            if word == 0 {
                reach = 0;
            }
            if character == '《' || (reach > 0 && is_word) {
                beginnings.push(at);
            }
            reach = reach.saturating_sub(1);
            if reach == 0 && !is_behind_digit {
                break;
            }
        }
    }
    beginnings.reverse();
    beginnings
}

/// The title that opens at `at`, without 《》, and the place behind it.
fn title_at(text: &str, at: usize) -> Option<(&str, usize)> {
    let open = text.get(at..)?.strip_prefix('《')?;
    // Mostly it closes soon, and no other opens within it.
    let ahead = open.as_bytes();
    let ahead = ahead.get(..LONGEST_TITLE - 1).unwrap_or(ahead);
    let is_whole = |end: &usize| ahead.get(..*end).is_some_and(|title| TITLE.find(title).is_none());
    let end = TITLE_END.find(ahead).filter(is_whole).or_else(|| end_of_nested(open))?;
    let (title, behind) = open.split_at_checked(end)?;
    Some((title, text.len() - behind.len() + '》'.len_utf8()))
}

/// Where a title closes within which others open and close; `open` is what stands behind its 《.
fn end_of_nested(open: &str) -> Option<usize> {
    let (mut depth, mut end) = (1_u32, None);
    for (index, character) in open.char_indices().take(LONGEST_TITLE - 1) {
        depth += u32::from(character == '《');
        if character == '》' {
            depth -= 1;
            // An inner title that was never closed must not swallow the outer one: then the first 》 closes it.
            end = end.filter(|_| depth > 0).or(Some(index));
            if depth == 0 {
                break;
            }
        }
    }
    end
}

/// The number behind a title, in brackets or not, and the place behind it. A title may first say `（试行）`.
fn number_behind(text: &str, at: usize) -> (Option<DocumentNumber>, usize) {
    let mut start = skip_blanks(text, at);
    for _ in 0..2 {
        if !character(text, start).is_some_and(is_opening) {
            break;
        }
        if let Some((number, end)) = number_in_bracket(text, start) {
            return (Some(number), end);
        }
        let Some(close) = close_of(text, start) else { return (None, at) };
        start = skip_blanks(text, skip(text, close, is_closing));
    }
    match parse_number(text, start) {
        Some((number, end)) => (Some(number), end),
        None => (None, at),
    }
}

/// `（国发〔2018〕32号）`, `（科协发学字〔2017〕42）号`, `（国办发[2016]10号，以下简称…）`.
fn number_in_bracket(text: &str, open: usize) -> Option<(DocumentNumber, usize)> {
    let (mut number, end) = parse_number(text, skip_blanks(text, skip(text, open, is_opening)))?;
    let close = close_of(text, open).filter(|close| *close >= end)?;
    let behind = skip(text, close, is_closing);
    let outside = skip_blanks(text, behind);
    if !text.get(..end)?.ends_with('号') && is_at(text, outside, '号') {
        number.split = true;
        return Some((number, outside + '号'.len_utf8()));
    }
    // `（国发〔2018〕32号、国发〔2018〕33号）`: another number follows, which is read next.
    let further = skip(text, end, |c| matches!(c, '、' | '，' | '；' | ',' | ';'));
    let another = Some(skip_blanks(text, further))
        .filter(|another| further > end && number_in_text(text, *another, *another).is_some());
    Some((number, another.unwrap_or(behind)))
}

/// Where the bracket that opens at `open` closes, brackets within it counted.
fn close_of(text: &str, open: usize) -> Option<usize> {
    let mut depth = 0_u32;
    text.get(open..)?.char_indices().take(LONGEST_TITLE).find_map(|(index, c)| {
        if is_opening(c) {
            depth += 1;
        } else if is_closing(c) {
            depth -= 1;
        }
        (depth == 0).then_some(open + index)
    })
}

/// A number in running text, which ends with 号. Words before it would else be taken for a part of it, so it begins with a
/// known abbreviation, or where words cannot be before it; `next` is where the citation before it ended, or 0.
fn number_in_text(text: &str, at: usize, next: usize) -> Option<(DocumentNumber, usize)> {
    if !is_word(character(text, at)?) {
        return None;
    }
    let before = text.get(..at)?;
    let is_behind = !before.chars().next_back().is_some_and(is_word);
    let is_led = || at == next || leads(before) || is_joined(text, at, next);
    // Mostly a word goes on here, and a number that begins within one has a known issuer.
    if !is_behind && !begins_issuer(text, at) && !is_led() {
        return None;
    }
    let (number, end) = parse_number(text, at)?;
    // An order names its issuer in full before 第.
    let is_order = text.get(..end)?.ends_with('令');
    if number.issuer.is_some() {
        // 江财预 is not 财预: what stands before may only be a word of its own.
        let is_own_word = || issuer_at(text, at) && (is_led() || before.ends_with(|c| BEFORE.contains(c)));
        let is_whole = is_order || text.get(..end)?.ends_with('号');
        return (is_whole && (is_behind || is_order || is_own_word())).then_some((number, end));
    }
    ((is_behind || is_led()) && is_plain(text, at, end, next)).then_some((number, end))
}

/// Words that lead to a number in running text, and are no part of one.
const LEADS: [&str; 20] = [
    "根据", "依据", "按照", "依照", "遵照", "参照", "贯彻", "落实", "执行", "结合", "符合", "以及", "印发",
    "下发", "转发", "关于", "详见", "参见", "文件", "通知",
];
/// Characters that may stand before a known abbreviation, and are no part of a longer one.
const BEFORE: &str = "的了和及与或按据依照经由以为对从自如见即将在";
/// What joins a number to the citation before it.
const JOINING: &str = "和及与";

/// Whether a text ends with a word that leads to a number.
fn leads(before: &str) -> bool {
    LEADS.iter().any(|word| before.ends_with(word))
}

/// Whether what stands before is the one character that joins it to the citation that ended at `next`.
fn is_joined(text: &str, at: usize, next: usize) -> bool {
    next > 0 && at > next && at == skip(text, next, |c| JOINING.contains(c))
}

/// Whether a number of an issuer that nobody has described is one for sure: an abbreviation without words that lead to it,
/// a year in brackets, a serial, and 号, which no house or line is named by.
fn is_plain(text: &str, at: usize, end: usize, next: usize) -> bool {
    /// A place, an office and a kind take no more characters; a longer run is a sentence.
    const LONGEST: usize = 10;
    let behind = word_end(text, at, LONGEST + 1);
    let abbreviation = text.get(at..behind).unwrap_or_default();
    let has_year = character(text, skip_blanks(text, behind)).is_some_and(is_opening);
    // `经江府发〔2020〕4号`: one character that leads to a number is not told from the first of an abbreviation.
    let is_joined = at == next && next > 0 && abbreviation.starts_with(|c| JOINING.contains(c));
    let is_led = is_joined || abbreviation.starts_with(|c| "经按据依由如见即".contains(c));
    let has_lead = LEADS.iter().any(|word| abbreviation.contains(word));
    let goes_on = character(text, end).is_some_and(|c| is_word(c) && !"文和及与等的中精要规通之".contains(c));
    // Contracts are numbered in the same way.
    let is_contract = abbreviation.ends_with("合同") || abbreviation.ends_with("协议");
    abbreviation.chars().count() <= LONGEST
        && !is_contract
        && has_year
        && !has_lead
        && !is_led
        && !goes_on
        && text.get(..end).is_some_and(|whole| whole.ends_with('号'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::narrative;
    use proptest::prelude::*;

    fn cited(text: &str) -> Vec<Cited> {
        narrative(text).as_ref().map(citations).unwrap_or_default()
    }

    fn check(text: &str, expected: &[&str]) {
        let shown = cited(text).into_iter().map(|cited| {
            let number = cited.number.map_or_else(String::new, |number| {
                let split = if number.split { "!" } else { "" };
                format!(
                    "|{}|{}|{:?}|{}{split}",
                    number.canonical,
                    number.issuer.unwrap_or("?"),
                    number.year.unwrap_or(0),
                    number.serial
                )
            });
            cited.title.unwrap_or_default() + &number
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn titles_and_numbers() {
        check(
            "《国务院意见》（国发〔2018〕32号）、《普及法》",
            &["国务院意见|国发〔2018〕32号|国务院|2018|32", "普及法"],
        );
        check("《通知》(国办发[2016]10号)文件", &["通知|国办发〔2016〕10号|国务院办公厅|2016|10"]);
        check(
            "《复函》（沪机管局【2018】34号）",
            &["复函|沪机管局〔2018〕34号|上海市机关事务管理局|2018|34"],
        );
        check(
            "《意见》（科协发学字〔2017〕42）号，3、",
            &["意见|科协发学字〔2017〕42号|中国科学技术协会|2017|42!"],
        );
        check("《通知》（沪组委2019发字126号）", &["通知|沪组委2019发字126号|中共上海市委组织部|2019|126"]);
        check("《评估办法》（民政部令〔2010〕第39号）", &["评估办法|民政部令〔2010〕第39号|民政部|2010|39"]);
        check("《通知》（沪府办﹝2016﹞59号）", &["通知|沪府办〔2016〕59号|上海市人民政府办公厅|2016|59"]);
        check("《意见》（国发〈2018〉32号）", &["意见|国发〔2018〕32号|国务院|2018|32"]);
        check(
            "《意见》（国发〔2018〕32号、国发〔2018〕33号）",
            &["意见|国发〔2018〕32号|国务院|2018|32", "|国发〔2018〕33号|国务院|2018|33"],
        );
        check("《办法》（财政部令第71号）", &["办法|财政部令第71号|财政部|0|71"]);
        check("根据财预〔2021〕101号文件", &["|财预〔2021〕101号|财政部|2021|101"]);
        check("财预〔2015〕88号《管理办法》", &["管理办法|财预〔2015〕88号|财政部|2015|88"]);
        check(
            "《修订版》（试行）（沪科协〔2017〕66号）",
            &["修订版|沪科协〔2017〕66号|上海市科学技术协会|2017|66"],
        );
    }

    #[test]
    fn orders_and_chinese_digits() {
        check("《预算法》（主席令第七十一号）", &["预算法|主席令第七十一号|中华人民共和国主席|0|71"]);
        check(
            "依据中华人民共和国主席令第二十二号，",
            &["|中华人民共和国主席令第二十二号|中华人民共和国主席|0|22"],
        );
        check("《意见》（国发〔二〇一八〕32号）", &["意见|国发〔二〇一八〕32号|国务院|2018|32"]);
        check("《意见》（国发〔二○一八〕三十二号）", &["意见|国发〔二○一八〕三十二号|国务院|2018|32"]);
        check("《条例》（国务院令第721号）", &["条例|国务院令第721号|国务院|0|721"]);
        check("《条例》（国务院令第 721 号）、", &["条例|国务院令第721号|国务院|0|721"]);
        check("《条例》（中华人民共和国国务院令721号）", &["条例|中华人民共和国国务院令721号|国务院|0|721"]);
        check(
            "按国务院第721号令和财政部第71号令",
            &["|国务院第721号令|国务院|0|721", "|财政部第71号令|财政部|0|71"],
        );
        check("《办法》（财政部令第一百零二号）", &["办法|财政部令第一百零二号|财政部|0|102"]);
        check("本令第三条、国务院第三次会议、口令第三十号", &[]);
    }

    #[test]
    fn numbers_of_issuers_that_nobody_has_described() {
        check(
            "《防治条例》（国务院令第394号）、綦江府办发〔2021〕18号和江财预[2022]7号文件",
            &[
                "防治条例|国务院令第394号|国务院|0|394",
                "|綦江府办发〔2021〕18号|?|2021|18",
                "|江财预〔2022〕7号|?|2022|7",
            ],
        );
        check("我局根据江府发〔2021〕18号的要求", &["|江府发〔2021〕18号|?|2021|18"]);
        check("《办法》；湘财资环〔2021〕55号", &["办法", "|湘财资环〔2021〕55号|湖南省财政厅|2021|55"]);
        check("按财资环〔2021〕55号", &["|财资环〔2021〕55号|财政部|2021|55"]);
        // Not of the Ministry, whatever the end of it looks like.
        check("我区今年收到转来江财资〔2021〕55号", &[]);
        check("江水务发（2020）3号；经江府发〔2020〕4号同意", &["|江水务发〔2020〕3号|?|2020|3"]);
        // Where the words before it end is not told.
        check("我市已经市政府常务会议审定的江府发〔2020〕4号", &[]);
        check("经江府发〔2020〕4号，", &[]);
        check("采购合同（2020）12号、合作协议〔2021〕3号", &[]);
        check("维修教学楼（2020）3号楼、泵站〔2020〕3号线", &[]);
    }

    #[test]
    fn what_is_no_number() {
        check("《培训费管理办法》（2017年8月1日修订）", &["培训费管理办法"]);
        check("《规划（2016-2020年）》（以下简称《纲要》）", &["规划（2016-2020年）", "纲要"]);
        check("第十三条，2020年32号", &[]);
    }

    #[test]
    fn titles_within_titles() {
        check(
            "《贯彻落实〈关于印发〈实施方案〉的通知〉的意见》（科协发学字〔2015〕60号）",
            &["贯彻落实〈关于印发〈实施方案〉的通知〉的意见|科协发学字〔2015〕60号|中国科学技术协会|2015|60"],
        );
        check("《关于印发《办法》的通知》", &["关于印发《办法》的通知"]);
        check("《甲》、《甲》，《未完", &["甲"]);
        let longest = format!("《{}》", "长".repeat(LONGEST_TITLE - 2));
        check(&longest, &[longest.trim_matches(['《', '》'])]);
        check(&format!("《长{}》", "长".repeat(LONGEST_TITLE - 2)), &[]);
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[《》（）〔〕第号令字国发财预0-9Ａ 　\u{200B}、\n]{0,60}") {
            let cited = cited(&text);
            let titles = cited.iter().filter_map(|cited| cited.title.as_deref());
            for title in titles {
                let clean = narrative(title);
                prop_assert_eq!(clean.as_ref().map(|clean| &*clean.text), Some(title));
            }
            let keys = cited.iter().map(|cited| (&cited.title, cited.number.as_ref().map(|number| &number.canonical)));
            prop_assert_eq!(keys.collect::<std::collections::BTreeSet<_>>().len(), cited.len());
        }

        #[test]
        fn a_number_is_found_wherever_one_begins(
            text in "([一-三财国务院令发办第字〔〕（）]|国发|财政部令|沪组委|2018|〔2018〕| |十|[0-9]|号|号令){0,40}"
        ) {
            let beginnings = beginnings(&text, marks(&text));
            for (at, _) in text.char_indices() {
                prop_assert!(number_in_text(&text, at, 0).is_none() || beginnings.contains(&at), "{} {}", text, at);
            }
        }
    }
}
