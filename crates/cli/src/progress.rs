//! The progress bar of a run: on a terminal only, with rate, time left and what was found so far.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use jixiao_model::record::Status;

use crate::read::ReadDocument;

/// How often the bar moves without news, so that a person sees that the program lives.
const TICK: Duration = Duration::from_millis(200);

/// A progress bar with counts; it may be told of documents from any thread.
pub struct Progress {
    bar: ProgressBar,
    forms: AtomicU64,
    unreadable: AtomicU64,
}

impl Progress {
    /// A bar for so many documents, drawn only if people look at stderr and want to see it.
    pub fn new(documents: usize, quiet: bool) -> Self {
        let bar = if quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(documents as u64)
        };
        let template = "{bar:24} {pos}/{len} documents, {per_sec}, {eta} left{msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        if !bar.is_hidden() {
            bar.enable_steady_tick(TICK);
        }
        Self { bar, forms: AtomicU64::new(0), unreadable: AtomicU64::new(0) }
    }

    /// Makes room for a document more: how many an archive holds is known when it is read.
    pub fn found_another(&self) {
        self.bar.inc_length(1);
    }

    /// Counts a document.
    pub fn add(&self, read: &ReadDocument) {
        let new_forms = read.records.forms.len() as u64;
        let new_unreadable = u64::from(read.document.status == Status::Unreadable);
        let forms = self.forms.fetch_add(new_forms, Ordering::Relaxed) + new_forms;
        let unreadable = self.unreadable.fetch_add(new_unreadable, Ordering::Relaxed) + new_unreadable;
        self.bar.set_message(format!("; {forms} forms, {unreadable} unreadable"));
        self.bar.inc(1);
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
