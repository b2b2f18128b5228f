//! Rows as the bytes of one Parquet file, the same bytes for the same rows.
//!
//! There is no clock, no host, no run and no version of the rules in a file (its rows may have been read by several); its name is the beginning of the hash of its bytes. So equal
//! content has an equal name, and a name is never used again for other content: a reader that knows an old name
//! gets the old rows or an error, never a mixture.
//!
//! Settings were measured with DuckDB 2.0: zstd 3 (higher levels cost time and save nothing), row groups of 122,880
//! rows (one of DuckDB's), statistics per row group (it does not use those per page), and Bloom filters for keys
//! by which the rows are not sorted. Running texts have no dictionary: over generated forms, whose texts come again more
//! than people's do, that takes a fifth of the time and half a per cent more bytes.

use arrow_array::cast::AsArray;
use arrow_array::{Array, RecordBatch, StringArray};
use jixiao_model::dictionary::{Table, dictionary};
use jixiao_model::hash;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;

use crate::LoadError;
use crate::batches::{Row, table_of};
use crate::schema::{arrow_schema, column_comments};

const ROWS_IN_GROUP: usize = 122_880;
const ZSTD_LEVEL: i32 = 3;
const BLOOM_FALSE_POSITIVES: f64 = 0.01;
/// About forty Chinese characters.
const RUNNING_TEXT_BYTES: usize = 120;

/// The bytes of a file, and what the manifest says of them.
pub(crate) struct ParquetFile {
    pub(crate) bytes: Vec<u8>,
    pub(crate) rows: u64,
    pub(crate) sha256: String,
}

impl ParquetFile {
    /// The name of the file: the first sixteen hex digits of its hash.
    pub(crate) fn name(&self) -> String {
        format!("{}.parquet", self.sha256.chars().take(16).collect::<String>())
    }
}

/// Writes rows.
pub(crate) fn encode<T: Row>(rows: &[&T]) -> Result<ParquetFile, LoadError> {
    encode_batch(table_of::<T>()?, &T::batch(rows)?)
}

/// Writes rows of this table, a row group at a time.
pub(crate) fn encode_batch(table: &Table, rows: &RecordBatch) -> Result<ParquetFile, LoadError> {
    let failed = |source| LoadError::Encode { table: table.name.clone(), source };
    let properties = properties(table, rows).map_err(failed)?;
    let mut writer =
        ArrowWriter::try_new(Vec::new(), arrow_schema(table), Some(properties)).map_err(failed)?;
    for start in (0..rows.num_rows()).step_by(ROWS_IN_GROUP) {
        let group = rows.slice(start, ROWS_IN_GROUP.min(rows.num_rows() - start));
        writer.write(&group).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(failed)?;
    let sha256 = hash::sha256(&bytes);
    Ok(ParquetFile { bytes, rows: rows.num_rows() as u64, sha256 })
}

fn properties(table: &Table, rows: &RecordBatch) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_created_by(format!("jixiao version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_max_row_group_row_count(Some(ROWS_IN_GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_key_value_metadata(Some(metadata(table)));
    // A filter begins as large as for so many values, and is folded to the size of those that there are. From twice the
    // rows it comes to the same, and a small file does not fold one that is made for a whole row group.
    let most_values = rows.num_rows().saturating_mul(2).clamp(1, ROWS_IN_GROUP) as u64;
    for (column, values) in table.columns.iter().zip(rows.columns()) {
        if values.as_string_opt::<i32>().is_some_and(is_running_text) {
            let column = ColumnPath::from(column.name.as_str());
            properties = properties.set_column_dictionary_enabled(column, false);
        }
    }
    for column in table.columns.iter().filter(|column| column.lookup) {
        let column = ColumnPath::from(column.name.as_str());
        properties = properties
            .set_column_bloom_filter_fpp(column.clone(), BLOOM_FALSE_POSITIVES)
            .set_column_bloom_filter_max_ndv(column, most_values);
    }
    Ok(properties.build())
}

/// Whether texts are so long that few of them come twice: they need not be looked up in a dictionary.
fn is_running_text(texts: &StringArray) -> bool {
    let (first, last) = (texts.value_offsets().first(), texts.value_offsets().last());
    let bytes = last.zip(first).and_then(|(last, first)| usize::try_from(last - first).ok()).unwrap_or(0);
    bytes > RUNNING_TEXT_BYTES * (texts.len() - texts.null_count())
}

/// What DuckDB's `parquet_kv_metadata` shows of a file.
fn metadata(table: &Table) -> Vec<KeyValue> {
    [
        ("jixiao.table", table.name.clone()),
        ("jixiao.table_zh", table.name_zh.clone()),
        ("jixiao.description", table.description.clone()),
        ("jixiao.description_zh", table.description_zh.clone()),
        ("jixiao.columns", column_comments(table)),
        ("jixiao.schema_version", dictionary().schema_version.to_string()),
    ]
    .map(|(key, value)| KeyValue::new(key.to_owned(), value))
    .into()
}
