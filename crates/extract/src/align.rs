//! Which cell of an indicator row is which.
//!
//! Mostly a cell is what the heading of its column says. But where a blank cell got lost, a row slid to the left, and
//! where one was added, to the right; and a cell may be missing in the middle. So the cells of a row are laid under
//! the columns in the order in which they stand, in every way that there is, and the best way wins: a cell likes its
//! own column, a class likes a class's column, a number with a sign likes the target's.

mod lost;
mod printed;

use crate::classes::classes;
use crate::columns::Column;
use crate::habits::{Habits, is_plain_number};
use crate::row::{Row, RowCell};
use crate::table_words::{Role, comparison, is_group};
use crate::vocabulary::vocabulary;
use jixiao_model::fold::split_bracket;
use printed::{as_printed, is_taken};

/// A row laid under the columns.
#[derive(Debug, Default)]
pub struct Aligned<'r, 'b> {
    /// Each cell with text, what it is, and the index of its column. A cell that is nothing is a note.
    pub cells: Vec<(Role, Option<usize>, &'r RowCell<'b>)>,
    /// Whether a cell is read as another column's than the one in which it stands.
    pub shifted: bool,
    /// Whether a cell is gone and nothing tells which.
    pub doubtful: bool,
}

impl<'b> Aligned<'_, 'b> {
    /// The text of the cell in a role.
    pub fn text(&self, role: Role) -> Option<&'b str> {
        self.cell(role).map(|cell| cell.text)
    }

    /// The cell in a role.
    pub fn cell(&self, role: Role) -> Option<&RowCell<'b>> {
        self.cells.iter().find(|(of, ..)| *of == role).map(|(.., cell)| *cell)
    }

    /// Each text behind what it is.
    pub fn describe(&self) -> String {
        let cells = self.cells.iter().map(|(role, _, cell)| format!("{}: {}", role.as_str(), cell.text));
        cells.collect::<Vec<_>>().join(" | ")
    }
}

/// More cells or columns than this are taken as they stand: no form has them.
const MOST: usize = 16;

/// Points. A wrong reading must cost more than standing in the right column brings.
const OWN_COLUMN: i32 = 3;
const SAME_SHIFT: i32 = 2;
const FAR_COLUMN: i32 = -1;
const KNOWN: i32 = 4;
const CONTRADICTED: i32 = -4;
const UNLIKELY: i32 = -3;
/// A number and its unit are no name, even where nothing else is left for the name's column.
const NO_NAME_AT_ALL: i32 = -6;
const NO_ROLE: i32 = -6;
const NO_TARGET: i32 = -4;
const NO_NAME: i32 = -3;
const NO_LEVEL2: i32 = -1;

/// Lays a row under the columns. Levels that reach down from rows above are taken and left out. `habits` tell of a row that
/// may have lost a cell; a row whose cells were put where they belong has none.
pub fn align<'r, 'b>(row: &'r Row<'b>, columns: &[Column], habits: Option<&Habits>) -> Aligned<'r, 'b> {
    // Most rows are of a table with one side and no columns but the usual ones, and need no further look.
    let is_special = |column: &Column| column.side.is_some() || column.role == Role::Project;
    let is_usual = !columns.iter().any(is_special) && (habits.is_none() || lost::words_tell(columns));
    if is_usual
        && columns.len() <= MOST
        && let Some(aligned) = as_printed(row, columns)
    {
        return aligned;
    }
    let mut free = Vec::with_capacity(columns.len());
    let mut level1_covered = false;
    for column in columns {
        if is_taken(row, column) {
            level1_covered |= column.role == Role::Level1;
        } else {
            free.push(column);
        }
    }
    let mut printed = Vec::with_capacity(row.cells().len());
    printed.extend(row.printed());
    let lost = habits.and_then(|habits| lost::find(row, &free, columns, habits));
    let doubtful = lost.as_ref().is_some_and(|lost| lost.doubtful);
    let chosen = if let Some(chosen) = lost.and_then(|lost| lost.chosen) {
        chosen
    } else if let Some(in_place) = in_place(row, &printed, &free) {
        in_place
    } else if printed.len() > MOST || free.len() > MOST {
        printed.iter().map(|cell| free.iter().position(|column| stands_in(cell, column))).collect()
    } else if let Some(aligned) = as_printed(row, columns) {
        return Aligned { doubtful, ..aligned };
    } else {
        let search = Search { cells: &printed, columns: &free, level1_covered };
        let best = search.best();
        search.slid().filter(|slid| slid.0 > best.0).unwrap_or(best).1
    };
    let mut aligned = Aligned { cells: Vec::with_capacity(printed.len()), shifted: false, doubtful };
    for (cell, choice) in printed.into_iter().zip(chosen) {
        let role = choice.map_or(Role::Note, |column| free[column].role);
        let at =
            choice.and_then(|choice| columns.iter().position(|column| std::ptr::eq(column, free[choice])));
        aligned.shifted |= choice.is_none_or(|column| !stands_in(cell, free[column]));
        aligned.cells.push((role, at, cell));
    }
    aligned
}

