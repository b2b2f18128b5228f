//! What a document would take, before it is taken.
//!
//! The interpreter inflates whatever a stream holds and follows each piece that a page draws as often as it is drawn. It
//! cannot be stopped on its way, so both are counted first: what compressed streams inflate to, and the bytes of the
//! instructions that a page would follow.

use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use hayro_syntax::page::{Page, Resources};
use hayro_syntax::{Filter, Pdf};

use super::packed;
use crate::format::Kind;
use crate::limits::{Budget, Excess};
use crate::readers::Unreadable;

/// The interpreter draws no pieces within pieces deeper than this.
const DEPTH: u32 = 50;
/// What drawing a piece costs at least, in bytes of instructions.
const PIECE: u64 = 256;
/// What one page may take, in bytes of instructions: paths are kept whole.
const PAGE: u64 = 24 << 20;
/// The parser reads no objects within objects deeper than this.
const NESTING: usize = 512;
/// Columns of a row that a stream may declare (7.4.4.4): the row is made before its bytes are there.
const COLUMNS: u64 = 1 << 20;

/// Looks through the bytes of a file: counts what all compressed streams inflate to (ISO 32000-2, 7.4), and refuses objects
/// that are nested so deep that the parser does not read them, but takes long to say so.
///
/// The list of objects may itself be in such streams, so this is done before the parser is asked what they are.
pub fn look_through(bytes: &[u8], budget: &mut Budget) -> Result<(), Unreadable> {
    let mut rest = bytes;
    while let Some(at) = find(rest, b"stream") {
        let before = rest.get(..at).unwrap_or_default();
        rest = rest.get(at + 6..).unwrap_or_default();
        if before.ends_with(b"end") {
            continue;
        }
        check_nesting(before)?;
        let begin = before.windows(3).rposition(|word| word == b"obj").unwrap_or(0);
        let dictionary = before.get(begin..).unwrap_or_default();
        for columns in numbers(dictionary, b"/Columns") {
            check_columns(columns)?;
        }
        let data = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")).unwrap_or(rest);
        match packed::named(dictionary).as_slice() {
            // Its filters may be named elsewhere.
            [] if packed::is_zlib(data) => packed::count(&[Filter::FlateDecode], data, budget)?,
            [] => {}
            // It says itself where it ends.
            [Filter::FlateDecode] => packed::count(&[Filter::FlateDecode], data, budget)?,
            filters => {
                let end = find(data, b"endstream").unwrap_or(data.len());
                packed::count(filters, data.get(..end).unwrap_or_default(), budget)?;
            }
        }
    }
    check_nesting(rest)
}

/// Counts what the bytes of the file do not show: streams that are encrypted, and those whose filters are named in another
/// object or in another spelling.
pub fn streams(pdf: &Pdf, is_encrypted: bool) -> Result<(), Unreadable> {
    let mut budget = Budget::default();
    for object in pdf.objects() {
        let Object::Stream(stream) = object else { continue };
        for key in [&b"DecodeParms"[..], b"DP"] {
            let one = stream.dict().get::<Dict<'_>>(key).into_iter();
            let many = stream.dict().get::<Array<'_>>(key);
            let many =
                many.iter().flat_map(|array| array.iter::<Object<'_>>()).filter_map(|object| match object {
                    Object::Dict(parameters) => Some(parameters),
                    _ => None,
                });
            for columns in one.chain(many).filter_map(|parameters| parameters.get::<i64>(b"Columns")) {
                check_columns(u64::try_from(columns).unwrap_or(u64::MAX))?;
            }
        }
        let filters = stream.filters();
        let data = stream.raw_data();
        let was_counted = match filters.as_slice() {
            [] => true,
            [Filter::FlateDecode] => !is_encrypted && packed::is_zlib(&data),
            _ => false,
        };
        if !was_counted {
            packed::count(&filters, &data, &mut budget)?;
        }
    }
    Ok(())
}

/// Whether a file may be encrypted. Its trailer says so, or the dictionary of the stream in its place: neither is packed.
pub fn is_encrypted(bytes: &[u8]) -> bool {
    find(bytes, b"/Encrypt").is_some()
}

/// The numbers behind a name, as a dictionary has them.
fn numbers<'d>(dictionary: &'d [u8], name: &'d [u8]) -> impl Iterator<Item = u64> + 'd {
    let behind = dictionary.windows(name.len()).enumerate().filter(move |(_, word)| *word == name);
    behind.filter_map(move |(at, _)| {
        let text = dictionary.get(at + name.len()..)?.trim_ascii_start();
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
        let number =
            |number: u64, digit: &u8| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
        Some(digits.fold(0, number))
    })
}

