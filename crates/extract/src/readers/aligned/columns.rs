//! In which column of a table each piece of a line stands.
//!
//! Headings say where columns are, and what stands below them how far they reach. A piece that only a blank parts from
//! the one before has no position to go by in dumps; its words and its order tell.

use super::table::{NAME, TARGET};
use super::{Line, Piece, Word, Words, spans};

/// A name and a value that are printed with nothing between have at most so many characters.
const LONGEST: usize = 40;

/// A column of a table.
#[derive(Clone)]
pub struct Column {
    /// Its heading.
    pub text: String,
    /// Its number in the usual order, if its heading is known.
    pub role: Option<usize>,
    /// Where it begins.
    pub x0: f64,
    /// Where it ends.
    pub x1: f64,
}

/// Where the columns are for each line. A dump has other positions on each page; there the pieces of the page tell.
pub fn pages(lines: &[&Line], header: &[Column]) -> Vec<Vec<Column>> {
    let mut all = Vec::new();
    let mut columns = header.to_vec();
    let mut at = 0;
    while at < lines.len() {
        let end = (at..lines.len()).find(|end| lines[*end].page != lines[at].page).unwrap_or(lines.len());
        columns = widened(&lines[at..end], &columns, at == 0);
        all.extend((at..end).map(|_| columns.clone()));
        at = end;
    }
    all
}

fn widened(lines: &[&Line], columns: &[Column], under_header: bool) -> Vec<Column> {
    let firm = |line: &&Line| line.pieces.iter().filter(|piece| !piece.soft).cloned().collect::<Vec<_>>();
    let mut pieces: Vec<Piece> = lines.iter().flat_map(firm).collect();
    pieces.sort_by(|one, other| one.x0.total_cmp(&other.x0));
    if !under_header {
        let all: Vec<&Piece> = lines.iter().flat_map(|line| &line.pieces).collect();
        let own = [pieces.iter().collect(), all].into_iter().find_map(|pieces| moved(pieces, columns));
        if let Some(own) = own {
            return own;
        }
    }
    let mut widened = columns.to_vec();
    for piece in &pieces {
        let over = |column: &Column| piece.x0 < column.x1 && piece.x1 > column.x0;
        let mut hit = (0..widened.len()).filter(|at| over(&widened[*at]));
        if let (Some(at), None) = (hit.next(), hit.next()) {
            widened[at].x0 = widened[at].x0.min(piece.x0);
            widened[at].x1 = widened[at].x1.max(piece.x1);
        }
    }
    // What stands below no heading shows how far the column nearest to it reaches.
    let away = |piece: &Piece, column: &Column| (piece.x0 - column.x1).max(column.x0 - piece.x1);
    let mut outside: Vec<(f64, &Piece)> = (pieces.iter())
        .map(|piece| (away(piece, &widened[nearest(&widened, piece)]), piece))
        .filter(|(away, _)| *away >= 0.0)
        .collect();
    outside.sort_by(|one, other| one.0.total_cmp(&other.0));
    for (_, piece) in outside {
        let at = nearest(&widened, piece);
        if away(piece, &widened[at]) >= 0.0 {
            widened[at].x0 = widened[at].x0.min(piece.x0);
            widened[at].x1 = widened[at].x1.max(piece.x1);
        }
    }
    widened
}

/// The columns where the pieces of a page stand, if there are as many. What heads all rows may stand on another page.
fn moved(pieces: Vec<&Piece>, columns: &[Column]) -> Option<Vec<Column>> {
    let spans = spans(pieces);
    let group = columns.first().filter(|first| first.role.is_none() && spans.len() + 1 == columns.len());
    if group.is_none() && spans.len() != columns.len() {
        return None;
    }
    let left = spans.first().map_or(0.0, |first| first.0);
    let group = group.map(|group| Column { x0: left - 2.0, x1: left - 1.0, ..group.clone() });
    let rest = columns.iter().skip(usize::from(group.is_some())).zip(spans);
    let rest = rest.map(|(column, (x0, x1))| Column { x0, x1, ..column.clone() });
    Some(group.into_iter().chain(rest).collect())
}

/// A line with its texts in their columns.
pub struct Placed<'l> {
    /// The line.
    pub line: &'l Line,
    /// Its texts, one for each column.
    pub cells: Vec<Option<String>>,
    /// Where texts begin that more than a blank parts from what stands before them, and their columns.
    pub starts: Vec<(f64, usize)>,
    /// Whether it is a row that has slid to the left.
    pub slid: bool,
}

