//! Rows of labels and their values: the labels at the left edge, each beside one line or many.

use std::ops::Range;

use super::{Extent, Line, Part, Piece, Stand, Words, append, bands, cell, is_ended, room, stacked, text_of};

/// How far from the left edge a label may begin, where labels are centred in their column.
const INDENT: f64 = 3.0;
/// How many lines away others show where values begin.
const NEAR: usize = 15;
/// What it costs to end a cell behind a line that runs to its edge and is no whole sentence.
const BROKEN: f64 = 2.5;
/// What it costs to end a cell where no more than the usual distance is left.
const NO_GAP: f64 = 0.3;
/// What speaks for an end behind a line that does not run to its edge.
const SHORT: f64 = 0.8;
/// Tables within cells are looked for so deep.
const DEPTH: usize = 3;
/// What stands in a bracket of a label has at most so many words.
const BRACKET: usize = 4;
/// A label is broken over at most so many lines.
const LABEL_LINES: usize = 8;

/// Reads a stretch of lines of one page.
pub fn read(lines: &[Line], words: &Words, parts: &mut Vec<Part>) {
    let lines: Vec<Line> = lines.iter().map(bracketed).collect();
    let kinds = kinds(&lines, words);
    let mut at = 0;
    while at < lines.len() {
        let same = |end: &usize| (kinds[*end] == Kind::Text) == (kinds[at] == Kind::Text);
        let end = (at..lines.len()).take_while(same).last().map_or(at + 1, |last| last + 1);
        if kinds[at] == Kind::Text {
            parts.push(Part::End);
            read_text(&lines[at..end], words, parts);
        } else {
            read_rows(&lines[at..end], &kinds[at..end], words, DEPTH, parts);
        }
        at = end;
    }
    parts.push(Part::End);
}

/// A line with the words at its left put together that are within a bracket: `(2026 年-`, `2027 年)`.
fn bracketed(line: &Line) -> Line {
    let run = line.pieces.iter().skip(1).take_while(|piece| piece.soft).count();
    let mut text = line.pieces.first().map_or(String::new(), |piece| piece.text.clone());
    let is_open = |text: &str| text.rfind(['(', '（']) > text.rfind([')', '）']);
    let closes = |text: &str| !text.contains(['(', '（']) && text.ends_with([')', '）']);
    let mut taken = 0;
    let mut longer = text.clone();
    for (at, piece) in line.pieces.iter().enumerate().skip(1).take(run.min(BRACKET)) {
        let is_inside = is_open(&longer);
        longer.push(' ');
        longer.push_str(&piece.text);
        if is_inside || closes(&longer) {
            taken = at;
            text.clone_from(&longer);
        }
        if closes(&piece.text) {
            break;
        }
    }
    if taken == 0 {
        return line.clone();
    }
    let mut pieces = line.pieces.clone();
    let x1 = pieces[taken].x1;
    pieces.drain(1..=taken);
    if let Some(first) = pieces.first_mut() {
        (first.text, first.x1) = (text, x1);
    }
    Line { pieces, ..line.clone() }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Text over the whole width.
    Text,
    /// Its first piece is a label or a part of one; the values begin at this number of pieces.
    Left(usize),
    /// Values alone.
    Right,
}

/// Where the values of a line begin, if that is plain.
fn value_start(line: &Line, margin: f64, words: &Words) -> Option<f64> {
    let first = line.pieces.first()?;
    if first.x0 > margin + INDENT {
        return Some(first.x0);
    }
    let second = line.pieces.get(1)?;
    (!second.soft || words.is_label(&first.text)).then_some(second.x0)
}

fn kinds(lines: &[Line], words: &Words) -> Vec<Kind> {
    let margin = lines.iter().filter_map(|line| line.pieces.first()).map(|piece| piece.x0);
    let margin = margin.fold(f64::INFINITY, f64::min);
    let starts: Vec<_> = lines.iter().map(|line| value_start(line, margin, words)).collect();
    let kind = |(at, line): (usize, &Line)| {
        let Some(first) = line.pieces.first() else { return Kind::Text };
        if first.x0 > margin + INDENT {
            return Kind::Right;
        }
        let from = at.saturating_sub(NEAR);
        let others = starts.iter().enumerate().take(at + NEAR + 1).skip(from).filter(|other| other.0 != at);
        let others: Vec<(usize, f64)> = others.filter_map(|(other, x)| Some((other, (*x)?))).collect();
        if let Some(second) = line.pieces.get(1) {
            let aligned = others.iter().any(|(_, x)| (x - second.x0).abs() <= 1.5);
            let is_named =
                words.is_label(&first.text) || words.is_line(&first.text) && words.is_label(&second.text);
            if is_named || (aligned && first.x1 <= second.x0 && room(&first.text) <= 48) {
                return Kind::Left(1);
            }
            return if line.pieces.iter().skip(1).any(|piece| !piece.soft) && !aligned && others.is_empty() {
                Kind::Left(1)
            } else {
                Kind::Text
            };
        }
        let nearest = others.iter().min_by_key(|(other, _)| other.abs_diff(at));
        match nearest {
            Some((_, x)) if first.x1 <= x + 0.5 && !words.is_answered(&first.text) => Kind::Left(1),
            _ => Kind::Text,
        }
    };
    lines.iter().enumerate().map(kind).collect()
}

