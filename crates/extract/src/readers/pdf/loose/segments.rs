//! Lines of a page to the texts on them that may stand in cells of their own.

use std::cmp::Ordering;

use hayro_interpret::kurbo::Rect;

use crate::readers::pdf::canvas::Glyph;
use crate::readers::pdf::text::{Line, line};

/// Gaps between texts on a line, in heights of a character: what parts cells, and what parts them if the text behind it
/// begins where others do.
const WIDE: f64 = 0.6;
const NARROW: f64 = 0.22;
/// Texts that begin so close together begin at the same place, in points.
pub const SAME: f64 = 0.7;
/// So many texts around one are looked at.
const NEAR: usize = 24;
/// So many characters that stand one below the other are a text that runs downwards.
const UPRIGHT: usize = 3;

/// A text on a line, or one that runs downwards.
#[derive(Debug, Clone)]
pub struct Segment {
    /// Its lines.
    pub lines: Vec<Line>,
    /// Its box.
    pub area: Rect,
    /// The numbers of the lines of the page that it is a part of.
    pub of: Vec<usize>,
    /// How much room is left behind it, up to where its column ends.
    pub room: f64,
    /// Whether nothing but a narrow gap parts it from the text before it.
    pub is_near: bool,
}

impl Segment {
    /// The height of its characters.
    pub fn size(&self) -> f64 {
        self.lines.first().map_or(1.0, |line| line.size)
    }
}

/// The texts on lines. Others begin at `above`, on the page before.
pub fn segments(lines: &[Line], above: &[f64]) -> Vec<Segment> {
    let pieces = |gap: &dyn Fn(f64, &Glyph, usize) -> bool| {
        let all = lines.iter().enumerate();
        all.flat_map(|(of, line)| {
            parted(line, |width, next| gap(width, next, of)).into_iter().map(move |line| (of, line))
        })
        .collect::<Vec<_>>()
    };
    let narrow = pieces(&|width, _, _| width > NARROW);
    let mut starts: Vec<(f64, Option<usize>)> =
        narrow.iter().map(|(of, line)| (line.area.x0, Some(*of))).collect();
    starts.extend(above.iter().map(|x| (*x, None)));
    starts.sort_by(|one, other| one.0.total_cmp(&other.0));
    let is_start = |x: f64, of: usize| {
        let first = starts.partition_point(|start| start.0 < x - SAME);
        starts[first..].iter().take_while(|start| start.0 <= x + SAME).any(|start| start.1 != Some(of))
    };
    let found = pieces(&|width, next, of| width > WIDE || (width > NARROW && is_start(next.area.x0, of)));
    let mut segments: Vec<Segment> = Vec::with_capacity(found.len());
    for (of, line) in found {
        let before = segments.last().filter(|before| before.of == [of]);
        let is_near = before.is_some_and(|before| line.area.x0 - before.area.x1 <= line.size * WIDE);
        segments.push(Segment { area: line.area, lines: vec![line], of: vec![of], room: 0.0, is_near });
    }
    let mut segments = upright(segments);
    measure(&mut segments);
    segments
}

