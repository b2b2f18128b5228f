//! Whether the parts of an amount add up to it.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use jixiao_model::record::BudgetLine;
use jixiao_model::{Finding, FindingCode, RawForm};
use rust_decimal::Decimal;

use crate::checks::Checks;
use crate::labels::labels;

/// The codes of the amounts that have parts.
const WHOLES: [&str; 2] = ["total_budget", "annual_budget"];

/// Compares total and annual budget with the parts that the form prints. `其中` names some of the parts, so what is printed
/// may be less than the whole, unless a rest (其他资金) is printed with it. What was carried over may stand within the
/// money of the year or beside it.
pub fn adds_up(lines: &[BudgetLine], raw: &RawForm, checks: &mut Checks) {
    // Most forms print no parts: there is a line for each whole and no more.
    if lines.iter().all(|line| line.item.is_none_or(|item| !is_part(item))) {
        return;
    }
    for whole in WHOLES {
        let Some(amount) = amount(lines, whole) else { continue };
        let printed = |code: &str| lines.iter().any(|line| line.item == Some(code));
        let (parts, levels): (Vec<_>, Vec<_>) = (
            labels()
                .funding
                .parts
                .iter()
                .filter_map(|part| within(part, whole))
                .filter(|(_, code)| printed(code))
                .collect(),
            labels()
                .funding
                .levels
                .iter()
                .filter_map(|part| within(part, whole))
                .filter(|(_, code)| printed(code))
                .collect(),
        );
        let is_divided = parts.iter().any(|(part, _)| *part == "fiscal_funds");
        let counted: Vec<_> = parts.iter().chain(levels.iter().filter(|_| !is_divided)).collect();
        // A part that is blank, or could not be read, may be any amount.
        let amounts: Option<Vec<_>> =
            counted.iter().map(|(part, code)| Some((*part, self::amount(lines, code)?))).collect();
        let Some(amounts) = amounts.filter(|amounts| !amounts.is_empty()) else { continue };
        let sum = |without: &str| {
            amounts.iter().filter(|(part, _)| *part != without).map(|(_, amount)| *amount).sum::<Decimal>()
        };
        let has_rest = amounts.iter().any(|(part, _)| *part == labels().funding.rest);
        let fits = |sum: Decimal| sum == amount || (sum < amount && !has_rest);
        let all = sum("");
        let failure = (!fits(all) && !fits(sum("carried_over"))).then(|| {
            let message =
                format!("the parts of the amount are {all} yuan together, and the amount is {amount}");
            Finding::new(FindingCode::FundingDoesNotAddUp, message)
                .with_field(format!("{whole}_yuan"))
                .with_found(all.to_string())
                .with_expected(amount.to_string())
                .at(raw.field(whole).map_or(&raw.place, |field| &field.place))
        });
        checks.note(FindingCode::FundingDoesNotAddUp, failure);
    }
}

/// Whether a code is one that any part has within any whole.
fn is_part(code: &str) -> bool {
    static PARTS: OnceLock<BTreeSet<&str>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| {
        let funding = &labels().funding;
        let parts = funding.parts.iter().chain(&funding.levels);
        parts.flat_map(|part| WHOLES.into_iter().filter_map(|whole| labels().within(part, whole))).collect()
    });
    parts.contains(code)
}

/// A part with the code that it has within a whole.
fn within(part: &'static str, whole: &str) -> Option<(&'static str, &'static str)> {
    Some((part, labels().within(part, whole)?))
}

fn amount(lines: &[BudgetLine], code: &str) -> Option<Decimal> {
    lines.iter().filter(|line| line.item == Some(code)).find_map(|line| line.amount_yuan)
}
