//! Rows of a page, by the gaps between them.
//!
//! Lines of one cell are the same distance apart throughout a page, and rows are farther apart, if only by a little. Where
//! they are not, a row ends where no text that stands in it is wrapped.

use std::cmp::Ordering;

use super::Leaf;
use super::segments::{SAME, Segment};
use crate::readers::pdf::canvas::Rule;
use crate::readers::pdf::lattice::merged;

/// Rows are farther apart than lines of a cell by this part of a line.
const APART: f64 = 0.12;
/// Lines of one cell are seldom farther apart than this part of a character.
const PADDED: f64 = 0.55;
/// Where they are, so many show it.
const LEAST_WRAPPED: usize = 3;
/// A gap between cells is no narrower, in points.
const RIVER: f64 = 1.0;
/// A line between rows reaches over all that stands in them, but for so many points.
const NEAR: f64 = 2.0;

/// What stands between two heights.
#[derive(Debug, Clone)]
pub struct Strip {
    /// Its texts.
    pub segments: Vec<Segment>,
    /// Where it begins.
    pub top: f64,
    /// Where it ends.
    pub bottom: f64,
}

impl Strip {
    /// Where its texts begin.
    pub fn left(&self) -> f64 {
        self.segments.iter().map(|segment| segment.area.x0).fold(f64::INFINITY, f64::min)
    }

    /// Where its texts end.
    pub fn right(&self) -> f64 {
        self.segments.iter().map(|segment| segment.area.x1).fold(f64::NEG_INFINITY, f64::max)
    }

    /// Where its texts begin and end, downwards.
    pub fn printed(&self) -> (f64, f64) {
        let top = self.segments.iter().map(|segment| segment.area.y0).fold(f64::INFINITY, f64::min);
        (top, self.segments.iter().map(|segment| segment.area.y1).fold(f64::NEG_INFINITY, f64::max))
    }

    /// As a cell.
    pub fn leaf(self, is_first: bool) -> Leaf {
        Leaf { segments: self.segments, is_first, top: self.top, bottom: self.bottom }
    }

    /// Where its cells begin and end.
    pub fn cells(&self) -> Vec<(f64, f64)> {
        let mut spans: Vec<(f64, f64)> =
            self.segments.iter().map(|segment| (segment.area.x0, segment.area.x1)).collect();
        spans.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut cells: Vec<(f64, f64)> = Vec::new();
        for span in spans {
            match cells.last_mut() {
                Some(last) if span.0 < last.1 + RIVER => last.1 = last.1.max(span.1),
                _ => cells.push(span),
            }
        }
        cells
    }

    /// Where its cells begin but for the first one, each with whether a wide gap stands before it.
    pub fn later(&self) -> Vec<(f64, bool)> {
        let cells = self.cells();
        let is_wide = |x: f64| {
            let at = self.segments.iter().filter(|segment| segment.area.x0 == x);
            at.into_iter().any(|segment| !segment.is_near)
        };
        cells.iter().skip(1).map(|cell| (cell.0, is_wide(cell.0))).collect()
    }

    /// Whether it says no more than the number of an item in a list.
    pub fn is_number(&self) -> bool {
        let is_sign = |c: char| c.is_ascii_digit() || "（）().、．一二三四五六七八九十●•·-—".contains(c);
        self.segments.iter().flat_map(|segment| &segment.lines).all(|line| line.text.chars().all(is_sign))
    }

    /// Whether all that it says stands in one pair of brackets.
    pub fn is_in_brackets(&self) -> bool {
        let lines = self.segments.iter().flat_map(|segment| &segment.lines);
        let text: String = lines.flat_map(|line| line.text.chars()).filter(|c| !"：:".contains(*c)).collect();
        let inner = text.strip_prefix(['（', '(']).and_then(|text| text.strip_suffix(['）', ')']));
        inner.is_some_and(|text| !text.contains(['（', '(', '）', ')']))
    }

    /// Its first cell and what stands behind it, if that is any.
    pub fn parted(&self) -> Option<(Self, Self)> {
        let cells = self.cells();
        let behind = cells.get(1)?.0;
        let (head, rest) = self.segments.iter().cloned().partition(|segment| segment.area.x0 < behind);
        let part = |segments| Self { segments, top: self.top, bottom: self.bottom };
        Some((part(head), part(rest)))
    }
}

