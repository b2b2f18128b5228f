//! Lines outside of tables to paragraphs.

use super::text::{Line, join};

/// Lines of one paragraph are not farther apart than this, from one line's top to the next one's, in heights of them.
const PITCH: f64 = 2.1;
/// A block this narrow, in characters, was wrapped by a narrow frame.
const NARROW: f64 = 8.0;

/// Puts lines together that the layout wrapped, from edge to edge of the text of a page.
pub fn paragraphs(lines: &[Line], left: f64, right: f64) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let above = index.checked_sub(1).map(|above| &lines[above]);
        match (above, paragraphs.last_mut()) {
            (Some(above), Some(text)) if goes_on(above, line, left, right) => {
                join(text, above, line, right - above.area.x1);
                text.push_str(&line.text);
            }
            _ => paragraphs.push(line.text.clone()),
        }
    }
    paragraphs
}

/// Whether a line goes on with the one above.
fn goes_on(above: &Line, line: &Line, left: f64, right: f64) -> bool {
    let size = above.size.max(line.size);
    let is_near = line.area.y0 - above.area.y0 < size * PITCH && above.size.min(line.size) > size * 0.88;
    if !is_near {
        return false;
    }
    let centre = |line: &Line| line.area.center().x;
    let is_centred = (centre(above) - centre(line)).abs() < size * 0.3 && above.area.x0 - left > size * 2.0;
    let is_level = (above.area.x0 - line.area.x0).abs() < size * 0.3;
    let width = above.area.width();
    if width < size * NARROW && (is_centred || is_level) {
        return above.area.width() + size * 0.3 > line.area.width() && width > size * 2.4;
    }
    let is_indented = line.area.x0 - left > size * 1.2;
    !is_indented && above.is_wrapped(line, right - above.area.x1)
}