fn nearest(columns: &[Column], piece: &Piece) -> usize {
    let away = |column: &Column| {
        let overlap = piece.x1.min(column.x1) - piece.x0.max(column.x0);
        if overlap > 0.0 { -overlap } else { (piece.x0 - column.x1).max(column.x0 - piece.x1).max(0.0) }
    };
    let all = columns.iter().enumerate();
    all.min_by(|one, other| away(one.1).total_cmp(&away(other.1))).map_or(0, |(at, _)| at)
}

/// Puts the pieces of a line into columns. Where only blanks part them their positions say little: they follow one
/// another, and a piece more than there are columns goes on with the one before.
/// A text that begins right below another (`above` has where those begin, and their columns) is of the same cell.
pub fn placed<'l>(line: &'l Line, columns: &[Column], above: &[(f64, usize)], words: &Words) -> Placed<'l> {
    let mut cells: Vec<Option<String>> = vec![None; columns.len()];
    let pieces = apart(line, columns, false, words);
    let mut starts = Vec::new();
    let mut at = 0;
    let mut from = 0;
    while at < pieces.len() {
        let end = (at + 1..pieces.len()).find(|end| !pieces[*end].soft).unwrap_or(pieces.len());
        let run = &pieces[at..end];
        let below = above.iter().find(|(x0, _)| (x0 - run[0].x0).abs() < 0.5).map(|above| above.1);
        let first = below.unwrap_or_else(|| nearest(columns, &run[0])).max(from).min(columns.len() - 1);
        let limit = pieces.get(end).map_or(columns.len(), |next| nearest(columns, next)).max(first + 1);
        let mut column = first;
        for (index, piece) in run.iter().enumerate() {
            if index > 0
                && goes_on(
                    cells[column].as_deref().unwrap_or_default(),
                    &run[index..],
                    column,
                    limit,
                    columns,
                    words,
                )
            {
                if let Some(text) = &mut cells[column] {
                    text.push(' ');
                    text.push_str(&piece.text);
                }
                continue;
            }
            if index > 0 {
                column += 1;
            }
            // Behind a name that stands in a column of classes, the row as a whole has slid.
            let slid = index > 0
                && words.word(&run[index - 1].text) == Word::Name
                && columns[column - 1].role < Some(NAME);
            if !slid && index > 0 {
                column = fitting(column, &piece.text, columns, limit, words);
            }
            match &mut cells[column] {
                Some(text) => {
                    text.push(' ');
                    text.push_str(&piece.text);
                }
                empty => *empty = Some(piece.text.clone()),
            }
        }
        starts.push((run[0].x0, first));
        from = column + 1;
        at = end;
    }
    Placed { line, cells, starts, slid: false }
}

