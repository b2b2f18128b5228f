//! OpenDocument text to blocks (ISO/IEC 26300-1, version 1.2).
//!
//! White space is collapsed as the format asks for (6.1.2). What tracked changes took out is stored ahead of the text
//! (*text:tracked-changes*) and is not read; nor is what is hidden by its section or its style.

use super::odt_walk::OdtWalk;
use super::package::Package;
use super::story::Story;
use super::xml::walk;
use super::{Pages, Unreadable};
use crate::format::Kind;
use crate::limits::Budget;

const KIND: &str = Kind::Odt.name();
const CONTENT: &str = "content.xml";
const STYLES: &str = "styles.xml";

/// The blocks of a document.
pub fn read(bytes: &[u8], budget: &mut Budget) -> Result<Pages, Unreadable> {
    let damaged = |problem: &str| Unreadable::Damaged { name: KIND, problem: problem.to_owned() };
    let mut package = Package::open(bytes).ok_or_else(|| damaged("it is no zip package"))?;
    package.refuse_encrypted(KIND, budget)?;
    let content =
        package.part(CONTENT, KIND, budget)?.ok_or_else(|| damaged("it has no part with the text"))?;
    let styles = package.part(STYLES, KIND, budget)?;
    let mut reading = OdtWalk::new(Story::new(budget));
    if let Some(styles) = styles {
        // A damaged part of styles is no reason to give up.
        _ = walk(&styles, (STYLES, KIND), |event| {
            reading.style_event(&event);
            Ok(())
        });
    }
    let replacement_count = walk(&content, (CONTENT, KIND), |event| reading.event(event))?;
    Ok(Pages { replacement_count, ..reading.finish()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Excess;
    use crate::readers::package::zipped;
    use crate::readers::shown;

    fn package(styles: &str, body: &str) -> Vec<u8> {
        let content = format!(
            "<o:document-content xmlns:o=\"urn:o\" xmlns:s=\"urn:s\" xmlns:x=\"urn:x\" xmlns:t=\"urn:t\" xmlns:d=\"urn:d\">\
             <o:automatic-styles>{styles}</o:automatic-styles><o:body><o:text>{body}</o:text></o:body></o:document-content>"
        );
        zipped(&[("content.xml", &content)])
    }

    fn check(body: &str, expected: &[&str]) {
        check_unseen("", body, expected, &[]);
    }

    fn check_unseen(styles: &str, body: &str, expected: &[&str], unseen: &[&str]) {
        let pages = read(&package(styles, body), &mut Budget::default()).expect("it can be read");
        assert_eq!(shown(&pages.blocks), expected, "{body}");
        let found: Vec<_> = pages.findings.iter().filter_map(|finding| finding.found.as_deref()).collect();
        assert_eq!(found, unseen, "{body}");
    }

    #[test]
    fn white_space_is_collapsed() {
        check(
            "<x:h>\n  标题 <x:span> 甲</x:span></x:h><x:p>a<x:s x:c=\"2\"/>b<x:line-break/> c&lt;</x:p>",
            &["¶1 标题 甲", "¶2 a  b\nc<"],
        );
        check(
            "<x:list><x:list-item><x:p>甲<x:note><x:p>注</x:p></x:note></x:p></x:list-item></x:list>",
            &["¶1 甲"],
        );
    }

    #[test]
    fn cells_keep_their_columns() {
        let cell = |attributes: &str, text: &str| {
            format!("<t:table-cell {attributes}><x:p>{text}</x:p></t:table-cell>")
        };
        let covered = "<t:covered-table-cell/>";
        let rows = [
            cell("t:number-rows-spanned=\"2\"", "甲")
                + &cell("t:number-columns-spanned=\"2\"", "乙")
                + covered,
            covered.to_owned() + &cell("", "丙") + &cell("", "丁"),
        ];
        let table = format!(
            "<t:table><t:table-header-rows><t:table-row>{}</t:table-row></t:table-header-rows>\
             <t:table-row>{}</t:table-row><t:table-row t:number-rows-repeated=\"2\">{}</t:table-row></t:table>",
            rows[0],
            rows[1],
            cell("", "戊"),
        );
        check(&table, &["T1!A1 甲|乙|.", "T1!A2 .|丙|丁", "T1!A3 戊", "T1!A4 戊"]);
    }

    #[test]
    fn what_nobody_sees_is_left_out_and_said() {
        let deleted = "<x:tracked-changes><x:changed-region><x:deletion><x:p>乙</x:p></x:deletion></x:changed-region></x:tracked-changes><x:p>甲<x:change/></x:p>";
        check_unseen("", deleted, &["¶1 甲"], &["乙"]);
        let styles = "<s:style s:name=\"T1\"><s:text-properties x:display=\"none\"/></s:style>";
        let hidden = "<x:p>甲<x:span x:style-name=\"T1\">乙</x:span></x:p><x:p x:style-name=\"T1\">丙</x:p>";
        check_unseen(styles, hidden, &["¶1 甲"], &["乙丙"]);
        let section = "<x:section x:display=\"none\"><t:table><t:table-row><t:table-cell><x:p>乙</x:p></t:table-cell></t:table-row></t:table></x:section><x:p>甲</x:p>";
        check_unseen("", section, &["¶1 甲"], &["乙"]);
        let covered = "<t:table><t:table-row><t:table-cell t:number-columns-spanned=\"2\"><x:p>甲</x:p></t:table-cell><t:covered-table-cell><x:p>乙</x:p></t:covered-table-cell></t:table-row></t:table>";
        check_unseen("", covered, &["T1!A1 甲|."], &["乙"]);
    }

    #[test]
    fn boxes_of_text_and_boxes_to_check_are_read() {
        check(
            "<x:p>甲<d:frame><d:text-box><x:p>框</x:p></d:text-box><s:title>题</s:title></d:frame>乙</x:p>",
            &["¶2 甲乙", "¶1 框"],
        );
        check(
            "<x:p><x:content-control x:checkbox=\"true\" x:checked=\"true\">R</x:content-control>是</x:p>",
            &["¶1 ☑是"],
        );
    }

    #[test]
    fn hostile_documents_break_limits_and_nothing_else() {
        let of = |body: &str| read(&package("", body), &mut Budget::default());
        let rows = "<t:table><t:table-row t:number-rows-repeated=\"99999999999\"><t:table-cell/></t:table-row></t:table>";
        assert!(matches!(of(rows), Err(Unreadable::Excess(Excess::Slots { .. }))));
        let cells = "<t:table-cell t:number-columns-spanned=\"1000\" t:number-columns-repeated=\"1000\"/>"
            .repeat(3_000);
        let cells = format!("<t:table><t:table-row>{cells}</t:table-row></t:table>");
        assert!(matches!(of(&cells), Err(Unreadable::Excess(Excess::Slots { .. }))));
        for repeated in [
            "<t:table><t:table-row t:number-rows-repeated=\"60000\"><t:table-cell><x:p>甲乙丙丁</x:p></t:table-cell></t:table-row></t:table>".to_owned(),
            format!("<x:p>{}</x:p>", "<x:s x:c=\"1000\"/>".repeat(600)),
        ] {
            let mut nearly_spent = Budget::default();
            nearly_spent.inflate(nearly_spent.inflated_left() - 500_000).expect("so much is there");
            let read = read(&package("", &repeated), &mut nearly_spent);
            assert_eq!(read, Err(Unreadable::Excess(Excess::Inflated)), "{repeated:.90}");
        }
        let deep = "<x:section>".repeat(2_000);
        assert_eq!(of(&deep), Err(Unreadable::Excess(Excess::Depth)));
        let manifest = "<m><file-entry><encryption-data/></file-entry></m>";
        let bytes = zipped(&[("META-INF/manifest.xml", manifest), ("content.xml", "?")]);
        assert!(matches!(read(&bytes, &mut Budget::default()), Err(Unreadable::Protected { .. })));
    }
}
