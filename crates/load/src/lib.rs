//! Records to a published snapshot: the last stage, and the only one that writes.
//!
//! [`Tables`] holds what a run has found, in any order. The dictionary in `jixiao-model` is the only schema:
//! `schema` makes Arrow schemas of it, `batches` turns records into Arrow record batches under it, `parquet_file`
//! makes bytes of those, `package` and [`catalog`] describe them to other programs, and [`Warehouse`] commits all
//! of it as one snapshot, or nothing. [`read`] is the way back, for `jixiao status`.
//!
//! This crate knows no Chinese but what the dictionary tells it. Files are touched in `disk` and `lock` alone.

mod batches;
pub mod catalog;
mod changes;
mod commit;
mod disk;
mod error;
mod lock;
mod package;
mod parquet_file;
pub mod read;
mod schema;
mod snapshot;
mod stage;
mod tables;
mod verify;

pub use changes::Changes;
pub use commit::{Published, TablePublished, Warehouse};
pub use error::LoadError;
pub use schema::arrow_schema;
pub use snapshot::{Manifest, ManifestFile, SnapshotId};
pub use tables::Tables;
