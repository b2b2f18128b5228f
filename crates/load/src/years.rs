//! The tables that are parted by year: which of their files stay as they are, and which are written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::Form;

use crate::batches::{Row, table_of};
use crate::content::ContentId;
use crate::cut::cut;
use crate::entries::Entries;
use crate::journal::Journal;
use crate::making::NewFile;
use crate::restate::{Edition, superseded};
use crate::rows::{self, Span, document_of, texts};
use crate::snapshot::ManifestFile;
use crate::stage::{Stage, year_folder};
use crate::update::{Parent, Sources};
use crate::{LoadError, disk};

/// A year, or none.
pub(crate) type Year = Option<i32>;

/// What was worked out of the forms of all years that changed.
#[derive(Debug, Default)]
pub(crate) struct Restated {
    /// The years of which files were written or left out.
    pub(crate) years: BTreeSet<Year>,
    /// Their forms that were superseded in the snapshot before, those too that are gone.
    pub(crate) superseded_before: BTreeSet<Box<str>>,
    /// By content, its forms that are superseded, and by which.
    pub(crate) superseded: BTreeMap<ContentId, BTreeMap<Box<str>, String>>,
    /// By content, how many of its forms more or fewer are superseded than before; contents of which only the newer form
    /// is another have a zero.
    pub(crate) changed: BTreeMap<ContentId, i64>,
}

impl Restated {
    /// Counts the findings of restatements in the documents.
    pub(crate) fn count(&self, now: &mut Entries) {
        if self.changed.is_empty() {
            return;
        }
        let counted = now.iter().filter_map(|entry| {
            let change = self.changed.get(&entry.content()?).filter(|change| **change != 0)?;
            let count = i64::from(entry.finding_count()).saturating_add(*change);
            Some(Arc::new(entry.with_findings(u32::try_from(count).unwrap_or(0))))
        });
        counted.collect::<Vec<_>>().into_iter().for_each(|entry| now.insert(entry));
    }
}

/// Files of the snapshot before, with rows of the same contents: one for each table that has any.
#[derive(Debug, Default)]
struct Part<'p> {
    files: BTreeMap<&'p str, &'p ManifestFile>,
    /// Its contents in their order, each with its number of forms.
    members: Vec<(ContentId, u64)>,
}

/// A content in a year.
struct Member<'a> {
    source: &'a str,
    content: ContentId,
    weight: u64,
    /// The part of the snapshot before that has its rows; they are in the journal otherwise.
    part: Option<usize>,
}

/// Stages all tables that are parted by year.
pub(crate) fn stage_years(
    sources: &Sources<'_>,
    journal: &Journal,
    stage: &mut Stage,
) -> Result<Restated, LoadError> {
    let parent = stage.parent().cloned().filter(|_| !sources.before.is_empty());
    let arriving = sources.fresh.iter().flat_map(|id| journal.years_of(*id).unwrap_or_default());
    let mut restated = Restated { years: arriving.copied().collect(), ..Restated::default() };
    let held = parent.as_deref().map_or_else(BTreeMap::new, by_year);
    for (year, files) in &held {
        let folder = parent.as_deref().map(|parent| &parent.folder);
        if let Some(folder) = folder.filter(|_| !restated.years.contains(year))
            && is_disturbed(folder, files, sources.moved)?
        {
            restated.years.insert(*year);
        }
    }
    let untouched = held.iter().filter(|(year, _)| !restated.years.contains(year));
    for file in untouched.flat_map(|(_, files)| files) {
        stage.link(file, file.from.clone())?;
    }
    for year in restated.years.clone() {
        let parts = held.get(&year).map_or(&[][..], Vec::as_slice);
        YearWork { year, parent: parent.as_deref(), journal, sources, stage }.stage(parts, &mut restated)?;
    }
    Ok(restated)
}

/// The files of a snapshot that have rows of forms, by year.
fn by_year(parent: &Parent) -> BTreeMap<Year, Vec<&ManifestFile>> {
    let mut years: BTreeMap<Year, Vec<&ManifestFile>> = BTreeMap::new();
    for file in parent.manifest.files.iter().filter(|file| file.from.is_some()) {
        if let Some(year) = file.year() {
            years.entry(year).or_default().push(file);
        }
    }
    years
}

