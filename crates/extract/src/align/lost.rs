//! Rows that lost a cell with its slot: all cells behind it stand one to the left.
//!
//! Each place in which the lost cell may have stood is tried, and what the cells look like in the columns that they then
//! have is weighed. Standing where it stands speaks for no cell, since all behind the gap moved alike. Where two places are
//! as likely, what they tell apart is nothing that may be read.

use super::{CONTRADICTED, MOST, NO_NAME, UNLIKELY, likeness, stands_in};
use crate::columns::{Column, USUAL};
use crate::habits::{Habits, Others, is_plain_number};
use crate::row::{Row, RowCell};
use crate::table_words::{Role, comparison};

/// More lost cells than this are another layout.
const MOST_LOST: usize = 2;
/// A place must be likelier than another by so many points.
const MARGIN: i32 = 2;

/// Words behind a sign that only numbers have.
const NO_NUMBER: i32 = -4;
/// A number alone, as a target or as a weight.
const PLAIN_NUMBER: i32 = 2;

/// What is known of a row that lost a cell.
pub struct Lost {
    /// The free column of each printed cell, where that could be told.
    pub chosen: Option<Vec<Option<usize>>>,
    /// Whether something about it could not be told.
    pub doubtful: bool,
}

/// A way to lay the cells under the columns.
struct Way {
    /// What speaks for it: what the cells look like, and which columns stay blank.
    points: i32,
    likeness: i32,
    /// For each cell, the column.
    columns: Vec<usize>,
    /// The cells that look little like what stands in their columns.
    unlikely: Vec<usize>,
    /// Whether a cell looks like nothing that stands in its column.
    contradicted: bool,
}

/// A row, and the table in which it stands.
struct Search<'s> {
    row: &'s Row<'s>,
    /// The cells that begin in the row.
    cells: &'s [&'s RowCell<'s>],
    /// The columns that they may stand in, with the slots between them that no heading names.
    slots: &'s [Slot<'s>],
    free: &'s [&'s Column],
    columns: &'s [Column],
    habits: &'s Habits,
}

/// Whether classes, a name and a target are all there is, so that their words tell.
pub fn words_tell<'c>(columns: impl IntoIterator<Item = &'c Column>) -> bool {
    let mut targets = 0;
    columns.into_iter().all(|column| {
        targets += usize::from(column.role == Role::Target);
        USUAL.contains(&column.role) && targets < 2
    })
}

/// Looks for a lost cell. `None` if nothing shows that one was lost.
pub fn find(row: &Row<'_>, free: &[&Column], columns: &[Column], habits: &Habits) -> Option<Lost> {
    if words_tell(free.iter().copied()) || row.printed_count() < 2 || !row.in_table || free.len() > MOST {
        return None;
    }
    let cells: Vec<&RowCell<'_>> = row.cells().iter().filter(|cell| !cell.from_above).collect();
    let slots = with_unheaded(row, free);
    let search = Search { row, cells: &cells, slots: &slots, free, columns, habits };
    let width = |slot: &Slot<'_>| slot.map_or(1, |column| column.end - column.start);
    let is_short = cells.len() < slots.len()
        && cells.iter().map(|cell| cell.span).sum::<usize>() < slots.iter().map(width).sum();
    if is_short {
        return search.short();
    }
    let in_place = cells.len() == slots.len()
        && cells.iter().zip(&slots).all(|(cell, slot)| slot.is_none_or(|column| stands_in(cell, column)));
    if in_place { search.whole() } else { None }
}

