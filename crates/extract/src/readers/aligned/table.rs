//! Tables with a row of headings: cells by their columns, rows by their names and values, and the classes that stand
//! beside several rows.
//!
//! A class is printed once, in the middle of its rows or beside the first of them, so which rows it holds is decided as
//! for labels (see `bands`). It is put into the first of its rows.

use std::ops::Range;

use jixiao_model::{Cell, Place};

use super::columns::{Placed, pages, placed};
use super::header::{Header, header};
use super::{
    DOUBTED, Extent, Line, Part, Stand, Word, Words, append, cell, fit, joint, room, stacked, stands_alone,
    text_of, weighed_bands,
};

/// The number of the column of names.
pub const NAME: usize = 2;
/// The number of the column of values.
pub const TARGET: usize = 3;
/// What it costs that a class of the first level ends within one of the second.
const WITHIN: f64 = 4.0;
/// What it costs that a class of the first level holds one of the second that belongs to another.
const MISFIT: f64 = 1.0;
/// A table has no more lines that are weighed at once.
const MOST_LINES: usize = 5_000;
/// The first line of a row is so far from the last one of the row above.
const PADDED: f64 = 1.4;
/// What stands on a line of its own between two rows may be so far from the middle between them: nearer to a row it would
/// be printed on its line.
const SLACK: f64 = 0.4;
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
    let columns = pages(&body.iter().collect::<Vec<_>>(), &header.columns);
    let mut lines: Vec<Placed> = Vec::new();
    for (line, columns) in body.iter().zip(&columns) {
        let near = lines.iter().rev().take(NEAR).filter(|above| above.line.page == line.page);
        let above: Vec<_> = near.flat_map(|above| above.starts.iter().copied()).collect();
        let near = lines.iter().rev().take(NEAR).filter(|above| above.line.page == line.page);
        let near: Vec<&Placed> = near.collect();
        lines.push(match header.has_many_values() {
            true => fit::placed(line, columns, &near, words),
            false => placed(line, columns, &above, words),
        });
    }
    let slid = slid(&lines, &header, words);
    lines.iter_mut().zip(slid).for_each(|(line, slid)| line.slid = slid);
    let is_moved = lines.iter().any(|line| line.slid);
    let rows = if header.has_many_values() || !(is_moved || words.by_words) {
        joint::rows(&lines, &header, words)
    } else {
        rows(&lines, &header, words)
    };
    let mut told = told(&lines, &rows, &header, words);
    let is_plain = super::trust::settle(&header, &mut told, words);
    if is_plain {
        header.rows(place, parts);
        emit(told, parts);
    } else {
        // A table that was cut in the wrong places is no table: its lines stay as they are.
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
        .filter(|at| text(*at, name).is_some() || text(*at, target).is_some() || lines[*at].slid)
        .collect();
    let mut rows: Vec<RowLines> = Vec::new();
    let (mut names, mut values) = (String::new(), 0_usize);
    for (index, at) in own.iter().enumerate() {
        let (here, value) = (text(*at, name), text(*at, target).is_some());
        let page = |at: usize| lines[at].line.page;
        let last = index.checked_sub(1).map(|before| own[before]);
        let slid = lines[*at].slid || last.is_some_and(|last| lines[last].slid);
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

/// A row of a table.
pub struct Row {
    /// Where it begins, and on which page.
    pub place: Place,
    page: u32,
    /// The text of each column.
    pub texts: Vec<String>,
    /// How many rows the cell of each column reaches down; none where one from above does.
    pub spans: Vec<Option<u32>>,
}

fn emit(rows: Vec<Row>, parts: &mut Vec<Part>) {
    let mut page = None;
    for row in rows {
        if page.replace(row.page).is_some_and(|before| before != row.page) {
            parts.push(Part::End);
        }
        let place = row.place;
        let cells = row.texts.into_iter().zip(row.spans);
        let cells =
            cells.filter_map(|(text, span)| Some(Cell { row_span: span?, ..cell(text, &place) })).collect();
        parts.push(Part::Row(place, cells));
    }
}

/// The rows with their texts.
fn told(lines: &[Placed<'_>], rows: &[RowLines], header: &Header, words: &Words) -> Vec<Row> {
    let heights = heights(lines, rows);
    let extent = |first: usize, last: usize| Extent {
        top: heights[first],
        bottom: heights[last],
        page: lines[first].line.page,
    };
    let extents: Vec<_> = rows.iter().map(|row| extent(row.start, row.end - 1)).collect();
    // All classes of a table stand in the middle of their rows, or all at the top.
    let stands = if words.label_first { &[Stand::Top][..] } else { &[Stand::Middle, Stand::Top][..] };
    let within = |line: usize| rows.iter().any(|row| row.contains(&line));
    let ways = stands.iter().map(|stand| {
        let classes = |column: usize, role: usize| -> Vec<Class> {
            let found = classes(lines, column, role, words).into_iter();
            let class = |(text, first, last): (String, usize, usize)| Class {
                text,
                extent: extent(first, last),
                // What stands on a line of its own may be anywhere between the lines around it.
                slack: if within(first) || within(last) { 0.0 } else { SLACK },
            };
            found.map(class).collect()
        };
        levels(&extents, header, &classes, *stand, words)
    });
    let levels = ways.min_by(|one, other| one.0.total_cmp(&other.0)).map_or_else(Vec::new, |way| way.1);
    let is_level = |column: usize| levels.iter().any(|level| level.column == column);
    let is_moved = lines.iter().any(|line| line.slid);
    let page_of = |row: usize| rows.get(row).map(|row| lines[row.start].line.page);
    let mut told = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let here = lines[row.start].line.page;
        let place = &lines[row.start].line.place;
        // Notes may stand on lines between this row's and the next one's.
        let next = rows.get(number + 1).map_or(lines.len(), |next| next.start);
        let from = if number == 0 { 0 } else { row.start };
        let mut texts = vec![String::new(); header.columns.len()];
        let next = if lines[row.start].slid { row.end } else { next };
        for line in &lines[from..next] {
            for (column, text) in line.cells.iter().enumerate().filter(|cell| line.slid || !is_level(cell.0))
            {
                append(&mut texts[column], text.as_deref().unwrap_or_default());
            }
        }
        // A class reaches down to the last of its rows on the page, as it does on paper. Rows that have slid stand in its way.
        let mut spans: Vec<Option<u32>> = vec![Some(1); texts.len()];
        for level in &levels {
            let Some((band, text)) = level.held.iter().find(|(band, _)| band.contains(&number)) else {
                continue;
            };
            let begins = band.start == number;
            // Where heights say nothing, a class in the middle of its rows is sure for one of them alone.
            if words.by_words && !words.label_first {
                let cell = |line: &Placed<'_>| line.cells.get(level.column).cloned().flatten();
                let is_own =
                    lines[row.clone()].iter().filter_map(cell).any(|own| text.contains(own.as_str()));
                texts[level.column] = if is_own { text.clone() } else { format!("{DOUBTED}{text}") };
                continue;
            }
            if is_moved || begins && band.len() == 1 {
                if begins {
                    append(&mut texts[level.column], text);
                }
                continue;
            }
            if begins || page_of(number) != page_of(number - 1) {
                let own = (number..band.end).take_while(|row| page_of(*row) == Some(here)).count();
                spans[level.column] = u32::try_from(own).ok();
                texts[level.column].clone_from(text);
            } else {
                spans[level.column] = None;
            }
        }
        told.push(Row { place: place.clone(), page: here, texts, spans });
    }
    if rows.is_empty() {
        told.extend(lines.iter().map(|line| Row {
            place: line.line.place.clone(),
            page: line.line.page,
            texts: line.cells.iter().map(|text| text.clone().unwrap_or_default()).collect(),
            spans: vec![Some(1); line.cells.len()],
        }));
    }
    told
}

/// A class, and where it stands.
struct Class {
    text: String,
    extent: Extent,
    slack: f64,
}

/// The height of each line: those of a row follow one another, and rows are a little further apart. What stands between two
/// rows is of neither.
fn heights(lines: &[Placed<'_>], rows: &[RowLines]) -> Vec<f64> {
    let mut heights: Vec<f64> = Vec::new();
    let mut next = 0.0;
    for row in rows {
        let between = row.start.saturating_sub(heights.len());
        heights.extend(std::iter::repeat_n(next - PADDED / 2.0, between));
        let first = lines[row.start].line.y;
        heights.extend(lines[row.clone()].iter().map(|line| next + line.line.y - first));
        next = heights.last().copied().unwrap_or(0.0) + PADDED;
    }
    let rest = lines.len().saturating_sub(heights.len());
    heights.extend(std::iter::repeat_n(next - PADDED / 2.0, rest));
    heights
}

/// A column of classes: which rows each of them holds.
struct Level {
    column: usize,
    cost: f64,
    held: Vec<(Range<usize>, String)>,
}

/// Which rows each class holds where classes stand so, and what that costs.
fn levels(
    rows: &[Extent],
    header: &Header,
    classes: &dyn Fn(usize, usize) -> Vec<Class>,
    stand: Stand,
    words: &Words,
) -> (f64, Vec<Level>) {
    let of_role = |role: usize| {
        let columns = header.columns.iter().enumerate();
        columns.filter(move |(_, column)| column.role == Some(role)).map(move |(at, _)| (at, role))
    };
    let mut levels: Vec<Level> = Vec::new();
    for (column, role) in of_role(1).chain(of_role(0)) {
        // The nearest column of classes of the second level says what a class of the first may hold.
        let below = levels.iter().find(|level| role == 0 && level.column > column && !level.held.is_empty());
        let classes = classes(column, role);
        let labels: Vec<_> = classes.iter().map(|class| class.extent).collect();
        let slack = |at: usize| classes[at].slack;
        let cut = |at: usize| {
            let begins =
                |level: &Level| level.held.iter().any(|(band, _)| band.start == at || band.end == at);
            let within = at > 0 && at < rows.len() && below.is_some_and(|below| !begins(below));
            if within { WITHIN } else { 0.0 }
        };
        let misfit = |label: usize, band: Range<usize>| {
            let held = below.map_or(&[][..], |below| below.held.as_slice());
            let within = held.iter().filter(|(second, _)| band.contains(&second.start));
            within.filter(|(_, second)| !words.may_hold(&classes[label].text, second)).count() as f64 * MISFIT
        };
        let (cost, bands) = weighed_bands(rows, &labels, &slack, &cut, &misfit, stand);
        let held = bands.into_iter().zip(classes).map(|(band, class)| (band, class.text));
        let mut level = Level { column, cost, held: held.collect() };
        // Sides that hold the same classes share their rows: the one that is plainer says which.
        let of_other = levels.iter_mut().find(|other| {
            let texts = |level: &Level| level.held.iter().map(|held| held.1.clone()).collect::<Vec<_>>();
            role == 1 && texts(other) == texts(&level)
        });
        if let Some(other) = of_other {
            match other.cost <= level.cost {
                true => level.held.clone_from(&other.held),
                false => other.held.clone_from(&level.held),
            }
        }
        levels.push(level);
    }
    (levels.iter().map(|level| level.cost).sum(), levels)
}

/// Which rows have slid to the left on the page itself: their value stands where names do, or before. They are left as they
/// are, for those who know such rows. None has where two tables stand side by side: nobody could tell.
fn slid(lines: &[Placed<'_>], header: &Header, words: &Words) -> Vec<bool> {
    let target = position_of_target(header);
    let many = header.has_many_values();
    (0..lines.len()).map(|at| !many && is_slid(lines, at, target, words)).collect()
}

fn is_slid(lines: &[Placed<'_>], at: usize, target: usize, words: &Words) -> bool {
    let line = &lines[at];
    let printed: Vec<_> =
        line.cells.iter().enumerate().filter_map(|(at, text)| Some((at, text.as_deref()?))).collect();
    // 满意度 in the first column is no class of the second level where 指标 stands below it.
    let below = lines.iter().skip(at + 1).take(NEAR + 1).filter_map(|line| line.cells.first()?.as_deref());
    let first = printed.first().filter(|(at, text)| *at == 0 && words.word(text) == Word::Class(1));
    let is_misplaced = first.is_some_and(|(_, text)| {
        below.into_iter().all(|rest| words.word(&format!("{text}{rest}")) != Word::Class(0))
    });
    if line.cells.len() > target && target >= TARGET && printed.len() > 1 && is_misplaced {
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
pub fn classes(
    lines: &[Placed<'_>],
    column: usize,
    level: usize,
    words: &Words,
) -> Vec<(String, usize, usize)> {
    let printed: Vec<(usize, &str)> = lines
        .iter()
        .enumerate()
        .filter(|(_, line)| !line.slid)
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
            if words.is_class_of(&joined, level) {
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
        classes.push((text, printed[at].0, printed[at + count - 1].0));
        at += count;
    }
    // A row that has slid belongs to no class: it ends those around it.
    let slid = lines.iter().enumerate().filter(|(_, line)| line.slid);
    classes.extend(slid.map(|(at, _)| (String::new(), at, at)));
    classes.sort_by_key(|class| class.1);
    classes
}
