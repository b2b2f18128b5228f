//! The tables that are parted by year: which of their files stay as they are, and which are written anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::record::{Document, Form};

use crate::batches::{Row, table_of};
use crate::cut::cut;
use crate::journal::Journal;
use crate::restate::{Edition, superseded};
use crate::rows::{self, Span, document_of, texts};
use crate::snapshot::ManifestFile;
use crate::stage::{NewFile, Stage, year_folder};
use crate::update::{Parent, Publication, State};
use crate::{LoadError, disk};

/// A year, or none.
pub(crate) type Year = Option<i32>;

/// What was worked out of the forms of all years that changed.
#[derive(Debug, Default)]
pub(crate) struct Restated {
    /// The years of which files were written or left out.
    pub(crate) years: BTreeSet<Year>,
    /// Their forms, those too that are gone.
    pub(crate) forms: BTreeSet<String>,
    /// By content, its forms that are superseded, and by which.
    pub(crate) superseded: BTreeMap<String, BTreeMap<String, String>>,
    /// By content, how many of its forms more or fewer are superseded than before; contents of which only the newer form
    /// is another have a zero.
    pub(crate) changed: BTreeMap<String, i64>,
}

impl Restated {
    /// Counts the findings of restatements in the documents.
    pub(crate) fn count(&self, now: &mut State) {
        for document in now.documents.values_mut() {
            let change =
                document.document_id.as_ref().and_then(|id| self.changed.get(id)).copied().unwrap_or(0);
            if change != 0 {
                let count = i64::from(document.finding_count).saturating_add(change);
                let finding_count = u32::try_from(count).unwrap_or(0);
                *document = Arc::new(Document { finding_count, ..Document::clone(document) });
            }
        }
    }
}

/// Files of the snapshot before, with rows of the same contents: one for each table that has any.
#[derive(Debug, Default)]
struct Part<'p> {
    files: BTreeMap<&'p str, &'p ManifestFile>,
    /// Its contents in their order, each with its number of forms.
    members: Vec<(String, u64)>,
}

/// A content in a year.
struct Member<'a> {
    source: &'a str,
    document_id: String,
    weight: u64,
    /// The part of the snapshot before that has its rows; they are in the journal otherwise.
    part: Option<usize>,
}