impl Search<'_> {
    /// A row that is shorter than its table.
    fn short(&self) -> Option<Lost> {
        let lost = self.slots.len() - self.cells.len();
        if lost > MOST_LOST {
            return None;
        }
        let ways = ways(self.cells, self.slots, lost, &self.habits.without(self.row, self.columns));
        let best = best(&ways)?;
        if ways[best].contradicted {
            return Some(Lost { chosen: None, doubtful: true });
        }
        let disputed = disputed(&ways, best, self.cells);
        let doubtful = disputed.contains(&true);
        let is_kept = |cell: usize, column: &Column| !disputed[cell] || column.role <= Role::Indicator;
        Some(Lost { chosen: Some(self.chosen(&ways[best].columns, is_kept)), doubtful })
    }

    /// A row as wide as its table. It slid to the left if that is much likelier than that the blanks at its end are its own.
    fn whole(&self) -> Option<Lost> {
        let Self { cells, slots, free, .. } = *self;
        let blanks = cells.iter().rev().take_while(|cell| cell.text.is_empty()).count();
        let in_place: Vec<usize> = (0..cells.len()).collect();
        let is_likely = |(cell, slot): (&&RowCell<'_>, &Slot<'_>)| {
            cell.text.is_empty() || slot.is_some_and(|column| likeness(cell.looks(), column.role) > UNLIKELY)
        };
        // In a table of two sides or of many projects there is more to it.
        let is_simple = free.iter().all(|column| column.side.is_none() && column.role != Role::Project);
        let is_in_place = is_simple && cells.iter().zip(slots).all(is_likely);
        let in_place = is_in_place.then(|| self.chosen(&in_place, |_, _| true));
        if blanks == 0 || blanks > MOST_LOST {
            return in_place.map(|chosen| Lost { chosen: Some(chosen), doubtful: false });
        }
        let others = self.habits.without(self.row, self.columns);
        let (cells, last) = cells.split_at(cells.len() - blanks);
        let ways = ways(cells, slots, last.len(), &others);
        let (best, unmoved) = (best(&ways)?, ways.last()?);
        // That another row has no blank there is not enough, nor is an unlikely cell that would stay where it is, nor a
        // target that looks more like those of the other column: a column has numbers and words.
        let role = |way: &Way, cell: usize| slots[way.columns[cell]].map(|column| column.role);
        let is_moved = |cell: &usize| role(&ways[best], *cell) != role(unmoved, *cell);
        let is_clear = unmoved.unlikely.iter().any(is_moved)
            && ways[best].points >= unmoved.points + MARGIN
            && ways[best].likeness >= unmoved.likeness + MARGIN;
        if !ways[best].contradicted && is_clear {
            let chosen = self.chosen(&ways[best].columns, |_, _| true);
            return Some(Lost { chosen: Some(chosen), doubtful: false });
        }
        // It stands where it stands; but the blanks may be none of its own, and a target the other one or a weight.
        let is_value =
            |at: usize| slots[at].is_some_and(|column| matches!(column.role, Role::Target | Role::Weight));
        let disputed = disputed(&ways, best, cells);
        let is_told = (0..cells.len()).any(|cell| disputed[cell] && is_value(unmoved.columns[cell]));
        let is_odd = |slot: &Slot<'_>| slot.is_some_and(|column| others.is_filled(column, 2));
        let is_odd = others.is_empty() || slots[cells.len()..].iter().any(is_odd);
        Some(Lost { chosen: in_place, doubtful: !ways[best].contradicted && is_told && is_odd })
    }

    /// The free column of each printed cell, by its slot; none for a cell that is not kept in it.
    fn chosen(&self, at: &[usize], is_kept: impl Fn(usize, &Column) -> bool) -> Vec<Option<usize>> {
        // Behind the last of them only blanks stand.
        let printed = (0..at.len()).filter(|cell| !self.cells[*cell].text.is_empty());
        let column = |cell: usize| {
            let column = self.slots[at[cell]].filter(|column| is_kept(cell, column))?;
            self.free.iter().position(|other| *other == column)
        };
        printed.map(column).collect()
    }
}

/// The likeliest way; of equally likely ones the last, in which the fewest cells moved.
fn best(ways: &[Way]) -> Option<usize> {
    (0..ways.len()).max_by_key(|way| ways[*way].points)
}

