//! Words of RTF: what they print, which groups they skip, and what they say of rows and fields.

use super::word_table::{Merge, Row};

/// Groups of which nothing is read, although they are not marked as ones to skip (`\*`).
pub const SKIPPED: &[&str] = &[
    "colortbl",
    "stylesheet",
    "info",
    "pict",
    "header",
    "headerl",
    "headerr",
    "headerf",
    "footer",
    "footerl",
    "footerr",
    "footerf",
    "footnote",
    "annotation",
    "fldinst",
    "listtable",
    "listoverridetable",
    "revtbl",
    "filetbl",
    "tc",
    "xe",
    "pntext",
    "listtext",
    "ftnsep",
    "ftnsepc",
    "aftnsep",
    "aftnsepc",
    "ftncn",
    "aftncn",
    "nonesttables",
    "upr",
    "shprslt",
    "docvar",
    "falt",
    "panose",
    "objdata",
    "objclass",
    "listname",
    "levelnumbers",
    "leveltext",
    "template",
    "bkmkstart",
    "bkmkend",
    "atnid",
    "atnauthor",
    "sn",
    "sv",
    "private",
    "generator",
    "themedata",
    "xmlnstbl",
    "rsidtbl",
    "txe",
    "rxe",
    "mmathPr",
    "nonshppict",
    "background",
    "shppict",
];

/// Twips that a cell takes of which a row does not say where it ends.
const UNKNOWN_WIDTH: i64 = 1_000;

/// Where the cells of a row end, as it says itself.
#[derive(Debug, Clone, Default)]
pub struct RowDefinition {
    left: i64,
    ends: Vec<(i64, Merge, bool)>,
    merge: Merge,
    joins_left: bool,
}

impl RowDefinition {
    /// A word that defines the row, or none that matters.
    pub fn word(&mut self, word: &str, number: Option<i32>) {
        match word {
            "trowd" => *self = Self::default(),
            "trleft" => self.left = i64::from(number.unwrap_or(0)),
            "clvmgf" => self.merge = Merge::Restart,
            "clvmrg" => self.merge = Merge::Continue,
            "clmrg" => self.joins_left = true,
            "cellx" => {
                let end = i64::from(number.unwrap_or(0));
                self.ends.push((end, std::mem::take(&mut self.merge), std::mem::take(&mut self.joins_left)));
            }
            _ => {}
        }
    }

    /// Gives the cells of a row their edges. A mark of an end too many ends no cell.
    pub fn place_cells(&self, row: &mut Row) {
        row.is_done = true;
        while row.cells.len() > self.ends.len().max(1)
            && row.cells.last().is_some_and(|cell| cell.pieces.is_empty())
        {
            row.cells.pop();
        }
        let mut left = self.left;
        let mut ends = self.ends.iter();
        for mut cell in std::mem::take(&mut row.cells) {
            let (end, merge, joins_left) =
                ends.next().copied().unwrap_or((left.saturating_add(UNKNOWN_WIDTH), Merge::None, false));
            (cell.left, cell.right, cell.merge) = (left, end.max(left), merge);
            left = cell.right;
            match row.cells.last_mut().filter(|_| joins_left) {
                Some(before) => {
                    before.right = cell.right;
                    before.pieces.append(&mut cell.pieces);
                }
                None => row.cells.push(cell),
            }
        }
    }
}

/// The state of a field of a form.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormField {
    is_checkbox: bool,
    default: bool,
    result: Option<bool>,
}

impl FormField {
    /// A word that says something of the field.
    pub fn word(&mut self, word: &str, number: Option<i32>) {
        match (word, number) {
            ("fftype", number) => self.is_checkbox = number == Some(1),
            // 25 means that nobody has touched it.
            ("ffres", Some(result)) if result != 25 => self.result = Some(result == 1),
            ("ffdefres", number) => self.default = number == Some(1),
            _ => {}
        }
    }

    /// What the field prints, if it is a check box.
    pub fn mark(self) -> Option<&'static str> {
        self.is_checkbox.then(|| if self.result.unwrap_or(self.default) { "☑" } else { "☐" })
    }
}

/// What a word prints.
pub fn printed(word: &str) -> Option<&'static str> {
    Some(match word {
        "emdash" => "—",
        "endash" => "–",
        "lquote" => "‘",
        "rquote" => "’",
        "ldblquote" => "“",
        "rdblquote" => "”",
        "bullet" => "•",
        "emspace" => "\u{2003}",
        "enspace" => "\u{2002}",
        "qmspace" => "\u{2005}",
        "~" => "\u{a0}",
        "_" => "-",
        _ => return None,
    })
}
