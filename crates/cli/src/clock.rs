//! The clock, which only what a run says of itself may depend on: `runs`, the lock, and the age of snapshots.

use jiff::Timestamp;

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this is the only place that reads the clock")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
