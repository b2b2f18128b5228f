//! Rows of Parquet files as they stand there, to be put into other files: they are never taken apart.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, RecordBatchReader, StringArray};
use arrow_select::concat::concat_batches;
use jixiao_model::dictionary::Table;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::errors::ParquetError;
use parquet::file::reader::ChunkReader;

use crate::content::ContentId;
use crate::schema::arrow_schema;
use crate::{LoadError, disk};

/// Some columns of a file (all, if none are named) as one batch.
///
/// A file of which all is wanted is read at once: taken column by column, a small one would be read many times over.
pub(crate) fn read(path: &Path, columns: &[&str]) -> Result<RecordBatch, LoadError> {
    match columns {
        [] => read_from(disk::bytes(path)?, path, columns),
        _ => read_from(disk::open(path)?, path, columns),
    }
}

fn read_from(
    reader: impl ChunkReader + 'static,
    path: &Path,
    columns: &[&str],
) -> Result<RecordBatch, LoadError> {
    let failed = |source| LoadError::Unreadable { path: path.to_owned(), source };
    let builder = of_columns(reader, columns).map_err(failed)?;
    let rows = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(usize::MAX).max(1);
    let reader = builder.with_batch_size(rows).build().map_err(failed)?;
    let schema = reader.schema();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|error| failed(ParquetError::from(error)))?;
    concat_batches(&schema, &batches).map_err(|error| failed(ParquetError::from(error)))
}

/// What reads some columns of a file; all, if none are named.
pub(crate) fn of_columns<R: ChunkReader + 'static>(
    reader: R,
    columns: &[&str],
) -> Result<ParquetRecordBatchReaderBuilder<R>, ParquetError> {
    let builder = ParquetRecordBatchReaderBuilder::try_new(reader)?;
    let mask = match columns {
        [] => ProjectionMask::all(),
        names => ProjectionMask::columns(builder.parquet_schema(), names.iter().copied()),
    };
    Ok(builder.with_projection(mask))
}

/// A column of text that has no NULL.
pub(crate) fn texts<'b>(
    path: &Path,
    batch: &'b RecordBatch,
    name: &str,
) -> Result<&'b StringArray, LoadError> {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    column.ok_or_else(|| LoadError::ForeignFile {
        path: path.to_owned(),
        expected: format!("text in column `{name}`"),
        found: "no such column".to_owned(),
    })
}

/// The document of a form, by the form's id: what stands before its number.
pub(crate) fn document_of(form_id: &str) -> &str {
    form_id.rsplit_once('-').map_or(form_id, |(document_id, _)| document_id)
}

/// All rows of a file, and which of them are of which document.
pub(crate) struct File {
    batches: Vec<RecordBatch>,
    /// By document, the batch that has its rows, and which.
    spans: HashMap<ContentId, (usize, Range<usize>)>,
}

impl File {
    /// Reads a file of this table.
    pub(crate) fn read(path: &Path, table: &Table) -> Result<Self, LoadError> {
        Self::of(path, table, vec![read(path, &[])?])
    }

    /// The rows of a file of this table; those of a document are in one batch.
    pub(crate) fn of(path: &Path, table: &Table, batches: Vec<RecordBatch>) -> Result<Self, LoadError> {
        let (column, by_form) = match table.column("document_id") {
            Some(column) => (column.name.as_str(), false),
            None => ("form_id", true),
        };
        let mut spans: HashMap<ContentId, (usize, Range<usize>)> = HashMap::new();
        for (index, batch) in batches.iter().enumerate() {
            let ids = texts(path, batch, column)?;
            let mut last: Option<(&str, Range<usize>)> = None;
            let mut end = |(id, rows): (&str, Range<usize>)| {
                let id = ContentId::parse(id).ok_or_else(|| LoadError::ForeignFile {
                    path: path.to_owned(),
                    expected: format!("the id of a document in column `{column}`"),
                    found: id.to_owned(),
                })?;
                spans.insert(id, (index, rows));
                Ok::<(), LoadError>(())
            };
            let mut before = None;
            for row in 0..ids.len() {
                let id = ids.value(row);
                // Most rows are of the form that the one before is of.
                let is_as_before = before.replace(id) == Some(id);
                let document = || if by_form { document_of(id) } else { id };
                match &mut last {
                    Some((last, rows)) if is_as_before || *last == document() => rows.end = row + 1,
                    _ => last.replace((document(), row..row + 1)).map_or(Ok(()), &mut end)?,
                }
            }
            last.map_or(Ok(()), end)?;
        }
        Ok(Self { batches, spans })
    }

    /// The rows of a document, in their order.
    pub(crate) fn rows_of(self: &Arc<Self>, content: ContentId) -> Option<Span> {
        let (batch, rows) = self.spans.get(&content)?.clone();
        Some(Span { file: Arc::clone(self), batch, rows })
    }
}

/// Rows that stand one after another in a file.
pub(crate) struct Span {
    file: Arc<File>,
    batch: usize,
    rows: Range<usize>,
}

impl Span {
    /// All rows of a batch that stands in no file.
    pub(crate) fn of(batch: RecordBatch) -> Self {
        let rows = 0..batch.num_rows();
        Self { file: Arc::new(File { batches: vec![batch], spans: HashMap::new() }), batch: 0, rows }
    }

    /// The first so many of the rows.
    pub(crate) fn first(self, count: usize) -> Self {
        let end = self.rows.end.min(self.rows.start + count);
        Self { rows: self.rows.start..end, ..self }
    }

    /// The rows as a batch.
    pub(crate) fn rows(&self) -> Option<RecordBatch> {
        Some(self.file.batches.get(self.batch)?.slice(self.rows.start, self.rows.len()))
    }

    /// Adds it to others, of which it may go on with the last one.
    pub(crate) fn add_to(self, spans: &mut Vec<Self>) {
        match spans.last_mut() {
            Some(last)
                if Arc::ptr_eq(&last.file, &self.file)
                    && last.batch == self.batch
                    && last.rows.end == self.rows.start =>
            {
                last.rows.end = self.rows.end;
            }
            _ => spans.push(self),
        }
    }
}

/// Rows one after another, under the schema of their table.
pub(crate) fn joined(table: &Table, rows: &[RecordBatch]) -> Result<RecordBatch, LoadError> {
    let schema = arrow_schema(table);
    let failed = |source| LoadError::Batch { table: table.name.clone(), source };
    let joined = match rows {
        [] => RecordBatch::new_empty(schema.clone()),
        [first, ..] => concat_batches(&first.schema(), rows).map_err(failed)?,
    };
    RecordBatch::try_new(schema, joined.columns().to_vec()).map_err(failed)
}
