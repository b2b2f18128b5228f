//! Rows to labels and values, and the pieces that stand beside no label.
//!
//! This only says what stands where. Which field a piece belongs to is decided afterwards (see `heal`), when it is
//! known what stands above and below it.

mod above;
mod in_cells;

pub use above::read_above_values;
pub use in_cells::CodesInCells;
use jixiao_model::Place;

use crate::funding::listed;
use crate::group::{further_boxes, groups, in_cell, is_beside_money, is_goal, is_total_of, with_group};
use crate::heading::{Part, parts_of};
use crate::row::{Row, RowCell};
use crate::sentence;
use crate::vocabulary::{Kind, Label, vocabulary};
use jixiao_model::fold::{ends_with, fold, is_longer};

/// Something on a form, in reading order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item<'b> {
    /// A label, with the value beside it.
    Field(FieldItem<'b>),
    /// A line that heads a part of the form.
    Heading {
        /// The line.
        text: &'b str,
        /// Where it stands.
        place: &'b Place,
    },
    /// Text that stands beside no label, and may be a piece of a broken cell.
    Piece(Piece<'b>),
    /// A remark in the heading of the form, which needs no label.
    Remark {
        /// The code of what it is, if that is plain: `title`, `fiscal_year`, `organisation`.
        code: Option<&'static str>,
        /// The text.
        text: &'b str,
        /// Where it stands.
        place: &'b Place,
    },
}

/// A label, known or not, and the value beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldItem<'b> {
    /// What the label is, if it is known.
    pub label: Option<Label>,
    /// The label as printed.
    pub printed: &'b str,
    /// The value beside it, if anything is printed there.
    pub value: Option<&'b str>,
    /// Where the label stands.
    pub place: &'b Place,
    /// The column in which the value stands or would stand.
    pub column: usize,
    /// The column in which the label stands.
    pub label_column: usize,
    /// Which row of the form it stands in.
    pub row: usize,
    /// Whether a page may have ended right before that row.
    pub after_break: bool,
    /// The code of the amount whose parts a cell to the left of it groups: 年度资金情况.
    pub group: Option<&'static str>,
}

/// A text beside no label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece<'b> {
    /// The text.
    pub text: &'b str,
    /// Where it stands.
    pub place: &'b Place,
    /// Its column.
    pub column: usize,
    /// Whether a page may have ended right before it.
    pub after_break: bool,
    /// Whether it stands in a table.
    pub in_table: bool,
    /// Which row of the form it stands in.
    pub row: usize,
    /// Whether the cell of the label above reaches down to this row.
    pub under_label: bool,
}

/// The longest text that may be a label that no rule knows, in characters.
const LONGEST_LABEL: usize = 24;

/// How many cells of a row are asked how it prints its labels.
const WIDEST_ROW: usize = 64;

/// The label in a cell, known or not.
enum Found {
    Known(Label),
    Unknown,
}

/// Reads one row, which stands outside the indicator table and is no title.
pub fn read_row<'b>(
    row: &Row<'b>,
    number: usize,
    in_cells: &CodesInCells<'_, '_>,
    items: &mut Vec<Item<'b>>,
) {
    match row.single() {
        Some(cell) => read_single(row, cell, number, in_cells, items),
        None => read_cells(row, number, items),
    }
}