/// What it costs to find nothing in a column that begins at a slot, in a row whose first cell stands in another.
fn missing(role: Role, start: usize, level1_covered: bool, first: Option<usize>) -> i32 {
    match role {
        Role::Target => NO_TARGET,
        Role::Indicator => NO_NAME,
        // A new class without a class below it is rare; a row without either goes on with those above.
        Role::Level2 if !level1_covered && first.is_some_and(|first| first < start) => NO_LEVEL2,
        _ => 0,
    }
}

/// The columns in which the cells of a row stand, if nothing speaks against them, in a table of two sides or of many
/// projects. There whole groups of cells are blank on purpose, so that blanks say nothing; but a row that is shorter than
/// its table, and not only of names and classes, has lost a cell.
fn in_place(row: &Row<'_>, printed: &[&RowCell<'_>], free: &[&Column]) -> Option<Vec<Option<usize>>> {
    let of_projects = free.iter().any(|column| column.role == Role::Project);
    if !of_projects && free.iter().all(|column| column.side.is_none()) {
        return None;
    }
    let end = row.cells().iter().map(|cell| cell.column + cell.span).max().unwrap_or(0);
    let is_whole = free.last().is_none_or(|last| end >= last.end);
    let mut chosen = Vec::new();
    for cell in printed {
        let at = free.iter().position(|column| stands_in(cell, column))?;
        let role = free[at].role;
        let is_short_row =
            of_projects && matches!(role, Role::Project | Role::Field | Role::Level1 | Role::Level2);
        if likeness(cell.looks(), role) <= UNLIKELY || !(is_whole || is_short_row) {
            return None;
        }
        chosen.push(Some(at));
    }
    // A name without its target, or a target without its name, is what a lost cell leaves.
    let has = |role, side| {
        let is_it = |column: &Column| column.role == role && (column.side == side || column.side.is_none());
        chosen.iter().flatten().any(|at| is_it(free[*at]))
    };
    let sides = [None, Some(0), Some(1)];
    let exists =
        |side: &Option<usize>| free.iter().any(|column| column.role == Role::Target && column.side == *side);
    let halved = |side: &Option<usize>| has(Role::Target, *side) && !has(Role::Indicator, *side);
    (!sides.iter().filter(|side| exists(side)).any(halved)).then_some(chosen)
}

/// Whether a cell stands in a column.
pub fn stands_in(cell: &RowCell<'_>, column: &Column) -> bool {
    (column.start..column.end).contains(&cell.column)
}

struct Search<'s, 'b> {
    cells: &'s [&'s RowCell<'b>],
    columns: &'s [&'s Column],
    level1_covered: bool,
}

