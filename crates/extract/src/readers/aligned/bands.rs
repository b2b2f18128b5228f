//! Which lines belong to which label, where labels stand beside texts of several lines.
//!
//! A label is printed in the middle of its cell or at its top, so the lines above it may be its own or the end of the
//! cell above. All labels of a stretch are therefore laid at once, in the way that costs least: a cell's middle (or top)
//! should be its label's, and a line that runs to the edge of its column goes on in the next.

use std::ops::Range;

/// A stretch of height: of a label, or of something that belongs to one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extent {
    /// The height of its first line.
    pub top: f64,
    /// The height of its last line.
    pub bottom: f64,
    /// The page on which it stands.
    pub page: u32,
}

impl Extent {
    fn middle(self) -> f64 {
        f64::midpoint(self.top, self.bottom)
    }
}

/// What it costs to leave lines without a label at either end.
const UNLABELLED: f64 = 0.8;
/// How far a middle may be off: lines are whole, and half of them are even in number.
const TOLERANCE: f64 = 0.5;
/// What any other middle than the exact one costs, for each line.
const SLIGHT: f64 = 0.2;
/// A cell that a page cut where no page is marked has its label anywhere: it must not move the others.
const MOST: f64 = 3.0;
const LEAST: f64 = 0.02;
/// What it costs that a cell begins on the page before its label: most programs print that on the first page.
const BEFORE: f64 = 0.5;
/// Of two ways that cost the same, a label that is not in the middle stands beside the first of what belongs to it.
const TIE: f64 = 0.001;
/// Between two labels no more ways than these are weighed.
const MOST_WAYS: usize = 40_000;

/// Where labels stand beside what belongs to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// At the first line.
    Top,
    /// In the middle.
    Middle,
    /// Nobody knows: at the top or in the middle, whichever costs less.
    Either,
}

/// For each label the units that belong to it. Units before the first range and behind the last belong to none.
/// `cut` says what it costs to begin a cell at a unit, `misfit` what it costs that a label holds some.
pub fn bands(
    units: &[Extent],
    labels: &[Extent],
    cut: &dyn Fn(usize) -> f64,
    misfit: &dyn Fn(usize, Range<usize>) -> f64,
    stand: Stand,
) -> Vec<Range<usize>> {
    weighed_bands(units, labels, &|_| 0.0, cut, misfit, stand).1
}

/// As [`bands`], with what they cost. `slack` says how far from its place a label may be for nothing.
pub fn weighed_bands(
    units: &[Extent],
    labels: &[Extent],
    slack: &dyn Fn(usize) -> f64,
    cut: &dyn Fn(usize) -> f64,
    misfit: &dyn Fn(usize, Range<usize>) -> f64,
    stand: Stand,
) -> (f64, Vec<Range<usize>>) {
    let ends = [UNLABELLED; 2];
    let cut_by_page = cut_by_page(units, labels);
    let centred = lay(units, labels, ends, cut, misfit, &|band, at| {
        let label = labels[at];
        let off = ((band.middle() - label.middle()).abs() - slack(at)).max(0.0);
        let off = ((off - TOLERANCE).max(0.0) + off * SLIGHT).min(MOST + off * LEAST);
        if cut_by_page[at] { off.min((band.top - label.top).abs()) } else { off }
    });
    let at_top = lay(units, labels, ends, cut, misfit, &|band, at| {
        ((band.top - labels[at].top).abs() - slack(at)).max(0.0)
    });
    match stand {
        Stand::Top => at_top,
        Stand::Middle => centred,
        Stand::Either => {
            if at_top.0 < centred.0 {
                at_top
            } else {
                centred
            }
        }
    }
}

/// Whose cells may go on behind the end of their page: there they stand at the top.
fn cut_by_page(units: &[Extent], labels: &[Extent]) -> Vec<bool> {
    let is_last = |page: u32| units.iter().all(|unit| unit.page <= page);
    let pairs = labels.iter().zip(labels.iter().skip(1).map(Some).chain([None]));
    let cut = pairs.map(|(label, next)| match next {
        Some(next) => next.page > label.page,
        None => !is_last(label.page),
    });
    cut.collect()
}

/// As [`bands`], where heights are exact and every end of a unit may be one of a cell, with what it costs. Where labels
/// may as well stand in the middle as at the top, they stand in the middle; that of a cell that the end of a page cuts may
/// stand at the top alone. Only what goes on from the page before, `goes_on`, has units above the first label.
pub fn exact_bands(units: &[Extent], labels: &[Extent], goes_on: bool) -> (f64, Vec<Range<usize>>) {
    let free = |_: usize| 0.0;
    let fits = |_: usize, _: Range<usize>| 0.0;
    let ends = [if goes_on { UNLABELLED / 4.0 } else { UNLABELLED * 2.0 }, UNLABELLED * 2.0];
    let cost = |off: f64| off.abs().min(MOST + off.abs() * LEAST);
    let in_middle = |band: Extent, at: usize| cost(band.middle() - labels[at].middle());
    let at_top = |band: Extent, at: usize| cost(band.top - labels[at].top);
    let centred = lay(units, labels, ends, &free, &fits, &in_middle);
    let cut = lay(units, labels, ends, &free, &fits, &|band, at| match at + 1 == labels.len() {
        true => at_top(band, at),
        false => in_middle(band, at),
    });
    let top = lay(units, labels, ends, &free, &fits, &at_top);
    let better = if cut.0 + TOLERANCE < centred.0 { cut } else { centred };
    if top.0 + TOLERANCE < better.0 { top } else { better }
}