/// What is known of a page as a whole.
pub struct Page {
    /// Lines between rows.
    rules: Vec<Rule>,
    /// Lines from above to below.
    sides: Vec<Rule>,
    /// The heights of lines with several texts.
    heights: Vec<f64>,
    /// Gaps wider than this part rows; none if gaps do not tell.
    gap: Option<f64>,
    /// The distance from one line of a cell to the next.
    pub pitch: f64,
    /// The height of the smallest characters.
    size: f64,
    /// Where a table begins that goes on from the page before.
    pub begin: Option<f64>,
}

/// Segments on lines that reach over one another, from the top.
fn levels(segments: Vec<Segment>) -> Vec<(Vec<Segment>, f64, f64)> {
    let mut segments = segments;
    segments.sort_by(|one, other| one.area.y0.total_cmp(&other.area.y0));
    let mut levels: Vec<(Vec<Segment>, f64, f64)> = Vec::new();
    for segment in segments {
        match levels.last_mut() {
            Some((level, _, bottom)) if segment.area.y0 < *bottom - 0.2 => {
                *bottom = bottom.max(segment.area.y1);
                level.push(segment);
            }
            _ => {
                let (top, bottom) = (segment.area.y0, segment.area.y1);
                levels.push((vec![segment], top, bottom));
            }
        }
    }
    levels
}

/// Whether a text goes on in the one below: the next word does not fit.
fn flows(above: &Segment, below: &Segment) -> bool {
    let (Some(last), Some(first)) = (above.lines.last(), below.lines.first()) else { return false };
    let is_aligned = (above.area.x0 - below.area.x0).abs() < SAME;
    let is_centred = (above.area.center().x - below.area.center().x).abs() < 2.0 * SAME;
    (is_aligned || is_centred) && last.is_wrapped(first, above.room)
}

/// Whether all that stands on a level goes on from the level above.
fn goes_on(above: &[Segment], below: &[Segment]) -> bool {
    below.iter().all(|below| above.iter().any(|above| flows(above, below)))
}

/// A gap that parts rows: wider than those between the lines of a text, if any are closer than rows are anywhere, or so
/// many are wrapped that it shows; none if rows are as close as lines, so that gaps do not tell.
fn gap(segments: &[Segment]) -> Option<f64> {
    let upright = segments.iter().filter(|segment| segment.lines.len() > 1);
    let mut near: Vec<f64> =
        upright.map(|segment| segment.lines[1].area.y0 - segment.lines[0].area.y1).collect();
    let (mut wrapped, mut apart) = (Vec::new(), Vec::new());
    for place in [|segment: &Segment| segment.area.x0, |segment: &Segment| segment.area.center().x] {
        let mut sorted: Vec<&Segment> = segments.iter().collect();
        let order = |segment: &Segment| ((place(segment) / SAME).round(), segment.area.y0);
        sorted.sort_by(|one, other| order(one).partial_cmp(&order(other)).unwrap_or(Ordering::Equal));
        for pair in sorted.windows(2) {
            let gap = pair[1].area.y0 - pair[0].area.y1;
            if (place(pair[0]) - place(pair[1])).abs() > 2.0 * SAME || gap <= 0.0 {
                continue;
            }
            if gap < pair[0].size() * PADDED {
                near.push(gap);
            }
            let list = if flows(pair[0], pair[1]) { &mut wrapped } else { &mut apart };
            list.push((gap, pair[1].area.y0));
        }
    }
    let size = segments.iter().map(Segment::size).fold(f64::INFINITY, f64::min);
    let least = |gaps: &[f64]| gaps.iter().copied().reduce(f64::min);
    let within = least(&near).or_else(|| {
        let gap = wrapped.iter().map(|wrapped| wrapped.0).reduce(f64::min)?;
        let alike = |texts: &[(f64, f64)]| {
            texts.iter().filter(|text| text.0 < gap + 0.5).map(|text| text.1).collect::<Vec<f64>>()
        };
        // Where a text begins anew beside it, a row does, and a text that fills its column is whole.
        let anew = alike(&apart);
        let mut heights = alike(&wrapped);
        heights.retain(|height| anew.iter().all(|other| (height - other).abs() >= 1.0));
        heights.sort_by(f64::total_cmp);
        heights.dedup_by(|one, other| (*one - *other).abs() < 1.0);
        (heights.len() >= LEAST_WRAPPED).then_some(gap)
    })?;
    let gap = within + size * APART;
    let wide = apart.iter().filter(|apart| apart.0 > gap).count();
    (wide * 2 >= apart.len()).then_some(gap)
}