/// Reads the lines of a heading.
pub fn read_parts<'b>(parts: Vec<Part<'b>>, place: &'b Place, number: usize, items: &mut Vec<Item<'b>>) {
    for part in parts {
        items.push(match part {
            Part::Title(text) => Item::Remark { code: Some("title"), text, place },
            Part::Year(text) => Item::Remark { code: Some("fiscal_year"), text, place },
            Part::Organisation(text) => Item::Remark { code: Some("organisation"), text, place },
            Part::Other(text) => Item::Remark { code: None, text, place },
            Part::Labelled(label, printed, value) => Item::Field(FieldItem {
                label: Some(label),
                printed,
                value: some(value),
                place,
                column: 0,
                label_column: 0,
                row: number,
                after_break: true,
                group: None,
            }),
        });
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

fn read_single<'b>(
    row: &Row<'b>,
    cell: &RowCell<'b>,
    number: usize,
    in_cells: &CodesInCells<'_, '_>,
    items: &mut Vec<Item<'b>>,
) {
    // Pages print their numbers outside tables. (A number that a label waits for is none of these.)
    let awaited = matches!(items.last(), Some(Item::Field(field)) if field.value.is_none());
    if !row.in_table && cell.is_furniture() && !awaited {
        return;
    }
    let after_break = row.after_break;
    let field = |label| FieldItem {
        label,
        printed: cell.text,
        value: None,
        place: cell.place,
        column: cell.column + 1,
        label_column: cell.column,
        row: number,
        after_break,
        group: None,
    };
    if let Some(label) = cell.label() {
        return items.push(Item::Field(field(Some(label.clone()))));
    }
    if cell.heading().is_some() {
        let before = items.len();
        read_heading(cell, number, items);
        if items.len() == before + 1 {
            read_unit_of_heading(cell, number, items);
        }
        return;
    }
    if cell.is_printed_year() && !sentence::closes(cell.text) {
        // Never a piece of running text, wherever a page put it.
        return items.push(Item::Remark { code: Some("fiscal_year"), text: cell.text, place: cell.place });
    }
    if let Some(fields) = labelled(cell, number, in_cells) {
        return items.extend(in_cell(fields, row, cell));
    }
    if row.in_table && cell.column == 0 && cell.is_label_with_colon() {
        return items.push(Item::Field(field(None)));
    }
    items.push(Item::Piece(piece(row, cell, number)));
}

fn piece<'b>(row: &Row<'b>, cell: &RowCell<'b>, number: usize) -> Piece<'b> {
    let behind = row.cells().partition_point(|other| other.column < cell.column);
    let label = row.cells().get(..behind).and_then(<[_]>::last);
    let under_label = label.is_some_and(|label| label.from_above && label.label().is_some());
    Piece {
        text: cell.text,
        place: cell.place,
        column: cell.column,
        after_break: row.after_break,
        in_table: row.in_table,
        row: number,
        under_label,
    }
}

/// `项目名称：甲` in one cell or paragraph.
fn labelled<'b>(cell: &RowCell<'b>, number: usize, in_cells: &CodesInCells<'_, '_>) -> Option<Vec<Item<'b>>> {
    let parts = if cell.has_labels() { parts_of(cell.text) } else { Vec::new() };
    let Some(Part::Labelled(first, printed, _)) = parts.first() else { return listed(cell, number) };
    if first.kind == Kind::Narrative && in_cells.contains(first.code) {
        return None;
    }
    let mut items = Vec::new();
    if first.kind == Kind::Narrative {
        // What looks like a label within running text is a part of it.
        let value = some(cell.text.trim_start().strip_prefix(printed)?);
        let label = Some(first.clone());
        items.push(Item::Field(FieldItem {
            label,
            printed,
            value,
            place: cell.place,
            column: cell.column,
            label_column: cell.column,
            row: number,
            after_break: true,
            group: None,
        }));
    } else {
        read_parts(parts, cell.place, number, &mut items);
    }
    Some(items)
}

fn read_cells<'b>(row: &Row<'b>, number: usize, items: &mut Vec<Item<'b>>) {
    let beside = groups(row);
    for cell in &beside {
        read_heading(cell, number, items);
    }
    let behind = beside.last().map_or(0, |last| last.column + last.span);
    let cells: Vec<_> = row.cells().iter().filter(|cell| !cell.from_above && cell.column >= behind).collect();
    let mut at = 0;
    while let Some(cell) = cells.get(at) {
        at += 1;
        if cell.text.is_empty() {
            continue;
        }
        if cell.label().is_none() {
            let goal = cell.heading_label().filter(|_| is_goal(row));
            if let (Some(label), Some(value)) = (goal, row.printed().nth(1)) {
                let field = field_of(row, cell, number);
                items.push(Item::Field(FieldItem { label: Some(label), value: some(value.text), ..field }));
                return;
            }
            if cell.heading().is_some() {
                read_heading(cell, number, items);
                continue;
            }
            if let Some(fields) = labelled(cell, number, &CodesInCells::default()) {
                items.extend(in_cell(fields, row, cell));
                continue;
            }
        }
        let Some(found) = label_at(row, &cells, at - 1) else {
            items.push(Item::Piece(piece(row, cell, number)));
            continue;
        };
        // 预算金额 | 合计 | 120: the word belongs to the label.
        let is_amount = matches!(&found, Found::Known(label) if label.kind == Kind::Amount);
        at += usize::from(is_amount && is_total_of(&cells, at));
        // Behind a label stands its value, also one that ends with a colon, unless that has a value of its own; where the
        // label's cell is several columns wide, behind the blanks that are left of it.
        let answered = cells.get(at + 1).is_some_and(|next| !next.text.is_empty());
        let text = (at..cells.len()).find(|at| !cells[*at].text.is_empty());
        if let Some(text) = text.filter(|text| *text > at)
            && label_at(row, &cells, text).is_none()
            && cells[text].heading().is_none()
            && labelled(cells[text], number, &CodesInCells::default()).is_none()
        {
            at = text;
        }
        let value = cells.get(at).filter(|_| match label_at(row, &cells, at) {
            // A label between two others is the value of the first: 项目等级 | 二级项目 | 资金用途 | 业务类.
            Some(Found::Known(_)) => {
                matches!(&found, Found::Known(label) if label.kind == Kind::Text)
                    && matches!(label_at(row, &cells, at + 1), Some(Found::Known(_)))
                    && cells.get(at + 2).is_some_and(|cell| !cell.text.is_empty())
            }
            Some(Found::Unknown) => !answered,
            None => true,
        });
        at += usize::from(value.is_some());
        let text = value.and_then(|value| some(value.text));
        let label = match found {
            Found::Known(label) => meant(label, text).map(|label| with_group(label, row, cell.column)),
            Found::Unknown => None,
        };
        let (label, group) = label.map_or((None, None), |(label, group)| (Some(label), group));
        let field = FieldItem {
            label,
            printed: cell.text,
            value: text,
            place: cell.place,
            column: value.map_or(cell.column + 1, |value| value.column),
            label_column: cell.column,
            row: number,
            after_break: row.after_break,
            group,
        };
        for further in further_boxes(&cells, at, text) {
            at = cells.iter().position(|cell| cell.column > further.column).unwrap_or(cells.len());
            items.push(Item::Field(field.clone()));
            if let Some(Item::Field(last)) = items.last_mut() {
                last.value = Some(further.text);
                last.place = further.place;
            }
        }
        items.push(Item::Field(field));
    }
}

