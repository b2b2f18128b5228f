//! The names of what there is to read, as a run holds them: of all files at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file to be read, or something that stands where one should be.
///
/// A run holds one of each file that there is, so nearly all have but their name, and share the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path below the folder that was named, `/`-separated; the column `source`.
    pub name: Box<str>,
    place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// Below this folder, where its name says.
    Below(Arc<PathBuf>),
    /// At this path.
    At(Box<Path>),
    /// At this path, and it cannot be opened: the listing tells why.
    Problem(Box<(PathBuf, String)>),
}

impl Source {
    /// A file of this name, at a path of its own.
    pub fn new(name: impl Into<Box<str>>, path: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), place: Place::At(path.into().into_boxed_path()) }
    }

    /// A file below a folder, where its name says.
    pub(super) fn below(folder: &Arc<PathBuf>, name: &str) -> Self {
        Self { name: name.into(), place: Place::Below(Arc::clone(folder)) }
    }

    /// What stands at a path and cannot be opened.
    pub(super) fn with_problem(name: impl Into<Box<str>>, path: &Path, problem: String) -> Self {
        Self { name: name.into(), place: Place::Problem(Box::new((path.to_owned(), problem))) }
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        match &self.place {
            Place::Below(folder) => folder.join(self.name.as_ref()),
            Place::At(path) => path.to_path_buf(),
            Place::Problem(problem) => problem.0.clone(),
        }
    }

    /// Why it cannot be opened, where the listing tells that already.
    pub fn problem(&self) -> Option<&str> {
        match &self.place {
            Place::Problem(problem) => Some(&problem.1),
            _ => None,
        }
    }
}

/// The names of sources that are sorted by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Names<'l>(&'l [Source]);

impl<'l> Names<'l> {
    /// Those of a listing.
    pub fn of(sources: &'l [Source]) -> Self {
        debug_assert!(sources.is_sorted_by(|one, other| one.name < other.name));
        Self(sources)
    }

    /// Whether a source is called so.
    pub fn contains(self, name: &str) -> bool {
        self.0.binary_search_by(|source| source.name.as_ref().cmp(name)).is_ok()
    }

    /// Whether the name of a source begins so.
    pub fn any_begins(self, begin: &str) -> bool {
        let at = self.0.partition_point(|source| source.name.as_ref() < begin);
        self.0.get(at).is_some_and(|source| source.name.starts_with(begin))
    }
}
