//! What a form says, by the codes of the dictionary: what a random form was made of, and what was read of it.

use jixiao_model::Scope;
use jixiao_model::record::FormRecords;
use rust_decimal::Decimal;

/// The facts of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// 年度.
    pub year: i32,
    /// Fields: code and text, sorted; those that are blank are not there.
    pub fields: Vec<(String, String)>,
    /// Amounts: item and yuan, sorted; those that are blank are not there.
    pub budget: Vec<(String, Decimal)>,
    /// Indicators, those of the whole time before those of the year.
    pub indicators: Vec<Indicator>,
}

/// A row of an indicator table, or one side of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Whether it is the year's.
    pub scope: Scope,
    /// 一级指标.
    pub level1: String,
    /// 二级指标.
    pub level2: String,
    /// 三级指标.
    pub name: String,
    /// 指标值, which may be blank.
    pub target: String,
    /// 分值.
    pub weight: Option<Decimal>,
    /// 备注, and other columns behind their headings.
    pub note: String,
}

impl Facts {
    /// Facts in the order in which they are compared.
    pub fn new(
        year: i32,
        fields: &[(&str, &str)],
        budget: &[(&str, &str, Decimal)],
        mut indicators: Vec<Indicator>,
    ) -> Self {
        let printed = fields.iter().filter(|(_, text)| !text.is_empty());
        let mut fields: Vec<_> =
            printed.map(|(code, text)| ((*code).to_owned(), (*text).to_owned())).collect();
        fields.sort();
        let amount = |(item, text, unit): &(&str, &str, Decimal)| {
            let amount: Decimal = text.replace(',', "").parse().ok()?;
            Some(((*item).to_owned(), (amount * unit).normalize()))
        };
        let mut budget: Vec<_> = budget.iter().filter_map(amount).collect();
        budget.sort();
        indicators.sort_by_key(|row| row.scope != Scope::Overall);
        Self { year, fields, budget, indicators }
    }

    /// What was read of a form: all its fields with a value that have a code, but for amounts, headings and the year, which
    /// are compared apart.
    pub fn found(records: &FormRecords, expected: &Self) -> Self {
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let is_amount = |code: &str| expected.budget.iter().any(|(item, _)| item == code);
        let of_forms = ["fiscal_year", "title", "section_heading"];
        let mut fields: Vec<_> = records
            .fields
            .iter()
            .filter_map(|field| Some((field.field?.to_owned(), text(field.value_raw.as_deref()))))
            .filter(|(code, value)| {
                !value.is_empty() && !is_amount(code) && !of_forms.contains(&code.as_str())
            })
            .collect();
        fields.sort();
        let mut budget: Vec<_> = records
            .budget_lines
            .iter()
            .filter_map(|line| {
                Some((line.item.unwrap_or_default().to_owned(), line.amount_yuan?.normalize()))
            })
            .collect();
        budget.sort();
        let indicators = records.indicators.iter().map(|row| Indicator {
            scope: row.scope,
            level1: text(row.level1.as_deref()),
            level2: text(row.level2.as_deref()),
            name: text(row.indicator.as_deref()),
            target: text(row.target_raw.as_deref()),
            weight: row.weight.map(|weight| weight.normalize()),
            note: text(row.note.as_deref()),
        });
        let indicators = indicators.collect();
        Self { year: records.form.fiscal_year.unwrap_or_default(), fields, budget, indicators }
    }

    /// The same without blanks and ends of paragraphs, which a page does not always show.
    pub fn bare(mut self) -> Self {
        let bare = |text: &mut String| text.retain(|character| !character.is_whitespace());
        self.fields.iter_mut().for_each(|(_, text)| bare(text));
        for row in &mut self.indicators {
            let Indicator { level1, level2, name, target, note, .. } = row;
            [level1, level2, name, target, note].into_iter().for_each(bare);
        }
        self
    }
}