/// Whether one of these contents, each by the source that it had, has forms in these files.
fn is_disturbed(
    folder: &Path,
    files: &[&ManifestFile],
    moved: &BTreeMap<&str, ContentId>,
) -> Result<bool, LoadError> {
    let mut forms: Vec<_> = files.iter().filter(|file| file.table == "forms").collect();
    forms.sort_by_key(|file| &file.from);
    for (index, file) in forms.iter().enumerate() {
        let from = file.from.as_deref().unwrap_or_default();
        let until = forms.get(index + 1).and_then(|next| next.from.as_deref());
        let inside = moved.range(from..).take_while(|(source, _)| until.is_none_or(|until| **source < until));
        let ids: BTreeSet<ContentId> = inside.map(|(_, id)| *id).collect();
        if !ids.is_empty() {
            let path = folder.join(&file.path);
            let batch = rows::read(&path, &["document_id"])?;
            let mut found =
                texts(&path, &batch, "document_id")?.iter().flatten().filter_map(ContentId::parse);
            if found.any(|id| ids.contains(&id)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The columns that tell of editions.
const OF_AN_EDITION: [&str; 4] = ["form_id", "organisation_key", "project_key", "superseded_by"];

/// The form by which a form is superseded, if it is.
type Newer = Option<Box<str>>;

/// The forms in a file of that table, each with the form by which it is superseded.
fn editions(path: &Path, forms: &RecordBatch) -> Result<Vec<(Edition, Newer)>, LoadError> {
    let [ids, organisations, projects, newer] = OF_AN_EDITION.map(|name| texts(path, forms, name));
    let (ids, organisations, projects, newer) = (ids?, organisations?, projects?, newer?);
    let value = |array: &StringArray, row: usize| array.is_valid(row).then(|| Box::from(array.value(row)));
    let edition = |row| {
        let form_id = ids.value(row);
        let content = ContentId::parse(document_of(form_id)).ok_or_else(|| LoadError::ForeignFile {
            path: path.to_owned(),
            expected: "the id of a document in column `form_id`".to_owned(),
            found: form_id.to_owned(),
        })?;
        let project = value(organisations, row).zip(value(projects, row));
        Ok((Edition { form_id: form_id.into(), content, project }, value(newer, row)))
    };
    (0..ids.len()).map(edition).collect()
}

/// Everything that the files of one year are made of.
struct YearWork<'a> {
    year: Year,
    parent: Option<&'a Parent>,
    journal: &'a Journal,
    sources: &'a Sources<'a>,
    stage: &'a mut Stage,
}

impl<'a> YearWork<'a> {
    fn stage(&mut self, files: &[&ManifestFile], restated: &mut Restated) -> Result<(), LoadError> {
        let Sources { is, fresh, .. } = *self.sources;
        let mut parts = parts(files);
        let mut forms: Vec<Edition> = Vec::new();
        let mut newer_before: HashMap<Box<str>, Box<str>> = HashMap::new();
        let mut members: Vec<Member<'_>> = Vec::new();
        for (index, part) in parts.iter_mut().enumerate() {
            let Some((file, parent)) = part.files.get("forms").zip(self.parent) else { continue };
            let path = parent.folder.join(&file.path);
            for (edition, newer) in editions(&path, &rows::read(&path, &OF_AN_EDITION)?)? {
                let id = edition.content;
                match part.members.last_mut() {
                    Some((last, weight)) if *last == id => *weight += 1,
                    _ => part.members.push((id, 1)),
                }
                if newer.is_some() {
                    restated.superseded_before.insert(edition.form_id.clone());
                }
                if !fresh.contains(&id) && is.publication(id).is_some() {
                    newer_before.extend(newer.map(|newer| (edition.form_id.clone(), newer)));
                    forms.push(edition);
                }
            }
            for (content, weight) in part.members.iter().copied().filter(|(id, _)| !fresh.contains(id)) {
                if let Some(publication) = is.publication(content) {
                    members.push(Member { source: publication.source, content, weight, part: Some(index) });
                }
            }
        }
        for (edition, source) in self.arriving()? {
            let content = edition.content;
            match members.last_mut() {
                Some(last) if last.content == content => last.weight += 1,
                _ => members.push(Member { source, content, weight: 1, part: None }),
            }
            forms.push(edition);
        }
        members.sort_by_key(|member| member.source);

        let newer = superseded(&forms, |id| is.publication(id));
        let mut rewritten: BTreeSet<ContentId> = BTreeSet::new();
        for form in &forms {
            let (was, now) = (newer_before.get(&form.form_id), newer.get(form.form_id.as_ref()));
            if was.map(AsRef::as_ref) != now.map(String::as_str) {
                rewritten.insert(form.content);
                *restated.changed.entry(form.content).or_default() +=
                    i64::from(now.is_some()) - i64::from(was.is_some());
            }
            if let Some(newer) = now {
                let of_content = restated.superseded.entry(form.content).or_default();
                of_content.insert(form.form_id.clone(), newer.clone());
            }
        }
        drop(forms);
        let newer = Arc::new(newer);
        let tables = dictionary().tables.iter().filter(|table| table.partitioned_by.is_some());
        let mut caches: Vec<_> = tables.map(|table| (table, Cache::default())).collect();
        for range in cut(members.iter().map(|member| (member.source, member.weight)), self.stage.least) {
            let members = members.get(range).unwrap_or_default();
            match unchanged(members, &parts)
                .filter(|_| !members.iter().any(|member| rewritten.contains(&member.content)))
            {
                Some(part) => {
                    let from = members.first().map(|member| member.source.to_owned());
                    part.files.values().try_for_each(|file| self.stage.link(file, from.clone()))?;
                }
                None => self.write(members, &parts, &newer, &mut caches)?,
            }
        }
        Ok(())
    }

    /// The forms of the year that the journal has, each with the first source of its content.
    fn arriving(&self) -> Result<Vec<(Edition, &'a str)>, LoadError> {
        let Sources { is, fresh, .. } = *self.sources;
        let mut arriving = Vec::new();
        for path in self.journal.forms(self.year) {
            for batch in self.journal.rows(&path, table_of::<Form>()?)?.into_iter().flatten() {
                for (edition, _) in editions(&path, &batch)? {
                    if fresh.contains(&edition.content)
                        && let Some(publication) = is.publication(edition.content)
                    {
                        arriving.push((edition, publication.source));
                    }
                }
            }
        }
        Ok(arriving)
    }

    /// Writes a part. Of one table after the other the rows are read and put together, so that what they were read from is
    /// let go of; then all are encoded, on as many threads as there are.
    fn write(
        &mut self,
        members: &[Member<'_>],
        parts: &[Part<'_>],
        newer: &Arc<BTreeMap<String, String>>,
        caches: &mut [(&'static Table, Cache)],
    ) -> Result<(), LoadError> {
        let from = members.first().map(|member| member.source.to_owned());
        for (table, cache) in caches {
            let mut spans = Vec::new();
            for member in members {
                let path = match member.part.and_then(|part| parts.get(part)) {
                    Some(part) => {
                        let file = part.files.get(table.name.as_str()).zip(self.parent);
                        file.map(|(file, parent)| parent.folder.join(&file.path))
                    }
                    None => self.journal.place(member.content, table, self.year),
                };
                let Some(path) = path else { continue };
                if let Some(span) = cache.rows(self.journal, path, table, member.content)? {
                    span.add_to(&mut spans);
                }
            }
            cache.end();
            if !spans.is_empty() {
                let newer = (table.name == Form::TABLE).then(|| Arc::clone(newer));
                let folder = year_folder(table, self.year);
                self.stage.add_soon(NewFile { table, folder, from: from.clone(), rows: spans, newer })?;
            }
        }
        Ok(())
    }
}

/// The files of a year in groups that begin with the same source.
fn parts<'p>(files: &[&'p ManifestFile]) -> Vec<Part<'p>> {
    let mut parts: BTreeMap<&str, Part<'p>> = BTreeMap::new();
    for file in files {
        let from = file.from.as_deref().unwrap_or_default();
        parts.entry(from).or_default().files.insert(&file.table, file);
    }
    parts.into_values().collect()
}

/// The part of the snapshot before that has these contents and no others, in this order.
fn unchanged<'p, 'f>(members: &[Member<'_>], parts: &'p [Part<'f>]) -> Option<&'p Part<'f>> {
    let part = parts.get(members.first()?.part?)?;
    let same = part.members.len() == members.len()
        && part.members.iter().zip(members).all(|((id, _), member)| {
            *id == member.content && member.part == members.first().and_then(|first| first.part)
        });
    same.then_some(part)
}

/// Forms with what supersedes them.
pub(crate) fn with_newer(
    table: &Table,
    forms: &RecordBatch,
    newer: &BTreeMap<String, String>,
) -> Result<RecordBatch, LoadError> {
    let schema = forms.schema();
    let failed = |source| LoadError::Batch { table: table.name.clone(), source };
    let at = schema.index_of("superseded_by").map_err(failed)?;
    let ids = forms.column_by_name("form_id").and_then(|ids| ids.as_string_opt::<i32>());
    let newer: StringArray = ids.into_iter().flatten().map(|id| newer.get(id?)).collect();
    let mut columns = forms.columns().to_vec();
    if let Some(column) = columns.get_mut(at) {
        *column = Arc::new(newer) as ArrayRef;
    }
    RecordBatch::try_new(schema, columns).map_err(failed)
}

/// Files that are read. Where one part ends, the next may go on in the same.
#[derive(Default)]
pub(crate) struct Cache {
    /// Each with the number of its last use.
    files: HashMap<PathBuf, (u64, Option<Arc<rows::File>>)>,
    uses: u64,
}

impl Cache {
    /// Lets go of all but the files that were used last.
    pub(crate) fn end(&mut self) {
        const KEPT: usize = 4;
        let mut uses: Vec<u64> = self.files.values().map(|(used, _)| *used).collect();
        uses.sort_unstable_by(|one, other| other.cmp(one));
        if let Some(last) = uses.get(KEPT) {
            self.files.retain(|_, (used, _)| *used > *last);
        }
    }

    /// The rows of a document in a file of this table; a file that is not there has none.
    pub(crate) fn rows(
        &mut self,
        journal: &Journal,
        path: PathBuf,
        table: &Table,
        content: ContentId,
    ) -> Result<Option<Span>, LoadError> {
        self.uses += 1;
        if let Some((used, file)) = self.files.get_mut(&path) {
            *used = self.uses;
            return Ok(file.as_ref().and_then(|file| file.rows_of(content)));
        }
        let file = match journal.rows(&path, table)? {
            Some(rows) => Some(rows::File::of(&path, table, rows)?),
            None if disk::exists(&path)? => Some(rows::File::read(&path, table)?),
            None => None,
        };
        let file = file.map(Arc::new);
        let rows = file.as_ref().and_then(|file| file.rows_of(content));
        self.files.insert(path, (self.uses, file));
        Ok(rows)
    }
}
