//! Which pieces between two fields end the one above, and which begin the one below.
//!
//! Pieces stand in reading order, so the first of them, or all, or none end the field above, and the others begin the field
//! below. Each way to part them is weighed as a whole: between two texts a cell either goes on or another one begins, and
//! that the field below has no text of its own is said once, however many pieces stand above it. What two ways share speaks
//! for neither; where they are as likely, the pieces that they tell apart are in doubt.

use std::collections::BTreeMap;

use jixiao_model::finding::excerpt;
use jixiao_model::{Finding, FindingCode, RawField};

use super::evidence::Case;
use super::repeated::Repeated;
use super::{DOUBT, FIELDS_IN_ROW, Healer};
use crate::fields::{FieldItem, Item, Piece};
use crate::vocabulary::Kind;

/// Pieces that may be of one cell, in reading order, and the fields between which they stand.
pub(super) struct Chain<'i> {
    pub(super) pieces: Vec<&'i Piece<'i>>,
    /// The field above, and which pieces it may go on with.
    pub(super) above: Option<usize>,
    takes: Vec<bool>,
    pub(super) below: Option<Below<'i>>,
}

/// The field below pieces, and the text that would go on there.
pub(super) struct Below<'i> {
    pub(super) field: &'i FieldItem<'i>,
    /// Which item it is.
    item: usize,
    /// The text behind its label.
    pub(super) next: Option<&'i str>,
}

impl Below<'_> {
    /// Whether its label has no text beside it.
    pub(super) fn is_lone(&self) -> bool {
        self.field.value.is_none()
    }
}

impl<'i> Healer<'i> {
    /// Brings pieces to where they belong, from one item to the next that is none. Returns that.
    pub(super) fn run(&mut self, from: usize) -> usize {
        let (items, end) = (self.items, self.next[from]);
        let pieces = items[from..end].iter().filter_map(|item| match item {
            Item::Piece(piece) => Some(piece),
            _ => None,
        });
        // Where a row has several fields, each of them goes on in its own column.
        let in_columns = self.row_above().filter(|at| self.drafts[*at].field.label.is_some()).count() > 1
            || self.fields_of_row(end).count() > 1;
        let mut columns: BTreeMap<Option<usize>, Vec<&'i Piece<'i>>> = BTreeMap::new();
        for piece in pieces {
            columns
                .entry(Some(piece.column).filter(|_| in_columns && piece.in_table))
                .or_default()
                .push(piece);
        }
        let mut left = Vec::new();
        for (column, pieces) in columns {
            let chain = self.chain(pieces, column, end);
            self.part(chain, &mut left);
        }
        left.sort_by_key(|piece| (piece.row, piece.column));
        left.into_iter().for_each(|piece| self.leave(piece));
        end
    }

