//! Pages and RTF that ask for more than there is.

use std::io::Write;

use crate::bombs::repeated;

pub fn html_nested(open: &str, depth: usize) -> Vec<u8> {
    format!("<html><body><table><tr><td>甲</td></tr></table>{}项目名称", open.repeat(depth)).into_bytes()
}

/// A cell with so many attributes.
pub fn html_attributes(count: usize) -> Vec<u8> {
    let attributes: String = (0..count).map(|number| format!(" a{number}")).collect();
    format!("<html><body><table><tr><td{attributes}>甲</td></tr></table>").into_bytes()
}

/// The same in tags of one element: those of a second `<body>` belong to the first.
pub fn html_bodies(count: usize) -> Vec<u8> {
    let bodies: String = (0..count).map(|number| format!("<body a{number}>")).collect();
    format!("<html><body><table><tr><td>甲</td></tr></table>{bodies}").into_bytes()
}

pub fn rtf_groups(depth: usize) -> Vec<u8> {
    format!("{{\\rtf1\\ansi {}甲{}}}", "{\\b ".repeat(depth), "}".repeat(depth)).into_bytes()
}

/// Tables within tables, by the number that each paragraph says of its own.
pub fn rtf_tables(depth: usize) -> Vec<u8> {
    let mut text = "{\\rtf1\\ansi ".to_owned();
    for level in 1..=depth {
        text += &format!("\\pard\\intbl\\itap{level} a");
    }
    text.push('}');
    text.into_bytes()
}

fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(file.len());
        writeln!(file, "{number} 0 obj").expect("memory");
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).expect("memory");
    for place in places {
        writeln!(file, "{place:010} 00000 n ").expect("memory");
    }
    let count = objects.len() + 1;
    write!(file, "trailer\n<</Root 1 0 R/Size {count}>>\nstartxref\n{start}\n%%EOF\n").expect("memory");
    file
}

/// A tree of pages whose first branch holds another, or itself; and the other one holds the first.
pub fn pdf_page_loop(kid: &str) -> Vec<u8> {
    pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kid} {kid}]/Count 2>>").into_bytes(),
        b"<</Type/Pages/Parent 2 0 R/Kids[2 0 R 2 0 R]/Count 2>>".to_vec(),
    ])
}

/// So many blanks as a deflate stream, and as one of zlib (RFC 1950, 2.2). The checksum is at the end, where nobody comes.
fn blanks(count: usize) -> Vec<u8> {
    repeated("", " ", count, "").bytes
}

fn zlib(deflated: &[u8]) -> Vec<u8> {
    [b"\x78\x9C", deflated, &[0; 4]].concat()
}

fn hexadecimal(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().flat_map(|byte| format!("{byte:02x}").into_bytes()).collect()
}

fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let head = format!("<<{dictionary}/Length {}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// A page with these instructions.
fn pdf_page(content: Vec<u8>, more: Vec<Vec<u8>>) -> Vec<u8> {
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Contents 4 0 R\
          /Resources<</XObject<</X 5 0 R>>/Font<</F 6 0 R>>>>>>"
            .to_vec(),
        content,
    ];
    objects.extend(more);
    pdf(&objects)
}

/// A page whose instructions inflate to so many blanks.
pub fn pdf_stream(count: usize) -> Vec<u8> {
    pdf_page(stream("/Filter/FlateDecode", &zlib(&blanks(count))), Vec::new())
}

/// The same without the head of zlib, which parsers forgive.
pub fn pdf_stream_without_head(count: usize) -> Vec<u8> {
    pdf_page(stream("/Filter/FlateDecode", &blanks(count)), Vec::new())
}

/// The same in hexadecimal digits.
pub fn pdf_stream_in_digits(count: usize) -> Vec<u8> {
    let digits = hexadecimal(&zlib(&blanks(count)));
    pdf_page(stream("/Filter[/ASCIIHexDecode/FlateDecode]", &digits), Vec::new())
}

/// The same with the filters in another object.
pub fn pdf_stream_of_elsewhere(count: usize) -> Vec<u8> {
    let digits = hexadecimal(&zlib(&blanks(count)));
    pdf_page(stream("/Filter 5 0 R", &digits), vec![b"[/ASCIIHexDecode/FlateDecode]".to_vec()])
}

/// Runs of 128 blanks each, so many of them, deflated.
pub fn pdf_stream_of_runs(count: usize) -> Vec<u8> {
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    for _ in 0..count / 128 / 1_000 {
        packed.write_all(&[129, b' '].repeat(1_000)).expect("memory");
    }
    let packed = packed.finish().expect("memory");
    pdf_page(stream("/Filter[/FlateDecode/RunLengthDecode]", &packed), Vec::new())
}

/// A stream of rows of so many columns, of which none is there.
pub fn pdf_columns(columns: u64) -> Vec<u8> {
    let parameters = format!("/DecodeParms<</Predictor 2/BitsPerComponent 16/Columns {columns}>>");
    pdf_page(stream(&format!("/Filter/FlateDecode{parameters}"), &zlib(&blanks(100))), Vec::new())
}

/// A text, and a picture of so many dots on a side that a few bytes stand for.
pub fn pdf_picture(side: u32) -> Vec<u8> {
    let content = b"q 100 0 0 100 0 0 cm /X Do Q BT /F 10 Tf 10 300 Td (text) Tj ET";
    let parameters = format!("/DecodeParms<</K -1/Columns {side}/Rows {side}>>");
    let size = format!("/Width {side}/Height {side}/BitsPerComponent 1/ColorSpace/DeviceGray");
    let picture = stream(&format!("/Subtype/Image{size}/Filter/CCITTFaxDecode{parameters}"), &[0xFF; 64]);
    let font = b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>".to_vec();
    pdf_page(stream("", content), vec![picture, font])
}
