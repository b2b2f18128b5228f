//! The least that a stage could take: what the libraries need that only carry bytes.

use std::cell::Cell;
use std::fs;
use std::io::{Cursor, Read as _};

use encoding_rs::GB18030;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer};
use jixiao_load::stages::Batch;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::Times;

/// Read from the disk's cache, decode, and take apart: lines and cells, HTML's tokens, the parts of a package, a page's
/// operators.
pub(crate) fn of_reading(times: &Times<'_>, size: usize) {
    let documents = &times.documents.bytes;
    times.stage("limit read", size, || {
        times.documents.paths.iter().map(|path| fs::read(path).map_or(0, |bytes| bytes.len())).sum::<usize>()
    });
    let suffix = times.documents.paths.first().and_then(|path| path.extension()?.to_str());
    match suffix {
        Some("docx" | "xlsx") => {
            times.stage("limit unpack", size, || documents.iter().flat_map(|bytes| parts(bytes)).count());
            let parts: Vec<String> = documents.iter().flat_map(|bytes| parts(bytes)).collect();
            times.stage("limit tokenise", size, || parts.iter().map(|part| xml_events(part)).sum::<usize>());
        }
        Some("pdf") => {
            times.stage("limit tokenise", size, || {
                documents.iter().map(|bytes| operators(bytes)).sum::<usize>()
            });
        }
        _ => of_texts(times, size),
    }
}

fn of_texts(times: &Times<'_>, size: usize) {
    let (utf8, others): (Vec<&Vec<u8>>, Vec<&Vec<u8>>) =
        times.documents.bytes.iter().partition(|bytes| std::str::from_utf8(bytes).is_ok());
    times.stage("limit validate", utf8.iter().map(|bytes| bytes.len()).sum(), || {
        utf8.iter().filter(|bytes| std::str::from_utf8(bytes).is_ok()).count()
    });
    let mut texts: Vec<String> =
        utf8.iter().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
    if !others.is_empty() {
        texts.extend(times.stage("limit decode", others.iter().map(|bytes| bytes.len()).sum(), || {
            others.iter().map(|bytes| GB18030.decode(bytes).0.into_owned()).collect::<Vec<_>>()
        }));
    }
    let is_html = texts.iter().all(|text| text.contains("<table"));
    times.stage("limit tokenise", size, || {
        texts.iter().map(|text| if is_html { html_tokens(text) } else { cells(text) }).sum::<usize>()
    });
}

fn cells(text: &str) -> usize {
    text.split('\n').flat_map(|line| line.split('\t')).filter(|cell| !cell.is_empty()).count()
}

struct Count(Cell<usize>);

impl TokenSink for Count {
    type Handle = ();

    fn process_token(&self, _: Token, _: u64) -> TokenSinkResult<()> {
        self.0.set(self.0.get() + 1);
        TokenSinkResult::Continue
    }
}

fn html_tokens(text: &str) -> usize {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(text));
    let tokenizer = Tokenizer::new(Count(Cell::new(0)), Default::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.get()
}

fn parts(bytes: &[u8]) -> Vec<String> {
    let mut package = zip::ZipArchive::new(Cursor::new(bytes)).expect("it is a package");
    let part = |number| {
        let mut text = String::new();
        package.by_index(number).and_then(|mut part| Ok(part.read_to_string(&mut text)?)).expect("a part");
        text
    };
    (0..zip::ZipArchive::new(Cursor::new(bytes)).map_or(0, |package| package.len())).map(part).collect()
}

fn xml_events(part: &str) -> usize {
    let mut reader = quick_xml::Reader::from_str(part);
    let mut count = 0;
    while !matches!(reader.read_event().expect("it is XML"), quick_xml::events::Event::Eof) {
        count += 1;
    }
    count
}

fn operators(bytes: &[u8]) -> usize {
    let pdf = hayro_syntax::Pdf::new(bytes.to_vec()).expect("it is PDF");
    let mut count = 0;
    for page in pdf.pages().iter() {
        let mut operations = page.operations();
        while operations.next().is_some() {
            count += 1;
        }
    }
    count
}

/// Write all tables as arrow-rs does by itself.
pub(crate) fn of_writing(times: &Times<'_>, size: usize, batches: &[Batch]) {
    let level = ZstdLevel::try_new(3).expect("there is such a level");
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(level)).build();
    times.stage("limit parquet", size, || {
        let mut bytes = 0;
        for (_, rows) in batches {
            let mut writer =
                ArrowWriter::try_new(Vec::new(), rows.schema(), Some(properties.clone())).expect("a schema");
            writer.write(rows).expect("rows");
            bytes += writer.into_inner().expect("a file").len();
        }
        bytes
    });
}