impl Search<'_, '_> {
    /// The best way to lay the cells under the columns, and its points. Of equally good ways the one with more cells in
    /// earlier columns wins, which is the one in place.
    ///
    /// What is best for the cells from one on does not depend on how those before it were laid, only on the first column
    /// that is left; so each such pair is weighed once, from the last cell back.
    fn best(&self) -> (i32, Vec<Option<usize>>) {
        let width = self.columns.len();
        let missing: Vec<i32> =
            self.columns.iter().map(|column| self.missing(column.role, column.start)).collect();
        // For the cells behind the last: the columns that are left stay empty.
        let mut points: Vec<i32> = (0..=width).map(|column| missing[column..].iter().sum()).collect();
        let mut choices: Vec<Vec<Option<usize>>> = Vec::new();
        for cell in (0..self.cells.len()).rev() {
            let fits: Vec<i32> = self.columns.iter().map(|column| self.fit(cell, column)).collect();
            let ways = (0..=width).map(|column| {
                let mut best = (NO_ROLE + points[column], None);
                let mut skipped = 0;
                for at in column..width {
                    let way = fits[at] + skipped + points[at + 1];
                    if way > best.0 {
                        best = (way, Some(at));
                    }
                    skipped += missing[at];
                }
                best
            });
            let (of_cell, choice) = ways.unzip();
            points = of_cell;
            choices.push(choice);
        }
        let mut column = 0;
        let chosen = choices.iter().rev().map(|choice| {
            let choice = choice[column];
            column = choice.map_or(column, |at| at + 1);
            choice
        });
        let chosen = chosen.collect();
        (points[0], chosen)
    }

    /// The best way in which all cells moved by as many columns: a row that lost or gained a blank slid as a whole.
    fn slid(&self) -> Option<(i32, Vec<Option<usize>>)> {
        let most = isize::try_from(self.columns.len()).unwrap_or(0);
        let moved = |by: isize| {
            let (mut points, mut evidence) = (0, 0);
            let mut chosen = Vec::new();
            for cell in self.cells {
                let place = cell.column.checked_add_signed(by)?;
                let at =
                    self.columns.iter().position(|column| (column.start..column.end).contains(&place))?;
                let likeness = likeness(cell.looks(), self.columns[at].role);
                evidence += likeness;
                points += SAME_SHIFT + likeness;
                chosen.push(Some(at));
            }
            if evidence <= 0 {
                // Nothing in the row looks like what stands in the other columns: it stands where it was printed.
                return None;
            }
            let empty = self.columns.iter().enumerate().filter(|(at, _)| !chosen.contains(&Some(*at)));
            points += empty.map(|(_, column)| self.missing(column.role, column.start)).sum::<i32>();
            Some((points, chosen))
        };
        (-most..=most).filter(|by| *by != 0).filter_map(moved).max_by_key(|way| way.0)
    }

    fn missing(&self, role: Role, start: usize) -> i32 {
        missing(role, start, self.level1_covered, self.cells.first().map(|cell| cell.column))
    }

    fn fit(&self, cell: usize, column: &Column) -> i32 {
        let standing = if stands_in(self.cells[cell], column) {
            OWN_COLUMN
        } else if self.cells[cell].column.abs_diff(column.start) > 1 {
            FAR_COLUMN
        } else {
            0
        };
        standing + likeness(self.cells[cell].looks(), column.role)
    }
}

/// What a text looks like that stands in a table of indicators.
#[derive(Debug)]
pub struct Looks {
    /// A word that grades.
    grade: bool,
    /// The name of a known indicator.
    pub indicator: bool,
    /// Another text that ends as names of indicators do.
    named: bool,
    /// A number with a sign or a unit.
    measured: bool,
    /// A class of the first level.
    pub level1: bool,
    /// A class of the second level.
    pub level2: bool,
    /// The head of a group of rows.
    group: bool,
    /// A comparison.
    sign: bool,
    /// A number as weights are.
    pub weight: bool,
    /// A number alone.
    plain: bool,
    digits: bool,
    /// In characters.
    length: usize,
}