/// A field without a label and a value.
fn field_of<'b>(row: &Row<'b>, cell: &RowCell<'b>, number: usize) -> FieldItem<'b> {
    FieldItem {
        label: None,
        printed: cell.text,
        value: None,
        place: cell.place,
        column: cell.column + 1,
        label_column: cell.column,
        row: number,
        after_break: row.after_break,
        group: None,
    }
}

/// 单位 is a unit of money beside one, and an organisation beside anything else.
fn meant(label: Label, value: Option<&str>) -> Option<Label> {
    let is_unit = label.kind != Kind::Unit || value.is_none_or(|value| vocabulary().is_money_unit(value));
    if is_unit { Some(label) } else { vocabulary().label("单位名称") }
}

/// A heading in a row of its own may have the unit of the amounts below it in brackets alone: 二、项目资金（万元）.
fn read_unit_of_heading<'b>(cell: &RowCell<'b>, number: usize, items: &mut Vec<Item<'b>>) {
    let Some(unit) = vocabulary().unit_of_heading(cell.text) else { return };
    let Some(value) = cell.text.rfind(&*unit).and_then(|at| cell.text.get(at..at + unit.len())) else {
        return;
    };
    items.push(Item::Field(FieldItem {
        label: vocabulary().label("金额单位"),
        printed: cell.text,
        value: Some(value),
        place: cell.place,
        column: cell.column,
        label_column: cell.column,
        row: number,
        after_break: false,
        group: None,
    }));
}

/// A heading within the form, which may have a unit of money in brackets behind it.
fn read_heading<'b>(cell: &RowCell<'b>, number: usize, items: &mut Vec<Item<'b>>) {
    items.push(Item::Heading { text: cell.text, place: cell.place });
    let parts = if cell.has_labels() { parts_of(cell.text) } else { Vec::new() };
    let units = parts
        .into_iter()
        .filter(|part| matches!(part, Part::Labelled(label, ..) if label.kind == Kind::Unit));
    read_parts(units.collect(), cell.place, number, items);
}

/// The label at a position of a row.
fn label_at(row: &Row<'_>, cells: &[&RowCell<'_>], at: usize) -> Option<Found> {
    let cell = cells.get(at)?;
    if let Some(label) = cell.label() {
        return Some(Found::Known(label.clone()));
    }
    // 项目资金（万元） | 合计 | 120.
    if is_total_of(cells, at) && is_beside_money(row, cell) {
        return vocabulary().label("资金合计").map(Found::Known);
    }
    // A value can only stand behind it.
    let follower = cells.get(at + 1)?;
    if cell.is_label_with_colon() {
        return Some(Found::Unknown);
    }
    if !row.in_table || !at.is_multiple_of(2) || !is_short_label(cell.text) {
        return None;
    }
    // Without a colon, a short text is a label where labels stand: at the even places of a row that has labels there, or
    // that has nothing but pairs of a short text and another, or at the head of a row of two.
    let mut evens = cells.iter().take(WIDEST_ROW).step_by(2);
    let is_place = ((cells.len() == 2 || row.printed_count() == 2) && at == 0)
        || evens.any(|cell| cell.label().is_some())
        || is_row_of_pairs(cells);
    let answered = !follower.text.is_empty() && follower.label().is_none();
    let spelled_with_colons = row.printed().take(WIDEST_ROW).any(|cell| ends_with(cell.text, ':'));
    (is_place && answered && !spelled_with_colons).then_some(Found::Unknown)
}

