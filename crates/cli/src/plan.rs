//! Which sources a run has to read, told by what the warehouse has of them and by a look at each file's size and time.
//!
//! A file of the same size and time is taken for the same, unless the run trusts neither (`--rehash`). What a source was
//! last time is told by its rows: its own, or those of its members if it is an archive.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use jiff::civil::Date;
use jixiao_load::{Entries, Entry};
use jixiao_model::record::Run;
use jixiao_model::reference;

use crate::failure::Failure;
use crate::members::{owner, splits};
use crate::pipeline::globs::Globs;
use crate::source::{self, Names, Source};

const MICROSECONDS_IN_DAY: i64 = 86_400_000_000;
/// So many files are read, at most, before what they hold is handed on.
const CHUNK_FILES: usize = 256;
/// What is read together is in memory until it is handed on, takes a multiple of the bytes of its files, and the next is
/// read meanwhile; so their bytes are at most this part of the memory.
const CHUNK_PART: u64 = 48;

/// What a run is to read of what it finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The longest file that is read, in bytes.
    pub most_bytes: u64,
    /// Everything, whatever the warehouse has.
    pub everything: bool,
    /// The bytes of every file, whatever its size and time say; only what is other is read through.
    pub rehash: bool,
    /// What was read by other rules, too.
    pub outdated: bool,
    /// What belongs to a backfill, and nothing else.
    pub backfill: Option<Backfill>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            most_bytes: source::MOST_BYTES,
            everything: false,
            rehash: false,
            outdated: false,
            backfill: None,
        }
    }
}

/// What a backfill is about. All that is said must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Backfill {
    /// Documents with a form of one of these years.
    pub years: Option<RangeInclusive<i32>>,
    /// Sources of such a name.
    pub sources: Option<Globs>,
    /// Documents that were read by one of these versions of the rules, or never.
    pub rules: Option<BTreeSet<String>>,
}

/// What a run does with the sources that it found.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan<'l> {
    /// Those to be read.
    pub to_read: Vec<&'l Source>,
    /// How many are as they were.
    pub unchanged: usize,
    /// How many are none of a backfill's business.
    pub left: usize,
    /// The names of all that were found.
    pub listed: Names<'l>,
}

impl Plan<'_> {
    /// Decides on each source. `of_years` are the contents with a form of the backfill's years.
    pub fn new<'l>(
        sources: &'l [Source],
        rows: &Entries,
        wanted: &Wanted,
        of_years: &BTreeSet<String>,
    ) -> Plan<'l> {
        let mut plan = Plan { to_read: Vec::new(), unchanged: 0, left: 0, listed: Names::of(sources) };
        for source in sources {
            let known: Vec<&Entry> = rows_of(rows, &source.name, plan.listed).map(AsRef::as_ref).collect();
            if !wanted.backfill.as_ref().is_none_or(|backfill| backfill.is_about(source, &known, of_years)) {
                plan.left += 1;
            // Files may be called as members of this source are: which of the two a row was of can then not be told.
            } else if !wanted.is_to_read(source, &known)
                && !plan.listed.any_begins(&format!("{}!", source.name))
            {
                plan.unchanged += 1;
            } else {
                plan.to_read.push(source);
            }
        }
        plan
    }
}

impl Wanted {
    fn is_to_read(&self, source: &Source, known: &[&Entry]) -> bool {
        let rules = reference::rules_version();
        self.everything
            || self.rehash
            || known.is_empty()
            || (self.outdated && known.iter().any(|document| document.rules_version() != rules))
            || !is_as_it_was(source, known, self.most_bytes)
    }
}

impl Backfill {
    fn is_about(&self, source: &Source, known: &[&Entry], of_years: &BTreeSet<String>) -> bool {
        let is_named = self.sources.as_ref().is_none_or(|pattern| pattern.matches(&source.name));
        let is_of_years = || {
            let is_of = |entry: &&Entry| entry.is_one_of(of_years);
            self.years.is_none() || known.iter().any(is_of)
        };
        let is_of_rules = || {
            let is_of = |entry: &&Entry| {
                self.rules.as_ref().is_none_or(|rules| rules.contains(entry.rules_version()))
            };
            known.iter().any(is_of)
        };
        is_named && (known.is_empty() || (is_of_years() && is_of_rules()))
    }

    /// Whether a document that the warehouse does not have, with forms of these years, belongs to it.
    pub fn takes(&self, mut years: impl Iterator<Item = Option<i32>>) -> bool {
        self.years
            .as_ref()
            .is_none_or(|range| years.any(|year| year.is_some_and(|year| range.contains(&year))))
    }
}

/// The rows that the warehouse has of a source: its own, and those of its members unless they are of other sources.
pub fn rows_of<'r>(rows: &'r Entries, name: &str, listed: Names<'_>) -> impl Iterator<Item = &'r Arc<Entry>> {
    let inside = format!("{name}!");
    let members = rows.range(inside.as_str()..).take_while(|entry| entry.source().starts_with(&inside));
    let members = members.filter(|entry| owner(entry.source(), listed) == Some(name)).collect::<Vec<_>>();
    rows.get(name).into_iter().chain(members)
}

