//! What a page draws: glyphs with their boxes, and lines that run along an axis.
//!
//! Many publishers draw the lines of tables as thin filled rectangles. Wide fills are backgrounds and no lines. Glyphs off
//! the page are not printed, and a glyph drawn twice at one place is one in imitated bold.

use std::collections::HashMap;

use hayro_interpret::font::{Glyph as FontGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};

/// A filled box that is thinner than this is a line.
const THINNEST: f64 = 3.0;
/// A line that leaves its axis by no more than this runs along it.
const SKEWED: f64 = 0.7;

/// A glyph and the box that it takes; `y` grows downwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Its character or characters.
    pub text: String,
    /// Left.
    pub x0: f64,
    /// Right.
    pub x1: f64,
    /// Top.
    pub y0: f64,
    /// Bottom.
    pub y1: f64,
}

impl Glyph {
    /// The middle of its box.
    pub fn middle(&self) -> (f64, f64) {
        (f64::midpoint(self.x0, self.x1), f64::midpoint(self.y0, self.y1))
    }

    /// How high its font is.
    pub fn size(&self) -> f64 {
        self.y1 - self.y0
    }

    /// Whether it prints nothing.
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// A line along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Whether it runs from left to right.
    pub horizontal: bool,
    /// Where it stands on the other axis.
    pub at: f64,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// All that matters of a page.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Glyphs in the order in which they are drawn.
    pub glyphs: Vec<Glyph>,
    /// Lines along an axis.
    pub rules: Vec<Rule>,
    /// Glyphs that have no character.
    pub replaced: u64,
}

/// A device that takes note instead of drawing.
pub struct Recorder {
    bounds: Rect,
    drawn: Drawn,
    /// Glyphs of a character by the place where they stand, to find those that are drawn twice.
    places: HashMap<(String, i64, i64), Vec<(f64, f64)>>,
    seen: usize,
    most: usize,
}

impl Recorder {
    /// For a page with these bounds, and at most so many shapes.
    pub fn new(bounds: Rect, most: usize) -> Self {
        Self { bounds, drawn: Drawn::default(), places: HashMap::new(), seen: 0, most }
    }

    /// How many shapes were drawn; none is kept past the limit.
    pub fn seen(&self) -> usize {
        self.seen
    }

    /// What was noted.
    pub fn finish(self) -> Drawn {
        self.drawn
    }

    fn has_room(&mut self) -> bool {
        self.seen += 1;
        self.seen <= self.most
    }

    fn glyph(&mut self, glyph: &FontGlyph<'_>, transform: Affine) {
        // A glyph stands on its base line; above it is most of its box (typographic ascent and descent of CJK fonts).
        const ASCENT: f64 = 880.0;
        const DESCENT: f64 = -120.0;
        let advance = match glyph {
            FontGlyph::Outline(outline) => outline.advance_width(),
            FontGlyph::Type3(type3) => type3.advance_width(),
        };
        let advance = f64::from(advance.unwrap_or(1000.0));
        let one = transform * Point::new(0.0, DESCENT);
        let other = transform * Point::new(advance, ASCENT);
        let place = Rect::from_points(one, other);
        if !self.bounds.contains(place.center()) || !place.is_finite() {
            return;
        }
        let text = match glyph.as_unicode() {
            Some(BfString::Char(character)) => character.to_string(),
            Some(BfString::String(text)) => text,
            None => char::REPLACEMENT_CHARACTER.to_string(),
        };
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        if text.is_empty() || self.is_doubled(&text, &place) {
            return;
        }
        self.drawn.replaced += text.matches(char::REPLACEMENT_CHARACTER).count() as u64;
        let Rect { x0, x1, y0, y1 } = place;
        self.drawn.glyphs.push(Glyph { text, x0, x1, y0, y1 });
    }