/// Whether a row is made of short texts with another behind each: 工程称谓 | 高原牧道硬化 | 海拔等级 | 二级. Offices fill a row
/// that ends early up to the width of its table.
fn is_row_of_pairs(cells: &[&RowCell<'_>]) -> bool {
    let end = cells.iter().rposition(|cell| !cell.text.is_empty()).map_or(0, |last| last + 1);
    let cells = cells.get(..end).unwrap_or_default();
    (4..=WIDEST_ROW).contains(&cells.len())
        && cells.len().is_multiple_of(2)
        && cells.iter().all(|cell| !cell.text.is_empty())
        && cells.iter().step_by(2).all(|cell| is_short_label(cell.text))
}

/// Whether a text is as short and plain as labels are.
fn is_short_label(text: &str) -> bool {
    // A character has four bytes at most.
    text.len() <= LONGEST_LABEL * 2
        && text.chars().count() <= LONGEST_LABEL / 2
        && !text.contains(['。', '，', '；', '、', '《'])
        && text.chars().all(|c| !c.is_ascii_digit())
}

/// Whether a text is short and ends with a colon, as labels do that no rule knows.
pub fn is_label_with_colon(text: &str) -> bool {
    if !ends_with(text, ':') || is_longer(text, LONGEST_LABEL) {
        return false;
    }
    let folded = fold(text);
    folded.chars().count() <= LONGEST_LABEL && !folded.contains(['。', ',', ';', '《', '》'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::text::small_blocks as blocks;
    use crate::row::rows;

    /// Prints items: `code=value`, `?label=value` for an unknown label, `#` a heading, `~` a piece.
    fn check(text: &str, expected: &[&str]) {
        let blocks = blocks(text);
        let rows = rows(&blocks);
        let mut items = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            read_row(row, number, &CodesInCells::default(), &mut items);
        }
        let shown = items.iter().map(|item| match item {
            Item::Field(field) => {
                let name = field
                    .label
                    .as_ref()
                    .map_or_else(|| format!("?{}", field.printed), |label| label.code.into());
                format!("{name}={}", field.value.unwrap_or("NULL"))
            }
            Item::Heading { text, .. } => format!("#{text}"),
            Item::Piece(piece) => format!("~{}", piece.text),
            Item::Remark { text, .. } => format!("!{text}"),
        });
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn rows_hold_labels_and_values() {
        check("项目名称：\t甲\t项目类别：\t乙", &["project_name=甲", "project_category=乙"]);
        check("项目名称：\t\t项目类别：\t", &["project_name=NULL", "project_category=NULL"]);
        check("项目名称：\t项目类别：\t乙\t", &["project_name=NULL", "project_category=乙"]);
        check("项目名称：甲\t项目类别：乙\t", &["project_name=甲", "project_category=乙"]);
        check("项目名称：甲\t项目类别：乙", &["project_name=甲", "project_category=乙"]);
        check("单位\t甲局\t项目类别\t乙", &["organisation=甲局", "project_category=乙"]);
        check("单位：\t万元\t项目类别：\t乙", &["money_unit=万元", "project_category=乙"]);
        check("\t甲\t项目类别：\t乙", &["~甲", "project_category=乙"]);
        check("项目概况：\t\t甲的概况\t", &["overview=甲的概况"]);
        check("项目概况：\t\t\t甲的概况", &["overview=甲的概况"]);
        check("项目名称：\t\t甲\t项目类别：\t乙", &["project_name=甲", "project_category=乙"]);
    }

    #[test]
    fn labels_that_no_rule_knows_are_kept() {
        check("项目名称：\t甲\t节能等级：\t乙", &["project_name=甲", "?节能等级：=乙"]);
        check("项目名称\t甲\t节能等级\t乙", &["project_name=甲", "?节能等级=乙"]);
        check("节能等级\t乙", &["?节能等级=乙"]);
        check("节能等级\t乙\t海拔等级\t二级\t", &["?节能等级=乙", "?海拔等级=二级"]);
    }

    #[test]
    fn lines_that_stand_alone() {
        check("总目标及阶段性目标：", &["overall_goal=NULL"]);
        check("项目概况：制度建设方面 备注：有办法", &["overview=制度建设方面 备注：有办法"]);
        check("2020年绩效目标", &["#2020年绩效目标"]);
        let heading = "本项目上年度市级财政资金使用情况";
        check(
            &format!("{heading}（单位：万元）"),
            &[&format!("#{heading}（单位：万元）"), "money_unit=万元"],
        );
        check(&format!("{heading}\t\t\t单位：万元"), &[&format!("#{heading}"), "money_unit=万元"]);
        check("项目总预算（元）：\n500000", &["total_budget=NULL", "~500000"]);
        check("— 3 —", &[]);
        check("\t筹、多方面联动\t\t", &["~筹、多方面联动"]);
        check("制度建设方面：有资金管理制度。", &["~制度建设方面：有资金管理制度。"]);
    }
}
