//! Tables with a row of headings: cells by their columns, rows by their names and values, and the classes that stand
//! beside several rows.
//!
//! A class is printed once, in the middle of its rows or beside the first of them, so which rows it holds is decided as
//! for labels (see `bands`). It is put into the first of its rows.

use std::ops::Range;

use super::columns::{Placed, pages, placed};
use super::header::{Header, header};
use super::{
    Extent, Line, Part, Stand, Word, Words, append, bands, cell, joint, room, stacked, stands_alone, text_of,
};

/// The number of the column of names.
pub const NAME: usize = 2;
/// The number of the column of values.
pub const TARGET: usize = 3;
/// What it costs that a class of the first level ends within one of the second.
const WITHIN: f64 = 4.0;
/// A table has no more lines that are weighed at once.
const MOST_LINES: usize = 5_000;
/// A class or a name is broken over at most so many lines.
const BROKEN: usize = 6;
/// The lines of a cell are no further from one another than so many lines.
const NEAR: usize = 2;
/// The pieces of what stands at the left of a table are no further from one another than so many lines in all.
const GROUP_LINES: usize = 12;

/// Reads the table under these headings. Returns how many lines it takes.
pub fn read(lines: &[Line], mut header: Header, words: &Words, parts: &mut Vec<Part>) -> usize {
    let place = &lines[0].place;
    let end = end(lines, &header, words);
    let body_lines = &lines[..end];
    let mut after = Vec::new();
    let mut body = Vec::new();
    for line in &lines[header.lines..end] {
        // A page's number goes behind the table that it cuts.
        if words.furniture(&text_of(line)) && line.pieces.len() == 1 {
            after.push(Part::Line(line.place.clone(), text_of(line)));
        } else {
            body.push(line.clone());
        }
    }
    take_group(&mut body, &mut header, words);
    let before = parts.len();
    header.rows(place, parts);
    let first = parts.len();
    let columns = pages(&body.iter().collect::<Vec<_>>(), &header.columns);
    let mut lines: Vec<Placed> = Vec::new();
    for (line, columns) in body.iter().zip(&columns) {
        let near = lines.iter().rev().take(NEAR).filter(|above| above.line.page == line.page);
        let above: Vec<_> = near.flat_map(|above| above.starts.iter().copied()).collect();
        lines.push(placed(line, columns, &above, words));
    }
    let is_moved = lines.iter().any(|line| is_slid(line, position_of_target(&header), words));
    let rows = if header.has_many_values() || !(is_moved || words.by_words) {
        joint::rows(&lines, &header, words)
    } else {
        rows(&lines, &header, words)
    };
    emit(&lines, &rows, &header, words, parts);
    if !super::trust::is_plain(&header, parts.get(first..).unwrap_or_default(), words) {
        // A table that was cut in the wrong places is no table: its lines stay as they are.
        parts.truncate(before);
        parts.push(Part::End);
        parts.extend(body_lines.iter().map(|line| Part::Line(line.place.clone(), text_of(line))));
    }
    if !after.is_empty() {
        parts.push(Part::End);
        parts.extend(after);
    }
    end
}

/// The pieces at the left of all columns from this line on, if they say what the rows beside them are: 年度绩效指标, whole or
/// broken.
fn group(lines: &[Line], header: &Header, words: &Words) -> Option<String> {
    let edge = header.columns.first()?.x0;
    let mut text = String::new();
    let left = lines.iter().take(GROUP_LINES).filter_map(|line| line.pieces.first());
    left.filter(|piece| piece.x1 <= edge).find_map(|piece| {
        append(&mut text, &piece.text);
        words.is_group(&text).then(|| text.clone())
    })
}