    fn chain(&self, pieces: Vec<&'i Piece<'i>>, column: Option<usize>, end: usize) -> Chain<'i> {
        let aboves: Vec<Option<usize>> = pieces.iter().map(|piece| self.above_of(piece)).collect();
        let above = aboves.iter().flatten().next().copied();
        let takes_one = above.is_some_and(|above| self.drafts[above].kind.is_some_and(is_short));
        let first = aboves.iter().position(Option::is_some);
        let takes =
            (0..pieces.len()).map(|at| aboves[at].is_some() && (!takes_one || first == Some(at))).collect();
        Chain { pieces, above, takes, below: self.below(end, column) }
    }

    /// The drafts of the last row with fields, from its end.
    fn row_above(&self) -> impl Iterator<Item = usize> {
        let row = self.above.map_or(0, |last| self.drafts[last].row);
        let drafts = self.above.map_or(0..0, |last| 0..last + 1).rev();
        drafts
            .take_while(move |at| self.drafts[*at].row == row || self.drafts[*at].kind.is_none())
            .take(FIELDS_IN_ROW)
    }

    /// The fields of the row that begins with an item.
    fn fields_of_row(&self, item: usize) -> impl Iterator<Item = (usize, &'i FieldItem<'i>)> {
        let items = self.items;
        let fields = (item..items.len()).map_while(move |at| match &items[at] {
            Item::Field(field) => Some((at, field)),
            _ => None,
        });
        let row = match items.get(item) {
            Some(Item::Field(field)) => field.row,
            _ => 0,
        };
        fields.take_while(move |(_, field)| field.row == row).take(FIELDS_IN_ROW)
    }

    /// The field that a piece would continue: the one whose value stands in its column in the last row with several
    /// fields, else the last one.
    fn above_of(&self, piece: &Piece<'_>) -> Option<usize> {
        let last = self.above?;
        let row = self.drafts[last].row;
        let several = self.row_above().filter(|at| self.drafts[*at].field.label.is_some()).count() > 1;
        let above = if piece.in_table && several {
            self.row_above().find(|at| self.drafts[*at].column == piece.column)?
        } else {
            last
        };
        let draft = &self.drafts[above];
        let value = draft.field.value.as_deref().unwrap_or_default();
        let in_cell = piece.in_table && (piece.after_break || piece.under_label || value.is_empty());
        let takes_text = match draft.kind {
            Some(Kind::Narrative) => true,
            Some(Kind::Text | Kind::Name) => in_cell,
            Some(_) => value.is_empty() && (in_cell || piece.text.starts_with(|c: char| c.is_ascii_digit())),
            None => value.chars().nth(30).is_some() || piece.in_table,
        };
        (takes_text && piece.row > row).then_some(above)
    }

    /// The field below pieces: a narrative one, and where its row has several, the one in their column.
    fn below(&self, item: usize, column: Option<usize>) -> Option<Below<'i>> {
        let several = self.fields_of_row(item).nth(1).is_some();
        let in_column =
            |field: &FieldItem<'_>| !several || column.is_none_or(|column| field.column == column);
        let (at, field) = self.fields_of_row(item).find(|(_, field)| in_column(field))?;
        let is_narrative = field.label.as_ref().is_some_and(|label| label.kind == Kind::Narrative);
        // A label that is printed again above the rest of its text begins no other field.
        if !is_narrative || self.above.is_some_and(|above| self.is_printed_again(field, above)) {
            return None;
        }
        let behind = item + self.fields_of_row(item).count();
        let pieces = self.items[behind..].iter().map_while(|item| match item {
            Item::Piece(piece) => Some(piece),
            _ => None,
        });
        let mut pieces = pieces.take(FIELDS_IN_ROW);
        let next = pieces.find(|piece| !several || column.is_none_or(|column| piece.column == column));
        Some(Below { field, item: at, next: field.value.or(next.map(|piece| piece.text)) })
    }

    /// Parts the pieces of a chain in the likeliest way. Those that nothing speaks for are left.
    fn part(&mut self, mut chain: Chain<'i>, left: &mut Vec<&'i Piece<'i>>) {
        let dropped = (0..chain.pieces.len()).take_while(|at| self.is_dropped(&chain, *at)).count();
        chain.pieces.drain(..dropped);
        chain.takes.drain(..dropped);
        let gaps = self.gaps(&chain);
        let ways = gaps.ways(&chain.takes);
        // Of equally likely ways, the one in which most pieces go on with the text above them.
        let Some((up, points)) = ways.iter().copied().max_by_key(|(_, points)| *points) else {
            return left.extend(chain.pieces);
        };
        let rivals = ways.iter().filter(|way| points.saturating_sub(way.1) < DOUBT).map(|way| way.0);
        let (least, most) = rivals.fold((up, up), |(least, most), way| (least.min(way), most.max(way)));
        let in_doubt = |at: usize| (least..most).contains(&at);
        for (at, piece) in chain.pieces.iter().take(up).enumerate() {
            let case = gaps.above(at, up);
            match chain.above.filter(|_| chain.takes[at] && case.points > 0) {
                Some(above) => self.attach_above(above, piece, &case, in_doubt(at)),
                None => left.push(piece),
            }
        }
        match (&chain.below, gaps.below(up)) {
            (Some(below), Some(case)) if case.points > 0 => {
                for (at, piece) in chain.pieces.iter().enumerate().skip(up) {
                    self.attach_below(piece, below, &case, in_doubt(at));
                }
            }
            _ => left.extend(&chain.pieces[up..]),
        }
    }

    /// Drops a piece at the head of a chain, or what of it is printed again, if the field below does not wait for it.
    fn is_dropped(&mut self, chain: &Chain<'i>, at: usize) -> bool {
        let Some(above) = chain.above.filter(|_| chain.takes[at]) else { return false };
        let is_awaited = chain.below.as_ref().is_some_and(Below::is_lone);
        !is_awaited && self.drop_repeated(above, chain.pieces[at]) == Repeated::Dropped
    }

    fn attach_above(&mut self, above: usize, piece: &Piece<'_>, case: &Case, in_doubt: bool) {
        let repeated = self.drop_repeated(above, piece);
        if repeated == Repeated::Dropped {
            return;
        }
        self.drafts[above].field.value.get_or_insert_default().push_str(piece.text);
        let mut message =
            format!("text beside no label was read as the rest of the field above, {}", case.because());
        let may_be_again = repeated == Repeated::Perhaps;
        if may_be_again {
            message.push_str(
                "; its beginning repeats the end of the text above, and may be a line printed again",
            );
        }
        self.findings.push(about(code(in_doubt || may_be_again), &self.drafts[above].field, piece, message));
    }

    fn attach_below(&mut self, piece: &Piece<'_>, below: &Below<'_>, case: &Case, in_doubt: bool) {
        match self.before_label.iter_mut().find(|(item, _)| *item == below.item) {
            Some((_, text)) => text.push_str(piece.text),
            None => self.before_label.push((below.item, piece.text.to_owned())),
        }
        let message =
            format!("text beside no label was read as the beginning of the field below, {}", case.because());
        let mut finding = Finding::new(code(in_doubt), message).with_found(piece.text).at(piece.place);
        finding.field = below.field.label.as_ref().map(|label| label.code.into());
        self.findings.push(finding.with_expected(below.field.printed));
    }

    fn leave(&mut self, piece: &Piece<'_>) {
        self.bare(None, piece.text, piece.place);
        let message =
            "text beside no label, and nothing tells which field it belongs to; it is kept in `fields`";
        self.findings.push(
            Finding::new(FindingCode::ValueWithoutLabel, message).with_found(piece.text).at(piece.place),
        );
    }
}

/// A number or a date is too short for a page to break it; only where it is missing may it be a piece.
fn is_short(kind: Kind) -> bool {
    !matches!(kind, Kind::Narrative | Kind::Text | Kind::Name)
}

pub(super) fn about(code: FindingCode, field: &RawField, piece: &Piece<'_>, message: String) -> Finding {
    let mut finding = Finding::new(code, message).with_found(piece.text).at(piece.place);
    finding.field = field.code.map(Into::into);
    finding.expected = field.label.as_deref().map(excerpt);
    finding
}

fn code(in_doubt: bool) -> FindingCode {
    if in_doubt { FindingCode::AmbiguousPageBreak } else { FindingCode::HealedPageBreak }
}
