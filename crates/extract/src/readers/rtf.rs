//! RTF to blocks (Rich Text Format Specification, version 1.9.1), as Word, WPS and LibreOffice write it.
//!
//! The libraries looked at have no tables (`rtf-parser`) or no spans (`kreuzberg`), so this is a reader of its own:
//! `rtf_tokens` cuts the file into tokens, `rtf_text` makes characters of bytes, and `rtf_walk` tells the words that
//! matter to the story. RTF has no tables, only rows that follow one another, and no cells, only marks where they end; a
//! table ends with the first paragraph that is not in one.

use super::rtf_tokens::Tokens;
use super::rtf_walk::RtfWalk;
use super::{Pages, Unreadable};
use crate::limits::Budget;

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let mut walk = RtfWalk::new(budget);
    for token in Tokens::new(bytes) {
        walk.token(token)?;
    }
    walk.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Excess;
    use crate::readers::shown;

    fn pages(body: &str) -> Pages {
        let fonts =
            "{\\fonttbl{\\f0\\fcharset0 Times;}{\\f1\\fcharset134 SimSun;}{\\f2\\fcharset2 Wingdings;}}";
        let source = format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{fonts}{body}}}");
        read(source.as_bytes(), &mut Budget::default()).expect("it can be read")
    }

    fn check(body: &str, expected: &[&str]) {
        let pages = pages(body);
        assert_eq!(shown(&pages.blocks), expected, "{body}");
        assert_eq!(pages.replacement_count, 0, "{body}");
    }

    #[test]
    fn characters_are_read_by_the_code_page_of_their_font() {
        check(r"{\f1 \'b2\'c6\'d5\'fe}\par", &["¶1 财政"]);
        check("{\\f1 \\'b2\\'c6\\'d5\n\\'fe a\\'81@}\\par", &["¶1 财政 a丂"]);
        check(
            r"\u-29735\'3f\uc2\u25919\'d5\'fe\uc0\u55362\uc1 \u57271\'3f \u8805?\'b2\par",
            &["¶1 诙政𠮷 ≥²"],
        );
        check(r"{\f2 \'fe}a\{\'7d\emdash\~\par", &["¶1 \u{f0fe}a{}—"]);
        check(r"\pard\intbl\u30002\cell\row", &["T1!A1 甲"]);
    }

    #[test]
    fn a_document_in_gbk_reads_latin_fonts_as_gbk() {
        let source = r"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset0 Times;}}\f0 \'b2\'c6\par}";
        let pages = read(source.as_bytes(), &mut Budget::default()).expect("it can be read");
        assert_eq!(shown(&pages.blocks), ["¶1 财"]);
    }

    #[test]
    fn columns_lie_between_the_edges_of_all_rows() {
        check(
            r"\trowd\clvmgf\cellx1000\cellx3000\pard\intbl a\cell b\line c\cell\row
              \trowd\clvmrg\cellx1005\cellx2000\cellx3000\pard\intbl\cell d\par e\cell f\cell\row
              \trowd\clmgf\cellx1000\clmrg\cellx2000\cellx3000\pard\intbl g\cell\cell h\cell\row
              \pard i\par",
            &["T1!A1 a|b\nc|.", "T1!A2 .|d\ne|f", "T1!A3 g|.|h", "¶1 i"],
        );
    }

    #[test]
    fn tables_within_tables_are_as_in_html() {
        let nested = r"\pard\intbl\itap2 x\nestcell y\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par}";
        check(
            &format!(
                r"\trowd\cellx1000\cellx3000\pard\intbl\itap1 a\cell {nested}\pard\intbl\itap1\cell\row \pard b\par"
            ),
            &["T1!A1 a|x\ny", "¶1 b"],
        );
        check(
            &format!(
                r"\trowd\cellx1000\cellx3000\pard\intbl\itap1 a\cell {nested}{nested}\pard\intbl\itap1\cell\row \pard b\par"
            ),
            &["T1!A1 a", "T2!A1 x|y", "T2!A2 x|y", "¶1 b"],
        );
    }

    /// Within the row of a table in a table, LibreOffice ends the outermost cell once more where a table stood in that row.
    #[test]
    fn the_third_level_of_tables_ends_no_cell_of_the_first() {
        let row = |cells: &str| {
            format!(
                "{cells}{{\\*\\nesttableprops\\trowd\\cellx500\\cellx900\\nestrow}}{{\\nonesttables\\par}}"
            )
        };
        let third = row(r"\pard\intbl\itap3 x\nestcell\pard\intbl\itap3 y\nestcell");
        let first = row(&format!(r"\pard\intbl\itap2 b\nestcell{third}\pard\intbl\itap2\nestcell\cell"));
        let second = row(r"\pard\intbl\itap2 c\nestcell\pard\intbl\itap2 d\nestcell");
        check(
            &format!(
                r"\pard\intbl a\cell{first}{second}\pard\intbl\cell\cell\trowd\cellx1000\cellx3000\row \pard e\par"
            ),
            &["T1!A1 a", "T2!A1 b|x\ny", "T2!A2 c|d", "¶1 e"],
        );
        check(r"\trowd\cellx1000\cellx3000\pard\intbl a\cell b\cell\cell c\cell\row", &["T1!A1 a|b||c"]);
    }

    #[test]
    fn what_is_no_text_of_the_page_is_not_read() {
        check(
            r"{\header x\par}{\*\unknown x}{\pict ff}{\field{\*\fldinst PAGE}{\fldrslt 7}}{\info{\title x}}\bin3 {{{a\par",
            &["¶1 7a"],
        );
        check(
            r"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres1\ffdefres0}}}{\fldrslt}}a\par",
            &["¶1 ☑a"],
        );
        check(r"a{\shp{\*\shpinst{\sp{\sn x}}{\shptxt b\par}}{\shprslt b}}c\par", &["¶2 ac", "¶1 b"]);
        let pages = pages(r"a{\deleted b}{\v c}d\par");
        assert_eq!(shown(&pages.blocks), ["¶1 ad"]);
        let found: Vec<_> = pages.findings.iter().filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, ["b", "c"]);
    }

    #[test]
    fn hostile_documents_break_limits_and_nothing_else() {
        let of = |text: &str| read(text.as_bytes(), &mut Budget::default());
        let deep = "{\\rtf1".to_owned() + &"{".repeat(100_000);
        assert_eq!(of(&deep), Err(Unreadable::Excess(Excess::Depth)));
        let tables = "{\\rtf1\\pard\\itap2000000000 a\\cell}";
        assert_eq!(of(tables), Err(Unreadable::Excess(Excess::TableDepth)));
        assert!(matches!(of("{\\rtf1 a"), Err(Unreadable::Damaged { .. })));
        for odd in [
            "{\\rtf1}}}}\\cell\\row",
            "{\\rtf1\\nestrow\\row\\cell\\'}",
            "{\\rtf1\\u\\bin-1\\bin99999999999}",
        ] {
            assert!(of(odd).is_ok() || matches!(of(odd), Err(Unreadable::Damaged { .. })), "{odd}");
        }
    }
}
