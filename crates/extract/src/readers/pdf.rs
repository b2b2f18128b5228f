//! PDF (ISO 32000) to blocks.
//!
//! A PDF knows neither tables nor paragraphs, only where each character and each line is drawn. So a page is drawn
//! (`canvas`), its lines are made into cells (`lattice`), and its characters into lines of text in and outside of them
//! (`text`, `page`, `paragraphs`); tables that go on over pages are one (`tables`). Before anything is inflated or drawn
//! it is looked at what that would take (`guard`), since the interpreter cannot be stopped on its way.

mod canvas;
mod cut;
mod guard;
mod lattice;
mod loose;
mod packed;
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
use crate::readers::aligned::Words;
use canvas::{Canvas, Drawn};
use loose::Loose;
use page::{Part, Table};
use tables::Run;
use text::Line;

/// The blocks of a document.
pub fn read(bytes: &[u8], words: &Words, budget: &mut Budget) -> Result<Pages, Unreadable> {
    guard::look_through(bytes, budget)?;
    let pdf = Pdf::new(bytes.to_vec()).map_err(unreadable)?;
    guard::streams(&pdf, guard::is_encrypted(bytes))?;
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
    Ok(document.finish(words, budget)?)
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
    /// The last line of the paragraph read last, with its page.
    tail: Option<(u32, Line)>,
    /// The margins of the pages so far. A page may hold a title alone, which fills no line.
    margins: Option<(f64, f64)>,
    unknown: u64,
    first_unknown: Option<Place>,
    /// A table without lines that may go on on the next page, by its pages.
    loose: Vec<(u32, Loose)>,
    /// The margins of the page on which that begins.
    loose_margins: (f64, f64),
    without_lines: Vec<[Place; 2]>,
}

impl Document {
    fn page(&mut self, drawn: Drawn, number: u32, budget: &mut Budget) -> Result<(), Excess> {
        let width = drawn.width;
        self.has_text |= drawn.glyphs.iter().any(|glyph| !glyph.character.is_whitespace());
        self.unknown += drawn.unknown;
        if drawn.unknown > 0 {
            self.first_unknown.get_or_insert(Place::Page(number));
        }
        let above = self.loose.last().filter(|(page, _)| page + 1 == number);
        let above = above.map(|(_, table)| table.starts()).unwrap_or_default();
        let parts = page::parts(drawn, &above, budget)?;
        let lefts = parts.iter().map(|part| part.edges().0);
        let rights = parts.iter().map(|part| part.edges().1);
        // The margins of a page are alike.
        let left = lefts.fold(width, f64::min);
        let right = rights.fold(width - left, f64::max);
        let (leftmost, rightmost) = self.margins.unwrap_or((left, right));
        self.margins = Some((leftmost.min(left), rightmost.max(right)));
        let mut lines: Vec<Line> = Vec::new();
        for (at, part) in parts.into_iter().enumerate() {
            let goes_on = at == 0 && self.loose.last().is_some_and(|(page, _)| page + 1 == number);
            if !(goes_on && matches!(part, Part::Loose(_))) {
                self.end_loose(budget)?;
            }
            if !matches!(part, Part::Line(_)) {
                self.paragraphs(&std::mem::take(&mut lines), left, right, number, budget)?;
            }
            match part {
                Part::Line(line) => lines.push(line),
                Part::Table(table) => self.table(number, table),
                Part::Loose(table) => {
                    if self.loose.is_empty() {
                        self.loose_margins = (left, right);
                    }
                    self.loose.push((number, table));
                }
            }
        }
        self.paragraphs(&lines, left, right, number, budget)?;
        Ok(())
    }

    fn table(&mut self, number: u32, table: Table) {
        match self.runs.last_mut() {
            Some(run) if matches!(self.pieces.last(), Some(Piece::Run)) && run.goes_on(number, &table) => {
                run.pieces.push((number, table));
            }
            _ => {
                self.runs.push(Run { pieces: vec![(number, table)] });
                self.pieces.push(Piece::Run);
            }
        }
    }

    /// Lays out a table without lines, since nothing goes on with it.
    fn end_loose(&mut self, budget: &mut Budget) -> Result<(), Excess> {
        let loose = std::mem::take(&mut self.loose);
        if let [(number, table)] = loose.as_slice()
            && !table.doubted.is_empty()
        {
            let (left, right) = self.loose_margins;
            return self.paragraphs(&table.doubted, left, right, *number, budget);
        }
        if let (Some((first, _)), Some((last, _))) = (loose.first(), loose.last()) {
            self.without_lines.push([Place::Page(*first), Place::Page(*last)]);
        }
        for (number, table) in loose::laid_out(loose) {
            self.table(number, table);
        }
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
        let (Some(first), Some(last)) = (lines.first(), lines.last()) else { return Ok(()) };
        let (leftmost, rightmost) = self.margins.unwrap_or((left, right));
        let tail = self.tail.replace((number, last.clone())).filter(|(page, above)| {
            let room = rightmost - above.area.x1;
            *page + 1 == number && paragraphs::goes_on_over_page(above, first, leftmost, room)
        });
        let mut texts = paragraphs::paragraphs(lines, left, right).into_iter();
        if let (Some((_, above)), Some(Piece::Paragraph(begun))) = (tail, self.pieces.last_mut()) {
            text::join(&mut begun.text, &above, first, rightmost - above.area.x1);
            begun.text.extend(texts.next());
        }
        for text in texts {
            let place = Place::Page(number);
            budget.paragraph(&place)?;
            self.pieces.push(Piece::Paragraph(Paragraph { text, place }));
        }
        Ok(())
    }