/// The sources of the warehouse that are not among these, nor members of them.
pub fn gone(rows: &Entries, sources: &[Source]) -> Vec<String> {
    let names = Names::of(sources);
    let is_there =
        |source: &str| names.contains(source) || splits(source).any(|(archive, _)| names.contains(archive));
    rows.iter().map(|entry| entry.source()).filter(|source| !is_there(source)).map(str::to_owned).collect()
}

/// The versions of the rules, among those of these rows, that are older than some others: than a version that a run had, than
/// those that were in use at the end of a day (UTC), or than the `current` ones.
///
/// # Errors
/// [`Failure::NoRules`] if there is no such version or day.
pub fn older_rules(rows: &Entries, runs: &[Run], than: &str) -> Result<BTreeSet<String>, Failure> {
    let mut first_used: BTreeMap<&str, i64> = BTreeMap::new();
    for run in runs {
        let first = first_used.entry(&run.rules_version).or_insert(run.started_at);
        *first = run.started_at.min(*first);
    }
    let unknown = || Failure::NoRules { found: than.to_owned() };
    let used: BTreeSet<&str> = rows.iter().map(|entry| entry.rules_version()).collect();
    let current = reference::rules_version();
    let is_older: Box<dyn Fn(&str) -> bool> = if than == "current" || than == current {
        Box::new(|version| version != current)
    } else {
        let version = match than.parse::<Date>() {
            Ok(day) => {
                // 1970-01-01 is day 0.
                let days = day.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24;
                let before = |run: &&Run| run.started_at < (days + 1) * MICROSECONDS_IN_DAY;
                let last = runs.iter().filter(before).max_by_key(|run| run.started_at);
                last.map(|run| run.rules_version.as_str()).ok_or_else(unknown)?
            }
            Err(_) => than,
        };
        let since = *first_used.get(version).ok_or_else(unknown)?;
        Box::new(move |version| first_used.get(version).is_none_or(|first| *first < since))
    };
    Ok(used.into_iter().filter(|version| is_older(version)).map(str::to_owned).collect())
}

/// About how many bytes the rows of sources will have: four times those of a text, since each value is in `fields`, and most
/// in a table of their own too; half as much again as those of a page, most of which is markup. Others are taken for texts.
pub fn bytes_of_rows(sources: &[&Source]) -> u64 {
    let rows = |source: &&Source| {
        let bytes = source::stamp(source)?.size_bytes;
        let is_page = [".html", ".htm"].iter().any(|ending| source.name.ends_with(ending));
        Some(if is_page { bytes.saturating_mul(3) / 2 } else { bytes.saturating_mul(4) })
    };
    sources.iter().filter_map(rows).sum()
}

/// Sources in their order, as many at a time as are read at once where so much may wait in memory. A larger file is alone,
/// or the last of its chunk.
pub fn chunks<'p, 'l>(
    mut rest: &'p [&'l Source],
    memory_bytes: u64,
) -> impl Iterator<Item = &'p [&'l Source]> {
    std::iter::from_fn(move || {
        let mut bytes = 0_u64;
        let is_below = |source: &&&Source| {
            let has_room = bytes < memory_bytes / CHUNK_PART;
            bytes += source::stamp(source).map_or(0, |stamp| stamp.size_bytes);
            has_room
        };
        let length = rest.iter().take(CHUNK_FILES).take_while(is_below).count();
        let (chunk, after) = rest.split_at(length);
        rest = after;
        (!chunk.is_empty()).then_some(chunk)
    })
}

/// Whether a source has the size and time that its rows tell. What could not be opened has no size, and is tried again; what
/// was over the limit of size, or would be now, is read if the limit is another.
fn is_as_it_was(source: &Source, known: &[&Entry], most_bytes: u64) -> bool {
    let Some(stamp) = source::stamp(source) else { return false };
    let is_over = stamp.size_bytes > most_bytes;
    known.iter().all(|entry| {
        let size = entry.archive_size_bytes().or(entry.size_bytes());
        let was_over = entry.archive_size_bytes().is_none() && !entry.has_content();
        entry.modified_at().is_some()
            && was_over == is_over
            && (size, entry.modified_at()) == (Some(stamp.size_bytes), stamp.modified_at)
    })
}

#[cfg(test)]
mod tests {
    use jixiao_model::record::Document;

    use super::*;

    fn rows(sources: &[&str]) -> Vec<Document> {
        let row = |source: &&str| {
            let document = crate::read::read_document(
                &Source::new(*source, *source),
                &source::Opened {
                    bytes: Ok(b"x".to_vec()),
                    size_bytes: None,
                    modified_at: None,
                    has_gone: false,
                },
            );
            document.document
        };
        sources.iter().map(row).collect()
    }

    fn entries(sources: &[&str]) -> Entries {
        rows(sources).into_iter().collect()
    }

    fn sources(names: &[&str]) -> Vec<Source> {
        names.iter().map(|name| Source::new(*name, *name)).collect()
    }

