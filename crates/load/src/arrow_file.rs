//! Rows as the bytes of a file for ourselves, an Arrow IPC stream of one batch: columns as they lie in memory, so that
//! neither writing nor reading them costs more than the copy.

use std::io::Cursor;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Metadata, Schema};
use jixiao_model::dictionary::Table;
use parquet::errors::ParquetError;

use crate::LoadError;
use crate::schema::arrow_schema;

/// The bytes of rows of this table, without what the dictionary says of its columns.
pub(crate) fn encode(table: &Table, rows: &RecordBatch) -> Result<Vec<u8>, LoadError> {
    let write = || {
        let schema = rows.schema();
        let bare =
            schema.fields().iter().map(|field| field.as_ref().clone().with_metadata(Metadata::default()));
        let schema = Schema::new(bare.collect::<Vec<_>>());
        let mut writer = StreamWriter::try_new(Vec::with_capacity(rows.get_array_memory_size()), &schema)?;
        writer.write(rows)?;
        writer.into_inner()
    };
    write()
        .map_err(|source: ArrowError| LoadError::Encode { table: table.name.clone(), source: source.into() })
}

/// The rows of a file of this table.
pub(crate) fn decode(table: &Table, path: &Path, bytes: &[u8]) -> Result<RecordBatch, LoadError> {
    let read = || {
        let schema = arrow_schema(table);
        match StreamReader::try_new(Cursor::new(bytes), None)?.next().transpose()? {
            Some(rows) => RecordBatch::try_new(schema, rows.columns().to_vec()),
            None => Ok(RecordBatch::new_empty(schema)),
        }
    };
    read()
        .map_err(|source| LoadError::Unreadable { path: path.to_owned(), source: ParquetError::from(source) })
}
