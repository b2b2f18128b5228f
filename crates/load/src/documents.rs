//! The tables of the sources themselves, `documents` and `findings`: cut at the same sources.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use jixiao_model::FindingCode;
use jixiao_model::dictionary::Table;
use jixiao_model::record::{Document, FindingRow};

use crate::LoadError;
use crate::batches::{Row, table_of};
use crate::cut::cut;
use crate::journal::Journal;
use crate::rows::texts;
use crate::snapshot::ManifestFile;
use crate::stage::{NewFile, Stage};
use crate::update::{Publication, State};
use crate::years::{Cache, Restated};

/// Stages `documents` and `findings`.
pub(crate) fn stage_documents(
    before: &State,
    now: &State,
    journal: &Journal,
    fresh: &BTreeSet<String>,
    restated: &Restated,
    stage: &mut Stage,
) -> Result<(), LoadError> {
    let (was, is) = (before.publications(), now.publications());
    let parent = stage.parent.clone().filter(|_| !before.documents.is_empty());
    let files = |table: &str| -> BTreeMap<&str, &ManifestFile> {
        let files = parent.iter().flat_map(|parent| &parent.manifest.files);
        files
            .filter(|file| file.table == table)
            .filter_map(|file| Some((file.from.as_deref()?, file)))
            .collect()
    };
    let (old_documents, old_findings) = (files("documents"), files("findings"));
    let findings = table_of::<FindingRow>()?;
    let documents: Vec<&Arc<Document>> = now.documents.values().collect();
    // Whether the findings that stand at this source are those that stood there.
    let stays = |document: &Document| match content_at(&is, document) {
        Some(id) => {
            !fresh.contains(id)
                && !restated.changed.contains_key(id)
                && was.get(id).is_some_and(|publication| publication.source == document.source)
        }
        None => document
            .document_id
            .as_deref()
            .is_none_or(|id| was.get(id).is_some_and(|publication| publication.source != document.source)),
    };
    let mut cache = Cache::default();
    for range in cut(documents.iter().map(|document| (document.source.as_str(), 1)), stage.least) {
        let documents = documents.get(range).unwrap_or_default();
        let Some(first) = documents.first() else { continue };
        let from = Some(first.source.clone());
        let same = old_part(before, &old_documents, &first.source).is_some_and(|old| {
            old.len() == documents.len()
                && old.iter().zip(documents).all(|(old, new)| old == new && stays(new))
        });
        if same {
            let files = [&old_documents, &old_findings].map(|files| files.get(first.source.as_str()));
            files.into_iter().flatten().try_for_each(|file| stage.link(file, from.clone()))?;
            continue;
        }
        let rows: Vec<&Document> = documents.iter().map(|document| document.as_ref()).collect();
        let soon = |table: &'static Table, rows, from| {
            let folder = table.name.clone();
            NewFile { table, folder, from, rows, newer: None }
        };
        let batch = Document::batch(&rows)?;
        stage.add_soon(soon(table_of::<Document>()?, vec![batch], from.clone()))?;

        let mut rows = Vec::new();
        cache.begin();
        for document in documents.iter().filter(|document| document.finding_count > 0) {
            let Some(id) = content_at(&is, document) else { continue };
            let path = if fresh.contains(id) {
                journal.place(id, findings, None)
            } else {
                let old =
                    was.get(id).and_then(|publication| part_of(&old_findings, &old_documents, publication));
                old.zip(parent.as_deref()).map(|(file, parent)| parent.folder.join(&file.path))
            };
            let own = path.map(|path| cache.rows(journal, path, findings, id)).transpose()?.flatten();
            let own = own.and_then(|own| own.rows());
            rows.extend(with_restatements(findings, id, own, restated)?);
        }
        cache.end();
        if !rows.is_empty() {
            stage.add_soon(soon(findings, rows, from))?;
        }
    }
    Ok(())
}

