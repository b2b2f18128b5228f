//! What a page draws: its characters with their boxes, and the straight lines between them.
//!
//! Coordinates are points from the page's upper left corner as it is seen, downwards: its rotation and crop box are
//! taken into account, and a page whose text stands on its side is turned. Most producers draw a table's lines as thin
//! filled rectangles and not as lines, so both count; a wide fill is a background and no line. What lies outside the
//! page is not seen, and a character that is drawn twice on one spot, to make it bold, is one.

use hayro_interpret::font::{Glyph as Shape, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::kurbo::{Affine, BezPath, PathEl, Point, Rect};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};
use jixiao_model::fold::{is_invisible, unified};

use crate::limits::{Budget, Excess};

/// A fill thinner than this is a line, in points.
const THIN: f64 = 3.0;
/// How far the ends of a line may lie apart across it.
const ASKEW: f64 = 1.0;
/// The part of a character's height that stands above its base line, and below it.
const ASCENT: f64 = 880.0;
const DESCENT: f64 = 120.0;
/// The replacement character, for glyphs of which no character is known.
pub const UNKNOWN: char = '\u{FFFD}';

/// A character on a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph {
    /// The character.
    pub character: char,
    /// Its box.
    pub area: Rect,
}

/// A straight line on a page, along one of its sides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// Whether it runs from left to right.
    pub is_horizontal: bool,
    /// Where it lies: its height if it is horizontal.
    pub at: f64,
    /// Where it begins.
    pub from: f64,
    /// Where it ends.
    pub to: f64,
}

/// All that a page draws.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Its size.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// Its characters, as they were drawn.
    pub glyphs: Vec<Glyph>,
    /// Its lines.
    pub rules: Vec<Rule>,
    /// How many characters are unknown.
    pub unknown: u64,
}

/// The paper that a page is drawn on.
pub struct Canvas<'b> {
    drawn: Drawn,
    /// How many characters read to the right, downwards, to the left and upwards.
    directions: [usize; 4],
    budget: &'b mut Budget,
    excess: Option<Excess>,
}

impl<'b> Canvas<'b> {
    /// An empty page.
    pub fn new(width: f64, height: f64, budget: &'b mut Budget) -> Self {
        let drawn = Drawn { width, height, ..Drawn::default() };
        Self { drawn, directions: [0; 4], budget, excess: None }
    }

    /// What was drawn.
    pub fn finish(self) -> Result<Drawn, Excess> {
        if let Some(excess) = self.excess {
            return Err(excess);
        }
        let mut drawn = self.drawn;
        let turned = (1..4).find(|turn| self.directions[*turn] * 2 > self.directions.iter().sum());
        if let Some(turns) = turned {
            drawn.turn(turns);
        }
        let page = Rect::new(0.0, 0.0, drawn.width, drawn.height);
        drawn.glyphs.retain(|glyph| page.contains(glyph.area.center()));
        drawn.unknown = drawn.glyphs.iter().filter(|glyph| glyph.character == UNKNOWN).count() as u64;
        Ok(drawn)
    }

    /// Counts something that is drawn. Returns whether there is room for it.
    fn count(&mut self) -> bool {
        if self.excess.is_none() {
            self.excess = self.budget.shape().err();
        }
        self.excess.is_none()
    }

    fn glyph(&mut self, shape: &Shape<'_>, transform: Affine) {
        let advance = match shape {
            Shape::Outline(outline) => outline.advance_width(),
            Shape::Type3(type3) => type3.advance_width(),
        };
        let text = match shape.as_unicode() {
            Some(BfString::Char(character)) => String::from(character),
            Some(BfString::String(text)) => text,
            None => String::new(),
        };
        let mut characters: Vec<char> = text.chars().filter(|c| !is_invisible(*c)).map(unified).collect();
        if text.trim().is_empty() && has_no_character(shape) || text.is_empty() && !has_no_ink(shape) {
            characters = vec![UNKNOWN];
        }
        let advance = f64::from(advance.unwrap_or(1000.0));
        let part = advance / characters.len().max(1) as f64;
        for (index, character) in characters.iter().enumerate() {
            if !self.count() {
                return;
            }
            let left = part * index as f64;
            let area = transform.transform_rect_bbox(Rect::new(left, -DESCENT, left + part, ASCENT));
            if area.is_finite() && area.width() < 2_000.0 && area.height() < 2_000.0 {
                self.directions[quarter(transform)] += 1;
                self.drawn.glyphs.push(Glyph { character: *character, area });
            }
        }
    }

