//! The names of elements, and what the HTML standard does with each (13.2.6.4, *the rules for parsing tokens in HTML
//! content*).

use crate::readers::html::page::Kind;

/// How a start tag is treated in the body of a page (13.2.6.4.7), and whatever has a rule of its own elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Html,
    Head,
    Body,
    /// Void elements of the head.
    Metadata,
    /// Elements whose text is no markup and that are not shown.
    Skipped,
    Textarea,
    Noscript,
    /// Blocks that end a paragraph and are ended by their own tags.
    Group,
    Paragraph,
    Heading,
    /// Groups whose first line break is not there.
    Preformatted,
    Form,
    /// `li`
    Item,
    /// `dt` and `dd`
    Term,
    Button,
    /// Elements that are opened again where they were not closed (12.2.4.3, *the list of active formatting elements*).
    Formatting,
    /// Elements that keep formatting elements in.
    Marker,
    Select,
    Option,
    Void,
    Break,
    Input,
    Line,
    Table,
    Caption,
    ColumnGroup,
    Column,
    RowGroup,
    Row,
    Cell,
    /// What the light reader leaves to the other one.
    Unsure,
    /// Anything else, known or not.
    Ordinary,
}

/// What is known of a name.
struct Info {
    text: &'static str,
    rule: Rule,
    special: bool,
    kind: Kind,
}

macro_rules! names {
    ($($name:ident $text:literal $rule:ident $kind:ident $($special:ident)?;)*) => {
        /// The name of an element.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Name { $($name,)* Unknown }

        const ALL: &[Name] = &[$(Name::$name,)*];
        const INFOS: &[Info] = &[
            $(Info { text: $text, rule: Rule::$rule, special: names!(@ $($special)?), kind: Kind::$kind },)*
            Info { text: "", rule: Rule::Ordinary, special: false, kind: Kind::Inline },
        ];
    };
    (@) => { false };
    (@ special) => { true };
}