/// Stages all tables that are parted by year.
pub(crate) fn stage_years(
    before: &State,
    now: &State,
    journal: &Journal,
    fresh: &BTreeSet<String>,
    stage: &mut Stage,
) -> Result<Restated, LoadError> {
    let (was, is) = (before.publications(), now.publications());
    let disturbed: BTreeMap<&str, &str> = was
        .iter()
        .filter(|(id, publication)| fresh.contains(**id) || is.get(*id) != Some(publication))
        .map(|(id, publication)| (publication.source, *id))
        .collect();
    let parent = stage.parent.clone().filter(|_| !before.documents.is_empty());
    let mut arriving: BTreeMap<Year, Vec<Edition>> = BTreeMap::new();
    let forms = table_of::<Form>()?;
    for (year, path) in journal.forms() {
        for batch in journal.rows(&path, forms)?.into_iter().flatten() {
            let editions = editions(&path, &batch)?.into_iter().map(|(edition, _)| edition);
            let fresh: Vec<Edition> =
                editions.filter(|edition| fresh.contains(&edition.document_id)).collect();
            if !fresh.is_empty() {
                arriving.entry(year).or_default().extend(fresh);
            }
        }
    }
    let mut restated = Restated { years: arriving.keys().copied().collect(), ..Restated::default() };
    let held = parent.as_deref().map_or_else(BTreeMap::new, by_year);
    for (year, files) in &held {
        let folder = parent.as_deref().map(|parent| &parent.folder);
        if let Some(folder) = folder.filter(|_| !restated.years.contains(year))
            && is_disturbed(folder, files, &disturbed)?
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
        let arriving = arriving.remove(&year).unwrap_or_default();
        let mut work = YearWork { year, parent: parent.as_deref(), journal, fresh, is: &is, stage };
        work.stage(parts, arriving, &mut restated)?;
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
    disturbed: &BTreeMap<&str, &str>,
) -> Result<bool, LoadError> {
    let mut forms: Vec<_> = files.iter().filter(|file| file.table == "forms").collect();
    forms.sort_by_key(|file| &file.from);
    for (index, file) in forms.iter().enumerate() {
        let from = file.from.as_deref().unwrap_or_default();
        let until = forms.get(index + 1).and_then(|next| next.from.as_deref());
        let inside =
            disturbed.range(from..).take_while(|(source, _)| until.is_none_or(|until| **source < until));
        let ids: BTreeSet<&str> = inside.map(|(_, id)| *id).collect();
        if !ids.is_empty() {
            let path = folder.join(&file.path);
            let batch = rows::read(&path, &["document_id"])?;
            if texts(&path, &batch, "document_id")?.iter().flatten().any(|id| ids.contains(id)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// The columns that tell of editions.
const OF_AN_EDITION: [&str; 4] = ["form_id", "organisation_key", "project_key", "superseded_by"];

/// The forms in a file of that table, each with the form by which it is superseded.
fn editions(path: &Path, forms: &RecordBatch) -> Result<Vec<(Edition, Option<String>)>, LoadError> {
    let [ids, organisations, projects, newer] = OF_AN_EDITION.map(|name| texts(path, forms, name));
    let (ids, organisations, projects, newer) = (ids?, organisations?, projects?, newer?);
    let value = |array: &StringArray, row: usize| array.is_valid(row).then(|| array.value(row).to_owned());
    let edition = |row| {
        let form_id = ids.value(row).to_owned();
        let document_id = document_of(&form_id).to_owned();
        let project = value(organisations, row).zip(value(projects, row));
        (Edition { form_id, document_id, project }, value(newer, row))
    };
    Ok((0..ids.len()).map(edition).collect())
}

/// Everything that the files of one year are made of.
struct YearWork<'a> {
    year: Year,
    parent: Option<&'a Parent>,
    journal: &'a Journal,
    fresh: &'a BTreeSet<String>,
    is: &'a HashMap<&'a str, Publication<'a>>,
    stage: &'a mut Stage,
}

impl YearWork<'_> {
    fn stage(
        &mut self,
        files: &[&ManifestFile],
        arriving: Vec<Edition>,
        restated: &mut Restated,
    ) -> Result<(), LoadError> {
        let is = self.is;
        let mut parts = parts(files);
        let mut forms: Vec<Edition> = Vec::new();
        let mut newer_before: HashMap<String, String> = HashMap::new();
        let mut members: Vec<Member<'_>> = Vec::new();
        for (index, part) in parts.iter_mut().enumerate() {
            let Some((file, parent)) = part.files.get("forms").zip(self.parent) else { continue };
            let path = parent.folder.join(&file.path);
            for (edition, newer) in editions(&path, &rows::read(&path, &OF_AN_EDITION)?)? {
                let id = &edition.document_id;
                match part.members.last_mut() {
                    Some((last, weight)) if last == id => *weight += 1,
                    _ => part.members.push((id.clone(), 1)),
                }
                restated.forms.insert(edition.form_id.clone());
                if is.contains_key(id.as_str()) && !self.fresh.contains(id) {
                    newer_before.extend(newer.map(|newer| (edition.form_id.clone(), newer)));
                    forms.push(edition);
                }
            }
            for (id, weight) in part.members.iter().filter(|(id, _)| !self.fresh.contains(id)) {
                if let Some(publication) = is.get(id.as_str()) {
                    let (document_id, part) = (id.clone(), Some(index));
                    members.push(Member { source: publication.source, document_id, weight: *weight, part });
                }
            }
        }
        for edition in arriving {
            let id = &edition.document_id;
            let Some(publication) = is.get(id.as_str()) else { continue };
            match members.last_mut() {
                Some(last) if last.document_id == *id => last.weight += 1,
                _ => {
                    let document_id = id.clone();
                    members.push(Member { source: publication.source, document_id, weight: 1, part: None });
                }
            }
            restated.forms.insert(edition.form_id.clone());
            forms.push(edition);
        }
        members.sort_by_key(|member| member.source);

        let newer = superseded(&forms, |id| {
            is.get(id).map_or((None, ""), |publication| (publication.modified_at, publication.source))
        });
        let mut rewritten: BTreeSet<&str> = BTreeSet::new();
        for form in &forms {
            let (was, now) = (newer_before.get(&form.form_id), newer.get(&form.form_id));
            if was != now {
                rewritten.insert(&form.document_id);
                *restated.changed.entry(form.document_id.clone()).or_default() +=
                    i64::from(now.is_some()) - i64::from(was.is_some());
            }
            if let Some(newer) = now {
                let of_content = restated.superseded.entry(form.document_id.clone()).or_default();
                of_content.insert(form.form_id.clone(), newer.clone());
            }
        }
        let newer = Arc::new(newer);
        let mut cache = Cache::default();
        for range in cut(members.iter().map(|member| (member.source, member.weight)), self.stage.least) {
            let members = members.get(range).unwrap_or_default();
            match unchanged(members, &parts)
                .filter(|_| !members.iter().any(|member| rewritten.contains(member.document_id.as_str())))
            {
                Some(part) => {
                    let from = members.first().map(|member| member.source.to_owned());
                    part.files.values().try_for_each(|file| self.stage.link(file, from.clone()))?;
                }
                None => self.write(members, &parts, &newer, &mut cache)?,
            }
        }
        Ok(())
    }

    fn write(
        &mut self,
        members: &[Member<'_>],
        parts: &[Part<'_>],
        newer: &Arc<BTreeMap<String, String>>,
        cache: &mut Cache,
    ) -> Result<(), LoadError> {
        let from = members.first().map(|member| member.source.to_owned());
        for table in dictionary().tables.iter().filter(|table| table.partitioned_by.is_some()) {
            let mut spans = Vec::new();
            cache.begin();
            for member in members {
                let path = match member.part.and_then(|part| parts.get(part)) {
                    Some(part) => {
                        let file = part.files.get(table.name.as_str()).zip(self.parent);
                        file.map(|(file, parent)| parent.folder.join(&file.path))
                    }
                    None => self.journal.place(&member.document_id, table, self.year),
                };
                let Some(path) = path else { continue };
                if let Some(span) = cache.rows(self.journal, path, table, &member.document_id)? {
                    span.add_to(&mut spans);
                }
            }
            cache.end();
            if !spans.is_empty() {
                let rows = spans.iter().filter_map(Span::rows).collect();
                let newer = (table.name == Form::TABLE).then(|| Arc::clone(newer));
                let folder = year_folder(table, self.year);
                self.stage.add_soon(NewFile { table, folder, from: from.clone(), rows, newer })?;
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
            *id == member.document_id && member.part == members.first().and_then(|first| first.part)
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

/// Files that are read, each kept as long as one part after the other needs it.
#[derive(Default)]
pub(crate) struct Cache {
    files: HashMap<PathBuf, Option<Arc<rows::File>>>,
    used: BTreeSet<PathBuf>,
}

impl Cache {
    pub(crate) fn begin(&mut self) {
        self.used.clear();
    }

    /// Lets go of what was not asked for since the beginning, but only where it is much: tables take turns.
    pub(crate) fn end(&mut self) {
        const KEPT: usize = 24;
        if self.files.len() > KEPT {
            self.files.retain(|path, _| self.used.contains(path));
        }
    }

    /// The rows of a document in a file of this table; a file that is not there has none.
    pub(crate) fn rows(
        &mut self,
        journal: &Journal,
        path: PathBuf,
        table: &Table,
        document_id: &str,
    ) -> Result<Option<Span>, LoadError> {
        if let Some(file) = self.files.get(&path).filter(|_| self.used.contains(&path)) {
            return Ok(file.as_ref().and_then(|file| file.rows_of(document_id)));
        }
        if !self.files.contains_key(&path) {
            let file = match journal.rows(&path, table)? {
                Some(rows) => Some(rows::File::of(&path, table, rows)?),
                None if disk::exists(&path)? => Some(rows::File::read(&path, table)?),
                None => None,
            };
            self.files.insert(path.clone(), file.map(Arc::new));
        }
        let rows = self.files.get(&path).and_then(Option::as_ref).and_then(|file| file.rows_of(document_id));
        self.used.insert(path);
        Ok(rows)
    }
}
