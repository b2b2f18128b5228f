//! Two goals side by side, each below its own label: 中期目标 beside 年度目标.
//!
//! A text of several lines is printed in the middle of its cell or at the top, so the lines of the two stand at heights of
//! their own; which of them a line belongs to, its place from left to right tells.

use super::{Line, Part, Piece, Words, append, cell, header, is_ended, room, spans, stacked, stands_alone};

/// The labels are broken over at most so many lines, and the texts below take at most so many.
const LABEL_LINES: usize = 3;
const MOST_LINES: usize = 60;

/// Two labels of goals, with where they stand.
pub struct Goals {
    /// The label of both, at the left of them.
    left: String,
    first: Piece,
    second: Piece,
    /// How many lines the labels take.
    lines: usize,
}

/// The labels that begin on the first of these lines, if they stand beside one another with nothing else.
pub fn goals(lines: &[Line], words: &Words) -> Option<Goals> {
    let first = lines.first()?;
    for count in 1..=LABEL_LINES.min(lines.len()) {
        if lines[count - 1].page != first.page {
            break;
        }
        let mut cells = cells(&lines[..count]);
        part_label(&mut cells, words);
        let goals = match cells.as_slice() {
            [one, two] => (String::new(), one, two),
            // 总体目标 before 实施期总目标 and 年度目标, or a part of it.
            [label, one, two] if words.is_label(&label.text) || words.begins(&label.text) => {
                (label.text.clone(), one, two)
            }
            _ => continue,
        };
        let (left, one, two) = goals;
        if words.is_goal(&one.text) && words.is_goal(&two.text) {
            return Some(Goals { left, first: one.clone(), second: two.clone(), lines: count });
        }
    }
    None
}

/// Parts the label of both goals, or a piece of it, from the first of them: 总体目 中期目标.
fn part_label(cells: &mut Vec<Piece>, words: &Words) {
    let Some(first) = cells.first().filter(|first| !words.is_goal(&first.text)) else { return };
    let Some((label, goal)) = first.text.split_once(' ') else { return };
    if words.is_goal(goal) && (words.is_label(label) || words.begins(label)) {
        let border = first.x0 + label.chars().count() as f64;
        let label = Piece { text: label.to_owned(), x1: border, ..first.clone() };
        let goal = Piece { text: goal.to_owned(), x0: border + 1.0, ..first.clone() };
        cells.splice(0..1, [label, goal]);
    }
}

/// The texts of lines that reach over one another, from left to right.
fn cells(lines: &[Line]) -> Vec<Piece> {
    let runs: Vec<Piece> = lines.iter().flat_map(runs).collect();
    let whole = |(x0, x1): (f64, f64)| {
        let mut text = String::new();
        for line in lines {
            let own = self::runs(line).into_iter().filter(|run| run.x0 >= x0 && run.x1 <= x1);
            own.for_each(|run| append(&mut text, &run.text));
        }
        Piece { x0, x1, text, soft: false }
    };
    spans(runs.iter()).into_iter().map(whole).collect()
}

/// The pieces of a line, with those put together that only a blank parts.
fn runs(line: &Line) -> Vec<Piece> {
    let mut runs: Vec<Piece> = Vec::new();
    for piece in &line.pieces {
        match runs.last_mut() {
            Some(last) if piece.soft => {
                last.text.push(' ');
                last.text.push_str(&piece.text);
                last.x1 = piece.x1;
            }
            _ => runs.push(piece.clone()),
        }
    }
    runs
}

/// The texts of both goals. Labels in the middle of their columns stand as far from the border between them on either side;
/// where the texts themselves leave one gap, that is the border.
fn texts(lines: &[Line], goals: &Goals) -> [String; 2] {
    let begins = |at: usize, x0: f64| {
        let others = lines.iter().enumerate().filter(|(other, _)| *other != at);
        let starts = others.flat_map(|(_, line)| line.pieces.iter().filter(|piece| !piece.soft));
        starts.into_iter().any(|piece| (piece.x0 - x0).abs() < 0.5)
    };
    // Where a line is full to the border, a blank alone stands there.
    let own = |(at, line): (usize, &Line)| {
        let mut line = line.clone();
        let is_second = |piece: &Piece| piece.soft && piece.x0 > goals.first.x1 && begins(at, piece.x0);
        line.pieces.iter_mut().filter(|piece| is_second(piece)).for_each(|piece| piece.soft = false);
        runs(&line)
    };
    let own: Vec<Vec<Piece>> = lines.iter().enumerate().map(own).collect();
    let border = match spans(own.iter().flatten()).as_slice() {
        [first, second] => f64::midpoint(first.1, second.0),
        _ => f64::midpoint(goals.first.x1, goals.second.x0),
    };
    let widest = own.iter().flatten().map(|run| room(&run.text)).max().unwrap_or(0);
    let mut texts = [const { String::new() }; 2];
    let mut above: [Option<&str>; 2] = [None, None];
    for run in own.iter().flatten() {
        let side = usize::from(run.x0 >= border);
        if above[side].is_some_and(|above| is_ended(above) && room(above) + 8 < widest) {
            texts[side].push('\n');
        }
        append(&mut texts[side], &run.text);
        above[side] = Some(&run.text);
    }
    texts
}

/// Reads two goals side by side, and says how many lines they take.
pub fn read(lines: &[Line], words: &Words, parts: &mut Vec<Part>) -> Option<usize> {
    let goals = goals(lines, words)?;
    let edge = goals.first.x0;
    let mut left = goals.left.clone();
    let mut taken: Vec<Line> = Vec::new();
    let body = &lines[goals.lines..];
    for (at, line) in body.iter().enumerate().take(MOST_LINES) {
        if line.page != lines[0].page || header::header(&body[at..], words).is_some() {
            break;
        }
        let mut label = String::new();
        let mut rest = line.clone();
        let first = line.pieces.first().filter(|first| !goals.left.is_empty() && first.x1 <= edge);
        if let Some(first) = first {
            label.clone_from(&first.text);
            rest.pieces.remove(0);
            rest.pieces.iter_mut().take(1).for_each(|piece| piece.soft = false);
        }
        // What goes on with a label that is not whole belongs to it; any other begins something new.
        let longer = format!("{left}{label}");
        let goes_on = !label.is_empty() && (words.is_label(&longer) || words.begins(&longer));
        let is_wide = |run: &Piece| run.x0 < goals.first.x1 && run.x1 > goals.second.x1;
        if (!label.is_empty() && !goes_on)
            || (goals.left.is_empty() && stacked::starts(&body[at..], words))
            || (label.is_empty() && stands_alone(line, words))
            || runs(&rest).iter().any(|run| words.is_label(&run.text) || is_wide(run))
        {
            break;
        }
        if goes_on {
            left = longer;
        }
        taken.push(rest);
    }
    let texts = texts(&taken, &goals);
    let taken = taken.len();
    if taken == 0 {
        return None;
    }
    let place = &lines[0].place;
    let row = |texts: [String; 2]| texts.into_iter().map(|text| cell(text, place));
    let lead = (!left.is_empty()).then(|| jixiao_model::Cell { row_span: 2, ..cell(left, place) });
    parts.push(Part::End);
    let labels = row([goals.first.text, goals.second.text]);
    parts.push(Part::Row(place.clone(), lead.into_iter().chain(labels).collect()));
    parts.push(Part::Row(place.clone(), row(texts).collect()));
    parts.push(Part::End);
    Some(goals.lines + taken)
}
