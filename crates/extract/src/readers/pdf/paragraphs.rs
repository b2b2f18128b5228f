//! Lines outside of tables to paragraphs, which may go on over a page.

use super::text::{Line, join};

/// Lines of one paragraph are not farther apart than this, from one line's top to the next one's, in heights of them.
const PITCH: f64 = 2.1;

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
    let is_near = line.area.y0 - above.area.y0 < above.size.max(line.size) * PITCH;
    is_near && goes_on_over_page(above, line, left, right - above.area.x1)
}

/// Whether the first line of a page goes on with the last one of the page before, which leaves some room.
pub fn goes_on_over_page(above: &Line, line: &Line, left: f64, room: f64) -> bool {
    let size = above.size.max(line.size);
    let is_alike = above.size.min(line.size) > size * 0.88;
    let is_indented = line.area.x0 - left > size * 1.2;
    is_alike && !is_indented && above.is_wrapped(line, room)
}