fn lay(
    units: &[Extent],
    labels: &[Extent],
    [above, below]: [f64; 2],
    cut: &dyn Fn(usize) -> f64,
    misfit: &dyn Fn(usize, Range<usize>) -> f64,
    off: &dyn Fn(Extent, usize) -> f64,
) -> (f64, Vec<Range<usize>>) {
    let count = units.len();
    let first = |label: Extent| units.partition_point(|unit| unit.bottom < label.top);
    let behind = |label: Extent| units.partition_point(|unit| unit.top <= label.bottom);
    // For each label and each end of its band: the cost up to there, and where the band began.
    let mut ways: Vec<Vec<(usize, f64, usize)>> = Vec::new();
    for (at, label) in labels.iter().enumerate() {
        let starts: Vec<(usize, f64)> = match ways.last() {
            Some(before) => before.iter().map(|(end, cost, _)| (*end, *cost)).collect(),
            None => {
                let unlabelled = |start: usize| if start > 0 { above } else { 0.0 };
                (0..=first(*label)).map(|start| (start, unlabelled(start) + cut(start))).collect()
            }
        };
        let low = behind(*label);
        let high = labels.get(at + 1).map_or(count, |next| first(*next)).max(low);
        let high = high.min(low + MOST_WAYS / starts.len().max(1));
        let mut ends = Vec::new();
        for end in low..=high {
            let best = starts
                .iter()
                .filter(|(start, _)| *start <= first(*label) && *start < end)
                .filter_map(|(start, cost)| {
                    let band = on_page(units.get(*start..end)?, *label)?;
                    let begins_before = units.get(*start).is_some_and(|unit| unit.page < label.page);
                    let off = off(band, at).max(0.0) + if begins_before { BEFORE } else { 0.0 };
                    let beside = units.get(*start).is_some_and(|unit| unit.bottom >= label.top);
                    let tie = if off > 0.0 && !beside { TIE } else { 0.0 };
                    Some((*start, cost + off + tie + misfit(at, *start..end)))
                })
                .min_by(|one, other| one.1.total_cmp(&other.1));
            if let Some((start, cost)) = best {
                let next = if end < count { cut(end) } else { 0.0 };
                ends.push((end, cost + next, start));
            }
        }
        if ends.is_empty() {
            return (f64::INFINITY, one_by_one(units, labels));
        }
        ways.push(ends);
    }
    let last = ways
        .last()
        .into_iter()
        .flatten()
        .map(|(end, cost, _)| (*end, if *end < count { cost + below } else { *cost }));
    let Some((mut end, cost)) = last.min_by(|one, other| one.1.total_cmp(&other.1)) else {
        return (0.0, Vec::new());
    };
    let mut laid = Vec::new();
    for ends in ways.iter().rev() {
        let Some((_, _, start)) = ends.iter().find(|way| way.0 == end) else { break };
        laid.push(*start..end);
        end = *start;
    }
    laid.reverse();
    (cost, laid)
}

/// The part of a band that stands on its label's page: a cell that a page cuts has its label in the middle of that.
fn on_page(band: &[Extent], label: Extent) -> Option<Extent> {
    let start = band.partition_point(|unit| unit.page < label.page);
    let end = band.partition_point(|unit| unit.page <= label.page);
    let part = band.get(start..end).filter(|part| !part.is_empty()).unwrap_or(band);
    Some(Extent { top: part.first()?.top, bottom: part.last()?.bottom, page: label.page })
}

/// Where there are fewer units than labels: to each what stands on its own lines and below, up to the next.
fn one_by_one(units: &[Extent], labels: &[Extent]) -> Vec<Range<usize>> {
    let start = |label: &Extent| units.partition_point(|unit| unit.bottom < label.top);
    let ends = labels.iter().skip(1).map(start).chain([units.len()]);
    labels.iter().zip(ends).map(|(label, end)| start(label)..end.max(start(label))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: u32, labels: &[(f64, f64)], cuts: &[usize], expected: &[Range<usize>]) {
        let units: Vec<_> =
            (0..count).map(|y| Extent { top: f64::from(y), bottom: f64::from(y), page: 1 }).collect();
        let labels: Vec<_> =
            labels.iter().map(|(top, bottom)| Extent { top: *top, bottom: *bottom, page: 1 }).collect();
        let cut = |at: usize| if cuts.contains(&at) { 0.0 } else { 2.0 };
        assert_eq!(bands(&units, &labels, &cut, &|_, _| 0.0, Stand::Either), expected);
    }

    #[test]
    fn labels_stand_in_the_middle() {
        check(9, &[(1.0, 1.0), (4.0, 4.0), (7.0, 7.0)], &[0, 3, 6], &[0..3, 3..6, 6..9]);
        // Between two lines.
        check(6, &[(0.5, 0.5), (3.5, 3.5)], &[0, 2], &[0..2, 2..6]);
        // Broken over lines itself.
        check(8, &[(0.0, 1.0), (4.0, 5.0)], &[0, 2], &[0..2, 2..8]);
    }

    #[test]
    fn labels_stand_at_the_top() {
        check(9, &[(0.0, 0.0), (3.0, 3.0), (4.0, 4.0)], &[0, 3, 4], &[0..3, 3..4, 4..9]);
    }

    #[test]
    fn lines_at_either_end_may_have_no_label() {
        check(14, &[(4.0, 4.0)], &[0, 3, 6], std::slice::from_ref(&(3..6)));
    }

    #[test]
    fn nothing_is_no_problem() {
        check(0, &[], &[], &[]);
        check(3, &[], &[], &[]);
        check(0, &[(1.0, 1.0)], &[], std::slice::from_ref(&(0..0)));
        check(1, &[(0.0, 0.0), (0.2, 0.3)], &[], &[0..1, 1..1]);
    }
}