/// Lines of running text: one that is full goes on in the next.
fn read_text(lines: &[Line], words: &Words, parts: &mut Vec<Part>) {
    let widest = lines.iter().map(|line| room(&text_of(line))).max().unwrap_or(0);
    let mut open: Option<(&Line, String)> = None;
    for (at, line) in lines.iter().enumerate() {
        let text = text_of(line);
        let above = at.checked_sub(1).map(|above| text_of(&lines[above]));
        let goes_on = above.is_some_and(|above| is_full(&above, widest) && room(&above) > 30)
            && !words.is_label(&text)
            && !words.is_answered(&text)
            && !stacked::starts(&lines[at..], words);
        match &mut open {
            Some((_, before)) if goes_on => append(before, &text),
            _ => {
                parts.extend(open.take().map(|(line, text)| Part::Line(line.place.clone(), text)));
                open = Some((line, text));
            }
        }
    }
    parts.extend(open.map(|(line, text)| Part::Line(line.place.clone(), text)));
}

/// Whether a line reaches the edge of its cell, whose widest line is known.
fn is_full(text: &str, widest: usize) -> bool {
    room(text) + 4 >= widest
}

fn read_rows(lines: &[Line], kinds: &[Kind], words: &Words, depth: usize, parts: &mut Vec<Part>) {
    let labels = labels(lines, kinds, words);
    let values: Vec<String> = lines.iter().zip(kinds).map(|(line, kind)| value_text(line, *kind)).collect();
    let widest = values.iter().map(|text| room(text)).max().unwrap_or(0);
    let units: Vec<_> =
        lines.iter().map(|line| Extent { top: line.y, bottom: line.y, page: line.page }).collect();
    let extents: Vec<_> = labels
        .iter()
        .map(|label| Extent {
            top: lines[label.lines[0]].y,
            bottom: lines[*label.lines.last().unwrap_or(&0)].y,
            page: lines[label.lines[0]].page,
        })
        .collect();
    // The last line with a value up to each line, and the first from it on: a label may stand on a line of its own.
    let mut before: Vec<usize> = (0..lines.len()).collect();
    let mut after = before.clone();
    let own_lines = if words.label_first { 0..0 } else { 1..lines.len() };
    for at in own_lines.clone() {
        if values[at].is_empty() {
            before[at] = before[at - 1];
        }
    }
    for at in own_lines.rev() {
        if values[at - 1].is_empty() {
            after[at - 1] = after[at];
        }
    }
    // Where cells stand beside one another, a short line fills a narrow one.
    let many = |at: usize| {
        let is_firm = |line: &Line| line.pieces.iter().filter(|piece| !piece.soft).count() > 2;
        lines.get(at).is_some_and(is_firm)
    };
    let gaps_tell = lines.iter().filter(|line| line.gap).count() * 4 < lines.len();
    let cut = |at: usize| {
        let Some(last) = at.checked_sub(1).and_then(|above| before.get(above).copied()) else { return 0.0 };
        let above = &values[last];
        let gap = lines.get(at).is_none_or(|line| line.gap);
        let runs = lines[last].pieces.iter().filter(|piece| !piece.soft).count() <= 2;
        // A cell with a line above its label and one below.
        let is_around = |at: usize| many(at) && is_split_around(lines, kinds, at);
        let around = !words.label_first && (is_around(at) || is_around(at - 1));
        let broken = runs && room(above) > 24 && is_full(above, widest) && !is_ended(above);
        let below = after.get(at).is_none_or(|at| !values[*at].is_empty());
        let beside = many(at) || last.checked_sub(1).is_some_and(many);
        let short = runs && !beside && !above.is_empty() && widest > 40 && !is_full(above, widest) && below;
        (if (broken && below) || around || is_among_amounts(lines, kinds, at, words) { BROKEN } else { 0.0 })
            + if gap || !gaps_tell { 0.0 } else { NO_GAP }
            - if short { SHORT } else { 0.0 }
    };
    let own = units.get(..lines.len() - nested_below(lines, kinds, &labels, words)).unwrap_or(&units);
    // A goal holds no amounts.
    let is_part = |line: &Line| line.pieces.first().is_some_and(|piece| words.is_part(&piece.text));
    let nested: Vec<bool> =
        lines.iter().zip(kinds).map(|(line, kind)| *kind == Kind::Right && is_part(line)).collect();
    let goals: Vec<bool> = labels.iter().map(|label| words.is_goal(&label.text)).collect();
    let misfit = |label: usize, band: Range<usize>| {
        let holds = goals[label] && nested.get(band).is_some_and(|lines| lines.contains(&true));
        if holds { BROKEN } else { 0.0 }
    };
    let bands = bands(own, &extents, &cut, &misfit, stand(&labels, words));
    let mut next = 0;
    for (label, band) in labels.iter().zip(&bands) {
        read_band(lines, kinds, next..band.start, None, words, depth, parts);
        read_band(lines, kinds, band.clone(), Some(label), words, depth, parts);
        next = band.end.max(next);
    }
    read_band(lines, kinds, next..lines.len(), None, words, depth, parts);
}

