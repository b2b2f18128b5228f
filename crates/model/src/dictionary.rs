//! The data dictionary: tables and columns, read from `data/dictionary.toml`, the only schema.