names! {
    A "a" Formatting Inline;
    Address "address" Group Block special;
    Applet "applet" Marker Inline special;
    Area "area" Void Inline special;
    Article "article" Group Block special;
    Aside "aside" Group Inline special;
    B "b" Formatting Inline;
    Base "base" Metadata Inline special;
    Basefont "basefont" Metadata Inline special;
    Bgsound "bgsound" Metadata Inline special;
    Big "big" Formatting Inline;
    Blockquote "blockquote" Group Block special;
    Body "body" Body Block special;
    Br "br" Break LineBreak special;
    Button "button" Button Inline special;
    Caption "caption" Caption Caption special;
    Center "center" Group Block special;
    Code "code" Formatting Inline;
    Col "col" Column Inline special;
    Colgroup "colgroup" ColumnGroup Inline special;
    Dd "dd" Term Block special;
    Details "details" Group Inline special;
    Dialog "dialog" Group Inline;
    Dir "dir" Group Inline special;
    Div "div" Group Block special;
    Dl "dl" Group Block special;
    Dt "dt" Term Block special;
    Em "em" Formatting Inline;
    Embed "embed" Void Inline special;
    Fieldset "fieldset" Group Block special;
    Figcaption "figcaption" Group Inline special;
    Figure "figure" Group Block special;
    Font "font" Formatting Inline;
    Footer "footer" Group Block special;
    Form "form" Form Block special;
    Frame "frame" Unsure Inline special;
    Frameset "frameset" Unsure Inline special;
    H1 "h1" Heading Block special;
    H2 "h2" Heading Block special;
    H3 "h3" Heading Block special;
    H4 "h4" Heading Block special;
    H5 "h5" Heading Block special;
    H6 "h6" Heading Block special;
    Head "head" Head Block special;
    Header "header" Group Block special;
    Hgroup "hgroup" Group Inline special;
    Hr "hr" Line Block special;
    Html "html" Html Block special;
    I "i" Formatting Inline;
    Iframe "iframe" Skipped Inline special;
    Image "image" Void Inline;
    Img "img" Void Inline special;
    Input "input" Input Input special;
    Isindex "isindex" Unsure Inline special;
    Keygen "keygen" Void Inline;
    Li "li" Item Block special;
    Link "link" Metadata Inline special;
    Listing "listing" Preformatted Inline special;
    Main "main" Group Block special;
    Marquee "marquee" Marker Inline special;
    Math "math" Unsure Inline;
    Menu "menu" Group Inline special;
    Meta "meta" Metadata Inline special;
    Nav "nav" Group Block special;
    Nobr "nobr" Formatting Inline;
    Noembed "noembed" Unsure Inline special;
    Noframes "noframes" Unsure Inline special;
    Noscript "noscript" Noscript Inline special;
    Object "object" Marker Inline special;
    Ol "ol" Group Block special;
    Optgroup "optgroup" Option Inline;
    Option "option" Option Inline;
    P "p" Paragraph Block special;
    Param "param" Void Inline special;
    Plaintext "plaintext" Unsure Inline special;
    Pre "pre" Preformatted Preformatted special;
    Rb "rb" Unsure Inline;
    Rp "rp" Unsure Inline;
    Rt "rt" Unsure Inline;
    Rtc "rtc" Unsure Inline;
    S "s" Formatting Inline;
    Script "script" Skipped Inline special;
    Search "search" Group Inline;
    Section "section" Group Block special;
    Select "select" Select Inline special;
    Small "small" Formatting Inline;
    Source "source" Void Inline special;
    Span "span" Ordinary Inline;
    Strike "strike" Formatting Inline;
    Strong "strong" Formatting Inline;
    Style "style" Skipped Inline special;
    Summary "summary" Group Inline special;
    Svg "svg" Unsure Inline;
    Table "table" Table Table special;
    Tbody "tbody" RowGroup Block special;
    Td "td" Cell Cell special;
    Template "template" Unsure Inline special;
    Textarea "textarea" Textarea Inline special;
    Tfoot "tfoot" RowGroup Block special;
    Th "th" Cell Cell special;
    Thead "thead" RowGroup Block special;
    Title "title" Skipped Block special;
    Tr "tr" Row Row special;
    Track "track" Void Inline special;
    Tt "tt" Formatting Inline;
    U "u" Formatting Inline;
    Ul "ul" Group Block special;
    Wbr "wbr" Void Inline special;
    Xmp "xmp" Unsure Inline special;
}

/// Names as numbers, by a hash.
const SLOTS: usize = 256;

static TABLE: [(u128, Name); SLOTS] = table();

const fn table() -> [(u128, Name); SLOTS] {
    let mut table = [(0, Name::Unknown); SLOTS];
    let mut at = 0;
    while at < ALL.len() {
        let key = key(INFOS[ALL[at] as usize].text.as_bytes());
        let mut slot = slot(key);
        while table[slot].0 != 0 {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = (key, ALL[at]);
        at += 1;
    }
    table
}

/// What ends a name is no byte of any.
const END: u8 = 0;

/// Each byte in lower case, and what ends a name.
static LOWER: [u8; 256] = {
    let mut lower = [END; 256];
    let mut byte = 0_u8;
    while byte < u8::MAX {
        if !is_end_of_name(byte) {
            lower[byte as usize] = byte.to_ascii_lowercase();
        }
        byte += 1;
    }
    lower[u8::MAX as usize] = u8::MAX;
    lower
};

/// Whether a byte ends the name of a tag or of an attribute, or makes it one that is left to the other reader.
pub const fn is_end_of_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>' | b'=' | b'<')
}

/// A name of up to sixteen bytes as a number, in lower case; no name has a NUL in it.
const fn key(name: &[u8]) -> u128 {
    let mut key = 0;
    let mut at = 0;
    while at < name.len() {
        key = (key << 8) | name[at].to_ascii_lowercase() as u128;
        at += 1;
    }
    key
}