    fn rule(&mut self, one: Point, other: Point, is_horizontal: bool) {
        let across = (one.x - other.x).abs();
        let down = (one.y - other.y).abs();
        if !(across + down).is_finite() || across.min(down) > ASKEW || !self.count() {
            return;
        }
        let (at, from, to) = if is_horizontal {
            (f64::midpoint(one.y, other.y), one.x.min(other.x), one.x.max(other.x))
        } else {
            (f64::midpoint(one.x, other.x), one.y.min(other.y), one.y.max(other.y))
        };
        self.drawn.rules.push(Rule { is_horizontal, at, from, to });
    }

    fn side(&mut self, one: Point, other: Point) {
        self.rule(one, other, (one.x - other.x).abs() >= (one.y - other.y).abs());
    }

    /// A filled shape is a line where it is thin.
    fn fill(&mut self, shape: &[PathEl]) {
        let mut points = shape.iter().filter_map(PathEl::end_point);
        let Some(first) = points.next() else { return };
        let area = points.fold(Rect::from_points(first, first), |area, point| area.union_pt(point));
        if area.width().min(area.height()) > THIN {
            return;
        }
        let middle = area.center();
        // A dot may be a piece of a line in either direction.
        let is_dot = area.width().max(area.height()) <= THIN;
        if is_dot || area.width() >= area.height() {
            self.rule(Point::new(area.x0, middle.y), Point::new(area.x1, middle.y), true);
        }
        if is_dot || area.width() < area.height() {
            self.rule(Point::new(middle.x, area.y0), Point::new(middle.x, area.y1), false);
        }
    }

    fn stroke(&mut self, shape: &[PathEl]) {
        let (mut first, mut last) = (Point::ZERO, Point::ZERO);
        for element in shape {
            match element {
                PathEl::MoveTo(point) => first = *point,
                PathEl::LineTo(point) => self.side(last, *point),
                PathEl::ClosePath => self.side(last, first),
                PathEl::QuadTo(..) | PathEl::CurveTo(..) => {}
            }
            last = element.end_point().unwrap_or(first);
        }
    }
}

/// Whether a glyph draws nothing, as a blank does.
fn has_no_ink(shape: &Shape<'_>) -> bool {
    match shape {
        Shape::Outline(outline) => outline.outline().elements().is_empty(),
        Shape::Type3(_) => false,
    }
}

/// Whether what was shown is no character of its font: the reader gives code 0 for each byte that its CMap has no
/// character for. A ☑ in a font of Adobe-GB1, which has none, leaves no ink, and its place in Adobe-GB1-UCS2 is a blank.
fn has_no_character(shape: &Shape<'_>) -> bool {
    matches!(shape, Shape::Outline(outline) if outline.char_code() == 0)
}

/// How many quarters a character is turned clockwise.
fn quarter(transform: Affine) -> usize {
    let [x, y, ..] = transform.as_coeffs();
    match (x.abs() >= y.abs(), x >= 0.0, y >= 0.0) {
        (true, true, _) => 0,
        (false, _, true) => 1,
        (true, false, _) => 2,
        (false, _, false) => 3,
    }
}

impl Drawn {
    /// Turns the page back by quarters, so that its text reads to the right.
    fn turn(&mut self, quarters: usize) {
        for _ in quarters..4 {
            // A quarter clockwise: what was left is above.
            let (width, height) = (self.width, self.height);
            for glyph in &mut self.glyphs {
                let area = glyph.area;
                glyph.area = Rect::new(height - area.y1, area.x0, height - area.y0, area.x1);
            }
            for rule in &mut self.rules {
                *rule = if rule.is_horizontal {
                    Rule { is_horizontal: false, at: height - rule.at, ..*rule }
                } else {
                    let (from, to) = (height - rule.to, height - rule.from);
                    Rule { is_horizontal: true, at: rule.at, from, to }
                };
            }
            (self.width, self.height) = (height, width);
        }
    }
}

impl<'a> Device<'a> for Canvas<'_> {
    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        let path = props.transform * path;
        let elements = path.elements();
        let starts = elements.iter().enumerate().filter(|(_, element)| matches!(element, PathEl::MoveTo(_)));
        let starts: Vec<usize> = starts.map(|(index, _)| index).chain([elements.len()]).collect();
        for ends in starts.windows(2) {
            let shape = &elements[ends[0]..ends[1]];
            match mode {
                DrawMode::Fill(_) => self.fill(shape),
                DrawMode::Stroke(_) | DrawMode::FillAndStroke(..) => self.stroke(shape),
                DrawMode::Invisible => {}
            }
        }
    }

    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        for glyph in run.glyphs() {
            self.glyph(glyph, props.transform * glyph.transform());
        }
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