/// The content of a document, at the first of its sources.
fn content_at<'d>(is: &HashMap<&str, Publication<'_>>, document: &'d Document) -> Option<&'d str> {
    let id = document.document_id.as_deref()?;
    is.get(id).is_some_and(|publication| publication.source == document.source).then_some(id)
}

/// The documents of the part of the snapshot before that begins with this source.
fn old_part<'b>(
    before: &'b State,
    files: &BTreeMap<&str, &ManifestFile>,
    from: &str,
) -> Option<Vec<&'b Arc<Document>>> {
    files.get(from)?;
    let next = files.range::<str, _>((Bound::Excluded(from), Bound::Unbounded)).next();
    let until = next.map_or(Bound::Unbounded, |(next, _)| Bound::Excluded(*next));
    Some(
        before
            .documents
            .range::<str, _>((Bound::Included(from), until))
            .map(|(_, document)| document)
            .collect(),
    )
}

/// The file with the findings of a content, by where it stood.
fn part_of<'p>(
    findings: &BTreeMap<&str, &'p ManifestFile>,
    documents: &BTreeMap<&str, &ManifestFile>,
    publication: &Publication<'_>,
) -> Option<&'p ManifestFile> {
    let until = (Bound::Unbounded, Bound::Included(publication.source));
    let (from, _) = documents.range::<str, _>(until).next_back()?;
    findings.get(from).copied()
}

/// The findings of a content: its own, and that forms of it are superseded, which are its last.
fn with_restatements(
    table: &Table,
    document_id: &str,
    own: Option<RecordBatch>,
    restated: &Restated,
) -> Result<Vec<RecordBatch>, LoadError> {
    let mut newer = restated.superseded.get(document_id).cloned().unwrap_or_default();
    let mut rows = Vec::new();
    if let Some(own) = own {
        let codes = own.column_by_name("code").and_then(|codes| codes.as_dictionary_opt::<Int32Type>());
        let texts_of = codes.and_then(|codes| codes.downcast_dict::<arrow_array::StringArray>());
        let is_restatement = |row: usize| {
            texts_of.is_some_and(|codes| {
                arrow_array::ArrayAccessor::value(&codes, row) == FindingCode::SupersededForm.as_str()
            })
        };
        let count = (0..own.num_rows()).take_while(|row| !is_restatement(*row)).count();
        let path = std::path::Path::new(FindingRow::TABLE);
        let (forms, found) = (texts(path, &own, "form_id")?, texts(path, &own, "found")?);
        for row in count..own.num_rows() {
            let form_id = forms.value(row);
            if !restated.forms.contains(form_id) {
                newer.insert(form_id.to_owned(), found.value(row).to_owned());
            }
        }
        if count > 0 {
            rows.push(own.slice(0, count));
        }
    }
    if !newer.is_empty() {
        let first = rows.first().map_or(0, RecordBatch::num_rows);
        let restatements: Vec<FindingRow> = newer
            .iter()
            .zip(first + 1..)
            .map(|((form_id, newer), number)| restatement(document_id, form_id, newer, number))
            .collect();
        let batch = FindingRow::batch(&restatements.iter().collect::<Vec<_>>())?;
        rows.push(batch);
    }
    debug_assert!(rows.iter().all(|rows| rows.num_columns() == table.columns.len()));
    Ok(rows)
}

fn restatement(document_id: &str, form_id: &str, newer: &str, number: usize) -> FindingRow {
    FindingRow {
        document_id: document_id.into(),
        finding_number: u32::try_from(number).unwrap_or(u32::MAX),
        form_id: Some(form_id.into()),
        severity: FindingCode::SupersededForm.severity(),
        code: FindingCode::SupersededForm,
        field: None,
        found: Some(newer.to_owned()),
        expected: None,
        message: format!(
            "the same organisation, year and project were published again with other content, as form {newer}"
        )
        .into(),
        place: None,
    }
}
