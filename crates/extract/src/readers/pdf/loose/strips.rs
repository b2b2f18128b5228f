//! Rows of a page, by the gaps between them.
//!
//! Lines of one cell are the same distance apart throughout a page, and rows are farther apart, if only by a little. Where
//! they are not, a row ends where no text that stands in it is wrapped.

use super::segments::{SAME, Segment};
use crate::readers::pdf::canvas::Rule;

/// Rows are farther apart than lines of a cell by this part of a line.
const APART: f64 = 0.12;
/// A gap between cells is no narrower, in points.
const RIVER: f64 = 1.0;
/// What part of the width of texts a line between rows covers.
const COVERED: f64 = 0.6;
/// So many lines between rows show that all rows have them.
const LEAST_RULES: usize = 3;

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

    /// The height of its characters.
    pub fn size(&self) -> f64 {
        self.segments.iter().map(Segment::size).fold(0.0, f64::max)
    }

    /// Whether it says no more than the number of an item in a list.
    pub fn is_number(&self) -> bool {
        let is_sign = |c: char| c.is_ascii_digit() || "（）().、．一二三四五六七八九十●•·-—".contains(c);
        self.segments.iter().flat_map(|segment| &segment.lines).all(|line| line.text.chars().all(is_sign))
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
pub struct Page<'p> {
    /// Lines between rows.
    rules: Vec<&'p Rule>,
    /// Gaps wider than this part rows; none if gaps do not tell.
    gap: Option<f64>,
    /// The distance from one line of a cell to the next.
    pub pitch: f64,
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

impl<'p> Page<'p> {
    /// Looks over the texts of a page, and over lines that belong to no drawn table.
    pub fn new(segments: &[Segment], rules: &'p [Rule]) -> Self {
        let top = segments.iter().map(|segment| segment.area.y0).fold(f64::INFINITY, f64::min);
        let bottom = segments.iter().map(|segment| segment.area.y1).fold(f64::NEG_INFINITY, f64::max);
        let between = |rule: &&Rule| rule.is_horizontal && top < rule.at && rule.at < bottom;
        let rules: Vec<&Rule> = rules.iter().filter(between).collect();
        let levels = levels(segments.to_vec());
        let mut within: Option<f64> = None;
        let mut apart = Vec::new();
        let mut pitches = Vec::new();
        for pair in levels.windows(2) {
            let gap = pair[1].1 - pair[0].2;
            if goes_on(&pair[0].0, &pair[1].0) {
                within = Some(within.map_or(gap, |least| least.min(gap)));
            } else {
                apart.push(gap);
            }
            pitches.push(pair[1].1 - pair[0].1);
        }
        let upright = segments.iter().filter(|segment| segment.lines.len() > 1);
        let upright = upright.map(|segment| segment.lines[1].area.y0 - segment.lines[0].area.y1);
        let within = upright.fold(within, |least, gap| Some(least.map_or(gap, |least| least.min(gap))));
        let size = segments.iter().map(Segment::size).fold(f64::INFINITY, f64::min);
        let gap = within.map_or(0.0, |gap| gap + size * APART);
        // Rows that are as close as lines are told by their words.
        let is_told = apart.iter().filter(|apart| **apart > gap).count() * 2 >= apart.len();
        pitches.sort_by(f64::total_cmp);
        let pitch = pitches.first().copied().unwrap_or(size).max(size);
        Self { rules, gap: is_told.then_some(gap), pitch }
    }

    /// The rows of a page.
    pub fn strips(&self, segments: Vec<Segment>) -> Vec<Strip> {
        let top = segments.iter().map(|segment| segment.area.y0).fold(f64::INFINITY, f64::min) - 2.0;
        let bottom = segments.iter().map(|segment| segment.area.y1).fold(f64::NEG_INFINITY, f64::max) + 2.0;
        self.strips_between(segments, top, bottom)
    }

    /// The rows between two heights.
    pub fn strips_between(&self, segments: Vec<Segment>, top: f64, bottom: f64) -> Vec<Strip> {
        let left = segments.iter().map(|segment| segment.area.x0).fold(f64::INFINITY, f64::min);
        let right = segments.iter().map(|segment| segment.area.x1).fold(f64::NEG_INFINITY, f64::max);
        let mut strips: Vec<Strip> = Vec::new();
        let mut last: Vec<Segment> = Vec::new();
        let mut end = top;
        for (level, begin, level_end) in levels(segments) {
            let cut = self.cut(&last, &level, (end, begin), (left, right));
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

    /// Where rows part between two levels, if they do.
    fn cut(
        &self,
        above: &[Segment],
        below: &[Segment],
        (end, begin): (f64, f64),
        (left, right): (f64, f64),
    ) -> Option<f64> {
        if self.rules.len() >= LEAST_RULES {
            let covers = |rule: &&&Rule| {
                let part = rule.to.min(right) - rule.from.max(left);
                end - 2.0 < rule.at && rule.at < begin + 2.0 && part > (right - left) * COVERED
            };
            if let Some(rule) = self.rules.iter().find(covers) {
                return Some(rule.at);
            }
            let is_inside = |at: f64| {
                self.rules.iter().any(|rule| rule.at < at) && self.rules.iter().any(|rule| rule.at > at)
            };
            if is_inside(end) {
                return None;
            }
        }
        let parts = match self.gap {
            Some(gap) => begin - end > gap,
            None => !goes_on(above, below),
        };
        parts.then(|| f64::midpoint(end, begin))
    }
}
