//! What a warehouse holds after publishing, seen from outside: by its files, and by readers that know only Parquet.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "the tests look at the files that the committer leaves, and fail where they are not as expected"
)]

mod common;
mod described;
mod histories;
mod refused;
mod rows;
mod snapshots;
mod summary;