    fn finish(mut self, words: &Words, budget: &mut Budget) -> Result<Pages, Excess> {
        self.end_loose(budget)?;
        let mut grids = tables::grids(self.runs, words, budget)?.into_iter();
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
            without_lines: self.without_lines,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::shown;
    use crate::words::JUDGE;

    fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
        super::read(bytes, &Words::new(JUDGE), budget)
    }

    /// A page with some content, and objects from the sixth on.
    fn page(entries: &str, content: &str, more: &[&str]) -> Vec<u8> {
        let mut objects = vec![
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R{entries}>>"),
            format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_owned(),
        ];
        objects.extend(more.iter().map(|object| (*object).to_owned()));
        let objects =
            objects.iter().zip(1..).map(|(object, number)| format!("{number} 0 obj\n{object}\nendobj\n"));
        format!("%PDF-1.7\n{}trailer\n<</Root 1 0 R>>\n", objects.collect::<String>()).into_bytes()
    }

    const FONT: &str = "/Resources<</Font<</F 5 0 R>>/XObject<</X 6 0 R>>>>";

    fn blocks(bytes: &[u8]) -> Vec<String> {
        shown(&read(bytes, &mut Budget::default()).expect("it can be read").blocks)
    }

    #[test]
    fn a_table_is_what_lines_enclose() {
        let lines = "10 300 200 0.5 re 10 280 200 0.5 re 110 260 100 0.5 re 10 240 200 0.5 re f \
            10 240 0.5 60 re 110 240 0.5 60 re 210 240 0.5 60 re f 0.9 g 10 310 200 60 re f 0 g";
        let text = "BT /F 10 Tf 15 330 Td (Title) Tj 0 -43 Td (ab) Tj 0.3 0 Td (ab) Tj 100 0 Td (c) Tj \
            -100.3 -20 Td (d) Tj 100 0 Td (e) Tj 0 -20 Td (f) Tj 900 0 Td (off the page) Tj ET";
        let expected = ["p1 Title", "p1 ab|c", "p1 d|e", "p1 .|f"];
        assert_eq!(blocks(&page(FONT, &format!("{lines} {text}"), &[])), expected);
        // The same printed on its side, and with lines in place of fills.
        let strokes = "10 300 200 -60 re 110 240 m 110 300 l 10 280 m 210 280 l 110 260 m 210 260 l S";
        let turned = format!("q 0 1 -1 0 400 0 cm {strokes} {text} Q");
        assert_eq!(blocks(&page(FONT, &turned, &[])), expected);
        assert_eq!(blocks(&page(&format!("{FONT}/Rotate 90"), &turned, &[])), expected);
    }

    /// Texts at points of a page of 400 points, from its lower end.
    fn texts(texts: &[(i32, i32, &str)]) -> Vec<u8> {
        let texts = texts.iter().map(|(x, y, text)| format!("BT /F 10 Tf {x} {y} Td ({text}) Tj ET\n"));
        page(FONT, &texts.collect::<String>(), &[])
    }

    #[test]
    fn a_table_needs_no_lines() {
        // `class` stands beside two rows, and `long` goes on on the next line.
        let table = texts(&[
            (15, 380, "title"),
            (15, 340, "head"),
            (80, 340, "name"),
            (140, 340, "value"),
            (80, 320, "one"),
            (140, 320, "1"),
            (15, 310, "class"),
            (80, 300, "two words"),
            (140, 300, "2"),
            (15, 280, "label"),
            (80, 280, "long text that goes to the edge of all"),
            (80, 268, "on"),
        ]);
        let expected = [
            "p1 title",
            "p1 head|name|value",
            "p1 class|one|1",
            "p1 .|two words|2",
            "p1 label|long text that goes to the edge of all on|.",
        ];
        assert_eq!(blocks(&table), expected);
    }

