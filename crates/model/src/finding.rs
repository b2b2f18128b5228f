//! Findings: what an analyst should know about a document. Their codes are stable and part of the contract.
//!
//! What each means, how bad it is and how to react stands in `data/reference/findings.toml`, once; a test holds
//! it and [`FindingCode`] together, and another that each code has a document that raises it and one that does
//! not (`tests/findings/`).

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::{Place, reference};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A number or a key is missing or unusable: the document does not count as good.
    Error,
    /// A value was doubted, or contradicts another.
    Warning,
    /// Something was repaired or is worth knowing.
    Info,
}

impl Severity {
    /// The word in the column `severity`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

macro_rules! finding_codes {
    ($($variant:ident = $code:literal,)*) => {
        /// The stable `kebab-case` codes. Their meanings are in `data/reference/findings.toml`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each is described in data/reference/findings.toml, once")]
        pub enum FindingCode { $($variant,)* }

        impl FindingCode {
            /// Every code, in the order of the catalogue.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code as it stands in the warehouse.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }
        }
    };
}

finding_codes! {
    // reading the document
    EncodingContradicted = "encoding-contradicted",
    ReplacedCharacters = "replaced-characters",
    UnseenText = "unseen-text",
    HiddenCells = "hidden-cells",
    FormulaWithoutValue = "formula-without-value",
    ColumnsGuessed = "columns-guessed",
    FormWithoutTitle = "form-without-title",
    HealedPageBreak = "healed-page-break",
    AmbiguousPageBreak = "ambiguous-page-break",
    RepeatedTextDropped = "repeated-text-dropped",
    ShiftedRow = "shifted-row",
    LostCell = "lost-cell",
    ValueWithoutLabel = "value-without-label",
    UnknownLabel = "unknown-label",
    RepeatedLabel = "repeated-label",
    // what a form must have
    MissingYear = "missing-year",
    MissingOrganisation = "missing-organisation",
    MissingProjectName = "missing-project-name",
    MissingAmount = "missing-amount",
    MissingIndicators = "missing-indicators",
    EmptySection = "empty-section",
    // values
    YearConflict = "year-conflict",
    YearFromDates = "year-from-dates",
    OrganisationFromOtherLabel = "organisation-from-other-label",
    UnclearChoice = "unclear-choice",
    SpaceInName = "space-in-name",
    LatinInChinese = "latin-in-chinese",
    UnreadableAmount = "unreadable-amount",
    AmountWithoutUnit = "amount-without-unit",
    UnreadableDate = "unreadable-date",
    UnreadableAnswer = "unreadable-answer",
    CitationNumberSplit = "citation-number-split",
    // checks between values
    DatesOutOfOrder = "dates-out-of-order",
    DatesOutsideYear = "dates-outside-year",
    AnnualAboveTotal = "annual-above-total",
    ExecutedAboveBudget = "executed-above-budget",
    FundingDoesNotAddUp = "funding-does-not-add-up",
    // indicators
    MissingLevel1 = "missing-level1",
    MissingLevel2 = "missing-level2",
    MissingIndicatorName = "missing-indicator-name",
    MissingTarget = "missing-target",
    UnknownClass = "unknown-class",
    UnknownIndicator = "unknown-indicator",
    ClassOutsideParent = "class-outside-parent",
    MisfiledIndicator = "misfiled-indicator",
    DuplicateIndicator = "duplicate-indicator",
    TargetMisprinted = "target-misprinted",
    TargetKindMismatch = "target-kind-mismatch",
    TargetOutOfRange = "target-out-of-range",
    // between documents
    SupersededForm = "superseded-form",
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FindingCode {
    /// What the catalogue says of this code.
    pub fn description(self) -> &'static Description {
        // The catalogue has them in the order of `ALL`, which a test holds.
        let all = catalogue();
        all.get(self as usize).unwrap_or(&all[0])
    }

    /// How bad it is.
    pub fn severity(self) -> Severity {
        self.description().severity
    }
}

/// An entry of `data/reference/findings.toml`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The stable code.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Whether a check raises it, which `form_checks` and `checks` count also where it holds.
    #[serde(default)]
    pub is_check: bool,
    /// 中文名.
    pub name_zh: String,
    /// What was seen.
    pub meaning: String,
    /// What an analyst should do about it.
    pub reaction: String,
}

/// All entries of `data/reference/findings.toml`, in its order.
pub fn catalogue() -> &'static [Description] {
    #[derive(Deserialize)]
    struct File {
        finding: Vec<Description>,
    }
    static CATALOGUE: OnceLock<Vec<Description>> = OnceLock::new();
    CATALOGUE.get_or_init(|| reference::parsed::<File>("findings", reference::FINDINGS).finding)
}

serialize_as_word!(Severity, FindingCode);

/// Something that an analyst should know, at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub code: FindingCode,
    /// The field concerned: a column or a code of `labels.toml`.
    pub field: Option<Cow<'static, str>>,
    /// What stands there, as printed, cut by [`excerpt`].
    pub found: Option<String>,
    /// What was expected, cut by [`excerpt`].
    pub expected: Option<String>,
    /// A sentence for people, in English with the Chinese words quoted.
    pub message: Cow<'static, str>,
    /// Where.
    pub place: Option<Place>,
}

impl Finding {
    /// A finding with a message and nothing else; the `with_` methods add what is known.
    pub fn new(code: FindingCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, field: None, found: None, expected: None, message: message.into(), place: None }
    }

    /// Names the field concerned.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds what stands there.
    #[must_use]
    pub fn with_found<'t>(mut self, found: impl Into<Cow<'t, str>>) -> Self {
        self.found = Some(shortened(found.into()));
        self
    }

    /// Adds what was expected.
    #[must_use]
    pub fn with_expected<'t>(mut self, expected: impl Into<Cow<'t, str>>) -> Self {
        self.expected = Some(shortened(expected.into()));
        self
    }

    /// Adds the place.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }
}

/// How many characters of a text a finding holds.
const EXCERPT: usize = 500;

/// The head and the tail of a text. All of it stands in `fields`; and a document with many findings about one long
/// text must not hold that as many times.
pub fn excerpt(text: &str) -> String {
    shortened(Cow::Borrowed(text))
}

fn shortened(text: Cow<'_, str>) -> String {
    if text.len() <= EXCERPT || text.char_indices().nth(EXCERPT).is_none() {
        return text.into_owned();
    }
    let head = text.char_indices().nth(EXCERPT / 2).map_or(0, |(at, _)| at);
    let tail = text.char_indices().rev().nth(EXCERPT - EXCERPT / 2 - 2).map_or(text.len(), |(at, _)| at);
    format!("{}…{}", text.get(..head).unwrap_or_default(), text.get(tail..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_in_the_middle() {
        let whole = "字".repeat(500);
        assert_eq!(excerpt(&whole), whole);
        let long = format!("{}{}", "头".repeat(400), "尾".repeat(400));
        assert_eq!(excerpt(&long), format!("{}…{}", "头".repeat(250), "尾".repeat(249)));
        assert_eq!(excerpt(&long).chars().count(), 500);
    }

    #[test]
    fn the_catalogue_and_the_codes_are_the_same() {
        let described: Vec<_> = catalogue().iter().map(|entry| entry.code.as_str()).collect();
        let known: Vec<_> = FindingCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(described, known);
    }

    #[test]
    fn codes_are_kebab_case_and_described() {
        for entry in catalogue() {
            assert!(entry.code.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
            assert!(
                !entry.name_zh.is_empty() && entry.meaning.len() > 20 && entry.reaction.len() > 20,
                "{}",
                entry.code
            );
        }
    }
}