impl Looks {
    /// What a folded text looks like.
    pub fn of(text: &str) -> Self {
        let (vocabulary, classes) = (vocabulary(), classes());
        let indicator = classes.is_indicator(text);
        let number = text.trim_end_matches(['%', '分']);
        Self {
            grade: vocabulary.is_like_grade(text),
            indicator,
            named: !indicator && vocabulary.ends_like_indicator(text),
            measured: vocabulary.is_measured_target(text) && !goes_on_as_a_name(text) && !names_a_model(text),
            level1: classes.is_level1(text),
            level2: classes.is_level2(text),
            group: is_group(text),
            sign: comparison(text).is_some(),
            weight: !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.'),
            plain: is_plain_number(text),
            digits: text.chars().all(|c| c.is_ascii_digit()),
            length: text.chars().count(),
        }
    }
}

/// How much a text looks like what stands in a role.
fn likeness(looks: &Looks, role: Role) -> i32 {
    let Looks {
        grade,
        indicator,
        named,
        measured,
        level1,
        level2,
        group,
        sign,
        weight,
        plain,
        digits,
        length,
    } = *looks;
    match role {
        Role::Level1 | Role::Level2 => {
            let own = if role == Role::Level1 { level1 } else { level2 };
            match () {
                () if own => KNOWN,
                () if group => CONTRADICTED,
                () if measured || grade => CONTRADICTED,
                () if level1 || level2 || indicator => UNLIKELY,
                () if named => -2,
                () => 0,
            }
        }
        Role::Indicator => match () {
            () if indicator => KNOWN,
            () if measured && !named && length <= 8 => NO_NAME_AT_ALL,
            () if measured || grade => CONTRADICTED,
            () if level1 || level2 => UNLIKELY,
            () if named => 2,
            () if length <= 3 => -2,
            () => 0,
        },
        Role::Target => match () {
            () if measured || grade => KNOWN,
            () if indicator || level1 || level2 => CONTRADICTED,
            () if named => UNLIKELY,
            () if length > 12 => -1,
            () => 0,
        },
        Role::Weight if weight => 2,
        Role::Weight => UNLIKELY,
        Role::Operator if sign => KNOWN,
        Role::Operator if measured || indicator || level1 || level2 => CONTRADICTED,
        Role::Group if group => KNOWN,
        Role::Group | Role::Project if measured || grade || level1 || level2 || indicator => CONTRADICTED,
        Role::Group => UNLIKELY,
        Role::Unit if sign || length > 4 || named || level2 => UNLIKELY,
        // No unit is a number.
        Role::Unit if plain => CONTRADICTED,
        Role::Unit if length <= 2 => 2,
        Role::Number if digits => 2,
        Role::Number => UNLIKELY,
        Role::Unit | Role::Operator | Role::Project | Role::Field | Role::Note | Role::Remark => 0,
    }
}

/// Whether a text begins with a number and goes on as a name may (`12个区垃圾分类覆盖率`, `24小时内受理件（件）`), and neither as
/// a unit (`4次/季度`) nor as a date (`2020年12月底前`) does. A unit in brackets stands behind a name, and in a target behind
/// the number itself (`90.00(%)`).
fn goes_on_as_a_name(text: &str) -> bool {
    const LONGEST_UNIT: usize = 4;
    let rest =
        text.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '~' | '%'));
    rest.len() < text.len()
        && !rest.starts_with(['年', '月'])
        && (split_bracket(rest).1.is_some_and(|_| rest.starts_with(char::is_alphabetic))
            || (vocabulary().ends_like_indicator(rest) && !rest.ends_with('度'))
            || rest.chars().filter(|c| c.is_alphabetic()).count() > LONGEST_UNIT)
}