/// For each cell whether another way, which is nearly as likely as the best, has it in another column.
fn disputed(ways: &[Way], best: usize, cells: &[&RowCell<'_>]) -> Vec<bool> {
    let is_rival = |way: &&Way| way.points + MARGIN > ways[best].points && !way.contradicted;
    let rivals: Vec<&Way> = ways.iter().filter(is_rival).collect();
    let is_elsewhere = |cell: usize| rivals.iter().any(|way| way.columns[cell] != ways[best].columns[cell]);
    (0..cells.len()).map(|cell| !cells[cell].text.is_empty() && is_elsewhere(cell)).collect()
}

/// A column, or a slot within the table that no heading names.
type Slot<'c> = Option<&'c Column>;

/// The columns of a row, with the slots between them that no heading names.
fn with_unheaded<'c>(row: &Row<'_>, free: &[&'c Column]) -> Vec<Slot<'c>> {
    let is_covered = |slot: usize| {
        row.cells()
            .iter()
            .any(|cell| cell.from_above && (cell.column..cell.column + cell.span).contains(&slot))
    };
    let mut slots = Vec::new();
    let mut end = None;
    for column in free {
        let unheaded = (end.unwrap_or(column.start)..column.start).filter(|slot| !is_covered(*slot));
        slots.extend(unheaded.map(|_| None));
        slots.push(Some(*column));
        end = Some(column.end);
    }
    slots
}

/// All ways in which so many cells may have been lost, the last of which is that in place.
fn ways(cells: &[&RowCell<'_>], slots: &[Slot<'_>], lost: usize, others: &Others<'_>) -> Vec<Way> {
    // The points of each cell in its own column and in those to the right.
    let points: Vec<Vec<i32>> = (cells.iter().enumerate())
        .map(|(at, cell)| (0..=lost).map(|by| fit(cell, slots[at + by], others)).collect())
        .collect();
    let missing: Vec<i32> =
        slots.iter().map(|slot| slot.map_or(0, |column| others.missing(column))).collect();
    let is_bound = |text: &str| comparison(text).is_some_and(|sign| sign != "=");
    let way = |gaps: &[usize]| {
        let by = |cell: usize| gaps.iter().filter(|gap| **gap <= cell).count();
        let columns: Vec<usize> = (0..cells.len()).map(|cell| cell + by(cell)).collect();
        let printed = || (0..cells.len()).filter(|cell| !cells[*cell].folded().is_empty());
        let blank = (0..slots.len()).filter(|at| !printed().any(|cell| columns[cell] == *at));
        let of_cells: i32 = printed().map(|cell| points[cell][by(cell)]).sum();
        // What is at least or at most so much is a number.
        let role = |cell: &usize| slots[columns[*cell]].map(|column| column.role);
        let bound = printed()
            .find(|cell| role(cell) == Some(Role::Operator))
            .map(|cell| is_bound(cells[cell].folded()));
        let target = printed().find(|cell| role(cell) == Some(Role::Target)).map(|cell| cells[cell].folded());
        let is_bounded = bound == Some(true)
            && target.is_some_and(|target| !target.starts_with(|c: char| c.is_ascii_digit()));
        let is_named = printed().any(|cell| role(&cell) == Some(Role::Indicator));
        let of_cells = of_cells + if is_bounded { NO_NUMBER } else { 0 } + if is_named { 0 } else { NO_NAME };
        Way {
            likeness: of_cells,
            points: of_cells + blank.map(|at| missing[at]).sum::<i32>(),
            unlikely: printed().filter(|cell| points[*cell][by(*cell)] < 0).collect(),
            contradicted: printed().any(|cell| points[cell][by(cell)] <= CONTRADICTED),
            columns,
        }
    };
    let gaps = 0..=cells.len();
    if lost == 1 {
        gaps.map(|gap| way(&[gap])).collect()
    } else {
        gaps.flat_map(|first| (first..=cells.len()).map(move |second| [first, second]))
            .map(|gaps| way(&gaps))
            .collect()
    }
}

fn fit(cell: &RowCell<'_>, slot: Slot<'_>, others: &Others<'_>) -> i32 {
    let folded = cell.folded();
    if folded.is_empty() {
        return 0;
    }
    let Some(column) = slot else { return CONTRADICTED };
    // A plain number may be a target or a weight; what the other rows have tells which.
    let likeness = match column.role {
        Role::Target | Role::Weight if is_plain_number(folded) => PLAIN_NUMBER,
        role => likeness(cell.looks(), role),
    };
    likeness + others.likeness(folded, column)
}