fn check_columns(columns: u64) -> Result<(), Unreadable> {
    if columns <= COLUMNS {
        return Ok(());
    }
    let problem = format!("one of its streams says that it has rows of {columns} columns");
    Err(Unreadable::Damaged { name: Kind::Pdf.name(), problem })
}

fn check_nesting(objects: &[u8]) -> Result<(), Unreadable> {
    let mut depth = 0_usize;
    for pair in objects.windows(2) {
        match pair {
            b"<<" => depth += 1,
            b">>" => depth = depth.saturating_sub(1),
            [b'[', _] => depth += 1,
            [b']', _] => depth = depth.saturating_sub(1),
            // `endobj`: what was left open is closed.
            b"nd" => depth = 0,
            _ => {}
        }
        if depth > NESTING {
            let problem = format!("its objects are nested more than {NESTING} deep");
            return Err(Unreadable::Damaged { name: Kind::Pdf.name(), problem });
        }
    }
    Ok(())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|byte| *byte == first) {
        if bytes.get(from + at..)?.starts_with(wanted) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

/// Counts the instructions that a page would follow.
pub fn instructions(page: &Page<'_>, budget: &mut Budget) -> Result<(), Unreadable> {
    let mut count = Count { left: PAGE, budget };
    count.take(PIECE)?;
    let content = page.page_stream().unwrap_or_default();
    count.content(content, page.resources(), 0)?;
    // Annotations and the fields of forms show streams of their own (12.5.5).
    for annotation in page.raw().get::<Array<'_>>(b"Annots").iter().flat_map(|array| array.iter::<Dict<'_>>())
    {
        count.take(PIECE)?;
        let shown = annotation.get::<Dict<'_>>(b"AP").and_then(|shown| shown.get::<Object<'_>>(b"N"));
        let streams = match shown {
            Some(Object::Stream(stream)) => vec![stream],
            Some(Object::Dict(states)) => {
                states.keys().take(100).filter_map(|name| states.get::<Stream<'_>>(name)).collect()
            }
            _ => Vec::new(),
        };
        for stream in streams {
            count.piece(&stream, page.resources(), 1)?;
        }
    }
    Ok(())
}

struct Count<'b> {
    left: u64,
    budget: &'b mut Budget,
}

impl Count<'_> {
    fn take(&mut self, bytes: u64) -> Result<(), Excess> {
        self.left = self.left.checked_sub(bytes).ok_or(Excess::Instructions)?;
        self.budget.instruct(bytes)
    }

    fn piece(&mut self, stream: &Stream<'_>, resources: &Resources<'_>, depth: u32) -> Result<(), Excess> {
        self.take(PIECE + stream.raw_data().len() as u64)?;
        let Ok(content) = stream.decoded_data() else { return Ok(()) };
        match stream.dict().get::<Dict<'_>>(b"Resources") {
            Some(own) => self.content(&content, &Resources::new(own), depth),
            None => self.content(&content, resources, depth),
        }
    }

    fn content(&mut self, content: &[u8], resources: &Resources<'_>, depth: u32) -> Result<(), Excess> {
        self.take(content.len() as u64)?;
        let has_pieces = resources.x_objects.keys().any(|name| is_piece(&resources.x_objects, &name));
        if depth >= DEPTH || !has_pieces {
            return Ok(());
        }
        let mut instructions = UntypedIter::new(content);
        while let Some(instruction) = instructions.next() {
            if &**instruction.operator != b"Do" {
                continue;
            }
            let Some(Object::Name(name)) = instruction.operands().next() else { continue };
            if is_piece(&resources.x_objects, name)
                && let Some(stream) = resources.x_objects.get::<Stream<'_>>(name)
            {
                self.piece(&stream, resources, depth + 1)?;
            }
        }
        Ok(())
    }
}

/// Whether what a page draws by a name is a piece with instructions of its own, and no picture (8.10).
fn is_piece(objects: &Dict<'_>, name: &Name<'_>) -> bool {
    let stream = objects.get::<Stream<'_>>(name);
    stream.and_then(|stream| stream.dict().get::<Name<'_>>(b"Subtype")).is_some_and(|kind| *kind == *b"Form")
}