/// Whether a text begins with digits that are a part of a word, with Latin letters and Chinese words right behind them
/// (`3D打印设备`, `5G基站`): a unit in Latin letters ends a target, or a bound follows it (`20kg以上`).
fn names_a_model(text: &str) -> bool {
    let letters = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let words = letters.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    let bound = words.starts_with(['以', '及', '左', '之', '内']);
    letters.len() < text.len()
        && words.len() < letters.len()
        && words.chars().take_while(|c| c.is_alphabetic()).count() >= 2
        && !bound
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columns::columns;
    use crate::readers::text::small_blocks as blocks;
    use crate::row::rows;

    const HEADER: &str = "一级目标\t二级目标\t三级目标\t指标目标值";

    /// The texts of the four roles, `.` where there is none, and `!` if the row is shifted.
    fn check(header: &str, row: &str, expected: &str) {
        let text = format!("{header}\n{row}");
        let blocks = blocks(&text);
        let rows = rows(&blocks);
        let columns = columns(&rows[0], 5, &[]).columns;
        let aligned = align(&rows[1], &columns, None);
        let roles = [Role::Level1, Role::Level2, Role::Indicator, Role::Target];
        let texts: Vec<_> = roles.iter().map(|role| aligned.text(*role).unwrap_or(".")).collect();
        let mark = if aligned.shifted { "!" } else { "" };
        assert_eq!(format!("{}{mark}", texts.join("|")), expected, "{row}");
    }

    #[test]
    fn rows_in_place() {
        check(
            HEADER,
            "投入与管理\t投入管理\t预算编制合理性\t合理",
            "投入与管理|投入管理|预算编制合理性|合理",
        );
        check(HEADER, "\t\t预算执行率\t=100%", ".|.|预算执行率|=100%");
        check(HEADER, "\t财务管理\t财务管理制度健全性\t健全", ".|财务管理|财务管理制度健全性|健全");
        check(HEADER, "民生改善\t社区治理\t网格员上岗人数\t≥30人", "民生改善|社区治理|网格员上岗人数|≥30人");
    }

    #[test]
    fn rows_that_slid() {
        check(HEADER, "资产管理\t固定资产管理情况\t健全\t", ".|资产管理|固定资产管理情况|健全!");
        check(HEADER, "资格审核（含复审）规范性\t\t规范\t", ".|.|资格审核（含复审）规范性|规范!");
        check(HEADER, "社区治理\t网格覆盖数量\t≥90%\t", ".|社区治理|网格覆盖数量|≥90%!");
        check(HEADER, "网格覆盖数量\t≥90%\t\t", ".|.|网格覆盖数量|≥90%!");
        let five = "一级目标\t二级目标\t三级目标\t指标目标值\t";
        check(five, "\t\t时效\t预算编制合理性\t合理", ".|时效|预算编制合理性|合理!");
        check(five, "\t\t\t合同管理完备性\t完备", ".|.|合同管理完备性|完备!");
        check(
            five,
            "投入与管理\t投入管理\t预算资金到位率\t=100%\t",
            "投入与管理|投入管理|预算资金到位率|=100%",
        );
    }

    #[test]
    fn rows_that_lack_a_cell() {
        check(HEADER, "投入与管理\t投入管理\t预算编制合理性\t", "投入与管理|投入管理|预算编制合理性|.");
        check(HEADER, "投入与管理\t投入管理\t\t合理", "投入与管理|投入管理|.|合理");
        check(HEADER, "投入与管理\t\t预算编制合理性\t合理", "投入与管理|.|预算编制合理性|合理");
        check(HEADER, "\t投入管理\t预算编制合理性\t合理", ".|投入管理|预算编制合理性|合理");
        check(HEADER, "\t\t预算编制合理性\t", ".|.|预算编制合理性|.");
        check(HEADER, "社区治理\t平台建设\t平台建成数量\t", "社区治理|平台建设|平台建成数量|.");
        check(HEADER, "\t\t12个区垃圾分类覆盖率\t", ".|.|12个区垃圾分类覆盖率|.");
        check(HEADER, "\t\t12个区新建站点（个）\t", ".|.|12个区新建站点（个）|.");
        check(HEADER, "\t\t24小时内办结率\t=95%", ".|.|24小时内办结率|=95%");
        check(HEADER, "\t\t\t4次/季度", ".|.|.|4次/季度");
        check(HEADER, "\t\t5G基站\t", ".|.|5G基站|.");
        check(HEADER, "\t\t节能\t", ".|.|节能|.");
        check(HEADER, "\t\t\t20kg以上", ".|.|.|20kg以上");
        check(HEADER, "投入与管理\t预算编制合理性\t合理\t", "投入与管理|.|预算编制合理性|合理!");
    }
}
