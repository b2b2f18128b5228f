//! Raw forms to typed records.
