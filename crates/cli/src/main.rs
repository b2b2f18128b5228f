//! The `jixiao` binary.

fn main() {}