/// How many cells are left blank before a line that begins with a label below one that others have at the right.
fn lead(line: &Line, lines: &[Line], words: &Words) -> usize {
    let starts = |line: &Line| line.pieces.first().map_or(0.0, |piece| piece.x0);
    let margin = lines.iter().map(starts).fold(f64::INFINITY, f64::min);
    let Some(first) = line.pieces.first().filter(|first| first.x0 > margin + INDENT) else { return 0 };
    let below = |other: &Line| {
        let pieces = hardened(other, words, &|_| false);
        let at = pieces
            .iter()
            .position(|piece| words.is_label(&piece.text) && (piece.x0 - first.x0).abs() <= INDENT);
        at.filter(|at| *at > 1)
    };
    if words.is_label(&first.text) { lines.iter().find_map(below).unwrap_or(0) } else { 0 }
}

/// Whether a line of several cells leaves one blank that has text right above and right below, each alone on its line.
fn is_split_around(lines: &[Line], kinds: &[Kind], at: usize) -> bool {
    let alone = |at: Option<usize>| {
        let at = at.filter(|at| kinds.get(*at) == Some(&Kind::Right))?;
        lines.get(at).filter(|line| line.pieces.len() == 1)?.pieces.first()
    };
    let over = |one: &Piece, other: &Piece| one.x0 < other.x1 && other.x0 < one.x1;
    let (Some(above), Some(below)) = (alone(at.checked_sub(1)), alone(Some(at + 1))) else { return false };
    over(above, below) && !lines[at].pieces.iter().any(|piece| over(piece, above))
}

/// Where labels stand: a line of another text between the lines of one shows that they are in the middle.
fn stand(labels: &[LeftLabel], words: &Words) -> Stand {
    let is_parted = |label: &LeftLabel| label.lines.windows(2).any(|pair| pair[1] > pair[0] + 1);
    match words.label_first {
        true => Stand::Top,
        false if labels.iter().any(is_parted) => Stand::Middle,
        false => Stand::Either,
    }
}

/// Whether a line begins with a part of an amount, and others stand above it: they are of one cell, and no form gives each
/// of them a label at the left.
fn is_among_amounts(lines: &[Line], kinds: &[Kind], at: usize, words: &Words) -> bool {
    let has_amount = |line: &Line| line.pieces.iter().any(|piece| words.is_amount(&piece.text));
    let is_part = |line: &Line| line.pieces.first().is_some_and(|piece| words.is_part(&piece.text));
    let above = at.saturating_sub(2)..at;
    kinds.get(at) == Some(&Kind::Right)
        && lines.get(at).is_some_and(is_part)
        && lines.get(above).is_some_and(|above| above.iter().any(has_amount))
}

/// How many lines at the end have labels of their own, below a last label that has its value beside it: they are of a
/// label that stands further below.
fn nested_below(lines: &[Line], kinds: &[Kind], labels: &[LeftLabel], words: &Words) -> usize {
    let Some(last) = labels.last().and_then(|label| label.lines.last()) else { return 0 };
    let is_label = |piece: Option<&Piece>| piece.is_some_and(|piece| words.is_label(&piece.text));
    let valued = lines[*last].pieces.len() > 1 && !is_label(lines[*last].pieces.get(1));
    let nested = |at: &usize| kinds[*at] == Kind::Right && is_label(lines[*at].pieces.first());
    if valued { (last + 1..lines.len()).rev().take_while(nested).count() } else { 0 }
}