    #[test]
    fn running_text_is_no_table() {
        let prose = texts(&[
            (15, 380, "some  words  stand apart on a line of text"),
            (15, 366, "and others do  on the next one of it"),
            (15, 340, "1."),
            (40, 340, "first item of a list"),
            (15, 320, "2."),
            (40, 320, "second item"),
        ]);
        assert!(
            read(&prose, &mut Budget::default())
                .is_ok_and(|pages| { pages.blocks.iter().all(|block| matches!(block, Block::Paragraph(_))) })
        );
    }

    #[test]
    fn pages_of_very_many_texts_stay_text() {
        let many: Vec<(i32, i32, &str)> =
            (0..1_600).map(|at| (10 + at % 40 * 9, 390 - at / 40 * 9, "x")).collect();
        let pages = read(&texts(&many), &mut Budget::default()).expect("it can be read");
        assert!(pages.blocks.iter().all(|block| matches!(block, Block::Paragraph(_))));
    }

    #[test]
    fn answers_in_forms_are_read() {
        let field = "<</Subtype/Widget/Rect[20 20 200 40]/AP<</N 7 0 R>>>>";
        let shown = "<</Subtype/Form/BBox[0 0 180 20]/Resources<</Font<</F 5 0 R>>>>/Length 36>>\nstream\n\
            BT /F 10 Tf 2 4 Td (an answer)Tj ET \nendstream";
        let bytes =
            page(&format!("{FONT}/Annots[6 0 R]"), "BT /F 10 Tf 20 60 Td (label) Tj ET", &[field, shown]);
        assert_eq!(blocks(&bytes), ["p1 label", "p1 an answer"]);
    }

    #[test]
    fn what_a_font_has_no_character_for_is_told() {
        // 项☑目 in a font of Adobe-GB1, which has no ☑: its two bytes stand for nothing.
        let font =
            "<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]>>";
        let descendant = "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo\
            <</Registry(Adobe)/Ordering(GB1)/Supplement 0>>/FontDescriptor<</Type/FontDescriptor/Flags 6>>>>";
        let resources = "/Resources<</Font<</F 6 0 R>>>>";
        let bytes = page(resources, "BT /F 10 Tf 15 330 Td <9879261176EE> Tj ET", &[font, descendant]);
        let pages = read(&bytes, &mut Budget::default()).expect("it can be read");
        assert_eq!(shown(&pages.blocks), ["p1 项\u{FFFD}\u{FFFD}目"]);
        assert_eq!((pages.replacement_count, pages.findings.len()), (2, 1));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let read = |bytes: &[u8]| read(bytes, &mut Budget::default()).expect_err("it cannot be read");
        assert_eq!(read(&page(FONT, "0 0 9 9 re f", &[])), Unreadable::NoText { pages: 1 });
        assert!(matches!(read(b"%PDF-1.7\n"), Unreadable::Damaged { .. }));
        let cyclic = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n\
            2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>";
        assert!(matches!(read(cyclic), Unreadable::Damaged { .. }));
        let nested = format!("{}{}", "<</A ".repeat(10_000), ">>".repeat(10_000));
        assert!(matches!(read(&page(FONT, "", &[&nested])), Unreadable::Damaged { .. }));
    }

    #[test]
    fn work_is_counted_before_it_is_done() {
        // Pieces that each draw the next one twice, thirty deep, draw the last one 2^30 times.
        let piece = |number: u32| {
            format!(
                "<</Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {} 0 R>>>>/Length 11>>\nstream\n\
                 /X Do /X Do\nendstream",
                number + 1
            )
        };
        let pieces: Vec<String> = (6..36).map(piece).collect();
        let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let bytes = page(FONT, "/X Do", &pieces);
        let mut budget = Budget::default();
        budget.instruct(127 << 20).expect("there are more");
        assert_eq!(read(&bytes, &mut budget), Err(Unreadable::Excess(Excess::Instructions)));
        let mut content = String::new();
        for at in 0..6_000 {
            let at = f64::from(at) / 20.0;
            content += &format!("{at} 0 m {at} 300 l S 0 {at} m 300 {at} l S\n");
        }
        let lines = read(
            &page(FONT, &format!("{content} BT /F 10 Tf 350 350 Td (a) Tj ET"), &[]),
            &mut Budget::default(),
        );
        assert!(lines.is_ok_and(|pages| !pages.blocks.is_empty()), "lines that lie on one another are one");
    }

    #[test]
    fn what_compressed_streams_inflate_to_is_counted() {
        use std::io::Write;
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        let blank = vec![b' '; 1 << 20];
        packed.write_all(&blank).expect("memory");
        let packed = packed.finish().expect("memory");
        let mut bytes = b"%PDF-1.7\n1 0 obj <</Filter/FlateDecode>>stream\r\n".to_vec();
        bytes.extend(packed);
        let mut budget = Budget::default();
        budget.inflate(budget.inflated_left() - 1_000).expect("that is left");
        assert_eq!(read(&bytes, &mut budget), Err(Unreadable::Excess(Excess::Inflated)));
    }
}