/// Makes a column of what stands at the left of all others and says what the rows are.
fn take_group(lines: &mut Vec<Line>, header: &mut Header, words: &Words) {
    let Some(edge) = header.columns.first().map(|column| column.x0) else { return };
    let from = lines.iter().position(|line| line.pieces.first().is_some_and(|piece| piece.x1 <= edge));
    let Some(text) = from.and_then(|from| group(&lines[from..], header, words)) else { return };
    let mut rest = text.as_str();
    let (mut x0, mut x1) = (edge, 0.0_f64);
    for line in lines.iter_mut() {
        let Some(piece) = line.pieces.first().filter(|piece| piece.x1 <= edge) else { continue };
        let Some(behind) = rest.strip_prefix(piece.text.as_str()).filter(|_| !rest.is_empty()) else {
            continue;
        };
        rest = behind;
        (x0, x1) = (x0.min(piece.x0), x1.max(piece.x1));
        line.pieces.remove(0);
        if let Some(first) = line.pieces.first_mut() {
            first.soft = false;
        }
    }
    lines.retain(|line| !line.pieces.is_empty());
    header.put_group(text, x0, x1);
}

/// The line with which the table has ended.
fn end(lines: &[Line], header: &Header, words: &Words) -> usize {
    let right = header.columns.last().map_or(0.0, |column| column.x0);
    let is_end = |at: usize| {
        let line = &lines[at];
        let first = &line.pieces[0];
        let furniture = words.furniture(&text_of(line));
        if header.columns.first().is_some_and(|column| first.x1 <= column.x0)
            && group(&lines[at..], header, words).is_some()
        {
            return false;
        }
        let class = matches!(words.word(&first.text), Word::Class(_) | Word::Column(_));
        // A label stands at the left: 项目总成本 below 三级指标 is a name.
        let is_left = header.columns.get(1).is_none_or(|column| first.x0 < column.x0);
        let known = is_left
            && (!class && (words.is_label(&first.text) || words.is_answered(&first.text))
                || (stacked::starts(&lines[at..], words) && !starts_class(&lines[at..], words)));
        let prose = line.pieces.iter().skip(1).all(|piece| piece.soft)
            && room(&text_of(line)) > 60
            && first.x0 < right;
        !furniture
            && (stands_alone(line, words) || known || prose || self::header(&lines[at..], words).is_some())
    };
    (header.lines..lines.len().min(MOST_LINES)).find(|at| is_end(*at)).unwrap_or(lines.len().min(MOST_LINES))
}

/// Whether the first pieces of these lines make a class.
fn starts_class(lines: &[Line], words: &Words) -> bool {
    let mut text = String::new();
    lines.iter().take(BROKEN).filter_map(|line| line.pieces.first()).any(|piece| {
        append(&mut text, &piece.text);
        matches!(words.word(&text), Word::Class(_))
    })
}

fn position_of_target(header: &Header) -> usize {
    let target = header.columns.iter().position(|column| column.role == Some(TARGET));
    target.unwrap_or(header.columns.len() - 1)
}

/// Which lines make up a row.
type RowLines = Range<usize>;