impl Page {
    /// Looks over the texts of a page, and over lines that belong to no drawn table.
    pub fn new(segments: &[Segment], rules: &[Rule]) -> Self {
        let (rules, sides) = (merged(rules, true), merged(rules, false));
        let levels = levels(segments.to_vec());
        let heights = levels.iter().filter(|level| level.0.len() > 1).map(|level| level.1).collect();
        let mut pitches: Vec<f64> = levels.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        let size = segments.iter().map(Segment::size).fold(f64::INFINITY, f64::min);
        pitches.sort_by(f64::total_cmp);
        let pitch = pitches.first().copied().unwrap_or(size).max(size);
        Self { rules, sides, heights, gap: gap(segments), pitch, size, begin: None }
    }

    /// Whether what begins at a height goes on from the page before.
    pub fn goes_on_at(&self, top: f64) -> bool {
        self.begin.is_some_and(|begin| (top - begin).abs() < 1.0)
    }

    /// Whether gaps tell rows from lines, or are all as wide as lines of a cell are seldom apart.
    pub fn parts_rows(&self) -> bool {
        self.gap.is_some() || self.pitch > self.size * (1.0 + PADDED)
    }

    /// The rows of a page.
    pub fn strips(&self, segments: Vec<Segment>) -> Vec<Strip> {
        let top = segments.iter().map(|segment| segment.area.y0).fold(f64::INFINITY, f64::min) - 2.0;
        let bottom = segments.iter().map(|segment| segment.area.y1).fold(f64::NEG_INFINITY, f64::max) + 2.0;
        self.strips_between(segments, top, bottom)
    }

    /// The rows between two heights.
    pub fn strips_between(&self, segments: Vec<Segment>, top: f64, bottom: f64) -> Vec<Strip> {
        let mut strips: Vec<Strip> = Vec::new();
        let mut last: Vec<Segment> = Vec::new();
        let mut end = top;
        for (level, begin, level_end) in levels(segments) {
            let cut = self.cut(&last, &level, end, begin);
            match (strips.last_mut(), cut) {
                (Some(strip), None) => strip.segments.extend(level.iter().cloned()),
                (None, _) => strips.push(Strip { segments: level.clone(), top, bottom }),
                (Some(strip), Some(at)) => {
                    strip.bottom = at;
                    strips.push(Strip { segments: level.clone(), top: at, bottom });
                }
            }
            last = level;
            end = level_end;
        }
        strips
    }

    /// Whether lines are drawn between rows at a height, and not around them all.
    fn is_ruled(&self, at: f64) -> bool {
        let behind = self.rules.partition_point(|rule| rule.at < at);
        let (Some(above), Some(below)) = (self.rules[..behind].last(), self.rules.get(behind)) else {
            return false;
        };
        let is_near = |one: f64, other: f64| (one - other).abs() < NEAR;
        if self.sides.iter().any(|side| is_near(side.from, above.at) && is_near(side.to, below.at)) {
            return false;
        }
        let rows = self.heights.iter().filter(|height| above.at < **height && **height < below.at);
        rows.count() < 2
    }

    /// Where rows part between two levels, the upper of which ends and the lower begins at a height, if they do.
    fn cut(&self, above: &[Segment], below: &[Segment], end: f64, begin: f64) -> Option<f64> {
        let both = || above.iter().chain(below).map(|segment| segment.area);
        let left = both().map(|area| area.x0).fold(f64::INFINITY, f64::min);
        let right = both().map(|area| area.x1).fold(f64::NEG_INFINITY, f64::max);
        let covers = |rule: &&Rule| {
            let is_between = end - 2.0 < rule.at && rule.at < begin + 2.0;
            is_between && rule.from < left + NEAR && rule.to > right - NEAR
        };
        if let Some(rule) = self.rules.iter().find(covers) {
            return Some(rule.at);
        }
        if self.is_ruled(end) {
            return None;
        }
        let parts = match self.gap {
            Some(gap) => begin - end > gap,
            None => {
                let is_wide = begin - end > PADDED * below.iter().map(Segment::size).fold(0.0, f64::max);
                !goes_on(above, below) || (below.len() > 1 && (is_wide || below.len() >= above.len()))
            }
        };
        parts.then(|| f64::midpoint(end, begin))
    }
}
