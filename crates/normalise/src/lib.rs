//! Raw forms to typed records, without IO and without a form's file format.
//!
//! The modules go from small to large: how text is cleaned, how numbers, amounts, dates, answers and targets are
//! read, what the taxonomy knows, which policy documents are cited, what is checked, and [`normalise()`], which makes
//! all rows of one form. What cannot be read is NULL with a finding, never a guess.

mod text;

mod amount;
mod answer;
mod choice;
mod date;
mod family;
mod number;
mod target;

mod citation;
mod document_number;
mod taxonomy;

mod checks;
mod expectation;
mod form;
mod funding;
mod identity;
mod known;
mod labels;

pub use form::normalise;
pub use target::parse as parse_target;
pub use taxonomy::indicator_types;