/// Fibonacci hashing (Knuth, 6.4).
const fn slot(key: u128) -> usize {
    let folded = (key as u64) ^ ((key >> 64) as u64);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 56) as usize
}

impl Name {
    /// Reads the name of a tag in any case from its first byte on, and how long it is.
    pub fn read(tag: &[u8]) -> (Self, usize) {
        let (mut key, mut length) = (0, 0);
        for byte in tag {
            let lower = LOWER[usize::from(*byte)];
            if lower == END {
                break;
            }
            key = (key << 8) | u64::from(lower);
            length += 1;
        }
        // Longer names fill more than one number.
        let name = if length <= 8 {
            Self::of_key(key.into())
        } else {
            Self::of(tag.get(..length).unwrap_or_default())
        };
        (name, length)
    }

    /// Reads a name in any case.
    pub fn of(name: &[u8]) -> Self {
        const LONGEST: usize = 16;
        if name.len() > LONGEST { Self::Unknown } else { Self::of_key(key(name)) }
    }

    fn of_key(key: u128) -> Self {
        let mut slot = slot(key);
        loop {
            match TABLE[slot] {
                (there, name) if there == key => return name,
                (0, _) => return Self::Unknown,
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }

    fn info(self) -> &'static Info {
        &INFOS[self as usize]
    }

    /// The name, in lower case; nothing where it is unknown.
    pub fn text(self) -> &'static str {
        self.info().text
    }

    /// How its start tag is treated.
    pub fn rule(self) -> Rule {
        self.info().rule
    }

    /// What the element is to a page.
    pub fn kind(self) -> Kind {
        self.info().kind
    }

    /// Whether its element ends the search of an end tag for another (13.2.4.2, *special*).
    pub fn is_special(self) -> bool {
        self.info().special
    }

    /// Whether its element ends the default scope (13.2.4.2, *has a particular element in scope*).
    pub fn ends_scope(self) -> bool {
        matches!(
            self,
            Self::Applet
                | Self::Caption
                | Self::Html
                | Self::Table
                | Self::Td
                | Self::Th
                | Self::Marquee
                | Self::Object
                | Self::Select
        )
    }

    /// As [`Self::ends_scope`], for items of lists.
    pub fn ends_item_scope(self) -> bool {
        matches!(self, Self::Ol | Self::Ul) || self.ends_scope()
    }

    /// As [`Self::ends_scope`], for paragraphs.
    pub fn ends_button_scope(self) -> bool {
        self == Self::Button || self.ends_scope()
    }

    /// Whether its end tag is implied by what ends an element around it (13.2.6.3); what is left unsure never is open.
    pub fn has_implied_end(self) -> bool {
        matches!(self, Self::Dd | Self::Dt | Self::Li | Self::Optgroup | Self::Option | Self::P)
    }

    /// Whether formatting elements that are open around its element are not opened again within it.
    pub fn is_marker(self) -> bool {
        matches!(self.rule(), Rule::Marker | Rule::Caption | Rule::Cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_told_in_any_case() {
        for name in ALL {
            assert_eq!(Name::of(name.text().as_bytes()), *name);
            assert_eq!(Name::of(name.text().to_ascii_uppercase().as_bytes()), *name);
            for end in ["", ">", " a=1>", "/>", "\n", "<", "="] {
                assert_eq!(
                    Name::read(format!("{}{end}", name.text()).as_bytes()),
                    (*name, name.text().len())
                );
            }
        }
        for unknown in ["", "o:p", "tdd", "spam", "a-name-longer-than-any-number", "元"] {
            assert_eq!(Name::of(unknown.as_bytes()), Name::Unknown);
            assert_eq!(Name::read(unknown.as_bytes()), (Name::Unknown, unknown.len()));
        }
    }

    #[test]
    fn an_element_is_the_same_to_both_readers() {
        for name in ALL {
            assert_eq!(name.kind(), Kind::of(name.text()), "{}", name.text());
        }
    }
}