/// Cuts the lines into rows: each name with its value.
fn rows(lines: &[Placed<'_>], header: &Header, words: &Words) -> Vec<RowLines> {
    let position = |role: usize| header.columns.iter().position(|column| column.role == Some(role));
    let name = position(NAME).unwrap_or(0);
    let target = position_of_target(header);
    let text = |at: usize, column: usize| lines[at].cells.get(column).and_then(Option::as_deref);
    let widest = (0..lines.len()).filter_map(|at| text(at, name)).map(room).max().unwrap_or(0);
    let is_name = |text: &str| words.word(text) == Word::Name;
    // Lines that print anything of a row itself.
    let own: Vec<usize> = (0..lines.len())
        .filter(|at| {
            text(*at, name).is_some() || text(*at, target).is_some() || is_slid(&lines[*at], target, words)
        })
        .collect();
    let mut rows: Vec<RowLines> = Vec::new();
    let (mut names, mut values) = (String::new(), 0_usize);
    for (index, at) in own.iter().enumerate() {
        let (here, value) = (text(*at, name), text(*at, target).is_some());
        let page = |at: usize| lines[at].line.page;
        let last = index.checked_sub(1).map(|before| own[before]);
        let slid = is_slid(&lines[*at], target, words)
            || last.is_some_and(|last| is_slid(&lines[last], target, words));
        let joins = !slid && rows.last().is_some() && last.is_some_and(|last| page(last) == page(*at)) && {
            let above = last.and_then(|last| text(last, name)).unwrap_or_default();
            match here {
                // A value alone is that of the name above, or its rest.
                None => values == 0 || is_rest(lines, &own, index, name, target),
                Some(_) if value && values > 0 => false,
                Some(here) if names.is_empty() => !is_name(here) || values > 0,
                Some(here) => {
                    let whole = format!("{names}{here}");
                    let both = is_name(&names) && is_name(here);
                    (room(above) + 3 >= widest && !(both && room(above) + 1 < widest))
                        || (!is_name(&names) && is_name(&whole) && !is_name(here))
                        || (!is_name(&names) && values == 0)
                }
            }
        };
        if joins {
            if let Some(row) = rows.last_mut() {
                row.end = at + 1;
            }
            append(&mut names, here.unwrap_or_default());
            values += usize::from(value);
        } else {
            rows.push(*at..at + 1);
            here.unwrap_or_default().clone_into(&mut names);
            values = usize::from(value);
        }
    }
    rows
}

/// Whether a value alone on its line goes on with the value above: the next name has its own.
fn is_rest(lines: &[Placed<'_>], own: &[usize], index: usize, name: usize, target: usize) -> bool {
    let has = |at: usize, column: usize| lines[at].cells.get(column).is_some_and(Option::is_some);
    own.get(index + 1).is_none_or(|next| has(*next, target) || !has(*next, name))
}

fn emit(lines: &[Placed<'_>], rows: &[RowLines], header: &Header, words: &Words, parts: &mut Vec<Part>) {
    // Over the ends of pages the heights go on.
    let extents: Vec<_> = rows
        .iter()
        .map(|row| Extent {
            top: row.start as f64,
            bottom: (row.end - 1) as f64,
            page: lines[row.start].line.page,
        })
        .collect();
    // No row has slid where two tables stand side by side: nobody could tell.
    let stand = if words.label_first { Stand::Top } else { Stand::Either };
    let target = if header.has_many_values() { 0 } else { position_of_target(header) };
    let mut levels: Vec<(usize, Vec<(usize, String)>)> = Vec::new();
    let mut begun: Vec<(usize, Vec<usize>)> = Vec::new();
    let of_role = |role: usize| {
        let columns = header.columns.iter().enumerate();
        columns.filter(move |(_, column)| column.role == Some(role)).map(move |(at, _)| (at, role))
    };
    for (column, role) in of_role(1).chain(of_role(0)) {
        let starts = begun.iter().find(|(second, _)| role == 0 && *second > column).map(|begun| &begun.1);
        let classes = classes(lines, column, role, target, words);
        let labels: Vec<_> = classes.iter().map(|class| class.1).collect();
        let page = |row: usize| rows.get(row).map(|row| lines[row.start].line.page);
        let cut = |at: usize| {
            let within = starts.is_some_and(|starts| !starts.contains(&at));
            let new_page = at > 0 && page(at) != page(at - 1);
            (if within { WITHIN } else { 0.0 }) - if new_page { 0.2 } else { 0.0 }
        };
        let bands = bands(&extents, &labels, &cut, &|_, _| 0.0, stand);
        if role == 1 && !bands.is_empty() {
            begun.push((column, bands.iter().map(|band| band.start).chain([rows.len()]).collect()));
        }
        let first = bands.iter().zip(&classes).map(|(band, class)| (band.start, class.0.clone()));
        levels.push((column, first.collect()));
    }
    let is_level = |column: usize| levels.iter().any(|level| level.0 == column);
    let mut page = None;
    for (number, row) in rows.iter().enumerate() {
        let here = lines[row.start].line.page;
        if page.replace(here).is_some_and(|before| before != here) {
            parts.push(Part::End);
        }
        let place = &lines[row.start].line.place;
        // Notes may stand on lines between this row's and the next one's.
        let next = rows.get(number + 1).map_or(lines.len(), |next| next.start);
        let from = if number == 0 { 0 } else { row.start };
        let mut texts = vec![String::new(); header.columns.len()];
        let next = if is_slid(&lines[row.start], target, words) { row.end } else { next };
        for line in &lines[from..next] {
            let slid = is_slid(line, target, words);
            for (column, text) in line.cells.iter().enumerate().filter(|cell| slid || !is_level(cell.0)) {
                append(&mut texts[column], text.as_deref().unwrap_or_default());
            }
        }
        for (column, first) in &levels {
            for (_, text) in first.iter().filter(|first| first.0 == number) {
                append(&mut texts[*column], text);
            }
        }
        parts.push(Part::Row(place.clone(), texts.into_iter().map(|text| cell(text, place)).collect()));
    }
    if rows.is_empty() {
        let printed = lines.iter().map(|line| (&line.line.place, &line.cells));
        parts.extend(printed.map(|(place, cells)| {
            let texts = cells.iter().map(|text| cell(text.clone().unwrap_or_default(), place));
            Part::Row(place.clone(), texts.collect())
        }));
    }
}

/// Whether a row has slid to the left on the page itself: its value stands where names do, or before. It is left as it is,
/// for those who know such rows.
fn is_slid(line: &Placed<'_>, target: usize, words: &Words) -> bool {
    let printed: Vec<_> =
        line.cells.iter().enumerate().filter_map(|(at, text)| Some((at, text.as_deref()?))).collect();
    let misplaced = |(at, text): &(usize, &str)| *at == 0 && words.word(text) == Word::Class(1);
    if line.cells.len() > target
        && target >= TARGET
        && printed.len() > 1
        && printed.first().is_some_and(misplaced)
    {
        return true;
    }
    match printed.as_slice() {
        [.., _, (at, value)] => {
            *at < target
                && words.word(value) == Word::Target
                && line.line.pieces.iter().filter(|piece| !piece.soft).count() > 1
        }
        _ => false,
    }
}

/// The classes in a column, with those put together that a narrow column breaks.
fn classes(
    lines: &[Placed<'_>],
    column: usize,
    level: usize,
    target: usize,
    words: &Words,
) -> Vec<(String, Extent)> {
    let printed: Vec<(usize, &str)> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !is_slid(line, target, words))
        .filter_map(|(at, line)| Some((at, line.cells.get(column)?.as_deref()?)))
        .collect();
    let widest = printed.iter().map(|(_, text)| room(text)).max().unwrap_or(0);
    let mut classes = Vec::new();
    let mut at = 0;
    while at < printed.len() {
        let mut joined = String::new();
        let mut known = None;
        for (count, (_, text)) in printed[at..].iter().take(BROKEN).enumerate() {
            append(&mut joined, text);
            if words.word(&joined) == Word::Class(level) {
                known = Some((count + 1, joined.clone()));
            }
        }
        let (count, text) = known.unwrap_or_else(|| {
            let mut joined = printed[at].1.to_owned();
            let mut count = 1;
            while let Some((line, text)) = printed.get(at + count)
                && *line == printed[at + count - 1].0 + 1
                && room(printed[at + count - 1].1) + 2 > widest
                && !matches!(words.word(text), Word::Class(_))
                && count < BROKEN
            {
                append(&mut joined, text);
                count += 1;
            }
            (count, joined)
        });
        let extent = Extent {
            top: printed[at].0 as f64,
            bottom: printed[at + count - 1].0 as f64,
            page: lines[printed[at].0].line.page,
        };
        classes.push((text, extent));
        at += count;
    }
    // A row that has slid belongs to no class: it ends those around it.
    let slid = lines.iter().enumerate().filter(|(_, line)| is_slid(line, target, words));
    classes.extend(slid.map(|(at, line)| {
        (String::new(), Extent { top: at as f64, bottom: at as f64, page: line.line.page })
    }));
    classes.sort_by(|one, other| one.1.top.total_cmp(&other.1.top));
    classes
}
