//! Records to a published snapshot.
