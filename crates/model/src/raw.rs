//! A form as it was printed: read and healed by `extract`, not yet interpreted by `normalise`.

use std::sync::Arc;

use crate::{Finding, Place};

/// What `extract` makes of one document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RawDocument {
    /// `text` or `html`, or the code of a known format that is not read (`pdf`, `zip`, …): what the bytes are, whatever
    /// the name says; NULL where they are no known format.
    pub format: Option<&'static str>,
    /// The encoding that the text was decoded with, by its WHATWG name in lower case (`utf-8`, `gb18030`, …).
    pub encoding: Option<&'static str>,
    /// Why that encoding, in words.
    pub encoding_evidence: Option<String>,
    /// How many U+FFFD stand for bytes that mean nothing in that encoding.
    pub replacement_count: u64,
    /// Why the document could not be read at all.
    pub unreadable: Option<String>,
    /// The forms in it, in reading order.
    pub forms: Vec<RawForm>,
    /// What concerns the document and none of its forms.
    pub findings: Vec<Finding>,
}

/// One 绩效目标表 as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawForm {
    /// Its number in the document, from 1.
    pub number: u32,
    /// Where it begins.
    pub place: Place,
    /// The code of its family in `data/reference/families.toml`, if its title is known.
    pub family: Option<String>,
    /// The unit of amounts that carry none of their own: printed in a heading (`金额单位：万元`).
    pub money_unit: Option<String>,
    /// Every label and value, in reading order, also of labels that no rule knows.
    pub fields: Vec<RawField>,
    /// The rows of the indicator table, in reading order.
    pub indicators: Vec<RawIndicator>,
    /// What was healed or doubted while the form was read.
    pub findings: Vec<Finding>,
}

impl RawForm {
    /// The first field with this code, which may have no value.
    pub fn field(&self, code: &str) -> Option<&RawField> {
        self.fields.iter().find(|field| field.code == Some(code))
    }
}

/// A label and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawField {
    /// The code of the label in `data/reference/labels.toml`; `None` where it is unknown.
    pub code: Option<&'static str>,
    /// The label as printed, shared by all fields that have it; `None` for text that stood beside none.
    pub label: Option<Arc<str>>,
    /// The value as printed, put together where a page broke it, without markup; `None` where nothing was printed.
    pub value: Option<String>,
    /// The unit that the label carries in brackets (`项目总预算（元）`), as printed.
    pub unit: Option<String>,
    /// Where the label stands, or the value if there is no label.
    pub place: Place,
}

/// Which goals an indicator belongs to, where annual and overall ones stand side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// 年度绩效目标.
    Annual,
    /// 中期, 长期 or 总体绩效目标.
    Overall,
}

impl Scope {
    /// The word in the column `scope`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Annual => "annual",
            Self::Overall => "overall",
        }
    }
}

serialize_as_word!(Scope);

/// A row of the indicator table. Levels are filled down over merged and blank cells; `None` where nothing was printed for the
/// row or above it. Texts are shared by all rows that print the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawIndicator {
    /// Which goals it belongs to.
    pub scope: Scope,
    /// 一级目标 / 一级指标.
    pub level1: Option<Arc<str>>,
    /// 二级目标 / 二级指标.
    pub level2: Option<Arc<str>>,
    /// 三级目标 / 三级指标.
    pub indicator: Option<Arc<str>>,
    /// 指标目标值 / 指标值, as printed.
    pub target: Option<Arc<str>>,
    /// 权重 / 分值, as printed.
    pub weight: Option<Arc<str>>,
    /// 备注 and cells of columns that no rule knows.
    pub note: Option<Arc<str>>,
    /// Where the row stands.
    pub place: Place,
}
