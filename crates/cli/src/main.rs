//! The `jixiao` binary. Everything is in the library beside it, where tests can reach it.

use std::process::ExitCode;

fn main() -> ExitCode {
    jixiao::run(std::env::args_os())
}