/// What stands beside the label on a line.
fn value_text(line: &Line, kind: Kind) -> String {
    let skipped = if let Kind::Left(values) = kind { values } else { 0 };
    let texts: Vec<_> = line.pieces.iter().skip(skipped).map(|piece| piece.text.as_str()).collect();
    texts.join(" ")
}

/// A label at the left, and the lines on which it stands.
struct LeftLabel {
    text: String,
    lines: Vec<usize>,
}

/// Puts the labels together that a narrow column breaks: a known one wherever its pieces stand, one that is not known
/// up to its colon, or as far as there is no gap.
fn labels(lines: &[Line], kinds: &[Kind], words: &Words) -> Vec<LeftLabel> {
    let left: Vec<usize> = (0..lines.len()).filter(|at| matches!(kinds[*at], Kind::Left(_))).collect();
    let text = |at: usize| lines[at].pieces.first().map_or("", |piece| piece.text.as_str());
    let known = |from: usize| {
        let mut joined = String::new();
        let mut found = None;
        for (count, at) in left[from..].iter().take(LABEL_LINES).enumerate() {
            append(&mut joined, text(*at));
            if words.is_label(&joined) || words.is_line(&joined) {
                found = Some((count + 1, joined.clone()));
            }
        }
        found
    };
    let mut labels = Vec::new();
    let mut at = 0;
    while at < left.len() {
        let (count, text) = known(at).unwrap_or_else(|| {
            let mut joined = text(left[at]).to_owned();
            let mut count = 1;
            while let Some(next) = left.get(at + count)
                && (*next == left[at + count - 1] + 1 || is_around(lines, left[at + count - 1], *next))
                && !joined.ends_with([':', '：'])
                && !lines[*next].gap
                && (lines[*next - 1].pieces.len() <= 2 || is_around(lines, left[at + count - 1], *next))
                && count < LABEL_LINES
                && known(at + count).is_none()
            {
                append(&mut joined, text(*next));
                count += 1;
            }
            (count, joined)
        });
        labels.push(LeftLabel { text, lines: left[at..at + count].to_vec() });
        at += count;
    }
    labels
}

/// Whether two pieces at the left stand above and below the one line of their value, as those of a label do.
fn is_around(lines: &[Line], above: usize, below: usize) -> bool {
    let alone = |at: usize| lines[at].pieces.len() == 1;
    below == above + 2 && alone(above) && alone(below) && !lines[above + 1].gap && !lines[below].gap
}

fn read_band(
    lines: &[Line],
    kinds: &[Kind],
    band: Range<usize>,
    label: Option<&LeftLabel>,
    words: &Words,
    depth: usize,
    parts: &mut Vec<Part>,
) {
    let Some(first) = lines.get(band.start).filter(|_| !band.is_empty()) else { return };
    if label.is_none() {
        parts.push(Part::End);
    }
    let inner: Vec<Line> = band
        .clone()
        .filter_map(|at| {
            let skipped = if let Kind::Left(values) = kinds[at] { values } else { 0 };
            let pieces: Vec<_> = lines[at].pieces.iter().skip(skipped).cloned().collect();
            (!pieces.is_empty()).then(|| Line { pieces, ..lines[at].clone() })
        })
        .collect();
    let place = label.and_then(|label| lines.get(label.lines[0])).map_or(&first.place, |line| &line.place);
    let place = place.min(&first.place);
    let labelled = inner.iter().filter(|line| line.pieces.iter().any(|piece| words.is_label(&piece.text)));
    let mut label_cell = Some(cell(label.map_or_else(String::new, |label| label.text.clone()), place));
    if labelled.count() > 1 && depth > 0 && inner.len() > 1 {
        // A label beside several rows with labels of their own.
        let kinds: Vec<_> = inner.iter().map(|_| Kind::Left(1)).collect();
        let mut rows = Vec::new();
        read_rows(&inner, &kinds, words, depth - 1, &mut rows);
        for part in rows {
            if let Part::Row(place, mut cells) = part {
                let lead =
                    inner.iter().find(|line| line.place == place).map_or(0, |line| lead(line, &inner, words));
                cells.splice(0..0, (0..lead).map(|_| cell(String::new(), &place)));
                let label = label_cell.take().unwrap_or_else(|| cell(String::new(), &place));
                cells.insert(0, label);
                parts.push(Part::Row(place, cells));
            }
        }
        return;
    }
    let mut cells: Vec<_> = label_cell.into_iter().collect();
    cells.extend(columns(&inner, words).into_iter().map(|text| cell(text, place)));
    parts.push(Part::Row(place.clone(), cells));
}