/// Finds the room behind each text: up to the next one on its line, or on the lines around it, or to the edge of all.
fn measure(segments: &mut [Segment]) {
    segments.sort_by(|one, other| {
        (one.area.y0, one.area.x0).partial_cmp(&(other.area.y0, other.area.x0)).unwrap_or(Ordering::Equal)
    });
    let between = |one: &Segment, next: &Segment| {
        let is_beside = one.area.center().y < next.area.y1 && next.area.center().y < one.area.y1;
        (is_beside && next.area.x0 > one.area.x1).then_some(next.area.x0 - one.area.x1)
    };
    let gaps: Vec<Option<f64>> = (0..segments.len())
        .map(|at| segments.get(at + 1).and_then(|next| between(&segments[at], next)))
        .collect();
    let size = segments.iter().map(Segment::size).fold(f64::INFINITY, f64::min);
    let margins = gaps.iter().flatten().copied().fold(size, f64::min);
    let right = segments.iter().map(|segment| segment.area.x1).fold(f64::NEG_INFINITY, f64::max);
    let spans: Vec<(f64, f64, f64)> =
        segments.iter().map(|segment| (segment.area.x0, segment.area.y0, segment.area.y1)).collect();
    let behind = |at: usize, segment: &Segment| {
        let reach = segment.size() * 1.5;
        let is_beside = |(x0, top, bottom): &&(f64, f64, f64)| {
            *x0 > segment.area.x1 && *top < segment.area.y1 + reach && *bottom > segment.area.y0 - reach
        };
        let around = spans[at.saturating_sub(NEAR)..].iter().take(2 * NEAR).filter(is_beside);
        around.map(|span| span.0 - margins).fold(right, f64::min)
    };
    for (at, segment) in segments.iter_mut().enumerate() {
        segment.room = gaps[at].map_or_else(|| behind(at, segment) - segment.area.x1, |gap| gap - margins);
    }
}

/// A line cut at gaps, whose widths are told in heights of its characters.
fn parted(whole: &Line, is_gap: impl Fn(f64, &Glyph) -> bool) -> Vec<Line> {
    let mut parts: Vec<Vec<Glyph>> = vec![Vec::new()];
    let (mut end, mut blank) = (None, 0.0);
    for glyph in &whole.glyphs {
        if glyph.character.is_whitespace() {
            // One blank parts words, and no cells.
            blank = if blank > 0.0 { blank } else { glyph.area.width() };
        } else {
            let size = glyph.area.height().max(1.0);
            if end.is_some_and(|end| is_gap((glyph.area.x0 - end - blank) / size, glyph)) {
                parts.push(Vec::new());
            }
            (end, blank) = (Some(glyph.area.x1), 0.0);
        }
        if let Some(part) = parts.last_mut() {
            part.push(*glyph);
        }
    }
    parts.into_iter().filter_map(line).collect()
}

/// Puts characters together that stand one below the other, evenly.
fn upright(segments: Vec<Segment>) -> Vec<Segment> {
    let is_one = |segment: &Segment| {
        segment.lines.iter().all(|line| matches!(line.glyphs.as_slice(), [one] if !one.character.is_ascii() && one.character.is_alphabetic()))
    };
    let (mut single, mut other): (Vec<Segment>, Vec<Segment>) = segments.into_iter().partition(is_one);
    let order = |segment: &Segment| ((segment.area.x0 / (2.0 * SAME)).round(), segment.area.y0);
    single.sort_by(|one, other| order(one).partial_cmp(&order(other)).unwrap_or(Ordering::Equal));
    let mut runs: Vec<Vec<Segment>> = Vec::new();
    for segment in single {
        let gap = |above: &Segment| segment.area.y0 - above.area.y1;
        let goes_on = runs.last().is_some_and(|run| {
            let last = &run[run.len() - 1];
            let is_below = (last.area.x0 - segment.area.x0).abs() < SAME;
            let is_even = match run.len() {
                1 => gap(last) > -0.1 && gap(last) < segment.size() * 1.5,
                _ => (gap(last) - (run[1].area.y0 - run[0].area.y1)).abs() < 1.0,
            };
            is_below && is_even
        });
        match runs.last_mut() {
            Some(run) if goes_on => run.push(segment),
            _ => runs.push(vec![segment]),
        }
    }
    for run in runs {
        if run.len() < UPRIGHT {
            other.extend(run);
            continue;
        }
        let Some(mut whole) = run.first().cloned() else { continue };
        for segment in &run[1..] {
            whole.area = whole.area.union(segment.area);
            whole.lines.extend(segment.lines.iter().cloned());
            whole.of.extend(&segment.of);
        }
        other.push(whole);
    }
    other
}
