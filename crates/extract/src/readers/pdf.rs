//! PDF (ISO 32000-2) to blocks: a page is glyphs and lines, and tables are what the lines enclose.
//!
//! `glyphs` gathers what a page draws, `ruling` makes cells of the lines, `text` makes texts of the glyphs in them, and
//! `join` puts tables together that go on over pages. What stands in no cell are paragraphs.

mod glyphs;
mod join;
mod ruling;
mod text;

use hayro_interpret::kurbo::Rect;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use jixiao_model::{Finding, FindingCode, Place};

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::{Budget, Excess};
use glyphs::{Drawn, Recorder};
use join::Part;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let name = Kind::Pdf.name();
    let pdf = match Pdf::new(bytes.to_vec()) {
        Ok(pdf) => pdf,
        Err(LoadPdfError::Decryption(DecryptionError::PasswordProtected)) => {
            return Err(Unreadable::Protected { name });
        }
        Err(LoadPdfError::Decryption(_)) => {
            return Err(Unreadable::OtherFormat { name: "a PDF document in an unknown encryption" });
        }
        Err(LoadPdfError::Invalid) => {
            let problem = "its objects cannot be found".to_owned();
            return Err(Unreadable::Damaged { name, problem });
        }
    };
    let count = pdf.pages().len();
    if count == 0 {
        return Err(Unreadable::Damaged { name, problem: "it has no pages".to_owned() });
    }
    let cache = InterpreterCache::new();
    let mut pages = Vec::new();
    let mut replaced: Option<(u64, u32)> = None;
    let mut glyphs = 0;
    for (page, number) in pdf.pages().iter().zip(1_u32..) {
        let drawn = drawn(page, &cache, pdf.xref(), budget)?;
        glyphs += drawn.glyphs.len();
        if drawn.replaced > 0 {
            let (count, first) = replaced.unwrap_or((0, number));
            replaced = Some((count + drawn.replaced, first));
        }
        pages.push(drawn);
    }
    if glyphs == 0 {
        return Err(Unreadable::NoText { pages: count });
    }
    let findings = replaced.map(|(count, page)| {
        let message = format!(
            "{count} glyphs have no character in their font and stand as U+FFFD; the first is on this page"
        );
        let finding = Finding::new(FindingCode::ReplacedCharacters, message).with_field("encoding");
        finding.with_found(count.to_string()).at(&Place::Page(page))
    });
    // Some pages hold a title alone; where lines are full is told by all of them.
    let printed = || pages.iter().flat_map(|page| &page.glyphs).filter(|glyph| !glyph.is_blank());
    let left = printed().map(|glyph| glyph.x0).fold(f64::INFINITY, f64::min);
    let right = printed().map(|glyph| glyph.x1).fold(f64::NEG_INFINITY, f64::max);
    let pages: Result<Vec<_>, _> = pages.into_iter().map(|page| parts(page, left, right, budget)).collect();
    let pages = pages?;
    Ok(Pages {
        blocks: join::blocks(pages, budget)?,
        replacement_count: replaced.map_or(0, |(count, _)| count),
        findings: findings.into_iter().collect(),
    })
}

/// What a page draws.
fn drawn<'a>(
    page: &'a Page<'a>,
    cache: &InterpreterCache<'a>,
    xref: &'a hayro_syntax::xref::XRef,
    budget: &mut Budget,
) -> Result<Drawn, Excess> {
    let (width, height) = page.render_dimensions();
    let bounds = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, bounds, cache, xref, InterpreterSettings::default());
    let mut recorder = Recorder::new(bounds, budget.shapes_left());
    interpret_page(page, &mut context, &mut recorder);
    budget.shapes(recorder.seen())?;
    Ok(recorder.finish())
}

/// The tables of a page, and the lines that stand in none of them, from top to bottom.
fn parts(drawn: Drawn, left: f64, right: f64, budget: &Budget) -> Result<Vec<Part>, Excess> {
    let Drawn { glyphs, rules, .. } = drawn;
    let mut tables = ruling::tables(&rules, budget)?;
    let mut outside = Vec::new();
    let mut inside: Vec<Vec<Vec<glyphs::Glyph>>> =
        tables.iter().map(|table| table.cells.iter().map(|_| Vec::new()).collect()).collect();
    for glyph in glyphs {
        let found = tables.iter().enumerate().find_map(|(at, table)| Some((at, table.cell_at(&glyph)?)));
        match found {
            Some((table, cell)) => inside[table][cell].push(glyph),
            None => outside.push(glyph),
        }
    }
    for (table, cells) in tables.iter_mut().zip(inside) {
        for (cell, glyphs) in table.cells.iter_mut().zip(cells) {
            cell.text = text::of_cell(glyphs, cell.x0, cell.x1, cell.y1);
        }
    }
    // A frame around a page, or around a picture, is no table.
    let (tables, frames): (Vec<_>, Vec<_>) = tables.into_iter().partition(|table| table.cells.len() > 1);
    let mut parts: Vec<Part> = text::paragraphs(outside, left, right).into_iter().map(Part::Line).collect();
    for frame in frames {
        let top = frame.y0;
        let texts = frame.cells.into_iter().map(|cell| cell.text).filter(|text| !text.printed.is_empty());
        parts.extend(texts.map(|text| Part::Line(text::Line { text, y: top, indent: 0.0 })));
    }
    parts.extend(tables.into_iter().map(Part::Table));
    parts.sort_by(|one, other| one.top().total_cmp(&other.top()));
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_pdf_or_has_no_text_says_so() {
        let read = |bytes: &[u8]| read(bytes, &mut Budget::default());
        assert!(matches!(read(b"%PDF-1.7\n"), Err(Unreadable::Damaged { .. })));
        let empty = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
            2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n\
            3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj\ntrailer<</Root 1 0 R>>";
        assert_eq!(read(empty), Err(Unreadable::NoText { pages: 1 }));
        let cyclic = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
            2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>";
        assert!(read(cyclic).is_err());
    }
}
