//! PDF (ISO 32000) to blocks.
//!
//! A PDF knows neither tables nor paragraphs, only where each character and each line is drawn. So a page is drawn
//! (`canvas`), its lines are made into cells (`lattice`), and its characters into lines of text in and outside of them
//! (`text`, `page`, `paragraphs`); tables that go on over pages are one (`tables`). Before anything is inflated or drawn
//! it is looked at what that would take (`guard`), since the interpreter cannot be stopped on its way.

mod canvas;
mod guard;
mod lattice;
mod page;
mod paragraphs;
mod tables;
mod text;

use hayro_interpret::kurbo::Rect;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, TransformExt, interpret_page};
use hayro_syntax::page::Page;
use hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use jixiao_model::{Block, Finding, FindingCode, Paragraph, Place};

use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::{Budget, Excess};
use canvas::{Canvas, Drawn};
use page::Part;
use tables::Run;
use text::Line;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    guard::inflate(bytes, budget)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(unreadable)?;
    let pages = pdf.pages();
    if pages.is_empty() {
        return Err(damaged("no page can be found in it"));
    }
    let cache = InterpreterCache::new();
    let mut document = Document::default();
    for (page, number) in pages.iter().zip(1..) {
        let drawn = draw(page, &pdf, &cache, budget)?;
        document.page(drawn, number, budget)?;
    }
    if !document.has_text {
        return Err(Unreadable::NoText { pages: pages.len() });
    }
    Ok(document.finish(budget)?)
}

fn damaged(problem: &str) -> Unreadable {
    Unreadable::Damaged { name: Kind::Pdf.name(), problem: problem.to_owned() }
}

fn unreadable(error: LoadPdfError) -> Unreadable {
    match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => {
            Unreadable::Protected { name: Kind::Pdf.name() }
        }
        LoadPdfError::Decryption(_) => damaged("how it is encrypted is not known"),
        LoadPdfError::Invalid => damaged("its list of objects or of pages cannot be read"),
    }
}

/// Draws a page.
fn draw<'p>(
    page: &Page<'p>,
    pdf: &'p Pdf,
    cache: &InterpreterCache<'p>,
    budget: &mut Budget,
) -> Result<Drawn, Unreadable> {
    guard::instructions(page, budget)?;
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let transform = page.initial_transform(true).to_kurbo();
    let area = Rect::new(0.0, 0.0, width, height);
    let mut context = Context::new(transform, area, cache, pdf.xref(), InterpreterSettings::default());
    let mut canvas = Canvas::new(width, height, budget);
    interpret_page(page, &mut context, &mut canvas);
    Ok(canvas.finish()?)
}

/// A part of the document: a paragraph, or a table by its number.
enum Piece {
    Paragraph(Paragraph),
    Run,
}

#[derive(Default)]
struct Document {
    pieces: Vec<Piece>,
    runs: Vec<Run>,
    has_text: bool,
    unknown: u64,
    first_unknown: Option<Place>,
}

impl Document {
    fn page(&mut self, drawn: Drawn, number: u32, budget: &mut Budget) -> Result<(), Excess> {
        let width = drawn.width;
        self.has_text |= drawn.glyphs.iter().any(|glyph| !glyph.character.is_whitespace());
        self.unknown += drawn.unknown;
        if drawn.unknown > 0 {
            self.first_unknown.get_or_insert(Place::Page(number));
        }
        let parts = page::parts(drawn, budget)?;
        let lefts = parts.iter().map(|part| match part {
            Part::Line(line) => line.area.x0,
            Part::Table(table) => table.lattice.x[0],
        });
        let rights = parts.iter().map(|part| match part {
            Part::Line(line) => line.area.x1,
            Part::Table(table) => table.lattice.x.last().copied().unwrap_or_default(),
        });
        // The margins of a page are alike.
        let left = lefts.fold(width, f64::min);
        let right = rights.fold(width - left, f64::max);
        let mut lines: Vec<Line> = Vec::new();
        for part in parts {
            match part {
                Part::Line(line) => lines.push(line),
                Part::Table(table) => {
                    self.paragraphs(&std::mem::take(&mut lines), left, right, number, budget)?;
                    match self.runs.last_mut() {
                        Some(run)
                            if matches!(self.pieces.last(), Some(Piece::Run))
                                && run.goes_on(number, &table) =>
                        {
                            run.pieces.push((number, table));
                        }
                        _ => {
                            self.runs.push(Run { pieces: vec![(number, table)] });
                            self.pieces.push(Piece::Run);
                        }
                    }
                }
            }
        }
        self.paragraphs(&lines, left, right, number, budget)?;
        Ok(())
    }

    fn paragraphs(
        &mut self,
        lines: &[Line],
        left: f64,
        right: f64,
        number: u32,
        budget: &mut Budget,
    ) -> Result<(), Excess> {
        for text in paragraphs::paragraphs(lines, left, right) {
            let place = Place::Page(number);
            budget.paragraph(&place)?;
            self.pieces.push(Piece::Paragraph(Paragraph { text, place }));
        }
        Ok(())
    }

    fn finish(self, budget: &mut Budget) -> Result<Pages, Excess> {
        let mut grids = tables::grids(self.runs, budget)?.into_iter();
        let blocks = self.pieces.into_iter().filter_map(|piece| match piece {
            Piece::Paragraph(paragraph) => Some(Block::Paragraph(paragraph)),
            Piece::Run => grids.next().map(Block::Grid),
        });
        let findings = self.first_unknown.map(|place| {
            let message = format!(
                "{} characters are drawn in fonts that do not say which they are; each stands as U+FFFD",
                self.unknown
            );
            Finding::new(FindingCode::ReplacedCharacters, message).at(&place)
        });
        Ok(Pages {
            blocks: blocks.collect(),
            replacement_count: self.unknown,
            findings: findings.into_iter().collect(),
        })
    }
}