/// The pieces of a line, with a name and its value put apart that a dump prints with nothing between: 改造学校数15所.
/// With `known`, only a text that is known to begin is put apart where it begins.
pub fn apart(line: &Line, columns: &[Column], known: bool, words: &Words) -> Vec<Piece> {
    let follow = columns.windows(2).any(|pair| pair[0].role == Some(NAME) && pair[1].role == Some(TARGET));
    let cut = |piece: &Piece| -> Option<usize> {
        if !follow
            || !matches!(words.word(&piece.text), Word::Other | Word::Target)
            || piece.text.chars().count() > LONGEST
        {
            return None;
        }
        let is_value = |text: &str| {
            text.starts_with(|c: char| c.is_ascii_digit() || "≥≤=＝><".contains(c))
                && words.word(text) == Word::Target
        };
        let cuts = piece.text.char_indices().skip(2).filter_map(|(at, _)| piece.text.split_at_checked(at));
        let ends = |head: &str, tail: &str| match words.word(head) {
            Word::Name => is_value(tail),
            // Of two tables side by side: ≥90%质量指标.
            Word::Target => matches!(words.word(tail), Word::Class(_)),
            _ => false,
        };
        let cut = cuts.into_iter().find(|(head, tail)| ends(head, tail));
        cut.map(|(head, _)| head.len())
    };
    let is_class = |text: &str| matches!(words.word(text), Word::Class(_));
    let count = |text: &str| text.chars().count();
    // Where the next column begins, one that runs into it has ended: 满意度服务对象满.
    let at_border = |piece: &Piece| -> Option<usize> {
        let at = columns.iter().rposition(|column| column.x0 <= piece.x0 + 0.5)?;
        let next = columns.get(at + 1)?;
        let is_over = piece.x0 + 1.5 < next.x0 && piece.x1 > next.x0 + 0.5;
        let word = Some(words.word(&piece.text)).filter(|word| matches!(word, Word::Other | Word::Name))?;
        if !is_over || columns[at].role.is_none() {
            return None;
        }
        // 社会效益指居民知晓率 is no name, though it ends as one; 服务水平提升可控 ends with a value.
        let cuts = piece.text.char_indices().skip(2).filter_map(|(at, _)| piece.text.split_at_checked(at));
        let parts = |(head, tail): &(&str, &str)| match next.role {
            Some(TARGET) => word == Word::Other && count(tail) > 1 && words.word(tail) == Word::Target,
            _ => {
                (words.begins(head) || is_class(head))
                    && (count(tail) > 1 && words.begins(tail)
                        || is_class(tail)
                        || words.word(tail) == Word::Name)
            }
        };
        let by_words = cuts.collect::<Vec<_>>().into_iter().rev().find(parts).map(|(head, _)| head.len());
        let border = (next.x0 - piece.x0).round().max(0.0) as usize;
        let by_place = || piece.text.char_indices().nth(border).map(|(at, _)| at);
        by_words.or_else(|| by_place().filter(|_| !known && word == Word::Other))
    };
    // Nothing but a value begins with a sign.
    let at_sign = |piece: &Piece| -> Option<usize> {
        let next = columns.iter().rposition(|column| column.x0 <= piece.x0 + 0.5)? + 1;
        let is_over = columns.get(next).is_some_and(|next| piece.x1 > next.x0 + 0.5);
        let mut signs = piece.text.char_indices().skip(2).filter(|(_, c)| "≥≤=＝><".contains(*c));
        signs.next().map(|(at, _)| at).filter(|_| known && is_over && words.word(&piece.text) != Word::Target)
    };
    let cut = |piece: &Piece| cut(piece).or_else(|| at_sign(piece)).or_else(|| at_border(piece));
    let mut pieces = Vec::new();
    for piece in &line.pieces {
        match cut(piece).and_then(|at| piece.text.split_at_checked(at)) {
            Some((head, tail)) => {
                let border = piece.x0 + head.chars().count() as f64;
                pieces.push(Piece { x1: border, text: head.to_owned(), ..piece.clone() });
                pieces.push(Piece { x0: border, text: tail.to_owned(), soft: true, ..piece.clone() });
            }
            None => pieces.push(piece.clone()),
        }
    }
    pieces
}

/// Whether a piece behind a blank is of the same cell as what stands before it.
fn goes_on(
    before: &str,
    rest: &[Piece],
    column: usize,
    limit: usize,
    columns: &[Column],
    words: &Words,
) -> bool {
    if column + 1 >= limit {
        return true;
    }
    let (word, piece) = (|text: &str| words.word(text), &rest[0]);
    if columns[column].role == Some(TARGET) && is_unit_of(before, &piece.text, words) {
        return true;
    }
    if matches!(word(&piece.text), Word::Target | Word::Class(_))
        || matches!(word(before), Word::Class(_) | Word::Target)
    {
        return false;
    }
    // A name of several words is whole with the last before the value.
    columns[column].role == Some(NAME)
        && columns.get(column + 1).is_some_and(|next| next.role == Some(TARGET))
        && (rest.len() > 1 || (word(before) != Word::Name && word(&piece.text) == Word::Name))
}

/// Whether a short word is the unit of the number before it: `=12 个`.
pub fn is_unit_of(number: &str, text: &str, words: &Words) -> bool {
    const LONGEST: usize = 6;
    let is_plain = text.starts_with(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, '/' | '(' | '（' | ')' | '）'));
    words.word(number) == Word::Target
        && number.ends_with(|c: char| c.is_ascii_digit())
        && text.chars().count() <= LONGEST
        && is_plain
        && words.word(text) == Word::Other
}

/// The column for a piece behind a blank: a class goes to its own, a value to the column of values.
fn fitting(column: usize, text: &str, columns: &[Column], limit: usize, words: &Words) -> usize {
    let wanted = match words.word(text) {
        Word::Class(level) => Some(level),
        Word::Target if columns[column].role.is_some_and(|role| role < TARGET) => Some(TARGET),
        Word::Name if columns[column].role.is_some_and(|role| role < NAME) => Some(NAME),
        _ => None,
    };
    let own = wanted.and_then(|role| (column..limit).find(|at| columns[*at].role == Some(role)));
    own.unwrap_or(column).min(columns.len() - 1)
}