/// Options with check boxes, which stand far apart in one cell and go on in its next line.
fn options(lines: &[Line], words: &Words) -> Option<String> {
    let mut pieces = lines.iter().flat_map(|line| &line.pieces);
    let boxed = |line: &Line| line.pieces.iter().any(|piece| words.has_box(&piece.text));
    let all = lines.len() > 1
        && lines.iter().all(boxed)
        && pieces.all(|piece| !words.is_label(&piece.text) && !words.is_answered(&piece.text));
    all.then(|| {
        let mut text = String::new();
        lines.iter().for_each(|line| append(&mut text, &text_of(line)));
        text
    })
}

/// The cells of a row from its lines: pieces that reach over one another are of one cell.
fn columns(lines: &[Line], words: &Words) -> Vec<String> {
    if let Some(options) = options(lines, words) {
        return vec![options];
    }
    let mut columns: Vec<(f64, f64)> = Vec::new();
    // Where a cell begins on another line, one begins here.
    let firm = |line: &Line| -> Vec<f64> {
        line.pieces.iter().skip(1).filter(|piece| !piece.soft).map(|piece| piece.x0).collect()
    };
    let starts: Vec<Vec<f64>> = lines.iter().map(firm).collect();
    let begins = |at: usize, piece: &Piece| {
        let others = starts.iter().enumerate().filter(|(other, _)| *other != at);
        others.flat_map(|(_, starts)| starts).any(|x0| (x0 - piece.x0).abs() < 0.5)
    };
    let lines: Vec<Vec<Piece>> = (lines.iter().enumerate())
        .map(|(at, line)| hardened(line, words, &|piece| begins(at, piece)))
        .collect();
    let lines = within_sentence(lines, words);
    let mut pieces: Vec<&Piece> = lines.iter().flatten().collect();
    pieces.sort_by(|one, other| one.x0.total_cmp(&other.x0));
    for piece in pieces {
        match columns.last_mut() {
            Some(last) if piece.x0 < last.1 => last.1 = last.1.max(piece.x1),
            _ => columns.push((piece.x0, piece.x1)),
        }
    }
    let column =
        |piece: &Piece| columns.partition_point(|column| column.1 <= piece.x0).min(columns.len() - 1);
    let mut texts = vec![String::new(); columns.len()];
    let mut above: Vec<Option<String>> = vec![None; columns.len()];
    let widest = lines.iter().flatten().map(|piece| room(&piece.text)).max().unwrap_or(0);
    for line in &lines {
        let mut fresh = vec![true; columns.len()];
        for piece in line {
            let at = column(piece);
            if !fresh[at] {
                texts[at].push(' ');
                texts[at].push_str(&piece.text);
                continue;
            }
            fresh[at] = false;
            // A paragraph within the cell ends with a sentence that does not fill its line.
            let ended = above[at].as_ref().is_some_and(|above| is_ended(above) && room(above) + 8 < widest);
            if ended {
                texts[at].push('\n');
            }
            append(&mut texts[at], &piece.text);
            above[at] = Some(piece.text.clone());
        }
    }
    texts
}

/// Lines of which one has a gap within a sentence, without that: a dump fills up a long line where it finds a blank.
fn within_sentence(mut lines: Vec<Vec<Piece>>, words: &Words) -> Vec<Vec<Piece>> {
    let is_label = |piece: &Piece| words.is_label(&piece.text) || words.is_answered(&piece.text);
    let labelled = lines.iter().flatten().skip(1).any(is_label);
    let mut parted = lines.iter_mut().filter(|line| line.len() > 1);
    if let (Some(line), None) = (parted.next(), parted.next())
        && let [first, second] = line.as_slice()
        && !labelled
        && first.text.contains(['，', '；', '。'])
        && !is_ended(&first.text)
    {
        let text = format!("{} {}", first.text, second.text);
        *line = vec![Piece { text, x1: second.x1, ..first.clone() }];
    }
    lines
}

/// The pieces of a line, with those put together that only a blank parts, unless one of them is a label or begins a cell.
fn hardened(line: &Line, words: &Words, begins: &dyn Fn(&Piece) -> bool) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut after_label = false;
    for piece in &line.pieces {
        let is_label = words.is_label(&piece.text);
        match pieces.last_mut() {
            Some(last) if piece.soft && !is_label && !after_label && !begins(piece) => {
                last.text.push(' ');
                last.text.push_str(&piece.text);
                last.x1 = piece.x1;
            }
            _ => pieces.push(piece.clone()),
        }
        after_label = is_label;
    }
    pieces
}
