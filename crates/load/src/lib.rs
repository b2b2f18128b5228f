//! Records to a published snapshot: the last stage, and the only one that writes.
//!
//! An [`Update`] is told what a run has read, and keeps it in `journal`. The dictionary in `jixiao-model` is the only
//! schema: `schema` makes Arrow schemas of it, `batches` turns records into Arrow record batches under it (`gathered`, on
//! the threads that have read them), `parquet_file` makes bytes of those. `years` and `documents` work out which files of
//! the snapshot before stay and which are written anew (`cut` says where files begin, `restate` which forms take the place
//! of others, `rows` carries rows from file to file, `making` puts files together on several threads). `package` and
//! [`catalog`] describe the tables to other programs, and [`Warehouse`] commits all of it as one snapshot, or nothing.
//! [`read`] is the way back, for `jixiao status`.
//!
//! This crate knows no Chinese but what the dictionary tells it. Files are touched in `disk` and `lock` alone.

mod batches;
pub mod catalog;
mod changes;
mod commit;
mod content;
mod cut;
pub mod diff;
mod disk;
mod documents;
mod entries;
mod error;
mod gathered;
mod journal;
mod lock;
mod making;
mod package;
mod parquet_file;
pub mod read;
mod restate;
mod retention;
mod rows;
mod schema;
mod snapshot;
mod stage;
#[doc(hidden)]
pub mod stages;
mod update;
mod verify;
mod years;

pub use changes::Changes;
pub use commit::{MEMORY_BYTES, Published, TablePublished, Warehouse};
pub use entries::{Entries, Entry};
pub use error::LoadError;
pub use gathered::{Gathered, Gathering, Held};
pub use retention::{Kept, Retention, Vacuumed};
pub use schema::arrow_schema;
pub use snapshot::{Manifest, ManifestFile, SnapshotId};
pub use stage::Staged;
pub use update::{Known, Update};
