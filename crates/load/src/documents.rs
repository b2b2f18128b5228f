//! The tables of the sources themselves, `documents` and `findings`: cut at the same sources.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use jixiao_model::FindingCode;
use jixiao_model::dictionary::Table;
use jixiao_model::record::{Document, FindingRow};

use crate::LoadError;
use crate::batches::{Row, table_of};
use crate::content::{ContentId, Publication};
use crate::cut::cut;
use crate::entries::{Entries, Entry};
use crate::journal::Journal;
use crate::making::NewFile;
use crate::rows::{Span, texts};
use crate::snapshot::ManifestFile;
use crate::stage::Stage;
use crate::update::Sources;
use crate::years::{Cache, Restated};

/// Stages `documents` and `findings`.
pub(crate) fn stage_documents(
    sources: &Sources<'_>,
    now: &Entries,
    journal: &Journal,
    restated: &Restated,
    stage: &mut Stage,
) -> Result<(), LoadError> {
    let Sources { before, was, is, fresh, .. } = *sources;
    let parent = stage.parent().cloned().filter(|_| !before.is_empty());
    let files = |table: &str| -> BTreeMap<&str, &ManifestFile> {
        let files = parent.iter().flat_map(|parent| &parent.manifest.files);
        files
            .filter(|file| file.table == table)
            .filter_map(|file| Some((file.from.as_deref()?, file)))
            .collect()
    };
    let (old_documents, old_findings) = (files("documents"), files("findings"));
    let findings = table_of::<FindingRow>()?;
    let entries: Vec<&Arc<Entry>> = now.iter().collect();
    let moved: BTreeSet<ContentId> = sources.moved.values().copied().collect();
    // Whether the findings that stand at a source with the same row are those that stood there.
    let stays = |entry: &Entry| {
        entry.content().is_none_or(|id| !moved.contains(&id) && !restated.changed.contains_key(&id))
    };
    let mut cache = Cache::default();
    for range in cut(entries.iter().map(|entry| (entry.source(), 1)), stage.least) {
        let entries = entries.get(range).unwrap_or_default();
        let Some(first) = entries.first().map(|entry| entry.source()) else { continue };
        let from = Some(first.to_owned());
        let same = old_part(before, &old_documents, first).is_some_and(|old| {
            old.len() == entries.len() && old.iter().zip(entries).all(|(old, new)| old == new && stays(new))
        });
        if same {
            let files = [&old_documents, &old_findings].map(|files| files.get(first));
            files.into_iter().flatten().try_for_each(|file| stage.link(file, from.clone()))?;
            continue;
        }
        let rows: Vec<Document> = entries.iter().map(|entry| entry.document()).collect();
        let soon = |table: &'static Table, rows, from| {
            let folder = table.name.clone();
            NewFile { table, folder, from, rows, newer: None }
        };
        let batch = Document::batch(&rows.iter().collect::<Vec<_>>())?;
        stage.add_soon(soon(table_of::<Document>()?, vec![Span::of(batch)], from.clone()))?;

        let mut rows = Vec::new();
        for entry in entries.iter().filter(|entry| entry.finding_count() > 0) {
            // The findings of a content stand at the first of its sources.
            let Some(id) = entry.content() else { continue };
            if is.publication(id).is_none_or(|publication| publication.source != entry.source()) {
                continue;
            }
            let path = if fresh.contains(&id) {
                journal.place(id, findings, None)
            } else {
                let old = was.publication(id);
                let old = old.and_then(|publication| part_of(&old_findings, &old_documents, &publication));
                old.zip(parent.as_deref()).map(|(file, parent)| parent.folder.join(&file.path))
            };
            let own = path.map(|path| cache.rows(journal, path, findings, id)).transpose()?.flatten();
            with_restatements(id, own, restated)?.into_iter().for_each(|span| span.add_to(&mut rows));
        }
        cache.end();
        if !rows.is_empty() {
            stage.add_soon(soon(findings, rows, from))?;
        }
    }
    Ok(())
}

/// The documents of the part of the snapshot before that begins with this source.
fn old_part<'b>(
    before: &'b Entries,
    files: &BTreeMap<&str, &ManifestFile>,
    from: &str,
) -> Option<Vec<&'b Arc<Entry>>> {
    files.get(from)?;
    let next = files.range::<str, _>((Bound::Excluded(from), Bound::Unbounded)).next();
    let until = next.map_or(Bound::Unbounded, |(next, _)| Bound::Excluded(*next));
    Some(before.range((Bound::Included(from), until)).collect())
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
    content: ContentId,
    own: Option<Span>,
    restated: &Restated,
) -> Result<Vec<Span>, LoadError> {
    let mut newer = restated.superseded.get(&content).cloned().unwrap_or_default();
    let mut spans = Vec::new();
    let mut count = 0;
    if let Some((span, own)) = own.and_then(|own| own.rows().map(|rows| (own, rows))) {
        let codes = own.column_by_name("code").and_then(|codes| codes.as_dictionary_opt::<Int32Type>());
        let texts_of = codes.and_then(|codes| codes.downcast_dict::<arrow_array::StringArray>());
        let is_restatement = |row: usize| {
            texts_of.is_some_and(|codes| {
                arrow_array::ArrayAccessor::value(&codes, row) == FindingCode::SupersededForm.as_str()
            })
        };
        count = (0..own.num_rows()).take_while(|row| !is_restatement(*row)).count();
        let path = std::path::Path::new(FindingRow::TABLE);
        let (forms, found) = (texts(path, &own, "form_id")?, texts(path, &own, "found")?);
        for row in count..own.num_rows() {
            let form_id = forms.value(row);
            if !restated.superseded_before.contains(form_id) {
                newer.insert(form_id.into(), found.value(row).to_owned());
            }
        }
        if count > 0 {
            spans.push(span.first(count));
        }
    }
    if !newer.is_empty() {
        let document_id = content.to_string();
        let restatements: Vec<FindingRow> = newer
            .iter()
            .zip(count + 1..)
            .map(|((form_id, newer), number)| restatement(&document_id, form_id, newer, number))
            .collect();
        let batch = FindingRow::batch(&restatements.iter().collect::<Vec<_>>())?;
        spans.push(Span::of(batch));
    }
    Ok(spans)
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