    #[test]
    fn members_are_rows_of_their_archive() {
        let rows = entries(&["a", "a.zip!b", "a.zip!b.zip!c", "a.zip!d", "a.zipped", "b"]);
        let names = |name: &str, listed: &[&str]| {
            let listed = sources(listed);
            rows_of(&rows, name, Names::of(&listed)).map(|entry| entry.source()).collect::<Vec<_>>()
        };
        assert_eq!(names("a.zip", &["a.zip"]), ["a.zip!b", "a.zip!b.zip!c", "a.zip!d"]);
        assert_eq!(names("a.zip", &["a.zip", "a.zip!d"]), ["a.zip!b", "a.zip!b.zip!c"]);
        assert_eq!(names("a.zip", &["a.zip", "a.zip!b.zip"]), ["a.zip!b", "a.zip!d"]);
        assert_eq!(names("a", &["a"]), ["a"]);
        assert_eq!(gone(&rows, &sources(&["a", "a.zip"])), ["a.zipped", "b"]);
    }

    #[test]
    fn rules_are_older_by_their_first_run() {
        let mut rows = rows(&["a", "b", "c", "d"]);
        for (row, version) in rows.iter_mut().zip(["one", "two", "unheard of"]) {
            row.rules_version = version.into();
        }
        let rows = rows.into_iter().collect();
        let run = |version: &str, day: i64| Run {
            rules_version: version.into(),
            started_at: day * 86_400_000_000,
            ..Run::default()
        };
        let runs = [run("two", 9), run("one", 3), run("two", 5), run(reference::rules_version(), 11)];
        let older = |than: &str| {
            older_rules(&rows, &runs, than).map(|rules| rules.into_iter().collect::<Vec<_>>().join(", "))
        };
        assert_eq!(older("current").unwrap(), "one, two, unheard of");
        assert_eq!(older("two").unwrap(), "one, unheard of");
        assert_eq!(older("one").unwrap(), "unheard of");
        assert_eq!(older("1970-01-04").unwrap(), "unheard of", "of that day");
        assert_eq!(older("1970-01-08").unwrap(), "one, unheard of", "two was in use");
        for none in ["1970-01-01", "three", ""] {
            assert!(matches!(older(none), Err(Failure::NoRules { found }) if found == none), "{none}");
        }
    }

    #[test]
    fn a_backfill_is_about_what_it_names() {
        let rows = entries(&["2016/a.txt", "2020/a.txt"]);
        let sources = sources(&["2016/a.txt", "2020/a.txt", "2020/new.txt"]);
        let to_read = |backfill: Backfill, of_years: &[&str]| {
            let ids = of_years.iter().filter_map(|source| rows.get(source)?.document().document_id).collect();
            let wanted = Wanted { everything: true, backfill: Some(backfill), ..Wanted::default() };
            let plan = Plan::new(&sources, &rows, &wanted, &ids);
            plan.to_read.iter().map(|source| source.name.as_ref()).collect::<Vec<_>>()
        };
        let all = ["2016/a.txt", "2020/a.txt", "2020/new.txt"];
        assert_eq!(to_read(Backfill::default(), &[]), all);
        let mut globs = Globs::default();
        globs.add("2020/*").unwrap();
        let named = Backfill { sources: Some(globs), ..Backfill::default() };
        assert_eq!(to_read(named, &[]), all[1..]);
        let years = Backfill { years: Some(2016..=2019), ..Backfill::default() };
        assert_eq!(to_read(years, &[]), all[2..], "the years of what is new are not known yet");
        let rules = |rules: &str| Backfill { rules: Some([rules.to_owned()].into()), ..Backfill::default() };
        assert_eq!(to_read(rules(reference::rules_version()), &[]), all);
        assert_eq!(to_read(rules("another"), &[]), all[2..]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "it asks files for their size")]
    fn as_much_is_read_at_once_as_may_be_in_memory() {
        let folder = tempfile::tempdir().unwrap();
        let most = 1000;
        let lengths = |sizes: &[u64]| -> Vec<usize> {
            let sources: Vec<Source> = (0_u64..)
                .zip(sizes)
                .map(|(number, size)| {
                    let path = folder.path().join(number.to_string());
                    std::fs::File::create(&path).unwrap().set_len(*size).unwrap();
                    Source::new(number.to_string(), path)
                })
                .collect();
            let sources: Vec<&Source> = sources.iter().collect();
            let chunks: Vec<_> = chunks(&sources, most * CHUNK_PART).collect();
            assert_eq!(chunks.concat(), sources, "all of them, in their order");
            chunks.iter().map(|chunk| chunk.len()).collect()
        };
        assert_eq!(lengths(&[1; CHUNK_FILES + 1]), [CHUNK_FILES, 1]);
        assert_eq!(lengths(&[most / 2; 5]), [2, 2, 1]);
        assert_eq!(lengths(&[most - 1, most * 9, 1, most, 1]), [2, 2, 1]);
        assert!(lengths(&[]).is_empty());
    }
}