    /// Whether the same glyph stands there already.
    fn is_doubled(&mut self, text: &str, place: &Rect) -> bool {
        let near = place.height() * 0.15;
        let step = place.height().max(1.0);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "pages are small, and far places only share a bucket"
        )]
        let bucket = |at: f64| (at / step) as i64;
        let (column, row) = (bucket(place.x0), bucket(place.y0));
        let neighbours = (column - 1..=column + 1).flat_map(|x| (row - 1..=row + 1).map(move |y| (x, y)));
        let is_near = |(x, y): &(f64, f64)| (x - place.x0).abs() < near && (y - place.y0).abs() < near;
        let doubled = neighbours
            .filter_map(|(x, y)| self.places.get(&(text.to_owned(), x, y)))
            .any(|places| places.iter().any(is_near));
        if !doubled {
            self.places.entry((text.to_owned(), column, row)).or_default().push((place.x0, place.y0));
        }
        doubled
    }

    fn rule(&mut self, one: Point, other: Point) {
        let (dx, dy) = ((one.x - other.x).abs(), (one.y - other.y).abs());
        if !one.is_finite() || !other.is_finite() || dx.max(dy) < f64::EPSILON {
            return;
        }
        let rule = if dy <= SKEWED && dx > dy {
            Rule {
                horizontal: true,
                at: f64::midpoint(one.y, other.y),
                from: one.x.min(other.x),
                to: one.x.max(other.x),
            }
        } else if dx <= SKEWED {
            Rule {
                horizontal: false,
                at: f64::midpoint(one.x, other.x),
                from: one.y.min(other.y),
                to: one.y.max(other.y),
            }
        } else {
            return;
        };
        self.drawn.rules.push(rule);
    }

    /// The sides of a filled shape, if it is a thin box.
    fn filled(&mut self, path: &BezPath, transform: Affine) {
        let mut points: Vec<Point> = Vec::new();
        let elements = path.elements().iter().copied().chain([PathEl::ClosePath]);
        for element in elements {
            match element {
                PathEl::MoveTo(point) => {
                    self.thin(&points);
                    points = vec![transform * point];
                }
                PathEl::LineTo(point) => points.push(transform * point),
                // A curve is no side of a box.
                PathEl::QuadTo(..) | PathEl::CurveTo(..) => points.clear(),
                PathEl::ClosePath => {
                    self.thin(&points);
                    points.clear();
                }
            }
        }
    }

    fn thin(&mut self, points: &[Point]) {
        let Some(first) = points.first().filter(|_| points.len() >= 3) else { return };
        let bounds =
            points.iter().fold(Rect::from_points(*first, *first), |bounds, point| bounds.union_pt(*point));
        if bounds.width().min(bounds.height()) > THINNEST || !self.has_room() {
            return;
        }
        let center = bounds.center();
        if bounds.width() >= bounds.height() {
            self.rule(Point::new(bounds.x0, center.y), Point::new(bounds.x1, center.y));
        } else {
            self.rule(Point::new(center.x, bounds.y0), Point::new(center.x, bounds.y1));
        }
    }

    fn stroked(&mut self, path: &BezPath, transform: Affine) {
        let (mut start, mut last) = (Point::ZERO, Point::ZERO);
        for element in path.elements() {
            let next = match element {
                PathEl::MoveTo(point) => {
                    start = transform * *point;
                    last = start;
                    continue;
                }
                PathEl::LineTo(point) => transform * *point,
                PathEl::QuadTo(_, point) | PathEl::CurveTo(_, _, point) => {
                    last = transform * *point;
                    continue;
                }
                PathEl::ClosePath => start,
            };
            if self.has_room() {
                self.rule(last, next);
            }
            last = next;
        }
    }
}

impl<'a> Device<'a> for Recorder {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, draw_mode: &DrawMode) {
        match draw_mode {
            DrawMode::Fill(_) => self.filled(path, props.transform),
            DrawMode::Stroke(_) | DrawMode::FillAndStroke(..) => self.stroked(path, props.transform),
            DrawMode::Invisible => {}
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for positioned in run.glyphs() {
            if self.has_room() {
                self.glyph(positioned, props.transform * positioned.transform());
            }
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
