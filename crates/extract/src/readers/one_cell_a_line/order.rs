//! The order in which a dump prints cells, from what it shows of it.
//!
//! Tools print the text of a page as it was drawn, which is cell by cell with its label or class first, or by height,
//! where labels stand in the middle of their cells, or as columns of running text, which tears rows apart. The first can
//! be read, the second in part, the third not at all, and to take one for another gives wrong values; so each must be
//! shown by evidence.

use super::Source;
use super::headings::headings;
use super::labels::label_at;
use super::table::cut;
use crate::readers::Cut;
use crate::readers::aligned::{Word, Words, append};

/// In one of so many rows a value may stand without a name before it.
const TORN_IN: usize = 8;
/// In four of five tables a class comes first.
pub const FIRST: (usize, usize) = (4, 5);

/// In which order a dump prints its cells.
pub fn order(lines: &[Source], words: &Words) -> Cut {
    let (mut tables, mut first) = (0, 0);
    let (mut values, mut torn) = (0, 0);
    let mut at = 0;
    while at < lines.len() {
        let Some(found) = headings(lines, at, words) else {
            at += 1;
            continue;
        };
        if !found.is_plain(words) {
            // A heading that is not with the others, or two tables side by side.
            return Cut::Scrambled;
        }
        let end = found.end;
        tables += 1;
        first += usize::from(begins_with_class(&lines[end..], words));
        let (of_table, torn_of_table, behind) = rows(lines, end, words);
        values += of_table;
        torn += torn_of_table;
        at = behind.max(at + 1);
    }
    if torn * TORN_IN > values {
        return Cut::Scrambled;
    }
    if first * FIRST.1 >= tables * FIRST.0 && whole_labels(lines, words) {
        Cut::LabelsFirst
    } else {
        Cut::LabelsInside
    }
}

/// How many values stand in a table, how many of them with no name since the last, and the line behind the table.
fn rows(lines: &[Source], from: usize, words: &Words) -> (usize, usize, usize) {
    let (mut values, mut torn, mut named, mut at) = (0, 0, false, from);
    while let Some(source) = lines.get(at).filter(|_| !super::table::is_end(lines, at, words)) {
        for part in source.tokens.iter().flat_map(|token| cut(token, false, words)) {
            match words.word(&part) {
                Word::Target => {
                    values += 1;
                    torn += usize::from(!named);
                    named = false;
                }
                Word::Class(_) => {}
                _ => named = true,
            }
        }
        at += 1;
    }
    (values, torn, at)
}

/// Whether a table begins with a class of the first level.
fn begins_with_class(lines: &[Source], words: &Words) -> bool {
    let mut text = String::new();
    lines.iter().take(3).filter_map(|line| line.tokens.first()).any(|token| {
        append(&mut text, token);
        let head = cut(&text, false, words);
        head.first().is_some_and(|head| words.word(head) == Word::Class(0))
    })
}

/// Whether labels that are broken over lines stand together, with none of their value between.
pub fn whole_labels(lines: &[Source], words: &Words) -> bool {
    let (mut together, mut apart, mut at) = (0, 0, 0);
    while at < lines.len() {
        let pieces = label_at(lines, at, words).unwrap_or_default();
        let behind = pieces.last().map_or(at, |last| last.0) + 1;
        if pieces.len() > 1 {
            let whole = pieces.windows(2).all(|two| {
                two[0].0 + 1 == two[1].0
                    && lines.get(two[0].0).is_some_and(|line| line.tokens.len() == two[0].1)
            });
            together += usize::from(whole);
            apart += usize::from(!whole);
        }
        at = behind;
    }
    apart == 0 || apart * 4 < together
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::one_cell_a_line::sources;
    use crate::words::JUDGE;

    #[test]
    fn the_order_of_a_dump_shows_in_its_tables_and_labels() {
        let head = "一级目标\n二级目标\n三级目标\n指标目标值\n";
        for (text, expected) in [
            ("产出目标\n数量\n设备购置数量\n=2\n时效\n完成及时率\n=100%\n", Cut::LabelsFirst),
            ("设备购置数量\n=2\n产出目标\n数量\n完成及时率\n=100%\n", Cut::LabelsInside),
            ("产出目标\n数量\n设备购置数量\n完成及时率\n=2\n=100%\n", Cut::Scrambled),
        ] {
            let words = Words::new(JUDGE);
            assert_eq!(order(&sources(&format!("{head}{text}"), &words), &words), expected, "{text}");
        }
        let words = Words::new(JUDGE);
        let torn = "一级目标\n二级目标\n三级目标\n设备购置数量\n指标目标值\n=2\n";
        assert_eq!(order(&sources(torn, &words), &words), Cut::Scrambled);
        let inside = "是否含有政\n府购买服 否\n务：\n";
        let table = "产出目标\n数量\n设备购置数量\n=2\n";
        assert_eq!(order(&sources(&format!("{inside}{head}{table}"), &words), &words), Cut::LabelsInside);
    }
}
